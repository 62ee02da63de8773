//! `waypost init --merge-driver`, and the driver itself: git asks it for the
//! handoff of a merge, and it renders the merged tree.
//!
//! The handoff merges line by line without it; the driver only saves rendering
//! again where lines conflict.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::json;

use super::{Global, Out, Outcome, handoff, init, open};
use crate::git::Repository;
use crate::git::merge::DRIVER;
use crate::pipeline::Context;
use crate::render::publish;
use crate::{beneath, limits};

const NAME: &str = "merge.waypost.name";
const ATTRIBUTES: &str = "handoff.md merge=waypost\nhandoff.json merge=waypost\n";

/// Sets the driver up; what is so already is left alone.
pub fn set_up(context: &Context, out: &Out) -> anyhow::Result<Outcome> {
    let repository = context
        .repository
        .as_ref()
        .with_context(|| format!("`{}` has no git repository to set up", context.project.root.display()))?;
    let mut done = init::prepare(&context.project)?
        .iter()
        .map(|path| format!("created `{}`", path.display()))
        .collect::<Vec<_>>();
    let command = command()?;
    let config = repository.common_dir.join("config");
    for (key, value) in [(NAME, "waypost: render the merged tree"), (DRIVER, &command)] {
        if repository.setting(key).as_deref() != Some(value) {
            repository.set(key, value)?;
            done.push(format!("set `{key}` in `{}`", config.display()));
        }
    }
    let path = context.project.folder().join(".gitattributes");
    let old = match beneath::read_text(&path, limits::MAX_OWN_FILE) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        read => read.with_context(|| format!("cannot read `{}`", path.display()))?,
    };
    let missing: Vec<&str> =
        ATTRIBUTES.lines().filter(|line| !old.lines().any(|old| old.trim() == *line)).collect();
    if !missing.is_empty() {
        let end = if old.is_empty() || old.ends_with('\n') { "" } else { "\n" };
        publish::write(&path, format!("{old}{end}{}\n", missing.join("\n")).as_bytes())?;
        done.push(format!("wrote `{}`: commit it", path.display()));
    }
    let undo = format!("git config --remove-section merge.waypost, and delete `{}`", path.display());
    if out.json {
        out.object(&json!({ "done": done, "driver": command, "undo": undo }))?;
    } else if done.is_empty() {
        out.note("the merge driver is set up already");
    } else {
        done.iter().for_each(|line| out.note(line));
        out.note(&format!("to undo it: {undo}"));
    }
    Ok(Outcome::Done)
}

/// This program by its whole path, as a shell reads it in git's configuration.
fn command() -> anyhow::Result<String> {
    let program = std::env::current_exe().context("the path of this program cannot be told")?;
    let program = program.to_str().context("the path of this program is not UTF-8")?;
    let quoted = program.replace('\'', "'\\''").replace('%', "%%");
    Ok(format!("'{quoted}' handoff --merge-driver %O %A %B %P"))
}

/// Called by git in the middle of a merge, at the top of the work tree, with
/// the three versions of one of our files and its path. What is to be there
/// goes to `ours`.
pub fn drive(global: &Global, versions: &[PathBuf], out: &Out) -> anyhow::Result<Outcome> {
    let [base, ours, theirs, path] = versions else {
        anyhow::bail!("a merge driver takes four paths: %O %A %B %P");
    };
    anyhow::ensure!(!is_asked_by_ourselves(), "the merge driver does not drive its own merges");
    let top = std::env::current_dir().context("the current folder cannot be read")?;
    let below = path.parent().and_then(Path::parent).unwrap_or(Path::new(""));
    let context = open::context(&Global { project_root: Some(top.join(below)), ..global.clone() }, out)?;
    let repository = context.repository.as_ref().context("a merge driver needs a git repository")?;
    let is_json = path.extension().is_some_and(|extension| extension == "json");
    let merged = match merged_commit() {
        Some(other) => rendered(global, &context, repository, &other, below, is_json, out)?,
        None => None,
    };
    let [base, ours, theirs] = [base, ours, theirs].map(|path| top.join(path));
    let text = match merged {
        Some(text) => text.into_bytes(),
        None => {
            out.note(&format!(
                "`{}` is merged by lines: run `waypost handoff` when the merge is done",
                path.display()
            ));
            repository.merged_lines(&base, &ours, &theirs)?
        }
    };
    publish::write(&ours, &text)?;
    Ok(Outcome::Done)
}

/// A `git` that we started has our setting in its environment, and hands it
/// down. That setting keeps us from being asked; should it fail, this ends what
/// would never end.
fn is_asked_by_ourselves() -> bool {
    let is_key = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with("GIT_CONFIG_KEY_");
    std::env::vars_os().any(|(name, value)| is_key(&name) && value.to_string_lossy() == DRIVER)
}

/// The commit that `git merge` merges: it tells its drivers by the names of
/// variables. `None` for several, and in a rebase or a cherry-pick.
fn merged_commit() -> Option<String> {
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let ids = names.filter_map(|name| name.strip_prefix("GITHEAD_").map(str::to_string));
    let mut ids = ids.filter(|id| id.len() >= 40 && id.bytes().all(|byte| byte.is_ascii_hexdigit()));
    ids.next().filter(|_| ids.next().is_none())
}

/// The handoff of the merged tree; `None` while other files conflict.
fn rendered(
    global: &Global,
    context: &Context,
    repository: &Repository,
    other: &str,
    below: &Path,
    is_json: bool,
    out: &Out,
) -> anyhow::Result<Option<String>> {
    let folder = &context.project.shared;
    publish::create_folder(folder)?;
    let stage = publish::temporary_folder(folder)
        .with_context(|| format!("cannot create a folder in `{}`", folder.display()))?;
    let ours = |path: &str| path.ends_with(".waypost/handoff.md") || path.ends_with(".waypost/handoff.json");
    let merged = repository.merged_into(other, stage.path(), &ours);
    if !matches!(merged, Ok(true)) {
        merged.err().iter().for_each(|error| out.warning(&error.warning));
        return Ok(None);
    }
    let global = Global { project_root: Some(stage.path().join(below)), ..global.clone() };
    let mut merged = open::context(&global, out)?;
    // Outlines that are known need not be made again.
    merged.project.shared = context.project.shared.clone();
    let handoff = handoff::render(&merged, out)?;
    Ok(Some(if is_json { handoff.json } else { handoff.markdown }))
}
