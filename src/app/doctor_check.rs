//! One check of `doctor`: what it is called and how it came out.
//!
//! Not here: what is checked (`doctor`, `doctor_facts`).

use schemars::JsonSchema;
use serde::Serialize;

/// One thing that was looked at, with its outcome in words.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Check {
    pub name: &'static str,
    pub status: CheckStatus,
    pub detail: String,
}

/// The outcome of a check; only `Fail` makes the command fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CheckStatus {
    Ok,
    Warn,
    Fail,
}

impl CheckStatus {
    /// The status as JSON and the terminal show it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

pub(super) fn ok(name: &'static str, detail: impl Into<String>) -> Check {
    Check { name, status: CheckStatus::Ok, detail: detail.into() }
}

pub(super) fn warn(name: &'static str, detail: impl Into<String>) -> Check {
    Check { name, status: CheckStatus::Warn, detail: detail.into() }
}

pub(super) fn fail(name: &'static str, detail: impl Into<String>) -> Check {
    Check { name, status: CheckStatus::Fail, detail: detail.into() }
}

/// The lines of an error joined to the one line of a detail.
pub(super) fn failed(name: &'static str, error: &dyn std::fmt::Display) -> Check {
    fail(name, error.to_string().replace('\n', "; "))
}

/// `1 file`, `2 files`.
pub(super) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
