//! The index of the records of a work tree, their full text, and the history
//! of each as events. What a file says is read elsewhere and handed in.
//!
//! Every change is one of a [`WriteTransaction`], so that two commands never
//! miss each other's changes.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::open::BUSY;
use super::sql::{quoted, stamp_from};
use super::{
    CheckDepth, Result, Store, StoreError, WriteTransaction, binding, decode_checked, encode_checked,
};
use crate::memory::{Record, RecordEventKind};
use crate::model::{ContentHash, Stamp};
use crate::project::Database;

/// How long emptying the log waits for readers: they are done within a second,
/// or stay.
const READERS: std::time::Duration = std::time::Duration::from_secs(5);

/// A record's file as it was when it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownFile {
    pub id: String,
    pub file: String,
    pub stamp: Stamp,
    /// Nanoseconds since 1970.
    pub read_ns: i64,
}

/// A record with its place in history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Indexed {
    pub record: Record,
    /// The newest revision, from 1.
    pub revision: u32,
    pub file: String,
}

/// A record's file that was read, on its way into the index.
pub struct NewRecord<'a> {
    pub record: &'a Record,
    pub file: &'a str,
    pub stamp: Stamp,
    pub read_ns: i64,
    /// RFC 3339, UTC.
    pub at: &'a str,
    /// Words of the title, cut for the index.
    pub title: &'a str,
    /// All other words, likewise.
    pub body: &'a str,
}

/// An event in the history of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordEvent {
    pub record: String,
    pub revision: u32,
    pub what: RecordEventKind,
    /// Hash of the text after the event.
    pub hash: Option<ContentHash>,
    pub at: String,
}

impl Store {
    /// A whole copy of the database as it is, in a new file, without its key. Also
    /// while this store keeps other writers out.
    pub fn copy_into(&self, path: &Path) -> Result<()> {
        let copy = || -> rusqlite::Result<()> {
            let reader = Connection::open(&self.database.file)?;
            reader.busy_timeout(std::time::Duration::from_secs(5))?;
            reader.execute("VACUUM INTO ?1", [path.to_string_lossy()])?;
            binding::release(&Connection::open(path)?)
        };
        self.sql(copy())
    }

    /// Row of this work tree.
    pub fn tree_id(&self) -> Option<i64> {
        self.tree
    }

    /// The random name of the project, which a backup keeps.
    pub fn project_id(&self) -> Result<String> {
        self.sql(binding::project(&self.connection))
    }

    /// Makes a copied database that of its work tree, whose row it held as
    /// `tree`; refuses one that is not ours or is damaged.
    pub fn adopt(database: &Database, tree: Option<i64>) -> Result<Self> {
        let store = Self::create_sound(database)?;
        if let Some(why) = Self::diagnose(database, CheckDepth::Thorough)? {
            return Err(StoreError::broken(&database.file, why.to_string()));
        }
        let root = database.root.to_string_lossy();
        let rename = || -> rusqlite::Result<()> {
            store.connection.execute(
                "UPDATE tree SET root = root || ' (before a backup was put back)' WHERE root = ?1 AND id IS NOT ?2",
                params![root, tree],
            )?;
            store.connection.execute("UPDATE tree SET root = ?1 WHERE id = ?2", params![root, tree])?;
            binding::release(&store.connection)?;
            store.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        };
        store.sql(rename())?;
        store.of_tree()
    }

    /// Gives a copy the key for the place that it will have.
    pub fn bind_copy(copy: &Path, place: &Database) -> Result<()> {
        let store = Self::create_sound(&Database::unchecked(copy, &place.root))?;
        let bind = || -> rusqlite::Result<()> {
            binding::bind(&store.connection, place, false)?;
            store.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        };
        store.sql(bind())
    }

    /// The files that the index rests on, sorted by name.
    pub fn record_files(&self) -> Result<Vec<KnownFile>> {
        let mut statement = self.sql(self.connection.prepare_cached(
            "SELECT id, file, size, mtime_ns, ctime_ns, inode, read_ns FROM record WHERE tree = ?1 ORDER BY file",
        ))?;
        let rows = statement.query_map([self.tree], |row| {
            let stamp = stamp_from(row, 2)?;
            Ok(KnownFile { id: row.get(0)?, file: row.get(1)?, stamp, read_ns: row.get(6)? })
        });
        self.sql(rows)?.map(|row| self.sql(row)).collect()
    }

