//! Rust that only nightly compiles: macros by `macro`, aliases of traits, words
//! before items and bounds that are still unstable. What only adds to an item is
//! hidden; an item of a new kind becomes one that the grammar knows, told apart
//! by the text of its keyword in `tags.scm`.

use super::patch::Patch;
use super::tokens::{Of, Tokens};

pub(super) fn mended(text: &str) -> Option<String> {
    let mut mend = Mend { tokens: Tokens::new(text, Of::Rust), patch: Patch::new(text) };
    mend.front_matter();
    for index in 0..mend.tokens.len() {
        mend.item(index);
        mend.bound(index);
        mend.expression(index);
    }
    mend.patch.done()
}

struct Mend<'t> {
    tokens: Tokens<'t>,
    patch: Patch<'t>,
}

impl Mend<'_> {
    fn text(&self, index: usize) -> &str {
        self.tokens.text(index)
    }

    fn blank(&mut self, first: usize, last: usize) {
        self.patch.blank(self.tokens.span(first, last));
    }

    fn put(&mut self, index: usize, with: &str) {
        self.patch.replace(self.tokens.range(index), with);
    }

    /// A manifest between lines of dashes, before or behind the first line.
    fn front_matter(&mut self) {
        let mut fence: Option<&str> = None;
        let mut start = 0;
        let text = self.patch.text;
        for line in text.split_inclusive('\n') {
            let range = start..start + line.len();
            start = range.end;
            let line = line.trim_end();
            match fence {
                None if line.is_empty()
                    || (range.start == 0 && line.starts_with("#!") && !line.starts_with("#![")) =>
                {
                    continue;
                }
                None if line.starts_with("---") => fence = Some(line.trim_end_matches(|c| c != '-')),
                None => return,
                Some(open) if line == open => {
                    self.patch.blank(range);
                    return;
                }
                Some(_) => {}
            }
            self.patch.blank(range);
        }
        if fence.is_some() {
            // Never closed, so it is none.
            self.patch.bytes = text.as_bytes().to_vec();
        }
    }

    fn item(&mut self, index: usize) {
        let next = self.text(index + 1);
        let before = self.tokens.before(index);
        match self.text(index) {
            "macro" if self.tokens.is_word(index + 1) && !matches!(before, "." | ":" | "$") => {
                self.macro_item(index)
            }
            "trait" if self.tokens.is_word(index + 1) => self.trait_alias(index),
            "struct" | "enum" | "union" if self.tokens.is_word(index + 1) => self.fields(index),
            "extern" => self.foreign_types(index),
            "impl" => self.impl_item(index),
            "auto" if next == "trait" => self.blank(index, index),
            "const" if matches!(next, "trait" | "impl" | "auto") => self.blank(index, index),
            "const" if next == "unsafe" && matches!(self.text(index + 2), "trait" | "impl" | "auto") => {
                self.blank(index, index);
            }
            "default" if is_item(next) => self.blank(index, index),
            "gen" if matches!(next, "fn" | "{" | "move") => self.blank(index, index),
            "safe" if matches!(next, "fn" | "static" | "extern") => self.blank(index, index),
            "unsafe" if next == "mod" || next == "<" => self.unsafe_word(index),
            "type" if next == "const" => self.blank(index, index),
            "reuse" if self.tokens.is_word(index + 1) || next == "<" => self.delegation(index),
            "mut" if next == "(" && !matches!(before, "&" | "*") => self.restriction(index),
            _ => {}
        }
    }

    /// `macro name(..) { .. }` as `mod name { }`.
    fn macro_item(&mut self, index: usize) {
        let mut body = index + 2;
        if self.text(body) == "(" {
            let Some(close) = self.tokens.close(body) else { return };
            body = close + 1;
        }
        let Some(close) = self.tokens.close(body).filter(|_| self.text(body) == "{") else { return };
        self.put(index, "mod");
        if body > index + 2 {
            self.blank(index + 2, body - 1);
        }
        if close > body + 1 {
            self.blank(body + 1, close - 1);
        }
    }

    /// `trait Name<T> = Bound + Bound;` as a type.
    fn trait_alias(&mut self, index: usize) {
        let mut at = index + 2;
        if self.text(at) == "<" {
            let Some(close) = self.tokens.close(at) else { return };
            at = close + 1;
        }
        if self.text(at) == "=" {
            self.put(index, "type");
            if self.text(at + 1) == ";" {
                self.patch.replace(self.tokens.span(at, at + 1), ";");
            }
        }
    }

    /// Defaults and `unsafe` of fields, and bounds of a type without any.
    fn fields(&mut self, index: usize) {
        let mut open = index + 2;
        while open < self.tokens.len() && !matches!(self.text(open), "{" | ";" | "(" | "}") {
            open += 1;
        }
        let bounds = (index + 2..open).find(|&at| self.text(at) == "where");
        if let Some(bounds) = bounds.filter(|_| self.text(open) == ";") {
            self.blank(bounds, open - 1);
        }
        let Some(close) = self.tokens.close(open).filter(|_| self.text(open) == "{") else { return };
        if self.text(index) != "enum" {
            return self.fields_between(open, close);
        }
        let variants: Vec<usize> = (open + 1..close).filter(|&at| self.text(at) == "{").collect();
        for variant in variants {
            if let Some(end) = self.tokens.close(variant).filter(|_| self.tokens.is_word(variant - 1)) {
                self.fields_between(variant, end);
            }
        }
    }

    fn fields_between(&mut self, open: usize, close: usize) {
        let mut at = open + 1;
        while at < close {
            match self.text(at) {
                "unsafe" if self.tokens.is_word(at + 1) && self.text(at + 2) == ":" => self.blank(at, at),
                "(" | "[" | "{" => at = self.tokens.close(at).unwrap_or(at),
                "=" if self.text(at + 1) != ">" => {
                    let end = self.value_end(at + 1, close);
                    self.blank(at, end - 1);
                    at = end;
                }
                _ => {}
            }
            at += 1;
        }
    }

    /// The `,` behind the value at `at`, or `close`.
    fn value_end(&self, mut at: usize, close: usize) -> usize {
        while at < close && self.text(at) != "," {
            at = self.tokens.close(at).filter(|_| self.text(at) != "<").unwrap_or(at) + 1;
        }
        at.min(close)
    }

    /// `type Name;` in a block of foreign items as a module.
    fn foreign_types(&mut self, index: usize) {
        let open = if self.tokens.is_literal(index + 1) { index + 2 } else { index + 1 };
        let Some(close) = self.tokens.close(open).filter(|_| self.text(open) == "{") else { return };
        for at in open..close {
            if self.text(at) == "type" && self.text(at + 2) == ";" {
                self.put(at, "mod");
            }
        }
    }

    /// `impl const Trait for`, `impl(crate) trait`.
    fn impl_item(&mut self, index: usize) {
        let after = self.tokens.close(index + 1).map(|close| close + 1);
        let restricted =
            after.filter(|&after| matches!(self.text(after), "trait" | "unsafe" | "auto" | "const"));
        match (self.text(index + 1), after) {
            ("(", _) => {
                if let Some(trait_at) = restricted {
                    self.blank(index, trait_at - 1);
                }
            }
            ("<", Some(after)) if self.text(after) == "const" => self.blank(after, after),
            ("const", _) if self.tokens.is_word(index + 2) => self.blank(index + 1, index + 1),
            _ => {}
        }
    }

    /// `unsafe mod a`, `unsafe<'a> &'a T`.
    fn unsafe_word(&mut self, index: usize) {
        let end = if self.text(index + 1) == "<" { self.tokens.close(index + 1) } else { Some(index) };
        if let Some(end) = end {
            self.blank(index, end);
        }
    }

    /// `reuse path { .. }` as `use path;`.
    fn delegation(&mut self, index: usize) {
        let mut at = index + 1;
        while self.tokens.is_word(at) || matches!(self.text(at), ":" | "<" | ">" | "*" | ",") {
            at += 1;
        }
        // `{a, b}` of the path.
        if self.text(at) == "{" && self.tokens.before(at) == ":" {
            at = self.tokens.close(at).map_or(at, |close| close + 1);
        }
        let end = match (self.text(at), self.tokens.close(at)) {
            (";", _) => at,
            ("{", Some(close)) => close,
            _ => return,
        };
        // `<T as Trait>::name` is no path of a module.
        if self.text(index + 1) == "<" {
            return self.blank(index, end);
        }
        self.patch.replace(self.tokens.span(at, end), ";");
        self.put(index, "use");
    }

    /// `mut(crate) field: T`.
    fn restriction(&mut self, index: usize) {
        let close = self.tokens.close(index + 1);
        let is_field = |close: &usize| self.tokens.is_word(close + 1) && self.text(close + 2) == ":";
        if let Some(close) = close.filter(is_field) {
            self.blank(index, close);
        }
    }

    /// Words and marks that a bound or a type may have.
    fn bound(&mut self, index: usize) {
        let next = self.text(index + 1);
        match self.text(index) {
            "~" if next == "const" => self.blank(index, index + 1),
            "[" if next == "const" && self.text(index + 2) == "]" => self.blank(index, index + 2),
            "const" | "async" if self.is_bound(index) => self.blank(index, index),
            "(" if next == "." && self.text(index + 2) == "." && self.text(index + 3) == ")" => {
                if matches!(self.text(index + 4), ":" | ">" | ",") {
                    self.blank(index, index + 3);
                }
            }
            "=" if next == "{" && matches!(self.tokens.before(index.saturating_sub(1)), "<" | ",") => {
                let close = self.tokens.close(index + 1);
                if let Some(close) = close.filter(|close| matches!(self.text(close + 1), ">" | ",")) {
                    self.blank(index, close);
                }
            }
            "pin" if self.tokens.before(index) == "&" && matches!(next, "mut" | "const") => {
                self.blank(index, if next == "const" { index + 1 } else { index });
            }
            "dyn" if next == "*" => self.blank(index + 1, index + 1),
            _ => {}
        }
    }

    /// `T: const Trait`, `impl async Fn()`; not a constant or a block.
    fn is_bound(&self, index: usize) -> bool {
        let is_name = |text: &str| text.starts_with(|c: char| c.is_ascii_uppercase());
        let opens = matches!(self.tokens.before(index), ":" | "+" | "impl" | "dyn" | ">" | "=");
        opens
            && self.tokens.is_word(index + 1)
            && is_name(self.text(index + 1))
            && self.text(index + 2) != ":"
    }

    fn expression(&mut self, index: usize) {
        let next = self.text(index + 1);
        let before = self.tokens.before(index);
        match self.text(index) {
            "super" if next == "let" => self.blank(index, index),
            "become" if self.tokens.is_word(index + 1) => self.put(index, "return"),
            "do" if next == "yeet" => self.patch.replace(self.tokens.span(index, index + 1), "return"),
            "await" if before == "for" => self.blank(index, index),
            "builtin" if next == "#" => self.blank(index, index + 1),
            "box" if self.tokens.is_word(index + 1) => self.blank(index, index),
            "!" if matches!(before, "(" | ",") && matches!(next, ")" | ",") => self.put(index, "_"),
            "." if next == "." && self.text(index + 2) == "}" && matches!(before, "," | "{") => {
                self.blank(index, index + 1);
            }
            "for" if next == "<" => self.binder(index),
            number if number.starts_with(|c: char| c.is_ascii_digit()) => self.number(index),
            _ => {}
        }
    }

    /// `for<'a> |x| x`.
    fn binder(&mut self, index: usize) {
        let Some(close) = self.tokens.close(index + 1) else { return };
        if matches!(self.text(close + 1), "|" | "move" | "async" | "static") {
            self.blank(index, close);
        }
    }

    /// `1f16`, `2f128`.
    fn number(&mut self, index: usize) {
        let range = self.tokens.range(index);
        let suffix = ["f128", "f16"].into_iter().find(|suffix| self.text(index).ends_with(suffix));
        if let Some(suffix) = suffix {
            self.patch.replace(range.end - suffix.len()..range.end, "f32");
        }
    }
}

