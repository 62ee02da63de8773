//! `waypost setup` and `waypost uninstall`: the files of coding agents.

use std::io::{self, BufRead, IsTerminal};
use std::path::PathBuf;

use clap::Args;

use super::{CommandOutcome, Out};
use crate::app::setup::{self, Act, Change, ClientReport, Part, Report, Request, Scope, State};
use crate::app::{App, Error, Result, uninstall};
use crate::visible;

/// Arguments of `waypost setup`.
#[derive(Args)]
pub struct Arguments {
    /// Clients by their ids (`--list`), or `git` [default: those found here, after asking]
    #[arg(value_name = "CLIENT")]
    clients: Vec<String>,
    /// In your own files, for all projects
    #[arg(long, conflicts_with = "project")]
    user: bool,
    /// In this project's files, which can be committed; this is the default
    #[arg(long)]
    project: bool,
    /// The MCP server [default: all parts that the client has]
    #[arg(long)]
    mcp: bool,
    /// The hooks that tell a session what the handoff says
    #[arg(long)]
    hooks: bool,
    /// The block in AGENTS.md, or in the file that the client reads instead
    #[arg(long)]
    instructions: bool,
    /// Write nothing; show what would change
    #[arg(long)]
    dry_run: bool,
    /// Write nothing; exit 1 when something is left to do
    #[arg(long, conflicts_with_all = ["undo", "dry_run"])]
    check: bool,
    /// Take it back: the files are what they were, but for what others wrote since
    #[arg(long)]
    undo: bool,
    /// List the clients, their parts, and which were found here
    #[arg(long, conflicts_with_all = ["clients", "check", "undo", "dry_run"])]
    list: bool,
    /// Write a plugin for Claude Code, Codex and Copilot CLI, one for OpenCode and a Gemini extension into a new folder
    #[arg(long, value_name = "DIR", conflicts_with_all = ["clients", "check", "undo", "list", "user", "dry_run"])]
    plugin: Option<PathBuf>,
}

/// Arguments of `waypost uninstall`.
#[derive(Args)]
pub struct UninstallArguments {
    /// Write nothing; show what would be taken back
    #[arg(long)]
    dry_run: bool,
}

/// Sets up, checks or undoes the clients that are named, or after asking those that are found; exit
/// code 1 where something is left to do.
pub fn run(app: &App, arguments: &Arguments, out: &Out) -> Result<CommandOutcome> {
    if let Some(folder) = &arguments.plugin {
        return plugin(app, folder, out);
    }
    if arguments.list {
        return list(app, out);
    }
    let mut request = request(arguments)?;
    if request.clients.is_empty() {
        request.clients = found(app)?;
        let acts = request.act == Act::Apply && !arguments.dry_run;
        if request.clients.is_empty() || acts && !agreed(&request.clients, out)? {
            return list(app, out);
        }
    }
    let report = setup::setup(app, &request, arguments.dry_run)?;
    match out.json {
        true => out.object(&report)?,
        false => tell(&report, out)?,
    }
    let refused =
        report.clients.iter().flat_map(|client| &client.changes).any(|change| change.state == State::Refused);
    let is_left = if report.act == Act::Check { !report.complete } else { refused && !report.preview };
    Ok(if is_left { CommandOutcome::Finding } else { CommandOutcome::Done })
}

fn request(arguments: &Arguments) -> Result<Request> {
    let program = std::env::current_exe()
        .map_err(|error| Error::new(format!("the path of this program cannot be told: {error}")))?;
    let flags = [arguments.mcp, arguments.hooks, arguments.instructions];
    let parts = Part::ALL.into_iter().zip(flags).filter_map(|(part, is_set)| is_set.then_some(part));
    let act = match (arguments.check, arguments.undo) {
        (true, _) => Act::Check,
        (_, true) => Act::Undo,
        _ => Act::Apply,
    };
    let scope = if arguments.user { Scope::User } else { Scope::Project };
    Ok(Request { clients: arguments.clients.clone(), scope, parts: parts.collect(), act, program })
}

/// The clients that are installed or used here.
fn found(app: &App) -> Result<Vec<String>> {
    let found = setup::list(app)?.clients.into_iter().filter(|client| client.found.is_some());
    Ok(found.map(|client| client.client.to_string()).collect())
}

