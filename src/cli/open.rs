//! From the flags to the context that every command works on: project,
//! settings, repository, clock, progress.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Context as _;
use etcetera::BaseStrategy;
use etcetera::base_strategy::Xdg;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Global, Out};
use crate::beneath;
use crate::config::{BadConfig, Layer, Settings, Source, Whose};
use crate::git;
use crate::memory::Memory;
use crate::model::{Skipped, SnapshotId};
use crate::parsers::Parsers;
use crate::pipeline::{self, Context, Progress, Time};
use crate::project::Project;
use crate::records::Book;
use crate::redact::{BadPattern, Redactor};
use crate::store::Store;
use crate::trust::Trust;
use crate::visible;

/// Everything a command needs; warnings have been told.
pub fn context(global: &Global, out: &Out) -> anyhow::Result<Context> {
    let (project, settings) = project(global, out)?;
    let config_home = config_home(&project.root);
    if config_home.is_none() && is_home_within(&project.root) {
        out.warning(
            "your home folder lies in this project, so settings, grammars and trust in it do not count: \
             a repository could have brought them along",
        );
    }
    let grammars = config_home.as_ref().map(|config| config.join("waypost/grammars"));
    for error in grammars.iter().flat_map(|grammars| pipeline::read_user_grammars(grammars)) {
        out.warning(&error.to_string());
    }
    let parsers = Arc::new(Parsers::in_workers(grammars.as_deref().filter(|grammars| grammars.is_dir())));
    let redactor = Arc::new(Redactor::new(settings.list("redact_patterns")).map_err(|bad| {
        anyhow::anyhow!(
            "{}{bad}\nhint: patterns are regular expressions without look-around and back-references",
            place_of_pattern(&settings, &bad)
        )
    })?);
    let repository = match git::open(&project.root, config_home.as_deref()) {
        Ok(repository) => Some(repository),
        Err(unavailable) => {
            if !unavailable.warning.is_empty() {
                out.warning(&unavailable.warning);
            }
            None
        }
    };
    let project = shared_database(project, repository.as_ref());
    refuse_tracked_database(&project, repository.as_ref())?;
    refuse_state_of_others(&project)?;
    let progress = Box::new(Bar { shown: out.shows_progress(), bar: Mutex::new(None) });
    Ok(Context { project, settings, redactor, repository, parsers, clock: now, progress })
}

/// File and line of a pattern, as far as they can be told: `file:3: `.
fn place_of_pattern(settings: &Settings, bad: &BadPattern) -> String {
    let Some((_, source)) = settings.get("redact_patterns") else { return String::new() };
    let Source::File(file) = source else { return format!("{source}: ") };
    let text = std::fs::read_to_string(file).unwrap_or_default();
    // In a TOML string with escapes a backslash stands twice.
    let escaped = bad.pattern.replace('\\', "\\\\");
    let line = text.lines().position(|line| line.contains(&bad.pattern) || line.contains(&escaped));
    match line {
        Some(line) => format!("{}:{}: redact_patterns: ", file.display(), line + 1),
        None => format!("{}: redact_patterns: ", file.display()),
    }
}

/// The project and its settings, without looking at git; what an untrusted
/// project asked for has been told.
pub fn project(global: &Global, out: &Out) -> anyhow::Result<(Project, Settings)> {
    let project = locate(global)?;
    let (settings, file) = untrusted_settings(&project)?;
    let [first, more @ ..] = settings.held() else { return Ok((project, settings)) };
    let trust = trust_list(&project.root).unwrap_or_default();
    if let Some(file) = file.filter(|file| trust.holds(&project.root, file.text.as_bytes())) {
        let settings = load_settings(&project.root, Some(Layer { whose: Whose::TrustedProject, ..file }))?;
        return Ok((project, settings));
    }
    let held = more.iter().fold(super::trust::told(first), |all, one| all + "; " + &super::trust::told(one));
    out.warning(&format!(
        "`.waypost/config.toml` asks for more than a project may that you do not trust, and does not get it: {held}\n\
         hint: `waypost trust`, once you have read it"
    ));
    Ok((project, settings))
}

/// The project, with no settings read.
pub fn locate(global: &Global) -> anyhow::Result<Project> {
    let current = std::env::current_dir().context("the current folder cannot be read")?;
    Ok(Project::locate(global.project_root.as_deref(), &current)?)
}

