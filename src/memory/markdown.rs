//! Notes that other tools keep as Markdown, as records: architecture decision
//! records, memory banks, notes of agents. Kind and status are read off the
//! place and the headings; the text is kept whole.

use super::{Kind, Part, Record, Status};
use crate::model::SafeText;
use crate::redact::Redactor;

/// What a note says as a record without id. `path` is where it was found, with
/// `/` between its parts. `None` for one that says nothing.
pub fn record(path: &str, text: &str, redactor: &Redactor) -> Option<Record> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    let (matter, text) = front_matter(&text);
    let place = path.to_lowercase();
    let sections = sections(text);
    let has = |name: &str| sections.iter().find(|(heading, _)| heading.to_lowercase().starts_with(name));
    let is_decision = ["adr", "decision"].iter().any(|word| place.contains(word))
        || (has("decision").is_some() && has("context").is_some());
    let kind = match place.rsplit('/').next().unwrap_or_default() {
        _ if is_decision => Kind::Decision,
        name if name.contains("progress") || name.contains("activecontext") => Kind::Observation,
        name if name.contains("lesson") || name.contains("learn") => Kind::Lesson,
        _ => Kind::Fact,
    };
    let first = text.lines().find_map(|line| line.strip_prefix("# ")).map(plain_title);
    let stem = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".md").replace(['-', '_'], " ");
    let title = first.filter(|title| !title.is_empty()).unwrap_or_else(|| plain_title(&stem));
    if text.trim().is_empty() || title.is_empty() {
        return None;
    }
    let mut record = Record::new(String::new(), kind, redactor.line(&title).one_line(500), String::new());
    let status = has("status").map(|(_, body)| body.as_str()).or(matter).unwrap_or_default().to_lowercase();
    record.status = status_of(&status);
    record.body = redactor.text(text.trim());
    if kind == Kind::Decision {
        let mut part = |part: Part, names: &[&str]| {
            if let Some((_, body)) =
                names.iter().find_map(|name| has(name)).filter(|(_, body)| !body.is_empty())
            {
                record.parts.insert(part, vec![redactor.text(body)]);
            }
        };
        part(Part::Rationale, &["rationale", "context"]);
        part(Part::Impact, &["consequences", "impact"]);
    }
    record.source = Some(redactor.line(path));
    Some(record)
}

fn status_of(text: &str) -> Status {
    // A superseded decision was accepted once, so the end is looked for first.
    let known = [
        ("superseded", Status::Superseded),
        ("deprecated", Status::Superseded),
        ("rejected", Status::Rejected),
        ("accepted", Status::Accepted),
        ("proposed", Status::Proposed),
        ("draft", Status::Proposed),
    ];
    known.iter().find(|(word, _)| text.contains(word)).map_or(Status::Accepted, |(_, status)| *status)
}

/// YAML front matter and the text below it.
fn front_matter(text: &str) -> (Option<&str>, &str) {
    match text.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n")) {
        Some((matter, rest)) => (Some(matter), rest),
        None => (None, text),
    }
}

/// `1. Use SQLite`, `ADR-0003: Use SQLite` and `Use SQLite` are the same title.
fn plain_title(title: &str) -> String {
    let title = title.trim().trim_end_matches('#').trim();
    let rest = title.strip_prefix("ADR").map_or(title, |rest| rest.trim_start_matches(['-', ' ']));
    let digits = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    if digits.len() == rest.len() {
        return title.to_string();
    }
    match digits.trim_start_matches(['.', ':', '-', ')', ' ']) {
        "" => title.to_string(),
        said => said.to_string(),
    }
}

/// Second-level headings with what stands under them.
fn sections(text: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        match (line.strip_prefix("## "), found.last_mut()) {
            (Some(heading), _) => found.push((heading.trim().to_string(), String::new())),
            (None, Some((_, body))) => {
                body.push_str(line);
                body.push('\n');
            }
            (None, None) => {}
        }
    }
    found.into_iter().map(|(heading, body)| (heading, body.trim().to_string())).collect()
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
mod tests {
    use super::*;

    fn check(path: &str, text: &str, expected: (Kind, Status, &str)) {
        let record = record(path, text, &Redactor::new(&[]).unwrap()).unwrap();
        assert_eq!((record.kind, record.status, record.title.as_str()), expected, "{path}");
        assert_eq!(record.body.as_str(), super::front_matter(text).1.trim());
    }

    #[test]
    fn kind_and_status_are_read_off_place_and_headings() {
        let adr =
            "# 3. Use SQLite\n\n## Status\n\nSuperseded by 7\n\n## Context\n\nfiles\n\n## Decision\n\nx\n";
        check("docs/adr/0003-use-sqlite.md", adr, (Kind::Decision, Status::Superseded, "Use SQLite"));
        check("notes/x.md", adr, (Kind::Decision, Status::Superseded, "Use SQLite"));
        check("adr/ADR-7.md", "# ADR-0007: No ORM\n", (Kind::Decision, Status::Accepted, "No ORM"));
        check(
            "memory-bank/progress.md",
            "# Progress\n- a\n",
            (Kind::Observation, Status::Accepted, "Progress"),
        );
        check(".serena/memories/code_style.md", "Tabs.\n", (Kind::Fact, Status::Accepted, "code style"));
        check("adr/1.md", "---\nstatus: proposed\n---\n# T\n", (Kind::Decision, Status::Proposed, "T"));
    }

    #[test]
    fn an_empty_note_is_none() {
        assert_eq!(record("a.md", " \n", &Redactor::new(&[]).unwrap()), None);
    }
}
