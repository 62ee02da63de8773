//! Finding records and their history in the index, with or without the lock.

use super::{BRIEF, RecordError, Result};
use crate::context::Context;
use crate::memory::{self, RecordEventKind};
use crate::model::SafeText;
use crate::store::{Indexed, RecordEvent, Store};

/// The index of the records, for reading.
#[derive(Clone, Copy)]
pub(super) struct RecordLookup<'s> {
    pub context: &'s Context,
    pub store: &'s Store,
}

impl RecordLookup<'_> {
    /// All records, sorted by id.
    pub(super) fn all(&self) -> Result<Vec<Indexed>> {
        Ok(self.store.records()?)
    }

    /// The record of an id, of the beginning of one, or of a slug.
    pub(super) fn get(&self, name: &str) -> Result<Indexed> {
        if let Some(found) = self.store.record_of(name)? {
            return Ok(found);
        }
        if let Some(found) = self.store.record_with_slug(name)? {
            return Ok(found);
        }
        let shown = || SafeText::as_str(&self.context.redactor.line(name)).to_string();
        if name.len() >= 4 && memory::is_id(name) {
            let mut all = self.all()?;
            all.retain(|indexed| indexed.record.id.starts_with(name));
            match all.len() {
                0 => {}
                1 => return all.pop().ok_or_else(|| RecordError::Unknown(shown())),
                _ => {
                    let ids: Vec<String> = all.into_iter().map(|indexed| indexed.record.id).take(5).collect();
                    return Err(RecordError::Ambiguous(shown(), ids.join(", ")));
                }
            }
        }
        let events = self.store.events(name)?;
        match events.last() {
            None => Err(RecordError::Unknown(shown())),
            Some(last) if last.what == RecordEventKind::Erased => Err(RecordError::Erased(shown())),
            Some(last) => Err(RecordError::Forgotten(shown(), last.revision.saturating_sub(1).max(1))),
        }
    }

    /// The brief, if there is one.
    pub(super) fn brief(&self) -> Result<Option<Indexed>> {
        Ok(self.store.record_with_slug(BRIEF)?)
    }

    /// What happened to a record, oldest first, also to one that is gone.
    pub(super) fn history(&self, name: &str) -> Result<(String, Vec<RecordEvent>)> {
        let id = match self.get(name) {
            Ok(found) => found.record.id,
            Err(RecordError::Forgotten(..) | RecordError::Erased(_)) => name.to_string(),
            Err(error) => return Err(error),
        };
        let events = self.store.events(&id)?;
        Ok((id, events))
    }

    /// The text of exactly one revision.
    pub(super) fn revision(&self, id: &str, revision: u32) -> Result<String> {
        let events = self.store.events(id)?;
        let missing = || RecordError::NoRevision { id: id.to_string(), revision };
        let event = events.iter().find(|event| event.revision == revision).ok_or_else(missing)?;
        let no_text = |what| RecordError::NoText { id: id.to_string(), revision, what };
        let hash = event.hash.ok_or_else(|| no_text(event.what))?;
        // An older version may have kept what this one would not.
        let text = self.store.revision_text(hash)?.ok_or_else(|| no_text(RecordEventKind::Erased))?;
        Ok(self.context.redactor.text(&text).to_string())
    }
}
