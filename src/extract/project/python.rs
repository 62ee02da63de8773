//! Python: pyproject.toml, setup.cfg, setup.py, tox, nox, pytest, Django.
//!
//! Not here: requirements files' contents and lock files.

use serde_json::Value;

use super::super::globs::Folders;
use super::source::{SourceFiles, SourceText, entries, strings};
use super::{FactsDraft, MAX_LINE, MAX_NAME, Part, PartKind, Purpose, choose};
use crate::model::{RelPath, SafeText};

pub(super) fn read(files: &SourceFiles, draft: &mut FactsDraft) {
    let project = files.open("pyproject.toml");
    let manifest = project.as_ref().map(SourceText::toml).unwrap_or_default();
    if let Some(source) = &project {
        pyproject(files, source, &manifest, draft);
    }
    setup_cfg(files, draft);
    setup_py(files, draft);
    members(files, &manifest, draft);
    tox(files, project.as_ref(), &manifest, draft);
    nox(files, draft);
    setup_conventions(files, &manifest, draft);
    test_conventions(files, &manifest, draft);
    tool_conventions(files, project.as_ref(), &manifest, draft);
    entry_files(files, draft);
}

fn pyproject(files: &SourceFiles, source: &SourceText, manifest: &Value, draft: &mut FactsDraft) {
    let project =
        if manifest["project"].is_object() { &manifest["project"] } else { &manifest["tool"]["poetry"] };
    let licence = match &project["license"] {
        Value::Object(table) => table.get("text").cloned().unwrap_or_default(),
        other => other.clone(),
    };
    let name = source.quote_value(&project["name"], MAX_NAME);
    draft.identify(
        name.clone(),
        source.quote_value(&project["description"], MAX_LINE * 2),
        source.quote_value(&project["version"], MAX_NAME),
        source.quote_value(&licence, MAX_NAME),
    );
    for table in ["scripts", "gui-scripts"] {
        for (script, target) in entries(&project[table]) {
            let (Some(name), Some(target)) = (source.quote(script), target.as_str()) else {
                continue;
            };
            if let Some(path) = module_file(files, target) {
                draft.entry_point(name, path, true);
            }
        }
    }
    if let Some(package) = package_file(files, name.as_str()) {
        draft.entry_point(name.clone(), package, false);
    }
    draft.part(part(source, project));
    for (runner, table) in [
        ("hatch run", &manifest["tool"]["hatch"]["envs"]["default"]["scripts"]),
        ("pdm run", &manifest["tool"]["pdm"]["scripts"]),
        ("poe", &manifest["tool"]["poe"]["tasks"]),
        ("rye run", &manifest["tool"]["rye"]["scripts"]),
    ] {
        for (script, _) in entries(table) {
            draft.task(source, runner, script, choose::TASK);
        }
    }
}

fn part(source: &SourceText, project: &Value) -> Part {
    let program = project["scripts"].is_object();
    Part {
        name: source.quote_value(&project["name"], MAX_NAME),
        manifest: source.path.clone(),
        description: source.quote_line(&project["description"]),
        kind: if program { PartKind::LibraryAndProgram } else { PartKind::Package },
    }
}

/// Packages of a monorepo: every further pyproject.toml that has a name and
/// does not stand among tests.
fn members(files: &SourceFiles, manifest: &Value, draft: &mut FactsDraft) {
    let globs = strings(&manifest["tool"]["uv"]["workspace"]["members"]);
    let named = Folders::named_by(globs.iter().copied());
    let manifests = files.paths.iter().filter(|path| {
        let folder = path.parent();
        path.name() == "pyproject.toml"
            && !folder.is_empty()
            && (named.contains(folder) || (globs.is_empty() && is_main_folder(folder)))
    });
    for path in manifests.take(100) {
        let Some(source) = files.open(path.as_str()) else {
            continue;
        };
        let manifest = source.toml();
        let project =
            if manifest["project"].is_object() { &manifest["project"] } else { &manifest["tool"]["poetry"] };
        draft.part(part(&source, project));
    }
}

