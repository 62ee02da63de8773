//! Ending records in favour of others, and what keeps that free of circles.

use std::collections::BTreeSet;

use super::writer::RecordWriter;
use super::{RecordError, RecordStore, Result};
use crate::memory::{Link, Record, RecordStatus, Relation};
use crate::store::Indexed;

impl RecordStore<'_> {
    /// Ends a record in favour of another one, and links them.
    pub fn supersede(&mut self, old: &str, new: &str) -> Result<(Indexed, Indexed)> {
        let (old, new) = self.change(|writer| writer.supersede(old, new))?;
        Ok((self.get(&old)?, self.get(&new)?))
    }
}

impl RecordWriter<'_> {
    fn supersede(&mut self, old: &str, new: &str) -> Result<(String, String)> {
        let (old, new) = (self.lookup().get(old)?, self.lookup().get(new)?);
        self.may_supersede(&old.record.id, &new.record)?;
        self.may_write(&old)?;
        self.may_write(&new)?;
        let mut successor = new.record.clone();
        let link = Link { relation: Relation::Supersedes, id: old.record.id.clone() };
        if !successor.links.contains(&link) {
            successor.links.push(link);
            successor.updated = self.now.text.clone();
            self.save(&successor)?;
        }
        self.end(&old.record)?;
        Ok((old.record.id, new.record.id))
    }

    /// Writes a record, and ends those that it newly supersedes.
    pub(super) fn save_and_end(&self, record: &Record, before: &[Link]) -> Result<()> {
        let ended = self.superseded_by(record, before)?;
        self.save(record)?;
        ended.iter().try_for_each(|old| self.end(old))
    }

    fn end(&self, old: &Record) -> Result<()> {
        if old.status != RecordStatus::Superseded {
            let ended =
                Record { status: RecordStatus::Superseded, updated: self.now.text.clone(), ..old.clone() };
            self.save(&ended)?;
        }
        Ok(())
    }

    /// What a record that holds supersedes and did not before; each of them may
    /// be ended.
    fn superseded_by(&self, record: &Record, before: &[Link]) -> Result<Vec<Record>> {
        let is_new = |link: &&Link| link.relation == Relation::Supersedes && !before.contains(link);
        let mut ended = Vec::new();
        for link in record.links.iter().filter(is_new).filter(|_| record.status == RecordStatus::Accepted) {
            self.may_supersede(&link.id, record)?;
            if let Some(old) = self.transaction.record_of(&link.id)?.filter(|old| old.record.is_live()) {
                self.may_write(&old)?;
                ended.push(old.record);
            }
        }
        Ok(ended)
    }

    fn may_supersede(&self, old: &str, new: &Record) -> Result<()> {
        let circle = |why| RecordError::Circle { old: old.to_string(), new: new.id.clone(), why };
        if old == new.id {
            return Err(circle("it is the same record"));
        }
        match self.is_successor(old, &new.id)? {
            true => Err(circle(
                "that one was superseded by it\nhint: `waypost edit ID --status accepted` brings a record back",
            )),
            false => Ok(()),
        }
    }

    /// Whether a record supersedes another one, directly or through others.
    fn is_successor(&self, id: &str, of: &str) -> Result<bool> {
        let mut seen: BTreeSet<String> = BTreeSet::new();
        let mut next = vec![id.to_string()];
        while let Some(id) = next.pop() {
            if id == of {
                return Ok(true);
            }
            let Some(found) = self.transaction.record_of(&id)?.filter(|_| seen.insert(id)) else { continue };
            let ended = found.record.links.into_iter().filter(|link| link.relation == Relation::Supersedes);
            next.extend(ended.map(|link| link.id));
        }
        Ok(false)
    }
}
