//! What a command about sessions works on: project, database and time.
//!
//! Not here: what commands do with it (`sessions`, `claims`, `resume`).

use super::session_report::{SessionReport, session_report};
use super::{App, Error, Result, init};
use crate::model::{SafeText, Session};
use crate::pipeline::Context;
use crate::sessions::owner;
use crate::sessions::state::{self, SessionState};
use crate::store::Store;

/// Project, database and time for a command about sessions.
pub(super) struct SessionDesk {
    pub context: Context,
    pub store: Store,
    pub now_ms: i64,
}

/// The longest text of an event in characters.
const MAX_TEXT: usize = 2_000;

/// Characters of a title, and of other words that a session says of itself.
pub(super) const MAX_TITLE: usize = 200;

impl SessionDesk {
    /// Creates what is missing.
    pub fn create(app: &App) -> Result<Self> {
        let context = app.context()?;
        let store = match app.kept_store() {
            Some(store) => store,
            None => {
                init::prepare(&context.project)?;
                Store::create(&context.project.database())?
            }
        };
        Ok(Self { now_ms: now_ms(app), context, store })
    }

    /// `None` where no database is, or one of an older version.
    pub fn open(app: &App) -> Result<Option<Self>> {
        let context = app.context()?;
        if let Some(store) = app.kept_store() {
            return Ok(Some(Self { now_ms: now_ms(app), context, store }));
        }
        Ok(match Store::open(&context.project.database())? {
            None if context.project.database_file().exists() => Some(Self::create(app)?),
            store => store.map(|store| Self { now_ms: now_ms(app), context, store }),
        })
    }

    /// What a command works on, with the database where there is one.
    pub fn with_context(app: &App) -> Result<(Context, Option<Self>)> {
        match Self::open(app)? {
            Some(desk) => Ok((desk.context.clone(), Some(desk))),
            None => Ok((app.context()?, None)),
        }
    }

    /// An existing session by its id, or by the beginning of one.
    pub fn session(&self, id: &str) -> Result<Session> {
        let found = self.store.session(id)?;
        found.ok_or_else(|| {
            let text = format!("there is no session `{id}` here");
            Error::new(text)
                .with_hint("`waypost session list` lists them, `waypost session start` begins one")
        })
    }

    /// The session that carries this call; an error if there is none.
    pub fn carrier(&self, app: &App) -> Result<Session> {
        let id = app.session().ok_or_else(no_session)?;
        let session = self.session(id)?;
        refuse_ended(&session)?;
        Ok(session)
    }

    /// The row of the session that carries this call, if one does.
    pub fn carrier_row(&self, app: &App) -> Result<Option<i64>> {
        app.session().map(|_| self.carrier(app).map(|session| session.seq)).transpose()
    }

    /// Redacted, on one line.
    pub fn line(&self, text: &str) -> SafeText {
        self.context.redactor.text(text.trim()).one_line(MAX_TEXT)
    }

    pub fn title(&self, text: &str) -> SafeText {
        self.context.redactor.text(text.trim()).one_line(MAX_TITLE)
    }

    pub fn state(&self, session: &Session) -> SessionState {
        state::of(session, self.now_ms, &owner::is_gone)
    }

    pub fn report(&self, session: &Session) -> SessionReport {
        session_report(session, self.state(session), self.now_ms)
    }
}

/// Milliseconds since 1970 by the host's clock.
pub(super) fn now_ms(app: &App) -> i64 {
    (app.host().clock)().ns / 1_000_000
}

pub(super) fn no_session() -> Error {
    Error::new("this needs a session")
        .with_hint("`--session ID` or the variable WAYPOST_SESSION; `waypost session start` begins one")
}

pub(super) fn refuse_ended(session: &Session) -> Result<()> {
    match session.ended_ms {
        None => Ok(()),
        Some(_) => {
            let error = Error::new(format!("the session `{}` has ended", session.id));
            Err(error.with_hint("an ended session stays ended: `waypost session start` begins another one"))
        }
    }
}
