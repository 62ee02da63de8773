//! `waypost notes`, `decisions` and `show`: records are read.

use clap::Args;
use serde_json::{Value, json};

use super::record_fields::{kind, status};
use super::record_view::{self, Shown};
use super::{Global, Out, Outcome, open, outline};
use crate::memory::{Kind, State, Status};
use crate::records::Book;
use crate::store::Indexed;

#[derive(Args)]
pub struct DecisionsArguments {
    /// At most so many, the newest first
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Also those that are rejected, superseded or suppressed
    #[arg(long)]
    all: bool,
}

#[derive(Args)]
pub struct NotesArguments {
    /// Only this kind
    #[arg(long, value_name = "KIND", value_parser = kind)]
    kind: Option<Kind>,
    /// Only with this tag
    #[arg(long, value_name = "TAG")]
    tag: Option<String>,
    /// Only with this status [default: proposed and accepted]
    #[arg(long, value_name = "STATUS", value_parser = status)]
    status: Option<Status>,
    /// Only about this file or folder
    #[arg(long, value_name = "PATH")]
    anchor: Option<std::path::PathBuf>,
    /// Only those whose code has changed or is gone
    #[arg(long)]
    drifted: bool,
    /// At most so many, the newest first
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Whatever their status
    #[arg(long, conflicts_with = "status")]
    all: bool,
}

#[derive(Args)]
pub struct ShowArguments {
    /// Id, the beginning of one, or a slug
    #[arg(value_name = "ID")]
    id: String,
}

pub fn decisions(global: &Global, arguments: &DecisionsArguments, out: &Out) -> anyhow::Result<Outcome> {
    let context = open::context(global, out)?;
    let book = open::book(&context, out)?;
    let wanted = |indexed: &Indexed| {
        indexed.record.kind == Kind::Decision && (arguments.all || indexed.record.is_live())
    };
    list(&book, "decisions", &wanted, arguments.limit, false, out)
}

pub fn notes(global: &Global, arguments: &NotesArguments, out: &Out) -> anyhow::Result<Outcome> {
    let context = open::context(global, out)?;
    let book = open::book(&context, out)?;
    let place = match &arguments.anchor {
        Some(path) => Some(outline::project_path(&context, path)?),
        None => None,
    };
    let wanted = |indexed: &Indexed| {
        let record = &indexed.record;
        let right_status = match arguments.status {
            Some(status) => record.status == status,
            None => arguments.all || record.is_live(),
        };
        right_status
            && arguments.kind.is_none_or(|kind| record.kind == kind)
            && arguments.tag.as_ref().is_none_or(|tag| record.tags.iter().any(|known| known.as_str() == tag))
            && place.as_ref().is_none_or(|place| {
                record.anchors.iter().any(|a| a.path == *place || a.path.is_below(place.as_str()))
            })
    };
    list(&book, "notes", &wanted, arguments.limit, arguments.drifted, out)
}

fn list(
    book: &Book,
    name: &str,
    wanted: &dyn Fn(&Indexed) -> bool,
    limit: Option<usize>,
    drifted: bool,
    out: &Out,
) -> anyhow::Result<Outcome> {
    let mut records = book.all()?;
    records.retain(|indexed| wanted(indexed));
    records.reverse();
    if !drifted {
        records.truncate(limit.unwrap_or(usize::MAX));
    }
    let mut shown = record_view::look(book, records)?;
    if drifted {
        shown.retain(|shown| shown.state().is_some_and(|state| state != State::Fresh));
        shown.truncate(limit.unwrap_or(usize::MAX));
    }
    if out.json {
        let rows: Vec<Value> = shown.iter().map(record_view::object).collect();
        let mut object = json!({ "count": rows.len() });
        object[name] = json!(rows);
        out.object(&object)?;
        return Ok(Outcome::Done);
    }
    for shown in &shown {
        out.line(&record_view::line(shown))?;
    }
    if shown.is_empty() {
        out.note("none");
    }
    Ok(Outcome::Done)
}

pub fn show(global: &Global, arguments: &ShowArguments, out: &Out) -> anyhow::Result<Outcome> {
    let context = open::context(global, out)?;
    let book = open::book(&context, out)?;
    let found = book.get(&arguments.id)?;
    for shown in record_view::look(&book, vec![found])? {
        print(&shown, out)?;
    }
    Ok(Outcome::Done)
}

/// One record, whole.
pub fn print(shown: &Shown, out: &Out) -> anyhow::Result<()> {
    match out.json {
        true => Ok(out.object(&record_view::object(shown))?),
        false => record_view::whole(shown, out),
    }
}
