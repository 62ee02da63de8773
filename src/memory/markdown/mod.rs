//! Notes that other tools keep as Markdown, as records: architecture decision
//! records, decision logs, memory banks, notes of agents. Kind, status and date
//! are read off the place and the metadata; the text is kept whole.
//!
//! Not here: finding the files, and which of their records are known.

mod date;
mod fields;
mod log;
mod note;
mod status;

use std::collections::BTreeSet;

pub use date::Moment;
use fields::{FieldSet, Section};
use note::plain;
use status::StatedStatus;

use super::{BodySection, Record, RecordKind, RecordStatus};
use crate::model::SafeText;
use crate::redact::Redactor;

/// A record of a note, and the day that it names.
#[derive(Clone, Debug, PartialEq)]
pub struct DatedRecord {
    /// Without an id; `created` is empty where no day is named.
    pub record: Record,
    pub date: Option<Moment>,
}

/// Sections beside which a section `Decision` makes a note a decision.
const BESIDE_DECISION: &[&str] =
    &["context", "status", "consequences", "assumptions", "alternatives", "considered options", "rationale"];

/// Characters of a title.
const MAX_TITLE: usize = 500;

/// The records of a note. `path` is where it was found, with `/` between its
/// parts; `named` says that it was asked for by its own name, so that only an
/// empty one is none.
///
/// # Errors
/// Why there are none: it is empty, an index of others or a template.
pub fn read(
    path: &str,
    text: &str,
    named: bool,
    redactor: &Redactor,
) -> Result<Vec<DatedRecord>, &'static str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    let sheet = FieldSet::of(&text);
    let place = PathWords::of(path);
    if text.trim().is_empty() {
        return Err("it is empty");
    }
    let is_decision = place.is_decision() || has_decision(&sheet);
    if !named && let Some(reason) = reason_against(&place, &sheet, is_decision) {
        return Err(reason);
    }
    let whole = NoteDraft { path, text: &text, sheet: &sheet, place: &place, redactor };
    match log::entries(&place, &sheet) {
        entries if !entries.is_empty() => Ok(entries.into_iter().map(|entry| whole.entry(entry)).collect()),
        _ => whole.record(is_decision).map(|record| vec![record]).ok_or("it says nothing"),
    }
}

/// A file's place as words.
struct PathWords {
    /// Of its folders and its name.
    words: Vec<String>,
    /// Of its name alone.
    name: Vec<String>,
    stem: String,
    folder: String,
}

impl PathWords {
    fn of(path: &str) -> Self {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        let cut = |text: &str| -> Vec<String> {
            let tokens =
                crate::rank_terms::tokens(text).flat_map(|token| crate::rank_terms::parts(token.text));
            tokens.filter(|part| !part.is_empty()).map(str::to_lowercase).collect()
        };
        let name = cut(stem);
        let words = cut(folder).into_iter().chain(name.iter().cloned()).collect();
        let folder = folder.rsplit('/').next().unwrap_or_default().to_lowercase();
        Self { words, name, stem: stem.to_string(), folder }
    }

    fn is_decision(&self) -> bool {
        let is_word = |word: &String| {
            matches!(word.as_str(), "adr" | "adrs" | "madr")
                || word.starts_with("decision")
                || word.strip_prefix("adr").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
        };
        self.words.iter().any(is_word)
    }

    /// Whether the name is that of a page about the others.
    fn is_index(&self) -> bool {
        let about =
            |word: &String| matches!(word.as_str(), "adr" | "adrs" | "status" | "record" | "records" | "all");
        let is_index = |word: &String| INDEXES.contains(&word.as_str());
        self.name.last().is_some_and(is_index)
            && self.name.iter().all(|word| about(word) || is_index(word) || word.starts_with("decision"))
    }

    fn name_has(&self, words: &[&str]) -> bool {
        self.name.iter().any(|word| words.contains(&word.as_str()))
    }
}

/// Names of the page that lists the others.
const INDEXES: &[&str] = &["readme", "index", "summary", "toc", "contents", "sidebar", "home", "overview"];

/// Words for a form to copy, and words that may stand beside them in its name.
const TEMPLATES: &[&str] =
    &["template", "templates", "tmpl", "boilerplate", "skeleton", "modele", "vorlage", "plantilla", "modelo"];
