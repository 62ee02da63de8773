//! The folders that a workspace names by globs, as in
//! `members = ["crates/*", "!crates/old"]`, and the files that a line of
//! `.gitattributes` is about.
//!
//! Not here: ignore files, which mean what git makes of them (`walk/pattern.rs`).

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use ignore::overrides::{Override, OverrideBuilder};

/// Globs of one workspace that count, and bytes of one of them. They come from
/// the repository, and compiling takes time and memory by their size; a
/// workspace of hundreds of members has a dozen globs.
const MAX_GLOBS: usize = 1_000;
const MAX_GLOB: usize = 1_000;

/// The folders that match at least one glob and none of those behind a `!`.
pub(super) struct Folders(Override);

impl Folders {
    /// Globs count from the project's root: `*` stays within a folder, `**`
    /// crosses folders. What is no glob names nothing.
    pub(super) fn named_by<'a>(globs: impl IntoIterator<Item = &'a str>) -> Self {
        let fitting = globs.into_iter().filter(|glob| glob.len() <= MAX_GLOB).take(MAX_GLOBS);
        // The last match decides, so exclusions stand last wherever they were.
        let (excluded, included): (Vec<&str>, Vec<&str>) = fitting.partition(|glob| glob.starts_with('!'));
        let mut builder = OverrideBuilder::new("");
        for glob in included.iter().chain(&excluded) {
            let (mark, glob) = glob.strip_prefix('!').map_or(("", *glob), |glob| ("!", glob));
            let glob = glob.trim_start_matches("./").trim_matches('/');
            if !glob.is_empty() {
                // A glob that cannot be compiled is the loss of that glob.
                _ = builder.add(&format!("{mark}/{glob}"));
            }
        }
        Self(builder.build().unwrap_or_else(|_| Override::empty()))
    }

    pub(super) fn contains(&self, folder: &str) -> bool {
        self.0.matched(folder, true).is_whitelist()
    }
}

/// The files that match at least one pattern of `.gitattributes`.
pub(super) struct Files(Gitignore);

impl Files {
    /// What is no pattern names nothing.
    pub(super) fn named_by<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Self {
        let mut builder = GitignoreBuilder::new("");
        let fitting = patterns.into_iter().filter(|pattern| pattern.len() <= MAX_GLOB).take(MAX_GLOBS);
        for pattern in fitting.filter(|pattern| !pattern.starts_with(['#', '!'])) {
            // A pattern that cannot be compiled is the loss of that pattern.
            _ = builder.add_line(None, pattern);
        }
        Self(builder.build().unwrap_or_else(|_| Gitignore::empty()))
    }

    pub(super) fn contains(&self, path: &str) -> bool {
        self.0.matched(path, false).is_ignore()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stays_within_a_folder_and_two_cross_them() {
        for (glob, folder, expected) in [
            ("crates/*", "crates/a", true),
            ("crates/*", "crates/a/b", false),
            ("crates/*", "x/crates/a", false),
            ("packages/**", "packages/a/b", true),
            ("**/core", "a/b/core", true),
            ("./libs/core-*/", "libs/core-x", true),
            ("libs/{a,b}", "libs/b", true),
            ("a/*/*/*/*/*/*", "a/b/c/d/e/f/g", true),
            ("cli", "cli", true),
            ("cli", "a/cli", false),
        ] {
            assert_eq!(Folders::named_by([glob]).contains(folder), expected, "{glob} {folder}");
        }
    }

    #[test]
    fn an_exclusion_counts_wherever_it_stands() {
        let folders = Folders::named_by(["!crates/old", "crates/*"]);
        assert!(folders.contains("crates/new"));
        assert!(!folders.contains("crates/old"));
    }

    #[test]
    fn what_is_no_glob_or_too_long_costs_only_itself() {
        let long = "a".repeat(MAX_GLOB + 1);
        let folders = Folders::named_by(["crates/[a", &long, "", "/", "crates/*"]);
        assert!(folders.contains("crates/x"));
        assert!(!folders.contains(&long));
    }
}
