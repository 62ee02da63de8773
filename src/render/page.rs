//! What there is to say, in order of worth: every fact of the handoff as one
//! candidate with a priority, and the view of those that fit.
//!
//! Not here: how many fit (`fit`) and how they are spelled (`view`, templates).

use std::collections::{BTreeMap, BTreeSet};

use super::answer::{self, PromptAnswer};
use super::symbols::{self, Scale};
use super::view::{
    ChangedView, CommandView, FileView, GeneratedView, GoalView, NowView, ToolView, View, tell,
};
use super::{GoalPiece, PageInput, generated, layout};
use crate::model::{Class, File, Part, PartKind, ProjectFacts, Purpose, SafeText};

/// Candidates, the most worth saying first.
pub struct Page<'a> {
    input: &'a PageInput<'a>,
    /// The most worth knowing first.
    layout: Vec<(SafeText, SafeText)>,
    generated: Vec<GeneratedView>,
    scale: Scale<'a>,
    candidates: Vec<PageLine>,
}

/// A fact that can be said or left out. A child is never said without its
/// parent: its priority is lower.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fact {
    /// A part of the answer to the goal.
    Act(answer::AnswerPart),
    About(u32),
    Languages,
    Tools,
    /// Generated files of one source and command.
    Generated(u32),
    Entry(u32),
    GoalPiece(u32),
    Next,
    /// An open goal of the tree.
    OpenGoal(u32),
    Command(u32),
    Part(u32),
    Layout(u32),
    /// A file of the focus or the map by its index in the tree.
    File(PageList, u32),
    Note(PageList, u32),
    Symbol(PageList, u32, u32),
    SymbolDoc(PageList, u32, u32),
    Test(u32),
    Record(u32),
    Branch,
    Changed(u32),
    ChangedSymbols(u32),
    Commit(u32),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum PageList {
    Focus,
    Map,
    /// The first files of the focus.
    Start,
}

#[derive(Clone, Copy, Debug)]
struct PageLine {
    /// Higher is said first. Whole numbers: no rounding decides.
    priority: i32,
    fact: Fact,
}

/// Where the sections start on the scale and how fast they fall: per place in
/// the list, and per symbol within a file. Set by hand on ripgrep, flask, jj
/// and django so that at 1,200 tokens a page tells what the project is, how to
/// test it and names two dozen files, and at 8,000 the signatures of the best.
struct Slope {
    start: i32,
    per_place: i32,
    per_symbol: i32,
}
const LAYOUT: Slope = Slope { start: 930, per_place: 12, per_symbol: 0 };
const GENERATED: Slope = Slope { start: 928, per_place: 14, per_symbol: 0 };
const PARTS: Slope = Slope { start: 940, per_place: 12, per_symbol: 0 };
const START: Slope = Slope { start: 985, per_place: 2, per_symbol: 0 };
const START_SYMBOLS: Slope = Slope { start: 966, per_place: 12, per_symbol: 10 };
const FOCUS: Slope = Slope { start: 945, per_place: 5, per_symbol: 0 };
const FOCUS_SYMBOLS: Slope = Slope { start: 885, per_place: 16, per_symbol: 24 };
const MAP: Slope = Slope { start: 840, per_place: 4, per_symbol: 0 };
const MAP_SYMBOLS: Slope = Slope { start: 820, per_place: 5, per_symbol: 45 };
/// What the note of a file and the doc of a symbol are worth less than it.
const NOTE: i32 = 30;
const SYMBOL_DOC: i32 = 120;

/// Open goals of the tree that a page names.
const MOST_GOALS: usize = 40;

/// How far all that is not about the goal stands behind what is to be done for
/// it: whoever works on it seldom asks what the project is.
const BEHIND: i32 = 300;

/// Priorities between two ends of a page, and where every one may be an end:
/// short pages have few lines.
const GRID: i32 = 6;
const FINE: i32 = 850;

