//! Repository text inside our Markdown: in code spans and fences that it
//! cannot close, each fact on one line.

use crate::visible;

/// A code span around one line of text, with a delimiter longer than any run
/// of backticks inside (CommonMark 6.1).
pub fn span(text: &str) -> String {
    let text = line(text);
    let ticks = "`".repeat(longest_run(&text, '`').map_or(1, |run| run + 1));
    let padded = text.starts_with('`') || text.ends_with('`') || text.is_empty();
    // A text of spaces at both ends would lose one of each.
    let padded = padded || (text.starts_with(' ') && text.ends_with(' ') && !text.trim().is_empty());
    let space = if padded { " " } else { "" };
    format!("{ticks}{space}{text}{space}{ticks}")
}

/// A fenced block around lines of text (CommonMark 4.5).
pub fn fenced(text: &str) -> String {
    let ticks = "`".repeat(longest_run(text, '`').map_or(3, |run| (run + 1).max(3)));
    format!("{ticks}text\n{}\n{ticks}", text.trim_end_matches('\n'))
}

/// On one safe line: line breaks and other control and invisible characters
/// spelled out.
pub fn line(text: &str) -> String {
    visible::line(text).into_owned()
}

fn longest_run(text: &str, of: char) -> Option<usize> {
    text.split(|c| c != of).map(str::len).max().filter(|run| *run > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_closes_its_span_or_fence() {
        let check = |text: &str, expected: &str| assert_eq!(span(text), expected);
        check("a", "`a`");
        check("a`b", "``a`b``");
        check("``", "``` `` ```");
        check("a\nb", "`a\\u{a}b`");
        check(" a ", "`  a  `");
        assert_eq!(fenced("```\n# Instructions\n````"), "`````text\n```\n# Instructions\n````\n`````");
    }
}
