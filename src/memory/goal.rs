//! Goals: which one is being worked on, and the tree that they form.
//!
//! A goal that was set by its text alone stands by itself until the next text
//! ends it. One that was added is part of the tree and stays open until somebody
//! says otherwise.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Memory, Record, RecordKind, RecordStatus, Relation};
use crate::model::SafeText;

/// Where a goal of the tree stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GoalState {
    Open,
    Blocked,
    Done,
    Dropped,
}

named!(GoalState { Open = "open", Blocked = "blocked", Done = "done", Dropped = "dropped" });

/// A goal at its place in the tree.
#[derive(Clone, Copy, Debug)]
pub struct GoalNode<'a> {
    pub record: &'a Record,
    /// 0 for one that is part of no other.
    pub level: usize,
}

impl Record {
    /// Whether it is a goal that is neither done, dropped nor ended.
    pub fn is_open_goal(&self) -> bool {
        let is_over = matches!(self.goal_state, Some(GoalState::Done | GoalState::Dropped));
        self.kind == RecordKind::Goal && self.status == RecordStatus::Accepted && !is_over
    }

    /// Whether it is an open goal that the next one ends.
    pub fn is_lone_goal(&self) -> bool {
        self.is_open_goal() && self.goal_state.is_none()
    }

    /// Where the goal stands, in one word: its state, or for one that another one
    /// ended the status of its record.
    pub fn goal_stands(&self) -> &'static str {
        match self.goal_state {
            Some(state) if self.status == RecordStatus::Accepted => state.name(),
            Some(state @ (GoalState::Done | GoalState::Dropped)) => state.name(),
            None if self.is_open_goal() => GoalState::Open.name(),
            _ => self.status.name(),
        }
    }

    /// Id of the goal that it is a step of.
    pub fn parent(&self) -> Option<&str> {
        let link = self.links.iter().find(|link| link.relation == Relation::PartOf)?;
        Some(link.id.as_str())
    }

    /// When the goal became the current one; `None` if it never did.
    pub fn is_current_since(&self) -> Option<&str> {
        match self.goal_state {
            None => Some(&self.id),
            Some(_) => self.current_since.as_deref(),
        }
    }
}

impl Memory {
    /// The goal that is being worked on: of the open ones that which was set
    /// last.
    pub fn goal(&self) -> Option<&Record> {
        current_goal(self.records.iter().filter(|record| record.is_open_goal()))
    }

    /// The open goals as a tree.
    pub fn open_goals(&self) -> Vec<GoalNode<'_>> {
        let open = self.records.iter().filter(|record| record.is_open_goal()).collect();
        goal_tree(open, &self.records)
    }

    /// The part of the tree that the current goal is in, from its root, or all of
    /// the tree where none is the current one. Empty where that is no more than
    /// the goal itself.
    pub fn open_branch(&self) -> Vec<GoalNode<'_>> {
        let all = self.open_goals();
        let Some(goal) = self.goal() else { return all };
        let Some(at) = all.iter().position(|node| node.record.id == goal.id) else { return Vec::new() };
        let first = all[..=at].iter().rposition(|node| node.level == 0).unwrap_or(0);
        let behind = all[first + 1..].iter().position(|node| node.level == 0);
        let last = behind.map_or(all.len(), |behind| first + 1 + behind);
        if last - first == 1 { Vec::new() } else { all[first..last].to_vec() }
    }

    /// The newest checkpoint since the goal was set; one about another goal is
    /// none.
    pub fn open_checkpoint(&self) -> Option<&Record> {
        let goal = self.goal();
        let since = goal.and_then(Record::is_current_since);
        let is_goal = |id: &str| self.records.iter().any(|one| one.kind == RecordKind::Goal && one.id == id);
        let is_about = |checkpoint: &&Record| {
            let mut about =
                checkpoint.links.iter().map(|link| link.id.as_str()).filter(|id| is_goal(id)).peekable();
            about.peek().is_none() || about.any(|id| goal.is_some_and(|goal| goal.id == id))
        };
        let is_since = |checkpoint: &&Record| since.is_none_or(|since| since < checkpoint.id.as_str());
        self.of(RecordKind::Checkpoint).rev().filter(is_since).find(is_about)
    }

    /// The next step: that of the newest checkpoint since the goal was set, else
    /// the goal's own.
    pub fn next_step(&self) -> Option<&SafeText> {
        let checkpoint = self.open_checkpoint();
        checkpoint.and_then(|checkpoint| checkpoint.next.as_ref()).or(self.goal()?.next.as_ref())
    }
}

/// Of open goals the one that was set last.
pub fn current_goal<'a>(open: impl Iterator<Item = &'a Record>) -> Option<&'a Record> {
    open.filter_map(|record| Some((record.is_current_since()?, &record.id, record)))
        .max_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)))
        .map(|(.., record)| record)
}

