//! Backups: everything under `.waypost/` in one compressed archive, taken
//! while in use, and put back only when every byte of it is right.
//!
//! The archive is a tar, its last file a manifest with the hash of each other
//! one and the project that it is of. Reading it unpacks into a folder of its
//! own beside `.waypost/`; names are paths below it, links and other special
//! files are refused. What a backup replaces is kept.

mod unpack;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::fs::atomic;
use crate::fs::confined;
use crate::memory::{Memory, ReadError};
use crate::model::{ContentHash, Snapshot};
use crate::project::{Database, Project};
use crate::redact::Redactor;
use crate::store::{Store, StoreError};
use crate::{io_errors, limits};

const MANIFEST: &str = "manifest.json";

/// The kind and version that a manifest names.
const FORMAT: &str = "backup 1";

const DATABASE: &str = "local/waypost.db";

/// Beginning of the names of folders, below `.waypost/local`, that keep what a
/// backup replaced.
const REPLACED: &str = "replaced-";

/// Why a backup was not taken, or nothing was put back.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Memory(#[from] ReadError),
    #[error("`{path}`: {}", io_errors::why(source))]
    Io { path: String, source: io::Error },
    #[error("`{path}` is not a backup that can be put back: {reason}\nhint: nothing was changed")]
    Bad { path: String, reason: String },
    #[error("the database of `{0}` is shared with its main work tree\nhint: put the backup back there")]
    Shared(String),
}

type Result<T> = std::result::Result<T, BackupError>;

/// What was put into a backup.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BackupSummary {
    pub files: usize,
    /// Before compression.
    pub bytes: u64,
    /// Says that a broken database was set aside, if one was.
    pub notice: Option<String>,
}

/// Which project a backup is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// A random name, which all databases that were restored from one another
    /// share.
    pub id: String,
    /// Name of the project's folder.
    pub name: String,
    pub root: String,
    /// When it was taken: RFC 3339, UTC.
    pub taken: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BackupManifest {
    waypost: String,
    /// Id of the work tree's row in the database.
    tree: Option<i64>,
    /// `None` in backups of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    project: Option<Identity>,
    #[serde(deserialize_with = "unpack::hashes")]
    files: BTreeMap<String, String>,
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> BackupError {
    let path = path.display().to_string();
    move |source| BackupError::Io { path, source }
}

/// Writes a backup. An existing file of that name is replaced only once the new
/// one is complete. Other commands that write wait while its files are copied,
/// and not while they are packed. `now` is the time, RFC 3339, UTC.
pub fn write(project: &Project, output: &Path, now: &str) -> Result<BackupSummary> {
    let mut store = Store::create(&project.database())?;
    let notice = store.take_notice();
    let scratch = atomic::temporary_folder(&project.shared).map_err(at(&project.shared))?;
    let (tree, files) = {
        // Dropped without a change: it only keeps others out.
        let locked = store.write()?;
        (locked.tree_id(), copy(project, &locked, scratch.path())?)
    };
    let identity = Identity {
        id: store.project_id()?,
        name: project.folder_name(),
        root: project.root.to_string_lossy().into_owned(),
        taken: now.to_string(),
    };
    let manifest =
        BackupManifest { waypost: FORMAT.to_string(), tree, project: Some(identity), files: BTreeMap::new() };
    let folder = output.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    atomic::sweep(folder, SystemTime::now());
    let mut target = atomic::temporary(folder).map_err(at(output))?;
    let summary = pack(&files, manifest, target.as_file_mut()).map_err(at(output))?;
    target.as_file_mut().sync_all().map_err(at(output))?;
    target.persist(output).map_err(|error| at(output)(error.error))?;
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(at(folder))?;
    Ok(BackupSummary { notice, ..summary })
}

/// Copies everything that goes into a backup; returns the name in the backup
/// and the path of each copy.
fn copy(project: &Project, store: &Store, scratch: &Path) -> Result<Vec<(String, PathBuf)>> {
    let database = scratch.join("waypost.db");
    store.copy_into(&database)?;
    let mut copies = vec![(DATABASE.to_string(), database)];
    let mut bytes = 0;
    for (name, path) in files(&project.folder()).map_err(at(&project.folder()))? {
        let to = scratch.join(copies.len().to_string());
        let copied = confined::open(&path).and_then(|file| {
            let mut rest = file.take(limits::MAX_BACKUP_BYTES.saturating_sub(bytes));
            io::copy(&mut rest, &mut File::create(&to)?)
        });
        match copied {
            Ok(copied) => bytes += copied,
            // It went while we looked.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(at(&path)(error)),
        }
        copies.push((name, to));
    }
    copies.sort();
    Ok(copies)
}

/// Names and paths of the files below a `.waypost` folder: not the database,
/// which is copied otherwise, nor what killed runs or a backup left.
fn files(top: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    let mut folders = vec![top.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            let path = entry.path();
            let name = path.strip_prefix(top).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            let kind = entry.file_type()?;
            let is_left_out = name.ends_with(".tmp")
                || name.starts_with(DATABASE)
                || name == "local/watch.lock"
                || is_replaced(&name)
                || name == MANIFEST;
            match (kind.is_dir(), kind.is_file()) {
                _ if is_left_out => {}
                (true, _) => folders.push(path),
                (false, true) => found.push((name, path)),
                _ => {}
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The folders of a project that keep what backups replaced, sorted.
pub fn replaced(project: &Project) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(&project.local).into_iter().flatten().flatten();
    let is_kept = |entry: &std::fs::DirEntry| entry.file_name().to_string_lossy().starts_with(REPLACED);
    let mut found: Vec<PathBuf> = entries.filter(is_kept).map(|entry| entry.path()).collect();
    found.sort();
    found
}

fn is_replaced(name: &str) -> bool {
    name.strip_prefix("local/").is_some_and(|name| name.starts_with(REPLACED))
}

fn pack(
    files: &[(String, PathBuf)],
    mut manifest: BackupManifest,
    target: &mut File,
) -> io::Result<BackupSummary> {
    let mut archive = tar::Builder::new(zstd::stream::write::Encoder::new(target, 0)?);
    let mut summary = BackupSummary::default();
    for (name, path) in files {
        let mut hash = blake3::Hasher::new();
        let bytes = hash.update_reader(File::open(path)?)?.count();
        append(&mut archive, name, bytes, File::open(path)?)?;
        manifest.files.insert(name.clone(), hash.finalize().to_hex().to_string());
        summary.files += 1;
        summary.bytes += bytes;
    }
    let text = serde_json::to_vec_pretty(&manifest)?;
    append(&mut archive, MANIFEST, text.len() as u64, text.as_slice())?;
    archive.into_inner()?.finish()?;
    Ok(summary)
}

fn append(
    archive: &mut tar::Builder<impl Write>,
    name: &str,
    bytes: u64,
    content: impl io::Read,
) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes);
    header.set_mode(0o600);
    header.set_mtime(0);
    archive.append_data(&mut header, name, content)
}

/// The contents of a `.waypost` folder, as shown to the user before a restore.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BackupContents {
    pub goal: Option<String>,
    /// Hash of each record's text by its id.
    records: BTreeMap<String, ContentHash>,
    /// Time, digest and goal of each snapshot.
    snapshots: Vec<(String, ContentHash, Option<String>)>,
    pub has_handoff: bool,
}

