//! Reads a tree below a root: each content is read, redacted and extracted at
//! most once, whatever its path, and what the store remembers is only fetched
//! when it is asked for.

mod again;
mod single;

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use super::contents::{StoredContents, key_of};
use super::staged;
use super::usage::{self, Usage, UsageCounter};
use super::{Context, PipelineError, RACY_NS, Result, Time, Timings};
use crate::model::{
    Commit, Content, ContentHash, File, FileFacts, History, Outline, ProjectFacts, RelPath, SafeText,
    Skipped, Tree, Unparsed,
};
use crate::redact::Redactor;
use crate::store::{
    CachedFile, CachedTree, DirtyParts, EncodedContent, ReadTransaction, Rendered, Store, StoreError,
};
use crate::{compare, extract, git, limits, rank as ranking, rank_terms, redact, walk};

pub use single::{Outlined, outline, outline_with_imports};

/// The tree as it is now, with everything known about it.
pub struct Reading {
    pub tree: Tree,
    pub usage: Usage,
    /// How many symbols the tree has.
    pub symbols: u64,
    /// Computed by [`Reading::facts`] on first use, since not every command
    /// needs them.
    facts: OnceLock<(ProjectFacts, Vec<RelPath>)>,
    /// Computed by [`Reading::central`] on first use.
    central: OnceLock<Vec<u32>>,
    /// Warnings for the user, one sentence each.
    pub warnings: Vec<String>,
    /// Folders that a watcher watches, `""` for the root.
    pub folders: Vec<String>,
    /// Contents that the store does not hold, by hash and language.
    pub new_contents: Vec<(ContentHash, &'static str, Arc<Content>)>,
    /// When reading began: a younger stamp cannot be trusted.
    pub began: Time,
    /// What the store remembered, if anything.
    base: Option<Base>,
    /// What the next run is to remember of each file.
    notes: Vec<FileNote>,
    /// Indices of files whose stamps were not known.
    looked_at: Vec<u32>,
    /// Whether paths and imports are those of the base.
    keeps_edges: bool,
    /// Indices of files whose content, class or language differs from the base.
    pub changed: Vec<u32>,
    /// Paths that the base has and the tree lacks.
    pub gone: Vec<RelPath>,
    /// git's index as it was when the walk began.
    index: Option<git::Index>,
    /// What was checked out when reading began. It is read once, so that all
    /// facts about it are of one moment.
    pub head: git::Head,
    contents: Arc<StoredContents>,
    moment: Option<Arc<ReadTransaction>>,
    pub timings: Timings,
}

/// What the store remembers of the tree, as it was at one moment.
pub struct Base {
    /// Digest of the snapshot that it belongs to.
    pub digest: ContentHash,
    pub cached_tree: CachedTree,
}

/// What is remembered of a file besides its facts.
#[derive(Clone, Copy, Default)]
struct FileNote {
    symbols: u32,
    unparsed: Option<Unparsed>,
    surface: u64,
}

impl Reading {
    /// What the project says of itself.
    pub fn facts(&self, context: &Context) -> Result<&ProjectFacts> {
        self.facts_with_sources(context).map(|(facts, _)| facts)
    }

    fn facts_with_sources(&self, context: &Context) -> Result<&(ProjectFacts, Vec<RelPath>)> {
        if let Some(known) = self.facts.get() {
            return Ok(known);
        }
        let root = open_root(context)?;
        let paths: Vec<&RelPath> = self.tree.files.iter().map(|file| &file.facts.path).collect();
        let asked = RefCell::new(BTreeSet::new());
        let facts = extract::project::facts(&paths, &|path| {
            asked.borrow_mut().insert(path.clone());
            text_of(context, &root, &self.tree, path)
        });
        Ok(self.facts.get_or_init(|| (facts, asked.into_inner().into_iter().collect())))
    }

    /// All files by how central they are.
    pub fn central(&self) -> &[u32] {
        let of = |tree| ranking::central(tree).into_iter().map(|ranked| ranked.file).collect();
        self.central.get_or_init(|| of(&self.tree))
    }

    /// Fetches all contents that are not there yet: much faster together than
    /// one by one, for a caller that looks at nearly all of them.
    pub fn load(&self) {
        let Some(moment) = &self.moment else { return };
        let mut wanted: HashMap<(ContentHash, &str), Vec<&File>> = HashMap::new();
        for file in self.tree.files.iter().filter(|file| file.loaded().is_none()) {
            wanted.entry(key_of(&file.facts)).or_default().push(file);
        }
        if wanted.is_empty() {
            return;
        }
        each_content(moment, |stored, content| {
            let content = Arc::new(content);
            let files = wanted.get(&(stored.hash, stored.language.as_str()));
            files.into_iter().flatten().for_each(|file| file.give(content.clone()));
        });
    }

    /// What could not be fetched when it was asked for, one sentence each;
    /// every problem is reported once.
    pub fn missing(&self) -> Vec<String> {
        let told = |lost: Skipped| format!("`{}` is shown without its symbols: {}", lost.path, lost.reason);
        self.contents.take_missing().into_iter().map(told).collect()
    }

    /// Indices of the files whose stamps were not known.
    pub fn looked_at(&self) -> impl Iterator<Item = u32> {
        self.looked_at.iter().copied()
    }

