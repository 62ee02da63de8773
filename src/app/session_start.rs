//! Compiles what an agent is told when a session begins, or when it asks for
//! the state of the work.

use schemars::JsonSchema;
use serde::Serialize;

use super::budget::{self, Bound};
use super::open::store;
use super::{App, Error, Result};
use crate::config::MemoryUse;
use crate::fs::confined;
use crate::memory::Memory;
use crate::model::SafeText;
use crate::pipeline::{self, Context, Reading};
pub use crate::render::session_start::Section;
use crate::render::session_start::{self as page, StartFacts, StartPage};
use crate::render::tokens;
use crate::store::Store;
use crate::{limits, render};

/// Which sections to include, and how long the text may be.
#[derive(Clone, Debug)]
pub struct Request {
    /// The sections in the order of the text; the last ones are cut first.
    pub order: Vec<Section>,
    pub bound: Bound,
    /// A sentence that says how to get more.
    pub more: &'static str,
}

/// The text, its size, and how much of each section is in it.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Report {
    pub text: String,
    pub bytes: usize,
    pub tokens: usize,
    pub sections: Vec<SectionReport>,
    /// Why there is not more, if something is missing.
    pub why: Option<&'static str>,
}

/// How much of a section is told.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SectionReport {
    pub section: &'static str,
    /// Lines that are included, and lines that there are.
    pub told: usize,
    pub all: usize,
}

/// Nothing is told where waypost was never used: to read all of a tree takes
/// longer than anybody waits at a start.
const NEVER_USED: &str = "no snapshot was taken here: run `waypost snapshot`";

/// A clone, whose handoff came along.
const HANDOFF_ONLY: &str =
    "no snapshot was taken here, so this is the committed handoff: run `waypost snapshot`";

/// Compiles what an agent needs at the start of a session. Without a snapshot it reads no tree
/// and has only the open checkpoint and a committed handoff. Fails if not even the shortest
/// text fits.
pub fn session_start(app: &App, request: &Request) -> Result<Report> {
    let context = app.context()?;
    let memory = app.memory(&context)?;
    let fits = |text: &str| budget::fits(text, request.bound);
    let (told, why) = match store(&context)? {
        Some(store) => {
            let facts = facts(app, &context, &memory, store, request)?;
            (page::tell(&context.templates, &facts, &request.order, &fits)?, None)
        }
        None => without_store(&context, &memory, request, &fits)?,
    };
    if !told.text.is_empty() && !fits(&told.text) {
        let Bound { tokens, bytes } = request.bound;
        return Err(Error::new(format!("nothing fits into {tokens} tokens and {bytes} bytes")));
    }
    pipeline::leak_scan(&context, "what is told at the start", &told.text)?;
    Ok(report(told, why))
}

fn facts(
    app: &App,
    context: &Context,
    memory: &Memory,
    store: Store,
    request: &Request,
) -> Result<StartFacts> {
    let reading = pipeline::read(context, Some(&store))?;
    let now = now(context, &reading, &store)?;
    let is_told = context.settings.memory_use() != MemoryUse::Off;
    let brief = match is_told && request.order.contains(&Section::Brief) {
        true => brief(app, context)?,
        false => Vec::new(),
    };
    let facts = pipeline::session_start::session_start(context, &reading, memory, now)?;
    Ok(StartFacts { brief, more: request.more, ..facts })
}

fn now(context: &Context, reading: &Reading, store: &Store) -> Result<render::view::NowView> {
    let history = pipeline::history(context, Some(store), &reading.head);
    Ok(pipeline::now(context, reading, Some(store), &history)?)
}

fn brief(app: &App, context: &Context) -> Result<Vec<SafeText>> {
    let book = app.book_to_ask(context)?;
    let brief = book.brief()?;
    Ok(brief.map(|brief| pipeline::session_start::paragraphs(&brief.record.body)).unwrap_or_default())
}

/// What can be told without a look at the tree: the open checkpoint, and the
/// handoff that came with a clone.
fn without_store(
    context: &Context,
    memory: &Memory,
    request: &Request,
    fits: &dyn Fn(&str) -> bool,
) -> Result<(StartPage, Option<&'static str>)> {
    let facts = StartFacts { more: request.more, ..pipeline::session_start::from_memory(memory) };
    let order: Vec<Section> =
        request.order.iter().copied().filter(|section| *section == Section::Checkpoint).collect();
    let mut told = page::tell(&context.templates, &facts, &order, fits)?;
    let has_checkpoint = told.sections.iter().any(|share| share.told > 0);
    if !has_checkpoint {
        told.text.clear();
    }
    let Some(handoff) = committed(context) else { return Ok((told, Some(NEVER_USED))) };
    let both = format!("{}\n{handoff}", told.text);
    for text in [both, handoff] {
        if fits(&text) {
            told.text = text.trim_start().to_string();
            return Ok((told, Some(HANDOFF_ONLY)));
        }
    }
    Ok((told, Some(HANDOFF_ONLY)))
}

/// The handoff on disk, where both its files are such as waypost writes them:
/// then all that came from a repository is quoted.
fn committed(context: &Context) -> Option<String> {
    let read =
        |name: &str| confined::read_text(&context.project.folder().join(name), limits::MAX_OWN_FILE).ok();
    let (markdown, json) = (read("handoff.md")?, read("handoff.json")?);
    render::is_pair(&context.templates, &markdown, &json).then_some(markdown)
}

fn report(told: StartPage, why: Option<&'static str>) -> Report {
    let share = |share: &page::SectionShare| SectionReport {
        section: share.section.name(),
        told: share.told,
        all: share.all,
    };
    Report {
        bytes: told.text.len(),
        tokens: tokens::at_most(&told.text),
        sections: told.sections.iter().map(share).collect(),
        text: told.text,
        why,
    }
}
