//! Records: written, read, changed, removed, by command and by hand.

use serde_json::{Value, json};

use crate::project::Project;

fn note(project: &Project, arguments: &[&str]) -> String {
    project.ok(&[&["note"], arguments].concat()).stdout.trim().to_string()
}

fn titles(project: &Project, arguments: &[&str]) -> Vec<String> {
    let list = project.json(&[&["notes"], arguments].concat());
    list["notes"].as_array().unwrap().iter().map(|note| note["title"].as_str().unwrap().to_string()).collect()
}

fn file_of(project: &Project, id: &str) -> String {
    project.json(&["show", id])["file"].as_str().unwrap().to_string()
}

#[test]
fn a_decision_is_a_file_that_a_person_can_read() {
    let project = Project::fixture("porch");
    let id = note(
        &project,
        &[
            "--summary",
            "Retries back off",
            "--rationale",
            "Fixed delays hit the server\nin waves",
            "--alternative",
            "a token bucket",
            "--impact",
            "Tests need a fake clock",
            "--body",
            "See the rules.",
            "--tag",
            "net",
            "--anchor",
            "docs/retries.md",
            "--confidence",
            "0.8",
            "--slug",
            "backoff",
        ],
    );
    let text = project.read(&format!(".waypost/memory/{id}-backoff.md"));
    let text = text.replace(&id, "ID");
    let hash = text.split("hash = \"").nth(1).unwrap()[..16].to_string();
    insta::assert_snapshot!(text.replace(&hash, "HASH"), @r#"
    +++
    id = "ID"
    kind = "decision"
    status = "accepted"
    title = "Retries back off"
    slug = "backoff"
    tags = ["net"]
    confidence = 0.8
    origin = "cli"
    created = "2026-01-02T03:04:05Z"
    anchors = [
      { path = "docs/retries.md", hash = "HASH" },
    ]
    +++
    See the rules.

    ## Rationale

    Fixed delays hit the server
    in waves

    ## Alternatives

    - a token bucket

    ## Impact

    Tests need a fake clock
    "#);
    let shown = project.json(&["show", "backoff"]);
    assert_eq!(shown["rationale"], "Fixed delays hit the server\nin waves");
    assert_eq!(shown["alternatives"], json!(["a token bucket"]));
    assert_eq!((&shown["state"], &shown["revision"]), (&json!("fresh"), &json!(1)));
}

#[test]
fn lists_are_replaced_added_to_or_taken_from() {
    let project = Project::fixture("porch");
    note(&project, &["--summary", "Other", "--slug", "other"]);
    let id = note(
        &project,
        &["--summary", "One", "--tag", "a", "--alternative", "x", "--anchor", "docs/retries.md"],
    );
    let lists = || {
        let shown = project.json(&["show", &id]);
        let anchors: Vec<&str> =
            shown["anchors"].as_array().unwrap().iter().map(|a| a["path"].as_str().unwrap()).collect();
        let links = shown["links"].as_array().unwrap().len();
        format!("{} {} {links} {anchors:?}", shown["tags"], shown["alternatives"])
    };
    assert_eq!(lists(), r#"["a"] ["x"] 0 ["docs/retries.md"]"#);
    let queue =
        ["--tag", "b", "--alternative", "y", "--anchor", "src/porch/queue.py", "--link", "relates:other"];
    project.ok(&[&["edit", &id, "--add"], &queue[..]].concat());
    assert_eq!(lists(), r#"["a","b"] ["x","y"] 1 ["docs/retries.md", "src/porch/queue.py"]"#);
    let run = project.ok(&[&["edit", &id, "--add"], &queue[..]].concat());
    assert!(run.stdout.contains("already says this"), "{}", run.stdout);
    project.remove("src/porch/queue.py");
    project.ok(&[&["edit", &id, "--remove"], &queue[..]].concat());
    assert_eq!(lists(), r#"["a"] ["x"] 0 ["docs/retries.md"]"#);
    project.ok(&["edit", &id, "--tag", "c", "--alternative", "z"]);
    assert_eq!(lists(), r#"["c"] ["z"] 0 ["docs/retries.md"]"#);
    project.ok(&["edit", &id, "--tag", "", "--alternative", "", "--anchor", ""]);
    assert_eq!(lists(), "[] [] 0 []");
    let run = project.run(&["edit", &id, "--add", "--remove", "--tag", "c"]).expect(2);
    assert!(run.stderr.contains("cannot be used with"), "{}", run.stderr);
}

#[test]
fn an_exact_duplicate_gives_the_old_id() {
    let project = Project::committed(&[]);
    let first = note(&project, &["--summary", "One"]);
    let again = project.run(&["note", "--summary", "One"]).expect(0);
    assert_eq!(again.stdout.trim(), first);
    assert!(again.stderr.contains("nothing was added"));
    note(&project, &["--summary", "One", "--kind", "fact"]);
    assert_eq!(titles(&project, &[]).len(), 2);
}

#[test]
fn the_same_slug_is_a_new_revision_and_says_so() {
    let project = Project::committed(&[]);
    let id = note(&project, &["--summary", "One", "--slug", "s", "--tag", "kept"]);
    assert_eq!(note(&project, &["--summary", "Two", "--slug", "s"]), id);
    let shown = project.json(&["show", "s"]);
    assert_eq!(
        (&shown["title"], &shown["revision"], &shown["tags"]),
        (&json!("Two"), &json!(2), &json!(["kept"]))
    );
    let diff = project.ok(&["diff", "s", "1", "2"]).stdout;
    assert!(diff.contains("-title = \"One\"\n+title = \"Two\""), "{diff}");
    project.ok(&["rollback", "s", "1"]);
    let shown = project.json(&["show", "s"]);
    assert_eq!((&shown["title"], &shown["revision"]), (&json!("One"), &json!(3)));
    assert!(project.run(&["diff", "s", "1", "9"]).expect(2).stderr.contains("no revision 9"));
}

#[test]
fn long_text_is_refused_with_the_limit_and_never_cut() {
    let project = Project::committed(&[]);
    let long = "x".repeat(100_000);
    let body = format!("{}end", "word ".repeat(20_000));
    let refused = project.run(&["note", "--summary", &long]).expect(2).stderr;
    assert!(refused.contains("100000 characters, more than 1000"), "{refused}");
    let id = note(&project, &["--summary", "Long", "--body", &body]);
    assert_eq!(project.json(&["show", &id])["body"], body);
    project.write("big", "y\n".repeat(600_000));
    let refused = project.run(&["note", "--summary", "Big", "--body-file", "big"]).expect(2).stderr;
    assert!(refused.contains("1000000 bytes"), "{refused}");
    assert_eq!(titles(&project, &[]), ["Long"]);
}

#[test]
fn edits_by_hand_are_taken_up_and_broken_files_are_told_and_kept() {
    let project = Project::committed(&[]);
    let id = note(&project, &["--summary", "Before"]);
    let file = file_of(&project, &id);
    project.edit(&file, "Before", "After");
    assert_eq!(titles(&project, &[]), ["After"]);
    assert_eq!(project.json(&["history", &id])["history"].as_array().unwrap().len(), 2);
    project.edit(&file, "kind = \"decision\"", "kind = \"poem\"");
    let run = project.run(&["notes"]).expect(0);
    assert!(run.stderr.contains(": line 3: unknown kind `poem`"), "{}", run.stderr);
    // The last version that could be read is still known.
    assert!(run.stdout.contains("After"));
    assert!(project.read(&file).contains("poem"));
    project.remove(&file);
    assert_eq!(titles(&project, &[]), [""; 0]);
    project.ok(&["rollback", &id, "1"]);
    assert_eq!(titles(&project, &[]), ["Before"]);
}

#[test]
fn a_file_that_cannot_be_read_is_not_written_over() {
    let project = Project::committed(&[]);
    let id = note(&project, &["--summary", "Before", "--slug", "it"]);
    let other = note(&project, &["--summary", "Other"]);
    project.ok(&["edit", "it", "--tag", "t"]);
    let file = file_of(&project, &id);
    let text = project.read(&file);
    let merging = format!("{text}\nby hand\n").replace("kind =", "<<<<<<< ours\nkind =");
    project.write(&file, &merging);
    let commands: [&[&str]; 9] = [
        &["edit", "it", "--summary", "After"],
        &["note", "--summary", "After", "--slug", "it"],
        &["rollback", "it", "1"],
        &["suppress", "it"],
        &["suppress", &other, "it"],
        &["supersede", "it", "--by", &other],
        &["supersede", &other, "--by", "it"],
        &["note", "--summary", "Next", "--link", "supersedes:it"],
        &["forget", "it", "--yes"],
    ];
    for command in commands {
        let run = project.run(command).expect(2);
        assert!(run.stderr.contains("would be overwritten, which cannot be read: line"), "{}", run.stderr);
        assert_eq!(project.read(&file), merging, "{command:?}");
    }
    project.write(&file, &text);
    project.ok(&["edit", "it", "--summary", "After"]);
    // What is to be gone goes, readable or not.
    project.write(&file, &merging);
    project.ok(&["erase", "it", "--yes"]);
    assert!(!project.exists(&file));
}

#[test]
fn what_a_record_supersedes_no_longer_holds_and_never_in_a_circle() {
    let project = Project::committed(&[]);
    let [a, b] = ["Aa", "Bb"].map(|title| note(&project, &["--summary", title]));
    let status = |id: &str| project.json(&["show", id])["status"].as_str().unwrap().to_string();
    let c = note(&project, &["--summary", "Cc", "--link", &format!("supersedes:{a}")]);
    assert_eq!(status(&a), "superseded");
    project.ok(&["edit", &b, "--link", &format!("supersedes:{c}")]);
    assert_eq!((status(&c), status(&b)), ("superseded".to_string(), "accepted".to_string()));
    for (old, new) in [(&b, &a), (&b, &c), (&b, &b)] {
        let run = project.run(&["supersede", old, "--by", new]).expect(2);
        assert!(run.stderr.contains("cannot be superseded by"), "{}", run.stderr);
        project.run(&["edit", new, "--status", "accepted", "--link", &format!("supersedes:{old}")]).expect(2);
        assert_eq!(status(&b), "accepted");
    }
    // Brought back by hand it stays, though the other one is edited again.
    project.ok(&["edit", &c, "--status", "accepted"]);
    project.ok(&["edit", &b, "--tag", "t"]);
    assert_eq!(status(&c), "accepted");
    // A proposal ends nothing.
    note(&project, &["--summary", "Dd", "--status", "proposed", "--link", &format!("supersedes:{b}")]);
    assert_eq!(status(&b), "accepted");
}

#[test]
fn records_end_in_four_ways() {
    let project = Project::committed(&[]);
    let [a, b, c, d] = ["Aa", "Bb", "Cc", "Dd"].map(|title| note(&project, &["--summary", title]));
    let new = project.ok(&["supersede", &a, "--by", "A better one"]).stdout.trim().to_string();
    assert_eq!(project.json(&["show", &a])["status"], "superseded");
    assert_eq!(project.json(&["show", &new])["links"], json!([{ "relation": "supersedes", "id": a }]));
    project.ok(&["suppress", &b]);
    project.ok(&["forget", &c, "--yes"]);
    assert!(project.run(&["show", &c]).expect(2).stderr.contains("was forgotten"));
    assert_eq!(titles(&project, &[]), ["A better one", "Dd"]);
    assert_eq!(titles(&project, &["--all"]), ["A better one", "Dd", "Bb", "Aa"]);
    project.run(&["erase", &d]).expect(1);
    assert_eq!(titles(&project, &[]).len(), 2);
    project.ok(&["erase", &d, "--yes"]);
    project.ok(&["erase", &c, "--yes"]);
    assert!(project.run(&["rollback", &c, "1"]).expect(2).stderr.contains("not kept"));
    for unknown in [["show", "nope"], ["suppress", "nope"], ["forget", "nope"], ["history", "nope"]] {
        assert!(project.run(&unknown).expect(2).stderr.contains("no record `nope`"));
    }
}

#[test]
fn deleting_by_query_only_previews() {
    let project = Project::committed(&[]);
    note(&project, &["--summary", "Use a red lamp"]);
    note(&project, &["--summary", "Use a green lamp"]);
    let before = project.own_files();
    let run = project.run(&["forget", "--query", "lamp red"]).expect(1);
    assert!(run.stdout.contains("red lamp") && !run.stdout.contains("green"), "{}", run.stdout);
    project.run(&["erase", "--query", "lamp red"]).expect(1);
    assert!(project.own_files() == before, "a byte was changed");
    project.ok(&["forget", "--query", "lamp red", "--yes"]);
    assert_eq!(titles(&project, &[]), ["Use a green lamp"]);
    assert_eq!(project.json(&["forget", "--query", "\" * NEAR(", "--yes"])["forgotten"], json!([]));
}

#[test]
fn erased_words_are_in_no_file_any_more() {
    let project = Project::fixture("porch");
    let secret = "zanzibarplan";
    let goal = format!("Keep {secret}");
    project.ok(&["snapshot", "--goal", &goal]);
    // Both commands are in the log of the session, with what they said.
    let session = project.ok(&["session", "start"]).stdout.trim().to_string();
    let (title, body) = (format!("The {secret}"), format!("all of {secret}"));
    let id = note(&project, &["--summary", &title, "--body", &body, "--session", &session]);
    let body = format!("it's {secret}");
    project.ok(&["edit", &id, "--body", &body, "--session", &session]);
    project.ok(&["edit", &id, "--summary", &format!("Another {secret}")]);
    project.ok(&["snapshot"]);
    project.ok(&["prompt"]);
    let goal_id = project.json(&["goal"])["id"].as_str().unwrap().to_string();
    let holders = |project: &Project| -> Vec<String> {
        let found = project.own_files().into_iter().filter(|(_, bytes)| {
            bytes.windows(secret.len()).any(|window| window.eq_ignore_ascii_case(secret.as_bytes()))
        });
        found.map(|(path, _)| path).collect()
    };
    assert!(holders(&project).len() > 3);
    project.ok(&["erase", &id, &goal_id, "--yes"]);
    assert_eq!(holders(&project), [""; 0]);
    project.ok(&["snapshot"]);
    assert_eq!(holders(&project), [""; 0]);
}

/// The log cannot be emptied under somebody who reads: that is told, and the
/// words go with the next try.
#[test]
fn erasing_while_another_process_reads_is_told_and_done_again() {
    let project = Project::fixture("porch");
    project.snapshot();
    let secret = "zanzibarplan";
    let id = note(&project, &["--summary", &format!("The {secret}")]);
    let holders = |project: &Project| -> Vec<String> {
        let holds = |bytes: &[u8]| bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        project.own_files().into_iter().filter(|(_, bytes)| holds(bytes)).map(|(path, _)| path).collect()
    };
    let database = project.path(".waypost/local/waypost.db");
    let store = waypost::store::Store::open(&waypost::project::Database::unchecked(&database, &project.root))
        .unwrap()
        .unwrap();
    // Nothing here may read the files meanwhile: that would end the locks.
    let moment = store.moment(&project.root, "").unwrap().expect("a database");
    let run = project.run(&["erase", &id, "--yes", "--json"]).expect(1);
    assert_eq!(run.json()["log_emptied"], false);
    assert!(run.stderr.contains("in use by another process"), "{}", run.stderr);
    drop(moment);
    // Beside one that reads nothing just now.
    project.ok(&["erase", &id, "--yes"]);
    drop(store);
    assert_eq!(holders(&project), [""; 0]);
}

#[test]
fn erasing_in_a_linked_work_tree_reaches_the_shared_database() {
    let project = Project::fixture("porch");
    project.snapshot();
    let linked = project.outside("linked");
    project.git(&["worktree", "add", "-q", "-b", "side", linked.to_str().unwrap()]);
    let side = project.at(linked.clone());
    let secret = "zanzibarplan";
    let id = side.ok(&["note", "--summary", &format!("The {secret}")]).stdout.trim().to_string();
    side.ok(&["snapshot"]);
    side.ok(&["search", secret]);
    side.ok(&["erase", &id, "--yes"]);
    let holds = |bytes: &[u8]| bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
    let mut folders = vec![project.path(".waypost"), linked.join(".waypost")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => assert!(!holds(&std::fs::read(&path).unwrap()), "{}", path.display()),
            }
        }
    }
}

#[test]
fn erasing_what_was_committed_says_how_to_remove_it_from_history() {
    let project = Project::committed(&[]);
    let id = note(&project, &["--summary", "Seen"]);
    project.commit("Remember");
    let run = project.ok(&["erase", &id, "--yes"]);
    assert!(run.stderr.contains("git filter-repo --invert-paths --path '.waypost/memory/"), "{}", run.stderr);
}

#[test]
fn a_secret_does_not_reach_the_file_or_the_index() {
    let project = Project::committed(&[]);
    let token = ["ghp_", "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"].concat();
    note(&project, &["--summary", "Login", "--body", &format!("use {token} to log in")]);
    let leaks = project
        .own_files()
        .into_iter()
        .filter(|(_, bytes)| bytes.windows(token.len()).any(|window| window == token.as_bytes()));
    assert_eq!(leaks.map(|(path, _)| path).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn the_brief_refuses_a_lost_update() {
    let project = Project::committed(&[]);
    project.ok(&["brief", "set", "# State\n\nfine", "--if-rev", "0"]);
    let run = project.run(&["brief", "set", "other", "--if-rev", "0"]).expect(2);
    assert!(run.stderr.contains("the record is at revision 1, not 0"));
    project.ok(&["brief", "set", "other", "--if-rev", "1"]);
    assert_eq!(project.ok(&["brief"]).stdout, "other\n");
    assert_eq!(project.json(&["brief", "history"])["history"].as_array().unwrap().len(), 2);
}

#[test]
fn a_checkpoint_gives_the_goal_its_next_step() {
    let project = Project::fixture("porch");
    project.ok(&["goal", "Make retries fair"]);
    assert_eq!(project.ok(&["goal"]).stdout, "Make retries fair\n");
    let arguments = [
        "checkpoint",
        "--done",
        "the queue",
        "--next",
        "the clock",
        "--blocker",
        "CI",
        "--command",
        "pytest -q",
    ];
    let id = project.ok(&arguments).stdout.trim().to_string();
    let shown = project.json(&["show", &id]);
    assert_eq!((&shown["blockers"], &shown["commands"]), (&json!(["CI"]), &json!(["pytest -q"])));
    assert_eq!(project.json(&["goal"])["next"], "the clock");
    project.snapshot();
    assert!(project.read(".waypost/handoff.md").contains("the clock"));
}

#[test]
fn records_of_two_branches_merge() {
    let project = Project::committed(&[("a", "a")]);
    let old = note(&project, &["--summary", "Old"]);
    project.commit("Old");
    project.git(&["switch", "-q", "-c", "other"]);
    (0..5).for_each(|n| _ = note(&project, &["--summary", &format!("other {n}")]));
    project.ok(&["edit", &old, "--summary", "Old, other side"]);
    project.commit("Other side");
    project.git(&["switch", "-q", "main"]);
    (0..5).for_each(|n| _ = note(&project, &["--summary", &format!("main {n}")]));
    project.commit("This side");
    project.git(&["merge", "-q", "-m", "Merge", "other"]);
    assert_eq!(titles(&project, &[]).len(), 11);
    assert_eq!(project.json(&["show", &old])["title"], "Old, other side");
}

#[test]
fn anchors_drift_are_orphaned_and_are_found_again() {
    let project = Project::fixture("porch");
    let id = note(&project, &["--summary", "About the queue", "--anchor", "src/porch/queue.py"]);
    let state = |project: &Project| project.json(&["show", &id])["anchors"][0].clone();
    assert_eq!(state(&project)["state"], "fresh");
    let text = project.read("src/porch/queue.py");
    project.write("src/porch/queue.py", format!("{text}\n# more\n"));
    assert_eq!(state(&project)["state"], "drifted");
    for states in ["drifted", "orphaned,drifted"] {
        project.run(&["verify", "--fail-on", states]).expect(1);
    }
    project.ok(&["verify", "--fail-on", "orphaned"]);
    let taken: Value = project.snapshot();
    assert_eq!(
        (&taken["memory"]["stale"][0]["id"], &taken["memory"]["stale"][0]["state"]),
        (&json!(id), &json!("drifted"))
    );
    project.ok(&["verify", "--accept"]);
    assert_eq!(state(&project)["state"], "fresh");
    project.ok(&["verify", "--fail-on", "drifted"]);
    project.rename("src/porch/queue.py", "src/porch/line.py");
    assert_eq!(state(&project)["state"], "moved");
    assert_eq!(state(&project)["found"]["path"], "src/porch/line.py");
    assert_eq!(project.json(&["notes", "--drifted"])["count"], 1);
    project.ok(&["verify", &id, "--accept"]);
    assert_eq!(state(&project)["path"], "src/porch/line.py");
}

#[test]
fn an_anchor_follows_a_file_and_a_function_that_moved() {
    let body = |name: &str, step: &str| {
        format!(
            "def {name}(attempts):\n    total = 0\n    for attempt in range(attempts):\n        total += attempt * {step}\n    return total\n\n\n"
        )
    };
    let other = "def unrelated(text):\n    words = text.split()\n    return sorted(set(words))\n\n\n";
    let project =
        Project::committed(&[("src/wait.py", &(body("delays", "2") + other)), ("src/more.py", other)]);
    let [file, function, gone] = [
        note(&project, &["--summary", "The file", "--anchor", "src/wait.py"]),
        note(&project, &["--summary", "The function", "--anchor", "src/wait.py#delays"]),
        note(&project, &["--summary", "The other", "--anchor", "src/wait.py#unrelated"]),
    ];
    let state = |id: &str| project.json(&["show", id])["anchors"][0].clone();
    let told = |state: &Value| {
        (state["state"].clone(), state["found"]["path"].clone(), state["found"]["symbol"].clone())
    };
    // Renamed and edited, before and after the commit; what was there before is no new place.
    project.remove("src/wait.py");
    project.write("src/retry.py", format!("import math\n\n\n{}", body("delays", "2")));
    for _ in 0..2 {
        assert_eq!(told(&state(&file)), (json!("moved"), json!("src/retry.py"), Value::Null));
        assert_eq!(told(&state(&function)), (json!("moved"), json!("src/retry.py"), json!("delays")));
        assert_eq!(state(&gone)["state"], "orphaned");
        project.commit("Rename");
    }
    // Another name, another file and another line, each in a commit of its own.
    project.write("src/more.py", format!("{other}{}", body("waits", "2")));
    project.write("src/retry.py", "import math\n");
    project.commit("Move");
    project.edit("src/more.py", "total = 0", "total = 1");
    assert_eq!(told(&state(&function)), (json!("moved"), json!("src/more.py"), json!("waits")));
    assert_eq!(state(&function)["found"]["same"], false);
    let shown = project.ok(&["verify"]).stdout;
    assert!(shown.contains("(moved to src/more.py#waits, and changed)"), "{shown}");
    project.ok(&["verify", "--accept"]);
    assert_eq!(state(&function)["state"], "fresh");
}

#[test]
fn what_cannot_be_anchored_or_linked_is_refused() {
    let project = Project::fixture("porch");
    for (flags, reason) in [
        (["--anchor", "no/such.py"], "no such file"),
        (["--anchor", "src/porch"], "a folder, not a file"),
        (["--anchor", "src/porch/queue.py#nothing"], "it has no symbol `nothing`"),
        (["--anchor", "../x"], "not inside the project"),
        (["--link", "relates:nope"], "no record `nope`"),
        (["--link", "likes:x"], "unknown relation `likes`"),
        (["--confidence", "7"], "not between 0 and 1"),
        (["--slug", "../x"], "is not a slug"),
    ] {
        let run = project.run(&[&["note", "--summary", "S"], &flags[..]].concat()).expect(2);
        assert!(run.stderr.contains(reason), "{}", run.stderr);
    }
    assert_eq!(titles(&project, &[]), [""; 0]);
}

#[test]
fn a_number_sign_may_be_part_of_a_path() {
    let files = [("c#/a#b.py", "def f():\n    return 1\n"), ("plain.py", "def f():\n    return 2\n")];
    let project = Project::committed(&files);
    for (given, path, symbol) in [
        ("c#/a#b.py", "c#/a#b.py", json!(null)),
        ("c#/a#b.py#f", "c#/a#b.py", json!("f")),
        ("plain.py#f", "plain.py", json!("f")),
    ] {
        let id = note(&project, &["--summary", given, "--anchor", given]);
        let anchor = &project.json(&["show", &id])["anchors"][0];
        assert_eq!(
            (&anchor["path"], &anchor["symbol"], &anchor["state"]),
            (&json!(path), &symbol, &json!("fresh"))
        );
    }
    let run = project.run(&["note", "--summary", "S", "--anchor", "gone#.py#f"]).expect(2);
    assert!(run.stderr.contains("`gone`: no such file"), "{}", run.stderr);
}

#[test]
fn a_conversation_becomes_proposals_once() {
    let project = Project::committed(&[]);
    let chat =
        "User: Goal: ship it\n\nDecision: use SQLite\nOpen question: which port?\nNext steps:\n- measure\n";
    let path = project.outside("chat.txt");
    std::fs::write(&path, chat).unwrap();
    let ingest = ["ingest-chat", "--file", path.to_str().unwrap()];
    assert_eq!(
        project.json(&[&ingest[..], &["--dry-run"]].concat())["proposed"].as_array().unwrap().len(),
        4
    );
    assert_eq!(titles(&project, &["--all"]), [""; 0]);
    let proposed = project.json(&ingest);
    assert_eq!(proposed["proposed"][1]["source"], "chat.txt:3");
    assert_eq!(project.json(&ingest)["proposed"], json!([]));
    // A proposed goal is no goal.
    assert_eq!(project.json(&["goal"])["goal"], json!(null));
    let proposals = project.json(&["proposals"])["proposals"].clone();
    assert_eq!(proposals.as_array().unwrap().len(), 4);
    let id = proposals[0]["id"].as_str().unwrap();
    assert_eq!(project.json(&["proposals", id])["id"], id);
    for before in [&["review", id][..], &["review", "--accept", id], &["review", "--all"]] {
        assert!(project.run(before).expect(2).stderr.contains("`waypost proposals`"), "{before:?}");
    }
    let told = project.run(&["review", id, "--json"]).expect(2).json();
    assert!(told["error"].as_str().unwrap().contains("`waypost proposals`"), "{told}");
    project.ok(&["proposals", "--reject", id]);
    project.ok(&["proposals", "--all", "--accept"]);
    assert_eq!(titles(&project, &["--status", "accepted"]).len(), 3);
    assert_eq!(project.json(&ingest)["proposed"], json!([]));
    assert!(
        project.run(&["proposals", id, "--accept"]).expect(2).stderr.contains("is rejected, not proposed")
    );
}

/// A snapshot ranks for seconds between reading the records and writing the
/// goal's focus.
#[test]
fn what_is_edited_while_a_snapshot_is_taken_is_not_lost() {
    let project = Project::fixture("porch");
    project.ok(&["goal", "Make retries fair"]);
    let goal = project.json(&["goal"])["id"].as_str().unwrap().to_string();
    // A git that is slow to tell the history.
    let tools = project.outside("tools");
    std::fs::create_dir_all(&tools).unwrap();
    let path = std::env::var("PATH").unwrap();
    let git =
        std::env::split_paths(&path).map(|folder| folder.join("git")).find(|git| git.is_file()).unwrap();
    let (asked, go) = (tools.join("asked"), tools.join("go"));
    let script = format!(
        "#!/bin/sh\ncase \" $* \" in *' log '*) touch {}; for n in $(seq 600); do [ -e {} ] && break; sleep 0.1; done;; esac\nexec {} \"$@\"\n",
        asked.display(),
        go.display(),
        git.display()
    );
    std::fs::write(tools.join("git"), script).unwrap();
    std::fs::set_permissions(tools.join("git"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let mut snapshot = project.command(&["snapshot"]);
    snapshot.env("PATH", format!("{}:{path}", tools.display()));
    let child =
        snapshot.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    while !asked.exists() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    project.ok(&["edit", &goal, "--tag", "urgent"]);
    std::fs::write(go, "").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let shown = project.json(&["show", &goal]);
    assert_eq!(shown["tags"], serde_json::json!(["urgent"]), "{shown}");
    let file = std::fs::read_dir(project.path(".waypost/memory")).unwrap().next().unwrap().unwrap().path();
    assert!(std::fs::read_to_string(file).unwrap().contains("focus"), "the focus is there too");
}
