//! What the hooks of agents' clients do: tell a conversation once, at its
//! start, what there is to know; log that; and save records written by hand
//! before a conversation is shortened or ends.
//!
//! Not here: the forms in which clients ask and want to be answered.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::budget::Bound;
use super::session_start::{self, Report, Section};
use super::{App, Error, Result};
use crate::config::MemoryUse;
use crate::fs::{atomic, confined};
use crate::model::{ClientId, ContentHash};
use crate::project::Project;
use crate::render::tokens;

macro_rules! hook_events {
    ($($event:ident = $name:literal,)*) => {
        /// What happens in a conversation.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum HookEvent { $($event),* }

        impl HookEvent {
            /// Every event.
            pub const ALL: &[HookEvent] = &[$(HookEvent::$event),*];

            /// The name on the command line, which stands in clients' settings.
            pub fn name(self) -> &'static str {
                match self { $(Self::$event => $name),* }
            }
        }
    };
}

hook_events! {
    SessionStart = "session-start",
    SessionEnd = "session-end",
    Prompt = "prompt",
    PreTool = "pre-tool",
    PostTool = "post-tool",
    PreCompact = "pre-compact",
    Stop = "stop",
}

/// A call of a hook.
#[derive(Clone, Debug)]
pub struct HookCall {
    pub event: HookEvent,
    /// The client that calls.
    pub client: ClientId,
    /// The conversation, as the client names it.
    pub session: Option<String>,
    /// What began it: `startup`, `resume`, `clear`, `compact`.
    pub source: Option<String>,
}

/// Bound of the text: the least that any client takes without cutting it.
pub const BOUND: Bound = Bound { tokens: 2_300, bytes: 9_000 };

const ORDER: [Section; 6] =
    [Section::Checkpoint, Section::Goal, Section::Start, Section::Tests, Section::Commands, Section::Now];

const MORE: &str = "More: `waypost prompt --goal TEXT`, `waypost search WORDS`, `waypost outline PATH`, \
                    `waypost changes`; the whole page is `.waypost/handoff.md`.";

/// Nanoseconds within which a conversation is not told the same text twice.
const ONCE: i64 = 120 * 1_000_000_000;

/// Bytes of the log; the older half goes when it is longer.
const LOG: u64 = 256_000;

/// One line of the log.
#[derive(Debug, Serialize, JsonSchema, Deserialize)]
pub struct HookLogEntry {
    pub at: String,
    /// Nanoseconds since 1970.
    ns: i64,
    pub client: String,
    pub event: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    session: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    /// First 16 digits of the hash of what was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hash: Option<String>,
    #[serde(default)]
    bytes: usize,
    #[serde(default)]
    tokens: usize,
    /// The text itself, only if the user's settings ask for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
}

/// What a session that begins now would be told; writes nothing.
pub fn preview(app: &App) -> Result<Report> {
    page(app, bound(app)?)
}

/// How long the text may be here: the settings may lower it.
pub fn bound(app: &App) -> Result<Bound> {
    let most = app.context()?.settings.brief_budget() as usize;
    Ok(Bound { tokens: BOUND.tokens.min(most), ..BOUND })
}

fn page(app: &App, bound: Bound) -> Result<Report> {
    session_start::session_start(app, &session_start::Request { order: ORDER.to_vec(), bound, more: MORE })
}

/// The page behind what was left unfinished, which comes first and takes its
/// room from the page.
fn page_behind(app: &App, unfinished: &str) -> Result<Report> {
    let unfinished = format!("# Unfinished work\n\n{}\n", unfinished.trim_end());
    let (tokens, bytes) = (tokens_of(&unfinished), unfinished.len());
    let all = bound(app)?;
    let rest = Bound { tokens: all.tokens.saturating_sub(tokens), bytes: all.bytes - bytes.min(all.bytes) };
    // Of a low bound that takes all.
    let page = match page(app, rest) {
        Err(_) if all.tokens < BOUND.tokens => Report::default(),
        page => page?,
    };
    Ok(Report {
        text: format!("{unfinished}\n{}", page.text),
        bytes: page.bytes + bytes + 1,
        tokens: page.tokens + tokens,
        ..page
    })
}

/// Tokens that a text takes, rather too many than too few. Every start tells other
/// work, and to count its words takes longer than all the rest: plain text has more
/// than two bytes a token, so what is short is not counted.
fn tokens_of(text: &str) -> usize {
    let others = text.bytes().filter(|byte| !byte.is_ascii()).count();
    let by_length = (text.len() - others) / 2 + others;
    match by_length.min(tokens::at_most(text)) {
        most if most <= BOUND.tokens / 2 => most,
        _ => tokens::count(text),
    }
}

/// The same, once for each conversation, behind what was left unfinished. `None`
/// if there is nothing to tell.
pub fn begin(app: &App, call: &HookCall, unfinished: Option<&str>) -> Result<Option<String>> {
    let project = app.locate()?;
    // Where waypost was never used, a hook of the user's has nothing to say.
    if !project.folder().is_dir() || app.context()?.settings.memory_use() == MemoryUse::Off {
        return Ok(None);
    }
    tokens::recall(&remembered_counts(&project));
    let report = match unfinished {
        Some(unfinished) => page_behind(app, unfinished)?,
        None => preview(app)?,
    };
    remember_counts(&project);
    if report.text.is_empty() {
        return Ok(None);
    }
    let hash = ContentHash::of(report.text.as_bytes()).to_hex()[..16].to_string();
    let keeps_text = app.context()?.settings.log_prompts();
    let entry = HookLogEntry {
        hash: Some(hash),
        bytes: report.bytes,
        tokens: report.tokens,
        text: keeps_text.then(|| report.text.clone()),
        ..entry(app, call)
    };
    Ok((!is_known(&project, &entry)).then_some(report.text))
}

