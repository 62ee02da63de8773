//! The command that runs one test, by an example: as the guides state it, else
//! as the project's runner takes one of its own tests.
//!
//! Not here: the runners of each language (`one_test`), and which tests belong
//! to a file (`rank`).

use std::collections::HashMap;

use super::one_test::{TestFile, is_go_test, one_test};
use super::source::{SourceFiles, SourceText};
use super::{Command, Purpose, classify, languages, named, native};
use crate::model::{Outline, ProjectFacts, RelPath, SafeText, Symbol, SymbolKind};

/// What a guide says of a command that runs a part of the tests.
#[rustfmt::skip]
const SAID: &[&str] = &[
    "single test", "individual test", "specific test", "particular test", "one test", "single spec", "specific file",
    "test file", "single file", "package or test", "individual spec", "certain test",
];

/// What makes it a command for more than one test.
const OTHER: &[&str] = &["project", "suite", "module", "target", "runner", "package", "case file"];

/// Lines behind such a sentence in which its command stands.
const NEAR: usize = 5;

/// Build files that are looked into for the name of a test.
const MAX_BUILD_FILES: usize = 40;

/// The command as a guide writes it, placeholders included.
pub(super) fn stated(source: &SourceText) -> Option<SafeText> {
    let lines: Vec<&str> = source.str().lines().collect();
    let mut in_fence = false;
    let mut below = None;
    for (n, line) in lines.iter().enumerate() {
        in_fence ^= line.trim_start().starts_with("```");
        if !says_one(line) || warns(line) {
            continue;
        }
        // What a session in a fence printed is no code span.
        let here = if in_fence { before_comment(line) } else { on_line(line) };
        if let Some(here) = here {
            return source.quote(here);
        }
        // A sentence or a comment speaks of what comes next.
        let leads = line.trim_end().ends_with(':') || line.trim_start().starts_with('#');
        let mut next = lines[n + 1..].iter().take(NEAR).filter(|line| leads && !warns(line));
        below = below.or_else(|| next.find_map(|line| whole_line(line)));
    }
    source.quote(below?)
}

fn says_one(line: &str) -> bool {
    let lower = line.to_lowercase();
    SAID.iter().any(|said| {
        let rest = lower.split_once(said).map(|(_, rest)| rest.trim_start_matches('s').trim_start());
        rest.is_some_and(|rest| !OTHER.iter().any(|other| rest.starts_with(other)))
    })
}

/// A code span of a line, or the command before its comment.
fn on_line(line: &str) -> Option<&str> {
    let spans = line.split('`').skip(1).step_by(2).find(|span| runs_a_test(span));
    spans.or_else(|| before_comment(line))
}

/// The command before its comment.
fn before_comment(line: &str) -> Option<&str> {
    line.split_once(" # ").and_then(|(command, _)| whole_line(command))
}

/// A command with something against it.
fn warns(line: &str) -> bool {
    line.to_lowercase().contains("warning")
}

fn whole_line(line: &str) -> Option<&str> {
    let line = line.split(" # ").next().unwrap_or(line).trim();
    let command =
        line.rsplit_once("$ ").filter(|(before, _)| before.len() < 40).map_or(line, |(_, command)| command);
    runs_a_test(command.trim_start_matches("$ ")).then_some(command.trim_start_matches("$ "))
}

fn runs_a_test(command: &str) -> bool {
    let words = command.split_whitespace().count();
    let purpose = classify::command(command).map(|verdict| verdict.purpose);
    let is_program = command.starts_with("./") && command.contains("test");
    (2..14).contains(&words)
        && command.len() < 120
        && !command.contains(['|', ';', '&'])
        && !named::is_harmful(command)
        && names_one(command)
        && (purpose == Some(Purpose::Test) || (is_program && purpose.is_none()))
}

/// What ends in a bare flag names no test: `php artisan test --compact`.
fn names_one(command: &str) -> bool {
    let last = command.split_whitespace().next_back().unwrap_or_default();
    !last.starts_with("--") || last.contains('=')
}

