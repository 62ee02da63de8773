//! `waypost hook`: called by the clients of agents at the start and end of a
//! conversation, and around what happens in it.
//!
//! A hook must never get in the way: whatever goes wrong, it exits with 0 and
//! prints nothing; `waypost doctor` reports the problem.

mod form;
mod input;

use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use super::{CommandOutcome, Out};
use crate::app::budget::Bound;
use crate::app::hook::{self, HookCall, HookEvent};
use crate::app::hook_session;
use crate::app::jobs;
use crate::app::session_start::{Report, SectionReport};
use crate::app::{App, Error, Host, Result};
use crate::model::ClientId;

/// Arguments of `waypost hook`.
#[derive(Args)]
pub struct Arguments {
    /// What happens
    #[arg(value_name = "EVENT")]
    event: HookEvent,
    /// The client that calls, in whose form it is answered
    #[arg(long, value_name = "NAME", required_unless_present = "preview")]
    client: Option<ClientId>,
    /// Show what a session would be told that begins now, and what was left out
    #[arg(long)]
    preview: bool,
}

impl ValueEnum for HookEvent {
    fn value_variants<'a>() -> &'a [Self] {
        Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()))
    }
}

impl ValueEnum for ClientId {
    fn value_variants<'a>() -> &'a [Self] {
        Self::WITH_HOOKS
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()))
    }
}

impl Arguments {
    /// Whether the output is for a person.
    pub fn is_shown(&self) -> bool {
        self.preview
    }
}

/// Clients wait for a hook; most of them end it after ten seconds.
const DEADLINE: Duration = Duration::from_secs(5);

/// Answers a client's hook in its own form. Ends with exit code 0 whatever goes wrong, except
/// for `--preview`.
pub fn run(host: Host, root: Option<PathBuf>, arguments: &Arguments, out: &Out) -> Result<CommandOutcome> {
    if arguments.preview {
        let app = App::new(host, root);
        let report = hook::preview(&app)?;
        preview(&report, hook::bound(&app)?, out)?;
        return Ok(CommandOutcome::Done);
    }
    let Some(client) = arguments.client else { return Ok(CommandOutcome::Done) };
    // Whoever calls takes any other end for a refusal.
    std::panic::set_hook(Box::new(|_| std::process::exit(0)));
    let event = arguments.event;
    let is_copilot = host.variable("COPILOT_CLI").is_some();
    let (asked, input) = match client {
        ClientId::Opencode => (input::HookInput::default(), String::new()),
        _ => input::read(),
    };
    // Both run the hooks of the other's files.
    let is_shared = match client {
        ClientId::Claude => is_copilot,
        ClientId::Copilot => !is_copilot && asked.names_event(),
        _ => false,
    };
    let call = HookCall { event, client, session: asked.session(), source: asked.source() };
    let app = App::new(Host { current: asked.folder().unwrap_or(host.current.clone()), ..host }, root)
        .for_one_call();
    match answer(&app, event, &call, &input) {
        Ok(Some(text)) => {
            let name = asked.failure().unwrap_or(form::client_name(client, event));
            out.raw(&form::told(client, is_shared, name, &text)?)?;
        }
        Ok(None) => {}
        // There is nowhere else to tell it.
        Err(error) => _ = hook::note_trouble(&app, &call, &error.to_string()),
    }
    Ok(CommandOutcome::Done)
}

/// What is told, within the time that clients wait.
fn answer(app: &App, event: HookEvent, call: &HookCall, input: &str) -> Result<Option<String>> {
    let (sender, receiver) = channel();
    let (app, call, input) = (app.clone(), call.clone(), input.to_string());
    std::thread::spawn(move || sender.send(at(&app, event, &call, &input)));
    match receiver.recv_timeout(DEADLINE) {
        Ok(answer) => answer,
        Err(RecvTimeoutError::Timeout) => {
            Err(Error::new(format!("took longer than {} s", DEADLINE.as_secs())))
        }
        Err(RecvTimeoutError::Disconnected) => Err(Error::new("ended without an answer")),
    }
}

fn at(app: &App, event: HookEvent, call: &HookCall, input: &str) -> Result<Option<String>> {
    match event {
        HookEvent::SessionStart => {
            // What cannot be noted is no reason to say nothing.
            let unfinished = hook_session::note(app, call, input).or_else(|error| {
                hook::note_trouble(app, call, &error.to_string())?;
                Ok::<_, Error>(None)
            })?;
            hook::begin(app, call, unfinished.as_deref())
        }
        // What was written by hand is safe before the conversation is shortened
        // or ends.
        HookEvent::PreCompact | HookEvent::Stop | HookEvent::SessionEnd => {
            hook::keep(app)?;
            let told = hook_session::note(app, call, input)?;
            if event == HookEvent::SessionEnd && jobs::are_due(app)? {
                run_jobs_apart(app)?;
            }
            Ok(told)
        }
        HookEvent::Prompt | HookEvent::PreTool | HookEvent::PostTool => hook_session::note(app, call, input),
    }
}

/// Jobs may take minutes, and no client waits for them: they run in a process of
/// their own, which ends with them.
fn run_jobs_apart(app: &App) -> Result<()> {
    let cannot = |error: std::io::Error| Error::new(format!("due jobs were not started: {error}"));
    let program = std::env::current_exe().map_err(cannot)?;
    let mut command = std::process::Command::new(program);
    command
        .args(["jobs", "run", "--quiet", "--project-root"])
        .arg(app.folder()?)
        .env_remove("WAYPOST_SESSION");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    command.spawn().map(drop).map_err(cannot)
}

fn preview(report: &Report, bound: Bound, out: &Out) -> Result<()> {
    if out.json {
        return Ok(out.object(report)?);
    }
    if !report.text.is_empty() {
        out.raw(&report.text)?;
    }
    let Report { bytes, tokens, why, .. } = report;
    out.note(&format!("{bytes} of {} bytes, {tokens} of {} tokens", bound.bytes, bound.tokens));
    for SectionReport { section, told, all } in report.sections.iter().filter(|share| share.told < share.all)
    {
        out.note(&format!(
            "left out: {} of {all} lines of `{section}`, for which there is no room",
            all - told
        ));
    }
    for SectionReport { section, .. } in report.sections.iter().filter(|share| share.all == 0) {
        out.note(&format!("left out: `{section}`, of which there is nothing"));
    }
    why.iter().for_each(|why| out.note(why));
    Ok(())
}
