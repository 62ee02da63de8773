//! `waypost session` and `log`: who works here, and what they did.

use clap::{Args, Subcommand};

use super::fields::CauseArguments;
use super::{CommandOutcome, Out, jobs};
use crate::app::Survival;
use crate::app::log_entry::{self, LogEntry};
use crate::app::session_detail::{self, SessionDetail};
use crate::app::session_report::{EventReport, SessionReport};
use crate::app::sessions::{self, Ended, ListRequest, LogRequest, StartRequest};
use crate::app::signals::{self, SignalsReport};
use crate::app::{App, Result, SessionState};
use crate::model::EventKind;
use crate::model::time::{length, parse_length};

/// Arguments of `waypost session`.
#[derive(Args)]
pub struct SessionArguments {
    #[command(subcommand)]
    command: SessionCommand,
}

#[derive(Subcommand)]
enum SessionCommand {
    /// Begin a session and print its id
    Start(StartArguments),
    /// List the sessions, the newest sign of life first
    List(ListArguments),
    /// Show a session and the newest of what it did
    Show(IdArguments),
    /// Give a sign of life, and say what you are doing
    Heartbeat(HeartbeatArguments),
    /// What goes wrong in a session: errors in a row, retries, time since the last success
    Signals(IdArguments),
    /// All that a session did, oldest first
    Transcript(TranscriptArguments),
    /// End a session for good and free what it holds
    End(EndArguments),
}

#[derive(Args)]
struct StartArguments {
    /// Who works: a program or a person
    #[arg(long, value_name = "NAME")]
    agent: Option<String>,
    /// What sort of session it is, in your own word
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<String>,
    /// What it is about, in one line
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    title: Option<String>,
    /// Anything else, again and again
    #[arg(long, value_name = "K=V")]
    meta: Vec<String>,
}

#[derive(Args)]
struct ListArguments {
    /// Only those: active, ended or abandoned
    #[arg(long, value_name = "STATE", value_parser = session_state)]
    state: Option<SessionState>,
    /// Only those with a sign of life since then, such as 24h
    #[arg(long, value_name = "TIME", value_parser = milliseconds)]
    since: Option<i64>,
    /// At most so many
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

#[derive(Args)]
struct IdArguments {
    /// Id or the beginning of one [default: --session or WAYPOST_SESSION]
    #[arg(value_name = "ID")]
    id: Option<String>,
}

#[derive(Args)]
struct TranscriptArguments {
    /// Id or the beginning of one
    #[arg(value_name = "ID")]
    id: String,
}

#[derive(Args)]
struct HeartbeatArguments {
    /// What you are doing
    #[arg(value_name = "TEXT", allow_hyphen_values = true)]
    text: Option<String>,
}

#[derive(Args)]
struct EndArguments {
    /// Id or the beginning of one [default: --session or WAYPOST_SESSION]
    #[arg(value_name = "ID")]
    id: Option<String>,
    /// What came of it
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    summary: Option<String>,
}

/// Arguments of `waypost log`.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct LogArguments {
    #[command(subcommand)]
    command: Option<LogCommand>,
    /// Only this kind: session_start, prompt, tool_call, command, error, decision, checkpoint, file_change, ...
    #[arg(long, value_name = "KIND", value_parser = event_kind)]
    kind: Option<EventKind>,
    /// Only what happened since then, such as 24h
    #[arg(long, value_name = "TIME", value_parser = milliseconds)]
    since: Option<i64>,
    /// The newest so many
    #[arg(long, value_name = "N", default_value_t = 200)]
    limit: usize,
}

#[derive(Subcommand)]
enum LogCommand {
    /// Add an entry
    Add(AddArguments),
}

#[derive(Args)]
struct AddArguments {
    /// What happened
    #[arg(value_name = "TEXT", allow_hyphen_values = true)]
    text: String,
    /// note, milestone, decision, question, error, command, tool_call or file_change
    #[arg(long, value_name = "KIND", default_value = "note", value_parser = kind_to_add)]
    kind: EventKind,
    /// The file that it is about
    #[arg(long, value_name = "PATH")]
    path: Option<String>,
    /// How a command ended
    #[arg(long, value_name = "CODE")]
    exit_code: Option<u8>,
    #[command(flatten)]
    causes: CauseArguments,
}

impl SessionArguments {
    /// Whether it begins a session, which none carries.
    pub fn is_start(&self) -> bool {
        matches!(self.command, SessionCommand::Start(_))
    }
}

/// The milliseconds of `30m` or `24h`.
pub fn milliseconds(text: &str) -> std::result::Result<i64, String> {
    parse_length(text).ok_or_else(|| "a number with `s`, `m`, `h`, `d` or `w`, such as `24h`".to_string())
}

