//! What a preprocessor would have taken away: names in capitals that stand
//! where the grammar has no place for a name (`class EXPORT Name`, `API int
//! f()`). They become white space of the same length, so that every place in
//! the tree is one in the source.
//!
//! Not here: expanding macros.

use std::collections::HashSet;
use std::ops::Range;

/// Words that begin a declaration or go on with one. A name in capitals
/// before one of these is a macro.
#[rustfmt::skip]
const KEYWORDS: [&str; 43] = [
    "alignas", "auto", "bool", "char", "class", "concept", "const", "consteval", "constexpr", "constinit", "double",
    "enum", "explicit", "extern", "float", "friend", "inline", "int", "long", "mutable", "namespace", "noexcept",
    "operator", "override", "private", "protected", "public", "register", "requires", "restrict", "short", "signed",
    "static", "struct", "template", "thread_local", "typedef", "typename", "union", "unsigned", "using", "virtual",
    "void",
];

/// `text` without such names, in as many bytes.
pub(super) fn hidden(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let classes = classes(text.as_bytes());
    let mut words = Words { text: text.as_bytes(), at: 0 };
    let mut before: &[u8] = b"";
    let mut last_end = 0;
    // In the braces of an enumeration, or on the way there.
    let (mut is_enum, mut in_enum) = (false, false);
    // The word before may be the type that a declaration begins with.
    let mut begins_statement = false;
    while let Some((start, end)) = words.next() {
        let word = &text.as_bytes()[start..end];
        let gap = text.as_bytes()[last_end..start].trim_ascii();
        in_enum = (in_enum && !gap.contains(&b'}')) || (is_enum && gap.starts_with(b"{"));
        is_enum = word == b"enum" || (is_enum && !gap.iter().any(|byte| b"{;()=".contains(byte)));
        let in_call = match (is_capital(word), in_enum) {
            (true, true) => enumerator(text.as_bytes(), end),
            (true, false) => string_call(text.as_bytes(), gap, end),
            _ => None,
        };
        if let Some((kept, over)) = in_call {
            for at in (start..over).filter(|at| !kept.contains(at)) {
                if !bytes[at].is_ascii_whitespace() {
                    bytes[at] = b' ';
                }
            }
            words.at = over;
            last_end = over;
            before = b"";
            continue;
        }
        let place = match gap {
            b"" if is_convention(word) && is_name(before) => Place::AfterType,
            b"" if is_name(before) && !is_capital(before) && begins_statement => Place::AfterType,
            b"" if matches!(before, b"const" | b"override" | b"final" | b"noexcept") => Place::AfterHead,
            b"" | b"*" if is_type(before) => Place::AfterType,
            b">" => Place::AfterType,
            gap if gap.ends_with(b")") => Place::AfterHead,
            gap if gap.ends_with(b";") || gap.ends_with(b"}") => Place::AfterStatement,
            _ => Place::Other,
        };
        last_end = end;
        begins_statement = gap.ends_with(b";")
            || gap.ends_with(b"}")
            || start == 0
            || (gap.is_empty() && matches!(before, b"static" | b"extern" | b"inline" | b"const"));
        if is_capital(word)
            && let Some(end) = macro_end(text.as_bytes(), before, end, place, &classes)
        {
            for byte in &mut bytes[start..end] {
                if !byte.is_ascii_whitespace() {
                    *byte = b' ';
                }
            }
            words.at = end;
            last_end = end;
            continue;
        }
        before = word;
    }
    // Only ASCII was replaced by ASCII, or whole characters within brackets.
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_string())
}

/// In an enumeration a call stands for an enumerator, the one that it names
/// first in capitals, or for some that are not written out: what of it to keep
/// and where it is over.
fn enumerator(text: &[u8], end: usize) -> Option<(Range<usize>, usize)> {
    if text.get(end) != Some(&b'(') {
        return None;
    }
    let over = arguments_end(text, end)?;
    let start = skip_space(text, end + 1);
    let name = start..word_at(text, start);
    let is_named = is_capital(&text[name.clone()]);
    Some((if is_named { name } else { end..end }, over))
}

/// `NAME("a")` between strings is part of one, for which the grammar has no place.
fn string_call(text: &[u8], gap: &[u8], end: usize) -> Option<(Range<usize>, usize)> {
    if text.get(end) != Some(&b'(') {
        return None;
    }
    let over = arguments_end(text, end)?;
    let follows = text.get(skip_space(text, over)) == Some(&b'"');
    let is_part = (follows && !gap.ends_with(b"extern")) || gap.ends_with(b"\"");
    is_part.then_some((end..end, over))
}

