//! Manages which projects' settings may widen what is read and shown.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::open::widening;
use super::{App, Error, Result, json};
use crate::config::WithheldSettings;

/// The project that is trusted now, and what this changes.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Trusted {
    pub root: String,
    pub trusted: bool,
    /// The settings that now take effect.
    pub widens: Vec<Widening>,
    #[serde(skip)]
    pub file: String,
}

/// A setting of the project's file that takes effect only because the project is trusted.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Widening {
    pub key: &'static str,
    #[schemars(schema_with = "json::setting_value")]
    pub value: Value,
    #[schemars(schema_with = "json::setting_value")]
    pub instead_of: Value,
    /// The same on one line.
    #[serde(skip)]
    pub words: String,
}

/// Whether the project was trusted until now.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Revoked {
    pub root: String,
    pub trusted: bool,
    pub was_trusted: bool,
}

/// All projects that the user trusts.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TrustList {
    pub trusted: Vec<TrustEntry>,
}

/// A project, and the hash of its settings.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TrustEntry {
    pub root: String,
    pub config: String,
}

/// Trusts the project's settings as they are now.
pub fn trust(app: &App) -> Result<Trusted> {
    let project = app.locate()?;
    let (settings, layer) = app.untrusted_settings(&project)?;
    let file = project.config_file();
    let shown = file.display().to_string();
    let Some(layer) = layer else {
        return Err(Error::new(format!("`{shown}` does not exist: there is nothing to trust")).about(file));
    };
    app.trust_list(&project.root)?.add(&project.root, layer.text.as_bytes())?;
    let root = project.root.display().to_string();
    let widens = settings.held().iter().map(report).collect();
    Ok(Trusted { root, trusted: true, widens, file: shown })
}

/// Revokes the trust in the project.
pub fn revoke(app: &App) -> Result<Revoked> {
    let project = app.locate()?;
    let was_trusted = app.trust_list(&project.root)?.remove(&project.root)?;
    Ok(Revoked { root: project.root.display().to_string(), trusted: false, was_trusted })
}

/// All projects that are trusted.
pub fn list(app: &App) -> Result<TrustList> {
    let project = app.locate()?;
    let trust = app.trust_list(&project.root)?;
    let entries = trust.entries.into_iter();
    Ok(TrustList {
        trusted: entries.map(|entry| TrustEntry { root: entry.root, config: entry.config }).collect(),
    })
}

fn report(held: &WithheldSettings) -> Widening {
    Widening {
        key: held.key.name(),
        value: held.asked.to_json(),
        instead_of: held.kept.to_json(),
        words: widening(held),
    }
}
