//! One worker: how it is started, asked and ended, and the worker's own side.
//! It inherits nothing but three pipes, and gives up every right that a parser
//! does not need.
//!
//! Not here: which worker is asked, and what its failure means for a file
//! (`super`).

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitCode, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Resource, Rlimit, Signal, getrlimit, setrlimit};

use super::frame::{self, HEAD};
use crate::model::{Content, Unparsed};
use crate::{extract, limits};

/// The argument that makes this program a worker.
pub const COMMAND: &str = "parse-for-waypost";

/// Variables that a worker is started with, if they are set: without them a
/// library that the program is linked to may not be found.
const KEPT: [&str; 2] = ["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"];

/// What a worker says when the program that it was started from is not its
/// own: the file was replaced between two starts. Also what the command line
/// gives for an unknown command.
const STRANGER: u8 = 2;

/// Bytes that are read at once, a pipe's usual size.
const CHUNK: usize = 65_536;

/// Last bytes kept of what a worker says: a line of C's or Rust's about why it
/// ends.
const LAST_WORDS: usize = 4_096;

/// A worker, seen from the program.
pub(super) struct ParserProcess {
    child: Child,
    stdin: ChildStdin,
    stdout: ChildStdout,
    stderr: ChildStderr,
    last_words: Vec<u8>,
    /// Languages whose queries it has compiled, which takes longer than parsing
    /// most files.
    languages: Vec<String>,
}

/// Why there is no answer.
pub(super) enum WorkerError {
    Late,
    Ended,
    Garbage,
}

impl ParserProcess {
    /// Starts a worker in `/` with next to no environment; `grammars` is the folder of the user's
    /// own languages.
    pub fn start(grammars: Option<&Path>) -> io::Result<Self> {
        let mut command = Command::new(program()?);
        command
            .arg0("waypost")
            .args([COMMAND, env!("CARGO_PKG_VERSION")])
            .args(grammars)
            .env_clear()
            .envs(KEPT.iter().filter_map(|name| Some((name, std::env::var_os(name)?))))
            .current_dir("/")
            // A terminal's Ctrl-C is for the program; its end is the worker's.
            .process_group(0);
        Self::attach(&mut command)
    }

    fn attach(command: &mut Command) -> io::Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(stdin), Some(stdout), Some(stderr)) = pipes else {
            return Err(io::Error::other("its pipes are missing"));
        };
        let worker = Self { child, stdin, stdout, stderr, last_words: Vec::new(), languages: Vec::new() };
        for pipe in [worker.stdin.as_fd(), worker.stdout.as_fd(), worker.stderr.as_fd()] {
            rustix::io::ioctl_fionbio(pipe, true)?;
        }
        Ok(worker)
    }

    /// Whether the worker was asked for this language before, so that its query is compiled.
    pub fn knows(&self, language: &str) -> bool {
        self.languages.iter().any(|known| known == language)
    }

    /// Sends a framed request and waits for the answer. After an error the
    /// worker is of no more use.
    pub fn ask(&mut self, language: &str, request: &[u8], deadline: Instant) -> Result<Content, WorkerError> {
        if !self.knows(language) {
            self.languages.push(language.to_string());
        }
        self.send(request, deadline)?;
        let mut answer = Vec::new();
        self.receive(&mut answer, HEAD, deadline)?;
        let head = answer[..HEAD].try_into().map_err(|_| WorkerError::Garbage)?;
        let length = frame::length(head);
        if length > limits::PARSE_ANSWER {
            return Err(WorkerError::Garbage);
        }
        self.receive(&mut answer, HEAD + length, deadline)?;
        match answer.len() == HEAD + length {
            true => frame::read(&answer[HEAD..]).ok_or(WorkerError::Garbage),
            false => Err(WorkerError::Garbage),
        }
    }

    fn send(&mut self, mut bytes: &[u8], deadline: Instant) -> Result<(), WorkerError> {
        while !bytes.is_empty() {
            match self.stdin.write(bytes) {
                Ok(written) => bytes = &bytes[written..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let stdin = PollFd::new(&self.stdin, PollFlags::OUT);
                    wait(stdin, &mut self.stderr, &mut self.last_words, deadline)?;
                }
                Err(_) => return Err(WorkerError::Ended),
            }
        }
        Ok(())
    }

    /// Reads until there are at least so many bytes.
    fn receive(
        &mut self,
        bytes: &mut Vec<u8>,
        at_least: usize,
        deadline: Instant,
    ) -> Result<(), WorkerError> {
        while bytes.len() < at_least {
            let start = bytes.len();
            bytes.resize(start + CHUNK, 0);
            let read = self.stdout.read(&mut bytes[start..]);
            bytes.truncate(start + read.as_ref().map_or(0, |read| *read));
            match read {
                Ok(0) => return Err(WorkerError::Ended),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let stdout = PollFd::new(&self.stdout, PollFlags::IN);
                    wait(stdout, &mut self.stderr, &mut self.last_words, deadline)?;
                }
                Err(_) => return Err(WorkerError::Ended),
            }
        }
        Ok(())
    }

    /// Kills the worker and returns why it failed.
    ///
    /// # Errors
    ///
    /// If the worker was another program than this one.
    pub fn end(mut self, why: WorkerError) -> io::Result<Unparsed> {
        let status = match why {
            WorkerError::Late => return Ok(Unparsed::Unfinished),
            WorkerError::Garbage => None,
            WorkerError::Ended => self.ended(),
        };
        let Some(status) = status else { return Ok(Unparsed::Crashed) };
        collect(&mut self.stderr, &mut self.last_words);
        if status.code() == Some(STRANGER.into()) {
            return Err(io::Error::other("the program was replaced while it ran"));
        }
        let said = String::from_utf8_lossy(&self.last_words);
        Ok(match status.signal() {
            // Not by us: by the system for want of memory, or by a person.
            Some(KILL | TERM) => Unparsed::Unfinished,
            Some(XCPU) => Unparsed::TooSlow,
            _ if OUT_OF_MEMORY.iter().any(|words| said.contains(words)) => Unparsed::TooLarge,
            _ => Unparsed::Crashed,
        })
    }
}