impl Slope {
    fn at(&self, place: usize, symbol: usize) -> i32 {
        self.start - self.per_place * place as i32 - self.per_symbol * symbol as i32
    }
}

impl<'a> Page<'a> {
    /// Collects every fact worth saying and sorts them by priority; the same input gives the same
    /// order.
    pub fn new(input: &'a PageInput<'a>) -> Self {
        let mut page = Self {
            input,
            // The goal's words must not colour what folders are for.
            layout: layout::folders(input, &Scale { goal_words: BTreeSet::new(), usage: input.usage }),
            generated: generated::groups(input),
            scale: Scale { goal_words: input.goal_words(), usage: input.usage },
            candidates: Vec::new(),
        };
        page.add_project();
        page.add_now();
        match &input.act {
            Some(act) => page.add_act(act),
            None => {
                page.add_goal();
                page.add_files();
            }
        }
        for (n, record) in input.records.iter().enumerate() {
            let worth = if record.keeps { 987 } else { 970 - 3 * record.place as i32 };
            page.add(worth, Fact::Record(n as u32));
        }
        page.candidates.sort_by(|a, b| b.priority.cmp(&a.priority).then(a.fact.cmp(&b.fact)));
        page
    }

    /// Numbers of candidates at which a page may end: those of at least a
    /// certain priority. The grid is coarser where the lines are many and small,
    /// and does not depend on what is there, so a new line only adds itself.
    pub fn steps(&self) -> Vec<usize> {
        let mut steps = vec![0];
        for (n, pair) in self.candidates.windows(2).enumerate() {
            let grid = |priority: i32| match priority {
                FINE.. => priority,
                _ => priority.div_euclid(GRID) * GRID + GRID - 1,
            };
            if grid(pair[0].priority) != grid(pair[1].priority) {
                steps.push(n + 1);
            }
        }
        steps.push(self.candidates.len());
        steps
    }

    fn add(&mut self, priority: i32, fact: Fact) {
        self.candidates.push(PageLine { priority, fact });
    }

    fn add_project(&mut self) {
        let facts = self.input.facts;
        for n in 0..about(facts).len() {
            self.add(1000 - 12 * n as i32, Fact::About(n as u32));
        }
        if !facts.languages.is_empty() {
            self.add(985, Fact::Languages);
        }
        if !facts.tools.is_empty() {
            self.add(930, Fact::Tools);
        }
        for n in 0..self.generated.len() {
            self.add(GENERATED.at(n, 0), Fact::Generated(n as u32));
        }
        for n in 0..facts.entry_points.len() {
            self.add(945 - 15 * n as i32, Fact::Entry(n as u32));
        }
        let mut of_purpose: BTreeMap<&str, usize> = BTreeMap::new();
        for (n, command) in facts.commands.iter().enumerate() {
            let place = of_purpose.entry(command.purpose.name()).or_default();
            let first = match command.purpose {
                Purpose::Build | Purpose::Test | Purpose::OneTest => 980,
                _ => 935,
            };
            self.add([first, 790, 640][(*place).min(2)] - n as i32, Fact::Command(n as u32));
            *place += 1;
        }
        // A single package is what the whole page is about.
        for n in 0..facts.parts.len() * usize::from(facts.parts.len() > 1) {
            self.add(PARTS.at(n, 0), Fact::Part(n as u32));
        }
        for n in 0..self.layout.len() {
            self.add(LAYOUT.at(n, 0), Fact::Layout(n as u32));
        }
    }

    fn add_goal(&mut self) {
        let Some(goal) = &self.input.goal else { return };
        // A long issue text is cut before the files that answer it.
        for n in 0..goal.pieces.len() {
            self.add([995, 955][usize::from(n > 0)] - 8 * n as i32, Fact::GoalPiece(n as u32));
        }
        if goal.next.is_some() {
            self.add(990, Fact::Next);
        }
        for n in 0..goal.open.len().min(MOST_GOALS) {
            self.add(984 - 4 * n as i32, Fact::OpenGoal(n as u32));
        }
    }

