//! The index over code and records: kept current, and asked. A question is a
//! list of words; FTS syntax is made here and never taken from outside.
//!
//! Not here: how the words of code are kept (`postings`).

use std::collections::{BTreeSet, HashMap, HashSet};

use rusqlite::{OptionalExtension, params};

use super::postings::{FileWords, QueryWord, decode_parts, encode_parts};
use super::sql::{quoted, stamp_from};
use super::tree_cache::put_contents;
use super::{EncodedContent, Result, Store, WriteTransaction, class_from, class_name, decode_checked};
use crate::memory::Record;
use crate::model::{Class, ContentHash, RelPath, Stamp};

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
    pub class: Class,
    /// Words of path and content by parts; `None` when only the stamp is new.
    pub words: Option<FileWords>,
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
}

/// An indexed file as a question needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodePlace {
    pub id: i64,
    pub path: RelPath,
    pub class: Class,
    /// First and last line of each part.
    pub parts: Vec<(u32, u32)>,
}

/// Lines of a file that a question found: a symbol, or a part of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeHit {
    pub path: RelPath,
    /// Qualified name; `None` for lines that are no symbol's.
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

/// Bits of a symbol's number that count the symbols of its file.
const SYMBOL_BITS: u32 = 20;

/// Rows as good as the last one that are told apart by what they are.
const MAX_TIES: usize = 500;

