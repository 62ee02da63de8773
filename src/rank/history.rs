//! What past commits say: the words of the messages that touched a file, the
//! commits most like the goal, files that change together, and how often and
//! how recently each changes.
//!
//! Not here: reading git. Age counts in commits, never in time.

use std::collections::{BTreeMap, HashMap};

use super::goal::ParsedGoal;
use super::lexical::Weights;
use super::table::{Signal, Table};
use crate::model::{History, Tree};
use crate::rank_terms::{self, Terms};

/// Commits that touch more files say nothing about any of them.
const MAX_FILES: usize = 60;

/// Characters of a message that are read: beyond stand logs and lists.
const MAX_MESSAGE: usize = 2_000;

/// The commits most like the goal that vote.
const SIMILAR: usize = 40;

/// Commits after which the weight of recency halves.
const HALF_LIFE: f64 = 250.0;

/// A commit, reduced to the goal's words and the files that still exist.
struct PastCommit {
    /// Index in [`History::commits`].
    commit: usize,
    /// Indices in the tree, sorted.
    files: Vec<u32>,
    /// Indices of goal words in its message, sorted.
    words: Vec<u32>,
    /// Words in its message.
    length: f64,
    /// Files it touched, existing or not.
    touched: usize,
    /// Likeness of its message to the goal, 1 for the most similar.
    likeness: f64,
}

/// The past commits that touch files of the tree, compared with one goal.
pub struct Log {
    past: Vec<PastCommit>,
    touches: Vec<u32>,
    /// For each file the most similar commit: (score, index in the history).
    pub best: Vec<Option<(f64, usize)>>,
}

impl Log {
    /// Reads the history against the tree as it is; commits without a remaining file and sweeping
    /// ones are left out.
    pub fn read(tree: &Tree, history: &History, goal: &ParsedGoal) -> Log {
        let places = CurrentPaths::of(tree);
        let mut names = Terms::default();
        let mut past = Vec::with_capacity(history.commits.len());
        let mut touches = vec![0; tree.files.len()];
        for (commit, entry) in history.commits.iter().enumerate() {
            let mut files: Vec<u32> =
                entry.paths.iter().filter_map(|path| places.find(path.as_str())).collect();
            files.sort_unstable();
            files.dedup();
            if files.is_empty() || entry.paths.len() > MAX_FILES {
                continue;
            }
            for &file in &files {
                touches[file as usize] += 1;
            }
            let (words, length) =
                message_words(goal, &mut names, entry.subject.as_str(), entry.body.as_str());
            past.push(PastCommit { commit, files, words, length, touched: entry.paths.len(), likeness: 0.0 });
        }
        Log { past, touches, best: vec![None; tree.files.len()] }
    }

    /// The newest commit that touched a file: index in the history.
    pub fn newest(&self, file: u32) -> Option<usize> {
        self.past.iter().find(|past| past.files.binary_search(&file).is_ok()).map(|past| past.commit)
    }

    /// Fills the signals that come from history.
    pub fn fill(&mut self, tree: &Tree, goal: &ParsedGoal, table: &mut Table) {
        let weights = Weights::of(goal);
        self.fill_messages(tree, &weights, table);
        self.fill_similar(tree, &weights, table);
        self.fill_activity(tree, table);
        for signal in [Signal::MessageTitle, Signal::MessageAll, Signal::Similar, Signal::SimilarTop] {
            table.normalise(signal);
        }
    }

    /// BM25 over one text per file: all messages that touched it, each
    /// counting less the more files it touched.
    fn fill_messages(&self, tree: &Tree, weights: &Weights, table: &mut Table) {
        let n = tree.files.len();
        let mut lengths = vec![0.0; n];
        let mut found: Vec<Vec<(u32, f64)>> = vec![Vec::new(); n];
        for past in &self.past {
            let share = share(past);
            for &file in &past.files {
                lengths[file as usize] += share * past.length;
                found[file as usize].extend(past.words.iter().map(|&word| (word, share)));
            }
        }
        let known = lengths.iter().filter(|length| **length > 0.0).count();
        let mean = (lengths.iter().sum::<f64>() / known.max(1) as f64).max(1.0);
        let mut holding = vec![0_u32; weights.all.len()];
        for words in &mut found {
            words.sort_by_key(|a| a.0);
            words.dedup_by(|next, kept| {
                let same = next.0 == kept.0;
                if same {
                    kept.1 += next.1;
                }
                same
            });
            for (word, _) in words.iter() {
                holding[*word as usize] += 1;
            }
        }
        for file in 0..n {
            let norm = 0.25 + 0.75 * lengths[file] / mean;
            let (mut title, mut all) = (0.0, 0.0);
            for &(word, tf) in &found[file] {
                let w = word as usize;
                let df = f64::from(holding[w]);
                let idf = (1.0 + (known as f64 - df + 0.5) / (df + 0.5)).ln();
                let value = idf * tf / (tf + 1.2 * norm);
                title += weights.title[w] * value;
                all += weights.all[w] * value;
            }
            table.column_mut(Signal::MessageTitle)[file] = title;
            table.column_mut(Signal::MessageAll)[file] = all;
        }
    }

