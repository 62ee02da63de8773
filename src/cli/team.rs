//! `waypost team`: sessions and claims that several machines share, on the team's
//! own PostgreSQL.

use clap::{Args, Subcommand};

use super::{CommandOutcome, Out};
use crate::app::team::{self, ConnectRequest, TeamStatus};
use crate::app::{App, Result};
use crate::visible;

/// Arguments of `waypost team`.
#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: TeamCommand,
}

#[derive(Subcommand)]
enum TeamCommand {
    /// Connect this project with a database: you alone, on this machine
    Connect(ConnectArguments),
    /// Whether the server answers, and what is told to it
    Status,
    /// Connect this project with nobody; what was told stays there
    Disconnect,
    /// Send all records with their history
    Push,
    /// Take over the records that others sent
    Pull,
    /// Let another role of the server into this project
    Share(ShareArguments),
}

#[derive(Args)]
struct ConnectArguments {
    /// postgres://ROLE@HOST:PORT/DATABASE?sslmode=verify-full; the password from ~/.pgpass or PGPASSWORD
    #[arg(value_name = "URL", required_unless_present = "env", conflicts_with = "env")]
    url: Option<String>,
    /// The variable that holds the address, a password included
    #[arg(long, value_name = "NAME")]
    env: Option<String>,
    /// The project's name there [default: its root commit]
    #[arg(long, value_name = "NAME")]
    project: Option<String>,
}

#[derive(Args)]
struct ShareArguments {
    /// A role of the server
    #[arg(value_name = "ROLE")]
    role: String,
}

/// Connects, tells, sends or takes over.
pub fn run(app: &App, arguments: &Arguments, out: &Out) -> Result<CommandOutcome> {
    match &arguments.command {
        TeamCommand::Connect(arguments) => connect(app, arguments, out),
        TeamCommand::Status => status(app, out),
        TeamCommand::Disconnect => disconnect(app, out),
        TeamCommand::Push => push(app, out),
        TeamCommand::Pull => pull(app, out),
        TeamCommand::Share(arguments) => share(app, &arguments.role, out),
    }
}

fn connect(app: &App, arguments: &ConnectArguments, out: &Out) -> Result<CommandOutcome> {
    let request = ConnectRequest {
        url: arguments.url.clone(),
        variable: arguments.env.clone(),
        project: arguments.project.clone(),
    };
    let report = team::connect(app, &request)?;
    if out.json {
        out.object(&report)?;
        return Ok(CommandOutcome::Done);
    }
    out.said(&format!("connected with `{}` as project `{}`", shown(&report.server), shown(&report.project)))?;
    out.said("told to it from now on, redacted:")?;
    for what in report.sends {
        out.said(&format!("  {what}"))?;
    }
    Ok(CommandOutcome::Done)
}

/// Exit code 1 if the server does not answer.
fn status(app: &App, out: &Out) -> Result<CommandOutcome> {
    let report = team::status(app)?;
    let outcome = match report.connected && !report.reachable {
        true => CommandOutcome::Finding,
        false => CommandOutcome::Done,
    };
    if out.json {
        out.object(&report)?;
        return Ok(outcome);
    }
    match (&report.server, report.connected) {
        (_, false) => out.note("connected with no team"),
        (server, true) => {
            let server = server.as_deref().unwrap_or("an address that is not known");
            out.line(&format!("server   {}", shown(server)))?;
            out.line(&format!("project  {}", shown(report.project.as_deref().unwrap_or_default())))?;
            print_facts(&report, out)?;
        }
    }
    Ok(outcome)
}

fn print_facts(report: &TeamStatus, out: &Out) -> Result<()> {
    if let Some(problem) = &report.problem {
        out.line(&format!("away     {}", shown(problem)))?;
    }
    if let Some(facts) = &report.facts {
        let tls = if facts.encrypted { "TLS" } else { "no TLS" };
        out.line(&format!(
            "answers  PostgreSQL {}, as {}, {tls}",
            shown(&facts.version),
            shown(&facts.role)
        ))?;
        let team::Facts { sessions, events, claims, records, bytes, .. } = facts;
        let megabytes = *bytes / 1_000_000;
        out.line(&format!(
            "holds    {sessions} sessions, {events} events, {claims} claims, {records} records; the database {megabytes} MB"
        ))?;
    }
    if let Some(waiting) = report.waiting.filter(|waiting| *waiting > 0) {
        out.line(&format!("waiting  {waiting} entries of the log are not told yet"))?;
    }
    for what in report.sends {
        out.line(&format!("told     {what}"))?;
    }
    Ok(())
}

fn shown(text: &str) -> String {
    visible::line(text).into_owned()
}

fn disconnect(app: &App, out: &Out) -> Result<CommandOutcome> {
    let report = team::disconnect(app)?;
    match (out.json, report.was_connected) {
        (true, _) => out.object(&report)?,
        (false, true) => out.said("connected with nobody; what was told stays at the server")?,
        (false, false) => out.said("it was not connected")?,
    }
    Ok(CommandOutcome::Done)
}

fn push(app: &App, out: &Out) -> Result<CommandOutcome> {
    let report = team::push(app)?;
    match out.json {
        true => out.object(&report)?,
        false => {
            out.said(&format!("{} sent, {} known there", report.sent, report.known))?;
            if report.erased > 0 {
                out.said(&format!(
                    "{} erased there, {} entries of its log emptied",
                    report.erased, report.emptied
                ))?;
            }
        }
    }
    Ok(CommandOutcome::Done)
}

fn pull(app: &App, out: &Out) -> Result<CommandOutcome> {
    let report = team::pull(app)?;
    if out.json {
        out.object(&report)?;
        return Ok(CommandOutcome::Done);
    }
    out.said(&format!("{} came, {} known here", report.added.len(), report.known))?;
    for id in &report.differing {
        out.note(&format!("`{}` is another one here and stays", shown(id)));
    }
    for id in &report.erased {
        out.note(&format!("`{}` was erased here and stays so", shown(id)));
    }
    Ok(CommandOutcome::Done)
}

fn share(app: &App, role: &str, out: &Out) -> Result<CommandOutcome> {
    let report = team::share(app, role)?;
    match out.json {
        true => out.object(&report)?,
        false => out.said(&format!("`{}` is let into the project", shown(&report.role)))?,
    }
    Ok(CommandOutcome::Done)
}
