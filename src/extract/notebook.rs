//! Jupyter notebooks of all formats: JSON in any layout, the lines of a cell as
//! a list or as one string, cells in worksheets (format 3 and before), cells of
//! several languages. Returns the code of the cells in the notebook's language.
//!
//! Not here: outputs, prose, cells that hold another language.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::Deserialize;
use serde_json::value::RawValue;

/// What the code may have that the notebook's strings do not: breaks of lines, and
/// `...` and `None` in the place of what is no Python.
pub(super) const MAY_ADD: &str = "\n\t\r.None";

/// A notebook's code, cell by cell.
pub(super) struct Notebook<'t> {
    text: Cow<'t, str>,
    /// As waypost names it, where the notebook says it.
    pub language: Option<String>,
    cells: Vec<Cell>,
}

struct Cell {
    language: Option<String>,
    /// The JSON strings that hold its lines, with their places in the text.
    literals: Vec<(usize, usize)>,
}

type Object<'t> = HashMap<Cow<'t, str>, &'t RawValue>;

/// `None` where the text is no notebook.
pub(super) fn read(text: &str) -> Option<Notebook<'_>> {
    let text = match serde_json::from_str::<&RawValue>(text.trim_start_matches('\u{feff}')) {
        Ok(_) => Cow::Borrowed(text),
        // Python writes numbers that JSON does not know.
        Err(_) => Cow::Owned(without_odd_numbers(text)),
    };
    let (language, cells) = parts(&text)?;
    Some(Notebook { language, cells, text })
}

fn parts(text: &str) -> Option<(Option<String>, Vec<Cell>)> {
    let notebook: Object<'_> = serde_json::from_str(text.trim_start_matches('\u{feff}')).ok()?;
    let sheets: Vec<Object<'_>> = as_list(notebook.get("worksheets"));
    let lists = sheets.iter().filter_map(|sheet| sheet.get("cells")).chain(notebook.get("cells"));
    let cells: Vec<Object<'_>> = lists.flat_map(|list| as_list(Some(list))).collect();
    let cells = cells.iter().filter(|cell| string(cell.get("cell_type")).as_deref() == Some("code"));
    let cells: Vec<Cell> = cells.map(|cell| code_cell(cell, text)).collect();
    let metadata = object(notebook.get("metadata"));
    let of_cells = || cells.iter().find_map(|cell| cell.language.clone());
    Some((language(&metadata).or_else(of_cells), cells))
}

fn as_list<'t, T: Deserialize<'t>>(value: Option<&&'t RawValue>) -> Vec<T> {
    let values: Vec<&'t RawValue> =
        value.and_then(|value| serde_json::from_str(value.get()).ok()).unwrap_or_default();
    values.into_iter().filter_map(|value| serde_json::from_str(value.get()).ok()).collect()
}

fn object<'t>(value: Option<&&'t RawValue>) -> Object<'t> {
    value.and_then(|value| serde_json::from_str(value.get()).ok()).unwrap_or_default()
}

fn string(value: Option<&&RawValue>) -> Option<String> {
    serde_json::from_str(value?.get()).ok()
}

fn code_cell(cell: &Object<'_>, text: &str) -> Cell {
    // Format 3 calls it `input`.
    let source = cell.get("source").or_else(|| cell.get("input"));
    let mut literals: Vec<&RawValue> = as_list(source);
    if literals.is_empty() {
        literals.extend(source.copied());
    }
    let place = |literal: &&RawValue| {
        let start = (literal.get().as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
        literal.get().starts_with('"').then_some((start, start + literal.get().len()))
    };
    let metadata = object(cell.get("metadata"));
    let inner = |outer: &str, key: &str| string(object(metadata.get(outer)).get(key));
    let named = string(cell.get("language"))
        .or_else(|| inner("polyglot_notebook", "kernelName"))
        .or_else(|| inner("dotnet_interactive", "language"))
        .or_else(|| inner("vscode", "languageId"));
    Cell {
        language: named.and_then(|name| language_of_kernel(&name)),
        literals: literals.iter().filter_map(place).collect(),
    }
}

/// The language of the whole notebook.
fn language(metadata: &Object<'_>) -> Option<String> {
    let info = object(metadata.get("language_info"));
    let kernel = object(metadata.get("kernelspec"));
    let names = [info.get("name"), kernel.get("language"), kernel.get("name"), metadata.get("language")];
    names.into_iter().find_map(|name| language_of_kernel(&string(name)?))
}

/// Our name for the language that a kernel speaks: `python3`, `ir`, `.net-csharp`.
fn language_of_kernel(kernel: &str) -> Option<String> {
    let kernel = kernel.to_lowercase();
    let plain = kernel
        .trim_start_matches(".net-")
        .trim_end_matches(|c: char| c.is_ascii_digit() || ".-_".contains(c));
    let name = match plain {
        "" => return None,
        "ipython" | "pyspark" | "sagemath" | "sage" | "pypy" | "pyodide" | "xpython" => "python",
        "ir" | "xr" => "r",
        "c#" | "csharp" => "c-sharp",
        "c++" | "xcpp" => "cpp",
        "js" | "node" | "nodejs" | "jslab" => "javascript",
        "ts" | "deno" | "tslab" => "typescript",
        "sh" | "shell" | "zsh" | "calysto_bash" => "bash",
        "golang" | "gophernotes" | "gonb" => "go",
        "ijava" | "rapaio-jupyter-kernel" => "java",
        "iruby" => "ruby",
        _ if plain.starts_with("python") || plain.ends_with("-py") => "python",
        _ if plain.starts_with("julia") => "julia",
        _ if plain.starts_with("scala") || plain.starts_with("almond") => "scala",
        other => other,
    };
    Some(name.to_string())
}

/// `NaN` and `Infinity` outside of strings as numbers of as many characters.
fn without_odd_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut in_string = false;
    while let Some(c) = rest.chars().next() {
        let odd = ["NaN", "Infinity"].into_iter().find(|odd| !in_string && rest.starts_with(odd));
        let length = match (odd, c) {
            (Some(odd), _) => odd.len(),
            (None, '\\') => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            _ => c.len_utf8(),
        };
        match odd {
            Some(odd) => out.extend(std::iter::once('0').chain(std::iter::repeat_n(' ', odd.len() - 1))),
            None => out.push_str(&rest[..length]),
        }
        in_string ^= c == '"';
        rest = &rest[length..];
    }
    out
}

