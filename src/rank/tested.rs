//! Which tests exercise a file: by their names, their imports, the names that
//! they mention, and the commits in which both changed.
//!
//! Not here: what matters for a goal, and the command that runs a test.

use std::collections::{BTreeMap, HashMap};

use super::graph::subject;
use super::history::Log;
use super::names::{is_index, module_name};
use crate::model::{Class, File, RelPath, SymbolKind, Tree};

/// Tests told of one file.
const MOST: usize = 3;

/// What each kind of evidence counts, set by hand at what a person would say
/// first. Close to the file by its folder settles between namesakes.
pub(super) const NAMESAKE: f64 = 3.0;
const NAMED_LIKE: f64 = 1.2;
const FOLDER_OF_IT: f64 = 1.5;
const CLOSE: f64 = 1.5;
const IMPORTS: f64 = 2.0;
const BY_INDEX: f64 = 0.5;
const MENTIONS: f64 = 0.8;
const TOGETHER: f64 = 1.5;
const INSIDE: f64 = 3.5;

/// A test with less is none for this file.
const LEAST: f64 = 1.0;

/// Folders that say that a file is code, or a test, and nothing else.
const PLAIN: [&str; 14] = [
    "__tests__",
    "java",
    "kotlin",
    "lib",
    "main",
    "php",
    "scala",
    "spec",
    "specs",
    "src",
    "test",
    "testing",
    "tests",
    "unit",
];

/// A test for a file.
#[derive(Clone, Debug, PartialEq)]
pub struct TestOf {
    /// The file itself where its tests stand in it.
    pub test: u32,
    pub score: f64,
    /// The strongest evidence, in words.
    pub how: &'static str,
}

/// What speaks for a test of a file, each by its own measure.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct TestEvidence {
    /// It is named like the file, or its folder is.
    pub name: f64,
    pub import: f64,
    /// How many names of the file alone it mentions, as a logarithm.
    pub mentions: f64,
    /// Share of the commits of the file in which it changed.
    pub together: f64,
}

impl TestEvidence {
    /// What it counts in all, and the strongest of it in words.
    fn told(&self) -> (f64, &'static str) {
        let parts = [
            (self.name, "by its name"),
            (self.import, "imports it"),
            (MENTIONS * self.mentions, "uses what it declares"),
            (TOGETHER * self.together, "changes together with it"),
        ];
        let best = parts.iter().fold(parts[0], |a, b| if b.0 > a.0 { *b } else { a });
        (super::quantise(parts.iter().map(|(score, _)| score).sum()), best.1)
    }

    /// Whether the test is one of the file.
    pub(super) fn is_enough(&self) -> bool {
        self.told().0 >= LEAST
    }
}

/// What speaks for every test that a runner takes, for a file.
pub(super) fn evidence(tree: &Tree, log: Option<&Log>, file: u32) -> Vec<(u32, TestEvidence)> {
    let path = &tree.files[file as usize].facts.path;
    let together = log.map(|log| log.shares(file)).unwrap_or_default();
    let mentioned = log.map(|_| mentions(tree, file)).unwrap_or_default();
    let module = plain(module_name(path));
    let of = |(test, other): (u32, &File)| {
        let found = TestEvidence {
            name: by_name(&module, path, &other.facts.path),
            import: by_import(tree, file, test),
            mentions: mentioned.get(&test).copied().unwrap_or(0.0),
            together: together.get(&test).copied().unwrap_or(0.0),
        };
        (test, found)
    };
    let tests = (0..).zip(&tree.files).filter(|(at, other)| *at != file && is_run(other));
    tests.map(of).collect()
}

/// The tests of a file, the best first. Without `log` by names and imports
/// alone: no other file's content is looked at.
pub fn of(tree: &Tree, log: Option<&Log>, file: u32) -> Vec<TestOf> {
    let own = &tree.files[file as usize];
    if own.facts.class == Class::Test {
        let itself = TestOf { test: file, score: INSIDE, how: "itself" };
        return is_run(own).then_some(itself).into_iter().collect();
    }
    let mut found: Vec<TestOf> = Vec::new();
    if has_tests_inside(own) {
        found.push(TestOf { test: file, score: INSIDE, how: "inside it" });
    }
    for (test, evidence) in evidence(tree, log, file).into_iter().filter(|(_, found)| found.is_enough()) {
        let (score, how) = evidence.told();
        found.push(TestOf { test, score, how });
    }
    found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.test.cmp(&b.test)));
    found.truncate(MOST);
    found
}

/// Folders of what tests read, and of measurements, in which no runner looks for tests.
#[rustfmt::skip]
const DATA_FOLDERS: [&str; 9] = [
    "__fixtures__", "__mocks__", "__snapshots__", "benches", "benchmarks", "fixtures", "test-data", "test_data", "testdata",
];

/// What tests share is called so in Rust and Ruby, without marks between its words.
#[rustfmt::skip]
const HELPERS: [&str; 12] = [
    "common", "helper", "helpers", "macros", "spechelper", "support", "testhelper", "testhelpers", "testutil", "testutils",
    "util", "utils",
];

