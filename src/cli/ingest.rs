//! `waypost ingest-chat` and `review`: what a conversation says, as proposals.

use std::io::Read;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::out::count;
use super::{Global, Out, Outcome, init, open, record_view};
use crate::limits;
use crate::memory::chat::{self, Finding};
use crate::memory::{Kind, Origin, Record, Status};
use crate::records::Book;

#[derive(Args)]
pub struct IngestArguments {
    /// The conversation
    #[arg(long, value_name = "FILE")]
    file: PathBuf,
    /// What it is: plain text, one JSON document, or JSON lines
    #[arg(long, value_name = "FORMAT", default_value = "auto")]
    format: As,
    /// Say what would be proposed, change nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum As {
    Auto,
    Text,
    Json,
    Jsonl,
}

#[derive(Args)]
pub struct ReviewArguments {
    /// The proposals that are meant: ids, beginnings of ids, or slugs
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

pub fn ingest(global: &Global, arguments: &IngestArguments, out: &Out) -> anyhow::Result<Outcome> {
    let context = open::context(global, out)?;
    let path = &arguments.file;
    let cannot = || format!("cannot read `{}`", path.display());
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).with_context(cannot)?;
    file.take(limits::MAX_CHAT + 1).read_to_end(&mut bytes).with_context(cannot)?;
    anyhow::ensure!(
        bytes.len() as u64 <= limits::MAX_CHAT,
        "`{}` has more than {} bytes: nothing was proposed",
        path.display(),
        limits::MAX_CHAT
    );
    let format = match arguments.format {
        As::Auto => chat::Format::Auto,
        As::Text => chat::Format::Text,
        As::Json => chat::Format::Json,
        As::Jsonl => chat::Format::Jsonl,
    };
    let text = String::from_utf8_lossy(&bytes);
    let findings = chat::read(&text, format, &context.redactor)
        .map_err(|reason| anyhow::anyhow!("`{}`: {reason}", path.display()))?;
    if !findings.broken.is_empty() {
        let (path, first) = (path.display(), findings.broken[0]);
        out.warning(&match findings.broken.len() {
            1 => format!("line {first} of `{path}` is no JSON and was left out"),
            some => {
                format!("{some} lines of `{path}` are no JSON and were left out, the first is line {first}")
            }
        });
    }
    init::prepare(&context.project)?;
    let mut book = open::book(&context, out)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut records: Vec<Record> = findings.found.iter().map(|found| proposal(&book, &name, found)).collect();
    // Made in one moment, they are listed as they were said.
    let mut ids: Vec<String> = records.iter().map(|record| record.id.clone()).collect();
    ids.sort();
    records.iter_mut().zip(ids).for_each(|(record, id)| record.id = id);
    let (added, known) = book.propose(records, arguments.dry_run)?;
    if out.json {
        let row = |record: &Record| json!({ "id": record.id, "kind": record.kind.name(), "title": record.title, "source": record.source });
        let rows: Vec<Value> = added.iter().map(row).collect();
        out.object(&json!({
            "proposed": rows, "known": known, "messages": findings.messages,
            "broken_lines": findings.broken, "dry_run": arguments.dry_run,
        }))?;
        return Ok(Outcome::Done);
    }
    for record in &added {
        let source = record.source.as_ref().map(|source| source.to_string()).unwrap_or_default();
        out.line(&format!("{}  {:<10}  {}  ({source})", record.id, record.kind.name(), record.title))?;
    }
    let verb = if arguments.dry_run { "would propose" } else { "proposed" };
    out.note(&format!(
        "{verb} {}, {known} known already; `waypost review` decides",
        count(added.len(), "record")
    ));
    Ok(Outcome::Done)
}

fn proposal(book: &Book, file: &str, found: &Finding) -> Record {
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

pub fn review(global: &Global, arguments: &ReviewArguments, out: &Out) -> anyhow::Result<Outcome> {
    let context = open::context(global, out)?;
    let mut book = open::book(&context, out)?;
    let mut proposals = book.all()?;
    proposals.retain(|indexed| indexed.record.status == Status::Proposed);
    let status = match (arguments.accept, arguments.reject) {
        (true, _) => Some(Status::Accepted),
        (_, true) => Some(Status::Rejected),
        _ => None,
    };
    let Some(status) = status else {
        anyhow::ensure!(
            arguments.ids.is_empty() && !arguments.all,
            "accept them or reject them?\nhint: `--accept` or `--reject`"
        );
        let shown = record_view::look(&book, proposals)?;
        if out.json {
            let rows: Vec<Value> = shown.iter().map(record_view::object).collect();
            out.object(&json!({ "proposals": rows }))?;
            return Ok(Outcome::Done);
        }
        for shown in &shown {
            let source = shown.indexed.record.source.as_ref().map(|s| format!("  ({s})")).unwrap_or_default();
            out.line(&format!("{}{source}", record_view::line(shown)))?;
        }
        out.note(&match shown.len() {
            0 => "no proposals to review".to_string(),
            some => format!(
                "{} to review: `waypost review ID --accept` or `--reject`, or `--all`",
                count(some, "proposal")
            ),
        });
        return Ok(Outcome::Done);
    };
    let mut ids = Vec::new();
    if arguments.all {
        ids.extend(proposals.into_iter().map(|indexed| indexed.record.id));
    }
    for name in &arguments.ids {
        let record = book.get(name)?.record;
        let id = &record.id;
        anyhow::ensure!(
            record.status == Status::Proposed,
            "the record `{id}` is {}, not proposed",
            record.status.name()
        );
        ids.push(record.id);
    }
    anyhow::ensure!(
        arguments.all || !ids.is_empty(),
        "no proposal was named\nhint: `--all` means all of them"
    );
    for id in &ids {
        book.edit(id, None, |record| {
            record.status = status;
            Ok(())
        })?;
    }
    match out.json {
        true => out.object(&json!({ status.name(): ids }))?,
        false => out.said(&format!("{} {}", status.name(), count(ids.len(), "proposal")))?,
    }
    Ok(Outcome::Done)
}
