//! What to do with a database that is broken or somebody else's: keep its file
//! under another name, and begin a new one, with what can still be read of the
//! records' history where it is ours. Snapshots are taken anew, and memory lies
//! in files.
//!
//! Not here: databases that are refused and stay where they are (another user's
//! file, a newer waypost's).

use std::fmt;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, Transaction, TransactionBehavior, params};

use super::binding::{self, BindingState};
use super::{Result, Store, StoreError, class_from, decode_checked, open, schema, verified};
use crate::model::{ContentHash, RelPath};
use crate::project::Database;

/// Why a database cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseFault {
    Broken(String),
    Foreign(String),
}

impl fmt::Display for DatabaseFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(reason) => write!(f, "is broken: {reason}"),
            Self::Foreign(reason) => write!(f, "was not made here by you: {reason}"),
        }
    }
}

impl DatabaseFault {
    /// The word in the name under which the file is kept.
    fn word(&self) -> &'static str {
        match self {
            Self::Broken(_) => "broken",
            Self::Foreign(_) => "foreign",
        }
    }
}

/// How thoroughly a database is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckDepth {
    /// Pages, and rows one by one.
    Quick,
    /// Indexes against their tables too.
    Thorough,
}

impl Store {
    /// Runs `run`. A database that it finds unusable is set aside, and it runs
    /// again; returns what to tell of that. `of` finds the database's error in
    /// that of `run`.
    pub fn mending<T, E: From<StoreError>>(
        database: &Database,
        mut run: impl FnMut() -> std::result::Result<T, E>,
        of: impl Fn(&E) -> Option<&StoreError>,
    ) -> std::result::Result<(T, Option<String>), E> {
        let is_unusable = |error: &E| of(error).is_some_and(StoreError::is_unusable);
        let mut notice = None;
        // Where nothing is found the first time, it may have been another
        // process that was putting a new one in its place.
        for insists in [false, true] {
            match run() {
                Err(error) if is_unusable(&error) => {
                    let found = of(&error).filter(|_| insists);
                    notice = Self::quarantine_database(database, found)?.or(notice);
                }
                done => return done.map(|done| (done, notice)),
            }
        }
        run().map(|done| (done, notice))
    }

    /// Sets the database aside when it is unusable, and gives what to tell of
    /// it; `None` when it is sound, perhaps because another process was faster.
    /// Where a look finds nothing, `found` counts, if it is about the file that
    /// still lies there.
    pub fn quarantine_database(database: &Database, found: Option<&StoreError>) -> Result<Option<String>> {
        let path = &database.file;
        let failed = |source| StoreError::Aside { path: path.clone(), source };
        let folder = path.parent().unwrap_or(Path::new("."));
        let folder = File::open(folder).map_err(failed)?;
        // Two processes must not set aside each other's new database.
        folder.lock().map_err(failed)?;
        let looked = Self::diagnose(database, CheckDepth::Thorough)?;
        let Some(why) = looked.or_else(|| found.and_then(|found| still_there(found, path))) else {
            return Ok(None);
        };
        let new = new_database(path)?;
        let filled = salvage(database, &why, &new);
        let aside = filled.and_then(|kept| Ok((exchange(path, &new, why.word()).map_err(failed)?, kept)));
        if aside.is_err() {
            // It may not be there, and the error says enough.
            let _ = std::fs::remove_file(&new);
        }
        let (aside, kept) = aside?;
        folder.sync_all().map_err(failed)?;
        Ok(Some(notice(path, &why, &aside, kept)))
    }

    /// What is wrong with a database that cannot be used; `None` when it can be.
    pub fn diagnose(database: &Database, depth: CheckDepth) -> Result<Option<DatabaseFault>> {
        match look(database, depth) {
            Err(StoreError::Broken { reason, .. }) => Ok(Some(DatabaseFault::Broken(reason))),
            Err(StoreError::Foreign { reason, .. }) => Ok(Some(DatabaseFault::Foreign(reason))),
            done => Ok(done?.map(DatabaseFault::Broken)),
        }
    }

    /// Files of databases that were set aside, sorted by kind and age.
    pub fn aside(path: &Path) -> Vec<PathBuf> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let prefixes = [format!("{name}.broken-"), format!("{name}.foreign-")];
        let is_quarantined = |name: &str| prefixes.iter().any(|prefix| name.starts_with(prefix));
        let entries = path.parent().and_then(|folder| std::fs::read_dir(folder).ok());
        let names = entries.into_iter().flatten().flatten().map(|entry| entry.path());
        let mut found: Vec<PathBuf> = names
            .filter(|path| path.file_name().is_some_and(|name| is_quarantined(&name.to_string_lossy())))
            .filter(|path| !path.to_string_lossy().ends_with("-wal"))
            .collect();
        found.sort();
        found
    }
}

