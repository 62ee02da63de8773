//! Which kinds of files beside code a goal asks for: documents, workflows,
//! manifests, Dockerfiles, schemas, templates, migrations, notebooks.
//!
//! Not here: files that the goal names (`names`).

use super::goal::ParsedGoal;
use super::lexical::Lexical;
use crate::model::{Class, RelPath, Tree};
use crate::rank_terms;

/// What it adds to a file's score that the goal asks for its kind and for
/// nothing else that has the word, and that it only says the word. Set by hand.
const ASKED: f64 = 4.0;
const SAID: f64 = 2.0;

/// Beyond this share of the files of code a word is what the project is about,
/// and so no kind of file.
const SUBJECT: f64 = 0.08;

/// A kind of file, and how goals ask for it.
struct FileKind {
    /// Types and scopes of a conventional title: `docs: ...`, `fix(ci): ...`.
    scopes: &'static [&'static str],
    /// Words that mean nothing but such a file.
    names: &'static [&'static str],
    /// Words that may mean what the code does.
    words: &'static [&'static str],
    fits: fn(&RelPath, Class) -> bool,
}

#[rustfmt::skip]
const KINDS: [FileKind; 8] = [
    FileKind {
        scopes: &["doc", "docs", "readme", "documentation", "guide", "guides"],
        names: &["readme", "docs", "documentation", "faq", "tutorial", "howto", "typo", "contributing"],
        words: &["doc", "guide", "chapter", "document", "wording", "explain", "clarify", "mention", "link"],
        fits: |path, class| class == Class::Doc || class.is_read() && is_template(path) && is_in_docs(path),
    },
    FileKind {
        scopes: &["ci", "workflow", "workflows", "actions", "gha", "github"],
        names: &["ci", "workflow", "workflows", "dependabot", "travis", "circleci", "gha"],
        words: &["runner", "runners", "actions", "pipeline", "job", "cirrus"],
        fits: |path, _| is_workflow(path),
    },
    FileKind {
        scopes: &["docker", "dockerfile", "compose", "container"],
        names: &["dockerfile", "dockerfiles", "containerfile", "compose"],
        words: &["docker", "image", "images", "container", "alpine", "debian"],
        fits: |path, _| is_dockerfile(path),
    },
    FileKind {
        scopes: &["schema", "openapi", "swagger", "proto", "spec"],
        names: &["openapi", "swagger", "protobuf", "proto"],
        words: &["schema", "schemas", "graphql", "endpoint", "endpoints", "spec"],
        fits: |path, _| is_schema(path),
    },
    FileKind {
        scopes: &["build", "deps", "package", "packaging", "cmake", "nix", "meson"],
        names: &["makefile", "gemfile", "pyproject", "cmake", "autotools", "meson", "dependency", "dependencies", "msrv", "gemspec"],
        words: &["build", "package", "packaging", "require", "lib", "library", "gem", "gems", "plugin", "compiler", "install", "scripts", "metadata"],
        fits: |path, class| is_manifest(path, class),
    },
    FileKind {
        scopes: &["template", "templates", "view", "views", "html", "website", "site", "www"],
        names: &["html", "erb", "jinja"],
        words: &["template", "templates", "page", "layout", "view", "views", "form", "footer", "header", "button", "theme"],
        fits: |path, class| class.is_read() && is_template(path),
    },
    FileKind {
        scopes: &["migration", "migrations", "sql"],
        names: &["migration", "migrations"],
        words: &["sql", "column", "table", "index", "grant", "grants"],
        fits: |path, class| class != Class::Test && is_migration(path),
    },
    FileKind {
        scopes: &["notebook", "notebooks"],
        names: &["notebook", "notebooks", "ipynb"],
        words: &[],
        fits: |path, _| path.extension() == "ipynb",
    },
];

/// What each file gains by being of a kind that the goal's first line asks for.
pub fn gains(tree: &Tree, goal: &ParsedGoal, lexical: &Lexical) -> Vec<f64> {
    let weights: Vec<f64> = KINDS.iter().map(|kind| weight(tree, goal, lexical, kind)).collect();
    if weights.iter().all(|weight| *weight <= 0.0) {
        return vec![0.0; tree.files.len()];
    }
    let gain = |(path, class): (&RelPath, Class)| {
        let fitting =
            KINDS.iter().zip(&weights).filter(|(kind, weight)| **weight > 0.0 && (kind.fits)(path, class));
        fitting.map(|(_, weight)| *weight).fold(0.0, f64::max)
    };
    tree.files.iter().map(|file| gain((&file.facts.path, file.facts.class))).collect()
}

fn weight(tree: &Tree, goal: &ParsedGoal, lexical: &Lexical, kind: &FileKind) -> f64 {
    let title = goal.title.to_lowercase();
    let prefix = title.split_once(": ").map_or("", |(prefix, _)| prefix);
    let is_prefix = |part: &str| kind.scopes.contains(&part);
    if prefix.len() < 40 && prefix.split(|c: char| !c.is_alphanumeric()).any(is_prefix) {
        return ASKED;
    }
    let said = rank_terms::tokens(&title)
        .map(|token| token.text)
        .filter(|word| !is_subject(tree, goal, lexical, word));
    said.map(|word| match word {
        word if kind.names.contains(&word) => ASKED,
        word if kind.words.contains(&word) => SAID,
        _ => 0.0,
    })
    .fold(0.0, f64::max)
}

