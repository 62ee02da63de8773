//! `waypost mcp`: the server for agents, on the standard streams.

use std::io::{BufRead, Write};
use std::path::PathBuf;

use clap::Args;

use super::{CommandOutcome, Out};
use crate::app::{App, Host, Result};

/// Arguments of `waypost mcp`.
#[derive(Args)]
pub struct Arguments {
    /// The project's folder [default: CLAUDE_PROJECT_DIR, else as for every command]
    #[arg(long, value_name = "PATH")]
    root: Option<PathBuf>,
    /// Let the client write records
    #[arg(long)]
    allow_write: bool,
}

/// What serves: until the end of its input it answers on its output, and writes
/// records only where it may.
pub type Server = fn(&App, bool, &mut dyn BufRead, Box<dyn Write + Send>) -> Result<()>;

/// The folder where a client says that its project is.
const PROJECT: &str = "CLAUDE_PROJECT_DIR";

/// Serves one client on the standard streams until its input ends.
pub fn run(
    mut host: Host,
    root: Option<PathBuf>,
    arguments: Arguments,
    serve: Server,
    out: &Out,
) -> Result<CommandOutcome> {
    let root = arguments.root.or(root);
    let named = host.variable(PROJECT).map(PathBuf::from);
    if let Some(folder) = named.filter(|folder| root.is_none() && folder.is_absolute() && folder.is_dir()) {
        host.current = folder;
    }
    serve(&App::new(host, root), arguments.allow_write, &mut std::io::stdin().lock(), out.stream())?;
    Ok(CommandOutcome::Done)
}
