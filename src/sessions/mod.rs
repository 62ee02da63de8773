//! The rules of sessions: when one counts as stale or abandoned, which process
//! it ends with, which spellings mean one resource, how a command is run for it,
//! what is shown of a long output, and what its log teaches.
//!
//! Not here: where sessions, claims and the log are kept (`store`), and what
//! commands do with them (`app`).

pub mod asked;
pub mod child;
pub mod digest;
pub mod fingerprint;
pub mod lines;
pub mod matching;
pub mod mining;
pub mod owner;
pub mod resource;
pub mod retry;
pub mod signals;
pub mod state;
pub mod survival;
pub mod work;
