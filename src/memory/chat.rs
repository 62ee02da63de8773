//! What was decided, wanted, asked and learnt in a conversation with a coding
//! agent: read off lines that say so themselves. The same file gives the same
//! findings; nothing is guessed from what stands between the lines.
//!
//! Knows plain text, the JSON-lines transcripts of Claude Code and Codex, the
//! conversations of a ChatGPT export, and lists of messages with a role. Each is
//! read piece by piece, so that memory has a bound whatever comes in.

mod json;
mod lines;
mod marks;

use std::collections::BTreeSet;
use std::io::{self, Read};

use super::RecordKind;
use crate::limits;
use crate::model::SafeText;
use crate::redact::Redactor;
use json::JsonNode;
use lines::{ChatLine, ChatLines};
use marks::Scan;

/// How to read a conversation; `Auto` tells the format by how the text begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChatFormat {
    Auto,
    Text,
    Json,
    Jsonl,
}

/// One thing that was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatFinding {
    pub kind: RecordKind,
    pub text: SafeText,
    /// Where it stands in the file: `12`, or `12, line 3` within a message.
    pub place: String,
}

/// What a file says, and how many of its lines could not be read.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Findings {
    pub found: Vec<ChatFinding>,
    pub messages: usize,
    /// Numbers of lines that are not JSON or are too long, counted from 1.
    pub broken: Vec<usize>,
    /// How many findings were left out beyond [`limits::MAX_FINDINGS`].
    pub left_out: usize,
}

/// Why a conversation could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ChatError {
    #[error("{0}")]
    Format(String),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Bytes of plain text that are redacted and read at once, at a blank line where
/// there is one.
const CHUNK: usize = 1_000_000;

/// Reads a conversation; fails if it is not in the given format.
pub fn read(input: impl Read, format: ChatFormat, redactor: &Redactor) -> Result<Findings, ChatError> {
    let mut reader = ChatReader { findings: Findings::default(), seen: BTreeSet::new(), redactor };
    let mut lines = ChatLines { input: io::BufReader::new(input), number: 0 };
    let first = lines.first()?;
    match told(&first, &mut lines, format)? {
        ChatFormat::Jsonl => reader.jsonl(first, &mut lines)?,
        ChatFormat::Json => reader.json(first, lines)?,
        ChatFormat::Auto | ChatFormat::Text => reader.text(first, &mut lines)?,
    }
    Ok(reader.findings)
}

fn told(first: &str, lines: &mut ChatLines<impl Read>, format: ChatFormat) -> io::Result<ChatFormat> {
    if format != ChatFormat::Auto {
        return Ok(format);
    }
    let mut chars = first.trim().chars();
    let (open, next) = (chars.next(), chars.find(|c| !c.is_whitespace()));
    let is_json = matches!(
        (open, next),
        (Some('{'), None | Some('"' | '}')) | (Some('['), None | Some('{' | '[' | '"' | ']'))
    );
    Ok(match json::line(first) {
        _ if !is_json => ChatFormat::Text,
        Ok(JsonNode::Object(_)) if lines.has_more()? => ChatFormat::Jsonl,
        Ok(_) if lines.has_more()? => ChatFormat::Text,
        _ => ChatFormat::Json,
    })
}

/// What was found so far.
struct ChatReader<'a> {
    findings: Findings,
    seen: BTreeSet<(RecordKind, SafeText)>,
    redactor: &'a Redactor,
}

