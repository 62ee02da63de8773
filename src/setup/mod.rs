//! Editing the configuration files of coding agents so that every byte that is
//! not ours stays, and so that it can be undone: which files and what goes into
//! them (`clients`), how it is put in and taken out (`piece` and the dialects
//! below it), what was there before (`journal`).
//!
//! Not here: what a command does with several clients (`app/setup`), and what
//! the commands that are written into the files do (`waypost mcp`, `waypost hook`).

mod approval;
mod block;
pub mod clients;
pub mod disk;
pub mod edit;
pub mod git_hooks;
pub mod instructions;
pub mod journal;
mod json;
mod own;
mod piece;
mod places;
pub mod plugin;
mod splice;
mod text;
mod toml;
mod yaml;

pub use approval::{Approval, approvals};
pub use clients::{CLIENTS, Client, Part, Scope};
pub use instructions::Instructions;
pub use piece::{Piece, Put};
pub use places::Places;

/// Why a file is left as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Counted from 1.
    pub line: Option<usize>,
    pub why: String,
}

impl Refusal {
    /// A refusal because of one line, counted from 1.
    pub fn at(line: usize, why: impl Into<String>) -> Self {
        Self { line: Some(line), why: why.into() }
    }

    /// A refusal because of the file as a whole.
    pub fn whole(why: impl Into<String>) -> Self {
        Self { line: None, why: why.into() }
    }
}

#[cfg(test)]
mod tests;