/// A name that is no keyword.
fn is_name(word: &[u8]) -> bool {
    #[rustfmt::skip]
    const STATEMENTS: [&[u8]; 14] = [
        b"and", b"case", b"delete", b"do", b"else", b"goto", b"new", b"not", b"or", b"return", b"sizeof", b"throw",
        b"co_return", b"co_await",
    ];
    let is_keyword = std::str::from_utf8(word).is_ok_and(|word| KEYWORDS.contains(&word));
    !word.is_empty() && !word[0].is_ascii_digit() && !is_keyword && !STATEMENTS.contains(&word)
}

/// How a function is called: it stands between the type and the name.
fn is_convention(word: &[u8]) -> bool {
    let known: [&[u8]; 8] =
        [b"WINAPI", b"APIENTRY", b"NTAPI", b"EFIAPI", b"CDECL", b"PASCAL", b"WSAAPI", b"STDMETHODCALLTYPE"];
    let ends: [&[u8]; 4] = [b"CALL", b"CALLBACK", b"APIENTRY", b"_CC"];
    known.contains(&word) || ends.iter().any(|end| word.ends_with(end))
}

/// What stands before a name in capitals.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// The parameters of a function, or a word behind them.
    AfterHead,
    AfterType,
    AfterStatement,
    Other,
}

/// `int`, `void`, `name`; not `static`.
fn is_type(word: &[u8]) -> bool {
    let types: [&[u8]; 10] =
        [b"auto", b"bool", b"char", b"double", b"float", b"int", b"long", b"short", b"unsigned", b"void"];
    let is_keyword = std::str::from_utf8(word).is_ok_and(|word| KEYWORDS.contains(&word));
    types.contains(&word) || (!is_keyword && word.ends_with(b"_t"))
}

/// Names of classes: a macro before one and a bracket is before a constructor.
fn classes(text: &[u8]) -> HashSet<&[u8]> {
    let mut classes = HashSet::new();
    let mut is_class = false;
    for (start, end) in (Words { text, at: 0 }) {
        let word = &text[start..end];
        if is_class && !is_capital(word) {
            classes.insert(word);
        }
        is_class = matches!(word, b"class" | b"struct") || (is_class && is_capital(word));
    }
    classes
}

/// Where the macro that ends at `end` is over, its arguments included; `None`
/// where it may be a type or a function.
fn macro_end(
    text: &[u8],
    before: &[u8],
    end: usize,
    place: Place,
    classes: &HashSet<&[u8]>,
) -> Option<usize> {
    let over = match text.get(end) {
        Some(b'(') => arguments_end(text, end)?,
        _ => end,
    };
    let next = skip_space(text, over);
    let goes_on = match text.get(next) {
        Some(b'{') => true,
        Some(b';' | b'=' | b':') => over == end,
        _ => false,
    };
    if place == Place::AfterHead && goes_on {
        return Some(over);
    }
    // `BEGIN f(x); END }` with no semicolon.
    if place == Place::AfterStatement && text.get(next) == Some(&b'}') {
        return Some(over);
    }
    let word = word_at(text, next);
    let follows = &text[next..word];
    if follows.is_empty() || follows[0].is_ascii_digit() {
        return None;
    }
    // `BOOL WINAPI f()`
    if is_convention(follows) {
        return None;
    }
    let is_keyword = std::str::from_utf8(follows).is_ok_and(|word| KEYWORDS.contains(&word));
    // `BYTE const x` is a type.
    if is_keyword {
        return (follows != b"const").then_some(over);
    }
    if matches!(before, b"class" | b"struct" | b"union" | b"enum" | b"namespace") {
        return Some(over);
    }
    let is_called = text.get(skip_space(text, word)) == Some(&b'(');
    let is_function = is_called && (classes.contains(follows) || place == Place::AfterType);
    let ends = [&b"_INLINE"[..], b"_API", b"_EXPORT", b"_FUNC"];
    let is_marker = place == Place::AfterType || ends.iter().any(|marker| text[..end].ends_with(marker));
    let is_member = text[word..].starts_with(b"::") && is_marker;
    (is_function || is_member || names_follow(text, word)).then_some(over)
}

/// After the type that ends here, another word stands: `Type *name`.
fn names_follow(text: &[u8], end: usize) -> bool {
    let mut at = end;
    while text[at..].starts_with(b"::") {
        at = word_at(text, at + 2);
    }
    let next = skip_space(text, at);
    let mut name = next;
    while name < text.len() && matches!(text[name], b'*' | b'&' | b' ' | b'\n') {
        name += 1;
    }
    (next > at || name > next)
        && text.get(name).is_some_and(|&byte| byte.is_ascii_alphabetic() || byte == b'_')
}

fn is_capital(word: &[u8]) -> bool {
    word.len() > 2
        && word[0].is_ascii_uppercase()
        && word.iter().all(|&byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

/// Longest arguments of a macro that are looked through.
const MAX_ARGUMENTS: usize = 400;

fn arguments_end(text: &[u8], open: usize) -> Option<usize> {
    let mut depth = 0;
    for (offset, byte) in text[open..].iter().take(MAX_ARGUMENTS).enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' if depth == 1 => return Some(open + offset + 1),
            b')' => depth -= 1,
            b';' | b'{' => return None,
            _ => {}
        }
    }
    None
}

