//! Runs a command and keeps what it prints: passed through as it is, or, where
//! it is long and an agent reads it, in short.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Serialize;

use super::sessions::SessionDesk;
use super::{App, Error, Result};
use crate::memory::{new_id, random};
use crate::model::{ContentHash, EventKind, NewReceipt, OutputStatus, Receipt, SafeText, StoredOutput};
use crate::pipeline::Context;
use crate::render::tokens;
use crate::sessions::child::{self, OutputStream, RunningCommand};
use crate::sessions::digest::{self, Finding, StreamDigest};
use crate::sessions::fingerprint::error_line;
use crate::store::{LogFilter, Spool, read_output};
use crate::{io_errors, limits};

/// A command to run.
#[derive(Clone, Debug)]
pub struct RunRequest {
    /// Program and arguments.
    pub command: Vec<OsString>,
    pub view: RunView,
}

/// How the output is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunView {
    /// As it comes.
    Raw,
    /// In short where it is long: the digest is in the report.
    Digest,
    /// Not at all: the report is.
    Report,
}

/// A command that ran.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RunReport {
    /// `None` where it could not be kept.
    pub id: Option<String>,
    pub command: SafeText,
    pub exit_code: u8,
    /// The number of the signal that ended it.
    pub signal: Option<u8>,
    pub status: OutputStatus,
    pub lasted_ms: i64,
    pub stdout_bytes: u64,
    pub stderr_bytes: u64,
    pub failed_tests: Vec<SafeText>,
    /// What is worth knowing beyond the output.
    pub notes: Vec<SafeText>,
    /// What is shown in the place of a long output.
    pub digest: Option<SafeText>,
}

/// Where output is passed on: standard output and standard error.
pub type Streams = [Box<dyn Write + Send>; 2];

/// Outputs of up to so many tokens are shown as they are.
const BUDGET: usize = 2_000;

/// Runs of one command with one output that count as no progress.
const REPEATS: usize = 3;

/// Runs a command to its end. Its output goes to `streams` as it comes, or, where it is to be shown in
/// short and is not long, when it has ended.
pub fn run(app: &App, request: &RunRequest, streams: Streams) -> Result<RunReport> {
    let at_ms = super::sessions::now_ms(app);
    let (passed_on, mut kept_back) = match request.view {
        RunView::Report => (None, None),
        RunView::Raw => (Some(streams), None),
        RunView::Digest => (None, Some(streams)),
    };
    // The command runs while the place for what it prints is opened.
    let running = child::start(&request.command, passed_on).map_err(|error| not_started(request, &error))?;
    let desk = SessionDesk::create(app);
    let (ended, outputs) = keep(running, desk.as_ref().ok(), &mut kept_back)?;
    let lasted_ms = super::sessions::now_ms(app) - at_ms;
    let code = ended.map_or(1, child::exit_code);
    let mut report = RunReport {
        id: None,
        command: SafeText::default(),
        exit_code: code,
        signal: ended
            .and_then(|ended| std::os::unix::process::ExitStatusExt::signal(&ended))
            .map(|it| it as u8),
        status: OutputStatus::Failed,
        lasted_ms,
        stdout_bytes: outputs.as_ref().map_or(0, |[stdout, _]| stdout.bytes),
        stderr_bytes: outputs.as_ref().map_or(0, |[_, stderr]| stderr.bytes),
        failed_tests: Vec::new(),
        notes: Vec::new(),
        digest: None,
    };
    match (desk, outputs) {
        (Ok(desk), Some(outputs)) => {
            KeptRun { app, request, desk, outputs, at_ms }.tell(&mut report, kept_back)?;
        }
        (Err(error), _) => app.warn(&format!("the output of this command is not kept: {error}")),
        (Ok(_), None) => app.warn("the output of this command could not be kept"),
    }
    Ok(report)
}

/// The exit code of shells for a command that cannot be started is in the
/// message's place: 127 where there is none, 126 where it is no program.
fn not_started(request: &RunRequest, error: &io::Error) -> Error {
    let program = request.command.first().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let code = if error.kind() == io::ErrorKind::NotFound { 127 } else { 126 };
    Error::new(format!("cannot run `{program}`: {}", io_errors::why(error))).with_exit_code(code)
}

