//! Snapshots, outlines and history in SQLite: the only user of rusqlite. The
//! database is the truth for snapshots and a cache of everything else.
//!
//! Not here: what a snapshot means (the pipeline composes it) and project
//! memory, whose truth is the files in `.waypost/memory/`.

mod binding;
mod claims;
pub mod foreign;
mod garbage;
mod jobs;
mod live;
#[cfg(feature = "team")]
mod mirror;
mod open;
#[cfg(feature = "team")]
pub mod postgres;
mod postings;
mod quarantine;
mod receipts;
mod record_index;
mod record_log;
mod records;
mod retention;
mod schema;
mod scrub;
mod search;
mod session_rows;
mod sessions;
mod snapshots;
mod sql;
mod transaction;
mod tree_cache;
mod vectors;

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{Class, Commit, Content, ContentHash, History};
use crate::project::Database;
use crate::{io_errors, visible};

pub use claims::ClaimVerdict;
pub use garbage::{Garbage, Retention};
pub use jobs::Attempt;
pub use live::LiveStore;
pub use postings::{
    BATCH as INDEX_BATCH, FileWords, InPart, InPath, IndexSize, MOST_TIMES, Posting, QueryWord,
};
pub use quarantine::{CheckDepth, DatabaseFault};
pub use receipts::{Spool, is_sound, read_output, size_on_disk};
pub use record_index::RecordIndex;
pub use records::{Indexed, KnownFile, NewRecord, RecordEvent};
pub use scrub::{Cleaners, Scrubbed};
pub use search::{CodeHit, CodePlace, IndexedFile, NewPlace, NewSymbol, RecordHit};
pub use sessions::{Beat, LogFilter, SessionFilter};
pub use snapshots::{Changed, Recorded, SnapshotFiles, VersionedFile};
pub use transaction::WriteTransaction;
pub use tree_cache::{
    CachedFile, CachedTree, DirtyParts, NameFilter, NameUses, ReadTransaction, Rendered, Uses, name_bits,
    name_key,
};

/// An open database, on behalf of one work tree.
pub struct Store {
    connection: Connection,
    database: Database,
    /// Row of `tree`; `None` when this work tree was never recorded.
    tree: Option<i64>,
    /// Says that a broken database was set aside for this one, if one was.
    notice: Option<String>,
}

/// Why the database cannot be used. Every message names it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("database `{}` is not waypost's: {reason}\nhint: move it away; snapshots are rebuilt, memory is kept in files", path.display())]
    NotOurs { path: PathBuf, reason: String },
    #[error("database `{}` is broken: {reason}\nhint: `waypost doctor --fix` sets it aside and builds another one; memory is kept in files", path.display())]
    Broken {
        path: PathBuf,
        reason: String,
        /// The file that it was, device and inode: another process may have put
        /// a sound one in its place since.
        file: Option<(u64, u64)>,
    },
    #[error("database `{}` was not made here by you: {reason}\nhint: `waypost doctor --fix` sets it aside and builds another one; memory is kept in files", path.display())]
    Foreign { path: PathBuf, reason: String },
    #[error("database `{}` has schema {found}, this waypost knows up to {known}\nhint: use a newer waypost, or begin another database: `mv {} {}`", path.display(), shell_word(path, ""), shell_word(path, ".newer"))]
    Newer { path: PathBuf, found: i64, known: i64 },
    #[error("database `{}`: {why}", path.display())]
    Sqlite { path: PathBuf, why: String, source: rusqlite::Error },
    #[error("cannot create `{}`: {}", path.display(), io_errors::why(source))]
    Create { path: PathBuf, source: std::io::Error },
    #[error("the broken database `{}` cannot be set aside: {}", path.display(), io_errors::why(source))]
    Aside { path: PathBuf, source: std::io::Error },
    #[cfg(feature = "team")]
    #[error(transparent)]
    Team(#[from] Box<postgres::TeamError>),
    #[error("there is no snapshot {id}\nhint: `waypost snapshots` lists them")]
    NoSnapshot { id: String },
}

impl StoreError {
    /// The database, or the file system that it lies on, takes no changes.
    pub fn is_read_only(&self) -> bool {
        use rusqlite::ErrorCode::{CannotOpen, PermissionDenied, ReadOnly};
        matches!(self, Self::Sqlite { source, .. }
            if matches!(source.sqlite_error_code(), Some(ReadOnly | CannotOpen | PermissionDenied)))
    }

