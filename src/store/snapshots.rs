//! Recording a state of the tree at the cost of what changed, and loading any
//! recorded state.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};

use super::open::BUSY;
use super::sql::stored_text;
use super::tree_cache::{self, CachedTree, DirtyParts, NameFilter, put_contents};
use super::{EncodedContent, Result, Store, StoreError, class_from, class_name, encode_checked, retention};
use crate::model::{
    Class, ContentHash, FileFacts, History, RelPath, SafeText, Skipped, Snapshot, SnapshotId,
};

/// A snapshot as it is about to be recorded.
pub struct Recorded<'a> {
    pub created_at: String,
    /// Somebody wants it kept, rather than a watch that saw a change.
    pub asked: bool,
    pub goal: Option<&'a SafeText>,
    pub head: Option<&'a str>,
    pub branch: Option<&'a SafeText>,
    pub digest: ContentHash,
    pub symbols: u64,
    pub tokens: Option<u64>,
    /// Sorted by path.
    pub files: &'a [&'a FileFacts],
    /// Sorted by path.
    pub skipped: &'a [Skipped],
    /// What differs from the snapshot of the stored cached tree; `None` when that is
    /// not known.
    pub changed: Option<Changed<'a>>,
    /// Contents that the store does not hold yet.
    pub new_contents: &'a [EncodedContent],
    pub extractor: &'a str,
    /// The cached tree and which parts of it differ from the stored one; `None`
    /// if the stored one is still exact.
    pub cached_tree: Option<(&'a CachedTree, DirtyParts)>,
    pub names: Option<NameFilter<'a>>,
    /// The history of a head that the store does not have yet.
    pub history: Option<(&'a str, &'a History)>,
}

/// Files that are not as the snapshot of the stored cached tree has them.
#[derive(Clone, Copy)]
pub struct Changed<'a> {
    /// Digest of that snapshot.
    pub since: ContentHash,
    /// New and modified.
    pub files: &'a [&'a FileFacts],
    pub gone: &'a [RelPath],
}

/// A file of a recorded state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionedFile {
    pub hash: ContentHash,
    pub size: u64,
    pub class: Class,
    pub language: Option<String>,
}

/// All files of a recorded state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SnapshotFiles {
    pub files: BTreeMap<RelPath, VersionedFile>,
    pub skipped: Vec<Skipped>,
}

const COLUMNS: &str = "seq, created_at, goal, head, branch, digest, files, symbols, tokens, asked";

impl Store {
    /// Records a state. When tree and goal equal the last snapshot of this work
    /// tree, that one is given back: its head, branch, token count, what was
    /// skipped and the caches are renewed. All or nothing.
    pub fn record(&mut self, root: &std::path::Path, new: &Recorded) -> Result<Snapshot> {
        let recorded = record(&mut self.connection, root, new);
        let (tree, id) = self.sql(recorded)?;
        self.tree = Some(tree);
        self.snapshot(id)
    }

    /// Newest first.
    pub fn snapshots(&self) -> Result<Vec<Snapshot>> {
        let sql = format!("SELECT {COLUMNS} FROM snapshot WHERE tree = ?1 ORDER BY seq DESC");
        let mut statement = self.sql(self.connection.prepare(&sql))?;
        let rows = self.sql(statement.query_map([self.tree], snapshot_from))?;
        rows.map(|row| self.sql(row)).collect()
    }

    /// The newest snapshot of this work tree, if there is one.
    pub fn latest(&self) -> Result<Option<Snapshot>> {
        let sql = format!("SELECT {COLUMNS} FROM snapshot WHERE tree = ?1 ORDER BY seq DESC LIMIT 1");
        self.sql(self.connection.query_row(&sql, [self.tree], snapshot_from).optional())
    }

