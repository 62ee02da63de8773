//! What a shell script reads into itself by `source` or `.`, where the path is
//! literal behind at most one variable: `"$DIR/lib.sh"`.
//!
//! Not here: what a variable holds. Its folder is taken to be one of those
//! above the script.

use super::{FileTree, above};
use crate::model::resolve_path;

/// Endings that `load` of bats and the like leave out.
const ENDINGS: &[&str] = &["", ".sh", ".bash"];

pub(super) fn resolve(tree: &FileTree<'_>, files: &[u32], edges: &mut [Vec<u32>]) {
    for &file in files {
        let source = tree.file(file);
        for import in &source.outline.imports {
            let path = import.module.as_str();
            edges[file as usize]
                .extend(literal(path).and_then(|path| find(tree, source.path.parent(), &path)));
        }
    }
}

/// The path without its quotes and without the variable or command before it.
fn literal(path: &str) -> Option<String> {
    let path: String = path.chars().filter(|c| !matches!(c, '"' | '\'')).collect();
    let rest = match path.strip_prefix('$') {
        Some(expansion) => {
            let end = match expansion.chars().next()? {
                '(' => expansion.rfind(')')? + 1,
                '{' => expansion.find('}')? + 1,
                _ => expansion.find('/')?,
            };
            expansion[end..].strip_prefix('/')?.to_string()
        }
        None => path,
    };
    let is_plain = !rest.is_empty() && !rest.starts_with('/') && !rest.contains(['$', '*', '`', '~']);
    is_plain.then_some(rest)
}

/// Below the script's folder or the nearest one above it that has such a file.
fn find(tree: &FileTree<'_>, folder: &str, path: &str) -> Option<u32> {
    let mut here = Some(folder);
    while let Some(folder) = here {
        let place = resolve_path(folder, path);
        let found =
            place.and_then(|place| ENDINGS.iter().find_map(|ending| tree.find(&format!("{place}{ending}"))));
        if found.is_some() {
            return found;
        }
        here = above(folder);
    }
    None
}
