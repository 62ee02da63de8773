//! `waypost redact --retro`: cleans what an older version stored.

use std::collections::BTreeMap;

use clap::Args;
use serde_json::json;

use super::out::count;
use super::{Global, Out, Outcome, open, remove};
use crate::pipeline::Context;
use crate::records::{Book, Retro};
use crate::{beneath, limits};

#[derive(Args)]
pub struct Arguments {
    /// Clean records, revisions, snapshots, the index and the artefacts
    #[arg(long, required = true)]
    retro: bool,
    /// Say what would be cleaned, change nothing
    #[arg(long)]
    dry_run: bool,
}

pub fn run(global: &Global, arguments: &Arguments, out: &Out) -> anyhow::Result<Outcome> {
    debug_assert!(arguments.retro, "the only way to run it");
    let context = open::context(global, out)?;
    anyhow::ensure!(
        context.project.folder().is_dir(),
        "`{}` does not exist\nhint: there is nothing to clean",
        context.project.folder().display()
    );
    clean(&context, arguments.dry_run, out)
}

/// Cleans a project's store and artefacts, and tells what was cleaned.
pub fn clean(context: &Context, dry_run: bool, out: &Out) -> anyhow::Result<Outcome> {
    let artefacts = dirty_artefacts(context);
    let mut book = Book::open_untouched(context)?;
    let done = book.redact_retro(dry_run)?;
    let is_clean = done.is_empty() && artefacts.is_empty();
    if !dry_run && !is_clean {
        remove::clear_artefacts(context, &book)?;
    }
    let committed =
        remove::in_git(context.repository.as_ref(), &[done.paths.as_slice(), &artefacts].concat());
    let settings = settings_with_secrets(context);
    if !done.emptied && !dry_run {
        out.warning(
            "the database is in use by another process: run `waypost redact --retro` again when it has ended",
        );
    }
    match out.json {
        true => out.object(&report(context, &done, &artefacts, &committed, dry_run))?,
        false => tell(context, &done, &artefacts, dry_run, out)?,
    }
    for path in &committed {
        let shown = context.redactor.name(path);
        out.warning(&format!(
            "git has `{shown}`: its history still holds the secret\nhint: change the secret; commit the cleaned file; `git filter-repo` rewrites the history, and every clone must be made anew"
        ));
    }
    for path in &settings {
        out.warning(&format!("`{path}` holds a secret and is yours to change: it was left as it is"));
    }
    Ok(Outcome::Done)
}

/// Cleans a state that was put in place of another; gives how many texts held
/// a secret.
pub fn clean_what_came(context: &Context) -> anyhow::Result<usize> {
    let artefacts = dirty_artefacts(context);
    let mut book = Book::open_untouched(context)?;
    let done = book.redact_retro(false)?;
    let found = done.database;
    let texts = done.files.len() + found.revisions + found.snapshots + found.paths + artefacts.len();
    if texts > 0 {
        remove::clear_artefacts(context, &book)?;
    }
    Ok(texts)
}

/// Paths below the root of the artefacts that hold a secret.
fn dirty_artefacts(context: &Context) -> Vec<String> {
    let project = &context.project;
    let prompts = std::fs::read_dir(project.local.join("prompts")).into_iter().flatten().flatten();
    let mut files = vec![project.folder().join("handoff.md"), project.folder().join("handoff.json")];
    files.push(project.local.join("now.md"));
    files.extend(prompts.map(|entry| entry.path()));
    let mut dirty: Vec<String> = files
        .into_iter()
        .filter(|path| beneath::read(path, limits::MAX_OWN_FILE).is_ok_and(|bytes| holds(context, &bytes)))
        .map(|path| path.strip_prefix(&project.root).unwrap_or(&path).display().to_string())
        .collect();
    dirty.sort();
    dirty
}

fn holds(context: &Context, bytes: &[u8]) -> bool {
    !context.redactor.findings(&String::from_utf8_lossy(bytes)).is_empty()
}

/// Settings are written by hand, and a changed pattern protects nothing.
fn settings_with_secrets(context: &Context) -> Vec<String> {
    let file = context.project.config_file();
    let dirty = beneath::read(&file, limits::MAX_CONFIG)
        .is_ok_and(|bytes| !context.redactor.scan(&String::from_utf8_lossy(&bytes)).is_empty());
    dirty.then(|| file.display().to_string()).into_iter().collect()
}

fn counts(done: &Retro, artefacts: usize) -> BTreeMap<&'static str, usize> {
    BTreeMap::from([
        ("memory_files", done.files.len()),
        ("revisions", done.database.revisions),
        ("snapshots", done.database.snapshots),
        ("paths", done.database.paths),
        ("contents", done.database.contents),
        ("histories", done.database.histories),
        ("index", done.database.index),
        ("artefacts", artefacts),
    ])
}

fn report(
    context: &Context,
    done: &Retro,
    artefacts: &[String],
    committed: &[String],
    dry_run: bool,
) -> serde_json::Value {
    let committed: Vec<String> =
        committed.iter().map(|path| context.redactor.name(path).to_string()).collect();
    let counts = counts(done, artefacts.len());
    json!({
        "dry_run": dry_run,
        "changed": counts.values().sum::<usize>(),
        "cleaned": counts,
        "kinds": done.kinds,
        "files": done.files,
        "artefacts": artefacts,
        "log_emptied": done.emptied,
        "in_git_history": committed,
    })
}

fn tell(
    context: &Context,
    done: &Retro,
    artefacts: &[String],
    dry_run: bool,
    out: &Out,
) -> anyhow::Result<()> {
    let counts = counts(done, artefacts.len());
    let verb = if dry_run { "would clean" } else { "cleaned" };
    if counts.values().sum::<usize>() == 0 {
        out.said("nothing to clean: no secret is stored")?;
        return Ok(());
    }
    let nouns = [
        ("memory_files", "memory file"),
        ("revisions", "revision"),
        ("snapshots", "goal or branch of snapshots"),
        ("paths", "path"),
        ("contents", "extracted content"),
        ("histories", "history"),
        ("index", "row of the search index"),
        ("artefacts", "artefact"),
    ];
    for (key, noun) in nouns {
        match counts[key] {
            0 => {}
            1 => out.said(&format!("{verb} 1 {noun}"))?,
            n => out.said(&format!("{verb} {n} of: {noun}"))?,
        }
    }
    for (kind, found) in &done.kinds {
        out.said(&format!("  {kind}: {}", count(*found, "time")))?;
    }
    for file in &done.files {
        out.detail(&format!("memory file `{}`", context.redactor.name(file)));
    }
    Ok(())
}
