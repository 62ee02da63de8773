//! What other tools keep comes in whole: decision records, logs, memories,
//! conversations. Nothing of it stops the rest.

use serde_json::{Value, json};

use crate::project::Project;

/// Title, status and day of all records, sorted by title.
fn records(project: &Project) -> Vec<(String, String, String)> {
    let text = |note: &Value, key: &str| note[key].as_str().unwrap_or_default().to_string();
    let row =
        |note: &Value| (text(note, "title"), text(note, "status"), text(note, "created")[..10].to_string());
    let mut rows = Vec::new();
    for status in ["accepted", "proposed", "rejected", "superseded"] {
        let notes = project.json(&["notes", "--status", status]);
        rows.extend(notes["notes"].as_array().unwrap().iter().map(row));
    }
    rows.sort();
    rows
}

#[test]
fn one_bad_file_costs_itself_and_is_named() {
    let project = Project::committed(&[("adr/0001-one.md", "# One\n\n## Status\n\nAccepted\n")]);
    project.write("adr/0002-latin.md", b"# Caf\xe9 au lait\n\n## Status\n\nRejected\n");
    project.write("adr/0003-binary.md", b"# B\0\x01\x02\n");
    project.write("adr/0004-large.md", "x".repeat(600_000));
    project.write("adr/0005-empty.md", "\n");
    std::os::unix::fs::symlink("0001-one.md", project.path("adr/0006-link.md")).unwrap();
    rustix_fifo(&project, "adr/0007-pipe.md");
    let run = project.ok(&["import", "--file", "adr"]);
    assert!(run.stdout.contains("imported 2 records; 0 known already"), "{}", run.stdout);
    for (name, reason) in [
        ("0003-binary.md", "it is binary"),
        ("0004-large.md", "more than 500000"),
        ("0005-empty.md", "it is empty"),
    ] {
        let line = run
            .stderr
            .lines()
            .find(|line| line.contains(name))
            .unwrap_or_else(|| panic!("{name}: {}", run.stderr));
        assert!(line.contains("was left out") && line.contains(reason), "{line}");
    }
    let found = records(&project);
    let found: Vec<_> = found.iter().map(|(title, status, _)| (title.as_str(), status.as_str())).collect();
    assert_eq!(found, [("Café au lait", "rejected"), ("One", "accepted")]);
    // A file that is asked for by name is no left-over.
    let run = project.run(&["import", "--file", "adr/0003-binary.md"]).expect(2);
    assert!(
        run.stderr.contains("nothing was imported: `adr/0003-binary.md`: it is binary"),
        "{}",
        run.stderr
    );
}

fn rustix_fifo(project: &Project, path: &str) {
    let made = std::process::Command::new("mkfifo").arg(project.path(path)).status().unwrap();
    assert!(made.success());
}

