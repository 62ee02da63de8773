//! Which commits make fair cases: a goal in a person's words, and source files
//! to find for it. Pure, over the log alone.
//!
//! Every rule leaves out what would flatter a ranking or blame it for what no
//! ranking can know.

use std::collections::{BTreeMap, HashSet};

use crate::git::RawCommit;
use crate::model::{Class, RelPath};
use crate::walk::classify;
use crate::{extract, rank_terms};

/// Source files to find, at most. What a larger change touches beyond is
/// decided by how it is made, and acc@5 could not be reached at all.
const MAX_ANSWERS: usize = 5;

/// Files that a commit touches, at most: a sweep says nothing about its goal.
const MAX_PATHS: usize = 20;

/// Words of a goal, at least: "wip" and "fix tests" name nothing to look for.
const MIN_WORDS: usize = 3;

/// A commit as a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    pub commit: String,
    /// The state that is ranked.
    pub parent: String,
    /// Subject and body, not yet redacted.
    pub goal: String,
    /// Source files of the parent that the commit changed, sorted.
    pub answers: Vec<RelPath>,
}

/// Why a commit makes no case; the first reason that fits counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeftOut {
    Merge,
    First,
    Bot,
    Revert,
    Release,
    Tidying,
    NoSource,
    TooMany,
    TooShort,
    Named,
    Repeated,
}

impl LeftOut {
    /// The key in the JSON, and the words on the terminal.
    pub fn names(self) -> (&'static str, &'static str) {
        match self {
            LeftOut::Merge => ("merge", "merges"),
            LeftOut::First => ("no_parent", "without a parent"),
            LeftOut::Bot => ("bot", "by bots"),
            LeftOut::Revert => ("revert", "reverts"),
            LeftOut::Release => ("release", "releases or version bumps"),
            LeftOut::Tidying => ("tidying", "formatting, lints or typos"),
            LeftOut::NoSource => ("no_source", "without a source file of the parent"),
            LeftOut::TooMany => ("too_many", "with too many files"),
            LeftOut::TooShort => ("too_short", "messages too short"),
            LeftOut::Named => ("named", "messages that name a file sought"),
            LeftOut::Repeated => ("repeated", "messages seen before"),
        }
    }
}

/// What a log gives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mined {
    /// Newest first.
    pub cases: Vec<Case>,
    pub left_out: BTreeMap<LeftOut, usize>,
}

/// All cases of a log, newest first. Of commits with one subject only the
/// first ever made counts: to the others it would give the answer away.
pub fn cases(log: &[RawCommit]) -> Mined {
    let mut mined = Mined::default();
    let mut seen = HashSet::new();
    for commit in log.iter().rev() {
        let is_merge = commit.parents.len() > 1;
        let is_new = is_merge || seen.insert(without_number(commit.subject.trim()).to_lowercase());
        match judge(commit).and_then(|case| if is_new { Ok(case) } else { Err(LeftOut::Repeated) }) {
            Ok(case) => mined.cases.push(case),
            Err(reason) => *mined.left_out.entry(reason).or_default() += 1,
        }
    }
    mined.cases.reverse();
    mined
}

/// `wanted` of the cases, evenly spread from the first on.
pub fn spread<T>(cases: Vec<T>, wanted: usize) -> Vec<T> {
    let all = cases.len();
    if all <= wanted {
        return cases;
    }
    let mut places = (0..wanted).map(|place| place * all / wanted).peekable();
    let chosen = cases.into_iter().enumerate().filter(|(at, _)| places.next_if_eq(at).is_some());
    chosen.map(|(_, case)| case).collect()
}

fn judge(commit: &RawCommit) -> Result<Case, LeftOut> {
    let leave = |out: bool, reason: LeftOut| if out { Err(reason) } else { Ok(()) };
    leave(commit.parents.len() > 1, LeftOut::Merge)?;
    let parent = commit.parents.first().ok_or(LeftOut::First)?;
    let subject = commit.subject.to_lowercase();
    leave(is_bot(&commit.author), LeftOut::Bot)?;
    leave(is_revert(&subject, &commit.body), LeftOut::Revert)?;
    leave(is_release(&subject), LeftOut::Release)?;
    leave(is_tidying(&subject), LeftOut::Tidying)?;
    let mut answers: Vec<RelPath> =
        commit.paths.iter().filter(|path| !commit.added.contains(path) && is_source(path)).cloned().collect();
    answers.sort();
    leave(answers.is_empty(), LeftOut::NoSource)?;
    leave(answers.len() > MAX_ANSWERS || commit.paths.len() > MAX_PATHS, LeftOut::TooMany)?;
    let goal = goal(&commit.subject, &commit.body);
    leave(is_too_short(&goal), LeftOut::TooShort)?;
    leave(answers.iter().any(|answer| is_named(&goal, answer)), LeftOut::Named)?;
    Ok(Case { commit: commit.id.clone(), parent: parent.clone(), goal, answers })
}