    /// `None` outside git, and where the tree was not walked.
    pub fn index(&self) -> Option<&git::Index> {
        self.index.as_ref()
    }

    /// What the store holds of a text that need not be in the tree.
    pub fn stored(&self, hash: ContentHash, language: &str) -> Option<Content> {
        self.moment.as_ref()?.content(hash, language)
    }

    /// The cached tree that this reading was compared with, if there was one.
    pub fn base(&self) -> Option<&Base> {
        self.base.as_ref()
    }

    /// Files whose content is not that of the base.
    pub fn changes_since(&self, base: &Base) -> compare::FileChanges {
        let mut changes = compare::FileChanges { removed: self.gone.clone(), ..Default::default() };
        for at in &self.changed {
            let facts = &self.tree.files[*at as usize].facts;
            match base.cached_tree.files.binary_search_by(|known| known.path.cmp(&facts.path)) {
                Err(_) => changes.added.push(facts.path.clone()),
                Ok(known) if base.cached_tree.files[known].hash != facts.hash => {
                    changes.modified.push(facts.path.clone());
                }
                Ok(_) => {}
            }
        }
        changes.removed.sort();
        let known = |path: &RelPath| {
            let known = base.cached_tree.files.binary_search_by(|known| known.path.cmp(path));
            known.ok().map(|at| (path.clone(), base.cached_tree.files[at].hash))
        };
        let old = changes.removed.iter().filter_map(known).collect();
        let now = |at: &u32| &self.tree.files[*at as usize].facts;
        let new = self.changed.iter().map(now).map(|facts| (facts.path.clone(), facts.hash)).collect();
        changes.pair_same(&old, &new);
        changes
    }

    /// What to remember of this tree, and which parts differ from what is
    /// stored; `None` if the stored one is still exact. Takes the base, which
    /// is gone afterwards.
    pub fn cached_tree(
        &mut self,
        context: &Context,
        rendered: Option<Rendered>,
    ) -> Result<(CachedTree, Option<DirtyParts>)> {
        let facts = Some(self.facts_with_sources(context)?.clone());
        let central = self.central.get().cloned().unwrap_or_default();
        let name_bits = match (self.usage.names(), &self.base) {
            (Some(names), _) => crate::store::name_bits(names),
            (None, Some(base)) => base.cached_tree.name_bits,
            (None, None) => 0,
        };
        let before = self.base.take().map(|base| base.cached_tree);
        let Some(mut cached_tree) =
            before.filter(|cached_tree| self.keeps_edges && cached_tree.central == central)
        else {
            let files = (0..self.notes.len()).map(|at| self.cached_files(at)).collect();
            let imports = self.tree.imports.clone();
            let cached_tree = CachedTree { files, imports, facts, rendered, name_bits, central };
            return Ok((cached_tree, Some(DirtyParts::All)));
        };
        let mut renewed = Vec::new();
        for at in &self.looked_at {
            let now = self.cached_files(*at as usize);
            let known = &mut cached_tree.files[*at as usize];
            if *known != now {
                *known = now;
                renewed.push(*at);
            }
        }
        let is_same = renewed.is_empty()
            && (&cached_tree.facts, &cached_tree.rendered, cached_tree.name_bits)
                == (&facts, &rendered, name_bits);
        let cached_tree = CachedTree { facts, rendered, name_bits, ..cached_tree };
        Ok((cached_tree, (!is_same).then_some(DirtyParts::Files(renewed))))
    }

