//! From imports as written to the files behind them, by the rules of the
//! language's ecosystem. Unresolved is normal: most imports lead out of the
//! project.
//!
//! Not here: finding imports in a file (each language's `imports.scm`). This
//! folder is the only place that knows a language by its rules: one file a
//! strategy, named in `language.toml`.

mod python;
mod rust;

use std::collections::HashMap;

use super::language::languages;
use crate::model::{Import, RelPath, SafeText};

/// A file as the resolver sees it.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    pub path: &'a RelPath,
    /// Name of its language.
    pub language: Option<&'a str>,
    pub imports: &'a [Import],
}

/// For each file the sorted indices of the files it imports, itself never
/// among them.
///
/// `files` are all files of the project, sorted by path. `text_of` gives the
/// text of a manifest (`Cargo.toml`); it is asked once for each. The time is
/// near linear in the number of files and imports.
pub fn resolve(files: &[Source<'_>], text_of: &dyn Fn(&RelPath) -> Option<SafeText>) -> Vec<Vec<u32>> {
    let mut edges = vec![Vec::new(); files.len()];
    let tree = FileTree::new(files);
    let strategy_of: HashMap<&str, &str> =
        languages().iter().map(|language| (language.name(), language.import_strategy())).collect();
    let of = |strategy: &str| -> Vec<u32> {
        let is_of = |language: &str| strategy_of.get(language) == Some(&strategy);
        (0..files.len() as u32).filter(|&file| files[file as usize].language.is_some_and(is_of)).collect()
    };
    rust::resolve(&tree, &of("rust"), text_of, &mut edges);
    python::resolve(&tree, &of("python"), &mut edges);
    for (file, targets) in edges.iter_mut().enumerate() {
        targets.sort_unstable();
        targets.dedup();
        targets.retain(|&target| target as usize != file);
    }
    edges
}

/// Whether [`resolve`] may ask for its text.
pub fn is_manifest(path: &RelPath) -> bool {
    path.name() == "Cargo.toml"
}

/// The files by path.
struct FileTree<'a> {
    files: &'a [Source<'a>],
    by_path: HashMap<&'a str, u32>,
}

impl<'a> FileTree<'a> {
    fn new(files: &'a [Source<'a>]) -> Self {
        let numbered = files.iter().zip(0..);
        let by_path = numbered.map(|(file, index)| (file.path.as_str(), index)).collect();
        Self { files, by_path }
    }

    fn file(&self, index: u32) -> &'a Source<'a> {
        &self.files[index as usize]
    }

    fn find(&self, path: &str) -> Option<u32> {
        self.by_path.get(path).copied()
    }
}

/// `folder/name`, or `name` in the root.
fn join(folder: &str, name: &str) -> String {
    match folder.is_empty() {
        true => name.to_string(),
        false => format!("{folder}/{name}"),
    }
}

/// The folder above; `None` above the root.
fn above(folder: &str) -> Option<&str> {
    match folder.rsplit_once('/') {
        Some((parent, _)) => Some(parent),
        None if folder.is_empty() => None,
        None => Some(""),
    }
}

/// The path with `.` and `..` worked off; `None` when it leaves the root.
fn normal(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// `a::{b, c::{d as e, *}}` as modules with their names: `a` `[b]`, `a::c`
/// `[d]`, `a::c` `[*]`.
pub(super) fn flatten(tree: &SafeText, separator: &str) -> Vec<(SafeText, Vec<SafeText>)> {
    expand(tree.as_str())
        .into_iter()
        .map(|leaf| {
            let path = leaf.split(" as ").next().unwrap_or_default();
            let path = path.trim().trim_start_matches(separator);
            let path = path.strip_suffix(&format!("{separator}self")).unwrap_or(path);
            // Parts of `tree` and nothing else.
            let part = |text: &str| tree.map(|_| text.to_string());
            match path.rsplit_once(separator) {
                Some((module, name)) => (part(module), vec![part(name)]),
                None => (part(path), Vec::new()),
            }
        })
        .filter(|(module, _)| !module.is_empty())
        .collect()
}

/// Leaves that one import may have; generated code aside nobody writes more.
const MAX_LEAVES: usize = 1_000;

/// Expands nested braces, one text for each leaf.
fn expand(tree: &str) -> Vec<String> {
    let mut leaves = Vec::new();
    // Lengths of the prefix before each open brace.
    let mut opened: Vec<usize> = Vec::new();
    let mut current = String::new();
    let mut after_group = false;
    for symbol in tree.chars() {
        if leaves.len() >= MAX_LEAVES {
            break;
        }
        let base = opened.last().copied().unwrap_or(0);
        match symbol {
            '{' => opened.push(current.len()),
            ',' | '}' => {
                if !after_group && current.len() > base {
                    leaves.push(current.clone());
                }
                after_group = symbol == '}';
                current.truncate(base);
                if symbol == '}' {
                    opened.pop();
                }
            }
            _ if symbol.is_whitespace() && current.len() == base => {}
            _ => current.push(symbol),
        }
    }
    if !after_group && !current.is_empty() && opened.is_empty() {
        leaves.push(current);
    }
    leaves
}

/// How a strategy spells the module that `mod name;` declares.
pub(super) fn child_module(strategy: &str, name: &SafeText) -> SafeText {
    match strategy {
        "rust" => rust::child_module(name),
        _ => name.clone(),
    }
}

/// A module path as it would be spelled at the top of its file, where modules
/// may be written inside each other.
pub(super) fn seen_from_file(strategy: &str, module: SafeText, around: &[&SafeText]) -> SafeText {
    match strategy {
        "rust" if !around.is_empty() => rust::seen_from_file(&module, around),
        _ => module,
    }
}

#[cfg(test)]
mod tests;
