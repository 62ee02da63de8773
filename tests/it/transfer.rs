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
    project.ok(&["forget", &gone, "--yes"]);
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
    let shown = import(&to, &text, &["--dry-run"]).expect(0).stdout;
    for line in
        ["goal         accepted  ", "  Back off twice\n", "  Because of it\n", "would import 4 records"]
    {
        assert!(shown.contains(line), "{line}: {shown}");
    }
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
        ("", "line 1: not an export"),
        ("{}", "line 1: not an export"),
        ("PK\u{3}\u{4}", "line 1: not an export"),
        (cut.as_str(), "it was cut"),
        (&twice, "line 3: the id"),
        (&million, "line 2: missing field"),
        (&deep, "line 2: "),
        (&slip, "is not an id"),
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
    assert!(run.stderr.contains("exists here and says something else"), "{}", run.stderr);
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
    project.ok(&["restore-backup", path, "--yes"]);
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
    other.ok(&["restore-backup", "--file", path.to_str().unwrap(), "--yes"]);
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
        (b"hello".to_vec(), "not a zstd archive"),
        (Vec::new(), "not a zstd archive"),
        (bytes[..bytes.len() / 2].to_vec(), "is not a backup"),
        (flipped, "is not a backup"),
        (archive("../evil", regular), "is not a path below"),
        (archive("/tmp/evil", regular), "is not a path below"),
        (archive("C:\\evil", regular), "is not a path below"),
        (archive("memory/../../evil", regular), "is not a path below"),
        (archive("memory", tar::EntryType::Symlink), "not a regular file"),
        (archive("memory", tar::EntryType::Link), "not a regular file"),
        (archive("fifo", tar::EntryType::Fifo), "not a regular file"),
        (archive("memory/x.md", regular), "it has no manifest"),
        (archive(".git/config", regular), "is not a path below"),
        (archive("local/.GIT/config", regular), "is not a path below"),
        (archive("x", tar::EntryType::XHeader), "not a regular file"),
        (archive("x", tar::EntryType::XGlobalHeader), "not a regular file"),
        (archive("x", tar::EntryType::GNULongLink), "not a regular file"),
        (archive("x", tar::EntryType::GNUSparse), "not a regular file"),
        (archive("x", tar::EntryType::GNULongName), "it has no manifest"),
    ] {
        let path = project.outside("bad.tar.zst");
        std::fs::write(&path, bytes).unwrap();
        let run = project.run(&["restore-backup", path.to_str().unwrap(), "--yes"]).expect(2);
        assert!(run.stderr.contains(reason), "{}", run.stderr);
        assert_eq!(memory(&project), before);
    }
    assert!(!project.outside("evil").exists());
}

#[test]
fn a_backup_shows_what_it_holds_and_what_would_go_and_replaces_only_when_told_to() {
    let project = filled();
    project.snapshot();
    let path = project.outside("b.tar.zst");
    let path = path.to_str().unwrap();
    project.ok(&["backup", "--output", path]);
    project.ok(&["note", "--summary", "Came later"]);
    project.ok(&["snapshot", "--goal", "Another one"]);
    let before = project.own_files();
    let run = project.run(&["restore-backup", path]).expect(1);
    assert_eq!(project.own_files(), before, "nothing was changed");
    for word in ["backup of `project`", "taken 2026-01-02", "Make retries fair", "Another one", "--yes"] {
        assert!(
            run.stdout.contains(word) || run.stderr.contains(word),
            "{word}: {}{}",
            run.stdout,
            run.stderr
        );
    }
    let report = project.run(&["restore-backup", path, "--json"]).expect(1).json();
    assert_eq!((&report["preview"], &report["is_of_this_project"]), (&json!(true), &json!(true)));
    assert_eq!(report["backup"]["snapshots"], 1);
    assert_eq!(report["here"]["snapshots"], 2);
    // The note, both goals' records (the old one ended), and a snapshot.
    assert_eq!(report["lost"]["records"].as_array().unwrap().len(), 3, "{report}");
    assert_eq!((&report["lost"]["goal"], &report["lost"]["snapshots"]), (&json!("Another one"), &json!(1)));
}

#[test]
fn what_a_backup_replaces_is_kept_and_can_be_put_back_in_turn() {
    let project = filled();
    project.snapshot();
    let path = project.outside("b.tar.zst");
    let path = path.to_str().unwrap();
    project.ok(&["backup", "--output", path]);
    project.ok(&["note", "--summary", "Came later"]);
    project.ok(&["snapshot", "--goal", "Another one"]);
    let before = (memory(&project), project.handoff(), export(&project, "before.jsonl"));
    for round in 1..=2 {
        let report = project.json(&["restore-backup", path, "--yes"]);
        let kept = report["kept"].as_str().unwrap();
        assert!(kept.starts_with(".waypost/local/replaced-"), "{kept}");
        assert_eq!(project.json(&["goal"])["goal"], "Make retries fair");
        let all = std::fs::read_dir(project.path(".waypost/local")).unwrap();
        let replaced = all
            .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with("replaced-"));
        assert_eq!(replaced.count(), round);
    }
    // No backup holds what others replaced.
    let again = project.outside("again.tar.zst");
    project.ok(&["backup", "--output", again.to_str().unwrap()]);
    let report = project.run(&["restore-backup", again.to_str().unwrap(), "--json"]).expect(1).json();
    assert_eq!(report["files"], project.run(&["restore-backup", path, "--json"]).expect(1).json()["files"]);
    // The first one that was kept is the folder as it was.
    let first = std::fs::read_dir(project.path(".waypost/local"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().contains("replaced-"))
        .min()
        .unwrap();
    std::fs::rename(first, project.outside("kept")).unwrap();
    std::fs::remove_dir_all(project.path(".waypost")).unwrap();
    std::fs::rename(project.outside("kept"), project.path(".waypost")).unwrap();
    assert_eq!((memory(&project), project.handoff(), export(&project, "after.jsonl")), before);
    assert_eq!(project.json(&["snapshots"])["snapshots"].as_array().unwrap().len(), 2);
}

