//! The same contract on a team's PostgreSQL: the only network client, and the
//! only user of tokio. A call ends in time whatever the server does: each is
//! one transaction that is given up when the time is over.
//!
//! Not here: when the server is asked, and what is kept on this machine
//! (`app`).

mod address;
mod claims;
mod error;
mod exchange;
mod live;
mod records;
mod rows;
mod schema;
mod search;

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant, UNIX_EPOCH};

use tokio::runtime::{Builder, Runtime};
use tokio::sync::Notify;
use tokio::time::timeout_at;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Config, Connection, NoTls, Row, Socket, Transaction};

pub use address::{Address, BadAddress};
pub use error::TeamError;
pub use exchange::{Arrived, Heard, Sending};
pub use records::{Kept, RecordLine};
pub use search::{RecordText, TeamIndex, TeamTotals};

use self::rows::Values;
use super::Result;

/// A project's part of a team's database.
pub struct TeamStore {
    runtime: Runtime,
    client: Client,
    /// Wakes whoever waits for claims, and when the connection ends.
    told: Arc<Notify>,
    listens: bool,
    place: Place,
    /// Until when all that is asked has to be done.
    until: Instant,
    patience: Duration,
}

/// Which project it is, and how its times are read.
#[derive(Clone, Debug)]
struct Place {
    project: i64,
    /// The server, as it is told.
    server: String,
    /// What the server's clock is ahead of this machine's.
    ahead_ms: i64,
}

/// What `team status` tells of a server.
#[derive(Clone, Debug)]
pub struct ServerFacts {
    pub version: String,
    pub role: String,
    pub encrypted: bool,
    pub has_vectors: bool,
    pub sessions: i64,
    pub events: i64,
    pub claims: i64,
    pub records: i64,
    pub bytes: i64,
}

/// Whether an older schema is brought to the newest one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Setup {
    /// Tables are made, and the project begins.
    Create,
    /// What is there is used.
    Use,
}

impl TeamStore {
    /// Connects, checks the schema and enters the project, all within `patience`
    /// and what is asked afterwards too.
    pub fn connect(address: &Address, project: &str, setup: Setup, patience: Duration) -> Result<Self> {
        let until = Instant::now() + patience;
        let away = |why: String| TeamError::Away { server: address.shown.clone(), why };
        let runtime = Builder::new_current_thread().enable_io().enable_time().build();
        let runtime = runtime.map_err(|error| away(error.to_string()))?;
        let told = Arc::new(Notify::new());
        let opening = open(address, told.clone());
        let client = runtime.block_on(async { timeout_at(until.into(), opening).await });
        let client = client.map_err(|_| away(error::NO_ANSWER.to_string()))??;
        let place = Place { project: 0, server: address.shown.clone(), ahead_ms: 0 };
        let mut team = Self { runtime, client, told, listens: false, place, until, patience };
        if setup == Setup::Create {
            team.ask(async |work, place| schema::prepare(work, project, &place.server).await)?;
        }
        let entered = team.look(async |work, place| schema::enter(work, project, &place.server).await)?;
        team.place = Place { project: entered.project, ahead_ms: entered.clock_ms - now_ms(), ..team.place };
        Ok(team)
    }

    /// Gives what is asked from now on this much time.
    pub fn be_patient(&mut self, patience: Duration) {
        self.patience = patience;
        self.until = Instant::now() + patience;
    }

