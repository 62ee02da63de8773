//! `waypost pin`, `unpin` and `pins`: files that the handoff always names.

use std::path::PathBuf;

use clap::Args;

use super::{CommandOutcome, Out};
use crate::app::{App, Result, pin};

/// Arguments of `waypost pin`.
#[derive(Args)]
pub struct PinArguments {
    /// A file of the project
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// Why, in one line
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

/// Arguments of `waypost unpin`.
#[derive(Args)]
pub struct UnpinArguments {
    /// A pinned file
    #[arg(value_name = "PATH")]
    path: PathBuf,
}

/// Pins a file, so that the handoff always names it.
pub fn pin(app: &App, arguments: &PinArguments, out: &Out) -> Result<CommandOutcome> {
    let report = pin::pin(app, &arguments.path, arguments.note.as_deref())?;
    match out.json {
        true => out.object(&report)?,
        false => out.note(&format!("pinned `{}`", report.path)),
    }
    Ok(CommandOutcome::Done)
}

/// Removes the pin of a file.
pub fn unpin(app: &App, arguments: &UnpinArguments, out: &Out) -> Result<CommandOutcome> {
    let report = pin::unpin(app, &arguments.path)?;
    match out.json {
        true => out.object(&report)?,
        false => out.note(&format!("unpinned `{}`", report.path)),
    }
    Ok(CommandOutcome::Done)
}

/// Lists the pinned files, one a line, each with its reason.
pub fn list(app: &App, out: &Out) -> Result<CommandOutcome> {
    let report = pin::pins(app)?;
    if out.json {
        out.object(&report)?;
        return Ok(CommandOutcome::Done);
    }
    for pin in &report.pins {
        out.line(format!("{}  {}", pin.path, pin.note).trim_end())?;
    }
    Ok(CommandOutcome::Done)
}
