//! `waypost why`: what something comes from, by the links that were declared.

use clap::Args;

use super::{CommandOutcome, Out};
use crate::app::why::{self, Node, Step};
use crate::app::{App, Result};
use crate::visible;

/// Arguments of `waypost why`.
#[derive(Args)]
pub struct WhyArguments {
    /// A record (id, the beginning of one, slug) or an entry of the log, such as e12
    #[arg(value_name = "ID")]
    id: String,
}

/// Prints what is linked with a record or an entry, and with that.
pub fn why(app: &App, arguments: &WhyArguments, out: &Out) -> Result<CommandOutcome> {
    let report = why::why(app, &arguments.id)?;
    if out.json {
        out.object(&report)?;
        return Ok(CommandOutcome::Done);
    }
    out.line(&told(&report.node))?;
    for step in &report.steps {
        out.line(&line(step))?;
    }
    if report.steps.is_empty() {
        out.note(
            "no link is declared\nhint: `waypost edit ID --caused-by ID`, `--fixed-by ID`, `--supersedes ID`",
        );
    }
    Ok(CommandOutcome::Done)
}

fn told(node: &Node) -> String {
    let status = node.status.map(|status| format!("  [{status}]")).unwrap_or_default();
    format!("{}  {:<11}  {}{status}", node.id, node.kind, visible::line(&node.title))
}

fn line(step: &Step) -> String {
    let seen = if step.seen { "  (told above)" } else { "" };
    format!("{}{}  {}{seen}", "  ".repeat(step.depth), step.relation, told(&step.node))
}
