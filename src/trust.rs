//! The projects whose settings the user trusts: for each root the hash of its
//! `config.toml`, in a list outside every repository. Trust ends when the file
//! changes, as with a pull.
//!
//! Not here: what trust allows ([`crate::config`]), and where the list lies.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::fs::atomic::{self, WriteError};
use crate::fs::confined;
use crate::limits;
use crate::model::ContentHash;

/// One project whose settings are trusted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TrustedProject {
    /// Absolute, without links.
    pub root: String,
    /// Hash of the bytes of the file with the settings, in hex.
    pub config: String,
}

/// The list, as it is on disk.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    file: PathBuf,
    /// Sorted; one for each root.
    pub entries: Vec<TrustedProject>,
}

impl Trust {
    /// Reads the list, a JSON object a line. One that is not there, or that
    /// others could have written, trusts nobody.
    pub fn load(file: &Path) -> Self {
        let text = match confined::is_private(file) {
            true => confined::read_text(file, limits::MAX_OWN_FILE).unwrap_or_default(),
            false => String::new(),
        };
        let entries = text.lines().filter_map(|line| serde_json::from_str(line).ok());
        let mut entries: Vec<TrustedProject> = entries.collect();
        entries.sort();
        Self { file: file.to_path_buf(), entries }
    }

    /// Whether the user trusts this content at this root.
    pub fn holds(&self, root: &Path, config: &[u8]) -> bool {
        let config = ContentHash::of(config).to_hex();
        let mut of_root = self.entries.iter().filter(|entry| Path::new(&entry.root) == root);
        of_root.any(|entry| entry.config == config)
    }

    /// Trusts this content at this root, instead of an older one.
    pub fn add(&mut self, root: &Path, config: &[u8]) -> Result<(), WriteError> {
        let Some(name) = root.to_str() else {
            let source = io::Error::other("a path that is not UTF-8 cannot be kept");
            return Err(WriteError { path: root.to_path_buf(), source });
        };
        let config = ContentHash::of(config).to_hex();
        self.change(|entries| {
            entries.retain(|entry| entry.root != name);
            entries.push(TrustedProject { root: name.to_string(), config });
        })
    }

    /// Revokes the trust in a project; `false` if it was not trusted.
    pub fn remove(&mut self, root: &Path) -> Result<bool, WriteError> {
        let mut is_removed = false;
        self.change(|entries| {
            let before = entries.len();
            entries.retain(|entry| Path::new(&entry.root) != root);
            is_removed = before > entries.len();
        })?;
        Ok(is_removed)
    }

    /// Changes the list as it is by now, with other processes kept out.
    fn change(&mut self, change: impl FnOnce(&mut Vec<TrustedProject>)) -> Result<(), WriteError> {
        let folder = self.file.parent().unwrap_or(Path::new("."));
        atomic::create_users_folder(folder)?;
        let failed = |source| WriteError { path: folder.to_path_buf(), source };
        let lock = std::fs::File::open(folder).map_err(failed)?;
        lock.lock().map_err(failed)?;
        let known = std::mem::replace(self, Self::load(&self.file)).entries;
        change(&mut self.entries);
        self.entries.sort();
        match self.entries == known && self.file.exists() {
            true => Ok(()),
            false => self.save(),
        }
    }

    fn save(&self) -> Result<(), WriteError> {
        let lines = self.entries.iter().filter_map(|entry| serde_json::to_string(entry).ok());
        let text: String = lines.map(|line| line + "\n").collect();
        atomic::write(&self.file, text.as_bytes()).map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trust_is_in_a_content_at_a_place_and_ends() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("state/trust.jsonl");
        let (here, there) = (Path::new("/a/here"), Path::new("/a/there"));
        let mut trust = Trust::load(&file);
        trust.add(here, b"one").unwrap();
        trust.add(there, b"two").unwrap();
        let known = Trust::load(&file);
        assert!(known.holds(here, b"one") && known.holds(there, b"two"));
        assert!(!known.holds(here, b"two") && !known.holds(Path::new("/a"), b"one"));
        trust.add(here, b"three").unwrap();
        assert!(!Trust::load(&file).holds(here, b"one"));
        assert!(trust.remove(here).unwrap() && !trust.remove(here).unwrap());
        assert!(!Trust::load(&file).holds(here, b"three"));
    }

    #[test]
    fn two_who_change_the_list_at_once_lose_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("trust.jsonl");
        // Both have read it before either of them writes.
        let (mut one, mut other) = (Trust::load(&file), Trust::load(&file));
        one.add(Path::new("/a"), b"one").unwrap();
        other.add(Path::new("/b"), b"two").unwrap();
        let known = Trust::load(&file);
        assert!(known.holds(Path::new("/a"), b"one") && known.holds(Path::new("/b"), b"two"));
        assert!(one.remove(Path::new("/b")).unwrap());
    }

    #[test]
    fn a_list_that_others_can_write_trusts_nobody() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("trust.jsonl");
        Trust::load(&file).add(Path::new("/a"), b"one").unwrap();
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o666)).unwrap();
        assert!(!Trust::load(&file).holds(Path::new("/a"), b"one"));
    }
}
