//! What goes wrong, as facts of a log: of one session how it stands, of many
//! which commands and folders fail.
//!
//! Pure: from entries in their order to counts.

use std::collections::BTreeMap;

use super::fingerprint::command_key;
use crate::model::{Event, EventKind, SafeText};

/// How a session stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionSignals {
    /// Commands and tools that ran, and those of them that failed.
    pub runs: usize,
    pub failures: usize,
    /// Failures since the last success.
    pub error_streak: usize,
    /// Times that a command was run again right after it had failed.
    pub retries: usize,
    /// The command that was, and how often, if one was.
    pub most_retried: Option<(SafeText, usize)>,
    pub last_success_ms: Option<i64>,
    pub last_error: Option<String>,
}

/// How often something ran and failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FailureCount {
    pub runs: usize,
    pub failures: usize,
    pub last_failed_ms: Option<i64>,
    pub last_error: Option<String>,
}

/// Whether an entry tells how something ended, and that it failed.
fn failed(event: &Event) -> Option<bool> {
    match event.kind {
        EventKind::Command if event.text.as_str().starts_with("waypost ") => None,
        EventKind::Command => event.code.map(|code| code != 0),
        EventKind::Error => Some(true),
        EventKind::ToolCall => Some(false),
        _ => None,
    }
}

fn said(event: &Event, key: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(event.data.as_ref()?.as_str()).ok()?;
    value.get(key)?.as_str().map(str::to_string)
}

/// How the session stands that did all this.
pub fn of(events: &[Event]) -> SessionSignals {
    let mut signals = SessionSignals::default();
    let mut retried: BTreeMap<&SafeText, usize> = BTreeMap::new();
    let mut failed_last: Option<&SafeText> = None;
    for event in events {
        let Some(has_failed) = failed(event) else { continue };
        signals.runs += 1;
        if event.kind == EventKind::Command && failed_last == Some(&event.text) {
            signals.retries += 1;
            *retried.entry(&event.text).or_default() += 1;
        }
        match has_failed {
            true => {
                signals.failures += 1;
                signals.error_streak += 1;
                signals.last_error = said(event, "error").or_else(|| Some(event.text.to_string()));
            }
            false => {
                signals.error_streak = 0;
                signals.last_success_ms = Some(event.at_ms);
            }
        }
        if event.kind == EventKind::Command {
            failed_last = has_failed.then_some(&event.text);
        }
    }
    let most = retried.into_iter().max_by_key(|(_, times)| *times);
    signals.most_retried = most.map(|(command, times)| (command.clone(), times));
    signals
}

/// What commands are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountedBy {
    /// Program and first plain word.
    Command,
    /// The folder that it ran in, or that the file lies in.
    Folder,
}

/// What failed at least once, most failures first.
pub fn failures(events: &[Event], by: CountedBy) -> Vec<(String, FailureCount)> {
    let mut counts: BTreeMap<String, FailureCount> = BTreeMap::new();
    for event in events {
        let Some(has_failed) = failed(event) else { continue };
        let count = counts.entry(name_of(event, by)).or_default();
        count.runs += 1;
        if has_failed {
            count.failures += 1;
            count.last_failed_ms = Some(event.at_ms);
            count.last_error = said(event, "error").or(count.last_error.take());
        }
    }
    let mut counts: Vec<(String, FailureCount)> =
        counts.into_iter().filter(|(_, count)| count.failures > 0).collect();
    counts.sort_by(|a, b| b.1.failures.cmp(&a.1.failures).then(a.0.cmp(&b.0)));
    counts
}

fn name_of(event: &Event, by: CountedBy) -> String {
    match (by, event.kind) {
        (CountedBy::Command, EventKind::Command) => command_key(event.text.as_str()),
        (CountedBy::Command, EventKind::Error) if said(event, "error").is_none() => "(noted)".to_string(),
        (CountedBy::Command, _) => event.text.to_string(),
        (CountedBy::Folder, _) => folder_of(event),
    }
}

/// `.` for the project's own folder, also where it is not told.
fn folder_of(event: &Event) -> String {
    let of_path = || {
        let (folder, _) = event.path.as_ref()?.as_str().rsplit_once('/')?;
        Some(folder.to_string())
    };
    let entered = || {
        let rest = event.text.as_str().strip_prefix("cd ")?;
        let folder = rest.split(['&', ';', '|']).next()?.trim().trim_end_matches('/');
        let is_inside =
            !folder.is_empty() && !folder.starts_with(['/', '~', '.', '$']) && !folder.contains(' ');
        is_inside.then(|| folder.to_string())
    };
    let base = said(event, "folder").filter(|folder| !folder.is_empty());
    match (base, entered()) {
        (Some(base), Some(entered)) => format!("{base}/{entered}"),
        (base, entered) => base.or(entered).or_else(of_path).unwrap_or_else(|| ".".to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(at_ms: i64, kind: EventKind, text: &'static str, code: Option<i64>) -> Event {
        let text = SafeText::constant(text);
        Event { seq: at_ms, at_ms, session: None, kind, text, path: None, code, data: None }
    }

    fn log() -> Vec<Event> {
        use EventKind::{Command, Error, ToolCall};
        vec![
            event(1, Command, "cargo test --lib", Some(101)),
            event(2, ToolCall, "Edit", None),
            event(3, Command, "cargo test --lib", Some(101)),
            event(4, Command, "cargo test --lib", Some(0)),
            event(5, Command, "cd web && npm test", Some(1)),
            event(6, Command, "waypost status", Some(1)),
            event(7, Error, "Edit", None),
        ]
    }

    #[test]
    fn a_streak_of_errors_and_retries_are_counted() {
        let signals = of(&log());
        assert_eq!((signals.runs, signals.failures, signals.error_streak, signals.retries), (6, 4, 2, 2));
        assert_eq!(signals.most_retried, Some((SafeText::constant("cargo test --lib"), 2)));
        assert_eq!((signals.last_success_ms, signals.last_error.as_deref()), (Some(4), Some("Edit")));
        assert_eq!(of(&[]), SessionSignals::default());
    }

    #[test]
    fn failures_are_counted_by_command_and_by_folder() {
        let names = |by| -> Vec<String> {
            failures(&log(), by)
                .iter()
                .map(|(name, count)| format!("{name} {}/{}", count.failures, count.runs))
                .collect()
        };
        assert_eq!(names(CountedBy::Command), ["cargo test 2/3", "(noted) 1/1", "npm test 1/1"]);
        assert_eq!(names(CountedBy::Folder), [". 3/5", "web 1/1"]);
    }
}
