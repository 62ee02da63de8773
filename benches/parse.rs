//! What parsing costs alone: the files that a snapshot of a tree parsed, read
//! and given to tree-sitter, with nothing made of the trees. The least that any
//! outline of them can cost.
//!
//! Not here: queries, redaction, processes, the database.
//!
//! `cargo bench --bench parse -- ROOT [THREADS]`, after `waypost snapshot` there

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a measurement prints what it found")]

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Context, Result};
use waypost::extract;
use waypost::project::Database;
use waypost::store::Store;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let Some(root) = arguments.first() else {
        eprintln!("usage: cargo bench --bench parse -- ROOT [THREADS]");
        return Ok(());
    };
    let root = Path::new(root).canonicalize()?;
    let threads = match arguments.get(1) {
        Some(number) => number.parse()?,
        None => std::thread::available_parallelism()?.get(),
    };
    let files = parsed_files(&root)?;
    let (next, bytes) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let started = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut parser = tree_sitter::Parser::new();
                while let Some((path, grammar)) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let Ok(text) = std::fs::read(root.join(path)) else { continue };
                    if parser.set_language(grammar).is_ok() && parser.parse(&text, None).is_some() {
                        bytes.fetch_add(text.len(), Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let seconds = started.elapsed().as_secs_f64();
    println!("{} files, {} bytes, {threads} threads, {seconds:.3} s", files.len(), bytes.into_inner());
    Ok(())
}

/// Those of the last snapshot whose language has a parser.
fn parsed_files(root: &Path) -> Result<Vec<(String, tree_sitter::Language)>> {
    let database = root.join(".waypost/local/waypost.db");
    let store = Store::open(&Database::unchecked(&database, root))?.context("there is no snapshot")?;
    let last = store.latest()?.context("there is no snapshot")?;
    let files = store.state(last.id)?.files.into_iter().filter(|(_, file)| file.class.is_read());
    let parsed = files.filter_map(|(path, file)| {
        let language = extract::language_named(file.language.as_deref()?)?;
        Some((path.to_string(), language.grammar()?))
    });
    Ok(parsed.collect())
}
