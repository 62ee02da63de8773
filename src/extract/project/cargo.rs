//! Cargo: package, workspace members, programs, aliases.
//!
//! Not here: what Cargo.lock or a build script says.

use serde_json::Value;

use super::super::globs::Folders;
use super::source::{SourceFiles, SourceText, entries, strings};
use super::{FactsDraft, MAX_LINE, MAX_NAME, Part, PartKind, Purpose, choose};
use crate::model::{SafeText, resolve_path};

/// Manifests of a workspace that are read.
const MAX_MEMBERS: usize = 200;

pub(super) fn read(files: &SourceFiles, draft: &mut FactsDraft) {
    let Some(root) = files.open("Cargo.toml") else {
        return nested(files, draft);
    };
    let manifest = root.toml();
    let workspace = &manifest["workspace"];
    let members = members(files, workspace);
    if manifest["package"].is_object() {
        identify(&root, &manifest, &root, workspace, draft);
        package(files, &root, &manifest, draft);
    }
    let mut packages = Vec::new();
    for member in members {
        let Some(source) = files.open(&member) else {
            continue;
        };
        let manifest = source.toml();
        package(files, &source, &manifest, draft);
        packages.push((source, manifest));
    }
    if !manifest["package"].is_object()
        && let Some((source, manifest)) = main_member(files, workspace, &packages)
    {
        identify(source, manifest, &root, workspace, draft);
    }
    conventions(files, &root, workspace, &packages, &manifest, draft);
}

/// A crate that is not at the root: `core/Cargo.toml` beside `web/`.
fn nested(files: &SourceFiles, draft: &mut FactsDraft) {
    let manifests = files
        .paths
        .iter()
        .filter(|path| path.name() == "Cargo.toml" && path.as_str().matches('/').count() <= 2);
    for path in manifests.take(20) {
        let Some(source) = files.open(path.as_str()) else {
            continue;
        };
        let manifest = source.toml();
        package(files, &source, &manifest, draft);
    }
}

fn members(files: &SourceFiles, workspace: &Value) -> Vec<String> {
    let named = Folders::named_by(strings(&workspace["members"]));
    let excluded = Folders::named_by(strings(&workspace["exclude"]));
    files
        .paths
        .iter()
        .filter(|path| path.name() == "Cargo.toml" && !path.parent().is_empty())
        .filter(|path| named.contains(path.parent()) && !excluded.contains(path.parent()))
        .map(|path| path.as_str().to_string())
        .take(MAX_MEMBERS)
        .collect()
}

fn identify(
    source: &SourceText,
    manifest: &Value,
    root: &SourceText,
    workspace: &Value,
    draft: &mut FactsDraft,
) {
    let field = |name: &str, max_chars: usize| {
        let own = source.quote_value(&manifest["package"][name], max_chars);
        if own.is_empty() { root.quote_value(&workspace["package"][name], max_chars) } else { own }
    };
    draft.identify(
        field("name", MAX_NAME),
        field("description", MAX_LINE * 2),
        field("version", MAX_NAME),
        field("license", MAX_NAME),
    );
}

/// The member that speaks for a workspace without a root package: named as
/// its default, or like the README's title, else the only published program.
fn main_member<'a>(
    files: &SourceFiles,
    workspace: &Value,
    packages: &'a [(SourceText, Value)],
) -> Option<&'a (SourceText, Value)> {
    let default = strings(&workspace["default-members"]);
    if let [only] = default.as_slice() {
        let named = Folders::named_by([*only]);
        let found = packages.iter().find(|(source, _)| named.contains(source.path.parent()));
        if found.is_some() {
            return found;
        }
    }
    let title = super::docs::readme(files)
        .map(|readme| super::prose::title(&readme.text).as_str().to_lowercase())
        .unwrap_or_default();
    let named = |(_, manifest): &&(SourceText, Value)| {
        let name = manifest["package"]["name"].as_str().unwrap_or_default();
        !name.is_empty() && title.split_whitespace().next() == Some(name)
    };
    let program = |(source, manifest): &&(SourceText, Value)| {
        let folder = source.path.parent();
        manifest["package"]["publish"] != Value::Bool(false)
            && manifest["package"]["description"].is_string()
            && (manifest["bin"].is_array() || files.has(&format!("{folder}/src/main.rs")))
    };
    // `atuin` has given its name to `atuin-client`, not the other way round.
    let namesakes = |package: &(SourceText, Value)| {
        let name = name_of(package);
        packages.iter().filter(|other| name_of(other).starts_with(name)).count()
    };
    packages
        .iter()
        .find(named)
        .or_else(|| packages.iter().filter(program).rev().max_by_key(|package| namesakes(package)))
        .or_else(|| packages.first())
}

fn name_of((_, manifest): &(SourceText, Value)) -> &str {
    manifest["package"]["name"].as_str().unwrap_or_default()
}

