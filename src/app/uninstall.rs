//! Undoes what waypost wrote on this machine outside of repositories, and lists
//! what it leaves in this one.
//!
//! Not here: the program itself, which whoever installed it removes.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Serialize;

use super::setup::Desk;
use super::{App, Error, Result};
use crate::fs::atomic;
use crate::project::FOLDER;
use crate::setup::edit::{self, Became, Target};
use crate::setup::journal::Record;
use crate::setup::{Part, Piece};

/// What was undone, and what was not.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Report {
    /// Whether this was a preview that wrote nothing.
    pub preview: bool,
    /// Files of clients, outside of repositories.
    pub files: Vec<Taken>,
    /// Folders of waypost's that are removed.
    pub folders: Vec<String>,
    /// What is left for the user to remove.
    pub kept: Vec<Kept>,
}

/// A file outside of repositories that waypost had written into.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Taken {
    pub path: String,
    /// Why waypost's entry is still in the file.
    pub why: Option<String>,
}

/// A file or folder that is left for the user to remove, and what it is.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Kept {
    pub path: String,
    pub what: &'static str,
}

/// Takes waypost's entries out of the user's own files, and removes its state folder if all of them
/// are gone; a preview only lists them.
pub fn uninstall(app: &App, preview: bool) -> Result<Report> {
    let desk = Desk::open(app)?;
    let lock = if preview || !desk.journal.folder.exists() { None } else { Some(desk.journal.lock()?) };
    let (of_projects, of_user): (Vec<Record>, Vec<Record>) =
        desk.journal.all().into_iter().partition(|record| record.root.is_some());
    let files = of_user.iter().map(|record| take(&desk, record, preview)).collect::<Result<Vec<_>>>()?;
    drop(lock);
    let state = desk.journal.folder.parent().map(Path::to_path_buf).unwrap_or_default();
    // Where something of ours is still in a file, what was there before is kept.
    let is_free = files.iter().all(|file: &Taken| file.why.is_none());
    let folders: Vec<PathBuf> = [state].into_iter().filter(|folder| folder.is_dir() && is_free).collect();
    if !preview {
        for folder in &folders {
            atomic::remove_folder(folder).map_err(|error| Error::cannot("remove", folder, &error))?;
        }
    }
    let folders = folders.iter().map(|folder| folder.display().to_string()).collect();
    Ok(Report { preview, files, folders, kept: kept(app, &of_projects)? })
}

fn take(desk: &Desk, record: &Record, preview: bool) -> Result<Taken> {
    let path = record.path.display().to_string();
    let mut why = None;
    let clients: Vec<&str> = record.steps.iter().flat_map(|step| &step.clients).map(String::as_str).collect();
    for client in clients {
        let wanted = |part: &Part| {
            let pieces = record.steps.iter().filter(|step| step.part == *part).map(|step| step.piece.clone());
            let pieces: Vec<Piece> = pieces.collect();
            (!pieces.is_empty()).then_some((*part, pieces))
        };
        let wanted = Part::ALL.iter().filter_map(wanted).collect();
        let target = Target { path: record.path.clone(), root: None, client: client.to_string(), wanted };
        let plan = edit::plan_undo(&desk.journal, &target);
        let mut refusals = plan.parts.iter().filter_map(|(_, became)| match became {
            Became::Refused(refusal) => Some(refusal.why.clone()),
            _ => None,
        });
        why = why.or(refusals.next_back());
        if !preview {
            plan.carry_out(&desk.journal, &target)?;
        }
    }
    Ok(Taken { path, why })
}

/// What stays: files in repositories, and what people wrote.
fn kept(app: &App, of_projects: &[Record]) -> Result<Vec<Kept>> {
    let project = app.locate()?;
    let mut kept = Vec::new();
    let mut keep = |path: &Path, what| kept.push(Kept { path: path.display().to_string(), what });
    let folder = project.root.join(FOLDER);
    if folder.exists() {
        keep(&folder, "the handoff and the records of this project");
    }
    for record in of_projects {
        let here = record.root.as_deref() == Some(project.root.as_path());
        keep(&record.path, if here { "set up in this project" } else { "set up in another project" });
    }
    let config = app.host().user_config(&project.root).and_then(|file| file.parent().map(Path::to_path_buf));
    if let Some(config) = config.filter(|folder| folder.exists()) {
        keep(&config, "your settings");
    }
    Ok(kept)
}
