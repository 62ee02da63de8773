//! Checks whether the code that records are about is unchanged, and accepts it
//! as it is after a review.

use schemars::JsonSchema;
use serde::Serialize;

use super::record::{self, CheckedRecord, Report as RecordReport};
use super::{App, Result};
use crate::memory::{Anchor, AnchorState, AnchorVerdict, Record};
use crate::model::SafeText;
use crate::pipeline;
use crate::records::RecordStore;

/// Which records to check, and whether to accept the code as it is now.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Ids, beginnings of ids, or slugs; empty for all live records.
    pub ids: Vec<String>,
    /// Accept drifted code as it is now, and moved code at its new place.
    pub accept: bool,
}

/// How many anchors are in each state, and the records that have anchors.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Report {
    pub fresh: usize,
    pub drifted: usize,
    /// Gone from their place and found elsewhere.
    pub moved: usize,
    pub orphaned: usize,
    /// Anchors that were stamped anew.
    pub accepted: usize,
    pub records: Vec<RecordReport>,
}

/// Compares the anchors of records with the code; with `accept`, stamps those that drifted or moved
/// anew.
pub fn verify(app: &App, request: &Request) -> Result<Report> {
    let context = app.context()?;
    let mut record_store = app.record_store(&context)?;
    let records = match request.ids.is_empty() {
        true => record_store.all()?.into_iter().filter(|indexed| indexed.record.is_live()).collect(),
        false => get_all(&record_store, request.ids.iter())?,
    };
    let mut checked = record::check(&record_store, records)?;
    checked.retain(|checked| !checked.verdicts.is_empty());
    let mut accepted = 0;
    if request.accept {
        accepted = accept(&mut record_store, &checked)?;
        let again = get_all(&record_store, checked.iter().map(|checked| &checked.indexed.record.id))?;
        checked = record::check(&record_store, again)?;
    }
    let number = |state| {
        let all = checked.iter().flat_map(|checked| &checked.verdicts);
        all.filter(|verdict| verdict.state == state).count()
    };
    Ok(Report {
        fresh: number(AnchorState::Fresh),
        drifted: number(AnchorState::Drifted),
        moved: number(AnchorState::Moved),
        orphaned: number(AnchorState::Orphaned),
        accepted,
        records: checked.iter().map(CheckedRecord::report).collect(),
    })
}

fn get_all<'a>(
    record_store: &RecordStore,
    names: impl Iterator<Item = &'a String>,
) -> Result<Vec<crate::store::Indexed>> {
    names.map(|name| Ok(record_store.get(name)?)).collect()
}

/// Stamps the checked anchors anew; returns how many changed.
fn accept(record_store: &mut RecordStore, checked: &[CheckedRecord]) -> Result<usize> {
    let mut changed = 0;
    for checked in checked.iter().filter(|one| one.state() != Some(AnchorState::Fresh) || has_unstamped(one))
    {
        let old = &checked.indexed;
        let mut record: Record = old.record.clone();
        for (anchor, verdict) in record.anchors.iter_mut().zip(&checked.verdicts) {
            if let Some(new) = stamped(record_store, anchor, verdict)? {
                *anchor = new;
                changed += 1;
            }
        }
        record_store.edit(&old.record.id, Some(old.revision), |target| {
            *target = record;
            Ok(())
        })?;
    }
    Ok(changed)
}

fn has_unstamped(checked: &CheckedRecord) -> bool {
    checked.indexed.record.anchors.iter().any(|anchor| anchor.hash.is_none())
}

/// The new anchor; `None` if the code was not found or the anchor is already
/// right.
fn stamped(record_store: &RecordStore, anchor: &Anchor, verdict: &AnchorVerdict) -> Result<Option<Anchor>> {
    let symbol = |symbol: &Option<SafeText>| symbol.as_ref().map(|symbol| symbol.to_string());
    let (path, symbol) = match (verdict.state, &verdict.found) {
        (AnchorState::Fresh, _) if anchor.hash.is_some() => return Ok(None),
        (AnchorState::Fresh | AnchorState::Drifted, _) => (&anchor.path, symbol(&anchor.symbol)),
        (AnchorState::Moved | AnchorState::Orphaned, Some(found)) => (&found.path, symbol(&found.symbol)),
        (AnchorState::Moved | AnchorState::Orphaned, None) => return Ok(None),
    };
    Ok(Some(pipeline::stamp(record_store.context, path, symbol.as_deref())?))
}
