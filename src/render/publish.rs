//! Writing a file so that a reader sees the old bytes or the new, never a mix:
//! temporary file in the same folder, fsync, rename, fsync of the folder.
//!
//! Does nothing when the bytes on disk are already right.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::beneath;

/// A file that could not be written; the old one is untouched.
#[derive(Debug, thiserror::Error)]
#[error("cannot write `{}`: {source}", path.display())]
pub struct WriteError {
    pub path: PathBuf,
    #[source]
    pub source: io::Error,
}

/// Writes one file; `true` when its bytes changed.
pub fn write(path: &Path, bytes: &[u8]) -> Result<bool, WriteError> {
    Ok(write_all(&[(path, bytes)])? > 0)
}

/// Writes files that belong together: all temporary files first, then the
/// renames in the given order, so that a failure to write leaves all of them
/// old. Gives back how many had to change.
pub fn write_all(files: &[(&Path, &[u8])]) -> Result<usize, WriteError> {
    let mut staged = Vec::new();
    for (path, bytes) in files {
        if !is_current(path, bytes) {
            let temporary = stage(path, bytes).map_err(|source| at(path, source))?;
            staged.push((*path, temporary));
        }
    }
    let changed = staged.len();
    let mut folders = std::collections::BTreeMap::new();
    for (path, temporary) in staged {
        temporary.persist(path).map_err(|error| at(path, error.error))?;
        folders.insert(path.parent(), path);
    }
    for path in folders.into_values() {
        sync_folder(path).map_err(|source| at(path, source))?;
    }
    Ok(changed)
}

/// Removes the temporary files that runs which were killed left in a folder.
/// One that is younger than a minute may belong to a run that goes on.
pub fn sweep(folder: &Path, now: SystemTime) {
    if beneath::refuse_links(folder).is_err() {
        return;
    }
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let modified = entry.metadata().and_then(|file| file.modified());
        let age = modified.ok().and_then(|modified| now.duration_since(modified).ok());
        if name.starts_with(PREFIX)
            && name.ends_with(SUFFIX)
            && age.is_some_and(|age| age > Duration::from_secs(60))
        {
            // Another run may be faster, and a leftover harms nobody.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// Names of temporary files; `.waypost/.gitignore` knows them too.
const PREFIX: &str = ".waypost-";
const SUFFIX: &str = ".tmp";

/// Deletes a file so that it stays deleted after a crash.
pub fn remove(path: &Path) -> io::Result<()> {
    beneath::refuse_links(path.parent().unwrap_or(Path::new(".")))?;
    std::fs::remove_file(path)?;
    sync_folder(path)
}

/// Creates a folder and those around it.
pub fn create_folder(path: &Path) -> Result<(), WriteError> {
    beneath::refuse_links(path).map_err(|source| at(path, source))?;
    std::fs::create_dir_all(path).map_err(|source| at(path, source))
}

fn is_current(path: &Path, bytes: &[u8]) -> bool {
    let regular = std::fs::symlink_metadata(path).is_ok_and(|m| m.is_file() && m.len() == bytes.len() as u64);
    regular && std::fs::read(path).is_ok_and(|old| old == bytes)
}

fn stage(path: &Path, bytes: &[u8]) -> io::Result<tempfile::NamedTempFile> {
    let folder = path.parent().unwrap_or(Path::new("."));
    beneath::refuse_links(folder)?;
    match std::fs::symlink_metadata(path) {
        Ok(old) if !old.is_file() => {
            return Err(io::Error::other("it is no regular file; move it away"));
        }
        _ => {}
    }
    let mut temporary = tempfile::Builder::new().prefix(PREFIX).suffix(SUFFIX).tempfile_in(folder)?;
    temporary.write_all(bytes)?;
    set_mode(temporary.as_file(), path)?;
    temporary.as_file().sync_all()?;
    Ok(temporary)
}

/// The mode of the file that it replaces, else what an editor would give.
#[cfg(unix)]
fn set_mode(temporary: &File, path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).map_or(0o644, |old| old.permissions().mode());
    temporary.set_permissions(PermissionsExt::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_: &File, _: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

fn at(path: &Path, source: io::Error) -> WriteError {
    WriteError { path: path.to_path_buf(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_bytes_are_not_written_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        assert!(write(&path, b"1").unwrap());
        assert!(!write(&path, b"1").unwrap());
        assert!(write(&path, b"2").unwrap());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "a temporary file was left");
    }

    #[test]
    fn a_failure_in_one_file_leaves_all_of_them_old_and_names_the_path() {
        let folder = tempfile::tempdir().unwrap();
        let (good, bad) = (folder.path().join("good"), folder.path().join("bad"));
        std::fs::write(&good, "old").unwrap();
        std::fs::create_dir(&bad).unwrap();
        let error = write_all(&[(&good, b"new"), (&bad, b"new")]).unwrap_err().to_string();
        assert!(error.contains("bad"), "{error}");
        assert_eq!(std::fs::read(&good).unwrap(), b"old");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_the_place_of_the_file_is_refused_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (target, link) = (folder.path().join("target"), folder.path().join("link"));
        std::fs::write(&target, "theirs").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        assert!(write(&link, b"ours").is_err());
        assert_eq!(std::fs::read(&target).unwrap(), b"theirs");
    }
}
