//! What goes wrong with a team's server, in words. No message holds a password:
//! none is made of an address as it was given.

use std::error::Error as _;
use std::io;

use tokio_postgres::error::SqlState;

use crate::io_errors;
use crate::store::StoreError;

/// Why a team's server did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum TeamError {
    #[error(
        "the team's server `{server}` cannot be reached: {why}\nhint: all else goes on; `waypost team status` tries again"
    )]
    Away { server: String, why: String },
    #[error(
        "the team's server `{server}` refused: {why}\nhint: ask who runs it for a role and a password, and see `waypost team status`"
    )]
    Refused { server: String, why: String },
    #[error(
        "the team's server `{server}` takes no changes: {why}\nhint: what happens here is sent when it does"
    )]
    NoChanges { server: String, why: String },
    #[error(
        "the project is not open to this role on `{server}`\nhint: a member lets it in with `waypost team share ROLE`"
    )]
    NotAMember { server: String },
    #[error(
        "the team's database `{server}` has no tables of waypost\nhint: `waypost team connect` by the owner of the database makes them"
    )]
    NoSchema { server: String },
    #[error(
        "the team's database `{server}` has schema {found}, this waypost needs {known}\nhint: `waypost team connect` by the owner of the database brings it there"
    )]
    Older { server: String, found: i32, known: i32 },
    #[error(
        "the team's database `{server}` has schema {found}, this waypost knows up to {known}\nhint: use a newer waypost"
    )]
    Newer { server: String, found: i32, known: i32 },
    #[error("the certificates `{path}` cannot be used: {why}\nhint: `sslrootcert` names a file in PEM")]
    Certificates { path: String, why: String },
}

/// What is said of a server that was asked for too long.
pub(super) const NO_ANSWER: &str = "it did not answer in time";

/// What a cause says, those of the system as everywhere.
fn said(cause: &(dyn std::error::Error + 'static)) -> String {
    match cause.downcast_ref::<io::Error>() {
        Some(error) if error.kind() == io::ErrorKind::ConnectionRefused => "nobody listens there".to_string(),
        Some(error) => io_errors::why(error),
        None => cause.to_string(),
    }
}

impl From<TeamError> for StoreError {
    fn from(error: TeamError) -> Self {
        Self::Team(Box::new(error))
    }
}

impl TeamError {
    /// The server's own words where it said any.
    pub(super) fn of(server: String, error: &tokio_postgres::Error) -> Self {
        let Some(told) = error.as_db_error() else {
            let why = error.source().map_or_else(|| error.to_string(), said);
            return Self::Away { server, why };
        };
        let why = told.message().to_string();
        match told.code() {
            code if *code == SqlState::READ_ONLY_SQL_TRANSACTION || code.code().starts_with("53") => {
                Self::NoChanges { server, why }
            }
            // Ending, starting, or a lock that another one held for too long.
            code if code.code().starts_with("57") || code.code().starts_with("08") => {
                Self::Away { server, why }
            }
            _ => Self::Refused { server, why },
        }
    }
}