    fn cached_files(&self, at: usize) -> CachedFile {
        let (facts, note) = (&self.tree.files[at].facts, &self.notes[at]);
        let racy_after = self.began.ns - RACY_NS;
        CachedFile {
            path: facts.path.clone(),
            stamp: Some(facts.stamp).filter(|stamp| stamp.mtime_ns.max(stamp.ctime_ns) < racy_after),
            hash: facts.hash,
            class: facts.class,
            language: facts.language.map(str::to_string),
            symbols: note.symbols,
            unparsed: note.unparsed,
            surface: note.surface,
        }
    }
}

/// Reads the whole tree, at the cost of what changed since the store saw it.
pub fn read(context: &Context, store: Option<&Store>) -> Result<Reading> {
    let moment = store.map(|store| store.moment(&context.project.root, &extractor(context))).transpose()?;
    read_tree(context, moment.flatten(), None)
}

/// Like [`read`], but the contents of many new files go into the store as they
/// are made, so that memory does not grow with the tree.
pub fn read_into(context: &Context, store: &mut Store) -> Result<Reading> {
    let moment = store.moment(&context.project.root, &extractor(context))?;
    read_tree(context, moment, Some(store))
}

fn read_tree(
    context: &Context,
    moment: Option<ReadTransaction>,
    mut store: Option<&mut Store>,
) -> Result<Reading> {
    let began = (context.clock)();
    let mut timings = Timings::start();
    let root = open_root(context)?;
    let head = head(context);
    let index = index(context);
    let rules = walk_rules(context, index.as_ref());
    timings.end("index");
    let (mut walked, base) = walk_and_base(&root, &rules, moment.as_ref());
    timings.end("walk");
    let moment = moment.map(Arc::new);
    if let Some(staged) = &context.project.staged {
        staged::retain(staged, &root, &mut walked, &rules);
    }
    let (known, gone) = matched(&walked.files, base.as_ref());
    let (safe, named_by_secret) = by_safe_names(context, walked.files, known);
    let (found, known): (Vec<_>, Vec<_>) = safe.into_iter().unzip();
    let reader = FileReader { context, root: &root, moment: moment.as_deref() };
    let (seen, counter) = reader.all(&found, &known, store.as_deref_mut())?;
    timings.end("read");
    // What was written meanwhile is only seen from now.
    let moment = match (&counter, store) {
        (Some(_), Some(store)) => store.moment(&context.project.root, &extractor(context))?.map(Arc::new),
        _ => moment,
    };
    let mut draft = TreeDraft { gone, ..TreeDraft::default() };
    let source = Arc::new(StoredContents::new(context, moment.clone()));
    for (seen, known) in seen.into_iter().zip(known) {
        draft.add(seen, known, &source);
    }
    draft.skipped.extend(walked.skipped.into_iter().map(|one| shown(context, one)));
    draft.skipped.extend(named_by_secret.into_iter().map(|(found, _)| secret_name(context, &found)));
    let names = match (&moment, &base, &counter) {
        (Some(moment), Some(base), None) => draft.changed_names(base, moment),
        _ => None,
    };
    let keeps_edges = base.as_ref().is_some_and(|base| draft.keeps_edges(base));
    let edges = base.as_ref().filter(|_| keeps_edges).map(|base| base.cached_tree.imports.clone());
    let facts = base.as_ref().filter(|b| draft.keeps_facts(b)).and_then(|b| b.cached_tree.facts.clone());
    let central = base.as_ref().and_then(|base| draft.kept_central(base));
    let counter = counter.or_else(|| names.is_none().then(UsageCounter::new));
    let imports = match (edges, &counter) {
        (Some(edges), None) => edges,
        (edges, counter) => {
            let surfaces = draft.surfaces(moment.as_deref(), counter.as_ref());
            edges.unwrap_or_else(|| resolve(context, &root, &draft.files, &surfaces))
        }
    };
    let usage = match (names, &moment, &base) {
        (Some(names), Some(moment), Some(base)) => usage_since(base, moment, names),
        _ => Usage::whole(counter.map(UsageCounter::finish).unwrap_or_default()),
    };
    timings.end("imports");
    Ok(Reading {
        timings,
        symbols: draft.notes.iter().map(|note| u64::from(note.symbols)).sum(),
        tree: Tree { skipped: draft.all_skipped(), files: draft.files, imports },
        usage,
        facts: facts.map(OnceLock::from).unwrap_or_default(),
        central: central.map(OnceLock::from).unwrap_or_default(),
        warnings: walked.warnings.iter().map(|warning| context.redactor.line(warning).to_string()).collect(),
        folders: walked.directories,
        new_contents: draft.new,
        began,
        base,
        notes: draft.notes,
        looked_at: draft.looked_at,
        keeps_edges,
        changed: draft.changed,
        gone: draft.gone.into_iter().map(|gone| gone.path).collect(),
        index,
        head,
        contents: source,
        moment,
    })
}

/// The files on the disk, and the tree as the database remembers it; both are
/// asked at the same time.
fn walk_and_base(
    root: &walk::Root,
    rules: &walk::WalkRules,
    moment: Option<&ReadTransaction>,
) -> (walk::WalkOutcome, Option<Base>) {
    let (walked, base) = std::thread::scope(|scope| {
        let walking = scope.spawn(|| walk::files(root, rules));
        let base = moment.and_then(ReadTransaction::cached_tree);
        (walking.join().expect("the walk reports its errors"), base)
    });
    (walked, base.map(|(digest, cached_tree)| Base { digest, cached_tree }))
}

/// A walked file and what is remembered of it.
type WithKnown<'a> = (walk::WalkedFile, Option<&'a CachedFile>);

/// The files whose names hold no secret, and the others. What is known was safe
/// by the same rules.
fn by_safe_names<'a>(
    context: &Context,
    files: Vec<walk::WalkedFile>,
    known: Vec<Option<&'a CachedFile>>,
) -> (Vec<WithKnown<'a>>, Vec<WithKnown<'a>>) {
    let is_safe = |(found, known): &WithKnown| known.is_some() || is_safe_path(context, &found.path);
    files.into_iter().zip(known).partition(is_safe)
}

/// The uses of names: those of the base, and what this tree changed in them.
fn usage_since(base: &Base, moment: &Arc<ReadTransaction>, names: HashMap<u64, (i64, i64)>) -> Usage {
    let rendered = base.cached_tree.rendered.as_ref().filter(|rendered| rendered.tree == base.digest);
    let remembered = rendered.map_or(&[][..], |rendered| &rendered.uses);
    Usage::since(moment.clone(), base.cached_tree.name_bits, names, remembered)
}

/// A file that is left out since its name holds a secret.
fn secret_name(context: &Context, found: &walk::WalkedFile) -> Skipped {
    Skipped { path: context.redactor.name(found.path.as_str()).to_string(), reason: SECRET_NAME.to_string() }
}

