//! `waypost supersede`, `suppress`, `forget` and `erase`: end records that no
//! longer hold, from the mildest way to the hardest.

use clap::Args;

use super::out::count;
use super::{CommandOutcome, Out, record};
use crate::app::record::Report;
use crate::app::remove::{self, Erase, Erased, Forget, Request};
use crate::app::{App, Result};
#[cfg(feature = "team")]
use crate::visible;

/// Arguments of `waypost supersede`.
#[derive(Args)]
pub struct SupersedeArguments {
    /// The record that no longer holds
    #[arg(value_name = "ID")]
    id: String,
    /// The record that holds instead, or the summary of a new decision
    #[arg(long, value_name = "ID|TEXT")]
    by: String,
}

/// Arguments of `waypost suppress`.
#[derive(Args)]
pub struct SuppressArguments {
    /// Id, the beginning of one, or a slug
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
}

/// Arguments of `waypost forget`.
#[derive(Args)]
pub struct RemoveArguments {
    /// Ids, beginnings of ids, or slugs
    #[arg(value_name = "ID", required_unless_present = "query")]
    ids: Vec<String>,
    /// The records that a search finds with all its words
    #[arg(long, value_name = "QUERY", conflicts_with = "ids", allow_hyphen_values = true)]
    query: Option<String>,
    /// Do it; without this, the records are shown and nothing is changed
    #[arg(long)]
    yes: bool,
}

/// Arguments of `waypost erase`.
#[derive(Args)]
pub struct EraseArguments {
    /// Ids, beginnings of ids, or slugs
    #[arg(value_name = "ID", required_unless_present_any = ["query", "marks"])]
    ids: Vec<String>,
    /// The records that a search finds with all its words
    #[arg(long, value_name = "QUERY", conflicts_with = "ids", allow_hyphen_values = true)]
    query: Option<String>,
    /// Do it; without this, the records are shown and nothing is changed
    #[arg(long)]
    yes: bool,
    /// List the records that were erased, which no import brings back
    #[arg(long, conflicts_with_all = ["ids", "query", "yes", "lift"])]
    marks: bool,
    /// Let imports bring back these records, which were erased
    #[arg(long, conflicts_with_all = ["query", "yes"])]
    lift: bool,
}

impl RemoveArguments {
    fn request(&self) -> Request {
        Request { ids: self.ids.clone(), query: self.query.clone(), yes: self.yes }
    }
}

/// Ends a record and prints the id of the one that holds instead.
pub fn supersede(app: &App, arguments: &SupersedeArguments, out: &Out) -> Result<CommandOutcome> {
    let report = remove::supersede(app, &arguments.id, &arguments.by)?;
    if out.json {
        out.object(&report)?;
    } else {
        out.note(&format!("{} is superseded by", report.id));
        out.line(&report.by)?;
    }
    Ok(CommandOutcome::Done)
}

/// Hides records from lists and pages, and keeps them.
pub fn suppress(app: &App, arguments: &SuppressArguments, out: &Out) -> Result<CommandOutcome> {
    let report = remove::suppress(app, &arguments.ids)?;
    let number = count(report.suppressed.len(), "record");
    match out.json {
        true => out.object(&report)?,
        false => out.note(&format!("suppressed {number}: hidden and kept")),
    }
    Ok(CommandOutcome::Done)
}

/// Removes the files of records; without `--yes`, shows them and ends with exit code 1.
pub fn forget(app: &App, arguments: &RemoveArguments, out: &Out) -> Result<CommandOutcome> {
    let report = remove::forget(app, &arguments.request())?;
    if out.json {
        out.object(&report)?;
    }
    match &report {
        Forget::Preview(preview) => print_preview("forgotten", &preview.shown, out),
        Forget::Done(done) if !out.json => {
            for (id, revision) in done.forgotten.iter().zip(&done.revisions) {
                out.said(&format!("forgot {id}; `waypost rollback {id} {revision}` brings it back"))?;
            }
            Ok(CommandOutcome::Done)
        }
        Forget::Done(_) => Ok(CommandOutcome::Done),
    }
}

