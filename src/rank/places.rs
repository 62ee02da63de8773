//! Where in a file the goal's words stand: the declarations, and the stretches
//! of long ones, whose own lines hold most of them.
//!
//! Not here: which files are looked at (`answer`), and reading them.

use std::collections::HashMap;

use super::line_roles::{self, LineRole};
use super::symbols::{SymbolScorer, kind_weight};
use crate::model::{Outline, SafeText, SymbolKind};

/// Lines of a declaration that is told whole; a longer one is told by stretches
/// of so many lines that hold most.
const WHOLE: u32 = 60;
const WIDEST: u32 = 40;

/// Lines of a type that is told whole, its members included: of a longer one
/// they are told by themselves.
const WHOLE_TYPE: u32 = 80;

/// Stretches that are told of one declaration, and what the next of them holds
/// of what the first does, at least.
const PARTS: usize = 3;
const PART_WORTH: f64 = 0.5;

/// Stretches of one declaration that hold names of the goal, at most, and lines
/// of each before and behind a name.
const NAMED_PARTS: usize = 3;
const AROUND: u32 = 3;

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

/// What a place counts that holds a single word of the goal, and no name.
const ALONE: f64 = 0.5;

/// A span of lines that the goal points at.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// From 1, both included.
    pub first: u32,
    pub last: u32,
    /// Index in the file's outline; none outside all declarations.
    pub symbol: Option<u32>,
    pub score: f64,
    /// The lines in it that hold something of the goal, those that hold most first.
    pub telling: Vec<u32>,
    /// It holds several words of the goal, or a name.
    pub agrees: bool,
}

impl Place {
    /// Whether both have a line in common.
    pub fn meets(&self, other: &Place) -> bool {
        self.first <= other.last && other.first <= self.last
    }
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

/// The lines of a file, what each is there for, and the goal's words in it, but
/// for those of imports and of documentation: they say what is not done there.
struct FileLines {
    roles: Vec<LineRole>,
    words: Vec<Vec<u32>>,
}

impl FileLines {
    fn read(judge: &mut SymbolScorer, file: &PlaceRequest) -> Self {
        let roles = line_roles::of(file.outline, file.text.as_str());
        let is_told = |role: &LineRole| matches!(role, LineRole::Code | LineRole::Comment);
        let words = roles.iter().zip(file.text.as_str().lines());
        let words =
            words.map(|(role, line)| if is_told(role) { judge.in_line(line) } else { Vec::new() }).collect();
        Self { roles, words }
    }

    fn role(&self, line: u32) -> LineRole {
        self.roles[line as usize - 1]
    }

    fn words(&self, line: u32) -> &[u32] {
        &self.words[line as usize - 1]
    }

    fn distinct(&self, lines: &[u32]) -> Vec<u32> {
        let mut words: Vec<u32> = lines.iter().flat_map(|line| self.words(*line)).copied().collect();
        words.sort_unstable();
        words.dedup();
        words
    }
}

/// A stretch of a file, and the goal's words in it.
struct Stretch {
    /// A type that is told whole ends here.
    last: u32,
    own: Vec<u32>,
    symbol: Option<u32>,
    name: Vec<u32>,
    signature: Vec<u32>,
    doc: Vec<u32>,
    body: Vec<u32>,
}

/// The places of each file, the best first.
pub fn of(judge: &mut SymbolScorer, files: &[PlaceRequest]) -> Vec<Vec<Place>> {
    let lines: Vec<FileLines> = files.iter().map(|file| FileLines::read(judge, file)).collect();
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
        all.push(apart(spread(places)));
    }
    all
}

