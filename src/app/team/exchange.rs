//! Tells the server what happened here, keeps what others did, and asks it for
//! claims. What fails is tried again later, from where the server says that it
//! is; nothing that failed stops a command.

use std::time::Duration;

use serde_json::json;

use super::link::Links;
use super::{LONG_PATIENCE, PATIENCE, line, not_connected};
use crate::app::job_queue::{self, Deed};
use crate::app::session_desk::SessionDesk;
use crate::app::{App, Error, Result};
use crate::memory::{new_id, random};
use crate::model::{Claim, EventKind, JobKind, NewClaim, NewEvent, NewJob, Resource, SafeText, Session};
use crate::redact::Redactor;
use crate::store::postgres::{Arrived, Setup, TeamStore};
use crate::store::{Attempt, ClaimVerdict, LiveStore};

/// Entries of the log that go in one transaction, and that come in one.
const MOST_EVENTS: usize = 500;

/// The log of others is read from here on by who never read it.
const MOST_ARRIVED: usize = 2_000;

/// Sessions of others with a sign of life since then are kept.
const KEPT_MS: i64 = 7 * 86_400_000;

/// How long the server is left alone after it did not answer.
const REST_MS: i64 = 10_000;

/// What it is called among the targets of jobs.
fn target(server: &str) -> String {
    format!("team:{server}")
}

/// Tells the server and hears from it, if the project is connected. Whatever goes
/// wrong is noted as a job that waits.
pub(in crate::app) fn exchange(app: &App, desk: &mut SessionDesk) {
    let Ok(Some(mut arbiter)) = Arbiter::within(app, desk, PATIENCE, false) else { return };
    arbiter.exchange(desk);
}

/// The same for a job, which fails if it fails.
pub(in crate::app) fn deliver(app: &App) -> Result<Deed> {
    let mut desk = SessionDesk::create(app)?;
    let arbiter = Arbiter::within(app, &mut desk, LONG_PATIENCE, true)?.ok_or_else(not_connected)?;
    let mut team = arbiter.team?;
    let sent = swap(&mut team, &mut desk)?;
    Ok(Deed { did: format!("{sent} entries of the log told"), records: Vec::new() })
}

/// Entries of the log that the server does not have yet.
pub(super) fn waiting(team: &mut TeamStore, desk: &mut SessionDesk) -> Result<usize> {
    let clone = clone_name(desk)?;
    let after = team.sent_until(&clone)?;
    Ok(desk.store.to_send(&clone, after, MOST_ARRIVED, desk.now_ms)?.events.len())
}

fn clone_name(desk: &mut SessionDesk) -> Result<String> {
    let new = new_id(desk.now_ms.max(0) as u64, random());
    Ok(desk.store.clone_name(&new)?)
}

/// Who decides on claims: the team's server, as far as it answers.
pub(in crate::app) struct Arbiter {
    team: Result<TeamStore>,
    server: String,
    tells: bool,
}

/// What the team says of a claim.
pub(in crate::app) enum Answer {
    /// It is held there too.
    Confirmed(i64),
    /// Others hold it.
    Refused(Vec<Claim>),
    /// It did not answer.
    Unknown,
}

impl Arbiter {
    /// The server that the project is connected with; `None` for a project that is
    /// not.
    pub fn of(app: &App, desk: &mut SessionDesk) -> Result<Option<Self>> {
        Self::within(app, desk, PATIENCE, true)
    }

