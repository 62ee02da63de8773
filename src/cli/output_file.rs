//! `-o FILE` and `--copy`: a document or list in a file or in the terminal's
//! clipboard in place of standard output.
//!
//! Not here: exports and backups, which are written as streams (`streams`).

use std::path::{Path, PathBuf};

use clap::Args;

use super::{CommandOutcome, Out};
use crate::app::{App, Error, Result};

/// Where what a command prints goes.
#[derive(Args)]
pub struct OutputFile {
    /// Write it to this file, `-` for standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// The same, for what one pastes.
#[derive(Args)]
pub struct PastedOutput {
    #[command(flatten)]
    file: OutputFile,
    /// Put it into the clipboard of the terminal too (OSC 52)
    #[arg(long)]
    copy: bool,
}

/// Bytes that terminals take into their clipboard at once; xterm takes no more.
const MOST_COPIED: usize = 74_994;

impl OutputFile {
    /// Runs a command whose data goes there; nothing is written where it fails.
    pub fn of(
        &self,
        app: &App,
        out: &Out,
        run: impl FnOnce(&Out) -> Result<CommandOutcome>,
    ) -> Result<CommandOutcome> {
        let Some(path) = self.output.as_deref().filter(|path| *path != Path::new("-")) else {
            return run(out);
        };
        let held = out.held();
        let outcome = run(&held)?;
        app.write_whole(path, held.taken().as_bytes())?;
        out.note(&format!("written: {}", path.display()));
        Ok(outcome)
    }
}

impl PastedOutput {
    /// As [`OutputFile::of`], and into the clipboard where that was asked for.
    pub fn of(
        &self,
        app: &App,
        out: &Out,
        run: impl FnOnce(&Out) -> Result<CommandOutcome>,
    ) -> Result<CommandOutcome> {
        if !self.copy {
            return self.file.of(app, out, run);
        }
        if !out.is_terminal() {
            let error = Error::new("`--copy` needs a terminal to copy to");
            return Err(error.with_hint("`-o FILE` writes it to a file"));
        }
        let held = out.held();
        let outcome = run(&held)?;
        let text = held.taken();
        if text.len() > MOST_COPIED {
            let error = Error::new(format!("{} bytes are more than terminals copy at once", text.len()));
            return Err(error.with_hint("`-o FILE` writes it to a file"));
        }
        out.copy(&text)?;
        self.file.of(app, out, |out| {
            out.raw(&text)?;
            Ok(outcome)
        })
    }
}
