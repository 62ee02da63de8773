//! Decides what an event may mean: whether its path is in the tree, decides
//! what is in the tree, or is irrelevant, as our own output is.
//!
//! Which files are ignored is never computed here but learnt: a path that was
//! there, untouched, before and after a look that did not take it, is outside.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::polling::records;
use crate::fs::confined;
use crate::limits;
use crate::model::{ContentHash, RelPath, SkipReason, Skipped, Stamp};
use crate::pipeline::{Context, OWN_IGNORE_FILE, SnapshotOutcome, stamp_at};

/// What a touched path asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relevance {
    /// A file or folder of the tree, or one that may belong to it.
    Tree,
    /// An ignore file.
    Rules,
    /// Head, index or state of the repository.
    Git,
    /// A record.
    Memory,
    /// The handoff, changed by somebody else.
    Handoff,
    /// A settings file, ours or git's.
    Settings,
    /// The root itself.
    Root,
}

/// Paths outside the tree that matter.
pub struct OutsidePaths {
    root: PathBuf,
    folder: PathBuf,
    memory: PathBuf,
    /// Single files, and folders of which everything matters.
    others: BTreeMap<PathBuf, Relevance>,
    whole: Vec<(PathBuf, Relevance)>,
}

/// Files in git's own folder that say where the work tree stands.
const GIT_STATE: [&str; 10] = [
    "HEAD",
    "index",
    "logs",
    "logs/HEAD",
    "MERGE_HEAD",
    "CHERRY_PICK_HEAD",
    "REVERT_HEAD",
    "BISECT_LOG",
    "rebase-merge",
    "rebase-apply",
];

impl OutsidePaths {
    /// The paths outside of the tree whose changes matter: settings, git's state and the rules.
    pub fn new(context: &Context, settings: &[PathBuf]) -> Self {
        let root = context.project.root.clone();
        let folder = context.project.folder();
        let mut others =
            BTreeMap::from([(root.clone(), Relevance::Root), (folder.clone(), Relevance::Settings)]);
        others.extend(settings.iter().map(|path| (path.clone(), Relevance::Settings)));
        let mut whole = Vec::new();
        let top = context.repository.as_ref().map_or(&root, |repository| &repository.top);
        let git = top.join(".git");
        if context.repository.is_none() {
            // It may become one: a repository is not made in one step.
            others.extend(
                ["HEAD", "config", "objects", "refs"].map(|name| (git.join(name), Relevance::Settings)),
            );
        }
        others.insert(git, Relevance::Settings);
        if let Some(repository) = &context.repository {
            let (own, common) = (&repository.git_dir, &repository.common_dir);
            others.extend(GIT_STATE.iter().map(|name| (own.join(name), Relevance::Git)));
            others.extend(["packed-refs", "refs"].map(|name| (common.join(name), Relevance::Git)));
            others.insert(common.join("info"), Relevance::Rules);
            others.insert(common.join("config"), Relevance::Settings);
            whole.push((common.join("refs/heads"), Relevance::Git));
            whole.push((common.join("reftable"), Relevance::Git));
            // Where the user's own file is, or leads to, is one of the settings.
            let concern = |path: &PathBuf| {
                if path.starts_with(common) { Relevance::Rules } else { Relevance::Settings }
            };
            others.extend(repository.exclude_files.iter().map(|path| (path.clone(), concern(path))));
            // Ignore files between the top of the work tree and the root.
            for above in root.ancestors().skip(1).take_while(|above| above.starts_with(top)) {
                others.insert(above.join(".gitignore"), Relevance::Rules);
            }
        }
        add_real_paths(&root, &mut others);
        add_missing_folders(&mut others);
        // What lies beside a device is nobody's business, and `/dev/null`, as
        // an empty file of rules, is written to all the time.
        others.retain(|path, _| std::fs::metadata(path).map_or(true, |is| is.is_file() || is.is_dir()));
        Self { memory: context.project.memory(), root, folder, others, whole }
    }

    /// The folders to watch besides those of the tree.
    pub fn folders(&self) -> BTreeSet<PathBuf> {
        let around = self.others.iter().filter(|(_, concern)| **concern != Relevance::Root);
        let mut folders: BTreeSet<PathBuf> =
            around.filter_map(|(path, _)| path.parent().map(Path::to_path_buf)).collect();
        folders.extend([self.folder.clone(), self.memory.clone()]);
        for (folder, _) in &self.whole {
            add_folders(folder, &mut folders);
        }
        folders.retain(|folder| folder.is_dir());
        folders
    }

