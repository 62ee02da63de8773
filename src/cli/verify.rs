//! `waypost verify`: checks whether the code that records are about is
//! unchanged, and accepts it after a review.

use clap::{Args, ValueEnum};

use super::out::count;
use super::{CommandOutcome, Out};
use crate::app::verify::{self, Report, Request};
use crate::app::{App, Result};

/// Arguments of `waypost verify`.
#[derive(Args)]
pub struct Arguments {
    /// Ids, beginnings of ids, or slugs [default: all that are proposed or accepted]
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// It was looked at: what drifted is right as it is now, what moved stays where it was found
    #[arg(long)]
    accept: bool,
    /// Exit 1 when something is drifted (moved and orphaned too), or orphaned
    #[arg(long, value_name = "STATE", value_delimiter = ',')]
    fail_on: Vec<FailOn>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    Drifted,
    Orphaned,
}

/// Prints the state of each anchor; exit code 1 where a state of `--fail-on` occurs.
pub fn run(app: &App, arguments: &Arguments, out: &Out) -> Result<CommandOutcome> {
    let request = Request { ids: arguments.ids.clone(), accept: arguments.accept };
    let report = verify::verify(app, &request)?;
    match out.json {
        true => out.object(&report)?,
        false => print(&report, out)?,
    }
    let failed = arguments.fail_on.iter().any(|state| match state {
        FailOn::Drifted => report.drifted + report.moved + report.orphaned > 0,
        FailOn::Orphaned => report.orphaned > 0,
    });
    Ok(if failed { CommandOutcome::Finding } else { CommandOutcome::Done })
}

fn print(report: &Report, out: &Out) -> Result<()> {
    for record in &report.records {
        for anchor in &record.anchors {
            let (state, place, found) = (anchor.state.name(), &anchor.place, &anchor.found_words);
            out.line(&format!("{state:<8}  {}  {place}{found}  {}", record.id, record.title))?;
        }
    }
    if report.accepted > 0 {
        out.note(&format!("accepted {}", count(report.accepted, "anchor")));
    }
    let Report { fresh, drifted, moved, orphaned, .. } = report;
    out.note(&format!("{fresh} fresh, {drifted} drifted, {moved} moved, {orphaned} orphaned"));
    Ok(())
}
