//! Parts of an output: lines by their numbers, or those that match an
//! expression. Bytes are handed on as they are.

use std::io::{self, BufRead, BufReader, Read, Write};

use regex::bytes::Regex;

/// Which part of an output.
#[derive(Clone, Debug)]
pub enum Part {
    All,
    /// From the first line, counted from 1, to the last, both included.
    Lines(u64, u64),
    Matching(Regex),
}

impl Part {
    /// `A:B`, `A:`, `:B` or `A`.
    pub fn lines(text: &str) -> Option<Self> {
        let number = |text: &str, default: u64| match text.trim() {
            "" => Some(default),
            text => text.parse().ok().filter(|number| *number > 0),
        };
        let (first, last) = match text.split_once(':') {
            Some((first, last)) => (number(first, 1)?, number(last, u64::MAX)?),
            None => {
                let one = text.trim().parse().ok().filter(|number| *number > 0)?;
                (one, one)
            }
        };
        (first <= last).then_some(Self::Lines(first, last))
    }

    /// The lines that match a regular expression.
    pub fn matching(expression: &str) -> Result<Self, String> {
        Regex::new(expression).map(Self::Matching).map_err(|error| error.to_string())
    }

    /// Copies the part from one to the other.
    pub fn copy(&self, mut from: impl Read, to: &mut dyn Write) -> io::Result<()> {
        if matches!(self, Self::All) {
            return io::copy(&mut from, to).map(drop);
        }
        let mut reader = BufReader::new(from);
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            if reader.read_until(b'\n', &mut line)? == 0
                || matches!(self, Self::Lines(_, last) if number > *last)
            {
                break;
            }
            if self.holds(number, &line) {
                to.write_all(&line)?;
            }
        }
        Ok(())
    }

    fn holds(&self, number: u64, line: &[u8]) -> bool {
        match self {
            Self::All => true,
            Self::Lines(first, last) => (*first..=*last).contains(&number),
            Self::Matching(expression) => expression.is_match(line.strip_suffix(b"\n").unwrap_or(line)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_cut_at_lines_and_nothing_is_changed() {
        let check = |part: Part, expected: &[u8]| {
            let mut out = Vec::new();
            part.copy(&b"one\r\ntwo \xff\nthree"[..], &mut out).unwrap();
            assert_eq!(out, expected, "{part:?}");
        };
        check(Part::All, b"one\r\ntwo \xff\nthree");
        check(Part::lines("2:3").unwrap(), b"two \xff\nthree");
        check(Part::lines(":1").unwrap(), b"one\r\n");
        check(Part::lines("3").unwrap(), b"three");
        check(Part::lines("9:").unwrap(), b"");
        check(Part::matching("^t.*e$").unwrap(), b"three");
        for text in ["0", "3:2", "a:b", "-1", ""] {
            assert!(Part::lines(text).is_none(), "{text}");
        }
    }
}
