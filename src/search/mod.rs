//! One query over records, symbols, file paths and contents: one list, the
//! best first, each hit with the reasons for its place. No clock takes part.
//!
//! Places in several orders are put together (reciprocal rank fusion): by the
//! text's own score, by the share of the question's weight that is covered, by
//! exact names, and by what the best hits import or change together with.
//!
//! Not here: cutting texts into words (`wording`), and asking SQLite (`store`).

mod cited;
mod index;
mod pack;
mod query;

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::memory::RecordStatus;
use crate::model::RelPath;
use crate::pipeline::Result;
use crate::search_terms;
use crate::store::{CodeHit, RecordHit, Store};

pub use cited::{CitationFreshness, Cited};
pub use index::{refresh, update};
pub use pack::{MOST, Pack, PackBudgetError, PackFormat, PackQuality, pack};
pub use query::Query;

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
    /// Other symbols of its name in the same file, by line.
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
    fn path(&self) -> Option<&RelPath> {
        match self {
            HitKind::Symbol(hit) | HitKind::File(hit) => Some(&hit.path),
            HitKind::Record(_) => None,
        }
    }

    /// What orders hits of one score.
    fn key(&self) -> (u8, String, u32) {
        match self {
            HitKind::Symbol(hit) => (0, hit.path.to_string(), hit.line),
            HitKind::Record(hit) => (1, hit.record.id.clone(), 0),
            HitKind::File(hit) => (2, hit.path.to_string(), 0),
        }
    }
}

/// Rows of each source that are looked at.
const CANDIDATES: usize = 120;

/// Files whose words are asked for one by one.
const MEASURED_FILES: usize = 30;

/// Places in which every source that covers the whole question is seen.
const FIRST: usize = 5;

/// What it counts, of a first place, that a name has few words besides those
/// asked for, that it has all of them, that it has them as they are spelled and
/// in one piece, and that it is not a test's. Tried on names of four
/// repositories (`tests/trials/search.py`).
const TIGHT: f64 = 3.0;
const WHOLE_NAME: f64 = 1.0;
const SPELLED: f64 = 2.0;
const IN_ONE_PIECE: f64 = 0.1;
const NO_TEST: f64 = 0.3;

/// Softens the difference between the first places of an order.
const SOFT: f64 = 10.0;

/// What one hop from a best hit counts, of a first place.
const HOP: f64 = 0.3;

/// Symbols of one name in different files that keep their places.
const NAMESAKES: usize = 2;

/// What is taken for a share of 1.
const ALL: f64 = 0.999;

/// The word, without its ending, by which the path of a test tells that it is one.
const TEST: &str = "test";

/// A hit on the way to its place.
struct HitCandidate {
    found: HitKind,
    /// Place in its source's own order, from 0.
    text_rank: usize,
    coverage: f64,
    /// Share of the weight that its name alone covers.
    in_name: f64,
    /// Share of the words of its name that the question asks for.
    tight: f64,
    /// Share of the question's words that its name has as they are spelled.
    spelled: f64,
    in_one_piece: bool,
    /// Belongs to a test, and the question is not about tests.
    of_test: bool,
    exact: Option<Exact>,
    phrase: bool,
    near: Vec<RelatedFile>,
}

/// Which part of a hit the query names exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exact {
    /// A record's id or slug, or the last part of a symbol's name.
    Name,
    Title,
    Path,
    FileName,
    QualifiedName,
    /// All words of the name and no others, in another order.
    NameWords,
}

impl Exact {
    fn words(self) -> &'static str {
        match self {
            Self::Name => "its name",
            Self::Title => "its title",
            Self::Path => "its path",
            Self::FileName => "its file name",
            Self::QualifiedName => "its qualified name",
            Self::NameWords => "the words of its name",
        }
    }

    /// What it counts, of a first place: a path is seldom given by chance.
    fn worth(self) -> f64 {
        if self == Self::Path { 8.0 } else { 4.0 }
    }
}

/// How a file is related to another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relationship {
    ImportedBy,
    ChangesWith,
}

impl Relationship {
    fn words(self) -> &'static str {
        match self {
            Self::ImportedBy => "imported by",
            Self::ChangesWith => "changes together with",
        }
    }
}

