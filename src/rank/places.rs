//! Where in a file the goal's words stand: the declarations, and the stretches
//! of long ones, whose own lines hold most of them.
//!
//! Not here: which files are looked at (`answer`), and reading them.

use std::collections::HashMap;

use super::symbols::{SymbolScorer, kind_weight};
use crate::model::{Outline, SafeText, SymbolKind};

/// Lines of a place, at most: a longer declaration is told by the stretch of it
/// that holds most.
const WIDEST: u32 = 40;

/// Stretches that are told of one declaration, and what the next of them holds
/// of what the first does, at least.
const PARTS: usize = 2;
const PART_WORTH: f64 = 0.5;

/// Lines of a place outside all declarations, at most.
const OUTSIDE: u32 = 16;

/// What lines outside declarations count of what those inside would.
const OUTSIDE_WORTH: f64 = 0.5;

/// What a word counts in a place once another one of the file that is told has it.
const AGAIN: f64 = 0.8;

/// Places of a file that are chosen with an eye on each other.
const SPREAD: usize = 12;

/// What a declaration in a module of tests counts of one outside.
const TEST_WORTH: f64 = 0.4;

/// A span of lines that the goal points at.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// From 1, both included.
    pub first: u32,
    pub last: u32,
    /// Index in the file's outline; none outside all declarations.
    pub symbol: Option<u32>,
    pub score: f64,
    /// The line in it that holds most.
    pub best: u32,
}

/// What a goal word counts in each part of a declaration. The body counts as
/// much as the name: what a function is called is seldom what it does wrong.
const IN_NAME: f64 = 1.0;
const IN_SIGNATURE: f64 = 0.3;
const IN_DOC: f64 = 0.3;
const IN_BODY: f64 = 1.0;

/// What it counts that the goal spells the whole name.
const EXACT: f64 = 2.0;

/// A file whose places are sought.
pub struct PlaceRequest<'a> {
    pub outline: &'a Outline,
    pub text: SafeText,
}

/// A stretch of a file, and the goal's words in it.
struct Stretch {
    own: Vec<u32>,
    symbol: Option<u32>,
    name: Vec<u32>,
    signature: Vec<u32>,
    doc: Vec<u32>,
    body: Vec<u32>,
}

/// The places of each file, the best first.
pub fn of(judge: &mut SymbolScorer, files: &[PlaceRequest]) -> Vec<Vec<Place>> {
    let lines: Vec<Vec<Vec<u32>>> = files
        .iter()
        .map(|file| file.text.as_str().lines().map(|line| judge.in_line(line)).collect())
        .collect();
    let found: Vec<Vec<Stretch>> =
        files.iter().zip(&lines).map(|(file, lines)| stretches(judge, file, lines)).collect();
    let rarity = WordRarity::of(found.iter().flatten());
    let mut all = Vec::new();
    for ((file, lines), found) in files.iter().zip(&lines).zip(found) {
        let evidence = Evidence { judge, rarity: &rarity, lines };
        let parts = found.into_iter().flat_map(|found| evidence.parts(found));
        let places = parts.map(|found| {
            let words = found.all().into_iter().map(|word| (word, rarity.worth(judge, word)));
            (place(&evidence, file.outline, &found), words.collect())
        });
        let mut places: Vec<(Place, WordWorth)> = places.filter(|(place, _)| place.score > 0.0).collect();
        places.sort_by(|(a, _), (b, _)| {
            b.score.total_cmp(&a.score).then((a.first, a.last).cmp(&(b.first, b.last)))
        });
        all.push(spread(places));
    }
    all
}

/// The goal's words that a place holds, each with its worth.
type WordWorth = Vec<(u32, f64)>;

