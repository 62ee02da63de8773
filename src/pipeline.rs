//! The conductor: walk -> read -> redact -> extract -> rank -> store -> render.
//!
//! Text is redacted before it is parsed and not after: a secret is told by
//! what stands around it, and everything cut from clean text is clean.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use rayon::prelude::*;

use crate::config::Settings;
use crate::memory::{self, Focus, Kind, Memory, Record, Status};
use crate::model::{
    Commit, Content, ContentHash, File, FileFacts, History, ProjectFacts, Ranked, RelPath, SafeText, Skipped,
    Tree, Unparsed,
};
use crate::project::Project;
use crate::redact::Redactor;
use crate::store::{Recorded, Remembered, State, Store, StoreError};
use crate::{compare, extract, git, limits, model, rank, render, walk};

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

/// The tree as it is now, with everything known about it.
pub struct Reading {
    pub tree: Tree,
    pub facts: ProjectFacts,
    /// For people.
    pub warnings: Vec<String>,
    /// Folders that a watcher watches, `""` for the root.
    pub folders: Vec<String>,
    /// Contents that the store does not hold.
    pub new_contents: Vec<(ContentHash, &'static str, Arc<Content>)>,
    /// When reading began: a younger stamp cannot be trusted.
    pub began: Time,
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
    #[error("`{path}` is not among the project's files: {why}")]
    NoFile { path: RelPath, why: String },
    #[error(
        "the handoff is not written: its line {line} would hold a secret ({kind})\nhint: `waypost handoff --stdout` shows it; please report how it came there"
    )]
    Secret { kind: &'static str, line: u32 },
    #[error("the goal has {0} characters, more than {max}", max = limits::MAX_GOAL)]
    LongGoal(usize),
}

pub type Result<T> = std::result::Result<T, PipelineError>;

/// Reads the whole tree, at the cost of what changed since the store saw it.
pub fn read(context: &Context, store: Option<&Store>) -> Result<Reading> {
    let began = (context.clock)();
    let root = open_root(context)?;
    let walked = walk::files(&root, &walk_rules(context));
    let reader = Reader::new(context, &root, store)?;
    context.progress.begin("reading", walked.files.len());
    let read: Vec<_> = walked.files.par_iter().map(|found| reader.file(found)).collect();
    context.progress.end();
    let mut skipped = walked.skipped;
    let mut files = Vec::with_capacity(read.len());
    let mut new: BTreeMap<(ContentHash, &'static str), Arc<Content>> = BTreeMap::new();
    for outcome in read {
        match outcome {
            Ok((facts, content)) => {
                new.extend(content.map(|content| (key_of(&facts), Arc::new(content))));
                files.push(facts);
            }
            Err(unread) => skipped.push(unread),
        }
    }
    let tree = assemble(context, &root, store, files, skipped, &new)?;
    let facts = {
        let paths: Vec<&RelPath> = tree.files.iter().map(|file| &file.facts.path).collect();
        extract::project::facts(&paths, &|path| text_of(context, &root, &tree, path))
    };
    let new_contents = new.into_iter().map(|((hash, language), content)| (hash, language, content)).collect();
    Ok(Reading { tree, facts, warnings: walked.warnings, folders: walked.directories, new_contents, began })
}

fn open_root(context: &Context) -> Result<walk::Root> {
    let root = &context.project.root;
    walk::Root::open(root).map_err(|source| PipelineError::Root { root: root.display().to_string(), source })
}

fn walk_rules(context: &Context) -> walk::Rules {
    let repository = context.repository.as_ref().map(|repository| {
        let index = repository.tracked().unwrap_or_default();
        walk::Repository {
            top: repository.top.clone(),
            prefix: repository.prefix.clone(),
            exclude_files: repository.exclude_files.clone(),
            ignore_case: repository.ignore_case,
            tracked: index.files.into_iter().map(|tracked| tracked.path).collect(),
            submodules: index.submodules,
        }
    });
    walk::Rules {
        include: context.settings.list("include").to_vec(),
        exclude: context.settings.list("exclude").to_vec(),
        repository,
    }
}

/// What identifies everything that is made from a text: a new version of
/// waypost, a grammar or a pattern makes it anew.
fn extractor(context: &Context) -> String {
    let mut hash = blake3::Hasher::new();
    hash.update(env!("CARGO_PKG_VERSION").as_bytes());
    hash.update(extract::fingerprint().as_bytes());
    for pattern in context.settings.list("redact_patterns") {
        hash.update(pattern.as_bytes()).update(&[0]);
    }
    hash.finalize().to_hex()[..16].to_string()
}

fn key_of(facts: &FileFacts) -> (ContentHash, &'static str) {
    (facts.hash, facts.language.unwrap_or_default())
}

/// Reads single files, or does not where the store remembers them.
struct Reader<'a> {
    context: &'a Context,
    root: &'a walk::Root,
    remembered: HashMap<RelPath, Remembered>,
    stored: HashSet<(ContentHash, String)>,
}

