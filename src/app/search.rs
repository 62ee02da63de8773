//! One query over records and code: as a list of places, or as evidence within
//! a budget.

use std::collections::BTreeSet;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use super::path_filter::PathFilter;
use super::record::{file_of, title};
use super::{App, Error, Result};
use crate::config::MemoryUse;
use crate::memory::{AnchorState, Record, RecordStatus};
use crate::model::RelPath;
use crate::pipeline::{self, Context, Timings};
use crate::records::{self, RecordStore};
use crate::render::tokens;
use crate::search::{self, CitationFreshness, Cited, Hit, HitKind, IndexLag, Query};
use crate::store::{CodeHit, Store};

pub use crate::search::{PackFormat, PackQuality, SearchScope};

/// A query, and where to search.
#[derive(Clone, Debug)]
pub struct Request {
    pub query: String,
    pub sources: Vec<SearchScope>,
    /// Return at most this many hits, the best first.
    pub limit: usize,
    /// Tell files as a whole instead of the lines that answer.
    pub whole_files: bool,
    /// Only files that pass, and records about those.
    pub filter: PathFilter,
}

/// A question to answer with evidence.
#[derive(Clone, Debug)]
pub struct ContextRequest {
    pub query: String,
    /// Maximum size of the pack in tokens, wrapper included.
    pub budget: usize,
    pub format: PackFormat,
}

/// The hits, best first, and how current the index was.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Report {
    /// The query after redaction, as it was searched for.
    pub query: String,
    /// `fresh`, `stale(n files)` or `partial(reason)`.
    pub freshness: String,
    /// How well the best hit covers the question: `strong`, `partial`, or `weak`
    /// where nothing answers it.
    pub quality: PackQuality,
    /// Misspelt words, and what they were read as.
    pub read_as: Vec<ReadAs>,
    pub hits: Vec<HitReport>,
    #[serde(skip)]
    pub is_fresh: bool,
    /// Who answered a question to the team.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<TeamAnswer>,
    /// Time by stage. Not part of the JSON, which is the same for the same
    /// question.
    #[serde(skip)]
    pub timings: Vec<(&'static str, Duration)>,
}

/// Whether a team's server answered; where it did not, this machine's records did.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TeamAnswer {
    /// `ROLE@HOST:PORT/DATABASE`.
    pub server: String,
    pub answered: bool,
    pub problem: Option<String>,
    /// Projects with records that this role may see.
    pub projects: u64,
}

/// A word that nothing holds, and the words it was taken for.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ReadAs {
    pub word: String,
    pub read_as: Vec<String>,
}

/// One hit. Its places refer to the current tree.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum HitReport {
    Record(RecordHitReport),
    Symbol(SymbolHit),
    File(FileHit),
}

/// A record that answers the query.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RecordHitReport {
    pub id: String,
    pub place: String,
    pub record_kind: &'static str,
    pub title: String,
    pub slug: Option<String>,
    pub status: RecordStatus,
    /// The worst of its anchors.
    pub state: Option<AnchorState>,
    pub path: String,
    pub line: Option<u32>,
    pub snippet: String,
    /// Its project at the team's server, for one that was found there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    #[serde(flatten)]
    pub rank: Rank,
}

/// A declaration that answers the query.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SymbolHit {
    pub place: String,
    pub path: RelPath,
    pub line: u32,
    pub end_line: u32,
    pub symbol: Option<String>,
    pub symbol_kind: String,
    pub snippet: String,
    /// Other declarations of the same name in the file, or its next best places.
    pub also: Vec<Namesake>,
    #[serde(flatten)]
    pub rank: Rank,
}

/// A file that answers the query by its path or content.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FileHit {
    pub place: String,
    pub path: RelPath,
    /// The lines that answer best; none of a whole file.
    pub line: Option<u32>,
    pub end_line: Option<u32>,
    pub snippet: String,
    /// Its next best places.
    pub also: Vec<Namesake>,
    #[serde(flatten)]
    pub rank: Rank,
}

/// Score and reasons of a hit.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Rank {
    pub score: f64,
    /// The share of the query's weight that the hit covers, from 0 to 1.
    pub coverage: f64,
    /// The reasons in words, the weightiest first.
    pub why: Vec<String>,
}