/// A file that is related to one of the best hits.
struct RelatedFile {
    how: Relationship,
    hit: RelPath,
    /// Place of that hit among the best, from 0.
    place: usize,
}

/// Everything that a question finds, the best first, at most `limit`.
pub fn search(store: &Store, query: &Query, sources: &[SearchScope], limit: usize) -> Result<Vec<Hit>> {
    let mut candidates = Vec::new();
    if sources.contains(&SearchScope::Records) {
        candidates.extend(records(store, query)?);
    }
    if sources.contains(&SearchScope::Code) {
        candidates.extend(code(store, query, true)?);
    }
    if sources.contains(&SearchScope::Files) {
        candidates.extend(code(store, query, false)?);
    }
    neighbours(store, &mut candidates)?;
    Ok(fused(candidates, limit))
}

/// Whole names first, then all words, then any: what is named, and what holds
/// all, is never crowded out.
fn both<T>(
    query: &Query,
    ask: impl Fn(&[(String, bool)], bool) -> crate::store::Result<Vec<T>>,
    key: impl Fn(&T) -> String,
) -> Result<Vec<T>> {
    let mut found = Vec::new();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut add = |hits: Vec<T>, found: &mut Vec<T>| {
        found.extend(hits.into_iter().filter(|hit| seen.insert(key(hit))));
    };
    let wholes: Vec<(String, bool)> = query.wholes.iter().map(|whole| (whole.clone(), false)).collect();
    add(ask(&wholes, false)?, &mut found);
    if let Some(required) = query.required().filter(|required| required.len() > 1) {
        add(ask(&required, true)?, &mut found);
    }
    if found.len() < CANDIDATES / 2 {
        add(ask(&query.asked(), false)?, &mut found);
    }
    found.truncate(2 * CANDIDATES);
    Ok(found)
}

fn records(store: &Store, query: &Query) -> Result<Vec<HitCandidate>> {
    let hits =
        both(query, |asked, all| store.records_with(asked, all, CANDIDATES), |hit| hit.record.id.clone())?;
    let mut candidates = Vec::new();
    for hit in hits {
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
            () if is_named => Some(Exact::Name),
            () if query::one_line(record.title.as_str()) == query.text => Some(Exact::Title),
            () => None,
        };
        let said =
            || [&record.title].into_iter().chain(record.words()).map(|text| query::one_line(text.as_str()));
        let phrase = query.phrases.iter().any(|phrase| said().any(|text| text.contains(phrase)));
        if !query.phrases.is_empty() && !phrase && exact.is_none() {
            continue;
        }
        let (coverage, in_name) = (query.coverage(&all), query.coverage(&title));
        let text_rank = candidates.len();
        let tight = query.share_asked(&title);
        let spelled = query.share_spelled(hit.record.title.as_str());
        let found = HitKind::Record(Box::new(hit));
        candidates.push(HitCandidate {
            found,
            text_rank,
            coverage,
            in_name,
            tight,
            spelled,
            in_one_piece: false,
            of_test: false,
            exact,
            phrase,
            near: Vec::new(),
        });
    }
    Ok(candidates)
}