/// Whether a runner would take a test for one: no data, no helper. Python's and
/// Go's runners go by the name of the file; the others are told by its folder.
pub(super) fn is_run(file: &File) -> bool {
    let path = &file.facts.path;
    let is_named = match file.facts.language {
        None => false,
        Some("python") => is_python_test(path.stem()),
        Some("go") => path.stem().ends_with("_test"),
        Some(_) => true,
    };
    let is_data = || path.parent().split('/').any(|folder| DATA_FOLDERS.contains(&folder));
    let is_helper = || {
        matches!(file.facts.language, Some("rust" | "ruby")) && HELPERS.contains(&plain(path.stem()).as_str())
    };
    file.facts.class == Class::Test && is_named && !is_data() && !is_helper()
}

/// `test_*.py` and `*_test.py` for pytest, `test*.py` for unittest and Django.
fn is_python_test(stem: &str) -> bool {
    stem.starts_with("test") || stem.ends_with("_test") || stem.ends_with("_tests")
}

/// Rust keeps the tests of a file in a module at its end.
pub(super) fn has_tests_inside(file: &File) -> bool {
    let symbols = &file.content().outline.symbols;
    file.facts.language == Some("rust")
        && symbols.iter().any(|symbol| {
            symbol.kind == SymbolKind::Module
                && matches!(symbol.name.as_str(), "test" | "tests")
                && symbol.end_line > symbol.line
        })
}

/// A name without the marks that spellings differ in.
pub(super) fn plain(name: &str) -> String {
    name.to_lowercase().replace(['_', '-', '.'], "")
}

fn by_name(module: &str, file: &RelPath, test: &RelPath) -> f64 {
    if module.len() < 2 {
        return 0.0;
    }
    let about = plain(&subject(test.stem()));
    let folder = || plain(&subject(test.parent().rsplit('/').next().unwrap_or_default()));
    let begins =
        || about.len() > 3 && module.len() > 3 && (about.starts_with(module) || about.ends_with(module));
    let score = match () {
        () if about == module => NAMESAKE,
        () if begins() => NAMED_LIKE,
        () if !is_index(file) && folder() == module => FOLDER_OF_IT,
        () => return 0.0,
    };
    score + CLOSE * closeness(file, test)
}

/// Share of the folders of a file that its test repeats, from 0 to 1.
pub(super) fn closeness(file: &RelPath, test: &RelPath) -> f64 {
    let folders = |path: &RelPath| -> Vec<String> {
        let parts = path.parent().split('/').map(|part| subject(part).trim_end_matches('_').to_owned());
        parts.filter(|part| !part.is_empty() && !PLAIN.contains(&part.as_str())).collect()
    };
    let (own, of_test) = (folders(file), folders(test));
    if own.is_empty() && of_test.is_empty() {
        return 1.0;
    }
    let common = own.iter().filter(|part| of_test.contains(part)).count();
    2.0 * common as f64 / (own.len() + of_test.len()) as f64
}

/// More where the test imports little else; less through a folder's index.
fn by_import(tree: &Tree, file: u32, test: u32) -> f64 {
    let imports_of = |file: u32| tree.imports.get(file as usize).map_or(&[][..], Vec::as_slice);
    let imports = imports_of(test);
    let code = imports.iter().filter(|to| tree.files[**to as usize].facts.class == Class::Source).count();
    let share = 1.0 / (code.max(1) as f64).sqrt();
    if imports.binary_search(&file).is_ok() {
        return 0.5 * IMPORTS + 0.5 * IMPORTS * share;
    }
    let through = imports.iter().any(|to| {
        is_index(&tree.files[*to as usize].facts.path) && imports_of(*to).binary_search(&file).is_ok()
    });
    if through { BY_INDEX * share } else { 0.0 }
}

/// How many names that the file declares, and few others do, each test that
/// may know the file mentions, as a logarithm.
fn mentions(tree: &Tree, file: u32) -> BTreeMap<u32, f64> {
    let declared = |at: u32| {
        let symbols = &tree.files[at as usize].content().outline.symbols;
        symbols
            .iter()
            .filter(|symbol| symbol.parent.is_none() || symbol.public)
            .map(|symbol| symbol.name.as_str())
    };
    let mut names: HashMap<&str, u32> =
        declared(file).filter(|name| name.len() > 3).map(|name| (name, 0)).collect();
    for (at, other) in tree.files.iter().enumerate() {
        if other.facts.class == Class::Source && at != file as usize {
            for name in declared(at as u32) {
                names.entry(name).and_modify(|others| *others += 1);
            }
        }
    }
    names.retain(|_, others| *others == 0);
    let mut found = BTreeMap::new();
    if names.is_empty() {
        return found;
    }
    for (at, test) in tree.files.iter().enumerate().filter(|(_, test)| test.facts.class == Class::Test) {
        let references = &test.content().outline.references;
        let count = references.iter().filter(|(name, _)| names.contains_key(name.as_str())).count();
        if count > 0 {
            found.insert(at as u32, (1.0 + count as f64).ln());
        }
    }
    found
}