    /// Sorted by id.
    pub fn records(&self) -> Result<Vec<Indexed>> {
        let mut statement = self.sql(
            self.connection
                .prepare_cached("SELECT data, revision, file, id FROM record WHERE tree = ?1 ORDER BY id"),
        )?;
        let mut rows = self.sql(statement.query([self.tree]))?;
        let mut found = Vec::new();
        while let Some(row) = self.sql(rows.next())? {
            found.push(self.indexed(row)?);
        }
        Ok(found)
    }

    /// The record of an id.
    pub fn record_of(&self, id: &str) -> Result<Option<Indexed>> {
        self.one_record("id = ?2", &id)
    }

    /// The newest record with a slug.
    pub fn record_with_slug(&self, slug: &str) -> Result<Option<Indexed>> {
        self.one_record("slug = ?2", &slug)
    }

    /// The newest records that say exactly this.
    pub fn record_saying(&self, said: ContentHash) -> Result<Option<Indexed>> {
        self.one_record("said = ?2", &said.0)
    }

    fn one_record(&self, condition: &str, value: &dyn rusqlite::ToSql) -> Result<Option<Indexed>> {
        let sql = format!(
            "SELECT data, revision, file, id FROM record WHERE tree = ?1 AND {condition} ORDER BY id DESC LIMIT 1"
        );
        let mut statement = self.sql(self.connection.prepare_cached(&sql))?;
        let mut rows = self.sql(statement.query(params![self.tree, value]))?;
        match self.sql(rows.next())? {
            Some(row) => Ok(Some(self.indexed(row)?)),
            None => Ok(None),
        }
    }

    fn indexed(&self, row: &Row) -> Result<Indexed> {
        let id: String = self.sql(row.get(3))?;
        let damaged = || self.damaged(&id);
        let data = self.sql(row.get_ref(0))?.as_blob().map_err(|_| damaged())?;
        let record = decode_checked(data).ok_or_else(damaged)?;
        Ok(Indexed { record, revision: self.sql(row.get(1))?, file: self.sql(row.get(2))? })
    }

    /// Oldest first.
    pub fn events(&self, id: &str) -> Result<Vec<RecordEvent>> {
        let mut statement = self.sql(self.connection.prepare_cached(
            "SELECT record, revision, what, hash, at FROM record_event
             WHERE tree = ?1 AND record = ?2 ORDER BY revision",
        ))?;
        let rows = self.sql(statement.query_map(params![self.tree, id], |row| event_from(row, 0)))?;
        rows.map(|row| self.sql(row)).collect()
    }

    /// Ids of all records that ever were, sorted.
    pub fn known_ids(&self) -> Result<Vec<String>> {
        let mut statement = self.sql(
            self.connection
                .prepare("SELECT DISTINCT record FROM record_event WHERE tree = ?1 ORDER BY record"),
        )?;
        let rows = self.sql(statement.query_map([self.tree], |row| row.get(0)))?;
        rows.map(|row| self.sql(row)).collect()
    }

    /// The text of a revision.
    pub fn revision_text(&self, hash: ContentHash) -> Result<Option<String>> {
        let row = self.connection.query_row(
            "SELECT text FROM record_text WHERE hash = ?1",
            params![hash.0],
            |row| row.get(0),
        );
        self.sql(row.optional())
    }

    /// Ids of erased records and when that was, sorted by id.
    pub fn erased(&self) -> Result<Vec<(String, String)>> {
        let mut statement = self.sql(self.connection.prepare(
            "SELECT record, at FROM record_event AS event WHERE tree = ?1 AND what = 'erased' AND revision =
               (SELECT max(revision) FROM record_event WHERE tree = event.tree AND record = event.record)
             ORDER BY record",
        ))?;
        let rows = self.sql(statement.query_map([self.tree], |row| Ok((row.get(0)?, row.get(1)?))))?;
        rows.map(|row| self.sql(row)).collect()
    }

