//! Which recorded snapshots stay. One that somebody asked for stays until it
//! is pruned; of those that a watch took by itself enough stay to go back by,
//! and their number has a bound, however often files are saved.

use std::collections::BTreeSet;

use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::{Result, Store};

/// The newest ones that nobody asked for all stay: an hour of work at a save a
/// minute.
pub const KEEP_NEWEST: usize = 60;

/// Of older ones the last of each hour stays for a day, and the last of each
/// day for a month.
const HOURLY_FOR: i64 = 86_400;
const DAILY_FOR: i64 = 30 * 86_400;

/// Free pages are used again before the file grows; given back to the system
/// are they when they are more than one in this many.
const FREE_SHARE: i64 = 8;

/// A recorded snapshot, as far as it matters here.
#[derive(Clone, Debug)]
struct RetainedSnapshot {
    id: i64,
    /// Seconds since 1970.
    at: i64,
    asked: bool,
    goal: Option<String>,
}

impl Store {
    /// Removes the snapshots of this work tree that nobody asked for and that
    /// the policy does not keep, with what only they held. `now` is in seconds
    /// since 1970. Returns how many.
    pub fn thin(&mut self, now: i64) -> Result<usize> {
        let tree = self.tree;
        let run = |connection: &mut Connection| -> rusqlite::Result<usize> {
            let Some(tree) = tree else { return Ok(0) };
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let rows = rows(&transaction, tree)?;
            let mut drop = droppable(&rows, now);
            let mentioned = mentioned(&transaction, tree)?;
            drop.retain(|id| !mentioned.contains(id));
            if drop.is_empty() {
                return Ok(0);
            }
            remove(&transaction, tree, &drop)?;
            transaction.commit()?;
            give_back(connection)?;
            Ok(drop.len())
        };
        let done = run(&mut self.connection);
        self.sql(done)
    }
}

/// Removes snapshots, and what only they held.
pub(super) fn remove(transaction: &Transaction, tree: i64, ids: &[i64]) -> rusqlite::Result<()> {
    let mut delete = transaction.prepare("DELETE FROM snapshot WHERE tree = ?1 AND seq = ?2")?;
    for id in ids {
        delete.execute(params![tree, id])?;
    }
    for table in ["file", "skipped"] {
        transaction.execute(
            &format!(
                "DELETE FROM {table} WHERE last IS NOT NULL AND NOT EXISTS (
                   SELECT 1 FROM snapshot s
                   WHERE s.tree = {table}.tree AND s.seq BETWEEN {table}.first AND {table}.last)"
            ),
            [],
        )?;
    }
    // The index of the code may know a state that was never recorded.
    transaction.execute(
        "DELETE FROM content WHERE hash NOT IN (SELECT hash FROM file) AND hash NOT IN (SELECT hash FROM place)",
        [],
    )?;
    Ok(())
}

fn give_back(connection: &Connection) -> rusqlite::Result<()> {
    let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    if number("PRAGMA freelist_count")? * FREE_SHARE > number("PRAGMA page_count")? {
        connection.execute_batch("PRAGMA incremental_vacuum")?;
    }
    Ok(())
}

/// Oldest first.
fn rows(transaction: &Transaction, tree: i64) -> rusqlite::Result<Vec<RetainedSnapshot>> {
    let mut statement = transaction.prepare(
        "SELECT seq, coalesce(CAST(strftime('%s', created_at) AS INTEGER), 0), asked, goal
         FROM snapshot WHERE tree = ?1 ORDER BY seq",
    )?;
    let rows = statement.query_map([tree], |row| {
        Ok(RetainedSnapshot { id: row.get(0)?, at: row.get(1)?, asked: row.get(2)?, goal: row.get(3)? })
    })?;
    rows.collect()
}

/// Snapshots whose id stands in a record: a checkpoint that names one can be
/// gone back to.
fn mentioned(transaction: &Transaction, tree: i64) -> rusqlite::Result<BTreeSet<i64>> {
    let mut statement = transaction.prepare("SELECT title || ' ' || body FROM record WHERE tree = ?1")?;
    let mut rows = statement.query([tree])?;
    let mut found = BTreeSet::new();
    while let Some(row) = rows.next()? {
        let text = row.get_ref(0)?.as_str()?;
        let words = text.split(|c: char| !c.is_alphanumeric());
        found.extend(words.filter_map(|word| word.strip_prefix('s')?.parse::<i64>().ok()));
    }
    Ok(found)
}

/// What the policy does not keep of `rows`, oldest first. `now` is in seconds.
fn droppable(rows: &[RetainedSnapshot], now: i64) -> Vec<i64> {
    let is_last_of_goal = |at: usize| rows.get(at + 1).is_none_or(|next| next.goal != rows[at].goal);
    let own: Vec<&RetainedSnapshot> =
        (0..rows.len()).filter(|&at| !rows[at].asked && !is_last_of_goal(at)).map(|at| &rows[at]).collect();
    let old = &own[..own.len().saturating_sub(KEEP_NEWEST)];
    let (mut kept, mut dropped) = (BTreeSet::new(), Vec::new());
    for row in old.iter().rev() {
        let age = (now - row.at).max(0);
        let span = match age {
            ..HOURLY_FOR => Some(3_600),
            HOURLY_FOR..DAILY_FOR => Some(86_400),
            _ => None,
        };
        // The first one seen from the newest is the last of its hour or day.
        if !span.is_some_and(|span| kept.insert((span, row.at.div_euclid(span)))) {
            dropped.push(row.id);
        }
    }
    dropped.reverse();
    dropped
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400;

    /// Snapshots `every` seconds for `during` seconds, nobody asked for them.
    fn saves(during: i64, every: i64) -> Vec<RetainedSnapshot> {
        let row = |n: i64| RetainedSnapshot { id: n + 1, at: n * every, asked: false, goal: None };
        (0..during / every).map(row).collect()
    }

    fn kept(rows: &[RetainedSnapshot], now: i64) -> Vec<i64> {
        let dropped = droppable(rows, now);
        rows.iter().map(|row| row.id).filter(|id| !dropped.contains(id)).collect()
    }

    #[test]
    fn a_few_saves_all_stay_and_many_have_a_bound_at_any_rate() {
        assert_eq!(kept(&saves(600, 10), 600).len(), 60);
        assert_eq!(kept(&saves(DAY, 43), DAY).len(), 60 + 1 + 25);
        assert!(kept(&saves(3_600, 1), 3_600).len() <= 60 + 2);
        assert!(kept(&saves(400 * DAY, 600), 400 * DAY).len() <= 60 + 1 + 25 + 31);
    }

    #[test]
    fn thinning_often_keeps_what_thinning_once_keeps() {
        let all = saves(3 * DAY, 120);
        let once = kept(&all, 3 * DAY);
        let mut often: Vec<RetainedSnapshot> = Vec::new();
        for row in &all {
            often.push(row.clone());
            let left = kept(&often, row.at);
            often.retain(|row| left.contains(&row.id));
        }
        let left = kept(&often, 3 * DAY);
        assert!(once.len().abs_diff(left.len()) <= 2, "{} and {}", once.len(), left.len());
    }

    #[test]
    fn what_was_asked_for_and_the_last_of_each_goal_stays() {
        let mut rows = saves(3_600, 10);
        rows[3].asked = true;
        for row in &mut rows[..20] {
            row.goal = Some("first".into());
        }
        let kept = kept(&rows, 400 * DAY);
        assert_eq!(&kept[..2], [4, 20]);
        assert_eq!(kept.len(), 2 + 60 + 1);
    }
}
