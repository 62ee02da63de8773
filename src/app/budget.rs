//! Bounds on the length of an answer: whole lines within a number of tokens and
//! bytes.

use crate::render::tokens;

/// The most tokens and bytes that an answer may have.
#[derive(Clone, Copy, Debug)]
pub struct Bound {
    /// Tokens of o200k_base.
    pub tokens: usize,
    pub bytes: usize,
}

/// Prepares for counting tokens on another thread, since that takes a moment.
pub fn warm_up() {
    tokens::warm_up();
}

/// Whether a text stays within both bounds; counts tokens only if its bytes fit.
pub fn fits(text: &str, bound: Bound) -> bool {
    text.len() <= bound.bytes && tokens::is_within(text, bound.tokens)
}

/// The first lines, as many as fit together with the line that `end` makes of
/// the number left out.
pub fn whole_lines(lines: &[String], bound: Bound, end: &dyn Fn(usize) -> String) -> String {
    let text = |count: usize| {
        let told: String = lines[..count].iter().flat_map(|line| [line.as_str(), "\n"]).collect();
        told + &end(lines.len() - count)
    };
    let all = text(lines.len());
    if fits(&all, bound) {
        return all;
    }
    let (mut least, mut most) = (0, lines.len());
    while most - least > 1 {
        let middle = least.midpoint(most);
        match fits(&text(middle), bound) {
            true => least = middle,
            false => most = middle,
        }
    }
    text(least)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_counted_at_the_end() {
        let lines: Vec<String> = (0..1_000).map(|n| format!("line {n}")).collect();
        let end = |left: usize| format!("{left} left\n");
        let bound = |tokens, bytes| Bound { tokens, bytes };
        for bound in [bound(200, 40_000), bound(10_000, 900), bound(30, 900)] {
            let text = whole_lines(&lines, bound, &end);
            assert!(fits(&text, bound), "{bound:?}: {text}");
            let told = text.lines().count() - 1;
            assert!(text.ends_with(&format!("line {}\n{} left\n", told - 1, 1_000 - told)), "{text}");
            let next = format!("{}\nline {told}\n{} left\n", lines[..told].join("\n"), 999 - told);
            assert!(!fits(&next, bound), "{bound:?} has room for one more");
        }
        assert_eq!(whole_lines(&lines[..2], bound(100, 900), &end), "line 0\nline 1\n0 left\n");
        assert_eq!(whole_lines(&lines, bound(3, 900), &end), "1000 left\n");
    }
}
