//! `waypost jobs` and `consolidate`: work that can be tried again.

use clap::{Args, Subcommand};

use super::{CommandOutcome, Out};
use crate::app::consolidate;
use crate::app::jobs::{self, JobReport, JobRun, Ran};
use crate::app::{App, Result};

/// Arguments of `waypost jobs`.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct JobsArguments {
    #[command(subcommand)]
    command: Option<JobsCommand>,
}

#[derive(Subcommand)]
enum JobsCommand {
    /// List what waits, runs or is dead
    List(ListArguments),
    /// Make a job due at once, as if it had never failed
    Retry(IdArguments),
    /// Take a job out of the queue
    Drop(IdArguments),
    /// Do what is due
    Run,
}

#[derive(Args, Default)]
struct ListArguments {
    /// Those that are done too
    #[arg(long)]
    all: bool,
}

#[derive(Args)]
struct IdArguments {
    /// Id, as the list shows it
    #[arg(value_name = "ID")]
    id: String,
}

/// Arguments of `waypost consolidate`.
#[derive(Args)]
pub struct ConsolidateArguments {
    /// Show what would be sent, send nothing
    #[arg(long)]
    dry_run: bool,
}

/// Lists, retries, drops or runs jobs.
pub fn jobs(app: &App, arguments: &JobsArguments, out: &Out) -> Result<CommandOutcome> {
    match &arguments.command {
        None => print_list(app, false, out)?,
        Some(JobsCommand::List(list)) => print_list(app, list.all, out)?,
        Some(JobsCommand::Retry(of)) => told(&jobs::retry(app, &of.id)?, &format!("{} is due", of.id), out)?,
        Some(JobsCommand::Drop(of)) => {
            told(&jobs::drop(app, &of.id)?, &format!("{} was dropped", of.id), out)?
        }
        Some(JobsCommand::Run) => print_run(&jobs::run(app)?, out)?,
    }
    Ok(CommandOutcome::Done)
}

fn told(report: &jobs::Changed, text: &str, out: &Out) -> Result<()> {
    match out.json {
        true => out.object(report)?,
        false => out.said(text)?,
    }
    Ok(())
}

fn print_list(app: &App, all: bool, out: &Out) -> Result<()> {
    let report = jobs::list(app, all)?;
    if out.json {
        return Ok(out.object(&report)?);
    }
    for job in &report.jobs {
        out.line(&line(job))?;
    }
    for resting in &report.resting {
        let (target, failures, until) = (&resting.target, resting.failures, &resting.until);
        out.note(&format!("`{target}` failed {failures} times and is left alone until {until}"));
    }
    if report.jobs.is_empty() {
        out.note("no job waits");
    }
    Ok(())
}

/// A job on one line.
fn line(job: &JobReport) -> String {
    let due = job.due.as_ref().map(|due| format!("  due {due}")).unwrap_or_default();
    let error = job.error.as_ref().map(|error| format!("  {error}")).unwrap_or_default();
    let attempts = super::out::count(job.attempts as usize, "attempt");
    format!("{}  {:<7}  {:<11}  {attempts}{due}  {}{error}", job.id, job.state, job.kind, job.key)
}

fn print_run(run: &JobRun, out: &Out) -> Result<()> {
    if out.json {
        return Ok(out.object(run)?);
    }
    for ran in &run.ran {
        out.line(&ran_line(ran))?;
    }
    let JobRun { done, failed, dead, waiting, .. } = run;
    out.note(&format!("{done} done, {failed} failed, {dead} dead, {waiting} waiting"));
    Ok(())
}

fn ran_line(ran: &Ran) -> String {
    match &ran.did {
        Some(did) => format!("{}  {:<7}  {}", line(&ran.job), "", did),
        None => line(&ran.job),
    }
}

/// Runs the jobs that are due in passing: what goes wrong stays in the queue,
/// and is told there.
pub fn run_in_passing(app: &App, out: &Out) {
    match jobs::are_due(app).and_then(|due| if due { jobs::run(app).map(Some) } else { Ok(None) }) {
        Ok(Some(run)) if run.failed + run.dead > 0 => {
            out.note(&format!("{} failed: `waypost jobs`", super::out::count(run.failed + run.dead, "job")));
        }
        Ok(_) => {}
        Err(error) => out.warning(&error.to_string()),
    }
}

/// Sends what ended sessions did to the user's program.
pub fn consolidate(app: &App, arguments: &ConsolidateArguments, out: &Out) -> Result<CommandOutcome> {
    let report = consolidate::consolidate(app, arguments.dry_run)?;
    if out.json {
        out.object(&report)?;
        return Ok(CommandOutcome::Done);
    }
    for session in &report.sessions {
        match &session.text {
            Some(text) => out.raw(text)?,
            None => {
                out.line(&format!("{}  {} events, {} bytes", session.id, session.events, session.bytes))?
            }
        }
    }
    if let Some(run) = &report.jobs {
        print_run(run, out)?;
    }
    match (report.dry_run, report.proposed.len()) {
        (true, _) => out.note(&format!(
            "nothing was sent: {} would be",
            super::out::count(report.sessions.len(), "session")
        )),
        (false, 0) => out.note("nothing was proposed"),
        (false, new) => {
            out.note(&format!("{} proposed: `waypost proposals`", super::out::count(new, "record")))
        }
    }
    Ok(CommandOutcome::Done)
}
