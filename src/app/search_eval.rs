//! Where search is weak here: questions with known answers, from a list or made from
//! the project itself, asked and counted.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{App, Error, Result};
use crate::pipeline;
use crate::search::{self, KnownAnswer, MeasuredAnswer};

/// Where the questions come from.
#[derive(Clone, Debug)]
pub enum Questions {
    /// JSON objects, one a line: `query`, `relevant` (paths, or ids or slugs of
    /// records) and, if wanted, `kind`.
    List { text: String, file: Option<PathBuf> },
    /// Doc comments and commit subjects of the project.
    Project,
}

/// How well the questions were answered.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Report {
    pub questions: usize,
    /// Mean NDCG of the first ten answers, with its 95 % interval.
    pub ndcg: f64,
    pub low: f64,
    pub high: f64,
    /// Questions that found nothing, and those that nothing answers well.
    pub empty: usize,
    pub weak: usize,
    pub kinds: Vec<KindReport>,
    /// The worst answers, worst first.
    pub worst: Vec<WorstAnswer>,
    pub freshness: String,
}

/// The figures of one kind of question.
#[derive(Debug, Serialize, JsonSchema)]
pub struct KindReport {
    pub kind: String,
    pub questions: usize,
    pub ndcg: f64,
    pub empty: usize,
    pub weak: usize,
}

/// A question whose answer is not among the first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WorstAnswer {
    pub query: String,
    pub ndcg: f64,
    pub relevant: Vec<String>,
    pub found: Vec<String>,
}

/// Worst answers that are told, and what each of them tells of what it found.
const WORST: usize = 10;
const FOUND: usize = 3;

/// Below it an answer is one of the worst.
const BAD: f64 = 0.5;

#[derive(Deserialize)]
struct Line {
    query: String,
    relevant: Vec<String>,
    #[serde(default)]
    kind: Option<String>,
}

/// Asks the questions of the index as it is now.
pub fn evaluate(app: &App, questions: &Questions) -> Result<Report> {
    let context = app.context()?;
    let mut record_store = app.book_to_ask(&context)?;
    let lag = search::refresh(&context, record_store.store_mut(), None)?;
    let store = record_store.store();
    let known = match questions {
        Questions::List { text, .. } => listed(&context, text)?,
        Questions::Project => {
            let head = pipeline::read(&context, Some(store))?.head;
            let history = pipeline::history(&context, Some(store), &head);
            search::from_project(store, &history.commits)?
        }
    };
    if known.is_empty() {
        return Err(Error::new("there is no question to ask")
            .with_hint("a list has one JSON object a line: {\"query\": ..., \"relevant\": [\"path\"]}"));
    }
    let list = match questions {
        Questions::List { file: Some(file), .. } => app.project_path(&context, file).ok(),
        _ => None,
    };
    let mut answers = Vec::with_capacity(known.len());
    for one in &known {
        answers.push(search::measured(store, one, list.as_ref())?);
    }
    let freshness = if lag.behind == Some(0) { "fresh" } else { "stale" }.to_string();
    Ok(report(&known, &answers, freshness))
}

fn listed(context: &pipeline::Context, text: &str) -> Result<Vec<KnownAnswer>> {
    let mut known = Vec::new();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let line: Line = serde_json::from_str(line).map_err(|error| {
            Error::new(format!("line {} is no question with its answers: {error}", at + 1))
        })?;
        let question = context.redactor.text(&line.query).to_string();
        let kind = line.kind.unwrap_or_else(|| "all".to_string());
        known.push(KnownAnswer { question, relevant: line.relevant, kind, left_out: None });
    }
    Ok(known)
}

fn report(known: &[KnownAnswer], answers: &[MeasuredAnswer], freshness: String) -> Report {
    let values: Vec<f64> = answers.iter().map(|answer| answer.ndcg).collect();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let spread = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64;
    let margin = 1.96 * (spread / values.len() as f64).sqrt();
    let kinds = search::by_kind(known.iter().zip(answers)).into_iter();
    let kinds: Vec<KindReport> = kinds
        .map(|(kind, [questions, ndcg, empty, weak])| KindReport {
            kind,
            questions: questions as usize,
            ndcg: rounded(ndcg),
            empty: empty as usize,
            weak: weak as usize,
        })
        .collect();
    Report {
        questions: known.len(),
        ndcg: rounded(mean),
        low: rounded((mean - margin).max(0.0)),
        high: rounded((mean + margin).min(1.0)),
        empty: kinds.iter().map(|kind| kind.empty).sum(),
        weak: kinds.iter().map(|kind| kind.weak).sum(),
        kinds,
        worst: worst(known, answers),
        freshness,
    }
}

fn worst(known: &[KnownAnswer], answers: &[MeasuredAnswer]) -> Vec<WorstAnswer> {
    let mut bad: Vec<(&KnownAnswer, &MeasuredAnswer)> =
        known.iter().zip(answers).filter(|(_, answer)| answer.ndcg < BAD).collect();
    bad.sort_by(|a, b| a.1.ndcg.total_cmp(&b.1.ndcg));
    let told = bad.into_iter().take(WORST).map(|(known, answer)| WorstAnswer {
        query: known.question.clone(),
        ndcg: rounded(answer.ndcg),
        relevant: known.relevant.clone(),
        found: answer.found.iter().take(FOUND).cloned().collect(),
    });
    told.collect()
}

fn rounded(number: f64) -> f64 {
    (number * 1e3).round() / 1e3
}
