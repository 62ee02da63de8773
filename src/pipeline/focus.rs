//! The goal and the files recorded for it. Ranking uses history, so its outcome
//! is recorded with the goal, and rendering needs no ranking.

use super::{Context, Reading, Refocus, Result, live};
use crate::config::MemoryUse;
use crate::memory::{Focus, GoalState, Memory, Record, RecordStatus};
use crate::model::{Class, History, Ranked, Reason, ReasonKind, RelPath, SafeText, Tree};
pub use crate::rank::{Explained, RankedSymbol};
use crate::render::FocusFile;
use crate::store::Store;
use crate::{rank as ranking, records};

/// Files for a goal, best first; without one, what is central and worked on.
pub fn rank(
    context: &Context,
    reading: &Reading,
    history: &History,
    goal: Option<&SafeText>,
    memory: &Memory,
) -> Vec<Ranked> {
    let tree = &reading.tree;
    match goal {
        Some(goal) => ranking::for_goal(tree, history, goal, hints(context, reading, &pinned(memory))),
        None => {
            let changes = live::changes(context, reading);
            let changed: Vec<RelPath> = changes.into_iter().flatten().map(|change| change.path).collect();
            ranking::current(tree, history, &changed, &pinned(memory))
        }
    }
}

/// Files for a goal, best first, and how sure their order is.
pub fn judged(
    context: &Context,
    reading: &Reading,
    history: &History,
    goal: &SafeText,
    memory: &Memory,
) -> (Vec<Ranked>, ranking::EvidenceStrength) {
    ranking::judged_for_goal(&reading.tree, history, goal, hints(context, reading, &pinned(memory)))
}

/// The symbols that matter most for a goal, best first, at most `limit`.
pub fn rank_symbols(
    context: &Context,
    reading: &Reading,
    history: &History,
    goal: &SafeText,
    memory: &Memory,
    limit: usize,
) -> Vec<RankedSymbol> {
    ranking::symbols(&reading.tree, history, goal, hints(context, reading, &pinned(memory)), limit)
}

/// A file's place in the ranking for a goal, and what put it there.
pub struct FocusPlace {
    /// From 1.
    pub place: usize,
    pub of: usize,
    /// What moved it most first.
    pub signals: Vec<Explained>,
    /// The strongest reasons in words.
    pub reasons: Vec<SafeText>,
}

/// Reasons recorded of a file.
const REASONS: usize = 2;

/// Reasons told of one file that is asked about.
const EXPLAINED: usize = 4;

/// Explains the rank of one file; `None` if the path is not in the tree.
pub fn explain(
    context: &Context,
    reading: &Reading,
    history: &History,
    goal: &SafeText,
    memory: &Memory,
    path: &RelPath,
) -> Option<FocusPlace> {
    let tree = &reading.tree;
    let signals = ranking::explain(tree, history, goal, path)?;
    let ranked = ranking::for_goal(tree, history, goal, hints(context, reading, &pinned(memory)));
    let index = tree.index_of(path)?;
    let place = ranked.iter().position(|entry| entry.file == index)? + 1;
    let reasons = said(context, tree, &ranked[place - 1].reasons, EXPLAINED);
    Some(FocusPlace { place, of: ranked.len(), signals, reasons })
}

/// What the ranking is told besides the files. Facts that cannot be read tell nothing.
pub(super) fn hints<'a>(context: &Context, reading: &'a Reading, pins: &'a [RelPath]) -> ranking::Hints<'a> {
    let generated = reading.facts(context).map(|facts| &facts.generated[..]).unwrap_or_default();
    ranking::Hints { pins, generated }
}

pub(super) fn pinned(memory: &Memory) -> Vec<RelPath> {
    memory.pins().flat_map(|pin| &pin.anchors).map(|anchor| anchor.path.clone()).collect()
}

/// What a snapshot changes of the goal. It is written in one go at the end, so
/// that what others wrote meanwhile stays.
#[derive(Default)]
pub(super) struct ChangeOfGoal {
    /// `Some(None)` ends the goal.
    pub goal: Option<Option<Record>>,
    /// The files for the goal that there will be, with its id.
    pub focus: Option<(String, Vec<Focus>)>,
}

