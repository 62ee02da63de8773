//! The goal and the files recorded for it.
//!
//! Not here: which files those are (`pipeline`, which ranks them).

use super::writer::{self, RecordWriter};
use super::{RecordError, RecordStore, Result};
use crate::context::Context;
use crate::limits;
use crate::memory::{Focus, Record, RecordKind, RecordStatus};
use crate::model::SafeText;
use crate::store::Indexed;

/// A goal's text as its record will say it; empty for one that only ends
/// another.
pub fn goal_text(context: &Context, text: &str) -> Result<SafeText> {
    match text.chars().count() {
        length if length > limits::MAX_GOAL => Err(RecordError::LongGoal(length)),
        _ => Ok(context.redactor.text(text.trim())),
    }
}

/// A record for a goal of this text, which nobody wrote yet.
pub fn draft_goal(context: &Context, text: &SafeText) -> Record {
    let mut record = writer::draft(context, &(context.clock)(), RecordKind::Goal, "");
    record.title = text.one_line(120);
    if record.title != *text {
        record.body = text.clone();
    }
    record
}

impl RecordStore<'_> {
    /// Makes this the goal and ends the one before; an empty text only ends it.
    pub fn set_goal(&mut self, text: &str) -> Result<()> {
        let text = goal_text(self.context, text)?;
        let goal = (!text.is_empty()).then(|| draft_goal(self.context, &text));
        self.change(|writer| writer.set_goal(goal))
    }
}

impl RecordWriter<'_> {
    /// Makes this the goal and ends every other one, each as it is now: changes
    /// that were made meanwhile stay. Where somebody else set the same goal, that
    /// record gets the focus.
    pub fn set_goal(&mut self, goal: Option<Record>) -> Result<()> {
        let mut goals = self.goals()?;
        let newest = goals.last().map(|newest| newest.record.text().clone());
        if newest.is_some() && newest.as_ref() == goal.as_ref().map(Record::text) {
            let Some((known, goal)) = goals.pop().zip(goal) else { return Ok(()) };
            return match goal.focus.is_empty() {
                true => Ok(()),
                false => self.set_focus(&known.record.id, goal.focus),
            };
        }
        for old in goals {
            self.save(&Record { status: RecordStatus::Superseded, ..old.record })?;
        }
        goal.map_or(Ok(()), |goal| self.save(&goal))
    }

    /// Records the files for a goal. One that has ended meanwhile is left alone.
    pub fn set_focus(&mut self, id: &str, focus: Vec<Focus>) -> Result<()> {
        let goal = self.goals()?.into_iter().find(|goal| goal.record.id == id);
        match goal.filter(|goal| goal.record.focus != focus) {
            Some(goal) => self.save(&Record { focus, ..goal.record }),
            None => Ok(()),
        }
    }

    /// The accepted goals whose files can be read, oldest first.
    fn goals(&self) -> Result<Vec<Indexed>> {
        let mut goals = self.lookup().all()?;
        goals.retain(|one| {
            one.record.kind == RecordKind::Goal
                && one.record.status == RecordStatus::Accepted
                && self.may_write(one).is_ok()
        });
        Ok(goals)
    }
}
