//! Which files come along with the first hits: a change seldom stays in one
//! file. They are named alike, read alike, use each other's names, changed
//! together before, or hold the goal's words that the first hits lack.
//!
//! Not here: which files the first hits are.

use std::collections::HashMap;

use super::goal::Goal;
use super::history::Log;
use super::lexical::{Lexical, Weights};
use super::table::{Signal, Table};
use crate::model::{Class, Tree};
use crate::terms::{self, Count, Counts, Terms};

/// First hits that others are compared with.
const SEEDS: usize = 3;

/// What the second and third hit weigh is this power of their score.
const FADE: i32 = 6;

pub fn fill(
    tree: &Tree,
    goal: &Goal,
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
    fill_names(tree, &seeds, &files, table);
    fill_contents(tree, &seeds, &files, table);
    fill_residual(tree, goal, lexical, &seeds, &files, table);
    table.set(Signal::CoChangeBest, log.together(tree.files.len(), &seeds[..1]));
    for signal in [
        Signal::SiblingName,
        Signal::Residual,
        Signal::ResidualTitle,
        Signal::UsedByFirst,
        Signal::UsesFirst,
        Signal::CoChangeBest,
    ] {
        table.normalise(signal);
    }
}

/// Words that the file names share, rare ones more.
fn fill_names(tree: &Tree, seeds: &[(u32, f64)], files: &[u32], table: &mut Table) {
    let mut terms = Terms::default();
    let names: Vec<Vec<u32>> = files
        .iter()
        .map(|file| {
            let path = &tree.files[*file as usize].facts.path;
            let mut words: Vec<u32> = terms::tokens(super::names::module_name(path))
                .flat_map(|token| terms::parts(token.text).collect::<Vec<_>>())
                .filter_map(|part| terms.word(part))
                .map(|term| term.0)
                .collect();
            words.sort_unstable();
            words.dedup();
            words
        })
        .collect();
    let mut holding: HashMap<u32, u32> = HashMap::new();
    for word in names.iter().flatten() {
        *holding.entry(*word).or_default() += 1;
    }
    let idf = |word: &u32| (1.0 + files.len() as f64 / f64::from(holding[word])).ln();
    for (seed, weight) in seeds {
        let Some(at) = files.iter().position(|file| file == seed) else {
            continue;
        };
        let seed_path = &tree.files[*seed as usize].facts.path;
        for (other, file) in files.iter().enumerate().filter(|(_, file)| *file != seed) {
            let both: f64 = names[other].iter().filter(|w| names[at].contains(w)).map(idf).sum();
            let all: f64 =
                names[other].iter().map(idf).sum::<f64>() + names[at].iter().map(idf).sum::<f64>() - both;
            let place = &mut table.column_mut(Signal::SiblingName)[*file as usize];
            if all > 0.0 {
                *place += weight * both / all;
            }
            let path = &tree.files[*file as usize].facts.path;
            if path.name() == seed_path.name() {
                let place = &mut table.column_mut(Signal::SameName)[*file as usize];
                *place = place.max(*weight);
            }
        }
    }
}

/// Cosine of the words, and names that one declares and the other uses.
fn fill_contents(tree: &Tree, seeds: &[(u32, f64)], files: &[u32], table: &mut Table) {
    let counts: Vec<Vec<Count>> =
        files.iter().map(|file| Counts::of(&tree.files[*file as usize].content.words).collect()).collect();
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
            let (mut dot, mut uses, mut used) = (0.0, 0.0, 0.0);
            join(&counts[at], &counts[other], |seed, other| {
                dot += weight(seed) * weight(other);
                if seed.whole && other.whole {
                    if seed.defined && !other.defined {
                        uses += rarity(seed.term);
                    }
                    if other.defined && !seed.defined {
                        used += rarity(seed.term);
                    }
                }
            });
            let file = *file as usize;
            let like = share * dot / (norms[at] * norms[other]);
            let place = &mut table.column_mut(Signal::ContentLike)[file];
            *place = place.max(like);
            table.column_mut(Signal::UsesFirst)[file] += share * (1.0_f64 + uses).ln();
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
    goal: &Goal,
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
        let (mut all, mut title) = (0.0, 0.0);
        for m in &lexical.matches[file as usize] {
            let w = m.word as usize;
            let value = lexical.idf[w] * (1.0 - held[w]) * lexical.strength(file as usize, m, mean);
            all += weights.all[w] * value;
            title += weights.title[w] * value;
        }
        table.column_mut(Signal::Residual)[file as usize] = all;
        table.column_mut(Signal::ResidualTitle)[file as usize] = title;
    }
}
