//! waypost reads a working tree, ranks what matters for the current goal,
//! keeps snapshots and project memory, and keeps one handoff file true.
//!
//! The modules in the order in which data flows; `ARCHITECTURE.md` tells who
//! may import whom, and `tests/architecture.rs` holds it.

pub mod extract;
pub mod git;
pub mod limits;
pub mod model;
pub mod rank;
pub mod redact;
pub mod terms;
pub mod walk;
