//! Rust's imports: the module tree of each crate from its `mod` declarations,
//! crates of the workspace by the names in `Cargo.toml`, re-exports followed
//! to the module that declares the name.
//!
//! Not here: glob re-exports, macros that declare modules, `cfg`: a path that
//! needs them ends at the last module that is known.

use std::collections::{HashMap, HashSet};

use super::{FileTree, above};
use crate::model::{RelPath, SafeText, join_path, resolve_path};

/// Re-exports followed for one import: enough for a prelude of a facade.
const MAX_HOPS: u8 = 4;

pub(super) fn child_module(name: &SafeText) -> SafeText {
    SafeText::join(&[SafeText::constant("self"), name.clone()], "::")
}

/// `super::x` in `mod tests {..}` is `self::x` for the file.
pub(super) fn seen_from_file(module: &SafeText, around: &[&SafeText]) -> SafeText {
    let mut parts: Vec<SafeText> = Vec::new();
    let mut path = module.as_str();
    let mut depth = around.len();
    if let Some(rest) = after(path, "self") {
        path = rest;
    } else if after(path, "super").is_none() {
        return module.clone();
    }
    while let Some(rest) = after(path, "super").filter(|_| depth > 0) {
        path = rest;
        depth -= 1;
    }
    let start = module.as_str().len() - path.len();
    if after(path, "super").is_none() {
        parts.push(SafeText::constant("self"));
    }
    parts.extend(around[..depth].iter().map(|&name| name.clone()));
    if !path.is_empty() {
        parts.push(module.slice(start..module.as_str().len()));
    }
    SafeText::join(&parts, "::")
}

/// What follows the first part of a path, if that is `first`.
fn after<'p>(path: &'p str, first: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(first)?;
    match rest.is_empty() {
        true => Some(rest),
        false => rest.strip_prefix("::"),
    }
}

pub(super) fn resolve(tree: &FileTree<'_>, files: &[u32], edges: &mut [Vec<u32>]) {
    let packages = packages(tree);
    let crates = Crates::new(tree, files, &packages);
    for &file in files {
        for import in &tree.file(file).outline.imports {
            crates.targets(file, import.module.as_str(), &import.names, &mut edges[file as usize]);
        }
    }
}

/// A `Cargo.toml` with a package.
#[derive(Default)]
struct CargoPackage {
    folder: String,
    /// As code writes it: `-` is `_`.
    name: String,
    /// Paths of the crate roots, the library's first.
    roots: Vec<String>,
    /// Names in code of its dependencies -> names of their packages.
    dependencies: HashMap<String, String>,
}

fn packages(tree: &FileTree<'_>) -> Vec<CargoPackage> {
    let manifests = tree.files.iter().filter(|file| file.path.name() == "Cargo.toml");
    manifests
        .filter_map(|file| {
            let text = tree.text(file)?;
            let manifest: toml::Table = text.as_str().parse().ok()?;
            package(file.path.parent(), &manifest)
        })
        .collect()
}

fn package(folder: &str, manifest: &toml::Table) -> Option<CargoPackage> {
    let text = |table: Option<&toml::Value>, key: &str| -> Option<String> {
        Some(table?.get(key)?.as_str()?.to_string())
    };
    let name = text(manifest.get("package"), "name")?;
    let lib = manifest.get("lib");
    let lib_path = text(lib, "path").unwrap_or_else(|| "src/lib.rs".into());
    let lib_path = resolve_path(folder, &lib_path)?;
    let mut package = CargoPackage {
        folder: folder.to_string(),
        name: in_code(&text(lib, "name").unwrap_or(name)),
        ..CargoPackage::default()
    };
    package.roots.push(lib_path);
    for kind in ["bin", "test", "example", "bench"] {
        let targets = manifest.get(kind).and_then(|targets| targets.as_array());
        let paths = targets.into_iter().flatten().filter_map(|target| text(Some(target), "path"));
        package.roots.extend(paths.filter_map(|path| resolve_path(folder, &path)));
    }
    collect_dependencies(manifest, &mut package.dependencies);
    Some(package)
}

