//! The rules of sessions: when one counts as stale or abandoned, which process
//! it ends with, and which spellings mean one resource.
//!
//! Not here: where sessions, claims and the log are kept (`store`), and what
//! commands do with them (`app`).

pub mod owner;
pub mod resource;
pub mod state;
