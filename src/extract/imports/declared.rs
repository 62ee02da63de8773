//! Which file declares a name in a package: for the languages whose imports
//! name packages and types instead of files.
//!
//! Not here: which packages a file sees (each strategy).

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use super::FileTree;

/// Files that may share one name and still be meant: the parts of a partial
/// class, the overloads of a function, the platforms of a declaration.
const MOST: usize = 3;

/// Names by package, with the files that declare them.
#[derive(Default)]
pub(super) struct Declared<'t> {
    packages: HashMap<String, BTreeMap<&'t str, Vec<u32>>>,
}

impl<'t> Declared<'t> {
    /// `file` declares `name` in `package`.
    pub(super) fn add(&mut self, package: &str, name: &'t str, file: u32) {
        if !self.packages.contains_key(package) {
            self.packages.insert(package.to_string(), BTreeMap::new());
        }
        let Some(names) = self.packages.get_mut(package) else { return };
        let files = names.entry(name).or_default();
        if files.last() != Some(&file) {
            files.push(file);
        }
    }

    pub(super) fn has_package(&self, package: &str) -> bool {
        self.packages.contains_key(package)
    }

    /// The files that declare `name` in `package`: all while they are few,
    /// else those nearest to the importing one; none when these are many too.
    pub(super) fn files(&self, tree: &FileTree<'_>, package: &str, name: &str, from: u32) -> Vec<u32> {
        let Some(files) = self.packages.get(package).and_then(|names| names.get(name)) else {
            return Vec::new();
        };
        let mut files = files.clone();
        if files.len() > MOST {
            let near = |file: &u32| nearness(tree.file(*file).path.as_str(), tree.file(from).path.as_str());
            let nearest = files.iter().map(near).max().unwrap_or(0);
            files.retain(|file| near(file) == nearest);
        }
        if files.len() > MOST {
            files.clear();
        }
        files
    }

    /// The files of `package` that declare what the importing file mentions.
    pub(super) fn mentioned(&self, tree: &FileTree<'_>, package: &str, from: u32, out: &mut Vec<u32>) {
        if !self.has_package(package) {
            return;
        }
        for (name, _) in &tree.file(from).outline.references {
            out.extend(self.files(tree, package, name.as_str(), from));
        }
    }
}

/// The one of `files` that shares most folders with the importing one.
pub(super) fn nearest(tree: &FileTree<'_>, from: u32, files: Vec<u32>) -> Option<u32> {
    let key = |file: &u32| {
        let path = tree.file(*file).path.as_str();
        (Reverse(nearness(path, tree.file(from).path.as_str())), path.len(), *file)
    };
    files.into_iter().min_by_key(key)
}

/// Folders that two paths share from the root.
fn nearness(a: &str, b: &str) -> usize {
    a.split('/').zip(b.split('/')).take_while(|(a, b)| a == b).count()
}
