//! The automaton that finds the key words of all secrets in one pass.
//!
//! Not here: which words there are, and what is tried where one stands.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

/// Key words, found in any case.
///
/// The fastest automaton takes longer to build than a command takes that
/// redacts a line or two, so the first texts are searched with one that is
/// built in a fraction of that time.
pub struct WordFinder {
    words: Vec<&'static str>,
    quickly_built: AhoCorasick,
    fast: OnceLock<AhoCorasick>,
    /// Bytes that were searched without the fast one.
    searched: AtomicUsize,
}

/// From as many bytes on the fast automaton is worth its building.
const WORTH_BUILDING: usize = 128 * 1024;

impl WordFinder {
    pub fn of(words: Vec<&'static str>) -> Self {
        let quickly_built = built(&words, AhoCorasickKind::NoncontiguousNFA);
        Self { words, quickly_built, fast: OnceLock::new(), searched: AtomicUsize::new(0) }
    }

    /// The automaton for a text of so many bytes. A match's pattern is the
    /// number of its word.
    pub fn for_text(&self, bytes: usize) -> &AhoCorasick {
        let is_worth = || self.searched.fetch_add(bytes, Ordering::Relaxed) + bytes >= WORTH_BUILDING;
        match self.fast.get() {
            Some(fast) => fast,
            None if is_worth() => self.fast.get_or_init(|| built(&self.words, AhoCorasickKind::DFA)),
            None => &self.quickly_built,
        }
    }
}

fn built(words: &[&'static str], kind: AhoCorasickKind) -> AhoCorasick {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::Standard)
        .kind(Some(kind))
        .build(words)
        .expect("a few hundred short words of our own")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_automata_find_the_same_words_and_the_fast_one_is_built_for_much_text() {
        let words = WordFinder::of(vec!["token", "ken", "secret", "basic "]);
        let text = "Basic SECRETokEN, token; secrettoken";
        let found = |automaton: &AhoCorasick| -> Vec<(usize, usize)> {
            automaton.find_overlapping_iter(text).map(|hit| (hit.pattern().as_usize(), hit.start())).collect()
        };
        let quick = found(words.for_text(text.len()));
        assert!(words.fast.get().is_none());
        let fast = found(words.for_text(WORTH_BUILDING));
        assert!(words.fast.get().is_some());
        assert_eq!(quick, fast);
        assert_eq!(quick.len(), 9);
    }
}
