//! A decision log: one file with many decisions, each under a heading, on a
//! line with its date, or in a row of a table.
//!
//! Not here: what a decision's own fields mean (`status`, `date`).

use std::collections::BTreeMap;
use std::ops::Range;

use super::date::{self, Moment};
use super::fields::{self, FieldSet, Section, of_heading};
use super::note::{Note, cells, is_rule, plain};
use super::status::{self, StatedStatus};
use super::{PathWords, has, plain_title, status_of, without_id};

/// One decision of a log.
pub struct LogDecision {
    pub title: String,
    pub body: String,
    pub date: Option<Moment>,
    pub said: Option<StatedStatus>,
    /// Its name within the file.
    pub key: String,
}

/// Words beside `decision` in the name of a log.
#[rustfmt::skip]
const BESIDE: &[&str] = &[
    "log", "logs", "journal", "register", "history", "list", "records", "record", "key", "design", "technical", "tech",
    "architecture", "architectural", "project", "adr", "adrs", "important", "arch", "product", "team",
];

/// Headings of what a decision consists of.
#[rustfmt::skip]
const FIELDS: &[&str] = &[
    "status", "date", "context", "decision", "decisions", "rationale", "reason", "reasons", "reasoning", "consequences",
    "consequence", "impact", "implications", "alternatives", "alternatives considered", "options", "options considered",
    "considered options", "considered alternatives", "implementation", "implementation details", "details", "notes", "note",
    "background", "problem", "problem statement", "references", "links", "related", "trade-offs", "tradeoffs", "pros", "cons",
    "outcome", "risks", "follow-up", "author", "authors", "deciders", "participants", "why", "what", "how", "positive",
    "negative", "neutral", "pros and cons", "more information", "context and problem statement", "decision drivers",
    "decision outcome", "confirmation", "decided", "made by", "revisit",
];

/// Headings that hold entries, or none.
#[rustfmt::skip]
const FRAMES: &[&str] = &[
    "template", "format", "how to use", "usage", "table of contents", "contents", "index", "overview", "about", "legend",
    "purpose", "introduction", "log", "decision log", "entries", "guidelines", "instructions", "recent changes", "conventions",
    "open questions", "open issues", "see also",
];

/// Sections whose list items are decisions.
const LISTS: &[&str] =
    &["decision", "decisions", "log", "decision log", "entries", "decisions made", "key decisions"];

/// The decisions of a log; none where the note is no log.
pub fn entries(place: &PathWords, sheet: &FieldSet) -> Vec<LogDecision> {
    // What says its own status is one decision, whatever it numbers.
    let is_plural = place.name_has(&["adrs", "decisions"]);
    let of_itself = !is_plural && sheet.in_head().any(|field| status::is_key(&field.key));
    let is_one = of_itself || has(sheet, "status") && has(sheet, "context") && has(sheet, "decision");
    let named = is_named(place);
    let mut entries = match () {
        () if is_one => Vec::new(),
        () if named => of_log(sheet),
        () => of_numbered(place, sheet),
    };
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for entry in &mut entries {
        let times = seen.entry(entry.key.clone()).or_default();
        *times += 1;
        if *times > 1 {
            entry.key = format!("{}-{times}", entry.key);
        }
    }
    entries
}

fn is_named(place: &PathWords) -> bool {
    let words = &place.name;
    let is_decision = |word: &String| word.starts_with("decision");
    let is_log =
        |word: &String| word == "decisions" || word.contains("log") || word == "adrs" || word == "journal";
    let fits = |word: &String| is_decision(word) || BESIDE.contains(&word.as_str());
    let about = |word: &String| is_decision(word) || word == "adr" || word == "adrs";
    words.iter().any(about) && words.iter().any(is_log) && words.iter().all(fits)
}

