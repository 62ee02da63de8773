//! Writes the signals of the files beside past changes, straight from bare
//! clones, for `companions.py` to fit weights on.
//!
//! Not here: how good the outcome is (`waypost bench --companions`).
//!
//! `cargo bench --bench companions -- OUT COMMITS REPOSITORY.git ...`

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a measurement prints what it found")]

use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use rayon::prelude::*;
use waypost::git::Objects;
use waypost::limits;
use waypost::model::{Class, RelPath, Tree};
use waypost::parsers::Parsers;
use waypost::pipeline::bench::companions::{CompanionCase, Shown, cases, questions};
use waypost::pipeline::bench::mine::spread;
use waypost::pipeline::diff::safe_files;
use waypost::pipeline::past::PastTrees;
use waypost::rank::change::ChangeMeasure;
use waypost::redact::Redactor;

/// Files written of one question, besides those that are sought.
const WRITTEN: usize = 80;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [out, wanted, repositories @ ..] = arguments.as_slice() else {
        eprintln!("usage: cargo bench --bench companions -- OUT COMMITS REPOSITORY.git ...");
        return Ok(());
    };
    let wanted: usize = wanted.parse().context("COMMITS is a number")?;
    let mut output = std::io::BufWriter::new(std::fs::File::create(out)?);
    for repository in repositories {
        let started = std::time::Instant::now();
        let asked = measure(Path::new(repository), wanted, &mut output)
            .with_context(|| format!("cannot measure `{repository}`"))?;
        eprintln!("{repository}: {asked} questions in {:.1} s", started.elapsed().as_secs_f64());
    }
    Ok(())
}

fn measure(repository: &Path, wanted: usize, output: &mut impl Write) -> Result<usize> {
    let objects = Objects::at(repository);
    let (redactor, parsers) = (Redactor::new(&[])?, Parsers::here());
    let mut past = PastTrees::new(
        objects.clone(),
        &redactor,
        &parsers,
        Default::default(),
        limits::MAX_FILE_SIZE,
        false,
    );
    let log = objects.log("HEAD", limits::MAX_COMMITS, true).map_err(|error| anyhow!("{error}"))?;
    let chosen = spread(cases(&log), wanted);
    let mut asked = 0;
    for some in chosen.chunks(8) {
        let parents: Vec<&str> = some.iter().map(|case| case.parent.as_str()).collect();
        past.load(&parents, &|_| {}, &|| {})?;
        past.keep_only(&parents);
        let one = |case: &CompanionCase| of_case(repository, &objects, &redactor, &past, case);
        let written: Vec<(usize, String)> = some.par_iter().map(one).collect::<Result<_>>()?;
        for (questions, text) in written {
            asked += questions;
            output.write_all(text.as_bytes())?;
        }
    }
    Ok(asked)
}

fn of_case(
    repository: &Path,
    objects: &Objects,
    redactor: &Redactor,
    past: &PastTrees,
    case: &CompanionCase,
) -> Result<(usize, String)> {
    let (tree, history) = (past.tree(&case.parent), past.history(&case.parent));
    let files = objects.diff(&case.parent, &case.commit).map_err(|error| anyhow!("{error}"))?;
    let files = safe_files(redactor, files);
    let mut text = String::new();
    let asked = questions(&tree, &files, &case.commit);
    for (shown, path, diff) in &asked {
        let sought = |other: &RelPath| match shown {
            Shown::Rest => other == path,
            _ => files.iter().any(|file| file.path == *other && file.path != *path),
        };
        let measured = ChangeMeasure::of(&tree, &history, diff);
        let all = tree.files.iter().filter(|file| sought(&file.facts.path));
        let sources = all.clone().filter(|file| file.facts.class == Class::Source).count();
        let name = repository.display();
        writeln!(text, "q\t{name}\t{:.10}\t{shown:?}\t{path}\t{sources}\t{}", case.commit, all.count())?;
        rows(&tree, &measured, &sought, &mut text)?;
    }
    Ok((asked.len(), text))
}

fn rows(
    tree: &Tree,
    measured: &ChangeMeasure,
    sought: &dyn Fn(&RelPath) -> bool,
    text: &mut String,
) -> Result<()> {
    let first: Vec<u32> = measured.order().iter().take(WRITTEN).map(|found| found.file).collect();
    for (file, row) in &measured.rows {
        let facts = &tree.files[*file as usize].facts;
        let is_sought = sought(&facts.path);
        if !is_sought && !first.contains(file) {
            continue;
        }
        let values: Vec<String> = row.iter().map(|value| format!("{value:.4}")).collect();
        let is_source = u8::from(facts.class == Class::Source);
        writeln!(text, "{}\t{is_source}\t{}", u8::from(is_sought), values.join("\t"))?;
    }
    Ok(())
}
