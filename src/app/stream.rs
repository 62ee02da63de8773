//! Input and output outside of the project: a file, or a stream of the front
//! end (standard input, standard output).

use std::fmt;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use super::{App, Error, Result};
use crate::fs::atomic::{self, WriteError};
use crate::{io_errors, limits, walk};

/// Where to read from.
pub enum Input {
    File(PathBuf),
    Stream(Box<dyn Read>),
}

/// Where to write to.
pub enum Output {
    File(PathBuf),
    Stream(Box<dyn Write>),
}

impl App {
    /// A goal from a file, in any encoding that a source file may have.
    pub fn read_goal(&self, input: Input) -> Result<String> {
        let bytes = input.bytes(self, limits::MAX_RECORD, "it is too long for a goal")?;
        Ok(walk::decode(&bytes))
    }

    /// A list of questions with their answers.
    pub fn read_questions(&self, input: Input) -> Result<String> {
        let bytes = input.bytes(self, limits::MAX_QUESTIONS, "it is too long for a list of questions")?;
        Ok(walk::decode(&bytes))
    }

    /// A text for a record, in UTF-8.
    pub fn read_body(&self, input: Input) -> Result<String> {
        let shown = input.to_string();
        let path = input.path().map(Path::to_path_buf);
        let bytes = input.bytes(self, limits::MAX_RECORD, "nothing was stored")?;
        String::from_utf8(bytes).map_err(|error| {
            let error = Error::new(format!("{shown} is not UTF-8: {error}"));
            path.iter().fold(error, |error, path| error.about(path))
        })
    }

    /// Writes a file that the user named. An existing one is replaced only once the
    /// new one is complete.
    pub fn write_whole(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        let now = UNIX_EPOCH + Duration::from_nanos((self.host().clock)().ns.max(0) as u64);
        let written = atomic::write_named(&self.host().current.join(path), bytes, now);
        Ok(written.map_err(|source| WriteError { path: path.to_path_buf(), source })?)
    }
}

impl Input {
    /// Reads at most `limit` bytes; fails with `what` in the message if there
    /// are more.
    pub(super) fn bytes(self, app: &App, limit: u64, what: &str) -> Result<Vec<u8>> {
        let shown = self.to_string();
        let path = self.path().map(Path::to_path_buf);
        let about = |error: Error| path.iter().fold(error, |error, path| error.about(path));
        let mut bytes = Vec::new();
        let read = self.open(app)?.take(limit + 1).read_to_end(&mut bytes);
        read.map_err(|error| about(Error::new(format!("cannot read {shown}: {}", io_errors::why(&error)))))?;
        match bytes.len() as u64 > limit {
            true => Err(about(Error::new(format!("{shown} has more than {limit} bytes: {what}")))),
            false => Ok(bytes),
        }
    }

    pub(super) fn open(self, app: &App) -> Result<Box<dyn Read>> {
        match self {
            Self::Stream(stream) => Ok(stream),
            Self::File(path) => {
                let file = File::open(app.host().current.join(&path));
                Ok(Box::new(file.map_err(|error| Error::cannot("read", path, &error))?))
            }
        }
    }

    pub(super) fn path(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Stream(_) => None,
        }
    }
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "`{}`", path.display()),
            Self::Stream(_) => f.write_str("standard input"),
        }
    }
}
