//! Redaction alone, for trials: reads frames (`LENGTH\n` and so many bytes of
//! text) from standard input and answers each with a frame of the redacted
//! text, with `--scan` of what the last look at an artefact finds, with `--names`
//! of whether a path is secret by name. What a corpus is, and counting, are
//! `redact.py`'s.

use std::io::{self, BufRead, Read, Write};

use waypost::model::RelPath;
use waypost::redact::Redactor;
use waypost::walk::classify::{NameClass, by_name};

fn main() -> io::Result<()> {
    let redactor = Redactor::new(&[]).expect("no patterns of the user");
    match std::env::args().nth(1).as_deref() {
        Some("--scan") => answer(&|text| {
            let found = redactor.scan(text);
            found.iter().map(|finding| format!("{} {}\n", finding.line, finding.kind)).collect()
        }),
        Some("--names") => answer(&|path| {
            let path = RelPath::new(path.trim());
            let secret = path.is_some_and(|path| by_name(&path) == NameClass::Secret);
            if secret { "secret".to_string() } else { String::new() }
        }),
        _ => answer(&|text| redactor.text(text).as_str().to_string()),
    }
}

fn answer(of: &dyn Fn(&str) -> String) -> io::Result<()> {
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    let mut line = String::new();
    while input.read_line(&mut line)? > 0 {
        let length = line.trim().parse().map_err(io::Error::other)?;
        let mut frame = vec![0; length];
        input.read_exact(&mut frame)?;
        let text = of(&String::from_utf8_lossy(&frame));
        write!(output, "{}\n{text}", text.len())?;
        output.flush()?;
        line.clear();
    }
    Ok(())
}
