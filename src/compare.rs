//! What differs between two states of a tree: files by content hash, symbols
//! by name and signature. Pure.

pub mod fates;
pub mod lines;
mod pairs;
mod unified;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{Content, ContentHash, Outline, RelPath, SafeText, Symbol, SymbolKind};
use crate::rank_terms::Counts;
use pairs::pairs;

pub use unified::unified;

/// Differences between two sets of files; every list sorted by path.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FileChanges {
    pub added: Vec<RelPath>,
    pub modified: Vec<RelPath>,
    pub removed: Vec<RelPath>,
    /// Renamed files, once they are detected; these are neither added nor
    /// removed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub renamed: Vec<Rename>,
    /// Files that are the same on both sides.
    #[serde(skip)]
    pub same: usize,
}

/// A file that moved to another path, usually with the same content.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Rename {
    pub from: RelPath,
    pub to: RelPath,
}

impl FileChanges {
    /// How many files differ.
    pub fn count(&self) -> usize {
        self.added.len() + self.modified.len() + self.removed.len() + self.renamed.len()
    }

    /// Pairs removed and added files with the same content as renames. Of
    /// several candidates, the one with the most similar path is taken.
    pub fn pair_same(&mut self, old: &BTreeMap<RelPath, ContentHash>, new: &BTreeMap<RelPath, ContentHash>) {
        let mut added: BTreeMap<&ContentHash, Vec<&RelPath>> = BTreeMap::new();
        for path in &self.added {
            new.get(path).into_iter().for_each(|hash| added.entry(hash).or_default().push(path));
        }
        let mut renamed = Vec::new();
        for from in &self.removed {
            let Some(paths) = old.get(from).and_then(|hash| added.get_mut(hash)) else { continue };
            let best =
                (0..paths.len()).max_by_key(|at| (likeness_of_paths(from, paths[*at]), usize::MAX - at));
            renamed.extend(best.map(|at| Rename { from: from.clone(), to: paths.remove(at).clone() }));
        }
        self.move_to_renamed(renamed);
    }

    /// The same for files that were also edited, by the share of words that
    /// they have in common. `content` returns the content of a removed
    /// (`false`) or added file.
    pub fn pair_alike<E, F>(&mut self, content: &F) -> Result<(), E>
    where
        F: Fn(&RelPath, bool) -> Result<Option<Arc<Content>>, E>,
    {
        if self.removed.len() * self.added.len() > MAX_PAIRS {
            return Ok(());
        }
        let read = |paths: &[RelPath], is_new: bool| -> Result<Vec<_>, E> {
            paths.iter().map(|path| content(path, is_new)).collect()
        };
        let (gone, new) = (read(&self.removed, false)?, read(&self.added, true)?);
        let mut pairs = Vec::new();
        for (from, before) in self.removed.iter().zip(&gone) {
            for (to, after) in self.added.iter().zip(&new) {
                let (Some(before), Some(after)) = (before, after) else { continue };
                let share = likeness(before, after);
                if from.extension() == to.extension() && share >= ALIKE {
                    pairs.push((share, likeness_of_paths(from, to), from, to));
                }
            }
        }
        pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.cmp(&a.1)).then((a.2, a.3).cmp(&(b.2, b.3))));
        let (mut left, mut taken) = (BTreeSet::new(), BTreeSet::new());
        let mut renamed = Vec::new();
        for (_, _, from, to) in pairs {
            if !left.contains(from) && !taken.contains(to) {
                left.insert(from);
                taken.insert(to);
                renamed.push(Rename { from: from.clone(), to: to.clone() });
            }
        }
        self.move_to_renamed(renamed);
        Ok(())
    }

    fn move_to_renamed(&mut self, renamed: Vec<Rename>) {
        let from: BTreeSet<&RelPath> = renamed.iter().map(|rename| &rename.from).collect();
        let to: BTreeSet<&RelPath> = renamed.iter().map(|rename| &rename.to).collect();
        self.removed.retain(|path| !from.contains(path));
        self.added.retain(|path| !to.contains(path));
        self.renamed.extend(renamed);
        self.renamed.sort();
    }
}

/// Maximum number of pairs compared by their words. After a branch switch with
/// thousands of changes, renames matter less.
const MAX_PAIRS: usize = 10_000;

/// Two files with at least this share of common words count as one that was
/// edited.
const ALIKE: f64 = 0.6;

