//! A goal on the command line.

use std::path::PathBuf;

use clap::Args;

use super::streams::input;
use crate::app::{App, Result};

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
        match &self.goal_file {
            Some(path) => app.read_goal(input(path)).map(Some),
            None => Ok(self.goal.clone()),
        }
    }
}
