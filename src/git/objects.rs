//! What a repository's commits hold: messages, trees, blobs. The same whatever
//! is checked out, and it needs no work tree.
//!
//! Not here: index, work tree and head (`super`).

use std::path::{Path, PathBuf};

use super::process::{self, GitOutput};
use super::{RawCommit, Unavailable, broken, failed, head, nul_separated, parse_contents};
use crate::limits;
use crate::model::RelPath;

/// Reads commits. Ids that are passed in must come from it.
#[derive(Clone, Debug)]
pub struct Objects {
    folder: PathBuf,
    /// Like [`super::Repository::prefix`].
    pub(super) prefix: String,
    /// Whether `folder` is a git directory rather than a work tree.
    is_git_dir: bool,
}

/// A file in a commit's tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    pub path: RelPath,
    /// Object id in hex.
    pub oid: String,
    /// Bytes; `None` where a partial clone lacks it.
    pub size: Option<u64>,
}

/// What differs between two commits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TreeChange {
    /// From and to.
    pub renamed: Vec<(RelPath, RelPath)>,
    /// Added, modified, and the new names of what was renamed.
    pub touched: Vec<RelPath>,
}

/// A NUL stands before and behind every part, and no path starts with a slash,
/// so nothing in a message or a name can pass for the next commit.
const FORMAT: &str = "--format=%x00/%x00%H%x00%P%x00%an <%ae>%x00%s%x00%b%x00";

/// The same output under any configuration.
const LOG: [&str; 12] = [
    "--no-renames",
    "--name-status",
    "--no-diff-merges",
    "-z",
    "--no-show-signature",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--no-notes",
    "--no-mailmap",
    "--no-decorate",
    "--encoding=UTF-8",
];

impl Objects {
    /// The objects of the repository around `root`, which lies at `prefix` in
    /// it.
    pub(super) fn below(root: &Path, prefix: &str) -> Self {
        Self { folder: root.to_path_buf(), prefix: prefix.to_string(), is_git_dir: false }
    }

    /// The objects of a git directory, for measurements on bare clones. Nothing
    /// is checked.
    pub fn at(git_dir: &Path) -> Self {
        Self { folder: git_dir.to_path_buf(), prefix: String::new(), is_git_dir: true }
    }

    /// Up to `max` commits from `commit` on that touched the root, newest first;
    /// empty for `HEAD` before the first commit. One process.
    pub fn log(&self, commit: &str, max: usize, merges: bool) -> Result<Vec<RawCommit>, Unavailable> {
        let max = format!("--max-count={max}");
        let mut arguments = vec!["log", commit, &max];
        arguments.extend((!merges).then_some("--no-merges"));
        let answer = self.run(&self.log_arguments(arguments), Vec::new())?;
        let unborn = commit == "HEAD" && answer.stderr.contains("bad revision 'HEAD'");
        if !answer.ok && answer.stdout.is_empty() && !unborn {
            return Err(broken("the history cannot be read", &answer));
        }
        // A partial clone ends early: what came is right all the same.
        Ok(parse_log(&answer.stdout))
    }

    /// Up to `max` commits that touched a path below the root, newest first. One
    /// process.
    pub fn log_of(&self, path: &RelPath, max: usize) -> Result<Vec<RawCommit>, Unavailable> {
        let max = format!("--max-count={max}");
        let mut arguments = vec!["log", "HEAD", &max];
        arguments.extend(LOG);
        arguments.push(FORMAT);
        arguments.extend((!self.prefix.is_empty()).then_some("--relative"));
        let answer = self.run(&[&arguments[..], &["--", path.as_str()]].concat(), Vec::new())?;
        match answer.ok || !answer.stdout.is_empty() {
            true => Ok(parse_log(&answer.stdout)),
            false => Err(broken("the history cannot be read", &answer)),
        }
    }

    /// What came with one commit below the root: the files that it renamed (from
    /// and to), and all that it added or changed. One process.
    pub fn changed_between(&self, before: &str, after: &str) -> Result<TreeChange, Unavailable> {
        let mut arguments = vec!["diff-tree", "-r", "--find-renames", "-l4000", "--name-status", "-z"];
        arguments.extend((!self.prefix.is_empty()).then_some("--relative"));
        let answer = self.run(&[&arguments[..], &[before, after, "--"]].concat(), Vec::new())?;
        match answer.ok {
            true => Ok(parse_change(&answer.stdout)),
            false => Err(broken("a commit cannot be read", &answer)),
        }
    }

    /// The content of a file below the root in a commit; `None` where it is not
    /// there, or has a line feed in its name. One process.
    pub fn content_at(&self, commit: &str, path: &RelPath) -> Result<Option<Vec<u8>>, Unavailable> {
        if path.as_str().contains('\n') {
            return Ok(None);
        }
        let found = self.contents(&[&format!("{commit}:{}{path}", self.prefix)])?;
        Ok(found.into_iter().next().flatten())
    }

