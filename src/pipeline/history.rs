//! The history behind the head: from the store if it has it, from git otherwise,
//! and fit to be shown.
//!
//! Not here: what history says about files (`rank`).

use super::Context;
use super::sources::is_safe;
use crate::model::{Commit, History};
use crate::redact::Redactor;
use crate::store::Store;
use crate::{git, limits};

/// The history behind a head, from the store if it has it and from git
/// otherwise.
pub fn history(context: &Context, store: Option<&Store>, head: &git::Head) -> History {
    let (Some(repository), Some(commit)) = (&context.repository, &head.commit) else {
        return History::default();
    };
    let known = store.and_then(|store| store.history(commit).ok().flatten());
    known.unwrap_or_else(|| told_history(context, repository, commit).unwrap_or_default())
}

fn told_history(
    context: &Context,
    repository: &git::Repository,
    commit: &str,
) -> std::result::Result<History, git::Unavailable> {
    let commits = repository.history(commit, limits::MAX_COMMITS)?.into_iter();
    let commits = commits.map(|raw| safe_commit(&context.redactor, raw));
    Ok(History { commits: commits.collect(), shallow: repository.shallow })
}

/// The history behind the head: read from git where the store does not know it,
/// and otherwise only as far as somebody asks.
pub(super) struct HistorySource {
    pub head: git::Head,
    unknown: Option<History>,
    /// Why git could not report the history, if it could not.
    pub warning: Option<String>,
}

impl HistorySource {
    /// Asks git for the history only where the store does not have that of `head`.
    pub fn of(context: &Context, store: &Store, head: &git::Head) -> Self {
        let known = Self { head: head.clone(), unknown: None, warning: None };
        let Some(repository) = &context.repository else { return known };
        let Some(commit) = &head.commit else { return Self { warning: head.problem.clone(), ..known } };
        if store.knows_history(commit) {
            return known;
        }
        // What git did not tell is not kept as if there were none.
        match told_history(context, repository, commit) {
            Ok(history) => Self { unknown: Some(history), ..known },
            Err(unavailable) => {
                let head = git::Head { commit: None, ..head.clone() };
                Self { head, warning: Some(unavailable.warning), ..known }
            }
        }
    }

    /// Head and history that the store does not have yet.
    pub fn unknown(&self) -> Option<(&str, &History)> {
        Some((self.head.commit.as_deref()?, self.unknown.as_ref()?))
    }

    /// The whole history, from git if it was just read and from the store otherwise.
    pub fn all(&self, context: &Context, store: &Store) -> History {
        self.unknown.clone().unwrap_or_else(|| history(context, Some(store), &self.head))
    }

    /// Only the newest commits, which are enough for the live part.
    pub fn newest(&self, context: &Context, store: &Store) -> History {
        let known = self.head.commit.as_deref().filter(|_| self.unknown.is_none());
        let newest = known.and_then(|head| store.newest_commits(head, SHOWN_COMMITS));
        let newest = newest.map(|commits| History { commits, ..History::default() });
        newest.unwrap_or_else(|| self.all(context, store))
    }
}

pub(super) fn safe_commit(redactor: &Redactor, raw: git::RawCommit) -> Commit {
    Commit {
        subject: redactor.line(&raw.subject),
        body: redactor.text(&raw.body),
        paths: raw.paths.into_iter().filter(|path| is_safe(redactor, path)).collect(),
    }
}

/// Commits in the live part.
pub(super) const SHOWN_COMMITS: usize = 5;
