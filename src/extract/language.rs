//! The supported languages: `grammars/<name>/`, embedded at build time. Each is
//! data (a manifest and two queries); `build.rs` finds its parser's crate.
//!
//! Not here: what is done with a language's queries (see `outline`).

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, OnceLock, PoisonError};

use include_dir::{Dir, include_dir};
use serde::Deserialize;
use tree_sitter::Query;

use super::manifest::{Access, Embedded, LanguageManifest, Tier};
use crate::model::{Class, RelPath, SymbolKind};

static GRAMMARS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/grammars");

// `fn grammar(language) -> Option<tree_sitter::Language>`, made by `build.rs`.
include!(concat!(env!("OUT_DIR"), "/grammars.rs"));

/// A language: its manifest and, once it was needed, its compiled query.
pub struct Language {
    manifest: LanguageManifest,
    query_text: String,
    grammar: Option<tree_sitter::Language>,
    compiled: OnceLock<Compiled>,
    /// Hash of the user's folder that it was read from; `None` for a built-in
    /// language.
    user_hash: Option<blake3::Hash>,
}

/// The user's own languages, held until [`languages`] is first called.
static OF_USER: Mutex<Vec<Language>> = Mutex::new(Vec::new());

/// All languages, once they were asked for.
static LANGUAGES: OnceLock<Vec<Language>> = OnceLock::new();

/// Adds the user's languages, which replace built-in ones of the same name.
/// Once [`languages`] was called they are what they are as long as the process
/// lives; returns the names of those that are others by now.
pub(super) fn add_languages_of_user(of_user: Vec<Language>) -> Vec<String> {
    match LANGUAGES.get() {
        Some(known) => {
            let is_known = |own: &Language| {
                known.iter().any(|one| one.name() == own.name() && one.user_hash == own.user_hash)
            };
            of_user.iter().filter(|own| !is_known(own)).map(|own| own.name().to_string()).collect()
        }
        None => {
            *OF_USER.lock().unwrap_or_else(PoisonError::into_inner) = of_user;
            Vec::new()
        }
    }
}

/// What is wrong with a grammar folder.
#[derive(Debug, thiserror::Error)]
#[error("grammar `{place}`: {why}")]
pub struct GrammarError {
    /// The folder or the file in it.
    pub(super) place: String,
    pub(super) why: String,
}

/// The meaning of a query's capture.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Role {
    Definition(SymbolKind),
    Name,
    /// What stands behind a name of several nodes.
    NameEnd,
    /// Where the signature ends.
    Body,
    /// Names the type that this belongs to without standing in it.
    Owner,
    /// Documents what follows.
    Doc,
    /// Documents what is around it.
    DocInner,
    /// May stand between a doc comment and what it documents.
    Attribute,
    /// The doc comment before it documents the file.
    File,
    /// The package or namespace of the file.
    Package,
    /// From here to the end of what is around it, declarations are public or
    /// not.
    Access(bool),
    Reference,
    /// Names in here are no references.
    Silent,
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
pub(super) struct PatternSettings {
    pub public: Option<bool>,
    /// The default for what stands in it.
    pub members: Option<Access>,
    /// No symbol, but what stands in it is local to it.
    pub unlisted: bool,
}

/// A query that is ready to run.
pub(super) struct Compiled {
    pub grammar: tree_sitter::Language,
    pub query: Query,
    /// By capture index.
    pub roles: Vec<Role>,
    /// By pattern index.
    pub settings: Vec<PatternSettings>,
    /// Ids of the fields named in `signature.elide`.
    pub elide: Vec<u16>,
    /// Ids of the nodes named in `signature.wrappers`.
    pub wrappers: Vec<u16>,
}

impl Language {
    /// Name of its folder in `grammars/`.
    pub fn name(&self) -> &str {
        &self.manifest.name
    }

    /// How much is extracted from files of this language.
    pub fn tier(&self) -> Tier {
        self.manifest.tier
    }

    /// Extensions by which files are recognised, as the manifest lists them.
    pub fn extensions(&self) -> &[String] {
        &self.manifest.extensions
    }

    /// Whole file names by which files are recognised, such as `Makefile`.
    pub fn filenames(&self) -> &[String] {
        &self.manifest.filenames
    }

    /// Whether its parser is part of this build, or that of the language in
    /// which its code is written.
    pub fn is_compiled_in(&self) -> bool {
        match self.embedded() {
            Some(embedded) => language_named(&embedded.language).is_some_and(Language::has_parser),
            None => self.has_parser(),
        }
    }

