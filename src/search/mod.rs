//! One query over records, symbols, file paths and contents.

use std::collections::BTreeSet;

use crate::store::{Result, Store};
use crate::wording;

/// Ids of the records that hold every word of a query, sorted. An empty query
/// finds nothing: it is used to delete.
pub fn records_with_all(store: &Store, query: &str) -> Result<Vec<String>> {
    let words: BTreeSet<String> =
        wording::words(query).into_iter().filter(|word| !word.whole).map(|word| word.text).collect();
    store.records_with_all(&words)
}
