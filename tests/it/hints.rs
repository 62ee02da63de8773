//! A hint is only given where following it works: each that is about our own
//! state is followed here, as a person would who copies it into a shell.

use std::fs;
use std::process::Command;

use crate::project::{Project, Run};

const DATABASE: &str = ".waypost/local/waypost.db";

fn project() -> Project {
    let project = Project::committed(&[("a.py", "def a(): ...\n")]);
    project.ok(&["snapshot", "--goal", "Ours"]);
    project
}

fn sql(project: &Project, sql: &str) {
    rusqlite::Connection::open(project.path(DATABASE)).unwrap().execute_batch(sql).unwrap();
}

/// The first command in backticks behind `hint: `.
fn hint(text: &str) -> Option<&str> {
    let line = text.lines().find_map(|line| line.split_once("hint: "))?.1;
    line.split('`').skip(1).step_by(2).find(|command| command.contains(' '))
}

fn shell(project: &Project, command: &str) -> Run {
    let mut shell = Command::new("sh");
    for (name, value) in project.command(&[]).get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_waypost")).parent().unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    shell.env("PATH", format!("{}:{path}", folder.display())).current_dir(&project.root);
    Run::of(shell.args(["-c", command]))
}

/// Runs a command, and what its hint says, until it ends well.
fn follow(what: &str, project: &Project, arguments: &[&str]) {
    let mut said = Vec::new();
    for _ in 0..4 {
        let run = project.run(arguments);
        if run.code == 0 {
            assert!(!said.is_empty(), "{what}: {arguments:?} needed no hint");
            return;
        }
        let hint =
            hint(&run.stderr).unwrap_or_else(|| panic!("{what}: {arguments:?}: no hint: {}", run.stderr));
        assert!(
            !said.contains(&hint.to_string()),
            "{what}: {arguments:?}: `{hint}` did not help: {}",
            run.stderr
        );
        said.push(hint.to_string());
        let done = shell(project, hint);
        // `doctor` also ends with 1 for what it only finds.
        assert!(done.code == 0 || hint.contains("doctor"), "{what}: `{hint}`: {}", done.stderr);
    }
    panic!("{what}: {arguments:?}: no end of hints: {said:?}");
}

type Damage<'a> = &'a dyn Fn(&Project);

/// Sets one byte of the database's header.
fn header(project: &Project, at: usize, value: u8) {
    let mut bytes = fs::read(project.path(DATABASE)).unwrap();
    bytes[at] = value;
    project.write(DATABASE, bytes);
}

#[test]
fn every_hint_about_an_unusable_database_helps() {
    let cases: &[(&str, Damage)] = &[
        ("a format that SQLite only reads in its header", &|project| header(project, 18, 3)),
        ("a schema of an unknown format in its header", &|project| header(project, 47, 9)),
        ("an older version in its header", &|project| sql(project, "PRAGMA user_version = 3")),
        ("a newer version in its header", &|project| sql(project, "PRAGMA user_version = 99")),
        ("a version that cannot be", &|project| sql(project, "PRAGMA user_version = -5")),
        ("a missing table", &|project| sql(project, "DROP TABLE sketch_part")),
        ("a missing column", &|project| sql(project, "ALTER TABLE snapshot DROP COLUMN tokens")),
        ("a text for a number", &|project| sql(project, "UPDATE snapshot SET files = 'many'")),
        ("bytes for a text", &|project| sql(project, "UPDATE snapshot SET head = x'ff'")),
        ("a trigger", &|project| {
            sql(project, "CREATE TRIGGER t AFTER INSERT ON snapshot BEGIN DELETE FROM file; END");
        }),
        ("no database", &|project| project.write(DATABASE, "x".repeat(9_000))),
        ("another program's", &|project| sql(project, "PRAGMA application_id = 7")),
        ("half of it", &|project| {
            let bytes = fs::read(project.path(DATABASE)).unwrap();
            project.write(DATABASE, &bytes[..bytes.len() / 2]);
        }),
        ("a lost key", &|project| fs::remove_dir_all(project.outside("home/.local/state")).unwrap()),
        ("another key", &|project| sql(project, &format!("UPDATE binding SET key = '{}'", "ab".repeat(32)))),
    ];
    for (what, damage) in cases {
        let project = project();
        damage(&project);
        follow(what, &project, &["snapshots"]);
        project.ok(&["snapshot"]);
        project.ok(&["note", "--summary", "It goes on"]);
        assert_eq!(project.json(&["doctor"])["checks"][3]["status"], "ok", "{what}");
    }
}

#[test]
fn every_hint_about_a_database_that_git_knows_helps() {
    let tracked = project();
    tracked.git(&["add", "-f", DATABASE]);
    follow("a tracked one", &tracked, &["snapshots"]);
    for folder in [".waypost/local", ".waypost"] {
        let nested = project();
        nested.at(nested.path(folder)).git(&["init", "-q"]);
        follow("a nested repository", &nested, &["snapshots"]);
        let submodule = project();
        let inside = submodule.at(submodule.path(folder));
        inside.git(&["init", "-q"]);
        inside.git(&["add", "-A", "-f"]);
        inside.git(&["commit", "-q", "-m", "Start"]);
        submodule.git(&["add", "-f", folder]);
        follow("a submodule", &submodule, &["snapshots"]);
    }
}

#[test]
fn the_hint_about_an_index_that_does_not_fit_into_memory_helps() {
    let project = project();
    // Names that each begin like the one before, in version 4 of the format.
    let entries: u32 = 30_000;
    let mut index = [b"DIRC\0\0\0\x04", &entries.to_be_bytes()[..]].concat();
    for at in 0..entries {
        index.extend([0; 24]);
        index.extend(0o100_644_u32.to_be_bytes());
        index.extend([0; 12 + 20 + 2]);
        index.push(0);
        index.extend(std::iter::repeat_n(b'a', if at == 0 { 3_000 } else { 1 }));
        index.push(0);
    }
    index.extend([0; 20]);
    project.write(".git/index", index);
    let told = project.run(&["doctor"]).expect(1).stdout;
    assert!(told.contains("more names than fit into memory"), "{told}");
    let done = shell(&project, hint(&told).unwrap());
    assert_eq!(done.code, 0, "{}", done.stderr);
    let told = project.run(&["doctor"]).expect(0).stdout;
    assert!(told.contains("1 tracked files"), "{told}");
}
