//! How a text is cut into words for searching: identifiers and their parts,
//! paths and dotted names whole and in parts, English endings off, accents off,
//! runs of Chinese, Japanese or Korean as pairs of characters. Index and query
//! are cut by this one rule, but that the index has each such character besides.
//!
//! Not here: what a word is worth (`search`), and terms for ranking (`terms`),
//! which are hashes.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};

use unicode_normalization::UnicodeNormalization;

use crate::rank_terms;

/// Characters of a path or dotted name that is kept whole.
const MAX_WHOLE: usize = 160;

/// Characters of one word. Longer runs are data, but for names of many words.
const MAX_WORD: usize = 60;

/// Characters of a name of many words, and of each of them: tests are called by
/// whole sentences.
const MAX_NAME: usize = 200;
const MAX_PART: usize = 25;

/// Characters of a long name for each of its words, at least: in what is encoded
/// small and capital letters take turns.
const MIN_PART: usize = 3;

/// Runs of letters or digits in one word.
const MAX_RUNS: usize = 4;

/// A word of a text, in lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Word {
    pub text: String,
    /// A path, a dotted name or a compound identifier as a whole, whose parts
    /// are words besides.
    pub whole: bool,
}

/// For whom a text is cut.
#[derive(Clone, Copy, PartialEq, Eq)]
enum For {
    Question,
    /// One character of Chinese is a question too, so each stands by itself.
    Index,
}

/// The words of a text in order of appearance, each whole before its parts.
pub fn words(text: &str) -> Vec<Word> {
    words_for(text, For::Question)
}

fn words_for(text: &str, whom: For) -> Vec<Word> {
    let mut found = Vec::new();
    for chunk in fold(text).split(|c: char| c.is_whitespace() || c.is_control()) {
        cut(chunk, whom, &mut found);
    }
    found
}

/// A name of a file such that names which some file system takes for one are
/// equal: composed letters, without case.
pub fn same_name(text: &str) -> String {
    text.nfc().collect::<String>().to_lowercase()
}

/// A text in one spelling: letters of the Latin, Greek and Cyrillic scripts
/// without accents, `ß` as `ss`, wide letters as plain ones. Case stays.
pub fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.nfkc() {
        match c {
            'ß' => out.push_str("ss"),
            'ẞ' => out.push_str("SS"),
            'æ' => out.push_str("ae"),
            'Æ' => out.push_str("AE"),
            'œ' => out.push_str("oe"),
            'Œ' => out.push_str("OE"),
            'ø' => out.push('o'),
            'Ø' => out.push('O'),
            'ł' => out.push('l'),
            'Ł' => out.push('L'),
            'đ' => out.push('d'),
            'Đ' => out.push('D'),
            'ı' => out.push('i'),
            c if is_accented(c) => out.extend([c].into_iter().nfd().filter(|c| !is_accent(*c))),
            c if is_accent(c) => {}
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Of a script in which an accent may be left out; `й` is a letter of its own.
fn is_accented(c: char) -> bool {
    matches!(u32::from(c), 0xc0..=0x24f | 0x370..=0x52f | 0x1e00..=0x1fff) && !matches!(c, 'й' | 'Й')
}

fn is_accent(c: char) -> bool {
    matches!(u32::from(c), 0x300..=0x36f)
}

/// The words of a text with spaces between them, as the index takes it.
pub fn index(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in words_for(text, For::Index) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&word.text);
    }
    out
}

/// Each word of a text once: what a long text is found by.
pub fn distinct(text: &str) -> BTreeSet<String> {
    let text = fold(text);
    // Each spelling is cut once: most of a long text is said again and again.
    let chunks: HashSet<&str> = text.split(|c: char| c.is_whitespace() || c.is_control()).collect();
    let mut found = Vec::new();
    let mut tokens: HashSet<&str> = HashSet::new();
    for chunk in chunks {
        whole(chunk, &mut found);
        tokens.extend(rank_terms::tokens(chunk).map(|token| token.text));
    }
    tokens.into_iter().for_each(|token| identifier(token, For::Index, &mut found));
    found.into_iter().map(|word| word.text).collect()
}

