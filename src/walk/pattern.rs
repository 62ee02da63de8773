//! One line of an ignore file as git reads it, and whether it matches a path:
//! what git's `dir.c` and `wildmatch.c` do, byte by byte, in bounded time.
//!
//! A pattern is compiled to a short program of literal bytes and operators, so
//! that a hundred thousand of them take no more memory than their text. Not
//! here: which of several lines wins (`rules`).

use crate::limits;

/// A compiled line; its program is what was appended to the buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// It begins with `!`: what it matches is kept.
    pub negated: bool,
    /// It ends with `/`: it matches folders alone.
    pub folders_only: bool,
    /// It has no other slash: it is matched against the last component of a path.
    pub is_name: bool,
    /// Its program holds no operator.
    pub is_literal: bool,
    /// The literal bytes that it begins and ends with; 0 for none.
    pub first: u8,
    pub last: u8,
    /// Which literal bytes it holds; see [`letters`].
    pub letters: u64,
}

/// Which bytes a text has, 64 kinds told apart: a rule whose bytes are not among
/// those of a path cannot match it.
pub fn letters(text: &[u8]) -> u64 {
    text.iter().fold(0, |letters, byte| letters | 1 << (byte.wrapping_mul(157) >> 2))
}

/// Why a line makes no rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoRule {
    /// It is a comment, or empty.
    SaysNothing,
    /// Git never matches it: an unclosed class, or a `\` at the end.
    Malformed,
    /// What it matches has more bytes than any path.
    LongerThanPaths,
}

/// Introduces an operator in a program. No line of a file holds it.
const OPERATOR: u8 = 0;

/// `?`
const ONE: u8 = 1;
/// `*`: any run without `/`.
const RUN: u8 = 2;
/// `**` at the end: any run.
const RUN_OVER: u8 = 3;
/// `**/`: nothing, or any run up to a `/`.
const FOLDERS: u8 = 4;
/// A class: 256 bits follow.
const CLASS: u8 = 5;

/// Bytes of a class in a program.
const CLASS_BYTES: usize = 32;

/// Reads one line without its line end and appends its program. `fold`:
/// letters match in both cases, and paths have been made lower-case.
pub fn compile(line: &[u8], fold: bool, program: &mut Vec<u8>) -> Result<Rule, NoRule> {
    if line.starts_with(b"#") {
        return Err(NoRule::SaysNothing);
    }
    let line = without_trailing_spaces(line);
    if line.iter().all(|byte| matches!(byte, b'/' | b'!')) {
        return Err(NoRule::SaysNothing);
    }
    let (negated, line) = strip(line, |line| line.strip_prefix(b"!"));
    let (folders_only, line) = strip(line, |line| line.strip_suffix(b"/"));
    let is_name = !line.contains(&b'/');
    let (_, line) = strip(line, |line| line.strip_prefix(b"/"));
    let start = program.len();
    let mut compiler = Compiler::new(line, is_name, fold, program);
    match compiler.compile() {
        Ok(()) => {
            let Compiler { is_literal, last, letters, .. } = compiler;
            let first = program[start..].first().copied().unwrap_or(OPERATOR);
            Ok(Rule { negated, folders_only, is_name, is_literal, first, last, letters })
        }
        Err(why) => {
            program.truncate(start);
            Err(why)
        }
    }
}

fn strip(line: &[u8], strip: impl Fn(&[u8]) -> Option<&[u8]>) -> (bool, &[u8]) {
    strip(line).map_or((false, line), |rest| (true, rest))
}

/// Spaces at the end do not count unless escaped; tabs do.
fn without_trailing_spaces(line: &[u8]) -> &[u8] {
    let mut end = 0;
    let mut at = 0;
    while at < line.len() {
        match line[at] {
            b' ' => {}
            b'\\' => {
                at += 1;
                end = (at + 1).min(line.len());
            }
            _ => end = at + 1,
        }
        at += 1;
    }
    &line[..end]
}

