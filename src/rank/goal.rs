//! A goal as a person wrote it, taken apart for ranking: its words with the
//! part of the text they stand in, the names it spells out, the files it
//! mentions.
//!
//! Not here: any file of the project.

use std::collections::BTreeMap;

use crate::model::SafeText;
use crate::rank_terms::{self, Terms};

/// Bytes from the start in which people say what they want; what follows is
/// how they met it.
const EARLY: usize = 600;

/// One distinct term of the goal.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GoalWord {
    pub term: u32,
    /// As the goal first spells it.
    pub text: String,
    /// In the first line.
    pub title: bool,
    /// In what the first line names as its scope: `cli: ...`, `fix(cli): ...`.
    pub scope: bool,
    /// Occurrences in prose, title included.
    pub prose: u32,
    /// In the first line or soon after it.
    pub early: bool,
    /// Occurrences in code blocks and tracebacks.
    pub code: u32,
    /// Occurrences as a name: `in backticks`, `snake_case`, `CamelCase`,
    /// `--flag`, `dotted.name`, `call()`.
    pub name: u32,
    /// A whole identifier, not a part of one.
    pub whole: bool,
    /// Another spelling of a word of the first line: `arg` for `argument`.
    pub alias: bool,
    /// A word of every other title, not spelled as a name and no scope.
    pub routine: bool,
    /// The first word of the first line, behind its scope: it is mostly what is to be
    /// done, and its capital says nothing.
    pub opens: bool,
}

impl GoalWord {
    /// Stands in the goal as the part of the project that it is about, and
    /// nowhere else.
    pub fn is_area(&self) -> bool {
        self.scope && self.prose == 1
    }

    /// A compound or a flag that the goal spells as a name.
    pub fn is_spelled_as_name(&self) -> bool {
        self.whole && self.name > 0 && (rank_terms::is_compound(&self.text) || self.text.contains('-'))
    }
}

/// What titles say that something is done, of whatever they are about: they
/// tell neither a line nor a place.
const ROUTINE: [&str; 48] = [
    "add",
    "adjust",
    "allow",
    "avoid",
    "better",
    "bug",
    "change",
    "clean",
    "cleanup",
    "correct",
    "correctly",
    "create",
    "deprecate",
    "drop",
    "ensure",
    "feature",
    "fix",
    "handle",
    "helper",
    "implement",
    "improve",
    "introduce",
    "issue",
    "keep",
    "make",
    "minor",
    "modify",
    "move",
    "need",
    "new",
    "prevent",
    "properly",
    "refactor",
    "remove",
    "rename",
    "replace",
    "rework",
    "rewrite",
    "simplify",
    "start",
    "support",
    "switch",
    "tweak",
    "unnecessary",
    "unused",
    "update",
    "use",
    "work",
];

/// Words that people write and the short forms that programmers use.
const ALIASES: [(&str, &str); 40] = [
    ("address", "addr"),
    ("application", "app"),
    ("argument", "arg"),
    ("asynchronous", "async"),
    ("attribute", "attr"),
    ("authentication", "auth"),
    ("authorization", "auth"),
    ("automatic", "auto"),
    ("calculate", "calc"),
    ("character", "char"),
    ("column", "col"),
    ("command", "cmd"),
    ("configuration", "config"),
    ("connection", "conn"),
    ("context", "ctx"),
    ("database", "db"),
    ("description", "desc"),
    ("destination", "dest"),
    ("dictionary", "dict"),
    ("directory", "dir"),
    ("document", "doc"),
    ("environment", "env"),
    ("error", "err"),
    ("execute", "exec"),
    ("expression", "expr"),
    ("extension", "ext"),
    ("function", "func"),
    ("identifier", "id"),
    ("initialize", "init"),
    ("keyword", "kw"),
    ("library", "lib"),
    ("message", "msg"),
    ("number", "num"),
    ("parameter", "param"),
    ("position", "pos"),
    ("reference", "ref"),
    ("repository", "repo"),
    ("specification", "spec"),
    ("synchronous", "sync"),
    ("temporary", "temp"),
];

/// A text that the goal quotes.
#[derive(Clone, Debug, PartialEq)]
pub struct QuotedText {
    pub text: String,
    /// In the first line.
    pub title: bool,
    /// In backticks.
    pub code: bool,
}

