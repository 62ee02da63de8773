//! The command that runs the tests of one file alone, by the test runner that
//! the project uses.
//!
//! Not here: which tests belong to a file (`rank`), and the commands that the
//! project names itself.

use serde_json::Value;

use super::shell::is_plain_path;
use super::source::{SourceFiles, SourceText};
use crate::model::{Outline, ProjectFacts, Purpose, RelPath, SafeText, SymbolKind};

/// Test functions named in a command that can only name functions.
const MOST_NAMES: usize = 4;

/// A file with tests, and what is known of it.
pub struct TestFile<'a> {
    pub path: &'a RelPath,
    pub language: Option<&'a str>,
    pub outline: &'a Outline,
}

/// To be typed in the project root. `None` where nothing tells the runner, and
/// where the file's name would need quoting.
pub fn one_test(
    paths: &[&RelPath],
    text: &dyn Fn(&RelPath) -> Option<SafeText>,
    facts: &ProjectFacts,
    test: &TestFile,
) -> Option<SafeText> {
    if !is_plain_path(test.path.as_str()) {
        return None;
    }
    let files = SourceFiles { paths, text };
    let mut said = vec![SafeText::of_path(test.path, test.path.as_str())];
    said.extend(test.outline.symbols.iter().map(|symbol| symbol.name.clone()));
    let line = match test.language? {
        "rust" => rust(&files, test, &mut said),
        "python" => python(&files, facts, test),
        "go" => go(&files, test),
        "javascript" | "ecmascript" | "typescript" | "tsx" | "vue" | "svelte" => {
            node(&files, test, &mut said).or_else(|| deno(&files, test))
        }
        "java" | "kotlin" | "scala" => jvm(&files, test),
        "ruby" => ruby(&files, test),
        "php" => php(&files, facts, test),
        "csharp" | "c-sharp" => Some(dotnet(&files, test, &mut said)),
        "swift" => files.has("Package.swift").then(|| format!("swift test --filter {}", test.path.stem())),
        "elixir" => {
            let folder = nearest(&files, test.path, &["mix.exs"])?;
            Some(within(&folder, format!("mix test {}", below(&folder, test.path))))
        }
        "dart" => dart(&files, test),
        "perl" => Some(format!("prove -l {}", test.path)),
        "lua" => Some(format!("busted {}", test.path)),
        "zig" => Some(format!("zig test {}", test.path)),
        "bash" if test.path.extension() == "bats" => Some(format!("bats {}", test.path)),
        "c" | "cpp" => native(&files, test),
        _ => None,
    }?;
    Some(SafeText::quoting(line, WORDS, &said.iter().collect::<Vec<_>>()))
}

/// The words of these commands that are ours; the others are of paths, manifests
/// and declarations.
const WORDS: &str = "A C Dtest FullyQualifiedName Ilib Itest R artisan ava bats bin bins borp build bun bundle busted \
                     cargo cd ctest dart deno dir dotnet exec filter flutter go gradle gradlew jasmine jest jvmTest l \
                     lib lua m manage meson mix mocha mvn mvnw node npx p pdm pest php phpunit pipenv pl poetry playwright prove py \
                     pytest python rails react rspec ruby run runtests sbt scripts swift tap test testDebugUnitTest \
                     testOnly tests unittest uv uvu vendor vitest zig";

/// `path` below `folder`, which is a folder of the project or the root.
fn below<'a>(folder: &str, path: &'a RelPath) -> &'a str {
    let path = path.as_str();
    if folder.is_empty() { path } else { path.get(folder.len() + 1..).unwrap_or(path) }
}

/// The nearest folder above a file that holds one of these files.
fn nearest(files: &SourceFiles, path: &RelPath, names: &[&str]) -> Option<String> {
    let mut folder = path.parent();
    loop {
        let holds = |name: &&str| match folder {
            "" => files.has(name),
            folder => files.has(&format!("{folder}/{name}")),
        };
        if names.iter().any(holds) {
            return Some(folder.to_string());
        }
        folder = match folder.rsplit_once('/') {
            Some((above, _)) => above,
            None if folder.is_empty() => return None,
            None => "",
        };
    }
}

/// `cd folder && line`, unless the folder is the root.
fn within(folder: &str, line: String) -> String {
    if folder.is_empty() { line } else { format!("cd {folder} && {line}") }
}

