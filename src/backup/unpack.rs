//! Unpacks a backup that anybody may have made. Memory is bounded by the limits
//! on names and manifest, disk space by the size of the archive; an archive
//! that is not correct to the last byte is refused.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use serde::de::{Deserializer, MapAccess, Visitor};

use super::{BackupManifest, BackupSummary, DATABASE, FORMAT, MANIFEST};
use crate::limits;
use crate::model::{ContentHash, RelPath};
use crate::project::FOLDER;

/// The magic number of a zstd frame (RFC 8878).
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

type Result<T> = std::result::Result<T, String>;

/// What was unpacked so far.
struct Unpacked<'a> {
    into: &'a Path,
    most_files: usize,
    manifest: Option<BackupManifest>,
    found: BTreeMap<String, ContentHash>,
    /// Bytes of all names.
    names: usize,
    bytes: u64,
}

/// Unpacks an archive into a folder and verifies it; the error says what is
/// wrong.
pub(super) fn unpack(file: File, into: &Path) -> Result<(BackupManifest, BackupSummary)> {
    let packed = file.metadata().map_or(0, |found| found.len());
    let most = limits::MAX_BACKUP_BYTES.min(most_of(packed));
    let most_files = usize::try_from(packed / limits::MIN_PACKED_FILE).unwrap_or(usize::MAX);
    let most_files = limits::MAX_BACKUP_FILES.min(most_files.saturating_add(limits::MIN_BACKUP_FILES));
    let mut archive = tar::Archive::new(decoder(file)?.take(most + 1));
    let mut unpacked =
        Unpacked { into, most_files, manifest: None, found: BTreeMap::new(), names: 0, bytes: 0 };
    let mut long_name = None;
    // As they are: the library would read a long name into memory, however long.
    for entry in archive.entries().map_err(said)?.raw(true) {
        let mut entry = entry.map_err(said)?;
        if unpacked.bytes.saturating_add(entry.size()) > most && entry.size() > 0 {
            return Err(format!("it unpacks to more than {most} bytes"));
        }
        match entry.header().entry_type() {
            tar::EntryType::GNULongName if long_name.is_none() => long_name = Some(name_in(&mut entry)?),
            tar::EntryType::Regular => {
                let name = long_name.take().unwrap_or_else(|| entry.path_bytes().into_owned());
                unpacked.take(&name, &mut entry)?;
            }
            _ => {
                let name = long_name.unwrap_or_else(|| entry.path_bytes().into_owned());
                return Err(format!("`{}` is not a regular file", shown(&name)));
            }
        }
    }
    unpacked.finish()
}

/// Bytes that an archive of this size may unpack to. Real ones unpack to about
/// ten times their size, apart from the empty pages of a small database.
fn most_of(archive: u64) -> u64 {
    archive.saturating_mul(limits::MAX_BACKUP_RATIO).saturating_add(limits::MIN_BACKUP_BYTES)
}

fn decoder(mut file: File) -> Result<impl Read> {
    let mut start = Vec::new();
    Read::by_ref(&mut file).take(ZSTD.len() as u64).read_to_end(&mut start).map_err(said)?;
    if start != ZSTD {
        return Err("not a zstd archive".to_string());
    }
    let mut decoder = zstd::stream::read::Decoder::new(io::Cursor::new(start).chain(file)).map_err(said)?;
    decoder.window_log_max(limits::BACKUP_WINDOW).map_err(said)?;
    Ok(decoder)
}

/// A long name, as an entry of its own.
fn name_in(entry: &mut impl Read) -> Result<Vec<u8>> {
    let mut name = Vec::new();
    entry.take(MAX_NAME as u64 + 2).read_to_end(&mut name).map_err(said)?;
    while name.last() == Some(&0) {
        name.pop();
    }
    match name.len() > MAX_NAME {
        true => Err(format!("a name has more than {MAX_NAME} bytes")),
        false => Ok(name),
    }
}

/// Bytes of a name in an archive.
const MAX_NAME: usize = 1_000;

