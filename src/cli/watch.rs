//! `waypost watch`: keep the handoff current while files change.

use std::io;
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};

use super::out::count;
use super::{Global, Out, Outcome, init, open, snapshot};
use crate::model::Snapshot;
use crate::pipeline::{Progress, Taken};
use crate::watch::{self, End, Event, Options, Setup, Timing};

#[derive(Args)]
#[command(after_long_help = DETAILS)]
pub struct Arguments {
    /// What the session is about; remembered until changed
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    goal: Option<String>,
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
  snapshot  as `snapshot --json` reports it, and `written`: the handoff changed
  ready     the first snapshot is taken, from here on no change is missed
  changed   `paths` that were touched; a snapshot follows
  rescan    everything is looked at, with the `reason`
  warning   `text`; watching goes on
  stopped   with the `reason`; the last line

Snapshots that only a watch took are thinned: the newest 60 stay, of older ones
the last of each hour for a day and of each day for 30 days, and the last one
under each goal. What `waypost snapshot` took, or a record names (s12), stays
until `prune`.

One watch runs on a project; every other command works beside it.";

pub fn run(global: &Global, arguments: &Arguments, out: &Out) -> anyhow::Result<Outcome> {
    let setup = || open(global, arguments, out);
    init::prepare(&setup()?.context.project)?;
    let options = Options {
        goal: arguments.goal.clone(),
        poll: arguments.poll.map(Duration::from_secs),
        once: arguments.once,
    };
    let mut teller = Teller { out, state: "watching", last: String::new() };
    match watch::run(&setup, options, &mut |event| teller.tell(event))? {
        End::Once => Ok(Outcome::Done),
        End::Signal(number) => Ok(Outcome::Signal(number as u8)),
    }
}

fn open(global: &Global, arguments: &Arguments, out: &Out) -> anyhow::Result<Setup> {
    let mut context = open::context(global, out)?;
    let flags = [
        ("debounce_ms", "--debounce-ms", arguments.debounce_ms),
        ("max_delay_ms", "--max-delay-ms", arguments.max_delay_ms),
        ("min_interval_sec", "--min-interval-sec", arguments.min_interval_sec),
    ];
    for (key, flag, number) in flags {
        if let Some(number) = number {
            context.settings.set_flag(key, flag, number)?;
        }
    }
    if out.shows_status() {
        // The status line says that it reads; two lines that move are too many.
        context.progress = Box::new(Silent);
    }
    let timing = Timing {
        quiet: Duration::from_millis(context.settings.number("debounce_ms")),
        max_delay: Duration::from_millis(context.settings.number("max_delay_ms")),
        min_interval: Duration::from_secs(context.settings.number("min_interval_sec")),
    };
    let root = &context.project.root;
    let mut settings = open::user_git_configs(root);
    settings.extend(open::user_config(root).into_iter().chain([context.project.config_file()]));
    Ok(Setup { context, timing, settings })
}

struct Silent;

impl Progress for Silent {
    fn begin(&self, _: &'static str, _: usize) {}
    fn step(&self) {}
    fn end(&self) {}
}

/// Tells of events: objects, lines, or one line that changes.
struct Teller<'a> {
    out: &'a Out,
    /// Of the status line: how it follows, and what it saw last.
    state: &'static str,
    last: String,
}

impl Teller<'_> {
    fn tell(&mut self, event: Event) -> io::Result<()> {
        match self.out {
            out if out.json => object(event).map_or(Ok(()), |row| out.row(&row)),
            out if out.shows_status() => self.status(event),
            _ => self.line(event),
        }
    }

    fn line(&self, event: Event) -> io::Result<()> {
        match event {
            Event::Ready { folders, polling: None, .. } => {
                self.out.said(&format!("watching {}; Ctrl-C ends it", count(folders, "folder")))
            }
            Event::Ready { polling: Some(every), .. } => {
                self.out.said(&format!("polling every {} s; Ctrl-C ends it", every.as_secs()))
            }
            Event::Taken { taken, elapsed, .. } => {
                let Snapshot { created_at, id, .. } = &taken.snapshot;
                self.out.said(&format!("{created_at} {id}: {}", summary(taken, elapsed)))
            }
            Event::Rescan(reason) => {
                self.out.detail(&format!("looking at everything: {reason}"));
                Ok(())
            }
            Event::Warning(text) => {
                self.out.warning(text);
                Ok(())
            }
            Event::Stopped(reason) => self.out.said(&format!("stopped: {reason}")),
            Event::Looking | Event::Looked | Event::Changed(_) => Ok(()),
        }
    }

    fn status(&mut self, event: Event) -> io::Result<()> {
        match event {
            Event::Looking if self.last.is_empty() => self.out.status("reading the tree"),
            Event::Looking => self.out.status(&format!("looking · {}", self.last)),
            Event::Looked => self.show(),
            Event::Changed(_) => Ok(()),
            Event::Ready { polling, .. } => {
                self.state = if polling.is_some() { "polling" } else { "watching" };
                self.show()
            }
            Event::Taken { taken, elapsed, .. } => {
                let time = taken.snapshot.created_at.split('T').next_back().unwrap_or_default();
                let files = count(taken.snapshot.files as usize, "file");
                self.last = format!("{files} · {time} {}", summary(taken, elapsed));
                self.show()
            }
            Event::Rescan(_) | Event::Warning(_) => {
                self.out.clear_status()?;
                self.line(event)?;
                self.show()
            }
            Event::Stopped(_) => {
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
fn summary(taken: &Taken, elapsed: Duration) -> String {
    let changes = &taken.changes;
    let all = || changes.modified.iter().chain(&changes.added).chain(&changes.removed);
    let changed = match (all().next(), all().count()) {
        (None, _) => "no file changed".to_string(),
        (Some(one), 1) => format!("{one} changed"),
        (Some(one), number) => format!("{one} and {} changed", count(number - 1, "other")),
    };
    let handoff = if is_written(taken) { "handoff written" } else { "handoff fresh" };
    format!("{changed}, {handoff}, {} ms", elapsed.as_millis())
}

fn is_written(taken: &Taken) -> bool {
    taken.handoff.as_ref().is_some_and(|handoff| handoff.written)
}

/// An event as a line of `--json`.
fn object(event: Event) -> Option<Value> {
    Some(match event {
        Event::Looking | Event::Looked => return None,
        Event::Ready { folders, files, polling } => json!({
            "event": "ready", "folders": folders, "files": files, "polling_sec": polling.map(|every| every.as_secs()),
        }),
        Event::Changed(paths) => json!({ "event": "changed", "paths": paths }),
        Event::Rescan(reason) => json!({ "event": "rescan", "reason": reason }),
        Event::Warning(text) => json!({ "event": "warning", "text": text }),
        Event::Stopped(reason) => json!({ "event": "stopped", "reason": reason }),
        Event::Taken { taken, context, elapsed } => {
            let mut row = json!({ "event": "snapshot" });
            if let (Value::Object(row), Value::Object(report)) =
                (&mut row, snapshot::report(context, taken, elapsed))
            {
                row.extend(report);
            }
            row["written"] = is_written(taken).into();
            row
        }
    })
}
