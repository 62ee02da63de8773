//! `waypost prompt`: handoff and live part, compiled for one reader.

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use serde_json::json;

use super::rank::GoalArguments;
use super::{Global, Out, Outcome, open};
use crate::pipeline::{self, PromptRequest};
use crate::render::{self, publish};

#[derive(Args)]
pub struct Arguments {
    /// Who reads it
    #[arg(long, value_name = "MODE", default_value = "generic-agent-restore")]
    mode: Mode,
    /// Tokens (o200k_base) that it does not exceed, 300 to 16000 [default: prompt_budget]
    #[arg(long, value_name = "N")]
    token_budget: Option<u64>,
    /// Tell what changed since this snapshot instead of since the head commit
    #[arg(long, value_name = "ID")]
    snapshot_id: Option<String>,
    #[command(flatten)]
    goal: GoalArguments,
}

#[derive(Clone, Copy, ValueEnum)]
enum Mode {
    GenericAgentRestore,
    CopilotRestore,
    ClaudeCodeRestore,
    HumanHandoff,
}

impl Mode {
    fn reader(self) -> render::Mode {
        match self {
            Mode::GenericAgentRestore => render::Mode::GenericAgentRestore,
            Mode::CopilotRestore => render::Mode::CopilotRestore,
            Mode::ClaudeCodeRestore => render::Mode::ClaudeCodeRestore,
            Mode::HumanHandoff => render::Mode::HumanHandoff,
        }
    }
}

pub fn run(global: &Global, arguments: &Arguments, out: &Out) -> anyhow::Result<Outcome> {
    let mut context = open::context(global, out)?;
    if let Some(budget) = arguments.token_budget {
        context.settings.set_flag("prompt_budget", "--token-budget", budget)?;
    }
    render::tokens::warm_up();
    let store = open::store(&context)?;
    let reading = pipeline::read(&context, store.as_ref())?;
    let memory = open::memory(&context, out)?;
    let (_, history) = pipeline::history(&context, store.as_ref());
    let now = match &arguments.snapshot_id {
        Some(id) => {
            let id = id.parse().map_err(anyhow::Error::msg)?;
            let store = store.as_ref().context("there is no snapshot yet\nhint: run `waypost snapshot`")?;
            pipeline::since_snapshot(&context, &reading, Some(store), Some(id))?
        }
        None => pipeline::now(&context, &reading, store.as_ref(), &history)?,
    };
    let mode = arguments.mode.reader();
    let budget = context.settings.number("prompt_budget");
    let goal = arguments.goal.text()?.map(|goal| context.redactor.text(goal.trim()));
    let request = PromptRequest { mode, budget, goal, history: &history, now };
    let text = pipeline::prompt(&context, &reading, &memory, &request)?;
    pipeline::last_look(&context, "the prompt", &text)?;
    let path = keep(&context.project, mode, &text, out)?;
    if out.json {
        let tokens = render::tokens::count(&text);
        out.object(
            &json!({ "mode": mode.name(), "budget": budget, "tokens": tokens, "path": path, "prompt": text }),
        )?;
    } else {
        out.raw(&text)?;
    }
    Ok(Outcome::Done)
}

/// Keeps a copy in a project that is set up; a prompt is worth printing also
/// where nothing can be written.
fn keep(
    project: &crate::project::Project,
    mode: render::Mode,
    text: &str,
    out: &Out,
) -> anyhow::Result<Option<String>> {
    if !project.local.is_dir() {
        return Ok(None);
    }
    let folder = project.local.join("prompts");
    let path = folder.join(format!("{}.md", mode.name()));
    match publish::create_folder(&folder).and_then(|()| publish::write(&path, text.as_bytes())) {
        Ok(_) => Ok(Some(path.display().to_string())),
        Err(error) => {
            out.warning(&error.to_string());
            Ok(None)
        }
    }
}
