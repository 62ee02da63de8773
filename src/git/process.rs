//! Running `git` so that nothing in the repository or the environment can make
//! it run another program, wait, write or go to the network.
//!
//! Not here: what is asked (`super`). Every `git` that waypost starts is
//! started here.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{OnceLock, mpsc};
use std::thread;
use std::time::Instant;

use crate::fs::confined;
use crate::limits;

/// Settings that win over every configuration file. Each either names a
/// program that git would run, or changes what it prints.
const SETTINGS: [(&str, &str); 29] = [
    ("safe.bareRepository", "explicit"),
    ("core.fsmonitor", "false"),
    ("core.hooksPath", "/dev/null"),
    ("core.attributesFile", "/dev/null"),
    ("core.alternateRefsCommand", ""),
    ("core.sshCommand", "false"),
    ("core.gitProxy", ""),
    ("core.askPass", ""),
    ("core.pager", "cat"),
    ("core.editor", "false"),
    ("core.quotePath", "false"),
    ("credential.helper", ""),
    ("protocol.allow", "never"),
    ("log.showSignature", "false"),
    ("log.mailmap", "false"),
    ("gpg.program", "false"),
    ("gpg.ssh.program", "false"),
    ("gpg.x509.program", "false"),
    ("diff.external", ""),
    ("diff.orderFile", "/dev/null"),
    ("diff.ignoreSubmodules", "all"),
    ("diff.renameLimit", "400"),
    ("submodule.recurse", "false"),
    ("status.submoduleSummary", "false"),
    ("status.aheadBehind", "false"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("color.ui", "false"),
    ("i18n.logOutputEncoding", "UTF-8"),
];

/// Variables of git's that are kept: where the user's own configuration lies,
/// how far up a repository is looked for, and an installation's own place.
const KEPT: [&str; 5] = [
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_CEILING_DIRECTORIES",
    "GIT_EXEC_PATH",
];

/// What the process was started with, as far as it matters here.
struct ProcessContext {
    git: PathBuf,
    /// Inherited variables that do not reach git.
    cleared: Vec<String>,
    /// Settings that the user made in the environment. They count like those of
    /// the user's files, so that git ignores the same files as at the prompt,
    /// and they lose against [`SETTINGS`].
    settings: Vec<(String, String)>,
}

static SURROUNDINGS: OnceLock<ProcessContext> = OnceLock::new();

/// Records the environment, once. All but five of git's own variables are kept
/// from it, and `git` is only searched for in absolute folders of the search
/// path, since a relative one would lie in whatever repository is the current
/// folder.
pub fn use_surroundings(variables: impl Iterator<Item = (OsString, OsString)>) {
    let mut git = None;
    let mut inherited = BTreeMap::new();
    for (name, value) in variables {
        let Some(name) = name.to_str() else { continue };
        if name == "PATH" {
            let folders = std::env::split_paths(&value).filter(|folder| folder.is_absolute());
            git = folders.map(|folder| folder.join("git")).find(|path| confined::is_program(path));
        } else if name.starts_with("GIT_") && !KEPT.contains(&name) {
            inherited.insert(name.to_string(), value.to_string_lossy().into_owned());
        }
    }
    let surroundings = ProcessContext {
        // With no git there, one that cannot exist: the search path is not used.
        git: git.unwrap_or_else(|| PathBuf::from("/nonexistent/git")),
        settings: environment_settings(&inherited),
        cleared: inherited.into_keys().collect(),
    };
    // A second call changes nothing: the environment does not either.
    let _ = SURROUNDINGS.set(surroundings);
}

/// Settings in the environment, the last word last: numbered ones, then those
/// that `git -c key=value` hands to what it starts. git refuses to run where
/// these are not well-formed, so what is not is left out.
fn environment_settings(variables: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let get = |name: &str| variables.get(name).cloned();
    let count = get("GIT_CONFIG_COUNT").and_then(|count| count.parse::<usize>().ok()).unwrap_or(0);
    let numbered = (0..count.min(MAX_SETTINGS))
        .map_while(|n| Some((get(&format!("GIT_CONFIG_KEY_{n}"))?, get(&format!("GIT_CONFIG_VALUE_{n}"))?)));
    let parameters = get("GIT_CONFIG_PARAMETERS").unwrap_or_default();
    numbered.chain(parse_parameters(&parameters)).collect()
}

/// Most settings read from the environment; nobody makes as many.
const MAX_SETTINGS: usize = 1_000;

/// `'key'='value'`, or `'key=value'` as older versions of git write it,
/// separated by spaces; a key without a value is switched on.
fn parse_parameters(text: &str) -> Vec<(String, String)> {
    let mut settings = Vec::new();
    let mut rest = text.trim_start();
    while let Some((key, behind)) = unquote(rest).filter(|_| settings.len() < MAX_SETTINGS) {
        let (setting, behind) = match behind.strip_prefix('=') {
            Some(value) if value.starts_with('\'') => {
                let Some((value, behind)) = unquote(value) else { break };
                ((key, value), behind)
            }
            Some(behind) => ((key, String::new()), behind),
            None => match key.split_once('=') {
                Some((key, value)) => ((key.to_string(), value.to_string()), behind),
                None => ((key, "true".to_string()), behind),
            },
        };
        settings.push(setting);
        rest = behind.trim_start();
    }
    settings
}

/// A text in single quotes as a shell reads it, with `'\''` and `'\!'` in it, and
/// what stands behind.
fn unquote(text: &str) -> Option<(String, &str)> {
    let mut rest = text.strip_prefix('\'')?;
    let mut unquoted = String::new();
    loop {
        let (part, behind) = rest.split_once('\'')?;
        unquoted.push_str(part);
        let escaped = behind.strip_prefix('\\').and_then(|behind| {
            let c = behind.chars().next().filter(|c| matches!(c, '\'' | '!'))?;
            Some((c, behind[1..].strip_prefix('\'')?))
        });
        let Some((c, behind)) = escaped else { return Some((unquoted, behind)) };
        unquoted.push(c);
        rest = behind;
    }
}

/// Variables that would lead git to another repository or program, or make it
/// write. What tells it where the user's own configuration lies stays.
const CLEARED: [&str; 36] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_GRAFT_FILE",
    "GIT_REPLACE_REF_BASE",
    "GIT_ATTR_SOURCE",
    "GIT_CONFIG",
    "GIT_CONFIG_PARAMETERS",
    "GIT_DISCOVERY_ACROSS_FILESYSTEM",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_EXTERNAL_DIFF",
    "GIT_DIFF_OPTS",
    "GIT_PAGER",
    "GIT_EDITOR",
    "GIT_SEQUENCE_EDITOR",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_PROXY_COMMAND",
    "GIT_ASKPASS",
    "SSH_ASKPASS",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
    "GIT_DEFAULT_HASH",
    "GIT_TRACE",
    "GIT_TRACE_SETUP",
    "GIT_TRACE_PACKET",
    "GIT_TRACE2",
    "GIT_TRACE2_EVENT",
    "GIT_TRACE2_PERF",
];

