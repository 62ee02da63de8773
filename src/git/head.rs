//! Where the work tree stands: commit, branch, an operation in progress. Read
//! from the git directory's files, which is cheap enough for every event of a
//! watch; only unusual ref storage is asked of git.
//!
//! Not here: history. Nothing but small regular files is opened.

use std::io::ErrorKind;
use std::path::Path;

use super::Repository;
use crate::fs::confined;
use crate::io_errors;
use crate::model::Stamp;

/// What is checked out. All fields are `None` if that cannot be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// Object id in hex; `None` before the first commit.
    pub commit: Option<String>,
    /// Short name; `None` when detached.
    pub branch: Option<String>,
    /// `rebase`, `merge`, `cherry-pick`, `revert` or `bisect` when one is in
    /// progress.
    pub state: Option<&'static str>,
    /// Why it is not known, if a file that says it cannot be read.
    pub problem: Option<String>,
}

const IN_PROGRESS: [(&str, &str); 6] = [
    ("rebase-merge", "rebase"),
    ("rebase-apply", "rebase"),
    ("MERGE_HEAD", "merge"),
    ("CHERRY_PICK_HEAD", "cherry-pick"),
    ("REVERT_HEAD", "revert"),
    ("BISECT_LOG", "bisect"),
];

/// Most bytes of a small file such as `HEAD`.
const SMALL: u64 = 8_192;

/// Most bytes of the packed refs. A list of 300,000 refs has 20 MB.
const MAX_REFS: u64 = 64_000_000;

impl Repository {
    /// Reads the head. Needs no process, except one if refs are stored in
    /// another format.
    pub fn head(&self) -> Head {
        let mut problem = None;
        let head = told(&self.git_dir.join("HEAD"), SMALL, &mut problem).unwrap_or_default();
        let (commit, branch) = match head.trim_end().strip_prefix("ref: ") {
            _ if self.common_dir.join("reftable").exists() => self.ask_for_head(),
            Some(name) => (self.commit_of(name, &mut problem), branch_of(name)),
            None => (Some(head.trim_end().to_string()).filter(|id| is_oid(id)), None),
        };
        Head { problem: problem.filter(|_| commit.is_none()), commit, branch, state: self.operation() }
    }

    /// The operation that is in progress, as [`Head::state`] has it.
    pub fn operation(&self) -> Option<&'static str> {
        let found = IN_PROGRESS.iter().find(|(name, _)| self.git_dir.join(name).exists());
        found.map(|(_, word)| *word)
    }

    /// The stamp of git's lock on the index; `None` if nobody holds it.
    pub fn index_lock(&self) -> Option<Stamp> {
        confined::stamp_at(&self.git_dir.join("index.lock"))
    }

    /// The stamp of the index: whoever moves the work tree from one commit to
    /// another also writes it.
    pub fn index_stamp(&self) -> Option<Stamp> {
        confined::stamp_at(&self.git_dir.join("index"))
    }

    fn commit_of(&self, name: &str, problem: &mut Option<String>) -> Option<String> {
        if !is_plain(name) {
            return None;
        }
        let loose = told(&self.common_dir.join(name), SMALL, problem);
        let loose = loose.map(|text| text.trim_end().to_string());
        loose.filter(|id| is_oid(id)).or_else(|| {
            let packed = told(&self.common_dir.join("packed-refs"), MAX_REFS, problem)?;
            let mut lines = packed.lines().filter_map(|line| line.split_once(' '));
            let (id, _) = lines.find(|(_, packed)| *packed == name)?;
            is_oid(id).then(|| id.to_string())
        })
    }

    fn ask_for_head(&self) -> (Option<String>, Option<String>) {
        let ask = |arguments: &[&str]| {
            let answer = self.run(arguments, Vec::new()).ok().filter(|answer| answer.ok)?;
            let text = String::from_utf8(answer.stdout).ok()?;
            Some(text.trim_end().to_string())
        };
        let commit = ask(&["rev-parse", "--verify", "--quiet", "HEAD"]).filter(|id| is_oid(id));
        let name = ask(&["symbolic-ref", "--quiet", "HEAD"]);
        (commit, name.and_then(|name| branch_of(&name)))
    }
}

/// Whether the name of a ref is a path below the git directory.
fn is_plain(name: &str) -> bool {
    name.starts_with("refs/") && name.split('/').all(|part| !part.is_empty() && !part.starts_with('.'))
}

/// The file that a symbolic head names.
pub fn ref_of_head(git_dir: &Path) -> Option<String> {
    let head = small_file(&git_dir.join("HEAD"))?;
    head.trim_end().strip_prefix("ref: ").filter(|name| is_plain(name)).map(str::to_string)
}

fn branch_of(name: &str) -> Option<String> {
    name.strip_prefix("refs/heads/").map(str::to_string)
}

/// 40 or 64 hex digits.
pub fn is_oid(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A regular file of some kilobytes; `None` for anything else.
pub fn small_file(path: &Path) -> Option<String> {
    confined::read_text(path, SMALL).ok()
}

/// The same, noting why what is there cannot be read.
fn told(path: &Path, at_most: u64, problem: &mut Option<String>) -> Option<String> {
    match confined::read_text(path, at_most) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => {
            let why = io_errors::why(&error);
            problem.get_or_insert(format!(
                "git: `{}` cannot be read, so there is no history: {why}",
                path.display()
            ));
            None
        }
    }
}
