//! What differs between a tree as it is remembered and as it is now: plain data,
//! made from plain data.
//!
//! Not here: looking at files (`examine`), what follows from a difference (`apply`).

use crate::compare::FileChanges;
use crate::extract::imports;
use crate::model::{Class, ContentHash, RelPath, Stamp, Unparsed};
use crate::store::CachedFile;
use crate::walk;

/// What a file shows of itself: before it is opened only a stamp.
pub enum Evidence<'a> {
    Stamp(Stamp),
    Content(ContentHash, Class, Option<&'a str>),
}

/// Whether what is remembered of a file holds for it now. All that is asked
/// whether a file has changed is asked here.
pub fn still_holds(known: &CachedFile, now: &Evidence) -> bool {
    // What a parser did not finish is no fact about the file.
    known.unparsed != Some(Unparsed::Unfinished)
        && match *now {
            Evidence::Stamp(stamp) => known.stamp == Some(stamp),
            Evidence::Content(hash, class, language) => {
                (known.hash, known.class, known.language.as_deref()) == (hash, class, language)
            }
        }
}

/// What differs between two states of a tree.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Delta {
    /// Files that are new, or whose content, class or language is; by place.
    pub changed: Vec<FileChange>,
    /// What is remembered of files that are gone; sorted by path.
    pub gone: Vec<CachedFile>,
    /// Files that are the same and to be remembered with another stamp, by
    /// their places in the tree as it is now.
    pub restamped: Vec<u32>,
}

/// A file that is not as it is remembered.
#[derive(Clone, Debug, PartialEq)]
pub struct FileChange {
    /// Its place in the tree as it is now.
    pub at: u32,
    /// `None` for a new file.
    pub before: Option<CachedFile>,
}

/// What became of remembered files that were not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Others {
    /// Everything was looked at.
    Gone,
    /// Only what was touched was looked at.
    AsBefore,
}

impl Delta {
    /// The difference between two lists that are sorted by path.
    pub fn between(before: &[CachedFile], now: &[CachedFile], others: Others) -> Self {
        let (mut delta, mut next) = (Self::default(), 0);
        for (place, file) in now.iter().enumerate() {
            let skipped = skipped(&before[next..], &file.path);
            if others == Others::Gone {
                delta.gone.extend_from_slice(&before[next..next + skipped]);
            }
            next += skipped;
            let known = before.get(next).filter(|known| known.path == file.path);
            let place = if others == Others::Gone { place } else { next };
            delta.add(place as u32, known, file);
            next += usize::from(known.is_some());
        }
        if others == Others::Gone {
            delta.gone.extend_from_slice(&before[next..]);
        }
        delta
    }

    fn add(&mut self, at: u32, known: Option<&CachedFile>, now: &CachedFile) {
        let evidence = Evidence::Content(now.hash, now.class, now.language.as_deref());
        match known {
            Some(known) if still_holds(known, &evidence) => {
                self.restamped.extend((known != now).then_some(at));
            }
            known => self.changed.push(FileChange { at, before: known.cloned() }),
        }
    }

    /// The files to be remembered anew.
    pub fn renewed(&self) -> Vec<u32> {
        let mut renewed = self.restamped.clone();
        renewed.extend(self.changed.iter().map(|change| change.at));
        renewed.sort_unstable();
        renewed
    }

    /// No file came or went, and `holds` of each that changed, with what is
    /// remembered of it and what it is now. `files` is the tree as it is now.
    fn keeps(&self, files: &[CachedFile], holds: impl Fn(&CachedFile, &CachedFile) -> bool) -> bool {
        let is_kept = |change: &FileChange| {
            change.before.as_ref().is_some_and(|before| holds(before, &files[change.at as usize]))
        };
        self.gone.is_empty() && self.changed.iter().all(is_kept)
    }

    /// A walk would list and skip what it did before.
    pub fn keeps_walk(&self, files: &[CachedFile]) -> bool {
        let is_rule = |path: &RelPath| matches!(path.name(), ".gitignore" | walk::OWN_IGNORE_FILE);
        self.keeps(files, |before, now| {
            (before.class, before.unparsed) == (now.class, now.unparsed) && !is_rule(&now.path)
        })
    }

    /// No import leads anywhere else than before.
    pub fn keeps_edges(&self, files: &[CachedFile]) -> bool {
        self.keeps(files, |before, now| {
            (before.surface, &before.language) == (now.surface, &now.language)
                && !imports::is_manifest(&now.path)
        })
    }

    /// The files are as central as before.
    pub fn keeps_central(&self, files: &[CachedFile]) -> bool {
        self.keeps_edges(files) && self.keeps(files, |before, now| before.class == now.class)
    }

    /// What the project says of itself is what it said before, in these files.
    pub fn keeps_facts(&self, files: &[CachedFile], sources: &[RelPath]) -> bool {
        let is_made = |file: &CachedFile| file.class == Class::Generated;
        self.keeps(files, |before, now| {
            sources.binary_search(&now.path).is_err() && is_made(before) == is_made(now)
        })
    }

