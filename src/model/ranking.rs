//! The order of files for a goal. Not how it is found.

use super::SafeText;

macro_rules! reason_kinds {
    ($($kind:ident = $name:literal, $before:literal, $after:literal;)*) => {
        /// What kind of evidence a reason rests on.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ReasonKind { $($kind),* }

        impl ReasonKind {
            /// The name by which reports call it.
            pub fn name(self) -> &'static str {
                match self { $(Self::$kind => $name),* }
            }

            /// The wording of the reason: the text before its evidence, and the
            /// text after it.
            pub fn phrase(self) -> (&'static str, &'static str) {
                match self { $(Self::$kind => ($before, $after)),* }
            }
        }
    };
}

// All kinds: the name, and what stands before and after the evidence.
#[rustfmt::skip]
reason_kinds! {
    Words           = "words",                         "says ", "";
    Passage         = "one passage",                   "says close together ", "";
    Declares        = "declares",                      "defines ", "";
    Path            = "path",                          "its path says ", "";
    Literal         = "holds",                         "one of few that hold ", "";
    CommitMessage   = "commit messages",               "changed in \"", "\"";
    SimilarCommit   = "similar commit",                "changed in a similar commit \"", "\"";
    ChangesTogether = "changes together with",         "changes together with ", "";
    ImportedBy      = "imported by",                   "imported by ", "";
    Imports         = "imports",                       "imports ", "";
    ExercisedBy     = "exercised by",                  "tested by ", "";
    Central         = "imported by files",             "imported by ", " and others";
    Recent          = "recently changed",              "changed lately in \"", "\"";
    Uncommitted     = "changed since the last commit", "changed since the last commit", "";
    Named           = "named in the goal",             "named in the goal", "";
    Pinned          = "pinned",                        "pinned", "";
    // Of a declaration.
    Name            = "name",                          "its name says ", "";
    Parent          = "parent",                        "its type says ", "";
    Signature       = "signature",                     "its signature says ", "";
    Doc             = "doc",                           "its doc says ", "";
    Body            = "body",                          "its body says ", "";
}

impl ReasonKind {
    /// Whether the user said so, which needs no evidence.
    pub fn is_said(self) -> bool {
        matches!(self, Self::Pinned | Self::Named)
    }
}

/// Why something stands where it stands in a ranking.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    pub kind: ReasonKind,
    /// What it added to the score.
    pub weight: f64,
    /// What it rests on: matched words, a commit's subject. May be empty.
    pub evidence: SafeText,
    /// The file that it rests on (an importing one, say): index in
    /// [`super::Tree::files`].
    pub file: Option<u32>,
}

/// A file's place in the ranking for a goal.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranked {
    /// Index in [`super::Tree::files`].
    pub file: u32,
    pub score: f64,
    /// Strongest first.
    pub reasons: Vec<Reason>,
    /// Indices in the file's outline, the most relevant first.
    pub symbols: Vec<u32>,
}
