//! The goal's words in each file: BM25 over the zones of a text (body,
//! comments, declared names, path), and the best passage.
//!
//! Not here: what a word is (`terms`), and history.

use std::collections::HashMap;

use super::goal::ParsedGoal;
use super::table::{Signal, Table, normalise};
use crate::model::{Class, Tree};
use crate::rank_terms::{self, Counts, Terms};

/// BM25's saturation and length normalisation: the usual values; DEV is flat
/// around them.
const K1: f64 = 1.2;
const B: f64 = 0.4;

/// What an occurrence counts in each zone (BM25F).
const BODY: f64 = 1.0;
const DOC: f64 = 0.8;
const DEFINED: f64 = 3.0;
const PATH: f64 = 3.0;

/// Words of a text for each distinct one, above which it repeats itself more
/// than people do: hand-written files of the measured repositories stay below
/// 40, so stuffing a file with the goal's words takes weight from all of them.
const NATURAL_REPETITION: f64 = 40.0;

/// Signals that are sums over the goal's words, in the order of `sums`, and
/// the best passage: each in parts of the best source file's value.
const SCALED: [Signal; SUMS + 1] = [
    Signal::Text,
    Signal::Title,
    Signal::Early,
    Signal::Rare,
    Signal::Alias,
    Signal::DefinedTitle,
    Signal::DefinedAll,
    Signal::DefinedExact,
    Signal::PathTitle,
    Signal::PathAll,
    Signal::Scope,
    Signal::Window,
];
const SUMS: usize = 11;

/// One goal word in one file.
#[derive(Clone, Copy, Debug)]
pub struct Match {
    /// Index in [`ParsedGoal::words`].
    pub word: u32,
    pub body: f64,
    pub doc: f64,
    pub defined: bool,
    pub in_path: bool,
    pub blocks: u64,
}

/// The matches of every file.
pub struct Lexical {
    pub matches: Vec<Vec<Match>>,
    /// Per goal word: how telling it is.
    pub idf: Vec<f64>,
    pub idf_defined: Vec<f64>,
    /// BM25 of the whole goal, not normalised.
    pub text: Vec<f64>,
    lengths: Vec<f64>,
    lines: Vec<u32>,
    trust: Vec<f64>,
}

impl Lexical {
    /// Finds the goal's words in every file of the tree.
    pub fn read(tree: &Tree, goal: &ParsedGoal) -> Lexical {
        let mut names = Terms::default();
        let index: HashMap<u32, u32> =
            goal.words.iter().enumerate().map(|(i, w)| (w.term, i as u32)).collect();
        let n = tree.files.len();
        let mut lexical = Lexical {
            matches: Vec::with_capacity(n),
            idf: Vec::new(),
            idf_defined: Vec::new(),
            text: vec![0.0; n],
            lengths: Vec::with_capacity(n),
            lines: Vec::with_capacity(n),
            trust: Vec::with_capacity(n),
        };
        for file in &tree.files {
            let counts = Counts::of(&file.content().words);
            lexical.lengths.push(f64::from(counts.words));
            lexical.lines.push(counts.lines);
            let (mut matches, distinct) = in_text(goal, counts);
            let repetition = lexical.lengths.last().copied().unwrap_or(0.0) / f64::from(distinct.max(1));
            lexical.trust.push((NATURAL_REPETITION / repetition.max(1.0)).min(1.0));
            in_path(file.facts.path.as_str(), &index, &mut names, &mut matches);
            lexical.matches.push(matches);
        }
        lexical.weigh_words(tree, goal);
        lexical
    }

    fn weigh_words(&mut self, tree: &Tree, goal: &ParsedGoal) {
        let mut holding = vec![0_u32; goal.words.len()];
        let mut defining = vec![0_u32; goal.words.len()];
        let mut files = 0_u32;
        for (file, matches) in tree.files.iter().zip(&self.matches) {
            if !is_code(file.facts.class) {
                continue;
            }
            files += 1;
            for m in matches {
                holding[m.word as usize] += 1;
                defining[m.word as usize] += u32::from(m.defined);
            }
        }
        self.idf = holding.iter().map(|&df| idf(files, df)).collect();
        self.idf_defined = defining.iter().map(|&df| idf(files, df)).collect();
    }

