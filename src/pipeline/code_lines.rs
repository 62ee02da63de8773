//! The lines of a place that a page shows: a short one whole, of a long one its
//! head and what stands around the words of the goal, documentation left out.
//!
//! Not here: which places these are (`rank`), and how lines are spelled (`render`).

use std::collections::BTreeSet;

use crate::model::{Outline, SafeText};
use crate::rank::{LineRole, Place, line_roles};
use crate::render::answer::CodeLine;

/// Lines of code that are shown as they are, and of a longer place at most.
const WHOLE: usize = 36;
const MOST: usize = 32;

/// Lines shown before and behind one that says something.
const AROUND: u32 = 3;

/// Characters of a line.
const WIDEST: usize = 120;

/// A file as it is shown.
pub struct CodeOfFile<'a> {
    outline: &'a Outline,
    lines: Vec<SafeText>,
    roles: Vec<LineRole>,
}

impl<'a> CodeOfFile<'a> {
    /// Reads what each line of a file is there for.
    pub fn new(outline: &'a Outline, text: &SafeText) -> Self {
        let lines = text.as_str().lines().map(|line| text.part(line)).collect();
        Self { outline, lines, roles: line_roles(outline, text.as_str()) }
    }

    /// The lines of a place that are worth showing; none where it is not about
    /// the goal.
    pub fn of(&self, place: &Place) -> Vec<CodeLine> {
        if !place.agrees {
            return Vec::new();
        }
        let told: Vec<u32> = (place.first..=place.last).filter(|line| self.is_told(*line)).collect();
        let head = place.symbol.map(|symbol| self.outline.symbols[symbol as usize].line);
        let mut chosen: BTreeSet<u32> = match told.len() {
            0..=WHOLE => told.into_iter().collect(),
            _ => around(&told, &place.telling),
        };
        chosen.extend(head.filter(|head| *head <= place.last && self.is_told(*head)));
        chosen.into_iter().filter_map(|line| self.line(line)).collect()
    }

    fn is_told(&self, line: u32) -> bool {
        let role = self.roles.get(line as usize - 1);
        role.is_some_and(|role| matches!(role, LineRole::Code | LineRole::Comment))
    }

    fn line(&self, line: u32) -> Option<CodeLine> {
        let text = self.lines.get(line as usize - 1)?;
        let end = text.as_str().char_indices().nth(WIDEST).map_or(text.as_str().len(), |(end, _)| end);
        Some(CodeLine { line, text: text.part(text.as_str()[..end].trim_end()) })
    }
}

/// The lines around those that say most, as many as are shown of a long place.
fn around(told: &[u32], telling: &[u32]) -> BTreeSet<u32> {
    let mut chosen = BTreeSet::new();
    for line in telling {
        let near = told.iter().copied().filter(|told| told.abs_diff(*line) <= AROUND);
        let more: BTreeSet<u32> = near.filter(|line| !chosen.contains(line)).collect();
        if chosen.len() + more.len() <= MOST {
            chosen.extend(more);
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(first: u32, last: u32, telling: &[u32]) -> Place {
        Place { first, last, symbol: None, score: 1.0, telling: telling.to_vec(), agrees: true }
    }

    fn shown(text: &str, place: &Place) -> Vec<u32> {
        let outline = Outline::default();
        let code = CodeOfFile::new(&outline, &SafeText::from_redacted(text.to_owned()));
        code.of(place).into_iter().map(|line| line.line).collect()
    }

    #[test]
    fn of_a_long_place_the_lines_around_the_words_are_shown() {
        let text = "x = 1\n".repeat(100);
        assert_eq!(shown(&text, &place(1, 80, &[40])), (37..=43).collect::<Vec<_>>());
        assert_eq!(shown(&text, &place(1, 20, &[4])), (1..=20).collect::<Vec<_>>());
    }

    #[test]
    fn documentation_is_left_out_and_a_place_of_something_else_too() {
        let text = "def f():\n    \"\"\"Says.\"\"\"\n    return 1\n";
        assert_eq!(shown(text, &place(1, 3, &[1])), [1, 3]);
        assert!(shown(text, &Place { agrees: false, ..place(1, 3, &[1]) }).is_empty());
    }
}
