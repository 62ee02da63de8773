//! The command line: one file for each command, all printing in `out`.
//!
//! Not here: what a command does. It asks `app` for a report and shows it.

mod bench;
mod carrier;
mod change_arguments;
mod changes;
mod changes_since;
mod check_text;
mod checkpoint;
mod claim;
mod companions;
mod compare_snapshots;
mod complete;
mod config;
mod diff_summary;
mod doctor;
mod explain;
mod fields;
mod goal;
mod goal_arguments;
mod goals;
mod groups;
mod handoff;
mod history;
mod hook;
mod host;
mod housekeeping;
mod impact;
mod ingest;
mod init;
mod jobs;
mod languages;
mod lessons;
mod man;
mod mcp;
mod note;
mod notes;
mod out;
mod outline;
mod output_file;
mod path_arguments;
mod pin;
mod progress;
mod prompt;
mod rank;
mod record;
mod redact;
mod remove;
mod report;
mod restore;
mod resume;
mod review;
mod run;
mod schema;
mod search;
mod session;
mod setup;
mod snapshot;
mod snapshots;
mod stats;
mod status;
mod streams;
#[cfg(feature = "team")]
mod team;
mod templates;
mod test_plan;
mod transfer;
mod trust;
mod usage;
mod vectors;
mod verify;
mod watch;
mod why;
mod writer;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::app::handoff::lags as handoff_lags;
use crate::app::{App, Error, Result, Skipped};
use crate::visible;
pub use mcp::Server;
use out::Out;

/// Reads a repository and keeps one handoff file true, for the next coding session.
#[derive(Parser)]
#[command(name = "waypost", version, after_help = EXIT_CODES, max_term_width = 80)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What is said of the network.
#[cfg(not(feature = "team"))]
macro_rules! locality {
    () => {
        "Everything is local: no network, no daemon, no LLM, no telemetry."
    };
}
#[cfg(feature = "team")]
macro_rules! locality {
    () => {
        "Everything is local: no daemon, no LLM, no telemetry, and no network but your team's database (team)."
    };
}

const EXIT_CODES: &str = concat!(
    "\
Exit codes:
  0    done
  1    a finding: the handoff is stale, a check failed, a search found nothing,
       or nothing was done without --yes
  2    wrong usage, or it cannot run
  4    refused: another session holds it (claim)
  130  interrupted, 143 terminated (watch)

",
    locality!()
);