/// For each file what is remembered of it, and what is remembered of files
/// that are gone.
fn matched<'a>(
    found: &[walk::WalkedFile],
    base: Option<&'a Base>,
) -> (Vec<Option<&'a CachedFile>>, Vec<CachedFile>) {
    let mut remembered = base.map(|base| &base.cached_tree.files[..]).unwrap_or_default().iter().peekable();
    let mut gone = Vec::new();
    let known = found.iter().map(|found| {
        while let Some(before) = remembered.next_if(|known| known.path < found.path) {
            gone.push(before.clone());
        }
        remembered.next_if(|known| known.path == found.path)
    });
    let known = known.collect();
    gone.extend(remembered.cloned());
    (known, gone)
}

/// A tree while it is put together.
#[derive(Default)]
struct TreeDraft {
    files: Vec<File>,
    notes: Vec<FileNote>,
    skipped: Vec<Skipped>,
    looked_at: Vec<u32>,
    changed: Vec<u32>,
    gone: Vec<CachedFile>,
    /// Surfaces of files whose contents went into the store.
    streamed: HashMap<u32, Outline>,
    new: Vec<(ContentHash, &'static str, Arc<Content>)>,
    /// Whether any path is new.
    added: bool,
}

impl TreeDraft {
    fn add(&mut self, seen: Examined, known: Option<&CachedFile>, source: &Arc<StoredContents>) {
        let seen = match seen {
            Ok(seen) => seen,
            Err(unread) => {
                self.gone.extend(known.cloned());
                return self.skipped.push(unread);
            }
        };
        let at = self.files.len() as u32;
        self.added |= known.is_none();
        if seen.came_to.is_looked_at() {
            self.looked_at.push(at);
        }
        if seen.came_to.is_changed() {
            self.changed.push(at);
        }
        self.streamed.extend(seen.surface.map(|surface| (at, surface)));
        if let Some(content) = seen.content.as_ref().filter(|_| seen.came_to == FileOutcome::Parsed) {
            let (hash, language) = key_of(&seen.facts);
            self.new.push((hash, language, content.clone()));
        }
        self.notes.push(seen.note);
        self.files.push(match seen.content {
            Some(content) => File::new(seen.facts, content),
            None => File::stored(seen.facts, source.clone()),
        });
    }

    fn all_skipped(&mut self) -> Vec<Skipped> {
        let mut skipped = std::mem::take(&mut self.skipped);
        skipped.extend(self.files.iter().zip(&self.notes).filter_map(|(file, note)| {
            let unread = file.facts.class.reason().map(str::to_string);
            let reason = unread.or_else(|| note.unparsed.map(|unparsed| unparsed.to_string()))?;
            Some(Skipped { path: file.facts.path.to_string(), reason })
        }));
        skipped.sort();
        skipped
    }

    /// The paths are those of the base.
    fn keeps_paths(&self, base: &Base) -> bool {
        !self.added && self.gone.is_empty() && self.files.len() == base.cached_tree.files.len()
    }

    /// What has to be added to the stored counts of names; `None` if that is
    /// unknown.
    fn changed_names(&self, base: &Base, moment: &ReadTransaction) -> Option<HashMap<u64, (i64, i64)>> {
        let mut changes = HashMap::new();
        let mut take_away = |before: &CachedFile| -> Option<()> {
            if before.class.is_read() {
                let language = before.language.as_deref().unwrap_or_default();
                usage::change(&mut changes, &moment.content(before.hash, language)?.outline, -1);
            }
            Some(())
        };
        for before in &self.gone {
            take_away(before)?;
        }
        for at in &self.changed {
            let path = &self.files[*at as usize].facts.path;
            if let Ok(known) = base.cached_tree.files.binary_search_by(|known| known.path.cmp(path)) {
                take_away(&base.cached_tree.files[known])?;
            }
        }
        for at in &self.changed {
            usage::change(&mut changes, &self.files[*at as usize].content().outline, 1);
        }
        changes.retain(|_, change| *change != (0, 0));
        Some(changes)
    }

    /// No import leads anywhere else than in the base.
    fn keeps_edges(&self, base: &Base) -> bool {
        self.keeps_paths(base)
            && self.changed.iter().all(|at| {
                let (file, known) = (&self.files[*at as usize].facts, &base.cached_tree.files[*at as usize]);
                self.notes[*at as usize].surface == known.surface
                    && file.language == known.language.as_deref()
                    && !extract::imports::is_manifest(&file.path)
            })
    }

    /// The order by centrality, where the files are as central as in the base.
    fn kept_central(&self, base: &Base) -> Option<Vec<u32>> {
        let central = &base.cached_tree.central;
        let has_class =
            |at: &u32| self.files[*at as usize].facts.class == base.cached_tree.files[*at as usize].class;
        let is_kept = self.keeps_edges(base) && self.changed.iter().all(has_class) && !central.is_empty();
        is_kept.then(|| central.clone())
    }

    /// The project's facts are those of the base.
    fn keeps_facts(&self, base: &Base) -> bool {
        let told_by = |path: &RelPath| {
            base.cached_tree.facts.as_ref().is_some_and(|(_, sources)| sources.binary_search(path).is_ok())
        };
        self.keeps_paths(base) && !self.changed.iter().any(|at| told_by(&self.files[*at as usize].facts.path))
    }

