//! Setting up one file of a client and undoing it: what is put in, what that
//! comes to, and what is remembered.
//!
//! Not here: which file and which pieces (`clients`), and how a piece is put in.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::clients::Part;
use super::disk;
use super::journal::{Journal, Record, Step};
use super::piece::Piece;
use super::{Refusal, block};
use crate::fs::atomic::WriteError;

/// A file, and what belongs into it.
#[derive(Clone, Debug)]
pub struct Target {
    /// The path with all links resolved.
    pub path: PathBuf,
    /// Root of the project; `None` for a file of the user's own.
    pub root: Option<PathBuf>,
    pub client: String,
    pub wanted: Vec<(Part, Vec<Piece>)>,
}

impl Target {
    fn is_executable(&self) -> bool {
        self.wanted.iter().flat_map(|(_, pieces)| pieces).any(Piece::is_executable)
    }

    fn parts(&self) -> Vec<Part> {
        self.wanted.iter().map(|(part, _)| *part).collect()
    }

    /// The same outcome for all parts.
    fn all(&self, became: &Became) -> Vec<(Part, Became)> {
        self.wanted.iter().map(|(part, _)| (*part, became.clone())).collect()
    }
}

/// The outcome for one part in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Became {
    Added,
    /// An older entry of ours was replaced.
    Updated,
    Present,
    Removed,
    /// Another client that was set up uses it too.
    Shared(String),
    /// Nothing of ours is there.
    Absent,
    Refused(Refusal),
}

/// What a change would come to, before anything is written.
#[derive(Clone, Debug)]
pub struct Plan {
    pub parts: Vec<(Part, Became)>,
    pub before: Option<Vec<u8>>,
    /// `None`: the file is removed, or there is none.
    pub after: Option<Vec<u8>>,
    /// The journal's record after the change.
    record: Option<Record>,
    is_noted: bool,
    /// Folders that go with the file.
    folders: Vec<PathBuf>,
}

impl Plan {
    /// Whether carrying out the plan would change the file.
    pub fn changes_file(&self) -> bool {
        self.before != self.after
    }

    /// Writes it and remembers it: first what was there, so that a run that is
    /// killed in between can be undone as well.
    pub fn carry_out(&self, journal: &Journal, target: &Target) -> Result<(), WriteError> {
        let path = &target.path;
        if disk::read(path) != Ok(self.before.clone()) {
            let source = std::io::Error::other("it changed meanwhile: run it again");
            return Err(WriteError { path: path.clone(), source });
        }
        if let (true, Some(record)) = (self.is_noted, &self.record) {
            journal.save(record)?;
        }
        match &self.after {
            Some(bytes) if self.changes_file() => disk::write(path, bytes, target.is_executable())?,
            None if self.changes_file() => disk::remove(path, &self.folders)?,
            _ => {}
        }
        match self.is_noted && self.record.is_none() {
            true => journal.drop(path),
            false => Ok(()),
        }
    }
}

/// Puts all parts in, each wholly or not at all.
pub fn plan(journal: &Journal, target: &Target) -> Plan {
    let before = match disk::read(&target.path) {
        Ok(before) => before,
        Err(refusal) => return nothing(target, Became::Refused(refusal)),
    };
    let known = journal.load(&target.path).filter(|_| before.is_some());
    let now = before.as_deref().unwrap_or_default();
    let mut record =
        known.clone().map_or_else(|| new_record(target, before.as_deref()), |record| rebased(record, now));
    let mut bytes = now.to_vec();
    let mut parts = Vec::new();
    for (part, pieces) in &target.wanted {
        let (was, noted) = (bytes.clone(), record.clone());
        let became = put_all(&mut bytes, &mut record, (&target.client, *part), pieces);
        parts.push((
            *part,
            became.unwrap_or_else(|refusal| {
                (bytes, record) = (was, noted);
                Became::Refused(refusal)
            }),
        ));
    }
    record.after = disk::hash(&bytes);
    let is_noted = !record.steps.is_empty() && known.as_ref() != Some(&record);
    let after = Some(bytes).filter(|bytes| before.is_some() || !bytes.is_empty());
    Plan { parts, before, after, record: Some(record), is_noted, folders: Vec::new() }
}

