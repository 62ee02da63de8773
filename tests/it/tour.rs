//! What the documents show: the tour of the memory, line by line, in a stand-in for
//! the repository that it was made in, and that every command and flag which README and
//! docs name is there. `tests/trials/tour.py` runs all sessions in the real repository.

use std::path::Path;
use std::process::Command;

use crate::project::Project;

/// A command of the tour, and the lines that it prints.
struct Step {
    command: String,
    told: Vec<String>,
}

/// The console block of `docs/memory.md` that begins with `waypost note`.
fn steps() -> Vec<Step> {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/memory.md")).unwrap();
    let block = page.split("```console\n$ waypost note").nth(1).unwrap().split("\n```").next().unwrap();
    let mut steps: Vec<Step> = Vec::new();
    for line in format!("$ waypost note{block}").lines() {
        match line.strip_prefix("$ ") {
            Some(command) => steps.push(Step { command: command.to_string(), told: Vec::new() }),
            None => steps.last_mut().unwrap().told.push(line.to_string()),
        }
    }
    steps
}

/// With what the tour anchors to and looks for at the same lines.
fn stand_in() -> Project {
    let class = "class SecureCookieSession(CallbackDict[str, t.Any], SessionMixin):\n    pass\n";
    Project::committed(&[
        ("src/flask/sessions.py", &format!("{}{class}", "\n".repeat(56))),
        ("src/flask/ctx.py", "class AppContext:\n    pass\n"),
    ])
}

/// What a terminal shows of a command.
fn told(project: &Project, command: &str) -> Vec<String> {
    let mut shell = Command::new("sh");
    for (name, value) in project.command(&[]).get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    let folder = Path::new(env!("CARGO_BIN_EXE_waypost")).parent().unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    shell.env("PATH", format!("{}:{path}", folder.display())).current_dir(&project.root);
    let output = shell.args(["-c", &format!("{{ {command}\n}} 2>&1")]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_string).collect()
}

/// A line without what differs from run to run: ids and times.
fn plain(line: &str) -> String {
    let is_id = |word: &str| word.len() == 16 && word.starts_with("1m") && waypost::memory::is_id(word);
    let is_time = |word: &str| word.len() == 20 && word.ends_with('Z') && word.starts_with("20");
    let mut out = String::new();
    for piece in line.split_inclusive(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | ':'))) {
        let word = piece.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        match () {
            () if is_id(word) => out.push_str(&piece.replace(word, "ID")),
            () if is_time(word) => out.push_str(&piece.replace(word, "TIME")),
            () => out.push_str(piece),
        }
    }
    out.trim_end().to_string()
}

/// A line `...` stands for any lines, one that ends in it for any end.
fn matches(expected: &[String], told: &[String]) -> bool {
    match (expected, told) {
        ([], told) => told.is_empty(),
        ([open, rest @ ..], told) if open == "..." => {
            (0..=told.len()).any(|from| matches(rest, &told[from..]))
        }
        (_, []) => false,
        ([first, rest @ ..], [line, others @ ..]) => {
            let same = match first.strip_suffix("...") {
                Some(begun) => line.starts_with(begun),
                None => line == first,
            };
            same && matches(rest, others)
        }
    }
}

#[test]
fn the_tour_of_the_memory_says_what_stands_there() {
    let project = stand_in();
    for step in steps() {
        let told: Vec<String> = told(&project, &step.command).iter().map(|line| plain(line)).collect();
        let expected: Vec<String> = step.told.iter().map(|line| plain(line)).collect();
        assert!(matches(&expected, &told), "$ {}\n{}", step.command, told.join("\n"));
    }
}

#[test]
fn every_command_of_the_memory_is_in_the_tour() {
    let shown: Vec<String> = steps().into_iter().map(|step| step.command).collect();
    for command in [
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
        "goal",
        "brief set",
        "brief show",
        "brief history",
        "checkpoint",
        "verify",
        "ingest-chat",
        "proposals",
        "export",
        "import",
        "backup",
        "restore-backup",
        "search",
        "context",
    ] {
        let command = format!("waypost {command}");
        assert!(shown.iter().any(|known| known.starts_with(&command)), "{command}");
    }
}

/// README and docs, by name.
fn documents() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = std::fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = docs.chain([root.join("README.md"), root.join("CONTRIBUTING.md")]).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    paths.sort();
    paths.iter().map(|path| (path.display().to_string(), std::fs::read_to_string(path).unwrap())).collect()
}

/// Each call of waypost that a text shows, in a code span or on a line of a block, up to
/// what ends a command.
fn calls(text: &str) -> Vec<String> {
    let spans = text.split('`').skip(1).step_by(2).map(str::to_string);
    let lines = text.lines().map(|line| line.trim_start_matches("$ ").to_string());
    let shown = spans.chain(lines).filter(|call| call.starts_with("waypost "));
    shown.map(|call| call.split(['#', ';', '|', '&', '>']).next().unwrap().trim().to_string()).collect()
}

#[test]
fn every_command_and_flag_that_the_documents_show_is_there() {
    let project = Project::committed(&[("src/a.rs", "fn a() {}\n")]);
    let help = |arguments: &[&str]| project.run(&[arguments, &["--help"]].concat());
    let top = help(&[]).expect(0).stdout;
    let mut looked_at = 0;
    for (path, text) in documents() {
        for call in calls(&text) {
            let words: Vec<&str> = call.split_whitespace().skip(1).collect();
            let Some(command) = words.iter().find(|word| !word.starts_with('-') && !is_placeholder(word))
            else {
                continue;
            };
            let is_of_team = *command == "team" || words.contains(&"--team");
            let absent = is_of_team && !cfg!(feature = "team");
            if absent || *command == "help" {
                continue;
            }
            assert!(
                top.lines().any(|line| line.split_whitespace().next() == Some(command)),
                "{path}: `{call}`"
            );
            let subcommand =
                words.iter().skip_while(|word| *word != command).nth(1).filter(|word| is_name(word));
            let nested = subcommand.map(|name| help(&[command, name]));
            let page =
                nested.filter(|run| run.code == 0).unwrap_or_else(|| help(&[command]).expect(0)).stdout;
            for flag in words.iter().take_while(|word| **word != "--").filter_map(|word| flag(word)) {
                assert!(page.contains(flag) || top.contains(flag), "{path}: `{call}`: no {flag}");
                looked_at += 1;
            }
        }
    }
    assert!(looked_at > 50, "{looked_at}");
}

/// `COMMAND`, `ID`: what stands for a word of the reader's.
fn is_placeholder(word: &str) -> bool {
    word.chars().all(|c| c.is_ascii_uppercase() || c == '.')
}

fn is_name(word: &str) -> bool {
    word.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !word.starts_with('-')
}

/// `--limit=3`, `--goal-file`: the flag's own part.
fn flag(word: &str) -> Option<&str> {
    let name = word.strip_prefix("--").filter(|rest| !rest.is_empty())?;
    let end = name.find(|c: char| !(c.is_ascii_lowercase() || c == '-')).unwrap_or(name.len());
    (end > 0).then(|| &word[..end + 2])
}
