//! Which other files must be read before the imports of one file can be
//! resolved: those whose text may declare what it asks for.
//!
//! Texts are searched for words and nothing is parsed, so the answer costs
//! little more than reading. It may name a file too many, which costs time.
//!
//! Not here: resolving, which sees the outlines of these files and the paths
//! of all others.

use std::collections::HashSet;

use super::{FileTree, ImportSource, csharp, go, rust, swift};
use crate::model::{Import, RelPath, SafeText, SymbolKind};

/// Those of the files, given by index, whose text passes the test.
pub type Search<'s> = dyn Fn(&[u32], &(dyn Fn(&str) -> bool + Sync)) -> Vec<u32> + 's;

/// What one file asks of the others of its language.
pub(super) struct Question<'q> {
    pub tree: &'q FileTree<'q>,
    /// The file that imports.
    pub own: u32,
    /// The files whose imports are resolved in the same way, without it.
    others: Vec<u32>,
    search: &'q Search<'q>,
}

/// Which files a strategy has to see beside the importing one, by the outlines
/// read so far.
pub(super) type Needs = fn(&Question<'_>) -> Vec<u32>;

/// The files, by index, that [`super::resolve`] must see to tell what the one
/// at `own` imports. `files` have outlines where they were read, so that the
/// answer may grow with what a file that was read leads to: ask again until
/// nothing new comes.
pub fn needed(
    files: &[ImportSource<'_>],
    own: u32,
    text_of: &dyn Fn(&RelPath) -> Option<SafeText>,
    search: &Search<'_>,
) -> Vec<u32> {
    let tree = FileTree::new(files, text_of);
    let Some(strategy) = super::strategy_of(files[own as usize].language) else { return Vec::new() };
    let Some(needs) = strategy.needs else { return Vec::new() };
    let is_other = |file: &u32| {
        let language = files[*file as usize].language;
        *file != own && super::strategy_of(language).is_some_and(|other| other.name == strategy.name)
    };
    let others = (0..files.len() as u32).filter(is_other).collect();
    needs(&Question { tree: &tree, own, others, search })
}

impl<'q> Question<'q> {
    fn imports(&self) -> &'q [Import] {
        &self.tree.file(self.own).outline.imports
    }

    fn references(&self) -> impl Iterator<Item = &'q str> {
        self.tree.file(self.own).outline.references.iter().map(|(name, _)| name.as_str())
    }

    fn search(&self, passes: impl Fn(&str) -> bool + Sync) -> Vec<u32> {
        (self.search)(&self.others, &passes)
    }

    fn by_path(&self, passes: impl Fn(&RelPath) -> bool) -> impl Iterator<Item = u32> {
        self.others.iter().copied().filter(move |&file| passes(self.tree.file(file).path))
    }
}

/// Files of the namespaces that are used, where they may declare a name that
/// is used; then those with a member named like an extension method of these.
pub(super) fn by_namespace(question: &Question<'_>) -> Vec<u32> {
    const KEYWORDS: &[&str] = &["class", "struct", "interface", "enum", "record"];
    let own = question.tree.file(question.own).outline;
    let modules = question.imports().iter().map(|import| import.module.as_str());
    let modules: Vec<&str> = modules.map(|module| module.trim_start_matches("global::")).collect();
    let outer = modules.iter().filter_map(|module| module.rsplit_once('.'));
    let attributes = csharp::attributes(own);
    let mut names: HashSet<&str> = question.references().collect();
    names.extend(attributes.iter().map(String::as_str));
    names.extend(outer.clone().map(|(_, name)| name.split('<').next().unwrap_or(name)));
    let packages: Vec<&str> = modules.iter().copied().chain(outer.map(|(outer, _)| outer)).collect();
    let mut files = question.search(|text| {
        is_in_package(text, "namespace", &packages)
            && (declares(text, KEYWORDS, &names)
                || ((text.contains("(this ") || text.contains("delegate")) && mentions(text, &names)))
    });
    let read = question.others.iter().map(|&file| question.tree.file(file).outline);
    let imported = read.filter(|outline| modules.contains(&outline.package.as_str()));
    let extensions = imported.flat_map(|outline| &outline.symbols);
    let extensions = extensions.filter(|symbol| csharp::is_extension_method(symbol));
    let extensions: HashSet<&str> =
        extensions.map(|symbol| symbol.name.as_str()).filter(|name| names.contains(name)).collect();
    if !extensions.is_empty() {
        files.extend(question.search(|text| stands_alone(text, &extensions)));
    }
    files
}

