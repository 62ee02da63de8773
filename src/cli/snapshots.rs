//! `waypost snapshots` and `waypost show-snapshot`.

use clap::Args;
use serde_json::{Value, json};

use super::out::count;
use super::{Global, Out, Outcome, open};
use crate::model::Snapshot;

#[derive(Args)]
pub struct ShowArguments {
    /// Which one [default: the last]
    #[arg(value_name = "ID")]
    id: Option<String>,
}

pub fn list(global: &Global, out: &Out) -> anyhow::Result<Outcome> {
    let context = open::context(global, out)?;
    let snapshots = match open::store(&context)? {
        Some(store) => store.snapshots()?,
        None => Vec::new(),
    };
    if out.json {
        let rows: Vec<Value> = snapshots.iter().map(row).collect();
        out.object(&json!({ "snapshots": rows }))?;
        return Ok(Outcome::Done);
    }
    for snapshot in &snapshots {
        let files = count(snapshot.files as usize, "file");
        let goal = snapshot.goal.as_ref().map(|goal| format!("  {}", goal.one_line(60))).unwrap_or_default();
        let branch = snapshot.branch.as_ref().map(|branch| format!("  {branch}")).unwrap_or_default();
        out.line(&format!("{:<5} {}  {files}{branch}{goal}", snapshot.id.to_string(), snapshot.created_at))?;
    }
    if snapshots.is_empty() {
        out.note("there is no snapshot yet: run `waypost snapshot`");
    }
    Ok(Outcome::Done)
}

pub fn show(global: &Global, arguments: &ShowArguments, out: &Out) -> anyhow::Result<Outcome> {
    let context = open::context(global, out)?;
    let store = open::existing_store(&context)?;
    let snapshot = store.snapshot(open::snapshot_id(&store, arguments.id.as_deref())?)?;
    let state = store.state(snapshot.id)?;
    if out.json {
        let files = state.files.iter().map(|(path, file)| {
            json!({
                "path": path,
                "size": file.size,
                "hash": file.hash.to_hex(),
                "class": file.class,
                "language": file.language,
            })
        });
        let mut object = row(&snapshot);
        object["files"] = files.collect::<Vec<Value>>().into();
        object["skipped"] = json!(state.skipped);
        out.object(&object)?;
        return Ok(Outcome::Done);
    }
    out.line(&format!("snapshot  {} of {}", snapshot.id, snapshot.created_at))?;
    if let Some(goal) = &snapshot.goal {
        out.line(&format!("goal      {}", goal.one_line(100)))?;
    }
    if let Some(head) = &snapshot.head {
        let branch = snapshot.branch.as_ref().map(|branch| format!("{branch} at ")).unwrap_or_default();
        out.line(&format!("head      {branch}{head}"))?;
    }
    out.line(&format!("files     {}, {}", snapshot.files, count(snapshot.symbols as usize, "symbol")))?;
    for (path, file) in &state.files {
        out.line(format!("  {path}  {}", file.language.as_deref().unwrap_or("")).trim_end())?;
    }
    for skipped in &state.skipped {
        out.line(&format!("  not read: {}: {}", skipped.path, skipped.reason))?;
    }
    Ok(Outcome::Done)
}

fn row(snapshot: &Snapshot) -> Value {
    json!({
        "id": snapshot.id.to_string(),
        "created_at": snapshot.created_at,
        "goal": snapshot.goal,
        "head": snapshot.head,
        "branch": snapshot.branch,
        "files": snapshot.files,
        "symbols": snapshot.symbols,
        "tokens": snapshot.tokens,
    })
}
