//! A root to its files: what belongs to the project, what was found and is not
//! read, and which folders a watcher must watch. The same set as
//! `git ls-files -co --exclude-standard`, apart from the classes that
//! [`WalkOutcome::skipped`] and [`files`] name.
//!
//! Not here: what a file holds (`read`, `classify`) and what git records (the
//! caller brings that in [`WalkRules`]). Nothing outside the root is opened but
//! the ignore files that `Rules` names.

mod chosen;
pub mod classify;
mod encoding;
mod pattern;
mod read;
mod rules;

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use crate::fs::confined;
use crate::fs::confined::{EntryKind, Listing, stamp_of};
pub use crate::fs::confined::{Root, stamp_at};
use crate::limits;
use crate::model::{RelPath, SkipReason, Skipped, Stamp, join_path};
pub use chosen::{chosen, is_own_ignore_file};
pub use encoding::{RULES as DECODING, decode, decode_named};
use pattern::NoRule;
pub use read::{ReadFile, head, read};
use rules::{IgnoreFile, IgnoreScope, IgnoreVerdict, StepBudget, Unknown};

/// The user's own ignore file, of which every folder may have one.
pub const OWN_IGNORE_FILE: &str = ".waypostignore";

/// Folders that are never part of a project's content, at any depth.
const NEVER: [&[u8]; 2] = [b".git", b".waypost"];

/// What decides besides the ignore files in the tree.
#[derive(Clone, Debug, Default)]
pub struct WalkRules {
    /// Globs as in an ignore file, relative to the root: only what matches, or
    /// lies in a folder that does, is walked to. Empty: everything.
    pub include: Vec<String>,
    /// Lines as in an ignore file, relative to the root. What they exclude is
    /// out even when git tracks it.
    pub exclude: Vec<String>,
    /// `None` outside a repository, or where git cannot be asked.
    pub repository: Option<TrackedFiles>,
}

/// What git knows and the walker needs.
#[derive(Clone, Debug, Default)]
pub struct TrackedFiles {
    /// The top of the work tree: the root or a folder above it.
    pub top: PathBuf,
    /// The root below the top: empty, or ending in `/`. Ignore files of the
    /// folders in between count as well.
    pub prefix: String,
    /// `info/exclude` of the common git directory, then the user's global
    /// excludes: the first has the last word.
    pub exclude_files: Vec<PathBuf>,
    /// `core.ignoreCase`.
    pub ignore_case: bool,
    /// Files in the index, sorted: ignore rules do not apply to them.
    pub tracked: Arc<[RelPath]>,
    /// Submodules in the index, sorted.
    pub submodules: Arc<[RelPath]>,
}

/// A file that takes part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WalkedFile {
    pub path: RelPath,
    pub stamp: Stamp,
}

/// The outcome of a walk.
#[derive(Clone, Debug, Default)]
pub struct WalkOutcome {
    /// Sorted by path.
    pub files: Vec<WalkedFile>,
    /// Every folder that was listed, sorted; `""` is the root.
    pub directories: Vec<String>,
    /// Sorted: symlinks, submodules, nested repositories, special files, names
    /// that are not UTF-8, other file systems, what cannot be opened.
    pub skipped: Vec<Skipped>,
    /// Warnings for the user: rules that can never match, and ignore files that
    /// could not be understood.
    pub warnings: Vec<String>,
}

/// Walks the tree below `root`.
///
/// Outside a repository `.gitignore` files count too, and a repository inside
/// is walked with its own rules alone; inside a repository it is one skipped
/// entry, like a submodule. `.git` and `.waypost` are never entered. Tracked
/// files that are gone from the work tree are not listed.
///
/// Where all rules take more time or memory than they may, the walk begins anew,
/// and what the larger ignore files might be about is left out.
pub fn files(root: &Root, rules: &WalkRules) -> WalkOutcome {
    files_within(root, rules, None, limits::MAX_IGNORE_STEPS)
}

