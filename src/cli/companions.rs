//! `waypost companions`: files that belong to a change, and are not in it.

use std::path::PathBuf;

use clap::Args;

use super::change_arguments::ChangeArguments;
use super::output_file::OutputFile;
use super::streams::input;
use super::{CommandOutcome, Out};
use crate::app::change::ChangeRequest;
use crate::app::companions::{self, Report, Request};
use crate::app::{App, Result};

/// Arguments of `waypost companions`.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    #[command(flatten)]
    change: ChangeArguments,
    /// What a unified diff says, `-` for standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["staged", "base"])]
    diff: Option<PathBuf>,
    /// Just so many files, however weak the evidence [default: as many as it supports]
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// As a note before a commit: a few lines on standard error, and only with the setting `commit_note`
    #[arg(long)]
    commit_note: bool,
    #[command(flatten)]
    pub output: OutputFile,
}

/// Files that a note names.
const MOST_NOTED: usize = 3;

const AFTER_HELP: &str = "\
Told by commits in which files changed together, by the names on the changed lines and the
declarations around them, by imports, and by names of files. The number is how likely the file
belongs to the change; `waypost bench --companions` shows how often that is right in this history.";

/// Prints the files with their reasons; nothing found is no failure.
pub fn run(app: &App, arguments: &Arguments, out: &Out) -> Result<CommandOutcome> {
    if arguments.commit_note && !companions::notes_commits(app)? {
        return Ok(CommandOutcome::Done);
    }
    let diff = arguments.diff.as_deref().map(input);
    let change = ChangeRequest { diff, ..arguments.change.request() };
    let report = companions::companions(app, Request { change, limit: arguments.limit })?;
    match out.json {
        false if arguments.commit_note => note(&report, out),
        true => out.object(&report)?,
        false => print(&report, out)?,
    }
    Ok(CommandOutcome::Done)
}

fn note(report: &Report, out: &Out) {
    for companion in report.companions.iter().take(MOST_NOTED) {
        let reason = companion.reasons.first().map(|reason| format!(": {reason}")).unwrap_or_default();
        out.note(&format!("waypost: not in this commit: {}{reason}", companion.path));
    }
}

fn print(report: &Report, out: &Out) -> Result<()> {
    report.lines().iter().try_for_each(|line| out.line(line))?;
    match (report.changed.is_empty(), report.companions.is_empty()) {
        (true, _) => out.note("nothing changed"),
        (_, true) => out.note("nothing says that another file belongs to this change"),
        _ => {}
    }
    Ok(())
}
