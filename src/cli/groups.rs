//! The list of commands as `waypost --help` shows it: in groups, by what one
//! wants to do.
//!
//! Not here: the commands themselves, and the help of each.

use clap::Command;

/// Every command once, the groups in the order in which a newcomer meets them.
const GROUPS: &[(&str, &[&str])] = &[
    ("Handoff", &["init", "snapshot", "handoff", "watch", "prompt", "status", "report", "setup"]),
    ("Find", &["search", "context", "rank", "explain", "outline", "languages", "bench"]),
    ("Goal", &["goal", "brief", "checkpoint", "pin", "unpin", "pins"]),
    ("Change", &["changes", "companions", "tests", "impact", "review", "check-text"]),
    (
        "Memory",
        &[
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
            "proposals",
            "ingest-chat",
            "why",
            "dedup",
            "lessons",
            "export",
            "import",
        ],
    ),
    (
        "Sessions",
        &[
            "resume",
            "sitrep",
            "session",
            "claim",
            "release",
            "claims",
            "log",
            "stats",
            "run",
            "fetch",
            "receipts",
            #[cfg(feature = "team")]
            "team",
        ],
    ),
    ("Snapshots", &["snapshots", "show-snapshot", "compare-snapshots", "diff-summary", "restore", "prune"]),
    (
        "Maintenance",
        &[
            "doctor",
            "config",
            "trust",
            "templates",
            "backup",
            "restore-backup",
            "redact",
            "gc",
            "consolidate",
            "jobs",
            "vectors",
            "uninstall",
            "mcp",
            "hook",
            "schema",
            "completions",
            "man",
            "help",
        ],
    ),
];

/// clap adds `help` when it parses.
const HELP: &str = "Print this list, or the help of a command";

/// Columns of the names, and of a whole line.
const NAMES: usize = 20;
const COLUMNS: usize = 80;

/// The command with its subcommands listed in groups. They are hidden from clap's own
/// list, so this is for parsing and help, not for completions.
pub fn grouped(command: Command) -> Command {
    let list = list(&command);
    let names: Vec<String> = command.get_subcommands().map(|it| it.get_name().to_string()).collect();
    let hidden = names.iter().fold(command, |command, name| command.mut_subcommand(name, |it| it.hide(true)));
    hidden.help_template(format!(
        "{{about-with-newline}}\n{{usage-heading}} {{usage}}\n{list}\n{{all-args}}{{after-help}}"
    ))
}

fn list(command: &Command) -> String {
    let mut list = String::new();
    for (group, names) in GROUPS {
        list.push_str(&format!("\n{group}:\n"));
        for name in *names {
            let about = command.find_subcommand(name).and_then(Command::get_about).map(ToString::to_string);
            list.push_str(&row(name, &about.unwrap_or_else(|| HELP.to_string())));
        }
    }
    list
}

/// A name and what it does, in lines of at most [`COLUMNS`].
fn row(name: &str, about: &str) -> String {
    let mut rows = format!("  {name:<width$}", width = NAMES - 2);
    let mut column = NAMES;
    for word in about.split_whitespace() {
        if column > NAMES && column + 1 + word.len() > COLUMNS {
            rows.push_str(&format!("\n{:NAMES$}", ""));
            column = NAMES;
        } else if column > NAMES {
            rows.push(' ');
            column += 1;
        }
        rows.push_str(word);
        column += word.chars().count();
    }
    rows + "\n"
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn every_command_stands_in_one_group() {
        let command = crate::cli::Cli::command();
        let mut known: Vec<&str> = command.get_subcommands().map(Command::get_name).chain(["help"]).collect();
        let mut listed: Vec<&str> = GROUPS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        known.sort_unstable();
        listed.sort_unstable();
        assert_eq!(listed, known);
    }

    #[test]
    fn the_list_fits_a_terminal() {
        let help = grouped(crate::cli::Cli::command()).term_width(COLUMNS).render_help().to_string();
        let long = help.lines().find(|line| line.chars().count() > COLUMNS);
        assert_eq!(long, None);
    }
}
