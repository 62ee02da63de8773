//! C#'s `using`: namespaces, and what the file mentions of them. A namespace
//! is no file, so `using A.B` leads to those files of `A.B` whose types or
//! extension methods the file names.
//!
//! An extension method is found by its name alone, so it counts only where no
//! type of the project has a member of that name.
//!
//! Not here: types of the file's own namespace, `global using`.

use std::collections::HashSet;

use super::FileTree;
use super::declared::Declared;
use crate::model::{Outline, Symbol, SymbolKind};

pub(super) fn resolve(tree: &FileTree<'_>, files: &[u32], edges: &mut [Vec<u32>]) {
    let (mut types, mut extensions) = (Declared::default(), Declared::default());
    let members = members(tree, files);
    for &file in files {
        let outline = tree.file(file).outline;
        for symbol in &outline.symbols {
            let (package, name) = (outline.package.as_str(), symbol.name.as_str());
            if symbol.parent.is_none() {
                types.add(package, name, file);
            } else if is_extension_method(symbol) && !members.contains(name) {
                extensions.add(package, name, file);
            }
        }
    }
    for &file in files {
        let outline = tree.file(file).outline;
        let attributes = attributes(outline);
        let out = &mut edges[file as usize];
        for import in &outline.imports {
            let module = import.module.as_str().trim_start_matches("global::");
            types.mentioned(tree, module, file, out);
            extensions.mentioned(tree, module, file, out);
            for name in &attributes {
                out.extend(types.files(tree, module, name, file));
            }
            // `using static A.B.Type` and `using Name = A.B.Type`.
            if let Some((package, name)) = module.rsplit_once('.').filter(|_| !types.has_package(module)) {
                let name = name.split('<').next().unwrap_or(name);
                out.extend(types.files(tree, package, name, file));
            }
        }
    }
}

/// Names of what types have by themselves.
fn members<'t>(tree: &FileTree<'t>, files: &[u32]) -> HashSet<&'t str> {
    let symbols = files.iter().flat_map(|&file| &tree.file(file).outline.symbols);
    let members = symbols.filter(|symbol| symbol.parent.is_some() && !is_extension_method(symbol));
    members.map(|symbol| symbol.name.as_str()).collect()
}

pub(super) fn is_extension_method(symbol: &Symbol) -> bool {
    symbol.kind == SymbolKind::Method && symbol.signature.as_str().contains("(this ")
}

/// `[Name]` means the class `NameAttribute`.
pub(super) fn attributes(outline: &Outline) -> Vec<String> {
    outline.references.iter().map(|(name, _)| format!("{name}Attribute")).collect()
}
