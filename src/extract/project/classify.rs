//! What a command is for, told from its program and first arguments.
//!
//! Not here: the tables of programs (`programs`), where commands come from, and
//! which of them are shown.

use super::Purpose::{self, *};
use super::programs::{NOT_TASKS, RULES, RUNNERS, TASKS, WRAPPERS};

/// What a command is for and what it belongs to.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct CommandClass {
    pub purpose: Purpose,
    /// The ecosystem; empty for those that serve any (`make`, `just`).
    pub family: &'static str,
    /// Program and task: two commands with one head differ in details only.
    pub head: String,
    /// Subtracted from the command's score.
    pub penalty: i32,
    /// The project's own file that is run, where it is one.
    pub file: Option<String>,
    /// One of these files has to be in the folder; any will do if empty.
    pub needs: &'static [&'static str],
}

/// `None` for what is not worth showing.
pub(super) fn command(line: &str) -> Option<CommandClass> {
    let all: Vec<&str> = line.split_whitespace().collect();
    let environment = all.iter().take_while(|word| is_assignment(word)).count();
    let mut words = unwrapped(&all[environment..]);
    if words.first() == Some(&"cargo") && words.get(1).is_some_and(|word| word.starts_with('+')) {
        words.remove(1);
    }
    if words.len() > 2 && words.starts_with(&["cargo", "xtask"]) {
        words.remove(0);
    }
    let program = program_name(words.first()?);
    let subject = subject(program, &words[1..]);
    let mut verdict = by_rule(program, subject, &words[1..])
        .or_else(|| by_task(program, subject))
        .or_else(|| by_script(words[0]))?;
    if is_noise(program, &words, &verdict) {
        return None;
    }
    verdict.file = own_file(words[0]);
    verdict.needs = needs(program);
    verdict.penalty += detail(&verdict, subject, &words[1..]) + 4 * environment as i32;
    verdict.penalty += (all.len() - environment - words.len()) as i32;
    Some(verdict)
}

/// A formatter's call that changes files, from one that only checks them:
/// the same without its flag.
pub(super) fn applied(line: &str) -> String {
    let mut words: Vec<&str> = line.split_whitespace().collect();
    let prettier = words.iter().any(|word| word.ends_with("prettier"));
    if prettier {
        words
            .iter_mut()
            .filter(|word| matches!(**word, "--check" | "-c" | "--list-different" | "-l"))
            .for_each(|word| *word = "--write");
    }
    words.retain(|word| {
        !matches!(
            *word,
            "--check" | "--diff" | "--check-only" | "--check-formatted" | "--verify-no-changes" | "--dry-run"
        )
    });
    if words.last() == Some(&"--") {
        words.pop();
    }
    words.join(" ")
}

/// The purpose of a task by its name, with a penalty for partial ones
/// (`test:unit`).
pub(super) fn task(name: &str) -> Option<(Purpose, i32)> {
    let lower = name.to_ascii_lowercase();
    let words: Vec<&str> = lower.split([':', '-', '_', '.', '/']).filter(|word| !word.is_empty()).collect();
    if words.iter().any(|word| NOT_TASKS.contains(word)) {
        return None;
    }
    let first = *words.first()?;
    if ["runtest", "run-test", "run_test"].iter().any(|start| lower.starts_with(start)) {
        return Some((Test, 2));
    }
    let lookup =
        |word: &str| TASKS.iter().find(|(_, names)| names.contains(&word)).map(|(purpose, _)| *purpose);
    if lower == "type-check" || lower == "check-types" || lower == "check:types" {
        return Some((Lint, 4));
    }
    if first == "check" {
        let purpose = match words.get(1) {
            Some(word) => lookup(word)?,
            None => Lint,
        };
        return Some((purpose, 6 + 4 * words.len() as i32));
    }
    let purpose = lookup(first)?;
    let whole = matches!(words.get(1), None | Some(&"all"));
    // `all` alone is what `make` does, `typecheck` only half of what `lint` is.
    let minor = if matches!(
        first,
        "lint" | "test" | "tests" | "build" | "format" | "fmt" | "docs" | "dev" | "setup" | "start"
    ) {
        0
    } else {
        4
    };
    if purpose == Run && !whole {
        return Some((purpose, 30));
    }
    let partial = if whole { 0 } else { 12 + 3 * (words.len() as i32 - 2) };
    Some((purpose, minor + partial))
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    })
}

