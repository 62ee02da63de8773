//! What a page is made from: tree, facts, goal, focus and records, put together
//! for `render`.

use std::collections::BTreeMap;

use super::focus::{chosen, recorded_focus};
use super::{Context, Reading, Result, anchors, rank, worth};
use crate::memory::{Kind, Memory, Record};
use crate::model::{ContentHash, History, ProjectFacts, SafeText, Tree};
use crate::render;

/// Renders the handoff from the tree as it is and the recorded focus.
pub fn handoff(
    context: &Context,
    reading: &Reading,
    memory: &Memory,
    budget: u64,
) -> Result<render::Handoff> {
    let focus = memory.goal().map(|goal| recorded_focus(&reading.tree, goal)).unwrap_or_default();
    let text = memory.goal().map(|record| record.text().as_str());
    let goal = memory.goal().map(|record| render::Goal::new(record.text(), memory.next_step().cloned()));
    let asked = Asked {
        show: &|path: &str| context.redactor.name(path),
        usage: &|name: &str| reading.usage.of(name),
    };
    let records = record_views(context, &reading.tree, memory, (text, &focus), asked.show)?;
    let input = render_input(context, reading, goal, focus, records, &asked)?;
    Ok(render::handoff(&input, budget as usize)?)
}

/// Of everything that the handoff depends on.
pub(super) fn made_from(context: &Context, memory: &Memory, digest: ContentHash) -> ContentHash {
    let mut hash = blake3::Hasher::new();
    hash.update(&digest.0);
    hash.update(super::read::extractor(context).as_bytes());
    hash.update(format!("{:?}", context.settings).as_bytes());
    for record in &memory.records {
        hash.update(&record.hash().0);
    }
    ContentHash(*hash.finalize().as_bytes())
}

/// Handoff and live part for one reader.
pub fn prompt(
    context: &Context,
    reading: &Reading,
    memory: &Memory,
    request: &PromptRequest,
) -> Result<String> {
    let (goal, focus) = match (&request.goal, memory.goal()) {
        (Some(goal), _) => {
            reading.load();
            let ranked = rank(context, reading, request.history, Some(goal), memory);
            (Some(render::Goal::new(goal, None)), chosen(context, &reading.tree, &ranked))
        }
        (None, Some(record)) => (
            Some(render::Goal::new(record.text(), memory.next_step().cloned())),
            recorded_focus(&reading.tree, record),
        ),
        (None, None) => (None, Vec::new()),
    };
    let asked = Asked {
        show: &|path: &str| context.redactor.name(path),
        usage: &|name: &str| reading.usage.of(name),
    };
    let text = request.goal.as_ref().or(memory.goal().map(Record::text)).map(SafeText::as_str);
    let records = record_views(context, &reading.tree, memory, (text, &focus), asked.show)?;
    let mut input = render_input(context, reading, goal, focus, records, &asked)?;
    input.now = Some(request.now.clone());
    Ok(render::prompt(&input, request.mode, request.budget as usize)?)
}

/// What a prompt is asked for.
pub struct PromptRequest<'a> {
    pub mode: render::Mode,
    /// Tokens.
    pub budget: u64,
    /// In place of the recorded goal.
    pub goal: Option<SafeText>,
    pub history: &'a History,
    pub now: render::view::NowView,
}

/// What a page asks back while it is made; see [`render::Input`].
struct Asked<'a> {
    show: &'a dyn Fn(&str) -> SafeText,
    usage: &'a dyn Fn(&str) -> (u32, u32),
}

fn render_input<'a>(
    context: &Context,
    reading: &'a Reading,
    goal: Option<render::Goal>,
    focus: Vec<render::FocusFile>,
    records: Vec<render::view::RecordView>,
    asked: &'a Asked<'a>,
) -> Result<render::Input<'a>> {
    let facts = reading.facts(context)?;
    Ok(render::Input {
        name: title(context, facts),
        facts,
        tree: &reading.tree,
        goal,
        focus,
        central: reading.central(),
        map_files: context.settings.number("map_files") as usize,
        records,
        now: None,
        show: asked.show,
        usage: asked.usage,
    })
}

/// Set by the user, else the manifest's or the README's; else none. The folder's
/// would differ from one clone to the next.
pub fn project_name(context: &Context, facts: &ProjectFacts) -> Option<SafeText> {
    let name = match context.settings.text("name") {
        "" => facts.name.clone(),
        name => context.redactor.line(name),
    };
    Some(name.one_line(LONGEST_NAME)).filter(|name| !name.is_empty())
}

/// Characters of a project's name: a settings file that came along can hold any.
const LONGEST_NAME: usize = 120;

/// The name on a page.
pub(super) fn title(context: &Context, facts: &ProjectFacts) -> SafeText {
    project_name(context, facts).unwrap_or(SafeText::constant("this project"))
}

/// By kind and newest first, which no edit elsewhere moves; each with its place
/// by worth for a goal and the files for it.
fn record_views(
    context: &Context,
    tree: &Tree,
    memory: &Memory,
    (goal, focus): (Option<&str>, &[render::FocusFile]),
    show: &dyn Fn(&str) -> SafeText,
) -> Result<Vec<render::view::RecordView>> {
    const SHOWN: [Kind; 5] = [Kind::Pin, Kind::Decision, Kind::Lesson, Kind::Question, Kind::Preference];
    let shown: Vec<&Record> = SHOWN.iter().flat_map(|kind| memory.of(*kind).rev()).collect();
    let mut by_worth = shown.clone();
    let focus = focus.iter().map(|focus| &tree.files[focus.file as usize].facts.path).collect();
    worth::by_worth(&mut by_worth, goal, &focus);
    let places: BTreeMap<&str, u32> =
        (0..).zip(by_worth).map(|(at, record)| (record.id.as_str(), at)).collect();
    let verdicts = anchors::verdicts(context, tree, &shown)?;
    let views = shown.iter().zip(verdicts).map(|(record, verdicts)| render::view::RecordView {
        place: places[record.id.as_str()],
        kind: record.kind.name(),
        title: record.title.clone(),
        anchors: record
            .anchors
            .iter()
            .zip(verdicts)
            .map(|(anchor, verdict)| render::view::AnchorView {
                path: show(&anchor.place()),
                state: verdict.state.name(),
            })
            .collect(),
    });
    Ok(views.collect())
}
