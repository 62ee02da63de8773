//! Imports of the JVM's languages: a file belongs to the package that it
//! names, and declares types (in Kotlin and Scala functions too) of it. They
//! import each other, so they share this strategy.
//!
//! Not here: class paths. Of several files with one name the nearest counts.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use super::FileTree;

pub(super) fn resolve(tree: &FileTree<'_>, files: &[u32], edges: &mut [Vec<u32>]) {
    let packages = Packages::new(tree, files);
    for &file in files {
        let outline = tree.file(file).outline;
        let used: HashSet<&str> = outline.references.iter().map(|(name, _)| name.as_str()).collect();
        for import in &outline.imports {
            for name in &import.names {
                match name.as_str() {
                    "*" | "_" => packages.all(file, import.module.as_str(), &used, &mut edges[file as usize]),
                    name => edges[file as usize].extend(packages.one(file, import.module.as_str(), name)),
                }
            }
            if import.names.is_empty()
                && let Some((module, name)) = import.module.as_str().rsplit_once('.')
            {
                edges[file as usize].extend(packages.one(file, module, name));
            }
        }
    }
}

struct Packages<'t> {
    tree: &'t FileTree<'t>,
    /// Files by package and by the names that they declare or are called.
    declared: HashMap<&'t str, HashMap<&'t str, Vec<u32>>>,
    /// Files of which only the path is known, by their names.
    unread: HashMap<&'t str, Vec<u32>>,
}

impl<'t> Packages<'t> {
    fn new(tree: &'t FileTree<'t>, files: &[u32]) -> Self {
        let mut declared: HashMap<&str, HashMap<&str, Vec<u32>>> = HashMap::new();
        let mut unread: HashMap<&str, Vec<u32>> = HashMap::new();
        for &file in files {
            let source = tree.file(file);
            if source.outline.symbols.is_empty() {
                unread.entry(source.path.stem()).or_default().push(file);
                continue;
            }
            let names = declared.entry(source.outline.package.as_str()).or_default();
            for symbol in source.outline.symbols.iter().filter(|symbol| symbol.parent.is_none()) {
                let files = names.entry(symbol.name.as_str()).or_default();
                if files.last() != Some(&file) {
                    files.push(file);
                }
            }
        }
        Self { tree, declared, unread }
    }

    /// The file that declares `name` in the package `module`, or `module`
    /// itself where that is a type with a member `name`.
    fn one(&self, from: u32, module: &str, name: &str) -> Option<u32> {
        let (mut package, mut name) = (module, name);
        loop {
            let found = self.declared.get(package).and_then(|names| names.get(name));
            if let Some(file) = self.nearest(from, found.into_iter().flatten().copied()) {
                return Some(file);
            }
            if let Some(file) = self.unread(from, package, name) {
                return Some(file);
            }
            (package, name) = package.rsplit_once('.')?;
        }
    }

    /// The files of a package that declare what is used; of a type, its file.
    fn all(&self, from: u32, module: &str, used: &HashSet<&str>, out: &mut Vec<u32>) {
        let Some(names) = self.declared.get(module) else {
            if let Some((package, name)) = module.rsplit_once('.') {
                out.extend(self.one(from, package, name));
            }
            return;
        };
        let used = names.iter().filter(|(name, _)| used.contains(*name));
        out.extend(used.filter_map(|(_, files)| self.nearest(from, files.iter().copied())));
    }

    fn unread(&self, from: u32, package: &str, name: &str) -> Option<u32> {
        let folder = package.replace('.', "/");
        let candidates = self.unread.get(name)?.iter().copied();
        self.nearest(
            from,
            candidates.filter(|&file| {
                let parent = self.tree.file(file).path.parent();
                parent
                    .strip_suffix(folder.as_str())
                    .is_some_and(|root| root.is_empty() || root.ends_with('/'))
            }),
        )
    }

    /// The one that shares most folders with the importing file.
    fn nearest(&self, from: u32, candidates: impl Iterator<Item = u32>) -> Option<u32> {
        let here = self.tree.file(from).path.as_str();
        candidates.min_by_key(|&file| {
            let path = self.tree.file(file).path.as_str();
            let shared = here.split('/').zip(path.split('/')).take_while(|(a, b)| a == b).count();
            (Reverse(shared), path.len(), file)
        })
    }
}
