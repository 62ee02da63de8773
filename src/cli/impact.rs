//! `waypost impact`: what a change breaks, and who uses what it touches.

use std::path::PathBuf;

use clap::Args;

use super::out::count;
use super::output_file::OutputFile;
use super::{CommandOutcome, Out};
use crate::app::change::ChangeRequest;
use crate::app::impact::{self, Report, Request};
use crate::app::{App, Result};

/// Arguments of `waypost impact`.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// A file or folder, or a declaration: NAME, TYPE.NAME or PATH#NAME [default: what differs from HEAD]
    #[arg(value_name = "SYMBOL|PATH", conflicts_with = "since")]
    target: Option<String>,
    /// What is staged
    #[arg(long, conflicts_with_all = ["base", "since"])]
    staged: bool,
    /// What differs from where this branch, tag or commit and HEAD parted
    #[arg(long, value_name = "REF", conflicts_with = "since")]
    base: Option<String>,
    /// The same as a summary: every declaration that came, went or changed, without its users
    #[arg(long, value_name = "REF")]
    since: Option<String>,
    /// Lines that use a declaration
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=1000))]
    lines: u16,
    /// Declarations that nobody sees outside of their file too
    #[arg(long)]
    private: bool,
    #[command(flatten)]
    pub output: OutputFile,
}

const AFTER_HELP: &str = "\
Breaking changes come first: a public declaration that is gone, no longer visible, declared otherwise
or moved. A user is told with what tells it from a namesake: an import of the file, the same package,
or that nothing else is declared by that name; `by name` where nothing does. `~` marks an edited body.";

/// Prints the declarations with their users.
pub fn run(app: &App, arguments: &Arguments, out: &Out) -> Result<CommandOutcome> {
    let report = impact::impact(app, request(app, arguments)?)?;
    if out.json {
        out.object(&report)?;
        return Ok(CommandOutcome::Done);
    }
    print(&report, arguments.target.is_none(), out)?;
    Ok(CommandOutcome::Done)
}

fn request(app: &App, arguments: &Arguments) -> Result<Request> {
    let target = arguments.target.as_deref();
    let is_path = target.is_some_and(|target| app.is_project_path(target));
    let base = arguments.base.clone().or_else(|| arguments.since.clone());
    let paths = target.filter(|_| is_path).map(PathBuf::from).into_iter().collect();
    Ok(Request {
        change: ChangeRequest { paths, staged: arguments.staged, base, diff: None },
        symbol: target.filter(|_| !is_path).map(str::to_string),
        lines: if arguments.since.is_some() { 0 } else { usize::from(arguments.lines) },
        with_private: arguments.private,
    })
}

fn print(report: &Report, is_change: bool, out: &Out) -> Result<()> {
    if is_change {
        let (files, broken) =
            (count(report.changed.len(), "file"), count(report.breaking, "breaking change"));
        out.said(&format!("{files} changed, {broken}"))?;
    }
    report.lines().iter().try_for_each(|line| out.line(line))?;
    if report.symbols.is_empty() {
        out.note("no public declaration is touched");
    }
    Ok(())
}
