//! Sessions, the log and claims on PostgreSQL, as the contract has them.

use std::time::{Duration, Instant};

use tokio::time::timeout;
use tokio_postgres::GenericClient;
use tokio_postgres::types::Type;

use super::claims::Holder;
use super::rows::{EVENT, SESSION, Values, append, clean, event_from, session_from};
use super::{Failed, Place, TeamError, TeamStore, claims};
use crate::model::{
    Claim, Event, EventKind, NewClaim, NewEvent, Resource, SafeText, Session, SessionIdentity,
};
use crate::store::live::LiveStore;
use crate::store::{Beat, ClaimVerdict, LogFilter, Result, SessionFilter};

impl LiveStore for TeamStore {
    fn begin_session(&mut self, id: &str, who: &SessionIdentity, now_ms: i64) -> Result<Session> {
        self.ask(async |work, place| {
            claims::alone(work, place).await?;
            let began = insert(work, place, id, who, now_ms).await?;
            let head = who.head.as_ref().map(|head| serde_json::json!({ "head": head }).to_string());
            let begun = NewEvent {
                data: head.map(super::super::sql::stored_text),
                ..NewEvent::new(Some(began.seq), EventKind::SessionStart, who.title.clone())
            };
            append(work, place, &begun, now_ms + place.ahead_ms).await?;
            Ok(began)
        })
    }

    fn session(&mut self, id: &str) -> Result<Option<Session>> {
        self.look(async |work, place| {
            let id = clean(id);
            let sql = format!(
                "SELECT {SESSION} FROM waypost.session
                 WHERE project = $1 AND starts_with(id, $2) ORDER BY id <> $2, seq LIMIT 2"
            );
            let values: Values = vec![(&place.project, Type::INT8), (&id, Type::TEXT)];
            let rows = work.query_typed(&sql, &values).await?;
            let mut found: Vec<Session> = rows.iter().map(|row| session_from(row, place)).collect();
            let is_one = found.len() == 1 || found.first().is_some_and(|first| first.id == id);
            Ok(is_one.then(|| found.swap_remove(0)))
        })
    }

    fn sessions(&mut self, filter: &SessionFilter) -> Result<Vec<Session>> {
        self.look(async |work, place| {
            let sql = format!(
                "SELECT {SESSION} FROM waypost.session
                 WHERE project = $1 AND beat_ms >= $2 AND ($3::boolean IS NULL OR (ended_ms IS NOT NULL) = $3)
                 ORDER BY beat_ms DESC, seq DESC LIMIT $4"
            );
            let since = filter.since_ms.map_or(0, |ms| ms + place.ahead_ms);
            let limit = filter.limit.map(|limit| limit as i64);
            let values: Values = vec![
                (&place.project, Type::INT8),
                (&since, Type::INT8),
                (&filter.ended, Type::BOOL),
                (&limit, Type::INT8),
            ];
            let rows = work.query_typed(&sql, &values).await?;
            Ok(rows.iter().map(|row| session_from(row, place)).collect())
        })
    }

    fn beat(&mut self, session: i64, beat: &Beat) -> Result<bool> {
        self.ask(async |work, place| {
            claims::alone(work, place).await?;
            let sql = "UPDATE waypost.session
                       SET beat_ms = greatest(beat_ms, $3), owner = coalesce($4, owner), doing = coalesce($5, doing)
                       WHERE project = $1 AND seq = $2 AND ended_ms IS NULL";
            let at_ms = beat.at_ms + place.ahead_ms;
            let (owner, doing) = (beat.owner.as_deref().map(clean), beat.doing.as_ref());
            let doing = doing.map(|doing| clean(doing.as_str()));
            let values: Values = vec![
                (&place.project, Type::INT8),
                (&session, Type::INT8),
                (&at_ms, Type::INT8),
                (&owner, Type::TEXT),
                (&doing, Type::TEXT),
            ];
            let beaten = work.execute_typed(sql, &values).await? == 1;
            for event in beat.events.iter().filter(|_| beaten) {
                append(work, place, event, at_ms).await?;
            }
            Ok(beaten)
        })
    }

