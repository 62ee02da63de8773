//! `waypost search` and `context`: one query over records and code.

use std::ffi::OsString;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::{Global, Out, Outcome, open};
use crate::memory::{Record, State, Verdict};
use crate::pipeline::{self, Context, Timings};
use crate::records::Book;
use crate::render::tokens;
use crate::search::{self, Cited, Format, Found, Freshness, Hit, Query, Source};
use crate::store::CodeHit;

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
    sources: Vec<In>,
    /// At most so many, the best first
    #[arg(long, value_name = "N", default_value_t = 10)]
    limit: usize,
    /// Say why each one stands where it stands
    #[arg(long)]
    explain: bool,
}

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
    format: As,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum In {
    Records,
    Code,
    Files,
}

#[derive(Clone, Copy, ValueEnum)]
enum As {
    Xml,
    Md,
    Json,
}

/// Lines of others of one name that are shown.
const SHOWN: usize = 8;

/// Answers repeat the question, so what is secret in it goes first.
fn question(context: &Context, first: &Option<OsString>, more: &[OsString]) -> String {
    let asked = first.iter().chain(more).map(|part| part.to_string_lossy()).collect::<Vec<_>>().join(" ");
    context.redactor.text(&asked).to_string()
}

/// The memory and the index as they are, as far as they can be brought there,
/// and how many files they lack.
fn current<'a>(
    context: &'a Context,
    timings: &mut Timings,
    out: &Out,
) -> anyhow::Result<(Book<'a>, Option<usize>)> {
    let mut book = open::book_to_ask(context, out)?;
    timings.end("memory");
    let behind = search::refresh(context, book.store_mut())?;
    timings.end("index");
    Ok((book, behind))
}

/// Where the time went, for `--verbose`. Not part of an answer, which is the
/// same for the same question.
fn tell_timings(timings: &Timings, out: &Out) {
    let stage =
        |(stage, took): &(&str, std::time::Duration)| format!("{stage} {:.1} ms", took.as_secs_f64() * 1e3);
    out.detail(&timings.stages().iter().map(stage).collect::<Vec<_>>().join(", "));
}

pub fn search(global: &Global, arguments: &SearchArguments, out: &Out) -> anyhow::Result<Outcome> {
    let mut timings = Timings::start();
    let context = open::context(global, out)?;
    timings.end("open");
    let (book, behind) = current(&context, &mut timings, out)?;
    let store = book.store();
    let query = Query::new(store, &question(&context, &arguments.query, &arguments.more))?;
    let sources: Vec<Source> = arguments
        .sources
        .iter()
        .map(|source| match source {
            In::Records => Source::Records,
            In::Code => Source::Code,
            In::Files => Source::Files,
        })
        .collect();
    let mut hits = search::search(store, &query, &sources, arguments.limit)?;
    timings.end("query");
    let (cited, freshness) = Cited::new(&book, behind, &mut hits)?;
    let rows = hits.iter().map(|hit| row(&cited, &query, hit)).collect::<anyhow::Result<Vec<_>>>()?;
    timings.end("cited");
    tell_timings(&timings, out);
    if out.json {
        let stands_in: Vec<Value> = query
            .terms
            .iter()
            .filter_map(|term| {
                let misspelt = term.misspelt.as_ref()?;
                let by: Vec<&String> = term.asked.iter().map(|(word, _)| word).collect();
                Some(json!({ "word": misspelt, "read_as": by }))
            })
            .collect();
        out.object(
            &json!({ "query": query.text, "freshness": freshness.to_string(), "read_as": stands_in, "hits": rows }),
        )?;
        return Ok(Outcome::Done);
    }
    for (hit, row) in hits.iter().zip(&rows) {
        let text = |key: &str| row[key].as_str().unwrap_or_default().to_string();
        let mut line = format!("{:<6}  {}", text("kind"), text("place"));
        for mark in [text("status"), text("state")] {
            if !mark.is_empty() && mark != "accepted" && mark != "fresh" {
                line.push_str(&format!("  [{mark}]"));
            }
        }
        if !hit.also.is_empty() {
            line.push_str(&format!("  {}", also(&hit.also)));
        }
        out.line(&line)?;
        if !text("snippet").is_empty() {
            out.line(&format!("        {}", text("snippet")))?;
        }
        if arguments.explain {
            out.line(&format!("        {:.3}: {}", hit.score, hit.why.join("; ")))?;
        }
    }
    if freshness != Freshness::Fresh {
        out.note(&format!("index: {freshness}"));
    }
    if hits.is_empty() {
        out.note("nothing found");
    }
    Ok(Outcome::Done)
}

