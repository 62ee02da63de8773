//! Renders the handoff of the current tree, and writes it, prints it or
//! compares it with the files on disk.

use std::cmp::Ordering;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

use super::open::{require_folder, store};
use super::{App, Error, Result};
use crate::compare;
use crate::config::SettingKey;
use crate::fs::{atomic, confined};
use crate::git::Repository;
use crate::limits;
use crate::pipeline::{self, Context, Reading};
use crate::project::{Project, Staged};
use crate::render::view::NowView;
use crate::render::{self, Handoff, tokens};
use crate::watch;

/// How the handoff is rendered.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Tokens that neither file exceeds; by default the setting.
    pub budget: Option<u64>,
}

/// The two files that were written.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WrittenHandoff {
    pub markdown: String,
    pub json: String,
    pub tokens: usize,
    /// Whether any bytes changed.
    pub written: bool,
}

/// What was staged.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StagedHandoff {
    /// Whether the index changed.
    pub staged: bool,
    /// Whether the files in the work tree changed.
    pub written: bool,
    pub tokens: usize,
    /// Why no handoff is committed here.
    pub skipped: Option<String>,
}

/// The files on disk compared with those that would be written.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CheckedHandoff {
    pub fresh: bool,
    pub state: HandoffFreshness,
    pub tokens: usize,
    /// The templates of the user's that it would be rendered with, where there are any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub templates: Vec<String>,
    /// A unified diff of both files; empty when they are fresh.
    pub diff: String,
}

/// How current the handoff on disk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HandoffFreshness {
    None,
    Fresh,
    Stale,
    /// Rendered by another release, which may write the same facts differently,
    /// so its freshness cannot be determined.
    OlderVersion,
    NewerVersion,
    /// Rendered with other templates, so that nothing can be said of what it tells.
    OtherTemplates,
}

impl HandoffFreshness {
    /// The freshness in words, as `status` and `doctor` show it.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Fresh => "fresh",
            Self::Stale => "stale",
            Self::OlderVersion => "rendered by an older version",
            Self::NewerVersion => "rendered by a newer version",
            Self::OtherTemplates => "rendered with other templates",
        }
    }
}

/// Writes both files where their bytes change.
pub fn write(app: &App, request: &Request) -> Result<WrittenHandoff> {
    let (context, handoff) = render(app, request)?;
    let hint = "`waypost snapshot` creates it, `--stdout` prints the handoff";
    let folder = require_folder(&context.project, hint)?;
    pipeline::sweep(&context);
    let published = pipeline::publish(&context, &handoff)?;
    Ok(WrittenHandoff {
        markdown: folder.join("handoff.md").display().to_string(),
        json: folder.join("handoff.json").display().to_string(),
        tokens: published.tokens,
        written: published.written,
    })
}

/// Renders what the next commit would hold, and stages it. The files of the work
/// tree become the same where they were as staged before.
pub fn stage(app: &App, request: &Request) -> Result<StagedHandoff> {
    let context = app.context()?;
    let real = context.project.clone();
    let repository = index_of_hook(app, &context)?;
    if let Some(why) = kept_out(&real, &repository)? {
        return Ok(StagedHandoff { staged: false, written: false, tokens: 0, skipped: Some(why) });
    }
    atomic::create_folder(&real.local)?;
    let scratch = atomic::temporary_folder(&real.local)
        .map_err(|error| Error::cannot("create a folder in", &real.local, &error))?;
    let staged = Arc::new(pipeline::staged(&repository, &real, scratch.path())?);
    let context = Context { repository: Some(repository.clone()), ..context };
    let context = with_budget(of_index(app, context, &staged)?, request)?;
    let handoff = rendered(app, &context)?;
    pipeline::leak_scan(&context, "handoff.md", &handoff.markdown)?;
    pipeline::leak_scan(&context, "handoff.json", &handoff.json)?;
    let texts = [handoff.json.as_bytes(), handoff.markdown.as_bytes()];
    let files: Vec<(&str, &[u8])> = PATHS.into_iter().zip(texts).collect();
    let is_staged = repository.stage(&files)?;
    let paths = PATHS.map(|path| real.root.join(path));
    let mut written = false;
    if is_as_staged(&staged, &real) || pipeline::is_all(&staged, &real) {
        let files: Vec<(&Path, &[u8])> = paths.iter().map(PathBuf::as_path).zip(texts).collect();
        written = atomic::write_all(&files)? > 0;
    }
    Ok(StagedHandoff { staged: is_staged, written, tokens: handoff.tokens, skipped: None })
}

/// The repository with the index that git tells its hooks of: `commit -a` makes
/// another one.
pub(super) fn index_of_hook(app: &App, context: &Context) -> Result<Repository> {
    let root = &context.project.root;
    let repository = context.repository.as_ref();
    let repository = repository
        .ok_or_else(|| Error::new(format!("`{}` has no git repository", root.display())).about(root))?;
    let index = app.host().variable("GIT_INDEX_FILE").map(|file| app.host().current.join(file));
    Ok(index.map_or_else(|| repository.clone(), |file| repository.with_index(&file)))
}

/// The context of the tree that is staged, with the settings that are.
pub(super) fn of_index(app: &App, context: Context, staged: &Arc<Staged>) -> Result<Context> {
    let real = &context.project;
    let project = Project { staged: Some(staged.clone()), ..real.clone() };
    let text = |project: &Project| std::fs::read(project.config_file()).ok();
    if text(&project) == text(real) {
        return Ok(Context { project, ..context });
    }
    let (project, settings) = app.with_settings(project)?;
    let redactor = Arc::new(app.redactor(&settings)?);
    Ok(Context { project, settings, redactor, ..context })
}

