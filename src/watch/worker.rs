//! The one thread that takes snapshots, so that the loop stays awake for
//! signals and events. One thread for all of them: what the allocator keeps for
//! the next snapshot is kept once.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::WorkerInbox;
use crate::model::RelPath;
use crate::pipeline::{self, Context, Refocus, Request, SnapshotOutcome, WarmState};

/// As much as the main thread has, where snapshots run otherwise.
const STACK: usize = 8 << 20;

/// Snapshots between two thinnings of those that nobody asked for: it costs a
/// pass over the stored files.
const THIN_EVERY: u32 = 32;

/// After a minute without a change the parsers' processes end; the first save
/// after it waits for new ones, a tenth of a second.
const REST: Duration = Duration::from_secs(60);

/// How long closing the database may take at the end: it writes its log back.
const CLOSING: Duration = Duration::from_secs(5);

/// The thread that takes snapshots, one at a time.
pub struct SnapshotWorker {
    /// `None` once it is to end.
    jobs: Option<Sender<Job>>,
    thread: JoinHandle<()>,
    is_busy: bool,
}

/// A snapshot to be taken; see [`Request`].
pub struct Job {
    pub context: Arc<Context>,
    pub goal: Option<String>,
    pub refocus: Refocus,
    pub touched: Option<Vec<RelPath>>,
}

/// A snapshot, and how long it took.
pub struct WorkerResult {
    pub result: pipeline::Result<SnapshotOutcome>,
    pub elapsed: Duration,
}

impl SnapshotWorker {
    /// Starts the thread; it waits for jobs and puts each result into `inbox`.
    pub fn start(inbox: Arc<WorkerInbox>) -> io::Result<Self> {
        let (jobs, orders) = mpsc::channel();
        let thread = std::thread::Builder::new().name("look".into()).stack_size(STACK);
        let thread = thread.spawn(move || work(&orders, &inbox))?;
        Ok(Self { jobs: Some(jobs), thread, is_busy: false })
    }

    /// Starts a snapshot, whose outcome arrives in the inbox.
    pub fn look(&mut self, job: Job) {
        self.is_busy = true;
        // The thread ends only with this sender.
        _ = self.jobs.as_ref().map(|jobs| jobs.send(job));
    }

    /// Notes that its outcome was taken out of the inbox.
    pub fn is_done(&mut self) {
        self.is_busy = false;
    }
}

/// Ends the thread and waits until the database is closed, unless a snapshot is
/// being cut off.
impl Drop for SnapshotWorker {
    fn drop(&mut self) {
        self.jobs = None;
        let end = Instant::now() + CLOSING;
        while !self.is_busy && !self.thread.is_finished() && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

fn work(orders: &Receiver<Job>, inbox: &WorkerInbox) {
    let mut since_thinned = THIN_EVERY - 1;
    let mut warm = WarmState::default();
    let mut last: Option<Arc<Context>> = None;
    while let Some(job) = next(orders, last.as_deref()) {
        let Job { context, goal, refocus, touched } = job;
        let began = Instant::now();
        if last.as_ref().is_none_or(|last| !Arc::ptr_eq(last, &context)) {
            // Other settings read other things.
            warm = WarmState::default();
            last = Some(context.clone());
        }
        let request = Request {
            goal: goal.as_deref(),
            with_handoff: true,
            refocus,
            by_watch: true,
            touched: touched.as_deref(),
        };
        let result = pipeline::snapshot(&context, request, &mut warm);
        let is_recorded = result.is_ok();
        inbox.done(WorkerResult { result, elapsed: began.elapsed() });
        since_thinned += u32::from(is_recorded);
        // After the news are out: nobody waits for it.
        if since_thinned >= THIN_EVERY && pipeline::thin(&context).is_ok() {
            since_thinned = 0;
        }
    }
}

/// `None` when there will be none.
fn next(orders: &Receiver<Job>, last: Option<&Context>) -> Option<Job> {
    match orders.recv_timeout(REST) {
        Err(RecvTimeoutError::Timeout) => {
            last.iter().for_each(|context| context.parsers.rest());
            orders.recv().ok()
        }
        job => job.ok(),
    }
}