/// The output of a finished process.
pub struct GitOutput {
    /// At most [`limits::GIT_OUTPUT`] bytes.
    pub stdout: Vec<u8>,
    /// The first lines, for telling one failure from another.
    pub stderr: String,
    /// It ended by itself, without an error.
    pub ok: bool,
    /// The exit code; `None` when it was stopped.
    pub code: Option<i32>,
}

/// Why there is no answer at all.
pub enum Failure {
    /// There is no `git`.
    Missing,
    Io(std::io::Error),
    /// It took longer than [`limits::GIT_TIME`], or waited for what never came.
    Stopped,
}

/// Runs `git -C root arguments...`. `extra` settings join the fixed ones;
/// `input` goes to its standard input.
pub fn run(
    root: &Path,
    arguments: &[&str],
    extra: &[(String, String)],
    input: Vec<u8>,
) -> Result<GitOutput, Failure> {
    run_on_index(root, arguments, extra, input, None)
}

/// The same with another file in the place of the repository's index.
pub fn run_on_index(
    root: &Path,
    arguments: &[&str],
    extra: &[(String, String)],
    input: Vec<u8>,
    index: Option<&Path>,
) -> Result<GitOutput, Failure> {
    let mut command = command(root, arguments, extra);
    if let Some(index) = index {
        command.env("GIT_INDEX_FILE", index);
    }
    let mut child = command.spawn().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Failure::Missing,
        _ => Failure::Io(error),
    })?;
    if let Some(mut stdin) = child.stdin.take() {
        // It may end before it has read everything: no failure of ours.
        thread::spawn(move || stdin.write_all(&input));
    }
    let stdout = collect(child.stdout.take(), limits::GIT_OUTPUT);
    let stderr = collect(child.stderr.take(), 4_096);
    let Some(stdout) = wait(&stdout, child.id()) else {
        stop(&mut child);
        return Err(Failure::Stopped);
    };
    if stdout.len() == limits::GIT_OUTPUT {
        stop(&mut child);
    }
    let status = child.wait().map_err(Failure::Io)?;
    let stderr = stderr.recv_timeout(limits::GIT_TIME).unwrap_or_default();
    Ok(GitOutput {
        stdout,
        stderr: String::from_utf8_lossy(&stderr).into_owned(),
        ok: status.success(),
        code: status.code(),
    })
}

