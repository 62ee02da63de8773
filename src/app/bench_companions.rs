//! How well the files that belong to a change are told on this repository's history.

use std::time::Instant;

use schemars::JsonSchema;
use serde::Serialize;

use super::bench::{Ranking, rounded};
use super::{App, Result};
use crate::pipeline::bench::companions::{self as measure, CompanionAnswer, RANKINGS, SHOWN, Shown};

/// The figures for each way of asking.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Report {
    /// Commits that were asked about.
    pub cases: usize,
    pub k: Vec<usize>,
    /// Commits that were looked at, and those that change several source files.
    pub commits: usize,
    pub fit: usize,
    pub asked: Vec<AskedFigures>,
    pub shallow: bool,
    /// Blobs that this partial clone does not have.
    pub lacking: usize,
    pub elapsed_ms: u64,
}

/// The figures of one way of asking.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AskedFigures {
    /// `file`, `hunk` or `rest`.
    pub shown: &'static str,
    /// The same in words.
    #[serde(skip)]
    pub words: &'static str,
    pub questions: usize,
    /// The other source files of the commit, in a list of source files.
    pub sources: Vec<Ranking>,
    /// All its other files, in a list of all files.
    pub all: Vec<Ranking>,
    pub list: ListFigures,
}

/// What is worth the list that ends where the evidence does.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ListFigures {
    /// Files in it, on average.
    pub length: f64,
    /// Share of the files in all lists that belonged to their change.
    pub precision: f64,
    /// Share of the questions with an empty list.
    pub empty: f64,
}

/// Asks about past commits and measures how many of their other files are told.
pub fn bench(app: &App, cases: usize, k: &[usize]) -> Result<Report> {
    let started = Instant::now();
    let context = app.context()?;
    let mut k = k.to_vec();
    k.sort_unstable();
    k.dedup();
    let measured = measure::bench(&context, cases)?;
    let asked = SHOWN.iter().map(|shown| {
        let by_ranking = (0..RANKINGS.len()).map(|ranking| measured.figures(*shown, ranking, &k));
        let named = RANKINGS.into_iter().zip(by_ranking);
        let (sources, all) = named
            .map(|(ranking, [sources, all])| {
                let of = |figures| Ranking { ranking, figures: rounded(figures, &k) };
                (of(&sources), of(&all))
            })
            .unzip();
        let of: Vec<&CompanionAnswer> =
            measured.answers.iter().filter(|answer| answer.shown == *shown).collect();
        let (name, words) = names(*shown);
        AskedFigures { shown: name, words, questions: of.len(), sources, all, list: list(&of) }
    });
    Ok(Report {
        cases: measured.cases,
        commits: measured.commits,
        fit: measured.fit,
        asked: asked.collect(),
        shallow: measured.shallow,
        lacking: measured.lacking,
        elapsed_ms: started.elapsed().as_millis() as u64,
        k,
    })
}

fn names(shown: Shown) -> (&'static str, &'static str) {
    match shown {
        Shown::File => ("file", "one source file of the commit is shown"),
        Shown::Hunk => ("hunk", "one hunk of the commit is shown"),
        Shown::Rest => ("rest", "all of the commit but one source file is shown"),
    }
}

fn list(answers: &[&CompanionAnswer]) -> ListFigures {
    let rounded = |share: f64| (share * 1e4).round() / 1e4;
    let share = |part: usize, all: usize| rounded(part as f64 / all.max(1) as f64);
    let listed = answers.iter().map(|answer| answer.listed).sum();
    ListFigures {
        length: share(listed, answers.len()),
        precision: share(answers.iter().map(|answer| answer.right).sum(), listed),
        empty: share(answers.iter().filter(|answer| answer.listed == 0).count(), answers.len()),
    }
}
