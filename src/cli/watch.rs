//! `waypost watch`: keep the handoff current while files change.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use super::goal_arguments::given;
use super::host::WithoutProgress;
use super::out::count;
use super::{CommandOutcome, Out};
use crate::app::watch::{self, End, Request, Taken, WatchUpdate};
use crate::app::{App, Result};

/// Arguments of `waypost watch`.
#[derive(Args)]
#[command(after_long_help = DETAILS)]
pub struct Arguments {
    /// What the session is about; remembered until changed
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    goal: Option<String>,
    /// Read it from a file, `-` for standard input
    #[arg(long, value_name = "PATH", conflicts_with = "goal")]
    goal_file: Option<PathBuf>,
    /// Quiet milliseconds before a change counts as settled [default: debounce_ms, 100]
    #[arg(long, value_name = "N")]
    debounce_ms: Option<u64>,
    /// A snapshot at the latest this many milliseconds after the first change [default: max_delay_ms, 2000]
    #[arg(long, value_name = "N")]
    max_delay_ms: Option<u64>,
    /// At least this many seconds between two snapshots [default: min_interval_sec, 0]
    #[arg(long, value_name = "N")]
    min_interval_sec: Option<u64>,
    /// Look at all files every so many seconds instead of following events [default: 2]
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "2",
          value_parser = clap::value_parser!(u64).range(1..=3_600))]
    poll: Option<u64>,
    /// End after one change was taken
    #[arg(long)]
    once: bool,
}

const DETAILS: &str = "\
Takes a snapshot at once, and one after every change that has settled. Files are
rewritten only when their bytes change. Only folders that take part are watched:
an ignored node_modules costs nothing. Ignore files, settings, records, commits
and branch switches count as changes, what waypost writes does not.

A change has settled after 100 ms. On a machine with ten times too much to do,
the events of a branch switch of 2,000 files came at most 5 ms apart, those of a
removal of 7,000 at most 72 ms. Writes that never stop are answered every 2 s: on
7,000 files that took a sixteenth of a processor. A snapshot costs what changed,
so none has to keep away from the one before (--min-interval-sec 0).

Everything is compared by times and sizes alone when events were lost, when the
watcher failed, after sleep, and every ten minutes. That finds what the system
tells nobody, too: a write through a name outside the project, or into a file
that is mapped into memory and stays open. `waypost doctor` has the counts.

Polling is for file systems that tell of no changes. NFS, SMB, 9p and FUSE are
recognised, and so are the system's limits on watching: then watch says what
raises the limit and polls by itself. It looks every 2 s, which takes one part in
250 of a processor for 7,000 files, and less often where it took one in thirty.

With --json, one object a line; `event` is one of
  snapshot  as `snapshot --json` reports it, but counts in the place of lists,
            except for what changed, and `written`: the handoff changed
  ready     the first snapshot is taken, from here on no change is missed
  changed   `paths` that were touched; a snapshot follows
  rescan    everything is looked at, with the `reason`
  warning   `text`; watching goes on
  dropped   nobody read the output: `dropped` events are missing here
  stopped   with the `reason`; the last line
Lists end after 200 paths, and `more` says how many are left out.

The handoff waits while git rebases, cherry-picks, reverts or bisects: a changed
file would stop it. On a branch whose commits have none while another one's do,
it is not created, since it would block the way back; `waypost snapshot` does.

Snapshots that only a watch took are thinned: the newest 60 stay, of older ones
the last of each hour for a day and of each day for 30 days, and the last one
under each goal. What `waypost snapshot` took, or a record names (s12), stays
until `prune`.

One watch runs on a project; every other command works beside it.";

/// Watches until a signal ends it, an error occurs or, with `--once`, one change was taken, and
/// prints the events.
pub fn run(app: &App, arguments: &Arguments, out: &Out) -> Result<CommandOutcome> {
    let request = Request {
        goal: given(app, arguments.goal.as_deref(), arguments.goal_file.as_deref())?,
        debounce_ms: arguments.debounce_ms,
        max_delay_ms: arguments.max_delay_ms,
        min_interval_sec: arguments.min_interval_sec,
        poll: arguments.poll.map(Duration::from_secs),
        once: arguments.once,
    };
    let out = &out.unhurried(if out.json { dropped_events } else { dropped_lines });
    // A status line says that it reads; two lines that move are too many.
    let quiet = out.shows_status().then(|| app.heard_by(Arc::new(WithoutProgress(out.clone()))));
    let mut teller = EventPrinter { out, state: "watching", last: String::new(), has_stopped: false };
    let end = watch::watch(quiet.as_ref().unwrap_or(app), &request, &mut |event| teller.print(event));
    out.flush(Some(LAST_WORDS));
    match end {
        Ok(End::Once) => Ok(CommandOutcome::Done),
        Ok(End::Signal(number)) => Ok(CommandOutcome::Signal(number as u8)),
        // `stopped` is the last line of the stream.
        Err(error) if teller.has_stopped && !error.is_closed_pipe() => {
            out.error_to_people(&error);
            Ok(CommandOutcome::Failed)
        }
        Err(error) => Err(error),
    }
}