impl ChatReader<'_> {
    /// Once each: transcripts repeat messages.
    fn push(&mut self, kind: RecordKind, text: SafeText, place: String) {
        if self.findings.found.len() >= limits::MAX_FINDINGS {
            self.findings.left_out += 1;
        } else if self.seen.insert((kind, text.clone())) {
            self.findings.found.push(ChatFinding { kind, text, place });
        }
    }

    fn message(&mut self, place: &str, text: &str) {
        self.findings.messages += 1;
        let text = self.redactor.text(text);
        let mut scan = Scan::default();
        for (number, line) in (1..).zip(text.as_str().lines()) {
            let Some((kind, said)) = scan.line(line) else { continue };
            let place = if number == 1 { place.to_string() } else { format!("{place}, line {number}") };
            self.push(kind, text.reduced("…", |_| said), place);
        }
    }

    fn jsonl(&mut self, first: String, lines: &mut ChatLines<impl Read>) -> Result<(), ChatError> {
        let (mut read, mut next) = (0, Some(ChatLine::Whole(first)));
        while let Some(line) = next {
            match line {
                ChatLine::Whole(line) if line.trim().is_empty() => {}
                ChatLine::Whole(line) => match json::line(&line) {
                    Ok(node) => {
                        read += 1;
                        if let Some(text) = text_of(&node) {
                            self.message(&lines.number.to_string(), &text);
                        }
                    }
                    Err(_) => self.findings.broken.push(lines.number),
                },
                ChatLine::TooLong => self.findings.broken.push(lines.number),
            }
            next = lines.next()?;
        }
        match (read, self.findings.broken.first()) {
            (0, Some(line)) => {
                Err(ChatError::Format(format!("line {line}: not JSON, and no other line is either")))
            }
            _ => Ok(()),
        }
    }

    /// One document; the elements of a list one by one.
    fn json(&mut self, first: String, lines: ChatLines<impl Read>) -> Result<(), ChatError> {
        let whole = io::Cursor::new(first).chain(lines.input);
        let before = lines.number.saturating_sub(1);
        json::document(whole, |node| walk(node, self)).map_err(|error| {
            let (line, column) = (error.line() + before, error.column());
            let reason = error.to_string();
            let reason = reason.split(" at line ").next().unwrap_or_default();
            match error.io_error_kind() {
                Some(kind) => ChatError::Io(kind.into()),
                None => ChatError::Format(format!(
                    "line {line}, column {column}: {reason}\nhint: `--format text` reads it as plain text"
                )),
            }
        })
    }

    /// Plain text, some of it at a time.
    fn text(&mut self, first: String, lines: &mut ChatLines<impl Read>) -> Result<(), ChatError> {
        let mut scan = Scan::default();
        let (mut chunk, mut start) = (first, lines.number);
        self.findings.messages = usize::from(!chunk.trim().is_empty());
        loop {
            let next = lines.next()?;
            let is_blank = matches!(&next, Some(ChatLine::Whole(line)) if line.trim().is_empty());
            let is_full = chunk.len() >= CHUNK && (is_blank || chunk.len() >= 4 * CHUNK);
            if is_full || next.is_none() {
                self.lines(&chunk, start, &mut scan);
                (chunk, start) = (String::new(), lines.number);
            }
            match next {
                None => return Ok(()),
                Some(ChatLine::Whole(line)) => chunk.push_str(&line),
                Some(ChatLine::TooLong) => {
                    self.findings.broken.push(lines.number);
                    chunk.push('\n');
                }
            }
        }
    }

    fn lines(&mut self, chunk: &str, start: usize, scan: &mut Scan) {
        let text = self.redactor.text(chunk);
        for (number, line) in (start..).zip(text.as_str().lines()) {
            if let Some((kind, said)) = scan.line(line) {
                self.push(kind, text.reduced("…", |_| said), number.to_string());
            }
        }
    }
}

/// The text of one line of a transcript; `None` for tool calls, results and
/// bookkeeping.
fn text_of(node: &JsonNode) -> Option<String> {
    let inner = ["message", "payload"].iter().find_map(|key| node.get(key)).filter(|inner| inner.is_object());
    let said = inner.unwrap_or(node);
    // A sub-agent's or the system's words are not part of the conversation.
    if ["isMeta", "isCompactSummary"].iter().any(|key| node.is_true(key)) {
        return None;
    }
    let role = said.get("role").and_then(JsonNode::text);
    let kind = said.get("type").and_then(JsonNode::text);
    let spoken = match (role, kind) {
        (Some(role), _) => matches!(role, "user" | "assistant" | "human"),
        (None, Some(kind)) => matches!(kind, "user_message" | "agent_message" | "user" | "assistant"),
        (None, None) => false,
    };
    if !spoken {
        return None;
    }
    content(["content", "message", "text"].iter().find_map(|key| said.get(key))?)
}

/// A content in each of its shapes.
fn content(node: &JsonNode) -> Option<String> {
    let joined = |parts: &[JsonNode]| parts.iter().filter_map(part).collect::<Vec<_>>().join("\n");
    let text = match node {
        JsonNode::Text(text) => text.clone(),
        JsonNode::List(parts) => joined(parts),
        JsonNode::Object(_) => match node.get("parts") {
            Some(JsonNode::List(parts)) => joined(parts),
            _ => return None,
        },
        JsonNode::True => return None,
    };
    (!text.trim().is_empty()).then_some(text)
}

