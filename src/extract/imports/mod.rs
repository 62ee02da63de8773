//! From imports as written to the files behind them, by the rules of the
//! language's ecosystem. Unresolved is normal: most imports lead out of the
//! project.
//!
//! Not here: finding imports in a file (each language's `imports.scm`). This
//! folder is the only place that knows a language by its rules: one file a
//! strategy, named in `language.toml`.

mod csharp;
mod declared;
mod go;
mod include;
mod javascript;
mod jvm;
mod needed;
mod php;
mod python;
mod ruby;
mod rust;
mod shell;
mod swift;

use std::collections::HashMap;

use super::language::languages;
use crate::model::{Outline, RelPath, SafeText};

pub use needed::{Search, needed};

/// How the imports of some languages are resolved.
struct ImportStrategy {
    /// As `language.toml` gives it; languages may share one.
    name: &'static str,
    /// Adds to each of the files given by index the files that it imports.
    resolve: fn(&FileTree<'_>, &[u32], &mut [Vec<u32>]),
    input: ResolverInput,
    /// `None` where of the other files their paths are enough.
    needs: Option<needed::Needs>,
}

/// What a strategy looks at in an outline.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ResolverInput {
    Imports,
    /// Declarations and mentioned names as well.
    Names,
}

const STRATEGIES: &[ImportStrategy] = &[
    ImportStrategy {
        name: "csharp",
        resolve: csharp::resolve,
        input: ResolverInput::Names,
        needs: Some(needed::by_namespace),
    },
    ImportStrategy {
        name: "go",
        resolve: go::resolve,
        input: ResolverInput::Names,
        needs: Some(needed::by_folder),
    },
    ImportStrategy { name: "include", resolve: include::resolve, input: ResolverInput::Imports, needs: None },
    ImportStrategy {
        name: "javascript",
        resolve: javascript::resolve,
        input: ResolverInput::Imports,
        needs: None,
    },
    ImportStrategy {
        name: "jvm",
        resolve: jvm::resolve,
        input: ResolverInput::Names,
        needs: Some(needed::by_package),
    },
    ImportStrategy {
        name: "php",
        resolve: php::resolve,
        input: ResolverInput::Names,
        needs: Some(needed::by_class),
    },
    ImportStrategy { name: "python", resolve: python::resolve, input: ResolverInput::Imports, needs: None },
    ImportStrategy { name: "ruby", resolve: ruby::resolve, input: ResolverInput::Names, needs: None },
    ImportStrategy {
        name: "rust",
        resolve: rust::resolve,
        input: ResolverInput::Imports,
        needs: Some(needed::by_module),
    },
    ImportStrategy { name: "shell", resolve: shell::resolve, input: ResolverInput::Imports, needs: None },
    ImportStrategy {
        name: "swift",
        resolve: swift::resolve,
        input: ResolverInput::Names,
        needs: Some(needed::by_target),
    },
];

/// A file as the resolver sees it.
#[derive(Clone, Copy, Debug)]
pub struct ImportSource<'a> {
    pub path: &'a RelPath,
    /// Name of its language.
    pub language: Option<&'a str>,
    /// Empty for a file of which only the path is known.
    pub outline: &'a Outline,
}

