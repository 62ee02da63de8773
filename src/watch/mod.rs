//! Keeps the handoff current: a snapshot at once, then after every settled
//! change. Events are hints: each one only says that it is time to look, and
//! looking is a full, cheap comparison of the tree with what is stored. So a
//! lost or repeated event changes nothing but the time of the next look.
//!
//! Not here: how a snapshot is taken (`pipeline`) and how events are told to
//! the user (`cli`).

mod settle;
mod watcher;

use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use crate::pipeline::{self, Context, PipelineError, Refocus, Taken};
use settle::Settle;
pub use settle::Timing;
use watcher::{Input, Watches};

/// A look without any event, against events that were lost without a word.
const SAFETY_RESCAN: Duration = Duration::from_secs(600);

/// How often to look where the system cannot tell of changes.
const POLL: Duration = Duration::from_secs(2);

/// How long to wait after a failed snapshot.
const RETRY: Duration = Duration::from_secs(5);

/// What happens while watching.
pub enum Event<'a> {
    Taken(&'a Taken, Instant),
    /// Something is not as it should be; watching goes on.
    Warning(String),
}

/// Watches until a signal comes; gives its number.
pub fn run(
    context: &Context,
    goal: Option<&str>,
    timing: Timing,
    tell: &mut dyn FnMut(Event) -> std::io::Result<()>,
) -> anyhow::Result<i32> {
    let (sender, inputs) = mpsc::channel();
    forward_signals(sender.clone())?;
    let mut watches = Watches::new(context, sender)?;
    let mut settle = Settle::new(timing);
    let mut goal = goal;
    let mut first = true;
    loop {
        let refocus = if goal.is_some() { Refocus::WhenChanged } else { Refocus::WhenBroken };
        settle.begin();
        let started = Instant::now();
        match pipeline::snapshot(context, goal, true, refocus) {
            Ok(taken) => {
                goal = None;
                // Files may have come into a new folder before it was watched.
                let report = watches.follow(&taken.folders);
                if report.new_folders {
                    settle.touched(Instant::now());
                }
                for warning in taken.warnings.iter().cloned().chain(report.warnings) {
                    tell(Event::Warning(warning))?;
                }
                if first || has_news(&taken) {
                    tell(Event::Taken(&taken, started))?;
                }
                first = false;
                settle.end(Instant::now());
            }
            // The root is gone: there is nothing left to watch.
            Err(error @ PipelineError::Root { .. }) => return Err(error.into()),
            Err(error) => {
                tell(Event::Warning(error.to_string()))?;
                settle.touched(Instant::now());
                settle.end(Instant::now() + RETRY.saturating_sub(timing.min_interval));
            }
        }
        if let Some(signal) = wait(&inputs, &mut settle, &watches, tell)? {
            return Ok(signal);
        }
    }
}

/// Whether anything differs from the snapshot before.
fn has_news(taken: &Taken) -> bool {
    let changes = &taken.changes;
    let same = changes.added.is_empty() && changes.modified.is_empty() && changes.removed.is_empty();
    !same || taken.handoff.as_ref().is_some_and(|handoff| handoff.written)
}

/// Waits until a look is due; gives a signal's number if one ended the wait.
fn wait(
    inputs: &Receiver<Input>,
    settle: &mut Settle,
    watches: &Watches,
    tell: &mut dyn FnMut(Event) -> std::io::Result<()>,
) -> anyhow::Result<Option<i32>> {
    let rescan = Instant::now() + if watches.is_polling() { POLL } else { SAFETY_RESCAN };
    loop {
        let due = settle.due().map_or(rescan, |due| due.min(rescan));
        match inputs.recv_timeout(due.saturating_duration_since(Instant::now())) {
            Ok(Input::Touched(paths)) if !watches.concern(&paths) => {}
            Ok(Input::Touched(_) | Input::Rescan) => settle.touched(Instant::now()),
            Ok(Input::Broken(problem)) => {
                tell(Event::Warning(problem))?;
                settle.touched(Instant::now());
            }
            Ok(Input::Signal(number)) => return Ok(Some(number)),
            Err(RecvTimeoutError::Timeout) => return Ok(None),
            Err(RecvTimeoutError::Disconnected) => anyhow::bail!("the watcher ended"),
        }
    }
}

fn forward_signals(sender: mpsc::Sender<Input>) -> anyhow::Result<()> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM])?;
    std::thread::spawn(move || {
        for signal in signals.forever() {
            // Nobody listens any more: the program is about to end.
            let _ = sender.send(Input::Signal(signal));
        }
    });
    Ok(())
}
