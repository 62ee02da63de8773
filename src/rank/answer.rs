//! Turns a ranking into an answer: the files to edit, as many as the evidence
//! supports, with the places that decide, the lines that hold what the goal
//! spells out, the tests, and further files to look at.
//!
//! Not here: the order itself (the parent), and how an answer is shown.

use super::decisive::{SoughtFiles, decisive};
use super::hit_lines::{HitRequest, LiteralHit, NameLines};
use super::lexical::Match;
use super::literal::GoalLiteral;
use super::measure::Measured;
use super::places::Place;
use super::tested::{self, TestOf};
use super::uses::DecidingName;
use super::{Hints, spelled};
use crate::model::{Class, History, Ranked, SafeText, Tree};
use crate::rank_terms;

/// Files to edit, at most.
pub const MOST_EDITED: usize = 5;

/// Files that hold a name of the goal, at most, for which that says something;
/// and so many of them stand before the other files to look at.
const HELD_BY_FEW: usize = 6;
const MOST_HOLDING: usize = 3;

/// Files to look at besides whose places are told.
const LOOKED: usize = 5;

/// Names whose uses are told, and lines beyond which those of a type say nothing.
const MOST_USED: usize = 2;
const MOST_USES_OF_TYPE: usize = 12;

/// Files beside the first ones in which names of the goal are looked for that
/// join two of its words.
const JOINED: usize = 8;

/// A file this much below the first one, in parts of the score that the trees
/// give, is no longer among those to edit.
const WITHIN: f64 = 2.2;

/// Files to edit, at least, where several are likely.
const LEAST_EDITED: usize = 2;

/// The last file to edit stands this much above the next one where what follows
/// is something else, and so much where the evidence is clear. Of 56 commits of
/// seven repositories that the trees have not seen two in five are clear: their
/// first file was changed in 23 of 24, and in 17 all that were changed are told.
const APART: f64 = 1.5;
const CLEAR: f64 = 3.0;

/// Share of the first line's weight that the best file holds at least, unless
/// the evidence is weak.
const HELD: f64 = 0.35;

/// How certain the order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvidenceStrength {
    /// The first files, or one, stand clearly above the others.
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

/// A file to look at besides, the first ones with their best place.
#[derive(Clone, Debug, PartialEq)]
pub struct FileToLook {
    pub file: u32,
    pub places: Vec<Place>,
}

/// What the goal asks for that the tree already has, as far as its names tell.
#[derive(Clone, Debug, PartialEq)]
pub enum AlreadyThere {
    /// The goal asks to remove it, and no file has it.
    Gone(SafeText),
    /// The goal asks to add it, and it is already declared.
    There(SafeText, u32),
}

/// A name or text, and lines that hold it.
#[derive(Clone, Debug, PartialEq)]
pub struct LiteralLines {
    pub text: SafeText,
    pub hits: Vec<LiteralHit>,
    /// How many lines there are, where all files were looked at.
    pub all: Option<usize>,
    /// The first so many are all lines of code in the files to edit.
    pub edited: usize,
    /// The file that declares it: these are its uses, and the goal does not name
    /// it.
    pub used: Option<u32>,
    /// The goal quotes it, or spells it as a name.
    pub is_name: bool,
}

impl LiteralLines {
    /// The files of the lines, sorted.
    fn files(&self) -> Vec<u32> {
        let mut files: Vec<u32> = self.hits.iter().map(|hit| hit.file).collect();
        files.sort_unstable();
        files.dedup();
        files
    }

    /// Whether one of the lines is in this file.
    pub fn stands_in(&self, file: u32) -> bool {
        self.hits.iter().any(|hit| hit.file == file)
    }
}

