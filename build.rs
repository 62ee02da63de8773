//! Finds the grammars: for each folder in `grammars/` the crate that its
//! `language.toml` names, if that crate is compiled in. Rebuilds when an
//! embedded grammar or template changes: the macro that embeds whole folders
//! does not tell cargo of new files. What the folders come to is hashed here, and
//! not at each start.

use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=grammars");
    println!("cargo::rerun-if-changed=templates");
    println!("cargo::rerun-if-changed=Cargo.toml");
    let manifest = table(Path::new("Cargo.toml"));
    let mut folders = entries(Path::new("grammars"));
    folders.retain(|path| path.is_dir());
    println!("cargo::rustc-env=GRAMMARS_FINGERPRINT={:016x}", fingerprint(&folders));
    // A folder without a manifest holds queries that others share.
    folders.retain(|folder| folder.join("language.toml").is_file());
    let mut arms = String::new();
    for folder in folders {
        let path = folder.join("language.toml");
        let language = table(&path);
        let text = |key: &str| language.get(key).and_then(|value| value.as_str());
        let name = text("name").unwrap_or_else(|| panic!("{}: `name` is missing", path.display()));
        let Some(grammar) = text("grammar") else { continue };
        if is_compiled_in(&manifest, grammar) {
            let constant = text("constant").unwrap_or("LANGUAGE");
            let crate_name = grammar.replace('-', "_");
            writeln!(arms, "        {name:?} => {crate_name}::{constant}.into(),").expect("a string");
        }
    }
    let code = format!(
        "fn grammar(language: &str) -> Option<tree_sitter::Language> {{\n    Some(match language {{\n{arms}        _ => return None,\n    }})\n}}\n"
    );
    let out = env::var_os("OUT_DIR").expect("cargo names the folder");
    fs::write(Path::new(&out).join("grammars.rs"), code).expect("the folder for what is generated");
}

/// What a folder holds, sorted.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

/// Hash of the files right in these folders: manifests and queries, not the
/// examples below.
fn fingerprint(folders: &[PathBuf]) -> u64 {
    let mut hash = DefaultHasher::new();
    let files = folders.iter().flat_map(|folder| entries(folder)).filter(|path| path.is_file());
    for file in files {
        file.hash(&mut hash);
        fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display())).hash(&mut hash);
    }
    hash.finish()
}

fn table(path: &Path) -> toml::Table {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A dependency that is not optional is there; an optional one with the
/// feature of its name.
fn is_compiled_in(manifest: &toml::Table, crate_name: &str) -> bool {
    let Some(dependency) = manifest["dependencies"].get(crate_name) else { return false };
    let is_optional = dependency.get("optional").and_then(|value| value.as_bool()) == Some(true);
    let feature = format!("CARGO_FEATURE_{}", crate_name.to_uppercase().replace('-', "_"));
    !is_optional || env::var_os(feature).is_some()
}
