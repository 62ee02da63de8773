//! `waypost config`: the effective settings, each with its source.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{Global, Out, Outcome, open};
use crate::config::{self, SETTINGS, Settings, Source};
use crate::render::publish;
use crate::{beneath, limits};

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
    let (_, settings) = open::project(global, out)?;
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
    let (_, settings) = open::project(global, out)?;
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
        true => open::user_config(&open::locate(global)?.root)
            .context("there is no home folder for a user file")?,
        false => project_file(global)?,
    };
    let text = match read(&file, user) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error).with_context(|| format!("cannot read `{}`", file.display())),
    };
    let edited = config::edited(&file, &text, key, &value)?;
    let is_users_word = user || is_users_word(global)?;
    if let Some(folder) = file.parent().filter(|_| user) {
        publish::create_users_folder(folder)?;
    }
    publish::write(&file, edited.as_bytes())?;
    if !user && is_users_word {
        trust_what_was_set(global, edited.as_bytes())?;
    }
    match out.json {
        true => {
            out.object(&json!({ "key": key, "value": value.to_json(), "file": file.display().to_string() }))?
        }
        false => out.note(&format!("{key} = {value} in `{}`", file.display())),
    }
    Ok(Outcome::Done)
}

/// Whether the project's file holds nothing that the user has not agreed to, so
/// that what the user sets makes none of it trusted by the way.
fn is_users_word(global: &Global) -> anyhow::Result<bool> {
    let project = open::locate(global)?;
    // A broken file says nothing yet.
    let Ok((settings, layer)) = open::untrusted_settings(&project) else { return Ok(false) };
    let trust = open::trust_list(&project.root).unwrap_or_default();
    let is_trusted = layer.is_some_and(|layer| trust.holds(&project.root, layer.text.as_bytes()));
    Ok(settings.held().is_empty() || is_trusted)
}

/// What widens by the user's own command needs no second one. What widens
/// nothing needs no trust.
fn trust_what_was_set(global: &Global, config: &[u8]) -> anyhow::Result<()> {
    let project = open::locate(global)?;
    let (settings, _) = open::untrusted_settings(&project)?;
    match settings.held() {
        [] => Ok(()),
        _ => Ok(open::trust_list(&project.root)?.add(&project.root, config)?),
    }
}

fn read(file: &Path, user: bool) -> std::io::Result<String> {
    match user {
        true => std::fs::read_to_string(file),
        false => beneath::read_text(file, limits::MAX_CONFIG),
    }
}

/// The project's file; a broken one must not keep the user from mending it.
fn project_file(global: &Global) -> anyhow::Result<PathBuf> {
    let project = open::locate(global)?;
    let folder = project.folder();
    anyhow::ensure!(folder.is_dir(), "`{}` does not exist\nhint: run `waypost init` first", folder.display());
    Ok(project.config_file())
}

fn path(global: &Global, out: &Out) -> anyhow::Result<Outcome> {
    let project = open::locate(global)?;
    let shown = |path: &Path| path.display().to_string();
    let user = open::user_config(&project.root).map(|path| shown(&path));
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
