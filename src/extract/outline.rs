//! One file: parse it once, within bounds, and once more where the tree is
//! broken.
//!
//! Not here: what a language's constructs are called (its query), how an
//! outline is put together from what was found (`assemble`).

use std::cell::RefCell;

use tree_sitter::{ParseOptions, Parser, Tree};

use super::language::{Compiled, Language};
use super::lines::line_count;
use super::mend::Mended;
use super::query::{Deadline, run_query};
use super::{Extracted, assemble, embedded, mend, nesting};
use crate::model::{Outline, SafeText, Unparsed};

/// What `source`, with LF line ends, declares, imports and mentions.
///
/// Safe to call from many threads at once. The same source gives the same
/// outline, unless the time limit cuts in.
pub fn outline(language: &Language, source: &SafeText) -> Extracted {
    let text = source.as_str();
    if let Some(embedded) = language.embedded() {
        let empty = |has_error| {
            let outline = Outline { lines: line_count(text), has_error, ..Outline::default() };
            Extracted { outline, unparsed: None }
        };
        return match embedded::code(embedded, source) {
            embedded::EmbeddedCode::Code(code) => code.as_in_file(outline(code.language, &code.text), text),
            embedded::EmbeddedCode::Nothing => empty(false),
            embedded::EmbeddedCode::Broken => empty(true),
        };
    }
    let unparsed = |reason| Extracted { outline: no_outline(source), unparsed: Some(reason) };
    if nesting::is_too_deep(text, &language.manifest().nesting) {
        return unparsed(Unparsed::TooDeep);
    }
    let Some(compiled) = language.compiled() else {
        let outline = Outline { lines: line_count(text), ..Outline::default() };
        return Extracted { outline, unparsed: None };
    };
    let deadline = Deadline::from_now();
    let mended = mend::mended(language.manifest(), text);
    let parsed = mended.as_ref().map_or(text, |mended| mended.text.as_str());
    let Some(tree) = parse_mended(compiled, parsed, mended.as_ref(), &deadline) else {
        return unparsed(Unparsed::TooSlow);
    };
    let repaired = repaired(language, compiled, (text, parsed), &tree, &deadline);
    let (parsed, tree) = match &repaired {
        Some((repaired, better)) => (repaired.as_str(), better),
        None => (parsed, &tree),
    };
    let Some(found) = run_query(compiled, tree, text, &deadline) else {
        return unparsed(Unparsed::TooSlow);
    };
    Extracted { outline: assemble::outline(language, compiled, source, parsed, tree, found), unparsed: None }
}

/// The extraction of a text whose parser failed: an empty outline with the
/// reason.
pub fn no_outline(source: &SafeText) -> Outline {
    Outline { lines: line_count(source.as_str()), has_error: true, ..Outline::default() }
}

/// The tree of `parsed`, with the separators that belong to it.
fn parse_mended(
    compiled: &Compiled,
    parsed: &str,
    mended: Option<&Mended>,
    deadline: &Deadline,
) -> Option<Tree> {
    let separated = mended.and_then(Mended::with_separators);
    let mut tree = parse(compiled, separated.as_deref().unwrap_or(parsed), deadline)?;
    if let Some(mended) = mended {
        mended.remove_separators(&mut tree);
    }
    Some(tree)
}

/// Another look at a text whose tree has errors; `None` where that is no better.
fn repaired(
    language: &Language,
    compiled: &Compiled,
    (text, parsed): (&str, &str),
    tree: &Tree,
    deadline: &Deadline,
) -> Option<(String, Tree)> {
    let root = tree.root_node();
    if !root.has_error() {
        return None;
    }
    let is_lost = root.is_error() && language.manifest().macros;
    let repaired = match is_lost {
        true => mend::plain(language.manifest(), text),
        false => mend::repaired(language.manifest(), parsed)?,
    };
    let better = parse(compiled, &repaired, deadline)?;
    (damage(&better) < damage(tree)).then_some((repaired, better))
}

/// Bytes that the parser could not place, and one for each token that it missed.
fn damage(tree: &Tree) -> usize {
    let mut cursor = tree.walk();
    let mut damage = 0;
    loop {
        let node = cursor.node();
        let is_broken = node.is_error() || node.is_missing();
        if is_broken {
            damage += 1 + node.byte_range().len();
        }
        if !is_broken && node.has_error() && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return damage;
            }
        }
    }
}

