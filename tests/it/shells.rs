//! What surrounds the commands in a shell: completions, manual pages, and help that
//! fits a terminal.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::project::{Project, strings};

/// Columns of a terminal that nobody made larger.
const COLUMNS: usize = 80;

/// What bash proposes in the project for the last word of a line.
fn proposed(project: &Project, line: &[&str]) -> Vec<String> {
    proposed_in(project, &project.root, line)
}

fn proposed_in(project: &Project, folder: &Path, line: &[&str]) -> Vec<String> {
    let words: Vec<String> = line.iter().map(|word| format!("'{word}'")).collect();
    let script = format!(
        "source <(waypost completions bash); COMP_WORDS=({}); COMP_CWORD={}; COMP_TYPE=9; \
         _clap_complete_waypost waypost '{}' ''; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        words.join(" "),
        line.len() - 1,
        line.last().expect("a word"),
    );
    let program = Path::new(env!("CARGO_BIN_EXE_waypost")).parent().expect("a folder");
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap_or_default());
    let mut bash = Command::new("bash");
    bash.args(["--norc", "--noprofile", "-c", &script]).current_dir(folder).env("PATH", path);
    bash.env("HOME", project.outside("home")).env("XDG_CONFIG_HOME", project.outside("home/.config"));
    let done = bash.output().expect("bash runs");
    assert!(done.stderr.is_empty(), "{line:?}: {}", String::from_utf8_lossy(&done.stderr));
    let told = String::from_utf8(done.stdout).expect("UTF-8");
    told.split(['\u{b}', '\n'])
        .map(|word| word.trim_end().to_string())
        .filter(|word| !word.is_empty())
        .collect()
}

#[test]
fn bash_proposes_what_the_project_has() {
    let project = Project::fixture("tally");
    project.snapshot();
    project.ok(&["note", "--summary", "Keep old keys", "--slug", "keys"]);
    let id = |arguments: &[&str]| project.json(arguments)["id"].as_str().expect("an id").to_string();
    let (session, goal) = (id(&["session", "start"]), id(&["goal", "add", "a step"]));
    project.ok(&["pin", "src/lib.rs"]);
    let before = project.own_files();
    assert_eq!(proposed(&project, &["waypost", "snapsh"]), ["snapshot", "snapshots"]);
    assert_eq!(proposed(&project, &["waypost", "show-snapshot", ""])[..1], ["s1"]);
    assert_eq!(proposed(&project, &["waypost", "restore", "--snapshot-id", "s"]), ["s1"]);
    assert_eq!(proposed(&project, &["waypost", "show", "ke"]), ["keys"]);
    assert_eq!(proposed(&project, &["waypost", "session", "show", &session[..4]]), [session.as_str()]);
    assert_eq!(proposed(&project, &["waypost", "status", "--session", &session[..4]]), [session.as_str()]);
    assert_eq!(proposed(&project, &["waypost", "goal", "done", &goal[..9]]), [goal.as_str()]);
    assert_eq!(proposed(&project, &["waypost", "unpin", "src/"])[..1], ["src/lib.rs"]);
    assert_eq!(proposed(&project, &["waypost", "config", "get", "map_"]), ["map_files"]);
    assert!(proposed(&project, &["waypost", "prompt", "--mode", "c"]).contains(&"claude".to_string()));
    assert_eq!(proposed(&project, &["waypost", "outline", "src/li"]), ["src/lib.rs"]);
    assert_eq!(proposed(&project, &["waypost", "schema", "sit"]), ["sitrep"]);
    let elsewhere = project.outside("elsewhere");
    std::fs::create_dir(&elsewhere).expect("a folder");
    let root = project.root.display().to_string();
    let of_project = ["waypost", "-C", &root, "show-snapshot", "s"];
    assert_eq!(proposed_in(&project, &elsewhere, &of_project), ["s1"]);
    assert_eq!(proposed_in(&project, &elsewhere, &["waypost", "show-snapshot", "s"]), [""; 0]);
    assert!(std::fs::read_dir(&elsewhere).unwrap().next().is_none(), "a look creates nothing");
    assert_eq!(project.own_files().len(), before.len());
}

