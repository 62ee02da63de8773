//! Reads from the index's file which paths it has and which files git knows to
//! be unchanged. Asking a git process would take longer than everything else
//! that a look at an unchanged tree does.
//!
//! The format is git's `Documentation/gitformat-index.txt`. What is not written
//! down there, or makes the list another than what stands in the file (a split
//! or a sparse index), is left to git itself.

use std::sync::Arc;

use crate::limits;
use crate::model::{RelPath, Stamp};

/// The paths of an index below the root, sorted, once each; names that are no
/// [`RelPath`] are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Index {
    pub files: Arc<[RelPath]>,
    pub submodules: Arc<[RelPath]>,
    /// Of each of `files`; empty where git has printed them.
    noted: Vec<Option<CachedStat>>,
    /// The id of the tree that a commit would make of it, where it is noted.
    pub(super) tree: Option<Vec<u8>>,
}

/// What git found on the disk when it last saw that a file was as in the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct CachedStat {
    /// Seconds, nanoseconds.
    ctime: (u32, u32),
    mtime: (u32, u32),
    inode: u32,
    size: u32,
}

/// Bytes of an entry before its object id: times, device, inode, mode, owner,
/// size.
const STAT: usize = 40;

const SUBMODULE: u32 = 0o160_000;
const FOLDER: u32 = 0o040_000;

/// Flag of version 3 and up: two more bytes of flags follow.
const EXTENDED: u16 = 0x4000;

/// Flags of an entry in a merge: its side.
const STAGE: u16 = 0x3000;

/// Of the further flags: announced with `git add --intent-to-add`.
const TO_BE_ADDED: u16 = 0x2000;

/// Ids of a file without content, by SHA-1 and by SHA-256.
const EMPTY_SHA1: [u8; 20] =
    *b"\xe6\x9d\xe2\x9b\xb2\xd1\xd6\x43\x4b\x8b\x29\xae\x77\x5a\xd8\xc2\xe4\x8c\x53\x91";
const EMPTY_SHA256: [u8; 32] = *b"\x47\x3a\x0f\x4c\x3b\xe8\xa9\x36\x81\xa2\x67\xe3\xb1\xe9\xa7\xdc\
    \xda\x11\x85\x43\x6f\xe1\x41\xf7\x74\x91\x20\xa3\x03\x72\x18\x13";

/// Why the paths of an index are not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IndexError {
    /// Only git can read it.
    ForGit,
    /// It takes more memory than any that git made. git is not asked either.
    TooLarge,
}

/// The paths below `prefix` (empty, or ending in `/`), relative to it. `oid` is
/// the length of an object id in bytes, `written` the stamp of the index itself.
pub(super) fn read(index: &[u8], written: &Stamp, prefix: &str, oid: usize) -> Result<Index, IndexError> {
    let (mut files, mut noted, mut submodules) = (Vec::new(), Vec::new(), Vec::new());
    let mut bound = ReadBudget::default();
    let rest = entries(index, oid, &mut |name, entry| {
        let below = name.strip_prefix(prefix.as_bytes()).and_then(|name| std::str::from_utf8(name).ok());
        let Some(path) = below.and_then(RelPath::new) else { return Ok(()) };
        bound.takes(path.as_str())?;
        match entry.mode {
            FOLDER => return Err(IndexError::ForGit),
            SUBMODULE => submodules.push(path),
            _ => {
                files.push(path);
                noted.push(entry.noted.filter(|noted| noted.is_before(written)));
            }
        }
        Ok(())
    })?;
    let tree = IndexBytes(rest).tree(oid).ok_or(IndexError::ForGit)?;
    if !files.is_sorted_by(|a, b| a < b) {
        // An unmerged path stands there up to three times.
        noted.clear();
    }
    Ok(Index { noted, tree, ..Index::of(files, submodules) })
}

/// The first name in an index that `is_wanted`.
pub(super) fn find(
    index: &[u8],
    oid: usize,
    is_wanted: &dyn Fn(&[u8]) -> bool,
) -> Result<Option<Vec<u8>>, IndexError> {
    let mut found = None;
    let rest = entries(index, oid, &mut |name, entry| {
        if entry.mode == FOLDER {
            return Err(IndexError::ForGit);
        }
        if found.is_none() && is_wanted(name) {
            found = Some(name.to_vec());
        }
        Ok(())
    })?;
    // A split index has further entries elsewhere.
    IndexBytes(rest).tree(oid).ok_or(IndexError::ForGit)?;
    Ok(found)
}

/// Called with each entry and its name.
type Take<'a> = dyn FnMut(&[u8], IndexEntry) -> Result<(), IndexError> + 'a;

