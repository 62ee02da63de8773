//! Which declaration of one outline is which of another: by qualified name and
//! kind, those that are alike first, the others in the order in which they stand.
//!
//! Not here: what a pair comes to (`fates`, and the lists of symbols that differ).

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Outline, SafeText, Symbol, SymbolKind};

/// Places of one declaration in two outlines; one of them is there at least.
pub struct DeclarationPair {
    pub old: Option<usize>,
    pub new: Option<usize>,
    /// The two are alike as the caller sees it.
    pub is_alike: bool,
}

/// All declarations of two outlines, by name.
pub fn pairs(
    old: &Outline,
    new: &Outline,
    is_alike: &dyn Fn(&Symbol, &Symbol) -> bool,
) -> Vec<DeclarationPair> {
    let (mut before, mut after) = (by_name(old), by_name(new));
    let keys: BTreeSet<_> = before.keys().chain(after.keys()).cloned().collect();
    let mut found = Vec::new();
    for key in keys {
        let mut olds = before.remove(&key).unwrap_or_default();
        let mut news = after.remove(&key).unwrap_or_default();
        // Overloads and `cfg` twins share a name: those that are alike belong together.
        news.retain(|&at| {
            let same = olds.iter().position(|&was| is_alike(&old.symbols[was], &new.symbols[at]));
            let Some(same) = same else { return true };
            found.push(DeclarationPair { old: Some(olds.remove(same)), new: Some(at), is_alike: true });
            false
        });
        let pair = |at: usize| (olds.get(at).copied(), news.get(at).copied());
        let others = (0..olds.len().max(news.len())).map(pair);
        found.extend(others.map(|(old, new)| DeclarationPair { old, new, is_alike: false }));
    }
    found
}

fn by_name(outline: &Outline) -> BTreeMap<(SafeText, SymbolKind), Vec<usize>> {
    let mut found: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (at, symbol) in outline.symbols.iter().enumerate() {
        found.entry((outline.qualified_name(at), symbol.kind)).or_default().push(at);
    }
    found
}
