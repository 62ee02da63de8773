//! Pins: files that the handoff always names.

use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;

use super::open::require_folder;
use super::{App, Error, Result};
use crate::memory::Memory;
use crate::model::{RelPath, SafeText};
use crate::pipeline::{self, Context};

/// A pin that was just set, with its record's id.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Pinned {
    pub id: String,
    pub path: RelPath,
    pub note: SafeText,
}

/// The file whose pin was removed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Unpinned {
    pub path: RelPath,
}

/// All pinned files.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Pins {
    pub pins: Vec<Pin>,
}

/// A pinned file, why it is pinned, and the id of the record that says so.
#[derive(Debug, Serialize, JsonSchema)]
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
    let note = note.map(|note| context.redactor.line(note.trim()));
    let record = app.record_store(&context)?.pin(anchor, note)?;
    Ok(Pinned { id: record.id, path, note: record.title })
}

/// Removes the pin of a file; an error if it has none.
pub fn unpin(app: &App, path: &Path) -> Result<Unpinned> {
    let context = app.context()?;
    let path = app.project_path(&context, path)?;
    if app.record_store(&context)?.unpin(&path)? == 0 {
        let hint = "`waypost pins` lists the pinned files";
        return Err(Error::new(format!("`{path}` is not pinned")).with_hint(hint).about(path.as_str()));
    }
    Ok(Unpinned { path })
}

/// Lists the pinned files; `note` is empty where no reason was given.
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
    Ok(crate::records::load(context)?)
}
