//! What a search over records needs of an engine: SQLite for those of one work
//! tree, a team's PostgreSQL for those of many projects. The same records in both
//! are found in the same order.
//!
//! Not here: what a question means, and the order that comes of it (`search`).

use super::{QueryWord, RecordHit, Result, Store};

/// Records by the words that they hold. A word is cut already
/// (`search_terms`); with `true` it is the beginning of one.
pub trait RecordIndex {
    /// About how many records, and parts of files where there are any, can be found.
    fn rows(&self) -> Result<u64>;

    /// In how many of them a word stands.
    fn frequency(&self, asked: &QueryWord) -> Result<u64>;

    /// Calls `look` with every word of so many characters that may have one of
    /// these pieces, in which spaces stand around the word.
    fn words_like(
        &self,
        pieces: &[[char; 3]],
        shortest: usize,
        longest: usize,
        look: &mut dyn FnMut(&str),
    ) -> Result<()>;

    /// Records that hold all (or any) of the words, the best by BM25 first, with
    /// titles counted three times, equal ones by id.
    fn records_with(&self, asked: &[QueryWord], all: bool, limit: usize) -> Result<Vec<RecordHit>>;
}

impl RecordIndex for Store {
    fn rows(&self) -> Result<u64> {
        Store::rows(self)
    }

    fn frequency(&self, asked: &QueryWord) -> Result<u64> {
        Store::frequency(self, asked)
    }

    /// All words of that length: SQLite would read them too.
    fn words_like(
        &self,
        _: &[[char; 3]],
        shortest: usize,
        longest: usize,
        look: &mut dyn FnMut(&str),
    ) -> Result<()> {
        self.words_between(shortest, longest, look)
    }

    fn records_with(&self, asked: &[QueryWord], all: bool, limit: usize) -> Result<Vec<RecordHit>> {
        Store::records_with(self, asked, all, limit)
    }
}