fn files_within(root: &Root, rules: &WalkRules, only: Option<&RelPath>, most_steps: u64) -> WalkOutcome {
    let sizes = [limits::MAX_IGNORE_FILE, limits::SMALL_IGNORE_FILE];
    let walk = |most_text| walk(root, rules, only, most_text, most_steps);
    // With no rules at all nothing can take long.
    sizes.into_iter().find_map(walk).or_else(|| walk(0)).unwrap_or_default()
}

/// What a walk says of one path: the file if it takes part, or why it is skipped.
/// Only the folders that lead to it are listed.
pub fn file(root: &Root, rules: &WalkRules, path: &RelPath) -> WalkOutcome {
    files_within(root, rules, Some(path), limits::MAX_IGNORE_STEPS)
}

/// A walk in which ignore files of up to `most_text` bytes count. `None` when
/// their rules take too much. Whether they do rests on nothing but the tree: the
/// steps of one level of folders do not depend on the order in which they are
/// taken.
fn walk(
    root: &Root,
    rules: &WalkRules,
    only: Option<&RelPath>,
    most_text: u64,
    most_steps: u64,
) -> Option<WalkOutcome> {
    let mut all = Listed::default();
    let mut walk = Walk { only, ..Walk::new(root, rules, most_text, &mut all) };
    while !all.pending.is_empty() {
        walk.most_steps = most_steps + all.paths * limits::IGNORE_STEPS_A_PATH;
        let level = std::mem::take(&mut all.pending);
        let listed: Vec<Listed> = level.par_iter().map(|folder| walk.folder(folder)).collect();
        if walk.is_too_costly() {
            return None;
        }
        listed.into_iter().for_each(|listed| all.add(listed));
    }
    Some(all.walked.sorted())
}

/// A folder to be listed.
struct PendingFolder {
    /// Below the root; empty for the root.
    path: String,
    /// Ignore files of git in the folders above.
    git: Option<Arc<IgnoreScope>>,
    /// Our own in the folders above.
    own: Option<Arc<IgnoreScope>>,
    /// Ignored itself: only what git tracks below it counts.
    only_tracked: bool,
    /// An include glob matched it or a folder above.
    included: bool,
}

/// The facts of one file, as a walk would find them; `None` for everything that
/// is no regular file which can be read, and for one that has other names too:
/// who writes under one of them changes all.
pub fn stamp(root: &Root, path: &RelPath) -> Option<Stamp> {
    let file = root.file(path.as_str().as_bytes()).ok()?;
    let has_one_name = std::os::unix::fs::MetadataExt::nlink(&file.metadata().ok()?) == 1;
    stamp_of(&file).ok().filter(|_| has_one_name)
}

struct Walk<'a> {
    root: &'a Root,
    /// The one path that is asked for.
    only: Option<&'a RelPath>,
    repository: Option<&'a TrackedFiles>,
    /// [`TrackedFiles::prefix`]: ignore rules see paths below the top.
    prefix: &'a str,
    include: IgnoreFile,
    exclude: IgnoreFile,
    exclude_files: Vec<IgnoreFile>,
    /// Bytes of an ignore file that counts.
    most_text: u64,
    /// Steps of matching that all levels up to this one may take.
    most_steps: u64,
    steps: AtomicU64,
    /// Bytes of all rules.
    memory: AtomicU64,
}

/// What came of listing folders, and those below them that are still to be.
#[derive(Default)]
struct Listed {
    walked: WalkOutcome,
    pending: Vec<PendingFolder>,
    /// Names that were looked at.
    paths: u64,
}

/// Steps of matching that are counted together.
const STEPS: u64 = 100_000;

