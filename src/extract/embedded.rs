//! Files that hold code of another language: `<script>` elements, the code
//! cells of a notebook. Their code as a text of its own, every line on the
//! line where it stands in the file.
//!
//! Not here: what the code declares.

use std::ops::Range;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::language::{Language, language_named};
use super::manifest::{Embedded, EmbeddedStrategy};
use crate::model::SafeText;

/// The code in `source` and its language; `None` where there is none of a
/// language that is compiled in.
pub(super) fn code(embedded: &Embedded, source: &SafeText) -> Option<(&'static Language, SafeText)> {
    let (language, regions) = match embedded.strategy {
        EmbeddedStrategy::ScriptElements => script_elements(source.as_str()),
        EmbeddedStrategy::NotebookCells => notebook_cells(source.as_str())?,
    };
    let language = language.as_deref().unwrap_or(&embedded.language);
    let language = language_named(language).filter(|language| language.has_parser())?;
    let is_notebook = embedded.strategy == EmbeddedStrategy::NotebookCells;
    let code = source.map(|text| {
        let mut code = String::with_capacity(text.len());
        let mut last = 0;
        for region in regions {
            line_breaks(&text[last..region.start], &mut code);
            match is_notebook {
                true => push_literal(&text[region.clone()], &mut code),
                false => code.push_str(&text[region.clone()]),
            }
            last = region.end;
        }
        line_breaks(&text[last..], &mut code);
        code
    });
    Some((language, code))
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

#[derive(Deserialize)]
struct Notebook<'t> {
    #[serde(borrow)]
    cells: Vec<Cell<'t>>,
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Cell<'t> {
    cell_type: &'t str,
    /// One JSON string a line. Tools that keep a cell in one string lose the
    /// lines; such a cell is left out.
    #[serde(borrow)]
    source: &'t RawValue,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Metadata {
    kernelspec: Kernel,
    language_info: LanguageInfo,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Kernel {
    language: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct LanguageInfo {
    name: Option<String>,
}

/// The string literals of the code cells, without their quotes.
fn notebook_cells(text: &str) -> Option<(Option<String>, Vec<Range<usize>>)> {
    let notebook: Notebook<'_> = serde_json::from_str(text).ok()?;
    let language = notebook.metadata.language_info.name.or(notebook.metadata.kernelspec.language);
    let mut regions = Vec::new();
    for cell in notebook.cells.iter().filter(|cell| cell.cell_type == "code") {
        let lines: Vec<&RawValue> = serde_json::from_str(cell.source.get()).unwrap_or_default();
        for line in lines.iter().map(|line| line.get()).filter(|line| line.len() > 2) {
            let start = line.as_ptr() as usize - text.as_ptr() as usize + 1;
            regions.push(start..start + line.len() - 2);
        }
    }
    Some((language.map(|language| language.to_lowercase()), regions))
}

/// A line of code out of its JSON string, without its line break: the next
/// literal stands on a line of its own. Commands to the notebook are no code.
fn push_literal(literal: &str, out: &mut String) {
    if literal.starts_with(['%', '!']) {
        return;
    }
    let mut chars = literal.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n' | 'r') => {}
                Some('t') => out.push('\t'),
                Some(quoted @ ('"' | '\\' | '/')) => out.push(quoted),
                other => out.extend(['\\'].into_iter().chain(other)),
            },
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(strategy: EmbeddedStrategy, source: &str, expected: Option<(&str, &str)>) {
        let embedded = Embedded { strategy, language: "python".to_string() };
        let found = code(&embedded, &SafeText::from_redacted(source.to_string()));
        let found = found.as_ref().map(|(language, code)| (language.name(), code.as_str()));
        assert_eq!(found, expected, "{source}");
    }

    #[test]
    fn script_elements_keep_their_lines() {
        let source = "<template>\n<b/></template>\n<script setup lang=\"rust\">\nfn a() {}\n</script>\n<style>\n</style>";
        check(EmbeddedStrategy::ScriptElements, source, Some(("rust", "\n\n\nfn a() {}\n\n\n")));
        check(EmbeddedStrategy::ScriptElements, "<p>\n<script>a", Some(("python", "\n")));
        check(EmbeddedStrategy::ScriptElements, "<script lang='x'>a</script>", None);
    }

    #[test]
    fn code_cells_keep_their_lines() {
        let source = concat!(
            "{\"cells\": [\n{\"cell_type\": \"markdown\", \"source\": [\"# A\"]},\n",
            "{\"cell_type\": \"code\", \"outputs\": [{\"text\": [\"def no(): pass\"]}], \"source\": [\n",
            "\"%magic\\n\",\n\"def a(x=\\\"y\\\"):\\n\",\n\"    pass\"\n]}], \"metadata\": {}}"
        );
        let code = "\n\n\n\ndef a(x=\"y\"):\n    pass\n";
        check(EmbeddedStrategy::NotebookCells, source, Some(("python", code)));
        check(EmbeddedStrategy::NotebookCells, "{", None);
    }
}
