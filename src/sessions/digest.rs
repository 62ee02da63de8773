//! A long output in short: every line that tells of an error or a warning, the
//! tests that failed by name, the first and the last lines, and counts.
//!
//! Not here: redaction, which whoever shows the digest has to see to.

use std::io::{self, BufRead, BufReader, Read};

/// Lines at the beginning and at the end of a stream that are shown.
const HEAD: usize = 10;
const TAIL: usize = 20;

/// Bytes of a line that are looked at and shown.
const WIDTH: usize = 500;

/// Different lines about errors that are kept, and names of tests.
const MOST: usize = 5_000;

/// One stream in short.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamDigest {
    pub lines: u64,
    pub bytes: u64,
    pub head: Vec<String>,
    pub tail: Vec<String>,
    /// Lines that tell of an error or a warning, each once with the number of
    /// its first line and how often it was there.
    pub findings: Vec<Finding>,
    /// More of them than are kept.
    pub left_out: u64,
    /// Names of tests that failed, in their order.
    pub failed_tests: Vec<String>,
}

/// A line that tells of an error or a warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub line: u64,
    pub text: String,
    pub times: u64,
}

/// Reads a stream to its end.
pub fn of(output: impl Read) -> io::Result<StreamDigest> {
    let mut reader = BufReader::with_capacity(64 * 1024, output);
    let mut digest = StreamDigest::default();
    let mut known = std::collections::HashMap::new();
    let mut tail = std::collections::VecDeque::new();
    let mut line = Vec::new();
    loop {
        line.clear();
        let length = read_line(&mut reader, &mut line)?;
        if length == 0 {
            break;
        }
        digest.lines += 1;
        digest.bytes += length;
        let text = shown(&line);
        digest.take_note(&text, &mut known);
        match digest.head.len() < HEAD {
            true => digest.head.push(text),
            false => tail.push_back(text),
        }
        if tail.len() > TAIL {
            tail.pop_front();
        }
    }
    digest.tail = tail.into();
    Ok(digest)
}

/// Reads a line and gives its length; of a long one only the beginning is kept.
fn read_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<u64> {
    let mut length = 0;
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() {
            return Ok(length);
        }
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let taken = end.map_or(buffer.len(), |end| end + 1);
        let room = (4 * WIDTH).saturating_sub(line.len());
        line.extend_from_slice(&buffer[..taken.min(room)]);
        reader.consume(taken);
        length += taken as u64;
        if end.is_some() {
            return Ok(length);
        }
    }
}

/// A line as a terminal would leave it: without escape sequences, and without
/// what was written over.
fn shown(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line);
    let text = text.trim_end_matches(['\n', '\r']);
    let text = text.rsplit('\r').find(|part| !part.is_empty()).unwrap_or_default();
    let text = without_escapes(text);
    let mut end = text.len().min(WIDTH);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].trim_end().to_string()
}

fn without_escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\u{1b}', Some('[')) => {
                chars.next();
                let _ = chars.find(|c| ('@'..='~').contains(c));
            }
            ('\u{1b}', Some(']')) => _ = chars.find(|c| matches!(c, '\u{7}' | '\u{1b}')),
            ('\u{1b}', _) => {}
            _ => out.push(c),
        }
    }
    out
}

impl StreamDigest {
    fn take_note(&mut self, text: &str, known: &mut std::collections::HashMap<String, usize>) {
        if let Some(name) = failed_test(text)
            && self.failed_tests.len() < MOST
            && !self.failed_tests.contains(&name)
        {
            self.failed_tests.push(name);
        }
        if !tells_of_trouble(text) {
            return;
        }
        match known.get(text) {
            Some(at) => self.findings[*at].times += 1,
            None if self.findings.len() < MOST => {
                known.insert(text.to_string(), self.findings.len());
                self.findings.push(Finding { line: self.lines, text: text.to_string(), times: 1 });
            }
            None => self.left_out += 1,
        }
    }
}

/// Words of errors and warnings, in lower case. A word counts wherever it
/// stands: one line too many is cheaper than one too few.
const TROUBLE: &[&str] = &[
    "error",
    "warning",
    "warn:",
    "[warn]",
    "fatal",
    "panicked",
    "exception",
    "traceback",
    "failed",
    "failure",
    "undefined reference",
    "cannot find",
    "not found",
    "no such file",
    "permission denied",
    "segmentation fault",
    "core dumped",
    "aborted",
    "assertion",
    "unresolved",
    "npm err!",
    "err!",
    "out of memory",
    "timed out",
    "timeout",
    "killed",
    "not ok ",
    "denied",
    "refused",
    "unexpected",
    "invalid",
    "unable to",
    "syntaxerror",
];

/// Whether a line tells of an error or a warning.
pub fn tells_of_trouble(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let begins = ["e   ", "fail", "✗", "✕", "×", "●", "--- fail"];
    TROUBLE.iter().any(|word| lower.contains(word))
        || begins.iter().any(|begin| lower.trim_start().starts_with(begin))
}