    /// What to do comes first; what the project is, only with what is left.
    fn add_act(&mut self, act: &PromptAnswer) {
        if !act.edit.is_empty() {
            self.candidates.retain(|candidate| !is_map(candidate.fact));
        }
        let is_test = |n: u32| {
            let purpose = self.input.facts.commands[n as usize].purpose;
            matches!(purpose, Purpose::Test | Purpose::OneTest)
        };
        let runs_tests = act.tests.iter().any(|test| test.command.is_some());
        let is_changed = self.input.now.as_ref().is_some_and(|now| !now.changed.is_empty());
        for candidate in &mut self.candidates {
            candidate.priority -= match candidate.fact {
                Fact::Command(n) if is_test(n) && !runs_tests => 30,
                Fact::Branch if is_changed => 30,
                Fact::Changed(_) => 30,
                Fact::ChangedSymbols(_) | Fact::Tools => 0,
                _ => BEHIND,
            };
        }
        for (priority, part) in act.parts() {
            self.add(priority, Fact::Act(part));
        }
        let goal = self.input.goal.as_ref();
        for n in 0..goal.map_or(0, |goal| goal.pieces.len()) {
            self.add(960 - 8 * n as i32, Fact::GoalPiece(n as u32));
        }
        if goal.is_some_and(|goal| goal.next.is_some()) {
            self.add(990, Fact::Next);
        }
        if act.edit.is_empty() {
            self.add_map(&BTreeSet::new(), BEHIND);
        }
    }

    fn add_now(&mut self) {
        let Some(now) = &self.input.now else { return };
        self.add(988, Fact::Branch);
        for (n, file) in now.changed.iter().enumerate() {
            self.add(965 - 6 * n as i32, Fact::Changed(n as u32));
            if !file.symbols.is_empty() {
                self.add(915 - 8 * n as i32, Fact::ChangedSymbols(n as u32));
            }
        }
        for n in 0..now.commits.len() {
            self.add(910 - 20 * n as i32, Fact::Commit(n as u32));
        }
    }

    fn add_files(&mut self) {
        let input = self.input;
        let mut seen = BTreeSet::new();
        for (place, focus) in input.focus.iter().enumerate() {
            if seen.insert(focus.file) {
                let list = if place < super::START { PageList::Start } else { PageList::Focus };
                self.add_file(list, focus.file, &focus.symbols, place);
            }
        }
        for n in 0..input.tests.len() {
            self.add(980 - 6 * n as i32, Fact::Test(n as u32));
        }
        self.add_map(&seen, 0);
    }

    /// The central files beyond those that were said, so much below their usual
    /// priority.
    fn add_map(&mut self, seen: &BTreeSet<u32>, below: i32) {
        let input = self.input;
        let rest = input.central.iter().copied();
        let rest = rest.filter(|file| !seen.contains(file) && has_something_to_say(input.file(*file)));
        let rest: Vec<u32> = rest.take(input.map_files).collect();
        let before = self.candidates.len();
        for (place, file) in rest.into_iter().enumerate() {
            self.add_file(PageList::Map, file, &[], place);
        }
        self.candidates[before..].iter_mut().for_each(|candidate| candidate.priority -= below);
    }