/// Flags of every command.
#[derive(Args)]
struct Global {
    /// The project's folder [default: nearest parent with .waypost/ up to the git root, else that, else here]
    #[arg(long, global = true, help_heading = "Options of every command", value_name = "PATH")]
    project_root: Option<PathBuf>,
    /// Run as if started in this folder
    #[arg(
        short = 'C',
        id = "started_in",
        global = true,
        help_heading = "Options of every command",
        value_name = "DIR"
    )]
    started_in: Option<PathBuf>,
    /// Report as one JSON object on standard output, errors too
    #[arg(long, global = true, help_heading = "Options of every command")]
    json: bool,
    /// The session that it runs for [default: WAYPOST_SESSION]
    #[arg(long, global = true, help_heading = "Options of every command", value_name = "ID")]
    session: Option<String>,
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
    /// The project on one page for the browser: map, goal, snapshots, memory
    Report(report::Arguments),
    /// Compare the tree with a snapshot: what is valid, changed, missing, new
    Restore(restore::Arguments),
    /// List the snapshots, newest first
    Snapshots,
    /// Show one snapshot with its files
    ShowSnapshot(snapshots::ShowArguments),
    /// What changed since a snapshot or a commit: files and symbols
    Changes(changes_since::Arguments),
    /// Compare two snapshots: files and symbols
    CompareSnapshots(compare_snapshots::Arguments),
    /// What changed since the last snapshot that you took, on one screen
    DiffSummary,
    /// Remove old snapshots
    Prune(snapshots::PruneArguments),
    /// Handoff and live part for one reader, within a token budget
    Prompt(prompt::Arguments),
    /// Keep the handoff current while files change
    Watch(watch::Arguments),
    /// The symbols, imports and references of a file, or the symbols of a folder
    Outline(outline::Arguments),
    /// The languages that waypost speaks, with their files in this project
    Languages,
    /// Files for a goal, best first
    Rank(rank::Arguments),
    /// Why a file stands where it stands in the ranking
    Explain(explain::Arguments),
    /// Files that belong to a change and are not in it
    Companions(companions::Arguments),
    /// The tests that exercise a change, and the command that runs just those
    Tests(test_plan::Arguments),
    /// What a change breaks, and who uses what it touches
    Impact(impact::Arguments),
    /// The page of a pull request: what breaks, what to test, what is missing
    Review(review::Arguments),
    /// What a text says of the project that is not so
    CheckText(check_text::Arguments),
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
    Erase(remove::EraseArguments),
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
    /// List the proposals, show one, accept or reject them
    Proposals(ingest::ProposalsArguments),
    /// Why something is so: what it is linked with, and what that comes from
    Why(why::WhyArguments),
    /// Find records that say the same; --apply ends all but one
    Dedup(housekeeping::ApplyArguments),
    /// What is older than it is kept, by kind; --apply takes it out
    Gc(housekeeping::ApplyArguments),
    /// Have your own program propose what to remember of ended sessions
    Consolidate(jobs::ConsolidateArguments),
    /// By what records are found in other words: status, rebuild, use
    Vectors(vectors::VectorsArguments),
    /// Work that is tried again when it fails: list, retry, drop, run
    Jobs(jobs::JobsArguments),
    /// Show or set the goal; the tree of goals: add, list, done, block, drop, set
    Goal(goal::GoalArguments),
    /// The one summary of the state of things, versioned
    Brief(goal::BriefArguments),
    /// Record what is done and what comes next; list what was recorded
    Checkpoint(Box<checkpoint::CheckpointArguments>),
    /// Where the newest unfinished work stopped: task, files, failures, next step
    Resume(resume::ResumeArguments),
    /// What is going on, on one screen: sessions, claims, goal, last checkpoint
    Sitrep(resume::SitrepArguments),
    /// Begin, list, show and end sessions: who works here
    Session(session::SessionArguments),
    /// What the log teaches: find, accept and match lessons
    Lessons(lessons::LessonsArguments),
    /// What goes wrong, as counts of the log
    Stats(stats::StatsArguments),
    /// What sessions did, as it was logged; `log add` adds to it
    Log(session::LogArguments),
    /// Run a command and keep what it prints; a long output is shown in short
    Run(run::RunArguments),
    /// The bytes that a command printed
    Fetch(run::FetchArguments),
    /// What commands printed: list, stats, verify
    Receipts(run::ReceiptsArguments),
    /// Claim a path or a name for the session, so that others keep off it
    Claim(claim::ClaimArguments),
    /// Give up a claim
    Release(claim::ReleaseArguments),
    /// List the claims
    Claims(claim::ClaimsArguments),
    /// Share sessions and claims with other machines, on your team's PostgreSQL
    #[cfg(feature = "team")]
    Team(team::Arguments),
    /// Show the effective settings; get, set, unset, edit or locate them
    Config(config::Arguments),
    /// Let this project's config.toml widen what is read and shown
    Trust(trust::Arguments),
    /// Check the database, the layout, the handoff and git
    Doctor(doctor::Arguments),
    /// How pages are made: list, show or copy the templates, to put your own there
    Templates(templates::Arguments),
    /// Set up coding agents: MCP server, hooks, instructions; or git's hooks
    Setup(setup::Arguments),
    /// Take back what setup wrote outside of repositories
    Uninstall(setup::UninstallArguments),
    /// Answer agents by the Model Context Protocol, on the standard streams
    Mcp(mcp::Arguments),
    /// What the clients of agents call by themselves
    Hook(hook::Arguments),
    /// JSON Schema of what a command prints with --json, and of the handoff
    Schema(schema::Arguments),
    /// Print a completion script for a shell, which proposes ids of the project too
    Completions { shell: clap_complete::Shell },
    /// Print the manual page of a command, or write those of all
    Man(man::Arguments),
}

/// The outcome of a command, which decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommandOutcome {
    Done,
    Finding,
    /// Another session holds what it asked for.
    Refused,
    /// It failed, and the error was already printed.
    Failed,
    /// Ended by a signal of this number.
    Signal(u8),
    /// As the command ended that it ran.
    Exit(u8),
}

