//! Backups: everything under `.waypost/` in one compressed archive, taken
//! while in use, and put back only when every byte of it is right.
//!
//! The archive is a tar, its last file a manifest with the hash of each other
//! one. Reading it unpacks into a folder of its own beside `.waypost/`; names
//! are paths below it, links and other special files are refused.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::model::{ContentHash, RelPath};
use crate::project::{FOLDER, Project};
use crate::render::publish;
use crate::store::{Store, StoreError};
use crate::{beneath, limits, trouble};

const MANIFEST: &str = "manifest.json";

/// What a zstd frame begins with, RFC 8878.
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
const DATABASE: &str = "local/waypost.db";

/// Why a backup was not taken, or nothing was put back.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("`{path}`: {}", trouble::why(source))]
    Io { path: String, source: io::Error },
    #[error("`{path}` is no backup that can be put back: {reason}\nhint: nothing was changed")]
    Bad { path: String, reason: String },
    #[error("the database of `{0}` is shared with its main work tree\nhint: put the backup back there")]
    Shared(String),
}

type Result<T> = std::result::Result<T, BackupError>;

/// What a backup holds, or what was put back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub files: usize,
    /// Before compression.
    pub bytes: u64,
    /// That a broken database was set aside.
    pub notice: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    waypost: String,
    /// Row of the work tree in the database.
    tree: Option<i64>,
    files: BTreeMap<String, String>,
}

/// Writes a backup; an older file of that name is replaced only by a whole
/// one. Other commands that write wait until it is taken.
pub fn write(project: &Project, output: &Path) -> Result<Summary> {
    let at = |path: &Path| {
        let path = path.display().to_string();
        move |source| BackupError::Io { path, source }
    };
    let mut store = Store::create(&project.database(), &project.root)?;
    store.begin(&project.root)?;
    let scratch = publish::temporary_folder(&project.shared).map_err(at(&project.shared))?;
    let copy = scratch.path().join("waypost.db");
    store.copy_into(&copy)?;
    let folder = output.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    publish::sweep(folder, SystemTime::now());
    let mut target = publish::temporary(folder).map_err(at(output))?;
    let mut manifest =
        Manifest { waypost: "backup 1".to_string(), tree: store.tree_id(), files: BTreeMap::new() };
    let mut summary = Summary { notice: store.take_notice(), ..Summary::default() };
    {
        let encoder = zstd::stream::write::Encoder::new(target.as_file_mut(), 0).map_err(at(output))?;
        let mut archive = tar::Builder::new(encoder);
        for (name, path) in files(project, &copy).map_err(at(&project.folder()))? {
            let bytes = beneath::read(&path, limits::MAX_BACKUP_BYTES).map_err(at(&path))?;
            manifest.files.insert(name.clone(), ContentHash::of(&bytes).to_hex());
            append(&mut archive, &name, &bytes).map_err(at(output))?;
            summary.files += 1;
            summary.bytes += bytes.len() as u64;
        }
        let text = serde_json::to_vec_pretty(&manifest).map_err(|error| at(output)(error.into()))?;
        append(&mut archive, MANIFEST, &text).map_err(at(output))?;
        archive.into_inner().and_then(|encoder| encoder.finish()).map_err(at(output))?;
    }
    store.roll_back();
    target.as_file_mut().sync_all().map_err(at(output))?;
    target.persist(output).map_err(|error| at(output)(error.error))?;
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(at(folder))?;
    Ok(summary)
}

/// Names below `.waypost/` and where to read them, sorted. The database is
/// read from its copy; its log and what killed runs left are left out.
fn files(project: &Project, database: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let top = project.folder();
    let mut found = vec![(DATABASE.to_string(), database.to_path_buf())];
    let mut folders = vec![top.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            let path = entry.path();
            let name = path.strip_prefix(&top).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            let kind = entry.file_type()?;
            let ours = name.starts_with("local/waypost.db")
                || name == "local/watch.lock"
                || name.ends_with(".tmp")
                || name == MANIFEST;
            match (kind.is_dir(), kind.is_file()) {
                // Scratch folders, also of runs that were killed.
                (true, _) if !name.ends_with(".tmp") => folders.push(path),
                (false, true) if !ours => found.push((name, path)),
                _ => {}
            }
        }
    }
    found.sort();
    Ok(found)
}

fn append(archive: &mut tar::Builder<impl Write>, name: &str, bytes: &[u8]) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes.len() as u64);
    header.set_mode(0o600);
    header.set_mtime(0);
    archive.append_data(&mut header, name, bytes)
}

