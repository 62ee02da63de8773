//! `abstract` and `accessor` as names of members: the grammar takes them for
//! modifiers wherever they stand. Another letter makes names of them.

use super::patch::Patch;
use super::tokens::{Of, Tokens};

pub(super) fn mended(text: &str) -> Option<String> {
    if !text.contains("abstract") && !text.contains("accessor") {
        return None;
    }
    let tokens = Tokens::new(text, Of::TypeScript);
    let mut patch = Patch::new(text);
    for index in 0..tokens.len() {
        if matches!(tokens.text(index), "abstract" | "accessor") && is_name(&tokens, index) {
            let start = tokens.start(index);
            patch.bytes[start] = b'_';
        }
    }
    patch.done()
}

/// What follows is nothing that a modifier stands before.
fn is_name(tokens: &Tokens<'_>, index: usize) -> bool {
    match tokens.text(index + 1) {
        ":" | "?" | "!" | "(" | "=" | ";" | "," | "<" | "}" | "" => true,
        // A modifier stands on the line of what it modifies.
        next => tokens.ends_line(index) && !matches!(next, "class" | "interface" | "enum" | "namespace"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::patch::check;
    use super::*;

    #[test]
    fn keywords_before_no_name_are_names() {
        check(mended, "class A { abstract: string }", "class A { _bstract: string }");
        check(mended, "class A { abstract = 1; accessor() {} }", "class A { _bstract = 1; _ccessor() {} }");
        check(mended, "class A { abstract abstract<T>(): T; }", "class A { abstract _bstract<T>(): T; }");
        check(mended, "class A {\n  accessor\n  m() {}\n}", "class A {\n  _ccessor\n  m() {}\n}");
        check(mended, "interface A { readonly abstract?: B }", "interface A { readonly _bstract?: B }");
        check(mended, "class A { accessor accessor!: B }", "class A { accessor _ccessor!: B }");
    }

    #[test]
    fn modifiers_and_text_stay() {
        for text in [
            "abstract class A { abstract m(): void; accessor x = 1; abstract [Symbol.iterator](): B }",
            "const a = 'abstract: x'; // abstract: y\n`abstract(${b})`",
            "export abstract\nclass A {}",
            "abstract accessor x: number",
        ] {
            check(mended, text, text);
        }
    }
}
