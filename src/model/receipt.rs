//! What a command printed and how it ended.
//!
//! Not here: how a long output is shortened (`sessions`), and where its bytes
//! lie (`store`).

use super::{ContentHash, SafeText};

/// One stream of a command's output, as it was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredOutput {
    /// Of the bytes that were kept.
    pub hash: ContentHash,
    pub bytes: u64,
    /// The first so many of them were kept.
    pub kept: u64,
}

/// A command that ran, before it has an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewReceipt {
    /// Row of the session.
    pub session: Option<i64>,
    /// Milliseconds since 1970.
    pub at_ms: i64,
    pub folder: SafeText,
    pub command: SafeText,
    /// Equal for the same command in the same folder.
    pub same: String,
    pub head: Option<String>,
    /// 128 and the number of a signal.
    pub code: i64,
    pub lasted_ms: i64,
    pub status: &'static str,
    /// Bytes that were shown in place of all.
    pub shown_bytes: u64,
    pub stdout: StoredOutput,
    pub stderr: StoredOutput,
}

/// A command that ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    pub id: String,
    /// Id of the session.
    pub session: Option<String>,
    pub run: NewReceipt,
}
