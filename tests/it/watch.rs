//! `waypost watch`: every change is picked up, nothing else wakes it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::project::{Project, strings};

/// Long enough for a busy machine; reached only when something is broken.
const PATIENCE: Duration = Duration::from_secs(30);

/// Much longer than the settings below let a snapshot wait.
const QUIET: Duration = Duration::from_millis(1_200);

/// A running `watch --json`, killed when dropped.
struct Watching {
    child: Child,
    events: Receiver<Value>,
}

fn watch(project: &Project, arguments: &[&str]) -> Watching {
    let mut child = project
        .command(&[&["watch", "--json", "--debounce-ms", "30"], arguments].concat())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("watch starts");
    let stdout = BufReader::new(child.stdout.take().expect("its output"));
    let (sender, events) = channel();
    std::thread::spawn(move || {
        for line in stdout.lines().map_while(Result::ok) {
            let event = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
            if sender.send(event).is_err() {
                break;
            }
        }
    });
    Watching { child, events }
}

impl Watching {
    /// The next snapshot.
    #[track_caller]
    fn next(&self) -> Value {
        let event = self.events.recv_timeout(PATIENCE).expect("an event");
        assert_eq!(event["event"], "snapshot", "{event}");
        event
    }

    /// Reads events until one satisfies the condition.
    #[track_caller]
    fn until(&self, what: &str, condition: impl Fn() -> bool) {
        let end = Instant::now() + PATIENCE;
        while !condition() {
            assert!(Instant::now() < end, "never: {what}");
            let _ = self.events.recv_timeout(Duration::from_millis(50));
        }
    }

    /// Waits until nothing comes any more; gives what came.
    fn settle(&self) -> Vec<Value> {
        let mut came = Vec::new();
        loop {
            match self.events.recv_timeout(QUIET) {
                Ok(event) => came.push(event),
                Err(RecvTimeoutError::Timeout) => return came,
                Err(RecvTimeoutError::Disconnected) => panic!("watch ended by itself"),
            }
        }
    }

