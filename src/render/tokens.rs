//! Exact o200k_base counts. The vocabulary takes 0.2 s to set up, so
//! [`warm_up`] starts it beside other work; and a page is counted many times
//! with few lines changed, so what a stretch of lines costs is remembered, by
//! the caller ([`counted`], [`recall`]) from run to run: the page after an edit
//! seldom has a line that the one before had not.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use tiktoken_rs::CoreBPE;

use crate::model::ContentHash;

static O200K: LazyLock<CoreBPE> =
    LazyLock::new(|| tiktoken_rs::o200k_base().expect("the embedded vocabulary is complete"));

static KNOWN: LazyLock<Mutex<TokenCache>> = LazyLock::new(Mutex::default);

#[derive(Default)]
struct TokenCache {
    /// By stretch: its tokens, and the round in which they were last asked for.
    counts: HashMap<u64, (u32, u32)>,
    round: u32,
}

/// Stretches that are remembered, at most: those of some hundred pages.
const REMEMBERED: usize = 50_000;

/// Tokens of `text`; what looks like a special token counts as plain text.
pub fn count(text: &str) -> usize {
    let mut known = known();
    if known.counts.len() > REMEMBERED {
        known.counts.clear();
    }
    stretches(text).map(|stretch| known.count(stretch) as usize).sum()
}

/// Whether `text` has at most so many tokens. Where its stretches are known, or
/// it is short, that is told without the vocabulary.
pub fn is_within(text: &str, most: usize) -> bool {
    text.len() <= most || at_most(text) <= most || count(text) <= most
}

/// No fewer tokens than `text` has: a stretch that was never counted has at most
/// one for each byte.
pub fn at_most(text: &str) -> usize {
    let known = known();
    let of =
        |stretch: &str| known.counts.get(&key(stretch)).map_or(stretch.len(), |(count, _)| *count as usize);
    stretches(text).map(of).sum()
}

/// Takes note of counts by an earlier [`counted`], and begins what the next one
/// tells of.
pub fn recall(counts: &[(u64, u32)]) {
    let mut known = known();
    known.round += 1;
    let last = known.round - 1;
    counts.iter().for_each(|(key, count)| _ = known.counts.entry(*key).or_insert((*count, last)));
}

/// The stretches that were asked for since [`recall`], by the first half of
/// their hash, and their tokens; sorted.
pub fn counted() -> Vec<(u64, u32)> {
    let known = known();
    let asked = known.counts.iter().filter(|(_, (_, round))| *round == known.round);
    let mut asked: Vec<(u64, u32)> = asked.map(|(key, (count, _))| (*key, *count)).collect();
    asked.sort_unstable();
    asked
}

fn known() -> MutexGuard<'static, TokenCache> {
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

impl TokenCache {
    fn count(&mut self, stretch: &str) -> u32 {
        let count = || O200K.encode_ordinary(stretch).len() as u32;
        let known = self.counts.entry(key(stretch));
        let known = known.or_insert_with(|| (count(), 0));
        known.1 = self.round;
        known.0
    }
}

/// The first half of a stretch's hash.
fn key(stretch: &str) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = ContentHash::of(stretch.as_bytes()).0;
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}

/// Text in parts that no token crosses. The vocabulary's pattern first cuts
/// text into words; those with a line end in them are a run of white space up
/// to its last line end, and punctuation with the line ends and slashes behind
/// it. So it always cuts behind the last line end of a run of white space that
/// no slash follows.
fn stretches(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let ends = rest.match_indices('\n').map(|(at, _)| at + 1);
        let end = ends.into_iter().find(|end| is_cut(&rest[*end..])).unwrap_or(rest.len());
        let (stretch, after) = rest.split_at(end);
        rest = after;
        Some(stretch)
    })
}

/// Whether text that follows a line end is cut from it.
fn is_cut(after: &str) -> bool {
    let line = after.split(['\r', '\n']).next().unwrap_or_default();
    !line.trim().is_empty() && !line.starts_with('/')
}

/// Sets the vocabulary up on a thread of its own.
pub fn warm_up() {
    std::thread::spawn(|| LazyLock::force(&O200K));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_stretches_of_a_text_take_as_many_tokens_as_the_whole(
            text in "([ \t\r\n\u{a0}\u{2028}/{}\"':,.#`-]{0,6}[a-zA-Zé中0-9\u{301}]{0,4}){0,30}"
        ) {
            let whole = O200K.encode_ordinary(&text).len();
            prop_assert_eq!(count(&text), whole, "{:?}", stretches(&text).collect::<Vec<_>>());
            prop_assert!(is_within(&text, whole) && (whole == 0 || !is_within(&text, whole - 1)));
            prop_assert_eq!(stretches(&text).collect::<String>(), text);
        }
    }

    #[test]
    fn lines_are_counted_one_by_one() {
        let check = |text: &str, expected: &[&str]| {
            assert_eq!(stretches(text).collect::<Vec<_>>(), expected, "{text:?}");
        };
        check("", &[]);
        check("a\nb\n", &["a\n", "b\n"]);
        check("{\n  \"a\": 1,\n\n  \"b\"\n}", &["{\n", "  \"a\": 1,\n\n", "  \"b\"\n", "}"]);
        check("a:\n//b\nc \r\n\n ", &["a:\n//b\n", "c \r\n\n "]);
    }
}
