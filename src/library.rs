//! The small interface for programs that use waypost as a library: a [`Project`], and
//! what can be asked of it. Requests and reports are plain data; a report serialises to
//! what its command prints with `--json`.
//!
//! Not here: what it does (`app`), and everything that only a command line needs.

use std::path::PathBuf;
use std::sync::Arc;

use crate::app;
#[doc(inline)]
pub use crate::app::prompt::{PromptMode, Report as Prompt};
#[doc(inline)]
pub use crate::app::rank::{FileRanking, RankedFile};
#[doc(inline)]
pub use crate::app::search::{HitReport, Report as Hits, SearchScope};
#[doc(inline)]
pub use crate::app::snapshot::Report as Snapshot;
#[doc(inline)]
pub use crate::app::{Error, Listener, Progress, Result};
use crate::surroundings;

/// One project on disk. Nothing is cached between calls but what a snapshot stored.
///
/// Everything that is returned went through redaction: secrets are placeholders. The
/// user's own settings count as they do for the program, and those of a repository only
/// narrow unless the user trusts it. No call opens a network connection.
#[derive(Clone)]
pub struct Project {
    app: app::App,
}

impl Project {
    /// The project that this folder belongs to: the nearest parent with `.waypost/` up to
    /// the root of the repository, else that root, else the folder itself. Nothing is
    /// read yet, and warnings go nowhere until [`Project::heard_by`].
    ///
    /// Files are parsed in this process, since only the program itself can be started
    /// as a parser's process. A parser that runs away cannot be stopped there: read only
    /// trees that you trust not to try.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self> {
        let mut host = surroundings::of_process(Arc::new(Silent))?;
        host.current.push(folder.into());
        Ok(Self { app: app::App::new(host, None).in_this_process() })
    }

    /// The same project with a listener for warnings and progress.
    pub fn heard_by(&self, listener: Arc<dyn Listener>) -> Self {
        Self { app: self.app.heard_by(listener) }
    }

    /// The project's root.
    pub fn root(&self) -> Result<PathBuf> {
        self.app.folder()
    }

    /// Reads the tree, records a snapshot and writes the handoff. A goal is kept until
    /// another one is given; `""` ends it.
    pub fn snapshot(&self, goal: Option<&str>) -> Result<Snapshot> {
        let request = app::snapshot::Request { goal: goal.map(str::to_string), ..Default::default() };
        app::snapshot::snapshot(&self.app, &request)
    }

    /// The handoff of the tree as it is, in Markdown. Nothing is written.
    pub fn handoff(&self) -> Result<String> {
        app::handoff::text(&self.app, &app::handoff::Request::default(), false)
    }

    /// The same as JSON, whose schema is [`schema`]`("handoff")`.
    pub fn handoff_json(&self) -> Result<String> {
        app::handoff::text(&self.app, &app::handoff::Request::default(), true)
    }

    /// The files for a goal, best first; `None` is the recorded goal.
    pub fn rank(&self, goal: Option<&str>, limit: usize) -> Result<FileRanking> {
        let request = app::rank::Request { goal: goal.map(str::to_string), limit, ..Default::default() };
        app::rank::files(&self.app, &request)
    }

    /// Places that answer a question in records, symbols and contents, best first.
    /// Needs a snapshot.
    pub fn search(&self, query: &str, limit: usize) -> Result<Hits> {
        let sources = vec![SearchScope::Records, SearchScope::Code, SearchScope::Files];
        let request = app::search::Request {
            query: query.to_string(),
            sources,
            limit,
            whole_files: false,
            filter: app::path_filter::PathFilter::default(),
        };
        app::search::search(&self.app, &request)
    }

    /// Handoff and live part for one reader, within a budget of tokens; `None` is the
    /// recorded goal.
    pub fn prompt(&self, goal: Option<&str>, reader: PromptMode, budget: u64) -> Result<Prompt> {
        let request = app::prompt::Request {
            mode: reader,
            token_budget: Some(budget),
            snapshot: None,
            goal: goal.map(str::to_string),
            with_goal: false,
        };
        app::prompt::prompt(&self.app, &request)
    }
}

/// JSON Schema of what a command prints with `--json`, by its name, such as `status` or
/// `goal add`; of `handoff.json` by `handoff`.
pub fn schema(name: &str) -> Result<String> {
    Ok(app::schema::schema(name)?.to_string())
}

/// Hears nothing.
struct Silent;

impl Listener for Silent {
    fn warning(&self, _: &str) {}
}

impl Progress for Silent {
    fn begin(&self, _: &'static str, _: usize) {}
    fn step(&self) {}
    fn end(&self) {}
}
