//! What a change does to those who use what it touches: declarations that are
//! gone, hidden, declared otherwise, added or edited, with the lines that use them.
//!
//! Not here: which files use a declaration (`rank::change`), and what became of it
//! (`compare::fates`).

use std::collections::HashMap;
use std::sync::Arc;

use super::answer::TextCache;
use super::{Context, Reading, Result};
use crate::compare::fates::{FateKind, SymbolFate, fates, is_public};
use crate::model::{
    Class, Content, ContentHash, Diff, DiffFile, DiffStatus, Outline, RelPath, SafeText, Symbol, SymbolKind,
};
use crate::rank::change::{self, FileUse, UsedSymbol};
use crate::{extract, rank_terms, walk};

pub use crate::rank::change::UseEvidence;

/// Files whose declarations are compared, and bytes of them before the change.
const MOST_FILES: usize = 400;
const MOST_BYTES: usize = 64_000_000;

/// Declarations whose users are looked for.
const MOST_ASKED: usize = 200;

/// Characters of a signature and of a line that uses a declaration.
const SIGNATURE: usize = 120;
const LINE: usize = 110;

/// How much is told of each declaration.
#[derive(Clone, Copy, Debug)]
pub struct ImpactBounds {
    /// Lines that use it.
    pub lines: usize,
    /// Whether users are looked for at all.
    pub with_users: bool,
    /// Whether declarations that nobody sees outside are told too.
    pub with_private: bool,
}

/// A declaration that the change touches.
#[derive(Clone, Debug)]
pub struct SymbolImpact {
    pub path: RelPath,
    /// Qualified.
    pub name: SafeText,
    pub kind: SymbolKind,
    pub fate: FateKind,
    pub public: bool,
    pub before: Option<SafeText>,
    pub after: Option<SafeText>,
    /// Where it stands now.
    pub line: Option<u32>,
    /// The file that it moved to.
    pub moved_to: Option<RelPath>,
    /// Lines that use it, the resolved ones first.
    pub users: Vec<UserLine>,
    /// Files that use it.
    pub files: usize,
    /// The type that it belongs to.
    owner: Option<SafeText>,
}

/// A line that uses a declaration.
#[derive(Clone, Debug)]
pub struct UserLine {
    pub path: RelPath,
    pub line: u32,
    pub text: SafeText,
    pub evidence: UseEvidence,
    pub is_test: bool,
}

/// The declarations that a change touches, what breaks others first.
pub fn impact(
    context: &Context,
    reading: &Reading,
    diff: &Diff,
    bounds: ImpactBounds,
) -> Result<Vec<SymbolImpact>> {
    let before = contents_before(context, reading, diff)?;
    let mut found: Vec<SymbolImpact> = Vec::new();
    for file in diff.files.iter().take(MOST_FILES).filter(|file| is_code(reading, file)) {
        let old = before.get(&file.path).cloned().unwrap_or_default();
        let at = reading.tree.index_of(&file.path);
        let new = at.map(|at| reading.tree.files[at as usize].content().clone()).unwrap_or_default();
        found.extend(of_file(file, &old.outline, &new.outline, bounds.with_private));
    }
    pair_moved(&mut found);
    let order = |one: &SymbolImpact| (!(one.public && one.fate.is_breaking()), one.fate);
    found.sort_by(|a, b| order(a).cmp(&order(b)).then(a.path.cmp(&b.path)).then(a.line.cmp(&b.line)));
    if bounds.with_users {
        reading.load();
        let texts = TextCache::new(context, &reading.tree)?;
        for symbol in found.iter_mut().filter(|symbol| symbol.fate != FateKind::Added).take(MOST_ASKED) {
            add_users(reading, &texts, symbol, bounds.lines);
        }
    }
    found.sort_by(|a, b| {
        (order(a), a.files == 0)
            .cmp(&(order(b), b.files == 0))
            .then(a.path.cmp(&b.path))
            .then(a.line.cmp(&b.line))
    });
    Ok(found)
}

/// A file that names what the change takes away, so that it must change too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StrandedFile {
    /// Index in the tree.
    pub file: u32,
    /// The name that is gone from under it.
    pub name: SafeText,
}

