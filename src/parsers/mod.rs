//! Parsing where it can be stopped. Parsers are C code that is fed what anyone
//! may have written: some inputs hold one for minutes and gigabytes, some end
//! the whole process. So each text is parsed by a worker, this program started
//! once more, with bounds on its time and memory. What a file does to its
//! worker costs that file, and no other.
//!
//! Not here: what is made of a text (`extract`), what may be read (`walk`).

mod frame;
mod worker;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use crate::extract::{self, Language};
use crate::limits;
use crate::model::{Content, SafeText, Unparsed};
use worker::ParserProcess;

pub use worker::{COMMAND, run};

/// Where texts are parsed.
pub struct Parsers(Option<Pool>);

/// Workers, started when the first text is to be parsed, one for each thread
/// that asks at the same time, and kept for the next texts.
struct Pool {
    /// The folder of the user's own languages.
    grammars: Option<PathBuf>,
    idle: Mutex<Vec<ParserProcess>>,
}

/// A worker could not be started, which is not the fault of the file.
#[derive(Debug, thiserror::Error)]
#[error("a parser's process cannot be started: {0}")]
pub struct StartError(#[from] io::Error);

impl Parsers {
    /// In this process, bounded by what a parser itself looks at: for
    /// measurements, tests and other programs, on texts that are trusted not to hang it.
    pub fn here() -> Self {
        Self(None)
    }

    /// In workers, which know the user's languages in `grammars` too. Only for
    /// a program that calls [`run`] when it is started with [`COMMAND`].
    pub fn in_workers(grammars: Option<&Path>) -> Self {
        let grammars = grammars.map(Path::to_path_buf);
        Self(Some(Pool { grammars, idle: Mutex::default() }))
    }

    /// What is known of a text. A parser that fails is data, in
    /// [`Content::unparsed`]; the words of the text are there nonetheless.
    pub fn content(&self, language: Option<&Language>, source: &SafeText) -> Result<Content, StartError> {
        let (Some(language), Some(pool)) = (language, &self.0) else {
            return Ok(extract::content(language, source));
        };
        let unparsed = match pool.content(language, source)? {
            Ok(content) => return Ok(content),
            Err(unparsed) => unparsed,
        };
        let text_only = extract::content(None, source);
        let outline = extract::no_outline(source);
        Ok(Content { outline, unparsed: Some(unparsed), ..text_only })
    }

    /// Ends the workers that have nothing to do: each holds tens of megabytes.
    pub fn rest(&self) {
        if let Some(pool) = &self.0 {
            pool.idle().clear();
        }
    }
}

impl Pool {
    /// A worker that ends may have been ended by what it did before, or from
    /// outside: a new one tries the text once more, in the time that is left.
    fn content(
        &self,
        language: &Language,
        source: &SafeText,
    ) -> Result<Result<Content, Unparsed>, StartError> {
        let deadline = Instant::now() + limits::PARSE_DEADLINE;
        let request = frame::request(language.name(), source);
        let first = match self.idle_worker(language.name()) {
            Some(worker) => worker,
            None => ParserProcess::start(self.grammars.as_deref())?,
        };
        match self.ask(first, language, &request, deadline)? {
            Err(Unparsed::TooSlow) => return Ok(Err(Unparsed::TooSlow)),
            Err(_) if Instant::now() < deadline => {}
            outcome => return Ok(outcome),
        }
        self.ask(ParserProcess::start(self.grammars.as_deref())?, language, &request, deadline)
    }

    /// Takes an idle worker, preferably one that has parsed this language
    /// before.
    fn idle_worker(&self, language: &str) -> Option<ParserProcess> {
        let mut idle = self.idle();
        let known = idle.iter().position(|worker| worker.knows(language));
        known.or(idle.len().checked_sub(1)).map(|at| idle.swap_remove(at))
    }

    /// Keeps the worker for the next text if it did not fail.
    fn ask(
        &self,
        mut worker: ParserProcess,
        language: &Language,
        request: &[u8],
        deadline: Instant,
    ) -> Result<Result<Content, Unparsed>, StartError> {
        match worker.ask(language.name(), request, deadline) {
            Ok(content) => {
                self.idle().push(worker);
                Ok(Ok(content))
            }
            Err(why) => Ok(Err(worker.end(why)?)),
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<ParserProcess>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
