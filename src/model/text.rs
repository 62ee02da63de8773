//! Text that has been through redaction. Nothing here redacts.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Text from the repository, the user or git that has been through
/// [`crate::redact`]: secrets are placeholders, control and invisible
/// characters are spelled out. Only that module makes one from raw text (a
/// test holds this); taking a part of one keeps the property.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SafeText(Arc<str>);

impl SafeText {
    /// For `redact`, and for `store` that reads back what went through it.
    pub(crate) fn from_redacted(text: String) -> Self {
        Self(text.into())
    }

    /// The redacted text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is no text at all, not even white space.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The part at these byte offsets; empty where they fit no character.
    pub fn slice(&self, bytes: std::ops::Range<usize>) -> SafeText {
        self.0.get(bytes).map(|part| Self(part.into())).unwrap_or_default()
    }

    /// Its lines, without the line ends.
    pub fn lines(&self) -> impl Iterator<Item = SafeText> {
        self.0.lines().map(|line| Self(line.into()))
    }

    /// On one line: runs of white space become one space, and what is longer
    /// than `max_chars` characters ends in `…` at that length.
    pub fn one_line(&self, max_chars: usize) -> SafeText {
        self.map(|text| {
            let mut line = String::with_capacity(text.len().min(max_chars * 4));
            for word in text.split_whitespace() {
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(word);
            }
            if line.chars().count() > max_chars {
                line = line.chars().take(max_chars.saturating_sub(1)).collect();
                line.truncate(line.trim_end().len());
                line.push('…');
            }
            line
        })
    }

    /// A constant of the program's own.
    pub fn constant(text: &'static str) -> SafeText {
        Self(text.into())
    }

    /// Joins texts; the result is clean because its parts and the separator are.
    pub fn join(parts: &[SafeText], separator: &'static str) -> SafeText {
        let parts: Vec<&str> = parts.iter().map(SafeText::as_str).collect();
        Self(parts.join(separator).into())
    }

    /// A rewriting that only drops, reorders or respaces characters, or adds
    /// constants: whoever calls it answers for that.
    pub fn map(&self, rewrite: impl FnOnce(&str) -> String) -> SafeText {
        Self(rewrite(&self.0).into())
    }
}

impl fmt::Display for SafeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for SafeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}
