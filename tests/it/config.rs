//! Settings in layers, each with its source; errors that help.

use serde_json::json;

use crate::project::{Project, Run};

fn set_up() -> Project {
    let project = Project::fixture("tally");
    project.ok(&["init"]);
    project
}

#[test]
fn each_layer_wins_over_the_one_before_and_says_where_it_is_from() {
    let project = set_up();
    let get = || project.json(&["config", "get", "handoff_budget"]);
    assert_eq!(get(), json!({"value": 2500, "source": "default", "key": "handoff_budget"}));
    let user = project.outside("home").join(".config/waypost/config.toml");
    std::fs::create_dir_all(user.parent().unwrap()).unwrap();
    std::fs::write(&user, "handoff_budget = 1000\n").unwrap();
    assert_eq!((&get()["value"], &get()["source"]), (&json!(1000), &json!(user.display().to_string())));
    project.write(".waypost/config.toml", "handoff_budget = 2000\n");
    let file = project.path(".waypost/config.toml").display().to_string();
    assert_eq!((&get()["value"], &get()["source"]), (&json!(2000), &json!(file)));
    let mut command = project.command(&["config", "get", "handoff_budget", "--json"]);
    let report = Run::of(command.env("WAYPOST_HANDOFF_BUDGET", "3000")).expect(0).json();
    let source = json!("environment WAYPOST_HANDOFF_BUDGET");
    assert_eq!((&report["value"], &report["source"]), (&json!(3000), &source));
}

#[test]
fn every_setting_of_the_contract_is_there() {
    let project = set_up();
    let settings = project.json(&["config"]);
    for key in [
        "name",
        "include",
        "exclude",
        "max_file_size",
        "handoff_budget",
        "prompt_budget",
        "redact_patterns",
        "redact_pii",
        "focus_files",
        "map_files",
        "debounce_ms",
        "min_interval_sec",
    ] {
        let setting = &settings["settings"][key];
        assert_eq!(setting["source"], "default", "{key}: {setting}");
        assert!(project.read(".waypost/config.toml").contains(&format!("# {key} = ")), "{key}");
    }
}

#[test]
fn memory_that_is_only_read_or_switched_off_is_not_written_or_not_told() {
    let project = set_up();
    project.ok(&["note", "--summary", "Keep SQLite", "--slug", "sqlite"]);
    project.ok(&["config", "set", "memory", "read_only"]);
    let writes: &[&[&str]] = &[
        &["note", "--summary", "x"],
        &["edit", "sqlite", "--summary", "x"],
        &["goal", "x"],
        &["goal", "add", "x"],
        &["checkpoint", "--done", "x"],
        &["brief", "set", "x"],
        &["pin", "src/lib.rs"],
        &["forget", "sqlite", "--yes"],
    ];
    for write in writes {
        let refused = project.run(write).expect(2).stderr;
        assert!(refused.contains("`memory` is `read_only`"), "{write:?}: {refused}");
    }
    assert_eq!(project.json(&["notes"])["count"], 1);
    project.snapshot();
    assert!(project.read(".waypost/handoff.md").contains("Keep SQLite"));
    project.ok(&["config", "set", "memory", "off"]);
    for write in writes.iter().chain(&[&["notes"] as &[&str], &["show", "sqlite"]]) {
        let refused = project.run(write).expect(2).stderr;
        assert!(refused.contains("`memory` is `off`"), "{write:?}: {refused}");
    }
    project.snapshot();
    assert!(!project.read(".waypost/handoff.md").contains("Keep SQLite"));
    let found = project.run(&["search", "Keep SQLite", "--json"]).expect(1).json();
    assert_eq!(found["hits"], json!([]));
    project.ok(&["doctor"]);
    let wrong = project.run(&["config", "set", "memory", "on"]).expect(2).stderr;
    assert!(wrong.contains("read_write, read_only, off"), "{wrong}");
    // A repository's file may only narrow.
    project.ok(&["config", "set", "memory", "read_write"]);
    assert_eq!(project.json(&["notes"])["count"], 1);
}

#[test]
fn an_unknown_key_names_file_line_and_the_nearest_right_one() {
    let project = set_up();
    project.write(".waypost/config.toml", "# mine\n\nexcludes = [\"a\"]\n");
    for arguments in [&["status"] as &[&str], &["snapshot"], &["config"]] {
        let error = project.run(arguments).expect(2).stderr;
        assert!(error.contains(".waypost/config.toml:3`: unknown setting `excludes`"), "{error}");
        assert!(error.contains("\nhint: did you mean `exclude`?\n"), "{error}");
    }
}

