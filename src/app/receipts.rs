//! What commands printed: the bytes, the list, and whether all are still there.

use std::collections::BTreeMap;
use std::io::Write;

use schemars::JsonSchema;
use serde::Serialize;

use super::run::receipts_folder;
use super::sessions::SessionDesk;
use super::{App, Error, Result};
use crate::limits;
use crate::model::time::rfc3339;
use crate::model::{OutputStatus, Receipt, SafeText};
use crate::sessions::lines::Part;
use crate::store::{is_sound, read_output, size_on_disk};

/// Which bytes of a receipt.
#[derive(Clone, Debug)]
pub struct FetchRequest {
    pub id: String,
    pub stderr: bool,
    /// `A:B`, counted from 1.
    pub lines: Option<String>,
    /// A regular expression that lines match.
    pub grep: Option<String>,
}

/// Bytes as text, for who wants JSON.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Fetched {
    pub id: String,
    pub stream: &'static str,
    /// What is no UTF-8 is replaced, secrets too.
    pub text: SafeText,
    pub bytes: u64,
    /// Whether all that was printed was kept.
    pub complete: bool,
}

/// A receipt on a list.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ReceiptReport {
    pub id: String,
    pub at: String,
    pub session: Option<String>,
    pub command: SafeText,
    pub folder: SafeText,
    pub exit_code: i64,
    pub lasted_ms: i64,
    pub status: OutputStatus,
    pub stdout_bytes: u64,
    pub stderr_bytes: u64,
    pub shown_bytes: u64,
}

/// Receipts, newest first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ReceiptList {
    pub receipts: Vec<ReceiptReport>,
}

/// What was printed and what was shown of it.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct ReceiptTotals {
    pub runs: u64,
    pub failed: u64,
    pub printed_bytes: u64,
    pub shown_bytes: u64,
    pub saved_bytes: u64,
    /// At four bytes a token.
    pub saved_tokens_estimate: u64,
}

/// Totals, by session too.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ReceiptStats {
    pub total: ReceiptTotals,
    /// By id; `-` for runs without a session.
    pub sessions: BTreeMap<String, ReceiptTotals>,
    pub kept_bytes: u64,
    pub disk_bytes: u64,
    pub most_bytes: u64,
    pub most_days: i64,
}

/// Whether every stored byte is the one that was printed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Verified {
    pub receipts: usize,
    pub sound: bool,
    /// Ids of receipts whose bytes are missing or damaged.
    pub damaged: Vec<String>,
}

fn desk(app: &App, id: &str) -> Result<SessionDesk> {
    SessionDesk::open(app)?.ok_or_else(|| unknown(id))
}

fn unknown(id: &str) -> Error {
    Error::new(format!("there is no receipt `{id}`")).with_hint("`waypost receipts list` lists them")
}

fn part(request: &FetchRequest) -> Result<Part> {
    match (&request.lines, &request.grep) {
        (Some(lines), _) => Part::lines(lines).ok_or_else(|| {
            Error::new(format!("`{lines}` names no lines"))
                .with_hint("`A:B` counts from 1, such as `120:160`")
        }),
        (None, Some(expression)) => Part::matching(expression)
            .map_err(|why| Error::new(format!("`--grep`: {}", why.replace('\n', " ")))),
        (None, None) => Ok(Part::All),
    }
}

/// Writes the bytes of a receipt as they were printed.
pub fn fetch(app: &App, request: &FetchRequest, to: &mut dyn Write) -> Result<()> {
    let part = part(request)?;
    let desk = desk(app, &request.id)?;
    let receipt = desk.store.receipt(&request.id)?.ok_or_else(|| unknown(&request.id))?;
    let output = if request.stderr { receipt.run.stderr } else { receipt.run.stdout };
    if output.kept < output.bytes {
        app.warn(&format!("only the first {} of {} bytes were kept", output.kept, output.bytes));
    }
    let folder = receipts_folder(&desk.context);
    let bytes = read_output(&folder, &output).map_err(|error| Error::cannot("read", &folder, &error))?;
    part.copy(bytes, to)?;
    Ok(to.flush()?)
}

