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

use Signal::*;

/// Every signal with the name that `waypost explain` lists.
pub const SIGNALS: [(Signal, &str); 73] = [
    (Text, "words"),
    (Title, "words of the first line"),
    (Code, "words of the goal's code"),
    (Names, "names in the text"),
    (Doc, "words in comments"),
    (DefinedTitle, "declared names, first line"),
    (DefinedAll, "declared names"),
    (DefinedExact, "declares a name of the goal"),
    (PathTitle, "path, first line"),
    (PathAll, "path"),
    (NameTitle, "file name, first line"),
    (Window, "one passage"),
    (WindowTitle, "one passage, first line"),
    (Coverage, "share of the first line"),
    (MessageTitle, "commit messages, first line"),
    (MessageAll, "commit messages"),
    (Similar, "similar commits"),
    (SimilarTop, "most similar commit"),
    (Touches, "often changed"),
    (Recency, "recently changed"),
    (MentionPath, "path named"),
    (MentionName, "file named"),
    (MentionStem, "module named"),
    (Dotted, "dotted name"),
    (DottedDefined, "dotted name declared"),
    (Frame, "in a traceback"),
    (CoChange, "changes together with hits"),
    (ImportedByHits, "imported by hits"),
    (ImportsHits, "imports hits"),
    (TestVote, "exercised by matching tests"),
    (TestName, "namesake of matching tests"),
    (Folder, "folder of hits"),
    (Size, "size"),
    (Defines, "declarations"),
    (InDegree, "imported by"),
    (OutDegree, "imports"),
    (IsTest, "a test"),
    (IsOther, "no code"),
    (IsIndex, "an index of its folder"),
    (IsExample, "an example"),
    (Depth, "depth"),
    (LanguageShare, "main language"),
    (WordShare, "variety of words"),
    (TextCover, "share of the words"),
    (SimilarCover, "likeness of the most similar commit"),
    (CoChangeFirst, "changes together with the first hits"),
    (ImportedByFirst, "imported by the first hits"),
    (ImportsFirst, "imports the first hits"),
    (FolderFirst, "beside the first hits"),
    (TestVoteFirst, "exercised by the best matching tests"),
    (MessageNames, "commit messages, names"),
    (WindowNames, "one passage, names"),
    (TouchShare, "share of changes"),
    (SiblingName, "named like the first hits"),
    (SameName, "namesake of a first hit"),
    (ContentLike, "reads like the first hits"),
    (Residual, "words that the first hits lack"),
    (ResidualTitle, "first-line words that the first hits lack"),
    (UsedByFirst, "declares what the first hits use"),
    (UsesFirst, "uses what the first hits declare"),
    (CoChangeBest, "changes together with the best hit"),
    (BestSymbol, "one declaration"),
    (TopSymbols, "several declarations"),
    (Scope, "path, the goal's scope"),
    (LastTouch, "last touched"),
    (SimilarRecent, "similar recent commits"),
    (SimilarTogether, "similar commits to the first hits"),
    (GoalWords, "words in the goal"),
    (GoalTitle, "words in its first line"),
    (GoalCode, "code in the goal"),
    (GoalNames, "names in the goal"),
    (GoalHistory, "known history"),
    (GoalFiles, "files in the project"),
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
