//! Task files of any language: Makefile, justfile, Taskfile, pre-commit,
//! docker compose.
//!
//! Not here: what a task's recipe does.

use super::source::{SourceFiles, entries};
use super::{FactsDraft, Purpose, choose, named};
use crate::model::SafeText;

pub(super) fn read(files: &SourceFiles, draft: &mut FactsDraft) {
    make(files, draft);
    just(files, draft);
    taskfile(files, draft);
    mise(files, draft);
    pre_commit(files, draft);
    compose(files, draft);
}

fn make(files: &SourceFiles, draft: &mut FactsDraft) {
    let Some(source) = files.open_first(&["GNUmakefile", "Makefile", "makefile"]) else {
        return;
    };
    for line in source.str().lines() {
        let Some((targets, rest)) = line.split_once(':') else {
            continue;
        };
        let is_rule = !line.starts_with(['\t', ' ', '#', '.'])
            && !rest.starts_with('=')
            && !targets.contains(['=', '$', '%', '(']);
        if !is_rule {
            continue;
        }
        // By custom, `_` begins the name of what only other rules call.
        let offered = |target: &&str| is_name(target) && !target.starts_with('_');
        let recipe = recipe_below(source.str(), line);
        for target in targets.split_whitespace().filter(offered).filter(|_| !named::is_harmful(recipe)) {
            draft.task(&source, "make", target, choose::TASK);
        }
        if targets.split_whitespace().any(|target| target == "install") && gets_dependencies(recipe) {
            draft.convention(Purpose::Setup, "make install", &source.path);
        }
    }
}

/// Where nothing is compiled, `make install` gets what is needed for development.
fn gets_dependencies(recipe: &str) -> bool {
    let marks = [
        "uv sync",
        "pip install",
        "npm install",
        "npm ci",
        "yarn install",
        "pnpm install",
        "poetry install",
        "bundle install",
        "composer install",
    ];
    marks.iter().any(|mark| recipe.contains(mark)) && !named::is_harmful(recipe)
}

/// The indented lines behind a line of `text`.
fn recipe_below<'t>(text: &'t str, line: &'t str) -> &'t str {
    let start = (line.as_ptr() as usize).saturating_sub(text.as_ptr() as usize) + line.len();
    let rest = text.get(start..).unwrap_or_default().trim_start_matches('\n');
    let length: usize =
        rest.split_inclusive('\n').take_while(|line| line.starts_with(['\t', ' '])).map(str::len).sum();
    &rest[..length]
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_:.".contains(c))
}

fn just(files: &SourceFiles, draft: &mut FactsDraft) {
    let Some(source) = files.open_first(&["justfile", "Justfile", ".justfile"]) else {
        return;
    };
    for line in source.str().lines() {
        let is_recipe =
            !line.starts_with([' ', '\t', '#', '[', '_']) && line.contains(':') && !line.contains(":=");
        let name = line.trim_start_matches('@').split([' ', ':']).next().unwrap_or_default();
        let is_offered = !named::is_harmful(recipe_below(source.str(), line));
        if is_recipe
            && is_offered
            && is_name(name)
            && !matches!(name, "set" | "alias" | "export" | "import" | "mod")
        {
            draft.task(&source, "just", name, choose::TASK);
        }
    }
}

fn taskfile(files: &SourceFiles, draft: &mut FactsDraft) {
    let Some(source) =
        files.open_first(&["Taskfile.yml", "Taskfile.yaml", "taskfile.yml", "Taskfile.dist.yml"])
    else {
        return;
    };
    for (name, _) in entries(&source.yaml()["tasks"]) {
        draft.task(&source, "task", name, choose::TASK);
    }
}

fn mise(files: &SourceFiles, draft: &mut FactsDraft) {
    let Some(source) = files.open_first(&["mise.toml", ".mise.toml"]) else {
        return;
    };
    for (name, _) in entries(&source.toml()["tasks"]) {
        draft.task(&source, "mise run", name, choose::TASK);
    }
}

fn pre_commit(files: &SourceFiles, draft: &mut FactsDraft) {
    if let Some(config) = files.find(".pre-commit-config.yaml") {
        draft.convention(Purpose::Lint, "pre-commit run --all-files", config);
    }
}

/// Services of a compose file say how the whole is run, unless there is a
/// better way to run it.
fn compose(files: &SourceFiles, draft: &mut FactsDraft) {
    let names = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
    let Some(source) = files.open_first(&names) else {
        return;
    };
    let builds = entries(&source.yaml()["services"]).any(|(_, service)| !service["build"].is_null());
    if builds {
        draft.candidates.push(choose::CommandCandidate::new(
            Purpose::Run,
            SafeText::constant("docker compose up"),
            &source.path,
            SafeText::default(),
            choose::CONVENTION - 10,
        ));
    }
}
