//! The files of a report: their size, their place in the ranking, what they
//! declare and import.

use schemars::JsonSchema;
use serde::Serialize;

use super::room::{Room, size};
use super::{GoalEntry, LeftOut};
use crate::app::open;
use crate::memory::Memory;
use crate::model::{Class, History, Outline, Ranked, RelPath, SafeText, SymbolKind};
use crate::pipeline::{self, Context, EvidenceStrength, Reading};

/// A file of the tree.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FileEntry {
    pub path: RelPath,
    /// Bytes.
    pub size: u64,
    pub class: Class,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<&'static str>,
    /// Its place in the ranking, from 1, of those that stand at the top.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rank: Option<usize>,
    /// Why it stands there, the strongest reason first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub why: Vec<SafeText>,
    /// In the order of the file.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub symbols: Vec<SymbolEntry>,
}

/// A declaration: its name, what it is, and the line where the name stands.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SymbolEntry(pub SafeText, pub SymbolKind, pub u32);

/// Files that have their place told, and those of them with reasons.
const RANKED: usize = 500;
const REASONED: usize = 60;

/// Reasons of one file.
const REASONS: usize = 3;

/// The goal, and all files in the order for it; without one in the order of how
/// central they are and what is worked on.
pub(super) fn ranked(
    context: &Context,
    reading: &Reading,
    history: &History,
    memory: &Memory,
    asked: Option<&str>,
) -> (Option<GoalEntry>, Vec<Ranked>) {
    let central = || pipeline::rank(context, reading, history, None, memory);
    let Some(text) = open::goal(context, memory, asked) else { return (None, central()) };
    let (ranked, strength) = pipeline::judged(context, reading, history, &text, memory);
    let (evidence, means) = pipeline::told(strength);
    let is_recorded = memory.goal().is_some_and(|goal| *goal.text() == text);
    let next = memory.next_step().filter(|_| is_recorded).cloned();
    let goal = GoalEntry { text, asked: !is_recorded, next, evidence, means };
    // Where nothing speaks for any file, the central ones are all there is to tell.
    let ranked = if strength == EvidenceStrength::None { central() } else { ranked };
    (Some(goal), ranked)
}

/// The files by path with what they declare, and who imports whom.
pub(super) fn entries(
    context: &Context,
    reading: &Reading,
    ranked: &[Ranked],
    room: &mut Room,
    left_out: &mut LeftOut,
) -> (Vec<FileEntry>, Vec<(u32, u32)>) {
    let tree = &reading.tree;
    let mut order: Vec<u32> = ranked.iter().map(|ranked| ranked.file).collect();
    let mut is_ranked = vec![false; tree.files.len()];
    order.iter().for_each(|file| is_ranked[*file as usize] = true);
    order.extend((0..tree.files.len() as u32).filter(|file| !is_ranked[*file as usize]));
    // Where in the report each file stands that is in it, by its place in the tree.
    let mut kept: Vec<Option<FileEntry>> = tree.files.iter().map(|_| None).collect();
    for (at, file) in order.iter().enumerate() {
        let facts = &tree.files[*file as usize].facts;
        let reasons = ranked.get(at).filter(|_| at < REASONED);
        let entry = FileEntry {
            path: facts.path.clone(),
            size: facts.stamp.size,
            class: facts.class,
            language: facts.language,
            rank: (at < RANKED.min(ranked.len())).then_some(at + 1),
            why: reasons.map(|it| pipeline::said(context, tree, &it.reasons, REASONS)).unwrap_or_default(),
            symbols: Vec::new(),
        };
        if room.has(KEPT_FREE) && room.takes(size(&entry)) {
            kept[*file as usize] = Some(entry);
        }
    }
    let imports = imports(reading, &order, &kept, room, left_out);
    symbols(reading, &order, &mut kept, room, left_out);
    left_out.files = kept.iter().filter(|entry| entry.is_none()).count();
    (kept.into_iter().flatten().collect(), imports)
}

/// Bytes that files leave to imports and symbols.
const KEPT_FREE: usize = 400_000;

/// Bytes that imports leave to symbols.
const KEPT_FOR_SYMBOLS: usize = 200_000;

/// Bytes of a pair.
const PAIR: usize = 13;

fn imports(
    reading: &Reading,
    order: &[u32],
    kept: &[Option<FileEntry>],
    room: &mut Room,
    left_out: &mut LeftOut,
) -> Vec<(u32, u32)> {
    let mut place = Vec::with_capacity(kept.len());
    let mut next = 0;
    for entry in kept {
        place.push(entry.is_some().then_some(next));
        next += u32::from(entry.is_some());
    }
    let mut pairs = Vec::new();
    for file in order {
        let Some(targets) = reading.tree.imports.get(*file as usize) else { continue };
        for target in targets.iter().filter(|target| *target != file) {
            match (place[*file as usize], place[*target as usize]) {
                (Some(from), Some(to)) if room.has(KEPT_FOR_SYMBOLS) && room.takes(PAIR) => {
                    pairs.push((from, to));
                }
                _ => left_out.imports += 1,
            }
        }
    }
    pairs.sort_unstable();
    pairs
}

/// Gives each file its symbols, as long as there is room: first what other files
/// may ask for, of the first files first.
fn symbols(
    reading: &Reading,
    order: &[u32],
    kept: &mut [Option<FileEntry>],
    room: &mut Room,
    left_out: &mut LeftOut,
) {
    for is_second in [false, true] {
        for file in order {
            let content = reading.tree.files[*file as usize].content().clone();
            let Some(entry) = kept[*file as usize].as_mut() else {
                left_out.symbols += if is_second { 0 } else { content.outline.symbols.len() };
                continue;
            };
            for at in of_rank(&content.outline, is_second) {
                let symbol = &content.outline.symbols[at];
                let symbol = SymbolEntry(symbol.name.clone(), symbol.kind, symbol.line);
                match room.takes(size(&symbol)) {
                    true => entry.symbols.push(symbol),
                    false => left_out.symbols += 1,
                }
            }
            // An `impl` block has the line of its type, and stays behind it.
            entry.symbols.sort_by_key(|symbol| symbol.2);
        }
    }
}

/// The places of the symbols that are of the first or of the second rank.
fn of_rank(outline: &Outline, is_second: bool) -> impl Iterator<Item = usize> {
    outline.symbols.iter().enumerate().filter_map(move |(at, symbol)| {
        let is_detail = matches!(
            symbol.kind,
            SymbolKind::Section
                | SymbolKind::Field
                | SymbolKind::Variant
                | SymbolKind::Variable
                | SymbolKind::Impl
        );
        (is_detail == is_second).then_some(at)
    })
}