    /// What a person comes back to: the last snapshot that somebody took, else
    /// the first one that a watch did.
    pub fn baseline(&self) -> Result<Option<Snapshot>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM snapshot WHERE tree = ?1
             ORDER BY asked DESC, CASE WHEN asked THEN -seq ELSE seq END LIMIT 1"
        );
        self.sql(self.connection.query_row(&sql, [self.tree], snapshot_from).optional())
    }

    /// One snapshot of this work tree; an error if it has none with this id.
    pub fn snapshot(&self, id: SnapshotId) -> Result<Snapshot> {
        let sql = format!("SELECT {COLUMNS} FROM snapshot WHERE tree = ?1 AND seq = ?2");
        let row = self.connection.query_row(&sql, params![self.tree, id.0], snapshot_from);
        self.sql(row.optional())?.ok_or_else(|| StoreError::NoSnapshot { id: id.to_string() })
    }

    /// The files of a recorded state.
    pub fn state(&self, id: SnapshotId) -> Result<SnapshotFiles> {
        let mut statement = self.sql(self.connection.prepare(
            "SELECT path, hash, size, class, language FROM file
             WHERE tree = ?1 AND first <= ?2 AND (last IS NULL OR last >= ?2)",
        ))?;
        let mut rows = self.sql(statement.query(params![self.tree, id.0]))?;
        let mut state = SnapshotFiles::default();
        while let Some(row) = self.sql(rows.next())? {
            let (path, file) = self.sql(versioned_file(row))?;
            let damaged = || self.damaged(&path);
            state.files.insert(RelPath::new(&path).ok_or_else(damaged)?, file.ok_or_else(damaged)?);
        }
        let mut statement = self.sql(self.connection.prepare(
            "SELECT path, reason FROM skipped
             WHERE tree = ?1 AND first <= ?2 AND (last IS NULL OR last >= ?2) ORDER BY path, reason",
        ))?;
        let rows = self.sql(statement.query_map(params![self.tree, id.0], |row| {
            Ok(Skipped { path: row.get(0)?, reason: row.get::<_, String>(1)?.into() })
        }))?;
        state.skipped = rows.map(|row| self.sql(row)).collect::<Result<_>>()?;
        Ok(state)
    }

    /// Which snapshots `prune` would remove, newest first.
    pub fn prunable(&self, keep_last: usize) -> Result<Vec<Snapshot>> {
        Ok(self.snapshots()?.into_iter().skip(keep_last).collect())
    }

    /// Removes all but the newest `keep_last` snapshots of this work tree, and
    /// what only they held.
    pub fn prune(&mut self, keep_last: usize) -> Result<Vec<Snapshot>> {
        let removed = self.prunable(keep_last)?;
        let tree = self.tree;
        let run = |connection: &mut Connection| -> rusqlite::Result<()> {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let ids: Vec<i64> = removed.iter().map(|snapshot| snapshot.id.0).collect();
            retention::remove(&transaction, tree.unwrap_or_default(), &ids)?;
            transaction.commit()?;
            connection.execute_batch("PRAGMA incremental_vacuum")?;
            // The log shrinks when nobody reads it. To wait for that would hold
            // up everybody who writes.
            connection.busy_timeout(Duration::ZERO)?;
            connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
            connection.busy_timeout(BUSY)
        };
        let done = run(&mut self.connection);
        self.sql(done)?;
        Ok(removed)
    }
}

fn record(
    connection: &mut Connection,
    root: &std::path::Path,
    new: &Recorded,
) -> rusqlite::Result<(i64, SnapshotId)> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let root = root.to_string_lossy();
    transaction.execute("INSERT OR IGNORE INTO tree (root) VALUES (?1)", [&root])?;
    let tree = transaction.query_row("SELECT id FROM tree WHERE root = ?1", [&root], |row| row.get(0))?;
    put_contents(&transaction, new.new_contents, new.extractor)?;
    // Whether what is stored is what the differences are from.
    let since = new.changed.map(|changed| changed.since);
    let holds = match since {
        Some(digest) => tree_cache::is_of(&transaction, tree, new.extractor, digest)?,
        None => false,
    };
    if let Some((head, history)) = new.history {
        put_history(&transaction, head, history)?;
    }
    let id = match same_as_last(&transaction, tree, new)? {
        Some(id) => {
            put_skipped(&transaction, tree, id, new.skipped)?;
            id
        }
        None => {
            let id = insert_snapshot(&transaction, tree, new)?;
            match new.changed {
                Some(changed) if holds && is_last(&transaction, tree, id, changed.since)? => {
                    put_changed(&transaction, tree, id, &changed)?
                }
                _ => put_files(&transaction, tree, id, new.files)?,
            }
            put_skipped(&transaction, tree, id, new.skipped)?;
            id
        }
    };
    put_cached_tree(&transaction, tree, new, holds)?;
    transaction.execute(
        "UPDATE snapshot SET tokens = coalesce(?2, tokens), head = ?3, branch = ?4, asked = max(asked, ?5)
         WHERE seq = ?1",
        params![
            id,
            new.tokens.map(|tokens| tokens as i64),
            new.head,
            new.branch.map(SafeText::as_str),
            new.asked
        ],
    )?;
    transaction.commit()?;
    Ok((tree, SnapshotId(id)))
}