#[rustfmt::skip]
const BESIDE_TEMPLATE: &[&str] = &[
    "adr", "adrs", "madr", "nygard", "bare", "minimal", "short", "long", "full", "simple", "basic", "decision", "decisions",
    "record", "records", "architecture", "architectural", "architecture", "title", "number", "n", "nn", "nnn", "nnnn", "x", "xx",
    "xxx", "xxxx", "the", "a", "of", "md", "markdown", "by", "default", "example", "name", "your", "here", "insert",
];

/// Why a note of a folder is no record of its own.
fn reason_against(place: &PathWords, sheet: &FieldSet, is_decision: bool) -> Option<&'static str> {
    let is_record = || {
        let is_known = matches!(status_of(sheet, is_decision), Some(StatedStatus::Known(_)));
        is_known || has_decision(sheet)
    };
    if is_template(place, sheet, is_decision) {
        return Some("it is a template");
    }
    let is_numbered = place.stem.starts_with(|c: char| c.is_ascii_digit());
    let (links, share) = links(sheet);
    let is_listed =
        is_decision && place.is_index() || share > 0.6 && !is_numbered || links > 2 && place.is_index();
    (is_listed && !is_record()).then_some("it is an index of others")
}

fn is_template(place: &PathWords, sheet: &FieldSet, is_decision: bool) -> bool {
    let is_form = |words: &[String]| {
        let fits = |word: &String| {
            let word = word.trim_end_matches(|c: char| c.is_ascii_digit());
            word.is_empty() || TEMPLATES.contains(&word) || BESIDE_TEMPLATE.contains(&word)
        };
        words.iter().any(|word| TEMPLATES.contains(&word.as_str())) && words.iter().all(fits)
    };
    let title = sheet.note.title().map(plain).unwrap_or_default();
    let words: Vec<String> =
        crate::rank_terms::tokens(&title).map(|token| token.text.to_lowercase()).collect();
    let asks = |word: &String| word == "title" || TEMPLATES.contains(&word.as_str());
    let is_blank = words.iter().any(asks)
        && words.iter().all(|word| {
            let word = word.trim_matches(|c: char| c.is_ascii_digit());
            word.is_empty() || TEMPLATES.contains(&word) || BESIDE_TEMPLATE.contains(&word)
        });
    let title = plain_title(&title);
    let is_wrapped = [('[', ']'), ('{', '}'), ('<', '>')]
        .iter()
        .any(|(open, close)| title.starts_with(*open) && title.ends_with(*close));
    let is_hidden = place.stem.starts_with(['.', '_']) && place.name_has(TEMPLATES);
    let in_folder = PathWords::of(&place.folder).name.iter().any(|word| TEMPLATES.contains(&word.as_str()));
    is_form(&place.name) || is_hidden || in_folder || is_decision && (is_blank || is_wrapped)
}

/// How many lines of lists and tables link to another note, and their share of
/// all lines that say anything.
fn links(sheet: &FieldSet) -> (usize, f64) {
    let says =
        |line: &&note::NoteLine| line.heading.is_none() && line.text.chars().any(char::is_alphanumeric);
    let lines: Vec<&note::NoteLine> = sheet.note.lines.iter().filter(says).collect();
    let is_link = |line: &&&note::NoteLine| {
        let text = line.text.trim_start();
        let is_listed =
            text.starts_with(['-', '*', '+', '|']) || text.starts_with(|c: char| c.is_ascii_digit());
        is_listed && (text.contains(".md)") || text.contains(".md#") || text.contains("]]"))
    };
    let links = lines.iter().filter(is_link).count();
    (links, links as f64 / lines.len().max(1) as f64)
}

/// Whether a note has the sections of a decision.
fn has_decision(sheet: &FieldSet) -> bool {
    has(sheet, "decision") && BESIDE_DECISION.iter().any(|name| has(sheet, name))
}

/// Whether a note has a section of a name.
fn has(sheet: &FieldSet, name: &str) -> bool {
    section(sheet, name).is_some()
}

fn section<'n>(sheet: &'n FieldSet, name: &str) -> Option<&'n Section> {
    sheet.sections.iter().find(|section| section.level > 1 && section.key.starts_with(name))
}

