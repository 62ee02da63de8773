//! Runs a command and hands on what it prints, as it prints it.
//!
//! Not here: what is kept of it, and what is shown instead.

use std::ffi::OsString;
use std::io::{self, IsTerminal, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};

/// One of the two streams of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputStream {
    Stdout,
    Stderr,
}

/// What a command that runs has to say.
enum Message {
    Bytes(OutputStream, Vec<u8>),
    Closed,
    Exit(ExitStatus),
}

/// A command that was started.
pub struct RunningCommand {
    receiver: Receiver<Message>,
    _signals: Option<SignalForwarding>,
}

/// Where output goes as it comes: standard output and standard error, or
/// nowhere.
pub type PassedOn = Option<[Box<dyn Write + Send>; 2]>;

/// Pieces of output that may wait to be kept, each up to [`PIECE`] bytes.
const WAITING: usize = 64;

const PIECE: usize = 64 * 1024;

/// How long to wait for more output once the command has ended: processes that
/// it left running may hold the streams open.
const AFTERMATH: Duration = Duration::from_millis(300);

/// Starts a command. It reads our standard input.
pub fn start(command: &[OsString], passed_on: PassedOn) -> io::Result<RunningCommand> {
    let [program, arguments @ ..] = command else { return Err(io::ErrorKind::InvalidInput.into()) };
    let mut child =
        Command::new(program).args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let signals = SignalForwarding::to(&child).ok();
    let (sender, receiver) = sync_channel(WAITING);
    let [on_stdout, on_stderr] = match passed_on {
        Some([stdout, stderr]) => [Some(stdout), Some(stderr)],
        None => [None, None],
    };
    if let Some(stdout) = child.stdout.take() {
        hand_on(stdout, OutputStream::Stdout, on_stdout, sender.clone());
    }
    if let Some(stderr) = child.stderr.take() {
        hand_on(stderr, OutputStream::Stderr, on_stderr, sender.clone());
    }
    std::thread::spawn(move || child.wait().map(|status| sender.send(Message::Exit(status))));
    Ok(RunningCommand { receiver, _signals: signals })
}

/// Reads a stream to its end. Who reads ours no longer ends the command's, as
/// if there were nobody between them.
fn hand_on(
    mut from: impl Read + Send + 'static,
    stream: OutputStream,
    mut to: Option<Box<dyn Write + Send>>,
    sender: SyncSender<Message>,
) {
    std::thread::spawn(move || {
        let mut piece = vec![0; PIECE];
        while let Ok(length @ 1..) = from.read(&mut piece) {
            let bytes = &piece[..length];
            let is_read = to.as_mut().is_none_or(|to| to.write_all(bytes).and_then(|()| to.flush()).is_ok());
            if !is_read || sender.send(Message::Bytes(stream, bytes.to_vec())).is_err() {
                break;
            }
        }
        drop(from);
        let _ = sender.send(Message::Closed);
    });
}

impl RunningCommand {
    /// Waits for the end and hands over what is printed until then.
    pub fn finish(self, mut keep: impl FnMut(OutputStream, &[u8])) -> Option<ExitStatus> {
        let (mut open, mut status) = (2, None);
        loop {
            let message = match status {
                None => self.receiver.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(_) => self.receiver.recv_timeout(AFTERMATH),
            };
            match message {
                Ok(Message::Bytes(stream, bytes)) => keep(stream, &bytes),
                Ok(Message::Closed) => open -= 1,
                Ok(Message::Exit(ended)) => status = Some(ended),
                Err(_) => return status,
            }
            if open == 0 && status.is_some() {
                return status;
            }
        }
    }
}

/// The exit code as shells tell it: 128 and the number of a signal.
pub fn exit_code(status: ExitStatus) -> u8 {
    let of_signal = || status.signal().map(|signal| 128 + signal);
    status.code().or_else(of_signal).and_then(|code| u8::try_from(code & 0xff).ok()).unwrap_or(1)
}

/// Ends a process that leads a group, and all that it started.
pub fn end_group(child: &Child) {
    if let Some(group) = rustix::process::Pid::from_raw(child.id() as i32) {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
}

/// Signals that end us go to the command; we end when it does.
struct SignalForwarding {
    handle: signal_hook::iterator::Handle,
}

impl SignalForwarding {
    fn to(child: &Child) -> io::Result<Self> {
        let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGQUIT, SIGTERM, SIGHUP])?;
        let handle = signals.handle();
        let child = rustix::process::Pid::from_raw(child.id() as i32);
        // A terminal tells both of us.
        let is_told = io::stdin().is_terminal();
        std::thread::spawn(move || {
            for signal in signals.forever() {
                if is_told && matches!(signal, SIGINT | SIGQUIT) {
                    continue;
                }
                let named = rustix::process::Signal::from_named_raw(signal);
                if let (Some(child), Some(signal)) = (child, named) {
                    let _ = rustix::process::kill_process(child, signal);
                }
            }
        });
        Ok(Self { handle })
    }
}

impl Drop for SignalForwarding {
    fn drop(&mut self) {
        self.handle.close();
    }
}