    fn end_session(&mut self, session: i64, summary: Option<&SafeText>, _now_ms: i64) -> Result<bool> {
        self.ask(async |work, place| {
            let now_ms = claims::alone(work, place).await?;
            let sql = "UPDATE waypost.session
                       SET ended_ms = $3, beat_ms = greatest(beat_ms, $3), summary = coalesce($4, summary)
                       WHERE project = $1 AND seq = $2 AND ended_ms IS NULL";
            let said = summary.map(|summary| clean(summary.as_str()));
            let values: Values = vec![
                (&place.project, Type::INT8),
                (&session, Type::INT8),
                (&now_ms, Type::INT8),
                (&said, Type::TEXT),
            ];
            if work.execute_typed(sql, &values).await? == 0 {
                return Ok(false);
            }
            claims::release_all(work, place, session, now_ms).await?;
            let text = summary.cloned().unwrap_or_default();
            let ended = NewEvent::new(Some(session), EventKind::SessionEnd, text);
            append(work, place, &ended, now_ms).await?;
            Ok(true)
        })
    }

    fn log(&mut self, events: &[NewEvent], now_ms: i64) -> Result<()> {
        self.ask(async |work, place| {
            claims::alone(work, place).await?;
            for event in events {
                append(work, place, event, now_ms + place.ahead_ms).await?;
            }
            Ok(())
        })
    }

    fn logged(&mut self, filter: &LogFilter) -> Result<Vec<Event>> {
        self.look(async |work, place| logged(work, place, filter).await)
    }

    fn claim(
        &mut self,
        new: &NewClaim,
        _now_ms: i64,
        may_steal: &dyn Fn(&Claim) -> bool,
    ) -> Result<ClaimVerdict> {
        self.claim_of(Holder::Number(new.session), new, may_steal)
    }

    fn release(&mut self, session: i64, resource: &Resource, _now_ms: i64) -> Result<bool> {
        self.look(async |work, place| {
            Ok(claims::give_up(work, place, Holder::Number(session), Some(resource)).await? > 0)
        })
    }

    fn release_all(&mut self, session: i64, _now_ms: i64) -> Result<Vec<SafeText>> {
        self.ask(async |work, place| {
            let now_ms = claims::alone(work, place).await?;
            claims::release_all(work, place, session, now_ms).await
        })
    }

    fn claims(&mut self, resource: Option<&Resource>, _now_ms: i64) -> Result<Vec<Claim>> {
        self.look(async |work, place| claims::list(work, place, resource).await)
    }

    /// The server gets no more time for it: what is asked afterwards does.
    fn wait_for_claims(&mut self, most: Duration) -> Result<()> {
        if !self.listens {
            let listen = format!("LISTEN {}", claims::channel(&self.place));
            self.ask(async |work, _| Ok(work.batch_execute(&listen).await?))?;
            self.listens = true;
        }
        // Who is not told looks again when the time is over.
        let _ = self.runtime.block_on(async { timeout(most, self.told.notified()).await });
        self.until = Instant::now() + self.patience;
        match self.client.is_closed() {
            false => Ok(()),
            true => {
                let why = "it ended the connection".to_string();
                Err(TeamError::Away { server: self.place.server.clone(), why }.into())
            }
        }
    }
}

impl TeamStore {
    /// The same as [`LiveStore::claim`] for a session that is known by its id alone.
    pub fn claim_by_id(
        &mut self,
        session: &str,
        new: &NewClaim,
        may_steal: &dyn Fn(&Claim) -> bool,
    ) -> Result<ClaimVerdict> {
        self.claim_of(Holder::Id(session), new, may_steal)
    }

