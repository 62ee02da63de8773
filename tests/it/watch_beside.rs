//! What a watch must never hold up: git on its way through commits, and its own
//! work where nobody reads what it says.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::project::Project;
use crate::watch::{Watching, is_fresh, watch};

/// Longer than a settled change takes to be looked at.
const A_WHILE: &str = "sleep 0.8";

/// A project whose handoff is committed on `main`, behind some commits that
/// change what it says; `plain` and the tag `old` are from before.
fn project() -> Project {
    let project = Project::committed(&[("a.py", "def a(): pass\n")]);
    project.git(&["branch", "plain"]);
    project.git(&["tag", "old"]);
    project.ok(&["snapshot"]);
    project.commit("Keep the handoff");
    for n in 0..4 {
        project.write("a.py", format!("def a{n}(): pass\n"));
        project.ok(&["snapshot"]);
        project.commit(&format!("Step {n}"));
    }
    project
}

fn is_clean(project: &Project) -> bool {
    project.git(&["status", "--short"]).is_empty()
}

/// Waits until the live part names this branch, and nothing comes any more.
fn arrive(project: &Project, watching: &Watching, place: &str) {
    watching.until(place, || project.read(".waypost/local/now.md").contains(place));
    watching.settle();
}

#[test]
fn the_way_back_from_a_branch_without_a_handoff_is_free() {
    let project = project();
    let watching = watch(&project, &[]);
    watching.next_of("ready");
    for place in ["plain", "old", "main~5"] {
        project.git(&["checkout", "-q", place]);
        let told = watching.next_of("warning");
        assert!(told["text"].as_str().unwrap().contains("committed in `"), "{told}");
        project.write("b.py", "def b(): pass\n");
        watching.until("a look", || project.read(".waypost/local/now.md").contains("b.py"));
        watching.settle();
        assert_eq!(project.git(&["status", "--short"]), "?? b.py", "{place}");
        project.remove("b.py");
        watching.settle();
        project.git(&["checkout", "-q", "main"]);
        arrive(&project, &watching, "`main`");
        assert!(is_clean(&project) && is_fresh(&project), "{place}");
    }
}

#[test]
fn a_watch_that_begins_on_such_a_branch_creates_nothing_and_a_person_may() {
    let project = project();
    project.git(&["checkout", "-q", "plain"]);
    std::fs::remove_dir_all(project.path(".waypost")).unwrap();
    let mut watching = watch(&project, &[]);
    watching.next_of("ready");
    project.write("a.py", "def b(): pass\n");
    watching.next_of("changed");
    watching.settle();
    assert_eq!(project.git(&["status", "--short"]), " M a.py");
    project.git(&["checkout", "-q", "a.py"]);
    project.git(&["checkout", "-q", "main"]);
    project.git(&["checkout", "-q", "plain"]);
    assert_eq!(watching.signal("INT"), 130);
    project.ok(&["snapshot"]);
    assert!(is_fresh(&project));
}

#[test]
fn where_nobody_has_committed_one_it_is_created() {
    let project = Project::committed(&[("a.py", "def a(): pass\n")]);
    project.git(&["branch", "other"]);
    let watching = watch(&project, &[]);
    watching.next_of("ready");
    project.git(&["checkout", "-q", "other"]);
    project.git(&["checkout", "-q", "main"]);
    project.remove(".waypost/handoff.md");
    watching.until("it is back", || project.exists(".waypost/handoff.md"));
    assert!(is_fresh(&project));
}

#[test]
fn what_was_stashed_away_can_come_back() {
    let project = Project::committed(&[("a.py", "def a(): pass\n")]);
    let watching = watch(&project, &[]);
    watching.next_of("ready");
    watching.settle();
    project.git(&["stash", "-q", "-u"]);
    project.write("a.py", "def b(): pass\n");
    watching.next_of("snapshot");
    watching.settle();
    project.git(&["checkout", "-q", "a.py"]);
    watching.settle();
    project.git(&["stash", "pop", "-q"]);
    watching.settle();
    assert!(is_fresh(&project));
}