fn code(store: &Store, query: &Query, symbols: bool) -> Result<Vec<HitCandidate>> {
    let hits = both(
        query,
        |asked, all| store.code_with(asked, all, symbols, CANDIDATES),
        |hit| hit.row.to_string(),
    )?;
    let about_tests = query.asked().iter().any(|(word, _)| word == TEST);
    let mut candidates = Vec::new();
    for (rank, hit) in hits.into_iter().enumerate() {
        let path = search_terms::distinct(hit.path.as_str());
        let (name, mut all) = match &hit.symbol {
            Some(symbol) => {
                let last = symbol.rsplit('.').next().unwrap_or_default();
                let more = [symbol.as_str(), &hit.signature, &hit.doc].map(search_terms::distinct);
                (search_terms::distinct(last), more.into_iter().flatten().collect::<BTreeSet<_>>())
            }
            None => (path.clone(), BTreeSet::new()),
        };
        let of_test = !about_tests && path.contains(TEST);
        all.extend(path);
        if !symbols && rank < MEASURED_FILES {
            for asked in query
                .terms
                .iter()
                .filter(|term| !term.is_in(&all))
                .flat_map(|term| &term.asked)
                .collect::<Vec<_>>()
            {
                if store.code_holds(hit.row, asked)? {
                    all.insert(asked.0.clone());
                }
            }
        }
        let phrase = query.phrases.iter().any(|phrase| {
            [&hit.signature, &hit.doc].iter().any(|text| query::one_line(text).contains(phrase))
        });
        let (coverage, in_name) = (query.coverage(&all), query.coverage(&name));
        let exact = exact_name(&hit, query);
        let own_name = hit.symbol.as_deref().map_or(hit.path.as_str(), last_of);
        let tight = query.share_asked(&search_terms::parts(own_name));
        let spelled = query.share_spelled(own_name);
        let in_one_piece = query::joined(own_name).contains(&query.joined);
        // In another order they are still all of its words and no others.
        let all_words = symbols && [tight, in_name, spelled].iter().all(|share| *share > ALL);
        let exact = exact.or(all_words.then_some(Exact::NameWords));
        let found = if symbols { HitKind::Symbol(hit) } else { HitKind::File(hit) };
        candidates.push(HitCandidate {
            found,
            text_rank: rank,
            coverage,
            in_name,
            tight,
            spelled,
            in_one_piece,
            of_test,
            exact,
            phrase,
            near: Vec::new(),
        });
    }
    Ok(candidates)
}

fn exact_name(hit: &CodeHit, query: &Query) -> Option<Exact> {
    let asks_for = |name: &str| {
        let name = search_terms::fold(name).to_lowercase();
        query.wholes.contains(&name) || query.text == name
    };
    match &hit.symbol {
        None if asks_for(hit.path.as_str()) => Some(Exact::Path),
        None if asks_for(hit.path.name()) => Some(Exact::FileName),
        Some(symbol) if asks_for(symbol) => Some(Exact::QualifiedName),
        Some(symbol) if asks_for(last_of(symbol)) || query.joined == query::joined(last_of(symbol)) => {
            Some(Exact::Name)
        }
        _ => None,
    }
}

fn last_of(symbol: &str) -> &str {
    symbol.rsplit('.').next().unwrap_or_default()
}

/// Marks what the best hits import, and what changes together with them.
fn neighbours(store: &Store, candidates: &mut [HitCandidate]) -> Result<()> {
    let mut best: Vec<(usize, f64, RelPath)> = candidates
        .iter()
        .filter(|one| one.text_rank < 3 && one.coverage > 0.5)
        .filter_map(|one| Some((one.text_rank, one.coverage, one.found.path()?.clone())))
        .collect();
    best.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)).then_with(|| a.2.cmp(&b.2)));
    let mut seen = BTreeSet::new();
    let best: Vec<&RelPath> =
        best.iter().map(|(_, _, path)| path).filter(|path| seen.insert(*path)).collect();
    let hops = [
        (Relationship::ImportedBy, store.imports_of(&best)?),
        (Relationship::ChangesWith, store.together_with(&best)?),
    ];
    for (how, others) in hops {
        let mut near: BTreeMap<&RelPath, (usize, &RelPath)> = BTreeMap::new();
        for (place, from) in best.iter().enumerate() {
            for to in others.get(*from).into_iter().flatten().filter(|to| to != from) {
                near.entry(to).or_insert((place, from));
            }
        }
        for one in candidates.iter_mut() {
            if let Some((place, hit)) = one.found.path().and_then(|path| near.get(path)) {
                one.near.push(RelatedFile { how, hit: (*hit).clone(), place: *place });
            }
        }
    }
    Ok(())
}

fn fused(candidates: Vec<HitCandidate>, limit: usize) -> Vec<Hit> {
    let covered = distinct_values(&candidates, |one| one.coverage);
    let named = distinct_values(&candidates, |one| one.in_name);
    let mut hits: Vec<Hit> = candidates.iter().map(|one| scored(one, &covered, &named)).collect();
    let by_score =
        |a: &Hit, b: &Hit| b.score.total_cmp(&a.score).then_with(|| a.found.key().cmp(&b.found.key()));
    hits.sort_by(by_score);
    fold(&mut hits);
    lower_namesakes(&mut hits);
    hits.sort_by(by_score);
    keep_a_place(&mut hits, FIRST.min(limit), |found| matches!(found, HitKind::Record(_)));
    keep_a_place(&mut hits, FIRST.min(limit), |found| matches!(found, HitKind::Symbol(_)));
    hits.truncate(limit);
    hits
}

