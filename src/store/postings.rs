//! Which words stand in which parts of which files: one row for each word and
//! batch, in a form of its own, so that a common word costs one read. Changed
//! files come in as a new batch; small batches are merged from time to time.
//!
//! Not here: how a text is cut into parts and words, and what they are worth
//! (`search`).

use std::collections::{BTreeMap, HashSet};

use rusqlite::params;

use super::{Result, Store, WriteTransaction};

/// A word, and whether words that begin with it count too.
pub type QueryWord = (String, bool);

/// Where a word stands in a file's path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InPath {
    pub name: bool,
    pub folder: bool,
}

/// One word in one part of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InPart {
    /// Place among the file's parts.
    pub part: u32,
    /// How often, up to [`MOST_TIMES`].
    pub times: u8,
    /// In the name of something that is declared there.
    pub declared: bool,
    /// About how many words the part has.
    pub length: u32,
}

/// One word in one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    pub place: i64,
    pub path: InPath,
    pub parts: Vec<InPart>,
}

/// The words of a file on its way into the index.
#[derive(Clone, Debug, Default)]
pub struct FileWords {
    /// First and last line of each part.
    pub parts: Vec<(u32, u32)>,
    /// Words in all parts together.
    pub words: u64,
    pub postings: Vec<(String, InPath, Vec<InPart>)>,
}

/// How large the indexed code is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct IndexSize {
    pub parts: u64,
    pub words: u64,
}

/// Beyond it another occurrence tells nothing.
pub const MOST_TIMES: u8 = 15;

/// Files in one batch: so much is in memory at a time.
pub const BATCH: usize = 2_000;

/// Small batches that a question may have to look at.
const MOST_BATCHES: i64 = 10;

const DECLARED: u8 = 0x10;
const IN_NAME: u8 = 1;
const IN_FOLDER: u8 = 2;

/// Lengths are kept by their logarithm: in steps of a tenth, about.
const LENGTH_STEPS: f64 = 8.0;

fn put(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

fn take(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..63).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

/// Layout: varint place, a byte for the path, varint number of parts, then for
/// each varint distance to the last part, a byte (4 bits times, declared) and a
/// byte of the logarithm of the part's length.
fn encode(place: i64, path: InPath, parts: &[InPart], bytes: &mut Vec<u8>) {
    put(bytes, place as u64);
    bytes.push((u8::from(path.name) * IN_NAME) | (u8::from(path.folder) * IN_FOLDER));
    put(bytes, parts.len() as u64);
    let mut last = 0;
    for one in parts {
        put(bytes, u64::from(one.part - last));
        last = one.part;
        bytes.push(one.times.min(MOST_TIMES) | (u8::from(one.declared) * DECLARED));
        bytes.push((LENGTH_STEPS * (f64::from(one.length) + 1.0).log2() + 1e-9).min(255.0) as u8);
    }
}

/// Reads a row of postings. Damaged bytes end it early.
struct Postings<'a>(&'a [u8]);

impl Iterator for Postings<'_> {
    type Item = Posting;

    fn next(&mut self) -> Option<Posting> {
        let place = i64::try_from(take(&mut self.0)?).ok()?;
        let (&flags, rest) = self.0.split_first()?;
        self.0 = rest;
        let count = take(&mut self.0)? as usize;
        // A part takes three bytes at least.
        if count > self.0.len() / 3 {
            return None;
        }
        let path = InPath { name: flags & IN_NAME != 0, folder: flags & IN_FOLDER != 0 };
        let mut parts = Vec::with_capacity(count);
        let mut part = 0_u32;
        for _ in 0..count {
            part = part.checked_add(u32::try_from(take(&mut self.0)?).ok()?)?;
            let (&[packed, length], rest) = self.0.split_first_chunk()?;
            self.0 = rest;
            parts.push(InPart {
                part,
                times: packed & MOST_TIMES,
                declared: packed & DECLARED != 0,
                // The shortest that is kept so: it comes to the same byte again.
                length: ((f64::from(length) / LENGTH_STEPS).exp2() - 1.0 - 1e-9).ceil() as u32,
            });
        }
        Some(Posting { place, path, parts })
    }
}

