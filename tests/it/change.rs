//! Questions about a change: which files belong to it, which tests exercise it,
//! what it breaks.

use std::io::Write;
use std::process::Stdio;

use serde_json::Value;

use crate::project::{Project, Run};

/// A store and its users, with commits in which some of them changed together.
fn project() -> Project {
    let project = Project::committed(&[
        ("Cargo.toml", "[package]\nname = \"jobs\"\nversion = \"0.1.0\"\n"),
        ("src/lib.rs", "pub mod mail;\npub mod queue;\npub mod store;\n"),
        (
            "src/store.rs",
            "//! Keeps jobs.\n\n/// Opens it.\npub fn open_store(path: &str) -> u32 {\n    path.len() as u32\n}\n\npub fn close_store() {}\n",
        ),
        (
            "src/queue.rs",
            "use crate::store::open_store;\n\npub fn take() -> u32 {\n    open_store(\"queue\")\n}\n",
        ),
        ("src/mail.rs", "pub fn send(to: &str) -> usize {\n    to.len()\n}\n"),
        (
            "tests/store.rs",
            "use jobs::store::open_store;\n\n#[test]\nfn opens() {\n    assert_eq!(open_store(\"a\"), 1);\n}\n",
        ),
        ("docs/store.md", "# The store\n\nOpen it with `open_store`.\n"),
        ("CHANGELOG.md", "# Changes\n"),
    ]);
    for n in 0..6 {
        project.write("src/store.rs", project.read("src/store.rs") + &format!("\npub fn step_{n}() {{}}\n"));
        project.write("CHANGELOG.md", project.read("CHANGELOG.md") + &format!("- step {n}\n"));
        project.commit(&format!("Give the store step {n}"));
        project.edit("src/mail.rs", "to.len()", "to.len() + 0");
        project.commit(&format!("Send mail {n}"));
    }
    project
}

fn paths(report: &Value) -> Vec<&str> {
    let companions = report["companions"].as_array().expect("a list");
    companions.iter().map(|one| one["path"].as_str().expect("a path")).collect()
}

fn fed(project: &Project, arguments: &[&str], input: &str) -> Run {
    let mut command = project.command(arguments);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("input is read");
    Run::from_output(&format!("{arguments:?}"), child.wait_with_output().expect("it ends"))
}

#[test]
fn companions_are_told_with_their_reasons_and_nothing_is_set_up() {
    let project = project();
    project.edit("src/store.rs", "path.len() as u32", "path.len() as u32 + 1");
    let report = project.json(&["companions"]);
    assert_eq!(report["changed"], serde_json::json!(["src/store.rs"]));
    let found = paths(&report);
    assert!(found.contains(&"CHANGELOG.md"), "{report}");
    assert!(!found.contains(&"src/store.rs") && !found.contains(&"src/mail.rs"), "{report}");
    let changelog = &report["companions"][found.iter().position(|path| *path == "CHANGELOG.md").unwrap()];
    let reasons = changelog["reasons"].to_string();
    assert!(reasons.contains("changed in 7 of 7 commits of src/store.rs"), "{reasons}");
    assert!(changelog["score"].as_f64().is_some_and(|score| score > 0.2 && score <= 1.0));
    assert!(!project.exists(".waypost"));
    let told = project.ok(&["companions"]).stdout;
    assert!(told.contains("CHANGELOG.md") && told.contains("of src/store.rs"), "{told}");
}

#[test]
fn who_uses_what_a_change_takes_away_belongs_to_it_before_all_others() {
    let project = project();
    project.edit("src/store.rs", "pub fn open_store", "pub fn unlock_store");
    let report = project.json(&["companions"]);
    let first = &report["companions"].as_array().expect("a list")[..2];
    let mut users: Vec<&str> = first.iter().map(|one| one["path"].as_str().expect("a path")).collect();
    users.sort_unstable();
    assert_eq!(users, ["src/queue.rs", "tests/store.rs"], "{report}");
    for user in first {
        assert_eq!(user["reasons"][0], "uses the removed `open_store`");
        assert!(user["score"].as_f64().is_some_and(|score| score >= 0.95), "{user}");
    }
    assert_eq!(paths(&project.json(&["companions", "--limit", "1"])).len(), 1);
    // Both changed along, nothing is left behind.
    for (user, text) in [("src/queue.rs", "open_store"), ("tests/store.rs", "open_store")] {
        let renamed = project.read(user).replace(text, "unlock_store");
        project.write(user, renamed);
    }
    let told = project.json(&["companions", "--limit", "9"]).to_string();
    assert!(!told.contains("uses the removed"), "{told}");
}