/// The files that use public declarations which the change removes or hides, in the order of
/// the tree: only where an import or the package tells which declaration they mean. That nothing
/// else has the name is not enough, since it may be a library's too. `touched` is what [`impact`]
/// found.
pub fn stranded(reading: &Reading, touched: &[SymbolImpact]) -> Vec<StrandedFile> {
    let gone = touched.iter().filter(|symbol| symbol.public && symbol.is_gone());
    let mut found: Vec<StrandedFile> = Vec::new();
    for symbol in gone.take(MOST_ASKED) {
        let is_sure = |user: &FileUse| matches!(user.evidence, UseEvidence::Import | UseEvidence::Package);
        for user in users(reading, symbol).into_iter().filter(is_sure) {
            if found.iter().all(|known| known.file != user.file) {
                found.push(StrandedFile { file: user.file, name: symbol.last_name() });
            }
        }
    }
    found.sort_by_key(|stranded| stranded.file);
    found
}

impl SymbolImpact {
    fn is_gone(&self) -> bool {
        matches!(self.fate, FateKind::Removed | FateKind::Hidden)
    }

    fn last_name(&self) -> SafeText {
        self.name.part(self.name.as_str().rsplit('.').next().unwrap_or_default())
    }
}

/// The declarations of a name (`name`, `Type.name`, `path#name`), as they are, with
/// the lines that use them.
pub fn symbol_impact(
    context: &Context,
    reading: &Reading,
    name: &str,
    lines: usize,
) -> Result<Vec<SymbolImpact>> {
    let (path, name) = match name.split_once('#') {
        Some((path, name)) => (Some(path), name),
        None => (None, name),
    };
    let name = name.replace("::", ".");
    reading.load();
    let mut found: Vec<SymbolImpact> = Vec::new();
    for file in &reading.tree.files {
        if path.is_some_and(|path| file.facts.path.as_str() != path) || !file.facts.class.is_read() {
            continue;
        }
        let content = file.content();
        let outline = &content.outline;
        for (at, symbol) in outline.symbols.iter().enumerate().filter(|(_, symbol)| is_told(symbol)) {
            let whole = outline.qualified_name(at);
            let is_asked = symbol.name.as_str() == name || ends_with_parts(whole.as_str(), &name);
            if is_asked {
                let fate = SymbolFate { fate: FateKind::Same, old: None, new: Some(at) };
                found.push(told(&file.facts.path, fate, outline, outline));
            }
        }
    }
    let texts = TextCache::new(context, &reading.tree)?;
    found.iter_mut().for_each(|symbol| add_users(reading, &texts, symbol, lines));
    found.sort_by(|a, b| b.public.cmp(&a.public).then(b.files.cmp(&a.files)).then(a.path.cmp(&b.path)));
    Ok(found)
}

/// Declarations of a name like this one, for whoever mistyped it.
pub fn similar_names(reading: &Reading, name: &str, most: usize) -> Vec<SafeText> {
    let last = name.rsplit(['.', ':', '#']).next().unwrap_or(name);
    let wanted = last.to_lowercase().replace('_', "");
    let mut found: Vec<(usize, SafeText)> = Vec::new();
    for file in reading.tree.files.iter().filter(|file| file.facts.class == Class::Source) {
        for symbol in file.content().outline.symbols.iter().filter(|symbol| is_told(symbol)) {
            let plain = symbol.name.as_str().to_lowercase().replace('_', "");
            let far = strsim::osa_distance(&wanted, &plain);
            if far <= 1 + wanted.len() / 5 && found.iter().all(|(_, known)| *known != symbol.name) {
                found.push((far, symbol.name.clone()));
            }
        }
    }
    found.sort();
    found.into_iter().take(most).map(|(_, name)| name).collect()
}

