//! Opening: whose database it is, how it is set up, and its migrations.

use std::fs::{File, Metadata};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags, OptionalExtension, TransactionBehavior};

use super::binding::{self, BindingState};
use super::schema::{self, APPLICATION_ID, KNOWN_SCHEMA, MIGRATIONS, OpenError, another_programs};
use super::{Result, Store, StoreError};
use crate::fs::confined;
use crate::limits;
use crate::project::Database;

/// How long a writer waits for another one: recording a tree of 100,000 files
/// for the first time takes some seconds.
pub(super) const BUSY: Duration = Duration::from_secs(30);

/// Between two tries where SQLite itself does not wait.
const RETRY: Duration = Duration::from_millis(20);

impl Store {
    /// Opens for writing and creates what is missing, folder included. A
    /// database that is broken or somebody else's is set aside and another one
    /// begun; [`Store::take_notice`] tells of it.
    pub fn create(database: &Database) -> Result<Self> {
        let created = Self::mending(database, || Self::create_sound(database), |error| Some(error));
        created.map(|(store, notice)| Self { notice, ..store })
    }

    /// The same, and an error when the database cannot be used.
    pub(super) fn create_sound(database: &Database) -> Result<Self> {
        let path = &database.file;
        if let Some(folder) = path.parent() {
            create_private_folder(folder)
                .map_err(|source| StoreError::Create { path: folder.to_path_buf(), source })?;
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let mut connection = connect(path, flags)?;
        leave_short_log(&connection, database).map_err(|error| OpenError::from(error).at(path))?;
        prepare(&mut connection, database).map_err(|error| error.at(path))?;
        Self { connection, database: database.clone(), tree: None, notice: None }.of_tree()
    }

    /// Opens what is there, for reading; `None` when nothing is. Works on a
    /// read-only file system too.
    pub fn open(database: &Database) -> Result<Option<Self>> {
        let path = &database.file;
        if !path.exists() {
            return Ok(None);
        }
        let connection =
            connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE).or_else(|error| match error.is_read_only() {
                true => connect_immutable(path),
                false => Err(error),
            })?;
        leave_short_log(&connection, database).map_err(|error| OpenError::from(error).at(path))?;
        refuse_foreign(&connection, database).map_err(|error| error.at(path))?;
        match version(&connection).map_err(|error| error.at(path))? {
            // Created and never written, by a crash at the first start.
            0 => return Ok(None),
            KNOWN_SCHEMA => {}
            // An older schema is a cache that this reader cannot use.
            _ => return Ok(None),
        }
        let store = Self { connection, database: database.clone(), tree: None, notice: None };
        Ok(Some(store.of_tree()?))
    }

    /// How long this store waits for another writer, instead of the usual time.
    pub fn wait_at_most(&self, time: Duration) -> Result<()> {
        self.sql(self.connection.busy_timeout(time))
    }

    /// Looks up the row of the work tree, which may never have been recorded.
    pub(super) fn of_tree(mut self) -> Result<Self> {
        let sql = "SELECT id FROM tree WHERE root = ?1";
        let root = self.database.root.to_string_lossy();
        let row = self.connection.query_row(sql, [root], |row| row.get(0));
        self.tree = self.sql(row.optional())?;
        Ok(self)
    }
}

/// Number of the error that the system gave last, for SQLite's `I/O error`.
pub(super) fn system_error(connection: &Connection) -> i32 {
    // SAFETY: the handle is only read, and lives as long as the connection.
    unsafe { rusqlite::ffi::sqlite3_system_errno(connection.handle()) }
}

/// Opens and sets up. Some of SQLite's first steps do not wait for others: a
/// new database's change to WAL, and the recovery of a log.
pub(super) fn connect(path: &Path, flags: OpenFlags) -> Result<Connection> {
    use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked, FileLockingProtocolFailed};
    let busy = |error: &rusqlite::Error| {
        matches!(error.sqlite_error_code(), Some(DatabaseBusy | DatabaseLocked | FileLockingProtocolFailed))
    };
    let deadline = Instant::now() + BUSY;
    loop {
        match connect_once(path, flags) {
            Err(OpenError::Sqlite(error, _)) if busy(&error) && Instant::now() < deadline => {
                std::thread::sleep(RETRY);
            }
            done => return done.map_err(|error| error.at(path)),
        }
    }
}

