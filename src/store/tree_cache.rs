//! What is remembered of a work tree as a whole, and a look at the database as
//! it was at one moment: with both a run costs what changed.
//!
//! Not here: what counts as changed, and what follows from it (the pipeline).

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{BuildHasherDefault, Hasher};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde::{Deserialize, Serialize};

use super::{EncodedContent, Result, Store, decode_checked, encode_checked};
use crate::model::{Class, Content, ContentHash, ProjectFacts, RelPath, Stamp, Unparsed};
use crate::project::Database;
use crate::rank_terms::fnv;

/// A work tree as its last snapshot saw it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CachedTree {
    /// Sorted by path.
    pub files: Vec<CachedFile>,
    /// As in [`crate::model::Tree::imports`].
    pub imports: Arc<Vec<Vec<u32>>>,
    /// What the project says of itself, and the files that it was read from.
    pub facts: Option<(ProjectFacts, Vec<RelPath>)>,
    pub rendered: Option<Rendered>,
    /// Buckets of names, as a power of two.
    pub name_bits: u32,
    /// Places of all files by how central they are; empty when nobody asked.
    pub central: Vec<u32>,
}

/// Which parts of a cached tree differ from what is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DirtyParts {
    All,
    /// Only these files, by index, and what is in its head.
    Files(Vec<u32>),
}

/// What stands in the row of a cached tree: facts, what was rendered, bits of names,
/// and the number of files.
type CachedHead = (Option<(ProjectFacts, Vec<RelPath>)>, Option<Rendered>, u32, u32);

/// A cached tree as it lies in the store, with the digest of its tree.
type Parts = (ContentHash, CachedHead, Vec<Vec<u8>>);

/// Files in a part of a cached tree.
const PART: usize = 256;

/// A file of a cached tree.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CachedFile {
    pub path: RelPath,
    /// `None` where it was too young to be trusted (git's racy rule).
    pub stamp: Option<Stamp>,
    pub hash: ContentHash,
    pub class: Class,
    pub language: Option<String>,
    pub symbols: u32,
    pub unparsed: Option<Unparsed>,
    /// Hash of what imports are resolved by.
    pub surface: u64,
}

/// A handoff that was written, and what it was made from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rendered {
    pub from: ContentHash,
    pub json: ContentHash,
    pub markdown: ContentHash,
    pub tokens: u64,
    /// Token counts of its stretches, and of those that did not fit: see
    /// `render::tokens`.
    pub counts: Vec<(u64, u32)>,
    /// Uses of the names that were asked for, in the tree of this digest.
    pub tree: ContentHash,
    pub uses: Vec<(u64, Uses)>,
}

/// In how many files a name is mentioned, and in how many it is declared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uses {
    pub mentioned: u32,
    pub declared: u32,
}

/// By [`name_key`].
pub type NameUses = HashMap<u64, Uses, BuildHasherDefault<KeyHasher>>;

/// Keys are hashes already.
#[derive(Clone, Copy, Default)]
pub struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("keys are numbers")
    }

    fn write_u64(&mut self, key: u64) {
        // The table looks at both ends of a number, and those of keys that were
        // sorted or shared out by some of their bits are alike.
        let mixed = key.wrapping_mul(MIX);
        self.0 = mixed ^ (mixed >> 32);
    }
}

/// 2^64 divided by the golden ratio (Knuth, The Art of Computer Programming 3,
/// 6.4).
const MIX: u64 = 0x9e37_79b9_7f4a_7c15;

/// Bits of a name's hash that are kept: among 3 million names two share one
/// with a chance of 1 in 16,000, and then a usage is a little too large.
const NAME_BITS: u32 = 56;

/// Names in a bucket, about: the cost of a look-up against that of a row.
const BUCKET: usize = 48;

/// The key of a name: its hash, with the bits mixed so that the high ones choose
/// a bucket.
pub fn name_key(name: &str) -> u64 {
    let hash = fnv(name, 0);
    (hash ^ (hash >> 32)).wrapping_mul(MIX) >> (64 - NAME_BITS)
}

/// Buckets for so many names, as a power of two.
pub fn name_bits(names: usize) -> u32 {
    (names / BUCKET).max(1).ilog2()
}

fn bucket_of(key: u64, bits: u32) -> u32 {
    (key >> (NAME_BITS - bits)) as u32
}

