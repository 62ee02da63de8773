//! All printing: data to standard output, everything else to standard error,
//! and no character of the repository that could steer a terminal.

use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use anstream::AutoStream;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde::Serialize;

use super::writer::Writer;
use crate::app::{Error, message, refuse_secrets};
use crate::{io_errors, visible};

/// The output of a command. Data is written at once, so that its reader sets
/// the pace; messages on standard error never hold up the work.
#[derive(Clone)]
pub struct Out {
    pub json: bool,
    /// Whether the output is a stream of objects, one a line.
    rows: bool,
    quiet: bool,
    verbose: bool,
    /// The queue of standard output, for a command that does not end by itself.
    events: Option<Writer>,
    errors: Arc<OnceLock<Writer>>,
    /// Where data is held back, for a command whose data goes elsewhere.
    held: Option<Arc<Mutex<String>>>,
}

impl Out {
    /// Output for one command; `json` keeps all data to one object on standard output.
    pub fn new(json: bool, quiet: bool, verbose: bool) -> Self {
        Self { json, rows: false, quiet, verbose, events: None, errors: Arc::default(), held: None }
    }

    /// The same, with data held back instead of printed.
    pub fn held(&self) -> Self {
        Self { held: Some(Arc::default()), ..self.clone() }
    }

    /// The data that was held back.
    pub fn taken(&self) -> String {
        let held = self.held.iter().map(|held| held.lock().unwrap_or_else(PoisonError::into_inner));
        held.map(|mut text| std::mem::take(&mut *text)).collect()
    }

    /// Whether data goes to a terminal.
    pub fn is_terminal(&self) -> bool {
        self.held.is_none() && io::stdout().is_terminal()
    }

    /// Puts a text into the clipboard of the terminal, by OSC 52 (xterm's control sequences).
    pub fn copy(&self, text: &str) -> io::Result<()> {
        self.bytes(&format!("\x1b]52;c;{}\x07", BASE64_STANDARD.encode(text)))
    }

    /// The same for a command that runs on whether or not anybody reads. Its
    /// data is queued too, and `mark` stands in for what was dropped.
    pub fn unhurried(&self, mark: fn(u64) -> String) -> Self {
        Self { events: Some(Writer::new(io::stdout(), mark)), ..self.clone() }
    }

    /// The queue of standard error.
    pub fn errors(&self) -> &Writer {
        let mark = |dropped| format!("({} dropped: nobody read them)\n", count(dropped as usize, "message"));
        self.errors.get_or_init(|| Writer::new(io::stderr(), mark))
    }

    /// Waits until everything is written, or until `at_most` has passed.
    pub fn flush(&self, at_most: Option<Duration>) {
        for writer in self.events.iter().chain(self.errors.get()) {
            writer.flush(at_most);
        }
    }

    /// Makes `--json` print a stream of objects, one a line, errors included.
    pub fn in_rows(self) -> Self {
        Self { rows: true, ..self }
    }

    /// Prints one JSON object, the only thing on standard output. Like all
    /// output, it is withheld if it holds a token of known shape.
    pub fn object(&self, report: &impl Serialize) -> io::Result<()> {
        let text = serde_json::to_string_pretty(report)?;
        self.raw(&format!("{}\n", visible::json(&text)))
    }

    /// Prints one JSON object on a line of its own, for a stream of events.
    pub fn row(&self, report: &impl Serialize) -> io::Result<()> {
        let text = serde_json::to_string(report)?;
        self.raw(&format!("{}\n", visible::json(&text)))
    }

    /// Prints one line of data. Control and invisible characters are spelled
    /// out, line feeds included, since a file name may contain them.
    pub fn line(&self, text: &str) -> io::Result<()> {
        self.text(&text.replace('\n', "\\u{a}"))
    }

    /// Prints lines of data.
    pub fn text(&self, text: &str) -> io::Result<()> {
        self.bytes(&format!("{}\n", visible::text(text)))
    }

