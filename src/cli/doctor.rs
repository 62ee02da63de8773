//! `waypost doctor`: checks the project and says how to repair what is wrong.

use clap::Args;

use super::{CommandOutcome, Out};
use crate::app::doctor::{self, CheckStatus, Report};
use crate::app::{App, Result};
use crate::visible;

/// Arguments of `waypost doctor`.
#[derive(Args)]
pub struct Arguments {
    /// Set a broken database aside and build another one; build the index of the records again
    #[arg(long)]
    fix: bool,
}

/// Findings that are shown; the JSON has all.
const SHOWN: usize = 40;

/// Runs all checks; a failed one ends the command with exit code 1.
pub fn run(app: &App, arguments: &Arguments, out: &Out) -> Result<CommandOutcome> {
    let report = doctor::doctor(app, arguments.fix)?;
    report.repaired.iter().for_each(|done| out.note(done));
    match out.json {
        true => out.object(&report)?,
        false => print(&report, out)?,
    }
    let failed = report.checks.iter().any(|check| check.status == CheckStatus::Fail);
    Ok(if failed { CommandOutcome::Finding } else { CommandOutcome::Done })
}

fn print(report: &Report, out: &Out) -> Result<()> {
    for check in &report.checks {
        out.line(&format!("{:<5} {:<13} {}", check.status.name(), check.name, check.detail))?;
    }
    for one in report.findings.iter().take(SHOWN) {
        let (path, what) = (visible::line(&one.path), visible::line(&one.what));
        out.line(&format!("      {path}:{}: {what}", one.line))?;
    }
    if report.findings.len() > SHOWN {
        out.line(&format!("      and {} more: `waypost doctor --json`", report.findings.len() - SHOWN))?;
    }
    Ok(())
}