/// The answer to a goal.
#[derive(Clone, Debug)]
pub struct GoalAnswer {
    pub ranked: Vec<Ranked>,
    pub evidence: EvidenceStrength,
    pub edit: Vec<FileToEdit>,
    /// Best first.
    pub also: Vec<FileToLook>,
    /// What the goal spells out, as it spells it, with the lines that hold it;
    /// behind them what uses the declarations that decide.
    pub literals: Vec<LiteralLines>,
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
    let edited = following(tree, &measured, &focused, edited);
    let first: Vec<u32> = focused.iter().take(edited.len() + JOINED).copied().collect();
    let names = spelled::names(tree, &measured.goal, &measured.lexical, &first);
    let request = HitRequest { tree, edited: &edited, ranked: &ranked, text };
    let mut literals = literals(&request, &names, goal);
    let also = beside(tree, &focused, &edited, &literals, most);
    let settled = settled(&measured, &names, goal, &literals);
    let looked: Vec<u32> = edited.iter().chain(also.iter().take(LOOKED)).copied().collect();
    let sought = SoughtFiles { files: &looked, edited: edited.len(), text, names: &names };
    let (mut places, deciding) = decisive(tree, &measured, &sought);
    let mut of_also = places.split_off(edited.len()).into_iter();
    let look = |file| FileToLook { file, places: of_also.next().unwrap_or_default() };
    let also = also.into_iter().map(look).collect();
    literals.extend(uses(tree, &deciding, &literals, text));
    let tests = edited.iter().map(|file| tested::of(tree, Some(&measured.log), *file));
    let edit = edited.iter().zip(places).zip(tests);
    let edit = edit.map(|((file, places), tests)| FileToEdit { file: *file, places, tests }).collect();
    GoalAnswer { ranked, evidence, edit, also, literals, settled }
}

/// How sure the order of a goal's files is.
pub fn evidence(tree: &Tree, measured: &Measured, ranked: &[Ranked]) -> EvidenceStrength {
    let Some(first) = ranked.first() else { return EvidenceStrength::None };
    let is_said = |ranked: &Ranked| ranked.score >= super::SAID;
    if !measured.has_evidence(tree) && !is_said(first) {
        return EvidenceStrength::None;
    }
    let holds = || measured.held(first.file as usize) >= HELD || names(measured, first.file);
    let cut = cut(&scores(ranked, &focused(tree, measured, ranked)));
    let falls = |least: f64| cut.is_some_and(|(_, fall)| fall >= least);
    match is_said(first) || holds() {
        true if falls(CLEAR) => EvidenceStrength::Clear,
        // What stands apart for other reasons than its words is seldom wrong.
        false if !falls(APART) => EvidenceStrength::Weak,
        _ => EvidenceStrength::Close,
    }
}

/// Files to look at besides: the next ones, but before them some that hold what
/// the goal spells out and few hold.
fn beside(tree: &Tree, focused: &[u32], edited: &[u32], literals: &[LiteralLines], most: usize) -> Vec<u32> {
    let is_few = |found: &&LiteralLines| found.is_name && found.files().len() <= HELD_BY_FEW;
    let few: Vec<u32> = literals.iter().filter(is_few).flat_map(LiteralLines::files).collect();
    let is_held = |file: &u32| tree.files[*file as usize].facts.class == Class::Source && few.contains(file);
    let next: Vec<u32> = focused.iter().copied().filter(|file| !edited.contains(file)).collect();
    let mut also: Vec<u32> = next.iter().copied().filter(is_held).take(MOST_HOLDING).collect();
    also.extend(next.into_iter().filter(|file| !also.contains(file)).collect::<Vec<_>>());
    also.truncate(most);
    also
}

/// The scores of the first files for which there is evidence.
fn scores(ranked: &[Ranked], focused: &[u32]) -> Vec<f64> {
    let score = |file: u32| ranked.iter().find(|ranked| ranked.file == file).map_or(0.0, |found| found.score);
    focused.iter().take(MOST_EDITED + 1).map(|file| score(*file)).collect()
}

/// Behind how many files, the best first, the score falls so far that what
/// follows is something else, and how far: where it falls most.
fn cut(scores: &[f64]) -> Option<(usize, f64)> {
    let first = *scores.first()?;
    let falls = (1..=scores.len().min(MOST_EDITED)).map(|n| {
        let next = scores.get(n).copied().unwrap_or(0.0);
        (n, super::quantise(scores[n - 1] - next))
    });
    let near = falls.take_while(|(n, _)| is_near(first, scores[n - 1]));
    let widest = near.reduce(|widest, fall| if fall.1 > widest.1 { fall } else { widest })?;
    (widest.1 >= APART).then_some(widest)
}

