//! `waypost note`, `edit` and `checkpoint`: records are written.

use clap::Args;
use serde_json::json;

use super::record_fields::{Fields, Lists, kind, set_part, title};
use super::{Global, Out, Outcome, init, open};
use crate::memory::{Kind, Part, Record};
use crate::pipeline::Context;
use crate::records::{Added, Book};
use crate::store::Indexed;

#[derive(Args)]
pub struct NoteArguments {
    /// What it says, in one line
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    summary: String,
    /// decision, lesson, fact, question, preference, observation, diary, goal, checkpoint or pin
    #[arg(long, value_name = "KIND", default_value = "decision", value_parser = kind)]
    kind: Kind,
    #[command(flatten)]
    fields: Fields,
}

#[derive(Args)]
pub struct EditArguments {
    /// Id, the beginning of one, or a slug
    #[arg(value_name = "ID")]
    id: String,
    /// What it says, in one line
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    summary: Option<String>,
    /// Another kind: decision, lesson, fact, question, preference, observation, diary, goal, checkpoint or pin
    #[arg(long, value_name = "KIND", value_parser = kind)]
    kind: Option<Kind>,
    /// For a goal or a checkpoint: what comes next
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    next: Option<String>,
    /// Change it only when this revision is the newest
    #[arg(long, value_name = "N")]
    if_rev: Option<u32>,
    /// Add the alternatives, tags, links and anchors given here to those that are there; without
    /// it a list that is given replaces the old one, and an empty text empties it
    #[arg(long, conflicts_with = "remove")]
    add: bool,
    /// Take the alternatives, tags, links and anchors given here out
    #[arg(long)]
    remove: bool,
    #[command(flatten)]
    fields: Fields,
}

#[derive(Args)]
pub struct CheckpointArguments {
    /// What is done
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    done: String,
    /// What comes next
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    next: String,
    /// What stands in the way; may be given several times
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    blocker: Vec<String>,
    /// A command that worked; may be given several times
    #[arg(long, value_name = "COMMAND", allow_hyphen_values = true)]
    command: Vec<String>,
    #[command(flatten)]
    fields: Fields,
}

pub fn note(global: &Global, arguments: &NoteArguments, out: &Out) -> anyhow::Result<Outcome> {
    let context = open::context(global, out)?;
    init::prepare(&context.project)?;
    let mut book = open::book(&context, out)?;
    let mut record = book.draft(arguments.kind, "");
    record.title = title(&context, &arguments.summary)?;
    arguments.fields.apply(&context, &book, &mut record, Lists::Replace)?;
    add(&mut book, record, out)
}

pub fn checkpoint(global: &Global, arguments: &CheckpointArguments, out: &Out) -> anyhow::Result<Outcome> {
    let context = open::context(global, out)?;
    init::prepare(&context.project)?;
    let mut book = open::book(&context, out)?;
    let mut record = book.draft(Kind::Checkpoint, "");
    let done = context.redactor.text(arguments.done.trim());
    record.title = done.one_line(120);
    if record.title != done {
        record.parts.insert(Part::Done, vec![done]);
    }
    record.next = Some(context.redactor.text(arguments.next.trim())).filter(|next| !next.is_empty());
    set_part(&mut record, Part::Blockers, arguments.blocker.iter(), &context);
    set_part(&mut record, Part::Commands, arguments.command.iter(), &context);
    arguments.fields.apply(&context, &book, &mut record, Lists::Replace)?;
    add(&mut book, record, out)
}

/// Adds a record and says what became of it: the id on standard output.
pub fn add(book: &mut Book, record: Record, out: &Out) -> anyhow::Result<Outcome> {
    let (indexed, added) = book.add(record)?;
    tell(&indexed, added, out)?;
    Ok(Outcome::Done)
}

fn tell(indexed: &Indexed, added: Added, out: &Out) -> anyhow::Result<()> {
    let id = &indexed.record.id;
    if out.json {
        let outcome = match added {
            Added::New => "added",
            Added::Revised => "revised",
            Added::Known => "duplicate",
        };
        let file = format!("{}/memory/{}", crate::project::FOLDER, indexed.file);
        out.object(&json!({
            "id": id,
            "outcome": outcome,
            "duplicate": added == Added::Known,
            "revision": indexed.revision,
            "file": file,
        }))?;
        return Ok(());
    }
    match added {
        Added::New => {}
        Added::Revised => out.note(&format!("revision {} of a record that was there", indexed.revision)),
        Added::Known => out.note("exactly this is there already: nothing was added"),
    }
    out.line(id)?;
    Ok(())
}

pub fn edit(global: &Global, arguments: &EditArguments, out: &Out) -> anyhow::Result<Outcome> {
    let context = open::context(global, out)?;
    let mut book = open::book(&context, out)?;
    let old = book.get(&arguments.id)?;
    let mut record = old.record.clone();
    apply_edit(&context, &book, arguments, &mut record)?;
    if record == old.record && !asks(arguments) {
        let file = context.project.memory().join(&old.file);
        anyhow::bail!(
            "nothing to change was named\nhint: see `waypost edit --help`, or edit `{}`",
            file.display()
        );
    }
    // Nobody may have changed it since it was looked at.
    let if_revision = Some(arguments.if_rev.unwrap_or(old.revision));
    let (indexed, changed) = book.edit(&old.record.id, if_revision, |target| {
        *target = record;
        Ok(())
    })?;
    changed_outcome(&indexed, changed, out)
}

fn asks(arguments: &EditArguments) -> bool {
    let fields = &arguments.fields;
    let texts = [
        &arguments.summary,
        &arguments.next,
        &fields.rationale,
        &fields.impact,
        &fields.body,
        &fields.section,
        &fields.slug,
        &fields.author,
    ];
    let lists = [&fields.alternative, &fields.tag, &fields.link, &fields.anchor];
    texts.iter().any(|text| text.is_some())
        || lists.iter().any(|list| !list.is_empty())
        || arguments.kind.is_some()
        || fields.body_file.is_some()
        || fields.confidence.is_some()
        || fields.status.is_some()
}

fn apply_edit(
    context: &Context,
    book: &Book,
    arguments: &EditArguments,
    record: &mut Record,
) -> anyhow::Result<()> {
    if let Some(summary) = &arguments.summary {
        record.title = title(context, summary)?;
    }
    if let Some(kind) = arguments.kind {
        record.kind = kind;
    }
    if let Some(next) = &arguments.next {
        record.next = Some(context.redactor.text(next.trim())).filter(|next| !next.is_empty());
    }
    let lists = match (arguments.add, arguments.remove) {
        (true, _) => Lists::Add,
        (_, true) => Lists::Remove,
        _ => Lists::Replace,
    };
    arguments.fields.apply(context, book, record, lists)
}

/// Says what became of a record that was to be changed.
pub fn changed_outcome(indexed: &Indexed, changed: bool, out: &Out) -> anyhow::Result<Outcome> {
    let (id, revision) = (&indexed.record.id, indexed.revision);
    if out.json {
        out.object(&json!({ "id": id, "changed": changed, "revision": revision, "status": indexed.record.status.name() }))?;
    } else if changed {
        out.said(&format!("{id} is now revision {revision}"))?;
    } else {
        out.said(&format!("{id} is so already: revision {revision}"))?;
    }
    Ok(Outcome::Done)
}
