//! What there is to say of an answer to a goal, in order of worth, and the view
//! of what fits: the files to edit with their places, literal hits, tests,
//! files to look at as well.
//!
//! Not here: what the answer is (`rank`), and everything else that a prompt
//! says (`page`).

use std::collections::BTreeSet;

use super::view::{ActView, AlsoView, EditView, HitsView, PlaceView, SettledView, TestView};
use crate::model::SafeText;

/// An answer, ready to be shown.
#[derive(Clone, Debug, Default)]
pub struct PromptAnswer {
    pub task: SafeText,
    pub gap: &'static str,
    pub means: &'static str,
    pub settled: Option<SettledView>,
    /// Best first.
    pub edit: Vec<ToEdit>,
    pub hits: Vec<HitLines>,
    pub tests: Vec<TestView>,
    /// The first ones with their reasons.
    pub also: Vec<AlsoView>,
}

/// A file to edit.
#[derive(Clone, Debug)]
pub struct ToEdit {
    pub path: SafeText,
    /// What is made from it, and its other halves; may be empty.
    pub twins: SafeText,
    pub why: SafeText,
    /// Best first.
    pub places: Vec<AnswerSpan>,
}

/// A name, and the lines that hold it.
#[derive(Clone, Debug)]
pub struct HitLines {
    pub text: SafeText,
    /// The file that declares it, where these lines are uses of it.
    pub declared_in: SafeText,
    pub lines: Vec<HitLine>,
    /// How many lines hold it, if that is known, and how many of them are told
    /// of another name.
    pub all: Option<usize>,
    pub above: usize,
    /// The first so many are all lines of code in the files to edit.
    pub edited: usize,
}

/// A line that holds a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HitLine {
    pub path: SafeText,
    pub line: u32,
    pub text: SafeText,
}

/// A place in a file to edit.
#[derive(Clone, Debug)]
pub struct AnswerSpan {
    /// From 1, both included.
    pub first: u32,
    pub last: u32,
    pub signature: SafeText,
    /// The whole declaration, where this is a part of it.
    pub part_of: Option<(u32, u32)>,
    /// Its lines that say something, for a page that has room.
    pub code: Vec<CodeLine>,
}

/// A line of code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeLine {
    pub line: u32,
    pub text: SafeText,
}

/// A part of an answer that can be said or left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AnswerPart {
    Task,
    Edit(u32),
    Why(u32),
    Place(u32, u32),
    /// The lines of a place.
    Code(u32, u32),
    Hit(u32, u32),
    Test(u32),
    Also(u32),
    AlsoWhy(u32),
}

/// Spans beside the path of a file in the list of all, for the first file, the
/// second, and the others.
const BESIDE: [usize; 3] = [3, 2, 1];

/// The priority of the code of the first place. Whoever is told where to look
/// reads it there next, so that it saves a command; a map of the rest does not.
const CODE: i32 = 962;

/// The priorities of reasons, and of files to look at that are many.
const WHY: i32 = 770;
const BARE_ALSO: i32 = 700;

/// Files to look at that are told with those to edit.
const FIRST_ALSO: i32 = 5;

impl PromptAnswer {
    /// All parts with their priorities: what stands first in the page is
    /// mostly worth more, and the first of everything comes before the third
    /// of anything.
    pub fn parts(&self) -> Vec<(i32, AnswerPart)> {
        let mut parts = vec![(1000, AnswerPart::Task)];
        for (n, file) in (0..).zip(&self.edit) {
            parts.push((998 - n, AnswerPart::Edit(n as u32)));
            parts.push((WHY - 4 * n, AnswerPart::Why(n as u32)));
            for (k, place) in (0..).zip(&file.places) {
                parts.push((986 - 8 * k - 3 * n, AnswerPart::Place(n as u32, k as u32)));
                if !place.code.is_empty() {
                    parts.push((CODE - 14 * k - 12 * n, AnswerPart::Code(n as u32, k as u32)));
                }
            }
        }
        for (n, of_text) in (0..).zip(&self.hits) {
            let lines = (0..).zip(&of_text.lines);
            parts.extend(lines.map(|(k, _)| (976 - 6 * n - 3 * k, AnswerPart::Hit(n as u32, k as u32))));
        }
        parts.extend((0..).zip(&self.tests).map(|(n, _)| (978 - 8 * n, AnswerPart::Test(n as u32))));
        for (n, _) in (0..).zip(&self.also) {
            let is_first = n < FIRST_ALSO;
            parts.push((if is_first { 985 - 3 * n } else { BARE_ALSO - n }, AnswerPart::Also(n as u32)));
            parts.push((WHY - 3 * n - 20, AnswerPart::AlsoWhy(n as u32)));
        }
        parts
    }

