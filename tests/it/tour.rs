//! The README's tour of the memory, command by command, in a real project.

use crate::project::{Project, Run};

/// The lines of the README's block that begins with `waypost note`.
fn commands() -> Vec<Vec<String>> {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let block = readme.split("```sh\nwaypost note").nth(1).unwrap().split("\n```").next().unwrap();
    format!("waypost note{block}").lines().map(words).collect()
}

/// A line as a shell would take it apart.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (at, piece) in line.split('"').enumerate() {
        match at % 2 {
            0 => words.extend(piece.split_whitespace().map(str::to_string)),
            _ => words.push(piece.to_string()),
        }
    }
    assert_eq!(words.remove(0), "waypost");
    words
}

#[test]
fn the_tour_of_the_readme_works() {
    let project = Project::fixture("porch");
    let mut told: Vec<(String, Run)> = Vec::new();
    for command in commands() {
        let arguments: Vec<&str> = command.iter().map(String::as_str).collect();
        told.push((command.join(" "), project.ok(&arguments)));
    }
    let said = |start: &str| {
        let (_, run) = told.iter().find(|(command, _)| command.starts_with(start)).expect(start);
        &run.stdout
    };
    assert!(said("decisions").contains("Retries back off"));
    assert!(said("notes --anchor").contains("not thread-safe") && !said("notes --anchor").contains("clock"));
    assert!(said("diff").contains("+confidence = 0.9"));
    assert!(
        said("decisions --all").contains("[superseded]") && said("decisions --all").contains("with jitter")
    );
    assert!(said("brief show").contains("the clock is next"));
    assert!(said("search").contains("not thread-safe"));
    assert!(said("search src/porch/queue.py").starts_with("file    src/porch/queue.py"));
    assert!(said("context").contains("<evidence slug=") && said("context").contains("Retries back off"));
    assert!(said("forget --query").contains("Who owns the clock?"));
    assert!(said("notes --status suppressed").contains("Retries back off"));
    let (_, last) = told.last().unwrap();
    assert!(
        last.stdout.contains("Retries back off") && last.stdout.contains("superseded"),
        "{}",
        last.stdout
    );
}

#[test]
fn every_command_of_the_memory_is_in_the_tour() {
    let shown: Vec<String> = commands().into_iter().map(|mut command| command.remove(0)).collect();
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
        "brief",
        "checkpoint",
        "verify",
        "ingest-chat",
        "review",
        "export",
        "import",
        "backup",
        "restore-backup",
        "search",
        "context",
    ] {
        assert!(shown.iter().any(|known| known == command), "{command}");
    }
}
