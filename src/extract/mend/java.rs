//! Annotations of types that the grammar has no place for: before the dots of
//! a variable number of arguments, `int[] @A ... xs`, and in the pattern of a
//! record, `case P(@A int x)`. They are hidden.

use super::patch::Patch;
use super::tokens::{Of, Tokens};

pub(super) fn mended(text: &str) -> Option<String> {
    let tokens = Tokens::new(text, Of::Java);
    let mut patch = Patch::new(text);
    let mut index = 0;
    while index < tokens.len() {
        if tokens.text(index) == "case" {
            hide_in_pattern(&tokens, index, &mut patch);
        }
        if tokens.text(index) != "@" {
            index += 1;
            continue;
        }
        let first = index;
        while tokens.text(index) == "@" {
            index = annotation_end(&tokens, index);
        }
        if is_dots(&tokens, index) {
            patch.blank(tokens.span(first, index - 1));
        }
    }
    patch.done()
}

fn hide_in_pattern(tokens: &Tokens<'_>, case: usize, patch: &mut Patch<'_>) {
    let mut at = case + 1;
    while tokens.is_word(at) || tokens.text(at) == "." {
        at += 1;
    }
    let Some(close) = tokens.close(at).filter(|_| tokens.text(at) == "(") else { return };
    while at < close {
        if tokens.text(at) == "@" {
            let end = annotation_end(tokens, at);
            patch.blank(tokens.span(at, end - 1));
            at = end;
        } else {
            at += 1;
        }
    }
}

/// The token behind the annotation whose `@` this is.
fn annotation_end(tokens: &Tokens<'_>, at: usize) -> usize {
    let mut end = at + 1;
    if tokens.is_word(end) {
        end += 1;
        while tokens.text(end) == "." && tokens.is_word(end + 1) {
            end += 2;
        }
    }
    match tokens.text(end) {
        "(" => tokens.close(end).map_or(end, |close| close + 1),
        _ => end,
    }
}

fn is_dots(tokens: &Tokens<'_>, at: usize) -> bool {
    (at..at + 3).all(|index| tokens.text(index) == ".")
}

#[cfg(test)]
mod tests {
    use super::super::patch::check;
    use super::*;

    #[test]
    fn annotations_before_dots_are_hidden() {
        check(mended, "void g(int[] @A ... xs)", "void g(int[]    ... xs)");
        check(mended, "void g(@B int @A... xs)", "void g(@B int   ... xs)");
        check(mended, "g(T @a.B(x = \")\") @C\n... xs)", "g(T                 \n... xs)");
        check(mended, "case P(@A int x, Q(@B(1) var y)) ->", "case P(   int x, Q(      var y)) ->");
    }

    #[test]
    fn others_are_not() {
        for text in ["@A(1) int... x", "List<@A String> @B [] x", "@interface A {}", "f(@A", "\"@A ...\""] {
            check(mended, text, text);
        }
    }
}
