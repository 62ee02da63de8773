//! Whether a path that a text names is there, may be there, or is surely not.
//!
//! Not here: what stands in the file.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use super::is_shown;
use crate::model::{RelPath, resolve_path};
use crate::pipeline::{Context, Reading, follow};
use crate::rank_terms;

/// What is known of a path.
pub enum PathVerdict {
    /// With the file, if it is one that was read.
    There(Option<RelPath>),
    Missing,
    /// It may be made by a build, lie elsewhere, or be an example.
    Unknown,
}

/// What can be known of paths, seen from the folder of a text.
pub struct Paths<'a> {
    context: &'a Context,
    reading: &'a Reading,
    folder: &'a str,
    /// All folders with files, from the root.
    folders: BTreeSet<&'a str>,
    /// Files by their last component.
    names: HashMap<&'a str, Vec<&'a RelPath>>,
    /// `host/owner/name` of the repository's own place, and names of its branches.
    origin: Option<String>,
    ignored: RefCell<HashMap<String, bool>>,
}

/// Parts of a path that stand for something else, and beginnings of such.
#[rustfmt::skip]
const PLACEHOLDERS: [&str; 24] = [
    "bar", "baz", "dir", "directory", "example", "file", "filename", "foo", "folder", "module", "name", "new", "package", "path",
    "project", "qux", "sample", "something", "subdir", "to", "user", "username", "xxx", "yyy",
];
const STAND_INS: [&str; 8] = ["bar", "example", "foo", "my", "sample", "some", "your", "xxx"];

/// Words that mean nothing wherever they stand in a name.
const NONSENSE: [&str; 4] = ["bar", "baz", "foo", "qux"];

/// What people who write examples call their own.
const MINE: [&str; 8] =
    ["myapp", "myfile", "mylib", "mymodule", "mypackage", "mypkg", "myplugin", "myproject"];

/// Folders that tools make.
const MADE: [&str; 16] = [
    "_build",
    "_site",
    "build",
    "cache",
    "coverage",
    "dist",
    "env",
    "generated",
    "logs",
    "node_modules",
    "out",
    "output",
    "target",
    "tmp",
    "vendor",
    "venv",
];

impl<'a> Paths<'a> {
    /// The paths of a tree, for a text in `folder`.
    pub fn new(context: &'a Context, reading: &'a Reading, folder: &'a str) -> Self {
        let mut folders: BTreeSet<&str> = BTreeSet::new();
        let mut names: HashMap<&str, Vec<&RelPath>> = HashMap::new();
        for file in &reading.tree.files {
            let path = &file.facts.path;
            names.entry(path.name()).or_default().push(path);
            let mut parent = path.parent();
            while !parent.is_empty() && folders.insert(parent) {
                parent = parent.rsplit_once('/').map_or("", |(above, _)| above);
            }
        }
        let origin =
            context.repository.as_ref().and_then(|repository| repository.origin()).map(|url| plain_url(&url));
        Self { context, reading, folder, folders, names, origin, ignored: RefCell::default() }
    }

    /// Whether there is a folder of this path.
    pub fn is_folder(&self, path: &str) -> bool {
        self.folders.contains(path)
    }

    /// What is known of a path that a text names. In plain words only what has the
    /// shape of a file is judged: `and/or` is none.
    pub fn judge(&self, said: &str, in_code: bool) -> PathVerdict {
        let plain = said.trim_start_matches("./").trim_end_matches('/');
        let bases = [Some(plain.to_string()), resolve_path(self.folder, said.trim_end_matches('/'))];
        let tried: Vec<String> = bases.into_iter().flatten().filter(|path| !path.is_empty()).collect();
        for path in &tried {
            let file = RelPath::new(path);
            if let Some(file) = file.clone().filter(|file| self.reading.tree.index_of(file).is_some()) {
                return PathVerdict::There(Some(file));
            }
            if self.is_folder(path) || file.is_some_and(|file| self.on_disk(&file)) {
                return PathVerdict::There(None);
            }
        }
        if let Some(known) = self.ends_with(plain) {
            return PathVerdict::There(known);
        }
        match self.is_knowable(said, plain, in_code) && !tried.iter().any(|path| self.is_ignored(path)) {
            true => PathVerdict::Missing,
            false => PathVerdict::Unknown,
        }
    }

    /// The only file or any folder whose path ends so, as texts leave out the
    /// beginning; and a module without its extension.
    fn ends_with(&self, plain: &str) -> Option<Option<RelPath>> {
        let tail = format!("/{plain}");
        let name = plain.rsplit('/').next().unwrap_or(plain);
        let same: Vec<&&RelPath> = self
            .names
            .get(name)
            .into_iter()
            .flatten()
            .filter(|path| path.as_str().ends_with(&tail))
            .collect();
        match same[..] {
            [only] => return Some(Some((*only).clone())),
            [_, ..] => return Some(None),
            [] => {}
        }
        let has_folder = self.folders.iter().any(|folder| folder.ends_with(&tail));
        let stem = format!("{plain}.");
        let stem_tail = format!("/{stem}");
        let is_module = !name.contains('.')
            && self.reading.tree.files.iter().any(|file| {
                let path = file.facts.path.as_str();
                path.starts_with(&stem) || path.contains(&stem_tail)
            });
        (has_folder || is_module).then_some(None)
    }

