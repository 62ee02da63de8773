//! What the file system said of everything when it was last looked at, so that
//! a rescan costs one stat a file and reads nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::limits::RACY_NS;
use crate::model::{RelPath, Stamp};
use crate::pipeline::stamp_at;

/// Stamps by path.
#[derive(Default)]
pub struct StampTable {
    root: PathBuf,
    /// Sorted by path.
    files: Vec<(RelPath, Stamp)>,
    others: BTreeMap<PathBuf, Option<Stamp>>,
    /// Something had just changed: it may change again without a new stamp.
    is_young: bool,
}

/// What a rescan found.
pub struct ScanResult {
    /// What is not as it was.
    pub paths: Vec<PathBuf>,
    /// Stamps alone cannot tell yet.
    pub is_unsure: bool,
}

impl StampTable {
    /// `files` with their stamps, as they were read. Of `others` (folders, files
    /// that decide what is read, our output) the stamps are taken now. `began`
    /// is when the look at all of them began, in nanoseconds since 1970.
    pub fn new(root: &Path, files: Vec<(RelPath, Stamp)>, others: Vec<PathBuf>, began: i64) -> Self {
        let others = others.into_iter().map(with_stamp).collect();
        let mut seen = Self { root: root.to_path_buf(), files, others, is_young: false };
        let stamps = seen.files.iter().map(|(_, stamp)| stamp).chain(seen.others.values().flatten());
        seen.is_young = stamps.into_iter().any(|stamp| is_young(stamp, began));
        seen
    }

    /// After a look at some of them.
    pub fn renew(&mut self, files: Vec<(RelPath, Stamp)>, others: Vec<PathBuf>, began: i64) {
        self.is_young = files.iter().any(|(_, stamp)| is_young(stamp, began));
        for (path, stamp) in files {
            if let Ok(at) = self.files.binary_search_by(|(known, _)| known.cmp(&path)) {
                self.files[at].1 = stamp;
            }
        }
        self.others.extend(others.into_iter().map(with_stamp));
    }

    /// What differs from the last look, at the cost of one `stat` a path.
    pub fn moved(&self) -> ScanResult {
        let files = self.files.iter().map(|(path, stamp)| (self.root.join(path.as_str()), Some(*stamp)));
        let others = self.others.iter().map(|(path, stamp)| (path.clone(), *stamp));
        let moved = files.chain(others).filter(|(path, stamp)| *stamp != stamp_at(path));
        ScanResult { paths: moved.map(|(path, _)| path).collect(), is_unsure: self.is_young }
    }
}

/// A clock that is ahead must not make everything young for ever.
fn is_young(stamp: &Stamp, began: i64) -> bool {
    (began - RACY_NS..=began + RACY_NS).contains(&stamp.mtime_ns.max(stamp.ctime_ns))
}

fn with_stamp(path: PathBuf) -> (PathBuf, Option<Stamp>) {
    let stamp = stamp_at(&path);
    (path, stamp)
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
        let seen = StampTable::new(root, files.clone(), others(), later);
        assert!(seen.moved().paths.is_empty() && !seen.moved().is_unsure);
        assert!(StampTable::new(root, files.clone(), others(), began).moved().is_unsure);
        std::fs::write(root.join("edited"), "12").unwrap();
        std::fs::remove_file(root.join("gone")).unwrap();
        std::fs::write(root.join("new"), "1").unwrap();
        let names = ["edited", "gone", "new"].map(|name| root.join(name));
        assert_eq!(seen.moved().paths, names);
        let mut seen = seen;
        let edited = RelPath::new("edited").unwrap();
        let stamp = stamp_at(&names[0]).unwrap();
        seen.renew(vec![(edited, stamp)], vec![names[2].clone()], stamp.mtime_ns);
        assert_eq!(seen.moved().paths, names[1..2]);
        assert!(seen.moved().is_unsure);
    }
}
