//! What one file declares and mentions. Not how that is read off a text.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::SafeText;
use crate::limits;

/// What a symbol is. The names are the suffixes of the `@definition.*`
/// captures in `grammars/*/tags.scm` and the `kind` in all our output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SymbolKind {
    Module,
    Class,
    Struct,
    Enum,
    Union,
    Trait,
    Interface,
    Impl,
    Function,
    Method,
    Macro,
    Constant,
    Static,
    Type,
    Field,
    Variant,
    Variable,
    /// A heading of a document.
    Section,
}

impl SymbolKind {
    /// The name of the kind in reports and in the search index.
    pub fn name(self) -> &'static str {
        match self {
            SymbolKind::Module => "module",
            SymbolKind::Class => "class",
            SymbolKind::Struct => "struct",
            SymbolKind::Enum => "enum",
            SymbolKind::Union => "union",
            SymbolKind::Trait => "trait",
            SymbolKind::Interface => "interface",
            SymbolKind::Impl => "impl",
            SymbolKind::Function => "function",
            SymbolKind::Method => "method",
            SymbolKind::Macro => "macro",
            SymbolKind::Constant => "constant",
            SymbolKind::Static => "static",
            SymbolKind::Type => "type",
            SymbolKind::Field => "field",
            SymbolKind::Variant => "variant",
            SymbolKind::Variable => "variable",
            SymbolKind::Section => "section",
        }
    }
}

/// One declaration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Symbol {
    pub name: SafeText,
    pub kind: SymbolKind,
    /// As the language writes it, without the body, on one line, capped.
    pub signature: SafeText,
    /// First sentence of the doc comment or docstring; may be empty.
    pub doc: SafeText,
    /// Where the name stands, counted from 1.
    pub line: u32,
    /// Last line of the declaration, body included.
    pub end_line: u32,
    /// Index in [`Outline::symbols`] of the innermost declaration around it, or
    /// of the type that it belongs to where the language parts the two (Go).
    pub parent: Option<u32>,
    /// Visible outside its module or class, by the language's own rule.
    pub public: bool,
}

/// An import as written, before it is resolved to a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema, Deserialize)]
pub struct Import {
    /// The module path in the language's own spelling: `crate::walk`,
    /// `..models`, `os.path`.
    pub module: SafeText,
    /// The names taken from it; empty for the module itself, `*` for all.
    pub names: Vec<SafeText>,
    /// Counted from 1.
    pub line: u32,
}

/// What one file declares and mentions. A function of content and language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outline {
    /// In order of appearance; a parent stands before its children.
    pub symbols: Vec<Symbol>,
    pub imports: Vec<Import>,
    /// Names used but not declared here and how often, sorted by name.
    pub references: Vec<(SafeText, u32)>,
    /// The package or namespace that the file says it belongs to; empty where
    /// its language has none.
    pub package: SafeText,
    /// First sentence or paragraph of the file's own doc; may be empty.
    pub doc: SafeText,
    /// Lines in the file.
    pub lines: u32,
    /// The parser met syntax that it does not know; the outline may be partial.
    pub has_error: bool,
    /// Of a thousand lines with a word on them, those that belong to a
    /// declaration, an import or a comment.
    pub covered: u16,
}

impl Outline {
    /// Declarations around a symbol, innermost first. A type that it belongs
    /// to and does not stand in is not among them.
    pub fn around(&self, index: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(index), |&index| {
            let line = self.symbols[index].line;
            let parent = self.symbols[index].parent? as usize;
            (parent < index && self.symbols[parent].end_line >= line).then_some(parent)
        })
        .skip(1)
    }

    /// Whether a symbol is a test that stands beside the code, or a module of them.
    pub fn is_among_tests(&self, index: usize) -> bool {
        let is_tests = |at: usize| {
            let symbol = &self.symbols[at];
            let name = symbol.name.as_str();
            let is_named =
                matches!(name, "test" | "tests") || name.ends_with("_test") || name.ends_with("_tests");
            // Zig's tests have a form of their own.
            symbol.kind == SymbolKind::Module && is_named || symbol.signature.as_str().starts_with("test \"")
        };
        is_tests(index) || self.around(index).any(is_tests)
    }

    /// `Outer.inner` for a symbol with a parent, else its name. `impl` blocks
    /// carry the name of their type, so a method reads `Type.method`.
    pub fn qualified_name(&self, index: usize) -> SafeText {
        let symbol = &self.symbols[index];
        match symbol.parent {
            Some(parent) if (parent as usize) < index => {
                SafeText::join(&[self.qualified_name(parent as usize), symbol.name.clone()], ".")
            }
            _ => symbol.name.clone(),
        }
    }
}

/// What is known of a file's text: a function of its bytes and its language,
/// stored once per content hash.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    pub outline: Outline,
    pub words: Words,
    /// Why there is no outline although the language is known.
    pub unparsed: Option<Unparsed>,
}

/// Why a file was not parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unparsed {
    /// Beyond `limits::MAX_NESTING`: a function of the content.
    TooDeep,
    /// Beyond `limits::PARSE_TIME`: remembered with the content.
    TooSlow,
    /// Beyond `limits::PARSE_MEMORY`.
    TooLarge,
    /// The parser ended its process, twice.
    Crashed,
    /// Its process was ended from outside, or the machine gave it no time:
    /// not remembered.
    Unfinished,
}

impl fmt::Display for Unparsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Unparsed::TooDeep => "nested too deep to parse",
            Unparsed::TooSlow => {
                return write!(f, "parsing took longer than {} s", limits::PARSE_TIME.as_secs());
            }
            Unparsed::TooLarge => {
                return write!(f, "parsing needed more than {} MB", limits::PARSE_MEMORY / 1_000_000);
            }
            Unparsed::Crashed => "the parser crashed",
            Unparsed::Unfinished => "its parser was stopped from outside; the next snapshot tries again",
        })
    }
}

/// The words of a text for ranking, made by `extract::words` and read by
/// [`crate::rank_terms::Counts`]: packed, so that those of a whole repository are
/// loaded as fast as they are read from disk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words(pub(crate) Box<[u8]>);

impl Words {
    /// Bytes it takes in memory and on disk.
    pub fn size(&self) -> usize {
        self.0.len()
    }
}

impl Serialize for Words {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl serde::de::Visitor<'_> for Bytes {
            type Value = Words;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }
            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Words, E> {
                Ok(Words(bytes.into()))
            }
            fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Words, E> {
                Ok(Words(bytes.into()))
            }
        }
        from.deserialize_bytes(Bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_beside_the_code_is_told_by_its_module_or_its_form() {
        let symbol = |name: &'static str, kind, signature: &'static str, line, parent| Symbol {
            name: SafeText::constant(name),
            kind,
            signature: SafeText::constant(signature),
            doc: SafeText::default(),
            line,
            end_line: if kind == SymbolKind::Module { line + 4 } else { line },
            parent,
            public: true,
        };
        let function = SymbolKind::Function;
        let symbols = vec![
            symbol("peel", function, "fn peel()", 1, None),
            symbol("tests", SymbolKind::Module, "mod tests", 2, None),
            symbol("peels", function, "fn peels()", 3, Some(1)),
            symbol("peels", function, "test \"peels\"", 8, None),
            symbol("latest", SymbolKind::Module, "mod latest", 9, None),
        ];
        let outline = Outline { symbols, ..Outline::default() };
        let found: Vec<bool> = (0..5).map(|at| outline.is_among_tests(at)).collect();
        assert_eq!(found, [false, true, true, true, false]);
    }
}
