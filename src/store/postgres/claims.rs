//! Claims, decided by the server: whoever changes claims of a project holds its
//! lock until the end of the transaction, so that a resource has one holder
//! however many machines ask at once. Times are the server's.

use tokio_postgres::GenericClient;
use tokio_postgres::types::Type;

use super::rows::{SESSION, Values, append, claim_from, clean};
use super::schema::LOCKS;
use super::{Failed, Place};
use crate::model::{Claim, EventKind, NewClaim, NewEvent, Resource, SafeText};
use crate::store::ClaimVerdict;

/// Takes the lock of a project, and reads the time when it is held.
pub(super) const ALONE: &str =
    "WITH held AS MATERIALIZED (SELECT pg_advisory_xact_lock($1, ($2::bigint % 2147483647)::int))
     SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint FROM held";

/// Takes the lock of the project; gives the time.
pub(super) async fn alone(work: &impl GenericClient, place: &Place) -> Result<i64, Failed> {
    let values: Values = vec![(&LOCKS, Type::INT4), (&place.project, Type::INT8)];
    Ok(work.query_typed_one(ALONE, &values).await?.get(0))
}

/// Whose claim it is.
#[derive(Clone, Copy)]
pub(super) enum Holder<'a> {
    Number(i64),
    Id(&'a str),
}

impl Holder<'_> {
    fn parts(&self) -> (Option<i64>, Option<String>) {
        match self {
            Self::Number(seq) => (Some(*seq), None),
            Self::Id(id) => (None, Some(clean(id))),
        }
    }
}

/// Claims what nothing stands in the way of; until when. `None` where that is not
/// so, and [`claim`] says why.
pub(super) async fn claim_if_free(
    work: &impl GenericClient,
    place: &Place,
    holder: Holder<'_>,
    new: &NewClaim,
) -> Result<Option<i64>, Failed> {
    let sql = "SELECT waypost.claim_if_free($1, $2, $3, $4, $5, $6, $7, $8)";
    let (seq, id) = holder.parts();
    let texts = [&new.resource.key, new.resource.shown.as_str(), new.note.as_str()].map(clean);
    let values: Values = vec![
        (&place.project, Type::INT8),
        (&seq, Type::INT8),
        (&id, Type::TEXT),
        (&texts[0], Type::TEXT),
        (&texts[1], Type::TEXT),
        (&new.shared, Type::BOOL),
        (&texts[2], Type::TEXT),
        (&new.ttl_ms, Type::INT8),
    ];
    let until: Option<i64> = work.query_typed_one(sql, &values).await?.get(0);
    Ok(until.map(|until| until - place.ahead_ms))
}

/// Gives up a claim, or all of a session; how many there were.
pub(super) async fn give_up(
    work: &impl GenericClient,
    place: &Place,
    holder: Holder<'_>,
    resource: Option<&Resource>,
) -> Result<i64, Failed> {
    let sql = "SELECT waypost.give_up($1, $2, $3, $4)";
    let (seq, id) = holder.parts();
    let key = resource.map(|resource| clean(&resource.key));
    let values: Values =
        vec![(&place.project, Type::INT8), (&seq, Type::INT8), (&id, Type::TEXT), (&key, Type::TEXT)];
    Ok(work.query_typed_one(sql, &values).await?.get(0))
}

/// Wakes those who wait, once this is done.
pub(super) async fn tell(work: &impl GenericClient, place: &Place) -> Result<(), Failed> {
    let channel = channel(place);
    work.query_typed("SELECT pg_notify($1, '')", &[(&channel, Type::TEXT)]).await?;
    Ok(())
}

/// What those who wait for claims of a project listen to.
pub(super) fn channel(place: &Place) -> String {
    format!("waypost_{}", place.project)
}

pub(super) async fn claim(
    work: &impl GenericClient,
    place: &Place,
    new: &NewClaim,
    may_steal: &dyn Fn(&Claim) -> bool,
) -> Result<ClaimVerdict, Failed> {
    let now_ms = alone(work, place).await?;
    let open = "SELECT 1 FROM waypost.session WHERE project = $1 AND seq = $2 AND ended_ms IS NULL";
    let values: Values = vec![(&place.project, Type::INT8), (&new.session, Type::INT8)];
    if work.query_typed(open, &values).await?.is_empty() {
        return Ok(ClaimVerdict::Ended);
    }
    expire(work, place, now_ms).await?;
    let mut in_the_way = meeting(work, place, &new.resource).await?;
    in_the_way.retain(|claim| claim.session.seq != new.session && !(claim.shared && new.shared));
    if !in_the_way.iter().all(may_steal) {
        return Ok(ClaimVerdict::Refused(in_the_way));
    }
    for claim in &in_the_way {
        take_over(work, place, claim, new, now_ms).await?;
    }
    hold(work, place, new, now_ms).await?;
    if !in_the_way.is_empty() {
        tell(work, place).await?;
    }
    Ok(ClaimVerdict::Held { expires_ms: now_ms + new.ttl_ms - place.ahead_ms, stolen: in_the_way })
}

/// Frees what a session holds. The lock is the caller's.
pub(super) async fn release_all(
    work: &impl GenericClient,
    place: &Place,
    session: i64,
    now_ms: i64,
) -> Result<Vec<SafeText>, Failed> {
    let held = select(work, place, "claim.session = $2", vec![(&session, Type::INT8)]).await?;
    let sql = "DELETE FROM waypost.claim WHERE project = $1 AND session = $2";
    work.execute_typed(sql, &[(&place.project, Type::INT8), (&session, Type::INT8)]).await?;
    let shown: Vec<SafeText> = held.into_iter().map(|claim| claim.resource.shown).collect();
    for resource in &shown {
        append(work, place, &told(session, EventKind::Release, resource, "released"), now_ms).await?;
    }
    if !shown.is_empty() {
        tell(work, place).await?;
    }
    Ok(shown)
}

