//! The conductor: walk -> read -> redact -> extract -> rank -> store -> render.
//!
//! Text is redacted before it is parsed and not after: a secret is told by
//! what stands around it, and everything cut from clean text is clean.

mod anchors;
pub mod bench;
mod focus;
mod handoff;
mod live;
pub mod past;
mod read;

use std::collections::BTreeMap;
use std::time::{Duration, UNIX_EPOCH};

use crate::config::Settings;
use crate::memory::{Memory, Record, State, Verdict};
use crate::model::{ContentHash, FileFacts, History, RelPath, SafeText, Skipped, Snapshot, Tree};
use crate::project::Project;
use crate::redact::Redactor;
use crate::store::{Recorded, Store, StoreError};
use crate::{beneath, compare, git, limits, render};

pub use crate::extract::read_user_grammars;
pub use crate::walk::stamp_at;
pub use anchors::{Texts, stamp, texts, verdicts};
pub use focus::{Explained, Place, RankedSymbol, explain, rank, rank_symbols};
pub use handoff::{PromptRequest, handoff, project_name, prompt};
pub use live::{compare_snapshots, compare_with, now, since_snapshot};
pub use read::{LanguageCount, Outlined, Reading, history, languages, outline, read};

/// What every command works on; nothing in it changes while it runs.
pub struct Context {
    pub project: Project,
    pub settings: Settings,
    pub redactor: Redactor,
    pub repository: Option<git::Repository>,
    pub clock: fn() -> Time,
    pub progress: Box<dyn Progress>,
}

/// A moment, as the clock of the context tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Time {
    /// Nanoseconds since 1970.
    pub ns: i64,
    /// RFC 3339, UTC, to the second.
    pub text: String,
}

/// Where long work tells how far it is.
pub trait Progress: Sync {
    fn begin(&self, what: &'static str, total: usize);
    fn step(&self);
    fn end(&self);
}

/// A run that cannot go on. Everything that a file can do wrong is data.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    #[error("project root `{root}` cannot be read: {source}")]
    Root { root: String, source: std::io::Error },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Write(#[from] render::publish::WriteError),
    #[error("{0}\nhint: raise the budget")]
    Budget(#[from] render::TooSmall),
    #[error("`{path}`: {why}")]
    NoFile { path: RelPath, why: String },
    #[error(
        "the handoff is not written: its line {line} would hold a secret ({kind})\nhint: `waypost handoff --stdout` shows it; please report how it came there"
    )]
    Secret { kind: &'static str, line: u32 },
    #[error("{0}")]
    Git(#[from] git::Unavailable),
    #[error("`{root}` has no git history to rank against\nhint: run it in a clone with its history")]
    NoRepository { root: String },
    #[error(
        "{found} of {read} commits make a case, {least} are needed{why}\nhint: {hint}", least = bench::LEAST
    )]
    FewCases { found: usize, read: usize, why: String, hint: &'static str },
    #[error("the goal has {0} characters, more than {max}", max = limits::MAX_GOAL)]
    LongGoal(usize),
}

pub type Result<T> = std::result::Result<T, PipelineError>;

/// What a snapshot did.
pub struct Taken {
    pub snapshot: Snapshot,
    pub changes: compare::FileChanges,
    pub skipped: Vec<Skipped>,
    pub warnings: Vec<String>,
    pub folders: Vec<String>,
    pub handoff: Option<Published>,
    /// Records whose code is not as it was.
    pub stale: Vec<Stale>,
    /// Files in the memory that are no records.
    pub unreadable: Vec<Skipped>,
}

/// A record's anchor that is not fresh.
pub struct Stale {
    pub id: String,
    pub title: SafeText,
    /// `path#symbol`.
    pub place: String,
    pub verdict: Verdict,
}

/// The handoff files after a snapshot.
pub struct Published {
    pub tokens: usize,
    /// Whether any bytes changed.
    pub written: bool,
}

/// Whether the focus is chosen anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refocus {
    /// When the tree or the goal changed: somebody asked for a snapshot.
    WhenChanged,
    /// When a file of it is gone: nobody asked, a file was saved.
    WhenBroken,
}

