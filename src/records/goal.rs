//! The goals: the current one with the files recorded for it, and the tree.
//!
//! Not here: which files those are (`pipeline`, which ranks them).

use super::writer::{self, RecordWriter};
use super::{Added, RecordError, RecordStore, Result};
use crate::context::Context;
use crate::limits;
use crate::memory::{
    self, BodySection, Focus, GoalState, Link, Record, RecordKind, RecordStatus, Relation, current_goal,
    goal_tree,
};
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

/// What is done to a goal of the tree.
#[derive(Clone, Debug)]
pub enum GoalChange {
    Done,
    /// Something stands in its way.
    Block(Option<SafeText>),
    /// It and its open steps are given up.
    Drop,
    /// It is the current one from now on, open again if it was not.
    Set,
}

impl RecordStore<'_> {
    /// Makes this the goal and ends the one before; an empty text only ends it.
    pub fn set_goal(&mut self, text: &str) -> Result<()> {
        let text = goal_text(self.context, text)?;
        let goal = (!text.is_empty()).then(|| draft_goal(self.context, &text));
        self.change(|writer| writer.set_goal(goal))
    }

    /// Adds a goal to the tree; the first one is the current goal. An open one
    /// that says the same at the same place stays the only one.
    pub fn add_goal(&mut self, text: &str, parent: Option<&str>) -> Result<(Record, Added)> {
        let text = goal_text(self.context, text)?;
        if text.is_empty() {
            return Err(RecordError::Empty("goal"));
        }
        let goal = draft_goal(self.context, &text);
        self.change(|writer| writer.add_goal(goal, parent))
    }

    /// Changes a goal of the tree; gives the goal, and the ids of its steps that
    /// are given up with it.
    pub fn change_goal(&mut self, name: &str, change: &GoalChange) -> Result<(Record, Vec<String>)> {
        self.change(|writer| writer.change_goal(name, change))
    }
}

