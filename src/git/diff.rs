//! Reading a unified diff, git's or anybody's: files, and the lines that were
//! replaced.
//!
//! Not here: what the lines mean, and redaction. Whoever keeps or shows a line
//! redacts it first.

use super::head::is_oid;
use crate::model::{DiffStatus, RelPath};

/// A file of a diff, its lines as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawDiff {
    /// Names below the root; `None` where the side has no file, or one that is no
    /// [`RelPath`].
    pub old: Option<RelPath>,
    pub new: Option<RelPath>,
    /// Object id in hex of what it was.
    pub before: Option<String>,
    pub hunks: Vec<RawHunk>,
}

/// Lines that were replaced by others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawHunk {
    pub old_line: u32,
    pub new_line: u32,
    pub removed: Vec<String>,
    pub added: Vec<String>,
}

impl RawDiff {
    /// What became of the file.
    pub fn status(&self) -> DiffStatus {
        match (&self.old, &self.new) {
            (None, _) => DiffStatus::Added,
            (_, None) => DiffStatus::Deleted,
            (Some(old), Some(new)) if old != new => DiffStatus::Renamed,
            _ => DiffStatus::Modified,
        }
    }
}

/// Reads a diff: git's with its headers, or the `---` and `+++` of any other
/// program. Lines around the changes are left out; what is no diff gives no file.
pub fn parse(text: &str) -> Vec<RawDiff> {
    let mut reader = DiffReader::default();
    for line in text.split_terminator('\n') {
        reader.line(line);
    }
    reader.finish()
}

#[derive(Default)]
struct DiffReader {
    files: Vec<RawDiff>,
    file: Option<RawDiff>,
    /// Whether a `diff --git` line began it, so that `---` begins no other.
    is_git: bool,
    /// Lines of the hunk that are still to come, before and now.
    left: (u32, u32),
    /// The next line on either side.
    at: (u32, u32),
    hunk: RawHunk,
}

impl DiffReader {
    fn line(&mut self, line: &str) {
        if self.left != (0, 0) && self.in_hunk(line) {
            return;
        }
        if let Some(rest) = line.strip_prefix("diff --git ") {
            self.begin(true);
            let (old, new) = git_names(rest);
            self.set(|file| (file.old, file.new) = (old, new));
        } else if let Some(rest) = line.strip_prefix("--- ") {
            if !self.is_git || self.file.is_none() {
                self.begin(false);
            }
            self.set(|file| file.old = name(rest, "a/"));
        } else if let Some(rest) = line.strip_prefix("+++ ") {
            self.set(|file| file.new = name(rest, "b/"));
        } else if line.starts_with("@@ ") {
            self.begin_hunk(line);
        } else {
            self.header(line);
        }
    }

    /// A line between `diff --git` and the first hunk.
    fn header(&mut self, line: &str) {
        let whole = |rest: &str| RelPath::new(&unquoted(rest));
        if line.starts_with("new file mode") {
            self.set(|file| file.old = None);
        } else if line.starts_with("deleted file mode") {
            self.set(|file| file.new = None);
        } else if let Some(rest) = line.strip_prefix("rename from ") {
            self.set(|file| file.old = whole(rest));
        } else if let Some(rest) = line.strip_prefix("rename to ") {
            self.set(|file| file.new = whole(rest));
        } else if let Some(rest) = line.strip_prefix("index ") {
            let before = rest.split("..").next().unwrap_or_default();
            let is_there = is_oid(before) && before.bytes().any(|byte| byte != b'0');
            self.set(|file| file.before = is_there.then(|| before.to_string()));
        }
    }

    fn begin(&mut self, is_git: bool) {
        self.end();
        (self.file, self.is_git) = (Some(RawDiff::default()), is_git);
    }

    fn set(&mut self, change: impl FnOnce(&mut RawDiff)) {
        if let Some(file) = &mut self.file {
            change(file);
        }
    }

    /// `@@ -10,2 +11,3 @@ where it stands`
    fn begin_hunk(&mut self, line: &str) {
        self.end_hunk();
        let mut parts = line.split(' ').skip(1);
        let (old, new) =
            (parts.next().and_then(|part| range(part, '-')), parts.next().and_then(|part| range(part, '+')));
        if let (Some(old), Some(new)) = (old, new) {
            self.left = (old.1, new.1);
            // Where a side has no lines, the line above is named.
            let next = |(first, lines): (u32, u32)| first.saturating_add(u32::from(lines == 0));
            self.at = (next(old), next(new));
        }
    }

    /// Whether the line belongs to the hunk.
    fn in_hunk(&mut self, line: &str) -> bool {
        match line.as_bytes().first() {
            Some(b'-') if self.left.0 > 0 => {
                self.begin_change();
                self.hunk.removed.push(content(line));
                (self.left.0, self.at.0) = (self.left.0 - 1, self.at.0 + 1);
            }
            Some(b'+') if self.left.1 > 0 => {
                self.begin_change();
                self.hunk.added.push(content(line));
                (self.left.1, self.at.1) = (self.left.1 - 1, self.at.1 + 1);
            }
            Some(b' ') | None => {
                self.end_hunk();
                self.left = (self.left.0.saturating_sub(1), self.left.1.saturating_sub(1));
                self.at = (self.at.0 + 1, self.at.1 + 1);
            }
            Some(b'\\') => {}
            _ => {
                self.left = (0, 0);
                return false;
            }
        }
        true
    }

    fn begin_change(&mut self) {
        if self.hunk.removed.is_empty() && self.hunk.added.is_empty() {
            (self.hunk.old_line, self.hunk.new_line) = self.at;
        }
    }

