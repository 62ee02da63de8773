//! What stands before a token once escapes are decoded: `\u0022`, `\033[32m`,
//! `%3D`, `&#34` and their kin end in letters or digits, and none of them is
//! part of the word behind it.
//!
//! Escapes are read backwards from the token, so that only what stands directly
//! before it is looked at. The sign that begins an escape may be escaped itself
//! (`%5Cn`, `\u005cn`, `&#92;n`, `%253D`).
//!
//! Not here: escapes inside a token.

use super::is_word;

/// Letters and digits at the end of the longest escape: `U0001f600`.
const MAX_CODE: usize = 9;

/// Parameters of a terminal sequence: `38;2;255;255;255`.
const MAX_PARAMETERS: usize = 24;

/// Bytes before a token that are looked at.
const MAX_REACH: usize = 64;

/// Escaped signs of escapes: JSON in JSON in a URL.
const MAX_LEVELS: u8 = 3;

const ESCAPE: u8 = 0x1b;

/// The terminal's one-byte form of `ESC [`.
const CONTROL_SEQUENCE: u8 = 0x9b;

/// What decodes to no character: a colour, a font, a printf conversion.
const NOTHING: u32 = 0;

/// Whether an escape that stands for no letter and no digit ends at `at`.
pub(super) fn ends_at(bytes: &[u8], at: usize) -> bool {
    let text = &bytes[at.saturating_sub(MAX_REACH)..at];
    may_be_escape(text) && EscapeReading { wanted: None, levels: MAX_LEVELS }.any(text, &mut |_| true)
}

/// Whether letters and digits end `text`, behind a sign of escapes. Most of what
/// stands before a key word is the rest of a plain word.
fn may_be_escape(text: &[u8]) -> bool {
    let code = text.iter().rev().take(MAX_CODE + 1).take_while(|b| b.is_ascii_alphanumeric()).count();
    let sign = text.len().checked_sub(code + 1).map(|sign| text[sign]);
    code > 0 && code <= MAX_CODE && sign.is_some_and(may_begin)
}

/// The bytes that stand directly before the letters and digits of an escape.
#[rustfmt::skip]
fn may_begin(byte: u8) -> bool {
    matches!(byte, b'\\' | b'%' | b'=' | b'#' | b'&' | b'^' | b'`' | b'~' | b'\'' | b'+' | b'[' | b';' | b':' | b'?' | b'<'
        | b'>' | b'(' | b')' | b'*' | b'}' | 0x1b | 0xa7 | 0x9b)
}

/// Called with what stands before an escape.
type Accept<'a> = &'a mut dyn FnMut(&[u8]) -> bool;

/// A way to read the end of a text as an escape.
#[derive(Clone, Copy)]
struct EscapeReading {
    /// The sign that it stands for; without one, anything but a letter or a digit.
    wanted: Option<u8>,
    /// How often its own signs may be escaped.
    levels: u8,
}

impl EscapeReading {
    fn wants(self, c: u32) -> bool {
        match self.wanted {
            Some(sign) => c == u32::from(sign),
            None => !char::from_u32(c).is_some_and(|c| c.is_ascii_alphanumeric()),
        }
    }

    fn wants_one(self, characters: &[Option<u32>]) -> bool {
        characters.iter().flatten().any(|c| self.wants(*c))
    }

    /// Whether an escape that is wanted ends `text` and `accept` takes what stands
    /// before it.
    fn any(self, text: &[u8], accept: Accept) -> bool {
        let Some(levels) = self.levels.checked_sub(1) else { return false };
        let inner = Self { levels, ..self };
        let longest = text.iter().rev().take(MAX_CODE).take_while(|b| b.is_ascii_alphanumeric()).count();
        (1..=longest).any(|length| {
            let (before, code) = text.split_at(text.len() - length);
            inner.plain(before, code, accept) || inner.opened(before, code, accept)
        }) || inner.delimited(text, accept)
            || inner.wants(NOTHING) && inner.terminal(text, accept)
    }

    /// Whether `text` ends in `sign`, as it is or escaped.
    fn sign(self, text: &[u8], sign: u8, accept: Accept) -> bool {
        if let Some((last, before)) = text.split_last()
            && *last == sign
            && accept(before)
        {
            return true;
        }
        // `cat -v` shows the escape character as `^[`.
        if sign == ESCAPE && text.strip_suffix(b"^[").is_some_and(&mut *accept) {
            return true;
        }
        let may_end = matches!(text.last(), Some(b';' | b'}')) || may_be_escape(text);
        may_end && Self { wanted: Some(sign), ..self }.any(text, accept)
    }

    /// An escape that is one sign and `code`.
    fn plain(self, before: &[u8], code: &[u8], accept: Accept) -> bool {
        let Some((last, lead)) = before.split_last() else { return false };
        let letter = code.len() == 1 && code[0].is_ascii_alphabetic();
        self.wants_one(&backslashed(code)) && self.sign(before, b'\\', accept)
            || self.wants_one(&percent(code)) && self.sign(before, b'%', accept)
            || self.wants_one(&[hex(code, 2..=2)]) && self.sign(before, b'=', accept)
            || matches!(last, b'&' | b';')
                && self.wants_one(&[entity(code)])
                && self.sign(before, b'&', accept)
            || *last == b'#' && self.wants_one(&[numeric(code)]) && self.sign(lead, b'&', accept)
            || letter && matches!(last, b'^' | b'`' | b'~') && self.wants(control(code[0])) && accept(lead)
    }

