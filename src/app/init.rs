//! Sets a project up: its folder, with a commented `config.toml`.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Serialize;

use super::{App, Result};
use crate::config;
use crate::fs::atomic::{self, WriteError};
use crate::pipeline::{Context, hold};
use crate::project::Project;

/// What was created.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Report {
    pub root: String,
    pub created: Vec<String>,
    /// The project's `.waypost` folder.
    #[serde(skip)]
    pub folder: PathBuf,
}

/// Creates what is missing and leaves the rest as it is.
pub fn init(app: &App) -> Result<Report> {
    let (project, _) = app.project()?;
    let created = prepare(&project)?;
    Ok(Report {
        root: project.root.display().to_string(),
        created: created.iter().map(|path| path.display().to_string()).collect(),
        folder: project.folder(),
    })
}

/// Creates what is missing and returns the created paths.
pub(super) fn prepare(project: &Project) -> std::result::Result<Vec<PathBuf>, WriteError> {
    prepare_but(project, |_| false)
}

/// The same for a watch, which must not write files that would get in git's
/// way.
pub(super) fn prepare_for_watch(context: &Context) -> std::result::Result<(), WriteError> {
    let is_held =
        |name: &str| hold::of_missing(context, &[name], &mut hold::BranchCache::default()).is_some();
    prepare_but(&context.project, is_held).map(drop)
}

fn prepare_but(
    project: &Project,
    is_held: impl Fn(&str) -> bool,
) -> std::result::Result<Vec<PathBuf>, WriteError> {
    let folder = project.folder();
    atomic::create_folder(&folder)?;
    let files = [("config.toml", config::template()), (".gitignore", "local/\n.waypost-*.tmp\n".to_string())];
    let mut created = Vec::new();
    for (name, text) in files {
        let path = folder.join(name);
        if std::fs::symlink_metadata(&path).is_err() && !is_held(name) {
            atomic::write(&path, text.as_bytes())?;
            created.push(path);
        }
    }
    Ok(created)
}
