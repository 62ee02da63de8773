//! The outline of one file: what it declares, imports and mentions.

use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;

use super::open::store;
use super::{App, Result};
use crate::model::{Class, File, Import, Outline, RelPath, SafeText, SymbolKind};
use crate::pipeline::{self, Context};

/// The outline of one file; everything in it is redacted.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Report {
    pub path: RelPath,
    pub language: Option<&'static str>,
    pub class: Class,
    pub doc: SafeText,
    pub lines: u32,
    /// Whether the parser met syntax that it does not know.
    pub has_error: bool,
    /// The share of lines that belong to a declaration, an import or a comment,
    /// from 0 to 1; `None` if nothing was parsed.
    pub covered: Option<f64>,
    /// Why there is no outline although the language is known.
    pub unparsed: Option<String>,
    pub symbols: Vec<OutlineSymbol>,
    pub imports: Vec<Import>,
    /// The files behind the imports; empty unless they were asked for.
    pub imported_files: Vec<RelPath>,
    pub references: Vec<Reference>,
}

/// A declaration with its first and last line, both counted from 1.
#[derive(Debug, Serialize, JsonSchema)]
pub struct OutlineSymbol {
    pub name: SafeText,
    pub kind: SymbolKind,
    pub signature: SafeText,
    pub doc: SafeText,
    pub line: u32,
    pub end_line: u32,
    /// Qualified name of the enclosing declaration.
    pub parent: Option<SafeText>,
    pub public: bool,
    /// How many declarations enclose it.
    #[serde(skip)]
    pub depth: usize,
}

/// A name that the file uses but does not declare.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reference {
    pub name: SafeText,
    pub count: u32,
}

/// Below this share of a file's lines its outline is said to be of a part only.
const LARGE_PART: f64 = 0.5;

/// Files of fewer lines say what they are at a glance.
const MANY_LINES: u32 = 20;

impl Report {
    /// Why the outline may not be the whole file's, as a sentence about the file.
    pub fn remark(&self) -> Option<String> {
        if let Some(reason) = self.class.reason() {
            Some(format!("is listed, not read: {reason}"))
        } else if let Some(reason) = &self.unparsed {
            Some(format!("has no outline: {reason}"))
        } else if self.language.is_none() {
            Some("is of a kind that there is no grammar for".to_string())
        } else {
            self.partial()
        }
    }

    fn partial(&self) -> Option<String> {
        let covered = self.covered?;
        let share = format!(
            "{:.0} % of its lines belong to a declaration, an import or a comment",
            (covered * 100.0).floor()
        );
        match self.has_error {
            true => Some(format!(
                "has syntax that the parser does not know, so that the outline may lack something; {share}"
            )),
            false if covered < LARGE_PART && self.lines >= MANY_LINES => {
                Some(format!("is told in part: {share}"))
            }
            false => None,
        }
    }
}

/// Outlines one file. `with_imports` also resolves the files that it imports,
/// which may require reading other files.
pub fn outline(app: &App, path: &Path, with_imports: bool) -> Result<Report> {
    one(app, &app.context()?, path, with_imports)
}

/// The outlines of the files below a folder, by path.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FolderReport {
    pub path: String,
    pub files: Vec<Report>,
}

/// Outlines the files of a folder that declare something; `None` where the path is none.
pub fn folder(app: &App, path: &Path) -> Result<Option<FolderReport>> {
    let context = app.context()?;
    let Some(folder) = app.project_folder(&context, path)? else { return Ok(None) };
    let reading = pipeline::read(&context, store(&context)?.as_ref())?;
    reading.load();
    let below = reading.tree.files.iter().filter(|file| file.facts.path.is_below(&folder));
    let declaring = below.filter(|file| !file.content().outline.symbols.is_empty());
    let files = declaring.map(|file| report(file, Vec::new())).collect();
    app.warn_of_missing(&reading);
    Ok(Some(FolderReport { path: folder, files }))
}

/// Several files, each with its own outcome.
pub fn outlines(app: &App, paths: &[&Path]) -> Result<Vec<Result<Report>>> {
    let context = app.context()?;
    Ok(paths.iter().map(|path| one(app, &context, path, false)).collect())
}

fn one(app: &App, context: &Context, path: &Path, with_imports: bool) -> Result<Report> {
    let path = app.project_path(context, path)?;
    let outlined = match with_imports {
        // Without a database, or with a broken one, imports are resolved by reading.
        true => pipeline::outline_with_imports(context, store(context).unwrap_or(None).as_ref(), &path)?,
        false => pipeline::outline(context, &path)?,
    };
    Ok(report(&outlined.file, outlined.imports))
}

fn report(file: &File, imported_files: Vec<RelPath>) -> Report {
    let content = file.content();
    let outline = &content.outline;
    let is_parsed = file.facts.language.is_some() && content.unparsed.is_none();
    let references = outline.references.iter();
    Report {
        path: file.facts.path.clone(),
        language: file.facts.language,
        class: file.facts.class,
        doc: outline.doc.clone(),
        lines: outline.lines,
        has_error: outline.has_error,
        covered: is_parsed.then_some(f64::from(outline.covered) / 1000.0),
        unparsed: content.unparsed.map(|reason| reason.to_string()),
        symbols: (0..outline.symbols.len()).map(|index| symbol(outline, index)).collect(),
        imports: outline.imports.clone(),
        imported_files,
        references: references.map(|(name, count)| Reference { name: name.clone(), count: *count }).collect(),
    }
}

fn symbol(outline: &Outline, index: usize) -> OutlineSymbol {
    let symbol = outline.symbols[index].clone();
    OutlineSymbol {
        name: symbol.name,
        kind: symbol.kind,
        signature: symbol.signature,
        doc: symbol.doc,
        line: symbol.line,
        end_line: symbol.end_line,
        parent: symbol.parent.map(|parent| outline.qualified_name(parent as usize)),
        public: symbol.public,
        depth: outline.around(index).count(),
    }
}
