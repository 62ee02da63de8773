//! The words of a record: its kind, status, origin and relations, the parts of its
//! body and what happens to it. Each is spelled once, in files, flags, reports and
//! the index alike.
//!
//! Not here: records themselves.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Where a record stands; the handoff shows only accepted ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RecordStatus {
    Proposed,
    Accepted,
    Rejected,
    Superseded,
    Suppressed,
    /// It was accepted, and something speaks against it now.
    NeedsReview,
}

/// How a record came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordOrigin {
    Cli,
    Mcp,
    Ingest,
    Import,
    /// Found in the log of sessions.
    Log,
}

/// How a record stands to another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    Relates,
    Supersedes,
    Contradicts,
    CausedBy,
    FixedBy,
    /// Of a goal: it is a step of the other one.
    PartOf,
}

/// A part of a record's body under a heading of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BodySection {
    Rationale,
    Alternatives,
    Impact,
    Done,
    Blockers,
    Commands,
}

/// What happened to a record: what was done to it, or the status that it got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordEventKind {
    Added,
    Edited,
    Deleted,
    /// Back after it was deleted or erased.
    Restored,
    Erased,
    Proposed,
    Accepted,
    Rejected,
    Superseded,
    Suppressed,
    NeedsReview,
}

/// How a kind of record is treated.
#[derive(Clone, Copy)]
struct KindTreatment {
    /// Its place among the kinds that the handoff lists, if that lists it.
    page: Option<u8>,
    /// What it counts as in answers to a question.
    tier: &'static str,
    /// Whether an agent may write one down by itself.
    by_agents: bool,
}

impl KindTreatment {
    const fn new(page: Option<u8>, tier: &'static str, by_agents: bool) -> Self {
        Self { page, tier, by_agents }
    }
}

macro_rules! kinds {
    ($($kind:ident = $name:literal, $page:expr, $tier:literal, $by_agents:literal;)*) => {
        /// What a record is about.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum RecordKind { $($kind),* }

        named!(RecordKind { $($kind = $name),* });

        impl RecordKind {
            const fn treatment(self) -> KindTreatment {
                match self { $(Self::$kind => KindTreatment::new($page, $tier, $by_agents)),* }
            }
        }
    };
}

// All that a kind is: its name, and how it is treated.
#[rustfmt::skip]
kinds! {
    Decision    = "decision",    Some(1), "records",       true;
    Lesson      = "lesson",      Some(2), "records",       true;
    Fact        = "fact",        None,    "records",       true;
    Question    = "question",    Some(3), "records",       true;
    Preference  = "preference",  Some(4), "records",       true;
    Observation = "observation", None,    "records",       false;
    Diary       = "diary",       None,    "session_notes", false;
    Goal        = "goal",        None,    "current_task",  false;
    Checkpoint  = "checkpoint",  None,    "session_notes", true;
    Pin         = "pin",         Some(0), "records",       false;
}

impl RecordKind {
    /// The kinds that the handoff lists, in its order.
    pub fn on_page() -> Vec<Self> {
        let kinds = Self::ALL.iter().filter_map(|(kind, _)| Some((kind.treatment().page?, *kind)));
        let kinds: BTreeMap<u8, Self> = kinds.collect();
        kinds.into_values().collect()
    }

    /// What a record of this kind counts as in answers to a question.
    pub fn tier(self) -> &'static str {
        self.treatment().tier
    }

    /// Whether an agent may write one down by itself.
    pub fn is_by_agents(self) -> bool {
        self.treatment().by_agents
    }
}

impl RecordStatus {
    /// Whether the record holds.
    pub fn is_accepted(self) -> bool {
        self == Self::Accepted
    }
}

named!(RecordStatus {
    Proposed = "proposed",
    Accepted = "accepted",
    Rejected = "rejected",
    Superseded = "superseded",
    Suppressed = "suppressed",
    NeedsReview = "needs review",
});
named!(RecordEventKind {
    Added = "added",
    Edited = "edited",
    Deleted = "deleted",
    Restored = "restored",
    Erased = "erased",
    Proposed = "proposed",
    Accepted = "accepted",
    Rejected = "rejected",
    Superseded = "superseded",
    Suppressed = "suppressed",
    NeedsReview = "needs review",
});
named!(RecordOrigin { Cli = "cli", Mcp = "mcp", Ingest = "ingest", Import = "import", Log = "log" });
named!(Relation {
    Relates = "relates",
    Supersedes = "supersedes",
    Contradicts = "contradicts",
    CausedBy = "caused-by",
    FixedBy = "fixed-by",
    PartOf = "part-of",
});
named!(BodySection {
    Rationale = "Rationale",
    Alternatives = "Alternatives",
    Impact = "Impact",
    Done = "Done",
    Blockers = "Blockers",
    Commands = "Commands that worked",
});

impl From<RecordStatus> for RecordEventKind {
    fn from(status: RecordStatus) -> Self {
        match status {
            RecordStatus::Proposed => Self::Proposed,
            RecordStatus::Accepted => Self::Accepted,
            RecordStatus::Rejected => Self::Rejected,
            RecordStatus::Superseded => Self::Superseded,
            RecordStatus::Suppressed => Self::Suppressed,
            RecordStatus::NeedsReview => Self::NeedsReview,
        }
    }
}

impl BodySection {
    /// Whether the part is a list of items.
    pub fn is_list(self) -> bool {
        matches!(self, BodySection::Alternatives | BodySection::Blockers | BodySection::Commands)
    }

    /// The part's key in reports.
    pub fn key(self) -> &'static str {
        match self {
            BodySection::Rationale => "rationale",
            BodySection::Alternatives => "alternatives",
            BodySection::Impact => "impact",
            BodySection::Done => "done",
            BodySection::Blockers => "blockers",
            BodySection::Commands => "commands",
        }
    }
}
