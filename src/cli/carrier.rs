//! The session that a command carries: named by `--session` or the variable
//! `WAYPOST_SESSION`. Every command that carries one gives its sign of life.

use super::{Command, CommandOutcome, Out, usage};
use crate::app::{App, Error, Result, sessions};

/// The variable that names the session.
const VARIABLE: &str = "WAYPOST_SESSION";

/// The session of a command.
pub struct Carrier {
    /// What `--session` says.
    given: Option<String>,
    role: Role,
}

/// What a session is to a command.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// It acts on its behalf, and logs that here.
    Acts,
    /// The same, and it tells the log by itself.
    ActsAndTells,
    /// `--session` says what it is about; it acts on behalf of the variable's.
    About,
    /// It has nothing to do with sessions: it sets up what they rest on.
    None,
}

impl Carrier {
    /// The session of this command.
    pub fn of(command: &Command, given: Option<String>) -> Self {
        let role = match command {
            Command::Init(_)
            | Command::Config(_)
            | Command::Trust(_)
            | Command::Doctor(_)
            | Command::Setup(_)
            | Command::Uninstall(_)
            | Command::Completions { .. }
            | Command::Mcp(_)
            | Command::Hook(_) => Role::None,
            Command::Session(arguments) if arguments.is_start() => Role::None,
            Command::Log(arguments) if !arguments.is_add() => Role::About,
            Command::Resume(_) => Role::About,
            Command::Session(_)
            | Command::Log(_)
            | Command::Claim(_)
            | Command::Release(_)
            | Command::Run(_) => Role::ActsAndTells,
            _ => Role::Acts,
        };
        Self { given, role }
    }

    /// The app on behalf of the session. An unknown or ended one is an error.
    pub fn carry(&self, app: App) -> Result<App> {
        let named = match self.role {
            Role::None => return Ok(app),
            Role::About => app.variable(VARIABLE),
            Role::Acts | Role::ActsAndTells => self.given.clone().or_else(|| app.variable(VARIABLE)),
        };
        match named.filter(|id| !id.is_empty() || self.given.is_some()) {
            Some(id) => sessions::carry(&app, &id),
            None => Ok(app),
        }
    }

    /// The session that a command is about.
    pub fn subject(&self) -> Option<&str> {
        self.given.as_deref()
    }

    /// Notes that the command ran. It did what it did, so a failure is told and
    /// no more.
    pub fn beat(&self, app: &App, outcome: &Result<CommandOutcome>, out: &Out) {
        let line = || usage::command_line(std::env::args_os());
        let command = (self.role == Role::Acts).then(line);
        if let Err(error) = sessions::beat(app, command.as_deref(), super::code_of(outcome)) {
            out.warning(&Error::to_string(&error));
        }
    }
}
