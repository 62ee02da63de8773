//! The error of every use case: what went wrong, what the user can do about it,
//! and the path it is about. Each front end shows these three in its own form.
//!
//! Not here: the errors of the modules below. Each has its own type, and all of
//! them convert into this one.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Serialize;

use crate::backup::BackupError;
use crate::config::BadConfig;
use crate::fs::atomic::WriteError;
use crate::memory::ReadError;
use crate::pipeline::PipelineError;
use crate::project::NoProject;
use crate::records::RecordError;
use crate::render::template::TemplateError;
use crate::store::StoreError;
use crate::watch::NoLock;
use crate::{io_errors, redact};

/// Why a use case could not do what it was asked to.
///
/// It does not implement [`std::error::Error`], so that `?` converts every
/// error that does.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Error {
    /// One line in lower case, the cause after a colon.
    #[serde(rename = "error")]
    message: String,
    /// What to do about it.
    hint: Option<String>,
    /// The file or folder that it is about.
    path: Option<String>,
    #[serde(skip)]
    is_closed_pipe: bool,
    /// Another exit code than that of all errors.
    #[serde(skip)]
    exit_code: Option<u8>,
}

/// What every use case returns.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// Makes an error of a message; text after `hint: ` on a line of its own
    /// becomes the hint.
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        let (message, hint) = match text.split_once("\nhint: ") {
            Some((message, hint)) => (message.to_string(), Some(hint.to_string())),
            None => (text, None),
        };
        Self { message, hint, path: None, is_closed_pipe: false, exit_code: None }
    }

    /// Adds a hint.
    pub fn with_hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// Adds the path that the error is about.
    pub fn about(self, path: impl AsRef<Path>) -> Self {
        Self { path: Some(path.as_ref().display().to_string()), ..self }
    }

    /// The system refused: `cannot read `a/b`: permission denied`.
    pub fn cannot(verb: &str, path: impl AsRef<Path>, source: &io::Error) -> Self {
        let shown = path.as_ref().display().to_string();
        Self::new(format!("cannot {verb} `{shown}`: {}", io_errors::why(source))).about(shown)
    }

    /// Joins an error and its causes into one line, each cause once.
    pub fn of(error: &(dyn StdError + 'static)) -> Self {
        let mut made = Self::new(error.to_string());
        let mut next = Some(error);
        while let Some(cause) = next {
            let told = cause.to_string();
            let told = told.split("\nhint: ").next().unwrap_or_default();
            if !made.message.contains(told) {
                made.message = format!("{}: {told}", made.message);
            }
            made.path = made.path.or_else(|| Some(path_of(cause)?.display().to_string()));
            made.is_closed_pipe |= cause
                .downcast_ref::<io::Error>()
                .is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe);
            next = cause.source();
        }
        made
    }

    /// What went wrong and why: lower case, without the hint.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What the user can do about it, if anything.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// The file or folder that the error is about, if it is about one.
    pub fn path(&self) -> Option<&str> {
        self.path.as_deref()
    }

    /// The same with tokens of known shape replaced, since a message may repeat
    /// what was typed on a command line.
    pub fn without_secrets(&self) -> Self {
        let clean = |text: &String| redact::message(text).into_owned();
        Self {
            message: clean(&self.message),
            hint: self.hint.as_ref().map(clean),
            path: self.path.as_ref().map(clean),
            is_closed_pipe: self.is_closed_pipe,
            exit_code: self.exit_code,
        }
    }

    /// The same with another exit code than 2.
    pub fn with_exit_code(self, code: u8) -> Self {
        Self { exit_code: Some(code), ..self }
    }

    /// The exit code of a command that fails so, if it is not that of all errors.
    pub fn exit_code(&self) -> Option<u8> {
        self.exit_code
    }

    /// Whether the error is a closed pipe: the reader of the output has gone,
    /// which is no failure.
    pub fn is_closed_pipe(&self) -> bool {
        self.is_closed_pipe
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, "\nhint: {hint}"))
    }
}

/// The same as an error of the standard library, for programs that use this one.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Told(String);

impl From<Error> for Box<dyn StdError> {
    fn from(error: Error) -> Self {
        Box::new(Told(error.to_string()))
    }
}

