//! What was decided, wanted, asked and learnt in a conversation with a coding
//! agent: read off lines that say so themselves. The same file gives the same
//! findings; nothing is guessed from what stands between the lines.
//!
//! Knows plain text, the JSON-lines transcripts of Claude Code and Codex, the
//! conversations of a ChatGPT export, and lists of messages with a role.

use serde_json::Value;

use super::Kind;
use crate::model::SafeText;
use crate::redact::Redactor;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Auto,
    Text,
    Json,
    Jsonl,
}

/// One thing that was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub kind: Kind,
    pub text: SafeText,
    /// Where it stands in the file: `12`, or `12, line 3` within a message.
    pub place: String,
}

/// What a file says, and how many of its lines could not be read.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Findings {
    pub found: Vec<Finding>,
    pub messages: usize,
    /// Lines that are no JSON, counted from 1.
    pub broken: Vec<usize>,
}

/// A message, and where it begins.
struct Message {
    place: String,
    text: String,
}

/// Reads a conversation; an error when it is not of the format.
pub fn read(raw: &str, format: Format, redactor: &Redactor) -> Result<Findings, String> {
    let raw = raw.strip_prefix('\u{feff}').unwrap_or(raw);
    let mut findings = Findings::default();
    let messages = match told(raw, format) {
        Format::Jsonl => lines(raw, &mut findings.broken)?,
        Format::Json => {
            let value: Value = serde_json::from_str(raw).map_err(|error| error.to_string())?;
            let mut messages = Vec::new();
            walk(&value, &mut messages);
            messages
        }
        Format::Auto | Format::Text => {
            for (number, kind, text) in said(&redactor.text(raw)) {
                push(&mut findings.found, Finding { kind, text, place: number.to_string() });
            }
            findings.messages = usize::from(!raw.trim().is_empty());
            return Ok(findings);
        }
    };
    findings.messages = messages.len();
    for message in messages {
        for (number, kind, text) in said(&redactor.text(&message.text)) {
            let place = match number {
                1 => message.place.clone(),
                _ => format!("{}, line {number}", message.place),
            };
            push(&mut findings.found, Finding { kind, text, place });
        }
    }
    Ok(findings)
}

/// Once each: transcripts repeat messages.
fn push(found: &mut Vec<Finding>, new: Finding) {
    if !found.iter().any(|old| old.kind == new.kind && old.text == new.text) {
        found.push(new);
    }
}

fn told(raw: &str, format: Format) -> Format {
    if format != Format::Auto {
        return format;
    }
    let first = raw.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let is_value =
        |text: &str| serde_json::from_str::<Value>(text).is_ok_and(|v| v.is_object() || v.is_array());
    match first.trim_start().chars().next() {
        Some('{' | '[') if is_value(raw) && !(is_value(first) && raw.trim_end().contains('\n')) => {
            Format::Json
        }
        Some('{') if is_value(first) => Format::Jsonl,
        _ => Format::Text,
    }
}

fn lines(raw: &str, broken: &mut Vec<usize>) -> Result<Vec<Message>, String> {
    let mut messages = Vec::new();
    let mut read = 0;
    for (at, line) in raw.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match serde_json::from_str::<Value>(line) {
            Ok(value) => {
                read += 1;
                messages.extend(text_of(&value).map(|text| Message { place: (at + 1).to_string(), text }));
            }
            Err(_) => broken.push(at + 1),
        }
    }
    match (read, broken.first()) {
        (0, Some(line)) => Err(format!("line {line}: it is no JSON, and no other line is")),
        _ => Ok(messages),
    }
}

