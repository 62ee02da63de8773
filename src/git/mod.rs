//! Read-only facts about the repository: where it is, head, index, changes,
//! history. Safe on a hostile `.git`: see `process`. What git cannot answer is
//! [`Unavailable`], with one sentence for the user, and never fails a run.
//!
//! Not here: what the facts mean. Everything is returned raw; whoever keeps or
//! shows it redacts it first.

mod belonging;
mod changed;
pub mod diff;
mod head;
mod hooks;
mod index;
pub mod merge;
mod objects;
mod process;
mod stage;
mod status;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::fs::confined;
use crate::limits;
use crate::model::RelPath;
use belonging::{belongs_together, canonical, leads_out, main_worktree};
pub use head::Head;
pub use index::Index;
use index::IndexError;
pub use objects::{Blob, Objects, TreeChange};
pub use process::use_surroundings;
use process::{Failure, GitOutput};
use status::parse_status;
pub use status::{Change, ChangeStatus};

/// A repository that git itself accepts, and that is where it claims to be.
#[derive(Clone, Debug)]
pub struct Repository {
    root: PathBuf,
    /// Top of the work tree.
    pub top: PathBuf,
    /// The root below the top: empty, or ending in `/`.
    pub prefix: String,
    pub git_dir: PathBuf,
    /// The git directory that all work trees share; differs from `git_dir` in a
    /// linked one.
    pub common_dir: PathBuf,
    /// In a linked worktree the work tree that it was made from, if there is one.
    pub main_worktree: Option<PathBuf>,
    /// Files with ignore rules besides those in the tree, the strongest first.
    pub exclude_files: Vec<PathBuf>,
    /// `core.ignoreCase`.
    pub ignore_case: bool,
    /// Whether the clone holds only a part of the history.
    pub shallow: bool,
    /// Bytes of an object id.
    oid: usize,
    /// Another index than the repository's own.
    index: Option<PathBuf>,
    /// Settings that turn off every configured filter; `None` if the filters
    /// are not known.
    filters_off: Option<Vec<(String, String)>>,
}

/// Why there are no facts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{warning}")]
pub struct Unavailable {
    pub kind: Why,
    /// What is missing, in a sentence for the user, with a hint if there is a
    /// remedy.
    pub warning: String,
}

/// Why git's facts are not available.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// There is no repository: nothing to warn of.
    NoRepository,
    /// A bare repository: there are no files to work with.
    Bare,
    /// The root lies inside a git directory.
    InsideGitDir,
    /// There is no `git` to ask.
    NoGit,
    /// Owned by someone else.
    Refused,
    /// Broken, too slow, or not where it claims to be.
    Broken,
}

/// A commit as its author wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawCommit {
    /// Object id in hex.
    pub id: String,
    /// More than one in a merge, none in a first commit.
    pub parents: Vec<String>,
    /// `Name <address>`
    pub author: String,
    pub subject: String,
    /// At most [`crate::limits::MAX_COMMIT_BODY`] characters.
    pub body: String,
    /// The paths that it touched below the root, at most
    /// [`crate::limits::MAX_COMMIT_PATHS`]; empty for a merge.
    pub paths: Vec<RelPath>,
    /// Those of `paths` that its parent does not have.
    pub added: Vec<RelPath>,
}

