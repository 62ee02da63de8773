//! `waypost prune`: remove old snapshots.

use clap::Args;
use serde_json::json;

use super::out::count;
use super::{Global, Out, Outcome, open};

#[derive(Args)]
pub struct Arguments {
    /// How many of the newest snapshots stay, at least 1
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    keep_last: u32,
    /// Say what would be removed, remove nothing
    #[arg(long)]
    dry_run: bool,
}

pub fn run(global: &Global, arguments: &Arguments, out: &Out) -> anyhow::Result<Outcome> {
    let context = open::context(global, out)?;
    let mut store = open::existing_store(&context)?;
    let keep = arguments.keep_last as usize;
    let removed = if arguments.dry_run { store.prunable(keep)? } else { store.prune(keep)? };
    let kept = store.snapshots()?.len() - if arguments.dry_run { removed.len() } else { 0 };
    let ids: Vec<String> = removed.iter().map(|snapshot| snapshot.id.to_string()).collect();
    if out.json {
        out.object(&json!({ "removed": ids, "kept": kept, "dry_run": arguments.dry_run }))?;
    } else {
        let verb = if arguments.dry_run { "would remove" } else { "removed" };
        out.said(&format!("{verb} {}, {kept} stay", count(ids.len(), "snapshot")))?;
        ids.iter().for_each(|id| out.detail(&format!("  {id}")));
    }
    Ok(Outcome::Done)
}