    fn end_hunk(&mut self) {
        let mut hunk = std::mem::take(&mut self.hunk);
        hunk.old_line = hunk.old_line.saturating_sub(u32::from(hunk.removed.is_empty()));
        hunk.new_line = hunk.new_line.saturating_sub(u32::from(hunk.added.is_empty()));
        if !(hunk.removed.is_empty() && hunk.added.is_empty()) {
            self.set(|file| file.hunks.push(hunk));
        }
    }

    fn end(&mut self) {
        self.end_hunk();
        self.left = (0, 0);
        self.files.extend(self.file.take().filter(|file| file.old.is_some() || file.new.is_some()));
    }

    fn finish(mut self) -> Vec<RawDiff> {
        self.end();
        self.files
    }
}

fn content(line: &str) -> String {
    line[1..].trim_end_matches('\r').to_string()
}

/// `-10,2`: the first line and how many.
fn range(part: &str, sign: char) -> Option<(u32, u32)> {
    let part = part.strip_prefix(sign)?;
    let (first, lines) = part.split_once(',').unwrap_or((part, "1"));
    Some((first.parse().ok()?, lines.parse().ok()?))
}

/// What stands behind `---` or `+++`: a name without its prefix and without the
/// time that other programs put behind a tab.
fn name(rest: &str, prefix: &str) -> Option<RelPath> {
    let name = unquoted(rest.split('\t').next().unwrap_or(rest));
    if name == "/dev/null" {
        return None;
    }
    RelPath::new(name.strip_prefix(prefix).unwrap_or(&name).trim_start_matches("./"))
}

/// The two names of `diff --git a/x b/x`, which say something only where no other
/// line does: both are the same then.
fn git_names(rest: &str) -> (Option<RelPath>, Option<RelPath>) {
    let middle = rest.len() / 2;
    let halves = (rest.get(..middle), rest.get(middle + 1..));
    let (Some(old), Some(new)) = halves else { return (None, None) };
    match (name(old, "a/"), name(new, "b/")) {
        (Some(old), Some(new)) if old == new => (Some(old), Some(new)),
        _ => (None, None),
    }
}

/// A name in quotes with its escapes read, as git writes one with odd characters.
fn unquoted(name: &str) -> String {
    let Some(inner) = name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return name.to_string();
    };
    let (mut bytes, mut rest) = (Vec::new(), inner.as_bytes());
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        let octal = rest.get(..3).and_then(|digits| std::str::from_utf8(digits).ok());
        match (octal.and_then(|digits| u8::from_str_radix(digits, 8).ok()), rest.first()) {
            (Some(value), _) => {
                bytes.push(value);
                rest = &rest[3..];
            }
            (None, Some(escape)) => {
                bytes.push(match escape {
                    b't' => b'\t',
                    b'n' => b'\n',
                    b'r' => b'\r',
                    other => *other,
                });
                rest = &rest[1..];
            }
            (None, None) => {}
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let name = |path: &Option<RelPath>| path.as_ref().map_or("-".to_string(), RelPath::to_string);
        let told = |file: &RawDiff| {
            let hunks = file.hunks.iter().map(|hunk| {
                format!(" {}:{:?} {}:{:?}", hunk.old_line, hunk.removed, hunk.new_line, hunk.added)
            });
            format!("{} {}{}", name(&file.old), name(&file.new), hunks.collect::<String>())
        };
        assert_eq!(parse(text).iter().map(told).collect::<Vec<_>>(), expected, "{text}");
    }

    #[test]
    fn a_diff_of_git_names_files_and_lines() {
        check(
            "diff --git a/a.rs b/a.rs\nindex 1..2 100644\n--- a/a.rs\n+++ b/a.rs\n@@ -3 +3,2 @@ fn a()\n-old\n+new\n+more\n@@ -9,2 +10,0 @@\n-x\n--- y\n",
            &["a.rs a.rs 3:[\"old\"] 3:[\"new\", \"more\"] 9:[\"x\", \"-- y\"] 10:[]"],
        );
        check(
            "diff --git a/x y b/x y\nnew file mode 100644\nindex 0..1\n--- /dev/null\n+++ b/x y\n@@ -0,0 +1 @@\n+a\n\\ No newline at end of file\n",
            &["- x y 0:[] 1:[\"a\"]"],
        );
        check("diff --git a/a b/b\nsimilarity index 100%\nrename from a\nrename to b\n", &["a b"]);
        check(
            "diff --git a/p.png b/p.png\nindex 1..2\nBinary files a/p.png and b/p.png differ\n",
            &["p.png p.png"],
        );
        check("diff --git a/gone b/gone\ndeleted file mode 100644\n", &["gone -"]);
        check(
            "diff --git \"a/\\303\\244.rs\" \"b/\\303\\244.rs\"\n--- \"a/\\303\\244.rs\"\n+++ \"b/\\303\\244.rs\"\n@@ -1 +1 @@\n-a\n+b\n",
            &["ä.rs ä.rs 1:[\"a\"] 1:[\"b\"]"],
        );
    }

    #[test]
    fn a_diff_of_another_program_has_lines_around_and_times() {
        check(
            "--- a.c\t2024-01-01 00:00:00\n+++ a.c\t2024-01-02\n@@ -1,4 +1,4 @@\n one\n-two\n+2\n three\n-four\n+4\n--- b.c\n+++ b.c\n@@ -1 +1 @@\n-x\n+y\n",
            &["a.c a.c 2:[\"two\"] 2:[\"2\"] 4:[\"four\"] 4:[\"4\"]", "b.c b.c 1:[\"x\"] 1:[\"y\"]"],
        );
        check("no diff\n", &[]);
        check("--- ../../etc/passwd\n+++ ../../etc/passwd\n@@ -1 +1 @@\n-x\n+y\n", &[]);
        check("@@ -1 +1 @@\n-x\n", &[]);
    }
}
