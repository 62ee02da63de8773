//! What became of a session's edits: which still stand, which were taken back or
//! changed again, and by whom. Told by the lines that hooks noted, the tree as it
//! is and git's history since.

use std::collections::{BTreeMap, HashMap};

use schemars::JsonSchema;
use serde::Serialize;

use super::sessions::SessionDesk;
use crate::fs::confined;
use crate::git::{Objects, RawCommit};
use crate::model::{Event, EventKind, RelPath, SafeText, Session};
use crate::sessions::survival::{Fate, NetLines, counts};
use crate::store::LogFilter;
use crate::walk;

/// What became of the edits of one file.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Survival {
    pub path: SafeText,
    /// `stands`, `reverted` or `superseded`.
    pub state: &'static str,
    /// How many lines the edits brought or took, and how many of a hundred still
    /// stand.
    pub lines: usize,
    pub percent: u8,
    /// Who took the rest.
    pub by: Option<By>,
}

/// Who changed an edit again: a commit, or a session whose change is not
/// committed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct By {
    pub commit: Option<String>,
    pub author: Option<SafeText>,
    pub subject: Option<SafeText>,
    pub session: Option<String>,
}

/// Files that are looked at, and commits of each.
const MOST_FILES: usize = 30;
const MOST_COMMITS: usize = 200;

/// Entries of the log of others that may tell who edited a file after.
const MOST_EVENTS: usize = 2_000;

/// What became of the edits of a session, by path; nothing where no hook noted
/// lines.
pub(super) fn of(desk: &SessionDesk, session: &Session, events: &[Event]) -> Vec<Survival> {
    let edits = edits(events);
    let Some(repository) = &desk.context.repository else { return Vec::new() };
    let base = events.iter().find_map(super::resume::head_of);
    let look = Look { desk, session, objects: repository.objects(), base };
    let edits = edits.iter().filter(|(_, net)| !net.is_empty()).take(MOST_FILES);
    edits.filter_map(|(path, net)| look.survival(path, net)).collect()
}

/// All that a session changed in each file.
fn edits(events: &[Event]) -> BTreeMap<SafeText, NetLines> {
    let mut edits: BTreeMap<SafeText, NetLines> = BTreeMap::new();
    for event in events.iter().filter(|event| event.kind == EventKind::FileChange) {
        let data: serde_json::Value =
            event.data.as_ref().and_then(|data| serde_json::from_str(data.as_str()).ok()).unwrap_or_default();
        if let (Some(path), Some(lines)) = (&event.path, data["lines"].as_str()) {
            edits.entry(path.clone()).or_default().then(&NetLines::from_stored(lines));
        }
    }
    edits
}

struct Look<'a> {
    desk: &'a SessionDesk,
    session: &'a Session,
    objects: Objects,
    /// The commit that was checked out when the session began.
    base: Option<String>,
}

impl Look<'_> {
    fn survival(&self, shown: &SafeText, net: &NetLines) -> Option<Survival> {
        let path = RelPath::new(shown.as_str())?;
        let before = self.base.as_ref().and_then(|base| self.lines_at(base, &path)).unwrap_or_default();
        let share = net.share(&before, &self.lines_now(&path));
        let fate = Fate::of(share);
        let by = if share < 1.0 { self.by(&path, net, &before, share) } else { None };
        Some(Survival {
            path: shown.clone(),
            state: fate.name(),
            lines: net.lines(),
            percent: (share * 100.0).round() as u8,
            by,
        })
    }

    fn lines_now(&self, path: &RelPath) -> HashMap<u64, i64> {
        let file = self.desk.context.project.root.join(path.as_str());
        let bytes = confined::read(&file, self.desk.context.settings.max_file_size());
        bytes.map(|bytes| counts(&walk::decode(&bytes))).unwrap_or_default()
    }

    fn lines_at(&self, commit: &str, path: &RelPath) -> Option<HashMap<u64, i64>> {
        let bytes = self.objects.content_at(commit, path).ok()??;
        Some(counts(&walk::decode(&bytes)))
    }

    /// The newest commit after which no more of it stood than now and less than before;
    /// where that is none, or it is not committed, who edited the file last.
    fn by(&self, path: &RelPath, net: &NetLines, before: &HashMap<u64, i64>, share: f64) -> Option<By> {
        let at_head = self.lines_at("HEAD", path).unwrap_or_default();
        if net.share(before, &at_head) > share + 0.001 {
            // What took it is not committed.
            return self.later_session(path);
        }
        let commits = self.objects.log_of(path, MOST_COMMITS).ok().unwrap_or_default();
        let stands =
            |commit: &str| self.lines_at(commit, path).map_or(0.0, |lines| net.share(before, &lines));
        // Against its own parent: what came by another branch never had the edit.
        let took = |commit: &&RawCommit| {
            let parent = commit.parents.first().map_or(0.0, |parent| stands(parent));
            let own = stands(&commit.id);
            own < parent - 0.001 && own <= share + 0.001
        };
        let is_since = |commit: &&RawCommit| Some(&commit.id) != self.base.as_ref();
        let last = commits.iter().take_while(is_since).find(took);
        last.map(|commit| self.commit(commit)).or_else(|| self.later_session(path))
    }

    fn commit(&self, commit: &RawCommit) -> By {
        let redactor = &self.desk.context.redactor;
        By {
            commit: Some(commit.id.clone()),
            author: Some(redactor.line(&commit.author)),
            subject: Some(redactor.line(&commit.subject)),
            session: None,
        }
    }

    fn later_session(&self, path: &RelPath) -> Option<By> {
        let kinds = vec![EventKind::FileChange];
        let filter = LogFilter { kinds, limit: Some(MOST_EVENTS), ..LogFilter::default() };
        let events = self.desk.store.logged(&filter).ok()?;
        let is_of_path = |event: &&Event| event.path.as_ref().is_some_and(|it| it.as_str() == path.as_str());
        let last = events.iter().rev().filter(is_of_path).find_map(|event| event.session.clone());
        let session = last.filter(|id| *id != self.session.id);
        session.map(|id| By { commit: None, author: None, subject: None, session: Some(id) })
    }
}