/// As far as names tell; what the content says is known later. Code that
/// builds the documentation is not what goals are about.
fn is_source(path: &RelPath) -> bool {
    let in_docs = path.parent().split('/').any(|folder| matches!(folder, "doc" | "docs" | "documentation"));
    let class = classify::class(path, classify::by_name(path), &[], true);
    let language = extract::language_of(path, &[]);
    !in_docs && language.map_or(class, |language| language.class(class, path)) == Class::Source
}

const BOTS: &[&str] = &[
    "[bot]",
    "dependabot",
    "renovate",
    "pre-commit-ci",
    "github-actions",
    "github actions",
    "greenkeeper",
    "snyk",
    "mergify",
    "weblate",
    "transifex",
    "pyup",
    "allcontributors",
    "semantic-release",
];

fn is_bot(author: &str) -> bool {
    let author = author.to_lowercase();
    let name = author.split('<').next().unwrap_or_default();
    let says = name.split(|c: char| !c.is_alphanumeric()).any(|word| word == "bot" || word == "robot");
    says || BOTS.iter().any(|bot| author.contains(bot))
}

fn is_revert(subject: &str, body: &str) -> bool {
    let starts = |word: &str| after_scope(subject).starts_with(word) || subject.starts_with(word);
    ["revert ", "revert:", "reverts ", "reapply ", "reverted ", "back out ", "backout "]
        .iter()
        .any(|w| starts(w))
        || body.contains("This reverts commit")
}

/// The subject without `fix(cli): ` or `[4.2.x] ` before it.
fn after_scope(subject: &str) -> &str {
    let subject = match subject.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((_, rest)) => rest.trim_start(),
        None => subject,
    };
    match subject.split_once(": ") {
        Some((scope, rest)) if !scope.is_empty() && scope.split_whitespace().count() <= 2 => {
            rest.trim_start()
        }
        _ => subject,
    }
}

fn words(text: &str) -> Vec<&str> {
    let edges: &[char] = &['.', ',', ':', ';', '!', '?', '(', ')', '"', '\'', '`'];
    text.split_whitespace().map(|word| word.trim_matches(edges)).filter(|word| !word.is_empty()).collect()
}

/// `1.2`, `v1.2.3-rc1`, `2024.1`
fn is_version(word: &str) -> bool {
    let word = word.strip_prefix('v').unwrap_or(word);
    word.contains('.') && word.starts_with(|c: char| c.is_ascii_digit())
}

fn is_release(subject: &str) -> bool {
    let scope = subject.split_once(':').map_or("", |(scope, _)| scope);
    if scope.contains("deps") || scope.contains("release") {
        return true;
    }
    let words = words(after_scope(subject));
    let has = |known: &[&str]| words.iter().any(|word| known.contains(word));
    let versions = words.iter().filter(|word| is_version(word)).count();
    let first = words.first().copied().unwrap_or_default();
    let is_bare = versions > 0 || words.len() <= 3;
    matches!(first, "bump" | "bumps" | "bumped")
        || (matches!(first, "release" | "released" | "releasing" | "version") && is_bare)
        || has(&["changelog", "changelogs"])
        || (versions > 0 && has(&["release", "version", "prepare", "tag", "bump", "changes"]))
        || (versions > 0 && words.len() <= 2)
        || (matches!(first, "update" | "upgrade" | "updated" | "upgraded")
            && (versions > 0
                || has(&["dependencies", "deps", "lockfile", "submodule", "submodules", "crates"])))
}

/// Of a person's doing, but the message tells nothing about where.
fn is_tidying(subject: &str) -> bool {
    const TYPOS: &[&str] =
        &["typo", "typos", "spelling", "misspelling", "misspellings", "whitespace", "indentation", "wording"];
    const TOOLS: &[&str] = &[
        "rustfmt",
        "fmt",
        "black",
        "isort",
        "gofmt",
        "prettier",
        "clippy",
        "lint",
        "lints",
        "linter",
        "linting",
        "pyupgrade",
        "ruff",
        "flake8",
        "eslint",
        "pylint",
        "mypy",
        "pyright",
        "pre-commit",
        "autopep8",
        "clang-format",
        "biome",
        "warnings",
    ];
    const STARTS: &[&str] = &[
        "fix",
        "fixed",
        "fixes",
        "correct",
        "corrected",
        "apply",
        "applied",
        "run",
        "ran",
        "address",
        "addressed",
        "satisfy",
        "appease",
        "silence",
        "make",
        "a",
        "some",
        "minor",
        "small",
        "more",
    ];
    const SWEEPS: &[&str] =
        &["format", "reformat", "reformatted", "formatted", "blacken", "blackened", "autoformat"];
    let scope = subject.split_once(':').map_or("", |(scope, _)| scope);
    if matches!(scope, "style" | "fmt" | "lint" | "typo" | "typos") {
        return true;
    }
    let words = words(after_scope(subject));
    let first = words.first().copied().unwrap_or_default();
    let has = |known: &[&str]| words.iter().any(|word| known.contains(word));
    let starts = STARTS.contains(&first);
    TYPOS.contains(&first)
        || TOOLS.contains(&first) && words.len() <= 3
        || SWEEPS.contains(&first) && (words.len() <= 4 || has(TOOLS))
        || (starts && has(TYPOS))
        || (starts && has(TOOLS) && words.len() <= 6)
}