/// Lines of others of the name in the file, some of many.
fn also(others: &[CodeHit]) -> String {
    let lines: Vec<String> = others.iter().take(SHOWN).map(|other| other.line.to_string()).collect();
    let more = match others.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("(also {}{more})", lines.join(", "))
}

fn row(cited: &Cited, query: &Query, hit: &Hit) -> anyhow::Result<Value> {
    let why = &hit.why;
    let score = (hit.score * 1e6).round() / 1e6;
    let coverage = (hit.coverage * 1e3).round() / 1e3;
    Ok(match &hit.found {
        Found::Record(found) => {
            let record = &found.record;
            let state = worst(&cited.verdicts(record)?);
            let title = super::record_view::title(record);
            json!({
                "kind": "record",
                "id": record.id,
                "place": format!("{}  {}: {title}", record.id, record.kind.name()),
                "record_kind": record.kind.name(),
                "title": title,
                "slug": record.slug,
                "status": record.status.name(),
                "state": state.map(State::name),
                "path": format!("{}/memory/{}", crate::project::FOLDER, found.file),
                "line": null,
                "snippet": snippet(query, record),
                "score": score,
                "coverage": coverage,
                "why": why,
            })
        }
        Found::Symbol(found) => json!({
            "kind": "symbol",
            "place": format!("{}:{}", found.path, found.line),
            "path": found.path,
            "line": found.line,
            "end_line": found.end_line,
            "symbol": found.symbol,
            "symbol_kind": found.kind,
            "snippet": found.signature,
            "also": hit.also.iter().map(other).collect::<Vec<_>>(),
            "score": score,
            "coverage": coverage,
            "why": why,
        }),
        Found::File(found) => {
            // The line is read now: the index holds words, no lines.
            let text = cited.text(&found.path)?;
            let best = text.and_then(|text| search::best_line(query, text.as_str()));
            let (line, snippet) = best.map_or((None, String::new()), |(line, text)| (Some(line), text));
            let place = line.map_or(found.path.to_string(), |line| format!("{}:{line}", found.path));
            json!({
                "kind": "file",
                "place": place,
                "path": found.path,
                "line": line,
                "snippet": snippet.chars().take(160).collect::<String>(),
                "score": score,
                "coverage": coverage,
                "why": why,
            })
        }
    })
}

/// Another symbol of the same name and file.
fn other(found: &CodeHit) -> Value {
    json!({
        "place": format!("{}:{}", found.path, found.line),
        "line": found.line,
        "end_line": found.end_line,
        "symbol": found.symbol,
        "symbol_kind": found.kind,
    })
}

fn worst(verdicts: &[Verdict]) -> Option<State> {
    verdicts.iter().map(|verdict| verdict.state).max()
}

/// The line of a record below its title that says most of the question.
fn snippet(query: &Query, record: &Record) -> String {
    let lines = record.words().into_iter().map(|text| search::best_line(query, text.as_str()));
    let first = lines.flatten().map(|(_, line)| line).next().unwrap_or_default();
    first.chars().take(160).collect()
}

pub fn context(global: &Global, arguments: &ContextArguments, out: &Out) -> anyhow::Result<Outcome> {
    tokens::warm_up();
    let mut timings = Timings::start();
    let context = open::context(global, out)?;
    timings.end("open");
    let (book, behind) = current(&context, &mut timings, out)?;
    let store = book.store();
    let query = Query::new(store, &question(&context, &arguments.query, &arguments.more))?;
    let mut hits =
        search::search(store, &query, &[Source::Records, Source::Code, Source::Files], search::MOST)?;
    let format = match arguments.format {
        As::Xml => Format::Xml,
        As::Md => Format::Markdown,
        As::Json => Format::Json,
    };
    timings.end("query");
    let (cited, freshness) = Cited::new(&book, behind, &mut hits)?;
    let freshness = freshness.to_string();
    let pack = search::pack(&context, &cited, &query, &hits, (arguments.budget, format, &freshness))?;
    timings.end("pack");
    tell_timings(&timings, out);
    let pack = pack.map_err(|small| anyhow::anyhow!("{small}\nhint: raise `--budget`"))?;
    pipeline::last_look(&context, "the context pack", &pack.text)?;
    if !out.json {
        out.raw(&pack.text)?;
        return Ok(Outcome::Done);
    }
    out.object(&json!({
        "query": query.text,
        "quality": pack.quality,
        "freshness": freshness,
        "budget": arguments.budget,
        "tokens": pack.tokens,
        "used": pack.used,
        "omitted": pack.omitted,
        "needed": pack.needed,
        "folded": pack.folded,
        "pack": pack.text,
    }))?;
    Ok(Outcome::Done)
}
