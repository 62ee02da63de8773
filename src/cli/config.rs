//! `waypost config`: the effective settings, each with its source.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{Global, Out, Outcome, open};
use crate::config::{self, SETTINGS, Settings, Source};
use crate::project::Project;
use crate::render::publish;

#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Subcommand)]
enum Action {
    /// Print one effective value
    Get { key: String },
    /// Set a value in the project's file (or the user's)
    Set {
        key: String,
        value: String,
        /// In the user's file, for all projects
        #[arg(long)]
        user: bool,
    },
    /// Where the files are
    Path,
}

pub fn run(global: &Global, arguments: &Arguments, out: &Out) -> anyhow::Result<Outcome> {
    match &arguments.action {
        None => list(global, out),
        Some(Action::Get { key }) => get(global, key, out),
        Some(Action::Set { key, value, user }) => set(global, key, value, *user, out),
        Some(Action::Path) => path(global, out),
    }
}

fn list(global: &Global, out: &Out) -> anyhow::Result<Outcome> {
    let (_, settings) = open::project(global)?;
    if out.json {
        let rows: serde_json::Map<String, Value> =
            SETTINGS.iter().map(|setting| (setting.key.to_string(), entry(&settings, setting.key))).collect();
        out.object(&json!({ "settings": rows }))?;
        return Ok(Outcome::Done);
    }
    for setting in SETTINGS {
        if let Some((value, source)) = settings.get(setting.key) {
            out.line(&format!("{} = {value}  # {source}", setting.key))?;
        }
    }
    Ok(Outcome::Done)
}

fn get(global: &Global, key: &str, out: &Out) -> anyhow::Result<Outcome> {
    known(key)?;
    let (_, settings) = open::project(global)?;
    let (value, _) = settings.get(key).context("every known setting has a value")?;
    match (out.json, value) {
        (true, _) => {
            let mut object = entry(&settings, key);
            object["key"] = key.into();
            out.object(&object)?;
        }
        (false, config::Value::Text(text)) => out.line(text)?,
        (false, value) => out.line(&value.to_string())?,
    }
    Ok(Outcome::Done)
}

fn set(global: &Global, key: &str, value: &str, user: bool, out: &Out) -> anyhow::Result<Outcome> {
    let setting = known(key)?;
    let value = setting.parse(value).map_err(anyhow::Error::msg)?;
    let file = match user {
        true => open::user_config().context("there is no home folder for a user file")?,
        false => project_file(global)?,
    };
    let text = match std::fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error).with_context(|| format!("cannot read `{}`", file.display())),
    };
    let edited = config::edited(&file, &text, key, &value)?;
    if let Some(folder) = file.parent().filter(|_| user) {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot create `{}`", folder.display()))?;
    }
    publish::write(&file, edited.as_bytes())?;
    match out.json {
        true => {
            out.object(&json!({ "key": key, "value": value.to_json(), "file": file.display().to_string() }))?
        }
        false => out.note(&format!("{key} = {value} in `{}`", file.display())),
    }
    Ok(Outcome::Done)
}

/// The project's file; a broken one must not keep the user from mending it.
fn project_file(global: &Global) -> anyhow::Result<PathBuf> {
    let current = std::env::current_dir().context("the current folder cannot be read")?;
    let project = Project::locate(global.project_root.as_deref(), &current)?;
    let folder = project.folder();
    anyhow::ensure!(folder.is_dir(), "`{}` does not exist\nhint: run `waypost init` first", folder.display());
    Ok(project.config_file())
}

fn path(global: &Global, out: &Out) -> anyhow::Result<Outcome> {
    let current = std::env::current_dir().context("the current folder cannot be read")?;
    let project = Project::locate(global.project_root.as_deref(), &current)?;
    let shown = |path: &Path| path.display().to_string();
    let user = open::user_config().map(|path| shown(&path));
    if out.json {
        out.object(&json!({ "user": user, "project": shown(&project.config_file()) }))?;
    } else {
        out.line(&format!("user     {}", user.as_deref().unwrap_or("none")))?;
        out.line(&format!("project  {}", shown(&project.config_file())))?;
    }
    Ok(Outcome::Done)
}

fn known(key: &str) -> anyhow::Result<&'static config::Setting> {
    config::find(key).map_err(|problem| {
        let hint = config::nearest(key).map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
        anyhow::anyhow!("{problem}{hint}")
    })
}

fn entry(settings: &Settings, key: &str) -> Value {
    let (value, source) =
        settings.get(key).cloned().unwrap_or((config::Value::List(Vec::new()), Source::Default));
    json!({ "value": value.to_json(), "source": source.to_string() })
}
