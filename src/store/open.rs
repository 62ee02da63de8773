//! Opening: whose database it is, how it is set up, and its migrations.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension, TransactionBehavior};

use super::{Result, Store, StoreError};

/// "wayp" in ASCII: tells our databases from other programs'.
const APPLICATION_ID: i64 = 0x7761_7970;

/// One for each value of `user_version`; never changed once released.
const MIGRATIONS: [&str; 5] = [
    include_str!("migrations/2026-11-21-initial.sql"),
    include_str!("migrations/2026-11-21-records.sql"),
    include_str!("migrations/2026-11-21-search.sql"),
    include_str!("migrations/2026-11-21-sketch.sql"),
    include_str!("migrations/2026-11-21-watch.sql"),
];

pub const KNOWN_SCHEMA: i64 = MIGRATIONS.len() as i64;

/// How long a writer waits for another one.
const BUSY: Duration = Duration::from_secs(5);

impl Store {
    /// Opens for writing and creates what is missing, folder included. `root`
    /// is the work tree on whose behalf.
    pub fn create(path: &Path, root: &Path) -> Result<Self> {
        if let Some(folder) = path.parent() {
            create_private_folder(folder)
                .map_err(|source| StoreError::Create { path: folder.to_path_buf(), source })?;
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let mut connection = connect(path, flags)?;
        migrate(&mut connection).map_err(|error| error.at(path))?;
        let mut store = Self { connection, path: path.to_path_buf(), tree: None };
        store.tree = store.find_tree(root)?;
        Ok(store)
    }

    /// Opens what is there, for reading; `None` when nothing is. Works on a
    /// read-only file system too.
    pub fn open(path: &Path, root: &Path) -> Result<Option<Self>> {
        if !path.exists() {
            return Ok(None);
        }
        let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE).or_else(|error| match error {
            StoreError::Sqlite { .. } => connect_immutable(path),
            other => Err(other),
        })?;
        match schema(&connection).map_err(|error| error.at(path))? {
            // Created and never written, by a crash at the first start.
            0 => return Ok(None),
            KNOWN_SCHEMA => {}
            // An older schema is a cache that this reader cannot use.
            _ => return Ok(None),
        }
        let mut store = Self { connection, path: path.to_path_buf(), tree: None };
        store.tree = store.find_tree(root)?;
        Ok(Some(store))
    }

    fn find_tree(&self, root: &Path) -> Result<Option<i64>> {
        let row = self.connection.query_row(
            "SELECT id FROM tree WHERE root = ?1",
            [root.to_string_lossy()],
            |row| row.get(0),
        );
        self.sql(row.optional())
    }
}

/// What goes wrong before there is a `Store` to name the path.
enum OpenError {
    Sqlite(rusqlite::Error),
    NotOurs(String),
    Newer(i64),
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::NotADatabase) => Self::NotOurs("it is no SQLite database".into()),
            _ => Self::Sqlite(error),
        }
    }
}

impl OpenError {
    fn at(self, path: &Path) -> StoreError {
        let path = path.to_path_buf();
        match self {
            Self::Sqlite(source) => StoreError::Sqlite { path, source },
            Self::NotOurs(reason) => StoreError::NotOurs { path, reason },
            Self::Newer(found) => StoreError::Newer { path, found, known: KNOWN_SCHEMA },
        }
    }
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection> {
    let open = || -> std::result::Result<Connection, OpenError> {
        refuse_foreign_owner(path)?;
        look_at_header(path)?;
        let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY)?;
        // Nothing in the file's own schema may run code of its choice.
        connection.pragma_update(None, "trusted_schema", false)?;
        connection.pragma_update(None, "cell_size_check", true)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        // What is erased is overwritten, not only unlinked.
        connection.pragma_update(None, "secure_delete", true)?;
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        connection.pragma_update(None, "cache_size", -32_768)?;
        if schema(&connection)? == 0 {
            // Before the first page is written; afterwards it would only write.
            connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
        }
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
        Ok(connection)
    };
    open().map_err(|error| error.at(path))
}

/// For a database on a read-only file system, where WAL cannot work.
fn connect_immutable(path: &Path) -> Result<Connection> {
    let escaped = path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(format!("file:{escaped}?immutable=1"), flags)
        .map_err(|error| OpenError::from(error).at(path))
}

/// The schema's number, 0 for a fresh file; refuses what is not ours.
fn schema(connection: &Connection) -> std::result::Result<i64, OpenError> {
    let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    let version = number("PRAGMA user_version")?;
    let application = number("PRAGMA application_id")?;
    if application != APPLICATION_ID && number("SELECT count(*) FROM sqlite_master")? > 0 {
        return Err(OpenError::NotOurs(format!("application_id is {application}")));
    }
    if version > KNOWN_SCHEMA {
        return Err(OpenError::Newer(version));
    }
    Ok(version)
}

fn migrate(connection: &mut Connection) -> std::result::Result<(), OpenError> {
    if schema(connection)? == KNOWN_SCHEMA {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Again inside the lock: another process may have been faster.
    for version in schema(&transaction)?..KNOWN_SCHEMA {
        transaction.execute_batch(MIGRATIONS[version as usize])?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", KNOWN_SCHEMA)?;
    transaction.commit()?;
    Ok(())
}

/// Refuses what is not ours by the file's first bytes (sqlite.org/fileformat.html),
/// before SQLite opens and perhaps changes it.
fn look_at_header(path: &Path) -> std::result::Result<(), OpenError> {
    use std::io::Read;
    let mut header = [0; 72];
    let Ok(mut file) = std::fs::File::open(path) else { return Ok(()) };
    match file.read_exact(&mut header) {
        Ok(()) if !header.starts_with(b"SQLite format 3\0") => {
            return Err(OpenError::NotOurs("it is no SQLite database".into()));
        }
        Ok(()) => {}
        // Empty: created and never written.
        Err(_) if std::fs::metadata(path).is_ok_and(|file| file.len() == 0) => return Ok(()),
        Err(_) => return Err(OpenError::NotOurs("it is no SQLite database".into())),
    }
    let number = |at: usize| {
        i64::from(u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]))
    };
    let (version, application) = (number(60), number(68));
    if application != APPLICATION_ID && application != 0 {
        return Err(OpenError::NotOurs(format!("application_id is {application}")));
    }
    if version > KNOWN_SCHEMA {
        return Err(OpenError::Newer(version));
    }
    Ok(())
}

/// A database that another user planted is not read.
#[cfg(unix)]
fn refuse_foreign_owner(path: &Path) -> std::result::Result<(), OpenError> {
    use std::os::unix::fs::MetadataExt;
    let (Ok(file), Some(folder)) = (std::fs::metadata(path), path.parent()) else { return Ok(()) };
    let Ok(folder) = std::fs::metadata(folder) else { return Ok(()) };
    match file.uid() == folder.uid() {
        true => Ok(()),
        false => Err(OpenError::NotOurs("it belongs to another user than its folder".into())),
    }
}

#[cfg(not(unix))]
fn refuse_foreign_owner(_: &Path) -> std::result::Result<(), OpenError> {
    Ok(())
}

/// Only the user may look into it; git never does.
fn create_private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    if let Some(parent) = folder.parent() {
        builder.create(parent)?;
    }
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    let ignore = folder.join(".gitignore");
    match ignore.exists() {
        true => Ok(()),
        false => std::fs::write(ignore, "*\n"),
    }
}