/// The name of the test that a line says has failed, in the words of common test
/// runners.
pub fn failed_test(text: &str) -> Option<String> {
    let line = text.trim();
    let first_word = |text: &str| text.split_whitespace().next().map(str::to_string);
    // libtest: `test a::b ... FAILED`
    if let Some(name) = line.strip_prefix("test ").and_then(|rest| rest.strip_suffix("... FAILED")) {
        return Some(name.trim().to_string());
    }
    // pytest: `FAILED tests/a.py::test_b - why`, `ERROR tests/a.py::test_b`
    for word in ["FAILED ", "ERROR "] {
        if let Some(rest) = line.strip_prefix(word).filter(|rest| rest.contains("::") || rest.contains(".py"))
        {
            return Some(rest.split(" - ").next().unwrap_or(rest).trim().to_string());
        }
    }
    // go test: `--- FAIL: TestA (0.00s)`
    if let Some(rest) = line.strip_prefix("--- FAIL: ") {
        return first_word(rest);
    }
    // unittest: `FAIL: test_a (tests.A.test_a)`
    for word in ["FAIL: ", "ERROR: "] {
        if let Some(rest) = line.strip_prefix(word).filter(|rest| rest.contains(" (") && rest.ends_with(')'))
        {
            return first_word(rest);
        }
    }
    named_by_mark(line).or_else(|| named_by_end(line))
}

/// nextest, TAP, jest, mocha and vitest begin with a mark.
fn named_by_mark(line: &str) -> Option<String> {
    // `FAIL [   0.012s] crate module::test`
    if let Some(rest) = line.strip_prefix("FAIL [").and_then(|rest| rest.split_once(']')) {
        return Some(rest.1.trim().to_string());
    }
    if let Some(rest) = line.strip_prefix("not ok ") {
        let name = rest.split_once(" - ").map_or(rest, |(_, name)| name);
        return Some(name.split(" # ").next().unwrap_or(name).trim().to_string());
    }
    let marked = ["● ", "✕ ", "✗ ", "× ", "rspec "].into_iter().find_map(|mark| line.strip_prefix(mark));
    let name = marked.map(str::trim).filter(|name| !name.is_empty())?;
    Some(name.to_string())
}

/// Gradle, ctest and Maven's end with it.
fn named_by_end(line: &str) -> Option<String> {
    if let Some(name) = line.strip_suffix(" FAILED").filter(|name| name.contains(" > ")) {
        return Some(name.trim().to_string());
    }
    if let Some(rest) = line.strip_suffix("(Failed)") {
        return rest.split_once(" - ").map(|(_, name)| name.trim().to_string());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failed_tests_are_named_as_each_runner_names_them() {
        let check = |line: &str, name: &str| assert_eq!(failed_test(line).as_deref(), Some(name), "{line}");
        check("test store::tests::a_b ... FAILED", "store::tests::a_b");
        check("FAILED tests/test_a.py::test_b[1] - AssertionError: no", "tests/test_a.py::test_b[1]");
        check("ERROR tests/test_a.py::test_c", "tests/test_a.py::test_c");
        check("    --- FAIL: TestA/sub (0.01s)", "TestA/sub");
        check("FAIL: test_a (tests.test_a.A.test_a)", "test_a");
        check("        FAIL [   0.012s] waypost store::a", "waypost store::a");
        check("not ok 3 - adds two numbers", "adds two numbers");
        check("  ● Sum › adds two", "Sum › adds two");
        check("rspec ./spec/a_spec.rb:3 # A adds", "./spec/a_spec.rb:3 # A adds");
        check("CalculatorTest > adds() FAILED", "CalculatorTest > adds()");
        check("\t  3 - parser_test (Failed)", "parser_test");
        for line in ["test result: FAILED. 1 passed", "test a ... ok", "2 tests FAILED", "ok 1 - fine", "●"]
        {
            assert_eq!(failed_test(line), None, "{line}");
        }
    }

    #[test]
    fn every_line_of_trouble_is_kept_once_with_its_place() {
        let mut output = String::from("begin\n");
        for n in 0..1_000 {
            output.push_str(&format!("compiling {n}\n"));
            if n % 100 == 7 {
                output.push_str(&format!("error[E0308]: mismatched types in {n}\nwarning: unused\n"));
            }
        }
        output.push_str("\u{1b}[31mError\u{1b}[0m: the end\r\n50%\r100%\n");
        let digest = of(output.as_bytes()).unwrap();
        assert_eq!((digest.lines, digest.bytes), (1_023, output.len() as u64));
        assert_eq!(digest.findings.len(), 12);
        assert_eq!(
            digest.findings[0],
            Finding { line: 10, text: "error[E0308]: mismatched types in 7".into(), times: 1 }
        );
        assert_eq!((digest.findings[1].text.as_str(), digest.findings[1].times), ("warning: unused", 10));
        assert_eq!(digest.findings[11].text, "Error: the end");
        assert_eq!((digest.head[0].as_str(), digest.tail.last().unwrap().as_str()), ("begin", "100%"));
        assert_eq!((digest.head.len(), digest.tail.len()), (HEAD, TAIL));
    }

    #[test]
    fn what_is_no_text_and_what_has_no_lines_is_digested_in_bounded_memory() {
        let bytes: Vec<u8> =
            (0..3_000_000u32).map(|n| (n % 251 + 1) as u8).filter(|byte| *byte != b'\n').collect();
        let digest = of(&bytes[..]).unwrap();
        assert_eq!((digest.lines, digest.bytes), (1, bytes.len() as u64));
        assert!(digest.head[0].len() <= WIDTH);
        assert_eq!(of(&b""[..]).unwrap(), StreamDigest::default());
    }
}
