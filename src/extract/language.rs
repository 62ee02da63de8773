//! The languages waypost speaks: `grammars/<name>/`, embedded at build. Each
//! is data (a manifest and two queries) plus one line in [`grammar`].
//!
//! Not here: what is done with a language's queries (see `outline`).

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use include_dir::{Dir, include_dir};
use serde::Deserialize;
use tree_sitter::Query;

use crate::model::{RelPath, SymbolKind};

static GRAMMARS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/grammars");

/// The one place that knows a grammar crate's name in Rust.
fn grammar(crate_name: &str) -> Option<tree_sitter::Language> {
    Some(match crate_name {
        "tree-sitter-rust" => tree_sitter_rust::LANGUAGE.into(),
        "tree-sitter-python" => tree_sitter_python::LANGUAGE.into(),
        _ => return None,
    })
}

/// A language: its manifest and, once it was needed, its compiled query.
pub struct Language {
    manifest: Manifest,
    query_text: String,
    compiled: OnceLock<Compiled>,
}

/// `language.toml`, as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    name: String,
    /// Crate that holds the parser.
    grammar: String,
    /// Without the dot; matched exactly first, then in lower case.
    extensions: Vec<String>,
    filenames: Vec<String>,
    /// Names of interpreters, without a version's minor part.
    shebangs: Vec<String>,
    separator: String,
    /// What a doc comment's lines begin and end with.
    pub doc_markers: Vec<String>,
    pub visibility: Visibility,
    pub nesting: Nesting,
    pub signature: Signature,
    pub symbols: Symbols,
    imports: Imports,
    tests: Tests,
    pub references: References,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Visibility {
    pub rule: VisibilityRule,
    /// For `keyword`: the words that make public.
    pub keywords: Vec<String>,
}

/// How a language tells what is visible outside.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum VisibilityRule {
    /// A word before the name.
    Keyword,
    /// A leading underscore hides, unless two stand on both ends.
    Underscore,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nesting {
    /// Opening brackets that the grammar nests.
    pub open: String,
    pub reset: NestingReset,
}

