//! Claims: who holds which path or name, so that no two work on one thing.

use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use super::session_report::ClaimReport;
use super::sessions::{SessionDesk, now_ms as now_ms_of};
#[cfg(feature = "team")]
use super::team::{Answer, Arbiter};
use super::{App, Error, Result};
use crate::fs::confined;
use crate::git::Repository;
use crate::model::Session;
use crate::model::time::rfc3339;
use crate::model::{Claim, NewClaim, Resource, SafeText};
use crate::pipeline::Timings;
use crate::sessions::resource::{self, Places};
use crate::sessions::state::{self, SessionState};
use crate::store::{ClaimVerdict, LiveStore};

/// A claim to make.
#[derive(Clone, Debug)]
pub struct ClaimRequest {
    /// A path, or `name:` and any name.
    pub resource: String,
    pub shared: bool,
    pub ttl_ms: i64,
    pub note: Option<String>,
    /// Take over what stale and abandoned sessions hold.
    pub steal: bool,
    /// How long to wait for it where others hold it.
    pub wait_ms: Option<i64>,
}

/// What became of a claim.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ClaimOutcome {
    pub granted: bool,
    pub resource: SafeText,
    pub session: String,
    pub shared: bool,
    pub expires: Option<String>,
    /// Whether the team's server says so too, in a project that is connected with
    /// one: what it did not answer holds on this machine alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<bool>,
    /// Claims that were taken over for it.
    pub stolen: Vec<ClaimReport>,
    /// Claims that are in its way.
    pub holders: Vec<ClaimReport>,
    /// Time by stage.
    #[serde(skip)]
    pub timings: Vec<(&'static str, Duration)>,
}

/// Claims, oldest first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ClaimList {
    pub claims: Vec<ClaimReport>,
}

/// Whether paths are free for the asker.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ClaimCheck {
    pub free: bool,
    /// Claims of others on them.
    pub claims: Vec<ClaimReport>,
}

/// What was given up.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Released {
    pub released: Vec<SafeText>,
}

/// Claims a resource on behalf of the session that carries the call.
pub fn claim(app: &App, request: &ClaimRequest) -> Result<ClaimOutcome> {
    // Before anything is created.
    if app.session().is_none() {
        return Err(no_session());
    }
    let mut timings = Timings::start();
    let mut desk = SessionDesk::create(app)?;
    let session = desk.carrier(app)?;
    timings.end("open");
    let resource = desk.resource(app, &request.resource)?;
    let new = NewClaim {
        resource: resource.clone(),
        session: session.seq,
        shared: request.shared,
        note: request.note.as_deref().map(|note| desk.title(note)).unwrap_or_default(),
        ttl_ms: request.ttl_ms,
    };
    let (verdict, confirmed) = desk.decide(app, &session, &new, request)?;
    timings.end("claim");
    let (expires_ms, stolen, holders) = match verdict {
        ClaimVerdict::Held { expires_ms, stolen } => (Some(expires_ms), stolen, Vec::new()),
        ClaimVerdict::Refused(holders) => (None, Vec::new(), holders),
        ClaimVerdict::Ended => return Err(Error::new(format!("the session `{}` has ended", session.id))),
    };
    Ok(ClaimOutcome {
        granted: expires_ms.is_some(),
        resource: resource.shown,
        session: session.id,
        shared: request.shared,
        expires: expires_ms.map(rfc3339),
        confirmed,
        stolen: desk.reports(&stolen),
        holders: desk.reports(&holders),
        timings: timings.stages().to_vec(),
    })
}

fn no_session() -> Error {
    Error::new("a claim belongs to a session, and none was named")
        .with_hint("`export WAYPOST_SESSION=$(waypost session start)`, or `--session ID`")
}

/// A claim that was given up between the refusal and the wait is seen after that.
const LOOK_AGAIN_MS: i64 = 1_000;

