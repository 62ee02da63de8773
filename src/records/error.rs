//! Why an operation on records failed.

use crate::fs::atomic::WriteError;
use crate::memory::{self, RecordEventKind};
use crate::store::StoreError;
use crate::{io_errors, limits};

/// Why an operation on records failed; it changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    #[error(
        "records are not written here: the setting `memory` is `{0}`\nhint: `waypost config get memory` says where that is set"
    )]
    MayNotWrite(String),
    #[error(
        "records are switched off here: the setting `memory` is `off`\nhint: `waypost config get memory` says where that is set"
    )]
    Off,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Write(#[from] WriteError),
    #[error(transparent)]
    Read(#[from] memory::ReadError),
    #[error("there is no record `{0}`\nhint: `waypost notes` lists them")]
    Unknown(String),
    #[error("the record `{0}` was forgotten\nhint: `waypost rollback {0} {1}` brings it back")]
    Forgotten(String, u32),
    #[error("the record `{0}` was erased\nhint: `waypost erase --lift {0}` lets an import bring it back")]
    Erased(String),
    #[error("`{old}` cannot be superseded by `{new}`: {why}")]
    Circle { old: String, new: String, why: &'static str },
    #[error(
        "memory file `{file}` would be overwritten, which cannot be read: {reason}\nhint: mend the file, or move it away and roll the record back"
    )]
    Broken { file: String, reason: String },
    #[error("no record with the id `{0}` was erased\nhint: `waypost erase --marks` lists those that were")]
    NoMark(String),
    #[error("`{0}` may be each of {1}")]
    Ambiguous(String, String),
    #[error("the record `{id}` has no revision {revision}\nhint: `waypost history {id}` lists them")]
    NoRevision { id: String, revision: u32 },
    #[error("the text of revision {revision} of `{id}` is not kept: it was {}", what.name())]
    NoText { id: String, revision: u32, what: RecordEventKind },
    #[error("the {what} has {found} {unit}, more than {max}: nothing was stored")]
    TooLong { what: &'static str, found: usize, max: usize, unit: &'static str },
    #[error("the goal has {0} characters, more than {max}", max = limits::MAX_GOAL)]
    LongGoal(usize),
    #[error("the record `{0}` is no goal\nhint: `waypost goal list --all` lists them")]
    NoGoal(String),
    #[error("the goal `{id}` is {state}\nhint: `waypost goal set {id}` opens it again")]
    ClosedGoal { id: String, state: &'static str },
    #[error("the {0} is empty")]
    Empty(&'static str),
    #[error(
        "the record is at revision {found}, not {expected}: somebody changed it since\nhint: look at it with `waypost {look}` and write again"
    )]
    Lost { expected: u32, found: u32, look: String },
    #[error("the record cannot be read back from its file: {0}")]
    NotReadable(String),
    #[error("nothing was imported: {0}")]
    Import(String),
    #[error(
        "`{path}`, the journal of an import that was cut off, cannot be read: {reason}\nhint: delete that file, and import once more: nothing of it was taken over"
    )]
    Journal { path: String, reason: String },
    #[error("cannot {what}: {}", io_errors::why(source))]
    Transfer { what: String, source: std::io::Error },
    #[error("cannot remove `{path}`: {}", io_errors::why(source))]
    Remove { path: String, source: std::io::Error },
}

/// What every operation on records returns.
pub type Result<T> = std::result::Result<T, RecordError>;
