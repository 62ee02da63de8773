//! `waypost outline`: what one file declares and mentions.

use std::path::PathBuf;

use clap::Args;

use super::{CommandOutcome, Out};
use crate::app::outline::{self, Report};
use crate::app::{App, Result};

#[derive(Args)]
pub struct Arguments {
    /// A file of the project, relative to its root or to the current folder
    #[arg(value_name = "PATH")]
    path: PathBuf,
}

pub fn run(app: &App, arguments: &Arguments, out: &Out) -> Result<CommandOutcome> {
    let report = outline::outline(app, &arguments.path, out.json)?;
    match out.json {
        true => out.object(&report)?,
        false => print(&report, out)?,
    }
    Ok(CommandOutcome::Done)
}

fn print(report: &Report, out: &Out) -> Result<()> {
    let path = &report.path;
    if let Some(reason) = report.class.reason() {
        out.note(&format!("`{path}` is listed, not read: {reason}"));
    } else if let Some(reason) = &report.unparsed {
        out.note(&format!("`{path}` has no outline: {reason}"));
    } else if report.language.is_none() {
        out.note(&format!("`{path}`: no grammar for this kind of file"));
    } else if let Some(partial) = partial(report) {
        out.note(&format!("`{path}`: {partial}"));
    }
    if !report.symbols.is_empty() {
        out.line(path.as_str())?;
    }
    for symbol in &report.symbols {
        let indent = "  ".repeat(symbol.depth);
        out.line(&format!("  {indent}:{}-{} {}", symbol.line, symbol.end_line, symbol.signature))?;
    }
    Ok(())
}

/// Below this share of a file's lines its outline is said to be of a part only.
const LARGE_PART: f64 = 0.5;

/// Files of fewer lines say what they are at a glance.
const MANY_LINES: u32 = 20;

/// Why the outline may not be the whole file's.
fn partial(report: &Report) -> Option<String> {
    let covered = report.covered?;
    let share = format!(
        "{:.0} % of its lines belong to a declaration, an import or a comment",
        (covered * 100.0).floor()
    );
    match report.has_error {
        true => Some(format!(
            "it has syntax that the parser does not know, so that the outline may lack something; {share}"
        )),
        false if covered < LARGE_PART && report.lines >= MANY_LINES => Some(share),
        false => None,
    }
}
