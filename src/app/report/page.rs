//! A report as a page, and where that is written.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{Report, Request, gather};
use crate::app::open::require_folder;
use crate::app::stream::Output;
use crate::app::transcripts::sha256;
use crate::app::{App, Error, Result};
use crate::fs::atomic;
use crate::model::ContentHash;
use crate::pipeline::{self, Context};
use crate::render::report::{self as render, PageParts};

/// A page that was written.
#[derive(Debug, Serialize)]
pub struct Placed {
    /// `-` for a stream.
    pub output: String,
    pub bytes: usize,
    /// Whether any bytes changed.
    pub written: bool,
}

/// A page, and the report that it was made from.
pub struct Page {
    pub report: Report,
    pub html: String,
}

/// A page for a server of our own.
pub struct ServedPage {
    pub html: String,
    /// What tells its data from others.
    pub revision: String,
    /// What the browser may do for it, as a header.
    pub policy: String,
}

/// The page as a file shows it; nothing is written.
pub fn page(app: &App, request: &Request) -> Result<Page> {
    let context = app.context()?;
    let report = gather(app, &context, request)?;
    let html = html(&context, &report, false)?.html;
    Ok(Page { report, html })
}

/// The page as a server shows it, which asks that for its revision.
pub fn served(app: &App, request: &Request) -> Result<ServedPage> {
    let context = app.context()?;
    let report = gather(app, &context, request)?;
    html(&context, &report, true)
}

/// Writes a page, by default to `.waypost/local/report.html`.
pub fn write(app: &App, page: &Page, output: Option<Output>) -> Result<Placed> {
    let bytes = page.html.len();
    let path = match output {
        Some(Output::Stream(mut stream)) => {
            stream.write_all(page.html.as_bytes()).and_then(|()| stream.flush())?;
            return Ok(Placed { output: "-".to_string(), bytes, written: true });
        }
        Some(Output::File(path)) => {
            app.write_whole(&path, page.html.as_bytes())?;
            return Ok(Placed { output: path.display().to_string(), bytes, written: true });
        }
        None => own_place(app)?,
    };
    let written = atomic::write(&path, page.html.as_bytes())?;
    Ok(Placed { output: path.display().to_string(), bytes, written })
}

/// The file in the folder for what is never committed.
fn own_place(app: &App) -> Result<PathBuf> {
    let project = app.locate()?;
    require_folder(&project, "`waypost snapshot` creates it, `-o FILE` writes the page elsewhere")?;
    atomic::create_folder(&project.local)?;
    Ok(project.local.join("report.html"))
}

/// What a snapshot, a record or a session changes of the project's own files: when
/// none of them was written, a page is as it was.
pub fn sources(app: &App) -> Result<Vec<PathBuf>> {
    let project = app.context()?.project;
    let database = project.database_file();
    let log = database.with_extension("db-wal");
    Ok(vec![database, log, project.folder().join("handoff.json"), project.memory(), project.config_file()])
}

/// 128 bits that nobody can guess, in hex, for who may see a served page.
pub fn secret() -> Result<String> {
    let source = Path::new("/dev/urandom");
    let mut bits = [0; 16];
    let read = std::fs::File::open(source).and_then(|mut file| file.read_exact(&mut bits));
    read.map_err(|error| Error::cannot("read", source, &error))?;
    Ok(bits.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn html(context: &Context, report: &Report, live: bool) -> Result<ServedPage> {
    let data = render::data(&serde_json::to_string(report)?);
    let revision = ContentHash::of(data.as_bytes()).to_hex()[..16].to_string();
    let (style, script) = render::style_and_script();
    let policy = policy(style, &script, live);
    let parts = PageParts { policy: &policy, style, script: &script, data: &data, revision: &revision, live };
    let html = render::page(&parts);
    pipeline::leak_scan(context, "the page", &html)?;
    Ok(ServedPage { html, revision, policy })
}

/// Nothing is loaded, and only this style and this script are used.
fn policy(style: &str, script: &str, live: bool) -> String {
    let hash = |text: &str| format!("'sha256-{}'", base64(&sha256::digest(text.as_bytes())));
    let connect = if live { "; connect-src 'self'" } else { "" };
    format!(
        "default-src 'none'; script-src {}; style-src {}; img-src data:; base-uri 'none'; form-action 'none'{connect}",
        hash(script),
        hash(style)
    )
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let bits =
            three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let is_padding = place > three.len();
            let digit = ALPHABET[(bits >> (18 - 6 * place)) as usize & 63] as char;
            out.push(if is_padding { '=' } else { digit });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_padded_as_the_standard_says() {
        for (text, coded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(text.as_bytes()), coded);
        }
    }

    #[test]
    fn the_policy_names_the_one_script_and_lets_nothing_be_loaded() {
        let policy = policy("", "abc", false);
        assert!(policy.starts_with(
            "default-src 'none'; script-src 'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='"
        ));
        assert!(!policy.contains("unsafe") && !policy.contains("connect-src"), "{policy}");
    }
}
