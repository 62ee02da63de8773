//! `waypost doctor`: is everything as it should be, and what to do if not.

use std::collections::BTreeSet;
use std::io::Read;

use clap::Args;
use rayon::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Global, Out, Outcome, handoff, open};
use crate::memory::Memory;
use crate::model::Class;
use crate::pipeline::{self, Context};
use crate::project::FOLDER;
use crate::records;
use crate::store::Store;
use crate::watch::{self, Account, State};
use crate::{beneath, limits, steering, visible, walk};

#[derive(Args)]
pub struct Arguments {
    /// Set a broken database aside and build another one; build the index of the records again
    #[arg(long)]
    fix: bool,
}

/// The first SQLite without the WAL-reset bug (sqlite.org/wal.html).
const SQLITE: &str = "3.51.3";

struct Check {
    name: &'static str,
    status: &'static str,
    detail: String,
}

pub fn run(global: &Global, arguments: &Arguments, out: &Out) -> anyhow::Result<Outcome> {
    let context = open::context(global, out)?;
    if arguments.fix {
        fix(&context, out)?;
    }
    let store = Store::open(&context.project.database(), &context.project.root);
    let mut checks = vec![sqlite(), layout(&context), git(&context)];
    checks.extend(database(&context, &store));
    checks.extend(ignore_rules_and_handoff(&context, store.as_ref().ok().and_then(Option::as_ref)));
    checks.push(memory(&context));
    checks.push(secrets(&context));
    checks.push(watching(&context));
    let found = steering(&context, store.as_ref().ok().and_then(Option::as_ref));
    checks.push(told(&found));
    let failed = checks.iter().any(|check| check.status == "fail");
    if out.json {
        let rows: Vec<Value> = checks
            .iter()
            .map(|c| json!({ "name": c.name, "status": c.status, "detail": c.detail }))
            .collect();
        out.object(&json!({ "checks": rows, "findings": found }))?;
    } else {
        for check in &checks {
            out.line(&format!("{:<5} {:<13} {}", check.status, check.name, check.detail))?;
        }
        for one in found.iter().take(SHOWN) {
            out.line(&format!(
                "      {}:{}: {}",
                visible::line(&one.path),
                one.line,
                visible::line(&one.what)
            ))?;
        }
        if found.len() > SHOWN {
            out.line(&format!("      and {} more: `waypost doctor --json`", found.len() - SHOWN))?;
        }
    }
    Ok(if failed { Outcome::Finding } else { Outcome::Done })
}

/// Findings that are shown; a report has all.
const SHOWN: usize = 40;

/// Text in a file that would steer a reader.
#[derive(Serialize)]
struct Steers {
    path: String,
    /// 0 for the name itself.
    line: usize,
    what: String,
}

/// Looks into every text of the project that is not a secret, and into its
/// records. Read anew: what is stored is redacted and has nothing invisible.
fn steering(context: &Context, store: Option<&Store>) -> Vec<Steers> {
    let project = &context.project;
    let Ok(reading) = pipeline::read(context, store) else { return Vec::new() };
    let sources =
        reading.tree.files.iter().filter(|file| !matches!(file.facts.class, Class::Secret | Class::Binary));
    let sources = sources.map(|file| file.facts.path.to_string());
    let records = crate::memory::record_files(&project.memory()).unwrap_or_default().into_iter();
    let records = records.map(|path| format!("{FOLDER}/memory/{}", crate::memory::name_of(&path)));
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
        let told = |one: steering::Finding| Steers { path: shown.clone(), line: one.line, what: one.what };
        all.map(told).collect::<Vec<_>>()
    };
    paths.par_iter().flat_map_iter(look).collect()
}

/// Findings are for a person to judge: a test of escapes has them rightly.
fn told(found: &[Steers]) -> Check {
    match found {
        [] => ok("steering", "no invisible characters, no words addressed to agents"),
        _ => {
            let files: BTreeSet<&str> = found.iter().map(|one| one.path.as_str()).collect();
            let detail = format!(
                "{} in {}: invisible characters, or words addressed to an agent; look before one reads them",
                super::out::count(found.len(), "finding"),
                super::out::count(files.len(), "file"),
            );
            warn("steering", detail)
        }
    }
}

/// Repairs what can be made from the files.
fn fix(context: &Context, out: &Out) -> anyhow::Result<()> {
    let database = context.project.database();
    if !database.exists() {
        return Ok(());
    }
    Store::set_aside(&database)?.iter().for_each(|notice| out.note(notice));
    let mut book = open::book(context, out)?;
    if !records::unlike_files(context, book.store())?.is_empty() {
        book.rebuild()?;
        out.note("the index of the records was built again from their files");
    }
    Ok(())
}

fn ok(name: &'static str, detail: impl Into<String>) -> Check {
    Check { name, status: "ok", detail: detail.into() }
}

fn warn(name: &'static str, detail: impl Into<String>) -> Check {
    Check { name, status: "warn", detail: detail.into() }
}

