//! All printing: data to standard output, everything else to standard error,
//! and no character of the repository that could steer a terminal.

use std::io::{self, IsTerminal, Write};

use anstream::AutoStream;
use serde_json::Value;

use crate::{redact, trouble, visible};

/// Where a command's words go.
pub struct Out {
    pub json: bool,
    quiet: bool,
    verbose: bool,
}

impl Out {
    pub fn new(json: bool, quiet: bool, verbose: bool) -> Self {
        Self { json, quiet, verbose }
    }

    /// One JSON object, the only thing on standard output. As everything that
    /// goes there, it is withheld where it holds a token of known shape.
    pub fn object(&self, value: &Value) -> io::Result<()> {
        let text = serde_json::to_string_pretty(value)?;
        self.raw(&format!("{}\n", visible::json(&text)))
    }

    /// One JSON object on a line of its own, for a stream of events.
    pub fn row(&self, value: &Value) -> io::Result<()> {
        self.raw(&format!("{}\n", visible::json(&value.to_string())))
    }

    /// One line of data, whatever names are in it. Control and invisible
    /// characters are spelled out, and so is a line feed: a file can have one in
    /// its name.
    pub fn line(&self, text: &str) -> io::Result<()> {
        self.text(&text.replace('\n', "\\u{a}"))
    }

    /// Lines of data.
    pub fn text(&self, text: &str) -> io::Result<()> {
        withheld(text)?;
        let mut stdout = AutoStream::auto(io::stdout()).lock();
        writeln!(stdout, "{}", visible::text(text)).and_then(|()| stdout.flush()).map_err(named)
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
        let mut stdout = io::stdout().lock();
        stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(named)
    }

    /// What a person likes to know, on standard error.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            self.stderr(text);
        }
    }

    /// What a person asked for with `-v`.
    pub fn detail(&self, text: &str) {
        if self.verbose {
            self.stderr(text);
        }
    }

    pub fn warning(&self, text: &str) {
        if !self.quiet {
            self.stderr(&format!("warning: {text}"));
        }
    }

    /// Cause after cause behind colons, each once; hints keep their own lines.
    pub fn error(&self, error: &anyhow::Error) {
        let mut text = error.to_string();
        for cause in error.chain().skip(1).map(ToString::to_string) {
            if !text.contains(&cause) {
                text = format!("{text}: {cause}");
            }
        }
        self.stderr(&format!("error: {text}"));
    }

    /// Nobody reads our errors any more when this fails.
    fn stderr(&self, text: &str) {
        let mut stderr = AutoStream::auto(io::stderr()).lock();
        let _ = writeln!(stderr, "{}", visible::text(&redact::message(text)));
    }

    /// Whether progress is shown: a person watches and did not ask for quiet.
    pub fn shows_progress(&self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }
}

/// Says where it could not be written. The kind stays: a closed pipe is told by
/// it.
fn named(error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("cannot write to standard output: {}", trouble::why(&error)))
}

/// The last look at what is about to be shown. All text was redacted where it
/// came in; should one have got past that, nothing is shown.
fn withheld(text: &str) -> io::Result<()> {
    match redact::first_known(text) {
        None => Ok(()),
        Some(found) => Err(io::Error::other(format!(
            "the output is withheld: its line {} would hold a secret ({})\nhint: `waypost redact --retro` cleans what an older version stored; if this stays, please report it",
            found.line, found.kind
        ))),
    }
}

/// Tells of a wrong command line, without tokens of known shape and without
/// what steers the terminal: it repeats arguments, which may be file names.
pub fn refuse_usage(text: &str) {
    // Nobody reads our errors any more when this fails.
    let _ = write!(AutoStream::auto(io::stderr()).lock(), "{}", visible::text(&redact::message(text)));
}

/// `1 file`, `2 files`.
pub fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
