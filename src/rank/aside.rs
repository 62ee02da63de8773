//! Files that stand beside what a project is for: helpers of tests, installers,
//! legacy code, examples. Their words are those of the code that they serve, so
//! that they match many goals and answer few.
//!
//! Not here: files that nobody edits (`walk/classify`), and tests themselves.

use super::goal::ParsedGoal;
use crate::model::{Class, RelPath, Tree};
use crate::rank_terms::{self, Terms};

/// What such a file loses unless the first line speaks of its kind. Of 24,000
/// files that fixes changed, 1 in 200 was one, and a third of those were named so
/// in the goal.
const LOSS: f64 = 1.0;

/// In a project of which this share is such files, they are what it is for.
const SUBJECT: f64 = 0.2;

/// Folders, and beginnings of names up to a mark.
#[rustfmt::skip]
const ASIDE: [&str; 28] = [
    "archive", "archived", "attic", "bench", "benches", "benchmark", "benchmarks", "bootstrap", "demo", "demos", "deprecated",
    "example", "examples", "fixtures", "install", "installer", "legacy", "mocks", "obsolete", "old", "sample", "samples",
    "testdata", "testing", "testlib", "testutil", "testutils", "testsupport",
];

/// What each file loses, as a negative number, by being such a file.
pub fn losses(tree: &Tree, goal: &ParsedGoal) -> Vec<f64> {
    let mut terms = Terms::default();
    let said: Vec<u32> = goal.words.iter().filter(|word| word.title).map(|word| word.term).collect();
    let mut says = |part: &str| terms.word(part).is_some_and(|term| said.contains(&term.0));
    let mut is_aside = |path: &RelPath| {
        kinds(path).next().is_some() && !kinds(path).any(|part| rank_terms::parts(part).any(&mut says))
    };
    let sources = tree.files.iter().filter(|file| file.facts.class == Class::Source).count();
    let losses: Vec<f64> = tree
        .files
        .iter()
        .map(|file| file.facts.class == Class::Source && is_aside(&file.facts.path))
        .map(|is_aside| if is_aside { -LOSS } else { 0.0 })
        .collect();
    let aside = losses.iter().filter(|loss| **loss < 0.0).count();
    if aside as f64 > SUBJECT * sources as f64 { vec![0.0; losses.len()] } else { losses }
}

/// The parts of a path that say so.
fn kinds(path: &RelPath) -> impl Iterator<Item = &str> {
    let folders = path.parent().split('/');
    let name = path.stem().split(['-', '.', '_']).next().unwrap_or_default();
    folders.chain([name]).filter(|part| is_kind(part))
}

fn is_kind(part: &str) -> bool {
    let plain = part.trim_matches('_').to_lowercase().replace(['_', '-'], "");
    ASIDE.contains(&plain.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_says_what_stands_aside() {
        let check = |path: &str, expected: bool| {
            assert_eq!(kinds(&RelPath::new(path).unwrap()).next().is_some(), expected, "{path}");
        };
        check("lib/testutils/src/repo.rs", true);
        check("install.sh", true);
        check("install-legacy.py", true);
        check("src/legacy/parse.py", true);
        check("src/test_utils/mod.rs", true);
        check("src/installed.rs", false);
        check("src/older.rs", false);
        check("src/parse.rs", false);
    }
}
