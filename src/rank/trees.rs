//! The learnt ranker: boosted regression trees over the signals, as data in
//! `trees.txt`, and what each signal adds to a score.
//!
//! Not here: how the trees were trained (`benches/relevance/train.py`).

use std::collections::HashMap;
use std::sync::OnceLock;

use super::table::SIGNALS;

/// Written by the training script, which documents the format.
const TREES: &str = include_str!("trees.txt");

struct DecisionNode {
    /// Index in [`SIGNALS`], or their number for the base score.
    feature: usize,
    threshold: f64,
    /// Where to go: a node from 0 on, a leaf as `-1 - leaf`.
    low: i32,
    high: i32,
    /// Mean of the leaves below, weighted as in training.
    mean: f64,
}

struct DecisionTree {
    nodes: Vec<DecisionNode>,
    leaves: Vec<f64>,
}

/// Of the trees, once parsed.
pub struct Forest {
    trees: Vec<DecisionTree>,
}

/// Adds up a score, and for each signal (and the base score, last) what it
/// moved: the difference between the means before and after each question
/// about it. The parts sum to the score less a constant.
pub struct TreeScore {
    pub score: f64,
    pub parts: Vec<f64>,
}

impl Forest {
    /// The embedded trees, parsed once for the process.
    pub fn get() -> &'static Forest {
        static FOREST: OnceLock<Forest> = OnceLock::new();
        FOREST.get_or_init(|| parse(TREES).expect("the trees are part of the program, and a test reads them"))
    }

    /// `values` has one entry for each of [`SIGNALS`] and the base score.
    pub fn judge(&self, values: &[f64]) -> TreeScore {
        let mut judged = TreeScore { score: 0.0, parts: vec![0.0; SIGNALS.len() + 1] };
        for tree in &self.trees {
            let mut at = 0;
            let mut mean = tree.nodes.first().map_or(0.0, |node| node.mean);
            loop {
                let node = &tree.nodes[at];
                let next = if values[node.feature] <= node.threshold { node.low } else { node.high };
                let value = match usize::try_from(next) {
                    Ok(inner) => tree.nodes[inner].mean,
                    Err(_) => tree.leaves[(-1 - next) as usize],
                };
                judged.parts[node.feature] += value - mean;
                mean = value;
                match usize::try_from(next) {
                    Ok(inner) => at = inner,
                    Err(_) => break,
                }
            }
            judged.score += mean;
        }
        judged
    }
}

/// One line a tree: its leaves, then its nodes, each `feature threshold low
/// high mean`. `None` where a number is missing or points outside.
fn parse(text: &str) -> Option<Forest> {
    let names: HashMap<&str, usize> =
        SIGNALS.iter().enumerate().map(|(at, (signal, _, _))| (signal.name(), at)).collect();
    let mut trees = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let (leaves, nodes) = line.split_once('|')?;
        let leaves: Vec<f64> = leaves.split_whitespace().map(|x| x.parse().ok()).collect::<Option<_>>()?;
        let mut read = Vec::new();
        for node in nodes.split(',') {
            let mut parts = node.split_whitespace();
            let feature = parts.next()?;
            let feature = match feature {
                "Base" => SIGNALS.len(),
                name => *names.get(name)?,
            };
            read.push(DecisionNode {
                feature,
                threshold: parts.next()?.parse().ok()?,
                low: parts.next()?.parse().ok()?,
                high: parts.next()?.parse().ok()?,
                mean: parts.next()?.parse().ok()?,
            });
        }
        let tree = DecisionTree { nodes: read, leaves };
        if !is_sound(&tree) {
            return None;
        }
        trees.push(tree);
    }
    Some(Forest { trees })
}

/// Every way leads on, to a later node or to a leaf: so judging ends.
fn is_sound(tree: &DecisionTree) -> bool {
    let leads_on = |from: usize, to: i32| match usize::try_from(to) {
        Ok(node) => node > from && node < tree.nodes.len(),
        Err(_) => ((-1 - to) as usize) < tree.leaves.len(),
    };
    !tree.nodes.is_empty()
        && tree.nodes.iter().enumerate().all(|(at, node)| leads_on(at, node.low) && leads_on(at, node.high))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_trees_are_whole() {
        assert!(parse(TREES).is_some_and(|forest| !forest.trees.is_empty()));
    }

    #[test]
    fn parts_add_up_to_the_score() {
        let forest = parse("1 2 -3|Text 0.5 1 -3 0.25,Base 0.1 -1 -2 1.5").unwrap();
        let mut values = vec![0.0; SIGNALS.len() + 1];
        values[SIGNALS.len()] = 0.2;
        let judged = forest.judge(&values);
        assert_eq!(judged.score, 2.0);
        assert_eq!(0.25 + judged.parts.iter().sum::<f64>(), judged.score);
    }

    #[test]
    fn damaged_trees_are_refused() {
        assert!(parse("1 2|Text 0.5 0 -1 0").is_none(), "a loop");
        assert!(parse("1 2|Nonsense 0.5 -1 -2 0").is_none());
        assert!(parse("1|Text 0.5 -1 -2 0").is_none(), "no such leaf");
    }
}
