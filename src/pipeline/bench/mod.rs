//! How good the ranking is on a repository's own history: each case is a
//! commit whose message is the goal, whose parent is the state, and whose
//! changed source files are to be found. Nothing is written anywhere.
//!
//! Not here: which commits are cases (`mine`), and what the figures mean
//! (`score`).

pub mod companions;
pub mod mine;
pub mod score;

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::past::PastTrees;
use super::{Context, PipelineError, Result};
use crate::model::{Class, RelPath, SafeText, Tree};
use crate::rank::{self, baseline};
use crate::{git, limits, walk};
use mine::{Case, LeftOut, Mined};
use score::{Figures, RankingPlaces};

/// The rankings that are compared, ours first.
pub const RANKINGS: [&str; 4] = ["waypost", "bm25", "recency", "imported"];

/// Cases, at least: fewer tell nothing.
pub const LEAST: usize = 5;

const SHALLOW: &str = "the clone holds only a part of the history: `git fetch --unshallow` gets the rest";
const LACKING: &str = "a partial clone lacks the old contents: run it in a full one";
const SHORT: &str = "the history is too short, or its messages name the files that they change";

/// Cases whose states are held at once. Neighbours share nearly all contents,
/// so a group costs little more memory than one state.
const GROUP: usize = 8;

/// A finished measurement.
pub struct Report {
    /// Commits of the log that were looked at, merges among them.
    pub commits: usize,
    /// Commits that make a case.
    pub fit: usize,
    /// Why the others do not, in the order of the rules.
    pub left_out: Vec<(LeftOut, usize)>,
    /// Those that were ranked, newest first.
    pub cases: Vec<ScoredCase>,
    /// In the order of [`RANKINGS`].
    pub figures: Vec<Figures>,
    /// Index in [`RANKINGS`] of the baseline with the best reciprocal rank.
    pub best_baseline: usize,
    /// Our figures minus the best baseline's.
    pub difference: Figures,
    /// Files and source files in a state: the median over cases.
    pub files: usize,
    pub sources: usize,
    /// Blobs that the clone lacks.
    pub lacking: usize,
    pub shallow: bool,
}

/// A case with the places that each of [`RANKINGS`] gives its answers.
pub struct ScoredCase {
    pub commit: String,
    pub parent: String,
    pub goal: SafeText,
    pub answers: Vec<RelPath>,
    pub places: [RankingPlaces; RANKINGS.len()],
    files: usize,
    sources: usize,
}

/// Ranks up to `wanted` cases and scores them at each of `ks`.
pub fn bench(context: &Context, wanted: usize, ks: &[usize]) -> Result<Report> {
    let Some(repository) = &context.repository else {
        return Err(PipelineError::NoRepository { root: context.project.root.display().to_string() });
    };
    let log = repository.objects().log("HEAD", limits::MAX_COMMITS, true)?;
    let Mined { cases, mut left_out } = mine::cases(&log);
    let fit = cases.len();
    let chosen = mine::spread(cases, wanted);
    let hint = if repository.shallow { SHALLOW } else { SHORT };
    if chosen.len() < LEAST {
        return Err(too_few(chosen.len(), log.len(), &left_out, hint));
    }
    let mut past = past(context, repository);
    let ranked = rank_all(context, &mut past, &chosen)?;
    if ranked.len() < chosen.len() {
        *left_out.entry(LeftOut::NoSource).or_default() += chosen.len() - ranked.len();
    }
    if ranked.len() < LEAST {
        let hint = if past.lacking > 0 { LACKING } else { hint };
        return Err(too_few(ranked.len(), log.len(), &left_out, hint));
    }
    let of = |ranking: usize| ranked.iter().map(|case| &case.places[ranking]).collect::<Vec<_>>();
    let figures: Vec<Figures> = (0..RANKINGS.len()).map(|ranking| score::figures(&of(ranking), ks)).collect();
    let best_baseline = (2..RANKINGS.len())
        .fold(1, |best, next| if figures[next].mrr.mean > figures[best].mrr.mean { next } else { best });
    Ok(Report {
        commits: log.len(),
        fit,
        left_out: left_out.into_iter().collect(),
        difference: score::difference(&of(0), &of(best_baseline), ks),
        figures,
        best_baseline,
        files: median(ranked.iter().map(|case| case.files)),
        sources: median(ranked.iter().map(|case| case.sources)),
        cases: ranked,
        lacking: past.lacking,
        shallow: repository.shallow,
    })
}

