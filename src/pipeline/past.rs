//! Past commits as `waypost rank` would see them on a checkout: the tree, and
//! the history up to there. Nothing later is looked at.
//!
//! Not here: the work tree (`read`), and the store: a past state is measured
//! and forgotten. What a checkout may do to bytes (filters, line ends) is not
//! done; line ends do not matter, because reading drops them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::Result;
use super::history::safe_commit;
use super::sources::is_safe;
use crate::git::{Blob, Objects, Unavailable};
use crate::model::{
    Class, Commit, Content, ContentHash, File, FileFacts, History, RelPath, SafeText, Stamp, Tree,
};
use crate::parsers::Parsers;
use crate::redact::Redactor;
use crate::walk::{self, classify};
use crate::{extract, limits};

/// Bytes of blobs that are held at once.
const BATCH: u64 = 32_000_000;

/// A repository's past, with what was read of it so far.
pub struct PastTrees<'a> {
    objects: Objects,
    redactor: &'a Redactor,
    parsers: &'a Parsers,
    rules: walk::WalkRules,
    /// Bytes, as the setting `max_file_size`.
    max_file_size: u64,
    shallow: bool,
    /// Each blob is read once, whatever the number of commits that hold it.
    known: HashMap<(String, RelPath), BlobInfo>,
    commits: HashMap<String, Commit>,
    states: HashMap<String, CommitState>,
    /// Blobs that a partial clone lacks: the files are missing in their trees.
    pub lacking: usize,
}

/// What a blob says at one path.
#[derive(Clone)]
struct BlobInfo {
    class: Class,
    language: Option<&'static str>,
    content: Arc<Content>,
    /// Kept of manifests, which tell how imports are resolved.
    text: Option<SafeText>,
}

/// A loaded commit.
struct CommitState {
    files: Vec<Blob>,
    /// Ids of the commits that it can see, itself first.
    seen: Vec<String>,
}

impl<'a> PastTrees<'a> {
    /// `shallow` is told on with the history.
    pub fn new(
        objects: Objects,
        redactor: &'a Redactor,
        parsers: &'a Parsers,
        rules: walk::WalkRules,
        max_file_size: u64,
        shallow: bool,
    ) -> Self {
        let (known, commits, states) = Default::default();
        Self { objects, redactor, parsers, rules, max_file_size, shallow, known, commits, states, lacking: 0 }
    }

    /// Reads what the trees and histories of these commits take. `step` is
    /// called for each blob, after `begin` was told their number.
    pub fn load(&mut self, commits: &[&str], begin: &dyn Fn(usize), step: &(dyn Fn() + Sync)) -> Result<()> {
        let new: Vec<&str> =
            commits.iter().copied().filter(|commit| !self.states.contains_key(*commit)).collect();
        let states: Vec<(String, CommitState)> = new
            .par_iter()
            .map(|commit| Ok((commit.to_string(), self.state(commit)?)))
            .collect::<Result<_>>()?;
        let unread = self.unread(&states);
        begin(unread.len());
        self.read_blobs(unread, step)?;
        self.load_commits(&states)?;
        self.states.extend(states);
        Ok(())
    }

    /// Forgets every state but those of `commits`, and what only others hold.
    pub fn keep_only(&mut self, commits: &[&str]) {
        self.states.retain(|commit, _| commits.contains(&commit.as_str()));
        let files = self.states.values().flat_map(|state| &state.files);
        let held: HashSet<(&str, &RelPath)> = files.map(|file| (file.oid.as_str(), &file.path)).collect();
        self.known.retain(|(oid, path), _| held.contains(&(oid.as_str(), path)));
    }

    /// The tree of a loaded commit; an empty one of any other.
    pub fn tree(&self, commit: &str) -> Tree {
        let blobs = self.states.get(commit).map_or(&[][..], |state| &state.files);
        let found = |blob: &Blob| {
            let known = self.known.get(&(blob.oid.clone(), blob.path.clone()))?;
            let facts = FileFacts {
                path: blob.path.clone(),
                stamp: Stamp::default(),
                hash: ContentHash::of(blob.oid.as_bytes()),
                class: known.class,
                language: known.language,
            };
            Some((File::new(facts, known.content.clone()), known))
        };
        let (mut files, mut manifests) = (Vec::with_capacity(blobs.len()), HashMap::new());
        for (file, known) in blobs.iter().filter_map(found) {
            manifests.extend(known.text.iter().map(|text| (file.facts.path.clone(), text)));
            files.push(file);
        }
        let sources: Vec<_> = files.iter().map(import_source).collect();
        let imports = extract::imports::resolve(&sources, &|path| manifests.get(path).copied().cloned());
        Tree { files, skipped: Vec::new(), imports: Arc::new(imports) }
    }

    /// What a loaded commit can see of the history.
    pub fn history(&self, commit: &str) -> History {
        let seen = self.states.get(commit).map_or(&[][..], |state| &state.seen);
        let commits = seen.iter().filter_map(|id| self.commits.get(id).cloned());
        History { commits: commits.collect(), shallow: self.shallow }
    }