    /// The view of these parts.
    pub fn view(&self, said: &BTreeSet<AnswerPart>, others_changed: usize) -> ActView {
        let edit = (0..).zip(&self.edit).filter(|(n, _)| said.contains(&AnswerPart::Edit(*n)));
        let edit: Vec<EditView> = edit.map(|(n, file)| file.view(n, said)).collect();
        let tests = (0..).zip(&self.tests).filter(|(n, _)| said.contains(&AnswerPart::Test(*n)));
        let also = (0..).zip(&self.also).filter(|(n, _)| said.contains(&AnswerPart::Also(*n)));
        let also = also.map(|(n, also)| match said.contains(&AnswerPart::AlsoWhy(n)) {
            true => also.clone(),
            false => AlsoView { why: SafeText::default(), ..also.clone() },
        });
        let shown = self.lines_of_code(said);
        let hits = (0..).zip(&self.hits).map(|(n, found)| found.view(n, said, &shown));
        ActView {
            task: self.task.clone(),
            gap: self.gap,
            means: self.means,
            settled: self.settled.clone(),
            edit,
            hits: hits.flatten().collect(),
            tests: tests.map(|(_, test)| test.clone()).collect(),
            also: also.collect(),
            others_changed,
        }
    }

    /// The lines whose code is shown, by path.
    fn lines_of_code(&self, said: &BTreeSet<AnswerPart>) -> BTreeSet<(&SafeText, u32)> {
        let files = (0..).zip(&self.edit);
        let lines = files.flat_map(|(n, file)| {
            let shown = (0..).zip(&file.places).filter(move |(k, _)| said.contains(&AnswerPart::Code(n, *k)));
            shown.flat_map(|(_, place)| place.code.iter().map(|line| (&file.path, line.line)))
        });
        lines.collect()
    }

    /// Whether the answer names this file.
    pub fn names(&self, path: &SafeText) -> bool {
        self.edit
            .iter()
            .map(|file| &file.path)
            .chain(self.also.iter().map(|also| &also.path))
            .any(|named| named == path)
    }
}

impl HitLines {
    /// Nothing where no line is left to tell and it is not known that there are
    /// no others.
    fn view(
        &self,
        n: u32,
        said: &BTreeSet<AnswerPart>,
        shown: &BTreeSet<(&SafeText, u32)>,
    ) -> Option<HitsView> {
        let lines = (0..).zip(&self.lines).filter(|(k, _)| said.contains(&AnswerPart::Hit(n, *k)));
        let told: Vec<&HitLine> = lines.map(|(_, line)| line).collect();
        let is_new = |line: &&HitLine| !shown.contains(&(&line.path, line.line));
        let lines: Vec<&HitLine> = told.iter().copied().filter(is_new).collect();
        let share = self.share(told.len(), told.len() - lines.len());
        let is_whole = self.all.is_some_and(|all| all <= told.len() + self.above);
        let view = HitsView {
            text: self.text.clone(),
            declared_in: self.declared_in.clone(),
            share,
            lines: by_file(&lines),
        };
        (!lines.is_empty() || is_whole && !told.is_empty()).then_some(view)
    }

