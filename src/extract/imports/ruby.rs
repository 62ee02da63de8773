//! Ruby's `require`, `require_relative`, `load` and `autoload` of literal
//! paths, and the constants that Rails loads by the name of their file.
//!
//! Not here: gems, and paths put together at run time.

use std::collections::HashMap;

use super::{FileTree, above};
use crate::model::{join_path, resolve_path};

pub(super) fn resolve(tree: &FileTree<'_>, files: &[u32], edges: &mut [Vec<u32>]) {
    let places = LoadPaths::of(tree, files);
    for &file in files {
        let source = tree.file(file);
        let out = &mut edges[file as usize];
        for import in &source.outline.imports {
            let module = import.module.as_str();
            match module.strip_prefix("./") {
                Some(path) => out.extend(at(tree, source.path.parent(), path)),
                None => out.extend(required(tree, &places, source.path.parent(), module)),
            }
        }
        if places.autoloaded.is_empty() {
            continue;
        }
        for (name, _) in &source.outline.references {
            if name.as_str().starts_with(char::is_uppercase) {
                out.extend(places.autoloaded.get(&snake_case(name.as_str())).copied().flatten());
            }
        }
    }
}

/// Where files are looked for by name.
struct LoadPaths {
    /// What follows `lib/`, to the file; `None` where several fit.
    below_lib: HashMap<String, Option<u32>>,
    /// What follows `app/*/`: Rails loads the constant of that name.
    autoloaded: HashMap<String, Option<u32>>,
}

impl LoadPaths {
    fn of(tree: &FileTree<'_>, files: &[u32]) -> LoadPaths {
        let mut places = LoadPaths { below_lib: HashMap::new(), autoloaded: HashMap::new() };
        for &file in files {
            let Some(path) = tree.file(file).path.as_str().strip_suffix(".rb") else { continue };
            let below_lib = path.split_once("/lib/").map(|(_, rest)| rest).or(path.strip_prefix("lib/"));
            if let Some(rest) = below_lib {
                keep_single(&mut places.below_lib, rest, file);
            }
            let below_app = path.split_once("/app/").map(|(_, rest)| rest).or(path.strip_prefix("app/"));
            let below_root = below_app.and_then(|rest| rest.split_once('/')).map(|(_, rest)| rest);
            if let Some(rest) = below_root {
                let rest = rest.strip_prefix("concerns/").unwrap_or(rest);
                keep_single(&mut places.autoloaded, rest, file);
            }
        }
        places
    }
}

fn keep_single(known: &mut HashMap<String, Option<u32>>, name: &str, file: u32) {
    known.entry(name.to_string()).and_modify(|one| *one = None).or_insert(Some(file));
}

/// Below the folders above that are on the load path, then below the one
/// `lib/` that has it.
fn required(tree: &FileTree<'_>, places: &LoadPaths, folder: &str, module: &str) -> Option<u32> {
    let mut here = Some(folder);
    while let Some(folder) = here {
        let name = folder.rsplit('/').next().unwrap_or(folder);
        let is_on_path = matches!(name, "" | "lib" | "test" | "spec" | "tests");
        let found = is_on_path.then(|| at(tree, folder, module)).flatten();
        if let Some(found) = found.or_else(|| at(tree, &join_path(folder, "lib"), module)) {
            return Some(found);
        }
        here = above(folder);
    }
    let module = module.strip_suffix(".rb").unwrap_or(module);
    places.below_lib.get(module).copied().flatten()
}

fn at(tree: &FileTree<'_>, folder: &str, module: &str) -> Option<u32> {
    let place = resolve_path(folder, module)?;
    tree.find(&format!("{place}.rb")).or_else(|| tree.find(&place))
}

/// `HTTPServer` is in `http_server.rb`.
fn snake_case(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut out = String::with_capacity(name.len() + 4);
    for (index, &letter) in letters.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| letters[before]);
        let is_start = letter.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase()
                    || before.is_ascii_digit()
                    || (before.is_uppercase() && letters.get(index + 1).is_some_and(|c| c.is_lowercase()))
            });
        if is_start {
            out.push('_');
        }
        out.extend(letter.to_lowercase());
    }
    out
}
