//! When a lesson is told: before a tool is used in a certain way, or when
//! something fails in a certain way.
//!
//! Not here: whether a call is such a one (`sessions/matching`).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::SafeText;

/// What a call must be like; all parts that are given must match.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema, Deserialize)]
pub struct Trigger {
    /// The tool as its client calls it, or the program of a command.
    pub tool: Option<SafeText>,
    /// A glob over paths of the project.
    pub path: Option<SafeText>,
    /// A regular expression that is looked for in the command or argument; one
    /// that begins with `*` is a glob over all of it.
    pub arg: Option<SafeText>,
    /// Of an error.
    pub fingerprint: Option<SafeText>,
}

impl Trigger {
    /// The parts by name, in their order.
    pub fn parts(&self) -> [(&'static str, &Option<SafeText>); 4] {
        [("tool", &self.tool), ("path", &self.path), ("arg", &self.arg), ("fingerprint", &self.fingerprint)]
    }

    /// The part of a name, to be set.
    pub fn part_mut(&mut self, name: &str) -> Option<&mut Option<SafeText>> {
        match name {
            "tool" => Some(&mut self.tool),
            "path" => Some(&mut self.path),
            "arg" => Some(&mut self.arg),
            "fingerprint" => Some(&mut self.fingerprint),
            _ => None,
        }
    }

    /// Whether no part is given: such a one matches nothing.
    pub fn is_empty(&self) -> bool {
        self.parts().iter().all(|(_, part)| part.is_none())
    }
}
