//! `waypost export`, `import`, `backup` and `restore-backup`.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use serde_json::json;

use super::out::count;
use super::{Global, Out, Outcome, init, open, redact};
use crate::records::Imported;
use crate::render::publish;
use crate::{backup, pipeline};

#[derive(Args)]
pub struct OutputArguments {
    /// The file to write; an older one is replaced only by a whole one
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

#[derive(Args)]
pub struct ImportArguments {
    /// An export of waypost, or a Markdown file or folder (decision records, memory banks)
    #[arg(long, value_name = "FILE")]
    file: PathBuf,
    /// Say what would come, change nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Args)]
pub struct RestoreArguments {
    /// The backup
    #[arg(value_name = "FILE", required_unless_present = "file")]
    input: Option<PathBuf>,
    /// The backup
    #[arg(long, value_name = "FILE", conflicts_with = "input")]
    file: Option<PathBuf>,
}

pub fn export(global: &Global, arguments: &OutputArguments, out: &Out) -> anyhow::Result<Outcome> {
    let context = open::context(global, out)?;
    let book = open::book(&context, out)?;
    let output = &arguments.output;
    let cannot = |error: std::io::Error| {
        anyhow::Error::new(publish::WriteError { path: output.clone(), source: error })
    };
    let folder = output.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut text = Vec::new();
    let records = book.export(&mut text)?;
    pipeline::last_look(&context, "the export", &String::from_utf8_lossy(&text))?;
    publish::sweep(folder, std::time::SystemTime::now());
    let mut target = publish::temporary(folder).map_err(cannot)?;
    target.write_all(&text).map_err(cannot)?;
    target.as_file().sync_all().map_err(cannot)?;
    target.persist(output).map_err(|error| cannot(error.error))?;
    match out.json {
        true => out.object(&json!({ "output": output.display().to_string(), "records": records }))?,
        false => out.said(&format!("exported {}: {}", count(records, "record"), output.display()))?,
    }
    Ok(Outcome::Done)
}

pub fn import(global: &Global, arguments: &ImportArguments, out: &Out) -> anyhow::Result<Outcome> {
    let context = open::context(global, out)?;
    let path = &arguments.file;
    let is_markdown = path.is_dir() || path.extension().is_some_and(|e| e == "md" || e == "markdown");
    init::prepare(&context.project)?;
    let mut book = open::book(&context, out)?;
    let imported = match is_markdown {
        true => book.import_markdown(path, arguments.dry_run)?,
        false => {
            let file = File::open(path).with_context(|| format!("cannot read `{}`", path.display()))?;
            book.import(file, arguments.dry_run)?
        }
    };
    tell(&imported, arguments.dry_run, out)
}

fn tell(imported: &Imported, dry_run: bool, out: &Out) -> anyhow::Result<Outcome> {
    let (added, known) = (imported.added.len(), imported.known.len());
    if out.json {
        out.object(&json!({
            "added": imported.added, "known": imported.known, "erased": imported.erased, "dry_run": dry_run,
        }))?;
    } else {
        let verb = if dry_run { "would import" } else { "imported" };
        let erased = match imported.erased.len() {
            0 => String::new(),
            some => format!("; {some} erased here before, which stay so"),
        };
        out.said(&format!("{verb} {}; {known} known already{erased}", count(added, "record")))?;
    }
    Ok(Outcome::Done)
}

pub fn back_up(global: &Global, arguments: &OutputArguments, out: &Out) -> anyhow::Result<Outcome> {
    let context = open::context(global, out)?;
    let folder = context.project.folder();
    anyhow::ensure!(
        folder.is_dir(),
        "`{}` does not exist\nhint: there is nothing to back up",
        folder.display()
    );
    let output = &arguments.output;
    let summary = backup::write(&context.project, output)?;
    summary.notice.iter().for_each(|notice| out.warning(notice));
    if out.json {
        let output = output.display().to_string();
        out.object(&json!({ "output": output, "files": summary.files, "bytes": summary.bytes }))?;
    } else {
        out.said(&format!("backed up {}: {}", count(summary.files, "file"), output.display()))?;
    }
    Ok(Outcome::Done)
}

pub fn restore_backup(global: &Global, arguments: &RestoreArguments, out: &Out) -> anyhow::Result<Outcome> {
    let context = open::context(global, out)?;
    let input = arguments.input.as_ref().or(arguments.file.as_ref()).context("no backup was named")?;
    let summary = backup::restore(&context.project, input)?;
    // The backup may be of a version that knew fewer secrets.
    let cleaned = redact::clean_what_came(&context)?;
    match out.json {
        true => out.object(&json!({ "files": summary.files, "bytes": summary.bytes, "cleaned": cleaned }))?,
        false => out.said(&format!("put back {}", count(summary.files, "file")))?,
    }
    if cleaned > 0 {
        out.warning(&format!("the backup held secrets: {} cleaned", count(cleaned, "text")));
    }
    Ok(Outcome::Done)
}