    /// `asked` is whether somebody waits for the answer: else a server that just did
    /// not answer is left alone.
    fn within(app: &App, desk: &mut SessionDesk, patience: Duration, asked: bool) -> Result<Option<Self>> {
        let Some(link) = Links::of(app, &desk.context).here(&desk.context) else { return Ok(None) };
        let address = match link.address(app) {
            Ok(address) => address,
            Err(error) => {
                return Ok(Some(Self { team: Err(error), server: link.project.clone(), tells: false }));
            }
        };
        let server = address.shown.clone();
        let rests = desk.store.breakers()?.into_iter().find(|it| it.target.as_str() == target(&server));
        if !asked && rests.as_ref().is_some_and(|rests| rests.until_ms > desk.now_ms) {
            return Ok(None);
        }
        let team = TeamStore::connect(&address, &link.project, Setup::Use, patience).map_err(Error::from);
        if let (Err(error), None, false) = (&team, &rests, asked) {
            app.warn(&format!("not told to the team yet: {error}"));
        }
        Ok(Some(Self { team, server, tells: true }))
    }

    /// Tells the server and hears from it; notes how that went.
    pub fn exchange(&mut self, desk: &mut SessionDesk) {
        let done = match &mut self.team {
            Ok(team) => swap(team, desk).map(drop),
            Err(error) => Err(Error::new(error.to_string())),
        };
        // A database that takes no changes knows no jobs.
        let _ = self.note(desk, done.as_ref().err());
        if let (Err(error), true) = (done, self.team.is_ok()) {
            self.team = Err(error);
        }
    }

    /// One job says that there is something to tell, and why it was not.
    fn note(&self, desk: &mut SessionDesk, error: Option<&Error>) -> Result<()> {
        let target = line(desk, &target(&self.server));
        let failures = desk.store.failures_of(&target)?;
        if !self.tells || error.is_none() && failures == 0 {
            return Ok(());
        }
        let payload = desk.context.redactor.text(&json!({}).to_string());
        let work = NewJob { key: target.to_string(), kind: JobKind::Deliver, target, payload };
        let queued = job_queue::add(desk, &work)?;
        let Some(job) = desk.store.job(&queued.job.id)? else { return Ok(()) };
        let error = error.map(|error| line(desk, error.message()));
        let due_ms = error.is_some().then_some(desk.now_ms + REST_MS);
        let failures = if error.is_some() { failures + 1 } else { 0 };
        let attempt = Attempt { error, due_ms, rests_until_ms: desk.now_ms + REST_MS, failures };
        Ok(desk.store.finish_job(&job, &attempt)?)
    }

    /// Asks for a claim that is held here already.
    pub fn confirm(
        &mut self,
        session: &Session,
        new: &NewClaim,
        may_steal: &dyn Fn(&Claim) -> bool,
    ) -> Result<Answer> {
        let Ok(team) = &mut self.team else { return Ok(Answer::Unknown) };
        match ask(team, session, new, may_steal) {
            Ok(ClaimVerdict::Held { expires_ms, .. }) => Ok(Answer::Confirmed(expires_ms)),
            Ok(ClaimVerdict::Refused(holders)) => Ok(Answer::Refused(holders)),
            Ok(ClaimVerdict::Ended) => Ok(Answer::Unknown),
            Err(error) => {
                self.team = Err(error);
                Ok(Answer::Unknown)
            }
        }
    }

    /// Waits until somebody gave up a claim, or for the time.
    pub fn wait(&mut self, most: Duration) {
        let Ok(team) = &mut self.team else { return std::thread::sleep(most) };
        if let Err(error) = team.wait_for_claims(most) {
            self.team = Err(error.into());
        }
    }

    /// Gives up at the server what was given up here. Where it does not answer, the
    /// next exchange does.
    pub fn release(&mut self, session: &Session, resource: Option<&Resource>) {
        let Ok(team) = &mut self.team else { return };
        if let Err(error) = team.give_up(&session.id, resource) {
            self.team = Err(error.into());
        }
    }

    /// Why the server did not answer.
    pub fn problem(&self) -> Option<&Error> {
        self.team.as_ref().err()
    }
}

/// The server's verdict on a claim of a session that it knows by its id.
fn ask(
    team: &mut TeamStore,
    session: &Session,
    new: &NewClaim,
    may_steal: &dyn Fn(&Claim) -> bool,
) -> Result<ClaimVerdict> {
    Ok(team.claim_by_id(&session.id, new, may_steal)?)
}