    /// The ids of up to `max` commits without merges that touched the root,
    /// from `commit` on, in the order of [`Objects::log`]. One process.
    pub fn ids(&self, commit: &str, max: usize) -> Result<Vec<String>, Unavailable> {
        let max = format!("--max-count={max}");
        let mut arguments = vec!["rev-list", "--no-merges", &max, commit, "--"];
        arguments.extend((!self.prefix.is_empty()).then_some("."));
        let answer = self.run(&arguments, Vec::new())?;
        if !answer.ok && answer.stdout.is_empty() {
            return Err(broken("the history cannot be read", &answer));
        }
        Ok(String::from_utf8_lossy(&answer.stdout).lines().map(str::to_string).collect())
    }

    /// These commits, in any order. One process.
    pub fn commits(&self, ids: &[String]) -> Result<Vec<RawCommit>, Unavailable> {
        let arguments = self.log_arguments(vec!["log", "--no-walk=unsorted", "--stdin"]);
        let answer = self.run(&arguments, format!("{}\n", ids.join("\n")).into_bytes())?;
        if !answer.ok && answer.stdout.is_empty() {
            return Err(broken("the history cannot be read", &answer));
        }
        Ok(parse_log(&answer.stdout))
    }

    /// The files of a commit below the root, sorted by path: no links, no
    /// submodules, no name that is no [`RelPath`]. One process.
    pub fn tree(&self, commit: &str) -> Result<Vec<Blob>, Unavailable> {
        let answer = self.run(&["ls-tree", "-r", "-l", "-z", commit], Vec::new())?;
        if !answer.ok {
            return Err(broken("a past tree cannot be read", &answer));
        }
        let mut files: Vec<Blob> = nul_separated(&answer.stdout).filter_map(parse_entry).collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }

    /// The contents of blobs, in their order; `None` for what is not there.
    /// One process; the caller answers for their size together.
    pub fn contents(&self, oids: &[&str]) -> Result<Vec<Option<Vec<u8>>>, Unavailable> {
        let answer = self.run(&["cat-file", "--batch"], format!("{}\n", oids.join("\n")).into_bytes())?;
        let mut contents = parse_contents(&answer.stdout, u64::MAX);
        contents.resize(oids.len(), None);
        Ok(contents)
    }

    fn log_arguments<'a>(&self, mut arguments: Vec<&'a str>) -> Vec<&'a str> {
        arguments.extend(LOG);
        arguments.push(FORMAT);
        match self.prefix.is_empty() {
            true => arguments.push("--"),
            false => arguments.extend(["--relative", "--", "."]),
        }
        arguments
    }

    pub(super) fn run(&self, arguments: &[&str], input: Vec<u8>) -> Result<GitOutput, Unavailable> {
        let place: &[&str] = if self.is_git_dir { &["--git-dir=."] } else { &[] };
        // No filter can run: nothing looks at a work tree.
        process::run(&self.folder, &[place, arguments].concat(), &[], input).map_err(|why| failed(&why))
    }
}

/// `<mode> <type> <oid> <padded size>\t<path>`
fn parse_entry(entry: &str) -> Option<Blob> {
    let (facts, path) = entry.split_once('\t')?;
    let fields: Vec<&str> = facts.split_whitespace().collect();
    let ["100644" | "100755", "blob", oid, size] = fields[..] else { return None };
    let oid = Some(oid).filter(|oid| head::is_oid(oid))?.to_string();
    Some(Blob { path: RelPath::new(path)?, oid, size: size.parse().ok() })
}

/// `R090 NUL from NUL to NUL`, `M NUL path NUL`
fn parse_change(output: &[u8]) -> TreeChange {
    let mut parts = nul_separated(output);
    let mut change = TreeChange::default();
    while let (Some(status), Some(path)) = (parts.next(), parts.next()) {
        let is_rename = status.starts_with('R');
        let to = if is_rename { parts.next().and_then(RelPath::new) } else { RelPath::new(path) };
        let Some(to) = to.filter(|_| !status.starts_with('D')) else { continue };
        change.renamed.extend(RelPath::new(path).filter(|_| is_rename).map(|from| (from, to.clone())));
        change.touched.push(to);
    }
    change
}

fn parse_log(output: &[u8]) -> Vec<RawCommit> {
    let mut parts = output.split(|&byte| byte == 0).map(String::from_utf8_lossy);
    let mut commits: Vec<RawCommit> = Vec::new();
    while let Some(part) = parts.next() {
        let mut next = || parts.next().unwrap_or_default();
        if part == "/" {
            commits.push(RawCommit {
                id: next().into_owned(),
                parents: next().split_whitespace().map(str::to_string).collect(),
                author: next().into_owned(),
                subject: next().into_owned(),
                body: next().chars().take(limits::MAX_COMMIT_BODY).collect(),
                ..RawCommit::default()
            });
            continue;
        }
        // A line feed stands before the first status.
        let status = part.trim_start_matches('\n');
        let is_status = status.len() == 1 && status.bytes().all(|byte| byte.is_ascii_uppercase());
        let Some(commit) = commits.last_mut().filter(|_| is_status) else { continue };
        let path = next();
        if commit.paths.len() < limits::MAX_COMMIT_PATHS
            && !path.contains('\u{fffd}')
            && let Some(path) = RelPath::new(&path)
        {
            commit.added.extend((status == "A").then(|| path.clone()));
            commit.paths.push(path);
        }
    }
    commits
}
