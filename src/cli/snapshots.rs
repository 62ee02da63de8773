//! `waypost snapshots`, `show-snapshot` and `prune`.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use clap::Args;

use super::out::count;
use super::{CommandOutcome, Out};
use crate::app::snapshots::{self, Report, SnapshotHead, SnapshotRow};
use crate::app::{App, Result};

/// Arguments of `waypost show-snapshot`.
#[derive(Args)]
pub struct ShowArguments {
    /// Which one [default: the last]
    #[arg(value_name = "ID")]
    id: Option<String>,
    /// List its files too
    #[arg(long)]
    files: bool,
    /// List the files that were not read too, each with its reason
    #[arg(long)]
    skipped: bool,
}

/// Arguments of `waypost prune`.
#[derive(Args)]
pub struct PruneArguments {
    /// How many of the newest snapshots stay, at least 1
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    keep_last: u32,
    /// Say what would be removed, remove nothing
    #[arg(long)]
    dry_run: bool,
}

/// Lists the snapshots, newest first.
pub fn list(app: &App, out: &Out) -> Result<CommandOutcome> {
    let report = snapshots::list(app)?;
    if out.json {
        out.object(&report)?;
        return Ok(CommandOutcome::Done);
    }
    let older = report.snapshots.iter().skip(1).map(Some).chain([None]);
    for (row, older) in report.snapshots.iter().zip(older) {
        out.line(&listed(row, older))?;
    }
    if report.snapshots.is_empty() {
        out.note("there is no snapshot yet: run `waypost snapshot`");
    }
    Ok(CommandOutcome::Done)
}

/// A row; the goal only where the snapshot before had another one.
fn listed(row: &SnapshotRow, older: Option<&SnapshotRow>) -> String {
    let SnapshotHead { id, created_at, goal, branch, .. } = &row.snapshot;
    let files = count(row.files as usize, "file");
    let goal = goal.as_ref().filter(|_| older.is_none_or(|older| older.snapshot.goal != *goal));
    let goal = goal.map(|goal| format!("  {}", goal.one_line(60))).unwrap_or_default();
    let branch = branch.as_ref().map(|branch| format!("  {branch}")).unwrap_or_default();
    let by = if row.taken_by_watch { "  by watch" } else { "" };
    format!("{id:<5} {created_at}  {files}{branch}{by}{goal}")
}

/// Prints one snapshot, by default the last.
pub fn show(app: &App, arguments: &ShowArguments, out: &Out) -> Result<CommandOutcome> {
    let report = snapshots::show(app, arguments.id.as_deref())?;
    match out.json {
        true => out.object(&report)?,
        false => print(&report, arguments, out)?,
    }
    Ok(CommandOutcome::Done)
}

fn print(report: &Report, arguments: &ShowArguments, out: &Out) -> Result<()> {
    out.line(&format!("snapshot  {} of {}", report.snapshot.id, report.snapshot.created_at))?;
    if let Some(goal) = &report.snapshot.goal {
        out.line(&format!("goal      {}", goal.one_line(100)))?;
    }
    if let Some(head) = &report.snapshot.head {
        let branch =
            report.snapshot.branch.as_ref().map(|branch| format!("{branch} at ")).unwrap_or_default();
        out.line(&format!("head      {branch}{head}"))?;
    }
    let symbols = count(report.symbols as usize, "symbol");
    out.line(&format!("files     {}, {symbols}", report.files.len()))?;
    print_counts(
        report.files.iter().map(|file| file.language.clone().unwrap_or("no language".to_string())),
        out,
    )?;
    for file in report.files.iter().filter(|_| arguments.files) {
        out.line(format!("  {}  {}", file.path, file.language.as_deref().unwrap_or("")).trim_end())?;
    }
    if !report.skipped.is_empty() {
        out.line(&format!("not read  {}", report.skipped.len()))?;
    }
    print_counts(report.skipped.iter().map(|skipped| skipped.reason.to_string()), out)?;
    for skipped in report.skipped.iter().filter(|_| arguments.skipped) {
        out.line(&format!("  {}: {}", skipped.path, skipped.reason))?;
    }
    Ok(())
}

/// How often each word occurs, the most frequent first.
fn print_counts(words: impl Iterator<Item = String>, out: &Out) -> Result<()> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    words.for_each(|word| *counts.entry(word).or_default() += 1);
    let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| Reverse(*count));
    for (word, count) in counts {
        out.line(&format!("  {count:>6}  {word}"))?;
    }
    Ok(())
}

/// Removes all but the newest snapshots and says how many are left.
pub fn prune(app: &App, arguments: &PruneArguments, out: &Out) -> Result<CommandOutcome> {
    let report = snapshots::prune(app, arguments.keep_last as usize, arguments.dry_run)?;
    if out.json {
        out.object(&report)?;
        return Ok(CommandOutcome::Done);
    }
    let verb = if report.dry_run { "would remove" } else { "removed" };
    out.said(&format!("{verb} {}, {} stay", count(report.removed.len(), "snapshot"), report.kept))?;
    report.removed.iter().for_each(|id| out.detail(&format!("  {id}")));
    Ok(CommandOutcome::Done)
}
