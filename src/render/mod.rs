//! Renders handoff, live part and prompts from a snapshot, memory and a budget.
//! Pure.
//!
//! Not here: what is relevant (`rank` decided) and what is secret (everything
//! that comes here went through `redact`).

pub mod answer;
mod fit;
mod generated;
mod layout;
mod page;
pub mod report;
pub mod review;
pub mod session_start;
mod symbols;
pub mod template;
pub mod text;
pub mod tokens;
pub mod view;

use std::cell::RefCell;
use std::collections::BTreeSet;

use crate::model::{File, ProjectFacts, SafeText, Tree};
use page::Page;
use template::{TemplateError, Templates};
use view::{NowView, RecordView, View};

pub use symbols::words;

/// Name and version of the format of both handoff files. The version grows with
/// every release that makes other bytes of the same tree, so that a handoff that
/// another release rendered is told from one that is stale.
pub const FORMAT: &str = "waypost-handoff/2";

/// The format that a handoff's JSON names, against ours; `None` where it names
/// none.
pub fn compare_format(json: &str) -> Option<std::cmp::Ordering> {
    #[derive(serde::Deserialize)]
    struct Header<'a> {
        format: &'a str,
    }
    let number = |format: &str| format.strip_prefix("waypost-handoff/")?.parse::<u32>().ok();
    let found = serde_json::from_str::<Header>(json).ok()?;
    Some(number(found.format)?.cmp(&number(FORMAT)?))
}

/// Everything that a handoff is made from.
pub struct PageInput<'a> {
    pub name: SafeText,
    pub facts: &'a ProjectFacts,
    pub tree: &'a Tree,
    pub goal: Option<PageGoal>,
    /// Files for the goal, best first.
    pub focus: Vec<FocusFile>,
    /// Files by how central they are, best first.
    pub central: &'a [u32],
    /// The tests of the first files of the focus.
    pub tests: Vec<view::TestView>,
    /// Files in the code map, at most.
    pub map_files: usize,
    pub records: Vec<RecordView>,
    /// What to do for the goal, for prompts.
    pub act: Option<answer::PromptAnswer>,
    /// The live part, for prompts.
    pub now: Option<NowView>,
    /// Changed files that the live part leaves out.
    pub others_changed: usize,
    /// How the page is made.
    pub templates: &'a Templates,
    /// Makes a path safe to show.
    pub show: &'a dyn Fn(&str) -> SafeText,
    /// Files that mention a name, and files that declare it.
    pub usage: &'a dyn Fn(&str) -> (u32, u32),
}

/// A file for the goal.
pub struct FocusFile {
    /// Index in the tree.
    pub file: u32,
    pub why: SafeText,
    /// Indices in its outline that matter most, best first.
    pub symbols: Vec<u32>,
}

/// The current goal.
#[derive(Default)]
pub struct PageGoal {
    pub pieces: Vec<GoalPiece>,
    pub next: Option<SafeText>,
    /// The part of the tree of goals that it is in, two spaces a level.
    pub open: Vec<SafeText>,
}

/// A part of a goal's text, short enough to be left out by itself.
pub struct GoalPiece {
    pub text: SafeText,
    /// The first piece of a line.
    pub begins_line: bool,
}

impl PageGoal {
    /// The whole text in pieces that end between words.
    pub fn new(text: &SafeText, next: Option<SafeText>) -> Self {
        let mut pieces = Vec::new();
        for line in text.lines().filter(|line| !line.as_str().trim().is_empty()) {
            let mut start = 0;
            while start < line.as_str().len() {
                let end = piece_end(line.as_str(), start);
                pieces.push(GoalPiece { text: line.slice(start..end), begins_line: start == 0 });
                start = end;
            }
        }
        Self { pieces, next, open: Vec::new() }
    }
}

/// Bytes of a piece of a goal: about 50 tokens.
const PIECE: usize = 200;

/// Where the piece from `start` ends: behind a space where there is one.
fn piece_end(line: &str, start: usize) -> usize {
    if line.len() - start <= PIECE {
        return line.len();
    }
    let most = (start + 1..=start + PIECE).rev().find(|at| line.is_char_boundary(*at)).unwrap_or(line.len());
    line[start..most].rfind(' ').map_or(most, |space| start + space + 1)
}

/// Files of the focus that a reader is told to start at.
pub const START: usize = 5;

/// Both files and what they cost.
pub struct Handoff {
    pub markdown: String,
    pub json: String,
    /// Tokens of the Markdown.
    pub tokens: usize,
}

/// Who reads a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PromptMode {
    GenericAgentRestore,
    CopilotRestore,
    ClaudeCodeRestore,
    HumanHandoff,
}

/// Even the smallest page exceeds the budget.
#[derive(Debug, thiserror::Error)]
#[error("the least page takes {least} tokens, more than the budget of {budget}")]
pub struct PageBudgetError {
    pub least: usize,
    pub budget: usize,
}

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    #[error(transparent)]
    Budget(#[from] PageBudgetError),
    #[error(transparent)]
    Template(#[from] TemplateError),
}

/// Renders again and again, until a page fits; one that fails is told in the end.
struct Renderer<'a> {
    templates: &'a Templates,
    failed: RefCell<Option<TemplateError>>,
}

impl<'a> Renderer<'a> {
    fn new(templates: &'a Templates) -> Self {
        Self { templates, failed: RefCell::default() }
    }

