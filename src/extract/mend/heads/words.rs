//! What a word of C or C++ may be: one of the language, or a macro.
//!
//! Not here: where it stands.

pub(super) fn is_class_key(word: &[u8]) -> bool {
    matches!(word, b"class" | b"struct" | b"union" | b"enum")
}

pub(super) fn is_builtin(word: &[u8]) -> bool {
    #[rustfmt::skip]
    const TYPES: [&[u8]; 17] = [
        b"auto", b"bool", b"char", b"char16_t", b"char32_t", b"char8_t", b"double", b"float", b"int", b"long", b"short",
        b"signed", b"unsigned", b"void", b"wchar_t", b"_Bool", b"__int128",
    ];
    TYPES.contains(&word)
}

/// A word of the language, or one that the grammar knows as such.
pub(super) fn is_keyword(word: &[u8]) -> bool {
    #[rustfmt::skip]
    const WORDS: [&[u8]; 52] = [
        b"const", b"volatile", b"static", b"extern", b"inline", b"register", b"typedef", b"struct", b"union", b"enum",
        b"class", b"namespace", b"template", b"typename", b"public", b"private", b"protected", b"friend", b"virtual",
        b"explicit", b"constexpr", b"consteval", b"constinit", b"mutable", b"thread_local", b"operator", b"noexcept",
        b"restrict", b"override", b"final", b"alignas", b"decltype", b"using", b"requires", b"concept", b"default",
        b"delete", b"_Noreturn", b"_Thread_local", b"_Atomic", b"_Alignas", b"__inline", b"__inline__", b"__forceinline",
        b"__extension__", b"__restrict", b"__restrict__", b"__thread", b"__volatile__", b"__const", b"__cdecl",
        b"__stdcall",
    ];
    const MORE: [&[u8]; 3] = [b"__fastcall", b"__thiscall", b"__vectorcall"];
    is_builtin(word) || WORDS.contains(&word) || MORE.contains(&word) || is_attribute(word)
}

/// Words with arguments that the grammar knows.
pub(super) fn is_attribute(word: &[u8]) -> bool {
    #[rustfmt::skip]
    const WORDS: [&[u8]; 14] = [
        b"alignas", b"_Alignas", b"__attribute__", b"__attribute", b"__declspec", b"decltype", b"typeof", b"__typeof__",
        b"explicit", b"noexcept", b"throw", b"_Atomic", b"__based", b"__alignas",
    ];
    WORDS.contains(&word)
}

/// What may stand behind the parameters of a function.
pub(super) fn is_trailing(word: &[u8]) -> bool {
    matches!(
        word,
        b"const"
            | b"volatile"
            | b"noexcept"
            | b"override"
            | b"final"
            | b"throw"
            | b"try"
            | b"mutable"
            | b"restrict"
    )
}

/// A head with one of these is not looked at.
pub(super) fn is_no_head(word: &[u8]) -> bool {
    #[rustfmt::skip]
    const WORDS: [&[u8]; 23] = [
        b"using", b"static_assert", b"_Static_assert", b"asm", b"__asm__", b"__asm", b"return", b"if", b"for", b"while",
        b"switch", b"case", b"goto", b"break", b"continue", b"else", b"do", b"sizeof", b"new", b"concept", b"import",
        b"co_return", b"requires",
    ];
    WORDS.contains(&word)
}

pub(super) fn is_capital(word: &[u8]) -> bool {
    word.len() > 2
        && word[0].is_ascii_uppercase()
        && word.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_')
}

pub(super) fn is_macro(word: &[u8]) -> bool {
    likeness(word) > 2
}

/// How much a word looks like a macro: 0 for what may be any name.
pub(super) fn likeness(word: &[u8]) -> u32 {
    #[rustfmt::skip]
    const PARTS: [&str; 21] = [
        "export", "import", "_api", "dll", "visib", "packed", "align", "deprecat", "attribute", "inline", "nodiscard",
        "noreturn", "extern", "callconv", "stdcall", "cdecl", "callback", "_call", "_cc", "public_", "hidden",
    ];
    let lower = String::from_utf8_lossy(word).to_lowercase();
    let is_marked = is_capital(word) || word.starts_with(b"__");
    let is_told =
        PARTS.iter().any(|part| lower.contains(part)) || word.ends_with(b"API") || word.ends_with(b"CALL");
    let is_named =
        is_told || matches!(word, b"WINAPI" | b"APIENTRY" | b"NTAPI" | b"EFIAPI" | b"CDECL" | b"PASCAL");
    3 * u32::from(is_marked) + 2 * u32::from(is_named && !word.ends_with(b"_t"))
}
