//! The short spellings of commands, each of which does what its long form does, and
//! what commands say besides.

use crate::project::Project;

const CODE: &str =
    "pub struct Store;\n\nimpl Store {\n    pub fn open() -> Self {\n        Store\n    }\n}\n";

fn project() -> Project {
    let project = Project::committed(&[
        ("src/store.rs", CODE),
        ("src/list.rs", "pub fn list_stores() {}\n"),
        ("tests/store.rs", "#[test]\nfn a_store_opens() {\n    store::open();\n}\n"),
    ]);
    project.ok(&["init"]);
    project
}

#[test]
fn a_note_is_its_text() {
    let project = project();
    project.ok(&["note", "Stores are opened once", "--slug", "once"]);
    assert_eq!(project.json(&["show", "once"])["title"], "Stores are opened once");
    let twice = project.run(&["note", "one", "--summary", "another"]).expect(2);
    assert!(twice.stderr.contains("cannot be used with"), "{}", twice.stderr);
    project.run(&["note"]).expect(2);
}

#[test]
fn an_anchor_at_a_line_is_on_the_innermost_declaration() {
    let project = project();
    project.ok(&["note", "Opening never fails", "--anchor", "src/store.rs:5", "--slug", "opens"]);
    let anchors = &project.json(&["show", "opens"])["anchors"];
    assert_eq!(anchors[0]["symbol"], "Store.open", "{anchors}");
    let outside = project.run(&["note", "x", "--anchor", "src/store.rs:2"]).expect(2);
    assert!(outside.stderr.contains("`src/store.rs:2` is not in a declaration"), "{}", outside.stderr);
}

#[test]
fn diff_shows_the_last_two_revisions_and_rollback_goes_one_back() {
    let project = project();
    project.ok(&["note", "first", "--slug", "it"]);
    let alone = project.run(&["diff", "it"]).expect(2);
    assert!(alone.stderr.contains("has one revision"), "{}", alone.stderr);
    project.run(&["rollback", "it"]).expect(2);
    for text in ["second", "third"] {
        project.ok(&["edit", "it", "--summary", text]);
    }
    let diff = project.json(&["diff", "it"]);
    assert_eq!((&diff["from"], &diff["to"]), (&2.into(), &3.into()));
    assert_eq!(project.json(&["diff", "it", "1"])["to"], 3);
    project.ok(&["rollback", "it"]);
    assert_eq!(project.json(&["show", "it"])["title"], "second");
}

#[test]
fn an_import_takes_its_path() {
    let project = project();
    project.ok(&["note", "kept", "--slug", "kept"]);
    project.ok(&["export", "-o", "all.jsonl"]);
    let report = project.json(&["import", "all.jsonl", "--dry-run"]);
    assert_eq!(report["known"].as_array().map(Vec::len), Some(1), "{report}");
    project.run(&["import"]).expect(2);
}

#[test]
fn a_command_runs_as_if_started_elsewhere() {
    let project = project();
    let below = project.path("src");
    let other = Project::empty();
    let report = other.json(&["-C", below.to_str().unwrap(), "outline", "list.rs"]);
    assert_eq!(report["path"], "src/list.rs");
    let gone = other.run(&["-C", "nowhere", "status"]).expect(2);
    assert!(gone.stderr.contains("cannot enter `nowhere`"), "{}", gone.stderr);
}

#[test]
fn a_ranking_leaves_tests_out_or_shows_them_alone() {
    let project = project();
    let paths = |flag: &[&str]| {
        let all = ["rank", "--goal", "open a store", "--format", "paths"];
        project.ok(&[&all, flag].concat()).stdout
    };
    assert!(paths(&[]).contains("tests/store.rs") && paths(&[]).contains("src/store.rs"));
    assert_eq!(paths(&["--tests-only"]), "tests/store.rs\n");
    assert!(!paths(&["--no-tests"]).contains("tests/"));
    assert!(!paths(&["--no-tests", "--symbols"]).contains("tests/"));
    assert!(paths(&["--tests-only", "--symbols"]).contains("tests/store.rs:"));
}

