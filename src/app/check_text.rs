//! What a text says of the project that is not so: files, lines, declarations,
//! commands and links that are not there.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Serialize;

use super::doctor_check::{Check, ok, warn};
use super::open::store;
use super::stream::Input;
use super::{App, Error, Result};
use crate::fs::{atomic, confined};
use crate::limits;
use crate::model::{RelPath, SafeText};
use crate::pipeline::check_text::{CheckedText, FalseClaim, check_text as check};
use crate::pipeline::{self, Context, Reading};
use crate::store::Store;
use crate::walk;

/// Which texts are checked, and against what.
#[derive(Default)]
pub struct Request {
    /// Files; none for the instruction files of agents.
    pub files: Vec<PathBuf>,
    /// A text that lies nowhere, such as an answer or a plan.
    pub stream: Option<Input>,
    /// What is staged instead of the work tree.
    pub staged: bool,
    /// Write the names that files have now where git tells them.
    pub fix_paths: bool,
}

/// What is not so.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Report {
    /// Texts that were checked.
    pub texts: usize,
    pub found: Vec<FalseReport>,
    /// Files in which paths were mended, with how many.
    pub fixed: Vec<FixedText>,
}

/// Something that a text names and that is not there.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FalseReport {
    /// `-` for standard input.
    pub file: String,
    pub line: u32,
    /// `path`, `line`, `symbol`, `command`, `link` or `url`.
    pub kind: &'static str,
    /// As the text says it.
    pub text: SafeText,
    pub why: SafeText,
    /// The nearest that there is, or what git renamed it to.
    pub nearest: Option<SafeText>,
}

/// A text in which paths were mended.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FixedText {
    pub file: String,
    pub paths: usize,
}

/// Files that agents read their instructions from.
const INSTRUCTIONS: [&str; 9] = [
    "AGENTS.md",
    "CLAUDE.md",
    "CLAUDE.local.md",
    "GEMINI.md",
    ".github/copilot-instructions.md",
    ".cursorrules",
    ".windsurfrules",
    ".clinerules",
    "CONVENTIONS.md",
];

/// Bytes of a text.
const MOST_BYTES: u64 = 4_000_000;

/// Checks texts against the tree or the index.
pub fn check_text(app: &App, request: Request) -> Result<Report> {
    let context = app.context()?;
    let (context, _scratch) = match request.staged {
        true => super::change::staged(app, context)?,
        false => (context, None),
    };
    let store = store(&context)?;
    let reading = pipeline::read(&context, store.as_ref())?;
    let mut report = Report { texts: 0, found: Vec::new(), fixed: Vec::new() };
    let files: Vec<PathBuf> = match (request.files.is_empty(), &request.stream) {
        (true, None) => instruction_files(&context).iter().map(|file| PathBuf::from(file.as_str())).collect(),
        _ => request.files,
    };
    for file in files {
        let bytes = Input::File(file.clone()).bytes(app, MOST_BYTES, "it is too long to be checked")?;
        let path = app.project_path(&context, &file).ok();
        let shown = path.as_ref().map_or(file.display().to_string(), RelPath::to_string);
        let text = walk::decode(&bytes);
        let found = found_in(&context, &reading, &text, path.as_ref())?;
        if request.fix_paths {
            let whole = context
                .project
                .root
                .join(path.as_ref().map_or(file.as_path(), |path| Path::new(path.as_str())));
            report.fixed.extend(fix(&whole, &shown, &bytes, &text, &found)?);
        }
        report.add(&shown, found, request.fix_paths);
    }
    if let Some(input) = request.stream {
        let bytes = input.bytes(app, MOST_BYTES, "it is too long to be checked")?;
        let found = found_in(&context, &reading, &walk::decode(&bytes), None)?;
        report.add("-", found, false);
    }
    app.warn_of_missing(&reading);
    Ok(report)
}

impl Report {
    fn add(&mut self, file: &str, found: Vec<FalseClaim>, is_fixed: bool) {
        self.texts += 1;
        let left = found.into_iter().filter(|claim| !(is_fixed && claim.renamed.is_some()));
        self.found.extend(left.map(|claim| FalseReport {
            file: file.to_string(),
            line: claim.line,
            kind: claim.kind.name(),
            text: claim.said,
            why: claim.why,
            nearest: claim.nearest,
        }));
    }
}

/// The instruction files that the project has.
fn instruction_files(context: &Context) -> Vec<RelPath> {
    let is_there = |path: &&RelPath| context.project.root.join(path.as_str()).is_file();
    INSTRUCTIONS.iter().filter_map(|path| RelPath::new(path)).filter(|path| is_there(&path)).collect()
}

/// What `doctor` finds in the instruction files.
pub(super) fn instructions(context: &Context, store: Option<&Store>) -> Check {
    const NAME: &str = "instructions";
    let files = instruction_files(context);
    if files.is_empty() {
        return ok(NAME, "no AGENTS.md, CLAUDE.md or the like");
    }
    let reading = match pipeline::read(context, store) {
        Ok(reading) => reading,
        Err(error) => return warn(NAME, error.to_string().replace('\n', "; ")),
    };
    let mut told: Vec<String> = Vec::new();
    for path in &files {
        let text = text_at(context, path).unwrap_or_default();
        let found = found_in(context, &reading, &text, Some(path)).unwrap_or_default();
        told.extend(found.iter().map(|claim| format!("{path}:{} names `{}`", claim.line, claim.said)));
    }
    match told.len() {
        0 => ok(
            NAME,
            format!("all that {} is there", if files.len() == 1 { "one file names" } else { "they name" }),
        ),
        some => {
            let shown = told.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
            let more = if some > SHOWN { format!(" and {} more", some - SHOWN) } else { String::new() };
            let (is, hint) = (if some == 1 { "is" } else { "are" }, "`waypost check-text` shows the nearest");
            warn(NAME, format!("{shown}{more}, which {is} not there; {hint}"))
        }
    }
}

/// Findings that the check of `doctor` names.
const SHOWN: usize = 5;

/// What a text of the project says that is not so.
fn found_in(
    context: &Context,
    reading: &Reading,
    text: &str,
    path: Option<&RelPath>,
) -> Result<Vec<FalseClaim>> {
    let safe = context.redactor.text(text);
    Ok(check(context, reading, &CheckedText { text, safe: &safe, path })?)
}

/// The text of a file of the project, for a check of it.
fn text_at(context: &Context, path: &RelPath) -> Option<String> {
    let bytes = confined::read(&context.project.root.join(path.as_str()), limits::MAX_OWN_FILE).ok()?;
    Some(walk::decode(&bytes))
}

/// Writes the names that files have now in the place of those that they had.
fn fix(
    path: &Path,
    shown: &str,
    bytes: &[u8],
    text: &str,
    found: &[FalseClaim],
) -> Result<Option<FixedText>> {
    let mut renamed: Vec<_> = found.iter().filter_map(|claim| claim.renamed.clone()).collect();
    if renamed.is_empty() {
        return Ok(None);
    }
    if bytes != text.as_bytes() {
        let error =
            Error::new(format!("`{shown}` is not UTF-8 with plain line ends, so its paths are not mended"));
        return Err(error.about(shown));
    }
    renamed.sort_by_key(|(at, _)| std::cmp::Reverse(at.start));
    renamed.dedup_by_key(|(at, _)| at.start);
    let mut mended = text.to_string();
    renamed.iter().for_each(|(at, to)| mended.replace_range(at.clone(), to));
    atomic::write(path, mended.as_bytes())?;
    Ok(Some(FixedText { file: shown.to_string(), paths: renamed.len() }))
}