/// Whether a heading begins with the number of a decision, or says that it is
/// one.
fn is_numbered(section: &Section) -> bool {
    let has_id = |prefix: &str| {
        let rest = section.key.strip_prefix(prefix).map(|rest| rest.trim_start_matches(['-', ' ', '#', '_']));
        rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    ["adr", "dec", "decision", "dr", "ad", "d"].iter().any(|prefix| has_id(prefix))
        || section.key == "decision" && !section.value.is_empty()
}

/// Decisions under numbered headings of one level, where there are several.
fn of_numbered(place: &PathWords, sheet: &FieldSet) -> Vec<LogDecision> {
    let numbered: Vec<&Section> =
        sheet.sections.iter().filter(|section| section.level > 1 && is_numbered(section)).collect();
    let level = numbered.iter().map(|section| section.level).min();
    let found = numbered.into_iter().filter(|section| Some(section.level) == level);
    let entries: Vec<LogDecision> = found.map(|section| of_section(&sheet.note, section, None)).collect();
    let is_about = place.is_decision()
        || sheet.note.title().is_some_and(|title| title.to_lowercase().contains("decision"));
    let is_log = entries.len() > 1 && (is_about || entries.iter().all(|entry| entry.said.is_some()));
    if is_log && !has(sheet, "status") { entries } else { Vec::new() }
}

fn of_log(sheet: &FieldSet) -> Vec<LogDecision> {
    let (note, sections) = (&sheet.note, &sheet.sections);
    let mut found = Vec::new();
    let first = sections.first().map_or(note.lines.len(), |section| section.at);
    of_lines(note, 0..first, None, false, &mut found);
    let tops = sections.iter().filter(|section| section.level == 1).count();
    let mut taken = 0;
    for (index, section) in sections.iter().enumerate() {
        if section.at < taken {
            continue;
        }
        let is_title = section.level == 1 && tops == 1;
        let mut within = sections[index + 1..].iter().take_while(|other| other.at < section.end);
        if is_title || !is_candidate(section) || within.any(is_candidate) {
            let is_list = LISTS.contains(&section.key.as_str());
            let lines = section.at + 1..section.own_end;
            of_lines(note, lines, date::find(&section.title), is_list, &mut found);
            continue;
        }
        taken = section.end;
        match is_date(section) {
            true => of_day(note, section, &mut found),
            false => found.push(of_section(note, section, None)),
        }
    }
    found
}

fn is_candidate(section: &Section) -> bool {
    let key = section.key.as_str();
    let is_field = FIELDS.contains(&key) && (section.value.is_empty() || key != "decision");
    !is_field && !FRAMES.contains(&key) && !key.is_empty()
}

/// Whether a heading is a day and nothing else.
fn is_date(section: &Section) -> bool {
    date::first(&section.title).is_some() && undated(&section.title).is_empty()
}

/// What was decided on a day: its items, else all of it.
fn of_day(note: &Note, section: &Section, found: &mut Vec<LogDecision>) {
    let (before, day) = (found.len(), date::find(&section.title));
    of_lines(note, section.at + 1..section.end, day, true, found);
    let first = note.prose(section.at + 1, section.end).into_iter().find(|line| !line.trim().is_empty());
    if let Some(first) = first.filter(|_| found.len() == before) {
        let title = plain(first.trim_start_matches(['#', ' '])).trim().to_string();
        found.push(entry(title, note.body(section.at + 1, section.end), day, None));
    }
}

fn of_section(note: &Note, section: &Section, day: Option<Moment>) -> LogDecision {
    let heading = plain(&section.title);
    let text = note.body(section.at + 1, section.end);
    let inner = FieldSet::of(&text);
    let mark = heading.rsplit_once(['[', '(']).and_then(|(_, end)| status::word(end));
    let said = status_of(&inner, true).or(mark.map(StatedStatus::Known));
    let dated = || {
        let is_day =
            |field: &&fields::Field| matches!(field.key.as_str(), "date" | "decided" | "decided on" | "when");
        inner.fields.iter().filter(is_day).find_map(|field| date::find(&field.value))
    };
    let day = date::find(&heading).or(day).or_else(dated);
    entry(titled(&heading), note.body(section.at, section.end), day, said)
}

fn entry(title: String, body: String, date: Option<Moment>, said: Option<StatedStatus>) -> LogDecision {
    let key = key_of(&title);
    LogDecision { title, body, date, said, key }
}

/// The title of a decision without its day, number and mark.
fn titled(heading: &str) -> String {
    let rest = undated(heading);
    let (key, value) = of_heading(&rest);
    let said = if key == "decision" && !value.is_empty() { value } else { rest };
    let said = plain_title(&said);
    let numbered = ["DEC", "Decision", "DR", "AD", "D"].iter().find_map(|prefix| {
        let rest = said.strip_prefix(prefix)?.trim_start_matches(['-', ' ', '#', '_']);
        without_id(rest).filter(|after| after.len() < rest.len())
    });
    let said = numbered
        .map_or(said.as_str(), |rest| rest.trim_start_matches(['.', ':', '-', ')', ' ', '–', '—', '|']));
    if said.trim().is_empty() { heading.trim().to_string() } else { said.trim().to_string() }
}

/// A text without its first date and the marks around it.
fn undated(text: &str) -> String {
    let Some((_, at)) = date::first(text) else { return text.trim().to_string() };
    let is_mark = |c: char| {
        c.is_whitespace()
            || matches!(c, '[' | ']' | '(' | ')' | '-' | '–' | '—' | ':' | '|' | '*' | ',' | '.')
    };
    let (before, after) =
        (text[..at.start].trim_end_matches(is_mark), text[at.end..].trim_start_matches(is_mark));
    let parts = [before.trim_start_matches(is_mark), after];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The decisions of some lines: those that begin with a day, rows of a table,
/// and, in a list of decisions, every item.
fn of_lines(
    note: &Note,
    lines: Range<usize>,
    day: Option<Moment>,
    is_list: bool,
    found: &mut Vec<LogDecision>,
) {
    let (mut at, end) = (lines.start, lines.end);
    while at < end {
        let line = &note.lines[at];
        if line.in_code || line.heading.is_some() {
            at += 1;
            continue;
        }
        if let Some(head) = cells(&line.text) {
            at = of_table(note, at, end, &head, found);
            continue;
        }
        let Some((title, date)) = begun(&line.text, is_list) else {
            at += 1;
            continue;
        };
        let next = continued(note, at + 1, end, is_list);
        found.push(entry(title, note.body(at, next), date.or(day), None));
        at = next;
    }
}

/// The title and day of a line that begins an entry.
fn begun(line: &str, is_list: bool) -> Option<(String, Option<Moment>)> {
    let is_item = ["- ", "* ", "+ "].iter().any(|mark| line.starts_with(mark));
    let said = plain(line);
    let said = said.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '+' | '>'));
    let lead = said.trim_start_matches(['[', '(']);
    let dated = date::first(lead).filter(|(_, at)| at.start == 0);
    let title = match &dated {
        Some(_) => undated(said),
        None if is_list && is_item => said.trim().to_string(),
        None => return None,
    };
    let is_said =
        title.chars().any(char::is_alphanumeric) && !title.to_lowercase().starts_with("log of updates");
    is_said.then(|| (title, dated.map(|(date, _)| date)))
}

