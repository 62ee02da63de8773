//! The signals of every file for one goal: a column of numbers per signal.
//!
//! Not here: how a signal is measured, and what it weighs.

/// Groups of signals that rest on the same evidence, as they are reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SignalGroup {
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

macro_rules! signals {
    ($($signal:ident: $group:ident, $name:literal;)*) => {
        /// What is measured of a file. The order is the order of [`SIGNALS`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(usize)]
        pub enum Signal { $($signal),* }

        impl Signal {
            /// The name by which `trees.txt` knows it.
            pub fn name(self) -> &'static str {
                match self { $(Signal::$signal => stringify!($signal)),* }
            }
        }

        /// Every signal with its group and the name that `waypost explain` lists.
        pub const SIGNALS: &[(Signal, SignalGroup, &str)] =
            &[$((Signal::$signal, SignalGroup::$group, $name)),*];
    };
}

// All that a signal is but how it is measured.
signals! {
    Text: Words, "words";
    Title: Words, "words of the first line";
    Early: Words, "words of the first lines";
    Rare: Words, "rare words";
    Alias: Words, "other spellings";
    DefinedTitle: Declares, "declared names, first line";
    DefinedAll: Declares, "declared names";
    DefinedExact: Declares, "declares a name of the goal";
    PathTitle: Path, "path, first line";
    PathAll: Path, "path";
    Window: Passage, "one passage";
    MessageTitle: Messages, "commit messages, first line";
    MessageAll: Messages, "commit messages";
    Similar: Similar, "similar commits";
    SimilarTop: Similar, "most similar commit";
    Recency: Activity, "recently changed";
    MentionPath: Named, "path named";
    MentionName: Named, "file named";
    MentionStem: Path, "module named";
    Dotted: Named, "dotted name";
    DottedDefined: Declares, "dotted name declared";
    CoChange: Together, "changes together with hits";
    ImportedByHits: Imports, "imported by hits";
    ImportsHits: Imports, "imports hits";
    TestVote: Tests, "exercised by matching tests";
    TestName: Tests, "namesake of matching tests";
    Folder: Beside, "folder of hits";
    IsTest: Role, "a test";
    IsOther: Role, "no code";
    LanguageShare: Role, "main language";
    TestVoteFirst: Tests, "exercised by the best matching tests";
    TouchShare: Activity, "share of changes";
    ContentLike: Beside, "reads like the first hits";
    Residual: Words, "words that the first hits lack";
    UsedByFirst: Imports, "declares what the first hits use";
    CoChangeBest: Together, "changes together with the best hit";
    TopSymbols: Declares, "several declarations";
    Scope: Path, "path, the goal's scope";
    LastTouch: Activity, "last touched";
    SimilarRecent: Similar, "similar recent commits";
    SimilarTogether: Together, "similar commits to the first hits";
    GoalFiles: Goal, "files in the project";
    LiteralHeld: Literal, "holds rare names";
    LiteralDeclared: Literal, "declares rare names";
    LiteralLeads: Literal, "holds rare names of the first line";
}

/// One number for each signal of each file, 0 until it is set.
pub struct Table {
    /// `[signal][file]`
    columns: Vec<Vec<f64>>,
}

impl Table {
    /// A table for so many files, all values 0.
    pub fn new(files: usize) -> Self {
        Self { columns: vec![vec![0.0; files]; SIGNALS.len()] }
    }

    /// The values of one signal, by file.
    pub fn column(&self, signal: Signal) -> &[f64] {
        &self.columns[signal as usize]
    }

    /// The values of one signal, to be changed in place.
    pub fn column_mut(&mut self, signal: Signal) -> &mut Vec<f64> {
        &mut self.columns[signal as usize]
    }

    /// Replaces the values of one signal; `values` has one entry for each file.
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
