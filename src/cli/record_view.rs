//! How records are shown: one line of a list, the whole of one, as JSON.
//! Whatever is shown says whether the code it is about has moved on.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Out;
use crate::memory::{Part, Record, State, Status, Verdict};
use crate::pipeline;
use crate::records::Book;
use crate::store::Indexed;

/// Records with the verdicts on their anchors.
pub struct Shown {
    pub indexed: Indexed,
    pub verdicts: Vec<Verdict>,
}

impl Shown {
    /// The worst of its anchors; `None` without one.
    pub fn state(&self) -> Option<State> {
        self.verdicts.iter().map(|verdict| verdict.state).max()
    }
}

/// Looks at the code that records are about; the tree is read only when one
/// of them is about some.
pub fn look(book: &Book, records: Vec<Indexed>) -> anyhow::Result<Vec<Shown>> {
    let verdicts = if records.iter().any(|indexed| !indexed.record.anchors.is_empty()) {
        let reading = pipeline::read(book.context, Some(book.store()))?;
        let plain: Vec<&Record> = records.iter().map(|indexed| &indexed.record).collect();
        pipeline::verdicts(book.context, &reading.tree, &plain)?
    } else {
        vec![Vec::new(); records.len()]
    };
    Ok(records.into_iter().zip(verdicts).map(|(indexed, verdicts)| Shown { indexed, verdicts }).collect())
}

/// One line of a list: id, kind, title, and what a reader must know.
pub fn line(shown: &Shown) -> String {
    let record = &shown.indexed.record;
    let mut text = format!("{}  {:<10}  {}", record.id, record.kind.name(), title(record));
    if record.status != Status::Accepted {
        text.push_str(&format!("  [{}]", record.status.name()));
    }
    for (anchor, verdict) in record.anchors.iter().zip(&shown.verdicts) {
        if verdict.state != State::Fresh {
            text.push_str(&format!("  [{}: {}]", verdict.state.name(), anchor.place()));
        }
    }
    text
}

/// A pin's place stands for a title that was not given.
pub fn title(record: &Record) -> String {
    match (record.title.is_empty(), record.anchors.first()) {
        (true, Some(anchor)) => anchor.place(),
        _ => record.title.to_string(),
    }
}

/// Everything that a record says.
pub fn whole(shown: &Shown, out: &Out) -> anyhow::Result<()> {
    let record = &shown.indexed.record;
    out.line(&title(record))?;
    let mut facts = BTreeMap::new();
    facts.insert("1 id", format!("{} (revision {})", record.id, shown.indexed.revision));
    facts.insert("2 kind", format!("{}, {}", record.kind.name(), record.status.name()));
    if let Some(slug) = &record.slug {
        facts.insert("3 slug", slug.clone());
    }
    for (key, text) in
        [("4 section", &record.section), ("5 author", &record.author), ("6 source", &record.source)]
    {
        text.as_ref().map(|text| facts.insert(key, text.to_string()));
    }
    if !record.tags.is_empty() {
        let tags: Vec<&str> = record.tags.iter().map(|tag| tag.as_str()).collect();
        facts.insert("7 tags", tags.join(", "));
    }
    if let Some(confidence) = record.confidence {
        facts.insert("8 confidence", confidence.value().to_string());
    }
    let times = match record.updated == record.created {
        true => record.created.clone(),
        false => format!("{}, updated {}", record.created, record.updated),
    };
    facts.insert("9 created", format!("{times} ({})", record.origin.name()));
    for (key, text) in facts {
        out.line(&format!("  {:<11} {text}", &key[2..]))?;
    }
    for link in &record.links {
        out.line(&format!("  {:<11} {}", link.relation.name(), link.id))?;
    }
    for (anchor, verdict) in record.anchors.iter().zip(&shown.verdicts) {
        out.line(&format!("  {:<11} {}{}", verdict.state.name(), anchor.place(), found(verdict)))?;
    }
    if let Some(next) = &record.next {
        out.line(&format!("  {:<11} {next}", "next"))?;
    }
    if !record.body.is_empty() {
        out.text(&format!("\n{}", record.body))?;
    }
    for (part, items) in &record.parts {
        out.text(&format!("\n{}", part.name()))?;
        for item in items {
            let item = item.as_str().replace('\n', "\n    ");
            out.text(&if part.is_list() { format!("  - {item}") } else { format!("    {item}") })?;
        }
    }
    Ok(())
}

/// Where something that is gone was found again, in words.
pub fn found(verdict: &Verdict) -> String {
    match &verdict.found {
        Some(found) if found.same => format!(" (moved to {})", found.place()),
        Some(found) => format!(" (perhaps now {})", found.place()),
        None => String::new(),
    }
}

/// A record as JSON.
pub fn object(shown: &Shown) -> Value {
    let record = &shown.indexed.record;
    let anchors: Vec<Value> = record
        .anchors
        .iter()
        .zip(&shown.verdicts)
        .map(|(anchor, verdict)| {
            let found = verdict
                .found
                .as_ref()
                .map(|found| json!({ "path": found.path, "symbol": found.symbol, "same": found.same }));
            json!({
                "path": anchor.path,
                "symbol": anchor.symbol,
                "hash": anchor.hash,
                "state": verdict.state.name(),
                "found": found,
            })
        })
        .collect();
    let links: Vec<Value> =
        record.links.iter().map(|link| json!({ "relation": link.relation.name(), "id": link.id })).collect();
    let mut value = json!({
        "id": record.id,
        "kind": record.kind.name(),
        "status": record.status.name(),
        "title": title(record),
        "slug": record.slug,
        "section": record.section,
        "tags": record.tags,
        "confidence": record.confidence.map(|confidence| confidence.value()),
        "author": record.author,
        "origin": record.origin.name(),
        "source": record.source,
        "created": record.created,
        "updated": record.updated,
        "revision": shown.indexed.revision,
        "file": format!("{}/memory/{}", crate::project::FOLDER, shown.indexed.file),
        "state": shown.state().map(State::name),
        "links": links,
        "anchors": anchors,
        "next": record.next,
        "body": record.body,
    });
    for (part, _) in Part::ALL {
        let items = record.parts.get(part);
        value[part.key()] = match part.is_list() {
            true => json!(items.cloned().unwrap_or_default()),
            false => json!(items.and_then(|items| items.first())),
        };
    }
    value
}
