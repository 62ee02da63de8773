//! What makes two errors the same one: the tool, how it ended, and the line that
//! tells what went wrong without what differs from one time to the next.
//!
//! Not here: what is made of errors that come again (`mining`).

use super::digest::tells_of_trouble;
use crate::model::ContentHash;

/// Characters of a line that count.
const WIDTH: usize = 300;

/// Lines that only say that something failed, beginnings in lower case: they are
/// the same for all failures of a program.
const SAYS_NOTHING: &[&str] = &[
    "error: test failed",
    "error: could not compile",
    "error: aborting due to",
    "error: command failed",
    "error: process completed",
    "error: recipe",
    "test result: failed",
    "traceback (most recent",
    "failures:",
    "failed",
    "failure",
    "npm err! code",
    "npm error code",
    "build failed",
    "make: ***",
    "exit code",
    "command failed with exit code",
    "error",
    "error:",
];

/// Programs whose failing exit code is an answer.
const ASKS: &[&str] =
    &["grep", "egrep", "fgrep", "rg", "ag", "diff", "cmp", "test", "[", "pgrep", "which", "command", "false"];

/// The line of an output that tells what went wrong: one that says so, else one
/// that mentions trouble, else the first.
pub fn error_line(output: &str) -> Option<String> {
    let lines: Vec<String> =
        output.lines().map(|line| plain(line).trim().to_string()).filter(|line| !line.is_empty()).collect();
    let is_telling = |line: &String| !says_nothing(line);
    let at = lines.iter().position(|line| says_error(line) && is_telling(line));
    let at = at.or_else(|| lines.iter().position(|line| tells_of_trouble(line) && is_telling(line)));
    let at = at.or_else(|| lines.iter().position(|line| tells_of_trouble(line)));
    let at = at.or_else(|| lines.iter().position(is_telling)).unwrap_or(0);
    let line = lines.get(at)?;
    // What it is about stands below it.
    match lines.get(at + 1).filter(|_| line.ends_with(':')) {
        Some(next) => Some(format!("{line} {next}")),
        None => Some(line.clone()),
    }
}

/// Whether a line only says that something failed.
pub fn says_nothing(line: &str) -> bool {
    let lower = line.trim_matches(|c: char| !c.is_alphanumeric() && c != '*').to_lowercase();
    SAYS_NOTHING.iter().any(|known| match known.contains(' ') {
        true => lower.starts_with(known),
        false => lower == known.trim_end_matches(':'),
    })
}

fn says_error(line: &str) -> bool {
    let lower = line.to_lowercase();
    let begins = ["error", "fatal", "e   ", "panic", "assert"];
    let holds =
        ["error:", "error[", "exception:", "fatal:", "panicked at", "not found", "no such file", "denied"];
    begins.iter().any(|begin| lower.starts_with(begin)) || holds.iter().any(|word| lower.contains(word))
}

/// Without the sequences that colour a terminal.
fn plain(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => _ = chars.by_ref().find(|c| c.is_ascii_alphabetic()),
            c => out.push(c),
        }
    }
    out
}

/// Equal for errors that are the same: 16 digits. `None` for a line that says
/// nothing.
pub fn fingerprint(tool: &str, code: Option<i64>, line: &str) -> Option<String> {
    let line = normalised(line);
    if line.is_empty() || says_nothing(&line) {
        return None;
    }
    let code = code.map(|code| code.to_string()).unwrap_or_default();
    let text = format!("{}\0{code}\0{line}", tool.to_lowercase());
    Some(ContentHash::of(text.as_bytes()).to_hex()[..16].to_string())
}

/// A line with a word in the place of each path, number, hex number and quoted
/// text.
pub fn normalised(line: &str) -> String {
    let line: String = plain(line).chars().take(WIDTH).collect();
    let words = without_quotes(&line);
    let words: Vec<String> = words.split_whitespace().map(word).collect();
    words.join(" ")
}