/// The best place, then always the best of the others, each by what it holds that
/// those before it do not: of eight functions that say the same words, the first
/// ones tell it all.
fn spread(mut places: Vec<(Place, WordWorth)>) -> Vec<Place> {
    let mut told: HashMap<u32, f64> = HashMap::new();
    let mut chosen: Vec<Place> = Vec::new();
    while chosen.len() < SPREAD && !places.is_empty() {
        let worth = |(place, words): &(Place, WordWorth)| {
            let all: f64 = words.iter().map(|(_, worth)| worth).sum();
            let new: f64 = words.iter().map(|(word, worth)| worth * told.get(word).unwrap_or(&1.0)).sum();
            super::quantise(place.score * new / all.max(f64::MIN_POSITIVE))
        };
        let scores: Vec<f64> = places.iter().map(worth).collect();
        // The earlier of several.
        let best =
            (0..scores.len()).rev().max_by(|a, b| scores[*a].total_cmp(&scores[*b])).unwrap_or_default();
        let (place, words) = places.remove(best);
        words.iter().for_each(|(word, _)| *told.entry(*word).or_insert(1.0) *= AGAIN);
        chosen.push(Place { score: scores[best], ..place });
    }
    let least = chosen.last().map_or(0.0, |place| place.score);
    let others = places.into_iter().map(|(place, _)| Place { score: place.score.min(least), ..place });
    chosen.into_iter().chain(others).collect()
}

/// How few of the stretches hold each word: what all functions of a file say
/// tells nothing of any.
struct WordRarity {
    all: f64,
    holding: HashMap<u32, f64>,
}

impl WordRarity {
    fn of<'a>(found: impl Iterator<Item = &'a Stretch>) -> Self {
        let mut rarity = Self { all: 0.0, holding: HashMap::new() };
        for found in found {
            rarity.all += 1.0;
            for word in found.all() {
                *rarity.holding.entry(word).or_default() += 1.0;
            }
        }
        rarity
    }

    /// What a word of the goal tells of one of the stretches.
    fn worth(&self, judge: &SymbolScorer, word: u32) -> f64 {
        judge.tells(word) * self.of_word(word)
    }

    fn of_word(&self, word: u32) -> f64 {
        let holding = self.holding.get(&word).copied().unwrap_or(0.0);
        (1.0 + self.all / (holding + 0.5)).ln()
    }
}

