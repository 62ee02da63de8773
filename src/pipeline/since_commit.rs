//! Compares the tree with a commit other than the head: the differences between
//! the two commits, and what was edited since.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::live::{changes, touched_in};
use super::sources::is_safe_path;
use super::{Context, Reading, Result};
use crate::compare::{self, FileChanges};
use crate::git::{Blob, Repository};
use crate::model::{ContentHash, RelPath, SafeText};
use crate::project::FOLDER;
use crate::render::view::{ChangedView, NowView};

/// Bytes of old contents that are fetched for symbols, together.
const MOST_BYTES: u64 = 32_000_000;

/// Files whose symbols are compared.
const COMPARED: usize = 200;

/// The live part against a commit, by its id.
pub fn since_commit(context: &Context, reading: &Reading, commit: &str) -> Result<NowView> {
    let Some(repository) = &context.repository else { return Ok(NowView::default()) };
    let objects = repository.objects();
    let before = objects.tree(commit)?;
    let head = if reading.head.commit.is_some() { objects.tree("HEAD")? } else { Vec::new() };
    let edited = changes(context, reading).unwrap_or_default();
    let edited: BTreeSet<RelPath> = edited.into_iter().map(|change| change.path).collect();
    let before = before.into_iter().filter(|blob| is_shown(context, &blob.path));
    let before: BTreeMap<RelPath, Blob> = before.map(|blob| (blob.path.clone(), blob)).collect();
    let (files, contents) = compared(reading, repository, &before, &head, &edited)?;
    let symbols = symbols(context, reading, &files, contents)?;
    let view = |status: &'static str, path: &RelPath, shown: String| ChangedView {
        status,
        path: context.redactor.name(&shown),
        symbols: symbols.get(path).cloned().unwrap_or_default(),
    };
    let lists = [("added", &files.added), ("modified", &files.modified), ("deleted", &files.removed)];
    let mut changed: Vec<(RelPath, ChangedView)> = Vec::new();
    for (status, paths) in lists {
        changed.extend(paths.iter().map(|path| (path.clone(), view(status, path, path.to_string()))));
    }
    changed.extend(files.renamed.iter().map(|rename| {
        (rename.to.clone(), view("renamed", &rename.to, format!("{} -> {}", rename.from, rename.to)))
    }));
    changed.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(NowView {
        branch: reading.head.branch.as_deref().map(|branch| context.redactor.line(branch)),
        head: reading.head.commit.as_ref().map(|commit| commit.chars().take(10).collect()),
        state: reading.head.state,
        since: Some(commit.chars().take(10).collect()),
        changed: changed.into_iter().map(|(_, view)| view).collect(),
        commits: Vec::new(),
    })
}

fn is_shown(context: &Context, path: &RelPath) -> bool {
    !path.is_below(FOLDER) && is_safe_path(context, path)
}

/// Old contents by path.
type Contents = HashMap<RelPath, Vec<u8>>;

/// Files that differ. Those that nobody edited differ where the two commits do;
/// of the others the contents are compared.
fn compared(
    reading: &Reading,
    repository: &Repository,
    before: &BTreeMap<RelPath, Blob>,
    head: &[Blob],
    edited: &BTreeSet<RelPath>,
) -> Result<(FileChanges, Contents)> {
    let head: HashMap<&RelPath, &str> = head.iter().map(|blob| (&blob.path, blob.oid.as_str())).collect();
    let tree = &reading.tree;
    let is_same = |blob: &&Blob| {
        !edited.contains(&blob.path) && head.get(&blob.path).is_some_and(|oid| *oid == blob.oid)
    };
    let differs: Vec<&Blob> = before.values().filter(|blob| !is_same(blob)).collect();
    let mut bytes = 0;
    let fetched: Vec<&&Blob> = differs
        .iter()
        .take_while(|blob| {
            bytes += blob.size.unwrap_or_default();
            bytes <= MOST_BYTES
        })
        .collect();
    let oids: Vec<&str> = fetched.iter().map(|blob| blob.oid.as_str()).collect();
    let contents = repository.objects().contents(&oids)?;
    let contents: Contents = fetched
        .iter()
        .zip(contents)
        .filter_map(|(blob, content)| Some((blob.path.clone(), content?)))
        .collect();
    let is_old = |path: &RelPath| before.contains_key(path);
    let mut old: BTreeMap<RelPath, ContentHash> = BTreeMap::new();
    for blob in &differs {
        // One that was not fetched differs from all.
        let hash = contents
            .get(&blob.path)
            .map_or(ContentHash::of(blob.oid.as_bytes()), |bytes| ContentHash::of(bytes));
        old.insert(blob.path.clone(), hash);
    }
    let new = tree.files.iter().map(|file| &file.facts);
    let new = new.filter(|facts| old.contains_key(&facts.path) || !is_old(&facts.path));
    let new: BTreeMap<RelPath, ContentHash> = new.map(|facts| (facts.path.clone(), facts.hash)).collect();
    // What the walk leaves out is neither here nor there.
    let is_walked = |path: &RelPath| !tree.skipped.iter().any(|skipped| skipped.path == path.as_str());
    old.retain(|path, _| new.contains_key(path) || is_walked(path));
    let mut files = compare::files(&old, &new);
    files.pair_same(&old, &new);
    Ok((files, contents))
}

/// Symbols of the files that are on both sides.
fn symbols(
    context: &Context,
    reading: &Reading,
    files: &FileChanges,
    mut contents: Contents,
) -> Result<HashMap<RelPath, Vec<SafeText>>> {
    let both = files.modified.iter().filter_map(|path| Some((path.clone(), contents.remove(path)?)));
    let both: Vec<(RelPath, Vec<u8>)> = both.take(COMPARED).collect();
    touched_in(context, reading, both)
}
