//! `waypost trust`: let a project's `config.toml` widen what is read and shown.

use clap::Args;

use super::{CommandOutcome, Out};
use crate::app::{App, Result, trust};
use crate::visible;

/// Arguments of `waypost trust`.
#[derive(Args)]
pub struct Arguments {
    /// List the trusted projects
    #[arg(long, conflicts_with = "revoke")]
    list: bool,
    /// Trust this project no more
    #[arg(long)]
    revoke: bool,
}

/// Trusts this project, revokes the trust, or lists the trusted projects.
pub fn run(app: &App, arguments: &Arguments, out: &Out) -> Result<CommandOutcome> {
    match (arguments.list, arguments.revoke) {
        (true, _) => list(app, out),
        (_, true) => revoke(app, out),
        _ => trust(app, out),
    }
}

fn trust(app: &App, out: &Out) -> Result<CommandOutcome> {
    let report = trust::trust(app)?;
    if out.json {
        out.object(&report)?;
        return Ok(CommandOutcome::Done);
    }
    out.said(&format!("trusted as it is now: `{}`", visible::line(&report.file)))?;
    for widening in &report.widens {
        out.said(&format!("  {}", widening.words))?;
    }
    if report.widens.is_empty() {
        out.said("  it widens nothing, so this changes nothing yet")?;
    }
    Ok(CommandOutcome::Done)
}

fn revoke(app: &App, out: &Out) -> Result<CommandOutcome> {
    let report = trust::revoke(app)?;
    match out.json {
        true => out.object(&report)?,
        false => out.said(if report.was_trusted { "trusted no more" } else { "it was not trusted" })?,
    }
    Ok(CommandOutcome::Done)
}

fn list(app: &App, out: &Out) -> Result<CommandOutcome> {
    let report = trust::list(app)?;
    if out.json {
        out.object(&report)?;
        return Ok(CommandOutcome::Done);
    }
    for entry in &report.trusted {
        out.line(&visible::line(&entry.root))?;
    }
    Ok(CommandOutcome::Done)
}
