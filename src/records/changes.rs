//! Adding and changing records: notes, edits, proposals, pins and the brief.

use super::writer::{self, RecordWriter};
use super::{Added, BRIEF, RecordError, RecordStore, Result};
use crate::memory::{Anchor, Record, RecordKind, RecordStatus};
use crate::model::{RelPath, SafeText};
use crate::store::Indexed;

impl RecordStore<'_> {
    /// Adds a record. One with the slug of an older record is its next
    /// revision; an exact duplicate of a live one is not added.
    pub fn add(&mut self, record: Record) -> Result<(Indexed, Added)> {
        let record = writer::checked(self.context, record)?;
        let (id, added) = self.change(|writer| {
            let (id, added) = writer.add(record)?;
            writer.review_contradictions(&[id.as_str()])?;
            Ok((id, added))
        })?;
        Ok((self.get(&id)?, added))
    }

    /// Adds proposals. What was ever proposed in the same words is not proposed
    /// again, whatever became of it. Returns the new proposals, and how many
    /// were known.
    pub fn propose(&mut self, records: Vec<Record>, dry_run: bool) -> Result<(Vec<Record>, usize)> {
        let records = records.into_iter().map(|record| writer::checked(self.context, record));
        let records: Vec<Record> = records.collect::<Result<_>>()?;
        self.change(|writer| {
            let mut added: Vec<Record> = Vec::new();
            let mut known = 0;
            for record in records {
                match writer.transaction.record_saying(record.content_hash())? {
                    Some(_) => known += 1,
                    None => added.push(record),
                }
            }
            if !dry_run {
                writer.save_new(&added)?;
            }
            Ok((added, known))
        })
    }

    /// Changes a record with `rewrite`; `false` if it stays as it was.
    pub fn edit(
        &mut self,
        name: &str,
        if_revision: Option<u32>,
        rewrite: impl FnOnce(&mut Record) -> Result<()>,
    ) -> Result<(Indexed, bool)> {
        let (id, changed) = self.change(|writer| {
            let (id, changed) = writer.rewrite(name, if_revision, rewrite)?;
            writer.review_contradictions(&[id.as_str()])?;
            Ok((id, changed))
        })?;
        Ok((self.get(&id)?, changed))
    }

    /// Gives records a status, all of them or none.
    pub fn set_status(&mut self, ids: &[String], status: RecordStatus) -> Result<()> {
        let set = |record: &mut Record| {
            record.status = status;
            Ok(())
        };
        self.change(|writer| {
            ids.iter().try_for_each(|id| writer.rewrite(id, None, set).map(|_| ()))?;
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            writer.review_contradictions(&ids)
        })
    }

    /// Pins the file of an anchor: with the pin that it has, which keeps its note
    /// where none is given, or with a new one.
    pub fn pin(&mut self, anchor: Anchor, note: Option<SafeText>) -> Result<Record> {
        self.change(|writer| {
            let old = writer.pins_of(&anchor.path)?.into_iter().next();
            old.as_ref().map_or(Ok(()), |old| writer.may_write(old))?;
            let draft = || writer::draft(writer.context, &writer.now, RecordKind::Pin, "");
            let mut record = old.map_or_else(draft, |old| old.record);
            record.title = note.unwrap_or(record.title);
            record.anchors = vec![anchor];
            let record = writer.checked(record)?;
            writer.save(&record)?;
            Ok(record)
        })
    }

    /// Removes the pins of a file; returns how many.
    pub fn unpin(&mut self, path: &RelPath) -> Result<usize> {
        self.change(|writer| {
            let pins = writer.pins_of(path)?;
            pins.iter().try_for_each(|pin| writer.may_write(pin))?;
            pins.iter().try_for_each(|pin| writer.remove(&pin.record.id))?;
            Ok(pins.len())
        })
    }

    /// Writes the brief. A given revision must be the newest one, or 0 if there
    /// is no brief yet.
    pub fn set_brief(&mut self, record: Record, if_revision: Option<u32>) -> Result<(Indexed, bool)> {
        let record = writer::checked(self.context, Record { slug: Some(BRIEF.to_string()), ..record })?;
        let (id, changed) = self.change(|writer| writer.set_brief(record, if_revision))?;
        Ok((self.get(&id)?, changed))
    }
}

