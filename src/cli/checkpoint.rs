//! `waypost checkpoint`: records what is done and what comes next, and lists what
//! was recorded.

use clap::{Args, Subcommand};

use super::fields::FieldArguments;
use super::note::print_added;
use super::{CommandOutcome, Out};
use crate::app::checkpoint::{self, CheckpointReport, CheckpointRequest};
use crate::app::{App, Result};

/// Arguments of `waypost checkpoint`.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct CheckpointArguments {
    #[command(subcommand)]
    command: Option<CheckpointCommand>,
    /// What is done [default: what the log tells since the last checkpoint]
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    done: Option<String>,
    /// The same as `--done`
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true, conflicts_with = "done")]
    summary: Option<String>,
    /// What was decided; may be given several times
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    decision: Vec<String>,
    /// What comes next
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    next: Option<String>,
    /// What stands in the way; may be given several times
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    blocker: Vec<String>,
    /// A command that worked; may be given several times
    #[arg(long = "command", id = "worked", value_name = "COMMAND", allow_hyphen_values = true)]
    worked: Vec<String>,
    /// The goal that it is about, by its id
    #[arg(long, value_name = "ID")]
    goal: Option<String>,
    #[command(flatten)]
    fields: FieldArguments,
}

#[derive(Subcommand)]
enum CheckpointCommand {
    /// List the checkpoints, newest first, those that hooks made too
    List(ListArguments),
    /// Show one
    Show(ShowArguments),
}

#[derive(Args)]
struct ListArguments {
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
}

#[derive(Args)]
struct ShowArguments {
    /// Id or the beginning of one
    #[arg(value_name = "ID")]
    id: String,
}

/// Writes a checkpoint and prints its id, or lists or shows checkpoints.
pub fn checkpoint(app: &App, arguments: &CheckpointArguments, out: &Out) -> Result<CommandOutcome> {
    match &arguments.command {
        Some(CheckpointCommand::List(list)) => print_list(app, list.limit, out),
        Some(CheckpointCommand::Show(show)) => print(&checkpoint::show(app, &show.id)?, out),
        None => write(app, arguments, out),
    }
}

fn write(app: &App, arguments: &CheckpointArguments, out: &Out) -> Result<CommandOutcome> {
    let request = CheckpointRequest {
        done: arguments.done.clone().or(arguments.summary.clone()),
        next: arguments.next.clone(),
        decisions: arguments.decision.clone(),
        blockers: arguments.blocker.clone(),
        commands: arguments.worked.clone(),
        goal: arguments.goal.clone(),
        fields: arguments.fields.fields(app)?,
    };
    print_added(&checkpoint::checkpoint(app, &request)?, out)
}

fn print_list(app: &App, limit: usize, out: &Out) -> Result<CommandOutcome> {
    let report = checkpoint::list(app, limit)?;
    if out.json {
        out.object(&report)?;
        return Ok(CommandOutcome::Done);
    }
    for checkpoint in &report.checkpoints {
        out.line(&line(checkpoint))?;
    }
    if report.checkpoints.is_empty() {
        out.note("there is no checkpoint yet: `waypost checkpoint`");
    }
    Ok(CommandOutcome::Done)
}

fn line(checkpoint: &CheckpointReport) -> String {
    let next = checkpoint.next.as_ref().map(|next| format!("; next: {next}")).unwrap_or_default();
    let how = if checkpoint.automatic { " (by a hook)" } else { "" };
    format!("{:<16}  {}  {}{next}{how}", checkpoint.id, checkpoint.at, checkpoint.title)
}

fn print(checkpoint: &CheckpointReport, out: &Out) -> Result<CommandOutcome> {
    if out.json {
        out.object(checkpoint)?;
        return Ok(CommandOutcome::Done);
    }
    out.line(&line(checkpoint))?;
    if let Some(body) = &checkpoint.body {
        out.text(&format!("\n{body}"))?;
    }
    Ok(CommandOutcome::Done)
}
