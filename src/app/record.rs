//! Records as they are reported: what each says, and whether the code that it
//! is about has moved on.

use serde::Serialize;

use super::Result;
use crate::memory::{Part, Record, State, Verdict};
use crate::model::{RelPath, SafeText};
use crate::pipeline;
use crate::project::FOLDER;
use crate::records::Book;
use crate::store::Indexed;

/// Everything that a record says.
#[derive(Debug, Serialize)]
pub struct Report {
    pub id: String,
    pub kind: &'static str,
    pub status: &'static str,
    pub title: String,
    pub slug: Option<String>,
    pub section: Option<SafeText>,
    pub tags: Vec<SafeText>,
    /// From 0 to 1.
    pub confidence: Option<f64>,
    pub author: Option<SafeText>,
    pub origin: &'static str,
    /// File and line that it was found at.
    pub source: Option<SafeText>,
    pub created: String,
    pub updated: String,
    pub revision: u32,
    pub file: String,
    /// The worst of its anchors.
    pub state: Option<&'static str>,
    pub links: Vec<Link>,
    pub anchors: Vec<Anchor>,
    pub next: Option<SafeText>,
    pub body: SafeText,
    pub rationale: Option<SafeText>,
    pub alternatives: Vec<SafeText>,
    pub impact: Option<SafeText>,
    pub done: Option<SafeText>,
    pub blockers: Vec<SafeText>,
    pub commands: Vec<SafeText>,
}

#[derive(Debug, Serialize)]
pub struct Link {
    pub relation: &'static str,
    pub id: String,
}

/// The code that a record is about.
#[derive(Debug, Serialize)]
pub struct Anchor {
    pub path: RelPath,
    pub symbol: Option<SafeText>,
    pub hash: Option<String>,
    pub state: &'static str,
    /// Where the code seems to be now.
    pub found: Option<Found>,
    /// `path#symbol`.
    #[serde(skip)]
    pub place: String,
    /// Where it was found, in words.
    #[serde(skip)]
    pub found_words: String,
}

#[derive(Debug, Serialize)]
pub struct Found {
    pub path: RelPath,
    pub symbol: Option<SafeText>,
    /// The code is the same but for name and indentation.
    pub same: bool,
}

/// A record with the verdicts on its anchors.
pub(super) struct Checked {
    pub indexed: Indexed,
    pub verdicts: Vec<Verdict>,
}

impl Checked {
    /// The worst of its anchors; `None` without one.
    pub fn state(&self) -> Option<State> {
        self.verdicts.iter().map(|verdict| verdict.state).max()
    }

    pub fn report(&self) -> Report {
        let Indexed { record, revision, file } = &self.indexed;
        let one = |part| record.parts.get(&part).and_then(|items| items.first()).cloned();
        let all = |part| record.parts.get(&part).cloned().unwrap_or_default();
        let anchors = record.anchors.iter().zip(&self.verdicts);
        Report {
            id: record.id.clone(),
            kind: record.kind.name(),
            status: record.status.name(),
            title: title(record),
            slug: record.slug.clone(),
            section: record.section.clone(),
            tags: record.tags.clone(),
            confidence: record.confidence.map(|confidence| confidence.value()),
            author: record.author.clone(),
            origin: record.origin.name(),
            source: record.source.clone(),
            created: record.created.clone(),
            updated: record.updated.clone(),
            revision: *revision,
            file: file_of(file),
            state: self.state().map(State::name),
            links: record.links.iter().map(link).collect(),
            anchors: anchors.map(|(anchor, verdict)| anchor_report(anchor, verdict)).collect(),
            next: record.next.clone(),
            body: record.body.clone(),
            rationale: one(Part::Rationale),
            alternatives: all(Part::Alternatives),
            impact: one(Part::Impact),
            done: one(Part::Done),
            blockers: all(Part::Blockers),
            commands: all(Part::Commands),
        }
    }
}

/// Looks at the code that records are about; the tree is read only when one
/// of them is about some.
pub(super) fn check(book: &Book, records: Vec<Indexed>) -> Result<Vec<Checked>> {
    let verdicts = if records.iter().any(|indexed| !indexed.record.anchors.is_empty()) {
        let reading = pipeline::read(book.context, Some(book.store()))?;
        let plain: Vec<&Record> = records.iter().map(|indexed| &indexed.record).collect();
        pipeline::verdicts(book.context, &reading.tree, &plain)?
    } else {
        vec![Vec::new(); records.len()]
    };
    let pairs = records.into_iter().zip(verdicts);
    Ok(pairs.map(|(indexed, verdicts)| Checked { indexed, verdicts }).collect())
}

/// The reports of records, with the verdicts on their anchors.
pub(super) fn reports(book: &Book, records: Vec<Indexed>) -> Result<Vec<Report>> {
    Ok(check(book, records)?.iter().map(Checked::report).collect())
}

/// A record's file below the root.
pub(super) fn file_of(name: &str) -> String {
    format!("{FOLDER}/memory/{name}")
}

/// A pin's place stands for a title that was not given.
pub(super) fn title(record: &Record) -> String {
    match (record.title.is_empty(), record.anchors.first()) {
        (true, Some(anchor)) => anchor.place(),
        _ => record.title.to_string(),
    }
}

/// Where something that is gone was found again, in words.
pub(super) fn found_words(verdict: &Verdict) -> String {
    match &verdict.found {
        Some(found) if found.same => format!(" (moved to {})", found.place()),
        Some(found) => format!(" (perhaps now {})", found.place()),
        None => String::new(),
    }
}

fn link(link: &crate::memory::Link) -> Link {
    Link { relation: link.relation.name(), id: link.id.clone() }
}

fn anchor_report(anchor: &crate::memory::Anchor, verdict: &Verdict) -> Anchor {
    let found = verdict.found.as_ref();
    Anchor {
        path: anchor.path.clone(),
        symbol: anchor.symbol.clone(),
        hash: anchor.hash.clone(),
        state: verdict.state.name(),
        found: found.map(|found| Found {
            path: found.path.clone(),
            symbol: found.symbol.clone(),
            same: found.same,
        }),
        place: anchor.place(),
        found_words: found_words(verdict),
    }
}