/// What a note says of its status; `None` where it says nothing.
fn status_of(sheet: &FieldSet, is_decision: bool) -> Option<StatedStatus> {
    let said = stated(sheet, is_decision);
    let in_head = || sheet.in_head().find(|field| status::SUCCESSORS.contains(&field.key.as_str()));
    let successor = sheet.note.matter(status::SUCCESSORS).or_else(|| Some(in_head()?.value.as_str()));
    let names_one = successor.is_some_and(|value| {
        let value = fields::key_of(value);
        !value.is_empty() && !matches!(value.as_str(), "none" | "n/a" | "na" | "null" | "no" | "tbd")
    });
    match said {
        Some(StatedStatus::Known(RecordStatus::Rejected) | StatedStatus::Choices) => said,
        _ if names_one => Some(StatedStatus::Known(RecordStatus::Superseded)),
        said => said,
    }
}

/// By the fields of the head, else by a section, else by a field further down,
/// where that is a known one.
fn stated(sheet: &FieldSet, is_decision: bool) -> Option<StatedStatus> {
    let is_status = |key: &str| status::is_key(&fields::key_of(key));
    let matter = sheet.note.matter.iter().find(|(key, _)| is_status(key));
    let mut said: Vec<StatedStatus> = matter.map(|(_, value)| status::read(value)).into_iter().collect();
    let in_head = sheet.in_head().filter(|field| status::is_key(&field.key));
    said.extend(in_head.map(|field| status::read(&field.value)));
    let known =
        |said: &[StatedStatus]| said.iter().find(|said| matches!(said, StatedStatus::Known(_))).copied();
    if known(&said).is_none() {
        let sections = sheet.sections.iter().filter(|section| status::is_key(&section.key));
        said.extend(sections.filter_map(|section| of_section(sheet, section, is_decision)));
    }
    if said.is_empty() {
        let changes = sheet.sections.iter().filter(|section| is_history(&section.key));
        said.extend(
            changes
                .map(|section| status::read(&sheet.said(section)))
                .filter(|said| *said != StatedStatus::Unknown),
        );
    }
    if said.is_empty() {
        let deeper = sheet.fields.iter().filter(|field| status::is_key(&field.key));
        said.extend(
            deeper.map(|field| status::read(&field.value)).filter(|said| *said != StatedStatus::Unknown),
        );
    }
    let choices = said.iter().find(|said| **said == StatedStatus::Choices).copied();
    known(&said).or(choices).or(said.first().copied())
}

/// What a section says of the status; of a note that is no decision only a few
/// words do.
fn of_section(sheet: &FieldSet, section: &Section, is_decision: bool) -> Option<StatedStatus> {
    let text = sheet.said(section);
    let within = |field: &&fields::Field| (section.at..section.end).contains(&field.at);
    let field = sheet.fields.iter().filter(within).find(|field| status::is_key(&field.key));
    let of_field =
        field.map(|field| status::read(&field.value)).filter(|said| *said != StatedStatus::Unknown);
    // What was meant as a rule below a status is read as a heading's.
    let next = || {
        let next = sheet.note.lines.get(section.end)?.heading.as_ref()?;
        status::word(&next.title)
    };
    match text.trim().is_empty() {
        true => next().map(StatedStatus::Known).or(is_decision.then_some(StatedStatus::Unknown)),
        false if !is_decision && text.split_whitespace().nth(6).is_some() => None,
        false => of_field.or_else(|| Some(status::read(&text))),
    }
}

/// A mark in the title, or the folder that the file lies in.
fn status_by_place(sheet: &FieldSet, place: &PathWords) -> Option<RecordStatus> {
    let title = sheet.note.title().map(plain).unwrap_or_default();
    let marked = |open: char, close: char| {
        let (_, inside) = title.split_once(open)?;
        status::word(inside.split(close).next()?)
    };
    let first = title.split_once(':').and_then(|(first, _)| status::word(first));
    let is_end = |status: &RecordStatus| {
        matches!(status, RecordStatus::Superseded | RecordStatus::Rejected | RecordStatus::Proposed)
    };
    marked('[', ']')
        .or_else(|| marked('(', ')'))
        .or(first)
        .or_else(|| status::word(&place.folder))
        .filter(is_end)
}

const CREATED: &[&str] = &["created", "date created", "created on", "creation date", "created at"];
#[rustfmt::skip]
const DATES: &[&str] = &[
    "date", "decision date", "date of decision", "decided", "decided on", "date decided", "date accepted", "accepted on",
    "accepted date", "date proposed", "proposed date", "proposed on", "datum", "fecha", "data", "日期", "日付", "날짜", "дата",
    "tarih",
];
const UPDATED: &[&str] =
    &["updated", "last updated", "last update", "last modified", "modified", "date modified", "revised"];

