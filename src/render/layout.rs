//! Which folders are worth knowing and what each is for.

use std::collections::BTreeMap;

use super::view::FolderView;
use super::{Input, symbols};
use crate::model::{Class, File, SafeText, SymbolKind};

/// Folders offered, at most.
const MOST: usize = 60;

/// Levels below the root; deeper folders are told by the files in them.
const DEPTH: usize = 4;

/// Names shown for a folder that says nothing of itself.
const NAMES: usize = 4;

/// Folders, the most worth knowing first. What counts is depth and how much
/// hand-written text is below, by powers of two, so that one more file rarely
/// moves anything.
pub fn folders(input: &Input) -> Vec<FolderView> {
    let mut below: BTreeMap<&str, Below> = BTreeMap::new();
    for file in &input.tree.files {
        let weight = match file.facts.class {
            Class::Source => 4,
            Class::Test | Class::Doc => 1,
            _ => 0,
        };
        let parent = file.facts.path.parent();
        for folder in ancestors(parent) {
            let entry = below.entry(folder).or_default();
            entry.weight += weight;
            entry.direct |= folder == parent && weight > 0;
        }
    }
    let purposes: BTreeMap<&str, &SafeText> =
        input.facts.layout.iter().map(|folder| (folder.path.as_str(), &folder.purpose)).collect();
    let mut found: Vec<(i64, &str)> = below
        .iter()
        .filter(|(folder, below)| below.weight > 0 && folder.matches('/').count() < DEPTH)
        // A folder that only holds one other folder is told by that one.
        .filter(|(folder, below)| below.direct || purposes.contains_key(*folder) || !folder.contains('/'))
        .map(|(folder, below)| {
            let depth = folder.matches('/').count() as i64;
            let size = i64::from(below.weight.ilog2());
            let said = i64::from(purposes.get(folder).is_some_and(|purpose| !purpose.is_empty()));
            (2 * size + 2 * said - 3 * depth, *folder)
        })
        .collect();
    found.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    found.truncate(MOST);
    let view = |folder: &str| FolderView {
        path: (input.show)(folder).map(|path| format!("{path}/")),
        purpose: match purposes.get(folder) {
            Some(purpose) if !purpose.is_empty() => (*purpose).clone(),
            _ => main_names(input, folder),
        },
    };
    found.into_iter().map(|(_, folder)| view(folder)).collect()
}

#[derive(Default)]
struct Below {
    weight: u32,
    direct: bool,
}

/// The folder itself and those around it, without the root.
fn ancestors(folder: &str) -> impl Iterator<Item = &str> {
    let mut next = Some(folder).filter(|folder| !folder.is_empty());
    std::iter::from_fn(move || {
        let folder = next?;
        next = folder.rsplit_once('/').map(|(parent, _)| parent);
        Some(folder)
    })
}

/// The main types and functions directly in a folder, of its most central
/// files.
fn main_names(input: &Input, folder: &str) -> SafeText {
    let central = input.central.iter().map(|ranked| input.file(ranked.file));
    let here = central.filter(|file| file.facts.path.parent() == folder && file.facts.class == Class::Source);
    let names: Vec<SafeText> = here.take(NAMES).filter_map(main_name).collect();
    SafeText::join(&names, ", ")
}

fn main_name(file: &File) -> Option<SafeText> {
    let outline = &file.content.outline;
    let best = symbols::worth_saying(outline, &Default::default());
    let symbol = best.iter().map(|index| &outline.symbols[*index as usize]);
    let mut symbol = symbol.filter(|symbol| symbol.public && symbol.kind != SymbolKind::Constant);
    symbol.next().map(|symbol| symbol.name.clone())
}
