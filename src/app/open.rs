//! Opens what a use case works on: project, settings, repository, memory and
//! database.

use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::{Error, Host, Listener, Result, own_templates};
use crate::config::{BadConfig, Layer, SettingKey, SettingSource, Settings, Whose, WithheldSettings};
use crate::fs::confined;
use crate::git::{self, Repository};
use crate::memory::Memory;
use crate::model::{RelPath, SafeText, Skipped, Snapshot, SnapshotId};
use crate::parsers::Parsers;
use crate::pipeline::{self, Context, Reading};
use crate::project::{FOLDER, Project};
use crate::records::RecordStore;
use crate::redact::{BadPattern, RedactionRules, Redactor};
use crate::store::Store;
use crate::trust::Trust;
use crate::visible;

/// One project, for one call or many; nothing is cached between calls, unless it
/// is [`App::for_one_call`].
#[derive(Clone)]
pub struct App {
    host: Host,
    root: Option<PathBuf>,
    /// Id of the session on whose behalf it works.
    session: Option<String>,
    /// What was opened, for whoever uses several use cases in one call.
    opened: Option<Arc<Mutex<Opened>>>,
    /// Parse here and start no process for it.
    parses_here: bool,
}

/// What one call opened: to open the database takes as long as what is done with it.
#[derive(Default)]
struct Opened {
    context: Option<Context>,
    store: Option<Store>,
}

impl App {
    /// `root` is the project's folder, relative to the host's current folder;
    /// without one, the project is searched for from there upwards.
    pub fn new(host: Host, root: Option<PathBuf>) -> Self {
        git::use_surroundings(host.environment.clone().into_iter());
        Self { host, root, session: None, opened: None, parses_here: false }
    }

    /// The same host with another project.
    pub fn at(&self, root: PathBuf) -> Self {
        Self { root: Some(root), opened: None, ..self.clone() }
    }

    /// The same project with another listener.
    pub fn heard_by(&self, listener: Arc<dyn Listener>) -> Self {
        Self { host: Host { listener, ..self.host.clone() }, ..self.clone() }
    }

    /// The same for another program than waypost, which cannot be started as a parser's
    /// process: texts are parsed in this one.
    pub fn in_this_process(self) -> Self {
        Self { parses_here: true, ..self }
    }

    /// The same for a call that must be quick and uses several use cases: the
    /// settings are read and git is asked about the repository once.
    pub fn for_one_call(self) -> Self {
        Self { opened: Some(Arc::default()), ..self }
    }

    /// The same on behalf of a session, whose id all that is written carries.
    pub fn for_session(self, session: Option<String>) -> Self {
        Self { session, ..self }
    }

    /// A variable of the host's environment, if it is UTF-8.
    pub fn variable(&self, name: &str) -> Option<String> {
        Some(self.host.variable(name)?.to_str()?.to_string())
    }

    /// The project's root.
    pub fn folder(&self) -> Result<PathBuf> {
        Ok(self.locate()?.root)
    }

    /// The folder that relative paths start from.
    pub fn current_folder(&self) -> &Path {
        &self.host.current
    }

    /// Whether it works on behalf of a session.
    pub fn has_session(&self) -> bool {
        self.session.is_some()
    }

    pub(super) fn session(&self) -> Option<&str> {
        self.session.as_deref()
    }

    pub(super) fn host(&self) -> &Host {
        &self.host
    }

    pub(super) fn warn(&self, text: &str) {
        self.host.listener.warning(text);
    }

    /// Locates the project without reading its settings.
    pub(super) fn locate(&self) -> Result<Project> {
        Ok(Project::locate(self.root.as_deref(), &self.host.current)?)
    }

    /// Refuses a folder that nobody named, where no project is: a client that does
    /// not tell where its project is starts a server in the user's home, and to
    /// read all of that takes minutes.
    pub fn require_project(&self) -> Result<()> {
        let project = self.locate()?;
        let home = self.host.folders.as_ref().and_then(|folders| folders.home.canonicalize().ok());
        let is_wide = home == Some(project.root.clone()) || project.root.parent().is_none();
        let is_project = project.folder().exists() || project.root.join(".git").exists();
        if self.root.is_some() || !is_wide || is_project {
            return Ok(());
        }
        let text = format!("`{}` is no project", project.root.display());
        Err(Error::new(text).with_hint("start the server with `--root PATH`").about(project.root))
    }

    /// Opens everything that most use cases need.
    pub(super) fn context(&self) -> Result<Context> {
        let Some(opened) = &self.opened else { return self.open_context() };
        let mut opened = opened.lock().unwrap_or_else(PoisonError::into_inner);
        match &opened.context {
            Some(context) => Ok(context.clone()),
            None => Ok(opened.context.insert(self.open_context()?).clone()),
        }
    }

