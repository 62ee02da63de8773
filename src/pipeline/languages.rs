//! The languages that waypost reads, and how many files of each a project has.
//!
//! Not here: what language a file is in (`extract`).

use std::collections::HashMap;

use super::sources::{index, open_root, walk_rules};
use super::{Context, Result};
use crate::model::RelPath;
use crate::{extract, walk};

/// A language, and how many files of it the project has.
pub struct LanguageCount {
    pub name: &'static str,
    /// 1: outline, references and imports; 2: an outline.
    pub tier: u8,
    pub compiled_in: bool,
    /// Whether it is one of the user's own languages.
    pub of_user: bool,
    pub files: usize,
    pub extensions: &'static [String],
    pub filenames: &'static [String],
}

/// The language of a file, as its name tells it.
pub fn language_by_name(path: &RelPath) -> Option<&'static str> {
    extract::known_language_of(path, &[]).map(extract::Language::name)
}

/// The names of all languages, compiled in or not.
pub fn language_names() -> Vec<&'static str> {
    extract::languages().iter().map(extract::Language::name).collect()
}

/// All languages, by tier and name, with their files in the project.
pub fn languages(context: &Context) -> Result<Vec<LanguageCount>> {
    let root = open_root(context)?;
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for found in walk::files(&root, &walk_rules(context, index(context).as_ref())).files {
        // Only a name that says nothing, or says too much, asks for the text.
        let language = match extract::is_told_by_name(&found.path) {
            true => extract::known_language_of(&found.path, &[]),
            false => {
                let read = walk::read(&root, &found, context.settings.max_file_size());
                let text = read.ok().and_then(|read| read.text).unwrap_or_default();
                extract::known_language_of(&found.path, &text)
            }
        };
        if let Some(language) = language {
            *counts.entry(language.name()).or_default() += 1;
        }
    }
    let counted = extract::languages().iter().map(|language| LanguageCount {
        name: language.name(),
        tier: language.tier().number(),
        compiled_in: language.is_compiled_in(),
        of_user: language.is_of_user(),
        files: counts.get(language.name()).copied().unwrap_or(0),
        extensions: language.extensions(),
        filenames: language.filenames(),
    });
    let mut languages: Vec<LanguageCount> = counted.collect();
    languages.sort_by_key(|language| (language.tier, language.name));
    Ok(languages)
}
