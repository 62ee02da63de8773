//! A table of names with stars, taken apart once: it is asked about every file
//! of a walk.
//!
//! Not here: the tables, and globs over paths (`extract::globs`).

use std::collections::HashSet;

/// Names of files, some with a star or two, each of which stands for any run
/// of characters.
pub(super) struct NameGlobs {
    names: HashSet<&'static str>,
    starred: Vec<Starred>,
}

/// What stands before, between and behind the stars.
struct Starred {
    start: &'static str,
    middle: &'static str,
    end: &'static str,
}

impl NameGlobs {
    pub fn new(globs: &[&'static str]) -> Self {
        let mut names = HashSet::new();
        let mut starred = Vec::new();
        for glob in globs {
            match glob.split_once('*') {
                None => _ = names.insert(*glob),
                Some((start, rest)) => {
                    let (middle, end) = rest.split_once('*').unwrap_or(("", rest));
                    starred.push(Starred { start, middle, end });
                }
            }
        }
        Self { names, starred }
    }

    /// Whether one of them is the name, or fits it.
    pub fn fit(&self, name: &str) -> bool {
        self.names.contains(name) || self.starred.iter().any(|starred| starred.fits(name))
    }
}

impl Starred {
    fn fits(&self, name: &str) -> bool {
        let Some(rest) = name.strip_prefix(self.start) else {
            return false;
        };
        let Some(rest) = rest.strip_suffix(self.end) else {
            return false;
        };
        rest.contains(self.middle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_run() {
        let globs = NameGlobs::new(&["a.key", "*.pem", "id_*", "gcp*key*.json"]);
        let fits = |name: &str| globs.fit(name);
        assert!(
            ["a.key", "x.pem", ".pem", "id_", "id_rsa", "gcp-key-1.json", "gcpkey.json"]
                .iter()
                .all(|n| fits(n))
        );
        assert!(!["b.key", "pem", "x.pem.txt", "my_id_", "gcp.json", "gcpkey.jsonx"].iter().any(|n| fits(n)));
        // What stands before a star and behind it are two parts of the name.
        assert!(!NameGlobs::new(&["aba*aba"]).fit("ababa"));
    }
}