/// Whether the files in the work tree are those of the index, or neither is there.
fn is_as_staged(staged: &Staged, project: &Project) -> bool {
    PATHS.iter().all(|path| {
        let [one, other] = [&staged.folder, &project.root].map(|root| read_or_empty(&root.join(path)));
        matches!((one, other), (Ok(one), Ok(other)) if one == other)
    })
}

/// The files, from the root.
const PATHS: [&str; 2] = [".waypost/handoff.json", ".waypost/handoff.md"];

/// Why no handoff is committed here.
fn kept_out(project: &Project, repository: &Repository) -> Result<Option<String>> {
    if !project.folder().is_dir() {
        return Ok(Some("there is no `.waypost` here".to_string()));
    }
    let is_known = repository.tracked()?.files.iter().any(|path| PATHS.contains(&path.as_str()));
    let is_ignored = !is_known && repository.is_ignored(PATHS[1])?;
    Ok(is_ignored.then(|| format!("`{}` is ignored", PATHS[1])))
}

/// Renders one of the two files and returns its text; writes nothing.
pub fn text(app: &App, request: &Request, is_json: bool) -> Result<String> {
    let (context, handoff) = render(app, request)?;
    let text = if is_json { handoff.json } else { handoff.markdown };
    pipeline::leak_scan(&context, "the handoff", &text)?;
    Ok(text)
}

/// The live part as it is, as a page; nothing is written.
pub fn now(app: &App) -> Result<String> {
    let context = app.context()?;
    let (reading, now) = live(&context)?;
    let text = render::now(&context.templates, &pipeline::title(&context, reading.facts(&context)?), now)?;
    pipeline::leak_scan(&context, "the live part", &text)?;
    Ok(text)
}

/// The same as data.
pub fn now_data(app: &App) -> Result<NowView> {
    Ok(live(&app.context()?)?.1)
}

fn live(context: &Context) -> Result<(Reading, NowView)> {
    let store = store(context)?;
    let reading = pipeline::read(context, store.as_ref())?;
    let history = pipeline::history(context, store.as_ref(), &reading.head);
    let now = pipeline::now(context, &reading, store.as_ref(), &history)?;
    Ok((reading, now))
}

/// Compares the files on disk with those that would be written.
pub fn check(app: &App, request: &Request) -> Result<CheckedHandoff> {
    let (context, handoff) = render(app, request)?;
    let folder = context.project.folder();
    let mut diff = String::new();
    for (name, wanted) in [("handoff.md", &handoff.markdown), ("handoff.json", &handoff.json)] {
        let found = read_or_empty(&folder.join(name))?;
        if found != *wanted {
            let (old, new) = (format!("a/.waypost/{name}"), format!("b/.waypost/{name}"));
            diff += &compare::unified((&old, &new), (&found, wanted), 3);
        }
    }
    // The committed one may be of an older version, or of anybody.
    let shown = context.redactor.text(&diff).to_string();
    let state = freshness(&context, &handoff)?;
    let templates = context.templates.own().map(str::to_string).collect();
    Ok(CheckedHandoff { fresh: diff.is_empty(), state, tokens: handoff.tokens, templates, diff: shown })
}

/// Whether there is a handoff that does not tell what a command just wrote: no watch
/// renders it.
pub fn lags(app: &App) -> bool {
    let Ok(project) = app.locate() else { return false };
    project.folder().join("handoff.md").is_file() && watch::state(&project.local).running.is_none()
}

fn render(app: &App, request: &Request) -> Result<(Context, Handoff)> {
    let context = with_budget(app.context()?, request)?;
    let handoff = rendered(app, &context)?;
    Ok((context, handoff))
}

fn with_budget(mut context: Context, request: &Request) -> Result<Context> {
    if let Some(budget) = request.budget {
        context.settings.set_flag(SettingKey::HandoffBudget, "--budget", budget)?;
        context.settings.set_flag(SettingKey::HandoffJsonBudget, "--budget", budget)?;
    }
    Ok(context)
}

/// Renders the handoff of the current tree. Works without a database, which
/// only saves time.
pub(super) fn rendered(app: &App, context: &Context) -> Result<Handoff> {
    tokens::warm_up();
    let store = store(context)?;
    let reading = pipeline::read(context, store.as_ref())?;
    let memory = app.memory(context)?;
    let handoff = pipeline::handoff(context, &reading, &memory)?;
    app.warn_of_missing(&reading);
    Ok(handoff)
}

fn read_or_empty(path: &Path) -> Result<String> {
    match confined::read(path, limits::MAX_OWN_FILE) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(Error::cannot("read", path, &error)),
    }
}

/// Compares the handoff on disk with the one that the tree would get.
pub(super) fn freshness(context: &Context, handoff: &Handoff) -> Result<HandoffFreshness> {
    let folder = context.project.folder();
    let markdown = read_or_empty(&folder.join("handoff.md"))?;
    let json = read_or_empty(&folder.join("handoff.json"))?;
    if markdown.is_empty() {
        return Ok(HandoffFreshness::None);
    }
    if markdown == handoff.markdown && json == handoff.json {
        return Ok(HandoffFreshness::Fresh);
    }
    Ok(match render::compare_format(&json) {
        Some(Ordering::Less) => HandoffFreshness::OlderVersion,
        Some(Ordering::Greater) => HandoffFreshness::NewerVersion,
        _ if render::templates_of(&json) != context.templates.mark() => HandoffFreshness::OtherTemplates,
        Some(Ordering::Equal) | None => HandoffFreshness::Stale,
    })
}

/// Whether the two files on disk belong together, whatever tree they were
/// rendered from.
pub(super) fn is_pair(context: &Context) -> bool {
    let read = |name: &str| read_or_empty(&context.project.folder().join(name)).unwrap_or_default();
    render::is_pair(&context.templates, &read("handoff.md"), &read("handoff.json"))
}
