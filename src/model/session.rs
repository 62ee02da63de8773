//! What sessions are made of: who works, what happened, who holds what.
//!
//! Not here: when a session counts as stale or abandoned (`sessions`), and how
//! any of it is stored.

use serde::Serialize;

use super::SafeText;

/// Who a session is, as it said when it began.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionIdentity {
    /// The client's own name for the conversation.
    pub conversation: Option<SafeText>,
    pub agent: SafeText,
    /// What sort of work or worker it is, in its own word.
    pub kind: SafeText,
    pub title: SafeText,
    /// A JSON object of texts.
    pub meta: SafeText,
    pub worktree: SafeText,
    /// Empty for a detached head, or without git.
    pub branch: SafeText,
    /// The process that the session ends with, if that is known.
    pub owner: Option<String>,
    /// The commit that is checked out; only the log keeps it.
    pub head: Option<String>,
}

/// One stretch of work by one agent or person. Times are milliseconds since
/// 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Row of the database.
    pub seq: i64,
    pub id: String,
    pub identity: SessionIdentity,
    pub started_ms: i64,
    /// Its last sign of life.
    pub beat_ms: i64,
    pub ended_ms: Option<i64>,
    /// What it said last that it does.
    pub doing: SafeText,
    pub summary: SafeText,
    /// When the last of its claims runs out.
    pub leased_until_ms: Option<i64>,
}

/// Gives the kinds of events their names, which are stored: never change one.
macro_rules! event_kinds {
    ($($variant:ident = $name:literal),* $(,)?) => {
        /// What an entry of the log is about.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        pub enum EventKind {
            $(#[serde(rename = $name)] $variant),*
        }

        impl EventKind {
            /// Every kind with its name.
            pub const ALL: &[(EventKind, &'static str)] = &[$((EventKind::$variant, $name)),*];
        }
    };
}

event_kinds! {
    SessionStart = "session_start",
    SessionEnd = "session_end",
    Heartbeat = "heartbeat",
    Prompt = "prompt",
    ToolCall = "tool_call",
    CommandStart = "command_start",
    Command = "command",
    Error = "error",
    Decision = "decision",
    Question = "question",
    Checkpoint = "checkpoint",
    Record = "record",
    FileChange = "file_change",
    Milestone = "milestone",
    Note = "note",
    Claim = "claim",
    Release = "release",
}

impl EventKind {
    /// The name that it has in the database, in flags and in reports.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    /// The kind of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }
}

/// An entry on its way into the log.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// Row of its session.
    pub session: Option<i64>,
    pub kind: EventKind,
    pub text: SafeText,
    /// The file that it is about.
    pub path: Option<SafeText>,
    /// How a command ended.
    pub code: Option<i64>,
    /// A JSON object.
    pub data: Option<SafeText>,
}

impl NewEvent {
    /// An event that says no more than this.
    pub fn new(session: Option<i64>, kind: EventKind, text: SafeText) -> Self {
        Self { session, kind, text, path: None, code: None, data: None }
    }
}

/// An entry of the append-only log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub seq: i64,
    pub at_ms: i64,
    /// Id of its session.
    pub session: Option<String>,
    pub kind: EventKind,
    pub text: SafeText,
    pub path: Option<SafeText>,
    pub code: Option<i64>,
    pub data: Option<SafeText>,
}

/// A resource that can be held: a path of the project, or a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Equal for all spellings: `/src/a.rs`, `name:deploy`, empty for the whole
    /// project.
    pub key: String,
    /// As it is told to people.
    pub shown: SafeText,
}

/// A claim that a session makes.
#[derive(Clone, Debug)]
pub struct NewClaim {
    pub resource: Resource,
    /// Row of the session.
    pub session: i64,
    pub shared: bool,
    pub note: SafeText,
    pub ttl_ms: i64,
}

/// A lease on a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub resource: Resource,
    pub session: Session,
    pub shared: bool,
    pub note: SafeText,
    pub taken_ms: i64,
    pub expires_ms: i64,
    /// Whether the team's server holds it too; `None` where nobody asked it.
    pub confirmed: Option<bool>,
}
