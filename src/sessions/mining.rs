//! What a log teaches: errors that came again, with what put them right, and
//! instructions that a person had to repeat.
//!
//! Pure: from entries in their order to candidates. Nobody is told one before a
//! person accepted it. Not here: which of them are known already (`app`).

use std::collections::{BTreeMap, BTreeSet};

use super::fingerprint::{self, command_key};
use crate::model::{Event, EventKind, SafeText};

/// What a candidate must have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MiningGates {
    pub confidence: f64,
    /// Times in a row in one session, or sessions.
    pub reinforcement: usize,
    pub sessions: usize,
    /// Entries of the log that it rests on.
    pub evidence: usize,
    /// Sessions in which a person said the same.
    pub repeated: usize,
}

impl MiningGates {
    pub const STRICT: Self =
        Self { confidence: 0.7, reinforcement: 3, sessions: 2, evidence: 2, repeated: 3 };
    pub const RELAXED: Self =
        Self { confidence: 0.5, reinforcement: 2, sessions: 2, evidence: 1, repeated: 2 };
}

/// An error as it was logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedError {
    pub fingerprint: String,
    /// The program of a command, else the tool.
    pub tool: String,
    pub code: Option<i64>,
    /// The line that tells what went wrong.
    pub line: String,
}

/// An error that came again.
#[derive(Clone, Debug, PartialEq)]
pub struct RepeatedError {
    pub error: LoggedError,
    /// What failed: a command line or a tool.
    pub what: SafeText,
    /// Where it was seen, oldest first.
    pub sightings: Vec<Sighting>,
    /// Times that it came again in a session in which it had been put right.
    pub recurred: usize,
    /// The longest row of it in one session without success between.
    pub streak: usize,
    pub fix: Option<ErrorFix>,
}

/// An entry of the log that shows something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    pub event: i64,
    pub at_ms: i64,
    pub session: Option<String>,
}

/// The first success after an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorFix {
    pub event: i64,
    pub what: SafeText,
    /// Files that were changed in between.
    pub files: Vec<SafeText>,
}

/// An instruction that a person gave again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepeatedInstruction {
    /// As it was said last.
    pub text: SafeText,
    /// Equal for all spellings of it.
    pub key: String,
    pub sightings: Vec<Sighting>,
}

/// Files that are named as changed between an error and its fix.
const MOST_FILES: usize = 10;

/// The error of an entry of the log, if it tells of one that can come again.
pub fn error_of(event: &Event) -> Option<LoggedError> {
    let said = said(event, "error");
    let (tool, line) = match event.kind {
        EventKind::Command if event.code.is_none_or(|code| code == 0) => return None,
        EventKind::Command if fingerprint::is_question(event.text.as_str()) => return None,
        EventKind::Command => (fingerprint::program(event.text.as_str()), said?),
        // Of a tool, or written into the log by somebody.
        EventKind::Error => match said {
            Some(said) => (event.text.to_string(), said),
            None => (String::new(), event.text.to_string()),
        },
        _ => return None,
    };
    let fingerprint = fingerprint::fingerprint(&tool, event.code, &line)?;
    Some(LoggedError { fingerprint, tool, code: event.code, line })
}

fn said(event: &Event, key: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(event.data.as_ref()?.as_str()).ok()?;
    Some(value.get(key)?.as_str()?.to_string()).filter(|text| !text.is_empty())
}

/// What succeeds again when an error is put right.
fn key_of(event: &Event) -> Option<String> {
    let is_own = event.text.as_str().starts_with("waypost ");
    match event.kind {
        EventKind::Command if !is_own => Some(command_key(event.text.as_str())),
        EventKind::Error | EventKind::ToolCall => Some(format!("tool {}", event.text)),
        _ => None,
    }
}

/// The errors that a log has more than once, by their first sighting.
pub fn repeated_errors(events: &[Event]) -> Vec<RepeatedError> {
    let mut mining = Mining::default();
    events.iter().for_each(|event| mining.take(event));
    mining.fixed_elsewhere(events);
    let mut found: Vec<RepeatedError> =
        mining.errors.into_values().filter(|error| error.sightings.len() > 1).collect();
    found.sort_by_key(|error| error.sightings[0].event);
    found
}