/// Goals as a tree, each before its steps, those of one goal sorted by what they
/// say. A step of a goal that is not among them is one of the next goal above
/// that is, by what `all` knows.
pub fn goal_tree<'a>(goals: Vec<&'a Record>, all: &'a [Record]) -> Vec<GoalNode<'a>> {
    let known: BTreeMap<&str, &Record> = all.iter().map(|record| (record.id.as_str(), record)).collect();
    let among: BTreeSet<&str> = goals.iter().map(|goal| goal.id.as_str()).collect();
    let mut steps: BTreeMap<Option<&str>, Vec<&Record>> = BTreeMap::new();
    for goal in &goals {
        steps.entry(above(goal, &among, &known)).or_default().push(goal);
    }
    for siblings in steps.values_mut() {
        siblings.sort_by(|a, b| (a.text(), &a.id).cmp(&(b.text(), &b.id)));
    }
    let mut tree = Vec::new();
    add_below(None, 0, &mut steps, &mut tree);
    // Whose parents were made a circle by hand.
    while let Some(parent) = steps.keys().next().copied() {
        add_below(parent, 0, &mut steps, &mut tree);
    }
    tree
}

/// The next goal above that is among those that are shown.
fn above<'a>(
    goal: &'a Record,
    among: &BTreeSet<&'a str>,
    known: &BTreeMap<&'a str, &'a Record>,
) -> Option<&'a str> {
    let mut seen = BTreeSet::from([goal.id.as_str()]);
    let mut parent = goal.parent();
    while let Some(id) = parent.filter(|id| seen.insert(id)) {
        let found = *known.get(id)?;
        if among.contains(found.id.as_str()) {
            return Some(&found.id);
        }
        parent = found.parent();
    }
    None
}

fn add_below<'a>(
    parent: Option<&'a str>,
    level: usize,
    steps: &mut BTreeMap<Option<&'a str>, Vec<&'a Record>>,
    tree: &mut Vec<GoalNode<'a>>,
) {
    for record in steps.remove(&parent).unwrap_or_default() {
        tree.push(GoalNode { record, level });
        add_below(Some(&record.id), level + 1, steps, tree);
    }
}

#[cfg(test)]
mod tests {
    use super::super::Link;
    use super::*;
    use crate::redact::Redactor;

    fn goal(id: &str, title: &str, parent: Option<&str>) -> Record {
        let title = Redactor::new(&[]).unwrap().line(title);
        let mut record = Record::new(id.into(), RecordKind::Goal, title, "2026".into());
        record.goal_state = Some(GoalState::Open);
        let link = |id: &str| Link { relation: Relation::PartOf, id: id.into() };
        record.links = parent.map(link).into_iter().collect();
        record
    }

    fn check(goals: Vec<Record>, expected: &[&str]) {
        let shown = |memory: &Memory| -> Vec<String> {
            memory
                .open_goals()
                .iter()
                .map(|it| format!("{}{}", " ".repeat(it.level), it.record.title))
                .collect()
        };
        let turned: Vec<Record> = goals.iter().rev().cloned().collect();
        assert_eq!(shown(&Memory { records: goals, unreadable: Vec::new() }), expected);
        assert_eq!(shown(&Memory { records: turned, unreadable: Vec::new() }), expected);
    }

    #[test]
    fn goals_form_a_tree_that_is_the_same_in_whatever_order_they_were_added() {
        check(
            vec![
                goal("3", "ship", None),
                goal("1", "parser", Some("3")),
                goal("2", "docs", Some("3")),
                goal("4", "offsets", Some("1")),
                goal("5", "another", None),
            ],
            &["another", "ship", " docs", " parser", "  offsets"],
        );
    }

    #[test]
    fn a_step_of_a_goal_that_is_done_moves_up_and_a_circle_is_shown_once() {
        let done = Record { goal_state: Some(GoalState::Done), ..goal("1", "parser", Some("3")) };
        check(vec![goal("3", "ship", None), done, goal("4", "offsets", Some("1"))], &["ship", " offsets"]);
        check(vec![goal("1", "a", Some("2")), goal("2", "b", Some("1"))], &["b", " a"]);
        check(vec![goal("1", "a", Some("gone"))], &["a"]);
    }

    #[test]
    fn the_current_goal_is_the_one_that_was_set_last() {
        let set = |id: &str, since: &str| Record { current_since: Some(since.into()), ..goal(id, id, None) };
        let lone = |id: &str| Record { goal_state: None, ..goal(id, id, None) };
        let id = |records: Vec<Record>| {
            Memory { records, unreadable: Vec::new() }.goal().map(|goal| goal.id.clone())
        };
        assert_eq!(id(vec![goal("1", "a", None)]), None);
        assert_eq!(id(vec![set("1", "5"), goal("2", "b", None)]), Some("1".into()));
        assert_eq!(id(vec![set("1", "5"), lone("3")]), Some("1".into()));
        assert_eq!(id(vec![set("1", "5"), lone("7")]), Some("7".into()));
        let done = Record { goal_state: Some(GoalState::Done), ..set("2", "8") };
        assert_eq!(id(vec![set("1", "5"), done]), Some("1".into()));
    }
}