impl BackupContents {
    fn of(folder: &Path, store: Option<&Store>, redactor: &Redactor) -> Result<Self> {
        let memory = Memory::load(&folder.join("memory"), redactor)?;
        let snapshots = store.map(Store::snapshots).transpose()?.unwrap_or_default();
        Ok(Self {
            goal: memory.goal().map(|goal| goal.text().as_str().to_string()),
            records: memory.records.iter().map(|record| (record.id.clone(), record.hash())).collect(),
            snapshots: snapshots.into_iter().map(in_short).collect(),
            has_handoff: folder.join("handoff.md").is_file(),
        })
    }

    /// How many records the backup holds.
    pub fn records(&self) -> usize {
        self.records.len()
    }

    /// How many snapshots the backup holds.
    pub fn snapshots(&self) -> usize {
        self.snapshots.len()
    }

    /// What this one has and `other` lacks.
    fn without(&self, other: &Self) -> Self {
        let is_gone = |(id, hash): &(&String, &ContentHash)| other.records.get(*id) != Some(hash);
        let records = self.records.iter().filter(is_gone);
        let snapshots = self.snapshots.iter().filter(|one| !other.snapshots.contains(one));
        Self {
            goal: self.goal.clone().filter(|goal| other.goal.as_ref() != Some(goal)),
            records: records.map(|(id, hash)| (id.clone(), *hash)).collect(),
            snapshots: snapshots.cloned().collect(),
            has_handoff: self.has_handoff && !other.has_handoff,
        }
    }

    /// Whether there is nothing in it that could be put back.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Ids of the records, sorted.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.records.keys().map(String::as_str)
    }
}

fn in_short(one: Snapshot) -> (String, ContentHash, Option<String>) {
    (one.created_at, one.digest, one.goal.map(|goal| goal.as_str().to_string()))
}

/// An unpacked and verified backup, ready to replace `.waypost/`.
pub struct Prepared {
    project: Project,
    stage: tempfile::TempDir,
    pub summary: BackupSummary,
    /// `None` for a backup of an older version.
    pub of: Option<Identity>,
    /// Whether it is a backup of this project; `None` when that cannot be told.
    pub is_of_this: Option<bool>,
    pub holds: BackupContents,
    pub here: BackupContents,
    /// What the project has and the backup lacks.
    pub lost: BackupContents,
}