#[test]
fn a_limit_gives_just_so_many_whatever_the_evidence() {
    let project = project();
    project.edit("src/mail.rs", "to.len()", "to.len() * 2");
    for limit in [1, 4, 7] {
        assert_eq!(paths(&project.json(&["companions", "--limit", &limit.to_string()])).len(), limit);
    }
    // Who uses what the change touches stands before those who do not.
    project.git(&["checkout", "-q", "."]);
    project.edit("src/store.rs", "pub fn open_store(path: &str)", "pub fn open_store(path: &str, n: u32)");
    let report = project.json(&["companions", "--limit", "5"]);
    let found = paths(&report);
    let place = |path: &str| found.iter().position(|found| *found == path).unwrap_or(99);
    assert!(place("src/queue.rs") < place("src/mail.rs"), "{report}");
    assert!(place("tests/store.rs") < 5 && place("docs/store.md") < 5, "{report}");
    let reasons = |path: &str| report["companions"][place(path)]["reasons"].to_string();
    assert!(reasons("src/queue.rs").contains("uses the changed `open_store`"), "{report}");
    assert!(reasons("docs/store.md").contains("the documentation of src/store.rs"), "{report}");
    assert!(reasons("tests/store.rs").contains("the test of src/store.rs"), "{report}");
}

#[test]
fn who_carries_on_is_told_what_belongs_to_the_files_in_flight() {
    let project = project();
    project.ok(&["log", "add", "--kind", "file_change", "--path", "src/store.rs", "Open it otherwise"]);
    assert_eq!(project.json(&["resume"])["companions"], serde_json::json!([]));
    project.edit("src/store.rs", "pub fn open_store", "pub fn unlock_store");
    let report = project.json(&["resume"]);
    let found = paths(&report);
    assert!(found.contains(&"src/queue.rs") && found.len() <= 5, "{report}");
    assert_eq!(report["tests"][0]["path"], "tests/store.rs", "{report}");
    let told = project.ok(&["resume"]).stdout;
    assert!(told.contains("May belong to them") && told.contains("uses the removed"), "{told}");
    assert!(told.contains("Tests for them"), "{told}");
}

#[test]
fn a_note_before_a_commit_is_told_only_to_who_asked_for_it() {
    let project = project();
    project.edit("src/store.rs", "path.len() as u32", "path.len() as u32 + 1");
    project.git(&["add", "src/store.rs"]);
    let note = ["companions", "--staged", "--commit-note"];
    assert_eq!(project.ok(&note).stderr, "");
    project.ok(&["config", "set", "--user", "commit_note", "true"]);
    let run = project.ok(&note);
    assert!(run.stderr.contains("waypost: not in this commit: CHANGELOG.md: "), "{}", run.stderr);
    assert_eq!(run.stdout, "");
    assert!(run.stderr.lines().count() <= 3, "{}", run.stderr);
}

#[test]
fn nothing_changed_is_no_failure() {
    let project = project();
    let run = project.ok(&["companions"]);
    assert_eq!(run.stdout, "");
    assert!(run.stderr.contains("nothing changed"), "{}", run.stderr);
    assert_eq!(project.json(&["companions"])["companions"], serde_json::json!([]));
    assert!(project.ok(&["tests"]).stderr.contains("nothing changed"));
    assert_eq!(project.json(&["impact"])["breaking"], 0);
}

