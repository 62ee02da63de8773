//! Follows anchors whose code is gone from its place through git's history:
//! where a file was renamed to, and where the lines of a symbol stand now. What
//! was there before is no new place, so a copy is not taken for a move.
//!
//! Not for pages that are committed, which a clone without history has to be
//! able to check: those rest on [`super::verdicts`].

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::anchors::verdicts;
use super::{Context, Result, texts};
use crate::compare::lines::LineSet;
use crate::git::{Objects, TreeChange};
use crate::memory::anchor::{self, NewPlace};
use crate::memory::{Anchor, AnchorState, AnchorVerdict, Record};
use crate::model::{Outline, RelPath, SafeText, SymbolKind, Tree};
use crate::{extract, limits, walk};

/// The verdict on each anchor of each record, in their order; what is gone is
/// looked for with the help of git, where there is git.
pub fn followed(context: &Context, tree: &Tree, records: &[&Record]) -> Result<Vec<Vec<AnchorVerdict>>> {
    let mut all = verdicts(context, tree, records)?;
    let Some(repository) = &context.repository else { return Ok(all) };
    let follower = Follower {
        context,
        tree,
        objects: repository.objects(),
        texts: texts(context, tree)?,
        past: RefCell::default(),
    };
    let anchors = records.iter().zip(&mut all).flat_map(|(record, all)| record.anchors.iter().zip(all));
    let gone =
        anchors.filter(|(_, verdict)| matches!(verdict.state, AnchorState::Moved | AnchorState::Orphaned));
    for (anchor, verdict) in gone.take(limits::MAX_FOLLOWED) {
        if let Some(followed) = follower.follow(anchor) {
            let found = followed.found.or_else(|| verdict.found.take());
            *verdict = AnchorVerdict { state: followed.state, found };
        }
    }
    Ok(all)
}

/// What a file is called now that is gone from this path, as git's history tells.
pub(super) fn renamed_to(context: &Context, tree: &Tree, path: &RelPath) -> Result<Option<RelPath>> {
    let Some(repository) = &context.repository else { return Ok(None) };
    let objects = repository.objects();
    let follower =
        Follower { context, tree, objects, texts: texts(context, tree)?, past: RefCell::default() };
    Ok(follower.renamed(path))
}

struct Follower<'a> {
    context: &'a Context,
    tree: &'a Tree,
    objects: Objects,
    texts: super::Texts<'a>,
    past: RefCell<PastFiles>,
}

/// Files of commits that were read, by commit and path.
type PastFiles = BTreeMap<(String, RelPath), Option<Rc<PastFile>>>;

/// A file as it was in a commit.
struct PastFile {
    text: SafeText,
    outline: Outline,
}

/// How something went: the commit that had it last, and what came with the one
/// that has it no more; without one that is the work tree.
struct Removal {
    before: String,
    change: Option<TreeChange>,
}

/// A symbol as it was last.
struct LostSymbol<'a> {
    anchor: &'a Anchor,
    name: &'a SafeText,
    kind: SymbolKind,
    /// From its first to its last.
    lines: u32,
    /// Its pairs of words, without its own name.
    text: LineSet,
    removal: Removal,
    /// The file that had it last.
    path: RelPath,
    /// What that file is called now, if that is another name.
    renamed: Option<RelPath>,
}

/// A symbol of the tree that may be the lost one.
struct Candidate<'a> {
    path: &'a RelPath,
    index: usize,
    score: f64,
}

/// Commits that touched a file which are looked at for the last state of a
/// symbol, and names that a file had one after the other.
const VERSIONS: usize = 20;
const NAMES: usize = 8;

/// What has to be in common: of files and of symbols that kept their name, and
/// of those that have another.
const ALIKE: f64 = 0.5;
const ALIKE_UNNAMED: f64 = 0.7;

/// A symbol that weighs less is not known again under another name.
const TELLING: u64 = 240;

