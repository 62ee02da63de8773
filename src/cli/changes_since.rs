//! `waypost changes`: compares the tree with a snapshot or a commit.

use std::path::PathBuf;

use clap::Args;

use super::output_file::OutputFile;
use super::{CommandOutcome, Out};
use crate::app::changes::{self, Request};
use crate::app::{App, Result};

/// Arguments of `waypost changes`.
#[derive(Args)]
pub struct Arguments {
    /// Only these files and folders
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// A snapshot's id, or a branch, tag or commit [default: the last snapshot that you took, else HEAD]
    #[arg(long, value_name = "ID|COMMIT")]
    since: Option<String>,
    #[command(flatten)]
    pub output: OutputFile,
}

/// Prints the changed files and symbols below a headline that names the baseline.
pub fn run(app: &App, arguments: &Arguments, out: &Out) -> Result<CommandOutcome> {
    let request = Request { since: arguments.since.clone(), paths: arguments.paths.clone() };
    let report = changes::changes(app, &request)?;
    if out.json {
        out.object(&report)?;
        return Ok(CommandOutcome::Done);
    }
    out.line(&report.headline())?;
    for line in report.changed.iter().flat_map(changes::FileChange::lines) {
        out.line(&line)?;
    }
    Ok(CommandOutcome::Done)
}