/// Where the count of open brackets starts anew.
#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum NestingReset {
    /// At `;` and at a `}` that opens a line.
    Statement,
    /// At a letter or `@` that opens a line.
    Line,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Signature {
    /// Fields of the syntax tree that are shown only while they are short.
    pub elide: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Symbols {
    /// Kinds that are left out inside functions.
    pub not_in_functions: Vec<SymbolKind>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Imports {
    /// Name of a strategy in [`super::imports`]; empty for none.
    strategy: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tests {
    folders: Vec<String>,
    /// File names, with at most one `*`.
    names: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct References {
    /// Names that tell nothing because every file uses them.
    pub noise: Vec<String>,
}

/// What a capture of a query means to us.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Role {
    Definition(SymbolKind),
    Name,
    /// Where the signature ends.
    Body,
    /// Documents what follows.
    Doc,
    /// Documents what is around it.
    DocInner,
    /// May stand between a doc comment and what it documents.
    Attribute,
    Reference,
    /// A name bound in this file that is no symbol.
    Local,
    Import,
    ImportModule,
    ImportName,
    /// A path with nested braces.
    ImportTree,
    /// A module that is declared here and lives in a file of its own.
    ImportChild,
    /// `@_x`: for predicates only.
    None,
}

/// What a pattern adds to its match by `#set!`.
#[derive(Clone, Copy, Default)]
pub(super) struct Settings {
    pub public: Option<bool>,
    pub members_public: bool,
}

/// A query that is ready to run.
pub(super) struct Compiled {
    pub grammar: tree_sitter::Language,
    pub query: Query,
    /// By capture index.
    pub roles: Vec<Role>,
    /// By pattern index.
    pub settings: Vec<Settings>,
    /// Ids of the fields named in `signature.elide`.
    pub elide: Vec<u16>,
}

impl Language {
    /// Name of its folder in `grammars/`.
    pub fn name(&self) -> &str {
        &self.manifest.name
    }

    /// What stands between the parts of a qualified name, `::` or `.`.
    pub fn separator(&self) -> &str {
        &self.manifest.separator
    }

    /// By the language's conventions for folders and file names.
    pub fn is_test(&self, path: &RelPath) -> bool {
        let tests = &self.manifest.tests;
        let in_folder = |folder: &str| tests.folders.iter().any(|name| name == folder);
        path.parent().split('/').any(in_folder) || tests.names.iter().any(|name| fits(name, path.name()))
    }

    /// Name of the strategy that finds the files behind its imports.
    pub(super) fn import_strategy(&self) -> &str {
        &self.manifest.imports.strategy
    }

    pub(super) fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Compiling takes 10 ms and more, so it waits until a file needs it.
    pub(super) fn compiled(&self) -> &Compiled {
        self.compiled.get_or_init(|| self.compile())
    }

    /// Panics on a broken grammar folder: that is a mistake in our own data,
    /// and a test compiles each.
    fn compile(&self) -> Compiled {
        let name = self.name();
        let grammar = grammar(&self.manifest.grammar)
            .unwrap_or_else(|| panic!("grammars/{name}: unknown grammar crate"));
        let query =
            Query::new(&grammar, &self.query_text).unwrap_or_else(|error| panic!("grammars/{name}: {error}"));
        let roles = query
            .capture_names()
            .iter()
            .map(|capture| role(capture).unwrap_or_else(|| panic!("grammars/{name}: unknown @{capture}")))
            .collect();
        let settings = (0..query.pattern_count()).map(|pattern| settings(&query, pattern)).collect();
        let elide = self.manifest.signature.elide.iter().map(|field| {
            let id = grammar.field_id_for_name(field);
            id.unwrap_or_else(|| panic!("grammars/{name}: unknown field {field}")).get()
        });
        let elide = elide.collect();
        Compiled { grammar, query, roles, settings, elide }
    }
}

fn role(capture: &str) -> Option<Role> {
    if let Some(kind) = capture.strip_prefix("definition.") {
        let kind = serde::de::value::StrDeserializer::<serde::de::value::Error>::new(kind);
        return SymbolKind::deserialize(kind).ok().map(Role::Definition);
    }
    Some(match capture {
        "name" => Role::Name,
        "body" => Role::Body,
        "doc" => Role::Doc,
        "doc.inner" => Role::DocInner,
        "attribute" => Role::Attribute,
        "local.definition" => Role::Local,
        "import" => Role::Import,
        "import.module" => Role::ImportModule,
        "import.name" => Role::ImportName,
        "import.tree" => Role::ImportTree,
        "import.child" => Role::ImportChild,
        _ if capture.starts_with("reference.") => Role::Reference,
        _ if capture.starts_with('_') => Role::None,
        _ => return None,
    })
}

fn settings(query: &Query, pattern: usize) -> Settings {
    let value_of = |key: &str| {
        let property = query.property_settings(pattern).iter().find(|property| &*property.key == key)?;
        property.value.as_deref().map(|value| value == "public")
    };
    Settings { public: value_of("visibility"), members_public: value_of("members").unwrap_or(false) }
}

/// All languages, sorted by name.
pub fn languages() -> &'static [Language] {
    static LANGUAGES: LazyLock<Vec<Language>> = LazyLock::new(|| {
        let mut languages: Vec<Language> = GRAMMARS.dirs().map(read).collect();
        languages.sort_by(|a, b| a.name().cmp(b.name()));
        languages
    });
    &LANGUAGES
}

/// The language of that name.
pub fn language_named(name: &str) -> Option<&'static Language> {
    languages().iter().find(|language| language.name() == name)
}

/// Panics on a broken folder, like [`Language::compile`].
fn read(folder: &Dir<'_>) -> Language {
    let text = |name: &str| {
        let file = folder.get_file(folder.path().join(name));
        file.and_then(|file| file.contents_utf8())
    };
    let manifest = text("language.toml").unwrap_or_default();
    let manifest = toml::from_str(manifest)
        .unwrap_or_else(|error| panic!("grammars/{}: {error}", folder.path().display()));
    let query_text = [text("tags.scm"), text("imports.scm")].map(Option::unwrap_or_default).join("\n");
    Language { manifest, query_text, compiled: OnceLock::new() }
}

/// Changes with any embedded grammar folder, so that outlines made by another
/// one are not taken for current.
pub fn fingerprint() -> String {
    let mut hash = blake3::Hasher::new();
    for folder in GRAMMARS.dirs() {
        for file in folder.files() {
            hash.update(&(file.contents().len() as u64).to_le_bytes()).update(file.contents());
        }
    }
    hash.finalize().to_hex().to_string()
}

/// The language of a file by its name, its extension or, where these say
/// nothing, its first line. `head` may be any first part of the file.
pub fn language_of(path: &RelPath, head: &[u8]) -> Option<&'static Language> {
    struct Keys {
        filenames: HashMap<&'static str, &'static Language>,
        extensions: HashMap<&'static str, &'static Language>,
        shebangs: HashMap<&'static str, &'static Language>,
    }
    static KEYS: LazyLock<Keys> = LazyLock::new(|| Keys {
        filenames: keyed(|manifest| &manifest.filenames),
        extensions: keyed(|manifest| &manifest.extensions),
        shebangs: keyed(|manifest| &manifest.shebangs),
    });
    let extension = path.extension();
    let found = KEYS
        .filenames
        .get(path.name())
        .or_else(|| KEYS.extensions.get(extension))
        .or_else(|| KEYS.extensions.get(extension.to_lowercase().as_str()));
    match found {
        Some(language) => Some(language),
        None => KEYS.shebangs.get(interpreter(head)?).copied(),
    }
}

