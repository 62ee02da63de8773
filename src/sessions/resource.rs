//! What can be claimed, in one spelling: a path of the project, however it is
//! written and from whichever work tree, or a name.
//!
//! Not here: which resources meet (`store`, by these keys).

use std::path::{Component, Path, PathBuf};

use crate::search_terms::same_name;

/// Begins a resource that is no path.
const NAME: &str = "name:";

/// Where paths are looked up.
pub struct Places<'a> {
    /// Relative paths start here, or at the root.
    pub current: &'a Path,
    pub root: &'a Path,
    /// The roots of all work trees: the same path in two of them is one
    /// resource.
    pub worktrees: &'a [PathBuf],
}

/// Why a text names nothing that can be claimed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoResource {
    #[error("the resource is empty\nhint: a path, or `name:` and any name")]
    Empty,
    #[error("`{0}` is not inside the project\nhint: what is no file of the project is claimed as `name:...`")]
    Outside(String),
}

/// Key and path of a resource, the path as people are told it; it has not been
/// redacted.
pub fn resolve(given: &str, places: &Places) -> Result<(String, String), NoResource> {
    if let Some(name) = given.strip_prefix(NAME) {
        let name = name.trim();
        return match name {
            "" => Err(NoResource::Empty),
            name => Ok((format!("{NAME}{}", same_name(name)), format!("{NAME}{name}"))),
        };
    }
    if given.is_empty() {
        return Err(NoResource::Empty);
    }
    let absolute = without_links(&places.absolute(Path::new(given)));
    let below = places.below(&absolute).ok_or_else(|| NoResource::Outside(given.to_string()))?;
    let parts: Vec<String> =
        below.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    let path = parts.join("/");
    Ok(match path.is_empty() {
        true => (String::new(), ".".to_string()),
        false => (format!("/{}", same_name(&path)), path),
    })
}

impl Places<'_> {
    /// What exists from here comes first, then what exists from the root.
    fn absolute(&self, given: &Path) -> PathBuf {
        let (here, there) = (self.current.join(given), self.root.join(given));
        let exists = |path: &Path| std::fs::symlink_metadata(path).is_ok();
        if exists(&there) && !exists(&here) { there } else { here }
    }

    /// The path below the innermost work tree that holds it.
    fn below(&self, absolute: &Path) -> Option<PathBuf> {
        let mut roots: Vec<&Path> = self.worktrees.iter().map(PathBuf::as_path).chain([self.root]).collect();
        roots.sort_by_key(|root| std::cmp::Reverse(root.components().count()));
        roots.into_iter().find_map(|root| absolute.strip_prefix(root).ok().map(Path::to_path_buf))
    }
}

/// How many links are followed, so that a circle ends.
const MOST_LINKS: usize = 40;

/// An absolute path without `.`, `..` and links, also where it, or what it leads
/// to, does not exist.
fn without_links(path: &Path) -> PathBuf {
    let mut links = 0;
    let mut found = PathBuf::new();
    let mut rest: Vec<PathBuf> = parts(path);
    while let Some(part) = rest.pop() {
        match part.components().next() {
            Some(Component::ParentDir) => _ = found.pop(),
            Some(Component::Normal(name)) => {
                let next = found.join(name);
                match std::fs::read_link(&next) {
                    Ok(target) if links < MOST_LINKS => {
                        links += 1;
                        rest.extend(parts(&target));
                    }
                    _ => found = next,
                }
            }
            Some(start) => found = PathBuf::from(start.as_os_str()),
            None => {}
        }
    }
    found
}

/// The components of a path, the first one last.
fn parts(path: &Path) -> Vec<PathBuf> {
    let parts = path.components().filter(|part| *part != Component::CurDir);
    let mut parts: Vec<PathBuf> = parts.map(|part| PathBuf::from(part.as_os_str())).collect();
    parts.reverse();
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_path_has_one_key() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        let (root, side) = (top.join("main"), top.join("side"));
        std::fs::create_dir_all(root.join("src/deep")).unwrap();
        std::fs::create_dir_all(side.join("src")).unwrap();
        std::fs::write(root.join("src/A.rs"), "").unwrap();
        std::os::unix::fs::symlink("src", root.join("link")).unwrap();
        std::os::unix::fs::symlink("A.rs", root.join("src/b.rs")).unwrap();
        std::os::unix::fs::symlink("loop", root.join("loop")).unwrap();
        let worktrees = [side.clone()];
        let key = |current: &Path, given: &str| {
            let places = Places { current, root: &root, worktrees: &worktrees };
            resolve(given, &places).map(|(key, _)| key)
        };
        let absolute = root.join("src/A.rs").display().to_string();
        let elsewhere = side.join("src/A.rs").display().to_string();
        for given in [
            "src/A.rs",
            "./src/A.rs",
            "src//A.rs",
            "src/deep/../A.rs",
            "link/A.rs",
            "src/b.rs",
            "SRC/a.RS",
            &absolute,
            &elsewhere,
            "link/../src/A.rs",
        ] {
            assert_eq!(key(&root, given).unwrap(), "/src/a.rs", "{given}");
        }
        assert_eq!(key(&root.join("src/deep"), "../A.rs").unwrap(), "/src/a.rs");
        assert_eq!(key(&root.join("src"), "A.rs").unwrap(), "/src/a.rs");
        assert_eq!(key(&root.join("src"), "src/A.rs").unwrap(), "/src/a.rs", "as it is called from the root");
        assert_eq!(key(&root, "src/new.rs").unwrap(), "/src/new.rs");
        assert_eq!(key(&root, ".").unwrap(), "");
        assert_eq!(key(&root, "src/../").unwrap(), "");
        assert_eq!(key(&root, "loop").unwrap(), "/loop", "a circle of links ends");
        assert_eq!(key(&root, "name: Deploy ").unwrap(), "name:deploy");
        // One letter and an accent, and one letter with it.
        assert_eq!(key(&root, "e\u{301}.rs"), key(&root, "\u{e9}.rs"));
        assert_eq!(key(&root, "../other"), Err(NoResource::Outside("../other".into())));
        assert_eq!(key(&root, "/etc/passwd"), Err(NoResource::Outside("/etc/passwd".into())));
        assert_eq!((key(&root, ""), key(&root, "name: ")), (Err(NoResource::Empty), Err(NoResource::Empty)));
    }
}