impl<'a> Walk<'a> {
    fn new(root: &'a Root, rules: &'a WalkRules, most_text: u64, listed: &mut Listed) -> Self {
        let repository = rules.repository.as_ref();
        let mut walk = Self {
            root,
            only: None,
            repository,
            prefix: repository.map_or("", |repository| &repository.prefix),
            include: IgnoreFile::default(),
            exclude: IgnoreFile::default(),
            exclude_files: Vec::new(),
            most_text,
            most_steps: 0,
            steps: AtomicU64::new(0),
            memory: AtomicU64::new(0),
        };
        walk.include = walk.setting("include", &rules.include, listed);
        walk.exclude = walk.setting("exclude", &rules.exclude, listed);
        let git = repository.and_then(|repository| walk.rules_from_above(repository, listed));
        listed.pending.push(PendingFolder {
            path: String::new(),
            git,
            own: None,
            only_tracked: false,
            included: walk.include.is_empty(),
        });
        walk
    }

    /// The rules of a setting.
    fn setting(&self, name: &str, globs: &[String], listed: &mut Listed) -> IgnoreFile {
        let bytes: usize = globs.iter().map(String::len).sum();
        let list = match bytes as u64 > self.most_text {
            true => IgnoreFile::unknown(Unknown::TooCostly),
            false => IgnoreFile::of_lines(globs.iter().map(String::as_bytes), false),
        };
        self.take_in(list, &format!("the setting `{name}`"), "rule", listed)
    }

    /// Reads what counts besides the tree: exclude files, and the ignore files
    /// between the top of the work tree and the root.
    fn rules_from_above(
        &mut self,
        repository: &TrackedFiles,
        listed: &mut Listed,
    ) -> Option<Arc<IgnoreScope>> {
        let mut read: Vec<PathBuf> = Vec::new();
        for path in &repository.exclude_files {
            // git follows links to these; a file and a link to it are one.
            let Ok(real) = path.canonicalize() else { continue };
            if !read.contains(&real) {
                let list = self.parse(&path.to_string_lossy(), confined::open_named(&real), listed);
                self.exclude_files.extend(list);
                read.push(real);
            }
        }
        let mut scope = None;
        let top = Root::open(&repository.top).ok()?;
        let slashes = repository.prefix.match_indices('/').map(|(at, _)| at + 1);
        let bases = std::iter::once(0).chain(slashes);
        for base in bases.take_while(|&base| base < repository.prefix.len()) {
            let path = format!("{}.gitignore", &repository.prefix[..base]);
            scope = self.scope(&top, &path, base, scope, listed);
        }
        scope
    }

    /// Whether the rules take more than they may.
    fn is_too_costly(&self) -> bool {
        self.steps.load(Ordering::Relaxed) > self.most_steps
            || self.memory.load(Ordering::Relaxed) > limits::MAX_IGNORE_MEMORY
    }

    /// Adds to the steps of all folders; returns whether to go on.
    fn count(&self, steps: &mut StepBudget) -> bool {
        self.steps.fetch_add(std::mem::take(&mut steps.taken), Ordering::Relaxed);
        !self.is_too_costly()
    }

    fn folder(&self, folder: &PendingFolder) -> Listed {
        let mut listed = Listed::default();
        if self.is_too_costly() {
            // What comes of this walk is thrown away.
            return listed;
        }
        let read =
            self.root.list(folder.path.as_bytes()).and_then(|mut listing| Ok((listing.names()?, listing)));
        let (names, listing) = match read {
            Ok(read) => read,
            Err(error) => {
                listed.cannot(&folder.path, &error);
                return listed;
            }
        };
        let git_entry = names.iter().find(|(name, _)| name == b".git");
        let is_nested = git_entry
            .is_some_and(|(_, kind)| !folder.path.is_empty() && self.is_repository(&folder.path, *kind));
        if is_nested && self.repository.is_some() && !self.tracks_below(&folder.path) {
            listed.skip(&folder.path, SkipReason::NestedRepository);
            return listed;
        }
        let here = self.enter(folder, &names, git_entry.is_some(), &mut listed);
        listed.walked.directories.push(folder.path.clone());
        listed.paths = names.len() as u64;
        let mut steps = StepBudget::up_to(self.most_steps);
        let asked = |name: &[u8]| !NEVER.contains(&name) && self.leads_on(&here.path, name);
        for (name, kind) in names.iter().filter(|(name, _)| asked(name)) {
            self.entry(&here, &listing, (name, *kind), &mut steps, &mut listed);
            if steps.taken > STEPS && !self.count(&mut steps) {
                break;
            }
        }
        self.count(&mut steps);
        listed
    }

