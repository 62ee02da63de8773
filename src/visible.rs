//! Makes control and invisible characters visible: `\u{202e}` in place of the
//! character, so that neither a terminal, a reader nor an agent is steered by
//! what nobody sees.
//!
//! Not here: secrets, and what Markdown makes of visible characters.

use std::borrow::Cow;
use std::fmt::Write;

/// `raw` with every control and invisible character but `\n` and `\t` spelled
/// out. The line feed's companion in `\r\n` is dropped, and a form feed, which
/// is page-breaking white space in source text, becomes a space: both would
/// otherwise break the syntax of ordinary files.
pub fn text(raw: &str) -> Cow<'_, str> {
    if is_clear(raw) {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len());
    let mut previous = '\0';
    let mut chars = raw.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\x0c' => out.push(' '),
            _ if is_hidden(c, previous) => spell(c, &mut out),
            _ => out.push(c),
        }
        previous = c;
    }
    Cow::Owned(out)
}

/// [`text`] for what must stay on one line: line feed, tab, carriage return
/// and form feed are spelled out too.
pub fn line(raw: &str) -> Cow<'_, str> {
    if is_clear(raw) && !raw.contains(['\n', '\t']) {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len());
    let mut previous = '\0';
    for c in raw.chars() {
        if c == '\n' || c == '\t' || is_hidden(c, previous) {
            spell(c, &mut out);
        } else {
            out.push(c);
        }
        previous = c;
    }
    Cow::Owned(out)
}

/// [`line()`] as one word of a command that a person may copy into a shell.
pub fn shell_word(raw: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+,:@%".contains(c);
    match !raw.is_empty() && raw.chars().all(is_plain) {
        true => Cow::Borrowed(raw),
        false => Cow::Owned(format!("'{}'", line(raw).replace('\'', "'\\''"))),
    }
}

/// JSON text with hidden characters as its own escapes (`\u202e`): the same
/// data, and nothing that a terminal or a reader of the raw text obeys.
pub fn json(text: &str) -> Cow<'_, str> {
    if is_clear(text) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut previous = '\0';
    for c in text.chars() {
        match is_hidden(c, previous) {
            true => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    // Writing to a `String` does not fail.
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
            false => out.push(c),
        }
        previous = c;
    }
    Cow::Owned(out)
}

/// `raw` without its hidden characters, and where each kept run came from, so
/// that a secret is found although an invisible character cuts it in two.
/// `None` when there is nothing hidden.
pub(crate) fn without_hidden(raw: &str) -> Option<(String, OffsetMap)> {
    if is_clear(raw) {
        return None;
    }
    let mut kept = String::with_capacity(raw.len());
    let mut origin = OffsetMap(vec![(0, 0)]);
    let mut previous = '\0';
    let mut dropped = false;
    for (at, c) in raw.char_indices() {
        // `\r` is white space to the detectors; joining two lines would lie.
        if is_hidden(c, previous) && !matches!(c, '\r' | '\x0c') {
            dropped = true;
        } else {
            if dropped {
                origin.0.push((kept.len(), at));
                dropped = false;
            }
            kept.push(c);
        }
        previous = c;
    }
    (kept.len() < raw.len()).then_some((kept, origin))
}

/// Pairs of (offset in the kept text, offset in the raw text), one for each
/// run that was kept, ascending.
pub(crate) struct OffsetMap(Vec<(usize, usize)>);

impl OffsetMap {
    /// Where the kept byte at `offset` stands in the raw text.
    pub(crate) fn of(&self, offset: usize) -> usize {
        let run = self.0.partition_point(|(kept, _)| *kept <= offset) - 1;
        let (kept, raw) = self.0[run];
        raw + (offset - kept)
    }
}

/// Whether nothing in `raw` is hidden. Costs about a read of the memory: few
/// bytes can begin a hidden character, and only there one is decoded.
fn is_clear(raw: &str) -> bool {
    let bytes = raw.as_bytes();
    let mut at = 0;
    while let Some(ahead) = bytes[at..].iter().position(|b| SUSPECT[usize::from(*b)]) {
        let Some(behind) = behind_shown(raw, at + ahead) else { return false };
        at = behind;
    }
    true
}