fn open_in(files: &SourceFiles, folder: &str, name: &str) -> Option<SourceText> {
    files.open(&if folder.is_empty() { name.to_string() } else { format!("{folder}/{name}") })
}

/// `tests/a.rs` is a target, `tests/it/a.rs` a module of one, and `src/a.rs` a
/// module of the library.
fn rust(files: &SourceFiles, test: &TestFile, said: &mut Vec<SafeText>) -> Option<String> {
    let folder = nearest(files, test.path, &["Cargo.toml"])?;
    let source = open_in(files, &folder, "Cargo.toml")?;
    let manifest = source.toml();
    let package = manifest["package"]["name"].as_str().filter(|name| is_plain_path(name));
    said.extend(package.and_then(|name| source.quote(name)));
    let cargo = match (package, folder.as_str()) {
        (Some(name), folder) if !folder.is_empty() || manifest["workspace"].is_object() => {
            format!("cargo test -p {name}")
        }
        _ => "cargo test".to_string(),
    };
    let inner = below(&folder, test.path).trim_end_matches(".rs");
    let parts: Vec<&str> = inner.split('/').collect();
    Some(match parts[..] {
        ["tests", target] => format!("{cargo} --test {target}"),
        ["tests", target, .., "main"] => format!("{cargo} --test {target}"),
        ["tests", target, ref modules @ ..] => {
            let main = format!("{}tests/{target}/main.rs", prefix(&folder));
            let is_target = files.has(&main) || files.has(&format!("{}tests/{target}.rs", prefix(&folder)));
            let modules = modules.join("::");
            if is_target { format!("{cargo} --test {target} {modules}::") } else { cargo }
        }
        ["src", "main"] => format!("{cargo} --bins"),
        ["src", "lib"] => format!("{cargo} --lib"),
        ["src", ref modules @ ..] => {
            let modules: Vec<&str> = modules.iter().copied().filter(|module| *module != "mod").collect();
            let has_library = files.has(&format!("{}src/lib.rs", prefix(&folder)));
            let target = if has_library { "--lib" } else { "--bins" };
            format!("{cargo} {target} {}", modules.join("::"))
        }
        _ => cargo,
    })
}

fn prefix(folder: &str) -> String {
    if folder.is_empty() { String::new() } else { format!("{folder}/") }
}

/// By the runner that the project's own test commands name.
fn python(files: &SourceFiles, facts: &ProjectFacts, test: &TestFile) -> Option<String> {
    let dotted = |root: &str| below(root, test.path).trim_end_matches(".py").replace('/', ".");
    if files.has("tests/runtests.py") && test.path.is_below("tests") {
        return Some(format!("python tests/runtests.py {}", dotted("tests")));
    }
    if let Some(folder) = nearest(files, test.path, &["manage.py"])
        && !uses_pytest(files, facts)
    {
        return Some(within(&folder, format!("python manage.py test {}", dotted(&folder))));
    }
    let runs = |word: &str| test_commands(facts).any(|line| line.contains(word));
    if !uses_pytest(files, facts) && (runs("unittest") || runs("manage.py")) {
        return Some(format!("python -m unittest {}", dotted("")));
    }
    let runner = RUNS_PYTEST.into_iter().find(|runner| runs(runner.trim_end_matches("pytest")));
    let locked = [("uv.lock", "uv run pytest"), ("poetry.lock", "poetry run pytest")];
    let runner =
        runner.or_else(|| locked.iter().find(|(lock, _)| files.has(lock)).map(|(_, runner)| *runner));
    Some(format!("{} {}", runner.unwrap_or("pytest"), test.path))
}

/// What runs pytest in an environment of its own; inside, a bare one is not on the path.
const RUNS_PYTEST: [&str; 4] = ["uv run pytest", "poetry run pytest", "pdm run pytest", "pipenv run pytest"];

fn uses_pytest(files: &SourceFiles, facts: &ProjectFacts) -> bool {
    let configured = ["pytest.ini", "conftest.py", "tests/conftest.py"].iter().any(|name| files.has(name));
    configured || test_commands(facts).any(|line| line.contains("pytest") || line.contains("tox"))
}

fn test_commands(facts: &ProjectFacts) -> impl Iterator<Item = &str> {
    let tests = facts.commands.iter().filter(|command| command.purpose == Purpose::Test);
    tests.map(|command| command.line.as_str())
}