/// The text of one line of a transcript; `None` for tool calls, results and
/// bookkeeping.
fn text_of(value: &Value) -> Option<String> {
    let inner =
        ["message", "payload"].iter().find_map(|key| value.get(*key)).filter(|inner| inner.is_object());
    let said = inner.unwrap_or(value);
    // A sub-agent's or the system's words are not part of the conversation.
    let flag = |key: &str| value.get(key).and_then(Value::as_bool).unwrap_or(false);
    if flag("isMeta") || flag("isCompactSummary") {
        return None;
    }
    let role = said.get("role").and_then(Value::as_str);
    let kind = said.get("type").and_then(Value::as_str);
    let spoken = match (role, kind) {
        (Some(role), _) => matches!(role, "user" | "assistant" | "human"),
        (None, Some(kind)) => matches!(kind, "user_message" | "agent_message" | "user" | "assistant"),
        (None, None) => false,
    };
    if !spoken {
        return None;
    }
    content(said.get("content").or_else(|| said.get("message")).or_else(|| said.get("text"))?)
}

/// A content in each of its shapes.
fn content(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(part).collect::<Vec<_>>().join("\n"),
        Value::Object(object) => object
            .get("parts")
            .and_then(Value::as_array)
            .map(|parts| parts.iter().filter_map(part).collect::<Vec<_>>().join("\n"))?,
        _ => return None,
    };
    (!text.trim().is_empty()).then_some(text)
}

fn part(part: &Value) -> Option<String> {
    if let Some(text) = part.as_str() {
        return Some(text.to_string());
    }
    let kind = part.get("type").and_then(Value::as_str).unwrap_or("text");
    let is_text = matches!(kind, "text" | "input_text" | "output_text");
    is_text.then(|| part.get("text").and_then(Value::as_str).map(str::to_string)).flatten()
}

/// The messages of a JSON document: conversations with a `mapping`, or a list
/// of messages anywhere near the top.
fn walk(value: &Value, messages: &mut Vec<Message>) {
    if let Some(mapping) = value.get("mapping").and_then(Value::as_object) {
        return conversation(value, mapping, messages);
    }
    if let Some(text) = text_of(value) {
        messages.push(Message { place: format!("message {}", messages.len() + 1), text });
        return;
    }
    match value {
        Value::Array(items) => items.iter().for_each(|item| walk(item, messages)),
        Value::Object(object) => {
            let lists = ["conversations", "messages", "chat_messages", "history", "items"];
            lists.iter().filter_map(|key| object.get(*key)).for_each(|list| walk(list, messages));
        }
        _ => {}
    }
}

/// From the node that was shown last up to the first one; a fork that was left
/// is no part of the conversation.
fn conversation(value: &Value, mapping: &serde_json::Map<String, Value>, messages: &mut Vec<Message>) {
    let mut path = Vec::new();
    let mut node = value.get("current_node").and_then(Value::as_str);
    while let Some(id) = node.filter(|_| path.len() <= mapping.len()) {
        path.push(id);
        node = mapping.get(id).and_then(|node| node.get("parent")).and_then(Value::as_str);
    }
    path.reverse();
    if path.is_empty() {
        path = mapping.keys().map(String::as_str).collect();
    }
    for message in path.iter().filter_map(|id| mapping.get(*id)?.get("message")) {
        let role = message.pointer("/author/role").and_then(Value::as_str).unwrap_or_default();
        if !matches!(role, "user" | "assistant") {
            continue;
        }
        if let Some(text) = message.get("content").and_then(content) {
            messages.push(Message { place: format!("message {}", messages.len() + 1), text });
        }
    }
}

