//! Writes the signals of the tests beside past changes of source, straight from bare clones, for
//! `tests.py` to fit weights on: only the source files of a commit are shown, and the tests that
//! it changed are sought.
//!
//! Not here: how good the outcome is (`tests/trials/tests_of_change.py`).
//!
//! `cargo bench --bench tests -- OUT COMMITS REPOSITORY.git ...`

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a measurement prints what it found")]

use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use rayon::prelude::*;
use waypost::git::{Objects, RawCommit};
use waypost::limits;
use waypost::model::{Class, Diff, DiffFile, DiffStatus, RelPath, SymbolKind, Tree};
use waypost::parsers::Parsers;
use waypost::pipeline::bench::mine::spread;
use waypost::pipeline::diff::safe_files;
use waypost::pipeline::past::PastTrees;
use waypost::rank::change::{self, ChangeMeasure};
use waypost::redact::Redactor;

/// Files that a commit touches, at most.
const MOST_FILES: usize = 14;

/// Commits whose trees are held at once.
const GROUP: usize = 8;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [out, wanted, repositories @ ..] = arguments.as_slice() else {
        eprintln!("usage: cargo bench --bench tests -- OUT COMMITS REPOSITORY.git ...");
        return Ok(());
    };
    let wanted: usize = wanted.parse().context("COMMITS is a number")?;
    let mut output = std::io::BufWriter::new(std::fs::File::create(out)?);
    for repository in repositories {
        let started = std::time::Instant::now();
        let asked = measure(Path::new(repository), wanted, &mut output)
            .with_context(|| format!("cannot measure `{repository}`"))?;
        eprintln!("{repository}: {asked} commits in {:.1} s", started.elapsed().as_secs_f64());
    }
    Ok(())
}

fn measure(repository: &Path, wanted: usize, output: &mut impl Write) -> Result<usize> {
    let objects = Objects::at(repository);
    let (redactor, parsers) = (Redactor::new(&[])?, Parsers::here());
    let rules = Default::default();
    let mut past = PastTrees::new(objects.clone(), &redactor, &parsers, rules, limits::MAX_FILE_SIZE, false);
    let log = objects.log("HEAD", limits::MAX_COMMITS, true).map_err(|error| anyhow!("{error}"))?;
    let fits = |commit: &&RawCommit| {
        let has = |word: bool| commit.paths.iter().any(|path| says_test(path) == word);
        commit.parents.len() == 1 && commit.paths.len() <= MOST_FILES && has(true) && has(false)
    };
    let chosen = spread(log.iter().filter(fits).collect(), wanted);
    let mut asked = 0;
    for some in chosen.chunks(GROUP) {
        let parents: Vec<&str> = some.iter().map(|commit| commit.parents[0].as_str()).collect();
        past.load(&parents, &|_| {}, &|| {})?;
        past.keep_only(&parents);
        let one = |commit: &&RawCommit| of_commit(repository, &objects, &redactor, &past, commit);
        let written: Vec<String> = some.par_iter().map(one).collect::<Result<_>>()?;
        for text in written {
            asked += usize::from(!text.is_empty());
            output.write_all(text.as_bytes())?;
        }
    }
    Ok(asked)
}

/// As far as the name tells: in Rust any source file may hold tests.
fn says_test(path: &RelPath) -> bool {
    let path = path.as_str().to_lowercase();
    path.contains("test") || path.contains("spec")
}

fn of_commit(
    repository: &Path,
    objects: &Objects,
    redactor: &Redactor,
    past: &PastTrees,
    commit: &RawCommit,
) -> Result<String> {
    let parent = &commit.parents[0];
    let (tree, history) = (past.tree(parent), past.history(parent));
    let files = objects.diff(parent, &commit.id).map_err(|error| anyhow!("{error}"))?;
    let files = safe_files(redactor, files);
    let class = |file: &DiffFile| tree.index_of(&file.path).map(|at| tree.files[at as usize].facts.class);
    let is_modified = |file: &&DiffFile| file.status == DiffStatus::Modified;
    let mut sought: Vec<RelPath> = files
        .iter()
        .filter(is_modified)
        .filter(|file| {
            class(file) == Some(Class::Test)
                && tree.index_of(&file.path).is_some_and(|at| change::is_run(&tree, at))
        })
        .map(|file| file.path.clone())
        .collect();
    let mut shown: Vec<DiffFile> = Vec::new();
    for file in files.iter().filter(|file| class(file) == Some(Class::Source)) {
        let mut file = file.clone();
        let before = file.hunks.len();
        file.hunks.retain(|hunk| !in_own_tests(&tree, &file.path, hunk.old_line));
        if file.hunks.len() < before {
            sought.push(file.path.clone());
        }
        if !file.hunks.is_empty() {
            shown.push(file);
        }
    }
    if sought.is_empty() || shown.is_empty() {
        return Ok(String::new());
    }
    let diff = Diff { files: shown, is_applied: false };
    let measured = ChangeMeasure::of(&tree, &history, &diff);
    let rows = change::test_rows(&tree, &history, &measured).rows;
    let told = change::tests(&tree, &history, &measured);
    let path = |at: u32| &tree.files[at as usize].facts.path;
    let place = told.tests.iter().position(|test| sought.contains(path(test.test))).map_or(0, |at| at + 1);
    let seeds: Vec<&str> = diff.files.iter().map(|file| file.path.as_str()).collect();
    let mut text = String::new();
    let name = repository.display();
    let wanted: Vec<&str> = sought.iter().map(RelPath::as_str).collect();
    writeln!(text, "q\t{name}\t{:.10}\t{place}\t{}\t{}", commit.id, seeds.join(" "), wanted.join(" "))?;
    for row in rows {
        let values: Vec<String> = row.row.iter().map(|value| format!("{value:.4}")).collect();
        let is_sought = u8::from(sought.contains(path(row.test)));
        writeln!(text, "{is_sought}\t{}\t{}", path(row.test), values.join("\t"))?;
    }
    Ok(text)
}

/// Whether a line stands in a file's own tests.
fn in_own_tests(tree: &Tree, path: &RelPath, line: u32) -> bool {
    let Some(at) = tree.index_of(path) else { return false };
    tree.files[at as usize].content().outline.symbols.iter().any(|symbol| {
        symbol.kind == SymbolKind::Module
            && matches!(symbol.name.as_str(), "test" | "tests")
            && symbol.line <= line
            && line <= symbol.end_line
    })
}
