//! Whether what a command names is there: the target, the script, the test,
//! the file. And whether it does what nobody runs to get to know a project.
//!
//! Not here: what a command is for.

use super::Purpose;
use super::source::{SourceFiles, entries};
use crate::model::{RelPath, SafeText, resolve_path};

/// Commands, or parts of a task's recipe, that publish, upload, destroy or
/// change more than the project.
#[rustfmt::skip]
const HARMFUL: &[&str] = &[
    " publish", "twine upload", "npm login", "cargo login", "docker push", "podman push", "git push", "git reset", "git clean",
    "sudo ", "apt-get ", "apt install", "brew install", "brew upgrade", "choco install", "yum install", "dnf install", "pacman -",
    "rm -rf /", "rm -rf ~", "db:drop", "db:reset", "db:purge", "migrate:fresh", "migrate:reset", "ecto.drop", "ecto.reset",
    "dropdb", "drop database", "flushall", "terraform apply", "terraform destroy", "kubectl apply", "kubectl delete",
    "helm install", "helm upgrade", "gh release", "goreleaser release", "xdg-open", "open http", "start http", "systemctl ", "chsh ",
    // These make another project.
    "npm init", "npm create", "yarn create", "pnpm create", "bun create", "create-project", "rails new ", "startproject",
    "cargo new", "cargo init",
    "docker system prune", "manage.py flush", "firebase deploy", "vercel deploy", "serverless deploy", "gh-pages", "mkdocs gh-deploy",
];

pub(super) fn is_harmful(text: &str) -> bool {
    let text = text.to_lowercase();
    HARMFUL.iter().any(|harm| text.contains(harm)) && !text.contains("--dry-run")
}

/// `false` where the command names something that is not in the tree. What
/// cannot be told is there.
pub(super) fn exists(files: &SourceFiles, folder: &str, line: &str, purpose: Purpose) -> bool {
    let words: Vec<&str> = line.split_whitespace().skip_while(|word| is_assignment(word)).collect();
    let Some((program, arguments)) = words.split_first() else { return false };
    let named = match *program {
        "make" | "gmake" => make(files, folder, arguments),
        "npm" | "pnpm" | "yarn" | "bun" => node(files, folder, program, arguments),
        "composer" => composer(files, folder, arguments),
        "just" => just(files, folder, arguments),
        "cargo" => cargo(files, arguments),
        _ => script(files, program, arguments),
    };
    named && (purpose == Purpose::Install || paths(files, folder, program, arguments))
}

/// Whether what a command of a text names is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamedTarget {
    There,
    /// It is a command of another program, or nothing says what there is.
    Unknown,
    /// What is missing, in words.
    Missing(&'static str),
}

/// The files in which a program finds what is named, whether those of a folder have
/// it, and what is said where none has.
type Judge<'a> = (&'a [&'a str], &'a dyn Fn(&str) -> bool, &'static str);

/// Whether the target, script, package or test that a command names is in the
/// folder where it is run. Only of runners of which the folder has a file.
pub fn missing_target(
    paths: &[&RelPath],
    text: &dyn Fn(&RelPath) -> Option<SafeText>,
    folder: &str,
    line: &str,
) -> NamedTarget {
    let files = SourceFiles { paths, text };
    let words: Vec<&str> = line.split_whitespace().skip_while(|word| is_assignment(word)).collect();
    let Some((program, arguments)) = words.split_first() else { return NamedTarget::Unknown };
    // What stands for something else, or is made by the shell, cannot be judged.
    if arguments.iter().any(|word| {
        word.contains(['<', '$', '{', '[', '*', '…', '\\', '\'', '"', '(']) || word.contains("...")
    }) {
        return NamedTarget::Unknown;
    }
    // Without `run` it may be a program of any package.
    if matches!(*program, "yarn" | "pnpm" | "bun") && arguments.first() != Some(&"run") {
        return NamedTarget::Unknown;
    }
    let judge: Judge<'_> = match *program {
        "make" | "gmake" => {
            (&MAKEFILES, &|folder| make(&files, folder, arguments), "the Makefile has no such target")
        }
        "npm" | "pnpm" | "yarn" | "bun" => (
            &["package.json"],
            &|folder| node(&files, folder, program, arguments),
            "`package.json` has no such script",
        ),
        "composer" => (
            &["composer.json"],
            &|folder| composer(&files, folder, arguments),
            "`composer.json` has no such script",
        ),
        "just" => (&JUSTFILES, &|folder| just(&files, folder, arguments), "the justfile has no such recipe"),
        "cargo" => (&["Cargo.toml"], &|_| cargo(&files, arguments), "no such target or package of cargo"),
        _ => return NamedTarget::Unknown,
    };
    let (names, is_there, what) = judge;
    if open(&files, folder, names).is_none() {
        return NamedTarget::Unknown;
    }
    // In which folder it is run is seldom said: any that has it will do.
    let elsewhere = paths.iter().filter(|path| names.contains(&path.name())).take(MOST_FOLDERS);
    match is_there(folder) || elsewhere.map(|path| path.parent()).any(is_there) {
        true => NamedTarget::There,
        false => NamedTarget::Missing(what),
    }
}

