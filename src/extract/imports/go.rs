//! Go's imports: a package is a folder below a module, whose `go.mod` says
//! the module's path. An import leads to the files of the package that
//! declare what the importing file uses.
//!
//! Not here: build tags, workspaces, `replace` with another path.

use std::collections::{HashMap, HashSet};

use super::FileTree;
use crate::model::{SymbolKind, join_path};

pub(super) fn resolve(tree: &FileTree<'_>, files: &[u32], edges: &mut [Vec<u32>]) {
    let modules = modules(tree);
    let packages = packages(tree, files);
    for &file in files {
        let outline = tree.file(file).outline;
        let used: HashSet<&str> = outline.references.iter().map(|(name, _)| name.as_str()).collect();
        for import in &outline.imports {
            if let Some(members) =
                folder_of(&modules, import.module.as_str()).and_then(|it| packages.get(&*it))
            {
                edges[file as usize].extend(declaring(tree, members, &used));
            }
        }
    }
}

/// Module path and folder of each `go.mod`, the longest path first.
pub(super) fn modules(tree: &FileTree<'_>) -> Vec<(String, String)> {
    let manifests = tree.files.iter().filter(|file| file.path.name() == "go.mod");
    let modules = manifests.filter_map(|file| {
        let text = tree.text(file)?;
        let path = text.as_str().lines().find_map(|line| line.trim().strip_prefix("module "))?;
        let path = path.split("//").next().unwrap_or_default().trim().trim_matches('"');
        Some((path.to_string(), file.path.parent().to_string()))
    });
    let mut modules: Vec<(String, String)> = modules.collect();
    modules.sort_by(|a, b| (b.0.len(), &a.0, &a.1).cmp(&(a.0.len(), &b.0, &b.1)));
    modules
}

/// The folder that an import path means.
pub(super) fn folder_of(modules: &[(String, String)], import: &str) -> Option<String> {
    modules.iter().find_map(|(path, folder)| match import.strip_prefix(path.as_str())? {
        "" => Some(folder.clone()),
        rest => rest.strip_prefix('/').map(|rest| join_path(folder, rest)),
    })
}

/// The files of each folder that others can import.
fn packages<'a>(tree: &FileTree<'a>, files: &[u32]) -> HashMap<&'a str, Vec<u32>> {
    let mut packages: HashMap<&str, Vec<u32>> = HashMap::new();
    for &file in files {
        let path = tree.file(file).path;
        if !path.name().ends_with("_test.go") {
            packages.entry(path.parent()).or_default().push(file);
        }
    }
    packages
}

/// The members that declare a used name; where none does, the one that a
/// package is named after, or its first.
fn declaring(tree: &FileTree<'_>, members: &[u32], used: &HashSet<&str>) -> Vec<u32> {
    let declares = |file: &&u32| {
        let symbols = tree.file(**file).outline.symbols.iter();
        let mut shared =
            symbols.filter(|symbol| symbol.parent.is_none() && symbol.kind != SymbolKind::Method);
        shared.any(|symbol| used.contains(symbol.name.as_str()))
    };
    let declaring: Vec<u32> = members.iter().filter(declares).copied().collect();
    if !declaring.is_empty() {
        return declaring;
    }
    let is_main = |file: &&u32| {
        let path = tree.file(**file).path;
        path.name() == "doc.go" || path.parent().rsplit('/').next() == Some(path.stem())
    };
    members.iter().find(is_main).or(members.first()).copied().into_iter().collect()
}
