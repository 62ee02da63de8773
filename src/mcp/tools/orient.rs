//! `orient`: the page of a task, or where the work stands.

use serde::Serialize;

use super::answer::{self, REMARK};
use super::arguments::ToolArguments;
use crate::app::prompt::{self, PromptMode};
use crate::app::resume::{self, ResumeRequest};
use crate::app::session_start::{self, Section};
use crate::app::{App, Error, Result, budget, sitrep};
use crate::mcp::safe;

const FRESH: &str = "\nfresh: read from the files as they are now\n";

/// Answers `orient`: with a goal the page for it, otherwise the state of the work.
pub fn call(app: &App, arguments: &ToolArguments) -> Result<String> {
    let goal = arguments.text("goal")?;
    let (budget, is_json) = (arguments.budget()?, arguments.wants_json()?);
    match (goal, is_json) {
        (Some(goal), false) => {
            let page = page(app, goal, budget - REMARK - FRESH.len() / 2)?;
            safe(&format!("{}{FRESH}", page.prompt))
        }
        (Some(goal), true) => as_json(budget, &|budget| page(app, goal, budget)),
        (None, false) => {
            let State { page, resume, sitrep } = state(app, budget - REMARK)?;
            let parts = [resume, sitrep].into_iter().flatten().map(|part| format!("{}\n", part.trim_start()));
            safe(&format!("{}{}", parts.collect::<String>(), page.text))
        }
        (None, true) => as_json(budget, &|budget| state(app, budget)),
    }
}

fn page(app: &App, goal: &str, budget: usize) -> Result<prompt::Report> {
    let request = prompt::Request {
        mode: PromptMode::GenericAgentRestore,
        token_budget: Some(budget as u64),
        snapshot: None,
        goal: Some(goal.to_string()),
        with_goal: false,
    };
    prompt::prompt(app, &request)
}

/// A report shrinks until it fits with what JSON adds to it.
fn as_json<R: Serialize>(budget: usize, report: &dyn Fn(usize) -> Result<R>) -> Result<String> {
    for share in [85, 70, 55, 40] {
        let Ok(report) = report(budget * share / 100) else { break };
        let text = crate::mcp::json(&report)?;
        if budget::fits(&text, answer::bound(budget)) {
            return Ok(text);
        }
    }
    Err(Error::new(format!("nothing fits into {budget} tokens as JSON")).with_hint("raise `budget`"))
}

/// In the order of what one who comes back asks.
const ORDER: [Section; 7] = [
    Section::Checkpoint,
    Section::Goal,
    Section::Brief,
    Section::Now,
    Section::Start,
    Section::Tests,
    Section::Commands,
];

const MORE: &str = "Fresh: read from the files as they are now. More: `orient` with the task as `goal`, `search`, \
                    `outline`, `changes`.";

/// Where the work stands: what is unfinished, who else is here, and the page.
#[derive(Serialize)]
struct State {
    #[serde(flatten)]
    page: session_start::Report,
    resume: Option<String>,
    sitrep: Option<String>,
}

/// Tokens of a heading and the empty lines around it.
const HEADING: usize = 10;

fn state(app: &App, budget: usize) -> Result<State> {
    let (for_resume, for_sitrep) = (budget / 4, budget / 8);
    let resume =
        resume::resume(app, &ResumeRequest { budget: Some(for_resume), ..ResumeRequest::default() })?;
    let resume = resume.has_work().then(|| format!("# Unfinished work\n\n{}", resume.sheet.text));
    let sitrep = sitrep::sitrep(app, Some(for_sitrep))?;
    let is_alone = sitrep.active.len() < 2 && sitrep.claims.is_empty();
    let sitrep = (!is_alone).then(|| format!("# Going on\n\n{}", sitrep.sheet.text));
    let spent = resume.as_ref().map_or(0, |_| for_resume + HEADING)
        + sitrep.as_ref().map_or(0, |_| for_sitrep + HEADING);
    let bound = answer::bound(budget - spent.min(budget));
    let request = session_start::Request { order: ORDER.to_vec(), bound, more: MORE };
    Ok(State { page: session_start::session_start(app, &request)?, resume, sitrep })
}