/// The database as it was when this was opened, whatever others write since:
/// what is fetched bit by bit fits together. May be shared by threads.
pub struct ReadTransaction {
    connection: Mutex<Connection>,
    tree: Option<i64>,
    extractor: String,
}

impl ReadTransaction {
    /// `None` where the database is not there or of another schema.
    pub fn open(database: &Database, extractor: &str) -> Result<Option<Self>> {
        let Some(store) = Store::open(database)? else { return Ok(None) };
        let begun = store.connection.execute_batch("BEGIN; SELECT count(*) FROM tree");
        store.sql(begun)?;
        let (connection, tree) = (Mutex::new(store.connection), store.tree);
        Ok(Some(Self { connection, tree, extractor: extractor.to_string() }))
    }

    /// Moves on to the database as it is now. Returns the digest of the
    /// snapshot that the cached tree belongs to; `None` when there is none of
    /// this extractor.
    pub fn renew(&self) -> Option<ContentHash> {
        self.release();
        let connection = self.lock();
        connection.execute_batch("BEGIN").ok()?;
        let sql = "SELECT digest FROM sketch WHERE tree = ?1 AND extractor = ?2";
        let digest = connection.query_row(sql, params![self.tree, self.extractor], |row| row.get(0));
        Some(ContentHash(digest.ok()?))
    }

    /// Ends the moment: as long as it lasts, the database's log grows with all
    /// that others write. What is read from here on is of its own time.
    pub fn release(&self) {
        let connection = self.lock();
        if !connection.is_autocommit() {
            // Nothing was written, so nothing can be lost.
            _ = connection.execute_batch("COMMIT");
        }
    }

    /// The cached tree and the digest of the snapshot that it belongs to. `None`
    /// when there is none of this extractor.
    pub fn cached_tree(&self) -> Option<(ContentHash, CachedTree)> {
        // What cannot be read is made anew.
        let (digest, (facts, rendered, name_bits, files), parts) = self.cached_tree_parts().ok()??;
        let (relations, parts) = parts.split_first()?;
        let (imports, central): (Vec<Vec<u32>>, _) = decode_checked(relations)?;
        let parts: Option<Vec<Vec<CachedFile>>> = parts.par_iter().map(|part| decode_checked(part)).collect();
        let cached_tree = CachedTree {
            files: parts?.into_iter().flatten().collect(),
            imports: Arc::new(imports),
            facts,
            rendered,
            name_bits,
            central,
        };
        (cached_tree.files.len() == files as usize).then_some((digest, cached_tree))
    }