/// The settings where nobody trusts the project, and the file of it, which is
/// read once: the bytes that are trusted are those that count.
pub fn untrusted_settings(project: &Project) -> Result<(Settings, Option<Layer>), BadConfig> {
    let file = Layer::read(project.config_file(), Whose::Project)?;
    Ok((load_settings(&project.root, file.clone())?, file))
}

fn load_settings(root: &Path, project: Option<Layer>) -> Result<Settings, BadConfig> {
    let user = user_config(root).map(|file| Layer::read(file, Whose::User)).transpose()?.flatten();
    let layers: Vec<Layer> = user.into_iter().chain(project).collect();
    Settings::load(&layers, &|name| std::env::var(name).ok())
}

/// The projects that the user trusts, in `$XDG_STATE_HOME`, else
/// `~/.local/state`.
pub fn trust_list(root: &Path) -> anyhow::Result<Trust> {
    let folder = users_place(root, |base| base.state_dir()).context("there is no home folder")?;
    Ok(Trust::load(&folder.join("waypost/trust.jsonl")))
}

/// The user's settings file, whether it exists or not.
pub fn user_config(root: &Path) -> Option<PathBuf> {
    Some(config_home(root)?.join("waypost/config.toml"))
}

/// git's settings of the user, whether they exist or not: they may name a file
/// of rules. None where the environment names another file, or where they lie
/// in the project.
pub fn user_git_configs(root: &Path) -> Vec<PathBuf> {
    if std::env::var_os("GIT_CONFIG_GLOBAL").is_some() {
        return Vec::new();
    }
    let in_home = users_place(root, |base| Some(base.home_dir().join(".gitconfig")));
    config_home(root).map(|folder| folder.join("git/config")).into_iter().chain(in_home).collect()
}

/// `$XDG_CONFIG_HOME`, else `~/.config`, on every platform.
fn config_home(root: &Path) -> Option<PathBuf> {
    users_place(root, |base| Some(base.config_dir()))
}

/// A folder below the user's home. None where the home is relative or lies in
/// the project: a repository could have brought along what is there.
fn users_place(root: &Path, place: impl Fn(&Xdg) -> Option<PathBuf>) -> Option<PathBuf> {
    let base = Xdg::new().ok()?;
    let place = place(&base).filter(|place| place.is_absolute() && !place.starts_with(root))?;
    (!place.starts_with(base.home_dir()) || !is_home_within(root)).then_some(place)
}

fn is_home_within(root: &Path) -> bool {
    let home = etcetera::home_dir().ok().and_then(|home| home.canonicalize().ok());
    home.is_some_and(|home| home.starts_with(root))
}

/// A linked work tree shares the main one's database, where that exists or
/// the main work tree has a folder for it.
fn shared_database(mut project: Project, repository: Option<&git::Repository>) -> Project {
    let main =
        repository.and_then(|repository| Some((repository.main_worktree.as_ref()?, &repository.prefix)));
    if let Some((main, prefix)) = main {
        let shared = main.join(prefix).join(crate::project::FOLDER);
        let is_no_link = beneath::refuse_links(&shared.join("local")).is_ok();
        if is_no_link && shared.is_dir() && is_writable(&shared) {
            project.shared = shared.join("local");
        }
    }
    project
}

fn is_writable(folder: &std::path::Path) -> bool {
    tempfile::tempfile_in(folder).is_ok()
}

/// What came with a clone was made by somebody else: a database, its log, or
/// the journal of an import.
fn refuse_tracked_database(project: &Project, repository: Option<&git::Repository>) -> anyhow::Result<()> {
    let folder = &project.local;
    let Some(repository) = repository.filter(|_| folder.exists()) else { return Ok(()) };
    let Ok(relative) = folder.strip_prefix(&project.root) else { return Ok(()) };
    if let Some(tracked) = relative.to_str().and_then(|relative| repository.tracked_below(relative)) {
        let relative = relative.display();
        anyhow::bail!(
            "`{}` is tracked by git, so the database there may be somebody else's\n\
             hint: `git rm -r --cached {relative}`, and delete that folder if it is not yours",
            visible::line(tracked.as_str())
        );
    }
    Ok(())
}