fn keyed(keys: impl Fn(&'static Manifest) -> &'static [String]) -> HashMap<&'static str, &'static Language> {
    let pairs = languages()
        .iter()
        .flat_map(|language| keys(&language.manifest).iter().map(move |key| (key.as_str(), language)));
    pairs.collect()
}

/// `python3` of `#!/usr/bin/env -S python3.11 -u`.
fn interpreter(head: &[u8]) -> Option<&str> {
    let line = head.strip_prefix(b"#!")?.split(|&byte| byte == b'\n').next()?;
    let line = std::str::from_utf8(line).ok()?;
    let name = |word: &'_ str| word.rsplit('/').next().unwrap_or_default().len();
    let program = line
        .split_whitespace()
        .map(|word| &word[word.len() - name(word)..])
        .find(|word| *word != "env" && !word.starts_with('-') && !word.contains('='))?;
    program.split('.').next()
}

/// `pattern` holds at most one `*`.
fn fits(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((start, end)) => {
            name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, head: &str, expected: Option<&str>) {
        let path = RelPath::new(path).unwrap();
        let language = language_of(&path, head.as_bytes()).map(Language::name);
        assert_eq!(language, expected, "{path}");
    }

    #[test]
    fn every_grammar_folder_compiles() {
        assert!(!languages().is_empty());
        for language in languages() {
            language.compiled();
        }
    }

    #[test]
    fn a_file_is_known_by_name_extension_or_first_line() {
        check("src/main.rs", "", Some("rust"));
        check("A.PY", "", Some("python"));
        check("site/SConstruct", "", Some("python"));
        check("bin/tool", "#!/usr/bin/env python3\n", Some("python"));
        check("bin/tool", "#!/usr/bin/env -S PYTHONPATH=. python3.11 -u\n", Some("python"));
        check("bin/tool", "#!/usr/bin/python", Some("python"));
        check("bin/tool", "#!/bin/false\npython3", None);
        check("bin/tool", "#!", None);
        check("notes.txt", "plain", None);
    }

    #[test]
    fn tests_are_known_by_folder_and_name() {
        let check = |path: &str, expected: bool| {
            let path = RelPath::new(path).unwrap();
            let language = language_of(&path, b"").unwrap();
            assert_eq!(language.is_test(&path), expected, "{path}");
        };
        check("tests/regression.rs", true);
        check("crates/core/tests.rs", true);
        check("crates/core/contests.rs", false);
        check("pkg/test_forms.py", true);
        check("pkg/forms.py", false);
    }
}
