//! How changed symbols are shown.

use super::Out;
use crate::app::Result;
use crate::app::compare::SymbolChanges;

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
pub fn tell(symbols: &SymbolChanges, indent: &str, out: &Out) -> Result<()> {
    for line in lines(symbols, ": ") {
        out.line(&format!("{indent}{line}"))?;
    }
    Ok(())
}
