//! Kills, readers beside a writer, and what a run leaves: the short forms of
//! `tests/trials/crash.py` and `torn.py`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::project::Project;

/// A file of a process that is no more: 4194304 is above every number that
/// Linux gives (proc(5), pid_max).
const LEFT: &str = ".waypost-4194305-abc.tmp";

fn strays(project: &Project) -> Vec<String> {
    let own = project.own_files().into_iter().map(|(name, _)| name);
    own.filter(|name| name.contains(".waypost-")).collect()
}

#[test]
fn a_snapshot_that_is_killed_leaves_the_old_or_the_new_state() {
    let project = Project::fixture("porch");
    let start = Instant::now();
    project.ok(&["snapshot", "--goal", "Make retries fair"]);
    let usual = start.elapsed();
    for n in 0..12_u32 {
        project.write(&format!("src/porch/new{n}.py"), format!("def added_{n}(x):\n    return x\n"));
        let goal = format!("Make retries fair, take {n}");
        let mut command = project.command(&["snapshot", "--goal", &goal]);
        let mut child =
            command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap();
        std::thread::sleep(usual * n / 11);
        child.kill().unwrap();
        child.wait().unwrap();
        let report = project.run(&["doctor", "--json"]).json();
        let failed: Vec<_> =
            report["checks"].as_array().unwrap().iter().filter(|check| check["status"] == "fail").collect();
        assert!(failed.is_empty(), "kill {n}: {failed:?}");
        let (markdown, json) = project.handoff();
        assert!(
            markdown.ends_with('\n') && serde_json::from_str::<serde_json::Value>(&json).is_ok(),
            "kill {n}"
        );
        project.ok(&["snapshot"]);
        project.ok(&["handoff", "--check"]);
        assert_eq!(strays(&project), [""; 0], "kill {n}");
    }
}

#[test]
fn readers_beside_a_writer_see_whole_files() {
    let project = Project::fixture("tally");
    let states = ["sum", "a_much_longer_name_than_before"].map(|name| {
        project.write("src/more.rs", format!("//! More.\n\npub fn {name}() {{}}\n"));
        project.ok(&["snapshot"]);
        project.handoff()
    });
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut reads = 0;
            while !done.load(Ordering::Relaxed) {
                let (markdown, json) = project.handoff();
                assert!(states.iter().any(|state| state.0 == markdown), "torn: {markdown}");
                assert!(states.iter().any(|state| state.1 == json), "torn: {json}");
                reads += 2;
                std::thread::sleep(Duration::from_millis(1));
            }
            reads
        });
        for n in 0..20 {
            let name = ["sum", "a_much_longer_name_than_before"][n % 2];
            project.write("src/more.rs", format!("//! More.\n\npub fn {name}() {{}}\n"));
            project.ok(&["handoff"]);
        }
        done.store(true, Ordering::Relaxed);
        assert!(reader.join().unwrap() > 20);
    });
}

#[cfg(target_os = "linux")]
#[test]
fn what_killed_runs_left_goes_with_the_next_one() {
    for command in [&["snapshot"] as &[&str], &["handoff"], &["note", "--summary", "x"], &["notes"]] {
        let project = Project::fixture("tally");
        project.snapshot();
        let mine = format!(".waypost/.waypost-{}-abc.tmp", std::process::id());
        for folder in ["", ".waypost/", ".waypost/memory/", ".waypost/local/"] {
            project.write(&format!("{folder}{LEFT}"), "half");
        }
        project.write(&format!(".waypost/local/{LEFT}.d/x").replace(".tmp.d", "d.tmp"), "half");
        project.write(&mine, "of a process that goes on");
        project.ok(command);
        let found: Vec<_> = strays(&project).into_iter().filter(|name| !mine.ends_with(name)).collect();
        assert_eq!(found, [""; 0], "{command:?}");
        assert!(project.exists(&mine), "{command:?}");
        assert!(!project.exists(LEFT), "{command:?}");
    }
}

#[test]
fn a_pair_of_two_states_is_found_and_mended() {
    let project = Project::fixture("tally");
    project.snapshot();
    let old = project.read(".waypost/handoff.md");
    project.edit("src/lib.rs", "pub fn sum", "pub fn whole");
    project.ok(&["handoff"]);
    project.write(".waypost/handoff.md", old);
    let report = project.ok(&["doctor"]).stdout;
    assert!(report.contains("do not belong together"), "{report}");
    project.run(&["handoff", "--check"]).expect(1);
    project.ok(&["handoff"]);
    project.ok(&["handoff", "--check"]);
}

/// A blob that a bit has flipped in is a cache that misses.
#[test]
fn a_flipped_bit_in_what_is_remembered_changes_no_page() {
    let project = Project::fixture("porch");
    project.ok(&["snapshot", "--goal", "Make retries fair"]);
    let wanted = project.handoff();
    let database = project.path(".waypost/local/waypost.db");
    let good = std::fs::read(&database).unwrap();
    for n in 1..8 {
        let mut bytes = good.clone();
        let at = good.len() * n / 8 + 37;
        bytes[at..at + 3].iter_mut().for_each(|byte| *byte ^= 0x10);
        std::fs::write(&database, bytes).unwrap();
        project.ok(&["snapshot"]);
        assert!(project.handoff() == wanted, "byte {at}");
        let report = project.run(&["doctor", "--fix", "--json"]).json();
        let failed = report["checks"].as_array().unwrap().iter().find(|check| check["status"] == "fail");
        assert!(failed.is_none(), "byte {at}: {failed:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn standard_output_that_is_full_is_told() {
    let project = Project::fixture("tally");
    project.snapshot();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let run = project.command(&["handoff", "--stdout"]).stdout(full).output().unwrap();
    let said = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(2), "{said}");
    assert!(said.contains("standard output") && said.contains("no space left on the disk"), "{said}");
}

#[test]
fn writers_at_once_lose_nothing() {
    let project = Project::fixture("tally");
    project.snapshot();
    let deadline = Instant::now() + Duration::from_secs(60);
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let project = &project;
            scope.spawn(move || {
                for n in 0..6 {
                    assert!(Instant::now() < deadline);
                    project.ok(&["note", "--summary", &format!("note {n} of {writer}")]);
                    project.ok(&["handoff", "--stdout"]);
                }
            });
        }
        // One that waited for readers while it held up writers made them fail.
        for others in
            [["prune", "--keep-last", "1"], ["snapshot", "--goal", "b"], ["redact", "--retro", "-q"]]
        {
            let project = &project;
            scope.spawn(move || (0..4).for_each(|_| drop(project.ok(&others))));
        }
    });
    assert_eq!(project.json(&["notes", "--kind", "decision"])["notes"].as_array().unwrap().len(), 24);
    project.ok(&["doctor", "--fix"]);
}
