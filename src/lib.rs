//! waypost reads a working tree, ranks what matters for the current goal,
//! keeps snapshots and project memory, and keeps one handoff file true.
//!
//! The modules in the order in which data flows; `ARCHITECTURE.md` tells who
//! may import whom, and `tests/architecture.rs` holds it.

// Nouns and leaves: anyone may use them.
pub mod exhaustion;
pub mod fs;
pub mod io_errors;
pub mod limits;
pub mod model;
pub mod rank_terms;
pub mod search_terms;
pub mod steering;
pub mod visible;

// Where things are and what the user wants.
pub mod config;
pub mod project;

// The stages, which do not know each other.
pub mod git;
pub mod walk;

pub mod redact;

pub mod extract;
pub mod parsers;

pub mod rank;

pub mod meaning;

pub mod compare;
pub mod render;

// What is kept.
pub mod memory;
pub mod store;
pub mod trust;

// Who works here, what they did and what they hold.
pub mod sessions;

// What a command works on, and the one writer of records.
pub mod context;
pub mod records;

// What composes them.
pub mod pipeline;

pub mod backup;

pub mod search;

pub mod watch;

// The files of coding agents.
pub mod setup;

// What it does for whoever asks, and the front ends that ask.
pub mod app;
pub mod cli;
pub mod mcp;
