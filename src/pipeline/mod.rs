//! The conductor: walk -> read -> redact -> extract -> rank -> store -> render.
//!
//! Text is redacted before it is parsed and not after: a secret is told by
//! what stands around it, and everything cut from clean text is clean.

mod anchors;
mod answer;
pub mod bench;
pub mod check_text;
mod code_lines;
mod companions;
mod contents;
mod counterparts;
pub mod diff;
mod exercised;
mod focus;
mod follow;
mod handoff;
mod history;
pub mod hold;
mod impact;
mod languages;
mod leak_scan;
mod live;
pub mod past;
mod read;
mod record_priority;
pub mod session_start;
mod since_commit;
mod sources;
mod staged;
mod timings;
mod usage;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::memory::{AnchorState, AnchorVerdict, Memory, Record};
use crate::model::{ContentHash, FileFacts, History, RelPath, SafeText, Skipped, Snapshot, Stamp, Tree};
use crate::records::{self, RecordError};
use crate::render::template::TemplateError;
use crate::store::{
    Changed, CheckDepth, EncodedContent, Recorded, Rendered, Store, StoreError, WriteTransaction,
};
use crate::{compare, fs::confined, git, limits, parsers, render};

pub use crate::context::{Context, Progress, Time, sweep};
pub use crate::extract::read_user_grammars;
pub use crate::rank::EvidenceStrength;
pub use crate::walk::{OWN_IGNORE_FILE, decode_named, stamp_at};
pub use anchors::{Texts, stamp, texts, verdicts, verdicts_at};
pub use answer::{answer, told};
pub use companions::{ChangeMeasure, Companion, CompanionReason, measured_change};
pub use counterparts::counterparts;
pub use exercised::{PlannedTest, TestPlan, test_plan};
pub use focus::{Explained, FocusPlace, RankedSymbol, explain, judged, rank, rank_symbols, said};
pub use follow::followed;
pub use handoff::{PromptRequest, handoff, project_name, prompt, title};
use history::HistorySource;
pub use history::history;
pub use hold::WriteHold;
pub use impact::{
    ImpactBounds, StrandedFile, SymbolImpact, UseEvidence, UserLine, impact, similar_names, stranded,
    symbol_impact,
};
pub use languages::{LanguageCount, language_by_name, language_names, languages};
pub use leak_scan::leak_scan;
pub use live::{compare_snapshots, compare_with, now, since_snapshot, touched_at_head};
use read::read_into;
pub use read::{Outlined, Reading, files_now, outline, outline_with_imports, read};
pub use since_commit::since_commit;
pub use sources::{extractor, folders};
pub use staged::{is_all, staged};
pub use timings::Timings;

