//! What the operating system says about watching here: its limits, file
//! systems that tell nothing, and whether the machine slept.

use std::path::Path;
use std::time::{Duration, Instant};

/// What to do about a limit of the system, in one line that can be pasted.
pub struct Remedy {
    pub limit: String,
    pub hint: String,
}

/// Too many folders are watched on this machine; `wanted` are ours alone.
pub fn watch_limit(wanted: usize) -> Remedy {
    remedy("max_user_watches", "max_inotify_watches", (2 * wanted as u64).max(524_288))
}

/// Too many programs watch something, or this one has too many files open.
pub fn instance_limit() -> Remedy {
    remedy("max_user_instances", "max_inotify_instances", 1_024)
}

fn remedy(name: &str, of_namespace: &str, enough: u64) -> Remedy {
    let number = |path: &str| -> Option<u64> { std::fs::read_to_string(path).ok()?.trim().parse().ok() };
    let known = number(&format!("/proc/sys/fs/inotify/{name}"));
    let limit = match known {
        Some(known) => format!("fs.inotify.{name} = {known}"),
        None => name.to_string(),
    };
    // In a container the limit of its namespace may be the smaller one.
    let inner = number(&format!("/proc/sys/user/{of_namespace}"));
    match inner.filter(|inner| known.is_none_or(|known| *inner < known)) {
        Some(inner) => Remedy {
            limit: format!("user.{of_namespace} = {inner}"),
            hint: format!(
                "`sudo sysctl fs.inotify.{name}={enough} user.{of_namespace}={enough}` raises it, then start watch again"
            ),
        },
        None => Remedy {
            limit,
            hint: format!("`sudo sysctl fs.inotify.{name}={enough}` raises it, then start watch again"),
        },
    }
}

/// The name of a file system that tells of no change made by another machine,
/// or of none at all.
#[cfg(target_os = "linux")]
pub fn silent_file_system(path: &Path) -> Option<&'static str> {
    let kind = rustix::fs::statfs(path).ok()?.f_type as u32;
    SILENT.iter().find(|(magic, _)| *magic == kind).map(|(_, name)| *name)
}

/// Always `None`: only on Linux is the kind of a file system looked up.
#[cfg(not(target_os = "linux"))]
pub fn silent_file_system(_: &Path) -> Option<&'static str> {
    None
}

/// `f_type` of statfs(2): what the table of `stat -f` in GNU coreutils calls
/// remote, linux/magic.h, and the file systems' own headers.
#[cfg(target_os = "linux")]
const SILENT: [(u32, &str); 25] = [
    (0x6969, "NFS"),
    (0x517b, "SMB"),
    (0xfe53_4d42, "SMB"),
    (0xff53_4d42, "CIFS"),
    (0x0102_1997, "9p (a folder of Windows in WSL, or of a virtual machine's host)"),
    (0x6573_5546, "FUSE"),
    (0x5346_4846, "a folder of Windows in WSL"),
    (0x5346_414f, "AFS"),
    (0x6b41_4653, "AFS"),
    (0x7375_7245, "Coda"),
    (0x00c3_6400, "Ceph"),
    (0x786f_4256, "a shared folder of VirtualBox"),
    (0xbacb_acbc, "a shared folder of VMware"),
    (0x0bd0_0bd0, "Lustre"),
    (0x0116_1970, "GFS2"),
    (0x6163_6673, "ACFS"),
    (0x1983_0326, "BeeGFS"),
    (0x4750_4653, "GPFS"),
    (0x0131_11a8, "IBRIX"),
    (0x564c, "NetWare"),
    (0x7461_636f, "OCFS2"),
    (0xaad7_aaea, "PanFS"),
    (0x7c7c_6673, "a shared folder of Parallels"),
    (0xbeef_dead, "StorNext"),
    (0xa501_fcf5, "VxFS"),
];

/// Tells that the machine slept: then one clock went on and the other stood.
pub struct Sleep {
    running: Instant,
    always: Duration,
}

/// The difference between the two clocks from which the machine has slept;
/// reading one after the other takes less.
const ASLEEP: Duration = Duration::from_secs(2);

impl Sleep {
    /// Starts measuring now.
    pub fn new() -> Self {
        Self { running: Instant::now(), always: always() }
    }

    /// Whether the machine slept since the last call.
    pub fn slept(&mut self) -> bool {
        let (running, always) = (Instant::now(), always());
        let slept = is_gap(running - self.running, always.saturating_sub(self.always));
        (self.running, self.always) = (running, always);
        slept
    }
}

/// Whether the clock that never stands is ahead.
fn is_gap(running: Duration, always: Duration) -> bool {
    always.saturating_sub(running) > ASLEEP
}

/// A clock that goes on while the machine sleeps.
#[cfg(target_os = "linux")]
fn always() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    Duration::new(time.tv_sec.max(0) as u64, time.tv_nsec.clamp(0, 999_999_999) as u32)
}

/// Elsewhere the calendar's; when somebody sets it, one look too many follows.
#[cfg(not(target_os = "linux"))]
fn always() -> Duration {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_between_the_clocks_is_sleep() {
        let s = Duration::from_secs;
        assert!(is_gap(s(5), s(600)));
        assert!(!is_gap(s(5), s(5)));
        assert!(!is_gap(s(600), s(5)), "a clock that was set back is no sleep");
        assert!(!Sleep::new().slept());
    }

    #[test]
    fn a_limit_comes_with_the_line_that_raises_it() {
        let remedy = watch_limit(300_000);
        assert!(remedy.hint.contains("sysctl fs.inotify.max_user_watches=600000"), "{}", remedy.hint);
    }
}