/// The reason of an error about the file that still has this path.
fn still_there(found: &StoreError, path: &Path) -> Option<DatabaseFault> {
    match found {
        StoreError::Broken { reason, file, .. } if file.is_some() && *file == open::identity(path) => {
            Some(DatabaseFault::Broken(reason.clone()))
        }
        _ => None,
    }
}

fn notice(path: &Path, why: &DatabaseFault, aside: &Path, kept: usize) -> String {
    let (path, aside) = (path.display(), aside.display());
    let (what, history) = match (why, kept) {
        (DatabaseFault::Broken(reason), 0) => {
            (format!("was broken ({reason})"), "no history of records could be read from it".to_string())
        }
        (DatabaseFault::Broken(reason), kept) => (
            format!("was broken ({reason})"),
            format!("{kept} revisions of records could be read from it and were kept"),
        ),
        (DatabaseFault::Foreign(reason), _) => {
            (format!("was not made here by you ({reason})"), "nothing was taken from it".to_string())
        }
    };
    format!(
        "database `{path}` {what}: it is kept as `{aside}`; {history}; snapshots begin anew, memory lies in files"
    )
}

fn look(database: &Database, depth: CheckDepth) -> Result<Option<String>> {
    let path = &database.file;
    let connection = open::connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let at = |error: schema::OpenError| error.at(path);
    let of_sqlite = |source| StoreError::of_sqlite(path, source, open::system_error(&connection));
    open::refuse_foreign(&connection, database).map_err(at)?;
    let check = match depth {
        CheckDepth::Quick => "PRAGMA quick_check(1)",
        CheckDepth::Thorough => "PRAGMA integrity_check(1)",
    };
    let found: String = connection.query_row(check, [], |row| row.get(0)).map_err(of_sqlite)?;
    if found != "ok" {
        return Ok(Some(found.replace('\n', " ")));
    }
    // An older schema is brought to the newest one before it is used.
    if open::version(&connection).map_err(at)? < schema::KNOWN_SCHEMA {
        return Ok(None);
    }
    let wrong = || match schema::wrong_value(&connection)? {
        None => makes_no_sense(&connection, depth),
        wrong => Ok(wrong),
    };
    wrong().map_err(of_sqlite)
}

/// Rows that SQLite can read and nobody else.
fn makes_no_sense(connection: &Connection, depth: CheckDepth) -> rusqlite::Result<Option<String>> {
    if binding::project(connection).optional()?.is_none() {
        return Ok(Some("it does not say which one it is".to_string()));
    }
    if depth == CheckDepth::Thorough && connection.prepare("PRAGMA foreign_key_check")?.exists([])? {
        return Ok(Some("a row of it belongs to none".to_string()));
    }
    // Fails where FTS5 does not know the format of its own table.
    connection.prepare("SELECT 1 FROM record_fts WHERE record_fts MATCH 'a'")?.exists([])?;
    let mut statement = connection.prepare("SELECT id, data FROM record")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if decode_checked::<crate::memory::Record>(row.get_ref(1)?.as_blob().unwrap_or_default()).is_none() {
            return Ok(Some(format!("what it holds of record `{}` is damaged", row.get::<_, String>(0)?)));
        }
    }
    for table in ["content", "history", "sketch", "sketch_part", "name_use"] {
        let mut statement = connection.prepare(&format!("SELECT data FROM {table}"))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if verified(row.get_ref(0)?.as_blob().unwrap_or_default()).is_none() {
                return Ok(Some(format!("a row of its table `{table}` is damaged")));
            }
        }
    }
    let mut statement = connection.prepare("SELECT path, class FROM file")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let path: String = row.get(0)?;
        if class_from(row.get_ref(1)?.as_str()?).is_none() || RelPath::new(&path).is_none() {
            return Ok(Some(format!("what it holds of `{}` is damaged", path.escape_debug())));
        }
    }
    Ok(None)
}

/// An empty database beside the broken one, under a name that is cleared away
/// when this run is killed.
fn new_database(path: &Path) -> Result<PathBuf> {
    let new = path.with_file_name(format!(".waypost-{}-new.tmp", std::process::id()));
    let failed = |source| StoreError::Create { path: new.clone(), source };
    match std::fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    Ok(new)
}

