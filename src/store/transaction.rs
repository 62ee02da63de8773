//! The one way to change the index of records and code: a guard that keeps all
//! other writers out and takes its changes back unless it is committed.
//!
//! Not here: snapshots, which open and close a transaction of their own around
//! one call.

use std::ops::Deref;

use super::{Result, Store, record_log};

/// A write transaction. Dropped before [`WriteTransaction::commit`], also by an
/// error or a panic, it leaves the database as it was.
pub struct WriteTransaction<'s> {
    store: &'s mut Store,
    is_open: bool,
    /// The last event of any record before this transaction.
    begun_after: i64,
}

impl Store {
    /// Waits for other writers and keeps them out until the guard is committed
    /// or dropped.
    pub fn write(&mut self) -> Result<WriteTransaction<'_>> {
        self.sql(self.connection.execute_batch("BEGIN IMMEDIATE"))?;
        let mut transaction = WriteTransaction { store: self, is_open: true, begun_after: 0 };
        transaction.find_or_add_tree()?;
        transaction.begun_after = transaction.sql(record_log::last(&transaction.connection))?;
        Ok(transaction)
    }
}

impl WriteTransaction<'_> {
    /// Keeps the changes and lets other writers in.
    pub fn commit(mut self) -> Result<()> {
        let store = &*self.store;
        let session = store.database.session.as_deref();
        store.sql(record_log::tell(&store.connection, store.tree, self.begun_after, session))?;
        store.sql(store.connection.execute_batch("COMMIT"))?;
        self.is_open = false;
        Ok(())
    }

    /// The row of the work tree, which may never have been recorded.
    fn find_or_add_tree(&mut self) -> Result<()> {
        if self.store.tree.is_none() {
            let root = self.store.database.root.to_string_lossy().into_owned();
            let connection = &self.store.connection;
            self.store.sql(connection.execute("INSERT OR IGNORE INTO tree (root) VALUES (?1)", [&root]))?;
            let id = connection.query_row("SELECT id FROM tree WHERE root = ?1", [&root], |row| row.get(0));
            self.store.tree = Some(self.store.sql(id)?);
        }
        Ok(())
    }

    fn roll_back(&mut self) {
        let store = &mut *self.store;
        // A statement that failed may have ended the transaction already.
        let _ = store.connection.execute_batch("ROLLBACK");
        let known = "SELECT id FROM tree WHERE id = ?1";
        let is_there =
            |tree: &i64| store.connection.query_row(known, [tree], |row| row.get::<_, i64>(0)).is_ok();
        store.tree = store.tree.filter(is_there);
    }
}

impl Deref for WriteTransaction<'_> {
    type Target = Store;

    fn deref(&self) -> &Store {
        self.store
    }
}

impl Drop for WriteTransaction<'_> {
    fn drop(&mut self) {
        if self.is_open {
            self.roll_back();
        }
    }
}
