//! The answer to a goal from the tree as it is: what to edit, with the places,
//! the tests and the commands that run them.
//!
//! Not here: the order of the files (`rank`), and the page (`render`).

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use super::counterparts::counterparts;
use super::focus::{hints, pinned, why};
use super::sources::{open_root, text_of};
use super::{Context, Reading, Result};
use crate::extract::project::{self, TestFile};
use crate::memory::Memory;
use crate::model::{History, Outline, ProjectFacts, RelPath, SafeText, Tree};
use crate::rank::{self, AlreadyThere, EvidenceStrength, GoalAnswer, TestOf};
use crate::render::answer::{AnswerSpan, HitLines, PromptAnswer, ToEdit};
use crate::render::view::{AlsoView, SettledView, TestView};
use crate::walk;

/// Characters of a signature on a page that is read once.
const SIGNATURE: usize = 80;

/// Characters and bytes of the goal's first line.
const TASK: usize = 100;
const TASK_BYTES: usize = 120;

/// Places whose lines are shown, and lines of each.
const SHOWN_BODIES: usize = 2;
const BODY: u32 = 5;

/// Places of one file whose code is shown where there is room, and characters
/// of a line.
const SHOWN_CODE: usize = 4;
const CODE_LINE: usize = 120;

/// Reasons told of a file to edit.
const REASONS: usize = 2;

/// Tests told of all files together.
const MOST_TESTS: usize = 4;

/// Lines with literal hits on one page, of each text at least, and so many of one
/// text that all of them are shown.
const MOST_HITS: usize = 18;
const LEAST_HITS: usize = 3;
const WHOLE_HITS: usize = 10;

/// Files to look at as well of which a reason is told, and all.
const REASONED: usize = 5;
const MOST_ALSO: usize = 10;

/// Redacted texts of files, each read once.
pub(super) struct TextCache<'a> {
    context: &'a Context,
    tree: &'a Tree,
    root: walk::Root,
    known: RefCell<HashMap<u32, Option<SafeText>>>,
}

impl<'a> TextCache<'a> {
    /// An empty cache; fails if the project's root cannot be opened.
    pub fn new(context: &'a Context, tree: &'a Tree) -> Result<Self> {
        Ok(Self { context, tree, root: open_root(context)?, known: RefCell::default() })
    }

    /// The redacted text of a file by its index in the tree, read at most once; `None` if it cannot
    /// be read.
    pub fn of(&self, file: u32) -> Option<SafeText> {
        if let Some(known) = self.known.borrow().get(&file) {
            return known.clone();
        }
        let path = &self.tree.files[file as usize].facts.path;
        let text = text_of(self.context, &self.root, self.tree, path);
        self.known.borrow_mut().insert(file, text.clone());
        text
    }

    /// The redacted text of the file at this path; `None` if it is not in the tree or cannot be
    /// read.
    pub fn at(&self, path: &RelPath) -> Option<SafeText> {
        self.of(self.tree.index_of(path)?)
    }
}

/// What to do for a goal.
pub fn answer(
    context: &Context,
    reading: &Reading,
    history: &History,
    goal: &SafeText,
    memory: &Memory,
) -> Result<GoalAnswer> {
    reading.load();
    let texts = TextCache::new(context, &reading.tree)?;
    Ok(answer_with(context, reading, history, (goal, memory), &texts))
}

pub(super) fn answer_with(
    context: &Context,
    reading: &Reading,
    history: &History,
    (goal, memory): (&SafeText, &Memory),
    texts: &TextCache,
) -> GoalAnswer {
    let most = (context.settings.focus_files() as usize).saturating_sub(rank::MOST_EDITED);
    let pins = pinned(memory);
    rank::answer(&reading.tree, history, goal, hints(context, reading, &pins), most, &|file| texts.of(file))
}

