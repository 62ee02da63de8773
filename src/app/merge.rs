//! The merge driver: git calls it to merge the handoff files, and it renders
//! the merged tree.
//!
//! The handoff merges line by line without it; the driver only saves rendering
//! again where lines conflict.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Serialize;

use super::{App, Error, Result, handoff, init};
use crate::fs::atomic;
use crate::fs::confined;
use crate::git::Repository;
use crate::git::merge::DRIVER;
use crate::limits;
use crate::pipeline::Context;
use crate::project::Project;

const NAME: &str = "merge.waypost.name";
const ATTRIBUTES: &str = "handoff.md merge=waypost\nhandoff.json merge=waypost\n";

/// What was set up, and how to undo it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SetUp {
    /// Empty if everything was already set up.
    pub done: Vec<String>,
    /// The command that git runs.
    pub driver: String,
    pub undo: String,
}

/// What the driver did with one file.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Merged {
    pub path: String,
    /// Whether the merged tree was rendered; otherwise lines were merged.
    pub rendered: bool,
}

/// Makes git call `program` for the handoff; settings that are already right
/// are left alone.
pub fn set_up(app: &App, program: &Path) -> Result<SetUp> {
    let context = app.context()?;
    let root = &context.project.root;
    let repository = context.repository.as_ref().ok_or_else(|| {
        Error::new(format!("`{}` has no git repository to set up", root.display())).about(root)
    })?;
    let created = init::prepare(&context.project)?;
    let mut done: Vec<String> = created.iter().map(|path| format!("created `{}`", path.display())).collect();
    let driver = command(program)?;
    done.extend(configure(repository, &driver)?);
    let attributes = context.project.folder().join(".gitattributes");
    if add_attributes(&attributes)? {
        done.push(format!("wrote `{}`: commit it", attributes.display()));
    }
    let undo = format!("git config --remove-section merge.waypost, and delete `{}`", attributes.display());
    Ok(SetUp { done, driver, undo })
}

fn configure(repository: &Repository, driver: &str) -> Result<Vec<String>> {
    let config = repository.common_dir.join("config");
    let mut done = Vec::new();
    for (key, value) in [(NAME, "waypost: render the merged tree"), (DRIVER, driver)] {
        if repository.setting(key).as_deref() != Some(value) {
            repository.set(key, value)?;
            done.push(format!("set `{key}` in `{}`", config.display()));
        }
    }
    Ok(done)
}

/// Adds the missing lines; `false` if none is missing.
fn add_attributes(path: &Path) -> Result<bool> {
    let old = match confined::read_text(path, limits::MAX_OWN_FILE) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        read => read.map_err(|error| Error::cannot("read", path, &error))?,
    };
    let is_there = |line: &str| old.lines().any(|old| old.trim() == line);
    let missing: Vec<&str> = ATTRIBUTES.lines().filter(|line| !is_there(line)).collect();
    if missing.is_empty() {
        return Ok(false);
    }
    let end = if old.is_empty() || old.ends_with('\n') { "" } else { "\n" };
    atomic::write(path, format!("{old}{end}{}\n", missing.join("\n")).as_bytes())?;
    Ok(true)
}

/// A program's full path, quoted for the shell that reads it from git's
/// configuration.
fn command(program: &Path) -> Result<String> {
    let program = program.to_str().ok_or_else(|| Error::new("the path of this program is not UTF-8"))?;
    let quoted = program.replace('\'', "'\\''").replace('%', "%%");
    Ok(format!("'{quoted}' handoff --merge-driver %O %A %B %P"))
}

/// Merges one handoff file. Called by git during a merge, at the top of the
/// work tree, with the three versions and the path of the file; the result goes
/// to `ours`.
pub fn drive(app: &App, versions: &[PathBuf]) -> Result<Merged> {
    let [base, ours, theirs, path] = versions else {
        return Err(Error::new("a merge driver takes four paths: %O %A %B %P"));
    };
    if is_asked_by_ourselves(app) {
        return Err(Error::new("the merge driver does not drive its own merges"));
    }
    let top = app.host().current.clone();
    let below = path.parent().and_then(Path::parent).unwrap_or(Path::new(""));
    let context = app.at(top.join(below)).context()?;
    let repository = context.repository.as_ref();
    let repository = repository.ok_or_else(|| Error::new("a merge driver needs a git repository"))?;
    let is_json = path.extension().is_some_and(|extension| extension == "json");
    let merged = match merged_commit(app) {
        Some(other) => rendered(app, &context, repository, &other, below, is_json)?,
        None => None,
    };
    let [base, ours, theirs] = [base, ours, theirs].map(|path| top.join(path));
    let rendered = merged.is_some();
    let text = match merged {
        Some(text) => text.into_bytes(),
        None => repository.merged_lines(&base, &ours, &theirs)?,
    };
    atomic::write(&ours, &text)?;
    Ok(Merged { path: path.display().to_string(), rendered })
}

/// Whether this driver was started by a `git` that waypost itself started,
/// which shows in the environment. Such a `git` is told not to call it; should
/// that fail, this stops an endless recursion.
fn is_asked_by_ourselves(app: &App) -> bool {
    let is_key = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with("GIT_CONFIG_KEY_");
    let mut variables = app.host().environment.iter();
    variables.any(|(name, value)| is_key(name) && value.to_string_lossy() == DRIVER)
}

/// The commit that `git merge` merges, which git passes to its drivers in the
/// names of variables. `None` for an octopus merge, and in a rebase or
/// cherry-pick.
fn merged_commit(app: &App) -> Option<String> {
    let names = app.host().environment.keys().filter_map(|name| name.to_str());
    let ids = names.filter_map(|name| name.strip_prefix("GITHEAD_").map(str::to_string));
    let mut ids = ids.filter(|id| id.len() >= 40 && id.bytes().all(|byte| byte.is_ascii_hexdigit()));
    ids.next().filter(|_| ids.next().is_none())
}

/// The handoff of the merged tree; `None` as long as other files conflict.
fn rendered(
    app: &App,
    context: &Context,
    repository: &Repository,
    other: &str,
    below: &Path,
    is_json: bool,
) -> Result<Option<String>> {
    let folder = &context.project.shared;
    atomic::create_folder(folder)?;
    let stage = atomic::temporary_folder(folder)
        .map_err(|error| Error::cannot("create a folder in", folder, &error))?;
    let ours = |path: &str| path.ends_with(".waypost/handoff.md") || path.ends_with(".waypost/handoff.json");
    let merged = repository.merged_into(other, stage.path(), &ours);
    if !matches!(merged, Ok(true)) {
        merged.err().iter().for_each(|error| app.warn(&error.warning));
        return Ok(None);
    }
    let app = app.at(stage.path().join(below));
    let mut merged = app.context()?;
    // Outlines that are known need not be made again.
    merged.project =
        Project { root: merged.project.root, local: merged.project.local, ..context.project.clone() };
    let handoff = handoff::rendered(&app, &merged)?;
    Ok(Some(if is_json { handoff.json } else { handoff.markdown }))
}
