//! Imports of Java, Kotlin and Scala: a package and a name in it. Kotlin and
//! Scala name packages as they like whatever the folder, so files are found by
//! the package that they declare, in all of these languages at once.
//!
//! Not here: names that need no import because they are in the same package,
//! and class paths: of several files with one name the nearest counts.

use std::collections::HashMap;

use super::FileTree;
use super::declared::{Declared, nearest};
use crate::model::{Import, SymbolKind};

pub(super) fn resolve(tree: &FileTree<'_>, files: &[u32], edges: &mut [Vec<u32>]) {
    let declared = declared(tree, files);
    let mut unread: HashMap<&str, Vec<u32>> = HashMap::new();
    for &file in files.iter().filter(|file| tree.file(**file).outline.symbols.is_empty()) {
        unread.entry(tree.file(file).path.stem()).or_default().push(file);
    }
    for &file in files {
        let outline = tree.file(file).outline;
        let resolver = JvmResolver { tree, declared: &declared, unread: &unread, file };
        for import in &outline.imports {
            resolver.targets(import, &mut edges[file as usize]);
        }
    }
}

/// What stands at the top of each file, and in Scala's package objects.
fn declared<'t>(tree: &FileTree<'t>, files: &[u32]) -> Declared<'t> {
    let mut declared = Declared::default();
    for &file in files {
        let outline = tree.file(file).outline;
        let package = outline.package.as_str();
        for symbol in &outline.symbols {
            let parent = symbol.parent.and_then(|parent| outline.symbols.get(parent as usize));
            match parent {
                None => declared.add(package, symbol.name.as_str(), file),
                Some(up) if up.kind == SymbolKind::Module && up.parent.is_none() => {
                    declared.add(&dotted(package, up.name.as_str()), symbol.name.as_str(), file);
                }
                Some(_) => {}
            }
        }
    }
    declared
}

fn dotted(package: &str, name: &str) -> String {
    match package.is_empty() {
        true => name.to_string(),
        false => format!("{package}.{name}"),
    }
}

struct JvmResolver<'t> {
    tree: &'t FileTree<'t>,
    declared: &'t Declared<'t>,
    /// Files of which only the path is known, by their names.
    unread: &'t HashMap<&'t str, Vec<u32>>,
    /// The importing one.
    file: u32,
}

impl JvmResolver<'_> {
    fn targets(&self, import: &Import, out: &mut Vec<u32>) {
        let module = import.module.as_str().trim_start_matches("_root_.");
        if import.names.is_empty() {
            self.name(module, out);
        }
        for name in &import.names {
            match name.as_str() {
                "*" | "_" => self.all_of(module, out),
                name => self.name(&dotted(module, name), out),
            }
        }
    }

    /// `a.b.C`, `a.b.C.member`: the longest package, then a name in it. Scala
    /// counts from the packages around too.
    fn name(&self, path: &str, out: &mut Vec<u32>) {
        for reading in self.readings(path) {
            // The packages around do not stand for what is written.
            let least = (reading.len() - path.len()).saturating_sub(1);
            let mut end = reading.rfind('.');
            while let Some(at) = end.filter(|at| *at >= least) {
                let (package, rest) = (&reading[..at], &reading[at + 1..]);
                let found = self.files(package, rest.split('.').next().unwrap_or_default());
                if !found.is_empty() {
                    out.extend(found);
                    return;
                }
                // It is known, and the name is not in it.
                if self.declared.has_package(package) {
                    break;
                }
                end = package.rfind('.');
            }
        }
    }

    /// Everything of a package is what the file mentions of it; everything of
    /// a class is the class.
    fn all_of(&self, path: &str, out: &mut Vec<u32>) {
        for path in self.readings(path) {
            if self.declared.has_package(&path) {
                self.declared.mentioned(self.tree, &path, self.file, out);
                return;
            }
        }
        self.name(path, out);
    }

    /// The path as it stands, then below each package around, innermost first.
    fn readings(&self, path: &str) -> Vec<String> {
        let mut readings = vec![path.to_string()];
        let importing = self.tree.file(self.file);
        if importing.language == Some("scala") {
            let package = importing.outline.package.as_str();
            let mut around = Some(package).filter(|package| !package.is_empty());
            while let Some(package) = around {
                readings.push(dotted(package, path));
                around = package.rfind('.').map(|at| &package[..at]);
            }
        }
        readings
    }

    /// A class of Java is in one file; what Kotlin and Scala declare may be in
    /// several.
    fn files(&self, package: &str, name: &str) -> Vec<u32> {
        let mut found = self.declared.files(self.tree, package, name, self.file);
        if found.is_empty() {
            found = self.unread(package, name);
        }
        if self.tree.file(self.file).language == Some("java") {
            found = nearest(self.tree, self.file, found).into_iter().collect();
        }
        found
    }

    /// Where only paths are known: `a/b/C.java` at the end of one.
    fn unread(&self, package: &str, name: &str) -> Vec<u32> {
        let folder = package.replace('.', "/");
        let is_there = |file: &u32| {
            let root = self.tree.file(*file).path.parent().strip_suffix(folder.as_str());
            root.is_some_and(|root| root.is_empty() || root.ends_with('/'))
        };
        let files = self.unread.get(name).into_iter().flatten().copied();
        nearest(self.tree, self.file, files.filter(is_there).collect()).into_iter().collect()
    }
}
