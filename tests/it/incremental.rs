//! What a snapshot reuses must never show: after any edits it says what a
//! first snapshot of the same tree says.

use crate::project::{Project, Run, copy_tree, files_below};

/// In the year 2100: every stamp is old enough to be trusted.
const LATER: &str = "4102444800";

fn snapshot(project: &Project, root: &std::path::Path) -> serde_json::Value {
    let mut command = project.command(&["snapshot", "--json", "--project-root"]);
    Run::of(command.arg(root).env("SOURCE_DATE_EPOCH", LATER)).expect(0).json()
}

/// Both handoff files after a first snapshot of a copy of the tree.
fn fresh(project: &Project, name: &str) -> Vec<(String, Vec<u8>)> {
    let copy = project.outside(name);
    copy_tree(&project.path(""), &copy);
    std::fs::remove_dir_all(copy.join(".waypost/local")).expect("a database");
    snapshot(project, &copy);
    handoff(&copy)
}

fn handoff(root: &std::path::Path) -> Vec<(String, Vec<u8>)> {
    let files = files_below(&root.join(".waypost")).into_iter();
    files.filter(|(path, _)| path.starts_with("handoff.")).collect()
}

fn project() -> Project {
    Project::committed(&[
        ("Cargo.toml", "[package]\nname = \"mix\"\ndescription = \"A mix of languages.\"\n"),
        ("README.md", "# Mix\n\nA mix of languages.\n"),
        (
            "src/lib.rs",
            "//! The library.\npub mod parse;\npub mod print;\npub fn run() { parse::parse(); }\n",
        ),
        ("src/parse.rs", "/// Parses.\npub fn parse() -> Tree { Tree }\npub struct Tree;\n"),
        ("src/print.rs", "use crate::parse::Tree;\npub fn print(tree: &Tree) {}\n"),
        (
            "tools/make.py",
            "import tools.names\nfrom tools import names\ndef make():\n    return names.name()\n",
        ),
        ("tools/__init__.py", ""),
        ("tools/names.py", "def name():\n    \"\"\"A name.\"\"\"\n    return parse\n"),
        ("go/go.mod", "module example.org/mix\n"),
        ("go/a/a.go", "package a\n\nfunc Parse() {}\n"),
        ("go/main.go", "package main\n\nimport \"example.org/mix/a\"\n\nfunc main() { a.Parse() }\n"),
        ("c/x.c", "#include \"x.h\"\nint x(void) { return 1; }\n"),
        ("c/x.h", "int x(void);\n"),
    ])
}

#[test]
fn any_edits_lead_to_the_handoff_of_a_first_snapshot() {
    type Edit = (&'static str, &'static dyn Fn(&Project));
    let edits: &[Edit] = &[
        ("a body", &|p| p.edit("src/parse.rs", "{ Tree }", "{ helper(); Tree }")),
        ("a doc", &|p| p.edit("src/parse.rs", "/// Parses.", "/// Parses a text.")),
        ("a new symbol", &|p| p.edit("src/print.rs", "pub fn", "pub struct Printer;\npub fn")),
        ("a name that others mention", &|p| p.edit("tools/names.py", "return parse", "return Printer")),
        ("an import", &|p| p.edit("src/print.rs", "use crate::parse::Tree;", "struct Tree;")),
        ("a new file", &|p| p.write("src/new.rs", "pub fn helper() {}\n")),
        ("what was missing", &|p| p.write("c/y.c", "#include \"y.h\"\n#include \"x.h\"\n")),
        ("and now is there", &|p| p.write("c/y.h", "struct y;\n")),
        ("a rename", &|p| p.rename("go/a/a.go", "go/a/b.go")),
        ("a manifest", &|p| p.edit("go/go.mod", "example.org/mix", "example.org/other")),
        ("a description", &|p| p.edit("Cargo.toml", "A mix of languages.", "A blend.")),
        ("the readme", &|p| p.edit("README.md", "A mix of languages.", "Another text.")),
        ("a deletion", &|p| p.remove("tools/names.py")),
        ("a package in another file", &|p| {
            p.edit("go/a/b.go", "func Parse", "func Other() {}\n\nfunc Parse")
        }),
        ("a file that is no text", &|p| p.write("src/print.rs", b"\0\x01\x02\xff")),
        ("and is one again", &|p| {
            p.write("src/print.rs", "use crate::parse::Tree;\npub fn print(t: &Tree) {}\n")
        }),
        ("an ignore rule", &|p| p.write(".waypostignore", "c/\n")),
        ("back again", &|p| p.remove(".waypostignore")),
        ("the same bytes", &|p| p.write("src/lib.rs", p.read("src/lib.rs"))),
        ("an empty file", &|p| p.write("src/parse.rs", "")),
    ];
    let project = project();
    snapshot(&project, &project.path(""));
    for (n, (what, edit)) in edits.iter().enumerate() {
        edit(&project);
        snapshot(&project, &project.path(""));
        assert!(handoff(&project.path("")) == fresh(&project, &format!("fresh{n}")), "after {what}");
    }
}

