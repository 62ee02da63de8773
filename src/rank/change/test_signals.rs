//! How close each test stands to a change: what it is called, imports and holds, and
//! how often it changed with the files of the change; and what each of it counts.
//!
//! Not here: which tests are told, and the test of a single file (`rank::tested`).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::ChangeMeasure;
use crate::model::{Class, History, SafeText, Tree};
use crate::rank::goal::ParsedGoal;
use crate::rank::history::Log;
use crate::rank::tested::{self, TestEvidence};

/// Changed files whose tests are looked for one by one.
const MOST_FILES: usize = 60;

/// Commits of a changed file with a test after which the word of one counts half.
const HALF_LIFE: f64 = 8.0;

/// The same for commits in the folder of a changed file.
const HALF_LIFE_AROUND: f64 = 32.0;

/// Letters of a name that a test may be called after.
const SHORTEST: usize = 5;

/// Share of the commits of a file in which a test changed where that is all there is.
const OFTEN: f64 = 0.1;

/// Share of what the names of a change are worth that a test holds where that is all there is.
const HELD: f64 = 0.05;

/// The signals of a test, in the order in which they are measured. Those that end in `best` are
/// shares of what the best test has.
pub const TEST_SIGNALS: [&str; 20] = [
    "name",
    "import",
    "shares",
    "names",
    "names_best",
    "dense_best",
    "rarest",
    "declares",
    "uses",
    "uses_best",
    "together",
    "together_best",
    "last",
    "words",
    "closeness",
    "root",
    "with_test_best",
    "neighbours",
    "activity_best",
    "called_after",
];

/// What each counts. Fitted once on the history of repositories that are in no figure;
/// `benches/relevance/README.md` tells how.
#[rustfmt::skip]
const WEIGHTS: [f64; TEST_SIGNALS.len()] = [
    0.37, 0.34, 0.32, 0.77, 0.86, 1.25, 1.20, 0.30, 0.19, 0.56, 0.23, 1.03, 0.58, 0.44, 0.59, 0.36, 0.96, 0.42,
    0.28, 0.66,
];

/// A test and how close it stands to a change.
#[derive(Clone, Debug)]
pub struct TestRow {
    /// Index in the tree.
    pub test: u32,
    /// A value for each of [`TEST_SIGNALS`].
    pub row: [f64; TEST_SIGNALS.len()],
    /// The strongest of what speaks for it, in words; `None` where it is merely the nearest.
    pub how: Option<&'static str>,
}

impl TestRow {
    /// The weighted sum: the test with more of it is the likelier one of a change.
    pub fn score(&self) -> f64 {
        self.row.iter().zip(WEIGHTS).map(|(value, weight)| value * weight).sum()
    }
}

/// The tests beside a change, and what has none.
pub struct TestRows {
    pub rows: Vec<TestRow>,
    /// Changed files that hold their own tests.
    pub inside: Vec<u32>,
    /// Changed source files that are the subject of no test.
    pub untested: Vec<u32>,
}

/// Where each of the signals of `ChangeMeasure::rows` stands.
const TOGETHER: usize = 6;
const LAST: usize = 11;
const WORDS: usize = 14;
const ROOT: usize = 16;
const ACTIVITY: usize = 20;

