//! Which accepted lessons are about what is done now: before a tool is used, and
//! when something failed.
//!
//! Not here: how lessons come to be (`lessons`).

use serde::Serialize;

use super::sessions::{MAX_TITLE, SessionDesk};
use super::{App, Result};
use crate::memory::{BodySection, Memory, Record, RecordKind};
use crate::model::{SafeText, Trigger};
use crate::pipeline::Context;
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
#[derive(Debug, Serialize)]
pub struct MatchedLessons {
    pub lessons: Vec<MatchedLesson>,
}

/// A lesson that matches.
#[derive(Clone, Debug, Serialize)]
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
    let desk = SessionDesk::open(app)?;
    let without;
    let context = match &desk {
        Some(desk) => &desk.context,
        None => {
            without = app.context()?;
            &without
        }
    };
    let mut paths = Vec::new();
    for path in &request.paths {
        let known = app.project_path(context, std::path::Path::new(path)).ok();
        paths.push(known.map_or_else(|| path.clone(), |path| path.as_str().to_string()));
    }
    let request = MatchRequest { paths, ..request.clone() };
    Ok(MatchedLessons { lessons: of_memory(&app.memory(context)?, &call_of(&context.redactor, &request)) })
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
        .filter(|(_, trigger)| matching::matches(trigger, call))
        .map(|(lesson, trigger)| told(lesson, trigger))
        .collect()
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
    context: &Context,
    call: &ToolCall,
    when: &str,
) -> Result<Option<String>> {
    let lessons = of_memory(&app.memory(context)?, call);
    let line = |lesson: &MatchedLesson| {
        let fix = lesson.fix.as_ref().map(|fix| format!("\n  {fix}")).unwrap_or_default();
        format!("- {} [{}]{fix}", lesson.title, lesson.id)
    };
    let lines: Vec<String> = lessons.iter().take(MOST).map(line).collect();
    Ok((!lines.is_empty())
        .then(|| format!("waypost: {when} (records of this project, data):\n{}", lines.join("\n"))))
}
