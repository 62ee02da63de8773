//! The nouns that cross a border between stages: paths, text, files, outlines,
//! ranks. Plain data with its invariants, and nothing that reads or writes.
//!
//! Not here: how a value comes to be (each stage builds its own), and how it
//! is stored or shown.

use std::fmt;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use crate::limits;

/// A file's place below the project root, in exact bytes as UTF-8.
///
/// Never empty, never absolute, `/` between components, none of which is
/// empty, `.` or `..`, and no NUL. Ordered by bytes. A name that is not UTF-8
/// has no `RelPath`: the walker lists such a file as [`Skipped`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RelPath(Arc<str>);

impl RelPath {
    /// `None` when `path` breaks one of the invariants above.
    pub fn new(path: &str) -> Option<Self> {
        let fits = !path.is_empty()
            && !path.contains('\0')
            && path.split('/').all(|part| !matches!(part, "" | "." | ".."));
        fits.then(|| Self(path.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last component.
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// The last component up to its last dot; the whole of it for `.bashrc`.
    pub fn stem(&self) -> &str {
        match self.name().rsplit_once('.') {
            Some((stem, _)) if !stem.is_empty() => stem,
            _ => self.name(),
        }
    }

    /// What follows the last dot of the name, without the dot; may be empty.
    pub fn extension(&self) -> &str {
        match self.name().rsplit_once('.') {
            Some((stem, extension)) if !stem.is_empty() => extension,
            _ => "",
        }
    }

    /// The folder that holds it, `""` for one directly in the root.
    pub fn parent(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(parent, _)| parent)
    }

    /// Below `folder` at any depth; everything is below `""`.
    pub fn is_below(&self, folder: &str) -> bool {
        folder.is_empty()
            || (self.0.len() > folder.len()
                && self.0.starts_with(folder)
                && self.0.as_bytes()[folder.len()] == b'/')
    }
}

impl fmt::Display for RelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl TryFrom<String> for RelPath {
    type Error = String;
    fn try_from(path: String) -> Result<Self, String> {
        Self::new(&path).ok_or_else(|| format!("not a path inside the project: `{}`", path.escape_debug()))
    }
}

impl From<RelPath> for String {
    fn from(path: RelPath) -> Self {
        path.0.to_string()
    }
}

/// Text from the repository, the user or git that has been through
/// [`crate::redact`]: secrets are placeholders, control and invisible
/// characters are spelled out. Only that module makes one from raw text (a
/// test holds this); taking a part of one keeps the property.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SafeText(Arc<str>);

impl SafeText {
    /// For `redact`, and for `store` that reads back what went through it.
    pub(crate) fn from_redacted(text: String) -> Self {
        Self(text.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The part at these byte offsets; empty where they fit no character.
    pub fn slice(&self, bytes: std::ops::Range<usize>) -> SafeText {
        self.0.get(bytes).map(|part| Self(part.into())).unwrap_or_default()
    }

    /// Its lines, without the line ends.
    pub fn lines(&self) -> impl Iterator<Item = SafeText> {
        self.0.lines().map(|line| Self(line.into()))
    }

    /// On one line: runs of white space become one space, and what is longer
    /// than `max_chars` characters ends in `…` at that length.
    pub fn one_line(&self, max_chars: usize) -> SafeText {
        self.map(|text| {
            let mut line = String::with_capacity(text.len().min(max_chars * 4));
            for word in text.split_whitespace() {
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(word);
            }
            if line.chars().count() > max_chars {
                line = line.chars().take(max_chars.saturating_sub(1)).collect();
                line.truncate(line.trim_end().len());
                line.push('…');
            }
            line
        })
    }

    /// Words of our own, known at compile time.
    pub fn constant(text: &'static str) -> SafeText {
        Self(text.into())
    }

    pub fn join(parts: &[SafeText], separator: &'static str) -> SafeText {
        let parts: Vec<&str> = parts.iter().map(SafeText::as_str).collect();
        Self(parts.join(separator).into())
    }

    /// A rewriting that only drops, reorders or respaces characters, or adds
    /// constants: whoever calls it answers for that.
    pub fn map(&self, rewrite: impl FnOnce(&str) -> String) -> SafeText {
        Self(rewrite(&self.0).into())
    }
}

impl fmt::Display for SafeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for SafeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

/// blake3 of a file's bytes. Two files with one hash have one outline.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ContentHash(pub [u8; 32]);

impl ContentHash {
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }

    /// `None` for what is no hash.
    pub fn from_hex(hex: &str) -> Option<Self> {
        blake3::Hash::from_hex(hex).ok().map(|hash| Self(*hash.as_bytes()))
    }

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
/// "very likely unchanged"; who relies on that applies git's racy rule.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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

    /// Why a file of this class is not read, for people; `None` if it is.
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

/// Something that was found and is not read, with the reason for people.
/// `path` is what to show: exact where the name is UTF-8, escaped where not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Skipped {
    pub path: String,
    pub reason: String,
}

/// What a symbol is. The names are the suffixes of the `@definition.*`
/// captures in `grammars/*/tags.scm` and the `kind` in all our output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SymbolKind {
    Module,
    Class,
    Struct,
    Enum,
    Union,
    Trait,
    Interface,
    Impl,
    Function,
    Method,
    Macro,
    Constant,
    Static,
    Type,
    Field,
    Variant,
    Variable,
    /// A heading of a document.
    Section,
}

/// One declaration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Symbol {
    pub name: SafeText,
    pub kind: SymbolKind,
    /// As the language writes it, without the body, on one line, capped.
    pub signature: SafeText,
    /// First sentence of the doc comment or docstring; may be empty.
    pub doc: SafeText,
    /// Where the name stands, counted from 1.
    pub line: u32,
    /// Last line of the declaration, body included.
    pub end_line: u32,
    /// Index in [`Outline::symbols`] of the innermost declaration around it, or
    /// of the type that it belongs to where the language parts the two (Go).
    pub parent: Option<u32>,
    /// Visible outside its module or class, by the language's own rule.
    pub public: bool,
}

/// An import as written, before it is resolved to a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Import {
    /// The module path in the language's own spelling: `crate::walk`,
    /// `..models`, `os.path`.
    pub module: SafeText,
    /// The names taken from it; empty for the module itself, `*` for all.
    pub names: Vec<SafeText>,
    /// Counted from 1.
    pub line: u32,
}

