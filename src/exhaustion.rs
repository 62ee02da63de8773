//! Ends the program with a message when it runs out of a resource: memory
//! (`ulimit -v`), threads (`ulimit -u`) or file size (`ulimit -f`). Otherwise
//! each of these would end it with a signal and no explanation.
//!
//! Not here: errors that a call reports, which say where they came from
//! ([`crate::io_errors`]).

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether this process prints such messages. Workers do not: the process that
/// started them reports their end.
static TELLS: AtomicBool = AtomicBool::new(false);

/// Makes this process print why it ends. To be called once, at the start.
pub fn tell() {
    TELLS.store(true, Ordering::Relaxed);
    // With any handler in place, a write beyond the limit is an error. Where
    // none can be put there, it stays a signal.
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::new(AtomicBool::new(false)));
    let told = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let payload = panic.payload();
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text = text.or(payload.downcast_ref::<&str>().copied()).unwrap_or_default();
        if text.contains("failed to spawn thread") || text.contains("ThreadPoolBuildError") {
            end(NO_THREAD);
        }
        told(panic);
    }));
}

const NO_MEMORY: &[u8] =
    b"error: out of memory: the system gives this process no more\nhint: raise the limit (`ulimit -v`), or close other programs\n";

const NO_THREAD: &[u8] =
    b"error: cannot start a thread: the system gives this process no more\nhint: raise the limits (`ulimit -u`, `ulimit -v`)\n";

fn end(message: &[u8]) -> ! {
    // Nothing on the way here may ask for memory.
    let _ = rustix::io::write(rustix::stdio::stderr(), message);
    std::process::exit(2)
}

/// The system's allocator, except that running out of memory ends the process
/// with a message; in a parser's worker it behaves as usual.
pub struct Allocator;

fn given(memory: *mut u8) -> *mut u8 {
    if memory.is_null() && TELLS.swap(false, Ordering::Relaxed) {
        end(NO_MEMORY);
    }
    memory
}

// SAFETY: every call is passed on as it is, and what comes back as well.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        given(unsafe { System.alloc(layout) })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        given(unsafe { System.alloc_zeroed(layout) })
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
        given(unsafe { System.realloc(memory, layout, bytes) })
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        unsafe { System.dealloc(memory, layout) }
    }
}
