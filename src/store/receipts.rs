//! What commands printed: the bytes as compressed files named by their hash, one
//! for equal outputs, and a row for each run.
//!
//! Not here: which part of an output is shown (`sessions`).

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufRead, Read, Write};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, Row, params};
use tempfile::NamedTempFile;

use super::scrub::Clean;
use super::session_rows::{append, collect};
use super::sql::stored_text;
use super::{Result, Store};
use crate::fs::{atomic, confined};
use crate::limits;
use crate::model::{
    ContentHash, EventKind, NewEvent, NewReceipt, OutputStatus, Receipt, SafeText, StoredOutput,
};

/// A stream of output on its way into a file. Many print nothing, and then there is none.
pub struct Spool {
    encoder: Option<SpoolEncoder>,
    hasher: blake3::Hasher,
    bytes: u64,
    kept: u64,
    folder: PathBuf,
}

type SpoolEncoder = zstd::stream::write::Encoder<'static, NamedTempFile>;

impl Spool {
    /// Begins a stream for the folder of receipts.
    pub fn create(folder: &Path) -> Self {
        let folder = folder.to_path_buf();
        Self { encoder: None, hasher: blake3::Hasher::new(), bytes: 0, kept: 0, folder }
    }

    /// Adds bytes. Those beyond [`limits::MAX_RECEIPT`] are only counted.
    pub fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        let room = usize::try_from(limits::MAX_RECEIPT - self.kept).unwrap_or(usize::MAX);
        let kept = &bytes[..bytes.len().min(room)];
        self.bytes += bytes.len() as u64;
        self.kept += kept.len() as u64;
        self.hasher.update(kept);
        let encoder = match &mut self.encoder {
            Some(encoder) => encoder,
            none => none.insert(begin_file(&self.folder)?),
        };
        encoder.write_all(kept)
    }

    /// Gives the file its name. An output that was kept before stays as it is.
    pub fn finish(self) -> io::Result<StoredOutput> {
        let hash = ContentHash(*self.hasher.finalize().as_bytes());
        if let Some(encoder) = self.encoder {
            let file = encoder.finish()?;
            let path = path(&self.folder, hash);
            if self.kept > 0 && !path.exists() {
                file.persist(path).map_err(|error| error.error)?;
            }
        }
        Ok(StoredOutput { hash, bytes: self.bytes, kept: self.kept })
    }
}

/// A file in the folder of receipts, which is created for the user alone.
fn begin_file(folder: &Path) -> io::Result<SpoolEncoder> {
    confined::create_folder(folder, 0o700)?;
    zstd::stream::write::Encoder::new(atomic::temporary(folder)?, super::COMPRESSION)
}

fn path(folder: &Path, hash: ContentHash) -> PathBuf {
    folder.join(format!("{}.zst", hash.to_hex()))
}

/// The bytes of an output, as they were printed.
pub fn read_output(folder: &Path, output: &StoredOutput) -> io::Result<Box<dyn Read>> {
    if output.kept == 0 {
        return Ok(Box::new(io::empty()));
    }
    let file = confined::open(&path(folder, output.hash))?;
    Ok(Box::new(zstd::stream::read::Decoder::new(file)?))
}

/// Whether the bytes of an output are there and are those that were printed.
pub fn is_sound(folder: &Path, output: &StoredOutput) -> bool {
    let mut hasher = blake3::Hasher::new();
    let read = read_output(folder, output).and_then(|mut bytes| io::copy(&mut bytes, &mut hasher));
    read.is_ok_and(|kept| kept == output.kept && ContentHash(*hasher.finalize().as_bytes()) == output.hash)
}

/// Bytes of an output that are looked at together, to the end of a line.
const PIECE: usize = 4 << 20;

/// The output without what `clean` finds in it; `None` where it finds nothing,
/// or where the bytes cannot be read.
fn cleaned(folder: &Path, output: &StoredOutput, clean: Clean) -> Option<StoredOutput> {
    let mut reader = io::BufReader::new(read_output(folder, output).ok()?);
    let mut spool = Spool::create(folder);
    let mut is_found = false;
    loop {
        let mut piece = Vec::new();
        (&mut reader).take(PIECE as u64).read_to_end(&mut piece).ok()?;
        reader.read_until(b'\n', &mut piece).ok()?;
        if piece.is_empty() {
            break;
        }
        match clean(&String::from_utf8_lossy(&piece)) {
            Some(clean) => {
                is_found = true;
                spool.put(clean.as_bytes()).ok()?;
            }
            None => spool.put(&piece).ok()?,
        }
    }
    if is_found { spool.finish().ok() } else { None }
}

