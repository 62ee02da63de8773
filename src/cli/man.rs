//! `waypost man`: the manual pages, made of what `--help` says.

use std::path::PathBuf;

use clap::{Args, Command};

use super::out::count;
use super::{CommandOutcome, Out};
use crate::app::man::{self, ManPage};
use crate::app::{Error, Result};

/// Arguments of `waypost man`.
#[derive(Args)]
pub struct Arguments {
    /// The page of a command, such as `goal add` [default: that of waypost]
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,
    /// Write the pages of all commands into this folder
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    out: Option<PathBuf>,
}

/// Prints one page in roff, for `man -l -`, or writes all.
pub fn run(program: Command, arguments: &Arguments, out: &Out) -> Result<CommandOutcome> {
    let mut program = program.disable_help_subcommand(true);
    program.build();
    match &arguments.out {
        Some(folder) => {
            let report = man::write(folder, &pages(&program)?)?;
            match out.json {
                true => out.object(&report)?,
                false => {
                    out.said(&format!("wrote {}: {}", count(report.pages.len(), "page"), report.folder))?
                }
            }
        }
        None => {
            let page = page(command(&program, &arguments.command)?)?;
            match out.json {
                true => out.object(&page)?,
                false => out.raw(&page.page)?,
            }
        }
    }
    Ok(CommandOutcome::Done)
}

fn command<'a>(program: &'a Command, words: &[String]) -> Result<&'a Command> {
    words.iter().try_fold(program, |command, word| {
        command.find_subcommand(word).ok_or_else(|| {
            Error::new(format!("`{}` is no command", words.join(" ")))
                .with_hint("`waypost --help` lists them")
        })
    })
}

/// The pages of a command and all below it.
fn pages(command: &Command) -> Result<Vec<ManPage>> {
    let mut all = vec![page(command)?];
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        all.extend(pages(below)?);
    }
    Ok(all)
}

fn page(command: &Command) -> Result<ManPage> {
    let man = clap_mangen::Man::new(command.clone()).manual("waypost");
    let mut page = Vec::new();
    man.render(&mut page)?;
    Ok(ManPage { name: man.get_filename(), page: String::from_utf8_lossy(&page).into_owned() })
}