fn is_item(word: &str) -> bool {
    matches!(word, "impl" | "fn" | "const" | "type" | "unsafe" | "async" | "extern" | "gen")
}

#[cfg(test)]
mod tests {
    use super::super::patch::check;
    use super::*;

    #[test]
    fn new_kinds_of_items_become_known_ones() {
        check(mended, "pub macro m($x:expr) { $x }", "pub mod   m          {    }");
        check(mended, "macro m {\n () => {},\n}", "mod   m {\n          \n}");
        check(mended, "trait Al<T> = A<T> + ?Sized where T: B;", "type  Al<T> = A<T> + ?Sized where T: B;");
        check(mended, "extern \"C\" { pub type O; }", "extern \"C\" { pub mod  O; }");
        check(mended, "reuse a::{b, c};", "use   a::{b, c};");
        check(mended, "reuse A::b { self.0 }", "use   A::b ;         ");
        check(mended, "reuse <A as B>::b;", "                  ");
    }

    #[test]
    fn words_before_items_are_hidden() {
        check(mended, "pub unsafe auto trait X {}", "pub unsafe      trait X {}");
        check(mended, "const unsafe trait X {}", "      unsafe trait X {}");
        check(mended, "impl<T> const A for B<T> {}", "impl<T>       A for B<T> {}");
        check(mended, "impl const A for B {}", "impl       A for B {}");
        check(
            mended,
            "default impl A for B { default fn c() {} }",
            "        impl A for B {         fn c() {} }",
        );
        check(mended, "pub async gen fn a() {}", "pub async     fn a() {}");
        check(mended, "pub impl(in a::b) trait X {}", "pub               trait X {}");
        check(mended, "pub type const A: u8 = 1;", "pub      const A: u8 = 1;");
    }

