//! What is known of a literal beside a name: where it stands and how it is given.
//!
//! Not here: how it is found, and whether it is a secret.

/// A literal beside a name.
#[derive(Default)]
pub(super) struct ValueLiteral {
    pub start: usize,
    pub end: usize,
    pub quoted: bool,
    /// Written as settings are: `NAME=value` or `name: value` is all there is
    /// on the line.
    pub setting: bool,
    /// Given to a command: `--password value`.
    pub option: bool,
    /// Beside the name with no sign between that assigns.
    pub listed: bool,
    /// In a sentence or a table, or behind an expression: only what looks random
    /// counts.
    pub aside: bool,
    /// Behind a tag that makes a reference of it, `!vault-ref path`: only what can
    /// be nothing but a secret counts.
    pub refers: bool,
    /// Longer than what is looked at.
    pub cut: bool,
}
