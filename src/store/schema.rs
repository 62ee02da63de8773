//! What a database must look like before anything in it is used: the schema of
//! its version and nothing else, and in each column values of its kind.
//!
//! Not here: whose database it is ([`super::binding`]), and what is done with
//! one that is not sound ([`super::quarantine`]).

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, ffi};

use super::StoreError;
use crate::limits;
use crate::model::ContentHash;

/// "wayp" in ASCII: tells our databases from other programs'.
pub(super) const APPLICATION_ID: i64 = 0x7761_7970;

/// One for each value of `user_version`; never changed once released.
pub(super) const MIGRATIONS: [&str; 22] = [
    include_str!("migrations/2026-11-21-initial.sql"),
    include_str!("migrations/2026-11-21-records.sql"),
    include_str!("migrations/2026-11-21-search.sql"),
    include_str!("migrations/2026-11-21-sketch.sql"),
    include_str!("migrations/2026-11-21-watch.sql"),
    include_str!("migrations/2026-11-21-sealed.sql"),
    include_str!("migrations/2026-11-21-together.sql"),
    include_str!("migrations/2026-11-21-sketch-parts.sql"),
    include_str!("migrations/2026-11-21-words.sql"),
    include_str!("migrations/2026-11-30-binding.sql"),
    include_str!("migrations/2026-11-30-folded.sql"),
    include_str!("migrations/2026-11-30-sessions.sql"),
    include_str!("migrations/2026-11-30-record-names.sql"),
    include_str!("migrations/2026-11-30-receipts.sql"),
    include_str!("migrations/2026-12-01-goals.sql"),
    include_str!("migrations/2026-12-01-triggers.sql"),
    include_str!("migrations/2026-12-01-jobs.sql"),
    include_str!("migrations/2026-12-01-postings.sql"),
    include_str!("migrations/2026-12-01-questions.sql"),
    include_str!("migrations/2026-12-01-team.sql"),
    include_str!("migrations/2026-12-01-vectors.sql"),
    include_str!("migrations/2026-12-01-confirmed.sql"),
];

pub(super) const KNOWN_SCHEMA: i64 = MIGRATIONS.len() as i64;

/// What goes wrong before there is a `Store` to name the path.
pub(super) enum OpenError {
    /// With the number of the system's own error.
    Sqlite(rusqlite::Error, i32),
    NotOurs(String),
    Foreign(String),
    Broken(String),
    Newer(i64),
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error, 0)
    }
}

impl OpenError {
    pub(super) fn at(self, path: &Path) -> StoreError {
        match self {
            Self::Sqlite(source, system) => StoreError::of_sqlite(path, source, system),
            Self::NotOurs(reason) => StoreError::NotOurs { path: path.to_path_buf(), reason },
            Self::Foreign(reason) => StoreError::Foreign { path: path.to_path_buf(), reason },
            Self::Broken(reason) => StoreError::broken(path, reason),
            Self::Newer(found) => StoreError::Newer { path: path.to_path_buf(), found, known: KNOWN_SCHEMA },
        }
    }
}

pub(super) fn another_programs(application: i64) -> String {
    format!("it is another program's: its application_id is {application}")
}

/// Fingerprint of the schema that the migrations make; a test tells the new one.
const FINGERPRINT: &str = "57317d91cf0eb278a4d65bd2c4c6245b453f709034adc333792f70068b4d816b";

/// Fails for a database whose schema is not that of its version: a missing or an
/// additional table, view, trigger or index, or another definition of one.
///
/// The first query of all, since SQLite reads the whole schema for it: so that a
/// crafted one is bounded, SQLite may use [`limits::MAX_SCHEMA_MEMORY`] for it.
pub(super) fn verify(connection: &Connection, version: i64) -> Result<(), OpenError> {
    let found = {
        let _bounded = Bounded::new(limits::MAX_SCHEMA_MEMORY);
        fingerprint(connection).map_err(|error| match error.sqlite_error_code() {
            Some(ErrorCode::OutOfMemory) => OpenError::Broken("its schema is too large".into()),
            _ => error.into(),
        })?
    };
    if found == expected(version)? {
        return Ok(());
    }
    let application: i64 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    Err(OpenError::Broken(match application {
        APPLICATION_ID => format!("its schema is not that of version {version}"),
        other => another_programs(other),
    }))
}

fn expected(version: i64) -> rusqlite::Result<String> {
    match version {
        KNOWN_SCHEMA => Ok(FINGERPRINT.to_string()),
        _ => fingerprint(&made_of(version)?),
    }
}

/// A database in memory with the schema of a version.
fn made_of(version: i64) -> rusqlite::Result<Connection> {
    let connection = Connection::open_in_memory()?;
    let migrations = MIGRATIONS.iter().take(usize::try_from(version).unwrap_or(0));
    for migration in migrations {
        connection.execute_batch(migration)?;
    }
    Ok(connection)
}

/// Hash of all that a schema defines, in hex.
fn fingerprint(connection: &Connection) -> rusqlite::Result<String> {
    let sql = "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master ORDER BY name, type";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    let mut hash = blake3::Hasher::new();
    while let Some(row) = rows.next()? {
        for column in 0..4 {
            // How a definition is laid out on its lines does not matter.
            let text = row.get_ref(column)?.as_bytes().unwrap_or(b"\0");
            for word in text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()) {
                hash.update(word).update(b" ");
            }
            hash.update(b"\0");
        }
    }
    Ok(hash.finalize().to_hex().to_string())
}