/// What asking for a goal changes: an empty text only ends the one before.
/// `memory` becomes what it will be, so that files can be ranked for it.
pub(super) fn change_of_goal(context: &Context, memory: &mut Memory, text: Option<SafeText>) -> ChangeOfGoal {
    let is_set = |text: &SafeText| memory.goal().is_some_and(|goal| goal.text() == text);
    let Some(text) = text.filter(|text| !is_set(text)) else { return ChangeOfGoal::default() };
    let draft = records::draft_goal(context, &text);
    let mut known = memory.records.iter().filter(|record| record.is_open_goal() && *record.text() == text);
    let known = known.next_back().map(|known| known.id.clone());
    let is_known = |record: &Record| known.as_ref() == Some(&record.id);
    for old in memory.records.iter_mut().filter(|record| record.is_open_goal()) {
        if is_known(old) {
            (old.goal_state, old.current_since) = (Some(GoalState::Open), Some(draft.id.clone()));
        } else if old.is_lone_goal() {
            old.status = RecordStatus::Superseded;
        } else if text.is_empty() {
            old.current_since = None;
        }
    }
    let goal = match memory.records.iter().find(|record| is_known(record)) {
        Some(known) => Some(known.clone()),
        None => (!text.is_empty()).then_some(draft),
    };
    memory.records.extend(goal.clone().filter(|goal| !is_known(goal)));
    ChangeOfGoal { goal: Some(goal), focus: None }
}

impl ChangeOfGoal {
    /// Writes the records; `false` if there is nothing to write.
    pub(super) fn record(self, context: &Context, store: &mut Store) -> Result<bool> {
        let Self { goal, focus } = self;
        // What is chosen by itself is not worth an error.
        let focus = focus.filter(|_| context.settings.memory_use() == MemoryUse::ReadWrite);
        let is_change = goal.is_some() || focus.is_some();
        if is_change {
            records::change(context, store, |writer| match (goal, focus) {
                (Some(Some(goal)), focus) => {
                    let focus = focus.map(|(_, focus)| focus).unwrap_or_default();
                    writer.set_goal(Some(Record { focus, ..goal }))
                }
                (Some(None), _) => writer.set_goal(None),
                (None, Some((id, focus))) => writer.set_focus(&id, focus),
                (None, None) => Ok(()),
            })?;
        }
        Ok(is_change)
    }
}

/// The focus that the goal should have, with the goal's id; `None` where the one
/// that is recorded stays.
pub(super) fn new_focus(
    context: &Context,
    reading: &Reading,
    history: &dyn Fn() -> History,
    memory: &Memory,
    refocus: Refocus,
    same_tree: bool,
) -> Option<(String, Vec<Focus>)> {
    let tree = &reading.tree;
    let goal = memory.goal()?;
    let gone = goal.focus.iter().any(|focus| tree.index_of(&focus.path).is_none());
    let wanted = goal.focus.is_empty() || gone || (refocus == Refocus::WhenChanged && !same_tree);
    if !wanted {
        return None;
    }
    reading.load();
    let ranked = ranking::focused(tree, &history(), goal.text(), hints(context, reading, &pinned(memory)));
    let recorded = |(rank, focus): (u32, FocusFile)| {
        let file = &tree.files[focus.file as usize];
        let outline = &file.content().outline;
        let symbols = focus.symbols.iter().map(|index| outline.qualified_name(*index as usize)).collect();
        Focus { path: file.facts.path.clone(), rank, why: focus.why, symbols }
    };
    let fresh: Vec<Focus> = (1..).zip(chosen(context, tree, &ranked)).map(recorded).collect();
    let wanted = context.settings.focus_files() as usize;
    let near: Vec<&RelPath> =
        ranked.iter().take(2 * wanted).map(|ranked| &tree.files[ranked.file as usize].facts.path).collect();
    let mut focus = steady(&goal.focus, fresh, wanted, &|path| near.contains(&path));
    focus.sort_by(|a, b| a.path.cmp(&b.path));
    (focus != goal.focus).then(|| (goal.id.clone(), focus))
}

/// The files recorded before, as long as they are near the top, with those that
/// are now among the very best. The focus of a goal is committed on every
/// branch: what changed a little in the order of the ranking must not change it,
/// or no two branches would merge.
fn steady(old: &[Focus], fresh: Vec<Focus>, wanted: usize, is_near: &dyn Fn(&RelPath) -> bool) -> Vec<Focus> {
    let mut focus: Vec<Focus> = old.iter().filter(|old| is_near(&old.path)).cloned().collect();
    for new in fresh {
        let is_sure = new.rank as usize <= SURE;
        if (is_sure || focus.len() < wanted) && focus.iter().all(|old| old.path != new.path) {
            focus.push(new);
        }
    }
    focus.sort_by(|a, b| a.rank.cmp(&b.rank).then(a.path.cmp(&b.path)));
    focus.truncate(wanted);
    focus
}

/// The recorded files that are still there, best first.
pub(super) fn recorded_focus(tree: &Tree, goal: &Record) -> Vec<FocusFile> {
    let mut focus: Vec<&Focus> = goal.focus.iter().collect();
    focus.sort_by(|a, b| a.rank.cmp(&b.rank).then(a.path.cmp(&b.path)));
    let found = focus.into_iter().filter_map(|focus| {
        let file = tree.index_of(&focus.path)?;
        let outline = &tree.files[file as usize].content().outline;
        let mut symbols = Vec::new();
        for name in &focus.symbols {
            symbols.extend(
                (0..outline.symbols.len())
                    .find(|at| outline.qualified_name(*at) == *name)
                    .map(|at| at as u32),
            );
        }
        Some(FocusFile { file, why: focus.why.clone(), symbols })
    });
    found.collect()
}