#[derive(Default)]
struct Mining {
    errors: BTreeMap<String, RepeatedError>,
    /// Errors that were not put right yet, by session and fingerprint.
    open: BTreeMap<(Option<String>, String), OpenError>,
    /// Those that were put right in a session.
    closed: BTreeSet<(Option<String>, String)>,
}

#[derive(Default)]
struct OpenError {
    key: String,
    streak: usize,
    files: BTreeSet<SafeText>,
}

impl Mining {
    fn take(&mut self, event: &Event) {
        if let (EventKind::FileChange, Some(path)) = (event.kind, &event.path) {
            let in_session = self.open.iter_mut().filter(|((session, _), _)| *session == event.session);
            in_session.filter(|(_, open)| open.files.len() < MOST_FILES).for_each(|(_, open)| {
                open.files.insert(path.clone());
            });
        }
        match (error_of(event), key_of(event)) {
            (Some(error), Some(key)) => self.failed(event, error, key),
            (None, Some(key)) if is_success(event) => self.succeeded(event, &key),
            _ => {}
        }
    }

    fn failed(&mut self, event: &Event, error: LoggedError, key: String) {
        let place = (event.session.clone(), error.fingerprint.clone());
        let known = self.errors.entry(error.fingerprint.clone()).or_insert_with(|| RepeatedError {
            error,
            what: event.text.clone(),
            sightings: Vec::new(),
            recurred: 0,
            streak: 0,
            fix: None,
        });
        known.sightings.push(sighting(event));
        if !self.open.contains_key(&place) && self.closed.contains(&place) {
            known.recurred += 1;
        }
        let open = self.open.entry(place).or_insert_with(|| OpenError { key, ..OpenError::default() });
        open.streak += 1;
        known.streak = known.streak.max(open.streak);
    }

    fn succeeded(&mut self, event: &Event, key: &str) {
        let is_its = |(place, open): (&(Option<String>, String), &OpenError)| {
            (place.0 == event.session && open.key == key).then(|| place.clone())
        };
        let mended: Vec<(Option<String>, String)> = self.open.iter().filter_map(is_its).collect();
        for place in mended {
            let files = self.open.remove(&place).map(|open| open.files).unwrap_or_default();
            if let Some(error) = self.errors.get_mut(&place.1).filter(|error| error.fix.is_none()) {
                let files = files.into_iter().collect();
                error.fix = Some(ErrorFix { event: event.seq, what: event.text.clone(), files });
            }
            self.closed.insert(place);
        }
    }

    /// What was put right in another session only: the first success of the same
    /// after the last time that it failed.
    fn fixed_elsewhere(&mut self, events: &[Event]) {
        for error in self.errors.values_mut().filter(|error| error.fix.is_none() && error.sightings.len() > 1)
        {
            let Some(last) = error.sightings.last().map(|last| last.event) else { continue };
            let at = events.partition_point(|event| event.seq <= last);
            let failed = events[..at].iter().rev().find(|event| event.seq == last);
            let Some(key) = failed.and_then(key_of) else { continue };
            let mended =
                events[at..].iter().find(|event| is_success(event) && key_of(event).as_ref() == Some(&key));
            error.fix = mended.map(|event| ErrorFix {
                event: event.seq,
                what: event.text.clone(),
                files: Vec::new(),
            });
        }
    }
}

fn is_success(event: &Event) -> bool {
    match event.kind {
        EventKind::Command => event.code == Some(0),
        kind => kind == EventKind::ToolCall,
    }
}

fn sighting(event: &Event) -> Sighting {
    Sighting { event: event.seq, at_ms: event.at_ms, session: event.session.clone() }
}

/// How many different sessions show something.
pub fn sessions(sightings: &[Sighting]) -> usize {
    sightings.iter().map(|sighting| &sighting.session).collect::<BTreeSet<_>>().len()
}