/// The last snapshot, when nothing that a snapshot records has changed.
fn same_as_last(transaction: &Transaction, tree: i64, new: &Recorded) -> rusqlite::Result<Option<i64>> {
    let goal = new.goal.map(SafeText::as_str);
    transaction
        .query_row(
            "SELECT seq FROM (SELECT * FROM snapshot WHERE tree = ?1 ORDER BY seq DESC LIMIT 1)
             WHERE digest = ?2 AND goal IS ?3",
            params![tree, new.digest.0, goal],
            |row| row.get(0),
        )
        .optional()
}

fn insert_snapshot(transaction: &Transaction, tree: i64, new: &Recorded) -> rusqlite::Result<i64> {
    transaction.execute(
        "INSERT INTO snapshot (tree, created_at, goal, head, branch, digest, files, symbols, asked)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            tree,
            new.created_at,
            new.goal.map(SafeText::as_str),
            new.head,
            new.branch.map(SafeText::as_str),
            new.digest.0,
            new.files.len() as i64,
            new.symbols as i64,
            new.asked
        ],
    )?;
    Ok(transaction.last_insert_rowid())
}

fn put_cached_tree(
    transaction: &Transaction,
    tree: i64,
    new: &Recorded,
    holds: bool,
) -> rusqlite::Result<()> {
    // Names were counted from another state than the one that is stored.
    if !holds && !matches!(new.names, Some(NameFilter::Whole(_))) {
        return tree_cache::forget(transaction, tree);
    }
    let Some((cached_tree, renewed)) = &new.cached_tree else { return Ok(()) };
    if let Some(names) = &new.names {
        tree_cache::put_names(transaction, tree, names, cached_tree.name_bits)?;
    }
    tree_cache::put(transaction, tree, new.extractor, new.digest, (cached_tree, renewed))
}

/// Whether the snapshot before `id` has this digest.
fn is_last(transaction: &Transaction, tree: i64, id: i64, digest: ContentHash) -> rusqlite::Result<bool> {
    let before: Option<Vec<u8>> = transaction
        .query_row(
            "SELECT digest FROM snapshot WHERE tree = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT 1",
            params![tree, id],
            |row| row.get(0),
        )
        .optional()?;
    Ok(before.is_some_and(|before| before == digest.0))
}

/// Ends and begins the versions that differ from the last snapshot.
fn put_changed(transaction: &Transaction, tree: i64, id: i64, changed: &Changed) -> rusqlite::Result<()> {
    let mut end =
        transaction.prepare("UPDATE file SET last = ?3 WHERE tree = ?1 AND path = ?2 AND last IS NULL")?;
    let paths = changed.files.iter().map(|file| &file.path).chain(changed.gone);
    for path in paths {
        end.execute(params![tree, path.as_str(), id - 1])?;
    }
    changed.files.iter().try_for_each(|file| begin_version(transaction, tree, id, file))
}

fn begin_version(transaction: &Transaction, tree: i64, id: i64, file: &FileFacts) -> rusqlite::Result<()> {
    let mut begin = transaction.prepare_cached(
        "INSERT INTO file (tree, path, hash, size, class, language, first) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    begin.execute(params![
        tree,
        file.path.as_str(),
        file.hash.0,
        file.stamp.size as i64,
        class_name(file.class),
        file.language,
        id
    ])?;
    Ok(())
}

