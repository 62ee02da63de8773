//! What an answer cites, as it is now. The index may have moved on since it was
//! asked, or may lag behind while another process writes: what differs is read
//! anew, so that no line, text or verdict is one of the past.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use super::index::IndexLag;
use super::{Hit, HitKind};
use crate::memory::{self, AnchorVerdict, Record, RecordStatus, anchor};
use crate::model::{Class, File, FileFacts, RelPath, SafeText, Stamp, Tree};
use crate::pipeline::{self, Context, Result};
use crate::records::RecordStore;
use crate::store::{CodeHit, Store};

/// How current an answer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CitationFreshness {
    Fresh,
    /// Files that changed since the index was made; those that are cited were
    /// read anew.
    Stale(usize),
    /// Something is missing from the index, and why.
    Partial(String),
}

impl fmt::Display for CitationFreshness {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Fresh => f.write_str("fresh"),
            Self::Stale(files) => write!(f, "stale({files} files)"),
            Self::Partial(reason) => write!(f, "partial({reason})"),
        }
    }
}

/// The files that an answer cites.
pub struct Cited<'a> {
    context: &'a Context,
    store: &'a Store,
    /// Those that are not as the index has them; `None` for one that is gone.
    moved: BTreeMap<RelPath, Option<File>>,
}

impl<'a> Cited<'a> {
    /// Looks at everything that the hits cite; `lag` is what the index is known to
    /// lack. Hits that are not there
    /// any more are taken out.
    pub fn new(
        record_store: &'a RecordStore,
        lag: IndexLag,
        hits: &mut Vec<Hit>,
    ) -> Result<(Self, CitationFreshness)> {
        let (context, store) = (record_store.context, record_store.store());
        let behind = lag.behind;
        let may_lag = behind != Some(0) || record_store.behind > 0;
        if record_store.behind > 0 {
            read_records(context, hits)?;
        }
        let paths: BTreeSet<RelPath> = hits.iter().flat_map(paths).collect();
        let mut moved = BTreeMap::new();
        for path in paths {
            if is_moved(context, store, &path, may_lag)? {
                moved.insert(path, None);
            }
        }
        if !moved.is_empty() {
            let paths: BTreeSet<RelPath> = moved.keys().cloned().collect();
            for file in pipeline::files_now(context, &paths)? {
                moved.insert(file.facts.path.clone(), Some(file));
            }
        }
        hits.retain_mut(|hit| match &mut hit.found {
            HitKind::Symbol(symbol) => match moved.get(&symbol.path) {
                Some(file) => are_still_in(symbol, &mut hit.also, file.as_ref()),
                None => true,
            },
            HitKind::File(lines) => match moved.get(&lines.path) {
                Some(file) => are_anew(lines, &mut hit.also, file.as_ref()),
                None => true,
            },
            HitKind::Record(_) => true,
        });
        let behind_at_all = behind.map(|files| match files + record_store.behind {
            0 => moved.len(),
            files => files,
        });
        let freshness = match (behind_at_all, record_store.unreadable.len()) {
            (None, _) => {
                CitationFreshness::Partial("no index of the code yet: another process is writing".to_string())
            }
            (Some(_), 0) if lag.missing > 0 => {
                CitationFreshness::Partial(format!("{} files are not indexed yet: ask again", lag.missing))
            }
            (Some(0), 0) => CitationFreshness::Fresh,
            (Some(files), 0) => CitationFreshness::Stale(files),
            (Some(0), bad) => CitationFreshness::Partial(format!("{bad} memory files cannot be read")),
            (Some(files), bad) => CitationFreshness::Partial(format!(
                "{bad} memory files cannot be read, {files} files changed since the index was made"
            )),
        };
        Ok((Self { context, store, moved }, freshness))
    }

    /// Verdicts on the anchors of a record, from the files that they name alone:
    /// what is gone is not looked for elsewhere.
    pub fn verdicts(&self, record: &Record) -> Result<Vec<AnchorVerdict>> {
        let paths: BTreeSet<&RelPath> = record.anchors.iter().map(|anchor| &anchor.path).collect();
        let mut files = Vec::new();
        for path in paths {
            files.extend(self.file(path)?);
        }
        let tree = Tree { files, ..Tree::default() };
        let texts = pipeline::texts(self.context, &tree)?;
        let text = |path: &RelPath| texts.of(path);
        let code = anchor::TreeTexts { tree: &tree, text: &text };
        Ok(record.anchors.iter().map(|anchor| anchor::check(anchor, &code)).collect())
    }

