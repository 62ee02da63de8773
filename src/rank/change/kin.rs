//! How close two files stand by their paths: the test, the documentation, the
//! translation, the other half, the log of changes of one.
//!
//! Not here: what stands in them, and which changed together.

use std::collections::BTreeSet;

use crate::model::{Class, FileFacts, RelPath};
use crate::rank::graph::subject;
use crate::rank::names::{is_index, module_name};
use crate::rank_terms;

/// What two paths have in common.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PathKinship {
    /// The files are about one thing by their names.
    pub namesake: f64,
    /// Share of the words of both names that are the same.
    pub words: f64,
    /// They lie in one folder.
    pub same_folder: f64,
    /// Share of folders from the root that are the same.
    pub closeness: f64,
    pub same_extension: f64,
}

/// A path cut once for comparisons with many.
pub struct PathParts {
    about: String,
    words: BTreeSet<String>,
    folders: Vec<String>,
    extension: String,
    /// It stands for its folder, so that its name says nothing.
    is_index: bool,
}

impl PathParts {
    /// Cuts a path.
    pub fn of(path: &RelPath) -> Self {
        let module = module_name(path);
        let stem = subject(module.split('.').next().unwrap_or(module));
        let words = rank_terms::tokens(module).flat_map(|token| rank_terms::parts(token.text));
        let words: BTreeSet<String> = words.filter(|word| word.len() > 1).map(str::to_lowercase).collect();
        Self {
            about: stem.replace(['_', '-'], ""),
            words: words
                .into_iter()
                .filter(|word| !matches!(word.as_str(), "test" | "tests" | "spec"))
                .collect(),
            folders: path.parent().split('/').filter(|part| !part.is_empty()).map(str::to_string).collect(),
            extension: path.extension().to_lowercase(),
            is_index: is_index(path),
        }
    }

    /// What this path and another have in common.
    pub fn kinship(&self, other: &Self) -> PathKinship {
        let both = self.words.intersection(&other.words).count() as f64;
        let all = self.words.union(&other.words).count().max(1) as f64;
        let is_one = self.about.len() > 1 && self.about == other.about && !(self.is_index && other.is_index);
        let common = self.folders.iter().zip(&other.folders).take_while(|(a, b)| a == b).count() as f64;
        let longest = self.folders.len().max(other.folders.len()) as f64;
        PathKinship {
            namesake: f64::from(u8::from(is_one)),
            words: both / all,
            same_folder: f64::from(u8::from(self.folders == other.folders)),
            closeness: if longest == 0.0 { 1.0 } else { common / longest },
            same_extension: f64::from(u8::from(self.extension == other.extension)),
        }
    }
}

impl PathKinship {
    /// What is strongest in either.
    pub fn max(self, other: Self) -> Self {
        Self {
            namesake: self.namesake.max(other.namesake),
            words: self.words.max(other.words),
            same_folder: self.same_folder.max(other.same_folder),
            closeness: self.closeness.max(other.closeness),
            same_extension: self.same_extension.max(other.same_extension),
        }
    }
}

/// What a file is for a changed one that it is a namesake of, in words.
pub fn role(file: &FileFacts) -> &'static str {
    match file.class {
        Class::Test => "the test of",
        Class::Doc => "the documentation of",
        _ if is_translation(&file.path) => "a translation of",
        _ if is_schema(&file.path) => "the schema of",
        _ => "named like",
    }
}

/// Whether a file lists what changes for its users.
pub fn is_changelog(path: &RelPath) -> bool {
    let stem = path.stem().to_lowercase().replace(['_', '-', '.'], "");
    let is_named =
        ["changelog", "changes", "news", "history", "releasenotes", "unreleased"].contains(&stem.as_str());
    is_named && matches!(path.extension().to_lowercase().as_str(), "" | "md" | "rst" | "txt" | "adoc")
}

fn is_translation(path: &RelPath) -> bool {
    let folders = path.parent().split('/');
    let mut says = folders.chain([path.stem()]);
    says.any(|part| {
        matches!(part, "i18n" | "l10n" | "lang" | "langs" | "locale" | "locales" | "translations")
    })
}

fn is_schema(path: &RelPath) -> bool {
    matches!(path.extension(), "proto" | "graphql" | "sql" | "xsd" | "prisma" | "thrift" | "avsc")
        || path.name().contains(".schema.")
}
