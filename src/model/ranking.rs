//! The order of files for a goal. Not how it is found.

use serde::Serialize;

use super::SafeText;

/// Why something stands where it stands in a ranking.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reason {
    /// Name of the signal, as `waypost explain` lists it.
    pub signal: &'static str,
    /// What it added to the score.
    pub weight: f64,
    /// What it rests on: matched words, a commit's subject. May be empty.
    pub evidence: SafeText,
    /// The file that it rests on (an importing one, say): index in
    /// [`super::Tree::files`].
    pub file: Option<u32>,
}

/// A file's place in the ranking for a goal.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranked {
    /// Index in [`super::Tree::files`].
    pub file: u32,
    pub score: f64,
    /// Strongest first.
    pub reasons: Vec<Reason>,
    /// Indices in the file's outline, the most relevant first.
    pub symbols: Vec<u32>,
}
