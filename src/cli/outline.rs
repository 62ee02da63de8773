//! `waypost outline`: shows what one file declares and imports.

use std::path::PathBuf;

use clap::Args;

use super::{CommandOutcome, Out};
use crate::app::outline::{self, Report};
use crate::app::{App, Result};

/// Arguments of `waypost outline`.
#[derive(Args)]
pub struct Arguments {
    /// A file of the project, relative to its root or to the current folder
    #[arg(value_name = "PATH")]
    path: PathBuf,
}

/// Prints the declarations and imports of one file.
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
    if let Some(remark) = report.remark() {
        out.note(&format!("`{path}` {remark}"));
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
