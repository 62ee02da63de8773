//! Source text + language -> outline: what a file declares, imports and
//! mentions; its words; and what the project says of itself. Total: any text
//! gives an outline, in bounded time and memory.
//!
//! Not here: reading files, redaction (the source comes in as [`SafeText`]),
//! what the pieces are worth (`rank`). Nothing in this folder is about one
//! language, but for the strategies in [`imports`] and `mend`: languages are
//! data, in `grammars/`.
//!
//! [`SafeText`]: crate::model::SafeText

mod assemble;
mod doc;
mod embedded;
mod globs;
pub mod imports;
mod language;
mod lines;
mod manifest;
mod mend;
mod nesting;
mod notebook;
mod outline;
pub mod project;
mod query;
mod signature;
mod user;
pub mod words;

pub use language::{
    GrammarError, Language, fingerprint, is_told_by_name, known_language_of, language_named, language_of,
    languages,
};
pub use manifest::Tier;
pub use outline::{no_outline, outline};
pub use user::read_user_grammars;

use crate::model::{Content, Outline, SafeText, Unparsed};

/// An outline, and why it is empty where the parser was not let through.
#[derive(Clone, Debug, Default)]
pub struct Extracted {
    pub outline: Outline,
    pub unparsed: Option<Unparsed>,
}

/// Extracts everything that is kept of a text.
pub fn content(language: Option<&Language>, source: &SafeText) -> Content {
    let extracted = language.map(|language| outline(language, source)).unwrap_or_default();
    let words = words::words(source, &extracted.outline);
    Content { outline: extracted.outline, words, unparsed: extracted.unparsed }
}

#[cfg(test)]
mod cases;
