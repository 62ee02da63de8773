//! Whether a name that a text puts into code is anywhere in the code.
//!
//! Not here: paths, and declarations of one file that a text names with it.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::claims::{ClaimKind, TextClaim};
use crate::model::{Class, File, Outline, RelPath, SafeText, SymbolKind};
use crate::pipeline::Reading;
use crate::rank_terms::{self, Counts, Terms};

/// Letters of a name that is judged without its type.
const SHORTEST: usize = 6;

/// Letters of a name that may differ from its nearest by two.
const FAR: usize = 12;

/// Letters of a name that is judged though it is not called.
const LONG: usize = 10;

/// What the code says of the names of a text.
pub struct KnownNames<'a> {
    reading: &'a Reading,
    /// Terms of claimed names that occur in code.
    occurs: HashSet<u32>,
    /// Words of the text's own examples.
    own: BTreeSet<&'a str>,
    /// Types that are declared here, with whether one of them may have members
    /// from elsewhere.
    types: HashMap<&'a str, bool>,
    /// Names under which the project itself is imported.
    packages: BTreeSet<&'a str>,
}

impl<'a> KnownNames<'a> {
    /// Looks for the names of a text in all files but itself. `own` are the examples
    /// in the text.
    pub fn of(reading: &'a Reading, path: Option<&RelPath>, claims: &[TextClaim], own: &'a str) -> Self {
        let names: Vec<&str> = claims
            .iter()
            .filter_map(|claim| match &claim.kind {
                ClaimKind::Name { name, .. } => Some(name.as_str()),
                _ => None,
            })
            .collect();
        let own = rank_terms::tokens(own).map(|token| token.text).collect();
        let mut known =
            Self { reading, occurs: HashSet::new(), own, types: HashMap::new(), packages: packages(reading) };
        if names.is_empty() {
            return known;
        }
        reading.load();
        let mut terms = Terms::default();
        let parts = names.iter().flat_map(|name| name.split('.'));
        let wanted: HashSet<u32> = parts.filter_map(|part| term(&mut terms, part)).collect();
        for file in reading.tree.files.iter().filter(|file| Some(&file.facts.path) != path) {
            let content = file.content();
            if file.facts.class != Class::Doc {
                known.occurs.extend(
                    Counts::of(&content.words).map(|count| count.term).filter(|term| wanted.contains(term)),
                );
            }
        }
        for file in reading.tree.files.iter().filter(|file| file.facts.class == Class::Source) {
            for symbol in file.content().outline.symbols.iter().filter(|symbol| is_type(symbol.kind)) {
                let is_open = symbol.signature.as_str().contains(['(', ':', '<'])
                    || symbol.signature.as_str().contains("extends");
                *known.types.entry(symbol.name.as_str()).or_default() |= is_open;
            }
        }
        known
    }

    /// `None` for a name that is there or of which nothing can be known; else the
    /// nearest declared name, if there is one.
    pub fn missing(&self, name: &str, is_call: bool) -> Option<Option<SafeText>> {
        let mut terms = Terms::default();
        let last = name.rsplit('.').next().unwrap_or(name);
        let occurs = |part: &str, terms: &mut Terms| {
            term(terms, part).is_none_or(|term| self.occurs.contains(&term)) || self.own.contains(part)
        };
        if occurs(last, &mut terms) || last.len() < 3 {
            return None;
        }
        if let Some((owner, _)) = name.rsplit_once('.') {
            let owner = owner.rsplit('.').next().unwrap_or(owner);
            // A type of this project without members from elsewhere has no such one.
            let is_closed = self.types.get(owner).is_some_and(|is_open| !is_open);
            let nearest = self.nearest(last, is_call);
            if self.packages.contains(name.split('.').next().unwrap_or_default()) && is_call {
                return Some(nearest);
            }
            return (is_closed || self.types.contains_key(owner) && nearest.is_some()).then_some(nearest);
        }
        if !rank_terms::is_compound(last) || last.len() < SHORTEST || is_placeholder(last) {
            return None;
        }
        let nearest = self.nearest(last, is_call);
        // A name without a neighbour may be another library's, and one that is not called a test, a
        // package or a word of the text.
        let is_slip = |near: &SafeText| is_call || is_slip(last, near.as_str());
        nearest.filter(is_slip).map(Some)
    }

