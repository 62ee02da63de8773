//! The arguments of a call, as agents give them: a number may be a text, one
//! text may stand for a list of one, and names may be ours or not.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::Value;

use crate::app::{Error, Result};
use crate::mcp::message::{Params, shortened};

/// The arguments of one call; it notes which of them were asked for.
pub struct ToolArguments<'a> {
    given: &'a Params,
    /// Names that somebody asked for.
    known: RefCell<BTreeSet<&'static str>>,
}

/// How long an answer may be.
const LEAST_BUDGET: u64 = 400;
const MOST_BUDGET: u64 = 10_000;
const DEFAULT_BUDGET: u64 = 2_000;

impl<'a> ToolArguments<'a> {
    /// Wraps the arguments as the client sent them.
    pub fn new(given: &'a Params) -> Self {
        Self { given, known: RefCell::default() }
    }

    fn get(&self, name: &'static str) -> Option<&'a Value> {
        self.known.borrow_mut().insert(name);
        self.given.get(name).filter(|value| !value.is_null())
    }

    /// A text that is not blank.
    pub fn text(&self, name: &'static str) -> Result<Option<&'a str>> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|text| !text.trim().is_empty())),
            Some(other) => Err(wrong(name, "a text", other)),
        }
    }

    /// A text that must be given and not be blank.
    pub fn required_text(&self, name: &'static str) -> Result<&'a str> {
        self.text(name)?.ok_or_else(|| Error::new(format!("`{name}` is missing")))
    }

    /// A list of texts, or one text.
    pub fn texts(&self, name: &'static str) -> Result<Vec<&'a str>> {
        let texts = match self.get(name) {
            None => return Ok(Vec::new()),
            Some(Value::String(text)) => Some(vec![text.as_str()]),
            Some(Value::Array(items)) => items.iter().map(Value::as_str).collect(),
            Some(_) => None,
        };
        let texts = texts.ok_or_else(|| wrong(name, "a list of texts", &self.given[name]))?;
        Ok(texts.into_iter().filter(|text| !text.trim().is_empty()).collect())
    }

    /// A whole number of 0 or more, also if it is sent as a text or as `3.0`; `None` if it is
    /// absent.
    pub fn number(&self, name: &'static str) -> Result<Option<u64>> {
        let Some(given) = self.get(name) else { return Ok(None) };
        let number = match given {
            Value::String(text) => text.trim().parse().ok(),
            // Some clients know no other numbers.
            Value::Number(number) => {
                let whole = number.as_f64().filter(|number| number.fract() == 0.0 && *number >= 0.0);
                number.as_u64().or(whole.map(|number| number as u64))
            }
            _ => None,
        };
        number.map(Some).ok_or_else(|| wrong(name, "a whole number", given))
    }

    /// Tokens that the answer must not exceed.
    pub fn budget(&self) -> Result<usize> {
        let asked = self.number("budget")?.unwrap_or(DEFAULT_BUDGET);
        match asked {
            ..LEAST_BUDGET => {
                Err(Error::new(format!("`budget` must be {LEAST_BUDGET} to {MOST_BUDGET}, not {asked}")))
            }
            _ => Ok(asked.min(MOST_BUDGET) as usize),
        }
    }

    /// Whether the answer is to be JSON.
    pub fn wants_json(&self) -> Result<bool> {
        match self.text("format")? {
            None | Some("text" | "md" | "markdown") => Ok(false),
            Some("json") => Ok(true),
            Some(other) => {
                Err(Error::new(format!("`format` must be text or json, not `{}`", shortened(other))))
            }
        }
    }

    /// Names that were given and that nobody asked for.
    pub fn unknown(&self) -> Vec<String> {
        let known = self.known.borrow();
        let unknown = self.given.keys().filter(|name| !known.contains(name.as_str()));
        unknown.take(MOST_NAMED).map(|name| shortened(name)).collect()
    }
}

/// Unknown names that an answer repeats.
const MOST_NAMED: usize = 5;

fn wrong(name: &str, wanted: &str, given: &Value) -> Error {
    Error::new(format!("`{name}` must be {wanted}, not {}", shortened(&given.to_string())))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_agents_write_is_read_and_what_is_wrong_is_named() {
        let given = json!({
            "a": "text", "b": ["x", " "], "c": "12", "d": 3.0, "e": null, "f": [1], "g": -1, "budget": "399",
        });
        let given = given.as_object().unwrap();
        let arguments = ToolArguments::new(given);
        assert_eq!(arguments.text("a").unwrap(), Some("text"));
        assert_eq!(arguments.texts("a").unwrap(), ["text"]);
        assert_eq!(arguments.texts("b").unwrap(), ["x"]);
        assert_eq!(arguments.number("c").unwrap(), Some(12));
        assert_eq!(arguments.number("d").unwrap(), Some(3));
        assert_eq!(arguments.text("e").unwrap(), None);
        let message = |error: Error| error.message().to_string();
        assert_eq!(message(arguments.texts("f").unwrap_err()), "`f` must be a list of texts, not [1]");
        assert_eq!(message(arguments.number("g").unwrap_err()), "`g` must be a whole number, not -1");
        assert_eq!(message(arguments.text("b").unwrap_err()), "`b` must be a text, not [\"x\",\" \"]");
        assert_eq!(message(arguments.required_text("e").unwrap_err()), "`e` is missing");
        assert!(message(arguments.budget().unwrap_err()).contains("400 to 10000"));
        assert!(arguments.unknown().is_empty());
    }

    #[test]
    fn a_name_that_nobody_asked_for_is_told() {
        let given = json!({ "text": "x", "budget": 1_000_000 });
        let given = given.as_object().unwrap();
        let arguments = ToolArguments::new(given);
        assert_eq!(arguments.budget().unwrap(), 10_000);
        assert_eq!(arguments.unknown(), ["text"]);
    }
}