/// The root files of the libraries that code somewhere calls by one of `names`.
pub(super) fn libraries_named(tree: &FileTree<'_>, names: &HashSet<&str>) -> Vec<u32> {
    let packages = packages(tree);
    let dependencies = packages.iter().flat_map(|package| &package.dependencies);
    let renamed = dependencies.filter(|(name, _)| names.contains(name.as_str()));
    let named: HashSet<&str> = renamed.map(|(_, package)| package.as_str()).collect();
    let is_named = |package: &&CargoPackage| {
        names.contains(package.name.as_str()) || named.contains(package.name.as_str())
    };
    packages.iter().filter(is_named).filter_map(|package| tree.find(&package.roots[0])).collect()
}

fn in_code(name: &str) -> String {
    name.replace('-', "_")
}

fn collect_dependencies(manifest: &toml::Table, out: &mut HashMap<String, String>) {
    let targets = manifest.get("target").and_then(|targets| targets.as_table());
    let tables = targets.into_iter().flat_map(|targets| targets.values());
    let tables = tables.filter_map(|table| table.as_table()).chain([manifest]);
    for table in tables {
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let Some(dependencies) = table.get(kind).and_then(|table| table.as_table()) else {
                continue;
            };
            for (name, how) in dependencies {
                let package = how.get("package").and_then(|package| package.as_str());
                out.insert(in_code(name), in_code(package.unwrap_or(name)));
            }
        }
    }
}

/// A file's place: its crate and its module path in it, parts joined by `::`,
/// empty for the root.
#[derive(Clone)]
struct ModulePlace {
    root: u32,
    module: String,
}

struct Crates<'t> {
    tree: &'t FileTree<'t>,
    packages: &'t [CargoPackage],
    /// Package of each folder that holds a `Cargo.toml`.
    by_folder: HashMap<&'t str, usize>,
    /// Root file of each package's library, by its name in code.
    libraries: HashMap<&'t str, u32>,
    places: HashMap<u32, ModulePlace>,
    modules: HashMap<(u32, String), u32>,
    /// Modules without a file of their own that hold ones with.
    inline: HashSet<(u32, String)>,
    /// Names that a file imports -> the modules they come from.
    reexports: HashMap<u32, HashMap<&'t str, &'t str>>,
}

impl<'t> Crates<'t> {
    fn new(tree: &'t FileTree<'t>, files: &[u32], packages: &'t [CargoPackage]) -> Self {
        let mut crates = Crates {
            tree,
            packages,
            by_folder: HashMap::new(),
            libraries: HashMap::new(),
            places: HashMap::new(),
            modules: HashMap::new(),
            inline: HashSet::new(),
            reexports: HashMap::new(),
        };
        for (index, package) in packages.iter().enumerate() {
            crates.by_folder.insert(&package.folder, index);
            if let Some(root) = tree.find(&package.roots[0]) {
                crates.libraries.entry(&package.name).or_insert(root);
            }
        }
        for root in crate_roots(tree, files, packages) {
            crates.plant(root);
        }
        // Modules that no `mod` leads to: a guess by folder keeps them useful.
        for &file in files {
            if !crates.places.contains_key(&file) {
                crates.plant(file);
            }
        }
        for &file in files {
            crates.reexports.insert(file, imported_names(tree, file));
        }
        crates
    }

    /// Walks the module tree below a crate root.
    fn plant(&mut self, root: u32) {
        let mut open = vec![(root, String::new())];
        while let Some((file, module)) = open.pop() {
            if self.places.contains_key(&file) {
                continue;
            }
            let children = self.children(file, root, &module);
            for (_, child) in &children {
                let around = std::iter::successors(outer(child), |path| outer(path));
                let around = around.take_while(|path| path.len() > module.len());
                self.inline.extend(around.map(|path| (root, path.to_string())));
            }
            self.modules.entry((root, module.clone())).or_insert(file);
            self.places.insert(file, ModulePlace { root, module });
            open.extend(children);
        }
    }

