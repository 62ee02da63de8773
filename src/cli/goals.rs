//! `waypost goal add|list|done|block|drop|set`: the tree of goals.

use clap::{Args, Subcommand};

use super::streams::body;
use super::{CommandOutcome, Out};
use crate::app::goals::{self, AddGoal, GoalItem, GoalStep};
use crate::app::{App, Error, Result};

/// What ends a goal.
pub const CLEAR: &str = "`waypost goal --clear` ends it";

#[derive(Subcommand)]
pub enum GoalCommand {
    /// Add a goal to the tree and print its id; the first one is the current goal
    Add(AddArguments),
    /// List the open goals, each before its steps
    List(ListArguments),
    /// It is reached
    Done(GoalId),
    /// Something stands in its way; `goal set` opens it again
    Block(BlockArguments),
    /// Give it up, with its open steps
    Drop(GoalId),
    /// Make it the current goal, open again if it was not
    Set(GoalId),
}

#[derive(Args)]
pub struct AddArguments {
    /// What it is; `-` reads standard input
    #[arg(value_name = "TEXT", allow_hyphen_values = true)]
    text: String,
    /// The goal that it is a step of
    #[arg(long, value_name = "ID")]
    parent: Option<String>,
}

#[derive(Args)]
pub struct ListArguments {
    /// Also those that are done, dropped or superseded
    #[arg(long)]
    all: bool,
}

#[derive(Args)]
pub struct GoalId {
    /// Id, the beginning of one, or a slug
    #[arg(value_name = "ID")]
    id: String,
}

#[derive(Args)]
pub struct BlockArguments {
    /// Id, the beginning of one, or a slug
    #[arg(value_name = "ID")]
    id: String,
    /// What stands in its way
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    reason: Option<String>,
}

/// Adds to the tree of goals, lists it, or changes one of them.
pub fn run(app: &App, command: &GoalCommand, out: &Out) -> Result<CommandOutcome> {
    match command {
        GoalCommand::Add(arguments) => add(app, arguments, out)?,
        GoalCommand::List(arguments) => list(app, arguments.all, out)?,
        GoalCommand::Done(goal) => change(app, &goal.id, &GoalStep::Done, out)?,
        GoalCommand::Drop(goal) => change(app, &goal.id, &GoalStep::Drop, out)?,
        GoalCommand::Set(goal) => change(app, &goal.id, &GoalStep::Set, out)?,
        GoalCommand::Block(block) => change(app, &block.id, &GoalStep::Block(block.reason.clone()), out)?,
    }
    Ok(CommandOutcome::Done)
}

fn add(app: &App, arguments: &AddArguments, out: &Out) -> Result<()> {
    let text = body(app, Some(&arguments.text), None)?.unwrap_or_default();
    if text.trim().is_empty() {
        return Err(Error::new("the goal is empty").with_hint(CLEAR));
    }
    let goal = goals::add(app, &AddGoal { text, parent: arguments.parent.clone() })?;
    match out.json {
        true => out.object(&goal)?,
        false => out.line(&goal.id)?,
    }
    Ok(())
}

fn list(app: &App, all: bool, out: &Out) -> Result<()> {
    let report = goals::list(app, all)?;
    if out.json {
        return Ok(out.object(&report)?);
    }
    if report.goals.is_empty() {
        out.note("no goal is open\nhint: `waypost goal add TEXT` adds one");
    }
    report.goals.iter().try_for_each(|goal| out.line(&line(goal)).map_err(Into::into))
}

fn line(goal: &GoalItem) -> String {
    format!("{}  {}", goal.id, goal.line())
}

fn change(app: &App, id: &str, step: &GoalStep, out: &Out) -> Result<()> {
    let report = goals::change(app, id, step)?;
    if out.json {
        return Ok(out.object(&report)?);
    }
    let goal = &report.goal;
    let state = if goal.current && matches!(step, GoalStep::Set) { "the current goal" } else { goal.state };
    out.said(&format!("{} is {state}: {}", goal.id, goal.text))?;
    if !report.dropped.is_empty() {
        out.said(&format!("with it {}", super::out::count(report.dropped.len(), "step")))?;
    }
    if !report.open_steps.is_empty() {
        out.note(&format!("still open: {}", report.open_steps.join(", ")));
    }
    Ok(())
}