    /// Another process kept writing for as long as this one waits.
    pub fn is_busy(&self) -> bool {
        use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked};
        matches!(self, Self::Sqlite { source, .. }
            if matches!(source.sqlite_error_code(), Some(DatabaseBusy | DatabaseLocked)))
    }

    /// What lies there is of no use here: it is set aside, not repaired.
    pub fn is_unusable(&self) -> bool {
        matches!(self, Self::Broken { .. } | Self::Foreign { .. })
    }

    fn broken(path: &Path, reason: impl Into<String>) -> Self {
        Self::Broken { path: path.to_path_buf(), reason: reason.into(), file: open::identity(path) }
    }

    /// `system` is the number of the system's own error, 0 for none.
    fn of_sqlite(path: &Path, source: rusqlite::Error, system: i32) -> Self {
        use rusqlite::ErrorCode::{
            CannotOpen, ConstraintViolation, DatabaseBusy, DatabaseCorrupt, DatabaseLocked, DiskFull,
            NotADatabase, OutOfMemory, ReadOnly, SystemIoFailure, TooBig,
        };
        let system = (system != 0).then(|| io_errors::why(&std::io::Error::from_raw_os_error(system)));
        let why = match source.sqlite_error_code() {
            Some(NotADatabase) => return Self::broken(path, "not a SQLite database"),
            // What we write breaks no constraint, so what is there does.
            Some(DatabaseCorrupt | ConstraintViolation | TooBig) => {
                return Self::broken(path, source.to_string());
            }
            Some(DiskFull) => io_errors::NO_SPACE.to_string(),
            Some(OutOfMemory) => io_errors::why(&std::io::ErrorKind::OutOfMemory.into()),
            Some(SystemIoFailure | CannotOpen) => match system {
                Some(system) => system,
                None => format!("the system failed to read or write it ({source})"),
            },
            Some(ReadOnly) => "the file, its folder or its disk is read-only".to_string(),
            Some(DatabaseBusy | DatabaseLocked) => format!(
                "another process has been writing for {} s\nhint: try again when it is done",
                open::BUSY.as_secs()
            ),
            None if is_senseless(&source) => return Self::broken(path, source.to_string()),
            // SQLite's word for a format number that it does not know, and FTS5's for
            // a table without one.
            _ if source.to_string().contains("file format") => {
                return Self::broken(path, source.to_string());
            }
            _ => source.to_string(),
        };
        Self::Sqlite { path: path.to_path_buf(), why, source }
    }
}

/// A path with something behind it as an argument in a shell.
fn shell_word(path: &Path, suffix: &str) -> String {
    visible::shell_word(&format!("{}{suffix}", path.display())).into_owned()
}

/// A value that is not of the kind that was written.
fn is_senseless(error: &rusqlite::Error) -> bool {
    use rusqlite::Error::{FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType, Utf8Error};
    matches!(
        error,
        FromSqlConversionFailure(..) | IntegralValueOutOfRange(..) | InvalidColumnType(..) | Utf8Error(..)
    )
}

/// What every operation of the store returns.
pub type Result<T> = std::result::Result<T, StoreError>;

/// A content as it lies in the database: compressed, since references and
/// signatures repeat.
#[derive(Clone)]
pub struct EncodedContent {
    pub hash: ContentHash,
    /// Name of the language; empty for none.
    pub language: String,
    data: Vec<u8>,
}

/// Zstandard's fastest level: the better ones take as long as the parsing.
const COMPRESSION: i32 = 1;

thread_local! {
    /// Kept, since setting one up takes longer than compressing a small content.
    static COMPRESSOR: RefCell<zstd::bulk::Compressor<'static>> =
        RefCell::new(zstd::bulk::Compressor::new(COMPRESSION).expect("the level is one of zstd's"));
    /// Likewise: the tables of a new one are most of the work of reading a small content.
    static DECOMPRESSOR: RefCell<zstd::bulk::Decompressor<'static>> =
        RefCell::new(zstd::bulk::Decompressor::new().expect("it needs no dictionary"));
}

/// A content is no longer than the answer of the worker that made it.
const MAX_CONTENT: usize = crate::limits::PARSE_ANSWER;

impl EncodedContent {
    /// Serialises, compresses and checksums a content for storing.
    pub fn new(hash: ContentHash, language: &str, content: &Content) -> Self {
        let data = postcard::to_stdvec(content).expect("plain data in memory always serialises");
        let size = (data.len() as u32).to_le_bytes();
        let packed = COMPRESSOR.with_borrow_mut(|compressor| compressor.compress(&data));
        let packed = packed.expect("a buffer in memory takes all of it");
        Self { hash, language: language.to_string(), data: checksummed(&[&size[..], &packed].concat()) }
    }

    /// `None` when it is damaged.
    pub fn decode(&self) -> Option<Content> {
        let (size, packed) = verified(&self.data)?.split_first_chunk::<4>()?;
        let size = u32::from_le_bytes(*size) as usize;
        let read =
            |reader: &mut zstd::bulk::Decompressor<'_>| reader.decompress(packed, size.min(MAX_CONTENT));
        let data = DECOMPRESSOR.with_borrow_mut(read).ok()?;
        postcard::from_bytes(&data).ok()
    }
}

/// The state of a database, for `doctor`.
pub struct Health {
    /// `ok`, or what SQLite's `quick_check` found.
    pub check: String,
    pub schema: i64,
    pub known_schema: i64,
    pub bytes: u64,
}