    /// The commits whose messages are most like the goal vote for the files
    /// that they touched.
    fn fill_similar(&mut self, tree: &Tree, weights: &Weights, table: &mut Table) {
        let mut holding = vec![0_u32; weights.all.len()];
        let mut total = 0.0;
        for past in &self.past {
            total += past.length;
            for &word in &past.words {
                holding[word as usize] += 1;
            }
        }
        let count = self.past.len() as f64;
        let mean = (total / count.max(1.0)).max(1.0);
        let mut scored: Vec<(f64, usize)> = Vec::new();
        for (at, past) in self.past.iter().enumerate() {
            let norm = 0.5 + 0.5 * past.length / mean;
            let mut score = 0.0;
            for &word in &past.words {
                let w = word as usize;
                let df = f64::from(holding[w]);
                let idf = (1.0 + (count - df + 0.5) / (df + 0.5)).ln();
                score += (weights.title[w] + 0.4 * weights.all[w]) * idf / (1.0 + 1.2 * norm);
            }
            if score > 0.0 {
                scored.push((super::quantise(score), at));
            }
        }
        scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let best = scored.first().map_or(1.0, |(score, _)| *score);
        for &(score, at) in &scored {
            self.past[at].likeness = score / best;
        }
        scored.truncate(SIMILAR);
        let mut votes = vec![0.0; tree.files.len()];
        let mut top = vec![0.0; tree.files.len()];
        for &(score, at) in &scored {
            let past = &self.past[at];
            let value = (score / best).powi(2) * share(past);
            for &file in &past.files {
                let file = file as usize;
                votes[file] += value;
                if value > top[file] {
                    top[file] = value;
                    self.best[file] = Some((value, past.commit));
                }
            }
        }
        table.set(Signal::Similar, votes);
        table.set(Signal::SimilarTop, top);
    }

    fn fill_activity(&self, tree: &Tree, table: &mut Table) {
        let mut recent = vec![0.0; tree.files.len()];
        let mut last = vec![0.0_f64; tree.files.len()];
        let mut similar = vec![0.0; tree.files.len()];
        for past in &self.past {
            let weight = fading(past.commit) * share(past);
            let near = (1.0 + past.commit as f64).ln();
            for &file in &past.files {
                let file = file as usize;
                recent[file] += weight;
                last[file] = last[file].max(share(past) / (1.0 + near));
                similar[file] += past.likeness.powi(2) * share(past) / (1.0 + near);
            }
        }
        table.set(Signal::LastTouch, last);
        table.set(Signal::SimilarRecent, similar);
        table.normalise(Signal::SimilarRecent);
        for (file, recent) in recent.iter().enumerate() {
            table.column_mut(Signal::TouchShare)[file] =
                f64::from(self.touches[file]) / self.past.len().max(1) as f64;
            table.column_mut(Signal::Recency)[file] = recent / (1.0 + recent);
        }
    }

    /// The remaining files of each commit, the newest first.
    pub fn commits(&self) -> impl Iterator<Item = &[u32]> {
        self.past.iter().map(|past| past.files.as_slice())
    }

    /// A commit touched both.
    pub fn changed_together(&self, a: u32, b: u32) -> bool {
        self.past
            .iter()
            .any(|past| past.files.binary_search(&a).is_ok() && past.files.binary_search(&b).is_ok())
    }

    /// For each file the share of the commits that touched `file`, of those that
    /// touched few, in which it changed as well.
    pub fn shares(&self, file: u32) -> BTreeMap<u32, f64> {
        let mut together: BTreeMap<u32, f64> = BTreeMap::new();
        let mut all = 0.0;
        for past in self.past.iter().filter(|past| past.files.binary_search(&file).is_ok()) {
            all += share(past);
            for &other in past.files.iter().filter(|other| **other != file) {
                *together.entry(other).or_default() += share(past);
            }
        }
        together.values_mut().for_each(|value| *value /= all);
        together
    }

    /// Whether any message says a word of the goal.
    pub fn says(&self) -> bool {
        self.past.iter().any(|past| !past.words.is_empty())
    }

