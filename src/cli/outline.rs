//! `waypost outline`: what one file declares and mentions.

use std::path::PathBuf;

use clap::Args;

use super::{Out, Outcome};
use crate::app::outline::{self, Report};
use crate::app::{App, Result};

#[derive(Args)]
pub struct Arguments {
    /// A file of the project, relative to its root or to the current folder
    #[arg(value_name = "PATH")]
    path: PathBuf,
}

pub fn run(app: &App, arguments: &Arguments, out: &Out) -> Result<Outcome> {
    let report = outline::outline(app, &arguments.path)?;
    match out.json {
        true => out.object(&report)?,
        false => tell(&report, out)?,
    }
    Ok(Outcome::Done)
}

fn tell(report: &Report, out: &Out) -> Result<()> {
    let path = &report.path;
    if let Some(reason) = report.class.reason() {
        out.note(&format!("`{path}` is listed, not read: {reason}"));
    } else if let Some(reason) = &report.unparsed {
        out.note(&format!("`{path}` has no outline: {reason}"));
    } else if report.language.is_none() {
        out.note(&format!("`{path}`: no grammar for this kind of file"));
    }
    for symbol in &report.symbols {
        out.line(&format!("{:>6} {}{}", symbol.line, "  ".repeat(symbol.depth), symbol.signature))?;
    }
    Ok(())
}