    /// A declared name that differs by a letter or so, or by the order of its parts.
    fn nearest(&self, name: &str, is_call: bool) -> Option<SafeText> {
        let is_code = |file: &&File| matches!(file.facts.class, Class::Source | Class::Test);
        let all = self.reading.tree.files.iter().filter(is_code);
        let near = all.filter_map(|file| near(&file.content().outline, name, is_call));
        near.min_by(|a, b| a.0.cmp(&b.0).then(a.1.cmp(&b.1))).map(|(_, name)| name)
    }
}

/// The declared name of an outline that is nearest to this one.
pub fn nearest_in(outline: &Outline, name: &str) -> Option<SafeText> {
    near(outline, name, true).map(|(_, name)| name)
}

/// A call is surely meant as a name, and may be farther off.
fn near(outline: &Outline, name: &str, is_call: bool) -> Option<(usize, SafeText)> {
    let plain = |name: &str| name.to_lowercase().replace('_', "");
    let wanted = plain(name);
    let most = if is_call && wanted.len() >= FAR { 2 } else { 1 };
    let declared = outline.symbols.iter().filter(|symbol| symbol.kind != SymbolKind::Section);
    let all = declared.filter(|symbol| symbol.name.as_str().len().abs_diff(name.len()) <= most + 3);
    let far = |other: &str| match sorted_parts(other) == sorted_parts(name) {
        true => 1,
        false => strsim::osa_distance(&wanted, &plain(other)),
    };
    let near = all.map(|symbol| (far(symbol.name.as_str()), symbol)).filter(|(far, _)| *far <= most);
    near.min_by(|a, b| a.0.cmp(&b.0).then(a.1.name.cmp(&b.1.name)))
        .map(|(far, symbol)| (far, symbol.name.clone()))
}

/// Whether a name is another one with a letter other: a long one, spelled in the same way.
fn is_slip(name: &str, near: &str) -> bool {
    let shape = |name: &str| {
        (name.contains('_'), name.chars().any(char::is_uppercase), name.chars().any(char::is_lowercase))
    };
    // Of one there may be several.
    let is_plural = name.strip_suffix('s') == Some(near) || near.strip_suffix('s') == Some(name);
    name.len() >= LONG
        && !is_plural
        && shape(name) == shape(near)
        && name.chars().next() == near.chars().next()
        && strsim::osa_distance(name, near) == 1
}

fn sorted_parts(name: &str) -> Vec<String> {
    let mut parts: Vec<String> =
        rank_terms::parts(name).filter(|part| !part.is_empty()).map(str::to_lowercase).collect();
    parts.sort();
    parts
}

fn term(terms: &mut Terms, name: &str) -> Option<u32> {
    match rank_terms::is_compound(name) {
        true => rank_terms::whole(name).map(|term| term.0),
        false => terms.word(name.trim_matches('_')).map(|term| term.0),
    }
}

/// Top packages of Python: what is called on one is declared or imported somewhere in the code.
fn packages(reading: &Reading) -> BTreeSet<&str> {
    let files = reading.tree.files.iter().filter(|file| file.facts.class == Class::Source);
    let marks = files.map(|file| &file.facts.path).filter(|path| path.name() == "__init__.py");
    let names = marks.map(|path| path.parent().strip_prefix("src/").unwrap_or(path.parent()));
    names.filter(|name| !name.is_empty() && !name.contains('/')).collect()
}

fn is_type(kind: SymbolKind) -> bool {
    use SymbolKind::{Class as C, Enum, Interface, Struct, Trait};
    matches!(kind, C | Enum | Interface | Struct | Trait)
}

fn is_placeholder(name: &str) -> bool {
    let first = rank_terms::parts(name).find(|part| !part.is_empty()).unwrap_or_default().to_lowercase();
    matches!(first.as_str(), "my" | "your" | "some" | "foo" | "bar" | "example" | "do" | "test" | "new")
}
