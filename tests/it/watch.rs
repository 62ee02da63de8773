//! `waypost watch`: every change is picked up, nothing else wakes it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::project::{Project, strings};

/// Long enough for a busy machine; reached only when something is broken.
const PATIENCE: Duration = Duration::from_secs(30);

/// Much longer than the settings below let a snapshot wait, or than a watch
/// leaves git alone that is at work.
const QUIET: Duration = Duration::from_millis(1_800);

/// A running `watch --json`, killed when dropped.
pub struct Watching {
    pub child: Child,
    pub events: Receiver<Value>,
}

pub fn watch(project: &Project, arguments: &[&str]) -> Watching {
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
    /// The next event of a kind.
    #[track_caller]
    pub fn next_of(&self, kind: &str) -> Value {
        loop {
            let event = self.events.recv_timeout(PATIENCE).expect(kind);
            if event["event"] == kind {
                return event;
            }
        }
    }

    /// The next snapshot.
    #[track_caller]
    fn next(&self) -> Value {
        self.next_of("snapshot")
    }

    /// Reads events until one satisfies the condition.
    #[track_caller]
    pub fn until(&self, what: &str, condition: impl Fn() -> bool) {
        let end = Instant::now() + PATIENCE;
        while !condition() {
            assert!(Instant::now() < end, "never: {what}");
            let _ = self.events.recv_timeout(Duration::from_millis(50));
        }
    }

    /// Waits until nothing comes any more; gives what came.
    pub fn settle(&self) -> Vec<Value> {
        let mut came = Vec::new();
        loop {
            match self.events.recv_timeout(QUIET) {
                Ok(event) => came.push(event),
                Err(RecvTimeoutError::Timeout) => return came,
                Err(RecvTimeoutError::Disconnected) => panic!("watch ended by itself"),
            }
        }
    }

    pub fn signal(&mut self, name: &str) -> i32 {
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

fn snapshots(events: &[Value]) -> usize {
    events.iter().filter(|event| event["event"] == "snapshot").count()
}

/// What the handoff would be now, from a fresh look.
pub fn is_fresh(project: &Project) -> bool {
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
    watching.next_of("ready");
    watching.settle();
    for arguments in [&["status"] as &[&str], &["prompt"], &["handoff"], &["doctor"], &["restore"]] {
        project.run(arguments);
    }
    assert_eq!(watching.settle(), [] as [Value; 0]);
    project.edit("src/lib.rs", "pub fn sum(&self)", "pub fn whole(&self)");
    watching.next();
    assert_eq!(snapshots(&watching.settle()), 0, "one save, one snapshot");
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
    assert!(snapshots(&watching.settle()) <= 2);
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

/// The tree compared with the newest snapshot, whoever took it.
fn against_newest(project: &Project) -> Value {
    let snapshots = project.json(&["snapshots"]);
    let newest = snapshots["snapshots"][0]["id"].as_str().expect("a snapshot");
    project.json(&["restore", "--snapshot-id", newest])
}

#[test]
fn files_in_new_nested_folders_are_seen() {
    let project = Project::fixture("tally");
    let watching = watch(&project, &[]);
    watching.next();
    for n in 0..5 {
        project.write(&format!("deep_{n}/a/b/c/d/new_{n}.rs"), format!("pub fn new_{n}() {{}}\n"));
    }
    let last = || against_newest(&project);
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
        let summary = &against_newest(&project)["summary"];
        (&summary["changed"], &summary["missing"], &summary["new"]) == (&0.into(), &0.into(), &0.into())
    });
    watching.settle();
    assert!(is_fresh(&project));
}

#[test]
fn changes_of_ignored_files_do_not_wake_it_and_new_rules_count() {
    let project = Project::fixture("tally");
    project.write("target/debug/out.rs", "fn out() {}\n");
    project.write(".git/info/exclude", "*.tmp\n");
    let watching = watch(&project, &[]);
    watching.next();
    watching.settle();
    project.write("target/debug/out.rs", "fn out2() {}\n");
    assert_eq!(watching.settle(), [] as [Value; 0]);
    for n in 0..3 {
        project.write("src/debug.tmp", format!("{n}"));
        assert_eq!(watching.settle(), [] as [Value; 0], "an ignored file in a watched folder");
    }
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
fn events_come_in_their_order_with_what_they_promise() {
    let project = Project::fixture("tally");
    let mut watching = watch(&project, &[]);
    let first = watching.next();
    assert_eq!((&first["id"], &first["written"]), (&"s1".into(), &true.into()));
    let ready = watching.events.recv_timeout(PATIENCE).unwrap();
    assert_eq!((&ready["event"], &ready["files"]), (&"ready".into(), &first["files"]));
    project.edit("src/lib.rs", "pub fn sum(&self)", "pub fn whole(&self)");
    assert_eq!(strings(&watching.next_of("changed")["paths"]), ["src/lib.rs"]);
    let event = watching.events.recv_timeout(PATIENCE).unwrap();
    assert_eq!((&event["event"], &event["written"]), (&"snapshot".into(), &true.into()));
    for key in ["id", "files", "changes", "elapsed_ms", "written"] {
        assert!(!event[key].is_null(), "{key} is missing in {event}");
    }
    project.write(".gitignore", "/target\n*.log\n");
    assert_eq!(watching.next_of("rescan")["reason"], "ignore rules changed");
    watching.settle();
    assert_eq!(watching.signal("TERM"), 143);
    assert_eq!(watching.events.iter().last().unwrap()["event"], "stopped");
    assert!(!project.exists(".waypost/local/watch.lock"));
}

#[test]
fn one_change_ends_it_with_once() {
    let project = Project::fixture("tally");
    let mut watching = watch(&project, &["--once"]);
    watching.next_of("ready");
    assert!(matches!(watching.events.recv_timeout(QUIET), Err(RecvTimeoutError::Timeout)), "it waits");
    project.write("src/n.rs", "pub fn late() {}\n");
    assert_eq!(strings(&watching.next()["changes"]["added"]), ["src/n.rs"]);
    assert_eq!(watching.next_of("stopped")["reason"], "one change was taken");
    assert_eq!(watching.child.wait().unwrap().code(), Some(0));
    assert!(is_fresh(&project));
}

#[test]
fn a_second_one_is_told_who_watches_and_the_rest_works_beside_it() {
    let project = Project::fixture("tally");
    let mut watching = watch(&project, &[]);
    watching.next_of("ready");
    let second = project.run(&["watch"]).expect(2);
    assert!(
        second.stderr.contains(&format!("(process {}, since 20", watching.child.id())),
        "{}",
        second.stderr
    );
    project.ok(&["snapshot"]);
    project.ok(&["note", "--summary", "Beside a watch"]);
    project.ok(&["search", "sum"]);
    // A killed one leaves nothing that keeps the next one out.
    watching.child.kill().unwrap();
    watching.child.wait().unwrap();
    let next = watch(&project, &[]);
    next.next_of("ready");
}

#[test]
fn polling_sees_the_same() {
    let project = Project::fixture("tally");
    let watching = watch(&project, &["--poll=1"]);
    assert_eq!(watching.next_of("ready")["polling_sec"], 1);
    project.edit("src/lib.rs", "pub fn sum(&self)", "pub fn whole(&self)");
    project.write("deep/er/new.rs", "pub fn new() {}\n");
    project.remove("src/report.rs");
    watching.until("all three", || {
        let page = project.read(".waypost/handoff.md");
        page.contains("fn whole(&self)") && page.contains("deep/er") && !page.contains("src/report.rs")
    });
    assert!(is_fresh(&project));
}

#[test]
fn settings_and_rules_outside_the_tree_count_at_once() {
    let project = Project::fixture("tally");
    project.write("notes.log", "one\n");
    let watching = watch(&project, &[]);
    let all = watching.next()["files"].as_u64().unwrap();
    watching.settle();
    let until_files =
        |wanted: &dyn Fn(u64) -> bool| while !wanted(watching.next()["files"].as_u64().unwrap()) {};
    project.write(".git/info/exclude", "*.log\n");
    until_files(&|files| files == all - 1);
    project.write(".waypost/config.toml", "exclude = [\"src/\"]\n");
    until_files(&|files| files < all - 1);
    project.write(".waypost/config.toml", "exclude = [");
    assert!(watching.next_of("warning")["text"].as_str().unwrap().contains("config.toml"));
    project.write(".waypost/config.toml", "");
    until_files(&|files| files == all - 1);
}

#[test]
fn commits_and_branch_switches_reach_the_live_part() {
    let project = Project::fixture("tally");
    let watching = watch(&project, &[]);
    watching.next_of("ready");
    project.git(&["checkout", "-q", "-b", "topic/one"]);
    watching.until("the branch", || project.read(".waypost/local/now.md").contains("topic/one"));
    project.git(&["commit", "-q", "--allow-empty", "-m", "An empty step"]);
    watching.until("the commit", || project.read(".waypost/local/now.md").contains("An empty step"));
}

#[test]
fn what_others_do_to_its_own_files_is_repaired() {
    let project = Project::fixture("tally");
    let watching = watch(&project, &[]);
    watching.next_of("ready");
    watching.settle();
    let page = project.read(".waypost/handoff.md");
    project.remove(".waypost/handoff.md");
    watching.until("it is back", || project.exists(".waypost/handoff.md"));
    project.write(".waypost/handoff.md", "by hand\n");
    watching.until("it is right", || project.read(".waypost/handoff.md") == page);
    std::fs::remove_dir_all(project.path(".waypost/local")).unwrap();
    project.write("src/n.rs", "pub fn late() {}\n");
    watching.until("a new database", || project.exists(".waypost/local/waypost.db"));
    assert!(is_fresh(&project));
}

#[test]
fn a_repository_that_is_made_while_it_watches_counts() {
    let project = Project::with(&[("a.py", "def a(): pass\n"), (".gitignore", "*.log\n")]);
    let watching = watch(&project, &[]);
    watching.next_of("ready");
    project.git(&["init", "-q", "-b", "trunk"]);
    project.commit("Start");
    watching.until("the branch", || project.read(".waypost/local/now.md").contains("trunk"));
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
fn a_project_that_is_deleted_does_not_come_back() {
    let project = Project::fixture("tally");
    let mut watching = watch(&project, &["--max-delay-ms", "50"]);
    watching.next_of("ready");
    // Slowly, its own folder first.
    std::fs::remove_dir_all(project.path(".waypost")).unwrap();
    for folder in ["tests", "src", ".git"] {
        std::fs::remove_dir_all(project.path(folder)).unwrap();
        std::thread::sleep(Duration::from_millis(200));
    }
    // A snapshot that is under way may write between its looks, as any program may.
    let end = Instant::now() + PATIENCE;
    while std::fs::remove_dir_all(&project.root).is_err() && project.root.exists() {
        assert!(Instant::now() < end, "it writes again and again");
    }
    assert_eq!(watching.next_of("stopped")["reason"], "it cannot go on");
    assert_eq!(watching.child.wait().unwrap().code(), Some(2));
    assert!(!project.root.exists());
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
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("\"ready\"")));
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
    assert!(said.contains("was moved or deleted"), "{said}");
    assert!(!project.root.exists(), "a snapshot under way made its folder again");
    assert!(lines.last().unwrap().unwrap().contains("\"stopped\""));
}

#[test]
fn saves_of_known_files_add_up_to_a_fresh_snapshot() {
    let project = Project::committed(&[
        ("lib.py", "def one():\n    return two()\n"),
        ("two.py", "from lib import one\n\ndef two():\n    return 2\n"),
        ("pyproject.toml", "[project]\nname = \"adds\"\n"),
    ]);
    std::fs::hard_link(project.path("two.py"), project.path("twin.py")).expect("a second name");
    let mut watching = watch(&project, &[]);
    watching.next_of("ready");
    let shows = |text: &str| project.read(".waypost/handoff.md").contains(text);
    let edits: [(&str, &str); 6] = [
        ("lib.py", "def one(first):\n    return two()\n"),
        ("lib.py", "def one(second):\n    return two()\n"),
        ("pyproject.toml", "[project]\nname = \"sums\"\ndescription = \"third\"\n"),
        ("lib.py", "from two import two\n\ndef one(fourth):\n    return two()\n"),
        ("lib.py", "from two import two\n\ndef one(fifth):\n    return two()\n"),
        ("twin.py", "from lib import one\n\ndef two(sixth):\n    return 2\n"),
    ];
    for (n, (path, text)) in edits.iter().enumerate() {
        project.write(path, text);
        let word = ["first", "second", "third", "fourth", "fifth", "sixth"][n];
        watching.until(word, || shows(word));
    }
    watching.settle();
    assert_eq!(watching.signal("TERM"), 143);
    let kept = (project.read(".waypost/handoff.md"), project.read(".waypost/handoff.json"));
    assert_eq!(kept.0.matches("def two(sixth)").count(), 2, "a file under two names: {}", kept.0);
    std::fs::remove_dir_all(project.path(".waypost/local")).expect("a database");
    project.run(&["snapshot"]).expect(0);
    assert!(kept == (project.read(".waypost/handoff.md"), project.read(".waypost/handoff.json")));
}

#[test]
fn a_repository_inside_that_stops_to_be_one_is_read() {
    let project = Project::committed(&[("a.py", "def a(): pass\n")]);
    project.write("inner/b.py", "def inside_a_repository(): pass\n");
    crate::project::git(&project.path("inner"), &["init", "-q"]);
    let watching = watch(&project, &[]);
    assert_eq!(watching.next()["files"], 1);
    watching.settle();
    std::fs::remove_dir_all(project.path("inner/.git")).unwrap();
    watching.until("its file", || project.read(".waypost/handoff.md").contains("inside_a_repository"));
}

#[test]
fn rules_of_the_person_count_wherever_they_are_kept() {
    let project = Project::committed(&[("a.py", "def a(): pass\n"), ("b.log", "1\n")]);
    project.git(&["rm", "-q", "--cached", "b.log"]);
    let watching = watch(&project, &[]);
    assert_eq!(watching.next()["files"], 2);
    watching.settle();
    let until_files = |wanted: u64| while watching.next()["files"] != wanted {};
    // In folders that come together with the file.
    let rules = project.outside("home/.config/git/ignore");
    std::fs::create_dir_all(rules.parent().unwrap()).unwrap();
    std::fs::write(&rules, "*.log\n").unwrap();
    until_files(1);
    // In a link, as git reads it.
    let kept = project.outside("kept");
    std::fs::write(&kept, "").unwrap();
    std::fs::remove_file(&rules).unwrap();
    std::os::unix::fs::symlink(&kept, &rules).unwrap();
    until_files(2);
    std::fs::write(&kept, "*.log\n").unwrap();
    until_files(1);
    // In no file at all, which everybody writes to.
    project.git(&["config", "core.excludesFile", "/dev/null"]);
    until_files(2);
    watching.settle();
    std::fs::write("/dev/null", "nothing").unwrap();
    assert_eq!(watching.settle(), [] as [Value; 0]);
}

#[test]
fn lost_events_are_told_and_counted() {
    let project = Project::committed(&[("a.py", "def a(): pass\n")]);
    let mut watching = watch(&project, &[]);
    watching.next_of("ready");
    watching.settle();
    let check = || {
        let checks = project.json(&["doctor"])["checks"].as_array().unwrap().clone();
        checks.into_iter().find(|check| check["name"] == "watch").unwrap()["detail"].to_string()
    };
    assert!(check().contains(&format!("one runs (process {}", watching.child.id())), "{}", check());
    let signal = |name: &str, id: u32| {
        std::process::Command::new("kill").args(["-s", name, &id.to_string()]).status().unwrap();
    };
    signal("STOP", watching.child.id());
    // More events than the system keeps (fs.inotify.max_queued_events, 16,384).
    let names: Vec<_> = (0..10_000).map(|n| project.path(&format!("f{n}.log"))).collect();
    names.iter().for_each(|name| std::fs::write(name, "").unwrap());
    names.iter().for_each(|name| std::fs::remove_file(name).unwrap());
    project.write("a.py", "def after_all(): pass\n");
    signal("CONT", watching.child.id());
    assert_eq!(watching.next_of("rescan")["reason"], "events were lost");
    watching.until("the edit", || project.read(".waypost/handoff.md").contains("after_all"));
    watching.settle();
    assert!(check().contains("events were lost (1 time, last 2026-01-02T03:04:05Z)"), "{}", check());
    assert_eq!(watching.signal("TERM"), 143);
    assert!(check().contains("none runs; ") && check().contains("events were lost (1 time"), "{}", check());
}
