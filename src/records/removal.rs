//! Taking records away and bringing them back: forgetting, erasing, rolling
//! back, and building the index anew.

use super::writer::RecordWriter;
use super::{RecordError, RecordStore, Result};
use crate::memory::{self, Record};
use crate::project::FOLDER;
use crate::store::Indexed;

impl RecordStore<'_> {
    /// Deletes the files of records; their revisions stay and can be brought
    /// back.
    pub fn forget(&mut self, ids: &[String]) -> Result<()> {
        self.change(|writer| {
            for id in ids {
                writer.transaction.record_of(id)?.map_or(Ok(()), |known| writer.may_write(&known))?;
            }
            ids.iter().try_for_each(|id| writer.remove(id))
        })
    }

    /// Deletes every word of records: files, index, revisions and the
    /// database's own log. Returns the paths below the root that they had, and
    /// whether the log could be emptied.
    pub fn erase(&mut self, ids: &[String]) -> Result<(Vec<String>, bool)> {
        let files = self.change(|writer| writer.erase(ids))?;
        Ok((files, self.store.forget_deleted()?))
    }

    /// Ids of records that were erased and do not come back with an import, and
    /// when that was.
    pub fn erased(&self) -> Result<Vec<(String, String)>> {
        Ok(self.store.erased()?)
    }

    /// Takes away the marks that these were erased. All are there, or none is
    /// taken away.
    pub fn lift_erased(&mut self, ids: &[String]) -> Result<()> {
        self.change(|writer| {
            let erased = writer.transaction.erased()?;
            let is_marked = |id: &str| erased.iter().any(|(known, _)| known == id);
            if let Some(other) = ids.iter().find(|id| !is_marked(id)) {
                let shown = writer.context.redactor.line(other).to_string();
                return Err(RecordError::NoMark(shown));
            }
            ids.iter().try_for_each(|id| Ok(writer.transaction.forget_history_of(id)?))
        })
    }

    /// Makes an old revision the newest one, also for a forgotten record.
    /// `false` if the record already says the same.
    pub fn roll_back(&mut self, name: &str, revision: u32) -> Result<(Indexed, bool)> {
        let (id, changed) = self.change(|writer| writer.roll_back(name, revision))?;
        Ok((self.get(&id)?, changed))
    }

    /// Empties the index and builds it again from the files; history stays.
    pub fn rebuild(&mut self) -> Result<()> {
        self.change(|writer| Ok(writer.transaction.clear_records()?))
    }
}

impl RecordWriter<'_> {
    fn erase(&mut self, ids: &[String]) -> Result<Vec<String>> {
        let mut files = Vec::new();
        for id in ids {
            if let Some(known) = self.transaction.record_of(id)? {
                self.transaction.erase_goal(known.record.text().as_str())?;
                files.push(format!("{FOLDER}/memory/{}", known.file));
                self.remove(id)?;
            }
            self.transaction.erase_record(id, &self.now.text)?;
        }
        Ok(files)
    }

    fn roll_back(&mut self, name: &str, revision: u32) -> Result<(String, bool)> {
        let (id, _) = self.lookup().history(name)?;
        let text = self.lookup().revision(&id, revision)?;
        let mut old = memory::parse(&text, &self.context.redactor).map_err(RecordError::NotReadable)?;
        match self.transaction.record_of(&id)? {
            None => self.may_bring_back(&id)?,
            Some(now) => {
                let same = Record { updated: now.record.updated.clone(), ..old.clone() };
                if same == now.record.at_home() {
                    return Ok((id, false));
                }
                self.may_write(&now)?;
                (old.origin, old.first_origin) = (now.record.origin, now.record.first_origin);
            }
        }
        old.updated = self.now.text.clone();
        self.save(&old)?;
        Ok((id, true))
    }
}
