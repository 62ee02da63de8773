//! All printing: data to standard output, everything else to standard error,
//! and no character of the repository that could steer a terminal.

use std::io::{self, IsTerminal, Write};

use anstream::AutoStream;
use serde_json::Value;

use crate::visible;

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

    /// One JSON object, the only thing on standard output.
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
        let mut stdout = AutoStream::auto(io::stdout()).lock();
        writeln!(stdout, "{}", visible::text(text))?;
        stdout.flush()
    }

    /// A line that says what was done; not with `-q`.
    pub fn said(&self, text: &str) -> io::Result<()> {
        if self.quiet { Ok(()) } else { self.line(text) }
    }

    /// A text with its own line ends. What was made of clean text stays as it is,
    /// byte for byte.
    pub fn raw(&self, text: &str) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(visible::text(text).as_bytes())?;
        stdout.flush()
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

    /// What the parser of the command line has to say.
    pub fn refusal(&self, text: &str) {
        self.stderr(text.trim_end());
    }

    /// Nobody reads our errors any more when this fails.
    fn stderr(&self, text: &str) {
        let mut stderr = AutoStream::auto(io::stderr()).lock();
        let _ = writeln!(stderr, "{}", visible::text(text));
    }

    /// Whether progress is shown: a person watches and did not ask for quiet.
    pub fn shows_progress(&self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }
}

/// `1 file`, `2 files`.
pub fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
