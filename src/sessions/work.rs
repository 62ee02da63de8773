//! What the entries of a log add up to: the task, what was done, the files that
//! were edited, what failed and was not put right, the last test.
//!
//! Pure: from events in their order to facts. Not here: how things stand now in
//! git and on the disk.

use std::collections::BTreeMap;

use crate::model::{Event, EventKind, SafeText};

/// What was worked on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// What was asked for first, and last where that is something else.
    pub asked: Vec<SafeText>,
    pub milestones: Vec<SafeText>,
    pub decisions: Vec<SafeText>,
    pub questions: Vec<SafeText>,
    /// By path.
    pub files: BTreeMap<SafeText, EditedFile>,
    /// Commands whose last run failed, the newest last.
    pub failures: Vec<CommandRun>,
    pub last_command: Option<CommandRun>,
    pub last_test: Option<CommandRun>,
    /// Errors that no command stands for.
    pub errors: Vec<SafeText>,
    /// The newest that a checkpoint or a heartbeat said comes next or is done.
    pub next: Option<String>,
    /// Entries that are work, not bookkeeping.
    pub events: usize,
    pub last_ms: i64,
}

/// A file that was edited.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EditedFile {
    pub edits: usize,
    pub last_ms: i64,
    /// Who edited it last, if that was a session.
    pub session: Option<String>,
}

/// A run of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandRun {
    pub command: SafeText,
    /// `None` where it had not ended, or it is not told how.
    pub code: Option<i64>,
    pub at_ms: i64,
    /// The first line that tells what went wrong.
    pub error: Option<String>,
}

/// Whether an entry is work: what somebody asked for or did.
pub fn is_work(kind: EventKind) -> bool {
    use EventKind::{Claim, Heartbeat, Record, Release, SessionEnd, SessionStart};
    !matches!(kind, SessionStart | SessionEnd | Heartbeat | Claim | Release | Record)
}

/// Whether an entry tells of a command of ours, which is no work by itself.
fn is_own_command(event: &Event) -> bool {
    matches!(event.kind, EventKind::Command | EventKind::CommandStart)
        && event.text.as_str().starts_with("waypost ")
}

/// What these entries add up to; they are in their order.
pub fn of(events: &[Event]) -> Work {
    let mut work = Work::default();
    let mut commands = Commands::default();
    for event in events.iter().filter(|event| is_work(event.kind) && !is_own_command(event)) {
        work.events += 1;
        work.last_ms = event.at_ms;
        work.take(event);
        commands.take(event);
    }
    let Commands { last_runs, last, last_test, begun } = commands;
    work.last_command = begun.into_iter().next_back().or(last);
    work.last_test = last_test;
    work.failures = last_runs.into_values().filter(|run| run.code != Some(0)).collect();
    work.failures.sort_by_key(|run| run.at_ms);
    work
}

impl Work {
    fn take(&mut self, event: &Event) {
        let text = event.text.clone();
        match event.kind {
            EventKind::Prompt => {
                self.asked.truncate(1);
                self.asked.push(text);
            }
            EventKind::Milestone => self.milestones.push(text),
            EventKind::Decision => self.decisions.push(text),
            EventKind::Question => self.questions.push(text),
            EventKind::Checkpoint => {
                self.next = next_of(event).or(self.next.take());
                self.milestones.push(text);
            }
            EventKind::Error => self.errors.push(text),
            _ => {}
        }
        if let (EventKind::FileChange, Some(path)) = (event.kind, &event.path) {
            let file = self.files.entry(path.clone()).or_default();
            file.edits += 1;
            file.last_ms = event.at_ms;
            file.session.clone_from(&event.session);
        }
    }
}

/// How commands went.
#[derive(Default)]
struct Commands {
    /// The last run of each whose end is known.
    last_runs: BTreeMap<SafeText, CommandRun>,
    last: Option<CommandRun>,
    last_test: Option<CommandRun>,
    /// Begun and not ended.
    begun: Vec<CommandRun>,
}

impl Commands {
    fn take(&mut self, event: &Event) {
        match event.kind {
            EventKind::CommandStart => self.begun.push(run_of(event)),
            EventKind::Command => self.ended(run_of(event)),
            // One that was refused, or broken off, does not say so.
            EventKind::Prompt | EventKind::Checkpoint => self.begun.clear(),
            _ => {}
        }
    }

    fn ended(&mut self, run: CommandRun) {
        self.begun.retain(|begun| begun.command != run.command);
        self.last = Some(run.clone());
        // How it ended is not always told.
        if run.code.is_none() {
            return;
        }
        if is_test(run.command.as_str()) {
            self.last_test = Some(run.clone());
        }
        self.last_runs.insert(run.command.clone(), run);
    }
}

fn run_of(event: &Event) -> CommandRun {
    CommandRun {
        command: event.text.clone(),
        code: event.code,
        at_ms: event.at_ms,
        error: said(event, "error"),
    }
}

