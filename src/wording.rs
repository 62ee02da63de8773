//! How a text is cut into words for searching: identifiers and their parts,
//! paths and dotted names whole and in parts, English endings off, runs of
//! Chinese, Japanese or Korean as pairs of characters. Index and query are cut
//! by this one rule.
//!
//! Not here: what a word is worth (`search`), and terms for ranking (`terms`),
//! which are hashes.

use std::collections::{BTreeSet, HashSet};

use crate::terms;

/// Characters of a path or dotted name that is kept whole.
const MAX_WHOLE: usize = 160;

/// Characters of one word. Longer runs are data.
const MAX_WORD: usize = 60;

/// Runs of letters between the digits of one word.
const MAX_RUNS: usize = 3;

/// A word of a text, in lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Word {
    pub text: String,
    /// A path, a dotted name or a compound identifier as a whole, whose parts
    /// are words besides.
    pub whole: bool,
}

/// The words of a text in order of appearance, each whole before its parts.
pub fn words(text: &str) -> Vec<Word> {
    let mut found = Vec::new();
    for chunk in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        cut(chunk, &mut found);
    }
    found
}

/// The words of a text with spaces between them, as the index takes it.
pub fn index(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in words(text) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&word.text);
    }
    out
}

/// Each word of a text once: what a long text is found by.
pub fn distinct(text: &str) -> BTreeSet<String> {
    // Each spelling is cut once: most of a long text is said again and again.
    let chunks: HashSet<&str> = text.split(|c: char| c.is_whitespace() || c.is_control()).collect();
    let mut found = Vec::new();
    let mut tokens: HashSet<&str> = HashSet::new();
    for chunk in chunks {
        whole(chunk, &mut found);
        tokens.extend(terms::tokens(chunk).map(|token| token.text));
    }
    tokens.into_iter().for_each(|token| identifier(token, &mut found));
    found.into_iter().map(|word| word.text).collect()
}

/// The words of a name without the name as a whole.
pub fn parts(name: &str) -> BTreeSet<String> {
    words(name).into_iter().filter(|word| !word.whole).map(|word| word.text).collect()
}

/// The parts of a text's words as they are spelled, in lower case.
pub fn spelled(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for token in terms::tokens(text).filter(|token| token.text.chars().count() <= MAX_WORD) {
        for part in terms::parts(token.text) {
            let lower = part.to_lowercase();
            found.extend(runs(&lower).map(str::to_string));
            found.insert(lower);
        }
    }
    found
}

/// The runs of letters of a part that has digits: `wkb25bit` is `wkb` and `bit`,
/// and the fifth of many lines is a line: `line5`.
fn runs(part: &str) -> impl Iterator<Item = &str> {
    let has_digits = part.bytes().any(|byte| byte.is_ascii_digit());
    let runs = part
        .split(|c: char| c.is_ascii_digit())
        .filter(|run| run.chars().nth(1).is_some() && run.chars().all(char::is_alphabetic));
    // More are data.
    let is_name = has_digits && runs.clone().nth(MAX_RUNS).is_none();
    runs.filter(move |_| is_name)
}

/// A path or dotted name without what stands around it: `(src/auth.ts),`.
pub fn trimmed(chunk: &str) -> &str {
    let inner = |c: char| c.is_alphanumeric() || c == '_';
    let start =
        chunk.find(|c: char| inner(c) || matches!(c, '.' | '/' | '@' | '#' | '$')).unwrap_or(chunk.len());
    let end =
        chunk.rfind(inner).map_or(start, |at| at + chunk[at..].chars().next().map_or(0, char::len_utf8));
    chunk.get(start..end).unwrap_or_default()
}

fn cut(chunk: &str, found: &mut Vec<Word>) {
    whole(chunk, found);
    for token in terms::tokens(chunk) {
        identifier(token.text, found);
    }
}

/// A path or dotted name, and the last part of a path.
fn whole(chunk: &str, found: &mut Vec<Word>) {
    let name = trimmed(chunk);
    let joins = |c: char| matches!(c, '/' | '.' | ':' | '#' | '-' | '@' | '+' | '$');
    let fits = |c: char| joins(c) || c == '_' || c.is_alphanumeric();
    if name.contains(joins) && name.chars().count() <= MAX_WHOLE && name.chars().all(fits) && !has_pairs(name)
    {
        let whole = name.to_lowercase();
        if let Some((_, last)) = whole.rsplit_once('/').filter(|(_, last)| last.contains(['.', '-'])) {
            found.push(Word { text: last.to_string(), whole: true });
        }
        found.push(Word { text: whole, whole: true });
    }
}

fn identifier(token: &str, found: &mut Vec<Word>) {
    if has_pairs(token) {
        return pairs(token, found);
    }
    if token.chars().count() > MAX_WORD {
        return;
    }
    if terms::is_compound(token) {
        found.push(Word { text: token.to_lowercase(), whole: true });
    }
    for part in terms::parts(token) {
        let lower = part.to_lowercase();
        found.push(Word { text: terms::stem(&lower).into_owned(), whole: false });
        found.extend(runs(&lower).map(|run| Word { text: terms::stem(run).into_owned(), whole: false }));
    }
}

/// Chinese, Japanese or Korean: written without spaces between words.
fn is_paired(c: char) -> bool {
    matches!(u32::from(c),
        0x3040..=0x30ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xac00..=0xd7af | 0xf900..=0xfaff
        | 0x20000..=0x323af)
}

fn has_pairs(text: &str) -> bool {
    text.contains(is_paired)
}

/// Every two neighbours of a run, and what stands between the runs.
fn pairs(token: &str, found: &mut Vec<Word>) {
    let mut rest = token;
    while let Some(first) = rest.chars().next() {
        let paired = is_paired(first);
        let end = rest.find(|c| is_paired(c) != paired).unwrap_or(rest.len());
        let (run, tail) = rest.split_at(end);
        rest = tail;
        if !paired {
            identifier(run, found);
            continue;
        }
        let chars: Vec<char> = run.chars().collect();
        let mut add = |text: String| found.push(Word { text, whole: false });
        match chars.as_slice() {
            [one] => add(one.to_string()),
            many => many.windows(2).for_each(|pair| add(pair.iter().collect())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(index(text), expected, "{text:?}");
    }

    #[test]
    fn identifiers_stand_whole_and_in_parts() {
        check("parseHTTPHeader", "parsehttpheader pars http header");
        check("get_absolute_url(self)", "get_absolute_url get absolut url self");
        check("Retries retry", "retri retri");
        check("empty_line5", "empty_line5 empti line5 line");
        check("wkb25bit", "wkb25bit wkb bit");
        check("i18n", "i18n");
    }

    #[test]
    fn paths_and_dotted_names_stand_whole_and_in_parts() {
        check("`src/auth.ts`,", "auth.ts src/auth.ts src auth ts");
        check("Session.open()", "session.open session open");
        check("see .github/ci.yml.", "see ci.yml .github/ci.yml github ci yml");
    }

    #[test]
    fn chinese_is_cut_into_pairs() {
        check("数据库迁移", "数据 据库 库迁 迁移");
        check("库", "库");
        check("用SQLite存储", "用 sqlite sq lite 存储");
    }

    #[test]
    fn anything_can_be_cut() {
        for odd in ["", " \u{0}", "\"'\\", "NEAR(", "*", "🦀🦀", "-", "///", "e\u{301}", &"x".repeat(100_000)]
        {
            words(odd);
        }
        assert_eq!(trimmed("("), "");
    }
}
