//! The last look at a finished artefact. All text was redacted where it came
//! in; should a secret have got past that, the artefact is not published and the
//! last good one stays.

use super::{Context, PipelineError, Result};

/// Lines above a secret in which the file that it is about is looked for.
const LOOKED_UP: usize = 40;

/// Refuses an artefact that holds a token of known shape, a private key, a
/// password in a URL, or what a pattern of the user matches. `what` is its name.
///
/// # Errors
/// [`PipelineError::Secret`] with the kind, the line and, where the lines above
/// name a file of the project, where it seems to come from.
pub fn leak_scan(context: &Context, what: &str, artefact: &str) -> Result<()> {
    let Some(found) = context.redactor.leaks(artefact).into_iter().next() else { return Ok(()) };
    let from = source(context, artefact, found.line as usize);
    Err(PipelineError::Secret {
        what: what.to_string(),
        kind: found.kind,
        line: found.line,
        from: from.map(|path| format!(", it seems from `{path}`")).unwrap_or_default(),
        hint: match found.kind {
            "CUSTOM" => "a pattern in `redact_patterns` may match waypost's own words",
            _ => {
                "`waypost redact --retro` cleans what an older version stored; if this stays, please report it"
            }
        },
    })
}

/// The nearest file of the project that is named on the line or above it.
fn source(context: &Context, artefact: &str, line: usize) -> Option<String> {
    let above: Vec<&str> = artefact.lines().take(line).collect();
    let quoted = above.iter().rev().take(LOOKED_UP).flat_map(|text| text.split(['`', '"', ' ']));
    let is_file = |name: &&str| {
        name.len() > 2
            && !name.starts_with('/')
            && !name.contains("..")
            && context.project.root.join(name).is_file()
    };
    quoted.into_iter().find(is_file).map(|name| context.redactor.name(name).to_string())
}
