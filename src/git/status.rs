//! What differs between the head commit, the index and the work tree, as git
//! reports it.
//!
//! Not here: asking git.

use std::collections::BTreeMap;

use super::nul_separated;
use crate::model::RelPath;

/// A difference between the work tree and the head commit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    pub path: RelPath,
    pub status: ChangeStatus,
}

/// What git says of a changed file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeStatus {
    Added,
    Modified,
    Deleted,
    /// Staged as one, with or without edits.
    Renamed {
        from: RelPath,
    },
    Untracked,
    Conflicted,
}

impl ChangeStatus {
    /// The status in one word, as pages and reports show it.
    pub fn name(&self) -> &'static str {
        match self {
            ChangeStatus::Added => "added",
            ChangeStatus::Modified => "modified",
            ChangeStatus::Deleted => "deleted",
            ChangeStatus::Renamed { .. } => "renamed",
            ChangeStatus::Untracked => "untracked",
            ChangeStatus::Conflicted => "conflicted",
        }
    }
}

pub(super) fn parse_status(output: &[u8], prefix: &str) -> Vec<Change> {
    let below_root = |path: &str| RelPath::new(path.strip_prefix(prefix)?);
    let mut changes: BTreeMap<RelPath, ChangeStatus> = BTreeMap::new();
    let mut entries = nul_separated(output);
    while let Some(entry) = entries.next() {
        let fields_before_path = match entry.as_bytes().first() {
            Some(b'?') => 1,
            Some(b'1') => 8,
            Some(b'2') => 9,
            Some(b'u') => 10,
            _ => continue,
        };
        let from = match entry.as_bytes()[0] {
            b'2' => entries.next().and_then(below_root),
            _ => None,
        };
        let mut fields = entry.splitn(fields_before_path + 1, ' ');
        let letters = fields.nth(1).unwrap_or_default();
        let path = match fields_before_path {
            1 => Some(letters),
            _ => fields.last(),
        };
        let Some(path) = path.and_then(below_root) else {
            continue;
        };
        let status = match (entry.as_bytes()[0], letters.as_bytes()) {
            (b'?', _) if changes.contains_key(&path) => Some(ChangeStatus::Modified),
            (b'?', _) => Some(ChangeStatus::Untracked),
            (b'u', _) => Some(ChangeStatus::Conflicted),
            (_, letters) => of_letters(letters, from, &mut changes),
        };
        if let Some(status) = status {
            changes.insert(path, status);
        }
    }
    let changes = changes.into_iter();
    changes.map(|(path, status)| Change { path, status }).collect()
}

/// What index against head and work tree against index come to together.
fn of_letters(
    letters: &[u8],
    from: Option<RelPath>,
    changes: &mut BTreeMap<RelPath, ChangeStatus>,
) -> Option<ChangeStatus> {
    match (letters, from) {
        ([b'A' | b'C', b'D'], _) => None,
        ([b'R', b'D'], from) => {
            changes.extend(from.map(|from| (from, ChangeStatus::Deleted)));
            None
        }
        ([b'R', _] | [_, b'R'], Some(from)) => Some(ChangeStatus::Renamed { from }),
        ([b'A' | b'R' | b'C', _] | [b'.', b'A' | b'R' | b'C'], _) => Some(ChangeStatus::Added),
        ([b'D', _] | [_, b'D'], _) => Some(ChangeStatus::Deleted),
        _ => Some(ChangeStatus::Modified),
    }
}
