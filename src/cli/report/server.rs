//! Shows the page on loopback to the one browser that was given its address.
//!
//! The address holds a token that is good for one request, which gets a cookie
//! for it; whoever comes without is refused. A name that resolves to this machine
//! is not enough either: the header `Host` has to be ours.

use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use super::http::{self, Answer, Asked};
use crate::app::report::{self, Request, ServedPage};
use crate::app::{App, Error, Result};
use crate::cli::{CommandOutcome, Out};

/// How long a connection may take to say or hear something.
const PATIENCE: Duration = Duration::from_secs(5);

/// Connections that are answered at the same time.
const AT_ONCE: usize = 16;

/// Serves until the process ends.
pub fn serve(app: &App, request: &Request, port: u16, opens: bool, out: &Out) -> Result<CommandOutcome> {
    let keys = Keys { token: Mutex::new(Some(report::secret()?)), cookie: report::secret()? };
    let shown = Shown::new(app.clone(), request.clone())?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| {
        let error = Error::new(format!("cannot listen on 127.0.0.1:{port}: {error}"));
        error.with_hint("without `--port` a free one is taken")
    })?;
    let port = listener.local_addr().map_err(|error| Error::new(format!("cannot listen: {error}")))?.port();
    let token = keys.token.lock().unwrap_or_else(PoisonError::into_inner).clone().unwrap_or_default();
    let address = format!("http://127.0.0.1:{port}/?token={token}");
    out.line(&address)?;
    out.note("the address is good for one browser, once; Ctrl-C ends it");
    if opens {
        super::show(app, address.as_ref())?;
    }
    let desk = Arc::new(Desk { port, keys, shown: Mutex::new(shown), busy: AtomicUsize::new(0) });
    // One that failed before it was taken is its client's business.
    listener.incoming().flatten().for_each(|stream| desk.take(stream));
    Ok(CommandOutcome::Done)
}

/// What lets a browser in.
struct Keys {
    /// Taken away by the first request that shows it.
    token: Mutex<Option<String>>,
    cookie: String,
}

/// All that connections share.
struct Desk {
    port: u16,
    keys: Keys,
    shown: Mutex<Shown>,
    busy: AtomicUsize,
}

impl Desk {
    fn take(self: &Arc<Self>, stream: TcpStream) {
        if self.busy.fetch_add(1, Ordering::SeqCst) >= AT_ONCE {
            self.busy.fetch_sub(1, Ordering::SeqCst);
            return;
        }
        let desk = self.clone();
        let started = std::thread::Builder::new().spawn(move || {
            // Who does not read its answer does not get it.
            let _ = desk.converse(stream);
            desk.busy.fetch_sub(1, Ordering::SeqCst);
        });
        if started.is_err() {
            self.busy.fetch_sub(1, Ordering::SeqCst);
        }
    }

    fn converse(&self, mut stream: TcpStream) -> io::Result<()> {
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let Some(asked) = http::read(&mut stream)? else {
            return Answer::plain("400 Bad Request", "no request").write(&mut stream, true);
        };
        self.answer(&asked).write(&mut stream, asked.method != "HEAD")
    }

    fn answer(&self, asked: &Asked) -> Answer {
        let known = [format!("127.0.0.1:{}", self.port), format!("localhost:{}", self.port)];
        if !matches!(&asked.hosts[..], [host] if known.contains(host)) {
            return Answer::plain("403 Forbidden", "not the host that this server is");
        }
        if !matches!(asked.method.as_str(), "GET" | "HEAD") {
            return Answer::plain("405 Method Not Allowed", "nothing can be changed here");
        }
        if let Some(token) = asked.target.strip_prefix("/?token=") {
            return self.exchange(token);
        }
        let name = self.cookie_name();
        let is_known =
            |(known, value): &(String, String)| *known == name && is_same(value, &self.keys.cookie);
        if !asked.cookies.iter().any(is_known) {
            return Answer::plain(
                "403 Forbidden",
                "start `waypost report --serve` again for an address of your own",
            );
        }
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        match asked.target.as_str() {
            "/" => page(shown.current()),
            "/revision" => Answer::plain("200 OK", &shown.current().revision),
            _ => Answer::plain("404 Not Found", "there is one page here"),
        }
    }

    /// A cookie for the token, once.
    fn exchange(&self, token: &str) -> Answer {
        let mut known = self.keys.token.lock().unwrap_or_else(PoisonError::into_inner);
        if !known.as_ref().is_some_and(|known| is_same(known, token)) {
            return Answer::plain("403 Forbidden", "the address was used before, or is another server's");
        }
        *known = None;
        let cookie =
            format!("{}={}; HttpOnly; SameSite=Strict; Path=/", self.cookie_name(), self.keys.cookie);
        Answer {
            headers: vec![format!("Set-Cookie: {cookie}"), "Location: /".to_string()],
            ..Answer::plain("303 See Other", "")
        }
    }

    /// Browsers keep cookies by host without its port.
    fn cookie_name(&self) -> String {
        format!("waypost_{}", self.port)
    }
}

fn page(shown: &ServedPage) -> Answer {
    Answer {
        status: "200 OK",
        content_type: "text/html; charset=utf-8",
        headers: vec![format!("Content-Security-Policy: {}; frame-ancestors 'none'", shown.policy)],
        body: shown.html.clone(),
    }
}

/// Compares all of two texts, however early they differ.
fn is_same(one: &str, other: &str) -> bool {
    let differ = one.bytes().zip(other.bytes()).fold(0, |differ, (one, other)| differ | (one ^ other));
    one.len() == other.len() && differ == 0
}

/// The page, made again when something of waypost's has been written since.
struct Shown {
    app: App,
    request: Request,
    sources: Vec<PathBuf>,
    stamps: Vec<Stamp>,
    page: ServedPage,
}

/// When a file was written last, and its size; `None` where it is not there.
type Stamp = Option<(SystemTime, u64)>;

impl Shown {
    fn new(app: App, request: Request) -> Result<Self> {
        let sources = report::sources(&app)?;
        let stamps = stamps(&sources);
        let page = report::served(&app, &request)?;
        Ok(Self { app, request, sources, stamps, page })
    }

    /// The last good page where the new one cannot be made.
    fn current(&mut self) -> &ServedPage {
        let stamps = stamps(&self.sources);
        if stamps != self.stamps {
            self.stamps = stamps;
            if let Ok(page) = report::served(&self.app, &self.request) {
                self.page = page;
            }
        }
        &self.page
    }
}

fn stamps(files: &[PathBuf]) -> Vec<Stamp> {
    let stamp = |file: &PathBuf| {
        let found = std::fs::symlink_metadata(file).ok()?;
        Some((found.modified().ok()?, found.len()))
    };
    files.iter().map(stamp).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_text_is_the_same() {
        assert!(is_same("abc", "abc"));
        assert!(!is_same("abc", "abd") && !is_same("abc", "ab") && !is_same("", "a"));
    }
}