/// Hands out each entry with its name, and gives what follows the last one.
fn entries<'a>(index: &'a [u8], oid: usize, take: &mut Take) -> Result<&'a [u8], IndexError> {
    let mut rest = IndexBytes(index);
    let (version, count) = rest.head().ok_or(IndexError::ForGit)?;
    let mut name = Vec::new();
    for _ in 0..count {
        let entry = rest.entry(version, oid, &mut name).ok_or(IndexError::ForGit)?;
        if name.len() > limits::MAX_INDEX_NAME {
            return Err(IndexError::TooLarge);
        }
        take(&name, entry)?;
    }
    Ok(rest.0)
}

/// How much memory an index has taken so far.
#[derive(Default)]
pub(super) struct ReadBudget {
    files: usize,
    bytes: usize,
}

impl ReadBudget {
    pub(super) fn takes(&mut self, name: &str) -> Result<(), IndexError> {
        self.files += 1;
        self.bytes += name.len();
        match self.files > limits::MAX_INDEX_FILES || self.bytes > limits::MAX_INDEX_NAMES {
            true => Err(IndexError::TooLarge),
            false => Ok(()),
        }
    }
}

impl Index {
    /// An index from the paths that git printed.
    pub(super) fn of(mut files: Vec<RelPath>, mut submodules: Vec<RelPath>) -> Self {
        for paths in [&mut files, &mut submodules] {
            // git sorts them.
            if !paths.is_sorted() {
                paths.sort();
            }
            paths.dedup();
        }
        Self { files: files.into(), submodules: submodules.into(), ..Self::default() }
    }

    /// Whether the file at this place of [`Index::files`] is as git last saw it,
    /// by the rules of git (its `Documentation/technical/racy-git.txt`): if not,
    /// git must look.
    pub fn is_unchanged(&self, at: usize, stamp: &Stamp) -> bool {
        self.noted.get(at).is_some_and(|noted| *noted == Some(CachedStat::of(stamp)))
    }
}

impl CachedStat {
    /// As the index counts: 32 bits of each.
    fn of(stamp: &Stamp) -> Self {
        let time = |ns: i64| (ns.div_euclid(NS) as u32, ns.rem_euclid(NS) as u32);
        Self {
            ctime: time(stamp.ctime_ns),
            mtime: time(stamp.mtime_ns),
            inode: stamp.inode as u32,
            size: stamp.size as u32,
        }
    }

    /// What changed in the moment in which the index was written may have
    /// changed once more.
    fn is_before(&self, written: &Stamp) -> bool {
        self.mtime < Self::of(written).mtime
    }
}

const NS: i64 = 1_000_000_000;

/// An entry of the index, but for its name.
struct IndexEntry {
    mode: u32,
    /// `None` where only git can tell.
    noted: Option<CachedStat>,
}

struct IndexBytes<'a>(&'a [u8]);

