//! Which of all commands that were found are shown: the most canonical of
//! each purpose, no two that differ in details only.
//!
//! Not here: finding and classifying them.

use std::collections::BTreeMap;

use super::{Command, Purpose, classify};
use crate::model::{RelPath, SafeText};

/// How far each kind of source is trusted to name the command that people
/// use. The differences are larger than those between neighbouring penalties
/// in [`classify`] and smaller than the penalty for testing a part only.
pub(super) const GUIDE: i32 = 62;
pub(super) const TASK: i32 = 60;
pub(super) const README: i32 = 56;
pub(super) const CI: i32 = 50;
pub(super) const CONVENTION: i32 = 45;

/// For each further source that names the same command; at most two count.
const AGREEMENT: i32 = 5;

/// For commands of an ecosystem other than the main language's.
const FOREIGN: i32 = 25;

/// How far behind the best one a command may be to be shown beside it.
const NEAR: i32 = 24;

/// Below this a command says nothing reliable about the project.
const FLOOR: i32 = 18;

const PER_PURPOSE: usize = 3;

#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub purpose: Purpose,
    pub line: SafeText,
    pub source: RelPath,
    pub place: SafeText,
    /// Two commands with one head differ in details only.
    pub head: String,
    pub family: &'static str,
    pub score: i32,
}

impl Candidate {
    /// A command whose purpose is known already.
    pub fn new(
        purpose: Purpose,
        line: SafeText,
        source: &RelPath,
        place: SafeText,
        base: i32,
    ) -> Self {
        let verdict = classify::command(line.as_str());
        let (head, family, penalty) = match verdict {
            Some(verdict) => (verdict.head, verdict.family, verdict.penalty),
            None => (line.to_string(), "", 4),
        };
        Self {
            purpose,
            line,
            source: source.clone(),
            place,
            head: format!(":{head}"),
            family,
            score: base - penalty,
        }
    }
}

/// At most three commands of each purpose, best first; `family` is the main
/// language's ecosystem.
pub(super) fn commands(mut candidates: Vec<Candidate>, family: &str) -> Vec<Command> {
    let mut sources: BTreeMap<(Purpose, String), Vec<&RelPath>> = BTreeMap::new();
    for candidate in &candidates {
        let seen = sources
            .entry((candidate.purpose, candidate.line.to_string()))
            .or_default();
        if !seen.contains(&&candidate.source) {
            seen.push(&candidate.source);
        }
    }
    let agreement: BTreeMap<(Purpose, String), i32> = sources
        .into_iter()
        .map(|(key, sources)| (key, AGREEMENT * (sources.len().min(3) as i32 - 1)))
        .collect();
    for candidate in &mut candidates {
        let key = (candidate.purpose, candidate.line.to_string());
        candidate.score += agreement.get(&key).copied().unwrap_or(0);
        if !candidate.family.is_empty() && !family.is_empty() && candidate.family != family {
            candidate.score -= FOREIGN;
        }
    }
    candidates.sort_by(|a, b| {
        (
            a.purpose,
            -a.score,
            a.line.as_str().len(),
            &a.line,
            &a.source,
            &a.place,
        )
            .cmp(&(
                b.purpose,
                -b.score,
                b.line.as_str().len(),
                &b.line,
                &b.source,
                &b.place,
            ))
    });
    let mut chosen: Vec<Candidate> = Vec::new();
    for candidate in candidates {
        let same: Vec<&Candidate> = chosen
            .iter()
            .filter(|other| other.purpose == candidate.purpose)
            .collect();
        let best = same.first().map_or(candidate.score, |best| best.score);
        let fits = candidate.score >= FLOOR
            && candidate.score + NEAR >= best
            && same.len() < PER_PURPOSE
            && !same.iter().any(|other| other.head == candidate.head);
        if fits {
            chosen.push(candidate);
        }
    }
    chosen
        .into_iter()
        .map(|candidate| Command {
            purpose: candidate.purpose,
            line: candidate.line,
            source: candidate.source,
            place: candidate.place,
        })
        .collect()
}