/// What one file declares and mentions. A function of content and language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outline {
    /// In order of appearance; a parent stands before its children.
    pub symbols: Vec<Symbol>,
    pub imports: Vec<Import>,
    /// Names used but not declared here and how often, sorted by name.
    pub references: Vec<(SafeText, u32)>,
    /// The package or namespace that the file says it belongs to; empty where
    /// its language has none.
    pub package: SafeText,
    /// First sentence or paragraph of the file's own doc; may be empty.
    pub doc: SafeText,
    /// Lines in the file.
    pub lines: u32,
    /// The parser met syntax that it does not know; the outline may be partial.
    pub has_error: bool,
    /// Of a thousand lines with a word on them, those that belong to a
    /// declaration, an import or a comment.
    pub covered: u16,
}

impl Outline {
    /// Declarations around a symbol, innermost first. A type that it belongs
    /// to and does not stand in is not among them.
    pub fn around(&self, index: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(index), |&index| {
            let line = self.symbols[index].line;
            let parent = self.symbols[index].parent? as usize;
            (parent < index && self.symbols[parent].end_line >= line).then_some(parent)
        })
        .skip(1)
    }

    /// `Outer.inner` for a symbol with a parent, else its name. `impl` blocks
    /// carry the name of their type, so a method reads `Type.method`.
    pub fn qualified_name(&self, index: usize) -> SafeText {
        let symbol = &self.symbols[index];
        match symbol.parent {
            Some(parent) if (parent as usize) < index => {
                SafeText::join(&[self.qualified_name(parent as usize), symbol.name.clone()], ".")
            }
            _ => symbol.name.clone(),
        }
    }
}

/// What is known of a file's text: a function of its bytes and its language,
/// stored once per content hash.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    pub outline: Outline,
    pub words: Words,
    /// Why there is no outline although the language is known.
    pub unparsed: Option<Unparsed>,
}

/// Why a file was not parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unparsed {
    /// Beyond `limits::MAX_NESTING`: a function of the content.
    TooDeep,
    /// Beyond `limits::PARSE_TIME`: remembered with the content.
    TooSlow,
    /// Beyond `limits::PARSE_MEMORY`.
    TooLarge,
    /// The parser ended its process, twice.
    Crashed,
    /// Its process was ended from outside, or the machine gave it no time:
    /// not remembered.
    Unfinished,
}