/// A text of the data of an event, which is an object of texts.
fn said(event: &Event, key: &str) -> Option<String> {
    let data = event.data.as_ref()?;
    let value: serde_json::Value = serde_json::from_str(data.as_str()).ok()?;
    let text = value.get(key)?.as_str()?.to_string();
    Some(text).filter(|text| !text.is_empty())
}

fn next_of(event: &Event) -> Option<String> {
    said(event, "next")
}

/// Programs that run tests, whatever their arguments.
const RUNNERS: [&str; 16] = [
    "pytest", "py.test", "jest", "vitest", "mocha", "rspec", "ctest", "tox", "nox", "phpunit", "bats",
    "unittest", "nextest", "karma", "ava", "minitest",
];

/// Whether a command line runs tests.
pub fn is_test(command: &str) -> bool {
    let words = command.split(|c: char| c.is_whitespace() || ";&|()'\"".contains(c));
    words.filter(|word| !word.is_empty()).any(|word| {
        let name = word.rsplit('/').next().unwrap_or(word).to_ascii_lowercase();
        let task = name.split([':', '.', '-', '_']).any(|part| matches!(part, "test" | "tests"));
        let is_file = word.contains('/') && !word.starts_with("./") || word.starts_with('-');
        RUNNERS.contains(&name.as_str()) || task && !is_file || name == "check" && command.contains("make")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(kind: EventKind, text: &'static str) -> Event {
        Event {
            seq: 0,
            at_ms: 0,
            session: Some("s".into()),
            kind,
            text: SafeText::constant(text),
            path: None,
            code: None,
            data: None,
        }
    }

    fn numbered(mut events: Vec<Event>) -> Vec<Event> {
        events.iter_mut().zip(1..).for_each(|(event, at)| event.at_ms = at);
        events
    }

    fn command(text: &'static str, code: i64) -> Event {
        Event { code: Some(code), ..event(EventKind::Command, text) }
    }

    #[test]
    fn a_command_that_failed_counts_until_it_succeeds() {
        let edit = Event { path: Some(SafeText::constant("a.rs")), ..event(EventKind::FileChange, "Edit") };
        let work = of(&numbered(vec![
            event(EventKind::SessionStart, "x"),
            event(EventKind::Prompt, "mend it"),
            command("cargo test", 101),
            command("cargo build", 101),
            edit.clone(),
            edit,
            command("cargo test", 0),
            command("waypost status", 1),
            event(EventKind::Prompt, "and then?"),
            event(EventKind::Prompt, "and the docs"),
        ]));
        assert_eq!(work.asked, [SafeText::constant("mend it"), SafeText::constant("and the docs")]);
        let names = |runs: &[CommandRun]| runs.iter().map(|run| run.command.to_string()).collect::<Vec<_>>();
        assert_eq!(names(&work.failures), ["cargo build"]);
        assert_eq!(work.last_test.and_then(|run| run.code), Some(0));
        assert_eq!(work.files[&SafeText::constant("a.rs")].edits, 2);
        assert_eq!((work.events, work.last_ms), (8, 10));
    }

    #[test]
    fn the_last_command_is_one_that_did_not_end_unless_somebody_went_on_without_it() {
        let last = |events: Vec<Event>| of(&numbered(events)).last_command.map(|run| (run.command, run.code));
        let of = |text: &'static str, code| Some((SafeText::constant(text), code));
        let begun = |text| event(EventKind::CommandStart, text);
        assert_eq!(last(vec![command("ls", 0), begun("cargo test")]), of("cargo test", None));
        assert_eq!(last(vec![begun("cargo test"), command("cargo test", 101)]), of("cargo test", Some(101)));
        assert_eq!(last(vec![begun("a"), begun("b"), command("b", 0)]), of("a", None));
        assert_eq!(
            last(vec![command("ls", 0), begun("rm x"), event(EventKind::Prompt, "no")]),
            of("ls", Some(0))
        );
        assert_eq!(last(vec![event(EventKind::Command, "serve")]), of("serve", None));
        assert_eq!(last(vec![command("ls", 0), begun("waypost status")]), of("ls", Some(0)));
    }

    #[test]
    fn commands_that_run_tests_are_told_by_their_words() {
        for command in [
            "cargo test --lib x",
            "pytest -q",
            "python -m pytest tests/a.py",
            "npm test",
            "npm run test:unit",
            "go test ./...",
            "./gradlew test",
            "make check",
            "cd a && make test",
            "bundle exec rspec",
            "python -m unittest discover",
            "cargo nextest run",
            "yarn jest",
            "./run-tests",
        ] {
            assert!(is_test(command), "{command}");
        }
        for command in [
            "cargo build --tests-dir",
            "cat tests/a.py",
            "git add src/test/x.rs",
            "ls",
            "vim latest.txt",
            "cargo check",
        ] {
            assert!(!is_test(command), "{command}");
        }
    }
}
