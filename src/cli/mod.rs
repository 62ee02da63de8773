//! The command line: one file a command, all printing in `out`.
//!
//! Not here: what a command does beyond asking the pipeline and showing the
//! answer.

mod bench;
mod compare_snapshots;
mod config;
mod diff_summary;
mod doctor;
mod explain;
mod goal;
mod handoff;
mod history;
mod ingest;
mod init;
mod languages;
mod merge;
mod note;
mod notes;
mod open;
mod out;
mod outline;
mod pin;
mod prompt;
mod prune;
mod rank;
mod record_fields;
mod record_view;
mod redact;
mod remove;
mod restore;
mod search;
mod snapshot;
mod snapshots;
mod status;
mod transfer;
mod trust;
mod verify;
mod watch;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand};

pub use out::Out;

use crate::parsers;

/// Reads a repository and keeps one handoff file true, for the next coding session.
#[derive(Parser)]
#[command(name = "waypost", version, after_help = EXIT_CODES, disable_help_subcommand = true, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0    done
  1    a finding: the handoff is stale, a check failed
  2    wrong usage, or it cannot run
  130  interrupted, 143 terminated (watch)

Everything is local: no network, no daemon, no model, no telemetry.";

/// Flags of every command.
#[derive(Args, Clone)]
pub struct Global {
    /// The project's folder [default: nearest parent with .waypost/ up to the git root, else that, else here]
    #[arg(long, global = true, help_heading = "Options of every command", value_name = "PATH")]
    project_root: Option<PathBuf>,
    /// Report as one JSON object on standard output
    #[arg(long, global = true, help_heading = "Options of every command")]
    json: bool,
    /// Say more
    #[arg(short, long, global = true, help_heading = "Options of every command")]
    verbose: bool,
    /// Say only errors
    #[arg(short, long, global = true, help_heading = "Options of every command", conflicts_with = "verbose")]
    quiet: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Create .waypost/ with a commented config.toml; safe to run again
    Init(init::Arguments),
    /// Read the tree, record a snapshot and write the handoff
    Snapshot(snapshot::Arguments),
    /// Render the handoff from the tree as it is, or check the committed one
    Handoff(handoff::Arguments),
    /// Where the project stands: snapshot, goal, changed files, freshness
    Status,
    /// Compare the tree with a snapshot: what is valid, changed, missing, new
    Restore(restore::Arguments),
    /// List the snapshots, newest first
    Snapshots,
    /// Show one snapshot with its files
    ShowSnapshot(snapshots::ShowArguments),
    /// Compare two snapshots: files and symbols
    CompareSnapshots(compare_snapshots::Arguments),
    /// What changed since the last snapshot, on one screen
    DiffSummary,
    /// Remove old snapshots
    Prune(prune::Arguments),
    /// Handoff and live part for one reader, within a token budget
    Prompt(prompt::Arguments),
    /// Keep the handoff current while files change
    Watch(watch::Arguments),
    /// The symbols, imports and references of one file
    Outline(outline::Arguments),
    /// The languages that waypost speaks, with their files in this project
    Languages,
    /// Files for a goal, best first
    Rank(rank::Arguments),
    /// Why a file stands where it stands in the ranking
    Explain(explain::Arguments),
    /// Measure the ranking on this repository's own history, against simple ones
    Bench(bench::Arguments),
    /// Always name a file in the handoff
    Pin(pin::PinArguments),
    /// Undo a pin
    Unpin(pin::UnpinArguments),
    /// List the pinned files
    Pins,
    /// Write a record: what a session learnt, anchored to the code it is about
    Note(Box<note::NoteArguments>),
    /// List the decisions, newest first
    Decisions(notes::DecisionsArguments),
    /// List the records, newest first
    Notes(notes::NotesArguments),
    /// Show one record
    Show(notes::ShowArguments),
    /// Change a record by flags; its file can be edited by hand as well
    Edit(Box<note::EditArguments>),
    /// End a record in favour of another one
    Supersede(remove::SupersedeArguments),
    /// Hide records and keep them
    Suppress(remove::SuppressArguments),
    /// Delete the files of records; their revisions bring them back
    Forget(remove::RemoveArguments),
    /// Delete every word of records, for good
    Erase(remove::RemoveArguments),
    /// Clean secrets out of what an older version stored
    Redact(redact::Arguments),
    /// List the revisions of a record
    History(history::HistoryArguments),
    /// Compare two revisions of a record
    Diff(history::DiffArguments),
    /// Make an old revision of a record the newest one
    Rollback(history::RollbackArguments),
    /// Check the code that records are about; --accept after a look
    Verify(verify::Arguments),
    /// Write all records with their history to one JSON-lines file
    Export(transfer::OutputArguments),
    /// Take records over: an export, or Markdown notes of other tools
    Import(transfer::ImportArguments),
    /// Pack everything under .waypost/ into one archive (.tar.zst)
    Backup(transfer::OutputArguments),
    /// Put a backup in the place of .waypost/
    RestoreBackup(transfer::RestoreArguments),
    /// One query over records, symbols, paths and contents
    Search(search::SearchArguments),
    /// Evidence for a question within a token budget
    Context(search::ContextArguments),
    /// Propose what a conversation with an agent decided, asked and learnt
    IngestChat(ingest::IngestArguments),
    /// List the proposals; accept or reject them
    Review(ingest::ReviewArguments),
    /// Show or set the goal
    Goal(goal::GoalArguments),
    /// The one summary of the state of things, versioned
    Brief(goal::BriefArguments),
    /// Record what is done and what comes next
    Checkpoint(Box<note::CheckpointArguments>),
    /// Show the effective settings, or get, set or locate them
    Config(config::Arguments),
    /// Let this project's config.toml widen what is read and shown
    Trust(trust::Arguments),
    /// Check the database, the layout, the handoff and git
    Doctor(doctor::Arguments),
    /// Print a completion script for a shell
    Completions { shell: clap_complete::Shell },
}