    /// Runs one transaction, or none of it.
    fn ask<T>(
        &mut self,
        work: impl AsyncFnOnce(&Transaction<'_>, &Place) -> std::result::Result<T, Failed>,
    ) -> Result<T> {
        let Self { runtime, client, place, until, .. } = self;
        let asking = async {
            let transaction = client.transaction().await?;
            let done = work(&transaction, place).await?;
            transaction.commit().await?;
            Ok::<T, Failed>(done)
        };
        let answer = runtime.block_on(async { timeout_at((*until).into(), asking).await });
        let server = place.server.clone();
        match answer {
            Ok(done) => done.map_err(|failed| failed.at(server).into()),
            Err(_) => Err(TeamError::Away { server, why: error::NO_ANSWER.to_string() }.into()),
        }
    }

    /// Asks without a transaction, which takes fewer ways to the server.
    fn look<T>(
        &self,
        work: impl AsyncFnOnce(&Client, &Place) -> std::result::Result<T, Failed>,
    ) -> Result<T> {
        let Self { runtime, client, place, until, .. } = self;
        let answer = runtime.block_on(async { timeout_at((*until).into(), work(client, place)).await });
        let server = place.server.clone();
        match answer {
            Ok(done) => done.map_err(|failed| failed.at(server).into()),
            Err(_) => Err(TeamError::Away { server, why: error::NO_ANSWER.to_string() }.into()),
        }
    }

    /// Asks several things at once, which takes one way to the server. The first
    /// that fails is told.
    fn look_at_once(&self, asked: &[(&str, Values<'_>)]) -> Result<Vec<Vec<Row>>> {
        self.look(async |work, _| {
            let asking = asked.iter().map(|(sql, values)| Box::pin(work.query_typed(sql, values)));
            let answers = all(asking.collect()).await;
            Ok(answers.into_iter().collect::<std::result::Result<_, _>>()?)
        })
    }

    /// Changes several things at once, all or none: one way to the server, since a
    /// transaction in which one statement failed ends without the others.
    fn change_at_once(&mut self, mut asked: Vec<(&str, Values<'_>)>) -> Result<Vec<Vec<Row>>> {
        asked.insert(0, ("BEGIN", Vec::new()));
        asked.push(("COMMIT", Vec::new()));
        self.look_at_once(&asked)
    }

    /// What there is to tell of the server and of the project on it.
    pub fn facts(&mut self) -> Result<ServerFacts> {
        self.look(async |work, place| schema::facts(work, place.project).await)
    }

    /// Lets another role of the server into the project; `false` where there is no
    /// such role.
    pub fn share(&mut self, project: &str, role: &str) -> Result<bool> {
        self.ask(async |work, _| schema::share(work, project, role).await)
    }
}

/// Waits for all, each begun before any of them is waited for.
async fn all<T, F: Future<Output = T>>(mut waiting: Vec<Pin<Box<F>>>) -> Vec<T> {
    let mut done: Vec<Option<T>> = waiting.iter().map(|_| None).collect();
    poll_fn(|context| {
        for (one, done) in waiting.iter_mut().zip(&mut done).filter(|(_, done)| done.is_none()) {
            if let Poll::Ready(answer) = one.as_mut().poll(context) {
                *done = Some(answer);
            }
        }
        if done.iter().all(Option::is_some) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    done.into_iter().flatten().collect()
}

/// Why a transaction was not made.
enum Failed {
    Sql(tokio_postgres::Error),
    Told(TeamError),
}

impl From<tokio_postgres::Error> for Failed {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Sql(error)
    }
}

impl Failed {
    fn at(self, server: String) -> TeamError {
        match self {
            Self::Sql(error) => TeamError::of(server, &error),
            Self::Told(error) => error,
        }
    }
}

fn now_ms() -> i64 {
    UNIX_EPOCH.elapsed().map_or(0, |since| since.as_millis() as i64)
}

async fn open(address: &Address, told: Arc<Notify>) -> std::result::Result<Client, TeamError> {
    let failed = |error: tokio_postgres::Error| TeamError::of(address.shown.clone(), &error);
    match address.tls()? {
        Some(tls) => join(&address.config, tls, told).await.map_err(failed),
        None => join(&address.config, NoTls, told).await.map_err(failed),
    }
}

async fn join<T>(
    config: &Config,
    tls: T,
    told: Arc<Notify>,
) -> std::result::Result<Client, tokio_postgres::Error>
where
    T: MakeTlsConnect<Socket>,
    T::Stream: Send + 'static,
{
    let (client, connection) = config.connect(tls).await?;
    tokio::spawn(keep(connection, told));
    Ok(client)
}

/// Moves what is said on a connection until it ends, and tells of notifications.
async fn keep<S, T>(mut connection: Connection<S, T>, told: Arc<Notify>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
        if matches!(message, tokio_postgres::AsyncMessage::Notification(_)) {
            told.notify_one();
        }
    }
    told.notify_one();
}
