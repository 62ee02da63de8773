//! Files that the handoff always names.

use std::path::Path;

use serde::Serialize;

use super::open::require_folder;
use super::{App, Error, Result};
use crate::memory::{self, Kind, Memory, Record};
use crate::model::{RelPath, SafeText};
use crate::pipeline::{self, Context};

#[derive(Debug, Serialize)]
pub struct Pinned {
    pub id: String,
    pub path: RelPath,
    pub note: SafeText,
}

#[derive(Debug, Serialize)]
pub struct Unpinned {
    pub path: RelPath,
}

#[derive(Debug, Serialize)]
pub struct Pins {
    pub pins: Vec<Pin>,
}

#[derive(Debug, Serialize)]
pub struct Pin {
    pub path: RelPath,
    pub note: SafeText,
    pub id: String,
}

/// Pins a file, with a note that says why.
pub fn pin(app: &App, path: &Path, note: Option<&str>) -> Result<Pinned> {
    let context = app.context()?;
    require_folder(&context.project, "run `waypost init` first")?;
    let path = app.project_path(&context, path)?;
    let anchor = pipeline::stamp(&context, &path, None)?;
    let title = note.map(|note| context.redactor.line(note.trim())).unwrap_or_default();
    let memory = load(&context)?;
    let old = memory.pins().find(|pin| pin.anchors.iter().any(|anchor| anchor.path == path));
    let now = (context.clock)();
    let mut record = old.cloned().unwrap_or_else(|| {
        let id = memory::new_id(now.ns as u64 / 1_000_000, pipeline::random());
        Record::new(id, Kind::Pin, SafeText::default(), now.text)
    });
    if old.is_none() || note.is_some() {
        record.title = title;
    }
    record.anchors = vec![anchor];
    memory::save(&context.project.memory(), &record)?;
    Ok(Pinned { id: record.id, path, note: record.title })
}

pub fn unpin(app: &App, path: &Path) -> Result<Unpinned> {
    let context = app.context()?;
    let path = app.project_path(&context, path)?;
    let memory = load(&context)?;
    let pins: Vec<&Record> = memory.pins().filter(|pin| pin.anchors.iter().any(|a| a.path == path)).collect();
    if pins.is_empty() {
        let hint = "`waypost pins` lists the pinned files";
        return Err(Error::new(format!("`{path}` is not pinned")).with_hint(hint).about(path.as_str()));
    }
    for pin in pins {
        memory::remove(&context.project.memory(), &pin.id)
            .map_err(|error| Error::new(format!("the record {} cannot be removed: {error}", pin.id)))?;
    }
    Ok(Unpinned { path })
}

pub fn pins(app: &App) -> Result<Pins> {
    let context = app.context()?;
    let memory = load(&context)?;
    let pins = memory.pins().flat_map(|pin| pin.anchors.iter().map(move |anchor| (anchor, pin)));
    let pins = pins.map(|(anchor, pin)| Pin {
        path: anchor.path.clone(),
        note: pin.title.clone(),
        id: pin.id.clone(),
    });
    Ok(Pins { pins: pins.collect() })
}

fn load(context: &Context) -> Result<Memory> {
    Ok(Memory::load(&context.project.memory(), &context.redactor)?)
}
