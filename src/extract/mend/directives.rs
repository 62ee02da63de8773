//! Lines of conditional compilation in a language whose branches always hold
//! whole statements: without them, all branches are code one after the other.
//!
//! Not here: branches that tear a statement apart (`conditionals`).

use super::blank;

/// `text` without the lines that begin with one of `directives`; `None` where
/// it has none.
pub(super) fn hidden(text: &str, directives: &[String]) -> Option<String> {
    let mut bytes: Option<Vec<u8>> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if directives.iter().any(|directive| begins_with(line.trim_start(), directive)) {
            let bytes = bytes.get_or_insert_with(|| text.as_bytes().to_vec());
            blank(&mut bytes[at..at + code_length(line)]);
        }
        at += line.len();
    }
    // Whole characters were replaced.
    bytes.and_then(|bytes| String::from_utf8(bytes).ok())
}

/// `#if` begins `#if(DEBUG)`, and not `#ifx`.
fn begins_with(line: &str, directive: &str) -> bool {
    let rest = line.strip_prefix(directive);
    rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
}

/// Up to a comment that ends on a later line.
fn code_length(line: &str) -> usize {
    match line.rfind("/*") {
        Some(open) if !line[open..].contains("*/") => open,
        _ => line.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        let directives = ["#if", "#elseif", "#else", "#endif"].map(str::to_string);
        assert_eq!(hidden(text, &directives).as_deref(), expected, "{text}");
    }

    #[test]
    fn only_lines_of_directives_are_hidden() {
        check("#if A\nx()\n  #else // é\ny()\n#endif", Some("     \nx()\n             \ny()\n      "));
        check("#elseif os(iOS) /* one\n two */\nx()\n", Some("                /* one\n two */\nx()\n"));
        check("if #available(iOS 1, *) {}\n#iffy()\n#warning(\"x\")\n\"#if\"\n", None);
        check("", None);
    }
}
