//! The templates of pages: which there are, what they say, and copies to edit.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Serialize;

use super::{App, Error, Result, own_templates};
use crate::fs::atomic;
use crate::render::template::built_in;

/// Every template, and where the user's own lie.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TemplateList {
    /// `None` for a user without a home folder, or with one in the project.
    pub folder: Option<String>,
    pub templates: Vec<TemplateRow>,
    /// Files there that have the name of no template.
    pub unknown: Vec<String>,
    /// Why no page can be made with them.
    pub problem: Option<String>,
}

/// A template and whose it is.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TemplateRow {
    pub name: &'static str,
    /// Whether a file of the user's, which differs, takes its place.
    pub own: bool,
}

/// What a template says.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TemplateText {
    pub name: &'static str,
    pub own: bool,
    pub text: String,
}

/// Copies that were written to be edited.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Ejected {
    pub folder: String,
    pub written: Vec<&'static str>,
    /// Files that were there and stay as they are.
    pub kept: Vec<&'static str>,
}

/// The names of all templates.
pub fn names() -> Vec<&'static str> {
    built_in().into_keys().collect()
}

/// Lists all templates.
pub fn list(app: &App) -> Result<TemplateList> {
    let context = app.context()?;
    let own: Vec<&str> = context.templates.own().collect();
    let folder = app.templates_folder()?;
    let templates = built_in().into_keys().map(|name| TemplateRow { name, own: own.contains(&name) });
    Ok(TemplateList {
        templates: templates.collect(),
        unknown: folder.as_deref().map(own_templates::strangers).unwrap_or_default(),
        folder: folder.map(|folder| folder.display().to_string()),
        problem: context.templates.broken().map(ToString::to_string),
    })
}

/// What a template says: the user's own, or that which comes with waypost.
pub fn show(app: &App, name: &str, wants_built_in: bool) -> Result<TemplateText> {
    let (name, text) = known(name)?;
    let context = app.context()?;
    let own = context.templates.own_text(name).filter(|_| !wants_built_in);
    Ok(TemplateText { name, own: own.is_some(), text: own.unwrap_or(text).to_string() })
}

/// Writes copies into the user's folder, or `to`; what is there already stays.
pub fn eject(app: &App, name: Option<&str>, to: Option<&Path>) -> Result<Ejected> {
    let chosen = match name {
        Some(name) => vec![known(name)?],
        None => built_in().into_iter().collect(),
    };
    let own_folder = app.templates_folder()?;
    let no_folder = || {
        Error::new("you have no configuration folder outside of this project").with_hint("name one by `--to`")
    };
    let folder: PathBuf = match to {
        Some(folder) => app.host().current.join(folder),
        None => own_folder.ok_or_else(no_folder)?,
    };
    let (mut written, mut kept) = (Vec::new(), Vec::new());
    for (name, text) in chosen {
        let path = folder.join(name);
        if std::fs::symlink_metadata(&path).is_ok() {
            kept.push(name);
            continue;
        }
        atomic::create_users_folder(path.parent().unwrap_or(&folder))?;
        atomic::write(&path, text.as_bytes())?;
        written.push(name);
    }
    Ok(Ejected { folder: folder.display().to_string(), written, kept })
}

/// A template by its name, which may lack its ending.
fn known(name: &str) -> Result<(&'static str, &'static str)> {
    let all = built_in();
    let found = all.iter().find(|(known, _)| **known == name || known.trim_end_matches(".md.j2") == name);
    found.map(|(name, text)| (*name, *text)).ok_or_else(|| {
        Error::new(format!("there is no template `{name}`")).with_hint("`waypost templates list` lists them")
    })
}
