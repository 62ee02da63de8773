//! The tests that exercise what a change touches: those of its files by name,
//! import and use, and those that hold its names or changed with it.
//!
//! Not here: the command that runs them, and whether all should run.

use std::collections::{BTreeSet, HashMap};

use super::ChangeMeasure;
use super::weights::likely;
use crate::model::{Class, History, SafeText, Tree};
use crate::rank::goal::ParsedGoal;
use crate::rank::history::Log;
use crate::rank::quantise;
use crate::rank::tested::{self, TestOf};

/// Changed files whose tests are looked for one by one.
const MOST_FILES: usize = 60;

/// What a test's own signals weigh beside what makes it the test of a file.
const SIGNALS: f64 = 0.6;

/// Tests that are always told, and what of the best one's score others need.
const SURE: usize = 3;
const BESIDE: f64 = 0.5;

/// A test that is of no changed file by itself has to be as likely as this.
const LEAST: f64 = 0.08;

/// Tests of a change, the best first, and what is known of none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExercisedBy {
    pub tests: Vec<TestOf>,
    /// Changed source files for which no test is known.
    pub untested: Vec<u32>,
}

/// The tests that exercise a change.
pub fn tests(tree: &Tree, history: &History, measured: &ChangeMeasure) -> ExercisedBy {
    let log = Log::read(tree, history, &ParsedGoal::parse(&SafeText::default()));
    let is_test = |file: &u32| tree.files[*file as usize].facts.class == Class::Test;
    let mut of_files: HashMap<u32, TestOf> = HashMap::new();
    let mut untested: BTreeSet<u32> = BTreeSet::new();
    let changed = measured.seeds.iter().filter(|seed| is_code(tree, **seed));
    for &seed in changed.take(MOST_FILES) {
        let found = tested::of(tree, Some(&log), seed);
        if found.is_empty() && !is_test(&seed) {
            untested.insert(seed);
        }
        for test in found {
            let known = of_files.entry(test.test).or_insert_with(|| test.clone());
            if test.score > known.score {
                *known = test;
            }
        }
    }
    for (file, row) in
        measured.rows.iter().filter(|(file, _)| is_test(file) && tested::is_run(&tree.files[*file as usize]))
    {
        let likely = likely(row);
        match of_files.get_mut(file) {
            Some(test) => test.score += SIGNALS * (likely / (1.0 - likely).max(1e-6)).max(1e-6).ln(),
            None if likely >= LEAST => {
                let how = "holds what changed";
                let score = SIGNALS * (likely / (1.0 - likely).max(1e-6)).ln();
                of_files.insert(*file, TestOf { test: *file, score, how });
            }
            None => {}
        }
    }
    // What was edited itself runs first.
    let edited = |test: &TestOf| is_test(&test.test) && measured.seeds.binary_search(&test.test).is_ok();
    let mut tests: Vec<TestOf> = of_files.into_values().collect();
    tests.iter_mut().for_each(|test| test.score = quantise(test.score));
    tests.sort_by(|a, b| {
        edited(b).cmp(&edited(a)).then(b.score.total_cmp(&a.score)).then(a.test.cmp(&b.test))
    });
    let best = tests.iter().map(|test| test.score).fold(0.0, f64::max);
    let mut nth = 0;
    tests.retain(|test| {
        nth += 1;
        nth <= SURE || edited(test) || test.score >= BESIDE * best
    });
    ExercisedBy { tests, untested: untested.into_iter().collect() }
}

fn is_code(tree: &Tree, file: u32) -> bool {
    matches!(tree.files[file as usize].facts.class, Class::Source | Class::Test)
}
