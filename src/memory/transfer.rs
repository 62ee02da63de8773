//! The file of an export: one JSON object a line. A head, then each record
//! with its history in the order of ids, then an end that counts them, so that
//! a file that was cut is told from a whole one.
//!
//! Not here: what becomes of the records (`records`).

use std::collections::BTreeSet;
use std::io::{BufRead, Read, Write};

use serde::{Deserialize, Serialize};

use super::{Record, RecordEventKind, file, is_id};
use crate::limits;
use crate::model::ContentHash;
use crate::redact::Redactor;

/// First line of a file.
pub const HEAD: &str = r#"{"waypost":"memory","version":1}"#;

/// A record with its history, as one line holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportLine {
    pub id: String,
    /// The record as its file says it; `None` for one that is gone.
    pub record: Option<String>,
    pub history: Vec<ExportedRevision>,
}

/// One revision of a record, as the export writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportedRevision {
    pub revision: u32,
    pub event: RecordEventKind,
    pub at: String,
    /// blake3 of the text in hex.
    pub hash: Option<String>,
    /// The text after it, where it is kept and is not that of `record`.
    pub text: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    end: usize,
}

/// A line that was read and found right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedLine {
    /// Counted from 1.
    pub line: usize,
    pub id: String,
    pub record: Option<Record>,
    /// Oldest first, each with its text where there is one.
    pub history: Vec<(ExportedRevision, Option<String>)>,
}

impl ImportedLine {
    /// Whether any text comes with it, of now or of before; the newest event of a
    /// record that was erased is just that.
    pub fn has_text(&self) -> bool {
        let is_erased = self.history.last().is_some_and(|(last, _)| last.event == RecordEventKind::Erased);
        !is_erased && self.history.iter().any(|(_, text)| text.is_some())
    }

    /// Hash of the newest text, if there is one.
    pub fn last_hash(&self) -> Option<ContentHash> {
        self.history.iter().rev().find_map(|(revision, _)| revision.hash.as_deref().and_then(hash_of))
    }
}

/// The last line of a file with so many records.
pub fn end(records: usize) -> String {
    serde_json::json!({ "end": records }).to_string()
}

/// Writes what was read as a file again, without the secrets that the first one
/// held.
pub fn write_journal(incoming: &[ImportedLine], mut to: impl Write) -> std::io::Result<()> {
    writeln!(to, "{HEAD}")?;
    for one in incoming {
        let last = one.history.len();
        let history = one.history.iter().enumerate().map(|(at, (revision, words))| ExportedRevision {
            revision: revision.revision,
            event: revision.event,
            at: revision.at.clone(),
            hash: revision.hash.clone(),
            // The newest text is that of the record.
            text: words.clone().filter(|_| one.record.is_none() || at + 1 < last),
        });
        let record = one.record.as_ref().map(file::text);
        let line = ExportLine { id: one.id.clone(), record, history: history.collect() };
        serde_json::to_writer(&mut to, &line)?;
        writeln!(to)?;
    }
    writeln!(to, "{}", end(incoming.len()))
}

/// Reads a file of at most so many bytes as a whole, or says which line is wrong
/// and why.
pub fn read(input: impl Read, at_most: u64, redactor: &Redactor) -> Result<Vec<ImportedLine>, String> {
    let mut lines = ExportLines { input: std::io::BufReader::new(input), number: 0, bytes: 0, at_most };
    let head = lines.next_line()?.unwrap_or_default();
    if head != HEAD {
        return Err("line 1: not an export of waypost's memory, version 1".to_string());
    }
    let mut incoming: Vec<ImportedLine> = Vec::new();
    let mut ids = BTreeSet::new();
    while let Some(line) = lines.next_line()? {
        let at = |reason: String| format!("line {}: {reason}", lines.number);
        if let Ok(End { end }) = serde_json::from_str(&line) {
            if end != incoming.len() {
                return Err(at(format!("{end} records should have come, and {} came", incoming.len())));
            }
            return match lines.next_line()? {
                None => Ok(incoming),
                Some(_) => Err(format!("line {}: something follows the end", lines.number)),
            };
        }
        if incoming.len() >= limits::MAX_IMPORT_RECORDS {
            return Err(at(format!("more than {} records", limits::MAX_IMPORT_RECORDS)));
        }
        let parsed: ExportLine = serde_json::from_str(&line).map_err(|error| at(error.to_string()))?;
        let one = check(parsed, lines.number, redactor).map_err(at)?;
        if !ids.insert(one.id.clone()) {
            return Err(at(format!("the id `{}` came before", one.id)));
        }
        incoming.push(one);
    }
    Err(format!("line {}: the file ends before its end: it was cut", lines.number + 1))
}

struct ExportLines<R> {
    input: R,
    number: usize,
    bytes: u64,
    at_most: u64,
}