/// The share of their words that two files have in common, as often as both
/// have them; 0 for those with too few to tell.
fn likeness(one: &Content, other: &Content) -> f64 {
    const FEW: u32 = 8;
    let counts = |content: &Content| -> BTreeMap<u32, u32> {
        Counts::of(&content.words)
            .map(|count| (count.term, u32::from(count.body) + u32::from(count.doc)))
            .collect()
    };
    let (one, other) = (counts(one), counts(other));
    let common: u32 = one.iter().filter_map(|(term, count)| Some(*count.min(other.get(term)?))).sum();
    let most = one.values().sum::<u32>().max(other.values().sum());
    if common < FEW { 0.0 } else { f64::from(common) / f64::from(most) }
}

/// How similar two paths are: same name first, then common components from the
/// end and from the beginning.
fn likeness_of_paths(one: &RelPath, other: &RelPath) -> (bool, usize) {
    let parts = |path: &RelPath| path.as_str().split('/').map(str::to_string).collect::<Vec<_>>();
    let (a, b) = (parts(one), parts(other));
    let ends = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    let starts = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    (one.name() == other.name(), ends + starts)
}

/// Which files came, went or changed, by path and content hash. Renames show as one removed and one
/// added file.
pub fn files(old: &BTreeMap<RelPath, ContentHash>, new: &BTreeMap<RelPath, ContentHash>) -> FileChanges {
    let mut changes = FileChanges::default();
    for (path, hash) in new {
        match old.get(path) {
            None => changes.added.push(path.clone()),
            Some(before) if before != hash => changes.modified.push(path.clone()),
            Some(_) => changes.same += 1,
        }
    }
    changes.removed = old.keys().filter(|path| !new.contains_key(*path)).cloned().collect();
    changes
}

/// A symbol that only one side has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct SymbolRow {
    pub path: RelPath,
    /// Qualified name: `Type.method`.
    pub name: SafeText,
    pub kind: SymbolKind,
    pub signature: SafeText,
}

/// A symbol whose signature changed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct SymbolChange {
    pub path: RelPath,
    pub name: SafeText,
    pub kind: SymbolKind,
    pub before: SafeText,
    pub after: SafeText,
}

/// Differences between the symbols of files, sorted by path and name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SymbolChanges {
    pub added: Vec<SymbolRow>,
    pub removed: Vec<SymbolRow>,
    pub changed: Vec<SymbolChange>,
}

impl SymbolChanges {
    /// Adds what differs in one file; an absent side has an empty outline.
    pub fn add(&mut self, path: &RelPath, old: &Outline, new: &Outline) {
        let row = |outline: &Outline, at: usize| SymbolRow {
            path: path.clone(),
            name: outline.qualified_name(at),
            kind: outline.symbols[at].kind,
            signature: outline.symbols[at].signature.clone(),
        };
        let is_alike = |old: &Symbol, new: &Symbol| old.signature == new.signature;
        for pair in pairs(old, new, &is_alike).into_iter().filter(|pair| !pair.is_alike) {
            match (pair.old.map(|at| row(old, at)), pair.new.map(|at| row(new, at))) {
                (Some(before), Some(after)) => self.changed.push(SymbolChange {
                    path: after.path,
                    name: after.name,
                    kind: after.kind,
                    before: before.signature,
                    after: after.signature,
                }),
                (before, after) => {
                    self.removed.extend(before);
                    self.added.extend(after);
                }
            }
        }
    }
}

/// Names of the innermost symbols whose text differs, sorted, marked `+` for
/// added, `-` for removed and `~` for changed.
pub fn touched(old: (&str, &Outline), new: (&str, &Outline)) -> Vec<SafeText> {
    let (before, after) = (texts(old), texts(new));
    let mut marked: BTreeMap<&SafeText, &'static str> = BTreeMap::new();
    for (name, text) in &after {
        match before.get(name) {
            None => _ = marked.insert(name, "+"),
            Some(old) if old != text => _ = marked.insert(name, "~"),
            Some(_) => {}
        }
    }
    marked.extend(before.keys().filter(|name| !after.contains_key(*name)).map(|name| (name, "-")));
    let around: BTreeSet<&str> =
        marked.keys().filter_map(|name| Some(name.as_str().rsplit_once('.')?.0)).collect();
    let told = marked.iter().filter(|(name, mark)| **mark != "~" || !around.contains(name.as_str()));
    told.map(|(name, mark)| SafeText::join(&[SafeText::constant(mark), (*name).clone()], "")).collect()
}

