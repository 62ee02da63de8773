//! A throw-away project: files, hermetic git, and the program run in it.
//!
//! Nothing of the machine reaches it: no git settings, no home, no `WAYPOST_*`
//! variable, no clock in what is shown. Every test has its own.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use serde_json::Value;
use tempfile::TempDir;

/// What `SOURCE_DATE_EPOCH` says in every run: 2026-01-02T03:04:05Z.
const CLOCK: &str = "1767323045";

/// Goes on with `change`, which gets the number of the round, while `run` runs.
pub fn meanwhile(change: impl Fn(usize) + Sync, run: impl FnOnce()) {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| (0..).take_while(|_| !stop.load(Relaxed)).for_each(&change));
        // Also when `run` panics: the scope waits for the thread.
        let _stop = Stop(&stop);
        run();
    });
}

struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

/// A folder with the project in it; gone when dropped.
pub struct Project {
    temp: TempDir,
    /// The project's root.
    pub root: PathBuf,
    /// The program as another user runs it, and who that is.
    other_user: Option<(PathBuf, u32)>,
}

impl Project {
    /// An empty folder, without git.
    pub fn empty() -> Self {
        let temp = TempDir::new().expect("a temporary folder");
        let top = temp.path().canonicalize().expect("a temporary folder");
        let root = top.join("project");
        fs::create_dir_all(&root).expect("a project folder");
        fs::create_dir_all(top.join("home")).expect("a home folder");
        Self { temp, root, other_user: None }
    }

    /// The program runs as an ordinary user, whose files these are: nothing is
    /// closed to root.
    pub fn without_root(mut self) -> Self {
        const NOBODY: u32 = 65_534;
        if rustix::process::geteuid().is_root() {
            // The build's folder may be closed to others.
            let program = self.outside("waypost");
            fs::copy(env!("CARGO_BIN_EXE_waypost"), &program).expect("a copy of the program");
            give(self.temp.path(), NOBODY);
            self.other_user = Some((program, NOBODY));
        }
        self
    }

    /// These files, without git.
    pub fn with(files: &[(&str, &str)]) -> Self {
        let project = Self::empty();
        files.iter().for_each(|(path, text)| project.write(path, text));
        project
    }

    /// These files, committed.
    pub fn committed(files: &[(&str, &str)]) -> Self {
        let project = Self::with(files);
        project.init_git();
        project
    }

    /// A copy of `fixtures/<name>`, committed.
    pub fn fixture(name: &str) -> Self {
        let project = Self::empty();
        copy_tree(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name), &project.root);
        project.init_git();
        project
    }

    fn init_git(&self) {
        self.git(&["init", "-q", "-b", "main"]);
        self.commit("Start");
    }

    /// The folder around the project: a place for clones and other things
    /// that must be outside.
    pub fn outside(&self, name: &str) -> PathBuf {
        self.temp.path().canonicalize().expect("a temporary folder").join(name)
    }

    /// The same surroundings with another root.
    pub fn at(&self, root: PathBuf) -> Elsewhere<'_> {
        Elsewhere { project: self, root }
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// Writes a file and the folders above it.
    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        fs::write(path, text).expect("a file");
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub fn exists(&self, path: &str) -> bool {
        fs::symlink_metadata(self.path(path)).is_ok()
    }

    pub fn remove(&self, path: &str) {
        fs::remove_file(self.path(path)).expect("a file to remove");
    }

    pub fn rename(&self, from: &str, to: &str) {
        fs::rename(self.path(from), self.path(to)).expect("a file to rename");
    }

    /// Replaces a text that must be there.
    pub fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(text.contains(from), "{path} holds no {from:?}");
        self.write(path, text.replacen(from, to, 1));
    }

    /// Runs git in the project; gives its output.
    pub fn git(&self, arguments: &[&str]) -> String {
        git(&self.root, arguments)
    }

    /// Commits everything.
    pub fn commit(&self, message: &str) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
    }

    /// The program, ready to run in the root.
    pub fn command(&self, arguments: &[&str]) -> Command {
        command(self, &self.root, arguments)
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        Run::of(&mut self.command(arguments))
    }

    /// Runs a command that must end with 0.
    pub fn ok(&self, arguments: &[&str]) -> Run {
        self.run(arguments).expect(0)
    }

    /// Runs a command with `--json` that must end with 0.
    pub fn json(&self, arguments: &[&str]) -> Value {
        self.run(&[arguments, &["--json"]].concat()).expect(0).json()
    }

    /// Takes a snapshot and gives its report.
    pub fn snapshot(&self) -> Value {
        self.json(&["snapshot"])
    }

    pub fn handoff(&self) -> (String, String) {
        (self.read(".waypost/handoff.md"), self.read(".waypost/handoff.json"))
    }

    /// Every file below `.waypost/`, with its bytes, sorted by path.
    pub fn own_files(&self) -> Vec<(String, Vec<u8>)> {
        files_below(&self.path(".waypost"))
    }
}

/// Another root within a project's surroundings.
pub struct Elsewhere<'a> {
    project: &'a Project,
    pub root: PathBuf,
}