fn command(root: &Path, arguments: &[&str], extra: &[(String, String)]) -> Command {
    let surroundings = SURROUNDINGS.get();
    let mut command = Command::new(surroundings.map_or(Path::new("git"), |known| &known.git));
    command
        .args(["--no-pager", "--no-optional-locks", "-C"])
        .arg(root)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let inherited = surroundings.map_or(&[] as &[String], |known| &known.cleared);
    for variable in CLEARED.into_iter().chain(inherited.iter().map(String::as_str)) {
        command.env_remove(variable);
    }
    command
        .env("LC_ALL", "C")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_NO_REPLACE_OBJECTS", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_ATTR_NOSYSTEM", "1")
        .env("GIT_LITERAL_PATHSPECS", "1")
        .env("GIT_ALLOW_PROTOCOL", "");
    let asked = arguments.iter().find(|argument| !argument.starts_with('-'));
    let walks = asked.is_some_and(|name| ["log", "rev-list"].contains(name));
    let most = if walks { limits::GIT_WALK_ALLOCATION } else { limits::GIT_ALLOCATION };
    command.env("GIT_ALLOC_LIMIT", most.to_string());
    // By environment and not as `-c key=value`, because a filter's name may
    // hold a `=`. The last of a key counts.
    let users = surroundings.map_or(&[] as &[_], |known| &known.settings);
    let [users, extra] =
        [users, extra].map(|settings| settings.iter().map(|(key, value)| (&key[..], &value[..])));
    let mut count = 0;
    for (key, value) in users.chain(SETTINGS).chain(extra) {
        command.env(format!("GIT_CONFIG_KEY_{count}"), key);
        command.env(format!("GIT_CONFIG_VALUE_{count}"), value);
        count += 1;
    }
    command.env("GIT_CONFIG_COUNT", count.to_string());
    command
}

/// Reads on a thread of its own, so that neither side waits for the other.
/// What goes beyond `at_most` is read no more.
fn collect<R: Read + Send + 'static>(stream: Option<R>, at_most: usize) -> mpsc::Receiver<Vec<u8>> {
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(stream) = stream {
            // A broken pipe ends the answer like its end does.
            let _ = stream.take(at_most as u64).read_to_end(&mut bytes);
        }
        send.send(bytes)
    });
    receive
}

/// What it says until it ends; `None` when it takes too long, or stands still:
/// a pipe in the place of a file holds git for ever.
fn wait(output: &mpsc::Receiver<Vec<u8>>, process: u32) -> Option<Vec<u8>> {
    let started = Instant::now();
    let mut before = None;
    while started.elapsed() < limits::GIT_TIME {
        match output.recv_timeout(limits::GIT_STANDSTILL) {
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            ended => return ended.ok(),
        }
        let now = sleeping(process);
        if now.is_some() && now == before {
            return None;
        }
        before = now;
    }
    None
}

/// What Linux tells of a process all of whose threads sleep, down to how often
/// they were woken: the same twice when nothing happened in between. `None`
/// for one that works or waits for a disk, and on other systems.
fn sleeping(process: u32) -> Option<String> {
    let mut all = String::new();
    for thread in std::fs::read_dir(format!("/proc/{process}/task")).ok()? {
        let status = std::fs::read_to_string(thread.ok()?.path().join("status")).ok()?;
        if !status.contains("\nState:\tS") {
            return None;
        }
        all += &status;
    }
    Some(all)
}

/// An error here means that it has already ended.
fn stop(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(variables: &[(&str, &str)], expected: &[(&str, &str)]) {
        let own = |(a, b): &(&str, &str)| (a.to_string(), b.to_string());
        let found = environment_settings(&variables.iter().map(own).collect());
        assert_eq!(found, expected.iter().map(own).collect::<Vec<_>>(), "{variables:?}");
    }

    #[test]
    fn settings_in_the_environment_are_read_as_git_reads_them() {
        check(
            &[
                ("GIT_CONFIG_COUNT", "2"),
                ("GIT_CONFIG_KEY_0", "core.excludesFile"),
                ("GIT_CONFIG_VALUE_0", "/x"),
                ("GIT_CONFIG_KEY_1", "a.b"),
                ("GIT_CONFIG_VALUE_1", ""),
                ("GIT_CONFIG_KEY_2", "not.counted"),
                ("GIT_CONFIG_VALUE_2", "1"),
                (
                    "GIT_CONFIG_PARAMETERS",
                    "'core.excludesFile'='/a b' 'c.d=e=f' 'g.h' 'i.j'='it'\\''s'\\!'' 'k.l'=",
                ),
            ],
            &[
                ("core.excludesFile", "/x"),
                ("a.b", ""),
                ("core.excludesFile", "/a b"),
                ("c.d", "e=f"),
                ("g.h", "true"),
                ("i.j", "it's!"),
                ("k.l", ""),
            ],
        );
        check(&[("GIT_CONFIG_COUNT", "x")], &[]);
        check(&[("GIT_CONFIG_COUNT", "2"), ("GIT_CONFIG_KEY_0", "a.b")], &[]);
        check(&[("GIT_CONFIG_PARAMETERS", "a.b=c")], &[]);
        check(&[("GIT_CONFIG_PARAMETERS", "'a.b'='c")], &[]);
    }
}
