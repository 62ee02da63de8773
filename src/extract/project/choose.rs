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

/// For commands of an ecosystem that has a part in the code, but not the main
/// one; twice that for one that has none.
const FOREIGN: i32 = 15;

/// How far behind the best one a command may be to be shown beside it.
const NEAR: i32 = 16;

/// The same for what the maintainers themselves run their tests by, in a guide or CI.
const NEAR_OWN: i32 = 30;

/// Below this a command says nothing reliable about the project.
const FLOOR: i32 = 30;

/// The more ways there are, the less a reader learns from the next one.
fn most(purpose: Purpose) -> usize {
    match purpose {
        Purpose::Setup => 4,
        Purpose::Test | Purpose::Lint => 3,
        _ => 2,
    }
}

#[derive(Clone, Debug)]
pub(super) struct CommandCandidate {
    pub purpose: Purpose,
    pub line: SafeText,
    pub source: RelPath,
    pub place: SafeText,
    /// Two commands with one head differ in details only.
    pub head: String,
    pub family: &'static str,
    pub score: i32,
}

/// Begins the head of what is done once, whatever else there is to do.
const PREPARATION: &str = "prepare:";

impl CommandCandidate {
    /// What is done once before anything else works.
    pub fn preparation(line: SafeText, source: &RelPath) -> Self {
        Self {
            purpose: Purpose::Setup,
            head: format!("{PREPARATION}{line}"),
            line,
            source: source.clone(),
            place: SafeText::default(),
            family: "",
            score: CONVENTION - 8,
        }
    }

    /// A command whose purpose is known already.
    pub fn new(purpose: Purpose, line: SafeText, source: &RelPath, place: SafeText, base: i32) -> Self {
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

/// A few commands of each purpose, best first; `families` are the
/// ecosystems of the project's languages, the main one first.
pub(super) fn commands(mut candidates: Vec<CommandCandidate>, families: &[&str]) -> Vec<Command> {
    let mut sources: BTreeMap<(Purpose, String), Vec<&RelPath>> = BTreeMap::new();
    for candidate in &candidates {
        let seen = sources.entry((candidate.purpose, candidate.line.to_string())).or_default();
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
        candidate.score -= match families.iter().position(|family| *family == candidate.family) {
            _ if candidate.family.is_empty() || families.is_empty() => 0,
            // A program may well be installed by another ecosystem's tool.
            _ if candidate.purpose == Purpose::Install => 0,
            Some(0) => 0,
            Some(_) => FOREIGN,
            None => 2 * FOREIGN,
        };
    }
    // Where nothing has to be compiled, a bare `make` is anything but a build.
    let compiled = families.first().is_none_or(|family| matches!(*family, "" | "native" | "go"));
    candidates.retain(|candidate| compiled || !candidate.head.ends_with(":make"));
    candidates.sort_by(|a, b| {
        (a.purpose, -a.score, a.line.as_str().len(), &a.line, &a.source, &a.place).cmp(&(
            b.purpose,
            -b.score,
            b.line.as_str().len(),
            &b.line,
            &b.source,
            &b.place,
        ))
    });
    let mut chosen: Vec<CommandCandidate> = Vec::new();
    for candidate in candidates {
        let same: Vec<&CommandCandidate> =
            chosen.iter().filter(|other| other.purpose == candidate.purpose).collect();
        let best = same.first().map_or(candidate.score, |best| best.score);
        let told = |candidate: &CommandCandidate| {
            let path = candidate.source.as_str();
            path.starts_with(".github/workflows/")
                || matches!(candidate.source.extension(), "md" | "rst" | "txt")
        };
        // One of those is told, whatever conventions say.
        let is_own =
            candidate.purpose == Purpose::Test && told(&candidate) && !same.iter().any(|other| told(other));
        let near = if is_own { NEAR_OWN } else { NEAR };
        let is_near = candidate.score + near >= best || candidate.head.starts_with(PREPARATION);
        let others = same.iter().filter(|other| !other.head.starts_with(PREPARATION)).count();
        let is_crowded =
            !candidate.head.starts_with(PREPARATION) && others >= 2 && candidate.purpose == Purpose::Setup;
        let fits = candidate.score >= FLOOR
            && is_near
            && !is_crowded
            && same.len() < most(candidate.purpose)
            && !same.iter().any(|other| other.head == candidate.head || other.line == candidate.line);
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