/// Characters of a word that may be a misspelt one's right spelling: shorter ones
/// are like too many, longer ones are data.
const LEAST_WORD: usize = 3;
const MOST_WORD: usize = 40;

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

    /// What the index is made by, and whether all files were taken in.
    pub fn place_origin(&self) -> Result<Option<(String, bool)>> {
        let sql = "SELECT extractor, head = '' FROM place_tree WHERE tree = ?1";
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
    /// Says what the index is made by, and whether all files were taken in.
    pub fn put_place_origin(&mut self, extractor: &str, is_whole: bool) -> Result<()> {
        let sql = "INSERT OR REPLACE INTO place_tree (tree, extractor, head) VALUES (?1, ?2, ?3)";
        let state = if is_whole { "" } else { "incomplete" };
        self.sql(self.connection.execute(sql, params![self.tree, extractor, state])).map(|_| ())
    }

    /// Keeps contents that were made outside a snapshot.
    pub fn keep_contents(&mut self, new: &[EncodedContent], extractor: &str) -> Result<()> {
        self.sql(put_contents(&self.connection, new, extractor))
    }

    /// Forgets all that is indexed of this work tree.
    pub fn drop_index(&mut self) -> Result<()> {
        let run = || -> rusqlite::Result<()> {
            self.drop_postings()?;
            self.connection.execute("DELETE FROM place WHERE tree = ?1", [self.tree])?;
            Ok(())
        };
        self.sql(run())
    }

    /// Takes files into the index in place of what it has of them.
    pub fn put_places(&mut self, new: &[NewPlace]) -> Result<()> {
        let run = || -> rusqlite::Result<()> {
            let first = self.next_place()?;
            let mut added: Vec<(i64, &FileWords)> = Vec::new();
            for place in new {
                let id = first + added.len() as i64;
                self.put_place(place, id)?;
                added.extend(place.words.as_ref().map(|words| (id, words)));
            }
            self.add_postings(&added)?;
            self.put_words(&added)
        };
        self.sql(run())
    }

    /// Forgets files that are gone, and says which folders there are.
    pub fn finish_places(&mut self, gone: &[RelPath], folders: &[(String, i64)]) -> Result<()> {
        let run = || -> rusqlite::Result<()> {
            for path in gone {
                self.drop_place(path)?;
            }
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
        self.connection.prepare_cached("DELETE FROM place WHERE id = ?1")?.execute([id])?;
        Ok(())
    }

    fn put_place(&self, new: &NewPlace, id: i64) -> rusqlite::Result<()> {
        let (place, stamp) = (&new.place, &new.place.stamp);
        let imports: Vec<&str> = new.imports.iter().map(RelPath::as_str).collect();
        let imports = imports.join("\n");
        let Some(words) = &new.words else {
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
                "INSERT INTO place (tree, path, hash, language, size, mtime_ns, ctime_ns, inode, imports,
                                    id, class, parts)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
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
                imports,
                id,
                class_name(new.class),
                encode_parts(&words.parts),
            ])?;
        let mut row = self.connection.prepare_cached(
            "INSERT INTO code (id, place, symbol, kind, signature, doc, line, end_line)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?;
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
        }
        Ok(())
    }

    fn put_words(&self, new: &[(i64, &FileWords)]) -> rusqlite::Result<()> {
        let postings = new.iter().flat_map(|(_, file)| &file.postings);
        let words: BTreeSet<&str> = postings.map(|(word, _, _)| word.as_str()).collect();
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
    /// In how many parts of files and in how many records a word stands.
    pub fn frequency(&self, asked: &QueryWord) -> Result<u64> {
        let condition = if asked.1 { "term >= ?1 AND term < ?1 || char(1114111)" } else { "term = ?1" };
        let sql = format!("SELECT coalesce(sum(doc), 0) FROM record_vocabulary WHERE {condition}");
        let row =
            self.sql(self.connection.prepare_cached(&sql))?.query_row([&asked.0], |row| row.get::<_, i64>(0));
        Ok(self.sql(row)? as u64 + self.code_frequency(asked)?)
    }

    /// Calls `look` with every word of so many characters. One may be in no row any
    /// more.
    pub(super) fn words_between(
        &self,
        shortest: usize,
        longest: usize,
        look: &mut dyn FnMut(&str),
    ) -> Result<()> {
        let questions = [
            "SELECT word FROM word WHERE length BETWEEN ?1 AND ?2",
            "SELECT term FROM record_vocabulary WHERE length(term) BETWEEN ?1 AND ?2",
        ];
        let range = [shortest as i64, longest as i64];
        for question in questions {
            let mut statement = self.sql(self.connection.prepare_cached(question))?;
            let mut rows = self.sql(statement.query(range))?;
            while let Some(row) = self.sql(rows.next())? {
                look(self.sql(row.get_ref(0))?.as_str().unwrap_or_default());
            }
        }
        Ok(())
    }

    /// About how many records and parts of files there are to find.
    pub fn rows(&self) -> Result<u64> {
        let sql = "SELECT coalesce(max(seq), 0) FROM record";
        let row = self.sql(self.connection.prepare_cached(sql))?.query_row([], |row| row.get::<_, i64>(0));
        Ok(self.sql(row)? as u64 + self.index_size()?.parts)
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

    /// The records of this work tree, where the database has those of another.
    fn own_records(&self) -> Result<Option<HashSet<i64>>> {
        let has_others = "SELECT EXISTS (SELECT 1 FROM record WHERE tree < ?1) OR EXISTS (SELECT 1 FROM record WHERE tree > ?1)";
        let row =
            self.sql(self.connection.prepare_cached(has_others))?.query_row([self.tree], |row| row.get(0));
        if !self.sql(row)? {
            return Ok(None);
        }
        let mut statement =
            self.sql(self.connection.prepare_cached("SELECT seq FROM record WHERE tree = ?1"))?;
        let rows = self.sql(statement.query_map([self.tree], |row| row.get(0)))?;
        rows.map(|row| self.sql(row)).collect::<Result<_>>().map(Some)
    }

    /// An indexed file by its number; `None` where it was indexed anew since.
    pub fn code_place(&self, id: i64) -> Result<Option<CodePlace>> {
        let sql = "SELECT path, class, parts FROM place WHERE id = ?1 AND tree = ?2";
        let row = self.sql(self.connection.prepare_cached(sql))?.query_row(params![id, self.tree], |row| {
            let path: String = row.get(0)?;
            let class = class_from(row.get_ref(1)?.as_str()?).unwrap_or(Class::Data);
            let parts = decode_parts(row.get_ref(2)?.as_blob()?);
            Ok(RelPath::new(&path).map(|path| CodePlace { id, path, class, parts }))
        });
        Ok(self.sql(row.optional())?.flatten())
    }

    /// All indexed files by their numbers.
    pub fn code_paths(&self) -> Result<Vec<(i64, RelPath)>> {
        let sql = "SELECT id, path FROM place WHERE tree = ?1 ORDER BY path";
        let mut statement = self.sql(self.connection.prepare_cached(sql))?;
        let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get::<_, String>(1)?));
        let rows = self.sql(statement.query_map([self.tree], row))?;
        let mut paths = Vec::new();
        for row in rows {
            let (id, path) = self.sql(row)?;
            paths.extend(RelPath::new(&path).map(|path| (id, path)));
        }
        Ok(paths)
    }

    /// Numbers of the files with this path (`true`), or with this end of a path, whatever
    /// their case.
    pub fn places_named(&self, name: &str) -> Result<Vec<(i64, bool)>> {
        let sql = "SELECT id, lower(path) = ?2 FROM place WHERE tree = ?1
                   AND (lower(path) = ?2 OR substr(lower(path), -length(?2) - 1) = '/' || ?2) ORDER BY path";
        let mut statement = self.sql(self.connection.prepare_cached(sql))?;
        let rows =
            self.sql(statement.query_map(params![self.tree, name], |row| Ok((row.get(0)?, row.get(1)?))))?;
        rows.map(|row| self.sql(row)).collect()
    }

    /// Declarations of source files with a doc comment, by file.
    pub fn documented(&self) -> Result<Vec<CodeHit>> {
        let sql = "SELECT path, symbol, kind, doc, line, end_line FROM code JOIN place ON place.id = code.place
                   WHERE tree = ?1 AND class = 'source' AND length(doc) BETWEEN 25 AND 400 ORDER BY path, line";
        let mut statement = self.sql(self.connection.prepare_cached(sql))?;
        let rows = self.sql(statement.query_map([self.tree], |row| {
            let path: String = row.get(0)?;
            let (symbol, kind, doc) = (row.get(1)?, row.get(2)?, row.get(3)?);
            let (line, end_line) = (row.get(4)?, row.get(5)?);
            let hit = |path| CodeHit { path, symbol, kind, signature: String::new(), doc, line, end_line };
            Ok(RelPath::new(&path).map(hit))
        }))?;
        let all: rusqlite::Result<Vec<Option<CodeHit>>> = rows.collect();
        Ok(self.sql(all)?.into_iter().flatten().collect())
    }

    /// The indexed source files.
    pub fn source_paths(&self) -> Result<BTreeSet<RelPath>> {
        let sql = "SELECT path FROM place WHERE tree = ?1 AND class = 'source'";
        let mut statement = self.sql(self.connection.prepare_cached(sql))?;
        let rows = self.sql(statement.query_map([self.tree], |row| row.get::<_, String>(0)))?;
        let all: rusqlite::Result<Vec<String>> = rows.collect();
        Ok(self.sql(all)?.iter().filter_map(|path| RelPath::new(path)).collect())
    }

    /// What a file declares, in order of appearance.
    pub fn symbols_of(&self, place: &CodePlace) -> Result<Vec<CodeHit>> {
        let sql =
            "SELECT symbol, kind, signature, doc, line, end_line FROM code WHERE place = ?1 ORDER BY id";
        let mut statement = self.sql(self.connection.prepare_cached(sql))?;
        let rows = self.sql(statement.query_map([place.id], |row| {
            Ok(CodeHit {
                path: place.path.clone(),
                symbol: row.get(0)?,
                kind: row.get(1)?,
                signature: row.get(2)?,
                doc: row.get(3)?,
                line: row.get(4)?,
                end_line: row.get(5)?,
            })
        }))?;
        rows.map(|row| self.sql(row)).collect()
    }

    /// Records that hold all (or any) of the words, the best by their text first.
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