    /// A file, its note and its symbols: `first` in this order, then the others
    /// by their worth.
    fn add_file(&mut self, list: PageList, file: u32, first: &[u32], place: usize) {
        let (files, symbols) = match list {
            PageList::Start => (START, START_SYMBOLS),
            PageList::Focus => (FOCUS, FOCUS_SYMBOLS),
            PageList::Map => (MAP, MAP_SYMBOLS),
        };
        let priority = files.at(place, 0);
        self.add(priority, Fact::File(list, file));
        self.add(priority - NOTE, Fact::Note(list, file));
        let outline = &self.input.file(file).content().outline;
        let mut said: BTreeMap<u32, i32> = BTreeMap::new();
        let others = symbols::worth_saying(outline, &self.scale);
        let others = others.iter().filter(|symbol| !first.contains(symbol));
        for (n, symbol) in first.iter().chain(others).copied().enumerate() {
            let wanted = symbols.at(place, n).min(priority - 1);
            // A method is shown under its type: the type comes along.
            for index in symbols::with_parents(outline, symbol) {
                let least = said.get(&index).copied().unwrap_or(i32::MIN);
                if wanted > least {
                    said.insert(index, wanted);
                }
            }
        }
        for (index, priority) in said {
            self.add(priority, Fact::Symbol(list, file, index));
            if !outline.symbols[index as usize].doc.is_empty() {
                self.add(priority - SYMBOL_DOC, Fact::SymbolDoc(list, file, index));
            }
        }
    }

    /// The view of the first `count` candidates.
    pub fn view(&self, count: usize) -> View {
        let count = count.min(self.candidates.len());
        let said: BTreeSet<Fact> = self.candidates[..count].iter().map(|c| c.fact).collect();
        let mut view = self.view_of(&said);
        view.format = super::FORMAT;
        view.templates = self.input.templates.mark();
        view.name = self.input.name.clone();
        if let Some(act) = &view.act {
            view.attach = act.edit.iter().map(|file| file.path.clone()).collect();
        }
        view.left_out = self.left_out(count);
        view
    }

    /// The view of the first `count` candidates, with those up to `all` besides.
    pub fn view_with_more(&self, count: usize, all: usize) -> View {
        let mut view = self.view(count);
        let rest = &self.candidates[count.min(all)..all];
        if rest.is_empty() {
            return view;
        }
        let mut said: BTreeSet<Fact> = rest.iter().map(|candidate| candidate.fact).collect();
        // What is told of a file or a symbol is told beside its name.
        for candidate in rest {
            match candidate.fact {
                Fact::Note(list, file) | Fact::Symbol(list, file, _) => {
                    said.insert(Fact::File(list, file));
                }
                Fact::SymbolDoc(list, file, symbol) => {
                    said.extend([Fact::File(list, file), Fact::Symbol(list, file, symbol)]);
                }
                _ => {}
            }
        }
        // The page is a function of its data, so what it left out is told as it is there.
        view.more = Some(Box::new(View { left_out: self.left_out(all), ..self.view_of(&said) }));
        view
    }

