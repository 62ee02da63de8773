//! What has to be looked at whenever a file is changed: what a tool makes of it,
//! what it is made from itself, its twins, and links to it.
//!
//! Not here: files that matter for a goal (`rank`), and tests.

use super::sources::open_root;
use super::{Context, Reading};
use crate::model::{GeneratedFile, RelPath, SafeText, SkipReason, Skipped, resolve_path};
use crate::rank;

/// Generated files that are named; the others are counted.
const NAMED: usize = 2;

/// Commands that make something of one file, of which is told.
const COMMANDS: usize = 2;

/// Links that are looked at.
const MOST_LINKS: usize = 2_000;

/// What is told of one file, a few words each.
pub fn counterparts(context: &Context, reading: &Reading, file: u32) -> Vec<SafeText> {
    let path = &reading.tree.files[file as usize].facts.path;
    let generated = reading.facts(context).map(|facts| &facts.generated[..]).unwrap_or_default();
    let show = |path: &str| context.redactor.name(path);
    let mut told = Vec::new();
    if let Some(made) = generated.iter().find(|made| path == &made.path || path.is_below(made.path.as_str()))
    {
        told.push(made_from(made, &show));
    }
    let comes_from = |made: &&GeneratedFile| {
        made.origin.as_ref().is_some_and(|origin| path == origin || path.is_below(origin.as_str()))
    };
    let mut copies: Vec<&GeneratedFile> = generated.iter().filter(comes_from).collect();
    copies.sort_by(|a, b| {
        (a.command.is_empty(), a.command.as_str()).cmp(&(b.command.is_empty(), b.command.as_str()))
    });
    let by_commands = copies.chunk_by(|a, b| a.command == b.command).take(COMMANDS);
    told.extend(by_commands.map(|copies| made_into(copies, &show)));
    told.extend(rank::twins(&reading.tree, file).iter().map(|twin| {
        let path = show(reading.tree.files[twin.file as usize].facts.path.as_str());
        SafeText::join(
            &[SafeText::constant("see also"), path.followed_by(":"), SafeText::constant(twin.how)],
            " ",
        )
    }));
    told.extend(links(context, reading, path).iter().map(|link| {
        let links = [show(link), SafeText::constant("is a link that leads to it")];
        SafeText::join(&links, " ")
    }));
    told
}

/// The links that lead to a file, or to a folder around it.
fn links(context: &Context, reading: &Reading, file: &RelPath) -> Vec<String> {
    let Ok(root) = open_root(context) else { return Vec::new() };
    let skipped = reading.tree.skipped.iter().filter(|skipped| skipped.reason == SkipReason::Symlink);
    let leads_to = |skipped: &&Skipped| {
        let target = root.link(skipped.path.as_bytes()).and_then(|target| String::from_utf8(target).ok());
        let parent = skipped.path.rsplit_once('/').map_or("", |(parent, _)| parent);
        let target = target.filter(|target| !target.starts_with('/'));
        let target = target.and_then(|target| resolve_path(parent, target.trim_end_matches('/')));
        target.is_some_and(|target| !target.is_empty() && (file.as_str() == target || file.is_below(&target)))
    };
    let links = skipped.take(MOST_LINKS).filter(leads_to).take(NAMED);
    links.map(|skipped| skipped.path.clone()).collect()
}

/// What generated files of one command are called.
fn made_into(copies: &[&GeneratedFile], show: &dyn Fn(&str) -> SafeText) -> SafeText {
    let names: Vec<SafeText> = copies.iter().take(NAMED).map(|made| show(made.path.as_str())).collect();
    let mut said = vec![SafeText::join(&names, ", ")];
    if copies.len() > NAMED {
        let more = SafeText::number((copies.len() - NAMED) as u32);
        said.extend([SafeText::constant("and"), more.followed_by(" more")]);
    }
    said.push(SafeText::constant(if copies.len() > 1 { "are" } else { "is" }));
    said.push(SafeText::constant("generated from it"));
    said.extend(copies.first().and_then(|made| by_command(&made.command)));
    SafeText::join(&said, " ")
}

/// What a generated file is made from, and how.
fn made_from(made: &GeneratedFile, show: &dyn Fn(&str) -> SafeText) -> SafeText {
    let mut said = vec![SafeText::constant("generated")];
    if let Some(origin) = &made.origin {
        said.extend([SafeText::constant("from"), show(origin.as_str())]);
    }
    said.extend(by_command(&made.command));
    SafeText::join(&said, " ")
}

fn by_command(command: &SafeText) -> Option<SafeText> {
    let quoted = [SafeText::constant("by `"), command.followed_by("`")];
    (!command.is_empty()).then(|| SafeText::join(&quoted, ""))
}
