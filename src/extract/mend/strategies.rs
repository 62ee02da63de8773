//! Repairs that `mend` in a `language.toml` names: for what a grammar does not
//! know of its language, a keyword that is used as a name, a word that a newer
//! version has brought. The mended text has as many bytes as the source; names
//! and signatures are read from the source.
//!
//! One that is wrong about a file costs little: a text that is mended because its
//! tree had errors counts only where the tree has fewer of them afterwards.
//!
//! Not here: repairs that a manifest describes by rules of their own.

use super::{csharp, go, java, python, ruby, rust, shell, typescript};

type Strategy = fn(&str) -> Option<String>;

/// When a text is mended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Before it is parsed: the grammar takes it for something else, and says nothing.
    Always,
    /// When its tree has errors.
    Broken,
}

const STRATEGIES: &[(&str, When, Strategy)] = &[
    ("csharp-extensions", When::Always, csharp::without_extension_blocks),
    ("csharp", When::Broken, csharp::mended),
    ("go", When::Broken, go::mended),
    ("java", When::Broken, java::mended),
    ("python", When::Broken, python::mended),
    ("ruby-heredocs", When::Always, ruby::mended),
    ("rust", When::Broken, rust::mended),
    ("shell", When::Always, shell::mended),
    ("typescript", When::Broken, typescript::mended),
];

/// `text` after the strategies of that time, in as many bytes; `None` where
/// none of them had anything to do.
pub(super) fn mended(names: &[String], when: When, text: &str) -> Option<String> {
    let mut mended: Option<String> = None;
    for (name, time, strategy) in STRATEGIES {
        if *time == when && names.iter().any(|named| named == name) {
            mended = strategy(mended.as_deref().unwrap_or(text)).or(mended);
        }
    }
    mended.filter(|mended| mended.len() == text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strategies_of_all_languages_are_known_and_used() {
        let languages = crate::extract::languages();
        let used: Vec<&String> = languages.iter().flat_map(|language| &language.manifest().mend).collect();
        for name in &used {
            assert!(STRATEGIES.iter().any(|(known, ..)| known == name), "{name}");
        }
        for (name, ..) in STRATEGIES {
            assert!(used.iter().any(|used| used == name), "{name}");
        }
    }

    #[test]
    fn any_text_keeps_its_length_and_its_lines() {
        let pieces = [
            "<<A",
            "\n",
            "A\n",
            "<<~B",
            "#{",
            "}",
            "\"",
            "'",
            "`",
            "(",
            ")",
            "{",
            "é",
            "\\",
            "@A",
            "...",
            "f\"",
            "\"\"\"",
            "$(",
            "case x in",
            "esac",
            "for",
            "do",
            "done",
            "macro",
            " a",
            "trait",
            "=",
            ";",
            "extension",
            "abstract",
            ":",
            "func",
            "[",
            "]",
            "/*",
            "*/",
            "//",
            "#",
            "'a",
            "r#",
            "=begin",
            "%q(",
            "$\"",
            "@\"",
        ];
        let mut seed = 1_u64;
        for _ in 0..4_000 {
            let mut text = String::new();
            for _ in 0..24 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                text.push_str(pieces[(seed >> 33) as usize % pieces.len()]);
                if seed >> 62 == 0 {
                    text.push(' ');
                }
            }
            for (name, _, strategy) in STRATEGIES {
                let Some(mended) = strategy(&text) else { continue };
                assert_eq!(mended.len(), text.len(), "{name}: {text}");
                let is_kept =
                    text.bytes().zip(mended.bytes()).all(|(a, b)| a != b'\n' || b == b'\n' || b == b' ');
                assert!(is_kept, "{name}: {text}");
            }
        }
    }
}