/// Places at the top that are recorded whatever the file is.
const SURE: usize = 5;

/// Symbols recorded of each file.
const SYMBOLS: usize = 8;

/// The best of a ranking, with the two strongest reasons in words.
pub(super) fn chosen(context: &Context, tree: &Tree, ranked: &[Ranked]) -> Vec<FocusFile> {
    let wanted = context.settings.focus_files() as usize;
    // Settings and data are answers only where they are among the very best.
    let is_answer = |(place, ranked): &(usize, &Ranked)| {
        let class = tree.files[ranked.file as usize].facts.class;
        matches!(class, Class::Source | Class::Test | Class::Doc) || *place < SURE
    };
    let best = ranked.iter().enumerate().filter(is_answer).map(|(_, ranked)| ranked).take(wanted);
    let focus = best.map(|ranked| FocusFile {
        file: ranked.file,
        why: why(context, tree, ranked, REASONS),
        symbols: ranked.symbols.iter().take(SYMBOLS).copied().collect(),
    });
    focus.collect()
}

pub(super) fn why(context: &Context, tree: &Tree, ranked: &Ranked, most: usize) -> SafeText {
    // What rests on words or a file tells more than what rests on nothing, and
    // that a file is being worked on has little to do with this goal.
    let tells = |reason: &&Reason| {
        let rests = !reason.evidence.is_empty() || reason.file.is_some();
        rests && reason.kind != ReasonKind::Recent || reason.kind.is_said()
    };
    let (told, bare): (Vec<&Reason>, Vec<&Reason>) =
        ranked.reasons.iter().filter(|reason| reason.weight > 0.0).partition(tells);
    let reasons: Vec<Reason> = told.into_iter().chain(bare).cloned().collect();
    SafeText::join(&said(context, tree, &reasons, most), "; ")
}

/// The first reasons as a person says them, each evidence once: that a file
/// defines a name says more than that it says it, and that it changed lately
/// says something only where nothing else does.
pub fn said(context: &Context, tree: &Tree, reasons: &[Reason], most: usize) -> Vec<SafeText> {
    let is_told = |word: &str, by: &Reason| by.evidence.as_str().split(", ").any(|other| other == word);
    let is_said_better = |reason: &Reason| {
        let better = reasons.iter().filter(|other| other.kind == ReasonKind::Declares);
        matches!(reason.kind, ReasonKind::Words | ReasonKind::Passage)
            && better.into_iter().any(|other| {
                other.weight > 0.0 && reason.evidence.as_str().split(", ").all(|word| is_told(word, other))
            })
    };
    let mut telling: Vec<&Reason> =
        reasons.iter().filter(|reason| reason.weight > 0.0 && !is_said_better(reason)).collect();
    telling.sort_by_key(|reason| reason.kind == ReasonKind::Recent);
    let mut known: Vec<&SafeText> = Vec::new();
    telling.retain(|reason| {
        let is_new = reason.evidence.is_empty() || !known.contains(&&reason.evidence);
        known.push(&reason.evidence);
        is_new
    });
    telling.into_iter().take(most).map(|reason| in_words(context, tree, reason)).collect()
}

fn in_words(context: &Context, tree: &Tree, reason: &Reason) -> SafeText {
    let (before, after) = reason.kind.phrase();
    let file = reason.file.map(|file| tree.files[file as usize].facts.path.as_str());
    let file = file.map(|path| context.redactor.line(path)).unwrap_or_default();
    let parts = [SafeText::constant(before), reason.evidence.one_line(80), file, SafeText::constant(after)];
    SafeText::join(&parts, "").one_line(140)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_focus_changes_by_what_is_gone_and_what_is_clearly_better() {
        let focus = |text: &str| -> Vec<Focus> {
            let path = |path: &str| RelPath::new(path).unwrap();
            let one = |(rank, name): (u32, &str)| Focus {
                path: path(name),
                rank,
                why: SafeText::default(),
                symbols: Vec::new(),
            };
            (1..).zip(text.split_whitespace()).map(one).collect()
        };
        let check = |old: &str, fresh: &str, near: &str, expected: &str| {
            let near: Vec<&str> = near.split_whitespace().collect();
            let found = steady(&focus(old), focus(fresh), 8, &|path| near.contains(&path.as_str()));
            let found: Vec<&str> = found.iter().map(|focus| focus.path.as_str()).collect();
            assert_eq!(found.join(" "), expected);
        };
        let old = "a b c d e f g h";
        check("", old, old, old);
        check(old, "b a c e d h x f", "a b c d e f g h x", old);
        check(old, "b a c d e f g x", "a b c d e f g x", "a b c d e f g x");
        check(old, "x a b c d e f g", "a b c d e f g h x", "a x b c d e f g");
    }
}
