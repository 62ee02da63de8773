//! The change that a question is about, as commands take it.

use std::path::PathBuf;

use clap::Args;

use crate::app::change::ChangeRequest;

/// What changed, and which files of it.
#[derive(Args)]
pub struct ChangeArguments {
    /// Only these files and folders; one that did not change is asked about as it is
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// What is staged [default: what differs from HEAD]
    #[arg(long, conflicts_with = "base")]
    staged: bool,
    /// What differs from where this branch, tag or commit and HEAD parted
    #[arg(long, value_name = "REF")]
    base: Option<String>,
}

impl ChangeArguments {
    /// The request that they make.
    pub fn request(&self) -> ChangeRequest {
        ChangeRequest { paths: self.paths.clone(), staged: self.staged, base: self.base.clone(), diff: None }
    }
}