/// For each file the sorted indices of the files it imports, itself never
/// among them.
///
/// `files` are all files of the project, sorted by path. `text_of` gives the
/// text of a manifest (`Cargo.toml`); it is asked once for each. The time is
/// near linear in the number of files and imports.
pub fn resolve(files: &[ImportSource<'_>], text_of: &dyn Fn(&RelPath) -> Option<SafeText>) -> Vec<Vec<u32>> {
    let mut edges = vec![Vec::new(); files.len()];
    let tree = FileTree::new(files, text_of);
    let strategy_of: HashMap<&str, &str> =
        languages().iter().map(|language| (language.name(), language.import_strategy())).collect();
    for strategy in STRATEGIES {
        let is_of = |language: &str| strategy_of.get(language) == Some(&strategy.name);
        let own = (0..files.len() as u32).filter(|&file| files[file as usize].language.is_some_and(is_of));
        let own: Vec<u32> = own.collect();
        if !own.is_empty() {
            (strategy.resolve)(&tree, &own, &mut edges);
        }
    }
    for (file, targets) in edges.iter_mut().enumerate() {
        targets.sort_unstable();
        targets.dedup();
        targets.retain(|&target| target as usize != file);
    }
    edges
}

/// The part of an outline that [`resolve`] looks at: all that must be kept to
/// resolve the imports of a large tree.
pub fn surface(language: Option<&str>, outline: &Outline) -> Outline {
    match sees(language) {
        None => Outline::default(),
        Some(ResolverInput::Imports) => Outline { imports: outline.imports.clone(), ..Outline::default() },
        Some(ResolverInput::Names) => Outline { doc: SafeText::default(), ..outline.clone() },
    }
}

/// Equal for two versions of a file between which no import in the project
/// leads anywhere else.
pub fn surface_hash(language: Option<&str>, outline: &Outline) -> u64 {
    let mut hash = blake3::Hasher::new();
    let mut add = |text: &str| _ = hash.update(text.as_bytes()).update(&[0]);
    let sees = sees(language);
    add(language.filter(|_| sees.is_some()).unwrap_or_default());
    for import in outline.imports.iter().filter(|_| sees.is_some()) {
        add(import.module.as_str());
        import.names.iter().for_each(|name| add(name.as_str()));
        add("");
    }
    if sees == Some(ResolverInput::Names) {
        add(outline.package.as_str());
        for symbol in &outline.symbols {
            add(symbol.name.as_str());
            add(symbol.signature.as_str());
            let parent = symbol.parent.map_or(String::new(), |parent| parent.to_string());
            add(&format!("{} {parent} {}", symbol.kind.name(), symbol.public));
        }
        outline.references.iter().for_each(|(name, _)| add(name.as_str()));
    }
    let bytes = *hash.finalize().as_bytes();
    u64::from_le_bytes(bytes[..8].try_into().expect("eight of 32 bytes"))
}

/// Whether the imports of a file in `language` are resolved by what others
/// declare or import.
pub fn asks_others(language: Option<&str>) -> bool {
    strategy_of(language).is_some_and(|strategy| strategy.needs.is_some())
}

fn sees(language: Option<&str>) -> Option<ResolverInput> {
    strategy_of(language).map(|strategy| strategy.input)
}

fn strategy_of(language: Option<&str>) -> Option<&'static ImportStrategy> {
    let language = super::language::language_named(language?)?;
    STRATEGIES.iter().find(|strategy| strategy.name == language.import_strategy())
}

/// Whether [`resolve`] may ask for its text.
pub fn is_manifest(path: &RelPath) -> bool {
    let names = [
        "Cargo.toml",
        "go.mod",
        "package.json",
        "pnpm-workspace.yaml",
        "jsconfig.json",
        "composer.json",
        "Package.swift",
    ];
    // One builds on another: `tsconfig.base.json`.
    let is_typescript = path.name().starts_with("tsconfig") && path.extension() == "json";
    names.contains(&path.name()) || is_typescript
}

/// The files by path.
struct FileTree<'a> {
    files: &'a [ImportSource<'a>],
    by_path: HashMap<&'a str, u32>,
    text_of: &'a dyn Fn(&RelPath) -> Option<SafeText>,
}

impl<'a> FileTree<'a> {
    fn new(files: &'a [ImportSource<'a>], text_of: &'a dyn Fn(&RelPath) -> Option<SafeText>) -> Self {
        let numbered = files.iter().zip(0..);
        let by_path = numbered.map(|(file, index)| (file.path.as_str(), index)).collect();
        Self { files, by_path, text_of }
    }

    fn file(&self, index: u32) -> &'a ImportSource<'a> {
        &self.files[index as usize]
    }

    /// Text of a manifest.
    fn text(&self, file: &ImportSource<'_>) -> Option<SafeText> {
        is_manifest(file.path).then(|| (self.text_of)(file.path)).flatten()
    }

    fn find(&self, path: &str) -> Option<u32> {
        self.by_path.get(path).copied()
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

/// `a::{b, c::{d as e, *}}` as modules with their names: `a` `[b]`, `a::c`
/// `[d]`, `a::c` `[*]`.
pub(super) fn flatten(tree: &SafeText, separator: &str) -> Vec<(SafeText, Vec<SafeText>)> {
    expand(tree.as_str())
        .into_iter()
        .map(|leaf| {
            let path = leaf.split(" as ").next().unwrap_or_default();
            let path = path.split("=>").next().unwrap_or_default().trim_matches([' ', ';']);
            // Words before the path belong to the statement: `use function`.
            let path = path.rsplit(' ').next().unwrap_or_default().trim_start_matches(separator);
            let path = path.strip_suffix(&format!("{separator}self")).unwrap_or(path);
            let part = |text: &str| tree.reduced("", |_| text.to_string());
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
        "php" | "ruby" => {
            let path = name.part(name.as_str().trim_start_matches('/'));
            SafeText::join(&[SafeText::constant("./"), path], "")
        }
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
