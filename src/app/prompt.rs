//! Compiles handoff and live state into a prompt for one kind of reader, within
//! a budget of tokens.

use schemars::JsonSchema;
use serde::Serialize;

use super::open::{no_snapshot, store};
use super::{App, Error, Result};
use crate::config::SettingKey;
use crate::fs::atomic;
use crate::pipeline::{self, Context, PromptRequest};
pub use crate::render::PromptMode;
use crate::render::tokens;

/// What to put into a prompt, and for whom.
#[derive(Clone, Debug)]
pub struct Request {
    /// Who reads it.
    pub mode: PromptMode,
    /// Maximum number of tokens; `None` uses the setting.
    pub token_budget: Option<u64>,
    /// Report changes since this snapshot instead of since the head commit.
    pub snapshot: Option<String>,
    /// Use this goal instead of the recorded one.
    pub goal: Option<String>,
    /// Include the whole goal; otherwise its first line identifies it.
    pub with_goal: bool,
}

/// The finished prompt with its size in tokens.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Report {
    pub mode: &'static str,
    pub budget: u64,
    pub tokens: usize,
    /// Where a copy was kept; `None` if nothing could be written.
    pub path: Option<String>,
    pub prompt: String,
}

/// Compiles handoff and live state into one prompt that stays within the budget, and keeps a copy
/// below `.waypost/`.
pub fn prompt(app: &App, request: &Request) -> Result<Report> {
    let mut context = app.context()?;
    if let Some(budget) = request.token_budget {
        context.settings.set_flag(SettingKey::PromptBudget, "--token-budget", budget)?;
    }
    tokens::warm_up();
    let store = store(&context)?;
    let reading = pipeline::read(&context, store.as_ref())?;
    let memory = app.memory(&context)?;
    let history = pipeline::history(&context, store.as_ref(), &reading.head);
    let now = match &request.snapshot {
        Some(id) => {
            let id = id.parse().map_err(Error::new)?;
            let store = store.as_ref().ok_or_else(no_snapshot)?;
            pipeline::since_snapshot(&context, &reading, Some(store), Some(id))?
        }
        None => pipeline::now(&context, &reading, store.as_ref(), &history)?,
    };
    let budget = context.settings.prompt_budget();
    let goal = request.goal.as_ref().map(|goal| context.redactor.text(goal.trim()));
    let (mode, with_goal) = (request.mode, request.with_goal);
    let asked = PromptRequest { mode, budget, goal, with_goal, history: &history, now };
    let prompt = pipeline::prompt(&context, &reading, &memory, &asked)?;
    app.warn_of_missing(&reading);
    pipeline::leak_scan(&context, "the prompt", &prompt)?;
    let path = keep(app, &context, request.mode, &prompt);
    Ok(Report { mode: request.mode.name(), budget, tokens: tokens::count(&prompt), path, prompt })
}

/// Keeps a copy if the project is set up. Failing to is no error, since the
/// prompt is still worth showing.
fn keep(app: &App, context: &Context, mode: PromptMode, text: &str) -> Option<String> {
    let local = &context.project.local;
    if !local.is_dir() {
        return None;
    }
    let folder = local.join("prompts");
    let path = folder.join(format!("{}.md", mode.name()));
    let kept = atomic::create_folder(&folder).and_then(|()| atomic::write(&path, text.as_bytes()));
    match kept {
        Ok(_) => Some(path.display().to_string()),
        Err(error) => {
            app.warn(&error.to_string());
            None
        }
    }
}