fn nothing(target: &Target, became: Became) -> Plan {
    let (before, after, record, folders) = Default::default();
    Plan { parts: target.all(&became), before, after, record, is_noted: false, folders }
}

fn new_record(target: &Target, before: Option<&[u8]>) -> Record {
    Record {
        path: target.path.clone(),
        root: target.root.clone(),
        before: before.map(lossy),
        after: String::new(),
        folders: disk::missing_folders(&target.path),
        steps: Vec::new(),
    }
}

/// Others may have written since: then what the file would be without us is
/// what it is now, less ours.
fn rebased(mut record: Record, now: &[u8]) -> Record {
    if disk::hash(now) != record.after {
        let without = lossy(&without(&record.steps, now));
        record.before = Some(without).filter(|text| record.before.is_some() || !is_bare(text));
    }
    record
}

fn put_all(
    bytes: &mut Vec<u8>,
    record: &mut Record,
    owner: (&str, Part),
    pieces: &[Piece],
) -> Result<Became, Refusal> {
    let mut became = Became::Present;
    for piece in pieces {
        match put_one(bytes, record, owner, piece)? {
            Became::Present => {}
            Became::Added if became == Became::Updated => {}
            one => became = one,
        }
    }
    Ok(became)
}

fn put_one(
    bytes: &mut Vec<u8>,
    record: &mut Record,
    (client, part): (&str, Part),
    piece: &Piece,
) -> Result<Became, Refusal> {
    let at = record.steps.iter().position(|step| step.piece.is_at_place_of(piece));
    if piece.put(bytes)?.is_none() {
        // What others put there is not ours to undo.
        if let Some(at) = at {
            record.steps[at].clients.insert(client.to_string());
        }
        return Ok(Became::Present);
    }
    let is_update = piece.take(bytes, 0)?.is_some();
    let mut clients = BTreeSet::from([client.to_string()]);
    if let Some(at) = at {
        let older = record.steps.remove(at);
        *bytes = without_step(&older, bytes);
        clients.extend(older.clients);
    }
    if let Some((made, created)) = piece.put(bytes)? {
        let (old, new) = difference(bytes, &made);
        record.steps.push(Step { clients, part, piece: piece.clone(), created, old, new });
        *bytes = made;
    }
    Ok(if is_update { Became::Updated } else { Became::Added })
}