impl<'a> Reader<'a> {
    fn new(context: &'a Context, root: &'a walk::Root, store: Option<&Store>) -> Result<Self> {
        let (remembered, stored) = match store {
            Some(store) => (store.remembered()?, store.content_keys(&extractor(context))?),
            None => Default::default(),
        };
        Ok(Self { context, root, remembered, stored })
    }

    fn file(&self, found: &walk::Found) -> std::result::Result<(FileFacts, Option<Content>), Skipped> {
        self.context.progress.step();
        if let Some(facts) = self.unchanged(found) {
            return Ok((facts, None));
        }
        let read = walk::read(self.root, found, self.context.settings.number("max_file_size"))?;
        let head = read.text.as_deref().unwrap_or_default();
        let language = extract::language_of(&found.path, head);
        let facts = FileFacts {
            path: found.path.clone(),
            stamp: read.stamp,
            hash: read.hash,
            class: read.class,
            language: language.map(extract::Language::name),
        };
        let (hash, name) = key_of(&facts);
        let content = match read.text {
            Some(text) if !self.stored.contains(&(hash, name.to_string())) => {
                let source = self.context.redactor.text(&walk::decode(&text));
                Some(content_of(language, &source))
            }
            _ => None,
        };
        Ok((facts, content))
    }

    /// The remembered facts of a file whose stamp did not change.
    fn unchanged(&self, found: &walk::Found) -> Option<FileFacts> {
        let known = self.remembered.get(&found.path).filter(|known| known.stamp == found.stamp)?;
        let language = match &known.language {
            Some(name) => Some(extract::language_named(name)?.name()),
            None => None,
        };
        let path = found.path.clone();
        let facts = FileFacts { path, stamp: known.stamp, hash: known.hash, class: known.class, language };
        let (hash, name) = key_of(&facts);
        let complete = !facts.class.is_read() || self.stored.contains(&(hash, name.to_string()));
        complete.then_some(facts)
    }
}

fn content_of(language: Option<&'static extract::Language>, source: &SafeText) -> Content {
    let extracted = match language {
        Some(language) => extract::outline(language, source),
        None => extract::Extracted::default(),
    };
    let words = extract::words::words(source, &extracted.outline);
    Content { outline: extracted.outline, words, unparsed: extracted.unparsed }
}

fn assemble(
    context: &Context,
    root: &walk::Root,
    store: Option<&Store>,
    facts: Vec<FileFacts>,
    mut skipped: Vec<Skipped>,
    new: &BTreeMap<(ContentHash, &'static str), Arc<Content>>,
) -> Result<Tree> {
    let stored: Vec<_> =
        facts.iter().filter(|f| f.class.is_read()).map(key_of).filter(|key| !new.contains_key(key)).collect();
    let stored = match store {
        Some(store) => store.contents(&stored, &extractor(context))?,
        None => HashMap::new(),
    };
    let stored: HashMap<_, _> = stored.into_iter().map(|(key, content)| (key, Arc::new(content))).collect();
    let nothing = Arc::new(Content::default());
    let files: Vec<File> = facts
        .into_iter()
        .map(|facts| {
            let content = match facts.class.is_read() {
                true => new.get(&key_of(&facts)).or_else(|| stored.get(&facts.hash)).unwrap_or(&nothing),
                false => &nothing,
            };
            File { content: content.clone(), facts }
        })
        .collect();
    for file in &files {
        let path = || file.facts.path.to_string();
        let unread = file.facts.class.reason().map(str::to_string);
        let reason = unread.or_else(|| file.content.unparsed.map(|unparsed: Unparsed| unparsed.to_string()));
        skipped.extend(reason.map(|reason| Skipped { path: path(), reason }));
    }
    skipped.sort();
    let mut tree = Tree { files, skipped, imports: Vec::new() };
    tree.imports = {
        let sources: Vec<_> = tree.files.iter().map(import_source).collect();
        extract::imports::resolve(&sources, &|path| text_of(context, root, &tree, path))
    };
    Ok(tree)
}

fn import_source(file: &File) -> extract::imports::Source<'_> {
    extract::imports::Source {
        path: &file.facts.path,
        language: file.facts.language,
        imports: &file.content.outline.imports,
    }
}

