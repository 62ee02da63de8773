//! What C# 14 and later have brought: extension blocks, operators that assign,
//! `#:` lines of a program in one file. The members of an extension block are
//! those of the class around it.

use super::patch::Patch;
use super::tokens::{Of, Tokens};

/// Hides `extension<T>(Source<T> source) where T : class {` and its `}`. Without
/// type parameters it would pass for a constructor.
pub(super) fn without_extension_blocks(text: &str) -> Option<String> {
    if !text.contains("extension") {
        return None;
    }
    let tokens = Tokens::new(text, Of::CSharp);
    let mut patch = Patch::new(text);
    let mut is_type = false;
    for index in 0..tokens.len() {
        // In a type of this name it is a constructor.
        is_type |= tokens.text(index) == "extension"
            && matches!(tokens.before(index), "class" | "struct" | "record");
        if tokens.text(index) == "extension"
            && !is_type
            && matches!(tokens.before(index), "{" | "}" | ";" | "]")
            && let Some((open, close)) = extension_block(&tokens, index)
        {
            let start = docs_start(text, tokens.start(index));
            patch.blank(start..tokens.span(index, open).end);
            patch.blank(tokens.range(close));
        }
    }
    patch.done()
}

/// The braces of the block that begins at `extension`.
fn extension_block(tokens: &Tokens<'_>, index: usize) -> Option<(usize, usize)> {
    let mut at = index + 1;
    if tokens.text(at) == "<" {
        at = tokens.close(at)? + 1;
    }
    at = tokens.close(at).filter(|_| tokens.text(at) == "(")? + 1;
    let is_constrained = tokens.text(at) == "where";
    while is_constrained && at < tokens.len() && !matches!(tokens.text(at), "{" | ";" | "}") {
        at += 1;
    }
    let close = tokens.close(at).filter(|_| tokens.text(at) == "{")?;
    Some((at, close))
}

/// Where the doc comment on the lines before begins: it is about the block, not
/// about its first member.
fn docs_start(text: &str, at: usize) -> usize {
    let mut start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    if !text[start..at].trim().is_empty() {
        return at;
    }
    while let Some(end) = start.checked_sub(1) {
        let line = text[..end].rfind('\n').map_or(0, |end| end + 1);
        if !text[line..end].trim_start().starts_with("///") {
            break;
        }
        start = line;
    }
    start
}

pub(super) fn mended(text: &str) -> Option<String> {
    let tokens = Tokens::new(text, Of::CSharp);
    let mut patch = Patch::new(text);
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if line.starts_with("#:") {
            patch.blank(start..start + line.len());
        }
        start += line.len();
    }
    for index in 0..tokens.len() {
        match tokens.text(index) {
            "operator" => assigning_operator(&tokens, index, &mut patch),
            "closed" if matches!(tokens.text(index + 1), "class" | "record" | "partial" | "abstract") => {
                patch.blank(tokens.range(index));
            }
            "allows" if tokens.text(index + 1) == "ref" && tokens.text(index + 2) == "struct" => {
                patch.replace(tokens.span(index, index + 2), "notnull");
            }
            _ => {}
        }
    }
    patch.done()
}

/// `operator +=(`, of as many characters as one that the grammar knows.
fn assigning_operator(tokens: &Tokens<'_>, index: usize, patch: &mut Patch<'_>) {
    let first = if tokens.text(index + 1) == "checked" { index + 2 } else { index + 1 };
    let is_open = |at: &usize| *at >= tokens.len() || matches!(tokens.text(*at), "(" | ";" | "{");
    let open = (first..first + 5).find(is_open).unwrap_or(first);
    if open > first + 1 && tokens.text(open) == "(" && tokens.text(open - 1) == "=" {
        let known = matches!(tokens.text(first), "=" | "!")
            || (open == first + 2 && matches!(tokens.text(first), "<" | ">"));
        if !known {
            patch.replace(tokens.span(first, open - 1), "==");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::patch::check;
    use super::*;

    #[test]
    fn extension_blocks_are_hidden() {
        check(
            without_extension_blocks,
            "class X { extension<T>(I<T> s) where T : class { int A() => 1; } int B; }",
            "class X {                                        int A() => 1;   int B; }",
        );
        check(
            without_extension_blocks,
            "class X {\n  int B;\n  /// <summary>Why.\n  extension(string)\n  {\n    int A { get; }\n  }\n}",
            "class X {\n  int B;\n                   \n                   \n   \n    int A { get; }\n   \n}",
        );
        check(
            without_extension_blocks,
            "class X { [A] extension([B] ref int s) { } }",
            "class X { [A]                              }",
        );
    }

    #[test]
    fn other_uses_of_the_word_stay() {
        for text in [
            "class X { void A() { extension(x); } }",
            "class extension { int b; extension(int x) { } }",
            "class X { string extension; int A(string extension) { return extension(1) { } } }",
        ] {
            check(without_extension_blocks, text, text);
        }
    }

    #[test]
    fn new_words_are_hidden() {
        check(mended, "void operator +=(int x) { }", "void operator ==(int x) { }");
        check(mended, "void operator checked >>=(int x) { }", "void operator checked == (int x) { }");
        check(mended, "bool operator >=(A a, A b)", "bool operator >=(A a, A b)");
        check(mended, "#:package A@1\nint x;", "             \nint x;");
        check(mended, "where T : allows ref struct", "where T : notnull          ");
    }
}