fn fail(name: &'static str, detail: impl Into<String>) -> Check {
    Check { name, status: "fail", detail: detail.into() }
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
    let ignores_local = beneath::read_text(&ignore, limits::MAX_OWN_FILE).is_ok_and(|text| {
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

fn database(context: &Context, store: &Result<Option<Store>, crate::store::StoreError>) -> Vec<Check> {
    let failed = |error: &dyn std::fmt::Display| fail("database", error.to_string().replace('\n', "; "));
    let store = match store {
        Err(error) => return vec![failed(error)],
        Ok(None) => return vec![warn("database", "none yet: run `waypost snapshot`")],
        Ok(Some(store)) => store,
    };
    let path = store.path().display();
    let check = match (store.health(), Store::diagnose(store.path())) {
        (Err(error), _) => return vec![failed(&error)],
        // It cannot be written to, which is no reason to distrust it.
        (Ok(health), Err(error)) if error.is_read_only() && health.check == "ok" => (health, None),
        (Ok(_), Err(error)) => return vec![failed(&error)],
        (Ok(health), Ok(problem)) => (health, problem),
    };
    let (health, problem) = check;
    let check = match problem {
        None => ok("database", format!("{path} ({} kB)", health.bytes / 1024)),
        Some(problem) => {
            let way_out = "`waypost doctor --fix` sets it aside and builds another one";
            return vec![fail("database", format!("`{path}` is broken: {problem}; {way_out}"))];
        }
    };
    let (found, known) = (health.schema, health.known_schema);
    let index = match records::unlike_files(context, store) {
        Err(error) => fail("record index", error.to_string().replace('\n', "; ")),
        Ok(unlike) if unlike.is_empty() => ok("record index", "as the files say"),
        Ok(unlike) => fail(
            "record index",
            format!("{} not as the files say: run `waypost doctor --fix`", unlike.join(", ")),
        ),
    };
    let mut checks = vec![check, ok("schema", format!("version {found} of {known}")), index];
    let aside = Store::aside(store.path());
    if let Some(newest) = aside.last() {
        let count = super::out::count(aside.len(), "broken database");
        checks.push(warn(
            "set aside",
            format!("{count}, the newest `{}`: delete what nobody needs", newest.display()),
        ));
    }
    checks
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
    let budget = context.settings.number("handoff_budget");
    let rendered = pipeline::handoff(context, &reading, &memory, budget).map_err(anyhow::Error::from);
    let fresh = match rendered.and_then(|rendered| handoff::freshness(context, &rendered)) {
        Err(error) => fail("handoff", error.to_string()),
        Ok("fresh") => ok("handoff", "fresh"),
        Ok("none") => warn("handoff", "none yet: run `waypost snapshot`"),
        Ok(_) if !handoff::is_pair(context) => {
            warn("handoff", "the two files do not belong together: run `waypost handoff`")
        }
        Ok(_) => warn("handoff", "stale: run `waypost handoff`"),
    };
    vec![rules, fresh]
}

/// What stands in the records' files is redacted wherever it is shown; the
/// files are committed as they are.
fn secrets(context: &Context) -> Check {
    let files = crate::memory::record_files(&context.project.memory()).unwrap_or_default();
    let look = |path: &std::path::PathBuf| {
        let name = visible::line(&crate::memory::name_of(path)).into_owned();
        let found = beneath::read_text(path, limits::MAX_RECORD).map(|text| context.redactor.findings(&text));
        let found = found.unwrap_or_default().into_iter();
        found.map(|one| format!("`{name}` line {}: {}", one.line, one.kind)).collect::<Vec<_>>()
    };
    let found: Vec<String> = files.par_iter().flat_map_iter(look).collect();
    match found.as_slice() {
        [] => ok("secrets", "none in the memory's files"),
        found => {
            let first: Vec<&str> = found.iter().map(String::as_str).take(SHOWN).collect();
            let more = if found.len() > SHOWN {
                format!(" and {} more", found.len() - SHOWN)
            } else {
                String::new()
            };
            warn(
                "secrets",
                format!(
                    "in the memory's files: {}{more}; `waypost redact --retro` cleans them",
                    first.join(", ")
                ),
            )
        }
    }
}

/// Events that were lost are no fault: everything was looked at. But who sees
/// that it happens all the time can raise a limit.
fn watching(context: &Context) -> Check {
    let State { running, account } = watch::state(&context.project.local);
    let who = match (&running, &account) {
        (Some(who), _) => format!("one runs{who}"),
        (None, Some(account)) => format!("none runs; the last one began {}", account.since),
        (None, None) => return ok("watch", "none runs"),
    };
    let Account { polls, rescans, .. } = account.unwrap_or_default();
    let counts = rescans.iter().map(|(reason, of)| {
        format!("{reason} ({}, last {})", super::out::count(of.times as usize, "time"), of.last)
    });
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

fn memory(context: &Context) -> Check {
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
