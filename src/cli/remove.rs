//! `waypost supersede`, `suppress`, `forget` and `erase`: records that no
//! longer hold, from the mildest to the hardest.

use clap::Args;
use serde_json::json;

use super::out::count;
use super::record_fields::title;
use super::record_view::{self, Shown};
use super::{Global, Out, Outcome, open};
use crate::git::Repository;
use crate::memory::{Kind, Status};
use crate::model::RelPath;
use crate::pipeline::{self, Context};
use crate::records::Book;
use crate::search;

#[derive(Args)]
pub struct SupersedeArguments {
    /// The record that no longer holds
    #[arg(value_name = "ID")]
    id: String,
    /// The record that holds instead, or the summary of a new decision
    #[arg(long, value_name = "ID|TEXT")]
    by: String,
}

#[derive(Args)]
pub struct SuppressArguments {
    /// Id, the beginning of one, or a slug
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
}

#[derive(Args)]
pub struct RemoveArguments {
    /// Ids, beginnings of ids, or slugs
    #[arg(value_name = "ID", required_unless_present = "query")]
    ids: Vec<String>,
    /// The records that a search finds with all its words; shows them and changes nothing without `--yes`
    #[arg(long, value_name = "QUERY", conflicts_with = "ids", allow_hyphen_values = true)]
    query: Option<String>,
    /// Really do it
    #[arg(long)]
    yes: bool,
}

pub fn supersede(global: &Global, arguments: &SupersedeArguments, out: &Out) -> anyhow::Result<Outcome> {
    let context = open::context(global, out)?;
    let mut book = open::book(&context, out)?;
    let old = book.get(&arguments.id)?;
    let by = match book.get(&arguments.by) {
        Ok(new) => new,
        // A sentence is no id.
        Err(_) if arguments.by.trim().contains(char::is_whitespace) => {
            let mut record = book.draft(Kind::Decision, "");
            record.kind = old.record.kind;
            record.title = title(&context, &arguments.by)?;
            book.add(record)?.0
        }
        Err(error) => return Err(error.into()),
    };
    let (old, new) = book.supersede(&old.record.id, &by.record.id)?;
    if out.json {
        out.object(&json!({ "id": old.record.id, "by": new.record.id, "status": "superseded" }))?;
    } else {
        out.note(&format!("{} is superseded by", old.record.id));
        out.line(&new.record.id)?;
    }
    Ok(Outcome::Done)
}

pub fn suppress(global: &Global, arguments: &SuppressArguments, out: &Out) -> anyhow::Result<Outcome> {
    let context = open::context(global, out)?;
    let mut book = open::book(&context, out)?;
    // All are there, or none is changed.
    let ids = resolve(&book, &arguments.ids)?;
    for id in &ids {
        book.edit(id, None, |record| {
            record.status = Status::Suppressed;
            Ok(())
        })?;
    }
    match out.json {
        true => out.object(&json!({ "suppressed": ids }))?,
        false => out.note(&format!("suppressed {}: hidden and kept", count(ids.len(), "record"))),
    }
    Ok(Outcome::Done)
}

