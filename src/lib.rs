//! waypost reads a working tree, ranks what matters for the current goal,
//! keeps snapshots and project memory, and keeps one handoff file true.
//!
//! It is a program first. As a library it has a [`Project`] and what can be asked of it:
//! take a snapshot, render the handoff, rank files for a goal, search, compile a prompt.
//! Requests and reports are plain data.
//!
//! ```
//! # let folder = tempfile::tempdir()?;
//! # std::fs::write(folder.path().join("cookies.rs"), "/// Signs a cookie.\npub fn sign(cookie: &str) {}\n")?;
//! # std::fs::write(folder.path().join("pages.rs"), "pub fn page() {}\n")?;
//! let project = waypost::Project::open(folder.path())?;
//! let ranking = project.rank(Some("sign cookies"), 10)?;
//! assert_eq!(ranking.files[0].path.as_str(), "cookies.rs");
//!
//! let taken = project.snapshot(Some("sign cookies"))?;
//! assert_eq!(taken.files, 2);
//! assert!(project.handoff()?.contains("pub fn sign(cookie: &str)"));
//! # Ok::<(), waypost::Error>(())
//! ```
//!
//! A report is what its command prints with `--json`, and [`schema`] describes it:
//!
//! ```
//! let schema = waypost::schema("rank")?;
//! assert!(schema.contains("https://json-schema.org/draft/2020-12/schema"));
//! # Ok::<(), waypost::Error>(())
//! ```
//!
//! `examples/` has three small programs. Everything else that is public here is for the
//! program, its tests and its benchmarks, is hidden from this page, and may change with
//! any release.
//!
//! The modules in the order in which data flows; `ARCHITECTURE.md` tells who
//! may import whom, and `tests/architecture.rs` holds it.

// Nouns and leaves: anyone may use them.
#[doc(hidden)]
pub mod exhaustion;
#[doc(hidden)]
pub mod fs;
#[doc(hidden)]
pub mod io_errors;
#[doc(hidden)]
pub mod limits;
#[doc(hidden)]
pub mod model;
#[doc(hidden)]
pub mod rank_terms;
#[doc(hidden)]
pub mod search_terms;
#[doc(hidden)]
pub mod steering;
#[doc(hidden)]
pub mod visible;

// Where things are and what the user wants.
#[doc(hidden)]
pub mod config;
#[doc(hidden)]
pub mod project;

// The stages, which do not know each other.
#[doc(hidden)]
pub mod git;
#[doc(hidden)]
pub mod walk;

#[doc(hidden)]
pub mod redact;

#[doc(hidden)]
pub mod extract;
#[doc(hidden)]
pub mod parsers;

#[doc(hidden)]
pub mod rank;

#[doc(hidden)]
pub mod meaning;

#[doc(hidden)]
pub mod compare;
#[doc(hidden)]
pub mod render;

// What is kept.
#[doc(hidden)]
pub mod memory;
#[doc(hidden)]
pub mod store;
#[doc(hidden)]
pub mod trust;

// Who works here, what they did and what they hold.
#[doc(hidden)]
pub mod sessions;

// What a command works on, and the one writer of records.
#[doc(hidden)]
pub mod context;
#[doc(hidden)]
pub mod records;

// What composes them.
#[doc(hidden)]
pub mod pipeline;

#[doc(hidden)]
pub mod backup;

#[doc(hidden)]
pub mod search;

#[doc(hidden)]
pub mod watch;

// The files of coding agents.
#[doc(hidden)]
pub mod setup;

// What it does for whoever asks, and the front ends that ask.
#[doc(hidden)]
pub mod app;

// The process that asks.
#[doc(hidden)]
pub mod surroundings;

#[doc(hidden)]
pub mod cli;
#[doc(hidden)]
pub mod library;
#[doc(hidden)]
pub mod mcp;

#[doc(inline)]
pub use library::*;
