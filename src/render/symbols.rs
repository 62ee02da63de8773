//! Which symbols of a file are worth a line, best first.

use std::collections::BTreeSet;

use crate::model::{Outline, Symbol, SymbolKind};
use crate::rank_terms;

/// Symbols offered of one file, at most: a reader who wants more asks for the
/// outline.
const MOST: usize = 24;

/// What the worth of a symbol rests on besides its own declaration.
pub struct Scale<'a> {
    /// Lower-case words of the goal.
    pub goal_words: BTreeSet<String>,
    /// Files that mention a name, and files that declare it.
    pub usage: &'a dyn Fn(&str) -> (u32, u32),
}

impl Scale<'_> {
    /// How much a name is used, in powers of two; a name that many files
    /// declare (`new`, `get`) is nobody's in particular.
    fn usage(&self, name: &str) -> i64 {
        let (mentions, declarations) = (self.usage)(name);
        i64::from((1 + mentions / declarations.max(1)).ilog2())
    }
}

/// Indices of symbols in order of worth: named by the goal's words first, then
/// public before private, types before functions before the rest, much used
/// before little used.
pub fn worth_saying(outline: &Outline, scale: &Scale) -> Vec<u32> {
    let mut found: Vec<(i64, u32)> = (0..outline.symbols.len() as u32)
        .filter(|index| !is_noise(outline, *index))
        .map(|index| (worth(outline, index, scale), index))
        .collect();
    found.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    // Overloads, setters and `cfg` twins: the first one tells of the rest.
    let mut named = BTreeSet::new();
    found.retain(|(_, index)| {
        let symbol = &outline.symbols[*index as usize];
        named.insert((symbol.parent, symbol.name.as_str()))
    });
    found.truncate(MOST);
    found.into_iter().map(|(_, index)| index).collect()
}

/// The symbol and the declarations around it, outermost first.
pub fn with_parents(outline: &Outline, index: u32) -> Vec<u32> {
    let mut chain: Vec<u32> = outline.around(index as usize).map(|index| index as u32).collect();
    chain.reverse();
    chain.push(index);
    chain
}

fn worth(outline: &Outline, index: u32, scale: &Scale) -> i64 {
    let symbol = &outline.symbols[index as usize];
    let name = symbol.name.as_str();
    let named = match scale.goal_words.is_empty() {
        true => 0,
        false => words(name).iter().filter(|word| scale.goal_words.contains(*word)).count() as i64,
    };
    let kind = match symbol.kind {
        SymbolKind::Class | SymbolKind::Struct | SymbolKind::Enum | SymbolKind::Union => 40,
        SymbolKind::Trait | SymbolKind::Interface => 45,
        SymbolKind::Function | SymbolKind::Section => 25,
        SymbolKind::Method | SymbolKind::Macro | SymbolKind::Type => 15,
        // Constants and the like seldom tell what a file is about.
        _ => -25,
    };
    let visible = with_parents(outline, index).iter().all(|i| is_visible(&outline.symbols[*i as usize]));
    let depth = with_parents(outline, index).len() as i64 - 1;
    let lines = i64::from(symbol.end_line.saturating_sub(symbol.line)).min(200);
    // Constructors and other special methods say the least of a type, and what
    // a trait demands is said by the trait.
    let special = if name.starts_with("__") { 45 } else { 0 };
    let demanded = if is_in_trait_impl(outline, symbol) { 60 } else { 0 };
    let doc = if symbol.doc.is_empty() { 0 } else { 8 };
    100 * named + kind + if visible { 50 } else { 0 } + doc + 8 * scale.usage(name) + lines / 8
        - 6 * depth
        - special
        - demanded
}

/// Rust writes `impl Trait for Type`; other languages have no such block.
fn is_in_trait_impl(outline: &Outline, symbol: &Symbol) -> bool {
    symbol.parent.is_some_and(|parent| {
        let parent = &outline.symbols[parent as usize];
        parent.kind == SymbolKind::Impl && parent.signature.as_str().contains(" for ")
    })
}

/// An `impl` block is as visible as what it holds.
fn is_visible(symbol: &Symbol) -> bool {
    symbol.public || matches!(symbol.kind, SymbolKind::Impl)
}

/// Declarations that say nothing on their own line: what stands in a function,
/// in a test module, and blocks that only group.
fn is_noise(outline: &Outline, index: u32) -> bool {
    let symbol = &outline.symbols[index as usize];
    let around = with_parents(outline, index);
    let parents = &around[..around.len() - 1];
    let in_function = parents.iter().any(|parent| {
        matches!(outline.symbols[*parent as usize].kind, SymbolKind::Function | SymbolKind::Method)
    });
    in_function
        || outline.is_among_tests(index as usize)
        || matches!(
            symbol.kind,
            SymbolKind::Impl | SymbolKind::Field | SymbolKind::Variant | SymbolKind::Variable
        )
        || symbol.signature.is_empty()
}

/// The lower-case words of an identifier or a text: `readConfig_file` gives
/// read, config, file.
pub fn words(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).flat_map(rank_terms::parts);
    words.filter(|word| word.chars().count() > 2).map(str::to_lowercase).collect()
}