#[test]
fn a_backup_of_another_project_is_told_as_one() {
    let other = Project::fixture("tally");
    other.ok(&["goal", "Theirs"]);
    other.snapshot();
    let path = other.outside("b.tar.zst");
    other.ok(&["backup", "--output", path.to_str().unwrap()]);
    let project = filled();
    project.snapshot();
    let run = project.run(&["restore-backup", path.to_str().unwrap()]).expect(1);
    assert!(run.stderr.contains("a backup of another project"), "{}", run.stderr);
    assert!(run.stdout.contains("here and not in the backup: 3 records"), "{}", run.stdout);
    let report = project.run(&["restore-backup", path.to_str().unwrap(), "--json"]).expect(1).json();
    assert_eq!(
        (&report["is_of_this_project"], &report["project"]["name"]),
        (&json!(false), &json!("project"))
    );
    assert_eq!(project.json(&["goal"])["goal"], "Make retries fair");
}

/// The database that comes with a backup gets a key of its new place.
#[test]
fn a_backup_that_was_put_back_is_this_users() {
    let from = filled();
    from.snapshot();
    let path = from.outside("b.tar.zst");
    from.ok(&["backup", "--output", path.to_str().unwrap()]);
    let to = Project::fixture("porch");
    to.ok(&["restore-backup", path.to_str().unwrap(), "--yes"]);
    let run = to.ok(&["snapshots"]);
    assert_eq!(run.stderr, "");
    assert_eq!(to.json(&["snapshots"])["snapshots"].as_array().unwrap().len(), 1);
    to.snapshot();
    assert_eq!(to.json(&["doctor"])["checks"][3]["status"], "ok");
}

/// A line of an export for a record that is gone.
fn gone(id: &str, events: &str) -> String {
    let head = r#"{"waypost":"memory","version":1}"#;
    format!("{head}\n{{\"id\":\"{id}\",\"record\":null,\"history\":[{events}]}}\n{{\"end\":1}}\n")
}

#[test]
fn an_import_cannot_keep_out_a_record_that_it_does_not_hold() {
    let from = Project::fixture("porch");
    let id = from.ok(&["note", "--summary", "Keep locks short"]).stdout.trim().to_string();
    let good = export(&from, "good.jsonl");
    let event = |revision: u32, what: &str, hash: &str| {
        format!(
            r#"{{"revision":{revision},"event":"{what}","at":"2026-01-01T00:00:00Z","hash":{hash},"text":null}}"#
        )
    };
    let hash = format!("\"{}\"", "ab".repeat(32));
    for events in [
        event(1, "erased", "null"),
        event(1, "deleted", "null"),
        event(1, "rejected", "null"),
        [event(1, "added", &hash), event(2, "deleted", "null")].join(","),
        [event(1, "added", &hash), event(2, "erased", "null")].join(","),
        [event(1, "erased", "null"), event(2, "restored", &hash), event(3, "erased", "null")].join(","),
    ] {
        let to = Project::fixture("porch");
        let run = import(&to, &gone(&id, &events), &[]).expect(0);
        assert!(run.stdout.contains("imported 0 records; 0 known already; 1 left out"), "{}", run.stdout);
        assert!(import(&to, &good, &[]).expect(0).stdout.contains("imported 1 record"), "{events}");
        assert_eq!(to.json(&["show", &id])["title"], "Keep locks short");
    }
}

#[test]
fn the_mark_of_an_erased_record_is_shown_and_can_be_lifted() {
    let project = filled();
    let text = export(&project, "out.jsonl");
    let id = project.json(&["show", "backoff"])["id"].as_str().unwrap().to_string();
    assert_eq!(project.json(&["erase", "--marks"])["marks"], json!([]));
    project.ok(&["erase", "backoff", "--yes"]);
    let marks = project.json(&["erase", "--marks"]);
    assert_eq!(marks["marks"][0]["id"], id.as_str());
    assert!(project.ok(&["erase", "--marks"]).stdout.contains(&id));
    assert!(project.run(&["show", &id]).expect(2).stderr.contains(&format!("`waypost erase --lift {id}`")));
    let run = import(&project, &text, &[]).expect(0);
    assert!(run.stderr.contains(&format!("`waypost erase --lift {id}`")), "{}", run.stderr);
    // Nothing that was not erased is lifted.
    project.run(&["erase", "--lift", "1m8p3mhjxec3e511"]).expect(2);
    project.run(&["erase", "--lift", &id, "1m8p3mhjxec3e511"]).expect(2);
    project.run(&["show", &id]).expect(2);
    project.ok(&["erase", "--lift", &id]);
    import(&project, &text, &[]).expect(0);
    assert_eq!(project.json(&["show", &id])["title"], "Back off twice");
    assert_eq!(export(&project, "again.jsonl"), text);
}

/// As a run leaves it that is killed behind its journal.
#[test]
fn an_import_that_was_killed_is_ended_by_the_next_command() {
    let from = filled();
    let to = Project::fixture("porch");
    to.ok(&["init"]);
    to.ok(&["note", "--summary", "Here"]);
    to.write(".waypost/local/import.jsonl", export(&from, "out.jsonl"));
    assert_eq!(to.json(&["notes"])["count"], 4);
    assert!(!to.exists(".waypost/local/import.jsonl"));
}
