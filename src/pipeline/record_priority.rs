//! Which records a page shows first: pins, then by what they have to do with
//! the goal, then the newest. Whole numbers throughout, so that every machine
//! gives the same order.
//!
//! Not here: which files are for the goal (`rank`), and how many records fit
//! (`render`).

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::memory::{Record, RecordKind};
use crate::model::RelPath;
use crate::rank_terms::{self, Term, Terms};

/// Steps of relevance that are told apart. Few, so that a new record seldom
/// changes places of old ones: within a step the newest is first.
const STEPS: u32 = 6;

/// What the goal's files count, against all words of the goal together.
const FILES: u32 = 100;

/// Sorts records, the most worth showing first. `goal` is the goal's text, and
/// `focus` the files for it.
pub fn by_worth(records: &mut [&Record], goal: Option<&str>, focus: &BTreeSet<&RelPath>) {
    let mut terms = Terms::default();
    let wanted: BTreeSet<Term> = words(&mut terms, goal.unwrap_or_default());
    let said: Vec<RecordSubject> =
        records.iter().map(|record| RecordSubject::of(&mut terms, record)).collect();
    let mut holding: BTreeMap<Term, usize> = BTreeMap::new();
    for term in said.iter().flat_map(|said| said.all.intersection(&wanted)) {
        *holding.entry(*term).or_default() += 1;
    }
    // A word that few records say tells more.
    let weight = |term: &Term| match holding.get(term) {
        Some(holding) => 1 + (2 * records.len() / holding).ilog2(),
        None => 0,
    };
    let most: u32 = wanted.iter().map(weight).sum();
    let relevance = |said: &RecordSubject| {
        let sum = |said: &BTreeSet<Term>| said.intersection(&wanted).map(weight).sum::<u32>();
        let by_words = (sum(&said.title) + sum(&said.all)) * 100 / (2 * most).max(1);
        let by_files = if said.paths.iter().any(|path| focus.contains(path)) { FILES } else { 0 };
        (by_words + by_files) * STEPS / (100 + FILES)
    };
    let mut keyed: Vec<(bool, Reverse<u32>, Reverse<&str>, &Record)> = records
        .iter()
        .zip(&said)
        .map(|(record, said)| {
            (record.kind != RecordKind::Pin, Reverse(relevance(said)), Reverse(record.id.as_str()), *record)
        })
        .collect();
    keyed.sort_by(|a, b| (a.0, a.1, a.2).cmp(&(b.0, b.1, b.2)));
    for (place, (.., record)) in records.iter_mut().zip(keyed) {
        *place = record;
    }
}

/// What a record is about.
struct RecordSubject<'a> {
    title: BTreeSet<Term>,
    all: BTreeSet<Term>,
    paths: Vec<&'a RelPath>,
}

impl<'a> RecordSubject<'a> {
    fn of(terms: &mut Terms, record: &'a Record) -> Self {
        let mut title = words(terms, record.title.as_str());
        for anchor in &record.anchors {
            title.extend(words(terms, &anchor.place()));
        }
        let mut all = title.clone();
        for text in record.words() {
            all.extend(words(terms, text.as_str()));
        }
        Self { title, all, paths: record.anchors.iter().map(|anchor| &anchor.path).collect() }
    }
}

fn words(terms: &mut Terms, text: &str) -> BTreeSet<Term> {
    let mut found = BTreeSet::new();
    for token in rank_terms::tokens(text) {
        found.extend(rank_terms::parts(token.text).filter_map(|part| terms.word(part)));
        if rank_terms::is_compound(token.text) {
            found.extend(rank_terms::whole(token.text));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Anchor;
    use crate::redact::Redactor;

    fn record(id: &str, kind: RecordKind, title: &str, path: Option<&str>) -> Record {
        let redactor = Redactor::new(&[]).unwrap();
        let mut record = Record::new(id.into(), kind, redactor.line(title), "2026".into());
        record.anchors = path
            .map(|path| Anchor { path: RelPath::new(path).unwrap(), symbol: None, hash: None, shape: None })
            .into_iter()
            .collect();
        record
    }

    fn check(goal: Option<&str>, focus: &[&str], expected: &[&str]) {
        let records = [
            record("1", RecordKind::Decision, "Cookies are signed with the secret key", None),
            record("2", RecordKind::Lesson, "Templates are cached", None),
            record("3", RecordKind::Question, "Who rotates keys?", Some("src/sessions.py")),
            record("4", RecordKind::Decision, "The CLI uses click", Some("src/cli.py")),
            record("5", RecordKind::Pin, "", Some("src/app.py")),
        ];
        let focus: Vec<RelPath> = focus.iter().map(|path| RelPath::new(path).unwrap()).collect();
        let focus: BTreeSet<&RelPath> = focus.iter().collect();
        for turned in 0..records.len() {
            let mut shown: Vec<&Record> = records.iter().collect();
            shown.rotate_left(turned);
            by_worth(&mut shown, goal, &focus);
            assert_eq!(shown.iter().map(|r| r.id.as_str()).collect::<Vec<_>>(), expected, "{goal:?}");
        }
    }

    #[test]
    fn without_a_goal_the_newest_come_first_behind_pins() {
        check(None, &[], &["5", "4", "3", "2", "1"]);
        check(Some(""), &[], &["5", "4", "3", "2", "1"]);
    }

    #[test]
    fn records_about_the_goal_or_its_files_come_before_newer_ones() {
        check(Some("Signed cookies fail when the key rotates"), &[], &["5", "1", "3", "4", "2"]);
        check(Some("Caching of templates"), &[], &["5", "2", "4", "3", "1"]);
        check(Some("Something else entirely"), &["src/sessions.py"], &["5", "3", "4", "2", "1"]);
    }
}
