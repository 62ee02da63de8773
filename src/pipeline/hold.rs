//! When a watch leaves committed files alone although they are stale: writing
//! them unasked would get in git's way.
//!
//! Not here: what the user asks for with a command, which is written at once.

use super::Context;
use crate::git::{Head, Repository};
use crate::model::{RelPath, Stamp};
use crate::project::FOLDER;

/// Why nothing is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WriteHold {
    /// git goes from one commit to the next, and stops at a changed file.
    Operation(&'static str),
    /// The files are in no commit here, but in that of this ref: as untracked
    /// ones they would block the way there.
    Elsewhere(String),
    /// git is changing the work tree, or has done so since it was read.
    AtWork,
}

impl WriteHold {
    /// The reason in words; `None` for one that passes by itself within
    /// moments.
    pub fn words(&self) -> Option<String> {
        match self {
            Self::Operation(name) => Some(format!(
                "a {name} is in progress, which a changed file would stop: the handoff is written when it is over\n\
                 hint: `waypost snapshot` writes it now"
            )),
            Self::Elsewhere(name) => Some(format!(
                "the handoff is committed in `{name}` and not here, where an untracked one would block the way \
                 there: it is not written\nhint: `waypost snapshot` writes it"
            )),
            Self::AtWork => None,
        }
    }
}

/// Operations that go over several commits.
const SEQUENCES: [&str; 4] = ["rebase", "cherry-pick", "revert", "bisect"];

/// Seconds after which a lock on the index counts as left behind. A checkout of
/// a large tree holds it for minutes.
const ABANDONED: i64 = 600;

/// What was last learnt about other branches, and where the head was then.
#[derive(Default)]
pub struct BranchCache(Option<(Head, Option<String>)>);

/// The operation that a changed file would stop.
pub fn operation(context: &Context) -> Option<WriteHold> {
    let operation = context.repository.as_ref()?.operation()?;
    SEQUENCES.contains(&operation).then_some(WriteHold::Operation(operation))
}

/// Whether the handoff of a tree may not be written now, whose index had the
/// stamp `index` before it was read. If git has moved the work tree since, the
/// handoff would be that of another commit, and be in the way of what comes next
/// in a script, such as `git stash pop`.
pub fn of_handoff(context: &Context, index: Option<Stamp>, known: &mut BranchCache) -> Option<WriteHold> {
    let is_moving =
        |repository: &Repository| is_at_work(context, repository) || repository.index_stamp() != index;
    operation(context)
        .or_else(|| context.repository.as_ref().filter(|found| is_moving(found)).map(|_| WriteHold::AtWork))
        .or_else(|| of_missing(context, &["handoff.md", "handoff.json"], known))
}

/// Whether those of our files that are not there may not be created.
pub fn of_missing(context: &Context, names: &[&str], known: &mut BranchCache) -> Option<WriteHold> {
    let repository = context.repository.as_ref()?;
    let is_missing = |name: &&str| std::fs::symlink_metadata(context.project.folder().join(name)).is_err();
    let missing = names.iter().copied().filter(is_missing);
    let missing: Vec<RelPath> =
        missing.filter_map(|name| RelPath::new(&format!("{FOLDER}/{name}"))).collect();
    if missing.is_empty() {
        return None;
    }
    if is_at_work(context, repository) {
        return Some(WriteHold::AtWork);
    }
    // Those that were deleted by hand are still in the index.
    let index = repository.tracked().ok()?;
    let untracked: Vec<RelPath> =
        missing.into_iter().filter(|path| index.files.binary_search(path).is_err()).collect();
    if untracked.is_empty() {
        return None;
    }
    let head = repository.head();
    match &known.0 {
        Some((at, found)) if *at == head => found.clone(),
        _ => {
            let found = untracked.iter().find_map(|path| repository.ref_with(path));
            known.0.insert((head, found)).1.clone()
        }
    }
    .map(WriteHold::Elsewhere)
}

fn is_at_work(context: &Context, repository: &Repository) -> bool {
    let now = (context.clock)().ns;
    repository.index_lock().is_some_and(|lock| (now - lock.mtime_ns) / 1_000_000_000 < ABANDONED)
}
