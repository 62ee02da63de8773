//! Does the code that records are about still stand as it stood, and after a
//! look: it is right so.

use serde::Serialize;

use super::record::{self, Checked, Report as RecordReport};
use super::{App, Result};
use crate::memory::{Anchor, Record, State, Verdict};
use crate::model::SafeText;
use crate::pipeline;
use crate::records::Book;

#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Ids, beginnings of ids, or slugs; by default all that are live.
    pub ids: Vec<String>,
    /// What drifted is right as it is now, what moved stays where it was found.
    pub accept: bool,
}

/// Counts of anchors, and the records that have some.
#[derive(Debug, Serialize)]
pub struct Report {
    pub fresh: usize,
    pub drifted: usize,
    pub orphaned: usize,
    /// Anchors that were stamped anew.
    pub accepted: usize,
    pub records: Vec<RecordReport>,
}

pub fn verify(app: &App, request: &Request) -> Result<Report> {
    let context = app.context()?;
    let mut book = app.book(&context)?;
    let records = match request.ids.is_empty() {
        true => book.all()?.into_iter().filter(|indexed| indexed.record.is_live()).collect(),
        false => get_all(&book, request.ids.iter())?,
    };
    let mut checked = record::check(&book, records)?;
    checked.retain(|checked| !checked.verdicts.is_empty());
    let mut accepted = 0;
    if request.accept {
        accepted = accept(&mut book, &checked)?;
        let again = get_all(&book, checked.iter().map(|checked| &checked.indexed.record.id))?;
        checked = record::check(&book, again)?;
    }
    let number = |state| {
        let all = checked.iter().flat_map(|checked| &checked.verdicts);
        all.filter(|verdict| verdict.state == state).count()
    };
    Ok(Report {
        fresh: number(State::Fresh),
        drifted: number(State::Drifted),
        orphaned: number(State::Orphaned),
        accepted,
        records: checked.iter().map(Checked::report).collect(),
    })
}

fn get_all<'a>(book: &Book, names: impl Iterator<Item = &'a String>) -> Result<Vec<crate::store::Indexed>> {
    names.map(|name| Ok(book.get(name)?)).collect()
}

/// Stamps anew what was looked at; gives how many anchors changed.
fn accept(book: &mut Book, checked: &[Checked]) -> Result<usize> {
    let mut changed = 0;
    for checked in checked.iter().filter(|one| one.state() != Some(State::Fresh) || has_unstamped(one)) {
        let old = &checked.indexed;
        let mut record: Record = old.record.clone();
        for (anchor, verdict) in record.anchors.iter_mut().zip(&checked.verdicts) {
            if let Some(new) = stamped(book, anchor, verdict)? {
                *anchor = new;
                changed += 1;
            }
        }
        book.edit(&old.record.id, Some(old.revision), |target| {
            *target = record;
            Ok(())
        })?;
    }
    Ok(changed)
}

fn has_unstamped(checked: &Checked) -> bool {
    checked.indexed.record.anchors.iter().any(|anchor| anchor.hash.is_none())
}

/// The anchor on the code as it is; `None` where nothing was found or nothing
/// is to be changed.
fn stamped(book: &Book, anchor: &Anchor, verdict: &Verdict) -> Result<Option<Anchor>> {
    let symbol = |symbol: &Option<SafeText>| symbol.as_ref().map(|symbol| symbol.to_string());
    let (path, symbol) = match (verdict.state, &verdict.found) {
        (State::Fresh, _) if anchor.hash.is_some() => return Ok(None),
        (State::Fresh | State::Drifted, _) => (&anchor.path, symbol(&anchor.symbol)),
        (State::Orphaned, Some(found)) => (&found.path, symbol(&found.symbol)),
        (State::Orphaned, None) => return Ok(None),
    };
    Ok(Some(pipeline::stamp(book.context, path, symbol.as_deref())?))
}
