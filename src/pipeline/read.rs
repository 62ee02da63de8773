//! Reads a tree below a root, at the cost of what changed: from nothing, from
//! what the store remembers, or from the reading before (`again`). All three are
//! a look at files (`examine`), a difference (`delta`) and one way from there to
//! what is known of the tree (`apply`).
//!
//! Not here: which files belong to it (`walk`), what is remembered (`store`).

mod again;
mod apply;
mod delta;
mod examine;
mod single;
mod stream;
mod walked;

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

use super::contents::{StoredContents, each_content, key_of};
use super::sources::{extractor, head, index, open_root, text_of};
use super::usage::Usage;
use super::{Context, Result, Time, Timings};
use crate::model::{Class, Content, ContentHash, File, FileFacts, ProjectFacts, RelPath, Skipped, Tree};
use crate::store::{CachedTree, DirtyParts, ReadTransaction, Rendered, Store};
use crate::{compare, extract, git, rank as ranking, walk};
use apply::{Now, Update, Whole};
use delta::{Delta, Others};
use examine::{FileReader, NewContent};

pub use single::{Outlined, files_now, outline, outline_with_imports};

/// The tree as it is now, with everything known about it.
pub struct Reading {
    pub tree: Tree,
    pub usage: Usage,
    /// Contents that the store does not hold.
    pub new_contents: Vec<NewContent>,
    /// Warnings for the user, one sentence each.
    pub warnings: Vec<String>,
    /// Folders that a watcher watches, `""` for the root.
    pub folders: Vec<String>,
    /// When reading began: a younger stamp cannot be trusted.
    pub began: Time,
    /// What was checked out when reading began. It is read once, so that all
    /// facts about it are of one moment.
    pub head: git::Head,
    pub timings: Timings,
    /// What differs from the tree as it is remembered.
    delta: Delta,
    /// Digest of the snapshot that is remembered, if there is one.
    base: Option<ContentHash>,
    /// What is to be remembered: files and imports as they are now, the rest as
    /// it was until [`Reading::remember`].
    cached: CachedTree,
    /// Computed by [`Reading::facts`] on first use, since not every command
    /// needs them.
    facts: OnceLock<(ProjectFacts, Vec<RelPath>)>,
    /// Computed by [`Reading::central`] on first use.
    central: OnceLock<Vec<u32>>,
    /// Places of the only files that were looked at, the others being as before.
    touched: Option<Vec<u32>>,
    /// git's index as it was when the walk began.
    index: Option<git::Index>,
    contents: Arc<StoredContents>,
}

/// What a reading saw besides the files, and where their contents lie.
struct Surroundings {
    began: Time,
    head: git::Head,
    index: Option<git::Index>,
    warnings: Vec<String>,
    folders: Vec<String>,
    skipped: Vec<Skipped>,
    contents: Arc<StoredContents>,
    timings: Timings,
}

impl Reading {
    fn of(whole: Whole, delta: Delta, base: Option<ContentHash>, seen: Surroundings) -> Self {
        let skipped = walked::all_skipped(seen.skipped, &whole.cached.files);
        Self {
            tree: Tree { files: whole.files, skipped, imports: whole.imports },
            usage: whole.usage,
            new_contents: whole.new_contents,
            warnings: seen.warnings,
            folders: seen.folders,
            began: seen.began,
            head: seen.head,
            timings: seen.timings,
            delta,
            base,
            cached: whole.cached,
            facts: whole.facts,
            central: whole.central,
            touched: None,
            index: seen.index,
            contents: seen.contents,
        }
    }

