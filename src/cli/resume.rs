//! `waypost resume` and `sitrep`: where somebody stopped, and what is going on.

use clap::{Args, ValueEnum};

use super::output_file::OutputFile;
use super::{CommandOutcome, Out};
use crate::app::resume::{self, ResumeRequest};
use crate::app::sitrep;
use crate::app::{App, Result};

/// Arguments of `waypost resume`. The global `--session` says whose work it is
/// about.
#[derive(Args)]
pub struct ResumeArguments {
    /// Tokens (o200k_base) that it does not exceed [default: about 1,200]
    #[arg(long, value_name = "N")]
    budget: Option<usize>,
    /// The form
    #[arg(long, value_name = "FORM", default_value = "md")]
    format: Form,
    /// Do not read what clients of agents keep of conversations
    #[arg(long)]
    no_transcripts: bool,
    #[command(flatten)]
    pub output: OutputFile,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    Md,
    Json,
    Xml,
}

/// Arguments of `waypost sitrep`.
#[derive(Args)]
pub struct SitrepArguments {
    /// Tokens (o200k_base) that it does not exceed [default: about 1,200]
    #[arg(long, value_name = "N")]
    budget: Option<usize>,
    #[command(flatten)]
    pub output: OutputFile,
}

/// Tells where the session that was named, the asker or anybody stopped.
pub fn resume(app: &App, arguments: &ResumeArguments, of: Option<&str>, out: &Out) -> Result<CommandOutcome> {
    let session = of.map(str::to_string);
    let transcripts = !arguments.no_transcripts;
    let request =
        ResumeRequest { session, budget: arguments.budget, but: None, transcripts, companions: true };
    let report = resume::resume(app, &request)?;
    match arguments.format {
        _ if out.json => out.object(&report)?,
        Form::Json => out.object(&report)?,
        Form::Xml => out.raw(&report.sheet.xml("resume"))?,
        Form::Md => out.raw(&report.sheet.text)?,
    }
    Ok(CommandOutcome::Done)
}

/// Tells on one screen what is going on.
pub fn sitrep(app: &App, arguments: &SitrepArguments, out: &Out) -> Result<CommandOutcome> {
    let report = sitrep::sitrep(app, arguments.budget)?;
    match out.json {
        true => out.object(&report)?,
        false if report.sheet.text.is_empty() => {
            out.note("nobody is here, and nothing is going on\nhint: `waypost session start`")
        }
        false => out.raw(&report.sheet.text)?,
    }
    Ok(CommandOutcome::Done)
}
