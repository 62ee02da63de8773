//! A Markdown note as front matter, headings and lines: as much structure as
//! metadata is read off. Code and comments hold none.
//!
//! Not here: what a field means, and Markdown as a whole.

use std::borrow::Cow;

/// A note, cut into lines.
pub struct Note<'a> {
    /// Keys in lower case with their values, top-level ones first.
    pub matter: Vec<(String, String)>,
    /// Everything below the front matter.
    pub text: &'a str,
    pub lines: Vec<NoteLine<'a>>,
}

/// One line of a note, with what the lines before make of it.
pub struct NoteLine<'a> {
    /// Where it begins.
    start: usize,
    /// Without comments.
    pub text: Cow<'a, str>,
    pub heading: Option<Heading>,
    pub in_code: bool,
}

/// A heading without its marks; `level` counts from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    pub level: usize,
    pub title: String,
}

impl<'a> Note<'a> {
    /// Splits a text into its front matter and lines.
    pub fn of(text: &'a str) -> Self {
        let (matter, text) = front_matter(text);
        Self { matter: matter.map(pairs).unwrap_or_default(), text, lines: lines(text) }
    }

    /// The value of the first of these keys in the front matter.
    pub fn matter(&self, keys: &[&str]) -> Option<&str> {
        let of = |key: &&str| self.matter.iter().find(|(known, _)| known == key);
        keys.iter().find_map(of).map(|(_, value)| value.as_str())
    }

    /// The text of some lines, code and all.
    pub fn body(&self, first: usize, end: usize) -> String {
        let start = |at: usize| self.lines.get(at).map_or(self.text.len(), |line| line.start);
        self.text[start(first)..start(end.max(first))].trim().to_string()
    }

    /// Some lines without code and comments.
    pub fn prose(&self, first: usize, end: usize) -> Vec<&str> {
        let lines = &self.lines[first.min(self.lines.len())..end.min(self.lines.len())];
        lines.iter().filter(|line| !line.in_code).map(|line| line.text.as_ref()).collect()
    }

    /// The first heading of the first level, or the first heading of all where
    /// it comes before everything else.
    pub fn title(&self) -> Option<&str> {
        let of_first_level =
            self.lines.iter().filter_map(|line| line.heading.as_ref()).find(|heading| heading.level == 1);
        let first = self.lines.iter().find(|line| !line.text.trim().is_empty());
        of_first_level.or_else(|| first?.heading.as_ref()).map(|heading| heading.title.as_str())
    }
}

/// Front matter in YAML or TOML, and the text below it.
pub fn front_matter(text: &str) -> (Option<&str>, &str) {
    for fence in ["---", "+++"] {
        let Some(rest) = text.strip_prefix(fence).and_then(|rest| rest.strip_prefix('\n')) else { continue };
        let mut at = 0;
        for line in rest.split_inclusive('\n') {
            let is_end = line.trim_end() == fence || fence == "---" && line.trim_end() == "...";
            if is_end && is_matter(&rest[..at]) {
                return (Some(&rest[..at]), &rest[at + line.len()..]);
            }
            if is_end {
                break;
            }
            at += line.len();
        }
    }
    (None, text)
}

/// Whether what stands between two rules is data: its first line has a key.
fn is_matter(text: &str) -> bool {
    let first = text.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#'));
    first.is_none_or(|line| key_of(line).is_some())
}

/// The key of a line `key: value` or `key = value`, and the value.
fn key_of(line: &str) -> Option<(String, &str)> {
    let at = line.find([':', '='])?;
    let key = line[..at].trim().trim_matches(['"', '\'']);
    let is_key = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | ' ' | '.');
    let value = &line[at + 1..];
    let fits = !key.is_empty() && key.len() <= 60 && key.chars().all(is_key);
    (fits && (value.is_empty() || value.starts_with(char::is_whitespace)))
        .then(|| (key.to_lowercase(), value))
}