fn connect_once(path: &Path, flags: OpenFlags) -> std::result::Result<Connection, OpenError> {
    refuse_foreign_owner(path)?;
    if look_at_header(path).is_err() {
        // Another process may be writing it back from its log: look again.
        std::thread::sleep(RETRY);
        look_at_header(path)?;
    }
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let connection = Connection::open_with_flags(path, flags)?;
    match set_up(&connection) {
        Ok(()) => Ok(connection),
        // What SQLite tells then is what it missed when it went on without.
        Err(OpenError::Sqlite(..)) if connection.is_readonly("main").unwrap_or(false) => {
            let read_only = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_READONLY);
            Err(rusqlite::Error::SqliteFailure(read_only, None).into())
        }
        Err(OpenError::Sqlite(error, _)) => Err(OpenError::Sqlite(error, system_error(&connection))),
        Err(error) => Err(error),
    }
}

fn set_up(connection: &Connection) -> std::result::Result<(), OpenError> {
    connection.busy_timeout(BUSY)?;
    distrust(connection)?;
    check_schema(connection)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    // What is erased is overwritten, not only unlinked.
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cache_size", -32_768)?;
    if version(connection)? == 0 {
        // Before the first page is written; afterwards it would only write.
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    }
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    connection.pragma_update_and_check(None, "journal_size_limit", LOG, |_| Ok(()))?;
    Ok(())
}

