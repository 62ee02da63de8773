//! `waypost tests`: the tests that exercise a change, and the command that runs
//! just those.

use clap::Args;

use super::change_arguments::ChangeArguments;
use super::output_file::OutputFile;
use super::{CommandOutcome, Out};
use crate::app::test_plan::{self, Report, Request};
use crate::app::{App, Result};

/// Arguments of `waypost tests`.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    #[command(flatten)]
    change: ChangeArguments,
    /// How many tests
    #[arg(long, value_name = "N", default_value_t = 8)]
    limit: usize,
    /// Print the command alone, such as for a shell to run
    #[arg(long)]
    command: bool,
    #[command(flatten)]
    pub output: OutputFile,
}

const AFTER_HELP: &str = "\
Told by names, imports, the names that tests use, and commits in which both changed. Where no choice
would do (a manifest changed, or what all tests share), `all` and the reason come first.";

/// Prints the tests; no test is no failure.
pub fn run(app: &App, arguments: &Arguments, out: &Out) -> Result<CommandOutcome> {
    let report =
        test_plan::test_plan(app, Request { change: arguments.change.request(), limit: arguments.limit })?;
    match (out.json, arguments.command) {
        (true, _) => out.object(&report)?,
        (false, true) => {
            let all = report.all.as_ref().and_then(|all| all.command.as_ref());
            all.or(report.command.as_ref()).map_or(Ok(()), |command| out.line(command.as_str()))?;
        }
        (false, false) => print(&report, out)?,
    }
    Ok(CommandOutcome::Done)
}

fn print(report: &Report, out: &Out) -> Result<()> {
    report.lines().iter().try_for_each(|line| out.line(line))?;
    for path in report.untested.iter().filter(|_| !report.tests.is_empty()) {
        out.note(&format!("no test is known for `{path}`"));
    }
    match (report.changed.is_empty(), report.tests.is_empty() && report.all.is_none()) {
        (true, _) => out.note("nothing changed"),
        (_, true) => out.note("no code changed, or no test of it is known"),
        _ => {}
    }
    Ok(())
}
