//! Cleaning what an older version stored, before it knew a kind of secret: texts
//! are rewritten, what is only a cache is dropped, and the file is written anew,
//! so that no freed page keeps an old byte.
//!
//! Not here: what a secret is. The caller says what a text becomes.

use rusqlite::params;

use super::{EncodedContent, Result, Store, WriteTransaction, decode_checked};
use crate::model::{ContentHash, History};

/// Rewrites a text; `None` if it may stay as it is.
pub type Clean<'a> = &'a dyn Fn(&str) -> Option<String>;

/// How many rows of each kind held a secret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scrubbed {
    pub revisions: usize,
    /// Snapshots with a secret in goal or branch.
    pub snapshots: usize,
    /// Paths of files and folders.
    pub paths: usize,
    /// Extracted contents.
    pub contents: usize,
    /// Histories read from git.
    pub histories: usize,
    /// Rows of the search index.
    pub index: usize,
    /// Texts of sessions, of the log, of claims and of receipts.
    pub sessions: usize,
}

impl Scrubbed {
    /// How many entries were cleaned in all.
    pub fn sum(&self) -> usize {
        self.revisions
            + self.snapshots
            + self.paths
            + self.contents
            + self.histories
            + self.index
            + self.sessions
    }
}

/// How the caller cleans each kind of text.
pub struct Cleaners<'a> {
    pub line: Clean<'a>,
    pub path: Clean<'a>,
    /// A record's whole text.
    pub record: Clean<'a>,
    /// Only whether there is a secret in what cannot be rewritten.
    pub holds: &'a dyn Fn(&str) -> bool,
    /// Contents that another extractor made are dropped.
    pub extractor: &'a str,
}

impl Store {
    /// Writes the whole database anew and empties its log. `false` when another
    /// process is in the way.
    pub fn write_anew(&mut self) -> Result<bool> {
        let vacuumed = self.connection.execute_batch("VACUUM").is_ok();
        Ok(self.forget_deleted()? && vacuumed)
    }
}

