//! The text of a settings file: what is wrong in it and where, one value set in
//! it, and the file that `waypost init` writes.
//!
//! Not here: what the values mean (`setting`).

use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Item};

use super::setting::{Setting, SettingValue};

/// A setting that cannot be used: what, where and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {problem}{}", hint.as_ref().map(|h| format!("\nhint: {h}")).unwrap_or_default())]
pub struct BadConfig {
    /// `None` for a variable or a flag.
    pub file: Option<PathBuf>,
    place: String,
    problem: String,
    hint: Option<String>,
}

impl BadConfig {
    /// A bad value of a variable or a flag.
    pub fn of(place: &str, problem: String) -> Self {
        Self { file: None, place: place.to_string(), problem, hint: None }
    }
}

/// The text of `file` with `key` set to `value`; comments and order stay.
pub fn edited(file: &Path, text: &str, key: &str, value: &SettingValue) -> Result<String, BadConfig> {
    let mut document = parsed(file, text)?;
    document[key] = Item::Value(value.to_toml());
    Ok(document.to_string())
}

/// The text of `file` without `key`, which has its default again; comments and order stay.
pub fn without(file: &Path, text: &str, key: &str) -> Result<String, BadConfig> {
    let mut document = parsed(file, text)?;
    document.remove(key);
    Ok(document.to_string())
}

fn parsed(file: &Path, text: &str) -> Result<DocumentMut, BadConfig> {
    text.parse().map_err(|error: toml_edit::TomlError| {
        let line = error.span().map(|span| line_of(text, span.start));
        at(file, line, error.message().to_string(), None)
    })
}

/// A settings file with every setting at its default, commented out.
pub fn template(settings: &[Setting]) -> String {
    let mut text = String::from(
        "# Settings of waypost for this project. All are optional; the values below are the defaults.\n",
    );
    for setting in settings {
        text.push_str(&format!("\n# {}\n# {} = {}\n", setting.help, setting.name, setting.default_value()));
    }
    text
}

/// What is wrong in a file, and where.
pub fn at(file: &Path, line: Option<usize>, problem: String, hint: Option<String>) -> BadConfig {
    let line = line.map(|line| format!(":{line}")).unwrap_or_default();
    let place = format!("`{}{line}`", file.display());
    BadConfig { file: Some(file.to_path_buf()), place, problem, hint }
}

/// The line of a byte, from 1.
pub fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes()[..offset.min(text.len())].iter().filter(|byte| **byte == b'\n').count() + 1
}