/// A goal, taken apart.
#[derive(Debug, Default)]
pub struct ParsedGoal {
    /// Sorted by term.
    pub words: Vec<GoalWord>,
    /// Paths and file names as written, `/` between components, and whether
    /// one stands in a traceback.
    pub paths: Vec<(String, bool)>,
    /// Those of the first line, in its order.
    pub asked: Vec<String>,
    /// Dotted or `::` names, components in order.
    pub dotted: Vec<Vec<String>>,
    /// What stands in backticks or quotes outside code blocks, in its order.
    pub quoted: Vec<QuotedText>,
    /// The first line, as it is.
    pub title: String,
    /// The first line speaks of tests.
    pub about_tests: bool,
    /// The first line speaks of documentation.
    pub about_docs: bool,
}

impl ParsedGoal {
    /// The names that the first line quotes.
    pub fn names_in_title(&self) -> impl Iterator<Item = &str> {
        self.quoted.iter().filter(|quoted| quoted.title && quoted.code).map(|quoted| quoted.text.as_str())
    }

    /// Takes a goal apart, line by line: HTML comments and the empty forms of issue templates are
    /// skipped, code is told from prose.
    pub fn parse(text: &SafeText) -> ParsedGoal {
        let mut reader = GoalReader::default();
        let mut in_code = false;
        let mut in_comment = false;
        for line in text.as_str().lines() {
            let trimmed = line.trim();
            if trimmed.starts_with("```") || trimmed.starts_with("~~~") {
                in_code = !in_code;
                continue;
            }
            if trimmed.starts_with("<!--") {
                in_comment = true;
            }
            let is_form =
                is_form(trimmed) || reader.titled && (is_form_heading(trimmed) || is_trailer(trimmed));
            let skip = in_comment || is_form;
            if trimmed.contains("-->") {
                in_comment = false;
            }
            if !skip && !trimmed.is_empty() {
                reader.line(line, in_code || is_frame(trimmed));
            }
        }
        reader.finish()
    }
}

/// Who wrote and read a commit: names of people, which stand in comments too.
fn is_trailer(line: &str) -> bool {
    let key = line.split_once(": ").map_or("", |(key, _)| key);
    key.ends_with("-by") && key.len() < 30 && !key.contains(' ') || key == "Change-Id"
}

/// Ticked boxes of issue forms: they say nothing about this issue.
fn is_form(line: &str) -> bool {
    let rest = line.trim_start_matches(['-', '*', ' ']);
    ["[x]", "[X]", "[ ]"].iter().any(|box_| rest.starts_with(box_))
}

/// What issue forms ask, in words that many projects use.
const FORM_WORDS: [&str; 62] = [
    "a",
    "about",
    "actual",
    "add",
    "additional",
    "and",
    "any",
    "architecture",
    "are",
    "behavior",
    "behaviour",
    "bug",
    "case",
    "code",
    "complete",
    "context",
    "current",
    "describe",
    "description",
    "did",
    "does",
    "environment",
    "error",
    "example",
    "expected",
    "feature",
    "file",
    "following",
    "for",
    "how",
    "if",
    "information",
    "install",
    "installed",
    "is",
    "issue",
    "logs",
    "message",
    "minimal",
    "operating",
    "os",
    "output",
    "please",
    "possible",
    "problem",
    "question",
    "relevant",
    "reproduce",
    "reproducible",
    "request",
    "screenshots",
    "solution",
    "steps",
    "system",
    "tasks",
    "the",
    "this",
    "to",
    "version",
    "versions",
    "what",
    "you",
];

/// A heading of an issue form: all its words are such as forms ask with.
fn is_form_heading(line: &str) -> bool {
    let is_heading = line.starts_with('#') || line.starts_with("**") || line.ends_with(':');
    is_heading
        && rank_terms::tokens(line)
            .all(|token| FORM_WORDS.binary_search(&token.text.to_lowercase().as_str()).is_ok())
}

fn is_frame(line: &str) -> bool {
    (line.starts_with("File \"") && line.contains(", line "))
        || line.starts_with("at ") && line.ends_with(')')
}