/// Leaves writing back the log to whoever opens the database next, as long as it is short. To write a
/// page or two back, with what they wait for on the disk, takes as long as the rest of a short command.
fn leave_short_log(connection: &Connection, database: &Database) -> rusqlite::Result<()> {
    use rusqlite::config::DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
    let log = std::fs::metadata(database.file.with_extension("db-wal")).map_or(0, |log| log.len());
    if database.is_brief && log < SHORT_LOG {
        connection.set_db_config(SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    }
    Ok(())
}

/// Version and schema as they are at one moment.
fn check_schema(connection: &Connection) -> std::result::Result<(), OpenError> {
    let moment = connection.unchecked_transaction()?;
    schema::verify(&moment, version(&moment)?)
}

/// Nothing in the file's own schema may run code of its choice, and no value may
/// be larger than any that was written.
pub(super) fn distrust(connection: &Connection) -> rusqlite::Result<()> {
    use rusqlite::config::DbConfig::{SQLITE_DBCONFIG_DEFENSIVE, SQLITE_DBCONFIG_ENABLE_VIEW};
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.set_db_config(SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    connection.set_limit(rusqlite::limits::Limit::SQLITE_LIMIT_LENGTH, limits::MAX_VALUE)?;
    Ok(())
}

/// Fails for a database that this user's waypost did not make here.
pub(super) fn refuse_foreign(
    connection: &Connection,
    database: &Database,
) -> std::result::Result<(), OpenError> {
    match binding::standing(connection, database)? {
        BindingState::Foreign(reason) if version(connection)? > 0 => Err(OpenError::Foreign(reason)),
        _ => Ok(()),
    }
}

/// A new, empty database in a file that nobody else knows, in one file, which
/// will take the place of `database`.
pub(super) fn begin_new(path: &Path, database: &Database) -> Result<Connection> {
    let begin = || -> std::result::Result<Connection, OpenError> {
        let mut connection = Connection::open(path)?;
        connection.pragma_update(None, "secure_delete", true)?;
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
        connection.pragma_update_and_check(None, "journal_mode", "MEMORY", |_| Ok(()))?;
        prepare(&mut connection, database)?;
        Ok(connection)
    };
    begin().map_err(|error| error.at(path))
}

/// Whether the marks in the header are ours, as far as they can be read.
pub(super) fn is_ours(connection: &Connection) -> bool {
    matches!(version(connection), Ok(1..))
}

/// For a database on a read-only file system, where WAL cannot work.
fn connect_immutable(path: &Path) -> Result<Connection> {
    let escaped = path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let open = || {
        let connection = Connection::open_with_flags(format!("file:{escaped}?immutable=1"), flags)?;
        distrust(&connection)?;
        check_schema(&connection)?;
        Ok(connection)
    };
    open().map_err(|error: OpenError| error.at(path))
}

/// The schema's number, 0 for a fresh file; refuses what is not ours.
pub(super) fn version(connection: &Connection) -> std::result::Result<i64, OpenError> {
    let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    let version = number("PRAGMA user_version")?;
    let application = number("PRAGMA application_id")?;
    if application != APPLICATION_ID && (application != 0 || version != 0) {
        return Err(OpenError::Broken(another_programs(application)));
    }
    plausible(version)
}

fn plausible(version: i64) -> std::result::Result<i64, OpenError> {
    match version {
        0..=KNOWN_SCHEMA => Ok(version),
        _ if (KNOWN_SCHEMA..=MAX_SCHEMA).contains(&version) => Err(OpenError::Newer(version)),
        _ => Err(OpenError::Broken(format!("there is no schema {version}"))),
    }
}

/// No version of waypost will have more schemas: it is damage.
const MAX_SCHEMA: i64 = 9_999;

/// Brings an older schema to the newest one and gives the database its key.
fn prepare(connection: &mut Connection, database: &Database) -> std::result::Result<(), OpenError> {
    let standing = binding::standing(connection, database)?;
    if version(connection)? < KNOWN_SCHEMA {
        return migrate(connection, database);
    }
    match standing {
        BindingState::Foreign(reason) => Err(OpenError::Foreign(reason)),
        BindingState::Moved => Ok(binding::settle(connection, database)?),
        BindingState::Ours => Ok(()),
        BindingState::Unbound => {
            // It has worked without: nobody waits for another writer for this.
            connection.busy_timeout(Duration::ZERO)?;
            let bound = migrate(connection, database);
            connection.busy_timeout(BUSY)?;
            match bound {
                Err(OpenError::Sqlite(error, _)) if is_busy(&error) => Ok(()),
                bound => bound,
            }
        }
    }
}

fn migrate(connection: &mut Connection, database: &Database) -> std::result::Result<(), OpenError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Again inside the lock: another process may have been faster.
    let before = version(&transaction)?;
    if before > 0 {
        refuse_foreign(&transaction, database)?;
    }
    for version in before..KNOWN_SCHEMA {
        transaction.execute_batch(MIGRATIONS[version as usize])?;
    }
    if before == 0 || binding::standing(&transaction, database)? == BindingState::Unbound {
        binding::bind(&transaction, database, before > 0)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", KNOWN_SCHEMA)?;
    transaction.commit()?;
    Ok(binding::settle(connection, database)?)
}

fn is_busy(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked};
    matches!(error.sqlite_error_code(), Some(DatabaseBusy | DatabaseLocked))
}

/// The highest number of a schema's format that SQLite knows
/// (<https://sqlite.org/fileformat2.html#schemaformat>).
const MAX_SCHEMA_FORMAT: i64 = 4;

/// Refuses what is not ours by the file's first bytes (sqlite.org/fileformat.html),
/// before SQLite opens and perhaps changes it.
fn look_at_header(path: &Path) -> std::result::Result<(), OpenError> {
    let (read, bytes) = match first_bytes(path) {
        Ok(found) => found,
        Err(error) if std::fs::symlink_metadata(path).is_ok_and(|found| !found.is_file()) => {
            return Err(OpenError::NotOurs(error.to_string()));
        }
        // SQLite says why, where it cannot either.
        Err(_) => return Ok(()),
    };
    let log = std::fs::metadata(path.with_extension("db-wal")).map_or(0, |log| log.len());
    let header = read.unwrap_or([0; HEADER]);
    match read {
        Some(header) if !header.starts_with(b"SQLite format 3\0") => {
            return Err(OpenError::Broken("not a SQLite database".into()));
        }
        Some(_) => {}
        // Empty: created and never written.
        None if bytes == 0 && log == 0 => return Ok(()),
        None if bytes == 0 => return Err(OpenError::Broken("it is empty, and its log is not".into())),
        None => return Err(OpenError::Broken("not a SQLite database".into())),
    }
    let number = |at: usize| {
        i64::from(u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]))
    };
    // Which versions of SQLite may write and read the file: rollback journal or
    // WAL. It opens a file with a higher first number for reading only.
    if header[18..20].iter().any(|format| !matches!(format, 0..=2)) || number(44) > MAX_SCHEMA_FORMAT {
        return Err(OpenError::Broken("its header names an unknown file format".into()));
    }
    let (version, application) = (number(60), number(68));
    if application != APPLICATION_ID && application != 0 {
        return Err(OpenError::Broken(another_programs(application)));
    }
    // It is signed.
    plausible(i64::from(version as i32))?;
    // Size of a page in bytes (1 means 65536) and their number. A log may hold
    // the pages that the file lacks: the header is written back first.
    let page = match u64::from(u16::from_be_bytes([header[16], header[17]])) {
        1 => 65_536,
        page => page,
    };
    let pages = number(28) as u64;
    if log == 0 && bytes < page * pages {
        return Err(OpenError::Broken(format!("it ends after {bytes} of {} bytes", page * pages)));
    }
    Ok(())
}