/// Files of the packages, and the classes, that imports name.
pub(super) fn by_package(question: &Question<'_>) -> Vec<u32> {
    const KEYWORDS: &[&str] = &["class", "interface", "enum", "record"];
    let imports = question.imports();
    let mut names: HashSet<&str> = HashSet::new();
    for import in imports {
        names.extend(import.module.as_str().split('.'));
        names.extend(import.names.iter().map(SafeText::as_str));
    }
    if names.contains("*") || names.contains("_") {
        names.extend(question.references());
    }
    let packages: Vec<&str> = imports.iter().map(|import| import.module.as_str()).collect();
    let tree = question.tree;
    let (java, other): (Vec<u32>, Vec<u32>) =
        question.others.iter().partition(|&&file| tree.file(file).language == Some("java"));
    let is_near = |text: &str| is_in_package(text, "package", &packages);
    let mut files = (question.search)(&java, &|text: &str| is_near(text) && declares(text, KEYWORDS, &names));
    files.extend((question.search)(&other, &|text: &str| is_near(text) && mentions(text, &names)));
    // One that only its path is known of would stand for a class of its name.
    files.extend(question.by_path(|path| names.contains(path.stem())));
    files
}

/// Files that declare a class, function or constant that is imported.
pub(super) fn by_class(question: &Question<'_>) -> Vec<u32> {
    const KEYWORDS: &[&str] = &["class", "interface", "trait", "enum", "function", "const", "define"];
    let imports = question.imports();
    let of_modules = imports.iter().filter_map(|import| import.module.as_str().rsplit('\\').next());
    let of_names = imports.iter().flat_map(|import| &import.names).map(SafeText::as_str);
    let names: HashSet<&str> = of_modules.chain(of_names).collect();
    question.search(|text| declares(text, KEYWORDS, &names))
}

/// Files of the folders that imports mean.
pub(super) fn by_folder(question: &Question<'_>) -> Vec<u32> {
    let modules = go::modules(question.tree);
    let imports = question.imports().iter();
    let folders: HashSet<String> =
        imports.filter_map(|import| go::folder_of(&modules, import.module.as_str())).collect();
    question.by_path(|path| folders.contains(path.parent())).collect()
}

/// Files of the modules that are imported, where they declare what is used.
pub(super) fn by_target(question: &Question<'_>) -> Vec<u32> {
    const KEYWORDS: &[&str] =
        &["class", "struct", "enum", "protocol", "actor", "func", "var", "let", "typealias", "macro"];
    let folders = swift::target_folders(question.tree);
    let imports = question.imports().iter().map(|import| import.module.as_str());
    let modules: HashSet<&str> = imports.clone().map(|path| path.split('.').next().unwrap_or(path)).collect();
    let symbols = question.tree.file(question.own).outline.symbols.iter();
    let extended = symbols.filter(|symbol| symbol.kind == SymbolKind::Impl);
    let mut names: HashSet<&str> = question.references().collect();
    names.extend(extended.map(|symbol| symbol.name.as_str()));
    names.extend(imports.filter_map(|path| path.split_once('.')).map(|(_, name)| name));
    let is_imported = |path: &RelPath| {
        swift::module_of(&folders, path.as_str()).is_some_and(|module| modules.contains(module.as_str()))
    };
    let files: Vec<u32> = question.by_path(is_imported).collect();
    (question.search)(&files, &|text: &str| declares(text, KEYWORDS, &names))
}

