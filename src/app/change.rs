//! The change that a question is about: what differs from the head commit, what is
//! staged, what differs from a branch, what a diff says, or files that are named.
//!
//! Not here: what follows from it (`companions`, `tests`, `impact`, `review`).

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::handoff::{index_of_hook, of_index};
use super::open::store;
use super::stream::Input;
use super::{App, Error, Result};
use crate::model::{Diff, DiffFile, History, RelPath};
use crate::pipeline::diff::{diff_of_text, diff_since, named_files};
use crate::pipeline::{self, ChangeMeasure, Context, Reading};
use crate::store::Store;
use crate::{io_errors, walk};

/// Which change is asked about. By default what differs from the head commit.
#[derive(Default)]
pub struct ChangeRequest {
    /// Only these files and folders; those that did not change are asked about as
    /// they are.
    pub paths: Vec<PathBuf>,
    /// What the next commit would hold.
    pub staged: bool,
    /// What differs from where a branch, tag or commit parted from the head.
    pub base: Option<String>,
    /// A unified diff.
    pub diff: Option<Input>,
}

/// Bytes of a diff that is read.
const MOST_BYTES: u64 = 64_000_000;

/// Files of a folder that is named and did not change.
const MOST_NAMED: usize = 50;

/// A change with the tree that it was made to.
pub(super) struct OpenChange {
    pub context: Context,
    pub store: Option<Store>,
    pub reading: Reading,
    pub diff: Diff,
    history: OnceCell<History>,
    measured: OnceCell<ChangeMeasure>,
    /// Holds what is staged while it is looked at.
    _scratch: Option<tempfile::TempDir>,
}

impl OpenChange {
    /// Reads the tree and the change.
    pub fn of(app: &App, request: ChangeRequest) -> Result<Self> {
        let context = app.context()?;
        let base = base(&context, &request)?;
        let paths: Vec<RelPath> =
            request.paths.iter().map(|path| app.project_path(&context, path)).collect::<Result<_>>()?;
        let (context, scratch) = match request.staged {
            true => staged(app, context)?,
            false => (context, None),
        };
        let store = store(&context)?;
        let reading = pipeline::read(&context, store.as_ref())?;
        let diff = match request.diff {
            Some(input) => {
                let bytes = input.bytes(app, MOST_BYTES, "a change of that size is beyond telling")?;
                diff_of_text(&context, &reading, &walk::decode(&bytes))
            }
            None => compared(&context, &reading, base)?,
        };
        let diff = among(&reading, diff, &paths)?;
        Ok(Self::new(context, store, reading, diff, scratch))
    }

    /// The tree alone, for a question about something in it.
    pub fn of_tree(app: &App) -> Result<Self> {
        let context = app.context()?;
        let store = store(&context)?;
        let reading = pipeline::read(&context, store.as_ref())?;
        Ok(Self::new(context, store, reading, Diff::default(), None))
    }

    fn new(
        context: Context,
        store: Option<Store>,
        reading: Reading,
        diff: Diff,
        scratch: Option<tempfile::TempDir>,
    ) -> Self {
        let (history, measured) = (OnceCell::new(), OnceCell::new());
        Self { context, store, reading, diff, history, measured, _scratch: scratch }
    }

    /// The history behind the head.
    pub fn history(&self) -> &History {
        self.history.get_or_init(|| pipeline::history(&self.context, self.store.as_ref(), &self.reading.head))
    }

    /// The files beside the change, measured once.
    pub fn measured(&self) -> &ChangeMeasure {
        self.measured.get_or_init(|| pipeline::measured_change(&self.reading, self.history(), &self.diff))
    }

    /// Paths of the files that changed.
    pub fn paths(&self) -> Vec<RelPath> {
        self.diff.files.iter().map(|file| file.path.clone()).collect()
    }
}

impl App {
    /// Whether a text that may be a path or a name is a file or folder here.
    pub fn is_project_path(&self, text: &str) -> bool {
        let below = |folder: &Path| std::fs::symlink_metadata(folder.join(text)).is_ok();
        !text.is_empty() && (self.folder().is_ok_and(|root| below(&root)) || below(&self.host().current))
    }
}

pub(super) fn staged(app: &App, context: Context) -> Result<(Context, Option<tempfile::TempDir>)> {
    let repository = index_of_hook(app, &context)?;
    let scratch = tempfile::tempdir().map_err(|error| {
        Error::new(format!("a temporary folder cannot be made: {}", io_errors::why(&error)))
    })?;
    let staged = Arc::new(pipeline::staged(&repository, &context.project, scratch.path())?);
    let context = Context { repository: Some(repository), ..context };
    Ok((of_index(app, context, &staged)?, Some(scratch)))
}

/// The commit that was named to compare with. It is asked for before the tree is read, so
/// that what nobody can answer is told at once.
fn base(context: &Context, request: &ChangeRequest) -> Result<Option<String>> {
    let is_named = request.diff.is_some() || (request.base.is_none() && !request.paths.is_empty());
    match (&context.repository, &request.base) {
        (None, _) if is_named => Ok(None),
        (None, _) => {
            let error = Error::new("this is not a git repository, so nobody can tell what changed");
            Err(error.with_hint("name the files"))
        }
        (Some(_), None) => Ok(None),
        (Some(repository), Some(base)) => {
            let commit = repository.commit(base)?.ok_or_else(|| no_commit(base))?;
            Ok(Some(repository.merge_base(&commit)?.unwrap_or(commit)))
        }
    }
}

/// The change against a commit, by default the head. Where there is none, files that are named
/// are asked about all the same.
fn compared(context: &Context, reading: &Reading, base: Option<String>) -> Result<Diff> {
    match base.or_else(|| reading.head.commit.clone()) {
        Some(commit) => Ok(diff_since(context, reading, &commit)?),
        None => Ok(Diff { is_applied: true, ..Diff::default() }),
    }
}

fn no_commit(name: &str) -> Error {
    let hint = "`git branch --all` and `git log` list what there is; a shallow clone lacks most of it";
    Error::new(format!("`{name}` is no branch, tag or commit")).with_hint(hint)
}

/// The files of a change that are named; a named file that did not change stands
/// for itself, and a folder in which none did for the files in it.
fn among(reading: &Reading, diff: Diff, paths: &[RelPath]) -> Result<Diff> {
    if paths.is_empty() {
        return Ok(diff);
    }
    let mut files: Vec<DiffFile> = Vec::new();
    for path in paths {
        let is_within = |other: &RelPath| other == path || other.is_below(path.as_str());
        let changed: Vec<&DiffFile> = diff.files.iter().filter(|file| is_within(&file.path)).collect();
        if !changed.is_empty() {
            files.extend(changed.into_iter().cloned());
            continue;
        }
        let walked = reading.tree.files.iter().map(|file| &file.facts.path).filter(|other| is_within(other));
        let named: Vec<RelPath> = walked.take(MOST_NAMED).cloned().collect();
        if named.is_empty() {
            let error = Error::new(format!("`{path}` is no file of the project"));
            return Err(error.about(path.as_str()));
        }
        files.extend(named_files(named));
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files.dedup_by(|a, b| a.path == b.path);
    Ok(Diff { files, ..diff })
}
