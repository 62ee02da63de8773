//! Locates a project and its files. Creates nothing.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::fs::confined;
use crate::model::RelPath;

/// The name of waypost's folder in a project.
pub const FOLDER: &str = ".waypost";

/// Paths of one project; all absolute.
#[derive(Clone, Debug)]
pub struct Project {
    pub root: PathBuf,
    /// What is never committed: `.waypost/local` of this work tree.
    pub local: PathBuf,
    /// Where the database lies: `local`, or the main work tree's for a linked
    /// one, so that an outline is stored once.
    pub shared: PathBuf,
    /// See [`Database::keys`].
    pub keys: Option<PathBuf>,
    /// See [`Database::may_adopt`].
    pub may_adopt: bool,
    /// See [`Database::session`].
    pub session: Option<String>,
    /// See [`Database::is_brief`].
    pub is_brief: bool,
    /// What the index has, where that is read in place of the work tree.
    pub staged: Option<Arc<Staged>>,
}

/// The files of an index, as far as the work tree has others.
#[derive(Debug)]
pub struct Staged {
    /// Where those lie, in the place of the root.
    pub folder: PathBuf,
    /// Their paths: all of ours, and what is not as in the work tree.
    pub over: BTreeSet<RelPath>,
    /// All that would be committed, sorted.
    pub files: Arc<[RelPath]>,
}

/// A database: its file, the work tree on whose behalf it is used, and what
/// tells it from one that somebody else made.
#[derive(Clone, Debug)]
pub struct Database {
    pub file: PathBuf,
    pub root: PathBuf,
    /// The folder with this user's keys of databases, which no repository can
    /// reach. `None` where there is no such folder: then nothing is checked.
    pub keys: Option<PathBuf>,
    /// A database without a key, as older versions made it, may be this user's:
    /// git was asked, and it does not know the file.
    pub may_adopt: bool,
    /// Id of the session on whose behalf it is written.
    pub session: Option<String>,
    /// Opened by a command that must be quick: what it wrote may stay in SQLite's
    /// log, where the next one finds it.
    pub is_brief: bool,
}

impl Database {
    /// A database that is checked against no key.
    pub fn unchecked(file: &Path, root: &Path) -> Self {
        Self {
            file: file.to_path_buf(),
            root: root.to_path_buf(),
            keys: None,
            may_adopt: true,
            session: None,
            is_brief: false,
        }
    }
}

/// A project that cannot be worked on.
#[derive(Debug, thiserror::Error)]
pub enum NoProject {
    #[error("project root `{0}` does not exist")]
    Missing(PathBuf),
    #[error("project root `{0}` is not a folder")]
    NotAFolder(PathBuf),
    #[error("project root `{0}` is a git directory, not a work tree\nhint: run waypost in a checkout of it")]
    Bare(PathBuf),
    #[error("`{0}` is a link, so what is written there would go elsewhere\nhint: replace it by a folder")]
    Link(PathBuf),
    #[error("project root `{0}`: {1}")]
    Unreadable(PathBuf, io::Error),
}

impl Project {
    /// `given` itself; else the nearest folder from `current` upwards that
    /// holds `.waypost/`, up to the nearest that holds `.git`; else that one;
    /// else `current`. Not beyond the git root: what lies above is another
    /// project, and in a shared folder such as `/tmp` anybody's.
    pub fn locate(given: Option<&Path>, current: &Path) -> Result<Self, NoProject> {
        let root = match given {
            Some(path) => current.join(path),
            None => {
                let git_root = current.ancestors().find(|folder| folder.join(".git").exists());
                let within = |folder: &&Path| git_root.is_none_or(|git_root| folder.starts_with(git_root));
                let ours = current.ancestors().take_while(within).find(|folder| has_ours(folder, current));
                ours.or(git_root).unwrap_or(current).to_path_buf()
            }
        };
        Self::at(&root)
    }