impl RecordWriter<'_> {
    fn add(&mut self, record: Record) -> Result<(String, Added)> {
        let old = match &record.slug {
            Some(slug) => self.transaction.record_with_slug(slug)?,
            None => self.transaction.record_saying(record.content_hash())?.filter(|old| old.record.is_live()),
        };
        match old {
            None => {
                self.save_and_end(&record, &[])?;
                Ok((record.id, Added::New))
            }
            Some(old) if record.slug.is_none() => Ok((old.record.id, Added::Known)),
            Some(old) => self.revise(record, &old),
        }
    }

    /// The next revision of a record that has the slug of a new one.
    fn revise(&self, record: Record, old: &Indexed) -> Result<(String, Added)> {
        let mut revised = record;
        revised.id = old.record.id.clone();
        revised.created = old.record.created.clone();
        revised.updated = old.record.updated.clone();
        keep_facts(&mut revised, &old.record);
        if revised == old.record {
            return Ok((revised.id, Added::Known));
        }
        self.may_write(old)?;
        revised.updated = self.now.text.clone();
        self.save_and_end(&revised, &old.record.links)?;
        Ok((revised.id, Added::Revised))
    }

    /// Changes a record; returns its id and whether it is different now.
    fn rewrite(
        &self,
        name: &str,
        if_revision: Option<u32>,
        rewrite: impl FnOnce(&mut Record) -> Result<()>,
    ) -> Result<(String, bool)> {
        let old = self.lookup().get(name)?;
        expect(if_revision, old.revision, || format!("show {}", old.record.id))?;
        let mut record = old.record.clone();
        rewrite(&mut record)?;
        let record = self.checked(record)?;
        if record == old.record {
            return Ok((record.id, false));
        }
        self.may_write(&old)?;
        let record = Record { updated: self.now.text.clone(), ..record };
        self.save_and_end(&record, &old.record.links)?;
        Ok((record.id, true))
    }

    fn set_brief(&mut self, record: Record, if_revision: Option<u32>) -> Result<(String, bool)> {
        let old = self.lookup().brief()?;
        expect(if_revision, old.as_ref().map_or(0, |old| old.revision), || "brief show".to_string())?;
        let record = match &old {
            None => record,
            Some(old) => {
                let mut new = old.record.clone();
                (new.title, new.body, new.status) = (record.title, record.body, RecordStatus::Accepted);
                if new == old.record {
                    return Ok((new.id, false));
                }
                self.may_write(old)?;
                new.updated = self.now.text.clone();
                new
            }
        };
        self.save(&record)?;
        Ok((record.id, true))
    }

    fn pins_of(&self, path: &RelPath) -> Result<Vec<Indexed>> {
        let mut pins = self.lookup().all()?;
        pins.retain(|one| {
            let record = &one.record;
            let is_pin = record.kind == RecordKind::Pin && record.status == RecordStatus::Accepted;
            is_pin && record.anchors.iter().any(|anchor| anchor.path == *path)
        });
        Ok(pins)
    }
}

/// What a new revision by its slug does not say stays as it was, but for the
/// text.
fn keep_facts(new: &mut Record, old: &Record) {
    if new.tags.is_empty() {
        new.tags = old.tags.clone();
    }
    if new.links.is_empty() {
        new.links = old.links.clone();
    }
    if new.anchors.is_empty() {
        new.anchors = old.anchors.clone();
    }
    new.section = new.section.take().or_else(|| old.section.clone());
    new.author = new.author.take().or_else(|| old.author.clone());
    new.source = new.source.take().or_else(|| old.source.clone());
    new.confidence = new.confidence.or(old.confidence);
}

/// Fails where somebody changed a record since the caller read it.
fn expect(wanted: Option<u32>, found: u32, look: impl FnOnce() -> String) -> Result<()> {
    match wanted {
        Some(expected) if expected != found => Err(RecordError::Lost { expected, found, look: look() }),
        _ => Ok(()),
    }
}
