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

/// Contents that wait for the database, at most: a bound of memory.
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
        let (sender, receiver) = sync_channel(WAITING);
        let writing = scope.spawn(move || keep_all(store, &extractor, &receiver));
        let sink = ContentSink { sender, counter: UsageCounter::new() };
        let seen = look(&sink);
        let ContentSink { sender, counter } = sink;
        drop(sender);
        writing.join().expect("writing reports its errors")?;
        Ok((seen, counter))
    })
}

/// Writes contents as they come, many in a transaction.
fn keep_all(
    store: &mut Store,
    extractor: &str,
    contents: &Receiver<EncodedContent>,
) -> std::result::Result<(), StoreError> {
    while let Ok(first) = contents.recv() {
        let mut batch = vec![first];
        batch.extend(contents.iter().take(WAITING * 4));
        store.keep(&batch, extractor)?;
    }
    Ok(())
}