/// The day that a note names for itself.
fn day(sheet: &FieldSet, keys: &[&str]) -> Option<Moment> {
    let is_key = |key: &str| keys.contains(&key.replace(['-', '_'], " ").as_str());
    let mut matter = sheet.note.matter.iter().filter(|(key, _)| is_key(&fields::key_of(key)));
    let mut fields = sheet.fields.iter().filter(|field| is_key(&field.key));
    let mut sections = sheet.sections.iter().filter(|section| is_key(&section.key));
    // Further down a field may be about something else.
    let is_value = |field: &fields::Field| field.at < sheet.head || field.value.len() < 40;
    matter
        .find_map(|(_, value)| date::find(value))
        .or_else(|| fields.find_map(|field| date::find(&field.value).filter(|_| is_value(field))))
        .or_else(|| sections.find_map(|section| date::find(&sheet.said(section))))
}

/// The day of a decision, by its metadata, its name, its status or its changes.
fn created(sheet: &FieldSet, place: &PathWords) -> Option<Moment> {
    let of_section = |is_name: &dyn Fn(&str) -> bool| {
        let mut sections = sheet.sections.iter().filter(|section| is_name(&section.key));
        sections.find_map(|section| date::find(&sheet.said(section)))
    };
    let in_status = || {
        let mut fields = sheet.in_head().filter(|field| status::is_key(&field.key));
        fields.find_map(|field| date::find(&field.value))
    };
    day(sheet, CREATED)
        .or_else(|| day(sheet, DATES))
        .or_else(|| date::of_name(&place.stem))
        .or_else(in_status)
        .or_else(|| of_section(&status::is_key))
        .or_else(|| of_section(&is_history))
}

/// The section that tells what became of a decision, and when.
fn is_history(key: &str) -> bool {
    matches!(key, "changelog" | "change log" | "history" | "status history" | "changes")
}

/// A note on the way to its records.
struct NoteDraft<'a> {
    path: &'a str,
    text: &'a str,
    sheet: &'a FieldSet<'a>,
    place: &'a PathWords,
    redactor: &'a Redactor,
}

impl NoteDraft<'_> {
    /// The note as one record.
    fn record(&self, is_decision: bool) -> Option<DatedRecord> {
        let (sheet, place, redactor) = (self.sheet, self.place, self.redactor);
        let kind = match () {
            () if is_decision => RecordKind::Decision,
            () if place.name_has(&["progress"]) || place.stem.to_lowercase().contains("activecontext") => {
                RecordKind::Observation
            }
            () if place.name.iter().any(|word| word.starts_with("lesson") || word.starts_with("learn")) => {
                RecordKind::Lesson
            }
            () => RecordKind::Fact,
        };
        let title = self.title()?;
        let mut record =
            Record::new(String::new(), kind, redactor.line(&title).one_line(MAX_TITLE), String::new());
        record.status = match status_of(sheet, is_decision) {
            Some(StatedStatus::Known(status)) => status,
            Some(StatedStatus::Unknown | StatedStatus::Choices) => RecordStatus::Proposed,
            None => status_by_place(sheet, place).unwrap_or(RecordStatus::Accepted),
        };
        record.body = redactor.text(self.text.trim());
        if is_decision {
            for (part, names) in [
                (BodySection::Rationale, ["rationale", "context"]),
                (BodySection::Impact, ["consequences", "impact"]),
            ] {
                let said = names.iter().find_map(|name| self.part(name));
                record.parts.extend(said.map(|said| (part, vec![redactor.text(&said)])));
            }
        }
        record.source = Some(redactor.line(self.path));
        let date = created(sheet, place);
        record.created = date.map(|date| date.text()).unwrap_or_default();
        let updated = day(sheet, UPDATED).filter(|updated| date.is_none_or(|date| date < *updated));
        record.updated = updated.map_or_else(|| record.created.clone(), |updated| updated.text());
        Some(DatedRecord { record, date })
    }

    fn title(&self) -> Option<String> {
        let sheet = self.sheet;
        let heading = sheet.note.title().map(plain_title).filter(|title| !is_generic(title));
        let field = || Some(sheet.in_head().find(|field| field.key == "title")?.value.clone());
        let section = || {
            let section = sheet.sections.iter().find(|section| section.key == "title")?;
            Some(sheet.said(section).lines().find(|line| !line.trim().is_empty())?.trim().to_string())
        };
        let matter = || sheet.note.matter(&["title", "name"]).map(str::to_string);
        let stem = || plain_title(&self.place.stem.replace(['-', '_'], " "));
        let filled = |title: &String| title.chars().any(char::is_alphanumeric);
        let title = heading.or_else(field).or_else(section).or_else(matter).filter(filled);
        title.or_else(|| Some(stem()).filter(filled))
    }

    fn part(&self, name: &str) -> Option<String> {
        let section = section(self.sheet, name)?;
        Some(self.sheet.note.body(section.at + 1, section.end)).filter(|body| !body.is_empty())
    }

    /// One decision of a log.
    fn entry(&self, entry: log::LogDecision) -> DatedRecord {
        let redactor = self.redactor;
        let title = redactor.line(&entry.title).one_line(MAX_TITLE);
        let mut record = Record::new(String::new(), RecordKind::Decision, title, String::new());
        record.status = match entry.said {
            Some(StatedStatus::Known(status)) => status,
            Some(StatedStatus::Unknown | StatedStatus::Choices) => RecordStatus::Proposed,
            None => RecordStatus::Accepted,
        };
        if entry.body.trim() != entry.title {
            record.body = redactor.text(entry.body.trim());
        }
        record.source = Some(redactor.line(&format!("{}#{}", self.path, entry.key)));
        record.created = entry.date.map(|date| date.text()).unwrap_or_default();
        record.updated = record.created.clone();
        DatedRecord { record, date: entry.date }
    }
}

