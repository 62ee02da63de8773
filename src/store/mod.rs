//! Snapshots, outlines and history in SQLite: the only user of rusqlite. The
//! database is the truth for snapshots and a cache of everything else.
//!
//! Not here: what a snapshot means (the pipeline composes it) and project
//! memory, whose truth is the files in `.waypost/memory/`.

mod open;
mod records;
mod search;
mod snapshots;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{Class, Content, ContentHash, History, RelPath, Stamp};

pub use records::{Event, Indexed, KnownFile, NewRecord};
pub use search::{CodeHit, NewPlace, NewSymbol, Place, RecordHit};
pub use snapshots::{Recorded, State, VersionedFile};

/// An open database, on behalf of one work tree.
pub struct Store {
    connection: Connection,
    path: PathBuf,
    /// Row of `tree`; `None` when this work tree was never recorded.
    tree: Option<i64>,
}

/// Why the database cannot be used. Every message names it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("database `{}` is not waypost's: {reason}\nhint: move it away; snapshots are rebuilt, memory is kept in files", path.display())]
    NotOurs { path: PathBuf, reason: String },
    #[error("database `{}` has schema {found}, this waypost knows up to {known}\nhint: use a newer waypost", path.display())]
    Newer { path: PathBuf, found: i64, known: i64 },
    #[error("database `{}`: {source}", path.display())]
    Sqlite { path: PathBuf, source: rusqlite::Error },
    #[error("cannot create `{}`: {source}", path.display())]
    Create { path: PathBuf, source: std::io::Error },
    #[error("database `{}`: stored data of `{what}` is damaged", path.display())]
    Damaged { path: PathBuf, what: String },
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
}

pub type Result<T> = std::result::Result<T, StoreError>;

/// What is remembered of a file that was read before.
#[derive(Clone, Debug, PartialEq)]
pub struct Remembered {
    pub stamp: Stamp,
    pub hash: ContentHash,
    pub class: Class,
    pub language: Option<String>,
}

/// A content as it lies in the database.
pub struct EncodedContent {
    pub hash: ContentHash,
    pub language: String,
    data: Vec<u8>,
}

impl EncodedContent {
    /// `None` when it is damaged.
    pub fn decode(&self) -> Option<Content> {
        postcard::from_bytes(&self.data).ok()
    }
}

/// What `doctor` asks.
pub struct Health {
    /// `ok`, or what SQLite's `quick_check` found.
    pub check: String,
    pub schema: i64,
    pub known_schema: i64,
    pub bytes: u64,
}

impl Store {
    /// What was read before, by path. Empty for a new work tree.
    pub fn remembered(&self) -> Result<HashMap<RelPath, Remembered>> {
        let stamps = self.tree.map_or(Ok(HashMap::new()), |tree| snapshots::stamps(&self.connection, tree));
        // A path that makes no sense is as good as none: the file is read again.
        Ok(self
            .sql(stamps)?
            .into_iter()
            .filter_map(|(path, known)| Some((RelPath::new(&path)?, known)))
            .collect())
    }

    /// Which contents this extractor has made.
    pub fn content_keys(&self, extractor: &str) -> Result<HashSet<(ContentHash, String)>> {
        let mut statement =
            self.sql(self.connection.prepare("SELECT hash, language FROM content WHERE extractor = ?1"))?;
        let rows = statement.query_map([extractor], |row| Ok((ContentHash(row.get(0)?), row.get(1)?)));
        self.sql(rows)?.map(|row| self.sql(row)).collect()
    }

    /// The contents that this extractor has made of `wanted`, still encoded: in
    /// one scan, since the caller wants nearly all of them.
    pub fn encoded_contents(
        &self,
        wanted: &HashSet<ContentHash>,
        extractor: &str,
    ) -> Result<Vec<EncodedContent>> {
        let scan = self.connection.prepare("SELECT hash, language, data FROM content WHERE extractor = ?1");
        let mut statement = self.sql(scan)?;
        let mut rows = self.sql(statement.query([extractor]))?;
        let mut found = Vec::with_capacity(wanted.len());
        while let Some(row) = self.sql(rows.next())? {
            let hash = ContentHash(self.sql(row.get(0))?);
            if wanted.contains(&hash) {
                let (language, data) = (self.sql(row.get(1))?, self.sql(row.get(2))?);
                found.push(EncodedContent { hash, language, data });
            }
        }
        Ok(found)
    }

    /// Extracted contents by hash and language, those of this extractor only.
    pub fn contents<'k>(
        &self,
        keys: &[(ContentHash, &'k str)],
        extractor: &str,
    ) -> Result<HashMap<(ContentHash, &'k str), Content>> {
        let mut statement = self.sql(self.connection.prepare_cached(
            "SELECT data FROM content WHERE hash = ?1 AND language = ?2 AND extractor = ?3",
        ))?;
        let mut found = HashMap::with_capacity(keys.len());
        for (hash, language) in keys {
            let row = statement.query_row(params![hash.0, language, extractor], |row| {
                Ok(postcard::from_bytes(row.get_ref(0)?.as_blob()?).ok())
            });
            // A blob that cannot be read is extracted again.
            if let Some(Some(content)) = self.sql(row.optional())? {
                found.insert((*hash, *language), content);
            }
        }
        Ok(found)
    }

    /// The content of a recorded file, whichever extractor made it.
    pub fn content(&self, hash: ContentHash, language: &str) -> Result<Option<Content>> {
        let row = self.connection.query_row(
            "SELECT data FROM content WHERE hash = ?1 AND language = ?2",
            params![hash.0, language],
            |row| Ok(postcard::from_bytes(row.get_ref(0)?.as_blob()?).ok()),
        );
        Ok(self.sql(row.optional())?.flatten())
    }

    pub fn history(&self, head: &str) -> Result<Option<History>> {
        let row = self.connection.query_row("SELECT data FROM history WHERE head = ?1", [head], |row| {
            Ok(postcard::from_bytes(row.get_ref(0)?.as_blob()?).ok())
        });
        Ok(self.sql(row.optional())?.flatten())
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Of the SQLite that is built in.
    pub fn sqlite_version() -> &'static str {
        rusqlite::version()
    }

    pub fn health(&self) -> Result<Health> {
        let number = |sql: &str| self.sql(self.connection.query_row(sql, [], |row| row.get::<_, i64>(0)));
        let check = self.connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
        Ok(Health {
            check: self.sql(check)?,
            schema: number("PRAGMA user_version")?,
            known_schema: open::KNOWN_SCHEMA,
            bytes: (number("PRAGMA page_count")? * number("PRAGMA page_size")?) as u64,
        })
    }

    fn sql<T>(&self, result: rusqlite::Result<T>) -> Result<T> {
        result.map_err(|source| StoreError::Sqlite { path: self.path.clone(), source })
    }
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
mod tests;
