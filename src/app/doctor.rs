//! Checks database, layout, handoff and git, and says how to repair what is
//! wrong.

use std::collections::BTreeSet;
use std::io::Read;

use rayon::prelude::*;
use schemars::JsonSchema;
use serde::Serialize;

use super::doctor_check::{count, fail, failed, ok, warn};
use super::handoff::{self, HandoffFreshness};
use super::{App, Result, check_text, doctor_facts, hook};
use crate::fs::confined;
use crate::memory::{self, Memory};
use crate::model::Class;
use crate::pipeline::{self, Context};
use crate::project::FOLDER;
use crate::records;
use crate::store::{CheckDepth, Store, StoreError};
use crate::watch::{self, WatchReport, WatchState};
use crate::{limits, steering, visible, walk};

pub use super::doctor_check::{Check, CheckStatus};

/// Every check that was made, with what was found and repaired.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Report {
    pub checks: Vec<Check>,
    /// Text in files that could steer whoever reads it.
    pub findings: Vec<SteeringFinding>,
    /// What was repaired, one sentence each.
    #[serde(skip)]
    pub repaired: Vec<String>,
}

/// Hidden characters, or words addressed to an agent, in a file or in its name.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SteeringFinding {
    pub path: String,
    /// Counted from 1; 0 stands for the file's name.
    pub line: usize,
    pub what: String,
}

/// The first SQLite without the WAL-reset bug (sqlite.org/wal.html).
const SQLITE: &str = "3.51.3";

/// Findings that the text of a check names; the report has all of them.
const SHOWN: usize = 40;

/// Checks the database, the layout, the handoff and git; with `fix`, repairs
/// first what can be made from the files.
pub fn doctor(app: &App, fix: bool) -> Result<Report> {
    let context = app.context()?;
    let repaired = if fix { repair(app, &context)? } else { Vec::new() };
    let store = Store::open(&context.project.database());
    let readable = store.as_ref().ok().and_then(Option::as_ref);
    let mut checks = vec![sqlite(), layout(&context), git(&context)];
    checks.extend(database(&context, &store));
    checks.extend(ignore_rules_and_handoff(&context, readable));
    checks.push(memory_files(&context));
    checks.push(check_text::instructions(&context, readable));
    checks.push(secrets(&context));
    checks.push(watching(&context));
    checks.extend(hooks(&context));
    checks.extend(doctor_facts::facts(app));
    let findings = steering_texts(&context, readable);
    checks.push(steering_check(&findings));
    Ok(Report { checks, findings, repaired })
}

/// Repairs what can be made from the files; says what was done.
fn repair(app: &App, context: &Context) -> Result<Vec<String>> {
    let database = context.project.database();
    if !database.file.exists() {
        return Ok(Vec::new());
    }
    let mut done: Vec<String> = Store::quarantine_database(&database, None)?.into_iter().collect();
    let mut record_store = app.record_store(context)?;
    if !records::unlike_files(context, record_store.store())?.is_empty() {
        record_store.rebuild()?;
        done.push("the index of the records was built again from their files".to_string());
    }
    Ok(done)
}

/// Searches every readable file of the project, and its records, for hidden or
/// steering text. Reads the files themselves, since stored text is redacted and
/// no longer has invisible characters.
fn steering_texts(context: &Context, store: Option<&Store>) -> Vec<SteeringFinding> {
    let project = &context.project;
    let Ok(reading) = pipeline::read(context, store) else { return Vec::new() };
    let sources =
        reading.tree.files.iter().filter(|file| !matches!(file.facts.class, Class::Secret | Class::Binary));
    let sources = sources.map(|file| file.facts.path.to_string());
    let records = memory::record_files(&project.memory()).unwrap_or_default().into_iter();
    let records = records.map(|path| format!("{FOLDER}/memory/{}", memory::name_of(&path)));
    let paths: Vec<String> = sources.chain(records).collect();
    let Ok(root) = walk::Root::open(&project.root) else { return Vec::new() };
    let look = |path: &String| {
        let file = root.file(path.as_bytes()).ok();
        let mut bytes = Vec::new();
        // What cannot be read has been told by the walk.
        let _ = file.map(|file| file.take(limits::MAX_FILE_SIZE).read_to_end(&mut bytes));
        let in_text = steering::findings(&walk::decode(&bytes));
        let all = steering::in_name(path).into_iter().chain(in_text);
        let shown = context.redactor.name(path).to_string();
        let finding = |one: steering::SteeringMatch| SteeringFinding {
            path: shown.clone(),
            line: one.line,
            what: one.what,
        };
        all.map(finding).collect::<Vec<_>>()
    };
    paths.par_iter().flat_map_iter(look).collect()
}

