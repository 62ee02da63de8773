//! Keeping the index of the code current: a look at the stamps of everything
//! that is known, and only when something moved a reading of the tree.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::fs::confined;
use crate::limits;
use crate::model::{File, RelPath, Stamp};
use crate::pipeline::{self, Context, Reading, Result};
use crate::rank_terms::{self, Counts, Terms};
use crate::store::{INDEX_BATCH, IndexedFile, NewPlace, NewSymbol, Store, StoreError};

/// Files that one question takes into the index, at most: the first one answers from those
/// that hold its words, and the next ones go on.
const AT_FIRST: usize = 500;
const AT_ONCE: usize = 1_000;

/// What the index lacks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IndexLag {
    /// Files that another process kept it from taking in; `None` when there is no index
    /// at all for that reason.
    pub behind: Option<usize>,
    /// Files that it has not got to yet.
    pub missing: usize,
}

/// Brings the index to the tree as it is. For a question it does not wait for all of a
/// large tree: the files that hold its words come first.
pub fn refresh(context: &Context, store: &mut Store, question: Option<&str>) -> Result<IndexLag> {
    let Some(moved) = moved(context, store)? else { return Ok(IndexLag { behind: Some(0), missing: 0 }) };
    let reading = pipeline::read(context, Some(store))?;
    match update(context, store, &reading, question) {
        Ok(missing) => Ok(IndexLag { behind: Some(0), missing }),
        Err(error) if error.of_store().is_some_and(StoreError::is_busy) => match moved {
            IndexState::NoIndex => Ok(IndexLag::default()),
            IndexState::Since => Ok(IndexLag { behind: Some(behind(store, &reading)?), missing: 0 }),
        },
        Err(error) => Err(error),
    }
}

/// Why the index is not of the tree as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum IndexState {
    NoIndex,
    Since,
}

/// Whether a file or folder is not as the index knows it, or the index was made
/// by other rules.
fn moved(context: &Context, store: &Store) -> Result<Option<IndexState>> {
    let Some((extractor, is_whole)) = store.place_origin()? else { return Ok(Some(IndexState::NoIndex)) };
    if !is_whole || extractor != pipeline::extractor(context) {
        return Ok(Some(IndexState::Since));
    }
    let Ok(root) = confined::Root::open(&context.project.root) else { return Ok(Some(IndexState::Since)) };
    let (places, folders) = (store.place_stamps()?, store.place_folders()?);
    let is_moved = places.par_iter().any(|(path, stamp)| root.stamp(path) != Some(*stamp))
        || folders.par_iter().any(|(path, mtime)| folder_mtime(&root, path) != *mtime);
    Ok(is_moved.then_some(IndexState::Since))
}

/// How many files of a tree that was read the index has otherwise or not at all.
fn behind(store: &Store, reading: &Reading) -> Result<usize> {
    let mut known: BTreeMap<RelPath, IndexedFile> =
        store.places()?.into_iter().map(|place| (place.path.clone(), place)).collect();
    let is_behind = |file: &&File| known.remove(&file.facts.path).is_none_or(|old| !is_same(&old, file));
    let differ = reading.tree.files.iter().filter(is_behind).count();
    Ok(differ + known.len())
}

/// Brings the index to a tree that was read, for a question not of all files at once;
/// returns how many are missing.
pub fn update(
    context: &Context,
    store: &mut Store,
    reading: &Reading,
    question: Option<&str>,
) -> Result<usize> {
    let extractor = pipeline::extractor(context);
    let by_these_rules = store.place_origin()?.is_some_and(|(known, _)| known == extractor);
    let racy_after = reading.began.ns - limits::RACY_NS;
    let mut changes = changes(store, reading, by_these_rules, racy_after)?;
    let mut now = changes.changed.len();
    let most = if by_these_rules { AT_ONCE } else { AT_FIRST };
    if let Some(question) = question.filter(|_| now > most) {
        first_those_with(&mut changes.changed, reading, question);
        now = most;
    }
    let missing = changes.changed.len() - now;
    let folders = folders(context, reading, racy_after);
    let mut transaction = store.write()?;
    pipeline::keep_contents(context, &mut transaction, reading)?;
    if !by_these_rules {
        transaction.drop_index()?;
    }
    transaction.put_places(&changes.same)?;
    transaction.finish_places(&changes.gone, &folders)?;
    transaction.put_place_origin(&extractor, now == 0)?;
    transaction.commit()?;
    // Each batch by itself, so that others can write in between and nothing is lost.
    let texts = pipeline::texts(context, &reading.tree)?;
    let mut left = now;
    for batch in changes.changed[..now].chunks(INDEX_BATCH) {
        let place = |at: &usize| new_place(reading, *at, &texts, racy_after);
        let new: Vec<NewPlace> = batch.par_iter().map(place).collect();
        left -= batch.len();
        let mut transaction = store.write()?;
        transaction.put_places(&new)?;
        transaction.put_place_origin(&extractor, left + missing == 0)?;
        transaction.commit()?;
    }
    Ok(missing)
}