    fn at(root: &Path) -> Result<Self, NoProject> {
        let root = root.canonicalize().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => NoProject::Missing(root.to_path_buf()),
            _ => NoProject::Unreadable(root.to_path_buf(), error),
        })?;
        if !root.is_dir() {
            return Err(NoProject::NotAFolder(root));
        }
        if root.ends_with(".git") || is_git_directory(&root) {
            return Err(NoProject::Bare(root));
        }
        if let Err(error) = std::fs::read_dir(&root) {
            return Err(NoProject::Unreadable(root, error));
        }
        let folder = root.join(FOLDER);
        let local = folder.join("local");
        let memory = folder.join("memory");
        for ours in [folder, local.clone(), memory] {
            if std::fs::symlink_metadata(&ours).is_ok_and(|found| found.is_symlink()) {
                return Err(NoProject::Link(ours));
            }
        }
        Ok(Self {
            root,
            shared: local.clone(),
            local,
            keys: None,
            may_adopt: false,
            session: None,
            is_brief: false,
            staged: None,
        })
    }

    /// The `.waypost` folder, whether or not it exists.
    pub fn folder(&self) -> PathBuf {
        self.staged.as_ref().map_or(&self.root, |staged| &staged.folder).join(FOLDER)
    }

    /// The project's settings file, which need not exist.
    pub fn config_file(&self) -> PathBuf {
        self.folder().join("config.toml")
    }

    /// The folder with the records, which need not exist.
    pub fn memory(&self) -> PathBuf {
        self.folder().join("memory")
    }

    /// Where the database is and what it may belong to. Opening it is up to the store.
    pub fn database(&self) -> Database {
        Database {
            file: self.database_file(),
            root: self.root.clone(),
            keys: self.keys.clone(),
            may_adopt: self.may_adopt,
            is_brief: self.is_brief,
            session: self.session.clone(),
        }
    }

    /// The database file, which all work trees of a clone share.
    pub fn database_file(&self) -> PathBuf {
        self.shared.join("waypost.db")
    }

    /// The root folder's own name.
    pub fn folder_name(&self) -> String {
        self.root.file_name().map_or_else(|| "project".into(), |n| n.to_string_lossy().into_owned())
    }
}

/// A `.waypost` that no other user can have put there.
fn has_ours(folder: &Path, current: &Path) -> bool {
    let ours = folder.join(FOLDER);
    ours.exists() && confined::is_users_own(&ours, current)
}

fn is_git_directory(folder: &Path) -> bool {
    folder.join("HEAD").is_file() && folder.join("objects").is_dir() && folder.join("refs").is_dir()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::create_dir_all;

    #[test]
    fn the_root_is_the_nearest_waypost_folder_then_the_git_root_then_here() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        create_dir_all(top.join("a/b/c")).unwrap();
        let root = || Project::locate(None, &top.join("a/b/c")).unwrap().root;
        assert_eq!(root(), top.join("a/b/c"));
        create_dir_all(top.join("a/.git")).unwrap();
        assert_eq!(root(), top.join("a"));
        create_dir_all(top.join("a/b/.waypost")).unwrap();
        assert_eq!(root(), top.join("a/b"));
    }

    #[test]
    fn a_waypost_folder_above_the_git_root_is_another_project() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        create_dir_all(top.join(".waypost")).unwrap();
        create_dir_all(top.join("clone/.git")).unwrap();
        create_dir_all(top.join("clone/src")).unwrap();
        create_dir_all(top.join("plain/src")).unwrap();
        assert_eq!(Project::locate(None, &top.join("clone/src")).unwrap().root, top.join("clone"));
        assert_eq!(Project::locate(None, &top.join("plain/src")).unwrap().root, top);
        // A work tree that is linked has a file.
        create_dir_all(top.join("linked")).unwrap();
        std::fs::write(top.join("linked/.git"), "gitdir: elsewhere").unwrap();
        assert_eq!(Project::locate(None, &top.join("linked")).unwrap().root, top.join("linked"));
    }

    #[test]
    fn a_missing_root_a_file_and_a_bare_repository_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path();
        std::fs::write(top.join("file"), "").unwrap();
        for part in ["bare/objects", "bare/refs"] {
            create_dir_all(top.join(part)).unwrap();
        }
        std::fs::write(top.join("bare/HEAD"), "ref: refs/heads/main").unwrap();
        let locate = |name: &str| Project::locate(Some(Path::new(name)), top).unwrap_err();
        assert!(matches!(locate("nowhere"), NoProject::Missing(_)));
        assert!(matches!(locate("file"), NoProject::NotAFolder(_)));
        assert!(matches!(locate("bare"), NoProject::Bare(_)));
    }
}