/// The places that share no line with a better one.
fn apart(places: Vec<Place>) -> Vec<Place> {
    let mut told: Vec<Place> = Vec::new();
    for place in places {
        if !told.iter().any(|better| better.meets(&place)) {
            told.push(place);
        }
    }
    told
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
    fn part(&self, lines: &FileLines, (from, to): (u32, u32), first: bool) -> Stretch {
        let own: Vec<u32> = (from..=to).filter(|line| self.own.binary_search(line).is_ok()).collect();
        let zone = |words: &[u32]| if first { words.to_vec() } else { Vec::new() };
        Stretch {
            last: to,
            symbol: self.symbol,
            name: zone(&self.name),
            signature: zone(&self.signature),
            doc: zone(&self.doc),
            body: lines.distinct(&own),
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
fn stretches(judge: &mut SymbolScorer, file: &PlaceRequest, lines: &FileLines) -> Vec<Stretch> {
    let outline = file.outline;
    let owner = owners(outline, file.text.as_str());
    let mut own: Vec<Vec<u32>> = vec![Vec::new(); outline.symbols.len()];
    for (at, owner) in owner.iter().enumerate() {
        if let Some(owner) = owner {
            own[*owner as usize].push(at as u32 + 1);
        }
    }
    let own = own.into_iter().enumerate().map(|(at, own)| (at, without_head(lines, own)));
    let declared = own.filter(|(_, own)| !own.is_empty());
    let declared = declared.filter_map(|(at, own)| declared_stretch(judge, outline, at, (own, lines)));
    let mut found: Vec<Stretch> = declared.collect();
    for run in outside(&owner) {
        let is_code = |line: &u32| lines.role(*line) == LineRole::Code;
        let own: Vec<u32> = run.into_iter().filter(is_code).collect();
        let Some(last) = own.last().copied() else { continue };
        let body = lines.distinct(&own);
        let none = Vec::new;
        found.push(Stretch { last, symbol: None, name: none(), signature: none(), doc: none(), body, own });
    }
    found
}

/// Lines of a declaration without the documentation above it.
fn without_head(lines: &FileLines, own: Vec<u32>) -> Vec<u32> {
    own.into_iter().skip_while(|line| lines.role(*line) != LineRole::Code).collect()
}

/// A declaration with its own lines; none for a long type of which nothing but
/// its head says anything: it is told by its members.
fn declared_stretch(
    judge: &mut SymbolScorer,
    outline: &Outline,
    at: usize,
    (own, lines): (Vec<u32>, &FileLines),
) -> Option<Stretch> {
    let symbol = &outline.symbols[at];
    let is_whole = is_type(symbol.kind) && symbol.end_line - symbol.line < WHOLE_TYPE;
    let below: Vec<u32> = own.iter().copied().filter(|line| *line > symbol.line).collect();
    if is_type(symbol.kind) && !is_whole && lines.distinct(&below).is_empty() {
        return None;
    }
    let last = own.last().copied()?;
    Some(Stretch {
        last: if is_whole { last.max(symbol.end_line.min(lines.roles.len() as u32)) } else { last },
        symbol: Some(at as u32),
        name: judge.in_line(symbol.name.as_str()),
        signature: judge.in_line(symbol.signature.as_str()),
        doc: judge.in_line(symbol.doc.as_str()),
        body: lines.distinct(&own),
        own,
    })
}

/// Holds declarations of its own.
fn is_type(kind: SymbolKind) -> bool {
    matches!(
        kind,
        SymbolKind::Class
            | SymbolKind::Struct
            | SymbolKind::Enum
            | SymbolKind::Union
            | SymbolKind::Trait
            | SymbolKind::Interface
    )
}

/// Lines that hold something of the goal which are kept of a place.
const TELLING: usize = 16;

fn place(evidence: &Evidence, outline: &Outline, found: &Stretch) -> Place {
    let (first, last) = (found.own[0], found.last);
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
    let (telling, agrees) = (evidence.telling(first, last), evidence.agree(found));
    score *= if agrees { 1.0 } else { ALONE };
    Place { first, last, symbol: found.symbol, score: super::quantise(score), telling, agrees }
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

/// What the lines of one file hold, and what that is worth.
struct Evidence<'a, 'j> {
    judge: &'a SymbolScorer<'j>,
    rarity: &'a WordRarity,
    lines: &'a FileLines,
}

impl Evidence<'_, '_> {
    fn worth(&self, lines: &[u32]) -> f64 {
        self.lines.distinct(lines).into_iter().map(|word| self.rarity.worth(self.judge, word)).sum()
    }

    /// The lines of a span that hold something of the goal, the most first.
    fn telling(&self, first: u32, last: u32) -> Vec<u32> {
        let worth = (first..=last).map(|line| (line, super::quantise(self.worth(&[line]))));
        let mut worth: Vec<(u32, f64)> = worth.filter(|(_, worth)| *worth > 0.0).collect();
        worth.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        worth.into_iter().take(TELLING).map(|(line, _)| line).collect()
    }

    /// Whether a stretch holds a name of the goal, or several words that not
    /// every file holds.
    fn agree(&self, found: &Stretch) -> bool {
        let words = found.all();
        let told = words.iter().filter(|word| self.judge.is_telling(**word)).count();
        told > 1 || words.iter().any(|word| self.judge.is_name(*word))
    }

    /// A stretch that is short enough, or the parts of it that hold most: a long
    /// function is seldom changed at one end and told by the other.
    fn parts(&self, found: Stretch) -> Vec<Stretch> {
        let (first, last) = (found.own[0], found.own[found.own.len() - 1]);
        let (whole, widest) = if found.symbol.is_some() { (WHOLE, WIDEST) } else { (OUTSIDE, OUTSIDE) };
        if last - first < whole || found.last > last {
            return vec![found];
        }
        if let Some(spans) = self.named(&found) {
            let parts = (0..).zip(spans);
            return parts.map(|(n, span)| found.part(self.lines, span, n == 0)).collect();
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

    /// The stretches around the lines of a long declaration that hold names of
    /// the goal, the one that holds most first, where they are few and short.
    fn named(&self, found: &Stretch) -> Option<Vec<(u32, u32)>> {
        let (first, last) = (*found.own.first()?, *found.own.last()?);
        let holds = |line: &u32| self.lines.words(*line).iter().any(|word| self.judge.is_name(*word));
        let mut spans: Vec<(u32, u32)> = Vec::new();
        for line in found.own.iter().copied().filter(holds) {
            let (from, to) = (line.saturating_sub(AROUND).max(first), (line + AROUND).min(last));
            match spans.last_mut() {
                Some(span) if from <= span.1 + AROUND => span.1 = to,
                _ => spans.push((from, to)),
            }
        }
        let lines: u32 = spans.iter().map(|(from, to)| to + 1 - from).sum();
        let fits = (1..=NAMED_PARTS).contains(&spans.len()) && lines <= WHOLE;
        let worth = |(from, to): &(u32, u32)| super::quantise(self.worth(&(*from..=*to).collect::<Vec<_>>()));
        spans.sort_by(|a, b| worth(b).total_cmp(&worth(a)).then(a.cmp(b)));
        fits.then_some(spans)
    }

    /// The span of so many lines that holds most, apart from those that are
    /// taken; the earliest of several.
    fn best_span(&self, own: &[u32], widest: u32, taken: &[(u32, u32)]) -> Option<(f64, (u32, u32))> {
        let (first, last) = (own[0], own[own.len() - 1]);
        let is_free = |start: u32| taken.iter().all(|(a, b)| start > *b || start + widest <= *a);
        let starts = (first..=last + 1 - widest).filter(|start| {
            // Nothing changes before the first line with a word leaves.
            *start == first || *start == last + 1 - widest || !self.lines.words(*start).is_empty()
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
fn centred(lines: &FileLines, start: u32, first: u32, last: u32, widest: u32) -> (u32, u32) {
    let held = (start..start + widest).filter(|line| !lines.words(*line).is_empty());
    let (from, to) =
        held.fold((start + widest - 1, start), |(from, to), line| (from.min(line), to.max(line)));
    let to = to.max(from);
    let margin = widest.saturating_sub(to - from + 1) / 2;
    let start = from.saturating_sub(margin).max(first);
    (start, (start + widest - 1).min(last))
}
