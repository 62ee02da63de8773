//! Reads lines of input, each within a bound, since only a line feed ends a
//! message.

use std::io::{self, BufRead};

/// Bytes of a message. A record that is to be remembered has at most
/// `limits::MAX_RECORD`, and escapes of JSON take up to four times as much.
const MAX_MESSAGE: usize = 4_000_000;

/// Bytes that are kept of a longer one: in them stands whom to answer.
const KEPT: usize = 4_096;

/// One line of input without its line feed.
#[derive(Debug, PartialEq)]
pub enum InputLine {
    Whole(Vec<u8>),
    /// The beginning of a line that was too long.
    TooLong(Vec<u8>),
}

/// The next line that is not blank; `None` at the end of input. One that the
/// end of input cuts off counts as whole.
pub fn next(input: &mut (impl BufRead + ?Sized)) -> io::Result<Option<InputLine>> {
    loop {
        let (mut line, length, ended) = read(input)?;
        if length > MAX_MESSAGE {
            line.shrink_to_fit();
            return Ok(Some(InputLine::TooLong(line)));
        }
        if !line.trim_ascii().is_empty() {
            return Ok(Some(InputLine::Whole(line)));
        }
        if ended {
            return Ok(None);
        }
    }
}

/// The bytes kept of a line, how many it had, and whether input ends with it.
fn read(input: &mut (impl BufRead + ?Sized)) -> io::Result<(Vec<u8>, usize, bool)> {
    let (mut line, mut length) = (Vec::new(), 0);
    loop {
        let available = match input.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            other => other?,
        };
        let end = available.iter().position(|byte| *byte == b'\n');
        let part = &available[..end.unwrap_or(available.len())];
        length += part.len();
        let most = if length > MAX_MESSAGE { KEPT } else { MAX_MESSAGE };
        line.truncate(most);
        line.extend_from_slice(&part[..part.len().min(most - line.len())]);
        let (taken, is_last) = (part.len() + usize::from(end.is_some()), available.is_empty());
        input.consume(taken);
        if end.is_some() || is_last {
            return Ok((line, length, is_last));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(mut input: &[u8]) -> Vec<InputLine> {
        std::iter::from_fn(|| next(&mut input).unwrap()).collect()
    }

    #[test]
    fn blank_lines_are_none_and_the_last_needs_no_line_feed() {
        let whole = |text: &str| InputLine::Whole(text.as_bytes().to_vec());
        assert_eq!(all(b"\n \r\na\r\n\nb"), [whole("a\r"), whole("b")]);
        assert_eq!(all(b""), []);
    }

    #[test]
    fn of_a_line_that_is_too_long_the_beginning_is_kept_and_the_next_is_read() {
        let text = [b"{\"id\":7".to_vec(), vec![b'x'; MAX_MESSAGE], b"\nnext\n".to_vec()].concat();
        let found = all(&text);
        let InputLine::TooLong(head) = &found[0] else { panic!("{found:?}") };
        assert!(head.starts_with(b"{\"id\":7x") && head.len() <= KEPT, "{}", head.len());
        assert_eq!(found[1..], [InputLine::Whole(b"next".to_vec())]);
        let longest = [vec![b'x'; MAX_MESSAGE], b"\n".to_vec()].concat();
        assert!(matches!(&all(&longest)[..], [InputLine::Whole(line)] if line.len() == MAX_MESSAGE));
    }
}