const MAKEFILES: [&str; 3] = ["GNUmakefile", "Makefile", "makefile"];
const JUSTFILES: [&str; 3] = ["justfile", "Justfile", ".justfile"];

/// Folders in which a command may be meant to run.
const MOST_FOLDERS: usize = 60;

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
    })
}

fn open(files: &SourceFiles, folder: &str, names: &[&str]) -> Option<super::source::SourceText> {
    names.iter().find_map(|name| files.open(&resolve_path(folder, name)?))
}

fn make(files: &SourceFiles, folder: &str, arguments: &[&str]) -> bool {
    let is_elsewhere = arguments.iter().any(|word| matches!(*word, "-C" | "-f") || word.starts_with("-C"));
    let mut targets = arguments.iter().filter(|word| !word.starts_with('-') && !word.contains('='));
    let Some(source) = open(files, folder, &["GNUmakefile", "Makefile", "makefile"]) else {
        return is_elsewhere || targets.all(|target| is_generated(files, folder, target));
    };
    let text = source.str();
    let is_open = text.lines().any(|line| {
        let rule = line.split_once(':').map_or("", |(targets, _)| targets);
        line.trim_start_matches(['-', 's']).starts_with("include")
            || line.starts_with(".DEFAULT:")
            || (!line.starts_with('\t') && rule.contains(['%', '$']))
    });
    let has = |target: &&str| {
        text.lines().any(|line| {
            let rule = line
                .split_once(':')
                .filter(|(_, rest)| !line.starts_with(['\t', '#']) && !rest.starts_with('='));
            rule.is_some_and(|(targets, _)| targets.split_whitespace().any(|known| known == *target))
        })
    };
    is_elsewhere || is_open || targets.all(has)
}

/// A target of a Makefile that configuring makes: one that all of them have, or one that its source names.
fn is_generated(files: &SourceFiles, folder: &str, target: &str) -> bool {
    let always = matches!(target, "all" | "check" | "test" | "clean" | "install" | "docs" | "doc");
    let sources = ["Makefile.am", "Makefile.in", "CMakeLists.txt", "configure.ac", "configure"];
    sources.iter().filter_map(|name| open(files, folder, &[name])).any(|source| {
        let is_cmake = source.path.name() == "CMakeLists.txt";
        let rule = if is_cmake { format!("({target}") } else { format!("{target}:") };
        (always && !is_cmake) || source.str().contains(&rule)
    })
}

fn node(files: &SourceFiles, folder: &str, manager: &str, arguments: &[&str]) -> bool {
    #[rustfmt::skip]
    const OWN: [&str; 26] = [
        "install", "i", "ci", "add", "exec", "dlx", "create", "init", "x", "why", "pack", "link", "up", "update", "dedupe",
        "rebuild", "import", "node", "fetch", "workspaces", "workspace", "plugin", "config", "set", "audit", "list",
    ];
    // Another package is meant.
    let selects = |word: &&str| {
        matches!(
            *word,
            "-w" | "--workspace"
                | "--workspaces"
                | "-ws"
                | "--filter"
                | "-F"
                | "--prefix"
                | "-C"
                | "--dir"
                | "-r"
                | "--recursive"
                | "workspace"
                | "workspaces"
                | "--cwd"
        ) || ["--workspace=", "--filter=", "--prefix=", "--dir="].iter().any(|flag| word.starts_with(flag))
    };
    if arguments.iter().any(selects) {
        return true;
    }
    let mut names = arguments.iter().filter(|word| !word.starts_with('-'));
    let Some(first) = names.next() else { return true };
    let is_run = matches!(*first, "run" | "run-script");
    let name = if is_run { names.next() } else { Some(first) };
    let Some(name) = name.filter(|name| is_run || !OWN.contains(name)) else { return true };
    let Some(source) = open(files, folder, &["package.json"]) else { return true };
    let manifest = source.json();
    let is_script = !manifest["scripts"][*name].is_null();
    let is_program = manager != "npm" && !is_run;
    let depends = ["dependencies", "devDependencies"].iter().any(|kind| !manifest[*kind][*name].is_null());
    let is_bun_test = manager == "bun" && *name == "test";
    is_script || is_bun_test || (is_program && depends)
}

