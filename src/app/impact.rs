//! What a change breaks: declarations that are gone, hidden or declared otherwise,
//! with the lines that use them and the records about them.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use super::change::{ChangeRequest, OpenChange};
use super::record::title;
use super::{App, Error, Result};
use crate::memory::Record;
use crate::model::{DiffFile, DiffStatus, RelPath, SafeText, SymbolKind};
use crate::pipeline::{self, ImpactBounds, SymbolImpact, UserLine};

/// What is asked about.
#[derive(Default)]
pub struct Request {
    pub change: ChangeRequest,
    /// A declaration instead of a change: `name`, `Type.name` or `path#name`.
    pub symbol: Option<String>,
    /// Lines that use a declaration, at most; 0 for a summary without users.
    pub lines: usize,
    /// Declarations that nobody sees outside of their file too.
    pub with_private: bool,
}

/// The declarations, what breaks others first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Report {
    pub changed: Vec<RelPath>,
    /// How many public declarations are gone, hidden, moved or declared otherwise.
    pub breaking: usize,
    pub symbols: Vec<SymbolReport>,
    /// Records about the changed files.
    pub records: Vec<AnchoredRecord>,
}

/// A declaration that the change touches.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SymbolReport {
    pub path: RelPath,
    /// Qualified.
    pub name: SafeText,
    pub kind: SymbolKind,
    /// `removed`, `hidden`, `signature`, `moved`, `added`, `body` or `same`.
    pub change: &'static str,
    pub public: bool,
    pub breaking: bool,
    pub before: Option<SafeText>,
    pub after: Option<SafeText>,
    pub line: Option<u32>,
    pub moved_to: Option<RelPath>,
    /// Files that use it.
    pub used_in: usize,
    pub users: Vec<UserReport>,
}

/// A line that uses a declaration.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UserReport {
    pub path: RelPath,
    pub line: u32,
    pub text: SafeText,
    /// What tells it from a namesake: `import`, `package`, `only declaration`, or
    /// `name` where nothing does.
    pub by: &'static str,
    pub resolved: bool,
    pub test: bool,
}

/// A record that is about a changed file, or a declaration in it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AnchoredRecord {
    pub id: String,
    pub title: String,
    /// The path, with `#` and the declaration where it is about one.
    pub anchor: String,
    pub state: &'static str,
}

impl Report {
    /// A line for each declaration, with its users below it, then the records.
    pub fn lines(&self) -> Vec<String> {
        let symbols = self.symbols.iter().flat_map(SymbolReport::lines);
        let record = |record: &AnchoredRecord| {
            format!("record {}  {} ({}): {}", record.id, record.title, record.state, record.anchor)
        };
        symbols.chain(self.records.iter().map(record)).collect()
    }
}

impl SymbolReport {
    fn lines(&self) -> Vec<String> {
        let mark = match self.change {
            "removed" => "-",
            "added" => "+",
            "same" => " ",
            "body" => "~",
            _ => "!",
        };
        let place = self.line.map_or(self.path.to_string(), |line| format!("{}:{line}", self.path));
        let moved = self.moved_to.as_ref().map(|to| format!(" to {to}")).unwrap_or_default();
        let change = if self.change == "same" { self.kind.name() } else { self.change };
        let mut lines = vec![format!("{mark} {place}  {}  ({change}{moved})", self.name)];
        if matches!(self.change, "signature" | "hidden") {
            let both = [("-", &self.before), ("+", &self.after)];
            let told = both.iter().filter_map(|(mark, text)| Some(format!("    {mark} {}", text.as_ref()?)));
            lines.extend(told);
        }
        lines.extend(self.users.iter().map(|user| {
            let by = if user.resolved { "" } else { "  (by name)" };
            format!("    {}:{}: {}{by}", user.path, user.line, user.text)
        }));
        let shown: BTreeSet<&RelPath> = self.users.iter().map(|user| &user.path).collect();
        let more = self.used_in.saturating_sub(shown.len());
        let files = if more == 1 { "file" } else { "files" };
        lines.extend((more > 0 && !shown.is_empty()).then(|| format!("    and in {more} more {files}")));
        lines
    }
}

