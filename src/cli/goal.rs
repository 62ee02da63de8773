//! `waypost goal` and `brief`: what is being worked on, and how things stand.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;

use super::record_fields::body;
use super::{Global, Out, Outcome, history, init, note, notes, open, record_view};
use crate::memory::{Kind, Memory};
use crate::model::SafeText;
use crate::pipeline;
use crate::records::BRIEF;

#[derive(Args)]
pub struct GoalArguments {
    /// The new goal; "" ends the old one; nothing shows it
    #[arg(value_name = "TEXT", allow_hyphen_values = true)]
    text: Option<String>,
}

#[derive(Args)]
pub struct BriefArguments {
    #[command(subcommand)]
    command: Option<BriefCommand>,
}

#[derive(Subcommand)]
enum BriefCommand {
    /// Write it: the text, or `--file`
    Set(SetArguments),
    /// Show it
    Show,
    /// Its revisions
    History,
}

#[derive(Args)]
struct SetArguments {
    /// In Markdown; `-` reads standard input
    #[arg(value_name = "TEXT", allow_hyphen_values = true, required_unless_present = "file")]
    text: Option<String>,
    /// From a file; `-` reads standard input
    #[arg(long, value_name = "FILE", conflicts_with = "text")]
    file: Option<PathBuf>,
    /// Only when this revision is the newest, 0 for none: refuses a lost update
    #[arg(long, value_name = "N")]
    if_rev: Option<u32>,
}

pub fn goal(global: &Global, arguments: &GoalArguments, out: &Out) -> anyhow::Result<Outcome> {
    let context = open::context(global, out)?;
    if let Some(text) = &arguments.text {
        init::prepare(&context.project)?;
        pipeline::set_goal(&context, text)?;
        open::book(&context, out)?;
    }
    let memory = Memory::load(&context.project.memory(), &context.redactor)?;
    open::report_unreadable(&memory.unreadable, out);
    let goal = memory.goal();
    let next = memory.next_step();
    if out.json {
        let text = goal.map(|goal| goal.text());
        out.object(&json!({ "goal": text, "id": goal.map(|goal| &goal.id), "next": next }))?;
        return Ok(Outcome::Done);
    }
    match (goal, next) {
        (None, _) => out.note("no goal is set"),
        (Some(goal), next) => {
            out.text(goal.text().as_str())?;
            if let Some(next) = next {
                out.line(&format!("next: {next}"))?;
            }
        }
    }
    Ok(Outcome::Done)
}

pub fn brief(global: &Global, arguments: &BriefArguments, out: &Out) -> anyhow::Result<Outcome> {
    match &arguments.command {
        Some(BriefCommand::Set(set)) => set_brief(global, set, out),
        Some(BriefCommand::History) => history::history_of(global, BRIEF, out),
        Some(BriefCommand::Show) | None => show_brief(global, out),
    }
}

fn set_brief(global: &Global, arguments: &SetArguments, out: &Out) -> anyhow::Result<Outcome> {
    let context = open::context(global, out)?;
    init::prepare(&context.project)?;
    let mut book = open::book(&context, out)?;
    let text = body(arguments.text.as_deref(), arguments.file.as_deref())?.unwrap_or_default();
    let mut record = book.draft(Kind::Observation, "");
    let text = context.redactor.text(text.trim());
    anyhow::ensure!(!text.is_empty(), "the brief is empty");
    let first = text.lines().next().unwrap_or_default();
    record.title = first.map(|line| line.trim_start_matches('#').trim().to_string()).one_line(120);
    if record.title.is_empty() {
        record.title = SafeText::constant("Brief");
    }
    record.body = text;
    let (indexed, changed) = book.set_brief(record, arguments.if_rev)?;
    note::changed_outcome(&indexed, changed, out)
}

fn show_brief(global: &Global, out: &Out) -> anyhow::Result<Outcome> {
    let context = open::context(global, out)?;
    let book = open::book(&context, out)?;
    match book.brief()? {
        Some(brief) if out.json => {
            for shown in record_view::look(&book, vec![brief])? {
                notes::print(&shown, out)?;
            }
        }
        Some(brief) => {
            out.note(&format!("revision {}, {}", brief.revision, brief.record.updated));
            out.text(brief.record.body.as_str())?;
        }
        None if out.json => out.object(&json!({ "id": null, "revision": 0, "body": null }))?,
        None => out.note("there is no brief\nhint: `waypost brief set TEXT` writes it"),
    }
    Ok(Outcome::Done)
}