#[derive(Default)]
struct GoalReader {
    terms: Terms,
    words: BTreeMap<u32, GoalWord>,
    goal: ParsedGoal,
    titled: bool,
    /// Bytes read so far.
    read: usize,
    scope: String,
}

impl GoalReader {
    fn line(&mut self, line: &str, in_code: bool) {
        let title = !self.titled;
        self.read += line.len();
        self.titled = true;
        if !in_code {
            self.quote(line, title);
        }
        if title {
            self.goal.title = line.trim().to_owned();
            self.scope = scope(line).to_owned();
            self.goal.about_tests = speaks_of_tests(line);
            self.goal.about_docs = speaks_of(
                line,
                &["doc", "docs", "documentation", "docstring", "readme", "changelog", "typo"],
            );
        }
        for (position, piece) in line.split('`').enumerate() {
            let in_ticks = position % 2 == 1;
            for chunk in piece.split(|c: char| c.is_whitespace() || "\"'<>()[]{},;|=*".contains(c)) {
                self.chunk(chunk, title, in_code, in_ticks);
            }
        }
    }

    /// Takes note of what a line quotes.
    fn quote(&mut self, line: &str, title: bool) {
        for (text, code) in quoted(line) {
            let is_known = self.goal.quoted.iter().any(|known| known.text == text);
            if !is_known {
                self.goal.quoted.push(QuotedText { text: text.to_owned(), title, code });
            }
        }
    }

    /// A run of characters without white space, quotes and brackets.
    fn chunk(&mut self, chunk: &str, title: bool, in_code: bool, in_ticks: bool) {
        let is_mark = |c: char| ".:!?$&~^".contains(c);
        let end = chunk.trim_end_matches(is_mark);
        let chunk = if end.starts_with(".NET") { end } else { end.trim_start_matches(is_mark) };
        if chunk.is_empty() {
            return;
        }
        let chunk = match chunk.split_once("://") {
            // of an address only the part that can be a path of this project
            Some((_, address)) => match address.split_once("/blob/") {
                Some((_, path)) => path.split_once('/').map_or("", |(_, path)| path),
                None => return,
            },
            None => chunk,
        };
        self.mention(chunk, in_code, title);
        let is_flag = chunk.starts_with('-') && chunk.len() > 2;
        if is_flag || (chunk.contains('-') && in_ticks) {
            let name = chunk.trim_start_matches('-');
            if name.contains('-')
                && let Some(whole) = rank_terms::whole(name)
            {
                self.add(whole.0, name, title, in_code, true, true);
            }
        }
        if let Some(number) = rank_terms::reference(chunk) {
            self.add(number.0, chunk, title, in_code, true, true);
        }
        for token in rank_terms::tokens(chunk) {
            let compound = rank_terms::is_compound(token.text);
            let named = in_ticks || is_flag || compound || chunk.contains("::") || chunk.contains('.');
            if let Some(whole) = rank_terms::whole(token.text)
                && (named || self.terms.word(token.text).is_some())
            {
                self.add(whole.0, token.text, title, in_code, named, true);
            }
            for part in rank_terms::words(token.text) {
                if let Some(term) = self.terms.word(part) {
                    self.add(term.0, part, title, in_code, named, false);
                    if title {
                        self.add_aliases(part);
                    }
                }
            }
        }
    }

    /// The other spelling of a word, where it has one.
    fn add_aliases(&mut self, part: &str) {
        let lower = part.to_lowercase();
        for (long, short) in ALIASES {
            let is_long = lower.starts_with(long.trim_end_matches('e')) && lower.len() <= long.len() + 2;
            let other = match lower.strip_suffix('s').unwrap_or(&lower) {
                _ if is_long => short,
                word if word == short => long,
                _ => continue,
            };
            if let Some(term) = self.terms.word(other) {
                let text = part.to_owned();
                let word = self.words.entry(term.0).or_insert_with(|| GoalWord {
                    term: term.0,
                    text,
                    ..GoalWord::default()
                });
                word.alias = true;
            }
        }
    }

    fn add(&mut self, term: u32, text: &str, title: bool, code: bool, named: bool, whole: bool) {
        let word = self.words.entry(term).or_insert_with(|| GoalWord {
            term,
            text: text.to_owned(),
            whole,
            ..GoalWord::default()
        });
        word.title |= title;
        word.early |= title || (!code && self.read <= EARLY);
        if code {
            word.code += 1;
        } else {
            word.prose += 1;
        }
        word.name += u32::from(named);
    }

