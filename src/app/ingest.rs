//! Turns what a conversation says into proposals, and accepts or rejects them.

use std::collections::BTreeMap;
use std::io::{self, Read};

use schemars::JsonSchema;
use serde::Serialize;

use super::record::{self, Report as RecordReport};
use super::stream::Input;
use super::{App, Error, Result, init, json};
use crate::memory::chat::{self, ChatFinding, Findings};
use crate::memory::{Record, RecordKind, RecordOrigin, RecordStatus};
use crate::model::SafeText;
use crate::records::RecordStore;
use crate::redact::Redactor;
use crate::{io_errors, limits, walk};

pub use crate::memory::chat::ChatFormat;

/// What was proposed, or would be without `dry_run`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Ingested {
    pub proposed: Vec<Proposal>,
    /// How many findings had been proposed before.
    pub known: usize,
    pub messages: usize,
    /// Numbers of the lines that are not JSON.
    pub broken_lines: Vec<usize>,
    pub dry_run: bool,
}

/// A finding of the conversation that became, or would become, a proposed record.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Proposal {
    pub id: String,
    pub kind: &'static str,
    pub title: SafeText,
    /// The file and line where it was found.
    pub source: Option<SafeText>,
}

/// The records that wait for review.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Proposals {
    pub proposals: Vec<RecordReport>,
}

/// Which proposals to accept or reject.
#[derive(Clone, Debug, Default)]
pub struct Decision {
    pub accept: bool,
    /// Ids, beginnings of ids, or slugs.
    pub ids: Vec<String>,
    /// Decide on all proposals.
    pub all: bool,
}

/// The ids by their new status, `accepted` or `rejected`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Decided {
    #[serde(flatten, serialize_with = "json::map")]
    #[schemars(with = "BTreeMap<String, Vec<String>>")]
    pub ids: Vec<(&'static str, Vec<String>)>,
}

/// Reads a conversation and records what it says as proposals; a dry run writes nothing. Lines that
/// cannot be read are left out with a warning.
pub fn ingest(app: &App, input: Input, format: ChatFormat, dry_run: bool) -> Result<Ingested> {
    let context = app.context()?;
    let shown = input.to_string();
    let path = input.path().map(|path| path.to_path_buf());
    let read = findings(input.open(app)?, format, &context.redactor);
    let findings = read.map_err(|reason| {
        let error = Error::new(format!("{shown}: {reason}"));
        path.iter().fold(error, |error, path| error.about(path))
    })?;
    match findings.broken.as_slice() {
        [] => {}
        [one] => app.warn(&format!("line {one} of {shown} is not JSON or is too long, and was left out")),
        [first, ..] => app.warn(&format!(
            "{} lines of {shown} are not JSON or are too long, and were left out; the first is line {first}",
            findings.broken.len()
        )),
    }
    if findings.left_out > 0 {
        let most = limits::MAX_FINDINGS;
        app.warn(&format!(
            "{shown} says more than can be reviewed: what follows the first {most} was left out"
        ));
    }
    if !dry_run {
        init::prepare(&context.project)?;
    }
    let mut record_store = app.record_store(&context)?;
    let name = path.as_ref().and_then(|path| path.file_name());
    let name = name.map_or("stdin".to_string(), |name| name.to_string_lossy().into_owned());
    let mut records: Vec<Record> =
        findings.found.iter().map(|found| draft(&record_store, &name, found)).collect();
    // Made in one moment, they are listed as they were said.
    let mut ids: Vec<String> = records.iter().map(|record| record.id.clone()).collect();
    ids.sort();
    records.iter_mut().zip(ids).for_each(|(record, id)| record.id = id);
    let (added, known) = record_store.propose(records, dry_run)?;
    Ok(Ingested {
        proposed: added.into_iter().map(found).collect(),
        known,
        messages: findings.messages,
        broken_lines: findings.broken,
        dry_run,
    })
}

/// Bytes from which the encoding is detected.
const HEAD: u64 = 64_000;

