//! Export, import, backup: what leaves a project and comes into another.

use serde_json::{Value, json};

use crate::project::Project;

fn filled() -> Project {
    let project = Project::fixture("porch");
    project.ok(&["goal", "Make retries fair"]);
    project.ok(&[
        "note",
        "--summary",
        "Back off",
        "--slug",
        "backoff",
        "--anchor",
        "docs/retries.md",
        "--tag",
        "net",
    ]);
    project.ok(&["edit", "backoff", "--summary", "Back off twice", "--rationale", "one\n\ntwo"]);
    project.ok(&["note", "--summary", "Because of it", "--kind", "lesson", "--link", "caused-by:backoff"]);
    let gone = project.ok(&["note", "--summary", "Short lived"]).stdout.trim().to_string();
    project.ok(&["forget", &gone]);
    project
}

fn export(project: &Project, name: &str) -> String {
    let path = project.outside(name);
    project.ok(&["export", "--output", path.to_str().unwrap()]);
    std::fs::read_to_string(path).unwrap()
}

/// Imports this text; gives the run's end.
fn import(project: &Project, text: &str, flags: &[&str]) -> crate::project::Run {
    let path = project.outside("in.jsonl");
    std::fs::write(&path, text).unwrap();
    project.run(&[&["import", "--file", path.to_str().unwrap()], flags].concat())
}

fn memory(project: &Project) -> Vec<(String, Vec<u8>)> {
    project.own_files().into_iter().filter(|(path, _)| path.starts_with("memory/")).collect()
}

#[test]
fn an_export_is_the_same_after_an_import_elsewhere() {
    let from = filled();
    let text = export(&from, "out.jsonl");
    let to = Project::fixture("porch");
    let dry: Value =
        serde_json::from_str(&import(&to, &text, &["--dry-run", "--json"]).expect(0).stdout).unwrap();
    assert_eq!(dry["added"].as_array().unwrap().len(), 4);
    assert_eq!(memory(&to), []);
    import(&to, &text, &[]).expect(0);
    assert_eq!(export(&to, "again.jsonl"), text);
    let shown = to.json(&["show", "backoff"]);
    assert_eq!((&shown["origin"], &shown["revision"]), (&json!("import"), &json!(2)));
    assert_eq!(shown["anchors"][0]["state"], "fresh");
    assert!(to.ok(&["diff", "backoff", "1", "2"]).stdout.contains("+title = \"Back off twice\""));
    let before = memory(&to);
    assert!(import(&to, &text, &[]).expect(0).stdout.contains("imported 0 records; 4 known already"));
    assert_eq!(memory(&to), before);
    assert_eq!(export(&to, "thrice.jsonl"), text);
    assert_eq!(to.json(&["goal"])["goal"], "Make retries fair");
}

#[test]
fn a_wrong_import_says_where_and_changes_nothing() {
    let from = filled();
    let text = export(&from, "out.jsonl");
    let to = Project::fixture("porch");
    to.ok(&["note", "--summary", "Ours"]);
    let before = memory(&to);
    let lines: Vec<&str> = text.lines().collect();
    let cut = lines[..lines.len() - 1].join("\n");
    let twice = [lines[0], lines[1], lines[1], "{\"end\":2}"].join("\n");
    let million = format!("{}\n{}", lines[0], "{}\n".repeat(1_000_000));
    let deep = format!("{}\n{}", lines[0], "[".repeat(100_000));
    let slip = text.replacen("\"id\":\"", "\"id\":\"../../", 1);
    let touched = text.replacen("Back off", "Back on", 1);
    for (bad, reason) in [
        ("", "line 1: this is no export"),
        ("{}", "line 1: this is no export"),
        ("PK\u{3}\u{4}", "line 1: this is no export"),
        (cut.as_str(), "it was cut"),
        (&twice, "line 3: the id"),
        (&million, "line 2: missing field"),
        (&deep, "line 2: "),
        (&slip, "is no id"),
        (&touched, "is not that of its hash"),
    ] {
        let run = import(&to, bad, &[]).expect(2);
        assert!(run.stderr.contains(reason) && run.stderr.contains("nothing was imported"), "{}", run.stderr);
        assert_eq!(memory(&to), before);
    }
}

#[test]
fn an_id_that_is_there_with_something_else_is_never_overwritten() {
    let from = filled();
    let first = export(&from, "out.jsonl");
    let to = Project::fixture("porch");
    import(&to, &first, &[]).expect(0);
    from.ok(&["edit", "backoff", "--summary", "Theirs"]);
    to.ok(&["edit", "backoff", "--summary", "Ours"]);
    let run = import(&to, &export(&from, "out.jsonl"), &[]).expect(2);
    assert!(run.stderr.contains("is there and says something else"), "{}", run.stderr);
    assert_eq!(to.json(&["show", "backoff"])["title"], "Ours");
    // What ours came from is no news.
    import(&to, &first, &[]).expect(0);
    assert_eq!(to.json(&["show", "backoff"])["title"], "Ours");
}

#[test]
fn what_was_erased_here_does_not_come_back_with_an_import() {
    let project = filled();
    let text = export(&project, "out.jsonl");
    project.ok(&["edit", "backoff", "--summary", "Newer"]);
    let newer = export(&project, "out.jsonl");
    project.ok(&["erase", "backoff", "--yes"]);
    for text in [text, newer] {
        let run = import(&project, &text, &[]).expect(0);
        assert!(run.stdout.contains("1 erased here before, which stay so"), "{}", run.stdout);
        project.run(&["show", "backoff"]).expect(2);
    }
}

