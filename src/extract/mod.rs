//! Source text + language -> outline: what a file declares, imports and
//! mentions. Total: any text gives an outline, in bounded time and memory.
//!
//! Not here: reading files, redaction (the source comes in as [`SafeText`]),
//! what the pieces are worth (`rank`). Nothing in this folder is about one
//! language, but for the strategies in [`imports`]: languages are data, in
//! `grammars/`.
//!
//! [`SafeText`]: crate::model::SafeText

mod doc;
pub mod imports;
mod language;
mod nesting;
mod outline;
mod signature;
pub mod words;

pub use language::{Language, language_of, languages};
pub use outline::{Extracted, Unparsed, outline};

#[cfg(test)]
mod cases;