/// The redacted text of a file that is read; `None` for every other.
fn text_of(context: &Context, root: &walk::Root, tree: &Tree, path: &RelPath) -> Option<SafeText> {
    let file = &tree.files[tree.index_of(path)? as usize];
    let found = walk::Found { path: path.clone(), stamp: file.facts.stamp };
    let text = walk::read(root, &found, context.settings.number("max_file_size")).ok()?.text?;
    Some(context.redactor.text(&walk::decode(&text)))
}

/// What git's history says, from the store where it knows this head.
pub fn history(context: &Context, store: Option<&Store>) -> (Option<String>, History) {
    let Some(repository) = &context.repository else { return Default::default() };
    let Some(head) = repository.head().commit else { return Default::default() };
    if let Some(known) = store.and_then(|store| store.history(&head).ok().flatten()) {
        return (Some(head), known);
    }
    let safe = |raw: git::RawCommit| Commit {
        subject: context.redactor.line(&raw.subject),
        body: context.redactor.text(&raw.body),
        paths: raw.paths,
    };
    let commits = repository.history(limits::MAX_COMMITS).unwrap_or_default();
    let history = History { commits: commits.into_iter().map(safe).collect(), shallow: repository.shallow };
    (Some(head), history)
}

/// Files for a goal, best first; without one, what is central and worked on.
pub fn rank(tree: &Tree, history: &History, goal: Option<&SafeText>, memory: &Memory) -> Vec<Ranked> {
    let pins: Vec<RelPath> =
        memory.pins().flat_map(|pin| &pin.anchors).map(|anchor| anchor.path.clone()).collect();
    match goal {
        Some(goal) => rank::for_goal(tree, history, goal, &pins),
        None => rank::central(tree),
    }
}

/// Renders the handoff from the tree as it is and the recorded focus.
pub fn handoff(
    context: &Context,
    reading: &Reading,
    memory: &Memory,
    budget: u64,
) -> Result<render::Handoff> {
    let focus = memory.goal().map(|goal| recorded_focus(&reading.tree, goal)).unwrap_or_default();
    let goal = memory.goal().map(|record| render_goal(record.text(), record.next.clone()));
    let central = rank::central(&reading.tree);
    let show = |path: &str| context.redactor.name(path);
    let input = render_input(context, reading, memory, goal, focus, &central, &show);
    Ok(render::handoff(&input, budget as usize)?)
}

/// Handoff and live part for one reader.
pub fn prompt(
    context: &Context,
    reading: &Reading,
    memory: &Memory,
    request: &PromptRequest,
) -> Result<String> {
    let (goal, focus) = match (&request.goal, memory.goal()) {
        (Some(goal), _) => {
            let ranked = rank(&reading.tree, request.history, Some(goal), memory);
            (Some(render_goal(goal, None)), chosen(context, &ranked))
        }
        (None, Some(record)) => {
            (Some(render_goal(record.text(), record.next.clone())), recorded_focus(&reading.tree, record))
        }
        (None, None) => (None, Vec::new()),
    };
    let central = rank::central(&reading.tree);
    let show = |path: &str| context.redactor.name(path);
    let mut input = render_input(context, reading, memory, goal, focus, &central, &show);
    input.now = Some(request.now.clone());
    Ok(render::prompt(&input, request.mode, request.budget as usize)?)
}

/// What a prompt is asked for.
pub struct PromptRequest<'a> {
    pub mode: render::Mode,
    /// Tokens.
    pub budget: u64,
    /// In place of the recorded goal.
    pub goal: Option<SafeText>,
    pub history: &'a History,
    pub now: render::view::NowView,
}