    fn signal(&mut self, name: &str) -> i32 {
        let id = self.child.id().to_string();
        assert!(
            std::process::Command::new("kill").args(["-s", name, &id]).status().expect("kill runs").success()
        );
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return status.code().unwrap_or(-1);
            }
            assert!(Instant::now() < end, "it does not end on {name}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the handoff would be now, from a fresh look.
fn is_fresh(project: &Project) -> bool {
    project.run(&["handoff", "--check"]).code == 0
}

#[test]
fn a_snapshot_is_taken_at_once_and_a_save_is_picked_up() {
    let project = Project::fixture("tally");
    let watching = watch(&project, &["--goal", "Count docstrings"]);
    let first = watching.next();
    assert_eq!((&first["goal"], &first["handoff"]["written"]), (&"Count docstrings".into(), &true.into()));
    watching.settle();
    project.edit("src/lib.rs", "pub fn sum(&self)", "pub fn whole(&self)");
    let event = watching.next();
    assert_eq!(strings(&event["changes"]["modified"]), ["src/lib.rs"]);
    assert!(project.read(".waypost/handoff.md").contains("fn whole(&self)"));
    assert!(is_fresh(&project));
}

#[test]
fn its_own_output_and_readers_do_not_wake_it() {
    let project = Project::fixture("tally");
    let watching = watch(&project, &[]);
    watching.next();
    watching.settle();
    for arguments in [&["status"] as &[&str], &["prompt"], &["handoff"], &["doctor"], &["restore"]] {
        project.run(arguments);
    }
    assert_eq!(watching.settle(), [] as [Value; 0]);
    project.edit("src/lib.rs", "pub fn sum(&self)", "pub fn whole(&self)");
    assert_eq!(watching.settle().len(), 1, "one save, one snapshot");
}

#[test]
fn trailing_edits_are_never_lost() {
    let project = Project::fixture("tally");
    let watching = watch(&project, &[]);
    watching.next();
    for n in 0..60 {
        project.write("src/n.rs", format!("pub fn number_{n}() {{}}\n"));
        std::thread::sleep(Duration::from_millis(n % 7 * 9));
    }
    watching.until("the last edit", || project.read(".waypost/handoff.md").contains("number_59"));
    assert!(watching.settle().len() <= 2);
    assert!(is_fresh(&project));
}

#[test]
fn an_edit_within_the_least_interval_is_taken_when_it_is_over() {
    let project = Project::fixture("tally");
    let watching = watch(&project, &["--min-interval-sec", "2"]);
    watching.next();
    let start = Instant::now();
    project.write("src/n.rs", "pub fn late() {}\n");
    let event = watching.next();
    assert!(start.elapsed() >= Duration::from_millis(1_500), "{:?}", start.elapsed());
    assert_eq!(strings(&event["changes"]["added"]), ["src/n.rs"]);
}

#[test]
fn files_in_new_nested_folders_are_seen() {
    let project = Project::fixture("tally");
    let watching = watch(&project, &[]);
    watching.next();
    for n in 0..5 {
        project.write(&format!("deep_{n}/a/b/c/d/new_{n}.rs"), format!("pub fn new_{n}() {{}}\n"));
    }
    let last = || project.json(&["restore"]);
    watching.until("new folders", || last()["summary"]["new"] == 0 && last()["summary"]["valid"] == 13);
    project.write("deep_3/a/b/c/d/new_3.rs", "pub fn newer() {}\n");
    watching.until("an edit in a new folder", || last()["summary"]["changed"] == 0);
    assert!(is_fresh(&project));
}

#[test]
fn renames_removals_and_atomic_saves_are_seen() {
    let project = Project::fixture("tally");
    let watching = watch(&project, &[]);
    watching.next();
    watching.settle();
    project.write("src/lib.rs.tmp~", project.read("src/lib.rs").replace("pub fn sum", "pub fn whole"));
    project.rename("src/lib.rs.tmp~", "src/lib.rs");
    std::fs::rename(project.path("tests"), project.path("checks")).unwrap();
    project.remove("src/report.rs");
    watching.until("all three", || {
        let summary = &project.json(&["restore"])["summary"];
        (&summary["changed"], &summary["missing"], &summary["new"]) == (&0.into(), &0.into(), &0.into())
    });
    watching.settle();
    assert!(is_fresh(&project));
}

#[test]
fn changes_of_ignored_files_do_not_wake_it_and_new_rules_count() {
    let project = Project::fixture("tally");
    project.write("target/debug/out.rs", "fn out() {}\n");
    let watching = watch(&project, &[]);
    watching.next();
    watching.settle();
    project.write("target/debug/out.rs", "fn out2() {}\n");
    assert_eq!(watching.settle(), [] as [Value; 0]);
    project.write(".gitignore", "/target\n/tests\n");
    project.git(&["rm", "-q", "--cached", "-r", "tests"]);
    watching.until("the ignored folder gone", || !project.read(".waypost/handoff.md").contains("tests/"));
}

#[test]
fn a_new_pin_is_rendered() {
    let project = Project::fixture("tally");
    let watching = watch(&project, &[]);
    watching.next();
    watching.settle();
    project.ok(&["pin", "src/report.rs", "--note", "look here"]);
    watching.until("the pin", || project.read(".waypost/handoff.md").contains("look here"));
}

#[test]
fn ctrl_c_ends_with_130_and_termination_with_143() {
    let project = Project::fixture("tally");
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let mut watching = watch(&project, &[]);
        watching.next();
        assert_eq!(watching.signal(signal), code);
        assert!(is_fresh(&project));
    }
}

#[test]
fn a_project_that_is_removed_ends_it_with_a_message() {
    let project = Project::fixture("tally");
    let mut child = project
        .command(&["watch", "--debounce-ms", "30", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut first).unwrap();
    std::fs::rename(&project.root, project.outside("moved")).unwrap();
    let end = Instant::now() + PATIENCE;
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break status,
            None if Instant::now() > end => {
                child.kill().unwrap();
                panic!("it goes on without a project");
            }
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    };
    assert_eq!(status.code(), Some(2));
    let mut said = String::new();
    std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut said).unwrap();
    assert!(said.contains("error: project root"), "{said}");
}