fn session_state(name: &str) -> std::result::Result<SessionState, String> {
    let found = SessionState::ALL.iter().find(|(_, known)| *known == name);
    found.map(|(state, _)| *state).ok_or_else(|| "one of active, ended, abandoned".to_string())
}

fn event_kind(name: &str) -> std::result::Result<EventKind, String> {
    let names: Vec<&str> = EventKind::ALL.iter().map(|(_, name)| *name).collect();
    EventKind::from_name(&name.replace('-', "_")).ok_or_else(|| format!("one of {}", names.join(", ")))
}

/// What happens by itself is logged by itself.
const TO_ADD: [EventKind; 8] = [
    EventKind::Note,
    EventKind::Milestone,
    EventKind::Decision,
    EventKind::Question,
    EventKind::Error,
    EventKind::Command,
    EventKind::ToolCall,
    EventKind::FileChange,
];

fn kind_to_add(name: &str) -> std::result::Result<EventKind, String> {
    let names: Vec<&str> = TO_ADD.iter().map(|kind| kind.name()).collect();
    let kind = event_kind(name).ok().filter(|kind| TO_ADD.contains(kind));
    kind.ok_or_else(|| format!("one of {}", names.join(", ")))
}

/// Begins, lists, shows or ends sessions.
pub fn session(app: &App, arguments: &SessionArguments, out: &Out) -> Result<CommandOutcome> {
    match &arguments.command {
        SessionCommand::Start(start) => begin(app, start, out)?,
        SessionCommand::List(list) => print_list(app, list, out)?,
        SessionCommand::Show(show) => print_detail(&session_detail::show(app, show.id.as_deref())?, out)?,
        SessionCommand::Signals(of) => print_signals(&signals::of_session(app, of.id.as_deref())?, out)?,
        SessionCommand::Transcript(of) => print_detail(&session_detail::transcript(app, &of.id)?, out)?,
        SessionCommand::Heartbeat(beat) => {
            let report = sessions::heartbeat(app, beat.text.as_deref())?;
            if out.json {
                out.object(&report)?;
            }
        }
        SessionCommand::End(end) => finish(app, end, out)?,
    }
    Ok(CommandOutcome::Done)
}

fn begin(app: &App, arguments: &StartArguments, out: &Out) -> Result<()> {
    let StartArguments { agent, kind, title, meta } = arguments;
    let (agent, kind, title) = (agent.clone(), kind.clone(), title.clone());
    let report = sessions::start(app, &StartRequest { agent, kind, title, meta: meta.clone() })?;
    match out.json {
        true => out.object(&report)?,
        false => out.line(&report.id)?,
    }
    Ok(())
}

fn print_list(app: &App, arguments: &ListArguments, out: &Out) -> Result<()> {
    let ListArguments { state, since, limit } = arguments;
    let report = sessions::list(app, &ListRequest { state: *state, since_ms: *since, limit: *limit })?;
    if out.json {
        return Ok(out.object(&report)?);
    }
    if report.sessions.is_empty() {
        out.note(match (state, since) {
            (None, None) => "no session has begun here yet\nhint: `waypost session start` begins one",
            _ => "no session matches",
        });
    }
    report.sessions.iter().try_for_each(|session| out.line(&line(session)).map_err(Into::into))
}

/// A session on one line.
pub fn line(session: &SessionReport) -> String {
    let state = if session.stale { "stale" } else { session.state.name() };
    let who: Vec<&str> =
        [&session.who.agent, &session.who.title].into_iter().flatten().map(|text| text.as_str()).collect();
    let branch = session.who.branch.as_ref().map(|branch| format!("  [{branch}]")).unwrap_or_default();
    let idle = length(session.idle_s * 1_000);
    format!("{}  {state:<9}  {idle:>6} ago  {}{branch}", session.id, who.join(": "))
}

fn print_detail(report: &SessionDetail, out: &Out) -> Result<()> {
    if out.json {
        return Ok(out.object(report)?);
    }
    let session = &report.session;
    out.line(&line(session))?;
    let mut facts =
        vec![("worktree", session.who.worktree.to_string()), ("started", session.started.clone())];
    facts.extend(session.who.kind.iter().map(|kind| ("type", kind.to_string())));
    facts.extend(session.ended.iter().map(|ended| ("ended", ended.clone())));
    facts.extend(session.doing.iter().map(|doing| ("doing", doing.to_string())));
    facts.extend(session.summary.iter().map(|summary| ("summary", summary.to_string())));
    facts.extend(report.context.iter().map(|context| ("context", context.words())));
    facts.extend(session.who.meta.iter().map(|(key, value)| ("meta", format!("{key}={value}"))));
    for (key, text) in facts {
        out.line(&format!("  {key:<9} {text}"))?;
    }
    for edit in &report.edits {
        out.line(&format!("  {:<9} {}", edit.state, edit_line(edit)))?;
    }
    report.events.iter().try_for_each(|event| out.line(&event_line(event)).map_err(Into::into))
}

