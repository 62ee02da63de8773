//! What is stored of a record keeps its meaning when a kind is added.

use super::*;

/// The same kinds as a later version may have them.
mod later {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum RecordKind {
        Decision,
        Rumour,
        Lesson,
        Fact,
        Question,
        Preference,
        Observation,
        Diary,
        Goal,
        Checkpoint,
        Pin,
    }

    named!(RecordKind {
        Decision = "decision",
        Rumour = "rumour",
        Lesson = "lesson",
        Fact = "fact",
        Question = "question",
        Preference = "preference",
        Observation = "observation",
        Diary = "diary",
        Goal = "goal",
        Checkpoint = "checkpoint",
        Pin = "pin",
    });
}

#[test]
fn a_new_kind_in_the_middle_relabels_nothing_that_is_stored() {
    for (kind, name) in RecordKind::ALL {
        let stored = postcard::to_stdvec(kind).unwrap();
        let read: later::RecordKind = postcard::from_bytes(&stored).unwrap();
        assert_eq!(read.name(), *name);
    }
    let unknown = postcard::to_stdvec(&later::RecordKind::Rumour).unwrap();
    assert!(postcard::from_bytes::<RecordKind>(&unknown).is_err());
}

#[test]
fn every_status_is_an_event_of_the_same_name() {
    for (status, name) in RecordStatus::ALL {
        assert_eq!(RecordEventKind::from(*status).name(), *name);
    }
}
