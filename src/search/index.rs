//! Keeping the index of the code current: a look at the stamps of everything
//! that is known, and only when something moved a reading of the tree.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::fs::confined;
use crate::limits;
use crate::model::{File, RelPath, Stamp};
use crate::pipeline::{self, Context, Reading, Result};
use crate::store::{IndexedFile, NewPlace, NewSymbol, Store, StoreError};

/// Brings the index to the tree as it is; returns how many files it could not
/// take in, since another process keeps writing. `None` when there is no index
/// for that reason.
pub fn refresh(context: &Context, store: &mut Store) -> Result<Option<usize>> {
    let Some(moved) = moved(context, store)? else { return Ok(Some(0)) };
    let reading = pipeline::read(context, Some(store))?;
    match update(context, store, &reading) {
        Ok(_) => Ok(Some(0)),
        Err(error) if error.of_store().is_some_and(StoreError::is_busy) => match moved {
            IndexState::NoIndex => Ok(None),
            IndexState::Since => Ok(Some(behind(store, &reading)?)),
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
    let Some((extractor, _)) = store.place_origin()? else { return Ok(Some(IndexState::NoIndex)) };
    if extractor != pipeline::extractor(context) {
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

/// Brings the index to a tree that was read; returns how many files changed.
pub fn update(context: &Context, store: &mut Store, reading: &Reading) -> Result<usize> {
    let tree = &reading.tree;
    let extractor = pipeline::extractor(context);
    let origin = store.place_origin()?;
    let by_these_rules = origin.as_ref().is_some_and(|(known, _)| *known == extractor);
    let mut known: BTreeMap<RelPath, IndexedFile> =
        store.places()?.into_iter().map(|place| (place.path.clone(), place)).collect();
    let racy_after = reading.began.ns - limits::RACY_NS;
    let imports = |at: usize| -> Vec<RelPath> {
        let targets = tree.imports.get(at).into_iter().flatten();
        targets.map(|target| tree.files[*target as usize].facts.path.clone()).collect()
    };
    let known_imports = store.imports()?;
    let (mut same, mut changed) = (Vec::new(), Vec::new());
    for (at, file) in tree.files.iter().enumerate() {
        match known.remove(&file.facts.path) {
            Some(old) if by_these_rules && is_same(&old, file) => {
                // What it imports may have come or gone.
                let imports_same = known_imports.get(&file.facts.path) == Some(&imports(at));
                if old.stamp != trusted(file.facts.stamp, racy_after) || !imports_same {
                    same.push(at);
                }
            }
            _ => changed.push(at),
        }
    }
    let gone: Vec<RelPath> = known.into_keys().collect();
    let texts = pipeline::texts(context, tree)?;
    let mut new: Vec<NewPlace> = changed
        .par_iter()
        .map(|at| {
            let file = &tree.files[*at];
            let text = if file.facts.class.is_read() { texts.of(&file.facts.path) } else { None };
            NewPlace {
                place: place_of(file, racy_after),
                imports: imports(*at),
                class: file.facts.class,
                words: Some(super::parts::words(file, text.as_ref())),
                symbols: symbols(file),
            }
        })
        .collect();
    new.extend(same.into_iter().map(|at| NewPlace {
        place: place_of(&tree.files[at], racy_after),
        imports: imports(at),
        class: tree.files[at].facts.class,
        words: None,
        symbols: Vec::new(),
    }));
    let root = &context.project.root;
    let below = confined::Root::open(root).ok();
    let folders: Vec<(String, i64)> = reading
        .folders
        .iter()
        // Nothing below a folder with a secret in its name is read.
        .filter(|path| context.redactor.name(path).as_str() == path.as_str())
        .map(|path| (path.clone(), below.as_ref().map_or(-1, |root| folder_mtime(root, path))))
        // A folder that changed while it was read is looked at again.
        .map(|(path, mtime)| (path, if mtime >= racy_after { -1 } else { mtime }))
        .collect();
    let head = origin.map(|(_, head)| head);
    let partners = pipeline::partners(context, store, tree, head.as_deref());
    let mut transaction = store.write()?;
    pipeline::keep_contents(context, &mut transaction, reading)?;
    transaction.put_places(&new, &gone, &folders, !by_these_rules)?;
    let path = |at: u32| &tree.files[at as usize].facts.path;
    if let Some((_, partners)) = &partners {
        let told = partners.iter().enumerate().filter(|(_, others)| !others.is_empty());
        let paths = |others: &[u32]| others.iter().map(|other| path(*other)).collect();
        transaction.put_together(told.map(|(at, others)| (path(at as u32), paths(others))))?;
    }
    let head = partners.as_ref().map(|(head, _)| head.clone()).or(head).unwrap_or_default();
    transaction.put_place_origin(&extractor, &head)?;
    transaction.commit()?;
    Ok(changed.len() + gone.len())
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
