//! Files that the goal names: by path, by file name, by module, in a
//! traceback, or by what they declare.
//!
//! Not here: words that merely occur.

use std::collections::HashMap;

use super::goal::ParsedGoal;
use super::lexical::Lexical;
use super::table::{Signal, Table};
use crate::model::{Class, RelPath, Tree};

/// Names that stand for their folder: `pkg/__init__.py` is module `pkg`.
const INDEX: [&str; 8] = ["__init__", "mod", "lib", "main", "index", "__main__", "init", "doc"];

/// Whether the file stands for its folder, such as `mod.rs`, `index.js` or `__init__.py`.
pub fn is_index(path: &RelPath) -> bool {
    INDEX.contains(&path.stem())
}

/// Fills the signals of files that the goal names.
pub fn fill(tree: &Tree, goal: &ParsedGoal, lexical: &Lexical, table: &mut Table) {
    fill_mentions(tree, goal, table);
    fill_stems(tree, goal, table);
    fill_dotted(tree, goal, table);
    fill_declared(goal, lexical, table);
}

/// Files that the goal's first line asks for, in its order: by a path with a
/// folder, or by a name that only one source file bears. Whoever spells out a
/// file means it, whatever its words are worth.
pub fn asked(tree: &Tree, goal: &ParsedGoal) -> Vec<u32> {
    let mut found = Vec::new();
    for mention in &goal.asked {
        let whole = |path: &RelPath| path.as_str() == mention;
        let tail = |path: &RelPath| common_tail(path.as_str(), mention) == components(mention);
        let mut files = (0..tree.files.len()).filter(|at| tail(&tree.files[*at].facts.path)).peekable();
        let only = files.next().filter(|_| files.peek().is_none());
        let exact = tree.files.iter().position(|file| whole(&file.facts.path));
        let is_meant = |at: &usize| mention.contains('/') || tree.files[*at].facts.class == Class::Source;
        let meant = exact.or(only).filter(is_meant).map(|at| at as u32);
        found.extend(meant.filter(|at| !found.contains(at)));
    }
    found
}

/// Paths and file names that the goal spells out.
fn fill_mentions(tree: &Tree, goal: &ParsedGoal, table: &mut Table) {
    let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, file) in tree.files.iter().enumerate() {
        by_name.entry(file.facts.path.name()).or_default().push(at);
    }
    for (mention, _) in goal.paths.iter().filter(|(_, in_frame)| !in_frame) {
        let name = mention.rsplit('/').next().unwrap_or(mention);
        let Some(files) = by_name.get(name) else {
            continue;
        };
        let depth = |at: usize| common_tail(tree.files[at].facts.path.as_str(), mention);
        let deepest = files.iter().map(|&at| depth(at)).max().unwrap_or(0);
        let best: Vec<usize> = files.iter().copied().filter(|&at| depth(at) == deepest).collect();
        let share = 1.0 / (best.len() as f64).sqrt();
        for at in best {
            let whole = deepest == components(tree.files[at].facts.path.as_str());
            let signal = if deepest > 1 || (whole && mention.contains('/')) {
                Signal::MentionPath
            } else {
                Signal::MentionName
            };
            raise(table.column_mut(signal), at, share);
        }
    }
}

/// How many components two paths share at their ends.
fn common_tail(a: &str, b: &str) -> usize {
    a.rsplit('/').zip(b.rsplit('/')).take_while(|(a, b)| a == b).count()
}

fn components(path: &str) -> usize {
    path.split('/').count()
}

/// Names of the goal that are the stem of a file's name.
fn fill_stems(tree: &Tree, goal: &ParsedGoal, table: &mut Table) {
    let mut files_of: HashMap<u32, Vec<usize>> = HashMap::new();
    for (at, file) in tree.files.iter().enumerate() {
        if let Some(term) = crate::rank_terms::whole(module_name(&file.facts.path)) {
            files_of.entry(term.0).or_default().push(at);
        }
    }
    for word in goal.words.iter().filter(|word| word.whole && (word.name > 0 || word.title)) {
        let Some(files) = files_of.get(&word.term) else {
            continue;
        };
        let weight = if word.name > 0 { 1.0 } else { 0.5 };
        for &at in files {
            raise(table.column_mut(Signal::MentionStem), at, weight / (files.len() as f64).sqrt());
        }
    }
}

