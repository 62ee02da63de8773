//! `waypost schema`: JSON Schema of what commands print with `--json`.

use clap::Args;

use super::{CommandOutcome, Out};
use crate::app::{Result, schema};

/// Arguments of `waypost schema`.
#[derive(Args)]
pub struct Arguments {
    /// A command such as `goal add`, `handoff`, `now` or `error` [default: list all]
    #[arg(value_name = "NAME")]
    name: Vec<String>,
}

/// Prints one schema, or the names of all.
pub fn run(arguments: &Arguments, out: &Out) -> Result<CommandOutcome> {
    if !arguments.name.is_empty() {
        out.object(&schema::schema(&arguments.name.join(" "))?)?;
        return Ok(CommandOutcome::Done);
    }
    let list = schema::list();
    if out.json {
        out.object(&list)?;
        return Ok(CommandOutcome::Done);
    }
    for schema in &list.schemas {
        out.line(&format!("{:<20}  {}", schema.name, schema.title))?;
    }
    Ok(CommandOutcome::Done)
}
