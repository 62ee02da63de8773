//! The files of a work tree, each with a content that is fetched when somebody
//! asks for it. Not where contents lie.

use std::fmt;
use std::sync::{Arc, OnceLock};

use super::{Content, ContentHash, FileFacts, RelPath, Skipped};

/// A walked file with what is known of its text. Files that are not read have
/// an empty [`Content`].
#[derive(Clone)]
pub struct File {
    pub facts: FileFacts,
    content: OnceLock<Arc<Content>>,
    source: Option<Arc<dyn Fetch>>,
}

/// Fetches the content of a file when it is asked for.
pub trait Fetch: Send + Sync {
    /// Returns an empty content if it cannot be fetched; the implementation
    /// reports why.
    fn fetch(&self, facts: &FileFacts) -> Arc<Content>;
}

impl File {
    /// A file whose content is at hand.
    pub fn new(facts: FileFacts, content: Arc<Content>) -> Self {
        Self { facts, content: OnceLock::from(content), source: None }
    }

    /// A file whose content lies in the store until somebody asks for it: most
    /// commands look at a few files of a large tree.
    pub fn stored(facts: FileFacts, source: Arc<dyn Fetch>) -> Self {
        Self { facts, content: OnceLock::new(), source: Some(source) }
    }

    /// The content, fetched on first use and kept; empty where there is nothing to fetch it from.
    pub fn content(&self) -> &Arc<Content> {
        self.content
            .get_or_init(|| self.source.as_ref().map(|source| source.fetch(&self.facts)).unwrap_or_default())
    }

    /// The content, if it was asked for or given already.
    pub fn loaded(&self) -> Option<&Arc<Content>> {
        self.content.get()
    }

    /// Gives a content that was fetched together with others.
    pub fn give(&self, content: Arc<Content>) {
        self.content.get_or_init(|| content);
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File").field("facts", &self.facts).finish_non_exhaustive()
    }
}

/// The working tree as it was read.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    /// Sorted by path.
    pub files: Vec<File>,
    /// Sorted by path.
    pub skipped: Vec<Skipped>,
    /// For each of `files`, the indices of those that it imports, sorted.
    pub imports: Arc<Vec<Vec<u32>>>,
}

impl Tree {
    /// The index of a file in `files`.
    pub fn index_of(&self, path: &RelPath) -> Option<u32> {
        self.files.binary_search_by(|file| file.facts.path.cmp(path)).ok().map(|index| index as u32)
    }

    /// The hash of the file at this path, if the tree has one.
    pub fn hash_of(&self, path: &RelPath) -> Option<ContentHash> {
        self.index_of(path).map(|index| self.files[index as usize].facts.hash)
    }
}