impl Elsewhere<'_> {
    pub fn run(&self, arguments: &[&str]) -> Run {
        Run::of(&mut command(self.project, &self.root, arguments))
    }

    pub fn ok(&self, arguments: &[&str]) -> Run {
        self.run(arguments).expect(0)
    }

    pub fn json(&self, arguments: &[&str]) -> Value {
        self.run(&[arguments, &["--json"]].concat()).expect(0).json()
    }

    pub fn git(&self, arguments: &[&str]) -> String {
        git(&self.root, arguments)
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }
}

/// How a run ended and what it said.
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
    told: String,
}

impl Run {
    pub fn of(command: &mut Command) -> Self {
        let output = command.stdin(Stdio::null()).output().expect("the program runs");
        Self::from_output(&format!("{command:?}"), output)
    }

    pub fn from_output(told: &str, output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).expect("UTF-8 on standard output"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8 on standard error"),
            told: told.to_string(),
        }
    }

    /// Fails the test when the exit code is another one.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        let Self { told, stdout, stderr, .. } = &self;
        assert_eq!(self.code, code, "{told}\nstdout: {stdout}\nstderr: {stderr}");
        self
    }

    /// Standard output as the one JSON object that it must be.
    #[track_caller]
    pub fn json(&self) -> Value {
        let value: Value = serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{}: {error}\n{}", self.told, self.stdout));
        assert!(value.is_object(), "{}: no object: {value}", self.told);
        value
    }
}

fn command(project: &Project, root: &Path, arguments: &[&str]) -> Command {
    let mut command = match &project.other_user {
        None => Command::new(env!("CARGO_BIN_EXE_waypost")),
        Some((program, user)) => {
            let mut command = Command::new(program);
            command.uid(*user).gid(*user);
            command
        }
    };
    hermetic(&mut command, &project.outside("home"));
    command.args(arguments).current_dir(root);
    command
}

/// Makes a folder and all below it another user's.
fn give(path: &Path, user: u32) {
    std::os::unix::fs::lchown(path, Some(user), Some(user)).expect("root may give files away");
    if path.symlink_metadata().is_ok_and(|found| found.is_dir()) {
        for entry in fs::read_dir(path).expect("a folder") {
            give(&entry.expect("an entry").path(), user);
        }
    }
}

/// Takes the machine out of a process's environment.
fn hermetic(command: &mut Command, home: &Path) {
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("WAYPOST_") || name.starts_with("GIT_") || name.starts_with("LC_") {
            command.env_remove(&*name);
        }
    }
    command
        .env("HOME", home)
        .env("XDG_CONFIG_HOME", home.join(".config"))
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("SOURCE_DATE_EPOCH", CLOCK)
        .env("LANG", "C.UTF-8")
        .env("TZ", "UTC")
        .env("RAYON_NUM_THREADS", "2")
        .env_remove("COPILOT_CLI")
        .env_remove("CLAUDE_PROJECT_DIR")
        .env_remove("NO_COLOR")
        .env_remove("CLICOLOR_FORCE")
        .env_remove("COLUMNS");
}

pub fn git(root: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    hermetic(&mut command, root);
    let date = "2026-01-02T00:00:00Z";
    command
        .env("GIT_AUTHOR_NAME", "Ann")
        .env("GIT_AUTHOR_EMAIL", "ann@example.org")
        .env("GIT_AUTHOR_DATE", date)
        .env("GIT_COMMITTER_NAME", "Ann")
        .env("GIT_COMMITTER_EMAIL", "ann@example.org")
        .env("GIT_COMMITTER_DATE", date)
        .args(["-c", "protocol.file.allow=always", "-c", "core.fsync=none"])
        .args(arguments)
        .current_dir(root)
        .stdin(Stdio::null());
    let output = command.output().expect("git runs");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {arguments:?}: {error}");
    String::from_utf8_lossy(&output.stdout).trim_end().to_string()
}

/// Every file below a folder, with its bytes, sorted by path.
pub fn files_below(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        let Ok(entries) = fs::read_dir(&next) else { continue };
        for entry in entries.map(|entry| entry.expect("an entry")) {
            let path = entry.path();
            match entry.file_type().expect("a file type") {
                kind if kind.is_dir() => folders.push(path),
                kind if kind.is_file() => {
                    let name = path.strip_prefix(folder).expect("a path below").display().to_string();
                    found.push((name, fs::read(&path).expect("a file")));
                }
                _ => {}
            }
        }
    }
    found.sort();
    found
}

pub fn copy_tree(from: &Path, to: &Path) {
    for (path, bytes) in files_below(from) {
        let target = to.join(path);
        fs::create_dir_all(target.parent().expect("a folder")).expect("folders");
        fs::write(target, bytes).expect("a file");
    }
}

/// The strings of a JSON list.
#[track_caller]
pub fn strings(value: &Value) -> Vec<&str> {
    value.as_array().unwrap_or_else(|| panic!("no list: {value}")).iter().filter_map(Value::as_str).collect()
}