/// A title is shown beside its id, and steers no terminal.
#[test]
fn what_is_proposed_is_escaped() {
    let project = Project::fixture("tally");
    project.ok(&["note", "--summary", "first", "--slug", "one"]);
    let (name, bytes) = project.own_files().into_iter().find(|(name, _)| name.contains("-one.md")).unwrap();
    let text = String::from_utf8(bytes).unwrap().replace("first", "fi\u{202e}rst");
    project.write(&format!(".waypost/{name}"), text);
    let mut asked = project.command(&["--", "waypost", "show", "o"]);
    asked.env("WAYPOST_COMPLETE", "fish");
    let told = String::from_utf8(asked.output().unwrap().stdout).unwrap();
    assert!(told.contains("one\t") && !told.contains('\u{202e}'), "{told:?}");
}

#[test]
fn each_shell_has_a_script_that_asks() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = Project::empty().ok(&["completions", shell]).stdout;
        assert!(script.contains("WAYPOST_COMPLETE"), "{shell}: {script}");
    }
}

/// Every command and subcommand, as words.
fn all_commands(project: &Project) -> Vec<Vec<String>> {
    let list = project.json(&["schema"]);
    let pages = project.json(&["man", "--out", "man"]);
    let names = strings(&pages["pages"]).into_iter().map(str::to_string).collect::<Vec<_>>();
    let of_page = |name: &String| {
        // A page's name does not tell where a word ends: the schemas do.
        let name = name.trim_start_matches("waypost").trim_start_matches('-').trim_end_matches(".1");
        let known = list["schemas"].as_array().unwrap().iter().filter_map(|one| one["name"].as_str());
        let two = known.filter(|known| known.contains(' ')).find(|known| known.replace(' ', "-") == *name);
        two.unwrap_or(name).split(' ').filter(|word| !word.is_empty()).map(str::to_string).collect()
    };
    names.iter().map(of_page).collect()
}

#[test]
fn help_of_every_command_fits_a_terminal() {
    let project = Project::empty();
    let commands = all_commands(&project);
    assert!(commands.len() > 120, "{commands:?}");
    for words in commands {
        for flag in ["-h", "--help"] {
            let arguments: Vec<&str> = words.iter().map(String::as_str).chain([flag]).collect();
            let help = project.ok(&arguments).stdout;
            let long = help.lines().find(|line| line.chars().count() > COLUMNS);
            assert_eq!(long, None, "{arguments:?}");
        }
    }
}

#[test]
fn every_command_has_a_manual_page() {
    let project = Project::empty();
    let told = project.json(&["man", "--out", "man"]);
    let pages = strings(&told["pages"]);
    for name in ["waypost.1", "waypost-snapshot.1", "waypost-goal-add.1", "waypost-man.1"] {
        assert!(pages.contains(&name), "{name}");
        assert!(project.read(&format!("man/{name}")).contains(".SH SYNOPSIS"), "{name}");
    }
    // A name that is no command of its own is a format, or a report of one.
    let schemas = project.json(&["schema"]);
    let names = schemas["schemas"].as_array().unwrap().iter().filter_map(|one| one["name"].as_str());
    let without = |name: &&str| !pages.contains(&format!("waypost-{}.1", name.replace(' ', "-")).as_str());
    assert_eq!(names.filter(without).collect::<Vec<_>>(), ["now", "error", "handoff-report"]);
    let page = project.ok(&["man", "goal", "add"]).stdout;
    assert_eq!(page, project.read("man/waypost-goal-add.1"));
    let wrong = project.run(&["man", "gaol", "--json"]).expect(2).json();
    assert_eq!(wrong["error"], Value::from("`gaol` is no command"));
    project.ok(&["man", "--out", "again"]);
    assert_eq!(project.read("man/waypost.1"), project.read("again/waypost.1"));
}