impl RepeatedError {
    /// How sure it is that this is a lesson: how often it came against how often
    /// it came back after it had been put right, as in everyday work.
    pub fn confidence(&self) -> f64 {
        let all = self.sightings.len() as f64;
        (all - self.recurred as f64 + 1.0) / (all + 2.0)
    }

    /// Entries of the log that it rests on.
    pub fn evidence(&self) -> usize {
        self.sightings.len() + usize::from(self.fix.is_some())
    }

    /// The gates that it does not pass.
    pub fn held_by(&self, gates: &MiningGates) -> Vec<&'static str> {
        let is_reinforced = self.streak >= gates.reinforcement || sessions(&self.sightings) >= gates.sessions;
        let all = [
            ("confidence", self.confidence() >= gates.confidence),
            ("reinforcement", is_reinforced),
            ("evidence", self.evidence() >= gates.evidence),
        ];
        all.into_iter().filter(|(_, passes)| !passes).map(|(name, _)| name).collect()
    }
}

/// Words that correct somebody.
const CORRECTS: &[&str] = &[
    "always", "never", "dont", "not", "stop", "instead", "rather", "avoid", "prefer", "only", "without",
    "must", "should", "no", "use",
];

/// Words of an instruction: fewer say nothing, more are a task.
const WORDS: std::ops::RangeInclusive<usize> = 3..=40;

/// So many words in the same order are no accident.
const SURE: usize = 5;

/// The instructions that prompts of more than one session have, by their first
/// sighting.
pub fn repeated_instructions(events: &[Event]) -> Vec<RepeatedInstruction> {
    let mut found: BTreeMap<String, RepeatedInstruction> = BTreeMap::new();
    for event in events.iter().filter(|event| event.kind == EventKind::Prompt) {
        let mut seen = BTreeSet::new();
        for text in sentences(event.text.as_str()) {
            let Some(key) = instruction_key(text).filter(|key| seen.insert(key.clone())) else { continue };
            let known = found.entry(key.clone()).or_insert_with(|| RepeatedInstruction {
                text: SafeText::default(),
                key,
                sightings: Vec::new(),
            });
            known.text = event.text.part(text).one_line(200);
            known.sightings.push(sighting(event));
        }
    }
    let mut found: Vec<RepeatedInstruction> =
        found.into_values().filter(|said| sessions(&said.sightings) > 1).collect();
    found.sort_by_key(|said| said.sightings[0].event);
    found
}

fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        // A dot ends a sentence only before a space: `a.rs` has none.
        let ends = |(at, c): (usize, char)| {
            let next = rest[at + c.len_utf8()..].chars().next();
            let is_end = matches!(c, '\n' | ';') || ".!?".contains(c) && next.is_none_or(char::is_whitespace);
            is_end.then_some(at + c.len_utf8())
        };
        let end = rest.char_indices().find_map(ends).unwrap_or(rest.len());
        let (sentence, after) = rest.split_at(end);
        rest = after;
        Some(sentence.trim())
    })
}

