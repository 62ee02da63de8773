//! package.json: scripts, workspaces, programs, and which package manager.
//!
//! Not here: what a script's own command line does.

use serde_json::Value;

use super::super::globs::Folders;
use super::source::{SourceFiles, SourceText, entries, strings};
use super::{FactsDraft, MAX_LINE, MAX_NAME, Part, PartKind, Purpose, choose, named};
use crate::model::resolve_path;

pub(super) fn read(files: &SourceFiles, draft: &mut FactsDraft) {
    let Some(root) = files.open("package.json") else {
        for folder in ["web", "frontend", "client", "ui", "app", "website"] {
            if let Some(source) = files.open(&format!("{folder}/package.json")) {
                package(files, &source, &source.json(), draft);
            }
        }
        return;
    };
    let manifest = root.json();
    let named = main_member(files, &root, &manifest).unwrap_or_else(|| (root.clone(), manifest.clone()));
    let (source, main) = &named;
    draft.identify(
        source.quote_value(&main["name"], MAX_NAME),
        source.quote_value(&main["description"], MAX_LINE * 2),
        source.quote_value(&main["version"], MAX_NAME),
        source.quote_value(&main["license"], MAX_NAME),
    );
    package(files, &root, &manifest, draft);
    workspaces(files, &manifest, draft);
    let manager = manager(files, &manifest);
    let install = match manager {
        "pnpm" => "pnpm install",
        "yarn" => "yarn install",
        "bun" => "bun install",
        _ => "npm install",
    };
    draft.convention(Purpose::Setup, install, &root.path);
    for (name, script) in entries(&manifest["scripts"]) {
        // The placeholder that `npm init` writes.
        let empty = script.as_str().is_none_or(|script| script.contains("no test specified"));
        if empty || !named::is_offered(script) {
            continue;
        }
        let runner = match (manager, name) {
            ("npm", "test" | "start") => "npm",
            ("npm", _) => "npm run",
            ("bun", _) => "bun run",
            ("yarn", _) => "yarn",
            (_, "test" | "start") => "pnpm",
            _ => "pnpm run",
        };
        draft.task(&root, runner, name, choose::TASK);
    }
}

/// The package that a private root is there for: the one named like the
/// README's title.
fn main_member(files: &SourceFiles, root: &SourceText, manifest: &Value) -> Option<(SourceText, Value)> {
    let described = manifest["description"].is_string();
    let private = manifest["private"].as_bool() == Some(true);
    if described || !private || !root.path.parent().is_empty() {
        return None;
    }
    let title = super::prose::title(&super::docs::readme(files)?.text).as_str().to_lowercase();
    let first = title.split_whitespace().next()?;
    let member = |name: &str| {
        ["packages", "apps", "libs"]
            .iter()
            .find_map(|folder| files.open(&format!("{folder}/{name}/package.json")))
    };
    // `vue` of `vuejs/core`: the member whose name is the most of the title.
    let within = || {
        let folders = files.below("packages").iter().filter(|path| path.name() == "package.json");
        let names = folders.filter_map(|path| path.parent().strip_prefix("packages/"));
        let mut names: Vec<&str> = names.filter(|name| name.len() > 2 && first.starts_with(name)).collect();
        names.sort_by_key(|name| name.len());
        names.pop()
    };
    let source = member(first).or_else(|| member(within()?))?;
    let manifest = source.json();
    Some((source, manifest))
}

/// The package manager of the project at the root, if it is one of Node.
pub(super) fn own_manager(files: &SourceFiles) -> Option<&'static str> {
    files.open("package.json").map(|source| manager(files, &source.json()))
}

/// Whether a command installs by another package manager than the project's: CI
/// tries those out, and developers do not use them.
pub(super) fn is_by_another_manager(line: &str, own: Option<&str>) -> bool {
    let program = line.split_whitespace().next().unwrap_or_default();
    let is_manager = matches!(program, "npm" | "pnpm" | "yarn" | "bun");
    is_manager && own.is_some_and(|own| own != program)
}

/// Whether a command begins with a program that the project's packages bring, and
/// that only their manager finds.
pub(super) fn is_bare_program(files: &SourceFiles, line: &str) -> bool {
    let first = line.split_whitespace().next().unwrap_or_default();
    matches!(first, "vitest" | "jest" | "mocha" | "ava" | "eslint" | "prettier" | "tsc" | "xo" | "biome")
        && files.has("package.json")
}

