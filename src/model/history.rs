//! What git's history says. Not how git is asked.

use serde::{Deserialize, Serialize};

use super::{RelPath, SafeText};

/// One commit that is no merge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    pub subject: SafeText,
    pub body: SafeText,
    /// The paths it touched; those that are no [`RelPath`] are left out.
    pub paths: Vec<RelPath>,
}

/// What git's history says, newest commit first; empty outside git.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    pub commits: Vec<Commit>,
    /// The clone holds only a part of the history.
    pub shallow: bool,
}
