//! Finds records that say the same, and ends all but one of them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::open::require_folder;
use super::record::title;
use super::{App, Result};
use crate::memory::{Record, RecordKind, RecordStatus};
use crate::model::ContentHash;

/// What says the same as something else.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Report {
    /// Whether the others were ended.
    pub applied: bool,
    pub groups: Vec<Group>,
    /// Records that are superseded now, or would be.
    pub duplicates: usize,
}

/// Records that say the same.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Group {
    /// The one that stays.
    pub keep: String,
    pub title: String,
    pub kind: &'static str,
    /// Superseded in its favour.
    pub drop: Vec<String>,
}

/// Finds records of one kind that differ in case, spaces and punctuation at
/// most. Of each group an accepted one stays, the oldest first.
pub fn dedup(app: &App, apply: bool) -> Result<Report> {
    let context = app.context()?;
    require_folder(&context.project, "there is no record")?;
    let mut record_store = app.record_store(&context)?;
    let records: Vec<Record> = record_store.all()?.into_iter().map(|one| one.record).collect();
    let groups = groups(&records);
    if apply {
        for group in &groups {
            for old in &group.drop {
                record_store.supersede(old, &group.keep)?;
            }
        }
    }
    let duplicates = groups.iter().map(|group| group.drop.len()).sum();
    Ok(Report { applied: apply, groups, duplicates })
}

/// The records that say the same, by the one that stays.
pub(super) fn groups(records: &[Record]) -> Vec<Group> {
    let mut alike: BTreeMap<(&'static str, ContentHash), Vec<&Record>> = BTreeMap::new();
    for record in records.iter().filter(|record| record.is_live() && may_go(record)) {
        alike.entry((record.kind.name(), said(record))).or_default().push(record);
    }
    let mut groups: Vec<Group> = alike.into_values().filter_map(group).collect();
    groups.sort_by(|a, b| a.keep.cmp(&b.keep));
    groups
}

/// Pins, goals and checkpoints are about a place or a moment, and the brief is
/// one of its kind.
fn may_go(record: &Record) -> bool {
    let is_of_moment = matches!(record.kind, RecordKind::Pin | RecordKind::Goal | RecordKind::Checkpoint);
    !is_of_moment && record.slug.as_deref() != Some(crate::records::BRIEF)
}

fn group(mut all: Vec<&Record>) -> Option<Group> {
    all.sort_by_key(|record| (record.status != RecordStatus::Accepted, record.id.clone()));
    let (keep, drop) = all.split_first().filter(|(_, drop)| !drop.is_empty())?;
    Some(Group {
        keep: keep.id.clone(),
        title: title(keep),
        kind: keep.kind.name(),
        drop: drop.iter().map(|record| record.id.clone()).collect(),
    })
}

/// What a record says, in words alone, and which code it is about.
fn said(record: &Record) -> ContentHash {
    let mut text = String::new();
    let parts = record.parts.values().flatten();
    for part in [&record.title, &record.body].into_iter().chain(parts).chain(&record.next) {
        let words = part.as_str().split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        words.for_each(|word| text.extend([word.to_lowercase().as_str(), " "]));
        text.push('\n');
    }
    let mut places: Vec<String> = record.anchors.iter().map(|anchor| anchor.place()).collect();
    places.sort();
    ContentHash::of(format!("{text}\0{}", places.join("\n")).as_bytes())
}