impl fmt::Display for Unparsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Unparsed::TooDeep => "nested too deep to parse",
            Unparsed::TooSlow => {
                return write!(f, "parsing took longer than {} s", limits::PARSE_TIME.as_secs());
            }
            Unparsed::TooLarge => {
                return write!(f, "parsing needed more than {} MB", limits::PARSE_MEMORY / 1_000_000);
            }
            Unparsed::Crashed => "the parser crashed",
            Unparsed::Unfinished => "its parser was stopped from outside; the next snapshot tries again",
        })
    }
}

/// The words of a text for ranking, made by `extract::words` and read by
/// [`crate::rank_terms::Counts`]: packed, so that those of a whole repository are
/// loaded as fast as they are read from disk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words(pub(crate) Box<[u8]>);

impl Words {
    /// Bytes it takes in memory and on disk.
    pub fn size(&self) -> usize {
        self.0.len()
    }
}

impl Serialize for Words {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl serde::de::Visitor<'_> for Bytes {
            type Value = Words;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }
            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Words, E> {
                Ok(Words(bytes.into()))
            }
            fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Words, E> {
                Ok(Words(bytes.into()))
            }
        }
        from.deserialize_bytes(Bytes)
    }
}

/// A walked file with what is known of its text. Files that are not read have
/// an empty [`Content`].
#[derive(Clone)]
pub struct File {
    pub facts: FileFacts,
    content: OnceLock<Arc<Content>>,
    source: Option<Arc<dyn Fetch>>,
}

/// Fetches the content of a file when it is asked for.
pub trait Fetch: Send + Sync {
    /// Empty where it cannot be had, of which the one who fetches tells.
    fn fetch(&self, facts: &FileFacts) -> Arc<Content>;
}

impl File {
    pub fn new(facts: FileFacts, content: Arc<Content>) -> Self {
        Self { facts, content: OnceLock::from(content), source: None }
    }

    /// A file whose content lies in the store until somebody asks for it: most
    /// commands look at a few files of a large tree.
    pub fn stored(facts: FileFacts, source: Arc<dyn Fetch>) -> Self {
        Self { facts, content: OnceLock::new(), source: Some(source) }
    }

    pub fn content(&self) -> &Arc<Content> {
        self.content
            .get_or_init(|| self.source.as_ref().map(|source| source.fetch(&self.facts)).unwrap_or_default())
    }

    /// The content, if it was asked for or given already.
    pub fn loaded(&self) -> Option<&Arc<Content>> {
        self.content.get()
    }

    /// Gives a content that was fetched together with others.
    pub fn give(&self, content: Arc<Content>) {
        self.content.get_or_init(|| content);
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File").field("facts", &self.facts).finish_non_exhaustive()
    }
}

/// The working tree as it was read.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    /// Sorted by path.
    pub files: Vec<File>,
    /// Sorted by path.
    pub skipped: Vec<Skipped>,
    /// For each of `files`, the indices of those that it imports, sorted.
    pub imports: Vec<Vec<u32>>,
}

impl Tree {
    /// Place of a file in `files`.
    pub fn index_of(&self, path: &RelPath) -> Option<u32> {
        self.files.binary_search_by(|file| file.facts.path.cmp(path)).ok().map(|index| index as u32)
    }

    pub fn hash_of(&self, path: &RelPath) -> Option<ContentHash> {
        self.index_of(path).map(|index| self.files[index as usize].facts.hash)
    }
}

/// One commit that is no merge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    pub subject: SafeText,
    pub body: SafeText,
    /// The paths it touched; those that are no [`RelPath`] are left out.
    pub paths: Vec<RelPath>,
}

/// What git's history says, newest commit first; empty outside git.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    pub commits: Vec<Commit>,
    /// The clone holds only a part of the history.
    pub shallow: bool,
}

/// Why something stands where it stands in a ranking.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reason {
    /// Name of the signal, as `waypost explain` lists it.
    pub signal: &'static str,
    /// What it added to the score.
    pub weight: f64,
    /// What it rests on: matched words, a commit's subject. May be empty.
    pub evidence: SafeText,
    /// The file that it rests on (an importing one, say): index in
    /// [`Tree::files`].
    pub file: Option<u32>,
}