/// What a person could have said before the change: the message without the
/// lines and numbers that were added once it was made.
fn goal(subject: &str, body: &str) -> String {
    let lines: Vec<&str> = body.lines().map(str::trim_end).filter(|line| !is_trailer(line.trim())).collect();
    let text = format!("{}\n\n{}", without_number(subject.trim()), lines.join("\n").trim());
    text.trim().to_string()
}

/// `Add a thing (#123)` without the number that hosting appends.
fn without_number(subject: &str) -> &str {
    let cut = subject.strip_suffix(')').and_then(|rest| rest.rsplit_once("(#"));
    match cut {
        Some((rest, number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => rest.trim_end(),
        _ => subject,
    }
}

const KEYS: &[&str] = &[
    "cc",
    "bug",
    "fixes",
    "fixed",
    "closes",
    "closed",
    "resolves",
    "refs",
    "ref",
    "see",
    "pr",
    "issue",
    "link",
    "ticket",
    "change-id",
    "git-svn-id",
    "topic",
    "reviewed",
    "differential revision",
];

fn is_trailer(line: &str) -> bool {
    let lower = line.to_lowercase();
    let by_key = lower
        .split_once(':')
        .is_some_and(|(key, _)| (key.ends_with("-by") && !key.contains(' ')) || KEYS.contains(&key));
    by_key || lower.starts_with("(cherry picked from") || is_reference(&lower)
}

/// Nothing but numbers of issues: `Fixes #12, closes #13`.
fn is_reference(line: &str) -> bool {
    const AROUND: &[&str] = &[
        "fix",
        "fixes",
        "fixed",
        "close",
        "closes",
        "closed",
        "resolve",
        "resolves",
        "resolved",
        "ref",
        "refs",
        "references",
        "see",
        "issue",
        "issues",
        "pr",
        "and",
        "part",
        "of",
        "towards",
        "also",
        "supersedes",
    ];
    let is_number = |word: &str| {
        word.contains("://")
            || word.split_once('#').is_some_and(|(_, n)| n.starts_with(|c: char| c.is_ascii_digit()))
    };
    let words = words(line);
    words.iter().any(|word| is_number(word))
        && words.iter().all(|word| is_number(word) || AROUND.contains(word))
}

fn is_too_short(goal: &str) -> bool {
    let is_word = |word: &&str| word.chars().filter(|c| c.is_alphabetic()).count() > 1;
    let first = goal.split(['!', ' ', ':']).next().unwrap_or_default().to_lowercase();
    matches!(first.as_str(), "fixup" | "squash" | "wip")
        || words(goal).iter().filter(|w| is_word(w)).count() < MIN_WORDS
}

/// The goal gives the path, the name, the module's path, or a name that can
/// mean nothing else. An ordinary word (`views`) is no naming of `views.py`.
fn is_named(goal: &str, answer: &RelPath) -> bool {
    let lower = goal.to_lowercase();
    let path = answer.as_str().to_lowercase();
    let name = answer.name().to_lowercase();
    if stands_in(&lower, &name) {
        return true;
    }
    let module = path.rsplit_once('.').map_or(path.as_str(), |(module, _)| module);
    let module = ["/mod", "/lib", "/main", "/index", "/__init__"]
        .iter()
        .find_map(|end| module.strip_suffix(end))
        .unwrap_or(module);
    let parts: Vec<&str> = module.rsplit('/').take(2).collect();
    if let [last, before] = parts[..]
        && ["/", ".", "::"].iter().any(|joint| stands_in(&lower, &format!("{before}{joint}{last}")))
    {
        return true;
    }
    let stem = parts.first().copied().unwrap_or_default();
    is_scope(&lower, stem) || has_compound(goal, answer.stem())
}

/// `text` holds `name` with no word character around it.
fn stands_in(text: &str, name: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + name.len()..].chars().next();
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

/// The first line says it before its colon: `revset: ...`, `fix(revset): ...`.
fn is_scope(goal: &str, stem: &str) -> bool {
    let line = goal.lines().next().unwrap_or_default();
    let scope = line.split_once(": ").map(|(scope, _)| scope).filter(|scope| scope.len() <= 40);
    scope.is_some_and(|scope| scope.split(['/', ',', '(', ')', ' ']).any(|word| word == stem))
}

/// A name of several parts, in whatever spelling: `url_map`, `UrlMap`.
fn has_compound(goal: &str, stem: &str) -> bool {
    let stem = stem.trim_matches('_').replace('-', "_");
    let Some(whole) = rank_terms::whole(&stem).filter(|_| rank_terms::is_compound(&stem)) else {
        return false;
    };
    rank_terms::tokens(goal).any(|token| rank_terms::whole(token.text) == Some(whole))
}

#[cfg(test)]
mod tests;