/// Keeps what a command prints until its end. `None` in place of outputs that
/// could not be kept; where there is no place for any, what was to be kept back
/// is passed on.
fn keep(
    running: RunningCommand,
    desk: Option<&SessionDesk>,
    kept_back: &mut Option<Streams>,
) -> Result<(Option<std::process::ExitStatus>, Option<[StoredOutput; 2]>)> {
    let folder = desk.map(|desk| receipts_folder(&desk.context));
    let begin = || folder.as_ref().map(|folder| Spool::create(folder));
    let mut spools = [begin(), begin()];
    let ended = running.finish(|stream, bytes| {
        let at = usize::from(stream == OutputStream::Stderr);
        if let (None, Some(streams)) = (&folder, &mut *kept_back) {
            // Who does not read any more does not end the command.
            let _ = streams[at].write_all(bytes).and_then(|()| streams[at].flush());
        }
        let spool = &mut spools[at];
        // A full disk is no reason to end the command.
        if spool.as_mut().is_some_and(|spool| spool.put(bytes).is_err()) {
            *spool = None;
        }
    });
    let [stdout, stderr] = spools.map(|spool| spool.and_then(|spool| spool.finish().ok()));
    Ok((ended, stdout.zip(stderr).map(|(stdout, stderr)| [stdout, stderr])))
}

/// Outputs from before this moment go.
fn kept_since_ms(desk: &SessionDesk) -> i64 {
    match desk.context.settings.keep_receipts_days() as i64 {
        0 => i64::MIN,
        days => desk.now_ms - days * 86_400_000,
    }
}

/// Where outputs are kept, for all work trees of a clone.
pub(super) fn receipts_folder(context: &Context) -> PathBuf {
    context.project.shared.join("receipts")
}

/// A command whose output was kept.
struct KeptRun<'a> {
    app: &'a App,
    request: &'a RunRequest,
    desk: SessionDesk,
    outputs: [StoredOutput; 2],
    at_ms: i64,
}

/// Bytes of each stream in which the line is looked for that tells what went wrong.
const LOOKED_AT: u64 = 400_000;

