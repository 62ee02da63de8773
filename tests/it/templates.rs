//! The user's own templates: what they may change, and what holds all the same.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::project::{Project, Run, strings};

/// The folder of the user's own templates.
fn folder(project: &Project) -> PathBuf {
    project.outside("home/.config/waypost/templates")
}

fn own(project: &Project, name: &str, text: &str) {
    let path = folder(project).join(name);
    fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
    fs::write(path, text).expect("a template");
}

fn check(project: &Project, code: i32) -> Value {
    project.run(&["handoff", "--check", "--json"]).expect(code).json()
}

/// What doctor says under a name.
fn said(project: &Project, name: &str) -> Option<String> {
    let report = project.run(&["doctor", "--json"]).json();
    let checks = report["checks"].as_array().expect("a list");
    let found = checks.iter().find(|check| check["name"] == name)?;
    Some(found["detail"].as_str().expect("a text").to_string())
}

const MINE: &str = "# Mine\n\nOf {{ name }}.\n{% if start %}\n\n{{ start|files|fenced }}\n{% endif %}\n{% include \"sections/commands.md.j2\" %}\n";

#[test]
fn templates_are_listed_shown_and_copied() {
    let project = Project::fixture("tally");
    let list = project.json(&["templates", "list"]);
    assert!(list["templates"].as_array().unwrap().iter().all(|row| row["own"] == false), "{list}");
    assert_eq!(list["folder"], json!(folder(&project)));
    let built_in = project.ok(&["templates", "show", "handoff"]).stdout;
    assert!(built_in.starts_with("# Handoff\n"), "{built_in}");
    let ejected = project.json(&["templates", "eject", "handoff.md.j2"]);
    assert_eq!(strings(&ejected["written"]), ["handoff.md.j2"]);
    assert_eq!(fs::read_to_string(folder(&project).join("handoff.md.j2")).unwrap(), built_in);
    // A copy that says the same is none.
    assert!(!project.ok(&["templates", "list"]).stdout.contains("yours"));
    own(&project, "handoff.md.j2", MINE);
    own(&project, "handof.md.j2", MINE);
    let listed = project.ok(&["templates", "list"]);
    assert!(listed.stdout.contains("yours     handoff.md.j2\n"), "{}", listed.stdout);
    assert!(listed.stderr.contains("`handof.md.j2` has the name of no template"), "{}", listed.stderr);
    assert_eq!(project.ok(&["templates", "show", "handoff.md.j2"]).stdout, MINE);
    assert_eq!(project.ok(&["templates", "show", "handoff.md.j2", "--built-in"]).stdout, built_in);
    let all = project.json(&["templates", "eject"]);
    assert_eq!(strings(&all["kept"]), ["handoff.md.j2"]);
    assert!(strings(&all["written"]).contains(&"sections/goal.md.j2"), "{all}");
    assert_eq!(project.ok(&["templates", "show", "handoff.md.j2"]).stdout, MINE, "it stays");
    project.run(&["templates", "show", "handof"]).expect(2);
    assert!(!project.exists(".waypost"));
}

#[test]
fn a_handoff_of_other_templates_is_told_from_a_stale_one() {
    let project = Project::fixture("tally");
    project.ok(&["snapshot", "--goal", "count comment lines"]);
    let (plain, plain_json) = project.handoff();
    assert!(!plain_json.contains("\"templates\""));
    assert_eq!(said(&project, "templates"), None);

    own(&project, "handoff.md.j2", MINE);
    let told = check(&project, 1);
    assert_eq!(
        (&told["state"], strings(&told["templates"])),
        (&json!("other_templates"), vec!["handoff.md.j2"])
    );
    // The same tree, and yet another page: a snapshot writes it.
    project.snapshot();
    let (mine, mine_json) = project.handoff();
    assert!(mine.starts_with("# Mine\n\nOf `tally`.\n"), "{mine}");
    assert!(mine.contains("## Commands") && mine.contains("src/"), "{mine}");
    assert!(mine_json.contains("\n\"templates\":\""), "{mine_json}");
    assert_eq!(check(&project, 0)["state"], "fresh");
    assert!(said(&project, "templates").unwrap().contains("handoff.md.j2"));
    project.write("src/n.rs", "pub fn late() {}\n");
    assert_eq!(check(&project, 1)["state"], "stale", "with the same templates a change is a change");
    project.remove("src/n.rs");

    // A colleague without them.
    fs::remove_dir_all(folder(&project)).unwrap();
    let run = project.run(&["handoff", "--check"]).expect(1);
    assert!(run.stderr.contains("rendered with other templates"), "{}", run.stderr);
    assert_eq!(check(&project, 1)["state"], "other_templates");
    assert!(said(&project, "handoff").unwrap().contains("other templates"));
    assert!(project.ok(&["status"]).stdout.contains("rendered with other templates"));
    project.ok(&["handoff"]);
    assert_eq!(project.handoff(), (plain, plain_json));
}

