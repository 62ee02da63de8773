//! The promises of `facts`, on small manifests as projects write them.

use super::*;

/// A tree of these files; everything is read.
pub(super) fn facts_of(files: &[(&str, &str)]) -> ProjectFacts {
    facts_with(files, &[])
}

/// The same where some are marked as generated.
pub(super) fn facts_with(files: &[(&str, &str)], made: &[&str]) -> ProjectFacts {
    let mut paths: Vec<RelPath> = files.iter().map(|(path, _)| RelPath::new(path).unwrap()).collect();
    paths.sort();
    let paths: Vec<&RelPath> = paths.iter().collect();
    let text = |path: &RelPath| {
        let (_, text) = files.iter().find(|(known, _)| *known == path.as_str())?;
        Some(SafeText::from_redacted(text.to_string()))
    };
    let made: Vec<&RelPath> = paths.iter().copied().filter(|path| made.contains(&path.as_str())).collect();
    facts(&paths, &made, &text)
}

/// The commands of a tree as `purpose: line (source)`.
fn check(files: &[(&str, &str)], expected: &[&str]) {
    let found: Vec<String> = facts_of(files)
        .commands
        .iter()
        .map(|command| format!("{:?}: {} ({})", command.purpose, command.line, command.source).to_string())
        .collect();
    assert_eq!(found, expected);
}

const WORKSPACE: &[(&str, &str)] = &[
    (
        "Cargo.toml",
        "[workspace]\nmembers = [\"crates/*\"]\nexclude = [\"crates/old\"]\n[workspace.package]\nversion = \"1.2.0\"\nlicense = \"MIT\"",
    ),
    (
        "README.md",
        "# Ferry\n\n[![ci](https://x/y.svg)](https://x)\n\nFerry is a tool that moves files\nbetween hosts, e.g. over ssh. It keeps their times.\n\n## Building\n\n```console\n$ git clone https://example.org/ferry\n$ cd ferry\n$ cargo build --release\n   Compiling ferry\n```\n",
    ),
    (
        "crates/ferry/Cargo.toml",
        "[package]\nname = \"ferry\"\nversion.workspace = true\nlicense.workspace = true\ndescription = \"Moves files\"\ndefault-run = \"ferry\"",
    ),
    ("crates/ferry/src/main.rs", "//! The ferry program.\nfn main() {}"),
    (
        "crates/ferry-wire/Cargo.toml",
        "[package]\nname = \"ferry-wire\"\ndescription = \"\"\"\nThe protocol,\nin one place.\n\"\"\"",
    ),
    ("crates/ferry-wire/src/lib.rs", "//! Wire.\n"),
    ("crates/old/Cargo.toml", "[package]\nname = \"old\""),
    (
        ".github/workflows/ci.yml",
        "jobs:\n  test:\n    steps:\n      - uses: actions/checkout@v4\n      - run: cargo test --workspace ${{ matrix.flags }}\n      - run: |\n          sudo apt-get install -y foo\n          cargo fmt --all -- --check\n          cargo clippy --workspace -- -D warnings\n",
    ),
];

#[test]
fn an_empty_tree_has_no_facts() {
    assert_eq!(facts_of(&[]), ProjectFacts::default());
}

#[test]
fn a_workspace_is_named_by_the_member_that_its_readme_is_about() {
    let facts = facts_of(WORKSPACE);
    assert_eq!(facts.name.as_str(), "ferry");
    assert_eq!(facts.description.as_str(), "Moves files");
    assert_eq!(facts.licence.as_str(), "MIT");
    assert_eq!(
        facts.about.as_str(),
        "Ferry is a tool that moves files between hosts, e.g. over ssh. It keeps their times."
    );
    let parts: Vec<String> = facts
        .parts
        .iter()
        .map(|part| format!("{} {:?}: {}", part.name, part.kind, part.description))
        .collect();
    assert_eq!(parts, ["ferry-wire Library: The protocol, in one place.", "ferry Program: Moves files"]);
}