/// Words with which a line says what it is.
const MARKS: &[(&str, Kind)] = &[
    ("decision:", Kind::Decision),
    ("decisions:", Kind::Decision),
    ("decided:", Kind::Decision),
    ("we decided to ", Kind::Decision),
    ("we decided that ", Kind::Decision),
    ("we have decided to ", Kind::Decision),
    ("i decided to ", Kind::Decision),
    ("decided to ", Kind::Decision),
    ("let's go with ", Kind::Decision),
    ("we will go with ", Kind::Decision),
    ("we'll go with ", Kind::Decision),
    ("we will use ", Kind::Decision),
    ("we'll use ", Kind::Decision),
    ("goal:", Kind::Goal),
    ("goals:", Kind::Goal),
    ("objective:", Kind::Goal),
    ("the goal is to ", Kind::Goal),
    ("our goal is to ", Kind::Goal),
    ("my goal is to ", Kind::Goal),
    ("open question:", Kind::Question),
    ("open questions:", Kind::Question),
    ("question:", Kind::Question),
    ("unresolved:", Kind::Question),
    ("lesson:", Kind::Lesson),
    ("lessons:", Kind::Lesson),
    ("lesson learned:", Kind::Lesson),
    ("lessons learned:", Kind::Lesson),
    ("lesson learnt:", Kind::Lesson),
    ("lessons learnt:", Kind::Lesson),
    ("learned:", Kind::Lesson),
    ("gotcha:", Kind::Lesson),
    ("takeaway:", Kind::Lesson),
    ("til:", Kind::Lesson),
    ("root cause:", Kind::Lesson),
    ("we learned that ", Kind::Lesson),
    ("next step:", Kind::Checkpoint),
    ("next steps:", Kind::Checkpoint),
    ("next:", Kind::Checkpoint),
    ("todo:", Kind::Checkpoint),
    ("action item:", Kind::Checkpoint),
    ("action items:", Kind::Checkpoint),
];

/// Who speaks, at the beginning of a line of plain text.
const SPEAKERS: &[&str] = &["user:", "assistant:", "human:", "claude:", "chatgpt:", "codex:", "ai:", "me:"];

/// The lines that say what they are: number from 1, kind, text.
fn said(text: &SafeText) -> Vec<(usize, Kind, SafeText)> {
    let mut found = Vec::new();
    let mut fenced = false;
    // A heading, alone on its line, speaks for the items below it.
    let mut above: Option<Kind> = None;
    for (number, line) in (1..).zip(text.as_str().lines()) {
        let trimmed = line.trim();
        if trimmed.starts_with("```") || trimmed.starts_with("~~~") {
            fenced = !fenced;
        }
        if fenced || trimmed.is_empty() {
            continue;
        }
        let (item, is_item) = without_bullet(trimmed);
        let plain = without_speaker(&item.replace("**", "").replace("__", ""));
        match marked(&plain) {
            Some((kind, "")) => above = Some(kind),
            Some((kind, rest)) => {
                above = None;
                let rest = rest.to_string();
                found.push((number, kind, text.map(|_| rest)));
            }
            None => match (above, is_item) {
                (Some(kind), true) => found.push((number, kind, text.map(|_| plain))),
                (_, false) => above = None,
                (None, true) => {}
            },
        }
    }
    found
}

/// The kind that a line says it is of, and what it says; a heading without a
/// colon counts when it is nothing but the mark.
fn marked(line: &str) -> Option<(Kind, &str)> {
    let (heading, level) = (line.trim_start_matches('#').trim(), line.starts_with('#'));
    for (mark, kind) in MARKS {
        let word = mark.trim_end_matches([':', ' ']);
        if level && heading.trim_end_matches(':').eq_ignore_ascii_case(word) {
            return Some((*kind, ""));
        }
        let Some(start) = heading.get(..mark.len()) else { continue };
        if start.eq_ignore_ascii_case(mark) {
            return Some((*kind, heading[mark.len()..].trim()));
        }
    }
    None
}

fn without_bullet(line: &str) -> (&str, bool) {
    let line = line.trim_start_matches("> ").trim_start();
    for bullet in ["- [ ] ", "- [x] ", "- ", "* ", "+ ", "• "] {
        if let Some(rest) = line.strip_prefix(bullet) {
            return (rest.trim_start(), true);
        }
    }
    let digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
    match digits.strip_prefix(". ").or_else(|| digits.strip_prefix(") ")) {
        Some(rest) if digits.len() < line.len() => (rest.trim_start(), true),
        _ => (line, false),
    }
}

