//! Sessions, their log, and who holds what: across work trees, spellings and
//! processes.

use serde_json::Value;

use crate::project::Project;

fn session(project: &Project, agent: &str) -> String {
    let id = project.ok(&["session", "start", "--agent", agent]).stdout;
    assert_eq!(id.lines().count(), 1, "the id alone: {id}");
    id.trim().to_string()
}

fn kinds(events: &Value) -> Vec<&str> {
    events["events"].as_array().expect("events").iter().map(|event| event["kind"].as_str().unwrap()).collect()
}

#[test]
fn a_session_begins_says_what_it_does_and_ends_for_good() {
    let project = Project::committed(&[("a.rs", "fn a() {}\n")]);
    let title = "Mend the parser";
    let arguments =
        ["session", "start", "--agent", "ann", "--type", "fix", "--title", title, "--meta", "ticket=42"];
    let id = project.ok(&arguments).stdout.trim().to_string();
    let of = |arguments: &[&str]| project.run(&[arguments, &["--session", &id]].concat());
    of(&["session", "heartbeat", "read the lexer"]).expect(0);
    let shown = of(&["session", "show", "--json"]).expect(0).json();
    assert_eq!((shown["agent"].as_str(), shown["type"].as_str()), (Some("ann"), Some("fix")));
    assert_eq!((shown["title"].as_str(), shown["meta"]["ticket"].as_str()), (Some(title), Some("42")));
    assert_eq!((shown["state"].as_str(), shown["doing"].as_str()), (Some("active"), Some("read the lexer")));
    assert_eq!((shown["branch"].as_str(), shown["stale"].as_bool()), (Some("main"), Some(false)));
    project.ok(&["session", "end", &id, "--summary", "it parses"]);
    let ended = project.json(&["session", "show", &id]);
    assert_eq!((ended["state"].as_str(), ended["summary"].as_str()), (Some("ended"), Some("it parses")));
    assert_eq!(kinds(&ended), ["session_start", "heartbeat", "session_end"]);
    for arguments in [&["status"][..], &["session", "heartbeat"], &["session", "end"], &["claim", "a.rs"]] {
        let refused = of(arguments).expect(2);
        assert!(refused.stderr.contains("has ended"), "{arguments:?}: {}", refused.stderr);
    }
    let listed = |state: &str| project.json(&["session", "list", "--state", state])["sessions"].clone();
    assert_eq!(listed("active").as_array().unwrap().len(), 0);
    assert_eq!(listed("ended")[0]["id"], id);
}

