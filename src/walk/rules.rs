//! Ignore files and who wins: the deepest file that has a matching line, and
//! its last such line, as git decides.
//!
//! Each file stands alone, and so does each of its lines: one that makes no rule
//! is named and takes no other with it. Where what a file says cannot be known,
//! everything that it might be about is ignored. Not here: how a line is read
//! and matched (`pattern`), and where the files lie.

use std::borrow::Cow;
use std::sync::Arc;

use super::pattern::{self, NoRule};
use crate::limits;

/// The rules of one ignore file.
#[derive(Debug, Default)]
pub struct IgnoreFile {
    /// Where the programs of all rules lie.
    programs: Vec<u8>,
    /// Without wildcards, sorted by what they match, at most two for each text:
    /// names at any depth, and paths.
    names: Vec<IgnoreRule>,
    paths: Vec<IgnoreRule>,
    /// With wildcards, in the order of their lines.
    wildcards: Vec<IgnoreRule>,
    /// Letters match in both cases.
    fold: bool,
    /// Why what it says cannot be known.
    pub unknown: Option<Unknown>,
    pub broken: BrokenRules,
}

/// Why it cannot be known what a list says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    TooLarge,
    TooManyRules,
    /// All rules of the tree together take too much memory or time.
    TooCostly,
    Unreadable,
}

impl Unknown {
    /// The reason in words, to follow the name of the file.
    pub fn words(self) -> String {
        match self {
            Self::TooLarge => format!("has more than {} bytes", limits::MAX_IGNORE_FILE),
            Self::TooManyRules => format!("has more than {} rules", limits::MAX_IGNORE_RULES),
            Self::TooCostly => "is too large for rules that take this long to match".to_string(),
            Self::Unreadable => "cannot be read".to_string(),
        }
    }
}

/// Lines that make no rule though they look like one.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct BrokenRules {
    /// The first few: their numbers, from 1.
    pub first: Vec<(usize, NoRule)>,
    pub count: usize,
}

/// As many are told of one file.
const TOLD: usize = 3;

/// One rule: 32 bytes, since there may be a million.
#[derive(Clone, Copy, Debug)]
struct IgnoreRule {
    /// Its program.
    start: u32,
    end: u32,
    /// Its line.
    line: u32,
    is: pattern::Rule,
}

/// What a list says of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IgnoreVerdict {
    Ignored,
    Kept,
}

/// What a rule is compared with.
#[derive(Clone, Copy)]
struct Text<'a> {
    text: &'a [u8],
    letters: u64,
}

/// Steps that matching took, and how many it may take.
#[derive(Debug)]
pub struct StepBudget {
    pub taken: u64,
    pub most: u64,
}