/// The same change is asked about in four ways.
#[test]
fn a_change_is_what_is_edited_staged_on_a_branch_or_in_a_diff() {
    let project = project();
    project.git(&["checkout", "-q", "-b", "topic"]);
    project.edit("src/store.rs", "path.len() as u32", "path.len() as u32 + 7");
    let edited = project.json(&["companions", "--limit", "5"]);
    let diff = project.git(&["diff"]);
    let of_diff =
        fed(&project, &["companions", "--limit", "5", "--diff", "-", "--json"], &format!("{diff}\n"));
    assert_eq!(of_diff.expect(0).json(), edited);
    std::fs::write(project.outside("a.diff"), format!("{diff}\n")).unwrap();
    assert_eq!(project.json(&["companions", "--limit", "5", "--diff", "../a.diff"]), edited);
    project.git(&["add", "-A"]);
    // What is edited on top of what is staged is not in the next commit.
    project.write("src/mail.rs", "pub fn send() {}\n");
    project.write("untracked.rs", "fn open_store() {}\n");
    let staged = project.json(&["companions", "--limit", "5", "--staged"]);
    assert_eq!((&staged["changed"], paths(&staged)), (&edited["changed"], paths(&edited)));
    assert_eq!(
        project.json(&["companions"])["changed"],
        serde_json::json!(["src/mail.rs", "src/store.rs", "untracked.rs"])
    );
    project.git(&["checkout", "-q", "src/mail.rs"]);
    project.remove("untracked.rs");
    project.commit("Open wider");
    assert_eq!(project.json(&["companions"])["changed"], serde_json::json!([]));
    assert_eq!(project.json(&["companions", "--base", "main"])["changed"], edited["changed"]);
    // What came to the branch since is not of the change.
    project.git(&["checkout", "-q", "main"]);
    project.write("src/mail.rs", "pub fn send(to: &str, n: u32) {}\n");
    project.commit("Send more");
    project.git(&["checkout", "-q", "topic"]);
    assert_eq!(project.json(&["companions", "--base", "main"])["changed"], edited["changed"]);
    assert!(!project.exists(".waypost"));
}

#[test]
fn a_file_that_did_not_change_is_asked_about_as_it_is() {
    let project = project();
    let report = project.json(&["companions", "src/store.rs"]);
    assert_eq!(report["changed"], serde_json::json!(["src/store.rs"]));
    assert!(paths(&report).contains(&"CHANGELOG.md"), "{report}");
    let error = project.run(&["companions", "src/none.rs"]).expect(2).stderr;
    assert!(error.contains("`src/none.rs` is no file of the project"), "{error}");
    let error = project.run(&["companions", "--base", "nowhere"]).expect(2).stderr;
    assert!(error.contains("`nowhere` is no branch, tag or commit") && error.contains("hint: "), "{error}");
}

#[test]
fn without_git_files_are_asked_about_by_name() {
    let project =
        Project::with(&[("a.py", "def alpha_beta(): pass\n"), ("b.py", "from a import alpha_beta\n")]);
    let error = project.run(&["companions"]).expect(2).stderr;
    assert!(error.contains("hint: name the files"), "{error}");
    assert_eq!(paths(&project.json(&["companions", "a.py", "--limit", "1"])), ["b.py"]);
    assert_eq!(project.json(&["impact", "alpha_beta"])["symbols"][0]["users"][0]["path"], "b.py");
}

/// What an added line holds is shown as data, and a secret not at all.
#[test]
fn a_secret_of_the_change_is_in_no_answer() {
    let project = project();
    let token = ["ghp_", "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"].concat();
    project.write("src/mail.rs", format!("pub const KEY_OF_MAIL: &str = \"{token}\";\n"));
    project.write("src/other.rs", format!("// {token}\nconst A: &str = crate::mail::KEY_OF_MAIL;\n"));
    for arguments in [&["companions", "--limit", "9"] as &[&str], &["tests"], &["impact", "--private"]] {
        for json in [&[] as &[&str], &["--json"]] {
            let run = project.ok(&[arguments, json].concat());
            assert!(!run.stdout.contains(&token) && !run.stderr.contains(&token), "{arguments:?}");
        }
    }
}

#[test]
fn the_tests_of_a_change_come_with_the_command_that_runs_them() {
    let project = project();
    project.edit("src/store.rs", "path.len() as u32", "path.len() as u32 + 1");
    let report = project.json(&["tests"]);
    assert_eq!(report["tests"][0]["path"], "tests/store.rs", "{report}");
    assert_eq!((&report["command"], &report["all"]), (&"cargo test --test store".into(), &Value::Null));
    assert_eq!(project.ok(&["tests", "--command"]).stdout, "cargo test --test store\n");
    let told = project.ok(&["tests", "src/store.rs"]).stdout;
    assert!(told.contains("tests/store.rs  (") && told.contains("\ncargo test --test store\n"), "{told}");
}