fn ends_with_parts(whole: &str, name: &str) -> bool {
    name.contains('.') && whole.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Files of the change that hold code for others: tests are used by nobody.
fn is_code(reading: &Reading, file: &DiffFile) -> bool {
    match reading.tree.index_of(&file.path) {
        Some(at) => reading.tree.files[at as usize].facts.class == Class::Source,
        None => {
            let class = walk::classify::class(&file.path, walk::classify::by_name(&file.path), &[], true);
            let language = extract::language_of(&file.path, &[]);
            language.is_some_and(|language| language.class(class, &file.path) == Class::Source)
        }
    }
}

/// What the files of a change were before, by their paths now.
fn contents_before(
    context: &Context,
    reading: &Reading,
    diff: &Diff,
) -> Result<HashMap<RelPath, Arc<Content>>> {
    let Some(repository) = &context.repository else { return Ok(HashMap::new()) };
    let was: Vec<(&DiffFile, &str)> = diff
        .files
        .iter()
        .take(MOST_FILES)
        .filter(|file| is_code(reading, file))
        .filter_map(|file| Some((file, file.before.as_deref()?)))
        .collect();
    let oids: Vec<&str> = was.iter().map(|(_, oid)| *oid).collect();
    let texts = if oids.is_empty() { Vec::new() } else { repository.objects().contents(&oids)? };
    let mut found = HashMap::new();
    let mut bytes = 0;
    for ((file, _), text) in was.into_iter().zip(texts) {
        let Some(text) = text else { continue };
        bytes += text.len();
        if text.len() as u64 <= context.settings.max_file_size() && bytes <= MOST_BYTES {
            found.insert(file.path.clone(), content_of(context, reading, file, &text)?);
        }
    }
    Ok(found)
}

fn content_of(context: &Context, reading: &Reading, file: &DiffFile, text: &[u8]) -> Result<Arc<Content>> {
    let was = file.from.as_ref().unwrap_or(&file.path);
    let Some(language) = extract::language_of(was, text) else { return Ok(Arc::default()) };
    let stored = reading.stored(ContentHash::of(text), language.name());
    if let Some(content) = stored {
        return Ok(Arc::new(content));
    }
    let text = context.redactor.text(&walk::decode(text));
    Ok(Arc::new(context.parsers.content(Some(language), &text)?))
}

fn of_file(file: &DiffFile, old: &Outline, new: &Outline, with_private: bool) -> Vec<SymbolImpact> {
    let spans: Vec<(u32, u32)> = file.hunks.iter().map(|hunk| hunk.span(true)).collect();
    let is_edited = |first: u32, last: u32| spans.iter().any(|(from, to)| *from <= last && first <= *to);
    let all = match file.status {
        DiffStatus::Named => {
            let same = |at| SymbolFate { fate: FateKind::Same, old: None, new: Some(at) };
            (0..new.symbols.len()).map(same).collect()
        }
        _ => fates(old, new, &is_edited),
    };
    let is_shown = |fate: &SymbolFate| {
        let (outline, at) = place(fate, old, new);
        is_told(&outline.symbols[at]) && (with_private || was_public(fate, old, new))
    };
    // What stands in a declaration that came or went comes or goes with it.
    let is_part = |fate: &SymbolFate| {
        let (outline, at) = place(fate, old, new);
        let parent = outline.symbols[at].parent.map(|parent| parent as usize);
        all.iter().any(|other| {
            other.fate == fate.fate
                && matches!(fate.fate, FateKind::Added | FateKind::Removed)
                && place(other, old, new).1 == parent.unwrap_or(usize::MAX)
        })
    };
    all.iter()
        .filter(|fate| is_shown(fate) && !is_part(fate))
        .map(|fate| told(&file.path, *fate, old, new))
        .collect()
}

/// The outline and the place that tell most of a declaration.
fn place<'a>(fate: &SymbolFate, old: &'a Outline, new: &'a Outline) -> (&'a Outline, usize) {
    match (fate.new, fate.old) {
        (Some(at), _) => (new, at),
        (None, was) => (old, was.unwrap_or(0)),
    }
}

fn was_public(fate: &SymbolFate, old: &Outline, new: &Outline) -> bool {
    fate.old.is_some_and(|at| is_public(old, at)) || fate.new.is_some_and(|at| is_public(new, at))
}

/// Declarations that others name.
fn is_told(symbol: &Symbol) -> bool {
    !matches!(symbol.kind, SymbolKind::Section | SymbolKind::Impl | SymbolKind::Module | SymbolKind::Variable)
}