/// The tests of a package run together; names tell those of one file.
fn go(files: &SourceFiles, test: &TestFile) -> Option<String> {
    let module = nearest(files, test.path, &["go.mod"])?;
    let folder = match below(&module, test.path).rsplit_once('/') {
        Some((folder, _)) => format!("./{folder}"),
        None => ".".to_string(),
    };
    let names = test.outline.symbols.iter().filter(|symbol| symbol.kind == SymbolKind::Function);
    let names: Vec<&str> = names.map(|symbol| symbol.name.as_str()).filter(|name| is_go_test(name)).collect();
    let is_few =
        !names.is_empty() && names.len() <= MOST_NAMES && names.iter().all(|name| is_plain_path(name));
    let only = if is_few { format!(" -run '^({})$'", names.join("|")) } else { String::new() };
    Some(within(&module, format!("go test {folder}{only}")))
}

/// `Test` alone is what starts a suite of methods.
pub(super) fn is_go_test(name: &str) -> bool {
    name.starts_with("Test") && name != "Test"
}

/// The runners of JavaScript by the packages that bring them, with the command
/// that runs one file.
const NODE: [(&str, &str); 10] = [
    ("vitest", "vitest run"),
    ("jest", "jest"),
    ("react-scripts", "react-scripts test"),
    ("mocha", "mocha"),
    ("ava", "ava"),
    ("tap", "tap"),
    ("borp", "borp"),
    ("uvu", "uvu"),
    ("jasmine", "jasmine"),
    ("@playwright/test", "playwright test"),
];

fn node(files: &SourceFiles, test: &TestFile, said: &mut Vec<SafeText>) -> Option<String> {
    let own = nearest(files, test.path, &["package.json"])?;
    for folder in [own.as_str(), ""] {
        let Some(source) = open_in(files, folder, "package.json") else { continue };
        let manifest = source.json();
        let path = below(folder, test.path);
        if let Some(command) = node_runner(&manifest) {
            let with = if command.starts_with("node ") || command.starts_with("bun ") { "" } else { "npx " };
            let script = manifest["scripts"]["test"].as_str().unwrap_or_default();
            let set = settings(script, command).and_then(|set| source.quote(set));
            let before = set.as_ref().map(|set| format!("{set} ")).unwrap_or_default();
            said.extend(set);
            return Some(within(folder, format!("{before}{with}{command} {path}")));
        }
    }
    None
}

/// The variables that a script sets for its runner: `NODE_OPTIONS=x ava`.
fn settings<'s>(script: &'s str, runner: &str) -> Option<&'s str> {
    let program = runner.split(' ').next()?;
    let step = script.split("&&").map(str::trim).find(|step| step.split(' ').any(|word| word == program))?;
    let end = step.find(&format!(" {program}"))?;
    let set = &step[..end];
    let is_setting = |word: &str| word.starts_with(|c: char| c.is_ascii_uppercase()) && word.contains('=');
    (!set.is_empty() && set.split(' ').all(is_setting)).then_some(set)
}

/// Permissions are asked for on the terminal; `-A` grants them, as tasks do.
fn deno(files: &SourceFiles, test: &TestFile) -> Option<String> {
    let folder = nearest(files, test.path, &["deno.json", "deno.jsonc"])?;
    let top = if files.has("deno.json") || files.has("deno.jsonc") { "" } else { folder.as_str() };
    Some(within(top, format!("deno test -A {}", below(top, test.path))))
}

fn node_runner(manifest: &Value) -> Option<&'static str> {
    let script = manifest["scripts"]["test"].as_str().unwrap_or_default();
    let brings =
        |name: &str| ["devDependencies", "dependencies"].iter().any(|kind| !manifest[*kind][name].is_null());
    let named = NODE.iter().find(|(name, _)| script.split([' ', '&', '/']).any(|word| word == *name));
    let brought = || NODE.iter().find(|(name, _)| brings(name));
    match () {
        () if script.contains("node --test") => Some("node --test"),
        () if script.contains("bun test") => Some("bun test"),
        () => named.or_else(brought).map(|(_, command)| *command),
    }
}

