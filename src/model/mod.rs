//! The nouns that cross a border between stages: paths, text, files, outlines,
//! ranks. Plain data with its invariants, and nothing that reads or writes.
//!
//! Not here: how a value comes to be (each stage builds its own), and how it
//! is stored or shown.

mod client;
mod diff;
mod file;
mod history;
mod job;
mod outline;
mod path;
mod project;
mod ranking;
mod receipt;
mod session;
mod skipped;
mod snapshot;
mod text;
pub mod time;
mod tree;
mod trigger;

pub use client::ClientId;
pub use diff::{Diff, DiffFile, DiffHunk, DiffStatus};
pub use file::{Class, ContentHash, FileFacts, Stamp};
pub use history::{Commit, History};
pub use job::{Breaker, Job, JobKind, JobState, NewJob};
pub use outline::{Content, Import, Outline, Symbol, SymbolKind, Unparsed, Words};
pub use path::{RelPath, join_path, resolve_path};
pub use project::{Command, EntryPoint, Folder, GeneratedFile, Part, PartKind, ProjectFacts, Purpose, Tool};
pub use ranking::{Ranked, Reason, ReasonKind};
pub use receipt::{NewReceipt, OutputStatus, Receipt, StoredOutput};
pub use session::{Claim, Event, EventKind, NewClaim, NewEvent, Resource, Session, SessionIdentity};
pub use skipped::{SkipReason, Skipped};
pub use snapshot::{Snapshot, SnapshotId};
pub use text::SafeText;
pub use tree::{Fetch, File, Tree};
pub use trigger::Trigger;