fn is_main_folder(folder: &str) -> bool {
    let aside = [
        "test",
        "tests",
        "testing",
        "fixtures",
        "examples",
        "docs",
        "testdata",
        "templates",
        "scenarios",
        "doc",
    ];
    folder.matches('/').count() <= 2
        && !folder.split('/').any(|part| aside.contains(&part) || part.starts_with("test"))
}

/// The file of `package.module:function`.
fn module_file<'a>(files: &SourceFiles<'a>, target: &str) -> Option<&'a RelPath> {
    let module = target.split(':').next()?.trim().replace('.', "/");
    ["", "src/", "lib/"].iter().find_map(|root| {
        files
            .find(&format!("{root}{module}.py"))
            .or_else(|| files.find(&format!("{root}{module}/__init__.py")))
    })
}

/// The package that is named like its project.
fn package_file<'a>(files: &SourceFiles<'a>, name: &str) -> Option<&'a RelPath> {
    let module = name.to_lowercase().replace(['-', '.'], "_");
    (!module.is_empty()).then(|| module_file(files, &module))?
}

fn setup_cfg(files: &SourceFiles, draft: &mut FactsDraft) {
    let Some(source) = files.open("setup.cfg") else {
        return;
    };
    let field = |name| source.quote_value(&ini(&source, "metadata", name).into(), MAX_LINE);
    draft.identify(field("name"), field("description"), literal(field("version")), field("license"));
    let scripts = ini(&source, "options.entry_points", "console_scripts");
    for line in scripts.lines() {
        let Some((name, target)) = line.split_once('=') else {
            continue;
        };
        if let (Some(name), Some(path)) = (source.quote(name.trim()), module_file(files, target.trim())) {
            draft.entry_point(name, path, true);
        }
    }
    name_part(&source, field("name"), field("description"), draft);
}

fn name_part(source: &SourceText, name: SafeText, description: SafeText, draft: &mut FactsDraft) {
    if draft.facts.parts.iter().all(|part| !part.manifest.parent().is_empty()) {
        draft.part(Part { name, manifest: source.path.clone(), description, kind: PartKind::Package });
    }
}

/// `attr: package.__version__` is a place, not a version.
fn literal(version: SafeText) -> SafeText {
    let is_reference = version.as_str().contains(':');
    if is_reference { SafeText::default() } else { version }
}

/// A value of an INI file, its continuation lines included.
fn ini(source: &SourceText, section: &str, key: &str) -> String {
    let mut here = false;
    let mut value: Option<String> = None;
    for line in source.str().lines() {
        if let Some(value) = &mut value {
            if line.starts_with([' ', '\t']) || line.trim().is_empty() {
                value.push('\n');
                value.push_str(line.trim());
                continue;
            }
            break;
        }
        if line.starts_with('[') {
            here = line.trim() == format!("[{section}]");
        } else if here {
            let found = line.split_once('=').or(line.split_once(':'));
            if let Some((name, first)) = found.filter(|(name, _)| name.trim() == key) {
                let _ = name;
                value = Some(first.trim().to_string());
            }
        }
    }
    value.unwrap_or_default().trim().to_string()
}

/// Only what stands as a plain string argument: nothing is evaluated.
fn setup_py(files: &SourceFiles, draft: &mut FactsDraft) {
    let Some(source) = files.open("setup.py") else {
        return;
    };
    let field = |name: &str| argument(&source, name).unwrap_or_default();
    draft.identify(field("name"), field("description"), field("version"), field("license"));
    name_part(&source, field("name"), field("description"), draft);
    if let Some(package) = package_file(files, field("name").as_str()) {
        draft.entry_point(field("name"), package, false);
    }
}

fn argument(source: &SourceText, name: &str) -> Option<SafeText> {
    let text = source.str();
    text.lines().find_map(|line| {
        let value = line.trim().strip_prefix(name)?.trim_start().strip_prefix('=')?.trim_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let value = value[1..].split(quote).next()?;
        source.quote(value)
    })
}