impl Store {
    /// Keeps what a command did, and logs it with the line that tells what went
    /// wrong.
    pub fn put_receipt(&mut self, id: &str, run: &NewReceipt, error: Option<&SafeText>) -> Result<()> {
        self.in_transaction(|transaction| {
            insert(transaction, id, run)?;
            let mut data = serde_json::json!({ "receipt": id, "lasted_ms": run.lasted_ms });
            if let Some(error) = error {
                data["error"] = error.as_str().into();
            }
            let event = NewEvent {
                code: Some(run.code),
                // An id and a number of our own, and what has been redacted.
                data: Some(stored_text(data.to_string())),
                ..NewEvent::new(run.session, EventKind::Command, run.command.clone())
            };
            append(transaction, &event, run.at_ms)
        })
    }

    /// The receipt with this id.
    pub fn receipt(&self, id: &str) -> Result<Option<Receipt>> {
        let sql = format!("{SELECT} WHERE receipt.id = ?1");
        Ok(self.sql(collect(&self.connection, &sql, &[&id], receipt_from))?.pop())
    }

    /// Receipts, newest first.
    pub fn receipts(&self, limit: Option<usize>) -> Result<Vec<Receipt>> {
        let limit = limit.map_or(-1, |limit| limit as i64);
        let sql = format!("{SELECT} ORDER BY receipt.seq DESC LIMIT ?1");
        self.sql(collect(&self.connection, &sql, &[&limit], receipt_from))
    }

    /// Receipts of one command in one folder, newest first.
    pub fn receipts_of(&self, same: &str, limit: usize) -> Result<Vec<Receipt>> {
        let sql = format!("{SELECT} WHERE same = ?1 ORDER BY receipt.seq DESC LIMIT ?2");
        self.sql(collect(&self.connection, &sql, &[&same, &(limit as i64)], receipt_from))
    }

    /// Deletes the oldest receipts: those from before a moment, and those beyond
    /// a number of bytes. Files that no receipt names any more go with them.
    pub fn retain_receipts(&mut self, folder: &Path, since_ms: i64, most_bytes: u64) -> Result<usize> {
        let all = self.receipts(None)?;
        let mut bytes = 0;
        let mut seen = BTreeSet::new();
        let is_kept = |receipt: &Receipt| {
            for output in [&receipt.run.stdout, &receipt.run.stderr] {
                bytes += if seen.insert(output.hash) { output.kept } else { 0 };
            }
            receipt.run.at_ms >= since_ms && bytes <= most_bytes
        };
        let kept = all.iter().map(is_kept).take_while(|is_kept| *is_kept).count();
        let hashes = |receipts: &[Receipt]| -> BTreeSet<ContentHash> {
            receipts.iter().flat_map(|receipt| [receipt.run.stdout.hash, receipt.run.stderr.hash]).collect()
        };
        let (stay, go) = all.split_at(kept);
        self.in_transaction(|transaction| {
            let delete = |receipt: &Receipt| {
                transaction.execute("DELETE FROM receipt WHERE id = ?1", [&receipt.id]).map(drop)
            };
            go.iter().try_for_each(delete)
        })?;
        for hash in hashes(go).difference(&hashes(stay)) {
            // One that is left over takes room and does no harm.
            let _ = fs::remove_file(path(folder, *hash));
        }
        Ok(go.len())
    }

    /// Rewrites the outputs in which `clean` finds something; returns how many
    /// there are. With `apply` the old bytes are gone.
    pub fn clean_outputs(&mut self, folder: &Path, clean: Clean, apply: bool) -> Result<usize> {
        let receipts = self.receipts(None)?;
        let outputs = receipts.iter().flat_map(|receipt| [receipt.run.stdout, receipt.run.stderr]);
        let mut seen = BTreeSet::new();
        let mut found = 0;
        for output in outputs.filter(|output| output.kept > 0 && seen.insert(output.hash)) {
            let Some(new) = cleaned(folder, &output, clean) else { continue };
            found += 1;
            if apply {
                self.put_in_place(&output, &new)?;
                let _ = fs::remove_file(path(folder, output.hash));
            } else {
                let _ = fs::remove_file(path(folder, new.hash));
            }
        }
        Ok(found)
    }

