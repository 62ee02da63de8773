//! Simple rankings that `waypost bench` measures the real one against. Each
//! gets what flatters it: only source files are ranked, as only those are
//! sought, and the text one has our splitting and stemming of words.
//!
//! Not here: anything that the ranking itself uses.

use super::goal::ParsedGoal;
use super::graph::Graph;
use super::quantise;
use crate::model::{Class, History, SafeText, Tree};
use crate::rank_terms::{self, Counts, Terms};

/// BM25's usual constants.
const K1: f64 = 1.2;
const B: f64 = 0.75;

/// The files that the last commits touched first; of one commit by path, and
/// those that none touched at the end.
pub fn recency(tree: &Tree, history: &History) -> Vec<u32> {
    let mut age = vec![f64::INFINITY; tree.files.len()];
    for (commits, commit) in history.commits.iter().enumerate() {
        for file in commit.paths.iter().filter_map(|path| tree.index_of(path)) {
            age[file as usize] = age[file as usize].min(commits as f64);
        }
    }
    sorted(tree, |file| -age[file])
}

/// The files that most files import first.
pub fn imported(tree: &Tree) -> Vec<u32> {
    let graph = Graph::of(tree);
    sorted(tree, |file| graph.importers(file).len() as f64)
}

/// BM25 of the goal's words in the text and the path of each file.
pub fn bm25(tree: &Tree, goal: &SafeText) -> Vec<u32> {
    let words: Vec<(u32, f64)> = ParsedGoal::parse(goal)
        .words
        .iter()
        .filter(|word| !word.whole)
        .map(|word| (word.term, f64::from(word.prose + word.code)))
        .collect();
    let mut names = Terms::default();
    let mut counts = vec![Vec::new(); tree.files.len()];
    let mut lengths = vec![0.0; tree.files.len()];
    let mut holding = vec![0.0; words.len()];
    for file in sources(tree) {
        let text = Counts::of(&tree.files[file].content().words);
        lengths[file] = f64::from(text.words);
        let mut found = vec![0.0; words.len()];
        let mut find = |term: u32, times: f64| {
            if let Ok(word) = words.binary_search_by_key(&term, |word| word.0) {
                found[word] += times;
            }
        };
        for count in text {
            find(count.term, f64::from(count.body + count.doc));
        }
        let path = tree.files[file].facts.path.as_str();
        for part in rank_terms::tokens(path).flat_map(|token| rank_terms::words(token.text)) {
            if let Some(term) = names.word(part) {
                find(term.0, 1.0);
            }
        }
        for (word, times) in found.iter().enumerate().filter(|(_, times)| **times > 0.0) {
            holding[word] += 1.0;
            counts[file].push((word, *times));
        }
    }
    let files = sources(tree).count() as f64;
    let mean = (lengths.iter().sum::<f64>() / files.max(1.0)).max(1.0);
    sorted(tree, |file| {
        let norm = K1 * (1.0 - B + B * lengths[file] / mean);
        let value = |&(word, times): &(usize, f64)| {
            let idf = (1.0 + (files - holding[word] + 0.5) / (holding[word] + 0.5)).ln();
            words[word].1 * idf * times * (K1 + 1.0) / (times + norm)
        };
        counts[file].iter().map(value).sum()
    })
}

fn sources(tree: &Tree) -> impl Iterator<Item = usize> {
    let files = tree.files.iter().enumerate();
    files.filter(|(_, file)| file.facts.class == Class::Source).map(|(at, _)| at)
}

/// The source files with the largest score first, ties by path.
fn sorted(tree: &Tree, score: impl Fn(usize) -> f64) -> Vec<u32> {
    let mut files: Vec<(f64, u32)> = sources(tree).map(|file| (quantise(score(file)), file as u32)).collect();
    files.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    files.into_iter().map(|(_, file)| file).collect()
}