/// Bytes of the log that stay on the disk once they are written back: one large
/// change makes it as large, and a watch keeps it open all day.
const LOG: i64 = 8 << 20;

/// Bytes up to which a log is left: each opening reads it.
const SHORT_LOG: u64 = 256 << 10;

/// Device and inode of what has this path.
pub(super) fn identity(path: &Path) -> Option<(u64, u64)> {
    std::fs::symlink_metadata(path).ok().map(|found| (found.dev(), found.ino()))
}

/// How many bytes of the header are checked.
const HEADER: usize = 72;

/// Databases that were looked at stay open as long as the process lives: closing
/// a file takes away all the locks that SQLite has on it in this process, and
/// then others delete the log that a connection still writes to
/// (sqlite.org/howtocorrupt.html, 2.2).
static LOOKED_AT: Mutex<Vec<File>> = Mutex::new(Vec::new());

/// The first bytes of a file, if it has that many, and its size.
fn first_bytes(path: &Path) -> std::io::Result<(Option<[u8; HEADER]>, u64)> {
    let mut files = LOOKED_AT.lock().unwrap_or_else(PoisonError::into_inner);
    let identity = |found: &Metadata| (found.dev(), found.ino());
    let there = identity(&std::fs::symlink_metadata(path)?);
    let known = files.iter().position(|file| file.metadata().is_ok_and(|found| identity(&found) == there));
    let at = match known {
        Some(at) => at,
        None => {
            // Of a file without a name nobody else has a lock.
            files.retain(|file| file.metadata().is_ok_and(|found| found.nlink() > 0));
            files.push(confined::open(path)?);
            files.len() - 1
        }
    };
    let mut header = [0; HEADER];
    let read = files[at].read_exact_at(&mut header, 0);
    Ok((read.is_ok().then_some(header), files[at].metadata()?.len()))
}

/// A database that another user planted is not read.
fn refuse_foreign_owner(path: &Path) -> std::result::Result<(), OpenError> {
    let (Ok(file), Some(folder)) = (std::fs::metadata(path), path.parent()) else { return Ok(()) };
    let Ok(folder) = std::fs::metadata(folder) else { return Ok(()) };
    match file.uid() == folder.uid() {
        true => Ok(()),
        false => Err(OpenError::NotOurs("it belongs to another user than its folder".into())),
    }
}

/// Only the user may look into it; git never does.
fn create_private_folder(folder: &Path) -> std::io::Result<()> {
    if let Some(parent) = folder.parent() {
        confined::create_folder(parent, 0o777)?;
    }
    confined::create_folder(folder, 0o700)?;
    let ignore = folder.join(".gitignore");
    // Empty after a crash between its creation and its first byte; a link in its
    // place would be written through.
    match std::fs::symlink_metadata(&ignore).is_ok_and(|file| !file.is_file() || file.len() > 0) {
        true => Ok(()),
        false => std::fs::write(ignore, "*\n"),
    }
}
