//! The live part: the work tree compared with the head commit or a recorded
//! snapshot.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::history::SHOWN_COMMITS;
use super::sources::{is_safe_path, open_root, text_of};
use super::{Context, Reading, Result, hashes};
use crate::model::{self, Content, ContentHash, History, RelPath, SafeText, SkipReason, Stamp, Tree};
use crate::project::FOLDER;
use crate::store::{SnapshotFiles, Store};
use crate::{compare, extract, git, render, walk};

/// Files that differ from the head commit, sorted by path. `None` outside git
/// and if git fails, which is not the same as no change.
pub(super) fn changes(context: &Context, reading: &Reading) -> Option<Vec<git::Change>> {
    let repository = context.repository.as_ref()?;
    let index = match reading.index() {
        Some(index) => index,
        None => &repository.tracked().ok()?,
    };
    let Compared { unsure, untracked } = compared(context, &reading.tree, index);
    let is_quick = unsure.len() * index.files.len() <= COMPARISONS;
    let tracked = match is_quick && repository.is_as_committed(index) {
        true if unsure.is_empty() => Vec::new(),
        true => repository.tracked_changes(Some(&unsure)).ok()?,
        false => repository.tracked_changes(None).ok()?,
    };
    let mut all: BTreeMap<RelPath, git::ChangeStatus> =
        tracked.into_iter().map(|change| (change.path, change.status)).collect();
    for path in untracked {
        // Taken out of the index, and still there.
        let is_known = all.contains_key(&path);
        all.insert(path, if is_known { git::ChangeStatus::Modified } else { git::ChangeStatus::Untracked });
    }
    Some(all.into_iter().map(|(path, status)| git::Change { path, status }).collect())
}

/// Asked about files by name, git compares each of them with each one that it
/// tracks; with more than so many comparisons, a look at all files is as quick.
const COMPARISONS: usize = 5_000_000;

/// What the walk saw compared with what git noted.
struct Compared {
    /// Tracked, and only git can tell whether they changed.
    unsure: Vec<RelPath>,
    untracked: Vec<RelPath>,
}

fn compared(context: &Context, tree: &Tree, index: &git::Index) -> Compared {
    // Links are not read, but tracked like files.
    let links = tree.skipped.iter().filter(|skipped| skipped.reason == SkipReason::Symlink);
    let links = links.filter_map(|skipped| {
        let path = RelPath::new(&skipped.path)?;
        let stamp = walk::stamp_at(&context.project.root.join(path.as_str()))?;
        Some((Cow::Owned(path), stamp))
    });
    let files = tree.files.iter().map(|file| (Cow::Borrowed(&file.facts.path), file.facts.stamp));
    let mut found: Vec<(Cow<RelPath>, Stamp)> = files.chain(links).collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    let (mut unsure, mut untracked) = (Vec::new(), Vec::new());
    let mut found = found.into_iter().peekable();
    for (at, path) in index.files.iter().enumerate() {
        while let Some((other, _)) = found.next_if(|(found, _)| **found < *path) {
            untracked.push(other.into_owned());
        }
        let stamp = found.next_if(|(found, _)| **found == *path).map(|(_, stamp)| stamp);
        if !stamp.is_some_and(|stamp| index.is_unchanged(at, &stamp)) && !path.is_below(FOLDER) {
            unsure.push(path.clone());
        }
    }
    untracked.extend(found.map(|(path, _)| path.into_owned()));
    Compared { unsure, untracked }
}

/// The live part: branch, what changed since the head commit (outside git:
/// since the last snapshot), recent commits.
pub fn now(
    context: &Context,
    reading: &Reading,
    store: Option<&Store>,
    history: &History,
) -> Result<render::view::NowView> {
    let (Some(repository), Some(changes)) = (&context.repository, changes(context, reading)) else {
        return since_snapshot(context, reading, store, None);
    };
    let head = reading.head.clone();
    let ours = |path: &RelPath| path.is_below(FOLDER) || !is_safe_path(context, path);
    let changes: Vec<git::Change> = changes.into_iter().filter(|change| !ours(&change.path)).collect();
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
        commits: history.commits.iter().take(SHOWN_COMMITS).map(|commit| commit.subject.clone()).collect(),
    })
}

/// The live part against a recorded snapshot, by default the last one that
/// somebody took.
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
        None => match store.baseline()? {
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
    now.changed.extend(files.renamed.iter().map(|rename| render::view::ChangedView {
        status: "renamed",
        path: context.redactor.name(&format!("{} -> {}", rename.from, rename.to)),
        symbols: of_file.get(&rename.to).cloned().unwrap_or_default(),
    }));
    now.branch = reading.head.branch.as_deref().map(|branch| context.redactor.line(branch));
    now.head = reading.head.commit.as_ref().map(|commit| commit.chars().take(10).collect());
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
    let modified =
        changes.iter().filter(|change| change.status == git::ChangeStatus::Modified).take(COMPARED);
    let parsed = modified.filter(|change| language_of(&reading.tree, &change.path).is_some());
    let paths: Vec<RelPath> = parsed.map(|change| change.path.clone()).collect();
    if paths.is_empty() {
        return Ok(HashMap::new());
    }
    let before = repository.contents_at_head(&paths, context.settings.max_file_size()).unwrap_or_default();
    let both = paths.into_iter().zip(before).filter_map(|(path, text)| Some((path, text?)));
    touched_in(context, reading, both.collect())
}