fn jvm(files: &SourceFiles, test: &TestFile) -> Option<String> {
    let class = test.path.stem();
    let gradle = ["build.gradle", "build.gradle.kts"];
    if let Some(folder) = nearest(files, test.path, &gradle) {
        let program = if files.has("gradlew") { "./gradlew" } else { "gradle" };
        let module =
            if folder.is_empty() { String::new() } else { format!(":{}:", folder.replace('/', ":")) };
        let task = gradle_task(files, &folder, test.path);
        return Some(format!("{program} {module}{task} --tests '*{class}'"));
    }
    if let Some(folder) = nearest(files, test.path, &["pom.xml"]) {
        let program = if files.has("mvnw") { "./mvnw" } else { "mvn" };
        let module = if folder.is_empty() { String::new() } else { format!("-pl {folder} ") };
        return Some(format!("{program} {module}test -Dtest={class}"));
    }
    files.has("build.sbt").then(|| format!("sbt \"testOnly *{class}\""))
}

/// What runs the tests of a set of sources; `test` of Android's modules only gathers others.
fn gradle_task(files: &SourceFiles, folder: &str, test: &RelPath) -> &'static str {
    let path = test.as_str();
    let build = ["build.gradle.kts", "build.gradle"].iter().find_map(|name| open_in(files, folder, name));
    let applies = |line: &str| {
        let is_use = !line.trim_start().starts_with("import ") && !line.contains("apply false");
        is_use && ["com.android.", "plugins.android."].iter().any(|mark| line.contains(mark))
    };
    let is_android = build.is_some_and(|source| source.str().lines().any(applies));
    match () {
        () if path.contains("/jvmTest/") || path.contains("/commonTest/") => "jvmTest",
        () if is_android => "testDebugUnitTest",
        () => "test",
    }
}

fn ruby(files: &SourceFiles, test: &TestFile) -> Option<String> {
    let folder = nearest(files, test.path, &["Gemfile", "Rakefile"]).unwrap_or_default();
    let path = below(&folder, test.path);
    let line = match () {
        () if path.ends_with("_spec.rb") => format!("bundle exec rspec {path}"),
        () if files.has(&format!("{}bin/rails", prefix(&folder))) => format!("bin/rails test {path}"),
        () => format!("bundle exec ruby -Itest -Ilib {path}"),
    };
    Some(within(&folder, line))
}

fn php(files: &SourceFiles, facts: &ProjectFacts, test: &TestFile) -> Option<String> {
    let folder = nearest(files, test.path, &["composer.json"])?;
    let path = below(&folder, test.path);
    let runs = |word: &str| test_commands(facts).any(|line| line.contains(word));
    let line = match () {
        () if files.has(&format!("{}artisan", prefix(&folder))) => format!("php artisan test {path}"),
        () if runs("pest") => format!("vendor/bin/pest {path}"),
        () => format!("vendor/bin/phpunit {path}"),
    };
    Some(within(&folder, line))
}

fn dotnet(files: &SourceFiles, test: &TestFile, said: &mut Vec<SafeText>) -> String {
    let mut folder = test.path.parent();
    let project = loop {
        let found = files.directly_in(folder).find(|path| path.extension() == "csproj");
        match (found, folder.rsplit_once('/')) {
            (Some(found), _) => {
                said.push(SafeText::of_path(found, found.as_str()));
                break format!("{} ", found.as_str());
            }
            (None, Some((above, _))) => folder = above,
            (None, None) if folder.is_empty() => break String::new(),
            (None, None) => folder = "",
        }
    };
    format!("dotnet test {project}--filter FullyQualifiedName~{}", test.path.stem())
}

fn dart(files: &SourceFiles, test: &TestFile) -> Option<String> {
    let folder = nearest(files, test.path, &["pubspec.yaml"])?;
    let manifest = open_in(files, &folder, "pubspec.yaml")?;
    let program = if manifest.str().contains("flutter_test") { "flutter" } else { "dart" };
    Some(within(&folder, format!("{program} test {}", below(&folder, test.path))))
}