impl Unpacked<'_> {
    fn take(&mut self, name: &[u8], entry: &mut impl Read) -> Result<()> {
        let name = std::str::from_utf8(name).map_err(|_| "a name is not UTF-8")?;
        let shown = name.escape_debug();
        if self.manifest.is_some() {
            return Err(format!("`{shown}` comes after the manifest"));
        }
        let path = inside(name).ok_or_else(|| format!("`{shown}` is not a path below `{FOLDER}`"))?;
        if name == MANIFEST {
            self.manifest = Some(manifest(entry)?);
            return Ok(());
        }
        self.names += name.len();
        if self.found.len() >= self.most_files || self.names as u64 > limits::MAX_BACKUP_MANIFEST {
            return Err(format!("more than {} files", self.found.len()));
        }
        let target = self.into.join(path.as_str());
        let (hash, bytes) = keep(entry, &target).map_err(|error| format!("`{shown}`: {error}"))?;
        self.bytes += bytes;
        match self.found.insert(name.to_string(), hash) {
            Some(_) => Err(format!("`{shown}` occurs twice")),
            None => Ok(()),
        }
    }

    fn finish(self) -> Result<(BackupManifest, BackupSummary)> {
        let Self { manifest, found, bytes, .. } = self;
        let manifest = manifest.ok_or("it has no manifest: it was cut, or is something else")?;
        if manifest.waypost != FORMAT {
            return Err(format!("its kind is `{}`", manifest.waypost.escape_debug()));
        }
        let said = |name: &String| manifest.files.get(name).and_then(|hash| ContentHash::from_hex(hash));
        let differs = |name: &&String| said(name).as_ref() != found.get(*name) || said(name).is_none();
        if let Some(name) = manifest.files.keys().chain(found.keys()).find(differs) {
            return Err(format!("`{}` is not what the manifest says", name.escape_debug()));
        }
        if !found.contains_key(DATABASE) {
            return Err("it has no database".to_string());
        }
        let summary = BackupSummary { files: found.len(), bytes, notice: None };
        Ok((manifest, summary))
    }
}

fn manifest(entry: &mut impl Read) -> Result<BackupManifest> {
    let mut text = Vec::new();
    entry.take(limits::MAX_BACKUP_MANIFEST + 1).read_to_end(&mut text).map_err(said)?;
    if text.len() as u64 > limits::MAX_BACKUP_MANIFEST {
        return Err(format!("its manifest has more than {} bytes", limits::MAX_BACKUP_MANIFEST));
    }
    serde_json::from_slice(&text).map_err(|error| format!("its manifest: {error}"))
}

/// The hashes in a manifest, of no more files than a backup may have.
pub(super) fn hashes<'de, D: Deserializer<'de>>(
    from: D,
) -> std::result::Result<BTreeMap<String, String>, D::Error> {
    struct Hashes;
    impl<'de> Visitor<'de> for Hashes {
        type Value = BTreeMap<String, String>;

        fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
            write!(f, "the hashes of at most {} files", limits::MAX_BACKUP_FILES)
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Self::Value, A::Error> {
            let mut hashes = BTreeMap::new();
            while let Some((name, hash)) = map.next_entry()? {
                if hashes.len() >= limits::MAX_BACKUP_FILES {
                    return Err(serde::de::Error::custom("too many files"));
                }
                hashes.insert(name, hash);
            }
            Ok(hashes)
        }
    }
    from.deserialize_map(Hashes)
}

/// A name as a path that no system takes for another one, and git for none of
/// its own.
fn inside(name: &str) -> Option<RelPath> {
    let odd = |c: char| c.is_control() || matches!(c, '\\' | ':');
    let is_gits = |part: &str| part.eq_ignore_ascii_case(".git");
    let is_fine = !name.contains(odd) && name.len() < MAX_NAME && !name.split('/').any(is_gits);
    RelPath::new(name).filter(|_| is_fine)
}

fn keep(entry: &mut impl Read, target: &Path) -> io::Result<(ContentHash, u64)> {
    if let Some(folder) = target.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(target)?;
    let mut hash = blake3::Hasher::new();
    let mut buffer = vec![0; 1 << 16];
    let mut bytes = 0;
    loop {
        let read = entry.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        hash.update(&buffer[..read]);
        file.write_all(&buffer[..read])?;
        bytes += read as u64;
    }
    Ok((ContentHash(*hash.finalize().as_bytes()), bytes))
}

fn said(error: io::Error) -> String {
    error.to_string()
}

fn shown(name: &[u8]) -> String {
    String::from_utf8_lossy(name).chars().take(200).collect::<String>().escape_debug().to_string()
}
