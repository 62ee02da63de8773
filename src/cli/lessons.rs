//! `waypost lessons`: what the log teaches.

use clap::{Args, Subcommand, ValueEnum};

use super::fields::trigger_part;
use super::out::count;
use super::{CommandOutcome, Out, record};
use crate::app::known_lessons::{self, MatchRequest, MatchedLessons};
use crate::app::lessons::{
    self, CandidateReport, LessonList, LessonsReport, MineReport, MineRequest, MiningGates,
};
use crate::app::{App, Result};

/// Arguments of `waypost lessons`.
#[derive(Args)]
pub struct LessonsArguments {
    #[command(subcommand)]
    command: LessonsCommand,
}

#[derive(Subcommand)]
enum LessonsCommand {
    /// Look for errors that came again and for instructions that were repeated
    Mine(MineArguments),
    /// List the lessons, newest first
    List(LessonsListArguments),
    /// How often the error of each was seen, and since it was accepted
    Report,
    /// It holds: it is told from now on
    Accept(AcceptArguments),
    /// It does not hold, and is not proposed again
    Reject(LessonId),
    /// The accepted lessons about a call of a tool, or about an error
    Match(MatchArguments),
}

#[derive(Args)]
struct MineArguments {
    /// Write the candidates as proposed records; without it nothing is written
    #[arg(long, conflicts_with = "dry_run")]
    apply: bool,
    /// Only say what would be proposed, as without `--apply`
    #[arg(long)]
    dry_run: bool,
    /// What a candidate must have
    #[arg(long, value_name = "PROFILE", default_value = "strict")]
    profile: MiningProfile,
}

#[derive(Clone, Copy, ValueEnum)]
enum MiningProfile {
    /// Confidence 0.7, three in a row or two sessions, two entries as evidence
    Strict,
    /// Confidence 0.5, two in a row or two sessions, one entry
    Relaxed,
}

#[derive(Args)]
struct LessonsListArguments {
    /// Also those that were rejected, superseded or suppressed
    #[arg(long)]
    all: bool,
}

#[derive(Args)]
struct LessonId {
    /// Id, the beginning of one, or a slug
    #[arg(value_name = "ID")]
    id: String,
}

#[derive(Args)]
struct AcceptArguments {
    /// Id, the beginning of one, or a slug
    #[arg(value_name = "ID")]
    id: String,
    /// When it is told: tool=NAME, path=GLOB, arg=REGEX or fingerprint=F; all that are given must match
    #[arg(long, value_name = "KEY=VALUE", value_parser = trigger_part)]
    trigger: Vec<(String, String)>,
}

#[derive(Args)]
struct MatchArguments {
    /// The tool as its client calls it, or a program
    #[arg(long, value_name = "T")]
    tool: Option<String>,
    /// Its command or argument
    #[arg(long, value_name = "A", allow_hyphen_values = true)]
    arg: Option<String>,
    /// A path that it is about; several times
    #[arg(long, value_name = "P")]
    path: Vec<String>,
    /// What it printed when it failed
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    error: Option<String>,
    /// How it ended
    #[arg(long, value_name = "CODE")]
    exit_code: Option<i64>,
    /// The fingerprint of an error
    #[arg(long, value_name = "F")]
    fingerprint: Option<String>,
}

/// Looks for lessons, lists them, decides on them, or finds those that match.
pub fn run(app: &App, arguments: &LessonsArguments, out: &Out) -> Result<CommandOutcome> {
    match &arguments.command {
        LessonsCommand::Mine(mine) => print_mined(&lessons::mine(app, &mine.request())?, out)?,
        LessonsCommand::List(list) => print_list(&lessons::list(app, list.all)?, out)?,
        LessonsCommand::Report => print_report(&lessons::report(app)?, out)?,
        LessonsCommand::Accept(accept) => {
            print_one(&lessons::accept(app, &accept.id, &accept.trigger)?, out)?
        }
        LessonsCommand::Reject(reject) => print_one(&lessons::reject(app, &reject.id)?, out)?,
        LessonsCommand::Match(call) => print_matched(&known_lessons::matching(app, &call.request())?, out)?,
    }
    Ok(CommandOutcome::Done)
}

impl MineArguments {
    fn request(&self) -> MineRequest {
        let (gates, profile) = match self.profile {
            MiningProfile::Strict => (MiningGates::STRICT, "strict"),
            MiningProfile::Relaxed => (MiningGates::RELAXED, "relaxed"),
        };
        MineRequest { gates, profile, apply: self.apply && !self.dry_run }
    }
}