/// Findings are for a person to judge; a test of escapes, for example, contains
/// them on purpose.
fn steering_check(found: &[SteeringFinding]) -> Check {
    match found {
        [] => ok("steering", "no invisible characters, no words addressed to agents"),
        _ => {
            let files: BTreeSet<&str> = found.iter().map(|one| one.path.as_str()).collect();
            let detail = format!(
                "{} in {}: invisible characters, or words addressed to an agent; look before one reads them",
                count(found.len(), "finding"),
                count(files.len(), "file"),
            );
            warn("steering", detail)
        }
    }
}

fn sqlite() -> Check {
    let found = Store::sqlite_version();
    let number =
        |version: &str| -> Vec<u32> { version.split('.').filter_map(|part| part.parse().ok()).collect() };
    match number(found) >= number(SQLITE) {
        true => ok("sqlite", format!("{found}, at least {SQLITE}")),
        false => {
            fail("sqlite", format!("{found} is older than {SQLITE}: build waypost with its bundled SQLite"))
        }
    }
}

fn layout(context: &Context) -> Check {
    let folder = context.project.folder();
    let ignore = folder.join(".gitignore");
    let ignores_local = confined::read_text(&ignore, limits::MAX_OWN_FILE).is_ok_and(|text| {
        text.lines().any(|line| matches!(line.trim(), "local/" | "/local/" | "local" | "*"))
    });
    match (folder.is_dir(), ignores_local) {
        (false, _) => warn("layout", format!("`{}` does not exist: run `waypost init`", folder.display())),
        (true, false) => {
            fail("layout", format!("`{}` does not ignore `local/`: add that line", ignore.display()))
        }
        (true, true) => ok("layout", folder.display().to_string()),
    }
}

fn git(context: &Context) -> Check {
    let Some(repository) = &context.repository else {
        return warn("git", "no repository that can be read: history and branch are left out");
    };
    match repository.tracked() {
        Err(unavailable) => fail("git", unavailable.warning),
        Ok(index) if repository.shallow => warn(
            "git",
            format!("{} tracked files; the clone is shallow, so history says less", index.files.len()),
        ),
        Ok(index) => ok("git", format!("{} tracked files", index.files.len())),
    }
}

fn database(context: &Context, store: &std::result::Result<Option<Store>, StoreError>) -> Vec<Check> {
    let store = match store {
        Err(error) => return vec![failed("database", error)],
        Ok(None) => return vec![warn("database", "none yet: run `waypost snapshot`")],
        Ok(Some(store)) => store,
    };
    let (health, problem) =
        match (store.health(), Store::diagnose(&context.project.database(), CheckDepth::Thorough)) {
            (Err(error), _) => return vec![failed("database", &error)],
            // It cannot be written to, which is no reason to distrust it.
            (Ok(health), Err(error)) if error.is_read_only() && health.check == "ok" => (health, None),
            (Ok(_), Err(error)) => return vec![failed("database", &error)],
            (Ok(health), Ok(problem)) => (health, problem),
        };
    let path = store.path().display();
    if let Some(problem) = problem {
        let way_out = "`waypost doctor --fix` sets it aside and builds another one";
        return vec![fail("database", format!("`{path}` {problem}; {way_out}"))];
    }
    let mut checks = vec![
        ok("database", format!("{path} ({} kB)", health.bytes / 1024)),
        ok("schema", format!("version {} of {}", health.schema, health.known_schema)),
        record_index(context, store),
    ];
    let aside = Store::aside(store.path());
    if let Some(newest) = aside.last() {
        let count = count(aside.len(), "database");
        checks.push(warn(
            "set aside",
            format!("{count}, the newest `{}`: delete what nobody needs", newest.display()),
        ));
    }
    checks
}

fn record_index(context: &Context, store: &Store) -> Check {
    match records::unlike_files(context, store) {
        Err(error) => failed("record index", &error),
        Ok(unlike) if unlike.is_empty() => ok("record index", "as the files say"),
        Ok(unlike) => fail(
            "record index",
            format!("{} not as the files say: run `waypost doctor --fix`", unlike.join(", ")),
        ),
    }
}

