//! `waypost prompt`: handoff and live part, compiled for one reader.

use clap::{Args, ValueEnum};

use super::goal_arguments::GoalArguments;
use super::output_file::PastedOutput;
use super::{CommandOutcome, Out};
use crate::app::prompt::{self, Request};
use crate::app::{App, Result};

/// Arguments of `waypost prompt`.
#[derive(Args)]
pub struct Arguments {
    /// Who reads it
    #[arg(long, value_name = "MODE", default_value = "generic")]
    mode: ModeArgument,
    /// Tokens (o200k_base) that it does not exceed, 300 to 16000 [default: prompt_budget]
    #[arg(long, value_name = "N")]
    token_budget: Option<u64>,
    /// Tell what changed since this snapshot instead of since the head commit
    #[arg(long, value_name = "ID")]
    snapshot_id: Option<String>,
    /// Print the whole goal: by default its first line tells which one it is
    #[arg(long)]
    with_goal: bool,
    #[command(flatten)]
    goal: GoalArguments,
    #[command(flatten)]
    pub output: PastedOutput,
}

#[derive(Clone, Copy, ValueEnum)]
enum ModeArgument {
    #[value(aliases = ["generic-agent-restore", "codex", "cursor", "gemini"])]
    Generic,
    #[value(alias = "copilot-restore")]
    Copilot,
    #[value(alias = "claude-code-restore")]
    Claude,
    #[value(alias = "human-handoff")]
    Human,
}

impl ModeArgument {
    fn reader(self) -> prompt::PromptMode {
        match self {
            ModeArgument::Generic => prompt::PromptMode::GenericAgentRestore,
            ModeArgument::Copilot => prompt::PromptMode::CopilotRestore,
            ModeArgument::Claude => prompt::PromptMode::ClaudeCodeRestore,
            ModeArgument::Human => prompt::PromptMode::HumanHandoff,
        }
    }
}

/// Prints the prompt as it is, ready to be piped.
pub fn run(app: &App, arguments: &Arguments, out: &Out) -> Result<CommandOutcome> {
    let request = Request {
        mode: arguments.mode.reader(),
        token_budget: arguments.token_budget,
        snapshot: arguments.snapshot_id.clone(),
        goal: arguments.goal.text(app)?,
        with_goal: arguments.with_goal,
    };
    let report = prompt::prompt(app, &request)?;
    match out.json {
        true => out.object(&report)?,
        false => out.raw(&report.prompt)?,
    }
    Ok(CommandOutcome::Done)
}