fn unwrapped<'a>(words: &[&'a str]) -> Vec<&'a str> {
    let mut words = words.to_vec();
    for _ in 0..3 {
        let Some((wrapper, with_value)) =
            WRAPPERS.iter().find(|(wrapper, _)| words.len() > wrapper.len() && words.starts_with(wrapper))
        else {
            break;
        };
        let mut at = wrapper.len();
        while words.get(at).is_some_and(|word| word.starts_with('-')) {
            at += if with_value.contains(&words[at]) { 2 } else { 1 };
        }
        if words.get(at).is_none_or(|word| *word == "-c") {
            break;
        }
        words.drain(..at);
    }
    words
}

fn program_name(word: &str) -> &str {
    let name = word.rsplit('/').next().unwrap_or(word);
    match name {
        "mvnw" => "mvn",
        "gradlew" => "gradle",
        "pip3" => "pip",
        name => name.trim_end_matches(".bat"),
    }
}

/// Flags before the task's name that take a value.
const VALUED: &[&str] =
    &["-C", "-f", "--manifest-path", "--filter", "-F", "--dir", "--prefix", "--directory"];

/// The first argument that is no flag: for task runners, the task.
fn subject<'a>(program: &str, words: &[&'a str]) -> &'a str {
    if matches!(program, "tox" | "nox") {
        let flag = words.iter().position(|word| matches!(*word, "-e" | "-s" | "--session" | "-re"));
        let named = flag.and_then(|at| words.get(at + 1)).copied();
        return named.filter(|name| !is_python_version(name)).unwrap_or("");
    }
    let runs = RUNNERS.iter().any(|(name, _)| *name == program) && program != "make";
    let cleans = matches!(program, "mvn" | "gradle");
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let starts = runs && matches!(*word, "run" | "run-script" | "task" | "r");
        let first = cleans && *word == "clean" && words.len() > at + 1;
        if !word.starts_with('-') && !starts && !first && !is_assignment(word) {
            return word;
        }
        at += if VALUED.contains(word) { 2 } else { 1 };
    }
    ""
}

/// `py`, `py312-extra`: the tests on one version of Python.
pub(super) fn is_python_version(name: &str) -> bool {
    let rest = name.strip_prefix("pypy").or(name.strip_prefix("py"));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(|c: char| c.is_ascii_digit() || c == '{'))
}

fn by_rule(program: &str, subject: &str, words: &[&str]) -> Option<CommandClass> {
    if program == "pip" || (program == "uv" && words.first() == Some(&"pip")) {
        return pip(program, words);
    }
    if program == "docker" && words.starts_with(&["compose", "up"]) {
        return Some(verdict(Run, "", "docker compose up", 8));
    }
    if program == "cmake" && !words.contains(&"--build") {
        let scripted = words.iter().any(|word| matches!(*word, "-P" | "-E" | "--install"));
        return (!scripted).then(|| verdict(Build, "native", "cmake configure", 24));
    }
    if program == "nix" && words.starts_with(&["flake", "check"]) {
        return Some(verdict(Test, "", "nix flake check", 2));
    }
    if matches!(program, "npm" | "pnpm" | "yarn" | "bun") && words.first() == Some(&"run") {
        return None;
    }
    if matches!(program, "npm" | "pnpm" | "yarn" | "bun") && matches!(subject, "install" | "i" | "add") {
        let packages = words.iter().filter(|word| !word.starts_with('-')).count();
        if packages > 1 || subject == "add" {
            return Some(verdict(Install, "node", "npm install", 0));
        }
    }
    if program == "yarn" && words.is_empty() {
        return Some(verdict(Setup, "node", "yarn", 0));
    }
    if program == "tox" && !matches!(subject, "" | "run" | "p" | "run-parallel") {
        return None;
    }
    let (_, sub, purpose, family, penalty) =
        RULES.iter().find(|(name, sub, ..)| *name == program && (*sub == "*" || *sub == subject))?;
    let head = match (program, *sub) {
        ("cargo", "check" | "b") => "cargo build".to_string(),
        ("npm" | "pnpm" | "yarn" | "bun", "ci" | "i" | "install") => "node install".to_string(),
        ("npm" | "bun", "test" | "t") => "node test".to_string(),
        ("npm", "start") => "node start".to_string(),
        ("composer", "update") => "composer install".to_string(),
        (program, "*") => program.to_string(),
        (program, sub) => format!("{program} {sub}"),
    };
    // Without `./...` the root's package alone is meant.
    let is_part = head == "go test" && !words.iter().any(|word| word.contains("./"));
    Some(verdict(*purpose, family, &head, *penalty + if is_part { 12 } else { 0 }))
}

