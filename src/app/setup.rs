//! Sets up the coding agents of this machine, one part of one client in one
//! file at a time; checks what is set up, and undoes it.
//!
//! Not here: which files and what goes into them (`setup`).

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Serialize;

use super::{App, Error, Result, message};
use crate::compare;
use crate::fs::confined;
use crate::git;
use crate::model::ClientId;
use crate::setup::edit::{self, Became, Plan, Target};
use crate::setup::git_hooks::{self, HOOKS};
use crate::setup::instructions::{self, Instructions};
use crate::setup::journal::Journal;
use crate::setup::{Client, Piece, Places, Refusal, approvals, clients, disk, plugin};

pub use crate::setup::{Part, Scope};

/// What is to be set up, and how far.
#[derive(Clone, Debug)]
pub struct Request {
    /// Ids of clients, or `git`.
    pub clients: Vec<String>,
    pub scope: Scope,
    /// The parts to set up; empty for all that a client has.
    pub parts: Vec<Part>,
    pub act: Act,
    /// This program: a user's own files name it by its whole path.
    pub program: PathBuf,
}

/// What to do with the files of the clients: write ours, only compare, or take ours out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Act {
    Apply,
    Check,
    Undo,
}

/// The outcome of a setup, a check or an undo.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Report {
    pub root: String,
    pub scope: Scope,
    pub act: Act,
    /// Whether this was a preview that wrote nothing.
    pub preview: bool,
    /// Whether nothing is left to do, as far as waypost can see.
    pub complete: bool,
    pub clients: Vec<ClientReport>,
}

/// What was done, or is to be done, for one client.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ClientReport {
    pub client: &'static str,
    #[serde(skip)]
    pub name: &'static str,
    pub changes: Vec<Change>,
    pub todo: Vec<Todo>,
    /// How the user can see that the client has read it.
    pub see: &'static str,
}

/// One part in one file.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Change {
    pub part: Part,
    pub path: String,
    pub state: State,
    /// Why the file was left as it is.
    pub why: Option<String>,
    pub line: Option<usize>,
    /// Text for the user to paste where waypost could not write.
    pub paste: Option<String>,
    /// A unified diff of the whole file, reported with its first part only.
    pub diff: Option<String>,
}

/// How one part of one client stands after the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Added,
    Updated,
    Present,
    Missing,
    Outdated,
    Removed,
    Shared,
    Absent,
    Refused,
    /// Left for the user to do.
    Told,
}

/// A step that only the user can take.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Todo {
    pub what: String,
    /// Whether it is done; `null` if that cannot be seen.
    pub done: Option<bool>,
}

/// All clients, and where each was found.
#[derive(Debug, Serialize, JsonSchema)]
pub struct List {
    pub root: String,
    pub clients: Vec<Found>,
}

/// A client, which of its parts can be set up in the project or for the user, and whether it is on
/// this machine.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Found {
    pub client: &'static str,
    pub name: &'static str,
    pub project: Vec<Part>,
    pub user: Vec<Part>,
    /// The program or file that shows that the client is used here.
    pub found: Option<String>,
}

/// The name under which git's hooks are set up, beside the clients.
const GIT: &str = "git";

/// What setup and uninstall work on.
pub(super) struct Desk<'a> {
    app: &'a App,
    root: PathBuf,
    home: PathBuf,
    pub(super) journal: Journal,
}

impl<'a> Desk<'a> {
    pub(super) fn open(app: &'a App) -> Result<Self> {
        let root = app.locate()?.root;
        let host = app.host();
        let home = host.folders.as_ref().map(|folders| folders.home.clone());
        let home = home.ok_or_else(|| Error::new("there is no home folder"))?;
        let state = host.state_folder(&root).ok_or_else(|| {
            Error::new("the home folder lies in this project, so nothing that was set up could be noted")
                .with_hint("run it in a project below the home folder")
        })?;
        Ok(Self { app, root, home, journal: Journal { folder: state.join("setup") } })
    }

