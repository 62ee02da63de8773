//! `waypost status`: where the project stands.

use serde_json::json;

use super::out::count;
use super::{Global, Out, Outcome, handoff, open};
use crate::memory::Record;
use crate::pipeline;

pub fn run(global: &Global, out: &Out) -> anyhow::Result<Outcome> {
    let context = open::context(global, out)?;
    crate::render::tokens::warm_up();
    let store = open::store(&context)?;
    let reading = pipeline::read(&context, store.as_ref())?;
    let memory = open::memory(&context, out)?;
    let latest = store.as_ref().map(|store| store.latest()).transpose()?.flatten();
    let (_, history) = pipeline::history(&context, store.as_ref());
    let now = pipeline::now(&context, &reading, store.as_ref(), &history)?;
    let handoff = pipeline::handoff(&context, &reading, &memory, context.settings.number("handoff_budget"))?;
    let freshness = handoff::freshness(&context, &handoff)?;
    let files = reading.tree.files.len();
    let symbols = reading.symbols;
    let goal = memory.goal().map(Record::text);
    let folder = || context.redactor.line(&context.project.folder_name());
    let name = pipeline::project_name(&context, reading.facts(&context)?).unwrap_or_else(folder);
    let head = context.repository.as_ref().and_then(|repository| repository.head().commit);
    let pins: Vec<&str> =
        memory.pins().flat_map(|pin| &pin.anchors).map(|anchor| anchor.path.as_str()).collect();
    if out.json {
        let changed: Vec<_> = now
            .changed
            .iter()
            .map(|c| json!({ "path": c.path, "status": c.status, "symbols": c.symbols }))
            .collect();
        let snapshot = latest.as_ref().map(|s| json!({ "id": s.id.to_string(), "created_at": s.created_at }));
        out.object(&json!({
            "project": name,
            "root": context.project.root.display().to_string(),
            "snapshot": snapshot,
            "goal": goal,
            "files": files,
            "symbols": symbols,
            "tokens": handoff.tokens,
            "branch": now.branch,
            "head": head,
            "changed": changed,
            "pins": pins,
            "freshness": freshness,
        }))?;
        return Ok(Outcome::Done);
    }
    out.line(&format!("project    {name} ({})", context.project.root.display()))?;
    match &latest {
        Some(snapshot) => out.line(&format!("snapshot   {} of {}", snapshot.id, snapshot.created_at))?,
        None => out.line("snapshot   none: run `waypost snapshot`")?,
    }
    out.line(&format!(
        "goal       {}",
        goal.map_or("none".to_string(), |goal| goal.one_line(100).to_string())
    ))?;
    out.line(&format!("tree       {}, {}", count(files, "file"), count(symbols as usize, "symbol")))?;
    if let Some(branch) = &now.branch {
        out.line(&format!("branch     {branch} at {}", now.head.as_deref().unwrap_or("no commit")))?;
    } else if let Some(head) = &now.head {
        out.line(&format!("head       {head} (detached)"))?;
    }
    if let Some(since) = &now.since {
        out.line(&format!("changed    {} since {since}", count(now.changed.len(), "file")))?;
        for change in now.changed.iter().take(12) {
            out.line(&format!("           {} {}", change.status, change.path))?;
        }
    }
    for pin in &pins {
        out.line(&format!("pin        {pin}"))?;
    }
    out.line(&format!("handoff    {freshness} ({} tokens)", handoff.tokens))?;
    Ok(Outcome::Done)
}
