//! What is known of a file without its text: class, hash, stamp. Not how any of it
//! is found out.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::RelPath;

/// blake3 of a file's bytes. Two files with one hash have one outline.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ContentHash(pub [u8; 32]);

impl ContentHash {
    /// The BLAKE3 hash of a content.
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }

    /// Parses 64 hexadecimal digits; `None` for anything else.
    pub fn from_hex(hex: &str) -> Option<Self> {
        blake3::Hash::from_hex(hex).ok().map(|hash| Self(*hash.as_bytes()))
    }

    /// The hash as 64 lower-case hexadecimal digits.
    pub fn to_hex(self) -> String {
        blake3::Hash::from_bytes(self.0).to_hex().to_string()
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex()[..12])
    }
}

/// What the file system says of a file without opening it. Equal stamps mean
/// "very likely unchanged"; code that relies on them applies git's racy rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Bytes.
    pub size: u64,
    /// Nanoseconds since 1970; negative before.
    pub mtime_ns: i64,
    /// Nanoseconds since 1970: last change of content, mode or name. 0 where
    /// the platform has none.
    pub ctime_ns: i64,
    /// 0 where the platform has none.
    pub inode: u64,
}

/// What a file is in the project, judged by path and first bytes. Decides
/// whether it is parsed and how it is ranked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Hand-written code.
    Source,
    /// Code that exercises other code.
    Test,
    /// Prose for people.
    Doc,
    /// Manifests, settings, CI, build scripts without a grammar.
    Config,
    /// Every other text.
    Data,
    // The rest takes part by path, hash and size only, and is listed as
    // skipped with its reason.
    Binary,
    Oversized,
    Minified,
    Generated,
    Vendored,
    Lock,
    /// A name whose content is never taken (`.env`, private keys ...).
    Secret,
}

impl Class {
    /// Read for words and, where there is a grammar, symbols.
    pub fn is_read(self) -> bool {
        self <= Class::Data
    }

    /// Why files of this class are not read, in words; `None` if they are.
    pub fn reason(self) -> Option<&'static str> {
        Some(match self {
            Class::Source | Class::Test | Class::Doc | Class::Config | Class::Data => return None,
            Class::Binary => "binary",
            Class::Oversized => "larger than max_file_size",
            Class::Minified => "minified",
            Class::Generated => "generated",
            Class::Vendored => "vendored",
            Class::Lock => "lock file",
            Class::Secret => "secrets by name, content never read",
        })
    }
}

/// One walked file. Everything about its content hangs on `hash`.
#[derive(Clone, Debug, PartialEq)]
pub struct FileFacts {
    pub path: RelPath,
    pub stamp: Stamp,
    pub hash: ContentHash,
    pub class: Class,
    /// Name of a folder in `grammars/`; `None` when no grammar fits.
    pub language: Option<&'static str>,
}