    /// How many symbols the tree has.
    pub fn symbols(&self) -> u64 {
        self.cached.files.iter().map(|file| u64::from(file.symbols)).sum()
    }

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
        let made = self.tree.files.iter().filter(|file| file.facts.class == Class::Generated);
        let made: Vec<&RelPath> = made.map(|file| &file.facts.path).collect();
        let facts = extract::project::facts(&paths, &made, &|path| {
            asked.borrow_mut().insert(path.clone());
            match made.binary_search(&path) {
                Ok(_) => Some(context.redactor.text(&walk::decode(&walk::head(&root, path)?))),
                Err(_) => text_of(context, &root, &self.tree, path),
            }
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
        let Some(moment) = self.contents.moment() else { return };
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

    /// The only files that were looked at, all others being as before; `None`
    /// where everything was.
    pub fn touched(&self) -> Option<Vec<&FileFacts>> {
        let touched = self.touched.as_ref()?.iter();
        Some(touched.map(|at| &self.tree.files[*at as usize].facts).collect())
    }

    /// `None` outside git, and where the tree was not walked.
    pub fn index(&self) -> Option<&git::Index> {
        self.index.as_ref()
    }

    /// What the store holds of a text that need not be in the tree.
    pub fn stored(&self, hash: ContentHash, language: &str) -> Option<Content> {
        self.contents.moment()?.content(hash, language)
    }

    /// Digest of the snapshot that this reading was compared with, if there was one.
    pub fn base(&self) -> Option<ContentHash> {
        self.base
    }

    /// The handoff that is remembered, and what it was made from.
    pub fn rendered(&self) -> Option<&Rendered> {
        self.cached.rendered.as_ref()
    }

    /// What differs from the snapshot of [`Reading::base`].
    pub fn changes(&self) -> compare::FileChanges {
        self.delta.file_changes(&self.cached.files)
    }

    /// Files that are new, or whose content, class or language is.
    pub fn changed(&self) -> impl Iterator<Item = &FileFacts> {
        self.delta.changed.iter().map(|change| &self.tree.files[change.at as usize].facts)
    }

    /// Paths of files that are gone.
    pub fn gone(&self) -> impl Iterator<Item = &RelPath> {
        self.delta.gone.iter().map(|gone| &gone.path)
    }

    /// Completes what is to be remembered of this tree, and says which parts
    /// differ from what is stored; `None` if that is still exact. Without
    /// `rendered`, the handoff that is remembered stays.
    pub fn remember(&mut self, context: &Context, rendered: Option<Rendered>) -> Result<Option<DirtyParts>> {
        let facts = Some(self.facts_with_sources(context)?.clone());
        let central = self.central.get().cloned().unwrap_or_default();
        let cached = &mut self.cached;
        let names = self.usage.names().map_or(cached.name_bits, crate::store::name_bits);
        let rendered = rendered.or_else(|| cached.rendered.clone());
        let keeps_relations =
            self.base.is_some() && self.delta.keeps_edges(&cached.files) && cached.central == central;
        let keeps_head = (&cached.facts, &cached.rendered, cached.name_bits) == (&facts, &rendered, names);
        (cached.facts, cached.rendered, cached.name_bits, cached.central) = (facts, rendered, names, central);
        let renewed = self.delta.renewed();
        Ok(match keeps_relations {
            false => Some(DirtyParts::All),
            true if keeps_head && renewed.is_empty() => None,
            true => Some(DirtyParts::Files(renewed)),
        })
    }

    /// What is to be remembered of this tree, once [`Reading::remember`] has
    /// completed it.
    pub fn cached_tree(&self) -> &CachedTree {
        &self.cached
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
    timings.end("index");
    let moment = moment.map(Arc::new);
    let (walked, before) = walked::walk_and_before(context, &root, index.as_ref(), moment.as_ref());
    timings.end("walk");
    let states = before.as_ref().map(|before| &before.cached.files[..]).unwrap_or_default();
    let (found, known, mut skipped) = walked::known_and_safe(context, walked.files, states);
    skipped.extend(walked.skipped.into_iter().map(|one| walked::shown(context, one)));
    let reader = FileReader::new(context, &root, moment.as_deref(), &began);
    let (seen, counter) = reader.all(&found, &known, store.as_deref_mut())?;
    timings.end("read");
    // What was written meanwhile is only seen from now.
    let moment = match (&counter, store) {
        (Some(_), Some(store)) => store.moment(&context.project.root, &extractor(context))?.map(Arc::new),
        _ => moment,
    };
    let contents = Arc::new(StoredContents::new(context, moment.clone()));
    let now = Now { counter, ..Now::of(seen, &contents, &mut skipped) };
    let delta = Delta::between(states, &now.states, Others::Gone);
    let base = before.as_ref().map(|before| before.digest);
    let update = Update { context, root: &root, moment: moment.as_deref() };
    let whole = update.apply(before, now, &delta);
    timings.end("imports");
    let warnings = walked.warnings.iter().map(|warning| context.redactor.line(warning).to_string()).collect();
    let folders = walked.directories;
    let seen = Surroundings { began, head, index, warnings, folders, skipped, contents, timings };
    Ok(Reading::of(whole, delta, base, seen))
}