    /// The parser's tables, for measurements.
    pub fn grammar(&self) -> Option<tree_sitter::Language> {
        self.grammar.clone()
    }

    pub(super) fn has_parser(&self) -> bool {
        self.grammar.is_some()
    }

    /// Whether it is one of the user's own languages.
    pub fn is_of_user(&self) -> bool {
        self.user_hash.is_some()
    }

    /// A language of the user, its query compiled.
    pub(super) fn of_user(
        manifest: LanguageManifest,
        query_text: String,
        grammar: Option<tree_sitter::Language>,
        hash: blake3::Hash,
    ) -> Result<Self, String> {
        let language =
            Language { manifest, query_text, grammar, compiled: OnceLock::new(), user_hash: Some(hash) };
        if let Some(grammar) = &language.grammar {
            let compiled = language.compile(grammar)?;
            // The cell is new.
            let _ = language.compiled.set(compiled);
        }
        Ok(language)
    }

    /// What stands between the parts of a qualified name, `::` or `.`.
    pub fn separator(&self) -> &str {
        &self.manifest.separator
    }

    /// The class of a file of this language: where names told no more than that
    /// it is text, it is code, and it may be a test by the language's conventions.
    pub fn class(&self, by_name: Class, path: &RelPath) -> Class {
        match by_name {
            Class::Source | Class::Data if self.is_test(path) => Class::Test,
            Class::Data if !self.manifest.data => Class::Source,
            other => other,
        }
    }

    /// By the language's conventions for folders and file names.
    fn is_test(&self, path: &RelPath) -> bool {
        let tests = &self.manifest.tests;
        let in_folder = |folder: &str| tests.folders.iter().any(|name| name == folder);
        path.parent().split('/').any(in_folder) || tests.names.iter().any(|name| fits(name, path.name()))
    }

    /// Name of the strategy that finds the files behind its imports.
    pub(super) fn import_strategy(&self) -> &str {
        &self.manifest.imports.strategy
    }

    pub(super) fn manifest(&self) -> &LanguageManifest {
        &self.manifest
    }

    pub(super) fn embedded(&self) -> Option<&Embedded> {
        self.manifest.embedded.as_ref()
    }

    /// Compiles the query, if there is one, before it is needed.
    pub fn prepare(&self) {
        let code = self.embedded().and_then(|embedded| language_named(&embedded.language));
        code.unwrap_or(self).compiled();
    }

    /// Compiling takes 10 ms and more, so it waits until a file needs it;
    /// `None` where the parser is not compiled in.
    ///
    /// Panics on a broken folder: that is a mistake in our own data, and a
    /// test compiles each. Folders of a user are compiled when they are read.
    pub(super) fn compiled(&self) -> Option<&Compiled> {
        let grammar = self.grammar.as_ref()?;
        Some(self.compiled.get_or_init(|| {
            self.compile(grammar).unwrap_or_else(|why| panic!("grammars/{}: {why}", self.name()))
        }))
    }

    fn compile(&self, grammar: &tree_sitter::Language) -> Result<Compiled, String> {
        let query = Query::new(grammar, &self.query_text).map_err(|error| error.to_string())?;
        let captures = query.capture_names().iter();
        let roles =
            captures.map(|capture| role(capture).ok_or_else(|| format!("unknown capture `@{capture}`")));
        let roles = roles.collect::<Result<_, _>>()?;
        let settings = (0..query.pattern_count()).map(|pattern| settings(&query, pattern)).collect();
        let fields = self.manifest.signature.elide.iter();
        let elide = fields.map(|field| {
            let id = grammar.field_id_for_name(field);
            id.map(u16::from).ok_or_else(|| format!("`signature.elide`: the grammar has no field `{field}`"))
        });
        let elide = elide.collect::<Result<_, _>>()?;
        let wrappers = self.manifest.signature.wrappers.iter();
        let wrappers = wrappers.map(|kind| match grammar.id_for_node_kind(kind, true) {
            0 => Err(format!("`signature.wrappers`: the grammar has no node `{kind}`")),
            id => Ok(id),
        });
        let wrappers = wrappers.collect::<Result<_, _>>()?;
        Ok(Compiled { grammar: grammar.clone(), query, roles, settings, elide, wrappers })
    }
}

