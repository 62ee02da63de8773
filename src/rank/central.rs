//! Which files are central in a project without any goal, and which are being
//! worked on.
//!
//! Not here: goals. [`central`] uses content alone, because the code map that
//! rests on it must not depend on history.

use std::collections::HashMap;

use super::graph::Graph;
use super::history;
use super::quantise;
use crate::model::{Class, History, Ranked, Reason, ReasonKind, RelPath, SafeText, Tree};

/// All files by how central they are: what much code imports, and what that
/// imports, comes first.
pub fn central(tree: &Tree) -> Vec<Ranked> {
    let graph = Graph::of(tree);
    let scores = centrality(tree, &graph);
    let ranked = scores.iter().enumerate().map(|(at, score)| {
        let importers = graph.importers(at).len();
        let reason = Reason {
            kind: ReasonKind::Central,
            weight: importers as f64,
            evidence: SafeText::default(),
            file: graph.importers(at).first().copied(),
        };
        Ranked {
            file: at as u32,
            score: quantise(*score),
            reasons: if importers > 0 { vec![reason] } else { Vec::new() },
            symbols: Vec::new(),
        }
    });
    sorted(ranked.collect())
}

/// All files by how central they are and how much is going on in them: files
/// with `changed` contents first, then by past commits, recent ones more.
pub fn current(tree: &Tree, history: &History, changed: &[RelPath], pins: &[RelPath]) -> Vec<Ranked> {
    let activity = history::activity(tree, history);
    let mut newest: HashMap<&RelPath, SafeText> = HashMap::new();
    for commit in &history.commits {
        for path in &commit.paths {
            newest.entry(path).or_insert_with(|| commit.subject.one_line(super::reasons::MAX_SUBJECT));
        }
    }
    let mut ranked = central(tree);
    let best = ranked.first().map_or(1.0, |first| first.score).max(f64::MIN_POSITIVE);
    for entry in &mut ranked {
        let file = &tree.files[entry.file as usize].facts;
        entry.score /= best;
        let mut add = |kind, weight: f64, evidence: SafeText| {
            entry.score += weight;
            entry.reasons.push(Reason { kind, weight, evidence, file: None });
        };
        if pins.contains(&file.path) {
            add(ReasonKind::Pinned, 10.0, SafeText::default());
        }
        if changed.contains(&file.path) {
            add(ReasonKind::Uncommitted, 2.0, SafeText::default());
        }
        let recent = quantise(activity[entry.file as usize] * role(file.class));
        if recent > 0.0 {
            add(ReasonKind::Recent, recent, newest.get(&file.path).cloned().unwrap_or_default());
        }
        entry.score = quantise(entry.score);
        entry.reasons.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    }
    sorted(ranked)
}

fn sorted(mut ranked: Vec<Ranked>) -> Vec<Ranked> {
    ranked.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.file.cmp(&b.file)));
    ranked
}

/// PageRank over imports, in units of the mean file.
fn centrality(tree: &Tree, graph: &Graph) -> Vec<f64> {
    let roles: Vec<f64> = tree.files.iter().map(|file| role(file.facts.class)).collect();
    let total = roles.iter().sum::<f64>().max(f64::MIN_POSITIVE);
    let start: Vec<f64> = roles.iter().map(|role| role / total).collect();
    let scores = graph.page_rank(&start);
    scores.iter().zip(&roles).map(|(score, role)| score * role * tree.files.len() as f64).collect()
}

/// Code that runs in production explains a project; the rest follows.
fn role(class: Class) -> f64 {
    match class {
        Class::Source => 1.0,
        Class::Test => 0.1,
        Class::Doc | Class::Config => 0.05,
        Class::Data => 0.01,
        _ => 0.0,
    }
}