/// A file's place in the ranking for a goal.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranked {
    /// Index in [`Tree::files`].
    pub file: u32,
    pub score: f64,
    /// Strongest first.
    pub reasons: Vec<Reason>,
    /// Indices in the file's outline, the most relevant first.
    pub symbols: Vec<u32>,
}

/// A recorded state of a work tree, without its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// `s` and a number that grows with every snapshot of the project.
    pub id: SnapshotId,
    /// RFC 3339 in UTC, to the second.
    pub created_at: String,
    pub goal: Option<SafeText>,
    /// Commit id.
    pub head: Option<String>,
    pub branch: Option<SafeText>,
    /// Of every path and content hash: equal trees have equal digests.
    pub digest: ContentHash,
    pub files: u64,
    pub symbols: u64,
    /// Of the handoff Markdown, when one was rendered.
    pub tokens: Option<u64>,
    /// Somebody took it, rather than a watch that saw a change.
    pub asked: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SnapshotId(pub i64);

impl fmt::Display for SnapshotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s{}", self.0)
    }
}

impl std::str::FromStr for SnapshotId {
    type Err = String;
    /// Takes `s12` and `12`.
    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.strip_prefix('s').unwrap_or(text);
        digits.parse().map(Self).map_err(|_| format!("`{text}` is no snapshot id: they read s1, s2, ..."))
    }
}

/// What a project says of itself, found in its manifests, documentation, task
/// files and CI by `extract::project`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectFacts {
    /// From the root manifest, else the README's title; may be empty.
    pub name: SafeText,
    /// The manifest's own line; may be empty.
    pub description: SafeText,
    /// First paragraph of the README; may be empty.
    pub about: SafeText,
    pub licence: SafeText,
    pub version: SafeText,
    /// Programming languages, the one with most files first; those below a
    /// tenth of all code files are left out.
    pub languages: Vec<SafeText>,
    /// Packages of the project, sorted by path; one for a single package.
    pub parts: Vec<Part>,
    /// Programs first, then libraries, each sorted by path.
    pub entry_points: Vec<EntryPoint>,
    /// In the order of [`Purpose`], a few of each, the most canonical first.
    pub commands: Vec<Command>,
    /// Folders with code or with words of their own, sorted by path.
    pub layout: Vec<Folder>,
    /// Versions of tools and services that the project asks for.
    pub tools: Vec<Tool>,
}

/// A tool that has to be there, and in which version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    pub name: SafeText,
    /// As the project writes it: `>=18`, `1.90`.
    pub version: SafeText,
    pub source: RelPath,
}

/// A package, crate or module with a manifest of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub name: SafeText,
    /// Its manifest; the folder is the manifest's parent.
    pub manifest: RelPath,
    pub description: SafeText,
    pub kind: PartKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartKind {
    Library,
    Program,
    LibraryAndProgram,
    Macro,
    Package,
}

/// Where to start reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryPoint {
    pub name: SafeText,
    pub path: RelPath,
    /// A program that is run, as opposed to a library that is imported.
    pub program: bool,
}

/// What a command is for; in the order in which a newcomer needs them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// Get the development dependencies.
    Setup,
    Build,
    Test,
    Lint,
    Format,
    Run,
    Docs,
    /// Get the finished program or library, as its users do.
    Install,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    pub purpose: Purpose,
    /// To be typed in the project root.
    pub line: SafeText,
    pub source: RelPath,
    /// Where in the source: a job, a section, a script's name; may be empty.
    pub place: SafeText,
}

/// A folder and what its own documentation says it is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Folder {
    pub path: RelPath,
    /// Empty when nothing in the folder says it.
    pub purpose: SafeText,
    /// Where `purpose` was found.
    pub source: Option<RelPath>,
}

impl Purpose {
    pub fn name(self) -> &'static str {
        match self {
            Purpose::Setup => "setup",
            Purpose::Build => "build",
            Purpose::Test => "test",
            Purpose::Lint => "lint",
            Purpose::Format => "format",
            Purpose::Run => "run",
            Purpose::Docs => "docs",
            Purpose::Install => "install",
        }
    }
}