/// The keys of front matter with their values; lists and texts of several lines
/// in one line. Those of inner levels come after all others.
fn pairs(matter: &str) -> Vec<(String, String)> {
    let (mut outer, mut inner) = (Vec::<(String, String)>::new(), Vec::new());
    for line in matter.lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#')) {
        let is_inner = line.starts_with([' ', '\t', '-']);
        match key_of(line.trim_start().trim_start_matches("- ")) {
            Some((key, value)) if is_inner => inner.push((key, scalar(value))),
            Some((key, value)) => outer.push((key, scalar(value))),
            None => {
                if let Some((_, value)) = outer.last_mut() {
                    let more = scalar(line.trim().trim_start_matches("- "));
                    value.push_str(if value.is_empty() { "" } else { ", " });
                    value.push_str(&more);
                }
            }
        }
    }
    outer.extend(inner);
    outer
}

/// A YAML or TOML value on one line, without quotes and comment.
fn scalar(text: &str) -> String {
    let text = text.trim();
    for quote in ['"', '\''] {
        if let Some((inside, _)) = text.strip_prefix(quote).and_then(|rest| rest.rsplit_once(quote)) {
            return inside.trim().to_string();
        }
    }
    let text = if text.starts_with('#') { "" } else { text.split(" #").next().unwrap_or_default() };
    if matches!(text, "|" | ">" | "|-" | ">-" | "~" | "null") {
        return String::new();
    }
    text.trim().to_string()
}

fn lines(text: &str) -> Vec<NoteLine<'_>> {
    let (mut fence, mut in_comment): (Option<&str>, bool) = (None, false);
    let mut lines: Vec<NoteLine> = Vec::new();
    for raw in text.lines() {
        let start = raw.as_ptr() as usize - text.as_ptr() as usize;
        let mark = fence_of(raw);
        let in_code = fence.is_some() || mark.is_some() && !in_comment;
        if in_code {
            fence = match (fence, mark) {
                (None, opened) => opened,
                (Some(open), Some(mark)) if mark.starts_with(open) && raw.trim() == mark => None,
                (open, _) => open,
            };
            lines.push(NoteLine { start, text: Cow::Borrowed(raw), heading: None, in_code });
            continue;
        }
        let text = without_comments(raw, &mut in_comment);
        let heading = atx(&text);
        // A line of `=` or `-` below a paragraph of one line makes it a heading.
        if let Some(level) = underline(&text) {
            let is_first = lines.len() < 2 || lines[lines.len() - 2].text.trim().is_empty();
            if let Some(above) = lines.last_mut().filter(|above| is_first && is_paragraph(above)) {
                above.heading = Some(Heading { level, title: above.text.trim().to_string() });
                lines.push(NoteLine { start, text: Cow::Borrowed(""), heading: None, in_code: false });
                continue;
            }
        }
        lines.push(NoteLine { start, text, heading, in_code: false });
    }
    lines
}

/// The run of backticks or tildes that a fence of code begins with.
fn fence_of(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let end = line.find(|c| c != mark).unwrap_or(line.len());
    (end >= 3 && !line[end..].contains('`')).then(|| &line[..end])
}

fn without_comments<'a>(line: &'a str, in_comment: &mut bool) -> Cow<'a, str> {
    if !*in_comment && !line.contains("<!--") {
        return Cow::Borrowed(line);
    }
    let (mut out, mut rest) = (String::new(), line);
    loop {
        let (mark, is_end) = if *in_comment { ("-->", true) } else { ("<!--", false) };
        let Some((before, after)) = rest.split_once(mark) else { break };
        if !is_end {
            out.push_str(before);
        }
        (rest, *in_comment) = (after, !is_end);
    }
    if !*in_comment {
        out.push_str(rest);
    }
    Cow::Owned(out)
}

fn atx(line: &str) -> Option<Heading> {
    let line =
        line.strip_prefix("   ").or(line.strip_prefix("  ")).or(line.strip_prefix(' ')).unwrap_or(line);
    let level = line.bytes().take_while(|byte| *byte == b'#').count();
    let rest = &line[level..];
    let is_heading = (1..=6).contains(&level) && (rest.is_empty() || rest.starts_with([' ', '\t']));
    is_heading.then(|| Heading { level, title: rest.trim().trim_end_matches('#').trim_end().to_string() })
}

fn underline(line: &str) -> Option<usize> {
    let line = line.trim_end();
    let of = |mark: char| line.len() >= 2 && line.chars().all(|c| c == mark);
    if of('=') { Some(1) } else { of('-').then_some(2) }
}