    /// Files of the modules that a file declares, with their module paths.
    fn children(&self, file: u32, root: u32, module: &str) -> Vec<(u32, String)> {
        let source = self.tree.file(file);
        let folder = source.path.parent();
        let owns_folder = file == root || source.path.name() == "mod.rs";
        let below = match owns_folder {
            true => folder.to_string(),
            false => join_path(folder, source.path.stem()),
        };
        let mut children = Vec::new();
        for import in &source.outline.imports {
            let name = import.module.as_str();
            if name.ends_with(".rs") {
                let path = resolve_path(folder, name);
                let found = path.and_then(|path| self.tree.find(&path));
                let child = import.names.first().map(|child| under(module, child.as_str()));
                children.extend(found.zip(child));
            } else if let Some(path) = after(name, "self").filter(|_| import.names.is_empty()) {
                // `mod r#move;` lives in `move.rs`.
                let place = join_path(&below, &path.replace("::", "/").replace("r#", ""));
                let found = self
                    .tree
                    .find(&format!("{place}.rs"))
                    .or_else(|| self.tree.find(&format!("{place}/mod.rs")));
                children.extend(found.map(|file| (file, under(module, path))));
            }
        }
        children
    }

    fn targets(&self, file: u32, module: &str, names: &[SafeText], out: &mut Vec<u32>) {
        if module.ends_with(".rs") {
            let path = resolve_path(self.tree.file(file).path.parent(), module);
            out.extend(path.and_then(|path| self.tree.find(&path)));
            return;
        }
        if names.is_empty() {
            out.extend(self.target(file, module, MAX_HOPS));
        }
        for name in names {
            let path = match name.as_str() {
                "*" | "self" => module.to_string(),
                name => format!("{module}::{name}"),
            };
            out.extend(self.target(file, &path, MAX_HOPS));
        }
    }

    /// The file that declares what `path` names, seen from `file`.
    fn target(&self, file: u32, path: &str, hops: u8) -> Option<u32> {
        let Some((start, rest)) = self.start(file, path) else {
            // `use crate::a; use a::b;`
            let first = path.split("::").next().unwrap_or(path);
            return self.through(file, first, path, hops);
        };
        let (found, left) = self.descend(start, rest);
        if left.is_empty() {
            return Some(found);
        }
        let first = left.split("::").next().unwrap_or(left);
        self.through(found, first, left, hops).or(Some(found))
    }

    /// Like [`Self::target`], by way of what `file` itself imports as `first`.
    fn through(&self, file: u32, first: &str, path: &str, hops: u8) -> Option<u32> {
        let origin = self.reexports.get(&file)?.get(first).filter(|_| hops > 0)?;
        self.target(file, &format!("{origin}::{path}"), hops - 1)
    }

