//! `waypost init`: creates the project's folder, or sets up the merge driver.

use clap::Args;

use super::{CommandOutcome, Out};
use crate::app::merge::SetUp;
use crate::app::{App, Error, Result, init, merge};

/// Arguments of `waypost init`.
#[derive(Args)]
pub struct Arguments {
    /// Have git render the handoff again where it would conflict: a driver in this clone's
    /// .git/config, a line in .gitattributes for everybody
    #[arg(long)]
    merge_driver: bool,
}

/// Creates `.waypost/`, or with `--merge-driver` sets up the driver in this clone.
pub fn run(app: &App, arguments: &Arguments, out: &Out) -> Result<CommandOutcome> {
    if arguments.merge_driver {
        let program = std::env::current_exe()
            .map_err(|error| Error::new(format!("the path of this program cannot be told: {error}")))?;
        return print_driver(&merge::set_up(app, &program)?, out);
    }
    let report = init::init(app)?;
    if out.json {
        out.object(&report)?;
    } else if report.created.is_empty() {
        out.note(&format!("`{}` is set up already", report.folder.display()));
    } else {
        report.created.iter().for_each(|path| out.note(&format!("created `{path}`")));
    }
    Ok(CommandOutcome::Done)
}

fn print_driver(report: &SetUp, out: &Out) -> Result<CommandOutcome> {
    if out.json {
        out.object(report)?;
    } else if report.done.is_empty() {
        out.note("the merge driver is set up already");
    } else {
        report.done.iter().for_each(|line| out.note(line));
        out.note(&format!("to undo it: {}", report.undo));
    }
    Ok(CommandOutcome::Done)
}