/// Each quoted text is one word.
fn without_quotes(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        let closing = match c {
            '`' | '"' => Some(c),
            '‘' => Some('’'),
            '“' => Some('”'),
            // An apostrophe in a word is no quote.
            '\'' if !out.ends_with(|before: char| before.is_alphanumeric()) => Some(c),
            _ => None,
        };
        let inner = &rest[c.len_utf8()..];
        match closing.and_then(|closing| inner.find(closing).map(|end| (end, closing.len_utf8()))) {
            Some((end, length)) => {
                out.push_str("<text>");
                rest = &inner[end + length..];
            }
            None => {
                out.push(c);
                rest = inner;
            }
        }
    }
    out
}

fn word(word: &str) -> String {
    let core = word.trim_matches(|c: char| "()[]{},;".contains(c));
    if is_path(core.trim_end_matches(':')) {
        return word.replace(core.trim_end_matches(':'), "<path>");
    }
    numbers(word)
}

/// `src/a.rs:3:5`, `a.py:12`, `C:\x`.
fn is_path(word: &str) -> bool {
    let name = word.split(':').next().unwrap_or(word);
    let has_place = word[name.len()..]
        .strip_prefix(':')
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let is_file = name.rsplit_once('.').is_some_and(|(stem, end)| {
        !stem.is_empty() && (1..=5).contains(&end.len()) && end.chars().all(|c| c.is_ascii_lowercase())
    });
    let has_letters = word.chars().any(char::is_alphanumeric);
    has_letters && (word.contains('/') || word.contains('\\'))
        || is_file && (has_place || !name.contains('('))
}

/// With each number that is no part of a name, and each long hex number, as a
/// word.
fn numbers(word: &str) -> String {
    let mut out = String::new();
    let mut run = String::new();
    let close = |run: &mut String, out: &mut String| {
        let hex = run.strip_prefix("0x").unwrap_or(run);
        let is_hex = !hex.is_empty() && hex.chars().all(|c| c.is_ascii_hexdigit());
        let has_digit = hex.chars().any(|c| c.is_ascii_digit());
        if is_hex
            && has_digit
            && (run.len() > hex.len() || hex.len() >= 7 && hex.chars().any(|c| c.is_ascii_alphabetic()))
        {
            out.push_str("<hex>");
        } else if run.starts_with(|c: char| c.is_ascii_digit()) {
            let unit = run.trim_start_matches(|c: char| c.is_ascii_digit());
            out.push_str("<number>");
            out.push_str(unit);
        } else {
            out.push_str(run);
        }
        run.clear();
    };
    for c in word.chars() {
        match c.is_alphanumeric() || c == '_' {
            true => run.push(c),
            false => {
                close(&mut run, &mut out);
                out.push(c);
            }
        }
    }
    close(&mut run, &mut out);
    out
}

/// The program that a command line runs, with its first plain word: `cargo
/// test`, `pytest`. What stands before it, as `cd a &&`, is not it.
pub fn command_key(command: &str) -> String {
    let words = program_words(command);
    let is_plain = |word: &&&str| {
        word.len() <= 30
            && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-:_".contains(c))
            && !word.starts_with('-')
    };
    let sub = words.get(1).filter(is_plain).map(|word| format!(" {word}")).unwrap_or_default();
    words.first().map(|word| format!("{}{sub}", base(word))).unwrap_or_default()
}

/// The program that a command line runs.
pub fn program(command: &str) -> String {
    program_words(command).first().map(|word| base(word).to_string()).unwrap_or_default()
}

/// Whether a failing exit code of the command is an answer.
pub fn is_question(command: &str) -> bool {
    let key = command_key(command);
    ASKS.contains(&program(command).as_str()) || key == "git diff" || key == "git grep"
}