#[test]
fn the_test_that_names_what_changed_comes_before_those_that_only_lie_near() {
    let project = project();
    for name in ["alpha", "beta", "gamma", "delta"] {
        project.write(
            &format!("tests/{name}.rs"),
            "use jobs::store;\n\n#[test]\nfn works() {\n    assert!(store::is_there());\n}\n",
        );
    }
    project.write(
        "tests/whole.rs",
        "use jobs::store;\n\n#[test]\nfn close_store_twice() {\n    store::close_store();\n    store::close_store();\n}\n",
    );
    project.commit("Test more");
    project.edit("src/store.rs", "pub fn close_store() {}", "pub fn close_store() {\n    sync();\n}");
    let report = project.json(&["tests"]);
    let first: Vec<&str> =
        report["tests"].as_array().unwrap().iter().take(2).filter_map(|test| test["path"].as_str()).collect();
    assert!(first.contains(&"tests/whole.rs"), "{report}");
}

#[test]
fn a_change_of_tests_alone_is_exercised_by_them() {
    let project = project();
    project.edit("tests/store.rs", "), 1)", "), 1 + 0)");
    let report = project.json(&["tests"]);
    let told = report["tests"].as_array().unwrap();
    assert_eq!((told.len(), &told[0]["path"]), (1, &"tests/store.rs".into()), "{report}");
    assert_eq!(project.json(&["review"])["companions"], serde_json::json!([]));
}

#[test]
fn where_no_choice_of_tests_would_do_all_run() {
    let project = project();
    project.edit("Cargo.toml", "0.1.0", "0.2.0");
    let report = project.json(&["tests"]);
    assert_eq!(report["all"]["reason"], "`Cargo.toml` decides how everything is built or tested", "{report}");
    assert_eq!(report["command"], Value::Null);
    assert!(project.ok(&["tests"]).stdout.starts_with("all: `Cargo.toml` decides"));
    project.git(&["checkout", "-q", "."]);
    project.edit("docs/store.md", "Open it", "Do open it");
    let report = project.json(&["tests"]);
    assert_eq!((&report["tests"], &report["all"]), (&serde_json::json!([]), &Value::Null), "{report}");
    project.git(&["checkout", "-q", "."]);
    project.edit("src/mail.rs", "to.len()", "1 + to.len()");
    let report = project.json(&["tests"]);
    assert_eq!(report["untested"], serde_json::json!(["src/mail.rs"]), "{report}");
    assert!(report["all"]["reason"].as_str().is_some_and(|all| all.contains("no test is known")), "{report}");
}

#[test]
fn what_breaks_others_comes_first_with_its_users() {
    let project = project();
    project.write(
        "src/store.rs",
        "//! Keeps jobs.\n\n/// Opens it.\npub fn open_store(path: &str, n: u32) -> u32 {\n    n\n}\n\nfn close_store() {}\n\npub fn fresh() {}\n",
    );
    let report = project.json(&["impact"]);
    let symbols = report["symbols"].as_array().expect("a list");
    let told: Vec<(String, String)> = symbols
        .iter()
        .map(|one| {
            (
                one["name"].as_str().unwrap_or_default().into(),
                one["change"].as_str().unwrap_or_default().into(),
            )
        })
        .collect();
    let change = |name: &str| told.iter().find(|(known, _)| known == name).map(|(_, change)| change.as_str());
    assert_eq!(change("open_store"), Some("signature"), "{report}");
    assert_eq!(change("close_store"), Some("hidden"));
    assert_eq!(change("step_0"), Some("removed"));
    assert_eq!(change("fresh"), Some("added"));
    assert_eq!(told.last().map(|(name, _)| name.as_str()), Some("fresh"), "what breaks nobody comes last");
    assert_eq!(report["breaking"], 8);
    let open = symbols.iter().find(|one| one["name"] == "open_store").expect("it");
    let users = open["users"].to_string();
    assert!(users.contains("src/queue.rs") && users.contains("tests/store.rs"), "{users}");
    let first = &open["users"][0];
    assert_eq!(
        (&first["path"], &first["line"], &first["by"]),
        (&"src/queue.rs".into(), &1.into(), &"import".into())
    );
    let text = project.ok(&["impact"]).stdout;
    assert!(text.contains("! src/store.rs:4  open_store  (signature)"), "{text}");
    assert!(text.contains("    src/queue.rs:4: open_store(\"queue\")"), "{text}");
    let since = project.json(&["impact", "--since", "HEAD~3"]);
    assert!(since["symbols"].as_array().is_some_and(|all| all.iter().all(|one| one["used_in"] == 0)));
}

