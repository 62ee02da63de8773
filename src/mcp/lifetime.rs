//! Ends the server, even while it is busy, when the client or the program that
//! started it is gone. Otherwise every session would leave a process behind.
//!
//! Signals end it as they end any program.

use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::getppid;
use rustix::time::Timespec;

/// How long what is under way may go on after the end of input.
pub const LAST_ANSWERS: Duration = Duration::from_millis(800);

/// How often to check whether the client is still there.
const LOOK: Duration = Duration::from_millis(100);

/// Ends the process when the parent has gone, or the client, a moment after.
pub fn watch() {
    let parent = getppid();
    std::thread::spawn(move || {
        let mut gone = None;
        while getppid() == parent {
            if client_is_gone() {
                let since = gone.get_or_insert_with(Instant::now);
                if since.elapsed() > LAST_ANSWERS {
                    break;
                }
            }
            std::thread::sleep(LOOK);
        }
        leave();
    });
}

/// Whether nobody holds the other end of standard input; what was sent before
/// may still be read.
fn client_is_gone() -> bool {
    let stdin = rustix::stdio::stdin();
    let mut asked = [PollFd::new(&stdin, PollFlags::empty())];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut asked, Some(&at_once)).is_ok() && asked[0].revents().contains(PollFlags::HUP)
}

/// Nobody waits for anything any more. What is being written is written whole
/// or not at all, as after any end.
pub fn leave() -> ! {
    std::process::exit(0)
}
