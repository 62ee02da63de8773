//! The page of a pull request: sections of one-line facts, within a budget.
//!
//! Not here: what is told (`app`), and the pages of a handoff.

use super::{text, tokens};

/// Facts of one section, at most, from all of them down to none: the first that
/// lets the page keep its budget is taken.
const CAPS: [usize; 12] = [400, 200, 100, 60, 40, 25, 15, 10, 6, 4, 2, 1];

/// Facts that stand together below a heading.
#[derive(Clone, Debug)]
pub struct ReviewSection {
    pub title: &'static str,
    /// The most important first.
    pub lines: Vec<ReviewLine>,
    /// What is told where there is no fact; nothing where it is empty.
    pub otherwise: &'static str,
}

/// One fact: words of ours, and texts of the repository as code that they cannot
/// close.
#[derive(Clone, Debug, Default)]
pub struct ReviewLine(String);

impl ReviewLine {
    /// Words of ours.
    pub fn words(mut self, words: &str) -> Self {
        self.0 += words;
        self
    }

    /// A text of the repository, in a code span.
    pub fn code(mut self, shown: &str) -> Self {
        self.0 += &text::span(shown);
        self
    }
}

/// The page: its head, then the sections that say something.
pub fn review(head: &ReviewLine, sections: &[ReviewSection], budget: usize) -> String {
    let pages = CAPS.iter().map(|cap| page(head, sections, *cap));
    let mut smallest = String::new();
    for page in pages {
        if tokens::is_within(&page, budget) {
            return page;
        }
        smallest = page;
    }
    smallest
}

fn page(head: &ReviewLine, sections: &[ReviewSection], cap: usize) -> String {
    let mut page = format!("{}\n", head.0);
    for section in sections {
        if section.lines.is_empty() && section.otherwise.is_empty() {
            continue;
        }
        page += &format!("\n## {}\n\n", section.title);
        if section.lines.is_empty() {
            page += &format!("{}\n", section.otherwise);
        }
        for line in section.lines.iter().take(cap) {
            page += &format!("- {}\n", line.0);
        }
        let more = section.lines.len().saturating_sub(cap);
        if more > 0 {
            page += &format!("- and {more} more\n");
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_keeps_its_budget_and_says_what_it_left_out() {
        let lines =
            (0..50).map(|n| ReviewLine::default().code(&format!("src/file_{n}.rs")).words(": changed"));
        let section = ReviewSection { title: "Changed", lines: lines.collect(), otherwise: "" };
        let empty = ReviewSection { title: "Gone", lines: Vec::new(), otherwise: "None." };
        let silent = ReviewSection { title: "Silent", lines: Vec::new(), otherwise: "" };
        let head = ReviewLine::default().words("# Review of ").code("a`b");
        let page = review(&head, &[section, empty, silent], 300);
        assert!(tokens::is_within(&page, 300), "{page}");
        assert!(
            page.starts_with("# Review of ``a`b``\n\n## Changed\n\n- `src/file_0.rs`: changed\n"),
            "{page}"
        );
        assert!(page.contains("more\n\n## Gone\n\nNone.\n") && !page.contains("Silent"), "{page}");
    }
}