/// Candidates whose past is looked at.
const TRIED: usize = 8;

impl<'a> Follower<'a> {
    /// `None` where git cannot tell how it went.
    fn follow(&self, anchor: &Anchor) -> Option<AnchorVerdict> {
        let found = match &anchor.symbol {
            None => self.file(anchor)?,
            Some(name) => self.symbol(anchor, name)?,
        };
        let state = if found.is_some() { AnchorState::Moved } else { AnchorState::Orphaned };
        Some(AnchorVerdict { state, found })
    }

    fn file(&self, anchor: &Anchor) -> Option<Option<NewPlace>> {
        self.removal_of_file(&anchor.path)?;
        Some(self.renamed(&anchor.path).map(|path| {
            let file = self.tree.index_of(&path).map(|index| &self.tree.files[index as usize]);
            let then = anchor.hash.as_deref().unwrap_or_default();
            let same = file.is_some_and(|file| file.facts.hash.to_hex().starts_with(then));
            NewPlace { path, symbol: None, same }
        }))
    }

    fn past(&self, commit: &str, path: &RelPath) -> Option<Rc<PastFile>> {
        let key = (commit.to_string(), path.clone());
        if let Some(known) = self.past.borrow().get(&key) {
            return known.clone();
        }
        let file = self.read_past(commit, path).map(Rc::new);
        self.past.borrow_mut().insert(key, file.clone());
        file
    }

    fn read_past(&self, commit: &str, path: &RelPath) -> Option<PastFile> {
        let bytes = self.objects.content_at(commit, path).ok()??;
        if bytes.len() as u64 > self.context.settings.max_file_size() {
            return None;
        }
        let text = self.context.redactor.text(&walk::decode(&bytes));
        let content = self.context.parsers.content(extract::language_of(path, &bytes), &text).ok()?;
        Some(PastFile { text, outline: content.outline })
    }

    /// How a file went that the tree does not have.
    fn removal_of_file(&self, path: &RelPath) -> Option<Removal> {
        if self.objects.content_at("HEAD", path).ok()?.is_some() {
            return Some(Removal { before: "HEAD".to_string(), change: None });
        }
        let commit = self.objects.log_of(path, 1).ok()?.into_iter().next()?;
        self.removal(commit.parents.first()?, &commit.id)
    }

    fn removal(&self, before: &str, after: &str) -> Option<Removal> {
        let change = self.objects.changed_between(before, after).ok()?;
        Some(Removal { before: before.to_string(), change: Some(change) })
    }

    /// The name that a file has now which is gone from its place.
    fn renamed(&self, path: &RelPath) -> Option<RelPath> {
        let mut path = path.clone();
        for _ in 0..NAMES {
            let removal = self.removal_of_file(&path)?;
            let next = match &removal.change {
                Some(change) => {
                    change.renamed.iter().find(|(from, _)| *from == path).map(|(_, to)| to.clone())
                }
                None => self.not_yet_committed(&path),
            }?;
            if self.tree.index_of(&next).is_some() {
                return Some(next);
            }
            path = next;
        }
        None
    }

    /// The file with most lines of one that the head commit has, among those that
    /// it has not.
    fn not_yet_committed(&self, path: &RelPath) -> Option<RelPath> {
        let old = self.past("HEAD", path)?;
        let old = LineSet::of(old.text.as_str().lines(), None);
        let committed = self.objects.tree("HEAD").ok()?;
        let committed: BTreeSet<&RelPath> = committed.iter().map(|blob| &blob.path).collect();
        let new = self.tree.files.iter().map(|file| &file.facts.path);
        let new = new.filter(|new| !committed.contains(new) && new.extension() == path.extension());
        let share = |new: &RelPath| {
            self.texts.of(new).map_or(0.0, |text| old.share(&LineSet::of(text.as_str().lines(), None)))
        };
        let mut alike: Vec<(f64, &RelPath)> = new.map(|new| (share(new), new)).collect();
        alike.retain(|(share, _)| *share >= ALIKE);
        alike.sort_by(|a, b| b.0.total_cmp(&a.0));
        match alike.as_slice() {
            [first, second, ..] if first.0 == second.0 => None,
            [first, ..] => Some(first.1.clone()),
            [] => None,
        }
    }

