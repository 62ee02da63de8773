//! An answer to a call: a text within its budget, or what was wrong.

use serde::Serialize;
use serde_json::{Value, json};

use super::arguments::ToolArguments;
use crate::app::Result;
use crate::app::budget::{self, Bound};
use crate::mcp::{json as as_json, safe};

/// Bytes of any answer: clients put longer ones into a file of which the agent
/// sees the beginning.
const MOST_BYTES: usize = 40_000;

/// Tokens that are left for what is said of arguments that are not known.
pub const REMARK: usize = 60;

/// The text of an answer, and whether it reports an error to the agent.
pub struct ToolAnswer {
    text: String,
    is_error: bool,
}

impl ToolAnswer {
    /// The answer of a tool; arguments that it does not know are named.
    pub fn of(answered: Result<String>, arguments: &ToolArguments) -> Self {
        match answered {
            Ok(text) => Self { text: text + &remark(arguments), is_error: false },
            Err(error) => Self { text: error.without_secrets().to_string(), is_error: true },
        }
    }

    /// The answer as the result of `tools/call`.
    pub fn result(self) -> Value {
        let mut result = json!({ "content": [{ "type": "text", "text": self.text }] });
        if self.is_error {
            result["isError"] = json!(true);
        }
        result
    }
}

fn remark(arguments: &ToolArguments) -> String {
    match arguments.unknown() {
        unknown if unknown.is_empty() || arguments.wants_json().unwrap_or_default() => String::new(),
        unknown => format!("\nnot used: {}\n", safe(&unknown.join(", ")).unwrap_or_default()),
    }
}

/// The bound of an answer: the given tokens, and the bytes that clients show.
pub fn bound(tokens: usize) -> Bound {
    Bound { tokens, bytes: MOST_BYTES }
}

/// Whole lines within a budget, the most important first, and a last line that
/// tells how fresh they are and what was left out.
pub fn within(tokens: usize, lines: &[String], end: &str, more: &str) -> Result<String> {
    let bound = bound(tokens - REMARK);
    let left_out = |lines: usize| match lines {
        0 => format!("\n{end}\n"),
        lines => format!("\n{end}; {lines} more lines: {more}\n"),
    };
    safe(&budget::whole_lines(lines, bound, &left_out))
}

/// A report as JSON within a budget: `shorter` takes something from its end, as
/// long as there is something.
pub fn json_within<R: Serialize>(
    tokens: usize,
    mut report: R,
    shorter: &dyn Fn(&mut R) -> bool,
) -> Result<String> {
    let bound = bound(tokens);
    loop {
        let text = as_json(&report)?;
        if budget::fits(&text, bound) || !shorter(&mut report) {
            return Ok(text);
        }
    }
}
