//! The tree of goals: adding to it, what becomes of one, and which is worked on.
//!
//! Not here: setting the goal by its text alone (`goal`).

use schemars::JsonSchema;
use serde::Serialize;

use super::{App, Error, Result, init};
use crate::memory::{BodySection, GoalNode, Memory, Record, RecordKind, goal_tree};
use crate::model::SafeText;
use crate::records::GoalChange;

/// A goal to add to the tree.
#[derive(Clone, Debug, Default)]
pub struct AddGoal {
    pub text: String,
    /// Id of the goal that it is a step of.
    pub parent: Option<String>,
}

/// What is done to a goal.
#[derive(Clone, Debug)]
pub enum GoalStep {
    Done,
    /// What stands in its way, if that is said.
    Block(Option<String>),
    Drop,
    /// It is the current one from now on.
    Set,
}

/// A goal, as every report shows it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct GoalItem {
    pub id: String,
    pub text: SafeText,
    /// `open`, `blocked`, `done`, `dropped`, or `superseded` for one that another
    /// one ended.
    pub state: &'static str,
    pub current: bool,
    /// Id of the goal that it is a step of.
    pub parent: Option<String>,
    /// How deep it stands in the list that it is in.
    pub level: usize,
    /// What stands in its way.
    pub reason: Option<SafeText>,
    pub next: Option<SafeText>,
}

/// Goals as a tree, each before its steps.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GoalList {
    pub goals: Vec<GoalItem>,
}

/// What became of a goal.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GoalChanged {
    #[serde(flatten)]
    pub goal: GoalItem,
    /// Ids of its steps that were given up with it.
    pub dropped: Vec<String>,
    /// Ids of its steps that stay open.
    pub open_steps: Vec<String>,
}

/// Adds a goal to the tree. The first open one is the current goal.
pub fn add(app: &App, request: &AddGoal) -> Result<GoalItem> {
    let context = app.context()?;
    init::prepare(&context.project)?;
    let mut record_store = app.record_store(&context)?;
    let (goal, _) = record_store.add_goal(&request.text, request.parent.as_deref())?;
    let memory = record_store.memory()?;
    item_of(&memory, &goal.id)
}

/// Changes a goal.
pub fn change(app: &App, id: &str, step: &GoalStep) -> Result<GoalChanged> {
    let context = app.context()?;
    let mut record_store = app.record_store(&context)?;
    let change = match step {
        GoalStep::Done => GoalChange::Done,
        GoalStep::Drop => GoalChange::Drop,
        GoalStep::Set => GoalChange::Set,
        GoalStep::Block(reason) => {
            let reason = reason.as_ref().map(|reason| context.redactor.line(reason.trim()));
            GoalChange::Block(reason.filter(|reason| !reason.is_empty()))
        }
    };
    let (goal, dropped) = record_store.change_goal(id, &change)?;
    let memory = record_store.memory()?;
    let is_step = |node: &&GoalNode| node.record.parent() == Some(goal.id.as_str());
    let steps = memory.open_goals();
    let steps = steps.iter().filter(|_| !goal.is_open_goal()).filter(is_step);
    Ok(GoalChanged {
        open_steps: steps.map(|node| node.record.id.clone()).collect(),
        goal: item_of(&memory, &goal.id)?,
        dropped,
    })
}

/// The open goals, or all that ever were.
pub fn list(app: &App, all: bool) -> Result<GoalList> {
    let context = app.context()?;
    let memory = app.memory(&context)?;
    Ok(GoalList { goals: if all { every_one(&memory) } else { open(&memory) } })
}

/// The open goals of a memory.
pub(super) fn open(memory: &Memory) -> Vec<GoalItem> {
    let current = memory.goal().map(|goal| goal.id.as_str());
    memory.open_goals().iter().map(|node| item(node, current)).collect()
}

/// All goals that a memory ever had.
pub(super) fn every_one(memory: &Memory) -> Vec<GoalItem> {
    let current = memory.goal().map(|goal| goal.id.as_str());
    let goals = memory.records.iter().filter(|record| record.kind == RecordKind::Goal).collect();
    goal_tree(goals, &memory.records).iter().map(|node| item(node, current)).collect()
}

fn item_of(memory: &Memory, id: &str) -> Result<GoalItem> {
    let found = every_one(memory).into_iter().find(|goal| goal.id == id);
    found.ok_or_else(|| Error::new(format!("the goal `{id}` is gone: somebody deleted its file")))
}

fn item(node: &GoalNode, current: Option<&str>) -> GoalItem {
    let Record { id, parts, next, .. } = node.record;
    GoalItem {
        id: id.clone(),
        text: node.record.text().one_line(WIDTH),
        state: node.record.goal_stands(),
        current: current == Some(id.as_str()),
        parent: node.record.parent().map(str::to_string),
        level: node.level,
        reason: parts.get(&BodySection::Blockers).map(|reasons| SafeText::join(reasons, "; ")),
        next: next.clone(),
    }
}

/// Characters of a goal on a list.
const WIDTH: usize = 300;

impl GoalItem {
    /// The goal on one line, two spaces a level.
    pub fn line(&self) -> String {
        let state = match (self.state, &self.reason) {
            ("open", _) => String::new(),
            (state, Some(reason)) => format!(" ({state}: {reason})"),
            (state, None) => format!(" ({state})"),
        };
        let current = if self.current { " (current)" } else { "" };
        let next = self.next.as_ref().map(|next| format!("; next: {next}")).unwrap_or_default();
        format!("{}{}{current}{state}{next}", "  ".repeat(self.level), self.text)
    }
}
