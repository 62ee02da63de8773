//! Work that can be tried again, in the queue.
//!
//! Not here: when it is tried again (`sessions`), and what doing it means
//! (`app`).

use super::SafeText;

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobKind {
    /// Take over records from a file.
    Import,
    /// Give what a session did to the user's own program.
    Consolidate,
    /// Tell a team's server what happened while it was away.
    #[cfg(feature = "team")]
    Deliver,
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    Waiting,
    Running,
    Done,
    /// It failed as often as it may.
    Dead,
}

/// A job before it has an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewJob {
    /// The same work has the same key, and is queued once.
    pub key: String,
    pub kind: JobKind,
    /// What it needs, such as a program: failures are counted by it.
    pub target: SafeText,
    /// A JSON object.
    pub payload: SafeText,
}

/// A job of the queue. Times are milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    pub id: String,
    pub work: NewJob,
    pub state: JobState,
    pub attempts: u32,
    pub created_ms: i64,
    pub due_ms: i64,
    /// What went wrong in the last attempt.
    pub error: Option<SafeText>,
}

/// A target that failed, and until when it is left alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breaker {
    pub target: SafeText,
    pub failures: u32,
    pub until_ms: i64,
}

impl JobKind {
    /// Every kind with its name, which is stored: never change one.
    pub const ALL: &[(JobKind, &'static str)] = &[
        (JobKind::Import, "import"),
        (JobKind::Consolidate, "consolidate"),
        #[cfg(feature = "team")]
        (JobKind::Deliver, "deliver"),
    ];

    /// The name in the database and in reports.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }
}

impl JobState {
    /// Every state with its name, which is stored: never change one.
    pub const ALL: &[(JobState, &'static str)] = &[
        (JobState::Waiting, "waiting"),
        (JobState::Running, "running"),
        (JobState::Done, "done"),
        (JobState::Dead, "dead"),
    ];

    /// The name in the database and in reports.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(state, _)| *state == self).map_or("", |(_, name)| name)
    }
}