    #[test]
    fn what_fields_and_bounds_add_is_hidden() {
        check(
            mended,
            "struct A { unsafe a: u8 = f(1, 2), b: u8 }",
            "struct A {        a: u8          , b: u8 }",
        );
        check(mended, "struct A { pub mut(crate) a: u8 }", "struct A { pub            a: u8 }");
        check(mended, "enum A { B = 1, C { d: u8 = 2 } }", "enum A { B = 1, C { d: u8     } }");
        check(mended, "struct A where u8: B;", "struct A            ;");
        check(
            mended,
            "fn f<A: ~const B + [const] C + const D>()",
            "fn f<A:        B +         C +       D>()",
        );
        check(
            mended,
            "fn f(a: &pin mut A, b: &pin const B, c: impl async Fn())",
            "fn f(a: &    mut A, b: &          B, c: impl       Fn())",
        );
        check(mended, "fn f<A: B<c(..): Send, D = { 1 }>>()", "fn f<A: B<c    : Send, D        >>()");
    }

    #[test]
    fn a_manifest_before_the_code_is_hidden() {
        check(
            mended,
            "#!/usr/bin/env cargo\n---cargo\n[a]\n---\nfn a() {}",
            "#!/usr/bin/env cargo\n        \n   \n   \nfn a() {}",
        );
        check(mended, "---\na\nfn a() {}", "---\na\nfn a() {}");
    }

    #[test]
    fn expressions_become_known_ones() {
        check(mended, "do yeet 1; become g(x); super let x = 1;", "return  1; return g(x);       let x = 1;");
        check(mended, "for<'a> |x: &'a u8| x; 1.0f16", "        |x: &'a u8| x; 1.0f32");
        check(mended, "match x { Err(!), Ok(box y) => {} }", "match x { Err(_), Ok(    y) => {} }");
    }

    #[test]
    fn stable_code_stays() {
        for text in [
            "macro_rules! m { () => { trait A {} } }",
            "const fn a<const N: usize>() -> [u8; N] { const { 1 } }",
            "let a = \"macro m { x }\"; // trait A = B;",
            "impl<const N: usize> A<N> for [u8; N] { type B = u8; const C: u8 = 1; }",
            "struct A { b: fn(u8) -> u8 } enum B { C = 1 }",
            "fn f(x: &mut (u8, u8), y: for<'a> fn(&'a u8)) { async {}; async move {} }",
        ] {
            check(mended, text, text);
        }
    }
}