#[test]
fn an_import_of_too_much_is_refused() {
    let project = Project::committed(&[]);
    let text = format!("{{\"waypost\":\"memory\",\"version\":1}}\n{}\n", "x".repeat(70_000_000));
    let run = import(&project, &text, &[]).expect(2);
    assert!(run.stderr.contains("more than 64000000 bytes"), "{}", run.stderr);
}

#[test]
fn markdown_notes_come_in_once_and_are_renewed() {
    let project = Project::committed(&[
        (
            "docs/adr/0001-use-sqlite.md",
            "# 1. Use SQLite\n\n## Status\n\nAccepted\n\n## Context\n\nOne file.\n",
        ),
        ("docs/adr/0002-no-orm.md", "# 2. No ORM\n\n## Status\n\nProposed\n"),
        (".serena/memories/style.md", "Tabs, not spaces.\n"),
    ]);
    project.ok(&["import", "--file", "docs/adr"]);
    project.ok(&["import", "--file", ".serena/memories"]);
    let notes = project.json(&["notes"]);
    assert_eq!(notes["count"], 3);
    let sqlite =
        notes["notes"].as_array().unwrap().iter().find(|note| note["title"] == "Use SQLite").unwrap();
    assert_eq!((&sqlite["kind"], &sqlite["rationale"]), (&json!("decision"), &json!("One file.")));
    assert_eq!(sqlite["source"], "docs/adr/0001-use-sqlite.md");
    assert!(project.ok(&["import", "--file", "docs/adr"]).stdout.contains("imported 0 records; 2 known"));
    project.edit("docs/adr/0002-no-orm.md", "Proposed", "Accepted");
    project.ok(&["import", "--file", "docs/adr"]);
    let notes = project.json(&["notes", "--status", "accepted"]);
    assert_eq!(notes["count"], 3);
}

#[test]
fn a_backup_brings_everything_back() {
    let project = filled();
    project.snapshot();
    let path = project.outside("b.tar.zst");
    let path = path.to_str().unwrap();
    project.ok(&["backup", "--output", path]);
    let before = (memory(&project), project.handoff(), export(&project, "before.jsonl"));
    project.ok(&["erase", "backoff", "--yes"]);
    project.ok(&["snapshot", "--goal", "Another one"]);
    project.ok(&["restore-backup", path]);
    assert_eq!((memory(&project), project.handoff(), export(&project, "after.jsonl")), before);
    assert_eq!(project.json(&["snapshots"])["snapshots"].as_array().unwrap().len(), 1);
    let left: Vec<String> = std::fs::read_dir(&project.root)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with(".waypost-"))
        .collect();
    assert_eq!(left, [""; 0]);
}

#[test]
fn a_backup_of_a_project_comes_back_in_a_clone_of_it() {
    let project = filled();
    let path = project.outside("b.tar.zst");
    project.ok(&["backup", "--output", path.to_str().unwrap()]);
    let other = Project::fixture("porch");
    other.ok(&["restore-backup", "--file", path.to_str().unwrap()]);
    assert_eq!(export(&other, "o.jsonl"), export(&project, "p.jsonl"));
}

#[test]
fn a_hostile_or_broken_backup_changes_nothing() {
    let project = filled();
    let good = project.outside("b.tar.zst");
    project.ok(&["backup", "--output", good.to_str().unwrap()]);
    let before = memory(&project);
    let bytes = std::fs::read(&good).unwrap();
    let mut flipped = bytes.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    let archive = |name: &str, kind: tar::EntryType| -> Vec<u8> {
        let mut archive = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(if kind == tar::EntryType::Regular { 1 } else { 0 });
        let raw = header.as_old_mut();
        raw.name[..name.len()].copy_from_slice(name.as_bytes());
        if kind == tar::EntryType::Symlink {
            raw.linkname[..4].copy_from_slice(b"/etc");
        }
        header.set_cksum();
        archive.append(&header, &b"x"[..if kind == tar::EntryType::Regular { 1 } else { 0 }]).unwrap();
        zstd::encode_all(archive.into_inner().unwrap().as_slice(), 0).unwrap()
    };
    let regular = tar::EntryType::Regular;
    for (bytes, reason) in [
        (b"hello".to_vec(), "is no backup"),
        (bytes[..bytes.len() / 2].to_vec(), "is no backup"),
        (flipped, "is no backup"),
        (archive("../evil", regular), "no path below"),
        (archive("/tmp/evil", regular), "no path below"),
        (archive("C:\\evil", regular), "no path below"),
        (archive("memory/../../evil", regular), "no path below"),
        (archive("memory", tar::EntryType::Symlink), "no regular file"),
        (archive("memory", tar::EntryType::Link), "no regular file"),
        (archive("fifo", tar::EntryType::Fifo), "no regular file"),
        (archive("memory/x.md", regular), "it has no manifest"),
    ] {
        let path = project.outside("bad.tar.zst");
        std::fs::write(&path, bytes).unwrap();
        let run = project.run(&["restore-backup", path.to_str().unwrap()]).expect(2);
        assert!(run.stderr.contains(reason), "{}", run.stderr);
        assert_eq!(memory(&project), before);
    }
    assert!(!project.outside("evil").exists());
}