/// Finds the repository that `root` lies in. Two processes.
///
/// `config_home` is the user's configuration folder (`~/.config`): the global
/// excludes lie there unless `core.excludesFile` says otherwise.
pub fn open(root: &Path, config_home: Option<&Path>) -> Result<Repository, Unavailable> {
    let questions = [
        "rev-parse",
        "--is-bare-repository",
        "--is-inside-git-dir",
        "--show-toplevel",
        "--absolute-git-dir",
        "--git-common-dir",
        "--show-prefix",
    ];
    // Two processes beside each other: whoever runs a command waits for them.
    let (answer, settings) = std::thread::scope(|scope| {
        let settings = scope.spawn(|| settings(root));
        (process::run(root, &questions, &[], Vec::new()), settings.join().ok().flatten())
    });
    let answer = answer.map_err(|why| failed(&why))?;
    if !answer.ok {
        return Err(refusal(root, &answer));
    }
    let text = String::from_utf8(answer.stdout).map_err(|_| Unavailable {
        kind: Why::Broken,
        warning: "git: the path of this work tree is not UTF-8: no facts from it".into(),
    })?;
    let lines: Vec<&str> = text.split('\n').collect();
    let [_, _, top, git_dir, common_dir, prefix, ""] = lines[..] else {
        return Err(odd_place());
    };
    let (top, git_dir) = (PathBuf::from(top), PathBuf::from(git_dir));
    let common_dir = canonical(&root.join(common_dir)).unwrap_or_else(|| git_dir.clone());
    let work_tree = settings.as_ref().and_then(|all| all.get("core.worktree"));
    if !belongs_together(&top, &git_dir, &common_dir, work_tree) {
        return Err(odd_place());
    }
    if leads_out(&git_dir, &common_dir) {
        return Err(linked_out());
    }
    let global = match settings.as_ref().and_then(|all| all.get("core.excludesfile")) {
        Some(path) => Some(top.join(path)),
        None => config_home.map(|folder| folder.join("git/ignore")),
    };
    let is_true = |key: &str| {
        let value = settings.as_ref().and_then(|settings| settings.get(key));
        value.is_some_and(|value| !matches!(value.as_str(), "false" | "no" | "off" | "0"))
    };
    let mut exclude_files = Vec::new();
    for file in [Some(common_dir.join("info/exclude")), global].into_iter().flatten() {
        // Whoever keeps settings in a repository of their own has links to them,
        // which git follows. Both the link and what it leads to may change.
        let linked = Some(&file).filter(|path| path.is_symlink()).and_then(|path| canonical(path));
        exclude_files.extend([file].into_iter().chain(linked));
    }
    Ok(Repository {
        root: root.to_path_buf(),
        prefix: prefix.to_string(),
        main_worktree: main_worktree(&git_dir, &common_dir).filter(|_| !is_true("core.bare")),
        exclude_files,
        ignore_case: is_true("core.ignorecase"),
        shallow: common_dir.join("shallow").is_file(),
        oid: match settings.as_ref().and_then(|all| all.get("extensions.objectformat")) {
            Some(format) if format != "sha1" => 32,
            _ => 20,
        },
        index: None,
        filters_off: settings.as_ref().map(filters_off),
        top,
        git_dir,
        common_dir,
    })
}

impl Repository {
    /// Reads the index. Needs no process, except one if its file is of a rare
    /// kind.
    pub fn tracked(&self) -> Result<Index, Unavailable> {
        match self.read_index() {
            Ok(index) => return Ok(index),
            Err(IndexError::TooLarge) => return Err(too_large()),
            Err(IndexError::ForGit) => {}
        }
        let answer = self.run(&["ls-files", "-s", "-z"], Vec::new())?;
        if !answer.ok {
            return Err(broken("the index cannot be read", &answer));
        }
        parse_index(&answer.stdout).map_err(|_| too_large())
    }

    /// The path in the index that brings along this folder of the root, or
    /// something in it: a file, or a submodule in its place or around it.
    /// `in_main` asks the main work tree about its folder of that name.
    pub fn brings(&self, folder: &str, in_main: bool) -> Result<Option<String>, Unavailable> {
        let path = format!("{}{folder}", self.prefix);
        let ignore_case = self.ignore_case;
        let is_around = |name: &[u8]| {
            let same = |a: &[u8], b: &[u8]| if ignore_case { a.eq_ignore_ascii_case(b) } else { a == b };
            let (name, path) = (name, path.as_bytes());
            let (short, long) = if name.len() < path.len() { (name, path) } else { (path, name) };
            same(short, &long[..short.len()]) && long.get(short.len()).is_none_or(|next| *next == b'/')
        };
        let (root, index) = match (in_main, &self.main_worktree) {
            (true, Some(main)) => (main, self.common_dir.join("index")),
            _ => (&self.top, self.git_dir.join("index")),
        };
        let found = match confined::read(&index, limits::MAX_INDEX) {
            Ok(bytes) => index::find(&bytes, self.oid, &is_around),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(_) => Err(IndexError::ForGit),
        };
        let found = match found {
            Ok(found) => found,
            Err(IndexError::TooLarge) => return Err(too_large()),
            Err(IndexError::ForGit) => {
                let filters_off = self.filters_off.as_deref().unwrap_or_default();
                let answer = process::run(root, &["ls-files", "-z"], filters_off, Vec::new());
                let answer = answer.map_err(|why| failed(&why))?;
                if !answer.ok {
                    return Err(broken("the index cannot be read", &answer));
                }
                answer.stdout.split(|byte| *byte == 0).find(|name| is_around(name)).map(<[u8]>::to_vec)
            }
        };
        Ok(found.map(|name| String::from_utf8_lossy(&name).into_owned()))
    }