#[test]
fn commands_come_from_guide_ci_and_manifest_each_with_its_source() {
    check(
        WORKSPACE,
        &[
            "Build: cargo build --release (README.md)",
            "Test: cargo test --workspace (Cargo.toml)",
            "Lint: cargo clippy --workspace -- -D warnings (.github/workflows/ci.yml)",
            "Format: cargo fmt --all (.github/workflows/ci.yml)",
            "Run: cargo run (Cargo.toml)",
        ],
    );
}

#[test]
fn a_make_target_that_only_other_rules_call_is_no_command() {
    let makefile = "_build_one:\n\tcc -c a.c\n__test:\nbuild: _build_one\ntest: __test\n";
    check(&[("Makefile", makefile)], &["Build: make build (Makefile)", "Test: make test (Makefile)"]);
}

#[test]
fn folders_tell_what_they_are_for() {
    let layout: Vec<String> = facts_of(WORKSPACE)
        .layout
        .iter()
        .map(|folder| format!("{}: {}", folder.path, folder.purpose))
        .collect();
    assert_eq!(layout, ["crates/ferry: Moves files", "crates/ferry-wire: The protocol, in one place."]);
}

#[test]
fn python_with_uv_runs_its_tests_by_uv() {
    check(
        &[
            (
                "pyproject.toml",
                "[project]\nname = \"pail\"\ndescription = \"Pails.\"\n[project.scripts]\npail = \"pail.cli:main\"\n[dependency-groups]\ntests = [\"pytest>=8\"]\n[tool.pytest.ini_options]\ntestpaths = [\"tests\"]\n[tool.tox.env.style]\ncommands = [[\"pre-commit\", \"run\", \"--all-files\"]]\n[tool.tox.env.typing]\ncommands = [[\"mypy\"]]",
            ),
            ("uv.lock", ""),
            ("src/pail/__init__.py", "\"\"\"Pails and buckets.\"\"\""),
            ("src/pail/cli.py", ""),
        ],
        &[
            "Setup: uv sync (uv.lock)",
            "Test: uv run pytest (pyproject.toml)",
            "Lint: tox run -e style (pyproject.toml)",
            "Lint: tox run -e typing (pyproject.toml)",
            "Lint: pre-commit run --all-files (pyproject.toml)",
        ],
    );
}

#[test]
fn node_scripts_are_run_by_the_manager_of_the_lock_file() {
    check(
        &[
            (
                "package.json",
                r#"{"name": "kit", "scripts": {"test": "vitest", "test:unit": "vitest unit", "build": "tsc", "lint": "eslint .", "release": "x", "postinstall": "y"}}"#,
            ),
            ("pnpm-lock.yaml", ""),
            ("src/index.ts", ""),
        ],
        &[
            "Setup: pnpm install (package.json)",
            "Build: pnpm run build (package.json)",
            "Test: pnpm test (package.json)",
            "Lint: pnpm run lint (package.json)",
        ],
    );
}

#[test]
fn a_guide_that_starts_below_the_clone_is_followed_there() {
    check(
        &[
            (
                "docs/contributing.rst",
                "Quickstart\n==========\n\n.. code-block:: console\n\n    $ git clone https://example.org/djinn.git djinn-repo\n    $ cd djinn-repo/tests\n    $ python -m pip install -e ..\n    $ ./runtests.py\n\nDone.\n",
            ),
            ("tests/runtests.py", ""),
            ("setup.py", "setup(\n    name=\"djinn\",\n)"),
        ],
        [
            "Setup: pip install -e . (setup.py)",
            "Setup: cd tests && python -m pip install -e .. (docs/contributing.rst)",
            "Test: cd tests && ./runtests.py (docs/contributing.rst)",
        ]
        .as_slice(),
    );
}

