//! The process that a session ends with: the nearest one around a command that
//! was not started for that command alone. Read from `/proc`; where there is
//! none, sessions end by their leases alone.
//!
//! Not here: processes of other machines and containers, of which nothing is
//! known: they count as running.

use std::fs;

/// Programs that run another one and end with it.
const WRAPPERS: [&str; 14] = [
    "timeout", "env", "nice", "ionice", "nohup", "setsid", "stdbuf", "xargs", "sudo", "doas", "time",
    "strace", "script", "flock",
];

const SHELLS: [&str; 8] = ["sh", "bash", "dash", "zsh", "fish", "ksh", "ash", "busybox"];

/// How far up to look.
const MOST: usize = 24;

/// The owner of what process `pid` does, as a text that tells it from a later
/// process with the same number.
pub fn around(pid: u32) -> Option<String> {
    let machine = machine()?;
    let mut pid = Process::read(pid)?.parent;
    for _ in 0..MOST {
        // The first process never ends before its machine does.
        if pid <= 1 {
            return None;
        }
        let process = Process::read(pid)?;
        if !process.is_passing(pid) {
            return Some(format!("{machine}:{pid}:{}", process.started));
        }
        pid = process.parent;
    }
    None
}

/// Whether this process ran on this machine and has ended.
pub fn is_gone(owner: &str) -> bool {
    let mut parts = owner.rsplitn(3, ':');
    let (Some(started), Some(pid), Some(of)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let Ok(pid) = pid.parse() else { return false };
    let is_running =
        || Process::read(pid).is_some_and(|process| process.started == started && !process.is_dead);
    machine().is_some_and(|machine| machine == of) && !is_running()
}

/// Names this machine since it was switched on, and the container on it.
fn machine() -> Option<String> {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let processes = fs::read_link("/proc/self/ns/pid").ok()?;
    Some(format!("{}/{}", boot.trim(), processes.display()))
}

struct Process {
    name: String,
    parent: u32,
    /// In ticks since the machine was switched on.
    started: String,
    is_dead: bool,
}

impl Process {
    /// From `/proc/PID/stat`, in which the name may hold anything.
    fn read(pid: u32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let (before, after) = stat.rsplit_once(')')?;
        let fields: Vec<&str> = after.split_whitespace().collect();
        Some(Self {
            name: before.split_once('(')?.1.to_string(),
            is_dead: matches!(*fields.first()?, "Z" | "X"),
            parent: fields.get(1)?.parse().ok()?,
            started: fields.get(19)?.to_string(),
        })
    }

    /// Whether it runs one command and ends.
    fn is_passing(&self, pid: u32) -> bool {
        let name = self.name.trim_start_matches('-');
        WRAPPERS.contains(&name) || SHELLS.contains(&name) && runs_one_command(pid)
    }
}

/// Whether a shell was given its command as an argument, as programs do.
fn runs_one_command(pid: u32) -> bool {
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let mut arguments =
        line.split(|byte| *byte == 0).skip(1).take_while(|argument| argument.starts_with(b"-"));
    arguments.any(|argument| !argument.starts_with(b"--") && argument.contains(&b'c'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_gone_when_another_has_its_number_and_not_when_it_runs() {
        let own = std::process::id();
        let started = Process::read(own).unwrap().started;
        let machine = machine().unwrap();
        assert!(!is_gone(&format!("{machine}:{own}:{started}")));
        assert!(is_gone(&format!("{machine}:{own}:{started}0")));
        assert!(!is_gone(&format!("elsewhere:{own}:1")), "nothing is known of other machines");
        assert!(!is_gone("nonsense") && !is_gone(""));
    }

    #[test]
    fn a_shell_that_runs_one_command_is_not_the_owner() {
        let mut shell = std::process::Command::new("sh").args(["-c", "sleep 30; true"]).spawn().unwrap();
        // Its command line is empty for a moment.
        let line = || fs::read(format!("/proc/{}/cmdline", shell.id())).unwrap();
        while line().is_empty() {
            std::thread::yield_now();
        }
        assert!(runs_one_command(shell.id()));
        let around = around(shell.id()).unwrap();
        assert!(around.contains(&format!(":{}:", std::process::id())), "{around}");
        shell.kill().unwrap();
        shell.wait().unwrap();
    }
}
