//! `waypost config`: shows the effective settings with their sources, and sets
//! them.

use clap::{Args, Subcommand};

use super::{CommandOutcome, Out};
use crate::app::settings::{self, SetRequest};
use crate::app::{App, Result};

/// Arguments of `waypost config`.
#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Subcommand)]
enum Action {
    /// Print one effective value
    Get { key: String },
    /// Set a value in the project's file (or the user's)
    Set {
        key: String,
        value: String,
        /// In the user's file, for all projects
        #[arg(long)]
        user: bool,
    },
    /// Where the files are
    Path,
}

/// Runs the given subcommand; without one, lists all settings.
pub fn run(app: &App, arguments: &Arguments, out: &Out) -> Result<CommandOutcome> {
    match &arguments.action {
        None => list(app, out),
        Some(Action::Get { key }) => get(app, key, out),
        Some(Action::Set { key, value, user }) => {
            set(app, SetRequest { key: key.clone(), value: value.clone(), user: *user }, out)
        }
        Some(Action::Path) => path(app, out),
    }
}

fn list(app: &App, out: &Out) -> Result<CommandOutcome> {
    let report = settings::list(app)?;
    if out.json {
        out.object(&report)?;
        return Ok(CommandOutcome::Done);
    }
    for (key, entry) in &report.settings {
        out.line(&format!("{key} = {}  # {}", entry.toml, entry.source))?;
    }
    Ok(CommandOutcome::Done)
}

fn get(app: &App, key: &str, out: &Out) -> Result<CommandOutcome> {
    let report = settings::get(app, key)?;
    match (out.json, report.entry.value.as_str()) {
        (true, _) => out.object(&report)?,
        (false, Some(text)) => out.line(text)?,
        (false, None) => out.line(&report.entry.toml)?,
    }
    Ok(CommandOutcome::Done)
}

fn set(app: &App, request: SetRequest, out: &Out) -> Result<CommandOutcome> {
    let report = settings::set(app, &request)?;
    match out.json {
        true => out.object(&report)?,
        false => out.note(&format!("{} = {} in `{}`", report.key, report.toml, report.file)),
    }
    Ok(CommandOutcome::Done)
}

fn path(app: &App, out: &Out) -> Result<CommandOutcome> {
    let report = settings::paths(app)?;
    if out.json {
        out.object(&report)?;
    } else {
        out.line(&format!("user     {}", report.user.as_deref().unwrap_or("none")))?;
        out.line(&format!("project  {}", report.project))?;
    }
    Ok(CommandOutcome::Done)
}
