//! CI definitions: the commands that the project itself runs on every change.
//!
//! Not here: containers, services, triggers, and what an action does.

use serde_json::Value;

use super::shell::is_plain_path;
use super::source::{SourceFiles, SourceText, entries, strings};
use super::{FactsDraft, Purpose, choose};
use crate::model::{SafeText, resolve_path};

/// Workflows that are read; large projects have thirty.
const MAX_FILES: usize = 40;

/// Words in the name of a workflow or job that does something else than
/// check a change.
#[rustfmt::skip]
const ASIDE: &[&str] = &[
    "release", "publish", "deploy", "nightly", "cron", "fuzz", "bench", "docker", "wheel", "coverage", "scorecard", "codeql",
    "stale", "sync", "update", "bump", "ecosystem", "diff", "downstream", "upstream", "memory", "benchmark", "preview", "loom", "miri",
    "msrv", "minimal", "asan", "sanitizer", "valgrind", "semver", "wasm", "cross", "android", "pypi", "homepage", "website", "screenshot",
    "third-party", "thirdparty",
];

pub(super) fn read(files: &SourceFiles, draft: &mut FactsDraft) {
    let workflows =
        files.directly_in(".github/workflows").filter(|path| matches!(path.extension(), "yml" | "yaml"));
    for path in workflows.take(MAX_FILES) {
        if let Some(source) = files.open(path.as_str()) {
            github(&source, draft);
        }
    }
    for path in [
        ".gitlab-ci.yml",
        ".travis.yml",
        ".circleci/config.yml",
        "azure-pipelines.yml",
        ".cirrus.yml",
        ".builds/debian.yml",
    ] {
        if let Some(source) = files.open(path) {
            let value = source.yaml();
            other(&source, &value, &SafeText::default(), 0, draft);
        }
    }
    scripts(files, draft);
}

/// What CI runs as a script of the project: all checks in one command.
fn scripts(files: &SourceFiles, draft: &mut FactsDraft) {
    for (path, line) in [
        (".ci/run", ".ci/run"),
        (".ci/test.sh", ".ci/test.sh"),
        ("ci/run.sh", "ci/run.sh"),
        ("ci/run", "ci/run"),
        ("ci/test.sh", "ci/test.sh"),
        ("script/cibuild", "script/cibuild"),
        ("script/ci", "script/ci"),
        ("scripts/ci.sh", "scripts/ci.sh"),
        ("scripts/ci", "scripts/ci"),
    ] {
        let Some(source) = files.open(path) else { continue };
        let script = from_its_folder(source.str(), source.path.parent());
        draft.script(&source, &SafeText::default(), &script, "", choose::CI);
        if !super::named::is_harmful(source.str()) {
            draft.candidates.push(choose::CommandCandidate::new(
                Purpose::Test,
                SafeText::constant(line),
                &source.path,
                SafeText::default(),
                choose::CI,
            ));
        }
    }
}

/// Scripts first go to where they lie, or to the top of the work tree, however
/// they were called: `cd "$(dirname "$0")/.."`.
fn from_its_folder(script: &str, folder: &str) -> String {
    let own = ["dirname \"$0\"", "dirname $0", "BASH_SOURCE", "${0%/*}", "dirname -- \"$0\""];
    let gone = |line: &str| -> Option<String> {
        let target = line.trim().strip_prefix("cd ")?;
        let is_top = target.contains("git rev-parse --show-toplevel");
        let is_own = own.iter().any(|mark| target.contains(mark));
        let up = target.matches("/..").count();
        match (is_top, is_own) {
            (true, _) => Some("cd .".to_string()),
            (_, true) => Some(format!("cd {folder}{}", "/..".repeat(up))),
            _ => None,
        }
    };
    script.lines().map(|line| gone(line).unwrap_or_else(|| line.to_string()) + "\n").collect()
}

fn github(source: &SourceText, draft: &mut FactsDraft) {
    let workflow = source.yaml();
    let folder = working_directory(&workflow["defaults"]["run"]);
    for (id, job) in entries(&workflow["jobs"]) {
        let place = source.quote(id).unwrap_or_default();
        let folder = working_directory(&job["defaults"]["run"]).or(folder);
        let aside = aside(source.path.stem()).max(aside(id));
        for step in job["steps"].as_array().into_iter().flatten() {
            let Some(script) = step["run"].as_str() else {
                continue;
            };
            let here = working_directory(step).or(folder).unwrap_or("");
            let foreign = step["shell"]
                .as_str()
                .is_some_and(|shell| shell.contains("python") || shell.contains("pwsh") || shell == "cmd");
            if !foreign && (here.is_empty() || is_plain_path(here)) {
                let here = resolve_path("", here).unwrap_or_default();
                draft.script(source, &place, script, &here, choose::CI - aside);
            }
        }
    }
}

fn working_directory(step: &Value) -> Option<&str> {
    step["working-directory"].as_str()
}

fn aside(name: &str) -> i32 {
    let name = name.to_ascii_lowercase();
    if ASIDE.iter().any(|word| name.contains(word)) { 16 } else { 0 }
}

/// GitLab, Travis, CircleCI and the like: whatever stands under `script`,
/// `run`, `command`, at any depth; the place is the key around it.
fn other(source: &SourceText, value: &Value, place: &SafeText, depth: usize, draft: &mut FactsDraft) {
    if depth > 8 {
        return;
    }
    if let Some(items) = value.as_array() {
        for item in items {
            other(source, item, place, depth + 1, draft);
        }
    }
    for (key, inner) in entries(value) {
        if matches!(key, "script" | "run" | "command" | "test_script" | "install" | "before_script" | "bash")
        {
            let aside = aside(place.as_str());
            for script in strings(inner) {
                draft.script(source, place, script, "", choose::CI - aside);
            }
        }
        if inner.is_object() || inner.is_array() {
            let named =
                matches!(key, "steps" | "jobs" | "script" | "run" | "include" | "matrix" | "variables");
            let inner_place = if named { place.clone() } else { source.quote(key).unwrap_or_default() };
            other(source, inner, &inner_place, depth + 1, draft);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::facts_of;

    #[test]
    fn a_script_of_checks_is_read_from_where_it_goes_first() {
        for cd in
            ["cd \"$(dirname \"$0\")/..\"", "cd \"$(git rev-parse --show-toplevel)\"", "cd \"${0%/*}/..\""]
        {
            let script =
                format!("#!/bin/sh\nset -e\n{cd}\ncargo clippy --all-targets\ncargo test --locked\n");
            let facts = facts_of(&[
                (".ci/run", &script),
                ("Cargo.toml", "[package]\nname = \"kit\"\n"),
                ("src/lib.rs", ""),
            ]);
            let lines: Vec<&str> = facts.commands.iter().map(|command| command.line.as_str()).collect();
            assert!(
                lines.contains(&"cargo clippy --all-targets") && lines.contains(&".ci/run"),
                "{cd}: {lines:?}"
            );
        }
    }
}
