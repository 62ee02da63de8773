//! Text that has been through redaction. Nothing here redacts.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de};

use super::RelPath;
use crate::visible;

/// Text from the repository, the user or git that has been through
/// [`crate::redact`]: secrets are placeholders, control and invisible
/// characters are spelled out. Only that module makes one from raw text, and
/// only the store reads one back (a test holds both). Everything else takes
/// from one, or puts several and constants together: each method checks that
/// its outcome says nothing that was not in what it was given, and is empty
/// where it would.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct SafeText(Arc<str>);

// A text like others to who reads a report.
impl JsonSchema for SafeText {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }
}

impl SafeText {
    /// For `redact`, and for `store::stored_text`, which reads back what went
    /// through it.
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
        let mut line = String::with_capacity(self.0.len().min(max_chars * 4));
        for word in self.0.split_whitespace() {
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
        Self(line.into())
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

    /// A part of it, such as a slice of [`SafeText::as_str`].
    pub fn part(&self, part: &str) -> SafeText {
        let start = (part.as_ptr() as usize).wrapping_sub(self.0.as_ptr() as usize);
        let is_slice = start <= self.0.len() && part.len() <= self.0.len() - start;
        kept(part.to_owned(), is_slice || self.0.contains(part))
    }

    /// Parts of it in another order.
    pub fn parts(&self, parts: &[&str], separator: &'static str) -> SafeText {
        let parts: Vec<SafeText> = parts.iter().map(|part| self.part(part)).collect();
        Self::join(&parts, separator)
    }

    /// A rewriting that leaves characters out, or adds some of `may_add`: what is
    /// left stands in the order in which it stood.
    pub fn reduced(&self, may_add: &'static str, rewrite: impl FnOnce(&str) -> String) -> SafeText {
        self.reduced_from(0, may_add, rewrite)
    }

    /// Like [`SafeText::reduced`], where all that is left stands behind the byte
    /// `start`: what is before it need not be looked through.
    pub fn reduced_from(
        &self,
        start: usize,
        may_add: &'static str,
        rewrite: impl FnOnce(&str) -> String,
    ) -> SafeText {
        let text = rewrite(&self.0);
        let from = self.0.get(start..).unwrap_or_default();
        // Most are cut from the beginning, and bytes are compared faster.
        let same = common_prefix(&text, from);
        let is_left = is_left_of(&text[same..], from[same..].chars(), may_add);
        kept(text, is_left)
    }

    /// What strings in a JSON text say: the same, and escapes stand for what they
    /// mean. An escaped letter or digit of ASCII, which hides what redaction looks
    /// for, stands for nothing, and so does an invisible character.
    pub fn reduced_json(&self, may_add: &'static str, rewrite: impl FnOnce(&str) -> String) -> SafeText {
        let text = rewrite(&self.0);
        let is_left = is_left_of(&text, unescaped(&self.0), may_add);
        kept(text, is_left)
    }

    /// A line whose every word stands in one of these texts or is one of `own`,
    /// which are separated by spaces.
    pub fn quoting(line: String, own: &'static str, texts: &[&SafeText]) -> SafeText {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let stands = |word: &str| {
            own.split(' ').any(|own| own == word) || texts.iter().any(|text| text.0.contains(word))
        };
        let is_mark = |c: char| is_word(c) || matches!(c, ' ' | '\n' | '\t') || c.is_ascii_graphic();
        let is_quoted = line.split(|c| !is_word(c)).all(|word| word.is_empty() || stands(word))
            && line.chars().all(|c| is_mark(c) || texts.iter().any(|text| text.0.contains(c)));
        kept(line, is_quoted)
    }

    /// The name of a file or a part of it. Paths are shown as such everywhere, and
    /// below one that holds a secret nothing is read.
    pub fn of_path(path: &RelPath, part: &str) -> SafeText {
        Self(path.as_str().into()).part(part)
    }

    /// A number.
    pub fn number(number: u32) -> SafeText {
        Self(number.to_string().into())
    }

    /// With a constant behind it.
    pub fn followed_by(&self, constant: &'static str) -> SafeText {
        Self([&*self.0, constant].concat().into())
    }

    /// With two spaces for each level before it.
    pub fn indented(&self, levels: usize) -> SafeText {
        Self(["  ".repeat(levels).as_str(), &self.0].concat().into())
    }
}

/// The text, where it was found to say nothing new; a mistake of ours where not.
fn kept(text: String, is_safe: bool) -> SafeText {
    debug_assert!(is_safe, "not taken from the text that it should be taken from: {text:?}");
    if is_safe { SafeText(text.into()) } else { SafeText::default() }
}

/// Bytes of the characters that two texts begin with.
fn common_prefix(a: &str, b: &str) -> usize {
    let same = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    (0..=same).rev().find(|at| a.is_char_boundary(*at)).unwrap_or(0)
}

