//! What a project says of itself. Not where it says so.

use serde::{Deserialize, Serialize};

use super::{RelPath, SafeText};

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
    /// What tools write and nobody edits, sorted by path.
    pub generated: Vec<GeneratedFile>,
}

/// A file that a tool writes, or a folder of such files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GeneratedFile {
    pub path: RelPath,
    /// The file or folder that is edited instead, where it is known.
    pub origin: Option<RelPath>,
    /// What writes it anew; may be empty.
    pub command: SafeText,
    /// The file that says so.
    pub source: RelPath,
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

/// What a part of the project is built to.
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
    /// Run one test, by an example.
    OneTest,
    Lint,
    Format,
    Run,
    Docs,
    /// Get the finished program or library, as its users do.
    Install,
}

/// A command that the project itself names, with the file that names it.
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
    /// The purpose in one or two words, as the handoff shows it.
    pub fn name(self) -> &'static str {
        match self {
            Purpose::Setup => "setup",
            Purpose::Build => "build",
            Purpose::Test => "test",
            Purpose::OneTest => "one test",
            Purpose::Lint => "lint",
            Purpose::Format => "format",
            Purpose::Run => "run",
            Purpose::Docs => "docs",
            Purpose::Install => "install",
        }
    }
}
