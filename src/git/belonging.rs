//! Whether a git directory is the one of a work tree, and all of it lies where it
//! claims to be.
//!
//! Not here: what the repository holds.

use std::path::{Path, PathBuf};

use super::head;

/// Whether a work tree and a git directory know each other. Each can name
/// anything: `core.worktree` a folder to read, `.git` and `commondir` a
/// repository elsewhere, whose history would be told as this one's.
pub(super) fn belongs_together(
    top: &Path,
    git_dir: &Path,
    common_dir: &Path,
    work_tree: Option<&String>,
) -> bool {
    let dot_git = top.join(".git");
    let named = match dot_git.is_dir() {
        true => canonical(&dot_git),
        false => named_by(&dot_git, "gitdir: "),
    };
    let (Some(top), Some(git_dir), Some(common)) =
        (canonical(top), canonical(git_dir), canonical(common_dir))
    else {
        return false;
    };
    if named.as_ref() != Some(&git_dir) {
        return false;
    }
    if common != git_dir {
        // A linked work tree, made by the repository that it is linked to.
        let made_by = git_dir.parent().filter(|folder| folder.ends_with("worktrees"));
        return made_by.and_then(Path::parent) == Some(&common)
            && named_by(&git_dir.join("gitdir"), "") == canonical(&dot_git);
    }
    let work_tree = work_tree.and_then(|path| canonical(&git_dir.join(path)));
    git_dir.starts_with(&top) || work_tree == Some(top)
}

/// The path that a file of git's holds after `prefix`.
fn named_by(file: &Path, prefix: &str) -> Option<PathBuf> {
    let text = head::small_file(file)?;
    canonical(&file.parent()?.join(text.strip_prefix(prefix)?.trim_end()))
}

/// Whether a link makes refs or objects of another repository look like this
/// one's. Objects that are borrowed openly (`objects/info/alternates`, as
/// `git clone --shared` does) are git's business.
pub(super) fn leads_out(git_dir: &Path, common_dir: &Path) -> bool {
    let head = head::ref_of_head(git_dir);
    let common = ["packed-refs", "refs", "refs/heads", "objects", "objects/pack"].into_iter();
    let common = common.chain(head.as_deref()).map(|name| (common_dir, name));
    let outside = |(folder, name): (&Path, &str)| {
        let place = canonical(&folder.join(name));
        place.zip(canonical(folder)).is_some_and(|(place, folder)| !place.starts_with(folder))
    };
    let borrows = |name: &str| {
        let entries = std::fs::read_dir(common_dir.join(name)).into_iter().flatten().flatten();
        entries.into_iter().any(|entry| entry.file_type().is_ok_and(|kind| kind.is_symlink()))
    };
    common.chain([(git_dir, "HEAD")]).any(outside) || borrows("objects") || borrows("objects/pack")
}

/// A path without links; `None` where nothing is there.
pub(super) fn canonical(path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok()
}

/// The work tree that a linked one was made from.
pub(super) fn main_worktree(git_dir: &Path, common_dir: &Path) -> Option<PathBuf> {
    let is_linked = canonical(git_dir)? != canonical(common_dir)?;
    let named = common_dir.file_name()? == ".git";
    (is_linked && named).then(|| common_dir.parent().map(Path::to_path_buf))?
}
