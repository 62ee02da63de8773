//! Which files come along with the first hits: a change seldom stays in one
//! file. They are read alike, declare names that those use, changed
//! together before, or hold the goal's words that the first hits lack.
//!
//! Not here: which files the first hits are.

use std::collections::HashMap;

use super::goal::ParsedGoal;
use super::history::Log;
use super::lexical::{Lexical, Weights};
use super::table::{Signal, Table};
use crate::model::{Class, Tree};
use crate::rank_terms::{Count, Counts};

/// First hits that others are compared with.
const SEEDS: usize = 3;

/// What the second and third hit weigh is this power of their score.
const FADE: i32 = 6;

/// Fills the signals of the files that accompany the best candidates; leaves the table as it is if
/// no candidate is source code.
pub fn fill(
    tree: &Tree,
    goal: &ParsedGoal,
    lexical: &Lexical,
    log: &Log,
    candidates: &[(u32, f64)],
    table: &mut Table,
) {
    let seeds: Vec<(u32, f64)> = candidates
        .iter()
        .filter(|(file, _)| tree.files[*file as usize].facts.class == Class::Source)
        .take(SEEDS)
        .map(|(file, score)| (*file, score.powi(FADE)))
        .collect();
    if seeds.is_empty() {
        return;
    }
    let files: Vec<u32> = candidates.iter().map(|(file, _)| *file).collect();
    fill_contents(tree, &seeds, &files, table);
    fill_residual(tree, goal, lexical, &seeds, &files, table);
    table.set(Signal::CoChangeBest, log.together(tree.files.len(), &seeds[..1]));
    for signal in [Signal::Residual, Signal::UsedByFirst, Signal::CoChangeBest] {
        table.normalise(signal);
    }
}

/// Cosine of the words, and names that a file declares and a hit uses.
fn fill_contents(tree: &Tree, seeds: &[(u32, f64)], files: &[u32], table: &mut Table) {
    let counts: Vec<Vec<Count>> =
        files.iter().map(|file| Counts::of(&tree.files[*file as usize].content().words).collect()).collect();
    let mut holding: HashMap<u32, (u32, u32)> = HashMap::new();
    for count in counts.iter().flatten() {
        let entry = holding.entry(count.term).or_default();
        entry.0 += 1;
        entry.1 += u32::from(count.defined && count.whole);
    }
    let n = files.len() as f64;
    let idf = |term: u32| (n / f64::from(holding[&term].0)).ln();
    let rarity = |term: u32| {
        1.0 / f64::from(holding[&term].1.max(1)) * (n / f64::from(holding[&term].0)).ln().max(0.1)
    };
    let weight = |count: &Count| (1.0 + f64::from(count.body)).ln() * idf(count.term);
    let norm = |counts: &[Count]| counts.iter().map(|c| weight(c).powi(2)).sum::<f64>().sqrt().max(1e-9);
    let norms: Vec<f64> = counts.iter().map(|counts| norm(counts)).collect();
    for (seed, share) in seeds {
        let Some(at) = files.iter().position(|file| file == seed) else {
            continue;
        };
        for (other, file) in files.iter().enumerate().filter(|(_, file)| *file != seed) {
            let (mut dot, mut used) = (0.0, 0.0);
            join(&counts[at], &counts[other], |seed, other| {
                dot += weight(seed) * weight(other);
                if seed.whole && other.whole && other.defined && !seed.defined {
                    used += rarity(seed.term);
                }
            });
            let file = *file as usize;
            let like = share * dot / (norms[at] * norms[other]);
            let place = &mut table.column_mut(Signal::ContentLike)[file];
            *place = place.max(like);
            table.column_mut(Signal::UsedByFirst)[file] += share * (1.0_f64 + used).ln();
        }
    }
}

/// Calls `found` for each term in both, in the order of terms.
fn join(a: &[Count], b: &[Count], mut found: impl FnMut(&Count, &Count)) {
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        match a[i].term.cmp(&b[j].term) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                found(&a[i], &b[j]);
                i += 1;
                j += 1;
            }
        }
    }
}

/// The goal's words, each counting as far as the first hits do not hold it.
fn fill_residual(
    tree: &Tree,
    goal: &ParsedGoal,
    lexical: &Lexical,
    seeds: &[(u32, f64)],
    files: &[u32],
    table: &mut Table,
) {
    let weights = Weights::of(goal);
    let mean = lexical.mean_length(tree);
    let mut held = vec![0.0_f64; goal.words.len()];
    for (seed, share) in seeds {
        for m in &lexical.matches[*seed as usize] {
            let strength = share * lexical.strength(*seed as usize, m, mean);
            let place = &mut held[m.word as usize];
            *place = place.max(strength);
        }
    }
    for &file in files {
        let mut all = 0.0;
        for m in &lexical.matches[file as usize] {
            let w = m.word as usize;
            let lacking = 1.0 - held[w];
            all += weights.all[w] * lexical.idf[w] * lacking * lexical.strength(file as usize, m, mean);
        }
        table.column_mut(Signal::Residual)[file as usize] = all;
    }
}