/// What stands in one text where the other has something else, at the
/// boundaries of characters.
fn difference(old: &[u8], new: &[u8]) -> (String, String) {
    let (old, new) = (lossy(old), lossy(new));
    let start: usize =
        old.chars().zip(new.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    let (old, new) = (&old[start..], &new[start..]);
    let same_end = old.chars().rev().zip(new.chars().rev()).take_while(|(a, b)| a == b);
    let end: usize = same_end.map(|(a, _)| a.len_utf8()).sum();
    (old[..old.len() - end].to_string(), new[..new.len() - end].to_string())
}

/// Takes out what is there for a client, of these parts.
pub fn plan_undo(journal: &Journal, target: &Target) -> Plan {
    let before = match disk::read(&target.path) {
        Ok(before) => before,
        Err(refusal) => return nothing(target, Became::Refused(refusal)),
    };
    let known = journal.load(&target.path);
    let Some(now) = &before else {
        // The file is gone, and so is what there was to undo.
        return Plan { is_noted: known.is_some(), ..nothing(target, Became::Absent) };
    };
    let mut undone = match &known {
        Some(record) => undo_known(record.clone(), now, target),
        None => Undone { bytes: now.clone(), ..Undone::default() },
    };
    let parts = target.wanted.iter().map(|(part, pieces)| (*part, undone.finish(*part, pieces))).collect();
    let after = Some(undone.bytes).filter(|_| !undone.deletes);
    let record = undone
        .record
        .map(|record| Record { after: disk::hash(after.as_deref().unwrap_or_default()), ..record });
    let folders = known.as_ref().map(|record| record.folders.clone()).unwrap_or_default();
    Plan { parts, before, after, is_noted: known != record, record, folders }
}

/// A file on the way back.
#[derive(Default)]
struct Undone {
    bytes: Vec<u8>,
    deletes: bool,
    /// All was undone before.
    is_over: bool,
    /// The steps that are gone.
    gone: Vec<Step>,
    /// What stays to be undone.
    record: Option<Record>,
}

fn undo_known(mut record: Record, now: &[u8], target: &Target) -> Undone {
    let parts = target.parts();
    for step in record.steps.iter_mut().filter(|step| parts.contains(&step.part)) {
        step.clients.remove(&target.client);
    }
    let (gone, kept): (Vec<Step>, Vec<Step>) =
        record.steps.into_iter().partition(|step| step.clients.is_empty());
    let is_untouched = disk::hash(now) == record.after;
    let is_over = gone.is_empty() && kept.is_empty() && is_untouched;
    let bytes = match (&record.before, kept.is_empty() && is_untouched) {
        (before, true) => before.clone().unwrap_or_default().into_bytes(),
        _ => without(&gone, now),
    };
    let deletes = kept.is_empty() && !gone.is_empty() && record.before.is_none() && is_bare(&lossy(&bytes));
    record.steps = kept;
    // An older one of ours that was there before us stays, and is not taken
    // for what is still to be undone.
    let has_older = gone.iter().any(|step| matches!(step.piece.take(&bytes, 0), Ok(Some(_))));
    let record = Some(record).filter(|record| !record.steps.is_empty() || has_older || is_over);
    Undone { bytes, deletes, is_over, gone, record }
}

impl Undone {
    /// What became of a part; what nobody noted, as in a clone, is taken out too.
    fn finish(&mut self, part: Part, pieces: &[Piece]) -> Became {
        let mut became = match self.gone.iter().any(|step| step.part == part) {
            true => Became::Removed,
            false => Became::Absent,
        };
        let kept = self.record.iter().flat_map(|record| &record.steps).filter(|step| step.part == part);
        if let Some(other) = kept.flat_map(|step| &step.clients).next() {
            return Became::Shared(other.clone());
        }
        if self.is_over {
            return Became::Absent;
        }
        let unknown = |piece: &&Piece| !self.gone.iter().any(|step| step.piece.is_at_place_of(piece));
        for piece in pieces.iter().filter(unknown).collect::<Vec<_>>() {
            match piece.take(&self.bytes, 0) {
                Ok(Some(less)) => (self.bytes, became) = (less, Became::Removed),
                Ok(None) => {}
                Err(refusal) if became == Became::Absent => became = Became::Refused(refusal),
                Err(_) => {}
            }
        }
        became
    }
}

/// What a file is without these steps, the last one first.
fn without(steps: &[Step], now: &[u8]) -> Vec<u8> {
    steps.iter().rev().fold(now.to_vec(), |bytes, step| without_step(step, &bytes))
}

/// The very text that was put in goes, where it stands there once and nothing of
/// ours is left then; else what the dialect knows to be ours.
fn without_step(step: &Step, bytes: &[u8]) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(bytes) else { return bytes.to_vec() };
    if !step.new.is_empty() && text.matches(&step.new).count() == 1 {
        let less = text.replacen(&step.new, &step.old, 1);
        if matches!(step.piece.take(less.as_bytes(), 0), Ok(None)) {
            return less.into_bytes();
        }
    }
    match step.piece.take(bytes, step.created) {
        Ok(Some(less)) => less,
        _ => bytes.to_vec(),
    }
}

/// Every file that is edited is UTF-8.
fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Whether a file that we made holds nothing any more.
fn is_bare(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}').trim();
    text.is_empty() || text == "{}" || text == block::SHELL.trim()
}