impl Store {
    /// The content of a recorded file, whichever extractor made it.
    pub fn content(&self, hash: ContentHash, language: &str) -> Result<Option<Content>> {
        let row = self.connection.query_row(
            "SELECT data FROM content WHERE hash = ?1 AND language = ?2",
            params![hash.0, language],
            |row| row.get(0),
        );
        let data = self.sql(row.optional())?;
        Ok(data.and_then(|data| EncodedContent { hash, language: language.to_string(), data }.decode()))
    }

    /// The history that was stored for this head commit; `None` if there is none, or its checksum
    /// does not fit.
    pub fn history(&self, head: &str) -> Result<Option<History>> {
        let row = self.connection.query_row("SELECT data FROM history WHERE head = ?1", [head], |row| {
            Ok(decode_checked(row.get_ref(0)?.as_blob()?))
        });
        Ok(self.sql(row.optional())?.flatten())
    }

    /// Whether a history is stored for this head commit; an error of the database counts as no.
    pub fn knows_history(&self, head: &str) -> bool {
        let statement = self.connection.prepare("SELECT 1 FROM history WHERE head = ?1");
        statement.is_ok_and(|mut statement| statement.exists([head]).unwrap_or(false))
    }

    /// The first commits of a history, at a fraction of the cost of all.
    pub fn newest_commits(&self, head: &str, most: usize) -> Option<Vec<Commit>> {
        let sql = "SELECT data FROM history WHERE head = ?1";
        let data: Vec<u8> = self.connection.query_row(sql, [head], |row| row.get(0)).ok()?;
        // A history begins with its commits: their number, then one by one.
        let (count, mut rest) = postcard::take_from_bytes::<usize>(verified(&data)?).ok()?;
        let mut commits = Vec::new();
        for _ in 0..count.min(most) {
            let (commit, behind) = postcard::take_from_bytes(rest).ok()?;
            commits.push(commit);
            rest = behind;
        }
        Some(commits)
    }

    /// The database file.
    pub fn path(&self) -> &Path {
        &self.database.file
    }

    /// Version of the built-in SQLite.
    pub fn sqlite_version() -> &'static str {
        rusqlite::version()
    }

    /// SQLite's own quick check, the schema version and the size in bytes.
    pub fn health(&self) -> Result<Health> {
        let number = |sql: &str| self.sql(self.connection.query_row(sql, [], |row| row.get::<_, i64>(0)));
        let check = self.connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
        Ok(Health {
            check: self.sql(check)?,
            schema: number("PRAGMA user_version")?,
            known_schema: schema::KNOWN_SCHEMA,
            bytes: (number("PRAGMA page_count")? * number("PRAGMA page_size")?) as u64,
        })
    }

    /// Takes the notice that a broken database was set aside when this one was
    /// opened, and what became of its history. Returns it once.
    pub fn take_notice(&mut self) -> Option<String> {
        self.notice.take()
    }

    /// Rows that SQLite can read and that make no sense.
    fn damaged(&self, what: &str) -> StoreError {
        StoreError::broken(&self.database.file, format!("what it holds of `{what}` is damaged"))
    }

    fn sql<T>(&self, result: rusqlite::Result<T>) -> Result<T> {
        result.map_err(|source| {
            StoreError::of_sqlite(&self.database.file, source, open::system_error(&self.connection))
        })
    }
}

/// Bytes of the checksum in front of stored data: SQLite has none, and a bit
/// that flipped in an outline would be read as another outline.
const SEAL: usize = 8;

fn checksummed(data: &[u8]) -> Vec<u8> {
    [&ContentHash::of(data).0[..SEAL], data].concat()
}

/// `None` when it is not what [`checksummed`] made.
fn verified(sealed: &[u8]) -> Option<&[u8]> {
    let (sum, data) = sealed.split_at_checked(SEAL)?;
    (ContentHash::of(data).0[..SEAL] == *sum).then_some(data)
}

fn encode_checked<T: serde::Serialize>(data: &T) -> Vec<u8> {
    checksummed(&postcard::to_stdvec(data).expect("plain data in memory always serialises"))
}

fn decode_checked<T: serde::de::DeserializeOwned>(sealed: &[u8]) -> Option<T> {
    postcard::from_bytes(verified(sealed)?).ok()
}

fn class_name(class: Class) -> &'static str {
    CLASSES.iter().find(|(_, known)| *known == class).map_or("", |(name, _)| name)
}

fn class_from(name: &str) -> Option<Class> {
    CLASSES.iter().find(|(known, _)| *known == name).map(|(_, class)| *class)
}

/// Names as the database holds them; never change one.
const CLASSES: [(&str, Class); 12] = [
    ("source", Class::Source),
    ("test", Class::Test),
    ("doc", Class::Doc),
    ("config", Class::Config),
    ("data", Class::Data),
    ("binary", Class::Binary),
    ("oversized", Class::Oversized),
    ("minified", Class::Minified),
    ("generated", Class::Generated),
    ("vendored", Class::Vendored),
    ("lock", Class::Lock),
    ("secret", Class::Secret),
];

#[cfg(test)]
mod live_tests;
#[cfg(test)]
mod tests;
