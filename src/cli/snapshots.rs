//! `waypost snapshots`, `show-snapshot` and `prune`.

use clap::Args;

use super::out::count;
use super::{CommandOutcome, Out};
use crate::app::snapshots::{self, Report};
use crate::app::{App, Result};

/// Arguments of `waypost show-snapshot`.
#[derive(Args)]
pub struct ShowArguments {
    /// Which one [default: the last]
    #[arg(value_name = "ID")]
    id: Option<String>,
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
    for row in &report.snapshots {
        let files = count(row.files as usize, "file");
        let goal =
            row.snapshot.goal.as_ref().map(|goal| format!("  {}", goal.one_line(60))).unwrap_or_default();
        let branch = row.snapshot.branch.as_ref().map(|branch| format!("  {branch}")).unwrap_or_default();
        out.line(&format!("{:<5} {}  {files}{branch}{goal}", row.snapshot.id, row.snapshot.created_at))?;
    }
    if report.snapshots.is_empty() {
        out.note("there is no snapshot yet: run `waypost snapshot`");
    }
    Ok(CommandOutcome::Done)
}

/// Prints one snapshot with its files, by default the last.
pub fn show(app: &App, arguments: &ShowArguments, out: &Out) -> Result<CommandOutcome> {
    let report = snapshots::show(app, arguments.id.as_deref())?;
    match out.json {
        true => out.object(&report)?,
        false => print(&report, out)?,
    }
    Ok(CommandOutcome::Done)
}

fn print(report: &Report, out: &Out) -> Result<()> {
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
    for file in &report.files {
        out.line(format!("  {}  {}", file.path, file.language.as_deref().unwrap_or("")).trim_end())?;
    }
    for skipped in &report.skipped {
        out.line(&format!("  not read: {}: {}", skipped.path, skipped.reason))?;
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