/// The source lines of each symbol by qualified name; symbols of the same name
/// are joined.
fn texts((source, outline): (&str, &Outline)) -> BTreeMap<SafeText, String> {
    let lines: Vec<&str> = source.lines().collect();
    let mut found: BTreeMap<SafeText, String> = BTreeMap::new();
    for (index, symbol) in outline.symbols.iter().enumerate() {
        let first = (symbol.line as usize).saturating_sub(1).min(lines.len());
        let end = (symbol.end_line as usize).clamp(first, lines.len());
        let text = found.entry(outline.qualified_name(index)).or_default();
        lines[first..end].iter().for_each(|line| {
            text.push_str(line);
            text.push('\n');
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Symbol;

    fn outline(symbols: &[(&str, &str, u32, u32, Option<u32>)]) -> Outline {
        let safe = |text: &str| SafeText::from_redacted(text.to_string());
        let symbols = symbols.iter().map(|(name, signature, line, end_line, parent)| Symbol {
            name: safe(name),
            kind: SymbolKind::Function,
            signature: safe(signature),
            doc: safe(""),
            line: *line,
            end_line: *end_line,
            parent: *parent,
            public: true,
        });
        Outline { symbols: symbols.collect(), ..Outline::default() }
    }

    #[test]
    fn files_are_added_modified_removed_or_the_same() {
        let state = |files: &[(&str, &str)]| -> BTreeMap<RelPath, ContentHash> {
            files.iter().map(|(p, t)| (RelPath::new(p).unwrap(), ContentHash::of(t.as_bytes()))).collect()
        };
        let changes = files(
            &state(&[("a", "1"), ("b", "1"), ("c", "1")]),
            &state(&[("b", "1"), ("c", "2"), ("d", "1")]),
        );
        let names = |paths: &[RelPath]| paths.iter().map(|p| p.to_string()).collect::<Vec<_>>().join(" ");
        assert_eq!(
            (names(&changes.added), names(&changes.modified), names(&changes.removed)),
            ("d".into(), "c".into(), "a".into())
        );
        assert_eq!(changes.same, 1);
    }

    #[test]
    fn a_file_of_the_same_content_elsewhere_was_renamed() {
        let state = |files: &[(&str, &str)]| -> BTreeMap<RelPath, ContentHash> {
            files.iter().map(|(p, t)| (RelPath::new(p).unwrap(), ContentHash::of(t.as_bytes()))).collect()
        };
        let old = state(&[("a/x.rs", "1"), ("b/y.rs", "1"), ("c", "3"), ("d", "4")]);
        let new = state(&[("new/y.rs", "1"), ("new/x.rs", "1"), ("e", "5"), ("f", "4"), ("d2", "4")]);
        let mut changes = files(&old, &new);
        changes.pair_same(&old, &new);
        let renamed: Vec<String> = changes.renamed.iter().map(|r| format!("{} {}", r.from, r.to)).collect();
        assert_eq!(renamed, ["a/x.rs new/x.rs", "b/y.rs new/y.rs", "d d2"]);
        let names = |paths: &[RelPath]| paths.iter().map(|p| p.to_string()).collect::<Vec<_>>();
        assert_eq!(
            (names(&changes.removed), names(&changes.added)),
            (vec!["c".into()], vec!["e".into(), "f".into()])
        );
    }

    #[test]
    fn twins_cancel_out_and_a_changed_signature_is_no_removal() {
        let old = outline(&[
            ("f", "fn f()", 1, 1, None),
            ("f", "fn f(a)", 2, 2, None),
            ("g", "fn g()", 3, 3, None),
        ]);
        let new = outline(&[
            ("f", "fn f(a)", 1, 1, None),
            ("f", "fn f(b)", 2, 2, None),
            ("h", "fn h()", 3, 3, None),
        ]);
        let mut changes = SymbolChanges::default();
        changes.add(&RelPath::new("x").unwrap(), &old, &new);
        assert_eq!(changes.changed.len(), 1);
        assert_eq!(
            (changes.changed[0].before.as_str(), changes.changed[0].after.as_str()),
            ("fn f()", "fn f(b)")
        );
        assert_eq!((changes.added[0].name.as_str(), changes.removed[0].name.as_str()), ("h", "g"));
    }

    #[test]
    fn an_edit_in_a_method_marks_the_method_and_not_the_type_around_it() {
        let old = outline(&[
            ("T", "class T", 1, 3, None),
            ("f", "def f", 2, 2, Some(0)),
            ("g", "def g", 3, 3, Some(0)),
        ]);
        let marks = touched(("T\n f1\n g\n", &old), ("T\n f2\n g\n", &old));
        assert_eq!(marks.iter().map(SafeText::as_str).collect::<Vec<_>>(), ["~T.f"]);
    }
}