/// Why a run cannot go on. Problems with single files are data, not errors.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    #[error("project root `{root}` cannot be read: {source}")]
    Root { root: String, source: std::io::Error },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Write(#[from] crate::fs::atomic::WriteError),
    #[error(transparent)]
    Memory(#[from] crate::memory::ReadError),
    #[error("{0}\nhint: raise the budget")]
    Budget(#[from] render::PageBudgetError),
    #[error(transparent)]
    Template(#[from] TemplateError),
    #[error("`{path}`: {why}")]
    NoFile { path: RelPath, why: String },
    #[error("{what} is not written: its line {line} would hold a secret ({kind}{from})\nhint: {hint}")]
    Secret { what: String, kind: &'static str, line: u32, from: String, hint: &'static str },
    #[error(transparent)]
    Parser(#[from] parsers::StartError),
    #[error("{0}")]
    Git(#[from] git::Unavailable),
    #[error("`{root}` has no git history to rank against\nhint: run it in a clone with its history")]
    NoRepository { root: String },
    #[error(
        "{found} of {read} commits make a case, {least} are needed{why}\nhint: {hint}", least = bench::LEAST
    )]
    FewCases { found: usize, read: usize, why: String, hint: &'static str },
    #[error(transparent)]
    Records(#[from] RecordError),
}

impl From<render::PageError> for PipelineError {
    fn from(error: render::PageError) -> Self {
        match error {
            render::PageError::Budget(error) => Self::Budget(error),
            render::PageError::Template(error) => Self::Template(error),
        }
    }
}

impl PipelineError {
    /// The database's own error, if that is what went wrong.
    pub fn of_store(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) | Self::Records(RecordError::Store(error)) => Some(error),
            _ => None,
        }
    }
}

/// What every stage that can fail returns.
pub type Result<T> = std::result::Result<T, PipelineError>;

/// What a snapshot did.
pub struct SnapshotOutcome {
    pub snapshot: Snapshot,
    pub changes: compare::FileChanges,
    pub skipped: Vec<Skipped>,
    pub warnings: Vec<String>,
    pub folders: Vec<String>,
    /// The stamp of each file that was looked at, from when it was read.
    pub stamps: Vec<(RelPath, Stamp)>,
    /// Whether only touched files were looked at, the rest being as before.
    pub is_partial: bool,
    /// When reading began, in nanoseconds since 1970.
    pub began: i64,
    pub handoff: Option<Published>,
    /// Why a watch did not write the handoff, if it did not.
    pub hold: Option<WriteHold>,
    /// Anchors whose code has changed or is gone.
    pub stale: Vec<Stale>,
    /// Files in the memory folder that are not records.
    pub unreadable: Vec<Skipped>,
    pub timings: Timings,
}

/// A record's anchor that is not fresh.
pub struct Stale {
    pub id: String,
    pub title: SafeText,
    /// `path#symbol`.
    pub place: String,
    pub verdict: AnchorVerdict,
}

/// The handoff files after a snapshot.
pub struct Published {
    pub tokens: usize,
    /// Whether any bytes changed.
    pub written: bool,
    /// Hashes of the Markdown and of the JSON.
    pub hashes: [ContentHash; 2],
}

/// Whether the focus is chosen anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refocus {
    /// When the tree or the goal changed: somebody asked for a snapshot.
    WhenChanged,
    /// When a file of it is gone: nobody asked, a file was saved.
    WhenBroken,
    /// Nobody asked, and it is committed.
    Never,
}

/// Bytes of a database that a snapshot looks through for damage: those of a
/// project of some 10,000 files, read within a tenth of a second.
const LOOKED_THROUGH: u64 = 64 << 20;

/// What a snapshot is to do.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    pub goal: Option<&'a str>,
    pub with_handoff: bool,
    pub refocus: Refocus,
    /// Whether a watch takes it, which must not write files that would get in
    /// git's way.
    pub by_watch: bool,
    /// The only paths touched since the snapshot before, in the same
    /// [`WarmState`]; `None` if that is not known.
    pub touched: Option<&'a [RelPath]>,
}

/// What one snapshot leaves in memory for the next one of the same context.
#[derive(Default)]
pub struct WarmState {
    kept: Option<Kept>,
    elsewhere: hold::BranchCache,
}

struct Kept {
    store: Store,
    /// Stamp of the database's file, which may be removed or replaced
    /// meanwhile.
    identity: Stamp,
    reading: Option<Reading>,
}

/// Reads, ranks, records and renders. A database that turns out to be unusable
/// is set aside and the snapshot taken again.
pub fn snapshot(context: &Context, request: Request, warm: &mut WarmState) -> Result<SnapshotOutcome> {
    let database = context.project.database();
    let (taken, is_damaged) = std::thread::scope(|scope| {
        // Damage in pages that this snapshot does not touch. Beside it, the
        // look costs next to nothing; while watching, and where the database is
        // large, it is left to `doctor`.
        let is_small = std::fs::metadata(&database.file).is_ok_and(|file| file.len() <= LOOKED_THROUGH);
        let looks = request.refocus == Refocus::WhenChanged && is_small;
        let look = looks.then(|| scope.spawn(|| Store::diagnose(&database, CheckDepth::Quick)));
        let taken = take(context, request, warm);
        let found = look.and_then(|look| look.join().ok());
        (taken, matches!(found, Some(Ok(Some(_)))))
    });
    let is_unusable =
        taken.as_ref().is_err_and(|error| error.of_store().is_some_and(StoreError::is_unusable));
    let is_sound = taken.is_ok() && !is_damaged;
    if is_sound || taken.is_err() && !is_unusable {
        return taken;
    }
    *warm = WarmState::default();
    let notice = Store::quarantine_database(&database, None)?;
    // The snapshot itself may have set it aside.
    if taken.is_ok() && notice.is_none() {
        return taken;
    }
    let again = || {
        *warm = WarmState::default();
        take(context, request, warm)
    };
    let (mut taken, more) = Store::mending(&database, again, PipelineError::of_store)?;
    taken.warnings.extend(notice.or(more));
    Ok(taken)
}

fn take(context: &Context, request: Request, warm: &mut WarmState) -> Result<SnapshotOutcome> {
    // A root that is gone must not come back as an empty folder.
    sources::open_root(context)?;
    sweep(context);
    let (mut store, identity, before) = warm.open(context)?;
    let notice = store.take_notice();
    let index = context.repository.as_ref().and_then(git::Repository::index_stamp);
    let again = match (before, request.touched) {
        (Some(before), Some(touched)) => before.again(context, touched)?,
        _ => None,
    };
    let (mut taken, reading) = take_with(context, request, &mut store, again, (index, &mut warm.elsewhere))?;
    taken.warnings.extend(notice);
    warm.kept = identity.map(|identity| Kept { store, identity, reading });
    Ok(taken)
}

impl WarmState {
    /// Takes the database, its identity and the reading before, if there are
    /// any, so that a failure leaves nothing behind.
    fn open(&mut self, context: &Context) -> Result<(Store, Option<Stamp>, Option<Reading>)> {
        let database = context.project.database();
        let file = &database.file;
        match self.kept.take().filter(|kept| Some(kept.identity) == file_identity(file)) {
            Some(kept) => Ok((kept.store, Some(kept.identity), kept.reading)),
            None => {
                let store = Store::create(&database)?;
                Ok((store, file_identity(file), None))
            }
        }
    }
}

/// What identifies a file while its content changes.
fn file_identity(path: &Path) -> Option<Stamp> {
    Some(Stamp { inode: stamp_at(path)?.inode, ..Stamp::default() })
}

fn take_with(
    context: &Context,
    request: Request,
    store: &mut Store,
    again: Option<Reading>,
    (index, elsewhere): (Option<Stamp>, &mut hold::BranchCache),
) -> Result<(SnapshotOutcome, Option<Reading>)> {
    let last = store.latest()?;
    if request.with_handoff && last.is_none() {
        // All of the first page is new.
        render::tokens::warm_up();
    }
    let mut reading = match again {
        Some(again) => again,
        None => read_into(context, store)?,
    };
    let mut timings = std::mem::replace(&mut reading.timings, Timings::start());
    let mut memory = records::load(context)?;
    let behind = HistorySource::of(context, store, &reading.head);
    let goal = request.goal.map(|text| records::goal_text(context, text)).transpose()?;
    let mut goal = focus::change_of_goal(context, &mut memory, goal);
    let digest = digest(&reading.tree);
    let same_tree = last.as_ref().is_some_and(|last| last.digest == digest);
    timings.end("memory");
    let history = || behind.all(context, store);
    let may_focus = !request.by_watch || hold::operation(context).is_none();
    if may_focus && request.refocus != Refocus::Never {
        goal.focus = focus::new_focus(context, &reading, &history, &memory, request.refocus, same_tree);
    }
    if goal.record(context, store)? {
        memory = records::load(context)?;
    }
    timings.end("rank");
    let mut hold = None;
    let mut may_write = || {
        hold = request.by_watch.then(|| hold::of_handoff(context, index, elsewhere)).flatten();
        hold.is_none()
    };
    let rendered = match request.with_handoff {
        true => write_handoff(context, &reading, &memory, digest, &mut may_write)?,
        false => None,
    };
    timings.end("render");
    let file_changes = match &last {
        Some(last) => live::changed_files(&reading, store, last)?,
        None => compare::files(&BTreeMap::new(), &hashes(&reading.tree)),
    };
    write_now(context, &reading, store, &behind.newest(context, store))?;
    timings.end("now");
    let goal = memory.goal().map(Record::text);
    let (published, rendered) = rendered.unzip();
    let asked = request.refocus == Refocus::WhenChanged;
    let said = SnapshotDetails { digest, asked, goal, rendered, behind: &behind };
    let snapshot = record(context, store, &mut reading, said)?;
    timings.end("record");
    let stale = stale(context, &reading, &memory)?;
    timings.end("verify");
    let stamp_of = |facts: &FileFacts| (facts.path.clone(), facts.stamp);
    let taken = SnapshotOutcome {
        timings,
        stale,
        stamps: match reading.touched() {
            Some(touched) => touched.into_iter().map(stamp_of).collect(),
            None => reading.tree.files.iter().map(|file| stamp_of(&file.facts)).collect(),
        },
        is_partial: reading.touched().is_some(),
        began: reading.began.ns,
        unreadable: memory.unreadable,
        snapshot,
        changes: file_changes,
        skipped: reading.tree.skipped.clone(),
        warnings: warnings(&reading, behind.warning, hold.as_ref()),
        folders: reading.folders.clone(),
        handoff: published,
        hold,
    };
    Ok((taken, reading.settled(digest)))
}

/// What a person should know of a snapshot: of the walk, of git, of what is held
/// back, and of contents that could not be had.
fn warnings(reading: &Reading, of_history: Option<String>, hold: Option<&WriteHold>) -> Vec<String> {
    let told = reading.warnings.iter().cloned().chain(of_history);
    told.chain(hold.and_then(WriteHold::words)).chain(reading.missing()).collect()
}

/// Renders and publishes the handoff, unless what it is made from is what the
/// files on disk were made from. `None` where it may not be written: asked at
/// the last moment, since a checkout may have begun.
fn write_handoff(
    context: &Context,
    reading: &Reading,
    memory: &Memory,
    digest: ContentHash,
    may_write: &mut dyn FnMut() -> bool,
) -> Result<Option<(Published, Rendered)>> {
    let from = handoff::made_from(context, memory, digest);
    let known = reading.rendered();
    let is_there = |known: &&Rendered| {
        let holds = |path: &Path, hash| {
            confined::read(path, limits::MAX_OWN_FILE).is_ok_and(|bytes| ContentHash::of(&bytes) == hash)
        };
        let [json, markdown] = handoff_files(context);
        known.from == from && holds(&json, known.json) && holds(&markdown, known.markdown)
    };
    if let Some(known) = known.filter(is_there) {
        let hashes = [known.markdown, known.json];
        let published = Published { tokens: known.tokens as usize, written: false, hashes };
        return Ok(Some((published, known.clone())));
    }
    if !may_write() {
        return Ok(None);
    }
    let handoff = handoff(context, reading, memory)?;
    if !may_write() {
        return Ok(None);
    }
    let published = publish(context, &handoff)?;
    let [markdown, json] = published.hashes;
    let tokens = published.tokens as u64;
    let (counts, uses) = (render::tokens::counted(), reading.usage.asked());
    Ok(Some((published, Rendered { from, json, markdown, tokens, counts, tree: digest, uses })))
}

/// The live records whose code has moved on.
fn stale(context: &Context, reading: &Reading, memory: &Memory) -> Result<Vec<Stale>> {
    let live: Vec<&Record> = memory.records.iter().filter(|record| record.is_live()).collect();
    let verdicts = followed(context, &reading.tree, &live)?;
    let anchors = live.iter().zip(verdicts).flat_map(|(record, verdicts)| {
        let of_record = record.anchors.iter().zip(verdicts);
        of_record.map(move |(anchor, verdict)| (record, anchor, verdict))
    });
    let stale = anchors.filter(|(_, _, verdict)| verdict.state != AnchorState::Fresh);
    Ok(stale
        .map(|(record, anchor, verdict)| Stale {
            id: record.id.clone(),
            title: record.title.clone(),
            place: anchor.place(),
            verdict,
        })
        .collect())
}

/// Removes snapshots of watches that the retention policy does not keep;
/// returns how many.
pub fn thin(context: &Context) -> Result<usize> {
    let mut store = Store::create(&context.project.database())?;
    Ok(store.thin((context.clock)().ns / 1_000_000_000)?)
}

/// Creates the folder for what is never committed.
pub fn create_local(context: &Context) -> Result<()> {
    if !context.project.local.exists() {
        // The database's folder is private, and made by the one who knows how.
        Store::create(&context.project.database())?;
        crate::fs::atomic::create_folder(&context.project.local)?;
    }
    Ok(())
}

/// Keeps what was made of new contents, so that the next reading need not make
/// it again.
pub fn keep_contents(context: &Context, store: &mut WriteTransaction, reading: &Reading) -> Result<()> {
    Ok(store.keep_contents(&encoded(reading), &extractor(context))?)
}

fn encoded(reading: &Reading) -> Vec<EncodedContent> {
    let new = reading.new_contents.par_iter();
    new.map(|(hash, language, content)| EncodedContent::new(*hash, language, content)).collect()
}

/// Removes what was compiled from records for single readers: prompts and the
/// live part, which the next run writes again.
pub fn remove_copies(context: &Context) -> Result<()> {
    let local = &context.project.local;
    let prompts = local.join("prompts");
    confined::refuse_links(&prompts)
        .map_err(|source| crate::fs::atomic::WriteError { path: prompts.clone(), source })?;
    let prompts = std::fs::read_dir(prompts).into_iter().flatten().flatten();
    let copies = prompts.map(|entry| entry.path()).chain([local.join("now.md")]);
    for path in copies.filter(|path| path.is_file()) {
        crate::fs::atomic::remove(&path)
            .map_err(|source| crate::fs::atomic::WriteError { path: path.clone(), source })?;
    }
    Ok(())
}

/// Writes the live part.
fn write_now(context: &Context, reading: &Reading, store: &Store, newest: &History) -> Result<()> {
    let now = now(context, reading, Some(store), newest)?;
    let text = render::now(&context.templates, &handoff::title(context, reading.facts(context)?), now)?;
    leak_scan(context, "now.md", &text)?;
    crate::fs::atomic::create_folder(&context.project.local)?;
    crate::fs::atomic::write(&context.project.local.join("now.md"), text.as_bytes())?;
    hide_local(context)
}

/// Makes the folder for what is never committed hide itself from git if the
/// committed `.gitignore` is missing, as on a branch without one.
fn hide_local(context: &Context) -> Result<()> {
    let is_there = |path: &Path| std::fs::symlink_metadata(path).is_ok();
    let own = context.project.local.join(".gitignore");
    if !is_there(&context.project.folder().join(".gitignore")) && !is_there(&own) {
        crate::fs::atomic::write(&own, b"*\n")?;
    }
    Ok(())
}

/// Writes a small file into the folder for what is never committed, unless that
/// folder is gone.
pub fn keep_local(context: &Context, name: &str, bytes: &[u8]) -> Result<()> {
    crate::fs::atomic::write(&context.project.local.join(name), bytes)?;
    Ok(())
}

/// What a snapshot records besides its tree.
struct SnapshotDetails<'a> {
    digest: ContentHash,
    /// Whether the user took it, rather than a watch.
    asked: bool,
    goal: Option<&'a SafeText>,
    rendered: Option<Rendered>,
    behind: &'a HistorySource,
}

