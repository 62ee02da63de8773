//! Go 1.27 lets methods have type parameters: `func (s Stack[T]) Map[U any](f
//! func(T) U)`. They are hidden.

use super::patch::Patch;
use super::tokens::{Of, Tokens};

pub(super) fn mended(text: &str) -> Option<String> {
    let tokens = Tokens::new(text, Of::Go);
    let mut patch = Patch::new(text);
    for index in 0..tokens.len() {
        if tokens.text(index) == "func"
            && let Some((open, close)) = type_parameters(&tokens, index)
        {
            patch.blank(tokens.span(open, close));
        }
    }
    patch.done()
}

/// Their brackets, of the method at `func`.
fn type_parameters(tokens: &Tokens<'_>, func: usize) -> Option<(usize, usize)> {
    let receiver = func + 1;
    let name = (tokens.text(receiver) == "(").then(|| tokens.close(receiver)).flatten()? + 1;
    let open = name + 1;
    let is_named = tokens.is_word(name) && tokens.text(open) == "[";
    let close = is_named.then(|| tokens.close(open)).flatten()?;
    (tokens.text(close + 1) == "(").then_some((open, close))
}

#[cfg(test)]
mod tests {
    use super::super::patch::check;
    use super::*;

    #[test]
    fn type_parameters_of_methods_are_hidden() {
        check(mended, "func (s *S[T]) M[U any](f U) {}", "func (s *S[T]) M       (f U) {}");
        check(mended, "func (S) M[U, V ~[]int](f U) {}", "func (S) M             (f U) {}");
        check(mended, "func (s S) M[\n\tU any,\n](f U) {}", "func (s S) M \n\t      \n (f U) {}");
    }

    #[test]
    fn other_brackets_are_not() {
        for text in
            ["func F[T any](x T) {}", "func (s S) M() [2]int {}", "x := func(a int) m[int]{}", "func (s"]
        {
            check(mended, text, text);
        }
    }
}