    /// Reads it from the index file.
    fn read_index(&self) -> Result<Index, IndexError> {
        let path = self.index.clone().unwrap_or_else(|| self.git_dir.join("index"));
        // Before it is read: one that is replaced meanwhile is younger.
        let written = confined::stamp_at(&path).ok_or(IndexError::ForGit)?;
        let bytes = confined::read(&path, limits::MAX_INDEX).map_err(|_| IndexError::ForGit)?;
        index::read(&bytes, &written, &self.prefix, self.oid)
    }

    /// The id of the commit that a name stands for: a branch, a tag, an id, `HEAD~2`.
    /// `None` where there is none. One process.
    pub fn commit(&self, name: &str) -> Result<Option<String>, Unavailable> {
        let commit = format!("{name}^{{commit}}");
        let answer =
            self.run(&["rev-parse", "--verify", "--quiet", "--end-of-options", &commit], Vec::new())?;
        let id = String::from_utf8_lossy(answer.stdout.trim_ascii()).into_owned();
        Ok(Some(id).filter(|id| answer.ok && head::is_oid(id)))
    }

    /// Files that git tracks against the head commit, sorted by path: all of
    /// them, or those named where nothing is staged. What is untracked is for
    /// whoever has walked the tree. One process.
    ///
    /// A file that was touched but has its old content is no change. No filter
    /// runs, so a file under one (large file storage) that was touched counts
    /// as modified.
    pub fn tracked_changes(&self, of: Option<&[RelPath]>) -> Result<Vec<Change>, Unavailable> {
        if self.filters_off.is_none() {
            return Err(Unavailable {
                kind: Why::Broken,
                warning: "git: the configuration cannot be read, changes are not shown".into(),
            });
        }
        // Taken literally, and below the root: see `process`.
        let paths = of.map_or(vec!["."], |paths| paths.iter().map(RelPath::as_str).collect());
        let status = |renames: &str| {
            let options =
                ["--untracked-files=no", "--ignore-submodules=all", "--no-ahead-behind", renames, "--"];
            self.run(&[&["status", "--porcelain=v2", "-z"], &options[..], &paths].concat(), Vec::new())
        };
        let mut answer = status("--find-renames")?;
        if !answer.ok {
            // Telling renames takes contents, which a partial clone may lack.
            answer = status("--no-renames")?;
        }
        if !answer.ok {
            return Err(broken("changes cannot be told", &answer));
        }
        Ok(parse_status(&answer.stdout, &self.prefix))
    }

    /// Whether a commit would hold just what the head commit holds. A quick
    /// process, where the index knows its tree, and else none: then it counts
    /// as another one.
    pub fn is_as_committed(&self, index: &Index) -> bool {
        let Some(tree) = &index.tree else { return false };
        let answer = self.run(&["rev-parse", "--verify", "--quiet", "HEAD^{tree}"], Vec::new());
        let hex: String = tree.iter().map(|byte| format!("{byte:02x}")).collect();
        answer.is_ok_and(|answer| answer.ok && answer.stdout.trim_ascii() == hex.as_bytes())
    }

    /// Up to `max` commits from `commit` on, without merges, that touched the
    /// root, newest first. One process.
    pub fn history(&self, commit: &str, max: usize) -> Result<Vec<RawCommit>, Unavailable> {
        self.objects().log(commit, max, false)
    }

    /// The first commit of the repository, of several the one with the least id;
    /// `None` before the first, and in a clone without it.
    pub fn root_commit(&self) -> Result<Option<String>, Unavailable> {
        if self.common_dir.join("shallow").exists() {
            return Ok(None);
        }
        let answer = self.run(&["rev-list", "--max-parents=0", "HEAD"], Vec::new())?;
        let text = String::from_utf8_lossy(&answer.stdout).into_owned();
        Ok(text.lines().filter(|id| head::is_oid(id)).min().map(str::to_string))
    }

    /// Access to the commits, whatever is checked out.
    pub fn objects(&self) -> Objects {
        Objects::below(&self.root, &self.prefix)
    }

