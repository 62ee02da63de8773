//! `waypost report`: the project on one page, as a file or on loopback.

mod http;
mod server;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::Args;

use super::streams::output;
use super::{CommandOutcome, Out};
use crate::app::report::{self, Placed, Request};
use crate::app::{App, Error, Result};

/// Arguments of `waypost report`.
#[derive(Args)]
pub struct Arguments {
    /// Rank the files for this goal instead of the recorded one
    #[arg(long, value_name = "TEXT")]
    goal: Option<String>,
    /// The file to write, `-` for standard output [default: .waypost/local/report.html]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Open it in the browser
    #[arg(long)]
    open: bool,
    /// Show it on 127.0.0.1 instead, newer while a watch runs; Ctrl-C ends it
    #[arg(long, conflicts_with = "output")]
    serve: bool,
    /// The port for --serve [default: a free one]
    #[arg(long, value_name = "N", requires = "serve")]
    port: Option<u16>,
}

/// Writes the page, shows it on loopback, or prints what it is made from.
pub fn run(app: &App, arguments: &Arguments, out: &Out) -> Result<CommandOutcome> {
    let request = Request { goal: arguments.goal.clone() };
    if arguments.serve {
        refuse_json(out)?;
        return server::serve(app, &request, arguments.port.unwrap_or(0), arguments.open, out);
    }
    let wanted = arguments.output.as_deref().map(|path| output(path, out)).transpose()?;
    if out.json && wanted.is_none() && !arguments.open {
        out.object(&report::report(app, &request)?)?;
        return Ok(CommandOutcome::Done);
    }
    let page = report::page(app, &request)?;
    let placed = report::write(app, &page, wanted)?;
    match out.json {
        true => out.object(&page.report)?,
        false => print(&placed, arguments.open, out)?,
    }
    if arguments.open {
        open(app, &placed)?;
    }
    Ok(CommandOutcome::Done)
}

fn refuse_json(out: &Out) -> Result<()> {
    match out.json {
        true => Err(Error::new("`--serve` shows a page and has no `--json`")
            .with_hint("`waypost report --json` prints what the page is made from")),
        false => Ok(()),
    }
}

fn print(placed: &Placed, is_opened: bool, out: &Out) -> Result<()> {
    let Placed { output, bytes, written } = placed;
    if output == "-" {
        return Ok(());
    }
    let verb = if *written { "wrote" } else { "unchanged:" };
    out.said(&format!("{verb} {output} ({} kB)", bytes.div_ceil(1_000)))?;
    if !is_opened {
        out.note("`waypost report --open` shows it in the browser, `--serve` keeps it current");
    }
    Ok(())
}

fn open(app: &App, placed: &Placed) -> Result<()> {
    if placed.output == "-" {
        return Err(Error::new("`--open` needs a file, and `-` is standard output"));
    }
    let path = app.current_folder().join(&placed.output);
    // Absolute, so that no opener takes it for a flag.
    let path = path.canonicalize().map_err(|error| Error::cannot("find", &path, &error))?;
    show(app, path.as_os_str())
}

/// Hands a path or an address to what the platform opens such things with.
fn show(app: &App, what: &std::ffi::OsStr) -> Result<()> {
    let name = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let program = found(app, name).ok_or_else(|| {
        Error::new(format!("there is no `{name}` here")).with_hint("open the page in a browser by hand")
    })?;
    let mut command = Command::new(&program);
    command.arg(what).current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().map(drop).map_err(|error| Error::cannot("start", &program, &error))
}

/// A program of the user's: looked for in absolute folders outside of the project
/// alone, since a relative one on the path could be the project's.
fn found(app: &App, name: &str) -> Option<PathBuf> {
    let root = app.folder().ok()?;
    let path = app.variable("PATH")?;
    let folders = std::env::split_paths(&path).filter(|folder| folder.is_absolute());
    let outside = folders.filter(|folder| !is_within(folder, &root));
    outside.map(|folder| folder.join(name)).find(|program| program.is_file())
}

fn is_within(folder: &Path, root: &Path) -> bool {
    folder.canonicalize().is_ok_and(|folder| folder.starts_with(root))
}