    fn view_of(&self, said: &BTreeSet<Fact>) -> View {
        let input = self.input;
        let facts = input.facts;
        let mut view = View::default();
        for fact in said {
            match *fact {
                Fact::Act(_) => {}
                Fact::About(n) => view.about.push(about(facts)[n as usize].clone()),
                Fact::Languages => view.languages = facts.languages.clone(),
                Fact::Tools => {
                    let tools = facts.tools.iter().map(|tool| ToolView {
                        name: tool.name.clone(),
                        version: tool.version.clone(),
                        source: (input.show)(tool.source.as_str()),
                    });
                    view.tools = tools.collect();
                }
                Fact::Generated(n) => view.generated.push(self.generated[n as usize].clone()),
                Fact::Entry(n) => {
                    let entry = &facts.entry_points[n as usize];
                    let path = (input.show)(entry.path.as_str());
                    tell(&mut view.entry_points, path, entry.name.clone());
                }
                Fact::GoalPiece(_) | Fact::Next | Fact::OpenGoal(_) => self.tell_goal(*fact, &mut view),
                Fact::Command(n) => {
                    let command = &facts.commands[n as usize];
                    view.commands.push(CommandView {
                        purpose: command.purpose.name(),
                        command: command.line.clone(),
                        source: (input.show)(command.source.as_str()),
                    });
                }
                Fact::Part(n) => {
                    let part = &facts.parts[n as usize];
                    tell(&mut view.parts, self.folder(part.manifest.parent()), part_line(part));
                }
                Fact::Layout(n) => {
                    let (path, purpose) = self.layout[n as usize].clone();
                    tell(&mut view.layout, path, purpose);
                }
                Fact::File(list, file) => {
                    let files = match list {
                        PageList::Start => &mut view.start,
                        PageList::Focus => &mut view.focus,
                        PageList::Map => &mut view.map,
                    };
                    files.push(self.file_view(list, file, said));
                }
                Fact::Test(n) => view.tests.push(input.tests[n as usize].clone()),
                Fact::Record(n) => view.records.push(input.records[n as usize].clone()),
                Fact::Branch => view.now = input.now.as_ref().map(|now| self.now_view(now, said)),
                // Told by the fact that they belong to.
                Fact::Note(..) | Fact::Symbol(..) | Fact::SymbolDoc(..) => {}
                Fact::Changed(_) | Fact::ChangedSymbols(_) | Fact::Commit(_) => {}
            }
        }
        view.map.sort_by(|a, b| a.path.cmp(&b.path));
        // All lists are in the order that merges well, but for the files to start at.
        view.focus.sort_by(|a, b| a.path.cmp(&b.path));
        let best: Vec<SafeText> = input.focus.iter().map(|focus| self.path(focus.file)).collect();
        view.start.sort_by_key(|file| best.iter().position(|path| *path == file.path));
        if input.now.is_some() {
            view.records.sort_by_key(|record| record.place);
        }
        view.act = input.act.as_ref().map(|act| {
            let parts = said.iter().filter_map(|fact| match fact {
                Fact::Act(part) => Some(*part),
                _ => None,
            });
            act.view(&parts.collect(), input.others_changed)
        });
        view
    }

    fn tell_goal(&self, fact: Fact, view: &mut View) {
        let Some(goal) = &self.input.goal else { return };
        let told = view.goal.get_or_insert_default();
        match fact {
            Fact::GoalPiece(n) => add_piece(told, &goal.pieces[n as usize]),
            Fact::Next => told.next.clone_from(&goal.next),
            Fact::OpenGoal(n) => told.open.push(goal.open[n as usize].clone()),
            _ => {}
        }
    }

    fn now_view(&self, now: &NowView, said: &BTreeSet<Fact>) -> NowView {
        let changed =
            now.changed.iter().enumerate().filter(|(n, _)| said.contains(&Fact::Changed(*n as u32)));
        let changed = changed.map(|(n, file)| match said.contains(&Fact::ChangedSymbols(n as u32)) {
            true => file.clone(),
            false => ChangedView { symbols: Vec::new(), ..file.clone() },
        });
        let commits = now.commits.iter().enumerate().filter(|(n, _)| said.contains(&Fact::Commit(*n as u32)));
        NowView {
            changed: changed.collect(),
            commits: commits.map(|(_, subject)| subject.clone()).collect(),
            ..now.clone()
        }
    }

    fn path(&self, file: u32) -> SafeText {
        (self.input.show)(self.input.file(file).facts.path.as_str())
    }

    /// A folder as it is shown; the root is `./`.
    fn folder(&self, path: &str) -> SafeText {
        match path {
            "" => SafeText::constant("./"),
            path => (self.input.show)(path).followed_by("/"),
        }
    }

    fn file_view(&self, list: PageList, index: u32, said: &BTreeSet<Fact>) -> FileView {
        let file = self.input.file(index);
        let note = match list {
            _ if !said.contains(&Fact::Note(list, index)) => SafeText::default(),
            PageList::Start | PageList::Focus => {
                let focus = self.input.focus.iter().find(|focus| focus.file == index);
                focus.map(|focus| focus.why.clone()).unwrap_or_default()
            }
            PageList::Map => file.content().outline.doc.clone(),
        };
        let range = Fact::Symbol(list, index, 0)..=Fact::Symbol(list, index, u32::MAX);
        let symbols = said.range(range).filter_map(|fact| match fact {
            Fact::Symbol(_, _, symbol) => {
                let with_doc = said.contains(&Fact::SymbolDoc(list, index, *symbol));
                Some(symbol_line(file, *symbol, with_doc))
            }
            _ => None,
        });
        FileView { path: self.path(index), note, symbols: symbols.collect() }
    }