/// Asks on a terminal; anywhere else the answer is no.
fn agreed(clients: &[String], out: &Out) -> Result<bool> {
    if out.json || !io::stdin().is_terminal() || !out.shows_progress() {
        return Ok(false);
    }
    out.note(&format!("found here: {}\nset them up? [y/N]", clients.join(", ")));
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

fn list(app: &App, out: &Out) -> Result<CommandOutcome> {
    let list = setup::list(app)?;
    if out.json {
        out.object(&list)?;
        return Ok(CommandOutcome::Done);
    }
    for client in &list.clients {
        let words = |parts: &[Part]| parts.iter().map(|part| part.name()).collect::<Vec<_>>().join(" ");
        let (project, user) = (words(&client.project), words(&client.user));
        let here =
            client.found.as_deref().map_or_else(String::new, |found| format!("  {}", visible::line(found)));
        out.line(format!("{:<9} {project:<23} {user:<10}{here}", client.client).trim_end())?;
    }
    out.note("the parts in a project's files, those in yours (`--user`), and where it was found here");
    out.note("`waypost setup CLIENT...` sets them up, `waypost setup git` the hooks of git");
    Ok(CommandOutcome::Done)
}

fn tell(report: &Report, out: &Out) -> Result<()> {
    for client in &report.clients {
        for change in &client.changes {
            tell_change(client, change, report.preview, out)?;
        }
        tell_todo(client, out)?;
    }
    match report.act {
        Act::Check if report.complete => out.note("nothing is left to do"),
        Act::Apply if !report.preview => {
            let see: Vec<&str> = report.clients.iter().map(|client| client.see).collect();
            out.note(&format!("to see it: {}", see.join("; ")));
        }
        _ => {}
    }
    Ok(())
}

fn tell_change(client: &ClientReport, change: &Change, preview: bool, out: &Out) -> Result<()> {
    let state = match (change.state, preview) {
        (State::Added, true) => "to add",
        (State::Updated, true) => "to update",
        (State::Removed, true) => "to remove",
        (state, _) => word(state),
    };
    let path = visible::line(&change.path);
    let line = change.line.map_or_else(String::new, |line| format!(":{line}"));
    let why = change.why.as_deref().map_or_else(String::new, |why| format!(": {}", visible::line(why)));
    let text = format!("{} {}: {state}: {path}{line}{why}", client.client, change.part.name());
    if let Some(diff) = &change.diff {
        out.raw(diff)?;
    }
    match change.state {
        State::Refused | State::Told => {
            out.warning(&text);
            let paste = change.paste.iter().flat_map(|paste| paste.lines());
            paste.for_each(|line| out.note(&format!("    {line}")));
            Ok(())
        }
        _ => Ok(out.said(&text)?),
    }
}

fn word(state: State) -> &'static str {
    match state {
        State::Added => "added",
        State::Updated => "updated",
        State::Present => "is there",
        State::Missing => "missing",
        State::Outdated => "outdated",
        State::Removed => "removed",
        State::Shared => "stays",
        State::Absent => "nothing of ours is there",
        State::Refused => "left as it is",
        State::Told => "for you to do",
    }
}

fn tell_todo(client: &ClientReport, out: &Out) -> Result<()> {
    for step in &client.todo {
        match step.done {
            Some(true) => out.detail(&format!("{}: done: {}", client.client, step.what)),
            Some(false) => out.said(&format!("{}: still to do: {}", client.client, step.what))?,
            None => out.said(&format!("{}: to do, unless you did: {}", client.client, step.what))?,
        }
    }
    Ok(())
}

fn plugin(app: &App, folder: &std::path::Path, out: &Out) -> Result<CommandOutcome> {
    let report = setup::plugin(app, folder)?;
    match out.json {
        true => out.object(&report)?,
        false => {
            report.files.iter().try_for_each(|file| out.said(&format!("wrote {}", visible::line(file))))?;
            report.install.iter().for_each(|line| out.note(line));
        }
    }
    Ok(CommandOutcome::Done)
}

/// Takes out what waypost wrote outside of repositories and says what stays.
pub fn uninstall(app: &App, arguments: &UninstallArguments, out: &Out) -> Result<CommandOutcome> {
    let report = uninstall::uninstall(app, arguments.dry_run)?;
    if out.json {
        out.object(&report)?;
    } else {
        let removed = if report.preview { "to remove" } else { "removed" };
        for file in &report.files {
            match &file.why {
                None => out.said(&format!("{removed}, what is ours in {}", visible::line(&file.path)))?,
                Some(why) => out.warning(&format!(
                    "left as it is: {}: {}",
                    visible::line(&file.path),
                    visible::line(why)
                )),
            }
        }
        for folder in &report.folders {
            out.said(&format!("{removed}: {}", visible::line(folder)))?;
        }
        for kept in &report.kept {
            out.said(&format!("stays: {}: {}", visible::line(&kept.path), kept.what))?;
        }
    }
    let is_left = report.files.iter().any(|file| file.why.is_some());
    Ok(if is_left { CommandOutcome::Finding } else { CommandOutcome::Done })
}
