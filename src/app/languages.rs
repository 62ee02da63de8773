//! The supported languages, and how many files of each the project has.

use schemars::JsonSchema;
use serde::Serialize;

use super::{App, Result};
use crate::pipeline;

/// All supported languages, the user's own included.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Report {
    pub languages: Vec<LanguageReport>,
}

/// One language, how it is recognised, and how many files of the project are in it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LanguageReport {
    pub name: &'static str,
    /// 1: outline, references and imports; 2: an outline.
    pub tier: u8,
    pub compiled_in: bool,
    /// From the user's settings.
    pub own: bool,
    pub files: usize,
    pub extensions: &'static [String],
    pub filenames: &'static [String],
}

/// Lists the languages and counts the files of each in the tree as it is.
pub fn languages(app: &App) -> Result<Report> {
    let context = app.context()?;
    let languages = pipeline::languages(&context)?.into_iter().map(|language| LanguageReport {
        name: language.name,
        tier: language.tier,
        compiled_in: language.compiled_in,
        own: language.of_user,
        files: language.files,
        extensions: language.extensions,
        filenames: language.filenames,
    });
    Ok(Report { languages: languages.collect() })
}
