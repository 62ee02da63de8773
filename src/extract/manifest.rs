//! `language.toml` of a folder in `grammars/`, as it is written.
//! `grammars/README.md` says what each key does.
//!
//! Not here: what is made of it.

use serde::Deserialize;

use crate::model::SymbolKind;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LanguageManifest {
    pub name: String,
    pub tier: Tier,
    /// Crate that holds the parser; none where everything is embedded.
    pub grammar: Option<String>,
    /// The crate's constant: read by `build.rs`.
    #[serde(rename = "constant")]
    _constant: Option<String>,
    /// A compiled parser in the folder; only for a user's own languages.
    pub library: Option<String>,
    /// The library's function, where that is not `tree_sitter_<name>`.
    pub function: Option<String>,
    /// Folders whose queries count here too, behind its own.
    #[serde(default)]
    pub queries: Vec<String>,
    /// Without the dot; matched exactly first, then in lower case.
    #[serde(default)]
    pub extensions: Vec<String>,
    #[serde(default)]
    pub filenames: Vec<String>,
    /// Names of interpreters, without a version's minor part.
    #[serde(default)]
    pub shebangs: Vec<String>,
    /// Extensions of another language that are this one's in some files.
    #[serde(default)]
    pub claims: Vec<Claim>,
    /// Names in capitals between other words are macros, hidden from the parser.
    #[serde(default)]
    pub macros: bool,
    /// `export` before declarations, `module` and `import`, which the grammar
    /// does not know.
    #[serde(default)]
    pub modules: bool,
    /// `#if` may tear what it stands in: the parser then sees one branch.
    #[serde(default)]
    pub conditionals: bool,
    /// Lines that begin with one of these are hidden: the branches between
    /// them are code, one after the other.
    #[serde(default)]
    pub directives: Vec<String>,
    /// Modifiers are names too, and a member may end without a mark.
    pub soft_keywords: Option<SoftKeywords>,
    /// Strategies in [`super::mend`] for what the grammar does not know.
    #[serde(default)]
    pub mend: Vec<String>,
    /// A format of data: its files are no code.
    #[serde(default)]
    pub data: bool,
    /// Between the parts of a qualified name.
    pub separator: String,
    #[serde(default)]
    pub docs: ManifestDocs,
    #[serde(default)]
    pub visibility: Visibility,
    #[serde(default)]
    pub nesting: Nesting,
    #[serde(default)]
    pub signature: Signature,
    #[serde(default)]
    pub symbols: ManifestSymbols,
    #[serde(default)]
    pub imports: Imports,
    #[serde(default)]
    pub tests: Tests,
    #[serde(default)]
    pub references: References,
    pub embedded: Option<Embedded>,
}

/// How much waypost knows of a language.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize)]
#[serde(try_from = "u8")]
pub enum Tier {
    /// Outline, references, imports resolved to files.
    First,
    /// An outline.
    Second,
}

impl Tier {
    /// The tier as `waypost languages` shows it: 1 or 2.
    pub fn number(self) -> u8 {
        match self {
            Tier::First => 1,
            Tier::Second => 2,
        }
    }
}

impl TryFrom<u8> for Tier {
    type Error = &'static str;
    fn try_from(number: u8) -> Result<Self, Self::Error> {
        match number {
            1 => Ok(Tier::First),
            2 => Ok(Tier::Second),
            _ => Err("a tier is 1 or 2"),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Claim {
    pub extension: String,
    /// A file with a line that begins so, behind white space, is claimed.
    pub lines: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SoftKeywords {
    /// Words that may stand before `class`, `object`, `fun`, and that name
    /// something elsewhere.
    pub modifiers: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ManifestDocs {
    /// What a doc comment's lines begin and end with.
    pub markers: Vec<String>,
    /// An empty line parts a comment from what it would document.
    pub adjacent: bool,
}

/// What is visible outside its module or type. A word before the name
/// decides; else a `@visibility.*` mark before the declaration; else how the
/// name is written; else the default.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Visibility {
    /// Words before the name that make public.
    pub public: Vec<String>,
    /// Words before the name that hide.
    pub private: Vec<String>,
    pub names: ManifestNames,
    pub default: Access,
    /// The default of what stands in a type, where it differs.
    pub members: Option<Access>,
}

impl Default for Visibility {
    fn default() -> Self {
        Visibility {
            public: Vec::new(),
            private: Vec::new(),
            names: ManifestNames::Any,
            default: Access::Public,
            members: None,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Access {
    Public,
    Private,
}

/// What the spelling of a name says about its visibility.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum ManifestNames {
    /// Nothing.
    Any,
    /// A leading underscore hides, unless two stand on both ends.
    Underscore,
    /// A capital makes public, everything else hides.
    Capital,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Nesting {
    /// Opening brackets that the grammar nests.
    pub open: String,
    pub reset: NestingReset,
    /// Levels of indentation and of `- ` that the grammar's stack holds.
    pub levels: Option<usize>,
    /// Bytes of a here-document's delimiter that the grammar's state holds.
    pub delimiter: Option<usize>,
}

impl Default for Nesting {
    fn default() -> Self {
        Nesting { open: "([{".to_string(), reset: NestingReset::Line, levels: None, delimiter: None }
    }
}

/// Where the count of open brackets starts anew.
#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum NestingReset {
    /// At `;` and at a `}` that opens a line.
    Statement,
    /// At a letter or `@` that opens a line.
    Line,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Signature {
    /// Fields of the syntax tree that are shown only while they are short.
    pub elide: Vec<String>,
    /// Words that a signature begins with where they were hidden from the parser.
    pub hidden: Vec<String>,
    /// Nodes that a signature begins with when the declaration is the first in
    /// them: `export`, `template <..>`, `const`.
    pub wrappers: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ManifestSymbols {
    /// Kinds that are left out inside functions.
    pub not_in_functions: Vec<SymbolKind>,
    /// Kinds that are left out at the top of the file where they are indented:
    /// they stand in a block that the grammar does not know.
    pub at_margin: Vec<SymbolKind>,
    /// Characters that are taken off both ends of a name: quotes, the colon
    /// of `:name`.
    pub name_marks: String,
    /// Symbols kept of one file, the first ones.
    pub most: Option<usize>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Imports {
    /// Name of a strategy in [`super::imports`]; empty for none.
    pub strategy: String,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Tests {
    pub folders: Vec<String>,
    /// File names, with at most one `*`.
    pub names: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct References {
    /// Names that tell nothing because every file uses them.
    pub noise: Vec<String>,
}

/// The code of a file that holds more than code.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Embedded {
    pub strategy: EmbeddedStrategy,
    /// The language of code that does not name one.
    pub language: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum EmbeddedStrategy {
    /// `<script lang="..">` elements.
    ScriptElements,
    /// The code cells of a Jupyter notebook.
    NotebookCells,
}
