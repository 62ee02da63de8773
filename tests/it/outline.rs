//! `waypost outline`: what one file declares and mentions.

use serde_json::{Value, json};

use crate::project::{Project, strings};

fn symbol<'a>(outline: &'a Value, name: &str) -> &'a Value {
    let symbols = outline["symbols"].as_array().expect("symbols");
    symbols.iter().find(|symbol| symbol["name"] == name).unwrap_or_else(|| panic!("no {name}: {outline}"))
}

#[test]
fn the_symbols_of_a_rust_file() {
    let project = Project::fixture("tally");
    let outline = project.json(&["outline", "src/lib.rs"]);
    assert_eq!((&outline["path"], &outline["language"]), (&json!("src/lib.rs"), &json!("rust")));
    let add = symbol(&outline, "add");
    assert_eq!(add["kind"], "method");
    assert_eq!(add["signature"], "pub fn add(&mut self, other: &Totals)");
    assert_eq!(add["doc"], "Adds what another file or tree has.");
    assert_eq!((&add["line"], &add["end_line"]), (&json!(22), &json!(26)));
    assert_eq!(add["parent"], "Totals");
    assert_eq!(symbol(&outline, "Totals")["kind"], "struct");
    assert_eq!(strings(&outline["imported_files"]), ["src/classify.rs", "src/report.rs"]);
    let mentioned: Vec<&str> =
        outline["references"].as_array().unwrap().iter().map(|r| r["name"].as_str().unwrap()).collect();
    assert!(mentioned.contains(&"read_to_string"), "{mentioned:?}");
}

#[test]
fn the_symbols_of_a_python_file() {
    let project = Project::fixture("porch");
    let outline = project.json(&["outline", "src/porch/queue.py"]);
    let take = symbol(&outline, "take");
    assert_eq!(
        (&take["parent"], &take["doc"]),
        (&json!("Queue"), &json!("The next job that is due, or nothing."))
    );
    assert_eq!(take["signature"], "def take(self, now: float) -> Job | None");
    assert_eq!(symbol(&outline, "SCHEMA")["kind"], "constant");
    assert_eq!(strings(&outline["imported_files"]), ["src/porch/backoff.py"]);
}

#[test]
fn the_text_form_is_one_line_a_symbol_indented_by_nesting() {
    let project = Project::fixture("tally");
    insta::assert_snapshot!(project.ok(&["outline", "src/classify.rs"]).stdout, @r##"
     5 pub enum LineKind
     6   Code
     7   Comment
     8   Blank
    12 pub fn classify(line: &str) -> LineKind
    24 const COMMENT_MARKS: [&str; 3] = ["//", "#", "--"]
    "##);
}

#[test]
fn a_file_without_a_grammar_has_an_empty_outline_and_a_note() {
    let project = Project::fixture("porch");
    project.write("docs/notes.txt", "class Nothing:\n");
    let run = project.ok(&["outline", "docs/notes.txt"]);
    assert_eq!(run.stdout, "");
    assert!(run.stderr.contains("no grammar"), "{}", run.stderr);
    assert_eq!(project.json(&["outline", "docs/notes.txt"])["symbols"], json!([]));
}

#[test]
fn line_numbers_hold_with_other_line_ends_and_marks() {
    for (what, text) in [
        ("LF", "\n\ndef third():\n    pass\n"),
        ("CRLF", "\r\n\r\ndef third():\r\n    pass\r\n"),
        ("byte order mark", "\u{feff}\n\ndef third():\n    pass\n"),
        ("no final newline", "\n\ndef third(): pass"),
    ] {
        let project = Project::committed(&[("a.py", text)]);
        assert_eq!(symbol(&project.json(&["outline", "a.py"]), "third")["line"], 3, "{what}");
    }
    let utf16: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain("\n\ndef third(): pass\n".encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    let project = Project::empty();
    project.write("a.py", utf16);
    let outline = project.json(&["outline", "a.py", "--project-root", "."]);
    assert_eq!(symbol(&outline, "third")["line"], 3, "UTF-16");
}

#[test]
fn what_is_not_in_the_project_is_told_apart() {
    let project = Project::fixture("tally");
    project.write("target/out.rs", "fn out() {}\n");
    project.write("Cargo.lock", "[[package]]\n");
    assert!(project.run(&["outline", "target/out.rs"]).expect(2).stderr.contains("ignored"));
    assert!(project.run(&["outline", "no.rs"]).expect(2).stderr.contains("`no.rs`"));
    assert!(project.run(&["outline", "/etc/hostname"]).expect(2).stderr.contains("not inside the project"));
    assert!(project.ok(&["outline", "Cargo.lock"]).stderr.contains("lock file"));
}