    fn places(&self) -> Places<'_> {
        Places { root: &self.root, home: &self.home, environment: &self.app.host().environment }
    }
}

/// All clients that can be set up.
pub fn list(app: &App) -> Result<List> {
    let desk = Desk::open(app)?;
    let found = |client: &'static Client| Found {
        client: client.id.name(),
        name: client.name,
        project: client.parts(Scope::Project),
        user: client.parts(Scope::User),
        found: trace(&desk, client),
    };
    Ok(List { root: desk.root.display().to_string(), clients: clients::CLIENTS.iter().map(found).collect() })
}

/// Finds a program of the client in the search path, or one of its files.
fn trace(desk: &Desk, client: &Client) -> Option<String> {
    let path = desk.app.host().variable("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(path).filter(|folder| folder.is_absolute()).collect();
    let programs = client.programs.iter().flat_map(|program| folders.iter().map(move |at| at.join(program)));
    let files = client.traces.iter().map(|file| desk.places().path(file));
    let found =
        programs.filter(|path| confined::is_program(path)).chain(files.filter(|path| path.exists())).next();
    found.map(|path| path.display().to_string())
}

/// Sets up, checks or undoes; with `preview` only shows what would be done.
pub fn setup(app: &App, request: &Request, preview: bool) -> Result<Report> {
    let desk = Desk::open(app)?;
    let writes = !preview && request.act != Act::Check;
    let _lock = if writes { Some(desk.journal.lock()?) } else { None };
    let run = Run { desk: &desk, request, writes, preview };
    let clients = request.clients.iter().map(|id| run.client(id)).collect::<Result<Vec<_>>>()?;
    let is_done = |client: &ClientReport| {
        client.changes.iter().all(|change| change.state.is_done())
            && client.todo.iter().all(|todo| todo.done != Some(false))
    };
    Ok(Report {
        root: desk.root.display().to_string(),
        scope: request.scope,
        act: request.act,
        preview,
        complete: clients.iter().all(is_done),
        clients,
    })
}

impl State {
    fn is_done(self) -> bool {
        !matches!(self, Self::Missing | Self::Outdated | Self::Refused)
    }
}

/// A file, and what each part puts into it.
type FilePieces = (PathBuf, Vec<(Part, Vec<Piece>)>);

/// The state of one call for several clients.
struct Run<'a> {
    desk: &'a Desk<'a>,
    request: &'a Request,
    writes: bool,
    preview: bool,
}

