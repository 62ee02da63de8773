//! What all commands have in common: help, exit codes, streams, traces.

use crate::project::{Project, Run, files_below};

const READ_ONLY: &[&[&str]] = &[
    &["status"],
    &["restore"],
    &["snapshots"],
    &["show-snapshot"],
    &["compare-snapshots"],
    &["diff-summary"],
    &["handoff"],
    &["handoff", "--check"],
    &["handoff", "--stdout"],
    &["prompt"],
    &["outline", "src/lib.rs"],
    &["rank", "--goal", "count comment lines"],
    &["report"],
    &["pins"],
    &["pin", "src/lib.rs"],
    &["unpin", "src/lib.rs"],
    &["prune", "--keep-last", "1"],
    &["config"],
    &["config", "path"],
    &["config", "get", "name"],
    &["config", "set", "name", "x"],
    &["doctor"],
    &["notes"],
    &["decisions"],
    &["forget", "--query", "nothing"],
    &["verify"],
    &["goal"],
    &["goal", "list"],
    &["lessons", "mine"],
    &["lessons", "list"],
    &["lessons", "report"],
    &["stats", "failures"],
    &["brief"],
    &["proposals"],
    &["search", "count"],
    &["context", "count"],
    &["companions", "src/lib.rs"],
    &["tests"],
    &["impact", "src/lib.rs"],
    &["review"],
    &["check-text", "README.md"],
];

#[test]
fn help_names_every_command_and_the_exit_codes() {
    let help = Project::empty().ok(&["--help"]).stdout;
    for command in [
        "init",
        "snapshot",
        "handoff",
        "status",
        "report",
        "restore",
        "snapshots",
        "show-snapshot",
        "compare-snapshots",
        "diff-summary",
        "prune",
        "prompt",
        "watch",
        "outline",
        "rank",
        "companions",
        "tests",
        "impact",
        "review",
        "check-text",
        "bench",
        "pin",
        "unpin",
        "pins",
        "note",
        "decisions",
        "notes",
        "show",
        "edit",
        "supersede",
        "suppress",
        "forget",
        "erase",
        "history",
        "diff",
        "rollback",
        "verify",
        "export",
        "import",
        "backup",
        "restore-backup",
        "search",
        "context",
        "ingest-chat",
        "proposals",
        "goal",
        "brief",
        "checkpoint",
        "session",
        "log",
        "lessons",
        "stats",
        "claim",
        "release",
        "claims",
        "why",
        "dedup",
        "gc",
        "vectors",
        "schema",
        "templates",
        "man",
        "jobs",
        "consolidate",
        "config",
        "doctor",
    ] {
        assert!(
            help.lines().any(|line| line.split_whitespace().next() == Some(command)),
            "{command}\n{help}"
        );
    }
    for code in ["0    done", "1    a finding", "2    wrong usage", "4    refused"] {
        assert!(help.contains(code), "{code}\n{help}");
    }
}

