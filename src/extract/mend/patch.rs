//! A text while bytes of it are replaced.
//!
//! Not here: what is replaced, and why.

use std::ops::Range;

/// A text while it is changed in place.
pub(super) struct Patch<'t> {
    pub text: &'t str,
    pub bytes: Vec<u8>,
}

impl<'t> Patch<'t> {
    /// Starts with the text unchanged.
    pub fn new(text: &'t str) -> Self {
        Self { text, bytes: text.as_bytes().to_vec() }
    }

    /// White space in place of what stands there; lines stay lines.
    pub fn blank(&mut self, range: Range<usize>) {
        super::blank(&mut self.bytes[range]);
    }

    /// `with`, and white space for the rest.
    pub fn replace(&mut self, range: Range<usize>, with: &str) {
        if with.len() <= range.len() {
            let start = range.start;
            self.blank(range);
            self.bytes[start..start + with.len()].copy_from_slice(with.as_bytes());
        }
    }

    /// `None` where nothing was changed.
    pub fn done(self) -> Option<String> {
        // A character of several bytes is blanked as a whole or not at all.
        String::from_utf8(self.bytes).ok().filter(|bytes| bytes != self.text)
    }
}

#[cfg(test)]
pub(super) fn check(strategy: fn(&str) -> Option<String>, text: &str, expected: &str) {
    let mended = strategy(text);
    assert_eq!(mended.as_deref().unwrap_or(text), expected, "{text}");
    assert_eq!(expected.len(), text.len());
}