fn package(files: &SourceFiles, source: &SourceText, manifest: &Value, draft: &mut FactsDraft) {
    let folder = source.path.parent();
    let name = source.quote_value(&manifest["package"]["name"], MAX_NAME);
    if name.is_empty() {
        return;
    }
    let at = |rest: &str| resolve_path(folder, rest).and_then(|path| files.find(&path));
    let unpublished = manifest["package"]["publish"] == Value::Bool(false)
        && !manifest["package"]["default-run"].is_string();
    let aside = ["example", "test", "bench", "fuzz", "xtask", "gen-"]
        .iter()
        .any(|word| folder.split('/').any(|part| part.starts_with(word)))
        || (unpublished && folder.contains('/') && !files.has(&format!("{folder}/src/lib.rs")));
    let mut programs = 0;
    if let Some(main) = at("src/main.rs") {
        programs += 1;
        if !aside {
            draft.entry_point(name.clone(), main, true);
        }
    }
    for bin in manifest["bin"].as_array().into_iter().flatten() {
        programs += 1;
        let bin_name = source.quote_value(&bin["name"], MAX_NAME);
        let path = match bin["path"].as_str() {
            Some(path) => at(path),
            None => at(&format!("src/bin/{bin_name}.rs")),
        };
        let own = path.filter(|path| !aside && !path.as_str().contains("/test"));
        if let Some(path) = own {
            // A `[[bin]]` without a path of its own may rename `src/main.rs`.
            draft.facts.entry_points.retain(|entry| entry.path != *path);
            draft.entry_point(bin_name, path, true);
        }
    }
    // Cargo finds these by itself.
    let bins = if folder.is_empty() { "src/bin".to_string() } else { format!("{folder}/src/bin") };
    for path in files.below(&bins).iter().filter(|_| manifest["package"]["autobins"] != Value::Bool(false)) {
        let rest = path.as_str().get(bins.len() + 1..).unwrap_or_default();
        let bin = rest.strip_suffix("/main.rs").or(rest.strip_suffix(".rs"));
        let Some(bin) = bin.filter(|bin| !bin.contains('/')) else { continue };
        programs += 1;
        if !aside {
            draft.entry_point(SafeText::of_path(path, bin), path, true);
        }
    }
    let lib = manifest["lib"]["path"].as_str().unwrap_or("src/lib.rs");
    let lib = at(lib);
    if let Some(lib) = lib.filter(|_| !aside) {
        draft.entry_point(name.clone(), lib, false);
    }
    let kind = match (lib.is_some(), programs > 0) {
        _ if manifest["lib"]["proc-macro"] == Value::Bool(true) => PartKind::Macro,
        (true, true) => PartKind::LibraryAndProgram,
        (true, false) => PartKind::Library,
        (false, true) => PartKind::Program,
        (false, false) => PartKind::Package,
    };
    draft.part(Part {
        name,
        manifest: source.path.clone(),
        description: source.quote_line(&manifest["package"]["description"]),
        kind,
    });
}

fn conventions(
    files: &SourceFiles,
    root: &SourceText,
    workspace: &Value,
    packages: &[(SourceText, Value)],
    manifest: &Value,
    draft: &mut FactsDraft,
) {
    let many = workspace.is_object() && !packages.is_empty();
    let (build, test) = if many {
        ("cargo build --workspace", "cargo test --workspace")
    } else {
        ("cargo build", "cargo test")
    };
    draft.convention(Purpose::Build, build, &root.path);
    draft.convention(Purpose::Test, test, &root.path);
    if let Some(style) = files.find("rustfmt.toml").or(files.find(".rustfmt.toml")) {
        draft.convention(Purpose::Format, "cargo fmt", style);
    }
    if let Some(lints) = files.find("clippy.toml").or(files.find(".clippy.toml")) {
        draft.convention(Purpose::Lint, "cargo clippy", lints);
    }
    run(root, manifest, packages, draft);
    aliases(files, draft);
}

/// `cargo run` where cargo itself knows which program is meant: there is one,
/// or one package names its default. Else the main package's, by its name.
fn run(root: &SourceText, manifest: &Value, packages: &[(SourceText, Value)], draft: &mut FactsDraft) {
    let in_root = manifest["package"].is_object();
    let programs: Vec<_> = draft.facts.entry_points.iter().filter(|entry| entry.program).collect();
    let defaults = packages.iter().filter(|(_, member)| member["package"]["default-run"].is_string()).count();
    let at_root = programs.iter().any(|entry| {
        in_root && !packages.iter().any(|(member, _)| entry.path.is_below(member.path.parent()))
    });
    let clear = if in_root {
        at_root
            && (manifest["package"]["default-run"].is_string() || programs.len() == 1 || !packages.is_empty())
    } else {
        defaults == 1 || (defaults == 0 && programs.len() == 1)
    };
    if clear {
        return draft.convention(Purpose::Run, "cargo run", &root.path);
    }
    let named = programs.iter().find(|entry| entry.name == draft.facts.name);
    if let Some(program) = named {
        let line = SafeText::join(&[SafeText::constant("cargo run --bin"), program.name.clone()], " ");
        draft.candidates.push(choose::CommandCandidate {
            head: ":cargo run".to_string(),
            score: choose::CONVENTION,
            ..choose::CommandCandidate::new(
                Purpose::Run,
                line,
                &root.path,
                SafeText::default(),
                choose::CONVENTION,
            )
        });
    }
}

/// `cargo xtask` and other aliases whose names say what they do.
fn aliases(files: &SourceFiles, draft: &mut FactsDraft) {
    let Some(config) = files.open_first(&[".cargo/config.toml", ".cargo/config"]) else {
        return;
    };
    for (name, _) in entries(&config.toml()["alias"]) {
        let (Some((purpose, penalty)), Some(quoted)) = (super::classify::task(name), config.quote(name))
        else {
            continue;
        };
        if purpose == Purpose::Run {
            continue;
        }
        draft.candidates.push(choose::CommandCandidate::new(
            purpose,
            SafeText::join(&[SafeText::constant("cargo"), quoted.clone()], " "),
            &config.path,
            quoted,
            choose::TASK - penalty - 4,
        ));
    }
}