fn role(capture: &str) -> Option<Role> {
    if let Some(kind) = capture.strip_prefix("definition.") {
        let kind = serde::de::value::StrDeserializer::<serde::de::value::Error>::new(kind);
        return SymbolKind::deserialize(kind).ok().map(Role::Definition);
    }
    Some(match capture {
        "name" => Role::Name,
        "name.end" => Role::NameEnd,
        "body" => Role::Body,
        "owner" => Role::Owner,
        "doc" => Role::Doc,
        "doc.inner" => Role::DocInner,
        "attribute" => Role::Attribute,
        "file" => Role::File,
        "package" => Role::Package,
        "visibility.public" => Role::Access(true),
        "visibility.private" => Role::Access(false),
        "local.definition" => Role::Local,
        "import" => Role::Import,
        "import.module" => Role::ImportModule,
        "import.name" => Role::ImportName,
        "import.tree" => Role::ImportTree,
        "import.child" => Role::ImportChild,
        "reference.none" => Role::Silent,
        _ if capture.starts_with("reference.") => Role::Reference,
        _ if capture.starts_with('_') => Role::None,
        _ => return None,
    })
}

fn settings(query: &Query, pattern: usize) -> PatternSettings {
    let value_of = |key: &str| {
        let property = query.property_settings(pattern).iter().find(|property| &*property.key == key)?;
        property
            .value
            .as_deref()
            .map(|value| if value == "public" { Access::Public } else { Access::Private })
    };
    PatternSettings {
        public: value_of("visibility").map(|access| access == Access::Public),
        members: value_of("members"),
        unlisted: value_of("unlisted").is_some(),
    }
}

/// All languages, sorted by name, those that are not compiled in among them.
pub fn languages() -> &'static [Language] {
    LANGUAGES.get_or_init(|| {
        let mut languages: Vec<Language> = GRAMMARS.dirs().filter_map(embedded).collect();
        let of_user = std::mem::take(&mut *OF_USER.lock().unwrap_or_else(PoisonError::into_inner));
        languages.retain(|language| of_user.iter().all(|own| own.name() != language.name()));
        languages.extend(of_user);
        languages.sort_by(|a, b| a.name().cmp(b.name()));
        languages
    })
}

/// The language of that name.
pub fn language_named(name: &str) -> Option<&'static Language> {
    languages().iter().find(|language| language.name() == name)
}

/// A file of our own folders, such as `rust/tags.scm`.
pub(super) fn embedded_text(path: &str) -> Option<&'static str> {
    /// The files right in the folders, by their paths: a search in the embedded
    /// tree compares with every path in it.
    static TEXTS: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
        let files = GRAMMARS.dirs().flat_map(Dir::files);
        files.filter_map(|file| Some((file.path().to_str()?, file.contents_utf8()?))).collect()
    });
    TEXTS.get(path).copied()
}

/// The parser of that language of ours.
pub(super) fn compiled_in(language: &str) -> Option<tree_sitter::Language> {
    grammar(language)
}

/// `None` for a folder without a manifest, which holds queries that others
/// share. Panics on a broken one, like [`Language::compiled`].
fn embedded(folder: &'static Dir<'_>) -> Option<Language> {
    let place = format!("{}/language.toml", folder.path().display());
    let manifest = read_manifest(&place, embedded_text(&place)?);
    let language = manifest.map(|manifest| {
        let query_text = query_text(&manifest, &|path| embedded_text(path).map(str::to_string));
        let grammar = grammar(&manifest.name);
        Language { manifest, query_text, grammar, compiled: OnceLock::new(), user_hash: None }
    });
    Some(language.unwrap_or_else(|error| panic!("{error}")))
}

pub(super) fn read_manifest(place: &str, text: &str) -> Result<LanguageManifest, GrammarError> {
    let wrong = |why: String| GrammarError { place: place.to_string(), why };
    let manifest: LanguageManifest = toml::from_str(text).map_err(|error| wrong(error.to_string()))?;
    if manifest.embedded.is_none() && manifest.grammar.is_none() && manifest.library.is_none() {
        return Err(wrong("one of `grammar`, `library` and `[embedded]` is needed".to_string()));
    }
    Ok(manifest)
}

/// Its own queries, then those that it builds on: the earlier pattern counts.
pub(super) fn query_text(manifest: &LanguageManifest, text_of: &dyn Fn(&str) -> Option<String>) -> String {
    let folders = std::iter::once(&manifest.name).chain(&manifest.queries);
    let files = folders.flat_map(|folder| ["tags.scm", "imports.scm"].map(|name| format!("{folder}/{name}")));
    files.filter_map(|file| text_of(&file)).collect::<Vec<_>>().join("\n")
}

