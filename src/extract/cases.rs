//! Every `grammars/<language>/cases/` folder: a source file `x.rs` and its
//! outline as text, `x.rs.outline`. `UPDATE_CASES=1 cargo test cases` writes
//! the outlines anew; read the diff.

use std::fmt::Write;
use std::path::Path;

use super::{language_of, outline};
use crate::model::{Outline, RelPath, SafeText};

#[test]
fn the_outline_of_every_case_is_as_expected() {
    let grammars = Path::new(env!("CARGO_MANIFEST_DIR")).join("grammars");
    let mut failures = Vec::new();
    for language in super::languages().iter().filter(|language| language.is_compiled_in()) {
        let folder = grammars.join(language.name()).join("cases");
        let mut seen = 0;
        for entry in std::fs::read_dir(&folder).expect("cases/ of the language") {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "outline") {
                continue;
            }
            seen += 1;
            if let Err(failure) = check(&path) {
                failures.push(failure);
            }
        }
        assert!(seen > 0, "no case in {}", folder.display());
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn check(path: &Path) -> Result<(), String> {
    let source = std::fs::read_to_string(path).unwrap();
    let name = path.file_name().unwrap().to_str().unwrap();
    let language = language_of(&RelPath::new(name).unwrap(), source.as_bytes()).unwrap();
    let actual = as_text(&outline(language, &SafeText::from_redacted(source)).outline);
    let expected_path = path.with_file_name(format!("{name}.outline"));
    if std::env::var_os("UPDATE_CASES").is_some() {
        std::fs::write(&expected_path, &actual).unwrap();
    }
    let expected = std::fs::read_to_string(&expected_path).unwrap_or_default();
    match actual == expected {
        true => Ok(()),
        false => {
            let diff = crate::compare::unified(("expected", "actual"), (&expected, &actual), 3);
            Err(format!("{}\n{diff}", path.display()))
        }
    }
}

/// One line a fact: `line-end_line kind[+] signature -- doc`, `+` for public.
fn as_text(outline: &Outline) -> String {
    let mut text = String::new();
    writeln!(text, "doc: {}", outline.doc).unwrap();
    writeln!(text, "lines: {}, has_error: {}", outline.lines, outline.has_error).unwrap();
    writeln!(text, "\nsymbols").unwrap();
    for (index, symbol) in outline.symbols.iter().enumerate() {
        let public = if symbol.public { "+" } else { "" };
        let kind = symbol.kind.name();
        let name = outline.qualified_name(index);
        let (line, end) = (symbol.line, symbol.end_line);
        writeln!(text, "{line}-{end} {kind}{public} {name}").unwrap();
        writeln!(text, "    {}", symbol.signature).unwrap();
        if !symbol.doc.is_empty() {
            writeln!(text, "    -- {}", symbol.doc).unwrap();
        }
    }
    writeln!(text, "\nimports").unwrap();
    for import in &outline.imports {
        let names: Vec<&str> = import.names.iter().map(SafeText::as_str).collect();
        let line = format!("{} {} [{}]", import.line, import.module, names.join(", "));
        writeln!(text, "{line}").unwrap();
    }
    writeln!(text, "\nreferences").unwrap();
    for (name, count) in &outline.references {
        writeln!(text, "{name} {count}").unwrap();
    }
    text
}