impl KeptRun<'_> {
    /// Shows what was kept back or the digest of it, and writes the receipt.
    fn tell(mut self, report: &mut RunReport, kept_back: Option<Streams>) -> Result<()> {
        let id = new_id(self.at_ms.max(0) as u64, random());
        report.id = Some(id.clone());
        report.command = self.desk.line(&self.command());
        let is_read = kept_back.is_some() || self.request.view == RunView::Report;
        let digests = if is_read { self.digests().ok() } else { None };
        if let Some(digests) = &digests {
            let names = digests.iter().flat_map(|digest| &digest.failed_tests);
            report.failed_tests = names.map(|name| self.desk.line(name)).collect();
            report.notes = self.notes(report)?;
        }
        report.status = match (is_read, &digests) {
            (false, _) => OutputStatus::Raw,
            (true, Some(_)) if self.is_short() => OutputStatus::SkippedUnderBudget,
            (true, Some(_)) => OutputStatus::Compressed,
            (true, None) => OutputStatus::Failed,
        };
        if report.status == OutputStatus::Compressed {
            let text = digests.map(|digests| self.digest(report, &digests)).unwrap_or_default();
            report.digest = Some(self.desk.context.redactor.text(&text));
        } else if let Some(streams) = kept_back {
            self.show_whole(streams)?;
        }
        self.write(&id, report)?;
        self.desk.exchange(self.app);
        self.app.keep_store(self.desk.store);
        Ok(())
    }

    /// The command line as a shell would take it.
    fn command(&self) -> String {
        let words = self.request.command.iter();
        let words: Vec<String> =
            words.map(|word| crate::visible::shell_word(&word.to_string_lossy()).into_owned()).collect();
        words.join(" ")
    }

    fn folder(&self) -> &Path {
        &self.app.host().current
    }

    /// Equal for the same command in the same folder.
    fn same(&self) -> String {
        let text = format!("{}\0{:?}", self.folder().display(), self.request.command);
        ContentHash::of(text.as_bytes()).to_hex()[..32].to_string()
    }

    fn read(&self, output: &StoredOutput) -> io::Result<Box<dyn io::Read>> {
        read_output(&receipts_folder(&self.desk.context), output)
    }

    fn digests(&self) -> io::Result<[StreamDigest; 2]> {
        let [stdout, stderr] = &self.outputs;
        Ok([digest::of(self.read(stdout)?)?, digest::of(self.read(stderr)?)?])
    }

    /// Whether it is shown as it is. Sure by its length alone at both ends.
    fn is_short(&self) -> bool {
        let bytes = self.outputs.iter().map(|output| output.bytes).sum::<u64>() as usize;
        if bytes <= BUDGET || bytes > 8 * BUDGET {
            return bytes <= BUDGET;
        }
        let mut all = Vec::new();
        let read =
            self.outputs.iter().try_for_each(|output| io::copy(&mut self.read(output)?, &mut all).map(drop));
        read.is_ok() && tokens::is_within(&String::from_utf8_lossy(&all), BUDGET)
    }

    fn show_whole(&self, mut streams: Streams) -> Result<()> {
        for (output, stream) in self.outputs.iter().zip(&mut streams) {
            io::copy(&mut self.read(output)?, stream)?;
            stream.flush()?;
        }
        Ok(())
    }

    fn write(&mut self, id: &str, report: &RunReport) -> Result<()> {
        let head = self.desk.context.repository.as_ref().and_then(|repository| repository.head().commit);
        let [stdout, stderr] = self.outputs;
        let run = NewReceipt {
            session: self.desk.carrier_row(self.app)?,
            at_ms: self.at_ms,
            folder: self.desk.line(&self.folder().to_string_lossy()),
            command: report.command.clone(),
            same: self.same(),
            head,
            code: report.exit_code.into(),
            lasted_ms: report.lasted_ms,
            status: report.status,
            shown_bytes: match &report.digest {
                Some(digest) => digest.as_str().len() as u64,
                None => stdout.bytes + stderr.bytes,
            },
            stdout,
            stderr,
        };
        let error = self.error(report.exit_code.into());
        self.desk.store.put_receipt(id, &run, error.as_ref())?;
        if self.desk.store.receipt_bytes()? > limits::MAX_RECEIPTS || id.ends_with('0') {
            let since = kept_since_ms(&self.desk);
            let folder = receipts_folder(&self.desk.context);
            self.desk.store.retain_receipts(&folder, since, limits::MAX_RECEIPTS)?;
        }
        Ok(())
    }

    /// The line that tells what went wrong, among what was printed first.
    fn error(&self, code: i64) -> Option<SafeText> {
        let [stdout, stderr] = &self.outputs;
        let mut text = Vec::new();
        for output in [stderr, stdout].into_iter().filter(|_| code != 0) {
            self.read(output).ok()?.take(LOOKED_AT).read_to_end(&mut text).ok()?;
            text.push(b'\n');
        }
        error_line(&String::from_utf8_lossy(&text)).map(|line| self.desk.title(&line))
    }

    /// That it made no progress, or what was edited since it last succeeded.
    fn notes(&self, report: &RunReport) -> Result<Vec<SafeText>> {
        let before = self.desk.store.receipts_of(&self.same(), 50)?;
        let mut notes = Vec::new();
        let is_same = |receipt: &&Receipt| {
            let run = &receipt.run;
            run.code == i64::from(report.exit_code)
                && (run.stdout.hash, run.stderr.hash) == (self.outputs[0].hash, self.outputs[1].hash)
        };
        let repeats = before.iter().take_while(is_same).count() + 1;
        if repeats >= REPEATS && self.edited_since(before[REPEATS - 2].run.at_ms)?.is_empty() {
            notes.push(format!(
                "no progress: the same command had the same output {repeats} times, and nothing changed"
            ));
        }
        let succeeded = before.iter().find(|receipt| receipt.run.code == 0);
        if let Some(succeeded) = succeeded.filter(|_| report.exit_code != 0) {
            let edited = self.edited_since(succeeded.run.at_ms)?;
            let at = crate::model::time::rfc3339(succeeded.run.at_ms);
            notes.push(match edited.as_slice() {
                [] => format!("it succeeded at {at}, and no file that git knows was edited since"),
                edited => format!("it succeeded at {at}; edited since: {}", first_few(edited)),
            });
        }
        Ok(notes.iter().map(|note| self.desk.line(note)).collect())
    }

    /// Files that were edited after a moment, as far as git and the log know.
    fn edited_since(&self, since_ms: i64) -> Result<Vec<String>> {
        let root = &self.desk.context.project.root;
        let changed = match &self.desk.context.repository {
            Some(repository) => repository.tracked_changes(None).unwrap_or_default(),
            None => Vec::new(),
        };
        let modified = |path: &Path| {
            let at = std::fs::symlink_metadata(path).and_then(|found| found.modified()).ok()?;
            Some(at.duration_since(std::time::UNIX_EPOCH).ok()?.as_millis() as i64)
        };
        let changed = changed.into_iter().map(|change| change.path.as_str().to_string());
        // One that is gone has no time.
        let mut edited: Vec<String> =
            changed.filter(|path| modified(&root.join(path)).is_none_or(|at| at >= since_ms)).collect();
        let filter = LogFilter {
            kinds: vec![EventKind::FileChange],
            since_ms: Some(since_ms),
            ..LogFilter::default()
        };
        let logged = self.desk.store.logged(&filter)?;
        edited.extend(logged.into_iter().filter_map(|event| event.path.map(|path| path.to_string())));
        edited.sort();
        edited.dedup();
        Ok(edited)
    }

    /// What is shown in the place of a long output; ends with the id.
    fn digest(&self, report: &RunReport, digests: &[StreamDigest; 2]) -> String {
        let mut lines = vec![format!(
            "$ {}\nexit code {} after {:.1} s: {} and {} on standard output, {} and {} on standard error",
            report.command,
            report.exit_code,
            report.lasted_ms as f64 / 1_000.0,
            counted(digests[0].lines, "line"),
            counted(self.outputs[0].bytes, "byte"),
            counted(digests[1].lines, "line"),
            counted(self.outputs[1].bytes, "byte"),
        )];
        lines.extend(report.notes.iter().map(|note| format!("note: {note}")));
        if !report.failed_tests.is_empty() {
            lines.push(format!("\nfailed tests ({}):", report.failed_tests.len()));
            lines.extend(report.failed_tests.iter().map(|name| format!("  {name}")));
        }
        for (name, digest) in ["standard output", "standard error"].iter().zip(digests) {
            told_stream(name, digest, &mut lines);
        }
        let id = report.id.as_deref().unwrap_or_default();
        lines.push(format!(
            "\nall of it: `waypost fetch {id}` (`--stderr`, `--lines A:B`, `--grep RE`)\nid {id}"
        ));
        lines.join("\n")
    }
}

fn told_stream(name: &str, digest: &StreamDigest, lines: &mut Vec<String>) {
    if digest.lines == 0 {
        return;
    }
    if !digest.findings.is_empty() {
        lines.push(format!("\n{name}, errors and warnings (line: text):"));
        lines.extend(digest.findings.iter().map(told_finding));
    }
    if digest.left_out > 0 {
        lines.push(format!("  and {} more", digest.left_out));
    }
    lines.push(format!("\n{name}, first and last lines:"));
    lines.extend(digest.head.iter().map(|line| format!("  {line}")));
    let between = digest.lines.saturating_sub((digest.head.len() + digest.tail.len()) as u64);
    if between > 0 {
        lines.push(format!("  ... {between} lines ..."));
    }
    lines.extend(digest.tail.iter().map(|line| format!("  {line}")));
}

fn told_finding(finding: &Finding) -> String {
    let times = if finding.times > 1 { format!(" ({} times)", finding.times) } else { String::new() };
    format!("  {}: {}{times}", finding.line, finding.text)
}

fn counted(number: u64, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// The first five of them, and how many more.
fn first_few(all: &[String]) -> String {
    let shown = all.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
    match all.len().saturating_sub(5) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
