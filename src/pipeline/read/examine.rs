//! Looks at single files: a content is read, redacted and extracted at most
//! once, whatever its path, and not at all where the store remembers it.
//!
//! Not here: which files there are (`walk`), what follows for the tree (`apply`).

use std::sync::Arc;

use rayon::prelude::*;

use super::delta::{Evidence, still_holds};
use super::stream::{self, ContentSink};
use crate::limits::RACY_NS;
use crate::model::{Content, ContentHash, File, FileFacts, Outline, SafeText, Skipped, Stamp, Unparsed};
use crate::pipeline::contents::{StoredContents, key_of};
use crate::pipeline::sources::text_of_found;
use crate::pipeline::usage::UsageCounter;
use crate::pipeline::{Context, Result, Time};
use crate::store::{CachedFile, EncodedContent, ReadTransaction, Store};
use crate::{extract, walk};

/// Looks at single files.
pub struct FileReader<'a> {
    pub context: &'a Context,
    root: &'a walk::Root,
    moment: Option<&'a ReadTransaction>,
    /// A stamp that is not older than this cannot be trusted.
    racy_after: i64,
}

/// A file that was looked at.
pub struct ExaminedFile {
    pub facts: FileFacts,
    /// What the next run is to remember.
    pub state: CachedFile,
    pub outcome: FileOutcome,
}

/// What looking at a file came to, with what was made of it.
#[derive(Debug)]
pub enum FileOutcome {
    /// Its stamp is the remembered one, so it was not opened.
    Unchanged,
    /// Another stamp, and everything else as remembered.
    Touched,
    /// It is of a class that is not read for its content.
    Unread,
    /// Its content is not the remembered one, and the store has it.
    Reused(Arc<Content>),
    /// Its content was made by this run, and is to be stored.
    Parsed(Arc<Content>),
    /// Its parser was stopped from outside: no fact about the content, so that
    /// the next run tries again.
    Unfinished(Arc<Content>),
    /// Its content lies in the store, where this run may have put it; what
    /// imports are resolved by.
    Streamed(Outline),
}

/// A file that was looked at, or why it was not.
pub type Examined = std::result::Result<ExaminedFile, Skipped>;