fn tox(files: &SourceFiles, project: Option<&SourceText>, manifest: &Value, draft: &mut FactsDraft) {
    if let Some(source) = project {
        let table = &manifest["tool"]["tox"];
        if table.is_object() {
            tox_toml(source, table, draft);
        }
        if let Some(legacy) = table["legacy_tox_ini"].as_str() {
            tox_ini(source, legacy, draft);
        }
    }
    if let Some(source) = files.open("tox.toml") {
        tox_toml(&source, &source.toml(), draft);
    }
    if let Some(source) = files.open("tox.ini") {
        let text = source.text.clone();
        tox_ini(&source, text.as_str(), draft);
    }
}

fn tox_toml(source: &SourceText, table: &Value, draft: &mut FactsDraft) {
    draft.convention(Purpose::Test, "tox run", &source.path);
    let base = &table["env_run_base"];
    tox_commands(source, "env_run_base", base, draft);
    for (name, env) in entries(&table["env"]) {
        if !super::classify::is_python_version(name) {
            draft.task(source, "tox run -e", name, choose::TASK - 6);
        }
        tox_commands(source, name, env, draft);
    }
}

fn tox_commands(source: &SourceText, name: &str, env: &Value, draft: &mut FactsDraft) {
    let place = source.quote(name).unwrap_or_default();
    for command in env["commands"].as_array().into_iter().flatten() {
        let words: Vec<&str> = command.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        if let Some(line) = shortened(&words) {
            draft.script(source, &place, &line, "", choose::CI);
        }
    }
}

/// Reporting flags are the CI's taste; `pytest` is the command.
fn shortened(words: &[&str]) -> Option<String> {
    let words: Vec<&str> = words
        .iter()
        .copied()
        .filter(|word| {
            !word.starts_with("--tb")
                && !word.starts_with("--basetemp")
                && !word.starts_with("--cov")
                && *word != "-v"
        })
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}

fn tox_ini(source: &SourceText, text: &str, draft: &mut FactsDraft) {
    draft.convention(Purpose::Test, "tox", &source.path);
    let mut section = String::new();
    let mut in_commands = false;
    let mut seen = Vec::new();
    for line in text.lines() {
        let indented = line.starts_with([' ', '\t']);
        let trimmed = line.trim();
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = name.trim().to_string();
            in_commands = false;
            let env = section.strip_prefix("testenv:").unwrap_or_default();
            if !env.is_empty() && env.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)) {
                seen.push(env.to_string());
            }
            continue;
        }
        if !indented && !trimmed.is_empty() {
            in_commands = trimmed.starts_with("commands") && section.starts_with("testenv");
        }
        let command = match trimmed.split_once('=') {
            Some((key, rest)) if key.trim() == "commands" => rest.trim(),
            _ => trimmed,
        };
        if in_commands && !command.is_empty() {
            let words: Vec<&str> = command.trim_start_matches("- ").split_whitespace().collect();
            let place = source.quote(&section).unwrap_or_default();
            if let Some(line) = shortened(&words) {
                draft.script(source, &place, &line, "", choose::CI);
            }
        }
    }
    for env in seen {
        draft.task(source, "tox -e", &env, choose::TASK - 6);
    }
}

/// Sessions are functions under `@nox.session`.
fn nox(files: &SourceFiles, draft: &mut FactsDraft) {
    let Some(source) = files.open("noxfile.py") else {
        return;
    };
    let text = source.text.clone();
    let mut decorated = false;
    for line in text.as_str().lines() {
        if line.starts_with("@nox.session") || line.starts_with("@session") {
            decorated = true;
            let named = line.split("name=").nth(1).and_then(|rest| rest.split(['"', '\'']).nth(1));
            if let Some(name) = named {
                draft.task(&source, "nox -s", name, choose::TASK - 2);
                decorated = false;
            }
        } else if let Some(rest) = line.strip_prefix("def ") {
            if decorated {
                let name = rest.split('(').next().unwrap_or_default();
                draft.task(&source, "nox -s", name, choose::TASK - 2);
            }
            decorated = false;
        }
    }
}

