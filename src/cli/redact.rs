//! `waypost redact --retro`: cleans what an older version stored.

use clap::Args;

use super::out::count;
use super::{CommandOutcome, Out};
use crate::app::clean::{self, Report};
use crate::app::{App, Result};

/// Arguments of `waypost redact`.
#[derive(Args)]
pub struct Arguments {
    /// Clean records, revisions, snapshots, the index and the artefacts
    #[arg(long, required = true)]
    retro: bool,
    /// Say what would be cleaned, change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Cleans what is stored and warns of what only the user can clean.
pub fn run(app: &App, arguments: &Arguments, out: &Out) -> Result<CommandOutcome> {
    debug_assert!(arguments.retro, "the only way to run it");
    let report = clean::clean(app, arguments.dry_run)?;
    match out.json {
        true => out.object(&report)?,
        false => print(&report, out)?,
    }
    for path in &report.in_git_history {
        out.warning(&format!(
            "git has `{path}`: its history still holds the secret\nhint: change the secret; commit the cleaned file; `git filter-repo` rewrites the history, and every clone must be made anew"
        ));
    }
    for path in &report.settings {
        out.warning(&format!("`{path}` holds a secret and is yours to change: it was left as it is"));
    }
    Ok(CommandOutcome::Done)
}

fn print(report: &Report, out: &Out) -> Result<()> {
    if report.changed == 0 {
        return Ok(out.said("nothing to clean: no secret is stored")?);
    }
    let verb = if report.dry_run { "would clean" } else { "cleaned" };
    let cleaned = &report.cleaned;
    let nouns = [
        (cleaned.memory_files, "memory file"),
        (cleaned.revisions, "revision"),
        (cleaned.snapshots, "goal or branch of snapshots"),
        (cleaned.paths, "path"),
        (cleaned.contents, "extracted content"),
        (cleaned.histories, "history"),
        (cleaned.index, "row of the search index"),
        (cleaned.sessions, "text of sessions, their log, claims and receipts"),
        (cleaned.outputs, "output of a command"),
        (cleaned.artefacts, "artefact"),
    ];
    for (number, noun) in nouns {
        match number {
            0 => {}
            1 => out.said(&format!("{verb} 1 {noun}"))?,
            n => out.said(&format!("{verb} {n} of: {noun}"))?,
        }
    }
    for (kind, found) in &report.kinds {
        out.said(&format!("  {kind}: {}", count(*found, "time")))?;
    }
    report.files.iter().for_each(|file| out.detail(&format!("memory file `{file}`")));
    Ok(())
}
