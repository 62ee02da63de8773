//! One watch a project: a lock on a file that says who holds it. The kernel
//! drops the lock of a process that ends in whatever way, so a file that was
//! left behind stands in nobody's way.

use std::fs::{File, Metadata, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{Mode, OFlags};

/// The file in the folder for what is never committed.
const NAME: &str = "watch.lock";

/// Longer than a process that only checks for the lock holds it.
const ASKING: Duration = Duration::from_millis(20);

/// The lock, held until it is dropped.
#[derive(Debug)]
pub struct Lock {
    path: PathBuf,
    file: File,
}

/// Why there is no lock.
#[derive(Debug, thiserror::Error)]
pub enum NoLock {
    #[error(
        "`waypost watch` already runs on this project{holder}\nhint: one keeps the handoff current for all; `snapshot`, `note` and the rest work beside it"
    )]
    Held { holder: String },
    #[error("cannot lock `{}`: {source}", path.display())]
    Failed { path: PathBuf, source: io::Error },
}

impl NoLock {
    /// The lock's file, where it could not be used.
    pub fn path(&self) -> Option<PathBuf> {
        match self {
            Self::Held { .. } => None,
            Self::Failed { path, .. } => Some(path.clone()),
        }
    }
}

impl Lock {
    /// Takes the lock of the project whose uncommitted files lie in `folder`.
    /// Others are told `since`.
    pub fn take(folder: &Path, since: &str) -> Result<Self, NoLock> {
        let path = folder.join(NAME);
        let failed = |source| NoLock::Failed { path: path.clone(), source };
        let mut asked_again = false;
        loop {
            let mut file = open(&path, OFlags::CREATE).map_err(failed)?;
            match file.try_lock() {
                Ok(()) => {}
                // It may be one who only asks.
                Err(TryLockError::WouldBlock) if asked_again => {
                    return Err(NoLock::Held { holder: holder(&mut file) });
                }
                Err(TryLockError::WouldBlock) => {
                    asked_again = true;
                    std::thread::sleep(ASKING);
                    continue;
                }
                Err(TryLockError::Error(source)) => return Err(failed(source)),
            }
            let mut lock = Self { path: path.clone(), file };
            // Whoever held it may have removed the file in between.
            if lock.is_in_place() {
                lock.say(&format!("{} {since}\n", std::process::id())).map_err(failed)?;
                return Ok(lock);
            }
        }
    }

    /// Whether the locked file is still the one at its path: `git clean`, say,
    /// takes it away, and then somebody else can lock a new one.
    pub fn is_in_place(&self) -> bool {
        let identity = |file: Metadata| (file.dev(), file.ino());
        let own = self.file.metadata().map(identity);
        let there = std::fs::symlink_metadata(&self.path).map(identity);
        matches!((own, there), (Ok(own), Ok(there)) if own == there)
    }

    fn say(&mut self, text: &str) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.write_all(text.as_bytes())
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if self.is_in_place() {
            // A file that stays is no lock: the kernel drops that by itself.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Who holds the lock, as ` (process 123, since ...)`, empty if that cannot be
/// read; `None` if nobody does. Creates nothing.
pub fn held(folder: &Path) -> Option<String> {
    let mut file = open(&folder.join(NAME), OFlags::empty()).ok()?;
    matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)).then(|| holder(&mut file))
}

/// Follows no link: what lies there may have come with the project.
fn open(path: &Path, more: OFlags) -> io::Result<File> {
    let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC | more;
    let file = File::from(rustix::fs::open(path, flags, Mode::RUSR | Mode::WUSR)?);
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(io::Error::other("not a regular file; move it away")),
    }
}

/// ` (process 123, since 2026-01-01T00:00:00Z)`, as far as it can be read.
fn holder(file: &mut File) -> String {
    let mut text = String::new();
    let read = file.rewind().and_then(|()| file.take(200).read_to_string(&mut text));
    match (read, text.trim().split_once(' ')) {
        (Ok(_), Some((process, since))) => format!(" (process {process}, since {since})"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_one_is_told_who_holds_it_and_what_was_left_behind_is_no_lock() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(NAME), "99999999 2020-01-01T00:00:00Z\n").unwrap();
        let held = Lock::take(folder.path(), "2026-01-01T00:00:00Z").unwrap();
        let refused = Lock::take(folder.path(), "later").unwrap_err().to_string();
        let who = format!(" (process {}, since 2026-01-01T00:00:00Z)", std::process::id());
        assert!(refused.contains(&who));
        assert_eq!(super::held(folder.path()), Some(who));
        drop(held);
        assert_eq!(super::held(folder.path()), None);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        Lock::take(folder.path(), "later").unwrap();
    }

    #[test]
    fn a_lock_whose_file_was_removed_or_replaced_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let first = Lock::take(folder.path(), "first").unwrap();
        std::fs::remove_file(folder.path().join(NAME)).unwrap();
        assert!(!first.is_in_place());
        let second = Lock::take(folder.path(), "second").unwrap();
        drop(first);
        assert!(second.is_in_place(), "the first one removed the second one's file");
    }

    #[test]
    fn a_planted_link_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("target");
        std::fs::write(&target, "theirs").unwrap();
        std::os::unix::fs::symlink(&target, folder.path().join(NAME)).unwrap();
        assert!(matches!(Lock::take(folder.path(), "now"), Err(NoLock::Failed { .. })));
        assert_eq!(std::fs::read_to_string(target).unwrap(), "theirs");
    }
}
