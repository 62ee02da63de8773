//! Whether what was edited still stands: the lines that an edit brought and took,
//! each told by a hash, against the file as it was before and as it is now.
//!
//! Pure. Not here: who took lines back (`app`).

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, HashMap};
use std::hash::{Hash, Hasher};

/// What edits changed in a file: by line how often it came, less how often it
/// went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetLines(BTreeMap<u64, i64>);

/// What became of an edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Stands,
    /// The lines are as they were before.
    Reverted,
    /// Some of it was changed again.
    Superseded,
}

impl Fate {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stands => "stands",
            Self::Reverted => "reverted",
            Self::Superseded => "superseded",
        }
    }

    /// The fate of an edit of which so much stands, from 0 to 1.
    pub fn of(share: f64) -> Self {
        match share {
            share if share >= 0.75 => Self::Stands,
            share if share <= 0.25 => Self::Reverted,
            _ => Self::Superseded,
        }
    }
}

/// Lines of one edit that are kept; of a longer one the first say enough.
const MOST: usize = 500;

/// A line by its hash; `None` for one that says nothing, such as a bracket.
fn hash(line: &str) -> Option<u64> {
    let line = line.trim();
    if line.bytes().filter(u8::is_ascii_alphanumeric).count() < 3 {
        return None;
    }
    let mut hasher = DefaultHasher::new();
    line.hash(&mut hasher);
    // As many bits as the stored form has digits for.
    Some(hasher.finish() >> 16)
}

/// How often each line of a text occurs.
pub fn counts(text: &str) -> HashMap<u64, i64> {
    let mut counts = HashMap::new();
    text.lines().filter_map(hash).for_each(|line| *counts.entry(line).or_default() += 1);
    counts
}

impl NetLines {
    /// What differs between two texts.
    pub fn between(old: &str, new: &str) -> Self {
        let mut net = Self::default();
        new.lines().filter_map(hash).for_each(|line| net.add(line, 1));
        old.lines().filter_map(hash).for_each(|line| net.add(line, -1));
        net.0.retain(|_, count| *count != 0);
        net
    }

    fn add(&mut self, line: u64, count: i64) {
        *self.0.entry(line).or_default() += count;
    }

    /// The same with a later edit.
    pub fn then(&mut self, later: &Self) {
        later.0.iter().for_each(|(line, count)| self.add(*line, *count));
        self.0.retain(|_, count| *count != 0);
    }

    /// Whether it changed no line that says anything.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many lines it brought or took.
    pub fn lines(&self) -> usize {
        self.0.values().map(|count| count.unsigned_abs() as usize).sum()
    }

    /// As it is stored: `+` and `-` with twelve digits for each line.
    pub fn stored(&self) -> String {
        let repeated = self.0.iter().flat_map(|(line, count)| {
            let sign = if *count > 0 { '+' } else { '-' };
            std::iter::repeat_n((sign, line), count.unsigned_abs() as usize)
        });
        repeated.take(MOST).map(|(sign, line)| format!("{sign}{line:012x}")).collect()
    }

    /// What was stored; what makes no sense is left out.
    pub fn from_stored(text: &str) -> Self {
        let mut net = Self::default();
        for part in text.as_bytes().chunks(13) {
            let part = std::str::from_utf8(part).unwrap_or_default();
            let (sign, digits) = part.split_at(part.len().min(1));
            let sign = match sign {
                "+" => 1,
                "-" => -1,
                _ => continue,
            };
            if let Ok(line) = u64::from_str_radix(digits, 16) {
                net.add(line, sign);
            }
        }
        net.0.retain(|_, count| *count != 0);
        net
    }

    /// How much of it stands in a file, from 0 to 1, by what the file held before.
    pub fn share(&self, before: &HashMap<u64, i64>, now: &HashMap<u64, i64>) -> f64 {
        let (mut stands, mut all) = (0, 0);
        for (line, count) in &self.0 {
            let of = |counts: &HashMap<u64, i64>| counts.get(line).copied().unwrap_or(0);
            let moved = (of(now) - of(before)) * count.signum();
            stands += moved.clamp(0, count.abs());
            all += count.abs();
        }
        if all == 0 { 1.0 } else { stands as f64 / all as f64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = "fn one() {\n    start();\n}\nfn two() {\n    start();\n}\n";
    const AFTER: &str = "fn one() {\n    begin(now);\n}\nfn two() {\n    start();\n    finish();\n}\n";

    fn share(now: &str) -> f64 {
        let net = NetLines::from_stored(&NetLines::between(BEFORE, AFTER).stored());
        assert_eq!(net, NetLines::between(BEFORE, AFTER));
        net.share(&counts(BEFORE), &counts(now))
    }

    #[test]
    fn an_edit_stands_until_its_lines_go() {
        assert_eq!(share(AFTER), 1.0);
        assert_eq!(share(&format!("use x;\n\n{AFTER}\nfn three() {{}}\n")), 1.0);
        assert_eq!(share(BEFORE), 0.0);
        assert_eq!(Fate::of(share(&AFTER.replace("finish()", "close(all)"))), Fate::Superseded);
        assert_eq!((Fate::of(1.0), Fate::of(0.0)), (Fate::Stands, Fate::Reverted));
    }

    #[test]
    fn what_an_edit_takes_back_itself_is_none() {
        let mut net = NetLines::between(BEFORE, AFTER);
        assert_eq!(net.lines(), 3);
        net.then(&NetLines::between(AFTER, BEFORE));
        assert!(net.is_empty());
        assert!(NetLines::from_stored("nonsense").is_empty());
    }
}
