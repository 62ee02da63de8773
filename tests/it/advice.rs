//! Every hint in the sources is known here: what it advises is done, and it
//! helps. One that names no command says so, with the reason.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::project::{Project, Run};

/// Beginnings of hints that name a command of waypost or something that can be
/// done to a file here, each followed by a test below.
const FOLLOWED: &[&str] = &[
    "`waypost notes` lists them",
    "`waypost rollback {0} {1}` brings it back",
    "`waypost erase --lift {0}` lets an import bring it back",
    "`waypost erase --lift {id}` lets an import bring it back",
    "`waypost erase --marks` lists those that were",
    "mend the file, or move it away and roll the record back",
    "`waypost history {id}` lists them",
    "look at it with `waypost {look}` and write again",
    "delete that file, and import once more",
    "`waypost edit ID --status accepted` brings a record back",
    "`waypost trust`, once you have read it",
    "run `waypost snapshot`",
    "raise `--budget`",
    "give one with --goal",
    "`waypost restore` compares it with the tree",
    "say it in one line, and the rest with `--body`",
    "`--all` means all of them",
    "`--accept` or `--reject`",
    "raise the budget",
    "`waypost brief set TEXT` writes it",
    "`waypost handoff` writes it again",
    "write to a file, or leave `--json` out",
    "`waypost snapshots` lists them",
    "`waypost snapshots` lists the snapshots, `git log` the commits",
    "`waypost outline` lists those of a file",
    "name the files",
    "`waypost search` finds names by their parts",
    "`--format text` reads it as plain text",
    "run `waypost init` first",
    "`waypost pins` lists the pinned files",
    "see `waypost edit --help`, or edit `{}`",
    "set it, or edit `{}`",
    "one of {}",
    "`waypost snapshot` creates it, `--stdout` prints the handoff",
    "there is nothing to back up",
    "move it away; snapshots are rebuilt",
    "`waypost doctor --fix` sets it aside",
    "`git{at} rm -rf --cached {path}`",
    "one keeps the handoff current for all; `snapshot`, `note` and the rest work beside it",
    "see `waypost --help`",
    "`waypost setup {} {other}` sets up what it has",
    "name a new folder",
    "`--session ID` or the variable WAYPOST_SESSION",
    "`A:B` counts from 1",
    "`export WAYPOST_SESSION=$(waypost session start)`, or `--session ID`",
    "`waypost checkpoint list` lists them",
    "`waypost goal --clear` ends it",
    "`waypost goal list --all` lists them",
    "`waypost goal set {id}` opens it again",
    "`waypost goal add TEXT` adds one",
    "`waypost proposals` lists them",
    "`waypost config get memory` says where that is set",
    "`waypost lessons list` lists them",
    "`waypost lessons mine` looks for them in the log",
    "`waypost receipts list` lists them",
    "`waypost session list` lists them",
    "`waypost session start`",
    "`waypost jobs list --all` lists them",
    "`waypost --help` lists them",
    "`waypost templates list` lists them",
    "`waypost templates show {name} --built-in` prints",
    "`waypost vectors rebuild`",
    "`waypost log --json` and `waypost notes` list the ids",
    "`waypost log --json` lists their ids",
    "`waypost edit ID --caused-by ID`",
    "`--apply` does it",
    "`waypost config set {KEY}",
    "name a file",
    "a path, or `name:` and any name",
    "an ended session stays ended",
    "for example `--meta ticket=42`",
    "what is no file of the project is claimed as `name:...`",
];

