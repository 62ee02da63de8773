//! Records by what they are about, where words do not answer: a question in other
//! words than the record's.
//!
//! Not here: what a direction is (`meaning`), and keeping those of records
//! current (`records`).

use std::collections::BTreeMap;

use super::{Hit, HitKind, Query, SearchScope, best_coverage};
use crate::meaning::{Direction, Table, nearest};
use crate::memory::RecordStatus;
use crate::pipeline::Result;
use crate::search_terms;
use crate::store::{Indexed, RecordHit, Store};

/// Share of the question's weight that the best hit covers where words do answer.
/// Chosen by the questions of `benches/relevance/decisions.tsv`: of those that
/// share words with their record none is below, of the others nine in ten.
const ANSWERED: f64 = 0.7;

/// Cosine of a record that is about the question.
const NEAR: f64 = 0.05;

/// Records among hits of other sources, behind the best of those.
const AMONG_OTHERS: usize = 3;

/// Whether meaning is to be asked: records are, no text is quoted, and words do
/// not answer.
pub fn is_asked_by_meaning(query: &Query, sources: &[SearchScope], hits: &[Hit]) -> bool {
    sources.contains(&SearchScope::Records) && query.phrases.is_empty() && best_coverage(hits) < ANSWERED
}

/// Puts the records that are nearest in meaning in front of what words found; in
/// a list with files, a few behind the best of it. Returns how many records could
/// not be compared, since they have no vector.
pub fn join_by_meaning(
    store: &Store,
    table: &Table,
    (query, sources): (&Query, &[SearchScope]),
    hits: &mut Vec<Hit>,
    limit: usize,
) -> Result<usize> {
    let model = table.model();
    let (ids, directions): (Vec<String>, Vec<Option<Direction>>) = store
        .vectors(model)?
        .into_iter()
        .map(|(id, bytes)| (id, Direction::from_bytes(&bytes, table.dimensions())))
        .unzip();
    let missing = store.record_count()?.saturating_sub(ids.len());
    let Some(asked) = table.direction([query.text.as_str()]) else { return Ok(missing) };
    let known: Vec<usize> = (0..ids.len()).filter(|at| directions[*at].is_some()).collect();
    let directions: Vec<Direction> = directions.into_iter().flatten().collect();
    let is_alone = sources == [SearchScope::Records];
    let most = if is_alone { limit } else { limit.min(AMONG_OTHERS) };
    let mut near = Vec::new();
    for (at, cosine) in nearest(&asked, &directions) {
        if near.len() == most || cosine < NEAR {
            break;
        }
        let record = store.record_of(&ids[known[at]])?;
        near.extend(record.filter(may_be_told).map(|record| (record, cosine)));
    }
    put_in(query, near, hits, is_alone);
    hits.truncate(limit);
    Ok(missing)
}

fn may_be_told(record: &Indexed) -> bool {
    !matches!(record.record.status, RecordStatus::Suppressed | RecordStatus::Rejected)
}

/// Puts records in their order in front, or behind the first hit; those that words
/// found keep their reasons.
fn put_in(query: &Query, near: Vec<(Indexed, f64)>, hits: &mut Vec<Hit>, is_alone: bool) {
    let mut by_words: BTreeMap<String, Hit> = BTreeMap::new();
    let ids: Vec<String> = near.iter().map(|(record, _)| record.record.id.clone()).collect();
    let mut rest = Vec::new();
    for hit in std::mem::take(hits) {
        match hit_id(&hit).filter(|id| ids.contains(id)) {
            Some(id) => _ = by_words.insert(id, hit),
            None => rest.push(hit),
        }
    }
    let best = rest.first().map_or(0.0, |hit| hit.score);
    let found = near.into_iter().map(|(record, cosine)| {
        let known = by_words.remove(&record.record.id);
        let mut hit = known.unwrap_or_else(|| hit_of(query, record));
        hit.score = if is_alone { best + cosine } else { best };
        hit.why.insert(0, format!("near in meaning ({cosine:.2})"));
        hit
    });
    let first = if is_alone { 0 } else { rest.len().min(1) };
    rest.splice(first..first, found);
    *hits = rest;
}

fn hit_id(hit: &Hit) -> Option<String> {
    match &hit.found {
        HitKind::Record(found) => Some(found.record.id.clone()),
        _ => None,
    }
}

/// A record that words did not find.
fn hit_of(query: &Query, known: Indexed) -> Hit {
    let title = search_terms::index(known.record.title.as_str());
    let body: Vec<String> =
        known.record.words().into_iter().map(|text| search_terms::index(text.as_str())).collect();
    let found = RecordHit {
        record: known.record,
        revision: known.revision,
        file: known.file,
        title,
        body: body.join(" "),
    };
    let words = [&found.title, &found.body].into_iter().flat_map(|text| text.split(' ')).map(str::to_string);
    let coverage = query.coverage(&words.collect());
    Hit { found: HitKind::Record(Box::new(found)), score: 0.0, coverage, why: Vec::new(), also: Vec::new() }
}
