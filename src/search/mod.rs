//! One query over records, symbols, file paths and contents: one list, the
//! best first, each hit with the reasons for its place. No clock takes part.
//!
//! Files are ranked as a whole (`files`) and answer with their best lines
//! (`regions`); records by the places they take in several orders (reciprocal
//! rank fusion). Each list is scaled by how much of the question its best hit
//! covers, and they become one.
//!
//! Not here: cutting texts into words (`search_terms`), and asking SQLite (`store`).

mod cited;
mod files;
mod index;
mod meaning;
mod measure;
mod pack;
mod parts;
mod query;
mod regions;

use std::collections::BTreeSet;

use crate::memory::RecordStatus;
use crate::pipeline::Result;
use crate::search_terms;
use crate::store::{CodeHit, RecordHit, RecordIndex, Store};

pub use cited::{CitationFreshness, Cited};
pub use index::{IndexLag, refresh, update};
pub use meaning::{is_asked_by_meaning, join_by_meaning};
pub use measure::{KnownAnswer, MeasuredAnswer, by_kind, from_project, measured, never_found};
pub use pack::{MOST, Pack, PackBudgetError, PackFormat, PackQuality, pack};
pub use query::{Query, counted_words};

/// What is searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SearchScope {
    Records,
    /// Symbols.
    Code,
    /// Paths and contents.
    Files,
}

/// Something that was found.
#[derive(Clone, Debug)]
pub struct Hit {
    pub found: HitKind,
    pub score: f64,
    /// Share of the question's weight that it covers, from 0 to 1.
    pub coverage: f64,
    /// In words, the weightiest first.
    pub why: Vec<String>,
    /// Other places of its file: symbols of its name, or what answers next best.
    pub also: Vec<CodeHit>,
}

/// What a hit is.
#[derive(Clone, Debug)]
pub enum HitKind {
    Record(Box<RecordHit>),
    Symbol(CodeHit),
    File(CodeHit),
}

impl HitKind {
    /// What orders hits of one score.
    fn key(&self) -> (u8, String, u32) {
        match self {
            HitKind::Symbol(hit) => (0, hit.path.to_string(), hit.line),
            HitKind::Record(hit) => (1, hit.record.id.clone(), 0),
            HitKind::File(hit) => (2, hit.path.to_string(), hit.line),
        }
    }
}

/// Records that are looked at.
const CANDIDATES: usize = 120;

/// Places in which every source that covers the whole question is seen.
const FIRST: usize = 5;

/// What it counts, of a first place, that a name has few words besides those
/// asked for, and that it has them as they are spelled.
const TIGHT: f64 = 3.0;
const AS_SPELLED: f64 = 2.0;

/// Softens the difference between the first places of an order.
const SOFT: f64 = 10.0;

/// What is taken for a share of 1.
const ALL: f64 = 0.999;

/// What each further name of a file that holds all words loses.
const NEXT_NAME: f64 = 0.999;

/// What an exact name or title is worth besides its list's scale.
const EXACT: f64 = 1.0;

/// A record on the way to its place.
struct RecordCandidate {
    found: RecordHit,
    /// Place in the text's own order, from 0.
    text_rank: usize,
    coverage: f64,
    /// Share of the weight that its title alone covers.
    in_title: f64,
    /// Share of the words of its title that the question asks for.
    tight: f64,
    /// Share of the question's words that its title has as they are spelled.
    spelled: f64,
    exact: Option<&'static str>,
    phrase: bool,
}

/// Everything that a question finds, the best first, at most `limit`.
pub fn search(store: &Store, query: &Query, sources: &[SearchScope], limit: usize) -> Result<Vec<Hit>> {
    let mut hits = Vec::new();
    if sources.contains(&SearchScope::Records) {
        hits.extend(scored_records(records(store, query)?));
    }
    hits.extend(code(store, query, sources, limit)?);
    Ok(ordered(hits, limit))
}

/// The records that a question finds in an index of records alone, the best first.
pub fn search_records(index: &dyn RecordIndex, query: &Query, limit: usize) -> Result<Vec<Hit>> {
    Ok(ordered(scored_records(records(index, query)?), limit))
}

/// Puts the hits of all sources in one order. Where [`best_coverage`] says that words
/// do not answer, [`join_by_meaning`] comes after it.
fn ordered(mut hits: Vec<Hit>, limit: usize) -> Vec<Hit> {
    hits.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.found.key().cmp(&b.found.key())));
    keep_a_place(&mut hits, FIRST.min(limit), |found| matches!(found, HitKind::Record(_)));
    keep_a_place(&mut hits, FIRST.min(limit), |found| matches!(found, HitKind::Symbol(_)));
    hits.truncate(limit);
    hits
}

/// The kind of a hit that is a file as a whole.
pub const WHOLE_FILE: &str = "whole file";