/// Millionths of a share, so that equal shares have equal places.
fn millionths(share: f64) -> i64 {
    (share * 1e6) as i64
}

/// The different shares of all candidates in millionths, largest first.
fn distinct_values(candidates: &[HitCandidate], value: impl Fn(&HitCandidate) -> f64) -> Vec<i64> {
    let mut values: Vec<i64> = candidates.iter().map(|one| millionths(value(one))).collect();
    values.sort_unstable_by(|a, b| b.cmp(a));
    values.dedup();
    values
}

/// What a place in one order adds to a score (reciprocal rank fusion).
fn share(place: usize) -> f64 {
    1.0 / (SOFT + place as f64)
}

/// A candidate as a hit, with its score and the reasons for it.
fn scored(one: &HitCandidate, covered: &[i64], named: &[i64]) -> Hit {
    let place_in = |values: &[i64], value: f64| {
        values.iter().position(|known| *known == millionths(value)).unwrap_or(values.len())
    };
    let mut score = share(one.text_rank) + 2.0 * share(place_in(covered, one.coverage)) * one.coverage;
    score += share(place_in(named, one.in_name)) * one.in_name;
    score += share(0) * (TIGHT * one.tight * one.in_name + SPELLED * one.spelled);
    // Names with all words, however many others they have, come before
    // names with one of them.
    if one.in_name > ALL && matches!(one.found, HitKind::Symbol(_)) {
        score += WHOLE_NAME * share(0);
    }
    if one.in_one_piece {
        score += IN_ONE_PIECE * share(0);
    }
    if one.of_test {
        score -= NO_TEST * share(0);
    }
    // Of a symbol and its file the symbol says more.
    if matches!(one.found, HitKind::File(_)) {
        score *= 0.8;
    }
    let mut why = Vec::new();
    if let Some(exact) = one.exact {
        score += exact.worth() * share(0);
        why.push(format!("exactly {}", exact.words()));
    }
    if one.phrase {
        score += 2.0 * share(0);
        why.push("the quoted words".to_string());
    }
    why.push(format!("{:.0} % of the question", one.coverage * 100.0));
    if one.in_name > 0.0 {
        why.push(format!("{:.0} % in its name", one.in_name * 100.0));
    }
    for near in &one.near {
        score += HOP * share(near.place);
        why.push(format!("{} {}", near.how.words(), near.hit));
    }
    if let HitKind::Record(hit) = &one.found
        && hit.record.status == RecordStatus::Superseded
    {
        score *= 0.5;
    }
    Hit { found: one.found.clone(), score, coverage: one.coverage, why, also: Vec::new() }
}

/// Many symbols of one name leave room for others.
fn lower_namesakes(hits: &mut [Hit]) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for hit in hits {
        if let HitKind::Symbol(CodeHit { symbol: Some(symbol), .. }) = &hit.found {
            let times = seen.entry(last_of(symbol).to_string()).or_default();
            *times += 1;
            if *times > NAMESAKES {
                hit.score *= 0.5;
            }
        }
    }
}

/// Makes one hit of the symbols of one name in one file: the best, with the
/// others besides.
fn fold(hits: &mut Vec<Hit>) {
    let mut kept: Vec<Hit> = Vec::with_capacity(hits.len());
    let mut known: HashMap<(RelPath, String), usize> = HashMap::new();
    for hit in hits.drain(..) {
        if let HitKind::Symbol(symbol) = &hit.found {
            let name = last_of(symbol.symbol.as_deref().unwrap_or_default()).to_string();
            match known.entry((symbol.path.clone(), name)) {
                Entry::Occupied(at) => {
                    kept[*at.get()].also.push(symbol.clone());
                    continue;
                }
                Entry::Vacant(entry) => _ = entry.insert(kept.len()),
            }
        }
        kept.push(hit);
    }
    kept.iter_mut().for_each(|hit| hit.also.sort_by_key(|other| other.line));
    *hits = kept;
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

/// The line of a text that covers most of a question, counted from 1, with the
/// share that it covers.
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
