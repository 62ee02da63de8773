//! What a command printed and how it ended.
//!
//! Not here: how a long output is shortened (`sessions`), and where its bytes
//! lie (`store`).

use schemars::JsonSchema;
use serde::Serialize;

use super::{ContentHash, SafeText};

/// One stream of a command's output, as it was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredOutput {
    /// Of the bytes that were kept.
    pub hash: ContentHash,
    pub bytes: u64,
    /// The first so many of them were kept.
    pub kept: u64,
}

macro_rules! output_statuses {
    ($($(#[$doc:meta])* $status:ident = $name:literal,)*) => {
        /// How a command's output was shown.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
        pub enum OutputStatus {
            $($(#[$doc])* #[serde(rename = $name)] $status),*
        }

        impl OutputStatus {
            /// The name that is stored and reported.
            pub fn name(self) -> &'static str {
                match self { $(Self::$status => $name),* }
            }

            /// The status of a name; `None` for an unknown one.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$status),)* _ => None }
            }
        }
    };
}

// The names are stored: never change one.
output_statuses! {
    /// A digest in its place.
    Compressed = "compressed",
    /// As it was, since it is short.
    SkippedUnderBudget = "skipped_under_budget",
    /// As it was, since it could not be read again.
    Failed = "failed",
    /// As it came.
    Raw = "raw",
}

/// A command that ran, before it has an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewReceipt {
    /// Row of the session.
    pub session: Option<i64>,
    /// Milliseconds since 1970.
    pub at_ms: i64,
    pub folder: SafeText,
    pub command: SafeText,
    /// Equal for the same command in the same folder.
    pub same: String,
    pub head: Option<String>,
    /// 128 and the number of a signal.
    pub code: i64,
    pub lasted_ms: i64,
    pub status: OutputStatus,
    /// Bytes that were shown in place of all.
    pub shown_bytes: u64,
    pub stdout: StoredOutput,
    pub stderr: StoredOutput,
}

/// A command that ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    pub id: String,
    /// Id of the session.
    pub session: Option<String>,
    pub run: NewReceipt,
}
