//! A last check of what a front end is about to show. All text was redacted
//! when it came in; this catches what may have slipped through.

use std::borrow::Cow;

use super::{Error, Result};
use crate::redact;

/// Refuses a text that holds a token of known shape.
pub fn refuse_secrets(text: &str) -> Result<()> {
    match redact::first_known(text) {
        None => Ok(()),
        Some(found) => Err(Error::new(format!(
            "the output is withheld: its line {} would hold a secret ({})",
            found.line, found.kind
        ))
        .with_hint(
            "`waypost redact --retro` cleans what an older version stored; if this stays, please report it",
        )),
    }
}

/// A message with tokens of known shape replaced, since it may repeat what was
/// typed on a command line.
pub fn message(text: &str) -> Cow<'_, str> {
    redact::message(text)
}