    fn cached_tree_parts(&self) -> rusqlite::Result<Option<Parts>> {
        let connection = self.lock();
        let sql = "SELECT digest, data FROM sketch WHERE tree = ?1 AND extractor = ?2";
        let row = connection.query_row(sql, params![self.tree, self.extractor], |row| {
            Ok((ContentHash(row.get(0)?), decode_checked(row.get_ref(1)?.as_blob()?)))
        });
        let Some((digest, Some(head))) = row.optional()? else { return Ok(None) };
        let mut parts = connection.prepare("SELECT data FROM sketch_part WHERE tree = ?1 ORDER BY part")?;
        let parts = parts.query_map([self.tree], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        Ok(Some((digest, head, parts)))
    }

    /// What this extractor made of a content.
    pub fn content(&self, hash: ContentHash, language: &str) -> Option<Content> {
        let connection = self.lock();
        let sql = "SELECT data FROM content WHERE hash = ?1 AND language = ?2 AND extractor = ?3";
        let mut statement = connection.prepare_cached(sql).ok()?;
        let data = statement
            .query_row(params![hash.0, language, self.extractor], |row| row.get(0))
            .optional()
            .ok()??;
        drop(statement);
        drop(connection);
        EncodedContent { hash, language: language.to_string(), data }.decode()
    }

    /// Whether there is such a content.
    pub fn has(&self, hash: ContentHash, language: &str) -> bool {
        let connection = self.lock();
        let sql = "SELECT 1 FROM content WHERE hash = ?1 AND language = ?2 AND extractor = ?3";
        let statement = connection.prepare_cached(sql);
        statement.is_ok_and(|mut statement| {
            statement.exists(params![hash.0, language, self.extractor]).unwrap_or(false)
        })
    }

    /// All contents, still encoded, to `take` in no order: in one scan, for a
    /// caller that wants nearly all of them.
    pub fn contents(&self, mut take: impl FnMut(EncodedContent)) -> rusqlite::Result<()> {
        let connection = self.lock();
        let mut statement =
            connection.prepare("SELECT hash, language, data FROM content WHERE extractor = ?1")?;
        let mut rows = statement.query([&self.extractor])?;
        while let Some(row) = rows.next()? {
            let (hash, language, data) = (ContentHash(row.get(0)?), row.get(1)?, row.get(2)?);
            take(EncodedContent { hash, language, data });
        }
        Ok(())
    }

    /// The uses of the name with this key.
    pub fn uses(&self, key: u64, bits: u32) -> Uses {
        let connection = self.lock();
        let sql = "SELECT data FROM name_use WHERE tree = ?1 AND bucket = ?2";
        let row = connection.prepare_cached(sql).and_then(|mut statement| {
            statement
                .query_row(params![self.tree, bucket_of(key, bits)], |row| {
                    Ok(decode_bucket(row.get_ref(0)?.as_blob()?))
                })
                .optional()
        });
        let bucket = row.ok().flatten().unwrap_or_default();
        bucket.iter().find(|(known, _)| *known == key).map(|(_, uses)| *uses).unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a snapshot records of the names of a tree.
pub enum NameFilter<'a> {
    /// All there are.
    Whole(&'a NameUses),
    /// What is added to those that are stored with the snapshot of this digest.
    Difference(ContentHash, &'a HashMap<u64, (i64, i64)>),
}

/// Whether the cached tree that is stored belongs to the snapshot of this digest.
pub(super) fn is_of(
    transaction: &Transaction,
    tree: i64,
    extractor: &str,
    digest: ContentHash,
) -> rusqlite::Result<bool> {
    transaction
        .prepare("SELECT 1 FROM sketch WHERE tree = ?1 AND extractor = ?2 AND digest = ?3")?
        .exists(params![tree, extractor, digest.0])
}

pub(super) fn put(
    transaction: &Transaction,
    tree: i64,
    extractor: &str,
    digest: ContentHash,
    (cached_tree, renewed): (&CachedTree, &DirtyParts),
) -> rusqlite::Result<()> {
    let CachedTree { facts, rendered, name_bits, .. } = cached_tree;
    let head = encode_checked(&(facts, rendered, name_bits, cached_tree.files.len() as u32));
    transaction.execute(
        "INSERT OR REPLACE INTO sketch (tree, extractor, digest, data) VALUES (?1, ?2, ?3, ?4)",
        params![tree, extractor, digest.0, head],
    )?;
    let mut put = transaction
        .prepare_cached("INSERT OR REPLACE INTO sketch_part (tree, part, data) VALUES (?1, ?2, ?3)")?;
    let part_of = |at: &u32| *at as usize / PART;
    let changed: BTreeSet<usize> = match renewed {
        DirtyParts::Files(files) => files.iter().map(part_of).collect(),
        DirtyParts::All => {
            transaction.execute("DELETE FROM sketch_part WHERE tree = ?1", [tree])?;
            put.execute(params![tree, 0, encode_checked(&(&*cached_tree.imports, &cached_tree.central))])?;
            (0..cached_tree.files.len().div_ceil(PART)).collect()
        }
    };
    for (part, files) in cached_tree.files.chunks(PART).enumerate().filter(|(part, _)| changed.contains(part))
    {
        put.execute(params![tree, part as i64 + 1, encode_checked(&files)])?;
    }
    Ok(())
}

/// Another run wrote in between: the next one looks at everything again.
pub(super) fn forget(transaction: &Transaction, tree: i64) -> rusqlite::Result<()> {
    transaction.execute("DELETE FROM sketch WHERE tree = ?1", [tree])?;
    transaction.execute("DELETE FROM sketch_part WHERE tree = ?1", [tree])?;
    Ok(())
}

pub(super) fn put_names(
    transaction: &Transaction,
    tree: i64,
    names: &NameFilter,
    bits: u32,
) -> rusqlite::Result<()> {
    match names {
        NameFilter::Whole(uses) => {
            transaction.execute("DELETE FROM name_use WHERE tree = ?1", [tree])?;
            let mut sorted: Vec<(u64, Uses)> = uses.iter().map(|(key, uses)| (*key, *uses)).collect();
            sorted.sort_unstable_by_key(|(key, _)| *key);
            for bucket in sorted.chunk_by(|a, b| bucket_of(a.0, bits) == bucket_of(b.0, bits)) {
                put_bucket(transaction, tree, bucket_of(bucket[0].0, bits), bucket)?;
            }
        }
        NameFilter::Difference(_, changes) => {
            let mut sorted: Vec<(u64, (i64, i64))> =
                changes.iter().map(|(key, change)| (*key, *change)).collect();
            sorted.sort_unstable_by_key(|(key, _)| *key);
            for changes in sorted.chunk_by(|a, b| bucket_of(a.0, bits) == bucket_of(b.0, bits)) {
                change_bucket(transaction, tree, bucket_of(changes[0].0, bits), changes)?;
            }
        }
    }
    Ok(())
}

fn change_bucket(
    transaction: &Transaction,
    tree: i64,
    bucket: u32,
    changes: &[(u64, (i64, i64))],
) -> rusqlite::Result<()> {
    let stored = transaction
        .prepare_cached("SELECT data FROM name_use WHERE tree = ?1 AND bucket = ?2")?
        .query_row(params![tree, bucket], |row| Ok(decode_bucket(row.get_ref(0)?.as_blob()?)))
        .optional()?;
    let mut uses: BTreeMap<u64, Uses> = stored.unwrap_or_default().into_iter().collect();
    for (key, change) in changes {
        let changed = uses.entry(*key).or_default().changed(*change);
        uses.insert(*key, changed);
    }
    uses.retain(|_, uses| *uses != Uses::default());
    let uses: Vec<(u64, Uses)> = uses.into_iter().collect();
    put_bucket(transaction, tree, bucket, &uses)
}

fn put_bucket(
    transaction: &Transaction,
    tree: i64,
    bucket: u32,
    uses: &[(u64, Uses)],
) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("INSERT OR REPLACE INTO name_use (tree, bucket, data) VALUES (?1, ?2, ?3)")?
        .execute(params![tree, bucket, encode_bucket(uses)])?;
    Ok(())
}

impl Uses {
    /// With so many more files that mention and declare it.
    pub fn changed(self, (mentioned, declared): (i64, i64)) -> Self {
        let add = |uses: u32, more: i64| (i64::from(uses) + more).clamp(0, i64::from(u32::MAX)) as u32;
        Self { mentioned: add(self.mentioned, mentioned), declared: add(self.declared, declared) }
    }
}

/// Sorted keys as differences: they take half the bytes.
fn encode_bucket(uses: &[(u64, Uses)]) -> Vec<u8> {
    let mut before = 0;
    let steps: Vec<(u64, Uses)> = uses
        .iter()
        .map(|(key, uses)| {
            let step = key - before;
            before = *key;
            (step, *uses)
        })
        .collect();
    encode_checked(&steps)
}

fn decode_bucket(data: &[u8]) -> Vec<(u64, Uses)> {
    let mut uses: Vec<(u64, Uses)> = decode_checked(data).unwrap_or_default();
    let mut before = 0_u64;
    for (key, _) in &mut uses {
        before = before.wrapping_add(*key);
        *key = before;
    }
    uses
}

impl Store {
    /// The same database at this moment, for reading bit by bit.
    pub fn moment(&self, root: &Path, extractor: &str) -> Result<Option<ReadTransaction>> {
        ReadTransaction::open(&Database { root: root.to_path_buf(), ..self.database.clone() }, extractor)
    }

    /// Keeps contents that were made; in a transaction of its own.
    pub fn keep(&mut self, new: &[EncodedContent], extractor: &str) -> Result<()> {
        let run = |connection: &mut Connection| -> rusqlite::Result<()> {
            let transaction =
                connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
            put_contents(&transaction, new, extractor)?;
            transaction.commit()
        };
        let done = run(&mut self.connection);
        self.sql(done)
    }
}

pub(super) fn put_contents(
    connection: &Connection,
    new: &[EncodedContent],
    extractor: &str,
) -> rusqlite::Result<()> {
    let mut put = connection.prepare_cached(
        "INSERT OR REPLACE INTO content (hash, language, extractor, data) VALUES (?1, ?2, ?3, ?4)",
    )?;
    for content in new {
        put.execute(params![content.hash.0, content.language, extractor, content.data])?;
    }
    Ok(())
}
