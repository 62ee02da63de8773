//! Tests and what they need, told by folders and names that most languages share.
//!
//! Not here: the names of one language, which are in its manifest (`extract`).

use std::sync::LazyLock;

use super::folders;
use super::name_globs::NameGlobs;
use crate::model::RelPath;

/// Folders that hold tests and what they need, at any depth.
const TEST_FOLDERS: &[&str] = &[
    "test",
    "tests",
    "__tests__",
    "spec",
    "specs",
    "testdata",
    "test_data",
    "test-data",
    "fixtures",
    "__fixtures__",
    "__mocks__",
    "__snapshots__",
    "e2e",
    "unittests",
    "integration_tests",
    "integration-tests",
    "benches",
    "fuzz_targets",
];

/// Names of tests. `*` stands for any run.
const TEST_NAMES: &[&str] = &[
    "test_*.py",
    "*_test.py",
    "tests.py",
    "test.py",
    "conftest.py",
    "*_test.go",
    "*_test.rs",
    "*_tests.rs",
    "tests.rs",
    "test.rs",
    "*.test.*",
    "*.spec.*",
    "*_spec.rb",
    "*_test.rb",
    "*_test.dart",
    "*_test.exs",
    "*_test.cc",
    "*_test.cpp",
    "*_test.c",
    "*_unittest.cc",
    "test_*.c",
    "*.snap",
];
static TESTS: LazyLock<NameGlobs> = LazyLock::new(|| NameGlobs::new(TEST_NAMES));

/// Like [`TEST_NAMES`], but only in this spelling: `Latest.java` is no test.
const TEST_NAMES_CASED: &[&str] = &[
    "*Test.java",
    "*Tests.java",
    "Test*.java",
    "*IT.java",
    "*Test.kt",
    "*Tests.cs",
    "*Test.cs",
    "*Tests.swift",
    "*Test.php",
    "*Spec.scala",
];
static TESTS_CASED: LazyLock<NameGlobs> = LazyLock::new(|| NameGlobs::new(TEST_NAMES_CASED));

pub(super) fn is_test(path: &RelPath, lower: &str, name: &str) -> bool {
    // `test` inside a Python package may be its product (`django/test`): there
    // the name of the file has to say so as well.
    let by_folder = |(depth, folder): (usize, &str)| {
        let is_product = folder == "test" && depth > 0 && name.ends_with(".py");
        TEST_FOLDERS.contains(&folder) && !is_product
    };
    folders(lower).enumerate().any(by_folder) || TESTS.fit(name) || TESTS_CASED.fit(path.name())
}