    fn mention(&mut self, chunk: &str, frame: bool, title: bool) {
        let path = chunk.replace('\\', "/");
        let path = path.trim_start_matches("./");
        let cut = path.split(['#', ':', '?']).next().unwrap_or(path);
        let name = cut.rsplit('/').next().unwrap_or(cut);
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        let is_file = !extension.is_empty()
            && extension.len() <= 5
            && extension.bytes().all(|b| b.is_ascii_alphanumeric())
            && !name.starts_with('.');
        if is_file || cut.contains('/') {
            self.goal.paths.push((cut.to_owned(), frame));
            if title {
                self.goal.asked.push(cut.to_owned());
            }
        }
        let components: Vec<String> = chunk
            .split(['.', ':', '#'])
            .filter(|part| !part.is_empty())
            .map(|part| part.trim_end_matches("()").to_owned())
            .collect();
        let is_name = components.len() > 1
            && components.iter().all(|part| part.chars().all(|c| c == '_' || c.is_alphanumeric()))
            && components.iter().any(|part| part.chars().any(char::is_alphabetic) && part.len() > 1);
        if is_name {
            self.goal.dotted.push(components);
        }
    }

    fn finish(mut self) -> ParsedGoal {
        let scope = std::mem::take(&mut self.scope);
        for token in rank_terms::tokens(&scope) {
            let parts = rank_terms::words(token.text).filter_map(|part| self.terms.word(part));
            for term in parts.chain(rank_terms::whole(token.text)) {
                if let Some(word) = self.words.get_mut(&term.0) {
                    word.scope = true;
                }
            }
        }
        let opening = self.goal.title.rsplit(": ").next().unwrap_or_default().split_whitespace().next();
        let opening =
            opening.and_then(|word| rank_terms::tokens(word).next()).map(|token| token.text.to_owned());
        if let Some(word) = opening.and_then(|word| self.words.get_mut(&self.terms.word(&word)?.0)) {
            word.opens = word.name == 0;
        }
        for term in ROUTINE.iter().filter_map(|word| self.terms.word(word)) {
            if let Some(word) = self.words.get_mut(&term.0) {
                word.routine = word.name == 0 && !word.scope;
            }
        }
        self.goal.words = self.words.into_values().collect();
        self.goal.paths.sort();
        self.goal.paths.dedup();
        self.goal.dotted.sort();
        self.goal.dotted.dedup();
        self.goal
    }
}

/// Bytes of a quoted text that is looked for: more is a passage, not a name.
const LONGEST_QUOTE: usize = 60;

/// The texts of a line in backticks (`true`) or quotes (`false`). A quote
/// opens where no word stands before it, so that `don't` opens none.
fn quoted(line: &str) -> Vec<(&str, bool)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some((start, open)) = line[at..].char_indices().find(|(_, c)| "`\"'“".contains(*c)) {
        let (start, inner) = (at + start, at + start + open.len_utf8());
        let close = if open == '“' { '”' } else { open };
        let is_open = open == '`' || !line[..start].ends_with(|c: char| c.is_alphanumeric());
        let end = line[inner..].find(close).map(|end| inner + end).filter(|_| is_open);
        let Some(end) = end else {
            at = inner;
            continue;
        };
        let text = line[inner..end].trim();
        if text.len() > 1 && text.len() <= LONGEST_QUOTE {
            found.push((text, open == '`'));
        }
        at = end + close.len_utf8();
    }
    found
}

/// Types of conventional commits: they name no part of the project.
const TYPES: [&str; 14] = [
    "bug", "build", "chore", "ci", "docs", "feat", "feature", "fix", "perf", "refactor", "revert", "style",
    "test", "tests",
];

/// The part of the project that a first line names before its colon:
/// `cli: add x`, `fix(cli)!: x`, `[cli] x`; empty where it names none.
fn scope(line: &str) -> &str {
    let line = line.trim_start();
    if let Some((inner, _)) = line.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return inner;
    }
    let Some((head, _)) = line.split_once(": ") else {
        return "";
    };
    let head = head.trim_end_matches('!');
    let scope = match head.split_once('(') {
        Some((_, inner)) => inner.trim_end_matches(')'),
        None => head,
    };
    let fits = scope.split_whitespace().count() <= 3 && !TYPES.contains(&scope.to_lowercase().as_str());
    if fits { scope } else { "" }
}

