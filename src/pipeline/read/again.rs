//! Makes a reading from the one before when it is known which files were
//! touched; nothing else is looked at.
//!
//! Not here: whether what is known of the touches is complete (`watch`).

use std::collections::BTreeSet;

use super::Reading;
use super::apply::{Before, Now, Update};
use super::delta::{Delta, Others};
use super::examine::{ExaminedFile, FileReader};
use crate::model::{ContentHash, File, RelPath, Tree};
use crate::pipeline::sources::{head, open_root};
use crate::pipeline::{Context, Result, Timings};
use crate::walk;

/// Contents that are worth keeping in memory: those that a page shows, and
/// those that were edited. With more, the next reading begins anew.
const KEPT: usize = 2_000;

impl Reading {
    /// The tree again, of which only `touched` is looked at. `None` where that
    /// does not tell everything: a file came or went, or is read in another way;
    /// or somebody else has written to the store.
    pub fn again(self, context: &Context, touched: &[RelPath]) -> Result<Option<Self>> {
        let began = (context.clock)();
        let mut timings = Timings::start();
        let (Some(digest), Some(moment)) = (self.base, self.contents.moment().cloned()) else {
            return Ok(None);
        };
        if moment.renew() != Some(digest) {
            return Ok(None);
        }
        let root = open_root(context)?;
        let head = head(context);
        let reader = FileReader::new(context, &root, Some(&moment), &began);
        let Some(seen) = self.look_at(touched, &root, &reader)? else { return Ok(None) };
        let states: Vec<_> = seen.iter().map(|(_, seen)| seen.state.clone()).collect();
        let delta = Delta::between(&self.cached.files, &states, Others::AsBefore);
        let touched = Some(seen.iter().map(|(at, _)| *at).collect());
        let mut cached = self.cached;
        let states = std::mem::take(&mut cached.files);
        let mut now = Now { files: self.tree.files, states, ..Now::default() };
        for (at, seen) in seen {
            now.put(at as usize, seen, &self.contents);
        }
        if !delta.keeps_walk(&now.states) {
            return Ok(None);
        }
        let before = Before { digest, cached, usage: self.usage };
        let update = Update { context, root: &root, moment: Some(&moment) };
        let whole = update.apply(Some(before), now, &delta);
        timings.end("read");
        let skipped = self.tree.skipped;
        Ok(Some(Self {
            tree: Tree { files: whole.files, imports: whole.imports, skipped },
            usage: whole.usage,
            new_contents: whole.new_contents,
            began,
            head,
            timings,
            delta,
            cached: whole.cached,
            facts: whole.facts,
            central: whole.central,
            touched,
            index: None,
            ..self
        }))
    }

    /// Looks at the touched files, in order. `None` if one is not known, or gone.
    fn look_at(
        &self,
        touched: &[RelPath],
        root: &walk::Root,
        reader: &FileReader,
    ) -> Result<Option<Vec<(u32, ExaminedFile)>>> {
        let places: Option<BTreeSet<u32>> = touched.iter().map(|path| self.tree.index_of(path)).collect();
        let Some(places) = places else { return Ok(None) };
        let mut seen = Vec::with_capacity(places.len());
        for at in places {
            let known = &self.cached.files[at as usize];
            let Some(stamp) = walk::stamp(root, &known.path) else { return Ok(None) };
            let found = walk::WalkedFile { path: known.path.clone(), stamp };
            let Ok(one) = reader.file(&found, Some(known), None)? else { return Ok(None) };
            seen.push((at, one));
        }
        Ok(Some(seen))
    }

    /// Makes this reading the one that the next is compared with, once it is
    /// stored as the snapshot of `digest`. `None` if it holds more than its memory
    /// is worth.
    pub fn settled(mut self, digest: ContentHash) -> Option<Self> {
        let moment = self.contents.moment()?.clone();
        moment.release();
        let is_held = |file: &&File| file.facts.class.is_read() && file.loaded().is_some();
        if self.tree.files.iter().filter(is_held).count() > KEPT {
            return None;
        }
        self.usage.settle(moment, self.cached.name_bits);
        self.new_contents = Vec::new();
        self.index = None;
        self.base = Some(digest);
        self.delta = Delta::default();
        Some(self)
    }
}