/// Fills the new database with what can be read of the old one's history, where
/// that is ours; returns how many revisions that is.
fn salvage(database: &Database, why: &DatabaseFault, new: &Path) -> Result<usize> {
    let found = match why {
        DatabaseFault::Broken(_) => read_history(database),
        DatabaseFault::Foreign(_) => SalvagedHistory::default(),
    };
    let connection = open::begin_new(new, database)?;
    let of_sqlite = |source| StoreError::of_sqlite(new, source, open::system_error(&connection));
    let fill = || -> rusqlite::Result<usize> {
        let connection = Transaction::new_unchecked(&connection, TransactionBehavior::Immediate)?;
        for (hash, text) in &found.texts {
            connection.execute("INSERT OR IGNORE INTO record_text VALUES (?1, ?2)", params![hash.0, text])?;
        }
        let mut kept = 0;
        for (root, event) in &found.events {
            connection.execute("INSERT OR IGNORE INTO tree (root) VALUES (?1)", [root])?;
            let hash = event.hash.map(|hash| hash.0);
            kept += connection.execute(
                "INSERT OR IGNORE INTO record_event (tree, record, revision, what, hash, at)
                 VALUES ((SELECT id FROM tree WHERE root = ?1), ?2, ?3, ?4, ?5, ?6)",
                params![root, event.record, event.revision, event.what.name(), hash, event.at],
            )?;
        }
        connection.commit()?;
        Ok(kept)
    };
    fill().map_err(of_sqlite)
}

#[derive(Default)]
struct SalvagedHistory {
    texts: Vec<(ContentHash, String)>,
    /// With the root of the work tree.
    events: Vec<(String, super::RecordEvent)>,
}

/// Everything of the history that can be read and makes sense. An error ends a
/// table; reading it backwards as well finds what lies behind a broken page.
fn read_history(database: &Database) -> SalvagedHistory {
    let mut history = SalvagedHistory::default();
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let Ok(connection) = Connection::open_with_flags(&database.file, flags) else { return history };
    let standing = open::distrust(&connection).and_then(|()| binding::standing(&connection, database));
    if !open::is_ours(&connection) || matches!(standing, Err(_) | Ok(BindingState::Foreign(_))) {
        return history;
    }
    let text = |row: &Row| Ok((ContentHash(row.get(0)?), row.get::<_, String>(1)?));
    let event = |row: &Row| Ok((row.get::<_, String>(0)?, super::records::event_from(row, 1)?));
    for order in ["ASC", "DESC"] {
        // A text is what its hash says, or not taken.
        let texts =
            rows(&connection, &format!("SELECT hash, text FROM record_text ORDER BY hash {order}"), text);
        history
            .texts
            .extend(texts.into_iter().filter(|(hash, text)| ContentHash::of(text.as_bytes()) == *hash));
        let sql = format!(
            "SELECT tree.root, record, revision, what, hash, at FROM record_event JOIN tree ON tree.id = record_event.tree
             ORDER BY seq {order}"
        );
        let events = rows(&connection, &sql, event);
        history.events.extend(events.into_iter().filter(|(_, event)| makes_sense(event)));
    }
    history
}

fn makes_sense(event: &super::RecordEvent) -> bool {
    (1..schema::SMALLEST_TOO_LARGE).contains(&event.revision)
        && crate::memory::is_id(&event.record)
        && event.at.len() < 40
        && event.at.bytes().all(|b| b.is_ascii_digit() || b"TZ:.+-".contains(&b))
}

/// The rows up to the first one that cannot be read.
fn rows<T>(connection: &Connection, sql: &str, read: impl Fn(&Row) -> rusqlite::Result<T>) -> Vec<T> {
    let mut found = Vec::new();
    let Ok(mut statement) = connection.prepare(sql) else { return found };
    let Ok(mut rows) = statement.query([]) else { return found };
    while let Ok(Some(row)) = rows.next() {
        // One bad value spoils its own row only.
        found.extend(read(row));
    }
    found
}

/// Puts the new database in the place of the broken one, which keeps all its
/// bytes, log included, under the name that is given back.
fn exchange(path: &Path, new: &Path, word: &str) -> io::Result<PathBuf> {
    let sibling = |path: &Path, suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    let aside = free_name(path, word);
    let found = |done: io::Result<()>| match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    };
    // First the log: it must not be taken for the new database's. What SQLite
    // shares in memory is made again from it.
    let log = sibling(path, "-wal");
    match std::fs::metadata(&log).is_ok_and(|log| log.len() > 0) {
        true => std::fs::rename(log, sibling(&aside, "-wal"))?,
        false => found(std::fs::remove_file(log))?,
    }
    found(std::fs::remove_file(sibling(path, "-shm")))?;
    if std::fs::hard_link(path, &aside).is_err() {
        std::fs::rename(path, &aside)?;
    }
    std::fs::rename(new, path)?;
    Ok(aside)
}

/// `waypost.db.<word>-<seconds since 1970>`, never one that is there.
fn free_name(path: &Path, word: &str) -> PathBuf {
    let now = std::time::SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs());
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    (now..)
        .map(|time| path.with_file_name(format!("{name}.{word}-{time}")))
        .find(|name| std::fs::symlink_metadata(name).is_err())
        .unwrap_or_default()
}