/// Whether what a session holds may be taken over.
fn is_stale(claim: &Claim, now_ms: i64) -> bool {
    let is_abandoned = || standing(claim, now_ms) == SessionState::Abandoned;
    state::is_stale(&claim.session, now_ms) || is_abandoned()
}

fn standing(claim: &Claim, now_ms: i64) -> SessionState {
    state::of(&claim.session, now_ms, &crate::sessions::owner::is_gone)
}

impl SessionDesk {
    /// The verdict on a claim, and whether the team's server confirmed it.
    #[cfg(not(feature = "team"))]
    fn decide(
        &mut self,
        app: &App,
        _: &Session,
        new: &NewClaim,
        request: &ClaimRequest,
    ) -> Result<(ClaimVerdict, Option<bool>)> {
        Ok((self.claim_in_time(app, new, request)?, None))
    }

    /// The same: a claim is made here first, and holds when the server, if there is
    /// one, does not refuse it.
    #[cfg(feature = "team")]
    fn decide(
        &mut self,
        app: &App,
        session: &Session,
        new: &NewClaim,
        request: &ClaimRequest,
    ) -> Result<(ClaimVerdict, Option<bool>)> {
        let Some(mut arbiter) = Arbiter::of(app, self)? else {
            return Ok((self.claim_in_time(app, new, request)?, None));
        };
        let until_ms = self.now_ms + request.wait_ms.unwrap_or_default();
        let once = ClaimRequest { wait_ms: None, ..request.clone() };
        loop {
            arbiter.exchange(self);
            let now_ms = self.now_ms;
            let may_steal = |claim: &Claim| request.steal && is_stale(claim, now_ms);
            let mut verdict = self.claim_in_time(app, new, &once)?;
            if let ClaimVerdict::Held { expires_ms, stolen } = &mut verdict {
                match arbiter.confirm(session, new, &may_steal)? {
                    Answer::Confirmed(until) => {
                        *expires_ms = until;
                        self.store.mark_claim(&session.id, &new.resource.key, true)?;
                    }
                    Answer::Unknown => {
                        self.store.mark_claim(&session.id, &new.resource.key, false)?;
                        let why = arbiter.problem().map(Error::to_string).unwrap_or_default();
                        app.warn(&format!("the team has not confirmed this claim: {why}"));
                        return Ok((verdict, Some(false)));
                    }
                    Answer::Refused(holders) => {
                        stolen.clear();
                        self.store.release(session.seq, &new.resource, now_ms)?;
                        verdict = ClaimVerdict::Refused(holders);
                    }
                }
            }
            let ClaimVerdict::Refused(_) = &verdict else { return Ok((verdict, Some(true))) };
            if now_ms >= until_ms {
                return Ok((verdict, None));
            }
            arbiter.wait(Duration::from_millis((until_ms - now_ms).clamp(1, LOOK_AGAIN_MS) as u64));
            self.now_ms = now_ms_of(app);
        }
    }

    /// Gives up at the team's server what was given up here.
    #[cfg(feature = "team")]
    fn tell_release(&mut self, app: &App, session: &Session, resource: Option<&Resource>) -> Result<()> {
        if let Some(mut arbiter) = Arbiter::of(app, self)? {
            arbiter.release(session, resource);
        }
        Ok(())
    }

    /// Asks for a claim until it is granted, or for as long as the asker waits.
    fn claim_in_time(&mut self, app: &App, new: &NewClaim, request: &ClaimRequest) -> Result<ClaimVerdict> {
        let until_ms = self.now_ms + request.wait_ms.unwrap_or_default();
        loop {
            let now_ms = self.now_ms;
            let may_steal = |claim: &Claim| request.steal && is_stale(claim, now_ms);
            let live: &mut dyn LiveStore = &mut self.store;
            let verdict = live.claim(new, now_ms, &may_steal)?;
            let ClaimVerdict::Refused(holders) = &verdict else { return Ok(verdict) };
            // What runs out is told to nobody.
            let free_ms = holders.iter().map(|claim| claim.expires_ms).min().unwrap_or(until_ms);
            if now_ms >= until_ms {
                return Ok(verdict);
            }
            let wait_ms = (free_ms.min(until_ms) - now_ms).clamp(1, LOOK_AGAIN_MS);
            live.wait_for_claims(Duration::from_millis(wait_ms as u64))?;
            self.now_ms = now_ms_of(app);
        }
    }

