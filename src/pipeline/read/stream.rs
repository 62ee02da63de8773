//! The contents of many files on their way into the store: each goes there as it
//! is made, so that memory does not grow with the tree.
//!
//! Not here: what is made of a file (`examine`).

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use crate::model::Outline;
use crate::pipeline::sources::extractor;
use crate::pipeline::usage::UsageCounter;
use crate::pipeline::{Context, Result};
use crate::store::{EncodedContent, Store, StoreError};

/// Files to be read from which on their contents go into the store one by one.
pub const MANY: usize = 2_000;

/// Contents that wait for the database, at most: a bound of memory. Half of them
/// queue, and half are in the transaction that is being written.
const WAITING: usize = 256;

/// Where the contents of many files go.
pub struct ContentSink {
    sender: SyncSender<EncodedContent>,
    counter: UsageCounter,
}

impl ContentSink {
    /// Counts the names of a file, and hands on its content if the store lacks it.
    pub fn take(&self, outline: &Outline, new: Option<EncodedContent>) {
        self.counter.add(outline);
        // Nobody listens any more when writing failed, which is reported.
        _ = new.map(|new| self.sender.send(new));
    }
}

/// Runs `look` while another thread writes into the store what it makes.
/// Returns the names that were counted as well.
pub fn into<T>(
    store: &mut Store,
    context: &Context,
    look: impl FnOnce(&ContentSink) -> T,
) -> Result<(T, UsageCounter)> {
    let extractor = extractor(context);
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel(WAITING / 2);
        let writing = scope.spawn(move || keep_all(store, &extractor, &receiver));
        let sink = ContentSink { sender, counter: UsageCounter::new() };
        let seen = look(&sink);
        let ContentSink { sender, counter } = sink;
        drop(sender);
        writing.join().expect("writing reports its errors")?;
        Ok((seen, counter))
    })
}

/// As many as go into one transaction; fewer at the end.
fn batch<T>(first: T, contents: &Receiver<T>) -> Vec<T> {
    std::iter::once(first).chain(contents.iter().take(WAITING / 2 - 1)).collect()
}

/// Writes contents as they come, many in a transaction.
fn keep_all(
    store: &mut Store,
    extractor: &str,
    contents: &Receiver<EncodedContent>,
) -> std::result::Result<(), StoreError> {
    while let Ok(first) = contents.recv() {
        store.keep(&batch(first, contents), extractor)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_contents_wait_than_the_bound_says() {
        let (sender, receiver) = sync_channel(WAITING / 2);
        let sending = std::thread::spawn(move || (0..).take_while(|n| sender.send(*n).is_ok()).count());
        let taken = batch(receiver.recv().unwrap(), &receiver);
        // What is in the queue now, once it is full again.
        while receiver.iter().next() != Some(taken.len() + WAITING / 2 - 1) {}
        assert_eq!(taken, (0..WAITING / 2).collect::<Vec<_>>());
        drop(receiver);
        assert!(sending.join().unwrap() <= taken.len() + WAITING + 1);
    }
}
