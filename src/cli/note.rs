//! `waypost note` and `edit`: write records.

use clap::Args;

use super::fields::{FieldArguments, kind, kinds};
use super::{CommandOutcome, Out};
use crate::app::note::{self, AddReport, ChangeReport, EditRequest, NoteOutcome, Request};
use crate::app::{App, Lists, RecordKind, Result};

/// Arguments of `waypost note`.
#[derive(Args)]
pub struct NoteArguments {
    /// What it says, in one line
    #[arg(value_name = "TEXT", required_unless_present = "summary")]
    text: Option<String>,
    /// The same as TEXT
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true, conflicts_with = "text")]
    summary: Option<String>,
    #[arg(long, value_name = "KIND", default_value = "decision", value_parser = kind, help = kinds())]
    kind: RecordKind,
    #[command(flatten)]
    fields: FieldArguments,
}

/// Arguments of `waypost edit`.
#[derive(Args)]
pub struct EditArguments {
    /// Id, the beginning of one, or a slug
    #[arg(value_name = "ID")]
    id: String,
    /// What it says, in one line
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    summary: Option<String>,
    #[arg(long, value_name = "KIND", value_parser = kind, help = format!("Another kind: {}", kinds()))]
    kind: Option<RecordKind>,
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
    fields: FieldArguments,
}

/// Writes a record and prints its id.
pub fn note(app: &App, arguments: &NoteArguments, out: &Out) -> Result<CommandOutcome> {
    let request = Request {
        summary: arguments.text.as_ref().or(arguments.summary.as_ref()).cloned().unwrap_or_default(),
        kind: arguments.kind,
        fields: arguments.fields.fields(app)?,
    };
    print_added(&note::note(app, &request)?, out)
}

/// Reports an added record, with its id on standard output.
pub fn print_added(report: &AddReport, out: &Out) -> Result<CommandOutcome> {
    if out.json {
        out.object(report)?;
        return Ok(CommandOutcome::Done);
    }
    match report.outcome {
        NoteOutcome::Added => {}
        NoteOutcome::Revised => out.note(&format!("revision {} of an existing record", report.revision)),
        NoteOutcome::Duplicate => out.note("the same record exists already: nothing was added"),
    }
    out.line(&report.id)?;
    Ok(CommandOutcome::Done)
}

/// Changes a record by flags and prints its new revision.
pub fn edit(app: &App, arguments: &EditArguments, out: &Out) -> Result<CommandOutcome> {
    let lists = match (arguments.add, arguments.remove) {
        (true, _) => Lists::Add,
        (_, true) => Lists::Remove,
        _ => Lists::Replace,
    };
    let request = EditRequest {
        id: arguments.id.clone(),
        summary: arguments.summary.clone(),
        kind: arguments.kind,
        next: arguments.next.clone(),
        if_revision: arguments.if_rev,
        lists,
        fields: arguments.fields.fields(app)?,
    };
    print_change(&note::edit(app, &request)?, out)
}

/// Reports a changed record.
pub fn print_change(report: &ChangeReport, out: &Out) -> Result<CommandOutcome> {
    let ChangeReport { id, changed, revision, .. } = report;
    match (out.json, changed) {
        (true, _) => out.object(report)?,
        (false, true) => out.said(&format!("{id} is now revision {revision}"))?,
        (false, false) => out.said(&format!("`{id}` already says this: revision {revision}"))?,
    }
    Ok(CommandOutcome::Done)
}
