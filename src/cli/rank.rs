//! `waypost rank`: files for a goal, best first.

use clap::{Args, ValueEnum};

use super::goal_arguments::GoalArguments;
use super::output_file::OutputFile;
use super::path_arguments::GlobArguments;
use super::{CommandOutcome, Out};
use crate::app::rank::{self, FileRanking, RankedClass, Request, SymbolRanking};
use crate::app::{App, Result};
use crate::model::SafeText;

/// Arguments of `waypost rank`.
#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    goal: GoalArguments,
    /// How many files
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
    /// Symbols with their lines (`path:first-last`) instead of files; needs a goal
    #[arg(long)]
    symbols: bool,
    /// Leave test files out
    #[arg(long, conflicts_with = "tests_only")]
    no_tests: bool,
    /// Test files alone
    #[arg(long)]
    tests_only: bool,
    /// Paths alone, a table with reasons, or JSON
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    format: RankFormat,
    #[command(flatten)]
    filter: GlobArguments,
    #[command(flatten)]
    pub output: OutputFile,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum RankFormat {
    Paths,
    Table,
    Json,
}

/// Prints files or symbols for the goal; exit code 1 where nothing speaks for any file.
pub fn run(app: &App, arguments: &Arguments, out: &Out) -> Result<CommandOutcome> {
    let files = match (arguments.no_tests, arguments.tests_only) {
        (true, _) => RankedClass::WithoutTests,
        (_, true) => RankedClass::TestsAlone,
        _ => RankedClass::All,
    };
    let filter = arguments.filter.filter(&[]);
    let request = Request { goal: arguments.goal.text(app)?, limit: arguments.limit, files, filter };
    let format = if out.json { RankFormat::Json } else { arguments.format };
    match arguments.symbols {
        true => {
            print_symbols(&rank::symbols(app, &request)?, format, out)?;
            Ok(CommandOutcome::Done)
        }
        false => {
            let report = rank::files(app, &request)?;
            print_files(&report, format, out)?;
            Ok(if report.evidence == Some("none") { CommandOutcome::Finding } else { CommandOutcome::Done })
        }
    }
}

/// Explains the numbers and words of the table.
const LEGEND: &str = "The number is the score that orders the files: higher is likelier. \
Below each file stands what speaks for it most, strongest first.";

fn print_files(report: &FileRanking, format: RankFormat, out: &Out) -> Result<()> {
    match format {
        RankFormat::Json => out.object(report)?,
        RankFormat::Paths => report.files.iter().try_for_each(|file| out.line(file.path.as_str()))?,
        RankFormat::Table => {
            for (place, file) in (1..).zip(&report.files) {
                out.line(&format!("{place:>3}  {:6.2}  {}", file.score, file.path))?;
                print_reasons(&file.said, out)?;
            }
        }
    }
    match report.evidence {
        Some("none") => out.note("no word of the goal occurs in the project: these are its central files"),
        Some(word) if format == RankFormat::Table => out.note(&format!("{word}: {} {LEGEND}", report.means)),
        _ => {}
    }
    Ok(())
}

fn print_symbols(report: &SymbolRanking, format: RankFormat, out: &Out) -> Result<()> {
    let mut symbols = report.symbols.iter();
    match format {
        RankFormat::Json => out.object(report)?,
        RankFormat::Paths => symbols.try_for_each(|it| out.line(&format!("{} {}", it.place, it.name)))?,
        RankFormat::Table => {
            for (place, symbol) in (1..).zip(symbols) {
                out.line(&format!("{place:>3}  {}  {}  {}", symbol.place, symbol.name, symbol.signature))?;
                print_reasons(&symbol.said, out)?;
            }
        }
    }
    Ok(())
}

/// The reasons of a file.
fn print_reasons(said: &SafeText, out: &Out) -> Result<()> {
    if !said.is_empty() {
        out.line(&format!("     {said}"))?;
    }
    Ok(())
}
