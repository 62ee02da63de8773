//! Which paths the index has, from its file: a process that prints them all
//! takes longer than the rest of a look at an unchanged tree.
//!
//! The format is git's `Documentation/gitformat-index.txt`. What is not written
//! down there, or makes the list another than what stands in the file (a split
//! or a sparse index), is left to git itself.

use crate::model::RelPath;

/// The paths of an index below the root, sorted, once each; names that are no
/// [`RelPath`] are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Index {
    pub files: Vec<RelPath>,
    pub submodules: Vec<RelPath>,
}

/// Bytes of an entry before its object id: times, device, inode, mode, owner,
/// size.
const STAT: usize = 40;
const MODE: usize = 24;

const SUBMODULE: u32 = 0o160_000;
const FOLDER: u32 = 0o040_000;

/// Flag of version 3 and up: two more bytes of flags follow.
const EXTENDED: u16 = 0x4000;

/// The paths below `prefix` (empty, or ending in `/`), relative to it. `oid` is
/// the length of an object id in bytes. `None` for what only git can read.
pub(super) fn paths(index: &[u8], prefix: &str, oid: usize) -> Option<Index> {
    let mut rest = Bytes(index);
    if rest.take(4)? != b"DIRC" {
        return None;
    }
    let version = rest.number()?;
    if !(2..=4).contains(&version) {
        return None;
    }
    let count = rest.number()?;
    let mut paths = Index::default();
    let mut name = Vec::new();
    for _ in 0..count {
        let mode = rest.entry(version, oid, &mut name)?;
        let below = name.strip_prefix(prefix.as_bytes()).and_then(|name| std::str::from_utf8(name).ok());
        let Some(path) = below.and_then(RelPath::new) else { continue };
        match mode {
            FOLDER => return None,
            SUBMODULE => paths.submodules.push(path),
            _ => paths.files.push(path),
        }
    }
    rest.are_known_extensions(oid)?;
    Some(paths.tidied())
}

impl Index {
    pub(super) fn tidied(mut self) -> Self {
        for paths in [&mut self.files, &mut self.submodules] {
            // git sorts them; an unmerged path stands there up to three times.
            if !paths.is_sorted() {
                paths.sort();
            }
            paths.dedup();
        }
        self
    }
}

struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    /// Reads an entry; its name replaces that of the one before. Gives its mode.
    fn entry(&mut self, version: u32, oid: usize, name: &mut Vec<u8>) -> Option<u32> {
        let start = self.0.len();
        let stat = self.take(STAT)?;
        let mode = u32::from_be_bytes(stat[MODE..MODE + 4].try_into().ok()?);
        self.take(oid)?;
        let flags = u16::from_be_bytes(self.take(2)?.try_into().ok()?);
        if version >= 3 && flags & EXTENDED != 0 {
            self.take(2)?;
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
        Some(mode)
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
    /// may be ignored, by git's own word.
    fn are_known_extensions(&mut self, checksum: usize) -> Option<()> {
        while self.0.len() > checksum {
            let signature = self.take(4)?;
            let length = self.number()?;
            self.take(length as usize)?;
            if !signature[0].is_ascii_uppercase() {
                return None;
            }
        }
        (self.0.len() == checksum).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_index_is_left_to_git() {
        let check = |bytes: &[u8]| assert_eq!(paths(bytes, "", 20), None, "{bytes:?}");
        check(b"");
        check(b"DIRC");
        check(b"DIRC\0\0\0\x09\0\0\0\0");
        check(b"DIRC\0\0\0\x02\xff\xff\xff\xff");
        check(&[b"DIRC\0\0\0\x02\0\0\0\0link\0\0\0\0", &[0; 20][..]].concat());
        check(&[b"DIRC\0\0\0\x02\0\0\0\x01", &[0; 300][..]].concat());
        let none = [b"DIRC\0\0\0\x02\0\0\0\0TREE\0\0\0\x01x", &[0; 20][..]].concat();
        assert_eq!(paths(&none, "", 20), Some(Index::default()));
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
            _ = paths(&bytes, "", 20);
        }
    }
}
