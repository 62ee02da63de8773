//! Collects the facts for the start of a session from the current tree, as far
//! as its contents are already known: reading everything would take too long.

use super::handoff::{handoff_facts, title};
use super::{Context, Reading, Result};
use crate::memory::{BodySection, Memory, Record};
use crate::model::SafeText;
use crate::render::session_start::{CheckpointView, StartFacts};
use crate::render::tokens;
use crate::render::view::{NowView, View};

/// Changed files that are told by name.
const CHANGED: usize = 20;

/// Characters of a goal: what it is about is said in its first lines.
const GOAL: usize = 1_200;

/// Symbols of one file to start at.
const SYMBOLS: usize = 6;

/// The facts of a tree that was read.
pub fn session_start(
    context: &Context,
    reading: &Reading,
    memory: &Memory,
    now: NowView,
) -> Result<StartFacts> {
    // Most lines are those of the handoff.
    let known = reading.rendered();
    tokens::recall(known.map_or(&[], |known| &known.counts));
    let mut view = handoff_facts(context, reading, memory, now)?;
    shorten(&mut view);
    let others_changed = view.now.as_mut().map_or(0, |now| {
        let others = now.changed.len().saturating_sub(CHANGED);
        now.changed.truncate(CHANGED);
        others
    });
    let name = title(context, reading.facts(context)?);
    let view = View { name, ..view };
    let mut facts = StartFacts { view, others_changed, ..from_memory(memory) };
    // The checkpoint says it.
    if let (Some(checkpoint), Some(goal)) = (&facts.checkpoint, &mut facts.view.goal)
        && checkpoint.next == goal.next
    {
        goal.next = None;
    }
    Ok(facts)
}

/// What the records alone tell: where nothing else is known yet.
pub fn from_memory(memory: &Memory) -> StartFacts {
    StartFacts { checkpoint: memory.open_checkpoint().map(checkpoint), ..StartFacts::default() }
}

fn checkpoint(record: &Record) -> CheckpointView {
    let all = |part| record.parts.get(&part).cloned().unwrap_or_default();
    let done = all(BodySection::Done).first().map(paragraphs).unwrap_or_default();
    CheckpointView {
        created: record.created.chars().take(10).collect(),
        title: record.title.clone(),
        done,
        blockers: all(BodySection::Blockers),
        commands: all(BodySection::Commands),
        next: record.next.clone(),
    }
}

/// The lines of a text that are not blank.
pub fn paragraphs(text: &SafeText) -> Vec<SafeText> {
    text.lines().filter(|line| !line.as_str().trim().is_empty()).collect()
}

fn shorten(view: &mut View) {
    for file in &mut view.start {
        file.symbols.truncate(SYMBOLS);
    }
    let Some(goal) = &mut view.goal else { return };
    let mut left = GOAL;
    goal.text.retain_mut(|line| {
        let is_told = left > 0;
        *line = line.one_line(left);
        left = left.saturating_sub(line.as_str().chars().count());
        is_told
    });
}
