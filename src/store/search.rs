//! Full text over code and records: kept current, and asked. A question is a
//! list of words; FTS syntax is made here and never taken from outside.

use std::collections::{BTreeSet, HashMap, HashSet};

use rusqlite::{OptionalExtension, params};

use super::sql::{quoted, stamp_from};
use super::tree_cache::put_contents;
use super::{EncodedContent, Result, Store, WriteTransaction, decode_checked};
use crate::memory::Record;
use crate::model::{ContentHash, RelPath, Stamp};

/// A file as the index knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexedFile {
    pub path: RelPath,
    pub hash: ContentHash,
    pub language: String,
    pub stamp: Stamp,
}

/// A file on its way into the index.
pub struct NewPlace {
    pub place: IndexedFile,
    pub imports: Vec<RelPath>,
    /// Words of the path and of the content, cut for the index; `None` when
    /// only the stamp is new.
    pub words: Option<(String, String)>,
    pub symbols: Vec<NewSymbol>,
}

/// A symbol to be indexed.
pub struct NewSymbol {
    pub name: String,
    pub kind: String,
    pub signature: String,
    pub doc: String,
    pub line: u32,
    pub end_line: u32,
    /// Words of the name, and all others, cut for the index.
    pub words: (String, String),
}

/// A file or symbol that a question found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeHit {
    pub row: i64,
    pub path: RelPath,
    /// Qualified name; `None` for a file.
    pub symbol: Option<String>,
    pub kind: String,
    pub signature: String,
    pub doc: String,
    pub line: u32,
    pub end_line: u32,
}

/// A record that a question found, with its words as the index has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordHit {
    pub record: Record,
    pub revision: u32,
    pub file: String,
    pub title: String,
    pub body: String,
}

/// A word, and whether words that begin with it count too.
pub type QueryWord = (String, bool);

/// Bits of a row's number that count the symbols of its file.
const SYMBOL_BITS: u32 = 20;

/// Rows as good as the last one that are told apart by what they are.
const MAX_TIES: usize = 500;

/// Characters of a word that may be a misspelt one's right spelling: shorter ones
/// are like too many, longer ones are data.
const LEAST_WORD: usize = 3;
const MOST_WORD: usize = 40;

/// The place that a row of code belongs to.
fn place_of(row: i64) -> i64 {
    if row < 0 { -row } else { row >> SYMBOL_BITS }
}

impl Store {
    /// The indexed files of this work tree, by path, each with the stamp it had then.
    pub fn places(&self) -> Result<Vec<IndexedFile>> {
        let mut statement = self.sql(self.connection.prepare_cached(
            "SELECT path, hash, language, size, mtime_ns, ctime_ns, inode FROM place WHERE tree = ?1 ORDER BY path",
        ))?;
        let rows = self.sql(statement.query_map([self.tree], |row| {
            let stamp = stamp_from(row, 3)?;
            let path: String = row.get(0)?;
            let place =
                |path| Ok(IndexedFile { path, hash: ContentHash(row.get(1)?), language: row.get(2)?, stamp });
            RelPath::new(&path).map(place).transpose()
        }))?;
        let places: rusqlite::Result<Vec<Option<IndexedFile>>> = rows.collect();
        Ok(self.sql(places)?.into_iter().flatten().collect())
    }

    /// Each file's path and stamp, sorted by path, with nothing else read.
    pub fn place_stamps(&self) -> Result<Vec<(String, Stamp)>> {
        let mut statement = self.sql(self.connection.prepare_cached(
            "SELECT path, size, mtime_ns, ctime_ns, inode FROM place WHERE tree = ?1 ORDER BY path",
        ))?;
        let rows =
            self.sql(statement.query_map([self.tree], |row| Ok((row.get(0)?, stamp_from(row, 1)?))))?;
        rows.map(|row| self.sql(row)).collect()
    }

    /// What the index was made by, and with the history of which commit.
    pub fn place_origin(&self) -> Result<Option<(String, String)>> {
        let sql = "SELECT extractor, head FROM place_tree WHERE tree = ?1";
        let row = self
            .sql(self.connection.prepare_cached(sql))?
            .query_row([self.tree], |row| Ok((row.get(0)?, row.get(1)?)));
        self.sql(row.optional())
    }