/// Puts a backup back in the place of `.waypost/`, in one step.
pub fn restore(project: &Project, input: &Path) -> Result<Summary> {
    if project.shared != project.local {
        return Err(BackupError::Shared(project.root.display().to_string()));
    }
    let bad = |reason: String| BackupError::Bad { path: input.display().to_string(), reason };
    let at = |path: &Path| {
        let path = path.display().to_string();
        move |source| BackupError::Io { path, source }
    };
    publish::sweep(&project.root, SystemTime::now());
    let stage = publish::temporary_folder(&project.root).map_err(at(&project.root))?;
    let file = File::open(input).map_err(at(input))?;
    let (manifest, summary) = unpack(file, stage.path()).map_err(bad)?;
    let database = stage.path().join(DATABASE);
    let adopted = Store::adopt(&database, manifest.tree, &project.root);
    adopted.map_err(|error| bad(error.to_string().replace('\n', "; ")))?;
    let folder = project.folder();
    if !folder.exists() {
        std::fs::create_dir(&folder).map_err(at(&folder))?;
    }
    exchange(stage.path(), &folder).map_err(at(&folder))?;
    // What the stage now holds is the old state, and goes with it.
    Ok(summary)
}

/// Two folders change places; no moment shows neither.
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

/// Everything of an archive in a folder, found right, or why not.
fn unpack(mut file: File, into: &Path) -> std::result::Result<(Manifest, Summary), String> {
    let mut start = Vec::new();
    Read::by_ref(&mut file)
        .take(ZSTD.len() as u64)
        .read_to_end(&mut start)
        .map_err(|error| error.to_string())?;
    if start != ZSTD {
        return Err("it is no zstd archive".to_string());
    }
    let whole = io::Cursor::new(start).chain(file);
    let decoder = zstd::stream::read::Decoder::new(whole).map_err(|error| error.to_string())?;
    let mut archive = tar::Archive::new(decoder.take(limits::MAX_BACKUP_BYTES));
    let mut manifest: Option<Manifest> = None;
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    let mut summary = Summary::default();
    for entry in archive.entries().map_err(|error| error.to_string())? {
        let mut entry = entry.map_err(|error| error.to_string())?;
        let name = String::from_utf8(entry.path_bytes().into_owned()).map_err(|_| "a name is not UTF-8")?;
        let shown = name.escape_debug();
        if manifest.is_some() {
            return Err(format!("`{shown}` comes after the manifest"));
        }
        if entry.header().entry_type() != tar::EntryType::Regular {
            return Err(format!("`{shown}` is no regular file"));
        }
        let path = inside(&name).ok_or_else(|| format!("`{shown}` is no path below `{FOLDER}`"))?;
        if name == MANIFEST {
            let mut text = String::new();
            entry.by_ref().take(64_000_000).read_to_string(&mut text).map_err(|error| error.to_string())?;
            manifest = Some(serde_json::from_str(&text).map_err(|error| format!("its manifest: {error}"))?);
            continue;
        }
        if found.len() >= limits::MAX_BACKUP_FILES {
            return Err(format!("more than {} files", limits::MAX_BACKUP_FILES));
        }
        let target = into.join(path.as_str());
        let (hash, bytes) = keep(&mut entry, &target).map_err(|error| format!("`{shown}`: {error}"))?;
        summary.files += 1;
        summary.bytes += bytes;
        if found.insert(name.clone(), hash).is_some() {
            return Err(format!("`{shown}` is there twice"));
        }
    }
    let manifest = manifest.ok_or("it has no manifest: it was cut, or is something else")?;
    if manifest.waypost != "backup 1" {
        return Err(format!("it is of the kind `{}`", manifest.waypost.escape_debug()));
    }
    if manifest.files != found {
        let differs = |name: &&String| manifest.files.get(*name) != found.get(*name);
        let name = manifest.files.keys().chain(found.keys()).find(differs).cloned().unwrap_or_default();
        return Err(format!("`{}` is not what the manifest says", name.escape_debug()));
    }
    if !found.contains_key(DATABASE) {
        return Err("it has no database".to_string());
    }
    Ok((manifest, summary))
}

/// A name as a path that no system takes for another one.
fn inside(name: &str) -> Option<RelPath> {
    let odd = |c: char| c.is_control() || matches!(c, '\\' | ':');
    RelPath::new(name).filter(|_| !name.contains(odd) && name.len() < 1_000)
}

fn keep(entry: &mut impl Read, target: &Path) -> io::Result<(String, u64)> {
    if let Some(folder) = target.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(target)?;
    let mut hash = blake3::Hasher::new();
    let mut buffer = vec![0; 1 << 16];
    let mut bytes = 0;
    loop {
        let read = entry.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        hash.update(&buffer[..read]);
        file.write_all(&buffer[..read])?;
        bytes += read as u64;
    }
    file.sync_all()?;
    Ok((hash.finalize().to_hex().to_string(), bytes))
}
