//! What a text says about a repository: paths, lines, names, commands, links. Read
//! off its code spans, shell blocks, links and plain words; pure.
//!
//! Not here: whether it is true.

use std::ops::Range;

use super::blocks::{Blocks, LineKind, Markup};

/// One thing that a text says is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextClaim {
    pub kind: ClaimKind,
    /// Where it stands, from 1.
    pub line: u32,
    /// Bytes of the text that say it; for a path, those of the path alone.
    pub at: Range<usize>,
}

/// What is claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClaimKind {
    /// A path, with a line or a declaration in it.
    Path { path: String, part: PathPart, in_code: bool },
    /// Where a Markdown link leads, relative to the text.
    Link(String),
    /// A whole URL.
    Url(String),
    /// A name in code, and whether it stands as a call.
    Name { name: String, is_call: bool },
    /// A line for a shell, and the folder that a line above went to.
    Command { line: String, folder: String },
}

/// What is claimed to be in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathPart {
    Whole,
    /// The last line that is named.
    Line(u32),
    Symbol(String),
}

/// Characters of a claim.
const LONGEST: usize = 200;

/// Everything that a text claims, by lines, and its blocks that are no commands,
/// whose names are its own.
pub fn claims(text: &str, markup: Markup) -> (Vec<TextClaim>, String) {
    let (lines, found, own) = (line_starts(text), Vec::new(), String::new());
    let mut reader = ClaimReader { text, markup, lines, found, own };
    let mut blocks = Blocks::new(markup);
    let mut shell: Option<Range<usize>> = None;
    let mut in_comment = false;
    for (at, line) in line_ranges(text) {
        let kind = blocks.kind(line);
        if kind != LineKind::Shell {
            shell.take().into_iter().for_each(|lines| reader.shell(lines));
        }
        match kind {
            LineKind::Mark => {}
            LineKind::Shell => shell = Some(shell.map_or(at.start, |lines| lines.start)..at.end),
            LineKind::Example => reader.own.push_str(&text[at]),
            LineKind::Prose => reader.inline(at, &mut in_comment),
        }
    }
    shell.into_iter().for_each(|lines| reader.shell(lines));
    (reader.found, reader.own)
}

/// The bytes of each line, its end included, and the line.
fn line_ranges(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    let mut from = 0;
    text.split_inclusive('\n').map(move |line| {
        let at = from..from + line.len();
        from = at.end;
        (at, line)
    })
}

struct ClaimReader<'a> {
    text: &'a str,
    markup: Markup,
    /// Where each line begins.
    lines: Vec<usize>,
    found: Vec<TextClaim>,
    own: String,
}

fn line_starts(text: &str) -> Vec<usize> {
    std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect()
}