/// The modules around the file and those that its imports name, each with the
/// file that declares it; and what they import under a name that is asked for.
pub(super) fn by_module(question: &Question<'_>) -> Vec<u32> {
    let tree = question.tree;
    let names = names_of_modules(question);
    let is_named = |path: &RelPath| {
        let name = if path.name() == "mod.rs" { path.parent().rsplit('/').next() } else { Some(path.stem()) };
        name.is_some_and(|name| names.contains(name))
    };
    let mut files: Vec<u32> = question.by_path(is_named).collect();
    files.extend(rust::libraries_named(tree, &names));
    files.extend(question.search(|text| text.contains("#[path") || declares_module(text, &names)));
    files.retain(|&file| file != question.own);
    files
}

/// Names on the way to the file, in its imports, and in those imports of files
/// read already that bring one of these names.
fn names_of_modules<'q>(question: &Question<'q>) -> HashSet<&'q str> {
    let tree = question.tree;
    let own = tree.file(question.own);
    let mut names: HashSet<&str> = own.path.parent().split('/').chain([own.path.stem()]).collect();
    for import in &own.outline.imports {
        names.extend(import.module.as_str().split("::"));
        names.extend(import.names.iter().map(SafeText::as_str));
    }
    let mut imports: Vec<&Import> =
        question.others.iter().flat_map(|&file| &tree.file(file).outline.imports).collect();
    loop {
        let before = imports.len();
        imports.retain(|import| {
            let is_asked = import.names.iter().any(|name| names.contains(name.as_str()));
            if is_asked {
                names.extend(import.module.as_str().split("::"));
            }
            !is_asked
        });
        if imports.len() == before {
            return names;
        }
    }
}

/// Whether it holds `mod name;`.
fn declares_module(text: &str, names: &HashSet<&str>) -> bool {
    text.match_indices("mod ").any(|(at, keyword)| {
        let rest = text[at + keyword.len()..].trim_start();
        let rest = rest.strip_prefix("r#").unwrap_or(rest);
        let end = rest.bytes().position(|byte| !is_of_word(byte)).unwrap_or(rest.len());
        names.contains(&rest[..end]) && rest[end..].trim_start().starts_with(';')
    })
}

/// Whether it says to be of one of the packages, of one around, or of a part
/// of one, since packages may be written inside each other.
fn is_in_package(text: &str, keyword: &str, packages: &[&str]) -> bool {
    text.match_indices(keyword).any(|(at, _)| {
        let rest = text[at + keyword.len()..].trim_start();
        let rest = rest.strip_prefix("object ").unwrap_or(rest);
        let end = rest.bytes().position(|byte| !is_of_word(byte) && byte != b'.' && byte != b'`');
        let name = rest[..end.unwrap_or(rest.len())].replace('`', "");
        !name.is_empty() && packages.iter().any(|package| has_part(package, &name))
    })
}

/// Whether `b.c` is in `a.b.c.d`.
fn has_part(path: &str, part: &str) -> bool {
    path.match_indices(part).any(|(at, _)| {
        let (before, behind) = (&path[..at], &path[at + part.len()..]);
        (before.is_empty() || before.ends_with('.')) && (behind.is_empty() || behind.starts_with('.'))
    })
}

/// Whether one of the names stands behind one of the keywords.
fn declares(text: &str, keywords: &[&str], names: &HashSet<&str>) -> bool {
    let mut before = "";
    words(text).any(|(_, word)| {
        let is_declared = keywords.contains(&before) && names.contains(word);
        before = word;
        is_declared
    })
}

fn mentions(text: &str, names: &HashSet<&str>) -> bool {
    words(text).any(|(_, word)| names.contains(word))
}

/// Whether one of the names stands where it is no member of something.
fn stands_alone(text: &str, names: &HashSet<&str>) -> bool {
    words(text).any(|(at, word)| names.contains(word) && !text[..at].ends_with('.'))
}

/// Words with their places.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let bytes = text.as_bytes();
        let start = at + bytes[at..].iter().position(|&byte| is_of_word(byte))?;
        let end = bytes[start..].iter().position(|&byte| !is_of_word(byte));
        at = end.map_or(bytes.len(), |length| start + length);
        Some((start, &text[start..at]))
    })
}

/// Letters beyond ASCII count as such, byte by byte.
fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}