/// Hints that no test can follow, and why.
const ADVICE: &[(&str, &str)] = &[
    ("`waypost snapshot` writes it", "followed where a watch holds back"),
    ("start watch again", "the folder was replaced while watching"),
    ("`sudo sysctl", "it changes the machine"),
    ("run waypost in a checkout of it", "it says what a bare repository is not"),
    ("replace it by a folder", "whose link it is, the user knows"),
    ("generate it with a newer tree-sitter", "it needs another program"),
    ("`chmod go-w", "followed by hand: what others can write is closed to them"),
    ("patterns are regular expressions", "it says what a pattern may be"),
    ("delete it if you do not need it, else `chown` it", "it needs another user"),
    ("a list has one JSON object a line", "it says what a list of questions looks like"),
    ("nothing was changed", "it is no advice"),
    ("`waypost snapshot` creates it, `-o FILE` writes", "followed in the tests of the report"),
    ("`waypost report --json` prints what the page", "followed in the tests of the report"),
    ("open the page in a browser by hand", "it needs a browser"),
    ("without `--port` a free one is taken", "it needs a port that is in use"),
    ("a list has one JSON object a line", "it says what form a file of questions has"),
    ("put the backup back there", "it names another work tree"),
    ("run it in a clone with its history", "it needs a remote"),
    ("install git, or go on without", "it changes the machine"),
    ("`git status` shows whether it hangs", "it is git's"),
    ("if you trust it, `git config", "it changes the user's git"),
    ("`git fsck` tells more", "it is git's"),
    ("`git read-tree HEAD`", "followed with the others about our own state, in `hints`"),
    ("delete that folder if it is not yours", "followed with the others about a database, in `hints`"),
    ("if it is the right one, `git config core.worktree`", "it is git's"),
    ("commit the deletion", "it rewrites a history"),
    ("change the secret", "it rewrites a history"),
    ("use a newer waypost", "followed with the others about a database, in `hints`"),
    ("try again when it is done", "another process writes"),
    ("`git branch --all` and `git log` list what there is", "it is git's"),
    ("name one by `--to`", "it needs a user without a home folder"),
    ("`-o FILE` writes it to a file", "tried with `-o`, in `spellings`"),
    ("`waypost config set include` or `exclude` keeps them", "settings are tried in `config`"),
    ("{}`waypost languages` lists them", "tried with a language that there is not, in `spellings`"),
    ("did you mean", "its values are tried where settings are"),
    ("{hint}", "it passes one on"),
    ("{h}", "it passes one on"),
    ("a checkout on a local disk", "it needs another disk"),
    ("`rm -rf {}`, unless somebody needs it", "it deletes what may be somebody's"),
    ("raise the limit", "limits of the machine"),
    ("try again", "a test's own"),
    ("`waypost redact --retro` cleans", "followed where secrets of older versions are"),
    ("a pattern in `redact_patterns`", "it names a setting"),
    ("run it in a project below the home folder", "it needs another home"),
    ("the history is too short", "it needs a longer history"),
    ("check it with that version", "it needs another release"),
    ("end it and start it again", "a grammar was changed while a process runs"),
    ("raise `budget`", "an argument of MCP's tools, whose answers are held to their budgets in `mcp`"),
    ("`waypost team connect", "it needs a team's server"),
    ("all else goes on; `waypost team status` tries again", "it needs a team's server"),
    ("ask who runs it for a role and a password", "it needs a team's server"),
    ("what happens here is sent when it does", "it needs a team's server"),
    ("a member lets it in with `waypost team share ROLE`", "it needs a team's server"),
    ("`sslrootcert` names a file in PEM", "it needs a team's server"),
    ("`--project NAME` names the project", "it needs a team's server"),
    ("`postgres://ROLE@HOST", "it says what an address is"),
    ("verify-full, or disable for a server on this machine", "it says what an address is"),
    ("`sslmode=verify-full`", "it says what an address is"),
    ("`--env NAME` for a variable with the address", "it needs a team's server"),
    ("who runs it makes one", "it needs a team's server"),
    ("`waypost team push` erases them there", "it needs a team's server"),
    ("start the server with `--root PATH`", "it is about where a client starts the server"),
];

/// The text of each hint in the sources: behind `hint: ` in a message, in
/// `with_hint(...)`, or in a variable called `hint`.
fn hints() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&entry).unwrap();
                let code = text.split("#[cfg(test)]").next().unwrap_or_default();
                collect(code, &mut found);
            }
        }
    }
    found
}