/// A heading that says what the page is, and not what was decided.
fn is_generic(title: &str) -> bool {
    let words: BTreeSet<String> = crate::search_terms::parts(title);
    let generic = ["architectur", "architectural", "decis", "record", "adr", "titl", "design"];
    words.is_empty() || words.iter().all(|word| generic.contains(&word.as_str()))
}

/// `1. Use SQLite`, `ADR-0003: Use SQLite` and `Use SQLite` are the same title.
fn plain_title(title: &str) -> String {
    let title = plain(title);
    let title = title.trim().trim_end_matches('#').trim();
    let inside = title.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let (named, rest) = match inside.map(|(id, rest)| (without_id(id), rest)) {
        // `[ADR-3] Use SQLite`
        Some((Some(""), rest)) => (true, rest),
        _ => (false, without_id(title).unwrap_or(title)),
    };
    let marks = ['.', ':', '-', ')', ' ', '–', '—', '|'];
    let said = if named || rest.len() < title.len() { rest.trim_start_matches(marks) } else { rest };
    if said.is_empty() { title.to_string() } else { said.to_string() }
}

/// What follows the number of a decision; `None` where there is no number.
fn without_id(title: &str) -> Option<&str> {
    let upper = title.get(..3).map(str::to_uppercase);
    let rest = if upper.as_deref() == Some("ADR") { &title[3..] } else { title };
    let is_named = rest.len() < title.len();
    let rest = if is_named { rest.trim_start_matches(['-', ' ', '_', '#', ':']) } else { rest };
    let after = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = rest.len() - after.len();
    let is_parted = after.is_empty() || after.starts_with(['.', ':', ')', '–', '—', '|']);
    let is_spaced = after.starts_with(" -")
        || after.starts_with(" –")
        || after.starts_with(" —")
        || after.starts_with(" |");
    let is_long = digits >= 4 && after.starts_with([' ', '-']);
    let is_id = digits > 0
        && (is_parted || is_spaced || is_long || is_named && !after.starts_with(char::is_alphabetic));
    match (is_id, is_named) {
        (true, _) => Some(after),
        (false, true) if title[3..].starts_with(':') => Some(&title[4..]),
        _ => None,
    }
}

/// Whether two records, one of them found again, say the same.
pub fn says_the_same(one: &Record, other: &Record) -> bool {
    let text = |record: &Record| -> Vec<SafeText> {
        let parts = record.parts.values().flatten().cloned();
        [record.title.clone(), record.body.clone()].into_iter().chain(parts).collect()
    };
    text(one) == text(other) && one.status == other.status
}

#[cfg(test)]
mod tests;