impl ClaimReader<'_> {
    fn add(&mut self, kind: ClaimKind, at: Range<usize>) {
        let line = self.lines.partition_point(|start| *start <= at.start) as u32;
        self.found.push(TextClaim { kind, line, at });
    }

    /// A line outside of blocks: its code spans and links, then the words that are
    /// left. `in_comment` tells whether a comment of HTML is open.
    fn inline(&mut self, at: Range<usize>, in_comment: &mut bool) {
        let mut words = self.text[at.clone()].as_bytes().to_vec();
        blank_comments(&mut words, in_comment);
        let mut from = 0;
        while let Some(open) = next_of(&words, b'`', from) {
            let length = words[open..].iter().take_while(|byte| **byte == b'`').count();
            let Some(close) = closing(&words, open + length, length) else { break };
            let in_link = words[..open].ends_with(b"[") && words[close + length..].starts_with(b"](");
            if self.markup == Markup::Markdown || length > 1 || has_code_role(&words[..open]) {
                self.span(at.start + open + length..at.start + close, in_link);
            }
            words[open..close + length].fill(b' ');
            from = close + length;
        }
        self.links(at.start, &mut words);
        self.prose(at.start, &words);
    }

    /// A code span: a path, a command or a name.
    fn span(&mut self, at: Range<usize>, in_link: bool) {
        let whole = &self.text[at.clone()];
        let inner = whole.trim();
        if inner.len() > LONGEST || inner.is_empty() {
            return;
        }
        let start = at.start + whole.find(inner).unwrap_or(0);
        if inner.contains(' ') {
            self.command(inner, "", start..start + inner.len());
            return;
        }
        if let Some((path, part, length)) = path_of(inner) {
            self.add(ClaimKind::Path { path, part, in_code: true }, start..start + length);
        } else if let Some((name, is_call)) = name_of(inner).filter(|_| !in_link) {
            self.add(ClaimKind::Name { name, is_call }, start..start + inner.len());
        }
    }

    /// Words of a line; what was read of it already is blank.
    fn prose(&mut self, start: usize, words: &[u8]) {
        let is_end = |byte: &u8| byte.is_ascii_whitespace() || b"()\"|,;<>".contains(byte);
        let mut from = 0;
        for word in words.split(is_end) {
            let begin = start + from;
            from += word.len() + 1;
            let Ok(word) = std::str::from_utf8(word) else { continue };
            let tail = word.trim_start_matches(['\'', '*', '[', '_']);
            let begin = begin + (word.len() - tail.len());
            let word = tail.trim_end_matches(['.', ':', '!', '?', '\'', '*', ']', '_']);
            let is_path = word.len() <= LONGEST && word.contains('/');
            if word.starts_with("https://") {
                self.add(ClaimKind::Url(word.to_string()), begin..begin + word.len());
            } else if let Some((path, part, length)) = Some(word).filter(|_| is_path).and_then(path_of) {
                self.add(ClaimKind::Path { path, part, in_code: false }, begin..begin + length);
            }
        }
    }

    /// `[text](target)`, and `[name]: target` at the beginning of a line; their
    /// targets are blank afterwards.
    fn links(&mut self, start: usize, words: &mut [u8]) {
        let mut from = 0;
        while let Some(open) = words[from..].windows(2).position(|pair| pair == b"](").map(|at| from + at + 2)
        {
            let Some(close) = next_of(words, b')', open) else { break };
            self.target(start, open..close, words);
            words[open..close].fill(b' ');
            from = close;
        }
        let is_definition = words.starts_with(b"[") && !words.starts_with(b"[^");
        let colon = words.windows(3).position(|three| three == b"]: ").filter(|_| is_definition);
        if let Some(open) = colon.map(|at| at + 3) {
            self.target(start, open..words.len(), words);
            words[open..].fill(b' ');
        }
    }

    fn target(&mut self, start: usize, at: Range<usize>, words: &[u8]) {
        let Ok(whole) = std::str::from_utf8(&words[at.clone()]) else { return };
        let target = whole.split_whitespace().next().unwrap_or_default();
        let begin = start + at.start + whole.find(target).unwrap_or(0);
        if target.starts_with("https://") || target.starts_with("http://") {
            self.add(ClaimKind::Url(target.to_string()), begin..begin + target.len());
        } else if !target.is_empty() && !target.contains("://") && target.len() <= LONGEST {
            let path = target.split(['#', '?']).next().unwrap_or(target).len();
            self.add(ClaimKind::Link(target.to_string()), begin..begin + path);
        }
    }

    /// Lines of a shell block; `cd` holds for the lines below it.
    fn shell(&mut self, at: Range<usize>) {
        let text = self.text;
        let mut folder = String::new();
        for line in text[at].lines() {
            let start = line.as_ptr() as usize - text.as_ptr() as usize;
            let is_prompt = line.trim_start().starts_with(['$', '%', '>']);
            let command = line.trim_start().trim_start_matches(['$', '%', '>']).trim();
            if command.is_empty() || command.starts_with('#') || (!is_prompt && command.len() > LONGEST) {
                continue;
            }
            if let Some(to) = command.strip_prefix("cd ").filter(|to| !to.contains("&&")) {
                folder = format!("{folder}/{}", to.trim().trim_end_matches('/'))
                    .trim_start_matches('/')
                    .to_string();
                continue;
            }
            let start = start + line.find(command).unwrap_or(0);
            self.command(command, &folder, start..start + command.len());
        }
    }

    fn command(&mut self, line: &str, folder: &str, at: Range<usize>) {
        let mut folder = folder.to_string();
        for part in line.split("&&").flat_map(|part| part.split([';', '|'])) {
            let part = part.trim();
            let part = part.split(" #").next().unwrap_or(part).trim();
            if let Some(to) = part.strip_prefix("cd ") {
                folder = format!("{folder}/{}", to.trim().trim_end_matches('/'))
                    .trim_start_matches('/')
                    .to_string();
            } else if !part.is_empty() {
                self.add(ClaimKind::Command { line: part.to_string(), folder: folder.clone() }, at.clone());
            }
        }
    }
}

