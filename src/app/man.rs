//! Manual pages and completion scripts, as the command line made them of itself.

use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;

use super::Result;
use crate::fs::atomic;

/// One page, in roff.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ManPage {
    /// Its file's name, such as `waypost-goal-add.1`.
    pub name: String,
    pub page: String,
}

/// The pages that were written.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WrittenPages {
    pub folder: String,
    pub pages: Vec<String>,
}

/// A completion script.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Script {
    pub shell: String,
    pub script: String,
}

/// Writes all pages into a folder, which is created.
pub fn write(folder: &Path, pages: &[ManPage]) -> Result<WrittenPages> {
    atomic::create_users_folder(folder)?;
    for page in pages {
        atomic::write(&folder.join(&page.name), page.page.as_bytes())?;
    }
    let names = pages.iter().map(|page| page.name.clone());
    Ok(WrittenPages { folder: folder.display().to_string(), pages: names.collect() })
}
