//! Compares the tree with a snapshot or a commit: changed files with their
//! symbols.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Serialize;

use super::open::store;
use super::{App, Error, Result};
use crate::git::Repository;
use crate::model::{Outline, RelPath, SafeText, Snapshot, Tree};
use crate::pipeline::{self, Context, Reading};
use crate::render::view::{ChangedView, NowView};
use crate::store::Store;

/// What to compare the tree with, and which files to report.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// A snapshot's id, or a branch, tag or commit; by default the last
    /// snapshot that the user took, or the head commit if there is none.
    pub since: Option<String>,
    /// Only these files and folders.
    pub paths: Vec<PathBuf>,
}

/// What differs from the baseline, and what is checked out now.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Report {
    pub since: Baseline,
    pub branch: Option<SafeText>,
    pub head: Option<String>,
    /// A merge, rebase or the like that is in progress.
    pub state: Option<&'static str>,
    pub changed: Vec<FileChange>,
}

/// What the tree is compared with.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Baseline {
    pub kind: ComparedWith,
    /// `s12`, or a short commit id.
    pub id: String,
    pub created_at: Option<String>,
}

/// Which kind of state the tree was compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ComparedWith {
    Snapshot,
    Commit,
}

/// A changed file with its changed symbols.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FileChange {
    /// `old -> new` for a renamed one.
    pub path: SafeText,
    pub status: &'static str,
    pub symbols: Vec<ChangedSymbol>,
}

/// A symbol that was added (`+`), removed (`-`) or changed (`~`), with its
/// current lines.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ChangedSymbol {
    pub mark: char,
    pub name: String,
    pub line: Option<u32>,
    pub end_line: Option<u32>,
}

/// Compares the tree with a snapshot or a commit; fails if `since` names neither.
pub fn changes(app: &App, request: &Request) -> Result<Report> {
    let context = app.context()?;
    let paths: Vec<RelPath> =
        request.paths.iter().map(|path| app.project_path(&context, path)).collect::<Result<_>>()?;
    let store = store(&context)?;
    let reading = pipeline::read(&context, store.as_ref())?;
    let (since, now) = compared(&context, &reading, store.as_ref(), request.since.as_deref())?;
    app.warn_of_missing(&reading);
    let changed = now.changed.into_iter().filter(|changed| is_within(changed, &paths));
    Ok(Report {
        since,
        branch: now.branch,
        head: now.head,
        state: now.state,
        changed: changed.map(|view| changed_file(&reading.tree, view)).collect(),
    })
}

fn compared(
    context: &Context,
    reading: &Reading,
    store: Option<&Store>,
    since: Option<&str>,
) -> Result<(Baseline, NowView)> {
    let snapshot = match (since, store) {
        (_, None) => None,
        (None, Some(store)) => store.baseline()?,
        (Some(name), Some(store)) => named_snapshot(store, name)?,
    };
    if let Some(Snapshot { id, created_at, .. }) = snapshot {
        let now = pipeline::since_snapshot(context, reading, store, Some(id))?;
        let since =
            Baseline { kind: ComparedWith::Snapshot, id: id.to_string(), created_at: Some(created_at) };
        return Ok((since, now));
    }
    let Some(repository) = &context.repository else { return Err(nothing_to_compare(since)) };
    let commit = commit(repository, since.unwrap_or("HEAD"))?;
    let now = pipeline::since_commit(context, reading, &commit)?;
    let id = commit.chars().take(10).collect();
    Ok((Baseline { kind: ComparedWith::Commit, id, created_at: None }, now))
}

/// The snapshot with this id, if there is one.
fn named_snapshot(store: &Store, name: &str) -> Result<Option<Snapshot>> {
    let Ok(id) = name.parse() else { return Ok(None) };
    Ok(store.snapshots()?.into_iter().find(|snapshot| snapshot.id == id))
}

fn commit(repository: &Repository, name: &str) -> Result<String> {
    let found = repository.commit(name)?;
    found.ok_or_else(|| {
        let hint = "`waypost snapshots` lists the snapshots, `git log` the commits";
        Error::new(format!("`{name}` is neither a snapshot nor a commit")).with_hint(hint)
    })
}

fn nothing_to_compare(since: Option<&str>) -> Error {
    match since {
        Some(name) => Error::new(format!("`{name}` is not a snapshot, and this is not a git repository")),
        None => Error::new("there is no snapshot to compare with, and this is not a git repository"),
    }
    .with_hint("run `waypost snapshot`")
}

/// Whether a changed file, or one of the two names of a renamed one, is among
/// these files or below these folders.
fn is_within(changed: &ChangedView, paths: &[RelPath]) -> bool {
    let mut names = changed.path.as_str().split(" -> ");
    paths.is_empty()
        || names.any(|name| {
            paths.iter().any(|path| {
                let rest = name.strip_prefix(path.as_str());
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
        })
}

fn changed_file(tree: &Tree, view: ChangedView) -> FileChange {
    let path = view.path.as_str();
    let path = RelPath::new(path.rsplit(" -> ").next().unwrap_or(path));
    let file = path.and_then(|path| tree.index_of(&path)).map(|index| &tree.files[index as usize]);
    let outline = file.map(|file| file.content().outline.clone()).unwrap_or_default();
    let symbols = view.symbols.iter().filter_map(|marked| symbol(&outline, marked.as_str()));
    FileChange { status: view.status, symbols: symbols.collect(), path: view.path }
}

fn symbol(outline: &Outline, marked: &str) -> Option<ChangedSymbol> {
    let mark = marked.chars().next()?;
    let name = &marked[mark.len_utf8()..];
    let place = (0..outline.symbols.len()).find(|index| outline.qualified_name(*index).as_str() == name);
    let place = place.filter(|_| mark != '-').map(|index| &outline.symbols[index]);
    Some(ChangedSymbol {
        mark,
        name: name.to_string(),
        line: place.map(|symbol| symbol.line),
        end_line: place.map(|symbol| symbol.end_line),
    })
}

impl Report {
    /// What was compared, and how much differs.
    pub fn headline(&self) -> String {
        let Baseline { kind, id, created_at } = &self.since;
        let base = match (kind, created_at) {
            (ComparedWith::Snapshot, Some(at)) => format!("snapshot {id} of {at}"),
            _ => format!("commit {id}"),
        };
        match self.changed.len() {
            0 => format!("nothing changed since {base}"),
            1 => format!("1 file changed since {base}"),
            many => format!("{many} files changed since {base}"),
        }
    }
}

impl FileChange {
    /// One line for the file, one for each symbol.
    pub fn lines(&self) -> Vec<String> {
        let first = format!("{} {}", self.status, self.path);
        [first].into_iter().chain(self.symbols.iter().map(ChangedSymbol::told)).collect()
    }
}

impl ChangedSymbol {
    fn told(&self) -> String {
        let Self { mark, name, line, end_line } = self;
        match (line, end_line) {
            (Some(line), Some(end)) => format!("  {mark} :{line}-{end} {name}"),
            _ => format!("  {mark} {name}"),
        }
    }
}
