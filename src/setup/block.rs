//! Lines of ours between two marks, in a file that people write: Markdown or a
//! shell script.
//!
//! Not here: what the lines say.

use serde::{Deserialize, Serialize};

use super::text::{gap, line_at, lines, with_ends_of};
use super::{Put, Refusal};

/// How a mark is spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Marks {
    Markdown,
    /// A comment of a shell, and of git's own files.
    Shell,
    /// The same in a script, which begins with a `#!` line if it does not exist
    /// yet.
    Script,
}

impl Marks {
    /// The lines around a block; of the first one only the beginning counts.
    fn lines(self) -> [&'static str; 3] {
        match self {
            Self::Markdown => ["<!-- waypost:begin", " v1 -->", "<!-- waypost:end -->"],
            Self::Shell | Self::Script => ["# waypost:begin", "", "# waypost:end"],
        }
    }

    /// The marks around `body`, which ends with a line break or is empty.
    pub fn around(self, body: &str) -> String {
        let [begin, rest, end] = self.lines();
        format!("{begin}{rest}\n{body}{end}\n")
    }
}

/// Puts the block at the end, or in the place of an older one.
pub fn put(text: &str, marks: Marks, body: &str) -> Result<Put, Refusal> {
    let block = with_ends_of(&marks.around(body), text);
    let Some((start, end)) = find(text, marks)? else {
        let blank = marks == Marks::Markdown;
        let text = if marks == Marks::Script && text.trim().is_empty() { SHELL } else { text };
        let made = format!("{text}{}{block}", gap(text, blank));
        return match find(&made, marks)? {
            Some(_) => Ok(Put::New { text: made, created: 0 }),
            None => Err(Refusal::at(made.lines().count(), "a fence is open at its end")),
        };
    };
    let made = format!("{}{}{}", &text[..start], fitting(&block, &text[start..end]), &text[end..]);
    Ok(if made == text { Put::Present } else { Put::New { text: made, created: 0 } })
}

/// What a script of ours begins with.
pub const SHELL: &str = "#!/bin/sh\n";

/// At the end of a file that ends without a line end, so does the block.
fn fitting<'a>(block: &'a str, old: &str) -> &'a str {
    if old.ends_with('\n') { block } else { block.trim_end() }
}

/// Takes the block out, with the blank line before it.
pub fn take(text: &str, marks: Marks) -> Result<Option<String>, Refusal> {
    let Some((start, end)) = find(text, marks)? else { return Ok(None) };
    let (mut before, after) = (&text[..start], &text[end..]);
    let ends = ["\r\n\r\n", "\n\n"].into_iter().find(|ends| before.ends_with(ends));
    if let Some(ends) = ends.filter(|_| marks == Marks::Markdown) {
        before = &before[..before.len() - ends.len() / 2];
    }
    Ok(Some(format!("{before}{after}")))
}

/// Where the block stands. What stands in a fence of Markdown is an example.
fn find(text: &str, marks: Marks) -> Result<Option<(usize, usize)>, Refusal> {
    let [begin, _, end] = marks.lines();
    let (mut found, mut open, mut fence) = (None, None, None::<&str>);
    for (at, line) in lines(text) {
        let bare = line.trim();
        let tick = ["```", "~~~"].into_iter().find(|tick| bare.starts_with(tick));
        if marks == Marks::Markdown && tick.is_some() && fence.is_none_or(|fence| Some(fence) == tick) {
            fence = if fence.is_some() { None } else { tick };
        } else if fence.is_some() {
        } else if bare.starts_with(begin) {
            if open.is_some() || found.is_some() {
                return Err(Refusal::at(line_at(text, at), "a second block of ours begins here"));
            }
            open = Some(at);
        } else if bare == end {
            let Some(start) = open.take() else {
                return Err(Refusal::at(line_at(text, at), "the end of a block of ours, and no beginning"));
            };
            found = Some((start, at + line.len()));
        }
    }
    match open {
        Some(start) => {
            Err(Refusal::at(line_at(text, start), "the block of ours that begins here has no end"))
        }
        None => Ok(found),
    }
}

/// Whether there is a block, whole or not.
pub fn is_there(text: &str, marks: Marks) -> bool {
    !matches!(find(text, marks), Ok(None))
}
