//! The files of the clients on the disk: where a name leads, what is there, and
//! writing it whole, with its mode, through a link to what the link names.
//!
//! Not here: what is written.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::fs::atomic::{self, WriteError};
use crate::fs::confined;
use crate::model::ContentHash;
use crate::{io_errors, limits};

use super::Refusal;

/// The file that a name leads to, through links. Within `root` none may lead
/// out: a repository can bring links along.
pub fn resolve(path: &Path, root: Option<&Path>) -> Result<PathBuf, Refusal> {
    let resolved = match fs::symlink_metadata(path) {
        Ok(_) => path.canonicalize().map_err(|error| unreadable(&error))?,
        Err(_) => {
            let (folder, rest) = nearest(path);
            folder.canonicalize().map_err(|error| unreadable(&error))?.join(rest)
        }
    };
    match root {
        Some(root) if !resolved.starts_with(root) => {
            Err(Refusal::whole("a link leads out of the project, where only `--user` writes"))
        }
        _ => Ok(resolved),
    }
}

fn unreadable(error: &io::Error) -> Refusal {
    Refusal::whole(format!("it cannot be read: {}", io_errors::why(error)))
}

/// The nearest folder that exists, and the rest of the path below it.
fn nearest(path: &Path) -> (&Path, &Path) {
    let exists = |folder: &&Path| fs::symlink_metadata(folder).is_ok();
    let folder = path.ancestors().skip(1).find(exists).unwrap_or(Path::new("/"));
    (folder, path.strip_prefix(folder).unwrap_or(path))
}

/// The bytes of a file; `None` if there is none.
pub fn read(path: &Path) -> Result<Option<Vec<u8>>, Refusal> {
    let file = match confined::open_named(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(|error| unreadable(&error))?,
    };
    let mut bytes = Vec::new();
    file.take(limits::MAX_OWN_FILE + 1).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    match bytes.len() as u64 > limits::MAX_OWN_FILE {
        true => Err(Refusal::whole("it is larger than any configuration")),
        false => Ok(Some(bytes)),
    }
}

/// The folders that must be made for a file, outermost first.
pub fn missing_folders(path: &Path) -> Vec<PathBuf> {
    let folders = path.ancestors().skip(1).take_while(|folder| !folder.exists());
    let mut missing: Vec<PathBuf> = folders.map(Path::to_path_buf).collect();
    missing.reverse();
    missing
}

/// Writes a file as a whole, with any missing folders; an existing file keeps
/// its mode.
pub fn write(path: &Path, bytes: &[u8], executable: bool) -> Result<(), WriteError> {
    atomic::create_users_folder(path.parent().unwrap_or(Path::new("/")))?;
    atomic::write(path, bytes)?;
    match executable {
        true => atomic::make_executable(path),
        false => Ok(()),
    }
}

/// Removes a file, and of these folders the innermost while they are empty.
pub fn remove(path: &Path, folders: &[PathBuf]) -> Result<(), WriteError> {
    let failed = |source| WriteError { path: path.to_path_buf(), source };
    atomic::remove(path).map_err(failed)?;
    for folder in folders.iter().rev() {
        if atomic::remove_empty_folder(folder).is_err() {
            break;
        }
    }
    Ok(())
}

/// The BLAKE3 hash of a file's bytes in hex, as the journal stores it.
pub fn hash(bytes: &[u8]) -> String {
    ContentHash::of(bytes).to_hex()
}