impl Stretch {
    fn all(&self) -> Vec<u32> {
        let zones = [&self.name, &self.signature, &self.doc, &self.body];
        let mut all: Vec<u32> = zones.into_iter().flatten().copied().collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The lines of it in this span; only the `first` part is told by the name.
    fn part(&self, lines: &[Vec<u32>], (from, to): (u32, u32), first: bool) -> Stretch {
        let own: Vec<u32> = (from..=to).filter(|line| self.own.binary_search(line).is_ok()).collect();
        let zone = |words: &[u32]| if first { words.to_vec() } else { Vec::new() };
        Stretch {
            symbol: self.symbol,
            name: zone(&self.name),
            signature: zone(&self.signature),
            doc: zone(&self.doc),
            body: distinct(lines, &own),
            own,
        }
    }

    fn score(&self, judge: &SymbolScorer, rarity: &WordRarity) -> f64 {
        let length = 1.0 + (1.0 + self.own.len() as f64 / 20.0).ln();
        let zones = [
            (IN_NAME, &self.name),
            (IN_SIGNATURE, &self.signature),
            (IN_DOC, &self.doc),
            (IN_BODY / length, &self.body),
        ];
        let worth = |word: &u32| rarity.worth(judge, *word);
        zones.iter().map(|(weight, words)| weight * words.iter().map(worth).sum::<f64>()).sum()
    }
}

/// The declarations of a file with their own lines, and the lines outside them.
fn stretches(judge: &mut SymbolScorer, file: &PlaceRequest, lines: &[Vec<u32>]) -> Vec<Stretch> {
    let outline = file.outline;
    let owner = owners(outline, file.text.as_str());
    let mut own: Vec<Vec<u32>> = vec![Vec::new(); outline.symbols.len()];
    for (at, owner) in owner.iter().enumerate() {
        if let Some(owner) = owner {
            own[*owner as usize].push(at as u32 + 1);
        }
    }
    let mut found = Vec::new();
    for (at, own) in own.into_iter().enumerate().filter(|(_, own)| !own.is_empty()) {
        let symbol = &outline.symbols[at];
        found.push(Stretch {
            symbol: Some(at as u32),
            name: judge.in_line(symbol.name.as_str()),
            signature: judge.in_line(symbol.signature.as_str()),
            doc: judge.in_line(symbol.doc.as_str()),
            body: distinct(lines, &own),
            own,
        });
    }
    for run in outside(&owner) {
        let body = distinct(lines, &run);
        let none = Vec::new;
        found.push(Stretch { symbol: None, name: none(), signature: none(), doc: none(), body, own: run });
    }
    found
}

fn place(evidence: &Evidence, outline: &Outline, found: &Stretch) -> Place {
    let (first, last) = (found.own[0], found.own[found.own.len() - 1]);
    let mut score = found.score(evidence.judge, evidence.rarity);
    match found.symbol.map(|at| at as usize) {
        Some(at) => {
            let symbol = &outline.symbols[at];
            let is_named = !found.name.is_empty();
            score += if is_named { EXACT * evidence.judge.exact(symbol.name.as_str()) } else { 0.0 };
            score *= kind_weight(symbol.kind);
            score *= if is_in_tests(outline, at) { TEST_WORTH } else { 1.0 };
        }
        None => score *= OUTSIDE_WORTH,
    }
    let worth = |line: u32| super::quantise(evidence.worth(&[line]));
    let best = (first..=last).max_by(|a, b| worth(*a).total_cmp(&worth(*b)).then(b.cmp(a)));
    Place { first, last, symbol: found.symbol, score: super::quantise(score), best: best.unwrap_or(first) }
}

/// For each line the innermost declaration that it belongs to, of those that
/// are shown by themselves. Comments and attributes right above a declaration
/// belong to it.
fn owners(outline: &Outline, text: &str) -> Vec<Option<u32>> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let mut owner = vec![None; lines.len()];
    for (at, symbol) in outline.symbols.iter().enumerate().filter(|(_, symbol)| is_place(symbol.kind)) {
        let last = (symbol.end_line as usize).min(lines.len());
        let first = (symbol.line as usize).saturating_sub(1).min(last);
        let is_above = |line: &usize| {
            let (text, is_free) = (lines[*line], owner[*line].is_none());
            !text.is_empty()
                && (is_free || ABOVE.iter().any(|mark| text.starts_with(mark)))
                && first - line <= WIDEST as usize
        };
        let above = (0..first).rev().take_while(is_above).count();
        // A declaration stands behind those around it.
        owner[first - above..last].fill(Some(at as u32));
    }
    owner
}

/// How comments, attributes and decorators begin.
const ABOVE: [&str; 7] = ["//", "/*", "*", "#", "@", "--", ";"];

/// Fields and variants are shown with their type, and blocks by what is in them.
fn is_place(kind: SymbolKind) -> bool {
    !matches!(
        kind,
        SymbolKind::Field
            | SymbolKind::Variant
            | SymbolKind::Variable
            | SymbolKind::Impl
            | SymbolKind::Module
    )
}

fn is_in_tests(outline: &Outline, at: usize) -> bool {
    let is_tests = |at: usize| {
        let symbol = &outline.symbols[at];
        symbol.kind == SymbolKind::Module && matches!(symbol.name.as_str(), "test" | "tests")
    };
    outline.around(at).any(is_tests)
}

