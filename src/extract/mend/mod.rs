//! The text as a parser is to see it, where a grammar would take the source for
//! something else. Every repair keeps the places: bytes are replaced one by
//! one, and a separator that the parser is to see is taken out of the tree
//! again.
//!
//! Not here: which language needs which repair (its `language.toml`).

mod c_tokens;
mod conditionals;
mod csharp;
mod directives;
mod go;
mod heads;
mod java;
mod macros;
mod patch;
mod python;
mod ruby;
mod rust;
mod shell;
mod soft_keywords;
mod strategies;
mod tokens;
mod typescript;

use tree_sitter::{InputEdit, Point, Tree};

use self::strategies::When;
use super::manifest::LanguageManifest;

/// A text to be parsed in place of another one.
#[derive(Default)]
pub(super) struct Mended {
    /// As long as the source; differs from it only in ASCII.
    pub text: String,
    /// Where the parser sees a `;` that neither text has, in ascending order.
    separators: Vec<usize>,
}

/// `None` where the parser may see the source itself.
pub(super) fn mended(manifest: &LanguageManifest, text: &str) -> Option<Mended> {
    if let Some(rule) = &manifest.soft_keywords {
        return soft_keywords::mended(text, &rule.modifiers);
    }
    if !manifest.directives.is_empty() {
        return directives::hidden(text, &manifest.directives).map(Mended::from);
    }
    let whole = manifest.conditionals.then(|| conditionals::hidden(text)).flatten();
    let whole = match manifest.macros {
        true => {
            let whole = whole.as_deref().unwrap_or(text);
            let heads = heads::mended(whole, manifest.modules);
            Some(macros::hidden(heads.as_deref().unwrap_or(whole)))
        }
        false => whole,
    };
    let named = strategies::mended(&manifest.mend, When::Always, whole.as_deref().unwrap_or(text));
    named.or(whole).map(Mended::from)
}

/// The text for a second look, where the parser found no end of what it could
/// not place: with fewer repairs it may find one.
pub(super) fn plain(manifest: &LanguageManifest, text: &str) -> String {
    let whole = manifest.conditionals.then(|| conditionals::hidden(text)).flatten();
    macros::hidden(whole.as_deref().unwrap_or(text))
}

/// The text for a second look, where the tree of the first has errors.
pub(super) fn repaired(manifest: &LanguageManifest, parsed: &str) -> Option<String> {
    strategies::mended(&manifest.mend, When::Broken, parsed)
}

impl From<String> for Mended {
    fn from(text: String) -> Self {
        Mended { text, separators: Vec::new() }
    }
}

impl Mended {
    /// What the parser reads; `None` where it is `text`.
    pub fn with_separators(&self) -> Option<String> {
        if self.separators.is_empty() {
            return None;
        }
        let mut out = String::with_capacity(self.text.len() + self.separators.len());
        let mut last = 0;
        for &at in &self.separators {
            out.push_str(&self.text[last..at]);
            out.push(';');
            last = at;
        }
        out.push_str(&self.text[last..]);
        Some(out)
    }

    /// Moves what the parser found to where it stands in the source.
    pub fn remove_separators(&self, tree: &mut Tree) {
        for (index, place) in self.separator_places().into_iter().enumerate().rev() {
            let start = self.separators[index] + index;
            let after = Point::new(place.row, place.column + 1);
            tree.edit(&InputEdit {
                start_byte: start,
                old_end_byte: start + 1,
                new_end_byte: start,
                start_position: place,
                old_end_position: after,
                new_end_position: place,
            });
        }
    }

    /// Row and column of each separator in the text that the parser read.
    fn separator_places(&self) -> Vec<Point> {
        let mut places: Vec<Point> = Vec::with_capacity(self.separators.len());
        let (mut row, mut line_start, mut on_line, mut last) = (0, 0, 0, 0);
        for &at in &self.separators {
            for (offset, _) in self.text[last..at].match_indices('\n') {
                (row, line_start, on_line) = (row + 1, last + offset + 1, 0);
            }
            places.push(Point::new(row, at - line_start + on_line));
            (last, on_line) = (at, on_line + 1);
        }
        places
    }
}

/// Spaces in place of everything but white space.
fn blank(bytes: &mut [u8]) {
    for byte in bytes.iter_mut().filter(|byte| !byte.is_ascii_whitespace()) {
        *byte = b' ';
    }
}