impl IgnoreFile {
    /// Reads the rules of an ignore file; with `fold`, letters match in either case. Too many rules
    /// make the file unknown, which ignores all that it might be about.
    pub fn parse(text: &[u8], fold: bool) -> Self {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let lines = text.split(|&byte| byte == b'\n');
        Self::of_lines(lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line)), fold)
    }

    /// The same as [`Self::parse`], from lines without their ends.
    pub fn of_lines<'a>(lines: impl Iterator<Item = &'a [u8]>, fold: bool) -> Self {
        let mut list = Self { fold, ..Self::default() };
        for (number, line) in (1..).zip(lines) {
            list.add(number, line);
            if list.rules() > limits::MAX_IGNORE_RULES || list.memory() > limits::MAX_IGNORE_MEMORY {
                return Self::unknown(Unknown::TooManyRules);
            }
        }
        list.sort();
        list
    }

    /// One that leaves out everything.
    pub fn unknown(why: Unknown) -> Self {
        Self { unknown: Some(why), ..Self::default() }
    }

    fn add(&mut self, number: usize, line: &[u8]) {
        // git cuts lines at a NUL.
        let end = line.iter().position(|&byte| byte == 0).unwrap_or(line.len());
        let start = self.programs.len() as u32;
        match pattern::compile(&line[..end], self.fold, &mut self.programs) {
            Ok(is) => {
                let rule = IgnoreRule { start, end: self.programs.len() as u32, line: number as u32, is };
                match (is.is_literal, is.is_name) {
                    (true, true) => self.names.push(rule),
                    (true, false) => self.paths.push(rule),
                    (false, _) => self.wildcards.push(rule),
                }
            }
            Err(NoRule::SaysNothing) => {}
            Err(why) => self.broken.add(number, why),
        }
    }

    /// Bytes.
    pub fn memory(&self) -> u64 {
        (self.programs.len() + self.rules() * size_of::<IgnoreRule>()) as u64
    }

    fn rules(&self) -> usize {
        self.names.len() + self.paths.len() + self.wildcards.len()
    }

    /// Of those for the same text the last counts, and for folders alone the
    /// last of these.
    fn sort(&mut self) {
        for rules in [&mut self.names, &mut self.paths] {
            let program = |rule: &IgnoreRule| &self.programs[rule.start as usize..rule.end as usize];
            rules.sort_unstable_by(|a, b| {
                let key = |rule: &IgnoreRule| (rule.is.folders_only, std::cmp::Reverse(rule.line));
                program(a).cmp(program(b)).then_with(|| key(a).cmp(&key(b)))
            });
            rules.dedup_by(|b, a| a.is.folders_only == b.is.folders_only && program(a) == program(b));
        }
    }

    /// Whether the file certainly ignores nothing.
    pub fn is_empty(&self) -> bool {
        self.rules() == 0 && self.unknown.is_none()
    }

    /// The last matching rule decides. `path` is below the folder of the ignore
    /// file. Returns `None` when the steps are used up.
    pub fn verdict(&self, path: &[u8], is_dir: bool, steps: &mut StepBudget) -> Option<IgnoreVerdict> {
        if self.unknown.is_some() {
            return Some(IgnoreVerdict::Ignored);
        }
        let path = match self.fold {
            true => Cow::Owned(path.to_ascii_lowercase()),
            false => Cow::Borrowed(path),
        };
        let name = path.rsplit(|&byte| byte == b'/').next().unwrap_or(&path);
        let exact = [self.exact(&self.names, name, is_dir), self.exact(&self.paths, &path, is_dir)];
        let exact = exact.into_iter().flatten().max_by_key(|rule| rule.line);
        let after = exact.map_or(0, |rule| rule.line);
        let later = self.wildcards.iter().rev().take_while(|rule| rule.line > after);
        let [name, path] = [name, &path].map(|text| Text { text, letters: pattern::letters(text) });
        let mut fitting = later.filter(|rule| is_dir || !rule.is.folders_only).filter(|rule| {
            steps.taken += 1;
            self.fits(rule, if rule.is.is_name { name } else { path }, steps)
        });
        let rule = fitting.next().or(exact.as_ref())?;
        Some(if rule.is.negated { IgnoreVerdict::Kept } else { IgnoreVerdict::Ignored })
    }

    /// As a list of what takes part: where it cannot be known, nothing does.
    pub fn includes(&self, path: &[u8], is_dir: bool, steps: &mut StepBudget) -> bool {
        self.unknown.is_none() && self.verdict(path, is_dir, steps) == Some(IgnoreVerdict::Ignored)
    }

    fn exact(&self, rules: &[IgnoreRule], text: &[u8], is_dir: bool) -> Option<IgnoreRule> {
        let first = rules.partition_point(|rule| self.program(rule) < text);
        let same = rules[first..].iter().take_while(|rule| self.program(rule) == text);
        same.filter(|rule| is_dir || !rule.is.folders_only).max_by_key(|rule| rule.line).copied()
    }

    fn fits(&self, rule: &IgnoreRule, Text { text, letters }: Text, steps: &mut StepBudget) -> bool {
        let is_end = |wanted: u8, found: Option<&u8>| wanted == 0 || Some(&wanted) == found;
        rule.is.letters & !letters == 0
            && is_end(rule.is.first, text.first())
            && is_end(rule.is.last, text.last())
            && pattern::matches(self.program(rule), text, &mut steps.taken, steps.most)
    }

    fn program(&self, rule: &IgnoreRule) -> &[u8] {
        &self.programs[rule.start as usize..rule.end as usize]
    }
}

impl BrokenRules {
    fn add(&mut self, number: usize, why: NoRule) {
        self.count += 1;
        if self.first.len() < TOLD {
            self.first.push((number, why));
        }
    }
}

impl StepBudget {
    /// A budget of `most` steps, none of them taken.
    pub fn up_to(most: u64) -> Self {
        Self { taken: 0, most }
    }
}

/// The ignore files of one folder, above those of its parents.
#[derive(Debug)]
pub struct IgnoreScope {
    pub parent: Option<Arc<IgnoreScope>>,
    /// Bytes of a path before the part below this folder.
    pub base: usize,
    pub list: IgnoreFile,
}

