//! The tests that exercise what a change touches, the likeliest first: by one weighted
//! sum of what they are called, import and hold, and how often they changed along.
//!
//! Not here: how that is measured (`test_signals`), the command that runs them, and
//! whether all should run.

use super::ChangeMeasure;
use super::test_signals::{TestRows, test_rows};
use crate::model::{Class, History, Tree};
use crate::rank::quantise;
use crate::rank::tested::{self, TestOf};

/// Tests that are always told, and by how much others may be less likely than the first: the
/// sum is a logarithm.
const SURE: usize = 3;
const BESIDE: f64 = 1.2;

/// Tests in front of the changed files' own. Where a commit changed a file that holds tests and a
/// test beside it, it was those inside in one of four.
const INSIDE: usize = 2;

/// Tests of a change, the best first, and what is known of none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExercisedBy {
    pub tests: Vec<TestOf>,
    /// Changed source files for which no test is known.
    pub untested: Vec<u32>,
}

/// The tests that exercise a change. Those that were edited themselves run first.
pub fn tests(tree: &Tree, history: &History, measured: &ChangeMeasure) -> ExercisedBy {
    let TestRows { rows, inside, untested } = test_rows(tree, history, measured);
    let mut found: Vec<TestOf> = rows
        .iter()
        .filter_map(|row| Some(TestOf { test: row.test, score: quantise(row.score()), how: row.how? }))
        .collect();
    found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.test.cmp(&b.test)));
    let best = found.first().map_or(0.0, |test| test.score);
    let mut nth = 0;
    found.retain(|test| {
        nth += 1;
        nth <= SURE || test.score >= best - BESIDE
    });
    let inside = inside.into_iter().map(|test| TestOf { test, score: best, how: "inside it" });
    let at = found.len().min(INSIDE);
    found.splice(at..at, inside);
    let is_test = |file: &&u32| tree.files[**file as usize].facts.class == Class::Test;
    let edited = measured.seeds.iter().filter(is_test).flat_map(|seed| tested::of(tree, None, *seed));
    ExercisedBy { tests: edited.chain(found).collect(), untested }
}
