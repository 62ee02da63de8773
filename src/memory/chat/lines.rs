//! The lines of a conversation, one by one, so that memory has a bound whatever
//! comes in.
//!
//! Not here: what a line says (`marks`).

use std::io::{self, BufRead, Read};

use crate::limits;

/// Lines of a file, each with its end, none longer than [`limits::MAX_CHAT_LINE`].
pub(super) struct ChatLines<R> {
    pub input: io::BufReader<R>,
    /// Of the line that was read last, from 1.
    pub number: usize,
}

/// A line, or that it was too long and was passed over.
pub(super) enum ChatLine {
    Whole(String),
    TooLong,
}

impl<R: Read> ChatLines<R> {
    /// The next line; `None` at the end.
    pub fn next(&mut self) -> io::Result<Option<ChatLine>> {
        let mut bytes = Vec::new();
        let limit = limits::MAX_CHAT_LINE as u64;
        if (&mut self.input).take(limit).read_until(b'\n', &mut bytes)? == 0 {
            return Ok(None);
        }
        self.number += 1;
        if bytes.last() == Some(&b'\n') || bytes.len() < limits::MAX_CHAT_LINE {
            return Ok(Some(ChatLine::Whole(String::from_utf8_lossy(&bytes).into_owned())));
        }
        self.pass_over()?;
        Ok(Some(ChatLine::TooLong))
    }

    /// Goes on to the next line, keeping nothing.
    fn pass_over(&mut self) -> io::Result<()> {
        loop {
            let buffer = self.input.fill_buf()?;
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let (length, is_end) =
                (end.map_or(buffer.len(), |end| end + 1), end.is_some() || buffer.is_empty());
            self.input.consume(length);
            if is_end {
                return Ok(());
            }
        }
    }

    /// The first line that says anything, empty where none does.
    pub fn first(&mut self) -> io::Result<String> {
        while let Some(line) = self.next()? {
            match line {
                ChatLine::Whole(line) if line.trim_start_matches('\u{feff}').trim().is_empty() => {}
                ChatLine::Whole(line) => return Ok(line.trim_start_matches('\u{feff}').to_string()),
                ChatLine::TooLong => return Ok(String::new()),
            }
        }
        Ok(String::new())
    }

    /// Whether more than white space follows; what was looked at stays.
    pub fn has_more(&mut self) -> io::Result<bool> {
        let buffer = self.input.fill_buf()?;
        Ok(!buffer.trim_ascii().is_empty())
    }
}