struct Compiler<'a> {
    pattern: &'a [u8],
    is_name: bool,
    fold: bool,
    /// Bytes before the first special character. git compares them by
    /// themselves, so that a `**` right behind them counts as one at the start.
    plain: usize,
    program: &'a mut Vec<u8>,
    /// The fewest bytes that it matches.
    least: usize,
    is_literal: bool,
    /// The last literal byte, if nothing follows it.
    last: u8,
    last_operator: Option<u8>,
    letters: u64,
    /// The first `]` at or behind the place that was last asked for.
    next_bracket: usize,
}

impl<'a> Compiler<'a> {
    fn new(pattern: &'a [u8], is_name: bool, fold: bool, program: &'a mut Vec<u8>) -> Self {
        let plain = pattern.iter().position(|byte| b"*?[\\".contains(byte)).unwrap_or(pattern.len());
        Self {
            pattern,
            is_name,
            fold,
            plain,
            program,
            least: 0,
            is_literal: true,
            last: OPERATOR,
            last_operator: None,
            letters: 0,
            next_bracket: 0,
        }
    }

    fn compile(&mut self) -> Result<(), NoRule> {
        let mut at = 0;
        while at < self.pattern.len() {
            at = match self.pattern[at] {
                b'*' => self.stars(at),
                b'?' => {
                    self.operator(ONE);
                    at + 1
                }
                b'[' => self.class(at + 1)?,
                b'\\' => {
                    // git folds the path and not what is escaped.
                    let escaped = *self.pattern.get(at + 1).ok_or(NoRule::Malformed)?;
                    self.literal(escaped);
                    at + 2
                }
                byte => {
                    self.literal(if self.fold { byte.to_ascii_lowercase() } else { byte });
                    at + 1
                }
            };
            if self.least > limits::MAX_PATH {
                return Err(NoRule::LongerThanPaths);
            }
        }
        // No path ends with a slash.
        match self.last == b'/' || matches!(self.last_operator, Some(FOLDERS)) {
            true => Err(NoRule::Malformed),
            false => Ok(()),
        }
    }

    fn literal(&mut self, byte: u8) {
        self.program.push(byte);
        self.least += 1;
        self.last = byte;
        self.letters |= letters(&[byte]);
        self.last_operator = None;
    }

    fn operator(&mut self, operator: u8) {
        let is_repeated = operator == FOLDERS && self.last_operator == Some(FOLDERS);
        if !is_repeated {
            self.program.extend([OPERATOR, operator]);
        }
        self.least += usize::from(matches!(operator, ONE | CLASS));
        self.is_literal = false;
        self.last = OPERATOR;
        self.last_operator = Some(operator);
    }

    /// From the first of some stars; returns the place behind them.
    fn stars(&mut self, start: usize) -> usize {
        let count = self.pattern[start..].iter().take_while(|&&byte| byte == b'*').count();
        let end = start + count;
        let opens = start == self.plain || self.pattern[start - 1] == b'/';
        match &self.pattern[end..] {
            // `*`, or a `**` beside something else than a slash.
            _ if count == 1 || self.is_name || !opens => self.operator(RUN),
            [b'/', ..] => {
                self.operator(FOLDERS);
                return end + 1;
            }
            [] | [b'\\', b'/', ..] => self.operator(RUN_OVER),
            _ => self.operator(RUN),
        }
        end
    }

    /// From the byte behind the opening bracket; returns the place behind the
    /// closing one.
    fn class(&mut self, mut at: usize) -> Result<usize, NoRule> {
        let pattern = self.pattern;
        let byte_at = |at: usize| pattern.get(at).copied().ok_or(NoRule::Malformed);
        let mut set = [false; 256];
        let negated = matches!(byte_at(at)?, b'!' | b'^');
        at += usize::from(negated);
        let first = at;
        // The byte that a following `-` would start a range from.
        let mut low: Option<u8> = None;
        loop {
            let byte = byte_at(at)?;
            let next = pattern.get(at + 1).copied();
            match (byte, low) {
                (b']', _) if at > first => break,
                (b'\\', _) => {
                    at += 1;
                    let escaped = byte_at(at)?;
                    set[usize::from(escaped)] = true;
                    low = Some(escaped);
                }
                (b'-', Some(from)) if next.is_some_and(|next| next != b']') => {
                    at += 1;
                    at += usize::from(pattern[at] == b'\\');
                    add_range(&mut set, from, byte_at(at)?, self.fold);
                    low = None;
                }
                (b'[', _) if next == Some(b':') => {
                    let start = at + 2;
                    let end = self.bracket_from(start).ok_or(NoRule::Malformed)?;
                    if end > start && pattern[end - 1] == b':' {
                        let name = &pattern[start..end - 1];
                        add_named(&mut set, name, self.fold).ok_or(NoRule::Malformed)?;
                        at = end;
                        low = None;
                    } else {
                        set[usize::from(b'[')] = true;
                        low = Some(b'[');
                    }
                }
                (byte, _) => {
                    set[usize::from(byte)] = true;
                    low = Some(byte);
                }
            }
            at += 1;
        }
        if negated {
            set.iter_mut().for_each(|member| *member = !*member);
        }
        set[usize::from(b'/')] = false;
        self.operator(CLASS);
        self.program.extend(bits(&set));
        Ok(at + 1)
    }
}

