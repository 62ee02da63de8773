//! `waypost dedup` and `gc`: what may go. Both change nothing without `--apply`.

use clap::Args;

use super::out::count;
use super::{CommandOutcome, Out};
use crate::app::{App, Result, dedup, gc};
use crate::visible;

/// Arguments of `waypost dedup` and `gc`.
#[derive(Args)]
pub struct ApplyArguments {
    /// Do it; without it, say what would be done
    #[arg(long)]
    apply: bool,
}

/// Ends all but one of the records that say the same.
pub fn dedup(app: &App, arguments: &ApplyArguments, out: &Out) -> Result<CommandOutcome> {
    let report = dedup::dedup(app, arguments.apply)?;
    if out.json {
        out.object(&report)?;
        return Ok(CommandOutcome::Done);
    }
    for group in &report.groups {
        let title = visible::line(&group.title);
        out.line(&format!("{}  {:<11}  {title}  <- {}", group.keep, group.kind, group.drop.join(" ")))?;
    }
    let verb = if report.applied { "superseded" } else { "would be superseded" };
    out.note(&format!("{} {verb}", count(report.duplicates, "duplicate")));
    hint(report.applied || report.duplicates == 0, out);
    Ok(CommandOutcome::Done)
}

/// Takes out what is older than the settings keep it.
pub fn gc(app: &App, arguments: &ApplyArguments, out: &Out) -> Result<CommandOutcome> {
    let report = gc::gc(app, arguments.apply)?;
    if out.json {
        out.object(&report)?;
        return Ok(CommandOutcome::Done);
    }
    for (kind, number) in &report.events {
        out.line(&format!("{number:>8}  {kind} in the log"))?;
    }
    let others = [
        ("ended sessions", report.sessions),
        ("jobs that are done", report.jobs),
        ("receipts", report.receipts),
    ];
    for (what, number) in others.into_iter().filter(|(_, number)| *number > 0) {
        out.line(&format!("{number:>8}  {what}"))?;
    }
    for record in &report.records {
        let title = visible::line(&record.title);
        out.line(&format!(
            "{}  {} {}, last changed {}  {title}",
            record.id, record.status, record.kind, record.updated
        ))?;
    }
    let all = report.events.values().sum::<usize>() + report.sessions + report.jobs + report.receipts;
    let verb = if report.applied { "taken out" } else { "would be taken out" };
    out.note(&format!("{} {verb}", count(all + report.records.len(), "item")));
    hint(report.applied || all + report.records.len() == 0, out);
    Ok(CommandOutcome::Done)
}

fn hint(is_done: bool, out: &Out) {
    if !is_done {
        out.note("hint: `--apply` does it");
    }
}
