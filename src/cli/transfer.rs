//! `waypost export`, `import`, `backup` and `restore-backup`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::out::count;
use super::streams::{input, output};
use super::{CommandOutcome, Out};
use crate::app::jobs;
use crate::app::transfer::{self, FolderContents, ImportReport, Lost, RestorePreview};
use crate::app::{App, Error, Result};
use crate::visible;

/// Arguments of `waypost export` and `backup`.
#[derive(Args)]
pub struct OutputArguments {
    /// The file to write, `-` for standard output; an older one is replaced only by a whole one
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

/// Arguments of `waypost import`.
#[derive(Args)]
pub struct ImportArguments {
    /// An export of waypost, or a Markdown file or folder (decision records, memory banks); `-` reads standard input
    #[arg(value_name = "PATH", required_unless_present = "file")]
    input: Option<PathBuf>,
    /// The same as PATH
    #[arg(long, value_name = "FILE", conflicts_with = "input")]
    file: Option<PathBuf>,
    /// Say what would come, change nothing
    #[arg(long)]
    dry_run: bool,
    /// Queue it, and try again when it fails: `waypost jobs`
    #[arg(long, conflicts_with = "dry_run")]
    later: bool,
}

/// Arguments of `waypost restore-backup`.
#[derive(Args)]
pub struct RestoreArguments {
    /// The backup; `-` reads standard input
    #[arg(value_name = "FILE", required_unless_present = "file")]
    input: Option<PathBuf>,
    /// The backup
    #[arg(long, value_name = "FILE", conflicts_with = "input")]
    file: Option<PathBuf>,
    /// Put it back; without it, say what it holds and what it would replace
    #[arg(long)]
    yes: bool,
}

/// Writes all records with their history to one file or stream.
pub fn export(app: &App, arguments: &OutputArguments, out: &Out) -> Result<CommandOutcome> {
    let report = transfer::export(app, output(&arguments.output, out)?)?;
    match out.json {
        true => out.object(&report)?,
        false => print_written("exported", &count(report.records, "record"), &report.output, out)?,
    }
    Ok(CommandOutcome::Done)
}

/// Reports what was written, on standard error if the data went to standard
/// output.
fn print_written(verb: &str, what: &str, output: &str, out: &Out) -> Result<()> {
    match output {
        "-" => out.note(&format!("{verb} {what}")),
        output => out.said(&format!("{verb} {what}: {output}"))?,
    }
    Ok(())
}

/// Takes records over and prints what came and what was left out.
pub fn import(app: &App, arguments: &ImportArguments, out: &Out) -> Result<CommandOutcome> {
    let path = arguments.input.as_deref().or(arguments.file.as_deref()).unwrap_or(Path::new("-"));
    if arguments.later {
        return import_later(app, path, out);
    }
    let report = transfer::import(app, input(path), arguments.dry_run)?;
    match out.json {
        true => out.object(&report)?,
        false => print_imported(&report, out)?,
    }
    Ok(CommandOutcome::Done)
}

fn import_later(app: &App, file: &Path, out: &Out) -> Result<CommandOutcome> {
    let queued = jobs::import_later(app, file)?;
    if out.json {
        out.object(&queued)?;
        return Ok(CommandOutcome::Done);
    }
    if !queued.new {
        out.note(&format!("it is queued already, and {}", queued.job.state));
    }
    out.line(&queued.job.id)?;
    Ok(CommandOutcome::Done)
}

fn print_imported(report: &ImportReport, out: &Out) -> Result<()> {
    let verb = if report.dry_run { "would import" } else { "imported" };
    let erased = match report.erased.len() {
        0 => String::new(),
        some => format!("; {some} erased here before, which stay so"),
    };
    let without_text = match report.without_text.len() {
        0 => String::new(),
        some => format!("; {some} left out, of which nothing but the end is told"),
    };
    for note in report.records.iter().filter(|_| report.dry_run) {
        let day = note.created.get(..10).unwrap_or_default();
        let source = note.source.as_ref().map(|source| format!("  ({source})")).unwrap_or_default();
        out.line(&format!("{:<11}  {:<10}  {day}  {}{source}", note.kind, note.status, note.title))?;
    }
    for file in &report.left_out {
        out.warning(&format!(
            "`{}` was left out: {}",
            visible::line(&file.path),
            visible::line(file.reason.as_str())
        ));
    }
    let (added, known) = (count(report.added.len(), "record"), report.known.len());
    out.said(&format!("{verb} {added}; {known} known already{erased}{without_text}"))?;
    if let Some(id) = report.erased.first() {
        out.note(&format!("hint: `waypost erase --lift {id}` lets an import bring it back"));
    }
    Ok(())
}

/// Packs `.waypost/` into one archive.
pub fn back_up(app: &App, arguments: &OutputArguments, out: &Out) -> Result<CommandOutcome> {
    let report = transfer::back_up(app, output(&arguments.output, out)?)?;
    match out.json {
        true => out.object(&report)?,
        false => print_written("backed up", &count(report.files, "file"), &report.output, out)?,
    }
    Ok(CommandOutcome::Done)
}

/// Puts a backup in the place of `.waypost/`; without `--yes`, says what that would replace and
/// ends with exit code 1.
pub fn restore_backup(app: &App, arguments: &RestoreArguments, out: &Out) -> Result<CommandOutcome> {
    let file: Option<&Path> = arguments.input.as_deref().or(arguments.file.as_deref());
    let file = file.ok_or_else(|| Error::new("no backup was named"))?;
    let report = transfer::restore_backup(app, input(file), arguments.yes)?;
    match out.json {
        true => out.object(&report)?,
        false => print_put_back(&report, out)?,
    }
    if report.cleaned > 0 {
        out.warning(&format!("the backup held secrets: {} cleaned", count(report.cleaned, "text")));
    }
    Ok(if report.preview { CommandOutcome::Finding } else { CommandOutcome::Done })
}

fn print_put_back(report: &RestorePreview, out: &Out) -> Result<()> {
    let of = match &report.project {
        Some(of) => format!("`{}` ({}), taken {}", of.name, of.root, of.taken),
        None => "a project that it does not name".to_string(),
    };
    out.said(&format!("backup of {of}: {}", listed(&report.backup)))?;
    if report.is_of_this_project == Some(false) {
        out.warning("it is a backup of another project");
    }
    out.said(&format!("here: {}", listed(&report.here)))?;
    let Lost { goal, records, snapshots, handoff } = &report.lost;
    if goal.is_some() || *handoff || records.len() + snapshots > 0 {
        let (goal, records) = (goal.clone(), records.len());
        let lost = FolderContents { goal, records, snapshots: *snapshots, handoff: *handoff };
        out.said(&format!("here and not in the backup: {}", listed(&lost)))?;
    }
    if report.preview {
        out.note("nothing was changed: `--yes` puts it back");
        return Ok(());
    }
    let kept = report.kept.as_ref().map(|kept| format!("; what was there is kept in `{kept}`"));
    Ok(out.said(&format!("put back {}{}", count(report.files, "file"), kept.unwrap_or_default()))?)
}

fn listed(what: &FolderContents) -> String {
    let mut parts = vec![count(what.records, "record"), count(what.snapshots, "snapshot")];
    parts.extend(what.handoff.then(|| "a handoff".to_string()));
    let short = |goal: &String| goal.lines().next().unwrap_or_default().chars().take(80).collect::<String>();
    parts.extend(what.goal.as_ref().map(|goal| format!("the goal \"{}\"", short(goal))));
    parts.join(", ")
}