    /// How much each file changes together with `hits` (file, weight), in
    /// commits that are like the goal.
    pub fn similar_together(&self, files: usize, hits: &[(u32, f64)]) -> Vec<f64> {
        self.count_together(files, hits, |past| past.likeness.powi(2))
    }

    /// How much each file changes together with `hits` (file, weight).
    pub fn together(&self, files: usize, hits: &[(u32, f64)]) -> Vec<f64> {
        self.count_together(files, hits, |_| 1.0)
    }

    fn count_together(
        &self,
        files: usize,
        hits: &[(u32, f64)],
        value_of: impl Fn(&PastCommit) -> f64,
    ) -> Vec<f64> {
        let weights: HashMap<u32, f64> = hits.iter().copied().collect();
        let mut together = vec![0.0; files];
        for past in &self.past {
            if past.files.len() < 2 || past.touched > 30 {
                continue;
            }
            for &file in &past.files {
                let Some(weight) = weights.get(&file) else {
                    continue;
                };
                let value =
                    value_of(past) * weight * share(past) / f64::from(self.touches[file as usize] + 5);
                for &other in past.files.iter().filter(|other| **other != file) {
                    together[other as usize] += value;
                }
            }
        }
        together
    }
}

/// How much is going on in each file, from 0 to 1: commits that touched it,
/// halving in weight every [`HALF_LIFE`] commits.
pub fn activity(tree: &Tree, history: &History) -> Vec<f64> {
    let places = CurrentPaths::of(tree);
    let mut recent = vec![0.0; tree.files.len()];
    for (age, commit) in history.commits.iter().enumerate() {
        if commit.paths.len() > MAX_FILES {
            continue;
        }
        let weight = fading(age) / (commit.paths.len().max(1) as f64).sqrt();
        for file in commit.paths.iter().filter_map(|path| places.find(path.as_str())) {
            recent[file as usize] += weight;
        }
    }
    recent.into_iter().map(|recent| recent / (1.0 + recent)).collect()
}

fn fading(age: usize) -> f64 {
    (-(age as f64) / HALF_LIFE * std::f64::consts::LN_2).exp()
}

/// What a commit's word counts for each of its files.
fn share(past: &PastCommit) -> f64 {
    1.0 / (past.touched.max(1) as f64).sqrt()
}

fn message_words(goal: &ParsedGoal, names: &mut Terms, subject: &str, body: &str) -> (Vec<u32>, f64) {
    let mut found = Vec::new();
    let mut length = 0.0;
    let cut = body.char_indices().nth(MAX_MESSAGE).map_or(body.len(), |(at, _)| at);
    let lines = body[..cut].lines().filter(|line| !is_trailer(line));
    for line in std::iter::once(subject).chain(lines) {
        for number in line.split_whitespace().filter_map(rank_terms::reference) {
            find(goal, number.0, &mut found);
        }
        for token in rank_terms::tokens(line) {
            for part in rank_terms::words(token.text) {
                if let Some(term) = names.word(part) {
                    length += 1.0;
                    find(goal, term.0, &mut found);
                }
            }
            if rank_terms::parts(token.text).nth(1).is_some()
                && let Some(whole) = rank_terms::whole(token.text)
            {
                find(goal, whole.0, &mut found);
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    (found, length)
}

fn find(goal: &ParsedGoal, term: u32, found: &mut Vec<u32>) {
    if let Ok(word) = goal.words.binary_search_by_key(&term, |word| word.term) {
        found.push(word as u32);
    }
}

/// `Signed-off-by: ...` and its kin.
fn is_trailer(line: &str) -> bool {
    line.split_once(": ").is_some_and(|(key, _)| key.ends_with("-by") || key.ends_with("-Id"))
}

/// Where the files of old commits stand now: at the same path, or, when moved,
/// at the only path with the same name.
pub(super) struct CurrentPaths<'a> {
    tree: &'a Tree,
    by_name: HashMap<&'a str, Option<u32>>,
}

impl<'a> CurrentPaths<'a> {
    pub(super) fn of(tree: &'a Tree) -> Self {
        let mut by_name: HashMap<&str, Option<u32>> = HashMap::new();
        for (at, file) in tree.files.iter().enumerate() {
            by_name.entry(file.facts.path.name()).and_modify(|only| *only = None).or_insert(Some(at as u32));
        }
        Self { tree, by_name }
    }

    pub(super) fn find(&self, path: &str) -> Option<u32> {
        if let Ok(at) = self.tree.files.binary_search_by(|file| file.facts.path.as_str().cmp(path)) {
            return Some(at as u32);
        }
        let name = path.rsplit('/').next().unwrap_or(path);
        self.by_name.get(name).copied().flatten()
    }
}