impl WriteTransaction<'_> {
    /// Cleans every table but that of the records' index, which is made anew
    /// from their files.
    pub fn scrub(&mut self, with: &Cleaners) -> Result<Scrubbed> {
        let run = || -> rusqlite::Result<Scrubbed> {
            Ok(Scrubbed {
                revisions: self.scrub_revisions(with)?,
                snapshots: self.rewrite("snapshot", "seq", "goal", with.line)?
                    + self.rewrite("snapshot", "seq", "branch", with.line)?,
                paths: self.scrub_paths(with)?,
                contents: self.scrub_contents(with)?,
                histories: self.scrub_histories(with)?,
                index: self.scrub_index(with)?,
                sessions: self.scrub_sessions(with)?,
            })
        };
        self.sql(run())
    }

    /// Empties the search index of all work trees; the next search fills it.
    pub fn drop_code_index(&mut self) -> Result<()> {
        self.sql(self.connection.execute_batch(
            "DELETE FROM question; DELETE FROM posting; DELETE FROM posting_batch; DELETE FROM code; DELETE FROM place; DELETE FROM place_folder;
             DELETE FROM place_tree; DELETE FROM place_together; DELETE FROM word;",
        ))
    }

    fn scrub_revisions(&self, with: &Cleaners) -> rusqlite::Result<usize> {
        let mut changed = Vec::new();
        {
            let mut all = self.connection.prepare("SELECT hash, text FROM record_text")?;
            let mut rows = all.query([])?;
            while let Some(row) = rows.next()? {
                let (hash, text): ([u8; 32], String) = (row.get(0)?, row.get(1)?);
                changed.extend((with.record)(&text).map(|clean| (hash, clean)));
            }
        }
        for (old, text) in &changed {
            let new = ContentHash::of(text.as_bytes());
            self.connection.execute("DELETE FROM record_text WHERE hash = ?1", [old])?;
            self.connection.execute(
                "INSERT OR REPLACE INTO record_text (hash, text) VALUES (?1, ?2)",
                params![new.0, text],
            )?;
            self.connection
                .execute("UPDATE record_event SET hash = ?2 WHERE hash = ?1", params![old, new.0])?;
        }
        Ok(changed.len())
    }

    /// Rewrites one column of texts.
    fn rewrite(&self, table: &str, key: &str, column: &str, clean: Clean) -> rusqlite::Result<usize> {
        let mut changed: Vec<(i64, String)> = Vec::new();
        {
            let sql = format!("SELECT {key}, {column} FROM {table} WHERE {column} IS NOT NULL");
            let mut all = self.connection.prepare(&sql)?;
            let mut rows = all.query([])?;
            while let Some(row) = rows.next()? {
                let text: String = row.get(1)?;
                let number = row.get(0)?;
                changed.extend(clean(&text).map(|clean| (number, clean)));
            }
        }
        let sql = format!("UPDATE {table} SET {column} = ?2 WHERE {key} = ?1");
        for (number, text) in &changed {
            self.connection.execute(&sql, params![number, text])?;
        }
        Ok(changed.len())
    }

    fn scrub_paths(&self, with: &Cleaners) -> rusqlite::Result<usize> {
        let mut changed = self.rewrite("file", "id", "path", with.path)?;
        changed += self.rewrite("skipped", "id", "path", with.path)?;
        changed += self.rewrite("skipped", "id", "reason", with.line)?;
        // What only spares reading a file again.
        for table in ["place_folder", "place"] {
            let mut named: Vec<String> = Vec::new();
            {
                let mut all = self.connection.prepare(&format!("SELECT DISTINCT path FROM {table}"))?;
                let mut rows = all.query([])?;
                while let Some(row) = rows.next()? {
                    let path: String = row.get(0)?;
                    named.extend((with.path)(&path).map(|_| path));
                }
            }
            for path in &named {
                self.connection.execute(&format!("DELETE FROM {table} WHERE path = ?1"), [path])?;
            }
            if !named.is_empty() {
                // The next search makes the index anew, and these with it.
                self.connection.execute_batch(
                    "DELETE FROM place_together; DELETE FROM place_tree; DELETE FROM posting; DELETE FROM posting_batch;
                     DELETE FROM question",
                )?;
            }
            changed += named.len();
        }
        Ok(changed)
    }

    /// What sessions said and did. Of what is no plain text nothing is kept where
    /// it holds a secret.
    fn scrub_sessions(&self, with: &Cleaners) -> rusqlite::Result<usize> {
        let mut changed = 0;
        for (table, column) in [
            ("session", "conversation"),
            ("session", "agent"),
            ("session", "title"),
            ("session", "branch"),
            ("session", "doing"),
            ("session", "summary"),
            ("event", "text"),
            ("claim", "note"),
            ("receipt", "command"),
            ("job", "target"),
            ("job", "error"),
        ] {
            changed += self.rewrite(table, "seq", column, with.line)?;
        }
        for (table, column) in
            [("session", "worktree"), ("event", "path"), ("claim", "shown"), ("receipt", "folder")]
        {
            changed += self.rewrite(table, "seq", column, with.path)?;
        }
        let emptied = |text: &str| (with.holds)(text).then(|| "{}".to_string());
        changed += self.rewrite("session", "seq", "meta", &emptied)?;
        changed += self.rewrite("event", "seq", "data", &emptied)?;
        changed += self.rewrite("job", "seq", "payload", &emptied)?;
        // Nobody can ask for it by another name than the one that it has.
        let mut held: Vec<i64> = Vec::new();
        let mut all = self.connection.prepare("SELECT seq, resource FROM claim")?;
        let mut rows = all.query([])?;
        while let Some(row) = rows.next()? {
            let resource: String = row.get(1)?;
            if (with.path)(&resource).is_some() {
                held.push(row.get(0)?);
            }
        }
        for seq in &held {
            self.connection.execute("DELETE FROM claim WHERE seq = ?1", [seq])?;
        }
        Ok(changed + held.len())
    }

    fn scrub_contents(&self, with: &Cleaners) -> rusqlite::Result<usize> {
        let mut dropped: Vec<i64> = Vec::new();
        {
            let sql = "SELECT id, extractor, hash, language, data FROM content";
            let mut all = self.connection.prepare(sql)?;
            let mut rows = all.query([])?;
            while let Some(row) = rows.next()? {
                let extractor: String = row.get(1)?;
                let encoded = || -> rusqlite::Result<_> {
                    let (hash, language) = (ContentHash(row.get(2)?), row.get(3)?);
                    Ok(EncodedContent { hash, language, data: row.get(4)? })
                };
                if extractor != with.extractor || !self.is_clean_content(&encoded()?, with) {
                    dropped.push(row.get(0)?);
                }
            }
        }
        for id in &dropped {
            self.connection.execute("DELETE FROM content WHERE id = ?1", [id])?;
        }
        Ok(dropped.len() + self.scrub_cached_trees(with)?)
    }

    /// What is damaged counts as not clean: it is made anew.
    fn is_clean_content(&self, stored: &EncodedContent, with: &Cleaners) -> bool {
        let content = stored.decode();
        content.is_some_and(|content| {
            let plain = postcard::to_stdvec(&content).unwrap_or_default();
            !(with.holds)(&String::from_utf8_lossy(&plain))
        })
    }

    /// Work trees as a whole: paths, and what the project says of itself.
    fn scrub_cached_trees(&self, with: &Cleaners) -> rusqlite::Result<usize> {
        let mut dropped: Vec<i64> = Vec::new();
        {
            let mut all = self.connection.prepare(
                "SELECT tree, extractor, data FROM sketch
                 UNION ALL SELECT tree, extractor, part.data FROM sketch JOIN sketch_part AS part USING (tree)",
            )?;
            let mut rows = all.query([])?;
            while let Some(row) = rows.next()? {
                let extractor: String = row.get(1)?;
                let data = row.get_ref(2)?.as_bytes().unwrap_or_default();
                if extractor != with.extractor || (with.holds)(&String::from_utf8_lossy(data)) {
                    dropped.push(row.get(0)?);
                }
            }
        }
        for tree in &dropped {
            self.connection.execute("DELETE FROM sketch WHERE tree = ?1", [tree])?;
            self.connection.execute("DELETE FROM sketch_part WHERE tree = ?1", [tree])?;
        }
        Ok(dropped.len())
    }

    fn scrub_histories(&self, with: &Cleaners) -> rusqlite::Result<usize> {
        let mut dropped: Vec<String> = Vec::new();
        {
            let mut all = self.connection.prepare("SELECT head, data FROM history")?;
            let mut rows = all.query([])?;
            while let Some(row) = rows.next()? {
                let data: Vec<u8> = row.get(1)?;
                let is_clean = decode_checked::<History>(&data).is_some_and(|history| {
                    history.commits.iter().all(|commit| {
                        (with.line)(commit.subject.as_str()).is_none()
                            && (with.line)(commit.body.as_str()).is_none()
                            && commit.paths.iter().all(|path| (with.path)(path.as_str()).is_none())
                    })
                });
                if !is_clean {
                    dropped.push(row.get(0)?);
                }
            }
        }
        for head in &dropped {
            self.connection.execute("DELETE FROM history WHERE head = ?1", [head])?;
        }
        Ok(dropped.len())
    }

    /// Symbols and records of the search index.
    fn scrub_index(&self, with: &Cleaners) -> rusqlite::Result<usize> {
        let mut found = 0;
        let mut all = self.connection.prepare("SELECT coalesce(symbol, ''), signature, doc FROM code")?;
        let mut rows = all.query([])?;
        while let Some(row) = rows.next()? {
            for column in 0..3 {
                let text: String = row.get(column)?;
                found += usize::from((with.line)(&text).is_some());
            }
        }
        let mut all = self.connection.prepare("SELECT data FROM record")?;
        let mut rows = all.query([])?;
        while let Some(row) = rows.next()? {
            let data = row.get_ref(0)?.as_bytes().unwrap_or_default();
            found += usize::from((with.holds)(&String::from_utf8_lossy(data)));
        }
        Ok(found)
    }
}
