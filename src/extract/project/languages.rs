//! Programming languages by file extension, and the ecosystem whose tools
//! build them.
//!
//! Not here: which files are parsed, and how.

use std::collections::BTreeMap;

use crate::model::{RelPath, SafeText};

/// Extension, language, ecosystem as in [`super::classify`].
#[rustfmt::skip]
const LANGUAGES: &[(&str, &str, &str)] = &[
    ("rs", "Rust", "rust"), ("py", "Python", "python"), ("pyi", "Python", "python"),
    ("js", "JavaScript", "node"), ("mjs", "JavaScript", "node"), ("cjs", "JavaScript", "node"), ("jsx", "JavaScript", "node"),
    ("ts", "TypeScript", "node"), ("mts", "TypeScript", "node"), ("cts", "TypeScript", "node"), ("tsx", "TypeScript", "node"),
    ("vue", "Vue", "node"), ("svelte", "Svelte", "node"),
    ("go", "Go", "go"), ("java", "Java", "jvm"), ("kt", "Kotlin", "jvm"), ("kts", "Kotlin", "jvm"),
    ("scala", "Scala", "jvm"), ("groovy", "Groovy", "jvm"), ("clj", "Clojure", "jvm"),
    ("c", "C", "native"), ("h", "C", "native"), ("cc", "C++", "native"), ("cpp", "C++", "native"), ("cxx", "C++", "native"),
    ("hpp", "C++", "native"), ("hh", "C++", "native"), ("hxx", "C++", "native"), ("m", "Objective-C", "native"),
    ("cs", "C#", "dotnet"), ("fs", "F#", "dotnet"), ("rb", "Ruby", "ruby"), ("php", "PHP", "php"),
    ("ex", "Elixir", "elixir"), ("exs", "Elixir", "elixir"), ("erl", "Erlang", "elixir"),
    ("swift", "Swift", "swift"), ("zig", "Zig", "zig"), ("hs", "Haskell", "haskell"), ("ml", "OCaml", "ocaml"),
    ("dart", "Dart", "dart"), ("lua", "Lua", ""), ("jl", "Julia", ""), ("r", "R", ""), ("R", "R", ""),
    ("pl", "Perl", ""), ("pm", "Perl", ""), ("nix", "Nix", ""), ("sh", "Shell", ""), ("bash", "Shell", ""),
];

/// The language of a code file.
pub(super) fn of_path(path: &RelPath) -> Option<(&'static str, &'static str)> {
    let extension = path.extension();
    LANGUAGES.iter().find(|(known, ..)| *known == extension).map(|(_, name, family)| (*name, *family))
}

/// Languages with their ecosystems, the one with most files first. What only
/// tests and samples are written in does not count: a parser's fixtures
/// outnumber the parser.
pub(super) fn of(paths: &[&RelPath]) -> Vec<(SafeText, &'static str)> {
    let main: Vec<&RelPath> = paths.iter().copied().filter(|path| !is_sample(path)).collect();
    let languages = among(&main);
    if languages.is_empty() { among(paths) } else { languages }
}

fn is_sample(path: &RelPath) -> bool {
    // Qt's translations have the extension of TypeScript.
    let is_translation =
        |part: &str| matches!(part, "translations" | "translation" | "i18n" | "l10n" | "lang");
    (path.extension() == "ts" && path.parent().split('/').any(is_translation))
        || path.parent().split('/').any(|part| {
            matches!(
                part,
                "test"
                    | "tests"
                    | "testdata"
                    | "fixtures"
                    | "examples"
                    | "spec"
                    | "vendor"
                    | "third_party"
                    | "playground"
            )
        })
}

/// C headers count as C++ where there is more C++ than C.
fn among(paths: &[&RelPath]) -> Vec<(SafeText, &'static str)> {
    let mut counts: BTreeMap<(&'static str, &'static str), usize> = BTreeMap::new();
    let mut headers = 0;
    for path in paths {
        if let Some(language) = of_path(path) {
            *counts.entry(language).or_default() += 1;
            headers += usize::from(path.extension() == "h");
        }
    }
    let c = counts.get(&("C", "native")).copied().unwrap_or(0) - headers;
    let cpp = counts.get(&("C++", "native")).copied().unwrap_or(0);
    if headers > 0 && cpp > c {
        counts.insert(("C++", "native"), cpp + headers);
        counts.insert(("C", "native"), c);
    }
    let total: usize = counts.values().sum();
    let mut ranked: Vec<_> = counts.into_iter().collect();
    ranked.sort_by_key(|((name, _), count)| (std::cmp::Reverse(*count), *name));
    ranked
        .into_iter()
        .filter(|(_, count)| count * 10 >= total && *count > 0)
        .map(|((name, family), _)| (SafeText::constant(name), family))
        .collect()
}