/// Makes hits of code hits of whole files, each once, at the place of its best.
pub fn whole_files(hits: &mut Vec<Hit>) {
    let mut seen = BTreeSet::new();
    hits.retain_mut(|hit| {
        let (HitKind::Symbol(found) | HitKind::File(found)) = &hit.found else { return true };
        let is_new = seen.insert(found.path.clone());
        let lines =
            CodeHit { symbol: None, kind: WHOLE_FILE.to_string(), line: 0, end_line: 0, ..found.clone() };
        hit.found = HitKind::File(lines);
        hit.also.clear();
        is_new
    });
}

/// Share of the question's weight that the best hit covers: how well words answer it.
pub fn best_coverage(hits: &[Hit]) -> f64 {
    hits.iter().map(|hit| hit.coverage).fold(0.0, f64::max)
}

/// Whole names first, then all words, then any: what is named, and what holds
/// all, is never crowded out.
fn matching_records(store: &dyn RecordIndex, query: &Query) -> Result<Vec<RecordHit>> {
    let mut found: Vec<RecordHit> = Vec::new();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut add = |hits: Vec<RecordHit>, found: &mut Vec<RecordHit>| {
        found.extend(hits.into_iter().filter(|hit| seen.insert(hit.record.id.clone())));
    };
    let wholes: Vec<(String, bool)> = query.wholes.iter().map(|whole| (whole.clone(), false)).collect();
    add(store.records_with(&wholes, false, CANDIDATES)?, &mut found);
    if let Some(required) = query.required().filter(|required| required.len() > 1) {
        add(store.records_with(&required, true, CANDIDATES)?, &mut found);
    }
    if found.len() < CANDIDATES / 2 {
        add(store.records_with(&query.asked(), false, CANDIDATES)?, &mut found);
    }
    found.truncate(2 * CANDIDATES);
    Ok(found)
}

fn records(store: &dyn RecordIndex, query: &Query) -> Result<Vec<RecordCandidate>> {
    let mut candidates = Vec::new();
    for hit in matching_records(store, query)? {
        if matches!(hit.record.status, RecordStatus::Suppressed | RecordStatus::Rejected) {
            continue;
        }
        let title: BTreeSet<String> = hit.title.split(' ').map(str::to_string).collect();
        let mut all = title.clone();
        all.extend(hit.body.split(' ').map(str::to_string));
        let record = &hit.record;
        let names = [Some(&record.id), record.slug.as_ref()];
        let is_named = names.into_iter().flatten().any(|name| name.to_lowercase() == query.text);
        let exact = match () {
            () if is_named => Some("its name"),
            () if query::one_line(record.title.as_str()) == query.text => Some("its title"),
            () => None,
        };
        let said =
            || [&record.title].into_iter().chain(record.words()).map(|text| query::one_line(text.as_str()));
        let phrase = query.phrases.iter().any(|phrase| said().any(|text| text.contains(phrase)));
        if !query.phrases.is_empty() && !phrase && exact.is_none() {
            continue;
        }
        candidates.push(RecordCandidate {
            text_rank: candidates.len(),
            coverage: query.coverage(&all),
            in_title: query.coverage(&title),
            tight: query.share_asked(&title),
            spelled: query.share_spelled(hit.record.title.as_str()),
            found: hit,
            exact,
            phrase,
        });
    }
    Ok(candidates)
}

/// Records as hits, in parts of what the best one covers.
fn scored_records(candidates: Vec<RecordCandidate>) -> Vec<Hit> {
    let covered = distinct_values(&candidates, |one| one.coverage);
    let titled = distinct_values(&candidates, |one| one.in_title);
    let mut hits: Vec<Hit> = candidates.into_iter().map(|one| scored(one, &covered, &titled)).collect();
    let best = hits.iter().max_by(|a, b| a.score.total_cmp(&b.score));
    let (most, share) = best.map_or((1.0, 0.0), |hit| (hit.score, hit.coverage));
    hits.iter_mut().for_each(|hit| hit.score *= share / most);
    for hit in hits.iter_mut().filter(|hit| hit.why[0].starts_with("exactly")) {
        hit.score += EXACT;
    }
    hits
}

/// Millionths of a share, so that equal shares have equal places.
fn millionths(share: f64) -> i64 {
    (share * 1e6) as i64
}

/// The different shares of all candidates in millionths, largest first.
fn distinct_values(candidates: &[RecordCandidate], value: impl Fn(&RecordCandidate) -> f64) -> Vec<i64> {
    let mut values: Vec<i64> = candidates.iter().map(|one| millionths(value(one))).collect();
    values.sort_unstable_by(|a, b| b.cmp(a));
    values.dedup();
    values
}

/// What a place in one order adds to a score (reciprocal rank fusion).
fn share(place: usize) -> f64 {
    1.0 / (SOFT + place as f64)
}

