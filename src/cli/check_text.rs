//! `waypost check-text`: what a text says of the project that is not so.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::out::count;
use super::streams::input;
use super::{CommandOutcome, Out};
use crate::app::check_text::{self, Report, Request};
use crate::app::{App, Result};

/// Arguments of `waypost check-text`.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// Texts, `-` for standard input [default: AGENTS.md, CLAUDE.md and the like]
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// What has to be there: the files as they are, or as they are staged
    #[arg(long, value_name = "WHAT", default_value = "tree")]
    against: Against,
    /// Write the names that files have now in the place of those that git renamed
    #[arg(long)]
    fix_paths: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Against {
    Tree,
    Index,
}

const AFTER_HELP: &str = "\
Checked: paths, path:line, path#name, names in code spans, targets and scripts of make, npm, just,
cargo and composer, relative links, and links into this repository. It is silent about what it
cannot know: what a build makes, other projects, examples. Exit code 1 where something is not there.";

/// Prints what is not there; exit code 1 if there is any.
pub fn run(app: &App, arguments: &Arguments, out: &Out) -> Result<CommandOutcome> {
    let is_stream = |path: &&PathBuf| path.as_path() == Path::new("-");
    let stream = arguments.files.iter().find(is_stream).map(|path| input(path));
    let report = check_text::check_text(
        app,
        Request {
            files: arguments.files.iter().filter(|path| !is_stream(path)).cloned().collect(),
            stream,
            staged: arguments.against == Against::Index,
            fix_paths: arguments.fix_paths,
        },
    )?;
    match out.json {
        true => out.object(&report)?,
        false => print(&report, out)?,
    }
    Ok(if report.found.is_empty() { CommandOutcome::Done } else { CommandOutcome::Finding })
}

fn print(report: &Report, out: &Out) -> Result<()> {
    for found in &report.found {
        let nearest =
            found.nearest.as_ref().map(|nearest| format!(" (nearest: {nearest})")).unwrap_or_default();
        out.line(&format!(
            "{}:{}: {} `{}`: {}{nearest}",
            found.file, found.line, found.kind, found.text, found.why
        ))?;
    }
    for fixed in &report.fixed {
        out.said(&format!("{}: {} mended", fixed.file, count(fixed.paths, "path")))?;
    }
    match (report.texts, report.found.is_empty()) {
        (0, _) => out.note("there is no instruction file; name the text to check"),
        (texts, true) => out.note(&format!(
            "all that {} is there",
            if texts == 1 { "the text names" } else { "the texts name" }
        )),
        _ => {}
    }
    Ok(())
}