fn composer(files: &SourceFiles, folder: &str, arguments: &[&str]) -> bool {
    let own = [
        "install",
        "update",
        "require",
        "dump-autoload",
        "dumpautoload",
        "validate",
        "exec",
        "create-project",
        "global",
        "bin",
    ];
    let mut names =
        arguments.iter().filter(|word| !word.starts_with('-') && !matches!(**word, "run" | "run-script"));
    let (Some(name), Some(source)) = (names.next(), open(files, folder, &["composer.json"])) else {
        return true;
    };
    own.contains(name) || !source.json()["scripts"][*name].is_null()
}

fn just(files: &SourceFiles, folder: &str, arguments: &[&str]) -> bool {
    let Some(source) = open(files, folder, &["justfile", "Justfile", ".justfile"]) else { return true };
    let Some(name) = arguments.iter().find(|word| !word.starts_with('-') && !word.contains('=')) else {
        return true;
    };
    let text = source.str();
    let is_open = text
        .lines()
        .any(|line| line.starts_with("import ") || line.starts_with("mod ") || line.starts_with("alias "));
    is_open || text.lines().any(|line| line.trim_start_matches('@').split([' ', ':']).next() == Some(*name))
}

/// `--test name`, `--example name`, `-p name`, `xtask`.
fn cargo(files: &SourceFiles, arguments: &[&str]) -> bool {
    let value_of = |flag: &str| {
        let at = arguments.iter().position(|word| *word == flag)?;
        arguments
            .get(at + 1)
            .copied()
            .filter(|value| value.chars().all(|c| c.is_alphanumeric() || "-_".contains(c)))
    };
    let is_file = |folder: &str, name: &str| {
        let ends = [format!("{folder}/{name}.rs"), format!("{folder}/{name}/main.rs")];
        files.paths.iter().any(|path| {
            ends.iter().any(|end| path.as_str() == end || path.as_str().ends_with(&format!("/{end}")))
        })
    };
    let declares = |name: &str| {
        let marks = [format!("name = \"{name}\""), format!("name=\"{name}\"")];
        let manifests = files.paths.iter().filter(|path| path.name() == "Cargo.toml").take(300);
        manifests
            .filter_map(|path| files.open(path.as_str()))
            .any(|source| marks.iter().any(|mark| source.str().contains(mark)))
    };
    let test = value_of("--test").is_none_or(|name| is_file("tests", name) || declares(name));
    let example = value_of("--example").is_none_or(|name| is_file("examples", name) || declares(name));
    let package = value_of("-p").or(value_of("--package")).is_none_or(declares);
    let xtask = arguments.first() != Some(&"xtask")
        || !files.below("xtask").is_empty()
        || open(files, ".cargo", &["config.toml", "config"])
            .is_some_and(|source| source.str().contains("xtask"));
    test && example && package && xtask
}

/// A file by its bare name that a language runs is in the tree: documents for
/// users show commands on files that these have yet to write. In which folder it
/// is run cannot be told, so any of that name will do.
fn script(files: &SourceFiles, program: &str, arguments: &[&str]) -> bool {
    let extensions: &[&str] = match program {
        "go" => &["go"],
        "python" | "python3" => &["py"],
        "node" | "deno" => &["js", "mjs", "cjs", "ts"],
        "ruby" => &["rb"],
        "sh" | "bash" => &["sh"],
        "perl" => &["pl"],
        "php" => &["php"],
        _ => return true,
    };
    // `go run -exec ./x.sh main.go`: what the flag takes is a file as well.
    let wrapper = arguments.iter().position(|word| *word == "-exec").and_then(|at| arguments.get(at + 1));
    if wrapper.is_some_and(|word| word.starts_with("./") && !files.has(word.trim_start_matches("./"))) {
        return false;
    }
    let named = arguments.iter().find(|word| **word != "run").map(|word| word.trim_start_matches("./"));
    let ending = |word: &str| word.rsplit_once('.').is_some_and(|(_, end)| extensions.contains(&end));
    let Some(named) = named.filter(|word| ending(word) && !word.contains(['/', '*', '{', '$'])) else {
        return true;
    };
    files.paths.iter().any(|path| path.name() == named)
}