fn told(path: &RelPath, fate: SymbolFate, old: &Outline, new: &Outline) -> SymbolImpact {
    let (outline, at) = place(&fate, old, new);
    let signature = |outline: &Outline, at: usize| outline.symbols[at].signature.one_line(SIGNATURE);
    SymbolImpact {
        path: path.clone(),
        name: outline.qualified_name(at),
        kind: outline.symbols[at].kind,
        fate: fate.fate,
        public: was_public(&fate, old, new),
        before: fate.old.map(|at| signature(old, at)),
        after: fate.new.map(|at| signature(new, at)),
        line: fate.new.map(|at| new.symbols[at].line),
        moved_to: None,
        users: Vec::new(),
        files: 0,
        owner: owner(outline, at),
    }
}

/// The type around a declaration, of whose values it is a member.
fn owner(outline: &Outline, at: usize) -> Option<SafeText> {
    use SymbolKind::{Class, Enum, Impl, Interface, Struct, Trait, Type, Union};
    let owner = &outline.symbols[outline.symbols[at].parent? as usize];
    let is_type = matches!(owner.kind, Class | Enum | Impl | Interface | Struct | Trait | Type | Union);
    is_type.then(|| owner.name.clone())
}

/// What is gone from one file and came to another as it was has moved.
fn pair_moved(found: &mut Vec<SymbolImpact>) {
    let mut came: Vec<usize> = Vec::new();
    for at in 0..found.len() {
        if found[at].fate != FateKind::Removed {
            continue;
        }
        let is_it = |other: &SymbolImpact| {
            other.fate == FateKind::Added
                && (other.kind, &other.name, &other.after)
                    == (found[at].kind, &found[at].name, &found[at].before)
        };
        let to = found.iter().position(is_it).filter(|to| !came.contains(to));
        if let Some(to) = to {
            came.push(to);
            let (path, line) = (found[to].path.clone(), found[to].line);
            let moved = &mut found[at];
            (moved.fate, moved.moved_to, moved.line) = (FateKind::Moved, Some(path), line);
        }
    }
    let mut at = 0;
    found.retain(|_| {
        at += 1;
        !came.contains(&(at - 1))
    });
}

/// The files that use a declaration, but for the one that it moved to.
fn users(reading: &Reading, symbol: &SymbolImpact) -> Vec<FileUse> {
    let tree = &reading.tree;
    let file = tree.index_of(&symbol.path);
    let name = symbol.name.as_str().rsplit('.').next().unwrap_or_default();
    let owner = symbol.owner.as_ref().map(SafeText::as_str);
    let mut users = change::users(tree, &UsedSymbol { file, name, owner });
    if let Some(now) = symbol.moved_to.as_ref().and_then(|path| tree.index_of(path)) {
        users.retain(|user| user.file != now);
    }
    users
}

fn add_users(reading: &Reading, texts: &TextCache, symbol: &mut SymbolImpact, most: usize) {
    let tree = &reading.tree;
    let whole = symbol.name.clone();
    let name = whole.as_str().rsplit('.').next().unwrap_or_default();
    let mut users = users(reading, symbol);
    let is_test = |user: &FileUse| tree.files[user.file as usize].facts.class == Class::Test;
    users.sort_by_key(|user| (is_test(user), user.evidence, user.file));
    symbol.files = users.len();
    for user in users {
        if symbol.users.len() >= most {
            break;
        }
        let Some(text) = texts.of(user.file) else { continue };
        let path = &tree.files[user.file as usize].facts.path;
        let lines = (1..).zip(text.as_str().lines()).filter(|(_, line)| uses(line, name));
        let lines = lines.take(most - symbol.users.len()).map(|(line, found)| UserLine {
            path: path.clone(),
            line,
            text: text.part(found).one_line(LINE),
            evidence: user.evidence,
            is_test: is_test(&user),
        });
        symbol.users.extend(lines);
    }
}

/// Whether a line holds the name as a word of its own, and is no comment as a whole.
fn uses(line: &str, name: &str) -> bool {
    let marks = ["//", "/*", "* ", "# ", "-- ", "<!--"];
    line.len() < 2_000
        && line.contains(name)
        && !marks.iter().any(|mark| line.trim_start().starts_with(mark))
        && rank_terms::tokens(line).any(|token| token.text == name)
}
