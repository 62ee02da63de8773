//! `waypost claim`, `release` and `claims`: who holds which path or name.

use clap::{Args, Subcommand};

use super::session::milliseconds;
use super::{CommandOutcome, Out};
use crate::app::claims::{self, ClaimRequest};
use crate::app::session_report::ClaimReport;
use crate::app::{App, Error, Result};
use crate::model::time::length;

/// Arguments of `waypost claim`.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct ClaimArguments {
    #[command(subcommand)]
    command: Option<ClaimCommand>,
    /// A path, of which a folder holds all below it, or `name:` and any name
    #[arg(value_name = "RESOURCE", required = true)]
    resource: Option<String>,
    /// Let others claim it as shared too
    #[arg(long)]
    shared: bool,
    /// How long it lasts unless it is renewed
    #[arg(long, value_name = "TIME", default_value = "2h", value_parser = milliseconds)]
    ttl: i64,
    /// What you are about to do with it
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    note: Option<String>,
    /// Take over what stale and abandoned sessions hold
    #[arg(long)]
    steal: bool,
    /// Wait for it so long where others hold it
    #[arg(long, value_name = "TIME", value_parser = milliseconds)]
    wait: Option<i64>,
}

#[derive(Subcommand)]
enum ClaimCommand {
    /// Whether others hold one of these: exit code 4 if so (a file called `check` is `./check`)
    Check(CheckArguments),
}

#[derive(Args)]
struct CheckArguments {
    /// Paths, or `name:` and any name
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<String>,
}

/// Arguments of `waypost release`.
#[derive(Args)]
pub struct ReleaseArguments {
    /// What was claimed
    #[arg(value_name = "RESOURCE", required_unless_present = "all")]
    resource: Option<String>,
    /// All that the session holds
    #[arg(long, conflicts_with = "resource")]
    all: bool,
}

/// Arguments of `waypost claims`.
#[derive(Args)]
pub struct ClaimsArguments {
    /// Only the claims that meet this one
    #[arg(value_name = "RESOURCE")]
    resource: Option<String>,
}

/// Claims a resource, or checks whether others hold it. Exit code 4 if they do.
pub fn claim(app: &App, arguments: &ClaimArguments, out: &Out) -> Result<CommandOutcome> {
    match (&arguments.command, &arguments.resource) {
        (Some(ClaimCommand::Check(check)), _) => check_claims(app, &check.paths, out),
        (None, Some(resource)) => make(app, resource, arguments, out),
        (None, None) => Err(Error::new("no resource was named")),
    }
}

fn make(app: &App, resource: &str, arguments: &ClaimArguments, out: &Out) -> Result<CommandOutcome> {
    let ClaimArguments { shared, ttl, note, steal, wait, .. } = arguments;
    let request = ClaimRequest {
        resource: resource.to_string(),
        shared: *shared,
        ttl_ms: *ttl,
        note: note.clone(),
        steal: *steal,
        wait_ms: *wait,
    };
    let report = claims::claim(app, &request)?;
    super::search::print_timings(&report.timings, out);
    match report.granted {
        _ if out.json => out.object(&report)?,
        true => {
            report.stolen.iter().for_each(|claim| out.note(&format!("taken over: {}", line(claim))));
            let until = report.expires.as_deref().unwrap_or_default();
            out.said(&format!("{} is yours until {until}", report.resource))?;
        }
        false => refused(&report.holders, out)?,
    }
    Ok(if report.granted { CommandOutcome::Done } else { CommandOutcome::Refused })
}

fn check_claims(app: &App, paths: &[String], out: &Out) -> Result<CommandOutcome> {
    let report = claims::check(app, paths)?;
    match report.free {
        _ if out.json => out.object(&report)?,
        true => {}
        false => refused(&report.claims, out)?,
    }
    Ok(if report.free { CommandOutcome::Done } else { CommandOutcome::Refused })
}

fn refused(holders: &[ClaimReport], out: &Out) -> Result<()> {
    for claim in holders {
        out.line(&line(claim))?;
    }
    let hint = match holders.iter().any(|claim| claim.stale) {
        true => "the holder shows no sign of life: `waypost claim --steal RESOURCE` takes it over",
        false => "work on something else, or ask the holder",
    };
    out.note(&format!("refused: it is held\nhint: {hint}"));
    Ok(())
}

/// A claim on one line: what is held, by whom, for how long, and why.
pub fn line(claim: &ClaimReport) -> String {
    let how = if claim.shared { " (shared)" } else { "" };
    let stale = if claim.stale { " (stale)" } else { "" };
    let id = if claim.holder == claim.session { String::new() } else { format!(" [{}]", claim.session) };
    let note = claim.note.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
    let age = length(claim.age_s * 1_000);
    let here = if claim.confirmed == Some(false) { " (not confirmed by the team)" } else { "" };
    format!("{}{how} is held by {}{id}{stale} for {age}{here}{note}", claim.resource, claim.holder)
}

/// Gives up claims. Exit code 1 if there was nothing to give up.
pub fn release(app: &App, arguments: &ReleaseArguments, out: &Out) -> Result<CommandOutcome> {
    let report = claims::release(app, arguments.resource.as_deref())?;
    if out.json {
        out.object(&report)?;
    } else {
        for resource in &report.released {
            out.said(&format!("{resource} is free"))?;
        }
    }
    match &arguments.resource {
        Some(resource) if report.released.is_empty() => {
            out.note(&format!("the session holds no claim on `{resource}`"));
            Ok(CommandOutcome::Finding)
        }
        _ => Ok(CommandOutcome::Done),
    }
}

/// Lists the claims, oldest first.
pub fn list(app: &App, arguments: &ClaimsArguments, out: &Out) -> Result<CommandOutcome> {
    let report = claims::list(app, arguments.resource.as_deref())?;
    if out.json {
        out.object(&report)?;
        return Ok(CommandOutcome::Done);
    }
    for claim in &report.claims {
        out.line(&format!("{}  until {}", line(claim), claim.expires))?;
    }
    if report.claims.is_empty() {
        out.note("nothing is claimed");
    }
    Ok(CommandOutcome::Done)
}
