//! Which other files belong to a change: those that changed together with its
//! files before, hold its names, are imported or named like them. Pure.
//!
//! Not here: reading a diff or the history, and goals in words.

mod exercised;
mod kin;
mod names;
mod test_signals;
mod together;
mod users;
mod weights;

use std::collections::{BTreeSet, HashMap};

use super::graph::Graph;
use super::quantise;
use crate::model::{Class, Diff, History, SafeText, Tree};
pub use exercised::{ExercisedBy, tests};
use kin::{PathKinship, PathParts};
pub use names::symbols_around;
use names::{NameHit, NameIndex};
pub use test_signals::{TEST_SIGNALS, TestRow, TestRows, test_rows};
use together::{CoChange, PastChanges};
pub use users::{FileUse, UseEvidence, UsedSymbol, users};
pub use weights::{LIKELY, SIGNALS};

/// Reasons told of one companion.
const REASONS: usize = 3;

/// Companions for which the evidence is worked out in words.
const TOLD: usize = 60;

/// Companions listed, at most, where nobody asks for more.
const MOST_LISTED: usize = 12;

/// Changed files whose paths and imports are compared with all others.
const MOST_SEEDS: usize = 100;

/// A file that changes with a change, or should.
#[derive(Clone, Debug, PartialEq)]
pub struct Companion {
    /// Index in [`Tree::files`].
    pub file: u32,
    /// How likely it belongs to the change, from 0 to 1.
    pub score: f64,
    /// The strongest first.
    pub reasons: Vec<CompanionReason>,
}

/// What speaks for a companion.
#[derive(Clone, Debug, PartialEq)]
pub struct CompanionReason {
    pub words: SafeText,
    /// The changed file whose path completes the words.
    pub of: Option<u32>,
}

/// The signals of all files beside a change.
pub struct ChangeMeasure {
    /// Indices of the changed files.
    pub seeds: Vec<u32>,
    /// Files beside them for which anything speaks, with a value for each of
    /// [`SIGNALS`].
    pub rows: Vec<(u32, Vec<f64>)>,
    names: NameIndex,
    together: HashMap<u32, CoChange>,
    touches: Vec<u32>,
}

/// How many of the first companions a list holds that ends where the evidence does.
pub fn cut(companions: &[Companion]) -> usize {
    companions.iter().take(MOST_LISTED).take_while(|companion| companion.score >= LIKELY).count()
}

/// Whether a name of the change stands in a file in one way.
type NameKind<'a> = &'a dyn Fn(&NameHit) -> bool;

impl ChangeMeasure {
    /// Measures all files beside a change.
    pub fn of(tree: &Tree, history: &History, diff: &Diff) -> Self {
        let seeds: BTreeSet<u32> = diff.files.iter().filter_map(|file| tree.index_of(&file.path)).collect();
        let seeds: Vec<u32> = seeds.into_iter().collect();
        let past = PastChanges::read(tree, history);
        let together = past.with(&seeds);
        let names = NameIndex::of(tree, diff);
        let mut measured = Self { seeds, rows: Vec::new(), names, together, touches: Vec::new() };
        measured.rows = measured.all_rows(tree, &past, diff);
        measured.touches = past.touches;
        measured
    }

    /// The files that belong to the change, the likeliest first, each with what
    /// speaks for it: `limit` of them, or as many as the evidence supports.
    pub fn companions(&self, tree: &Tree, limit: Option<usize>) -> Vec<Companion> {
        let mut found = self.order();
        found.truncate(limit.unwrap_or_else(|| cut(&found)));
        for companion in found.iter_mut().take(TOLD) {
            companion.reasons = self.reasons(tree, companion.file);
        }
        found
    }

