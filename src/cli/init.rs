//! `waypost init`: the project's folder, with a commented `config.toml`, and if
//! wanted the merge driver.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::{Global, Out, Outcome, merge, open};
use crate::config;
use crate::project::Project;
use crate::render::publish;

#[derive(Args)]
pub struct Arguments {
    /// Have git render the handoff again where it would conflict: a driver in this clone's
    /// .git/config, a line in .gitattributes for everybody
    #[arg(long)]
    merge_driver: bool,
}

pub fn run(global: &Global, arguments: &Arguments, out: &Out) -> anyhow::Result<Outcome> {
    let (project, _) = open::project(global, out)?;
    if arguments.merge_driver {
        return merge::set_up(&open::context(global, out)?, out);
    }
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