#[test]
fn a_snapshot_of_an_unchanged_tree_writes_nothing() {
    let project = project();
    let root = project.path("");
    snapshot(&project, &root);
    let report = snapshot(&project, &root);
    assert_eq!(report["handoff"]["written"], false);
    let before = project.own_files();
    snapshot(&project, &root);
    let changed: Vec<String> = before
        .into_iter()
        .zip(project.own_files())
        .filter(|(before, after)| before != after)
        .map(|(before, _)| before.0)
        .collect();
    assert!(changed.iter().all(|path| path.contains("waypost.db")), "{changed:?}");
}

#[test]
fn a_handoff_that_somebody_changed_is_written_again() {
    let project = project();
    let root = project.path("");
    snapshot(&project, &root);
    let right = handoff(&root);
    for path in [".waypost/handoff.md", ".waypost/handoff.json"] {
        project.write(path, "something else");
        assert_eq!(snapshot(&project, &root)["handoff"]["written"], true, "{path}");
        assert!(handoff(&root) == right, "{path}");
        project.remove(path);
        snapshot(&project, &root);
        assert!(handoff(&root) == right, "{path}");
    }
}

#[test]
fn damaged_contents_in_the_database_are_made_again() {
    let project = project();
    let root = project.path("");
    snapshot(&project, &root);
    let right = handoff(&root);
    let database = rusqlite::Connection::open(project.path(".waypost/local/waypost.db")).expect("a database");
    for damage in
        ["UPDATE content SET data = x'00ff'", "DELETE FROM content", "UPDATE sketch SET data = x'07'"]
    {
        database.execute_batch(damage).expect("ours to break");
        project.remove(".waypost/handoff.md");
        snapshot(&project, &root);
        assert!(handoff(&root) == right, "{damage}");
        project.edit("src/parse.rs", "pub fn parse", "pub fn  parse");
        snapshot(&project, &root);
        project.edit("src/parse.rs", "pub fn  parse", "pub fn parse");
        snapshot(&project, &root);
        assert!(handoff(&root) == right, "{damage}");
    }
}

/// From 2,000 files on, contents go into the database while others are read.
#[test]
fn many_files_are_read_as_few_are() {
    let project = project();
    for n in 0..2_000 {
        project.write(&format!("notes/{}/n{n}.txt", n % 40), format!("note {n} about parse and make\n"));
    }
    let many = project.snapshot();
    let page = project.handoff();
    let symbols = |report: &serde_json::Value| (report["files"].clone(), report["symbols"].clone());
    // Without a database nothing goes anywhere meanwhile.
    project.rename(".waypost/local", "../local");
    assert_eq!(project.ok(&["handoff", "--stdout"]).stdout, page.0);
    assert_eq!(symbols(&project.json(&["status"])), symbols(&many));
    std::fs::rename(project.outside("local"), project.path(".waypost/local")).expect("a folder");
    project.edit("src/print.rs", "pub fn print", "pub fn print_all");
    let again = project.snapshot();
    assert_eq!(again["changes"]["modified"], serde_json::json!(["src/print.rs"]));
    let page = project.handoff();
    std::fs::remove_dir_all(project.path(".waypost/local")).expect("a database");
    assert_eq!(project.ok(&["handoff", "--stdout"]).stdout, page.0);
}