/// Deletes what ran out, and logs that.
async fn expire(work: &impl GenericClient, place: &Place, now_ms: i64) -> Result<(), Failed> {
    let sql = "WITH gone AS (DELETE FROM waypost.claim WHERE project = $1 AND expires_ms <= $2
                             RETURNING seq, session, shown)
               INSERT INTO waypost.event (project, at_ms, session, kind, text, path)
               SELECT $1, $2, session, $3, 'expired', shown FROM gone ORDER BY seq";
    let kind = EventKind::Release.name();
    let values: Values = vec![(&place.project, Type::INT8), (&now_ms, Type::INT8), (&kind, Type::TEXT)];
    work.execute_typed(sql, &values).await?;
    Ok(())
}

/// A path meets itself, what lies below it and the folders above it; a name
/// meets itself.
async fn meeting(
    work: &impl GenericClient,
    place: &Place,
    resource: &Resource,
) -> Result<Vec<Claim>, Failed> {
    let condition = match resource.key.starts_with("name:") {
        true => "resource = $2",
        false => {
            "(resource = $2 OR resource = '' OR starts_with(resource, $2 || '/')
              OR starts_with($2, resource || '/'))"
        }
    };
    let key = clean(&resource.key);
    select(work, place, condition, vec![(&key, Type::TEXT)]).await
}

async fn take_over(
    work: &impl GenericClient,
    place: &Place,
    old: &Claim,
    new: &NewClaim,
    now_ms: i64,
) -> Result<(), Failed> {
    let sql = "DELETE FROM waypost.claim WHERE project = $1 AND session = $2 AND resource = $3";
    let values: Values =
        vec![(&place.project, Type::INT8), (&old.session.seq, Type::INT8), (&old.resource.key, Type::TEXT)];
    work.execute_typed(sql, &values).await?;
    let shown = &old.resource.shown;
    append(work, place, &told(old.session.seq, EventKind::Release, shown, "stolen"), now_ms).await?;
    append(work, place, &told(new.session, EventKind::Claim, shown, "stole"), now_ms).await
}

async fn hold(work: &impl GenericClient, place: &Place, new: &NewClaim, now_ms: i64) -> Result<(), Failed> {
    let sql = "INSERT INTO waypost.claim AS held
                 (project, resource, session, shown, shared, note, taken_ms, expires_ms)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
               ON CONFLICT (project, resource, session) DO UPDATE
                 SET expires_ms = $8, shared = $5, note = $6
               RETURNING held.xmax = 0";
    let texts = [&new.resource.key, new.resource.shown.as_str(), new.note.as_str()].map(clean);
    let expires_ms = now_ms + new.ttl_ms;
    let values: Values = vec![
        (&place.project, Type::INT8),
        (&texts[0], Type::TEXT),
        (&new.session, Type::INT8),
        (&texts[1], Type::TEXT),
        (&new.shared, Type::BOOL),
        (&texts[2], Type::TEXT),
        (&now_ms, Type::INT8),
        (&expires_ms, Type::INT8),
    ];
    let is_new: bool = work.query_typed_one(sql, &values).await?.get(0);
    let verb = if is_new { "claimed" } else { "renewed" };
    append(work, place, &told(new.session, EventKind::Claim, &new.resource.shown, verb), now_ms).await
}

/// What is logged of a claim: the verb, and the resource as its path.
fn told(session: i64, kind: EventKind, resource: &SafeText, verb: &'static str) -> NewEvent {
    let text = SafeText::constant(verb);
    NewEvent { path: Some(resource.clone()), ..NewEvent::new(Some(session), kind, text) }
}

/// Claims that have not run out, oldest first.
pub(super) async fn list(
    work: &impl GenericClient,
    place: &Place,
    resource: Option<&Resource>,
) -> Result<Vec<Claim>, Failed> {
    let found = match resource {
        Some(resource) => meeting(work, place, resource).await?,
        None => select(work, place, "true", Vec::new()).await?,
    };
    Ok(not_over(found))
}

/// Those that have not run out.
pub(super) fn not_over(mut claims: Vec<Claim>) -> Vec<Claim> {
    let now_ms = super::now_ms();
    claims.retain(|claim| claim.expires_ms > now_ms);
    claims
}

/// Claims of the project of which a condition holds, whose value is `$2`.
async fn select(
    work: &impl GenericClient,
    place: &Place,
    condition: &str,
    mut values: Values<'_>,
) -> Result<Vec<Claim>, Failed> {
    let sql = select_sql(condition);
    values.insert(0, (&place.project, Type::INT8));
    let rows = work.query_typed(&sql, &values).await?;
    Ok(rows.iter().map(|row| claim_from(row, place)).collect())
}

/// The question for claims of a project, `$1`, of which a condition holds.
pub(super) fn select_sql(condition: &str) -> String {
    format!(
        "SELECT {SESSION}, resource, shown, shared, note, taken_ms, expires_ms
         FROM waypost.claim JOIN waypost.session ON session.seq = claim.session
         WHERE claim.project = $1 AND {condition} ORDER BY claim.seq"
    )
}