impl<R: BufRead> ExportLines<R> {
    /// `None` at the end of the file. A line that is too long is not read.
    fn next_line(&mut self) -> Result<Option<String>, String> {
        let number = self.number + 1;
        let left = self.at_most.saturating_add(1) - self.bytes;
        let mut bytes = Vec::new();
        let read = (&mut self.input).take(left).read_until(b'\n', &mut bytes);
        let read = read.map_err(|error| format!("line {number}: {error}"))? as u64;
        self.bytes += read;
        if self.bytes > self.at_most {
            return Err(format!("line {number}: the file has more than {} bytes", self.at_most));
        }
        if read == 0 {
            return Ok(None);
        }
        self.number = number;
        if bytes.last() == Some(&b'\n') {
            bytes.pop();
        }
        String::from_utf8(bytes).map(Some).map_err(|_| format!("line {number}: it is not UTF-8"))
    }
}

fn check(line: ExportLine, number: usize, redactor: &Redactor) -> Result<ImportedLine, String> {
    let ExportLine { id, record, history } = line;
    if !is_id(&id) {
        return Err(format!("`{}` is not an id: use letters and digits", id.escape_debug()));
    }
    let of_id = |text: &str| -> Result<Record, String> {
        if text.len() as u64 > limits::MAX_RECORD {
            return Err(format!("the record has more than {} bytes", limits::MAX_RECORD));
        }
        let record = file::parse(text, redactor)?;
        match record.id == id {
            true => Ok(record.at_home()),
            false => Err(format!("a text of `{}` says that it is `{}`", id, record.id.escape_debug())),
        }
    };
    let parsed = record.as_deref().map(of_id).transpose()?;
    if history.is_empty() || history.len() > limits::MAX_REVISIONS {
        return Err(format!("{} revisions: there must be 1 to {}", history.len(), limits::MAX_REVISIONS));
    }
    let mut kept = Vec::with_capacity(history.len());
    let last = history.len();
    for (expected, mut revision) in (1..).zip(history) {
        let wrong = |why: &str| format!("revision {expected} of `{id}`: {why}");
        if revision.revision != expected {
            return Err(wrong("revisions are counted from 1 without a gap"));
        }
        let is_moment = |c: char| c.is_ascii_digit() || matches!(c, '-' | ':' | 'T' | 'Z' | '+' | '.');
        if revision.at.len() > 40 || !revision.at.chars().all(is_moment) {
            return Err(wrong("its time is not an RFC 3339 time"));
        }
        if revision.hash.as_deref().is_some_and(|hash| hash_of(hash).is_none()) {
            return Err(wrong("its hash is not a hash in hex"));
        }
        let newest = if expected as usize == last { record.clone() } else { None };
        let text = match (revision.text.take().or(newest), &revision.hash) {
            (None, _) => None,
            (Some(_), None) => return Err(wrong("a text without a hash")),
            (Some(text), Some(hash)) => {
                if ContentHash::of(text.as_bytes()).to_hex() != *hash {
                    return Err(wrong("its text is not that of its hash"));
                }
                // Other patterns of secrets here than there give another text.
                let text = file::text(&of_id(&text)?);
                revision.hash = Some(ContentHash::of(text.as_bytes()).to_hex());
                Some(text)
            }
        };
        kept.push((revision, text));
    }
    match (&parsed, kept.last()) {
        (Some(_), Some((_, None))) => return Err(format!("the last revision of `{id}` is not its record")),
        (None, Some((revision, _))) if revision.hash.is_some() => {
            return Err(format!("`{id}` is gone, and its last revision is there"));
        }
        _ => {}
    }
    Ok(ImportedLine { line: number, id, record: parsed, history: kept })
}

fn hash_of(hex: &str) -> Option<ContentHash> {
    ContentHash::from_hex(hex)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Otherwise an accepted import could not be completed after a kill.
    #[test]
    fn the_journal_of_an_import_is_the_import() {
        let redactor = Redactor::new(&[]).unwrap();
        let record = |body: &str| {
            let text = format!("+++\nid = \"1m8p3mhjxec3e511\"\nkind = \"fact\"\ntitle = \"{body}\"\n+++\n");
            file::parse(&text, &redactor).map(|record| file::text(&record))
        };
        let (old, new) = (record("old").unwrap(), record(&"new ".repeat(200)).unwrap());
        let revision =
            |revision: u32, event: RecordEventKind, of: &str, text: Option<&String>| ExportedRevision {
                revision,
                event,
                at: "2026-01-01T00:00:00Z".to_string(),
                hash: Some(ContentHash::of(of.as_bytes()).to_hex()),
                text: text.cloned(),
            };
        let line = ExportLine {
            id: "1m8p3mhjxec3e511".to_string(),
            record: Some(new.clone()),
            history: vec![
                revision(1, RecordEventKind::Added, &old, Some(&old)),
                revision(2, RecordEventKind::Edited, &new, None),
            ],
        };
        let export = format!("{HEAD}\n{}\n{}\n", serde_json::to_string(&line).unwrap(), end(1));
        let incoming = read(export.as_bytes(), 1_000_000, &redactor).unwrap();
        let mut journal = Vec::new();
        write_journal(&incoming, &mut journal).unwrap();
        assert_eq!(String::from_utf8(journal).unwrap(), export);
        assert!(read(export.as_bytes(), export.len() as u64 - 1, &redactor).is_err());
    }
}