fn base(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

fn program_words(command: &str) -> Vec<&str> {
    let before = ["cd", "export", "source", "set", ".", "unset", "pushd", "echo"];
    let parts = command.split(['\n', ';']).flat_map(|part| part.split("&&"));
    let words = parts.map(|part| {
        let words = part.split('|').next().unwrap_or_default().split_whitespace();
        let is_setting = |word: &&str| {
            word.split_once('=').is_some_and(|(name, _)| !name.is_empty() && !name.contains('/'))
                || matches!(*word, "sudo" | "env" | "time" | "nice" | "timeout" | "nohup" | "exec")
        };
        words.skip_while(is_setting).collect::<Vec<&str>>()
    });
    let words: Vec<Vec<&str>> = words.filter(|words| !words.is_empty()).collect();
    let told = words.iter().find(|words| !before.contains(&words[0])).or(words.first());
    let told = told.map(Vec::as_slice).unwrap_or_default();
    match told {
        // A module is the program.
        [python, "-m", module @ ..] if base(python).starts_with("python") && !module.is_empty() => {
            module.to_vec()
        }
        told => told.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_from_one_time_to_the_next_does_not_count() {
        let check = |lines: &[&str], expected: &str| {
            for line in lines {
                assert_eq!(normalised(line), expected, "{line}");
            }
        };
        check(
            &[
                "error[E0425]: cannot find value `x` in this scope",
                "error[E0425]: cannot find value `yy` in this scope",
            ],
            "error[E0425]: cannot find value <text> in this scope",
        );
        check(&["src/a.rs:3:5: bad thing", "/home/me/b/c.rs:40: bad thing"], "<path>: bad thing");
        check(&["main.py:12: wrong", "util.py:1: wrong"], "<path>: wrong");
        check(
            &["took 12ms at 0x7ffe12, id 9f3c2ab01", "took 7ms at 0xdead01, id 1b2c3d4e5f"],
            "took <number>ms at <hex>, id <hex>",
        );
        check(&["\u{1b}[31merror\u{1b}[0m: it's  3 of 4"], "error: it's <number> of <number>");
    }

    #[test]
    fn the_same_error_of_another_tool_or_code_is_another_one() {
        let of = |tool: &str, code: i64, line: &str| fingerprint(tool, Some(code), line);
        let one = of("cargo", 101, "error: no `a`").unwrap();
        assert_eq!(of("Cargo", 101, "error: no `b`").unwrap(), one);
        for other in [
            of("make", 101, "error: no `a`"),
            of("cargo", 1, "error: no `a`"),
            of("cargo", 101, "error: is `a`"),
        ] {
            assert_ne!(other.unwrap(), one);
        }
        for nothing in ["", "error: test failed, to rerun pass `--lib`", "FAILED", "make: *** [all] Error 2"]
        {
            assert_eq!(of("cargo", 101, nothing), None, "{nothing}");
        }
    }

    #[test]
    fn the_line_that_tells_what_went_wrong_is_found_among_others() {
        let check = |output: &str, expected: &str| assert_eq!(error_line(output).as_deref(), Some(expected));
        check(
            "   Compiling thiserror v2\nwarning: unused\nerror[E1]: no\nerror: could not compile `a`",
            "error[E1]: no",
        );
        check("Traceback (most recent call last):\n  File \"a.py\"\nValueError: bad", "ValueError: bad");
        check("thread 'main' panicked at a.rs:1:1:\nboom\n", "thread 'main' panicked at a.rs:1:1: boom");
        check("nothing special", "nothing special");
        assert_eq!(error_line(" \n"), None);
    }

    #[test]
    fn a_command_is_known_by_its_program_and_first_plain_word() {
        for (command, key) in [
            ("cargo test --lib x", "cargo test"),
            ("cd a && RUST_LOG=1 cargo test | tail", "cargo test"),
            ("pytest tests/a.py", "pytest"),
            ("./run-tests", "run-tests"),
            ("sudo /usr/bin/make all", "make all"),
            ("cd a", "cd a"),
            ("python3 -m pytest tests/a.py", "pytest"),
            ("python a.py", "python"),
        ] {
            assert_eq!(command_key(command), key, "{command}");
        }
        assert!(
            is_question("grep -r x .") && is_question("git diff --exit-code") && !is_question("cargo test")
        );
    }
}
