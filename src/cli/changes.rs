//! Formats changed files and symbols, and what they are compared with.

use super::Out;
use crate::app::Result;
use crate::app::compare::{Rename, SymbolChanges};

/// Names a snapshot, and says so if a watch took it.
pub fn baseline(id: &str, created_at: &str, by_watch: bool) -> String {
    let by = if by_watch { ", which a watch took" } else { "" };
    format!("{id} of {created_at}{by}")
}

/// A renamed file as `old -> new`.
pub fn rename(rename: &Rename) -> String {
    format!("{} -> {}", rename.from, rename.to)
}

/// Prints one line each, with `between` separating path and signature.
pub fn lines(symbols: &SymbolChanges, between: &str) -> Vec<String> {
    let added = symbols.added.iter().map(|row| format!("+ {}{between}{}", row.path, row.signature));
    let removed = symbols.removed.iter().map(|row| format!("- {}{between}{}", row.path, row.signature));
    let changed = symbols
        .changed
        .iter()
        .map(|change| format!("~ {}{between}{} -> {}", change.path, change.before, change.after));
    added.chain(removed).chain(changed).collect()
}

/// Prints all of them, each after `indent`.
pub fn print(symbols: &SymbolChanges, indent: &str, out: &Out) -> Result<()> {
    for line in lines(symbols, ": ") {
        out.line(&format!("{indent}{line}"))?;
    }
    Ok(())
}