/// Told by `packageManager`, else by the lock file.
fn manager(files: &SourceFiles, manifest: &Value) -> &'static str {
    let named = manifest["packageManager"].as_str().unwrap_or_default();
    let named = named.split('@').next().unwrap_or_default();
    let known = ["pnpm", "yarn", "bun", "npm"].into_iter().find(|name| *name == named);
    known.unwrap_or_else(|| {
        [
            ("pnpm-lock.yaml", "pnpm"),
            ("pnpm-workspace.yaml", "pnpm"),
            ("yarn.lock", "yarn"),
            ("bun.lock", "bun"),
            ("bun.lockb", "bun"),
        ]
        .into_iter()
        .find(|(lock, _)| files.has(lock))
        .map_or("npm", |(_, name)| name)
    })
}

fn package(files: &SourceFiles, source: &SourceText, manifest: &Value, draft: &mut FactsDraft) {
    let folder = source.path.parent();
    let name = source.quote_value(&manifest["name"], MAX_NAME);
    let bins: Vec<(&str, &Value)> = match &manifest["bin"] {
        Value::String(_) => vec![(name.as_str(), &manifest["bin"])],
        _ => entries(&manifest["bin"]).collect(),
    };
    let program = !bins.is_empty();
    for (bin, target) in bins {
        let target = target.as_str().unwrap_or_default();
        let path = resolve_path(folder, target).and_then(|path| files.find(&path));
        if let (Some(path), Some(bin)) = (path, source.quote(bin)) {
            draft.entry_point(bin, path, true);
        }
    }
    // Where the sources have an index, `main` is what is made of it.
    let main = ["src/index.ts", "src/index.tsx"]
        .into_iter()
        .chain(["main", "module", "source"].iter().filter_map(|key| manifest[*key].as_str()))
        .chain([
            "src/index.js",
            "src/main.ts",
            "src/main.tsx",
            "src/main.js",
            "lib/index.js",
            "index.ts",
            "index.js",
        ])
        .filter(|target| !["dist/", "build/", "priv/"].iter().any(|built| target.contains(built)))
        .find_map(|target| files.find(&resolve_path(folder, target)?))
        .or_else(|| built(manifest).find_map(|target| source_of(files, folder, target)));
    if let (Some(main), false) = (main, name.is_empty() || is_quarantined(folder)) {
        draft.entry_point(name.clone(), main, false);
    }
    draft.part(Part {
        name,
        manifest: source.path.clone(),
        description: source.quote_line(&manifest["description"]),
        kind: if program { PartKind::LibraryAndProgram } else { PartKind::Package },
    });
}

/// What the package's users import, which is made by building.
fn built(manifest: &Value) -> impl Iterator<Item = &str> {
    let exported = match &manifest["exports"] {
        exports if exports["."].is_null() => exports,
        exports => &exports["."],
    };
    let conditions = ["default", "import", "require"].map(|key| &exported[key]);
    let targets = [&manifest["main"], &manifest["module"], exported].into_iter().chain(conditions);
    targets.filter_map(Value::as_str)
}

/// `source/index.ts` of `./dist/source/index.js`.
fn source_of<'a>(files: &SourceFiles<'a>, folder: &str, target: &str) -> Option<&'a crate::model::RelPath> {
    let (built, inner) = target.trim_start_matches("./").split_once('/')?;
    let (stem, _) = inner.rsplit_once('.')?;
    let is_built = matches!(built, "dist" | "build" | "lib" | "out");
    let names = ["ts", "tsx", "mts", "js"].map(|extension| format!("{stem}.{extension}"));
    names.iter().filter(|_| is_built).find_map(|name| files.find(&resolve_path(folder, name)?))
}

fn workspaces(files: &SourceFiles, manifest: &Value, draft: &mut FactsDraft) {
    let listed = match &manifest["workspaces"] {
        Value::Object(table) => table.get("packages").cloned().unwrap_or_default(),
        other => other.clone(),
    };
    let pnpm = files.open("pnpm-workspace.yaml").map(|source| source.yaml());
    let pnpm = pnpm.map(|value| value["packages"].clone()).unwrap_or_default();
    let lerna = files.open("lerna.json").map(|source| source.json());
    let lerna = lerna.map(|value| value["packages"].clone()).unwrap_or_default();
    let named = Folders::named_by([&listed, &pnpm, &lerna].into_iter().flat_map(strings));
    let manifests = files.paths.iter().filter(|path| {
        let folder = path.parent();
        path.name() == "package.json"
            && !folder.is_empty()
            && named.contains(folder)
            && !is_quarantined(folder)
    });
    for path in manifests.take(100) {
        if let Some(source) = files.open(path.as_str()) {
            package(files, &source, &source.json(), draft);
        }
    }
}

/// Sample packages that tests and examples are made of.
fn is_quarantined(folder: &str) -> bool {
    folder.split('/').any(|part| {
        matches!(
            part,
            "playground"
                | "playgrounds"
                | "examples"
                | "example"
                | "fixtures"
                | "test"
                | "tests"
                | "__tests__"
                | "e2e"
                | "sandbox"
        ) || part.starts_with("template-")
    })
}