/// Where an entry of lines ends: at the next one, or where its paragraph does.
fn continued(note: &Note, first: usize, end: usize, is_list: bool) -> usize {
    let mut last = first;
    for at in first..end {
        let text = note.lines[at].text.as_ref();
        let is_blank = text.trim().is_empty();
        let after_blank = at > first && note.lines[at - 1].text.trim().is_empty();
        let is_outer = !text.starts_with([' ', '\t']) && !note.lines[at].in_code;
        if begun(text, is_list).is_some() && is_outer || after_blank && is_outer && !is_blank {
            break;
        }
        if !is_blank {
            last = at + 1;
        }
    }
    last
}

/// The rows of a table with a column of decisions; returns the line after it.
fn of_table(note: &Note, at: usize, end: usize, head: &[String], found: &mut Vec<LogDecision>) -> usize {
    let rows: Vec<Vec<String>> = note.lines[at + 1..end].iter().map_while(|line| cells(&line.text)).collect();
    let after = at + 1 + rows.len();
    let keys: Vec<String> = head.iter().map(|cell| fields::key_of(cell)).collect();
    let column = |names: &[&str]| keys.iter().position(|key| names.contains(&key.as_str()));
    let title = column(&["decision"]).or_else(|| column(&["title", "summary", "what", "topic"]));
    let Some(title) = title.filter(|_| rows.first().is_some_and(|rule| is_rule(rule))) else { return after };
    let (dates, states) =
        (column(&["date", "when", "decided"]), keys.iter().position(|key| status::is_key(key)));
    for row in &rows[1..] {
        let Some(said) = row.get(title).filter(|said| said.chars().any(char::is_alphanumeric)) else {
            continue;
        };
        let body = head.iter().zip(row).filter(|(_, cell)| !cell.is_empty());
        let body: Vec<String> = body.map(|(key, cell)| format!("{key}: {cell}")).collect();
        let date = dates.and_then(|at| date::find(row.get(at)?));
        let state = states.and_then(|at| row.get(at)).filter(|cell| !cell.is_empty());
        found.push(entry(said.clone(), body.join("\n"), date, state.map(|cell| status::read(cell))));
    }
    after
}

/// The words of a title in lower case, as the anchor of a heading.
fn key_of(title: &str) -> String {
    let mut key = String::new();
    for word in title.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        if key.chars().count() > 60 {
            break;
        }
        if !key.is_empty() {
            key.push('-');
        }
        key.push_str(&word.to_lowercase());
    }
    key
}