#[test]
fn a_declaration_is_asked_about_by_its_name() {
    let project = project();
    let report = project.json(&["impact", "open_store"]);
    assert_eq!(report["symbols"][0]["change"], "same");
    assert_eq!(report["symbols"][0]["used_in"], 2, "{report}");
    assert_eq!(project.json(&["impact", "src/store.rs#open_store"])["symbols"][0]["used_in"], 2);
    let error = project.run(&["impact", "open_stroe"]).expect(2).stderr;
    assert!(error.contains("hint: did you mean `open_store`?"), "{error}");
    let error = project.run(&["impact", "zzzzqqqq"]).expect(2).stderr;
    assert!(error.contains("hint: `waypost search` finds names by their parts"), "{error}");
}

#[test]
fn records_about_what_changed_are_named() {
    let project = project();
    project.ok(&[
        "note",
        "--summary",
        "The store stays open",
        "--slug",
        "open",
        "--anchor",
        "src/store.rs#open_store",
    ]);
    project.commit("Note it");
    project.edit("src/store.rs", "path.len() as u32", "path.len() as u32 + 1");
    let report = project.json(&["impact"]);
    assert_eq!(report["records"][0]["title"], "The store stays open", "{report}");
    assert_eq!(report["records"][0]["state"], "drifted");
}

#[test]
fn a_move_to_another_file_is_told_as_one() {
    let project = project();
    project.edit("src/store.rs", "\npub fn close_store() {}\n", "");
    project.write(
        "src/mail.rs",
        "pub fn send(to: &str) -> usize {\n    to.len()\n}\n\npub fn close_store() {}\n",
    );
    let report = project.json(&["impact"]);
    let moved =
        report["symbols"].as_array().unwrap().iter().find(|one| one["name"] == "close_store").unwrap();
    assert_eq!((&moved["change"], &moved["moved_to"]), (&"moved".into(), &"src/mail.rs".into()), "{report}");
}

#[test]
fn a_review_is_one_page_with_what_matters_first() {
    let project = project();
    project.ok(&["init"]);
    project.ok(&[
        "note",
        "--summary",
        "The store stays open",
        "--slug",
        "open",
        "--anchor",
        "src/store.rs#open_store",
    ]);
    project.ok(&["handoff"]);
    project.commit("Set up");
    project.git(&["checkout", "-q", "-b", "topic"]);
    let token = ["ghp_", "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"].concat();
    project.edit("src/store.rs", "pub fn open_store(path: &str)", "pub fn open_store(path: &str, n: u32)");
    project
        .write("src/mail.rs", format!("pub fn send(to: &str) -> usize {{\n    to.len()\n}}\n// {token}\n"));
    for n in 0..30 {
        project.write(&format!("src/letter_{n}.rs"), format!("pub fn letter_{n}() {{}}\n"));
    }
    project.commit("Open wider");
    let page = project.ok(&["review", "--base", "main"]).stdout;
    let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("no {text:?} in\n{page}"));
    assert!(page.starts_with("# Review: 32 files, +"), "{page}");
    let order = [
        "## Secrets in added lines",
        "## Breaking changes",
        "## Tests to run",
        "## Not in this change",
        "## Records about",
        "## Handoff",
    ];
    assert!(order.windows(2).all(|pair| at(pair[0]) < at(pair[1])), "{page}");
    assert!(page.contains("`src/mail.rs:4`: ") && !page.contains(&token), "{page}");
    assert!(
        page.contains("`open_store` in `src/store.rs:4`: ") && page.contains("used in `src/queue.rs:"),
        "{page}"
    );
    assert!(page.contains("`cargo test --test store`") && page.contains("`CHANGELOG.md`"), "{page}");
    assert!(
        page.contains("`The store stays open` (drifted)") && page.contains("stale: `waypost handoff`"),
        "{page}"
    );
    assert_eq!(page, project.ok(&["review", "--base", "main"]).stdout, "the same change, the same page");
    let report =
        project.run(&["review", "--base", "main", "--fail-on", "stale,breaking,secret,drifted", "--json"]);
    let report = report.expect(1).json();
    assert_eq!(report["failed"], serde_json::json!(["breaking", "drifted", "stale", "secret"]));
    assert_eq!(report["page"], page);
    project.run(&["review", "--base", "main", "--fail-on", "missing-test"]).expect(1);
    project.ok(&["review", "--fail-on", "breaking,secret,missing-test"]);
    project.run(&["review", "--fail-on", "weather"]).expect(2);
    let short = project.ok(&["review", "--base", "main", "--budget", "300"]).stdout;
    assert!(short.len() < page.len() && short.contains("## Secrets"), "{short}");
    // It was the review of proposals before.
    for arguments in [&["review", "some-id"] as &[&str], &["review", "--accept"], &["review", "--all"]] {
        assert!(project.run(arguments).expect(2).stderr.contains("waypost proposals"));
    }
}