    /// What imports are resolved by, of every file; `counter` counts the names
    /// of all that were not counted on their way into the store.
    fn surfaces(&mut self, moment: Option<&ReadTransaction>, counter: Option<&UsageCounter>) -> Vec<Outline> {
        let mut surfaces = vec![Outline::default(); self.files.len()];
        let mut wanted: HashMap<(ContentHash, String), Vec<usize>> = HashMap::new();
        let take = |at: usize, content: &Content| {
            if let Some(counter) = counter {
                counter.add(&content.outline);
            }
            extract::imports::surface(self.files[at].facts.language, &content.outline)
        };
        for (at, file) in self.files.iter().enumerate().filter(|(_, file)| file.facts.class.is_read()) {
            match (self.streamed.remove(&(at as u32)), file.loaded()) {
                (Some(surface), _) => surfaces[at] = surface,
                (None, Some(content)) => surfaces[at] = take(at, content),
                (None, None) => {
                    let (hash, language) = key_of(&file.facts);
                    wanted.entry((hash, language.to_string())).or_default().push(at);
                }
            }
        }
        if let Some(moment) = moment.filter(|_| !wanted.is_empty()) {
            each_content(moment, |stored, content| {
                for at in wanted.remove(&(stored.hash, stored.language.clone())).into_iter().flatten() {
                    surfaces[at] = take(at, &content);
                }
            });
        }
        // Damaged, or gone from the store.
        for at in wanted.into_values().flatten() {
            surfaces[at] = take(at, self.files[at].content());
        }
        surfaces
    }
}

/// Decodes all stored contents on all cores, and gives them one after another.
fn each_content(moment: &ReadTransaction, mut take: impl FnMut(&EncodedContent, Content)) {
    const BATCH: usize = 1_024;
    let mut batch = Vec::with_capacity(BATCH);
    let mut decode = |batch: &mut Vec<EncodedContent>| {
        let decoded: Vec<Option<Content>> = batch.par_iter().map(EncodedContent::decode).collect();
        for (stored, content) in batch.drain(..).zip(decoded) {
            // What cannot be decoded is made again.
            if let Some(content) = content {
                take(&stored, content);
            }
        }
    };
    // What cannot be read counts as missing.
    _ = moment.contents(|stored| {
        batch.push(stored);
        if batch.len() == BATCH {
            decode(&mut batch);
        }
    });
    decode(&mut batch);
}

fn resolve(context: &Context, root: &walk::Root, files: &[File], surfaces: &[Outline]) -> Vec<Vec<u32>> {
    let sources: Vec<_> = files
        .iter()
        .zip(surfaces)
        .map(|(file, outline)| extract::imports::ImportSource {
            path: &file.facts.path,
            language: file.facts.language,
            outline,
        })
        .collect();
    extract::imports::resolve(&sources, &|path| {
        let at = files.binary_search_by(|file| file.facts.path.cmp(path)).ok()?;
        text_of_file(context, root, &files[at])
    })
}

/// Why a file is skipped whose name holds a secret.
const SECRET_NAME: &str = "a secret in its name";

/// Reasons of skipped entries that are listed under another name than they
/// have on the disk.
pub const RENAMED: [&str; 2] = [SECRET_NAME, walk::NOT_UTF8];

/// The folders that a watcher watches, `""` for the root, and what is skipped:
/// a walk that reads no file but those with rules.
pub fn folders(context: &Context) -> Result<(Vec<String>, Vec<Skipped>)> {
    let walked = walk::files(&open_root(context)?, &walk_rules(context, index(context).as_ref()));
    Ok((walked.directories, walked.skipped))
}

/// A file that was not read, its name fit to be shown.
fn shown(context: &Context, skipped: Skipped) -> Skipped {
    Skipped { path: context.redactor.name(&skipped.path).to_string(), reason: skipped.reason }
}

/// Whether a path holds no secret. One that does goes neither into the store
/// nor onto a page.
pub(super) fn is_safe_path(context: &Context, path: &RelPath) -> bool {
    is_safe(&context.redactor, path)
}

pub(super) fn is_safe(redactor: &Redactor, path: &RelPath) -> bool {
    redactor.name(path.as_str()).as_str() == path.as_str()
}

pub(super) fn open_root(context: &Context) -> Result<walk::Root> {
    staged::root_of(&context.project)
}

pub(super) fn head(context: &Context) -> git::Head {
    context.repository.as_ref().map(git::Repository::head).unwrap_or_default()
}

fn index(context: &Context) -> Option<git::Index> {
    context.repository.as_ref()?.tracked().ok()
}

fn walk_rules(context: &Context, index: Option<&git::Index>) -> walk::WalkRules {
    let listed = index.map(|index| (index.files.clone(), index.submodules.clone()));
    let (tracked, submodules) = listed.unwrap_or_default();
    let repository = context.repository.as_ref().map(|repository| walk::TrackedFiles {
        top: repository.top.clone(),
        prefix: repository.prefix.clone(),
        exclude_files: repository.exclude_files.clone(),
        ignore_case: repository.ignore_case,
        tracked,
        submodules,
    });
    walk::WalkRules {
        include: context.settings.list("include").to_vec(),
        exclude: context.settings.list("exclude").to_vec(),
        repository,
    }
}

/// What identifies everything that is made from a text: a new version of
/// waypost, a grammar or a pattern makes it anew.
pub fn extractor(context: &Context) -> String {
    let mut hash = blake3::Hasher::new();
    hash.update(env!("CARGO_PKG_VERSION").as_bytes());
    hash.update(extract::fingerprint().as_bytes());
    hash.update(redact::fingerprint().as_bytes());
    hash.update(&walk::DECODING.to_le_bytes());
    hash.update(&rank_terms::RULE.to_le_bytes());
    hash.update(&context.settings.number("max_file_size").to_le_bytes());
    for pattern in context.settings.list("redact_patterns") {
        hash.update(pattern.as_bytes()).update(&[0]);
    }
    // Patterns of a project count for less once they are trusted.
    hash.update(&(context.settings.added("redact_patterns").len() as u64).to_le_bytes());
    hash.update(&[u8::from(context.settings.is_on("redact_pii"))]);
    hash.finalize().to_hex()[..16].to_string()
}

/// Reads single files, or does not where the store remembers them.
struct FileReader<'a> {
    context: &'a Context,
    root: &'a walk::Root,
    moment: Option<&'a ReadTransaction>,
}

