//! How much the names of a tree are used: counted once, and then kept current
//! by what changes.
//!
//! Not here: what usage is worth (`render::symbols`).

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use crate::model::{ContentHash, Outline};
use crate::store::{NameFilter, NameUses, ReadTransaction, Uses, name_key};

/// By the key of a name: how many more files mention it, and how many more
/// declare it.
pub type NameChanges = HashMap<u64, (i64, i64)>;

/// The uses of names in a tree.
pub struct Usage {
    counted: Counted,
    /// Names that were asked for, now or by an earlier run; a look into the
    /// store for each of them took most of the time of a page.
    known: Mutex<HashMap<u64, UsageCache>>,
}

enum Counted {
    Whole(NameUses),
    /// As it was with the stored snapshot, and what came to it.
    Since {
        moment: Arc<ReadTransaction>,
        /// Buckets, as a power of two.
        bits: u32,
        changes: NameChanges,
    },
}

struct UsageCache {
    uses: Uses,
    /// Whether this run asked for it.
    is_asked: bool,
}

impl Usage {
    /// Usage from counts that cover the whole tree.
    pub fn whole(uses: NameUses) -> Self {
        Self { counted: Counted::Whole(uses), known: Mutex::default() }
    }

    /// Usage as it was with the stored snapshot; `remembered` is what
    /// [`Usage::asked`] told of it.
    pub fn stored(moment: Arc<ReadTransaction>, bits: u32, remembered: &[(u64, Uses)]) -> Self {
        let known = remembered.iter().map(|(key, uses)| (*key, UsageCache { uses: *uses, is_asked: false }));
        let known = Mutex::new(known.collect());
        Self { counted: Counted::Since { moment, bits, changes: NameChanges::new() }, known }
    }

    /// How many names there are, if this run counted all of them.
    pub fn names(&self) -> Option<usize> {
        match &self.counted {
            Counted::Whole(uses) => Some(uses.len()),
            Counted::Since { .. } => None,
        }
    }

    /// What the store has to record; `None` if nothing is new.
    pub fn stored_as(&self, base: Option<ContentHash>) -> Option<NameFilter<'_>> {
        match (&self.counted, base) {
            (Counted::Whole(uses), _) => Some(NameFilter::Whole(uses)),
            (Counted::Since { changes, .. }, Some(_)) if changes.is_empty() => None,
            (Counted::Since { changes, .. }, Some(base)) => Some(NameFilter::Difference(base, changes)),
            (Counted::Since { .. }, None) => None,
        }
    }

    /// Notes that the counts so far are stored.
    pub fn settle(&mut self, moment: Arc<ReadTransaction>, name_bits: u32) {
        self.counted = Counted::Since { moment, bits: name_bits, changes: NameChanges::new() };
    }

    /// Usage of the tree that differs from the stored one by `more`; the counts
    /// so far are those of the stored one.
    pub fn advanced(mut self, more: NameChanges) -> Self {
        if let Counted::Since { changes, .. } = &mut self.counted {
            for (key, known) in self.known.get_mut().unwrap_or_else(PoisonError::into_inner) {
                known.is_asked = false;
                known.uses = known.uses.changed(more.get(key).copied().unwrap_or_default());
            }
            *changes = more;
        }
        self
    }

    /// Files that mention a name, and files that declare it.
    pub fn of(&self, name: &str) -> (u32, u32) {
        let key = name_key(name);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let known =
            known.entry(key).or_insert_with(|| UsageCache { uses: self.counted.uses(key), is_asked: true });
        known.is_asked = true;
        (known.uses.mentioned, known.uses.declared)
    }

    /// The names that were asked for, by their keys, sorted.
    pub fn asked(&self) -> Vec<(u64, Uses)> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = known.iter().filter(|(_, known)| known.is_asked);
        let mut asked: Vec<(u64, Uses)> = asked.map(|(key, known)| (*key, known.uses)).collect();
        asked.sort_unstable_by_key(|(key, _)| *key);
        asked
    }
}

impl Counted {
    fn uses(&self, key: u64) -> Uses {
        match self {
            Self::Whole(uses) => uses.get(&key).copied().unwrap_or_default(),
            Self::Since { moment, bits, changes } => {
                moment.uses(key, *bits).changed(changes.get(&key).copied().unwrap_or_default())
            }
        }
    }
}

/// Counts names from many threads.
pub struct UsageCounter {
    shards: Vec<Mutex<NameUses>>,
}

/// More than any machine has threads that count at once.
const SHARDS: usize = 64;

impl UsageCounter {
    /// A counter with nothing counted.
    pub fn new() -> Self {
        Self { shards: (0..SHARDS).map(|_| Mutex::default()).collect() }
    }

    /// Counts the declarations and references of one file; may be called by several threads at
    /// once.
    pub fn add(&self, outline: &Outline) {
        let mut uses = uses_of(outline);
        uses.sort_unstable_by_key(|(key, _)| key % SHARDS as u64);
        for shard in uses.chunk_by(|a, b| a.0 % SHARDS as u64 == b.0 % SHARDS as u64) {
            let counts = &self.shards[(shard[0].0 % SHARDS as u64) as usize];
            let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
            for (key, (mentioned, declared)) in shard {
                let counted = counts.entry(*key).or_default();
                *counted = counted.changed((*mentioned, *declared));
            }
        }
    }

    /// Merges what all threads counted.
    pub fn finish(self) -> NameUses {
        let shards = self.shards.into_iter();
        let shards: Vec<NameUses> =
            shards.map(|shard| shard.into_inner().unwrap_or_else(PoisonError::into_inner)).collect();
        let mut all = NameUses::default();
        all.reserve(shards.iter().map(NameUses::len).sum());
        shards.into_iter().for_each(|shard| all.extend(shard));
        all
    }
}

/// Adds what a file uses, or takes it away with -1.
pub fn change(changes: &mut NameChanges, outline: &Outline, times: i64) {
    for (key, (mentioned, declared)) in uses_of(outline) {
        let change = changes.entry(key).or_default();
        *change = (change.0 + times * mentioned, change.1 + times * declared);
    }
}

/// The names that a file mentions and declares, each once.
fn uses_of(outline: &Outline) -> Vec<(u64, (i64, i64))> {
    let mentioned = outline.references.iter().map(|(name, _)| (name_key(name.as_str()), (1, 0)));
    let declared: BTreeSet<&str> = outline.symbols.iter().map(|symbol| symbol.name.as_str()).collect();
    mentioned.chain(declared.into_iter().map(|name| (name_key(name), (0, 1)))).collect()
}