    /// A database that this call opened before and gave back.
    pub(super) fn kept_store(&self) -> Option<Store> {
        self.opened.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner).store.take()
    }

    /// Gives a database back that this call may need again.
    pub(super) fn keep_store(&self, store: Store) {
        if let Some(opened) = &self.opened {
            opened.lock().unwrap_or_else(PoisonError::into_inner).store = Some(store);
        }
    }

    fn open_context(&self) -> Result<Context> {
        let (project, settings) = self.project()?;
        let root = &project.root;
        let config_home = self.host.config_folder(root);
        if config_home.is_none() && self.host.is_home_within(root) {
            self.warn(
                "your home folder lies in this project, so settings, grammars and trust in it do not count: \
                 a repository could have brought them along",
            );
        }
        let grammars = config_home.as_ref().map(|config| config.join("waypost/grammars"));
        for error in grammars.iter().flat_map(|grammars| pipeline::read_user_grammars(grammars)) {
            self.warn(&error.to_string());
        }
        let parsers = match self.parses_here {
            true => Parsers::here(),
            false => Parsers::in_workers(grammars.as_deref().filter(|grammars| grammars.is_dir())),
        };
        let parsers = Arc::new(parsers);
        // git is asked beside it: each takes as long as all the rest of a short command.
        let (redactor, found) = std::thread::scope(|scope| {
            let asked =
                std::thread::Builder::new().spawn_scoped(scope, || git::open(root, config_home.as_deref()));
            let redactor = self.redactor(&settings);
            let found = asked.ok().and_then(|asked| asked.join().ok());
            (redactor, found.unwrap_or_else(|| git::open(root, config_home.as_deref())))
        });
        let redactor = Arc::new(redactor?);
        let (repository, could_know) = self.repository(found);
        let mut project = shared_database(project, repository.as_ref());
        let is_told = refuse_tracked_database(&project, repository.as_ref())?;
        refuse_state_of_others(&project)?;
        project.keys = self.host.state_folder(&project.root).map(|state| state.join("databases"));
        project.may_adopt = is_told && !could_know;
        project.session = self.session.clone();
        project.is_brief = self.opened.is_some();
        let (clock, progress) = (self.host.clock, self.host.listener.clone());
        let templates = own_templates::load(config_home.as_deref());
        Ok(Context { project, settings, redactor, repository, parsers, templates, clock, progress })
    }

    /// The redactor of these settings. Patterns of an untrusted project that
    /// cost too much are left out, with a warning that names them.
    pub(super) fn redactor(&self, settings: &Settings) -> Result<Redactor> {
        let redactor = redactor(settings)?;
        if let [first, more @ ..] = redactor.left_out() {
            let first: String = first.chars().take(60).collect();
            let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
            self.warn(&format!(
                "`redact_patterns` in `.waypost/config.toml` cost more than those of a project that you do not \
                 trust may; not used: `{first}`{more}\nhint: `waypost trust`, once you have read it"
            ));
        }
        Ok(redactor)
    }

    /// The repository, or `None` with whether there may be one that cannot be
    /// read.
    fn repository(
        &self,
        found: std::result::Result<Repository, git::Unavailable>,
    ) -> (Option<Repository>, bool) {
        match found {
            Ok(repository) => (Some(repository), false),
            Err(unavailable) => {
                if !unavailable.warning.is_empty() {
                    self.warn(&unavailable.warning);
                }
                (None, !matches!(unavailable.kind, git::Why::NoRepository | git::Why::NoGit))
            }
        }
    }

    /// The project and its settings, without a look at git. Warns of settings
    /// that an untrusted project asked for in vain.
    pub(super) fn project(&self) -> Result<(Project, Settings)> {
        self.with_settings(self.locate()?)
    }

    /// The settings of a project, as far as they hold.
    pub(super) fn with_settings(&self, project: Project) -> Result<(Project, Settings)> {
        let (settings, file) = self.untrusted_settings(&project)?;
        if settings.held().is_empty() && settings.added(SettingKey::RedactPatterns).is_empty() {
            return Ok((project, settings));
        }
        let trust = self.trust_list(&project.root).unwrap_or_default();
        if let Some(file) = file.filter(|file| trust.holds(&project.root, file.text.as_bytes())) {
            let trusted = Layer { whose: Whose::Trusted, ..file };
            let settings = self.load_settings(&project.root, Some(trusted))?;
            return Ok((project, settings));
        }
        if settings.held().is_empty() {
            return Ok((project, settings));
        }
        let held: Vec<String> = settings.held().iter().map(widening).collect();
        self.warn(&format!(
            "`.waypost/config.toml` asks for more than a project may that you do not trust, and does not get it: {}\n\
             hint: `waypost trust`, once you have read it",
            held.join("; ")
        ));
        Ok((project, settings))
    }

    /// The settings as they are without trust in the project, and the bytes of
    /// its file. The file is read once, so that the bytes that are checked are
    /// those that are used.
    pub(super) fn untrusted_settings(
        &self,
        project: &Project,
    ) -> std::result::Result<(Settings, Option<Layer>), BadConfig> {
        let file = Layer::read(project.config_file(), Whose::Project)?;
        Ok((self.load_settings(&project.root, file.clone())?, file))
    }

    fn load_settings(&self, root: &Path, project: Option<Layer>) -> std::result::Result<Settings, BadConfig> {
        let user = self.host.user_config(root).map(|file| Layer::read(file, Whose::User));
        let layers: Vec<Layer> = user.transpose()?.flatten().into_iter().chain(project).collect();
        Settings::load(&layers, &|name| self.host.variable(name)?.to_str().map(str::to_string))
    }

    /// The list of projects that the user trusts.
    pub(super) fn trust_list(&self, root: &Path) -> Result<Trust> {
        let folder = self.host.state_folder(root).ok_or_else(|| Error::new("there is no home folder"))?;
        Ok(Trust::load(&folder.join("trust.jsonl")))
    }

    /// Where the user's own templates lie, whether or not there are any.
    pub(super) fn templates_folder(&self) -> Result<Option<PathBuf>> {
        let root = self.locate()?.root;
        Ok(self.host.config_folder(&root).map(|config| own_templates::folder(&config)))
    }

    /// Opens the memory and takes up changes that were made by hand.
    pub(super) fn record_store<'a>(&self, context: &'a Context) -> Result<RecordStore<'a>> {
        self.tell_of(RecordStore::open(context)?)
    }

    /// The same for a query, which does not wait long for another writer.
    pub(super) fn book_to_ask<'a>(&self, context: &'a Context) -> Result<RecordStore<'a>> {
        self.tell_of(RecordStore::open_to_ask(context)?)
    }

    fn tell_of<'a>(&self, record_store: RecordStore<'a>) -> Result<RecordStore<'a>> {
        record_store.notice.iter().for_each(|notice| self.warn(notice));
        self.warn_of_unreadable(&record_store.unreadable);
        Ok(record_store)
    }

    /// Reads the memory from its files alone, for use cases that change
    /// nothing.
    pub(super) fn memory(&self, context: &Context) -> Result<Memory> {
        let memory = crate::records::load(context)?;
        self.warn_of_unreadable(&memory.unreadable);
        Ok(memory)
    }

    /// Warns of files in the memory folder that are not records.
    pub(super) fn warn_of_unreadable(&self, unreadable: &[Skipped]) {
        for bad in unreadable {
            let (name, reason) = (visible::line(&bad.path), visible::line(bad.reason.as_str()));
            self.warn(&format!("memory file `{name}` is kept and not read: {reason}"));
        }
    }

    /// Warns of files whose contents could not be fetched.
    pub(super) fn warn_of_missing(&self, reading: &Reading) {
        reading.missing().iter().for_each(|warning| self.warn(warning));
    }

    /// The folder of the project that a path names, empty for its root; `None` where it
    /// names none.
    pub(super) fn project_folder(&self, context: &Context, given: &Path) -> Result<Option<String>> {
        let root = &context.project.root;
        let is_root = |path: PathBuf| path.canonicalize().is_ok_and(|path| path == *root);
        if is_root(self.host.current.join(given)) {
            return Ok(Some(String::new()));
        }
        let path = self.project_path(context, given)?;
        let is_folder = std::fs::symlink_metadata(root.join(path.as_str())).is_ok_and(|found| found.is_dir());
        Ok(is_folder.then(|| path.as_str().to_owned()))
    }

    /// Turns a path that the user typed into a path of the project: relative to
    /// the root if it exists there, else relative to the current folder.
    pub(super) fn project_path(&self, context: &Context, given: &Path) -> Result<RelPath> {
        let (root, current) = (&context.project.root, &self.host.current);
        let outside = || {
            let text = format!("`{}` is not inside the project `{}`", given.display(), root.display());
            Error::new(text).about(given)
        };
        let exists = |path: PathBuf| std::fs::symlink_metadata(path).is_ok();
        let relative = match given.is_absolute() {
            true => given.strip_prefix(root).map_err(|_| outside())?.to_path_buf(),
            false if exists(root.join(given)) => given.to_path_buf(),
            false => match current.strip_prefix(root) {
                Ok(below) if exists(current.join(given)) => below.join(given),
                _ => given.to_path_buf(),
            },
        };
        let parts = relative.components().filter(|part| *part != Component::CurDir);
        let parts: Option<Vec<&str>> = parts
            .map(|part| match part {
                Component::Normal(name) => name.to_str(),
                _ => None,
            })
            .collect();
        parts.and_then(|parts| RelPath::new(&parts.join("/"))).ok_or_else(outside)
    }
}

