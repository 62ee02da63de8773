//! `waypost bench`: how good the ranking is on this repository's history.

use std::time::Instant;

use clap::Args;
use serde_json::{Map, Value, json};

use super::out::count;
use super::{Global, Out, Outcome, open};
use crate::pipeline::bench::score::{Figures, Interval};
use crate::pipeline::bench::{self, RANKINGS, Report};

#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// How many commits to rank, evenly spread over those that fit
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u16).range(5..=2_000))]
    cases: u16,
    /// How many of the first files are looked at
    #[arg(long, value_name = "K,...", value_delimiter = ',', default_value = "1,3,5,10", value_parser = clap::value_parser!(u16).range(1..))]
    k: Vec<u16>,
}

const AFTER_HELP: &str = "\
A case is a commit of the last 2500: its message is the goal, its parent the state, and the source
files that it changed are to be found. The state is ranked as `waypost rank` would on a checkout,
with the history up to there and nothing later. Nothing is written. Left out: merges, bots, reverts,
releases, formatting and typos, messages that name a file sought or say too little, commits that
change no source file of the parent, more than 5 of them, or more than 20 files.

  acc@k     every file sought is among the first k
  recall@k  the share of the files sought among the first k
  MRR       one over the place of the best placed file sought
  [..]      95 % interval, by resampling the cases
  bm25      by the words of text and path; recency: last touched first; imported: by most files.
            They rank source files only, which flatters them.

-v lists the cases. JSON: cases, k, rankings (ranking, acc, recall, mrr, each with mean, low, high;
acc and recall by k), difference (as rankings, with against: waypost less the best baseline),
history (commits, fit, left_out by reason, shallow, lacking), files, sources (medians of a state),
each (commit, parent, goal, answers, places by ranking), elapsed_ms.";

/// Cases below which the intervals are a warning by themselves.
const FEW: usize = 30;

pub fn run(global: &Global, arguments: &Arguments, out: &Out) -> anyhow::Result<Outcome> {
    let started = Instant::now();
    let context = open::context(global, out)?;
    let mut ks: Vec<usize> = arguments.k.iter().copied().map(usize::from).collect();
    ks.sort_unstable();
    ks.dedup();
    let report = bench::bench(&context, usize::from(arguments.cases), &ks)?;
    if report.lacking > 0 {
        out.warning(&format!(
            "{} missing in this partial clone: the figures are not those of the whole",
            count(report.lacking, "blob")
        ));
    }
    if report.cases.len() < FEW {
        out.warning(&format!("{} only: the intervals are wide", count(report.cases.len(), "case")));
    }
    match out.json {
        true => out.object(&object(&report, &ks, started))?,
        false => table(out, &report, &ks)?,
    }
    Ok(Outcome::Done)
}

fn table(out: &Out, report: &Report, ks: &[usize]) -> anyhow::Result<()> {
    out.line(&format!(
        "{} of {} that fit, of {} commits; {} files in a state, {} of them source",
        count(report.cases.len(), "case"),
        report.fit,
        report.commits,
        report.files,
        report.sources
    ))?;
    out.said("left out:")?;
    for (reason, count) in &report.left_out {
        out.said(&format!("{count:>6} {}", reason.names().1))?;
    }
    each(out, report);
    let accuracy =
        |figures: &Figures| -> Vec<Interval> { figures.acc.iter().copied().chain([figures.mrr]).collect() };
    let names = ks.iter().map(|k| format!("acc@{k}")).chain(["MRR".to_string()]);
    block(out, report, &names.collect::<Vec<_>>(), &accuracy)?;
    let names: Vec<String> = ks.iter().map(|k| format!("recall@{k}")).collect();
    block(out, report, &names, &|figures| figures.recall.clone())?;
    let best = RANKINGS[report.best_baseline];
    out.said("")?;
    out.said(&format!(
        "[..] is the 95 % interval; ahead: waypost less {best}, the best baseline, case by case"
    ))?;
    Ok(())
}

/// A head, a line for each ranking, and the difference; in percent.
fn block(
    out: &Out,
    report: &Report,
    names: &[String],
    columns: &dyn Fn(&Figures) -> Vec<Interval>,
) -> anyhow::Result<()> {
    let line = |name: &str, cells: Vec<String>| {
        let cells: String = cells.iter().map(|cell| format!(" {cell:>13}")).collect();
        format!("{name:<8}{cells}")
    };
    out.line("")?;
    out.line(&line("percent", names.to_vec()))?;
    for (name, figures) in RANKINGS.iter().zip(&report.figures) {
        out.line(&line(name, columns(figures).iter().map(|figure| cell(figure, false)).collect()))?;
    }
    let cells = columns(&report.difference).iter().map(|figure| cell(figure, true)).collect();
    Ok(out.line(&line("ahead", cells))?)
}

fn cell(figure: &Interval, is_difference: bool) -> String {
    let percent = |share: f64| (100.0 * share).round() as i64;
    let [mean, low, high] = [figure.mean, figure.low, figure.high].map(percent);
    if is_difference { format!("{mean:+} [{low}..{high}]") } else { format!("{mean} [{low}-{high}]") }
}

fn each(out: &Out, report: &Report) {
    for case in &report.cases {
        out.detail(&format!("{:.10} {}", case.commit, case.goal.lines().next().unwrap_or_default()));
        for (answer, place) in case.answers.iter().zip(&case.places[0]) {
            let place = place.map_or("-".to_string(), |place| place.to_string());
            out.detail(&format!("{place:>10} {answer}"));
        }
    }
}

fn object(report: &Report, ks: &[usize], started: Instant) -> Value {
    let rankings: Vec<Value> = RANKINGS
        .iter()
        .zip(&report.figures)
        .map(|(name, figures)| row("ranking", name, figures, ks))
        .collect();
    let left_out: Map<String, Value> =
        report.left_out.iter().map(|(reason, count)| (reason.names().0.to_string(), json!(count))).collect();
    let each = report.cases.iter().map(|case| {
        let places: Map<String, Value> = RANKINGS
            .iter()
            .zip(&case.places)
            .map(|(name, places)| (name.to_string(), json!(places)))
            .collect();
        json!({
            "commit": case.commit, "parent": case.parent, "goal": case.goal,
            "answers": case.answers, "places": places,
        })
    });
    json!({
        "cases": report.cases.len(),
        "k": ks,
        "rankings": rankings,
        "difference": row("against", RANKINGS[report.best_baseline], &report.difference, ks),
        "history": {
            "commits": report.commits, "fit": report.fit, "left_out": left_out,
            "shallow": report.shallow, "lacking": report.lacking,
        },
        "files": report.files,
        "sources": report.sources,
        "each": each.collect::<Vec<Value>>(),
        "elapsed_ms": started.elapsed().as_millis() as u64,
    })
}

fn row(key: &str, name: &str, figures: &Figures, ks: &[usize]) -> Value {
    let rounded = |share: f64| (share * 1e4).round() / 1e4;
    let interval = |figure: &Interval| json!({ "mean": rounded(figure.mean), "low": rounded(figure.low), "high": rounded(figure.high) });
    let by_k = |figures: &[Interval]| -> Map<String, Value> {
        ks.iter().zip(figures).map(|(k, figure)| (k.to_string(), interval(figure))).collect()
    };
    json!({
        key: name, "acc": by_k(&figures.acc), "recall": by_k(&figures.recall), "mrr": interval(&figures.mrr),
    })
}
