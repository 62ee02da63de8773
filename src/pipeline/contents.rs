//! Fetches contents that this run did not make: from the store, or from the
//! file if the store has lost one. What cannot be fetched is noted, so that the
//! user learns that a page lacks symbols.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;

use super::Context;
use crate::model::{Content, ContentHash, Fetch, FileFacts, RelPath, Skipped};
use crate::parsers::Parsers;
use crate::redact::Redactor;
use crate::store::{EncodedContent, ReadTransaction};
use crate::{extract, walk};

/// Where the contents of one reading are fetched from.
pub struct StoredContents {
    moment: Option<Arc<ReadTransaction>>,
    root: PathBuf,
    max_file_size: u64,
    redactor: Arc<Redactor>,
    parsers: Arc<Parsers>,
    /// What could not be fetched, and why.
    missing: Mutex<BTreeMap<RelPath, String>>,
}

impl StoredContents {
    /// Reads contents from the store as it was at `moment`; without one, always from the files.
    pub fn new(context: &Context, moment: Option<Arc<ReadTransaction>>) -> Self {
        Self {
            moment,
            root: context.project.root.clone(),
            max_file_size: context.settings.max_file_size(),
            redactor: context.redactor.clone(),
            parsers: context.parsers.clone(),
            missing: Mutex::default(),
        }
    }

    /// The store as this reading sees it, if there is one.
    pub fn moment(&self) -> Option<&Arc<ReadTransaction>> {
        self.moment.as_ref()
    }

    /// Files whose contents could not be fetched since the last call.
    pub fn take_missing(&self) -> Vec<Skipped> {
        let missing = std::mem::take(&mut *self.missing());
        missing
            .into_iter()
            .map(|(path, reason)| Skipped { path: path.to_string(), reason: reason.into() })
            .collect()
    }

    fn missing(&self) -> MutexGuard<'_, BTreeMap<RelPath, String>> {
        self.missing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a content again that is damaged in the store or was pruned
    /// meanwhile, if the file still has the same bytes.
    fn again(&self, facts: &FileFacts) -> Result<Content, String> {
        let found = walk::WalkedFile { path: facts.path.clone(), stamp: facts.stamp };
        let root = walk::Root::open(&self.root).map_err(|error| error.to_string())?;
        let read =
            walk::read(&root, &found, self.max_file_size).map_err(|skipped| String::from(skipped.reason))?;
        let text = read.text.filter(|_| read.hash == facts.hash).ok_or("it changed while it was read")?;
        let language = facts.language.and_then(extract::language_named);
        let text = self.redactor.text(&walk::decode(&text));
        self.parsers.content(language, &text).map_err(|error| error.to_string())
    }
}

/// The key of a content in the store.
pub fn key_of(facts: &FileFacts) -> (ContentHash, &'static str) {
    (facts.hash, facts.language.unwrap_or_default())
}

/// Decodes all stored contents on all cores, and gives them one after another.
pub fn each_content(moment: &ReadTransaction, mut take: impl FnMut(&EncodedContent, Content)) {
    const BATCH: usize = 1_024;
    let mut batch = Vec::with_capacity(BATCH);
    let mut decode = |batch: &mut Vec<EncodedContent>| {
        let decoded: Vec<Option<Content>> = batch.par_iter().map(EncodedContent::decode).collect();
        for (stored, content) in batch.drain(..).zip(decoded) {
            // What cannot be decoded is made again.
            if let Some(content) = content {
                take(&stored, content);
            }
        }
    };
    // What cannot be read counts as missing.
    _ = moment.contents(|stored| {
        batch.push(stored);
        if batch.len() == BATCH {
            decode(&mut batch);
        }
    });
    decode(&mut batch);
}

impl Fetch for StoredContents {
    fn fetch(&self, facts: &FileFacts) -> Arc<Content> {
        let (hash, language) = key_of(facts);
        let stored = self.moment.as_ref().and_then(|moment| moment.content(hash, language));
        let content = stored.map_or_else(|| self.again(facts), Ok);
        Arc::new(content.unwrap_or_else(|reason| {
            self.missing().insert(facts.path.clone(), reason);
            Content::default()
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Class, File, Stamp};

    fn contents(root: &std::path::Path) -> StoredContents {
        StoredContents {
            moment: None,
            root: root.to_path_buf(),
            max_file_size: 1_000,
            redactor: Arc::new(Redactor::new(&[]).unwrap()),
            parsers: Arc::new(Parsers::here()),
            missing: Mutex::default(),
        }
    }

    fn file(path: &str, text: &str, from: &Arc<StoredContents>) -> File {
        let facts = FileFacts {
            path: RelPath::new(path).unwrap(),
            stamp: Stamp { size: text.len() as u64, ..Stamp::default() },
            hash: ContentHash::of(text.as_bytes()),
            class: Class::Source,
            language: Some("rust"),
        };
        File::stored(facts, from.clone())
    }

    #[test]
    fn a_content_that_the_store_lost_is_made_again_from_the_file() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.rs"), "fn a() {}\n").unwrap();
        let contents = Arc::new(contents(folder.path()));
        let file = file("a.rs", "fn a() {}\n", &contents);
        assert_eq!(file.content().outline.symbols[0].name.as_str(), "a");
        assert_eq!(contents.take_missing(), []);
    }

    #[test]
    fn what_cannot_be_fetched_is_told_and_not_taken_for_a_file_without_symbols() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.rs"), "fn b() {}\n").unwrap();
        let contents = Arc::new(contents(folder.path()));
        for path in ["a.rs", "gone.rs"] {
            let file = file(path, "fn a() {}\n", &contents);
            assert!(file.content().outline.symbols.is_empty());
        }
        let missing = contents.take_missing();
        let told: Vec<(&str, &str)> = missing.iter().map(|m| (m.path.as_str(), m.reason.as_str())).collect();
        assert_eq!(told[0], ("a.rs", "it changed while it was read"));
        assert_eq!((told.len(), told[1].0), (2, "gone.rs"));
        assert_eq!(contents.take_missing(), [], "told once");
    }
}