/// Unpacks a backup beside `.waypost/` and verifies it; changes nothing else.
pub fn prepare(project: &Project, input: &Path, redactor: &Redactor) -> Result<Prepared> {
    if project.shared != project.local {
        return Err(BackupError::Shared(project.root.display().to_string()));
    }
    let bad = |reason: String| BackupError::Bad { path: input.display().to_string(), reason };
    atomic::sweep(&project.root, SystemTime::now());
    let stage = atomic::temporary_folder(&project.root).map_err(at(&project.root))?;
    let file = File::open(input).map_err(at(input))?;
    let (manifest, summary) = unpack::unpack(file, stage.path()).map_err(bad)?;
    let staged = Database::unchecked(&stage.path().join(DATABASE), &project.root);
    let adopted = Store::adopt(&staged, manifest.tree);
    let store = adopted.map_err(|error| bad(error.to_string().replace('\n', "; ")))?;
    let holds = BackupContents::of(stage.path(), Some(&store), redactor)?;
    // A database that cannot be read has no snapshots to lose.
    let current = Store::open(&project.database()).ok().flatten();
    let here = BackupContents::of(&project.folder(), current.as_ref(), redactor)?;
    let id = current.map(|current| current.project_id()).transpose()?;
    let is_of_this = manifest.project.as_ref().and_then(|of| match &id {
        Some(id) => Some(*id == of.id),
        None => (of.name != project.folder_name()).then_some(false),
    });
    let lost = here.without(&holds);
    Ok(Prepared {
        project: project.clone(),
        stage,
        summary,
        of: manifest.project,
        is_of_this,
        holds,
        here,
        lost,
    })
}

impl Prepared {
    /// Replaces `.waypost/` by the backup in one step. Returns the folder that
    /// keeps what was replaced, if there was anything.
    pub fn put_back(self) -> Result<Option<PathBuf>> {
        let (project, stage) = (&self.project, self.stage.path());
        let folder = project.folder();
        Store::bind_copy(&stage.join(DATABASE), &project.database())?;
        let is_new = !folder.exists();
        if is_new {
            std::fs::create_dir(&folder).map_err(at(&folder))?;
        }
        let kept = match is_new {
            true => None,
            false => Some(keep(&folder, stage).map_err(at(&folder))?),
        };
        sync(stage).map_err(at(stage))?;
        exchange(stage, &folder).map_err(at(&folder))?;
        // What the stage now holds is kept by its other names, and goes with it.
        Ok(kept.map(|name| project.local.join(name)))
    }
}

/// Links every file of the old folder into the new one, so that none is missing
/// at any moment. Returns the name of the folder that keeps them.
fn keep(old: &Path, new: &Path) -> io::Result<String> {
    let local = new.join("local");
    let is_free = |name: &String| {
        let places = [local.join(name), old.join("local").join(name)];
        places.iter().all(|place| std::fs::symlink_metadata(place).is_err())
    };
    let mut names = (1..).map(|number| format!("{REPLACED}{number}"));
    let name = names.find(is_free).unwrap_or_default();
    link_all(old, &local.join(&name), &|name| !is_replaced(name))?;
    let former = std::fs::read_dir(old.join("local")).into_iter().flatten().flatten();
    for entry in former.filter(|entry| entry.file_name().to_string_lossy().starts_with(REPLACED)) {
        link_all(&entry.path(), &local.join(entry.file_name()), &|_| true)?;
    }
    Ok(name)
}

/// Links the regular files below a folder into another one, or copies them where
/// the file system has no links.
fn link_all(from: &Path, to: &Path, is_wanted: &dyn Fn(&str) -> bool) -> io::Result<()> {
    let mut folders = vec![from.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let below = |path: &Path| path.strip_prefix(from).map(Path::to_path_buf).unwrap_or_default();
        std::fs::create_dir_all(to.join(below(&folder)))?;
        for entry in std::fs::read_dir(&folder)? {
            let (path, kind) = {
                let entry = entry?;
                (entry.path(), entry.file_type()?)
            };
            let name = below(&path);
            // What SQLite shares in memory is made again.
            let is_left_out = name.to_string_lossy().ends_with(".tmp") || name.ends_with("waypost.db-shm");
            if is_left_out || !is_wanted(&name.to_string_lossy()) {
                continue;
            }
            match (kind.is_dir(), kind.is_file()) {
                (true, _) => folders.push(path),
                (false, true) if std::fs::hard_link(&path, to.join(&name)).is_err() => {
                    _ = std::fs::copy(&path, to.join(&name))?;
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// Flushes everything below a folder to the disk at once; file by file, a large
/// memory would take minutes.
fn sync(folder: &Path) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    if rustix::fs::syncfs(File::open(folder)?).is_ok() {
        return Ok(());
    }
    for (_, path) in files(folder)? {
        File::open(path)?.sync_all()?;
    }
    File::open(folder.join(DATABASE))?.sync_all()
}

/// Exchanges two folders atomically, so that one of them is always in place.
fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        if renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE).is_ok() {
            return Ok(());
        }
    }
    let aside = one.with_extension("old");
    std::fs::rename(other, &aside)?;
    std::fs::rename(one, other)?;
    std::fs::rename(&aside, one)
}