fn setup_conventions(files: &SourceFiles, manifest: &Value, draft: &mut FactsDraft) {
    let Some(project) = files.find("pyproject.toml").or(files.find("setup.py")) else {
        if let Some(requirements) = files.find("requirements.txt") {
            draft.convention(Purpose::Setup, "pip install -r requirements.txt", requirements);
        }
        return;
    };
    let packaged =
        manifest["project"].is_object() || manifest["build-system"].is_object() || files.has("setup.py");
    let by_lock = [
        ("uv.lock", "uv sync"),
        ("poetry.lock", "poetry install"),
        ("pdm.lock", "pdm install"),
        ("Pipfile.lock", "pipenv install --dev"),
    ];
    if let Some((lock, line)) = by_lock.iter().find_map(|(lock, line)| Some((files.find(lock)?, *line))) {
        draft.convention(Purpose::Setup, line, lock);
    } else if manifest["tool"]["poetry"].is_object() {
        draft.convention(Purpose::Setup, "poetry install", project);
    } else if packaged {
        draft.convention(Purpose::Setup, "pip install -e .", project);
    }
}

fn test_conventions(files: &SourceFiles, manifest: &Value, draft: &mut FactsDraft) {
    let found = |path: &str, mark: &str| {
        files.open(path).filter(|source| source.str().contains(mark)).map(|source| source.path)
    };
    let configured = manifest["tool"]["pytest"].is_object();
    let source = files
        .find("pytest.ini")
        .cloned()
        .or_else(|| configured.then(|| files.find("pyproject.toml").cloned()).flatten())
        .or_else(|| found("setup.cfg", "[tool:pytest]"))
        .or_else(|| found("tox.ini", "[pytest]"))
        .or_else(|| files.find("conftest.py").or(files.find("tests/conftest.py")).cloned());
    if let Some(source) = source {
        let groups = manifest["dependency-groups"].to_string();
        let by_uv = files.has("uv.lock") && groups.contains("\"pytest");
        if by_uv {
            // Where uv makes the environment, a bare `pytest` is not on the path.
            draft.candidates.push(choose::CommandCandidate::new(
                Purpose::Test,
                SafeText::constant("uv run pytest"),
                &source,
                SafeText::default(),
                choose::TASK,
            ));
        }
        draft.convention(Purpose::Test, "pytest", &source);
    }
    if let Some(manage) = files.find("manage.py") {
        draft.convention(Purpose::Test, "python manage.py test", manage);
        draft.convention(Purpose::Run, "python manage.py runserver", manage);
    }
}

/// Linters and formatters that the project configures.
fn tool_conventions(
    files: &SourceFiles,
    project: Option<&SourceText>,
    manifest: &Value,
    draft: &mut FactsDraft,
) {
    let ruff = files.find("ruff.toml").or(files.find(".ruff.toml"));
    if let Some(source) = ruff {
        draft.convention(Purpose::Lint, "ruff check", source);
    }
    let Some(project) = project else { return };
    let tool = &manifest["tool"];
    if tool["ruff"].is_object() {
        draft.convention(Purpose::Lint, "ruff check", &project.path);
        if tool["ruff"]["format"].is_object() {
            draft.convention(Purpose::Format, "ruff format", &project.path);
        }
    }
    if tool["mypy"].is_object() {
        draft.convention(Purpose::Lint, "mypy", &project.path);
    }
    if tool["black"].is_object() {
        draft.convention(Purpose::Format, "black .", &project.path);
    }
}

/// Programs that no manifest names.
fn entry_files(files: &SourceFiles, draft: &mut FactsDraft) {
    for path in files.paths {
        let folder = path.parent();
        let main = path.name() == "__main__.py" && is_main_folder(folder);
        let root = folder.is_empty()
            && matches!(path.name(), "manage.py" | "app.py" | "main.py" | "wsgi.py" | "asgi.py");
        if !main && !root {
            continue;
        }
        if (files.text)(path).is_none() {
            continue;
        }
        let name = if main {
            let package = folder.rsplit('/').next().unwrap_or(folder);
            let package = if super::shell::is_plain_path(package) { package } else { "" };
            SafeText::join(&[SafeText::constant("python -m"), SafeText::of_path(path, package)], " ")
        } else {
            SafeText::constant(match path.name() {
                "manage.py" => "manage.py",
                "app.py" => "app.py",
                "main.py" => "main.py",
                "wsgi.py" => "wsgi.py",
                _ => "asgi.py",
            })
        };
        draft.entry_point(name, path, true);
    }
}
