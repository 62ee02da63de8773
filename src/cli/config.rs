//! `waypost config`: shows the effective settings with their sources, and sets
//! them.

use clap::{Args, Subcommand};

use super::{CommandOutcome, Out};
use crate::app::settings::{self, SetRequest};
use crate::app::{App, Error, Result};

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
    /// Take a value out of the project's file (or the user's)
    Unset {
        key: String,
        /// From the user's file, for all projects
        #[arg(long)]
        user: bool,
    },
    /// Open the project's file (or the user's) in your editor, and check it after
    Edit {
        /// The user's file, for all projects
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
        Some(Action::Unset { key, user }) => unset(app, key, *user, out),
        Some(Action::Edit { user }) => edit(app, *user, out),
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

fn unset(app: &App, key: &str, user: bool, out: &Out) -> Result<CommandOutcome> {
    let report = settings::unset(app, key, user)?;
    let (key, file, toml, source) = (report.key, &report.file, &report.entry.toml, &report.entry.source);
    match (out.json, report.changed) {
        (true, _) => out.object(&report)?,
        (false, true) => out.note(&format!("{key} is {toml} again ({source})")),
        (false, false) => out.note(&format!("`{file}` does not set {key}: it is {toml} ({source})")),
    }
    Ok(CommandOutcome::Done)
}

fn edit(app: &App, user: bool, out: &Out) -> Result<CommandOutcome> {
    let editor =
        ["VISUAL", "EDITOR"].iter().find_map(|name| std::env::var(name).ok().filter(|it| !it.is_empty()));
    let opened = settings::open(app, user)?;
    let Some(editor) = editor else {
        let hint = format!("set it, or edit `{}`", opened.file.display());
        return Err(Error::new("neither VISUAL nor EDITOR names an editor").with_hint(hint));
    };
    // As git runs it: the editor may be a command with arguments.
    let script = format!("{editor} \"$1\"");
    let ran = std::process::Command::new("sh").args(["-c", &script, &editor]).arg(&opened.file).status();
    let ended = ran.map_err(|error| Error::new(format!("`{editor}` cannot be run: {error}")))?;
    if !ended.success() {
        return Err(Error::new(format!("`{editor}` failed: {ended}")));
    }
    settings::close(app, &opened)?;
    list(app, out)
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
