//! `waypost review`: the page of a pull request.

use clap::{Args, ValueEnum};

use super::output_file::OutputFile;
use super::{CommandOutcome, Out};
use crate::app::change::ChangeRequest;
use crate::app::review::{self, Request, ReviewFailure};
use crate::app::{App, Error, Result};

/// Arguments of `waypost review`.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// What differs from where this branch, tag or commit and HEAD parted [default: what differs from HEAD]
    #[arg(long, value_name = "REF")]
    base: Option<String>,
    /// What is staged
    #[arg(long, conflicts_with = "base")]
    staged: bool,
    /// End with 1 where this is so
    #[arg(long, value_name = "WHAT,...", value_delimiter = ',')]
    fail_on: Vec<FailOn>,
    /// Tokens (o200k_base) that the page does not exceed
    #[arg(long, value_name = "N", default_value_t = 3000, value_parser = clap::value_parser!(u32).range(300..=16_000))]
    budget: u32,
    // Proposals were reviewed by this name.
    #[arg(value_name = "ID", hide = true)]
    ids: Vec<String>,
    #[arg(long, hide = true)]
    accept: bool,
    #[arg(long, hide = true)]
    reject: bool,
    #[arg(long, hide = true)]
    all: bool,
    #[command(flatten)]
    pub output: OutputFile,
}

const AFTER_HELP: &str = "\
One page in Markdown: secrets in added lines, breaking changes with who uses them, the tests to run,
files that usually change with these and did not, records whose code changed, whether the handoff is
fresh, what was added and edited. The same change gives the same page.";

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// A public declaration is gone, hidden, moved or declared otherwise
    Breaking,
    /// The code of a record changed or is gone
    Drifted,
    /// The committed handoff is not what would be written
    Stale,
    /// An added line holds a secret
    Secret,
    /// Source changed, no test did, and for a changed file none is known
    MissingTest,
}

/// Prints the page; exit code 1 where something is so that `--fail-on` names.
pub fn run(app: &App, arguments: &Arguments, out: &Out) -> Result<CommandOutcome> {
    if !arguments.ids.is_empty() || arguments.accept || arguments.reject || arguments.all {
        let error = Error::new("proposals are reviewed by `waypost proposals`");
        return Err(error.with_hint("`waypost proposals` lists them, `--accept ID` and `--reject ID` decide"));
    }
    let change =
        ChangeRequest { staged: arguments.staged, base: arguments.base.clone(), ..ChangeRequest::default() };
    let fail_on = arguments.fail_on.iter().map(|fail_on| match fail_on {
        FailOn::Breaking => ReviewFailure::Breaking,
        FailOn::Drifted => ReviewFailure::Drifted,
        FailOn::Stale => ReviewFailure::Stale,
        FailOn::Secret => ReviewFailure::Secret,
        FailOn::MissingTest => ReviewFailure::MissingTest,
    });
    let request = Request { change, fail_on: fail_on.collect(), budget: arguments.budget as usize };
    let report = review::review(app, request)?;
    match out.json {
        true => out.object(&report)?,
        false => out.raw(&report.page)?,
    }
    Ok(if report.failed.is_empty() { CommandOutcome::Done } else { CommandOutcome::Finding })
}
