//! Explains the rank of a file: how much each group of signals moved it, and
//! the words, commit or file behind that.
//!
//! Not here: the score itself.

use super::lexical::Weights;
use super::measure::{Measured, WEIGHTS};
use super::table::{SIGNALS, Signal, SignalGroup};
use super::{MAX_WORDS, quantise};
use crate::model::{History, Reason, ReasonKind, SafeText};

/// Reasons kept of a file.
const MAX_REASONS: usize = 4;

/// Characters of a quoted commit subject.
pub(super) const MAX_SUBJECT: usize = 80;

/// Words the groups of signals as reasons.
pub struct Reasons<'a> {
    pub history: &'a History,
    pub goal: &'a SafeText,
    pub measured: &'a Measured,
    pub weights: Weights,
}

/// One commit is one reason, whichever signals rest on it.
fn merge_same_commit(reasons: &mut Vec<Reason>) {
    let is_commit =
        |reason: &Reason| matches!(reason.kind, ReasonKind::SimilarCommit | ReasonKind::CommitMessage);
    let commits: Vec<usize> = (0..reasons.len()).filter(|at| is_commit(&reasons[*at])).collect();
    if let [first, second] = commits[..]
        && reasons[first].evidence == reasons[second].evidence
    {
        let merged = reasons.remove(second);
        reasons[first].weight = quantise(reasons[first].weight + merged.weight);
        reasons.sort_by(|a, b| b.weight.total_cmp(&a.weight).then(a.kind.name().cmp(b.kind.name())));
    }
}

