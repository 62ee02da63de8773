//! The answer to a goal from the tree as it is: what to edit, with the places,
//! the tests and the commands that run them.
//!
//! Not here: the order of the files (`rank`), and the page (`render`).

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use super::code_lines::CodeOfFile;
use super::counterparts::counterparts;
use super::focus::{hints, pinned, why};
use super::sources::{open_root, text_of};
use super::{Context, Reading, Result};
use crate::extract::project::{self, TestFile};
use crate::memory::Memory;
use crate::model::{History, Outline, ProjectFacts, RelPath, SafeText, Tree};
use crate::rank::{self, AlreadyThere, EvidenceStrength, GoalAnswer, TestOf};
use crate::render::answer::{AnswerSpan, HitLine, HitLines, PromptAnswer, ToEdit};
use crate::render::view::{AlsoView, SettledView, TestView};
use crate::walk;

/// Characters of a signature on a page that is read once.
const SIGNATURE: usize = 80;

/// Characters and bytes of the goal's first line.
const TASK: usize = 100;
const TASK_BYTES: usize = 120;

/// Places of one file whose code is shown where there is room.
const SHOWN_CODE: usize = 4;

/// Reasons told of a file to edit.
const REASONS: usize = 2;

/// Tests told of all files together.
const MOST_TESTS: usize = 4;

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
        let twins = SafeText::join(&counterparts(context, reading, edit.file), "; ");
        ToEdit { path: show(edit.file), twins, why, places: spans(tree, edit, texts) }
    });
    let edit: Vec<ToEdit> = edit.collect();
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
        EvidenceStrength::Clear => {
            ("clear", "These stand clearly above all others; what uses or declares the same may change too.")
        }
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
    let text = texts.of(edit.file).unwrap_or_default();
    let code = CodeOfFile::new(outline, &text);
    let span = |(n, place): (usize, &rank::Place)| AnswerSpan {
        first: place.first,
        last: place.last,
        signature: place
            .symbol
            .map(|symbol| outline.symbols[symbol as usize].signature.one_line(SIGNATURE))
            .unwrap_or_default(),
        part_of: whole(outline, place),
        code: if n < SHOWN_CODE { code.of(place) } else { Vec::new() },
    };
    edit.places.iter().enumerate().map(span).collect()
}

/// The lines of the declaration that a place is a part of.
fn whole(outline: &Outline, place: &rank::Place) -> Option<(u32, u32)> {
    let symbol = &outline.symbols[place.symbol? as usize];
    let is_part = place.first > symbol.line || place.last < symbol.end_line;
    is_part.then_some((symbol.line, symbol.end_line))
}

/// The lines of each name, each line once.
fn hits(answer: &GoalAnswer, show: &dyn Fn(u32) -> SafeText) -> Vec<HitLines> {
    let mut seen = BTreeSet::new();
    let mut views: Vec<HitLines> = Vec::new();
    for found in &answer.literals {
        let new = found.hits.iter().filter(|hit| seen.insert((hit.file, hit.line)));
        let line =
            |hit: &rank::LiteralHit| HitLine { path: show(hit.file), line: hit.line, text: hit.text.clone() };
        let lines: Vec<HitLine> = new.map(line).collect();
        if !lines.is_empty() {
            let declared_in = found.used.map(show).unwrap_or_default();
            let (text, all, edited) = (found.text.clone(), found.all, found.edited);
            let above = found.hits.len() - lines.len();
            views.push(HitLines { text, declared_in, lines, all, above, edited });
        }
    }
    views
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
