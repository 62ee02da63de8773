//! Columns and queries that several tables share.

use rusqlite::Row;

use crate::model::{SafeText, Stamp};

/// The columns size, mtime_ns, ctime_ns and inode, beginning with `first`.
pub(super) fn stamp_from(row: &Row, first: usize) -> rusqlite::Result<Stamp> {
    Ok(Stamp {
        size: row.get::<_, i64>(first)? as u64,
        mtime_ns: row.get(first + 1)?,
        ctime_ns: row.get(first + 2)?,
        inode: row.get::<_, i64>(first + 3)? as u64,
    })
}

/// A word as FTS5 takes it whatever its characters.
pub(super) fn quoted(word: &str) -> String {
    format!("\"{}\"", word.replace('"', "\"\""))
}

/// A text of a column, which went through redaction before it was stored.
pub(super) fn stored_text(text: String) -> SafeText {
    SafeText::from_redacted(text)
}