    /// Empties the write-ahead log, so that deleted text is in no file any
    /// more. `false` when another process holds it.
    pub fn forget_deleted(&mut self) -> Result<bool> {
        self.sql(self.connection.execute_batch("INSERT INTO record_fts(record_fts) VALUES ('optimize')"))?;
        self.wait_at_most(READERS)?;
        let busy: rusqlite::Result<i64> =
            self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0));
        self.wait_at_most(BUSY)?;
        Ok(self.sql(busy)? == 0)
    }

    /// Ids of the records that hold all of these words, sorted.
    pub fn records_with_all(&self, words: &std::collections::BTreeSet<String>) -> Result<Vec<String>> {
        if words.is_empty() {
            return Ok(Vec::new());
        }
        let query = words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" AND ");
        let mut statement = self.sql(self.connection.prepare_cached(
            "SELECT record.id FROM record_fts JOIN record ON record.seq = record_fts.rowid
             WHERE record_fts MATCH ?1 AND record.tree = ?2 ORDER BY record.id",
        ))?;
        let rows = self.sql(statement.query_map(params![query, self.tree], |row| row.get(0)))?;
        rows.map(|row| self.sql(row)).collect()
    }

    /// Whether the full text agrees with the rows that it indexes. What cannot
    /// be checked, since somebody writes or nobody may, counts as sound.
    pub fn full_text_is_sound(&self) -> Result<bool> {
        use rusqlite::ErrorCode::{CannotOpen, DatabaseBusy, DatabaseCorrupt, ReadOnly};
        let check = "INSERT INTO record_fts(record_fts, rank) VALUES ('integrity-check', 1)";
        match self.connection.execute_batch(check) {
            Err(error) => match error.sqlite_error_code() {
                Some(DatabaseCorrupt) => Ok(false),
                Some(ReadOnly | CannotOpen | DatabaseBusy) => Ok(true),
                _ => self.sql(Err(error)),
            },
            Ok(()) => Ok(true),
        }
    }
}