/// A file that was looked at.
struct ExaminedFile {
    facts: FileFacts,
    note: FileNote,
    came_to: FileOutcome,
    /// `None` when it lies in the store.
    content: Option<Arc<Content>>,
    /// Of a content that went into the store.
    surface: Option<Outline>,
}

/// The outcome of looking at a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FileOutcome {
    /// Its stamp is the remembered one.
    Unchanged,
    /// Another stamp, and everything else as remembered.
    Touched,
    /// It is of a class that is not read for its content.
    Unread,
    /// Its content is not the remembered one, and the store has it.
    Reused,
    /// Its content was made by this run, and is to be stored.
    Parsed,
    /// Its parser was stopped from outside: no fact about the content, so that
    /// the next run tries again.
    Unfinished,
}

impl FileOutcome {
    /// Whether its stamp was not enough to know that it is unchanged.
    fn is_looked_at(self) -> bool {
        self != FileOutcome::Unchanged
    }

    /// Content, class or language are not as remembered.
    fn is_changed(self) -> bool {
        !matches!(self, FileOutcome::Unchanged | FileOutcome::Touched)
    }
}

/// A file that was looked at, or why it was not.
type Examined = std::result::Result<ExaminedFile, Skipped>;

/// Files to be read from which on their contents go into the store one by one.
const MANY: usize = 2_000;

/// Contents that wait for the database, at most: a bound of memory.
const WAITING: usize = 256;

/// Where the contents of many files go.
struct ContentSink {
    sender: SyncSender<EncodedContent>,
    counter: UsageCounter,
}

impl FileReader<'_> {
    /// Looks at all files. With a store and many files to read, contents go
    /// into it meanwhile, and the names of those are counted.
    fn all(
        &self,
        found: &[walk::WalkedFile],
        known: &[Option<&CachedFile>],
        store: Option<&mut Store>,
    ) -> Result<(Vec<Examined>, Option<UsageCounter>)> {
        self.context.progress.begin("reading", found.len());
        let unread = found.iter().zip(known).filter(|(found, known)| !is_as_known(found, **known)).count();
        let look = |sink: Option<&ContentSink>| -> Result<Vec<Examined>> {
            found.par_iter().zip(known).map(|(found, known)| self.file(found, *known, sink)).collect()
        };
        let looked = match store.filter(|_| unread >= MANY) {
            None => (look(None)?, None),
            Some(store) => {
                let extractor = extractor(self.context);
                std::thread::scope(|scope| {
                    let (sender, receiver) = sync_channel(WAITING);
                    let writing = scope.spawn(move || keep_all(store, &extractor, &receiver));
                    let sink = ContentSink { sender, counter: UsageCounter::new() };
                    let seen = look(Some(&sink));
                    let ContentSink { sender, counter } = sink;
                    drop(sender);
                    writing.join().expect("writing reports its errors")?;
                    Ok::<_, PipelineError>((seen?, Some(counter)))
                })?
            }
        };
        self.context.progress.end();
        Ok(looked)
    }

    /// Reads a text as it is in the file, not redacted: only to be searched,
    /// never stored or shown.
    fn raw_text(&self, found: &walk::WalkedFile) -> Option<String> {
        let read = walk::read(self.root, found, self.context.settings.number("max_file_size"));
        Some(walk::decode(&read.ok()?.text?))
    }

    fn file(
        &self,
        found: &walk::WalkedFile,
        known: Option<&CachedFile>,
        sink: Option<&ContentSink>,
    ) -> Result<Examined> {
        self.context.progress.step();
        let known = known.filter(|known| known.unparsed != Some(Unparsed::Unfinished));
        if let Some(seen) =
            known.filter(|known| known.stamp == Some(found.stamp)).and_then(ExaminedFile::unchanged)
        {
            return Ok(Ok(seen));
        }
        let read = match walk::read(self.root, found, self.context.settings.number("max_file_size")) {
            Ok(read) => read,
            Err(skipped) => return Ok(Err(skipped)),
        };
        let head = read.text.as_deref().unwrap_or_default();
        let language = extract::language_of(&found.path, head);
        let facts = FileFacts {
            path: found.path.clone(),
            stamp: read.stamp,
            hash: read.hash,
            class: language.map_or(read.class, |language| language.class(read.class, &found.path)),
            language: language.map(extract::Language::name),
        };
        let (hash, name) = key_of(&facts);
        let is_same = |known: &&CachedFile| {
            known.hash == hash && known.class == facts.class && known.language.as_deref() == facts.language
        };
        if let Some(known) = known.filter(is_same) {
            return Ok(Ok(ExaminedFile::known(facts, known)));
        }
        let Some(text) = read.text else { return Ok(Ok(ExaminedFile::without_content(facts))) };
        let stored = self.moment.filter(|moment| moment.has(hash, name));
        let stored = stored.and_then(|moment| moment.content(hash, name));
        let (content, came_to) = match stored {
            Some(content) => (content, FileOutcome::Reused),
            None => {
                let source = self.context.redactor.text(&walk::decode(&text));
                let content = self.context.parsers.content(language, &source)?;
                let is_finished = content.unparsed != Some(Unparsed::Unfinished);
                (content, if is_finished { FileOutcome::Parsed } else { FileOutcome::Unfinished })
            }
        };
        let note = FileNote::of(&facts, &content);
        let Some(sink) = sink.filter(|_| came_to != FileOutcome::Unfinished) else {
            let content = Some(Arc::new(content));
            return Ok(Ok(ExaminedFile { facts, note, came_to, content, surface: None }));
        };
        sink.counter.add(&content.outline);
        let surface = Some(extract::imports::surface(facts.language, &content.outline));
        if came_to == FileOutcome::Parsed {
            // Nobody listens any more when writing failed, which is reported.
            _ = sink.sender.send(EncodedContent::new(hash, name, &content));
        }
        Ok(Ok(ExaminedFile { facts, note, came_to, content: None, surface }))
    }
}

