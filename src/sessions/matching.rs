//! Whether a call of a tool, or how it failed, is what a trigger waits for.
//!
//! Patterns come from records, which may have come with a clone: expressions are
//! bounded, and one that is none matches nothing.

use regex::{Regex, RegexBuilder};

use super::fingerprint;
use crate::model::{SafeText, Trigger};

/// A call of a tool, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolCall {
    /// As its client calls it.
    pub tool: Option<String>,
    /// Its command, or what else it was given.
    pub arg: Option<String>,
    /// Paths of the project.
    pub paths: Vec<String>,
    /// Of the error that it ended with.
    pub fingerprint: Option<String>,
}

/// Bytes of a compiled expression, and characters of a pattern.
const MOST_COMPILED: usize = 200_000;
const MOST_PATTERN: usize = 500;

/// Whether all parts of a trigger that are given match; one without parts
/// matches nothing.
pub fn matches(trigger: &Trigger, call: &ToolCall) -> bool {
    let is = |part: &Option<SafeText>, holds: &dyn Fn(&str) -> bool| {
        part.as_ref().is_none_or(|part| holds(part.as_str()))
    };
    !trigger.is_empty()
        && is(&trigger.tool, &|tool| is_tool(tool, call))
        && is(&trigger.arg, &|pattern| call.arg.as_ref().is_some_and(|arg| in_argument(pattern, arg)))
        && is(&trigger.path, &|glob| call.paths.iter().any(|path| is_path(glob, path)))
        && is(&trigger.fingerprint, &|print| call.fingerprint.as_deref() == Some(print))
}

/// Whether a pattern can be used, or why not.
pub fn check(trigger: &Trigger) -> Result<(), String> {
    let patterns = [
        trigger.arg.as_ref().map(|arg| argument(arg.as_str())),
        trigger.path.as_ref().map(|path| glob(path.as_str())),
    ];
    for compiled in patterns.into_iter().flatten() {
        compiled?;
    }
    Ok(())
}

/// The tool itself, or the program that its command runs.
fn is_tool(wanted: &str, call: &ToolCall) -> bool {
    let is = |name: &str| name.eq_ignore_ascii_case(wanted);
    let tool = call.tool.as_deref().unwrap_or_default();
    let program = call.arg.as_deref().map(fingerprint::program).unwrap_or_default();
    is(tool) || is(tool.rsplit("__").next().unwrap_or(tool)) || is(&program)
}

fn in_argument(pattern: &str, text: &str) -> bool {
    argument(pattern).is_ok_and(|regex| regex.is_match(text))
}

fn argument(pattern: &str) -> Result<Regex, String> {
    match pattern.starts_with('*') {
        true => compiled(&format!("(?s)^{}$", wildcards(pattern))),
        false => compiled(pattern),
    }
}

fn is_path(pattern: &str, path: &str) -> bool {
    glob(pattern).is_ok_and(|regex| regex.is_match(path))
}

/// A glob without a slash is about names in all folders; what names a folder is
/// about all that lies below it.
fn glob(pattern: &str) -> Result<Regex, String> {
    let pattern = pattern.trim_start_matches("./");
    let anywhere = if pattern.trim_end_matches('/').contains('/') { "" } else { "(?:.*/)?" };
    let body = path_wildcards(pattern.trim_start_matches('/').trim_end_matches('/'));
    compiled(&format!("^{anywhere}{body}(?:/.*)?$"))
}

fn path_wildcards(glob: &str) -> String {
    let mut out = String::new();
    let mut rest = glob;
    while let Some(c) = rest.chars().next() {
        let (part, length) = match c {
            _ if rest.starts_with("**/") => ("(?:.*/)?".to_string(), 3),
            _ if rest.starts_with("**") => (".*".to_string(), 2),
            '*' => ("[^/]*".to_string(), 1),
            '?' => ("[^/]".to_string(), 1),
            c => (regex::escape(c.encode_utf8(&mut [0; 4])), c.len_utf8()),
        };
        out.push_str(&part);
        rest = &rest[length..];
    }
    out
}

fn wildcards(glob: &str) -> String {
    let parts: Vec<String> = glob.split('*').map(regex::escape).collect();
    parts.join(".*")
}

fn compiled(pattern: &str) -> Result<Regex, String> {
    if pattern.len() > MOST_PATTERN * 4 {
        return Err(format!("it is longer than {MOST_PATTERN} characters"));
    }
    let built = RegexBuilder::new(pattern).size_limit(MOST_COMPILED).dfa_size_limit(MOST_COMPILED).build();
    built.map_err(|error| {
        error.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ").to_string()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trigger(parts: &[(&str, &'static str)]) -> Trigger {
        let mut trigger = Trigger::default();
        for (name, text) in parts {
            *trigger.part_mut(name).unwrap() = Some(SafeText::constant(text));
        }
        trigger
    }

    fn call(tool: &str, arg: &str, path: &str) -> ToolCall {
        let some = |text: &str| Some(text.to_string()).filter(|text| !text.is_empty());
        ToolCall {
            tool: some(tool),
            arg: some(arg),
            paths: some(path).into_iter().collect(),
            fingerprint: None,
        }
    }

    #[test]
    fn all_parts_that_are_given_must_match() {
        let both = trigger(&[("tool", "Bash"), ("arg", "cargo publish")]);
        assert!(matches(&both, &call("Bash", "cd a && cargo publish --dry-run", "")));
        assert!(matches(&both, &call("bash", "cargo publish", "")));
        for other in [
            call("Bash", "ls", ""),
            call("Bash", "cargo test", ""),
            call("Edit", "cargo publish", ""),
            call("Bash", "", ""),
        ] {
            assert!(!matches(&both, &other), "{other:?}");
        }
        assert!(!matches(&Trigger::default(), &call("Bash", "ls", "a")), "no part, no match");
        assert!(matches(&trigger(&[("tool", "cargo")]), &call("Bash", "cargo test", "")), "a program");
    }

    #[test]
    fn arguments_and_paths_are_told_by_patterns() {
        let arg =
            |pattern: &'static str, text: &str| matches(&trigger(&[("arg", pattern)]), &call("", text, ""));
        assert!(arg("^git push.*--force", "git push -f --force") && arg("*--force*", "git push --force x"));
        assert!(!arg("*--force", "git push --force x") && !arg("(", "("));
        let path = |glob: &'static str, path: &str| matches(&trigger(&[("path", glob)]), &call("", "", path));
        for (glob, yes, no) in [
            ("src/**", "src/a/b.rs", "tests/src.rs"),
            ("src/", "a/src/b.rs", "srcs/a"),
            ("*.sql", "db/migrations/1.sql", "a.sqlx"),
            ("migrations/*.sql", "migrations/1.sql", "migrations/a/1.sql"),
            ("**/migrations/*.sql", "db/migrations/1.sql", "migrations.sql"),
        ] {
            assert!(path(glob, yes), "{glob} {yes}");
            assert!(!path(glob, no), "{glob} {no}");
        }
    }

    #[test]
    fn a_pattern_that_is_none_says_why() {
        assert!(check(&trigger(&[("arg", "(")])).unwrap_err().contains("unclosed group"));
        assert_eq!(check(&trigger(&[("arg", "*("), ("path", "a(/**")])), Ok(()));
    }
}