/// One line that says what a project asks for and which value applies without
/// trust.
pub(super) fn widening(held: &WithheldSettings) -> String {
    let short = |value: &crate::config::SettingValue| {
        let text = value.to_string();
        let shown: String = text.chars().take(60).collect();
        let more = if shown.len() < text.len() { "..." } else { "" };
        visible::line(&(shown + more)).into_owned()
    };
    format!("{} = {} instead of {}", held.key.name(), short(&held.asked), short(&held.kept))
}

fn redactor(settings: &Settings) -> Result<Redactor> {
    let rules = RedactionRules {
        patterns: settings.own(SettingKey::RedactPatterns).to_vec(),
        foreign_patterns: settings.added(SettingKey::RedactPatterns).to_vec(),
        personal: settings.redact_pii(),
    };
    Redactor::with(&rules).map_err(|bad| {
        let source = settings.source(SettingKey::RedactPatterns);
        let error = Error::new(match line_of_pattern(source, &bad) {
            None => format!("{source}: {bad}"),
            Some(line) => format!("{source}:{line}: redact_patterns: {bad}"),
        });
        let error =
            error.with_hint("patterns are regular expressions without look-around and back-references");
        match source {
            SettingSource::File(file) => error.about(file),
            _ => error,
        }
    })
}

/// The line of the settings file in which a pattern was set, if it can be found.
fn line_of_pattern(source: &SettingSource, bad: &BadPattern) -> Option<usize> {
    let SettingSource::File(file) = source else { return None };
    let text = std::fs::read_to_string(file).unwrap_or_default();
    // In a TOML string with escapes a backslash stands twice.
    let escaped = bad.pattern.replace('\\', "\\\\");
    let line = text.lines().position(|line| line.contains(&bad.pattern) || line.contains(&escaped));
    line.map(|line| line + 1)
}

