//! The index as a tree to read: the work tree, but for the files of which the
//! index has another version, and without those that it lacks.
//!
//! So a handoff of what will be committed costs little more than one of the work
//! tree, whatever else lies there.
//!
//! Not here: putting anything into the index (`git`).

use std::collections::BTreeSet;
use std::path::Path;

use super::{PipelineError, Result};
use crate::git::Repository;
use crate::model::RelPath;
use crate::project::{FOLDER, Project, Staged};
use crate::walk::{self, WalkOutcome, WalkRules, WalkedFile};

/// Writes out what the work tree has not as it is staged, below `scratch`.
pub fn staged(repository: &Repository, project: &Project, scratch: &Path) -> Result<Staged> {
    let index = repository.tracked()?;
    let is_other = |(at, path): &(usize, &RelPath)| {
        let stamp = walk::stamp_at(&project.root.join(path.as_str()));
        is_ours(path) || !stamp.is_some_and(|stamp| index.is_unchanged(*at, &stamp))
    };
    let over: BTreeSet<RelPath> =
        index.files.iter().enumerate().filter(is_other).map(|(_, path)| path.clone()).collect();
    let folder = repository.write_staged(over.iter(), scratch)?;
    Ok(Staged { folder, over, files: index.files.clone() })
}

/// Whether what is staged is all that there is.
pub fn is_all(staged: &Staged, project: &Project) -> bool {
    staged.over.iter().all(|path| {
        let read = |root: &Path| std::fs::read(root.join(path.as_str())).ok();
        is_ours(path) || read(&staged.folder) == read(&project.root)
    })
}

fn is_ours(path: &RelPath) -> bool {
    path.as_str().strip_prefix(FOLDER).is_some_and(|rest| rest.starts_with('/'))
}

/// Makes of a walk of the work tree one of the index.
pub(super) fn retain(staged: &Staged, root: &walk::Root, walked: &mut WalkOutcome, rules: &WalkRules) {
    walked.files.retain(|file| staged.files.binary_search(&file.path).is_ok());
    let stamp = |path: &RelPath| walk::stamp_at(&staged.folder.join(path.as_str()));
    for file in walked.files.iter_mut().filter(|file| staged.over.contains(&file.path)) {
        if let Some(stamp) = stamp(&file.path) {
            file.stamp = stamp;
        }
    }
    let is_walked = |path: &RelPath| walked.files.binary_search_by(|file| file.path.cmp(path)).is_ok();
    let missing: Vec<&RelPath> =
        staged.over.iter().filter(|path| !is_ours(path) && !is_walked(path)).collect();
    let own = staged.files.iter().filter(|path| walk::is_own_ignore_file(path));
    let own: Vec<(&RelPath, Vec<u8>)> = own.filter_map(|path| Some((path, text_of(root, path)?))).collect();
    let chosen = walk::chosen(&missing, &own, rules);
    let added = missing.into_iter().zip(chosen).filter(|(_, is_chosen)| *is_chosen);
    let is_file = |path: &RelPath| {
        staged.folder.join(path.as_str()).symlink_metadata().is_ok_and(|file| file.is_file())
    };
    let added = added.filter(|(path, _)| is_file(path));
    walked
        .files
        .extend(added.filter_map(|(path, _)| Some(WalkedFile { stamp: stamp(path)?, path: path.clone() })));
    walked.files.sort_by(|a, b| a.path.cmp(&b.path));
}

fn text_of(root: &walk::Root, path: &RelPath) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut root.file(path.as_str().as_bytes()).ok()?, &mut bytes).ok()?;
    Some(bytes)
}

/// The folder below which everything is read.
pub(super) fn root_of(project: &Project) -> Result<walk::Root> {
    let open = |path: &Path| {
        walk::Root::open(path)
            .map_err(|source| PipelineError::Root { root: path.display().to_string(), source })
    };
    let root = open(&project.root)?;
    Ok(match project.staged.as_ref().filter(|staged| !staged.over.is_empty()) {
        Some(staged) => {
            let files = staged.over.iter().map(|path| path.as_str().as_bytes().to_vec());
            root.with_files_of(open(&staged.folder)?, files.collect())
        }
        None => root,
    })
}
