//! Which folders are worth knowing and what each is for.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::PageInput;
use super::symbols::{self, Scale};
use crate::model::{Class, File, SafeText, Symbol, SymbolKind};

/// Folders offered, at most.
const MOST: usize = 60;

/// Levels below the root; deeper folders are told by the files in them.
const DEPTH: usize = 4;

/// Names shown for a folder that says nothing of itself.
const NAMES: usize = 4;

/// Folders, the most worth knowing first. What counts is depth and how much
/// hand-written text is below, by powers of two, so that one more file rarely
/// moves anything.
///
/// Folders that are told as parts and hidden ones are left out.
pub fn folders(input: &PageInput, scale: &Scale) -> Vec<(SafeText, SafeText)> {
    let parts = input.facts.parts.iter().map(|part| part.manifest.parent());
    let parts: BTreeSet<&str> = parts.filter(|_| input.facts.parts.len() > 1).collect();
    let mut below: BTreeMap<&str, Below> = BTreeMap::new();
    for files in input.tree.files.chunk_by(|a, b| a.facts.path.parent() == b.facts.path.parent()) {
        let mut here = Below::default();
        files.iter().for_each(|file| here.count(file.facts.class));
        for folder in ancestors(files[0].facts.path.parent()) {
            below.entry(folder).or_default().add(&here, folder == files[0].facts.path.parent());
        }
    }
    let purposes: BTreeMap<&str, &SafeText> =
        input.facts.layout.iter().map(|folder| (folder.path.as_str(), &folder.purpose)).collect();
    let mut found: Vec<(i64, &str)> = below
        .iter()
        .filter(|(folder, _)| folder.matches('/').count() < DEPTH)
        .filter(|(folder, _)| {
            !parts.contains(*folder) && !folder.split('/').any(|name| name.starts_with('.'))
        })
        .filter(|(folder, below)| {
            let said = purposes.get(*folder).is_some_and(|purpose| !purpose.is_empty());
            // A folder that only holds other folders is told by those.
            said || (below.direct && (below.source > 0 || !folder.contains('/')))
        })
        .map(|(folder, below)| {
            let depth = folder.matches('/').count() as i64;
            let said = i64::from(purposes.get(folder).is_some_and(|purpose| !purpose.is_empty()));
            (2 * below.size() + 2 * said - 3 * depth, *folder)
        })
        .collect();
    found.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    found.truncate(MOST);
    let said = |folder: &str| purposes.get(folder).copied().filter(|purpose| !purpose.is_empty());
    let silent = found.iter().map(|(_, folder)| *folder).filter(|folder| said(folder).is_none());
    let names = main_names(input, scale, silent);
    let view = |folder: &str| {
        let purpose = match (said(folder), names.get(folder)) {
            (Some(purpose), _) => purpose.clone(),
            (None, Some(names)) if !names.is_empty() => SafeText::join(names, ", "),
            _ => SafeText::constant(below[folder].mostly()),
        };
        ((input.show)(folder).followed_by("/"), purpose)
    };
    found.into_iter().map(|(_, folder)| view(folder)).collect()
}

/// Files below a folder, by what they are.
#[derive(Default)]
struct Below {
    source: u32,
    test: u32,
    doc: u32,
    other: u32,
    /// Any of them is read, and lies in the folder itself.
    direct: bool,
}

impl Below {
    fn count(&mut self, class: Class) {
        match class {
            Class::Source => self.source += 1,
            Class::Test => self.test += 1,
            Class::Doc => self.doc += 1,
            _ => self.other += 1,
        }
        self.direct |= class.is_read();
    }

    fn add(&mut self, more: &Below, direct: bool) {
        self.source += more.source;
        self.test += more.test;
        self.doc += more.doc;
        self.other += more.other;
        self.direct |= direct && more.direct;
    }

    /// Hand-written code counts most; in powers of two.
    fn size(&self) -> i64 {
        i64::from((4 * self.source + self.test + self.doc + 1).ilog2())
    }

    /// What most files are, for a folder that says nothing of itself.
    fn mostly(&self) -> &'static str {
        let kinds = [(self.source, ""), (self.test, "tests"), (self.doc, "documentation"), (self.other, "")];
        kinds.into_iter().max_by_key(|(count, _)| *count).map_or("", |(_, name)| name)
    }
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

/// The main types and functions directly in each folder, of its most central
/// files.
fn main_names<'a>(
    input: &PageInput,
    scale: &Scale,
    folders: impl Iterator<Item = &'a str>,
) -> HashMap<&'a str, Vec<SafeText>> {
    let mut names: HashMap<&str, Vec<SafeText>> = folders.map(|folder| (folder, Vec::new())).collect();
    for file in input.central.iter().map(|at| input.file(*at)) {
        let of_folder = names.get_mut(file.facts.path.parent());
        let Some(names) = of_folder.filter(|names| names.len() < NAMES) else { continue };
        if file.facts.class == Class::Source
            && let Some(name) = main_name(file, scale)
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    names
}

fn main_name(file: &File, scale: &Scale) -> Option<SafeText> {
    let outline = &file.content().outline;
    let best = symbols::worth_saying(outline, scale);
    let mut best = best.iter().map(|index| &outline.symbols[*index as usize]);
    let names_much = |symbol: &&Symbol| {
        symbol.public
            && symbol.parent.is_none()
            && !matches!(symbol.kind, SymbolKind::Constant | SymbolKind::Module)
    };
    best.find(names_much).map(|symbol| symbol.name.clone())
}
