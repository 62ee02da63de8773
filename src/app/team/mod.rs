//! A team's database: what is told to it, what comes from it, and who decides on
//! claims. This machine's database answers all questions, so that nothing waits
//! for the server but a claim, and that not long.
//!
//! Not here: how the server is spoken to (`store::postgres`).

mod exchange;
mod link;
mod records;
mod search;

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use super::session_desk::SessionDesk;
use super::{App, Error, Result};
use crate::model::SafeText;
use crate::store::postgres::{Address, Setup, TeamStore};
use link::{Link, Links};

pub(super) use exchange::{Answer, Arbiter, deliver, exchange};
pub(super) use records::erase;
pub use records::{ErasedThere, Pulled, Pushed, pull, push};
pub use search::search;

/// How long a command waits for the server.
const PATIENCE: Duration = Duration::from_millis(300);

/// The same for one that is about nothing else.
const LONG_PATIENCE: Duration = Duration::from_secs(20);

/// What is told to the server; the rest stays here.
const SENT: [&str; 5] = [
    "sessions: agent, title, meta, work tree, branch, what it does, its summary",
    "the log of sessions: commands, exit codes, paths, prompts where they are kept, decisions",
    "claims: what is held, by whom, why, until when",
    "records with their history and their words, by `waypost team push` and `erase` alone",
    "the words of a question, by `waypost search --team` alone",
];

/// A server to connect the project with.
#[derive(Clone, Debug, Default)]
pub struct ConnectRequest {
    /// The address; a password in it is not kept.
    pub url: Option<String>,
    /// The variable that holds the address.
    pub variable: Option<String>,
    /// The name of the project there, instead of its root commit.
    pub project: Option<String>,
}

/// The server that the project is connected with.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Connected {
    /// `ROLE@HOST:PORT/DATABASE`.
    pub server: String,
    pub project: String,
    pub sends: [&'static str; 5],
}

/// How it stands with the server.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TeamStatus {
    pub connected: bool,
    pub server: Option<String>,
    pub project: Option<String>,
    /// Whether the server answered.
    pub reachable: bool,
    /// Why it did not.
    pub problem: Option<String>,
    pub facts: Option<Facts>,
    /// Entries of the log that the server does not have yet, where it says so.
    pub waiting: Option<usize>,
    pub sends: [&'static str; 5],
}

/// What the server says of itself and of the project.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Facts {
    pub version: String,
    pub role: String,
    pub encrypted: bool,
    /// Whether it could keep vectors; they are not sent.
    pub vectors: bool,
    pub sessions: i64,
    pub events: i64,
    pub claims: i64,
    pub records: i64,
    pub bytes: i64,
}

/// Whether the project was connected until now.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Disconnected {
    pub was_connected: bool,
}

/// A role that was let in.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Shared {
    pub role: String,
    pub project: String,
}

/// Connects the project with a server: makes the tables that it lacks, enters the
/// project, and tells it what is going on here.
pub fn connect(app: &App, request: &ConnectRequest) -> Result<Connected> {
    let desk = SessionDesk::create(app)?;
    let project = match &request.project {
        Some(name) => desk.context.redactor.line(name.trim()).to_string(),
        None => link::project_of(&desk.context)?,
    };
    let url = match (&request.url, &request.variable) {
        (_, Some(name)) => link::variable(app, name)?,
        (Some(url), None) => url.clone(),
        (None, None) => return Err(Error::new("no address was given").with_hint(link::HOW)),
    };
    let address = link::address(app, &url)?;
    if address.has_password && request.variable.is_none() {
        let error = Error::new("a password in an address is seen by others and is not kept");
        return Err(
            error.with_hint("`--env NAME` for a variable with the address, or ~/.pgpass, or PGPASSWORD")
        );
    }
    TeamStore::connect(&address, &project, Setup::Create, LONG_PATIENCE)?;
    let kept = request.variable.is_none().then(|| address.kept.clone());
    let link = Link {
        place: link::place(&desk.context),
        project: project.clone(),
        url: kept,
        variable: request.variable.clone(),
    };
    Links::of(app, &desk.context).put(link)?;
    deliver(app)?;
    Ok(Connected { server: address.shown, project, sends: SENT })
}

/// Whether the project is connected, with whom, and how much waits to be told.
pub fn status(app: &App) -> Result<TeamStatus> {
    let mut status = TeamStatus {
        connected: false,
        server: None,
        project: None,
        reachable: false,
        problem: None,
        facts: None,
        waiting: None,
        sends: SENT,
    };
    let context = app.context()?;
    let Some(link) = Links::of(app, &context).here(&context) else { return Ok(status) };
    status.connected = true;
    status.project = Some(link.project.clone());
    let address = match link.address(app) {
        Ok(address) => address,
        Err(error) => {
            status.problem = Some(error.message().to_string());
            return Ok(status);
        }
    };
    status.server = Some(address.shown.clone());
    match look(app, &link, &address) {
        Ok((facts, waiting)) => {
            status.reachable = true;
            status.facts = Some(facts);
            status.waiting = waiting;
        }
        Err(error) => status.problem = Some(error.message().to_string()),
    }
    Ok(status)
}

fn look(app: &App, link: &Link, address: &Address) -> Result<(Facts, Option<usize>)> {
    let mut team = TeamStore::connect(address, &link.project, Setup::Use, LONG_PATIENCE)?;
    let facts = team.facts()?;
    let waiting = match SessionDesk::open(app)? {
        Some(mut desk) => Some(exchange::waiting(&mut team, &mut desk)?),
        None => None,
    };
    let facts = Facts {
        version: facts.version,
        role: facts.role,
        encrypted: facts.encrypted,
        vectors: facts.has_vectors,
        sessions: facts.sessions,
        events: facts.events,
        claims: facts.claims,
        records: facts.records,
        bytes: facts.bytes,
    };
    Ok((facts, waiting))
}

/// Connects the project with nobody. What the server has stays there.
pub fn disconnect(app: &App) -> Result<Disconnected> {
    let context = app.context()?;
    let was_connected = Links::of(app, &context).remove(&context)?;
    if let Some(mut desk) = SessionDesk::open(app)?.filter(|_| was_connected) {
        desk.store.forget_confirmed()?;
    }
    Ok(Disconnected { was_connected })
}

/// Lets another role of the server into the project.
pub fn share(app: &App, role: &str) -> Result<Shared> {
    let (link, mut team) = reach(app)?;
    match team.share(&link.project, role)? {
        true => Ok(Shared { role: role.to_string(), project: link.project }),
        false => {
            let error = Error::new(format!("there is no role `{role}` on the server"));
            Err(error.with_hint("who runs it makes one: `CREATE ROLE NAME LOGIN PASSWORD '...'`"))
        }
    }
}

/// The server, for a command that is about nothing else.
fn reach(app: &App) -> Result<(Link, TeamStore)> {
    let context = app.context()?;
    let link = Links::of(app, &context).here(&context).ok_or_else(not_connected)?;
    let team = TeamStore::connect(&link.address(app)?, &link.project, Setup::Use, LONG_PATIENCE)?;
    Ok((link, team))
}

fn not_connected() -> Error {
    Error::new("the project is connected with no team").with_hint(link::HOW)
}

/// Text on one line, as it is kept.
fn line(desk: &SessionDesk, text: &str) -> SafeText {
    desk.line(text)
}