#[test]
fn a_setting_is_taken_out_and_has_its_default_again() {
    let project = project();
    project.ok(&["config", "set", "handoff_budget", "4000"]);
    let unset = project.json(&["config", "unset", "handoff_budget"]);
    assert_eq!(
        (&unset["changed"], &unset["value"], &unset["source"]),
        (&true.into(), &2500.into(), &"default".into())
    );
    assert_eq!(project.json(&["config", "unset", "handoff_budget"])["changed"], false);
    project.run(&["config", "unset", "handof_budget"]).expect(2);
}

#[test]
fn the_settings_are_edited_in_the_users_editor_and_checked() {
    let project = project();
    let edit = |editor: &str| {
        let mut command = project.command(&["config", "edit"]);
        crate::project::Run::of(command.env("EDITOR", editor).env_remove("VISUAL"))
    };
    let shown = edit("printf 'name = \"kit\"\\n' >").expect(0).stdout;
    assert!(shown.contains("name = \"kit\""), "{shown}");
    let broken = edit("printf 'nmae = 1\\n' >").expect(2).stderr;
    assert!(broken.contains("config.toml:1") && broken.contains("nmae"), "{broken}");
    let failed = edit("false").expect(2).stderr;
    assert!(failed.contains("`false` failed"), "{failed}");
    let none = edit("").expect(2).stderr;
    assert!(none.contains("neither VISUAL nor EDITOR"), "{none}");
}