    fn state(&self, commit: &str) -> std::result::Result<CommitState, Unavailable> {
        let mut files = self.objects.tree(commit)?;
        let own: Vec<&Blob> = files.iter().filter(|file| walk::is_own_ignore_file(&file.path)).collect();
        let oids: Vec<&str> = own.iter().map(|file| file.oid.as_str()).collect();
        let texts = if oids.is_empty() { Vec::new() } else { self.objects.contents(&oids)? };
        let own: Vec<_> =
            own.iter().zip(texts).map(|(file, text)| (&file.path, text.unwrap_or_default())).collect();
        let paths: Vec<&RelPath> = files.iter().map(|file| &file.path).collect();
        let mut chosen = walk::chosen(&paths, &own, &self.rules).into_iter();
        files.retain(|file| chosen.next() == Some(true) && is_safe(self.redactor, &file.path));
        Ok(CommitState { files, seen: self.objects.ids(commit, limits::MAX_COMMITS)? })
    }

    /// The blobs that nothing is known of, by path and id, once each.
    fn unread(&self, states: &[(String, CommitState)]) -> Vec<Blob> {
        let mut unread = BTreeMap::new();
        for blob in states.iter().flat_map(|(_, state)| &state.files) {
            let key = (blob.oid.clone(), blob.path.clone());
            if !self.known.contains_key(&key) {
                unread.insert((key.1, key.0), blob.size);
            }
        }
        unread.into_iter().map(|((path, oid), size)| Blob { path, oid, size }).collect()
    }

    fn read_blobs(&mut self, blobs: Vec<Blob>, step: &(dyn Fn() + Sync)) -> Result<()> {
        let (wanted, named): (Vec<Blob>, Vec<Blob>) =
            blobs.into_iter().partition(|blob| class_without_content(blob, self.max_file_size).is_none());
        for blob in named {
            let class = class_without_content(&blob, self.max_file_size).unwrap_or(Class::Oversized);
            let language = extract::language_of(&blob.path, &[]).map(extract::Language::name);
            let known = BlobInfo { class, language, content: Arc::default(), text: None };
            self.known.insert((blob.oid, blob.path), known);
            step();
        }
        let mut rest = &wanted[..];
        while !rest.is_empty() {
            let (batch, after) = rest.split_at(batch_end(rest));
            rest = after;
            let oids: Vec<&str> = batch.iter().map(|blob| blob.oid.as_str()).collect();
            let contents = self.objects.contents(&oids)?;
            let read: Vec<_> = batch
                .par_iter()
                .zip(contents)
                .map(|(blob, bytes)| {
                    step();
                    let Some(bytes) = bytes else { return Ok(None) };
                    Ok(Some(((blob.oid.clone(), blob.path.clone()), self.known(&blob.path, &bytes)?)))
                })
                .collect::<Result<_>>()?;
            self.lacking += read.iter().filter(|read| read.is_none()).count();
            self.known.extend(read.into_iter().flatten());
        }
        Ok(())
    }

    /// As the walk classifies and reads a file.
    fn known(&self, path: &RelPath, bytes: &[u8]) -> Result<BlobInfo> {
        let class = classify::class(path, classify::by_name(path), bytes, true);
        let text: &[u8] = if class.is_read() { bytes } else { &[] };
        let language = extract::language_of(path, text);
        let name = language.map(extract::Language::name);
        let class = language.map_or(class, |language| language.class(class, path));
        if !class.is_read() {
            return Ok(BlobInfo { class, language: name, content: Arc::default(), text: None });
        }
        let source = self.redactor.text(&walk::decode(bytes));
        let content = self.parsers.content(language, &source)?;
        let text = extract::imports::is_manifest(path).then_some(source);
        Ok(BlobInfo { class, language: name, content: Arc::new(content), text })
    }

    /// Reads the messages that any of these states can see.
    fn load_commits(&mut self, states: &[(String, CommitState)]) -> std::result::Result<(), Unavailable> {
        let seen: HashSet<&String> = states.iter().flat_map(|(_, state)| &state.seen).collect();
        let mut new: Vec<String> =
            seen.into_iter().filter(|id| !self.commits.contains_key(*id)).cloned().collect();
        if new.is_empty() {
            return Ok(());
        }
        new.sort_unstable();
        let raw = self.objects.commits(&new)?;
        let redactor = self.redactor;
        self.commits.par_extend(raw.into_par_iter().map(|raw| (raw.id.clone(), safe_commit(redactor, raw))));
        Ok(())
    }
}

/// The class of a file whose content is not looked at, for its name or size.
/// A large binary counts as oversized: neither is read.
fn class_without_content(blob: &Blob, max_file_size: u64) -> Option<Class> {
    let named = classify::by_name(&blob.path);
    let by_name = classify::class(&blob.path, named, &[], true);
    let is_named = matches!(by_name, Class::Secret | Class::Lock | Class::Vendored | Class::Minified);
    let is_large = blob.size.is_some_and(|size| size > max_file_size);
    is_named.then_some(by_name).or(is_large.then_some(Class::Oversized))
}

/// How many of the first blobs make a batch: one at least.
fn batch_end(blobs: &[Blob]) -> usize {
    let mut sum = 0;
    let fits = |blob: &&Blob| {
        sum += blob.size.unwrap_or(0);
        sum <= BATCH
    };
    blobs.iter().take_while(fits).count().max(1)
}

fn import_source(file: &File) -> extract::imports::ImportSource<'_> {
    extract::imports::ImportSource {
        path: &file.facts.path,
        language: file.facts.language,
        outline: &file.content().outline,
    }
}
