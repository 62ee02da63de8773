//! The tables of a team's database: whether they are those that this version
//! knows, how they come about, and which project is entered.

use tokio_postgres::GenericClient;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::Type;

use super::error::TeamError;
use super::{Failed, ServerFacts};

/// One for each version of the schema; never changed once released.
const MIGRATIONS: [&str; 4] = [
    include_str!("migrations/2026-12-01-initial.sql"),
    include_str!("migrations/2026-12-01-at-once.sql"),
    include_str!("migrations/2026-12-01-search.sql"),
    include_str!("migrations/2026-12-01-erase.sql"),
];

const KNOWN: i32 = MIGRATIONS.len() as i32;

/// The first half of the keys of our advisory locks: "wayp" in ASCII. The second
/// is a project, or 0 for the schema.
pub(super) const LOCKS: i32 = 0x7761_7970;

/// A project that was entered, and what time it is there.
pub(super) struct Entered {
    pub project: i64,
    pub clock_ms: i64,
}

/// The project of a name, if the schema is the one that is known.
pub(super) async fn enter(work: &impl GenericClient, project: &str, server: &str) -> Result<Entered, Failed> {
    let server = || server.to_string();
    let sql = "SELECT version, (extract(epoch FROM clock_timestamp()) * 1000)::bigint,
                 CASE WHEN version = $2 THEN waypost.own_project($1) END
               FROM waypost.schema_version";
    let row = match work.query_typed_one(sql, &[(&project, Type::TEXT), (&KNOWN, Type::INT4)]).await {
        Ok(row) => row,
        Err(error) if is_absence(&error) => {
            return Err(Failed::Told(TeamError::NoSchema { server: server() }));
        }
        Err(error) => return Err(error.into()),
    };
    let found: i32 = row.get(0);
    match found {
        _ if found < KNOWN => Err(Failed::Told(TeamError::Older { server: server(), found, known: KNOWN })),
        _ if found > KNOWN => Err(Failed::Told(TeamError::Newer { server: server(), found, known: KNOWN })),
        _ => {
            let project: Option<i64> = row.get(2);
            let project = project.ok_or_else(|| Failed::Told(TeamError::NotAMember { server: server() }))?;
            Ok(Entered { project, clock_ms: row.get(1) })
        }
    }
}

/// Whether something is asked for that an older schema, or none, does not have.
fn is_absence(error: &tokio_postgres::Error) -> bool {
    let absent = [&SqlState::UNDEFINED_TABLE, &SqlState::INVALID_SCHEMA_NAME, &SqlState::UNDEFINED_FUNCTION];
    error.code().is_some_and(|code| absent.contains(&code))
}

/// Makes the tables that are missing, and begins the project if nobody did.
pub(super) async fn prepare(work: &impl GenericClient, project: &str, server: &str) -> Result<(), Failed> {
    let mut found = version(work).await?.unwrap_or(0);
    if found < KNOWN {
        found = migrate(work).await?;
    }
    if found > KNOWN {
        let server = server.to_string();
        return Err(Failed::Told(TeamError::Newer { server, found, known: KNOWN }));
    }
    work.query_typed("SELECT waypost.join_project($1)", &[(&project, Type::TEXT)]).await?;
    Ok(())
}

/// The version of the schema; `None` where there is none.
async fn version(work: &impl GenericClient) -> Result<Option<i32>, Failed> {
    // By a query, not `to_regclass`: that may know only what was there before a
    // lock was waited for.
    let sql = "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_class AS t
                              JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
                              WHERE n.nspname = 'waypost' AND t.relname = 'schema_version')";
    match work.query_typed_one(sql, &[]).await {
        Ok(row) if !row.get::<_, bool>(0) => Ok(None),
        Ok(_) => {
            let row = work.query_typed_opt("SELECT version FROM waypost.schema_version", &[]).await?;
            Ok(row.map(|row| row.get(0)))
        }
        Err(error) => Err(error.into()),
    }
}

/// Brings the schema to the newest one; others wait, and find it done.
async fn migrate(work: &impl GenericClient) -> Result<i32, Failed> {
    work.query_typed("SELECT pg_advisory_xact_lock($1, 0)", &[(&LOCKS, Type::INT4)]).await?;
    let before = version(work).await?.unwrap_or(0);
    for migration in MIGRATIONS.iter().skip(before.max(0) as usize) {
        work.batch_execute(migration).await?;
    }
    if before < KNOWN {
        work.execute_typed("UPDATE waypost.schema_version SET version = $1", &[(&KNOWN, Type::INT4)]).await?;
    }
    Ok(before.max(KNOWN))
}

/// Counts of a project, and what the server is.
pub(super) async fn facts(work: &impl GenericClient, project: i64) -> Result<ServerFacts, Failed> {
    let sql = "SELECT current_setting('server_version'), session_user::text,
                 coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false),
                 EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'vector'),
                 (SELECT count(*) FROM waypost.session WHERE project = $1),
                 (SELECT count(*) FROM waypost.event WHERE project = $1),
                 (SELECT count(*) FROM waypost.claim WHERE project = $1),
                 (SELECT count(*) FROM waypost.record WHERE project = $1),
                 pg_database_size(current_database())";
    let row = work.query_typed_one(sql, &[(&project, Type::INT8)]).await?;
    Ok(ServerFacts {
        version: row.get(0),
        role: row.get(1),
        encrypted: row.get(2),
        has_vectors: row.get(3),
        sessions: row.get(4),
        events: row.get(5),
        claims: row.get(6),
        records: row.get(7),
        bytes: row.get(8),
    })
}

/// Lets a role into a project; `false` where there is no such role.
pub(super) async fn share(work: &impl GenericClient, project: &str, role: &str) -> Result<bool, Failed> {
    let sql = "SELECT waypost.share_project($1, $2)";
    Ok(work.query_typed_one(sql, &[(&project, Type::TEXT), (&role, Type::TEXT)]).await?.get(0))
}