    /// Whether the tree would have it if it were there: its folder begins in one of
    /// the tree's, and nothing in it stands for something else.
    fn is_knowable(&self, said: &str, plain: &str, in_code: bool) -> bool {
        let parts: Vec<&str> = plain.split('/').collect();
        let (first, last) = (parts[0], parts[parts.len() - 1]);
        let has_extension = extension(last).is_some();
        let is_placeholder = |part: &&str| {
            let stem = part.split('.').next().unwrap_or(part);
            let first = stem.split('-').flat_map(rank_terms::parts).find(|word| !word.is_empty());
            let first = first.unwrap_or_default().to_lowercase();
            let stem = stem.to_lowercase();
            let is_shouted = part.chars().all(|c| c.is_uppercase() || c == '_') || stem.contains("xxx");
            // `NNNN`
            let is_letter = stem.len() > 2 && stem.chars().all(|c| stem.starts_with(c));
            let is_nonsense = rank_terms::parts(&stem).any(|word| NONSENSE.contains(&word));
            let is_mine = MINE.iter().any(|word| stem.contains(word));
            PLACEHOLDERS.contains(&stem.as_str())
                || STAND_INS.contains(&first.as_str())
                || is_shouted
                || is_letter
                || is_nonsense
                || is_mine
        };
        // A note of news is called by the number of what it tells of.
        let is_numbered = last.starts_with(|c: char| c.is_ascii_digit()) && parent_says_news(plain);
        let begins_here = self.is_folder(first)
            || !self.folder.is_empty()
                && resolve_path(self.folder, first).is_some_and(|path| self.is_folder(&path));
        let parent = plain.rsplit_once('/').map_or("", |(parent, _)| parent);
        let shaped =
            has_extension || in_code && (said.ends_with('/') || parts.len() > 2 && self.is_folder(parent));
        // In plain words another project's path may be meant.
        let is_ours = in_code || self.is_folder(parent) || self.has_namesake(plain);
        begins_here
            && shaped
            && is_ours
            && !is_numbered
            && !said.starts_with("..")
            && !parts.iter().any(is_placeholder)
            && !parts.iter().any(|part| MADE.contains(part))
            && !parts.iter().any(|part| part.starts_with('.') && part.len() > 1 && *part != ".github")
    }

    fn on_disk(&self, path: &RelPath) -> bool {
        self.context.project.staged.is_none()
            && std::fs::symlink_metadata(self.context.project.root.join(path.as_str())).is_ok()
    }

    fn is_ignored(&self, path: &str) -> bool {
        if let Some(known) = self.ignored.borrow().get(path) {
            return *known;
        }
        let ask = |repository: &crate::git::Repository| repository.is_ignored(path).unwrap_or(true);
        let ignored = self.context.repository.as_ref().is_some_and(ask);
        self.ignored.borrow_mut().insert(path.to_string(), ignored);
        ignored
    }

    /// The path that a relative link leads to, if nothing is there. Sites make
    /// pages of documents, so an address without the ending of a document says nothing.
    pub fn missing_link(&self, target: &str) -> Option<String> {
        let target = target.split(['#', '?']).next().unwrap_or_default();
        let target = target.replace("%20", " ");
        let is_plain = !target.is_empty()
            && !target.starts_with(['/', '{', '<', '~', '@', '$'])
            && !target.contains([':', '{', '$', '*', '<', '\\']);
        let ending = extension(target.rsplit('/').next().unwrap_or_default());
        let is_document = ending
            .is_some_and(|ending| !matches!(ending, "html" | "htm" | "php" | "com" | "org" | "io" | "dev"));
        if !is_plain || !is_document || self.names.is_empty() {
            return None;
        }
        let path = resolve_path(self.folder, &target)?;
        let file = RelPath::new(&path)?;
        let from_root = RelPath::new(target.trim_start_matches("./"));
        let is_there = |file: &RelPath| self.reading.tree.index_of(file).is_some() || self.on_disk(file);
        let known_ending =
            self.reading.tree.files.iter().any(|other| Some(other.facts.path.extension()) == ending);
        let is_made = path.split('/').any(|part| MADE.contains(&part));
        let is_missing =
            known_ending && !is_made && !is_there(&file) && !from_root.is_some_and(|file| is_there(&file));
        (is_missing && !self.has_counterpart(&path) && !self.is_ignored(&path)).then_some(path)
    }

