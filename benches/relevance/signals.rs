//! Measures the ranking on cases with known answers, straight from bare
//! clones: no work tree is made, so hundreds of cases take minutes. Writes
//! where each sought file stands, and the signals of the candidates for
//! `train.py`.
//!
//! Not here: scoring from outside, through the command line; README.md tells
//! how.
//!
//! `cargo bench --bench relevance -- OUT REPOS [--no-history] CASES.jsonl ...`

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a measurement prints what it found")]

use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use serde::Deserialize;
use waypost::git::Objects;
use waypost::limits;
use waypost::model::History;
use waypost::parsers::Parsers;
use waypost::pipeline::past::PastTrees;
use waypost::rank::{self, Measured, SIGNALS, WEIGHTS};
use waypost::redact::Redactor;

/// Symbols written for each case that names some.
const SYMBOLS: usize = 20;

/// One line of a case file; what else it holds is ignored.
#[derive(Deserialize)]
struct Case {
    id: String,
    repo: String,
    mirror: Option<String>,
    base_commit: String,
    goal: String,
    gold: Vec<String>,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    language: String,
    gold_symbols: Option<Vec<String>>,
}

fn main() -> Result<()> {
    let mut arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let no_history = arguments.iter().any(|argument| argument == "--no-history");
    arguments.retain(|argument| argument != "--no-history");
    let [out, repos, files @ ..] = arguments.as_slice() else {
        eprintln!("usage: cargo bench --bench relevance -- OUT REPOS [--no-history] CASES.jsonl ...");
        return Ok(());
    };
    let mut by_repo: BTreeMap<String, Vec<Case>> = BTreeMap::new();
    for file in files {
        let text = std::fs::read_to_string(file).with_context(|| format!("cannot read `{file}`"))?;
        for line in text.lines() {
            let case: Case = serde_json::from_str(line).with_context(|| format!("no case in `{file}`"))?;
            by_repo.entry(case.repo.clone()).or_default().push(case);
        }
    }
    let redactor = Redactor::new(&[])?;
    let mut output = Output::create(out)?;
    for (repo, cases) in by_repo {
        let mirror = cases[0].mirror.clone().unwrap_or(repo.clone());
        let objects = Objects::at(&find_clone(Path::new(repos), &mirror)?);
        let parsers = Parsers::here();
        let mut past =
            PastTrees::new(objects, &redactor, &parsers, Default::default(), limits::MAX_FILE_SIZE, false);
        let started = std::time::Instant::now();
        for case in &cases {
            measure(&mut past, &redactor, case, no_history, &mut output)?;
        }
        eprintln!("{repo}: {} cases in {:.1} s", cases.len(), started.elapsed().as_secs_f64());
    }
    Ok(())
}

fn measure(
    past: &mut PastTrees,
    redactor: &Redactor,
    case: &Case,
    no_history: bool,
    output: &mut Output,
) -> Result<()> {
    past.load(&[&case.base_commit], &|_| {}, &|| {})?;
    let tree = past.tree(&case.base_commit);
    let history = if no_history { History::default() } else { past.history(&case.base_commit) };
    let goal = redactor.text(&case.goal);
    let started = std::time::Instant::now();
    let measured = Measured::of(&tree, &history, &goal);
    let ranked = rank::order(&tree, &measured, rank::Hints::default());
    let seconds = started.elapsed().as_secs_f64();
    let path = |file: u32| tree.files[file as usize].facts.path.as_str();
    let places: HashMap<&str, usize> =
        ranked.iter().enumerate().map(|(place, entry)| (path(entry.file), place + 1)).collect();
    let symbols: Vec<String> = match &case.gold_symbols {
        Some(_) => rank::symbols_in(&tree, &goal, &measured, &ranked, SYMBOLS)
            .iter()
            .map(|found| {
                let outline = &tree.files[found.file as usize].content().outline;
                format!("{}::{}", path(found.file), outline.qualified_name(found.symbol as usize))
            })
            .collect(),
        None => Vec::new(),
    };
    let mut rows = measured.candidates(&tree);
    let judged = rows.len();
    for gold in &case.gold {
        let place = tree.files.binary_search_by(|file| file.facts.path.as_str().cmp(gold));
        if let Ok(file) = place
            && !rows.contains(&(file as u32))
        {
            rows.push(file as u32);
        }
    }
    let names: Vec<String> =
        SIGNALS.iter().map(|(signal, _, _)| format!("{signal:?}")).chain(["Base".to_owned()]).collect();
    let line = serde_json::json!({
        "id": case.id, "repo": case.repo, "kind": case.kind, "language": case.language,
        "gold": case.gold, "gold_symbols": case.gold_symbols, "symbols": symbols,
        "gold_ranks": case.gold.iter().map(|gold| places.get(gold.as_str())).collect::<Vec<_>>(),
        "ranked": ranked.iter().take(20).map(|entry| path(entry.file)).collect::<Vec<_>>(),
        "judged": judged, "secs": seconds, "files": tree.files.len(), "signals": names,
        "weights": WEIGHTS.map(|(signal, weight)| (format!("{signal:?}"), weight)),
        "rows": rows.iter().map(|file| path(*file)).collect::<Vec<_>>(), "offset": output.rows,
    });
    writeln!(output.lines, "{line}")?;
    for file in &rows {
        for value in measured.row(*file as usize) {
            output.values.write_all(&(value as f32).to_le_bytes())?;
        }
    }
    output.rows += rows.len();
    Ok(())
}

/// `OUT.jsonl` and `OUT.f32`, as `train.py` reads them.
struct Output {
    lines: std::fs::File,
    values: std::io::BufWriter<std::fs::File>,
    rows: usize,
}

impl Output {
    fn create(stem: &str) -> Result<Self> {
        let lines = std::fs::File::create(format!("{stem}.jsonl"))?;
        let values = std::io::BufWriter::new(std::fs::File::create(format!("{stem}.f32"))?);
        Ok(Self { lines, values, rows: 0 })
    }
}

/// `OWNER+NAME/repo`, `OWNER+NAME`, `OWNER/NAME`, bare or with a work tree.
fn find_clone(repos: &Path, name: &str) -> Result<PathBuf> {
    let plus = name.replace('/', "+");
    let places = [format!("{plus}/repo"), plus, name.to_owned(), format!("{name}.git")];
    places
        .iter()
        .flat_map(|place| [repos.join(place), repos.join(place).join(".git")])
        .find(|place| place.join("objects").is_dir())
        .ok_or_else(|| anyhow!("no clone of `{name}` in `{}`", repos.display()))
}