impl Reasons<'_> {
    /// `parts` says what each of [`SIGNALS`] and the base score moved.
    pub fn of(&self, file: usize, parts: &[f64]) -> Vec<Reason> {
        let mut groups: Vec<(SignalGroup, f64)> = Vec::new();
        let base = parts.get(SIGNALS.len()).copied().unwrap_or(0.0);
        let total: f64 = WEIGHTS.iter().map(|(signal, weight)| weight * self.value(*signal, file)).sum();
        for (at, (signal, group, _)) in SIGNALS.iter().enumerate() {
            let in_base = WEIGHTS.iter().find(|(of, _)| of == signal);
            let share = in_base.map_or(0.0, |(_, weight)| weight * self.value(*signal, file));
            let moved = parts[at] + if total > 0.0 { base * share / total } else { 0.0 };
            match groups.iter_mut().find(|(of, _)| of == group) {
                Some((_, sum)) => *sum += moved,
                None => groups.push((*group, moved)),
            }
        }
        let mut reasons: Vec<Reason> = groups
            .into_iter()
            .filter(|(_, moved)| *moved > 0.0)
            .filter_map(|(group, moved)| self.reason(file, group, moved))
            .collect();
        reasons.sort_by(|a, b| b.weight.total_cmp(&a.weight).then(a.kind.name().cmp(b.kind.name())));
        merge_same_commit(&mut reasons);
        reasons.truncate(MAX_REASONS);
        reasons
    }

    fn value(&self, signal: Signal, file: usize) -> f64 {
        self.measured.table.column(signal)[file]
    }

    /// `None` where the group has nothing to show for this file.
    fn reason(&self, file: usize, group: SignalGroup, moved: f64) -> Option<Reason> {
        let none = SafeText::default;
        let (kind, evidence, other) = match group {
            SignalGroup::Words => (ReasonKind::Words, self.words(file, |m| m.body + m.doc > 0.0)?, None),
            SignalGroup::Passage => (ReasonKind::Passage, self.words(file, |m| m.blocks != 0)?, None),
            SignalGroup::Declares => (ReasonKind::Declares, self.words(file, |m| m.defined)?, None),
            SignalGroup::Path => (ReasonKind::Path, self.words(file, |m| m.in_path)?, None),
            SignalGroup::Named => {
                let named = [Signal::MentionPath, Signal::MentionName, Signal::Dotted];
                if named.iter().all(|signal| self.value(*signal, file) == 0.0) {
                    return None;
                }
                (ReasonKind::Named, none(), None)
            }
            SignalGroup::Messages if self.value(Signal::MessageAll, file) > 0.0 => {
                (ReasonKind::CommitMessage, self.commit(file)?, None)
            }
            SignalGroup::Similar => (ReasonKind::SimilarCommit, self.commit(file)?, None),
            SignalGroup::Literal => (ReasonKind::Literal, self.literal(file)?, None),
            SignalGroup::Together => (ReasonKind::ChangesTogether, none(), Some(self.together(file)?)),
            SignalGroup::Imports => self.neighbour(file)?,
            SignalGroup::Tests => (ReasonKind::ExercisedBy, none(), Some(self.test(file)?)),
            SignalGroup::Activity if self.value(Signal::Recency, file) > 0.0 => {
                (ReasonKind::Recent, self.newest(file)?, None)
            }
            _ => return None,
        };
        Some(Reason { kind, weight: quantise(moved), evidence, file: other })
    }

    /// The most telling goal words in a file, as the goal spells them.
    fn words(&self, file: usize, keep: impl Fn(&super::lexical::Match) -> bool) -> Option<SafeText> {
        let measured = self.measured;
        let mut words: Vec<(f64, usize)> = measured.lexical.matches[file]
            .iter()
            .filter(|m| keep(m))
            .map(|m| m.word as usize)
            .map(|w| {
                let weight = self.weights.title[w] + 0.4 * self.weights.all[w];
                (quantise(weight * measured.lexical.idf[w]), w)
            })
            .collect();
        words.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut texts: Vec<&str> = Vec::new();
        for (_, w) in words {
            let text = measured.goal.words[w].text.as_str();
            if texts.iter().all(|other| !other.eq_ignore_ascii_case(text)) {
                texts.push(text);
            }
            if texts.len() == MAX_WORDS {
                break;
            }
        }
        (!texts.is_empty()).then(|| self.goal.parts(&texts, ", "))
    }

    /// The rare names of the goal in a file.
    fn literal(&self, file: usize) -> Option<SafeText> {
        let rare = self.measured.literals.iter().filter(|literal| literal.is_rare);
        let held = rare.filter(|literal| literal.files.binary_search(&(file as u32)).is_ok());
        let texts: Vec<&str> = held.take(MAX_WORDS).map(|literal| literal.text.as_str()).collect();
        (!texts.is_empty()).then(|| self.goal.parts(&texts, ", "))
    }

    /// The subject of the commit most like the goal that touched a file.
    fn commit(&self, file: usize) -> Option<SafeText> {
        let (_, commit) = self.measured.log.best[file]?;
        Some(self.history.commits.get(commit)?.subject.one_line(MAX_SUBJECT))
    }

    /// The subject of the newest commit that touched a file.
    fn newest(&self, file: usize) -> Option<SafeText> {
        let commit = self.measured.log.newest(file as u32)?;
        Some(self.history.commits.get(commit)?.subject.one_line(MAX_SUBJECT))
    }

    /// The strongest hit, itself aside, that the file changed together with.
    fn together(&self, file: usize) -> Option<u32> {
        let mut hits = self.measured.hits.iter().map(|(hit, _)| *hit);
        hits.find(|hit| *hit as usize != file && self.measured.log.changed_together(file as u32, *hit))
    }

    /// The strongest hit that imports the file or that it imports.
    fn neighbour(&self, file: usize) -> Option<(ReasonKind, SafeText, Option<u32>)> {
        let graph = &self.measured.graph;
        for (hit, _) in &self.measured.hits {
            if graph.importers(file).contains(hit) {
                return Some((ReasonKind::ImportedBy, SafeText::default(), Some(*hit)));
            }
            if graph.imports(file).contains(hit) {
                return Some((ReasonKind::Imports, SafeText::default(), Some(*hit)));
            }
        }
        None
    }

    fn test(&self, file: usize) -> Option<u32> {
        let mut tests = self.measured.tests.iter().map(|(test, _)| *test);
        tests.find(|test| self.measured.graph.importers(file).contains(test))
    }
}