/// The signals of all tests that a runner takes and that are no part of the change.
pub fn test_rows(tree: &Tree, history: &History, measured: &ChangeMeasure) -> TestRows {
    let log = &Log::read(tree, history, &ParsedGoal::parse(&SafeText::default()));
    let is_source = |file: &u32| tree.files[*file as usize].facts.class == Class::Source;
    let seeds: Vec<u32> = measured.seeds.iter().copied().filter(is_source).take(MOST_FILES).collect();
    // A change of tests alone is exercised by them.
    if seeds.is_empty() {
        return TestRows { rows: Vec::new(), inside: Vec::new(), untested: Vec::new() };
    }
    let (by_file, mut untested) = evidence_by_test(tree, log, &seeds);
    let has_inside = |seed: &u32| tested::has_tests_inside(&tree.files[*seed as usize]);
    untested.retain(|seed| !has_inside(seed));
    let held = measured.held(tree);
    let with_test = with_test(tree, log, &seeds);
    let neighbours = around(tree, log, &seeds);
    let beside: HashMap<u32, &[f64]> = measured.rows.iter().map(|(at, row)| (*at, row.as_slice())).collect();
    let is_test =
        |at: &u32| tested::is_run(&tree.files[*at as usize]) && measured.seeds.binary_search(at).is_err();
    let tests: Vec<u32> = (0..tree.files.len() as u32).filter(is_test).collect();
    let of_change = |test: u32, signal: usize| beside.get(&test).map_or(0.0, |row| row[signal]);
    let best = |of: &dyn Fn(u32) -> f64| tests.iter().map(|test| of(*test)).fold(1e-9, f64::max);
    let held_of = |test: u32| held.get(test as usize).copied().unwrap_or_default();
    let of_map = |map: &BTreeMap<u32, f64>, test: u32| map.get(&test).copied().unwrap_or(0.0);
    let best_share = best(&|test| held_of(test).share);
    let (best_dense, best_uses) = (best(&|test| held_of(test).dense), best(&|test| held_of(test).used));
    let best_together = best(&|test| of_change(test, TOGETHER));
    let best_activity = best(&|test| of_change(test, ACTIVITY));
    let best_with = best(&|test| of_map(&with_test, test));
    let named = CalledAfter::of(tree, measured);
    let measure = |&test: &u32| {
        let evidence = by_file.get(&test).copied().unwrap_or_default();
        let held = held_of(test);
        let row = [
            evidence.name,
            evidence.import,
            evidence.together.sqrt(),
            held.share.sqrt(),
            held.share / best_share,
            held.dense / best_dense,
            held.rarest,
            held.declared.sqrt(),
            held.used.sqrt(),
            held.used / best_uses,
            of_change(test, TOGETHER),
            of_change(test, TOGETHER) / best_together,
            of_change(test, LAST),
            of_change(test, WORDS),
            seeds.iter().map(|seed| closeness(tree, *seed, test)).fold(0.0, f64::max),
            of_change(test, ROOT),
            of_map(&with_test, test) / best_with,
            of_map(&neighbours, test),
            of_change(test, ACTIVITY) / best_activity,
            named.rarest(tree, test),
        ];
        TestRow { test, row, how: how(&evidence, held.share) }
    };
    let rows = tests.iter().map(measure).collect();
    TestRows { rows, inside: seeds.iter().copied().filter(has_inside).collect(), untested }
}

/// What a person would say first of a test.
fn how(evidence: &TestEvidence, share: f64) -> Option<&'static str> {
    Some(match evidence {
        evidence if evidence.name >= tested::NAMESAKE => "by its name",
        evidence if evidence.import > 0.0 => "imports it",
        evidence if evidence.mentions > 0.0 => "uses what it declares",
        evidence if evidence.name > 0.0 => "by its name",
        evidence if evidence.together >= OFTEN => "changes together with it",
        _ if share > HELD => "holds what changed",
        _ => return None,
    })
}

/// The strongest evidence of each kind over the changed files, and the files that are the
/// subject of no test.
fn evidence_by_test(tree: &Tree, log: &Log, seeds: &[u32]) -> (HashMap<u32, TestEvidence>, Vec<u32>) {
    let mut found: HashMap<u32, TestEvidence> = HashMap::new();
    let mut untested = Vec::new();
    for &seed in seeds {
        let mut is_subject = false;
        for (test, one) in tested::evidence(tree, Some(log), seed) {
            is_subject |= one.is_enough() || is_of_package(tree, seed, test);
            let known = found.entry(test).or_default();
            known.name = known.name.max(one.name);
            known.import = known.import.max(one.import);
            known.mentions = known.mentions.max(one.mentions);
            known.together = known.together.max(one.together);
        }
        if !is_subject {
            untested.push(seed);
        }
    }
    (found, untested)
}