impl ParserProcess {
    /// How it ended after closing its pipes; `None` if it is still running.
    fn ended(&mut self) -> Option<ExitStatus> {
        let end = Instant::now() + DYING;
        loop {
            match self.child.try_wait() {
                Ok(None) if Instant::now() < end => std::thread::sleep(Duration::from_millis(1)),
                outcome => return outcome.ok().flatten(),
            }
        }
    }
}

/// A process closes its pipes shortly before it has ended.
const DYING: Duration = Duration::from_secs(1);

const KILL: i32 = Signal::KILL.as_raw();
const TERM: i32 = Signal::TERM.as_raw();
const XCPU: i32 = Signal::XCPU.as_raw();

/// What tree-sitter and Rust say when they end for want of memory.
const OUT_OF_MEMORY: [&str; 3] = ["failed to allocate", "failed to reallocate", "memory allocation of"];

impl Drop for ParserProcess {
    fn drop(&mut self) {
        // An error means that it has already ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until the pipe is ready, meanwhile reading what the worker says, so
/// that it never waits for us to.
fn wait(
    pipe: PollFd<'_>,
    stderr: &mut ChildStderr,
    last_words: &mut Vec<u8>,
    deadline: Instant,
) -> Result<(), WorkerError> {
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(WorkerError::Late);
        }
        let mut pipes = [pipe.clone(), PollFd::new(stderr, PollFlags::IN)];
        let timeout = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: left.subsec_nanos().into() };
        match poll(&mut pipes, Some(&timeout)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(_) => return Err(WorkerError::Ended),
        }
        let is_ready = !pipes[0].revents().is_empty();
        if pipes[1].revents().contains(PollFlags::IN) {
            collect(stderr, last_words);
        }
        if is_ready {
            return Ok(());
        }
    }
}

/// What a pipe holds at most, and no more: a worker may never stop talking.
fn collect(stderr: &mut ChildStderr, last_words: &mut Vec<u8>) {
    let mut chunk = vec![0; CHUNK];
    if let Ok(read) = stderr.read(&mut chunk) {
        last_words.extend(&chunk[..read]);
        last_words.drain(..last_words.len().saturating_sub(LAST_WORDS));
    }
}

/// This very program, also when its file was replaced meanwhile, where the
/// system can tell.
fn program() -> io::Result<PathBuf> {
    let running = Path::new("/proc/self/exe");
    match cfg!(target_os = "linux") && running.exists() {
        true => Ok(running.to_path_buf()),
        false => std::env::current_exe(),
    }
}

/// The worker itself: answers requests until there are no more. `arguments`
/// are those behind [`COMMAND`].
pub fn run(arguments: &[OsString]) -> ExitCode {
    if arguments.first().is_none_or(|version| version != env!("CARGO_PKG_VERSION")) {
        return ExitCode::from(STRANGER);
    }
    bound_memory();
    if let Some(grammars) = arguments.get(1) {
        // The program has told what is wrong with them.
        let _ = extract::read_user_grammars(Path::new(grammars));
    }
    let Ok((mut input, mut output)) = pipes() else { return ExitCode::FAILURE };
    give_up_rights();
    // A broken pipe means that the program has ended.
    while let Ok(request) = next(&mut input) {
        let Some(frame::Request { language, source }) = frame::read(&request) else { break };
        let Some(language) = extract::language_named(&language) else { break };
        // What that takes is not the text's fault.
        language.prepare();
        bound_time();
        if output.write_all(&frame::answer(&extract::content(Some(language), &source))).is_err() {
            break;
        }
    }
    ExitCode::SUCCESS
}