/// How a command that ran to its end ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    Finding,
    /// Ended by a signal of this number.
    Signal(u8),
}

/// Parses the arguments, runs the command and gives its exit code.
pub fn run() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).take(3).collect();
    if let Some((_, arguments)) = arguments.split_first().filter(|(first, _)| *first == parsers::COMMAND) {
        return parsers::run(arguments);
    }
    crate::git::use_surroundings(std::env::vars_os());
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() => {
            // It quotes the command line, which may come from file names.
            out::refuse_usage(&error.to_string());
            return ExitCode::from(2);
        }
        Err(help) => {
            // A closed pipe is the reader's choice.
            let _ = help.print();
            return ExitCode::SUCCESS;
        }
    };
    let out = Out::new(cli.global.json, cli.global.quiet, cli.global.verbose);
    match dispatch(&cli.global, cli.command, &out) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Finding) => ExitCode::from(1),
        Ok(Outcome::Signal(number)) => ExitCode::from(128 + number),
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            out.error(&error);
            ExitCode::from(2)
        }
    }
}

fn dispatch(global: &Global, command: Command, out: &Out) -> anyhow::Result<Outcome> {
    match command {
        Command::Init(arguments) => init::run(global, &arguments, out),
        Command::Snapshot(arguments) => snapshot::run(global, &arguments, out),
        Command::Handoff(arguments) => handoff::run(global, &arguments, out),
        Command::Status => status::run(global, out),
        Command::Restore(arguments) => restore::run(global, &arguments, out),
        Command::Snapshots => snapshots::list(global, out),
        Command::ShowSnapshot(arguments) => snapshots::show(global, &arguments, out),
        Command::CompareSnapshots(arguments) => compare_snapshots::run(global, &arguments, out),
        Command::DiffSummary => diff_summary::run(global, out),
        Command::Prune(arguments) => prune::run(global, &arguments, out),
        Command::Prompt(arguments) => prompt::run(global, &arguments, out),
        Command::Watch(arguments) => watch::run(global, &arguments, out),
        Command::Outline(arguments) => outline::run(global, &arguments, out),
        Command::Languages => languages::run(global, out),
        Command::Rank(arguments) => rank::run(global, &arguments, out),
        Command::Explain(arguments) => explain::run(global, &arguments, out),
        Command::Bench(arguments) => bench::run(global, &arguments, out),
        Command::Pin(arguments) => pin::pin(global, &arguments, out),
        Command::Unpin(arguments) => pin::unpin(global, &arguments, out),
        Command::Pins => pin::list(global, out),
        Command::Note(arguments) => note::note(global, &arguments, out),
        Command::Decisions(arguments) => notes::decisions(global, &arguments, out),
        Command::Notes(arguments) => notes::notes(global, &arguments, out),
        Command::Show(arguments) => notes::show(global, &arguments, out),
        Command::Edit(arguments) => note::edit(global, &arguments, out),
        Command::Supersede(arguments) => remove::supersede(global, &arguments, out),
        Command::Suppress(arguments) => remove::suppress(global, &arguments, out),
        Command::Forget(arguments) => remove::forget(global, &arguments, out),
        Command::Erase(arguments) => remove::erase(global, &arguments, out),
        Command::Redact(arguments) => redact::run(global, &arguments, out),
        Command::History(arguments) => history::history(global, &arguments, out),
        Command::Diff(arguments) => history::diff(global, &arguments, out),
        Command::Rollback(arguments) => history::rollback(global, &arguments, out),
        Command::Verify(arguments) => verify::run(global, &arguments, out),
        Command::Export(arguments) => transfer::export(global, &arguments, out),
        Command::Import(arguments) => transfer::import(global, &arguments, out),
        Command::Backup(arguments) => transfer::back_up(global, &arguments, out),
        Command::RestoreBackup(arguments) => transfer::restore_backup(global, &arguments, out),
        Command::Search(arguments) => search::search(global, &arguments, out),
        Command::Context(arguments) => search::context(global, &arguments, out),
        Command::IngestChat(arguments) => ingest::ingest(global, &arguments, out),
        Command::Review(arguments) => ingest::review(global, &arguments, out),
        Command::Goal(arguments) => goal::goal(global, &arguments, out),
        Command::Brief(arguments) => goal::brief(global, &arguments, out),
        Command::Checkpoint(arguments) => note::checkpoint(global, &arguments, out),
        Command::Config(arguments) => config::run(global, &arguments, out),
        Command::Trust(arguments) => trust::run(global, &arguments, out),
        Command::Doctor(arguments) => doctor::run(global, &arguments, out),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "waypost", &mut script);
            out.raw(&String::from_utf8_lossy(&script))?;
            Ok(Outcome::Done)
        }
    }
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