impl MatchArguments {
    fn request(&self) -> MatchRequest {
        MatchRequest {
            tool: self.tool.clone(),
            arg: self.arg.clone(),
            paths: self.path.clone(),
            error: self.error.clone(),
            exit_code: self.exit_code,
            fingerprint: self.fingerprint.clone(),
        }
    }
}

fn print_mined(report: &MineReport, out: &Out) -> Result<()> {
    if out.json {
        return Ok(out.object(report)?);
    }
    for candidate in &report.candidates {
        out.line(&line(candidate))?;
        for (name, text) in facts(candidate) {
            out.line(&format!("  {name:<11} {text}"))?;
        }
    }
    for id in &report.back_to_review {
        out.line(&format!("{id}  its error came again: it needs review"))?;
    }
    let (found, held) = (count(report.candidates.len(), "candidate"), report.held_back.len());
    let verb = if report.applied { "proposed" } else { "would propose" };
    out.note(&format!(
        "{verb} {found}, {} known already, {held} held back by the gates of `{}`",
        report.known, report.profile
    ));
    if report.applied {
        out.note("`waypost proposals` or `waypost lessons accept ID` decides");
    } else if !report.candidates.is_empty() || !report.back_to_review.is_empty() {
        out.note("nothing was written: `--apply` does it");
    }
    Ok(())
}

fn line(candidate: &CandidateReport) -> String {
    let id = candidate.id.as_deref().unwrap_or("-");
    format!("{id:<16}  {:<10}  {}", candidate.kind, candidate.title)
}

fn facts(candidate: &CandidateReport) -> Vec<(&'static str, String)> {
    let seen = format!(
        "{} in {}, confidence {:.2}",
        count(candidate.occurrences, "time"),
        count(candidate.sessions.len().max(1), "session"),
        candidate.confidence
    );
    let mut facts = vec![("seen", seen), ("evidence", candidate.evidence.join(" "))];
    facts.extend(candidate.fix.iter().map(|fix| ("success", fix.command.to_string())));
    let files = candidate.fix.iter().flat_map(|fix| &fix.files);
    let files: Vec<&str> = files.map(|file| file.as_str()).collect();
    facts.extend((!files.is_empty()).then(|| ("changed", files.join(", "))));
    facts
}

fn print_list(report: &LessonList, out: &Out) -> Result<()> {
    if out.json {
        return Ok(out.object(report)?);
    }
    for lesson in &report.lessons {
        let trigger = lesson.trigger.iter().flat_map(|trigger| trigger.parts());
        let parts = trigger.filter_map(|(name, part)| part.as_ref().map(|part| format!("{name}={part}")));
        let parts: Vec<String> = parts.collect();
        let told = if parts.is_empty() { String::new() } else { format!("  ({})", parts.join(" ")) };
        out.line(&format!("{}{told}", record::line(lesson)))?;
    }
    if report.lessons.is_empty() {
        out.note("no lessons\nhint: `waypost lessons mine` looks for them in the log");
    }
    Ok(())
}

fn print_report(report: &LessonsReport, out: &Out) -> Result<()> {
    if out.json {
        return Ok(out.object(report)?);
    }
    for lesson in &report.lessons {
        let last = lesson.last_seen.as_ref().map(|last| format!(", last {last}")).unwrap_or_default();
        out.line(&format!("{}  {:<12}  {}", lesson.id, lesson.status, lesson.title))?;
        out.line(&format!(
            "  seen {} in {}, {} since it was accepted{last}",
            count(lesson.occurrences, "time"),
            count(lesson.sessions, "session"),
            lesson.since_accepted
        ))?;
    }
    let statuses: Vec<String> =
        report.statuses.iter().map(|(status, number)| format!("{number} {status}")).collect();
    out.note(&if statuses.is_empty() { "no lessons".to_string() } else { statuses.join(", ") });
    Ok(())
}

fn print_one(report: &crate::app::record::Report, out: &Out) -> Result<()> {
    match out.json {
        true => Ok(out.object(report)?),
        false => Ok(out.said(&format!("{} is {}: {}", report.id, report.status.name(), report.title))?),
    }
}

fn print_matched(report: &MatchedLessons, out: &Out) -> Result<()> {
    if out.json {
        return Ok(out.object(report)?);
    }
    for lesson in &report.lessons {
        out.line(&format!("{}  {}", lesson.id, lesson.title))?;
        if let Some(fix) = &lesson.fix {
            out.line(&format!("  {fix}"))?;
        }
    }
    if report.lessons.is_empty() {
        out.note("no lesson is about that");
    }
    Ok(())
}