/// Equal for all spellings of an instruction; `None` for what is none.
pub fn instruction_key(text: &str) -> Option<String> {
    let text = text.trim();
    if text.ends_with('?') || text.starts_with('/') || text.starts_with('<') {
        return None;
    }
    let plain = text.to_lowercase().replace(['\'', '’'], "");
    let words: Vec<&str> = plain
        .split(|c: char| !c.is_alphanumeric() && !"_/".contains(c))
        .filter(|word| !word.is_empty() && *word != "please")
        .collect();
    let corrects = words.iter().any(|word| CORRECTS.contains(word));
    (WORDS.contains(&words.len()) && (corrects || words.len() >= SURE)).then(|| words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Log(Vec<Event>);

    impl Log {
        fn add(
            &mut self,
            session: &str,
            kind: EventKind,
            text: &'static str,
            code: Option<i64>,
            error: &str,
        ) {
            let redactor = crate::redact::Redactor::new(&[]).unwrap();
            let data = serde_json::json!({ "error": error }).to_string();
            let seq = self.0.len() as i64 + 1;
            self.0.push(Event {
                seq,
                at_ms: seq,
                session: Some(session.to_string()),
                kind,
                text: SafeText::constant(text),
                path: (kind == EventKind::FileChange).then(|| SafeText::constant(text)),
                code,
                data: (!error.is_empty()).then(|| redactor.text(&data)),
            });
        }

        fn fails(&mut self, session: &str, error: &str) {
            self.add(session, EventKind::Command, "cargo build --lib", Some(101), error);
        }

        fn works(&mut self, session: &str) {
            self.add(session, EventKind::Command, "cargo build", Some(0), "");
        }
    }

    #[test]
    fn the_same_error_in_three_sessions_is_one_candidate_with_its_real_text() {
        let mut log = Log(Vec::new());
        for (session, error) in [
            ("a", "error: no `x` at src/a.rs:3"),
            ("b", "error: no `y` at b.rs:14"),
            ("c", "error: no `z` at c.rs:1"),
        ] {
            log.fails(session, error);
        }
        log.add("c", EventKind::FileChange, "build.rs", None, "");
        log.works("c");
        let found = repeated_errors(&log.0);
        assert_eq!(found.len(), 1, "{found:#?}");
        let one = &found[0];
        assert_eq!(
            (one.error.line.as_str(), one.error.tool.as_str()),
            ("error: no `x` at src/a.rs:3", "cargo")
        );
        assert_eq!((one.sightings.len(), sessions(&one.sightings), one.evidence()), (3, 3, 4));
        let fix = one.fix.as_ref().unwrap();
        assert_eq!(
            (fix.what.as_str(), fix.files.as_slice(), fix.event),
            ("cargo build", &[SafeText::constant("build.rs")][..], 5)
        );
        assert_eq!(one.held_by(&MiningGates::STRICT), [""; 0]);
    }

    #[test]
    fn what_comes_and_goes_in_one_session_is_everyday_work() {
        let mut log = Log(Vec::new());
        for _ in 0..6 {
            log.fails("a", "error: no");
            log.works("a");
        }
        let one = &repeated_errors(&log.0)[0];
        assert_eq!((one.recurred, one.streak), (5, 1));
        assert_eq!(one.held_by(&MiningGates::STRICT), ["confidence", "reinforcement"]);
        // Three times without success between are another thing.
        let mut log = Log(Vec::new());
        (0..3).for_each(|_| log.fails("a", "error: no"));
        assert_eq!(repeated_errors(&log.0)[0].held_by(&MiningGates::STRICT), [""; 0]);
        log.0.pop();
        assert_eq!(repeated_errors(&log.0)[0].held_by(&MiningGates::STRICT), ["reinforcement"]);
        assert_eq!(repeated_errors(&log.0)[0].held_by(&MiningGates::RELAXED), [""; 0]);
    }

    #[test]
    fn ten_thousand_successful_edits_teach_nothing() {
        let mut log = Log(Vec::new());
        for n in 0..10_000 {
            let session = ["a", "b", "c", "d"][n % 4];
            log.add(session, EventKind::ToolCall, "Edit", None, "");
            log.add(session, EventKind::FileChange, "src/a.rs", None, "");
        }
        assert_eq!((repeated_errors(&log.0), repeated_instructions(&log.0)), (Vec::new(), Vec::new()));
    }

    #[test]
    fn an_instruction_that_is_repeated_is_found_among_other_words() {
        let mut log = Log(Vec::new());
        for (session, prompt) in [
            ("a", "Mend the parser. Don't use unwrap in src/a.rs, please!"),
            ("b", "dont use unwrap in src/a.rs"),
            ("b", "Don't use unwrap in src/a.rs. Go on."),
            ("c", "Go on. Why not? Don't use unwrap in src/a.rs"),
            ("d", "Go on. Why not?"),
        ] {
            log.add(session, EventKind::Prompt, prompt, None, "");
        }
        let found = repeated_instructions(&log.0);
        assert_eq!(found.len(), 1, "{found:#?}");
        assert_eq!(
            (found[0].text.as_str(), sessions(&found[0].sightings)),
            ("Don't use unwrap in src/a.rs", 3)
        );
    }
}