impl Notebook<'_> {
    /// The code of the cells in `language`, and for each of its lines where in the
    /// notebook it begins.
    pub fn code(&self, language: &str) -> (String, Vec<usize>) {
        let mut code = String::new();
        let mut places = Vec::new();
        for cell in &self.cells {
            if cell.language.as_deref().is_some_and(|named| named != language) {
                continue;
            }
            let lines = self.lines(cell);
            let is_python = language == "python";
            if is_python
                && lines
                    .iter()
                    .find(|(_, line)| !line.trim().is_empty())
                    .is_some_and(|(_, line)| is_other(line))
            {
                continue;
            }
            for (place, line) in lines {
                match is_python {
                    true => code.push_str(&without_commands(&line)),
                    false => code.push_str(&line),
                }
                code.push('\n');
                places.push(place);
            }
        }
        (code, places)
    }

    /// The lines of a cell, each with the place of the string that it begins in.
    fn lines(&self, cell: &Cell) -> Vec<(usize, String)> {
        let decoded = |&(start, end): &(usize, usize)| {
            let text: String = serde_json::from_str(self.text.get(start..end)?).ok()?;
            Some((start, text.replace("\r\n", "\n").replace('\r', "\n")))
        };
        let mut parts: Vec<(usize, String)> = cell.literals.iter().filter_map(decoded).collect();
        // By the format they are joined as they are; some programs leave the breaks out.
        let is_broken = parts.iter().all(|(_, part)| !part.ends_with('\n'));
        if is_broken {
            parts.iter_mut().for_each(|(_, part)| part.push('\n'));
        }
        let mut lines: Vec<(usize, String)> = Vec::new();
        let mut is_open = false;
        for (place, part) in parts {
            for piece in part.split_inclusive('\n') {
                let text = piece.trim_end_matches('\n');
                match lines.last_mut().filter(|_| is_open) {
                    Some((_, line)) => line.push_str(text),
                    None => lines.push((place, text.to_string())),
                }
                is_open = !piece.ends_with('\n');
            }
        }
        lines
    }
}

/// The first line of a cell whose other lines are of another language.
fn is_other(line: &str) -> bool {
    let Some(name) = line.trim().strip_prefix("%%") else { return false };
    let name = name.split_whitespace().next().unwrap_or_default().trim_start_matches('!');
    let others = [
        "bash",
        "sh",
        "script",
        "cmd",
        "html",
        "javascript",
        "js",
        "latex",
        "markdown",
        "svg",
        "perl",
        "ruby",
        "r",
        "julia",
        "sql",
        "bigquery",
        "sparksql",
        "writefile",
        "file",
        "cpp",
        "css",
        "ai",
        "",
    ];
    others.contains(&name.to_lowercase().as_str())
}

