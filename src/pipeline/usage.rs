//! How much the names of a tree are used: counted once, and then kept current
//! by what changes.
//!
//! Not here: what usage is worth (`render::symbols`).

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use crate::model::{ContentHash, Outline};
use crate::store::{Moment, NameUses, Names, Uses, name_key};

/// The uses of names in a tree.
pub enum Usage {
    Whole(NameUses),
    /// As it was with the stored snapshot, and what came to it.
    Since(Since),
}

pub struct Since {
    moment: Arc<Moment>,
    /// Buckets, as a power of two.
    bits: u32,
    changes: HashMap<u64, (i64, i64)>,
    /// Buckets that were asked for.
    known: Mutex<HashMap<u64, HashMap<u64, Uses>>>,
}

impl Usage {
    pub fn since(moment: Arc<Moment>, bits: u32, changes: HashMap<u64, (i64, i64)>) -> Self {
        Self::Since(Since { moment, bits, changes, known: Mutex::default() })
    }

    /// What the store makes of it; `None` when nothing is new.
    pub fn stored_as(&self, base: Option<ContentHash>) -> Option<Names<'_>> {
        match (self, base) {
            (Self::Whole(uses), _) => Some(Names::Whole(uses)),
            (Self::Since(since), Some(_)) if since.changes.is_empty() => None,
            (Self::Since(since), Some(base)) => Some(Names::Difference(base, &since.changes)),
            (Self::Since(_), None) => None,
        }
    }

    /// What was told is stored by now; `changes` come to it.
    pub fn advance(&mut self, changes: HashMap<u64, (i64, i64)>) {
        let Self::Since(since) = self else { return };
        let known = since.known.get_mut().unwrap_or_else(PoisonError::into_inner);
        for (key, change) in std::mem::replace(&mut since.changes, changes) {
            if let Some(bucket) = known.get_mut(&Moment::bucket_of(key, since.bits)) {
                let uses = bucket.entry(key).or_default();
                *uses = uses.changed(change);
            }
        }
    }

    /// Files that mention a name, and files that declare it.
    pub fn of(&self, name: &str) -> (u32, u32) {
        let key = name_key(name);
        let uses: Uses = match self {
            Self::Whole(uses) => uses.get(&key).copied().unwrap_or_default(),
            Self::Since(since) => {
                let change = since.changes.get(&key).copied().unwrap_or_default();
                since.stored(key).changed(change)
            }
        };
        (uses.mentioned, uses.declared)
    }
}

impl Since {
    fn stored(&self, key: u64) -> Uses {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let load = || self.moment.bucket(key, self.bits).into_iter().collect();
        let bucket = known.entry(Moment::bucket_of(key, self.bits)).or_insert_with(load);
        bucket.get(&key).copied().unwrap_or_default()
    }
}

/// Counts names from many threads.
pub struct Counter {
    shards: Vec<Mutex<NameUses>>,
}

/// More than any machine has threads that count at once.
const SHARDS: usize = 64;

impl Counter {
    pub fn new() -> Self {
        Self { shards: (0..SHARDS).map(|_| Mutex::default()).collect() }
    }

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
pub fn change(changes: &mut HashMap<u64, (i64, i64)>, outline: &Outline, times: i64) {
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