/// How a tree differs from what is indexed.
struct Changes {
    /// Known as they are, but for stamps and imports.
    same: Vec<NewPlace>,
    /// Places in the tree.
    changed: Vec<usize>,
    gone: Vec<RelPath>,
}

fn changes(store: &Store, reading: &Reading, by_these_rules: bool, racy_after: i64) -> Result<Changes> {
    let tree = &reading.tree;
    let mut known: BTreeMap<RelPath, IndexedFile> =
        store.places()?.into_iter().map(|place| (place.path.clone(), place)).collect();
    let known_imports = store.imports()?;
    let mut changes = Changes { same: Vec::new(), changed: Vec::new(), gone: Vec::new() };
    for (at, file) in tree.files.iter().enumerate() {
        match known.remove(&file.facts.path) {
            Some(old) if by_these_rules && is_same(&old, file) => {
                // What it imports may have come or gone.
                let imports_same = known_imports.get(&file.facts.path) == Some(&imports(reading, at));
                if old.stamp != trusted(file.facts.stamp, racy_after) || !imports_same {
                    changes.same.push(NewPlace {
                        place: place_of(file, racy_after),
                        imports: imports(reading, at),
                        class: file.facts.class,
                        words: None,
                        symbols: Vec::new(),
                    });
                }
            }
            _ => changes.changed.push(at),
        }
    }
    changes.gone.extend(known.into_keys());
    Ok(changes)
}

fn imports(reading: &Reading, at: usize) -> Vec<RelPath> {
    let targets = reading.tree.imports.get(at).into_iter().flatten();
    targets.map(|target| reading.tree.files[*target as usize].facts.path.clone()).collect()
}

/// Puts files that hold words of a question first, those with most of them before, by
/// the words that a snapshot stored; then code.
fn first_those_with(files: &mut [usize], reading: &Reading, question: &str) {
    let mut terms = Terms::default();
    let asked: BTreeSet<u32> = rank_terms::tokens(question)
        .flat_map(|token| {
            let parts: Vec<_> = rank_terms::words(token.text).filter_map(|part| terms.word(part)).collect();
            parts.into_iter().chain(rank_terms::whole(token.text))
        })
        .map(|term| term.0)
        .collect();
    let worth = |at: &usize| {
        let file = &reading.tree.files[*at];
        let held = Counts::of(&file.content().words).filter(|count| asked.contains(&count.term)).count();
        (Reverse(held), file.facts.class, *at)
    };
    files.sort_by_cached_key(worth);
}

fn new_place(reading: &Reading, at: usize, texts: &pipeline::Texts, racy_after: i64) -> NewPlace {
    let file = &reading.tree.files[at];
    let text = if file.facts.class.is_read() { texts.of(&file.facts.path) } else { None };
    NewPlace {
        place: place_of(file, racy_after),
        imports: imports(reading, at),
        class: file.facts.class,
        words: Some(super::parts::words(file, text.as_ref())),
        symbols: symbols(file),
    }
}

/// The folders of a tree with the time of their last change.
fn folders(context: &Context, reading: &Reading, racy_after: i64) -> Vec<(String, i64)> {
    let below = confined::Root::open(&context.project.root).ok();
    let folders = reading.folders.iter();
    folders
        // Nothing below a folder with a secret in its name is read.
        .filter(|path| context.redactor.name(path).as_str() == path.as_str())
        .map(|path| (path.clone(), below.as_ref().map_or(-1, |root| folder_mtime(root, path))))
        // A folder that changed while it was read is looked at again.
        .map(|(path, mtime)| (path, if mtime >= racy_after { -1 } else { mtime }))
        .collect()
}

fn is_same(old: &IndexedFile, file: &File) -> bool {
    old.hash == file.facts.hash && old.language == file.facts.language.unwrap_or_default()
}

/// A stamp too young to be trusted is kept as none: the file is read again.
fn trusted(stamp: Stamp, racy_after: i64) -> Stamp {
    match stamp.mtime_ns.max(stamp.ctime_ns) >= racy_after {
        true => Stamp::default(),
        false => stamp,
    }
}

fn place_of(file: &File, racy_after: i64) -> IndexedFile {
    IndexedFile {
        path: file.facts.path.clone(),
        hash: file.facts.hash,
        language: file.facts.language.unwrap_or_default().to_string(),
        stamp: trusted(file.facts.stamp, racy_after),
    }
}

fn symbols(file: &File) -> Vec<NewSymbol> {
    let outline = &file.content().outline;
    let symbol = |(at, symbol): (usize, &crate::model::Symbol)| NewSymbol {
        name: outline.qualified_name(at).to_string(),
        kind: symbol.kind.name().to_string(),
        signature: symbol.signature.to_string(),
        doc: symbol.doc.to_string(),
        line: symbol.line,
        end_line: symbol.end_line,
    };
    outline.symbols.iter().enumerate().map(symbol).collect()
}

fn folder_mtime(root: &confined::Root, path: &str) -> i64 {
    root.stamp(path).map_or(-1, |stamp| stamp.mtime_ns)
}