/// Much of the code says the word.
fn is_subject(tree: &Tree, goal: &ParsedGoal, lexical: &Lexical, word: &str) -> bool {
    let Some(at) = goal.words.iter().position(|known| !known.whole && known.text.eq_ignore_ascii_case(word))
    else {
        return false;
    };
    let is_code = |file: &usize| tree.files[*file].facts.class == Class::Source;
    let code = (0..tree.files.len()).filter(is_code);
    let (all, holding) = code.fold((0, 0), |(all, holding), file| {
        let holds = lexical.matches[file].iter().any(|found| found.word as usize == at);
        (all + 1, holding + usize::from(holds))
    });
    holding as f64 > SUBJECT * f64::from(all)
}

fn is_workflow(path: &RelPath) -> bool {
    let lower = path.as_str().to_lowercase();
    let is_yaml = matches!(path.extension(), "yml" | "yaml");
    let in_folder =
        [".github/workflows/", ".github/actions/", ".circleci/", ".buildkite/", ".builds/", ".gitlab/"];
    is_yaml && in_folder.iter().any(|folder| lower.starts_with(folder))
        || [
            ".gitlab-ci.yml",
            ".travis.yml",
            ".cirrus.yml",
            "azure-pipelines.yml",
            "appveyor.yml",
            "jenkinsfile",
            ".github/dependabot.yml",
        ]
        .contains(&lower.as_str())
}

fn is_dockerfile(path: &RelPath) -> bool {
    let name = path.name().to_lowercase();
    let is_compose = name.contains("compose") && matches!(path.extension(), "yml" | "yaml");
    name.starts_with("dockerfile")
        || name.starts_with("containerfile")
        || name.ends_with(".dockerfile")
        || is_compose
        || name == ".dockerignore"
}

fn is_schema(path: &RelPath) -> bool {
    let name = path.name().to_lowercase();
    let is_data = matches!(path.extension(), "json" | "yml" | "yaml");
    matches!(path.extension(), "proto" | "graphql" | "gql" | "xsd" | "avsc" | "thrift" | "fbs")
        || is_data && ["schema", "openapi", "swagger"].iter().any(|word| name.contains(word))
}

fn is_manifest(path: &RelPath, class: Class) -> bool {
    let name = path.name().to_lowercase();
    let known = [
        "package.json",
        "cargo.toml",
        "pyproject.toml",
        "setup.py",
        "setup.cfg",
        "pom.xml",
        "build.gradle",
        "build.gradle.kts",
        "go.mod",
        "composer.json",
        "gemfile",
        "mix.exs",
        "build.sbt",
        "cmakelists.txt",
        "meson.build",
        "makefile",
        "makefile.am",
        "configure.ac",
        "package.swift",
        "build.zig",
        "flake.nix",
        "tox.ini",
        "rakefile",
        "justfile",
    ];
    let ends = [".gemspec", ".csproj", ".props", ".cabal", ".targets"];
    class.is_read() && (known.contains(&name.as_str()) || ends.iter().any(|end| name.ends_with(end)))
}

fn is_template(path: &RelPath) -> bool {
    let extension = path.extension().to_lowercase();
    let known = [
        "html", "htm", "erb", "haml", "slim", "jinja", "jinja2", "j2", "hbs", "mustache", "ejs", "pug",
        "twig", "liquid", "eex", "heex", "tmpl", "gotmpl", "tpl", "cshtml",
    ];
    known.contains(&extension.as_str()) || path.name().ends_with(".blade.php")
}

/// Pages of documents are made from templates beside them.
fn is_in_docs(path: &RelPath) -> bool {
    let folders = ["doc", "docs", "documentation", "website", "site", "www"];
    path.parent().split('/').any(|folder| folders.contains(&folder))
}

fn is_migration(path: &RelPath) -> bool {
    let in_folder =
        path.parent().split('/').any(|folder| matches!(folder, "migrations" | "migrate" | "migration"));
    path.extension() == "sql" || in_folder && !path.stem().starts_with("__")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, class: Class, expected: &[usize]) {
        let path = RelPath::new(path).unwrap();
        let found: Vec<usize> = (0..KINDS.len()).filter(|at| (KINDS[*at].fits)(&path, class)).collect();
        assert_eq!(found, expected, "{path}");
    }

    #[test]
    fn files_are_of_the_kinds_that_people_call_them() {
        check("docs/guide.md", Class::Doc, &[0]);
        check("docs/_templates/layout.html", Class::Source, &[0, 5]);
        check("doc/a.1.txt.tpl", Class::Data, &[0, 5]);
        check(".github/workflows/ci.yml", Class::Config, &[1]);
        check("docker/Dockerfile.dev", Class::Config, &[2]);
        check("docker-compose.yml", Class::Config, &[2]);
        check("api/openapi.yml", Class::Config, &[3]);
        check("package.json", Class::Config, &[4]);
        check("app/views/a.html.erb", Class::Source, &[5]);
        check("db/migrate/1_a.rb", Class::Source, &[6]);
        check("kit/migrations/__init__.py", Class::Source, &[]);
        check("a.ipynb", Class::Source, &[7]);
        check("src/docker.rs", Class::Source, &[]);
    }
}
