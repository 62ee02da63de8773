//! The queue of slow requests: a few threads answer them, and the client may
//! cancel them.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::message::Request;

/// Maximum number of waiting calls; further ones are refused with an error.
const MOST_WAITING: usize = 64;

/// What one line asked for: the requests, and what of its answer is known.
pub struct PendingCall {
    pub requests: Vec<Request>,
    /// Answers to other messages of the same batch.
    pub answers: Vec<Value>,
    pub is_batch: bool,
}

/// A bounded queue of calls, shared by the thread that reads and those that answer.
#[derive(Default)]
pub struct CallQueue {
    state: Mutex<QueueState>,
    changed: Condvar,
}

#[derive(Default)]
struct QueueState {
    waiting: VecDeque<PendingCall>,
    /// Ids that are being answered, each with whether it was taken back.
    running: Vec<(Value, bool)>,
    /// How many calls the threads are working on.
    busy: usize,
    is_closed: bool,
}

impl CallQueue {
    /// Queues a call; returns it if too many are waiting.
    pub fn put(&self, call: PendingCall) -> Result<(), PendingCall> {
        let mut state = self.state();
        if state.waiting.len() >= MOST_WAITING {
            return Err(call);
        }
        state.waiting.push_back(call);
        self.changed.notify_all();
        Ok(())
    }

    /// The next call; waits for one. `None` when there will be none.
    pub fn take(&self) -> Option<PendingCall> {
        let mut state = self.state();
        loop {
            if let Some(call) = state.waiting.pop_front() {
                state.busy += 1;
                return Some(call);
            }
            if state.is_closed {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// A call that was taken has been answered.
    pub fn done(&self) {
        self.state().busy -= 1;
        self.changed.notify_all();
    }

    /// Runs `work` for a request; `None` when it was taken back meanwhile.
    pub fn run<T>(&self, id: &Value, work: impl FnOnce() -> T) -> Option<T> {
        self.state().running.push((id.clone(), false));
        let done = work();
        let mut state = self.state();
        let at = state.running.iter().position(|(running, _)| running == id)?;
        let (_, is_taken_back) = state.running.swap_remove(at);
        (!is_taken_back).then_some(done)
    }

    /// The client waits for this answer no longer.
    pub fn cancel(&self, id: &Value) {
        let mut state = self.state();
        for call in &mut state.waiting {
            call.requests.retain(|request| request.id != *id);
        }
        let running = state.running.iter_mut().filter(|(running, _)| running == id);
        running.for_each(|(_, is_taken_back)| *is_taken_back = true);
    }

    /// Closes the queue and waits until all calls are answered, or `at_most`
    /// has passed.
    pub fn finish(&self, at_most: Duration) {
        let end = Instant::now() + at_most;
        let mut state = self.state();
        state.is_closed = true;
        self.changed.notify_all();
        while state.busy > 0 || !state.waiting.is_empty() {
            let Some(left) = end.checked_duration_since(Instant::now()) else { return };
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn state(&self) -> MutexGuard<'_, QueueState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::mcp::message::Params;

    fn call(ids: &[u64]) -> PendingCall {
        let request = |id: &u64| Request { id: json!(id), method: "x".into(), params: Params::new() };
        PendingCall { requests: ids.iter().map(request).collect(), answers: Vec::new(), is_batch: false }
    }

    #[test]
    fn what_waits_is_bounded_and_comes_in_order() {
        let calls = CallQueue::default();
        for id in 0..MOST_WAITING as u64 {
            assert!(calls.put(call(&[id])).is_ok());
        }
        assert!(calls.put(call(&[99])).is_err());
        assert_eq!(calls.take().map(|call| call.requests[0].id.clone()), Some(json!(0)));
        assert!(calls.put(call(&[99])).is_ok());
    }

    #[test]
    fn what_was_taken_back_has_no_answer_whether_it_waits_or_runs() {
        let calls = CallQueue::default();
        assert!(calls.put(call(&[1, 2])).is_ok());
        calls.cancel(&json!(1));
        let left: Vec<Value> = calls.take().unwrap().requests.into_iter().map(|request| request.id).collect();
        assert_eq!(left, [json!(2)]);
        assert_eq!(calls.run(&json!(2), || calls.cancel(&json!(2))), None);
        assert_eq!(calls.run(&json!(2), || calls.cancel(&json!(3))), Some(()));
    }

    #[test]
    fn after_the_end_of_input_what_waits_is_answered_and_nothing_is_waited_for() {
        let calls = CallQueue::default();
        assert!(calls.put(call(&[1])).is_ok());
        let started = Instant::now();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while calls.take().is_some() {
                    calls.done();
                }
            });
            calls.finish(Duration::from_secs(60));
        });
        assert!(started.elapsed() < Duration::from_secs(30));
        let stuck = CallQueue::default();
        assert!(stuck.put(call(&[1])).is_ok());
        stuck.finish(Duration::from_millis(1));
    }
}