/// Whether a file need not be read.
fn is_as_known(found: &walk::WalkedFile, known: Option<&CachedFile>) -> bool {
    known.is_some_and(|known| known.stamp == Some(found.stamp))
}

/// Writes contents as they come, many in a transaction.
fn keep_all(
    store: &mut Store,
    extractor: &str,
    contents: &Receiver<EncodedContent>,
) -> std::result::Result<(), StoreError> {
    while let Ok(first) = contents.recv() {
        let mut batch = vec![first];
        batch.extend(contents.iter().take(WAITING * 4));
        store.keep(&batch, extractor)?;
    }
    Ok(())
}

impl ExaminedFile {
    /// A file with the stamp that is remembered; `None` when its language is
    /// no more.
    fn unchanged(known: &CachedFile) -> Option<Self> {
        let language = match &known.language {
            Some(name) => Some(extract::language_named(name)?.name()),
            None => None,
        };
        let facts = FileFacts {
            path: known.path.clone(),
            stamp: known.stamp?,
            hash: known.hash,
            class: known.class,
            language,
        };
        Some(Self { came_to: FileOutcome::Unchanged, ..Self::known(facts, known) })
    }

    fn known(facts: FileFacts, known: &CachedFile) -> Self {
        let note = FileNote { symbols: known.symbols, unparsed: known.unparsed, surface: known.surface };
        let content = (!facts.class.is_read()).then(Arc::default);
        Self { facts, note, came_to: FileOutcome::Touched, content, surface: None }
    }

    fn without_content(facts: FileFacts) -> Self {
        let (note, content) = (FileNote::default(), Some(Arc::default()));
        Self { facts, note, came_to: FileOutcome::Unread, content, surface: None }
    }
}

impl FileNote {
    fn of(facts: &FileFacts, content: &Content) -> Self {
        Self {
            symbols: content.outline.symbols.len() as u32,
            unparsed: content.unparsed,
            surface: extract::imports::surface_hash(facts.language, &content.outline),
        }
    }
}

pub(super) fn import_source(file: &File) -> extract::imports::ImportSource<'_> {
    extract::imports::ImportSource {
        path: &file.facts.path,
        language: file.facts.language,
        outline: &file.content().outline,
    }
}

/// The redacted text of a file that is read; `None` for every other.
pub(super) fn text_of(context: &Context, root: &walk::Root, tree: &Tree, path: &RelPath) -> Option<SafeText> {
    text_of_file(context, root, &tree.files[tree.index_of(path)? as usize])
}

fn text_of_file(context: &Context, root: &walk::Root, file: &File) -> Option<SafeText> {
    text_of_found(context, root, &walk::WalkedFile { path: file.facts.path.clone(), stamp: file.facts.stamp })
}

fn text_of_found(context: &Context, root: &walk::Root, found: &walk::WalkedFile) -> Option<SafeText> {
    let text = walk::read(root, found, context.settings.number("max_file_size")).ok()?.text?;
    Some(context.redactor.text(&walk::decode(&text)))
}

/// The history behind a head, from the store if it has it and from git
/// otherwise.
pub fn history(context: &Context, store: Option<&Store>, head: &git::Head) -> History {
    let (Some(repository), Some(commit)) = (&context.repository, &head.commit) else {
        return History::default();
    };
    let known = store.and_then(|store| store.history(commit).ok().flatten());
    known.unwrap_or_else(|| told_history(context, repository, commit).unwrap_or_default())
}

fn told_history(
    context: &Context,
    repository: &git::Repository,
    commit: &str,
) -> std::result::Result<History, git::Unavailable> {
    let commits = repository.history(commit, limits::MAX_COMMITS)?.into_iter();
    let commits = commits.map(|raw| safe_commit(&context.redactor, raw));
    Ok(History { commits: commits.collect(), shallow: repository.shallow })
}

