//! What is known of a tree as a whole, brought from one state to the next: only
//! what rests on something that differs is made again. However a tree was
//! looked at, this is the one way to what is known of it.
//!
//! Not here: what differs (`delta`), single files (`examine`).

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use super::delta::Delta;
use super::examine::{Examined, ExaminedFile, FileOutcome, NewContent};
use crate::extract::imports;
use crate::model::{Content, ContentHash, File, Outline, ProjectFacts, RelPath, Skipped};
use crate::pipeline::Context;
use crate::pipeline::contents::{StoredContents, each_content, key_of};
use crate::pipeline::sources::text_of_file;
use crate::pipeline::usage::{self, NameChanges, Usage, UsageCounter};
use crate::store::{CachedFile, CachedTree, ReadTransaction};
use crate::walk;

/// What is remembered of a tree.
pub struct Before {
    /// Digest of the snapshot that it belongs to.
    pub digest: ContentHash,
    pub cached: CachedTree,
    pub usage: Usage,
}

/// The files of a tree as they are now.
#[derive(Default)]
pub struct Now {
    pub files: Vec<File>,
    /// What the next run is to remember of each of them.
    pub states: Vec<CachedFile>,
    pub new_contents: Vec<NewContent>,
    /// What imports are resolved by in files whose contents went into the store.
    pub streamed: HashMap<u32, Outline>,
    /// Names that were counted meanwhile.
    pub counter: Option<UsageCounter>,
}

/// A tree as it is now, and what is known of it as a whole.
pub struct Whole {
    pub files: Vec<File>,
    pub new_contents: Vec<NewContent>,
    pub imports: Arc<Vec<Vec<u32>>>,
    pub usage: Usage,
    /// What the project says of itself, and the files that say it; empty where
    /// it has to be asked.
    pub facts: OnceLock<(ProjectFacts, Vec<RelPath>)>,
    /// The files by how central they are; empty where it has to be worked out.
    pub central: OnceLock<Vec<u32>>,
    /// What is to be remembered: files and imports as they are now, the rest as
    /// it was.
    pub cached: CachedTree,
}

/// What still holds of a tree that was remembered.
#[derive(Default)]
struct Kept {
    imports: Option<Arc<Vec<Vec<u32>>>>,
    facts: Option<(ProjectFacts, Vec<RelPath>)>,
    central: Option<Vec<u32>>,
}

impl Kept {
    fn of(cached: &CachedTree, delta: &Delta, now: &[CachedFile]) -> Self {
        let is_told = |facts: &&(ProjectFacts, Vec<RelPath>)| delta.keeps_facts(now, &facts.1);
        let has_central = !cached.central.is_empty() && delta.keeps_central(now);
        Self {
            imports: delta.keeps_edges(now).then(|| cached.imports.clone()),
            facts: cached.facts.as_ref().filter(is_told).cloned(),
            central: has_central.then(|| cached.central.clone()),
        }
    }
}

impl Now {
    /// The files that were looked at, in their order; those that could not be
    /// read are added to `skipped`.
    pub fn of(seen: Vec<Examined>, source: &Arc<StoredContents>, skipped: &mut Vec<Skipped>) -> Self {
        let mut now = Self::default();
        for seen in seen {
            match seen {
                Ok(seen) => now.add(seen, source),
                Err(unread) => skipped.push(unread),
            }
        }
        now
    }

    fn add(&mut self, mut seen: ExaminedFile, source: &Arc<StoredContents>) {
        self.new_contents.extend(seen.new_content());
        if let FileOutcome::Streamed(surface) = &mut seen.outcome {
            self.streamed.insert(self.files.len() as u32, std::mem::take(surface));
        }
        let (state, file) = seen.into_parts(source);
        self.states.push(state);
        self.files.push(file);
    }

    /// Exchanges a file for what was seen of it now.
    pub fn put(&mut self, at: usize, seen: ExaminedFile, source: &Arc<StoredContents>) {
        self.new_contents.extend(seen.new_content());
        let is_as_before = seen.outcome.is_as_before();
        let (state, file) = seen.into_parts(source);
        self.states[at] = state;
        match is_as_before {
            // The content is the same, and may be at hand.
            true => self.files[at].facts = file.facts,
            false => self.files[at] = file,
        }
    }
}

/// Brings a tree up to date.
pub struct Update<'a> {
    pub context: &'a Context,
    pub root: &'a walk::Root,
    pub moment: Option<&'a ReadTransaction>,
}

