//! Records that cannot both hold: when two accepted ones contradict each other,
//! both need review.
//!
//! Declared by a link, or told by their status: one that supersedes another one on
//! the same code, which is accepted all the same. Not here: what the code says.

use super::Result;
use super::writer::RecordWriter;
use crate::memory::{Record, RecordStatus, Relation};

impl RecordWriter<'_> {
    /// Sends these records, and the accepted ones that they contradict or that
    /// contradict them, to review.
    pub(super) fn review_contradictions(&mut self, ids: &[&str]) -> Result<()> {
        self.sync_index()?;
        let mut accepted = self.lookup().all()?;
        accepted.retain(|indexed| indexed.record.status == RecordStatus::Accepted);
        let changed = accepted.iter().filter(|indexed| ids.contains(&indexed.record.id.as_str()));
        let mut to_review: Vec<&Record> = Vec::new();
        for one in changed {
            for other in accepted.iter().filter(|other| contradict(&one.record, &other.record)) {
                self.may_write(one)?;
                self.may_write(other)?;
                to_review.extend([&one.record, &other.record]);
            }
        }
        to_review.sort_by(|a, b| a.id.cmp(&b.id));
        to_review.dedup_by(|a, b| a.id == b.id);
        let updated = &self.now.text;
        let reviewed = to_review.into_iter().map(|record| Record {
            status: RecordStatus::NeedsReview,
            updated: updated.clone(),
            ..record.clone()
        });
        reviewed.into_iter().try_for_each(|record| self.save(&record))
    }
}

fn contradict(one: &Record, other: &Record) -> bool {
    let has = |from: &Record, relation: Relation, to: &Record| {
        from.links.iter().any(|link| link.relation == relation && link.id == to.id)
    };
    let either = |relation| has(one, relation, other) || has(other, relation, one);
    let is_on_one_anchor =
        one.anchors.iter().any(|anchor| other.anchors.iter().any(|there| there.place() == anchor.place()));
    one.id != other.id && (either(Relation::Contradicts) || is_on_one_anchor && either(Relation::Supersedes))
}