    /// From a module down along `path`: the last module's file and the rest
    /// that is no module.
    fn descend<'p>(&self, start: ModulePlace, path: &'p str) -> (u32, &'p str) {
        let mut place = start;
        let mut found = self.nearest(&place);
        let mut left = path;
        while !left.is_empty() {
            let (part, rest) = left.split_once("::").unwrap_or((left, ""));
            let deeper = (place.root, under(&place.module, part));
            match self.modules.get(&deeper) {
                Some(&file) => found = file,
                None if self.inline.contains(&deeper) => {}
                None => break,
            }
            place.module = deeper.1;
            left = rest;
        }
        (found, left)
    }

    /// The file of a module, or of the one that it is written in.
    fn nearest(&self, place: &ModulePlace) -> u32 {
        let mut module = place.module.as_str();
        loop {
            if let Some(&file) = self.modules.get(&(place.root, module.to_string())) {
                return file;
            }
            match outer(module) {
                Some(parent) => module = parent,
                None => return place.root,
            }
        }
    }

    /// Where a path begins and what is left of it.
    fn start<'p>(&self, file: u32, path: &'p str) -> Option<(ModulePlace, &'p str)> {
        let here = self.places.get(&file)?;
        let at = |module: &str| ModulePlace { root: here.root, module: module.to_string() };
        if let Some(rest) = after(path, "crate") {
            return Some((at(""), rest));
        }
        if let Some(rest) = after(path, "self") {
            return Some((here.clone(), rest));
        }
        if after(path, "super").is_some() {
            let (mut module, mut left) = (here.module.as_str(), path);
            while let Some(rest) = after(left, "super") {
                module = outer(module)?;
                left = rest;
            }
            return Some((at(module), left));
        }
        let (first, rest) = path.split_once("::").unwrap_or((path, ""));
        if self.modules.contains_key(&(here.root, under(&here.module, first))) {
            return Some((here.clone(), path));
        }
        if let Some(root) = self.library(file, first) {
            return Some((ModulePlace { root, module: String::new() }, rest));
        }
        // Before the 2018 edition paths began at the crate's root.
        let from_root = self.modules.contains_key(&(here.root, first.to_string()));
        from_root.then(|| (at(""), path))
    }

    /// The root of the library that code in `file` calls `name`.
    fn library(&self, file: u32, name: &str) -> Option<u32> {
        let package = self.package_of(file)?;
        let name = match package.dependencies.get(name) {
            Some(package) => package,
            None if package.name == name => name,
            None => return None,
        };
        self.libraries.get(name).copied()
    }

    fn package_of(&self, file: u32) -> Option<&CargoPackage> {
        let mut folder = Some(self.tree.file(file).path.parent());
        while let Some(here) = folder {
            if let Some(&index) = self.by_folder.get(here) {
                return Some(&self.packages[index]);
            }
            folder = above(here);
        }
        None
    }
}

/// `a::b` under `""` or `x`.
fn under(module: &str, path: &str) -> String {
    match module.is_empty() {
        true => path.to_string(),
        false => format!("{module}::{path}"),
    }
}

/// The module around; `None` for the root.
fn outer(module: &str) -> Option<&str> {
    match module.rsplit_once("::") {
        Some((outer, _)) => Some(outer),
        None if module.is_empty() => None,
        None => Some(""),
    }
}

/// The files that crates start from, libraries first: a module that both a
/// library and a binary declare belongs to the library.
fn crate_roots(tree: &FileTree<'_>, files: &[u32], packages: &[CargoPackage]) -> Vec<u32> {
    let named = |package: &CargoPackage| package.roots.clone();
    let mut roots: Vec<u32> = packages.iter().filter_map(|package| tree.find(&package.roots[0])).collect();
    roots.extend(packages.iter().flat_map(named).filter_map(|path| tree.find(&path)));
    let folders: HashSet<&str> = packages.iter().map(|package| package.folder.as_str()).collect();
    roots.extend(files.iter().filter(|&&file| is_root_by_place(tree.file(file).path, &folders)));
    roots
}

/// `src/main.rs`, `build.rs`, `src/bin/x.rs`, `tests/x/main.rs` and the like
/// below a package's folder.
fn is_root_by_place(path: &RelPath, packages: &HashSet<&str>) -> bool {
    let name = path.name();
    let folder = path.parent();
    let is_target_folder = |folder: &str| {
        ["src/bin", "tests", "examples", "benches"].iter().any(|kind| {
            let package = folder.strip_suffix(kind);
            package.is_some_and(|package| packages.contains(package.trim_end_matches('/')))
        })
    };
    let in_src =
        folder.strip_suffix("src").is_some_and(|package| packages.contains(package.trim_end_matches('/')));
    (name == "main.rs" && (in_src || above(folder).is_some_and(is_target_folder)))
        || (name == "build.rs" && packages.contains(folder))
        || is_target_folder(folder)
}

/// Names that a file takes from elsewhere and where from.
fn imported_names<'t>(tree: &FileTree<'t>, file: u32) -> HashMap<&'t str, &'t str> {
    let imports = tree.file(file).outline.imports.iter();
    imports
        .flat_map(|import| import.names.iter().map(|name| (name.as_str(), import.module.as_str())))
        .filter(|(name, _)| *name != "*")
        .collect()
}
