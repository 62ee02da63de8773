//! What git ignores is never published, whatever the rules look like and
//! wherever they lie; and rules of one place take none of another with them.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::project::{Project, Run};

/// Longer than any pattern that a matcher compiles gladly.
fn long() -> String {
    "?".repeat(250_000)
}

/// A project whose file `private.py` is to be ignored, in no commit.
fn project() -> Project {
    let project = Project::committed(&[("a.py", "def a(): pass\n")]);
    project.write("private.py", "def private_thing(): pass\n");
    project
}

/// Fails the test when a snapshot publishes what is private.
#[track_caller]
fn keeps_private(project: &Project, what: &str) -> Run {
    let run = project.ok(&["snapshot"]);
    let (page, json) = project.handoff();
    assert!(!page.contains("private_thing") && !json.contains("private"), "{what}: {page}");
    assert!(page.contains("def a()"), "{what}: {page}");
    run
}

#[test]
fn a_rule_that_makes_none_takes_no_other_with_it() {
    let broken: [(&str, Vec<u8>); 9] = [
        ("long", long().into_bytes()),
        ("long with stars", "*a".repeat(120_000).into_bytes()),
        ("long and negated", format!("!{}", long()).into_bytes()),
        ("long folders", "a/".repeat(100_000).into_bytes()),
        ("an open class", b"[a-".to_vec()),
        ("a backslash at the end", b"a\\".to_vec()),
        ("bytes that are not UTF-8", b"\xff[\x80-\xfe]*".to_vec()),
        ("letters beyond ASCII in a class", "[é]*[!ü]x".as_bytes().to_vec()),
        ("many", (0..20_000).map(|n| format!("[a-z]*{n}?x[!q]\n")).collect::<String>().into_bytes()),
    ];
    let places = [".gitignore", ".waypostignore", ".git/info/exclude"];
    for ((what, rule), place) in broken.iter().zip(places.iter().cycle()) {
        let project = project();
        project.write(place, [b"private.py\n", rule.as_slice(), b"\n*.log\n"].concat());
        project.write("private.log", "private_thing");
        let run = keeps_private(&project, &format!("{what} in {place}"));
        let is_named = run.stderr.contains(&format!("{place}`, line 2: this rule"));
        let is_a_rule = ["bytes", "letters", "many"].iter().any(|rule| what.starts_with(rule));
        assert_eq!(is_named, !is_a_rule, "{what} in {place}: {}", run.stderr);
    }
}

#[test]
fn rules_of_the_user_hold_whatever_the_project_brings() {
    let forty_thousand: Vec<String> = (0..40_000).map(|n| format!("[a-z]*{n}?x[!q]")).collect();
    let brought: [Vec<String>; 4] =
        [vec![long()], vec!["!private.py".into()], vec!["[".into(), "a\\".into()], forty_thousand];
    for exclude in brought {
        let project = project();
        project.write("../home/.config/waypost/config.toml", "exclude = [\"private.py\"]\n");
        let text = serde_json::to_string(&exclude).unwrap();
        project.write(".waypost/config.toml", format!("exclude = {text}\n"));
        let run = keeps_private(&project, &text[..text.len().min(60)]);
        let is_broken = exclude.len() < 3 && !exclude[0].starts_with('!');
        assert_eq!(run.stderr.contains("setting `exclude`, rule 1"), is_broken, "{}", run.stderr);
    }
}

#[test]
fn rules_of_the_user_for_all_projects_hold_wherever_git_finds_them() {
    let project = project();
    let rules = project.outside("rules");
    fs::write(&rules, format!("{}\nprivate.py\n", long())).unwrap();
    let rules = rules.to_str().unwrap();
    // In the environment, by number and as `git -c` hands it on.
    let run = |settings: &[(&str, &str)]| {
        let mut command = project.command(&["snapshot"]);
        command.envs(settings.iter().copied());
        Run::of(&mut command).expect(0);
        project.handoff().1.contains("private")
    };
    assert!(run(&[]));
    let numbered =
        [("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", "core.excludesFile"), ("GIT_CONFIG_VALUE_0", rules)];
    assert!(!run(&numbered));
    assert!(run(&[]));
    assert!(!run(&[("GIT_CONFIG_PARAMETERS", &format!("'core.excludesfile'='{rules}'"))]));
    assert!(!run(&[("GIT_CONFIG_PARAMETERS", &format!("'core.excludesfile={rules}'"))]));
    // No program that is named there is run.
    let mark = project.outside("mark");
    let touch = format!("touch '{}'", mark.display());
    let program =
        [("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", "core.fsmonitor"), ("GIT_CONFIG_VALUE_0", &touch)];
    run(&program);
    assert!(!mark.exists());
    // Behind a link.
    fs::remove_file(project.path(".git/info/exclude")).unwrap();
    std::os::unix::fs::symlink(rules, project.path(".git/info/exclude")).unwrap();
    assert!(!run(&[]));
    fs::remove_file(project.path(".git/info/exclude")).unwrap();
    project.git(&["config", "core.excludesFile", rules]);
    assert!(!run(&[]));
}

/// What is not executable is passed over, as by a shell.
#[test]
fn git_is_found_behind_what_only_looks_like_it() {
    let project = project();
    project.write(".gitignore", "private.py\n");
    let (file, folder, dangling) =
        (project.outside("file"), project.outside("folder"), project.outside("dangling"));
    fs::create_dir_all(folder.join("git")).unwrap();
    fs::create_dir_all(&dangling).unwrap();
    fs::create_dir_all(&file).unwrap();
    fs::write(file.join("git"), "notes about git\n").unwrap();
    fs::set_permissions(file.join("git"), fs::Permissions::from_mode(0o644)).unwrap();
    std::os::unix::fs::symlink("nowhere", dangling.join("git")).unwrap();
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{}:{}:{path}", file.display(), folder.display(), dangling.display());
    let run = Run::of(project.command(&["snapshot", "--json"]).env("PATH", path)).expect(0);
    assert_eq!(run.json()["branch"], "main", "{}", run.stderr);
    assert!(!run.stderr.contains("git"), "{}", run.stderr);
}

#[test]
fn what_cannot_be_known_stays_out_and_what_git_tracks_stays_in() {
    let project = project();
    project.write("tracked/b.py", "def b(): pass\n");
    project.commit("More");
    project.git(&["rm", "-q", "--cached", "private.py"]);
    project.write("tracked/private.py", "def private_thing(): pass\n");
    project.write(".gitignore", "/private.py\n");
    project.write("tracked/.gitignore", format!("!private.py\n#{}\n", "x".repeat(16_000_000)));
    let run = keeps_private(&project, "a file that is too large");
    assert!(project.read(".waypost/handoff.json").contains("tracked/b.py"));
    assert!(run.stderr.contains("`tracked/.gitignore` has more than 16000000 bytes"), "{}", run.stderr);
}
