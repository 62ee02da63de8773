//! The handoff of the tree as it is: written, shown, or compared with the files
//! that are there.

use std::cmp::Ordering;
use std::path::Path;

use serde::Serialize;
use similar::TextDiff;

use super::open::{require_folder, store};
use super::{App, Error, Result};
use crate::fs::confined;
use crate::limits;
use crate::pipeline::{self, Context};
use crate::render::{self, Handoff, tokens};

/// How the handoff is rendered.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Tokens that neither file exceeds; by default the setting.
    pub budget: Option<u64>,
}

/// Both files after they were written.
#[derive(Debug, Serialize)]
pub struct WrittenHandoff {
    pub markdown: String,
    pub json: String,
    pub tokens: usize,
    /// Whether any bytes changed.
    pub written: bool,
}

/// The files that are there against those that would be written.
#[derive(Debug, Serialize)]
pub struct CheckedHandoff {
    pub fresh: bool,
    pub state: HandoffFreshness,
    pub tokens: usize,
    /// Unified, of both files; empty when they are fresh.
    pub diff: String,
}

/// How the handoff on disk stands to the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HandoffFreshness {
    None,
    Fresh,
    Stale,
    /// Rendered by a release that spells the same facts in other bytes: whether
    /// it is of this tree cannot be told.
    OlderVersion,
    NewerVersion,
}

impl HandoffFreshness {
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Fresh => "fresh",
            Self::Stale => "stale",
            Self::OlderVersion => "rendered by an older version",
            Self::NewerVersion => "rendered by a newer version",
        }
    }
}

/// Writes both files where their bytes change.
pub fn write(app: &App, request: &Request) -> Result<WrittenHandoff> {
    let (context, handoff) = render(app, request)?;
    let hint = "`waypost snapshot` creates it, `--stdout` prints the handoff";
    let folder = require_folder(&context.project, hint)?;
    pipeline::sweep(&context);
    let published = pipeline::publish(&context, &handoff)?;
    Ok(WrittenHandoff {
        markdown: folder.join("handoff.md").display().to_string(),
        json: folder.join("handoff.json").display().to_string(),
        tokens: published.tokens,
        written: published.written,
    })
}

/// The text of one of the files; nothing is written.
pub fn text(app: &App, request: &Request, is_json: bool) -> Result<String> {
    let (context, handoff) = render(app, request)?;
    let text = if is_json { handoff.json } else { handoff.markdown };
    pipeline::leak_scan(&context, "the handoff", &text)?;
    Ok(text)
}

/// The live part as it is; nothing is written.
pub fn now(app: &App) -> Result<String> {
    let context = app.context()?;
    let store = store(&context)?;
    let reading = pipeline::read(&context, store.as_ref())?;
    let history = pipeline::history(&context, store.as_ref(), &reading.head);
    let now = pipeline::now(&context, &reading, store.as_ref(), &history)?;
    let text = render::now(&pipeline::title(&context, reading.facts(&context)?), now);
    pipeline::leak_scan(&context, "the live part", &text)?;
    Ok(text)
}

/// Compares the files that are there with those that would be written.
pub fn check(app: &App, request: &Request) -> Result<CheckedHandoff> {
    let (context, handoff) = render(app, request)?;
    let folder = context.project.folder();
    let mut diff = String::new();
    for (name, wanted) in [("handoff.md", &handoff.markdown), ("handoff.json", &handoff.json)] {
        let found = read_or_empty(&folder.join(name))?;
        if found != *wanted {
            let (old, new) = (format!("a/.waypost/{name}"), format!("b/.waypost/{name}"));
            let lines = TextDiff::from_lines(&found, wanted);
            diff += &lines.unified_diff().context_radius(3).header(&old, &new).to_string();
        }
    }
    // The committed one may be of an older version, or of anybody.
    let shown = context.redactor.text(&diff).to_string();
    let state = freshness(&context, &handoff)?;
    Ok(CheckedHandoff { fresh: diff.is_empty(), state, tokens: handoff.tokens, diff: shown })
}

fn render(app: &App, request: &Request) -> Result<(Context, Handoff)> {
    let mut context = app.context()?;
    if let Some(budget) = request.budget {
        context.settings.set_flag("handoff_budget", "--budget", budget)?;
        context.settings.set_flag("handoff_json_budget", "--budget", budget)?;
    }
    let handoff = rendered(app, &context)?;
    Ok((context, handoff))
}

/// The handoff of the tree as it is; the database only saves time.
pub(super) fn rendered(app: &App, context: &Context) -> Result<Handoff> {
    tokens::warm_up();
    let store = store(context)?;
    let reading = pipeline::read(context, store.as_ref())?;
    let memory = app.memory(context)?;
    let handoff = pipeline::handoff(context, &reading, &memory)?;
    app.warn_of_missing(&reading);
    Ok(handoff)
}

fn read_or_empty(path: &Path) -> Result<String> {
    match confined::read(path, limits::MAX_OWN_FILE) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(Error::cannot("read", path, &error)),
    }
}

/// How the handoff on disk stands to the one of the tree.
pub(super) fn freshness(context: &Context, handoff: &Handoff) -> Result<HandoffFreshness> {
    let folder = context.project.folder();
    let markdown = read_or_empty(&folder.join("handoff.md"))?;
    let json = read_or_empty(&folder.join("handoff.json"))?;
    if markdown.is_empty() {
        return Ok(HandoffFreshness::None);
    }
    if markdown == handoff.markdown && json == handoff.json {
        return Ok(HandoffFreshness::Fresh);
    }
    Ok(match render::compare_format(&json) {
        Some(Ordering::Less) => HandoffFreshness::OlderVersion,
        Some(Ordering::Greater) => HandoffFreshness::NewerVersion,
        Some(Ordering::Equal) | None => HandoffFreshness::Stale,
    })
}

/// Whether both files on disk say the same, of whatever tree that may be.
pub(super) fn is_pair(context: &Context) -> bool {
    let read = |name: &str| read_or_empty(&context.project.folder().join(name)).unwrap_or_default();
    render::is_pair(&read("handoff.md"), &read("handoff.json"))
}
