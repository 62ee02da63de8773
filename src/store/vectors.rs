//! What records are about, as bytes by which they are compared: kept by the hash
//! of what a record says and that of the model, so that one which does not
//! belong to the text as it is now is never found.
//!
//! Not here: what the bytes mean (`meaning`).

use rusqlite::params;

use super::{Result, Store, WriteTransaction, decode_checked};
use crate::memory::Record;
use crate::model::ContentHash;

impl Store {
    /// The records of this work tree whose vector of this model is there: ids, sorted, and bytes. A record that has no
    /// direction has none.
    pub fn vectors(&self, model: ContentHash) -> Result<Vec<(String, Vec<u8>)>> {
        let mut statement = self.sql(self.connection.prepare_cached(
            "SELECT record.id, record_vector.data FROM record JOIN record_vector
             ON record_vector.said = record.said AND record_vector.hash = ?2
             WHERE record.tree = ?1 ORDER BY record.id",
        ))?;
        let rows =
            self.sql(statement.query_map(params![self.tree, model.0], |row| Ok((row.get(0)?, row.get(1)?))))?;
        rows.map(|row| self.sql(row)).collect()
    }

    /// The records of this work tree that have no vector of this model, each with
    /// the hash that it is kept by.
    pub fn records_without_vector(&self, model: ContentHash) -> Result<Vec<(ContentHash, Record)>> {
        let mut statement = self.sql(self.connection.prepare_cached(
            "SELECT record.said, record.data, record.id FROM record WHERE record.tree = ?1 AND NOT EXISTS
               (SELECT 1 FROM record_vector WHERE record_vector.said = record.said AND record_vector.hash = ?2)",
        ))?;
        let mut rows = self.sql(statement.query(params![self.tree, model.0]))?;
        let mut found = Vec::new();
        while let Some(row) = self.sql(rows.next())? {
            let (data, id): (Vec<u8>, String) = (self.sql(row.get(1))?, self.sql(row.get(2))?);
            let record = decode_checked(&data).ok_or_else(|| self.damaged(&id))?;
            found.push((ContentHash(self.sql(row.get(0))?), record));
        }
        Ok(found)
    }

    /// How many records this work tree has.
    pub fn record_count(&self) -> Result<usize> {
        let sql = "SELECT count(*) FROM record WHERE tree = ?1";
        self.sql(self.connection.query_row(sql, [self.tree], |row| row.get(0)))
            .map(|count: u32| count as usize)
    }

    /// Vectors that are kept of other models or of texts that no record has any more.
    pub fn stale_vectors(&self, model: ContentHash) -> Result<usize> {
        let sql =
            "SELECT count(*) FROM record_vector WHERE hash <> ?1 OR said NOT IN (SELECT said FROM record)";
        self.sql(self.connection.query_row(sql, [model.0], |row| row.get(0))).map(|count: u32| count as usize)
    }
}

impl WriteTransaction<'_> {
    /// Keeps the vector of a text; no bytes for one that has no direction.
    pub fn put_vector(&mut self, said: ContentHash, model: ContentHash, data: &[u8]) -> Result<()> {
        let sql = "INSERT OR REPLACE INTO record_vector (said, hash, data) VALUES (?1, ?2, ?3)";
        self.sql(self.connection.execute(sql, params![said.0, model.0, data])).map(|_| ())
    }

    /// Deletes the vectors of texts that no record has any more.
    pub fn drop_unsaid_vectors(&mut self) -> Result<()> {
        let sql = "DELETE FROM record_vector WHERE said NOT IN (SELECT said FROM record)";
        self.sql(self.connection.execute(sql, [])).map(|_| ())
    }

    /// Deletes all vectors.
    pub fn clear_vectors(&mut self) -> Result<()> {
        self.sql(self.connection.execute("DELETE FROM record_vector", [])).map(|_| ())
    }
}