    /// What a text names: the same for all its spellings.
    pub fn resource(&self, app: &App, given: &str) -> Result<Resource> {
        let mut worktrees: Vec<PathBuf> = self.store.worktrees()?;
        worktrees.extend(self.context.repository.iter().flat_map(linked_worktrees));
        let places =
            Places { current: &app.host().current, root: &self.context.project.root, worktrees: &worktrees };
        let (key, shown) = resource::resolve(given, &places)?;
        Ok(Resource { key, shown: self.context.redactor.line(&shown) })
    }

    pub fn reports(&self, claims: &[Claim]) -> Vec<ClaimReport> {
        let report = |claim| ClaimReport::of(claim, standing(claim, self.now_ms), self.now_ms);
        claims.iter().map(report).collect()
    }
}

/// The project's folder in the main and in every linked work tree of a clone, as
/// git's directory names them: one in which nobody has worked yet has paths too.
fn linked_worktrees(repository: &Repository) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(repository.common_dir.join("worktrees")).into_iter().flatten();
    let gitdirs =
        entries.filter_map(|entry| confined::read_text(&entry.ok()?.path().join("gitdir"), 8_192).ok());
    let linked = gitdirs.filter_map(|gitdir| Some(PathBuf::from(gitdir.trim_end()).parent()?.to_path_buf()));
    let main = repository.main_worktree.clone();
    linked.chain(main).map(|top| top.join(&repository.prefix)).collect()
}

/// The claims that there are; of one resource, all that it meets.
pub fn list(app: &App, given: Option<&str>) -> Result<ClaimList> {
    let Some(desk) = SessionDesk::of_team(app)? else { return Ok(ClaimList { claims: Vec::new() }) };
    let resource = given.map(|given| desk.resource(app, given)).transpose()?;
    let claims = desk.store.claims(resource.as_ref(), desk.now_ms)?;
    Ok(ClaimList { claims: desk.reports(&claims) })
}

/// Whether others hold one of these, or a part of it, for themselves.
pub fn check(app: &App, given: &[String]) -> Result<ClaimCheck> {
    let Some(desk) = SessionDesk::of_team(app)? else {
        return Ok(ClaimCheck { free: true, claims: Vec::new() });
    };
    let own = desk.carrier_row(app)?;
    let mut found: Vec<Claim> = Vec::new();
    for given in given {
        let resource = desk.resource(app, given)?;
        let others = desk.store.claims(Some(&resource), desk.now_ms)?;
        let others = others.into_iter().filter(|claim| Some(claim.session.seq) != own && !claim.shared);
        others.for_each(|claim| {
            if !found.contains(&claim) {
                found.push(claim)
            }
        });
    }
    Ok(ClaimCheck { free: found.is_empty(), claims: desk.reports(&found) })
}

/// Gives up the session's own claim on a resource, or all of its claims.
pub fn release(app: &App, given: Option<&str>) -> Result<Released> {
    if app.session().is_none() {
        return Err(no_session());
    }
    let mut desk = SessionDesk::create(app)?;
    let session = desk.carrier(app)?;
    let resource = given.map(|given| desk.resource(app, given)).transpose()?;
    let released = match &resource {
        None => desk.store.release_all(session.seq, desk.now_ms)?,
        Some(resource) => {
            let was_held = desk.store.release(session.seq, resource, desk.now_ms)?;
            was_held.then(|| resource.shown.clone()).into_iter().collect()
        }
    };
    #[cfg(feature = "team")]
    desk.tell_release(app, &session, resource.as_ref())?;
    Ok(Released { released })
}