/// Another place in the same file: a declaration of the same name, or lines that
/// answer too.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Namesake {
    pub place: String,
    pub line: u32,
    pub end_line: u32,
    pub symbol: Option<String>,
    pub symbol_kind: String,
}

/// A pack of evidence, with its size in tokens and what was left out of it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ContextReport {
    pub query: String,
    pub quality: PackQuality,
    pub freshness: String,
    pub budget: usize,
    pub tokens: usize,
    /// How many pieces of evidence the pack has, and how many it left out.
    pub used: usize,
    pub omitted: usize,
    /// Tokens that a pack with all the evidence would take.
    pub needed: usize,
    pub folded: usize,
    pub pack: String,
    /// Time by stage.
    #[serde(skip)]
    pub timings: Vec<(&'static str, Duration)>,
}

/// Brings the index up to date and answers one query over records, symbols and files.
pub fn search(app: &App, request: &Request) -> Result<Report> {
    request.filter.check()?;
    let mut timings = Timings::start();
    let context = app.context()?;
    timings.end("open");
    let question = question(&context, &request.query);
    let (mut record_store, lag) = current(app, &context, &question, &mut timings)?;
    let store = record_store.store();
    let mut query = Query::new(store, &question)?;
    let mut hits = match request.filter.is_empty() {
        true => found(app, &context, store, &query, (&request.sources, request.limit))?,
        false => {
            query.within = Some(places_within(store, &request.filter)?);
            let mut hits = found(app, &context, store, &query, (&request.sources, MOST_FILTERED))?;
            keep_records_about(&request.filter, &mut hits);
            hits.truncate(request.limit);
            hits
        }
    };
    timings.end("query");
    let quality = PackQuality::of(search::best_coverage(&hits));
    if request.whole_files {
        search::whole_files(&mut hits);
    }
    let (cited, freshness) = Cited::new(&record_store, lag, &mut hits)?;
    let hits: Vec<HitReport> =
        hits.iter().map(|hit| hit_report(&cited, &query, hit)).collect::<Result<_>>()?;
    let shown = hits.iter().filter_map(|hit| match hit {
        HitReport::Record(record) => Some(record.id.as_str()),
        _ => None,
    });
    record_store.note_recall(&shown.collect::<Vec<_>>());
    let found: Vec<&str> = hits.iter().map(HitReport::id).collect();
    record_store.note_question(&query.text, &found);
    timings.end("cited");
    Ok(Report {
        freshness: freshness.to_string(),
        quality,
        read_as: read_as(&query),
        query: query.text,
        hits,
        is_fresh: freshness == CitationFreshness::Fresh,
        team: None,
        timings: timings.stages().to_vec(),
    })
}

/// Packs the best evidence for a question into a budget of tokens; fails if the budget is too small
/// for any pack.
pub fn context(app: &App, request: &ContextRequest) -> Result<ContextReport> {
    tokens::warm_up();
    let mut timings = Timings::start();
    let context = app.context()?;
    timings.end("open");
    let question = question(&context, &request.query);
    let (mut record_store, lag) = current(app, &context, &question, &mut timings)?;
    let store = record_store.store();
    let query = Query::new(store, &question)?;
    let sources = [SearchScope::Records, SearchScope::Code, SearchScope::Files];
    let mut hits = found(app, &context, store, &query, (&sources, search::MOST))?;
    timings.end("query");
    let (cited, freshness) = Cited::new(&record_store, lag, &mut hits)?;
    let freshness = freshness.to_string();
    let asked = (request.budget, request.format, freshness.as_str());
    let pack = search::pack(&context, &cited, &query, &hits, asked)?;
    timings.end("pack");
    let pack = pack.map_err(|small| Error::new(small.to_string()).with_hint("raise `--budget`"))?;
    pipeline::leak_scan(&context, "the context pack", &pack.text)?;
    let shown = hits.iter().filter_map(|hit| match &hit.found {
        HitKind::Record(found) => Some(found.record.id.as_str()),
        _ => None,
    });
    record_store.note_recall(&shown.filter(|id| pack.text.contains(*id)).collect::<Vec<_>>());
    Ok(ContextReport {
        query: query.text,
        quality: pack.quality,
        freshness,
        budget: request.budget,
        tokens: pack.tokens,
        used: pack.used,
        omitted: pack.omitted,
        needed: pack.needed,
        folded: pack.folded,
        pack: pack.text,
        timings: timings.stages().to_vec(),
    })
}

