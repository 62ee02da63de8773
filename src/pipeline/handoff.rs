//! Collects what a page is made from: tree, facts, goal, focus and records, for
//! `render`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::answer::{self, TextCache};
use super::focus::recorded_focus;
use super::{Context, Reading, Result, anchors, record_priority};
use crate::memory::{BodySection, GoalNode, GoalState, Memory, Record, RecordKind};
use crate::model::{ContentHash, History, ProjectFacts, RelPath, SafeText, Tree};
use crate::render::{self, answer::PromptAnswer, view::NowView};

/// Renders the handoff from the tree as it is and the recorded focus, within the
/// budgets of the settings.
pub fn handoff(context: &Context, reading: &Reading, memory: &Memory) -> Result<render::Handoff> {
    // Most lines are those of the last one.
    render::tokens::recall(reading.rendered().map_or(&[], |known| &known.counts));
    let focus = memory.goal().map(|goal| recorded_focus(&reading.tree, goal)).unwrap_or_default();
    let text = memory.goal().map(|record| record.text().as_str());
    let goal = page_goal(memory);
    let asked = PageQueries {
        show: &|path: &str| context.redactor.name(path),
        usage: &|name: &str| reading.usage.of(name),
    };
    let records = record_views(context, &reading.tree, memory, (text, &focus), asked.show)?;
    let tests = tests_of(context, reading, &focus)?;
    let mut input = render_input(context, reading, goal, focus, records, &asked)?;
    input.tests = tests;
    let budgets = [context.settings.handoff_budget(), context.settings.handoff_json_budget()];
    Ok(render::handoff(&input, budgets.map(|budget| budget as usize))?)
}

/// The goal with its next step and the open goals around it; `None` where no goal
/// is open.
fn page_goal(memory: &Memory) -> Option<render::PageGoal> {
    let open: Vec<SafeText> = memory.open_branch().iter().map(open_goal).collect();
    let goal = memory.goal();
    if goal.is_none() && open.is_empty() {
        return None;
    }
    let goal = goal.map(|record| render::PageGoal::new(record.text(), memory.next_step().cloned()));
    Some(render::PageGoal { open, ..goal.unwrap_or_default() })
}

/// Characters of a goal on a list.
const GOAL_LINE: usize = 160;

/// A goal as a line of the tree. Which one is the current one is told above it.
fn open_goal(node: &GoalNode) -> SafeText {
    let line = node.record.text().one_line(GOAL_LINE).indented(node.level);
    match (node.record.goal_state, node.record.parts.get(&BodySection::Blockers)) {
        (Some(GoalState::Blocked), Some(reasons)) => {
            let reason = SafeText::join(reasons, "; ").one_line(GOAL_LINE);
            SafeText::join(&[line, reason], " — blocked: ")
        }
        (Some(GoalState::Blocked), None) => line.followed_by(" — blocked"),
        _ => line,
    }
}

/// What the handoff tells for the goal and of the commands, with the live part:
/// no map, no layout and no records.
pub(super) fn handoff_facts(
    context: &Context,
    reading: &Reading,
    memory: &Memory,
    now: NowView,
) -> Result<render::view::View> {
    let focus = memory.goal().map(|goal| recorded_focus(&reading.tree, goal)).unwrap_or_default();
    let goal = page_goal(memory).unwrap_or_default();
    let goal = render::PageGoal { next: memory.next_step().cloned(), ..goal };
    let asked = PageQueries {
        show: &|path: &str| context.redactor.name(path),
        usage: &|name: &str| reading.usage.of(name),
    };
    let tests = tests_of(context, reading, &focus)?;
    let input = render_input(context, reading, Some(goal), focus, Vec::new(), &asked)?;
    let input = render::PageInput { tests, map_files: 0, central: &[], now: Some(now), ..input };
    Ok(render::everything(&input))
}

/// The tests of the first files of a focus: by content, as it rests on no
/// history.
fn tests_of(
    context: &Context,
    reading: &Reading,
    focus: &[render::FocusFile],
) -> Result<Vec<render::view::TestView>> {
    let files: Vec<u32> = focus.iter().take(render::START).map(|focus| focus.file).collect();
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let found = crate::rank::tests_by_content(&reading.tree, &files);
    let texts = TextCache::new(context, &reading.tree)?;
    answer::test_views(context, reading, &answer::first_tests(&found), &texts)
}

