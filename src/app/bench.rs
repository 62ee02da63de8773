//! How good the ranking is on this repository's history.

use std::collections::BTreeMap;
use std::time::Instant;

use schemars::JsonSchema;
use serde::Serialize;

use super::{App, Result, json};
use crate::model::{RelPath, SafeText};
use crate::pipeline::bench::score::{Figures as Scores, Interval as Score};
use crate::pipeline::bench::{self as measure, RANKINGS, Report as Measured, ScoredCase};

/// Which commits are ranked, and at which cut-offs the ranking is measured.
#[derive(Clone, Debug)]
pub struct Request {
    /// Commits to rank, at most.
    pub cases: usize,
    /// The cut-offs: how many of the first files count as found.
    pub k: Vec<usize>,
}

/// The figures over all cases, and each case by itself.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Report {
    pub cases: usize,
    pub k: Vec<usize>,
    pub rankings: Vec<Ranking>,
    /// Our figures minus those of the best baseline.
    pub difference: FigureDifference,
    pub history: BenchHistory,
    /// Files in one state of the tree, and the source files among them: medians
    /// over all cases.
    pub files: usize,
    pub sources: usize,
    pub each: Vec<CaseReport>,
    pub elapsed_ms: u64,
}

/// The figures of one ranking: ours or a baseline.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Ranking {
    pub ranking: &'static str,
    #[serde(flatten)]
    pub figures: FiguresReport,
}

/// Our figures less those of the best baseline, which `against` names.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FigureDifference {
    pub against: &'static str,
    #[serde(flatten)]
    pub figures: FiguresReport,
}

/// By `k`, except `mrr`, which has no cut-off.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FiguresReport {
    #[serde(serialize_with = "json::map")]
    #[schemars(with = "BTreeMap<String, IntervalReport>")]
    pub acc: Vec<(String, IntervalReport)>,
    #[serde(serialize_with = "json::map")]
    #[schemars(with = "BTreeMap<String, IntervalReport>")]
    pub recall: Vec<(String, IntervalReport)>,
    pub mrr: IntervalReport,
}

/// A share with its 95 % interval.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct IntervalReport {
    pub mean: f64,
    pub low: f64,
    pub high: f64,
}

/// How much of the history makes cases, and why the rest does not.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BenchHistory {
    pub commits: usize,
    /// Commits that qualify as a case.
    pub fit: usize,
    #[serde(serialize_with = "json::map")]
    #[schemars(with = "BTreeMap<String, usize>")]
    pub left_out: Vec<(&'static str, usize)>,
    pub shallow: bool,
    /// Blobs that this partial clone does not have.
    pub lacking: usize,
    /// Why commits were left out, in words.
    #[serde(skip)]
    pub left_out_words: Vec<(&'static str, usize)>,
}

/// One commit of the history, ranked as its parent was: the goal is its message, the answers its
/// files.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CaseReport {
    pub commit: String,
    pub parent: String,
    pub goal: SafeText,
    pub answers: Vec<RelPath>,
    /// The place of each answer in each ranking; `None` where the ranking does
    /// not list it.
    #[serde(serialize_with = "json::map")]
    #[schemars(with = "BTreeMap<String, Vec<Option<u32>>>")]
    pub places: Vec<(&'static str, Vec<Option<u32>>)>,
}

/// Ranks the parents of past commits by their messages and measures how high the changed files
/// stand.
pub fn bench(app: &App, request: &Request) -> Result<Report> {
    let started = Instant::now();
    let context = app.context()?;
    let mut ks = request.k.clone();
    ks.sort_unstable();
    ks.dedup();
    let measured = measure::bench(&context, request.cases, &ks)?;
    Ok(report(measured, ks, started))
}

fn report(measured: Measured, k: Vec<usize>, started: Instant) -> Report {
    let rankings = RANKINGS.iter().zip(&measured.figures);
    let rankings =
        rankings.map(|(ranking, figures)| Ranking { ranking, figures: rounded(figures, &k) }).collect();
    let against = RANKINGS[measured.best_baseline];
    let left_out = || measured.left_out.iter().map(|(reason, count)| (reason.names(), *count));
    Report {
        cases: measured.cases.len(),
        rankings,
        difference: FigureDifference { against, figures: rounded(&measured.difference, &k) },
        history: BenchHistory {
            commits: measured.commits,
            fit: measured.fit,
            left_out: left_out().map(|((key, _), count)| (key, count)).collect(),
            shallow: measured.shallow,
            lacking: measured.lacking,
            left_out_words: left_out().map(|((_, words), count)| (words, count)).collect(),
        },
        files: measured.files,
        sources: measured.sources,
        each: measured.cases.into_iter().map(case).collect(),
        elapsed_ms: started.elapsed().as_millis() as u64,
        k,
    }
}

fn case(ranked: ScoredCase) -> CaseReport {
    let ScoredCase { commit, parent, goal, answers, places, .. } = ranked;
    CaseReport { commit, parent, goal, answers, places: RANKINGS.into_iter().zip(places).collect() }
}

pub(super) fn rounded(figures: &Scores, ks: &[usize]) -> FiguresReport {
    let rounded = |share: f64| (share * 1e4).round() / 1e4;
    let interval = |score: &Score| IntervalReport {
        mean: rounded(score.mean),
        low: rounded(score.low),
        high: rounded(score.high),
    };
    let by_k = |scores: &[Score]| ks.iter().zip(scores).map(|(k, s)| (k.to_string(), interval(s))).collect();
    FiguresReport { acc: by_k(&figures.acc), recall: by_k(&figures.recall), mrr: interval(&figures.mrr) }
}
