//! What `facts` tells of each kind of project: how its tests are run, all and
//! one, what it is and where it starts.

use super::tests::facts_of;
use super::{ProjectFacts, Purpose};

fn lines(facts: &ProjectFacts, purpose: Purpose) -> Vec<&str> {
    let commands = facts.commands.iter().filter(|command| command.purpose == purpose);
    commands.map(|command| command.line.as_str()).collect()
}

/// All tests, and one of them.
fn check_tests(files: &[(&str, &str)], all: &[&str], one: &str) {
    let facts = facts_of(files);
    assert_eq!(lines(&facts, Purpose::Test), all);
    assert_eq!(lines(&facts, Purpose::OneTest).join(" | "), one);
}

fn check_starts(files: &[(&str, &str)], expected: &[&str]) {
    let facts = facts_of(files);
    let starts: Vec<&str> = facts.entry_points.iter().map(|entry| entry.path.as_str()).collect();
    assert_eq!(starts, expected);
}

#[test]
fn tests_are_run_as_the_maintainers_do() {
    let clean = ("CONTRIBUTING.md", "Run the build with:\n\n```\n./gradlew clean check\n```\n");
    let gradle = [
        ("build.gradle.kts", ""),
        ("gradlew", ""),
        clean,
        ("src/test/kotlin/a/PeelTest.kt", "class PeelTest"),
    ];
    check_tests(&gradle, &["./gradlew clean check", "./gradlew test"], "./gradlew test --tests '*PeelTest'");
    let pom = "<project><artifactId>fig</artifactId><build><defaultGoal>clean verify</defaultGoal></build></project>";
    let maven = [("pom.xml", pom), ("src/test/java/a/FigTest.java", "class FigTest {}")];
    check_tests(&maven, &["mvn", "mvn test"], "mvn test -Dtest=FigTest");
    let guide =
        ("CONTRIBUTING.md", "- `go test -cpu 1,4 ./...` runs the tests\n- `go test` runs one folder\n");
    let go = [
        ("go.mod", "module x.org/fig\n"),
        ("fig_test.go", "package fig\nfunc TestPeel(t *testing.T) {}\n"),
        guide,
    ];
    check_tests(&go, &["go test -cpu 1,4 ./..."], "go test . -run '^(TestPeel)$'");
}

#[test]
fn a_guide_says_how_one_test_is_run() {
    let python = [
        ("pyproject.toml", "[tool.pytest.ini_options]\n"),
        ("tests/test_a.py", ""),
        ("CONTRIBUTING.md", "```console\n(.venv)$ pytest -k <test name> # Run an individual test\n```\n"),
    ];
    check_tests(&python, &["pytest"], "pytest -k <test name>");
    let silent = [("pyproject.toml", "[tool.pytest.ini_options]\n"), ("tests/test_a.py", "")];
    check_tests(&silent, &["pytest"], "pytest tests/test_a.py");
    let project = [
        ("Fig.sln", ""),
        (
            "AGENTS.md",
            "```\n# Run a single test project\ndotnet test ./test/Fig.Tests\n# Run a single test\ndotnet test --filter Name~Peel\n```\n",
        ),
        ("test/Fig.Tests/PeelTests.cs", ""),
    ];
    assert_eq!(lines(&facts_of(&project), Purpose::OneTest), ["dotnet test --filter Name~Peel"]);
}

#[test]
fn native_projects_have_tests_where_their_build_says_so() {
    let am = ("Makefile.am", "TESTS = tests/peel tests/skin\n");
    check_tests(
        &[("configure.ac", "AC_INIT([fig], [1.0])\n"), am],
        &["make check"],
        "make check TESTS=tests/peel",
    );
    check_tests(&[("meson.build", "project('fig', 'c')\n")], &[], "");
    let meson = [("meson.build", "project('fig', 'c')\n"), ("test/meson.build", "test('peel', exe)\n")];
    check_tests(&meson, &["meson test -C build"], "meson test -C build peel");
    let cmake = [
        ("CMakeLists.txt", "project(fig)\n"),
        ("test/CMakeLists.txt", "add_fig_test(peel-test)\n  add_test(NAME x COMMAND y)\n"),
    ];
    check_tests(&cmake, &["ctest --test-dir build"], "ctest --test-dir build -R peel-test");
    let vendored = [
        ("CMakeLists.txt", "project(fig)\n"),
        ("third_party/z/CMakeLists.txt", "add_test(NAME z COMMAND z)\n"),
    ];
    check_tests(&vendored, &[], "");
    let regress = [
        ("configure.ac", ""),
        ("regress/Makefile", "TESTS!= echo *.sh\nall:\n\tsh run\n"),
        ("regress/a.sh", ""),
    ];
    check_tests(&regress, &["make -C regress"], "make -C regress TESTS=a.sh");
    let bazel = [("MODULE.bazel", ""), ("tests/BUILD", "sh_test(\n    name = \"peel_test\",\n)\n")];
    check_tests(&bazel, &["bazel test //..."], "bazel test //tests:peel_test");
}