/// Behind the character at `at`, unless it is hidden. Apart from the loop above,
/// which has to stay tight.
#[inline(never)]
fn behind_shown(raw: &str, at: usize) -> Option<usize> {
    // Every suspect byte is ASCII or begins a character.
    let c = raw[at..].chars().next()?;
    // Of what stands before, the last four bytes hold a character.
    let previous = raw[..at].chars().next_back().unwrap_or('\0');
    (!is_hidden(c, previous)).then_some(at + c.len_utf8())
}

/// The bytes with which a hidden character begins in UTF-8.
static SUSPECT: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = byte != b'\n' as usize && byte != b'\t' as usize;
        byte += 1;
    }
    let leads =
        [0x7f, 0xc2, 0xcd, 0xd8, 0xdb, 0xdc, 0xe0, 0xe1, 0xe2, 0xe3, 0xef, 0xf0, 0xf1, 0xf2, 0xf3, 0xf4];
    let mut index = 0;
    while index < leads.len() {
        table[leads[index]] = true;
        index += 1;
    }
    table
};

fn spell(c: char, out: &mut String) {
    // Writing to a `String` does not fail.
    let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
}

/// Control characters but `\n` and `\t`, format characters (Unicode category
/// Cf), default-ignorable ones, separators that break lines, blank letters.
///
/// A text or emoji presentation selector directly after the visible character
/// that it belongs to stays: `⚠️` is ordinary prose. Runs of selectors, the
/// way in which bytes are smuggled, do not.
pub fn is_hidden(c: char, previous: char) -> bool {
    match c {
        '\n' | '\t' | '\x20'..='\x7e' => false,
        '\0'..='\x1f' | '\x7f'..='\u{9f}' => true,
        '\u{fe0e}' | '\u{fe0f}' => !takes_a_selector(previous),
        _ => is_format(c),
    }
}

/// Characters with a text and an emoji form, roughly: symbols, and what key caps
/// are made of.
fn takes_a_selector(c: char) -> bool {
    matches!(c, '0'..='9' | '#' | '*' | '\u{a9}' | '\u{ae}' | '\u{203c}' | '\u{2049}' | '\u{2122}')
        || matches!(c, '\u{2139}' | '\u{2190}'..='\u{27ff}' | '\u{2900}'..='\u{297f}' | '\u{2b00}'..='\u{2bff}')
        || matches!(c, '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}' | '\u{1f000}'..='\u{1faff}')
}

