//! Completions for shells: scripts that ask this program, and what it answers.
//!
//! The engine is clap's. Here is which argument takes which values of the project.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Arg, Command};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, PathCompleter};
use clap_complete::env::{Bash, Elvish, EnvCompleter, Fish, Powershell, Zsh};
use clap_complete::{CompleteEnv, Shell};

use super::host::{Silent, host};
use super::{CommandOutcome, Out};
use crate::app::completions::{Candidate, Live, candidates};
use crate::app::man::Script;
use crate::app::{App, Error, Result};
use crate::visible;

/// The variable by which a script asks.
const ASKS: &str = "WAYPOST_COMPLETE";

/// Answers a shell's script that asks what could stand here; `false` if none does.
pub fn answer(program: fn() -> Command) -> bool {
    let factory = || with_live_values(program(), "");
    let folder = std::env::current_dir().ok();
    // Whatever is wrong, a shell can do nothing with it.
    CompleteEnv::with_factory(factory)
        .var(ASKS)
        .try_complete(std::env::args_os(), folder.as_deref())
        .unwrap_or(true)
}

/// Prints the script of a shell.
pub fn script(shell: Shell, out: &Out) -> Result<CommandOutcome> {
    let mut script = Vec::new();
    shell_of(shell)?.write_registration(ASKS, "waypost", "waypost", "waypost", &mut script)?;
    let script = String::from_utf8_lossy(&script).into_owned();
    match out.json {
        true => out.object(&Script { shell: shell.to_string(), script })?,
        false => out.raw(&script)?,
    }
    Ok(CommandOutcome::Done)
}

fn shell_of(shell: Shell) -> Result<&'static dyn EnvCompleter> {
    Ok(match shell {
        Shell::Bash => &Bash,
        Shell::Elvish => &Elvish,
        Shell::Fish => &Fish,
        Shell::PowerShell => &Powershell,
        Shell::Zsh => &Zsh,
        _ => return Err(io::Error::other(format!("there is no script for {shell}")).into()),
    })
}

/// The command with what is proposed for its arguments and those below.
fn with_live_values(command: Command, top: &str) -> Command {
    let top = top.to_string();
    let of_top = top.clone();
    let command = command.mut_args(move |argument| with_values(argument, &of_top));
    command.mut_subcommands(|below| {
        let name = if top.is_empty() { below.get_name().to_string() } else { top.clone() };
        with_live_values(below, &name)
    })
}

fn with_values(argument: Arg, top: &str) -> Arg {
    let value = argument.get_value_names().and_then(|names| names.first()).map(ToString::to_string);
    let value = value.unwrap_or_default();
    match live(top, argument.get_id().as_str(), &value) {
        Some(of) => argument.add(ArgValueCompleter::new(move |typed: &OsStr| proposed(of, typed))),
        // A path of the project, or a name.
        None if value == "RESOURCE" => argument.add(ArgValueCompleter::new(PathCompleter::any())),
        None => argument,
    }
}

/// What an argument is one of, by the command, its own name, and what help calls its
/// value.
fn live(top: &str, argument: &str, value: &str) -> Option<Live> {
    Some(match (top, argument, value) {
        (_, "session", "ID") => Live::Session,
        ("show-snapshot" | "compare-snapshots", _, _) | (_, "snapshot_id", _) | ("changes", "since", _) => {
            Live::Snapshot
        }
        ("goal", _, "ID") | (_, "goal", "ID") => Live::Goal,
        ("session", "id", _) => Live::Session,
        ("jobs", "id", _) => Live::Job,
        ("fetch", "id", _) => Live::Receipt,
        ("checkpoint", "id", _) => Live::Checkpoint,
        ("proposals", "ids", _) => Live::Proposal,
        ("unpin", "path", _) => Live::Pin,
        ("config", "key", _) => Live::Setting,
        ("setup", "clients", _) => Live::Client,
        ("schema", "name", _) => Live::Schema,
        ("templates", "name", _) => Live::Template,
        (_, _, "ID" | "ID|TEXT") => Live::Record,
        _ => return None,
    })
}

/// The values that begin as what is typed; none where there is no project.
fn proposed(of: Live, typed: &OsStr) -> Vec<CompletionCandidate> {
    let typed = typed.to_string_lossy();
    let found = app().and_then(|app| candidates(&app, of, &typed)).unwrap_or_default();
    let candidate = |one: Candidate| {
        let about = Some(visible::line(&one.about).into_owned()).filter(|about| !about.is_empty());
        CompletionCandidate::new(visible::line(&one.value).into_owned()).help(about.map(Into::into))
    };
    found.into_iter().map(candidate).collect()
}

/// The project that the words of the line are about.
fn app() -> Result<App> {
    let words: Vec<OsString> = std::env::args_os().collect();
    let value_of = |flag: &str| {
        let at = words.iter().position(|word| word == flag)?;
        words.get(at + 1).map(PathBuf::from)
    };
    if let Some(folder) = value_of("-C") {
        std::env::set_current_dir(&folder).map_err(|error| Error::cannot("enter", &folder, &error))?;
    }
    let out = Out::new(false, true, false);
    Ok(App::new(host(&out)?, value_of("--project-root")).heard_by(Arc::new(Silent)))
}
