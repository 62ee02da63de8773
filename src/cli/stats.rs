//! `waypost stats`: what goes wrong, as counts of the log.

use clap::{Args, Subcommand, ValueEnum};

use super::out::count;
use super::{CommandOutcome, Out};
use crate::app::signals::{self, CountedBy, FailureReport};
use crate::app::{App, Result};

/// Arguments of `waypost stats`.
#[derive(Args)]
pub struct StatsArguments {
    #[command(subcommand)]
    command: StatsCommand,
}

#[derive(Subcommand)]
enum StatsCommand {
    /// Which commands or folders fail, most failures first
    Failures(FailuresArguments),
}

#[derive(Args)]
struct FailuresArguments {
    /// What is counted
    #[arg(long, value_name = "WHAT", default_value = "command")]
    by: FailuresBy,
}

#[derive(Clone, Copy, ValueEnum)]
enum FailuresBy {
    Command,
    Folder,
}

/// Shows what fails.
pub fn run(app: &App, arguments: &StatsArguments, out: &Out) -> Result<CommandOutcome> {
    let StatsCommand::Failures(failures) = &arguments.command;
    let by = match failures.by {
        FailuresBy::Command => CountedBy::Command,
        FailuresBy::Folder => CountedBy::Folder,
    };
    let report = signals::failures(app, by)?;
    if out.json {
        out.object(&report)?;
        return Ok(CommandOutcome::Done);
    }
    for failure in &report.failures {
        out.line(&line(failure))?;
    }
    if report.failures.is_empty() {
        out.note("nothing that was logged has failed");
    }
    Ok(CommandOutcome::Done)
}

fn line(failure: &FailureReport) -> String {
    let error = failure.last_error.as_ref().map(|error| format!("  {error}")).unwrap_or_default();
    let last = failure.last_failed.as_deref().unwrap_or("-");
    format!("{:>5} of {:<9}  {last}  {}{error}", failure.failures, count(failure.runs, "run"), failure.name)
}
