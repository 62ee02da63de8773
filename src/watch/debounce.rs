//! When to act on a stream of changes: once it is quiet, but never later than
//! a bound, and never too often. Pure: time comes in.

use std::time::{Duration, Instant};

/// The waiting rules.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// Quiet time after which a change counts as settled.
    pub quiet: Duration,
    /// The longest wait after the first unsettled change.
    pub max_delay: Duration,
    /// The shortest time between two runs.
    pub min_interval: Duration,
}

/// Changes that nobody has acted on yet.
#[derive(Clone, Debug)]
pub struct Debounce {
    timing: Timing,
    first: Option<Instant>,
    last: Option<Instant>,
    /// When the last run ended.
    ran: Option<Instant>,
}

impl Debounce {
    /// Waits for a first change.
    pub fn new(timing: Timing) -> Self {
        Self { timing, first: None, last: None, ran: None }
    }

    /// Changes the timing; what is already pending is judged by the new one.
    pub fn set_timing(&mut self, timing: Timing) {
        self.timing = timing;
    }

    /// Something changed.
    pub fn touched(&mut self, now: Instant) {
        self.first.get_or_insert(now);
        self.last = Some(now);
    }

    /// When to run, if anything waits.
    pub fn due(&self) -> Option<Instant> {
        let (first, last) = (self.first?, self.last?);
        let settled = (last + self.timing.quiet).min(first + self.timing.max_delay);
        Some(self.ran.map_or(settled, |ran| settled.max(ran + self.timing.min_interval)))
    }

    /// When the last change came, of those that nobody has acted on.
    pub fn last(&self) -> Option<Instant> {
        self.last
    }

    /// A run begins: it sees every change up to now. What comes while it runs
    /// waits for the next one.
    pub fn begin(&mut self) {
        self.first = None;
        self.last = None;
    }

    /// Notes that a run ended at `now`, from which the minimal interval counts.
    pub fn end(&mut self, now: Instant) {
        self.ran = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(timing: (u64, u64, u64), touches: &[u64], expected: Option<u64>) {
        let start = Instant::now();
        let ms = Duration::from_millis;
        let (quiet, max_delay, min_interval) = (ms(timing.0), ms(timing.1), ms(timing.2));
        let mut settle = Debounce::new(Timing { quiet, max_delay, min_interval });
        settle.begin();
        settle.end(start);
        touches.iter().for_each(|at| settle.touched(start + ms(*at)));
        assert_eq!(settle.due().map(|due| (due - start).as_millis() as u64), expected);
    }

    #[test]
    fn nothing_is_due_without_a_change() {
        check((10, 100, 0), &[], None);
    }

    #[test]
    fn a_change_is_due_when_it_is_quiet_again() {
        check((10, 100, 0), &[50], Some(60));
        check((10, 100, 0), &[50, 55, 58], Some(68));
    }

    #[test]
    fn constant_changes_are_due_at_the_latest_after_the_longest_wait() {
        let storm: Vec<u64> = (0..1_000).map(|n| 50 + n).collect();
        check((10, 100, 0), &storm, Some(150));
    }

    #[test]
    fn two_runs_keep_their_distance() {
        check((10, 100, 5_000), &[50], Some(5_000));
    }
}