/// Copies of the pipes; what a parser itself prints goes to standard error.
fn pipes() -> io::Result<(File, File)> {
    let copy = |pipe: BorrowedFd<'_>| pipe.try_clone_to_owned().map(File::from);
    let pipes = (copy(rustix::stdio::stdin())?, copy(rustix::stdio::stdout())?);
    rustix::stdio::dup2_stdout(rustix::stdio::stderr())?;
    Ok(pipes)
}

fn next(input: &mut File) -> io::Result<Vec<u8>> {
    let mut head = [0; HEAD];
    input.read_exact(&mut head)?;
    let length = frame::length(head);
    let mut message = Vec::with_capacity(length);
    input.take(length as u64).read_to_end(&mut message)?;
    Ok(message)
}

fn bound_memory() {
    lower(Resource::As, limits::PARSE_MEMORY);
    lower(Resource::Core, 0);
    #[cfg(target_os = "linux")]
    {
        // The end of the pipe tells too, but not while a parser runs.
        let _ = rustix::process::set_parent_process_death_signal(Some(Signal::KILL));
        let _ = rustix::thread::set_no_new_privs(true);
    }
}

/// From here on no file is opened or made longer and no process is started.
fn give_up_rights() {
    for right in [Resource::Nofile, Resource::Fsize, Resource::Nproc] {
        lower(right, 0);
    }
}

/// Makes the system end this worker if the next text takes too long. The system
/// counts whole seconds, so that is up to a second after
/// [`limits::PARSE_TIME`].
fn bound_time() {
    let used = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime).tv_sec as u64;
    let current = Some(used + limits::PARSE_TIME.as_secs() + 1);
    let maximum = getrlimit(Resource::Cpu).maximum;
    // A bound beyond the system's own cannot be set, and need not be.
    let _ = setrlimit(Resource::Cpu, Rlimit { current, maximum });
}

/// Lowers a limit for good: the current one, and the one up to which it could
/// be raised again.
fn lower(resource: Resource, to: u64) {
    let to = getrlimit(resource).maximum.map_or(to, |most| most.min(to));
    // Lowering is always allowed where the system knows the resource.
    let _ = setrlimit(resource, Rlimit { current: Some(to), maximum: Some(to) });
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: &[u8] = b"a request";
    /// More than a pipe holds.
    const LONG: &[u8] = &[0; 200_000];

    /// A shell plays the worker.
    fn check(script: &str, request: &[u8], expected: Result<Unparsed, &str>) {
        let mut worker = ParserProcess::attach(Command::new("sh").args(["-c", script])).unwrap();
        let deadline = Instant::now() + Duration::from_millis(800);
        let why = worker.ask("rust", request, deadline).unwrap_err();
        let outcome = worker.end(why).map_err(|error| error.to_string());
        assert_eq!(outcome, expected.map_err(str::to_string), "{script}");
    }

    #[test]
    fn what_a_worker_does_ends_it_with_a_verdict() {
        check("kill -SEGV $$", LONG, Ok(Unparsed::Crashed));
        check("exit 0", LONG, Ok(Unparsed::Crashed));
        check("kill -XCPU $$", LONG, Ok(Unparsed::TooSlow));
        check("kill -KILL $$", LONG, Ok(Unparsed::Unfinished));
        check("echo memory allocation of 9 bytes failed >&2; kill -ABRT $$", LONG, Ok(Unparsed::TooLarge));
        check("exit 2", LONG, Err("the program was replaced while it ran"));
    }

    #[test]
    fn a_worker_that_hangs_is_not_waited_for() {
        check("exec sleep 100", LONG, Ok(Unparsed::Unfinished));
        check("exec sleep 100 >&-", SHORT, Ok(Unparsed::Crashed));
        check("exec sleep 100 <&-", LONG, Ok(Unparsed::Crashed));
        check("exec 3>&1; exec yes >&2", SHORT, Ok(Unparsed::Unfinished));
        check("printf '\\100\\0\\0\\0'; cat >&2; exec sleep 100", SHORT, Ok(Unparsed::Unfinished));
    }

    #[test]
    fn a_worker_that_writes_garbage_is_ended() {
        check("exec yes", SHORT, Ok(Unparsed::Crashed));
        check("exec cat", SHORT, Ok(Unparsed::Crashed));
        check("printf '\\377\\377\\377\\377'; exec cat >&2", LONG, Ok(Unparsed::Crashed));
        check("printf '\\3\\0\\0\\0abcdef'; exec cat >&2", LONG, Ok(Unparsed::Crashed));
        check("printf '\\100\\0\\0\\0abc'", SHORT, Ok(Unparsed::Crashed));
    }
}
