//! `waypost init`: the project's folder, with a commented `config.toml`.

use std::path::PathBuf;

use serde_json::json;

use super::{Global, Out, Outcome, open};
use crate::config;
use crate::project::Project;
use crate::render::publish;

pub fn run(global: &Global, out: &Out) -> anyhow::Result<Outcome> {
    let (project, _) = open::project(global, out)?;
    let created = prepare(&project)?;
    if out.json {
        let created: Vec<String> = created.iter().map(|path| path.display().to_string()).collect();
        out.object(&json!({ "root": project.root.display().to_string(), "created": created }))?;
    } else if created.is_empty() {
        out.note(&format!("`{}` is set up already", project.folder().display()));
    } else {
        created.iter().for_each(|path| out.note(&format!("created `{}`", path.display())));
    }
    Ok(Outcome::Done)
}

/// Creates what is missing and gives it back; what is there stays as it is.
pub fn prepare(project: &Project) -> Result<Vec<PathBuf>, publish::WriteError> {
    let folder = project.folder();
    publish::create_folder(&folder)?;
    let files = [
        (project.config_file(), config::template()),
        (folder.join(".gitignore"), "local/\n.waypost-*.tmp\n".to_string()),
    ];
    let mut created = Vec::new();
    for (path, text) in files {
        if std::fs::symlink_metadata(&path).is_err() {
            publish::write(&path, text.as_bytes())?;
            created.push(path);
        }
    }
    Ok(created)
}