#[test]
fn a_handoff_that_was_held_back_for_git_is_written_when_git_is_done() {
    let project = project();
    let watching = watch(&project, &[]);
    watching.next_of("ready");
    watching.settle();
    project.write(".git/index.lock", "");
    project.write("a.py", "def held(): pass\n");
    assert_eq!(watching.next_of("snapshot")["handoff"], Value::Null);
    // It looks again and again, and says nothing.
    watching.settle();
    assert!(!project.read(".waypost/handoff.md").contains("def held"));
    project.remove(".git/index.lock");
    assert_eq!(watching.next_of("snapshot")["handoff"]["written"], true);
    assert!(project.read(".waypost/handoff.md").contains("def held") && is_fresh(&project));
}

#[test]
fn once_does_not_end_before_the_handoff_is_written() {
    // The second change is none of the page.
    for text in ["def held(): pass\n", "def a3(): pass # held\n"] {
        let project = project();
        let watching = watch(&project, &["--once"]);
        watching.next_of("ready");
        project.write(".git/index.lock", "");
        project.write("a.py", text);
        assert_eq!(watching.next_of("snapshot")["handoff"], Value::Null);
        watching.settle();
        project.remove(".git/index.lock");
        assert_eq!(watching.next_of("stopped")["reason"], "one change was taken");
        assert!(is_fresh(&project), "{text}");
    }
}

/// Watched, and at a commit with a fresh handoff behind four with a stale one: a
/// watch that looked at those would change it.
fn with_stale_commits() -> (Project, Watching) {
    let project = project();
    for n in 0..4 {
        project.write("b.py", format!("def b{n}(): pass\n"));
        project.commit(&format!("Stale {n}"));
    }
    let watching = watch(&project, &["--goal", "Go from step to step"]);
    watching.next_of("ready");
    watching.settle();
    assert!(!is_clean(&project));
    project.commit("Fresh");
    watching.settle();
    (project, watching)
}

#[test]
fn a_rebase_goes_from_step_to_step() {
    let (project, watching) = with_stale_commits();
    // Onto `plain`, the first commit adds the handoff, which is not there before.
    for base in ["main~5", "plain"] {
        project.git(&["rebase", "-q", "--force-rebase", "--exec", A_WHILE, base]);
        watching.settle();
        assert!(is_clean(&project) && is_fresh(&project), "{base}");
    }
    assert_eq!(project.git(&["rev-list", "--count", "plain..main"]), "10");
}

#[test]
fn picks_and_reverts_go_from_step_to_step() {
    let (project, watching) = with_stale_commits();
    project.git(&["checkout", "-q", "main~5"]);
    watching.settle();
    // The second one conflicts, and is continued after a while.
    let editor = ["-c", "core.editor=true"];
    let conflicts = |arguments: &[&str]| {
        let ended = Command::new("git").args(arguments).current_dir(&project.root).output().unwrap();
        assert!(!ended.status.success(), "{arguments:?}");
    };
    let user = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org"];
    conflicts(&[&user[..], &["cherry-pick", "main~4", "main~2", "main~1"]].concat());
    watching.settle();
    project.write("b.py", "def b2(): pass\n");
    project.git(&["add", "b.py"]);
    project.git(&[&editor[..], &["cherry-pick", "--continue"]].concat());
    watching.until("it is fresh", || is_fresh(&project));
}

#[test]
fn a_bisection_goes_from_step_to_step() {
    let (project, watching) = with_stale_commits();
    project.git(&["bisect", "start", "main", "main~5"]);
    project.git(&["bisect", "run", "sh", "-c", &format!("{A_WHILE}; ! grep -qs b1 b.py")]);
    project.git(&["bisect", "reset"]);
    arrive(&project, &watching, "`main`");
    assert!(is_clean(&project) && is_fresh(&project));
}