/// The tests of a folder of Go are those of all its files.
fn is_of_package(tree: &Tree, file: u32, test: u32) -> bool {
    let [file, test] = [file, test].map(|at| &tree.files[at as usize].facts);
    file.language == Some("go") && test.language == Some("go") && file.path.parent() == test.path.parent()
}

/// Of the commits that changed one of the files together with a test, those with each test; the
/// newest count most.
fn with_test(tree: &Tree, log: &Log, seeds: &[u32]) -> BTreeMap<u32, f64> {
    let mut best: BTreeMap<u32, f64> = BTreeMap::new();
    for seed in seeds {
        let of_seed = |files: &&[u32]| files.binary_search(seed).is_ok();
        for (test, share) in shares_of_tests(tree, log.commits().filter(of_seed), HALF_LIFE) {
            let known = best.entry(test).or_default();
            *known = known.max(share);
        }
    }
    best
}

/// The same for all files in the folders of the changed ones.
fn around(tree: &Tree, log: &Log, seeds: &[u32]) -> BTreeMap<u32, f64> {
    let folder = |file: u32| tree.files[file as usize].facts.path.parent();
    let folders: BTreeSet<&str> = seeds.iter().map(|seed| folder(*seed)).collect();
    let is_around = |files: &&[u32]| {
        files.iter().any(|file| {
            tree.files[*file as usize].facts.class == Class::Source && folders.contains(folder(*file))
        })
    };
    shares_of_tests(tree, log.commits().filter(is_around), HALF_LIFE_AROUND)
}

fn shares_of_tests<'a>(
    tree: &Tree,
    commits: impl Iterator<Item = &'a [u32]>,
    half_life: f64,
) -> BTreeMap<u32, f64> {
    let mut shares: BTreeMap<u32, f64> = BTreeMap::new();
    let (mut all, mut weight) = (0.5, 1.0);
    for files in commits {
        let tests: Vec<u32> =
            files.iter().copied().filter(|file| tested::is_run(&tree.files[*file as usize])).collect();
        if tests.is_empty() {
            continue;
        }
        all += weight;
        for test in &tests {
            *shares.entry(*test).or_default() += weight / (tests.len() as f64).sqrt();
        }
        weight *= 0.5_f64.powf(1.0 / half_life);
    }
    shares.values_mut().for_each(|share| *share /= all);
    shares
}

/// The names of declarations that changed, rare ones first in what they are worth.
struct CalledAfter(Vec<(String, f64)>);

impl CalledAfter {
    fn of(tree: &Tree, measured: &ChangeMeasure) -> Self {
        let names = &measured.names;
        let most = (tree.files.len().max(2) as f64).ln();
        let changed = names.names.iter().zip(&names.rarity).filter(|(name, _)| name.declared);
        let plain = changed.map(|(name, rarity)| (tested::plain(name.name.as_str()), rarity / most));
        Self(plain.filter(|(name, _)| name.len() >= SHORTEST).collect())
    }

    /// How rare the rarest is that a declaration of the test is called after.
    fn rarest(&self, tree: &Tree, test: u32) -> f64 {
        if self.0.is_empty() {
            return 0.0;
        }
        let symbols = &tree.files[test as usize].content().outline.symbols;
        let declared: Vec<String> =
            symbols.iter().map(|symbol| tested::plain(symbol.name.as_str())).collect();
        let is_named = |name: &str| declared.iter().any(|other| other.contains(name));
        self.0.iter().filter(|(name, _)| is_named(name)).map(|(_, rarity)| *rarity).fold(0.0, f64::max)
    }
}

fn closeness(tree: &Tree, file: u32, test: u32) -> f64 {
    tested::closeness(&tree.files[file as usize].facts.path, &tree.files[test as usize].facts.path)
}
