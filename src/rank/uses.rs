//! Where the declarations that decide are used: callers, constructors, arms.
//! Whoever changes one of them looks there next.
//!
//! Not here: which declarations decide (`answer`), and the names that the goal
//! itself spells out (`literal`).

use super::hit_lines::LiteralHit;
use super::line_roles::{self, LineRole};
use super::quantise;
use crate::model::{Class, SafeText, Symbol, SymbolKind, Tree};
use crate::rank_terms;

/// Files that use a name, at most: one that more use is none that a change has
/// to follow.
const MOST_USERS: usize = 12;

/// Files that declare a name, at most: `new` says nothing of whose it is. A
/// method of a trait is declared by all that have it, by a name of its own.
const MOST_DECLARING: usize = 2;
const MOST_OVERRIDING: usize = 6;

/// Bytes of a name that is looked for.
const SHORTEST: usize = 4;

/// What a use tells of its line, of what a word of the goal's first line would
/// that as few files hold.
const USE: f64 = 0.6;

/// Lines told of one name.
const MOST_LINES: usize = 20;

/// Characters of a line that is shown.
const MOST_CHARACTERS: usize = 110;

/// A declaration that decides, with the files that mention it, tests too.
#[derive(Clone, Debug, PartialEq)]
pub struct DecidingName {
    pub name: SafeText,
    /// Where it is declared, with the span that is no use of it.
    pub file: u32,
    pub first: u32,
    pub last: u32,
    /// Sorted.
    pub users: Vec<u32>,
    /// What a use tells of its line.
    pub worth: f64,
    /// A type, not a function.
    pub is_type: bool,
}

impl DecidingName {
    /// `None` where its uses cannot be told from those of namesakes.
    pub fn of(tree: &Tree, file: u32, symbol: &Symbol) -> Option<Self> {
        let name = symbol.name.as_str();
        if name.len() < SHORTEST || !is_used(symbol.kind) || name.contains([' ', '.', ':']) {
            return None;
        }
        let of = |other: &crate::model::File| other.facts.class == Class::Source;
        let declares =
            |outline: &crate::model::Outline| outline.symbols.iter().any(|s| s.name == symbol.name);
        let declaring = tree.files.iter().filter(|file| of(file) && declares(&file.content().outline));
        let is_own = rank_terms::is_compound(name);
        let most = if is_own { MOST_OVERRIDING } else { MOST_DECLARING };
        if declaring.take(most + 1).count() > most {
            return None;
        }
        let mentions = |other: &crate::model::File| {
            let references = &other.content().outline.references;
            references.binary_search_by(|(known, _)| known.as_str().cmp(name)).is_ok()
        };
        let users: Vec<u32> = (0..)
            .zip(&tree.files)
            .filter(|(at, other)| *at != file && mentions(other))
            .map(|(at, _)| at)
            .collect();
        let files = tree.files.len() as f64;
        let worth = quantise(USE * (1.0 + files / (users.len() as f64 + 0.5)).ln());
        let (first, last) = (symbol.line, symbol.end_line);
        // What tests alone use is followed by them.
        let is_code = |user: &u32| of(&tree.files[*user as usize]);
        let is_told = users.iter().any(is_code) && users.len() <= MOST_USERS;
        let is_type = !matches!(symbol.kind, SymbolKind::Function | SymbolKind::Method | SymbolKind::Macro);
        is_told.then(|| Self { name: symbol.name.clone(), file, first, last, users, worth, is_type })
    }

    /// The lines of code that use it, tests aside, and how many there are. That a
    /// file imports it is told only where it does nothing else with it.
    pub fn lines(&self, tree: &Tree, text: &dyn Fn(u32) -> Option<SafeText>) -> (Vec<LiteralHit>, usize) {
        let files = self.users.iter().chain([&self.file]).copied();
        let mut found = Vec::new();
        for file in files.filter(|file| tree.files[*file as usize].facts.class == Class::Source) {
            let Some(text) = text(file) else { continue };
            let roles = line_roles::of(&tree.files[file as usize].content().outline, text.as_str());
            let uses = self.uses(file, &text, &roles);
            let is_import = |line: u32| roles[line as usize - 1] == LineRole::Import;
            let only_imports = uses.iter().all(|hit| is_import(hit.line));
            found.extend(uses.into_iter().filter(|hit| only_imports || !is_import(hit.line)));
        }
        let all = found.len();
        found.truncate(MOST_LINES);
        (found, all)
    }

    fn uses(&self, file: u32, text: &SafeText, roles: &[LineRole]) -> Vec<LiteralHit> {
        let is_own = |line: u32| file == self.file && (self.first..=self.last).contains(&line);
        let says = |line: &str| rank_terms::tokens(line).any(|token| token.text == self.name.as_str());
        let lines = (1..).zip(text.as_str().lines()).zip(roles);
        let uses = lines.filter(|((at, line), role)| {
            let is_code = matches!(role, LineRole::Code | LineRole::Import);
            is_code && !is_own(*at) && line.len() < 2_000 && says(line)
        });
        let hit = |((line, shown), _): ((u32, &str), _)| {
            let text = text.part(shown).one_line(MOST_CHARACTERS);
            LiteralHit { file, line, text, declares: false }
        };
        uses.map(hit).collect()
    }
}

/// Kinds of declarations that other code names.
fn is_used(kind: SymbolKind) -> bool {
    !matches!(
        kind,
        SymbolKind::Module
            | SymbolKind::Impl
            | SymbolKind::Variable
            | SymbolKind::Section
            | SymbolKind::Field
    )
}
