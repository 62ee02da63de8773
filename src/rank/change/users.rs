//! Which files use a declaration: resolved where imports decide, and by its name
//! alone otherwise, which is then said.
//!
//! Not here: the lines of the uses, and what became of the declaration.

use std::collections::BTreeSet;

use crate::model::{Class, File, Tree};
use crate::rank::names::is_index;

/// Other files that declare a name, at most, where a mention of it alone says
/// anything.
const MOST_OTHERS: usize = 6;

/// What tells that a file uses a declaration and not a namesake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum UseEvidence {
    /// It imports the file of the declaration, directly or through an index.
    Import,
    /// It belongs to the same package, whose files see each other.
    Package,
    /// Nothing else is declared by that name.
    OnlyOne,
    /// It mentions the name; which declaration is meant is not known.
    Name,
}

impl UseEvidence {
    /// The evidence in a word, as reports show it.
    pub fn name(self) -> &'static str {
        match self {
            UseEvidence::Import => "import",
            UseEvidence::Package => "package",
            UseEvidence::OnlyOne => "only declaration",
            UseEvidence::Name => "name",
        }
    }

    /// Whether it tells the declaration from namesakes.
    pub fn is_resolved(self) -> bool {
        self != UseEvidence::Name
    }
}

/// A file that uses a declaration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileUse {
    pub file: u32,
    pub evidence: UseEvidence,
}

/// A declaration whose users are asked for: as it is, or as it was.
#[derive(Clone, Copy, Debug)]
pub struct UsedSymbol<'a> {
    /// The file that declares it; `None` where that is gone.
    pub file: Option<u32>,
    pub name: &'a str,
    /// The type that it belongs to; methods are used through values of it.
    pub owner: Option<&'a str>,
}

/// The files that use a declaration, in the order of the tree; the file of the
/// declaration is not among them.
pub fn users(tree: &Tree, symbol: &UsedSymbol) -> Vec<FileUse> {
    let declaring = declaring(tree, symbol.name);
    let others = declaring.iter().filter(|file| Some(**file) != symbol.file).count();
    let all =
        (0..).zip(&tree.files).filter(|(at, file)| Some(*at) != symbol.file && mentions(file, symbol.name));
    let user = |(at, file): (u32, &File)| {
        let evidence = evidence(tree, symbol, at, file, others)?;
        // A file that declares the name itself means its own, unless it says more.
        let is_own = declaring.contains(&at) && evidence == UseEvidence::Name;
        (!is_own).then_some(FileUse { file: at, evidence })
    };
    all.filter_map(user).collect()
}

fn evidence(tree: &Tree, symbol: &UsedSymbol, at: u32, file: &File, others: usize) -> Option<UseEvidence> {
    // A method is not imported: whoever knows its type may call it.
    let knows_owner = symbol.owner.is_none_or(|owner| mentions(file, owner));
    if let Some(own) = symbol.file.filter(|_| knows_owner || others == 0) {
        if imports(tree, at, own) {
            return Some(UseEvidence::Import);
        }
        if is_one_package(&tree.files[own as usize], file) {
            return Some(UseEvidence::Package);
        }
    }
    if others == 0 {
        return Some(UseEvidence::OnlyOne);
    }
    // It gets the name from another file that declares it.
    let from_other = symbol.owner.is_none() && imports_other(tree, symbol, at);
    (!from_other && others <= MOST_OTHERS).then_some(UseEvidence::Name)
}

fn mentions(file: &File, name: &str) -> bool {
    let references = &file.content().outline.references;
    references.binary_search_by(|(known, _)| known.as_str().cmp(name)).is_ok() || imports_name(file, name)
}

fn imports_name(file: &File, name: &str) -> bool {
    file.content()
        .outline
        .imports
        .iter()
        .any(|import| import.names.iter().any(|known| known.as_str() == name))
}

/// Directly, or through a file that stands for its folder and imports it.
fn imports(tree: &Tree, from: u32, to: u32) -> bool {
    let of = |file: u32| tree.imports.get(file as usize).map_or(&[][..], Vec::as_slice);
    let is_index = |file: &u32| is_index(&tree.files[*file as usize].facts.path);
    let direct = of(from);
    direct.binary_search(&to).is_ok()
        || direct.iter().filter(|file| is_index(file)).any(|file| of(*file).binary_search(&to).is_ok())
}

fn imports_other(tree: &Tree, symbol: &UsedSymbol, at: u32) -> bool {
    let imported = tree.imports.get(at as usize).map_or(&[][..], Vec::as_slice);
    imported
        .iter()
        .any(|file| Some(*file) != symbol.file && declares(&tree.files[*file as usize], symbol.name))
}

fn declares(file: &File, name: &str) -> bool {
    file.content().outline.symbols.iter().any(|symbol| symbol.name.as_str() == name)
}

/// The source files that declare a name.
fn declaring(tree: &Tree, name: &str) -> BTreeSet<u32> {
    let code = |file: &File| matches!(file.facts.class, Class::Source | Class::Test);
    (0..).zip(&tree.files).filter(|(_, file)| code(file) && declares(file, name)).map(|(at, _)| at).collect()
}

/// Files of one folder of Go, or one package of the languages of the JVM and of C#,
/// see each other without an import.
fn is_one_package(a: &File, b: &File) -> bool {
    if a.facts.language != b.facts.language {
        return false;
    }
    let package = |file: &File| file.content().outline.package.clone();
    match a.facts.language {
        Some("go") => a.facts.path.parent() == b.facts.path.parent(),
        Some("java" | "kotlin" | "scala" | "csharp" | "c-sharp" | "php") => {
            !package(a).is_empty() && package(a) == package(b)
        }
        Some("swift") => true,
        _ => false,
    }
}
