//! What the file system said of everything when it was last looked at, so that
//! a rescan costs one stat a file and reads nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::model::{RelPath, Stamp};
use crate::pipeline::{RACY_NS, stamp_at};

/// Stamps by path.
#[derive(Default)]
pub struct Seen {
    files: Vec<(PathBuf, Option<Stamp>)>,
    /// Something had just changed: it may change again without a new stamp.
    is_young: bool,
}

/// What a rescan found.
pub struct Moved {
    /// What is not as it was.
    pub paths: Vec<PathBuf>,
    /// Stamps alone cannot tell yet.
    pub is_unsure: bool,
}

impl Seen {
    /// `files` with their stamps, as they were read. Of `others` (folders, files
    /// that decide what is read, our output) the stamps are taken now. `began` is when the look at all of them began, in
    /// nanoseconds since 1970.
    pub fn new(root: &Path, files: &[(RelPath, Stamp)], others: Vec<PathBuf>, began: i64) -> Self {
        let now = |path: PathBuf| {
            let stamp = stamp_at(&path);
            (path, stamp)
        };
        let read = files.iter().map(|(path, stamp)| (root.join(path.as_str()), Some(*stamp)));
        let files: Vec<_> = read.chain(others.into_iter().map(now)).collect();
        // A clock that is ahead must not make everything young for ever.
        let young = began - RACY_NS..=began + RACY_NS;
        let is_young = files
            .iter()
            .filter_map(|(_, stamp)| stamp.as_ref())
            .any(|stamp| young.contains(&stamp.mtime_ns.max(stamp.ctime_ns)));
        Self { files, is_young }
    }

    pub fn moved(&self) -> Moved {
        let moved = self.files.iter().filter(|(path, stamp)| *stamp != stamp_at(path));
        Moved { paths: moved.map(|(path, _)| path.clone()).collect(), is_unsure: self.is_young }
    }
}

/// Record files with their stamps.
pub fn records(folder: &Path) -> BTreeMap<PathBuf, Option<Stamp>> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let files = entries.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    let stamped = files.map(|path| {
        let stamp = stamp_at(&path);
        (path, stamp)
    });
    stamped.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_came_or_went_is_told_and_what_just_changed_is_unsure() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        ["same", "edited", "gone"].iter().for_each(|name| std::fs::write(root.join(name), "1").unwrap());
        let files: Vec<_> = ["edited", "gone", "same"]
            .map(|name| (RelPath::new(name).unwrap(), stamp_at(&root.join(name)).unwrap()))
            .into();
        let began = files[2].1.mtime_ns;
        let later = began + 2 * RACY_NS;
        let others = || vec![root.join("new")];
        let seen = Seen::new(root, &files, others(), later);
        assert!(seen.moved().paths.is_empty() && !seen.moved().is_unsure);
        assert!(Seen::new(root, &files, others(), began).moved().is_unsure);
        std::fs::write(root.join("edited"), "12").unwrap();
        std::fs::remove_file(root.join("gone")).unwrap();
        std::fs::write(root.join("new"), "1").unwrap();
        let names = ["edited", "gone", "new"].map(|name| root.join(name));
        assert_eq!(seen.moved().paths, names);
    }
}
