//! Signals of the process: each is passed on, and ends the process where that
//! does not help.
//!
//! Not here: what a watch does at a signal (`mod`).

use std::io;
use std::time::Duration;

/// How long after a signal the process ends in any case. The third signal ends
/// it at once.
const LAST_RESORT: Duration = Duration::from_secs(8);

/// Passes the signals that end a process to `to`, from a thread of its own.
pub fn forward(to: impl Fn(i32) + Send + 'static) -> io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    std::thread::spawn(move || {
        for (earlier, signal) in signals.forever().enumerate() {
            to(signal);
            match earlier {
                0 => _ = std::thread::spawn(move || end_by(signal, LAST_RESORT)),
                1 => {}
                _ => end_by(signal, Duration::ZERO),
            }
        }
    });
    Ok(())
}

/// Ends the process as if nobody had listened to the signal. It is safe to cut a
/// snapshot off at any moment.
fn end_by(signal: i32, after: Duration) {
    std::thread::sleep(after);
    // It fails for signals that do not end a process.
    let _ = signal_hook::low_level::emulate_default_handler(signal);
}