/// A folder or database that another user owns is refused, one that others
/// can write to is closed to them.
fn refuse_state_of_others(project: &Project) -> anyhow::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let database = project.database();
    let places = [(project.local.clone(), 0o700), (project.shared.clone(), 0o700), (database, 0o600)];
    for (place, private) in places {
        let Ok(found) = std::fs::symlink_metadata(&place) else { continue };
        let shown = place.display();
        anyhow::ensure!(
            beneath::is_users_own(&place, &project.root),
            "`{shown}` belongs to another user, who may have put anything into it\n\
             hint: delete it if you do not need it, else `chown` it"
        );
        if found.mode() & 0o022 != 0 && !found.is_symlink() {
            std::fs::set_permissions(&place, PermissionsExt::from_mode(private)).with_context(|| {
                format!("others can write to `{shown}`\nhint: `chmod go-w {shown}`; it could not be done")
            })?;
        }
    }
    Ok(())
}

/// The memory, with what was changed by hand taken up.
pub fn book<'a>(context: &'a Context, out: &Out) -> anyhow::Result<Book<'a>> {
    let book = Book::open(context)?;
    book.notice.iter().for_each(|notice| out.warning(notice));
    report_unreadable(&book.unreadable, out);
    Ok(book)
}

/// The same for a question, which waits for no other writer.
pub fn book_to_ask<'a>(context: &'a Context, out: &Out) -> anyhow::Result<Book<'a>> {
    let book = Book::open_to_ask(context)?;
    book.notice.iter().for_each(|notice| out.warning(notice));
    report_unreadable(&book.unreadable, out);
    Ok(book)
}

/// The memory as its files say it, for what only reads.
pub fn memory(context: &Context, out: &Out) -> anyhow::Result<Memory> {
    let memory = Memory::load(&context.project.memory(), &context.redactor)?;
    report_unreadable(&memory.unreadable, out);
    Ok(memory)
}

/// Tells of the files in the memory that are no records.
pub fn report_unreadable(unreadable: &[Skipped], out: &Out) {
    for bad in unreadable {
        let (name, reason) = (visible::line(&bad.path), visible::line(&bad.reason));
        out.warning(&format!("memory file `{name}` is kept and not read: {reason}"));
    }
}

/// The database for reading; `None` when there is none yet.
pub fn store(context: &Context) -> anyhow::Result<Option<Store>> {
    Ok(Store::open(&context.project.database(), &context.project.root)?)
}

/// The database, or an error that says how to get one.
pub fn existing_store(context: &Context) -> anyhow::Result<Store> {
    store(context)?.with_context(|| {
        format!("`{}` has no snapshot yet\nhint: run `waypost snapshot`", context.project.root.display())
    })
}

/// The id that was asked for, else the last snapshot's.
pub fn snapshot_id(store: &Store, asked: Option<&str>) -> anyhow::Result<SnapshotId> {
    match asked {
        Some(text) => text.parse().map_err(anyhow::Error::msg),
        None => match store.latest()? {
            Some(snapshot) => Ok(snapshot.id),
            None => anyhow::bail!("there is no snapshot yet\nhint: run `waypost snapshot`"),
        },
    }
}

/// The system's clock; the text honours `SOURCE_DATE_EPOCH`, as reproducible
/// builds want it.
fn now() -> Time {
    let now = jiff::Timestamp::now();
    let epoch = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.parse().ok());
    let shown = epoch.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok()).unwrap_or(now);
    let ns = i64::try_from(now.as_nanosecond()).unwrap_or(i64::MAX);
    Time { ns, text: shown.strftime("%Y-%m-%dT%H:%M:%SZ").to_string() }
}

/// Work that is done sooner shows no progress.
const UNSEEN: Duration = Duration::from_millis(300);

/// A progress bar on a terminal, nothing elsewhere.
struct Bar {
    shown: bool,
    bar: Mutex<Option<ProgressBar>>,
}

impl Progress for Bar {
    fn begin(&self, what: &'static str, total: usize) {
        if self.shown {
            let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}");
            let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::hidden());
            let bar = bar.with_message(what);
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            *self.lock() = Some(bar);
        }
    }

    fn step(&self) {
        if self.shown
            && let Some(bar) = &*self.lock()
        {
            bar.inc(1);
            // A bar that flashes by is noise.
            if bar.is_hidden() && bar.elapsed() > UNSEEN {
                bar.set_draw_target(ProgressDrawTarget::stderr());
            }
        }
    }

    fn end(&self) {
        if let Some(bar) = self.lock().take() {
            bar.finish_and_clear();
        }
    }
}

impl Bar {
    fn lock(&self) -> std::sync::MutexGuard<'_, Option<ProgressBar>> {
        self.bar.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