fn record(
    context: &Context,
    store: &mut Store,
    reading: &mut Reading,
    said: SnapshotDetails,
) -> Result<Snapshot> {
    let branch = reading.head.branch.as_deref().map(|branch| context.redactor.line(branch));
    let since = reading.base();
    let tokens = said.rendered.as_ref().map(|rendered| rendered.tokens);
    let renewed = reading.remember(context, said.rendered)?;
    let files: Vec<&FileFacts> = reading.tree.files.iter().map(|file| &file.facts).collect();
    let changed: Vec<&FileFacts> = reading.changed().collect();
    let gone: Vec<RelPath> = reading.gone().cloned().collect();
    let recorded = Recorded {
        created_at: reading.began.text.clone(),
        asked: said.asked,
        goal: said.goal,
        head: said.behind.head.commit.as_deref(),
        branch: branch.as_ref(),
        digest: said.digest,
        symbols: reading.symbols(),
        tokens,
        files: &files,
        skipped: &reading.tree.skipped,
        changed: since.map(|since| Changed { since, files: &changed, gone: &gone }),
        new_contents: &encoded(reading),
        extractor: &extractor(context),
        cached_tree: renewed.map(|renewed| (reading.cached_tree(), renewed)),
        names: reading.usage.stored_as(since),
        history: said.behind.unknown(),
    };
    Ok(store.record(&context.project.root, &recorded)?)
}

