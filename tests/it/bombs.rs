//! What stops a parser stops nothing else: bombs, kills, and a program that is
//! replaced while it runs. The long version is `tests/trials/bombs.py`.

use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::project::{Project, Run};

/// Long enough for a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// Lines of 5,000 bytes: longer ones make a file count as minified.
fn bomb(fragment: &str, size: usize) -> String {
    let line = fragment.repeat(5_000 / fragment.len()) + "\n";
    line.repeat(size / line.len() + 1)
}

/// Holds its parser for more than its time, whatever the machine.
fn slow() -> String {
    bomb("`", 1_000_000)[..900_000].to_string()
}

fn skipped(report: &Value) -> BTreeMap<String, String> {
    let rows = report["skipped"].as_array().expect("a list").iter();
    rows.map(|row| (row["path"].as_str().unwrap().to_string(), row["reason"].as_str().unwrap().to_string()))
        .collect()
}

#[test]
fn no_bomb_stops_a_snapshot_and_none_is_tried_twice() {
    let project = Project::with(&[("good.rs", "pub fn good() {}\n")]);
    let fragments =
        ["(", "a<", "a<b,", "a.b<", "a|", "`", "'", "\"", "/*", "{{", "if a ", "<<A ", "a?b:", "\\"];
    let endings =
        ["rs", "py", "ts", "java", "c", "cpp", "cs", "rb", "php", "kt", "swift", "scala", "sh", "go"];
    for (n, fragment) in fragments.iter().enumerate() {
        for ending in endings {
            project.write(&format!("b{n}.{ending}"), bomb(fragment, 10_000));
        }
    }
    project.write("slow.scala", slow());
    let report = project.snapshot();
    assert_eq!(report["files"], fragments.len() * endings.len() + 2);
    let first = skipped(&report);
    assert_eq!(first["slow.scala"], "parsing took longer than 2 s");
    assert!(!first.contains_key("good.rs"));
    assert!(project.read(".waypost/handoff.md").contains("pub fn good()"));
    // Both are seen anew, and known by what they hold.
    project.write("good.rs", "pub fn better() {}\n");
    project.rename("slow.scala", "moved.scala");
    let start = Instant::now();
    let report = project.snapshot();
    assert!(start.elapsed() < Duration::from_secs(2) || !is_idle(), "{:?}", start.elapsed());
    assert_eq!(skipped(&report).len(), first.len());
    assert_eq!(skipped(&report)["moved.scala"], "parsing took longer than 2 s");
    let outline = project.ok(&["outline", "moved.scala"]);
    assert!(outline.stderr.contains("`moved.scala` has no outline: parsing took longer than 2 s"));
}

/// Times say something.
fn is_idle() -> bool {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().and_then(|load| load.parse::<f64>().ok()).is_some_and(|load| load < 2.0)
}

#[cfg(target_os = "linux")]
mod workers {
    use super::*;

    /// A snapshot that is held up by one file.
    fn started(command: &mut Command) -> Child {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts")
    }

    fn held_up() -> Project {
        Project::with(&[("good.rs", "pub fn good() {}\n"), ("slow.scala", &slow())])
    }

    /// The children of a process that parse and have used up some time.
    fn busy_workers(parent: u32) -> Vec<u32> {
        let entries = std::fs::read_dir("/proc").expect("/proc").flatten();
        let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        let is_busy = |id: &u32| {
            let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
            let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
            let field = |at: usize| fields.get(at).and_then(|field| field.parse::<u32>().ok());
            let line = std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
            let is_worker = line.starts_with(b"waypost\0parse-for-waypost\0");
            // Parent, and processor time in hundredths of a second.
            is_worker && field(1) == Some(parent) && field(11) > Some(20)
        };
        ids.filter(is_busy).collect()
    }

