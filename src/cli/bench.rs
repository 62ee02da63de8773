//! `waypost bench`: how good the ranking is on this repository's history.

use clap::Args;

use super::out::count;
use super::{CommandOutcome, Out};
use crate::app::bench::{self, FiguresReport, IntervalReport, Ranking, Report, Request};
use crate::app::bench_companions;
use crate::app::{App, Result};

/// Arguments of `waypost bench`.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// How many commits to rank, evenly spread over those that fit
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u16).range(5..=2_000))]
    cases: u16,
    /// How many of the first files are looked at
    #[arg(long, value_name = "K,...", value_delimiter = ',', default_value = "1,3,5,10", value_parser = clap::value_parser!(u16).range(1..))]
    k: Vec<u16>,
    /// Measure the files that belong to a change instead: of each commit a part is shown
    #[arg(long)]
    companions: bool,
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

/// Measures the ranking and prints the figures; warns where blobs are missing or cases are few.
pub fn run(app: &App, arguments: &Arguments, out: &Out) -> Result<CommandOutcome> {
    let k: Vec<usize> = arguments.k.iter().copied().map(usize::from).collect();
    if arguments.companions {
        return companions(&bench_companions::bench(app, usize::from(arguments.cases), &k)?, out);
    }
    let report = bench::bench(app, &Request { cases: usize::from(arguments.cases), k })?;
    if report.history.lacking > 0 {
        out.warning(&format!(
            "{} missing in this partial clone: the figures are not those of the whole",
            count(report.history.lacking, "blob")
        ));
    }
    if report.cases < FEW {
        out.warning(&format!("{} only: the intervals are wide", count(report.cases, "case")));
    }
    match out.json {
        true => out.object(&report)?,
        false => print(&report, out)?,
    }
    Ok(CommandOutcome::Done)
}

fn print(report: &Report, out: &Out) -> Result<()> {
    out.line(&format!(
        "{} of {} that fit, of {} commits; {} files in a state, {} of them source",
        count(report.cases, "case"),
        report.history.fit,
        report.history.commits,
        report.files,
        report.sources
    ))?;
    out.said("left out:")?;
    for (reason, count) in &report.history.left_out_words {
        out.said(&format!("{count:>6} {reason}"))?;
    }
    each(report, out);
    let accuracy = |figures: &FiguresReport| {
        let acc = figures.acc.iter().map(|(_, interval)| *interval);
        acc.chain([figures.mrr]).collect()
    };
    let names = report.k.iter().map(|k| format!("acc@{k}")).chain(["MRR".to_string()]);
    block(out, report, &names.collect::<Vec<_>>(), &accuracy)?;
    let names: Vec<String> = report.k.iter().map(|k| format!("recall@{k}")).collect();
    let recall = |figures: &FiguresReport| figures.recall.iter().map(|(_, interval)| *interval).collect();
    block(out, report, &names, &recall)?;
    let best = report.difference.against;
    out.said("")?;
    out.said(&format!(
        "[..] is the 95 % interval; ahead: waypost less {best}, the best baseline, case by case"
    ))?;
    Ok(())
}

/// Prints a header, a line for each ranking, and the difference, all in
/// percent.
fn block(
    out: &Out,
    report: &Report,
    names: &[String],
    columns: &dyn Fn(&FiguresReport) -> Vec<IntervalReport>,
) -> Result<()> {
    let line = |name: &str, cells: Vec<String>| {
        let cells: String = cells.iter().map(|cell| format!(" {cell:>13}")).collect();
        format!("{name:<8}{cells}")
    };
    out.line("")?;
    out.line(&line("percent", names.to_vec()))?;
    for ranking in &report.rankings {
        let cells = columns(&ranking.figures).iter().map(|figure| cell(figure, false)).collect();
        out.line(&line(ranking.ranking, cells))?;
    }
    let cells = columns(&report.difference.figures).iter().map(|figure| cell(figure, true)).collect();
    Ok(out.line(&line("ahead", cells))?)
}

fn cell(figure: &IntervalReport, is_difference: bool) -> String {
    let percent = |share: f64| (100.0 * share).round() as i64;
    let [mean, low, high] = [figure.mean, figure.low, figure.high].map(percent);
    if is_difference { format!("{mean:+} [{low}..{high}]") } else { format!("{mean} [{low}-{high}]") }
}

fn each(report: &Report, out: &Out) {
    for case in &report.each {
        out.detail(&format!("{:.10} {}", case.commit, case.goal.lines().next().unwrap_or_default()));
        let ours = case.places.iter().take(1).flat_map(|(_, places)| places);
        for (answer, place) in case.answers.iter().zip(ours) {
            let place = place.map_or("-".to_string(), |place| place.to_string());
            out.detail(&format!("{place:>10} {answer}"));
        }
    }
}

fn companions(report: &bench_companions::Report, out: &Out) -> Result<CommandOutcome> {
    if report.lacking > 0 {
        out.warning(&format!("{} missing in this partial clone", count(report.lacking, "blob")));
    }
    if out.json {
        out.object(report)?;
        return Ok(CommandOutcome::Done);
    }
    let cases = count(report.cases, "commit");
    out.line(&format!("{cases} of {} that change several source files, of {}", report.fit, report.commits))?;
    for asked in &report.asked {
        out.line("")?;
        out.line(&format!("{} ({})", asked.words, count(asked.questions, "question")))?;
        recalls(out, "others, source files", &report.k, &asked.sources)?;
        recalls(out, "others, all files", &report.k, &asked.all)?;
        let list = &asked.list;
        out.line(&format!(
            "  the list that ends by itself: {:.1} files, {:.0} % of them right; empty in {:.0} %",
            list.length,
            100.0 * list.precision,
            100.0 * list.empty
        ))?;
    }
    Ok(CommandOutcome::Done)
}

fn recalls(out: &Out, what: &str, k: &[usize], rankings: &[Ranking]) -> Result<()> {
    let heads: String = k.iter().map(|k| format!(" {:>13}", format!("recall@{k}"))).collect();
    out.line(&format!("  {what:<22}{heads}"))?;
    for ranking in rankings {
        let cells: String = ranking
            .figures
            .recall
            .iter()
            .map(|(_, recall)| format!(" {:>13}", cell(recall, false)))
            .collect();
        out.line(&format!("  {:<22}{cells}", ranking.ranking))?;
    }
    Ok(())
}