/// First and last lines as the index keeps them.
pub(super) fn encode_parts(parts: &[(u32, u32)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut last = 0;
    for (first, end) in parts {
        put(&mut bytes, u64::from(first.saturating_sub(last)));
        put(&mut bytes, u64::from(end.saturating_sub(*first)));
        last = *first;
    }
    bytes
}

pub(super) fn decode_parts(mut bytes: &[u8]) -> Vec<(u32, u32)> {
    let mut parts = Vec::new();
    let mut last = 0_u32;
    while let (Some(first), Some(lines)) = (take(&mut bytes), take(&mut bytes)) {
        let Some(first) = u32::try_from(first).ok().and_then(|more| last.checked_add(more)) else { break };
        let Some(end) = u32::try_from(lines).ok().and_then(|more| first.checked_add(more)) else { break };
        parts.push((first, end));
        last = first;
    }
    parts
}

impl Store {
    /// In which files a word, or any word that begins with it, stands; a file
    /// that several of them stand in is told several times.
    pub fn postings(&self, (word, prefix): &QueryWord) -> Result<Vec<Posting>> {
        let sql = format!("SELECT data FROM posting WHERE tree = ?1 AND {}", condition(*prefix));
        let mut statement = self.sql(self.connection.prepare_cached(&sql))?;
        let mut rows = self.sql(statement.query(params![self.tree, word]))?;
        let mut found = Vec::new();
        while let Some(row) = self.sql(rows.next())? {
            found.extend(Postings(self.sql(row.get_ref(0))?.as_blob().unwrap_or_default()));
        }
        Ok(found)
    }

    /// In how many parts of files a word stands.
    pub(super) fn code_frequency(&self, (word, prefix): &QueryWord) -> Result<u64> {
        let sql =
            format!("SELECT coalesce(sum(times), 0) FROM posting WHERE tree = ?1 AND {}", condition(*prefix));
        let row = self
            .sql(self.connection.prepare_cached(&sql))?
            .query_row(params![self.tree, word], |row| row.get::<_, i64>(0));
        Ok(self.sql(row)? as u64)
    }

    /// How much code is indexed.
    pub fn index_size(&self) -> Result<IndexSize> {
        let sql =
            "SELECT coalesce(sum(chunks), 0), coalesce(sum(words), 0) FROM posting_batch WHERE tree = ?1";
        let row = self.sql(self.connection.prepare_cached(sql))?.query_row([self.tree], |row| {
            Ok(IndexSize { parts: row.get::<_, i64>(0)? as u64, words: row.get::<_, i64>(1)? as u64 })
        });
        self.sql(row)
    }
}

fn condition(prefix: bool) -> &'static str {
    if prefix { "word >= ?2 AND word < ?2 || char(1114111)" } else { "word = ?2" }
}

