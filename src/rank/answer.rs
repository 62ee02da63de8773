//! Turns a ranking into an answer: the files to edit, as many as the evidence
//! supports, with the places that decide, the lines that hold what the goal
//! spells out, the tests, and further files to look at.
//!
//! Not here: the order itself (the parent), and how an answer is shown.

use super::Hints;
use super::literal::{self, GoalLiteral, LiteralHit};
use super::measure::Measured;
use super::places::{self, Place, PlaceRequest};
use super::symbols::SymbolScorer;
use super::tested::{self, TestOf};
use crate::model::{History, Ranked, SafeText, Tree};

/// Files to edit, at most.
pub const MOST_EDITED: usize = 5;

/// Places of the first file, of the next two, and of the others.
const PLACES: [usize; MOST_EDITED] = [8, 4, 4, 2, 2];

/// Lines that all places together may cover: pointing everywhere helps nobody.
const MOST_LINES: u32 = 300;

/// How much a place of the second file counts less, and so on: the power of
/// the file's place.
const FADE: f64 = 0.5;

/// A file this much below the first one, in parts of the score that the trees
/// give, is no longer among those to edit.
const WITHIN: f64 = 2.2;

/// Files to edit, at least, where there is evidence for as many.
const LEAST_EDITED: usize = 2;

/// The first file stands this much above the second where the evidence is clear.
const CLEAR: f64 = 0.7;

/// Share of the first line's weight that the best file holds at least, unless
/// the evidence is weak.
const HELD: f64 = 0.35;

/// How certain the order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvidenceStrength {
    /// The first file stands clearly above the others.
    Clear,
    /// Several files are equally likely.
    Close,
    /// Little of the goal occurs in any file.
    Weak,
    /// No word of the goal occurs anywhere.
    None,
}

/// A file to edit.
#[derive(Clone, Debug, PartialEq)]
pub struct FileToEdit {
    pub file: u32,
    /// Best first.
    pub places: Vec<Place>,
    pub tests: Vec<TestOf>,
}

/// What the goal asks for that the tree already has, as far as its names tell.
#[derive(Clone, Debug, PartialEq)]
pub enum AlreadyThere {
    /// The goal asks to remove it, and no file has it.
    Gone(SafeText),
    /// The goal asks to add it, and it is already declared.
    There(SafeText, u32),
}

/// The answer to a goal.
#[derive(Clone, Debug)]
pub struct GoalAnswer {
    pub ranked: Vec<Ranked>,
    pub evidence: EvidenceStrength,
    pub edit: Vec<FileToEdit>,
    /// Best first.
    pub also: Vec<u32>,
    /// What the goal spells out, as it spells it, with the lines that hold it.
    pub literals: Vec<(SafeText, Vec<LiteralHit>)>,
    pub settled: Option<AlreadyThere>,
}

/// What to do for a goal. `text` reads a file; `most` bounds the files to look
/// at as well.
pub fn answer(
    tree: &Tree,
    history: &History,
    goal: &SafeText,
    hints: Hints,
    most: usize,
    text: &dyn Fn(u32) -> Option<SafeText>,
) -> GoalAnswer {
    let measured = Measured::of(tree, history, goal);
    let ranked = super::explained(tree, history, goal, &measured, hints);
    let evidence = evidence(tree, &measured, &ranked);
    let focused = focused(tree, &measured, &ranked);
    let edited = edited(&ranked, &focused, evidence);
    let also = focused.iter().copied().filter(|file| !edited.contains(file)).take(most).collect();
    let literals = literals(tree, &measured, goal, &ranked, text);
    let settled = settled(&measured, goal, &literals);
    let places = decisive(tree, &measured, &edited, text);
    let tests = edited.iter().map(|file| tested::of(tree, Some(&measured.log), *file));
    let edit = edited.iter().zip(places).zip(tests);
    let edit = edit.map(|((file, places), tests)| FileToEdit { file: *file, places, tests }).collect();
    GoalAnswer { ranked, evidence, edit, also, literals, settled }
}

/// How sure the order of a goal's files is.
pub fn evidence(tree: &Tree, measured: &Measured, ranked: &[Ranked]) -> EvidenceStrength {
    let Some(first) = ranked.first() else { return EvidenceStrength::None };
    let is_said = |ranked: &Ranked| ranked.score >= super::SAID;
    match ranked.get(1) {
        _ if !measured.has_evidence(tree) && !is_said(first) => EvidenceStrength::None,
        _ if !is_said(first) && measured.held(first.file as usize) < HELD && !names(measured, first.file) => {
            EvidenceStrength::Weak
        }
        Some(second) if first.score - second.score < CLEAR => EvidenceStrength::Close,
        _ => EvidenceStrength::Clear,
    }
}

