//! Swift's imports name modules: the targets of a package. `import Kit` leads
//! to those files of the target `Kit` whose types the file names.
//!
//! Not here: files of the same module, which see each other without an import.

use std::collections::HashMap;

use super::FileTree;
use super::declared::Declared;
use crate::model::{SymbolKind, resolve_path};

pub(super) fn resolve(tree: &FileTree<'_>, files: &[u32], edges: &mut [Vec<u32>]) {
    let folders = target_folders(tree);
    let mut declared = Declared::default();
    for &file in files {
        let source = tree.file(file);
        let Some(module) = module_of(&folders, source.path.as_str()) else { continue };
        let tops = source.outline.symbols.iter().filter(|symbol| symbol.parent.is_none());
        for symbol in tops.filter(|symbol| symbol.kind != SymbolKind::Impl) {
            declared.add(&module, symbol.name.as_str(), file);
        }
    }
    for &file in files {
        let outline = tree.file(file).outline;
        let out = &mut edges[file as usize];
        for import in &outline.imports {
            // `import struct Kit.Name`
            match import.module.as_str().split_once('.') {
                Some((module, name)) => out.extend(declared.files(tree, module, name, file)),
                None => {
                    let module = import.module.as_str();
                    declared.mentioned(tree, module, file, out);
                    // An extension is a symbol of its own, so what it extends is no reference.
                    let extended = outline.symbols.iter().filter(|symbol| symbol.kind == SymbolKind::Impl);
                    for symbol in extended {
                        out.extend(declared.files(tree, module, symbol.name.as_str(), file));
                    }
                }
            }
        }
    }
}

/// Folders that a `Package.swift` names for a target.
pub(super) fn target_folders(tree: &FileTree<'_>) -> HashMap<String, String> {
    let mut folders = HashMap::new();
    for file in tree.files.iter().filter(|file| file.path.name() == "Package.swift") {
        let Some(text) = tree.text(file) else { continue };
        for target in text.as_str().split("arget(").skip(1) {
            let value = |key: &str| {
                let rest = &target[target.find(key)? + key.len()..];
                rest.trim_start().strip_prefix('"')?.split('"').next()
            };
            if let (Some(name), Some(path)) = (value("name:"), value("path:"))
                && let Some(folder) = resolve_path(file.path.parent(), path)
            {
                folders.insert(folder, name.to_string());
            }
        }
    }
    folders
}

/// By the manifest, else by the folder below `Sources/`.
pub(super) fn module_of(folders: &HashMap<String, String>, path: &str) -> Option<String> {
    let mut folder = path;
    while let Some((above, _)) = folder.rsplit_once('/') {
        if let Some(name) = folders.get(above) {
            return Some(name.clone());
        }
        folder = above;
    }
    let below = path.split_once("/Sources/").map(|(_, rest)| rest).or(path.strip_prefix("Sources/"))?;
    below.split_once('/').map(|(module, _)| module.to_string())
}
