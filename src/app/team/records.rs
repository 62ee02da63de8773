//! Records to a team's server and from it, as lines of the export: so what is
//! taken over goes through the checks of an import.

use std::io::Cursor;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::link::Links;
use super::{LONG_PATIENCE, reach};
use crate::app::{App, Error, Result};
use crate::memory::{self, RecordEventKind, transfer};
use crate::pipeline::{self, Context};
use crate::records::{self, RecordStore};
use crate::store::postgres::{RecordLine, RecordText, Setup, TeamStore};

/// What became of the records that were sent.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Pushed {
    /// New there, or newer than what was.
    pub sent: usize,
    pub known: usize,
    /// Records that were erased here, whose words are not there any more.
    pub erased: usize,
    /// Entries of the log there that told of them, and are empty now.
    pub emptied: usize,
}

/// What erasing did at the server.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ErasedThere {
    /// `ROLE@HOST:PORT/DATABASE`, where the address is known.
    pub server: Option<String>,
    pub erased: bool,
    /// Entries of the log there that told of the records, and are empty now.
    pub emptied: usize,
    /// Why the words are still there.
    pub problem: Option<String>,
}

/// What became of the records that came.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Pulled {
    /// Ids of the records that are new here.
    pub added: Vec<String>,
    pub known: usize,
    /// Ids of records that are other ones here, and stay so.
    pub differing: Vec<String>,
    /// Ids of records that were erased here, and stay so.
    pub erased: Vec<String>,
}

/// What is read of a line to know which record it is.
#[derive(Deserialize)]
struct Head {
    id: String,
    record: Option<String>,
    history: Vec<HeadEvent>,
}

#[derive(Deserialize)]
struct HeadEvent {
    event: RecordEventKind,
}

/// Records that are sent in one transaction.
const MOST: usize = 200;

/// Sends all records with their history. A record that was erased here loses its
/// words there.
pub fn push(app: &App) -> Result<Pushed> {
    let (_, mut team) = reach(app)?;
    let context = app.context()?;
    let record_store = app.record_store(&context)?;
    send(&mut team, &lines(&context, &record_store)?)
}

fn send(team: &mut TeamStore, lines: &[RecordLine]) -> Result<Pushed> {
    let mut pushed = Pushed { sent: 0, known: 0, erased: 0, emptied: 0 };
    for part in lines.chunks(MOST) {
        let kept = team.put_records(part)?;
        pushed.sent += kept.sent;
        pushed.known += kept.known;
        pushed.erased += kept.erased;
        pushed.emptied += kept.emptied;
    }
    Ok(pushed)
}

/// Takes the words of records that were just erased here away from the server, if the
/// project is connected with one.
pub(in crate::app) fn erase(
    app: &App,
    context: &Context,
    record_store: &RecordStore,
    ids: &[String],
) -> Result<Option<ErasedThere>> {
    let Some(link) = Links::of(app, context).here(context) else { return Ok(None) };
    let mut lines = lines(context, record_store)?;
    lines.retain(|line| ids.contains(&line.id));
    let address = link.address(app);
    let server = address.as_ref().ok().map(|address| address.shown.clone());
    let sent = address.and_then(|address| {
        let mut team = TeamStore::connect(&address, &link.project, Setup::Use, LONG_PATIENCE)?;
        send(&mut team, &lines)
    });
    Ok(Some(match sent {
        Ok(sent) => ErasedThere { server, erased: true, emptied: sent.emptied, problem: None },
        Err(error) => {
            let problem = Some(error.message().to_string());
            ErasedThere { server, erased: false, emptied: 0, problem }
        }
    }))
}

/// All records as they are sent.
fn lines(context: &Context, record_store: &RecordStore) -> Result<Vec<RecordLine>> {
    let mut text = Vec::new();
    record_store.export(&mut text)?;
    let text = String::from_utf8(text).map_err(|_| Error::new("a record is not UTF-8"))?;
    pipeline::leak_scan(context, "what is sent to the team", &text)?;
    let lines = text.lines().skip(1).filter_map(|line| {
        let head: Head = serde_json::from_str(line).ok()?;
        let revision = head.history.len() as i64;
        let erased = head.history.last().is_some_and(|last| last.event == RecordEventKind::Erased);
        let text = head.record.and_then(|said| text_of(context, said));
        Some(RecordLine { id: head.id, revision, line: line.to_string(), erased, text })
    });
    Ok(lines.collect())
}

/// What is found of a record, cut into words as the index here has it.
fn text_of(context: &Context, said: String) -> Option<RecordText> {
    let record = memory::parse(&said, &context.redactor).ok()?;
    let (title, body) = records::index_words(&record);
    Some(RecordText { said, title, body })
}

/// Takes over the records that are not here yet. One that is another one here
/// stays as it is, and is told.
pub fn pull(app: &App) -> Result<Pulled> {
    let (_, mut team) = reach(app)?;
    let context = app.context()?;
    crate::app::init::prepare(&context.project)?;
    let mut record_store = app.record_store(&context)?;
    let mut pulled = Pulled { added: Vec::new(), known: 0, differing: Vec::new(), erased: Vec::new() };
    // One by one: an import of which one record differs changes nothing at all.
    for record in team.records()? {
        let file = format!("{}\n{}\n{}\n", transfer::HEAD, record.line, transfer::end(1));
        match record_store.import(Cursor::new(file), false) {
            Ok(outcome) => {
                pulled.added.extend(outcome.added);
                pulled.known += outcome.known.len() + outcome.without_text.len();
                pulled.erased.extend(outcome.erased);
            }
            Err(_) => pulled.differing.push(record.id),
        }
    }
    Ok(pulled)
}