    /// Escapes that stand for nothing or have a second sign: Minecraft's `§a`,
    /// RTF's `\'22`, SQL's `\+000022`, troff's `\(dq` and `\f(CW`, the terminal's
    /// `ESC c` and `ESC ( B`.
    fn opened(self, before: &[u8], code: &[u8], accept: Accept) -> bool {
        let Some((sign, lead)) = before.split_last() else { return false };
        let single = code.len() == 1 && self.wants(NOTHING);
        if single && before.ends_with("\u{a7}".as_bytes()) {
            return accept(&before[..before.len() - 2]);
        }
        if single && self.sign(before, ESCAPE, accept) {
            return true;
        }
        match sign {
            b'\'' => self.wants_one(&[hex(code, 2..=2)]) && self.sign(lead, b'\\', accept),
            b'+' => self.wants_one(&[hex(code, 6..=6)]) && self.sign(lead, b'\\', accept),
            b'(' | b')' | b'*' if single => self.sign(lead, ESCAPE, accept),
            b'(' if code.len() == 2 && self.wants(NOTHING) => {
                let font = lead.strip_suffix(b"f").or_else(|| lead.strip_suffix(b"*")).unwrap_or(lead);
                self.sign(font, b'\\', accept)
            }
            _ => false,
        }
    }

    /// Escapes that end in a sign, which only matter as the sign of another one:
    /// `&#92;`, `\u{5c}`.
    fn delimited(self, text: &[u8], accept: Accept) -> bool {
        let Some((close, text)) = text.split_last() else { return false };
        let length = text.iter().rev().take(MAX_CODE).take_while(|b| b.is_ascii_alphanumeric()).count();
        let (before, code) = text.split_at(text.len() - length);
        match (close, before.split_last()) {
            (b'}', Some((b'{', lead))) => {
                let Some((b'u' | b'x', lead)) = lead.split_last() else { return false };
                self.wants_one(&[hex(code, 1..=6)]) && self.sign(lead, b'\\', accept)
            }
            (b';', Some((b'#', lead))) => self.wants_one(&[numeric(code)]) && self.sign(lead, b'&', accept),
            (b';', Some((b'&', lead))) => self.wants_one(&[entity(code)]) && accept(lead),
            _ => false,
        }
    }

    /// A terminal sequence, `ESC [ 1 ; 32 m`. Where its escape is lost (`[32m`),
    /// it needs a number.
    fn terminal(self, text: &[u8], accept: Accept) -> bool {
        let Some((last, text)) = text.split_last() else { return false };
        if !last.is_ascii_alphabetic() {
            return false;
        }
        let is_parameter =
            |b: &&u8| b.is_ascii_digit() || matches!(b, b';' | b':' | b'?' | b'<' | b'=' | b'>');
        let most = text.iter().rev().take(MAX_PARAMETERS).take_while(is_parameter).count();
        // An escaped bracket may end in digits too: where they part is not told.
        (0..=most).any(|length| {
            let before = &text[..text.len() - length];
            self.sign(before, b'[', &mut |rest| length > 0 && accept(rest) || self.sign(rest, ESCAPE, accept))
                || self.sign(before, CONTROL_SEQUENCE, accept)
        })
    }
}

/// What a backslash and `code` stand for, in any language: `\n`, `\x22`,
/// `\u0022`, `\U00000022`, `\042`, CSS's `\22`, Perl's `\cJ`, troff's `\fB`,
/// and classes of regular expressions.
fn backslashed(code: &[u8]) -> [Option<u32>; 4] {
    let (first, rest) = (code[0], &code[1..]);
    let units = rest.iter().position(|b| *b != b'u').map_or(rest, |at| &rest[at..]);
    let named = match first {
        b'x' | b'X' => hex(rest, 1..=2),
        b'u' => hex(units, 4..=4),
        b'U' => hex(rest, 8..=8),
        b'c' | b'f' if rest.len() == 1 => Some(NOTHING),
        _ => None,
    };
    let single = (rest.is_empty() && first.is_ascii_alphabetic()).then(|| control(first));
    let octal = (code.len() <= 3).then(|| radix(code, 8)).flatten();
    [single, named, octal, hex(code, 1..=6)]
}

/// `%3D`, JavaScript's old `%u0022`, and printf's conversions: `%s`, `%8d`.
fn percent(code: &[u8]) -> [Option<u32>; 3] {
    let units = code.strip_prefix(b"u").and_then(|rest| hex(rest, 4..=4));
    let digits = code.iter().take_while(|b| b.is_ascii_digit()).count();
    let is_conversion = code.len() == digits + 1 && code[digits].is_ascii_alphabetic();
    // `%41A...` is a letter and no conversion.
    let conversion = (is_conversion && hex(code, 2..=2).is_none()).then_some(NOTHING);
    [hex(code, 2..=2), units, conversion]
}

