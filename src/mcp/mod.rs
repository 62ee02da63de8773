//! The server of the Model Context Protocol, for agents: requests come as lines
//! of standard input, and functions of `app` answer them on standard output,
//! where nothing else is written.
//!
//! By hand over `serde_json`; `ARCHITECTURE.md` tells why. Not here: what a
//! tool does. It asks `app`, as the commands do.

mod calls;
mod lifetime;
mod lines;
mod message;
mod methods;
mod prompts;
mod resources;
mod revisions;
mod tools;

use std::io::{BufRead, Write};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use serde_json::Value;

use crate::app::{self, App, Error, Result};
use crate::visible;
use calls::{CallQueue, PendingCall};
use lines::InputLine;
use message::{Fault, Incoming, Received, Request};

/// How many calls are answered at the same time. Each may read a whole tree on
/// all processors.
const THREADS: usize = 2;

/// What is served, and what the client may do.
struct Server {
    app: App,
    may_write: bool,
    calls: CallQueue,
    output: Mutex<Box<dyn Write + Send>>,
}

/// Answers a client on standard output, as long as standard input, from which
/// `input` reads, has more. Records are written only where `may_write`.
pub fn serve(
    app: &App,
    may_write: bool,
    input: &mut dyn BufRead,
    output: Box<dyn Write + Send>,
) -> Result<()> {
    let (calls, output) = (CallQueue::default(), Mutex::new(output));
    let server = Arc::new(Server { app: app.clone(), may_write, calls, output });
    lifetime::watch();
    for _ in 0..THREADS {
        let server = server.clone();
        std::thread::spawn(move || server.work());
    }
    loop {
        match lines::next(input) {
            Ok(Some(line)) => server.take_in(line),
            Ok(None) => break,
            Err(error) => return Err(Error::cannot("read", "standard input", &error)),
        }
    }
    server.calls.finish(lifetime::LAST_ANSWERS);
    Ok(())
}

impl Server {
    fn take_in(&self, line: InputLine) {
        let received = match line {
            InputLine::Whole(line) => message::read(&line),
            InputLine::TooLong(head) => Received::One(message::too_long(&head)),
        };
        match received {
            Received::One(Incoming::Request(request)) if methods::is_quick(&request.method) => {
                self.send(&self.answer(&request));
            }
            Received::One(incoming) => self.put(vec![incoming], false),
            Received::Batch(messages) => self.put(messages, true),
        }
    }

    /// Puts the requests of a line into the queue; the rest is done.
    fn put(&self, messages: Vec<Incoming>, is_batch: bool) {
        let mut call = PendingCall { requests: Vec::new(), answers: Vec::new(), is_batch };
        for message in messages {
            match message {
                Incoming::Request(request) => call.requests.push(request),
                Incoming::Notification { method, params } if method == "notifications/cancelled" => {
                    params.get("requestId").into_iter().for_each(|id| self.calls.cancel(id));
                }
                Incoming::Notification { .. } | Incoming::Answer => {}
                Incoming::Malformed { id, fault } => call.answers.push(message::answer(id, Err(fault))),
            }
        }
        let refused = match call.requests.is_empty() {
            true => Some(call),
            false => self.calls.put(call).err(),
        };
        if let Some(mut call) = refused {
            let busy = Fault::internal("too many calls wait for an answer");
            let busy = |request: Request| message::answer(request.id, Err(busy.clone()));
            call.answers.extend(call.requests.into_iter().map(busy));
            self.send_all(call.answers, call.is_batch);
        }
    }

    fn work(&self) {
        while let Some(call) = self.calls.take() {
            let mut answers = call.answers;
            let answered = call.requests.iter();
            let answered =
                answered.filter_map(|request| self.calls.run(&request.id, || self.answer(request)));
            answers.extend(answered);
            self.send_all(answers, call.is_batch);
            self.calls.done();
        }
    }

    fn answer(&self, request: &Request) -> Value {
        message::answer(request.id.clone(), methods::result(self, request))
    }

    /// The answers to one line: to a batch one list, to a message one answer.
    fn send_all(&self, answers: Vec<Value>, is_batch: bool) {
        match is_batch {
            _ if answers.is_empty() => {}
            true => self.send(&Value::Array(answers)),
            false => answers.iter().for_each(|answer| self.send(answer)),
        }
    }

    /// Writes one message on one line. A failure is ignored: the client is
    /// gone.
    fn send(&self, message: &Value) {
        let line = format!("{}\n", visible::json(&message.to_string()));
        let mut output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
        if output.write_all(line.as_bytes()).and_then(|()| output.flush()).is_err() {
            lifetime::leave();
        }
    }
}

/// A text for the client. As every output, it is withheld where it would hold a
/// token of known shape.
fn safe(text: &str) -> Result<String> {
    app::refuse_secrets(text)?;
    Ok(visible::text(text).into_owned())
}

/// A report as JSON, as the commands print it with `--json`.
fn json(report: &impl Serialize) -> Result<String> {
    let text = serde_json::to_string(report)?;
    app::refuse_secrets(&text)?;
    Ok(visible::json(&text).into_owned())
}
