//! `waypost templates`: the templates of pages, and copies of them to edit.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::out::count;
use super::{CommandOutcome, Out};
use crate::app::templates::{self, Ejected, TemplateList};
use crate::app::{App, Result};

/// Arguments of `waypost templates`.
#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: TemplatesCommand,
}

#[derive(Subcommand)]
enum TemplatesCommand {
    /// List the templates, and which of them are your own
    List,
    /// Print a template
    Show(ShowArguments),
    /// Copy a template, or all, to where your own lie; what is there stays
    Eject(EjectArguments),
}

/// Arguments of `waypost templates show`.
#[derive(Args)]
struct ShowArguments {
    /// Such as handoff.md.j2
    name: String,
    /// The one that comes with waypost, also where there is one of your own
    #[arg(long)]
    built_in: bool,
}

/// Arguments of `waypost templates eject`.
#[derive(Args)]
struct EjectArguments {
    /// Such as handoff.md.j2 [default: all]
    name: Option<String>,
    /// Into this folder [default: that of your own templates]
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
}

/// Runs the given subcommand; a list that names a problem ends with exit code 1.
pub fn run(app: &App, arguments: &Arguments, out: &Out) -> Result<CommandOutcome> {
    match &arguments.command {
        TemplatesCommand::List => print_list(&templates::list(app)?, out),
        TemplatesCommand::Show(show) => {
            let report = templates::show(app, &show.name, show.built_in)?;
            match out.json {
                true => out.object(&report)?,
                false => out.raw(&report.text)?,
            }
            Ok(CommandOutcome::Done)
        }
        TemplatesCommand::Eject(eject) => {
            print_ejected(&templates::eject(app, eject.name.as_deref(), eject.to.as_deref())?, out)
        }
    }
}

fn print_list(list: &TemplateList, out: &Out) -> Result<CommandOutcome> {
    let outcome = if list.problem.is_some() { CommandOutcome::Finding } else { CommandOutcome::Done };
    if out.json {
        out.object(list)?;
        return Ok(outcome);
    }
    for template in &list.templates {
        out.line(&format!("{:<10}{}", if template.own { "yours" } else { "built-in" }, template.name))?;
    }
    match &list.folder {
        Some(folder) => out.note(&format!("your own are read from {folder}")),
        None => out.note("you have no configuration folder outside of this project"),
    }
    list.unknown.iter().for_each(|name| out.warning(&format!("`{name}` has the name of no template")));
    list.problem.iter().for_each(|problem| out.warning(problem));
    Ok(outcome)
}

fn print_ejected(report: &Ejected, out: &Out) -> Result<CommandOutcome> {
    if out.json {
        out.object(report)?;
        return Ok(CommandOutcome::Done);
    }
    out.said(&format!("wrote {}: {}", count(report.written.len(), "template"), report.folder))?;
    report.kept.iter().for_each(|name| out.note(&format!("`{name}` was there and stays as it is")));
    Ok(CommandOutcome::Done)
}
