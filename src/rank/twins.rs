//! Files that hold the same code once more or its other half: a header and its
//! source, a `.pyx` and its `.py`, a mirrored folder, an equal text.
//!
//! Not here: what a tool writes (the project's facts say it), and tests.

use std::collections::BTreeSet;

use crate::model::{Class, File, RelPath, Tree};

/// Twins told of one file.
const MOST: usize = 3;

/// Names that two files have to declare, and the share of them in both, before
/// equal places in two folders make them twins.
const LEAST_NAMES: usize = 3;
const SHARE: f64 = 0.7;

/// Extensions of which one declares what the other defines.
const HALVES: [(&[&str], &[&str], &str); 4] = [
    (
        &["h", "hh", "hpp", "hxx", "h++"],
        &["c", "cc", "cpp", "cxx", "c++", "m", "mm"],
        "header and source of the same name",
    ),
    (&["pyx", "pxd", "pxi"], &["py", "pyi", "pxd", "pyx"], "Cython and Python of the same name"),
    (&["d.ts"], &["js", "mjs", "cjs"], "its types"),
    (&["mli"], &["ml"], "interface and source of the same name"),
];

/// A file that has to be looked at whenever the other is changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Twin {
    pub file: u32,
    pub how: &'static str,
}

/// The twins of a file, in the order of the tree.
pub fn of(tree: &Tree, file: u32) -> Vec<Twin> {
    let own = &tree.files[file as usize];
    if own.facts.class != Class::Source {
        return Vec::new();
    }
    let others =
        (0..).zip(&tree.files).filter(|(at, other)| *at != file && other.facts.class == Class::Source);
    let mut found: Vec<Twin> =
        others.filter_map(|(at, other)| Some(Twin { file: at, how: how(own, other)? })).collect();
    keep_the_only_half(tree, own, &mut found);
    found.truncate(MOST);
    found
}

fn how(own: &File, other: &File) -> Option<&'static str> {
    let (path, twin) = (&own.facts.path, &other.facts.path);
    if own.facts.hash == other.facts.hash && own.facts.stamp.size > 0 {
        return Some("the same text");
    }
    // Both of what follows ask for it, and most files of a large tree end here.
    if beginning(path) != beginning(twin) {
        return None;
    }
    if let Some(how) = halves(path, twin) {
        return Some(how);
    }
    (is_mirrored(path, twin) && declare_the_same(own, other)).then_some("the same code in another folder")
}

/// The name up to its first dot.
fn beginning(path: &RelPath) -> &str {
    path.name().split('.').next().unwrap_or_default()
}

fn halves(a: &RelPath, b: &RelPath) -> Option<&'static str> {
    let is_one_of =
        |path: &RelPath, ends: &[&str]| ends.iter().find_map(|end| stem(path, end).map(str::to_owned));
    HALVES.iter().find_map(|(declare, define, how)| {
        let pair = is_one_of(a, declare).zip(is_one_of(b, define));
        let pair = pair.or_else(|| is_one_of(a, define).zip(is_one_of(b, declare)));
        pair.filter(|(a, b)| a == b).map(|_| *how)
    })
}

fn stem<'p>(path: &'p RelPath, end: &str) -> Option<&'p str> {
    path.name().strip_suffix(end)?.strip_suffix('.').filter(|stem| !stem.is_empty())
}

/// Of several halves those of its own folder count, else only one that is alone.
fn keep_the_only_half(tree: &Tree, own: &File, found: &mut Vec<Twin>) {
    let folder = own.facts.path.parent();
    let parent = |twin: &Twin| tree.files[twin.file as usize].facts.path.parent();
    let is_half = |twin: &Twin| HALVES.iter().any(|(_, _, how)| *how == twin.how);
    let near = found.iter().any(|twin| is_half(twin) && parent(twin) == folder);
    let halves = found.iter().filter(|twin| is_half(twin)).count();
    found.retain(|twin| !is_half(twin) || if near { parent(twin) == folder } else { halves == 1 });
}

/// The same file below two folders: `src/x/a.ts` and `deno/x/a.ts`.
fn is_mirrored(a: &RelPath, b: &RelPath) -> bool {
    let common = a.as_str().rsplit('/').zip(b.as_str().rsplit('/')).take_while(|(a, b)| a == b).count();
    let shorter = a.as_str().matches('/').count().min(b.as_str().matches('/').count());
    a.name() == b.name() && common >= 1 && common >= shorter
}

fn declare_the_same(a: &File, b: &File) -> bool {
    let names = |file: &File| -> BTreeSet<String> {
        file.content().outline.symbols.iter().map(|symbol| symbol.name.to_string()).collect()
    };
    let (a, b) = (names(a), names(b));
    let common = a.intersection(&b).count();
    common >= LEAST_NAMES && common as f64 >= SHARE * a.len().max(b.len()) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(a: &str, b: &str, expected: bool) {
        let path = |path: &str| RelPath::new(path).unwrap();
        assert_eq!(halves(&path(a), &path(b)).is_some(), expected, "{a} {b}");
    }

    #[test]
    fn halves_have_one_name_and_matching_extensions() {
        check("src/a.c", "include/a.h", true);
        check("a.h", "a.c", true);
        check("kit/_http.pyx", "kit/_http.pxd", true);
        check("kit/http.pyx", "kit/http.py", true);
        check("lib/a.js", "lib/a.d.ts", true);
        check("a.c", "b.h", false);
        check("a.c", "a.cpp", false);
        check("a.py", "a.pyi", false);
    }

    #[test]
    fn mirrored_folders_differ_only_above() {
        let path = |path: &str| RelPath::new(path).unwrap();
        assert!(is_mirrored(&path("src/x/a.ts"), &path("deno/x/a.ts")));
        assert!(is_mirrored(&path("src/a.ts"), &path("deno_dist/lib/a.ts")));
        assert!(!is_mirrored(&path("src/x/a.ts"), &path("src/y/b.ts")));
        assert!(!is_mirrored(&path("packages/x/src/index.ts"), &path("packages/y/lib/index.ts")));
    }
}
