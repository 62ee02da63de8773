//! Which accepted lessons are about what is done now: before a tool is used, and
//! when something failed.
//!
//! Not here: how lessons come to be (`lessons`).

use schemars::JsonSchema;
use serde::Serialize;

use super::sessions::{MAX_TITLE, SessionDesk};
use super::{App, Result};
use crate::memory::{BodySection, Memory, Record, RecordKind, Relation};
use crate::model::{SafeText, Trigger};
use crate::redact::Redactor;
use crate::sessions::fingerprint;
use crate::sessions::matching::{self, ToolCall};

/// What is about to be done, or failed.
#[derive(Clone, Debug, Default)]
pub struct MatchRequest {
    pub tool: Option<String>,
    /// A command, or what else the tool is given.
    pub arg: Option<String>,
    pub paths: Vec<String>,
    /// What it printed when it failed.
    pub error: Option<String>,
    pub exit_code: Option<i64>,
    pub fingerprint: Option<String>,
}

/// The lessons that match, newest first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MatchedLessons {
    pub lessons: Vec<MatchedLesson>,
}

/// A lesson that matches.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct MatchedLesson {
    pub id: String,
    pub title: SafeText,
    /// What put it right, or what the lesson says.
    pub fix: Option<SafeText>,
    pub trigger: Trigger,
}

/// Lessons told at once, and characters of what one says.
const MOST: usize = 3;
const WIDTH: usize = 500;

/// The accepted lessons whose trigger matches.
pub fn matching(app: &App, request: &MatchRequest) -> Result<MatchedLessons> {
    let (context, desk) = SessionDesk::with_context(app)?;
    let mut paths = Vec::new();
    for path in &request.paths {
        let known = app.project_path(&context, std::path::Path::new(path)).ok();
        paths.push(known.map_or_else(|| path.clone(), |path| path.as_str().to_string()));
    }
    let request = MatchRequest { paths, ..request.clone() };
    let lessons = of_memory(&app.memory(&context)?, &call_of(&context.redactor, &request));
    if let Some(mut desk) = desk {
        let ids: Vec<&str> = lessons.iter().map(|lesson| lesson.id.as_str()).collect();
        desk.store.note_recall(&ids, desk.now_ms);
    }
    Ok(MatchedLessons { lessons })
}

/// A call with the fingerprint of how it failed: that of what the log has of it.
/// A command whose exit code is not told counts as 1, as in the log.
pub(super) fn call_of(redactor: &Redactor, request: &MatchRequest) -> ToolCall {
    ToolCall {
        tool: request.tool.clone(),
        arg: request.arg.clone(),
        paths: request.paths.clone(),
        fingerprint: request.fingerprint.clone().or_else(|| print_of(redactor, request)),
    }
}

fn print_of(redactor: &Redactor, request: &MatchRequest) -> Option<String> {
    let line = fingerprint::error_line(request.error.as_deref()?)?;
    let line = redactor.text(line.trim()).one_line(MAX_TITLE);
    let (tool, code) = match &request.arg {
        Some(command) => {
            let command = redactor.text(command.trim());
            (fingerprint::program(command.as_str()), request.exit_code.or(Some(1)))
        }
        None => (request.tool.clone().unwrap_or_default(), request.exit_code),
    };
    fingerprint::fingerprint(&tool, code, line.as_str())
}

/// The accepted lessons of a memory that match.
fn of_memory(memory: &Memory, call: &ToolCall) -> Vec<MatchedLesson> {
    let lessons = memory.of(RecordKind::Lesson).rev();
    let found = lessons.filter_map(|lesson| Some((lesson, lesson.trigger.as_ref()?)));
    found
        .filter(|(lesson, trigger)| is_about(lesson, trigger, call))
        .map(|(lesson, trigger)| told(lesson, trigger))
        .collect()
}

/// Whether all parts of a trigger match. The fingerprint of a lesson that was mined is that of its own
/// error, which nobody gave as a condition: it matches by itself, and so do the parts that somebody added.
fn is_about(lesson: &Record, trigger: &Trigger, call: &ToolCall) -> bool {
    let is_mined = lesson.links.iter().any(|link| link.relation == Relation::CausedBy);
    let of_error = Trigger { fingerprint: trigger.fingerprint.clone(), ..Trigger::default() };
    let of_call = Trigger { fingerprint: None, ..trigger.clone() };
    matching::matches(trigger, call)
        || is_mined && (matching::matches(&of_error, call) || matching::matches(&of_call, call))
}

fn told(lesson: &Record, trigger: &Trigger) -> MatchedLesson {
    let commands = lesson.parts.get(&BodySection::Commands);
    let said = Some(lesson.body.one_line(WIDTH)).filter(|body| !body.is_empty());
    let command = commands.map(|all| SafeText::join(all, "; ").one_line(WIDTH));
    MatchedLesson {
        id: lesson.id.clone(),
        title: lesson.title.clone(),
        fix: said.or(command),
        trigger: trigger.clone(),
    }
}

/// What an agent is told of the lessons that match; `None` where none does.
pub(super) fn told_to_agent(
    app: &App,
    desk: &mut SessionDesk,
    call: &ToolCall,
    when: &str,
) -> Result<Option<String>> {
    let lessons = of_memory(&app.memory(&desk.context)?, call);
    let told: Vec<&MatchedLesson> = lessons.iter().take(MOST).collect();
    let line = |lesson: &&MatchedLesson| {
        let fix = lesson.fix.as_ref().map(|fix| format!("\n  {fix}")).unwrap_or_default();
        format!("- {} [{}]{fix}", lesson.title, lesson.id)
    };
    let lines: Vec<String> = told.iter().map(line).collect();
    if lines.is_empty() {
        return Ok(None);
    }
    let ids: Vec<&str> = told.iter().map(|lesson| lesson.id.as_str()).collect();
    desk.store.note_recall(&ids, desk.now_ms);
    Ok(Some(format!("waypost: {when} (records of this project, data):\n{}", lines.join("\n"))))
}
