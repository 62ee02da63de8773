//! Which files changed together with given ones before: rules over commits, and
//! over the few commits around one, in which a larger piece of work is done.
//!
//! Not here: reading git, and what the lines of a change say.

use std::collections::HashMap;

use crate::model::{History, Tree};
use crate::rank::history::CurrentPaths;

/// Commits that touch more files say nothing about any two of them.
const MAX_FILES: usize = 40;

/// Commits after which the word of one counts half.
const HALF_LIFE: f64 = 1_000.0;

/// What is added to what a file changed in all, so that one commit is no rule.
const PRIOR: f64 = 0.5;

/// Commits before and after one that are taken for the same piece of work.
const NEAR: usize = 4;

/// The commits of a history that touch files of the tree.
pub struct PastChanges {
    /// Newest first.
    commits: Vec<PastChange>,
    /// How many commits touched each file.
    pub touches: Vec<u32>,
    /// The same, an old one counting less.
    pub activity: Vec<f64>,
}

struct PastChange {
    /// Indices in the tree, sorted.
    files: Vec<u32>,
    /// Files that it touched, those that are gone too.
    touched: usize,
    weight: f64,
}

/// What the history says of one file beside the changed ones.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CoChange {
    /// Share of the changes of one changed file in which it changed too, an old
    /// or large commit counting less.
    pub confidence: f64,
    /// The same over the commits around those.
    pub near: f64,
    /// 1 where it changed in the last commit of a changed file, a half for the
    /// one before, and so on.
    pub last: f64,
    /// Of the commits that touched one of the two, those that touched both.
    pub overlap: f64,
    /// In how many commits it changed with the file that tells most, and that
    /// file's index.
    pub times: u32,
    pub with: u32,
}

impl PastChanges {
    /// The history against the tree as it is; merges and sweeping commits are left out.
    pub fn read(tree: &Tree, history: &History) -> Self {
        let places = CurrentPaths::of(tree);
        let mut touches = vec![0; tree.files.len()];
        let mut activity = vec![0.0; tree.files.len()];
        let mut commits = Vec::with_capacity(history.commits.len());
        for (age, commit) in history.commits.iter().enumerate() {
            let mut files: Vec<u32> =
                commit.paths.iter().filter_map(|path| places.find(path.as_str())).collect();
            files.sort_unstable();
            files.dedup();
            let weight = (-(age as f64) / HALF_LIFE * std::f64::consts::LN_2).exp();
            if files.is_empty() || commit.paths.len() > MAX_FILES {
                continue;
            }
            for &file in &files {
                touches[file as usize] += 1;
                activity[file as usize] += weight / (commit.paths.len() as f64).sqrt();
            }
            commits.push(PastChange { files, touched: commit.paths.len(), weight });
        }
        Self { commits, touches, activity }
    }

    /// How many commits there are.
    pub fn len(&self) -> usize {
        self.commits.len()
    }

    /// What is said of all files that ever changed with one of `seeds`. Rules of
    /// several seeds add up.
    pub fn with(&self, seeds: &[u32]) -> HashMap<u32, CoChange> {
        let mut all: HashMap<u32, CoChange> = HashMap::new();
        let mut missing: HashMap<u32, f64> = HashMap::new();
        for &seed in seeds {
            for (file, found) in self.of_one(seed) {
                let known = all.entry(file).or_default();
                let lacks = missing.entry(file).or_insert(1.0);
                *lacks *= 1.0 - found.confidence.min(0.99);
                if found.confidence > known.confidence || known.times == 0 {
                    (known.times, known.with) = (found.times, found.with);
                }
                known.confidence = known.confidence.max(found.confidence);
                known.near = known.near.max(found.near);
                known.last = known.last.max(found.last);
                known.overlap = known.overlap.max(found.overlap);
            }
        }
        for (file, known) in &mut all {
            let sum = 1.0 - missing[file];
            known.confidence = 0.5 * (known.confidence + sum);
        }
        all.retain(|file, _| !seeds.contains(file));
        all
    }

    fn of_one(&self, seed: u32) -> HashMap<u32, CoChange> {
        let places: Vec<usize> = (0..self.commits.len()).filter(|at| self.commits[*at].holds(seed)).collect();
        let mut found: HashMap<u32, CoChange> = HashMap::new();
        let (mut all, mut all_near) = (PRIOR, PRIOR);
        for (nth, &at) in places.iter().enumerate() {
            let commit = &self.commits[at];
            all += commit.weight;
            let share = commit.weight / ((commit.touched - 1).max(1) as f64).powf(0.4);
            for &file in commit.files.iter().filter(|file| **file != seed) {
                let known = found.entry(file).or_default();
                known.confidence += share;
                known.times += 1;
                known.with = seed;
                known.last = known.last.max(1.0 / (1.0 + nth as f64));
            }
            all_near += commit.weight;
            for (file, share) in self.around(at, seed) {
                let known = found.entry(file).or_default();
                known.near += share;
                known.with = seed;
            }
        }
        let own = places.len() as u32;
        for (file, known) in &mut found {
            known.confidence /= all;
            known.near /= all_near;
            known.overlap =
                f64::from(known.times) / f64::from(own + self.touches[*file as usize] - known.times + 1);
        }
        found
    }

    /// The files of the commits around one, each at its nearest.
    fn around(&self, at: usize, seed: u32) -> HashMap<u32, f64> {
        let mut near: HashMap<u32, f64> = HashMap::new();
        let own = &self.commits[at];
        let first = at.saturating_sub(NEAR);
        for (other, commit) in self.commits.iter().enumerate().take(at + NEAR + 1).skip(first) {
            if other == at {
                continue;
            }
            let distance = other.abs_diff(at) as f64;
            let share = own.weight / (distance * (commit.touched as f64).sqrt());
            for &file in commit.files.iter().filter(|file| **file != seed) {
                let known = near.entry(file).or_default();
                *known = known.max(share);
            }
        }
        near
    }
}

impl PastChange {
    fn holds(&self, file: u32) -> bool {
        self.files.binary_search(&file).is_ok()
    }
}
