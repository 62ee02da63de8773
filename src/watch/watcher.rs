//! Which folders the system watches for us, and what of its events concerns
//! us. The only user of notify.
//!
//! Each folder that the walker entered is watched by itself, so an ignored
//! `node_modules` costs nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::time::SystemTime;

use notify::{Config, ErrorKind, EventKindMask, RecommendedWatcher, RecursiveMode, Watcher};

use crate::pipeline::Context;

/// What can wake the watch loop.
pub enum Input {
    Touched(Vec<PathBuf>),
    /// Events were lost: look at everything.
    Rescan,
    Broken(String),
    /// A signal of this number asks to end.
    Signal(i32),
}

pub struct Watches {
    watcher: Option<RecommendedWatcher>,
    root: PathBuf,
    folder: PathBuf,
    git_dir: Option<PathBuf>,
    watched: BTreeSet<PathBuf>,
    /// The record files as the last snapshot left them.
    memory: BTreeMap<PathBuf, SystemTime>,
}

/// What came of following the walker.
pub struct Followed {
    /// Folders that were not watched before.
    pub new_folders: bool,
    pub warnings: Vec<String>,
}

impl Watches {
    pub fn new(context: &Context, sender: Sender<Input>) -> anyhow::Result<Self> {
        let handler = move |event: notify::Result<notify::Event>| {
            let input = match event {
                // Tested first: a rescan carries no paths.
                Ok(event) if event.need_rescan() => Input::Rescan,
                Ok(event) => Input::Touched(event.paths),
                Err(error) => Input::Broken(format!("the watcher failed: {error}")),
            };
            // Nobody listens any more: the program is about to end.
            let _ = sender.send(input);
        };
        // Reading files must not wake the one who reads them.
        let config = Config::default().with_event_kinds(EventKindMask::CORE).with_follow_symlinks(false);
        Ok(Self {
            watcher: Some(RecommendedWatcher::new(handler, config)?),
            root: context.project.root.clone(),
            folder: context.project.folder(),
            git_dir: context.repository.as_ref().map(|repository| repository.git_dir.clone()),
            watched: BTreeSet::new(),
            memory: BTreeMap::new(),
        })
    }

    /// Watches exactly these folders, and the few of ours and git's.
    pub fn follow(&mut self, folders: &[String]) -> Followed {
        let mut wanted: BTreeSet<PathBuf> = folders.iter().map(|folder| self.root.join(folder)).collect();
        // The root's own end is told by the folder around it.
        wanted.extend(self.root.parent().map(Path::to_path_buf));
        wanted.extend([self.folder.clone(), self.folder.join("memory")]);
        wanted.extend(self.git_dir.iter().flat_map(|git| [git.clone(), git.join("logs")]));
        self.memory = record_files(&self.folder.join("memory"));
        let mut followed = Followed { new_folders: false, warnings: Vec::new() };
        let Some(watcher) = &mut self.watcher else { return followed };
        for gone in self.watched.difference(&wanted) {
            // It is gone from the disk as well, most of the time.
            let _ = watcher.unwatch(gone);
        }
        self.watched.retain(|folder| wanted.contains(folder));
        for folder in wanted {
            if self.watched.contains(&folder) {
                continue;
            }
            match watcher.watch(&folder, RecursiveMode::NonRecursive) {
                Ok(()) => {
                    followed.new_folders |= self.watched.insert(folder);
                }
                Err(error) if matches!(error.kind, ErrorKind::MaxFilesWatch) => {
                    followed.warnings.push(format!(
                        "the system's limit of watches is reached, so the tree is looked at every few seconds instead\n\
                         hint: `sudo sysctl fs.inotify.max_user_watches={}`",
                        2 * folders.len().max(65_536)
                    ));
                    self.watcher = None;
                    return followed;
                }
                // Gone between the walk and now: the next event tells.
                Err(_) => {}
            }
        }
        followed
    }

    pub fn is_polling(&self) -> bool {
        self.watcher.is_none()
    }

    /// Whether any of these paths can change the handoff.
    pub fn concern(&self, paths: &[PathBuf]) -> bool {
        paths.iter().any(|path| self.concerns(path))
    }

    fn concerns(&self, path: &Path) -> bool {
        if let Ok(below) = path.strip_prefix(&self.folder) {
            // What we write ourselves must not wake us.
            return match below.starts_with("memory") {
                true => {
                    below == Path::new("memory") || record_files(&self.folder.join("memory")) != self.memory
                }
                false => below == Path::new("config.toml"),
            };
        }
        if let Some(below) = self.git_dir.as_ref().and_then(|git| path.strip_prefix(git).ok()) {
            // A commit, a branch switch, a change of the index.
            return ["HEAD", "index", "logs/HEAD"].iter().any(|name| below == Path::new(name));
        }
        // What happens beside the root is nobody's business here.
        path.starts_with(&self.root)
    }
}

fn record_files(folder: &Path) -> BTreeMap<PathBuf, SystemTime> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let files = entries.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "md"));
    files.filter_map(|entry| Some((entry.path(), entry.metadata().ok()?.modified().ok()?))).collect()
}
