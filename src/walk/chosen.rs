//! Which files of a listed tree take part, by the same words of the user as on
//! a walk: what is listed (a past commit, say) need not be in the file system.
//!
//! Not here: git's ignore rules, which say nothing about tracked files.

use super::rules::{IgnoreFile, IgnoreVerdict, StepBudget};
use super::{NEVER, OWN_IGNORE_FILE, WalkRules};
use crate::limits;
use crate::model::RelPath;

/// For each of `paths`, all tracked, whether a walk would list it. `own` are
/// those ignore files among them that are the user's own, with their texts.
pub fn chosen(paths: &[&RelPath], own: &[(&RelPath, Vec<u8>)], rules: &WalkRules) -> Vec<bool> {
    let ignore_case = rules.repository.as_ref().is_some_and(|repository| repository.ignore_case);
    let lines = |globs: &[String]| IgnoreFile::of_lines(globs.iter().map(|glob| glob.as_bytes()), false);
    let mut own: Vec<(&str, IgnoreFile)> =
        own.iter().map(|(path, text)| (path.parent(), IgnoreFile::parse(text, ignore_case))).collect();
    // The deepest has the last word.
    own.sort_by_key(|(folder, _)| std::cmp::Reverse(folder.len()));
    let choice = Choice { include: lines(&rules.include), exclude: lines(&rules.exclude), own };
    let mut steps = StepBudget::up_to(limits::MAX_IGNORE_STEPS);
    // What cannot be told within the steps is out.
    paths.iter().map(|path| choice.takes(path, &mut steps) && steps.taken <= steps.most).collect()
}

/// Whether a file of this name says which files take part.
pub fn is_own_ignore_file(path: &RelPath) -> bool {
    path.name() == OWN_IGNORE_FILE
}

struct Choice<'a> {
    include: IgnoreFile,
    exclude: IgnoreFile,
    own: Vec<(&'a str, IgnoreFile)>,
}

impl Choice<'_> {
    fn takes(&self, path: &RelPath, steps: &mut StepBudget) -> bool {
        let text = path.as_str();
        let folders = text.match_indices('/').map(|(at, _)| (&text[..at], true));
        let mut included = self.include.is_empty();
        for (part, is_dir) in folders.chain([(text, false)]) {
            let name = part.rsplit('/').next().unwrap_or(part);
            if NEVER.contains(&name.as_bytes()) || self.excludes(part, is_dir, steps) {
                return false;
            }
            included |= self.include.includes(part.as_bytes(), is_dir, steps);
        }
        included
    }

    fn excludes(&self, path: &str, is_dir: bool, steps: &mut StepBudget) -> bool {
        let verdict = self.exclude.verdict(path.as_bytes(), is_dir, steps).or_else(|| {
            self.own.iter().find_map(|(folder, list)| {
                let below = match *folder {
                    "" => path,
                    folder => path.strip_prefix(folder)?.strip_prefix('/')?,
                };
                list.verdict(below.as_bytes(), is_dir, steps)
            })
        });
        verdict == Some(IgnoreVerdict::Ignored)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(own: &[(&str, &str)], include: &str, exclude: &str, path: &str, expected: bool) {
        let path_of = |text: &str| RelPath::new(text).expect("a path");
        let files: Vec<_> =
            own.iter().map(|(path, text)| (path_of(path), text.as_bytes().to_vec())).collect();
        let files: Vec<_> = files.iter().map(|(path, text)| (path, text.clone())).collect();
        let globs = |text: &str| text.split_whitespace().map(str::to_string).collect();
        let rules = WalkRules { include: globs(include), exclude: globs(exclude), repository: None };
        assert_eq!(chosen(&[&path_of(path)], &files, &rules), [expected], "{path}");
    }

    #[test]
    fn the_users_words_decide_as_on_a_walk() {
        check(&[], "", "", "src/a.rs", true);
        check(&[], "", "", ".waypost/handoff.md", false);
        check(&[], "src", "", "src/deep/a.rs", true);
        check(&[], "src", "", "docs/a.md", false);
        check(&[], "", "generated/", "src/generated/a.rs", false);
        check(&[(".waypostignore", "data\n")], "", "", "data/a.csv", false);
        check(&[("sub/.waypostignore", "data\n")], "", "", "data/a.csv", true);
        check(
            &[(".waypostignore", "*.csv\n"), ("sub/.waypostignore", "!a.csv\n")],
            "",
            "",
            "sub/a.csv",
            true,
        );
    }
}
