//! `waypost history`, `diff` and `rollback`: the revisions of a record.

use clap::Args;
use serde_json::{Value, json};
use similar::TextDiff;

use super::note::changed_outcome;
use super::{Global, Out, Outcome, open};

#[derive(Args)]
pub struct HistoryArguments {
    /// Id, the beginning of one, or a slug
    #[arg(value_name = "ID")]
    id: String,
}

#[derive(Args)]
pub struct DiffArguments {
    /// Id, the beginning of one, or a slug
    #[arg(value_name = "ID")]
    id: String,
    /// The one revision
    #[arg(value_name = "FROM")]
    from: u32,
    /// The other revision
    #[arg(value_name = "TO")]
    to: u32,
}

#[derive(Args)]
pub struct RollbackArguments {
    /// Id, the beginning of one, or a slug; the whole id of a record that was forgotten
    #[arg(value_name = "ID")]
    id: String,
    /// The revision that becomes the newest
    #[arg(value_name = "REV")]
    revision: u32,
}

pub fn history(global: &Global, arguments: &HistoryArguments, out: &Out) -> anyhow::Result<Outcome> {
    history_of(global, &arguments.id, out)
}

/// The revisions of one record, oldest first.
pub fn history_of(global: &Global, name: &str, out: &Out) -> anyhow::Result<Outcome> {
    let context = open::context(global, out)?;
    let book = open::book(&context, out)?;
    let (id, events) = book.history(name)?;
    if out.json {
        let rows: Vec<Value> = events
            .iter()
            .map(|event| {
                json!({
                    "revision": event.revision,
                    "event": event.what,
                    "at": event.at,
                    "hash": event.hash.map(|hash| hash.to_hex()[..16].to_string()),
                })
            })
            .collect();
        out.object(&json!({ "id": id, "history": rows }))?;
        return Ok(Outcome::Done);
    }
    for event in &events {
        out.line(&format!("{:>4}  {}  {}", event.revision, event.at, event.what))?;
    }
    Ok(Outcome::Done)
}

pub fn diff(global: &Global, arguments: &DiffArguments, out: &Out) -> anyhow::Result<Outcome> {
    let context = open::context(global, out)?;
    let book = open::book(&context, out)?;
    let (id, _) = book.history(&arguments.id)?;
    let (from, to) = (book.revision(&id, arguments.from)?, book.revision(&id, arguments.to)?);
    let names = (format!("{id} revision {}", arguments.from), format!("{id} revision {}", arguments.to));
    let diff = TextDiff::from_lines(&from, &to);
    let diff = diff.unified_diff().context_radius(3).header(&names.0, &names.1).to_string();
    if out.json {
        out.object(&json!({ "id": id, "from": arguments.from, "to": arguments.to, "diff": diff }))?;
    } else {
        out.raw(&diff)?;
    }
    Ok(Outcome::Done)
}

pub fn rollback(global: &Global, arguments: &RollbackArguments, out: &Out) -> anyhow::Result<Outcome> {
    let context = open::context(global, out)?;
    let mut book = open::book(&context, out)?;
    let (indexed, changed) = book.roll_back(&arguments.id, arguments.revision)?;
    changed_outcome(&indexed, changed, out)
}