    /// The redacted text of a file as it is now.
    pub fn text(&self, path: &RelPath) -> Result<Option<SafeText>> {
        let tree = Tree { files: self.file(path)?.into_iter().collect(), ..Tree::default() };
        Ok(pipeline::texts(self.context, &tree)?.of(path))
    }

    fn file(&self, path: &RelPath) -> Result<Option<File>> {
        if let Some(file) = self.moved.get(path) {
            return Ok(file.clone());
        }
        let Some(place) = self.store.place(path)? else { return Ok(None) };
        // Pruned together with the snapshots that held it.
        let Some(content) = self.store.content(place.hash, &place.language)? else {
            return Ok(pipeline::outline(self.context, path).ok().map(|outlined| outlined.file));
        };
        let facts = FileFacts {
            path: path.clone(),
            stamp: Stamp { size: place.stamp.size, ..Stamp::default() },
            hash: place.hash,
            class: Class::Data,
            language: None,
        };
        Ok(Some(File::new(facts, Arc::new(content))))
    }
}

fn paths(hit: &Hit) -> Vec<RelPath> {
    match &hit.found {
        HitKind::Symbol(hit) | HitKind::File(hit) => vec![hit.path.clone()],
        HitKind::Record(hit) => hit.record.anchors.iter().map(|anchor| anchor.path.clone()).collect(),
    }
}

/// Whether a file is not as the index has it. One that was too young to be
/// trusted was read just now, unless the index lags.
fn is_moved(context: &Context, store: &Store, path: &RelPath, may_lag: bool) -> Result<bool> {
    let now = pipeline::stamp_at(&context.project.root.join(path.as_str()));
    Ok(match store.place(path)? {
        Some(place) if place.stamp == Stamp::default() => may_lag || now.is_none(),
        Some(place) => now != Some(place.stamp),
        None => now.is_some() && may_lag,
    })
}

/// Finds a symbol and others of its name again; `false` when all are gone.
fn are_still_in(symbol: &mut CodeHit, also: &mut Vec<CodeHit>, file: Option<&File>) -> bool {
    also.retain_mut(|other| other.symbol.is_some() && is_still_in(other, file));
    if is_still_in(symbol, file) {
        return true;
    }
    if also.is_empty() {
        return false;
    }
    *symbol = also.remove(0);
    true
}

/// Forgets which lines they were; `false` when the file is gone.
fn are_anew(lines: &mut CodeHit, also: &mut Vec<CodeHit>, file: Option<&File>) -> bool {
    (lines.line, lines.end_line) = (0, 0);
    also.clear();
    file.is_some()
}

/// Finds a symbol again by its name, the nearest of several; `false` when it is
/// gone.
fn is_still_in(hit: &mut CodeHit, file: Option<&File>) -> bool {
    let Some(file) = file else { return false };
    let outline = &file.content().outline;
    let named = outline
        .symbols
        .iter()
        .enumerate()
        .filter(|(at, _)| hit.symbol.as_deref() == Some(outline.qualified_name(*at).as_str()));
    let Some((_, symbol)) = named.min_by_key(|(_, symbol)| symbol.line.abs_diff(hit.line)) else {
        return false;
    };
    (hit.line, hit.end_line) = (symbol.line, symbol.end_line);
    (hit.signature, hit.doc) = (symbol.signature.to_string(), symbol.doc.to_string());
    true
}

/// Takes the records from their files.
fn read_records(context: &Context, hits: &mut Vec<Hit>) -> Result<()> {
    let mut kept = Vec::with_capacity(hits.len());
    for mut hit in hits.drain(..) {
        if let HitKind::Record(found) = &mut hit.found {
            let path = context.project.memory().join(&found.file);
            match memory::read(&path, &context.redactor)? {
                Ok(record) if !matches!(record.status, RecordStatus::Suppressed | RecordStatus::Rejected) => {
                    found.record = record;
                }
                _ => continue,
            }
        }
        kept.push(hit);
    }
    *hits = kept;
    Ok(())
}
