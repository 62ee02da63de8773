//! All printing: data to standard output, everything else to standard error,
//! and no character of the repository that could steer a terminal.

use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anstream::AutoStream;
use serde::Serialize;

use super::writer::Writer;
use crate::app::{Error, message, refuse_secrets};
use crate::{io_errors, visible};

/// Where a command's words go. Data is written at once, so that whoever reads
/// it sets the pace; what goes to standard error never holds up the work.
#[derive(Clone)]
pub struct Out {
    pub json: bool,
    /// A stream of objects, one a line.
    rows: bool,
    quiet: bool,
    verbose: bool,
    /// Standard output of a command that does not end by itself.
    events: Option<Writer>,
    errors: Arc<OnceLock<Writer>>,
}

impl Out {
    /// Output for one command; `json` keeps all data to one object on standard output.
    pub fn new(json: bool, quiet: bool, verbose: bool) -> Self {
        Self { json, rows: false, quiet, verbose, events: None, errors: Arc::default() }
    }

    /// The same for a command that goes on whether or not somebody reads: its
    /// data waits in a queue too, in which `mark` stands for what was dropped.
    pub fn unhurried(&self, mark: fn(u64) -> String) -> Self {
        Self { events: Some(Writer::new(io::stdout(), mark)), ..self.clone() }
    }

    /// The queue of standard error.
    pub fn errors(&self) -> &Writer {
        let mark = |dropped| format!("({} dropped: nobody read them)\n", count(dropped as usize, "message"));
        self.errors.get_or_init(|| Writer::new(io::stderr(), mark))
    }

    /// Waits until everything is written, at most so long.
    pub fn flush(&self, at_most: Option<Duration>) {
        for writer in self.events.iter().chain(self.errors.get()) {
            writer.flush(at_most);
        }
    }

    /// With `--json` a stream of objects, one a line, an error too.
    pub fn in_rows(self) -> Self {
        Self { rows: true, ..self }
    }

    /// One JSON object, the only thing on standard output. As everything that
    /// goes there, it is withheld where it holds a token of known shape.
    pub fn object(&self, report: &impl Serialize) -> io::Result<()> {
        let text = serde_json::to_string_pretty(report)?;
        self.raw(&format!("{}\n", visible::json(&text)))
    }

    /// One JSON object on a line of its own, for a stream of events.
    pub fn row(&self, report: &impl Serialize) -> io::Result<()> {
        let text = serde_json::to_string(report)?;
        self.raw(&format!("{}\n", visible::json(&text)))
    }

    /// One line of data, whatever names are in it. Control and invisible
    /// characters are spelled out, and so is a line feed: a file can have one in
    /// its name.
    pub fn line(&self, text: &str) -> io::Result<()> {
        self.text(&text.replace('\n', "\\u{a}"))
    }

    /// Lines of data.
    pub fn text(&self, text: &str) -> io::Result<()> {
        self.bytes(&format!("{}\n", visible::text(text)))
    }

    /// A line that says what was done; not with `-q`.
    pub fn said(&self, text: &str) -> io::Result<()> {
        if self.quiet { Ok(()) } else { self.line(text) }
    }

    /// A line that takes the place of the one before it, on a terminal. It is
    /// cut at the terminal's edge by switching its line wrap off meanwhile.
    pub fn status(&self, text: &str) -> io::Result<()> {
        let text = visible::line(text);
        self.bytes(&format!("\r\x1b[2K\x1b[?7l{text}\x1b[?7h"))
    }

    /// Takes the line of [`Out::status`] away.
    pub fn clear_status(&self) -> io::Result<()> {
        self.bytes("\r\x1b[2K")
    }

    /// Whether one status line says more than many lines: a person watches.
    pub fn shows_status(&self) -> bool {
        !self.quiet && !self.json && io::stdout().is_terminal()
    }

    /// A text with its own line ends. What was made of clean text stays as it is,
    /// byte for byte.
    pub fn raw(&self, text: &str) -> io::Result<()> {
        self.bytes(&visible::text(text))
    }

    fn bytes(&self, text: &str) -> io::Result<()> {
        withheld(text)?;
        if let Some(events) = &self.events {
            return events.put(text).map_err(named);
        }
        let mut stdout = io::stdout().lock();
        stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(named)
    }

    /// Standard output as the place of a file: an export or an archive, which
    /// the one who makes it has looked through.
    pub fn stream(&self) -> Box<dyn Write + Send> {
        Box::new(NamedStdout(io::stdout()))
    }

    /// What a person likes to know, on standard error.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            self.stderr(text);
        }
    }

    /// Whether a person asked for more with `-v`.
    pub fn verbose(&self) -> bool {
        self.verbose
    }

    /// What a person asked for with `-v`.
    pub fn detail(&self, text: &str) {
        if self.verbose {
            self.stderr(text);
        }
    }

    /// Prints a warning to standard error, unless `--quiet` was given.
    pub fn warning(&self, text: &str) {
        if !self.quiet {
            self.stderr(&format!("warning: {text}"));
        }
    }

    /// Tells of an error on standard error, and with `--json` as one object on
    /// standard output too. In it, tokens of known shape are replaced: it may
    /// repeat what was given on the command line.
    pub fn error(&self, error: &Error) {
        if self.json {
            // Nobody reads our errors any more when this fails.
            let _ = self.error_object(error);
        }
        self.error_to_people(error);
    }

    /// Tells of an error on standard error alone, after a stream that has ended.
    pub fn error_to_people(&self, error: &Error) {
        self.stderr(&format!("error: {error}"));
    }

    fn error_object(&self, error: &Error) -> io::Result<()> {
        match self.rows {
            true => self.row(&error.without_secrets()),
            false => self.object(&error.without_secrets()),
        }
    }

    /// Nobody reads our errors any more when this fails.
    fn stderr(&self, text: &str) {
        let _ = self.errors().put(&format!("{}\n", visible::text(&message(text))));
    }

    /// Tells of a wrong command line, without tokens of known shape and without
    /// what steers the terminal: it repeats arguments, which may be file names.
    pub fn usage_error(&self, text: &str, error: &Error) {
        if self.json {
            let _ = self.error_object(error);
        }
        let mut stderr = AutoStream::auto(io::stderr()).lock();
        let _ = write!(stderr, "{}", visible::text(&message(text)));
    }

    /// Whether progress is shown: a person watches and did not ask for quiet.
    pub fn shows_progress(&self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }
}

/// Standard output that says in an error what could not be written.
struct NamedStdout(io::Stdout);

impl Write for NamedStdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(named)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(named)
    }
}

/// Says where it could not be written. The kind stays: a closed pipe is told by
/// it.
fn named(error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("cannot write to standard output: {}", io_errors::why(&error)))
}

/// Nothing is shown that would hold a secret.
fn withheld(text: &str) -> io::Result<()> {
    refuse_secrets(text).map_err(|error| io::Error::other(error.to_string()))
}

/// The width of the terminal that standard error is, if it is one.
pub fn columns_of_stderr() -> Option<u16> {
    let size = rustix::termios::tcgetwinsize(io::stderr()).ok()?;
    Some(size.ws_col).filter(|columns| *columns > 0)
}

/// `1 file`, `2 files`.
pub fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
