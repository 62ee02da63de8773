//! The one thread that takes snapshots, so that the loop stays awake for
//! signals and events. One thread for all of them: what the allocator keeps for
//! the next snapshot is kept once.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, Instant};

use super::Mail;
use crate::pipeline::{self, Context, Refocus, Taken};

/// As much as the main thread has, where snapshots run otherwise.
const STACK: usize = 8 << 20;

/// Snapshots between two thinnings of those that nobody asked for: it costs a
/// pass over the stored files.
const THIN_EVERY: u32 = 32;

pub struct Worker {
    jobs: Sender<Job>,
}

struct Job {
    context: Arc<Context>,
    goal: Option<String>,
    refocus: Refocus,
}

/// A snapshot, and how long it took.
pub struct Done {
    pub result: pipeline::Result<Taken>,
    pub elapsed: Duration,
}

impl Worker {
    pub fn start(mail: Arc<Mail>) -> io::Result<Self> {
        let (jobs, orders) = mpsc::channel();
        std::thread::Builder::new()
            .name("look".into())
            .stack_size(STACK)
            .spawn(move || work(&orders, &mail))?;
        Ok(Self { jobs })
    }

    /// Begins a snapshot, whose outcome comes by mail.
    pub fn look(&self, context: Arc<Context>, goal: Option<String>, refocus: Refocus) {
        // The thread ends only with this sender.
        let _ = self.jobs.send(Job { context, goal, refocus });
    }
}

fn work(orders: &Receiver<Job>, mail: &Mail) {
    let mut since_thinned = THIN_EVERY - 1;
    for Job { context, goal, refocus } in orders {
        let began = Instant::now();
        let result = pipeline::snapshot(&context, goal.as_deref(), true, refocus);
        let is_recorded = result.is_ok();
        mail.done(Done { result, elapsed: began.elapsed() });
        since_thinned += u32::from(is_recorded);
        // After the news are out: nobody waits for it.
        if since_thinned >= THIN_EVERY && pipeline::thin(&context).is_ok() {
            since_thinned = 0;
        }
    }
}