/// What a conversation says, or why it could not be read.
fn findings(
    input: impl Read,
    format: ChatFormat,
    redactor: &Redactor,
) -> std::result::Result<Findings, String> {
    let mut input = input.take(limits::MAX_CHAT + 1);
    let mut head = Vec::new();
    let cannot = |error: io::Error| format!("it cannot be read: {}", io_errors::why(&error));
    (&mut input).take(HEAD).read_to_end(&mut head).map_err(cannot)?;
    let read = match is_utf8(&head) {
        true => chat::read(head.chain(&mut input), format, redactor),
        false => chat::read(turned(head, &mut input)?.as_bytes(), format, redactor),
    };
    match input.limit() {
        0 => Err(format!("it has more than {} bytes: nothing was proposed", limits::MAX_CHAT)),
        _ => read.map_err(|error| error.to_string()),
    }
}

/// Whether the first bytes of a file are UTF-8; their last character may be cut
/// off.
fn is_utf8(head: &[u8]) -> bool {
    let is_valid = std::str::from_utf8(head).map_or_else(|error| error.error_len().is_none(), |_| true);
    is_valid && !head.contains(&0)
}

/// Reads a file in another encoding as a whole.
fn turned(mut bytes: Vec<u8>, input: impl Read) -> std::result::Result<String, String> {
    let limit = limits::MAX_CHAT_TURNED;
    let read = input.take(limit).read_to_end(&mut bytes);
    read.map_err(|error| format!("it cannot be read: {}", io_errors::why(&error)))?;
    if bytes.len() as u64 > limit {
        return Err(format!("it is not UTF-8 and has more than {limit} bytes"));
    }
    walk::decode_named(&bytes).ok_or_else(|| "it is binary".to_string())
}

fn found(record: Record) -> Proposal {
    Proposal { id: record.id, kind: record.kind.name(), title: record.title, source: record.source }
}

pub(super) fn draft(record_store: &RecordStore, file: &str, found: &ChatFinding) -> Record {
    let mut record = record_store.draft(found.kind, "");
    record.title = found.text.one_line(200);
    if record.title != found.text {
        record.body = found.text.clone();
    }
    if found.kind == RecordKind::Checkpoint {
        record.next = Some(found.text.clone());
    }
    record.status = RecordStatus::Proposed;
    record.origin = RecordOrigin::Ingest;
    record.source = Some(record_store.context.redactor.line(&format!("{file}:{}", found.place)));
    record
}

/// The proposals that are neither accepted nor rejected yet.
pub fn proposals(app: &App) -> Result<Proposals> {
    let context = app.context()?;
    let record_store = app.record_store(&context)?;
    let mut proposals = record_store.all()?;
    proposals.retain(|indexed| indexed.record.is_open_to_review());
    Ok(Proposals { proposals: record::reports(&record_store, proposals)? })
}

/// One proposal; a record that is none is an error.
pub fn proposal(app: &App, name: &str) -> Result<RecordReport> {
    let context = app.context()?;
    let record_store = app.record_store(&context)?;
    let ids = named(&record_store, &[name.to_string()])?;
    let found = ids.iter().map(|id| record_store.get(id)).collect::<std::result::Result<Vec<_>, _>>()?;
    let report = record::reports(&record_store, found)?.pop();
    report.ok_or_else(|| Error::new(format!("there is no proposal `{name}`")))
}

/// Accepts or rejects proposals.
pub fn decide(app: &App, decision: &Decision) -> Result<Decided> {
    let context = app.context()?;
    let mut record_store = app.record_store(&context)?;
    let ids = match decision.all {
        true => {
            let mut proposals = record_store.all()?;
            proposals.retain(|indexed| indexed.record.is_open_to_review());
            proposals.into_iter().map(|indexed| indexed.record.id).collect()
        }
        false => named(&record_store, &decision.ids)?,
    };
    let status = if decision.accept { RecordStatus::Accepted } else { RecordStatus::Rejected };
    record_store.set_status(&ids, status)?;
    Ok(Decided { ids: vec![(status.name(), ids)] })
}

fn named(record_store: &RecordStore, names: &[String]) -> Result<Vec<String>> {
    if names.is_empty() {
        return Err(Error::new("no proposal was named").with_hint("`--all` means all of them"));
    }
    let mut ids = Vec::new();
    for name in names {
        let record = record_store.get(name)?.record;
        if !record.is_open_to_review() {
            let (id, status) = (&record.id, record.status.name());
            return Err(Error::new(format!("the record `{id}` is {status}, not proposed")));
        }
        ids.push(record.id);
    }
    Ok(ids)
}
