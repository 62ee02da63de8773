//! A recorded state of a work tree. Not how it is stored.

use std::fmt;

use super::{ContentHash, SafeText};

/// A recorded state of a work tree, without its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// `s` and a number that grows with every snapshot of the project.
    pub id: SnapshotId,
    /// RFC 3339 in UTC, to the second.
    pub created_at: String,
    pub goal: Option<SafeText>,
    /// Commit id.
    pub head: Option<String>,
    pub branch: Option<SafeText>,
    /// Digest of every path and content hash: equal trees have equal digests.
    pub digest: ContentHash,
    pub files: u64,
    pub symbols: u64,
    /// Tokens of the handoff's Markdown, if one was rendered.
    pub tokens: Option<u64>,
    /// Whether the user took it, rather than a watch that saw a change.
    pub asked: bool,
}

/// The number of a snapshot in its work tree; written as `s1`, `s2` and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SnapshotId(pub i64);

impl fmt::Display for SnapshotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s{}", self.0)
    }
}

impl std::str::FromStr for SnapshotId {
    type Err = String;
    /// Takes `s12` and `12`.
    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.strip_prefix('s').unwrap_or(text);
        digits.parse().map(Self).map_err(|_| format!("`{text}` is not a snapshot id: ids are s1, s2, ..."))
    }
}