#[test]
fn a_dry_run_shows_everything_and_makes_nothing() {
    let project = Project::committed(&[
        ("adr/README.md", "# Decisions\n\n* [1](0001-x.md)\n"),
        ("adr/0001-x.md", "# 1. X\n\nDate: 2020-05-06\n\n## Status\n\nAccepted\n"),
        ("adr/0002-y.md", "# 2. Y\n\n- Status: under review\n"),
        ("adr/template.md", "# [title]\n\n* Status: [proposed | rejected | accepted]\n"),
    ]);
    let run = project.ok(&["import", "--file", "adr", "--dry-run"]);
    assert!(
        run.stdout.contains("decision     accepted    2020-05-06  X  (adr/0001-x.md)\n"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("decision     proposed  "), "{}", run.stdout);
    assert!(run.stdout.contains("would import 2 records; 0 known already"), "{}", run.stdout);
    assert!(run.stderr.contains("`adr/README.md` was left out: it is an index of others"), "{}", run.stderr);
    assert!(run.stderr.contains("`adr/template.md` was left out: it is a template"), "{}", run.stderr);
    assert!(!project.exists(".waypost"));
    let report = project.json(&["import", "--file", "adr", "--dry-run"]);
    let row = &report["records"][0];
    assert_eq!(
        (&row["title"], &row["status"], &row["created"]),
        (&json!("X"), &json!("accepted"), &json!("2020-05-06T00:00:00Z"))
    );
    assert_eq!(report["left_out"].as_array().unwrap().len(), 2);
    project.ok(&["import", "--file", "adr"]);
    assert_eq!(project.json(&["import", "--file", "adr", "--dry-run"])["records"], json!([]));
}

#[test]
fn records_stand_in_the_order_of_their_days_and_keep_them() {
    let project = Project::committed(&[
        ("adr/0001-a.md", "# New one\n\nDate: 2024-05-06\n\n## Decision\n\nx\n"),
        ("adr/0002-b.md", "# Old one\n\nDate: 2019-05-06\n\n## Decision\n\nx\n"),
        ("adr/0003-c.md", "# Of no day\n\n## Decision\n\nx\n"),
    ]);
    project.ok(&["import", "--file", "adr"]);
    let shown = project.ok(&["decisions"]).stdout;
    let place = |title: &str| shown.find(title).unwrap_or_else(|| panic!("{title}: {shown}"));
    let order = [place("Old one"), place("New one"), place("Of no day")];
    assert!(order.is_sorted() || order.iter().rev().is_sorted(), "{shown}");
    project.edit("adr/0002-b.md", "\nx\n", "\ny\n");
    project.ok(&["import", "--file", "adr"]);
    let days: Vec<_> = records(&project).into_iter().map(|(title, _, day)| (title, day)).collect();
    assert_eq!((days[0].0.as_str(), days[0].1.as_str()), ("New one", "2024-05-06"));
    assert_eq!((days[2].0.as_str(), days[2].1.as_str()), ("Old one", "2019-05-06"));
    assert!(project.ok(&["import", "--file", "adr"]).stdout.contains("imported 0 records; 3 known already"));
}

#[test]
fn a_decision_log_comes_in_decision_by_decision() {
    let project = Project::committed(&[(
        "memory-bank/decisionLog.md",
        "# Decision Log\n\n[2026-01-02 10:00:00] - Use Postgres over MySQL for JSON columns.\n[2026-01-03 11:30:00] - Drop Redis; sessions are in the database.\n\n## Decision: Use pnpm workspaces\nRationale: one lockfile.\n",
    )]);
    project.ok(&["import", "--file", "memory-bank"]);
    let found = records(&project);
    assert_eq!(found.len(), 3);
    assert_eq!(
        found[0],
        ("Drop Redis; sessions are in the database.".into(), "accepted".into(), "2026-01-03".into())
    );
    assert_eq!(
        (found[1].0.as_str(), found[1].2.as_str()),
        ("Use Postgres over MySQL for JSON columns.", "2026-01-02")
    );
    assert_eq!(found[2].0, "Use pnpm workspaces");
    project.edit("memory-bank/decisionLog.md", "one lockfile", "one lock file");
    let again = project.ok(&["import", "--file", "memory-bank"]);
    assert!(again.stdout.contains("imported 1 record; 2 known already"), "{}", again.stdout);
    assert_eq!(records(&project).len(), 3);
}

#[test]
fn front_matter_is_kept_and_found() {
    let project = Project::committed(&[(
        ".serena/memories/spec.md",
        "---\nname: spec\ndescription: Constraints for (A/B): read spec-schemas.md\ntype: feedback\n---\n# Spec\nBody text.\n",
    )]);
    project.ok(&["import", "--file", ".serena/memories"]);
    for query in ["Constraints", "feedback", "spec-schemas.md"] {
        let hits = project.json(&["search", query, "--in", "records"]);
        assert_eq!(hits["hits"][0]["title"], "Spec", "{query}");
    }
}

#[test]
fn a_journal_that_cannot_be_read_is_named_with_what_helps() {
    let project = Project::committed(&[]);
    project.ok(&["note", "--summary", "Ours"]);
    for text in ["garbage\n", "", "{\"waypost\":\"memory\",\"version\":1}\n{\"id\":\n"] {
        project.write(".waypost/local/import.jsonl", text);
        let run = project.run(&["notes"]).expect(2);
        assert!(
            run.stderr.contains(".waypost/local/import.jsonl`, the journal of an import"),
            "{}",
            run.stderr
        );
        assert!(run.stderr.contains("\nhint: delete that file"), "{}", run.stderr);
        project.remove(".waypost/local/import.jsonl");
        assert_eq!(project.json(&["notes"])["count"], 1);
    }
}

#[test]
fn what_an_export_holds_every_import_takes() {
    let from = Project::committed(&[]);
    from.ok(&["note", "--summary", "Ours"]);
    let (name, file) = from.own_files().into_iter().find(|(path, _)| path.starts_with("memory/")).unwrap();
    let mut file = String::from_utf8(file).unwrap();
    file.push_str(&"\u{200b}".repeat(250_000));
    from.write(&format!(".waypost/{name}"), &file);
    let run = from.run(&["notes"]).expect(0);
    assert!(
        run.stderr.contains("is kept and not read: with its invisible characters spelled out"),
        "{}",
        run.stderr
    );
    file.truncate(file.len() - 200_000 * 3);
    from.write(&format!(".waypost/{name}"), &file);
    let path = from.outside("out.jsonl");
    from.ok(&["export", "--output", path.to_str().unwrap()]);
    let to = Project::committed(&[]);
    to.ok(&["import", "--file", path.to_str().unwrap()]);
    assert_eq!(to.json(&["notes"])["count"], 1);
}

#[test]
fn transcripts_in_utf16_and_older_encodings_are_read() {
    let project = Project::committed(&[]);
    let said = "Decision: use größe everywhere\r\n";
    let utf16 = |mark: &str, big: bool| -> Vec<u8> {
        let text = format!("{mark}{said}");
        let bytes = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
        text.encode_utf16().flat_map(bytes).collect()
    };
    let line = r#"{"type":"user","message":{"role":"user","content":"Decision: use größe everywhere"}}"#;
    let jsonl: Vec<u8> =
        format!("\u{feff}{line}\r\n{line}\r\n").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let latin = said.chars().map(|c| c as u8).collect();
    for bytes in [
        utf16("\u{feff}", false),
        utf16("\u{feff}", true),
        utf16("", false),
        utf16("", true),
        jsonl,
        latin,
        said.into(),
    ] {
        let path = project.outside("chat.txt");
        std::fs::write(&path, &bytes).unwrap();
        let found = project.json(&["ingest-chat", "--file", path.to_str().unwrap(), "--dry-run"]);
        assert_eq!(found["proposed"][0]["title"], "use größe everywhere", "{bytes:?}");
    }
    std::fs::write(project.outside("chat.bin"), b"\x7fELF\0\0\x01\0\x02").unwrap();
    let run =
        project.run(&["ingest-chat", "--file", project.outside("chat.bin").to_str().unwrap()]).expect(2);
    assert!(run.stderr.contains("it is binary"), "{}", run.stderr);
}
