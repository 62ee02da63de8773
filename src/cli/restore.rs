//! `waypost restore`: what of a snapshot is still valid.

use clap::Args;
use serde_json::json;

use super::out::count;
use super::{Global, Out, Outcome, open};
use crate::memory::{Memory, Record, State, Status};
use crate::model::Snapshot;
use crate::pipeline::{self, Context, Reading};

#[derive(Args)]
pub struct Arguments {
    /// Compare with this snapshot [default: the last one]
    #[arg(long, value_name = "ID")]
    snapshot_id: Option<String>,
}

pub fn run(global: &Global, arguments: &Arguments, out: &Out) -> anyhow::Result<Outcome> {
    let context = open::context(global, out)?;
    let store = open::existing_store(&context)?;
    let snapshot = store.snapshot(open::snapshot_id(&store, arguments.snapshot_id.as_deref())?)?;
    let reading = pipeline::read(&context, Some(&store))?;
    let (files, symbols) = pipeline::compare_with(&reading, &store, snapshot.id)?;
    let stale = stale_facts(&context, &snapshot, &reading)?;
    if out.json {
        out.object(&json!({
            "snapshot": snapshot.id.to_string(),
            "summary": {
                "valid": files.same,
                "changed": files.modified.len(),
                "missing": files.removed.len(),
                "new": files.added.len(),
            },
            "changed": files.modified,
            "missing": files.removed,
            "new": files.added,
            "stale": stale,
            "symbols": symbols,
        }))?;
        return Ok(Outcome::Done);
    }
    out.line(&format!("against {} of {}", snapshot.id, snapshot.created_at))?;
    out.line(&format!("  valid    {}", count(files.same, "file")))?;
    for (word, paths) in [("changed", &files.modified), ("missing", &files.removed), ("new", &files.added)] {
        out.line(&format!("  {word:<8} {}", count(paths.len(), "file")))?;
        for path in paths {
            out.line(&format!("             {path}"))?;
        }
    }
    for fact in &stale {
        out.line(&format!("  stale    {fact}"))?;
    }
    for row in &symbols.added {
        out.line(&format!("  + {}: {}", row.path, row.signature))?;
    }
    for row in &symbols.removed {
        out.line(&format!("  - {}: {}", row.path, row.signature))?;
    }
    for change in &symbols.changed {
        out.line(&format!("  ~ {}: {} -> {}", change.path, change.before, change.after))?;
    }
    Ok(Outcome::Done)
}

/// Recorded facts that no longer hold, in words.
fn stale_facts(context: &Context, snapshot: &Snapshot, reading: &Reading) -> anyhow::Result<Vec<String>> {
    let mut stale = Vec::new();
    let head = context.repository.as_ref().map(|repository| repository.head()).unwrap_or_default();
    let branch = head.branch.as_deref().map(|branch| context.redactor.line(branch));
    let word = |text: Option<&str>| text.unwrap_or("none").to_string();
    if branch != snapshot.branch {
        let then = snapshot.branch.as_ref().map(|branch| branch.as_str());
        stale.push(format!(
            "branch moved from {} to {}",
            word(then),
            word(branch.as_ref().map(|b| b.as_str()))
        ));
    }
    if head.commit != snapshot.head {
        let short = |commit: &Option<String>| word(commit.as_ref().map(|c| &c[..c.len().min(10)]));
        stale.push(format!("head moved from {} to {}", short(&snapshot.head), short(&head.commit)));
    }
    let memory = Memory::load(&context.project.memory(), &context.redactor)?;
    let accepted: Vec<&Record> = memory.records.iter().filter(|r| r.status == Status::Accepted).collect();
    let verdicts = pipeline::verdicts(context, &reading.tree, &accepted)?;
    for (record, verdicts) in accepted.iter().zip(verdicts) {
        for (anchor, verdict) in record.anchors.iter().zip(verdicts) {
            if verdict.state != State::Fresh {
                let (kind, title) = (record.kind.name(), &record.title);
                let (state, place) = (verdict.state.name(), anchor.place());
                stale.push(format!("{kind} {} ({title}) {state}: {place}", record.id));
            }
        }
    }
    Ok(stale)
}