/// A content that the store does not hold, by hash and language.
pub type NewContent = (ContentHash, &'static str, Arc<Content>);

impl<'a> FileReader<'a> {
    /// A reader that began at `began` and fetches from `moment`.
    pub fn new(
        context: &'a Context,
        root: &'a walk::Root,
        moment: Option<&'a ReadTransaction>,
        began: &Time,
    ) -> Self {
        Self { context, root, moment, racy_after: began.ns - RACY_NS }
    }

    /// Looks at all files. With a store and many files to read, contents go
    /// into it meanwhile, and the names of those are counted.
    pub fn all(
        &self,
        found: &[walk::WalkedFile],
        known: &[Option<&CachedFile>],
        store: Option<&mut Store>,
    ) -> Result<(Vec<Examined>, Option<UsageCounter>)> {
        self.context.progress.begin("reading", found.len());
        let is_known = |(found, known): &(&walk::WalkedFile, &Option<&CachedFile>)| {
            known.is_some_and(|known| still_holds(known, &Evidence::Stamp(found.stamp)))
        };
        let unread = found.iter().zip(known).filter(|file| !is_known(file)).count();
        let look = |sink: Option<&ContentSink>| -> Result<Vec<Examined>> {
            found.par_iter().zip(known).map(|(found, known)| self.file(found, *known, sink)).collect()
        };
        let looked = match store.filter(|_| unread >= stream::MANY) {
            None => (look(None)?, None),
            Some(store) => {
                let (seen, counter) = stream::into(store, self.context, |sink| look(Some(sink)))?;
                (seen?, Some(counter))
            }
        };
        self.context.progress.end();
        Ok(looked)
    }

    /// One file with its content, nothing being remembered of it.
    pub fn whole_file(&self, found: &walk::WalkedFile) -> Result<std::result::Result<File, Skipped>> {
        let seen = self.file(found, None, None)?;
        Ok(seen.map(|seen| File::new(seen.facts, seen.outcome.into_content().unwrap_or_default())))
    }

    /// Reads a text as it is in the file, not redacted: only to be searched,
    /// never stored or shown.
    pub fn raw_text(&self, found: &walk::WalkedFile) -> Option<String> {
        let read = walk::read(self.root, found, self.context.settings.max_file_size());
        Some(walk::decode(&read.ok()?.text?))
    }

    /// The redacted text of a file that is read.
    pub fn text(&self, found: &walk::WalkedFile) -> Option<SafeText> {
        text_of_found(self.context, self.root, found)
    }

    /// Looks at one file, of which `known` is remembered.
    pub fn file(
        &self,
        found: &walk::WalkedFile,
        known: Option<&CachedFile>,
        sink: Option<&ContentSink>,
    ) -> Result<Examined> {
        self.context.progress.step();
        let is_current = |known: &&CachedFile| still_holds(known, &Evidence::Stamp(found.stamp));
        if let Some(seen) = known.filter(is_current).and_then(ExaminedFile::unchanged) {
            return Ok(Ok(seen));
        }
        let read = match walk::read(self.root, found, self.context.settings.max_file_size()) {
            Ok(read) => read,
            Err(skipped) => return Ok(Err(skipped)),
        };
        let head = read.text.as_deref().unwrap_or_default();
        let language = extract::language_of(&found.path, head);
        let facts = FileFacts {
            path: found.path.clone(),
            stamp: read.stamp,
            hash: read.hash,
            class: language.map_or(read.class, |language| language.class(read.class, &found.path)),
            language: language.map(extract::Language::name),
        };
        let evidence = Evidence::Content(facts.hash, facts.class, facts.language);
        if let Some(known) = known.filter(|known| still_holds(known, &evidence)) {
            let state = CachedFile { stamp: self.trusted(&facts), ..known.clone() };
            return Ok(Ok(ExaminedFile { facts, state, outcome: FileOutcome::Touched }));
        }
        let Some(text) = read.text else {
            let state = self.state(&facts, None);
            return Ok(Ok(ExaminedFile { facts, state, outcome: FileOutcome::Unread }));
        };
        let (content, is_stored) = match self.stored(&facts) {
            Some(content) => (content, true),
            None => {
                let source = self.context.redactor.text(&walk::decode(&text));
                (self.context.parsers.content(language, &source)?, false)
            }
        };
        let state = self.state(&facts, Some(&content));
        let outcome = FileOutcome::of(&facts, content, is_stored, sink);
        Ok(Ok(ExaminedFile { facts, state, outcome }))
    }

    fn stored(&self, facts: &FileFacts) -> Option<Content> {
        let (hash, language) = key_of(facts);
        self.moment.filter(|moment| moment.has(hash, language))?.content(hash, language)
    }

    /// The stamp of a file, unless the file may change again without a new one.
    fn trusted(&self, facts: &FileFacts) -> Option<Stamp> {
        Some(facts.stamp).filter(|stamp| stamp.mtime_ns.max(stamp.ctime_ns) < self.racy_after)
    }

    /// What is to be remembered of a file; without a content of one that is not
    /// read.
    fn state(&self, facts: &FileFacts, content: Option<&Content>) -> CachedFile {
        let surface = |content: &Content| extract::imports::surface_hash(facts.language, &content.outline);
        CachedFile {
            path: facts.path.clone(),
            stamp: self.trusted(facts),
            hash: facts.hash,
            class: facts.class,
            language: facts.language.map(str::to_string),
            symbols: content.map_or(0, |content| content.outline.symbols.len() as u32),
            unparsed: content.and_then(|content| content.unparsed),
            surface: content.map_or(0, surface),
        }
    }
}

impl ExaminedFile {
    /// A file with the stamp that is remembered; `None` when its language is
    /// no more.
    fn unchanged(known: &CachedFile) -> Option<Self> {
        let language = match &known.language {
            Some(name) => Some(extract::language_named(name)?.name()),
            None => None,
        };
        let facts = FileFacts {
            path: known.path.clone(),
            stamp: known.stamp?,
            hash: known.hash,
            class: known.class,
            language,
        };
        Some(Self { facts, state: known.clone(), outcome: FileOutcome::Unchanged })
    }

    /// What the store is to be given.
    pub fn new_content(&self) -> Option<NewContent> {
        let FileOutcome::Parsed(content) = &self.outcome else { return None };
        let (hash, language) = key_of(&self.facts);
        Some((hash, language, content.clone()))
    }

    /// What is to be remembered of it, and the file in a tree; a content that is
    /// not at hand is fetched from `source`.
    pub fn into_parts(self, source: &Arc<StoredContents>) -> (CachedFile, File) {
        let is_read = self.facts.class.is_read();
        let file = match self.outcome.into_content() {
            Some(content) => File::new(self.facts, content),
            None if is_read => File::stored(self.facts, source.clone()),
            None => File::new(self.facts, Arc::default()),
        };
        (self.state, file)
    }
}

impl FileOutcome {
    fn of(facts: &FileFacts, content: Content, is_stored: bool, sink: Option<&ContentSink>) -> Self {
        if content.unparsed == Some(Unparsed::Unfinished) {
            return Self::Unfinished(Arc::new(content));
        }
        let Some(sink) = sink else {
            let content = Arc::new(content);
            return if is_stored { Self::Reused(content) } else { Self::Parsed(content) };
        };
        let (hash, language) = key_of(facts);
        let new = (!is_stored).then(|| EncodedContent::new(hash, language, &content));
        sink.take(&content.outline, new);
        Self::Streamed(extract::imports::surface(facts.language, &content.outline))
    }

    /// Whether content, class and language are as remembered.
    pub fn is_as_before(&self) -> bool {
        matches!(self, Self::Unchanged | Self::Touched)
    }

    /// The content, if it is at hand.
    pub fn into_content(self) -> Option<Arc<Content>> {
        match self {
            Self::Reused(content) | Self::Parsed(content) | Self::Unfinished(content) => Some(content),
            Self::Unread => Some(Arc::default()),
            Self::Unchanged | Self::Touched | Self::Streamed(_) => None,
        }
    }
}
