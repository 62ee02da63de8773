//! From the root to a tree: each file read, redacted and extracted at most
//! once for its content, whatever its path.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use super::{Context, PipelineError, Result, Time};
use crate::model::{
    Commit, Content, ContentHash, File, FileFacts, History, Outline, ProjectFacts, RelPath, SafeText,
    Skipped, Tree, Unparsed,
};
use crate::redact::Redactor;
use crate::store::{Remembered, Store};
use crate::{extract, git, limits, walk};

/// The tree as it is now, with everything known about it.
pub struct Reading {
    pub tree: Tree,
    /// Asked for by [`Reading::facts`]: not every command tells of them.
    facts: OnceLock<ProjectFacts>,
    /// For people.
    pub warnings: Vec<String>,
    /// Folders that a watcher watches, `""` for the root.
    pub folders: Vec<String>,
    /// Contents that the store does not hold.
    pub new_contents: Vec<(ContentHash, &'static str, Arc<Content>)>,
    /// When reading began: a younger stamp cannot be trusted.
    pub began: Time,
}

impl Reading {
    /// What the project says of itself.
    pub fn facts(&self, context: &Context) -> Result<&ProjectFacts> {
        if let Some(known) = self.facts.get() {
            return Ok(known);
        }
        let root = open_root(context)?;
        let paths: Vec<&RelPath> = self.tree.files.iter().map(|file| &file.facts.path).collect();
        let facts = extract::project::facts(&paths, &|path| text_of(context, &root, &self.tree, path));
        Ok(self.facts.get_or_init(|| facts))
    }
}

/// Reads the whole tree, at the cost of what changed since the store saw it.
pub fn read(context: &Context, store: Option<&Store>) -> Result<Reading> {
    let began = (context.clock)();
    let root = open_root(context)?;
    // The disk and the database are asked at the same time.
    let (walked, known) = std::thread::scope(|scope| {
        let walking = scope.spawn(|| walk::files(&root, &walk_rules(context)));
        let known = Known::load(context, store);
        (walking.join().expect("the walk reports its errors"), known)
    });
    let known = known?;
    let reader = Reader { context, root: &root, known: &known };
    let mut skipped = walked.skipped;
    let (found, named_by_secret): (Vec<_>, Vec<_>) =
        walked.files.into_iter().partition(|found| is_safe_path(context, &found.path));
    skipped.extend(named_by_secret.into_iter().map(|found| Skipped {
        path: context.redactor.name(found.path.as_str()).to_string(),
        reason: "a secret in its name".to_string(),
    }));
    context.progress.begin("reading", found.len());
    let read = found.par_iter().map(|found| reader.file(found)).collect::<Result<Vec<_>>>();
    context.progress.end();
    let read = read?;
    let mut files = Vec::with_capacity(read.len());
    let mut new: BTreeMap<(ContentHash, &'static str), Arc<Content>> = BTreeMap::new();
    for outcome in read {
        match outcome {
            Ok((facts, content)) => {
                new.extend(content.map(|content| (key_of(&facts), Arc::new(content))));
                files.push(facts);
            }
            Err(unread) => skipped.push(unread),
        }
    }
    let tree = assemble(context, &root, store, &known, files, skipped, &new)?;
    let told = |content: &Content| content.unparsed != Some(Unparsed::Unfinished);
    let new = new.into_iter().filter(|(_, content)| told(content));
    let new_contents = new.map(|((hash, language), content)| (hash, language, content)).collect();
    Ok(Reading {
        tree,
        facts: OnceLock::new(),
        warnings: walked.warnings,
        folders: walked.directories,
        new_contents,
        began,
    })
}

/// A path that holds a secret goes nowhere: not into the store, not onto a page.
pub(super) fn is_safe_path(context: &Context, path: &RelPath) -> bool {
    is_safe(&context.redactor, path)
}

pub(super) fn is_safe(redactor: &Redactor, path: &RelPath) -> bool {
    redactor.name(path.as_str()).as_str() == path.as_str()
}

pub(super) fn open_root(context: &Context) -> Result<walk::Root> {
    let root = &context.project.root;
    walk::Root::open(root).map_err(|source| PipelineError::Root { root: root.display().to_string(), source })
}

fn walk_rules(context: &Context) -> walk::Rules {
    let repository = context.repository.as_ref().map(|repository| {
        let index = repository.tracked().unwrap_or_default();
        walk::Repository {
            top: repository.top.clone(),
            prefix: repository.prefix.clone(),
            exclude_files: repository.exclude_files.clone(),
            ignore_case: repository.ignore_case,
            tracked: index.files.into_iter().map(|tracked| tracked.path).collect(),
            submodules: index.submodules,
        }
    });
    walk::Rules {
        include: context.settings.list("include").to_vec(),
        exclude: context.settings.list("exclude").to_vec(),
        repository,
    }
}

/// What identifies everything that is made from a text: a new version of
/// waypost, a grammar or a pattern makes it anew.
pub(super) fn extractor(context: &Context) -> String {
    let mut hash = blake3::Hasher::new();
    hash.update(env!("CARGO_PKG_VERSION").as_bytes());
    hash.update(extract::fingerprint().as_bytes());
    for pattern in context.settings.list("redact_patterns") {
        hash.update(pattern.as_bytes()).update(&[0]);
    }
    hash.finalize().to_hex()[..16].to_string()
}

fn key_of(facts: &FileFacts) -> (ContentHash, &'static str) {
    (facts.hash, facts.language.unwrap_or_default())
}

/// What the store knows before anything is read.
#[derive(Default)]
struct Known {
    remembered: HashMap<RelPath, Remembered>,
    /// Of all contents that need not be made anew.
    keys: HashSet<(ContentHash, String)>,
    /// Those of the remembered files.
    contents: HashMap<(ContentHash, &'static str), Arc<Content>>,
}

impl Known {
    fn load(context: &Context, store: Option<&Store>) -> Result<Self> {
        let Some(store) = store else { return Ok(Self::default()) };
        let extractor = extractor(context);
        let remembered = store.remembered()?;
        let wanted = remembered.values().map(|known| known.hash).collect();
        let stored = store.encoded_contents(&wanted, &extractor)?;
        // A content that cannot be decoded is made again.
        let decoded = stored.par_iter().filter_map(|stored| {
            let language = match stored.language.as_str() {
                "" => "",
                name => extract::language_named(name)?.name(),
            };
            Some(((stored.hash, language), Arc::new(stored.decode()?)))
        });
        let contents: HashMap<_, _> = decoded.collect();
        let mut keys = store.content_keys(&extractor)?;
        for damaged in stored.into_iter().filter(|s| !contents.contains_key(&(s.hash, s.language.as_str()))) {
            keys.remove(&(damaged.hash, damaged.language));
        }
        Ok(Self { remembered, keys, contents })
    }
}

/// A file, and what was made of its text if the store does not know it.
type Read = (FileFacts, Option<Content>);

/// Reads single files, or does not where the store remembers them.
struct Reader<'a> {
    context: &'a Context,
    root: &'a walk::Root,
    known: &'a Known,
}

impl Reader<'_> {
    fn file(&self, found: &walk::Found) -> Result<std::result::Result<Read, Skipped>> {
        self.context.progress.step();
        if let Some(facts) = self.unchanged(found) {
            return Ok(Ok((facts, None)));
        }
        let read = match walk::read(self.root, found, self.context.settings.number("max_file_size")) {
            Ok(read) => read,
            Err(skipped) => return Ok(Err(skipped)),
        };
        let head = read.text.as_deref().unwrap_or_default();
        let language = extract::language_of(&found.path, head);
        let facts = FileFacts {
            path: found.path.clone(),
            stamp: read.stamp,
            hash: read.hash,
            class: read.class,
            language: language.map(extract::Language::name),
        };
        let (hash, name) = key_of(&facts);
        let content = match read.text {
            Some(text) if !self.has(hash, name) => {
                let source = self.context.redactor.text(&walk::decode(&text));
                Some(self.context.parsers.content(language, &source)?)
            }
            _ => None,
        };
        Ok(Ok((facts, content)))
    }

    fn has(&self, hash: ContentHash, language: &'static str) -> bool {
        self.known.contents.contains_key(&(hash, language))
            || self.known.keys.contains(&(hash, language.to_string()))
    }

    /// The remembered facts of a file whose stamp did not change.
    fn unchanged(&self, found: &walk::Found) -> Option<FileFacts> {
        let known = self.known.remembered.get(&found.path).filter(|known| known.stamp == found.stamp)?;
        let language = match &known.language {
            Some(name) => Some(extract::language_named(name)?.name()),
            None => None,
        };
        let path = found.path.clone();
        let facts = FileFacts { path, stamp: known.stamp, hash: known.hash, class: known.class, language };
        let (hash, name) = key_of(&facts);
        let complete = !facts.class.is_read() || self.has(hash, name);
        complete.then_some(facts)
    }
}

fn assemble(
    context: &Context,
    root: &walk::Root,
    store: Option<&Store>,
    known: &Known,
    facts: Vec<FileFacts>,
    mut skipped: Vec<Skipped>,
    new: &BTreeMap<(ContentHash, &'static str), Arc<Content>>,
) -> Result<Tree> {
    let is_loaded = |key: &_| new.contains_key(key) || known.contents.contains_key(key);
    let other: Vec<_> =
        facts.iter().filter(|f| f.class.is_read()).map(key_of).filter(|key| !is_loaded(key)).collect();
    let other = match store {
        Some(store) if !other.is_empty() => store.contents(&other, &extractor(context))?,
        _ => HashMap::new(),
    };
    let other: HashMap<_, _> = other.into_iter().map(|(key, content)| (key, Arc::new(content))).collect();
    let of_key = |key| new.get(&key).or_else(|| known.contents.get(&key)).or_else(|| other.get(&key));
    let nothing = Arc::new(Content::default());
    let files: Vec<File> = facts
        .into_iter()
        .map(|facts| {
            let content = match facts.class.is_read() {
                true => of_key(key_of(&facts)).unwrap_or(&nothing),
                false => &nothing,
            };
            File { content: content.clone(), facts }
        })
        .collect();
    for file in &files {
        let path = || file.facts.path.to_string();
        let unread = file.facts.class.reason().map(str::to_string);
        let reason = unread.or_else(|| file.content.unparsed.map(|unparsed: Unparsed| unparsed.to_string()));
        skipped.extend(reason.map(|reason| Skipped { path: path(), reason }));
    }
    skipped.sort();
    let mut tree = Tree { files, skipped, imports: Vec::new() };
    tree.imports = {
        let sources: Vec<_> = tree.files.iter().map(import_source).collect();
        extract::imports::resolve(&sources, &|path| text_of(context, root, &tree, path))
    };
    Ok(tree)
}

pub(super) fn import_source(file: &File) -> extract::imports::Source<'_> {
    extract::imports::Source {
        path: &file.facts.path,
        language: file.facts.language,
        outline: &file.content.outline,
    }
}

/// The redacted text of a file that is read; `None` for every other.
pub(super) fn text_of(context: &Context, root: &walk::Root, tree: &Tree, path: &RelPath) -> Option<SafeText> {
    let file = &tree.files[tree.index_of(path)? as usize];
    text_of_found(context, root, &walk::Found { path: path.clone(), stamp: file.facts.stamp })
}

fn text_of_found(context: &Context, root: &walk::Root, found: &walk::Found) -> Option<SafeText> {
    let text = walk::read(root, found, context.settings.number("max_file_size")).ok()?.text?;
    Some(context.redactor.text(&walk::decode(&text)))
}

/// What git's history says, from the store where it knows this head.
pub fn history(context: &Context, store: Option<&Store>) -> (Option<String>, History) {
    let Some(repository) = &context.repository else { return Default::default() };
    let Some(head) = repository.head().commit else { return Default::default() };
    if let Some(known) = store.and_then(|store| store.history(&head).ok().flatten()) {
        return (Some(head), known);
    }
    let commits = repository.history(limits::MAX_COMMITS).unwrap_or_default();
    let commits = commits.into_iter().map(|raw| safe_commit(&context.redactor, raw));
    (Some(head), History { commits: commits.collect(), shallow: repository.shallow })
}

pub(super) fn safe_commit(redactor: &Redactor, raw: git::RawCommit) -> Commit {
    Commit {
        subject: redactor.line(&raw.subject),
        body: redactor.text(&raw.body),
        paths: raw.paths.into_iter().filter(|path| is_safe(redactor, path)).collect(),
    }
}

/// One file and the files that it imports.
pub struct Outlined {
    pub file: File,
    pub imports: Vec<RelPath>,
}

/// One file of the project with its outline. Of the others only the paths are
/// looked at, to resolve imports.
pub fn outline(context: &Context, path: &RelPath) -> Result<Outlined> {
    let root = open_root(context)?;
    let no_file = |why: &str| PipelineError::NoFile { path: path.clone(), why: why.to_string() };
    let walked = walk::files(&root, &walk_rules(context));
    let Ok(own) = walked.files.binary_search_by(|found| found.path.cmp(path)) else {
        let skipped = walked.skipped.iter().find(|skipped| skipped.path == path.as_str());
        let exists = std::fs::symlink_metadata(context.project.root.join(path.as_str())).is_ok();
        let why = if exists { "ignored, so it is not among the project's files" } else { "no such file" };
        return Err(no_file(skipped.map_or(why, |skipped| &skipped.reason)));
    };
    let reader = Reader { context, root: &root, known: &Known::default() };
    let read = reader.file(&walked.files[own])?;
    let (facts, content) = read.map_err(|skipped| no_file(&skipped.reason))?;
    let file = File { facts, content: Arc::new(content.unwrap_or_default()) };
    let unknown = Outline::default();
    let mut sources = Vec::with_capacity(walked.files.len());
    for (at, found) in walked.files.iter().enumerate() {
        let outline = if at == own { &file.content.outline } else { &unknown };
        let language = extract::language_of(&found.path, &[]).map(extract::Language::name);
        sources.push(extract::imports::Source { path: &found.path, language, outline });
    }
    let targets = extract::imports::resolve(&sources, &|path| {
        let at = walked.files.binary_search_by(|found| found.path.cmp(path)).ok()?;
        text_of_found(context, &root, &walked.files[at])
    });
    let imports = targets[own].iter().map(|target| walked.files[*target as usize].path.clone()).collect();
    Ok(Outlined { file, imports })
}

/// A language, and how many files of it the project has.
pub struct LanguageCount {
    pub name: &'static str,
    /// 1: outline, references and imports; 2: an outline.
    pub tier: u8,
    pub compiled_in: bool,
    /// From the user's settings.
    pub of_user: bool,
    pub files: usize,
    pub extensions: &'static [String],
    pub filenames: &'static [String],
}

/// All languages, by tier and name, with their files in the project.
pub fn languages(context: &Context) -> Result<Vec<LanguageCount>> {
    let root = open_root(context)?;
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for found in walk::files(&root, &walk_rules(context)).files {
        // Only a name that says nothing, or says too much, asks for the text.
        let language = match extract::is_told_by_name(&found.path) {
            true => extract::known_language_of(&found.path, &[]),
            false => {
                let read = walk::read(&root, &found, context.settings.number("max_file_size"));
                let text = read.ok().and_then(|read| read.text).unwrap_or_default();
                extract::known_language_of(&found.path, &text)
            }
        };
        if let Some(language) = language {
            *counts.entry(language.name()).or_default() += 1;
        }
    }
    let counted = extract::languages().iter().map(|language| LanguageCount {
        name: language.name(),
        tier: language.tier().number(),
        compiled_in: language.is_compiled_in(),
        of_user: language.is_of_user(),
        files: counts.get(language.name()).copied().unwrap_or(0),
        extensions: language.extensions(),
        filenames: language.filenames(),
    });
    let mut languages: Vec<LanguageCount> = counted.collect();
    languages.sort_by_key(|language| (language.tier, language.name));
    Ok(languages)
}