/// The same as text.
pub fn fetch_text(app: &App, request: &FetchRequest) -> Result<Fetched> {
    let mut bytes = Vec::new();
    fetch(app, request, &mut bytes)?;
    let desk = desk(app, &request.id)?;
    let receipt = desk.store.receipt(&request.id)?.ok_or_else(|| unknown(&request.id))?;
    let output = if request.stderr { receipt.run.stderr } else { receipt.run.stdout };
    Ok(Fetched {
        id: receipt.id,
        stream: if request.stderr { "stderr" } else { "stdout" },
        text: desk.context.redactor.text(&String::from_utf8_lossy(&bytes)),
        bytes: bytes.len() as u64,
        complete: output.kept == output.bytes,
    })
}

/// Receipts, newest first.
pub fn list(app: &App, limit: Option<usize>) -> Result<ReceiptList> {
    let Some(desk) = SessionDesk::open(app)? else { return Ok(ReceiptList { receipts: Vec::new() }) };
    Ok(ReceiptList { receipts: desk.store.receipts(limit)?.into_iter().map(report).collect() })
}

fn report(receipt: Receipt) -> ReceiptReport {
    let run = receipt.run;
    ReceiptReport {
        id: receipt.id,
        at: rfc3339(run.at_ms),
        session: receipt.session,
        command: run.command,
        folder: run.folder,
        exit_code: run.code,
        lasted_ms: run.lasted_ms,
        status: run.status,
        stdout_bytes: run.stdout.bytes,
        stderr_bytes: run.stderr.bytes,
        shown_bytes: run.shown_bytes,
    }
}

impl ReceiptTotals {
    fn add(&mut self, receipt: &Receipt) {
        let run = &receipt.run;
        let printed = run.stdout.bytes + run.stderr.bytes;
        self.runs += 1;
        self.failed += u64::from(run.code != 0);
        self.printed_bytes += printed;
        self.shown_bytes += run.shown_bytes;
        self.saved_bytes += printed.saturating_sub(run.shown_bytes);
        self.saved_tokens_estimate = self.saved_bytes / 4;
    }
}

/// What was printed, what was shown, and the room that it takes.
pub fn stats(app: &App) -> Result<ReceiptStats> {
    let desk = SessionDesk::open(app)?;
    let all = desk.as_ref().map_or(Ok(Vec::new()), |desk| desk.store.receipts(None))?;
    let mut stats = ReceiptStats {
        total: ReceiptTotals::default(),
        sessions: BTreeMap::new(),
        kept_bytes: desk.as_ref().map_or(Ok(0), |desk| desk.store.receipt_bytes())?,
        disk_bytes: 0,
        most_bytes: limits::MAX_RECEIPTS,
        most_days: desk.as_ref().map_or(0, |desk| desk.context.settings.keep_receipts_days() as i64),
    };
    let mut hashes = std::collections::BTreeSet::new();
    for receipt in &all {
        stats.total.add(receipt);
        let session = receipt.session.clone().unwrap_or_else(|| "-".to_string());
        stats.sessions.entry(session).or_default().add(receipt);
        for output in [receipt.run.stdout, receipt.run.stderr] {
            let folder = desk.as_ref().map(|desk| receipts_folder(&desk.context));
            let is_new = hashes.insert(output.hash);
            stats.disk_bytes += folder.filter(|_| is_new).map_or(0, |folder| size_on_disk(&folder, &output));
        }
    }
    Ok(stats)
}

/// Reads every stored byte and compares it with what was printed.
pub fn verify(app: &App) -> Result<Verified> {
    let Some(desk) = SessionDesk::open(app)? else {
        return Ok(Verified { receipts: 0, sound: true, damaged: Vec::new() });
    };
    let folder = receipts_folder(&desk.context);
    let all = desk.store.receipts(None)?;
    let is_damaged = |receipt: &&Receipt| {
        [receipt.run.stdout, receipt.run.stderr].iter().any(|output| !is_sound(&folder, output))
    };
    let damaged: Vec<String> = all.iter().filter(is_damaged).map(|receipt| receipt.id.clone()).collect();
    Ok(Verified { receipts: all.len(), sound: damaged.is_empty(), damaged })
}