fn counts_file(project: &Project) -> PathBuf {
    project.local.join("hook-tokens")
}

/// What stretches of the last text cost in tokens: with them the next one is
/// measured without the vocabulary, which takes longer to set up than all the
/// rest.
fn remembered_counts(project: &Project) -> Vec<(u64, u32)> {
    let text = confined::read_text(&counts_file(project), LOG).unwrap_or_default();
    let pairs = text.lines().filter_map(|line| line.split_once(' '));
    pairs.filter_map(|(key, count)| Some((key.parse().ok()?, count.parse().ok()?))).collect()
}

/// Keeps them if anything had to be counted. It is only a cache: where it cannot
/// be written the next call takes as long as this one.
fn remember_counts(project: &Project) {
    let counted = tokens::counted();
    if counted.is_empty() || !project.local.is_dir() {
        return;
    }
    let lines: String = counted.iter().map(|(key, count)| format!("{key} {count}\n")).collect();
    let _ = atomic::write(&counts_file(project), lines.as_bytes());
}

/// Whether the log already holds the same text; adds it otherwise. Without a
/// usable log nothing counts as known, since telling it twice is better than
/// not at all.
fn is_known(project: &Project, entry: &HookLogEntry) -> bool {
    let Ok(Some(mut log)) = open(project) else { return false };
    let is_known = entries(&mut log).is_ok_and(|known| known.iter().any(|known| known.is_same(entry)));
    if !is_known {
        let _ = append(&mut log, entry);
    }
    is_known
}

/// Takes up what was written by hand: every version of a record is kept from
/// then on, whatever becomes of the conversation.
pub fn keep(app: &App) -> Result<()> {
    let project = app.locate()?;
    let context = app.context()?;
    if project.database_file().exists() && context.settings.memory_use() == MemoryUse::ReadWrite {
        app.record_store(&context)?;
    }
    Ok(())
}

/// Notes what went wrong in a hook, where that can be noted.
pub fn note_trouble(app: &App, call: &HookCall, trouble: &str) -> Result<()> {
    let Some(mut log) = open(&app.locate()?)? else { return Ok(()) };
    let trouble = Some(Error::new(trouble).without_secrets().to_string().replace('\n', " "));
    append(&mut log, &HookLogEntry { trouble, ..entry(app, call) })
}

/// The last problem of a hook, if the log has one.
pub(super) fn last_trouble(project: &Project) -> Option<HookLogEntry> {
    let text = confined::read_text(&path(project), 2 * LOG).ok()?;
    parse(&text).into_iter().rev().find(|entry| entry.trouble.is_some())
}

impl HookLogEntry {
    /// Whether the conversation has been told this. One that is taken up again
    /// still holds it; one that was shortened does not.
    fn is_same(&self, new: &HookLogEntry) -> bool {
        let is_told = (&self.session, &self.event, &self.hash) == (&new.session, &new.event, &new.hash);
        let is_now = self.source == new.source && (0..ONCE).contains(&(new.ns - self.ns));
        let is_resumed = new.source.as_ref().is_some_and(|source| source.to_lowercase().contains("resume"));
        self.session.is_some() && is_told && (is_now || is_resumed)
    }
}

fn entry(app: &App, call: &HookCall) -> HookLogEntry {
    let now = (app.host().clock)();
    HookLogEntry {
        at: now.text,
        ns: now.ns,
        client: call.client.name().to_string(),
        event: call.event.name().to_string(),
        session: call.session.clone(),
        source: call.source.clone(),
        hash: None,
        bytes: 0,
        tokens: 0,
        text: None,
        trouble: None,
    }
}

fn path(project: &Project) -> PathBuf {
    project.local.join("hooks.jsonl")
}

/// The log, locked: two files of two clients may call at once. `None` where
/// there is no folder for it.
fn open(project: &Project) -> Result<Option<File>> {
    if !project.local.is_dir() {
        return Ok(None);
    }
    let path = path(project);
    let told = |error: io::Error| Error::cannot("write", &path, &error);
    let log = confined::open_log(&path).map_err(told)?;
    log.lock().map_err(told)?;
    Ok(Some(log))
}

/// What can be read of the log, oldest first.
fn entries(log: &mut File) -> Result<Vec<HookLogEntry>> {
    let mut text = Vec::new();
    log.seek(SeekFrom::Start(0))?;
    Read::take(log, 2 * LOG).read_to_end(&mut text)?;
    Ok(parse(&String::from_utf8_lossy(&text)))
}

fn parse(text: &str) -> Vec<HookLogEntry> {
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

fn append(log: &mut File, entry: &HookLogEntry) -> Result<()> {
    if log.metadata()?.len() > LOG {
        let kept = entries(log)?;
        log.set_len(0)?;
        let lines = kept[kept.len() / 2..].iter().map(line).collect::<Result<Vec<_>>>()?;
        log.write_all(lines.concat().as_bytes())?;
    }
    Ok(log.write_all(line(entry)?.as_bytes())?)
}

fn line(entry: &HookLogEntry) -> Result<String> {
    Ok(format!("{}\n", serde_json::to_string(entry)?))
}