#[test]
fn a_secret_that_was_there_before_is_no_news() {
    let project = project();
    let token = ["ghp_", "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"].concat();
    project.write("src/mail.rs", format!("// {token}\n\n\nfn a() {{}}\n"));
    project.commit("It is in");
    project.edit("src/mail.rs", "fn a() {}", "fn b() {}");
    project.ok(&["review", "--fail-on", "secret"]);
    project.write("new.env.txt", format!("TOKEN={token}\n"));
    let report = project.run(&["review", "--fail-on", "secret", "--json"]).expect(1).json();
    assert_eq!(report["secrets"][0]["path"], "new.env.txt", "untracked files count");
    assert_eq!(report["secrets"].as_array().map(Vec::len), Some(1), "{report}");
}

/// The hooks and the action call what there is.
#[test]
fn what_the_hooks_of_pre_commit_call_works() {
    let project = project();
    project.ok(&["init"]);
    project.ok(&["handoff"]);
    project.commit("Set up");
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let hooks = std::fs::read_to_string(root.join(".pre-commit-hooks.yaml")).expect("the hooks");
    let entries: Vec<&str> =
        hooks.lines().filter_map(|line| line.trim().strip_prefix("entry: waypost ")).collect();
    assert_eq!(entries.len(), 3);
    for entry in entries {
        project.ok(&entry.split(' ').collect::<Vec<_>>());
    }
    let action = std::fs::read_to_string(root.join("action.yml")).expect("the action");
    let calls = action.lines().filter_map(|line| line.split("\"$waypost\" ").nth(1));
    let names: Vec<&str> = calls.filter_map(|call| call.split([' ', ';']).next()).collect();
    assert_eq!(names, ["trust", "handoff", "review"]);
    project.ok(&["review", "--base", "HEAD", "--budget", "3000", "--fail-on", "breaking"]);
}

#[test]
fn what_a_text_names_and_is_not_there_is_told_with_the_nearest() {
    let project = project();
    project.write("Makefile", "test:\n\tcargo test\n");
    project.write(
        "AGENTS.md",
        "# How to work\n\nRun `make test`, never `make chekc`. The store is in `src/store.rs:4`, not in `src/stroe.rs`\n\
         or `src/store.rs:4000`. See [the docs](docs/store.md) and [more](docs/gone.md).\n\
         Call `open_store()`, not `open_stroe()`; `src/store.rs#open_store` and `src/store.rs#opened`.\n\n\
         ```sh\ncargo test --test store\ncargo test --test nothing\n```\n\n\
         `/etc/passwd`, `and/or`, `path/to/file.py`, `some_library_call`, `target/debug/x.rs`, `~/.config/x` are not ours.\n",
    );
    project.commit("Tell how to work");
    let report = project.run(&["check-text", "--json"]).expect(1).json();
    let told: Vec<String> = report["found"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let part = |key: &str| one[key].as_str().unwrap_or("-").to_string();
            format!("{} {} {} -> {}", one["line"], part("kind"), part("text"), part("nearest"))
        })
        .collect();
    assert_eq!(
        told,
        [
            "3 command make chekc -> -",
            "3 path src/stroe.rs -> src/store.rs",
            "4 line src/store.rs:4000 -> -",
            "4 link docs/gone.md -> -",
            "5 symbol open_stroe() -> open_store",
            "5 symbol src/store.rs#opened -> -",
            "9 command cargo test --test nothing -> -",
        ],
        "{report}"
    );
    let text = project.run(&["check-text", "AGENTS.md"]).expect(1).stdout;
    assert!(
        text.contains(
            "AGENTS.md:3: path `src/stroe.rs`: there is no such file or folder (nearest: src/store.rs)"
        ),
        "{text}"
    );
    assert!(project.run(&["doctor"]).stdout.contains("AGENTS.md:3 names `make chekc`"));
    let fed = fed(&project, &["check-text", "-"], "Look at `src/quue.rs`.\n").expect(1);
    assert!(fed.stdout.starts_with("-:1: path `src/quue.rs`"), "{}", fed.stdout);
    project.write("AGENTS.md", "Run `make test` and read `src/store.rs`.\n");
    assert!(project.ok(&["check-text"]).stderr.contains("all that the text names is there"));
    // What is staged is another state than what lies there.
    project.write("src/fresh.rs", "fn f() {}\n");
    project.write("AGENTS.md", "Read `src/fresh.rs`.\n");
    project.ok(&["check-text", "AGENTS.md"]);
    project.run(&["check-text", "AGENTS.md", "--against", "index"]).expect(1);
    project.git(&["add", "-A"]);
    project.ok(&["check-text", "AGENTS.md", "--against", "index"]);
}

