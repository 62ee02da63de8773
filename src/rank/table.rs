//! The signals of every file for one goal: a column of numbers per signal.
//!
//! Not here: how a signal is measured, and what it weighs.

/// What is measured of a file. The order is the order of [`SIGNALS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(usize)]
pub enum Signal {
    Text,
    Title,
    Early,
    Rare,
    Alias,
    DefinedTitle,
    DefinedAll,
    DefinedExact,
    PathTitle,
    PathAll,
    Window,
    MessageTitle,
    MessageAll,
    Similar,
    SimilarTop,
    Recency,
    MentionPath,
    MentionName,
    MentionStem,
    Dotted,
    DottedDefined,
    CoChange,
    ImportedByHits,
    ImportsHits,
    TestVote,
    TestName,
    Folder,
    IsTest,
    IsOther,
    LanguageShare,
    TestVoteFirst,
    TouchShare,
    ContentLike,
    Residual,
    UsedByFirst,
    CoChangeBest,
    TopSymbols,
    Scope,
    LastTouch,
    SimilarRecent,
    SimilarTogether,
    GoalFiles,
    LiteralHeld,
    LiteralDeclared,
}

/// Signals that rest on the same evidence, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    Words,
    Passage,
    Declares,
    Path,
    Named,
    Messages,
    Similar,
    Together,
    Imports,
    Tests,
    Beside,
    Activity,
    Role,
    /// What the goal spells out.
    Literal,
    /// The same for every file: asked about only beside other signals.
    Goal,
}

use Signal::*;

/// Every signal with its group and the name that `waypost explain` lists.
pub const SIGNALS: [(Signal, Group, &str); 44] = [
    (Text, Group::Words, "words"),
    (Title, Group::Words, "words of the first line"),
    (Early, Group::Words, "words of the first lines"),
    (Rare, Group::Words, "rare words"),
    (Alias, Group::Words, "other spellings"),
    (DefinedTitle, Group::Declares, "declared names, first line"),
    (DefinedAll, Group::Declares, "declared names"),
    (DefinedExact, Group::Declares, "declares a name of the goal"),
    (PathTitle, Group::Path, "path, first line"),
    (PathAll, Group::Path, "path"),
    (Window, Group::Passage, "one passage"),
    (MessageTitle, Group::Messages, "commit messages, first line"),
    (MessageAll, Group::Messages, "commit messages"),
    (Similar, Group::Similar, "similar commits"),
    (SimilarTop, Group::Similar, "most similar commit"),
    (Recency, Group::Activity, "recently changed"),
    (MentionPath, Group::Named, "path named"),
    (MentionName, Group::Named, "file named"),
    (MentionStem, Group::Path, "module named"),
    (Dotted, Group::Named, "dotted name"),
    (DottedDefined, Group::Declares, "dotted name declared"),
    (CoChange, Group::Together, "changes together with hits"),
    (ImportedByHits, Group::Imports, "imported by hits"),
    (ImportsHits, Group::Imports, "imports hits"),
    (TestVote, Group::Tests, "exercised by matching tests"),
    (TestName, Group::Tests, "namesake of matching tests"),
    (Folder, Group::Beside, "folder of hits"),
    (IsTest, Group::Role, "a test"),
    (IsOther, Group::Role, "no code"),
    (LanguageShare, Group::Role, "main language"),
    (TestVoteFirst, Group::Tests, "exercised by the best matching tests"),
    (TouchShare, Group::Activity, "share of changes"),
    (ContentLike, Group::Beside, "reads like the first hits"),
    (Residual, Group::Words, "words that the first hits lack"),
    (UsedByFirst, Group::Imports, "declares what the first hits use"),
    (CoChangeBest, Group::Together, "changes together with the best hit"),
    (TopSymbols, Group::Declares, "several declarations"),
    (Scope, Group::Path, "path, the goal's scope"),
    (LastTouch, Group::Activity, "last touched"),
    (SimilarRecent, Group::Similar, "similar recent commits"),
    (SimilarTogether, Group::Together, "similar commits to the first hits"),
    (GoalFiles, Group::Goal, "files in the project"),
    (LiteralHeld, Group::Literal, "holds rare names"),
    (LiteralDeclared, Group::Literal, "declares rare names"),
];

pub struct Table {
    /// `[signal][file]`
    columns: Vec<Vec<f64>>,
}

impl Table {
    pub fn new(files: usize) -> Self {
        Self { columns: vec![vec![0.0; files]; SIGNALS.len()] }
    }

    pub fn column(&self, signal: Signal) -> &[f64] {
        &self.columns[signal as usize]
    }

    pub fn column_mut(&mut self, signal: Signal) -> &mut Vec<f64> {
        &mut self.columns[signal as usize]
    }

    pub fn set(&mut self, signal: Signal, values: Vec<f64>) {
        self.columns[signal as usize] = values;
    }

    /// Divides a column by its largest value, so that the best file has 1.
    pub fn normalise(&mut self, signal: Signal) {
        normalise(&mut self.columns[signal as usize]);
    }
}

/// Divides by the largest value; leaves zeros alone.
pub fn normalise(values: &mut [f64]) {
    let best = values.iter().copied().fold(0.0, f64::max);
    if best > 0.0 {
        for value in values {
            *value /= best;
        }
    }
}