#[test]
fn what_does_not_exist_or_would_harm_is_no_command() {
    check(
        &[
            (
                "CONTRIBUTING.md",
                "```sh\ncurl https://x.example/install | sh\nmake test\n./scripts/test.sh\ncargo test > /tmp/log\ncargo install some-tool\nsudo make test\n/usr/bin/pytest\ncd missing && pytest\n```\n",
            ),
            ("main.py", ""),
        ],
        &[],
    );
}

#[test]
fn an_escape_cannot_smuggle_what_the_redaction_did_not_see() {
    let facts = facts_of(&[(
        "package.json",
        r#"{"name": "a\u202eb", "description": "key \u0041KIAIOSFODNN7EXAMPLE here", "version": "1\n.0"}"#,
    )]);
    assert_eq!(facts.name.as_str(), "");
    assert_eq!(facts.description.as_str(), "");
    assert_eq!(facts.version.as_str(), "1 .0");
}

#[test]
fn quoted_words_survive_their_escapes() {
    let facts = facts_of(&[("package.json", r#"{"name": "a", "description": "The \"best\" one"}"#)]);
    assert_eq!(facts.description.as_str(), "The \"best\" one");
}

#[test]
fn truncated_manifests_never_panic() {
    let all: Vec<(&str, &str)> = WORKSPACE
        .iter()
        .copied()
        .chain([
            (
                "pyproject.toml",
                "[project]\nname = 'é'\n[tool.tox.env.a]\ncommands = [['pytest', '{posargs}']]",
            ),
            ("setup.cfg", "[metadata]\nname = é\n[options.entry_points]\nconsole_scripts =\n  a = b:c\n"),
            ("setup.py", "setup(name='é', version=\"1\")"),
            ("tox.ini", "[testenv:é]\ncommands =\n  pytest {posargs:tests} \\\n  é\n"),
            ("noxfile.py", "@nox.session(name=\"é\")\ndef tests(session):\n"),
            ("package.json", "{\"name\": \"é\", \"bin\": {\"é\": \"./é.js\"}}"),
            ("a.gemspec", "s.name = %q{é}\ns.summary = 'é'"),
            ("Rakefile", "task :é => [:a]\ntask 'test'\n"),
            ("mix.exs", "app: :é, description: \"é\""),
            ("pom.xml", "<project><name>é</name><parent><name>x</name></parent></project>"),
            ("CMakeLists.txt", "project(é)\nenable_testing()"),
            ("go.mod", "module é/v2 // x\n"),
            ("Makefile", "é: a\ntest: é\n\techo é\n"),
            ("justfile", "é:\n  x\n@test:\n"),
            ("README.rst", "é\n=\n\n|é| :role:`é <x>`_ __é__ *é* <é> [é](é) `é``\n"),
        ])
        .collect();
    for (index, (path, text)) in all.iter().enumerate() {
        for (cut, _) in text.char_indices() {
            let mut files = all.clone();
            files[index] = (*path, &text[..cut]);
            facts_of(&files);
        }
    }
}

#[test]
fn swift_scala_dart_and_haskell_say_how_they_are_built() {
    let swift = "// swift-tools-version:5.9\nlet package = Package(\n    name: \"Kite\",\n    targets: [.target(name: \"Other\")]\n)";
    check(
        &[("Package.swift", swift), ("Sources/kite/main.swift", "")],
        &["Build: swift build (Package.swift)", "Test: swift test (Package.swift)"],
    );
    let facts = facts_of(&[("Package.swift", swift), ("Sources/kite/main.swift", "")]);
    assert_eq!(facts.name.as_str(), "Kite");
    assert_eq!(facts.entry_points[0].name.as_str(), "kite");

    let sbt = "ThisBuild / version := \"1.0\"\nname := \"kite\"\nlazy val docs = project\n  .settings(\n    name := \"kite-docs\"\n  )";
    check(
        &[("build.sbt", sbt), (".scalafmt.conf", "")],
        &[
            "Build: sbt compile (build.sbt)",
            "Test: sbt test (build.sbt)",
            "Format: sbt scalafmtAll (.scalafmt.conf)",
        ],
    );
    assert_eq!(facts_of(&[("build.sbt", sbt)]).name.as_str(), "kite");

    let pubspec = "name: kite\ndescription: Flies.\nversion: 1.0.0\n";
    check(
        &[("pubspec.yaml", pubspec), ("analysis_options.yaml", "")],
        &[
            "Setup: dart pub get (pubspec.yaml)",
            "Test: dart test (pubspec.yaml)",
            "Lint: dart analyze (analysis_options.yaml)",
        ],
    );
    assert_eq!(facts_of(&[("pubspec.yaml", pubspec)]).description.as_str(), "Flies.");

    let cabal = "cabal-version: 2.4\nname:          kite\nsynopsis:      Flies\nlibrary\n";
    check(&[("kite.cabal", cabal)], &["Build: cabal build (kite.cabal)", "Test: cabal test (kite.cabal)"]);
    assert_eq!(facts_of(&[("kite.cabal", cabal)]).description.as_str(), "Flies");
}

#[test]
fn gradle_modules_are_parts() {
    let facts = facts_of(&[
        (
            "settings.gradle.kts",
            "rootProject.name = \"kite\"\ninclude(\":core\", \":apps:web\")\ninclude(\":gone\")",
        ),
        ("build.gradle.kts", ""),
        ("core/build.gradle.kts", ""),
        ("apps/web/build.gradle", ""),
    ]);
    let names: Vec<&str> = facts.parts.iter().map(|part| part.name.as_str()).collect();
    assert_eq!(names, ["apps:web", "core"]);
}

#[test]
fn the_versions_of_tools_are_told_with_their_sources() {
    let check = |files: &[(&str, &str)], expected: &[&str]| {
        let facts = facts_of(files);
        let found: Vec<String> = facts
            .tools
            .iter()
            .map(|tool| format!("{} {} ({})", tool.name, tool.version, tool.source))
            .collect();
        assert_eq!(found, expected);
    };
    check(
        &[("Cargo.toml", "[package]\nname = \"a\"\nrust-version = \"1.74\"\n")],
        &["rust 1.74 (Cargo.toml)"],
    );
    check(
        &[
            ("rust-toolchain.toml", "[toolchain]\nchannel = \"nightly-2026-01-01\"\n"),
            ("Cargo.toml", "[workspace.package]\nrust-version = \"1.74\"\n"),
        ],
        &["rust nightly-2026-01-01 (rust-toolchain.toml)"],
    );
    check(
        &[
            ("package.json", r#"{"engines": {"node": ">=18"}, "packageManager": "pnpm@9.1.0+sha512.aa"}"#),
            (".nvmrc", "v20\n"),
        ],
        &["node v20 (.nvmrc)", "pnpm 9.1.0 (package.json)"],
    );
    check(
        &[("pyproject.toml", "[project]\nname = \"a\"\nrequires-python = \">=3.9\"\n")],
        &["python >=3.9 (pyproject.toml)"],
    );
    check(&[("go.mod", "module a\n\ngo 1.22\n")], &["go 1.22 (go.mod)"]);
    check(&[("Gemfile", "source 'x'\nruby '3.3.0'\n")], &["ruby 3.3.0 (Gemfile)"]);
    check(&[("composer.json", r#"{"require": {"php": "^8.2"}}"#)], &["php ^8.2 (composer.json)"]);
    check(
        &[
            ("build.gradle.kts", "kotlin { jvmToolchain(17) }\n"),
            (
                "gradle/wrapper/gradle-wrapper.properties",
                "distributionUrl=https\\://services.gradle.org/distributions/gradle-8.5-bin.zip\n",
            ),
        ],
        &["gradle 8.5 (gradle/wrapper/gradle-wrapper.properties)", "java 17 (build.gradle.kts)"],
    );
    check(&[("CMakeLists.txt", "cmake_minimum_required(VERSION 3.14)\n")], &["cmake 3.14 (CMakeLists.txt)"]);
    check(
        &[(
            ".github/workflows/ci.yml",
            "jobs:\n  test:\n    services:\n      db:\n        image: postgres:16\n      x:\n        image: own/app:1\n",
        )],
        &["postgres 16 (.github/workflows/ci.yml)"],
    );
    check(&[("src/a.rs", "")], &[]);
}

#[test]
fn what_is_done_once_stands_beside_the_installation() {
    let files = [
        ("package.json", r#"{"name": "a", "scripts": {"test": "jest"}}"#),
        ("README.md", "# A\n\n## Development\n\n```sh\nnpm install\n```\n"),
        (".env.example", "A=\n"),
        (".gitmodules", ""),
        ("compose.yml", "services:\n  db:\n    image: postgres:16\n  web:\n    build: .\n"),
    ];
    let facts = facts_of(&files);
    let setup: Vec<&str> = facts
        .commands
        .iter()
        .filter(|command| command.purpose == Purpose::Setup)
        .map(|command| command.line.as_str())
        .collect();
    assert_eq!(
        setup,
        [
            "npm install",
            "cp .env.example .env",
            "docker compose up -d db",
            "git submodule update --init --recursive"
        ]
    );
}

#[test]
fn what_documents_forbid_is_not_offered() {
    let make = (
        "Makefile",
        "test:\n\tgo test ./...\nlint:\n\tgolangci-lint run\ndeploy-docs docs:\n\tgit push origin pages\n",
    );
    let lines = |files: &[(&str, &str)]| -> Vec<String> {
        facts_of(files).commands.iter().map(|command| command.line.to_string()).collect()
    };
    let plain = lines(&[make]);
    assert!(
        plain.contains(&"make test".to_string()) && !plain.contains(&"make docs".to_string()),
        "{plain:?}"
    );
    let forbidden = lines(&[
        make,
        ("CONTRIBUTING.md", "Do not run `make test`; use `./x test` instead of `make lint`.\n"),
    ]);
    assert_eq!(forbidden, Vec::<String>::new());
}

#[test]
fn commands_that_name_what_is_not_there_are_left_out() {
    let files = [
        ("package.json", r#"{"name": "a", "scripts": {"test": "jest", "build": "tsc && npm publish"}}"#),
        ("CONTRIBUTING.md", "## Tests\n\n```sh\nnpm run unit\nnpm test\nyarn lint\nnpm run build\n```\n"),
    ];
    let facts = facts_of(&files);
    let lines: Vec<&str> = facts.commands.iter().map(|command| command.line.as_str()).collect();
    assert!(lines.contains(&"npm test"), "{lines:?}");
    assert!(!lines.iter().any(|line| line.contains("unit") || line.contains("lint")), "{lines:?}");
}

#[test]
fn a_manifest_s_poor_name_gives_way_to_the_readme_s_title() {
    let pom = "<project><name>Ferry Parent</name><artifactId>ferry-parent</artifactId></project>";
    let files = [
        ("pom.xml", pom),
        (
            "README.md",
            "# Ferry\n\nFerry is free; if you value it, consider supporting it!\n\nFerry moves files between hosts, one after the other.\n",
        ),
    ];
    let facts = facts_of(&files);
    assert_eq!(facts.name.as_str(), "Ferry");
    assert_eq!(facts.about.as_str(), "Ferry moves files between hosts, one after the other.");
    assert_eq!(facts_of(&[("pom.xml", pom)]).name.as_str(), "Ferry Parent");
}

#[test]
fn what_ci_installs_is_told_where_no_manifest_says_it() {
    let ci = (
        ".github/workflows/ci.yml",
        "jobs:\n  test:\n    steps:\n      - uses: actions/setup-java@v4\n        with:\n          java-version: 21\n      - uses: actions/setup-node@v4\n        with:\n          node-version: ${{ matrix.node }}\n",
    );
    let tools = |files: &[(&str, &str)]| -> Vec<String> {
        facts_of(files).tools.iter().map(|tool| format!("{} {}", tool.name, tool.version)).collect()
    };
    assert_eq!(tools(&[ci]), ["java 21"]);
    assert_eq!(tools(&[ci, (".java-version", "17\n")]), ["java 17"]);
    assert_eq!(tools(&[("build.sbt", "ThisBuild / scalaVersion := `scala-2.13`\n")]), Vec::<String>::new());
}

#[test]
fn a_command_that_a_session_printed_is_not_the_one_for_a_single_test() {
    let lines = |readme: &str| {
        let manifest = ("pyproject.toml", "[project]\nname = \"a\"\n");
        let facts = facts_of(&[manifest, ("README.md", readme)]);
        facts.commands.iter().map(|command| command.line.to_string()).collect::<Vec<_>>().join("; ")
    };
    let printed = "# A\n\n```console\n$ tool page\n- one test: `pytest tests/b.py` (from `b`)\n```\n";
    assert!(!lines(printed).contains("tests/b.py"), "{}", lines(printed));
    let said = "# A\n\nRun a single test by `pytest tests/b.py`.\n";
    assert!(lines(said).contains("pytest tests/b.py"), "{}", lines(said));
}

#[test]
fn a_readme_of_the_tests_tells_how_to_test_and_nothing_else() {
    check(
        &[
            ("Cargo.toml", "[package]\nname = \"kit\"\n"),
            ("src/lib.rs", ""),
            ("tests/README.md", "```sh\ncargo build --release\ncargo test --locked\n```\n"),
        ],
        &["Build: cargo build (Cargo.toml)", "Test: cargo test --locked (tests/README.md)"],
    );
}

#[test]
fn a_caption_defines_nothing() {
    let readme = "# kit\n\nCoding begins with reading. kit reads a tree and keeps one page true for you.\n\n`kit bench`, percent: every file that the commit changed is among the first.\n";
    let facts = facts_of(&[("README.md", readme)]);
    assert!(facts.about.as_str().starts_with("Coding begins"), "{}", facts.about);
}

#[test]
fn the_example_of_a_go_test_has_a_name() {
    check(
        &[
            ("go.mod", "module example.com/kit\n\ngo 1.25\n"),
            ("a.go", "package kit\n"),
            ("a_test.go", "package kit\n\nfunc (s) TestA(t *testing.T) {}\n"),
            ("b_test.go", "package kit\n\nfunc TestB(t *testing.T) {}\n"),
        ],
        &[
            "Build: go build ./... (go.mod)",
            "Test: go test ./... (go.mod)",
            "OneTest: go test . -run '^(TestB)$' (b_test.go)",
            "Lint: go vet ./... (go.mod)",
        ],
    );
}

#[test]
fn what_tests_start_is_not_how_the_project_is_run() {
    check(
        &[
            (
                ".github/workflows/ci.yml",
                "jobs:\n  a:\n    steps:\n      - run: ./internal/test/e2e/run.sh\n",
            ),
            ("internal/test/e2e/run.sh", "#!/bin/sh\n"),
        ],
        &[],
    );
}

#[test]
fn the_command_for_one_test_goes_to_the_folder_of_its_program() {
    let guide = "# Tests\n\n```sh\ncd tests\n./runtests.py\n```\n\nTo run a single test:\n\n```sh\n./runtests.py i18n.tests.TestA\n```\n";
    let facts = facts_of(&[("CONTRIBUTING.md", guide), ("tests/runtests.py", ""), ("kit/a.py", "")]);
    let one = facts.commands.iter().find(|command| command.purpose == Purpose::OneTest);
    assert_eq!(one.map(|command| command.line.as_str()), Some("cd tests && ./runtests.py i18n.tests.TestA"));
}