fn render_input<'a>(
    context: &Context,
    reading: &'a Reading,
    memory: &Memory,
    goal: Option<render::Goal>,
    focus: Vec<(u32, SafeText)>,
    central: &'a [Ranked],
    show: &'a dyn Fn(&str) -> SafeText,
) -> render::Input<'a> {
    render::Input {
        name: project_name(context, &reading.facts),
        facts: &reading.facts,
        tree: &reading.tree,
        goal,
        focus,
        central,
        map_files: context.settings.number("map_files") as usize,
        records: record_views(&reading.tree, memory, show),
        now: None,
        show,
    }
}

/// Set by the user, else the manifest's, else the folder's.
pub fn project_name(context: &Context, facts: &ProjectFacts) -> SafeText {
    match context.settings.text("name") {
        "" if facts.name.is_empty() => context.redactor.line(&context.project.folder_name()),
        "" => facts.name.clone(),
        name => context.redactor.line(name),
    }
}

/// Lines of a goal that are shown, and characters of each: what a whole page
/// of text says is said by its first lines.
const GOAL_LINES: usize = 60;
const GOAL_LINE: usize = 400;

fn render_goal(text: &SafeText, next: Option<SafeText>) -> render::Goal {
    let lines = text.lines().filter(|line| !line.as_str().trim().is_empty());
    render::Goal { lines: lines.map(|line| line.one_line(GOAL_LINE)).take(GOAL_LINES).collect(), next }
}

fn recorded_focus(tree: &Tree, goal: &Record) -> Vec<(u32, SafeText)> {
    let mut focus: Vec<&Focus> = goal.focus.iter().collect();
    focus.sort_by(|a, b| a.rank.cmp(&b.rank).then(a.path.cmp(&b.path)));
    focus.into_iter().filter_map(|f| Some((tree.index_of(&f.path)?, f.why.clone()))).collect()
}

/// The best of a ranking, with the two strongest reasons in words.
fn chosen(context: &Context, ranked: &[Ranked]) -> Vec<(u32, SafeText)> {
    let best = ranked.iter().take(context.settings.number("focus_files") as usize);
    best.map(|ranked| (ranked.file, why(ranked))).collect()
}

fn why(ranked: &Ranked) -> SafeText {
    let reasons = ranked.reasons.iter().filter(|reason| reason.weight > 0.0).take(2);
    let parts: Vec<SafeText> = reasons
        .map(|reason| match reason.evidence.is_empty() {
            true => SafeText::constant(reason.signal),
            false => SafeText::join(&[SafeText::constant(reason.signal), reason.evidence.one_line(80)], ": "),
        })
        .collect();
    SafeText::join(&parts, "; ")
}

fn record_views(
    tree: &Tree,
    memory: &Memory,
    show: &dyn Fn(&str) -> SafeText,
) -> Vec<render::view::RecordView> {
    const SHOWN: [Kind; 5] = [Kind::Pin, Kind::Decision, Kind::Lesson, Kind::Question, Kind::Preference];
    let shown = SHOWN.iter().flat_map(|kind| memory.of(*kind).rev());
    shown
        .map(|record| render::view::RecordView {
            kind: record.kind.name(),
            title: record.title.clone(),
            anchors: record
                .anchors
                .iter()
                .map(|anchor| render::view::AnchorView {
                    path: show(anchor.path.as_str()),
                    state: memory::anchor_state(anchor, tree.hash_of(&anchor.path)).name(),
                })
                .collect(),
        })
        .collect()
}

/// The live part: branch, what changed since the head commit (outside git:
/// since the last snapshot), recent commits.
pub fn now(
    context: &Context,
    reading: &Reading,
    store: Option<&Store>,
    history: &History,
) -> Result<render::view::NowView> {
    let Some(repository) = &context.repository else { return since_snapshot(context, reading, store, None) };
    let head = repository.head();
    let changes = repository.changes().unwrap_or_default();
    let changes: Vec<git::Change> =
        changes.into_iter().filter(|c| !c.path.is_below(crate::project::FOLDER)).collect();
    let symbols = touched_since_head(context, reading, repository, &changes)?;
    let changed = changes.iter().map(|change| render::view::ChangedView {
        status: change.status.name(),
        path: context.redactor.name(change.path.as_str()),
        symbols: symbols.get(&change.path).cloned().unwrap_or_default(),
    });
    Ok(render::view::NowView {
        branch: head.branch.as_deref().map(|branch| context.redactor.line(branch)),
        head: head.commit.map(|commit| commit.chars().take(10).collect()),
        state: head.state,
        since: Some("HEAD".to_string()),
        changed: changed.collect(),
        commits: history.commits.iter().take(5).map(|commit| commit.subject.clone()).collect(),
    })
}

