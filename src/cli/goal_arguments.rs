//! The goal as commands that rank take it.

use std::path::{Path, PathBuf};

use clap::Args;

use super::streams::input;
use crate::app::{App, Result};

/// The goal as a flag or from a file, for commands that rank.
#[derive(Args)]
pub struct GoalArguments {
    /// The goal in a person's words [default: the recorded goal]
    #[arg(long = "goal", value_name = "TEXT", allow_hyphen_values = true)]
    goal: Option<String>,
    /// Read the goal from a file, `-` for standard input
    #[arg(long, value_name = "PATH", conflicts_with = "goal")]
    goal_file: Option<PathBuf>,
}

impl GoalArguments {
    /// The goal that was given, if any.
    pub fn text(&self, app: &App) -> Result<Option<String>> {
        given(app, self.goal.as_deref(), self.goal_file.as_deref())
    }
}

/// The goal that was given as a text or in a file, if any.
pub fn given(app: &App, text: Option<&str>, file: Option<&Path>) -> Result<Option<String>> {
    match file {
        Some(path) => app.read_goal(input(path)).map(Some),
        None => Ok(text.map(str::to_string)),
    }
}
