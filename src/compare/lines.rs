//! The lines of a text as a multiset, each told by a hash: what two texts have
//! in common, wherever the lines stand.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

/// Lines with how often each occurs. Indentation and blank lines do not count.
#[derive(Clone, Debug, Default)]
pub struct LineSet {
    lines: HashMap<u64, Line>,
    weight: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Line {
    count: u64,
    weight: u64,
}

impl LineSet {
    /// The lines of a text. Where a name is given, lines that differ by it alone
    /// are the same when its place is taken by another one.
    pub fn of<'a>(lines: impl IntoIterator<Item = &'a str>, name: Option<&str>) -> Self {
        let mut set = Self::default();
        for line in lines.into_iter().map(str::trim).filter(|line| !line.is_empty()) {
            match name.filter(|name| !name.is_empty() && line.contains(name)) {
                Some(name) => set.add(&line.replace(name, "\u{0}")),
                None => set.add(line),
            }
        }
        set
    }

    /// The pairs of words that stand side by side in place of whole lines, so that a
    /// small change in each line leaves most of a short text.
    pub fn of_pairs<'a>(lines: impl IntoIterator<Item = &'a str>, name: &str) -> Self {
        let mut set = Self::default();
        let mut last = "";
        for word in lines.into_iter().flat_map(words) {
            let word = if word == name { "\u{0}" } else { word };
            set.add(&format!("{last} {word}"));
            last = word;
        }
        set
    }

    /// A line weighs what it says: a closing bracket next to nothing.
    fn add(&mut self, line: &str) {
        let mut hasher = DefaultHasher::new();
        line.hash(&mut hasher);
        let weight = 1 + 4 * line.bytes().filter(u8::is_ascii_alphanumeric).count() as u64;
        let known = self.lines.entry(hasher.finish()).or_insert(Line { count: 0, weight });
        known.count += 1;
        self.weight += weight;
    }

    /// The weight of all lines.
    pub fn weight(&self) -> u64 {
        self.weight
    }

    /// The weight of the lines that both have.
    pub fn common(&self, other: &Self) -> u64 {
        let both = self.lines.iter().filter_map(|(hash, line)| Some((line, other.lines.get(hash)?)));
        both.map(|(line, other)| line.weight * line.count.min(other.count)).sum()
    }

    /// What both have in common of the heavier one, from 0 to 1.
    pub fn share(&self, other: &Self) -> f64 {
        match self.weight.max(other.weight) {
            0 => 0.0,
            most => self.common(other) as f64 / most as f64,
        }
    }
}

/// Names and numbers; every other character by itself.
fn words(line: &str) -> impl Iterator<Item = &str> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let mut rest = line;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        let first = rest.chars().next()?;
        let end = match is_part(first) {
            true => rest.find(|c| !is_part(c)).unwrap_or(rest.len()),
            false => first.len_utf8(),
        };
        let (word, after) = rest.split_at(end);
        rest = after;
        Some(word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str) -> LineSet {
        LineSet::of(text.lines(), None)
    }

    #[test]
    fn texts_are_alike_by_the_lines_that_they_share() {
        assert_eq!(set("let a = 1;\nlet b = 2;\n").share(&set("  let b = 2;\n\nlet a = 1;")), 1.0);
        assert_eq!(set("let a = 1;").share(&set("let b = 2;")), 0.0);
        assert!(set("let total = sum(all);\n}").share(&set("let total = sum(all);\n)")) > 0.9);
        assert_eq!(set("").share(&set("")), 0.0);
        let named = |text: &str, name| LineSet::of(text.lines(), Some(name));
        assert_eq!(named("fn next() { 7 }", "next").share(&named("fn delay() { 7 }", "delay")), 1.0);
    }

    #[test]
    fn a_small_change_in_each_line_leaves_most_pairs() {
        let pairs = |text: &str, name| LineSet::of_pairs(text.lines(), name);
        let old = pairs(
            "def wait(n):\n    for i in range(n):\n        total += i * step\n    return total",
            "wait",
        );
        let new = pairs(
            "def delay(n):\n    for j in range(n):\n        total += j * step\n    return total",
            "delay",
        );
        let other =
            pairs("def save(path):\n    with open(path) as file:\n        file.write(self.text)", "save");
        assert!(
            old.share(&new) > 0.6 && old.share(&other) < 0.2,
            "{} {}",
            old.share(&new),
            old.share(&other)
        );
    }

    #[test]
    fn a_line_counts_as_often_as_it_occurs() {
        let twice = set("x += 1;\nx += 1;\ny");
        assert_eq!(twice.common(&set("x += 1;")) * 2, twice.common(&set("x += 1;\nx += 1;")));
    }
}