    /// How many of all lines are told: whoever knows that there are no others
    /// need not search for them.
    fn share(&self, told: usize, in_code: usize) -> String {
        let above = match in_code {
            0 => String::new(),
            _ => format!(" ({in_code} in the code above)"),
        };
        match self.all {
            Some(1) => format!("1 line, no other{above}"),
            Some(all) if all <= told + self.above => format!("{all} lines, all told here{above}"),
            Some(all) if self.edited > 0 && told + self.above >= self.edited => {
                format!("{all} lines, here all code of the files to edit{above}")
            }
            Some(all) => format!("{all} lines, the first here{above}"),
            None => format!("lines such as these{above}"),
        }
    }
}

/// `path:line: text`; several of one file below its path, as `:line text`.
fn by_file(lines: &[&HitLine]) -> Vec<SafeText> {
    let mut told = Vec::new();
    for of_file in lines.chunk_by(|a, b| a.path == b.path) {
        if let [line] = of_file {
            let place = SafeText::join(&[line.path.clone(), SafeText::number(line.line)], ":");
            told.push(SafeText::join(&[place, line.text.clone()], ": "));
            continue;
        }
        told.extend(of_file.first().map(|line| line.path.clone()));
        for line in of_file {
            let place = SafeText::join(&[SafeText::constant("  "), SafeText::number(line.line)], ":");
            told.push(SafeText::join(&[place, line.text.clone()], " "));
        }
    }
    told
}

impl ToEdit {
    fn view(&self, n: u32, said: &BTreeSet<AnswerPart>) -> EditView {
        let places: Vec<(u32, &AnswerSpan)> =
            (0..).zip(&self.places).filter(|(k, _)| said.contains(&AnswerPart::Place(n, *k))).collect();
        let beside = BESIDE[(n as usize).min(BESIDE.len() - 1)];
        let (shown, bare): (Vec<_>, Vec<_>) =
            places.iter().copied().partition(|(k, _)| said.contains(&AnswerPart::Code(n, *k)));
        let why = said.contains(&AnswerPart::Why(n)).then_some(&self.why);
        let notes: Vec<SafeText> =
            [Some(&self.twins), why].into_iter().flatten().filter(|note| !note.is_empty()).cloned().collect();
        EditView {
            path: self.path.clone(),
            spans: spans(places.iter().map(|(_, place)| *place).take(beside)),
            code_spans: spans(shown.iter().filter(|(k, _)| *k as usize >= beside).map(|(_, place)| *place)),
            why: SafeText::join(&notes, "; "),
            places: bare.iter().map(|(_, place)| place.view()).collect(),
            code: joined(shown.iter().map(|(_, place)| *place).collect()),
        }
    }
}

/// `:10-34,40-60`; nothing of none.
fn spans<'a>(places: impl Iterator<Item = &'a AnswerSpan>) -> String {
    let spans: Vec<String> = places.map(AnswerSpan::lines).collect();
    if spans.is_empty() { String::new() } else { format!(":{}", spans.join(",")) }
}

/// Lines that can be left out without a mark: their numbers say so.
const GAP: u32 = 4;

/// The code of several places in the order of the file, with a mark where many
/// lines are left out.
fn joined(mut places: Vec<&AnswerSpan>) -> Vec<SafeText> {
    places.sort_by_key(|place| place.first);
    let mut told: Vec<SafeText> = Vec::new();
    let mut last = 0;
    for line in places.iter().flat_map(|place| &place.code).filter(|line| line.line > 0) {
        if line.line <= last {
            continue;
        }
        if last > 0 && line.line > last + GAP {
            told.push(SafeText::constant("…"));
        }
        last = line.line;
        told.push(SafeText::join(&[SafeText::number(line.line), line.text.clone()], "| "));
    }
    told
}

impl AnswerSpan {
    fn lines(&self) -> String {
        format!("{}-{}", self.first, self.last)
    }

    fn view(&self) -> PlaceView {
        PlaceView {
            span: format!(":{}", self.lines()),
            signature: self.signature.clone(),
            part_of: self.part_of.map(|(first, last)| format!("{first}-{last}")).unwrap_or_default(),
        }
    }
}