impl WriteTransaction<'_> {
    /// Takes a record up into the index, as a new revision if it changed.
    pub fn put_record(&mut self, new: &NewRecord) -> Result<()> {
        let tree = self.tree;
        self.sql(put(&self.connection, tree, new))
    }

    /// Removes a record whose file is gone from the index; its history stays.
    pub fn drop_record(&mut self, id: &str, at: &str) -> Result<()> {
        let tree = self.tree;
        self.sql(drop_row(&self.connection, tree, id))?;
        self.sql(log(&self.connection, tree, id, RecordEventKind::Deleted, None, at)).map(|_| ())
    }

    /// Imports the history of a record that has none here.
    pub fn put_history_of(&mut self, events: &[(RecordEvent, Option<String>)]) -> Result<()> {
        for (event, text) in events {
            let hash = event.hash.map(|hash| hash.0);
            self.sql(self.connection.execute(
                "INSERT INTO record_event (tree, record, revision, what, hash, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![self.tree, event.record, event.revision, event.what.name(), hash, event.at],
            ))?;
            if let (Some(hash), Some(text)) = (hash, text) {
                self.sql(self.connection.execute(
                    "INSERT OR IGNORE INTO record_text (hash, text) VALUES (?1, ?2)",
                    params![hash, text],
                ))?;
            }
        }
        Ok(())
    }

    /// Deletes every word of a record from the index, the full text and the
    /// revisions, in every work tree, and logs that. What was deleted is
    /// overwritten; [`Store::forget_deleted`] does the same for the log.
    pub fn erase_record(&mut self, id: &str, at: &str) -> Result<()> {
        let run = || -> rusqlite::Result<()> {
            let mut statement = self.connection.prepare("SELECT DISTINCT tree FROM record WHERE id = ?1")?;
            let trees: Vec<i64> =
                statement.query_map([id], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
            for tree in trees {
                drop_row(&self.connection, Some(tree), id)?;
            }
            self.connection.execute(
                "DELETE FROM record_text WHERE hash IN (SELECT hash FROM record_event WHERE record = ?1)",
                [id],
            )?;
            // A command that said its title or its id is in the log too, quoted as the shell
            // has it.
            self.connection.execute(
                "WITH told AS (SELECT replace(replace(text, '''', ''), '\\', '') AS title FROM event
                               WHERE instr(data, '\"record\":\"' || ?1 || '\"') > 0 AND length(text) > 3
                               UNION SELECT ?1)
                 UPDATE event SET text = '' WHERE kind IN ('command', 'command_start') AND EXISTS
                   (SELECT 1 FROM told WHERE instr(replace(replace(event.text, '''', ''), '\\', ''), title) > 0)",
                [id],
            )?;
            // The log of sessions tells of each change with the record's title.
            self.connection.execute(
                "UPDATE event SET text = '' WHERE instr(data, '\"record\":\"' || ?1 || '\"') > 0",
                [id],
            )?;
            // What a text was about tells of its words.
            self.connection
                .execute("DELETE FROM record_vector WHERE said NOT IN (SELECT said FROM record)", [])?;
            log(&self.connection, self.tree, id, RecordEventKind::Erased, None, at)?;
            Ok(())
        };
        self.sql(run())
    }

    /// Forgets that a record ever was here.
    pub fn forget_history_of(&mut self, id: &str) -> Result<()> {
        let sql = "DELETE FROM record_event WHERE tree = ?1 AND record = ?2";
        self.sql(self.connection.execute(sql, params![self.tree, id])).map(|_| ())
    }

    /// Deletes a goal's text from the snapshots taken for it.
    pub fn erase_goal(&mut self, goal: &str) -> Result<()> {
        self.sql(self.connection.execute("UPDATE snapshot SET goal = NULL WHERE goal = ?1", [goal]))
            .map(|_| ())
    }

    /// Empties the index, to be built again from the files; history stays. The
    /// full text is made anew from the rows, which holds whatever it held.
    pub fn clear_records(&mut self) -> Result<()> {
        self.sql(self.connection.execute("DELETE FROM record WHERE tree = ?1", [self.tree]))?;
        self.sql(self.connection.execute_batch("INSERT INTO record_fts(record_fts) VALUES ('rebuild')"))
    }
}

fn put(connection: &Connection, tree: Option<i64>, new: &NewRecord) -> rusqlite::Result<()> {
    let record = new.record;
    let old: Option<(ContentHash, u32, Vec<u8>)> = connection
        .query_row(
            "SELECT hash, revision, data FROM record WHERE tree = ?1 AND id = ?2",
            params![tree, record.id],
            |row| Ok((ContentHash(row.get(0)?), row.get(1)?, row.get(2)?)),
        )
        .optional()?;
    let hash = record.hash();
    let stamp = &new.stamp;
    let data = encode_checked(record);
    if old.as_ref().is_some_and(|(known, _, known_data)| *known == hash && *known_data == data) {
        connection.execute(
            "UPDATE record SET file = ?3, size = ?4, mtime_ns = ?5, ctime_ns = ?6, inode = ?7, read_ns = ?8
             WHERE tree = ?1 AND id = ?2",
            params![
                tree,
                record.id,
                new.file,
                stamp.size as i64,
                stamp.mtime_ns,
                stamp.ctime_ns,
                stamp.inode as i64,
                new.read_ns
            ],
        )?;
        return Ok(());
    }
    let revision = match &old {
        Some((known, revision, _)) if *known == hash => *revision,
        Some((_, _, data)) => {
            let before: Option<Record> = decode_checked(data);
            let what = match before {
                Some(before) if before.status != record.status => record.status.into(),
                _ => RecordEventKind::Edited,
            };
            log(connection, tree, &record.id, what, Some((hash, record)), new.at)?
        }
        None => arrived(connection, tree, record, hash, new.at)?,
    };
    drop_row(connection, tree, &record.id)?;
    connection.execute(
        "INSERT INTO record (tree, id, slug, revision, hash, said, data, file, size, mtime_ns, ctime_ns, inode,
                             read_ns, title, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
        params![
            tree,
            record.id,
            record.slug,
            revision,
            hash.0,
            record.content_hash().0,
            data,
            new.file,
            stamp.size as i64,
            stamp.mtime_ns,
            stamp.ctime_ns,
            stamp.inode as i64,
            new.read_ns,
            new.title,
            new.body
        ],
    )?;
    connection.execute(
        "INSERT INTO record_fts(rowid, title, body) VALUES (?1, ?2, ?3)",
        params![connection.last_insert_rowid(), new.title, new.body],
    )?;
    Ok(())
}

/// A record that the index does not hold: new, or back after it was gone.
fn arrived(
    connection: &Connection,
    tree: Option<i64>,
    record: &Record,
    hash: ContentHash,
    at: &str,
) -> rusqlite::Result<u32> {
    let last: Option<(u32, String, Option<[u8; 32]>)> = connection
        .query_row(
            "SELECT revision, what, hash FROM record_event WHERE tree = ?1 AND record = ?2 ORDER BY revision DESC LIMIT 1",
            params![tree, record.id],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .optional()?;
    match last {
        // The index was lost, the history was not.
        Some((revision, _, Some(known))) if known == hash.0 => Ok(revision),
        Some((_, _, Some(_))) => {
            log(connection, tree, &record.id, RecordEventKind::Edited, Some((hash, record)), at)
        }
        Some((_, _, None)) => {
            log(connection, tree, &record.id, RecordEventKind::Restored, Some((hash, record)), at)
        }
        None => log(connection, tree, &record.id, RecordEventKind::Added, Some((hash, record)), at),
    }
}

/// Adds an event and keeps the text after it; returns the new revision.
fn log(
    connection: &Connection,
    tree: Option<i64>,
    id: &str,
    what: RecordEventKind,
    after: Option<(ContentHash, &Record)>,
    at: &str,
) -> rusqlite::Result<u32> {
    let revision: u32 = connection.query_row(
        "SELECT coalesce(max(revision), 0) + 1 FROM record_event WHERE tree = ?1 AND record = ?2",
        params![tree, id],
        |row| row.get(0),
    )?;
    connection.execute(
        "INSERT INTO record_event (tree, record, revision, what, hash, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![tree, id, revision, what.name(), after.map(|(hash, _)| hash.0), at],
    )?;
    if let Some((hash, record)) = after {
        connection.execute(
            "INSERT OR IGNORE INTO record_text (hash, text) VALUES (?1, ?2)",
            params![hash.0, crate::memory::text(&record.at_home())],
        )?;
    }
    Ok(revision)
}

/// Takes a row out of the table and the full text, which must be told the old
/// words.
fn drop_row(connection: &Connection, tree: Option<i64>, id: &str) -> rusqlite::Result<()> {
    let old: Option<(i64, String, String)> = connection
        .query_row(
            "SELECT seq, title, body FROM record WHERE tree = ?1 AND id = ?2",
            params![tree, id],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .optional()?;
    let Some((seq, title, body)) = old else { return Ok(()) };
    connection.execute(
        "INSERT INTO record_fts(record_fts, rowid, title, body) VALUES ('delete', ?1, ?2, ?3)",
        params![seq, title, body],
    )?;
    connection.execute("DELETE FROM record WHERE seq = ?1", [seq])?;
    Ok(())
}

/// The columns record, revision, what, hash and at, beginning with `first`.
pub(super) fn event_from(row: &Row, first: usize) -> rusqlite::Result<RecordEvent> {
    Ok(RecordEvent {
        record: row.get(first)?,
        revision: row.get(first + 1)?,
        what: event_kind(row, first + 2)?,
        hash: row.get::<_, Option<[u8; 32]>>(first + 3)?.map(ContentHash),
        at: row.get(first + 4)?,
    })
}

fn event_kind(row: &Row, column: usize) -> rusqlite::Result<RecordEventKind> {
    let name: String = row.get(column)?;
    let unknown = || {
        let error = format!("unknown event `{name}`");
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, error.into())
    };
    RecordEventKind::from_name(&name).ok_or_else(unknown)
}