#[test]
fn what_a_text_shows_tells_of_the_past_or_leaves_to_others_is_no_claim() {
    let project = project();
    project.write("docs/index.md", "See it.\n");
    let silent = [
        "Put it into a module, e.g. `src/parser.rs`.\n",
        "Create `src/parser.rs` first.\n",
        "`src/parser.rs` was removed.\n",
        "News go to `docs/news/1234.bugfix.md`.\n",
        "Indented:\n\n    src/parser.rs\n",
        "The names are `open_stores` and `close-store`.\n",
        "Build `src/myplugin.rs` and `tests/test_foo.rs`.\n",
    ];
    for text in silent {
        let told = fed(&project, &["check-text", "-"], text).expect(0);
        assert!(told.stdout.is_empty(), "{text}: {}", told.stdout);
    }
    project.write("docs/guide.rst", "Say::\n\n    src/parser.rs\n\nand :pypi:`open_stroe`.\n");
    project.write("docs/releases/1.md", "Added `src/parser.rs`.\n");
    project.ok(&["check-text", "docs/guide.rst", "docs/releases/1.md"]);
    project.write("docs/guide.rst", "The parser is in ``src/parser.rs``.\n");
    project.run(&["check-text", "docs/guide.rst"]).expect(1);
}

#[test]
fn an_option_of_the_projects_own_program_has_to_be_spelled_somewhere() {
    let project = project();
    project.write("src/main.rs", "fn main() {\n    take(\"--max-jobs\");\n}\n");
    let silent = [
        "`jobs --max-jobs 3`",
        "`jobs --help`",
        "`git --max-jbos`",
        "`jobs run make --max-jbos`",
        "`jobs -- --max-jbos`",
    ];
    for text in silent {
        fed(&project, &["check-text", "-"], text).expect(0);
    }
    let told = fed(&project, &["check-text", "-"], "Run `jobs --max-jbos 3`.\n").expect(1).stdout;
    assert!(told.contains("the program has no such option"), "{told}");
}

#[test]
fn a_call_on_the_projects_own_package_has_to_be_there() {
    let project = Project::committed(&[
        ("src/shop/__init__.py", "from .carts import add_item\n"),
        ("src/shop/carts.py", "def add_item(name):\n    return name\n"),
    ]);
    fed(&project, &["check-text", "-"], "Call `shop.add_item()` and `other.total()`.\n").expect(0);
    let told = fed(&project, &["check-text", "-"], "Call `shop.total()`.\n").expect(1).stdout;
    assert!(told.contains("symbol `shop.total()`"), "{told}");
}

#[test]
fn a_path_that_git_renamed_is_mended_on_request() {
    let project = project();
    project.write("docs/how.md", "See `src/mail.rs`, [it](../src/mail.rs) and `src/mail.rs:2`.\n");
    project.commit("Document");
    project.git(&["mv", "src/mail.rs", "src/letters.rs"]);
    project.commit("Rename");
    let report = project.run(&["check-text", "docs/how.md", "--json"]).expect(1).json();
    assert_eq!(report["found"][0]["nearest"], "src/letters.rs", "{report}");
    assert_eq!(report["found"][0]["why"], "it was renamed");
    let fixed = project.run(&["check-text", "docs/how.md", "--fix-paths"]);
    let text = project.read("docs/how.md");
    assert_eq!(
        text, "See `src/letters.rs`, [it](../src/letters.rs) and `src/letters.rs:2`.\n",
        "{}",
        fixed.stdout
    );
    fixed.expect(0);
}