    #[track_caller]
    fn until<T>(what: &str, attempt: impl Fn() -> Option<T>) -> T {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = attempt() {
                return found;
            }
            assert!(Instant::now() < end, "never: {what}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn busy_worker(parent: &Child) -> u32 {
        until("a busy worker", || busy_workers(parent.id()).first().copied())
    }

    fn send(signal: &str, id: u32) {
        let status = Command::new("kill").args(["-s", signal, &id.to_string()]).status();
        assert!(status.expect("kill runs").success());
    }

    fn report(child: Child) -> Value {
        Run::from_output("snapshot", child.wait_with_output().expect("it ends")).expect(0).json()
    }

    #[test]
    fn a_worker_that_is_killed_costs_nothing_or_one_file_for_once() {
        let project = held_up();
        let child = started(&mut project.command(&["snapshot", "--json"]));
        let first = busy_worker(&child);
        send("KILL", first);
        let second =
            until("a second worker", || busy_workers(child.id()).into_iter().find(|worker| *worker != first));
        send("KILL", second);
        let report_ = report(child);
        let reason = "its parser was stopped from outside; the next snapshot tries again";
        assert_eq!(skipped(&report_)["slow.scala"], reason);
        let child = started(&mut project.command(&["snapshot", "--json"]));
        send("KILL", busy_worker(&child));
        assert_eq!(skipped(&report(child))["slow.scala"], "parsing took longer than 2 s");
    }

    #[test]
    fn no_worker_outlives_the_program() {
        for signal in ["KILL", "INT", "TERM", "HUP"] {
            let project = held_up();
            let mut child = started(&mut project.command(&["snapshot"]));
            let worker = busy_worker(&child);
            send(signal, child.id());
            child.wait().expect("it ends");
            // A worker that was ended stays listed until somebody asks for it.
            let is_gone = || {
                let line = std::fs::read(format!("/proc/{worker}/cmdline")).unwrap_or_default();
                line.is_empty().then_some(())
            };
            let start = Instant::now();
            until("a worker that ends", is_gone);
            assert!(start.elapsed() < Duration::from_secs(1) || !is_idle());
        }
    }

    #[test]
    fn a_worker_holds_nothing_of_the_program() {
        let project = held_up();
        let mut child = started(&mut project.command(&["snapshot"]));
        let worker = busy_worker(&child);
        let root = project.root.to_string_lossy().into_owned();
        for entry in std::fs::read_dir(format!("/proc/{worker}/fd")).expect("its files").flatten() {
            let target = std::fs::read_link(entry.path()).unwrap_or_default();
            assert!(!target.to_string_lossy().contains(&root), "{target:?}");
        }
        let environment = std::fs::read(format!("/proc/{worker}/environ")).expect("its environment");
        assert!(!String::from_utf8_lossy(&environment).contains("HOME"));
        let limits = std::fs::read_to_string(format!("/proc/{worker}/limits")).expect("its limits");
        for (name, bound) in [
            ("Max address space", "500000000"),
            ("Max core file size", "0"),
            ("Max open files", "0"),
            ("Max file size", "0"),
        ] {
            let line = limits.lines().find(|line| line.starts_with(name)).expect("a limit");
            assert!(line[name.len()..].trim_start().starts_with(bound), "{line}");
        }
        child.kill().expect("it is there");
        child.wait().expect("it ends");
    }

    #[test]
    fn the_program_may_be_removed_while_it_runs() {
        let project = held_up();
        let program = project.outside("waypost");
        std::fs::copy(env!("CARGO_BIN_EXE_waypost"), &program).expect("a copy");
        let known = project.command(&["snapshot", "--json"]);
        let mut command = Command::new(&program);
        command.args(["snapshot", "--json"]).current_dir(&project.root).env_clear();
        command.envs(known.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        let child = started(&mut command);
        let first = busy_worker(&child);
        std::fs::remove_file(&program).expect("the copy");
        std::fs::write(&program, "#!/bin/sh\nexit 1\n").expect("another program");
        send("KILL", first);
        let report = report(child);
        assert_eq!(skipped(&report)["slow.scala"], "parsing took longer than 2 s");
        assert_eq!(report["symbols"], 1);
    }
}