/// Reads, ranks, records and renders.
pub fn snapshot(
    context: &Context,
    goal: Option<&str>,
    with_handoff: bool,
    refocus: Refocus,
) -> Result<Taken> {
    // A root that is gone must not come back as an empty folder.
    read::open_root(context)?;
    let mut store = Store::create(&context.project.database(), &context.project.root)?;
    if with_handoff {
        render::tokens::warm_up();
    }
    let reading = read(context, Some(&store))?;
    let mut memory = Memory::load(&context.project.memory(), &context.redactor);
    let last = store.latest()?;
    let (head, history) = history(context, Some(&store));
    focus::set_goal(context, &mut memory, goal)?;
    let same_tree = last.as_ref().is_some_and(|last| last.digest == digest(&reading.tree));
    focus::update_focus(context, &reading.tree, &history, &mut memory, refocus, same_tree)?;
    let rendered = match with_handoff {
        true => Some(handoff(context, &reading, &memory, context.settings.number("handoff_budget"))?),
        false => None,
    };
    let published = rendered.map(|handoff| publish(context, &handoff)).transpose()?;
    let changes = match &last {
        Some(last) => live::changed_files(&reading, &store, last.id)?,
        None => compare::files(&BTreeMap::new(), &hashes(&reading.tree)),
    };
    write_now(context, &reading, &store, &history)?;
    let tokens = published.as_ref().map(|published| published.tokens as u64);
    let goal = memory.goal().map(Record::text);
    let snapshot = record(context, &mut store, &reading, goal, tokens, (head.as_deref(), &history))?;
    let stale = stale(context, &reading, &memory)?;
    Ok(Taken {
        stale,
        unreadable: memory.unreadable,
        snapshot,
        changes,
        skipped: reading.tree.skipped,
        warnings: reading.warnings,
        folders: reading.folders,
        handoff: published,
    })
}

/// The live records whose code has moved on.
fn stale(context: &Context, reading: &Reading, memory: &Memory) -> Result<Vec<Stale>> {
    let live: Vec<&Record> = memory.records.iter().filter(|record| record.is_live()).collect();
    let verdicts = verdicts(context, &reading.tree, &live)?;
    let anchors = live.iter().zip(verdicts).flat_map(|(record, verdicts)| {
        let of_record = record.anchors.iter().zip(verdicts);
        of_record.map(move |(anchor, verdict)| (record, anchor, verdict))
    });
    let stale = anchors.filter(|(_, _, verdict)| verdict.state != State::Fresh);
    Ok(stale
        .map(|(record, anchor, verdict)| Stale {
            id: record.id.clone(),
            title: record.title.clone(),
            place: anchor.place(),
            verdict,
        })
        .collect())
}

/// Keeps what was made of new contents, so that the next reading need not make
/// it again. Between [`Store::begin`] and [`Store::commit`].
pub fn keep_contents(context: &Context, store: &mut Store, reading: &Reading) -> Result<()> {
    Ok(store.keep_contents(&reading.new_contents, &read::extractor(context))?)
}

/// Sets the goal, `""` ends it, without a snapshot: the files for it are
/// chosen by the next one.
pub fn set_goal(context: &Context, text: &str) -> Result<()> {
    let mut memory = Memory::load(&context.project.memory(), &context.redactor);
    focus::set_goal(context, &mut memory, Some(text))
}

