//! Writes without holding up the work: texts wait in a bounded queue until a
//! separate thread has written them. Where nobody reads, as behind a stalled
//! pipe or on a paused terminal, the oldest texts are dropped, and a mark says
//! how many.
//!
//! Not here: what is written, and where to (`out`).

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Bytes that wait at most, but for the newest text: a few hundred events.
const MOST: usize = 256 * 1024;

/// How long to wait for a text to be written, so that two streams keep their
/// order while they are read. If nobody reads, only the first text waits.
const PATIENCE: Duration = Duration::from_millis(200);

/// A queue in front of a stream. Clones share it.
#[derive(Clone)]
pub struct Writer(Arc<Shared>);

struct Shared {
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<String>,
    bytes: usize,
    dropped: u64,
    /// Whether a text was taken out and is being written.
    is_writing: bool,
    /// Whether waiting for a text timed out, and nothing has been read since.
    is_stalled: bool,
    failed: Option<(io::ErrorKind, String)>,
    /// Whether the stream is closed for good.
    is_closed: bool,
}

impl Writer {
    /// Starts the writing thread. `mark` formats the notice for a number of
    /// dropped texts.
    pub fn new(stream: impl Write + Send + 'static, mark: fn(u64) -> String) -> Self {
        let shared = Arc::new(Shared { queue: Mutex::default(), changed: Condvar::new() });
        let own = shared.clone();
        let thread = std::thread::Builder::new().name("write".into());
        if let Err(error) = thread.spawn(move || own.write(stream, mark)) {
            let mut queue = shared.lock();
            queue.failed = Some((error.kind(), error.to_string()));
            queue.is_closed = true;
        }
        Self(shared)
    }

    /// Queues a text. Fails if an earlier one could not be written.
    pub fn put(&self, text: &str) -> io::Result<()> {
        let mut queue = self.0.lock();
        queue.push(text);
        self.0.changed.notify_all();
        if !queue.is_stalled {
            queue = self.0.wait(queue, Some(Instant::now() + PATIENCE));
            queue.is_stalled = !queue.is_idle();
        }
        queue.outcome()
    }

    /// Queues a text that the next one of its kind replaces; does nothing if
    /// nobody reads.
    pub fn put_passing(&self, text: &str) -> io::Result<()> {
        let is_stalled = self.0.lock().is_stalled;
        if is_stalled { Ok(()) } else { self.put(text) }
    }

    /// Waits until everything is written, or until the time is up.
    pub fn flush(&self, at_most: Option<Duration>) {
        let until = at_most.map(|time| Instant::now() + time);
        drop(self.0.wait(self.0.lock(), until));
    }
}

impl Queue {
    fn push(&mut self, text: &str) {
        self.bytes += text.len();
        self.waiting.push_back(text.to_string());
        while self.bytes > MOST && self.waiting.len() > 1 {
            self.bytes -= self.waiting.pop_front().map_or(0, |text| text.len());
            self.dropped += 1;
        }
    }

    /// Takes the next text, or the mark for those that were dropped before it.
    fn next(&mut self, mark: fn(u64) -> String) -> Option<String> {
        if self.dropped > 0 {
            return Some(mark(std::mem::take(&mut self.dropped)));
        }
        let text = self.waiting.pop_front()?;
        self.bytes -= text.len();
        Some(text)
    }

    fn is_idle(&self) -> bool {
        self.is_closed || self.waiting.is_empty() && !self.is_writing
    }