fn hashes(tree: &Tree) -> BTreeMap<RelPath, ContentHash> {
    tree.files.iter().map(|file| (file.facts.path.clone(), file.facts.hash)).collect()
}

/// The digest of everything that a snapshot records of its files. A file that
/// is read differently counts as changed, even with the same bytes.
fn digest(tree: &Tree) -> ContentHash {
    let mut hash = blake3::Hasher::new();
    // It hashes large pieces several times faster than small ones.
    let mut piece = Vec::with_capacity(PIECE + 4_096);
    for file in &tree.files {
        piece.extend(file.facts.path.as_str().as_bytes());
        piece.push(0);
        piece.extend(file.facts.hash.0);
        piece.push(file.facts.class as u8);
        piece.extend(file.facts.language.unwrap_or_default().as_bytes());
        piece.push(0);
        if piece.len() >= PIECE {
            hash.update(&piece);
            piece.clear();
        }
    }
    ContentHash(*hash.update(&piece).finalize().as_bytes())
}

/// Bytes that are hashed together.
const PIECE: usize = 64 * 1024;

/// Writes both handoff files; the Markdown last, since readers look there.
pub fn publish(context: &Context, handoff: &render::Handoff) -> Result<Published> {
    leak_scan(context, "handoff.md", &handoff.markdown)?;
    leak_scan(context, "handoff.json", &handoff.json)?;
    let [json, markdown] = handoff_files(context);
    let files =
        [(json.as_path(), handoff.json.as_bytes()), (markdown.as_path(), handoff.markdown.as_bytes())];
    let written = crate::fs::atomic::write_all(&files)? > 0;
    let hashes = [&handoff.markdown, &handoff.json].map(|text| ContentHash::of(text.as_bytes()));
    Ok(Published { tokens: handoff.tokens, written, hashes })
}

fn handoff_files(context: &Context) -> [PathBuf; 2] {
    ["handoff.json", "handoff.md"].map(|name| context.project.folder().join(name))
}

#[cfg(test)]
mod tests;