/// Ends the versions that are gone and begins those that are new.
fn put_files(transaction: &Transaction, tree: i64, id: i64, files: &[&FileFacts]) -> rusqlite::Result<()> {
    let mut wanted: BTreeMap<&str, &FileFacts> = files.iter().map(|f| (f.path.as_str(), *f)).collect();
    let mut ended = Vec::new();
    {
        let mut statement = transaction
            .prepare("SELECT id, path, hash, class, language FROM file WHERE tree = ?1 AND last IS NULL")?;
        let mut rows = statement.query([tree])?;
        while let Some(row) = rows.next()? {
            let path = row.get_ref(1)?.as_str()?;
            let same = wanted.get(path).is_some_and(|file| {
                row.get_ref(2).is_ok_and(|hash| hash.as_blob() == Ok(&file.hash.0))
                    && row.get_ref(3).is_ok_and(|class| class.as_str() == Ok(class_name(file.class)))
                    && row.get_ref(4).is_ok_and(|l| l.as_str_or_null() == Ok(file.language))
            });
            match same {
                true => _ = wanted.remove(path),
                false => ended.push(row.get::<_, i64>(0)?),
            }
        }
    }
    let mut end = transaction.prepare("UPDATE file SET last = ?2 WHERE id = ?1")?;
    for row in ended {
        end.execute(params![row, id - 1])?;
    }
    wanted.values().try_for_each(|file| begin_version(transaction, tree, id, file))
}

fn put_skipped(transaction: &Transaction, tree: i64, id: i64, skipped: &[Skipped]) -> rusqlite::Result<()> {
    let mut wanted: BTreeSet<Skipped> = skipped.iter().cloned().collect();
    let mut ended = Vec::new();
    {
        let mut statement =
            transaction.prepare("SELECT id, path, reason FROM skipped WHERE tree = ?1 AND last IS NULL")?;
        let mut rows = statement.query([tree])?;
        while let Some(row) = rows.next()? {
            let stored = Skipped { path: row.get(1)?, reason: row.get::<_, String>(2)?.into() };
            if !wanted.remove(&stored) {
                ended.push(row.get::<_, i64>(0)?);
            }
        }
    }
    let mut end = transaction.prepare("UPDATE skipped SET last = ?2 WHERE id = ?1")?;
    for row in ended {
        end.execute(params![row, id - 1])?;
    }
    let mut begin =
        transaction.prepare("INSERT INTO skipped (tree, path, reason, first) VALUES (?1, ?2, ?3, ?4)")?;
    for skipped in wanted {
        begin.execute(params![tree, skipped.path, skipped.reason.as_str(), id])?;
    }
    Ok(())
}

/// Branch switches go back and forth between few heads; more is only weight.
const HEADS_KEPT: i64 = 8;

fn put_history(transaction: &Transaction, head: &str, history: &History) -> rusqlite::Result<()> {
    if transaction.prepare_cached("SELECT 1 FROM history WHERE head = ?1")?.exists([head])? {
        return Ok(());
    }
    transaction.execute(
        "INSERT INTO history (head, data) VALUES (?1, ?2)",
        params![head, encode_checked(history)],
    )?;
    transaction.execute(
        "DELETE FROM history WHERE rowid NOT IN (SELECT rowid FROM history ORDER BY rowid DESC LIMIT ?1)",
        [HEADS_KEPT],
    )?;
    Ok(())
}

fn snapshot_from(row: &Row) -> rusqlite::Result<Snapshot> {
    // Stored text was redacted on its way in.
    let safe = |column: usize| -> rusqlite::Result<Option<SafeText>> {
        Ok(row.get::<_, Option<String>>(column)?.map(stored_text))
    };
    Ok(Snapshot {
        id: SnapshotId(row.get(0)?),
        created_at: row.get(1)?,
        goal: safe(2)?,
        head: row.get(3)?,
        branch: safe(4)?,
        digest: ContentHash(row.get(5)?),
        files: row.get::<_, i64>(6)? as u64,
        symbols: row.get::<_, i64>(7)? as u64,
        tokens: row.get::<_, Option<i64>>(8)?.map(|tokens| tokens as u64),
        asked: row.get(9)?,
    })
}

fn versioned_file(row: &Row) -> rusqlite::Result<(String, Option<VersionedFile>)> {
    let class = class_from(row.get_ref(3)?.as_str()?);
    let (hash, size, language) = (ContentHash(row.get(1)?), row.get::<_, i64>(2)? as u64, row.get(4)?);
    Ok((row.get(0)?, class.map(|class| VersionedFile { hash, size, class, language })))
}
