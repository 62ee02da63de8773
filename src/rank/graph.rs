//! What stands around the strong hits: files that they import or that import
//! them, tests that exercise a file, files of the same folder; and which files
//! are central without any goal.
//!
//! Not here: how an import is resolved to a file (`extract`).

use std::collections::HashMap;

use super::names::module_name;
use super::table::{Signal, Table};
use crate::model::{Class, Tree};
use crate::rank_terms;

/// Edges between files, forwards and backwards, in compressed rows.
pub struct Graph {
    out_start: Vec<u32>,
    out: Vec<u32>,
    in_start: Vec<u32>,
    into: Vec<u32>,
}

impl Graph {
    /// Builds the graph from the resolved imports, without imports of a file by itself.
    pub fn of(tree: &Tree) -> Graph {
        let n = tree.files.len();
        let edges = |from: usize| {
            tree.imports
                .get(from)
                .into_iter()
                .flatten()
                .copied()
                .filter(move |to| *to as usize != from && (*to as usize) < n)
        };
        let mut out_start = vec![0; n + 1];
        let mut in_start = vec![0; n + 1];
        let mut out = Vec::new();
        for from in 0..n {
            for to in edges(from) {
                out.push(to);
                in_start[to as usize + 1] += 1;
            }
            out_start[from + 1] = out.len() as u32;
        }
        for at in 0..n {
            in_start[at + 1] += in_start[at];
        }
        let mut next = in_start.clone();
        let mut into = vec![0; out.len()];
        for from in 0..n {
            for to in edges(from) {
                let place = &mut next[to as usize];
                into[*place as usize] = from as u32;
                *place += 1;
            }
        }
        Graph { out_start, out, in_start, into }
    }

    /// The files that a file imports, by index.
    pub fn imports(&self, file: usize) -> &[u32] {
        &self.out[self.out_start[file] as usize..self.out_start[file + 1] as usize]
    }

    /// The files that import a file, by index.
    pub fn importers(&self, file: usize) -> &[u32] {
        &self.into[self.in_start[file] as usize..self.in_start[file + 1] as usize]
    }

    /// PageRank over imports: what much imports, and what that imports, is
    /// central. 30 rounds at 0.85 leave an error under 1 %.
    pub fn page_rank(&self, start: &[f64]) -> Vec<f64> {
        let n = start.len();
        let mut rank = start.to_vec();
        for _ in 0..30 {
            let mut next: Vec<f64> = vec![0.0; n];
            let mut lost = 0.0;
            for (from, value) in rank.iter().enumerate() {
                let targets = self.imports(from);
                if targets.is_empty() {
                    lost += value;
                    continue;
                }
                let share = value / targets.len() as f64;
                for &to in targets {
                    next[to as usize] += share;
                }
            }
            for (at, value) in next.iter_mut().enumerate() {
                *value = 0.85 * (*value + lost * start[at]) + 0.15 * start[at];
            }
            rank = next;
        }
        rank
    }

    /// What the hits (file, weight) lend to the files that they import and
    /// that import them.
    pub fn fill(&self, hits: &[(u32, f64)], [by, to_hits]: [Signal; 2], table: &mut Table) {
        for &(hit, weight) in hits {
            let imports = self.imports(hit as usize);
            for &to in imports {
                table.column_mut(by)[to as usize] += weight / (imports.len() as f64).sqrt();
            }
            let importers = self.importers(hit as usize);
            for &from in importers {
                table.column_mut(to_hits)[from as usize] += weight / (importers.len() as f64).sqrt();
            }
        }
        table.normalise(by);
        table.normalise(to_hits);
    }

    /// Tests (file, weight) that match the goal vote for what they import and
    /// for their namesakes.
    pub fn fill_tests(
        &self,
        tree: &Tree,
        tests: &[(u32, f64)],
        [vote, name_vote]: [Signal; 2],
        table: &mut Table,
    ) {
        let mut namesakes: HashMap<u32, Vec<u32>> = HashMap::new();
        for (at, file) in tree.files.iter().enumerate() {
            if file.facts.class == Class::Source
                && let Some(name) = rank_terms::whole(module_name(&file.facts.path))
            {
                namesakes.entry(name.0).or_default().push(at as u32);
            }
        }
        for &(test, weight) in tests {
            let imports = self.imports(test as usize);
            for &to in imports {
                table.column_mut(vote)[to as usize] += weight / (imports.len() as f64).sqrt();
            }
            let path = &tree.files[test as usize].facts.path;
            let stems = [subject(path.stem()), subject(path.parent().rsplit('/').next().unwrap_or(""))];
            for stem in stems {
                let Some(files) = rank_terms::whole(&stem).and_then(|name| namesakes.get(&name.0)) else {
                    continue;
                };
                for &to in files {
                    table.column_mut(name_vote)[to as usize] += weight / files.len() as f64;
                }
            }
        }
        table.normalise(vote);
        table.normalise(name_vote);
    }
}

/// What a test is about, by its name: `test_views`, `viewsTest`, `views.spec`.
pub fn subject(stem: &str) -> String {
    let mut stem = stem.to_lowercase();
    for end in [".test", ".spec", "_test", "_tests", "_spec", "-test", "test", "tests"] {
        if let Some(rest) = stem.strip_suffix(end) {
            stem = rest.to_owned();
            break;
        }
    }
    for start in ["test_", "tests_", "test-", "test"] {
        if let Some(rest) = stem.strip_prefix(start) {
            return rest.to_owned();
        }
    }
    stem
}

/// Mean worth of the files in each folder, without the file itself.
pub fn fill_folders(tree: &Tree, scores: &[f64], table: &mut Table) {
    let mut sums: HashMap<&str, (f64, f64)> = HashMap::new();
    for (file, score) in tree.files.iter().zip(scores) {
        let entry = sums.entry(file.facts.path.parent()).or_default();
        entry.0 += score * score;
        entry.1 += 1.0;
    }
    for (at, file) in tree.files.iter().enumerate() {
        let (sum, count) = sums[file.facts.path.parent()];
        let own = scores[at] * scores[at];
        table.column_mut(Signal::Folder)[at] =
            if count > 1.0 { ((sum - own) / (count - 1.0)).max(0.0).sqrt() } else { 0.0 };
    }
    table.normalise(Signal::Folder);
}
