//! As much of HTTP/1.1 as one page needs: the head of a request, and answers that
//! end with the connection.
//!
//! Not here: who may ask (`server`).

use std::io::{self, Read, Write};

/// Bytes of the head of a request; browsers send a tenth of it.
const LONGEST_HEAD: usize = 16 * 1024;

/// What of a request matters here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    pub method: String,
    /// Path and query, as sent.
    pub target: String,
    /// Every value of the header `Host`; there must be one.
    pub hosts: Vec<String>,
    /// Every `name=value` of the cookies.
    pub cookies: Vec<(String, String)>,
}

/// Reads the head of a request; `None` for what is none.
pub fn read(stream: &mut impl Read) -> io::Result<Option<Asked>> {
    let mut head = Vec::new();
    let mut piece = [0; 2048];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let read = stream.read(&mut piece)?;
        if read == 0 || head.len() + read > LONGEST_HEAD {
            return Ok(None);
        }
        head.extend_from_slice(&piece[..read]);
    }
    Ok(String::from_utf8(head).ok().and_then(|head| parse(&head)))
}

fn parse(head: &str) -> Option<Asked> {
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, target, version) = (first.next()?, first.next()?, first.next()?);
    if first.next().is_some() || !version.starts_with("HTTP/1.") || !target.starts_with('/') {
        return None;
    }
    let mut asked = Asked { method: method.to_string(), target: target.to_string(), ..Asked::default() };
    for line in lines.take_while(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':')?;
        match name.to_ascii_lowercase().as_str() {
            "host" => asked.hosts.push(value.trim().to_string()),
            "cookie" => asked.cookies.extend(value.split(';').filter_map(|pair| {
                let (name, value) = pair.trim().split_once('=')?;
                Some((name.to_string(), value.to_string()))
            })),
            _ => {}
        }
    }
    Some(asked)
}

/// An answer.
#[derive(Debug, Default)]
pub struct Answer {
    pub status: &'static str,
    pub content_type: &'static str,
    /// More headers, in full.
    pub headers: Vec<String>,
    pub body: String,
}

impl Answer {
    /// A short text.
    pub fn plain(status: &'static str, body: &str) -> Self {
        Self {
            status,
            content_type: "text/plain; charset=utf-8",
            headers: Vec::new(),
            body: format!("{body}\n"),
        }
    }

    /// Writes it; without the body for `HEAD`.
    pub fn write(&self, stream: &mut impl Write, has_body: bool) -> io::Result<()> {
        let mut head = format!("HTTP/1.1 {}\r\n", self.status);
        for header in FIXED.iter().copied().chain(self.headers.iter().map(String::as_str)) {
            head.push_str(&format!("{header}\r\n"));
        }
        head.push_str(&format!(
            "Content-Type: {}\r\nContent-Length: {}\r\n\r\n",
            self.content_type,
            self.body.len()
        ));
        stream.write_all(head.as_bytes())?;
        if has_body {
            stream.write_all(self.body.as_bytes())?;
        }
        stream.flush()
    }
}

/// No other site frames, reads or keeps any of it.
const FIXED: [&str; 7] = [
    "Connection: close",
    "Cache-Control: no-store",
    "X-Content-Type-Options: nosniff",
    "X-Frame-Options: DENY",
    "Referrer-Policy: no-referrer",
    "Cross-Origin-Opener-Policy: same-origin",
    "Cross-Origin-Resource-Policy: same-origin",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Option<Asked> {
        read(&mut text.as_bytes()).unwrap()
    }

    #[test]
    fn a_request_is_read_as_far_as_it_matters() {
        let found = asked("GET /?token=a HTTP/1.1\r\nhost: x:1\r\nCookie: a=b; c=d=e\r\n\r\nbody").unwrap();
        assert_eq!((found.method.as_str(), found.target.as_str()), ("GET", "/?token=a"));
        assert_eq!(found.hosts, ["x:1"]);
        let pair = |name: &str, value: &str| (name.to_string(), value.to_string());
        assert_eq!(found.cookies, [pair("a", "b"), pair("c", "d=e")]);
    }

    #[test]
    fn what_is_no_request_is_none() {
        for text in [
            "",
            "GET / HTTP/1.1\r\nHost: x\r\n",
            "GET http://x/ HTTP/1.1\r\n\r\n",
            "GET / HTTP/2\r\n\r\n",
            "GET /a b HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\nno header\r\n\r\n",
            &format!("GET / HTTP/1.1\r\nA: {}\r\n\r\n", "a".repeat(LONGEST_HEAD)),
        ] {
            assert_eq!(asked(text), None, "{}", text.get(..40).unwrap_or(text));
        }
    }
}