/// Whether the text in front of a mark of reStructuredText says that what follows is code of the
/// project: single marks are anything else, such as the name of another package.
fn has_code_role(before: &[u8]) -> bool {
    let Some(text) = std::str::from_utf8(before).ok().and_then(|text| text.strip_suffix(':')) else {
        return false;
    };
    let role = text.rsplit([':', ' ']).next().unwrap_or_default();
    matches!(role, "attr" | "class" | "exc" | "file" | "func" | "meth" | "mod" | "obj")
}

fn next_of(bytes: &[u8], wanted: u8, from: usize) -> Option<usize> {
    bytes.get(from..)?.iter().position(|byte| *byte == wanted).map(|at| from + at)
}

/// Where a run of just so many backticks begins.
fn closing(bytes: &[u8], from: usize, length: usize) -> Option<usize> {
    let mut at = from;
    while let Some(open) = next_of(bytes, b'`', at) {
        let run = bytes[open..].iter().take_while(|byte| **byte == b'`').count();
        if run == length {
            return Some(open);
        }
        at = open + run;
    }
    None
}

/// Blanks the comments of HTML in a line.
fn blank_comments(line: &mut [u8], is_open: &mut bool) {
    let find = |line: &[u8], mark: &[u8], from: usize| {
        line.get(from..)?.windows(mark.len()).position(|found| found == mark).map(|at| from + at)
    };
    let mut from = 0;
    loop {
        if !*is_open {
            let Some(open) = find(line, b"<!--", from) else { return };
            (*is_open, from) = (true, open);
        }
        match find(line, b"-->", from) {
            Some(end) => {
                line[from..end + 3].fill(b' ');
                (*is_open, from) = (false, end + 3);
            }
            None => return line[from..].fill(b' '),
        }
    }
}

/// A word as a path: with a slash and nothing but the characters of paths, and
/// how many bytes of the word it is.
fn path_of(word: &str) -> Option<(String, PathPart, usize)> {
    let (path, part) = split_part(word);
    let is_plain = |c: char| c.is_alphanumeric() || "._-+@/".contains(c);
    let fits = path.contains('/')
        && path.chars().all(is_plain)
        && !path.starts_with(['/', '-', '@', '+'])
        && !path.contains("//")
        && path.chars().any(char::is_alphabetic)
        && !path.split('/').any(|part| part == "...");
    fits.then(|| (path.to_string(), part, path.len()))
}