/// The symbols that differ between files as they were and as they are.
pub(super) fn touched_in(
    context: &Context,
    reading: &Reading,
    before: Vec<(RelPath, Vec<u8>)>,
) -> Result<HashMap<RelPath, Vec<SafeText>>> {
    let root = open_root(context)?;
    let touched = |path: &RelPath, before: Vec<u8>| {
        let index = reading.tree.index_of(path)?;
        let language = language_of(&reading.tree, path)?;
        let after = text_of(context, &root, &reading.tree, path)?;
        // What stands at the head was most often read before.
        let stored = reading.stored(ContentHash::of(&before), language.name());
        let before = context.redactor.text(&walk::decode(&before));
        let content = match stored {
            Some(content) => Ok(content),
            None => context.parsers.content(Some(language), &before),
        };
        let now = &reading.tree.files[index as usize].content().outline;
        Some(
            content
                .map(|content| compare::touched((before.as_str(), &content.outline), (after.as_str(), now))),
        )
    };
    let found = before.into_iter().filter_map(|(path, text)| Some((path.clone(), touched(&path, text)?)));
    found.map(|(path, touched)| Ok((path, touched?))).collect()
}

/// The symbols in which single files differ from the head commit, without a look
/// at the rest of the tree.
pub fn touched_at_head(context: &Context, paths: &[RelPath]) -> Result<BTreeMap<RelPath, Vec<SafeText>>> {
    let mut touched = BTreeMap::new();
    let Some(repository) = context.repository.as_ref().filter(|_| !paths.is_empty()) else {
        return Ok(touched);
    };
    let before = repository.contents_at_head(paths, context.settings.max_file_size()).unwrap_or_default();
    let wanted: BTreeSet<RelPath> = paths.iter().cloned().collect();
    let tree = Tree { files: super::read::files_now(context, &wanted)?, ..Tree::default() };
    let root = open_root(context)?;
    for (path, before) in paths.iter().zip(before) {
        let (Some(before), Some(language)) = (before, language_of(&tree, path)) else { continue };
        let Some(after) = text_of(context, &root, &tree, path) else { continue };
        let before = context.redactor.text(&walk::decode(&before));
        let old = context.parsers.content(Some(language), &before)?;
        let now = tree.index_of(path).map(|index| tree.files[index as usize].content().clone());
        let now = now.unwrap_or_default();
        let symbols = compare::touched((before.as_str(), &old.outline), (after.as_str(), &now.outline));
        touched.insert(path.clone(), symbols);
    }
    Ok(touched)
}

fn language_of(tree: &Tree, path: &RelPath) -> Option<&'static extract::Language> {
    let file = &tree.files[tree.index_of(path)? as usize];
    extract::language_named(file.facts.language?)
}

/// The tree against a recorded snapshot: files alone.
pub(super) fn changed_files(
    reading: &Reading,
    store: &Store,
    last: &model::Snapshot,
) -> Result<compare::FileChanges> {
    match reading.base() == Some(last.digest) {
        true => Ok(reading.changes()),
        false => {
            let (old, new) = (hashes_of(&store.state(last.id)?), hashes(&reading.tree));
            let mut changes = compare::files(&old, &new);
            changes.pair_same(&old, &new);
            Ok(changes)
        }
    }
}

/// The tree against a recorded snapshot: files and symbols.
pub fn compare_with(
    reading: &Reading,
    store: &Store,
    id: model::SnapshotId,
) -> Result<(compare::FileChanges, compare::SymbolChanges)> {
    let state = store.state(id)?;
    let now = |path: &RelPath| {
        let index = reading.tree.index_of(path);
        Ok(index.map(|index| reading.tree.files[index as usize].content().clone()))
    };
    differences((&hashes_of(&state), &recorded(store, &state)), (&hashes(&reading.tree), &now))
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
    let old = (&hashes_of(&before), &recorded(store, &before) as &ContentOf);
    differences(old, (&hashes_of(&after), &recorded(store, &after)))
}

type PathHashes = BTreeMap<RelPath, ContentHash>;

/// The content of a file on one side, where there is one.
type ContentOf<'a> = dyn Fn(&RelPath) -> Result<Option<Arc<Content>>> + 'a;

fn differences(
    (old, before): (&PathHashes, &ContentOf),
    (new, after): (&PathHashes, &ContentOf),
) -> Result<(compare::FileChanges, compare::SymbolChanges)> {
    let mut files = compare::files(old, new);
    files.pair_same(old, new);
    files.pair_alike(&|path, is_new| if is_new { after(path) } else { before(path) })?;
    let mut symbols = compare::SymbolChanges::default();
    let content = |content: Option<Arc<Content>>| content.unwrap_or_default();
    for path in files.added.iter().chain(&files.modified).chain(&files.removed) {
        symbols.add(path, &content(before(path)?).outline, &content(after(path)?).outline);
    }
    for rename in &files.renamed {
        symbols.add(
            &rename.to,
            &content(before(&rename.from)?).outline,
            &content(after(&rename.to)?).outline,
        );
    }
    Ok((files, symbols))
}

fn recorded<'a>(
    store: &'a Store,
    state: &'a SnapshotFiles,
) -> impl Fn(&RelPath) -> Result<Option<Arc<Content>>> + 'a {
    |path| {
        let Some(file) = state.files.get(path) else { return Ok(None) };
        Ok(store.content(file.hash, file.language.as_deref().unwrap_or_default())?.map(Arc::new))
    }
}

fn hashes_of(state: &SnapshotFiles) -> PathHashes {
    state.files.iter().map(|(path, file)| (path.clone(), file.hash)).collect()
}