/// By today's settings; a checkout might bring its own.
fn past<'a>(context: &'a Context, repository: &git::Repository) -> PastTrees<'a> {
    let of_git = walk::TrackedFiles { ignore_case: repository.ignore_case, ..walk::TrackedFiles::default() };
    let rules = walk::WalkRules {
        include: context.settings.include().to_vec(),
        exclude: context.settings.exclude().to_vec(),
        repository: Some(of_git),
    };
    let max_file_size = context.settings.max_file_size();
    let (redactor, parsers) = (&context.redactor, &context.parsers);
    PastTrees::new(repository.objects(), redactor, parsers, rules, max_file_size, repository.shallow)
}

/// Leaves out cases whose answers turn out to be no source by their content.
fn rank_all(context: &Context, past: &mut PastTrees, cases: &[Case]) -> Result<Vec<ScoredCase>> {
    let progress = &*context.progress;
    let mut ranked = Vec::with_capacity(cases.len());
    for (group, some) in cases.chunks(GROUP).enumerate() {
        let parents: Vec<&str> = some.iter().map(|case| case.parent.as_str()).collect();
        // The first group reads a whole tree, the others what differs.
        if group == 0 {
            past.load(&parents, &|files| progress.begin("reading", files), &|| progress.step())?;
            progress.end();
            progress.begin("ranking", cases.len());
        } else {
            past.load(&parents, &|_| {}, &|| {})?;
        }
        past.keep_only(&parents);
        let past = &*past;
        let judged: Vec<_> = some.par_iter().map(|case| ranked_case(context, past, case)).collect();
        ranked.extend(judged.into_iter().flatten());
    }
    progress.end();
    Ok(ranked)
}

fn ranked_case(context: &Context, past: &PastTrees, case: &Case) -> Option<ScoredCase> {
    let (tree, history) = (past.tree(&case.parent), past.history(&case.parent));
    let is_source = |file: &u32| tree.files[*file as usize].facts.class == Class::Source;
    let answers: Vec<u32> =
        case.answers.iter().filter_map(|path| tree.index_of(path)).filter(is_source).collect();
    let goal = context.redactor.text(case.goal.trim());
    let ours: Vec<u32> = rank::for_goal(&tree, &history, &goal, rank::Hints::default())
        .into_iter()
        .map(|ranked| ranked.file)
        .collect();
    let rankings =
        [ours, baseline::bm25(&tree, &goal), baseline::recency(&tree, &history), baseline::imported(&tree)];
    context.progress.step();
    (!answers.is_empty()).then(|| ScoredCase {
        commit: case.commit.clone(),
        parent: case.parent.clone(),
        places: rankings.map(|ranking| places(&answers, &ranking)),
        answers: answers.iter().map(|file| tree.files[*file as usize].facts.path.clone()).collect(),
        files: tree.files.len(),
        sources: sources(&tree),
        goal,
    })
}

fn places(answers: &[u32], ranking: &[u32]) -> RankingPlaces {
    let place = |answer: &u32| ranking.iter().position(|file| file == answer).map(|at| at as u32 + 1);
    answers.iter().map(place).collect()
}

fn sources(tree: &Tree) -> usize {
    tree.files.iter().filter(|file| file.facts.class == Class::Source).count()
}

fn median(numbers: impl Iterator<Item = usize>) -> usize {
    let mut numbers: Vec<usize> = numbers.collect();
    numbers.sort_unstable();
    numbers.get(numbers.len() / 2).copied().unwrap_or(0)
}

fn too_few(
    found: usize,
    read: usize,
    left_out: &BTreeMap<LeftOut, usize>,
    hint: &'static str,
) -> PipelineError {
    let reasons: Vec<String> =
        left_out.iter().map(|(reason, count)| format!("{count} {}", reason.names().1)).collect();
    let why = if reasons.is_empty() { String::new() } else { format!("; left out: {}", reasons.join("; ")) };
    PipelineError::FewCases { found, read, why, hint }
}