    /// Fills the lexical signals, scaled so that the best source file has the value 1 and no other
    /// file more than 1.2.
    pub fn fill(&mut self, tree: &Tree, goal: &ParsedGoal, table: &mut Table) {
        let weights = Weights::of(goal);
        let mean = mean_length(tree, &self.lengths);
        for file in 0..tree.files.len() {
            let norm = 1.0 - B + B * self.lengths[file] / mean;
            let trust = self.trust[file];
            let sums = self.sums(file, norm, &weights);
            for (signal, value) in sums {
                table.column_mut(signal)[file] = value * trust;
            }
            table.column_mut(Signal::Window)[file] = self.window(file, &weights) * trust;
        }
        self.text = table.column(Signal::Text).to_vec();
        for signal in SCALED {
            let mut of_code: Vec<f64> = table.column(signal).to_vec();
            // the best of the code sets the scale: a changelog may hold every word
            let best = tree
                .files
                .iter()
                .zip(&of_code)
                .filter(|(f, _)| f.facts.class == Class::Source)
                .map(|(_, v)| *v)
                .fold(0.0, f64::max);
            if best > 0.0 {
                for value in &mut of_code {
                    *value = (*value / best).min(1.2);
                }
            } else {
                normalise(&mut of_code);
            }
            table.set(signal, of_code);
        }
    }

    fn sums(&self, file: usize, norm: f64, weights: &Weights) -> [(Signal, f64); SUMS] {
        let mut sums = [0.0; SUMS];
        for m in &self.matches[file] {
            let w = m.word as usize;
            let tf = (BODY * m.body + DOC * m.doc) / norm
                + if m.defined { DEFINED / norm.max(1.0) } else { 0.0 }
                + if m.in_path { PATH } else { 0.0 };
            let value = self.idf[w] * tf * (K1 + 1.0) / (tf + K1);
            let part = !weights.whole[w];
            let declared = if m.defined { self.idf_defined[w] } else { 0.0 };
            let in_path = if m.in_path { self.idf[w] } else { 0.0 };
            let values = [
                (true, weights.all[w], value),
                (true, weights.title[w], value),
                (true, weights.early[w], value),
                (true, weights.all[w] * self.idf[w], value),
                (true, weights.title[w] + 0.5 * weights.alias[w], value),
                (part, weights.title[w], declared),
                (part, weights.all[w], declared),
                (!part, weights.exact[w], declared),
                (part, weights.title[w], in_path),
                (part, weights.all[w], in_path),
                (weights.scope[w], 1.0, in_path),
            ];
            for (sum, (counts, weight, value)) in sums.iter_mut().zip(values) {
                if counts {
                    *sum += weight * value;
                }
            }
        }
        std::array::from_fn(|at| (SCALED[at], sums[at]))
    }

    /// The best passage of about 50 lines: weight of the distinct goal words
    /// in it.
    fn window(&self, file: usize, weights: &Weights) -> f64 {
        let span = match rank_terms::block_lines(self.lines[file]) {
            ..=16 => 3,
            32 => 2,
            _ => 1,
        };
        let mut sums = [0.0_f64; 64];
        for m in &self.matches[file] {
            let w = m.word as usize;
            let mut ends = m.blocks;
            for shift in 1..span {
                ends |= m.blocks << shift;
            }
            while ends != 0 {
                let at = ends.trailing_zeros() as usize;
                ends &= ends - 1;
                sums[at] += weights.all[w] * self.idf[w];
            }
        }
        sums.into_iter().fold(0.0, f64::max)
    }
}

impl Lexical {
    /// How well a file holds a goal word, from 0 to 1.
    pub fn strength(&self, file: usize, m: &Match, mean: f64) -> f64 {
        let norm = 1.0 - B + B * self.lengths[file] / mean;
        let tf = (m.body + m.doc) / norm
            + if m.defined { DEFINED } else { 0.0 }
            + if m.in_path { PATH } else { 0.0 };
        self.trust[file] * tf / (tf + K1)
    }

