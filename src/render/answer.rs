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
    pub why: SafeText,
    /// Best first.
    pub places: Vec<AnswerSpan>,
}

/// A text or name, and the lines that hold it.
#[derive(Clone, Debug)]
pub struct HitLines {
    pub text: SafeText,
    /// The file that declares it, where these lines are uses of it.
    pub declared_in: SafeText,
    /// `path:line: text`
    pub lines: Vec<SafeText>,
    /// How many lines hold it, if that is known, and how many of them are told
    /// of another text.
    pub all: Option<usize>,
    pub above: usize,
}

/// A place in it.
#[derive(Clone, Debug)]
pub struct AnswerSpan {
    /// From 1, both included.
    pub first: u32,
    pub last: u32,
    pub signature: SafeText,
    /// The whole declaration, where this is a part of it.
    pub part_of: Option<(u32, u32)>,
    /// Lines around the words that decided, with their numbers; of few places.
    pub body: Vec<SafeText>,
    /// All its lines, with their numbers, for a page that has room.
    pub code: Vec<SafeText>,
}

/// A part of an answer that can be said or left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AnswerPart {
    Task,
    Edit(u32),
    Why(u32),
    Place(u32, u32),
    Body(u32, u32),
    /// All lines of a place, instead of those of its body.
    Code(u32, u32),
    Hit(u32, u32),
    Test(u32),
    Also(u32),
}

/// Spans beside the path of a file in the list of all, for the first file and
/// for the others.
const BESIDE: [usize; 2] = [3, 1];

/// The priority of the code of the first place: behind everything that points
/// somewhere, before what the project is. Whoever is told where to look reads it
/// there next, so that it saves a command; a map of the rest does not.
const CODE: i32 = 880;

/// The priority of files to look at of which no reason is told.
const BARE_ALSO: i32 = 700;

impl PromptAnswer {
    /// All parts with their priorities: what stands first in the page is
    /// mostly worth more, and the first of everything comes before the third
    /// of anything.
    pub fn parts(&self) -> Vec<(i32, AnswerPart)> {
        let mut parts = vec![(1000, AnswerPart::Task)];
        for (n, file) in (0..).zip(&self.edit) {
            parts.push((998 - n, AnswerPart::Edit(n as u32)));
            parts.push((940 - 4 * n, AnswerPart::Why(n as u32)));
            for (k, place) in (0..).zip(&file.places) {
                parts.push((986 - 8 * k - 3 * n, AnswerPart::Place(n as u32, k as u32)));
                if !place.body.is_empty() {
                    parts.push((900 - 20 * k - 20 * n, AnswerPart::Body(n as u32, k as u32)));
                }
                if !place.code.is_empty() {
                    parts.push((CODE - 20 * k - 15 * n, AnswerPart::Code(n as u32, k as u32)));
                }
            }
        }
        for (n, of_text) in (0..).zip(&self.hits) {
            let lines = (0..).zip(&of_text.lines);
            parts.extend(lines.map(|(k, _)| (980 - 5 * n - 6 * k, AnswerPart::Hit(n as u32, k as u32))));
        }
        parts.extend((0..).zip(&self.tests).map(|(n, _)| (978 - 8 * n, AnswerPart::Test(n as u32))));
        // Those without a reason are for a page that has room.
        let also = (0..).zip(&self.also).map(|(n, also)| match also.why.is_empty() {
            true => (BARE_ALSO - n, AnswerPart::Also(n as u32)),
            false => (970 - 3 * n, AnswerPart::Also(n as u32)),
        });
        parts.extend(also);
        parts
    }

    /// The view of these parts.
    pub fn view(&self, said: &BTreeSet<AnswerPart>, others_changed: usize) -> ActView {
        let edit = (0..).zip(&self.edit).filter(|(n, _)| said.contains(&AnswerPart::Edit(*n)));
        let tests = (0..).zip(&self.tests).filter(|(n, _)| said.contains(&AnswerPart::Test(*n)));
        let also = (0..).zip(&self.also).filter(|(n, _)| said.contains(&AnswerPart::Also(*n)));
        let hits = (0..).zip(&self.hits).map(|(n, found)| found.view(n, said));
        ActView {
            task: self.task.clone(),
            gap: self.gap,
            means: self.means,
            settled: self.settled.clone(),
            edit: edit.map(|(n, file)| file.view(n, said)).collect(),
            hits: hits.filter(|hits| !hits.lines.is_empty()).collect(),
            tests: tests.map(|(_, test)| test.clone()).collect(),
            also: also.map(|(_, path)| path.clone()).collect(),
            others_changed,
        }
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
    fn view(&self, n: u32, said: &BTreeSet<AnswerPart>) -> HitsView {
        let lines = (0..).zip(&self.lines).filter(|(k, _)| said.contains(&AnswerPart::Hit(n, *k)));
        let lines: Vec<SafeText> = lines.map(|(_, line)| line.clone()).collect();
        let share = self.share(lines.len());
        HitsView { text: self.text.clone(), declared_in: self.declared_in.clone(), share, lines }
    }

    /// How many of all lines are shown: whoever knows that there are no others
    /// need not search for them.
    fn share(&self, shown: usize) -> String {
        match self.all {
            Some(1) => "1 line, no other".to_owned(),
            Some(all) if all <= shown + self.above => format!("{all} lines, all told here"),
            Some(all) => format!("{all} lines, the first here"),
            None => "many lines, the first here".to_owned(),
        }
    }
}

impl ToEdit {
    fn view(&self, n: u32, said: &BTreeSet<AnswerPart>) -> EditView {
        let places: Vec<(u32, &AnswerSpan)> =
            (0..).zip(&self.places).filter(|(k, _)| said.contains(&AnswerPart::Place(n, *k))).collect();
        let beside = places.iter().take(BESIDE[usize::from(n > 0)]);
        let spans: Vec<String> = beside.map(|(_, place)| place.lines()).collect();
        let spans = if spans.is_empty() { String::new() } else { format!(":{}", spans.join(",")) };
        let shows_code = |k: u32| said.contains(&AnswerPart::Code(n, k));
        let place = |(k, place): &(u32, &AnswerSpan)| PlaceView {
            span: format!(":{}", place.lines()),
            signature: place.signature.clone(),
            part_of: place.part_of.map(|(first, last)| format!("{first}-{last}")).unwrap_or_default(),
            body: match said.contains(&AnswerPart::Body(n, *k)) && !shows_code(*k) {
                true => place.body.clone(),
                false => Vec::new(),
            },
        };
        EditView {
            path: self.path.clone(),
            spans,
            why: if said.contains(&AnswerPart::Why(n)) { self.why.clone() } else { SafeText::default() },
            places: places.iter().map(place).collect(),
            code: places
                .iter()
                .filter(|(k, _)| shows_code(*k))
                .map(|(_, place)| place.code.clone())
                .collect(),
        }
    }
}

impl AnswerSpan {
    fn lines(&self) -> String {
        format!("{}-{}", self.first, self.last)
    }
}