/// Tells what happened since the server last heard, settles claims, and keeps what
/// others did. Gives the number of entries that were told.
fn swap(team: &mut TeamStore, desk: &mut SessionDesk) -> Result<usize> {
    let clone = clone_name(desk)?;
    let since_ms = desk.now_ms - KEPT_MS;
    let mut heard = team.hear(&clone, since_ms, desk.store.last_arrived()?, MOST_ARRIVED)?;
    let (mut after, mut sent) = (heard.sent_until, 0);
    loop {
        let sending = desk.store.to_send(&clone, after, MOST_EVENTS, desk.now_ms)?;
        if !sending.sessions.is_empty() || !sending.events.is_empty() {
            team.send(&sending)?;
        }
        sent += sending.events.len();
        match sending.events.last() {
            Some(last) if sending.events.len() == MOST_EVENTS => after = last.seq,
            _ => break,
        }
    }
    let mut theirs = settle(team, desk, heard.claims)?;
    redact(&desk.context.redactor, &mut heard.arrived, &mut theirs);
    desk.store.keep_arrived(&heard.arrived, &theirs)?;
    Ok(sent)
}

/// What others send was redacted where they are, by rules that may know less.
fn redact(redactor: &Redactor, arrived: &mut Arrived, claims: &mut [Claim]) {
    let clean = |text: &mut SafeText| *text = redactor.text(text.as_str());
    for (_, session) in &mut arrived.sessions {
        let who = &mut session.identity;
        let texts = [&mut who.agent, &mut who.kind, &mut who.title, &mut who.meta, &mut who.worktree];
        texts.into_iter().for_each(clean);
        [&mut who.branch, &mut session.doing, &mut session.summary].into_iter().for_each(clean);
        who.conversation.iter_mut().for_each(clean);
    }
    for event in &mut arrived.events {
        clean(&mut event.text);
        event.path.iter_mut().chain(&mut event.data).for_each(clean);
    }
    for claim in claims {
        clean(&mut claim.resource.shown);
        clean(&mut claim.note);
    }
}

/// Has the claims confirmed that were made while the server was away, and gives up
/// there what was given up here. Gives the claims of others.
///
/// A claim is made here before it is made there: so what the server had before a
/// look at this database, and this one has not, was given up.
fn settle(team: &mut TeamStore, desk: &mut SessionDesk, there: Vec<Claim>) -> Result<Vec<Claim>> {
    let here = desk.store.own_claims(desk.now_ms)?;
    let is_same = |one: &Claim, other: &Claim| {
        one.session.id == other.session.id && one.resource.key == other.resource.key
    };
    for claim in here.iter().filter(|claim| !there.iter().any(|known| is_same(claim, known))) {
        let new = NewClaim {
            resource: claim.resource.clone(),
            session: 0,
            shared: claim.shared,
            note: claim.note.clone(),
            ttl_ms: claim.expires_ms - desk.now_ms,
        };
        match ask(team, &claim.session, &new, &|_| false)? {
            ClaimVerdict::Held { .. } => {
                desk.store.mark_claim(&claim.session.id, &claim.resource.key, true)?;
            }
            ClaimVerdict::Refused(_) => {
                let why =
                    NewEvent::new(None, EventKind::Release, SafeText::constant("not confirmed by the team"));
                desk.store.give_up(claim, why, desk.now_ms)?;
            }
            ClaimVerdict::Ended => {}
        }
    }
    let mut theirs = Vec::new();
    for claim in there {
        match desk.store.is_own(&claim.session.id)? {
            false => theirs.push(claim),
            true if here.iter().any(|known| is_same(&claim, known)) => {}
            true => _ = team.release(claim.session.seq, &claim.resource, desk.now_ms)?,
        }
    }
    Ok(theirs)
}