impl Run<'_> {
    fn client(&self, id: &str) -> Result<ClientReport> {
        if id == GIT {
            return self.git();
        }
        let client = clients::client(id).ok_or_else(|| unknown(id))?;
        let parts = self.parts(client)?;
        let mut changes = Vec::new();
        for files in self.files(client, &parts) {
            changes.extend(self.file(client, files)?);
        }
        if parts.contains(&Part::Instructions) && self.request.scope == Scope::Project {
            changes.extend(self.instructions(client)?);
        }
        let todo = match self.request.act {
            Act::Undo => Vec::new(),
            _ => approvals(client, self.request.scope, &parts, &self.desk.places()),
        };
        let todo = todo.into_iter().map(|step| Todo { what: step.what, done: step.done }).collect();
        Ok(ClientReport { client: client.id.name(), name: client.name, changes, todo, see: client.see })
    }

    /// The requested parts that the client has; by default all of them.
    fn parts(&self, client: &Client) -> Result<Vec<Part>> {
        let mut parts = client.parts(self.request.scope);
        if !self.request.parts.is_empty() {
            parts.retain(|part| self.request.parts.contains(part));
        }
        if parts.is_empty() && self.request.act != Act::Undo {
            let (flag, other) = match self.request.scope {
                Scope::Project => ("a project", "--user"),
                Scope::User => ("a user", "--project"),
            };
            return Err(Error::new(format!("{} has no such files of {flag}", client.name))
                .with_hint(format!("`waypost setup {} {other}` sets up what it has", client.id.name())));
        }
        Ok(parts)
    }

    /// The files, each with the parts that go into it.
    fn files(&self, client: &Client, parts: &[Part]) -> Vec<FilePieces> {
        let mut files: Vec<FilePieces> = Vec::new();
        let wanted = |spot: &&clients::Spot| spot.scope == self.request.scope && parts.contains(&spot.part);
        for spot in client.spots.iter().filter(wanted) {
            let at =
                |(file, forms): &(&str, &'static [clients::Form])| (self.desk.places().path(file), *forms);
            let there = spot.files.iter().map(at).filter(|(path, _)| path.exists());
            let chosen: Vec<_> = match self.request.act {
                Act::Undo => there.collect(),
                _ => there.chain(spot.files.first().map(at)).take(1).collect(),
            };
            for (path, forms) in chosen {
                let pieces = forms.iter().map(|form| form.piece(&self.program())).collect();
                match files.iter_mut().find(|(known, _)| *known == path) {
                    Some((_, parts)) => parts.push((spot.part, pieces)),
                    None => files.push((path, vec![(spot.part, pieces)])),
                }
            }
        }
        files
    }

    /// The program as it is written into files: a committed file has only its
    /// name.
    fn program(&self) -> String {
        match self.request.scope {
            Scope::Project => "waypost".to_string(),
            Scope::User => self.request.program.display().to_string(),
        }
    }

    fn root(&self) -> Option<&Path> {
        (self.request.scope == Scope::Project).then_some(self.desk.root.as_path())
    }

    fn file(
        &self,
        client: &'static Client,
        (path, wanted): (PathBuf, Vec<(Part, Vec<Piece>)>),
    ) -> Result<Vec<Change>> {
        if let Some(refusal) = other_place(client, &path, &wanted).filter(|_| self.request.act != Act::Undo) {
            return Ok(wanted
                .iter()
                .map(|(part, pieces)| refused(*part, &path, &refusal, &paste(pieces)))
                .collect());
        }
        match disk::resolve(&path, self.root()) {
            Ok(resolved) => {
                let root = self.root().map(Path::to_path_buf);
                self.target(
                    &path,
                    Target { path: resolved, root, client: client.id.name().to_string(), wanted },
                )
            }
            Err(refusal) => {
                let each =
                    wanted.iter().map(|(part, pieces)| refused(*part, &path, &refusal, &paste(pieces)));
                Ok(each.collect())
            }
        }
    }

    /// Carries out the plan for one file, and reports it under the name `path`.
    fn target(&self, path: &Path, target: Target) -> Result<Vec<Change>> {
        let journal = &self.desk.journal;
        let plan = match self.request.act {
            Act::Undo => edit::plan_undo(journal, &target),
            _ => edit::plan(journal, &target),
        };
        if self.writes {
            plan.carry_out(journal, &target)?;
        }
        let mut diff = self.preview.then(|| diff(path, &plan)).flatten();
        let changes = plan.parts.iter().zip(&target.wanted).map(|((part, became), (_, pieces))| {
            let state = self.state(became);
            let change = Change::new(*part, path, state);
            match became {
                Became::Refused(refusal) => refused(*part, path, refusal, &paste(pieces)),
                Became::Shared(other) => Change { why: Some(format!("{other} uses it too")), ..change },
                _ => Change { diff: diff.take(), ..change },
            }
        });
        Ok(changes.collect())
    }

    fn state(&self, became: &Became) -> State {
        match (became, self.request.act) {
            (Became::Added, Act::Check) => State::Missing,
            (Became::Updated, Act::Check) => State::Outdated,
            (Became::Added, _) => State::Added,
            (Became::Updated, _) => State::Updated,
            (Became::Present, _) => State::Present,
            (Became::Removed, _) => State::Removed,
            (Became::Shared(_), _) => State::Shared,
            (Became::Absent, _) => State::Absent,
            (Became::Refused(_), _) => State::Refused,
        }
    }

    /// Sets up the block in the instructions file, which says where the handoff
    /// is.
    fn instructions(&self, client: &'static Client) -> Result<Vec<Change>> {
        if matches!(client.reads, clients::Reads::None) {
            return Ok(Vec::new());
        }
        let wanted = || vec![(Part::Instructions, vec![instructions::piece()])];
        if self.request.act == Act::Undo {
            let there = instructions::FILES.iter().map(|file| self.desk.root.join(file));
            let there = there.filter(|path| path.is_file() && !path.is_symlink());
            let changes = there.map(|path| self.file(client, (path, wanted())));
            let changes = changes.collect::<Result<Vec<_>>>()?.into_iter().flatten();
            return Ok(changes.filter(|change| change.state != State::Absent).collect());
        }
        match instructions::of_project(client, &self.desk.places()) {
            Instructions::Into(file) => self.file(client, (self.desk.root.join(file), wanted())),
            Instructions::Told(why) => Ok(vec![self.told(why, None)]),
            Instructions::Paste(why) => Ok(vec![self.told(why, Some(instructions::piece().stanza()))]),
        }
    }

    fn told(&self, why: String, paste: Option<String>) -> Change {
        let change = Change::new(Part::Instructions, &self.desk.root, State::Told);
        Change { why: Some(why), paste, ..change }
    }

    /// The hooks of this repository, and how its forge shows the handoff.
    fn git(&self) -> Result<ClientReport> {
        let project = self.desk.app.locate()?;
        let root = &project.root;
        let config = self.desk.app.host().config_folder(root);
        let repository = git::open(root, config.as_deref()).map_err(|error| {
            Error::new(format!("`{}` has no git repository to set up", root.display()))
                .with_hint(error.warning)
                .about(root)
        })?;
        let runner = git_hooks::runner(&repository.hooks()?, &repository.top);
        let mut changes = Vec::new();
        for hook in HOOKS {
            changes.extend(self.hook(hook, &runner, &repository)?);
        }
        let attributes = project.folder().join(".gitattributes");
        let wanted = vec![(Part::Hooks, vec![git_hooks::attributes()])];
        changes.extend(self.of_git(&attributes, &repository, wanted)?);
        Ok(ClientReport { client: GIT, name: GIT, changes, todo: Vec::new(), see: "git hook run pre-commit" })
    }

    fn hook(
        &self,
        hook: &str,
        runner: &git_hooks::Runner,
        repository: &git::Repository,
    ) -> Result<Vec<Change>> {
        let undoes = self.request.act == Act::Undo;
        let file = match runner.file(hook) {
            Ok(file) => file,
            Err(_) if undoes => return Ok(Vec::new()),
            Err(refusal) => {
                let paste = runner.stanza(hook, &git_hooks::piece(hook, "waypost"));
                return Ok(vec![refused(Part::Hooks, &self.desk.root.join(hook), &refusal, &paste)]);
            }
        };
        // Below git's own folder nothing is committed.
        let is_own = file.starts_with(&repository.common_dir);
        let program = self.request.program.display().to_string();
        let piece = git_hooks::piece(hook, if is_own { &program } else { "waypost" });
        let text = disk::read(&file).ok().flatten().unwrap_or_default();
        if let (false, Err(refusal)) =
            (undoes, git_hooks::refuse_unreachable(&String::from_utf8_lossy(&text)))
        {
            return Ok(vec![refused(Part::Hooks, &file, &refusal, &piece.stanza())]);
        }
        self.of_git(&file, repository, vec![(Part::Hooks, vec![piece])])
    }

    /// Sets up a file in the work tree or in git's own folder.
    fn of_git(
        &self,
        path: &Path,
        repository: &git::Repository,
        wanted: Vec<(Part, Vec<Piece>)>,
    ) -> Result<Vec<Change>> {
        let within = [&self.desk.root, &repository.top, &repository.common_dir];
        let resolved = within.iter().find_map(|root| disk::resolve(path, Some(root)).ok());
        let Some(resolved) = resolved else {
            let refusal = Refusal::whole("it lies outside of this repository, and is for others too");
            let each = wanted.iter().map(|(part, pieces)| refused(*part, path, &refusal, &paste(pieces)));
            return Ok(each.collect());
        };
        let root = Some(self.desk.root.clone());
        self.target(path, Target { path: resolved, root, client: GIT.to_string(), wanted })
    }
}

