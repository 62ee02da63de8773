//! The report of `completions`, whose script the command line itself makes.

use schemars::JsonSchema;
use serde::Serialize;

/// A completion script.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Script {
    pub shell: String,
    pub script: String,
}