/// The words of a name without the name as a whole.
pub fn parts(name: &str) -> BTreeSet<String> {
    words(name).into_iter().filter(|word| !word.whole).map(|word| word.text).collect()
}

/// The parts of a text's words as they are spelled, in lower case.
pub fn spelled(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for token in rank_terms::tokens(&fold(text)).filter(|token| !is_data(token.text)) {
        for part in rank_terms::parts(token.text) {
            let lower = part.to_lowercase();
            found.extend(runs(&lower).into_iter().map(str::to_string));
            found.insert(lower);
        }
    }
    found
}

/// Whether a run of letters and digits is no word and no name.
fn is_data(token: &str) -> bool {
    let length = token.chars().count();
    if length <= MAX_WORD {
        return false;
    }
    let longest = rank_terms::parts(token).map(|part| part.chars().count()).max().unwrap_or(0);
    length > MAX_NAME || longest > MAX_PART || rank_terms::parts(token).count() * MIN_PART > length
}

/// The runs of letters, and of more than two digits, of a part that has both:
/// `wkb25bit` is `wkb` and `bit`, and the fifth of many lines is a line: `line5`.
fn runs(part: &str) -> Vec<&str> {
    let mut found = Vec::new();
    if !part.bytes().any(|byte| byte.is_ascii_digit()) {
        return found;
    }
    let (mut rest, mut count) = (part, 0);
    while let Some(first) = rest.chars().next() {
        let is_digit = |c: char| c.is_ascii_digit();
        let end = rest.find(|c| is_digit(c) != is_digit(first)).unwrap_or(rest.len());
        let (run, tail) = rest.split_at(end);
        let is_word = match is_digit(first) {
            true => run.len() > 2,
            false => run.chars().nth(1).is_some() && run.chars().all(char::is_alphabetic),
        };
        if is_word && run != part {
            found.push(run);
        }
        (rest, count) = (tail, count + 1);
    }
    if count > MAX_RUNS { Vec::new() } else { found }
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

fn cut(chunk: &str, whom: For, found: &mut Vec<Word>) {
    whole(chunk, found);
    for token in rank_terms::tokens(chunk) {
        identifier(token.text, whom, found);
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

fn identifier(token: &str, whom: For, found: &mut Vec<Word>) {
    if has_pairs(token) {
        return pairs(token, whom, found);
    }
    if is_data(token) {
        return;
    }
    if rank_terms::is_compound(token) {
        found.push(Word { text: token.to_lowercase(), whole: true });
    }
    for part in rank_terms::parts(token) {
        let lower = part.to_lowercase();
        found.push(Word { text: rank_terms::stem(&lower).into_owned(), whole: false });
        found.extend(
            runs(&lower)
                .into_iter()
                .map(|run| Word { text: rank_terms::stem(run).into_owned(), whole: false }),
        );
    }
}

/// The words of one identifier of code: its parts without their endings, and all
/// of it in one piece, so that `max_count`, `maxCount` and `MaxCount` are one name.
pub fn code_words(token: &str) -> Vec<String> {
    let mut found = Vec::new();
    if has_pairs(token) {
        pairs(token, For::Index, &mut found);
    } else if !is_data(token) {
        let parts = rank_terms::parts(token).filter(|part| !is_long_number(part));
        let mut count = 0;
        for part in parts {
            let lower = part.to_lowercase();
            count += 1;
            found.push(Word { text: rank_terms::stem(&lower).into_owned(), whole: false });
            let runs = runs(&lower).into_iter().map(|run| rank_terms::stem(run).into_owned());
            found.extend(runs.map(|text| Word { text, whole: false }));
        }
        if count > 1 {
            found.push(Word { text: in_one_piece(token), whole: true });
        }
    }
    found.into_iter().map(|word| word.text).filter(|word| word.len() <= MAX_NAME).collect()
}

/// A name in lower case without what joins its parts.
pub fn in_one_piece(name: &str) -> String {
    name.chars().filter(|c| *c != '_' && *c != '-').flat_map(char::to_lowercase).collect()
}

/// Digits that nobody asks for.
fn is_long_number(part: &str) -> bool {
    part.len() > 6 && part.bytes().all(|byte| byte.is_ascii_digit())
}

/// Chinese, Japanese or Korean: written without spaces between words.
fn is_paired(c: char) -> bool {
    matches!(u32::from(c),
        0x3005..=0x3007 | 0x3040..=0x30ff | 0x31f0..=0x31ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xac00..=0xd7af | 0xf900..=0xfaff
        | 0x20000..=0x323af)
}

fn has_pairs(text: &str) -> bool {
    text.contains(is_paired)
}

/// Every two neighbours of a run, and what stands between the runs; for the
/// index each character too.
fn pairs(token: &str, whom: For, found: &mut Vec<Word>) {
    let mut rest = token;
    while let Some(first) = rest.chars().next() {
        let paired = is_paired(first);
        let end = rest.find(|c| is_paired(c) != paired).unwrap_or(rest.len());
        let (run, tail) = rest.split_at(end);
        rest = tail;
        if !paired {
            identifier(run, whom, found);
            continue;
        }
        let chars: Vec<char> = run.chars().collect();
        let mut add = |text: String| found.push(Word { text, whole: false });
        match chars.as_slice() {
            [one] => add(one.to_string()),
            many => {
                many.windows(2).for_each(|pair| add(pair.iter().collect()));
                let alone = many.iter().filter(|_| whom == For::Index);
                alone.for_each(|one| add(one.to_string()));
            }
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
        check("Ticket21203Child", "ticket21203child ticket21203 ticket 21203 child");
        check("a1b2c3d4e5", "a1b2c3d4e5");
        check("i18n", "i18n");
    }

    #[test]
    fn paths_and_dotted_names_stand_whole_and_in_parts() {
        check("`src/auth.ts`,", "auth.ts src/auth.ts src auth ts");
        check("Session.open()", "session.open session open");
        check("see .github/ci.yml.", "see ci.yml .github/ci.yml github ci yml");
    }

    #[test]
    fn chinese_is_cut_into_pairs_and_indexed_by_its_characters_too() {
        check("数据库迁移", "数据 据库 库迁 迁移 数 据 库 迁 移");
        check("库", "库");
        check("用SQLite存储", "用 sqlite sq lite 存储 存 储");
        let asked: Vec<String> = words("数据库").into_iter().map(|word| word.text).collect();
        assert_eq!(asked, ["数据", "据库"]);
    }

    #[test]
    fn spellings_of_one_word_are_one_word() {
        for (one, other) in [
            ("Straße", "strasse"),
            ("STRAẞE", "strasse"),
            ("café", "cafe\u{301}"),
            ("naïve", "naive"),
            ("Ａｂｃ１", "abc1"),
            ("ﬁle", "file"),
            ("İstanbul", "istanbul"),
            ("smørrebrød", "smorrebrod"),
            ("ΆΛΦΑ", "αλφα"),
            ("ﾃﾞｰﾀ", "データ"),
        ] {
            assert_eq!(index(one), index(other), "{one} {other}");
            assert_eq!(distinct(one), distinct(other), "{one} {other}");
            assert_eq!(spelled(one), spelled(other), "{one} {other}");
        }
        // Vowels and letters of their own are none of an accent's business.
        for (one, other) in [("が", "か"), ("й", "и"), ("कि", "क")] {
            assert_ne!(index(one), index(other));
        }
    }

    #[test]
    fn a_name_may_be_a_sentence_and_data_is_none() {
        let name = "test_execute_sql_suppresses_cursor_closing_failure_on_exception";
        assert!(distinct(name).contains("close"), "{:?}", distinct(name));
        assert!(spelled(name).contains("closing"));
        let hash = "3a7bd3e2360a3d29eea436fcfb7e44c735d117c42d1c1835420b6b9942dd4f1b";
        let encoded = "VGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcyBvdmVyIHRoZSBsYXp5IGRvZyBhbmQgcnVucwQx";
        for data in [hash, encoded, &"long_".repeat(50)] {
            assert_eq!(index(data), "");
        }
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