fn is_paragraph(line: &NoteLine) -> bool {
    let text = line.text.trim_end();
    let starts_block = ["- ", "* ", "+ ", "> ", "|", "    ", "\t"].iter().any(|mark| text.starts_with(mark));
    line.heading.is_none() && !line.in_code && !text.trim().is_empty() && !starts_block
}

/// Bytes of a line that are looked at: metadata stands on short ones.
const MAX_LINE: usize = 1_000;

/// A line without Markdown's marks: what is said. Text that is struck out is
/// not said any more.
pub fn plain(line: &str) -> String {
    let line = &line.replace("&nbsp;", " ");
    let line = match line.char_indices().find(|(at, _)| *at >= MAX_LINE) {
        Some((end, _)) => &line[..end],
        None => line,
    };
    let unstruck = without_struck(line);
    let linked = without_links(&unstruck);
    let untagged = without_tags(&linked);
    let chars: Vec<char> = untagged.chars().collect();
    let mut out = String::with_capacity(untagged.len());
    for (at, c) in chars.iter().enumerate() {
        let inner = |c: Option<&char>| c.is_some_and(|c| c.is_alphanumeric());
        match c {
            '*' | '`' | '\\' => {}
            '_' if !(at > 0 && inner(chars.get(at - 1)) && inner(chars.get(at + 1))) => {}
            '\u{a0}' => out.push(' '),
            c => out.push(*c),
        }
    }
    out
}

fn without_struck(line: &str) -> Cow<'_, str> {
    if line.matches("~~").count() < 2 {
        return Cow::Borrowed(line);
    }
    let parts: Vec<&str> = line.split("~~").collect();
    let is_said = |at: &usize| at.is_multiple_of(2) || parts.len().is_multiple_of(2) && at + 1 == parts.len();
    Cow::Owned((0..parts.len()).filter(is_said).map(|at| parts[at]).collect())
}

/// Links as their texts, images as what they stand for; of a badge what it says.
fn without_links(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find('[') {
        let is_image = rest[..at].ends_with('!');
        out.push_str(rest[..at].trim_end_matches('!'));
        let inside = &rest[at + 1..];
        let target = |close: &str, end: char| {
            let text_end = closing(inside, '[', ']')?;
            let after = inside[text_end + 1..].strip_prefix(close)?;
            let end = after.find(end)?;
            Some((text_end, &after[..end], text_end + 1 + close.len() + end + 1))
        };
        match target("(", ')').or_else(|| target("[", ']')) {
            Some((text_end, url, end)) => {
                out.push_str(&without_links(&inside[..text_end]));
                if is_image && let Some((_, badge)) = url.split_once("/badge/") {
                    out.push(' ');
                    out.push_str(&badge.split('-').collect::<Vec<_>>().join(" "));
                }
                rest = &inside[end..];
            }
            None => {
                out.push('[');
                rest = inside;
            }
        }
    }
    out + rest
}

/// Where a bracket that is open is closed.
fn closing(text: &str, open: char, close: char) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        if c == open {
            depth += 1;
        } else if c == close {
            if depth == 0 {
                return Some(at);
            }
            depth -= 1;
        }
    }
    None
}

/// HTML's cells become those of a table; other tags go.
fn without_tags(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        let is_tag = rest[at + 1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
        match rest[at..].find('>').filter(|_| is_tag) {
            Some(end) => {
                let name = rest[at + 1..at + end].to_ascii_lowercase();
                let is_cell = ["td", "th", "dt", "dd"].iter().any(|cell| name.starts_with(cell));
                out.push_str(if is_cell { "|" } else { " " });
                rest = &rest[at + end + 1..];
            }
            None => {
                out.push('<');
                rest = &rest[at + 1..];
            }
        }
    }
    out + rest
}

/// The cells of a line of a table; none for other lines.
pub fn cells(line: &str) -> Option<Vec<String>> {
    let line = plain(line.trim());
    let line = line.trim();
    let inside = line.strip_prefix('|')?;
    let inside = inside.strip_suffix('|').unwrap_or(inside);
    Some(inside.split('|').map(|cell| cell.trim().to_string()).collect())
}

/// Whether a line parts the head of a table from its rows.
pub fn is_rule(cells: &[String]) -> bool {
    cells.iter().all(|cell| !cell.is_empty() && cell.chars().all(|c| matches!(c, '-' | ':')))
}
