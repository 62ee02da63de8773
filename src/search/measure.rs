//! How well questions with known answers are answered here, so that whoever uses a
//! project learns where its search is weak; and questions made from the project
//! itself.
//!
//! Not here: reading a list of questions, and how a report looks.

use std::collections::{BTreeMap, BTreeSet};

use super::pack::PackQuality;
use super::query::{LeftOut, Query};
use super::{Hit, HitKind, SearchScope, best_coverage, search};
use crate::memory::Record;
use crate::model::{Commit, RelPath};
use crate::pipeline::Result;
use crate::search_terms;
use crate::store::Store;

/// Answers that count.
const FIRST: usize = 10;

/// Hits that are asked for: a file may have several.
const ASKED: usize = 30;

/// Questions of each kind that are made from a project, at most, spread evenly.
const MADE: usize = 150;

/// Words that say something, at least, of a text that is taken for a question.
const LEAST_WORDS: usize = 3;

/// Source files of a commit, at most: a larger one is about more than it says.
const MOST_FILES: usize = 3;

/// A question whose answer is known.
#[derive(Clone, Debug)]
pub struct KnownAnswer {
    pub question: String,
    /// Paths, or ids or slugs of records.
    pub relevant: Vec<String>,
    pub kind: String,
    /// A text that must not answer its own question.
    pub left_out: Option<LeftOut>,
}

/// How a question was answered.
#[derive(Clone, Debug)]
pub struct MeasuredAnswer {
    /// NDCG of the first ten, from 0 to 1.
    pub ndcg: f64,
    /// What was found, each file and record once.
    pub found: Vec<String>,
    pub is_weak: bool,
}

/// Asks a question and compares the answer with what is known. The list of the questions
/// is no answer to any.
pub fn measured(store: &Store, known: &KnownAnswer, list: Option<&RelPath>) -> Result<MeasuredAnswer> {
    let mut query = Query::new(store, &known.question)?;
    query.left_out = known.left_out.clone();
    let sources = [SearchScope::Records, SearchScope::Code, SearchScope::Files];
    let hits = search(store, &query, &sources, ASKED)?;
    let mut found: Vec<[String; 2]> = Vec::new();
    for names in hits.iter().map(names) {
        let is_list = list.is_some_and(|list| list.as_str() == names[0]);
        if !is_list && !found.contains(&names) {
            found.push(names);
        }
    }
    found.truncate(FIRST);
    let is_known = |names: &[String; 2]| known.relevant.iter().any(|name| names.contains(name));
    let gains: Vec<bool> = found.iter().map(is_known).collect();
    Ok(MeasuredAnswer {
        ndcg: ndcg(&gains, known.relevant.len()),
        is_weak: PackQuality::of(best_coverage(&hits)) == PackQuality::Weak,
        found: found.into_iter().map(|[name, _]| name).collect(),
    })
}

/// What a hit may be known by: its path, or id and slug.
fn names(hit: &Hit) -> [String; 2] {
    match &hit.found {
        HitKind::Symbol(found) | HitKind::File(found) => [found.path.to_string(), String::new()],
        HitKind::Record(found) => [found.record.id.clone(), found.record.slug.clone().unwrap_or_default()],
    }
}

/// NDCG with gain 1 for each answer that is known, of so many.
fn ndcg(gains: &[bool], known: usize) -> f64 {
    let worth = |at: usize| 1.0 / (at as f64 + 2.0).log2();
    let ideal: f64 = (0..known.min(FIRST)).map(worth).sum();
    let got: f64 = gains.iter().enumerate().filter(|(_, gain)| **gain).map(|(at, _)| worth(at)).sum();
    // A sum of nothing is -0.
    if ideal > 0.0 { got / ideal + 0.0 } else { 0.0 }
}

/// Questions from what this project says of its own code: first sentences of doc
/// comments, which are left out of the index for it, and subjects of small commits.
pub fn from_project(store: &Store, commits: &[Commit]) -> crate::store::Result<Vec<KnownAnswer>> {
    let mut made = Vec::new();
    let docs: Vec<KnownAnswer> = store
        .documented()?
        .into_iter()
        .filter(|hit| says_something(&hit.doc))
        .map(|hit| KnownAnswer {
            question: hit.doc.clone(),
            relevant: vec![hit.path.to_string()],
            kind: "docs".to_string(),
            left_out: Some(LeftOut::new(hit.path.clone(), (hit.line, hit.end_line), &hit.doc)),
        })
        .collect();
    made.extend(spread(docs));
    let sources = store.source_paths()?;
    let subjects = commits.iter().filter_map(|commit| of_commit(commit, &sources)).collect();
    made.extend(spread(subjects));
    Ok(made)
}

fn of_commit(commit: &Commit, sources: &BTreeSet<RelPath>) -> Option<KnownAnswer> {
    let relevant: Vec<String> =
        commit.paths.iter().filter(|path| sources.contains(*path)).map(RelPath::to_string).collect();
    let fits = (1..=MOST_FILES).contains(&relevant.len()) && says_something(commit.subject.as_str());
    let kind = "commits".to_string();
    fits.then(|| KnownAnswer { question: commit.subject.to_string(), relevant, kind, left_out: None })
}

fn says_something(text: &str) -> bool {
    search_terms::parts(text).len() >= LEAST_WORDS
}

/// At most so many, evenly from the first to the last.
fn spread(all: Vec<KnownAnswer>) -> Vec<KnownAnswer> {
    let step = all.len().div_ceil(MADE).max(1);
    all.into_iter().step_by(step).collect()
}

/// Ids of the records that a question by their own title does not find among the
/// first ten, of at most so many of the newest.
pub fn never_found(store: &Store, records: &[Record], most: usize) -> Result<Vec<String>> {
    let mut lost = Vec::new();
    for record in records.iter().rev().take(most) {
        let query = Query::new(store, record.title.as_str())?;
        let hits = search(store, &query, &[SearchScope::Records], FIRST)?;
        if !hits.iter().map(names).any(|[id, _]| id == record.id) {
            lost.push(record.id.clone());
        }
    }
    Ok(lost)
}

/// Figures of a set of answers by kind: how many, mean NDCG, without any hit, weak.
pub fn by_kind<'a>(
    answers: impl Iterator<Item = (&'a KnownAnswer, &'a MeasuredAnswer)>,
) -> BTreeMap<String, [f64; 4]> {
    let mut kinds: BTreeMap<String, [f64; 4]> = BTreeMap::new();
    for (known, answer) in answers {
        let [count, ndcg, empty, weak] = kinds.entry(known.kind.clone()).or_default();
        *count += 1.0;
        *ndcg += answer.ndcg;
        *empty += f64::from(u8::from(answer.found.is_empty()));
        *weak += f64::from(u8::from(answer.is_weak && !answer.found.is_empty()));
    }
    for [count, ndcg, ..] in kinds.values_mut() {
        *ndcg /= *count;
    }
    kinds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_count_by_their_place() {
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-9, "{a} {b}");
        near(ndcg(&[true], 1), 1.0);
        near(ndcg(&[false, true], 1), 1.0 / 3_f64.log2());
        near(ndcg(&[true], 2), 1.0 / (1.0 + 1.0 / 3_f64.log2()));
        near(ndcg(&[], 1), 0.0);
        near(ndcg(&[true], 0), 0.0);
    }
}
