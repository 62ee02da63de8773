//! Scripts whose name says that they generate, and whose text names the file that
//! they write: amalgamated headers, bundles.
//!
//! Not here: rules of build files (`rules`).

use super::super::source::SourceText;
use super::{Found, is_script};
use crate::model::{RelPath, SafeText};

/// Words of the names of such scripts.
const NAMES: [&str; 5] = ["amalgam", "bundle", "generat", "single_header", "single_include"];

/// Scripts that are read.
const MOST: usize = 20;

/// Takes up the generated files of which nothing else says how they are made.
pub(super) fn read(made: &[&RelPath], found: &mut Found) {
    let is_known =
        |path: &RelPath| found.entries.iter().any(|known| known.path == *path && !known.command.is_empty());
    let unknown: Vec<&RelPath> = made.iter().copied().filter(|path| !is_known(path)).collect();
    if unknown.is_empty() {
        return;
    }
    let is_generator = |path: &&&RelPath| {
        let name = path.name().to_lowercase();
        is_script(&name) && NAMES.iter().any(|word| name.contains(word))
    };
    let scripts = found.files.paths.iter().filter(is_generator).take(MOST).map(|path| (*path).clone());
    for script in scripts.collect::<Vec<RelPath>>() {
        let Some(text) = (found.files.text)(&script) else { continue };
        let source = SourceText { path: script, text };
        let quoted = quoted(source.str());
        for path in unknown.iter().filter(|path| quoted.contains(&path.name())) {
            let command = SafeText::of_path(&source.path, source.path.as_str());
            found.add(path.as_str(), origin(&quoted, path, found), command, &source.path);
        }
    }
}

/// The texts in quotes.
fn quoted(text: &str) -> Vec<&str> {
    let lines = text.lines();
    lines.flat_map(|line| line.split(['"', '\'']).skip(1).step_by(2)).collect()
}

/// The only folder that the script names beside that of what it writes.
fn origin(quoted: &[&str], path: &RelPath, found: &Found) -> Option<RelPath> {
    let is_source = |name: &&&str| found.is_folder(name) && !path.is_below(name);
    let mut folders: Vec<&str> =
        quoted.iter().filter(|name| !name.is_empty()).filter(is_source).copied().collect();
    folders.sort_unstable();
    folders.dedup();
    let [only] = folders[..] else { return None };
    RelPath::new(only)
}
