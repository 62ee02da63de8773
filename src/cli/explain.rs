//! `waypost explain`: why a file stands where it stands in the ranking.

use std::path::PathBuf;

use clap::Args;

use super::goal_arguments::GoalArguments;
use super::{Out, Outcome};
use crate::app::rank::{self, Explanation};
use crate::app::{App, Result};

#[derive(Args)]
pub struct Arguments {
    /// A file of the project
    #[arg(value_name = "PATH")]
    path: PathBuf,
    #[command(flatten)]
    goal: GoalArguments,
}

pub fn run(app: &App, arguments: &Arguments, out: &Out) -> Result<Outcome> {
    let goal = arguments.goal.text(app)?;
    let report = rank::explain(app, &arguments.path, goal.as_deref())?;
    match out.json {
        true => out.object(&report)?,
        false => tell(&report, out)?,
    }
    Ok(Outcome::Done)
}

fn tell(report: &Explanation, out: &Out) -> Result<()> {
    out.line(&format!("{}: place {} of {}", report.path, report.place, report.of))?;
    out.line("  moved   value    best  signal")?;
    for signal in report.signals.iter().filter(|signal| signal.moved != 0.0 || signal.value != 0.0) {
        let (moved, value, best) = (signal.moved, signal.value, signal.best);
        out.line(&format!("{moved:+7.3} {value:7.3} {best:7.3}  {}", signal.signal))?;
    }
    for name in &report.would_bring_up {
        for signal in report.signals.iter().filter(|signal| signal.signal == *name) {
            let (value, best) = (signal.value, signal.best);
            out.line(&format!("would bring it up: {name} (now {value:.3}, the best file has {best:.3})"))?;
        }
    }
    Ok(())
}
