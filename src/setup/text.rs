//! A file of somebody else as text: its byte order mark and its line ends are
//! kept, whatever is put in between.
//!
//! Not here: what the text means, which the dialects know.

use super::Refusal;

/// UTF-8, as every client reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    pub has_bom: bool,
    /// Without the mark.
    pub body: String,
}

const BOM: &[u8] = b"\xef\xbb\xbf";

impl Text {
    /// Decodes a file; refuses UTF-16 and what is not UTF-8, naming the line.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
            return Err(Refusal::at(1, "it is UTF-16, which no client reads: save it as UTF-8"));
        }
        let body = bytes.strip_prefix(BOM);
        let has_bom = body.is_some();
        let body = body.unwrap_or(bytes);
        match std::str::from_utf8(body) {
            Ok(body) => Ok(Self { has_bom, body: body.to_string() }),
            Err(error) => {
                let before = String::from_utf8_lossy(&body[..error.valid_up_to()]).into_owned();
                Err(Refusal::at(line_at(&before, before.len()), "it is not UTF-8"))
            }
        }
    }

    /// The same file with another body.
    pub fn bytes(&self, body: &str) -> Vec<u8> {
        let mark: &[u8] = if self.has_bom { BOM } else { b"" };
        [mark, body.as_bytes()].concat()
    }
}

/// What ends a line here: what ends the first one.
pub fn line_end(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}

/// Lines of ours with the line ends of theirs.
pub fn with_ends_of(lines: &str, text: &str) -> String {
    lines.replace('\n', line_end(text))
}

/// The line of a byte, counted from 1.
pub fn line_at(text: &str, byte: usize) -> usize {
    text.as_bytes()[..byte.min(text.len())].iter().filter(|byte| **byte == b'\n').count() + 1
}

/// The lines with their ends, and where each begins.
pub fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_inclusive('\n').scan(0, |at, line| {
        let start = *at;
        *at += line.len();
        Some((start, line))
    })
}

/// What separates a text from lines that are put behind it.
pub fn gap(text: &str, blank: bool) -> String {
    let end = line_end(text);
    match () {
        () if text.is_empty() => String::new(),
        () if !text.ends_with('\n') => end.repeat(1 + usize::from(blank)),
        () if blank && !text.ends_with("\n\n") && !text.ends_with("\n\r\n") => end.to_string(),
        () => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_utf_8_is_refused_with_its_line() {
        let refused = |bytes: &[u8]| Text::read(bytes).unwrap_err();
        assert!(refused(b"\xff\xfe{\0}\0").why.contains("UTF-16"));
        assert_eq!(refused(b"a\nb\n\xff").line, Some(3));
    }

    #[test]
    fn the_mark_and_the_line_ends_stay() {
        let text = Text::read(b"\xef\xbb\xbfa\r\nb").unwrap();
        assert_eq!(text.bytes(&text.body), b"\xef\xbb\xbfa\r\nb");
        assert_eq!((with_ends_of("x\ny\n", &text.body).as_str(), line_at(&text.body, 3)), ("x\r\ny\r\n", 2));
        assert_eq!(
            (gap("a", true), gap("a\n", true), gap("a\n\n", true)),
            ("\n\n".into(), "\n".into(), "".into())
        );
    }
}
