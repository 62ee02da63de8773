//! One file of the project by itself: its outline, and the files that it
//! imports. Of the others only those are read that resolving asks for.
//!
//! Not here: how imports are resolved (`extract::imports`), the whole tree.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use rayon::prelude::*;

use super::examine::FileReader;
use super::read;
use crate::extract::{self, imports};
use crate::model::{File, Outline, RelPath};
use crate::pipeline::sources::{extractor, index, open_root, walk_rules};
use crate::pipeline::{Context, PipelineError, Result};
use crate::store::Store;
use crate::walk;

/// One file and the files that it imports.
pub struct Outlined {
    pub file: File,
    pub imports: Vec<RelPath>,
}

/// One file of the project with its outline, and with no imports. Of the
/// others nothing is looked at but the names beside it and in the folders above.
pub fn outline(context: &Context, path: &RelPath) -> Result<Outlined> {
    let root = open_root(context)?;
    let walked = walk::file(&root, &walk_rules(context, index(context).as_ref()), path);
    let reader = FileReader::new(context, &root, None, &(context.clock)());
    let (_, file) = read_one(&reader, &walked, path)?;
    Ok(Outlined { file, imports: Vec::new() })
}

/// Like [`outline`], with the files that it imports. What its language asks of
/// the others is remembered in the `store`, or read.
pub fn outline_with_imports(context: &Context, store: Option<&Store>, path: &RelPath) -> Result<Outlined> {
    let root = open_root(context)?;
    let walked = walk::files(&root, &walk_rules(context, index(context).as_ref()));
    let reader = FileReader::new(context, &root, None, &(context.clock)());
    let (own, file) = read_one(&reader, &walked, path)?;
    let imports = match store.filter(|_| imports::asks_others(file.facts.language)) {
        Some(store) if is_remembered(context, store)? => remembered(context, store, path)?,
        _ => imported(&reader, &walked.files, own, &file)?,
    };
    Ok(Outlined { file, imports })
}

/// The file at `path` and its place among those that were walked to.
fn read_one(reader: &FileReader<'_>, walked: &walk::WalkOutcome, path: &RelPath) -> Result<(usize, File)> {
    let no_file = |why: &str| PipelineError::NoFile { path: path.clone(), why: why.to_string() };
    let Ok(own) = walked.files.binary_search_by(|found| found.path.cmp(path)) else {
        return Err(no_file(why_absent(reader.context, walked, path)));
    };
    let file = reader.whole_file(&walked.files[own])?.map_err(|skipped| no_file(skipped.reason.as_str()))?;
    Ok((own, file))
}

fn why_absent<'a>(context: &Context, walked: &'a walk::WalkOutcome, path: &RelPath) -> &'a str {
    if let Some(skipped) = walked.skipped.iter().find(|skipped| skipped.path == path.as_str()) {
        return skipped.reason.as_str();
    }
    match std::fs::symlink_metadata(context.project.root.join(path.as_str())) {
        Ok(found) if found.is_dir() => "a folder, not a file",
        Ok(_) => "ignored, so it is not among the project's files",
        Err(_) => "no such file",
    }
}

/// Files of the project with their outlines as they are now. Those that are
/// gone, or no files of the project any more, are left out. No others are read.
pub fn files_now(context: &Context, paths: &BTreeSet<RelPath>) -> Result<Vec<File>> {
    let root = open_root(context)?;
    let walked = walk::files(&root, &walk_rules(context, index(context).as_ref()));
    let reader = FileReader::new(context, &root, None, &(context.clock)());
    let mut files = Vec::new();
    for found in walked.files.iter().filter(|found| paths.contains(&found.path)) {
        files.extend(reader.whole_file(found)?.ok());
    }
    Ok(files)
}

fn is_remembered(context: &Context, store: &Store) -> Result<bool> {
    let moment = store.moment(&context.project.root, &extractor(context))?;
    Ok(moment.is_some_and(|moment| moment.cached_tree().is_some()))
}

fn remembered(context: &Context, store: &Store, path: &RelPath) -> Result<Vec<RelPath>> {
    let tree = read(context, Some(store))?.tree;
    let at = tree.files.binary_search_by(|known| known.facts.path.cmp(path));
    let targets = at.map(|at| tree.imports[at].as_slice()).unwrap_or_default();
    Ok(targets.iter().map(|target| tree.files[*target as usize].facts.path.clone()).collect())
}

/// The files that the one at `own` imports, with those others read that it
/// takes to tell.
fn imported(
    reader: &FileReader<'_>,
    found: &[walk::WalkedFile],
    own: usize,
    file: &File,
) -> Result<Vec<RelPath>> {
    let manifests = RefCell::new(HashMap::new());
    let text_of = |path: &RelPath| {
        let read = || {
            let at = found.binary_search_by(|found| found.path.cmp(path)).ok()?;
            reader.text(&found[at])
        };
        manifests.borrow_mut().entry(path.clone()).or_insert_with(read).clone()
    };
    let search = |among: &[u32], passes: &(dyn Fn(&str) -> bool + Sync)| {
        let is_found = |at: &&u32| reader.raw_text(&found[**at as usize]).is_some_and(|text| passes(&text));
        among.par_iter().filter(is_found).copied().collect()
    };
    let unread = Outline::default();
    let mut outlines: Vec<Option<Outline>> = vec![None; found.len()];
    outlines[own] = Some(file.content().outline.clone());
    loop {
        let language_of = |at: usize| match at == own {
            true => file.facts.language,
            false => extract::language_of(&found[at].path, &[]).map(extract::Language::name),
        };
        let numbered = outlines.iter().enumerate();
        let sources: Vec<imports::ImportSource<'_>> = numbered
            .map(|(at, outline)| imports::ImportSource {
                path: &found[at].path,
                language: language_of(at),
                outline: outline.as_ref().unwrap_or(&unread),
            })
            .collect();
        let mut next = imports::needed(&sources, own as u32, &text_of, &search);
        next.retain(|&at| outlines[at as usize].is_none());
        next.sort_unstable();
        next.dedup();
        if next.is_empty() {
            let targets = imports::resolve(&sources, &text_of).swap_remove(own);
            return Ok(targets.iter().map(|target| found[*target as usize].path.clone()).collect());
        }
        let read: Vec<(u32, Outline)> = next
            .par_iter()
            .map(|&at| Ok((at, surface(reader, &found[at as usize])?)))
            .collect::<Result<_>>()?;
        for (at, outline) in read {
            outlines[at as usize] = Some(outline);
        }
    }
}

/// What resolving looks at in a file.
fn surface(reader: &FileReader<'_>, found: &walk::WalkedFile) -> Result<Outline> {
    let file = reader.whole_file(found)?.ok();
    Ok(file.map(|file| imports::surface(file.facts.language, &file.content().outline)).unwrap_or_default())
}