/// An answer as a page shows it.
pub(super) fn act(
    context: &Context,
    reading: &Reading,
    goal: &SafeText,
    answer: &GoalAnswer,
    texts: &TextCache,
) -> Result<PromptAnswer> {
    let tree = &reading.tree;
    let (gap, means) = told(answer.evidence);
    let show = |file: u32| context.redactor.name(tree.files[file as usize].facts.path.as_str());
    let edit = answer.edit.iter().map(|edit| {
        let ranked = answer.ranked.iter().find(|ranked| ranked.file == edit.file);
        let why = ranked.map(|ranked| why(context, tree, ranked, REASONS)).unwrap_or_default();
        let told = counterparts(context, reading, edit.file);
        let why: Vec<SafeText> = [why].into_iter().filter(|why| !why.is_empty()).chain(told).collect();
        let why = SafeText::join(&why, "; ");
        ToEdit { path: show(edit.file), why, places: spans(tree, edit, texts) }
    });
    let mut edit: Vec<ToEdit> = edit.collect();
    keep_code_of_the_first(&mut edit);
    let of_files: Vec<Vec<TestOf>> = answer.edit.iter().map(|edit| edit.tests.clone()).collect();
    let tests = first_tests(&of_files);
    let central = || reading.central().iter().take(rank::MOST_EDITED).copied();
    let bare = |file: u32| AlsoView { path: show(file), ..AlsoView::default() };
    let also = match answer.evidence {
        EvidenceStrength::None => central().map(bare).collect(),
        _ => also(context, tree, answer, &bare),
    };
    Ok(PromptAnswer {
        task: task(goal),
        gap,
        means,
        settled: answer.settled.as_ref().map(settled),
        edit,
        hits: hits(answer, &show),
        tests: test_views(context, reading, &tests, texts)?,
        also,
    })
}

/// Files to look at, the first ones with their best place and the strongest reason.
fn also(
    context: &Context,
    tree: &Tree,
    answer: &GoalAnswer,
    bare: &dyn Fn(u32) -> AlsoView,
) -> Vec<AlsoView> {
    let uses = |file: u32| answer.literals.iter().find(|found| found.used.is_some() && found.stands_in(file));
    let why = |file: u32| match uses(file) {
        Some(found) => SafeText::join(&[SafeText::constant("uses"), found.text.clone()], " "),
        None => {
            let ranked = answer.ranked.iter().find(|ranked| ranked.file == file);
            ranked.map(|ranked| why(context, tree, ranked, 1)).unwrap_or_default()
        }
    };
    let view = |(n, also): (usize, &rank::FileToLook)| {
        let why = if n < REASONED { why(also.file) } else { SafeText::default() };
        let spans = also.places.iter().map(|place| format!(":{}-{}", place.first, place.last));
        AlsoView { why, spans: spans.collect(), ..bare(also.file) }
    };
    answer.also.iter().take(MOST_ALSO).enumerate().map(view).collect()
}

/// The goal's first line, cut to what the least budget has room for in any
/// script.
fn task(goal: &SafeText) -> SafeText {
    let line = goal.lines().find(|line| !line.as_str().trim().is_empty()).unwrap_or_default().one_line(TASK);
    if line.as_str().len() <= TASK_BYTES {
        return line;
    }
    let end = (0..=TASK_BYTES).rev().find(|at| line.as_str().is_char_boundary(*at)).unwrap_or(0);
    line.part(line.as_str()[..end].trim_end()).followed_by("…")
}

/// How sure the order is, in a word and in a sentence.
pub fn told(evidence: EvidenceStrength) -> (&'static str, &'static str) {
    match evidence {
        EvidenceStrength::Clear => ("clear", "The first files stand clearly above all others."),
        EvidenceStrength::Close => ("close", "Several of these are equally likely."),
        EvidenceStrength::Weak => ("weak", "Little of the task occurs in any file: search before you edit."),
        EvidenceStrength::None => {
            ("none", "No word of the task occurs in the project; its central files are listed.")
        }
    }
}

fn settled(settled: &AlreadyThere) -> SettledView {
    match settled {
        AlreadyThere::Gone(name) => SettledView { name: name.clone(), says: "occurs in no file." },
        AlreadyThere::There(name, _) => SettledView { name: name.clone(), says: "is declared already." },
    }
}

fn spans(tree: &Tree, edit: &rank::FileToEdit, texts: &TextCache) -> Vec<AnswerSpan> {
    let outline = &tree.files[edit.file as usize].content().outline;
    let text = texts.of(edit.file);
    let span = |place: &rank::Place| AnswerSpan {
        first: place.first,
        last: place.last,
        signature: place
            .symbol
            .map(|symbol| outline.symbols[symbol as usize].signature.one_line(SIGNATURE))
            .unwrap_or_default(),
        part_of: whole(outline, place),
        body: text.as_ref().map(|text| body(text, place)).unwrap_or_default(),
        code: text.as_ref().map(|text| code(text, outline, place)).unwrap_or_default(),
    };
    edit.places.iter().map(span).collect()
}

/// The lines of the declaration that a place is a part of.
fn whole(outline: &Outline, place: &rank::Place) -> Option<(u32, u32)> {
    let symbol = &outline.symbols[place.symbol? as usize];
    let is_part = place.first > symbol.line || place.last < symbol.end_line;
    is_part.then_some((symbol.line, symbol.end_line))
}

