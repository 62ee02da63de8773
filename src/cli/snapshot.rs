//! `waypost snapshot`: read, rank, record, render.

use std::path::PathBuf;

use clap::Args;

use super::goal_arguments::given;
use super::out::count;
use super::path_arguments::GlobArguments;
use super::{CommandOutcome, Out, unreadable};
use crate::app::snapshot::{self, Report, Request};
use crate::app::{App, Result};

/// Arguments of `waypost snapshot`.
#[derive(Args)]
pub struct Arguments {
    /// What the next session is about; remembered until changed, "" to end it
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    goal: Option<String>,
    /// Read it from a file, `-` for standard input
    #[arg(long, value_name = "PATH", conflicts_with = "goal")]
    goal_file: Option<PathBuf>,
    /// Record the snapshot only, leave the handoff files as they are
    #[arg(long)]
    no_handoff: bool,
    /// Write only what is never committed, as the hooks of git do
    #[arg(long, conflicts_with_all = ["goal", "goal_file"])]
    local: bool,
    /// Tell where the time went, stage by stage
    #[arg(long)]
    timings: bool,
    #[command(flatten)]
    globs: GlobArguments,
}

/// The next command knows nothing of the flags.
const NARROWED: &str =
    "these globs count for this snapshot alone, so `waypost handoff --check` will call the handoff stale
hint: `waypost config set include` or `exclude` keeps them";

/// Takes a snapshot and prints its summary.
pub fn run(app: &App, arguments: &Arguments, out: &Out) -> Result<CommandOutcome> {
    let request = Request {
        goal: given(app, arguments.goal.as_deref(), arguments.goal_file.as_deref())?,
        no_handoff: arguments.no_handoff,
        local: arguments.local,
        timings: arguments.timings,
        include: arguments.globs.include.clone(),
        exclude: arguments.globs.exclude.clone(),
    };
    let report = snapshot::snapshot(app, &request)?;
    match out.json {
        true => out.object(&report)?,
        false => print(&report, out)?,
    }
    let is_narrowed = !request.include.is_empty() || !request.exclude.is_empty();
    if is_narrowed && report.handoff.is_some() {
        out.note(NARROWED);
    }
    Ok(CommandOutcome::Done)
}

fn print(report: &Report, out: &Out) -> Result<()> {
    let (files, symbols) = (count(report.files as usize, "file"), count(report.symbols as usize, "symbol"));
    out.said(&format!("snapshot {}: {files}, {symbols}, {} ms", report.snapshot.id, report.elapsed_ms))?;
    let changes = &report.changes;
    let (added, modified, removed) = (changes.added.len(), changes.modified.len(), changes.removed.len());
    // Beside the first snapshot of a work tree everything is new.
    let is_first = added as u64 == report.files && added == changes.count();
    if changes.count() > 0 && !is_first {
        let renamed = match changes.renamed.len() {
            0 => String::new(),
            renamed => format!(", {renamed} renamed"),
        };
        out.said(&format!(
            "changed since the last one: {added} added, {modified} modified, {removed} removed{renamed}"
        ))?;
    }
    if !report.skipped.is_empty() {
        let files = count(report.skipped.len(), "file");
        out.note(&format!("{files} listed, not read (`waypost show-snapshot` says why)"));
    }
    for skipped in &report.skipped {
        out.detail(&format!("  {}: {}", skipped.path, skipped.reason));
    }
    unreadable(&report.memory.unreadable, out);
    for stale in &report.memory.stale {
        let (state, place, found) = (stale.state, &stale.anchor, &stale.found_words);
        out.said(&format!("{state}: {place}{found}, of record {}: {}", stale.id, stale.title))?;
    }
    if let Some(handoff) = &report.handoff {
        let state = if handoff.written { "written" } else { "already right" };
        out.said(&format!("handoff {state}: {} ({} tokens)", handoff.markdown, handoff.tokens))?;
    }
    if report.snapshot.goal.is_none() {
        out.note("no goal is set: `waypost snapshot --goal \"...\"` puts the files for it first");
    }
    for (stage, took) in report.timings.iter().flatten() {
        out.line(&format!("{stage:<8} {took:>9.1} ms"))?;
    }
    Ok(())
}