/// Parses the arguments, runs the command and returns its exit code.
pub fn run(serve: Server) -> ExitCode {
    if complete::answer(Cli::command) {
        return ExitCode::SUCCESS;
    }
    let parsed = groups::grouped(Cli::command()).try_get_matches();
    let cli = match parsed.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        // A client takes 2 for a refusal, and calls what another version set up.
        Err(error) if error.use_stderr() && usage::is_hook(std::env::args_os()) => return ExitCode::SUCCESS,
        Err(error) if error.use_stderr() => {
            let out = Out::new(usage::asks_for_json(std::env::args_os()), false, false);
            out.usage_error(&error.to_string(), &usage::error(&error));
            return ExitCode::from(2);
        }
        Err(help) => {
            // A closed pipe is the reader's choice.
            let _ = help.print();
            return ExitCode::SUCCESS;
        }
    };
    let out = Out::new(cli.global.json, cli.global.quiet, cli.global.verbose);
    let out = if matches!(cli.command, Command::Watch(_)) { out.in_rows() } else { out };
    let outcome = enter(cli.global.started_in.as_deref()).and_then(|()| dispatch(cli, serve, &out));
    match &outcome {
        Err(error) if !error.is_closed_pipe() => out.error(error),
        _ => {}
    }
    // The work is done: now whoever reads sets the pace, and a signal ends it.
    let was_interrupted = matches!(outcome, Ok(CommandOutcome::Signal(_)));
    out.flush(was_interrupted.then_some(LAST_WORDS));
    ExitCode::from(code_of(&outcome))
}

/// The exit code of a command.
fn code_of(outcome: &Result<CommandOutcome>) -> u8 {
    match outcome {
        Ok(CommandOutcome::Done) => 0,
        Ok(CommandOutcome::Finding) => 1,
        Ok(CommandOutcome::Failed) => 2,
        Ok(CommandOutcome::Refused) => 4,
        Ok(CommandOutcome::Signal(number)) => 128 + number,
        Ok(CommandOutcome::Exit(code)) => *code,
        Err(error) if error.is_closed_pipe() => 0,
        Err(error) => error.exit_code().unwrap_or(2),
    }
}

/// Goes to the folder that `-C` names, before anything looks at where it is.
fn enter(folder: Option<&Path>) -> Result<()> {
    let Some(folder) = folder else { return Ok(()) };
    std::env::set_current_dir(folder).map_err(|error| Error::cannot("enter", folder, &error))
}

/// How long an interrupted command waits for its output to be read.
const LAST_WORDS: Duration = Duration::from_millis(500);

fn dispatch(cli: Cli, serve: Server, out: &Out) -> Result<CommandOutcome> {
    if let Command::Completions { shell } = cli.command {
        return complete::script(shell, out);
    }
    if let Command::Man(arguments) = &cli.command {
        return man::run(Cli::command(), arguments, out);
    }
    if let Command::Schema(arguments) = &cli.command {
        return schema::run(arguments, out);
    }
    let root = cli.global.project_root;
    if let Command::Hook(arguments) = &cli.command {
        let out = if arguments.is_shown() { out } else { &Out::new(false, true, false) };
        return hook::run(host::host(out)?, root, arguments, out);
    }
    if let Command::Mcp(arguments) = cli.command {
        return mcp::run(host::host(out)?, root, arguments, serve, out);
    }
    let app = App::new(host::host(out)?, root);
    // Around a command, and for an answer, every millisecond counts.
    let is_quick = matches!(cli.command, Command::Run(_) | Command::Search(_) | Command::Context(_));
    let app = if is_quick { app.for_one_call() } else { app };
    let carrier = carrier::Carrier::of(&cli.command, cli.global.session);
    let app = carrier.carry(app)?;
    let is_told = told_by_handoff(&cli.command);
    let outcome = run_command(&app, cli.command, &carrier, out);
    if is_told && matches!(outcome, Ok(CommandOutcome::Done)) && !out.json && handoff_lags(&app) {
        out.note("`waypost handoff` writes it into the handoff");
    }
    carrier.beat(&app, &outcome, out);
    outcome
}

/// Whether the handoff tells what the command writes.
fn told_by_handoff(command: &Command) -> bool {
    match command {
        Command::Note(_) | Command::Edit(_) | Command::Supersede(_) | Command::Suppress(_) => true,
        Command::Pin(_) | Command::Unpin(_) | Command::Rollback(_) => true,
        Command::Goal(arguments) => arguments.changes(),
        Command::Proposals(arguments) => arguments.decides(),
        _ => false,
    }
}

