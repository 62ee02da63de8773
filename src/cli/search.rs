//! `waypost search` and `context`: one query over records and code.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::output_file::{OutputFile, PastedOutput};
use super::path_arguments::GlobArguments;
use super::streams::input;
use super::{CommandOutcome, Out};
use crate::app::path_filter::PathFilter;
use crate::app::search::{self, ContextRequest, HitReport, Namesake, Rank, Report, Request};
use crate::app::search_eval::{self, Questions};
use crate::app::{App, Result};
use crate::visible;

/// Arguments of `waypost search`.
#[derive(Args)]
pub struct SearchArguments {
    /// Words, paths, names, "quoted phrases", beginnings*; any text is a question
    #[arg(value_name = "QUERY", allow_hyphen_values = true)]
    query: Option<OsString>,
    /// More words of it
    #[arg(value_name = "WORDS")]
    more: Vec<OsString>,
    /// Where to look
    #[arg(long = "in", value_name = "SOURCES", value_delimiter = ',', default_value = "records,code,files")]
    sources: Vec<SearchIn>,
    /// At most so many, the best first
    #[arg(long, value_name = "N", default_value_t = 10)]
    limit: usize,
    /// Whole files instead of the lines that answer
    #[arg(long)]
    files: bool,
    /// Search the records of all projects on the team's server that you may see
    #[cfg(feature = "team")]
    #[arg(long, conflicts_with_all = ["sources", "files", "languages", "globs", "include", "exclude"])]
    team: bool,
    /// The paths alone, each once
    #[arg(short = 'l', long = "files-with-matches", conflicts_with_all = ["counts", "explain"])]
    paths: bool,
    /// For each path, how many of its places are among the hits
    #[arg(short = 'c', long = "count", id = "counts", conflicts_with = "explain")]
    counts: bool,
    #[command(flatten)]
    narrow: NarrowArguments,
    #[command(flatten)]
    pub output: OutputFile,
    /// Say why each one stands where it stands
    #[arg(long)]
    explain: bool,
    #[command(flatten)]
    measure: MeasureArguments,
}

/// Which files may answer.
#[derive(Args)]
struct NarrowArguments {
    /// Only files in this language, and records about such; several times
    #[arg(long = "lang", value_name = "LANG")]
    languages: Vec<String>,
    /// Only files that match this glob, as --include
    #[arg(long = "path", value_name = "GLOB")]
    globs: Vec<String>,
    #[command(flatten)]
    filter: GlobArguments,
}

/// Which questions with known answers to measure by, if any.
#[derive(Args)]
struct MeasureArguments {
    /// Measure search by questions with known answers: one JSON object a line with
    /// `query`, `relevant` (paths or records) and `kind`; `-` for standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["query", "from_docs"])]
    eval: Option<PathBuf>,
    /// Measure it by this project's own doc comments and commit subjects
    #[arg(long, conflicts_with = "query")]
    from_docs: bool,
}

