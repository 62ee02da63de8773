//! Whose database a file is. When one is made, a random key is put into the
//! user's state folder, and the database holds the key's name and a tag that
//! only the key can make. One that came with a clone, an archive or a copy has
//! no key of this user for this place.
//!
//! Not here: whether git knows the file, and where the keys lie. Both are said
//! by [`Database`].

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};

use crate::fs::confined;
use crate::model::ContentHash;
use crate::project::Database;

/// What a database's binding says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum BindingState {
    /// Made here by this user, or there are no keys to check it against.
    Ours,
    /// Ours, and moved here since.
    Moved,
    /// Made by a version that knew no keys, or where none could be stored.
    Unbound,
    /// Made by somebody else, or elsewhere.
    Foreign(String),
}

/// A key as it lies in the user's state folder, under its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Key {
    /// Where its database lies; empty when another one was made there since.
    database: String,
    /// 32 random bytes in hex.
    secret: String,
    /// The database was there before the key, and may not hold the tag yet.
    adopting: bool,
}

/// Bytes of a file with a key.
const MAX_KEY: u64 = 64_000;

/// Keys that are looked through for a place.
const MAX_KEYS: usize = 10_000;

pub(super) fn standing(connection: &Connection, database: &Database) -> rusqlite::Result<BindingState> {
    let Some(folder) = &database.keys else { return Ok(BindingState::Ours) };
    match bound(connection)? {
        Some((name, tag)) => Ok(of_key(folder, &name, &tag, &database.file)),
        None => Ok(without_key(folder, database)),
    }
}

fn of_key(folder: &Path, name: &str, tag: &[u8], file: &Path) -> BindingState {
    let Some(key) = Key::load(folder, name).filter(|key| key.tag(name).is_some_and(|known| known == tag))
    else {
        let folder = folder.display();
        return BindingState::Foreign(format!(
            "its key is not in `{folder}`: somebody else made it, or the key was lost"
        ));
    };
    match () {
        () if Path::new(&key.database) == file => BindingState::Ours,
        () if key.database.is_empty() || !Path::new(&key.database).exists() => BindingState::Moved,
        () => BindingState::Foreign(format!("it is a copy of `{}`", key.database)),
    }
}

fn without_key(folder: &Path, database: &Database) -> BindingState {
    if !database.may_adopt {
        return BindingState::Foreign(
            "it has no key, and git cannot say whether it came with the clone".to_string(),
        );
    }
    let at_place = |(_, key): &(String, Key)| Path::new(&key.database) == database.file && !key.adopting;
    match keys(folder).iter().any(at_place) {
        true => BindingState::Foreign("it has no key, and the one that was made here had one".to_string()),
        false => BindingState::Unbound,
    }
}

/// Name of the key and tag; `None` for a database without.
fn bound(connection: &Connection) -> rusqlite::Result<Option<(String, Vec<u8>)>> {
    let has_table = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'binding'";
    if !connection.prepare(has_table)?.exists([])? {
        return Ok(None);
    }
    let sql = "SELECT key, tag FROM binding WHERE key IS NOT NULL LIMIT 1";
    connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).optional()
}

/// The random name of a database's project, which backups keep.
pub(super) fn project(connection: &Connection) -> rusqlite::Result<String> {
    connection.query_row("SELECT project FROM binding LIMIT 1", [], |row| row.get(0))
}

/// Gives a database its key, within a transaction; `adopting` one that was there
/// before. Where no key can be stored it stays without one.
pub(super) fn bind(connection: &Connection, database: &Database, adopting: bool) -> rusqlite::Result<()> {
    let Some(folder) = &database.keys else { return Ok(()) };
    let Ok((name, key)) = Key::new(&database.file, adopting) else { return Ok(()) };
    let (Some(tag), Ok(())) = (key.tag(&name), key.save(folder, &name)) else { return Ok(()) };
    release_place(folder, &name, &database.file);
    connection.execute("UPDATE binding SET key = ?1, tag = ?2", params![name, tag])?;
    Ok(())
}

/// Notes that a database holds its tag and lies where it lies. What cannot be
/// written is tried again by the next run.
pub(super) fn settle(connection: &Connection, database: &Database) -> rusqlite::Result<()> {
    let (Some(folder), Some((name, _))) = (&database.keys, bound(connection)?) else { return Ok(()) };
    let Some(key) = Key::load(folder, &name) else { return Ok(()) };
    let settled = Key { database: place(&database.file), adopting: false, ..key.clone() };
    if settled != key && settled.save(folder, &name).is_ok() {
        release_place(folder, &name, &database.file);
    }
    Ok(())
}

/// Takes the key's name out of a copy that goes elsewhere.
pub(super) fn release(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute("UPDATE binding SET key = NULL, tag = NULL", []).map(|_| ())
}

/// Forgets older databases at this place, now that there is another one.
fn release_place(folder: &Path, except: &str, file: &Path) {
    let at_place = |(name, key): &(String, Key)| name != except && Path::new(&key.database) == file;
    for (name, key) in keys(folder).into_iter().filter(at_place) {
        // It would only make a moved database look like a copy.
        let _ = Key { database: String::new(), ..key }.save(folder, &name);
    }
}

fn keys(folder: &Path) -> Vec<(String, Key)> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.take(MAX_KEYS).filter_map(|name| Some((name.clone(), Key::load(folder, &name)?))).collect()
}

fn place(file: &Path) -> String {
    file.to_string_lossy().into_owned()
}

impl Key {
    /// A new key under a new name.
    fn new(file: &Path, adopting: bool) -> io::Result<(String, Self)> {
        let mut random = [[0; 32]; 2];
        let mut source = File::open("/dev/urandom")?;
        random.iter_mut().try_for_each(|part| source.read_exact(part))?;
        let [name, secret] = random.map(|part| ContentHash(part).to_hex());
        Ok((name, Self { database: place(file), secret, adopting }))
    }

    /// `None` for a key that is not there, or that others could have put there.
    fn load(folder: &Path, name: &str) -> Option<Self> {
        let file = Self::file(folder, name)?;
        if !confined::is_private(&file) {
            return None;
        }
        serde_json::from_str(&confined::read_text(&file, MAX_KEY).ok()?).ok()
    }

    fn file(folder: &Path, name: &str) -> Option<PathBuf> {
        // The name comes from the database.
        let is_name = name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_name.then(|| folder.join(name))
    }

    fn save(&self, folder: &Path, name: &str) -> io::Result<()> {
        let file = Self::file(folder, name).ok_or(io::ErrorKind::InvalidInput)?;
        std::fs::create_dir_all(folder)?;
        // Its mode is 0600.
        let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
        serde_json::to_writer(&mut temporary, self)?;
        temporary.as_file().sync_all()?;
        temporary.persist(file)?;
        Ok(())
    }

    fn tag(&self, name: &str) -> Option<Vec<u8>> {
        let secret = ContentHash::from_hex(&self.secret)?;
        Some(blake3::keyed_hash(&secret.0, name.as_bytes()).as_bytes().to_vec())
    }
}
