//! Two commands at once on the same records: neither undoes the other.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use crate::project::{Project, Run};

/// A snapshot that stands still where it asks git for the history, which is
/// after it has read the records and before it writes one.
struct HeldSnapshot {
    child: Child,
    go: std::path::PathBuf,
}

impl HeldSnapshot {
    fn start(project: &Project, arguments: &[&str]) -> Self {
        let bin = project.outside("bin");
        fs::create_dir_all(&bin).unwrap();
        let (asked, go) = (project.outside("asked"), project.outside("go"));
        let path = std::env::var("PATH").unwrap();
        let git = std::env::split_paths(&path).map(|folder| folder.join("git")).find(|git| git.is_file());
        let script = format!(
            "#!/bin/sh\ncase \" $* \" in *' log '*) : > '{}'; while [ ! -e '{}' ]; do sleep 0.02; done ;; esac\nexec '{}' \"$@\"\n",
            asked.display(),
            go.display(),
            git.unwrap().display()
        );
        fs::write(bin.join("git"), script).unwrap();
        fs::set_permissions(bin.join("git"), fs::Permissions::from_mode(0o755)).unwrap();
        let mut command = project.command(arguments);
        command.env("PATH", format!("{}:{path}", bin.display()));
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        wait_for(&asked);
        Self { child, go }
    }

    fn end(self) {
        fs::write(self.go, "").unwrap();
        Run::from_output("snapshot", self.child.wait_with_output().unwrap()).expect(0);
    }
}

fn wait_for(path: &Path) {
    let is_there = (0..1_000).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        path.exists()
    });
    assert!(is_there, "{}", path.display());
}

fn project() -> Project {
    let files = (0..40).map(|n| (format!("src/cap{n}.py"), format!("def cap_pause_{n}(): ...\n")));
    let files: Vec<(String, String)> = files.collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    Project::committed(&files)
}

fn record_files(project: &Project) -> Vec<String> {
    let files = crate::project::files_below(&project.path(".waypost/memory")).into_iter();
    files.map(|(_, bytes)| String::from_utf8(bytes).unwrap()).collect()
}

#[test]
fn an_edit_of_the_goal_during_a_snapshot_is_kept() {
    let project = project();
    project.ok(&["goal", "Cap the pause"]);
    let id = project.json(&["goal"])["id"].as_str().unwrap().to_string();
    let snapshot = HeldSnapshot::start(&project, &["snapshot"]);
    project.ok(&["edit", &id, "--next", "Measure it first", "--tag", "urgent"]);
    snapshot.end();
    let goal = project.json(&["show", &id]);
    assert_eq!((&goal["next"], &goal["tags"][0]), (&"Measure it first".into(), &"urgent".into()));
    // And the snapshot's own change is there too, on the page as well.
    let history = project.json(&["history", &id]);
    assert_eq!(history["history"].as_array().unwrap().len(), 3, "{history}");
    assert!(record_files(&project)[0].contains("path = \"src/cap"));
    assert!(project.read(".waypost/handoff.md").contains("Measure it first"));
}

#[test]
fn an_edit_of_the_goal_that_a_snapshot_is_about_to_end_is_kept() {
    let project = project();
    project.ok(&["goal", "Cap the pause"]);
    let id = project.json(&["goal"])["id"].as_str().unwrap().to_string();
    let snapshot = HeldSnapshot::start(&project, &["snapshot", "--goal", "Lift the pause"]);
    project.ok(&["edit", &id, "--next", "Measure it first"]);
    snapshot.end();
    let old = project.json(&["show", &id]);
    assert_eq!((&old["next"], &old["status"]), (&"Measure it first".into(), &"superseded".into()));
    assert_eq!(project.json(&["goal"])["goal"], "Lift the pause");
}

#[test]
fn two_that_set_the_same_goal_at_once_set_one() {
    let project = project();
    let snapshot = HeldSnapshot::start(&project, &["snapshot", "--goal", "Cap the pause"]);
    project.ok(&["goal", "Cap the pause"]);
    snapshot.end();
    let goals = project.json(&["notes", "--kind", "goal"]);
    let notes = goals["records"].as_array().or(goals["notes"].as_array()).unwrap();
    assert_eq!(notes.len(), 1, "{goals}");
    assert!(record_files(&project)[0].contains("path = \"src/cap"));
}