/// The one client of a network is behind a feature that is not a default one.
#[test]
fn the_default_build_has_no_client_of_a_network() {
    let tree = std::process::Command::new(env!("CARGO"))
        .args([
            "tree",
            "--offline",
            "--locked",
            "--edges",
            "normal,build",
            "--prefix",
            "none",
            "--format",
            "{p}",
        ])
        .args(["--manifest-path", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")])
        .output()
        .unwrap();
    let tree = String::from_utf8(tree.stdout).unwrap();
    assert!(tree.lines().any(|line| line.starts_with("rusqlite ")), "{tree}");
    let known =
        ["tokio", "postgres", "rustls", "ring", "socket2", "hyper", "reqwest", "openssl", "native-tls"];
    let is_known = |line: &&str| known.iter().any(|name| line.starts_with(name));
    assert_eq!(tree.lines().filter(is_known).collect::<Vec<_>>(), [] as [&str; 0]);
}

#[test]
fn help_of_the_main_command() {
    insta::assert_snapshot!(Project::empty().ok(&["snapshot", "--help"]).stdout, @r#"
    Read the tree, record a snapshot and write the handoff

    Usage: waypost snapshot [OPTIONS]

    Options:
          --goal <TEXT>       What the next session is about; remembered until
                              changed, "" to end it
          --goal-file <PATH>  Read it from a file, `-` for standard input
          --no-handoff        Record the snapshot only, leave the handoff files as
                              they are
          --local             Write only what is never committed, as the hooks of
                              git do
          --timings           Tell where the time went, stage by stage
          --include <GLOB>    Only files that match this glob (gitignore syntax);
                              several times
          --exclude <GLOB>    No file that matches this glob; several times
      -h, --help              Print help

    Options of every command:
          --project-root <PATH>  The project's folder [default: nearest parent with
                                 .waypost/ up to the git root, else that, else here]
      -C <DIR>                   Run as if started in this folder
          --json                 Report as one JSON object on standard output,
                                 errors too
          --session <ID>         The session that it runs for [default:
                                 WAYPOST_SESSION]
      -v, --verbose              Say more
      -q, --quiet                Say only errors
    "#);
}

#[test]
fn help_of_the_handoff() {
    insta::assert_snapshot!(Project::empty().ok(&["handoff", "-h"]).stdout, @"
    Render the handoff from the tree as it is, or check the committed one

    Usage: waypost handoff [OPTIONS]

    Options:
          --check            Write nothing; print a diff and exit 1 when the files
                             are not what would be written
          --stdout           Print it, write nothing
          --now              Print the live part, which is not committed: branch,
                             changes, recent commits; write nothing
          --staged           Render what the next commit would hold, from the index,
                             and stage it (`waypost setup git` has git do so)
          --format <FORMAT>  Which of the two files to print [default: md] [possible
                             values: md, json]
          --budget <N>       Tokens (o200k_base) that neither file exceeds, 300 to
                             200000; 8000 gives the long form [default:
                             handoff_budget, handoff_json_budget]
      -h, --help             Print help

    Options of every command:
          --project-root <PATH>  The project's folder [default: nearest parent with
                                 .waypost/ up to the git root, else that, else here]
      -C <DIR>                   Run as if started in this folder
          --json                 Report as one JSON object on standard output,
                                 errors too
          --session <ID>         The session that it runs for [default:
                                 WAYPOST_SESSION]
      -v, --verbose              Say more
      -q, --quiet                Say only errors
    ");
}

#[test]
fn help_of_the_prompt() {
    insta::assert_snapshot!(Project::empty().ok(&["prompt", "-h"]).stdout, @"
    Handoff and live part for one reader, within a token budget

    Usage: waypost prompt [OPTIONS]

    Options:
          --mode <MODE>       Who reads it [default: generic] [possible values:
                              generic, copilot, claude, human]
          --token-budget <N>  Tokens (o200k_base) that it does not exceed, 300 to
                              16000 [default: prompt_budget]
          --snapshot-id <ID>  Tell what changed since this snapshot instead of since
                              the head commit
          --with-goal         Print the whole goal: by default its first line tells
                              which one it is
          --goal <TEXT>       The goal in a person's words [default: the recorded
                              goal]
          --goal-file <PATH>  Read the goal from a file, `-` for standard input
      -o, --output <FILE>     Write it to this file, `-` for standard output
          --copy              Put it into the clipboard of the terminal too (OSC 52)
      -h, --help              Print help

    Options of every command:
          --project-root <PATH>  The project's folder [default: nearest parent with
                                 .waypost/ up to the git root, else that, else here]
      -C <DIR>                   Run as if started in this folder
          --json                 Report as one JSON object on standard output,
                                 errors too
          --session <ID>         The session that it runs for [default:
                                 WAYPOST_SESSION]
      -v, --verbose              Say more
      -q, --quiet                Say only errors
    ");
}

#[test]
fn wrong_usage_ends_with_2_and_says_so_on_standard_error() {
    let project = Project::fixture("tally");
    for arguments in [
        &["no-such-command"] as &[&str],
        &["snapshot", "--no-such-flag"],
        &["prune"],
        &["prune", "--keep-last", "0"],
        &["prompt", "--mode", "poem"],
        &["prompt", "--token-budget", "299"],
        &["prompt", "--token-budget", "16001"],
        &["handoff", "--budget", "1"],
        &["config", "get", "no_such_key"],
        &["show-snapshot", "99"],
        &["outline", "no/such/file.rs"],
        &["outline", "../outside.rs"],
    ] {
        let run = project.run(arguments).expect(2);
        assert_eq!(run.stdout, "", "{arguments:?}");
        assert!(run.stderr.starts_with("error: "), "{arguments:?}: {}", run.stderr);
    }
}

#[test]
fn a_root_that_does_not_exist_is_an_error_that_names_it() {
    let project = Project::fixture("tally");
    for command in [&["snapshot"] as &[&str], &["init"], &["status"], &["handoff", "--stdout"], &["watch"]] {
        let run = project.run(&[command, &["--project-root", "no/where"]].concat()).expect(2);
        assert!(run.stderr.contains("no/where` does not exist"), "{command:?}: {}", run.stderr);
        assert_eq!(run.stdout, "");
    }
    assert!(!project.exists("no"));
}

#[test]
fn a_root_that_is_a_file_or_a_git_folder_is_refused() {
    let project = Project::fixture("tally");
    assert!(
        project.run(&["status", "--project-root", "README.md"]).expect(2).stderr.contains("not a folder")
    );
    assert!(project.run(&["snapshot", "--project-root", ".git"]).expect(2).stderr.contains("hint: "));
    project.git(&["clone", "-q", "--bare", ".", "../bare.git"]);
    assert!(project.run(&["snapshot", "--project-root", "../bare.git"]).expect(2).stderr.contains("hint: "));
}

#[test]
fn the_root_is_found_from_a_folder_below() {
    let project = Project::fixture("tally");
    let root = project.root.display().to_string();
    let below = project.at(project.path("src"));
    assert_eq!(below.json(&["status"])["root"], root.as_str(), "the git root");
    let inner = project.at(project.path("tests"));
    inner.ok(&["init", "--project-root", "."]);
    assert_eq!(inner.json(&["status"])["root"], format!("{root}/tests"), "the nearest .waypost");
    assert_eq!(below.json(&["status"])["root"], root.as_str());
}

/// In a project that nobody set up, only `init`, `snapshot` and `watch` leave
/// a trace.
#[test]
fn commands_that_read_create_nothing() {
    let project = Project::fixture("tally");
    let before = files_below(&project.root);
    for arguments in READ_ONLY {
        project.run(arguments);
        project.run(&[arguments, &["--json"] as &[&str]].concat());
        assert_eq!(before, files_below(&project.root), "{arguments:?}");
    }
    assert_eq!(files_below(&project.outside("home")), []);
}

/// `prompt` keeps a copy, `report` its page and `handoff` writes its two files; nothing else of a
/// project that is set up changes.
#[test]
fn commands_that_read_change_nothing_of_a_project_that_is_set_up() {
    let project = Project::fixture("tally");
    project.snapshot();
    let durable = || {
        let files = files_below(&project.root).into_iter();
        files.filter(|(path, _)| !path.ends_with("-wal") && !path.ends_with("-shm")).collect::<Vec<_>>()
    };
    let before = durable();
    // A search brings its index up to date.
    let changing = ["prompt", "report", "pin", "unpin", "prune", "config", "search", "context"];
    for arguments in READ_ONLY.iter().filter(|arguments| !changing.contains(&arguments[0])) {
        project.run(arguments);
        assert!(before == durable(), "{arguments:?}");
    }
}

#[test]
fn json_is_one_object_and_nothing_else_is_on_standard_output() {
    let project = Project::fixture("tally");
    project.snapshot();
    project.edit("src/lib.rs", "pub fn sum(&self)", "pub fn all(&self)");
    project.snapshot();
    for arguments in READ_ONLY.iter().filter(|arguments| !arguments.contains(&"--stdout")) {
        let run = project.run(&[arguments, &["--json"] as &[&str]].concat());
        assert!(run.code < 2, "{arguments:?}: {}", run.stderr);
        run.json();
    }
    project.run(&["init", "--json"]).json();
}

#[test]
fn piped_output_is_neither_wrapped_nor_styled_nor_interpreted() {
    let project = Project::fixture("tally");
    let goal = format!("[wip] fix [/red] %s {{{{ name }}}} $HOME \\n {}", "very long ".repeat(40).trim());
    project.ok(&["snapshot", "--goal", &goal]);
    assert_eq!(project.json(&["status"])["goal"], goal.as_str());
    assert!(project.read(".waypost/handoff.md").contains(&goal[..150]));
    for arguments in [&["status"] as &[&str], &["snapshots"], &["rank"], &["pins"], &["config"], &["doctor"]]
    {
        let narrow = Run::of(project.command(arguments).env("COLUMNS", "20")).expect(0);
        let wide = project.ok(arguments);
        assert_eq!(narrow.stdout, wide.stdout, "{arguments:?}");
        assert!(!wide.stdout.contains('\u{1b}') && !wide.stderr.contains('\u{1b}'), "{arguments:?}");
    }
}

#[test]
fn no_color_is_obeyed() {
    let project = Project::fixture("tally");
    for arguments in [&["--help"] as &[&str], &["snapshot"], &["no-such-command"]] {
        let run = Run::of(project.command(arguments).env("NO_COLOR", "1").env("TERM", "xterm-256color"));
        assert!(!run.stdout.contains('\u{1b}') && !run.stderr.contains('\u{1b}'), "{arguments:?}");
    }
}

#[test]
fn quiet_says_only_errors_and_verbose_says_more() {
    let project = Project::fixture("tally");
    project.write("Cargo.lock", "# generated\n");
    assert_eq!(project.ok(&["snapshot", "-q"]).stderr, "");
    let verbose = project.ok(&["snapshot", "-v"]).stderr;
    assert!(verbose.contains("Cargo.lock: lock file"), "{verbose}");
    project.run(&["snapshot", "-v", "-q"]).expect(2);
}

#[test]
fn a_closed_pipe_is_no_error() {
    let project = Project::fixture("tally");
    let mut child = project
        .command(&["handoff", "--stdout"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), &*output.stderr), (Some(0), b"" as &[u8]));
}

#[test]
fn init_creates_once_and_overwrites_nothing() {
    let project = Project::fixture("tally");
    let created = project.json(&["init"])["created"].as_array().unwrap().len();
    assert_eq!(created, 2);
    assert_eq!(project.read(".waypost/.gitignore"), "local/\n.waypost-*.tmp\n");
    project.write(".waypost/config.toml", "name = \"mine\"\n");
    project.write(".waypost/.gitignore", "local/\nmine\n");
    assert_eq!(project.json(&["init"])["created"].as_array().unwrap().len(), 0);
    assert_eq!(project.read(".waypost/config.toml"), "name = \"mine\"\n");
    assert_eq!(project.read(".waypost/.gitignore"), "local/\nmine\n");
}
