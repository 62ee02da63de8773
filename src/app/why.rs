//! Why something is as it is: walks the links that were declared between records
//! and entries of the log.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::record::title;
use super::sessions::SessionDesk;
use super::{App, Error, Result};
use crate::memory::{Record, Relation};
use crate::model::Event;
use crate::model::time::rfc3339;
use crate::records::RecordStore;

/// A record or an entry of the log, and what it leads to.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Report {
    #[serde(flatten)]
    pub node: Node,
    /// Depth first, in the order in which they were declared.
    pub steps: Vec<Step>,
}

/// A record or an entry of the log.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Node {
    pub id: String,
    /// The kind of a record or of an entry; `missing` for what is gone.
    pub kind: String,
    pub title: String,
    pub status: Option<&'static str>,
    pub at: Option<String>,
}

/// One link, from where it was declared to what it names.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Step {
    pub depth: usize,
    pub from: String,
    /// `fixed_by`, `caused_by` or `supersedes`; with `is_` before it where the
    /// other end declared it.
    pub relation: String,
    #[serde(flatten)]
    pub node: Node,
    /// It was told before: the walk does not go on from here.
    pub seen: bool,
}

/// Links that are walked, at most.
const MOST: usize = 500;

/// A link by the name that it has here.
struct Declared {
    relation: String,
    to: String,
}

/// The links from a record or an entry (`e12`), and from what they name.
pub fn why(app: &App, id: &str) -> Result<Report> {
    let context = app.context()?;
    let desk = SessionDesk::open(app)?;
    let record_store = app.record_store(&context)?;
    let walk = Walk { desk, records: record_store.all()?.into_iter().map(|one| one.record).collect() };
    let id = match event_number(id) {
        Some(_) => id.to_string(),
        None => walk.record_id(&record_store, id)?,
    };
    let node = walk.node(&id)?;
    if node.kind == MISSING {
        let hint = "`waypost log --json` and `waypost notes` list the ids";
        return Err(Error::new(format!("there is no record and no entry of the log `{id}`")).with_hint(hint));
    }
    let mut steps = Vec::new();
    walk.follow(&id, 1, &mut BTreeSet::from([id.clone()]), &mut steps)?;
    Ok(Report { node, steps })
}

const MISSING: &str = "missing";

/// The number of an entry of the log: `e12`.
pub(super) fn event_number(id: &str) -> Option<i64> {
    id.strip_prefix('e').filter(|digits| digits.len() < 19)?.parse().ok().filter(|number| *number > 0)
}

struct Walk {
    desk: Option<SessionDesk>,
    records: Vec<Record>,
}

impl Walk {
    fn record_id(&self, record_store: &RecordStore, id: &str) -> Result<String> {
        Ok(record_store.get(id)?.record.id)
    }

    fn event(&self, id: &str) -> Result<Option<Event>> {
        match (&self.desk, event_number(id)) {
            (Some(desk), Some(number)) => Ok(desk.store.event(number)?),
            _ => Ok(None),
        }
    }

    fn record(&self, id: &str) -> Option<&Record> {
        self.records.iter().find(|record| record.id == id)
    }

    fn node(&self, id: &str) -> Result<Node> {
        if let Some(record) = self.record(id) {
            return Ok(Node {
                id: id.to_string(),
                kind: record.kind.name().to_string(),
                title: title(record),
                status: Some(record.status.name()),
                at: Some(record.created.clone()),
            });
        }
        let event = self.event(id)?;
        let text = event.as_ref().map(|event| event.text.to_string()).unwrap_or_default();
        Ok(Node {
            id: id.to_string(),
            kind: event.as_ref().map_or(MISSING, |event| event.kind.name()).to_string(),
            title: text,
            status: None,
            at: event.map(|event| rfc3339(event.at_ms)),
        })
    }

    /// The links that something declares, then those that name it.
    fn links(&self, id: &str) -> Result<Vec<Declared>> {
        let mut links = match self.record(id) {
            Some(record) => of_record(record),
            None => self.event(id)?.as_ref().map(of_event).unwrap_or_default(),
        };
        let naming = self.records.iter().flat_map(|record| {
            let named = of_record(record).into_iter().filter(|link| link.to == id);
            named.map(|link| Declared { relation: format!("is_{}_of", link.relation), to: record.id.clone() })
        });
        links.extend(naming);
        Ok(links)
    }

    fn follow(
        &self,
        id: &str,
        depth: usize,
        seen: &mut BTreeSet<String>,
        steps: &mut Vec<Step>,
    ) -> Result<()> {
        for link in self.links(id)? {
            // The way back to where it came from says nothing.
            let is_back = |step: &Step| step.node.id == id && step.from == link.to;
            if steps.len() >= MOST || steps.iter().any(is_back) {
                continue;
            }
            let is_new = seen.insert(link.to.clone());
            let node = self.node(&link.to)?;
            let next = link.to.clone();
            steps.push(Step { depth, from: id.to_string(), relation: link.relation, node, seen: !is_new });
            if is_new {
                self.follow(&next, depth + 1, seen, steps)?;
            }
        }
        Ok(())
    }
}

/// The relations that explain something.
const TOLD: [Relation; 3] = [Relation::FixedBy, Relation::CausedBy, Relation::Supersedes];

fn of_record(record: &Record) -> Vec<Declared> {
    let told = record.links.iter().filter(|link| TOLD.contains(&link.relation));
    told.map(|link| Declared { relation: link.relation.name().replace('-', "_"), to: link.id.clone() })
        .collect()
}

fn of_event(event: &Event) -> Vec<Declared> {
    let data: Value =
        event.data.as_ref().and_then(|data| serde_json::from_str(data.as_str()).ok()).unwrap_or_default();
    let links = data["links"].as_array().cloned().unwrap_or_default();
    let declared = |link: &Value| {
        let (relation, to) = (link["relation"].as_str()?, link["id"].as_str()?);
        Some(Declared { relation: relation.to_string(), to: to.to_string() })
    };
    links.iter().filter_map(declared).collect()
}

/// Links of an entry of the log as they are stored: relation and id.
pub(super) fn stored(links: &[(Relation, String)]) -> Option<Value> {
    let all = links
        .iter()
        .map(|(relation, id)| serde_json::json!({ "relation": relation.name().replace('-', "_"), "id": id }));
    let all: Vec<Value> = all.collect();
    (!all.is_empty()).then(|| serde_json::json!({ "links": all }))
}

/// The id of a record or an entry that exists.
pub(super) fn known(desk: &SessionDesk, record_store: &RecordStore, id: &str) -> Result<String> {
    match event_number(id) {
        None => Ok(record_store.get(id)?.record.id),
        Some(number) if desk.store.event(number)?.is_some() => Ok(id.to_string()),
        Some(_) => Err(Error::new(format!("there is no entry `{id}` in the log"))
            .with_hint("`waypost log --json` lists their ids, `e` and a number")),
    }
}
