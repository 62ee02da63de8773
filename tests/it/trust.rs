//! A project's settings only narrow until the user trusts them; what is
//! trusted is a content in a place, kept outside the repository.

use serde_json::json;

use crate::project::{Project, Run, strings};

const WIDE: &str = "max_file_size = 64000000\nhandoff_budget = 200000\nexclude = []\nredact_patterns = []\n";

/// A clone with a file that is larger than by default, and a user who leaves
/// something out.
fn cloned(config: &str) -> Project {
    let big = format!("pub fn giant() {{}}\n{}", "// filler filler filler\n".repeat(60_000));
    let project = Project::committed(&[
        ("src/a.rs", "/// Knows code-name-42.\npub fn alpha() {}\n"),
        ("src/big.rs", &big),
        ("private/p.rs", "pub fn hush() {}\n"),
        (".waypost/config.toml", config),
    ]);
    let user = project.outside("home").join(".config/waypost/config.toml");
    std::fs::create_dir_all(user.parent().unwrap()).unwrap();
    let settings = "exclude = ['private/']\nredact_patterns = ['code-name-[0-9]+']\n";
    std::fs::write(&user, settings).unwrap();
    project
}

#[test]
fn a_cloned_config_adds_and_lowers_and_never_widens() {
    let project = cloned(WIDE);
    let run = project.ok(&["snapshot"]);
    assert_eq!(
        run.stderr.matches("warning: `.waypost/config.toml` asks for more").count(),
        1,
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("max_file_size = 64000000 instead of 1000000"), "{}", run.stderr);
    let (markdown, json) = project.handoff();
    for word in ["giant", "hush", "code-name-42"] {
        assert!(!markdown.contains(word) && !json.contains(word), "{word}");
    }
    project.write(".waypost/config.toml", "exclude = ['src/a.rs', '!private/']\nmax_file_size = 10\n");
    let run = project.ok(&["snapshot"]);
    assert!(!run.stderr.contains("asks for more"), "{}", run.stderr);
    assert_eq!(
        project.json(&["config", "get", "exclude"])["value"],
        json!(["src/a.rs", "!private/", "private/"])
    );
    assert_eq!(project.json(&["config", "get", "redact_patterns"])["value"], json!(["code-name-[0-9]+"]));
    let (markdown, _) = project.handoff();
    assert!(!markdown.contains("alpha") && !markdown.contains("hush"));
}

#[test]
fn trust_is_in_a_content_ends_with_it_and_lies_outside() {
    let project = cloned(WIDE);
    let report = project.json(&["trust"]);
    let keys: Vec<_> = report["widens"].as_array().unwrap().iter().map(|held| held["key"].clone()).collect();
    assert_eq!(keys, ["max_file_size", "handoff_budget"]);
    assert_eq!(project.json(&["config", "get", "max_file_size"])["value"], 64_000_000);
    assert!(!project.ok(&["snapshot"]).stderr.contains("asks for more"));
    assert!(project.handoff().0.contains("giant"));
    assert_eq!(project.json(&["trust", "--list"])["trusted"].as_array().unwrap().len(), 1);
    assert!(
        project.own_files().iter().all(|(path, _)| !path.contains("trust")),
        "it would come with a clone"
    );
    // A pull brings another one.
    project.write(".waypost/config.toml", format!("{WIDE}prompt_budget = 16000\n"));
    assert_eq!(project.json(&["config", "get", "max_file_size"])["value"], 1_000_000);
    project.write(".waypost/config.toml", WIDE);
    assert_eq!(project.json(&["config", "get", "max_file_size"])["value"], 64_000_000);
    assert_eq!(project.json(&["trust", "--revoke"])["was_trusted"], true);
    assert_eq!(project.json(&["config", "get", "max_file_size"])["value"], 1_000_000);
}

#[test]
fn what_the_user_sets_is_trusted_and_nothing_by_the_way() {
    let project = Project::fixture("tally");
    project.ok(&["init"]);
    project.ok(&["config", "set", "max_file_size", "2000000"]);
    assert_eq!(project.json(&["config", "get", "max_file_size"])["value"], 2_000_000);
    let cloned = cloned(WIDE);
    cloned.ok(&["config", "set", "name", "mine"]);
    assert_eq!(cloned.json(&["config", "get", "max_file_size"])["value"], 1_000_000);
    assert_eq!(cloned.json(&["config", "get", "name"])["value"], "mine");
}

#[test]
fn templates_grammars_and_other_keys_of_a_repository_are_not_used() {
    let project = Project::committed(&[
        ("a.rs", "pub fn alpha() {}\n"),
        (".waypost/templates/handoff.md.j2", "PWNED\n"),
        (".waypost/grammars/rust/language.toml", "name = \"rust\"\nlibrary = \"x.so\"\n"),
        (".waypost/grammars/rust/tags.scm", "(no_such) @x\n"),
        (".waypost/languages/rust/language.toml", "PWNED\n"),
    ]);
    let report = project.snapshot();
    assert_eq!(report["files"], 1);
    assert!(!project.handoff().0.contains("PWNED"));
    for key in
        ["templates = \"../evil\"", "grammars = \"/tmp\"", "include = [\"../..\", \"/etc\"]\nroot = \"/\""]
    {
        project.write(".waypost/config.toml", format!("{key}\n"));
        let error = project.run(&["snapshot"]).expect(2).stderr;
        assert!(error.contains("unknown setting"), "{error}");
    }
    project.write(".waypost/config.toml", "include = ['../outside', '/etc/**', 'a.rs']\n");
    std::fs::create_dir(project.outside("outside")).unwrap();
    std::fs::write(project.outside("outside").join("o.rs"), "pub fn outside() {}\n").unwrap();
    let report = project.snapshot();
    assert_eq!(report["files"], 1, "{:?}", strings(&report["changes"]["added"]));
}

/// A repository that is the home, as in a container, could bring the user's
/// word along, and code as a grammar.
#[test]
fn a_home_within_the_project_is_nobodys_word() {
    let project = Project::committed(&[
        ("src/a.rs", "pub fn alpha() {}\n"),
        (".waypost/config.toml", WIDE),
        (".config/waypost/config.toml", "handoff_budget = 300\n"),
        (".config/waypost/grammars/evil/language.toml", "name = 'evil'\n"),
        (".config/waypost/grammars/evil/p.so", "no library"),
        ("sub/.config/waypost/config.toml", "handoff_budget = 300\n"),
    ]);
    let root = project.root.to_string_lossy().into_owned();
    for home in [root.as_str(), ".", "sub"] {
        let run = |arguments: &[&str]| {
            let mut command = project.command(arguments);
            Run::of(command.env("HOME", home).env_remove("XDG_CONFIG_HOME").env_remove("XDG_STATE_HOME"))
        };
        let budget = run(&["config", "get", "handoff_budget"]).expect(0);
        assert!(budget.stdout.starts_with("2500"), "{home}: {}", budget.stdout);
        let languages = run(&["languages"]).expect(0);
        assert!(!(languages.stdout + &languages.stderr).contains("evil"), "{home}");
        assert_ne!(run(&["trust"]).code, 0, "{home}: a list of trust in the project");
    }
    assert!(!project.exists(".local"));
}