/// The character of `\n`, `\e` and their kin. Others are no letters either:
/// `\d`, `\b`, `\Q`.
fn control(letter: u8) -> u32 {
    match letter {
        b'e' | b'E' => u32::from(ESCAPE),
        _ => NOTHING,
    }
}

fn numeric(code: &[u8]) -> Option<u32> {
    match code.first() {
        Some(b'x' | b'X') => hex(&code[1..], 1..=6),
        _ => radix(code, 10),
    }
}

fn hex(code: &[u8], lengths: std::ops::RangeInclusive<usize>) -> Option<u32> {
    if lengths.contains(&code.len()) { radix(code, 16) } else { None }
}

fn radix(code: &[u8], radix: u32) -> Option<u32> {
    let digits = std::str::from_utf8(code).ok()?;
    u32::from_str_radix(digits, radix).ok()
}

/// Entities of HTML that browsers know without their semicolon.
fn entity(code: &[u8]) -> Option<u32> {
    let sign = match code {
        b"amp" | b"AMP" => b'&',
        b"bsol" => b'\\',
        b"percnt" => b'%',
        b"equals" => b'=',
        _ => {
            #[rustfmt::skip]
            const OTHERS: &[&[u8]] = &[
                b"quot", b"QUOT", b"lt", b"LT", b"gt", b"GT", b"nbsp", b"apos", b"copy", b"reg", b"sect", b"para", b"middot",
                b"shy", b"laquo", b"raquo", b"cent", b"pound", b"yen", b"deg", b"not", b"times", b"colon", b"num", b"dollar",
                b"lpar", b"rpar", b"lsqb", b"rsqb", b"lcub", b"rcub", b"sol", b"semi", b"comma", b"period", b"excl",
                b"quest", b"commat", b"ast", b"plus", b"verbar", b"grave", b"Tab", b"NewLine", b"lowbar", b"Hat",
            ];
            return OTHERS.contains(&code).then_some(NOTHING);
        }
    };
    Some(u32::from(sign))
}

/// Whether a word may start at `at`: nothing of one, or only an escape, is
/// before it.
pub(super) fn starts_word(bytes: &[u8], at: usize) -> bool {
    at == 0 || !is_word(bytes[at - 1]) || ends_at(bytes, at)
}

#[cfg(test)]
mod tests {
    use super::ends_at;

    #[track_caller]
    fn check(text: &str, expected: bool) {
        assert_eq!(ends_at(text.as_bytes(), text.len()), expected, "{text:?}");
    }

    #[test]
    fn escapes_of_signs_end_no_word() {
        for text in [
            r"\n",
            r"\t",
            r"\0",
            r"\e",
            r"\d",
            r"\u0022",
            r"\u003d",
            r"\uuu0022",
            r"\U00000022",
            r"\x22",
            r"\x3D",
            r"\042",
            r"\33",
            r"\22",
            r"\000022",
            r"\+000022",
            r"\cJ",
            r"\'22",
            r"\(dq",
            r"\fB",
            r"\f(CW",
            r"\*(lq",
            "%3D",
            "%3d",
            "%u0022",
            "%253D",
            "%25253D",
            "%n",
            "%s",
            "%5d",
            "%02x",
            "=3D",
            "&#34",
            "&#x22",
            "&quot",
            "&lt",
            "&amp#34",
            "&amp;#34",
            "&amp;quot",
            "^M",
            "`n",
            "~n",
            "\u{a7}a",
            r"%5Cn",
            r"\u005cn",
            r"&#92;n",
            r"&bsol;n",
            r"\x5cn",
            r"\u{5c}n",
            r"%5cu0022",
            r"\\u0022",
            r"\\\\n",
        ] {
            check(text, true);
            check(&format!("some text{text}"), true);
        }
    }

    #[test]
    fn terminal_sequences_end_no_word() {
        for escape in [
            "\x1b", r"\033", r"\x1b", r"\x1B", r"\e", r"\E", r"\u001b", r"\u{1b}", r"\x{1b}", "%1B", "&#27;",
            "&#x1b;", "^[",
        ] {
            for sequence in ["[32m", "[0m", "[m", "[1;31m", "[38;2;255;128;0m", "[K", "[?25h", "(B", "c"] {
                check(&format!("text {escape}{sequence}"), true);
            }
        }
        for text in [
            "[32m",
            "[1;31m",
            r"\x9b32m",
            r"\u009b1;31m",
            "\u{9b}32m",
            r"\u{9b}32m",
            r"%1B%5B32m",
            r"\u001b\u005b0m",
        ] {
            check(text, true);
        }
    }

    #[test]
    fn escapes_of_letters_and_plain_words_do() {
        for text in [
            "abc",
            "x",
            r"\u0061",
            r"\x41",
            "%41",
            "&#97",
            "&foo",
            "[abc",
            "a[b",
            "1234567890abcdef",
            "a_b",
            "#12",
            "f(x",
        ] {
            check(text, false);
        }
        check("", false);
    }
}