    fn text(&self, name: &str, view: &impl serde::Serialize) -> String {
        // What failed once is not tried again: it may take long to fail.
        if self.failed.borrow().is_some() {
            return String::new();
        }
        self.templates.render(name, view).unwrap_or_else(|error| {
            *self.failed.borrow_mut() = Some(error);
            String::new()
        })
    }

    fn end(self) -> Result<(), TemplateError> {
        self.failed.into_inner().map_or(Ok(()), Err)
    }
}

impl PageInput<'_> {
    fn file(&self, index: u32) -> &File {
        &self.tree.files[index as usize]
    }

    fn goal_words(&self) -> BTreeSet<String> {
        let pieces = self.goal.iter().flat_map(|goal| &goal.pieces);
        pieces.flat_map(|piece| words(piece.text.as_str())).collect()
    }
}

/// The canonical pair, each within its budget of tokens: the page, and its data
/// with what the page left out.
pub fn handoff(input: &PageInput, [budget, json_budget]: [usize; 2]) -> Result<Handoff, PageError> {
    let page = Page::new(input);
    let renderer = Renderer::new(input.templates);
    let steps = page.steps();
    let markdown_of = |count: usize| renderer.text("handoff.md.j2", &page.view(count));
    let cost = |count: usize| {
        let fits = tokens::count(&page.view(count).to_json()) <= json_budget;
        if fits { tokens::count(&markdown_of(count)) } else { usize::MAX }
    };
    let count = fit::fit(&steps, budget, &cost);
    let json_of = |all: usize| page.view_with_more(count, all).to_json();
    let larger: Vec<usize> = steps.into_iter().filter(|step| *step >= count).collect();
    let all = fit::fit(&larger, json_budget, &|all| tokens::count(&json_of(all)));
    let (markdown, json) = (markdown_of(count), json_of(all));
    renderer.end()?;
    let (tokens, of_json) = (tokens::count(&markdown), tokens::count(&json));
    for (least, budget) in [(tokens, budget), (of_json, json_budget)] {
        if least > budget {
            return Err(PageBudgetError { least, budget }.into());
        }
    }
    Ok(Handoff { markdown, json, tokens })
}

/// Whether a page and its data, of any tree, say the same. The page is a
/// function of the data, so nothing else need tell that they belong together.
pub fn is_pair(templates: &Templates, markdown: &str, json: &str) -> bool {
    let is_of = |templates: &Templates, view: &serde_json::Value| {
        templates.render("handoff.md.j2", view).is_ok_and(|page| page == markdown)
    };
    let view = serde_json::from_str::<serde_json::Value>(json);
    view.is_ok_and(|view| is_of(&Templates::embedded(), &view) || is_of(templates, &view))
}

/// Which templates a handoff says that it was rendered with; empty for those that come
/// with waypost.
pub fn templates_of(json: &str) -> String {
    #[derive(serde::Deserialize)]
    struct Header {
        #[serde(default)]
        templates: String,
    }
    serde_json::from_str::<Header>(json).map(|header| header.templates).unwrap_or_default()
}

/// Characters of the project's name and of the branch, which every prompt tells:
/// shorter where nothing else fits.
const NAME_LENGTHS: [usize; 3] = [200, 40, 12];

/// Handoff and live part for one reader, within `budget` tokens.
pub fn prompt(input: &PageInput, mode: PromptMode, budget: usize) -> Result<String, PageError> {
    let page = Page::new(input);
    let renderer = Renderer::new(input.templates);
    let mut least = usize::MAX;
    for most in NAME_LENGTHS {
        let spell = |count: usize| renderer.text(mode.template(), &with_short_names(page.view(count), most));
        let count = fit::fit(&page.steps(), budget, &|count| tokens::count(&spell(count)));
        for count in [count, 0] {
            let text = spell(count);
            let tokens = tokens::count(&text);
            if tokens <= budget {
                renderer.end()?;
                return Ok(text);
            }
            least = least.min(tokens);
        }
    }
    renderer.end()?;
    Err(PageBudgetError { least, budget }.into())
}

fn with_short_names(mut view: View, most: usize) -> View {
    view.name = view.name.one_line(most);
    if let Some(now) = &mut view.now {
        now.branch = now.branch.take().map(|branch| branch.one_line(most));
        now.since = now.since.take().map(|since| since.chars().take(most).collect());
    }
    view
}

/// All that a page could say.
pub fn everything(input: &PageInput) -> View {
    let page = Page::new(input);
    page.view(page.steps().last().copied().unwrap_or_default())
}

/// The live part alone.
pub fn now(templates: &Templates, name: &SafeText, now: NowView) -> Result<String, TemplateError> {
    templates.render("now.md.j2", &View { name: name.clone(), now: Some(now), ..View::default() })
}

impl PromptMode {
    /// Every mode with its name on the command line.
    pub const ALL: [(PromptMode, &'static str); 4] = [
        (PromptMode::GenericAgentRestore, "generic-agent-restore"),
        (PromptMode::CopilotRestore, "copilot-restore"),
        (PromptMode::ClaudeCodeRestore, "claude-code-restore"),
        (PromptMode::HumanHandoff, "human-handoff"),
    ];

    /// The mode's name on the command line.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(mode, _)| *mode == self).map_or("", |(_, name)| name)
    }

    fn template(self) -> &'static str {
        match self {
            Self::GenericAgentRestore => "prompt-generic-agent-restore.md.j2",
            Self::CopilotRestore => "prompt-copilot-restore.md.j2",
            Self::ClaudeCodeRestore => "prompt-claude-code-restore.md.j2",
            Self::HumanHandoff => "prompt-human-handoff.md.j2",
        }
    }
}