    /// Which sections the budget cut, in constant words: a count would move
    /// with edits that it is not about.
    fn left_out(&self, count: usize) -> Vec<&'static str> {
        let mut left_out = BTreeSet::new();
        for candidate in &self.candidates[count..] {
            left_out.insert(match candidate.fact {
                Fact::Act(_) => "places, hits and files for the task",
                Fact::GoalPiece(_) | Fact::Next => "parts of the goal's text",
                Fact::OpenGoal(_) => "open goals",
                Fact::File(..) => "files of the code map",
                Fact::Note(..) | Fact::Symbol(..) | Fact::SymbolDoc(..) => {
                    "symbols and notes of less relevant files"
                }
                Fact::Test(_) => "tests of less relevant files",
                Fact::Record(_) => "less relevant records",
                Fact::Changed(_) | Fact::ChangedSymbols(_) | Fact::Commit(_) => "changed files and commits",
                _ => "folders, commands and other facts of the project",
            });
        }
        left_out.into_iter().collect()
    }
}

/// What tells where things are in the project: whoever has places for a goal
/// reads them instead.
fn is_map(fact: Fact) -> bool {
    matches!(fact, Fact::Layout(_) | Fact::Part(_) | Fact::Entry(_) | Fact::Languages)
}

/// Puts the pieces of a goal together again as they stood.
fn add_piece(goal: &mut GoalView, piece: &GoalPiece) {
    match goal.text.last_mut() {
        Some(line) if !piece.begins_line => *line = SafeText::join(&[line.clone(), piece.text.clone()], ""),
        _ => goal.text.push(piece.text.clone()),
    }
}

/// The project in its own words: the manifest's line, and the README's first
/// paragraph unless that says the same.
fn about(facts: &ProjectFacts) -> Vec<SafeText> {
    let same = |a: &str, b: &str| {
        let (a, b) = (symbols::words(a), symbols::words(b));
        !a.is_empty() && a.intersection(&b).count() * 10 >= a.len() * 9
    };
    let (line, paragraph) = (&facts.description, &facts.about);
    match (line.is_empty(), paragraph.is_empty()) {
        (true, true) => Vec::new(),
        (false, true) => vec![line.clone()],
        (true, false) => vec![paragraph.clone()],
        (false, false) if same(line.as_str(), paragraph.as_str()) => vec![paragraph.clone()],
        (false, false) => vec![line.clone(), paragraph.clone()],
    }
}

fn part_line(part: &Part) -> SafeText {
    let kind = match part.kind {
        PartKind::Library | PartKind::Package => "",
        PartKind::Program => " (program)",
        PartKind::LibraryAndProgram => " (library and program)",
        PartKind::Macro => " (procedural macro)",
    };
    with_words(part.name.followed_by(kind), ": ", &part.description)
}

/// The code map is of code that says something: templates, data and empty
/// package files are found by the layout.
fn has_something_to_say(file: &File) -> bool {
    let outline = &file.content().outline;
    file.facts.class == Class::Source && !(outline.symbols.is_empty() && outline.doc.is_empty())
}

/// A signature, indented by its nesting, with its doc when there is room.
fn symbol_line(file: &File, index: u32, with_doc: bool) -> SafeText {
    let outline = &file.content().outline;
    let symbol = &outline.symbols[index as usize];
    let signature = symbol.signature.indented(symbols::with_parents(outline, index).len() - 1);
    match with_doc {
        true => with_words(signature, " — ", &symbol.doc),
        false => signature,
    }
}

fn with_words(line: SafeText, separator: &'static str, words: &SafeText) -> SafeText {
    match words.is_empty() {
        true => line,
        false => SafeText::join(&[line, words.clone()], separator),
    }
}