    /// The files whose stamps tell of a change, for a look without events.
    pub fn files(&self) -> Vec<PathBuf> {
        let single = self.others.keys().filter(|path| **path != self.root && **path != self.folder);
        // The times of git's own folders move with every lock that it takes.
        let is_folder = |path: &PathBuf| {
            [".git", "logs", "refs", "info", "objects"].iter().any(|name| path.ends_with(name))
        };
        let mut files: Vec<PathBuf> = single.filter(|path| !is_folder(path)).cloned().collect();
        for (folder, _) in &self.whole {
            let mut folders = BTreeSet::new();
            add_folders(folder, &mut folders);
            files.extend(folders);
        }
        files.push(self.memory.clone());
        files.extend(records(&self.memory).into_keys());
        files.extend(self.written());
        files
    }

    /// The files that waypost writes and others should not.
    fn written(&self) -> [PathBuf; 2] {
        ["handoff.md", "handoff.json"].map(|name| self.folder.join(name))
    }
}

/// Settings are often links into a repository of their own, and edited there.
/// Links inside the project are not followed.
fn add_real_paths(root: &Path, others: &mut BTreeMap<PathBuf, Relevance>) {
    let outside = others.iter().filter(|(path, _)| !path.starts_with(root));
    let real = outside.filter_map(|(path, concern)| Some((path.canonicalize().ok()?, *concern)));
    for (path, concern) in real.collect::<Vec<_>>() {
        others.entry(path).or_insert(concern);
    }
}

/// A file may come together with its folder: of one that is not there the first
/// missing folder counts as the file does.
fn add_missing_folders(others: &mut BTreeMap<PathBuf, Relevance>) {
    let mut missing = Vec::new();
    for (path, concern) in others.iter() {
        let above = path.ancestors().skip(1).take_while(|folder| !folder.is_dir());
        missing.extend(above.map(|folder| (folder.to_path_buf(), *concern)));
    }
    for (folder, concern) in missing {
        others.entry(folder).or_insert(concern);
    }
}

/// A folder and all below it; branch names may hold slashes.
fn add_folders(folder: &Path, to: &mut BTreeSet<PathBuf>) {
    if !folder.is_dir() {
        return;
    }
    to.insert(folder.to_path_buf());
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            add_folders(&entry.path(), to);
        }
    }
}

/// The tree as the last look found it, and what it left out.
#[derive(Default)]
pub struct KnownTree {
    known: HashSet<String>,
    /// Paths that the rules leave out, and whether they are folders.
    outside: HashMap<String, bool>,
    /// Repositories inside: of these only `.git` matters.
    nested: BTreeSet<PathBuf>,
    /// Something is listed under another name than it has on the disk, so a
    /// name that is not known says nothing.
    has_renamed: bool,
    records: BTreeMap<PathBuf, Option<Stamp>>,
    /// Hashes of what both handoff files should hold.
    handoff: [Option<ContentHash>; 2],
}

/// A path with what it asks for. `is_known`: the last look had it.
pub struct TouchedPath {
    pub path: String,
    pub concern: Relevance,
    pub is_known: bool,
}

impl KnownTree {
    /// What an event at `path` asks for, if anything.
    pub fn judge(&self, places: &OutsidePaths, path: &Path) -> Option<TouchedPath> {
        let concern = self.concern(places, path)?;
        let relative = path.strip_prefix(&places.root).unwrap_or(path).to_string_lossy().into_owned();
        let is_known =
            concern != Relevance::Tree || self.known.contains(&relative) || self.is_of_nested(path);
        Some(TouchedPath { path: relative, concern, is_known })
    }

    /// What makes a folder a repository of its own: that it goes is a change.
    fn is_of_nested(&self, path: &Path) -> bool {
        path.ends_with(".git") && path.parent().is_some_and(|folder| self.nested.contains(folder))
    }

