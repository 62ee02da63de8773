//! Shows the effective settings with their sources, changes them, and says
//! where the files are.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::open::require_folder;
use super::{App, Error, Result, json};
use crate::config::{self, SettingKey, Settings};
use crate::fs::atomic;
use crate::fs::confined;
use crate::limits;

/// Every setting with its effective value, in the order in which settings are documented.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SettingList {
    #[serde(serialize_with = "json::map")]
    #[schemars(with = "BTreeMap<String, SettingEntry>")]
    pub settings: Vec<(&'static str, SettingEntry)>,
}

/// The effective value of a setting, and the layer that it comes from.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SettingEntry {
    #[schemars(schema_with = "json::setting_value")]
    pub value: Value,
    pub source: String,
    /// The value as TOML writes it.
    #[serde(skip)]
    pub toml: String,
}

/// A single setting, as `config get` reports it.
#[derive(Debug, Serialize, JsonSchema)]
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
#[derive(Debug, Serialize, JsonSchema)]
pub struct SetReport {
    pub key: &'static str,
    #[schemars(schema_with = "json::setting_value")]
    pub value: Value,
    pub file: String,
    /// The value as TOML writes it.
    #[serde(skip)]
    pub toml: String,
}

/// The setting that was taken out, and what holds now.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UnsetReport {
    pub key: &'static str,
    /// Whether the file set it.
    pub changed: bool,
    pub file: String,
    /// The effective value, and the layer that it comes from.
    #[serde(flatten)]
    pub entry: SettingEntry,
}

/// Where the settings files are, whether or not they exist.
#[derive(Debug, Serialize, JsonSchema)]
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

/// The names of all settings, in the order in which they are documented.
pub fn names() -> Vec<&'static str> {
    SettingKey::ALL.iter().map(|key| key.name()).collect()
}

/// Sets a value in the project's file, or the user's.
pub fn set(app: &App, request: &SetRequest) -> Result<SetReport> {
    let key = known(&request.key)?;
    let value = key.parse(&request.value).map_err(Error::new)?;
    let file = file_to_set(app, request.user)?;
    let edited = config::edited(&file, &text_of(&file, request.user)?, key.name(), &value)?;
    write(app, &file, &edited, request.user)?;
    Ok(SetReport {
        key: key.name(),
        toml: value.to_string(),
        value: value.to_json(),
        file: file.display().to_string(),
    })
}

/// Takes a setting out of the project's file, or the user's, so that it has the value of the layer
/// below.
pub fn unset(app: &App, key: &str, user: bool) -> Result<UnsetReport> {
    let key = known(key)?;
    let file = file_to_set(app, user)?;
    let text = text_of(&file, user)?;
    let edited = config::without(&file, &text, key.name())?;
    let changed = edited != text;
    if changed {
        write(app, &file, &edited, user)?;
    }
    let (_, settings) = app.project()?;
    Ok(UnsetReport {
        key: key.name(),
        changed,
        file: file.display().to_string(),
        entry: entry(&settings, key),
    })
}

/// A settings file that the user edits.
pub struct OpenedSettings {
    pub file: PathBuf,
    user: bool,
    is_users_word: bool,
}

/// The file to edit by hand; for the user's, its folder is made.
pub fn open(app: &App, user: bool) -> Result<OpenedSettings> {
    let file = file_to_set(app, user)?;
    let is_users_word = user || is_users_word(app)?;
    if let Some(folder) = file.parent().filter(|_| user) {
        atomic::create_users_folder(folder)?;
    }
    Ok(OpenedSettings { file, user, is_users_word })
}

/// Checks what was edited, and trusts it where what was there before was the user's word.
pub fn close(app: &App, opened: &OpenedSettings) -> Result<()> {
    let text = text_of(&opened.file, opened.user)?;
    app.untrusted_settings(&app.locate()?)?;
    if !opened.user && opened.is_users_word {
        trust_what_was_set(app, text.as_bytes())?;
    }
    Ok(())
}

fn text_of(file: &Path, user: bool) -> Result<String> {
    match read(file, user) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(Error::cannot("read", file, &error)),
    }
}

fn write(app: &App, file: &Path, text: &str, user: bool) -> Result<()> {
    let is_users_word = user || is_users_word(app)?;
    if let Some(folder) = file.parent().filter(|_| user) {
        atomic::create_users_folder(folder)?;
    }
    atomic::write(file, text.as_bytes())?;
    if !user && is_users_word {
        trust_what_was_set(app, text.as_bytes())?;
    }
    Ok(())
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
