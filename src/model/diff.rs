//! What differs between two states of a tree, line by line. Not how that is found
//! out, nor what follows from it.

use super::{RelPath, SafeText};

/// The files that differ, sorted by path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    pub files: Vec<DiffFile>,
    /// Whether the tree beside it is the one behind the change; else it is the one
    /// before it.
    pub is_applied: bool,
}

/// One file that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffFile {
    /// As it is called now, and before if it is gone.
    pub path: RelPath,
    pub status: DiffStatus,
    /// What it was called before, where that was something else.
    pub from: Option<RelPath>,
    /// The object that it was, in hex, if git has it.
    pub before: Option<String>,
    /// In order of lines; none for a binary file, a rename alone, or a file that
    /// was named without being changed.
    pub hunks: Vec<DiffHunk>,
    /// Added lines with a secret, and its kind.
    pub secrets: Vec<(u32, &'static str)>,
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DiffStatus {
    Added,
    Modified,
    Deleted,
    Renamed,
    /// It did not change: somebody asks about it.
    Named,
}

impl DiffStatus {
    /// The status in one word, as reports show it.
    pub fn name(self) -> &'static str {
        match self {
            DiffStatus::Added => "added",
            DiffStatus::Modified => "modified",
            DiffStatus::Deleted => "deleted",
            DiffStatus::Renamed => "renamed",
            DiffStatus::Named => "named",
        }
    }
}

/// Lines that were replaced by others, without lines around them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiffHunk {
    /// First line before, from 1; where none was removed, the line above.
    pub old_line: u32,
    /// First line now; where none was added, the line above.
    pub new_line: u32,
    pub removed: Vec<SafeText>,
    pub added: Vec<SafeText>,
}

impl DiffHunk {
    /// The lines that it takes on one side, first and last; an empty side is the
    /// two lines around it.
    pub fn span(&self, is_new: bool) -> (u32, u32) {
        let (first, lines) = match is_new {
            true => (self.new_line, self.added.len() as u32),
            false => (self.old_line, self.removed.len() as u32),
        };
        (first, if lines == 0 { first + 1 } else { first + lines - 1 })
    }
}
