//! `waypost run`, `fetch` and `receipts`: commands and what they printed.

use std::ffi::OsString;
use std::sync::Arc;

use clap::{Args, Subcommand};

use super::host::Silent;
use super::{CommandOutcome, Out};
use crate::app::receipts::{self, FetchRequest, ReceiptTotals};
use crate::app::run::{self, RunRequest, RunView};
use crate::app::{App, Result};

/// Arguments of `waypost run`.
#[derive(Args)]
pub struct RunArguments {
    /// Show a long output in short, with an id: the default for a session (see `--session`)
    #[arg(long)]
    digest: bool,
    /// Pass everything through as it comes: the default without a session
    #[arg(long, conflicts_with = "digest")]
    raw: bool,
    /// The program and its arguments
    #[arg(value_name = "COMMAND", required = true, trailing_var_arg = true)]
    command: Vec<OsString>,
}

/// Arguments of `waypost fetch`.
#[derive(Args)]
pub struct FetchArguments {
    /// The id that `run` showed
    #[arg(value_name = "ID")]
    id: String,
    /// Standard error in the place of standard output
    #[arg(long)]
    stderr: bool,
    /// Only these lines, counted from 1
    #[arg(long, value_name = "A:B", conflicts_with = "grep")]
    lines: Option<String>,
    /// Only lines that match a regular expression
    #[arg(long, value_name = "RE", allow_hyphen_values = true)]
    grep: Option<String>,
}

/// Arguments of `waypost receipts`.
#[derive(Args)]
pub struct ReceiptsArguments {
    #[command(subcommand)]
    command: ReceiptsCommand,
}

#[derive(Subcommand)]
enum ReceiptsCommand {
    /// The commands that ran, newest first
    List(ListArguments),
    /// What was printed, what was shown of it, and what is kept
    Stats,
    /// Check every stored byte; exit code 1 if one is not as it was printed
    Verify,
}

#[derive(Args)]
struct ListArguments {
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: usize,
}

/// Runs a command and ends as it does.
pub fn run(app: &App, arguments: &RunArguments, out: &Out) -> Result<CommandOutcome> {
    let view = match (arguments.digest, arguments.raw) {
        _ if out.json => RunView::Report,
        (true, _) => RunView::Digest,
        (false, false) if app.has_session() => RunView::Digest,
        _ => RunView::Raw,
    };
    let request = RunRequest { command: arguments.command.clone(), view };
    let report = run::run(&app.heard_by(Arc::new(Silent)), &request, [out.stream(), out.error_stream()])?;
    match &report.digest {
        _ if out.json => out.object(&report)?,
        Some(digest) => out.text(digest.as_str())?,
        None => report.notes.iter().for_each(|note| out.note(&format!("waypost: {note}"))),
    }
    Ok(CommandOutcome::Exit(report.exit_code))
}

/// Writes the bytes of a receipt as they were printed.
pub fn fetch(app: &App, arguments: &FetchArguments, out: &Out) -> Result<CommandOutcome> {
    let FetchArguments { id, stderr, lines, grep } = arguments;
    let request = FetchRequest { id: id.clone(), stderr: *stderr, lines: lines.clone(), grep: grep.clone() };
    match out.json {
        true => out.object(&receipts::fetch_text(app, &request)?)?,
        false => receipts::fetch(app, &request, &mut out.stream())?,
    }
    Ok(CommandOutcome::Done)
}

/// Lists, counts or checks what commands printed.
pub fn receipts(app: &App, arguments: &ReceiptsArguments, out: &Out) -> Result<CommandOutcome> {
    match &arguments.command {
        ReceiptsCommand::List(list) => print_list(app, list.limit, out),
        ReceiptsCommand::Stats => print_stats(app, out),
        ReceiptsCommand::Verify => verify(app, out),
    }
}

fn print_list(app: &App, limit: usize, out: &Out) -> Result<CommandOutcome> {
    let report = receipts::list(app, Some(limit))?;
    if out.json {
        out.object(&report)?;
        return Ok(CommandOutcome::Done);
    }
    for receipt in &report.receipts {
        let bytes = receipt.stdout_bytes + receipt.stderr_bytes;
        let command = receipt.command.one_line(80);
        let code = receipt.exit_code;
        out.line(&format!("{}  {}  exit {code:<3} {bytes:>9} bytes  {command}", receipt.id, receipt.at))?;
    }
    if report.receipts.is_empty() {
        out.note("no command was run yet: `waypost run COMMAND`");
    }
    Ok(CommandOutcome::Done)
}

fn print_stats(app: &App, out: &Out) -> Result<CommandOutcome> {
    let report = receipts::stats(app)?;
    if out.json {
        out.object(&report)?;
        return Ok(CommandOutcome::Done);
    }
    out.line(&format!("all               {}", totals(&report.total)))?;
    for (session, of) in &report.sessions {
        out.line(&format!("{session:<16}  {}", totals(of)))?;
    }
    let (kept, disk, most) = (report.kept_bytes, report.disk_bytes, report.most_bytes);
    out.note(&format!(
        "{kept} bytes are kept in {disk} on the disk, at most {most}, for {} days",
        report.most_days
    ));
    Ok(CommandOutcome::Done)
}

fn totals(totals: &ReceiptTotals) -> String {
    let ReceiptTotals { runs, failed, printed_bytes, shown_bytes, saved_tokens_estimate, .. } = totals;
    format!(
        "{runs} runs, {failed} failed; {printed_bytes} bytes printed, {shown_bytes} shown: about \
         {saved_tokens_estimate} tokens saved"
    )
}

fn verify(app: &App, out: &Out) -> Result<CommandOutcome> {
    let report = receipts::verify(app)?;
    if out.json {
        out.object(&report)?;
    } else {
        for id in &report.damaged {
            out.line(&format!("{id}  is missing or damaged"))?;
        }
        out.note(&format!("{} checked", super::out::count(report.receipts, "receipt")));
    }
    Ok(if report.sound { CommandOutcome::Done } else { CommandOutcome::Finding })
}