fn speaks_of(line: &str, words: &[&str]) -> bool {
    rank_terms::tokens(line).any(|token| words.contains(&token.text.to_lowercase().as_str()))
}

/// `add tests for x`, `flaky`, `test(x): ...`: not every goal in which the
/// word occurs, or a test runner's own code would never be found.
fn speaks_of_tests(line: &str) -> bool {
    let lower = line.trim_start().to_lowercase();
    ["test:", "tests:", "test(", "tests("].iter().any(|start| lower.starts_with(start))
        || [
            "flaky",
            "test suite",
            "testsuite",
            "unit test",
            "test case",
            "add test",
            "add a test",
            "regression test",
            "failing test",
            "tests for",
        ]
        .iter()
        .any(|phrase| lower.contains(phrase))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> ParsedGoal {
        ParsedGoal::parse(&SafeText::from_redacted(text.to_owned()))
    }

    /// The goal's words, its scope in brackets.
    fn check(text: &str, expected: &[&str]) {
        let goal = parse(text);
        let mut found: Vec<String> = goal
            .words
            .iter()
            .filter(|word| !word.whole)
            .map(|word| if word.scope { format!("[{}]", word.text) } else { word.text.clone() })
            .collect();
        found.sort();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn a_scope_is_told_from_a_type() {
        check("fix(cli): quote paths", &["[cli]", "fix", "paths", "quote"]);
        check("printer: quote paths", &["[printer]", "paths", "quote"]);
        check("feat: quote paths", &["feat", "paths", "quote"]);
    }

    #[test]
    fn what_the_form_asks_says_nothing() {
        let form = "Crash\n### Steps to reproduce\n- [x] I searched\n<!-- please\nbe kind -->\nopen it";
        check(form, &["Crash", "open"]);
    }

    #[test]
    fn who_wrote_a_commit_says_nothing() {
        check(
            "Crash\n\nopen it\nCo-authored-by: Ada Byron <ada@example.org>\nChange-Id: I0f",
            &["Crash", "open"],
        );
    }

    #[test]
    fn files_frames_and_dotted_names_are_read() {
        let goal =
            parse("x\nFile \"/a/lib/pkg/mod.py\", line 3, in f\nsee `src/a.rs:12` and pkg.mod.Class()");
        assert!(goal.paths.contains(&("/a/lib/pkg/mod.py".to_owned(), true)), "{:?}", goal.paths);
        assert!(goal.paths.contains(&("src/a.rs".to_owned(), false)), "{:?}", goal.paths);
        let name = ["pkg", "mod", "Class"].map(str::to_owned).to_vec();
        assert!(goal.dotted.contains(&name), "{:?}", goal.dotted);
    }

    #[test]
    fn what_is_quoted_is_kept_as_it_is() {
        let check = |text: &str, expected: &[&str]| {
            let found: Vec<String> = parse(text).quoted.into_iter().map(|quoted| quoted.text).collect();
            assert_eq!(found, expected, "{text}");
        };
        check("precedence of `not`, don't break `if x`", &["not", "if x"]);
        check("says \"no such file\" and 'exit 1', it's odd", &["no such file", "exit 1"]);
        check("x\n```\n`inner`\n```\n`a` \"\" ``", &[]);
    }

    #[test]
    fn names_in_mixed_case_are_words_of_the_goal() {
        for name in
            ["NaN", "IPv6", "OAuth", "eTag", "macOS", "GraphQL", "iOS", "SHA256", "k8s", "C++", ".NET"]
        {
            let goal = parse(&format!("Support {name} in literals"));
            assert!(
                goal.words.iter().any(|word| !word.whole && word.text == name),
                "{name}: {:?}",
                goal.words
            );
        }
    }

    #[test]
    fn tests_are_the_goal_only_where_it_says_so() {
        assert!(parse("Add tests for the parser").about_tests);
        assert!(!parse("pytest: test collection is slow").about_tests);
    }
}