impl Compiler<'_> {
    /// The next `]`; each byte of a line is looked at once, however often it is
    /// asked for.
    fn bracket_from(&mut self, start: usize) -> Option<usize> {
        if self.next_bracket < start {
            let behind = self.pattern[start..].iter().position(|&byte| byte == b']');
            self.next_bracket = behind.map_or(self.pattern.len(), |behind| start + behind);
        }
        Some(self.next_bracket).filter(|&at| at < self.pattern.len())
    }
}

fn add_range(set: &mut [bool; 256], from: u8, to: u8, fold: bool) {
    for byte in from..=to {
        set[usize::from(byte)] = true;
        if fold {
            set[usize::from(byte.to_ascii_lowercase())] = true;
        }
    }
}

/// The class of a name as in `[:alpha:]`; `None` where git knows none.
fn add_named(set: &mut [bool; 256], name: &[u8], fold: bool) -> Option<()> {
    let is_member: fn(&u8) -> bool = match name {
        b"alnum" => u8::is_ascii_alphanumeric,
        b"alpha" => u8::is_ascii_alphabetic,
        b"blank" => |byte| matches!(byte, b' ' | b'\t'),
        b"cntrl" => u8::is_ascii_control,
        b"digit" => u8::is_ascii_digit,
        b"graph" => u8::is_ascii_graphic,
        b"lower" => u8::is_ascii_lowercase,
        b"print" => |byte| (b' '..=b'~').contains(byte),
        b"punct" => u8::is_ascii_punctuation,
        b"space" => |byte| matches!(byte, b' ' | b'\t'..=b'\r'),
        b"upper" if fold => u8::is_ascii_alphabetic,
        b"upper" => u8::is_ascii_uppercase,
        b"xdigit" => u8::is_ascii_hexdigit,
        _ => return None,
    };
    (0..=255u8).filter(is_member).for_each(|byte| set[usize::from(byte)] = true);
    Some(())
}

fn bits(set: &[bool; 256]) -> [u8; CLASS_BYTES] {
    let mut bits = [0; CLASS_BYTES];
    for (at, _) in set.iter().enumerate().filter(|(_, member)| **member) {
        bits[at / 8] |= 1 << (at % 8);
    }
    bits
}

/// Whether a program matches all of `text`.
///
/// Two places to come back to are enough: the last `*`, which may take one byte
/// more, and the last `**`, which may take one folder more. What stood before
/// them was matched as early as can be, and that leaves them the most.
///
/// Adds its steps to `steps`, and gives up when there are more than `most`.
pub fn matches(program: &[u8], text: &[u8], steps: &mut u64, most: u64) -> bool {
    let (mut at, mut from) = (0, 0);
    let mut run: Option<Retry> = None;
    let mut over: Option<Retry> = None;
    while *steps <= most {
        *steps += 1;
        let taken = match program[at..] {
            [] if from == text.len() => return true,
            [OPERATOR, operator @ (RUN | RUN_OVER | FOLDERS), ..] => {
                at += 2;
                let retry = Some(Retry { program: at, text: from, by_folder: operator == FOLDERS });
                (run, over) = if operator == RUN { (retry, over) } else { (None, retry) };
                continue;
            }
            ref rest => one(rest, text.get(from)),
        };
        if let Some(length) = taken {
            at += length;
            from += 1;
            continue;
        }
        let retry = match (run.and_then(|run| run.a_byte_later(text)), over) {
            (Some(retry), _) => *run.insert(retry),
            (None, Some(last)) => match last.later(text) {
                Some(retry) => {
                    run = None;
                    *over.insert(retry)
                }
                None => return false,
            },
            (None, None) => return false,
        };
        (at, from) = (retry.program, retry.text);
    }
    false
}