    /// The path in the repository that a URL of its own leads to on its main branch,
    /// if there is no such file.
    pub fn missing_url(&self, url: &str) -> Option<String> {
        let own = self.origin.as_ref()?;
        let rest = plain_url(url);
        let rest = rest.strip_prefix(own.as_str())?.strip_prefix('/')?;
        let rest = rest.strip_prefix("-/").unwrap_or(rest);
        let rest = rest.strip_prefix("blob/").or_else(|| rest.strip_prefix("tree/"))?;
        let (branch, path) = rest.split_once('/')?;
        if !matches!(branch, "main" | "master" | "HEAD" | "trunk" | "develop" | "dev") {
            return None;
        }
        let path = path.split(['#', '?']).next()?.trim_end_matches('/');
        let prefix =
            self.context.repository.as_ref().map(|repository| repository.prefix.clone()).unwrap_or_default();
        let path = path.strip_prefix(prefix.as_str())?;
        let file = RelPath::new(path)?;
        let is_there =
            self.reading.tree.index_of(&file).is_some() || self.is_folder(path) || self.on_disk(&file);
        (!is_there && !path.contains(['%', '{', '$', '<', '*'])).then(|| path.to_string())
    }

    /// The file of the same name, or of nearly the same path.
    pub fn nearest(&self, path: &str) -> Option<RelPath> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let likeness = |other: &RelPath| {
            let common = other.as_str().split('/').zip(path.split('/')).take_while(|(a, b)| a == b).count();
            (common, usize::MAX - other.as_str().len())
        };
        let same = self.names.get(name).into_iter().flatten().max_by_key(|other| likeness(other));
        let near = || {
            let files = self.reading.tree.files.iter().map(|file| &file.facts.path);
            let most = 1 + path.len() / 8;
            let far = |other: &&RelPath| strsim::osa_distance(path, other.as_str());
            let close = files.filter(|other| other.as_str().len().abs_diff(path.len()) <= most);
            let best = close.map(|other| (far(&other), other)).filter(|(far, _)| *far <= most).min();
            best.map(|(_, other)| other)
        };
        same.copied().or_else(near).filter(|path| is_shown(self.context, path)).cloned()
    }

    /// Whether a file of that name lies anywhere.
    pub fn has_namesake(&self, path: &str) -> bool {
        self.names.contains_key(path.rsplit('/').next().unwrap_or(path))
    }

    /// Whether the path with other languages' folders or another ending of documents is there, as
    /// sites fall back to one and make both of the other.
    fn has_counterpart(&self, path: &str) -> bool {
        let parts: Vec<&str> = path.split('/').collect();
        let name = parts.last().copied().unwrap_or_default();
        let is_language = |part: &&str| part.len() <= 3 || part.len() <= 7 && part.contains('-');
        let is_other = |other: &&RelPath| {
            let others: Vec<&str> = other.as_str().split('/').collect();
            let mut differ = parts.iter().zip(&others).filter(|(a, b)| a != b);
            let language = differ.next().is_some_and(|(a, b)| is_language(a) && is_language(b));
            others.len() == parts.len() && language && differ.next().is_none()
        };
        let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
        let is_document = |ending: &&str| {
            RelPath::new(&format!("{stem}.{ending}"))
                .is_some_and(|path| self.reading.tree.index_of(&path).is_some())
        };
        self.names.get(name).into_iter().flatten().any(is_other)
            || ["mdx", "md", "rst", "markdown", "adoc", "ipynb"].iter().any(is_document)
    }

    /// What git says the file is called now.
    pub fn renamed(&self, path: &str) -> Option<RelPath> {
        let path = RelPath::new(path.trim_start_matches("./").trim_end_matches('/'))?;
        let here = resolve_path(self.folder, path.as_str()).and_then(|path| RelPath::new(&path));
        let candidates = [Some(path), here];
        candidates
            .into_iter()
            .flatten()
            .find_map(|path| follow::renamed_to(self.context, &self.reading.tree, &path).ok().flatten())
            .filter(|path| is_shown(self.context, path))
    }
}

/// Lies in a folder of news for users.
fn parent_says_news(path: &str) -> bool {
    let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders).to_lowercase();
    ["change", "news", "fragment", "release", "upcoming"].iter().any(|word| folders.contains(word))
}

/// The ending of a file's name: letters and digits with a letter.
fn extension(name: &str) -> Option<&str> {
    let (stem, ending) = name.rsplit_once('.')?;
    let fits = !stem.is_empty()
        && (1..=8).contains(&ending.len())
        && ending.chars().all(|c| c.is_ascii_alphanumeric())
        && ending.chars().any(|c| c.is_ascii_alphabetic());
    fits.then_some(ending)
}

/// `github.com/owner/name` of all spellings of a remote, and of URLs below it.
fn plain_url(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest).trim_start_matches("www.");
    let rest = if url.contains("://") { rest.to_string() } else { rest.replacen(':', "/", 1) };
    rest.trim_end_matches('/').trim_end_matches(".git").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_a_remote_are_one_place() {
        for url in [
            "https://github.com/a/b.git",
            "git@github.com:a/b.git",
            "ssh://git@github.com/a/b",
            "https://www.github.com/a/b/",
        ] {
            assert_eq!(plain_url(url), "github.com/a/b", "{url}");
        }
    }

    #[test]
    fn endings_are_letters_and_digits() {
        assert_eq!(extension("a.rs"), Some("rs"));
        assert_eq!(extension("v1.2"), None);
        assert_eq!(extension(".env"), None);
        assert_eq!(extension("name"), None);
    }
}