/// A hash of everything that the handoff depends on.
pub(super) fn made_from(context: &Context, memory: &Memory, digest: ContentHash) -> ContentHash {
    let mut hash = blake3::Hasher::new();
    hash.update(&digest.0);
    hash.update(super::sources::extractor(context).as_bytes());
    hash.update(context.settings.key().as_bytes());
    hash.update(context.templates.key().as_bytes());
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
    let given = request.goal.as_ref().filter(|goal| !goal.is_empty());
    let goal = given.or(memory.goal().map(Record::text));
    let texts = TextCache::new(context, &reading.tree)?;
    let act = goal.map(|goal| {
        reading.load();
        let answer = answer::answer_with(context, reading, request.history, (goal, memory), &texts);
        answer::act(context, reading, goal, &answer, &texts)
    });
    let act = act.transpose()?;
    let shown = goal.map(|goal| render::PageGoal {
        next: memory.next_step().filter(|_| given.is_none()).cloned(),
        ..render::PageGoal::new(if request.with_goal { goal } else { &NOTHING }, None)
    });
    let asked = PageQueries {
        show: &|path: &str| context.redactor.name(path),
        usage: &|name: &str| reading.usage.of(name),
    };
    let focus = act.as_ref().map(|act| focus_of(&reading.tree, act)).unwrap_or_default();
    let records =
        record_views(context, &reading.tree, memory, (goal.map(SafeText::as_str), &focus), asked.show)?;
    let mut input = render_input(context, reading, shown, Vec::new(), records, &asked)?;
    let mut now = request.now.clone();
    if let Some(act) = &act {
        input.others_changed = narrow(&mut now, act, request.history);
    }
    input.act = act;
    input.now = Some(now);
    Ok(render::prompt(&input, request.mode, request.budget as usize)?)
}

static NOTHING: LazyLock<SafeText> = LazyLock::new(SafeText::default);

/// The files of an answer, by which records are judged.
fn focus_of(tree: &Tree, act: &PromptAnswer) -> Vec<render::FocusFile> {
    let also = act.also.iter().map(|also| &also.path);
    let paths = act.edit.iter().map(|file| &file.path).chain(also);
    let files = paths.filter_map(|path| tree.index_of(&RelPath::new(path.as_str())?));
    let focus = files.map(|file| render::FocusFile { file, why: SafeText::default(), symbols: Vec::new() });
    focus.collect()
}

/// Reduces the live part to what concerns the files of an answer; returns how
/// many changed files that leaves out.
fn narrow(now: &mut NowView, act: &PromptAnswer, history: &History) -> usize {
    let before = now.changed.len();
    now.changed.retain(|changed| act.names(&changed.path));
    let touched = |paths: &[RelPath]| {
        paths.iter().any(|path| act.edit.iter().any(|file| file.path.as_str() == path.as_str()))
    };
    let commits = history.commits.iter().filter(|commit| touched(&commit.paths));
    now.commits = commits.take(SHOWN_COMMITS).map(|commit| commit.subject.one_line(100)).collect();
    before - now.changed.len()
}

/// Commits told of the files to edit.
const SHOWN_COMMITS: usize = 3;

/// What a prompt is asked for.
pub struct PromptRequest<'a> {
    pub mode: render::PromptMode,
    /// Tokens.
    pub budget: u64,
    /// Use this goal instead of the recorded one.
    pub goal: Option<SafeText>,
    /// Print the whole goal, which whoever asked for the prompt usually has
    /// already.
    pub with_goal: bool,
    pub history: &'a History,
    pub now: render::view::NowView,
}

/// What a page asks for while it is made; see [`render::PageInput`].
struct PageQueries<'a> {
    show: &'a dyn Fn(&str) -> SafeText,
    usage: &'a dyn Fn(&str) -> (u32, u32),
}

fn render_input<'a>(
    context: &'a Context,
    reading: &'a Reading,
    goal: Option<render::PageGoal>,
    focus: Vec<render::FocusFile>,
    records: Vec<render::view::RecordView>,
    asked: &'a PageQueries<'a>,
) -> Result<render::PageInput<'a>> {
    let facts = reading.facts(context)?;
    Ok(render::PageInput {
        name: title(context, facts),
        facts,
        tree: &reading.tree,
        goal,
        focus,
        central: reading.central(),
        tests: Vec::new(),
        map_files: context.settings.map_files() as usize,
        records,
        act: None,
        now: None,
        others_changed: 0,
        templates: &context.templates,
        show: asked.show,
        usage: asked.usage,
    })
}

/// The project's name: set by the user, else from a manifest or the README,
/// else none. The folder's name would differ from one clone to the next.
pub fn project_name(context: &Context, facts: &ProjectFacts) -> Option<SafeText> {
    let name = match context.settings.name() {
        "" => facts.name.clone(),
        name => context.redactor.line(name),
    };
    Some(name.one_line(LONGEST_NAME)).filter(|name| !name.is_empty())
}

/// Characters of a project's name: a settings file that came along can hold any.
const LONGEST_NAME: usize = 120;

/// The name on a page.
pub fn title(context: &Context, facts: &ProjectFacts) -> SafeText {
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
    let shown: Vec<&Record> =
        RecordKind::on_page().into_iter().flat_map(|kind| memory.of(kind).rev()).collect();
    let mut by_worth = shown.clone();
    let focus = focus.iter().map(|focus| &tree.files[focus.file as usize].facts.path).collect();
    record_priority::by_worth(&mut by_worth, goal, &focus);
    let places: BTreeMap<&str, u32> =
        (0..).zip(by_worth).map(|(at, record)| (record.id.as_str(), at)).collect();
    let verdicts = anchors::verdicts(context, tree, &shown)?;
    let newest =
        |record: &Record| memory.of(record.kind).next_back().is_some_and(|last| last.id == record.id);
    let views = shown.iter().zip(verdicts).map(|(record, verdicts)| render::view::RecordView {
        place: places[record.id.as_str()],
        keeps: record.kind == RecordKind::Pin || newest(record),
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