impl Rank {
    pub(super) fn of(hit: &Hit) -> Self {
        let rounded = |number: f64, digits: f64| (number * digits).round() / digits;
        Self { score: rounded(hit.score, 1e6), coverage: rounded(hit.coverage, 1e3), why: hit.why.clone() }
    }
}

impl HitReport {
    /// Its path, and how many places of it are told.
    pub fn places(&self) -> (&str, usize) {
        match self {
            HitReport::Record(hit) => (&hit.path, 1),
            HitReport::Symbol(hit) => (hit.path.as_str(), 1 + hit.also.len()),
            HitReport::File(hit) => (hit.path.as_str(), 1 + hit.also.len()),
        }
    }

    /// What it is known by: the id of a record, else its place.
    fn id(&self) -> &str {
        match self {
            HitReport::Record(hit) => &hit.id,
            HitReport::Symbol(hit) => &hit.place,
            HitReport::File(hit) => &hit.place,
        }
    }
}

impl RecordHitReport {
    /// What has to be told of the record wherever it is shown: that it is not in
    /// force, and that its code has changed.
    pub fn marks(&self) -> impl Iterator<Item = &'static str> {
        let status = (!self.status.is_accepted()).then(|| self.status.name());
        let state = self.state.filter(|state| !state.is_fresh()).map(AnchorState::name);
        status.into_iter().chain(state)
    }
}

/// Hits that are looked through for records about files that pass.
const MOST_FILTERED: usize = 400;

/// Numbers of the indexed files that pass.
fn places_within(store: &Store, filter: &PathFilter) -> Result<BTreeSet<i64>> {
    let places = store.code_paths()?;
    let paths: Vec<&RelPath> = places.iter().map(|(_, path)| path).collect();
    Ok(filter.passing(&paths).into_iter().map(|at| places[at].0).collect())
}

/// Leaves out records that are anchored to no file that passes.
fn keep_records_about(filter: &PathFilter, hits: &mut Vec<Hit>) {
    hits.retain(|hit| {
        let HitKind::Record(found) = &hit.found else { return true };
        let paths: Vec<&RelPath> = found.record.anchors.iter().map(|anchor| &anchor.path).collect();
        !filter.passing(&paths).is_empty()
    });
}

/// What words find, and where they do not answer, the records that mean what is asked.
fn found(
    app: &App,
    context: &Context,
    store: &Store,
    query: &Query,
    (sources, limit): (&[SearchScope], usize),
) -> Result<Vec<Hit>> {
    let sources = scopes(context, sources);
    let mut hits = search::search(store, query, &sources, limit)?;
    if !search::is_asked_by_meaning(query, &sources, &hits) {
        return Ok(hits);
    }
    let Some(table) = records::table(context) else { return Ok(hits) };
    let missing = search::join_by_meaning(store, &table, (query, &sources), &mut hits, limit)?;
    if missing > 0 {
        app.warn(&format!(
            "{missing} records have no vector yet and were not compared by meaning\nhint: `waypost vectors rebuild`"
        ));
    }
    Ok(hits)
}

/// Without the records where the settings switch them off.
fn scopes(context: &Context, asked: &[SearchScope]) -> Vec<SearchScope> {
    let is_off = context.settings.memory_use() == MemoryUse::Off;
    asked.iter().copied().filter(|scope| !is_off || *scope != SearchScope::Records).collect()
}

/// Redacts the query, since answers repeat it.
fn question(context: &Context, asked: &str) -> String {
    context.redactor.text(asked).to_string()
}

