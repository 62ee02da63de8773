//! Where the user's own templates lie, and what they say.
//!
//! Only the user's configuration folder is read: no repository brings a template along.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::limits;
use crate::render::template::{OwnTemplate, Templates, built_in};

/// The folder below the user's configuration folder.
pub fn folder(config: &Path) -> PathBuf {
    config.join("waypost/templates")
}

/// The templates with the user's in the places of those of the same name.
pub fn load(config: Option<&Path>) -> Arc<Templates> {
    let own = config.map(|config| read(&folder(config))).unwrap_or_default();
    if own.is_empty() { Templates::embedded() } else { Arc::new(Templates::new(own)) }
}

/// The files of the folder that have the name of a template. One that is no text is a
/// template that cannot be used, and says so.
fn read(folder: &Path) -> BTreeMap<String, OwnTemplate> {
    if !folder.is_dir() {
        return BTreeMap::new();
    }
    let own = |name: &&str| {
        let path = folder.join(name);
        let size = fs::metadata(&path).ok().filter(fs::Metadata::is_file)?.len();
        let text = match size > limits::MAX_CONFIG {
            true => format!("{{{{ too large: {size} bytes }}}}"),
            false => String::from_utf8_lossy(&fs::read(&path).ok()?).into_owned(),
        };
        Some((name.to_string(), OwnTemplate { path, text }))
    };
    built_in().keys().filter_map(own).collect()
}

/// Files in the folder that take no template's place.
pub fn strangers(folder: &Path) -> Vec<String> {
    let entries = [folder.to_path_buf(), folder.join("sections")];
    let entries = entries.iter().flat_map(|folder| fs::read_dir(folder).into_iter().flatten().flatten());
    let files = entries.map(|entry| entry.path()).filter(|path| path.is_file());
    let name = |path: PathBuf| path.strip_prefix(folder).ok().map(|name| name.to_string_lossy().into_owned());
    let mut names: Vec<String> =
        files.filter_map(name).filter(|name| !built_in().contains_key(name.as_str())).collect();
    names.sort();
    names
}