/// How long the last event waits to be read.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// Stands in for events that nobody read in time.
fn dropped_events(dropped: u64) -> String {
    let event = serde_json::to_string(&WatchUpdate::Dropped { dropped });
    event.map(|event| format!("{event}\n")).unwrap_or_default()
}

fn dropped_lines(dropped: u64) -> String {
    format!("dropped: {dropped}\n")
}

/// Prints events as JSON objects, as lines, or as one status line.
struct EventPrinter<'a> {
    out: &'a Out,
    /// For the status line: what the watch is doing, and what it saw last.
    state: &'static str,
    last: String,
    has_stopped: bool,
}

impl EventPrinter<'_> {
    fn print(&mut self, event: WatchUpdate) -> io::Result<()> {
        self.has_stopped = matches!(event, WatchUpdate::Stopped { .. });
        match (self.out, event) {
            (out, WatchUpdate::Looking | WatchUpdate::Looked) if out.json => Ok(()),
            (out, event) if out.json => out.row(&event),
            (out, event) if out.shows_status() => self.status(event),
            (_, event) => self.line(event),
        }
    }

    fn line(&self, event: WatchUpdate) -> io::Result<()> {
        match event {
            WatchUpdate::Ready { folders, polling_sec: None, .. } => {
                self.out.said(&format!("watching {}; Ctrl-C ends it", count(folders, "folder")))
            }
            WatchUpdate::Ready { polling_sec: Some(every), .. } => {
                self.out.said(&format!("polling every {every} s; Ctrl-C ends it"))
            }
            WatchUpdate::Snapshot(taken) => {
                let (at, id) = (&taken.snapshot.created_at, &taken.snapshot.id);
                self.out.said(&format!("{at} {id}: {}", summary(&taken)))
            }
            WatchUpdate::Rescan { reason } => {
                self.out.detail(&format!("looking at everything: {reason}"));
                Ok(())
            }
            WatchUpdate::Warning { text } => {
                self.out.warning(&text);
                Ok(())
            }
            WatchUpdate::Stopped { reason } => self.out.said(&format!("stopped: {reason}")),
            WatchUpdate::Dropped { dropped } => self.out.said(dropped_lines(dropped).trim_end()),
            WatchUpdate::Looking | WatchUpdate::Looked | WatchUpdate::Changed { .. } => Ok(()),
        }
    }

    fn status(&mut self, event: WatchUpdate) -> io::Result<()> {
        match event {
            WatchUpdate::Looking if self.last.is_empty() => self.out.status("reading the tree"),
            WatchUpdate::Looking => self.out.status(&format!("looking · {}", self.last)),
            WatchUpdate::Looked => self.show(),
            WatchUpdate::Changed { .. } => Ok(()),
            WatchUpdate::Ready { polling_sec, .. } => {
                self.state = if polling_sec.is_some() { "polling" } else { "watching" };
                self.show()
            }
            WatchUpdate::Snapshot(taken) => {
                let time = taken.snapshot.created_at.split('T').next_back().unwrap_or_default();
                let files = count(taken.files as usize, "file");
                self.last = format!("{files} · {time} {}", summary(&taken));
                self.show()
            }
            WatchUpdate::Rescan { .. } | WatchUpdate::Warning { .. } | WatchUpdate::Dropped { .. } => {
                self.out.clear_status()?;
                self.line(event)?;
                self.show()
            }
            WatchUpdate::Stopped { .. } => {
                self.out.clear_status()?;
                self.line(event)
            }
        }
    }

    fn show(&self) -> io::Result<()> {
        match self.last.is_empty() {
            true => Ok(()),
            false => self.out.status(&format!("{} · {}", self.state, self.last)),
        }
    }
}

/// What a snapshot saw and did.
fn summary(taken: &Taken) -> String {
    let changes = &taken.changes;
    let renamed = || changes.renamed.iter().map(|rename| &rename.to);
    let all = || changes.modified.iter().chain(&changes.added).chain(&changes.removed).chain(renamed());
    let changed = match (all().next(), all().count() + changes.more) {
        (None, _) => "no file changed".to_string(),
        (Some(one), 1) => format!("{one} changed"),
        (Some(one), number) => format!("{one} and {} changed", count(number - 1, "other")),
    };
    let handoff = if taken.written { "handoff written" } else { "handoff fresh" };
    format!("{changed}, {handoff}, {} ms", taken.elapsed_ms)
}