    /// The mean number of words of the files that hold code, at least 1.
    pub fn mean_length(&self, tree: &Tree) -> f64 {
        mean_length(tree, &self.lengths)
    }
}

/// What each goal word counts in each reading of the goal.
pub struct Weights {
    pub all: Vec<f64>,
    pub title: Vec<f64>,
    pub early: Vec<f64>,
    pub exact: Vec<f64>,
    pub whole: Vec<bool>,
    pub scope: Vec<bool>,
    /// Other spellings of words of the first line.
    pub alias: Vec<f64>,
}

impl Weights {
    /// What each word of the goal weighs in each zone, by how often and where the goal says it.
    pub fn of(goal: &ParsedGoal) -> Weights {
        let damped = |n: u32| (1.0 + f64::from(n)).ln();
        // a plain word of prose is no name, although something may be called `case`
        let spelled = |w: &super::goal::GoalWord| !w.whole || w.name > 0;
        let of = |f: &dyn Fn(&super::goal::GoalWord) -> f64| goal.words.iter().map(f).collect();
        Weights {
            all: of(&|w| if spelled(w) { damped(w.prose) + 0.5 * damped(w.code) } else { 0.0 }),
            title: of(&|w| f64::from(u8::from(w.title && spelled(w)))),
            early: of(&|w| if w.early && spelled(w) { damped(w.prose) } else { 0.0 }),
            exact: of(&|w| {
                damped(w.name)
                    + 0.25 * damped(w.prose)
                    + 0.25 * damped(w.code)
                    + 0.5 * f64::from(u8::from(w.title))
            }),
            whole: goal.words.iter().map(|w| w.whole).collect(),
            scope: goal.words.iter().map(|w| w.scope).collect(),
            alias: of(&|w| f64::from(u8::from(w.alias && !w.title))),
        }
    }
}

/// Whether files of this class hold code: sources and tests.
pub fn is_code(class: Class) -> bool {
    matches!(class, Class::Source | Class::Test)
}

fn idf(files: u32, holding: u32) -> f64 {
    let (n, df) = (f64::from(files), f64::from(holding));
    (1.0 + (n - df + 0.5).max(0.0) / (df + 0.5)).ln()
}

fn mean_length(tree: &Tree, lengths: &[f64]) -> f64 {
    let of_code: Vec<f64> = tree
        .files
        .iter()
        .zip(lengths)
        .filter(|(file, _)| is_code(file.facts.class))
        .map(|(_, length)| *length)
        .collect();
    (of_code.iter().sum::<f64>() / of_code.len().max(1) as f64).max(1.0)
}

fn in_text(goal: &ParsedGoal, counts: Counts<'_>) -> (Vec<Match>, u32) {
    let mut matches = Vec::new();
    let mut distinct = 0;
    let mut word = 0;
    for count in counts {
        distinct += 1;
        while word < goal.words.len() && goal.words[word].term < count.term {
            word += 1;
        }
        if word < goal.words.len() && goal.words[word].term == count.term {
            matches.push(Match {
                word: word as u32,
                body: f64::from(count.body),
                doc: f64::from(count.doc),
                defined: count.defined,
                in_path: false,
                blocks: count.blocks,
            });
        }
    }
    (matches, distinct)
}

fn in_path(path: &str, index: &HashMap<u32, u32>, names: &mut Terms, matches: &mut Vec<Match>) {
    let path = path.rsplit_once('.').map_or(path, |(path, _)| path);
    for token in rank_terms::tokens(path) {
        let whole = rank_terms::whole(token.text);
        let parts = rank_terms::words(token.text).filter_map(|part| names.word(part));
        for term in parts.chain(whole) {
            let Some(&word) = index.get(&term.0) else {
                continue;
            };
            let at = match matches.iter().position(|m| m.word == word) {
                Some(at) => at,
                None => {
                    matches.push(Match {
                        word,
                        body: 0.0,
                        doc: 0.0,
                        defined: false,
                        in_path: false,
                        blocks: 0,
                    });
                    matches.len() - 1
                }
            };
            matches[at].in_path = true;
        }
    }
}