#[test]
fn an_unknown_session_is_an_error_and_the_variable_counts_as_the_flag() {
    let project = Project::committed(&[("a.rs", "fn a() {}\n")]);
    let id = session(&project, "ann");
    let unknown = project.run(&["status", "--session", "nobody"]).expect(2);
    assert!(unknown.stderr.contains("no session `nobody`"), "{}", unknown.stderr);
    let with_variable = |value: &str, arguments: &[&str]| {
        crate::project::Run::of(project.command(arguments).env("WAYPOST_SESSION", value))
    };
    with_variable("nobody", &["status"]).expect(2);
    with_variable(&id, &["note", "--summary", "use SQLite", "--slug", "sqlite"]).expect(0);
    with_variable(&id, &["goal", "ship"]).expect(0);
    let log = project.json(&["log", "--session", &id]);
    let told: Vec<(&str, &str)> = log["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| (event["kind"].as_str().unwrap(), event["text"].as_str().unwrap()))
        .collect();
    let expected = [
        ("session_start", ""),
        ("decision", "use SQLite"),
        ("command", "waypost note --summary 'use SQLite' --slug sqlite"),
        ("record", "ship"),
        ("command", "waypost goal ship"),
    ];
    assert_eq!(told, expected);
    // A session that begins inside another one.
    with_variable("nobody", &["session", "start"]).expect(0);
}

#[test]
fn the_log_is_told_by_hand_too_and_shown_by_session_and_kind() {
    let project = Project::committed(&[("src/a.rs", "fn a() {}\n")]);
    let (ann, bob) = (session(&project, "ann"), session(&project, "bob"));
    let add = |id: &str, arguments: &[&str]| {
        project.ok(&[&["log", "add", "--session", id], arguments].concat());
    };
    add(&ann, &["it compiles", "--kind", "milestone", "--path", "src/a.rs"]);
    add(&bob, &["cargo test", "--kind", "command", "--exit-code", "101"]);
    project.ok(&["log", "add", "somebody was here"]);
    let of_ann = project.json(&["log", "--session", &ann]);
    assert_eq!(kinds(&of_ann), ["session_start", "milestone"]);
    assert_eq!(of_ann["events"][1]["path"], "src/a.rs");
    let commands = project.json(&["log", "--kind", "command"]);
    assert_eq!(
        (commands["events"][0]["session"].as_str(), &commands["events"][0]["exit_code"]),
        (Some(bob.as_str()), &101.into())
    );
    assert_eq!(project.json(&["log", "--limit", "1"])["events"][0]["session"], Value::Null);
    project.ok(&["session", "end", &ann]);
    assert_eq!(kinds(&project.json(&["log", "--session", &ann])).len(), 3, "an ended session has a log");
    project.run(&["log", "--session", "nobody"]).expect(2);
    project.run(&["log", "add", "x", "--kind", "session_start"]).expect(2);
    let token = ["ghp_", "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"].concat();
    project.ok(&["log", "add", &format!("log in with {token}")]);
    assert!(!project.ok(&["log", "--limit", "1"]).stdout.contains(&token));
}

#[test]
fn one_holds_a_resource_whatever_its_spelling_and_a_folder_holds_what_lies_below() {
    let project = Project::committed(&[("src/a.rs", "fn a() {}\n"), ("check", "x\n")]);
    std::os::unix::fs::symlink("src", project.path("link")).unwrap();
    let (ann, bob) = (session(&project, "ann"), session(&project, "bob"));
    let claim =
        |id: &str, arguments: &[&str]| project.run(&[&["claim", "--session", id], arguments].concat());
    claim(&ann, &["src/a.rs", "--note", "the lexer"]).expect(0);
    let absolute = project.path("src/a.rs").display().to_string();
    for spelling in ["src/a.rs", "./src/../src/a.rs", "link/a.rs", "SRC/A.rs", &absolute, "src", "."] {
        let refused = claim(&bob, &[spelling]).expect(4);
        assert!(refused.stdout.contains("ann") && refused.stdout.contains("the lexer"), "{}", refused.stdout);
    }
    claim(&bob, &["src/b.rs"]).expect(0);
    claim(&ann, &["name:Deploy"]).expect(0);
    claim(&bob, &["name:deploy"]).expect(4);
    claim(&ann, &["./check"]).expect(0);
    let refused = claim(&bob, &["src/a.rs", "--json"]).expect(4).json();
    assert_eq!(
        (&refused["granted"], refused["holders"][0]["session"].as_str()),
        (&false.into(), Some(ann.as_str()))
    );
    // Its own claim can be renewed, and what it holds is no obstacle to itself.
    claim(&ann, &["src/a.rs", "--ttl", "3h"]).expect(0);
    assert_eq!(project.json(&["claims"])["claims"].as_array().unwrap().len(), 4);
    project.ok(&["claim", "check", "src/a.rs", "--session", &ann]);
    project.run(&["claim", "check", "src/a.rs", "--session", &bob]).expect(4);
    let check = project.run(&["claim", "check", "src", "free.rs", "--json"]).expect(4).json();
    assert_eq!(check["claims"].as_array().unwrap().len(), 2, "whoever is no session is told of all");
    project.ok(&["release", "link/a.rs", "--session", &ann]);
    project.run(&["release", "src/a.rs", "--session", &ann]).expect(1);
    claim(&bob, &["src"]).expect(0);
    project.ok(&["release", "--all", "--session", &bob]);
    let left = project.json(&["claims"]);
    let left: Vec<&str> =
        left["claims"].as_array().unwrap().iter().map(|claim| claim["resource"].as_str().unwrap()).collect();
    assert_eq!(left, ["name:Deploy", "check"]);
}

#[test]
fn a_claim_without_a_session_is_wrong_usage_with_a_hint() {
    let project = Project::committed(&[("a.rs", "fn a() {}\n")]);
    for arguments in [&["claim", "a.rs"][..], &["release", "a.rs"], &["release", "--all"]] {
        let refused = project.run(arguments).expect(2);
        assert!(
            refused.stderr.contains("hint: ") && refused.stderr.contains("session start"),
            "{}",
            refused.stderr
        );
    }
    assert!(!project.exists(".waypost"));
    let ann = session(&project, "ann");
    for resource in ["../outside", "", "name:"] {
        project.run(&["claim", resource, "--session", &ann]).expect(2);
    }
}

#[test]
fn shared_claims_stand_beside_each_other_and_not_beside_one_that_is_not() {
    let project = Project::committed(&[("a.rs", "fn a() {}\n")]);
    let (ann, bob) = (session(&project, "ann"), session(&project, "bob"));
    let claim =
        |id: &str, arguments: &[&str]| project.run(&[&["claim", "--session", id], arguments].concat());
    claim(&ann, &["a.rs", "--shared"]).expect(0);
    claim(&bob, &["a.rs", "--shared"]).expect(0);
    claim(&bob, &["a.rs"]).expect(4);
    project.ok(&["release", "a.rs", "--session", &ann]);
    claim(&bob, &["a.rs"]).expect(0);
    claim(&ann, &["a.rs", "--shared"]).expect(4);
}

#[test]
fn a_lease_that_ran_out_and_an_ended_session_hold_nothing_and_a_living_one_is_not_robbed() {
    let project = Project::committed(&[("a.rs", "fn a() {}\n")]);
    let (ann, bob) = (session(&project, "ann"), session(&project, "bob"));
    let claim =
        |id: &str, arguments: &[&str]| project.run(&[&["claim", "--session", id], arguments].concat());
    claim(&ann, &["a.rs", "--ttl", "1s"]).expect(0);
    claim(&bob, &["a.rs", "--steal"]).expect(4);
    std::thread::sleep(std::time::Duration::from_millis(1_050));
    claim(&bob, &["a.rs"]).expect(0);
    project.ok(&["session", "end", &bob]);
    claim(&ann, &["a.rs"]).expect(0);
    let verbs = project.json(&["log", "--kind", "release"]);
    let verbs: Vec<&str> =
        verbs["events"].as_array().unwrap().iter().map(|event| event["text"].as_str().unwrap()).collect();
    assert_eq!(verbs, ["expired", "released"]);
}

#[test]
fn who_waits_for_a_claim_has_it_when_it_is_given_up_and_is_refused_when_the_time_is_over() {
    let project = Project::committed(&[("a.rs", "fn a() {}\n")]);
    let (ann, bob) = (session(&project, "ann"), session(&project, "bob"));
    project.ok(&["claim", "a.rs", "--session", &ann]);
    project.run(&["claim", "a.rs", "--wait", "1s", "--session", &bob]).expect(4);
    let waiting = project.command(&["claim", "a.rs", "--wait", "1m", "--session", &bob]).spawn().unwrap();
    project.ok(&["release", "a.rs", "--session", &ann]);
    assert!(waiting.wait_with_output().unwrap().status.success());
    assert_eq!(project.json(&["claims"])["claims"][0]["holder"], "bob");
}

#[cfg(target_os = "linux")]
#[test]
fn a_session_whose_process_is_gone_is_abandoned_and_robbed_of_its_claims() {
    use std::io::{BufRead, BufReader, Write};
    let project = Project::committed(&[("a.rs", "fn a() {}\n")]);
    let program = env!("CARGO_BIN_EXE_waypost");
    let mut shell = std::process::Command::new("sh")
        .env_remove("WAYPOST_SESSION")
        .env("HOME", project.outside("home"))
        .current_dir(&project.root)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    writeln!(shell.stdin.as_mut().unwrap(), "{program} session start --agent ann").unwrap();
    let mut lines = BufReader::new(shell.stdout.take().unwrap()).lines();
    let ann = lines.next().unwrap().unwrap();
    project.ok(&["claim", "a.rs", "--session", &ann]);
    let bob = session(&project, "bob");
    project.run(&["claim", "a.rs", "--steal", "--session", &bob]).expect(4);
    shell.kill().unwrap();
    shell.wait().unwrap();
    let abandoned = project.json(&["session", "list", "--state", "abandoned"]);
    assert_eq!(abandoned["sessions"][0]["id"], ann);
    let refused = project.run(&["claim", "a.rs", "--session", &bob]).expect(4);
    assert!(refused.stdout.contains("(stale)") && refused.stderr.contains("--steal"), "{}", refused.stdout);
    project.ok(&["claim", "a.rs", "--steal", "--session", &bob]);
    // Whoever gives a sign of life again is back.
    project.ok(&["session", "heartbeat", "--session", &ann]);
    assert_eq!(
        project.json(&["session", "list", "--state", "active"])["sessions"].as_array().unwrap().len(),
        2
    );
}

#[test]
fn linked_work_trees_share_sessions_claims_and_log_and_each_names_its_own() {
    let project = Project::committed(&[("src/a.rs", "fn a() {}\n")]);
    project.ok(&["init"]);
    project.git(&["worktree", "add", "-q", "-b", "side", "../side"]);
    let side = project.at(project.outside("side"));
    let ann = session(&project, "ann");
    let bob = side.ok(&["session", "start", "--agent", "bob"]).stdout.trim().to_string();
    side.ok(&["claim", "src/a.rs", "--session", &bob]);
    let refused = project.run(&["claim", "src/a.rs", "--session", &ann, "--json"]).expect(4).json();
    assert_eq!(
        (refused["holders"][0]["holder"].as_str(), refused["holders"][0]["branch"].as_str()),
        (Some("bob"), Some("side"))
    );
    // Nobody has worked in this one.
    project.git(&["worktree", "add", "-q", "-b", "third", "../third"]);
    let third = project.outside("third").join("src/a.rs").display().to_string();
    project.run(&["claim", "check", &third, "--session", &ann]).expect(4);
    let there = side.root.join("src/a.rs").display().to_string();
    project.run(&["claim", "check", &there, "--session", &ann]).expect(4);
    let sessions = project.json(&["session", "list"]);
    let branches: Vec<String> = sessions["sessions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|session| session["branch"].as_str().unwrap().to_string())
        .collect();
    assert_eq!(branches.len(), 2);
    assert!(branches.contains(&"main".to_string()) && branches.contains(&"side".to_string()));
    assert_eq!(kinds(&side.json(&["log"])), ["session_start", "session_start", "claim"]);
}

/// Through whatever spelling, and again when a release, the end of its session or
/// that of the lease freed it. `CLAIM_ROUNDS=1000` is the long form.
#[test]
fn of_twenty_that_ask_at_once_one_is_granted() {
    let project = Project::committed(&[("src/a.rs", "fn a() {}\n")]);
    std::os::unix::fs::symlink("src", project.path("link")).unwrap();
    let side = project.outside("side");
    project.git(&["worktree", "add", "-q", "-b", "side", side.to_str().unwrap()]);
    let mut sessions: Vec<String> = (0..20).map(|n| session(&project, &format!("agent {n}"))).collect();
    let (here, there) = (project.path("src/a.rs"), side.join("src/a.rs"));
    let spellings = [
        "src/a.rs",
        "./src/a.rs",
        "src/../src/a.rs",
        "SRC/A.RS",
        "link/a.rs",
        "src",
        ".",
        here.to_str().unwrap(),
        there.to_str().unwrap(),
    ];
    let rounds: usize =
        std::env::var("CLAIM_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(4);
    for round in 0..rounds {
        let codes: Vec<i32> = std::thread::scope(|scope| {
            let asked = sessions.iter().enumerate().map(|(n, id)| {
                let (project, spelling) = (&project, spellings[(n + round) % spellings.len()]);
                scope.spawn(move || project.run(&["claim", spelling, "--session", id]).code)
            });
            asked.collect::<Vec<_>>().into_iter().map(|run| run.join().unwrap()).collect()
        });
        let granted: Vec<usize> = (0..20).filter(|n| codes[*n] == 0).collect();
        assert_eq!(granted.len(), 1, "round {round}: {codes:?}");
        assert_eq!(codes.iter().filter(|code| **code == 4).count(), 19, "round {round}: {codes:?}");
        let holder = granted[0];
        if round % 10 == 1 {
            let held = spellings[(holder + round) % spellings.len()];
            project.ok(&["claim", held, "--ttl", "1s", "--session", &sessions[holder]]);
            std::thread::sleep(std::time::Duration::from_millis(1_100));
        } else if round % 2 == 0 {
            project.ok(&["release", "--all", "--session", &sessions[holder]]);
        } else {
            project.ok(&["session", "end", &sessions[holder]]);
            sessions[holder] = session(&project, "another one");
        }
    }
}
