//! PHP's `use` by the rules of Composer's autoloader (PSR-4), then by the
//! namespace that a file declares; `require` and `include` of a literal path.
//!
//! Not here: classes of the file's own namespace.

use super::FileTree;
use super::declared::Declared;
use crate::model::{join_path, resolve_path};

pub(super) fn resolve(tree: &FileTree<'_>, files: &[u32], edges: &mut [Vec<u32>]) {
    let prefixes = prefixes(tree);
    let mut declared = Declared::default();
    for &file in files {
        let outline = tree.file(file).outline;
        for symbol in outline.symbols.iter().filter(|symbol| symbol.parent.is_none()) {
            declared.add(outline.package.as_str(), symbol.name.as_str(), file);
        }
    }
    for &file in files {
        let source = tree.file(file);
        let out = &mut edges[file as usize];
        for import in &source.outline.imports {
            let module = import.module.as_str();
            if let Some(path) = module.strip_prefix("./") {
                out.extend(resolve_path(source.path.parent(), path).and_then(|path| tree.find(&path)));
                continue;
            }
            let module = module.trim_start_matches('\\');
            let classes: Vec<String> = match import.names.is_empty() {
                true => vec![module.to_string()],
                false => import.names.iter().map(|name| format!("{module}\\{name}")).collect(),
            };
            for class in classes {
                match autoloaded(tree, &prefixes, &class) {
                    Some(found) => out.push(found),
                    None => {
                        let (package, name) = class.rsplit_once('\\').unwrap_or(("", &class));
                        out.extend(declared.files(tree, package, name, file));
                    }
                }
            }
        }
    }
}

/// The namespaces that each `composer.json` maps to a folder.
fn prefixes(tree: &FileTree<'_>) -> Vec<(String, String)> {
    let mut prefixes = Vec::new();
    for file in tree.files.iter().filter(|file| file.path.name() == "composer.json") {
        let Some(text) = tree.text(file) else { continue };
        let Ok(manifest) = serde_json::from_str::<serde_json::Value>(text.as_str()) else { continue };
        for section in ["autoload", "autoload-dev"] {
            for (prefix, folders) in manifest[section]["psr-4"].as_object().into_iter().flatten() {
                let folders = match folders.as_array() {
                    Some(folders) => folders.iter().collect(),
                    None => vec![folders],
                };
                for folder in folders.into_iter().filter_map(|folder| folder.as_str()) {
                    let folder = resolve_path(file.path.parent(), folder);
                    prefixes.extend(folder.map(|folder| (prefix.clone(), folder)));
                }
            }
        }
    }
    // The longest prefix counts, as it does for Composer.
    prefixes.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.cmp(b)));
    prefixes
}

fn autoloaded(tree: &FileTree<'_>, prefixes: &[(String, String)], class: &str) -> Option<u32> {
    prefixes.iter().find_map(|(prefix, folder)| {
        let rest = class.strip_prefix(prefix.as_str())?;
        tree.find(&format!("{}.php", join_path(folder, &rest.replace('\\', "/"))))
    })
}