impl From<Error> for Box<dyn StdError + Send + Sync> {
    fn from(error: Error) -> Self {
        Box::new(Told(error.to_string()))
    }
}

impl<E: StdError + 'static> From<E> for Error {
    fn from(error: E) -> Self {
        Self::of(&error)
    }
}

/// The path that an error of a module below names.
fn path_of<'a>(error: &'a (dyn StdError + 'static)) -> Option<PathBuf> {
    fn known<'a, E: StdError + 'static>(
        error: &'a (dyn StdError + 'static),
        path: fn(&E) -> Option<PathBuf>,
    ) -> Option<PathBuf> {
        error.downcast_ref::<E>().and_then(path)
    }
    let kinds: [fn(&'a (dyn StdError + 'static)) -> Option<PathBuf>; 10] = [
        |error| known(error, of_pipeline),
        |error| known(error, of_records),
        |error| known(error, of_store),
        |error| known(error, of_backup),
        |error| known::<WriteError>(error, |error| Some(error.path.clone())),
        |error| known::<ReadError>(error, |error| Some(error.path.clone())),
        |error| known::<BadConfig>(error, |error| error.file.clone()),
        |error| known(error, of_project),
        |error| known::<TemplateError>(error, |error| Some(error.path.clone())),
        |error| known::<NoLock>(error, |error| error.path()),
    ];
    kinds.into_iter().find_map(|path| path(error))
}

fn of_pipeline(error: &PipelineError) -> Option<PathBuf> {
    match error {
        PipelineError::Root { root, .. } | PipelineError::NoRepository { root } => Some(root.into()),
        PipelineError::Store(error) => of_store(error),
        PipelineError::Write(error) => Some(error.path.clone()),
        PipelineError::Memory(error) => Some(error.path.clone()),
        PipelineError::Records(error) => of_records(error),
        PipelineError::NoFile { path, .. } => Some(path.as_str().into()),
        PipelineError::Template(error) => Some(error.path.clone()),
        _ => None,
    }
}

fn of_records(error: &RecordError) -> Option<PathBuf> {
    match error {
        RecordError::Store(error) => of_store(error),
        RecordError::Write(error) => Some(error.path.clone()),
        RecordError::Read(error) => Some(error.path.clone()),
        RecordError::Broken { file: path, .. } | RecordError::Remove { path, .. } => Some(path.into()),
        _ => None,
    }
}

fn of_store(error: &StoreError) -> Option<PathBuf> {
    match error {
        StoreError::NotOurs { path, .. }
        | StoreError::Broken { path, .. }
        | StoreError::Foreign { path, .. }
        | StoreError::Newer { path, .. }
        | StoreError::Sqlite { path, .. }
        | StoreError::Create { path, .. }
        | StoreError::Aside { path, .. } => Some(path.clone()),
        _ => None,
    }
}

fn of_backup(error: &BackupError) -> Option<PathBuf> {
    match error {
        BackupError::Store(error) => of_store(error),
        BackupError::Memory(error) => Some(error.path.clone()),
        BackupError::Io { path, .. } | BackupError::Bad { path, .. } | BackupError::Shared(path) => {
            Some(path.into())
        }
    }
}

fn of_project(error: &NoProject) -> Option<PathBuf> {
    match error {
        NoProject::Missing(path)
        | NoProject::NotAFolder(path)
        | NoProject::Bare(path)
        | NoProject::Link(path)
        | NoProject::Unreadable(path, _) => Some(path.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hint_stands_behind_all_causes() {
        let source = io::Error::other("the cause");
        #[derive(Debug, thiserror::Error)]
        #[error("it failed\nhint: try again")]
        struct Failed(#[source] io::Error);
        let error = Error::from(Failed(source));
        assert_eq!((error.message(), error.hint()), ("it failed: the cause", Some("try again")));
        assert_eq!(error.to_string(), "it failed: the cause\nhint: try again");
    }

    #[test]
    fn a_path_is_found_through_what_wraps_its_error() {
        let source = io::Error::from_raw_os_error(28);
        let error = WriteError { path: "a/b".into(), source };
        let error = Error::from(PipelineError::Records(RecordError::Write(error)));
        assert_eq!(error.path(), Some("a/b"));
        let told = serde_json::to_value(&error).unwrap();
        let keys: Vec<&String> = told.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["error", "hint", "path"]);
    }
}
