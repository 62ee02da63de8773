//! The signals of every file for one goal: a column of numbers per signal.
//!
//! Not here: how a signal is measured, and what it weighs.

/// What is measured of a file. The order is the order of [`SIGNALS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(usize)]
pub enum Signal {
    Text,
    Title,
    Code,
    Names,
    Early,
    Doc,
    DefinedTitle,
    DefinedAll,
    DefinedExact,
    PathTitle,
    PathAll,
    NameTitle,
    Window,
    WindowTitle,
    Coverage,
    MessageTitle,
    MessageAll,
    Similar,
    SimilarTop,
    Touches,
    Recency,
    MentionPath,
    MentionName,
    MentionStem,
    Dotted,
    DottedDefined,
    Frame,
    CoChange,
    ImportedByHits,
    ImportsHits,
    TestVote,
    TestName,
    Folder,
    Size,
    Defines,
    InDegree,
    OutDegree,
    IsTest,
    IsOther,
    IsIndex,
    IsExample,
    Depth,
    LanguageShare,
    WordShare,
    TextCover,
    SimilarCover,
    CoChangeFirst,
    ImportedByFirst,
    ImportsFirst,
    FolderFirst,
    TestVoteFirst,
    MessageNames,
    WindowNames,
    TouchShare,
    SiblingName,
    SameName,
    ContentLike,
    Residual,
    ResidualTitle,
    UsedByFirst,
    UsesFirst,
    CoChangeBest,
    BestSymbol,
    TopSymbols,
    Scope,
    LastTouch,
    SimilarRecent,
    SimilarTogether,
    GoalWords,
    GoalTitle,
    GoalCode,
    GoalNames,
    GoalHistory,
    GoalFiles,
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
    /// The same for every file: asked about only beside other signals.
    Goal,
}

use Signal::*;

/// Every signal with its group and the name that `waypost explain` lists.
pub const SIGNALS: [(Signal, Group, &str); 74] = [
    (Text, Group::Words, "words"),
    (Title, Group::Words, "words of the first line"),
    (Code, Group::Words, "words of the goal's code"),
    (Names, Group::Words, "names in the text"),
    (Early, Group::Words, "words of the first lines"),
    (Doc, Group::Words, "words in comments"),
    (DefinedTitle, Group::Declares, "declared names, first line"),
    (DefinedAll, Group::Declares, "declared names"),
    (DefinedExact, Group::Declares, "declares a name of the goal"),
    (PathTitle, Group::Path, "path, first line"),
    (PathAll, Group::Path, "path"),
    (NameTitle, Group::Path, "file name, first line"),
    (Window, Group::Passage, "one passage"),
    (WindowTitle, Group::Passage, "one passage, first line"),
    (Coverage, Group::Words, "share of the first line"),
    (MessageTitle, Group::Messages, "commit messages, first line"),
    (MessageAll, Group::Messages, "commit messages"),
    (Similar, Group::Similar, "similar commits"),
    (SimilarTop, Group::Similar, "most similar commit"),
    (Touches, Group::Activity, "often changed"),
    (Recency, Group::Activity, "recently changed"),
    (MentionPath, Group::Named, "path named"),
    (MentionName, Group::Named, "file named"),
    (MentionStem, Group::Path, "module named"),
    (Dotted, Group::Named, "dotted name"),
    (DottedDefined, Group::Declares, "dotted name declared"),
    (Frame, Group::Named, "in a traceback"),
    (CoChange, Group::Together, "changes together with hits"),
    (ImportedByHits, Group::Imports, "imported by hits"),
    (ImportsHits, Group::Imports, "imports hits"),
    (TestVote, Group::Tests, "exercised by matching tests"),
    (TestName, Group::Tests, "namesake of matching tests"),
    (Folder, Group::Beside, "folder of hits"),
    (Size, Group::Role, "size"),
    (Defines, Group::Role, "declarations"),
    (InDegree, Group::Role, "imported by"),
    (OutDegree, Group::Role, "imports"),
    (IsTest, Group::Role, "a test"),
    (IsOther, Group::Role, "no code"),
    (IsIndex, Group::Role, "an index of its folder"),
    (IsExample, Group::Role, "an example"),
    (Depth, Group::Role, "depth"),
    (LanguageShare, Group::Role, "main language"),
    (WordShare, Group::Words, "variety of words"),
    (TextCover, Group::Words, "share of the words"),
    (SimilarCover, Group::Similar, "likeness of the most similar commit"),
    (CoChangeFirst, Group::Together, "changes together with the first hits"),
    (ImportedByFirst, Group::Imports, "imported by the first hits"),
    (ImportsFirst, Group::Imports, "imports the first hits"),
    (FolderFirst, Group::Beside, "beside the first hits"),
    (TestVoteFirst, Group::Tests, "exercised by the best matching tests"),
    (MessageNames, Group::Messages, "commit messages, names"),
    (WindowNames, Group::Passage, "one passage, names"),
    (TouchShare, Group::Activity, "share of changes"),
    (SiblingName, Group::Beside, "named like the first hits"),
    (SameName, Group::Beside, "namesake of a first hit"),
    (ContentLike, Group::Beside, "reads like the first hits"),
    (Residual, Group::Words, "words that the first hits lack"),
    (ResidualTitle, Group::Words, "first-line words that the first hits lack"),
    (UsedByFirst, Group::Imports, "declares what the first hits use"),
    (UsesFirst, Group::Imports, "uses what the first hits declare"),
    (CoChangeBest, Group::Together, "changes together with the best hit"),
    (BestSymbol, Group::Declares, "one declaration"),
    (TopSymbols, Group::Declares, "several declarations"),
    (Scope, Group::Path, "path, the goal's scope"),
    (LastTouch, Group::Activity, "last touched"),
    (SimilarRecent, Group::Similar, "similar recent commits"),
    (SimilarTogether, Group::Together, "similar commits to the first hits"),
    (GoalWords, Group::Goal, "words in the goal"),
    (GoalTitle, Group::Goal, "words in its first line"),
    (GoalCode, Group::Goal, "code in the goal"),
    (GoalNames, Group::Goal, "names in the goal"),
    (GoalHistory, Group::Goal, "known history"),
    (GoalFiles, Group::Goal, "files in the project"),
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
