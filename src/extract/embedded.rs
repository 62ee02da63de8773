//! Files that hold code of another language: `<script>` elements, the code
//! cells of a notebook. Their code as a text of its own, and for each of its
//! lines the one where it stands in the file.
//!
//! Not here: what the code declares; how a notebook is written (`notebook`).

use std::ops::Range;

use super::language::{Language, language_named};
use super::lines::{LineStarts, line_count};
use super::manifest::{Embedded, EmbeddedStrategy};
use super::{Extracted, notebook};
use crate::model::SafeText;

/// The code in a file.
pub(super) struct Code {
    pub language: &'static Language,
    pub text: SafeText,
    /// For each line of the code the line of the file, counted from 1; `None`
    /// where they are the same.
    lines: Option<Vec<u32>>,
}

/// What is in a file that may hold code.
pub(super) enum EmbeddedCode {
    Code(Code),
    /// None, or none of a language that is compiled in.
    Nothing,
    /// The file is not in the form that its name says.
    Broken,
}

pub(super) fn code(embedded: &Embedded, source: &SafeText) -> EmbeddedCode {
    match embedded.strategy {
        EmbeddedStrategy::ScriptElements => scripts(embedded, source),
        EmbeddedStrategy::NotebookCells => cells(embedded, source),
    }
}

fn compiled_in(name: Option<&str>, embedded: &Embedded) -> Option<&'static Language> {
    language_named(name.unwrap_or(&embedded.language)).filter(|language| language.has_parser())
}

fn scripts(embedded: &Embedded, source: &SafeText) -> EmbeddedCode {
    let (name, regions) = script_elements(source.as_str());
    let Some(language) = compiled_in(name.as_deref(), embedded) else { return EmbeddedCode::Nothing };
    let text = source.reduced("\n", |text| {
        let mut code = String::with_capacity(text.len());
        let mut last = 0;
        for region in regions {
            line_breaks(&text[last..region.start], &mut code);
            code.push_str(&text[region.clone()]);
            last = region.end;
        }
        line_breaks(&text[last..], &mut code);
        code
    });
    EmbeddedCode::Code(Code { language, text, lines: None })
}

fn cells(embedded: &Embedded, source: &SafeText) -> EmbeddedCode {
    let Some(notebook) = notebook::read(source.as_str()) else { return EmbeddedCode::Broken };
    let Some(language) = compiled_in(notebook.language.as_deref(), embedded) else {
        return EmbeddedCode::Nothing;
    };
    let (code, places) = notebook.code(language.name());
    let in_file = LineStarts::new(source.as_str());
    let lines = places.into_iter().map(|place| in_file.of(place)).collect();
    EmbeddedCode::Code(Code {
        language,
        text: source.reduced_json(notebook::MAY_ADD, |_| code),
        lines: Some(lines),
    })
}

impl Code {
    /// What was extracted from the code, with places in the file.
    pub fn as_in_file(&self, mut extracted: Extracted, file: &str) -> Extracted {
        let outline = &mut extracted.outline;
        if let Some(lines) = &self.lines {
            let line_of = |line: u32| lines.get((line as usize).saturating_sub(1)).copied().unwrap_or(1);
            for symbol in &mut outline.symbols {
                symbol.line = line_of(symbol.line);
                symbol.end_line = line_of(symbol.end_line).max(symbol.line);
            }
            for import in &mut outline.imports {
                import.line = line_of(import.line);
            }
        } else {
            // What stands around the code belongs to no declaration.
            let share = usize::from(outline.covered) * lines_with_word(self.text.as_str());
            outline.covered = (share / lines_with_word(file).max(1)) as u16;
        }
        outline.lines = line_count(file);
        extracted
    }
}

fn lines_with_word(text: &str) -> usize {
    text.lines().filter(|line| line.chars().any(char::is_alphanumeric)).count()
}

fn line_breaks(text: &str, out: &mut String) {
    out.extend(text.chars().filter(|&c| c == '\n'));
}

/// What stands in `<script>` elements, and the language of the first that
/// names one.
fn script_elements(text: &str) -> (Option<String>, Vec<Range<usize>>) {
    let mut language = None;
    let mut regions = Vec::new();
    let mut at = 0;
    while let Some(open) = text[at..].find("<script").map(|open| at + open) {
        // `<script-like>` is another element.
        let after = text[open + "<script".len()..].chars().next();
        if after.is_some_and(|c| c != '>' && !c.is_whitespace()) {
            at = open + 1;
            continue;
        }
        let Some(start) = text[open..].find('>').map(|end| open + end + 1) else { break };
        let Some(end) = text[start..].find("</script").map(|end| start + end) else { break };
        let tag = &text[open..start];
        let named = ["lang=\"", "lang='"].iter().find_map(|key| {
            let value = &tag[tag.find(key)? + key.len()..];
            value.split(['"', '\'']).next()
        });
        let named = match named {
            Some("ts") => Some("typescript"),
            Some("js" | "jsx") => Some("javascript"),
            other => other,
        };
        language = language.or(named.map(str::to_string));
        regions.push(start..end);
        at = end;
    }
    (language, regions)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, expected: Option<(&str, &str)>) {
        let embedded =
            Embedded { strategy: EmbeddedStrategy::ScriptElements, language: "python".to_string() };
        let found = code(&embedded, &SafeText::from_redacted(source.to_string()));
        let found = match &found {
            EmbeddedCode::Code(code) => Some((code.language.name(), code.text.as_str())),
            EmbeddedCode::Nothing | EmbeddedCode::Broken => None,
        };
        assert_eq!(found, expected, "{source}");
    }

    #[test]
    fn script_elements_keep_their_lines() {
        let source = "<template>\n<b/></template>\n<script setup lang=\"rust\">\nfn a() {}\n</script>\n<style>\n</style>";
        check(source, Some(("rust", "\n\n\nfn a() {}\n\n\n")));
        check("<p>\n<script>a", Some(("python", "\n")));
        check("<script lang='x'>a</script>", None);
    }
}
