//! `waypost ingest-chat` and `proposals`: propose what a conversation says, and
//! decide on the proposals. `review` only says where that is.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::out::count;
use super::streams::input;
use super::{CommandOutcome, Out, notes, record};
use crate::app::ingest::{self, Decision, Ingested, Proposals};
use crate::app::{App, Error, Result};

/// Arguments of `waypost ingest-chat`.
#[derive(Args)]
pub struct IngestArguments {
    /// The conversation; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    file: PathBuf,
    /// What it is: plain text, one JSON document, or JSON lines
    #[arg(long, value_name = "FORMAT", default_value = "auto")]
    format: IngestForm,
    /// Say what would be proposed, change nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum IngestForm {
    Auto,
    Text,
    Json,
    Jsonl,
}

/// Arguments of `waypost proposals`.
#[derive(Args)]
pub struct ProposalsArguments {
    /// The proposals that are meant: ids, beginnings of ids, or slugs; one alone is shown
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// They hold
    #[arg(long, conflicts_with = "reject")]
    accept: bool,
    /// They do not
    #[arg(long)]
    reject: bool,
    /// All proposals are meant
    #[arg(long, conflicts_with = "ids")]
    all: bool,
}

impl ProposalsArguments {
    /// Whether it accepts or rejects any.
    pub fn decides(&self) -> bool {
        self.accept || self.reject
    }
}

/// Proposes what a conversation says and prints the proposals.
pub fn ingest(app: &App, arguments: &IngestArguments, out: &Out) -> Result<CommandOutcome> {
    let format = match arguments.format {
        IngestForm::Auto => ingest::ChatFormat::Auto,
        IngestForm::Text => ingest::ChatFormat::Text,
        IngestForm::Json => ingest::ChatFormat::Json,
        IngestForm::Jsonl => ingest::ChatFormat::Jsonl,
    };
    let report = ingest::ingest(app, input(&arguments.file), format, arguments.dry_run)?;
    match out.json {
        true => out.object(&report)?,
        false => print_ingested(&report, out)?,
    }
    Ok(CommandOutcome::Done)
}

fn print_ingested(report: &Ingested, out: &Out) -> Result<()> {
    for proposal in &report.proposed {
        let source = proposal.source.as_ref().map(|source| source.to_string()).unwrap_or_default();
        out.line(&format!("{}  {:<10}  {}  ({source})", proposal.id, proposal.kind, proposal.title))?;
    }
    let verb = if report.dry_run { "would propose" } else { "proposed" };
    let (number, known) = (count(report.proposed.len(), "record"), report.known);
    out.note(&format!("{verb} {number}, {known} known already; `waypost proposals` decides"));
    Ok(())
}

/// Lists the proposals, shows one, or accepts or rejects those that are named.
pub fn proposals(app: &App, arguments: &ProposalsArguments, out: &Out) -> Result<CommandOutcome> {
    if !arguments.accept && !arguments.reject {
        return match (arguments.ids.as_slice(), arguments.all) {
            ([], false) => list(&ingest::proposals(app)?, out),
            ([id], false) => notes::print_one(&ingest::proposal(app, id)?, out),
            _ => {
                let error = Error::new("accept them or reject them?");
                Err(error.with_hint("`--accept` or `--reject`"))
            }
        };
    }
    let decision = Decision { accept: arguments.accept, ids: arguments.ids.clone(), all: arguments.all };
    let report = ingest::decide(app, &decision)?;
    if out.json {
        out.object(&report)?;
        return Ok(CommandOutcome::Done);
    }
    for (verb, ids) in &report.ids {
        out.said(&format!("{verb} {}", count(ids.len(), "proposal")))?;
    }
    Ok(CommandOutcome::Done)
}

fn list(report: &Proposals, out: &Out) -> Result<CommandOutcome> {
    if out.json {
        out.object(report)?;
        return Ok(CommandOutcome::Done);
    }
    for proposal in &report.proposals {
        let source = proposal.source.as_ref().map(|source| format!("  ({source})")).unwrap_or_default();
        out.line(&format!("{}{source}", record::line(proposal)))?;
    }
    out.note(&match report.proposals.len() {
        0 => "no proposals to review".to_string(),
        some => format!(
            "{} to review: `waypost proposals --accept ID` or `--reject ID`, or `--all`",
            count(some, "proposal")
        ),
    });
    Ok(CommandOutcome::Done)
}