/// The stem, or the folder's name for files that stand for their folder.
pub fn module_name(path: &RelPath) -> &str {
    if is_index(path) && !path.parent().is_empty() {
        let parent = path.parent();
        let folder = parent.rsplit('/').next().unwrap_or(parent);
        if folder == "src" || folder == "lib" {
            let above = parent.rsplit('/').nth(1).unwrap_or(folder);
            return above;
        }
        return folder;
    }
    path.stem()
}

/// `django.db.models.query` and `crate::walk::files` resolved to files: how
/// many components of a dotted name end a file's path.
fn fill_dotted(tree: &Tree, goal: &ParsedGoal, table: &mut Table) {
    let plain = |part: &str| part.to_lowercase().replace('_', "");
    let mut places: HashMap<String, Vec<(usize, usize)>> = HashMap::new();
    let dotted: Vec<Vec<String>> =
        goal.dotted.iter().map(|name| name.iter().map(|part| plain(part)).collect()).collect();
    for (at, name) in dotted.iter().enumerate() {
        for (position, part) in name.iter().enumerate() {
            places.entry(part.clone()).or_default().push((at, position));
        }
    }
    let mut found: Vec<(usize, usize, usize)> = Vec::new();
    for (at, file) in tree.files.iter().enumerate() {
        let path = module_path(&file.facts.path);
        let Some(last) = path.last() else { continue };
        let Some(named) = places.get(&plain(last)) else {
            continue;
        };
        for &(name, position) in named {
            let shared = path
                .iter()
                .rev()
                .zip(dotted[name][..=position].iter().rev())
                .take_while(|(a, b)| plain(a) == **b)
                .count();
            if shared >= 2 || path.len() == 1 {
                found.push((name, shared, at));
            }
        }
    }
    for (name, _) in dotted.iter().enumerate() {
        let best = found.iter().filter(|f| f.0 == name).map(|f| f.1).max().unwrap_or(0);
        let files: Vec<usize> = found.iter().filter(|f| f.0 == name && f.1 == best).map(|f| f.2).collect();
        for at in &files {
            raise(table.column_mut(Signal::Dotted), *at, 1.0 / (files.len() as f64).sqrt());
        }
    }
}

/// The components of a path as a module name: no extension, no index, no
/// `src`.
fn module_path(path: &RelPath) -> Vec<&str> {
    let mut parts: Vec<&str> = path
        .parent()
        .split('/')
        .filter(|part| !part.is_empty() && *part != "src" && *part != "lib")
        .collect();
    if !is_index(path) {
        parts.push(path.stem());
    }
    parts
}

/// `Class.method` where a file declares both.
fn fill_declared(goal: &ParsedGoal, lexical: &Lexical, table: &mut Table) {
    let of_name = |name: &str| {
        let term = crate::rank_terms::whole(name)?;
        goal.words.binary_search_by_key(&term.0, |word| word.term).ok()
    };
    let pairs: Vec<(usize, usize)> = goal
        .dotted
        .iter()
        .flat_map(|name| name.windows(2))
        .filter_map(|pair| Some((of_name(&pair[0])?, of_name(&pair[1])?)))
        .collect();
    if pairs.is_empty() {
        return;
    }
    for (at, matches) in lexical.matches.iter().enumerate() {
        let declares = |word: usize| matches.iter().any(|m| m.word as usize == word && m.defined);
        let best = pairs
            .iter()
            .filter(|(outer, inner)| declares(*outer) && declares(*inner))
            .map(|(outer, inner)| lexical.idf_defined[*outer] + lexical.idf_defined[*inner])
            .fold(0.0, f64::max);
        raise(table.column_mut(Signal::DottedDefined), at, best);
    }
    table.normalise(Signal::DottedDefined);
}

fn raise(column: &mut [f64], at: usize, value: f64) {
    if value > column[at] {
        column[at] = value;
    }
}
