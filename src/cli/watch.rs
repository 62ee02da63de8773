//! `waypost watch`: keep the handoff current while files change.

use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::out::count;
use super::{Global, Out, Outcome, init, open, snapshot};
use crate::watch::{self, Event, Timing};

#[derive(Args)]
pub struct Arguments {
    /// What the session is about; remembered until changed
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    goal: Option<String>,
    /// Quiet milliseconds before a change counts as settled [default: debounce_ms]
    #[arg(long, value_name = "N")]
    debounce_ms: Option<u64>,
    /// At least this many seconds between two snapshots [default: min_interval_sec]
    #[arg(long, value_name = "N")]
    min_interval_sec: Option<u64>,
}

pub fn run(global: &Global, arguments: &Arguments, out: &Out) -> anyhow::Result<Outcome> {
    let mut context = open::context(global, out)?;
    if let Some(number) = arguments.debounce_ms {
        context.settings.set_flag("debounce_ms", "--debounce-ms", number)?;
    }
    if let Some(number) = arguments.min_interval_sec {
        context.settings.set_flag("min_interval_sec", "--min-interval-sec", number)?;
    }
    init::prepare(&context.project)?;
    let timing = Timing {
        quiet: Duration::from_millis(context.settings.number("debounce_ms")),
        max_delay: Duration::from_millis(context.settings.number("max_delay_ms")),
        min_interval: Duration::from_secs(context.settings.number("min_interval_sec")),
    };
    out.note(&format!("watching `{}`; Ctrl-C ends it", context.project.root.display()));
    let signal = watch::run(&context, arguments.goal.as_deref(), timing, &mut |event| match event {
        Event::Warning(text) if out.json => out.row(&json!({ "event": "warning", "text": text })),
        Event::Warning(text) => {
            out.warning(&text);
            Ok(())
        }
        Event::Taken(taken, started) if out.json => {
            let mut row = snapshot::report(&context, taken, started);
            row["event"] = "snapshot".into();
            out.row(&row)
        }
        Event::Taken(taken, started) => {
            let changes = &taken.changes;
            let changed = changes.added.len() + changes.modified.len() + changes.removed.len();
            let written = taken.handoff.as_ref().is_some_and(|handoff| handoff.written);
            let handoff = if written { "handoff written" } else { "handoff already right" };
            let ms = started.elapsed().as_millis();
            out.said(&format!(
                "{} {}: {} changed, {handoff}, {ms} ms",
                taken.snapshot.created_at,
                taken.snapshot.id,
                count(changed, "file")
            ))
        }
    })?;
    Ok(Outcome::Signal(signal as u8))
}
