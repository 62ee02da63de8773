//! `waypost handoff`: render the handoff, or check the committed one.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{CommandOutcome, Out};
use crate::app::handoff::{self, HandoffFreshness, Request};
use crate::app::{App, Result, merge};

/// Arguments of `waypost handoff`.
#[derive(Args)]
pub struct Arguments {
    /// Write nothing; print a diff and exit 1 when the files are not what would be written
    #[arg(long, conflicts_with = "stdout")]
    check: bool,
    /// Print it, write nothing
    #[arg(long)]
    stdout: bool,
    /// Print the live part, which is not committed: branch, changes, recent commits; write nothing
    #[arg(long, conflicts_with_all = ["check", "stdout", "staged", "budget"])]
    now: bool,
    /// Render what the next commit would hold, from the index, and stage it (`waypost setup git` has git do so)
    #[arg(long, conflicts_with_all = ["check", "stdout"])]
    staged: bool,
    /// Which of the two files to print
    #[arg(long, value_name = "FORMAT", default_value = "md", requires = "stdout")]
    format: HandoffFormat,
    /// Tokens (o200k_base) that neither file exceeds, 300 to 200000; 8000 gives the long form [default: handoff_budget, handoff_json_budget]
    #[arg(long, value_name = "N")]
    budget: Option<u64>,
    /// Called by git: the versions of one of the files, and its path
    #[arg(long, hide = true, num_args = 4, value_names = ["BASE", "OURS", "THEIRS", "PATH"],
          conflicts_with_all = ["check", "stdout", "staged"])]
    merge_driver: Vec<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum HandoffFormat {
    Md,
    Json,
}

/// Writes, prints, checks or merges the handoff; a check that finds a difference ends with exit
/// code 1.
pub fn run(app: &App, arguments: &Arguments, out: &Out) -> Result<CommandOutcome> {
    let request = Request { budget: arguments.budget };
    if !arguments.merge_driver.is_empty() {
        drive(app, &arguments.merge_driver, out)
    } else if arguments.staged {
        stage(app, &request, out)
    } else if arguments.check {
        check(app, &request, out)
    } else if arguments.now {
        now(app, out)
    } else if arguments.stdout {
        let is_json = out.json || arguments.format == HandoffFormat::Json;
        out.raw(&handoff::text(app, &request, is_json)?)?;
        Ok(CommandOutcome::Done)
    } else {
        write(app, &request, out)
    }
}

fn now(app: &App, out: &Out) -> Result<CommandOutcome> {
    match out.json {
        true => out.object(&handoff::now_data(app)?)?,
        false => out.raw(&handoff::now(app)?)?,
    }
    Ok(CommandOutcome::Done)
}

fn write(app: &App, request: &Request, out: &Out) -> Result<CommandOutcome> {
    let report = handoff::write(app, request)?;
    if out.json {
        out.object(&report)?;
    } else {
        let state = if report.written { "written" } else { "already right" };
        out.said(&format!("handoff {state}: {} ({} tokens)", report.markdown, report.tokens))?;
    }
    Ok(CommandOutcome::Done)
}

fn check(app: &App, request: &Request, out: &Out) -> Result<CommandOutcome> {
    let report = handoff::check(app, request)?;
    if out.json {
        out.object(&report)?;
    } else {
        out.raw(&report.diff)?;
        out.note(match report.state {
            HandoffFreshness::Fresh => "the handoff is fresh",
            HandoffFreshness::None => "there is no handoff yet\nhint: `waypost handoff` writes it",
            HandoffFreshness::Stale => "the handoff is stale\nhint: `waypost handoff` writes it again",
            HandoffFreshness::OtherTemplates => {
                "the handoff was rendered with other templates\nhint: `waypost handoff` writes it again"
            }
            HandoffFreshness::OlderVersion => {
                "the handoff was rendered by an older version of waypost\nhint: `waypost handoff` writes it again"
            }
            HandoffFreshness::NewerVersion => {
                "the handoff was rendered by a newer version of waypost\nhint: check it with that version"
            }
        });
    }
    Ok(if report.fresh { CommandOutcome::Done } else { CommandOutcome::Finding })
}

fn drive(app: &App, versions: &[PathBuf], out: &Out) -> Result<CommandOutcome> {
    let report = merge::drive(app, versions)?;
    if !report.rendered {
        let path = &report.path;
        out.note(&format!("`{path}` is merged by lines: run `waypost handoff` when the merge is done"));
    }
    if out.json {
        out.object(&report)?;
    }
    Ok(CommandOutcome::Done)
}

fn stage(app: &App, request: &Request, out: &Out) -> Result<CommandOutcome> {
    let report = handoff::stage(app, request)?;
    if out.json {
        out.object(&report)?;
    } else if let Some(why) = &report.skipped {
        out.note(&format!("nothing is staged: {why}"));
    } else {
        let state = if report.staged { "staged" } else { "is staged already" };
        out.said(&format!("handoff {state} ({} tokens)", report.tokens))?;
    }
    Ok(CommandOutcome::Done)
}
