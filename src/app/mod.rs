//! The use cases: one function each, from a request to a report, both plain
//! data.
//!
//! A report is also the `--json` output of its command, so its keys and their
//! order are stable. Nothing here prints or knows a command line: the front
//! ends (`cli`) parse, call and show.

mod consolidate_ask;
mod doctor_check;
mod doctor_facts;
mod error;
mod fields;
mod hook_edits;
mod hook_facts;
mod host;
mod job_queue;
mod json;
mod open;
mod own_templates;
mod pressure;
mod resume_report;
mod session_desk;
mod sheet;
mod shell_history;
mod shown;
mod stream;
mod survival;
mod transcripts;
mod watch_log;

pub mod bench;
pub mod bench_companions;
pub mod budget;
pub mod change;
pub mod changes;
pub mod check_text;
pub mod checkpoint;
pub mod claims;
pub mod clean;
pub mod companions;
pub mod compare;
pub mod completions;
pub mod consolidate;
pub mod dedup;
pub mod doctor;
pub mod gc;
pub mod goal;
pub mod goals;
pub mod handoff;
pub mod history;
pub mod hook;
pub mod hook_session;
pub mod impact;
pub mod ingest;
pub mod init;
pub mod jobs;
pub mod known_lessons;
pub mod languages;
pub mod lessons;
pub mod log_entry;
pub mod man;
pub mod merge;
pub mod note;
pub mod outline;
pub mod path_filter;
pub mod pin;
pub mod prompt;
pub mod rank;
pub mod receipts;
pub mod record;
pub mod records;
pub mod remove;
pub mod report;
pub mod resume;
pub mod review;
pub mod run;
pub mod schema;
pub mod search;
pub mod search_eval;
pub mod session_detail;
pub mod session_report;
pub mod session_start;
pub mod sessions;
pub mod settings;
pub mod setup;
pub mod signals;
pub mod sitrep;
pub mod snapshot;
pub mod snapshots;
pub mod status;
#[cfg(feature = "team")]
pub mod team;
pub mod templates;
pub mod test_plan;
pub mod transfer;
pub mod trust;
pub mod uninstall;
pub mod vectors;
pub mod verify;
pub mod watch;
pub mod why;

pub use error::{Error, Result};
pub use fields::{Fields, Lists};
pub use host::{Host, Listener, UserFolders};
pub use open::App;
pub use shown::{message, refuse_secrets};
pub use stream::{Input, Output};
pub use survival::Survival;

pub use budget::warm_up;

/// Types that occur in requests and reports.
pub use crate::memory::{RecordKind, RecordOrigin, RecordStatus};
pub use crate::model::Skipped;
/// Types that a [`Host`] is made of.
pub use crate::pipeline::{Progress, Time};
pub use crate::sessions::state::SessionState;