/// The last five were told by [`dispatch`]: they need no project, or have a host of
/// their own.
fn run_command(app: &App, command: Command, carrier: &carrier::Carrier, out: &Out) -> Result<CommandOutcome> {
    match command {
        Command::Init(arguments) => init::run(app, &arguments, out),
        Command::Snapshot(arguments) => snapshot::run(app, &arguments, out),
        Command::Handoff(arguments) => handoff::run(app, &arguments, out),
        Command::Status => status::run(app, out),
        Command::Report(arguments) => report::run(app, &arguments, out),
        Command::Restore(arguments) => restore::run(app, &arguments, out),
        Command::Snapshots => snapshots::list(app, out),
        Command::ShowSnapshot(arguments) => snapshots::show(app, &arguments, out),
        Command::CompareSnapshots(arguments) => compare_snapshots::run(app, &arguments, out),
        Command::DiffSummary => diff_summary::run(app, out),
        Command::Changes(arguments) => {
            arguments.output.of(app, out, |out| changes_since::run(app, &arguments, out))
        }
        Command::Prune(arguments) => snapshots::prune(app, &arguments, out),
        Command::Prompt(arguments) => arguments.output.of(app, out, |out| prompt::run(app, &arguments, out)),
        Command::Watch(arguments) => watch::run(app, &arguments, out),
        Command::Outline(arguments) => {
            arguments.output.of(app, out, |out| outline::run(app, &arguments, out))
        }
        Command::Languages => languages::run(app, out),
        Command::Rank(arguments) => arguments.output.of(app, out, |out| rank::run(app, &arguments, out)),
        Command::Explain(arguments) => {
            arguments.output.of(app, out, |out| explain::run(app, &arguments, out))
        }
        Command::Companions(_) | Command::Tests(_) | Command::Impact(_) => run_change(app, command, out),
        Command::Bench(arguments) => bench::run(app, &arguments, out),
        Command::Pin(arguments) => pin::pin(app, &arguments, out),
        Command::Unpin(arguments) => pin::unpin(app, &arguments, out),
        Command::Pins => pin::list(app, out),
        Command::Note(_) | Command::Decisions(_) | Command::Notes(_) => run_memory(app, command, out),
        Command::Show(_) | Command::Edit(_) | Command::Supersede(_) => run_memory(app, command, out),
        Command::Suppress(_) | Command::Forget(_) | Command::Erase(_) => run_memory(app, command, out),
        Command::Redact(_) | Command::History(_) | Command::Diff(_) => run_memory(app, command, out),
        Command::Rollback(_) | Command::Verify(_) | Command::Export(_) => run_memory(app, command, out),
        Command::Import(_) | Command::Backup(_) | Command::RestoreBackup(_) => run_memory(app, command, out),
        Command::Search(arguments) => {
            arguments.output.of(app, out, |out| search::search(app, &arguments, out))
        }
        Command::Context(arguments) => {
            arguments.output.of(app, out, |out| search::context(app, &arguments, out))
        }
        Command::IngestChat(arguments) => ingest::ingest(app, &arguments, out),
        Command::Proposals(arguments) => ingest::proposals(app, &arguments, out),
        Command::Review(_) | Command::CheckText(_) => run_change(app, command, out),
        Command::Why(arguments) => why::why(app, &arguments, out),
        Command::Dedup(_) | Command::Gc(_) | Command::Vectors(_) => run_upkeep(app, command, out),
        Command::Consolidate(_) | Command::Jobs(_) => run_upkeep(app, command, out),
        Command::Goal(arguments) => goal::goal(app, &arguments, out),
        Command::Brief(arguments) => goal::brief(app, &arguments, out),
        Command::Checkpoint(arguments) => checkpoint::checkpoint(app, &arguments, out),
        Command::Resume(arguments) => {
            arguments.output.of(app, out, |out| resume::resume(app, &arguments, carrier.subject(), out))
        }
        Command::Sitrep(arguments) => {
            arguments.output.of(app, out, |out| resume::sitrep(app, &arguments, out))
        }
        Command::Session(_) | Command::Lessons(_) | Command::Stats(_) => {
            run_session(app, command, carrier, out)
        }
        Command::Log(_) | Command::Run(_) | Command::Fetch(_) => run_session(app, command, carrier, out),
        Command::Receipts(_) | Command::Claim(_) | Command::Release(_) => {
            run_session(app, command, carrier, out)
        }
        Command::Claims(_) => run_session(app, command, carrier, out),
        #[cfg(feature = "team")]
        Command::Team(arguments) => team::run(app, &arguments, out),
        Command::Config(_) | Command::Trust(_) | Command::Doctor(_) => run_upkeep(app, command, out),
        Command::Templates(_) | Command::Setup(_) | Command::Uninstall(_) => run_upkeep(app, command, out),
        Command::Completions { .. }
        | Command::Schema(_)
        | Command::Man(_)
        | Command::Mcp(_)
        | Command::Hook(_) => Ok(CommandOutcome::Failed),
    }
}