/// Held by whoever has set SQLite's limit, which is one for the whole process: of
/// two that overlap, the later one would leave the limit of the first behind.
pub(super) static LIMIT: Mutex<()> = Mutex::new(());

/// As long as it lives, SQLite may allocate so many bytes more, in the whole
/// process.
struct Bounded {
    before: i64,
    _alone: MutexGuard<'static, ()>,
}

impl Bounded {
    fn new(bytes: i64) -> Self {
        let alone = LIMIT.lock().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: neither call touches memory of ours.
        let before = unsafe { ffi::sqlite3_hard_heap_limit64(ffi::sqlite3_memory_used() + bytes) };
        Self { before, _alone: alone }
    }
}

impl Drop for Bounded {
    fn drop(&mut self) {
        // SAFETY: as above.
        unsafe { ffi::sqlite3_hard_heap_limit64(self.before) };
    }
}

/// A column, as far as its values are bound by it.
struct Column {
    name: String,
    kind: String,
    may_be_null: bool,
}

/// The first value in any table that is not of the kind that its column holds,
/// as a sentence; `None` when there is none.
pub(super) fn wrong_value(connection: &Connection) -> rusqlite::Result<Option<String>> {
    for table in tables(connection)? {
        let columns = columns(connection, &table)?;
        let mut statement = connection.prepare(&format!("SELECT * FROM \"{table}\""))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            for (at, column) in columns.iter().enumerate() {
                if !column.takes(&row.get_ref(at)?) {
                    let name = &column.name;
                    return Ok(Some(format!("a value of `{name}` in its table `{table}` makes no sense")));
                }
            }
        }
    }
    Ok(None)
}

/// Tables that are neither virtual nor belong to one.
fn tables(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let sql = "SELECT name FROM pragma_table_list
               WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_schema' ORDER BY name";
    connection.prepare(sql)?.query_map([], |row| row.get(0))?.collect()
}

fn columns(connection: &Connection, table: &str) -> rusqlite::Result<Vec<Column>> {
    let sql = "SELECT name, type, \"notnull\" = 0 AND pk = 0 FROM pragma_table_info(?1) ORDER BY cid";
    let column =
        |row: &rusqlite::Row| Ok(Column { name: row.get(0)?, kind: row.get(1)?, may_be_null: row.get(2)? });
    connection.prepare(sql)?.query_map([table], column)?.collect()
}

/// Times, which may lie before 1970, and numbers of the system, which may use
/// all 64 bits.
const ANY_NUMBER: [&str; 5] = ["mtime_ns", "ctime_ns", "read_ns", "inode", "size"];

/// Numbers that are read as 32 bits, and counted on from.
const SMALL: [&str; 5] = ["revision", "line", "end_line", "part", "bucket"];

/// What such a number cannot be, half of what it may hold.
pub(super) const SMALLEST_TOO_LARGE: u32 = u32::MAX / 2;

/// Beyond it a number that was counted up from 0 is none of ours.
const LARGE: i64 = 1 << 53;

impl Column {
    fn takes(&self, value: &ValueRef) -> bool {
        match (value, self.kind.as_str()) {
            (ValueRef::Null, _) => self.may_be_null,
            (ValueRef::Integer(number), "INTEGER") => self.takes_number(*number),
            (ValueRef::Text(text), "TEXT") => self.takes_text(text),
            (ValueRef::Blob(bytes), "BLOB") => self.takes_bytes(bytes),
            // `sqlite_sequence` declares no kinds.
            (ValueRef::Integer(number), "") => self.name == "seq" && (0..LARGE).contains(number),
            (ValueRef::Text(text), "") => self.name == "name" && std::str::from_utf8(text).is_ok(),
            _ => false,
        }
    }

    fn takes_number(&self, number: i64) -> bool {
        match self.name.as_str() {
            name if ANY_NUMBER.contains(&name) => true,
            name if SMALL.contains(&name) => (0..i64::from(SMALLEST_TOO_LARGE)).contains(&number),
            // A file's row has the number of its place, negative.
            "id" => number.abs() < LARGE,
            "asked" => matches!(number, 0 | 1),
            _ => (0..LARGE).contains(&number),
        }
    }

    fn takes_text(&self, text: &[u8]) -> bool {
        match self.name.as_str() {
            "created_at" | "at" => {
                text.len() < 40 && text.iter().all(|b| b.is_ascii_digit() || b"TZ:.+-".contains(b))
            }
            _ => std::str::from_utf8(text).is_ok(),
        }
    }

    fn takes_bytes(&self, bytes: &[u8]) -> bool {
        let is_hash = matches!(self.name.as_str(), "hash" | "digest" | "said" | "tag" | "stdout" | "stderr");
        !is_hash || bytes.len() == size_of::<ContentHash>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fingerprint_is_that_of_the_migrations() {
        assert_eq!(fingerprint(&made_of(KNOWN_SCHEMA).unwrap()).unwrap(), FINGERPRINT);
    }
}