/// Codex takes hooks from one of two files, and fails when both have some.
fn other_place(client: &Client, path: &Path, wanted: &[(Part, Vec<Piece>)]) -> Option<Refusal> {
    let is_hooks = client.id == ClientId::Codex && wanted.iter().any(|(part, _)| *part == Part::Hooks);
    let config = path.with_file_name("config.toml");
    let text = std::fs::read_to_string(&config).ok().filter(|_| is_hooks)?;
    clients::has_hooks(&text).then(|| {
        Refusal::whole(format!("`{}` has hooks, beside which this file may have none", config.display()))
    })
}

/// A folder with plugins.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PluginReport {
    pub folder: String,
    pub files: Vec<String>,
    /// The command that installs each.
    pub install: Vec<String>,
}

/// Writes the plugins into a folder that is new, empty, or of an older run.
pub fn plugin(app: &App, folder: &Path) -> Result<PluginReport> {
    // A root that is named and is not there is an error of every command.
    app.locate()?;
    let folder = app.host().current.join(folder);
    let plugin = plugin::plugin();
    let has_other =
        |folder: &Path| std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    if has_other(&folder) && !folder.join(plugin.files[0].0).is_file() {
        let text = format!("`{}` has other files in it", folder.display());
        return Err(Error::new(text).with_hint("name a new folder").about(&folder));
    }
    let mut files = Vec::new();
    for (path, text) in &plugin.files {
        disk::write(&folder.join(path), text.as_bytes(), false)?;
        files.push(path.to_string());
    }
    let shown = folder.display().to_string();
    let word = crate::visible::shell_word(&shown);
    let install = plugin.install.iter().map(|line| line.replace("{dir}", &word)).collect();
    Ok(PluginReport { folder: shown.clone(), files, install })
}