/// The verdict of the deepest scope that has one.
pub fn verdict(
    scope: Option<&Arc<IgnoreScope>>,
    path: &[u8],
    is_dir: bool,
    steps: &mut StepBudget,
) -> Option<IgnoreVerdict> {
    let mut scope = scope;
    while let Some(this) = scope {
        if let Some(verdict) = this.list.verdict(&path[this.base..], is_dir, steps) {
            return Some(verdict);
        }
        scope = this.parent.as_ref();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(list: &IgnoreFile, path: &str, is_dir: bool) -> Option<IgnoreVerdict> {
        list.verdict(path.as_bytes(), is_dir, &mut StepBudget::up_to(u64::MAX))
    }

    fn check(text: &str, path: &str, is_dir: bool, expected: Option<IgnoreVerdict>) {
        let list = IgnoreFile::parse(text.as_bytes(), false);
        assert_eq!(verdict(&list, path, is_dir), expected, "{text:?} on `{path}`");
    }

    #[test]
    fn the_last_matching_line_wins_with_and_without_wildcards() {
        check("a\n!a\n", "a", false, Some(IgnoreVerdict::Kept));
        check("!a\n*\n", "a", false, Some(IgnoreVerdict::Ignored));
        check("*\n!a\n", "a", false, Some(IgnoreVerdict::Kept));
        check("*\n!a/\n", "a", false, Some(IgnoreVerdict::Ignored));
        check("*\n!a/\n", "a", true, Some(IgnoreVerdict::Kept));
        check("a/\n!a\na/\n", "a", true, Some(IgnoreVerdict::Ignored));
        check("a/\n!a\na/\n", "a", false, Some(IgnoreVerdict::Kept));
        check("/a\n!a\n", "a", false, Some(IgnoreVerdict::Kept));
        check("!a\n/a\n", "x/a", false, Some(IgnoreVerdict::Kept));
        check("x/a\n!a\n", "x/a", false, Some(IgnoreVerdict::Kept));
    }

    #[test]
    fn byte_order_mark_line_ends_and_comments_are_no_patterns() {
        check("\u{feff}a\r\n", "a", false, Some(IgnoreVerdict::Ignored));
        check("#a\n", "#a", false, None);
        check("a\0b\n", "a", false, Some(IgnoreVerdict::Ignored));
        check("\n \n/\n", "a", true, None);
    }

    #[test]
    fn a_line_that_makes_no_rule_is_named_and_takes_no_other_with_it() {
        let long = "?".repeat(250_000);
        let list = IgnoreFile::parse(format!("ok\n[a\nb\\\n\n{long}\n[\n*.o\n").as_bytes(), false);
        let named = [(2, NoRule::Malformed), (3, NoRule::Malformed), (5, NoRule::LongerThanPaths)];
        assert_eq!(list.broken, BrokenRules { first: named.to_vec(), count: 4 });
        for path in ["ok", "x/ok", "a.o"] {
            assert_eq!(verdict(&list, path, false), Some(IgnoreVerdict::Ignored), "`{path}`");
        }
    }

    #[test]
    fn a_list_of_too_many_rules_ignores_everything() {
        let list = IgnoreFile::parse("!a\n".repeat(limits::MAX_IGNORE_RULES + 1).as_bytes(), false);
        assert_eq!(list.unknown, Some(Unknown::TooManyRules));
        assert_eq!(verdict(&list, "a", false), Some(IgnoreVerdict::Ignored));
    }

    #[test]
    fn a_hundred_thousand_rules_take_no_time() {
        for rule in ["file#", "/a/b/file#", "*.ext#", "[a-z]*#?x[!q]", "**/a#/*", "#*"] {
            let text: String = (0..100_000).map(|n| rule.replace('#', &n.to_string()) + "\n").collect();
            let list = IgnoreFile::parse(text.as_bytes(), false);
            assert_eq!(list.rules(), 100_000);
            assert!(list.programs.len() < 12_000_000, "`{rule}`: {} bytes", list.programs.len());
            let mut steps = StepBudget::up_to(u64::MAX);
            for _ in 0..100 {
                assert_eq!(list.verdict(b"some/file", false, &mut steps), None, "`{rule}`");
            }
            assert!(steps.taken < 100 * 120_000, "`{rule}`: {} steps", steps.taken);
        }
    }
}
