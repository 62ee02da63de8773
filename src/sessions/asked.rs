//! Asks a program of the user's: a text goes in, a text comes out, within a time
//! and up to a size. What it started goes with it.

use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use super::child::end_group;

/// How long a program may take, and how many bytes it may answer.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    pub time: Duration,
    pub bytes: usize,
}

/// Bytes of standard error that are kept for an error.
const TROUBLE: usize = 4_000;

/// What a shell command answers to a text, or why there is no answer.
pub fn ask(command: &str, folder: &Path, input: String, bounds: Bounds) -> Result<String, String> {
    let mut child = Command::new("sh")
        .args(["-c", command])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .map_err(|error| format!("it cannot be started: {error}"))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program may answer without having read everything.
        std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    }
    let answer = child.stdout.take().map(|stream| read_apart(stream, bounds.bytes + 1));
    let trouble = child.stderr.take().map(|stream| read_apart(stream, TROUBLE));
    let end = Instant::now() + bounds.time;
    let answer = answer.and_then(|answer| within(&answer, end));
    let status = wait(&mut child, end);
    let (Some(status), Some(answer)) = (status, answer) else {
        end_group(&child);
        let _ = child.wait();
        return Err(format!("it did not end within {} s", bounds.time.as_secs()));
    };
    if !status.success() {
        let said = trouble.and_then(|trouble| within(&trouble, Instant::now() + Duration::from_secs(1)));
        let said = String::from_utf8_lossy(&said.unwrap_or_default()).into_owned();
        let line = said.lines().map(str::trim).find(|line| !line.is_empty());
        return Err(format!(
            "it ended with {status}{}",
            line.map(|line| format!(": {line}")).unwrap_or_default()
        ));
    }
    if answer.len() > bounds.bytes {
        return Err(format!("it answered more than {} bytes", bounds.bytes));
    }
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// Reads a stream up to a size; what comes after that is read and dropped.
fn read_apart(mut stream: impl Read + Send + 'static, most: usize) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = (&mut stream).take(most as u64).read_to_end(&mut bytes);
        let _ = io::copy(&mut stream, &mut io::sink());
        sender.send(bytes)
    });
    receiver
}

fn within(receiver: &Receiver<Vec<u8>>, end: Instant) -> Option<Vec<u8>> {
    receiver.recv_timeout(end.saturating_duration_since(Instant::now())).ok()
}

fn wait(child: &mut Child, end: Instant) -> Option<std::process::ExitStatus> {
    loop {
        match child.try_wait() {
            Ok(None) if Instant::now() < end => std::thread::sleep(Duration::from_millis(5)),
            ended => return ended.ok().flatten(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(command: &str) -> Result<String, String> {
        let bounds = Bounds { time: Duration::from_millis(1_500), bytes: 1_000 };
        ask(command, Path::new("/"), "hello\n".repeat(50_000), bounds)
    }

    #[test]
    fn a_program_answers_or_it_is_said_why_not() {
        assert_eq!(asked("head -n 1").as_deref(), Ok("hello\n"));
        assert_eq!(asked("echo fine").as_deref(), Ok("fine\n"));
        assert_eq!(asked("echo no luck >&2; exit 3").unwrap_err(), "it ended with exit status: 3: no luck");
        assert_eq!(asked("cat").unwrap_err(), "it answered more than 1000 bytes");
        assert_eq!(asked("sleep 60 & sleep 60").unwrap_err(), "it did not end within 1 s");
    }
}