/// What became of the edits of a file.
fn edit_line(edit: &Survival) -> String {
    let by = edit.by.as_ref().map(|by| match (&by.commit, &by.session) {
        (Some(commit), _) => {
            let text = |text: &Option<crate::model::SafeText>| {
                text.as_ref().map(ToString::to_string).unwrap_or_default()
            };
            format!(", by {} {} ({})", &commit[..commit.len().min(10)], text(&by.subject), text(&by.author))
        }
        (None, Some(session)) => format!(", by session {session}"),
        (None, None) => String::new(),
    });
    let lines = super::out::count(edit.lines, "line");
    format!("{} ({} % of {lines}){}", edit.path, edit.percent, by.unwrap_or_default())
}

fn finish(app: &App, arguments: &EndArguments, out: &Out) -> Result<()> {
    let report = sessions::end(app, arguments.id.as_deref(), arguments.summary.as_deref())?;
    print_ended(&report, out)?;
    jobs::run_in_passing(app, out);
    Ok(())
}

fn print_ended(report: &Ended, out: &Out) -> Result<()> {
    if out.json {
        return Ok(out.object(report)?);
    }
    let freed = match report.released.len() {
        0 => String::new(),
        claims => format!(", {} freed", super::out::count(claims, "claim")),
    };
    Ok(out.said(&format!("session {} has ended{freed}", report.id))?)
}

fn print_signals(report: &SignalsReport, out: &Out) -> Result<()> {
    if out.json {
        return Ok(out.object(report)?);
    }
    let success = match (&report.last_success, report.since_last_success_s) {
        (Some(at), Some(since)) => format!("{at} ({} ago)", length(since * 1_000)),
        _ => "none".to_string(),
    };
    let retried =
        report.most_retried.as_ref().map(|command| format!(", most of `{command}`")).unwrap_or_default();
    let error = report.last_error.as_ref().map(|error| format!(", the last: {error}")).unwrap_or_default();
    out.line(&format!("errors        {} in a row{error}", report.error_streak))?;
    out.line(&format!("retries       {}{retried}", report.retries))?;
    out.line(&format!("last success  {success}"))?;
    Ok(out.line(&format!("failed        {} of {} commands and tools", report.failures, report.runs))?)
}

/// Shows the log or adds to it. `of` is the session that it is about.
pub fn log(app: &App, arguments: &LogArguments, of: Option<&str>, out: &Out) -> Result<CommandOutcome> {
    if let Some(LogCommand::Add(entry)) = &arguments.command {
        let AddArguments { text, kind, path, exit_code, causes } = entry;
        let (text, path, code) = (text.clone(), path.clone(), exit_code.map(i64::from));
        let entry = LogEntry { kind: *kind, text, path, code, links: causes.links() };
        let report = log_entry::add_to_log(app, &entry)?;
        match out.json {
            true => out.object(&report)?,
            false => out.line(&report.id)?,
        }
        return Ok(CommandOutcome::Done);
    }
    let LogArguments { kind, since, limit, .. } = arguments;
    let session = of.map(str::to_string);
    let request = LogRequest { session, kind: *kind, since_ms: *since, limit: Some(*limit) };
    let report = sessions::log(app, &request)?;
    if out.json {
        out.object(&report)?;
        return Ok(CommandOutcome::Done);
    }
    for event in &report.events {
        out.line(&event_line(event))?;
    }
    Ok(CommandOutcome::Done)
}

impl LogArguments {
    /// Whether it adds an entry, which is that of the session that carries it.
    pub fn is_add(&self) -> bool {
        self.command.is_some()
    }
}

/// An entry of the log on one line.
fn event_line(event: &EventReport) -> String {
    let session = event.session.as_deref().unwrap_or("-");
    let code = event.exit_code.map(|code| format!(" [exit {code}]")).unwrap_or_default();
    let path = event.path.as_ref().map(|path| format!(" {path}")).unwrap_or_default();
    let text = if event.text.is_empty() { String::new() } else { format!(" {}", event.text) };
    format!("{}  {session:<16}  {:<13}{path}{text}{code}", event.at, event.kind)
}
