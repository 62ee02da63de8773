//! `waypost diff-summary`: the tree against the last snapshot, on one screen.

use serde_json::json;

use super::out::count;
use super::{Global, Out, Outcome, open};
use crate::pipeline;

/// Lines of a list; a screen has about 40.
const SHOWN: usize = 12;

pub fn run(global: &Global, out: &Out) -> anyhow::Result<Outcome> {
    let context = open::context(global, out)?;
    let store = open::existing_store(&context)?;
    let snapshot = store.snapshot(open::snapshot_id(&store, None)?)?;
    let reading = pipeline::read(&context, Some(&store))?;
    let (files, symbols) = pipeline::compare_with(&reading, &store, snapshot.id)?;
    if out.json {
        out.object(&json!({
            "snapshot": snapshot.id.to_string(),
            "summary": {
                "files": { "added": files.added.len(), "modified": files.modified.len(), "removed": files.removed.len(), "same": files.same },
                "symbols": { "added": symbols.added.len(), "removed": symbols.removed.len(), "changed": symbols.changed.len() },
            },
            "files": files,
            "symbols": symbols,
        }))?;
        return Ok(Outcome::Done);
    }
    let changed = files.added.len() + files.modified.len() + files.removed.len();
    if changed == 0 {
        out.line(&format!("nothing changed since {} of {}", snapshot.id, snapshot.created_at))?;
        return Ok(Outcome::Done);
    }
    out.line(&format!(
        "since {} of {}: {} changed",
        snapshot.id,
        snapshot.created_at,
        count(changed, "file")
    ))?;
    let marked = |mark: &'static str, paths: &[crate::model::RelPath]| -> Vec<String> {
        paths.iter().map(|path| format!("{mark} {path}")).collect()
    };
    let lists =
        [marked("~", &files.modified), marked("+", &files.added), marked("-", &files.removed)].concat();
    shown(out, &lists)?;
    let mut lines: Vec<String> =
        symbols.changed.iter().map(|c| format!("~ {} {} -> {}", c.path, c.before, c.after)).collect();
    lines.extend(symbols.added.iter().map(|row| format!("+ {} {}", row.path, row.signature)));
    lines.extend(symbols.removed.iter().map(|row| format!("- {} {}", row.path, row.signature)));
    if !lines.is_empty() {
        out.line(&count(lines.len(), "symbol"))?;
        shown(out, &lines)?;
    }
    Ok(Outcome::Done)
}

fn shown(out: &Out, lines: &[String]) -> std::io::Result<()> {
    for line in lines.iter().take(SHOWN) {
        out.line(&format!("  {line}"))?;
    }
    match lines.len().checked_sub(SHOWN) {
        Some(more) if more > 0 => out.line(&format!("  and {more} more: `waypost restore`")),
        _ => Ok(()),
    }
}
