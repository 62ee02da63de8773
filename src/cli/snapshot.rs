//! `waypost snapshot`: read, rank, record, render.

use std::time::{Duration, Instant};

use clap::Args;
use serde_json::{Value, json};

use super::out::count;
use super::{Global, Out, Outcome, init, open, record_view};
use crate::pipeline::{self, Context, Refocus, Request, Stale, Taken, Warm};

#[derive(Args)]
pub struct Arguments {
    /// What the next session is about; remembered until changed, "" to end it
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    goal: Option<String>,
    /// Record the snapshot only, leave the handoff files as they are
    #[arg(long)]
    no_handoff: bool,
    /// Tell where the time went, stage by stage
    #[arg(long)]
    timings: bool,
}

pub fn run(global: &Global, arguments: &Arguments, out: &Out) -> anyhow::Result<Outcome> {
    let started = Instant::now();
    let context = open::context(global, out)?;
    init::prepare(&context.project)?;
    let request = Request {
        goal: arguments.goal.as_deref(),
        with_handoff: !arguments.no_handoff,
        refocus: Refocus::WhenChanged,
        touched: None,
    };
    let taken = pipeline::snapshot(&context, request, &mut Warm::default())?;
    taken.warnings.iter().for_each(|warning| out.warning(warning));
    match out.json {
        true => {
            let mut report = report(&context, &taken, started.elapsed());
            if arguments.timings {
                report["timings"] = timings(&taken);
            }
            out.object(&report)?;
        }
        false => {
            tell(&context, &taken, started.elapsed(), out)?;
            if arguments.timings {
                tell_timings(&taken, out)?;
            }
        }
    }
    Ok(Outcome::Done)
}

/// The report of a snapshot as JSON.
pub fn report(context: &Context, taken: &Taken, elapsed: Duration) -> Value {
    let snapshot = &taken.snapshot;
    let handoff = taken.handoff.as_ref().map(|handoff| {
        let path = |name: &str| context.project.folder().join(name).display().to_string();
        json!({
            "markdown": path("handoff.md"),
            "json": path("handoff.json"),
            "tokens": handoff.tokens,
            "written": handoff.written,
        })
    });
    json!({
        "id": snapshot.id.to_string(),
        "created_at": snapshot.created_at,
        "goal": snapshot.goal,
        "head": snapshot.head,
        "branch": snapshot.branch,
        "files": snapshot.files,
        "symbols": snapshot.symbols,
        "skipped": taken.skipped,
        "changes": taken.changes,
        "handoff": handoff,
        "elapsed_ms": elapsed.as_millis() as u64,
        "memory": {
            "stale": taken.stale.iter().map(stale_row).collect::<Vec<Value>>(),
            "unreadable": taken.unreadable,
        },
    })
}

/// Milliseconds by stage.
fn timings(taken: &Taken) -> Value {
    let stages = taken.timings.stages().iter();
    stages.map(|(stage, took)| (stage.to_string(), json!(took.as_secs_f64() * 1_000.0))).collect()
}

fn tell_timings(taken: &Taken, out: &Out) -> anyhow::Result<()> {
    for (stage, took) in taken.timings.stages() {
        out.line(&format!("{stage:<8} {:>9.1} ms", took.as_secs_f64() * 1_000.0))?;
    }
    Ok(())
}

fn stale_row(stale: &Stale) -> Value {
    let found = stale.verdict.found.as_ref().map(|found| found.place());
    json!({
        "id": stale.id, "title": stale.title, "anchor": stale.place, "state": stale.verdict.state.name(), "found": found,
    })
}

fn tell(context: &Context, taken: &Taken, took: Duration, out: &Out) -> anyhow::Result<()> {
    let snapshot = &taken.snapshot;
    let (files, symbols) =
        (count(snapshot.files as usize, "file"), count(snapshot.symbols as usize, "symbol"));
    out.said(&format!("snapshot {}: {files}, {symbols}, {} ms", snapshot.id, took.as_millis()))?;
    let changes = &taken.changes;
    let (added, modified, removed) = (changes.added.len(), changes.modified.len(), changes.removed.len());
    if added + modified + removed > 0 {
        out.said(&format!(
            "changed since the last one: {added} added, {modified} modified, {removed} removed"
        ))?;
    }
    if !taken.skipped.is_empty() {
        out.note(&format!(
            "{} listed, not read (`waypost show-snapshot` says why)",
            count(taken.skipped.len(), "file")
        ));
    }
    for skipped in &taken.skipped {
        out.detail(&format!("  {}: {}", skipped.path, skipped.reason));
    }
    open::report_unreadable(&taken.unreadable, out);
    for Stale { id, title, place, verdict } in &taken.stale {
        let (state, found) = (verdict.state.name(), record_view::found(verdict));
        out.said(&format!("{state}: {place}{found}, of record {id}: {title}"))?;
    }
    if let Some(handoff) = &taken.handoff {
        let state = if handoff.written { "written" } else { "already right" };
        let path = context.project.folder().join("handoff.md");
        out.said(&format!("handoff {state}: {} ({} tokens)", path.display(), handoff.tokens))?;
    }
    if snapshot.goal.is_none() {
        out.note("no goal is set: `waypost snapshot --goal \"...\"` puts the files for it first");
    }
    Ok(())
}
