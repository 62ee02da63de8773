//! Where everything that can wake the watch loop arrives: events of the file
//! system, signals, finished work. Many may put in, one takes out, and what
//! waits there is bounded, however long the taker is busy.
//!
//! Not here: what any of it means.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Paths that are told apart between two looks. A branch switch or an install
/// touches more, and then looking at everything is the cheaper answer.
pub const MAX_PATHS: usize = 20_000;

/// Different failures of the watcher that are told apart between two looks.
const MAX_PROBLEMS: usize = 8;

/// Events come in crowds: taking them this long after the first one costs a
/// thousandth of the wake-ups and no time, since they settle for longer anyway.
const CROWD: Duration = Duration::from_millis(2);

/// What arrived since the inbox was last emptied.
#[derive(Debug, Default)]
pub struct Pending<T> {
    /// Paths that something happened to.
    pub touched: BTreeSet<PathBuf>,
    /// Those of them that came, went or were renamed.
    pub moved: BTreeSet<PathBuf>,
    /// When the last of them was put in.
    pub at: Option<Instant>,
    /// Events were lost: look at everything.
    pub overflow: bool,
    /// What the watcher failed with.
    pub broken: Vec<String>,
    /// A signal of this number asks to end, and how many did.
    pub signal: Option<i32>,
    pub signals: u32,
    /// Finished work.
    pub done: Option<T>,
}

impl<T> Pending<T> {
    fn new() -> Self {
        Self {
            touched: BTreeSet::new(),
            moved: BTreeSet::new(),
            at: None,
            overflow: false,
            broken: Vec::new(),
            signal: None,
            signals: 0,
            done: None,
        }
    }

    fn is_empty(&self) -> bool {
        self.at.is_none()
            && !self.overflow
            && self.broken.is_empty()
            && self.signal.is_none()
            && self.done.is_none()
    }
}

/// A bounded mailbox that merges what cannot be told apart later.
pub struct Inbox<T> {
    waiting: Mutex<Pending<T>>,
    arrived: Condvar,
}

impl<T> Inbox<T> {
    /// An empty inbox.
    pub fn new() -> Self {
        Self { waiting: Mutex::new(Pending::new()), arrived: Condvar::new() }
    }

    /// Something happened to these paths; `moved` when one came, went or was
    /// renamed.
    pub fn touch(&self, paths: Vec<PathBuf>, moved: bool) {
        let mut waiting = self.lock();
        if waiting.touched.len() >= MAX_PATHS {
            waiting.overflow = true;
            waiting.touched.clear();
            waiting.moved.clear();
        }
        if !waiting.overflow {
            if moved {
                waiting.moved.extend(paths.iter().cloned());
            }
            waiting.touched.extend(paths);
        }
        waiting.at = Some(Instant::now());
        self.arrived.notify_one();
    }

    /// Notes that events were lost, so that everything has to be looked at.
    pub fn overflow(&self) {
        self.put(|waiting| {
            waiting.overflow = true;
            waiting.at = Some(Instant::now());
        });
    }

    /// Reports a problem of the watcher; repeated ones are kept once, and only a few in all.
    pub fn broken(&self, problem: String) {
        self.put(|waiting| {
            // A failure that lasts is told thousands of times a second.
            if waiting.broken.len() < MAX_PROBLEMS && !waiting.broken.contains(&problem) {
                waiting.broken.push(problem);
            }
        });
    }

    /// Notes a signal; the first number is kept, later ones are counted.
    pub fn signal(&self, number: i32) {
        self.put(|waiting| {
            waiting.signal.get_or_insert(number);
            waiting.signals += 1;
        });
    }

    /// Hands in the result of finished work, in the place of an earlier one.
    pub fn done(&self, result: T) {
        self.put(|waiting| waiting.done = Some(result));
    }

    fn put(&self, put: impl FnOnce(&mut Pending<T>)) {
        put(&mut self.lock());
        self.arrived.notify_one();
    }

    /// Takes everything as soon as there is something, at the latest at `until`.
    pub fn take(&self, until: Instant) -> Pending<T> {
        let waiting = self.wait(until, |waiting| !waiting.is_empty());
        let is_crowd = waiting.at.is_some() && waiting.signal.is_none();
        drop(waiting);
        if is_crowd {
            std::thread::sleep(CROWD);
        }
        std::mem::replace(&mut *self.lock(), Pending::new())
    }

    /// Waits for finished work while everything else stays where it is; returns
    /// up at `until`, or when `enough` signals came.
    pub fn take_done(&self, until: Option<Instant>, enough: u32) -> Option<T> {
        let far = Instant::now() + Duration::from_secs(86_400);
        let mut waiting =
            self.wait(until.unwrap_or(far), |waiting| waiting.done.is_some() || waiting.signals >= enough);
        waiting.done.take()
    }

    /// The waiting signal, which stays in the inbox.
    pub fn asked_to_end(&self) -> Option<i32> {
        self.lock().signal
    }

    fn wait(&self, until: Instant, ready: impl Fn(&Pending<T>) -> bool) -> MutexGuard<'_, Pending<T>> {
        let mut waiting = self.lock();
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if ready(&waiting) || left.is_zero() {
                return waiting;
            }
            waiting = self.arrived.wait_timeout(waiting, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Pending<T>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_paths_than_can_be_told_apart_become_one_overflow() {
        let inbox = Inbox::<()>::new();
        for n in 0..=MAX_PATHS {
            inbox.touch(vec![PathBuf::from(n.to_string())], true);
        }
        inbox.touch(vec![PathBuf::from("later")], false);
        let came = inbox.take(Instant::now());
        assert!(came.overflow && came.touched.is_empty() && came.at.is_some());
        inbox.touch(vec![PathBuf::from("next")], false);
        assert_eq!(inbox.take(Instant::now()).touched.len(), 1);
    }

    #[test]
    fn failures_by_the_thousand_are_told_once_each() {
        let inbox = Inbox::<()>::new();
        (0..10_000).for_each(|n| inbox.broken(format!("failure {}", n % 100)));
        let broken = inbox.take(Instant::now()).broken;
        assert_eq!((broken.len(), broken[0].as_str()), (MAX_PROBLEMS, "failure 0"));
    }

    #[test]
    fn waiting_for_work_leaves_events_and_ends_on_a_signal() {
        let inbox = Inbox::<u8>::new();
        inbox.touch(vec![PathBuf::from("a")], false);
        assert_eq!(inbox.take_done(Some(Instant::now()), 1), None);
        inbox.signal(15);
        assert_eq!(inbox.take_done(None, 1), None);
        inbox.done(7);
        assert_eq!(inbox.take_done(None, 9), Some(7));
        let came = inbox.take(Instant::now());
        assert_eq!((came.touched.len(), came.signal, came.signals), (1, Some(15), 1));
    }
}