fn without_speaker(line: &str) -> String {
    for speaker in SPEAKERS {
        if line.get(..speaker.len()).is_some_and(|start| start.eq_ignore_ascii_case(speaker)) {
            return line[speaker.len()..].trim().to_string();
        }
    }
    line.trim().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(raw: &str, expected: &[(Kind, &str, &str)]) {
        let found = read(raw, Format::Auto, &Redactor::new(&[]).unwrap()).unwrap().found;
        let found: Vec<_> = found.iter().map(|f| (f.kind, f.text.as_str(), f.place.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn plain_text_says_what_it_is() {
        check(
            "User: Goal: ship it\n\nAssistant: We decided to use SQLite.\n**Next steps:**\n1. write tests\n- measure\n\nBye\n- no step\n```\nDecision: code\n```\n> Lesson learned: locks are slow\n",
            &[
                (Kind::Goal, "ship it", "1"),
                (Kind::Decision, "use SQLite.", "3"),
                (Kind::Checkpoint, "write tests", "5"),
                (Kind::Checkpoint, "measure", "6"),
                (Kind::Lesson, "locks are slow", "13"),
            ],
        );
    }

    #[test]
    fn transcripts_of_claude_code_are_read() {
        check(
            concat!(
                r#"{"type":"summary","summary":"Decision: not said","leafUuid":"x"}"#,
                "\n",
                r#"{"type":"user","message":{"role":"user","content":"Open question: which port?"},"uuid":"1"}"#,
                "\n",
                r#"{"type":"assistant","message":{"role":"assistant","content":[{"type":"thinking","thinking":"Decision: no"},{"type":"text","text":"Sure.\nDecision: port 80"},{"type":"tool_use","name":"Bash","input":{"command":"Decision: no"}}]}}"#,
                "\n",
                r#"{"type":"user","message":{"role":"user","content":[{"type":"tool_result","content":"Decision: no"}]}}"#,
                "\n{\"cut"
            ),
            &[(Kind::Question, "which port?", "2"), (Kind::Decision, "port 80", "3, line 2")],
        );
    }

    #[test]
    fn transcripts_of_codex_are_read_once() {
        check(
            concat!(
                r#"{"timestamp":"t","type":"session_meta","payload":{"id":"x","instructions":"Decision: no"}}"#,
                "\n",
                r#"{"timestamp":"t","type":"response_item","payload":{"type":"message","role":"developer","content":[{"type":"input_text","text":"Decision: no"}]}}"#,
                "\n",
                r#"{"timestamp":"t","type":"response_item","payload":{"type":"message","role":"assistant","content":[{"type":"output_text","text":"Lesson: quote paths"}]}}"#,
                "\n",
                r#"{"timestamp":"t","type":"event_msg","payload":{"type":"agent_message","message":"Lesson: quote paths"}}"#,
                "\n",
                r#"{"timestamp":"t","type":"response_item","payload":{"type":"function_call_output","output":"Decision: no"}}"#
            ),
            &[(Kind::Lesson, "quote paths", "3")],
        );
    }

    #[test]
    fn exports_of_chatgpt_are_read_along_the_branch_that_was_shown() {
        let export = r#"[{"title":"T","current_node":"c","mapping":{
            "a":{"id":"a","parent":null,"message":{"author":{"role":"system"},"content":{"content_type":"text","parts":["Decision: no"]}}},
            "b":{"id":"b","parent":"a","message":{"author":{"role":"user"},"content":{"content_type":"text","parts":["Goal: less code"]}}},
            "x":{"id":"x","parent":"b","message":{"author":{"role":"assistant"},"content":{"content_type":"text","parts":["Decision: left"]}}},
            "c":{"id":"c","parent":"b","message":{"author":{"role":"assistant"},"content":{"content_type":"text","parts":["Decision: taken"]}}}}}]"#;
        check(export, &[(Kind::Goal, "less code", "message 1"), (Kind::Decision, "taken", "message 2")]);
        check(
            r#"{"messages":[{"role":"user","content":"TODO: sleep"}]}"#,
            &[(Kind::Checkpoint, "sleep", "message 1")],
        );
    }

    #[test]
    fn a_secret_is_no_finding() {
        let token = ["ghp_", "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"].concat();
        let raw = format!("Decision: log in with {token}\n");
        let found = read(&raw, Format::Auto, &Redactor::new(&[]).unwrap()).unwrap().found;
        assert!(!found[0].text.as_str().contains(&token));
    }
}
