//! Shows the effective settings with their sources, changes them, and says
//! where the files are.

use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value;

use super::open::require_folder;
use super::{App, Error, Result, json};
use crate::config::{self, SettingKey, Settings};
use crate::fs::atomic;
use crate::fs::confined;
use crate::limits;

/// Every setting with its effective value, in the order in which settings are documented.
#[derive(Debug, Serialize)]
pub struct SettingList {
    #[serde(serialize_with = "json::map")]
    pub settings: Vec<(&'static str, SettingEntry)>,
}

/// The effective value of a setting, and the layer that it comes from.
#[derive(Debug, Serialize)]
pub struct SettingEntry {
    pub value: Value,
    pub source: String,
    /// The value as TOML writes it.
    #[serde(skip)]
    pub toml: String,
}

/// A single setting, as `config get` reports it.
#[derive(Debug, Serialize)]
pub struct One {
    #[serde(flatten)]
    pub entry: SettingEntry,
    pub key: &'static str,
}

/// A setting to write, and into which of the two files.
#[derive(Clone, Debug)]
pub struct SetRequest {
    pub key: String,
    /// The value as typed in a shell.
    pub value: String,
    /// Write to the user's file, for all projects, instead of the project's.
    pub user: bool,
}

/// The value that was written, and the file that holds it now.
#[derive(Debug, Serialize)]
pub struct SetReport {
    pub key: &'static str,
    pub value: Value,
    pub file: String,
    /// The value as TOML writes it.
    #[serde(skip)]
    pub toml: String,
}

/// Where the settings files are, whether or not they exist.
#[derive(Debug, Serialize)]
pub struct SettingPaths {
    pub user: Option<String>,
    pub project: String,
}

/// All settings as they apply in this project.
pub fn list(app: &App) -> Result<SettingList> {
    let (_, settings) = app.project()?;
    Ok(SettingList {
        settings: SettingKey::ALL.iter().map(|key| (key.name(), entry(&settings, *key))).collect(),
    })
}

/// One setting as it applies in this project; fails for an unknown key.
pub fn get(app: &App, key: &str) -> Result<One> {
    let key = known(key)?;
    let (_, settings) = app.project()?;
    Ok(One { entry: entry(&settings, key), key: key.name() })
}

/// Sets a value in the project's file, or the user's.
pub fn set(app: &App, request: &SetRequest) -> Result<SetReport> {
    let key = known(&request.key)?;
    let value = key.parse(&request.value).map_err(Error::new)?;
    let file = file_to_set(app, request.user)?;
    let text = match read(&file, request.user) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(Error::cannot("read", &file, &error)),
    };
    let edited = config::edited(&file, &text, key.name(), &value)?;
    let is_users_word = request.user || is_users_word(app)?;
    if let Some(folder) = file.parent().filter(|_| request.user) {
        atomic::create_users_folder(folder)?;
    }
    atomic::write(&file, edited.as_bytes())?;
    if !request.user && is_users_word {
        trust_what_was_set(app, edited.as_bytes())?;
    }
    Ok(SetReport {
        key: key.name(),
        toml: value.to_string(),
        value: value.to_json(),
        file: file.display().to_string(),
    })
}

/// Where the two settings files lie, whether or not they exist; `user` is `None` without a home
/// folder.
pub fn paths(app: &App) -> Result<SettingPaths> {
    let project = app.locate()?;
    let shown = |path: &Path| path.display().to_string();
    let user = app.host().user_config(&project.root).map(|path| shown(&path));
    Ok(SettingPaths { user, project: shown(&project.config_file()) })
}

/// The file to edit. Settings are not read for it, so that a broken file can be
/// repaired.
fn file_to_set(app: &App, user: bool) -> Result<PathBuf> {
    let project = app.locate()?;
    if user {
        let file = app.host().user_config(&project.root);
        return file.ok_or_else(|| Error::new("there is no home folder for a user file"));
    }
    require_folder(&project, "run `waypost init` first")?;
    Ok(project.config_file())
}

/// Whether the user has agreed to everything in the project's file. Only then
/// may setting a value renew the trust in it.
fn is_users_word(app: &App) -> Result<bool> {
    let project = app.locate()?;
    // A broken file says nothing yet.
    let Ok((settings, layer)) = app.untrusted_settings(&project) else { return Ok(false) };
    let trust = app.trust_list(&project.root).unwrap_or_default();
    let is_trusted = layer.is_some_and(|layer| trust.holds(&project.root, layer.text.as_bytes()));
    Ok(settings.held().is_empty() || is_trusted)
}

/// Trusts a file after the user's own command changed it, so that no second
/// command is needed. A file that widens nothing needs no trust.
fn trust_what_was_set(app: &App, config: &[u8]) -> Result<()> {
    let project = app.locate()?;
    let (settings, _) = app.untrusted_settings(&project)?;
    match settings.held() {
        [] => Ok(()),
        _ => Ok(app.trust_list(&project.root)?.add(&project.root, config)?),
    }
}

fn read(file: &Path, user: bool) -> io::Result<String> {
    match user {
        true => std::fs::read_to_string(file),
        false => confined::read_text(file, limits::MAX_CONFIG),
    }
}

fn known(key: &str) -> Result<SettingKey> {
    config::find(key).map_err(|problem| match config::nearest(key) {
        Some(hint) => Error::new(problem).with_hint(hint),
        None => Error::new(problem),
    })
}

fn entry(settings: &Settings, key: SettingKey) -> SettingEntry {
    let value = settings.value(key);
    SettingEntry { value: value.to_json(), source: settings.source(key).to_string(), toml: value.to_string() }
}