/// A fingerprint of all grammar folders, so that outlines made with other ones
/// are not taken for current. That of our own is made when waypost is built.
pub fn fingerprint() -> String {
    let mut hash = blake3::Hasher::new();
    hash.update(env!("GRAMMARS_FINGERPRINT").as_bytes());
    for of_user in languages().iter().filter_map(|language| language.user_hash) {
        hash.update(of_user.as_bytes());
    }
    hash.finalize().to_hex().to_string()
}

/// The language of a file by its name, its extension or, where these say
/// nothing, its first line; `None` too where its parser is not compiled in.
/// `head` may be any first part of the file.
pub fn language_of(path: &RelPath, head: &[u8]) -> Option<&'static Language> {
    known_language_of(path, head).filter(|language| language.is_compiled_in())
}

/// Whether the name of a file is enough to know its language.
pub fn is_told_by_name(path: &RelPath) -> bool {
    let claims = languages().iter().flat_map(|language| &language.manifest.claims);
    let is_claimed = claims.into_iter().any(|claim| claim.extension == path.extension());
    !is_claimed && (!path.extension().is_empty() || known_language_of(path, &[]).is_some())
}

/// Like [`language_of`], compiled in or not.
pub fn known_language_of(path: &RelPath, head: &[u8]) -> Option<&'static Language> {
    type ByKey = HashMap<&'static str, &'static Language>;
    struct Keys {
        filenames: ByKey,
        extensions: ByKey,
        shebangs: ByKey,
        /// Of `Dockerfile.*`, what stands before the dot.
        stems: ByKey,
        claims: HashMap<&'static str, Vec<(&'static [String], &'static Language)>>,
    }
    static KEYS: LazyLock<Keys> = LazyLock::new(|| Keys {
        filenames: keyed(|manifest| &manifest.filenames),
        extensions: keyed(|manifest| &manifest.extensions),
        shebangs: keyed(|manifest| &manifest.shebangs),
        stems: keyed(|manifest| &manifest.filenames)
            .into_iter()
            .filter_map(|(name, language)| Some((name.strip_suffix(".*")?, language)))
            .collect(),
        claims: {
            let mut claims: HashMap<_, Vec<_>> = HashMap::new();
            for language in languages() {
                for claim in &language.manifest.claims {
                    claims.entry(claim.extension.as_str()).or_default().push((&claim.lines[..], language));
                }
            }
            claims
        },
    });
    let extension = path.extension();
    if let Some(claims) = KEYS.claims.get(extension)
        && let Some((_, language)) = claims.iter().find(|(lines, _)| has_line(head, lines))
    {
        return Some(language);
    }
    let found = KEYS
        .filenames
        .get(path.name())
        .or_else(|| KEYS.extensions.get(extension))
        .or_else(|| KEYS.extensions.get(extension.to_lowercase().as_str()))
        .or_else(|| KEYS.stems.get(path.name().split('.').next().unwrap_or_default()));
    match found {
        Some(language) => Some(language),
        None => KEYS.shebangs.get(interpreter(head)?).copied(),
    }
}

/// A line of `text` begins with one of `starts`, behind white space.
fn has_line(text: &[u8], starts: &[String]) -> bool {
    text.split(|&byte| byte == b'\n').any(|line| {
        let line = line.trim_ascii_start();
        starts.iter().any(|start| line.starts_with(start.as_bytes()))
    })
}

fn keyed(
    keys: impl Fn(&'static LanguageManifest) -> &'static [String],
) -> HashMap<&'static str, &'static Language> {
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
            assert_eq!(language.compiled().is_some(), language.grammar.is_some());
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
    fn tests_are_known_by_name() {
        let check = |path: &str, expected: bool| {
            let path = RelPath::new(path).unwrap();
            let language = language_of(&path, b"").unwrap();
            assert_eq!(language.is_test(&path), expected, "{path}");
        };
        check("crates/core/tests.rs", true);
        check("crates/core/contests.rs", false);
        check("pkg/test_forms.py", true);
        check("pkg/forms.py", false);
    }

    #[test]
    fn what_has_a_language_is_code_but_for_data() {
        let check = |path: &str, by_name: Class, expected: Class| {
            let path = RelPath::new(path).unwrap();
            assert_eq!(language_of(&path, b"").unwrap().class(by_name, &path), expected, "{path}");
        };
        check("bin/setup.ksh", Class::Data, Class::Source);
        check("spec/a.bats", Class::Data, Class::Test);
        check("src/ParserSpec.kt", Class::Source, Class::Test);
        check("src/Parser.kt", Class::Source, Class::Source);
        check("docs/conf.py", Class::Doc, Class::Doc);
    }
}