fn pip(program: &str, words: &[&str]) -> Option<CommandClass> {
    let words = if program == "uv" { &words[1..] } else { words };
    let (first, rest) = words.split_first()?;
    if *first != "install" {
        return None;
    }
    let develops = rest.iter().any(|word| {
        matches!(*word, "-e" | "--editable" | "-r" | "--requirement" | "--group")
            || word.starts_with(['.', '\'', '"']) && word.contains('.')
    });
    let upgrades =
        rest.iter().any(|word| matches!(*word, "-U" | "--upgrade" | "pip" | "wheel" | "setuptools"));
    match (develops, upgrades) {
        (true, _) => {
            let editable = rest.contains(&"-e") || rest.contains(&"--editable");
            Some(verdict(Setup, "python", "pip install", if editable { 0 } else { 6 }))
        }
        (false, true) => None,
        (false, false) => Some(verdict(Install, "python", "pip install", 0)),
    }
}

fn by_task(program: &str, subject: &str) -> Option<CommandClass> {
    let (_, family) = RUNNERS.iter().find(|(name, _)| *name == program)?;
    if matches!(program, "make" | "gmake") && subject.is_empty() {
        return Some(verdict(Build, "", "make", 4));
    }
    if program == "rake" && subject.is_empty() {
        return Some(verdict(Test, "ruby", "rake test", 1));
    }
    if matches!(program, "make" | "gmake" | "just") && subject == "check" {
        return Some(verdict(Test, "", &format!("{program} check"), 5));
    }
    if matches!(program, "make" | "gmake") && subject == "all" {
        return Some(verdict(Build, "", "make", 3));
    }
    // What a user of the program does, and the tarball of a release.
    if matches!(program, "make" | "gmake") && matches!(subject, "install" | "dist") {
        return None;
    }
    let (purpose, penalty) = task(subject)?;
    // `test:unit` and `test-tz` are details of `test`.
    let first = subject.split([':', '-', '_', '.']).next()?;
    let runs_itself = purpose == Run && matches!(program, "tox" | "nox");
    let program = match *family {
        "node" => "node",
        _ => program,
    };
    let head = format!("{program} {first}");
    (!runs_itself).then(|| verdict(purpose, family, &head, penalty))
}

/// `./scripts/test.sh`, `dev/lint`, `bin/rspec`.
fn by_script(word: &str) -> Option<CommandClass> {
    let is_script = word.contains('/') || word.ends_with(".sh") || word.ends_with(".py");
    let name = program_name(word);
    let name = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let is_at_root = !word.trim_start_matches("./").contains('/');
    let (purpose, penalty) = match name {
        // At the root it installs the program for its users, into their home.
        "install" if is_at_root => (Install, 2),
        "install" => (Setup, 2),
        // Python's build script, whose commands have rules of their own.
        "setup" if word.ends_with("setup.py") => return None,
        _ => task(name)?,
    };
    // A script for a part of the work is rarely one for newcomers.
    let penalty = if penalty > 8 { penalty + 8 } else { penalty + 2 };
    is_script.then(|| verdict(purpose, "", word, penalty))
}

/// What a program reads in the folder where it is run.
fn needs(program: &str) -> &'static [&'static str] {
    match program {
        "make" | "gmake" => &[
            "Makefile",
            "makefile",
            "GNUmakefile",
            "configure",
            "configure.ac",
            "Makefile.am",
            "CMakeLists.txt",
        ],
        "just" => &["justfile", "Justfile", ".justfile"],
        "task" => &["Taskfile.yml", "Taskfile.yaml", "taskfile.yml", "Taskfile.dist.yml"],
        "cargo" | "xtask" => &["Cargo.toml"],
        "go" => &["go.mod"],
        "npm" | "pnpm" | "yarn" => &["package.json"],
        "composer" => &["composer.json"],
        "mix" => &["mix.exs"],
        "rake" => &["Rakefile", "rakefile"],
        "bundle" => &["Gemfile"],
        "tox" => &["tox.ini", "tox.toml", "pyproject.toml", "setup.cfg"],
        "nox" => &["noxfile.py"],
        "cmake" => &["CMakeLists.txt"],
        "manage.py" => &["manage.py"],
        "poetry" | "hatch" | "pdm" | "uv" => &["pyproject.toml", "requirements.txt"],
        _ => &[],
    }
}