#[test]
fn a_project_starts_where_it_is_called_like_itself() {
    check_starts(
        &[("go.mod", "module x.org/fig\n"), ("fig.go", "package fig\n"), ("args.go", "package fig\n")],
        &["fig.go"],
    );
    check_starts(
        &[
            ("go.mod", "module x.org/fig\n"),
            ("cmd/fig/main.go", "package main\n"),
            ("benchmark/b/main.go", "package main\n"),
        ],
        &["cmd/fig/main.go"],
    );
    check_starts(
        &[
            ("configure.ac", "AC_INIT([fig], 1)\n"),
            ("fig.c", "int\nmain(int argc, char **argv)\n{\n"),
            ("peel.c", ""),
        ],
        &["fig.c"],
    );
    let app = "<activity android:name=\".PeelActivity\"><action android:name=\"android.intent.action.MAIN\"/></activity>";
    check_starts(
        &[
            ("app/src/main/AndroidManifest.xml", app),
            ("app/src/main/java/x/PeelActivity.kt", ""),
            ("build.gradle", ""),
        ],
        &["app/src/main/java/x/PeelActivity.kt"],
    );
    let swift =
        "let package = Package(name: \"fig\", products: [.library(name: \"Fig\", targets: [\"Fig\"])])";
    check_starts(&[("Package.swift", swift), ("Sources/Fig/Peel.swift", "")], &["Sources/Fig"]);
    let php = r#"{"name": "x/fig", "autoload": {"psr-4": {"Fig\\": "src/"}}}"#;
    check_starts(&[("composer.json", php), ("src/Peel.php", "")], &["src"]);
    check_starts(
        &[
            ("pom.xml", "<project><artifactId>a</artifactId></project>"),
            ("src/main/java/org/x/A1.java", ""),
            ("src/main/java/org/x/y/B.java", ""),
        ],
        &["src/main/java/org/x"],
    );
}

#[test]
fn what_a_project_is_stands_neither_under_usage_nor_under_sponsors() {
    let about = |readme: &str| facts_of(&[("README.md", readme)]).about.to_string();
    assert_eq!(
        about("# Fig\n\n## Sponsors\n\nFig is made possible entirely by the support of these people.\n"),
        ""
    );
    assert_eq!(
        about("# Fig\n\n## Usage\n\nBegin by declaring a type that defines what is to be peeled.\n"),
        ""
    );
    let two = "# Fig\n\nFig is a tool that peels figs quickly.\n\n## Releases\n\nReleases are signed with a key of the maintainers.\n";
    assert_eq!(about(two), "Fig is a tool that peels figs quickly.");
    assert_eq!(about("# Fig\n\nThere are several guides for developers and users.\n"), "");
    let adoc = [(
        "README.asciidoc",
        "= Fig\n:logo: http://x/y.png\nimage::x.png[]\n\n== Introduction\n\nFig is a code editor that peels figs.\n",
    )];
    assert_eq!(facts_of(&adoc).about.as_str(), "Fig is a code editor that peels figs.");
}

#[test]
fn commands_under_a_heading_below_one_about_building_count() {
    let readme = "# Fig\n\nBuilding Fig from the source of it\n---\n\n#### Instructions\n\n```console\n% make\n% make check\n```\n";
    let facts = facts_of(&[
        ("README.md", readme),
        ("Makefile", ".DEFAULT:\n\tcd src && $(MAKE) $@\n"),
        ("src/a.c", ""),
    ]);
    assert_eq!(lines(&facts, Purpose::Test), ["make check"]);
}

#[test]
fn translations_of_qt_are_no_typescript() {
    let facts = facts_of(&[
        ("src/main.cpp", ""),
        ("data/translations/fig_de.ts", "<TS>"),
        ("data/translations/fig_fr.ts", "<TS>"),
    ]);
    let languages: Vec<&str> = facts.languages.iter().map(|language| language.as_str()).collect();
    assert_eq!(languages, ["C++"]);
}
