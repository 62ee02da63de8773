//! The records of all projects that a role may see, as a search asks for them. The
//! words come cut as on this machine, so that PostgreSQL cuts none.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::TeamStore;
use super::rows::{Values, clean};
use crate::memory::Record;
use crate::store::{QueryWord, RecordHit, RecordIndex, Result};

/// What is found of a record: its own text, and its words.
#[derive(Clone, Debug)]
pub struct RecordText {
    /// As its file says it.
    pub said: String,
    /// The words of its title, with spaces between.
    pub title: String,
    /// All other words.
    pub body: String,
}

/// Bytes of words of a record that are searched: PostgreSQL keeps a megabyte of
/// different ones at most.
const MOST_WORDS: usize = 400_000;

impl RecordText {
    /// Of a record with this id and so many events, as the server takes it.
    pub(super) fn as_json(of: Option<&Self>, id: &str, revision: i64) -> Value {
        let Some(text) = of else { return json!({ "id": id, "revision": revision }) };
        let mut end = text.body.len().min(MOST_WORDS);
        while !text.body.is_char_boundary(end) {
            end -= 1;
        }
        json!({
            "id": id,
            "revision": revision,
            "said": clean(&text.said),
            "title": clean(&text.title),
            "body": clean(&text.body[..end]),
        })
    }
}

/// How much a team's search looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TeamTotals {
    pub projects: u64,
    pub records: u64,
}

/// A search over a team's records.
pub struct TeamIndex<'a> {
    team: &'a TeamStore,
    /// Reads the text of a record; `None` for one that is none.
    read: &'a dyn Fn(&str) -> Option<Record>,
    pub totals: TeamTotals,
    /// What was asked for at once.
    known: BTreeMap<QueryWord, u64>,
    /// The project of each record that was found.
    projects: RefCell<BTreeMap<String, String>>,
}

impl<'a> TeamIndex<'a> {
    /// Asks for the counts of all words that a question may need in one go.
    pub fn new(
        team: &'a TeamStore,
        read: &'a dyn Fn(&str) -> Option<Record>,
        words: &BTreeSet<String>,
    ) -> Result<Self> {
        let asked = words.iter().flat_map(|word| [(word.clone(), false), (word.clone(), true)]);
        let asked: Vec<QueryWord> = asked.collect();
        let (wanted, begins) = split(&asked);
        let words: Values = vec![(&wanted, Type::TEXT_ARRAY), (&begins, Type::BOOL_ARRAY)];
        let found = team.look_at_once(&[
            ("SELECT projects, records FROM waypost.text_totals()", Vec::new()),
            ("SELECT place, records FROM waypost.word_records($1, $2)", words),
        ])?;
        let number = |row: &Row, at: usize| row.get::<_, i64>(at).max(0) as u64;
        let totals = found.first().and_then(|rows| rows.first());
        let totals = totals.map(|row| TeamTotals { projects: number(row, 0), records: number(row, 1) });
        let counted = found.get(1).into_iter().flatten();
        let known = counted.filter_map(|row| {
            let at = usize::try_from(row.get::<_, i64>(0) - 1).ok()?;
            Some((asked.get(at)?.clone(), number(row, 1)))
        });
        let known = known.collect();
        Ok(Self { team, read, totals: totals.unwrap_or_default(), known, projects: RefCell::default() })
    }

    /// The project in which a record was found.
    pub fn project_of(&self, id: &str) -> Option<String> {
        self.projects.borrow().get(id).cloned()
    }
}

/// Words, and which of them begin one.
fn split(asked: &[QueryWord]) -> (Vec<String>, Vec<bool>) {
    asked.iter().map(|(word, begins)| (clean(word), *begins)).unzip()
}

impl RecordIndex for TeamIndex<'_> {
    fn rows(&self) -> Result<u64> {
        Ok(self.totals.records)
    }

    fn frequency(&self, asked: &QueryWord) -> Result<u64> {
        if let Some(known) = self.known.get(asked) {
            return Ok(*known);
        }
        let (wanted, begins) = split(std::slice::from_ref(asked));
        self.team.look(async |work, _| {
            let sql = "SELECT records FROM waypost.word_records($1, $2)";
            let values: Values = vec![(&wanted, Type::TEXT_ARRAY), (&begins, Type::BOOL_ARRAY)];
            Ok(work.query_typed_one(sql, &values).await?.get::<_, i64>(0).max(0) as u64)
        })
    }

    fn words_like(
        &self,
        pieces: &[[char; 3]],
        shortest: usize,
        longest: usize,
        look: &mut dyn FnMut(&str),
    ) -> Result<()> {
        let pieces: Vec<String> =
            pieces.iter().map(|piece| clean(&piece.iter().collect::<String>())).collect();
        let (shortest, longest) = (shortest as i64, longest as i64);
        let rows = self.team.look(async |work, _| {
            let sql = "SELECT word FROM waypost.words_like($1, $2, $3) AS word";
            let values: Values =
                vec![(&pieces, Type::TEXT_ARRAY), (&shortest, Type::INT8), (&longest, Type::INT8)];
            Ok(work.query_typed(sql, &values).await?)
        })?;
        rows.iter().for_each(|row| look(row.get(0)));
        Ok(())
    }

    /// A record that several projects have is found once.
    fn records_with(&self, asked: &[QueryWord], all: bool, limit: usize) -> Result<Vec<RecordHit>> {
        let asked: Vec<QueryWord> = asked.iter().filter(|(word, _)| !word.is_empty()).cloned().collect();
        if asked.is_empty() {
            return Ok(Vec::new());
        }
        let ((wanted, begins), most) = (split(&asked), limit as i64);
        let rows = self.team.look(async |work, _| {
            let sql = "SELECT project, id, revision, said, title, body
                       FROM waypost.search_records($1, $2, $3, $4)";
            let values: Values = vec![
                (&wanted, Type::TEXT_ARRAY),
                (&begins, Type::BOOL_ARRAY),
                (&all, Type::BOOL),
                (&most, Type::INT8),
            ];
            Ok(work.query_typed(sql, &values).await?)
        })?;
        Ok(rows.iter().filter_map(|row| self.hit(row)).collect())
    }
}

impl TeamIndex<'_> {
    /// `None` for a record that this version cannot read, or that was found already
    /// in another project.
    fn hit(&self, row: &Row) -> Option<RecordHit> {
        let (project, id): (String, String) = (row.get(0), row.get(1));
        let known = self.projects.borrow().get(&id).is_some_and(|known| *known != project);
        let record = (self.read)(row.get(3)).filter(|record| !known && record.id == id)?;
        self.projects.borrow_mut().insert(id, project);
        let revision = u32::try_from(row.get::<_, i64>(2)).unwrap_or(1);
        Some(RecordHit { record, revision, file: String::new(), title: row.get(4), body: row.get(5) })
    }
}