/// Opens memory and index and brings them up to date as far as possible and as far as the
/// question waits for; returns what they lack.
fn current<'a>(
    app: &App,
    context: &'a Context,
    question: &str,
    timings: &mut Timings,
) -> Result<(RecordStore<'a>, IndexLag)> {
    let mut record_store = app.book_to_ask(context)?;
    timings.end("memory");
    // What is kept nowhere cannot be gone on with.
    let is_kept = context.project.database_file().exists();
    let lag = search::refresh(context, record_store.store_mut(), is_kept.then_some(question))?;
    timings.end("index");
    Ok((record_store, lag))
}

pub(super) fn read_as(query: &Query) -> Vec<ReadAs> {
    let misspelt = query.terms.iter().filter_map(|term| {
        let word = term.misspelt.clone()?;
        Some(ReadAs { word, read_as: term.asked.iter().map(|(word, _)| word.clone()).collect() })
    });
    misspelt.collect()
}

fn hit_report(cited: &Cited, query: &Query, hit: &Hit) -> Result<HitReport> {
    let rank = Rank::of(hit);
    Ok(match &hit.found {
        HitKind::Record(found) => HitReport::Record(record_hit(cited, query, found, rank)?),
        HitKind::Symbol(found) => HitReport::Symbol(SymbolHit {
            place: format!("{}:{}-{}", found.path, found.line, found.end_line),
            path: found.path.clone(),
            line: found.line,
            end_line: found.end_line,
            symbol: found.symbol.clone(),
            symbol_kind: found.kind.clone(),
            snippet: found.signature.clone(),
            also: hit.also.iter().map(namesake).collect(),
            rank,
        }),
        HitKind::File(found) => HitReport::File(file_hit(cited, query, hit, found, rank)?),
    })
}

fn record_hit(
    cited: &Cited,
    query: &Query,
    found: &crate::store::RecordHit,
    rank: Rank,
) -> Result<RecordHitReport> {
    let record = &found.record;
    let worst = cited.verdicts(record)?.iter().map(|verdict| verdict.state).max();
    let title = title(record);
    Ok(RecordHitReport {
        id: record.id.clone(),
        place: format!("{}  {}: {title}", record.id, record.kind.name()),
        record_kind: record.kind.name(),
        title,
        slug: record.slug.clone(),
        status: record.status,
        state: worst,
        path: file_of(&found.file),
        line: None,
        snippet: snippet(query, record),
        project: None,
        rank,
    })
}

/// Reports a file or lines of it. Where they moved since the index was made, and for the
/// snippet, they are looked for in the file as it is.
fn file_hit(cited: &Cited, query: &Query, hit: &Hit, found: &CodeHit, rank: Rank) -> Result<FileHit> {
    let text = cited.text(&found.path)?;
    let is_whole = found.kind == search::WHOLE_FILE;
    let asked = (found.line, found.end_line);
    let best = text.and_then(|text| search::best_line_in(query, text.as_str(), asked));
    let (line, snippet) = best.map_or((None, String::new()), |(line, text)| (Some(line as u32), text));
    let lines = if found.line > 0 { Some(asked) } else { line.map(|line| (line, line)) };
    let lines = lines.filter(|_| !is_whole);
    Ok(FileHit {
        place: lines.map_or(found.path.to_string(), |(first, last)| format!("{}:{first}-{last}", found.path)),
        path: found.path.clone(),
        line: lines.map(|(first, _)| first),
        end_line: lines.map(|(_, last)| last),
        snippet: snippet.chars().take(SNIPPET).collect(),
        also: hit.also.iter().map(namesake).collect(),
        rank,
    })
}

/// Characters of a snippet.
const SNIPPET: usize = 160;

fn namesake(found: &CodeHit) -> Namesake {
    Namesake {
        place: format!("{}:{}-{}", found.path, found.line, found.end_line),
        line: found.line,
        end_line: found.end_line,
        symbol: found.symbol.clone(),
        symbol_kind: found.kind.clone(),
    }
}

/// The line of a record, below its title, that covers most of the query.
pub(super) fn snippet(query: &Query, record: &Record) -> String {
    let lines = record.words().into_iter().map(|text| search::best_line(query, text.as_str()));
    let first = lines.flatten().map(|(_, line)| line).next().unwrap_or_default();
    first.chars().take(SNIPPET).collect()
}
