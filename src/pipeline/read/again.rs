//! Makes a reading from the one before when it is known which files were
//! touched; nothing else is looked at.
//!
//! Not here: whether what is known of the touches is complete (`watch`).

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use super::{Base, Examined, ExaminedFile, FileOutcome, FileReader, Reading, head, open_root};
use crate::model::{ContentHash, File, RelPath};
use crate::pipeline::contents::key_of;
use crate::pipeline::{Context, Result, Timings, usage};
use crate::store::CachedTree;
use crate::{extract, walk};

/// Contents that are worth keeping in memory: those that a page shows, and
/// those that were edited. With more, the next reading begins anew.
const KEPT: usize = 2_000;

impl Reading {
    /// The tree again, of which only `touched` is looked at. `None` where that
    /// does not tell everything: a file came or went, is read in another way, or
    /// imports something else; or somebody else has written to the store.
    pub fn again(mut self, context: &Context, touched: &[RelPath]) -> Result<Option<Self>> {
        let began = (context.clock)();
        let timings = Timings::start();
        let (Some(base), Some(moment)) = (&self.base, self.moment.clone()) else { return Ok(None) };
        if moment.renew() != Some(base.digest) {
            return Ok(None);
        }
        let root = open_root(context)?;
        let head = head(context);
        let reader = FileReader { context, root: &root, moment: Some(&moment) };
        let mut seen = Vec::with_capacity(touched.len());
        for path in touched {
            let Some(at) = self.tree.index_of(path) else { return Ok(None) };
            let Some(stamp) = walk::stamp(&root, path) else { return Ok(None) };
            let found = walk::WalkedFile { path: path.clone(), stamp };
            let looked: Examined = reader.file(&found, base.cached_tree.files.get(at as usize), None)?;
            match looked {
                Ok(one) if self.keeps_its_place(at, &one) => seen.push((at, one)),
                _ => return Ok(None),
            }
        }
        let Some(names) = self.changed_names_of(&seen) else { return Ok(None) };
        self.usage.advance(names);
        self.looked_at = seen.iter().map(|(at, _)| *at).collect();
        self.changed = seen.iter().filter(|(_, seen)| seen.came_to.is_changed()).map(|(at, _)| *at).collect();
        self.new_contents.clear();
        self.gone.clear();
        self.index = None;
        self.head = head;
        self.keeps_edges = true;
        for (at, seen) in seen {
            self.take_over(at as usize, seen);
        }
        (self.began, self.timings) = (began, timings);
        self.timings.end("read");
        Ok(Some(self))
    }

    /// Whether nothing but the content of a file is new. What an ignore file says
    /// is about others.
    fn keeps_its_place(&self, at: u32, seen: &ExaminedFile) -> bool {
        if matches!(seen.facts.path.name(), ".gitignore" | walk::OWN_IGNORE_FILE) {
            return false;
        }
        let (facts, note) = (&self.tree.files[at as usize].facts, &self.notes[at as usize]);
        (facts.class, facts.language) == (seen.facts.class, seen.facts.language)
            && (note.surface, note.unparsed) == (seen.note.surface, seen.note.unparsed)
            && !(seen.came_to.is_changed() && extract::imports::is_manifest(&facts.path))
    }

    /// `None` when a content from before is gone.
    fn changed_names_of(&self, seen: &[(u32, ExaminedFile)]) -> Option<HashMap<u64, (i64, i64)>> {
        let mut changes = HashMap::new();
        for (at, seen) in seen.iter().filter(|(_, seen)| seen.came_to.is_changed()) {
            let file = &self.tree.files[*at as usize];
            let (hash, language) = key_of(&file.facts);
            let stored = || self.moment.as_ref()?.content(hash, language).map(Arc::new);
            let before = file.loaded().cloned().or_else(stored)?;
            usage::change(&mut changes, &before.outline, -1);
            usage::change(&mut changes, &seen.content.as_ref()?.outline, 1);
        }
        changes.retain(|_, change| *change != (0, 0));
        Some(changes)
    }

    fn take_over(&mut self, at: usize, seen: ExaminedFile) {
        let sources = self.facts.get().map(|(_, sources)| sources);
        if seen.came_to.is_changed()
            && sources.is_some_and(|sources| sources.binary_search(&seen.facts.path).is_ok())
        {
            self.facts = OnceLock::new();
        }
        if let Some(content) = seen.content.as_ref().filter(|_| seen.came_to == FileOutcome::Parsed) {
            let (hash, language) = key_of(&seen.facts);
            self.new_contents.push((hash, language, content.clone()));
        }
        self.symbols = self.symbols + u64::from(seen.note.symbols) - u64::from(self.notes[at].symbols);
        self.notes[at] = seen.note;
        match seen.content.filter(|_| seen.came_to.is_changed()) {
            Some(content) => self.tree.files[at] = File::new(seen.facts, content),
            // The content is the same, whoever has it.
            None => self.tree.files[at].facts = seen.facts,
        }
    }

    /// Makes this reading the base of the next one, once it is stored. `None`
    /// if it holds more than its memory is worth.
    pub fn settled(mut self, digest: ContentHash, cached_tree: CachedTree) -> Option<Self> {
        let moment = self.moment.clone()?;
        moment.release();
        let is_held = |file: &&File| file.facts.class.is_read() && file.loaded().is_some();
        if self.tree.files.iter().filter(is_held).count() > KEPT {
            return None;
        }
        self.usage.settle(moment, cached_tree.name_bits);
        self.new_contents = Vec::new();
        self.index = None;
        self.base = Some(Base { digest, cached_tree });
        Some(self)
    }
}
