//! What a conversation says, as proposals, and what becomes of them.

use serde::Serialize;

use super::record::{self, Report as RecordReport};
use super::stream::Input;
use super::{App, Error, Result, init, json};
use crate::limits;
use crate::memory::chat::{self, Finding};
use crate::memory::{Kind, Origin, Record, Status};
use crate::model::SafeText;
use crate::records::Book;

pub use crate::memory::chat::Format;

/// What was proposed, or would be.
#[derive(Debug, Serialize)]
pub struct Ingested {
    pub proposed: Vec<Proposal>,
    /// Findings that were proposed before.
    pub known: usize,
    pub messages: usize,
    /// Numbers of lines that are no JSON.
    pub broken_lines: Vec<usize>,
    pub dry_run: bool,
}

#[derive(Debug, Serialize)]
pub struct Proposal {
    pub id: String,
    pub kind: &'static str,
    pub title: SafeText,
    /// File and line that it was found at.
    pub source: Option<SafeText>,
}

#[derive(Debug, Serialize)]
pub struct Proposals {
    pub proposals: Vec<RecordReport>,
}

/// Which proposals are decided on.
#[derive(Clone, Debug, Default)]
pub struct Decision {
    pub accept: bool,
    /// Ids, beginnings of ids, or slugs.
    pub ids: Vec<String>,
    /// All proposals.
    pub all: bool,
}

/// The ids under what they are now: `accepted` or `rejected`.
#[derive(Debug, Serialize)]
pub struct Decided {
    #[serde(flatten, serialize_with = "json::map")]
    pub ids: Vec<(&'static str, Vec<String>)>,
}

pub fn ingest(app: &App, input: Input, format: Format, dry_run: bool) -> Result<Ingested> {
    let context = app.context()?;
    let shown = input.to_string();
    let path = input.path().map(|path| path.to_path_buf());
    let bytes = input.bytes(app, limits::MAX_CHAT, "nothing was proposed")?;
    let text = String::from_utf8_lossy(&bytes);
    let findings = chat::read(&text, format, &context.redactor).map_err(|reason| {
        let error = Error::new(format!("{shown}: {reason}"));
        path.iter().fold(error, |error, path| error.about(path))
    })?;
    match findings.broken.as_slice() {
        [] => {}
        [one] => app.warn(&format!("line {one} of {shown} is no JSON and was left out")),
        [first, ..] => app.warn(&format!(
            "{} lines of {shown} are no JSON and were left out, the first is line {first}",
            findings.broken.len()
        )),
    }
    init::prepare(&context.project)?;
    let mut book = app.book(&context)?;
    let name = path.as_ref().and_then(|path| path.file_name());
    let name = name.map_or("stdin".to_string(), |name| name.to_string_lossy().into_owned());
    let mut records: Vec<Record> = findings.found.iter().map(|found| draft(&book, &name, found)).collect();
    // Made in one moment, they are listed as they were said.
    let mut ids: Vec<String> = records.iter().map(|record| record.id.clone()).collect();
    ids.sort();
    records.iter_mut().zip(ids).for_each(|(record, id)| record.id = id);
    let (added, known) = book.propose(records, dry_run)?;
    Ok(Ingested {
        proposed: added.into_iter().map(proposal).collect(),
        known,
        messages: findings.messages,
        broken_lines: findings.broken,
        dry_run,
    })
}

fn proposal(record: Record) -> Proposal {
    Proposal { id: record.id, kind: record.kind.name(), title: record.title, source: record.source }
}

fn draft(book: &Book, file: &str, found: &Finding) -> Record {
    let mut record = book.draft(found.kind, "");
    record.title = found.text.one_line(200);
    if record.title != found.text {
        record.body = found.text.clone();
    }
    if found.kind == Kind::Checkpoint {
        record.next = Some(found.text.clone());
    }
    record.status = Status::Proposed;
    record.origin = Origin::Ingest;
    record.source = Some(book.context.redactor.line(&format!("{file}:{}", found.place)));
    record
}

/// The proposals that nobody has decided on.
pub fn proposals(app: &App) -> Result<Proposals> {
    let context = app.context()?;
    let book = app.book(&context)?;
    let mut proposals = book.all()?;
    proposals.retain(|indexed| indexed.record.status == Status::Proposed);
    Ok(Proposals { proposals: record::reports(&book, proposals)? })
}

/// Accepts or rejects proposals.
pub fn decide(app: &App, decision: &Decision) -> Result<Decided> {
    let context = app.context()?;
    let mut book = app.book(&context)?;
    let ids = match decision.all {
        true => {
            let mut proposals = book.all()?;
            proposals.retain(|indexed| indexed.record.status == Status::Proposed);
            proposals.into_iter().map(|indexed| indexed.record.id).collect()
        }
        false => named(&book, &decision.ids)?,
    };
    let status = if decision.accept { Status::Accepted } else { Status::Rejected };
    for id in &ids {
        book.edit(id, None, |record| {
            record.status = status;
            Ok(())
        })?;
    }
    Ok(Decided { ids: vec![(status.name(), ids)] })
}

fn named(book: &Book, names: &[String]) -> Result<Vec<String>> {
    if names.is_empty() {
        return Err(Error::new("no proposal was named").with_hint("`--all` means all of them"));
    }
    let mut ids = Vec::new();
    for name in names {
        let record = book.get(name)?.record;
        if record.status != Status::Proposed {
            let (id, status) = (&record.id, record.status.name());
            return Err(Error::new(format!("the record `{id}` is {status}, not proposed")));
        }
        ids.push(record.id);
    }
    Ok(ids)
}
