//! Who listens to a call of the command line: warnings and progress for the user.

use std::sync::Arc;

use super::Out;
use super::progress::Bar;
use crate::app::{Host, Listener, Progress, Result};
use crate::surroundings;

/// This process, which reports warnings and progress through `out`.
pub fn host(out: &Out) -> Result<Host> {
    surroundings::of_process(Arc::new(TerminalHost { out: out.clone(), bar: Bar::new(out) }))
}

/// Shows warnings, and a progress bar on a terminal.
struct TerminalHost {
    out: Out,
    bar: Bar,
}

impl Listener for TerminalHost {
    fn warning(&self, text: &str) {
        self.out.warning(text);
    }
}

impl Progress for TerminalHost {
    fn begin(&self, what: &'static str, total: usize) {
        self.bar.begin(what, total);
    }

    fn step(&self) {
        self.bar.step();
    }

    fn end(&self) {
        self.bar.end();
    }
}

/// Shows warnings but no progress, for commands that already have a status
/// line.
pub struct WithoutProgress(pub Out);

impl Listener for WithoutProgress {
    fn warning(&self, text: &str) {
        self.0.warning(text);
    }
}

impl Progress for WithoutProgress {
    fn begin(&self, _: &'static str, _: usize) {}
    fn step(&self) {}
    fn end(&self) {}
}

/// Says nothing, for a command whose standard error is another program's.
pub struct Silent;

impl Listener for Silent {
    fn warning(&self, _: &str) {}
}

impl Progress for Silent {
    fn begin(&self, _: &'static str, _: usize) {}
    fn step(&self) {}
    fn end(&self) {}
}