impl<'a> IndexBytes<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    /// Version and number of entries; `None` for what is no index.
    fn head(&mut self) -> Option<(u32, u32)> {
        let is_index = self.take(4)? == b"DIRC";
        let head = (self.number()?, self.number()?);
        (is_index && (2..=4).contains(&head.0)).then_some(head)
    }

    /// Reads an entry; its name replaces that of the one before.
    fn entry(&mut self, version: u32, oid: usize, name: &mut Vec<u8>) -> Option<IndexEntry> {
        let start = self.0.len();
        let mut stat = IndexBytes(self.take(STAT)?);
        let id = self.take(oid)?;
        let flags = u16::from_be_bytes(self.take(2)?.try_into().ok()?);
        let mut more = 0;
        if version >= 3 && flags & EXTENDED != 0 {
            more = u16::from_be_bytes(self.take(2)?.try_into().ok()?);
        }
        let kept = if version == 4 { name.len().checked_sub(self.offset()?)? } else { 0 };
        name.truncate(kept);
        let end = self.0.iter().position(|byte| *byte == 0)?;
        name.extend(self.take(end)?);
        let padding = match version {
            4 => 1,
            // At least one NUL, up to a multiple of eight.
            _ => 8 - (start - self.0.len()) % 8,
        };
        self.take(padding)?;
        let (mode, noted) = stat.noted()?;
        // git marks an entry that it is not sure of by a size of 0.
        let is_empty = id == EMPTY_SHA1 || id == EMPTY_SHA256;
        let is_sure = flags & STAGE == 0 && more & TO_BE_ADDED == 0 && (noted.size > 0 || is_empty);
        Some(IndexEntry { mode, noted: Some(noted).filter(|_| is_sure) })
    }

    /// The mode and what else is noted of a file.
    fn noted(&mut self) -> Option<(u32, CachedStat)> {
        let ctime = (self.number()?, self.number()?);
        let mtime = (self.number()?, self.number()?);
        let [_device, inode, mode, _user, _group, size] =
            [self.number()?, self.number()?, self.number()?, self.number()?, self.number()?, self.number()?];
        Some((mode, CachedStat { ctime, mtime, inode, size }))
    }

    /// A number as in a pack's offsets: 7 bits a byte, each but the last one
    /// less than it says.
    fn offset(&mut self) -> Option<usize> {
        let mut byte = self.take(1)?[0];
        let mut number = usize::from(byte & 0x7f);
        while byte & 0x80 != 0 {
            byte = self.take(1)?[0];
            let more = usize::from(byte & 0x7f);
            number = number.checked_add(1)?.checked_mul(128)?.checked_add(more)?;
        }
        Some(number)
    }

    /// Behind the entries: extensions up to a checksum. Those with a capital
    /// may be ignored, by git's own word; `TREE` tells which tree this is.
    fn tree(&mut self, checksum: usize) -> Option<Option<Vec<u8>>> {
        let mut tree = None;
        while self.0.len() > checksum {
            let signature = self.take(4)?;
            let length = self.number()?;
            let data = self.take(length as usize)?;
            match signature {
                b"TREE" => tree = IndexBytes(data).id_of_tree(checksum),
                _ if signature[0].is_ascii_uppercase() => {}
                _ => return None,
            }
        }
        (self.0.len() == checksum).then_some(tree)
    }

    /// The first entry is that of the top: an empty name, how many files it
    /// has (-1 where that is not known any more), how many folders, its id.
    fn id_of_tree(&mut self, oid: usize) -> Option<Vec<u8>> {
        let end = self.0.iter().position(|byte| *byte == b'\n')?;
        let counts = self.take(end + 1)?;
        let is_known = counts.starts_with(b"\0") && counts[1] != b'-';
        is_known.then(|| self.take(oid).map(<[u8]>::to_vec))?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_index_is_left_to_git() {
        let check = |bytes: &[u8]| {
            assert_eq!(read(bytes, &Stamp::default(), "", 20), Err(IndexError::ForGit), "{bytes:?}")
        };
        check(b"");
        check(b"DIRC");
        check(b"DIRC\0\0\0\x09\0\0\0\0");
        check(b"DIRC\0\0\0\x02\xff\xff\xff\xff");
        check(&[b"DIRC\0\0\0\x02\0\0\0\0link\0\0\0\0", &[0; 20][..]].concat());
        check(&[b"DIRC\0\0\0\x02\0\0\0\x01", &[0; 300][..]].concat());
        let none = [b"DIRC\0\0\0\x02\0\0\0\0TREE\0\0\0\x01x", &[0; 20][..]].concat();
        assert_eq!(read(&none, &Stamp::default(), "", 20), Ok(Index::default()));
    }

    /// An index of version 4 in which each name is the one before and one more
    /// byte.
    fn growing(first: usize, entries: u32) -> Vec<u8> {
        let mut bytes = [b"DIRC\0\0\0\x04", &entries.to_be_bytes()[..]].concat();
        for at in 0..entries {
            bytes.extend([0; STAT + 20 + 2]);
            bytes.push(0);
            bytes.extend(std::iter::repeat_n(b'a', if at == 0 { first } else { 1 }));
            bytes.push(0);
        }
        bytes.extend([0; 20]);
        bytes
    }

    #[test]
    fn names_that_share_their_beginnings_are_bounded_together() {
        let read = |bytes: &[u8]| read(bytes, &Stamp::default(), "", 20);
        let small = growing(1, 60);
        assert_eq!(read(&small).unwrap().files.len(), 60);
        assert_eq!(read(&growing(60_000, 3)), Err(IndexError::TooLarge), "a long name");
        assert_eq!(read(&growing(3_000, 40_000)), Err(IndexError::TooLarge), "many long names");
        let same = limits::MAX_INDEX_NAMES / 4_000 + 2;
        let mut many = growing(4_000, 1);
        many[8..12].copy_from_slice(&(same as u32).to_be_bytes());
        many.truncate(many.len() - 20);
        for _ in 1..same {
            many.extend([0; STAT + 20 + 2]);
            many.extend([0, 0]);
        }
        many.extend([0; 20]);
        assert!(many.len() < 2_000_000);
        assert_eq!(read(&many), Err(IndexError::TooLarge), "one long name many times");
        assert_eq!(find(&many, 20, &|name| name == b"x"), Ok(None), "which takes no memory");
    }

    #[test]
    fn bytes_of_any_kind_cause_no_panic() {
        let mut seed = 1_u64;
        for length in 0..2_000 {
            let mut bytes = b"DIRC\0\0\0\x04\0\0\0\x05".to_vec();
            bytes[7] = 2 + (length % 3) as u8;
            bytes.extend((0..length).map(|_| {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (seed >> 60) as u8 * if seed & 1 == 0 { 17 } else { 1 }
            }));
            _ = read(&bytes, &Stamp::default(), "", 20);
        }
    }
}