/// Arguments of `waypost context`.
#[derive(Args)]
pub struct ContextArguments {
    /// Words, paths, names, "quoted phrases", beginnings*; any text is a question
    #[arg(value_name = "QUERY", allow_hyphen_values = true)]
    query: Option<OsString>,
    /// More words of it
    #[arg(value_name = "WORDS")]
    more: Vec<OsString>,
    /// Tokens (o200k_base) that the pack does not exceed, wrapper included
    #[arg(long, value_name = "N", default_value_t = 2_000)]
    budget: usize,
    #[arg(long, value_name = "FORMAT", default_value = "xml")]
    format: HitForm,
    #[command(flatten)]
    pub output: PastedOutput,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SearchIn {
    Records,
    Code,
    Files,
}

#[derive(Clone, Copy, ValueEnum)]
enum HitForm {
    Xml,
    Md,
    Json,
}

impl SearchIn {
    fn source(self) -> search::SearchScope {
        match self {
            SearchIn::Records => search::SearchScope::Records,
            SearchIn::Code => search::SearchScope::Code,
            SearchIn::Files => search::SearchScope::Files,
        }
    }
}

impl NarrowArguments {
    fn filter(&self) -> PathFilter {
        let mut filter = self.filter.filter(&self.languages);
        filter.include.extend(self.globs.iter().cloned());
        filter
    }
}

fn question(first: &Option<OsString>, more: &[OsString]) -> String {
    first.iter().chain(more).map(|part| part.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Prints the time by stage, for `--verbose`.
pub(super) fn print_timings(timings: &[(&'static str, Duration)], out: &Out) {
    let stage = |(stage, took): &(&str, Duration)| format!("{stage} {:.1} ms", took.as_secs_f64() * 1e3);
    out.detail(&timings.iter().map(stage).collect::<Vec<_>>().join(", "));
}

/// Prints the hits, or how well questions are answered; exit code 1 where there are none.
pub fn search(app: &App, arguments: &SearchArguments, out: &Out) -> Result<CommandOutcome> {
    let questions = match &arguments.measure.eval {
        Some(file) => {
            Some(Questions::List { text: app.read_questions(input(file))?, file: Some(file.clone()) })
        }
        None => arguments.measure.from_docs.then_some(Questions::Project),
    };
    if let Some(questions) = questions {
        return evaluate(app, &questions, out);
    }
    let request = Request {
        query: question(&arguments.query, &arguments.more),
        sources: arguments.sources.iter().map(|source| source.source()).collect(),
        limit: arguments.limit,
        whole_files: arguments.files,
        filter: arguments.narrow.filter(),
    };
    let report = answer(app, arguments, &request)?;
    print_timings(&report.timings, out);
    match out.json {
        true => out.object(&report)?,
        false if arguments.paths || arguments.counts => print_paths(&report, arguments.counts, out)?,
        false => print(&report, arguments.explain, out)?,
    }
    // As grep does.
    Ok(if report.hits.is_empty() { CommandOutcome::Finding } else { CommandOutcome::Done })
}

#[cfg(not(feature = "team"))]
fn answer(app: &App, _: &SearchArguments, request: &Request) -> Result<Report> {
    search::search(app, request)
}

#[cfg(feature = "team")]
fn answer(app: &App, arguments: &SearchArguments, request: &Request) -> Result<Report> {
    match arguments.team {
        true => crate::app::team::search(app, request),
        false => search::search(app, request),
    }
}

fn evaluate(app: &App, questions: &Questions, out: &Out) -> Result<CommandOutcome> {
    let report = search_eval::evaluate(app, questions)?;
    if out.json {
        out.object(&report)?;
        return Ok(CommandOutcome::Done);
    }
    let row = |kind: &str, questions: usize, ndcg: f64, empty: usize, weak: usize| {
        format!("{kind:<16}{questions:>10}{ndcg:>10.3}{empty:>10}{weak:>10}")
    };
    out.line(&format!("{:<16}{:>10}{:>10}{:>10}{:>10}", "kind", "questions", "NDCG@10", "nothing", "weak"))?;
    for kind in &report.kinds {
        out.line(&row(&kind.kind, kind.questions, kind.ndcg, kind.empty, kind.weak))?;
    }
    out.line(&row("all", report.questions, report.ndcg, report.empty, report.weak))?;
    out.said(&format!("95 % interval of all: {:.3} to {:.3}", report.low, report.high))?;
    for worst in &report.worst {
        let found = if worst.found.is_empty() { "nothing".to_string() } else { worst.found.join(", ") };
        out.said(&format!("{:.2}  {}", worst.ndcg, worst.query.lines().next().unwrap_or_default()))?;
        out.said(&format!("      is in {}; found {found}", worst.relevant.join(", ")))?;
    }
    Ok(CommandOutcome::Done)
}

fn print(report: &Report, explain: bool, out: &Out) -> Result<()> {
    if let Some(problem) = report.team.as_ref().and_then(|team| team.problem.as_ref()) {
        out.note(&format!("answered from this machine: {}", visible::line(problem)));
    }
    for hit in &report.hits {
        let shown = Shown::of(hit);
        out.line(&format!("{:<6}  {}{}", shown.kind, shown.place, shown.marks))?;
        if !shown.snippet.is_empty() {
            out.line(&format!("        {}", shown.snippet))?;
        }
        if explain {
            out.line(&format!("        {:.3}: {}", shown.rank.score, shown.rank.why.join("; ")))?;
        }
    }
    if !report.is_fresh {
        out.note(&format!("index: {}", report.freshness));
    }
    match (report.hits.is_empty(), report.quality) {
        (true, _) => out.note("nothing found"),
        (false, search::PackQuality::Weak) => out.note("nothing answers this well"),
        _ => {}
    }
    Ok(())
}

/// Each path once, in the order of its best place; with `counts` how many places it has.
fn print_paths(report: &Report, counts: bool, out: &Out) -> Result<()> {
    let mut paths: Vec<(&str, usize)> = Vec::new();
    for (path, places) in report.hits.iter().map(HitReport::places) {
        match paths.iter_mut().find(|(known, _)| *known == path) {
            Some((_, known)) => *known += places,
            None => paths.push((path, places)),
        }
    }
    for (path, places) in paths {
        let told = if counts { format!("{path}:{places}") } else { path.to_string() };
        out.line(&told)?;
    }
    Ok(())
}

/// The fields that every kind of hit shows.
struct Shown<'a> {
    kind: &'static str,
    place: &'a str,
    /// Warnings about the hit, such as its status.
    marks: String,
    snippet: &'a str,
    rank: &'a Rank,
}

impl<'a> Shown<'a> {
    fn of(hit: &'a HitReport) -> Self {
        match hit {
            HitReport::Record(hit) => {
                let project = hit.project.iter().map(|project| format!("  in {}", visible::line(project)));
                let marks = project.chain(hit.marks().map(|mark| format!("  [{mark}]"))).collect();
                Self { kind: "record", place: &hit.place, marks, snippet: &hit.snippet, rank: &hit.rank }
            }
            HitReport::Symbol(hit) => {
                let marks = if hit.also.is_empty() { String::new() } else { also(&hit.also) };
                Self { kind: "symbol", place: &hit.place, marks, snippet: &hit.snippet, rank: &hit.rank }
            }
            HitReport::File(hit) => {
                let (place, snippet) = (&hit.place, &hit.snippet);
                let marks = if hit.also.is_empty() { String::new() } else { also(&hit.also) };
                Self { kind: "file", place, marks, snippet, rank: &hit.rank }
            }
        }
    }
}

/// How many other places of a file are shown.
const SHOWN: usize = 8;

/// Lists other places of the same file, the first few if there are many.
fn also(others: &[Namesake]) -> String {
    let lines: Vec<String> =
        others.iter().take(SHOWN).map(|other| format!("{}-{}", other.line, other.end_line)).collect();
    let more = match others.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("  (also {}{more})", lines.join(", "))
}

/// Prints a pack of evidence within the budget.
pub fn context(app: &App, arguments: &ContextArguments, out: &Out) -> Result<CommandOutcome> {
    let request = ContextRequest {
        query: question(&arguments.query, &arguments.more),
        budget: arguments.budget,
        format: match arguments.format {
            HitForm::Xml => search::PackFormat::Xml,
            HitForm::Md => search::PackFormat::Markdown,
            HitForm::Json => search::PackFormat::Json,
        },
    };
    let report = search::context(app, &request)?;
    print_timings(&report.timings, out);
    match out.json {
        true => out.object(&report)?,
        false => out.raw(&report.pack)?,
    }
    Ok(CommandOutcome::Done)
}