    /// The difference as it is told: files by their contents, renames paired.
    pub fn file_changes(&self, files: &[CachedFile]) -> FileChanges {
        let mut told = FileChanges::default();
        for change in &self.changed {
            let now = &files[change.at as usize];
            match &change.before {
                None => told.added.push(now.path.clone()),
                Some(before) if before.hash != now.hash => told.modified.push(now.path.clone()),
                Some(_) => {}
            }
        }
        told.removed = self.gone.iter().map(|gone| gone.path.clone()).collect();
        let hash = |file: &CachedFile| (file.path.clone(), file.hash);
        let new = self.changed.iter().map(|change| hash(&files[change.at as usize]));
        told.pair_same(&self.gone.iter().map(hash).collect(), &new.collect());
        told
    }
}

/// How many files stand before the place of `path`; most often none.
fn skipped(files: &[CachedFile], path: &RelPath) -> usize {
    match files.first() {
        Some(first) if first.path < *path => files.partition_point(|file| file.path < *path),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> CachedFile {
        CachedFile {
            path: RelPath::new(path).unwrap(),
            stamp: Some(Stamp { size: text.len() as u64, ..Stamp::default() }),
            hash: ContentHash::of(text.as_bytes()),
            class: Class::Source,
            language: Some("rust".to_string()),
            symbols: 0,
            unparsed: None,
            surface: 0,
        }
    }

    fn tree(files: &[(&str, &str)]) -> Vec<CachedFile> {
        files.iter().map(|(path, text)| file(path, text)).collect()
    }

    /// The difference as a line: `+` new, `~` changed, `-` gone, `t` restamped.
    fn told(delta: &Delta, now: &[CachedFile]) -> String {
        let mark = |change: &FileChange| if change.before.is_some() { "~" } else { "+" };
        let changed =
            delta.changed.iter().map(|c| format!("{}{}", mark(c), now[c.at as usize].path.as_str()));
        let gone = delta.gone.iter().map(|gone| format!("-{}", gone.path.as_str()));
        let restamped = delta.restamped.iter().map(|at| format!("t{}", now[*at as usize].path.as_str()));
        changed.chain(gone).chain(restamped).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn every_way_to_differ_is_told() {
        let before = tree(&[("a", "1"), ("b", "1"), ("d", "1"), ("f", "1"), ("g", "1")]);
        let mut now = tree(&[("b", "1"), ("c", "1"), ("d", "2"), ("f", "1")]);
        now[3].stamp = None;
        let delta = Delta::between(&before, &now, Others::Gone);
        assert_eq!(told(&delta, &now), "+c ~d -a -g tf");
        assert_eq!(delta.renewed(), [1, 2, 3]);
        let changes = delta.file_changes(&now);
        assert_eq!(changes.modified, [RelPath::new("d").unwrap()]);
        // Of two that are gone with the same content one is where the new one came from.
        assert_eq!((changes.removed.len(), changes.renamed.len(), changes.added.len()), (1, 1, 0));
    }

    #[test]
    fn of_touched_files_the_others_are_as_before() {
        let before = tree(&[("a", "1"), ("b", "1"), ("c", "1"), ("d", "1")]);
        let delta = Delta::between(&before, &tree(&[("b", "2"), ("d", "1")]), Others::AsBefore);
        assert_eq!(delta.changed, [FileChange { at: 1, before: Some(file("b", "1")) }]);
        assert!(delta.gone.is_empty() && delta.restamped.is_empty());
    }

    #[test]
    fn what_a_parser_did_not_finish_has_changed_even_with_the_same_bytes() {
        let now = tree(&[("a", "1")]);
        let mut before = now.clone();
        before[0].unparsed = Some(Unparsed::Unfinished);
        assert_eq!(told(&Delta::between(&before, &now, Others::Gone), &now), "~a");
        assert!(!still_holds(&before[0], &Evidence::Stamp(now[0].stamp.unwrap())));
    }

    #[test]
    fn an_edit_keeps_what_does_not_rest_on_it() {
        let before = tree(&[("Cargo.toml", "1"), ("a.rs", "1")]);
        let keeps = |edit: &dyn Fn(&mut Vec<CachedFile>)| {
            let mut now = before.clone();
            edit(&mut now);
            let delta = Delta::between(&before, &now, Others::Gone);
            let sources = [RelPath::new("Cargo.toml").unwrap()];
            [
                delta.keeps_walk(&now),
                delta.keeps_edges(&now),
                delta.keeps_central(&now),
                delta.keeps_facts(&now, &sources),
            ]
        };
        let other = ContentHash::of(b"2");
        assert_eq!(keeps(&|now| now[1].hash = other), [true; 4]);
        assert_eq!(keeps(&|now| now[0].hash = other), [true, false, false, false]);
        assert_eq!(keeps(&|now| (now[1].hash, now[1].surface) = (other, 1)), [true, false, false, true]);
        assert_eq!(keeps(&|now| now[1].class = Class::Data), [false, true, false, true]);
        assert!(!keeps(&|now| now[1].class = Class::Generated)[3]);
        assert_eq!(keeps(&|now| now.truncate(1)), [false; 4]);
    }
}