#[test]
fn a_folder_is_outlined_file_by_file() {
    let project = project();
    let shown = project.ok(&["outline", "src"]).stdout;
    insta::assert_snapshot!(shown, @r"
    src/list.rs
      :1-1 pub fn list_stores()
    src/store.rs
      :1-1 pub struct Store
      :3-7 impl Store
    ");
    let files = project.json(&["outline", "."]);
    assert_eq!(files["files"].as_array().map(Vec::len), Some(3));
}

#[test]
fn readers_of_a_prompt_have_short_names() {
    let project = project();
    for (short, long) in [
        ("claude", "claude-code-restore"),
        ("copilot", "copilot-restore"),
        ("generic", "generic-agent-restore"),
        ("human", "human-handoff"),
        ("codex", "generic"),
    ] {
        let prompt = |mode: &str| project.ok(&["prompt", "--mode", mode]).stdout;
        assert_eq!(prompt(short), prompt(long), "{short}");
    }
}

#[test]
fn help_of_a_command_is_its_own() {
    let project = Project::empty();
    assert_eq!(project.ok(&["help", "rank"]).stdout, project.ok(&["rank", "--help"]).stdout);
}

#[test]
fn what_the_handoff_does_not_tell_yet_is_said_in_one_line() {
    let project = project();
    let lags = |arguments: &[&str]| project.ok(arguments).stderr.contains("`waypost handoff` writes it");
    assert!(!lags(&["note", "before there is a handoff"]));
    let first = project.ok(&["snapshot"]).stdout;
    assert!(!first.contains("changed since"), "{first}");
    for written in [&["note", "after"] as &[&str], &["pin", "src/store.rs"], &["goal", "Open stores"]] {
        assert!(lags(written), "{written:?}");
    }
    for shown in [&["goal"] as &[&str], &["notes"], &["goal", "list"], &["proposals"]] {
        assert!(!lags(shown), "{shown:?}");
    }
    assert_eq!(project.ok(&["note", "quietly", "-q"]).stderr, "");
}

/// A project with the same words in two languages and two folders.
fn two_languages() -> Project {
    Project::committed(&[
        (
            "src/store.rs",
            "/// Opens the store.\npub fn open_store() {}\n\n/// Closes the store.\npub fn close_store() {}\n",
        ),
        ("tools/store.py", "def open_store():\n    \"\"\"Opens the store.\"\"\"\n"),
        ("docs/store.md", "# The store\n\nOpen the store first.\n"),
    ])
}

#[test]
fn search_tells_paths_and_counts_and_keeps_to_languages_and_globs() {
    let project = two_languages();
    project.snapshot();
    let told = |arguments: &[&str]| project.ok(&[&["search", "open store"], arguments].concat()).stdout;
    let mut paths: Vec<String> = told(&["-l"]).lines().map(str::to_string).collect();
    paths.sort();
    assert_eq!(paths, ["docs/store.md", "src/store.rs", "tools/store.py"]);
    assert_eq!(told(&["-l", "--lang", "python"]), "tools/store.py\n");
    assert_eq!(told(&["-l", "--lang", "Rust", "--lang", "python"]).lines().count(), 2);
    assert_eq!(told(&["-l", "--path", "src/"]), "src/store.rs\n");
    assert_eq!(told(&["-l", "--include", "*.rs"]), "src/store.rs\n");
    assert_eq!(told(&["-l", "--exclude", "*.py", "--exclude", "docs/"]), "src/store.rs\n");
    let counts = told(&["-c", "--path", "*.rs"]);
    let places: usize = counts.trim().strip_prefix("src/store.rs:").expect("a count").parse().unwrap();
    assert!(places >= 1, "{counts}");
    assert_eq!(project.run(&["search", "open store", "--path", "nowhere/"]).expect(1).stdout, "");
    let run = project.run(&["search", "open store", "--lang", "pyhton"]).expect(2);
    assert!(run.stderr.contains("did you mean `python`"), "{}", run.stderr);
    // A record goes with the files that it is about.
    project.ok(&["note", "Open the store once", "--anchor", "src/store.rs", "--kind", "lesson"]);
    assert!(told(&["--path", "src/"]).contains("lesson: Open the store once"));
    assert!(!told(&["--path", "tools/"]).contains("lesson"));
}

#[test]
fn globs_narrow_a_ranking_and_a_snapshot() {
    let project = two_languages();
    let rank = |arguments: &[&str]| {
        project.ok(&[&["rank", "--goal", "open the store", "--format", "paths"], arguments].concat()).stdout
    };
    assert_eq!(rank(&["--include", "src/"]), "src/store.rs\n");
    assert!(!rank(&["--exclude", "*.py"]).contains("store.py"));
    let report = project.json(&["snapshot", "--exclude", "*.py", "--exclude", "docs/"]);
    assert_eq!(report["files"], 1);
    assert!(!project.handoff().0.contains("store.py"));
    let run = project.run(&["snapshot", "--include", "tools/"]).expect(0);
    assert!(run.stderr.contains("count for this snapshot alone"), "{}", run.stderr);
    assert!(project.handoff().0.contains("tools/store.py") && !project.handoff().0.contains("src/store.rs"));
    project.run(&["handoff", "--check"]).expect(1);
}

#[test]
fn a_document_or_a_list_is_written_to_a_file() {
    let project = two_languages();
    project.ok(&["snapshot", "--goal", "open the store"]);
    project.ok(&["brief", "set", "All is well"]);
    for command in [
        &["prompt"][..],
        &["search", "store"],
        &["context", "store"],
        &["rank"],
        &["rank", "--json"],
        &["outline", "src/store.rs"],
        &["explain", "src/store.rs"],
        &["review"],
        &["companions", "src/store.rs"],
        &["tests", "src/store.rs"],
        &["impact", "src/store.rs"],
        &["changes", "--since", "HEAD"],
        &["resume"],
        &["sitrep"],
        &["brief", "show"],
    ] {
        let printed = project.ok(command).stdout;
        let file = project.outside("out.txt");
        let run = project.ok(&[command, &["-o", file.to_str().unwrap()]].concat());
        assert_eq!(run.stdout, "", "{command:?}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), printed, "{command:?}");
        assert_eq!(project.ok(&[command, &["-o", "-"]].concat()).stdout, printed, "{command:?}");
    }
    // Nothing is written where a command fails, and an older file stays.
    let file = project.outside("out.txt");
    let before = std::fs::read(&file).unwrap();
    project.run(&["outline", "no/such.rs", "-o", file.to_str().unwrap()]).expect(2);
    assert_eq!(std::fs::read(&file).unwrap(), before);
    let run = project.run(&["prompt", "-o", "no/such/folder/x"]).expect(2);
    assert!(run.stderr.contains("no/such/folder/x"), "{}", run.stderr);
    // There is no terminal to copy to.
    let run = project.run(&["prompt", "--copy"]).expect(2);
    assert!(run.stderr.contains("needs a terminal"), "{}", run.stderr);
}