#[rustfmt::skip]
fn is_format(c: char) -> bool {
    matches!(c,
        '\u{ad}'                      // soft hyphen
        | '\u{34f}'                   // combining grapheme joiner
        | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}' | '\u{8e2}' // Arabic, Syriac marks
        | '\u{115f}'..='\u{1160}'     // Hangul fillers
        | '\u{17b4}'..='\u{17b5}'     // Khmer inherent vowels
        | '\u{180b}'..='\u{180f}'     // Mongolian selectors and separator
        | '\u{200b}'..='\u{200f}'     // zero width, direction marks
        | '\u{2028}'..='\u{202e}'     // line and paragraph separators, bidi embeddings and overrides
        | '\u{2060}'..='\u{206f}'     // word joiner, invisible operators, bidi isolates
        | '\u{2800}'                  // blank Braille pattern
        | '\u{3164}' | '\u{ffa0}'     // Hangul fillers
        | '\u{fe00}'..='\u{fe0d}'     // variation selectors without everyday use
        | '\u{fdd0}'..='\u{fdef}'     // no characters
        | '\u{feff}'                  // byte order mark
        | '\u{fff0}'..='\u{fffb}'     // interlinear annotation
        | '\u{110bd}' | '\u{110cd}'   // Kaithi number signs
        | '\u{13430}'..='\u{1343f}'   // hieroglyph joiners
        | '\u{1bca0}'..='\u{1bca3}'   // shorthand format controls
        | '\u{1d173}'..='\u{1d17a}'   // musical format controls
        | '\u{e0000}'..='\u{e0fff}'   // tags, variation selectors supplement
    ) || u32::from(c) & 0xfffe == 0xfffe // no characters, two a plane
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(raw: &str, expected: &str) {
        assert_eq!(text(raw), expected, "{raw:?}");
        assert_eq!(text(expected), expected, "not idempotent: {raw:?}");
    }

    #[test]
    fn ordinary_text_is_borrowed() {
        for plain in ["", "a\tb\n", "résumé", "文档", "🦀", "a\u{fffd}b", "\u{e000}"] {
            assert!(matches!(text(plain), Cow::Borrowed(_)), "{plain:?}");
        }
    }

    #[test]
    fn terminal_sequences_do_not_reach_the_terminal() {
        check("a\x1b]52;c;cHduZWQ=\x07", "a\\u{1b}]52;c;cHduZWQ=\\u{7}");
        check("\x1b]8;;http://evil\x1b\\x", "\\u{1b}]8;;http://evil\\u{1b}\\x");
        check("\u{9b}31m \u{9d}0;t\u{9c}", "\\u{9b}31m \\u{9d}0;t\\u{9c}");
        check("a\x7f\0\x08b", "a\\u{7f}\\u{0}\\u{8}b");
    }

    #[test]
    fn a_carriage_return_cannot_overwrite_a_line() {
        check("good\rEVIL", "good\\u{d}EVIL");
        check("dos\r\nlines\r\n", "dos\nlines\n");
        check("\r\r\n", "\\u{d}\n");
    }

    #[test]
    fn a_form_feed_stays_white_space() {
        check("a\n\x0c\nb", "a\n \nb");
    }

    #[test]
    fn trojan_source_is_shown() {
        check("if\u{202e}x\u{2066}y\u{2069}", "if\\u{202e}x\\u{2066}y\\u{2069}");
        check("\u{200e}\u{200f}\u{61c}", "\\u{200e}\\u{200f}\\u{61c}");
    }

    #[test]
    fn zero_width_tags_and_fillers_are_shown() {
        check("a\u{200b}\u{200d}\u{2060}\u{feff}", "a\\u{200b}\\u{200d}\\u{2060}\\u{feff}");
        check("\u{e0041}\u{e007f}\u{e0100}", "\\u{e0041}\\u{e007f}\\u{e0100}");
        check("const \u{3164} = 1", "const \\u{3164} = 1");
        check("a\u{2028}b\u{2029}c\u{85}", "a\\u{2028}b\\u{2029}c\\u{85}");
        check("\u{fff9}a\u{fffb}", "\\u{fff9}a\\u{fffb}");
        check("\u{fdd0}\u{ffff}\u{1fffe}", "\\u{fdd0}\\u{ffff}\\u{1fffe}");
    }

    #[test]
    fn one_selector_dresses_an_emoji_and_a_run_of_them_is_a_message() {
        check("\u{26a0}\u{fe0f} careful 1\u{fe0f}\u{20e3}", "\u{26a0}\u{fe0f} careful 1\u{fe0f}\u{20e3}");
        check("\u{1f600}\u{fe0f}\u{fe0e}\u{fe01}", "\u{1f600}\u{fe0f}\\u{fe0e}\\u{fe01}");
        check("a\u{fe0f}", "a\\u{fe0f}");
        check("文\u{fe0e}.\u{fe0f}", "文\\u{fe0e}.\\u{fe0f}");
    }

    #[test]
    fn every_hidden_character_begins_with_a_suspect_byte() {
        for c in (0..=u32::from(char::MAX)).filter_map(char::from_u32) {
            if is_hidden(c, 'a') {
                let first = c.to_string().as_bytes()[0];
                assert!(SUSPECT[usize::from(first)], "{:x}", u32::from(c));
            }
        }
    }

    #[test]
    fn a_line_stays_one_line() {
        assert_eq!(line("a\nb\tc\r\n"), "a\\u{a}b\\u{9}c\\u{d}\\u{a}");
        assert!(matches!(line("main"), Cow::Borrowed(_)));
    }

    #[test]
    fn json_says_the_same_without_hidden_characters() {
        let data = serde_json::json!({ "a\u{202e}": "\u{e0041}é\u{9b}" });
        let text = data.to_string();
        let shown = json(&text);
        assert_eq!(shown, r#"{"a\u202e":"\udb40\udc41é\u009b"}"#);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), data);
    }

    #[test]
    fn offsets_lead_back_to_the_raw_text() {
        let raw = "\u{200b}ab\u{200b}\u{200b}cd";
        let (kept, origin) = without_hidden(raw).expect("hidden characters");
        assert_eq!(kept, "abcd");
        assert_eq!(origin.of(0), 3);
        assert_eq!(origin.of(2), raw.find('c').unwrap());
        assert!(without_hidden("é").is_none());
    }
}