/// A record as a hit, with its score and the reasons for it.
fn scored(one: RecordCandidate, covered: &[i64], titled: &[i64]) -> Hit {
    let place_in = |values: &[i64], value: f64| {
        values.iter().position(|known| *known == millionths(value)).unwrap_or(values.len())
    };
    let mut score = share(one.text_rank) + 2.0 * share(place_in(covered, one.coverage)) * one.coverage;
    score += share(place_in(titled, one.in_title)) * one.in_title;
    score += share(0) * (TIGHT * one.tight * one.in_title + AS_SPELLED * one.spelled);
    let mut why = Vec::new();
    if let Some(exact) = one.exact {
        score += 4.0 * share(0);
        why.push(format!("exactly {exact}"));
    }
    if one.phrase {
        score += 2.0 * share(0);
        why.push("the quoted words".to_string());
    }
    why.push(format!("{:.0} % of the question", one.coverage * 100.0));
    if one.in_title > 0.0 {
        why.push(format!("{:.0} % in its title", one.in_title * 100.0));
    }
    if one.found.record.status == RecordStatus::Superseded {
        score *= 0.5;
    }
    Hit { found: HitKind::Record(Box::new(one.found)), score, coverage: one.coverage, why, also: Vec::new() }
}

/// The best lines of the files that answer, in parts of what the best file covers.
fn code(store: &Store, query: &Query, sources: &[SearchScope], limit: usize) -> Result<Vec<Hit>> {
    let (symbols, texts) = (sources.contains(&SearchScope::Code), sources.contains(&SearchScope::Files));
    if !symbols && !texts {
        return Ok(Vec::new());
    }
    // Where symbols alone are asked for, many files may have none.
    let answers = files::answering(store, query, if texts { limit } else { 4 * limit })?;
    let most = answers.first().map_or(1.0, |best| best.score).max(f64::MIN_POSITIVE);
    let share = answers.first().map_or(0.0, |best| best.coverage);
    let mut hits = Vec::new();
    for answer in &answers {
        let mut score = answer.score / most * share;
        if answer.is_given || answer.spelled.is_some() && query.is_one_name {
            score += EXACT * answer.score / most;
        }
        for region in regions::regions(query, answer) {
            let is_symbol = region.hit.symbol.is_some();
            if if is_symbol { symbols } else { texts } {
                hits.push(region_hit(answer, region, score));
                score *= NEXT_NAME;
            }
        }
    }
    Ok(hits)
}

fn region_hit(answer: &files::FileAnswer, region: regions::Region, score: f64) -> Hit {
    let coverage = answer.coverage.max(region.in_name);
    let (why, also) = (answer.why.clone(), region.also);
    let found = match region.hit.symbol {
        Some(_) => HitKind::Symbol(region.hit),
        None => HitKind::File(region.hit),
    };
    Hit { found, score, coverage, why, also }
}

fn last_of(symbol: &str) -> &str {
    symbol.rsplit('.').next().unwrap_or_default()
}

/// Where none of a source is among the first, its best one that covers the
/// whole question comes to the last place of them: a decision is not crowded
/// out by names, nor a name by records.
fn keep_a_place(hits: &mut [Hit], first: usize, is_of: impl Fn(&HitKind) -> bool) {
    if first < 2 || hits.len() <= first || hits[..first].iter().any(|hit| is_of(&hit.found)) {
        return;
    }
    let best = hits[first..].iter().position(|hit| is_of(&hit.found) && hit.coverage > ALL);
    if let Some(at) = best {
        hits[first - 1..=first + at].rotate_right(1);
        hits[first - 1].score = hits[first].score;
    }
}

/// The line that says most of a question between two lines of a text, with its text;
/// without such lines (0), in all of it.
pub fn best_line_in(query: &Query, text: &str, (first, last): (u32, u32)) -> Option<(usize, String)> {
    if first == 0 {
        return best_line(query, text);
    }
    let (skipped, kept) = (first as usize - 1, last.saturating_sub(first) as usize + 1);
    let lines: Vec<&str> = text.lines().skip(skipped).take(kept).collect();
    best_line(query, &lines.join("\n")).map(|(line, text)| (skipped + line, text))
}

/// The line of a text that covers most of a question, counted from 1, and its text.
pub fn best_line(query: &Query, text: &str) -> Option<(usize, String)> {
    let mut best: Option<(f64, usize, &str)> = None;
    for (at, line) in text.lines().enumerate().take(20_000).filter(|(_, line)| line.len() < 1_000) {
        let coverage = query.coverage(&search_terms::distinct(line));
        if coverage > 0.0 && best.is_none_or(|(known, _, _)| coverage > known) {
            best = Some((coverage, at + 1, line));
            if coverage >= 1.0 {
                break;
            }
        }
    }
    best.map(|(_, line, text)| (line, text.trim().to_string()))
}

/// Ids of the records that hold every word of a question, sorted. An empty
/// question finds nothing: it is used to delete.
pub fn records_with_all(store: &Store, question: &str) -> crate::store::Result<Vec<String>> {
    let words: BTreeSet<String> =
        search_terms::words(question).into_iter().filter(|word| !word.whole).map(|word| word.text).collect();
    store.records_with_all(&words)
}

#[cfg(test)]
mod contract_tests;
