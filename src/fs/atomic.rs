//! Writing a file so that a reader sees the old bytes or the new, never a mix:
//! temporary file in the same folder, fsync, rename, fsync of the folder.
//!
//! Does nothing when the bytes on disk are already right.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::fs::confined;
use crate::io_errors;

/// A file that could not be written; the old one is untouched.
#[derive(Debug, thiserror::Error)]
#[error("cannot write `{}`: {}", path.display(), io_errors::why(source))]
pub struct WriteError {
    pub path: PathBuf,
    #[source]
    pub source: io::Error,
}

/// Writes one file; `true` when its bytes changed.
pub fn write(path: &Path, bytes: &[u8]) -> Result<bool, WriteError> {
    Ok(write_all(&[(path, bytes)])? > 0)
}

/// Writes one file bit by bit, however large it is: `fill` gets where to.
pub fn write_by(path: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), WriteError> {
    let run = || -> io::Result<()> {
        let folder = path.parent().unwrap_or(Path::new("."));
        confined::refuse_links(folder)?;
        let mut buffered = io::BufWriter::new(temporary(folder)?);
        fill(&mut buffered)?;
        let temporary = buffered.into_inner().map_err(io::IntoInnerError::into_error)?;
        temporary.as_file().sync_all()?;
        temporary.persist(path).map_err(|error| error.error)?;
        sync_folder(path)
    };
    run().map_err(|source| at(path, source))
}

/// Writes a file that the user named, wherever it is: an existing one, or a link in its
/// place, is replaced once the new one is complete.
pub fn write_named(path: &Path, bytes: &[u8], now: SystemTime) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    sweep(folder, now);
    let mut target = temporary(folder)?;
    target.write_all(bytes)?;
    target.as_file().sync_all()?;
    target.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Writes files that belong together: all temporary files first, then the
/// renames in the given order, so that a failure to write leaves all of them
/// old; a rename that fails undoes those before it. A kill between two renames
/// leaves both files whole and the pair mixed, until the next run. Returns how
/// many had to change.
pub fn write_all(files: &[(&Path, &[u8])]) -> Result<usize, WriteError> {
    let mut staged = Vec::new();
    for (path, bytes) in files {
        if !is_current(path, bytes) {
            let temporary = stage(path, bytes).map_err(|source| at(path, source))?;
            staged.push((*path, temporary));
        }
    }
    let mut done: Vec<Replaced> = Vec::with_capacity(staged.len());
    for (path, temporary) in staged {
        match replace(path, temporary) {
            Ok(replaced) => done.push(replaced),
            Err(source) => {
                done.into_iter().rev().for_each(Replaced::undo);
                return Err(at(path, source));
            }
        }
    }
    let folders: std::collections::BTreeMap<_, &Path> =
        done.iter().map(|replaced| (replaced.path.parent(), replaced.path)).collect();
    for path in folders.into_values() {
        sync_folder(path).map_err(|source| at(path, source))?;
    }
    Ok(done.len())
}

/// A file that has its new bytes, and where its old ones are: they go when
/// this is dropped.
struct Replaced<'a> {
    path: &'a Path,
    old: Old,
}

enum Old {
    None,
    /// Under the name of the temporary file.
    Kept(tempfile::TempPath),
    /// The old file, on a file system that cannot exchange two files.
    Bytes(Vec<u8>),
}

fn replace(path: &Path, temporary: tempfile::NamedTempFile) -> io::Result<Replaced<'_>> {
    if std::fs::symlink_metadata(path).is_err() {
        temporary.persist(path).map_err(|error| error.error)?;
        return Ok(Replaced { path, old: Old::None });
    }
    match exchange(temporary.path(), path)? {
        true => Ok(Replaced { path, old: Old::Kept(temporary.into_temp_path()) }),
        false => {
            let bytes = std::fs::read(path)?;
            temporary.persist(path).map_err(|error| error.error)?;
            Ok(Replaced { path, old: Old::Bytes(bytes) })
        }
    }
}

impl Replaced<'_> {
    /// A failure here leaves the new bytes, which are whole too; the error that
    /// led here is the one to tell.
    fn undo(self) {
        let _ = match self.old {
            Old::None => std::fs::remove_file(self.path),
            Old::Kept(old) => old.persist(self.path).map_err(|error| error.error),
            Old::Bytes(bytes) => stage(self.path, &bytes)
                .and_then(|old| old.persist(self.path).map(drop).map_err(|error| error.error)),
        };
    }
}

/// Exchanges two files in one step; `false` if the system cannot.
#[cfg(target_os = "linux")]
fn exchange(one: &Path, other: &Path) -> io::Result<bool> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(true),
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP | Errno::PERM) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(target_os = "linux"))]
fn exchange(_: &Path, _: &Path) -> io::Result<bool> {
    Ok(false)
}

/// A temporary file for something that will be renamed to a name in `folder`;
/// [`sweep`] clears it away when this run is killed.
pub fn temporary(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let file = builder().tempfile_in(folder)?;
    hold(file.as_file())?;
    Ok(file)
}

/// A temporary folder, likewise.
pub fn temporary_folder(folder: &Path) -> io::Result<tempfile::TempDir> {
    builder().tempdir_in(folder)
}

fn builder() -> tempfile::Builder<'static, 'static> {
    // Names live as long as the process, which makes few of them.
    static NAME: std::sync::LazyLock<String> =
        std::sync::LazyLock::new(|| format!("{PREFIX}{}-", std::process::id()));
    let mut builder = tempfile::Builder::new();
    builder.prefix(NAME.as_str()).suffix(SUFFIX);
    builder
}