/// Whether each character follows the one before it in `from`, apart from those
/// that may be added.
fn is_left_of(text: &str, mut from: impl Iterator<Item = char>, may_add: &str) -> bool {
    let is_added = |c: char| may_add.chars().any(|added| added == c);
    text.chars().all(|c| is_added(c) || from.any(|known| known == c))
}

/// The characters of a JSON text, with `\uXXXX` read where that hides nothing.
fn unescaped(text: &str) -> impl Iterator<Item = char> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (c, length) = escaped(rest).or_else(|| rest.chars().next().map(|c| (c, c.len_utf8())))?;
        rest = &rest[length..];
        Some(c)
    })
}

/// The character of an escape at the beginning, and the bytes that it takes.
fn escaped(text: &str) -> Option<(char, usize)> {
    let unit = |at: usize| u16::from_str_radix(text.get(at..)?.strip_prefix("\\u")?.get(..4)?, 16).ok();
    let first = unit(0)?;
    let units = [Some(first), unit(6)];
    let mut read = char::decode_utf16(units.into_iter().flatten());
    let c = read.next()?.ok()?;
    let hides = c.is_ascii_alphanumeric() || visible::is_hidden(c, ' ');
    (!hides).then_some((c, 6 * c.len_utf16()))
}

/// From the store's own format alone, which is no text that a person could have
/// written: JSON and TOML say nothing of redaction.
impl<'de> Deserialize<'de> for SafeText {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match from.is_human_readable() {
            true => Err(de::Error::custom("a text that was not redacted")),
            false => String::deserialize(from).map(|text| Self(text.into())),
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "let token = REDACTED_TOKEN; // the one of `Ann`";

    /// What each method makes of a rewriting that brings in another text.
    fn forged(make: impl FnOnce(&SafeText) -> SafeText + std::panic::UnwindSafe) {
        let made = std::panic::catch_unwind(|| make(&SafeText::constant(TEXT)));
        // A mistake of ours is told by a debug build, and shows nothing in another.
        assert!(made.is_err() || made.is_ok_and(|made| made.is_empty()));
    }

    #[test]
    fn a_text_from_elsewhere_cannot_be_passed_off_as_a_part() {
        forged(|text| text.part("hunter2"));
        forged(|text| text.parts(&["token", "hunter2"], " "));
        forged(|text| text.reduced(" ", |_| "hunter2".to_string()));
        // Every letter is there, in another order.
        forged(|text| text.reduced("", |_| "nekot".to_string()));
        forged(|text| text.reduced_json("\n", |_| "hunter2".to_string()));
        forged(|text| SafeText::quoting("use hunter2".to_string(), "use", &[text]));
        forged(|_| SafeText::of_path(&RelPath::new("a/b.rs").unwrap(), "hunter2"));
    }

    #[test]
    fn what_is_taken_from_a_text_is_what_it_says() {
        let text = SafeText::constant(TEXT);
        assert_eq!(text.part(&TEXT[4..9]).as_str(), "token");
        assert_eq!(text.part("Ann").as_str(), "Ann");
        assert_eq!(text.part("").as_str(), "");
        forged(|text| text.reduced_from(10, "", |_| "let".to_string()));
        assert_eq!(text.reduced_from(4, "", |_| "token".to_string()).as_str(), "token");
        assert_eq!(text.reduced("…", |text| format!("{}…", &text[..9])).as_str(), "let token…");
        let line = SafeText::quoting("show -n Ann".to_string(), "show n", &[&text]);
        assert_eq!(line.as_str(), "show -n Ann");
    }

    #[test]
    fn an_escape_says_what_it_means_unless_it_hides_something() {
        let cell =
            SafeText::constant(r#"["caf\u00e9 = \"\u003cb\u003e\ud83d\ude00\"\n", "k\u0065y", "\u202e"]"#);
        assert_eq!(
            cell.reduced_json("\n", |_| "caf\u{e9} = \"<b>\u{1f600}\"\n".to_string()).as_str(),
            "caf\u{e9} = \"<b>\u{1f600}\"\n"
        );
        let forged = |hidden: &'static str| {
            let made = std::panic::catch_unwind(|| {
                SafeText::constant(r#""k\u0065y \u202e""#).reduced_json("\n", |_| hidden.to_string())
            });
            assert!(made.is_err() || made.is_ok_and(|made| made.is_empty()));
        };
        forged("key");
        forged("\u{202e}");
    }

    #[test]
    fn a_text_that_a_person_can_write_is_no_redacted_one() {
        assert!(serde_json::from_str::<SafeText>("\"hunter2\"").is_err());
        let stored = postcard::to_stdvec(&SafeText::constant(TEXT)).unwrap();
        assert_eq!(postcard::from_bytes::<SafeText>(&stored).unwrap().as_str(), TEXT);
    }
}
