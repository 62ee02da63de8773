//! `waypost explain`: why a file stands where it stands in the ranking.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use serde_json::{Value, json};

use super::rank::GoalArguments;
use super::{Global, Out, Outcome, open, outline};
use crate::memory::{Memory, Record};
use crate::pipeline::{self, Explained, Place};

#[derive(Args)]
pub struct Arguments {
    /// A file of the project
    #[arg(value_name = "PATH")]
    path: PathBuf,
    #[command(flatten)]
    goal: GoalArguments,
}

/// Signals that could still move the file up, at most.
const MISSING: usize = 5;

pub fn run(global: &Global, arguments: &Arguments, out: &Out) -> anyhow::Result<Outcome> {
    let context = open::context(global, out)?;
    let store = open::store(&context)?;
    let path = outline::project_path(&context, &arguments.path)?;
    let reading = pipeline::read(&context, store.as_ref())?;
    let memory = Memory::load(&context.project.memory(), &context.redactor)?;
    let (_, history) = pipeline::history(&context, store.as_ref());
    let given = arguments.goal.text()?.map(|goal| context.redactor.text(goal.trim()));
    let goal = given.or_else(|| memory.goal().map(Record::text).cloned()).filter(|goal| !goal.is_empty());
    let goal = goal.context("a place is explained for a goal\nhint: give one with --goal")?;
    reading.load();
    let Place { place, of, signals } = pipeline::explain(&reading.tree, &history, &goal, &memory, &path)
        .with_context(|| format!("`{path}` is not among the project's files"))?;
    let missing = missing(&signals);
    if out.json {
        let row = |signal: &Explained| json!({ "signal": signal.signal, "value": signal.value, "best": signal.best, "moved": signal.moved });
        let rows: Vec<Value> = signals.iter().map(row).collect();
        let up: Vec<&str> = missing.iter().map(|signal| signal.signal).collect();
        out.object(&json!({
            "path": path, "goal": goal, "place": place, "of": of, "signals": rows, "would_bring_up": up,
        }))?;
        return Ok(Outcome::Done);
    }
    out.line(&format!("{path}: place {place} of {of}"))?;
    out.line("  moved   value    best  signal")?;
    for signal in signals.iter().filter(|signal| signal.moved != 0.0 || signal.value != 0.0) {
        out.line(&format!(
            "{:+7.3} {:7.3} {:7.3}  {}",
            signal.moved, signal.value, signal.best, signal.signal
        ))?;
    }
    for signal in missing {
        out.line(&format!(
            "would bring it up: {} (now {:.3}, the best file has {:.3})",
            signal.signal, signal.value, signal.best
        ))?;
    }
    Ok(Outcome::Done)
}

/// Signals in which the file is far behind the best one.
fn missing(signals: &[Explained]) -> Vec<&Explained> {
    let mut behind: Vec<&Explained> = signals
        .iter()
        .filter(|signal| signal.moved <= 0.0 && signal.best > 0.0 && signal.value < 0.5 * signal.best)
        .collect();
    behind.sort_by(|a, b| a.moved.total_cmp(&b.moved).then(a.signal.cmp(b.signal)));
    behind.truncate(MISSING);
    behind
}
