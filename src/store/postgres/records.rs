//! Records at a team's server: of each the newest line of the export, and what is
//! found of it.

use serde_json::{Value, json};
use tokio_postgres::GenericClient;
use tokio_postgres::types::Type;

use super::rows::{Values, clean};
use super::search::RecordText;
use super::{Failed, Place, TeamStore, claims};
use crate::store::Result;

/// A record as a line of the export.
#[derive(Clone, Debug)]
pub struct RecordLine {
    pub id: String,
    /// How many events its history has: more is newer.
    pub revision: i64,
    pub line: String,
    /// It was erased: its words go, whatever revision is there.
    pub erased: bool,
    /// What is found of it; `None` for one that is gone, or that came from there.
    pub text: Option<RecordText>,
}

/// What became of records that were sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// New there, or newer than what was.
    pub sent: usize,
    /// There with just this, or with more.
    pub known: usize,
    /// Erased ones: they have no words there any more.
    pub erased: usize,
    /// Entries of the log that told of those, and are empty now.
    pub emptied: usize,
}

impl TeamStore {
    /// Keeps records, each in the place of an older one of its id.
    pub fn put_records(&mut self, records: &[RecordLine]) -> Result<Kept> {
        self.ask(async |work, place| {
            let now_ms = claims::alone(work, place).await?;
            let (erased, kept): (Vec<&RecordLine>, Vec<&RecordLine>) =
                records.iter().partition(|record| record.erased);
            let sent = put(work, place, &kept, now_ms).await?;
            let emptied = if erased.is_empty() { 0 } else { erase(work, place, &erased).await? };
            Ok(Kept { sent, known: kept.len() - sent, erased: erased.len(), emptied })
        })
    }

    /// All records that are kept, by id.
    pub fn records(&mut self) -> Result<Vec<RecordLine>> {
        self.look(async |work, place| {
            let sql = "SELECT id, revision, line, erased FROM waypost.record WHERE project = $1 ORDER BY id";
            let rows = work.query_typed(sql, &[(&place.project, Type::INT8)]).await?;
            let line = |row: &tokio_postgres::Row| RecordLine {
                id: row.get(0),
                revision: row.get(1),
                line: row.get(2),
                erased: row.get(3),
                text: None,
            };
            Ok(rows.iter().map(line).collect())
        })
    }
}

fn as_json(records: &[&RecordLine]) -> String {
    let record = |record: &&RecordLine| json!({ "id": clean(&record.id), "revision": record.revision, "line": clean(&record.line) });
    Value::Array(records.iter().map(record).collect()).to_string()
}

/// How many were new there, or newer.
async fn put(
    work: &impl GenericClient,
    place: &Place,
    records: &[&RecordLine],
    now_ms: i64,
) -> std::result::Result<usize, Failed> {
    let sql = "INSERT INTO waypost.record AS known (project, id, revision, line, sent_ms)
               SELECT $1, id, revision, line, $3
               FROM json_to_recordset($2::text::json) AS told (id text, revision bigint, line text)
               ON CONFLICT (project, id) DO UPDATE
                 SET revision = excluded.revision, line = excluded.line, sent_ms = excluded.sent_ms
                 WHERE known.revision < excluded.revision AND NOT known.erased";
    let lines = as_json(records);
    let values: Values = vec![(&place.project, Type::INT8), (&lines, Type::TEXT), (&now_ms, Type::INT8)];
    let sent = work.execute_typed(sql, &values).await? as usize;
    let texts = records.iter().map(|it| RecordText::as_json(it.text.as_ref(), &it.id, it.revision));
    let texts = Value::Array(texts.collect()).to_string();
    let sql = "SELECT waypost.put_texts($1, $2::text::json)";
    work.query_typed(sql, &[(&place.project, Type::INT8), (&texts, Type::TEXT)]).await?;
    Ok(sent)
}

/// How many entries of the log are empty now.
async fn erase(
    work: &impl GenericClient,
    place: &Place,
    records: &[&RecordLine],
) -> std::result::Result<usize, Failed> {
    let lines = as_json(records);
    let sql = "SELECT waypost.erase_records($1, $2::text::json)";
    let values: Values = vec![(&place.project, Type::INT8), (&lines, Type::TEXT)];
    Ok(work.query_typed_one(sql, &values).await?.get::<_, i64>(0).max(0) as usize)
}
