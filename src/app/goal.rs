//! The goal, which says what is being worked on, and the brief, the one summary
//! of how things stand.

use schemars::JsonSchema;
use serde::Serialize;

use super::history::{self, RecordHistory};
use super::note::{ChangeReport, changed_report};
use super::record::{self, Report as RecordReport};
use super::{App, Error, Result, init};
use crate::memory::{Memory, RecordKind};
use crate::model::SafeText;
use crate::records::BRIEF;

/// The current goal with its next step; everything is `None` when no goal is set.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GoalReport {
    pub goal: Option<SafeText>,
    /// Id of the goal's record.
    pub id: Option<String>,
    pub next: Option<SafeText>,
    /// The goals that it is a step of, the first one being part of no other.
    pub parents: Vec<SafeText>,
}

/// The brief to write.
#[derive(Clone, Debug, Default)]
pub struct BriefRequest {
    /// In Markdown.
    pub text: String,
    /// Write only if this is the newest revision; 0 means that there is none
    /// yet.
    pub if_revision: Option<u32>,
}

/// The brief, or that there is none.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Brief {
    Written(Box<RecordReport>),
    Missing(NoBrief),
}

/// The report for a brief that was never written.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct NoBrief {
    pub id: Option<String>,
    pub revision: u32,
    pub body: Option<String>,
}

/// Sets the goal if one is given, where `""` ends it, and returns the current
/// one.
pub fn goal(app: &App, text: Option<&str>) -> Result<GoalReport> {
    let context = app.context()?;
    if let Some(text) = text {
        init::prepare(&context.project)?;
        app.record_store(&context)?.set_goal(text)?;
    }
    let memory = app.memory(&context)?;
    let goal = memory.goal();
    Ok(GoalReport {
        goal: goal.map(|goal| goal.text().clone()),
        id: goal.map(|goal| goal.id.clone()),
        next: memory.next_step().cloned(),
        parents: parents(&memory),
    })
}

/// The goals above the current one, from the root.
fn parents(memory: &Memory) -> Vec<SafeText> {
    let branch = memory.open_branch();
    let goal = memory.goal().map(|goal| goal.id.as_str());
    let Some(at) = branch.iter().position(|node| Some(node.record.id.as_str()) == goal) else {
        return Vec::new();
    };
    let mut level = branch[at].level;
    let mut parents: Vec<SafeText> = Vec::new();
    for node in branch[..at].iter().rev() {
        if node.level < level {
            level = node.level;
            parents.push(node.record.text().one_line(200));
        }
    }
    parents.reverse();
    parents
}

/// The current brief as a record, or that there is none yet.
pub fn brief(app: &App) -> Result<Brief> {
    let context = app.context()?;
    let record_store = app.record_store(&context)?;
    let brief: Vec<_> = record_store.brief()?.into_iter().collect();
    let report = record::reports(&record_store, brief)?.pop();
    Ok(report.map_or_else(|| Brief::Missing(NoBrief::default()), |report| Brief::Written(Box::new(report))))
}

/// The revisions of the brief, oldest first.
pub fn brief_history(app: &App) -> Result<RecordHistory> {
    history::history(app, BRIEF)
}

/// Replaces the brief; fails if it is empty, or if `if_revision` is given and is not the newest.
pub fn set_brief(app: &App, request: &BriefRequest) -> Result<ChangeReport> {
    let context = app.context()?;
    init::prepare(&context.project)?;
    let mut record_store = app.record_store(&context)?;
    let mut record = record_store.draft(RecordKind::Observation, "");
    let text = context.redactor.text(request.text.trim());
    if text.is_empty() {
        return Err(Error::new("the brief is empty"));
    }
    let first = text.lines().next().unwrap_or_default();
    record.title = first.part(first.as_str().trim_start_matches('#').trim()).one_line(120);
    if record.title.is_empty() {
        record.title = SafeText::constant("Brief");
    }
    record.body = text;
    let (indexed, changed) = record_store.set_brief(record, request.if_revision)?;
    Ok(changed_report(&indexed, changed))
}