impl WriteTransaction<'_> {
    /// Where the next place goes: no number is used twice, since old batches may
    /// still know it.
    pub(super) fn next_place(&self) -> rusqlite::Result<i64> {
        let sql = "SELECT 1 + max(coalesce((SELECT max(id) FROM place), 0),
                                  coalesce((SELECT max(newest) FROM posting_batch), 0))";
        self.connection.query_row(sql, [], |row| row.get(0))
    }

    pub(super) fn drop_postings(&self) -> rusqlite::Result<()> {
        self.connection.execute("DELETE FROM posting WHERE tree = ?1", [self.tree])?;
        self.connection.execute("DELETE FROM posting_batch WHERE tree = ?1", [self.tree])?;
        Ok(())
    }

    /// Adds the words of files; each comes with its place, in ascending order.
    pub(super) fn add_postings(&self, files: &[(i64, &FileWords)]) -> rusqlite::Result<()> {
        for batch in files.chunks(BATCH) {
            self.add_batch(batch)?;
        }
        if !files.is_empty() {
            self.merge_when_many()?;
        }
        Ok(())
    }

    fn add_batch(&self, files: &[(i64, &FileWords)]) -> rusqlite::Result<()> {
        let mut words: BTreeMap<&str, (i64, Vec<u8>)> = BTreeMap::new();
        for (place, file) in files {
            for (word, path, parts) in &file.postings {
                let (times, bytes) = words.entry(word).or_default();
                *times += parts.len() as i64;
                encode(*place, *path, parts, bytes);
            }
        }
        let number: i64 = self.connection.query_row(
            "SELECT coalesce(max(batch), 0) + 1 FROM posting_batch WHERE tree = ?1",
            [self.tree],
            |row| row.get(0),
        )?;
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO posting (tree, word, batch, times, data) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        for (word, (times, bytes)) in &words {
            insert.execute(params![self.tree, word, number, times, bytes])?;
        }
        let newest = files.last().map_or(0, |(place, _)| *place);
        let parts: usize = files.iter().map(|(_, file)| file.parts.len()).sum();
        let all: u64 = files.iter().map(|(_, file)| file.words).sum();
        self.connection.execute(
            "INSERT INTO posting_batch (tree, batch, newest, places, chunks, words)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![self.tree, number, newest, files.len() as i64, parts as i64, all as i64],
        )?;
        Ok(())
    }

    /// Merges the small batches, or all of them once the small ones weigh as much as a
    /// third of the rest, so that a save costs what it changed.
    fn merge_when_many(&self) -> rusqlite::Result<()> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT batch, places FROM posting_batch WHERE tree = ?1 ORDER BY batch")?;
        let batches: Vec<(i64, i64)> = statement
            .query_map([self.tree], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        let small: Vec<&(i64, i64)> =
            batches.iter().skip(1).filter(|(_, places)| *places < BATCH as i64).collect();
        if (small.len() as i64) < MOST_BATCHES {
            return Ok(());
        }
        let in_small: i64 = small.iter().map(|(_, places)| places).sum();
        let in_all: i64 = batches.iter().map(|(_, places)| places).sum();
        let from = match in_small * 3 > in_all {
            true => batches[0].0,
            false => small[0].0,
        };
        self.merge_from(from)
    }

    /// Makes one batch of all from this one on, without what is dead in them.
    fn merge_from(&self, from: i64) -> rusqlite::Result<()> {
        let alive: HashSet<i64> = self
            .connection
            .prepare_cached("SELECT id FROM place WHERE tree = ?1")?
            .query_map([self.tree], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        let words: Vec<String> = self
            .connection
            .prepare_cached("SELECT DISTINCT word FROM posting WHERE tree = ?1 AND batch >= ?2")?
            .query_map(params![self.tree, from], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        for word in &words {
            self.merge_word(word, from, &alive)?;
        }
        let mut sums = self.connection.prepare_cached(
            "SELECT max(newest), sum(places), sum(chunks), sum(words) FROM posting_batch
             WHERE tree = ?1 AND batch >= ?2",
        )?;
        let (newest, places, parts, all): (i64, i64, i64, i64) = sums
            .query_row(params![self.tree, from], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })?;
        let places = places.min(alive.len() as i64);
        self.connection
            .execute("DELETE FROM posting_batch WHERE tree = ?1 AND batch >= ?2", params![self.tree, from])?;
        self.connection.execute(
            "INSERT INTO posting_batch (tree, batch, newest, places, chunks, words)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![self.tree, from, newest, places, parts, all],
        )?;
        Ok(())
    }

    fn merge_word(&self, word: &str, from: i64, alive: &HashSet<i64>) -> rusqlite::Result<()> {
        let mut select = self.connection.prepare_cached(
            "SELECT data FROM posting WHERE tree = ?1 AND word = ?2 AND batch >= ?3 ORDER BY batch",
        )?;
        let rows: Vec<Vec<u8>> = select
            .query_map(params![self.tree, word, from], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        let (mut times, mut bytes) = (0_i64, Vec::new());
        for posting in rows.iter().flat_map(|row| Postings(row)).filter(|one| alive.contains(&one.place)) {
            times += posting.parts.len() as i64;
            encode(posting.place, posting.path, &posting.parts, &mut bytes);
        }
        self.connection
            .prepare_cached("DELETE FROM posting WHERE tree = ?1 AND word = ?2 AND batch >= ?3")?
            .execute(params![self.tree, word, from])?;
        if !bytes.is_empty() {
            self.connection
                .prepare_cached(
                    "INSERT INTO posting (tree, word, batch, times, data) VALUES (?1, ?2, ?3, ?4, ?5)",
                )?
                .execute(params![self.tree, word, from, times, bytes])?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postings_come_back_as_they_were_but_for_the_steps_of_lengths() {
        let part = |part, times, declared, length| InPart { part, times, declared, length };
        let path = InPath { name: true, folder: false };
        let parts = vec![part(0, 1, false, 0), part(3, 15, true, 100), part(400, 2, false, 9_000)];
        let mut bytes = Vec::new();
        encode(77, path, &parts, &mut bytes);
        encode(90_000, InPath::default(), &[], &mut bytes);
        let found: Vec<Posting> = Postings(&bytes).collect();
        assert_eq!((found.len(), found[0].place, found[0].path), (2, 77, path));
        assert_eq!((found[1].place, found[1].parts.len()), (90_000, 0));
        for (one, before) in found[0].parts.iter().zip(&parts) {
            assert_eq!((one.part, one.times, one.declared), (before.part, before.times, before.declared));
            assert!(one.length.abs_diff(before.length) * 10 <= before.length, "{one:?}");
        }
        let lines = vec![(1, 40), (41, 41), (90_000, 90_100)];
        assert_eq!(decode_parts(&encode_parts(&lines)), lines);
    }

    #[test]
    fn damaged_postings_end_early() {
        let mut bytes = Vec::new();
        let part = InPart { part: 1, times: 1, declared: false, length: 5 };
        encode(7, InPath::default(), &[part; 1], &mut bytes);
        for end in 0..bytes.len() {
            assert_eq!(Postings(&bytes[..end]).count(), 0, "{end}");
        }
        assert_eq!(Postings(&[0xff; 64]).count(), 0);
        assert_eq!(Postings(&[1, 0, 0xff, 0xff, 0xff, 0xff, 0x7f, 0, 0, 0]).count(), 0);
        decode_parts(&[0xff; 64]);
    }
}