fn paste(pieces: &[Piece]) -> String {
    pieces.last().map(Piece::stanza).unwrap_or_default()
}

impl Change {
    fn new(part: Part, path: &Path, state: State) -> Self {
        let (why, line, paste, diff) = Default::default();
        Self { part, path: path.display().to_string(), state, why, line, paste, diff }
    }
}

fn refused(part: Part, path: &Path, refusal: &Refusal, paste: &str) -> Change {
    let change = Change::new(part, path, State::Refused);
    let paste = Some(paste.to_string()).filter(|paste| !paste.is_empty());
    Change { why: Some(refusal.why.clone()), line: refusal.line, paste, ..change }
}

/// A unified diff of one file, with tokens in its context redacted.
fn diff(path: &Path, plan: &Plan) -> Option<String> {
    if !plan.changes_file() {
        return None;
    }
    let text =
        |bytes: &Option<Vec<u8>>| String::from_utf8_lossy(bytes.as_deref().unwrap_or_default()).into_owned();
    let (old, new) = (text(&plan.before), text(&plan.after));
    let name = |there: bool| if there { path.display().to_string() } else { "/dev/null".to_string() };
    let names = (name(plan.before.is_some()), name(plan.after.is_some()));
    let shown = compare::unified((&names.0, &names.1), (&old, &new), 2);
    Some(message(&shown).into_owned())
}

fn unknown(id: &str) -> Error {
    let ids: Vec<&str> = clients::CLIENTS.iter().map(|client| client.id.name()).chain([GIT]).collect();
    Error::new(format!("`{id}` is not a client that can be set up"))
        .with_hint(format!("one of {}", ids.join(", ")))
}
