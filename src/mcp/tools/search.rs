//! `search`: places and records, as the code is now.

use super::answer;
use super::arguments::ToolArguments;
use crate::app::path_filter::PathFilter;
use crate::app::search::{self, HitReport, Namesake, PackQuality, Report, Request, SearchScope};
use crate::app::{App, Error, Result};
use crate::mcp::message::shortened;

const DEFAULT_LIMIT: u64 = 10;
const MOST: u64 = 100;

/// Answers `search` with the best hits, within the budget.
pub fn call(app: &App, arguments: &ToolArguments) -> Result<String> {
    let request = Request {
        query: arguments.required_text("query")?.to_string(),
        sources: sources(&arguments.texts("in")?)?,
        whole_files: false,
        filter: PathFilter::default(),
        limit: arguments.number("limit")?.unwrap_or(DEFAULT_LIMIT).clamp(1, MOST) as usize,
    };
    let (budget, is_json) = (arguments.budget()?, arguments.wants_json()?);
    let report = search::search(app, &request)?;
    match is_json {
        true => answer::json_within(budget, report, &|report| report.hits.pop().is_some()),
        false => {
            let end = format!("index: {}", report.freshness);
            answer::within(budget, &lines(&report), &end, "raise `budget`, or ask for something narrower")
        }
    }
}

fn sources(names: &[&str]) -> Result<Vec<SearchScope>> {
    let all = ["records", "code", "files"];
    let names: Vec<&str> = names.iter().flat_map(|names| names.split(',')).map(str::trim).collect();
    let source = |name: &&str| match *name {
        "records" => Ok(SearchScope::Records),
        "code" => Ok(SearchScope::Code),
        "files" => Ok(SearchScope::Files),
        other => Err(Error::new(format!("`in` knows records, code and files, not `{}`", shortened(other)))),
    };
    if names.is_empty() { all.iter().map(source).collect() } else { names.iter().map(source).collect() }
}

fn lines(report: &Report) -> Vec<String> {
    let mut lines = Vec::new();
    for read in &report.read_as {
        lines.push(format!("`{}` was read as {}", read.word, read.read_as.join(", ")));
    }
    if report.hits.is_empty() {
        lines.push(format!("nothing found for `{}`", shortened(&report.query)));
    }
    if !report.hits.is_empty() && report.quality == PackQuality::Weak {
        lines.push("nothing answers this well; the nearest:".to_string());
    }
    for hit in &report.hits {
        let (first, snippet) = told(hit);
        lines.push(first);
        if !snippet.is_empty() {
            lines.push(format!("    {snippet}"));
        }
    }
    lines
}

/// Where a hit is, and the line that says most.
fn told(hit: &HitReport) -> (String, &str) {
    match hit {
        HitReport::Record(hit) => {
            let marks: String = hit.marks().map(|mark| format!(" [{mark}]")).collect();
            (format!("{}:1 {}: {}{marks}", hit.path, hit.record_kind, hit.title), &hit.snippet)
        }
        HitReport::Symbol(hit) => {
            (format!("{} {}{}", hit.place, hit.symbol_kind, also(&hit.also)), &hit.snippet)
        }
        HitReport::File(hit) => (format!("{}{}", hit.place, also(&hit.also)), &hit.snippet),
    }
}

/// Lines of other places in the file, some of many.
fn also(others: &[Namesake]) -> String {
    const SHOWN: usize = 8;
    if others.is_empty() {
        return String::new();
    }
    let spans = others.iter().take(SHOWN).map(|other| format!(":{}-{}", other.line, other.end_line));
    let more = others.len().saturating_sub(SHOWN);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!(" (also {}{more})", spans.collect::<Vec<_>>().join(", "))
}