/// White space and comments.
fn skip_space(text: &[u8], mut at: usize) -> usize {
    while at < text.len() {
        at += match text[at] {
            byte if byte.is_ascii_whitespace() => 1,
            _ if text[at..].starts_with(b"//") => until(&text[at..], b"\n"),
            _ if text[at..].starts_with(b"/*") => until(&text[at..], b"*/"),
            _ => break,
        };
    }
    at
}

fn word_at(text: &[u8], mut at: usize) -> usize {
    while text.get(at).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_') {
        at += 1;
    }
    at
}

/// The words of code: what stands in directives, comments and strings is none.
struct Words<'t> {
    text: &'t [u8],
    at: usize,
}

impl Iterator for Words<'_> {
    type Item = (usize, usize);
    fn next(&mut self) -> Option<(usize, usize)> {
        loop {
            let rest = &self.text[self.at..];
            let byte = *rest.first()?;
            let skipped = match byte {
                b'#' => directive(rest),
                b'/' if rest.starts_with(b"//") => until(rest, b"\n"),
                b'/' if rest.starts_with(b"/*") => until(rest, b"*/"),
                b'"' | b'\'' => literal(rest),
                _ if byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80 => {
                    let start = self.at;
                    self.at = word_at(self.text, start).max(start + 1);
                    return Some((start, self.at));
                }
                _ => 1,
            };
            self.at += skipped;
        }
    }
}

/// Length up to the end of `end`, or of all.
pub(super) fn until(rest: &[u8], end: &[u8]) -> usize {
    let mut at = 0;
    while let Some(found) = rest[at..].iter().position(|&byte| byte == end[0]) {
        at += found;
        if rest[at..].starts_with(end) {
            return at + end.len();
        }
        at += 1;
    }
    rest.len()
}

/// Up to the end of a line that does not go on with `\`.
fn directive(rest: &[u8]) -> usize {
    let ends = |at: &usize| rest[*at] == b'\n' && (*at == 0 || rest[at - 1] != b'\\');
    (0..rest.len()).find(ends).map_or(rest.len(), |at| at + 1)
}

/// A string or a character, ended by its line where it is not closed.
pub(super) fn literal(rest: &[u8]) -> usize {
    let mut at = 1;
    while at < rest.len() && rest[at] != rest[0] && rest[at] != b'\n' {
        at += if rest[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(hidden(text), expected);
    }

    #[test]
    fn macros_between_words_are_hidden() {
        check("class FMT_API file {", "class         file {");
        check("LUA_API int (lua_gettop) (lua_State *L);", "        int (lua_gettop) (lua_State *L);");
        check("LUALIB_API lua_State *luaL_newstate (void);", "           lua_State *luaL_newstate (void);");
        check("NS_BEGIN\ntemplate <typename T> class A;", "        \ntemplate <typename T> class A;");
        check("PRINTF(1, 2) void f();", "             void f();");
        check("NS_BEGIN\n// why\nclass A;", "        \n// why\nclass A;");
        check("class A { FAST A(int x); };", "class A {      A(int x); };");
        check("void f(int a) LOCKS(a) {", "void f(int a)          {");
        check("bool f() const NOEXCEPT {", "bool f() const          {");
        check("int WINAPI main(void) {", "int        main(void) {");
        check("static BOOL WINAPI handler(DWORD type)", "static BOOL        handler(DWORD type)");
        check("voidpf ZLIB_INTERNAL zcalloc(int a)", "voidpf               zcalloc(int a)");
        check("LOG_INLINE log::log(int x) {}", "           log::log(int x) {}");
    }

    #[test]
    fn calls_in_enumerations_are_the_enumerator_that_they_name() {
        check("enum e { OPT(OPT_A, LONG, 1), OPT_B };", "enum e {     OPT_A          , OPT_B };");
        check("typedef enum {\n  ALL(op)\n  LAST\n} e;", "typedef enum {\n         \n  LAST\n} e;");
    }

    #[test]
    fn calls_between_strings_are_hidden() {
        check("f(A_QL(\"=\") \" or \" A_QL(\"in\") \".\");", "f(          \" or \"            \".\");");
    }

    #[test]
    fn types_calls_and_values_are_not() {
        for text in [
            "DWORD x = MAX_SIZE;",
            "FILE *open(void);",
            "BYTE const x;",
            "TEST(a, b) { ASSERT_EQ(a, b); }",
            "#define API_EXPORT static int\nint a;",
            "// FOO int\n\"FOO int\"",
            "return FLAG_A | FLAG_B;",
            "TABLE[N_ROWS] = {0};",
        ] {
            check(text, text);
        }
    }
}
