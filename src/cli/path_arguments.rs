//! Which files an answer may name, as commands take it.

use clap::Args;

use crate::app::path_filter::PathFilter;

/// Globs of files.
#[derive(Args)]
pub struct GlobArguments {
    /// Only files that match this glob (gitignore syntax); several times
    #[arg(long, value_name = "GLOB")]
    pub include: Vec<String>,
    /// No file that matches this glob; several times
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,
}

impl GlobArguments {
    /// The filter that they make, with languages.
    pub fn filter(&self, languages: &[String]) -> PathFilter {
        let (include, exclude) = (self.include.clone(), self.exclude.clone());
        PathFilter { include, exclude, languages: languages.to_vec() }
    }
}
