//! Finds the grammars: for each folder in `grammars/` the crate that its
//! `language.toml` names, if that crate is compiled in. Rebuilds when an
//! embedded grammar or template changes: the macro that embeds whole folders
//! does not tell cargo of new files.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=grammars");
    println!("cargo::rerun-if-changed=templates");
    println!("cargo::rerun-if-changed=Cargo.toml");
    let manifest = table(Path::new("Cargo.toml"));
    let mut folders: Vec<_> =
        fs::read_dir("grammars").expect("grammars/").map(|entry| entry.expect("an entry").path()).collect();
    // A folder without a manifest holds queries that others share.
    folders.retain(|folder| folder.join("language.toml").is_file());
    folders.sort();
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
