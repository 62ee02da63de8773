//! The tests that exercise a change, with the commands that run just them, or why
//! all should run.
//!
//! Not here: which tests they are (`rank`), and what a runner is called
//! (`extract::project`).

use super::answer::{TextCache, test_views};
use super::{Context, Reading, Result};
use crate::model::{Class, Command, Diff, DiffFile, DiffStatus, History, Purpose, RelPath, SafeText};
use crate::rank::TestOf;
use crate::rank::change::{self, ChangeMeasure, ExercisedBy};
use crate::render::view::TestView;

/// Changed source files beyond which all tests run.
const MANY: usize = 40;

/// What to run for a change.
pub struct TestPlan {
    /// The best first.
    pub tests: Vec<PlannedTest>,
    /// Runs those tests alone; `None` where nothing tells how, or all should run.
    pub command: Option<SafeText>,
    /// Why all should run.
    pub all: Option<SafeText>,
    /// What runs all, if the project says it.
    pub all_command: Option<SafeText>,
    /// Changed source files for which no test is known.
    pub untested: Vec<RelPath>,
}

/// A test and how it came in.
pub struct PlannedTest {
    pub path: RelPath,
    pub how: &'static str,
    pub command: Option<SafeText>,
}

/// The tests to run for a change, `most` of them. `measured` is asked where code
/// changed.
pub fn test_plan<'a>(
    context: &Context,
    reading: &Reading,
    history: &History,
    (diff, measured): (&Diff, &dyn Fn() -> &'a ChangeMeasure),
    most: usize,
) -> Result<TestPlan> {
    let facts = reading.facts(context)?;
    let of_all = facts.commands.iter().find(|command| command.purpose == Purpose::Test);
    let all_command = of_all.map(|command: &Command| command.line.clone());
    let is_code = |file: &&DiffFile| is_class(reading, file, &[Class::Source, Class::Test]);
    let all = reason_for_all(context, reading, diff);
    if all.is_none() && !diff.files.iter().any(|file| is_code(&file)) {
        return Ok(TestPlan { tests: Vec::new(), command: None, all, all_command, untested: Vec::new() });
    }
    let ExercisedBy { mut tests, untested } = change::tests(&reading.tree, history, measured());
    tests.truncate(most);
    let path = |file: u32| reading.tree.files[file as usize].facts.path.clone();
    let untested: Vec<RelPath> = untested.into_iter().map(path).collect();
    let all = all.or_else(|| (tests.is_empty()).then(|| unknown(context, &untested)).flatten());
    let texts = TextCache::new(context, &reading.tree)?;
    let refs: Vec<&TestOf> = tests.iter().collect();
    let views = test_views(context, reading, &refs, &texts)?;
    let command = all.is_none().then(|| joined(&views)).flatten();
    let edits = |file: &RelPath| {
        diff.files.iter().any(|changed| changed.path == *file && changed.status != DiffStatus::Named)
    };
    let planned = tests.iter().zip(views).map(|(test, view)| {
        let path = path(test.test);
        let edited = edits(&path) && reading.tree.files[test.test as usize].facts.class == Class::Test;
        PlannedTest { path, how: if edited { "changed itself" } else { test.how }, command: view.command }
    });
    Ok(TestPlan { tests: planned.collect(), command, all, all_command, untested })
}

fn is_class(reading: &Reading, file: &DiffFile, classes: &[Class]) -> bool {
    let at = reading.tree.index_of(&file.path);
    at.is_some_and(|at| classes.contains(&reading.tree.files[at as usize].facts.class))
}

/// Why no choice of tests would do.
fn reason_for_all(context: &Context, reading: &Reading, diff: &Diff) -> Option<SafeText> {
    let changed = || diff.files.iter().filter(|file| file.status != DiffStatus::Named);
    if let Some(file) = changed().find(|file| is_build(&file.path)) {
        return Some(about(context, "decides how everything is built or tested", &file.path));
    }
    if let Some(file) = changed().find(|file| is_shared_by_tests(&file.path)) {
        return Some(about(context, "is shared by the tests below it", &file.path));
    }
    let sources = changed().filter(|file| is_class(reading, file, &[Class::Source])).count();
    (sources > MANY).then(|| {
        let many = [SafeText::number(sources as u32), SafeText::constant("source files changed")];
        SafeText::join(&many, " ")
    })
}

fn about(context: &Context, words: &'static str, path: &RelPath) -> SafeText {
    let path = context.redactor.name(path.as_str());
    let path = SafeText::join(&[SafeText::constant("`"), path, SafeText::constant("`")], "");
    SafeText::join(&[path, SafeText::constant(words)], " ")
}

fn unknown(context: &Context, untested: &[RelPath]) -> Option<SafeText> {
    let first = untested.first()?;
    Some(about(context, "changed, and no test is known for it", first))
}