/// The live part against a recorded snapshot, the last one by default.
pub fn since_snapshot(
    context: &Context,
    reading: &Reading,
    store: Option<&Store>,
    id: Option<model::SnapshotId>,
) -> Result<render::view::NowView> {
    let mut now = render::view::NowView::default();
    let Some(store) = store else { return Ok(now) };
    let snapshot = match id {
        Some(id) => store.snapshot(id)?,
        None => match store.latest()? {
            Some(snapshot) => snapshot,
            None => return Ok(now),
        },
    };
    let (files, symbols) = compare_with(reading, store, snapshot.id)?;
    let mut of_file: BTreeMap<&RelPath, Vec<SafeText>> = BTreeMap::new();
    let marked =
        |mark: &'static str, name: &SafeText| SafeText::join(&[SafeText::constant(mark), name.clone()], "");
    symbols.added.iter().for_each(|row| of_file.entry(&row.path).or_default().push(marked("+", &row.name)));
    symbols.removed.iter().for_each(|row| of_file.entry(&row.path).or_default().push(marked("-", &row.name)));
    symbols.changed.iter().for_each(|row| of_file.entry(&row.path).or_default().push(marked("~", &row.name)));
    for (status, paths) in
        [("added", &files.added), ("modified", &files.modified), ("deleted", &files.removed)]
    {
        now.changed.extend(paths.iter().map(|path| render::view::ChangedView {
            status,
            path: context.redactor.name(path.as_str()),
            symbols: of_file.get(path).cloned().unwrap_or_default(),
        }));
    }
    let head = context.repository.as_ref().map(git::Repository::head);
    now.branch =
        head.as_ref().and_then(|head| head.branch.as_deref()).map(|branch| context.redactor.line(branch));
    now.head = head.and_then(|head| head.commit).map(|commit| commit.chars().take(10).collect());
    now.since = Some(snapshot.id.to_string());
    Ok(now)
}

/// Changed files whose symbols are compared, at most: a branch switch of
/// thousands says more by its name.
const COMPARED: usize = 60;

fn touched_since_head(
    context: &Context,
    reading: &Reading,
    repository: &git::Repository,
    changes: &[git::Change],
) -> Result<HashMap<RelPath, Vec<SafeText>>> {
    let root = open_root(context)?;
    let modified = changes.iter().filter(|change| change.status == git::Status::Modified).take(COMPARED);
    let parsed = modified.filter(|change| language_of(&reading.tree, &change.path).is_some());
    let paths: Vec<RelPath> = parsed.map(|change| change.path.clone()).collect();
    if paths.is_empty() {
        return Ok(HashMap::new());
    }
    let before =
        repository.contents_at_head(&paths, context.settings.number("max_file_size")).unwrap_or_default();
    let touched = |path: &RelPath, before: Vec<u8>| {
        let index = reading.tree.index_of(path)?;
        let language = language_of(&reading.tree, path)?;
        let after = text_of(context, &root, &reading.tree, path)?;
        let before = context.redactor.text(&walk::decode(&before));
        let outline = extract::outline(language, &before).outline;
        let now = &reading.tree.files[index as usize].content.outline;
        Some(compare::touched((before.as_str(), &outline), (after.as_str(), now)))
    };
    let found =
        paths.iter().zip(before).filter_map(|(path, text)| Some((path.clone(), touched(path, text?)?)));
    Ok(found.collect())
}

fn language_of(tree: &Tree, path: &RelPath) -> Option<&'static extract::Language> {
    let file = &tree.files[tree.index_of(path)? as usize];
    extract::language_named(file.facts.language?)
}