/// Prints the preview of a command that needs `--yes`. Having done nothing is
/// exit code 1 for all such commands.
fn print_preview(verb: &str, shown: &[Report], out: &Out) -> Result<CommandOutcome> {
    if out.json {
        return Ok(CommandOutcome::Finding);
    }
    for report in shown {
        out.line(&record::line(report))?;
    }
    out.note(&match shown.len() {
        0 => "nothing was found, nothing was changed".to_string(),
        some => format!("nothing was changed: {} would be {verb}; `--yes` does it", count(some, "record")),
    });
    Ok(CommandOutcome::Finding)
}

/// Reports erased records.
fn list_marks(app: &App, out: &Out) -> Result<CommandOutcome> {
    let report = remove::marks(app)?;
    if out.json {
        out.object(&report)?;
        return Ok(CommandOutcome::Done);
    }
    for mark in &report.marks {
        out.line(&format!("{}  erased {}", mark.id, mark.at))?;
    }
    if report.marks.is_empty() {
        out.note("no record was erased");
    }
    Ok(CommandOutcome::Done)
}

fn lift(app: &App, ids: &[String], out: &Out) -> Result<CommandOutcome> {
    let report = remove::lift(app, ids)?;
    match out.json {
        true => out.object(&report)?,
        false => {
            let marks = count(report.lifted.len(), "mark");
            out.said(&format!("lifted {marks}: an import may bring back what was erased"))?;
        }
    }
    Ok(CommandOutcome::Done)
}

/// Erases every word of records, lists the marks of erased ones or lifts them; without `--yes`,
/// shows what would be erased and ends with exit code 1.
pub fn erase(app: &App, arguments: &EraseArguments, out: &Out) -> Result<CommandOutcome> {
    if arguments.marks {
        return list_marks(app, out);
    }
    if arguments.lift {
        return lift(app, &arguments.ids, out);
    }
    let EraseArguments { ids, query, yes, .. } = arguments;
    let request = Request { ids: ids.clone(), query: query.clone(), yes: *yes };
    let report = remove::erase(app, &request)?;
    if out.json {
        out.object(&report)?;
    }
    let done = match &report {
        Erase::Preview(preview) => return print_preview("erased", &preview.shown, out),
        Erase::Done(done) => done,
    };
    if !out.json {
        print_erased(done, out)?;
    }
    #[cfg(feature = "team")]
    if let Some(there) = &done.team {
        print_erased_there(there, out);
        return Ok(if done.log_emptied && there.erased {
            CommandOutcome::Done
        } else {
            CommandOutcome::Finding
        });
    }
    Ok(if done.log_emptied { CommandOutcome::Done } else { CommandOutcome::Finding })
}

/// What was erased at the team's server, and what that does not reach.
#[cfg(feature = "team")]
fn print_erased_there(there: &crate::app::team::ErasedThere, out: &Out) {
    let server = there.server.as_deref().unwrap_or("the team's server");
    match &there.problem {
        Some(problem) => out.warning(&format!(
            "{} still has the words: {}\nhint: `waypost team push` erases them there",
            visible::line(server),
            visible::line(problem)
        )),
        None => out.note(&format!(
            "{} has no word of it any more (entries of its log emptied: {}); what other clones took over, back-ups and pages that PostgreSQL has not written over keep theirs",
            visible::line(server),
            there.emptied
        )),
    }
}

fn print_erased(done: &Erased, out: &Out) -> Result<()> {
    let number = count(done.erased.len(), "record");
    if !done.log_emptied {
        return Ok(out.said(&format!("erased {number}, except in the log"))?);
    }
    out.said(&format!("erased {number}: file, index, revisions, log and artefacts"))?;
    for path in &done.in_git_history {
        out.warning(&format!(
            "git has `{path}`: its history still holds the text\nhint: commit the deletion; `git filter-repo --invert-paths --path '{path}'` rewrites the history, and every clone must be made anew"
        ));
    }
    Ok(())
}