/// `a.rs:10-20`, `a.rs:10:2`, `a.rs#L10`, `a.rs#name`, `a.rs::name`
fn split_part(word: &str) -> (&str, PathPart) {
    if let Some((path, name)) = word.split_once("::").filter(|(path, _)| path.contains('.')) {
        return (path, PathPart::Symbol(name.trim_end_matches("()").replace("::", ".")));
    }
    if let Some((path, part)) = word.split_once('#') {
        let line = part
            .strip_prefix('L')
            .map(|rest| rest.rsplit("-L").next().unwrap_or(rest))
            .and_then(|n| n.parse().ok());
        let is_name = part.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.')) && !part.is_empty();
        return match line {
            Some(line) => (path, PathPart::Line(line)),
            None if is_name && !path.ends_with(".md") => (path, PathPart::Symbol(part.to_string())),
            None => (path, PathPart::Whole),
        };
    }
    let Some((path, rest)) = word.split_once(':') else { return (word, PathPart::Whole) };
    let number = |text: &str| text.parse::<u32>().ok();
    let first = rest.split([':', ',']).next().unwrap_or_default();
    let last = first.rsplit('-').next().and_then(number);
    match last {
        Some(line) => (path, PathPart::Line(line)),
        None => (path, PathPart::Whole),
    }
}

/// A word as a name in code.
fn name_of(word: &str) -> Option<(String, bool)> {
    let is_call = word.ends_with("()");
    let name = word.trim_end_matches("()").trim_start_matches(['&', '*']).trim_end_matches('!');
    let is_part = |part: &str| {
        let mut chars = part.chars();
        chars.next().is_some_and(|c| c.is_alphabetic() || c == '_')
            && chars.all(|c| c.is_alphanumeric() || c == '_')
    };
    let plain = name.replace("::", ".").replace('#', ".");
    let fits = !plain.is_empty() && plain.is_ascii() && plain.split('.').all(is_part);
    fits.then_some((plain, is_call))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let told = |claim: &TextClaim| {
            let kind = match &claim.kind {
                ClaimKind::Path { path, part: PathPart::Whole, .. } => format!("path {path}"),
                ClaimKind::Path { path, part: PathPart::Line(line), .. } => {
                    format!("path {path} line {line}")
                }
                ClaimKind::Path { path, part: PathPart::Symbol(name), .. } => {
                    format!("path {path} symbol {name}")
                }
                ClaimKind::Link(target) => format!("link {target}"),
                ClaimKind::Url(url) => format!("url {url}"),
                ClaimKind::Name { name, is_call } => format!("name {name} {is_call}"),
                ClaimKind::Command { line, folder } => format!("command {folder}:{line}"),
            };
            format!("{}: {kind} = {}", claim.line, &text[claim.at.clone()])
        };
        assert_eq!(claims(text, Markup::Markdown).0.iter().map(told).collect::<Vec<_>>(), expected, "{text}");
    }

    #[test]
    fn what_a_text_claims_is_read_off_it() {
        check(
            "See `src/a.rs:10-20`\nand src/b.rs.",
            &["1: path src/a.rs line 20 = src/a.rs", "2: path src/b.rs = src/b.rs"],
        );
        check(
            "`src/a.rs#open`, `src/a.py::Test::one`",
            &["1: path src/a.rs symbol open = src/a.rs", "1: path src/a.py symbol Test.one = src/a.py"],
        );
        check(
            "`Session::open()` and `max_count`",
            &["1: name Session.open true = Session::open()", "1: name max_count false = max_count"],
        );
        check("[the guide](docs/guide.md#top)", &["1: link docs/guide.md#top = docs/guide.md"]);
        check(
            "```sh\n$ cd web\n$ npm run dev && make x\n# no\n```\n",
            &[
                "3: command web:npm run dev = npm run dev && make x",
                "3: command web:make x = npm run dev && make x",
            ],
        );
        check("```python\nopen('src/x.py')\n```\n", &[]);
        check(
            "and/or `a` `--flag` `/etc/passwd` `@scope/name` `a//b` https://e.org/a/b",
            &[
                "1: name a false = a",
                "1: path and/or = and/or",
                "1: url https://e.org/a/b = https://e.org/a/b",
            ],
        );
    }
}