fn is_near(first: f64, score: f64) -> bool {
    first - score <= WITHIN || score >= super::SAID
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

/// The files to edit: those before the score falls clearly, else those that are
/// not far behind the first.
fn edited(ranked: &[Ranked], focused: &[u32], evidence: EvidenceStrength) -> Vec<u32> {
    if evidence == EvidenceStrength::None {
        return Vec::new();
    }
    let scores = scores(ranked, focused);
    let first = scores.first().copied().unwrap_or(0.0);
    let near = scores.iter().take(MOST_EDITED).take_while(|score| is_near(first, **score)).count();
    let count = match evidence {
        EvidenceStrength::Clear => cut(&scores).map_or(near, |(count, _)| count),
        EvidenceStrength::Close => cut(&scores).map_or(near, |(count, _)| count).max(LEAST_EDITED),
        _ => near.max(LEAST_EDITED),
    };
    focused.iter().take(count).copied().collect()
}

/// Words of a first line that say that what it names is no longer called or
/// declared as it was, so that whoever calls it changes too.
const CHANGES: [&str; 14] = [
    "accept", "change", "convert", "delete", "drop", "move", "pass", "remove", "rename", "replace",
    "require", "return", "returns", "take",
];

/// The files to edit where the first line changes how something is called: those
/// that hold its name, if they are few.
fn following(tree: &Tree, measured: &Measured, focused: &[u32], edited: Vec<u32>) -> Vec<u32> {
    let title = measured.goal.title.to_lowercase();
    if !rank_terms::tokens(&title).any(|token| CHANGES.contains(&token.text)) || edited.is_empty() {
        return edited;
    }
    let names = spelled::names(tree, &measured.goal, &measured.lexical, &[]);
    let changed = names.iter().find_map(|name| holding(tree, measured, name));
    let Some(holding) = changed else { return edited };
    let held: Vec<u32> = focused.iter().copied().filter(|file| holding.contains(file)).collect();
    // Nothing is known of a change that none of the best files takes part in.
    if held.contains(&edited[0]) { held } else { edited }
}

/// The files whose code holds a name of the first line that is declared in the
/// project, where it is more than one and they are few.
fn holding(tree: &Tree, measured: &Measured, name: &GoalLiteral) -> Option<Vec<u32>> {
    if !(name.title && name.is_name && rank_terms::is_compound(&name.text)) {
        return None;
    }
    let of = |file: &u32, is: fn(&Match) -> bool| {
        let matches = &measured.lexical.matches[*file as usize];
        let holds = |word: &u32| matches.iter().any(|m| m.word == *word && is(m));
        !name.words.is_empty() && name.words.iter().all(holds)
    };
    let is_source = |file: &&u32| tree.files[**file as usize].facts.class == Class::Source;
    let files: Vec<u32> = name.files.iter().filter(is_source).copied().collect();
    let held: Vec<u32> = files.into_iter().filter(|file| of(file, |m| m.body > 0.0)).collect();
    let is_declared = held.iter().any(|file| of(file, |m| m.defined));
    (is_declared && (2..=MOST_EDITED).contains(&held.len())).then_some(held)
}

/// The names that stand somewhere, with their lines.
fn literals(request: &HitRequest, names: &[GoalLiteral], goal: &SafeText) -> Vec<LiteralLines> {
    let found = names.iter().map(|name| {
        let NameLines { hits, all, edited } = request.lines(name);
        // What joins two words of the goal stands in the code alone.
        let text =
            if goal.as_str().contains(&name.text) { goal.part(&name.text) } else { joined(request, name) };
        LiteralLines { text, hits, all, edited, used: None, is_name: name.is_name }
    });
    found.filter(|found| !found.hits.is_empty()).collect()
}

/// A name as the outline of a file spells it.
fn joined(request: &HitRequest, name: &GoalLiteral) -> SafeText {
    let outlines = name.files.iter().map(|file| &request.tree.files[*file as usize].content().outline);
    let mut names = outlines.flat_map(|outline| {
        let declared = outline.symbols.iter().map(|symbol| &symbol.name);
        declared.chain(outline.references.iter().map(|(name, _)| name))
    });
    names.find(|known| known.as_str() == name.text).cloned().unwrap_or_default()
}

/// The lines that use the first declarations that decide, unless the goal names
/// them: functions before types, whose uses are many and say little.
fn uses(
    tree: &Tree,
    deciding: &[DecidingName],
    literals: &[LiteralLines],
    text: &dyn Fn(u32) -> Option<SafeText>,
) -> Vec<LiteralLines> {
    let is_new = |name: &&DecidingName| {
        literals.iter().all(|known| !known.text.as_str().eq_ignore_ascii_case(name.name.as_str()))
    };
    let (types, functions): (Vec<_>, Vec<_>) = deciding.iter().filter(is_new).partition(|name| name.is_type);
    let told = if functions.is_empty() { types } else { functions };
    let found = told.into_iter().take(MOST_USED).map(|name| {
        let (mut hits, all) = name.lines(tree, text);
        if name.is_type && all > MOST_USES_OF_TYPE {
            hits.clear();
        }
        let text = name.name.clone();
        LiteralLines { text, hits, all: Some(all), edited: 0, used: Some(name.file), is_name: true }
    });
    found.filter(|found| !found.hits.is_empty()).collect()
}

/// Verbs with which a goal begins that takes something away, or adds it.
const TAKES_AWAY: [&str; 5] = ["delete", "drop", "eliminate", "remove", "strip"];
const ADDS: [&str; 5] = ["add", "create", "define", "implement", "introduce"];

/// Whether the tree already is as the goal's first line asks, as far as the
/// names in it tell.
fn settled(
    measured: &Measured,
    names: &[GoalLiteral],
    goal: &SafeText,
    literals: &[LiteralLines],
) -> Option<AlreadyThere> {
    let title = measured.goal.title.rsplit(": ").next().unwrap_or_default();
    let verb = title.split_whitespace().next().unwrap_or_default().to_lowercase();
    let named: Vec<&GoalLiteral> = names
        .iter()
        .filter(|literal| literal.title && literal.is_name && !literal.words.is_empty())
        .collect();
    if TAKES_AWAY.contains(&verb.as_str()) {
        let gone = measured.goal.names_in_title().find(|name| !measured.occurs(name));
        return gone.map(|name| AlreadyThere::Gone(goal.part(name)));
    }
    let [only] = named[..] else { return None };
    let found = literals.iter().find(|found| found.text.as_str() == only.text)?;
    let declared = found.hits.iter().find(|hit| hit.declares && ADDS.contains(&verb.as_str()))?;
    Some(AlreadyThere::There(goal.part(&only.text), declared.file))
}

/// The tests of files, for a page that may use content alone.
pub fn tests_by_content(tree: &Tree, files: &[u32]) -> Vec<Vec<TestOf>> {
    files.iter().map(|file| tested::of(tree, None, *file)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_evidence_is_clear_where_the_score_falls_behind_the_files_that_are_told() {
        let check = |scores: &[f64], expected: Option<usize>| {
            assert_eq!(cut(scores).map(|(count, _)| count), expected, "{scores:?}");
        };
        check(&[9.0, 7.4, 7.3, 7.2, 7.1, 7.0], Some(1));
        check(&[9.0, 8.9, 8.8, 7.0, 6.9, 6.8], Some(3));
        check(&[9.0, 8.8, 8.6, 8.4, 8.2, 8.0], None);
        // What stands far below the first is none of them, whatever follows it.
        check(&[9.0, 8.8, 6.0, 1.0], Some(2));
        check(&[9.0], Some(1));
        check(&[], None);
    }
}
