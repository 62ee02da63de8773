//! A look at the brackets before the parser sees them: what is nested beyond
//! [`limits::MAX_NESTING`] no person wrote, and a parser's error recovery can
//! hang on it where no callback stops it.
//!
//! Not here: correct syntax. Strings and comments count like code; that a
//! sane file is taken for a bomb needs hundreds of unmatched brackets in one
//! statement.

use super::manifest::{Nesting, NestingReset};
use crate::limits;

/// Brackets stand open deeper than the limit, or the grammar's own state would
/// not hold what a line asks for: it ends the whole process then.
pub(super) fn is_too_deep(source: &str, rule: &Nesting) -> bool {
    is_bracketed(source, rule)
        || rule.levels.is_some_and(|levels| source.lines().any(|line| levels_of(line) > levels))
        || rule.delimiter.is_some_and(|most| source.lines().any(|line| delimiter_of(line) > most))
}

/// Columns before the first word, and marks of blocks in one line.
fn levels_of(line: &str) -> usize {
    let columns = line.len() - line.trim_start_matches([' ', '\t']).len();
    let marks = line.as_bytes().windows(2).filter(|pair| matches!(pair, [b'-' | b'?' | b':', b' '])).count();
    columns + marks
}

/// Bytes of the longest delimiter behind a `<<`.
fn delimiter_of(line: &str) -> usize {
    let parts = line.split("<<").skip(1).map(|rest| rest.trim_start_matches(['-', '~']));
    let lengths = parts.map(|rest| match rest.chars().next() {
        Some(quote @ ('"' | '\'' | '`')) => rest[1..].find(quote).unwrap_or(rest.len()),
        _ => rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len()),
    });
    lengths.max().unwrap_or(0)
}

fn is_bracketed(source: &str, rule: &Nesting) -> bool {
    let bytes = source.as_bytes();
    let mut depth = 0usize;
    for (index, &byte) in bytes.iter().enumerate() {
        match byte {
            b'(' | b'[' | b'{' | b'<' if rule.open.as_bytes().contains(&byte) => {
                depth += 1;
                if depth > limits::MAX_NESTING {
                    return true;
                }
            }
            b';' if rule.reset == NestingReset::Statement => depth = 0,
            b'}' if rule.reset == NestingReset::Statement && opens_line(bytes, index) => depth = 0,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b'>' if rule.open.contains('<') && !is_arrow(bytes, index) => {
                depth = depth.saturating_sub(1);
            }
            _ if rule.reset == NestingReset::Line
                && (byte == b'@' || byte.is_ascii_alphabetic())
                && opens_line(bytes, index) =>
            {
                depth = 0;
            }
            _ => {}
        }
    }
    false
}

fn opens_line(bytes: &[u8], index: usize) -> bool {
    index == 0 || bytes[index - 1] == b'\n'
}

fn is_arrow(bytes: &[u8], index: usize) -> bool {
    index > 0 && matches!(bytes[index - 1], b'-' | b'=')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, reset: NestingReset, expected: bool) {
        let open = match reset {
            NestingReset::Statement => "([{<",
            NestingReset::Line => "([{",
        };
        let rule = Nesting { open: open.into(), reset, levels: Some(128), delimiter: Some(200) };
        assert_eq!(is_too_deep(source, &rule), expected);
    }

    #[test]
    fn a_bomb_is_seen() {
        check(&"a<".repeat(20_000), NestingReset::Statement, true);
        check(&"a<\n".repeat(20_000), NestingReset::Statement, true);
        check(&"(".repeat(300), NestingReset::Line, true);
        check(&"- ".repeat(300), NestingReset::Line, true);
        check(&(0..300).map(|at| " ".repeat(at) + "a:\n").collect::<String>(), NestingReset::Line, true);
        check(&format!("x = <<{}\n", "A".repeat(256)), NestingReset::Line, true);
        check(&format!("x = <<~\"{}\"\n", "A b".repeat(100)), NestingReset::Line, true);
    }

    #[test]
    fn long_sane_code_is_not() {
        check(&"let a = b < c;\n".repeat(1_000), NestingReset::Statement, false);
        check(&"  - a: b\nx = <<~END\n".repeat(1_000), NestingReset::Line, false);
        check(&"fn a() -> B { x => y }\n".repeat(1_000), NestingReset::Statement, false);
        check(&"if a < b: print(':(')\n".repeat(1_000), NestingReset::Line, false);
    }
}
