//! `waypost pin`, `unpin` and `pins`: files that the handoff always names.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use serde_json::{Value, json};

use super::{Global, Out, Outcome, open, outline};
use crate::memory::{self, Anchor, Kind, Memory, Record};
use crate::model::SafeText;
use crate::pipeline;

#[derive(Args)]
pub struct PinArguments {
    /// A file of the project
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// Why, in one line
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

#[derive(Args)]
pub struct UnpinArguments {
    /// A pinned file
    #[arg(value_name = "PATH")]
    path: PathBuf,
}

pub fn pin(global: &Global, arguments: &PinArguments, out: &Out) -> anyhow::Result<Outcome> {
    let context = open::context(global, out)?;
    let folder = context.project.folder();
    anyhow::ensure!(folder.is_dir(), "`{}` does not exist\nhint: run `waypost init` first", folder.display());
    let path = outline::project_path(&context, &arguments.path)?;
    let anchor = pipeline::stamp(&context, &path, None)?;
    let note = arguments.note.as_deref().map(|note| context.redactor.line(note.trim())).unwrap_or_default();
    let memory = Memory::load(&context.project.memory(), &context.redactor)?;
    let old = memory.pins().find(|pin| pin.anchors.iter().any(|anchor| anchor.path == path));
    let now = (context.clock)();
    let mut record = old.cloned().unwrap_or_else(|| {
        let id = memory::new_id(now.ns as u64 / 1_000_000, pipeline::random());
        Record::new(id, Kind::Pin, SafeText::default(), now.text)
    });
    if old.is_none() || arguments.note.is_some() {
        record.title = note;
    }
    record.anchors = vec![anchor];
    memory::save(&context.project.memory(), &record)?;
    match out.json {
        true => out.object(&json!({ "id": record.id, "path": path, "note": record.title }))?,
        false => out.note(&format!("pinned `{path}`")),
    }
    Ok(Outcome::Done)
}

pub fn unpin(global: &Global, arguments: &UnpinArguments, out: &Out) -> anyhow::Result<Outcome> {
    let context = open::context(global, out)?;
    let path = outline::project_path(&context, &arguments.path)?;
    let memory = Memory::load(&context.project.memory(), &context.redactor)?;
    let pins: Vec<&Record> = memory.pins().filter(|pin| pin.anchors.iter().any(|a| a.path == path)).collect();
    anyhow::ensure!(!pins.is_empty(), "`{path}` is not pinned\nhint: `waypost pins` lists the pinned files");
    for pin in pins {
        memory::remove(&context.project.memory(), &pin.id)
            .with_context(|| format!("the record {} cannot be removed", pin.id))?;
    }
    match out.json {
        true => out.object(&json!({ "path": path }))?,
        false => out.note(&format!("unpinned `{path}`")),
    }
    Ok(Outcome::Done)
}

pub fn list(global: &Global, out: &Out) -> anyhow::Result<Outcome> {
    let context = open::context(global, out)?;
    let memory = Memory::load(&context.project.memory(), &context.redactor)?;
    let pins: Vec<(&Anchor, &Record)> =
        memory.pins().flat_map(|pin| pin.anchors.iter().map(move |anchor| (anchor, pin))).collect();
    if out.json {
        let rows: Vec<Value> = pins
            .iter()
            .map(|(anchor, pin)| json!({ "path": anchor.path, "note": pin.title, "id": pin.id }))
            .collect();
        out.object(&json!({ "pins": rows }))?;
        return Ok(Outcome::Done);
    }
    for (anchor, pin) in &pins {
        out.line(format!("{}  {}", anchor.path, pin.title).trim_end())?;
    }
    Ok(Outcome::Done)
}
