//! Leases on resources. Whether one is granted is decided inside a transaction
//! that no other writer can come between, so that a resource has one holder
//! however many ask at once.
//!
//! Not here: which spellings mean one resource, and which sessions are stale
//! (`sessions`): keys and a verdict are handed in.

use rusqlite::{Connection, Row, Transaction, params};

use super::session_rows::{SELECT, append, collect, session_from};
use super::sql::stored_text;
use super::{Result, Store};
use crate::model::{Claim, EventKind, NewClaim, NewEvent, Resource, SafeText};

/// What became of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClaimVerdict {
    /// It is held, until then. Claims of others that were taken over for it.
    Held { expires_ms: i64, stolen: Vec<Claim> },
    /// Others hold it, or a part of it, or a folder that it lies in.
    Refused(Vec<Claim>),
    /// The session has ended.
    Ended,
}

impl Store {
    /// Claims a resource, or renews the claim on it. `may_steal` says of a claim
    /// in the way whether it may be taken over.
    pub fn claim(
        &mut self,
        new: &NewClaim,
        now_ms: i64,
        may_steal: &dyn Fn(&Claim) -> bool,
    ) -> Result<ClaimVerdict> {
        self.in_transaction(|transaction| {
            let open = "SELECT 1 FROM session WHERE seq = ?1 AND ended_ms IS NULL";
            if !transaction.prepare_cached(open)?.exists([new.session])? {
                return Ok(ClaimVerdict::Ended);
            }
            expire(transaction, now_ms)?;
            let mut in_the_way = meeting(transaction, &new.resource)?;
            in_the_way.retain(|claim| claim.session.seq != new.session && !(claim.shared && new.shared));
            if !in_the_way.iter().all(may_steal) {
                return Ok(ClaimVerdict::Refused(in_the_way));
            }
            in_the_way.iter().try_for_each(|claim| take_over(transaction, claim, new, now_ms))?;
            hold(transaction, new, now_ms)?;
            Ok(ClaimVerdict::Held { expires_ms: now_ms + new.ttl_ms, stolen: in_the_way })
        })
    }

    /// Gives up a session's own claim on exactly this resource; `false` if it
    /// holds none.
    pub fn release(&mut self, session: i64, resource: &Resource, now_ms: i64) -> Result<bool> {
        self.in_transaction(|transaction| {
            let deleted = transaction.execute(
                "DELETE FROM claim WHERE session = ?1 AND resource = ?2 AND expires_ms > ?3",
                params![session, resource.key, now_ms],
            )?;
            if deleted == 1 {
                append(transaction, &told(session, EventKind::Release, &resource.shown, "released"), now_ms)?;
            }
            Ok(deleted == 1)
        })
    }

    /// Gives up all claims of a session; what they were on.
    pub fn release_all(&mut self, session: i64, now_ms: i64) -> Result<Vec<SafeText>> {
        self.in_transaction(|transaction| release_all(transaction, session, now_ms))
    }

    /// Claims that have not run out, oldest first; of one resource, all that it
    /// meets.
    pub fn claims(&self, resource: Option<&Resource>, now_ms: i64) -> Result<Vec<Claim>> {
        let found = match resource {
            Some(resource) => meeting(&self.connection, resource),
            None => select(&self.connection, "1", &[]),
        };
        let mut found = self.sql(found)?;
        found.retain(|claim| claim.expires_ms > now_ms);
        Ok(found)
    }
}

/// Frees what a session holds.
pub(super) fn release_all(
    transaction: &Transaction,
    session: i64,
    now_ms: i64,
) -> rusqlite::Result<Vec<SafeText>> {
    let held = select(transaction, "claim.session = ?1", &[&session])?;
    transaction.execute("DELETE FROM claim WHERE session = ?1", [session])?;
    let shown: Vec<SafeText> = held.into_iter().map(|claim| claim.resource.shown).collect();
    for resource in &shown {
        append(transaction, &told(session, EventKind::Release, resource, "released"), now_ms)?;
    }
    Ok(shown)
}