fn ignore_rules_and_handoff(context: &Context, store: Option<&Store>) -> Vec<Check> {
    let reading = match pipeline::read(context, store) {
        Ok(reading) => reading,
        Err(error) => return vec![fail("tree", error.to_string())],
    };
    let rules = match reading.warnings.as_slice() {
        [] if reading.tree.files.is_empty() => warn("ignore rules", "no file is left: they hide everything"),
        [] => ok("ignore rules", format!("{} files", reading.tree.files.len())),
        warnings => warn("ignore rules", warnings.join("; ")),
    };
    let memory = match Memory::load(&context.project.memory(), &context.redactor) {
        Ok(memory) => memory,
        Err(error) => return vec![rules, fail("handoff", error.to_string())],
    };
    let rendered = pipeline::handoff(context, &reading, &memory).map_err(super::Error::from);
    let fresh = match rendered.and_then(|rendered| handoff::freshness(context, &rendered)) {
        Err(error) => fail("handoff", error.to_string()),
        Ok(HandoffFreshness::Fresh) => ok("handoff", "fresh"),
        Ok(HandoffFreshness::None) => warn("handoff", "none yet: run `waypost snapshot`"),
        Ok(HandoffFreshness::NewerVersion) => warn("handoff", "rendered by a newer version of waypost"),
        Ok(HandoffFreshness::OlderVersion) => {
            warn("handoff", "rendered by an older version of waypost: run `waypost handoff`")
        }
        Ok(HandoffFreshness::OtherTemplates) => {
            warn("handoff", "rendered with other templates: `waypost handoff` writes it with yours")
        }
        Ok(HandoffFreshness::Stale) if !handoff::is_pair(context) => {
            warn("handoff", "the two files do not belong together: run `waypost handoff`")
        }
        Ok(HandoffFreshness::Stale) => warn("handoff", "stale: run `waypost handoff`"),
    };
    [rules].into_iter().chain(templates(context)).chain([fresh]).collect()
}

/// Tells of the user's own templates, where there are any.
fn templates(context: &Context) -> Option<Check> {
    let own: Vec<&str> = context.templates.own().collect();
    match context.templates.broken() {
        Some(error) => Some(fail("templates", error.to_string())),
        None if own.is_empty() => None,
        None => Some(ok("templates", format!("of your own: {}", own.join(", ")))),
    }
}

/// Warns of secrets in the records' files: they are redacted wherever they are
/// shown, but the files are committed as they are.
fn secrets(context: &Context) -> Check {
    let files = memory::record_files(&context.project.memory()).unwrap_or_default();
    let look = |path: &std::path::PathBuf| {
        let name = visible::line(&memory::name_of(path)).into_owned();
        let found =
            confined::read_text(path, limits::MAX_RECORD).map(|text| context.redactor.findings(&text));
        let found = found.unwrap_or_default().into_iter();
        found.map(|one| format!("`{name}` line {}: {}", one.line, one.kind)).collect::<Vec<_>>()
    };
    let found: Vec<String> = files.par_iter().flat_map_iter(look).collect();
    if found.is_empty() {
        return ok("secrets", "none in the memory's files");
    }
    let first: Vec<&str> = found.iter().map(String::as_str).take(SHOWN).collect();
    let more = match found.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let detail =
        format!("in the memory's files: {}{more}; `waypost redact --retro` cleans them", first.join(", "));
    warn("secrets", detail)
}

/// What went wrong in a hook last; clients are told nothing.
fn hooks(context: &Context) -> Option<Check> {
    let hook::HookLogEntry { at, client, event, trouble, .. } = hook::last_trouble(&context.project)?;
    let trouble = trouble.unwrap_or_default();
    let detail =
        format!("`{event}` of {} said nothing at {at}: {}", visible::line(&client), visible::line(&trouble));
    Some(Check { name: "hooks", status: CheckStatus::Warn, detail })
}

/// How the watch is doing. Lost events are not a fault, since everything is
/// looked at again, but a user who sees many of them can raise a limit.
fn watching(context: &Context) -> Check {
    let WatchState { running, account } = watch::state(&context.project.local);
    let who = match (&running, &account) {
        (Some(who), _) => format!("one runs{who}"),
        (None, Some(account)) => format!("none runs; the last one began {}", account.since),
        (None, None) => return ok("watch", "none runs"),
    };
    let WatchReport { polls, rescans, .. } = account.unwrap_or_default();
    let counts = rescans
        .iter()
        .map(|(reason, of)| format!("{reason} ({}, last {})", count(of.times as usize, "time"), of.last));
    let counts: Vec<String> = counts.collect();
    let looked = match counts.as_slice() {
        [] => String::new(),
        counts => format!("; it looked at everything because {}", counts.join(", ")),
    };
    match polls.filter(|_| running.is_some()) {
        Some(why) => warn("watch", format!("{who}; it polls: {why}{looked}")),
        None => ok("watch", format!("{who}{looked}")),
    }
}

fn memory_files(context: &Context) -> Check {
    let memory = match Memory::load(&context.project.memory(), &context.redactor) {
        Ok(memory) => memory,
        Err(error) => return fail("memory", error.to_string()),
    };
    match memory.unreadable.as_slice() {
        [] => ok("memory", format!("{} records", memory.records.len())),
        bad => {
            let lines: Vec<String> =
                bad.iter().map(|bad| format!("`{}`: {}", bad.path, bad.reason)).collect();
            fail("memory", lines.join("; "))
        }
    }
}
