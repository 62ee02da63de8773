//! Asking git for a diff: of two commits, or of a commit and what is there now.
//!
//! Not here: reading what it answers (`diff`).

use super::diff::{RawDiff, parse};
use super::{Objects, Repository, Unavailable, broken};

/// The same output under any configuration, and no program but git.
const DIFF: [&str; 12] = [
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--unified=0",
    "--inter-hunk-context=0",
    "--full-index",
    "--find-renames",
    "-l400",
    "--ignore-submodules=all",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "--diff-algorithm=histogram",
];

impl Repository {
    /// What differs between a commit and the work tree, or the index, below the
    /// root; untracked files are left out. One process.
    pub fn diff(&self, commit: &str, is_staged: bool) -> Result<Vec<RawDiff>, Unavailable> {
        let mut arguments = vec!["diff"];
        arguments.extend(is_staged.then_some("--cached"));
        arguments.extend(DIFF);
        arguments.extend((!self.prefix.is_empty()).then_some("--relative"));
        arguments.extend([commit, "--"]);
        let answer = self.run(&arguments, Vec::new())?;
        match answer.ok {
            true => Ok(parse(&String::from_utf8_lossy(&answer.stdout))),
            false => Err(broken("what changed cannot be told", &answer)),
        }
    }

    /// Where the repository was cloned from, if it has a remote of the usual name.
    pub fn origin(&self) -> Option<String> {
        let answer = self.run(&["config", "--get", "remote.origin.url"], Vec::new()).ok()?;
        let url = String::from_utf8_lossy(answer.stdout.trim_ascii()).into_owned();
        Some(url).filter(|url| answer.ok && !url.is_empty())
    }

    /// The commit from which a branch and the head parted; `None` where they have
    /// none in common, or the clone does not reach it.
    pub fn merge_base(&self, commit: &str) -> Result<Option<String>, Unavailable> {
        let answer = self.run(&["merge-base", "HEAD", commit], Vec::new())?;
        let id = String::from_utf8_lossy(answer.stdout.trim_ascii()).into_owned();
        Ok(Some(id).filter(|id| answer.ok && super::head::is_oid(id)))
    }
}

impl Objects {
    /// What differs between two commits below the root. One process.
    pub fn diff(&self, before: &str, after: &str) -> Result<Vec<RawDiff>, Unavailable> {
        let mut arguments = vec!["diff-tree", "-r", "-p"];
        arguments.extend(DIFF);
        arguments.extend((!self.prefix.is_empty()).then_some("--relative"));
        arguments.extend([before, after, "--"]);
        let answer = self.run(&arguments, Vec::new())?;
        match answer.ok {
            true => Ok(parse(&String::from_utf8_lossy(&answer.stdout))),
            false => Err(broken("a commit cannot be read", &answer)),
        }
    }
}