fn part(part: &JsonNode) -> Option<&str> {
    if let Some(text) = part.text() {
        return Some(text);
    }
    let kind = part.get("type").and_then(JsonNode::text).unwrap_or("text");
    let is_text = matches!(kind, "text" | "input_text" | "output_text");
    part.get("text").filter(|_| is_text).and_then(JsonNode::text)
}

/// The messages of a JSON document: conversations with a `mapping`, or a list
/// of messages anywhere near the top.
fn walk(node: &JsonNode, reader: &mut ChatReader) {
    if let Some(mapping) = node.get("mapping").filter(|mapping| mapping.is_object()) {
        return conversation(node, mapping, reader);
    }
    if let Some(text) = text_of(node) {
        return reader.message(&format!("message {}", reader.findings.messages + 1), &text);
    }
    match node {
        JsonNode::List(items) => items.iter().for_each(|item| walk(item, reader)),
        JsonNode::Object(_) => {
            let lists = ["conversations", "messages", "chat_messages", "history", "items"];
            lists.iter().filter_map(|key| node.get(key)).for_each(|list| walk(list, reader));
        }
        _ => {}
    }
}

/// From the node that was shown last up to the first one; a fork that was left
/// is no part of the conversation.
fn conversation(node: &JsonNode, mapping: &JsonNode, reader: &mut ChatReader) {
    let all = mapping.by_key();
    let mut path = Vec::new();
    let mut at = node.get("current_node").and_then(JsonNode::text);
    while let Some(id) = at.filter(|_| path.len() <= all.len()) {
        path.push(id);
        at = all.get(id).and_then(|node| node.get("parent")).and_then(JsonNode::text);
    }
    path.reverse();
    if path.is_empty() {
        path = mapping.keys().collect();
    }
    for message in path.iter().filter_map(|id| all.get(id)?.get("message")) {
        let role = message.get("author").and_then(|author| author.get("role")).and_then(JsonNode::text);
        if !matches!(role, Some("user" | "assistant")) {
            continue;
        }
        if let Some(text) = message.get("content").and_then(content) {
            reader.message(&format!("message {}", reader.findings.messages + 1), &text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(raw: &str, expected: &[(RecordKind, &str, &str)]) {
        let found = read(raw.as_bytes(), ChatFormat::Auto, &Redactor::new(&[]).unwrap()).unwrap().found;
        let found: Vec<_> = found.iter().map(|f| (f.kind, f.text.as_str(), f.place.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn plain_text_says_what_it_is() {
        check(
            "User: Goal: ship it\n\nAssistant: We decided to use SQLite.\n**Next steps:**\n1. write tests\n- measure\n\nBye\n- no step\n```\nDecision: code\n```\n> Lesson learned: locks are slow\n",
            &[
                (RecordKind::Goal, "ship it", "1"),
                (RecordKind::Decision, "use SQLite.", "3"),
                (RecordKind::Checkpoint, "write tests", "5"),
                (RecordKind::Checkpoint, "measure", "6"),
                (RecordKind::Lesson, "locks are slow", "13"),
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
            &[(RecordKind::Question, "which port?", "2"), (RecordKind::Decision, "port 80", "3, line 2")],
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
            &[(RecordKind::Lesson, "quote paths", "3")],
        );
    }

    #[test]
    fn exports_of_chatgpt_are_read_along_the_branch_that_was_shown() {
        let export = r#"[{"title":"T","current_node":"c","mapping":{
            "a":{"id":"a","parent":null,"message":{"author":{"role":"system"},"content":{"content_type":"text","parts":["Decision: no"]}}},
            "b":{"id":"b","parent":"a","message":{"author":{"role":"user"},"content":{"content_type":"text","parts":["Goal: less code"]}}},
            "x":{"id":"x","parent":"b","message":{"author":{"role":"assistant"},"content":{"content_type":"text","parts":["Decision: left"]}}},
            "c":{"id":"c","parent":"b","message":{"author":{"role":"assistant"},"content":{"content_type":"text","parts":["Decision: taken"]}}}}}]"#;
        check(
            export,
            &[(RecordKind::Goal, "less code", "message 1"), (RecordKind::Decision, "taken", "message 2")],
        );
        check(
            r#"{"messages":[{"role":"user","content":"TODO: sleep"}]}"#,
            &[(RecordKind::Checkpoint, "sleep", "message 1")],
        );
    }

    #[test]
    fn a_secret_is_no_finding() {
        let token = ["ghp_", "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"].concat();
        let raw = format!("Decision: log in with {token}\n");
        let found = read(raw.as_bytes(), ChatFormat::Auto, &Redactor::new(&[]).unwrap()).unwrap().found;
        assert!(!found[0].text.as_str().contains(&token));
    }

    #[test]
    fn sixty_thousand_findings_take_no_time_and_repeated_ones_are_one() {
        let line = |n: usize| format!("Decision: use the number {} for it\n", n % 30_000);
        let raw: String = (0..60_000).map(line).collect();
        let began = std::time::Instant::now();
        let findings = read(raw.as_bytes(), ChatFormat::Auto, &Redactor::new(&[]).unwrap()).unwrap();
        assert_eq!((findings.found.len(), findings.left_out), (30_000, 0));
        assert_eq!(findings.found[29_999].place, "30000");
        // Comparing each with each took minutes.
        assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
    }

    #[test]
    fn findings_have_a_bound_in_number_and_length() {
        let long = format!("Decision: {}\n", "x".repeat(2 * limits::MAX_FINDING));
        let many: String = (0..limits::MAX_FINDINGS + 5).map(|n| format!("TODO: {n}\n")).collect();
        let findings =
            read((long + &many).as_bytes(), ChatFormat::Text, &Redactor::new(&[]).unwrap()).unwrap();
        assert_eq!((findings.found.len(), findings.left_out), (limits::MAX_FINDINGS, 6));
        assert_eq!(findings.found[0].text.as_str().chars().count(), limits::MAX_FINDING + 1);
    }

    #[test]
    fn a_line_beyond_the_bound_is_left_out_and_the_rest_is_read() {
        let long = "x".repeat(limits::MAX_CHAT_LINE + 10);
        let raw = format!("Decision: one\n{long}\nDecision: two\n");
        let findings = read(raw.as_bytes(), ChatFormat::Auto, &Redactor::new(&[]).unwrap()).unwrap();
        let places: Vec<&str> = findings.found.iter().map(|found| found.place.as_str()).collect();
        assert_eq!((places, findings.broken), (vec!["1", "3"], vec![2]));
        let said = r#"{"type":"user","message":{"role":"user","content":"TODO: sleep"}}"#;
        let raw = format!("{said}\n{{\"x\":\"{long}\"}}\n{said}\n");
        let findings = read(raw.as_bytes(), ChatFormat::Auto, &Redactor::new(&[]).unwrap()).unwrap();
        assert_eq!((findings.found.len(), findings.messages, findings.broken), (1, 2, vec![2]));
    }

    #[test]
    fn a_document_of_many_values_is_refused_before_it_takes_memory() {
        let many = format!("[[{}1]]", "[],".repeat(3_000_000));
        let strings = format!("[{{\"a\":[{}\"\"]}}]", "\"x\",".repeat(3_000_000));
        for raw in [many, strings] {
            let error =
                read(raw.as_bytes(), ChatFormat::Auto, &Redactor::new(&[]).unwrap()).unwrap_err().to_string();
            assert!(error.contains("more than"), "{error}");
        }
        // Numbers are no words and are not kept.
        let numbers = format!("[{{\"embedding\":[{}1]}}]", "1,".repeat(3_000_000));
        assert!(read(numbers.as_bytes(), ChatFormat::Auto, &Redactor::new(&[]).unwrap()).is_ok());
    }

    #[test]
    fn the_format_is_told_by_the_first_line() {
        check("[2026-01-02] Decision: no\nDecision: yes\n", &[(RecordKind::Decision, "yes", "2")]);
        check("{name}: hi\nDecision: yes\n", &[(RecordKind::Decision, "yes", "2")]);
        check(
            "\n\n[\n {\"role\":\"user\",\"content\":\"TODO: sleep\"}\n]\n",
            &[(RecordKind::Checkpoint, "sleep", "message 1")],
        );
        let error =
            read(&b"{\n \"a\": oops\n}"[..], ChatFormat::Auto, &Redactor::new(&[]).unwrap()).unwrap_err();
        assert!(error.to_string().starts_with("line 2, column "), "{error}");
    }
}