    /// The contents of files in the head commit, in the order of `paths`.
    /// `None` for what is no file there, has a line feed in its name, or is
    /// larger than `max_size` bytes. One process.
    pub fn contents_at_head(
        &self,
        paths: &[RelPath],
        max_size: u64,
    ) -> Result<Vec<Option<Vec<u8>>>, Unavailable> {
        let can_be_asked: Vec<bool> = paths.iter().map(|path| !path.as_str().contains('\n')).collect();
        let asked = paths.iter().zip(&can_be_asked).filter(|(_, can)| **can);
        let questions: String = asked.map(|(path, _)| format!("HEAD:./{path}\n")).collect();
        let answer = self.run(&["cat-file", "--batch"], questions.into_bytes())?;
        let mut contents = parse_contents(&answer.stdout, max_size).into_iter();
        let next = |can: bool| if can { contents.next().flatten() } else { None };
        Ok(can_be_asked.into_iter().map(next).collect())
    }

    /// Whether any commit that is reachable, or the index, has or had a file of
    /// this path below the root; an error where that cannot be told.
    pub fn ever_held(&self, path: &RelPath) -> Result<bool, Unavailable> {
        if self.tracked()?.files.contains(path) {
            return Ok(true);
        }
        let log =
            ["log", "--all", "--max-count=1", "--format=%H", "--no-show-signature", "--", path.as_str()];
        let answer = self.run(&log, Vec::new())?;
        match answer.ok || !answer.stdout.is_empty() {
            true => Ok(!answer.stdout.is_empty()),
            false => Err(broken("it cannot be told what was committed", &answer)),
        }
    }

    /// A ref whose commit has a file of this path below the root, if any: of all
    /// branches and tags, what was checked out before, and what `git stash` put
    /// away untracked. Two processes.
    pub fn ref_with(&self, path: &RelPath) -> Option<String> {
        let listed = self.run(&["for-each-ref", "--count=20000", "--format=%(refname)"], Vec::new()).ok()?;
        let listed = String::from_utf8(listed.stdout).ok()?;
        let names: Vec<&str> = ["HEAD", "@{-1}", "refs/stash^3"].into_iter().chain(listed.lines()).collect();
        let questions: String = names.iter().map(|name| format!("{name}:./{path}\n")).collect();
        let answer = self.run(&["cat-file", "--batch-check=%(objecttype)"], questions.into_bytes()).ok()?;
        let answer = String::from_utf8_lossy(&answer.stdout);
        let found = answer.lines().position(|line| line == "blob");
        found.and_then(|at| names.get(at)).map(|name| name.to_string())
    }

    fn run(&self, arguments: &[&str], input: Vec<u8>) -> Result<GitOutput, Unavailable> {
        let filters_off = self.filters_off.as_deref().unwrap_or_default();
        let index = self.index.as_deref();
        process::run_on_index(&self.root, arguments, filters_off, input, index).map_err(|why| failed(&why))
    }
}

/// What `ls-files -s -z` prints.
fn parse_index(output: &[u8]) -> Result<Index, IndexError> {
    let (mut files, mut submodules) = (Vec::new(), Vec::new());
    let mut bound = index::ReadBudget::default();
    for entry in nul_separated(output) {
        let Some((facts, path)) = entry.split_once('\t') else { continue };
        let Some(path) = RelPath::new(path) else { continue };
        bound.takes(path.as_str())?;
        match facts.starts_with("160000 ") {
            true => submodules.push(path),
            false => files.push(path),
        }
    }
    Ok(Index::of(files, submodules))
}

/// Entries that are UTF-8.
fn nul_separated(output: &[u8]) -> impl Iterator<Item = &str> {
    output.split(|&byte| byte == 0).filter_map(|entry| std::str::from_utf8(entry).ok())
}

fn parse_contents(mut output: &[u8], max_size: u64) -> Vec<Option<Vec<u8>>> {
    let mut contents = Vec::new();
    while let Some(end) = output.iter().position(|&byte| byte == b'\n') {
        let header = String::from_utf8_lossy(&output[..end]).into_owned();
        output = &output[end + 1..];
        // `<oid> <type> <size>`, or `<question> missing`; a question may hold
        // spaces, but none starts with an object id.
        let fields: Vec<&str> = header.split(' ').collect();
        let [oid, kind, size] = fields[..] else {
            contents.push(None);
            continue;
        };
        let size = size.parse::<usize>().ok().filter(|_| head::is_oid(oid));
        let Some(size) = size else {
            contents.push(None);
            continue;
        };
        let Some(content) = output.get(..size) else {
            break;
        };
        let wanted = kind == "blob" && size as u64 <= max_size;
        contents.push(wanted.then(|| content.to_vec()));
        output = output.get(size + 1..).unwrap_or_default();
    }
    contents
}

