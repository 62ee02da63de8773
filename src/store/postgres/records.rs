//! Records at a team's server: of each the newest line of the export.

use serde_json::Value;
use tokio_postgres::types::Type;

use super::rows::{Values, clean};
use super::search::RecordText;
use super::{TeamStore, claims};
use crate::store::Result;

/// A record as a line of the export.
#[derive(Clone, Debug)]
pub struct RecordLine {
    pub id: String,
    /// How many events its history has: more is newer.
    pub revision: i64,
    pub line: String,
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
}

impl TeamStore {
    /// Keeps records, each in the place of an older one of its id.
    pub fn put_records(&mut self, records: &[RecordLine]) -> Result<Kept> {
        self.ask(async |work, place| {
            let now_ms = claims::alone(work, place).await?;
            let sql = "INSERT INTO waypost.record AS known (project, id, revision, line, sent_ms)
                       VALUES ($1, $2, $3, $4, $5)
                       ON CONFLICT (project, id) DO UPDATE
                         SET revision = excluded.revision, line = excluded.line, sent_ms = excluded.sent_ms
                         WHERE known.revision < excluded.revision";
            let mut kept = Kept::default();
            let texts = records.iter().map(|it| RecordText::as_json(it.text.as_ref(), &it.id, it.revision));
            let texts = Value::Array(texts.collect()).to_string();
            for record in records {
                let line = clean(&record.line);
                let values: Values = vec![
                    (&place.project, Type::INT8),
                    (&record.id, Type::TEXT),
                    (&record.revision, Type::INT8),
                    (&line, Type::TEXT),
                    (&now_ms, Type::INT8),
                ];
                let changed = work.execute_typed(sql, &values).await? as usize;
                kept.sent += changed;
                kept.known += 1 - changed.min(1);
            }
            let put = "SELECT waypost.put_texts($1, $2::text::json)";
            work.query_typed(put, &[(&place.project, Type::INT8), (&texts, Type::TEXT)]).await?;
            Ok(kept)
        })
    }

    /// All records that are kept, by id.
    pub fn records(&mut self) -> Result<Vec<RecordLine>> {
        self.look(async |work, place| {
            let sql = "SELECT id, revision, line FROM waypost.record WHERE project = $1 ORDER BY id";
            let rows = work.query_typed(sql, &[(&place.project, Type::INT8)]).await?;
            let line = |row: &tokio_postgres::Row| RecordLine {
                id: row.get(0),
                revision: row.get(1),
                line: row.get(2),
                text: None,
            };
            Ok(rows.iter().map(line).collect())
        })
    }
}
