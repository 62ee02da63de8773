//! Answers a question: the places that say most, as JSON, and a prompt for an agent that
//! is to work on it.
//!
//! ```sh
//! cargo run --example ask -- "where are cookies signed"
//! ```

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example prints")]

use std::error::Error;

use waypost::{Project, PromptMode};

fn main() -> Result<(), Box<dyn Error>> {
    let question: Vec<String> = std::env::args().skip(1).collect();
    let question = question.join(" ");
    let project = Project::open(".")?;
    project.snapshot(None)?;
    let hits = project.search(&question, 5)?;
    println!("{}", serde_json::to_string_pretty(&hits)?);
    let prompt = project.prompt(Some(&question), PromptMode::GenericAgentRestore, 1_200)?;
    println!("{}", prompt.prompt);
    eprintln!("{} of {} tokens", prompt.tokens, prompt.budget);
    Ok(())
}