/// A project with so many long names that an event fills a pipe.
fn talkative() -> Project {
    let project = Project::with(&[("a.py", "def a(): pass\n")]);
    (0..200).for_each(|n| project.write(&format!("{}{n}.py", "n".repeat(220)), ""));
    project
}

#[test]
fn a_watch_whose_output_nobody_reads_goes_on_and_ends_when_asked_to() {
    for arguments in [&["watch", "--json"] as &[&str], &["watch", "-v"]] {
        let project = talkative();
        let mut child = project
            .command(&[arguments, &["--debounce-ms", "30", "--poll=1"]].concat())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let until = |what: &str, condition: &dyn Fn() -> bool| {
            let end = Instant::now() + Duration::from_secs(60);
            while !condition() {
                assert!(Instant::now() < end, "never: {what}");
                std::thread::sleep(Duration::from_millis(20));
            }
        };
        for round in 0..8 {
            (0..200)
                .for_each(|n| project.write(&format!("{}{n}.py", "n".repeat(220)), format!("x = {round}\n")));
            project.write("a.py", format!("def round_{round}(): pass\n"));
            until("a save", &|| {
                project.exists(".waypost/handoff.md")
                    && project.read(".waypost/handoff.md").contains(&format!("round_{round}"))
            });
        }
        let id = child.id().to_string();
        let asked = Instant::now();
        assert!(Command::new("kill").args(["-s", "INT", &id]).status().unwrap().success());
        let status = child.wait().unwrap();
        assert_eq!(status.code(), Some(130), "{arguments:?}");
        assert!(asked.elapsed() < Duration::from_secs(6), "{:?}", asked.elapsed());
        let mut said = String::new();
        child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
        assert!(said.len() < 200_000, "{arguments:?}: {}", said.len());
    }
}

#[test]
fn who_reads_again_is_told_how_much_was_dropped_and_gets_the_newest() {
    let project = talkative();
    let mut child = project
        .command(&["watch", "--json", "--debounce-ms", "30"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    for round in 0..12 {
        (0..200).for_each(|n| project.write(&format!("{}{n}.py", "n".repeat(220)), format!("x = {round}\n")));
        project.write("a.py", format!("def round_{round}(): pass\n"));
        let end = Instant::now() + Duration::from_secs(60);
        while !(project.exists(".waypost/handoff.md")
            && project.read(".waypost/handoff.md").contains(&format!("round_{round}")))
        {
            assert!(Instant::now() < end, "round {round} is never taken");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut events: Vec<Value> = Vec::new();
    // Reading makes room; the next save is the last thing that is told.
    project.write("last.py", "def last(): pass\n");
    while !events.last().is_some_and(|event| event["changes"]["added"][0] == "last.py") {
        events.push(serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap());
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let dropped: Vec<u64> = events.iter().filter_map(|event| event["dropped"].as_u64()).collect();
    assert!(!dropped.is_empty() && dropped.iter().all(|number| *number > 0), "{dropped:?}");
}

#[test]
fn events_are_small_however_much_is_skipped_or_changed() {
    let project = Project::with(&[("a.py", "def a(): pass\n")]);
    (0..1_000).for_each(|n| std::os::unix::fs::symlink("a.py", project.path(&format!("link_{n}"))).unwrap());
    (0..1_000).for_each(|n| project.write(&format!("file_{n}.py"), ""));
    let watching = watch(&project, &[]);
    let first = watching.next_of("snapshot");
    assert_eq!((&first["skipped"], &first["changes"]["more"]), (&1_000.into(), &801.into()));
    assert!(first.to_string().len() < 10_000, "{}", first.to_string().len());
    watching.settle();
    project.write("a.py", "def b(): pass\n");
    let event = watching.next_of("snapshot");
    assert_eq!(event["changes"]["modified"], serde_json::json!(["a.py"]));
    assert!(event.to_string().len() < 1_000, "{event}");
}
