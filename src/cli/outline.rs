//! `waypost outline`: shows what a file declares and imports, or what the files of a
//! folder declare.

use std::path::PathBuf;

use clap::Args;

use super::output_file::OutputFile;
use super::{CommandOutcome, Out};
use crate::app::outline::{self, FolderReport, Report};
use crate::app::{App, Result};

/// Arguments of `waypost outline`.
#[derive(Args)]
pub struct Arguments {
    /// A file or folder of the project, relative to its root or to the current folder
    #[arg(value_name = "PATH")]
    path: PathBuf,
    #[command(flatten)]
    pub output: OutputFile,
}

/// Prints the declarations and imports of one file, or the outermost declarations of each
/// file of a folder.
pub fn run(app: &App, arguments: &Arguments, out: &Out) -> Result<CommandOutcome> {
    if let Some(folder) = outline::folder(app, &arguments.path)? {
        print_folder(&folder, out)?;
        return Ok(CommandOutcome::Done);
    }
    let report = outline::outline(app, &arguments.path, out.json)?;
    match out.json {
        true => out.object(&report)?,
        false => print(&report, out)?,
    }
    Ok(CommandOutcome::Done)
}

fn print_folder(folder: &FolderReport, out: &Out) -> Result<()> {
    if out.json {
        out.object(folder)?;
        return Ok(());
    }
    for file in &folder.files {
        out.line(file.path.as_str())?;
        for symbol in file.symbols.iter().filter(|symbol| symbol.depth == 0) {
            out.line(&format!("  :{}-{} {}", symbol.line, symbol.end_line, symbol.signature))?;
        }
    }
    if folder.files.is_empty() {
        out.note("no file of this folder declares anything that waypost knows");
    }
    Ok(())
}

fn print(report: &Report, out: &Out) -> Result<()> {
    let path = &report.path;
    if let Some(remark) = report.remark() {
        out.note(&format!("`{path}` {remark}"));
    }
    if !report.symbols.is_empty() {
        out.line(path.as_str())?;
    }
    for symbol in &report.symbols {
        let indent = "  ".repeat(symbol.depth);
        out.line(&format!("  {indent}:{}-{} {}", symbol.line, symbol.end_line, symbol.signature))?;
    }
    Ok(())
}