/// Manifests, locks and settings of builds and runners.
#[rustfmt::skip]
const BUILD: [&str; 44] = [
    "CMakeLists.txt", "Cargo.lock", "Cargo.toml", "Dockerfile", "Gemfile", "Gemfile.lock", "Makefile", "Package.resolved",
    "Package.swift", "build.gradle", "build.gradle.kts", "build.rs", "build.sbt", "build.zig", "bun.lockb", "composer.json",
    "composer.lock", "deno.json", "go.mod", "go.sum", "gradle.properties", "jest.config.js", "jest.config.ts", "meson.build",
    "mix.exs", "mix.lock", "package-lock.json", "package.json", "phpunit.xml", "phpunit.xml.dist", "pnpm-lock.yaml",
    "poetry.lock", "pom.xml", "pyproject.toml", "pytest.ini", "requirements.txt", "rust-toolchain.toml", "settings.gradle",
    "setup.cfg", "setup.py", "tox.ini", "tsconfig.json", "uv.lock", "yarn.lock",
];

fn is_build(path: &RelPath) -> bool {
    let name = path.name();
    BUILD.contains(&name) || name.starts_with("vitest.config.") || name.starts_with("vite.config.")
}

/// What runners read before the tests of a folder.
fn is_shared_by_tests(path: &RelPath) -> bool {
    let stem = path.stem();
    let in_tests =
        path.parent().split('/').any(|part| matches!(part, "test" | "tests" | "spec" | "__tests__"));
    path.name() == "conftest.py"
        || in_tests
            && matches!(
                stem,
                "test_helper" | "spec_helper" | "rails_helper" | "setup" | "setupTests" | "bootstrap"
            )
}

/// One command for all of them: runners take several files in one call, where the
/// file stands last or behind one flag.
fn joined(tests: &[TestView]) -> Option<SafeText> {
    let mut groups: Vec<(SafeText, Vec<SafeText>)> = Vec::new();
    for test in tests {
        let command = test.command.clone()?;
        let (head, rest) = halves(&command, &test.path);
        let has_room = !rest.is_empty();
        let known = groups.iter_mut().find(|(known, files)| *known == head && has_room != files.is_empty());
        match known {
            Some((_, files)) if !has_room || files.contains(&rest) => {}
            Some((_, files)) => files.push(rest),
            None => groups.push((head, if has_room { vec![rest] } else { Vec::new() })),
        }
    }
    let lines = groups
        .into_iter()
        .map(|(head, files)| SafeText::join(&[head].into_iter().chain(files).collect::<Vec<_>>(), " "));
    let lines: Vec<SafeText> = lines.collect();
    (!lines.is_empty()).then(|| SafeText::join(&lines, " && "))
}

/// A command up to the file that it runs, and that file; the whole of it where it
/// takes no second one.
fn halves(command: &SafeText, path: &SafeText) -> (SafeText, SafeText) {
    let text = command.as_str();
    let is_path = |last: &str| path.as_str().ends_with(last) && last.contains('.') && !text.contains(" && ");
    if let Some((head, last)) = text.rsplit_once(' ').filter(|(_, last)| is_path(last)) {
        return (command.part(head), command.part(last));
    }
    if let Some((head, _)) = text.split_once(" --test ").filter(|(_, target)| !target.contains(' ')) {
        return (command.part(head), command.part(&text[head.len() + 1..]));
    }
    (command.clone(), SafeText::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(tests: &[(&str, &str)], expected: &str) {
        let safe = |text: &str| SafeText::from_redacted(text.to_string());
        let view = |(path, command): &(&str, &str)| TestView {
            path: safe(path),
            how: "",
            command: Some(safe(command)),
        };
        let views: Vec<TestView> = tests.iter().map(view).collect();
        assert_eq!(joined(&views).unwrap_or_default().as_str(), expected);
    }

    #[test]
    fn commands_of_one_runner_are_one() {
        check(
            &[("tests/a.py", "pytest tests/a.py"), ("tests/b.py", "pytest tests/b.py")],
            "pytest tests/a.py tests/b.py",
        );
        check(
            &[("tests/a.rs", "cargo test --test a"), ("tests/b.rs", "cargo test --test b")],
            "cargo test --test a --test b",
        );
        check(
            &[("src/a.rs", "cargo test --lib a"), ("src/b.rs", "cargo test --lib b")],
            "cargo test --lib a && cargo test --lib b",
        );
        check(&[("x/a_test.go", "go test ./x"), ("x/b_test.go", "go test ./x")], "go test ./x");
        check(
            &[("a/t.exs", "cd a && mix test t.exs"), ("b/t.exs", "cd b && mix test t.exs")],
            "cd a && mix test t.exs && cd b && mix test t.exs",
        );
    }
}
