//! Go: go.mod, programs under `cmd/`, golangci-lint.
//!
//! Not here: build tags and generated code.

use super::source::SourceFiles;
use super::{FactsDraft, MAX_NAME, Part, PartKind, Purpose};
use crate::model::{RelPath, SafeText};

pub(super) fn read(files: &SourceFiles, draft: &mut FactsDraft) {
    modules(files, draft);
    programs(files, draft);
    let Some(root) = files.find("go.mod") else {
        return;
    };
    draft.convention(Purpose::Build, "go build ./...", root);
    draft.convention(Purpose::Test, "go test ./...", root);
    draft.convention(Purpose::Lint, "go vet ./...", root);
    for config in [".golangci.yml", ".golangci.yaml", ".golangci.toml"] {
        if let Some(config) = files.find(config) {
            draft.convention(Purpose::Lint, "golangci-lint run", config);
        }
    }
}

fn modules(files: &SourceFiles, draft: &mut FactsDraft) {
    let manifests =
        files.paths.iter().filter(|path| path.name() == "go.mod" && !is_quarantined(path.parent()));
    for path in manifests.take(60) {
        let Some(source) = files.open(path.as_str()) else {
            continue;
        };
        let module = source.str().lines().find_map(|line| line.strip_prefix("module "));
        let Some(module) = module.and_then(|module| source.quote(module.split("//").next()?.trim())) else {
            continue;
        };
        if path.parent().is_empty() {
            draft.identify(short(&module), SafeText::default(), SafeText::default(), SafeText::default());
        }
        draft.part(Part {
            name: module.one_line(MAX_NAME),
            manifest: source.path.clone(),
            description: SafeText::default(),
            kind: PartKind::Package,
        });
    }
}

/// The last component of a module path that is no major version.
fn short(module: &SafeText) -> SafeText {
    let name = {
        let module = module.as_str();
        let is_version = |part: &&str| {
            part.len() > 1 && part.starts_with('v') && part[1..].chars().all(|c| c.is_ascii_digit())
        };
        module.rsplit('/').find(|part| !is_version(part)).unwrap_or(module)
    };
    module.part(name)
}

fn is_quarantined(folder: &str) -> bool {
    folder.split('/').any(|part| {
        matches!(part, "testdata" | "vendor" | "examples" | "example" | "_examples" | "test" | "fixtures")
    })
}

fn is_program(path: &RelPath) -> bool {
    let folder = path.parent().rsplit('/').next().unwrap_or_default();
    path.name() == "main.go" || (path.extension() == "go" && path.stem() == folder)
}

/// Every `main.go` outside of tests and examples is a program, named by its
/// folder.
fn programs(files: &SourceFiles, draft: &mut FactsDraft) {
    for path in files.paths.iter().filter(|path| is_program(path) && !is_quarantined(path.parent())).take(300)
    {
        let Some(text) = (files.text)(path) else {
            continue;
        };
        if !text.as_str().lines().any(|line| line.trim() == "package main") {
            continue;
        }
        let folder = path.parent().rsplit('/').next().unwrap_or_default();
        let name = if folder.is_empty() { draft.facts.name.clone() } else { SafeText::of_path(path, folder) };
        draft.entry_point(name, path, true);
    }
}