    fn outcome(&self) -> io::Result<()> {
        match &self.failed {
            Some((kind, why)) => Err(io::Error::new(*kind, why.clone())),
            None => Ok(()),
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the queue is empty and nothing is being written, or until
    /// `until`.
    fn wait<'a>(&self, mut queue: MutexGuard<'a, Queue>, until: Option<Instant>) -> MutexGuard<'a, Queue> {
        while !queue.is_idle() {
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            queue = match left {
                Some(Duration::ZERO) => break,
                Some(left) => {
                    self.changed.wait_timeout(queue, left).unwrap_or_else(PoisonError::into_inner).0
                }
                None => self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner),
            };
        }
        queue
    }

    fn write(&self, mut stream: impl Write, mark: fn(u64) -> String) {
        let mut queue = self.lock();
        while !queue.is_closed {
            let Some(text) = queue.next(mark) else {
                queue.is_stalled = false;
                self.changed.notify_all();
                queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            queue.is_writing = true;
            drop(queue);
            let written = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
            queue = self.lock();
            queue.is_writing = false;
            // A disk that is full now may take the next text, which may say why the
            // command failed.
            if let Err(error) = written {
                queue.is_closed = error.kind() == io::ErrorKind::BrokenPipe;
                queue.failed = Some((error.kind(), error.to_string()));
            }
        }
        self.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stream that is read only on request.
    #[derive(Clone, Default)]
    struct Pipe(Arc<(Mutex<(bool, String)>, Condvar)>);

    impl Pipe {
        fn read(&self) {
            self.0.0.lock().unwrap().0 = true;
            self.0.1.notify_all();
        }

        fn text(&self) -> String {
            self.0.0.lock().unwrap().1.clone()
        }
    }

    impl Write for Pipe {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let mut state = self.0.1.wait_while(self.0.0.lock().unwrap(), |state| !state.0).unwrap();
            state.1.push_str(std::str::from_utf8(bytes).unwrap());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn mark(dropped: u64) -> String {
        format!("dropped: {dropped}\n")
    }

    #[test]
    fn what_somebody_reads_is_written_when_put_returns() {
        let pipe = Pipe::default();
        pipe.read();
        let writer = Writer::new(pipe.clone(), mark);
        for n in 0..100 {
            writer.put(&format!("{n}\n")).unwrap();
            writer.flush(None);
            assert!(pipe.text().ends_with(&format!("{n}\n")));
        }
    }

    #[test]
    fn what_nobody_reads_holds_up_nobody_and_is_bounded_and_marked() {
        let pipe = Pipe::default();
        let writer = Writer::new(pipe.clone(), mark);
        let began = Instant::now();
        let line = "x".repeat(1_000);
        for n in 0..10_000 {
            writer.put(&format!("{n} {line}\n")).unwrap();
            writer.put_passing("a bar").unwrap();
        }
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
        assert!(writer.0.lock().bytes <= MOST);
        writer.flush(Some(Duration::from_millis(1)));
        pipe.read();
        writer.flush(None);
        let text = pipe.text();
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("0 ") && lines[1].starts_with("dropped: 9"), "{}", lines[1]);
        assert!(lines.last().unwrap().starts_with("9999 ") && !text.contains("a bar"));
        let dropped: usize = lines[1].strip_prefix("dropped: ").unwrap().parse().unwrap();
        assert_eq!(dropped + lines.len() - 1, 10_000);
    }

    #[test]
    fn a_stream_that_is_closed_is_told() {
        struct Closed;
        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let writer = Writer::new(Closed, mark);
        _ = writer.put("one");
        writer.flush(None);
        assert_eq!(writer.put("two").unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }

    #[test]
    fn a_text_that_cannot_be_written_is_told_and_takes_no_other_with_it() {
        struct Full(Pipe);
        impl Write for Full {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                match bytes {
                    b"one" => Err(io::ErrorKind::StorageFull.into()),
                    _ => self.0.write(bytes),
                }
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let pipe = Pipe::default();
        pipe.read();
        let writer = Writer::new(Full(pipe.clone()), mark);
        _ = writer.put("one");
        writer.flush(None);
        assert_eq!(writer.put("two").unwrap_err().kind(), io::ErrorKind::StorageFull);
        writer.flush(None);
        assert_eq!(pipe.text(), "two");
    }
}