/// Removes what was compiled from records for single readers: prompts and the
/// live part, which the next run writes again.
pub fn remove_copies(context: &Context) -> Result<()> {
    let local = &context.project.local;
    let prompts = local.join("prompts");
    beneath::refuse_links(&prompts)
        .map_err(|source| render::publish::WriteError { path: prompts.clone(), source })?;
    let prompts = std::fs::read_dir(prompts).into_iter().flatten().flatten();
    let copies = prompts.map(|entry| entry.path()).chain([local.join("now.md")]);
    for path in copies.filter(|path| path.is_file()) {
        render::publish::remove(&path)
            .map_err(|source| render::publish::WriteError { path: path.clone(), source })?;
    }
    Ok(())
}

/// Writes the live part, and clears away what killed runs left.
fn write_now(context: &Context, reading: &Reading, store: &Store, history: &History) -> Result<()> {
    let clock = UNIX_EPOCH + Duration::from_nanos(reading.began.ns.max(0) as u64);
    for folder in [context.project.folder(), context.project.memory(), context.project.local.clone()] {
        render::publish::sweep(&folder, clock);
    }
    let now = now(context, reading, Some(store), history)?;
    let text = render::now(&handoff::title(context, reading.facts(context)?), now);
    render::publish::create_folder(&context.project.local)?;
    render::publish::write(&context.project.local.join("now.md"), text.as_bytes())?;
    Ok(())
}

fn record(
    context: &Context,
    store: &mut Store,
    reading: &Reading,
    goal: Option<&SafeText>,
    tokens: Option<u64>,
    (head, history): (Option<&str>, &History),
) -> Result<Snapshot> {
    let files: Vec<FileFacts> = reading.tree.files.iter().map(|file| file.facts.clone()).collect();
    let branch = context.repository.as_ref().and_then(|repository| repository.head().branch);
    let branch = branch.map(|branch| context.redactor.line(&branch));
    let racy_after = reading.began.ns - RACY_NS;
    let recorded = Recorded {
        created_at: reading.began.text.clone(),
        goal,
        head,
        branch: branch.as_ref(),
        digest: digest(&reading.tree),
        symbols: reading.tree.files.iter().map(|file| file.content.outline.symbols.len() as u64).sum(),
        tokens,
        files: &files,
        skipped: &reading.tree.skipped,
        new_contents: &reading.new_contents,
        racy: &|file| file.stamp.mtime_ns.max(file.stamp.ctime_ns) >= racy_after,
        extractor: &read::extractor(context),
        history: head.map(|head| (head, history)),
    };
    Ok(store.record(&context.project.root, &recorded)?)
}

/// A file that changed this shortly before it was read may change again
/// without a new stamp: coarse file systems count in steps of up to 2 s (git's
/// racy rule).
pub const RACY_NS: i64 = 2_000_000_000;

fn hashes(tree: &Tree) -> BTreeMap<RelPath, ContentHash> {
    tree.files.iter().map(|file| (file.facts.path.clone(), file.facts.hash)).collect()
}

/// Of all paths and contents.
fn digest(tree: &Tree) -> ContentHash {
    let mut hash = blake3::Hasher::new();
    for file in &tree.files {
        hash.update(file.facts.path.as_str().as_bytes()).update(&[0]).update(&file.facts.hash.0);
    }
    ContentHash(*hash.finalize().as_bytes())
}

/// Writes both handoff files; the Markdown last, since readers look there.
pub fn publish(context: &Context, handoff: &render::Handoff) -> Result<Published> {
    if let Some(finding) = context.redactor.scan(&handoff.markdown).into_iter().next() {
        return Err(PipelineError::Secret { kind: finding.kind, line: finding.line });
    }
    let folder = context.project.folder();
    let (json, markdown) = (folder.join("handoff.json"), folder.join("handoff.md"));
    let files =
        [(json.as_path(), handoff.json.as_bytes()), (markdown.as_path(), handoff.markdown.as_bytes())];
    let written = render::publish::write_all(&files)? > 0;
    Ok(Published { tokens: handoff.tokens, written })
}

/// Bits for ids of records: from the operating system, by way of std.
pub fn random() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    std::hash::RandomState::new().build_hasher().finish()
}