fn resolve(book: &Book, names: &[String]) -> anyhow::Result<Vec<String>> {
    let mut ids = Vec::new();
    for name in names {
        let id = book.get(name)?.record.id;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(ids)
}

/// The records that are meant.
fn meant(book: &Book, arguments: &RemoveArguments) -> anyhow::Result<Vec<Shown>> {
    let ids = match &arguments.query {
        Some(query) => search::records_with_all(book.store(), query)?,
        None => resolve(book, &arguments.ids)?,
    };
    let records = ids.iter().map(|id| book.get(id)).collect::<Result<Vec<_>, _>>()?;
    record_view::look(book, records)
}

fn preview(verb: &str, shown: &[Shown], out: &Out) -> anyhow::Result<()> {
    let ids: Vec<&str> = shown.iter().map(|shown| shown.indexed.record.id.as_str()).collect();
    if out.json {
        out.object(&json!({ "preview": true, "records": ids, verb: [] }))?;
        return Ok(());
    }
    for shown in shown {
        out.line(&record_view::line(shown))?;
    }
    out.note(&match ids.len() {
        0 => "nothing was found, nothing was changed".to_string(),
        some => format!("nothing was changed: {} would be {verb}; `--yes` does it", count(some, "record")),
    });
    Ok(())
}

pub fn forget(global: &Global, arguments: &RemoveArguments, out: &Out) -> anyhow::Result<Outcome> {
    let context = open::context(global, out)?;
    let mut book = open::book(&context, out)?;
    let shown = meant(&book, arguments)?;
    if arguments.query.is_some() && !arguments.yes {
        preview("forgotten", &shown, out)?;
        return Ok(Outcome::Done);
    }
    let ids: Vec<String> = shown.iter().map(|shown| shown.indexed.record.id.clone()).collect();
    book.forget(&ids)?;
    if out.json {
        out.object(&json!({ "forgotten": ids }))?;
        return Ok(Outcome::Done);
    }
    for shown in &shown {
        let (id, revision) = (&shown.indexed.record.id, shown.indexed.revision);
        out.said(&format!("forgot {id}; `waypost rollback {id} {revision}` brings it back"))?;
    }
    Ok(Outcome::Done)
}

pub fn erase(global: &Global, arguments: &RemoveArguments, out: &Out) -> anyhow::Result<Outcome> {
    let context = open::context(global, out)?;
    let mut book = open::book(&context, out)?;
    let ids = match &arguments.query {
        Some(query) => search::records_with_all(book.store(), query)?,
        None => erasable(&book, &arguments.ids)?,
    };
    if !arguments.yes {
        let there: Vec<_> = ids.iter().filter_map(|id| book.get(id).ok()).collect();
        preview("erased", &record_view::look(&book, there)?, out)?;
        // Named records were meant to go: that nothing happened is no success.
        return Ok(if arguments.query.is_some() { Outcome::Done } else { Outcome::Finding });
    }
    let (files, emptied) = book.erase(&ids)?;
    clear_artefacts(&context, &book)?;
    let committed = in_git(context.repository.as_ref(), &files);
    if !emptied {
        out.warning(
            "the database's log is in use by another process: run `waypost erase` again when it has ended",
        );
    }
    if out.json {
        out.object(&json!({ "erased": ids, "log_emptied": emptied, "in_git_history": committed }))?;
        return Ok(if emptied { Outcome::Done } else { Outcome::Finding });
    }
    if !emptied {
        out.said(&format!("erased {}, but for the log", count(ids.len(), "record")))?;
        return Ok(Outcome::Finding);
    }
    out.said(&format!("erased {}: file, index, revisions, log and artefacts", count(ids.len(), "record")))?;
    for path in &committed {
        out.warning(&format!(
            "git has `{path}`: its history still holds the text\nhint: commit the deletion; `git filter-repo --invert-paths --path '{path}'` rewrites the history, and every clone must be made anew"
        ));
    }
    Ok(Outcome::Done)
}

/// Records that are there, and forgotten ones by their whole id: their
/// revisions still hold the text.
fn erasable(book: &Book, names: &[String]) -> anyhow::Result<Vec<String>> {
    let id = |name: &String| Ok(book.history(name)?.0);
    names.iter().map(id).collect()
}

/// Prompts, the live part and the handoff may hold words of the record.
pub fn clear_artefacts(context: &Context, book: &Book) -> anyhow::Result<()> {
    pipeline::remove_copies(context)?;
    if context.project.folder().join("handoff.md").exists() {
        let reading = pipeline::read(context, Some(book.store()))?;
        let memory = crate::memory::Memory::load(&context.project.memory(), &context.redactor)?;
        let budget = context.settings.number("handoff_budget");
        let handoff = pipeline::handoff(context, &reading, &memory, budget)?;
        pipeline::publish(context, &handoff)?;
    }
    Ok(())
}

/// Those of the files that git knows or knew.
pub fn in_git(repository: Option<&Repository>, files: &[String]) -> Vec<String> {
    let Some(repository) = repository else { return Vec::new() };
    let known = |path: &&String| RelPath::new(path).is_some_and(|path| repository.ever_held(&path));
    files.iter().filter(known).cloned().collect()
}