    /// Gives up a claim of a session, or all that it holds.
    pub fn give_up(&mut self, session: &str, resource: Option<&Resource>) -> Result<()> {
        self.look(async |work, place| {
            claims::give_up(work, place, Holder::Id(session), resource).await.map(drop)
        })
    }

    /// What is free takes one way to the server; what is not is looked at closely.
    fn claim_of(
        &mut self,
        holder: Holder<'_>,
        new: &NewClaim,
        may_steal: &dyn Fn(&Claim) -> bool,
    ) -> Result<ClaimVerdict> {
        let until = self.look(async |work, place| claims::claim_if_free(work, place, holder, new).await)?;
        if let Some(expires_ms) = until {
            return Ok(ClaimVerdict::Held { expires_ms, stolen: Vec::new() });
        }
        let session = match holder {
            Holder::Number(seq) => Some(seq),
            Holder::Id(id) => self.session(id)?.filter(|found| found.id == id).map(|found| found.seq),
        };
        let Some(session) = session else { return Ok(ClaimVerdict::Ended) };
        let new = NewClaim { session, ..new.clone() };
        self.ask(async |work, place| claims::claim(work, place, &new, may_steal).await)
    }
}

async fn insert(
    work: &impl GenericClient,
    place: &Place,
    id: &str,
    who: &SessionIdentity,
    now_ms: i64,
) -> std::result::Result<Session, Failed> {
    let sql = format!(
        "INSERT INTO waypost.session (project, id, conversation, agent, kind, title, meta, worktree, branch,
                                      owner, started_ms, beat_ms, doing, summary)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, '', '') RETURNING {SESSION}"
    );
    let texts = [&who.agent, &who.kind, &who.title, &who.meta, &who.worktree, &who.branch];
    let texts = texts.map(|text| clean(text.as_str()));
    let conversation = who.conversation.as_ref().map(|text| clean(text.as_str()));
    let (id, owner, at_ms) = (clean(id), who.owner.as_deref().map(clean), now_ms + place.ahead_ms);
    let mut values: Values =
        vec![(&place.project, Type::INT8), (&id, Type::TEXT), (&conversation, Type::TEXT)];
    values.extend(texts.iter().map(|text| (text as _, Type::TEXT)));
    values.extend([(&owner as _, Type::TEXT), (&at_ms as _, Type::INT8)]);
    Ok(session_from(&work.query_typed_one(&sql, &values).await?, place))
}

async fn logged(
    work: &impl GenericClient,
    place: &Place,
    filter: &LogFilter,
) -> std::result::Result<Vec<Event>, Failed> {
    let sql = format!(
        "SELECT {EVENT} FROM waypost.event LEFT JOIN waypost.session ON session.seq = event.session
         WHERE event.project = $1 AND ($2::bigint IS NULL OR event.session = $2)
           AND ($3::text IS NULL OR session.conversation = $3)
           AND ($4::text[] IS NULL OR event.kind = ANY($4))
           AND ($5::bigint IS NULL OR event.at_ms >= $5) AND ($6::bigint IS NULL OR event.seq > $6)
         ORDER BY event.seq DESC LIMIT $7"
    );
    let conversation = filter.conversation.as_deref().map(clean);
    let kinds: Vec<&str> = filter.kinds.iter().map(|kind| kind.name()).collect();
    let kinds = (!kinds.is_empty()).then_some(kinds);
    let since = filter.since_ms.map(|ms| ms + place.ahead_ms);
    let limit = filter.limit.map(|limit| limit as i64);
    let values: Values = vec![
        (&place.project, Type::INT8),
        (&filter.session, Type::INT8),
        (&conversation, Type::TEXT),
        (&kinds, Type::TEXT_ARRAY),
        (&since, Type::INT8),
        (&filter.after, Type::INT8),
        (&limit, Type::INT8),
    ];
    let rows = work.query_typed(&sql, &values).await?;
    Ok(rows.iter().rev().map(|row| event_from(row, place)).collect())
}
