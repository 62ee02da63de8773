//! Other programs' SQLite databases, read only and bounded: the conversations of
//! OpenCode and the history of atuin. What is not as expected is not there.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, params};

/// A conversation of OpenCode.
#[derive(Clone, Debug)]
pub struct OpencodeSession {
    pub id: String,
    pub folder: String,
    pub updated_ms: i64,
}

/// A part of a message of OpenCode.
#[derive(Clone, Debug)]
pub struct OpencodePart {
    pub role: String,
    pub at_ms: i64,
    /// JSON.
    pub data: String,
}

/// A command of a shell.
#[derive(Clone, Debug)]
pub struct ShellEntry {
    pub command: String,
    pub at_ms: i64,
    pub code: Option<i64>,
}

/// Rows of one answer.
const MOST: usize = 500;

/// Bytes of one part.
const LONGEST: usize = 200_000;

fn open(path: &Path) -> Option<Connection> {
    if !std::fs::symlink_metadata(path).ok()?.is_file() {
        return None;
    }
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let connection = Connection::open_with_flags(path, flags).ok()?;
    connection.busy_timeout(Duration::from_millis(100)).ok()?;
    connection.pragma_update(None, "trusted_schema", false).ok()?;
    Some(connection)
}

/// The newest conversations in a database of OpenCode.
pub fn opencode_sessions(path: &Path) -> Vec<OpencodeSession> {
    let all = || -> Option<Vec<OpencodeSession>> {
        let connection = open(path)?;
        let sql = "SELECT id, directory, time_updated FROM session ORDER BY time_updated DESC LIMIT ?1";
        let mut statement = connection.prepare(sql).ok()?;
        let rows = statement.query_map([MOST as i64], |row| {
            Ok(OpencodeSession { id: row.get(0)?, folder: row.get(1)?, updated_ms: row.get(2)? })
        });
        Some(rows.ok()?.filter_map(Result::ok).collect())
    };
    all().unwrap_or_default()
}

/// Parts at the beginning of a conversation: what was asked for first.
const FIRST_PARTS: usize = 20;

/// The first and the newest parts of one conversation, oldest first, up to so many bytes.
pub fn opencode_parts(path: &Path, session: &str, most_bytes: usize) -> Vec<OpencodePart> {
    let all = || -> Option<Vec<OpencodePart>> {
        let connection = open(path)?;
        let newest = parts(&connection, session, ["DESC", "LIMIT 20000"])?;
        let mut bytes = 0;
        let is_within = |part: &OpencodePart| {
            bytes += part.data.len();
            bytes <= most_bytes
        };
        let mut newest: Vec<OpencodePart> = newest.into_iter().take_while(is_within).collect();
        newest.reverse();
        let mut all = parts(&connection, session, ["ASC", &format!("LIMIT {FIRST_PARTS}")])?;
        all.retain(|part| newest.first().is_none_or(|first| part.at_ms < first.at_ms));
        all.extend(newest);
        Some(all)
    };
    all().unwrap_or_default()
}

/// Parts of a conversation in an order, a number of them.
fn parts(connection: &Connection, session: &str, [order, limit]: [&str; 2]) -> Option<Vec<OpencodePart>> {
    let sql = format!(
        "SELECT json_extract(message.data, '$.role'), part.time_created, part.data
         FROM part JOIN message ON message.id = part.message_id
         WHERE message.session_id = ?1 AND length(part.data) <= ?2
         ORDER BY part.time_created {order}, part.id {order} {limit}"
    );
    let mut statement = connection.prepare(&sql).ok()?;
    let rows = statement.query_map(params![session, LONGEST as i64], |row| {
        Ok(OpencodePart { role: row.get(0)?, at_ms: row.get(1)?, data: row.get(2)? })
    });
    Some(rows.ok()?.filter_map(Result::ok).collect())
}

/// Commands that atuin noted in a folder or below it since a moment, newest first.
pub fn atuin_commands(path: &Path, folder: &str, since_ms: i64, most: usize) -> Vec<ShellEntry> {
    let all = || -> Option<Vec<ShellEntry>> {
        let connection = open(path)?;
        let sql = "SELECT command, timestamp / 1000000, exit FROM history
                   WHERE (cwd = ?1 OR substr(cwd, 1, length(?1) + 1) = ?1 || '/') AND timestamp >= ?2 * 1000000
                     AND deleted_at IS NULL AND length(command) <= 4000
                   ORDER BY timestamp DESC LIMIT ?3";
        let mut statement = connection.prepare(sql).ok()?;
        let rows = statement.query_map(params![folder, since_ms, most as i64], |row| {
            Ok(ShellEntry { command: row.get(0)?, at_ms: row.get(1)?, code: row.get(2)? })
        });
        Some(rows.ok()?.filter_map(Result::ok).collect())
    };
    all().unwrap_or_default()
}
