//! `waypost outline`: what one file declares and mentions.

use std::path::{Component, Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use serde_json::{Value, json};

use super::{Global, Out, Outcome, open};
use crate::model::{File, Outline, RelPath};
use crate::pipeline::{self, Context};

#[derive(Args)]
pub struct Arguments {
    /// A file of the project, relative to its root or to the current folder
    #[arg(value_name = "PATH")]
    path: PathBuf,
}

pub fn run(global: &Global, arguments: &Arguments, out: &Out) -> anyhow::Result<Outcome> {
    let context = open::context(global, out)?;
    let path = project_path(&context, &arguments.path)?;
    let outlined = pipeline::outline(&context, &path)?;
    let file = &outlined.file;
    let outline = &file.content().outline;
    if out.json {
        out.object(&object(file, outline, &outlined.imports))?;
        return Ok(Outcome::Done);
    }
    if let Some(reason) = file.facts.class.reason() {
        out.note(&format!("`{path}` is listed, not read: {reason}"));
    } else if let Some(reason) = file.content().unparsed {
        out.note(&format!("`{path}` has no outline: {reason}"));
    } else if file.facts.language.is_none() {
        out.note(&format!("`{path}`: no grammar for this kind of file"));
    }
    for (index, symbol) in outline.symbols.iter().enumerate() {
        let indent = "  ".repeat(outline.around(index).count());
        out.line(&format!("{:>6} {indent}{}", symbol.line, symbol.signature))?;
    }
    Ok(Outcome::Done)
}

fn object(file: &File, outline: &Outline, imported: &[RelPath]) -> Value {
    let symbols = outline.symbols.iter().map(|symbol| {
        json!({
            "name": symbol.name,
            "kind": symbol.kind,
            "signature": symbol.signature,
            "doc": symbol.doc,
            "line": symbol.line,
            "end_line": symbol.end_line,
            "parent": symbol.parent.map(|parent| outline.qualified_name(parent as usize)),
            "public": symbol.public,
        })
    });
    let imports = outline
        .imports
        .iter()
        .map(|import| json!({ "module": import.module, "names": import.names, "line": import.line }));
    let references = outline.references.iter().map(|(name, count)| json!({ "name": name, "count": count }));
    json!({
        "path": file.facts.path,
        "language": file.facts.language,
        "class": file.facts.class,
        "doc": outline.doc,
        "lines": outline.lines,
        "has_error": outline.has_error,
        "unparsed": file.content().unparsed.map(|reason| reason.to_string()),
        "symbols": symbols.collect::<Vec<Value>>(),
        "imports": imports.collect::<Vec<Value>>(),
        "imported_files": imported,
        "references": references.collect::<Vec<Value>>(),
    })
}

/// A path as the user gave it, as a path of the project: relative to the root
/// where that exists, else relative to the current folder.
pub fn project_path(context: &Context, given: &Path) -> anyhow::Result<RelPath> {
    let root = &context.project.root;
    let outside = || anyhow::anyhow!("`{}` is not inside the project `{}`", given.display(), root.display());
    let current = std::env::current_dir().context("the current folder cannot be read")?;
    let relative = match given.is_absolute() {
        true => given.strip_prefix(root).map_err(|_| outside())?.to_path_buf(),
        false if std::fs::symlink_metadata(root.join(given)).is_ok() => given.to_path_buf(),
        false => match current.strip_prefix(root) {
            Ok(below) if std::fs::symlink_metadata(current.join(given)).is_ok() => below.join(given),
            _ => given.to_path_buf(),
        },
    };
    let parts = relative.components().filter(|part| *part != Component::CurDir);
    let parts: Option<Vec<&str>> = parts
        .map(|part| match part {
            Component::Normal(name) => name.to_str(),
            _ => None,
        })
        .collect();
    parts.and_then(|parts| RelPath::new(&parts.join("/"))).ok_or_else(outside)
}