    /// Paths of the folders with the time of their last change.
    pub fn place_folders(&self) -> Result<Vec<(String, i64)>> {
        let mut statement = self
            .sql(self.connection.prepare_cached("SELECT path, mtime_ns FROM place_folder WHERE tree = ?1"))?;
        let rows = self.sql(statement.query_map([self.tree], |row| Ok((row.get(0)?, row.get(1)?))))?;
        rows.map(|row| self.sql(row)).collect()
    }
}

impl WriteTransaction<'_> {
    /// Says what the index was made by, and with the history of which commit.
    pub fn put_place_origin(&mut self, extractor: &str, head: &str) -> Result<()> {
        let sql = "INSERT OR REPLACE INTO place_tree (tree, extractor, head) VALUES (?1, ?2, ?3)";
        self.sql(self.connection.execute(sql, params![self.tree, extractor, head])).map(|_| ())
    }

    /// Replaces which files change together with which.
    pub fn put_together<'a>(
        &mut self,
        together: impl Iterator<Item = (&'a RelPath, Vec<&'a RelPath>)>,
    ) -> Result<()> {
        let run = || -> rusqlite::Result<()> {
            self.connection.execute("DELETE FROM place_together WHERE tree = ?1", [self.tree])?;
            let mut put = self
                .connection
                .prepare_cached("INSERT INTO place_together (tree, path, paths) VALUES (?1, ?2, ?3)")?;
            for (path, others) in together {
                let others: Vec<&str> = others.into_iter().map(RelPath::as_str).collect();
                put.execute(params![self.tree, path.as_str(), others.join("\n")])?;
            }
            Ok(())
        };
        self.sql(run())
    }

    /// Keeps contents that were made outside a snapshot.
    pub fn keep_contents(&mut self, new: &[EncodedContent], extractor: &str) -> Result<()> {
        self.sql(put_contents(&self.connection, new, extractor))
    }

    /// Brings the index to what is new.
    pub fn put_places(
        &mut self,
        new: &[NewPlace],
        gone: &[RelPath],
        folders: &[(String, i64)],
    ) -> Result<()> {
        let run = || -> rusqlite::Result<()> {
            for path in gone {
                self.drop_place(path)?;
            }
            for place in new {
                self.put_place(place)?;
            }
            self.put_words(new)?;
            self.connection.execute("DELETE FROM place_folder WHERE tree = ?1", [self.tree])?;
            let mut put = self.connection.prepare_cached(
                "INSERT OR REPLACE INTO place_folder (tree, path, mtime_ns) VALUES (?1, ?2, ?3)",
            )?;
            folders
                .iter()
                .try_for_each(|(path, mtime)| put.execute(params![self.tree, path, mtime]).map(|_| ()))
        };
        self.sql(run())
    }

    fn drop_place(&self, path: &RelPath) -> rusqlite::Result<()> {
        let id = self
            .connection
            .prepare_cached("SELECT id FROM place WHERE tree = ?1 AND path = ?2")?
            .query_row(params![self.tree, path.as_str()], |row| row.get::<_, i64>(0))
            .optional()?;
        let Some(id) = id else { return Ok(()) };
        self.connection
            .prepare_cached("DELETE FROM code_fts WHERE rowid IN (SELECT id FROM code WHERE place = ?1)")?
            .execute([id])?;
        self.connection.prepare_cached("DELETE FROM place WHERE id = ?1")?.execute([id])?;
        Ok(())
    }

    fn put_place(&self, new: &NewPlace) -> rusqlite::Result<()> {
        let (place, stamp) = (&new.place, &new.place.stamp);
        let imports: Vec<&str> = new.imports.iter().map(RelPath::as_str).collect();
        let imports = imports.join("\n");
        let Some((name, content)) = &new.words else {
            self.connection
                .prepare_cached(
                    "UPDATE place SET size = ?3, mtime_ns = ?4, ctime_ns = ?5, inode = ?6, imports = ?7
                     WHERE tree = ?1 AND path = ?2",
                )?
                .execute(params![
                    self.tree,
                    place.path.as_str(),
                    stamp.size as i64,
                    stamp.mtime_ns,
                    stamp.ctime_ns,
                    stamp.inode as i64,
                    imports
                ])?;
            return Ok(());
        };
        self.drop_place(&place.path)?;
        self.connection
            .prepare_cached(
                "INSERT INTO place (tree, path, hash, language, size, mtime_ns, ctime_ns, inode, imports)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?
            .execute(params![
                self.tree,
                place.path.as_str(),
                place.hash.0,
                place.language,
                stamp.size as i64,
                stamp.mtime_ns,
                stamp.ctime_ns,
                stamp.inode as i64,
                imports
            ])?;
        let id = self.connection.last_insert_rowid();
        let mut row = self.connection.prepare_cached(
            "INSERT INTO code (id, place, symbol, kind, signature, doc, line, end_line)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?;
        let mut words =
            self.connection.prepare_cached("INSERT INTO code_fts (rowid, name, more) VALUES (?1, ?2, ?3)")?;
        row.execute(params![-id, id, None::<String>, "file", "", "", 0, 0])?;
        words.execute(params![-id, name, content])?;
        for (at, symbol) in (0_i64..1 << SYMBOL_BITS).zip(&new.symbols) {
            let own = id << SYMBOL_BITS | at;
            row.execute(params![
                own,
                id,
                symbol.name,
                symbol.kind,
                symbol.signature,
                symbol.doc,
                symbol.line,
                symbol.end_line
            ])?;
            words.execute(params![own, symbol.words.0, symbol.words.1])?;
        }
        Ok(())
    }

    fn put_words(&self, new: &[NewPlace]) -> rusqlite::Result<()> {
        let texts = new.iter().filter_map(|place| place.words.as_ref());
        let words: BTreeSet<&str> =
            texts.flat_map(|(name, content)| name.split(' ').chain(content.split(' '))).collect();
        let mut put =
            self.connection.prepare_cached("INSERT OR IGNORE INTO word (length, word) VALUES (?1, ?2)")?;
        for word in words {
            let length = word.chars().count();
            if (LEAST_WORD..=MOST_WORD).contains(&length) {
                put.execute(params![length as i64, word])?;
            }
        }
        Ok(())
    }
}

impl Store {
    /// In how many rows of code and records a word stands.
    pub fn frequency(&self, (word, prefix): &QueryWord) -> Result<u64> {
        let mut sum = 0;
        for table in ["code_vocabulary", "record_vocabulary"] {
            let condition = if *prefix { "term >= ?1 AND term < ?1 || char(1114111)" } else { "term = ?1" };
            let sql = format!("SELECT coalesce(sum(doc), 0) FROM {table} WHERE {condition}");
            let row =
                self.sql(self.connection.prepare_cached(&sql))?.query_row([word], |row| row.get::<_, i64>(0));
            sum += self.sql(row)? as u64;
        }
        Ok(sum)
    }

    /// Calls `look` with every word that is at most so much longer or shorter
    /// than so many characters. One may be in no row any more.
    pub fn words_about(&self, length: usize, more_or_less: usize, mut look: impl FnMut(&str)) -> Result<()> {
        let questions = [
            "SELECT word FROM word WHERE length BETWEEN ?1 AND ?2",
            "SELECT term FROM record_vocabulary WHERE length(term) BETWEEN ?1 AND ?2",
        ];
        let range = [length.saturating_sub(more_or_less) as i64, (length + more_or_less) as i64];
        for question in questions {
            let mut statement = self.sql(self.connection.prepare_cached(question))?;
            let mut rows = self.sql(statement.query(range))?;
            while let Some(row) = self.sql(rows.next())? {
                look(self.sql(row.get_ref(0))?.as_str().unwrap_or_default());
            }
        }
        Ok(())
    }

    /// About how many rows there are to find.
    pub fn rows(&self) -> Result<u64> {
        let sql = "SELECT (SELECT count(*) FROM code) + coalesce((SELECT max(seq) FROM record), 0)";
        let row = self.sql(self.connection.prepare_cached(sql))?.query_row([], |row| row.get::<_, i64>(0));
        Ok(self.sql(row)? as u64)
    }

    /// Rows of a full text with their worth, less is better: the `limit` best
    /// and what is as good as the last of them. Only then the rows themselves
    /// are read. `is_own` tells the rows that count.
    fn best(
        &self,
        sql: &str,
        question: &str,
        is_own: impl Fn(i64) -> bool,
        limit: usize,
    ) -> Result<Vec<(f64, i64)>> {
        let mut statement = self.sql(self.connection.prepare_cached(sql))?;
        let rows = self.sql(statement.query_map([question], |row| Ok((row.get(1)?, row.get(0)?))))?;
        let rows: rusqlite::Result<Vec<(f64, i64)>> = rows.collect();
        let mut rows = self.sql(rows)?;
        rows.retain(|(_, row)| is_own(*row));
        if rows.len() > limit {
            let (_, last, _) =
                rows.select_nth_unstable_by(limit, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            let last = last.0;
            rows.retain(|(worth, _)| *worth <= last);
            rows.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            rows.truncate(limit + MAX_TIES);
        }
        Ok(rows)
    }

    /// The places of this work tree, where the database has those of another.
    fn own_places(&self) -> Result<Option<HashSet<i64>>> {
        self.own(
            "SELECT EXISTS (SELECT 1 FROM place_tree WHERE tree IS NOT ?1)",
            "SELECT id FROM place WHERE tree = ?1",
        )
    }

    fn own_records(&self) -> Result<Option<HashSet<i64>>> {
        self.own(
            "SELECT EXISTS (SELECT 1 FROM record WHERE tree < ?1) OR EXISTS (SELECT 1 FROM record WHERE tree > ?1)",
            "SELECT seq FROM record WHERE tree = ?1",
        )
    }

    fn own(&self, has_others: &str, own: &str) -> Result<Option<HashSet<i64>>> {
        let row =
            self.sql(self.connection.prepare_cached(has_others))?.query_row([self.tree], |row| row.get(0));
        if !self.sql(row)? {
            return Ok(None);
        }
        let mut statement = self.sql(self.connection.prepare_cached(own))?;
        let rows = self.sql(statement.query_map([self.tree], |row| row.get(0)))?;
        rows.map(|row| self.sql(row)).collect::<Result<_>>().map(Some)
    }

    /// Files, or symbols, that hold all (or any) of the words, the best by
    /// their text first.
    pub fn code_with(
        &self,
        asked: &[QueryWord],
        all: bool,
        symbols: bool,
        limit: usize,
    ) -> Result<Vec<CodeHit>> {
        let Some(question) = question(asked, all) else { return Ok(Vec::new()) };
        let side = if symbols { ">" } else { "<" };
        let sql = format!(
            "SELECT rowid, bm25(code_fts, 6.0, 1.0) FROM code_fts WHERE code_fts MATCH ?1 AND rowid {side} 0"
        );
        let own = self.own_places()?;
        let is_own = |row| own.as_ref().is_none_or(|own| own.contains(&place_of(row)));
        let best = self.best(&sql, &question, is_own, limit)?;
        let mut statement = self.sql(self.connection.prepare_cached(
            "SELECT path, symbol, kind, signature, doc, line, end_line
             FROM code JOIN place ON place.id = code.place WHERE code.id = ?1",
        ))?;
        let mut found = Vec::with_capacity(best.len());
        for (worth, row) in best {
            let hit = statement.query_row([row], |hit| {
                let path: String = hit.get(0)?;
                let (symbol, kind) = (hit.get(1)?, hit.get(2)?);
                let (signature, doc, line, end_line) = (hit.get(3)?, hit.get(4)?, hit.get(5)?, hit.get(6)?);
                let hit = |path| CodeHit { row, path, symbol, kind, signature, doc, line, end_line };
                Ok(RelPath::new(&path).map(hit))
            });
            found.extend(self.sql(hit.optional())?.flatten().map(|hit| (worth, hit)));
        }
        found.sort_by(|(a, hit), (b, other)| {
            a.total_cmp(b).then_with(|| (&hit.path, hit.line).cmp(&(&other.path, other.line)))
        });
        found.truncate(limit);
        Ok(found.into_iter().map(|(_, hit)| hit).collect())
    }

    /// Whether a row of code holds a word.
    pub fn code_holds(&self, row: i64, asked: &QueryWord) -> Result<bool> {
        let Some(question) = question(std::slice::from_ref(asked), true) else { return Ok(false) };
        let sql = "SELECT 1 FROM code_fts WHERE code_fts MATCH ?1 AND rowid = ?2";
        let found = self.sql(self.connection.prepare_cached(sql))?.exists(params![question, row]);
        self.sql(found)
    }

    /// The same for records.
    pub fn records_with(&self, asked: &[QueryWord], all: bool, limit: usize) -> Result<Vec<RecordHit>> {
        let Some(question) = question(asked, all) else { return Ok(Vec::new()) };
        let sql = "SELECT rowid, bm25(record_fts, 3.0, 1.0) FROM record_fts WHERE record_fts MATCH ?1";
        let own = self.own_records()?;
        let is_own = |row| own.as_ref().is_none_or(|own| own.contains(&row));
        let best = self.best(sql, &question, is_own, limit)?;
        let mut statement = self.sql(
            self.connection
                .prepare_cached("SELECT data, revision, file, title, body FROM record WHERE seq = ?1"),
        )?;
        let mut found = Vec::with_capacity(best.len());
        for (worth, seq) in best {
            let mut rows = self.sql(statement.query([seq]))?;
            let Some(row) = self.sql(rows.next())? else { continue };
            let data: Vec<u8> = self.sql(row.get(0))?;
            let Some(record) = decode_checked::<Record>(&data) else { continue };
            let parts = || Ok((row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?));
            let (revision, file, title, body) = self.sql(parts())?;
            found.push((worth, RecordHit { record, revision, file, title, body }));
        }
        found
            .sort_by(|(a, hit), (b, other)| a.total_cmp(b).then_with(|| hit.record.id.cmp(&other.record.id)));
        found.truncate(limit);
        Ok(found.into_iter().map(|(_, hit)| hit).collect())
    }

    /// Of every indexed file the files that it imports, as they are indexed.
    pub fn imports(&self) -> Result<HashMap<RelPath, Vec<RelPath>>> {
        let sql = "SELECT path, imports FROM place WHERE tree = ?1";
        let mut statement = self.sql(self.connection.prepare_cached(sql))?;
        let rows = self.sql(
            statement.query_map([self.tree], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))),
        )?;
        let mut found = HashMap::new();
        for row in rows {
            let (path, others) = self.sql(row)?;
            let others = others.lines().filter_map(RelPath::new).collect();
            found.extend(RelPath::new(&path).map(|path| (path, others)));
        }
        Ok(found)
    }

    /// For each of the paths the files that it imports.
    pub fn imports_of(&self, paths: &[&RelPath]) -> Result<HashMap<RelPath, Vec<RelPath>>> {
        self.paths_of("SELECT imports FROM place WHERE tree = ?1 AND path = ?2", paths)
    }

    /// For each of the paths the files that change together with it, the
    /// closest first.
    pub fn together_with(&self, paths: &[&RelPath]) -> Result<HashMap<RelPath, Vec<RelPath>>> {
        self.paths_of("SELECT paths FROM place_together WHERE tree = ?1 AND path = ?2", paths)
    }

    fn paths_of(&self, sql: &str, paths: &[&RelPath]) -> Result<HashMap<RelPath, Vec<RelPath>>> {
        let mut statement = self.sql(self.connection.prepare_cached(sql))?;
        let mut found = HashMap::new();
        for path in paths {
            let row = statement.query_row(params![self.tree, path.as_str()], |row| row.get::<_, String>(0));
            if let Some(others) = self.sql(row.optional())? {
                found.insert((*path).clone(), others.lines().filter_map(RelPath::new).collect());
            }
        }
        Ok(found)
    }

    /// A file of the index.
    pub fn place(&self, path: &RelPath) -> Result<Option<IndexedFile>> {
        let sql =
            "SELECT hash, language, size, mtime_ns, ctime_ns, inode FROM place WHERE tree = ?1 AND path = ?2";
        let row = self.sql(self.connection.prepare_cached(sql))?.query_row(
            params![self.tree, path.as_str()],
            |row| {
                let stamp = stamp_from(row, 2)?;
                Ok(IndexedFile {
                    path: path.clone(),
                    hash: ContentHash(row.get(0)?),
                    language: row.get(1)?,
                    stamp,
                })
            },
        );
        self.sql(row.optional())
    }
}

/// Words as a question in FTS5's syntax; `None` for no words.
fn question(asked: &[QueryWord], all: bool) -> Option<String> {
    let terms: Vec<String> = asked
        .iter()
        .map(|(word, prefix)| if *prefix { format!("{} *", quoted(word)) } else { quoted(word) })
        .collect();
    (!terms.is_empty()).then(|| terms.join(if all { " AND " } else { " OR " }))
}