/// The commands about a change.
fn run_change(app: &App, command: Command, out: &Out) -> Result<CommandOutcome> {
    match command {
        Command::Companions(arguments) => {
            arguments.output.of(app, out, |out| companions::run(app, &arguments, out))
        }
        Command::Tests(arguments) => {
            arguments.output.of(app, out, |out| test_plan::run(app, &arguments, out))
        }
        Command::Impact(arguments) => arguments.output.of(app, out, |out| impact::run(app, &arguments, out)),
        Command::Review(arguments) => arguments.output.of(app, out, |out| review::run(app, &arguments, out)),
        Command::CheckText(arguments) => check_text::run(app, &arguments, out),
        _ => Ok(CommandOutcome::Failed),
    }
}

/// The commands about records.
fn run_memory(app: &App, command: Command, out: &Out) -> Result<CommandOutcome> {
    match command {
        Command::Note(arguments) => note::note(app, &arguments, out),
        Command::Decisions(arguments) => notes::decisions(app, &arguments, out),
        Command::Notes(arguments) => notes::notes(app, &arguments, out),
        Command::Show(arguments) => notes::show(app, &arguments, out),
        Command::Edit(arguments) => note::edit(app, &arguments, out),
        Command::Supersede(arguments) => remove::supersede(app, &arguments, out),
        Command::Suppress(arguments) => remove::suppress(app, &arguments, out),
        Command::Forget(arguments) => remove::forget(app, &arguments, out),
        Command::Erase(arguments) => remove::erase(app, &arguments, out),
        Command::Redact(arguments) => redact::run(app, &arguments, out),
        Command::History(arguments) => history::history(app, &arguments, out),
        Command::Diff(arguments) => history::diff(app, &arguments, out),
        Command::Rollback(arguments) => history::rollback(app, &arguments, out),
        Command::Verify(arguments) => verify::run(app, &arguments, out),
        Command::Export(arguments) => transfer::export(app, &arguments, out),
        Command::Import(arguments) => transfer::import(app, &arguments, out),
        Command::Backup(arguments) => transfer::back_up(app, &arguments, out),
        Command::RestoreBackup(arguments) => transfer::restore_backup(app, &arguments, out),
        _ => Ok(CommandOutcome::Failed),
    }
}

/// The commands about who works here, and what was run.
fn run_session(app: &App, command: Command, carrier: &carrier::Carrier, out: &Out) -> Result<CommandOutcome> {
    match command {
        Command::Session(arguments) => session::session(app, &arguments, out),
        Command::Lessons(arguments) => lessons::run(app, &arguments, out),
        Command::Stats(arguments) => stats::run(app, &arguments, out),
        Command::Log(arguments) => session::log(app, &arguments, carrier.subject(), out),
        Command::Run(arguments) => run::run(app, &arguments, out),
        Command::Fetch(arguments) => run::fetch(app, &arguments, out),
        Command::Receipts(arguments) => run::receipts(app, &arguments, out),
        Command::Claim(arguments) => claim::claim(app, &arguments, out),
        Command::Release(arguments) => claim::release(app, &arguments, out),
        Command::Claims(arguments) => claim::list(app, &arguments, out),
        _ => Ok(CommandOutcome::Failed),
    }
}

/// The commands that keep what is stored, and what surrounds it, in order.
fn run_upkeep(app: &App, command: Command, out: &Out) -> Result<CommandOutcome> {
    match command {
        Command::Dedup(arguments) => housekeeping::dedup(app, &arguments, out),
        Command::Gc(arguments) => housekeeping::gc(app, &arguments, out),
        Command::Consolidate(arguments) => jobs::consolidate(app, &arguments, out),
        Command::Vectors(arguments) => vectors::vectors(app, &arguments, out),
        Command::Jobs(arguments) => jobs::jobs(app, &arguments, out),
        Command::Config(arguments) => config::run(app, &arguments, out),
        Command::Trust(arguments) => trust::run(app, &arguments, out),
        Command::Doctor(arguments) => doctor::run(app, &arguments, out),
        Command::Templates(arguments) => templates::run(app, &arguments, out),
        Command::Setup(arguments) => setup::run(app, &arguments, out),
        Command::Uninstall(arguments) => setup::uninstall(app, &arguments, out),
        _ => Ok(CommandOutcome::Failed),
    }
}

/// Warns of files in the memory folder that are not records.
fn unreadable(files: &[Skipped], out: &Out) {
    for bad in files {
        let (name, reason) = (visible::line(&bad.path), visible::line(bad.reason.as_str()));
        out.warning(&format!("memory file `{name}` is kept and not read: {reason}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