fn collect(code: &str, found: &mut BTreeSet<String>) {
    let literal = |text: &str| {
        let end = text.find(['"', '\\']).unwrap_or(text.len());
        text[..end].trim().to_string()
    };
    for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
        for mark in
            ["hint: ", "with_hint(\"", "with_hint(format!(\"", "let hint = \"", "let hint = format!(\""]
        {
            for (at, _) in line.match_indices(mark) {
                let text = &line[at + mark.len()..];
                // A field or parameter of that name.
                let is_text = mark != "hint: "
                    || line[..at].ends_with("\\n")
                    || line.trim_start().starts_with("hint: ");
                let is_code = text.starts_with(|c: char| c.is_uppercase() || matches!(c, '&' | '(' | ')'))
                    || text.starts_with("None");
                let is_field = mark == "hint: "
                    && (is_code
                        || text.starts_with("impl ")
                        || text.starts_with("match ")
                        || text.starts_with("self."));
                if is_text && !is_field {
                    let text = text.trim_start_matches("format!(").trim_start_matches('"');
                    found.extend(Some(literal(text)).filter(|text| !text.starts_with(')')));
                }
            }
        }
    }
}

#[test]
fn every_hint_is_followed_here_or_has_a_reason_why_not() {
    let found = hints();
    assert!(found.len() > 40, "{found:?}");
    let known: Vec<&str> = FOLLOWED.iter().copied().chain(ADVICE.iter().map(|(hint, _)| *hint)).collect();
    let is_known = |hint: &&String| {
        known.iter().any(|known| hint.starts_with(known) || known.starts_with(hint.as_str()))
    };
    let unknown: Vec<&String> = found.iter().filter(|hint| !hint.is_empty() && !is_known(hint)).collect();
    assert!(unknown.is_empty(), "follow these in a test, or say why not: {unknown:#?}");
}

#[test]
fn what_is_not_set_up_here_is_by_the_hint() {
    let project = Project::committed(&[("README.md", "# x\n")]);
    let told = hint(&project.run(&["setup", "aider", "--user"]).expect(2));
    follow(&project, &told, &[]);
    assert!(project.read(".aider.conf.yml").contains(".waypost/handoff.md"));
    assert!(hint(&project.run(&["setup", "--plugin", "."]).expect(2)).contains("a new folder"));
    project.ok(&["setup", "--plugin", "new"]);
}

/// The hint of a command that fails or warns.
#[track_caller]
fn hint(run: &Run) -> String {
    let line = run.stderr.lines().find_map(|line| line.trim().strip_prefix("hint: "));
    line.unwrap_or_else(|| panic!("no hint: {} {}", run.stdout, run.stderr)).to_string()
}