/// The settings that matter here, by lower-case key, the last value of each.
/// `None` when git cannot print them.
fn settings(root: &Path) -> Option<BTreeMap<String, String>> {
    let keys = "^(filter\\..*|core\\.(excludesfile|ignorecase|bare|worktree)|extensions\\.objectformat)$";
    let arguments = ["config", "-z", "--type=path", "--get-regexp", keys];
    let answer = process::run(root, &arguments, &[], Vec::new()).ok()?;
    // 1 means that none is set.
    if !answer.ok && answer.code != Some(1) {
        return None;
    }
    let text = String::from_utf8(answer.stdout).ok()?;
    let entries = text.split('\0').filter(|entry| !entry.is_empty());
    let pairs = entries.map(|entry| entry.split_once('\n').unwrap_or((entry, "")));
    Some(pairs.map(|(key, value)| (key.to_string(), value.to_string())).collect())
}

/// An empty command is no command.
fn filters_off(settings: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let off = settings.keys().filter(|key| key.starts_with("filter."));
    off.map(|key| {
        let value = if key.ends_with(".required") { "false" } else { "" };
        (key.clone(), value.to_string())
    })
    .collect()
}

fn failed(why: &Failure) -> Unavailable {
    let (kind, warning) = match why {
        Failure::Missing => (
            Why::NoGit,
            "git is not installed: no history, head or changes\nhint: install git, or go on without".into(),
        ),
        Failure::Stopped => {
            let warning = "git did not answer and was stopped: no facts from it\n\
                           hint: `git status` shows whether it hangs, as over a pipe in the place of a file";
            (Why::Broken, warning.into())
        }
        Failure::Io(error) => (Why::Broken, format!("git cannot be run: {error}")),
    };
    Unavailable { kind, warning }
}

/// Tells the refusals apart that `rev-parse` ends with.
fn refusal(root: &Path, answer: &GitOutput) -> Unavailable {
    let facts = String::from_utf8_lossy(&answer.stdout);
    let mut facts = facts.lines();
    let (is_bare, is_inside) = (facts.next(), facts.next());
    let says = |words: &str| answer.stderr.contains(words);
    let (kind, warning) = if is_inside == Some("true") && is_bare == Some("false") {
        (Why::InsideGitDir, "the root lies inside a git directory".to_string())
    } else if is_bare == Some("true") || says("bare repository") {
        (Why::Bare, "a bare repository has no files to work with".to_string())
    } else if says("dubious ownership") {
        let root = root.display();
        let warning = format!(
            "git refuses this repository because someone else owns it: no history, head or changes\n\
             hint: if you trust it, `git config --global --add safe.directory {root}`"
        );
        (Why::Refused, warning)
    } else if says("not a git repository (or any") {
        (Why::NoRepository, "not in a git repository".to_string())
    } else {
        return broken("the repository cannot be read", answer);
    };
    Unavailable { kind, warning }
}

/// git's own words are not passed on: they quote what it could not read, which
/// a link may have led it to.
fn broken(what: &str, answer: &GitOutput) -> Unavailable {
    let code = answer.code.map_or("was stopped".to_string(), |code| format!("ended with {code}"));
    Unavailable { kind: Why::Broken, warning: format!("git: {what}: it {code}\nhint: `git fsck` tells more") }
}

fn too_large() -> Unavailable {
    let warning = "git: the index holds more names than fit into memory: no facts from it\n\
                   hint: `git read-tree HEAD` makes it anew; what was staged stays in the files";
    Unavailable { kind: Why::Broken, warning: warning.into() }
}

fn odd_place() -> Unavailable {
    let warning = "git: `.git` names a repository that does not name this work tree: no facts from it\n\
                   hint: if it is the right one, `git config core.worktree` in it to this folder";
    Unavailable { kind: Why::Broken, warning: warning.into() }
}

fn linked_out() -> Unavailable {
    let warning = "git: a link in `.git` leads to another repository: no facts from it";
    Unavailable { kind: Why::Broken, warning: warning.into() }
}

#[cfg(test)]
mod tests;
