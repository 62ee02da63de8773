//! `waypost languages`: lists the supported languages, and how many files of
//! each the project has.

use super::{CommandOutcome, Out};
use crate::app::languages::{self, LanguageReport};
use crate::app::{App, Result};

/// Prints a table of the languages with their tiers and numbers of files.
pub fn run(app: &App, out: &Out) -> Result<CommandOutcome> {
    let report = languages::languages(app)?;
    if out.json {
        out.object(&report)?;
        return Ok(CommandOutcome::Done);
    }
    out.line("language         tier   files  known by")?;
    for language in &report.languages {
        out.line(row(language).trim_end())?;
    }
    Ok(CommandOutcome::Done)
}

fn row(language: &LanguageReport) -> String {
    let extensions = language.extensions.iter().map(|extension| format!(".{extension}"));
    let known_by: Vec<String> = extensions.chain(language.filenames.to_vec()).collect();
    let files = if language.files > 0 { language.files.to_string() } else { String::new() };
    let absent = if language.compiled_in { "" } else { "  (not compiled in)" };
    format!("{:<17}{:<7}{files:>5}  {}{absent}", language.name, language.tier, known_by.join(" "))
}