impl RecordWriter<'_> {
    /// Makes this the goal and ends the one that was set by its text alone, as it
    /// is now: changes that were made meanwhile stay. Goals of the tree stay open.
    /// Where an open goal says the same, that is the goal from now on, and gets
    /// the focus.
    pub fn set_goal(&mut self, goal: Option<Record>) -> Result<()> {
        let goals = self.goals()?;
        let Some(goal) = goal else { return self.end_goals(&goals) };
        let current = current_goal(goals.iter().map(|goal| &goal.record));
        let says_so = |known: &&Record| known.text() == goal.text();
        let known = current.filter(says_so).or(goals.iter().map(|goal| &goal.record).rfind(says_so));
        match known {
            None => {
                self.end_lone(&goals, None)?;
                self.save(&goal)
            }
            Some(known) if current.is_some_and(|current| current.id == known.id) => {
                match goal.focus.is_empty() {
                    true => Ok(()),
                    false => self.set_focus(&known.id, goal.focus),
                }
            }
            Some(known) => {
                let focus = if goal.focus.is_empty() { known.focus.clone() } else { goal.focus };
                self.end_lone(&goals, Some(&known.id))?;
                self.make_current(&Record { focus, ..known.clone() }, &goals)
            }
        }
    }

    /// Records the files for a goal. One that has ended meanwhile is left alone.
    pub fn set_focus(&mut self, id: &str, focus: Vec<Focus>) -> Result<()> {
        let goal = self.goals()?.into_iter().find(|goal| goal.record.id == id);
        match goal.filter(|goal| goal.record.focus != focus) {
            Some(goal) => self.save(&Record { focus, ..goal.record }),
            None => Ok(()),
        }
    }

    fn add_goal(&mut self, goal: Record, parent: Option<&str>) -> Result<(Record, Added)> {
        let goals = self.goals()?;
        let parent = parent.map(|parent| self.open_parent(parent)).transpose()?;
        let is_known = |known: &&Indexed| {
            let place = known.record.parent();
            known.record.text() == goal.text() && place == parent.as_ref().map(|parent| parent.id.as_str())
        };
        if let Some(known) = goals.iter().find(is_known) {
            return Ok((known.record.clone(), Added::Known));
        }
        let mut goal = Record { goal_state: Some(GoalState::Open), ..goal };
        if let Some(parent) = parent {
            goal.links.push(Link { relation: Relation::PartOf, id: parent.id.clone() });
            if parent.is_lone_goal() {
                self.save(&in_tree(&parent))?;
            }
        }
        if current_goal(goals.iter().map(|goal| &goal.record)).is_none() {
            goal.current_since = Some(goal.id.clone());
        }
        self.save(&goal)?;
        Ok((goal, Added::New))
    }

    fn open_parent(&self, name: &str) -> Result<Record> {
        let parent = self.goal_named(name)?;
        match parent.record.is_open_goal() {
            true => self.may_write(&parent).map(|()| parent.record),
            false => {
                let (id, state) = (parent.record.id.clone(), parent.record.goal_stands());
                Err(RecordError::ClosedGoal { id, state })
            }
        }
    }

    fn goal_named(&self, name: &str) -> Result<Indexed> {
        let found = self.lookup().get(name)?;
        match found.record.kind {
            RecordKind::Goal => Ok(found),
            _ => Err(RecordError::NoGoal(found.record.id)),
        }
    }

    fn change_goal(&mut self, name: &str, change: &GoalChange) -> Result<(Record, Vec<String>)> {
        let found = self.goal_named(name)?;
        self.may_write(&found)?;
        let record = Record { updated: self.now.text.clone(), ..in_tree(&found.record) };
        match change {
            GoalChange::Set => {
                let goals = self.goals()?;
                self.keep_lone(&goals, &record.id)?;
                self.make_current(&record, &goals)?;
            }
            GoalChange::Done => self.save(&over(&record, GoalState::Done))?,
            GoalChange::Block(reason) => self.save(&blocked(record, reason.as_ref()))?,
            GoalChange::Drop => {
                let steps = self.open_steps(&record)?;
                steps.iter().try_for_each(|step| self.save(&over(step, GoalState::Dropped)))?;
                self.save(&over(&record, GoalState::Dropped))?;
                let ids = steps.into_iter().map(|step| step.id).collect();
                return Ok((self.saved(&found.record.id)?, ids));
            }
        }
        Ok((self.saved(&found.record.id)?, Vec::new()))
    }

    /// The record as its file has it now.
    fn saved(&mut self, id: &str) -> Result<Record> {
        self.sync_index()?;
        Ok(self.lookup().get(id)?.record)
    }

    /// The open goals that are steps of this one, directly or not.
    fn open_steps(&self, goal: &Record) -> Result<Vec<Record>> {
        let goals = self.goals()?;
        let all: Vec<Record> = self.lookup().all()?.into_iter().map(|indexed| indexed.record).collect();
        let open =
            all.iter().filter(|one| goals.iter().any(|goal| goal.record.id == one.id) || one.id == goal.id);
        let tree = goal_tree(open.collect(), &all);
        let Some(at) = tree.iter().position(|node| node.record.id == goal.id) else { return Ok(Vec::new()) };
        let below = tree[at + 1..].iter().take_while(|node| node.level > tree[at].level);
        Ok(below.map(|node| node.record.clone()).collect())
    }

    fn make_current(&self, goal: &Record, goals: &[Indexed]) -> Result<()> {
        let moment = memory::new_id(self.now.ns.max(0) as u64 / 1_000_000, memory::random());
        // One that a clock ahead of this one set last comes behind all the same.
        let last = current_goal(goals.iter().map(|goal| &goal.record)).and_then(Record::is_current_since);
        let since = match last {
            Some(last) if last >= moment.as_str() && last.len() < limits::MAX_ID => format!("{last}z"),
            _ => moment,
        };
        let goal = Record {
            goal_state: Some(GoalState::Open),
            status: RecordStatus::Accepted,
            current_since: Some(since),
            ..goal.clone()
        };
        self.save(&unblocked(goal))
    }

    /// No goal is the current one from now on; those of the tree stay open.
    fn end_goals(&self, goals: &[Indexed]) -> Result<()> {
        self.end_lone(goals, None)?;
        let set = goals.iter().filter(|goal| goal.record.current_since.is_some());
        set.map(|goal| Record { current_since: None, ..goal.record.clone() })
            .try_for_each(|goal| self.save(&goal))
    }

    /// A goal that was set by its text alone stays open where another one is worked
    /// on for a while.
    fn keep_lone(&self, goals: &[Indexed], but: &str) -> Result<()> {
        let lone = goals.iter().map(|goal| &goal.record);
        let lone = lone.filter(|goal| goal.is_lone_goal() && goal.id != but);
        lone.map(in_tree).try_for_each(|goal| self.save(&goal))
    }

    fn end_lone(&self, goals: &[Indexed], but: Option<&str>) -> Result<()> {
        let lone = goals.iter().map(|goal| &goal.record);
        let lone = lone.filter(|goal| goal.is_lone_goal() && but != Some(goal.id.as_str()));
        lone.map(|goal| Record { status: RecordStatus::Superseded, ..goal.clone() })
            .try_for_each(|goal| self.save(&goal))
    }

    /// The open goals whose files can be read, oldest first.
    fn goals(&self) -> Result<Vec<Indexed>> {
        let mut goals = self.lookup().all()?;
        goals.retain(|one| one.record.is_open_goal() && self.may_write(one).is_ok());
        Ok(goals)
    }
}

/// A goal that was set by its text alone, as one of the tree.
fn in_tree(goal: &Record) -> Record {
    if goal.goal_state.is_some() {
        return goal.clone();
    }
    let since = goal.is_open_goal().then(|| goal.id.clone());
    Record { goal_state: Some(GoalState::Open), current_since: since, ..goal.clone() }
}

fn over(goal: &Record, state: GoalState) -> Record {
    Record { goal_state: Some(state), status: RecordStatus::Superseded, ..goal.clone() }
}

fn unblocked(mut goal: Record) -> Record {
    goal.parts.remove(&BodySection::Blockers);
    goal
}

fn blocked(goal: Record, reason: Option<&SafeText>) -> Record {
    let mut goal = unblocked(goal);
    (goal.goal_state, goal.status) = (Some(GoalState::Blocked), RecordStatus::Accepted);
    if let Some(reason) = reason {
        goal.parts.insert(BodySection::Blockers, vec![reason.clone()]);
    }
    goal
}