/// Runs each `waypost ...` of a hint, with these words for its placeholders.
#[track_caller]
fn follow(project: &Project, hint: &str, words: &[(&str, &str)]) -> Vec<Run> {
    let quoted = hint.split('`').skip(1).step_by(2);
    let commands: Vec<&str> = quoted.filter_map(|command| command.strip_prefix("waypost ")).collect();
    assert!(!commands.is_empty(), "{hint}");
    let word = |word: &str| {
        words.iter().find(|(name, _)| *name == word).map_or(word.to_string(), |(_, word)| word.to_string())
    };
    let run = |command: &&str| {
        let arguments: Vec<String> = command.split(' ').map(word).collect();
        project.ok(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
    };
    commands.iter().map(run).collect()
}

/// Fails, follows what it is told, and succeeds.
#[track_caller]
fn mended(project: &Project, arguments: &[&str]) {
    let failed = project.run(arguments);
    assert_ne!(failed.code, 0, "{arguments:?}");
    follow(project, &hint(&failed), &[]);
    project.ok(arguments);
}

#[test]
fn a_project_that_is_not_set_up_is_by_the_hint() {
    for arguments in [&["restore"] as &[&str], &["diff-summary"], &["show-snapshot"], &["handoff"]] {
        mended(&Project::fixture("tally"), arguments);
    }
    for arguments in [&["pin", "src/lib.rs"] as &[&str], &["config", "set", "handoff_budget", "3000"]] {
        let project = Project::fixture("tally");
        let failed = project.run(arguments).expect(2);
        follow(&project, &hint(&failed), &[]);
        assert!(project.exists(".waypost/config.toml"));
        assert_ne!(project.run(arguments).stderr, failed.stderr);
    }
    let project = Project::fixture("tally");
    project.ok(&["note", "--summary", "No snapshot yet"]);
    mended(&project, &["restore"]);
    let one = project.run(&["compare-snapshots"]).expect(2);
    follow(&project, &hint(&one), &[]);
    assert!(
        hint(&Project::fixture("tally").run(&["backup", "--output", "x"]).expect(2))
            .contains("nothing to back up")
    );
}

#[test]
fn a_stale_handoff_is_fresh_by_the_hint() {
    let project = Project::fixture("tally");
    project.snapshot();
    project.write("src/new.rs", "pub fn new() {}\n");
    mended(&project, &["handoff", "--check"]);
}

#[test]
fn what_is_not_there_is_listed_by_the_hint() {
    let project = Project::fixture("tally");
    project.snapshot();
    let id = project.ok(&["note", "--summary", "A record"]).stdout.trim().to_string();
    for (arguments, listed) in [
        (&["show", "nosuch"] as &[&str], id.as_str()),
        (&["show-snapshot", "s99"], "s1"),
        (&["rollback", &id, "7"], "added"),
        (&["unpin", "src/lib.rs"], ""),
        (&["brief"], ""),
    ] {
        let failed = project.run(arguments);
        let followed = follow(&project, &hint(&failed), &[("TEXT", "All is well")]);
        assert!(followed.iter().any(|run| run.stdout.contains(listed)), "{arguments:?}");
    }
    assert!(project.ok(&["brief"]).stdout.contains("All is well"));
    let failed = project.run(&["note", "--summary", "x", "--anchor", "src/lib.rs#Nothing"]).expect(2);
    assert!(hint(&failed).contains("`waypost outline`"));
    project.ok(&["outline", "src/lib.rs"]);
}

#[test]
fn sessions_claims_and_receipts_are_found_by_the_hint() {
    let project = Project::fixture("tally");
    let begun = |hint: &str| {
        let line = follow(&project, hint, &[]).pop().expect("a command").stdout;
        line.trim().to_string()
    };
    let listed = project.ok(&["session", "list"]);
    assert!(project.ok(&["session", "show", &begun(&hint(&listed))]).stdout.contains("active"));
    // A claim and a sign of life belong to a session.
    let none = hint(&project.run(&["claim", "src/lib.rs"]).expect(2));
    assert!(
        none.starts_with("`export WAYPOST_SESSION=$(waypost session start)`, or `--session ID`"),
        "{none}"
    );
    let none = hint(&project.run(&["session", "heartbeat"]).expect(2));
    let id = begun(none.split("; ").last().expect("a command"));
    project.ok(&["claim", "src/lib.rs", "--session", &id]);
    project.ok(&["session", "heartbeat", "--session", &id]);
    let unknown = hint(&project.run(&["session", "show", "nosuch"]).expect(2));
    assert!(follow(&project, &unknown, &[])[0].stdout.contains(&id));
    let told = |arguments: &[&str]| hint(&project.run(arguments).expect(2));
    assert!(told(&["claims", "--session", "nosuch"]).contains("`waypost session start` begins one"));
    assert!(told(&["claim", "", "--session", &id]).contains("a path, or `name:`"));
    assert!(told(&["claim", "../other", "--session", &id]).contains("`name:...`"));
    project.ok(&["claim", "name:other", "--session", &id]);
    assert!(told(&["session", "start", "--meta", "ticket"]).contains("`--meta ticket=42`"));
    project.ok(&["session", "start", "--meta", "ticket=42"]);
    project.ok(&["session", "end", &id]);
    let ended = told(&["session", "heartbeat", "--session", &id]);
    project.ok(&["session", "heartbeat", "--session", &begun(&ended)]);
    // What a command printed.
    let digest = project.ok(&["--json", "run", "--", "echo", "out"]).json();
    let receipt = digest["id"].as_str().expect("an id").to_string();
    assert!(follow(&project, &told(&["fetch", "nosuch"]), &[])[0].stdout.contains(&receipt));
    assert!(told(&["fetch", &receipt, "--lines", "x"]).contains("`A:B` counts from 1"));
    assert_eq!(project.ok(&["fetch", &receipt, "--lines", "1:1"]).stdout, "out\n");
    project.ok(&["checkpoint", "--done", "a step"]);
    let checkpoints = follow(&project, &told(&["checkpoint", "show", "nosuch"]), &[]);
    assert!(checkpoints[0].stdout.contains("a step"));
    project.ok(&["goal", "Count words"]);
    follow(&project, &told(&["goal", ""]), &[]);
    assert!(!project.ok(&["goal"]).stdout.contains("Count words"));
}

#[test]
fn where_memory_was_switched_off_is_said_by_the_hint() {
    let project = Project::fixture("tally");
    project.ok(&["init"]);
    for memory in ["read_only", "off"] {
        project.ok(&["config", "set", "memory", memory]);
        let told = follow(&project, &hint(&project.run(&["note", "--summary", "x"]).expect(2)), &[]);
        assert!(told[0].stdout.contains(memory) || told[0].stderr.contains(memory));
    }
}

#[test]
fn lessons_are_looked_for_and_found_by_the_hint() {
    let project = Project::fixture("tally");
    follow(&project, &hint(&project.ok(&["lessons", "list"])), &[]);
    let note = project.ok(&["note", "--summary", "no lesson"]).stdout.trim().to_string();
    project.ok(&["note", "--summary", "A lesson", "--kind", "lesson"]);
    let listed = follow(&project, &hint(&project.run(&["lessons", "accept", &note]).expect(2)), &[]);
    assert!(listed[0].stdout.contains("A lesson"));
}

#[test]
fn goals_are_found_and_opened_by_the_hint() {
    let project = Project::fixture("tally");
    let none = hint(&project.ok(&["goal", "list"]));
    let goal =
        follow(&project, &none, &[("TEXT", "Ship")]).pop().expect("a command").stdout.trim().to_string();
    let note = project.ok(&["note", "--summary", "no goal"]).stdout.trim().to_string();
    let listed = follow(&project, &hint(&project.run(&["goal", "done", &note]).expect(2)), &[]);
    assert!(listed[0].stdout.contains(&goal));
    project.ok(&["goal", "done", &goal]);
    mended(&project, &["goal", "add", "a step", "--parent", &goal]);
}

#[test]
fn records_come_back_by_the_hint() {
    let project = Project::fixture("tally");
    let id = project.ok(&["note", "--summary", "Gone and back"]).stdout.trim().to_string();
    project.ok(&["forget", &id, "--yes"]);
    mended(&project, &["show", &id]);
    let gone = project.ok(&["note", "--summary", "Erased"]).stdout.trim().to_string();
    let export = project.outside("erased.jsonl");
    let export = export.to_str().unwrap();
    project.ok(&["export", "--output", export]);
    project.ok(&["erase", &gone, "--yes"]);
    let failed = project.run(&["show", &gone]).expect(2);
    assert!(project.ok(&["import", "--file", export]).stdout.contains("erased here before"));
    follow(&project, &hint(&failed), &[]);
    project.ok(&["import", "--file", export]);
    project.ok(&["show", &gone]);
    let failed = project.run(&["erase", "--lift", "0000"]).expect(2);
    follow(&project, &hint(&failed), &[]);
    let failed = project.run(&["edit", &id, "--summary", "x", "--if-rev", "9"]).expect(2);
    follow(&project, &hint(&failed), &[]);
    let other = project.ok(&["note", "--summary", "The newer one"]).stdout.trim().to_string();
    project.ok(&["supersede", &id, "--by", &other]);
    let circle = project.run(&["supersede", &other, "--by", &id]).expect(2);
    follow(&project, &hint(&circle), &[("ID", &id)]);
    assert_eq!(project.json(&["show", &id])["status"], "accepted");
    assert!(hint(&project.run(&["edit", &id]).expect(2)).contains("see `waypost edit --help`"));
    project.ok(&["edit", "--help"]);
    // A file that cannot be read is moved away, and the record rolled back.
    let file = project.json(&["show", &id])["file"].as_str().unwrap().to_string();
    project.write(&file, "no record\n");
    let failed = project.run(&["edit", &id, "--summary", "Newer"]).expect(2);
    assert!(hint(&failed).contains("move it away and roll the record back"), "{}", hint(&failed));
    project.rename(&file, "away.md");
    project.ok(&["rollback", &id, "1"]);
    project.ok(&["edit", &id, "--summary", "Newer"]);
}

#[test]
fn a_flag_that_is_missing_is_named_by_the_hint() {
    let project = Project::fixture("tally");
    project.ok(&["note", "--summary", "A record", "--slug", "one"]);
    let told = |arguments: &[&str]| hint(&project.run(arguments).expect(2));
    assert!(told(&["rank", "--symbols"]).contains("--goal"));
    project.ok(&["rank", "--symbols", "--goal", "Count words"]);
    assert!(told(&["explain", "src/lib.rs"]).contains("--goal"));
    project.ok(&["explain", "src/lib.rs", "--goal", "Count words"]);
    assert!(told(&["context", "words", "--budget", "1"]).contains("raise `--budget`"));
    project.ok(&["context", "words", "--budget", "1000"]);
    assert!(told(&["note", "--summary", "a\nb"]).contains("`--body`"));
    project.ok(&["note", "--summary", "a", "--body", "b"]);
    assert!(told(&["note", "--summary", "x", "--link", "likes:one"]).starts_with("one of relates"));
    project.ok(&["note", "--summary", "x", "--link", "relates:one"]);
    assert!(told(&["export", "--output", "-", "--json"]).contains("write to a file"));
    project.ok(&["export", "--output", project.outside("x.jsonl").to_str().unwrap(), "--json"]);
    let chat = project.outside("chat.txt");
    fs::write(&chat, "{\"a\":\nDecision: use it\n").unwrap();
    let ingest = ["ingest-chat", "--file", chat.to_str().unwrap()];
    assert!(told(&ingest).contains("`--format text`"));
    project.ok(&[&ingest[..], &["--format", "text"]].concat());
    follow(&project, told(&["review", "--all"]).split(',').next().unwrap_or_default(), &[]);
    assert!(told(&["proposals", "--all"]).contains("`--accept` or `--reject`"));
    assert!(told(&["proposals", "--accept"]).contains("`--all`"));
    project.ok(&["proposals", "--all", "--accept"]);
}

#[test]
fn settings_that_ask_for_more_hold_by_the_hint() {
    let project = Project::committed(&[("a.rs", "fn a() {}\n")]);
    project.ok(&["init"]);
    project.write(".waypost/config.toml", "max_file_size = 50000000\n");
    let asked = project.ok(&["status"]);
    follow(&project, &hint(&asked), &[]);
    assert!(!project.ok(&["status"]).stderr.contains("hint: "));
}

#[test]
fn a_database_that_is_broken_or_not_ours_is_put_right_by_the_hint() {
    let project = Project::fixture("tally");
    project.ok(&["note", "--summary", "Kept"]);
    project.snapshot();
    let database = project.path(".waypost/local/waypost.db");
    let bytes = fs::read(&database).unwrap();
    fs::write(&database, &bytes[..bytes.len() / 2]).unwrap();
    let failed = project.run(&["snapshots"]);
    if failed.code != 0 {
        follow(&project, &hint(&failed), &[]);
        project.ok(&["snapshots"]);
    }
    assert_eq!(project.json(&["notes"])["count"], 1);
    // A tracked one is refused until it is not tracked.
    project.write(".waypost/.gitignore", "");
    project.git(&["add", "-f", ".waypost/local/waypost.db"]);
    let failed = project.run(&["status"]).expect(2);
    let told = hint(&failed);
    let command = told.split('`').nth(1).unwrap().strip_prefix("git ").unwrap();
    project.git(&command.split(' ').collect::<Vec<_>>());
    fs::remove_dir_all(project.path(".waypost/local")).unwrap();
    project.ok(&["status"]);
}

#[test]
fn other_commands_work_beside_a_watch_as_the_hint_says() {
    let project = Project::fixture("tally");
    let watching = crate::watch::watch(&project, &[]);
    watching.next_of("ready");
    let failed = project.run(&["watch", "--once"]).expect(2);
    assert!(hint(&failed).contains("`snapshot`, `note` and the rest work beside it"));
    project.snapshot();
    project.ok(&["note", "--summary", "Beside it"]);
}

#[test]
fn what_changes_counts_from_is_found_where_the_hint_says() {
    let project = Project::committed(&[("a.py", "def a(): pass\n")]);
    project.ok(&["snapshot"]);
    let error = project.run(&["changes", "--since", "nothing"]).expect(2).stderr;
    assert!(
        error.contains("hint: `waypost snapshots` lists the snapshots, `git log` the commits"),
        "{error}"
    );
    let listed = project.ok(&["snapshots"]).stdout;
    let snapshot = listed.split_whitespace().next().expect("a snapshot").to_string();
    project.ok(&["changes", "--since", &snapshot]);
    let commit = project.git(&["log", "-1", "--format=%h"]);
    project.ok(&["changes", "--since", commit.trim()]);
}