/// By the build files and tests of the project.
pub(super) fn by_convention(
    files: &SourceFiles,
    facts: &ProjectFacts,
    families: &[(SafeText, &'static str)],
) -> Option<Command> {
    let tests = facts.commands.iter().filter(|command| command.purpose == Purpose::Test);
    let tests: Vec<&str> = tests.map(|command| command.line.as_str()).collect();
    if tests.is_empty() {
        return None;
    }
    let runs = |word: &str| tests.iter().any(|line| line.contains(word));
    // A Makefile's `test` may be a word for Meson's.
    let is_meson =
        |word: &str| word == "meson test" && files.has("meson.build") && !files.has("CMakeLists.txt");
    let native = [
        ("bazel", bazel as fn(&SourceFiles) -> Option<(SafeText, RelPath)>),
        ("ctest", ctest),
        ("meson test", meson),
        ("make check", automake),
        ("make -C", make_folder),
        ("cabal test", cabal),
        ("just test", just),
    ];
    let is_run = |word: &str| runs(word) || is_meson(word);
    let built = native.into_iter().find_map(|(word, find)| if is_run(word) { find(files) } else { None });
    let (line, source) = built.or_else(|| own_test(files, facts, families))?;
    Some(Command { purpose: Purpose::OneTest, line, source, place: SafeText::default() })
}

/// The command of a guide with one of the project's own tests where it says `<path>`
/// or names a file that is not there. `None` where it leaves something else to be
/// filled in.
pub(super) fn filled(
    files: &SourceFiles,
    families: &[(SafeText, &'static str)],
    line: &SafeText,
) -> Option<SafeText> {
    let text = line.as_str();
    if names_missing_class(files, text) {
        return None;
    }
    let (from, to) = match (text.find('<'), text.find('>')) {
        (Some(from), Some(to)) if from < to => (from, to + 1),
        _ => match missing_file(files, text) {
            Some(span) => span,
            None => return Some(line.clone()),
        },
    };
    let asked = &text[from..to].to_lowercase();
    if !["path", "file"].iter().any(|word| asked.contains(word)) && asked.starts_with('<') {
        return None;
    }
    let wanted = asked.rsplit_once('.').map_or("", |(_, extension)| extension);
    let (path, _) = own_tests(files, families).into_iter().find(|(path, _)| {
        !wanted.chars().all(char::is_alphanumeric) || wanted.is_empty() || path.extension() == wanted
    })?;
    let path = SafeText::of_path(path, path.as_str());
    Some(SafeText::join(&[line.part(&text[..from]), path, line.part(&text[to..])], ""))
}

/// Whether a guide's example names a class by a part of its name that no file has.
fn names_missing_class(files: &SourceFiles, line: &str) -> bool {
    let named = ["FullyQualifiedName~", "-Dtest="].iter().find_map(|mark| line.split_once(mark));
    let class = named.map(|(_, rest)| rest.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default());
    class.is_some_and(|class| !files.paths.iter().any(|path| path.stem().contains(class)))
}

/// Where a command names a test file that is not in the tree.
fn missing_file(files: &SourceFiles, line: &str) -> Option<(usize, usize)> {
    let word = line.split_whitespace().skip(1).find(|word| {
        let path = word.split("::").next().unwrap_or(word).trim_start_matches("./");
        let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
        let is_file =
            matches!(extension, "py" | "rb" | "ts" | "tsx" | "js" | "go" | "php" | "bats" | "exs" | "dart");
        is_file && path.contains('/') && super::shell::is_plain_path(path) && !files.has(path)
    })?;
    let from = line.find(word)?;
    Some((from, from + word.len()))
}

/// The manifests at the root that make a family of languages the project's own.
#[rustfmt::skip]
const MANIFESTS: &[(&str, &[&str])] = &[
    ("rust", &["Cargo.toml"]), ("python", &["pyproject.toml", "setup.py", "setup.cfg"]), ("node", &["package.json"]),
    ("go", &["go.mod"]), ("jvm", &["pom.xml", "build.gradle", "build.gradle.kts", "build.sbt"]), ("ruby", &["Gemfile"]),
    ("php", &["composer.json"]),
];

/// The tests of the project in its languages, the best example first.
fn own_tests<'a>(
    files: &SourceFiles<'a>,
    families: &[(SafeText, &'static str)],
) -> Vec<(&'a RelPath, &'static str)> {
    // A part in another language has its manifest in its own folder.
    let has_manifest = |family: &str| {
        let names = MANIFESTS.iter().find(|(known, _)| *known == family).map(|(_, names)| *names);
        names.is_some_and(|names| names.iter().any(|name| files.has(name)))
    };
    // 0 for the main language; a language that the project hardly uses has no place.
    let place = |path: &RelPath| match languages::of_path(path) {
        None | Some((_, "")) => Some((false, 0)),
        Some((_, family)) => {
            let at = families.iter().position(|(_, known)| *known == family)?;
            Some((!has_manifest(family), at))
        }
    };
    let is_loose = files.open("package.json").is_some_and(|source| runs_any_file(&source));
    let mut found: Vec<(&RelPath, &'static str)> = files
        .paths
        .iter()
        .filter(|path| place(path).is_some())
        .filter_map(|path| Some((*path, language_of_test(path).or_else(|| loose_test(path, is_loose))?)))
        .collect();
    // An example comes from where most of the tests are.
    let mut tests_in: HashMap<&str, usize> = HashMap::new();
    for (path, _) in &found {
        *tests_in.entry(top(path)).or_default() += 1;
    }
    found.sort_by_key(|(path, _)| {
        let depth = path.as_str().matches('/').count();
        let others = usize::MAX - tests_in[top(path)];
        (is_special(path), place(path), others, depth, path.as_str().to_string())
    });
    found
}

/// AVA takes every file of its folder for a test, whatever it is called.
fn runs_any_file(manifest: &SourceText) -> bool {
    let manifest = manifest.json();
    manifest["scripts"]["test"]
        .as_str()
        .is_some_and(|script| script.split_whitespace().any(|word| word == "ava"))
}

fn loose_test(path: &RelPath, is_loose: bool) -> Option<&'static str> {
    let is_code = matches!(path.extension(), "ts" | "js" | "mjs");
    (is_loose && is_code && matches!(path.parent(), "test" | "tests")).then_some("typescript")
}

/// One of the project's tests in its main language, and the command for it.
fn own_test(
    files: &SourceFiles,
    facts: &ProjectFacts,
    families: &[(SafeText, &'static str)],
) -> Option<(SafeText, RelPath)> {
    let runs_bats = facts.commands.iter().any(|command| command.line.as_str().contains("bats"));
    let found =
        own_tests(files, families).into_iter().filter(|(_, language)| *language != "bash" || runs_bats);
    let examples = found.take(MOST_EXAMPLES).filter_map(|(path, language)| {
        let source = files.open(path.as_str())?;
        let outline = Outline { symbols: test_functions(&source), ..Outline::default() };
        let test = TestFile { path, language: Some(language), outline: &outline };
        let line = one_test(files.paths, files.text, facts, &test)?;
        // Go's command without a name runs a whole package.
        let is_one = match language {
            "go" => !outline.symbols.is_empty(),
            // Without a target it is the whole package.
            "rust" => line.as_str().contains(" --"),
            _ => true,
        };
        Some((is_one, line, path.clone()))
    });
    let mut whole = None;
    for (is_one, line, path) in examples {
        if is_one {
            return Some((line, path));
        }
        whole = whole.or(Some((line, path)));
    }
    whole
}

/// The folder at the root that a file lies in.
fn top(path: &RelPath) -> &str {
    path.parent().split('/').next().unwrap_or_default()
}

/// Tests of which one has to be a good example.
const MOST_EXAMPLES: usize = 40;

/// Tests that ask for more than the usual ones, or that are read by tests.
fn is_special(path: &RelPath) -> bool {
    let special = [
        "e2e",
        "fixtures",
        "testdata",
        "benchmark",
        "benchmarks",
        "examples",
        "example",
        "samples",
        "smoke",
        "integration",
    ];
    let lower = path.as_str().to_ascii_lowercase();
    // A class for others to extend runs nothing, and an extension is no class.
    let stem = path.stem();
    let is_base = stem.starts_with("Abstract") || stem.starts_with("Base") || stem.contains('+');
    // These ask for databases and servers.
    let is_wide = stem.contains("Integration") || stem.ends_with("IT") || stem.contains("EndToEnd");
    // Other platforms than the JVM are set up apart.
    let is_other = |part: &str| part == "js" || part.contains("native") || part.starts_with("scala-");
    let is_foreign = path.extension() == "scala" && lower.split('/').any(is_other);
    is_base
        || is_wide
        || is_foreign
        || lower
            .split('/')
            .any(|part| special.contains(&part) || part.starts_with("dts") || part == "commontest")
}

/// In a source set of tests, which is what the JVM's runners look at.
fn is_in_test_set(folder: &str) -> bool {
    let sets = folder.split('/').collect::<Vec<_>>();
    let set = sets.iter().position(|part| *part == "src").and_then(|at| sets.get(at + 1));
    // Those of other platforms run where these are.
    set.is_none_or(|set| matches!(*set, "test" | "jvmTest" | "commonTest" | "unitTest" | "integrationTest"))
}

/// The language of a file that a runner takes for a test, as the languages' folders call it.
fn language_of_test(path: &RelPath) -> Option<&'static str> {
    let (stem, name, folder) = (path.stem(), path.name(), path.parent());
    let in_folder = |wanted: &str| folder.split('/').any(|part| part == wanted);
    let dotted = [".test.", ".spec."].iter().any(|mark| name.contains(mark));
    match path.extension() {
        "rs" if in_folder("tests") && !matches!(stem, "main" | "mod" | "common" | "util" | "helpers") => {
            Some("rust")
        }
        "py" if (stem.starts_with("test_") || stem.ends_with("_test")) && !folder.is_empty() => {
            Some("python")
        }
        "go" if stem.ends_with("_test") => Some("go"),
        "ts" | "tsx" | "js" | "jsx" | "mjs" if dotted => Some("javascript"),
        // Deno's names.
        "ts" | "tsx" if stem.ends_with("_test") => Some("typescript"),
        "js" if matches!(folder, "test" | "tests") || in_folder("__tests__") => Some("javascript"),
        "java" | "kt" | "scala" if !is_in_test_set(folder) => None,
        "java" if stem.ends_with("Test") || stem.ends_with("Tests") => Some("java"),
        "kt" if stem.ends_with("Test") || stem.ends_with("Tests") => Some("kotlin"),
        "scala" if ["Test", "Tests", "Spec", "Suite"].iter().any(|end| stem.ends_with(end)) => Some("scala"),
        "rb" if stem.ends_with("_spec") || stem.ends_with("_test") => Some("ruby"),
        "php" if stem.ends_with("Test") => Some("php"),
        "cs" if stem.ends_with("Tests") || stem.ends_with("Test") => Some("c-sharp"),
        "swift" if stem.ends_with("Tests") && in_folder("Tests") => Some("swift"),
        "exs" if stem.ends_with("_test") => Some("elixir"),
        "dart" if stem.ends_with("_test") => Some("dart"),
        "bats" => Some("bash"),
        "t" => Some("perl"),
        _ => None,
    }
}

/// Go's runner takes the names of functions.
fn test_functions(source: &SourceText) -> Vec<Symbol> {
    let names = source.str().lines().filter_map(|line| {
        let name = line.strip_prefix("func Test")?.split('(').next()?;
        line.get("func ".len().."func Test".len() + name.len())
    });
    let first = names.filter(|name| is_go_test(name)).take(1).filter_map(|name| source.quote(name));
    first
        .map(|name| Symbol {
            name,
            kind: SymbolKind::Function,
            signature: SafeText::default(),
            doc: SafeText::default(),
            line: 1,
            end_line: 1,
            parent: None,
            public: true,
        })
        .collect()
}

/// The build files with one of these names.
fn build_files(files: &SourceFiles, names: &[&str]) -> Vec<SourceText> {
    let mut found: Vec<&&RelPath> = files.paths.iter().filter(|path| names.contains(&path.name())).collect();
    found.sort_by_key(|path| path.as_str().matches('/').count());
    found.into_iter().take(MAX_BUILD_FILES).filter_map(|path| files.open(path.as_str())).collect()
}

/// What stands in quotes behind a mark.
fn quoted<'t>(text: &'t str, mark: &str) -> Option<&'t str> {
    let rest = text.split_once(mark)?.1.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    rest[1..].split(quote).next().filter(|name| super::shell::is_plain_path(name))
}

fn with_name(before: &'static str, source: &SourceText, name: &str) -> Option<(SafeText, RelPath)> {
    let line = SafeText::join(&[SafeText::constant(before), source.quote(name)?], "");
    Some((line, source.path.clone()))
}

fn bazel(files: &SourceFiles) -> Option<(SafeText, RelPath)> {
    #[rustfmt::skip]
    const RULES: [&str; 8] =
        ["go_test(", "cc_test(", "py_test(", "java_test(", "rust_test(", "sh_test(", "kt_jvm_test(", "scala_test("];
    let sources = build_files(files, &["BUILD", "BUILD.bazel"]);
    let usual = sources.iter().find_map(|source| {
        let rule = RULES.iter().find_map(|rule| source.str().split_once(&format!("\n{rule}")))?;
        bazel_target(source, rule.1)
    });
    // A macro for documents makes other names of its own.
    let own = sources.iter().filter(|source| !source.path.parent().split('/').any(|part| part == "docs"));
    usual.or_else(|| {
        own.into_iter().find_map(|source| bazel_target(source, source.str().split("_test(").nth(1)?))
    })
}

fn bazel_target(source: &SourceText, rule: &str) -> Option<(SafeText, RelPath)> {
    let name = quoted(rule.split("\n)").next()?, "name =")?;
    let folder = source.path.parent();
    let folder = super::shell::is_plain_path(folder).then(|| SafeText::of_path(&source.path, folder))?;
    let words =
        [SafeText::constant("bazel test //"), folder, SafeText::constant(":"), source.text.part(name)];
    Some((SafeText::join(&words, ""), source.path.clone()))
}

/// `add_test(NAME x`, or the project's own `add_x_test(name`.
fn ctest(files: &SourceFiles) -> Option<(SafeText, RelPath)> {
    let sources = build_files(files, &["CMakeLists.txt"]);
    // These try out how others build with it.
    let is_aside =
        |source: &&SourceText| source.path.parent().split('/').any(|part| part.starts_with("cmake_"));
    let named = sources.iter().filter(|source| !is_aside(source)).find_map(|source| {
        let name = source.str().lines().find_map(|line| {
            let (call, rest) = line.trim().split_once('(')?;
            let call = call.to_ascii_lowercase();
            let name = rest.trim_start().trim_start_matches("NAME ").split([' ', ')']).next()?;
            let is_test = call.starts_with("add_") && call.ends_with("test");
            (is_test && !name.is_empty() && super::shell::is_plain_path(name)).then_some(name)
        })?;
        with_name("ctest --test-dir build -R ", source, name)
    });
    let any = || Some((SafeText::constant("ctest --test-dir build -R NAME"), sources.first()?.path.clone()));
    named.or_else(|| of_globbed(files, &sources)).or_else(any)
}

/// Where the build makes a test of every file that it finds, a part of a file's name
/// is a part of the test's.
fn of_globbed(files: &SourceFiles, sources: &[SourceText]) -> Option<(SafeText, RelPath)> {
    let source = sources.iter().find(|source| {
        let is_of_tests = source.path.parent().ends_with("test") || source.path.parent().ends_with("tests");
        is_of_tests && source.str().contains("GLOB")
    })?;
    let below = files.below(source.path.parent()).iter();
    let code = below.filter(|path| matches!(path.extension(), "c" | "cc" | "cpp" | "cxx"));
    let (path, name) = code.into_iter().find_map(|path| {
        let name =
            ["unit-", "unit_", "test-", "test_"].iter().find_map(|mark| path.stem().strip_prefix(mark))?;
        super::shell::is_plain_path(name).then_some((path, name))
    })?;
    let name = SafeText::of_path(path, path.as_str()).part(name);
    Some((SafeText::join(&[SafeText::constant("ctest --test-dir build -R"), name], " "), (*path).clone()))
}

fn meson(files: &SourceFiles) -> Option<(SafeText, RelPath)> {
    let sources = build_files(files, &["meson.build"]);
    let folder = native::meson_folder(files).unwrap_or(SafeText::constant("build"));
    let line =
        |name: SafeText| SafeText::join(&[SafeText::constant("meson test -C"), folder.clone(), name], " ");
    let named = sources.iter().find_map(|source| {
        let text = source.str();
        let rule = text.lines().find(|line| line.trim_start().starts_with("test("))?;
        let rule = &text[text.find(rule)?..];
        Some((line(source.quote(quoted(rule, "test(")?)?), source.path.clone()))
    });
    // Names that are computed are listed by `meson test --list`.
    let any = || Some((line(SafeText::constant("NAME")), sources.first()?.path.clone()));
    named.or_else(any)
}

fn automake(files: &SourceFiles) -> Option<(SafeText, RelPath)> {
    let source = files.open("Makefile.am")?;
    let line = source.str().lines().find(|line| line.starts_with("TESTS =") || line.starts_with("TESTS="))?;
    let first = line.split_once('=')?.1.split_whitespace().find(|word| super::shell::is_plain_path(word))?;
    with_name("make check TESTS=", &source, first)
}

/// A Makefile beside the tests that takes their names in a variable.
fn make_folder(files: &SourceFiles) -> Option<(SafeText, RelPath)> {
    ["regress", "test", "tests", "t"].into_iter().find_map(|folder| {
        let source = files.open(&format!("{folder}/Makefile"))?;
        source.str().lines().find(|line| line.starts_with("TESTS"))?;
        let test = files.directly_in(folder).find(|path| matches!(path.extension(), "sh" | "t" | "test"))?;
        let words = ["make -C ", folder, " TESTS="].map(SafeText::constant);
        let name = SafeText::of_path(test, test.name());
        let name = SafeText::join(&[&words[..], &[name]].concat(), "");
        super::shell::is_plain_path(test.name()).then(|| (name, test.clone()))
    })
}

fn cabal(files: &SourceFiles) -> Option<(SafeText, RelPath)> {
    let manifest = files.paths.iter().find(|path| path.extension() == "cabal")?;
    let source = files.open(manifest.as_str())?;
    let suite = source.str().lines().find_map(|line| line.trim().strip_prefix("test-suite "))?;
    with_name("cabal test ", &source, suite.trim())
}

/// A recipe that takes which tests to run.
fn just(files: &SourceFiles) -> Option<(SafeText, RelPath)> {
    let source = files.open_first(&["justfile", "Justfile", ".justfile"])?;
    let head = source.str().lines().find_map(|line| line.strip_prefix("test ")?.split(':').next())?;
    let parameter = head.split_whitespace().next()?.trim_start_matches(['*', '+']);
    with_name("just test ", &source, parameter)
}
