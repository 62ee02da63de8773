//! C and C++: CMake, Meson, autotools, Bazel, plain Makefiles beside the tests.
//! Also Zig packages, whose manifests are programs: only their presence is read.
//!
//! Not here: targets and options, and where a program starts.

use super::source::{SourceFiles, SourceText};
use super::{FactsDraft, MAX_NAME, Purpose, choose};
use crate::model::{RelPath, SafeText};

/// Build files of one kind that are looked into for tests.
const MAX_BUILD_FILES: usize = 60;

pub(super) fn read(files: &SourceFiles, draft: &mut FactsDraft) {
    cmake(files, draft);
    meson(files, draft);
    autotools(files, draft);
    test_folder(files, draft);
    bazel(files, draft);
    if let Some(build) = files.find("build.zig") {
        draft.convention(Purpose::Build, "zig build", build);
        if files.open("build.zig").is_some_and(|source| source.str().contains("\"test\"")) {
            draft.convention(Purpose::Test, "zig build test", build);
        }
    }
}

/// The project's own build files of this name, those of other people's code left out.
fn build_files<'a>(files: &SourceFiles<'a>, name: &str) -> Vec<&'a RelPath> {
    let foreign =
        ["vendor", "third_party", "third-party", "thirdparty", "external", "extern", "deps", "subprojects"];
    let found = files.paths.iter().copied().filter(|path| path.name() == name);
    let own = found.filter(|path| !path.parent().split('/').any(|folder| foreign.contains(&folder)));
    own.take(MAX_BUILD_FILES).collect()
}

fn any_holds(files: &SourceFiles, name: &str, marks: &[&str]) -> bool {
    build_files(files, name).into_iter().filter_map(|path| files.open(path.as_str())).any(|source| {
        let lower = source.str().to_ascii_lowercase();
        marks.iter().any(|mark| lower.contains(mark))
    })
}

fn meson(files: &SourceFiles, draft: &mut FactsDraft) {
    let Some(source) = files.open("meson.build") else { return };
    let name = source
        .str()
        .split_once("project(")
        .and_then(|(_, rest)| rest.trim_start().strip_prefix('\'')?.split('\'').next());
    named(name.and_then(|name| source.quote(name)), draft);
    // Beside CMake it is there for those who include the project.
    if files.has("CMakeLists.txt") && !is_in_ci(files, "meson ") {
        return;
    }
    let folder = meson_folder(files).unwrap_or(SafeText::constant("build"));
    let in_folder =
        |command: &'static str| SafeText::join(&[SafeText::constant(command), folder.clone()], " ");
    let mut convention = |purpose, command| {
        let place = SafeText::default();
        let line = in_folder(command);
        let candidate = choose::CommandCandidate::new(purpose, line, &source.path, place, choose::CONVENTION);
        draft.candidates.push(candidate);
    };
    convention(Purpose::Setup, "meson setup");
    convention(Purpose::Build, "meson compile -C");
    let starts_test = |line: &str| {
        line.trim_start().strip_prefix("test").is_some_and(|rest| rest.trim_start().starts_with('('))
    };
    let mut build_files = build_files(files, "meson.build").into_iter();
    if build_files.any(|path| files.open(path.as_str()).is_some_and(|s| s.str().lines().any(starts_test))) {
        convention(Purpose::Test, "meson test -C");
    }
}

fn is_in_ci(files: &SourceFiles, word: &str) -> bool {
    let workflows = files.below(".github/workflows").iter().take(MAX_BUILD_FILES);
    workflows.filter_map(|path| files.open(path.as_str())).any(|source| source.str().contains(word))
}

/// The folder in which the README builds by Meson.
pub(super) fn meson_folder(files: &SourceFiles) -> Option<SafeText> {
    files.find("meson.build")?;
    let readme = files.open_first(&["README.md", "README.rst", "README"])?;
    let after = |mark: &str| readme.str().split_once(mark)?.1.split_whitespace().next();
    let folder = ["meson compile -C ", "meson test -C ", "meson setup ", "ninja -C "]
        .iter()
        .find_map(|mark| after(mark));
    let folder = folder.map(|folder| folder.trim_end_matches(['/', '`']));
    readme.quote(folder.filter(|folder| super::shell::is_plain_path(folder))?)
}

/// Whether a command of Meson builds in another folder than the README does, so
/// that it goes with none of the other commands.
pub(super) fn is_elsewhere(line: &str, folder: Option<&SafeText>) -> bool {
    let Some(folder) = folder else { return false };
    let is_meson = line.starts_with("meson ") || line.starts_with("ninja ");
    let named = line.split_once(" -C ").and_then(|(_, rest)| rest.split_whitespace().next());
    is_meson && named.is_some_and(|named| named.trim_end_matches('/') != folder.as_str())
}

