//! One question over the records of all projects that a role may see at a team's
//! server. Where that does not answer, the records of this machine do.

use super::link::Links;
use super::{PATIENCE, not_connected};
use crate::app::record::title;
use crate::app::search::{self, HitReport, Rank, RecordHitReport, Report, Request, TeamAnswer};
use crate::app::{App, Result};
use crate::memory;
use crate::pipeline::Context;
use crate::search::{self as search_stage, Hit, HitKind, PackQuality, Query, SearchScope};
use crate::store::postgres::{Setup, TeamIndex, TeamStore};

/// Searches the team's records; where the server does not answer, those that are
/// here, and the report says so.
pub fn search(app: &App, request: &Request) -> Result<Report> {
    let context = app.context()?;
    let link = Links::of(app, &context).here(&context).ok_or_else(not_connected)?;
    let question = context.redactor.text(&request.query).to_string();
    let address = link.address(app)?;
    let server = address.shown.clone();
    let asked = TeamStore::connect(&address, &link.project, Setup::Use, PATIENCE)
        .map_err(Into::into)
        .and_then(|team| there(&context, &team, &question, request.limit));
    match asked {
        Ok((mut report, projects)) => {
            report.team = Some(TeamAnswer { server, answered: true, problem: None, projects });
            Ok(report)
        }
        Err(error) => {
            let here = Request { sources: vec![SearchScope::Records], ..request.clone() };
            let mut report = search::search(app, &here)?;
            let problem = Some(error.message().to_string());
            report.team = Some(TeamAnswer { server, answered: false, problem, projects: 0 });
            Ok(report)
        }
    }
}

/// The server's answer, and how many projects it is from.
fn there(context: &Context, team: &TeamStore, question: &str, limit: usize) -> Result<(Report, u64)> {
    // What others send was redacted where they are, by rules that may know less.
    let read = |text: &str| memory::parse(text, &context.redactor).ok();
    let index = TeamIndex::new(team, &read, &search_stage::counted_words(question))?;
    let query = Query::new(&index, question)?;
    let hits = search_stage::search_records(&index, &query, limit)?;
    let quality = PackQuality::of(search_stage::best_coverage(&hits));
    let found = hits.iter().filter_map(|hit| told(context, &index, &query, hit)).collect();
    let report = Report {
        freshness: "as pushed".to_string(),
        quality,
        read_as: search::read_as(&query),
        query: query.text,
        hits: found,
        is_fresh: true,
        team: None,
        timings: Vec::new(),
    };
    Ok((report, index.totals.projects))
}

fn told(context: &Context, index: &TeamIndex, query: &Query, hit: &Hit) -> Option<HitReport> {
    let HitKind::Record(found) = &hit.found else { return None };
    let record = &found.record;
    let project = context.redactor.line(&index.project_of(&record.id)?).to_string();
    let title = title(record);
    Some(HitReport::Record(RecordHitReport {
        id: record.id.clone(),
        place: format!("{}  {}: {title}", record.id, record.kind.name()),
        record_kind: record.kind.name(),
        title,
        slug: record.slug.clone(),
        status: record.status,
        // Its code is in another clone.
        state: None,
        path: String::new(),
        line: None,
        snippet: search::snippet(query, record),
        project: Some(project),
        rank: Rank::of(hit),
    }))
}