/// Paths among the arguments are in the tree.
fn paths(files: &SourceFiles, folder: &str, program: &str, arguments: &[&str]) -> bool {
    #[rustfmt::skip]
    const MADE: [&str; 12] = [
        "build", "dist", "target", "node_modules", "vendor", "venv", ".venv", "env", "out", "bin", "_build", "coverage",
    ];
    if matches!(
        program,
        "docker" | "bazel" | "gradle" | "./gradlew" | "cp" | "mv" | "git" | "php" | "cmake" | "meson"
    ) {
        return true;
    }
    let is_plain = |word: &str| {
        word.contains('/')
            && word.chars().all(|c| c.is_ascii_alphanumeric() || "._-/".contains(c))
            && !word.starts_with(['/', '-', '.'])
    };
    arguments
        .windows(2)
        .map(|pair| (pair[0], pair[1]))
        .chain(arguments.first().map(|first| ("", *first)))
        .all(|(before, word)| {
            let path = word.trim_start_matches("./");
            let first = path.split('/').next().unwrap_or_default();
            // The value of an option may be made by the command.
            if before.starts_with('-') || !is_plain(path) || first.contains('.') || MADE.contains(&first) {
                return true;
            }
            let path = path.trim_end_matches("/...").trim_end_matches('/');
            resolve_path(folder, path).is_some_and(|path| files.has(&path) || !files.below(&path).is_empty())
        })
}

/// Whether a task's recipe is one to offer.
pub(super) fn is_offered(recipe: &serde_json::Value) -> bool {
    let texts = super::source::strings(recipe);
    let nested = entries(recipe).flat_map(|(_, value)| super::source::strings(value));
    !texts.into_iter().chain(nested).any(is_harmful)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(files: &[(&str, &str)], line: &str, expected: bool) {
        let mut paths: Vec<RelPath> = files.iter().map(|(path, _)| RelPath::new(path).unwrap()).collect();
        paths.sort();
        let paths: Vec<&RelPath> = paths.iter().collect();
        let text = |path: &RelPath| {
            let (_, text) = files.iter().find(|(known, _)| *known == path.as_str())?;
            Some(SafeText::from_redacted(text.to_string()))
        };
        let tree = SourceFiles { paths: &paths, text: &text };
        assert_eq!(exists(&tree, "", line, Purpose::Test), expected, "{line}");
    }

    #[test]
    fn a_command_names_what_is_there() {
        let make = ("Makefile", "VAR := x\ntest lint: deps\n\tgo test\n");
        check(&[make], "make test", true);
        check(&[make], "make check", false);
        check(&[make], "make -C sub check", true);
        check(&[("Makefile", "include other.mk\n")], "make check", true);
        let node = ("package.json", r#"{"scripts": {"test": "x"}, "devDependencies": {"jest": "1"}}"#);
        check(&[node], "npm test", true);
        check(&[node], "npm run unit", false);
        check(&[node], "yarn jest", true);
        check(&[node], "pnpm --filter a unit", true);
        check(&[("composer.json", r#"{"scripts": {"test": "x"}}"#)], "composer unit", false);
        check(&[("justfile", "test a:\n  x\n")], "just test", true);
        check(&[("justfile", "test a:\n  x\n")], "just unit", false);
        let rust = [("Cargo.toml", "[package]\nname = \"a\"\n"), ("tests/it.rs", "")];
        check(&rust, "cargo test --test it", true);
        check(&rust, "cargo test --test other", false);
        check(&rust, "cargo test -p b", false);
        check(&rust, "cargo xtask test", false);
        check(&[("cmd/main.go", "")], "go run main.go", true);
        check(&[("gin.go", "")], "go run main.go", false);
        check(&[("gin.go", "")], "go run ./...", true);
        check(&[("app.py", "")], "python hello.py", false);
        check(&[("app.py", "")], "python -m app", true);
        check(&[("lib.js", "")], "node ./server.js", false);
        check(&[("run.rb", "")], "ruby run.rb --all", true);
        check(&[("tests/unit/a.py", "")], "pytest tests/unit", true);
        check(&[("tests/unit/a.py", "")], "pytest tests/other", false);
        check(&[("pkg/a.go", "")], "go test ./pkg/...", true);
    }

    #[test]
    fn harm_is_known() {
        for text in
            ["npm publish", "sudo make install", "bin/rails db:reset", "twine upload dist/*", "docker push x"]
        {
            assert!(is_harmful(text), "{text}");
        }
        for text in ["cargo test", "make docs", "npm publish --dry-run", "bin/rails db:prepare"] {
            assert!(!is_harmful(text), "{text}");
        }
    }
}