    /// Whether an entry is asked for, or a folder above what is. `folder` is empty
    /// or ends in `/`.
    fn leads_on(&self, folder: &str, name: &[u8]) -> bool {
        self.only.is_none_or(|path| {
            let rest = path.as_str().as_bytes().strip_prefix(folder.as_bytes());
            let rest = rest.and_then(|rest| rest.strip_prefix(name));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
        })
    }

    /// The folder with its own ignore files in force.
    fn enter(
        &self,
        folder: &PendingFolder,
        names: &[(Vec<u8>, EntryKind)],
        has_git: bool,
        listed: &mut Listed,
    ) -> PendingFolder {
        let has = |wanted: &str| {
            let wanted = (wanted.as_bytes(), EntryKind::File);
            names.iter().any(|(name, kind)| (name.as_slice(), *kind) == wanted)
        };
        let base = join_path(&folder.path, "");
        let prefix = self.prefix.len();
        let mut git = folder.git.clone();
        if has_git && self.repository.is_none() {
            // A repository that git was not asked about: its own rules only.
            let exclude = format!("{base}.git/info/exclude");
            git = self.scope(self.root, &exclude, base.len(), None, listed);
        }
        if has(".gitignore") {
            let path = format!("{base}.gitignore");
            git = self.scope(self.root, &path, prefix + base.len(), git, listed);
        }
        let mut own = folder.own.clone();
        if has(OWN_IGNORE_FILE) {
            let path = format!("{base}{OWN_IGNORE_FILE}");
            own = self.scope(self.root, &path, base.len(), own, listed);
        }
        PendingFolder { path: base, git, own, ..*folder }
    }

    /// `folder.path` is empty or ends in `/` here.
    fn entry(
        &self,
        folder: &PendingFolder,
        listing: &Listing,
        (name, kind): (&[u8], EntryKind),
        steps: &mut StepBudget,
        listed: &mut Listed,
    ) {
        let path = [folder.path.as_bytes(), name].concat();
        let is_dir = kind == EntryKind::Folder;
        if self.is_excluded(folder, &path, is_dir, steps) {
            return;
        }
        let text = std::str::from_utf8(&path).ok();
        let ignored = folder.only_tracked || self.is_ignored(folder, &path, is_dir, steps);
        let included = folder.included || self.include.includes(&path, is_dir, steps);
        if ignored && !text.is_some_and(|path| self.is_tracked(path, is_dir)) {
            return;
        }
        let Some(path) = text else {
            return listed.skip(&escaped(&path), SkipReason::NotUtf8);
        };
        match kind {
            EntryKind::Folder if self.is_submodule(path) => listed.skip(path, SkipReason::Submodule),
            EntryKind::Folder => listed.pending.push(PendingFolder {
                path: path.to_string(),
                git: folder.git.clone(),
                own: folder.own.clone(),
                only_tracked: ignored,
                included,
            }),
            _ if !included => {}
            EntryKind::File => listed.file(path, listing.stamp(name)),
            EntryKind::Symlink => listed.skip(path, SkipReason::Symlink),
            EntryKind::Special(word) => listed.skip(path, word.into()),
        }
    }

    /// Whether the user's own ignore rules leave a path out. A `!` line only
    /// takes back earlier lines, so that nothing that git ignores comes back.
    fn is_excluded(&self, folder: &PendingFolder, path: &[u8], is_dir: bool, steps: &mut StepBudget) -> bool {
        let verdict = self.exclude.verdict(path, is_dir, steps);
        let verdict = verdict.or_else(|| rules::verdict(folder.own.as_ref(), path, is_dir, steps));
        verdict == Some(IgnoreVerdict::Ignored)
    }