/// The file that a word names, unless it is one that installing makes.
fn own_file(word: &str) -> Option<String> {
    let installed = ["vendor/", "node_modules/", "venv/", ".venv/", "env/", "build/", "target/", "dist/"];
    let path = word.trim_start_matches("./");
    let is_file = word.contains('/') || word.ends_with(".py") || word.ends_with(".sh");
    let wrapper = matches!(program_name(word), "mvn" | "gradle");
    (is_file && !wrapper && !installed.iter().any(|folder| path.starts_with(folder)))
        .then(|| path.to_string())
}

fn verdict(purpose: Purpose, family: &'static str, head: &str, penalty: i32) -> CommandClass {
    CommandClass { purpose, family, head: head.to_string(), penalty, file: None, needs: &[] }
}

/// Runs of a tool that tell nothing about working on the project.
fn is_noise(program: &str, words: &[&str], verdict: &CommandClass) -> bool {
    let has = |flag: &str| words.contains(&flag);
    has("--version")
        || has("--help")
        || has("-V")
        || has("-h") && program != "gradle"
        || has("--list")
        || has("--no-run")
        || has("--pdb")
        || has("--only")
        || has("publish")
        || (program == "cargo" && has("nextest") && !has("run") && !has("r"))
        || (program == "cargo" && has("insta") && !has("test"))
        || (program == "mise" && !has("run") && !has("r"))
        || (program == "cargo" && has("install") && has("--path") && !has("."))
        || (program == "npm" && verdict.purpose == Install && has("npm"))
}

/// How far a command is from the plain one: arguments, partial selections.
fn detail(verdict: &CommandClass, subject: &str, arguments: &[&str]) -> i32 {
    let mut penalty = 0;
    for word in arguments {
        penalty += match *word {
            "run" | "run-script" => 0,
            word if word == subject && verdict.head.ends_with(subject) => 0,
            "--" if verdict.purpose == Run => 18,
            word if verdict.head == "cargo run" && !word.starts_with('-') => 14,
            word if word.contains('(') => 20,
            "--workspace" | "--all" | "--all-targets" | "./..." | "." => -1,
            "--release" | "--locked" | "--all-features" => 1,
            "--check" | "--diff" if verdict.purpose == Format => 3,
            word if is_assignment(word) => 6,
            "--target" | "--manifest-path" | "-p" | "--package" | "--test" | "--bin" | "--example"
            | "--lib" | "--doc" | "-k" | "-run" | "-E" => 14,
            word if word.starts_with("--target=")
                || word.starts_with("--package=")
                || word.starts_with("--test=") =>
            {
                14
            }
            word if verdict.purpose == Test
                && (word.contains("::") || word.contains('*') || word.ends_with(".py")) =>
            {
                20
            }
            _ => 2,
        };
    }
    penalty
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: Option<Purpose>) {
        assert_eq!(command(line).map(|verdict| verdict.purpose), expected, "{line}");
    }

    #[test]
    fn commands_are_told_by_program_and_task() {
        for (line, purpose) in [
            ("cargo +nightly fmt", Format),
            ("RUSTFLAGS=-Dwarnings cargo test --workspace", Test),
            ("cargo xtask lint", Lint),
            ("uv run --group tests pytest -x", Test),
            ("python -m pip install -e .", Setup),
            ("pip install flask", Install),
            ("tox -e py312", Test),
            ("tox -e docs", Docs),
            ("tox -e pylint", Lint),
            ("npx eslint .", Lint),
            ("pnpm run typecheck", Lint),
            ("./gradlew -q test", Test),
            ("make check", Test),
            ("bundle exec rake", Test),
            ("python manage.py runserver", Run),
            ("scripts/install", Setup),
            ("docker compose up -d", Run),
        ] {
            check(line, Some(purpose));
        }
    }

    #[test]
    fn noise_is_nothing() {
        for line in [
            "rustup component add clippy",
            "apt-get install -y make",
            "cargo --version",
            "npm publish",
            "make release",
            "pip install -U pip",
            "actions/checkout",
            "ls",
            "",
        ] {
            check(line, None);
        }
    }

    #[test]
    fn the_whole_comes_before_a_part() {
        let penalty = |line: &str| command(line).unwrap().penalty;
        assert!(penalty("cargo test --workspace") < penalty("cargo test -p core"));
        assert!(penalty("pytest") < penalty("pytest tests/test_one.py"));
        assert!(penalty("npm run test") < penalty("npm run test:unit"));
    }

    #[test]
    fn a_format_check_becomes_the_formatting() {
        assert_eq!(applied("cargo fmt --all -- --check"), "cargo fmt --all");
        assert_eq!(applied("prettier --check ."), "prettier --write .");
    }
}