/// All lines of a place, below the line that declares what it is a part of.
fn code(text: &SafeText, outline: &Outline, place: &rank::Place) -> Vec<SafeText> {
    let head = whole(outline, place).filter(|(head, _)| *head + 1 < place.first);
    let above = head.map(|(head, _)| numbered(text, head, head).into_iter().chain([SafeText::constant("…")]));
    above.into_iter().flatten().chain(numbered(text, place.first, place.last)).collect()
}

/// The lines around the one that says most, with their numbers.
fn body(text: &SafeText, place: &rank::Place) -> Vec<SafeText> {
    let first = place.best.saturating_sub(BODY / 2).max(place.first);
    numbered(text, first, (first + BODY - 1).min(place.last))
}

/// Lines of a text with their numbers, from 1, both ends included.
fn numbered(text: &SafeText, first: u32, last: u32) -> Vec<SafeText> {
    let lines = (1..).zip(text.as_str().lines()).skip(first as usize - 1).take((last + 1 - first) as usize);
    let numbered = lines.map(|(at, line)| {
        let end = line.char_indices().nth(CODE_LINE).map_or(line.len(), |(end, _)| end);
        SafeText::join(&[SafeText::number(at), text.part(line[..end].trim_end())], "| ")
    });
    numbered.collect()
}

/// Only the best places of each file are worth their code, and of all the first
/// ones lines before everything else.
fn keep_code_of_the_first(edit: &mut [ToEdit]) {
    for file in edit.iter_mut() {
        file.places.iter_mut().skip(SHOWN_CODE).for_each(|place| place.code.clear());
    }
    let places = edit.iter_mut().flat_map(|file| &mut file.places);
    places.skip(SHOWN_BODIES).for_each(|place| place.body.clear());
}

/// The lines of each text, those of the first one whole where they are few.
fn hits(answer: &GoalAnswer, show: &dyn Fn(u32) -> SafeText) -> Vec<HitLines> {
    let of_each = (MOST_HITS / answer.literals.len().max(1)).max(LEAST_HITS);
    let mut left = MOST_HITS;
    let mut seen = BTreeSet::new();
    let mut views: Vec<HitLines> = Vec::new();
    for found in &answer.literals {
        let most = if found.hits.len() <= WHOLE_HITS { left.max(of_each) } else { of_each };
        let shown = found.hits.len().min(most);
        left = left.saturating_sub(shown);
        let lines = found.hits.iter().take(shown).map(|hit| hit_line(hit, show));
        let lines: Vec<SafeText> = lines.filter(|line| seen.insert(line.clone())).collect();
        if !lines.is_empty() {
            let declared_in = found.used.map(show).unwrap_or_default();
            let (text, all, above) = (found.text.clone(), found.all, shown - lines.len());
            views.push(HitLines { text, declared_in, lines, all, above });
        }
    }
    views
}

fn hit_line(hit: &rank::LiteralHit, show: &dyn Fn(u32) -> SafeText) -> SafeText {
    let place = SafeText::join(&[show(hit.file), SafeText::number(hit.line)], ":");
    SafeText::join(&[place, hit.text.clone()], ": ")
}

/// The best test of each file, then the next best, each once.
pub(super) fn first_tests(of_files: &[Vec<TestOf>]) -> Vec<&TestOf> {
    let mut tests: Vec<&TestOf> = Vec::new();
    for round in 0..2 {
        for test in of_files.iter().filter_map(|tests| tests.get(round)) {
            if tests.iter().all(|known| known.test != test.test) {
                tests.push(test);
            }
        }
    }
    tests.truncate(MOST_TESTS);
    tests
}

/// Tests with the commands that run them alone.
pub(super) fn test_views(
    context: &Context,
    reading: &Reading,
    tests: &[&TestOf],
    texts: &TextCache,
) -> Result<Vec<TestView>> {
    let facts: &ProjectFacts = reading.facts(context)?;
    let paths: Vec<&RelPath> = reading.tree.files.iter().map(|file| &file.facts.path).collect();
    let view = |test: &&TestOf| {
        let file = &reading.tree.files[test.test as usize];
        let outline = &file.content().outline;
        let one = TestFile { path: &file.facts.path, language: file.facts.language, outline };
        TestView {
            path: context.redactor.name(file.facts.path.as_str()),
            how: test.how,
            command: project::one_test(&paths, &|path| texts.at(path), facts, &one),
        }
    };
    Ok(tests.iter().map(view).collect())
}