    fn is_ignored(&self, folder: &PendingFolder, path: &[u8], is_dir: bool, steps: &mut StepBudget) -> bool {
        let path = [self.prefix.as_bytes(), path].concat();
        let verdict = rules::verdict(folder.git.as_ref(), &path, is_dir, steps);
        let verdict = verdict.or_else(|| {
            let mut lists = self.exclude_files.iter();
            lists.find_map(|list| list.verdict(&path, is_dir, steps))
        });
        verdict == Some(IgnoreVerdict::Ignored)
    }

    /// For a folder: something below it is.
    fn is_tracked(&self, path: &str, is_dir: bool) -> bool {
        if is_dir {
            return self.tracks_below(path) || self.is_submodule(path);
        }
        self.repository.is_some_and(|repository| find(&repository.tracked, path).is_ok())
    }

    fn tracks_below(&self, folder: &str) -> bool {
        let first_below = join_path(folder, "");
        self.repository.is_some_and(|repository| {
            let at = find(&repository.tracked, &first_below).unwrap_or_else(|at| at);
            let next = repository.tracked.get(at);
            next.is_some_and(|path| path.is_below(folder))
        })
    }

    fn is_submodule(&self, path: &str) -> bool {
        self.repository.is_some_and(|repository| find(&repository.submodules, path).is_ok())
    }

    /// Whether the `.git` in `folder` makes it a repository of its own, as git
    /// judges it: a git directory, or a file that leads to one.
    fn is_repository(&self, folder: &str, git_entry: EntryKind) -> bool {
        let git = join_path(folder, ".git");
        match git_entry {
            EntryKind::Folder => {
                let holds = |name: &str| self.root.list(join_path(&git, name).as_bytes()).is_ok();
                let head = self.root.file(join_path(&git, "HEAD").as_bytes());
                head.is_ok() && holds("objects") && holds("refs")
            }
            EntryKind::File => {
                let text = self.root.file(git.as_bytes()).and_then(|file| read_text(file, 4_096));
                let text = text.unwrap_or_default();
                let target = text.strip_prefix(b"gitdir: ").map(String::from_utf8_lossy);
                let folder = self.root.path.join(folder);
                target.is_some_and(|target| folder.join(target.trim_end()).join("HEAD").is_file())
            }
            EntryKind::Symlink => self.root.path.join(git).join("HEAD").is_file(),
            EntryKind::Special(_) => false,
        }
    }

    /// One ignore file put on top of `parent`; `parent` itself if it says nothing.
    fn scope(
        &self,
        root: &Root,
        path: &str,
        base: usize,
        parent: Option<Arc<IgnoreScope>>,
        listed: &mut Listed,
    ) -> Option<Arc<IgnoreScope>> {
        match self.parse(path, root.file(path.as_bytes()), listed) {
            Some(list) if !list.is_empty() => Some(Arc::new(IgnoreScope { parent, base, list })),
            _ => parent,
        }
    }

    /// The rules of an ignore file; `None` where git reads none.
    fn parse(&self, path: &str, opened: std::io::Result<File>, listed: &mut Listed) -> Option<IgnoreFile> {
        let ignore_case = self.repository.is_some_and(|repository| repository.ignore_case);
        let read = opened.and_then(|file| read_text(file, self.most_text + 1));
        let list = match read {
            Ok(text) if text.len() as u64 <= self.most_text => IgnoreFile::parse(&text, ignore_case),
            Ok(_) if self.most_text < limits::MAX_IGNORE_FILE => IgnoreFile::unknown(Unknown::TooCostly),
            Ok(_) => IgnoreFile::unknown(Unknown::TooLarge),
            Err(error) if is_none(&error) => return None,
            Err(_) => IgnoreFile::unknown(Unknown::Unreadable),
        };
        Some(self.take_in(list, &format!("`{}`", path.escape_debug()), "line", listed))
    }

