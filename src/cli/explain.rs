//! `waypost explain`: explains the rank of a file.

use std::path::PathBuf;

use clap::Args;

use super::goal_arguments::GoalArguments;
use super::output_file::OutputFile;
use super::{CommandOutcome, Out};
use crate::app::rank::{self, Explanation};
use crate::app::{App, Result};

/// Arguments of `waypost explain`.
#[derive(Args)]
pub struct Arguments {
    /// A file of the project
    #[arg(value_name = "PATH")]
    path: PathBuf,
    #[command(flatten)]
    goal: GoalArguments,
    #[command(flatten)]
    pub output: OutputFile,
}

/// Prints what each signal adds to the rank of one file.
pub fn run(app: &App, arguments: &Arguments, out: &Out) -> Result<CommandOutcome> {
    let goal = arguments.goal.text(app)?;
    let report = rank::explain(app, &arguments.path, goal.as_deref())?;
    match out.json {
        true => out.object(&report)?,
        false => print(&report, out)?,
    }
    Ok(CommandOutcome::Done)
}

fn print(report: &Explanation, out: &Out) -> Result<()> {
    out.line(&format!("{}: place {} of {}", report.path, report.place, report.of))?;
    sentences(report).iter().try_for_each(|sentence| out.line(sentence))?;
    if out.verbose() { table(report, out) } else { Ok(()) }
}

/// Maximum number of signals shown against a file, and the least that each must
/// move.
const AGAINST: usize = 3;
const LITTLE: f64 = 0.02;

/// Prints what speaks for the file, what speaks against it, and what it lacks.
fn sentences(report: &Explanation) -> Vec<String> {
    let mut sentences = Vec::new();
    match report.reasons.is_empty() {
        true => sentences.push("Nothing of the goal speaks for it.".to_string()),
        false => {
            let reasons: Vec<&str> = report.reasons.iter().map(|reason| reason.as_str()).collect();
            sentences.push(format!("For it speaks: {}.", reasons.join("; ")));
        }
    }
    let mut against: Vec<&rank::SignalReport> = report.signals.iter().filter(|s| s.moved < -LITTLE).collect();
    against.sort_by(|a, b| a.moved.total_cmp(&b.moved).then(a.signal.cmp(b.signal)));
    let against: Vec<&str> = against.iter().take(AGAINST).map(|signal| signal.signal).collect();
    if !against.is_empty() {
        sentences.push(format!("Against it speaks how it stands in: {}.", against.join(", ")));
    }
    if !report.would_bring_up.is_empty() {
        sentences.push(format!("It would stand higher with more of: {}.", report.would_bring_up.join(", ")));
    }
    sentences
}

/// Prints every signal with its value, the best file's value, and what it
/// moved.
fn table(report: &Explanation, out: &Out) -> Result<()> {
    out.line("  moved   value    best  signal")?;
    for signal in report.signals.iter().filter(|signal| signal.moved != 0.0 || signal.value != 0.0) {
        let (moved, value, best) = (signal.moved, signal.value, signal.best);
        out.line(&format!("{moved:+7.3} {value:7.3} {best:7.3}  {}", signal.signal))?;
    }
    Ok(())
}