/// CMake's tests are found by a part of their names, Meson's by the whole.
fn native(files: &SourceFiles, test: &TestFile) -> Option<String> {
    let stem = test.path.stem();
    let is_named =
        |folder: &str, name: &str| open_in(files, folder, name).is_some_and(|s| s.str().contains(stem));
    let folders = [test.path.parent(), ""];
    match () {
        () if folders.iter().any(|folder| is_named(folder, "CMakeLists.txt")) => {
            Some(format!("ctest --test-dir build -R {stem}"))
        }
        () if folders.iter().any(|folder| is_named(folder, "meson.build")) => {
            Some(format!("meson test -C build {stem}"))
        }
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Symbol;

    fn check(manifests: &[(&str, &str)], language: &str, test: &str, expected: Option<&str>) {
        let path = |path: &str| RelPath::new(path).unwrap();
        let mut paths: Vec<RelPath> =
            manifests.iter().map(|(name, _)| path(name)).chain([path(test)]).collect();
        paths.sort();
        let text = |asked: &RelPath| {
            let found = manifests.iter().find(|(name, _)| *name == asked.as_str())?;
            Some(SafeText::from_redacted(found.1.to_owned()))
        };
        let outline = Outline {
            symbols: vec![Symbol {
                name: SafeText::constant("TestServe"),
                kind: SymbolKind::Function,
                signature: SafeText::default(),
                doc: SafeText::default(),
                line: 1,
                end_line: 2,
                parent: None,
                public: true,
            }],
            ..Outline::default()
        };
        let paths: Vec<&RelPath> = paths.iter().collect();
        let facts = super::super::facts(&paths, &[], &text);
        let test = path(test);
        let test = TestFile { path: &test, language: Some(language), outline: &outline };
        let found = one_test(&paths, &text, &facts, &test);
        assert_eq!(found.as_ref().map(SafeText::as_str), expected);
    }

    #[test]
    fn the_command_for_one_test_names_just_that_test() {
        let package = "[package]\nname = \"fig\"\nversion = \"1.0.0\"\n";
        check(&[("Cargo.toml", package)], "rust", "tests/peel.rs", Some("cargo test --test peel"));
        let it = [("Cargo.toml", package), ("tests/it/main.rs", "mod peel;")];
        check(&it, "rust", "tests/it/peel.rs", Some("cargo test --test it peel::"));
        let member = [
            ("Cargo.toml", "[workspace]\nmembers = [\"core\"]\n"),
            ("core/Cargo.toml", package),
            ("core/src/lib.rs", ""),
        ];
        check(&member, "rust", "core/src/peel/skin.rs", Some("cargo test -p fig --lib peel::skin"));
        check(
            &[("pyproject.toml", "[tool.pytest.ini_options]\n")],
            "python",
            "tests/test_a.py",
            Some("pytest tests/test_a.py"),
        );
        check(
            &[("manage.py", "")],
            "python",
            "shop/tests/test_cart.py",
            Some("python manage.py test shop.tests.test_cart"),
        );
        check(
            &[("go.mod", "module x\n")],
            "go",
            "web/serve_test.go",
            Some("go test ./web -run '^(TestServe)$'"),
        );
        let vitest =
            [("package.json", "{}"), ("packages/a/package.json", "{\"devDependencies\":{\"vitest\":\"1\"}}")];
        check(
            &vitest,
            "typescript",
            "packages/a/x.test.ts",
            Some("cd packages/a && npx vitest run x.test.ts"),
        );
        check(
            &[("build.gradle", ""), ("gradlew", "")],
            "java",
            "src/test/java/a/FooTest.java",
            Some("./gradlew test --tests '*FooTest'"),
        );
        check(
            &[("pom.xml", ""), ("core/pom.xml", "")],
            "java",
            "core/src/test/java/FooTest.java",
            Some("mvn -pl core test -Dtest=FooTest"),
        );
        check(&[("Gemfile", "")], "ruby", "spec/a_spec.rb", Some("bundle exec rspec spec/a_spec.rb"));
        check(
            &[("composer.json", "{}")],
            "php",
            "tests/ATest.php",
            Some("vendor/bin/phpunit tests/ATest.php"),
        );
        check(
            &[("T/T.csproj", "")],
            "csharp",
            "T/ATests.cs",
            Some("dotnet test T/T.csproj --filter FullyQualifiedName~ATests"),
        );
        check(&[("mix.exs", "")], "elixir", "test/a_test.exs", Some("mix test test/a_test.exs"));
    }

    #[test]
    fn a_name_that_a_shell_would_read_has_no_command() {
        check(&[("pytest.ini", "")], "python", "tests/test_$(x).py", None);
        check(&[("pytest.ini", "")], "python", "tests/test a.py", None);
        check(&[], "javascript", "test/a.js", None);
    }
}
