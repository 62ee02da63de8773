//! How changed files and symbols, and what they are compared with, are shown.

use super::Out;
use crate::app::Result;
use crate::app::compare::{Rename, SymbolChanges};

/// Which snapshot it is, and who took it where that is not plain.
pub fn baseline(id: &str, created_at: &str, by_watch: bool) -> String {
    let by = if by_watch { ", which a watch took" } else { "" };
    format!("{id} of {created_at}{by}")
}

/// A renamed file as `old -> new`.
pub fn rename(rename: &Rename) -> String {
    format!("{} -> {}", rename.from, rename.to)
}

/// A line for each, with `between` path and signature.
pub fn lines(symbols: &SymbolChanges, between: &str) -> Vec<String> {
    let added = symbols.added.iter().map(|row| format!("+ {}{between}{}", row.path, row.signature));
    let removed = symbols.removed.iter().map(|row| format!("- {}{between}{}", row.path, row.signature));
    let changed = symbols
        .changed
        .iter()
        .map(|change| format!("~ {}{between}{} -> {}", change.path, change.before, change.after));
    added.chain(removed).chain(changed).collect()
}

/// All of them, each behind `indent`.
pub fn print(symbols: &SymbolChanges, indent: &str, out: &Out) -> Result<()> {
    for line in lines(symbols, ": ") {
        out.line(&format!("{indent}{line}"))?;
    }
    Ok(())
}