/// The impact of a change, or of changing one declaration.
pub fn impact(app: &App, request: Request) -> Result<Report> {
    let Request { change, symbol, lines, with_private } = request;
    let open = if symbol.is_some() { OpenChange::of_tree(app)? } else { OpenChange::of(app, change)? };
    let found = match &symbol {
        Some(name) => of_symbol(&open, name, lines)?,
        None => {
            let bounds = ImpactBounds { lines, with_users: lines > 0, with_private };
            pipeline::impact(&open.context, &open.reading, &open.diff, bounds)?
        }
    };
    app.warn_of_missing(&open.reading);
    let paths: Vec<RelPath> = match symbol {
        Some(_) => found.iter().map(|symbol| symbol.path.clone()).collect(),
        None => open.paths(),
    };
    let records = records(app, &open, &paths)?;
    let is_change = |file: &&DiffFile| symbol.is_none() && file.status != DiffStatus::Named;
    let changed = open.diff.files.iter().filter(is_change);
    Ok(Report {
        changed: changed.map(|file| file.path.clone()).collect(),
        breaking: found.iter().filter(|symbol| symbol.public && symbol.fate.is_breaking()).count(),
        symbols: found.into_iter().map(report).collect(),
        records,
    })
}

fn of_symbol(open: &OpenChange, name: &str, lines: usize) -> Result<Vec<SymbolImpact>> {
    let found = pipeline::symbol_impact(&open.context, &open.reading, name, lines)?;
    if !found.is_empty() {
        return Ok(found);
    }
    let near = pipeline::similar_names(&open.reading, name, 3);
    let near: Vec<String> = near.iter().map(|name| format!("`{name}`")).collect();
    let error = Error::new(format!("`{name}` is neither a file nor a declaration of this project"));
    Err(match near.is_empty() {
        true => error.with_hint("`waypost search` finds names by their parts"),
        false => error.with_hint(format!("did you mean {}?", near.join(", "))),
    })
}

/// The symbols of a change as a report.
pub(super) fn report(symbol: SymbolImpact) -> SymbolReport {
    let breaking = symbol.public && symbol.fate.is_breaking();
    let user = |user: UserLine| UserReport {
        path: user.path,
        line: user.line,
        text: user.text,
        by: user.evidence.name(),
        resolved: user.evidence.is_resolved(),
        test: user.is_test,
    };
    SymbolReport {
        path: symbol.path,
        name: symbol.name,
        kind: symbol.kind,
        change: symbol.fate.name(),
        public: symbol.public,
        breaking,
        before: symbol.before,
        after: symbol.after,
        line: symbol.line,
        moved_to: symbol.moved_to,
        used_in: symbol.files,
        users: symbol.users.into_iter().map(user).collect(),
    }
}

/// The live records whose code lies in these files, with the state of each anchor.
pub(super) fn records(app: &App, open: &OpenChange, paths: &[RelPath]) -> Result<Vec<AnchoredRecord>> {
    let memory = app.memory(&open.context)?;
    let is_about = |record: &&Record| {
        record.is_live() && record.anchors.iter().any(|anchor| paths.contains(&anchor.path))
    };
    let about: Vec<&Record> = memory.records.iter().filter(is_about).collect();
    let verdicts = pipeline::followed(&open.context, &open.reading.tree, &about)?;
    let mut found = Vec::new();
    for (record, verdicts) in about.iter().zip(verdicts) {
        let anchors = record.anchors.iter().zip(verdicts).filter(|(anchor, _)| paths.contains(&anchor.path));
        found.extend(anchors.map(|(anchor, verdict)| AnchoredRecord {
            id: record.id.clone(),
            title: title(record),
            anchor: anchor.place().to_string(),
            state: verdict.state.name(),
        }));
    }
    Ok(found)
}