#[test]
fn the_same_templates_make_the_same_bytes() {
    let handoff = |root: &str| {
        let project = Project::fixture("tally");
        own(&project, "handoff.md.j2", MINE);
        own(
            &project,
            "sections/commands.md.j2",
            "{% for c in commands %}\n- {{ c.purpose }} {{ c.command }}\n{% endfor %}\n",
        );
        let copy = project.outside(root);
        crate::project::copy_tree(&project.root, &copy);
        project.at(copy).ok(&["handoff", "--stdout", "--json"]).stdout
    };
    assert_eq!(handoff("one"), handoff("another/place"));
}

#[test]
fn a_budget_holds_whatever_a_template_repeats() {
    let project = Project::fixture("tally");
    project.ok(&["snapshot", "--goal", "count comment lines"]);
    let thrice = "{% for n in range(3) %}\n{% for list in [map, start] if list %}\n{{ list|files|fenced }}\n{% endfor %}\n{% endfor %}\n";
    own(&project, "handoff.md.j2", thrice);
    for budget in ["300", "600", "2000"] {
        let report = project.json(&["handoff", "--budget", budget]);
        assert!(report["tokens"].as_u64().unwrap() <= budget.parse().unwrap(), "{report}");
    }
    own(&project, "handoff.md.j2", &"too many words ".repeat(400));
    let error = project.run(&["handoff", "--budget", "300"]).expect(2).stderr;
    assert!(error.contains("more than the budget of 300"), "{error}");
    own(&project, "prompt-generic-agent-restore.md.j2", thrice);
    let prompt = project.json(&["prompt", "--token-budget", "300"]);
    assert!(prompt["tokens"].as_u64().unwrap() <= 300, "{prompt}");
}

#[test]
fn what_is_wrong_with_a_template_is_told_with_its_line() {
    let project = Project::fixture("tally");
    for (text, line, why) in [
        ("# Mine\n{% if %}\n", ":2`", "syntax error"),
        ("# Mine\n\n{{ name|spam }}\n", ":3`", "spam"),
        (
            "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}",
            ":1`",
            "it does not end",
        ),
        ("{% for a in range(9999) %}{{ 'x' * 9999 }}{% endfor %}", "handoff.md.j2`", "it makes more than"),
    ] {
        own(&project, "handoff.md.j2", text);
        let told = project.run(&["handoff", "--json"]);
        let error = if told.code == 2 {
            told.json()
        } else {
            project.run(&["handoff", "--stdout", "--json"]).expect(2).json()
        };
        let message = error["error"].as_str().unwrap();
        assert!(message.contains(line) && message.contains(why), "{text}: {message}");
        assert!(error["path"].as_str().unwrap().ends_with("templates/handoff.md.j2"), "{error}");
        assert!(
            error["hint"].as_str().unwrap().contains("waypost templates show handoff.md.j2 --built-in"),
            "{error}"
        );
    }
    project.ok(&["templates", "show", "handoff.md.j2", "--built-in"]);
    own(&project, "handoff.md.j2", "{% if %}");
    assert!(project.run(&["templates", "list"]).expect(1).stderr.contains("cannot be used"));
    assert!(said(&project, "templates").unwrap().contains("cannot be used"));
    // What makes no page goes on.
    project.ok(&["note", "--summary", "Something else"]);
    project.ok(&["search", "count"]);
}

#[test]
fn what_a_template_says_is_looked_at_for_secrets() {
    let project = Project::fixture("tally");
    let token = ["ghp_", "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"].concat();
    own(&project, "handoff.md.j2", &format!("# {token}\n"));
    let run = project.run(&["handoff", "--stdout"]).expect(2);
    assert!(run.stderr.contains("would hold a secret") && !run.stdout.contains(&token), "{}", run.stderr);
    project.run(&["snapshot"]).expect(2);
    assert!(!project.exists(".waypost/handoff.md"));
}

#[test]
fn no_repository_brings_a_template_along() {
    let project = Project::fixture("tally");
    project.ok(&["init"]);
    let text = project.ok(&["handoff", "--stdout"]).stdout;
    for place in [".waypost/templates", "templates", ".config/waypost/templates", "waypost/templates"] {
        project.write(&format!("{place}/handoff.md.j2"), MINE);
    }
    project.write(".gitignore", "templates/\n");
    assert!(!project.ok(&["handoff", "--stdout"]).stdout.contains("# Mine"));
    let inside = project.root.join(".config");
    let run = Run::of(project.command(&["handoff", "--stdout"]).env("XDG_CONFIG_HOME", &inside)).expect(0);
    assert!(run.stdout.starts_with("# Handoff") && text.starts_with("# Handoff"), "{}", run.stdout);
    let run = Run::of(project.command(&["templates", "eject"]).env("XDG_CONFIG_HOME", &inside)).expect(2);
    assert!(run.stderr.contains("hint: name one by `--to`"), "{}", run.stderr);
}
