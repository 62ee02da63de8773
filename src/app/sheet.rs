//! A page of short sections in order of importance, cut at the end to a budget:
//! what `resume` and `sitrep` tell.

use schemars::JsonSchema;
use serde::Serialize;

use crate::render::tokens;
use crate::visible;

/// A heading with its lines.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SheetSection {
    pub name: &'static str,
    pub lines: Vec<String>,
}

impl SheetSection {
    /// Lines are data: each is shown on one line.
    pub(super) fn new(name: &'static str, lines: Vec<String>) -> Self {
        let lines = lines.iter().map(|line| visible::line(line).into_owned()).collect();
        Self { name, lines }
    }
}

/// A page as Markdown, with the sections that are on it.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    pub text: String,
    pub sections: Vec<SheetSection>,
    /// Lines for which there was no room.
    pub left_out: usize,
}

/// Bytes without a budget: then no token has to be counted, which takes longer
/// than all the rest. A text has no more tokens than bytes.
const BYTES: usize = 4_000;

/// Characters of a line.
const WIDTH: usize = 300;

impl Sheet {
    /// As much as fits into so many tokens.
    pub(super) fn compile(sections: &[SheetSection], budget: Option<usize>) -> Self {
        let fits = |text: &str| match budget {
            None => text.len() <= BYTES,
            Some(budget) => tokens::is_within(text, budget),
        };
        let mut sheet = Self::default();
        for section in sections.iter().filter(|section| !section.lines.is_empty()) {
            sheet.add(section, &fits);
        }
        let note = format!("\nleft out: {} lines\n", sheet.left_out);
        if sheet.left_out > 0 && fits(&format!("{}{note}", sheet.text)) {
            sheet.text.push_str(&note);
        }
        sheet
    }

    fn add(&mut self, section: &SheetSection, fits: &dyn Fn(&str) -> bool) {
        let gap = if self.text.is_empty() { "" } else { "\n" };
        let mut text = format!("{}{gap}## {}\n", self.text, section.name);
        let mut told = Vec::new();
        for line in &section.lines {
            let line = shortened(line);
            // What stands farther in belongs to the line above.
            let words = line.trim_start_matches(' ');
            let indent = &line[..line.len() - words.len()];
            let more = format!("{text}{indent}- {words}\n");
            if !fits(&more) {
                break;
            }
            text = more;
            told.push(line);
        }
        self.left_out += section.lines.len() - told.len();
        if !told.is_empty() {
            self.text = text;
            self.sections.push(SheetSection { name: section.name, lines: told });
        }
    }

    /// The same as XML.
    pub fn xml(&self, root: &str) -> String {
        let mut text = format!("<{root}>\n");
        for section in &self.sections {
            let name = section.name.to_lowercase().replace(' ', "-");
            let lines: String =
                section.lines.iter().map(|line| format!("    <item>{}</item>\n", escaped(line))).collect();
            text.push_str(&format!("  <{name}>\n{lines}  </{name}>\n"));
        }
        text + &format!("</{root}>\n")
    }
}

fn shortened(line: &str) -> String {
    match line.char_indices().nth(WIDTH) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line.to_string(),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_first_stays_and_what_is_left_out_is_counted() {
        let section =
            |name, lines: &[&str]| SheetSection::new(name, lines.iter().map(|it| it.to_string()).collect());
        let sections =
            [section("Task", &["mend it"]), section("Empty", &[]), section("Files", &["a", "b", "c"])];
        let whole = Sheet::compile(&sections, None);
        assert_eq!(
            (whole.text.as_str(), whole.left_out),
            ("## Task\n- mend it\n\n## Files\n- a\n- b\n- c\n", 0)
        );
        let cut = Sheet::compile(&sections, Some(16));
        assert!(cut.text.starts_with("## Task\n- mend it\n") && cut.left_out > 0, "{}", cut.text);
        assert!(tokens::count(&cut.text) <= 16);
        assert_eq!(Sheet::compile(&sections, Some(1)).text, "");
        assert!(
            Sheet::compile(&[section("A b", &["1 < 2"])], None)
                .xml("x")
                .contains("<a-b>\n    <item>1 &lt; 2</item>")
        );
    }
}