/// Whether a file holds a name of the goal that few files hold.
fn names(measured: &Measured, file: u32) -> bool {
    let mut named = measured.literals.iter().filter(|literal| literal.is_name && literal.is_rare);
    named.any(|literal| literal.files.binary_search(&file).is_ok())
}

/// The files for which there is evidence, best first.
pub fn focused(tree: &Tree, measured: &Measured, ranked: &[Ranked]) -> Vec<u32> {
    let is_told = |ranked: &&Ranked| {
        let file = &tree.files[ranked.file as usize];
        file.facts.class.is_read()
            && ranked.score > 0.0
            && (ranked.score >= super::SAID || measured.is_evident(ranked.file as usize))
    };
    ranked.iter().filter(is_told).map(|ranked| ranked.file).collect()
}

/// The first files, as far as they are not clearly behind the first.
fn edited(ranked: &[Ranked], focused: &[u32], evidence: EvidenceStrength) -> Vec<u32> {
    if evidence == EvidenceStrength::None {
        return Vec::new();
    }
    let score = |file: u32| ranked.iter().find(|ranked| ranked.file == file).map_or(0.0, |found| found.score);
    let first = focused.first().map_or(0.0, |file| score(*file));
    let is_near = |file: u32| first - score(file) <= WITHIN || score(file) >= super::SAID;
    let near = focused.iter().enumerate().take_while(|(n, file)| *n < LEAST_EDITED || is_near(**file));
    near.take(MOST_EDITED).map(|(_, file)| *file).collect()
}

/// The places that decide, of each file, within [`MOST_LINES`] of all.
fn decisive(
    tree: &Tree,
    measured: &Measured,
    files: &[u32],
    text: &dyn Fn(u32) -> Option<SafeText>,
) -> Vec<Vec<Place>> {
    let mut judge = SymbolScorer::new(tree, &measured.goal, &measured.lexical);
    let sought: Vec<PlaceRequest> = files
        .iter()
        .map(|file| PlaceRequest {
            outline: &tree.files[*file as usize].content().outline,
            text: text(*file).unwrap_or_default(),
        })
        .collect();
    let mut all: Vec<(f64, usize, Place)> = Vec::new();
    for (rank, places) in places::of(&mut judge, &sought).into_iter().enumerate() {
        let weight = (1.0 + rank as f64).powf(-FADE);
        all.extend(places.into_iter().take(PLACES[rank]).map(|place| (weight * place.score, rank, place)));
    }
    all.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2.first).cmp(&(b.1, b.2.first))));
    let mut chosen = vec![Vec::new(); files.len()];
    let mut lines = 0;
    for (_, rank, place) in all {
        let taken = place.last - place.first + 1;
        if lines + taken <= MOST_LINES {
            lines += taken;
            chosen[rank].push(place);
        }
    }
    chosen
}

/// The literals that stand somewhere, with their lines.
fn literals(
    tree: &Tree,
    measured: &Measured,
    goal: &SafeText,
    ranked: &[Ranked],
    text: &dyn Fn(u32) -> Option<SafeText>,
) -> Vec<(SafeText, Vec<LiteralHit>)> {
    let found = measured
        .literals
        .iter()
        .map(|literal| (goal.part(&literal.text), literal::hits(tree, literal, ranked, text)));
    found.filter(|(_, hits)| !hits.is_empty()).collect()
}

/// Verbs with which a goal begins that takes something away, or adds it.
const TAKES_AWAY: [&str; 5] = ["delete", "drop", "eliminate", "remove", "strip"];
const ADDS: [&str; 5] = ["add", "create", "define", "implement", "introduce"];

/// Whether the tree already is as the goal's first line asks, as far as the
/// names in it tell.
fn settled(
    measured: &Measured,
    goal: &SafeText,
    literals: &[(SafeText, Vec<LiteralHit>)],
) -> Option<AlreadyThere> {
    let title = measured.goal.title.rsplit(": ").next().unwrap_or_default();
    let verb = title.split_whitespace().next().unwrap_or_default().to_lowercase();
    let named: Vec<&GoalLiteral> =
        measured.literals.iter().filter(|literal| literal.title && literal.is_name).collect();
    if TAKES_AWAY.contains(&verb.as_str()) {
        let gone = measured.goal.names_in_title().find(|name| !measured.occurs(name));
        return gone.map(|name| AlreadyThere::Gone(goal.part(name)));
    }
    let [only] = named[..] else { return None };
    let (_, hits) = literals.iter().find(|(text, _)| text.as_str() == only.text)?;
    let declared = hits.iter().find(|hit| hit.declares && ADDS.contains(&verb.as_str()))?;
    Some(AlreadyThere::There(goal.part(&only.text), declared.file))
}

/// The tests of files, for a page that may use content alone.
pub fn tests_by_content(tree: &Tree, files: &[u32]) -> Vec<Vec<TestOf>> {
    files.iter().map(|file| tested::of(tree, None, *file)).collect()
}