    fn put_in_place(&mut self, old: &StoredOutput, new: &StoredOutput) -> Result<()> {
        self.in_transaction(|transaction| {
            for stream in ["stdout", "stderr"] {
                let sql = format!(
                    "UPDATE receipt SET {stream} = ?2, {stream}_kept = ?3,
                       {stream}_bytes = CASE WHEN {stream}_bytes = {stream}_kept THEN ?3 ELSE {stream}_bytes END
                     WHERE {stream} = ?1"
                );
                transaction.execute(&sql, params![old.hash.0, new.hash.0, new.kept as i64])?;
            }
            Ok(())
        })
    }

    /// The bytes that all receipts rest on, each once.
    pub fn receipt_bytes(&self) -> Result<u64> {
        let sql = "SELECT coalesce(sum(kept), 0) FROM (
                     SELECT stdout AS hash, max(stdout_kept) AS kept FROM receipt GROUP BY stdout
                     UNION SELECT stderr, max(stderr_kept) FROM receipt GROUP BY stderr)";
        let bytes = self.connection.query_row(sql, [], |row| row.get::<_, i64>(0));
        Ok(self.sql(bytes)?.max(0) as u64)
    }
}

fn insert(connection: &Connection, id: &str, run: &NewReceipt) -> rusqlite::Result<()> {
    connection.execute(
        "INSERT INTO receipt (id, session, at_ms, folder, command, same, head, code, lasted_ms, status, shown_bytes,
                              stdout, stdout_bytes, stdout_kept, stderr, stderr_bytes, stderr_kept)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
        params![
            id,
            run.session,
            run.at_ms,
            run.folder.as_str(),
            run.command.as_str(),
            run.same,
            run.head,
            run.code,
            run.lasted_ms,
            run.status.name(),
            run.shown_bytes as i64,
            run.stdout.hash.0,
            run.stdout.bytes as i64,
            run.stdout.kept as i64,
            run.stderr.hash.0,
            run.stderr.bytes as i64,
            run.stderr.kept as i64
        ],
    )?;
    Ok(())
}

const SELECT: &str = "SELECT receipt.id, session.id, receipt.session, at_ms, folder, command, same, head, code, lasted_ms, status,
       shown_bytes, stdout, stdout_bytes, stdout_kept, stderr, stderr_bytes, stderr_kept
FROM receipt LEFT JOIN session ON session.seq = receipt.session";

fn receipt_from(row: &Row) -> rusqlite::Result<Receipt> {
    let text = |at: usize| row.get::<_, String>(at).map(stored_text);
    let status: String = row.get(10)?;
    let output = |at: usize| -> rusqlite::Result<StoredOutput> {
        let number = |at: usize| row.get::<_, i64>(at).map(|number| number.max(0) as u64);
        Ok(StoredOutput { hash: ContentHash(row.get(at)?), bytes: number(at + 1)?, kept: number(at + 2)? })
    };
    Ok(Receipt {
        id: row.get(0)?,
        session: row.get(1)?,
        run: NewReceipt {
            session: row.get(2)?,
            at_ms: row.get(3)?,
            folder: text(4)?,
            command: text(5)?,
            same: row.get(6)?,
            head: row.get(7)?,
            code: row.get(8)?,
            lasted_ms: row.get(9)?,
            status: OutputStatus::from_name(&status).unwrap_or(OutputStatus::Raw),
            shown_bytes: row.get::<_, i64>(11)?.max(0) as u64,
            stdout: output(12)?,
            stderr: output(15)?,
        },
    })
}

/// The size of a file that holds an output, compressed.
pub fn size_on_disk(folder: &Path, output: &StoredOutput) -> u64 {
    File::open(path(folder, output.hash)).and_then(|file| file.metadata()).map_or(0, |found| found.len())
}
