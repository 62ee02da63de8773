//! Source text + language -> outline: what a file declares, imports and
//! mentions; its words; and what the project says of itself. Total: any text
//! gives an outline, in bounded time and memory.
//!
//! Not here: reading files, redaction (the source comes in as [`SafeText`]),
//! what the pieces are worth (`rank`). Nothing in this folder is about one
//! language, but for the strategies in [`imports`]: languages are data, in
//! `grammars/`.
//!
//! [`SafeText`]: crate::model::SafeText

mod assemble;
mod conditionals;
mod doc;
mod embedded;
pub mod imports;
mod language;
mod macros;
mod manifest;
mod nesting;
mod outline;
pub mod project;
mod signature;
mod user;
pub mod words;

pub use language::{
    GrammarError, Language, fingerprint, is_told_by_name, known_language_of, language_named, language_of,
    languages,
};
pub use manifest::Tier;
pub use outline::{Extracted, outline};
pub use user::read_user_grammars;

#[cfg(test)]
mod cases;