fn parse(compiled: &Compiled, text: &str, deadline: &Deadline) -> Option<Tree> {
    thread_local! {
        static PARSER: RefCell<Parser> = RefCell::new(Parser::new());
    }
    PARSER.with_borrow_mut(|parser| {
        // A parse that was stopped would be resumed.
        parser.reset();
        parser.set_language(&compiled.grammar).ok()?;
        let mut is_late = |_: &_| deadline.flow();
        let options = ParseOptions::new().progress_callback(&mut is_late);
        let bytes = text.as_bytes();
        parser.parse_with_options(&mut |at, _| bytes.get(at..).unwrap_or(&[]), None, Some(options))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::language_of;
    use crate::limits;
    use crate::model::RelPath;

    fn extract(path: &str, source: &str) -> Extracted {
        let language = language_of(&RelPath::new(path).unwrap(), b"").unwrap();
        outline(language, &SafeText::from_redacted(source.to_string()))
    }

    /// `expected` is one signature a line, indented by its depth.
    fn check(path: &str, source: &str, expected: &[&str]) {
        let outline = extract(path, source).outline;
        let depth = |index: usize| {
            let parent = |index: &usize| outline.symbols[*index].parent.map(|up| up as usize);
            std::iter::successors(Some(index), parent).count() - 1
        };
        let shown: Vec<String> = (0..outline.symbols.len())
            .map(|index| {
                let indent = "  ".repeat(depth(index));
                format!("{indent}{}", outline.symbols[index].signature)
            })
            .collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_signature_folds_onto_one_line() {
        check(
            "a.rs",
            "pub fn a<\n    T,\n>(\n    x: T, // why\n    y: [u8; 2],\n) -> (\n    T,\n    u8,\n)\nwhere\n    T: B,\n{\n}",
            &["pub fn a<T>(x: T, y: [u8; 2]) -> (T, u8) where T: B"],
        );
        check(
            "a.py",
            "def a(\n    x, y=1,  # why\n    *,\n    z: int = 2,\n) -> int:\n    pass",
            &["def a(x, y=1, *, z: int = 2) -> int"],
        );
        check("a.rs", "fn a(\n    B {\n        c,\n    }: B,\n) {}", &["fn a(B { c }: B)"]);
    }

    #[test]
    fn members_on_lines_of_their_own_stay_apart_on_one_line() {
        check(
            "a.ts",
            "declare const a: {\n  b: string\n  c: number\n}[]",
            &["declare const a: { b: string; c: number }[]"],
        );
    }

    #[test]
    fn a_later_name_of_a_list_has_the_type_of_the_first() {
        check("a.c", "static int a, *b;", &["static int a", "int *b"]);
        check("a.c", "typedef old new;", &["typedef old new"]);
    }

    #[test]
    fn variables_of_a_test_that_a_macro_declares_are_local() {
        check("a.cc", "TEST(a, b) {\n  int c = 1;\n}\nint d;", &["int d"]);
        check("a.bats", "@test \"a\" {\n  b=1\n}\nc=2", &["c=2"]);
    }

    #[test]
    fn a_name_is_not_pushed_out_by_decorators() {
        let source = format!("{}def a(x): pass", "@click.option('--name', help='h')\n".repeat(9));
        check("a.py", &source, &["… def a(x)"]);
    }

    #[test]
    fn long_values_are_cut_and_short_ones_kept() {
        check("a.rs", r##"const A: &str = r#"\\?\"#;"##, &[r##"const A: &str = r#"\\?\"#"##]);
        check("a.rs", "const A: [u8; 2] = [\n1,\n2];", &["const A: [u8; 2] = […]"]);
        let long = format!("def a(x={}, y={:?}): pass", "b + ".repeat(20) + "c", "d".repeat(50));
        check("a.py", &long, &["def a(x=…, y=…)"]);
    }

    #[test]
    fn nesting_is_kept() {
        check(
            "a.py",
            "class A:\n  if x:\n    def b(self):\n      class C: y = 1\n      z = 1",
            &["class A", "  def b(self)", "    class C", "      y = 1"],
        );
        check(
            "a.rs",
            "mod a { impl B { fn c() { struct D; } } }",
            &["mod a", "  impl B", "    fn c()", "      struct D"],
        );
    }

    #[test]
    fn broken_code_keeps_what_is_whole() {
        check("a.rs", "fn a() {}\nfn b( {\n}\nstruct B;", &["fn a()", "fn b", "struct B"]);
        assert!(extract("a.rs", "fn a() {}\nfn b( {\n}\nstruct B;").outline.has_error);
    }

    #[test]
    fn odd_texts_give_an_outline() {
        for source in ["", "\n", "\0", "\u{feff}fn a() {}", "fn", "é", "#!", "'", "\"", "/*", "\\"] {
            for path in ["a.rs", "a.py"] {
                assert_eq!(extract(path, source).unparsed, None, "{path} {source:?}");
            }
        }
        assert_eq!(extract("a.rs", "a\nb").outline.lines, 2);
        assert_eq!(extract("a.rs", "a\nb\n").outline.lines, 2);
        assert_eq!(extract("a.rs", "").outline.lines, 0);
    }

    #[test]
    fn a_bracket_bomb_is_not_parsed() {
        let found = extract("a.rs", &"a<".repeat(20_000));
        assert_eq!(found.unparsed, Some(Unparsed::TooDeep));
        assert!(found.outline.has_error);
    }

    #[test]
    fn symbols_nested_beyond_the_limit_are_left_out() {
        let depth = limits::MAX_SYMBOL_DEPTH + 5;
        let source = format!("{}{}", "mod a { ".repeat(depth), "}".repeat(depth));
        let outline = extract("a.rs", &source).outline;
        assert_eq!(outline.symbols.len(), limits::MAX_SYMBOL_DEPTH);
    }

    #[test]
    fn the_last_line_of_a_crowded_file_does_not_matter() {
        let source = "struct A;".repeat(limits::MAX_SYMBOLS + 1);
        let outline = extract("a.rs", &source).outline;
        assert_eq!(outline.symbols.len(), limits::MAX_SYMBOLS);
    }
}
