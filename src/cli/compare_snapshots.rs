//! `waypost compare-snapshots`: files and symbols of two recorded states.

use clap::Args;
use serde_json::json;

use super::out::count;
use super::{Global, Out, Outcome, open};
use crate::pipeline;

#[derive(Args)]
pub struct Arguments {
    /// The older state [default: the one before the last]
    #[arg(value_name = "FROM")]
    from: Option<String>,
    /// The newer state [default: the last]
    #[arg(value_name = "TO")]
    to: Option<String>,
}

pub fn run(global: &Global, arguments: &Arguments, out: &Out) -> anyhow::Result<Outcome> {
    let context = open::context(global, out)?;
    let store = open::existing_store(&context)?;
    let to = open::snapshot_id(&store, arguments.to.as_deref())?;
    let from = match &arguments.from {
        Some(id) => id.parse().map_err(anyhow::Error::msg)?,
        None => match store.snapshots()?.into_iter().find(|snapshot| snapshot.id < to) {
            Some(snapshot) => snapshot.id,
            None => {
                anyhow::bail!("there is only one snapshot\nhint: `waypost restore` compares it with the tree")
            }
        },
    };
    let (files, symbols) = pipeline::compare_snapshots(&store, from, to)?;
    if out.json {
        out.object(&json!({
            "from": from.to_string(), "to": to.to_string(), "files": files, "symbols": symbols,
        }))?;
        return Ok(Outcome::Done);
    }
    out.line(&format!("from {from} to {to}: {} the same", count(files.same, "file")))?;
    for (mark, paths) in [("+", &files.added), ("~", &files.modified), ("-", &files.removed)] {
        for path in paths {
            out.line(&format!("{mark} {path}"))?;
        }
    }
    for row in &symbols.added {
        out.line(&format!("+ {}: {}", row.path, row.signature))?;
    }
    for row in &symbols.removed {
        out.line(&format!("- {}: {}", row.path, row.signature))?;
    }
    for change in &symbols.changed {
        out.line(&format!("~ {}: {} -> {}", change.path, change.before, change.after))?;
    }
    Ok(Outcome::Done)
}