/// The length of what a program begins with, if that matches the byte.
fn one(program: &[u8], byte: Option<&u8>) -> Option<usize> {
    let byte = *byte?;
    match *program {
        [OPERATOR, ONE, ..] => (byte != b'/').then_some(2),
        [OPERATOR, CLASS, ref class @ ..] => {
            let is_member = class[usize::from(byte / 8)] & (1 << (byte % 8)) != 0;
            is_member.then_some(2 + CLASS_BYTES)
        }
        [literal, ..] => (literal == byte).then_some(1),
        [] => None,
    }
}

/// Where to go on when what follows a `*` or `**` does not match.
#[derive(Clone, Copy)]
struct Retry {
    /// Behind the operator.
    program: usize,
    /// What it has not taken yet.
    text: usize,
    by_folder: bool,
}

impl Retry {
    fn a_byte_later(self, text: &[u8]) -> Option<Self> {
        let can = text.get(self.text).is_some_and(|&byte| byte != b'/');
        can.then_some(Self { text: self.text + 1, ..self })
    }

    fn later(self, text: &[u8]) -> Option<Self> {
        let rest = &text[self.text..];
        let more = match self.by_folder {
            true => rest.iter().position(|&byte| byte == b'/').map(|at| at + 1),
            false => (!rest.is_empty()).then_some(1),
        };
        more.map(|more| Self { text: self.text + more, ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a line matches a file of this path.
    fn fits(line: &str, path: &str, fold: bool) -> Result<bool, NoRule> {
        let mut program = Vec::new();
        let rule = compile(line.as_bytes(), fold, &mut program)?;
        let path = if fold { path.to_ascii_lowercase() } else { path.to_string() };
        let text = if rule.is_name { path.rsplit('/').next().unwrap_or(&path) } else { &path };
        Ok(matches(&program, text.as_bytes(), &mut 0, 1_000_000))
    }

    #[track_caller]
    fn check(line: &str, matching: &[&str], others: &[&str]) {
        for (paths, expected) in [(matching, true), (others, false)] {
            for path in paths {
                assert_eq!(fits(line, path, false), Ok(expected), "`{line}` on `{path}`");
            }
        }
    }

    #[test]
    fn names_match_at_any_depth_and_paths_at_one() {
        check("*.pyc", &["a.pyc", "b/a.pyc", ".pyc"], &["a.pyc/b", "a.pyo"]);
        check("/target", &["target"], &["a/target", "target2"]);
        check("a/b?", &["a/bc"], &["a/b", "a/b/", "x/a/bc"]);
        check("**/a", &["a", "x/a", "x/y/a"], &["xa", "a/x"]);
        check("a/**/b", &["a/b", "a/x/b", "a/x/y/b"], &["ab", "a/xb", "x/a/b"]);
        check("a/**", &["a/x", "a/x/y"], &["a", "x/a/b"]);
        check("**/**/**/a", &["a", "x/a", "x/y/z/a"], &["ab"]);
        check("a/*/**/b*c", &["a/x/bc", "a/x/y/bxc"], &["a/bc", "a/x/b/c"]);
    }

    #[test]
    fn two_stars_right_behind_plain_letters_cross_folders() {
        check("/a**/b", &["ab", "ax/b", "a/x/b"], &["a"]);
        check("/a**", &["ab", "ab/c"], &["b"]);
        check("a**b", &["ab", "axb"], &["ax/b"]);
        check("a/?b**/c", &["a/xbc/c", "a/xb/c"], &["a/xb/d/c"]);
    }

    #[test]
    fn braces_are_letters_and_classes_are_those_of_git() {
        check("{a,b}", &["{a,b}"], &["a", "b"]);
        check("[!\\]]", &["a", "!"], &["]"]);
        check("[[:digit:]-]", &["1", "-"], &["a"]);
        check("[\\!]", &["!"], &["\\"]);
        check("[]a]", &["]", "a"], &["b"]);
        check("a[!b]c", &["axc"], &["abc", "a/c"]);
        check("[é]", &[], &["é", "e"]);
    }

    #[test]
    fn spaces_at_the_end_count_only_when_escaped() {
        check("a   ", &["a"], &["a "]);
        check("a\\  ", &["a "], &["a", "a  "]);
        check("a\t", &["a\t"], &["a"]);
        check("a\u{a0}", &["a\u{a0}"], &["a"]);
    }

    #[test]
    fn what_makes_no_rule_says_why() {
        let check = |line: &str, expected| assert_eq!(fits(line, "a", false), Err(expected), "`{line}`");
        for line in ["", "#a", " ", "/", "!", "!/", "//"] {
            check(line, NoRule::SaysNothing);
        }
        for line in ["[a", "a\\", "[[:nonsense:]]", "a//", "**//", "[[:", "[\\"] {
            check(line, NoRule::Malformed);
        }
        check(&"?".repeat(5_000), NoRule::LongerThanPaths);
        check(&format!("{}a", "*a".repeat(5_000)), NoRule::LongerThanPaths);
    }

    #[test]
    fn letters_in_both_cases_but_for_what_git_does_not_fold() {
        let check = |line, path, expected| assert_eq!(fits(line, path, true), Ok(expected), "`{line}`");
        check("Ab*", "aBC", true);
        check("[A-C]x", "bX", true);
        check("[[:upper:]]", "a", true);
        check("\\A", "a", false);
        check("[A]", "a", false);
    }

    /// What the two places to come back to must find, told by trying all.
    fn oracle(program: &[u8], text: &[u8]) -> bool {
        match *program {
            [] => text.is_empty(),
            [OPERATOR, RUN, ref rest @ ..] => {
                let most = text.iter().position(|&byte| byte == b'/').unwrap_or(text.len());
                (0..=most).any(|taken| oracle(rest, &text[taken..]))
            }
            [OPERATOR, RUN_OVER, ref rest @ ..] => (0..=text.len()).any(|taken| oracle(rest, &text[taken..])),
            [OPERATOR, FOLDERS, ref rest @ ..] => {
                let ends = (0..text.len()).filter(|&at| text[at] == b'/').map(|at| at + 1);
                std::iter::once(0).chain(ends).any(|taken| oracle(rest, &text[taken..]))
            }
            _ => one(program, text.first()).is_some_and(|length| oracle(&program[length..], &text[1..])),
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(5_000))]
        #[test]
        fn a_program_matches_what_trying_everything_matches(
            line in "([ab/*]|\\*\\*/|\\?|\\[ab\\]){1,9}",
            path in "[ab]{1,3}(/[ab]{1,3}){0,4}",
        ) {
            let mut program = Vec::new();
            if compile(line.as_bytes(), false, &mut program).is_ok() {
                let found = matches(&program, path.as_bytes(), &mut 0, u64::MAX);
                proptest::prop_assert_eq!(found, oracle(&program, path.as_bytes()));
            }
        }
    }

    #[test]
    fn a_line_of_megabytes_takes_no_time() {
        let hostile = ["*a", "[:", "[[:", "?", "**/", "*", "[a]", " ", "\\ ", "**/*/"];
        let began = std::time::Instant::now();
        let lines = hostile.map(|piece| (piece, piece.repeat(3_000_000 / piece.len())));
        let quadratic = ("[[:x]", format!("[{}x]", "[:".repeat(1_500_000)));
        for (piece, line) in lines.into_iter().chain([quadratic]) {
            let mut program = Vec::new();
            if compile(line.as_bytes(), false, &mut program).is_ok() {
                let mut steps = 0;
                matches(&program, "a/".repeat(2_000).as_bytes(), &mut steps, u64::MAX);
                assert!(steps < 100_000, "`{piece}`: {steps} steps");
            }
            assert!(program.len() < 400_000, "`{piece}`: {} bytes", program.len());
        }
        assert!(began.elapsed().as_secs() < 10, "{:?}", began.elapsed());
    }
}