/// A line of Python without what is said to the notebook: `%cd x`, `!ls`, `name?`.
fn without_commands(line: &str) -> Cow<'_, str> {
    let text = line.trim();
    let is_magic = |text: &str| {
        let after = text.trim_start_matches('%');
        after.len() < text.len() && after.starts_with(|c: char| c.is_ascii_alphabetic())
    };
    let is_help = text.starts_with('?') || (text.ends_with('?') && !text.contains(['"', '\'', '#']));
    if is_magic(text) || text.starts_with('!') || is_help {
        let indent = &line[..line.len() - line.trim_start().len()];
        // A block may hold nothing else.
        return Cow::Owned(if indent.is_empty() { String::new() } else { format!("{indent}...") });
    }
    match line.split_once('=') {
        Some((names, value)) if value.trim_start().starts_with('!') || is_magic(value.trim_start()) => {
            Cow::Owned(format!("{names}= None"))
        }
        _ => Cow::Borrowed(line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(&str, &str, &[usize])>) {
        let notebook = read(text);
        let found = notebook.as_ref().map(|notebook| {
            let language = notebook.language.as_deref().unwrap_or("python");
            let (code, places) = notebook.code(language);
            let places =
                places.iter().map(|&place| text[..place].matches('\n').count() + 1).collect::<Vec<_>>();
            (language, code, places)
        });
        let expected = expected.map(|(language, code, lines)| (language, code.to_string(), lines.to_vec()));
        assert_eq!(found, expected, "{text}");
    }

    fn python(text: &str, code: &str, lines: &[usize]) {
        check(text, Some(("python", code, lines)));
    }

    #[test]
    fn code_is_found_in_every_layout() {
        let cell =
            |source: &str| format!("{{\"cells\": [{{\"cell_type\": \"code\", \"source\": {source}}}]}}");
        python(&cell("[\"a\\n\",\n\"b\"]"), "a\nb\n", &[1, 2]);
        python(&cell("[\"a\\n\", \"b\\n\"]"), "a\nb\n", &[1, 1]);
        python(&cell("\n\"a\\nb\""), "a\nb\n", &[2, 2]);
        python(&cell("[\n\"a\",\n\"b\"]"), "a\nb\n", &[2, 3]);
        python(&cell("[\n\"a\",\n\"b\\n\"\n, \"c\"]"), "ab\nc\n", &[2, 4]);
        python(&cell("\"caf\\u00e9 \\ud83d\\ude00\\t\\\"\\\\\\/\""), "café 😀\t\"\\/\n", &[1]);
        python(&cell("[]"), "", &[]);
        python(&cell("null"), "", &[]);
        python(&format!("\u{feff}{}", cell("\"a\"")), "a\n", &[1]);
        check("{", None);
        check("[]", None);
    }

    #[test]
    fn a_bad_cell_costs_itself() {
        let text = r#"{"metadata": [], "cells": [1, {"cell_type": 2}, {"cell_type": "code", "source": [1, "a"]},
            {"cell_type": "code", "outputs": [NaN, -Infinity, "NaN\""], "source": "b"}]}"#;
        python(text, "a\nb\n", &[1, 2]);
    }

    #[test]
    fn format_3_keeps_cells_in_worksheets() {
        let text = r#"{"worksheets": [{"cells": [
            {"cell_type": "code", "language": "python", "input": ["a\n", "b"]},
            {"cell_type": "code", "language": "ruby", "input": "c"},
            {"cell_type": "markdown", "source": "d"}]}, {"cells": [{"cell_type": "code", "input": "e"}]}]}"#;
        python(text, "a\nb\ne\n", &[2, 2, 4]);
    }

    #[test]
    fn the_language_is_what_the_kernel_speaks() {
        let of =
            |metadata: &str| read(&format!("{{\"cells\": [], \"metadata\": {metadata}}}")).unwrap().language;
        for (metadata, expected) in [
            (r#"{"language_info": {"name": "R"}}"#, Some("r")),
            (r#"{"kernelspec": {"name": "ir"}}"#, Some("r")),
            (r#"{"kernelspec": {"language": "julia", "name": "julia-1.9"}}"#, Some("julia")),
            (r#"{"kernelspec": {"name": "julia-1.9"}}"#, Some("julia")),
            (r#"{"kernelspec": {"name": "conda-env-x-py"}}"#, Some("python")),
            (r#"{"kernelspec": {"name": ".net-csharp"}, "language_info": {"name": "C#"}}"#, Some("c-sharp")),
            (r#"{"kernelspec": {"name": "xcpp17"}}"#, Some("cpp")),
            ("{}", None),
        ] {
            assert_eq!(of(metadata).as_deref(), expected, "{metadata}");
        }
    }

    #[test]
    fn words_to_the_notebook_are_no_code() {
        for (line, expected) in [
            ("%matplotlib inline", ""),
            ("  !ls {x}", "  ..."),
            ("x = !ls", "x = None"),
            ("y = %sql select", "y = None"),
            ("df?", ""),
            ("x = a % b", "x = a % b"),
            ("    % (a, b))", "    % (a, b))"),
            ("if a != b:", "if a != b:"),
        ] {
            assert_eq!(without_commands(line), expected);
        }
        let cell =
            |source: &str| format!("{{\"cells\": [{{\"cell_type\": \"code\", \"source\": \"{source}\"}}]}}");
        python(&cell("%%bash\\nls"), "", &[]);
        python(&cell("%%time\\na"), "\na\n", &[1, 1]);
    }
}