/// The tree against a recorded snapshot: files and symbols.
pub fn compare_with(
    reading: &Reading,
    store: &Store,
    id: model::SnapshotId,
) -> Result<(compare::FileChanges, compare::SymbolChanges)> {
    let state = store.state(id)?;
    let old = state.files.iter().map(|(path, file)| (path.clone(), file.hash)).collect();
    let new = reading.tree.files.iter().map(|file| (file.facts.path.clone(), file.facts.hash)).collect();
    let files = compare::files(&old, &new);
    let mut symbols = compare::SymbolChanges::default();
    let nothing = Content::default();
    for path in files.added.iter().chain(&files.modified).chain(&files.removed) {
        let before = match state.files.get(path) {
            Some(file) => store.content(file.hash, file.language.as_deref().unwrap_or_default())?,
            None => None,
        };
        let after = reading.tree.index_of(path).map(|index| &*reading.tree.files[index as usize].content);
        let before = before.as_ref().unwrap_or(&nothing);
        symbols.add(path, &before.outline, &after.unwrap_or(&nothing).outline);
    }
    Ok((files, symbols))
}

/// Two recorded snapshots: files and symbols.
pub fn compare_snapshots(
    store: &Store,
    from: model::SnapshotId,
    to: model::SnapshotId,
) -> Result<(compare::FileChanges, compare::SymbolChanges)> {
    store.snapshot(from)?;
    store.snapshot(to)?;
    let (before, after) = (store.state(from)?, store.state(to)?);
    let hashes = |state: &State| state.files.iter().map(|(path, file)| (path.clone(), file.hash)).collect();
    let files = compare::files(&hashes(&before), &hashes(&after));
    let mut symbols = compare::SymbolChanges::default();
    for path in files.added.iter().chain(&files.modified).chain(&files.removed) {
        let content = |state: &State| match state.files.get(path) {
            Some(file) => store.content(file.hash, file.language.as_deref().unwrap_or_default()),
            None => Ok(None),
        };
        let (before, after) = (content(&before)?.unwrap_or_default(), content(&after)?.unwrap_or_default());
        symbols.add(path, &before.outline, &after.outline);
    }
    Ok((files, symbols))
}

/// One file and the files that it imports.
pub struct Outlined {
    pub file: File,
    pub imports: Vec<RelPath>,
}

/// One file of the project with its outline.
pub fn outline(context: &Context, store: Option<&Store>, path: &RelPath) -> Result<Outlined> {
    let reading = read(context, store)?;
    let Some(index) = reading.tree.index_of(path) else {
        let skipped = reading.tree.skipped.iter().find(|skipped| skipped.path == path.as_str());
        let why = skipped.map_or("no such file, or ignored".to_string(), |skipped| skipped.reason.clone());
        return Err(PipelineError::NoFile { path: path.clone(), why });
    };
    let file = reading.tree.files[index as usize].clone();
    let imports = reading.tree.imports[index as usize].iter();
    let imports = imports.map(|target| reading.tree.files[*target as usize].facts.path.clone()).collect();
    Ok(Outlined { file, imports })
}

