//! The lines of a conversation that say themselves what they are: a decision, a
//! goal, a lesson.
//!
//! Not here: the forms in which conversations are kept.

use crate::limits;
use crate::memory::RecordKind;

/// Words with which a line says what it is.
const MARKS: &[(&str, RecordKind)] = &[
    ("decision:", RecordKind::Decision),
    ("decisions:", RecordKind::Decision),
    ("decided:", RecordKind::Decision),
    ("we decided to ", RecordKind::Decision),
    ("we decided that ", RecordKind::Decision),
    ("we have decided to ", RecordKind::Decision),
    ("i decided to ", RecordKind::Decision),
    ("decided to ", RecordKind::Decision),
    ("let's go with ", RecordKind::Decision),
    ("we will go with ", RecordKind::Decision),
    ("we'll go with ", RecordKind::Decision),
    ("we will use ", RecordKind::Decision),
    ("we'll use ", RecordKind::Decision),
    ("goal:", RecordKind::Goal),
    ("goals:", RecordKind::Goal),
    ("objective:", RecordKind::Goal),
    ("the goal is to ", RecordKind::Goal),
    ("our goal is to ", RecordKind::Goal),
    ("my goal is to ", RecordKind::Goal),
    ("open question:", RecordKind::Question),
    ("open questions:", RecordKind::Question),
    ("question:", RecordKind::Question),
    ("unresolved:", RecordKind::Question),
    ("lesson:", RecordKind::Lesson),
    ("lessons:", RecordKind::Lesson),
    ("lesson learned:", RecordKind::Lesson),
    ("lessons learned:", RecordKind::Lesson),
    ("lesson learnt:", RecordKind::Lesson),
    ("lessons learnt:", RecordKind::Lesson),
    ("learned:", RecordKind::Lesson),
    ("gotcha:", RecordKind::Lesson),
    ("takeaway:", RecordKind::Lesson),
    ("til:", RecordKind::Lesson),
    ("root cause:", RecordKind::Lesson),
    ("we learned that ", RecordKind::Lesson),
    ("next step:", RecordKind::Checkpoint),
    ("next steps:", RecordKind::Checkpoint),
    ("next:", RecordKind::Checkpoint),
    ("todo:", RecordKind::Checkpoint),
    ("action item:", RecordKind::Checkpoint),
    ("action items:", RecordKind::Checkpoint),
];

/// Who speaks, at the beginning of a line of plain text.
const SPEAKERS: &[&str] = &["user:", "assistant:", "human:", "claude:", "chatgpt:", "codex:", "ai:", "me:"];

/// Lines read one after the other.
#[derive(Default)]
pub(super) struct Scan {
    fenced: bool,
    /// A heading, alone on its line, speaks for the items below it.
    above: Option<RecordKind>,
}

impl Scan {
    /// What a line says, where it says what it is.
    pub fn line(&mut self, line: &str) -> Option<(RecordKind, String)> {
        let trimmed = line.trim();
        if trimmed.starts_with("```") || trimmed.starts_with("~~~") {
            self.fenced = !self.fenced;
        }
        if self.fenced || trimmed.is_empty() {
            return None;
        }
        let (item, is_item) = without_bullet(trimmed);
        let plain = without_speaker(&item.replace("**", "").replace("__", ""));
        let (kind, said) = match marked(&plain) {
            Some((kind, "")) => {
                self.above = Some(kind);
                return None;
            }
            Some((kind, rest)) => {
                self.above = None;
                (kind, rest.to_string())
            }
            None if is_item => (self.above?, plain),
            None => {
                self.above = None;
                return None;
            }
        };
        // What is longer was pasted, and not said.
        let end = said.char_indices().nth(limits::MAX_FINDING).map(|(end, _)| end);
        Some((kind, end.map_or(said.clone(), |end| format!("{}…", &said[..end]))))
    }
}

/// The kind that a line says it is of, and what it says; a heading without a
/// colon counts when it is nothing but the mark.
fn marked(line: &str) -> Option<(RecordKind, &str)> {
    let (heading, level) = (line.trim_start_matches('#').trim(), line.starts_with('#'));
    for (mark, kind) in MARKS {
        let word = mark.trim_end_matches([':', ' ']);
        if level && heading.trim_end_matches(':').eq_ignore_ascii_case(word) {
            return Some((*kind, ""));
        }
        let Some(start) = heading.get(..mark.len()) else { continue };
        if start.eq_ignore_ascii_case(mark) {
            return Some((*kind, heading[mark.len()..].trim()));
        }
    }
    None
}

fn without_bullet(line: &str) -> (&str, bool) {
    let line = line.trim_start_matches("> ").trim_start();
    for bullet in ["- [ ] ", "- [x] ", "- ", "* ", "+ ", "• "] {
        if let Some(rest) = line.strip_prefix(bullet) {
            return (rest.trim_start(), true);
        }
    }
    let digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
    match digits.strip_prefix(". ").or_else(|| digits.strip_prefix(") ")) {
        Some(rest) if digits.len() < line.len() => (rest.trim_start(), true),
        _ => (line, false),
    }
}

fn without_speaker(line: &str) -> String {
    for speaker in SPEAKERS {
        if line.get(..speaker.len()).is_some_and(|start| start.eq_ignore_ascii_case(speaker)) {
            return line[speaker.len()..].trim().to_string();
        }
    }
    line.trim().to_string()
}
