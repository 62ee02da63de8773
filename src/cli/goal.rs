//! `waypost goal` and `brief`: show and set the goal and the summary of how
//! things stand.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::goal_arguments::given;
use super::goals::{self, GoalCommand};
use super::output_file::PastedOutput;
use super::streams::body;
use super::{CommandOutcome, Out, history, note};
use crate::app::goal::{self, Brief, BriefRequest};
use crate::app::{App, Error, Result};

/// Arguments of `waypost goal`.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, disable_help_subcommand = true, after_help = WORDS)]
pub struct GoalArguments {
    #[command(subcommand)]
    command: Option<GoalCommand>,
    /// The new goal; `-` reads standard input; nothing shows it
    #[arg(value_name = "TEXT", allow_hyphen_values = true)]
    text: Option<String>,
    /// Read it from a file, `-` for standard input
    #[arg(long, value_name = "PATH", conflicts_with = "text")]
    goal_file: Option<PathBuf>,
    /// End the goal
    #[arg(long, conflicts_with_all = ["text", "goal_file"])]
    clear: bool,
}

impl GoalArguments {
    /// Whether it changes the goal.
    pub fn changes(&self) -> bool {
        let shows = matches!(self.command, None | Some(GoalCommand::List(_)));
        !shows || self.text.is_some() || self.goal_file.is_some() || self.clear
    }
}

const WORDS: &str = "\
Any other text than these commands sets the goal: `waypost goal \"Fix the parser\"`. A goal that is one of these words
stands behind two dashes: `waypost goal -- add`.";

/// Arguments of `waypost brief`.
#[derive(Args)]
pub struct BriefArguments {
    #[command(subcommand)]
    command: Option<BriefCommand>,
}

#[derive(Subcommand)]
enum BriefCommand {
    /// Write it: the text, or `--file`
    Set(SetArguments),
    /// Show it
    Show(PastedOutput),
    /// Its revisions
    History,
}

#[derive(Args)]
struct SetArguments {
    /// In Markdown; `-` reads standard input
    #[arg(value_name = "TEXT", allow_hyphen_values = true, required_unless_present = "file")]
    text: Option<String>,
    /// From a file; `-` reads standard input
    #[arg(long, value_name = "FILE", conflicts_with = "text")]
    file: Option<PathBuf>,
    /// Only when this revision is the newest, 0 for none: refuses a lost update
    #[arg(long, value_name = "N")]
    if_rev: Option<u32>,
}

/// Shows the goal, sets it to the given text, or ends it.
pub fn goal(app: &App, arguments: &GoalArguments, out: &Out) -> Result<CommandOutcome> {
    if let Some(command) = &arguments.command {
        return goals::run(app, command, out);
    }
    let text = match &arguments.goal_file {
        Some(file) => given(app, None, Some(file))?,
        None => body(app, arguments.text.as_deref(), None)?,
    };
    if text.as_ref().is_some_and(|text| text.trim().is_empty()) {
        return Err(Error::new("the goal is empty").with_hint(goals::CLEAR));
    }
    // The use case ends it with an empty one.
    let text = if arguments.clear { Some(String::new()) } else { text };
    let report = goal::goal(app, text.as_deref())?;
    if out.json {
        out.object(&report)?;
        return Ok(CommandOutcome::Done);
    }
    let Some(goal) = &report.goal else {
        out.note("no goal is set");
        return Ok(CommandOutcome::Done);
    };
    out.text(goal.as_str())?;
    if !report.parents.is_empty() {
        let parents: Vec<&str> = report.parents.iter().map(|parent| parent.as_str()).collect();
        out.line(&format!("part of: {}", parents.join(" > ")))?;
    }
    if let Some(next) = &report.next {
        out.line(&format!("next: {next}"))?;
    }
    Ok(CommandOutcome::Done)
}

/// Shows, sets or lists the versions of the brief.
pub fn brief(app: &App, arguments: &BriefArguments, out: &Out) -> Result<CommandOutcome> {
    match &arguments.command {
        Some(BriefCommand::Set(set)) => set_brief(app, set, out),
        Some(BriefCommand::History) => history::print(&goal::brief_history(app)?, out),
        Some(BriefCommand::Show(output)) => output.of(app, out, |out| show_brief(app, out)),
        None => show_brief(app, out),
    }
}

fn set_brief(app: &App, arguments: &SetArguments, out: &Out) -> Result<CommandOutcome> {
    let text = body(app, arguments.text.as_deref(), arguments.file.as_deref())?.unwrap_or_default();
    let request = BriefRequest { text, if_revision: arguments.if_rev };
    note::print_change(&goal::set_brief(app, &request)?, out)
}

fn show_brief(app: &App, out: &Out) -> Result<CommandOutcome> {
    let report = goal::brief(app)?;
    match &report {
        report if out.json => out.object(report)?,
        Brief::Written(brief) => {
            out.note(&format!("revision {}, {}", brief.revision, brief.updated));
            out.text(brief.body.as_str())?;
        }
        Brief::Missing(_) => out.note("there is no brief\nhint: `waypost brief set TEXT` writes it"),
    }
    Ok(CommandOutcome::Done)
}