/// Makes a linked work tree share the main one's database, if that exists or
/// the main work tree has a `.waypost` folder.
fn shared_database(mut project: Project, repository: Option<&Repository>) -> Project {
    let main =
        repository.and_then(|repository| Some((repository.main_worktree.as_ref()?, &repository.prefix)));
    if let Some((main, prefix)) = main {
        let shared = main.join(prefix).join(FOLDER);
        let is_no_link = confined::refuse_links(&shared.join("local")).is_ok();
        if is_no_link && shared.is_dir() && is_writable(&shared) {
            project.shared = shared.join("local");
        }
    }
    project
}

fn is_writable(folder: &Path) -> bool {
    tempfile::tempfile_in(folder).is_ok()
}

/// Refuses a database, its log or the journal of an import that came with a
/// clone, and was therefore made by somebody else. It can come as a tracked
/// file, in a repository nested at or around the folder, or, in a shared
/// folder, with what the main work tree has checked out. Returns whether git
/// could answer for all of them.
fn refuse_tracked_database(project: &Project, repository: Option<&Repository>) -> Result<bool> {
    let mut is_told = true;
    let places = [(&project.local, false), (&project.shared, true)];
    let different = if project.shared == project.local { 1 } else { 2 };
    for (folder, in_main) in places.into_iter().take(different).filter(|(folder, _)| folder.exists()) {
        refuse_nested_repository(folder)?;
        let Some(repository) = repository else { continue };
        match repository.brings(LOCAL, in_main) {
            Ok(None) => {}
            Ok(Some(brought)) => return Err(tracked(repository, folder, &brought, in_main)),
            Err(_) => is_told = false,
        }
    }
    Ok(is_told)
}

/// The folder for what is never committed, relative to the root.
const LOCAL: &str = ".waypost/local";

