//! C's and C++'s includes: first beside the including file, then below every
//! folder that could be on the include path, the nearest first.
//!
//! Not here: include paths as build files give them, macros as file names.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::FileTree;
use crate::model::resolve_path;

/// Headers of the C library: `<name.h>` means these, whatever the project has.
#[rustfmt::skip]
const STANDARD: [&str; 47] = [
    "assert.h", "complex.h", "ctype.h", "dirent.h", "dlfcn.h", "errno.h", "fcntl.h", "features.h", "fenv.h",
    "float.h", "getopt.h", "glob.h", "inttypes.h", "iso646.h", "limits.h", "locale.h", "malloc.h", "math.h",
    "memory.h", "netdb.h", "poll.h", "pthread.h", "pwd.h", "regex.h", "sched.h", "semaphore.h", "setjmp.h",
    "signal.h", "stdalign.h", "stdarg.h", "stdatomic.h", "stdbool.h", "stddef.h", "stdint.h", "stdio.h", "stdlib.h",
    "string.h", "strings.h", "syslog.h", "termios.h", "tgmath.h", "threads.h", "time.h", "uchar.h", "unistd.h",
    "wchar.h", "windows.h",
];

pub(super) fn resolve(tree: &FileTree<'_>, files: &[u32], edges: &mut [Vec<u32>]) {
    let by_name = by_name(tree);
    for &file in files {
        let source = tree.file(file);
        for import in &source.outline.imports {
            let written = import.module.as_str();
            let is_system = written.starts_with('<');
            let path = written.trim_matches(['<', '>']);
            if is_system && STANDARD.contains(&path) {
                continue;
            }
            let folder = source.path.parent();
            let beside = (!is_system).then(|| resolve_path(folder, path)).flatten();
            let found =
                beside.and_then(|path| tree.find(&path)).or_else(|| below(tree, &by_name, folder, path));
            edges[file as usize].extend(found);
        }
    }
}

fn by_name<'a>(tree: &FileTree<'a>) -> HashMap<&'a str, Vec<u32>> {
    let mut by_name: HashMap<&str, Vec<u32>> = HashMap::new();
    for (index, file) in (0..).zip(tree.files) {
        by_name.entry(file.path.name()).or_default().push(index);
    }
    by_name
}

/// The file whose path ends in `path`: the one that shares most folders with
/// the including one, then the one in the fewest. None where that leaves a
/// choice, as among the architectures that each have an `asm/io.h`: the build
/// makes it.
fn below(tree: &FileTree<'_>, by_name: &HashMap<&str, Vec<u32>>, folder: &str, path: &str) -> Option<u32> {
    let path = path.trim_start_matches("./").trim_start_matches("../");
    let name = path.rsplit('/').next()?;
    let candidates = by_name.get(name)?.iter().copied().filter(|&file| {
        let full = tree.file(file).path.as_str();
        full.strip_suffix(path).is_some_and(|root| root.is_empty() || root.ends_with('/'))
    });
    let distance = |file: u32| {
        let found = tree.file(file).path.as_str();
        (Reverse(shared_folders(folder, found)), found.matches('/').count())
    };
    let mut nearest: Vec<_> = candidates.map(|file| (distance(file), file)).collect();
    nearest.sort_unstable();
    match nearest[..] {
        [(one, _), (other, _), ..] if one == other => None,
        [] => None,
        [(_, file), ..] => Some(file),
    }
}

fn shared_folders(folder: &str, path: &str) -> usize {
    folder.split('/').zip(path.split('/')).take_while(|(a, b)| a == b && !a.is_empty()).count()
}
