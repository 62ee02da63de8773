//! What became of the declarations of a file between two states: removed, hidden,
//! declared otherwise, added, edited inside. Pure.

use super::pairs::{DeclarationPair, pairs};
use crate::model::{Outline, Symbol, SymbolKind};

/// What became of a declaration, what breaks others first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FateKind {
    Removed,
    /// It is no longer visible outside.
    Hidden,
    /// Its signature is another one.
    Signature,
    /// It stands in another file.
    Moved,
    Added,
    /// Its body differs, and its signature does not.
    Body,
    /// It did not change.
    Same,
}

impl FateKind {
    /// The fate in a word, as reports show it.
    pub fn name(self) -> &'static str {
        match self {
            FateKind::Removed => "removed",
            FateKind::Hidden => "hidden",
            FateKind::Signature => "signature",
            FateKind::Moved => "moved",
            FateKind::Added => "added",
            FateKind::Body => "body",
            FateKind::Same => "same",
        }
    }

    /// Whether it can break what uses the declaration.
    pub fn is_breaking(self) -> bool {
        self <= FateKind::Moved
    }
}

/// One declaration with its places in the two outlines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SymbolFate {
    pub fate: FateKind,
    pub old: Option<usize>,
    pub new: Option<usize>,
}

/// The declarations that differ, in the order of the new outline, those that are
/// gone last. `is_edited` tells whether a span of new lines, both ends included,
/// was touched.
pub fn fates(old: &Outline, new: &Outline, is_edited: &dyn Fn(u32, u32) -> bool) -> Vec<SymbolFate> {
    let fate = |pair: DeclarationPair| match (pair.old, pair.new) {
        (Some(was), Some(at)) if pair.is_alike => of_body(new, was, at, is_edited),
        (Some(was), Some(at)) => {
            let is_hidden = old.symbols[was].public && !new.symbols[at].public;
            let fate = if is_hidden { FateKind::Hidden } else { FateKind::Signature };
            Some(SymbolFate { fate, old: Some(was), new: Some(at) })
        }
        (old, None) => Some(SymbolFate { fate: FateKind::Removed, old, new: None }),
        (None, new) => Some(SymbolFate { fate: FateKind::Added, old: None, new }),
    };
    let mut found: Vec<SymbolFate> = pairs(old, new, &is_alike).into_iter().filter_map(fate).collect();
    found.sort_by_key(|fate| (fate.new.is_none(), fate.new, fate.old));
    found
}

/// Edited inside, and not only in a declaration that stands in it.
fn of_body(new: &Outline, was: usize, at: usize, is_edited: &dyn Fn(u32, u32) -> bool) -> Option<SymbolFate> {
    let symbol = &new.symbols[at];
    let inner = new
        .symbols
        .iter()
        .any(|other| other.parent == Some(at as u32) && is_edited(other.line, other.end_line));
    let is_body = is_edited(symbol.line, symbol.end_line) && !inner;
    is_body.then_some(SymbolFate { fate: FateKind::Body, old: Some(was), new: Some(at) })
}

/// A declaration that became visible is no other one to those who use it.
fn is_alike(was: &Symbol, at: &Symbol) -> bool {
    was.signature == at.signature && (was.public == at.public || !was.public)
}

/// Whether a declaration is visible outside of its file: it is, and all around it are.
pub fn is_public(outline: &Outline, at: usize) -> bool {
    let around = std::iter::successors(Some(at), |&at| {
        outline.symbols[at].parent.map(|parent| parent as usize).filter(|parent| *parent < at)
    });
    let mut around = around.map(|at| &outline.symbols[at]).filter(|symbol| symbol.kind != SymbolKind::Impl);
    around.all(|symbol| symbol.public)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SafeText;

    fn outline(symbols: &[(&str, &str, u32, u32, bool)]) -> Outline {
        let safe = |text: &str| SafeText::from_redacted(text.to_string());
        let symbol = |(name, signature, line, end_line, public): &(&str, &str, u32, u32, bool)| Symbol {
            name: safe(name),
            kind: SymbolKind::Function,
            signature: safe(signature),
            doc: safe(""),
            line: *line,
            end_line: *end_line,
            parent: None,
            public: *public,
        };
        Outline { symbols: symbols.iter().map(symbol).collect(), ..Outline::default() }
    }

    #[test]
    fn each_declaration_has_one_fate() {
        let old = outline(&[
            ("same", "fn same()", 1, 2, true),
            ("body", "fn body()", 3, 4, true),
            ("sig", "fn sig(a)", 5, 6, true),
            ("gone", "fn gone()", 7, 8, true),
            ("hide", "fn hide()", 9, 9, true),
        ]);
        let new = outline(&[
            ("same", "fn same()", 1, 2, true),
            ("body", "fn body()", 3, 4, true),
            ("sig", "fn sig(a, b)", 5, 6, true),
            ("hide", "fn hide()", 9, 9, false),
            ("new", "fn new()", 10, 11, true),
        ]);
        let edited = |first: u32, last: u32| first <= 4 && 3 <= last;
        let found = fates(&old, &new, &edited);
        let told: Vec<(&str, Option<usize>, Option<usize>)> =
            found.iter().map(|fate| (fate.fate.name(), fate.old, fate.new)).collect();
        assert_eq!(
            told,
            [
                ("body", Some(1), Some(1)),
                ("signature", Some(2), Some(2)),
                ("hidden", Some(4), Some(3)),
                ("added", None, Some(4)),
                ("removed", Some(3), None),
            ]
        );
    }

    #[test]
    fn overloads_that_stay_cancel_out() {
        let old = outline(&[("f", "fn f()", 1, 1, true), ("f", "fn f(a)", 2, 2, true)]);
        let new = outline(&[("f", "fn f(a)", 1, 1, true), ("f", "fn f(b)", 2, 2, true)]);
        let found = fates(&old, &new, &|_, _| false);
        assert_eq!(found, [SymbolFate { fate: FateKind::Signature, old: Some(0), new: Some(1) }]);
    }
}
