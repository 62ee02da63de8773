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
    check_tests(&python, &["pytest"], "pytest tests/test_a.py");
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

#[test]
fn programs_that_a_build_finds_by_itself_are_where_a_project_starts() {
    let cargo = [
        ("Cargo.toml", "[package]\nname = \"fig\"\nversion = \"1.0.0\"\n"),
        ("flake.nix", ""),
        ("src/bin/fig/main.rs", ""),
        ("src/bin/peel.rs", ""),
        ("src/bin/fig/args.rs", ""),
    ];
    check_starts(&cargo, &["src/bin/fig/main.rs", "src/bin/peel.rs"]);
    check_starts(&[("build.zig", ""), ("flake.nix", ""), ("src/main.zig", "")], &["src/main.zig"]);
    check_starts(&[("flake.nix", ""), ("modules/a.nix", "")], &["flake.nix"]);
    let deno = [
        ("packages/fig/deno.json", r#"{"name": "@x/fig", "exports": "./mod.ts"}"#),
        ("packages/fig/mod.ts", ""),
    ];
    check_starts(&deno, &["packages/fig/mod.ts"]);
}

#[test]
fn libraries_beside_that_of_the_project_s_name_are_its_parts() {
    let member = |name: &str| format!("[package]\nname = \"{name}\"\nversion = \"1.0.0\"\n");
    let (fig, skin) = (member("fig"), member("skin"));
    let files = [
        ("Cargo.toml", "[workspace]\nmembers = [\"*\"]\n"),
        ("README.md", "# fig\n\nFig is a library that peels figs.\n"),
        ("fig/Cargo.toml", fig.as_str()),
        ("fig/src/lib.rs", ""),
        ("skin/Cargo.toml", skin.as_str()),
        ("skin/src/lib.rs", ""),
    ];
    check_starts(&files, &["fig/src/lib.rs"]);
}

#[test]
fn the_example_of_one_test_is_one_that_runs() {
    let one = |files: &[(&str, &str)]| {
        let facts = facts_of(files);
        lines(&facts, Purpose::OneTest).first().map(|line| line.to_string()).unwrap_or_default()
    };
    let maven = [
        ("pom.xml", "<project><artifactId>fig</artifactId></project>"),
        ("src/main/java/x/Fig.java", ""),
        ("src/main/java/x/FigTest.java", ""),
        ("src/test/java/x/AbstractFigTest.java", ""),
        ("src/test/java/x/PeelTest.java", ""),
    ];
    assert_eq!(one(&maven), "mvn test -Dtest=PeelTest");
    let mix = [
        ("mix.exs", "project: [app: :fig]"),
        ("CONTRIBUTING.md", "# Fig\n\n## Tests\n\n```sh\nmix test\n```\n"),
        ("installer/mix.exs", ""),
        ("installer/test/a_test.exs", ""),
        ("lib/fig.ex", ""),
        ("test/b_test.exs", ""),
        ("test/c_test.exs", ""),
    ];
    assert_eq!(one(&mix), "mix test test/b_test.exs");
    let guide = |line: &str| format!("# Guide\n\nTo run a single test file:\n\n```sh\n{line}\n```\n");
    let (bare, named) = (guide("php artisan test --compact"), guide("php artisan test --filter=peel"));
    let php = [("composer.json", "{}"), ("artisan", ""), ("tests/PeelTest.php", "")];
    assert_eq!(
        one(&[&php[..], &[("CONTRIBUTING.md", named.as_str())]].concat()),
        "php artisan test --filter=peel"
    );
    assert_ne!(
        one(&[&php[..], &[("CONTRIBUTING.md", bare.as_str())]].concat()),
        "php artisan test --compact"
    );
    let poetry = [
        ("pyproject.toml", "[tool.poetry]\nname = \"fig\"\n[tool.pytest.ini_options]\n"),
        ("CONTRIBUTING.md", "# Fig\n\n## Tests\n\n```sh\npoetry run pytest\n```\n"),
        ("fig/a.py", ""),
        ("tests/test_a.py", ""),
    ];
    assert_eq!(one(&poetry), "poetry run pytest tests/test_a.py");
    let bazel = [
        ("MODULE.bazel", ""),
        (
            "a/BUILD.bazel",
            "go_proto_checkedin_test(\n    src = \"a.go\",\n)\n\nproto_library(\n    name = \"a_proto\",\n)\n",
        ),
        ("b/BUILD.bazel", "go_test(\n    name = \"b_test\",\n)\n"),
        ("b/b.go", ""),
    ];
    assert_eq!(one(&bazel), "bazel test //b:b_test");
}

#[test]
fn a_build_folder_is_the_same_in_every_command() {
    let files = [
        ("meson.build", "project('fig', 'c')\ntest('peel', exe)\n"),
        ("README.md", "# fig\n\n## Building\n\n```sh\nmeson _out\nmeson compile -C _out\n```\n"),
        (".github/workflows/ci.yml", "jobs:\n  a:\n    steps:\n    - run: ninja -C _build\n"),
        ("fig.c", ""),
    ];
    let facts = facts_of(&files);
    assert_eq!(lines(&facts, Purpose::Setup), ["meson setup _out"]);
    assert_eq!(lines(&facts, Purpose::Build), ["meson compile -C _out"]);
    assert_eq!(lines(&facts, Purpose::Test), ["meson test -C _out"]);
    assert_eq!(lines(&facts, Purpose::OneTest), ["meson test -C _out peel"]);
}

#[test]
fn tests_that_an_option_builds_are_built_first() {
    let cmake = "project(fig)\noption(FIG_BUILD_TESTS \"Build tests\" OFF)\nif(FIG_BUILD_TESTS)\n  enable_testing()\nendif()\n";
    let facts = facts_of(&[("CMakeLists.txt", cmake), ("fig.cpp", "")]);
    let expected = "cmake -B build -DFIG_BUILD_TESTS=ON && cmake --build build && ctest --test-dir build";
    assert_eq!(lines(&facts, Purpose::Test), [expected]);
}

#[test]
fn what_sets_up_something_else_is_no_set_up() {
    let files = [
        ("package.json", r#"{"name": "fig", "scripts": {"test": "jest"}}"#),
        ("package-lock.json", "{}"),
        ("install", ""),
        ("setup.py", ""),
        ("README.md", "# Fig\n\n## Install\n\n```sh\nnpm init fig\n./install --all\n```\n"),
        (
            ".github/workflows/ci.yml",
            "jobs:\n  a:\n    steps:\n    - run: yarn\n    - run: npm ci\n    - run: python setup.py sdist\n",
        ),
        ("index.js", ""),
    ];
    assert_eq!(lines(&facts_of(&files), Purpose::Setup), ["npm ci"]);
}

#[test]
fn the_example_of_one_test_is_a_test_of_the_project() {
    let node = r#"{"scripts": {"test": "vitest run"}, "devDependencies": {"vitest": "1"}}"#;
    let guided = |line: &'static str| [("package.json", node), ("src/peel.test.ts", ""), ("AGENTS.md", line)];
    let path = guided("- `pnpm vitest run <path>` runs a single test\n");
    check_tests(&path, &["npm test"], "pnpm vitest run src/peel.test.ts");
    let gone = [
        ("bin/bats", ""),
        ("test/peel.bats", ""),
        (
            "CONTRIBUTING.md",
            "All tests:\n```\nbin/bats test\n```\nA single test file:\n```\nbin/bats test/file.bats\n```\n",
        ),
    ];
    assert_eq!(lines(&facts_of(&gone), Purpose::OneTest), ["bin/bats test/peel.bats"]);
    let renamed = [
        ("Fig.sln", ""),
        ("AGENTS.md", "- Run a single test: `dotnet test --filter FullyQualifiedName~SkinTests`\n"),
        ("test/Fig.Tests/Fig.Tests.csproj", ""),
        ("test/Fig.Tests/PeelTests.cs", ""),
    ];
    assert_eq!(
        lines(&facts_of(&renamed), Purpose::OneTest),
        ["dotnet test test/Fig.Tests/Fig.Tests.csproj --filter FullyQualifiedName~PeelTests"]
    );
    // A line that says it itself goes before what stands below a heading.
    let safe =
        "#### Individual test\n```\n./urchin test/fast/\n./urchin test/peel.sh # Run a single test\n```\n";
    let shell = [("urchin", ""), ("test/peel.sh", ""), ("AGENTS.md", safe)];
    assert_eq!(lines(&facts_of(&shell), Purpose::OneTest), ["./urchin test/peel.sh"]);
}

#[test]
fn the_example_of_one_test_needs_no_more_than_the_others() {
    let suite = "package fig\nfunc Test(t *testing.T) { run(t, s{}) }\nfunc (s) TestSkin(t *testing.T) {}\n";
    let go = [
        ("go.mod", "module x.org/fig\n"),
        ("Makefile", "test:\n\tgo test ./...\n"),
        ("a_test.go", suite),
        ("b_test.go", "package fig\nfunc TestPeel(t *testing.T) {}\n"),
    ];
    check_tests(&go, &["make test", "go test ./..."], "go test . -run '^(TestPeel)$'");
    let pom = "<project><artifactId>fig</artifactId></project>";
    let maven = [
        ("pom.xml", pom),
        ("src/test/java/a/FigIntegrationTests.java", ""),
        ("src/test/java/a/PeelTests.java", ""),
    ];
    check_tests(&maven, &["mvn test"], "mvn test -Dtest=PeelTests");
    // An import of a class of Android's plugin makes no module of Android.
    let gradle = [
        ("build.gradle.kts", ""),
        ("core/build.gradle.kts", "import com.android.build.dependsOn\n"),
        ("core/src/test/java/a/PeelTest.java", ""),
    ];
    check_tests(&gradle, &["gradle test"], "gradle :core:test --tests '*PeelTest'");
    // A part in another language has its manifest in its own folder.
    let both = [
        ("pyproject.toml", "[tool.pytest.ini_options]\n"),
        ("core/Cargo.toml", "[package]\nname = \"core\"\n"),
        ("core/src/lib.rs", ""),
        ("core/src/a.rs", ""),
        ("core/tests/skin.rs", ""),
        ("fig/__init__.py", ""),
        ("tests/test_peel.py", ""),
    ];
    check_tests(&both, &["pytest"], "pytest tests/test_peel.py");
    let locked =
        [("pyproject.toml", "[tool.pytest.ini_options]\n"), ("uv.lock", ""), ("tests/test_peel.py", "")];
    assert_eq!(lines(&facts_of(&locked), Purpose::OneTest), ["uv run pytest tests/test_peel.py"]);
    let scala = [
        ("build.sbt", ""),
        ("a/src/test/scala-2.12/a/OldSuite.scala", ""),
        ("a/src/test/scala/a/PeelSuite.scala", ""),
    ];
    assert_eq!(lines(&facts_of(&scala), Purpose::OneTest), ["sbt \"testOnly *PeelSuite\""]);
    let ava = [
        ("package.json", r#"{"scripts": {"test": "xo && NODE_OPTIONS='--import=tsx/esm' ava"}}"#),
        ("test/peel.ts", ""),
    ];
    check_tests(&ava, &["npm test"], "NODE_OPTIONS='--import=tsx/esm' npx ava test/peel.ts");
}

#[test]
fn native_tests_are_those_that_a_rule_runs() {
    let unused = [("configure.ac", "AC_INIT([fig], [1.0])\n"), ("Makefile.am", "check_PROGRAMS = fuzz\n")];
    check_tests(&unused, &[], "");
    let meson = [
        ("meson.build", "project('fig', 'c')\nsubdir('test')\n"),
        ("test/meson.build", "test(\n  'peel',\n  exe,\n)\n"),
        ("Makefile", "test:\n\tmeson test -C build\n"),
    ];
    assert_eq!(lines(&facts_of(&meson), Purpose::OneTest), ["meson test -C build peel"]);
    // What only tells others how to include the project builds nothing here.
    let both = [
        ("CMakeLists.txt", "project(fig)\n"),
        ("meson.build", "project('fig', 'c')\n"),
        ("WORKSPACE.bazel", ""),
    ];
    assert_eq!(lines(&facts_of(&both), Purpose::Setup), [""; 0]);
    check_tests(&both, &[], "");
    let globbed = [
        ("CMakeLists.txt", "project(fig)\nenable_testing()\n"),
        ("tests/CMakeLists.txt", "file(GLOB files src/unit-*.cpp)\n"),
        ("tests/cmake_import/CMakeLists.txt", "add_test(NAME import COMMAND x)\n"),
        ("tests/src/unit-peel.cpp", ""),
    ];
    check_tests(&globbed, &["ctest --test-dir build"], "ctest --test-dir build -R peel");
    let docs = [
        ("MODULE.bazel", ""),
        ("docs/BUILD", "doc_with_diff_test(\n    name = \"page\",\n)\n"),
        ("rules/tests/BUILD", "sh_test(\n    name = \"peel_test\",\n)\n"),
    ];
    check_tests(&docs, &["bazel test //..."], "bazel test //rules/tests:peel_test");
}

#[test]
fn a_project_starts_at_what_its_users_take() {
    let pom = "<project><name>fig Java Parser</name><artifactId>fig</artifactId></project>";
    check_starts(
        &[("pom.xml", pom), ("src/main/java/a/Fig.java", ""), ("src/main/java/a/parser/Parser.java", "")],
        &["src/main/java/a/Fig.java"],
    );
    let exported =
        r#"{"name": "fig", "exports": {"types": "./dist/src/a.d.ts", "default": "./dist/src/a.js"}}"#;
    check_starts(&[("package.json", exported), ("src/a.ts", ""), ("src/b.ts", "")], &["src/a.ts"]);
    let member =
        |name: &'static str| (name, r#"{"name": "x", "bin": {"hint": "bin/hint.js"}, "main": "a.js"}"#);
    check_starts(
        &[
            ("package.json", r#"{"name": "fig", "workspaces": ["packages/*"]}"#),
            member("packages/a/package.json"),
            ("packages/a/bin/hint.js", ""),
            member("packages/b/package.json"),
            ("packages/b/bin/hint.js", ""),
            member("packages/c/package.json"),
            ("packages/c/bin/hint.js", ""),
            ("packages/a/a.js", ""),
        ],
        &["packages/a/a.js"],
    );
    check_starts(
        &[
            ("MODULE.bazel", "module(\n    name = \"rules_fig\",\n)\n"),
            ("fig/defs.bzl", ""),
            ("gazelle/go.mod", "module g\n"),
            ("gazelle/x/main.go", "package main\n"),
        ],
        &["fig/defs.bzl", "gazelle/x/main.go"],
    );
    check_starts(&[("flake.nix", ""), ("lib/a.nix", ""), ("README.md", "# Fig with Nix\n")], &["flake.nix"]);
    check_starts(
        &[
            ("configure.ac", "AC_INIT([fig], [1.0])\n"),
            ("main/cmd.c", "int main(int argc, char **argv)\n"),
            ("main/b.c", ""),
        ],
        &["main/cmd.c"],
    );
    // One program, with a file for each system.
    check_starts(
        &[
            ("README.md", "# kit\n"),
            ("include/kit/kit.h", ""),
            ("sys/main-mac.c", "int main(void)\n"),
            ("sys/main-unix.c", "int main(void)\n"),
            ("sys/main-win.c", "int main(void)\n"),
        ],
        &["sys/main-mac.c", "sys/main-unix.c", "sys/main-win.c", "include/kit"],
    );
    check_starts(
        &[("fig.gemspec", "s.name = \"fig\"\n"), ("exe/fig", ""), ("lib/fig.rb", "")],
        &["exe/fig", "lib/fig.rb"],
    );
}

#[test]
fn what_sponsors_say_is_not_what_a_project_is() {
    let readme = "<div align=\"center\">\n<p>\nHis work is supported by the community.<br>Special thanks to:\n</p>\n<b>Fast remote builders and runners for all of you.</b>\n</div>\n\n> A small parser of figs for all\n\n## JSON\n\nFig has an option for boxes of all kinds.\n";
    let node = r#"{"name": "fig", "description": "A small parser of figs for all"}"#;
    let facts = facts_of(&[("README.md", readme), ("package.json", node)]);
    let told = format!("{}{}", facts.description.as_str(), facts.about.as_str());
    assert_eq!(told, "A small parser of figs for all");
    let centred = "<p align=\"center\">\n<h3 align=\"center\">a project of others</h3>\n</p>\n<h3>Every fig in a box</h3>\n<p align=\"center\">Fig is a box that peels itself by default.</p>\n<p align=\"center\">\n<a href=\"x\">Releases</a> ·\n<a>Help</a>\n</p>\n";
    let facts = facts_of(&[("README.md", centred), ("go.mod", "module x.org/fig\n")]);
    assert_eq!(facts.about.as_str(), "Fig is a box that peels itself by default.");
    let late = "# Fig\n\nFig shows how a box for fruit is built today.\n\n## Tech\n\n- x\n\n## Offline\n\nFig is an offline-first box.\n";
    assert_eq!(
        facts_of(&[("README.md", late)]).about.as_str(),
        "Fig shows how a box for fruit is built today."
    );
}

#[test]
fn placeholders_and_bare_tools_are_no_commands() {
    let node = ("package.json", r#"{"scripts": {"test": "vitest"}, "devDependencies": {"vitest": "1"}}"#);
    let guide = ("CONTRIBUTING.md", "Run `vitest run` once and exit.\n");
    assert_eq!(lines(&facts_of(&[node, guide]), Purpose::Test), ["npm test"]);
    let ruby = [
        ("Gemfile", ""),
        (".rubocop.yml", ""),
        ("AGENTS.md", "```\nbundle exec rubocop --only Department/CopName\n```\n"),
    ];
    assert_eq!(lines(&facts_of(&ruby), Purpose::Lint), ["bundle exec rubocop"]);
    let go = [
        ("go.mod", "module x.org/fig\n"),
        ("cmd/fig/main.go", "package main\n"),
        ("cmd/fig/setcap.sh", ""),
        ("README.md", "# Fig\n## Build\n```\ngo run -exec ./setcap.sh main.go\n```\n"),
    ];
    assert!(!lines(&facts_of(&go), Purpose::Run).iter().any(|line| line.contains("setcap")));
}

#[test]
fn what_is_edited_is_not_told_as_made() {
    let told = |files: &[(&str, &str)]| facts_of(files).generated.len();
    let guide =
        "- `make api` — regenerate `api/{models,client}` from `api/openapi.yaml` (runs `scripts/gen.sh`).\n";
    assert_eq!(told(&[("AGENTS.md", guide), ("api/openapi.yaml", ""), ("scripts/gen.sh", "")]), 0);
    let vendored = ("deps/z/Makefile", "a.c: a.l\n\tflex -o $@ $<\n");
    assert_eq!(told(&[vendored, ("deps/z/a.l", ""), ("deps/z/a.c", "")]), 0);
}