    /// All files for which anything speaks, the likeliest first, without reasons.
    pub fn order(&self) -> Vec<Companion> {
        let of = |(file, row): &(u32, Vec<f64>)| {
            let score = quantise(weights::likely(row));
            Companion { file: *file, score, reasons: Vec::new() }
        };
        let mut found: Vec<Companion> = self.rows.iter().map(of).collect();
        found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.file.cmp(&b.file)));
        found
    }

    fn all_rows(&self, tree: &Tree, past: &PastChanges, diff: &Diff) -> Vec<(u32, Vec<f64>)> {
        let held = self.held(tree);
        let near = near(tree, diff);
        let edges = self.edges(tree);
        let best = |of: &dyn Fn(&HeldNames) -> f64| held.iter().map(of).fold(1e-9, f64::max);
        let (best_share, best_dense) = (best(&|held| held.share), best(&|held| held.dense));
        let most = self.together.values().map(|found| found.confidence).fold(1e-9, f64::max);
        let is_young = 1.0
            / (1.0 + self.seeds.iter().map(|seed| past.touches[*seed as usize]).max().unwrap_or(0) as f64);
        let row = |file: u32| -> Option<(u32, Vec<f64>)> {
            let at = file as usize;
            let found = self.together.get(&file).copied().unwrap_or_default();
            let (held, near, edge) = (&held[at], &near[at], edges.get(&file).copied().unwrap_or_default());
            let speaks =
                held.share > 0.0 || found != CoChange::default() || edge != (0.0, 0.0) || near.namesake > 0.0;
            let class = tree.files[at].facts.class;
            if !(speaks || class.is_read()) || self.seeds.binary_search(&file).is_ok() {
                return None;
            }
            let touches = f64::from(past.touches[at]);
            let commits = past.len().max(1) as f64;
            Some((
                file,
                vec![
                    held.share.sqrt(),
                    held.dense / best_dense,
                    held.share / best_share,
                    held.rarest,
                    held.declared.sqrt(),
                    held.used.sqrt(),
                    found.confidence.sqrt(),
                    found.confidence / most,
                    (1.0 + f64::from(found.times)).ln(),
                    (1.0 + found.confidence * commits / (touches + 5.0)).ln(),
                    found.near.sqrt(),
                    found.last,
                    found.overlap.sqrt(),
                    near.namesake,
                    near.words,
                    near.same_folder,
                    near.closeness,
                    near.same_extension,
                    edge.0,
                    edge.1,
                    (1.0 + past.activity[at]).ln(),
                    (touches / commits).sqrt(),
                    f64::from(u8::from(class == Class::Test)),
                    f64::from(u8::from(class == Class::Source)),
                    held.share / best_share * is_young.sqrt(),
                    (held.share * found.confidence).sqrt(),
                ],
            ))
        };
        (0..tree.files.len() as u32).filter_map(row).collect()
    }

    /// What each file holds of the change's names.
    fn held(&self, tree: &Tree) -> Vec<HeldNames> {
        let names = &self.names;
        let worth = |name: u32| names.names[name as usize].weight * names.rarity[name as usize].powi(2);
        let all: f64 = (0..names.names.len() as u32).map(worth).sum::<f64>().max(1e-9);
        let most = (tree.files.len().max(2) as f64).ln();
        let of = |(hits, words): (&Vec<NameHit>, &f64)| {
            let mut held = HeldNames::default();
            for hit in hits {
                let worth = worth(hit.name) / all;
                let saturated = f64::from(hit.count) / (f64::from(hit.count) + 0.5);
                held.share += worth * saturated;
                let rare = names.rarity[hit.name as usize] * names.names[hit.name as usize].weight / most;
                held.rarest = held.rarest.max(rare);
                held.declared += if hit.defined { worth } else { 0.0 };
                let is_use = names.names[hit.name as usize].declared && !hit.defined;
                held.used += if is_use { worth } else { 0.0 };
            }
            held.dense = held.share / (0.3 + 0.7 * words / names.mean_words).sqrt();
            held
        };
        names.hits.iter().zip(&names.words).map(of).collect()
    }

    /// By file: how strongly a changed file imports it, and it a changed file.
    fn edges(&self, tree: &Tree) -> HashMap<u32, (f64, f64)> {
        let graph = Graph::of(tree);
        let mut edges: HashMap<u32, (f64, f64)> = HashMap::new();
        for &seed in self.seeds.iter().take(MOST_SEEDS) {
            let imports = graph.imports(seed as usize);
            for &to in imports {
                let edge = edges.entry(to).or_default();
                edge.0 = edge.0.max(1.0 / (1.0 + (graph.importers(to as usize).len() as f64).ln()));
            }
            for &from in graph.importers(seed as usize) {
                let edge = edges.entry(from).or_default();
                edge.1 = edge.1.max(1.0 / (1.0 + (graph.importers(seed as usize).len() as f64).ln()));
            }
        }
        edges
    }

    /// What speaks for a companion, in words.
    fn reasons(&self, tree: &Tree, file: u32) -> Vec<CompanionReason> {
        let mut found: Vec<(f64, CompanionReason)> = Vec::new();
        found.extend(self.told_together(file));
        found.extend(self.told_names(file));
        found.extend(self.told_kin(tree, file));
        found.extend(self.told_imports(tree, file));
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        found.truncate(REASONS);
        found.into_iter().map(|(_, told)| told).collect()
    }

    fn told_together(&self, file: u32) -> Option<(f64, CompanionReason)> {
        let found = self.together.get(&file).filter(|found| found.times > 0)?;
        let own = self.touches[found.with as usize];
        let words = [
            SafeText::constant("changed in"),
            SafeText::number(found.times),
            SafeText::constant("of"),
            SafeText::number(own),
            SafeText::constant(if own == 1 { "commit of" } else { "commits of" }),
        ];
        let words = SafeText::join(&words, " ");
        Some((2.0 * found.confidence, CompanionReason { words, of: Some(found.with) }))
    }

    fn told_names(&self, file: u32) -> Vec<(f64, CompanionReason)> {
        let names = &self.names;
        let mut hits: Vec<&NameHit> = names.hits[file as usize].iter().collect();
        let worth = |hit: &NameHit| names.names[hit.name as usize].weight * names.rarity[hit.name as usize];
        hits.sort_by(|a, b| worth(b).total_cmp(&worth(a)).then(a.name.cmp(&b.name)));
        let most = (names.words.len().max(2) as f64).ln();
        let mut told = Vec::new();
        let kinds: [(&'static str, NameKind<'_>); 3] = [
            ("declares", &|hit| hit.defined && !names.names[hit.name as usize].declared),
            ("uses the changed", &|hit| names.names[hit.name as usize].declared && !hit.defined),
            ("holds the change's", &|hit| !hit.defined && !names.names[hit.name as usize].declared),
        ];
        for (words, is_kind) in kinds {
            let of_kind: Vec<&&NameHit> = hits.iter().filter(|hit| is_kind(hit)).take(3).collect();
            let Some(first) = of_kind.first() else { continue };
            let quoted = of_kind.iter().map(|hit| {
                let name = &names.names[hit.name as usize].name;
                SafeText::join(&[SafeText::constant("`"), name.clone(), SafeText::constant("`")], "")
            });
            let list = SafeText::join(&quoted.collect::<Vec<_>>(), ", ");
            let strength = worth(first) / most;
            let strength = if words.starts_with("holds") { 0.6 * strength } else { strength };
            let words = SafeText::join(&[SafeText::constant(words), list], " ");
            told.push((strength, CompanionReason { words, of: None }));
        }
        told
    }

    fn told_kin(&self, tree: &Tree, file: u32) -> Option<(f64, CompanionReason)> {
        let facts = &tree.files[file as usize].facts;
        if kin::is_changelog(&facts.path) {
            let words = SafeText::constant("tells users what changed");
            return Some((0.1, CompanionReason { words, of: None }));
        }
        let own = PathParts::of(&facts.path);
        let seeds = self.seeds.iter().take(MOST_SEEDS);
        let mut alike = seeds.filter(|seed| {
            own.kinship(&PathParts::of(&tree.files[**seed as usize].facts.path)).namesake > 0.0
        });
        let seed = *alike.next()?;
        Some((0.8, CompanionReason { words: SafeText::constant(kin::role(facts)), of: Some(seed) }))
    }

    fn told_imports(&self, tree: &Tree, file: u32) -> Option<(f64, CompanionReason)> {
        let imports = |from: u32, to: u32| {
            tree.imports.get(from as usize).is_some_and(|all| all.binary_search(&to).is_ok())
        };
        let mut seeds = self.seeds.iter().take(MOST_SEEDS);
        let seed = *seeds.find(|seed| imports(file, **seed) || imports(**seed, file))?;
        let words = SafeText::constant(if imports(file, seed) { "imports" } else { "imported by" });
        Some((0.3, CompanionReason { words, of: Some(seed) }))
    }
}

/// Whether a runner would take a file for a test.
pub fn is_run(tree: &Tree, file: u32) -> bool {
    super::tested::is_run(&tree.files[file as usize])
}

/// What one file holds of the names of a change.
#[derive(Clone, Copy, Debug, Default)]
struct HeldNames {
    /// Of all, by what they are worth.
    share: f64,
    /// The same for the length of the file.
    dense: f64,
    /// How rare the rarest one is, from 0 to 1.
    rarest: f64,
    /// Share that it declares, and share that a changed file declares and it uses.
    declared: f64,
    used: f64,
}

/// How close each file stands to any of the changed ones by its path.
fn near(tree: &Tree, diff: &Diff) -> Vec<PathKinship> {
    let seeds: Vec<PathParts> =
        diff.files.iter().take(MOST_SEEDS).map(|file| PathParts::of(&file.path)).collect();
    let of = |parts: PathParts| {
        seeds.iter().fold(PathKinship::default(), |best, seed| best.max(parts.kinship(seed)))
    };
    tree.files.iter().map(|file| of(PathParts::of(&file.facts.path))).collect()
}