/// As long as it is open, another process that shares the folder and not the
/// process numbers sees that it is not left over. No promise rests on it.
fn hold(file: &File) -> io::Result<()> {
    match file.lock_shared() {
        // File systems without locks have none to look at either.
        Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
        _ => Ok(()),
    }
}

/// Removes the temporary files and folders that runs which were killed left in
/// a folder: those of processes that are no more. Where a process has the number
/// of the one that made it, what is older than a week goes, if nobody holds it.
pub fn sweep(folder: &Path, now: SystemTime) {
    if confined::refuse_links(folder).is_err() {
        return;
    }
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let Some(middle) = name.strip_prefix(PREFIX).and_then(|rest| rest.strip_suffix(SUFFIX)) else {
            continue;
        };
        // Nothing else was ever made by us, and to open a pipe would wait.
        if !entry.file_type().is_ok_and(|kind| kind.is_file() || kind.is_dir()) {
            continue;
        }
        let modified = entry.metadata().and_then(|file| file.modified());
        let age = modified.ok().and_then(|modified| now.duration_since(modified).ok());
        let owner = middle.split('-').next().and_then(|number| number.parse().ok());
        let is_old = age.is_some_and(|age| age > WEEK);
        let is_left = (is_old || owner.is_some_and(|owner| !is_running(owner))) && !is_held(&entry.path());
        if is_left {
            // Another run may be faster, and a leftover harms nobody.
            let _ = match entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                true => std::fs::remove_dir_all(entry.path()),
                false => std::fs::remove_file(entry.path()),
            };
        }
    }
}

/// No run takes as long. A number is given to another process by then, or the
/// machine shares the folder and not the numbers.
const WEEK: Duration = Duration::from_secs(7 * 86_400);

/// Whether a process of this number may be running.
fn is_running(process: u32) -> bool {
    !cfg!(target_os = "linux") || Path::new("/proc").join(process.to_string()).exists()
}

/// A folder is held by nobody: its files lie as deep as any.
fn is_held(path: &Path) -> bool {
    let Ok(file) = confined::open(path) else { return false };
    matches!(file.try_lock(), Err(std::fs::TryLockError::WouldBlock))
}

/// Names of temporary files; `.waypost/.gitignore` knows them too.
const PREFIX: &str = ".waypost-";
const SUFFIX: &str = ".tmp";

/// Deletes a file so that it stays deleted after a crash.
pub fn remove(path: &Path) -> io::Result<()> {
    confined::refuse_links(path.parent().unwrap_or(Path::new(".")))?;
    std::fs::remove_file(path)?;
    sync_folder(path)
}

/// Creates a folder of ours with its missing parents, but never the project's
/// folder.
pub fn create_folder(path: &Path) -> Result<(), WriteError> {
    confined::create_folder(path, 0o777).map_err(|source| at(path, source))
}

/// Creates a folder for the user's own settings and state, in no project, and
/// all around it.
pub fn create_users_folder(path: &Path) -> Result<(), WriteError> {
    std::fs::create_dir_all(path).map_err(|source| at(path, source))
}

/// The same for a folder that nobody else may read.
pub fn create_private_folder(path: &Path) -> Result<(), WriteError> {
    create_users_folder(path)?;
    set_permissions(path, |_| 0o700).map_err(|source| at(path, source))
}

/// Makes a file executable for everybody who may read it.
pub fn make_executable(path: &Path) -> Result<(), WriteError> {
    set_permissions(path, |mode| mode | (mode & 0o444) >> 2).map_err(|source| at(path, source))
}

fn set_permissions(path: &Path, change: impl Fn(u32) -> u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let old = std::fs::metadata(path)?.permissions().mode() & 0o7777;
    match change(old) {
        new if new == old => Ok(()),
        new => std::fs::set_permissions(path, PermissionsExt::from_mode(new)),
    }
}

/// Removes a folder of the user's state with all that is in it.
pub fn remove_folder(path: &Path) -> io::Result<()> {
    std::fs::remove_dir_all(path)
}

/// Removes a folder that has nothing in it.
pub fn remove_empty_folder(path: &Path) -> io::Result<()> {
    std::fs::remove_dir(path)
}

fn is_current(path: &Path, bytes: &[u8]) -> bool {
    let regular = std::fs::symlink_metadata(path).is_ok_and(|m| m.is_file() && m.len() == bytes.len() as u64);
    regular && std::fs::read(path).is_ok_and(|old| old == bytes)
}

fn stage(path: &Path, bytes: &[u8]) -> io::Result<tempfile::NamedTempFile> {
    let folder = path.parent().unwrap_or(Path::new("."));
    confined::refuse_links(folder)?;
    match std::fs::symlink_metadata(path) {
        Ok(old) if !old.is_file() => {
            return Err(io::Error::other("not a regular file; move it away"));
        }
        _ => {}
    }
    let mut temporary = temporary(folder)?;
    temporary.write_all(bytes)?;
    set_mode(temporary.as_file(), path)?;
    temporary.as_file().sync_all()?;
    Ok(temporary)
}

/// The mode of the file that it replaces, else what an editor would give.
fn set_mode(temporary: &File, path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).map_or(0o644, |old| old.permissions().mode());
    temporary.set_permissions(PermissionsExt::from_mode(mode))
}

fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
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

    #[test]
    fn what_a_running_process_made_is_not_left_over_however_long_it_takes() {
        let folder = tempfile::tempdir().unwrap();
        let (file, stage) = (temporary(folder.path()).unwrap(), temporary_folder(folder.path()).unwrap());
        let hours = |number: u64| SystemTime::now() + Duration::from_secs(number * 3_600);
        sweep(folder.path(), hours(3));
        assert!(file.path().exists() && stage.path().exists());
        sweep(folder.path(), hours(8 * 24));
        assert!(file.path().exists(), "it is held");
        assert!(!stage.path().exists());
    }

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