    fn symbol(&self, anchor: &'a Anchor, name: &'a SafeText) -> Option<Option<NewPlace>>
    where
        Self: 'a,
    {
        let is_gone = self.tree.index_of(&anchor.path).is_none();
        let renamed = if is_gone { self.renamed(&anchor.path) } else { None };
        let lost = self.lost(anchor, name, renamed)?;
        if let Some(path) = &lost.renamed {
            let outline = self.outline(path)?;
            if let Some(index) = anchor::named(outline, name.as_str()).next() {
                return Some(Some(self.place(&lost, path, index)));
            }
        }
        let candidates = self.candidates(&lost);
        Some(self.best(&lost, candidates))
    }

    fn outline(&self, path: &RelPath) -> Option<&'a Outline> {
        let index = self.tree.index_of(path)?;
        Some(&self.tree.files[index as usize].content().outline)
    }

    /// The symbol as it was in the last commit that had it, under the new name of
    /// its file or under the old one.
    fn lost(
        &self,
        anchor: &'a Anchor,
        name: &'a SafeText,
        renamed: Option<RelPath>,
    ) -> Option<LostSymbol<'a>> {
        let is_named = |path: &RelPath| {
            let outline = self.outline(path);
            outline.is_some_and(|outline| anchor::named(outline, name.as_str()).next().is_some())
        };
        let later = renamed
            .as_ref()
            .filter(|path| !is_named(path))
            .and_then(|path| Some((path.clone(), None, self.last_seen(path, name)?)));
        let (path, renamed, (file, removal)) = match later {
            Some(later) => later,
            None => (anchor.path.clone(), renamed, self.last_seen(&anchor.path, name)?),
        };
        let lines: Vec<&str> = file.text.as_str().lines().collect();
        let all: Vec<usize> = anchor::named(&file.outline, name.as_str()).collect();
        let index = all.iter().find(|index| anchor::has_shape(anchor, &file.outline, **index, &lines));
        let symbol = &file.outline.symbols[*index.or(all.first())?];
        let span = lines.get(symbol.line as usize - 1..symbol.end_line as usize)?;
        Some(LostSymbol {
            anchor,
            name,
            kind: symbol.kind,
            lines: span.len() as u32,
            text: LineSet::of_pairs(span.iter().copied(), symbol.name.as_str()),
            removal,
            path,
            renamed,
        })
    }

    fn last_seen(&self, path: &RelPath, name: &SafeText) -> Option<(Rc<PastFile>, Removal)> {
        let seen = |commit: &str| {
            self.past(commit, path)
                .filter(|file| anchor::named(&file.outline, name.as_str()).next().is_some())
        };
        if let Some(file) = seen("HEAD") {
            return Some((file, Removal { before: "HEAD".to_string(), change: None }));
        }
        for commit in self.objects.log_of(path, VERSIONS).ok()? {
            let Some(parent) = commit.parents.first() else { continue };
            if let Some(file) = seen(parent) {
                return Some((file, self.removal(parent, &commit.id)?));
            }
        }
        None
    }

    /// Symbols with most of the lines: of the same name anywhere, of any name in
    /// the same file and in those that came with the removal.
    fn candidates(&self, lost: &LostSymbol) -> Vec<Candidate<'a>> {
        let last = lost.name.as_str().rsplit('.').next().unwrap_or_default();
        let touched = lost.removal.change.iter().flat_map(|change| &change.touched);
        let near: BTreeSet<&RelPath> = touched.chain([&lost.path]).chain(lost.renamed.as_ref()).collect();
        let mut found = Vec::new();
        for file in &self.tree.files {
            let outline = &file.content().outline;
            let path = &file.facts.path;
            let is_near = near.contains(path);
            let mut text: Option<Option<SafeText>> = None;
            for (index, symbol) in outline.symbols.iter().enumerate() {
                let is_named = symbol.name.as_str() == last;
                let lines = (symbol.end_line + 1).saturating_sub(symbol.line);
                let fits = lines <= 2 * lost.lines + 2 && lost.lines <= 2 * lines + 2;
                if !(is_named || is_near) || !fits || !are_alike(symbol.kind, lost.kind) {
                    continue;
                }
                let text = text.get_or_insert_with(|| self.texts.of(path));
                let lines: Vec<&str> = text.iter().flat_map(|text| text.as_str().lines()).collect();
                let span = lines.get(symbol.line as usize - 1..symbol.end_line as usize).unwrap_or_default();
                let share = lost.text.share(&LineSet::of_pairs(span.iter().copied(), symbol.name.as_str()));
                let is_enough = match is_named {
                    true => share >= ALIKE,
                    false => share >= ALIKE_UNNAMED && lost.text.weight() >= TELLING,
                };
                if is_enough {
                    let is_whole = outline.qualified_name(index) == *lost.name;
                    let bonus = [(is_named, 0.15), (is_whole, 0.1), (is_near, 0.05)];
                    let bonus: f64 = bonus.iter().filter(|(holds, _)| *holds).map(|(_, bonus)| bonus).sum();
                    found.push(Candidate { path, index, score: share + bonus });
                }
            }
        }
        found.sort_by(|a, b| b.score.total_cmp(&a.score));
        found
    }

    /// The best candidate that is new; none where two are equally good.
    fn best(&self, lost: &LostSymbol, candidates: Vec<Candidate<'a>>) -> Option<NewPlace> {
        let new = candidates.iter().take(TRIED).filter(|candidate| !self.was_there(lost, candidate));
        let new: Vec<&Candidate> = new.take(2).collect();
        match new.as_slice() {
            [first, second] if first.score - second.score < 0.01 => None,
            [first, ..] => Some(self.place(lost, first.path, first.index)),
            [] => None,
        }
    }

    fn was_there(&self, lost: &LostSymbol, candidate: &Candidate) -> bool {
        let is_renamed = lost.renamed.as_ref() == Some(candidate.path);
        let renamed = lost.removal.change.iter().flat_map(|change| &change.renamed);
        let from = renamed.into_iter().find(|(_, to)| to == candidate.path).map(|(from, _)| from);
        let then = match (is_renamed, from) {
            (true, _) => &lost.path,
            (false, Some(from)) => from,
            (false, None) => candidate.path,
        };
        let Some(name) = self.outline(candidate.path).map(|outline| outline.qualified_name(candidate.index))
        else {
            return true;
        };
        let past = self.past(&lost.removal.before, then);
        past.is_some_and(|past| anchor::named(&past.outline, name.as_str()).next().is_some())
    }

    fn place(&self, lost: &LostSymbol, path: &RelPath, index: usize) -> NewPlace {
        let outline = self.outline(path);
        let text = self.texts.of(path).unwrap_or_default();
        let lines: Vec<&str> = text.as_str().lines().collect();
        let same = outline.is_some_and(|outline| anchor::has_shape(lost.anchor, outline, index, &lines));
        NewPlace { path: path.clone(), symbol: outline.map(|outline| outline.qualified_name(index)), same }
    }
}

/// A function may become a method. What is no code of its own, such as a field,
/// is not looked for among functions.
fn are_alike(one: SymbolKind, other: SymbolKind) -> bool {
    let callable = |kind| matches!(kind, SymbolKind::Function | SymbolKind::Method);
    one == other || (callable(one) && callable(other))
}