fn tracked(repository: &Repository, folder: &Path, brought: &str, in_main: bool) -> Error {
    let whole = format!("{}{LOCAL}", repository.prefix);
    let path = if brought.len() > whole.len() { whole.as_str() } else { brought };
    let elsewhere = repository.main_worktree.as_ref().filter(|_| in_main);
    let elsewhere = elsewhere.or(Some(&repository.top).filter(|_| !repository.prefix.is_empty()));
    let at = elsewhere.map(|top| format!(" -C {}", visible::shell_word(&top.to_string_lossy())));
    let text = format!(
        "`{}` is tracked by git, so the database in `{}` may be somebody else's",
        visible::line(brought),
        folder.display()
    );
    let (at, path) = (at.unwrap_or_default(), visible::shell_word(path));
    let hint = format!("`git{at} rm -rf --cached {path}`, and delete that folder if it is not yours");
    Error::new(text).with_hint(hint).about(folder)
}

/// Refuses a repository nested at or around the folder, below the project: its
/// files are not in the project's index.
fn refuse_nested_repository(folder: &Path) -> Result<()> {
    let is_repository = |folder: &&Path| std::fs::symlink_metadata(folder.join(".git")).is_ok();
    let Some(found) = folder.ancestors().take(2).find(is_repository) else { return Ok(()) };
    let text = format!(
        "`{}` is a git repository of its own, so the database in it may be somebody else's",
        found.display()
    );
    let git_dir = found.join(".git");
    let hint = format!(
        "delete that folder if it is not yours, else its `.git`: `rm -rf {}`",
        visible::shell_word(&git_dir.to_string_lossy())
    );
    Err(Error::new(text).with_hint(hint).about(found))
}

/// Refuses a folder or database that another user owns, and takes write access
/// to it away from others.
fn refuse_state_of_others(project: &Project) -> Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let database = project.database_file();
    let places = [(project.local.clone(), 0o700), (project.shared.clone(), 0o700), (database, 0o600)];
    for (place, private) in places {
        let Ok(found) = std::fs::symlink_metadata(&place) else { continue };
        let shown = place.display();
        if !confined::is_users_own(&place, &project.root) {
            let text = format!("`{shown}` belongs to another user, who may have put anything into it");
            let hint = "delete it if you do not need it, else `chown` it";
            return Err(Error::new(text).with_hint(hint).about(&place));
        }
        if found.mode() & 0o022 != 0 && !found.is_symlink() {
            std::fs::set_permissions(&place, PermissionsExt::from_mode(private)).map_err(|error| {
                let text = format!("others can write to `{shown}`, which could not be ended: {error}");
                Error::new(text).with_hint(format!("`chmod go-w {shown}`")).about(&place)
            })?;
        }
    }
    Ok(())
}

/// Opens the database for reading; `None` if there is none yet.
pub(super) fn store(context: &Context) -> Result<Option<Store>> {
    Ok(Store::open(&context.project.database())?)
}

/// Opens the database for reading; the error for a missing one says how to
/// create it.
pub(super) fn existing_store(context: &Context) -> Result<Store> {
    let root = &context.project.root;
    store(context)?.ok_or_else(|| {
        let text = format!("`{}` has no snapshot yet", root.display());
        Error::new(text).with_hint("run `waypost snapshot`").about(root)
    })
}

/// The given id, else that of the last snapshot.
pub(super) fn snapshot_id(store: &Store, asked: Option<&str>) -> Result<SnapshotId> {
    match asked {
        Some(text) => text.parse().map_err(Error::new),
        None => store.latest()?.map(|snapshot| snapshot.id).ok_or_else(no_snapshot),
    }
}

/// The given snapshot, else the last one that the user took.
pub(super) fn baseline(store: &Store, asked: Option<&str>) -> Result<Snapshot> {
    match asked {
        Some(text) => Ok(store.snapshot(text.parse().map_err(Error::new)?)?),
        None => store.baseline()?.ok_or_else(no_snapshot),
    }
}

pub(super) fn no_snapshot() -> Error {
    Error::new("there is no snapshot yet").with_hint("run `waypost snapshot`")
}

/// Fails unless the project has a `.waypost` folder.
pub(super) fn require_folder(project: &Project, hint: &str) -> Result<PathBuf> {
    let folder = project.folder();
    match folder.is_dir() {
        true => Ok(folder),
        false => {
            let text = format!("`{}` does not exist", folder.display());
            Err(Error::new(text).with_hint(hint).about(folder))
        }
    }
}

/// The given goal, else the recorded one; `None` if there is neither.
pub(super) fn goal(context: &Context, memory: &Memory, given: Option<&str>) -> Option<SafeText> {
    let given = given.map(|goal| context.redactor.text(goal.trim()));
    given.or_else(|| memory.goal().map(crate::memory::Record::text).cloned()).filter(|goal| !goal.is_empty())
}