    /// Prints a line that says what was done, unless `-q` was given.
    pub fn said(&self, text: &str) -> io::Result<()> {
        if self.quiet { Ok(()) } else { self.line(text) }
    }

    /// Prints a status line that replaces the one before it, on a terminal. It
    /// is cut at the terminal's edge by switching off line wrap meanwhile.
    pub fn status(&self, text: &str) -> io::Result<()> {
        let text = visible::line(text);
        self.bytes(&format!("\r\x1b[2K\x1b[?7l{text}\x1b[?7h"))
    }

    /// Removes the line of [`Out::status`].
    pub fn clear_status(&self) -> io::Result<()> {
        self.bytes("\r\x1b[2K")
    }

    /// Whether to show one status line instead of many lines, as on a terminal.
    pub fn shows_status(&self) -> bool {
        !self.quiet && !self.json && self.is_terminal()
    }

    /// Prints a text with its own line ends, byte for byte; it must have been
    /// made from clean text.
    pub fn raw(&self, text: &str) -> io::Result<()> {
        self.bytes(&visible::text(text))
    }

    fn bytes(&self, text: &str) -> io::Result<()> {
        withheld(text)?;
        if let Some(held) = &self.held {
            held.lock().unwrap_or_else(PoisonError::into_inner).push_str(text);
            return Ok(());
        }
        if let Some(events) = &self.events {
            return events.put(text).map_err(named);
        }
        let mut stdout = io::stdout().lock();
        stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(named)
    }

    /// Standard output in place of a file, for an export or archive that its
    /// maker has checked for secrets.
    pub fn stream(&self) -> Box<dyn Write + Send> {
        Box::new(NamedStdout(io::stdout()))
    }

    /// Standard error for what a command of the user's prints there.
    pub fn error_stream(&self) -> Box<dyn Write + Send> {
        Box::new(io::stderr())
    }

    /// Prints a message for the user on standard error, unless `-q` was given.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            self.stderr(text);
        }
    }

    /// Whether `-v` was given.
    pub fn verbose(&self) -> bool {
        self.verbose
    }

    /// Prints a message only with `-v`.
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

    /// Reports an error on standard error, and with `--json` also as one object
    /// on standard output. Tokens of known shape are replaced, since it may
    /// repeat what was typed on the command line.
    pub fn error(&self, error: &Error) {
        if self.json {
            // Nobody reads our errors any more when this fails.
            let _ = self.error_object(error);
        }
        self.error_to_people(error);
    }

    /// Reports an error on standard error alone, after a stream that has ended.
    pub fn error_to_people(&self, error: &Error) {
        self.stderr(&format!("error: {error}"));
    }

    fn error_object(&self, error: &Error) -> io::Result<()> {
        match self.rows {
            true => self.row(&error.without_secrets()),
            false => self.object(&error.without_secrets()),
        }
    }

    /// Queues a text for standard error. A failure is ignored: nobody reads it
    /// any more.
    fn stderr(&self, text: &str) {
        let _ = self.errors().put(&format!("{}\n", visible::text(&message(text))));
    }

    /// Reports a wrong command line. It repeats arguments, which may be file
    /// names, so tokens of known shape and terminal control characters are
    /// replaced.
    pub fn usage_error(&self, text: &str, error: &Error) {
        if self.json {
            let _ = self.error_object(error);
        }
        let mut stderr = AutoStream::auto(io::stderr()).lock();
        let _ = write!(stderr, "{}", visible::text(&message(text)));
    }

    /// Whether to show progress: on a terminal, unless `-q` was given.
    pub fn shows_progress(&self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }
}

/// Standard output whose errors say what could not be written.
struct NamedStdout(io::Stdout);

impl Write for NamedStdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(named)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(named)
    }
}

/// Adds where it could not be written. The kind stays, by which a closed pipe
/// is recognised.
fn named(error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("cannot write to standard output: {}", io_errors::why(&error)))
}

/// Fails if the text holds a token of known shape.
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
