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
fn the_text_form_is_the_path_and_one_place_a_symbol_indented_by_nesting() {
    let project = Project::fixture("tally");
    insta::assert_snapshot!(project.ok(&["outline", "src/classify.rs"]).stdout, @r##"
    src/classify.rs
      :5-9 pub enum LineKind
        :6-6 Code
        :7-7 Comment
        :8-8 Blank
      :12-21 pub fn classify(line: &str) -> LineKind
      :24-24 const COMMENT_MARKS: [&str; 3] = ["//", "#", "--"]
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

#[test]
fn imports_that_other_files_decide_are_resolved_with_and_without_a_snapshot() {
    type Case =
        (&'static str, &'static [(&'static str, &'static str)], &'static str, &'static [&'static str]);
    let cases: &[Case] = &[
        (
            "Rust's module tree",
            &[
                ("Cargo.toml", "[package]\nname = \"a\"\n"),
                ("src/lib.rs", "pub mod walk;\npub mod model;\n"),
                ("src/model.rs", "pub struct M;\n"),
                ("src/walk.rs", "pub mod rules;\nuse crate::model::M;\n"),
                ("src/walk/rules.rs", "use crate::model::M;\nuse super::walk;\n"),
            ],
            "src/walk/rules.rs",
            &["src/model.rs", "src/walk.rs"],
        ),
        (
            "C#'s namespaces",
            &[
                ("App/Run.cs", "using A.Models;\nclass Run { Order order; }\n"),
                ("Models/Order.cs", "namespace A.Models;\npublic class Order { }\n"),
                ("Models/Other.cs", "namespace A.Models;\npublic class Other { }\n"),
            ],
            "App/Run.cs",
            &["Models/Order.cs"],
        ),
        (
            "Kotlin's functions",
            &[
                ("src/main/kotlin/a/Run.kt", "package a\nimport b.greet\nfun run() { greet() }\n"),
                ("src/main/kotlin/b/Words.kt", "package b\nfun greet() {}\n"),
            ],
            "src/main/kotlin/a/Run.kt",
            &["src/main/kotlin/b/Words.kt"],
        ),
        (
            "Swift's module",
            &[
                ("Package.swift", "// swift-tools-version:5.9\nlet package = Package(name: \"a\")\n"),
                ("Sources/a/Run.swift", "import Kit\nfunc run() { Greeter().greet() }\n"),
                ("Sources/Kit/Greeter.swift", "public struct Greeter { func greet() {} }\n"),
            ],
            "Sources/a/Run.swift",
            &["Sources/Kit/Greeter.swift"],
        ),
        (
            "Go's packages",
            &[
                ("go.mod", "module example.org/a\n"),
                ("main.go", "package main\nimport \"example.org/a/b\"\nfunc main() { b.Greet() }\n"),
                ("b/greet.go", "package b\nfunc Greet() {}\n"),
                ("b/other.go", "package b\nfunc Other() {}\n"),
            ],
            "main.go",
            &["b/greet.go"],
        ),
        (
            "Ruby's constants",
            &[
                ("app/models/run.rb", "class Run\n  def go = Greeter.new\nend\n"),
                ("app/models/greeter.rb", "class Greeter\nend\n"),
            ],
            "app/models/run.rb",
            &["app/models/greeter.rb"],
        ),
        (
            "PHP's namespaces",
            &[
                (
                    "src/Run.php",
                    "<?php\nnamespace A;\nuse B\\Greeter;\nclass Run { function a() { new Greeter(); } }\n",
                ),
                ("other/greet.php", "<?php\nnamespace B;\nclass Greeter {}\n"),
            ],
            "src/Run.php",
            &["other/greet.php"],
        ),
    ];
    for (what, files, path, expected) in cases {
        let project = Project::committed(files);
        assert_eq!(strings(&project.json(&["outline", path])["imported_files"]), *expected, "{what}, read");
        project.ok(&["snapshot"]);
        assert_eq!(
            strings(&project.json(&["outline", path])["imported_files"]),
            *expected,
            "{what}, remembered"
        );
    }
}

#[test]
fn an_outline_says_what_it_may_lack() {
    let project = Project::empty();
    let statements = "echo step\n".repeat(30);
    project.write("whole.py", "import os\n\n# why\ndef a():\n    pass\n");
    project.write("script.sh", format!("f() {{ :; }}\n{statements}"));
    project.write("broken.rs", "fn a() {}\nfn b( {\n}\n");
    project.write("notes.ipynb", "{\"cells\": [");
    project.write(
        "page.vue",
        format!("<template>\n{statements}</template>\n<script>\nfunction f() {{}}\n</script>\n"),
    );
    project.write("plain.txt", "text\n");
    let outline = |path: &str| project.json(&["outline", path, "--project-root", "."]);
    let said = |path: &str| project.ok(&["outline", path, "--project-root", "."]).stderr;

    assert_eq!(
        (&outline("whole.py")["covered"], &outline("whole.py")["has_error"]),
        (&json!(1.0), &json!(false))
    );
    assert!(!said("whole.py").contains("whole.py"), "{}", said("whole.py"));
    assert_eq!(outline("script.sh")["covered"], json!(0.032));
    assert!(said("script.sh").contains("3 % of its lines belong to a declaration"), "{}", said("script.sh"));
    assert_eq!(outline("broken.rs")["has_error"], json!(true));
    assert!(said("broken.rs").contains("syntax that the parser does not know"), "{}", said("broken.rs"));
    assert_eq!(outline("notes.ipynb")["has_error"], json!(true));
    assert!(said("notes.ipynb").contains("syntax"), "{}", said("notes.ipynb"));
    assert!(outline("page.vue")["covered"].as_f64().unwrap() < 0.1, "{}", outline("page.vue"));
    assert_eq!(outline("plain.txt")["covered"], json!(null));
}
