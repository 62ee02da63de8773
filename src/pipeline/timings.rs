//! Where the time of a run went, stage by stage.
//!
//! Not here: times that decide anything (the context's clock).

use std::time::{Duration, Instant};

/// Stages in their order, with what each took.
pub struct Timings {
    since: Instant,
    stages: Vec<(&'static str, Duration)>,
}

impl Timings {
    /// Starts the clock of the first stage.
    pub fn start() -> Self {
        Self { since: Instant::now(), stages: Vec::new() }
    }

    /// Ends a stage: it took the time since the last one ended.
    pub fn end(&mut self, stage: &'static str) {
        let now = Instant::now();
        self.stages.push((stage, now - self.since));
        self.since = now;
    }

    /// The finished stages in order, each with its wall-clock time.
    pub fn stages(&self) -> &[(&'static str, Duration)] {
        &self.stages
    }
}
