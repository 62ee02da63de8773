//! What differs between the work tree, or the index, and a commit, as the change
//! that is asked about: redacted, and without what nobody may see.
//!
//! Not here: reading a diff (`git::diff`), and what follows from a change.

use super::sources::{is_safe, is_safe_path, open_root, text_of};
use super::{Context, PipelineError, Reading, Result};
use crate::git::diff::{RawDiff, RawHunk, parse};
use crate::model::{Diff, DiffFile, DiffHunk, DiffStatus, RelPath, SafeText};
use crate::project::FOLDER;
use crate::redact::Redactor;
use crate::walk;

/// Untracked files whose lines are read, and lines of one.
const UNTRACKED: usize = 100;
const MOST_LINES: usize = 5_000;

/// The change of the work tree against a commit; of the index where that is what
/// was read. Files that git does not track count as added.
pub fn diff_since(context: &Context, reading: &Reading, commit: &str) -> Result<Diff> {
    let Some(repository) = &context.repository else {
        return Err(PipelineError::NoRepository { root: context.project.root.display().to_string() });
    };
    let is_staged = context.project.staged.is_some();
    let mut files = safe_files(&context.redactor, repository.diff(commit, is_staged)?);
    if !is_staged {
        files.extend(untracked(context, reading)?);
    }
    files.retain(|file| is_shown(context, &file.path));
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Diff { files, is_applied: true })
}

/// The change that a text tells, which may or may not be made in the work tree.
pub fn diff_of_text(context: &Context, reading: &Reading, text: &str) -> Diff {
    let prefix = context.repository.as_ref().map(|repository| repository.prefix.clone()).unwrap_or_default();
    let below = |path: Option<RelPath>| {
        let path = path?;
        Some(path.as_str().strip_prefix(&prefix).and_then(RelPath::new).unwrap_or(path))
    };
    let raw =
        parse(text).into_iter().map(|file| RawDiff { old: below(file.old), new: below(file.new), ..file });
    let mut files = safe_files(&context.redactor, raw.collect());
    files.retain(|file| is_shown(context, &file.path));
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let is_applied = is_applied(context, reading, &files);
    Diff { files, is_applied }
}

/// Files that somebody asks about, without a change of them.
pub fn named_files(paths: Vec<RelPath>) -> Vec<DiffFile> {
    let named = |path| DiffFile {
        path,
        status: DiffStatus::Named,
        from: None,
        before: None,
        hunks: Vec::new(),
        secrets: Vec::new(),
    };
    paths.into_iter().map(named).collect()
}

fn is_shown(context: &Context, path: &RelPath) -> bool {
    !path.is_below(FOLDER) && is_safe_path(context, path)
}

/// Files of a diff, their lines redacted.
pub fn safe_files(redactor: &Redactor, files: Vec<RawDiff>) -> Vec<DiffFile> {
    let safe = |file: RawDiff| {
        let status = file.status();
        let is_rename = status == DiffStatus::Renamed;
        let from = file.old.clone().filter(|_| is_rename);
        let path = file.new.or(file.old).filter(|path| is_safe(redactor, path))?;
        let secrets = file.hunks.iter().flat_map(|hunk| secrets(redactor, hunk)).collect();
        let hunks = file.hunks.into_iter().map(|hunk| safe_hunk(redactor, hunk)).collect();
        Some(DiffFile { path, status, from, before: file.before, hunks, secrets })
    };
    files.into_iter().filter_map(safe).collect()
}

fn safe_hunk(redactor: &Redactor, hunk: RawHunk) -> DiffHunk {
    let lines = |lines: &[String]| redactor.text(&lines.join("\n")).lines().collect::<Vec<SafeText>>();
    let (removed, added) = (lines(&hunk.removed), lines(&hunk.added));
    DiffHunk { old_line: hunk.old_line, new_line: hunk.new_line, removed, added }
}

/// The added lines of a hunk that hold a secret; one that a line before it held,
/// as where it was merely moved, is no news.
fn secrets(redactor: &Redactor, hunk: &RawHunk) -> Vec<(u32, &'static str)> {
    let added = hunk.added.join("\n");
    let found = redactor.findings(&added).into_iter();
    let line = |at: u32| hunk.added.get(at as usize - 1);
    let is_new = |at: u32| line(at).is_some_and(|line| !hunk.removed.contains(line));
    found
        .filter(|found| is_new(found.line))
        .map(|found| (hunk.new_line + found.line - 1, found.kind))
        .collect()
}

fn untracked(context: &Context, reading: &Reading) -> Result<Vec<DiffFile>> {
    let Some(index) = reading.index() else { return Ok(Vec::new()) };
    let root = open_root(context)?;
    let new = reading.tree.files.iter().filter(|file| index.files.binary_search(&file.facts.path).is_err());
    let new = new.filter(|file| is_shown(context, &file.facts.path)).enumerate();
    let file = |(at, file): (usize, &crate::model::File)| {
        let walked = walk::WalkedFile { path: file.facts.path.clone(), stamp: file.facts.stamp };
        let read =
            walk::read(&root, &walked, context.settings.max_file_size()).ok().filter(|_| at < UNTRACKED);
        let text = read.and_then(|read| read.text).map(|text| walk::decode(&text)).unwrap_or_default();
        let added: Vec<String> = text.lines().take(MOST_LINES).map(str::to_string).collect();
        let hunk = RawHunk { old_line: 0, new_line: 1, removed: Vec::new(), added };
        let hunks = if hunk.added.is_empty() { Vec::new() } else { vec![hunk] };
        RawDiff { new: Some(walked.path), hunks, ..RawDiff::default() }
    };
    Ok(safe_files(&context.redactor, new.map(file).collect()))
}

/// Whether the added lines stand where the diff puts them.
fn is_applied(context: &Context, reading: &Reading, files: &[DiffFile]) -> bool {
    let Ok(root) = open_root(context) else { return false };
    let stands = |file: &DiffFile| {
        let text = text_of(context, &root, &reading.tree, &file.path)?;
        let lines: Vec<&str> = text.as_str().lines().collect();
        let hunk = file.hunks.iter().find(|hunk| !hunk.added.is_empty())?;
        let found = lines.get((hunk.new_line as usize).saturating_sub(1)..)?;
        let same =
            found.iter().zip(&hunk.added).all(|(found, added)| found.trim_end() == added.as_str().trim_end());
        Some(same && found.len() >= hunk.added.len())
    };
    files.iter().find_map(stands).unwrap_or(false)
}