#[test]
fn a_bad_value_names_file_line_and_what_is_wanted() {
    let project = set_up();
    for (text, expected) in [
        (
            "name = \"a\"\nhandoff_budget = \"many\"\n",
            "config.toml:2`: `handoff_budget` takes a whole number, not `\"many\"`",
        ),
        ("handoff_budget = 12\n", "config.toml:1`: `handoff_budget` takes 300 to 200000, not 12"),
        ("exclude = \"a\"\n", "config.toml:1`: `exclude` takes a list of texts"),
        ("name = \n", "config.toml:1`: "),
    ] {
        project.write(".waypost/config.toml", text);
        let error = project.run(&["status"]).expect(2).stderr;
        assert!(error.contains(expected), "{text}: {error}");
    }
    project.write(".waypost/config.toml", "");
    let mut command = project.command(&["status"]);
    let error = Run::of(command.env("WAYPOST_PROMPT_BUDGET", "x")).expect(2).stderr;
    assert!(error.contains("`WAYPOST_PROMPT_BUDGET`"), "{error}");
}

#[test]
fn setting_a_value_keeps_the_rest_of_the_file() {
    let project = set_up();
    project.write(".waypost/config.toml", "# mine\nname = \"a\" # why\n");
    project.ok(&["config", "set", "exclude", "docs/, *.txt"]);
    assert_eq!(
        project.read(".waypost/config.toml"),
        "# mine\nname = \"a\" # why\nexclude = [\"docs/\", \"*.txt\"]\n"
    );
    assert_eq!(project.ok(&["config", "get", "name"]).stdout, "a\n");
    let error = project.run(&["config", "set", "handoff_budget", "much"]).expect(2).stderr;
    assert!(error.contains("takes a whole number"), "{error}");
    assert!(project.run(&["config", "set", "nam", "x"]).expect(2).stderr.contains("did you mean `name`?"));
}

#[test]
fn a_broken_file_can_be_mended_by_the_program() {
    let project = set_up();
    project.write(".waypost/config.toml", "handoff_budget = 1\n");
    project.run(&["status"]).expect(2);
    project.ok(&["config", "set", "handoff_budget", "4000"]);
    project.ok(&["status"]);
}

#[test]
fn exclude_and_include_decide_what_is_read() {
    let project = set_up();
    project.ok(&["config", "set", "exclude", "src/report.rs"]);
    assert_eq!(project.snapshot()["files"], 7);
    project.ok(&["config", "set", "include", "src/"]);
    assert_eq!(project.snapshot()["files"], 3);
    assert!(!project.read(".waypost/handoff.md").contains("counts.rs"));
}

#[test]
fn a_larger_file_than_allowed_is_listed_and_not_read() {
    let project = set_up();
    project.write("src/big.rs", "pub fn zanzibar() {}\n".repeat(100));
    project.ok(&["config", "set", "max_file_size", "1800"]);
    let report = project.snapshot();
    assert_eq!(report["skipped"], json!([{"path": "src/big.rs", "reason": "larger than max_file_size"}]));
    assert!(!project.read(".waypost/handoff.md").contains("zanzibar"));
}

#[test]
fn a_name_from_the_config_is_the_projects_name() {
    let project = set_up();
    project.ok(&["config", "set", "name", "The `great` tally"]);
    project.snapshot();
    assert!(project.read(".waypost/handoff.md").contains(" files of ``The `great` tally``; "));
    assert_eq!(project.json(&["status"])["project"], "The `great` tally");
}

#[test]
fn a_pattern_of_the_users_is_redacted_from_what_was_read_before() {
    let project = set_up();
    project.edit("src/report.rs", "//! Tables for people.", "//! Tables for customer ACME-4711.");
    project.snapshot();
    assert!(project.read(".waypost/handoff.md").contains("ACME-4711"));
    project.ok(&["config", "set", "redact_patterns", "[\"ACME-[0-9]+\"]"]);
    project.snapshot();
    for (path, bytes) in project.own_files() {
        assert!(!String::from_utf8_lossy(&bytes).contains("ACME-4711"), "{path}");
    }
    project.ok(&["config", "set", "redact_patterns", "[\"(\"]"]);
    project.run(&["snapshot"]).expect(2);
}

#[test]
fn paths_of_both_files_are_told() {
    let project = set_up();
    let paths = project.json(&["config", "path"]);
    assert_eq!(paths["project"], project.path(".waypost/config.toml").display().to_string());
    let user = project.outside("home").join(".config/waypost/config.toml");
    assert_eq!(paths["user"], user.display().to_string());
}

#[test]
fn a_name_of_any_length_leaves_room_for_the_page() {
    let project = Project::committed(&[("src/a.rs", "pub fn alpha() {}\n")]);
    project.write(".waypost/config.toml", format!("name = \"n{}\"\n", "ame ".repeat(25_000)));
    project.snapshot();
    let (markdown, _) = project.handoff();
    assert!(markdown.contains("alpha") && markdown.len() < 2_000, "{}", markdown.len());
}
