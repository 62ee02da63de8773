//! The program as its users meet it: the binary, run in throw-away projects.
//! One binary for all, because each one costs a link.
//!
//! Not here: who may import whom (`tests/architecture.rs`), and trials on real
//! trees, which take minutes (`tests/trials`).

#![allow(clippy::unwrap_used, reason = "what a test unwraps fails it, which is its purpose")]

mod advice;
mod bench;
mod bombs;
mod border;
mod change;
mod cli;
mod clone;
mod config;
mod contract;
mod conversations;
mod crash;
mod doctor;
mod git_hooks;
mod goals;
mod handoff;
mod hints;
mod hook;
mod hostile;
mod ignored;
mod imports;
mod incremental;
mod lessons;
mod markdown;
mod mcp;
mod memory;
mod merge;
mod mutated;
mod outline;
mod pins;
mod project;
mod prompt;
mod queue;
mod rank;
mod report;
mod restore;
mod runs;
mod schemas;
mod search;
mod secrets;
mod sessions;
mod setup;
mod shells;
mod snapshot;
mod snapshots;
mod spellings;
mod templates;
mod tour;
mod transfer;
mod trust;
mod vectors;
mod watch;
mod watch_beside;
mod watch_oracle;
mod worktree;
mod writers;