/// Runs of lines that belong to no declaration.
fn outside(owner: &[Option<u32>]) -> Vec<Vec<u32>> {
    let mut runs: Vec<Vec<u32>> = Vec::new();
    for line in (1..=owner.len() as u32).filter(|line| owner[*line as usize - 1].is_none()) {
        match runs.last_mut() {
            Some(run) if run.last() == Some(&(line - 1)) && run.len() < 4 * OUTSIDE as usize => {
                run.push(line)
            }
            _ => runs.push(vec![line]),
        }
    }
    runs
}

fn distinct(lines: &[Vec<u32>], own: &[u32]) -> Vec<u32> {
    let mut words: Vec<u32> = own.iter().flat_map(|line| &lines[*line as usize - 1]).copied().collect();
    words.sort_unstable();
    words.dedup();
    words
}

/// What the lines of one file hold, and what that is worth.
struct Evidence<'a, 'j> {
    judge: &'a SymbolScorer<'j>,
    rarity: &'a WordRarity,
    lines: &'a [Vec<u32>],
}

impl Evidence<'_, '_> {
    fn worth(&self, lines: &[u32]) -> f64 {
        distinct(self.lines, lines).into_iter().map(|word| self.rarity.worth(self.judge, word)).sum()
    }

    /// A stretch that is short enough, or the parts of it that hold most: a long
    /// function is seldom changed at one end and told by the other.
    fn parts(&self, found: Stretch) -> Vec<Stretch> {
        let (first, last) = (found.own[0], found.own[found.own.len() - 1]);
        let widest = if found.symbol.is_some() { WIDEST } else { OUTSIDE };
        if last - first < widest {
            return vec![found];
        }
        let mut parts: Vec<Stretch> = Vec::new();
        let mut spans: Vec<(u32, u32)> = Vec::new();
        let mut most = 0.0;
        while parts.len() < PARTS {
            let Some((worth, span)) = self.best_span(&found.own, widest, &spans) else { break };
            if worth <= most * PART_WORTH {
                break;
            }
            most = f64::max(most, worth);
            parts.push(found.part(self.lines, span, parts.is_empty()));
            spans.push(span);
        }
        parts
    }

    /// The span of so many lines that holds most, apart from those that are
    /// taken; the earliest of several.
    fn best_span(&self, own: &[u32], widest: u32, taken: &[(u32, u32)]) -> Option<(f64, (u32, u32))> {
        let (first, last) = (own[0], own[own.len() - 1]);
        let is_free = |start: u32| taken.iter().all(|(a, b)| start > *b || start + widest <= *a);
        let starts = (first..=last + 1 - widest).filter(|start| {
            // Nothing changes before the first line with a word leaves.
            *start == first || *start == last + 1 - widest || !self.lines[*start as usize - 1].is_empty()
        });
        let mut best: Option<(f64, u32)> = None;
        for start in starts.filter(|start| is_free(*start)) {
            let inside: Vec<u32> =
                own.iter().copied().filter(|line| (start..start + widest).contains(line)).collect();
            // Of those that hold the same words, the one that says them more often.
            let each: f64 = inside.iter().map(|line| self.worth(&[*line])).sum();
            let worth = super::quantise(self.worth(&inside) + 0.05 * each);
            if best.is_none_or(|(most, _)| worth > most) {
                best = Some((worth, start));
            }
        }
        let (worth, start) = best?;
        let centre = centred(self.lines, start, first, last, widest);
        Some((worth, if is_free(centre.0) { centre } else { (start, start + widest - 1) }))
    }
}

/// The stretch moved so that what it holds stands in its middle.
fn centred(lines: &[Vec<u32>], start: u32, first: u32, last: u32, widest: u32) -> (u32, u32) {
    let held = (start..start + widest).filter(|line| !lines[*line as usize - 1].is_empty());
    let (from, to) =
        held.fold((start + widest - 1, start), |(from, to), line| (from.min(line), to.max(line)));
    let to = to.max(from);
    let margin = widest.saturating_sub(to - from + 1) / 2;
    let start = from.saturating_sub(margin).max(first);
    (start, (start + widest - 1).min(last))
}
