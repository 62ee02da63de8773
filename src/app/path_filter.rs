//! Which files an answer may name: by globs and by language.
//!
//! Not here: which files take part at all (`walk`, the settings `include` and `exclude`).

use std::collections::BTreeSet;

use super::{Error, Result};
use crate::model::RelPath;
use crate::{pipeline, walk};

/// Globs in the syntax of `.gitignore`, and names of languages; empty ones let all pass.
#[derive(Clone, Debug, Default)]
pub struct PathFilter {
    /// Only files that match one of these.
    pub include: Vec<String>,
    /// No file that matches one of these.
    pub exclude: Vec<String>,
    /// Only files in one of these languages.
    pub languages: Vec<String>,
}

impl PathFilter {
    /// Whether everything passes.
    pub fn is_empty(&self) -> bool {
        self.include.is_empty() && self.exclude.is_empty() && self.languages.is_empty()
    }

    /// Fails where a language is not one that waypost knows.
    pub(super) fn check(&self) -> Result<()> {
        let known = pipeline::language_names();
        let unknown = |name: &&String| !known.contains(&name.to_lowercase().as_str());
        let Some(name) = self.languages.iter().find(unknown) else { return Ok(()) };
        let distance = |known: &&&str| strsim::damerau_levenshtein(&name.to_lowercase(), known);
        let nearest = known.iter().min_by_key(distance).map(|nearest| format!("did you mean `{nearest}`? "));
        let hint = format!("{}`waypost languages` lists them", nearest.unwrap_or_default());
        Err(Error::new(format!("there is no language `{name}`")).with_hint(hint))
    }

    /// Those of `paths` that pass, in their order, by their places.
    pub(super) fn passing(&self, paths: &[&RelPath]) -> BTreeSet<usize> {
        let (include, exclude) = (self.include.clone(), self.exclude.clone());
        let rules = walk::WalkRules { include, exclude, repository: None };
        let by_globs = walk::chosen(paths, &[], &rules);
        let speaks = |path: &RelPath| {
            let language = pipeline::language_by_name(path);
            self.languages.is_empty()
                || language.is_some_and(|own| self.languages.iter().any(|name| name.to_lowercase() == own))
        };
        let passing = paths.iter().zip(by_globs).map(|(path, passes)| passes && speaks(path));
        passing.enumerate().filter(|(_, passes)| *passes).map(|(at, _)| at).collect()
    }
}