/// Deletes what ran out, and logs that.
fn expire(transaction: &Transaction, now_ms: i64) -> rusqlite::Result<()> {
    for claim in select(transaction, "expires_ms <= ?1", &[&now_ms])? {
        let event = told(claim.session.seq, EventKind::Release, &claim.resource.shown, "expired");
        append(transaction, &event, now_ms)?;
    }
    transaction.execute("DELETE FROM claim WHERE expires_ms <= ?1", [now_ms])?;
    Ok(())
}

/// A path meets itself, what lies below it and the folders above it; a name
/// meets itself.
fn meeting(connection: &Connection, resource: &Resource) -> rusqlite::Result<Vec<Claim>> {
    let is_path = !resource.key.starts_with("name:");
    let condition = match is_path {
        true => {
            "resource = ?1 OR resource = ''
             OR substr(resource, 1, length(?1) + 1) = ?1 || '/'
             OR substr(?1, 1, length(resource) + 1) = resource || '/'"
        }
        false => "resource = ?1",
    };
    select(connection, condition, &[&resource.key])
}

fn take_over(transaction: &Transaction, old: &Claim, new: &NewClaim, now_ms: i64) -> rusqlite::Result<()> {
    let (holder, resource) = (&old.session, &old.resource);
    transaction.execute(
        "DELETE FROM claim WHERE session = ?1 AND resource = ?2",
        params![holder.seq, resource.key],
    )?;
    append(transaction, &told(holder.seq, EventKind::Release, &resource.shown, "stolen"), now_ms)?;
    append(transaction, &told(new.session, EventKind::Claim, &resource.shown, "stole"), now_ms)
}

fn hold(transaction: &Transaction, new: &NewClaim, now_ms: i64) -> rusqlite::Result<()> {
    let shared = i64::from(new.shared);
    let renewed = transaction.execute(
        "UPDATE claim SET expires_ms = ?3, shared = ?4, note = ?5 WHERE resource = ?1 AND session = ?2",
        params![new.resource.key, new.session, now_ms + new.ttl_ms, shared, new.note.as_str()],
    )?;
    if renewed == 1 {
        return append(
            transaction,
            &told(new.session, EventKind::Claim, &new.resource.shown, "renewed"),
            now_ms,
        );
    }
    transaction.execute(
        "INSERT INTO claim (resource, session, shown, shared, note, taken_ms, expires_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            new.resource.key,
            new.session,
            new.resource.shown.as_str(),
            shared,
            new.note.as_str(),
            now_ms,
            now_ms + new.ttl_ms
        ],
    )?;
    append(transaction, &told(new.session, EventKind::Claim, &new.resource.shown, "claimed"), now_ms)
}

/// What is logged of a claim: the verb, and the resource as its path.
fn told(session: i64, kind: EventKind, resource: &SafeText, verb: &'static str) -> NewEvent {
    let text = SafeText::constant(verb);
    NewEvent { path: Some(resource.clone()), ..NewEvent::new(Some(session), kind, text) }
}

pub(super) fn select(
    connection: &Connection,
    condition: &str,
    values: &[&dyn rusqlite::ToSql],
) -> rusqlite::Result<Vec<Claim>> {
    let columns =
        SELECT.replace("\nFROM session", ", resource, shown, shared, note, taken_ms, expires_ms, confirmed");
    let sql = format!(
        "{columns} FROM claim JOIN session ON session.seq = claim.session WHERE {condition}
         ORDER BY claim.seq"
    );
    collect(connection, &sql, values, claim_from)
}

fn claim_from(row: &Row) -> rusqlite::Result<Claim> {
    let text = |at: usize| row.get::<_, String>(at).map(stored_text);
    Ok(Claim {
        session: session_from(row)?,
        resource: Resource { key: row.get(16)?, shown: text(17)? },
        shared: row.get::<_, i64>(18)? != 0,
        note: text(19)?,
        taken_ms: row.get(20)?,
        expires_ms: row.get(21)?,
        confirmed: row.get(22)?,
    })
}