    /// Counts the memory of a list and warns of what is wrong with it.
    fn take_in(&self, list: IgnoreFile, name: &str, of: &str, listed: &mut Listed) -> IgnoreFile {
        self.memory.fetch_add(list.memory(), Ordering::Relaxed);
        let warnings = &mut listed.walked.warnings;
        for (number, why) in &list.broken.first {
            let why = match why {
                NoRule::LongerThanPaths => "this rule is longer than any path and can never match",
                _ => "this rule can never match",
            };
            warnings.push(format!("{name}, {of} {number}: {why}"));
        }
        let more = list.broken.count - list.broken.first.len();
        if more > 0 {
            warnings.push(format!("{name}: {more} more rules can never match"));
        }
        if let Some(unknown) = list.unknown {
            let why = unknown.words();
            warnings.push(format!("{name} {why}: whatever it might leave out is left out"));
        }
        list
    }
}

impl Listed {
    fn file(&mut self, path: &str, stamp: std::io::Result<Stamp>) {
        match (RelPath::new(path), stamp) {
            (Some(path), Ok(stamp)) => self.walked.files.push(WalkedFile { path, stamp }),
            (_, Err(error)) => self.cannot(path, &error),
            // No file system has such names.
            (None, Ok(_)) => self.skip(path, "not a path inside the project".into()),
        }
    }

    fn skip(&mut self, path: &str, reason: SkipReason) {
        let path = if path.is_empty() { "." } else { path };
        self.walked.skipped.push(Skipped { path: path.to_string(), reason });
    }

    /// What vanished since its folder was listed was never there.
    fn cannot(&mut self, path: &str, error: &std::io::Error) {
        use std::io::ErrorKind::{CrossesDevices, NotFound};
        match error.kind() {
            NotFound => {}
            CrossesDevices => self.skip(path, SkipReason::OtherFileSystem),
            _ => self.skip(path, cannot_be_read(error).into()),
        }
    }

    fn add(&mut self, other: Self) {
        self.pending.extend(other.pending);
        self.paths += other.paths;
        self.walked.files.extend(other.walked.files);
        self.walked.directories.extend(other.walked.directories);
        self.walked.skipped.extend(other.walked.skipped);
        self.walked.warnings.extend(other.walked.warnings);
    }
}

impl WalkOutcome {
    fn sorted(mut self) -> Self {
        self.files.par_sort_unstable_by(|a, b| a.path.cmp(&b.path));
        self.directories.sort();
        self.skipped.sort();
        self.warnings.sort();
        self
    }
}

/// An I/O error in words, without the platform's error number.
fn cannot_be_read(error: &std::io::Error) -> String {
    match error.raw_os_error() {
        Some(_) => format!("cannot be read: {}", error.kind()),
        None => format!("cannot be read: {error}"),
    }
}

fn find(sorted: &[RelPath], path: &str) -> Result<usize, usize> {
    sorted.binary_search_by(|tracked| tracked.as_str().cmp(path))
}

/// Whether an ignore file is not there for git either: it follows no link to one
/// in the tree, and goes on without one that it may not read.
fn is_none(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{NotADirectory, NotFound, PermissionDenied};
    let is_no_file = error.raw_os_error().is_none() || confined::is_link(error);
    is_no_file || matches!(error.kind(), NotFound | PermissionDenied | NotADirectory)
}

fn read_text(file: File, at_most: u64) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::new();
    file.take(at_most).read_to_end(&mut text)?;
    Ok(text)
}

/// A name that is not UTF-8, for people: other bytes as `\xNN`, and a backslash
/// doubled so that two names never look alike.
fn escaped(path: &[u8]) -> String {
    let mut text = String::new();
    for chunk in path.utf8_chunks() {
        text.push_str(&chunk.valid().replace('\\', "\\\\"));
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    text
}

#[cfg(test)]
mod tests;
