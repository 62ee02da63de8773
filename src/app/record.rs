//! Reports records: what each says, and whether the code that it is about has
//! changed since.

use schemars::JsonSchema;
use serde::Serialize;

use super::Result;
use crate::memory::{AnchorState, AnchorVerdict, BodySection, Record, RecordStatus};
use crate::model::{RelPath, SafeText, Trigger};
use crate::pipeline;
use crate::project::FOLDER;
use crate::records::RecordStore;
use crate::store::Indexed;

/// Everything that a record says.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Report {
    pub id: String,
    pub kind: &'static str,
    pub status: RecordStatus,
    pub title: String,
    pub slug: Option<String>,
    pub section: Option<SafeText>,
    pub tags: Vec<SafeText>,
    /// From 0 to 1.
    pub confidence: Option<f64>,
    pub author: Option<SafeText>,
    pub origin: &'static str,
    /// The file and line where it was found.
    pub source: Option<SafeText>,
    pub created: String,
    pub updated: String,
    pub revision: u32,
    pub file: String,
    /// The worst state of its anchors.
    pub state: Option<AnchorState>,
    /// For a lesson: when it is told.
    pub trigger: Option<Trigger>,
    pub links: Vec<LinkReport>,
    pub anchors: Vec<AnchorReport>,
    pub next: Option<SafeText>,
    pub body: SafeText,
    pub rationale: Option<SafeText>,
    pub alternatives: Vec<SafeText>,
    pub impact: Option<SafeText>,
    pub done: Option<SafeText>,
    pub blockers: Vec<SafeText>,
    pub commands: Vec<SafeText>,
}

/// How a record relates to another one, which may lie in another branch.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LinkReport {
    pub relation: &'static str,
    pub id: String,
}

/// The code that a record is about.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AnchorReport {
    pub path: RelPath,
    pub symbol: Option<SafeText>,
    pub hash: Option<String>,
    pub state: AnchorState,
    /// Where the code moved to, or for an orphaned anchor perhaps did.
    pub found: Option<FoundAnchor>,
    /// `path#symbol`.
    #[serde(skip)]
    pub place: String,
    /// The same place in words.
    #[serde(skip)]
    pub found_words: String,
}

/// Where the code of an anchor was found again after it moved or was renamed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FoundAnchor {
    pub path: RelPath,
    pub symbol: Option<SafeText>,
    /// Whether the code is the same apart from its name and indentation.
    pub same: bool,
}

/// A record with the verdicts on its anchors.
pub(super) struct CheckedRecord {
    pub indexed: Indexed,
    pub verdicts: Vec<AnchorVerdict>,
}

impl CheckedRecord {
    /// The worst state of its anchors; `None` for a record without anchors.
    pub fn state(&self) -> Option<AnchorState> {
        self.verdicts.iter().map(|verdict| verdict.state).max()
    }

    /// The record as it is reported, with the state of each anchor.
    pub fn report(&self) -> Report {
        let Indexed { record, revision, file } = &self.indexed;
        let one = |part| record.parts.get(&part).and_then(|items| items.first()).cloned();
        let all = |part| record.parts.get(&part).cloned().unwrap_or_default();
        let anchors = record.anchors.iter().zip(&self.verdicts);
        Report {
            id: record.id.clone(),
            kind: record.kind.name(),
            status: record.status,
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
            state: self.state(),
            trigger: record.trigger.clone(),
            links: record.links.iter().map(link).collect(),
            anchors: anchors.map(|(anchor, verdict)| anchor_report(anchor, verdict)).collect(),
            next: record.next.clone(),
            body: record.body.clone(),
            rationale: one(BodySection::Rationale),
            alternatives: all(BodySection::Alternatives),
            impact: one(BodySection::Impact),
            done: one(BodySection::Done),
            blockers: all(BodySection::Blockers),
            commands: all(BodySection::Commands),
        }
    }
}

/// Checks the code that records are about. The tree is read only if at least
/// one record has an anchor.
pub(super) fn check(record_store: &RecordStore, records: Vec<Indexed>) -> Result<Vec<CheckedRecord>> {
    let verdicts = if records.iter().any(|indexed| !indexed.record.anchors.is_empty()) {
        let reading = pipeline::read(record_store.context, Some(record_store.store()))?;
        let plain: Vec<&Record> = records.iter().map(|indexed| &indexed.record).collect();
        pipeline::followed(record_store.context, &reading.tree, &plain)?
    } else {
        vec![Vec::new(); records.len()]
    };
    let pairs = records.into_iter().zip(verdicts);
    Ok(pairs.map(|(indexed, verdicts)| CheckedRecord { indexed, verdicts }).collect())
}

/// The reports of records, with the verdicts on their anchors.
pub(super) fn reports(record_store: &RecordStore, records: Vec<Indexed>) -> Result<Vec<Report>> {
    Ok(check(record_store, records)?.iter().map(CheckedRecord::report).collect())
}

/// The path of a record's file, relative to the root.
pub(super) fn file_of(name: &str) -> String {
    format!("{FOLDER}/memory/{name}")
}

/// The title, or the pinned path for a pin without one.
pub(super) fn title(record: &Record) -> String {
    match (record.title.is_empty(), record.anchors.first()) {
        (true, Some(anchor)) => anchor.place(),
        _ => record.title.to_string(),
    }
}

/// Where code that is gone from its place was found again, in words.
pub(super) fn found_words(verdict: &AnchorVerdict) -> String {
    match (&verdict.found, verdict.state) {
        (Some(found), AnchorState::Moved) if found.same => format!(" (moved to {})", found.place()),
        (Some(found), AnchorState::Moved) => format!(" (moved to {}, and changed)", found.place()),
        (Some(found), _) => format!(" (perhaps now {})", found.place()),
        (None, _) => String::new(),
    }
}

fn link(link: &crate::memory::Link) -> LinkReport {
    LinkReport { relation: link.relation.name(), id: link.id.clone() }
}

fn anchor_report(anchor: &crate::memory::Anchor, verdict: &AnchorVerdict) -> AnchorReport {
    let found = verdict.found.as_ref();
    AnchorReport {
        path: anchor.path.clone(),
        symbol: anchor.symbol.clone(),
        hash: anchor.hash.clone(),
        state: verdict.state,
        found: found.map(|found| FoundAnchor {
            path: found.path.clone(),
            symbol: found.symbol.clone(),
            same: found.same,
        }),
        place: anchor.place(),
        found_words: found_words(verdict),
    }
}
