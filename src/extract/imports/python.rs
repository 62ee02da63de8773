//! Python's imports: relative ones from the file's folder, absolute ones from
//! every folder that could be on `sys.path`.
//!
//! Not here: what a package re-exports. `from pkg import Name` leads to
//! `pkg/__init__.py`, as it does for the interpreter.

use std::collections::{HashMap, HashSet};

use super::{FileTree, above};
use crate::model::{Import, join_path};

pub(super) fn resolve(tree: &FileTree<'_>, files: &[u32], edges: &mut [Vec<u32>]) {
    let roots = package_roots(tree, files);
    let places = places(tree, files);
    for &file in files {
        let source = tree.file(file);
        let resolver = PythonResolver { tree, roots: &roots, places: &places, folder: source.path.parent() };
        for import in &source.outline.imports {
            resolver.targets(import, &mut edges[file as usize]);
        }
    }
}

/// For each top-level package the folder it is in; `None` when several hold
/// one of that name.
fn package_roots<'a>(tree: &FileTree<'a>, files: &[u32]) -> HashMap<&'a str, Option<&'a str>> {
    let mut roots = HashMap::new();
    for &file in files {
        let path = tree.file(file).path;
        if path.name() != "__init__.py" {
            continue;
        }
        let package = path.parent();
        let Some(root) = above(package) else { continue };
        if is_package(tree, root) {
            continue;
        }
        let name = package.rsplit('/').next().unwrap_or(package);
        roots.entry(name).and_modify(|known| *known = None).or_insert(Some(root));
    }
    roots
}

/// Every folder with Python in it and every module, without its extension: one
/// look tells that nothing is at a place, as it is for most imports.
fn places<'a>(tree: &FileTree<'a>, files: &[u32]) -> HashSet<&'a str> {
    let mut places = HashSet::new();
    for &file in files {
        let path = tree.file(file).path.as_str();
        let module = path.rsplit_once('.').map_or(path, |(module, _)| module);
        let mut place = Some(module);
        while let Some(here) = place.filter(|here| places.insert(*here)) {
            place = above(here);
        }
    }
    places
}

fn is_package(tree: &FileTree<'_>, folder: &str) -> bool {
    tree.find(&join_path(folder, "__init__.py")).is_some()
}

struct PythonResolver<'t> {
    tree: &'t FileTree<'t>,
    roots: &'t HashMap<&'t str, Option<&'t str>>,
    places: &'t HashSet<&'t str>,
    /// Of the importing file.
    folder: &'t str,
}

impl PythonResolver<'_> {
    fn targets(&self, import: &Import, out: &mut Vec<u32>) {
        let module = import.module.as_str();
        let path = module.trim_start_matches('.');
        let dots = module.len() - path.len();
        if dots == 0 {
            self.absolute(path, import, out);
            return;
        }
        let mut folder = Some(self.folder);
        for _ in 1..dots {
            folder = folder.and_then(above);
        }
        if let Some(folder) = folder {
            self.below(folder, path, import, out);
        }
    }

    /// The first folder on the way up that could be on `sys.path` and has the
    /// module, then the one folder in the project that has such a package.
    fn absolute(&self, path: &str, import: &Import, out: &mut Vec<u32>) {
        let top = path.split('.').next().unwrap_or(path);
        let is_there = |folder: &str| self.places.contains(join_path(folder, top).as_str());
        let mut candidate = Some(self.folder);
        while let Some(folder) = candidate {
            let src = join_path(folder, "src");
            for root in [folder, &src] {
                if is_there(root) && !is_package(self.tree, root) && self.below(root, path, import, out) {
                    return;
                }
            }
            candidate = above(folder);
        }
        if let Some(Some(root)) = self.roots.get(top) {
            self.below(root, path, import, out);
        }
    }

    /// Looks for the module and the imported names below a folder.
    fn below(&self, folder: &str, path: &str, import: &Import, out: &mut Vec<u32>) -> bool {
        let place = match path.is_empty() {
            true => folder.to_string(),
            false => join_path(folder, &path.replace('.', "/")),
        };
        let module = match path.is_empty() {
            true => self.tree.find(&join_path(&place, "__init__.py")),
            false => self.module(&place),
        };
        let known = out.len();
        let mut module_itself = import.names.is_empty();
        for name in &import.names {
            match self.module(&join_path(&place, name.as_str())) {
                Some(submodule) => out.push(submodule),
                None => module_itself = true,
            }
        }
        if module_itself {
            out.extend(module);
        }
        out.len() > known
    }

    /// `place/__init__.py` or `place.py`, as the interpreter looks for them.
    fn module(&self, place: &str) -> Option<u32> {
        if !self.places.contains(place) {
            return None;
        }
        ["/__init__.py", ".py", "/__init__.pyi", ".pyi"]
            .iter()
            .find_map(|end| self.tree.find(&format!("{place}{end}")))
    }
}