/// What a snapshot did.
pub struct Taken {
    pub snapshot: model::Snapshot,
    pub changes: compare::FileChanges,
    pub skipped: Vec<Skipped>,
    pub warnings: Vec<String>,
    pub folders: Vec<String>,
    pub handoff: Option<Published>,
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
    let mut store = Store::create(&context.project.database(), &context.project.root)?;
    if with_handoff {
        render::tokens::warm_up();
    }
    let reading = read(context, Some(&store))?;
    let mut memory = Memory::load(&context.project.memory(), &context.redactor);
    let last = store.latest()?;
    let digest = digest(&reading.tree);
    let (head, history) = history(context, Some(&store));
    set_goal(context, &mut memory, goal)?;
    let same_tree = last.as_ref().is_some_and(|last| last.digest == digest);
    update_focus(context, &reading.tree, &history, &mut memory, refocus, same_tree)?;
    let rendered = match with_handoff {
        true => Some(handoff(context, &reading, &memory, context.settings.number("handoff_budget"))?),
        false => None,
    };
    let published = rendered.map(|handoff| publish(context, &handoff)).transpose()?;
    let changes = match &last {
        Some(last) => compare_with(&reading, &store, last.id)?.0,
        None => compare::files(&BTreeMap::new(), &hashes(&reading.tree)),
    };
    let now = now(context, &reading, Some(&store), &history)?;
    let name = project_name(context, &reading.facts);
    render::publish::write(&context.project.local.join("now.md"), render::now(&name, now).as_bytes())?;
    let facts: Vec<FileFacts> = reading.tree.files.iter().map(|file| file.facts.clone()).collect();
    let branch = context.repository.as_ref().and_then(|repository| repository.head().branch);
    let branch = branch.map(|branch| context.redactor.line(&branch));
    let racy_after = reading.began.ns - RACY_NS;
    let snapshot = store.record(
        &context.project.root,
        &Recorded {
            created_at: reading.began.text.clone(),
            goal: memory.goal().map(Record::text),
            head: head.as_deref(),
            branch: branch.as_ref(),
            digest,
            symbols: reading.tree.files.iter().map(|file| file.content.outline.symbols.len() as u64).sum(),
            tokens: published.as_ref().map(|published| published.tokens as u64),
            files: &facts,
            skipped: &reading.tree.skipped,
            new_contents: &reading.new_contents,
            racy: &|file| file.stamp.mtime_ns.max(file.stamp.ctime_ns) >= racy_after,
            extractor: &extractor(context),
            history: head.as_deref().map(|head| (head, &history)),
        },
    )?;
    Ok(Taken {
        snapshot,
        changes,
        skipped: reading.tree.skipped,
        warnings: reading.warnings,
        folders: reading.folders,
        handoff: published,
    })
}

/// A file that changed this shortly before it was read may change again
/// without a new stamp: coarse file systems count in steps of up to 2 s (git's
/// racy rule).
const RACY_NS: i64 = 2_000_000_000;

fn hashes(tree: &Tree) -> BTreeMap<RelPath, ContentHash> {
    tree.files.iter().map(|file| (file.facts.path.clone(), file.facts.hash)).collect()
}

/// Of all paths and contents.
pub fn digest(tree: &Tree) -> ContentHash {
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

/// Records a new goal and ends the old one; an empty text only ends it.
fn set_goal(context: &Context, memory: &mut Memory, goal: Option<&str>) -> Result<()> {
    let Some(goal) = goal else { return Ok(()) };
    let length = goal.chars().count();
    if length > limits::MAX_GOAL {
        return Err(PipelineError::LongGoal(length));
    }
    let text = context.redactor.text(goal.trim());
    if memory.goal().is_some_and(|record| *record.text() == text) {
        return Ok(());
    }
    let folder = context.project.memory();
    for old in memory.records.iter_mut().filter(|r| r.kind == Kind::Goal && r.status == Status::Accepted) {
        old.status = Status::Superseded;
        memory::save(&folder, old)?;
    }
    if !text.is_empty() {
        let now = (context.clock)();
        let title = text.one_line(120);
        let mut record =
            Record::new(memory::new_id(now.ns as u64 / 1_000_000, random()), Kind::Goal, title, now.text);
        if record.title != text {
            record.body = text;
        }
        memory::save(&folder, &record)?;
        memory.records.push(record);
    }
    Ok(())
}

fn update_focus(
    context: &Context,
    tree: &Tree,
    history: &History,
    memory: &mut Memory,
    refocus: Refocus,
    same_tree: bool,
) -> Result<()> {
    let Some(goal) = memory.goal() else { return Ok(()) };
    let gone = goal.focus.iter().any(|focus| tree.index_of(&focus.path).is_none());
    let wanted = goal.focus.is_empty() || gone || (refocus == Refocus::WhenChanged && !same_tree);
    if !wanted {
        return Ok(());
    }
    let id = goal.id.clone();
    let ranked = rank(tree, history, Some(goal.text()), memory);
    let mut focus: Vec<Focus> = (1..)
        .zip(chosen(context, &ranked))
        .map(|(rank, (file, why))| Focus { path: tree.files[file as usize].facts.path.clone(), rank, why })
        .collect();
    focus.sort_by(|a, b| a.path.cmp(&b.path));
    if let Some(goal) = memory.records.iter_mut().find(|record| record.id == id) {
        goal.focus = focus;
        memory::save(&context.project.memory(), goal)?;
    }
    Ok(())
}

/// Bits for ids of records: from the operating system, by way of std.
pub fn random() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    std::hash::RandomState::new().build_hasher().finish()
}
