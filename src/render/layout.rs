//! Which folders are worth knowing and what each is for.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::PageInput;
use super::symbols::{self, Scale};
use crate::model::{Class, File, SafeText, Symbol, SymbolKind};

/// Folders offered, at most.
const MOST: usize = 60;

/// Steps below the root; deeper folders are told by the files in them.
const DEPTH: usize = 4;

/// Folders whose inside is told by their name alone.
#[rustfmt::skip]
const TOLD_BY_NAME: &[&str] = &[
    "demo", "demos", "doc", "docs", "example", "examples", "sample", "samples", "site", "third_party", "vendor", "website",
];

/// Folders in which the JVM's builds keep the sources of one language.
const SOURCE_SETS: &[&str] = &["groovy", "java", "kotlin", "scala"];

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
    let steps = steps(&below);
    let mut found: Vec<(i64, &str)> = below
        .iter()
        .filter(|(folder, _)| steps[*folder] < DEPTH && !is_told_by_name(folder))
        .filter(|(folder, _)| {
            !parts.contains(*folder) && !folder.split('/').any(|name| name.starts_with('.'))
        })
        .filter(|(folder, below)| {
            let said = purposes.get(*folder).is_some_and(|purpose| !purpose.is_empty());
            // A folder that only holds other folders is told by those.
            said || (below.direct && (below.source > 0 || !folder.contains('/')))
        })
        .map(|(folder, below)| {
            let depth = steps[folder] as i64;
            let said = i64::from(purposes.get(folder).is_some_and(|purpose| !purpose.is_empty()));
            (2 * below.size() + 2 * said - 3 * depth, *folder)
        })
        .collect();
    found.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    found.truncate(MOST);
    let said = |folder: &str| purposes.get(folder).copied().filter(|purpose| !purpose.is_empty());
    let is_by_name = |folder: &str| is_told_by_name(&format!("{folder}/"));
    let silent = found
        .iter()
        .map(|(_, folder)| *folder)
        .filter(|folder| said(folder).is_none() && !is_by_name(folder));
    let names = main_names(input, scale, silent);
    let view = |folder: &str| {
        let purpose = match (said(folder), names.get(folder)) {
            (Some(purpose), _) => purpose.clone(),
            // One name of many says nothing of a folder.
            (None, Some(names)) if names.len() > 1 => SafeText::join(names, ", "),
            _ => SafeText::constant(below[folder].mostly()),
        };
        ((input.show)(folder).followed_by("/"), purpose)
    };
    found.into_iter().map(|(_, folder)| view(folder)).collect()
}

/// How many choices lead to each folder from the root: one that is all that the
/// folder around it holds, such as `src/main/java/org/apache`, is none, and
/// neither are the folders of a source set.
fn steps<'a>(below: &BTreeMap<&'a str, Below>) -> HashMap<&'a str, usize> {
    let mut children: HashMap<&str, usize> = HashMap::new();
    for folder in below.keys() {
        *children.entry(parent(folder)).or_default() += 1;
    }
    let mut steps: HashMap<&str, usize> = HashMap::new();
    // Sorted, so that a folder comes behind the one around it.
    for folder in below.keys() {
        let around = parent(folder);
        let is_only = children[around] == 1 && below.get(around).is_some_and(|below| !below.direct);
        let is_free = is_only || is_source_set(folder) || around.is_empty();
        let before = steps.get(around).copied().unwrap_or(0);
        steps.insert(folder, before + usize::from(!is_free));
    }
    steps
}

fn parent(folder: &str) -> &str {
    folder.rsplit_once('/').map_or("", |(parent, _)| parent)
}

/// `src/main/java`, and the `main` in it, whose name is free.
fn is_source_set(folder: &str) -> bool {
    let mut parts = folder.rsplit('/');
    let last = [parts.next(), parts.next(), parts.next()].map(Option::unwrap_or_default);
    last[1] == "src" || (last[2] == "src" && SOURCE_SETS.contains(&last[0]))
}

fn is_told_by_name(folder: &str) -> bool {
    // `com/example` is a package.
    let mut folders = parent(folder).split('/').take_while(|part| !SOURCE_SETS.contains(part));
    folders.any(|part| TOLD_BY_NAME.contains(&part.to_ascii_lowercase().as_str()))
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
    best.find(names_much).map(|symbol| symbol.name.clone()).filter(is_name)
}

/// A name of code; titles of pages and queries of styles say nothing of a folder.
fn is_name(name: &SafeText) -> bool {
    let mut chars = name.as_str().chars();
    let starts = chars.next().is_some_and(|c| c.is_alphabetic() || c == '_');
    starts && chars.all(|c| c.is_alphanumeric() || matches!(c, '_' | ':' | '.' | '$'))
}