impl Update<'_> {
    /// What is known of a tree that differs by `delta` from what is remembered.
    pub fn apply(&self, before: Option<Before>, mut now: Now, delta: &Delta) -> Whole {
        let kept = before.as_ref().map(|before| Kept::of(&before.cached, delta, &now.states));
        let kept = kept.unwrap_or_default();
        let (cached, usage) = before.map(|before| (before.cached, before.usage)).unzip();
        let usage = usage.filter(|_| now.counter.is_none());
        let usage = usage.and_then(|usage| Some(usage.advanced(self.changed_names(delta, &now.files)?)));
        let counter = now.counter.take().or_else(|| usage.is_none().then(UsageCounter::new));
        let imports = match (kept.imports, &counter) {
            (Some(imports), None) => imports,
            (imports, counter) => {
                let surfaces = self.surfaces(&now.files, now.streamed, counter.as_ref());
                imports.unwrap_or_else(|| Arc::new(self.resolve(&now.files, &surfaces)))
            }
        };
        let counted = || Usage::whole(counter.map(UsageCounter::finish).unwrap_or_default());
        Whole {
            usage: usage.unwrap_or_else(counted),
            facts: kept.facts.map(OnceLock::from).unwrap_or_default(),
            central: kept.central.map(OnceLock::from).unwrap_or_default(),
            cached: CachedTree { files: now.states, imports: imports.clone(), ..cached.unwrap_or_default() },
            imports,
            files: now.files,
            new_contents: now.new_contents,
        }
    }

    /// What has to be added to the counts of names; `None` if a content from
    /// before is gone.
    fn changed_names(&self, delta: &Delta, files: &[File]) -> Option<NameChanges> {
        let mut changes = NameChanges::new();
        let replaced = delta.changed.iter().filter_map(|change| change.before.as_ref());
        for before in delta.gone.iter().chain(replaced).filter(|before| before.class.is_read()) {
            let language = before.language.as_deref().unwrap_or_default();
            usage::change(&mut changes, &self.moment?.content(before.hash, language)?.outline, -1);
        }
        for change in &delta.changed {
            usage::change(&mut changes, &files[change.at as usize].content().outline, 1);
        }
        changes.retain(|_, change| *change != (0, 0));
        Some(changes)
    }

    /// What imports are resolved by, of every file; `counter` counts the names
    /// of all that were not counted on their way into the store.
    fn surfaces(
        &self,
        files: &[File],
        mut streamed: HashMap<u32, Outline>,
        counter: Option<&UsageCounter>,
    ) -> Vec<Outline> {
        let mut surfaces = vec![Outline::default(); files.len()];
        let mut wanted: HashMap<(ContentHash, String), Vec<usize>> = HashMap::new();
        let take = |at: usize, content: &Content| {
            if let Some(counter) = counter {
                counter.add(&content.outline);
            }
            imports::surface(files[at].facts.language, &content.outline)
        };
        for (at, file) in files.iter().enumerate().filter(|(_, file)| file.facts.class.is_read()) {
            match (streamed.remove(&(at as u32)), file.loaded()) {
                (Some(surface), _) => surfaces[at] = surface,
                (None, Some(content)) => surfaces[at] = take(at, content),
                (None, None) => {
                    let (hash, language) = key_of(&file.facts);
                    wanted.entry((hash, language.to_string())).or_default().push(at);
                }
            }
        }
        if let Some(moment) = self.moment.filter(|_| !wanted.is_empty()) {
            each_content(moment, |stored, content| {
                for at in wanted.remove(&(stored.hash, stored.language.clone())).into_iter().flatten() {
                    surfaces[at] = take(at, &content);
                }
            });
        }
        // Damaged, or gone from the store.
        for at in wanted.into_values().flatten() {
            surfaces[at] = take(at, files[at].content());
        }
        surfaces
    }

    fn resolve(&self, files: &[File], surfaces: &[Outline]) -> Vec<Vec<u32>> {
        let pairs = files.iter().zip(surfaces);
        let sources: Vec<_> = pairs
            .map(|(file, outline)| imports::ImportSource {
                path: &file.facts.path,
                language: file.facts.language,
                outline,
            })
            .collect();
        imports::resolve(&sources, &|path| {
            let at = files.binary_search_by(|file| file.facts.path.cmp(path)).ok()?;
            text_of_file(self.context, self.root, &files[at])
        })
    }
}