/// The history behind the head: read from git where the store does not know it,
/// and otherwise only as far as somebody asks.
pub(super) struct HistorySource {
    pub head: git::Head,
    unknown: Option<History>,
    /// Why git could not report the history, if it could not.
    pub warning: Option<String>,
}

impl HistorySource {
    /// Asks git for the history only where the store does not have that of `head`.
    pub fn of(context: &Context, store: &Store, head: &git::Head) -> Self {
        let known = Self { head: head.clone(), unknown: None, warning: None };
        let Some(repository) = &context.repository else { return known };
        let Some(commit) = &head.commit else { return Self { warning: head.problem.clone(), ..known } };
        if store.knows_history(commit) {
            return known;
        }
        // What git did not tell is not kept as if there were none.
        match told_history(context, repository, commit) {
            Ok(history) => Self { unknown: Some(history), ..known },
            Err(unavailable) => {
                let head = git::Head { commit: None, ..head.clone() };
                Self { head, warning: Some(unavailable.warning), ..known }
            }
        }
    }

    /// Head and history that the store does not have yet.
    pub fn unknown(&self) -> Option<(&str, &History)> {
        Some((self.head.commit.as_deref()?, self.unknown.as_ref()?))
    }

    /// The whole history, from git if it was just read and from the store otherwise.
    pub fn all(&self, context: &Context, store: &Store) -> History {
        self.unknown.clone().unwrap_or_else(|| history(context, Some(store), &self.head))
    }

    /// Only the newest commits, which are enough for the live part.
    pub fn newest(&self, context: &Context, store: &Store) -> History {
        let known = self.head.commit.as_deref().filter(|_| self.unknown.is_none());
        let newest = known.and_then(|head| store.newest_commits(head, SHOWN_COMMITS));
        let newest = newest.map(|commits| History { commits, ..History::default() });
        newest.unwrap_or_else(|| self.all(context, store))
    }
}

pub(super) fn safe_commit(redactor: &Redactor, raw: git::RawCommit) -> Commit {
    Commit {
        subject: redactor.line(&raw.subject),
        body: redactor.text(&raw.body),
        paths: raw.paths.into_iter().filter(|path| is_safe(redactor, path)).collect(),
    }
}

/// Commits in the live part.
pub(super) const SHOWN_COMMITS: usize = 5;

/// Files of the project with their outlines as they are now. Those that are
/// gone, or no files of the project any more, are left out. No others are read.
pub fn files_now(context: &Context, paths: &BTreeSet<RelPath>) -> Result<Vec<File>> {
    let root = open_root(context)?;
    let walked = walk::files(&root, &walk_rules(context, index(context).as_ref()));
    let reader = FileReader { context, root: &root, moment: None };
    let mut files = Vec::new();
    for found in walked.files.iter().filter(|found| paths.contains(&found.path)) {
        if let Ok(seen) = reader.file(found, None, None)? {
            files.push(File::new(seen.facts, seen.content.unwrap_or_default()));
        }
    }
    Ok(files)
}

/// For each file those that change together with it, by the history of which
/// commit. `None` where `known` is that commit, and where nobody has read its
/// history yet, unless there is nothing known at all.
pub fn partners(
    context: &Context,
    store: &Store,
    tree: &Tree,
    known: Option<&str>,
) -> Option<(String, Vec<Vec<u32>>)> {
    let head = head(context);
    let commit = head.commit.clone()?;
    let is_news = match known {
        Some(known) => known != commit && store.history(&commit).is_ok_and(|history| history.is_some()),
        None => true,
    };
    is_news.then(|| (commit, crate::rank::partners(tree, &history(context, Some(store), &head))))
}

/// A language, and how many files of it the project has.
pub struct LanguageCount {
    pub name: &'static str,
    /// 1: outline, references and imports; 2: an outline.
    pub tier: u8,
    pub compiled_in: bool,
    /// Whether it is one of the user's own languages.
    pub of_user: bool,
    pub files: usize,
    pub extensions: &'static [String],
    pub filenames: &'static [String],
}

/// All languages, by tier and name, with their files in the project.
pub fn languages(context: &Context) -> Result<Vec<LanguageCount>> {
    let root = open_root(context)?;
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for found in walk::files(&root, &walk_rules(context, index(context).as_ref())).files {
        // Only a name that says nothing, or says too much, asks for the text.
        let language = match extract::is_told_by_name(&found.path) {
            true => extract::known_language_of(&found.path, &[]),
            false => {
                let read = walk::read(&root, &found, context.settings.number("max_file_size"));
                let text = read.ok().and_then(|read| read.text).unwrap_or_default();
                extract::known_language_of(&found.path, &text)
            }
        };
        if let Some(language) = language {
            *counts.entry(language.name()).or_default() += 1;
        }
    }
    let counted = extract::languages().iter().map(|language| LanguageCount {
        name: language.name(),
        tier: language.tier().number(),
        compiled_in: language.is_compiled_in(),
        of_user: language.is_of_user(),
        files: counts.get(language.name()).copied().unwrap_or(0),
        extensions: language.extensions(),
        filenames: language.filenames(),
    });
    let mut languages: Vec<LanguageCount> = counted.collect();
    languages.sort_by_key(|language| (language.tier, language.name));
    Ok(languages)
}
