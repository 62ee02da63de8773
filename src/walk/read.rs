//! One found file to its bytes, hash and class: opened below the root, capped,
//! and never a mix of two versions.
//!
//! Not here: finding files, and what the bytes mean beyond [`Class`].

use std::fs::File;
use std::io::{self, Read};

use super::classify::{self, NameClass};
use super::{WalkedFile, cannot_be_read};
use crate::fs::confined::{Root, stamp_of};
use crate::limits;
use crate::model::{Class, ContentHash, RelPath, SkipReason, Skipped, Stamp};

/// A file as it was read.
#[derive(Clone, Debug)]
pub struct ReadFile {
    /// Hash of the content; for files that are secret by name, of the size; for
    /// files larger than [`limits::MAX_HASHED`], of size and time.
    pub hash: ContentHash,
    pub class: Class,
    /// The raw bytes, where the class is one that is read.
    pub text: Option<Vec<u8>>,
    /// Of the version that was read; may differ from the walk's.
    pub stamp: Stamp,
}

/// Reads one file. Text of more than `max_file_size` bytes is hashed but not
/// returned. Memory stays below `max_file_size` and some kilobytes.
///
/// A file that changes while it is read is read once more, then skipped.
pub fn read(root: &Root, found: &WalkedFile, max_file_size: u64) -> Result<ReadFile, Skipped> {
    let path = found.path.as_str();
    let skipped = |reason: SkipReason| Skipped { path: path.to_string(), reason };
    let named = classify::by_name(&found.path);
    if named == NameClass::Secret {
        return Ok(ReadFile {
            // By size alone: a `touch` is no change, and no hash of a secret is
            // kept that could confirm a guess.
            hash: hash_of(&format!("size {}", found.stamp.size)),
            class: Class::Secret,
            text: None,
            stamp: found.stamp,
        });
    }
    for _ in 0..2 {
        let file = root.file(path.as_bytes()).map_err(|error| skipped(cannot_be_read(&error).into()))?;
        let version = read_version(file, max_file_size);
        if let Some(version) = version.map_err(|error| skipped(cannot_be_read(&error).into()))? {
            return Ok(classified(found, named, version));
        }
    }
    Err(skipped(SkipReason::Changing))
}

/// The first whole lines of a file that is not read itself, a generated one; none
/// of one whose name promises secrets.
pub fn head(root: &Root, path: &RelPath) -> Option<Vec<u8>> {
    if classify::by_name(path) == NameClass::Secret {
        return None;
    }
    let mut head = Vec::new();
    root.file(path.as_str().as_bytes()).ok()?.take(limits::SNIFF as u64).read_to_end(&mut head).ok()?;
    let end = head.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    head.truncate(end);
    Some(head)
}

/// One version of a file.
struct Version {
    stamp: Stamp,
    hash: ContentHash,
    /// All of it, or the first bytes of a larger file.
    head: Vec<u8>,
    is_whole: bool,
}

/// `None` when the file changed meanwhile.
fn read_version(mut file: File, max_file_size: u64) -> io::Result<Option<Version>> {
    let stamp = stamp_of(&file)?;
    if stamp.size > limits::MAX_HASHED {
        let mut head = Vec::new();
        file.take(limits::SNIFF as u64).read_to_end(&mut head)?;
        return Ok(Some(Version {
            stamp,
            hash: hash_of(&format!("size {} mtime {}", stamp.size, stamp.mtime_ns)),
            head,
            is_whole: false,
        }));
    }
    let is_whole = stamp.size <= max_file_size;
    let kept = if is_whole { stamp.size } else { limits::SNIFF as u64 };
    let mut head = Vec::with_capacity(kept as usize + 1);
    // One byte more, to see it grow.
    let at_most = if is_whole { kept + 1 } else { kept };
    (&mut file).take(at_most).read_to_end(&mut head)?;
    let mut hasher = blake3::Hasher::new();
    hasher.update(&head);
    let mut size = head.len() as u64;
    if !is_whole {
        size += hash_rest(&mut file, stamp.size, &mut hasher)?;
    }
    if size != stamp.size || stamp_of(&file)? != stamp {
        return Ok(None);
    }
    Ok(Some(Version { stamp, hash: ContentHash(*hasher.finalize().as_bytes()), head, is_whole }))
}

/// The number of bytes hashed, more than `size` when the file grew.
fn hash_rest(file: &mut File, size: u64, hasher: &mut blake3::Hasher) -> io::Result<u64> {
    let mut buffer = vec![0; 64 * 1024];
    let mut hashed = 0;
    while hashed <= size {
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => {
                hasher.update(&buffer[..count]);
                hashed += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(hashed)
}

fn classified(found: &WalkedFile, named: NameClass, version: Version) -> ReadFile {
    let class = classify::class(&found.path, named, &version.head, version.is_whole);
    ReadFile {
        hash: version.hash,
        class,
        text: class.is_read().then_some(version.head),
        stamp: version.stamp,
    }
}

fn hash_of(facts: &str) -> ContentHash {
    ContentHash::of(format!("waypost: {facts}").as_bytes())
}
