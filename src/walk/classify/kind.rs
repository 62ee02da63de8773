//! What a text that people have written is for: prose, settings, code, data.
//!
//! Not here: code whose language is known by a grammar alone (`extract`).

use super::{extension_of, folders, name_of, test};
use crate::model::{Class, RelPath};

const DOC_EXTENSIONS: &[&str] =
    &["md", "markdown", "mdx", "rst", "adoc", "asciidoc", "org", "textile", "pod", "rdoc", "tex"];

/// Names, without extension, of prose at any place.
pub(super) const DOC_STEMS: &[&str] = &[
    "readme",
    "changelog",
    "changes",
    "history",
    "news",
    "authors",
    "contributors",
    "contributing",
    "copying",
    "license",
    "licence",
    "unlicense",
    "notice",
    "security",
    "todo",
    "code_of_conduct",
    "maintainers",
];

pub(super) const DOC_FOLDERS: &[&str] = &["doc", "docs", "documentation", "man", "manual", "guide"];

const CONFIG_EXTENSIONS: &[&str] = &[
    "toml",
    "yaml",
    "yml",
    "ini",
    "cfg",
    "conf",
    "properties",
    "editorconfig",
    "env",
    "plist",
    "nix",
    "mk",
    "cmake",
    "gradle",
    "bazel",
    "bzl",
    "gn",
    "gni",
    "service",
    "csproj",
    "sln",
    "desktop",
];

pub(super) const CONFIG_NAMES: &[&str] = &[
    "makefile",
    "gnumakefile",
    "dockerfile",
    "containerfile",
    "justfile",
    "procfile",
    "vagrantfile",
    "jenkinsfile",
    "rakefile",
    "gemfile",
    "brewfile",
    "caddyfile",
    "build",
    "workspace",
    "cmakelists.txt",
    "meson.build",
    "meson_options.txt",
    "package.json",
    "deno.json",
    "composer.json",
    "bower.json",
    "lerna.json",
    "nx.json",
    "turbo.json",
    "angular.json",
    "vercel.json",
    "renovate.json",
    "manifest.json",
    "manifest.in",
    "requirements.txt",
    "constraints.txt",
    "pom.xml",
    "build.xml",
    "go.mod",
    "go.work",
    "codeowners",
    "kconfig",
    "setup.cfg",
];

/// Ends of names that mark settings whatever stands before.
const CONFIG_ENDS: &[&str] = &[
    "rc",
    "rc.json",
    "rc.js",
    "ignore",
    "config.json",
    ".code-workspace",
    "settings.json",
    ".config",
    "attributes",
    "-requirements.txt",
];

pub(super) const SOURCE_EXTENSIONS: &[&str] = &[
    "rs", "py", "pyi", "pyx", "pxd", "js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx", "vue", "svelte",
    "astro", "go", "java", "kt", "kts", "scala", "sc", "groovy", "clj", "cljs", "cljc", "edn", "c", "h",
    "cc", "cpp", "cxx", "c++", "hh", "hpp", "hxx", "h++", "inl", "ipp", "tcc", "m", "mm", "cs", "fs", "fsi",
    "fsx", "vb", "swift", "rb", "rake", "gemspec", "erb", "php", "phtml", "pl", "pm", "t", "raku", "lua",
    "r", "jl", "hs", "lhs", "elm", "ml", "mli", "re", "res", "ex", "exs", "erl", "hrl", "zig", "nim", "d",
    "v", "sv", "svh", "vhd", "vhdl", "dart", "sol", "cairo", "move", "sh", "bash", "zsh", "fish", "ps1",
    "psm1", "bat", "cmd", "awk", "sql", "proto", "thrift", "graphql", "gql", "capnp", "fbs", "asm", "s", "f",
    "f90", "f95", "pas", "ada", "adb", "ads", "tcl", "lisp", "el", "scm", "rkt", "css", "scss", "sass",
    "less", "l", "ll", "y", "yy", "jq", "html", "htm", "cu", "glsl", "wgsl", "hlsl", "vert", "frag", "comp",
    "metal", "cl", "cob", "cbl", "coffee", "cr", "gd", "gleam", "hx", "idr", "agda", "lean", "purs", "rego",
    "jinja", "j2", "tf", "hcl", "bicep", "wat", "typ",
];

pub(super) fn of_text(path: &RelPath, head: &[u8]) -> Class {
    let lower = path.as_str().to_ascii_lowercase();
    let name = name_of(&lower);
    let extension = extension_of(name);
    if test::is_test(path, &lower, name) && !is_readme(name) {
        return Class::Test;
    }
    if is_doc(&lower, name, extension) {
        return Class::Doc;
    }
    if is_config(&lower, name, extension) {
        return Class::Config;
    }
    let is_code = SOURCE_EXTENSIONS.contains(&extension);
    let is_script = extension.is_empty() && head.starts_with(b"#!");
    if is_code || is_script { Class::Source } else { Class::Data }
}

fn is_readme(name: &str) -> bool {
    name == "readme" || name.starts_with("readme.")
}

fn is_doc(lower: &str, name: &str, extension: &str) -> bool {
    let stem = name.split(['.', '-']).next().unwrap_or(name);
    let is_plain = matches!(extension, "" | "txt");
    DOC_EXTENSIONS.contains(&extension)
        || (is_plain && DOC_STEMS.contains(&stem))
        || (extension == "txt" && folders(lower).any(|folder| DOC_FOLDERS.contains(&folder)))
        || is_man_page(lower, extension)
}

fn is_man_page(lower: &str, extension: &str) -> bool {
    let section = extension.len() == 1 && extension.bytes().all(|byte| byte.is_ascii_digit());
    section && folders(lower).any(|folder| DOC_FOLDERS.contains(&folder))
}

fn is_config(lower: &str, name: &str, extension: &str) -> bool {
    let in_ci = folders(lower).any(|folder| {
        matches!(
            folder,
            ".github" | ".circleci" | ".gitlab" | ".ci" | ".vscode" | ".idea" | ".cargo" | ".config"
        )
    });
    let is_code = SOURCE_EXTENSIONS.contains(&extension);
    CONFIG_NAMES.contains(&name)
        || CONFIG_EXTENSIONS.contains(&extension)
        || name.starts_with("dockerfile.")
        || name.starts_with("makefile.")
        || (name.starts_with("tsconfig") && extension == "json")
        || (name.starts_with("requirements") && extension == "txt")
        || (name.contains(".config.") && is_code)
        || (name.starts_with('.') && !is_code)
        || CONFIG_ENDS.iter().any(|end| name.ends_with(end) && name.starts_with('.'))
        || matches!(name, "settings.json" | "config.json" | "appsettings.json" | "mkdocs.yml")
        || (in_ci && !is_code)
}