/// A checkout has to make its `configure` first, a release brings it.
fn autotools(files: &SourceFiles, draft: &mut FactsDraft) {
    let Some(source) = files.find("configure.ac").or(files.find("configure.in")).or(files.find("configure"))
    else {
        return;
    };
    if let Some(source) = files.open(source.as_str()) {
        let name = source.str().split_once("AC_INIT(").and_then(|(_, rest)| {
            rest.trim_start_matches(['[', ' ', '"', '\n']).split([']', ',', ')', '"']).next()
        });
        named(name.and_then(|name| source.quote(name.trim())), draft);
    }
    let scripts =
        [("autogen.sh", "./autogen.sh"), ("bootstrap", "./bootstrap"), ("bootstrap.sh", "./bootstrap.sh")];
    let script = scripts.iter().find_map(|(name, line)| Some((files.find(name)?, *line)));
    match script {
        Some((script, line)) => draft.convention(Purpose::Setup, line, script),
        None if files.has("configure") => {}
        None => draft.convention(Purpose::Setup, "autoreconf -i", source),
    }
    draft.candidates.push(choose::CommandCandidate::new(
        Purpose::Build,
        SafeText::constant("./configure && make"),
        source,
        SafeText::default(),
        // Guides and CI spread the two steps over lines; neither is a build.
        choose::TASK,
    ));
    // Programs for tests that no rule runs are none.
    if let Some(makefile) = files.find("Makefile.am")
        && any_holds(
            files,
            "Makefile.am",
            &["tests =", "tests=", "tests +=", "check-local:", "check:", "\ntest:"],
        )
    {
        draft.convention(Purpose::Test, "make check", makefile);
    }
}

fn bazel(files: &SourceFiles, draft: &mut FactsDraft) {
    if let Some(module) =
        ["MODULE.bazel", "WORKSPACE.bazel", "WORKSPACE"].iter().find_map(|name| files.find(name))
    {
        draft.convention(Purpose::Build, "bazel build //...", module);
        let is_test = |name: &str| any_holds(files, name, &["_test(", "test_suite(", "_tests("]);
        if is_test("BUILD") || is_test("BUILD.bazel") {
            draft.convention(Purpose::Test, "bazel test //...", module);
        }
    }
}

/// Tests that a Makefile of their own runs: `make -C regress`.
fn test_folder(files: &SourceFiles, draft: &mut FactsDraft) {
    for (makefile, line) in [
        ("regress/Makefile", "make -C regress"),
        ("test/Makefile", "make -C test"),
        ("tests/Makefile", "make -C tests"),
        ("t/Makefile", "make -C t"),
    ] {
        let Some(source) = files.open(makefile) else { continue };
        let first = source.str().lines().find(|line| {
            line.contains(':') && !line.starts_with(['.', '\t', '#', ' ']) && !line.contains('=')
        });
        let runs =
            first.is_some_and(|line| ["all", "test", "check"].iter().any(|target| line.starts_with(target)));
        if runs {
            draft.convention(Purpose::Test, line, &source.path);
        }
    }
}

fn cmake(files: &SourceFiles, draft: &mut FactsDraft) {
    let Some(source) = files.open("CMakeLists.txt") else {
        return;
    };
    identify(&source, draft);
    draft.candidates.push(choose::CommandCandidate::new(
        Purpose::Build,
        SafeText::constant("cmake -B build && cmake --build build"),
        &source.path,
        SafeText::default(),
        // Guides and CI spread the two steps over lines; neither is a build.
        choose::TASK + 8,
    ));
    let marks = ["enable_testing", "include(ctest", "add_test", "discover_tests"];
    if any_holds(files, "CMakeLists.txt", &marks) {
        match test_option(&source) {
            Some(option) => draft.candidates.push(choose::CommandCandidate::new(
                Purpose::Test,
                tests_built_with(option),
                &source.path,
                SafeText::default(),
                choose::TASK + 8,
            )),
            None => draft.convention(Purpose::Test, "ctest --test-dir build", &source.path),
        }
    }
}

fn tests_built_with(option: SafeText) -> SafeText {
    let before = SafeText::constant("cmake -B build -D");
    let after = SafeText::constant("=ON && cmake --build build && ctest --test-dir build");
    SafeText::join(&[before, option, after], "")
}

/// The option without which no tests are built: `option(X_BUILD_TESTS "..." OFF)`.
fn test_option(source: &SourceText) -> Option<SafeText> {
    source.str().lines().find_map(|line| {
        let rest = line.trim().strip_prefix("option(")?;
        let name = rest.split_whitespace().next()?;
        let is_off = rest.trim_end().trim_end_matches(')').trim_end().ends_with("OFF");
        let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let decides = source.str().lines().any(|line| {
            let line = line.trim_start();
            line.starts_with("if")
                && line.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|word| word == name)
        });
        let upper = name.to_ascii_uppercase();
        let is_all = upper.ends_with("TESTS") || upper.ends_with("TESTING") || upper.ends_with("TEST");
        (is_off && is_plain && is_all && decides).then(|| source.quote(name))?
    })
}

fn identify(source: &SourceText, draft: &mut FactsDraft) {
    let name = source.str().lines().find_map(|line| {
        let line = line.trim();
        let rest = line.get(..8).filter(|start| start.eq_ignore_ascii_case("project(")).and(line.get(8..))?;
        let name = rest.trim_start().split([' ', ')', '\t']).next()?;
        (!name.contains('$')).then(|| source.quote(name))?
    });
    named(name, draft);
}

fn named(name: Option<SafeText>, draft: &mut FactsDraft) {
    let none = SafeText::default;
    let name = name.unwrap_or_default().one_line(MAX_NAME);
    draft.identify(name, none(), none(), none());
}
