//! `remember`: a record for those who come later.

use serde_json::{Value, json};

use super::arguments::ToolArguments;
use crate::app::checkpoint::{self, CheckpointRequest};
use crate::app::note::{self, AddReport, NoteOutcome, Request};
use crate::app::{App, Error, Fields, RecordKind, RecordOrigin, Result};
use crate::mcp::message::shortened;
use crate::mcp::safe;

/// What an agent may write down; a `note` is of the kind that `waypost note`
/// takes when none is named.
fn kinds() -> Vec<(&'static str, RecordKind)> {
    let all = RecordKind::ALL.iter().filter(|(kind, _)| kind.is_by_agents());
    [("note", RecordKind::Decision)].into_iter().chain(all.map(|(kind, name)| (*name, *kind))).collect()
}

fn names() -> Vec<&'static str> {
    kinds().into_iter().map(|(name, _)| name).collect()
}

/// The definition for `tools/list`.
pub fn definition(texts: &Value) -> Value {
    json!({
        "name": "remember",
        "description":
            "Call when something is decided or learnt that the next session must know, and before you stop \
             (checkpoint: what is done, then a line `Next: ...`).",
        "inputSchema": {
            "type": "object",
            "properties": {
                "kind": { "enum": names() },
                "text": { "type": "string", "description": "The first line is its title" },
                "anchors": {
                    "type": "array",
                    "items": { "type": "string" },
                    "description": "Code that it is about: path or path#symbol",
                },
                "tags": texts,
            },
            "required": ["kind", "text"],
        },
        "annotations": {
            "readOnlyHint": false, "destructiveHint": false, "idempotentHint": true, "openWorldHint": false,
        },
    })
}

/// Writes a record and returns what became of it.
pub fn call(app: &App, arguments: &ToolArguments) -> Result<String> {
    let (kind, text) = (kind(arguments.required_text("kind")?)?, arguments.required_text("text")?);
    let owned = |texts: Vec<&str>| texts.into_iter().map(str::to_string).collect();
    let fields = Fields {
        anchors: owned(arguments.texts("anchors")?),
        tags: owned(arguments.texts("tags")?),
        origin: Some(RecordOrigin::Mcp),
        ..Fields::default()
    };
    let report = match kind {
        RecordKind::Checkpoint => checkpoint::checkpoint(app, &checkpoint_of(text, fields))?,
        kind => note::note(app, &record(kind, text, fields))?,
    };
    safe(&told(&report))
}

fn kind(name: &str) -> Result<RecordKind> {
    let known = kinds().into_iter().find(|(known, _)| *known == name).map(|(_, kind)| kind);
    known.ok_or_else(|| {
        let names = names().join(", ");
        Error::new(format!("`kind` must be one of {names}, not `{}`", shortened(name)))
    })
}

/// The first line is the title, the rest the body.
fn record(kind: RecordKind, text: &str, fields: Fields) -> Request {
    let (summary, body) = text.trim().split_once('\n').unwrap_or((text.trim(), ""));
    let body = Some(body.trim().to_string()).filter(|body| !body.is_empty());
    Request { summary: summary.trim().to_string(), kind, fields: Fields { body, ..fields } }
}

/// Lines that begin with `Next:`, `Blocked:` or `Ran:` say what they say, all
/// others what is done.
fn checkpoint_of(text: &str, fields: Fields) -> CheckpointRequest {
    let mut request = CheckpointRequest { fields, ..CheckpointRequest::default() };
    let mut done = Vec::new();
    for line in text.trim().lines() {
        let (word, rest) = line.split_once(':').unwrap_or(("", line));
        let rest = rest.trim().to_string();
        match word.trim().to_lowercase().as_str() {
            "next" if request.next.is_none() => request.next = Some(rest),
            "blocked" | "blocker" => request.blockers.push(rest),
            "ran" | "command" => request.commands.push(rest),
            _ => done.push(line),
        }
    }
    request.done = Some(done.join("\n").trim().to_string());
    request
}

fn told(report: &AddReport) -> String {
    let AddReport { id, file, revision, .. } = report;
    match report.outcome {
        NoteOutcome::Added => format!("{id} is in {file}:1\n"),
        NoteOutcome::Revised => format!("{id} in {file}:1 is now revision {revision}\n"),
        NoteOutcome::Duplicate => format!("{id} in {file}:1 says exactly this already: nothing was added\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_says_what_is_done_and_what_comes_next() {
        let text = "Parser done:\nall cases pass\nNext: wire it up\nBlocked: no key\nran: cargo test\n";
        let request = checkpoint_of(text, Fields::default());
        assert_eq!(
            (request.done.as_deref().unwrap_or_default(), request.next.as_deref().unwrap_or_default()),
            ("Parser done:\nall cases pass", "wire it up")
        );
        assert_eq!((request.blockers, request.commands), (vec!["no key".into()], vec!["cargo test".into()]));
    }

    #[test]
    fn the_first_line_of_a_note_is_its_title() {
        let of = |text: &str| {
            let request = record(RecordKind::Lesson, text, Fields::default());
            (request.summary, request.fields.body)
        };
        assert_eq!(of(" Title \n\nbody\nmore\n"), ("Title".into(), Some("body\nmore".into())));
        assert_eq!(of("Title"), ("Title".into(), None));
    }
}