    fn concern(&self, places: &OutsidePaths, path: &Path) -> Option<Relevance> {
        if let Some(concern) = places.others.get(path) {
            return Some(*concern);
        }
        if let Some((_, concern)) = places.whole.iter().find(|(folder, _)| path.starts_with(folder)) {
            let is_lock = path.extension().is_some_and(|extension| extension == "lock");
            return (!is_lock).then_some(*concern);
        }
        if path.starts_with(&places.folder) {
            return self.own(places, path);
        }
        let relative = path.strip_prefix(&places.root).ok()?;
        if relative.components().any(|part| part.as_os_str() == ".git") {
            // Of a repository inside: whether it is there decides what is read.
            return relative.ends_with(".git").then_some(Relevance::Tree);
        }
        if path.file_name().is_some_and(|name| name == ".gitignore" || name == OWN_IGNORE_FILE) {
            return Some(Relevance::Rules);
        }
        if path.parent().is_some_and(|folder| self.nested.contains(folder)) {
            return None;
        }
        let relative = relative.to_string_lossy();
        if self.has_renamed || self.known.contains(relative.as_ref()) {
            return Some(Relevance::Tree);
        }
        // What came and went again was never there.
        let is_folder = std::fs::symlink_metadata(path).ok()?.is_dir();
        (self.outside.get(relative.as_ref()) != Some(&is_folder)).then_some(Relevance::Tree)
    }

    /// What we write ourselves must not wake us.
    fn own(&self, places: &OutsidePaths, path: &Path) -> Option<Relevance> {
        if path == places.memory {
            return Some(Relevance::Memory);
        }
        if path.starts_with(&places.memory) {
            return (records(&places.memory) != self.records).then_some(Relevance::Memory);
        }
        let is_handoff = places.written().iter().any(|written| written == path);
        (is_handoff && handoff(places) != self.handoff).then_some(Relevance::Handoff)
    }

    /// The rules may have changed: what was learnt of them counts no more.
    pub fn unlearn(&mut self) {
        self.outside.clear();
    }

    /// Notes the state before a look, to be handed to [`KnownTree::learn`].
    pub fn before(places: &OutsidePaths, touched: &BTreeMap<String, bool>) -> PriorState {
        let unknown = touched.iter().filter(|(_, is_known)| !**is_known).map(|(path, _)| {
            let stamp = stamp_at(&places.root.join(path));
            (path.clone(), stamp)
        });
        PriorState { unknown: unknown.collect(), records: records(&places.memory) }
    }

    /// Takes over what a look found. Returns whether records changed during it:
    /// by itself, or by somebody whose change it may have missed.
    pub fn learn(&mut self, places: &OutsidePaths, before: PriorState, taken: &SnapshotOutcome) -> bool {
        if !taken.is_partial {
            self.learn_names(places, taken);
        }
        for (path, stamp) in before.unknown {
            let there = std::fs::symlink_metadata(places.root.join(&path));
            let is_same = stamp.is_some() && stamp == stamp_at(&places.root.join(&path));
            if let Ok(there) = there
                && is_same
                && !self.known.contains(&path)
            {
                self.outside.insert(path, there.is_dir());
            }
        }
        self.handoff = taken.handoff.as_ref().map_or([None; 2], |handoff| handoff.hashes.map(Some));
        self.records = records(&places.memory);
        self.records != before.records
    }

    fn learn_names(&mut self, places: &OutsidePaths, taken: &SnapshotOutcome) {
        let files = taken.stamps.iter().map(|(path, _): &(RelPath, Stamp)| path.as_str());
        let skipped = taken.skipped.iter().map(|skipped| skipped.path.as_str());
        let folders = taken.folders.iter().map(String::as_str);
        self.known = files.chain(skipped).chain(folders).map(str::to_string).collect();
        self.nested = nested(&taken.skipped).map(|path| places.root.join(path)).collect();
        self.has_renamed = taken.skipped.iter().any(|skipped| skipped.reason.is_renamed());
    }

    /// Whether the last look took a file at this path.
    pub fn knows(&self, path: &str) -> bool {
        self.known.contains(path)
    }
}

/// Repositories inside the tree: not entered, but when one stops to be one, it is.
pub fn nested(skipped: &[Skipped]) -> impl Iterator<Item = &str> {
    skipped
        .iter()
        .filter(|skipped| skipped.reason == SkipReason::NestedRepository)
        .map(|skipped| skipped.path.as_str())
}

/// What was there before a look.
pub struct PriorState {
    unknown: Vec<(String, Option<Stamp>)>,
    records: BTreeMap<PathBuf, Option<Stamp>>,
}

fn handoff(places: &OutsidePaths) -> [Option<ContentHash>; 2] {
    places.written().map(|path| Some(ContentHash::of(&confined::read(&path, limits::MAX_OWN_FILE).ok()?)))
}
