//! The flags by which records are written, and from them to a record: shared
//! by `note`, `edit`, `checkpoint`, `brief` and `supersede`.

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;

use super::outline;
use crate::limits;
use crate::memory::{Anchor, Confidence, Kind, Link, Part, Record, Relation, Status, is_slug};
use crate::model::SafeText;
use crate::pipeline::{self, Context};
use crate::records::Book;

/// What can be said of a record.
#[derive(Args, Default)]
pub struct Fields {
    /// Why it is so
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub rationale: Option<String>,
    /// What else was thought of; may be given several times
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub alternative: Vec<String>,
    /// What follows from it
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub impact: Option<String>,
    /// Everything else, in Markdown; `-` reads standard input
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true, conflicts_with = "body_file")]
    pub body: Option<String>,
    /// The body from a file; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    pub body_file: Option<PathBuf>,
    /// A word to find it by; may be given several times
    #[arg(long, value_name = "TAG")]
    pub tag: Vec<String>,
    /// Another record: relates:ID, supersedes:ID, contradicts:ID or caused-by:ID; several times
    #[arg(long, value_name = "REL:ID")]
    pub link: Vec<String>,
    /// The code that it is about; several times
    #[arg(long, value_name = "PATH[#SYMBOL]")]
    pub anchor: Vec<String>,
    /// Where it belongs, in your words
    #[arg(long, value_name = "TEXT")]
    pub section: Option<String>,
    /// A name; the same one again is a new revision of its record
    #[arg(long, value_name = "NAME")]
    pub slug: Option<String>,
    /// How sure it is, from 0 to 1
    #[arg(long, value_name = "X")]
    pub confidence: Option<f64>,
    /// proposed, accepted, rejected, superseded or suppressed
    #[arg(long, value_name = "STATUS", value_parser = status)]
    pub status: Option<Status>,
    /// Who says so
    #[arg(long, value_name = "NAME")]
    pub author: Option<String>,
}

/// What becomes of the lists of a record for which something is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lists {
    Replace,
    Add,
    Remove,
}

impl Lists {
    fn put<T: PartialEq>(self, old: &mut Vec<T>, given: Vec<T>) {
        match self {
            Self::Replace => *old = given,
            Self::Add => {
                let new: Vec<T> = given.into_iter().filter(|item| !old.contains(item)).collect();
                old.extend(new);
            }
            Self::Remove => old.retain(|item| !given.contains(item)),
        }
    }
}

impl Fields {
    /// Puts what was given into a record.
    pub fn apply(
        &self,
        context: &Context,
        book: &Book,
        record: &mut Record,
        lists: Lists,
    ) -> anyhow::Result<()> {
        let redactor = &context.redactor;
        set_part(record, Part::Rationale, self.rationale.iter(), context);
        set_part(record, Part::Impact, self.impact.iter(), context);
        if !self.alternative.is_empty() {
            let mut items = record.parts.remove(&Part::Alternatives).unwrap_or_default();
            lists.put(&mut items, self.alternative.iter().map(|text| redactor.text(text.trim())).collect());
            items.retain(|item| !item.is_empty());
            if !items.is_empty() {
                record.parts.insert(Part::Alternatives, items);
            }
        }
        if let Some(body) = body(self.body.as_deref(), self.body_file.as_deref())? {
            record.body = redactor.text(&body);
        }
        if !self.tag.is_empty() {
            lists.put(&mut record.tags, self.tag.iter().map(|tag| redactor.line(tag.trim())).collect());
            record.tags.retain(|tag| !tag.is_empty());
            record.tags.sort();
            record.tags.dedup();
        }
        if !self.link.is_empty() {
            let links = said(&self.link).map(|link| link_of(book, link)).collect::<anyhow::Result<_>>()?;
            lists.put(&mut record.links, links);
            record.links.sort();
            record.links.dedup();
        }
        if !self.anchor.is_empty() {
            self.apply_anchors(context, record, lists)?;
        }
        let line = |text: &String| redactor.line(text.trim());
        let line = |text: &Option<String>| text.as_ref().map(line).filter(|text| !text.is_empty());
        if self.section.is_some() {
            record.section = line(&self.section);
        }
        if self.author.is_some() {
            record.author = line(&self.author);
        }
        if let Some(slug) = &self.slug {
            anyhow::ensure!(
                is_slug(slug),
                "`{}` is no slug: letters, digits, `-`, `_` and `.`, at most {}",
                slug.escape_debug(),
                limits::MAX_SLUG
            );
            record.slug = Some(slug.clone());
        }
        if let Some(value) = self.confidence {
            let confidence = Confidence::new(value);
            record.confidence =
                Some(confidence.with_context(|| format!("`{value}` is not between 0 and 1"))?);
        }
        if let Some(status) = self.status {
            record.status = status;
        }
        Ok(())
    }

    /// One that is there is stamped anew when it is given again; one that goes
    /// may name code that is gone.
    fn apply_anchors(&self, context: &Context, record: &mut Record, lists: Lists) -> anyhow::Result<()> {
        if lists == Lists::Remove {
            record.anchors.retain(|anchor| !self.anchor.contains(&anchor.place()));
            return Ok(());
        }
        let given = said(&self.anchor).map(|anchor| anchor_of(context, anchor));
        let given: Vec<Anchor> = given.collect::<anyhow::Result<_>>()?;
        let is_given = |anchor: &Anchor| given.iter().any(|new| new.place() == anchor.place());
        record.anchors.retain(|anchor| lists == Lists::Add && !is_given(anchor));
        record.anchors.extend(given);
        let mut seen = std::collections::BTreeSet::new();
        record.anchors.retain(|anchor| seen.insert(anchor.place()));
        Ok(())
    }
}

/// The items of a list that say something: one empty text stands for no list.
fn said(items: &[String]) -> impl Iterator<Item = &str> {
    items.iter().map(|item| item.trim()).filter(|item| !item.is_empty())
}

/// A part of the body, as far as it was given; an empty text takes it away.
pub fn set_part<'a>(
    record: &mut Record,
    part: Part,
    texts: impl Iterator<Item = &'a String>,
    context: &Context,
) {
    let mut given = false;
    let mut items = Vec::new();
    for text in texts {
        given = true;
        items.push(context.redactor.text(text.trim()));
    }
    items.retain(|item| !item.is_empty());
    if given {
        record.parts.remove(&part);
    }
    if !items.is_empty() {
        record.parts.insert(part, items);
    }
}

/// A summary as a record's title.
pub fn title(context: &Context, text: &str) -> anyhow::Result<SafeText> {
    let text = text.trim();
    anyhow::ensure!(
        !text.contains('\n'),
        "the summary has several lines\nhint: say it in one line, and the rest with `--body`"
    );
    Ok(context.redactor.line(text))
}

/// The text of `--body` or `--body-file`; `None` when neither was given.
pub fn body(text: Option<&str>, file: Option<&Path>) -> anyhow::Result<Option<String>> {
    let mut bytes = Vec::new();
    let limit = limits::MAX_RECORD + 1;
    match (text, file) {
        (None, None) => return Ok(None),
        (Some(text), _) if text != "-" => return Ok(Some(text.to_string())),
        (None, Some(path)) if path != Path::new("-") => {
            let file =
                std::fs::File::open(path).with_context(|| format!("cannot read `{}`", path.display()))?;
            file.take(limit)
                .read_to_end(&mut bytes)
                .with_context(|| format!("cannot read `{}`", path.display()))?;
        }
        _ => {
            std::io::stdin().take(limit).read_to_end(&mut bytes).context("cannot read standard input")?;
        }
    }
    anyhow::ensure!(
        (bytes.len() as u64) < limit,
        "the body has more than {} bytes: nothing was stored",
        limits::MAX_RECORD
    );
    String::from_utf8(bytes).map(Some).context("the body is not UTF-8")
}

fn link_of(book: &Book, text: &str) -> anyhow::Result<Link> {
    let names = || Relation::ALL.iter().map(|(_, name)| *name).collect::<Vec<_>>().join(", ");
    let (relation, id) = text.split_once(':').with_context(|| format!("`{text}` is no REL:ID"))?;
    let relation = Relation::from_name(relation)
        .with_context(|| format!("unknown relation `{relation}`\nhint: one of {}", names()))?;
    Ok(Link { relation, id: book.get(id)?.record.id })
}

/// `PATH` or `PATH#SYMBOL`, stamped as it is now.
pub fn anchor_of(context: &Context, text: &str) -> anyhow::Result<Anchor> {
    let (path, symbol) = split(context, text);
    let path = outline::project_path(context, Path::new(path))?;
    Ok(pipeline::stamp(context, &path, symbol)?)
}

/// A file may have a `#` in its name, and a symbol too: what names a file is the
/// path, else what stands before the first one.
fn split<'a>(context: &Context, text: &'a str) -> (&'a str, Option<&'a str>) {
    let is_file = |path: &str| {
        let path = outline::project_path(context, Path::new(path));
        path.is_ok_and(|path| context.project.root.join(path.as_str()).is_file())
    };
    if is_file(text) {
        return (text, None);
    }
    let at = |at: usize| (&text[..at], Some(&text[at + 1..]));
    let mut marks = text.match_indices('#').map(|(at, _)| at).filter(|at| *at > 0);
    let first = marks.clone().next();
    let found = marks.find(|at| is_file(&text[..*at])).or(first);
    found.map_or((text, None), at)
}

fn named<T: Copy>(all: &[(T, &'static str)], what: &str, text: &str) -> Result<T, String> {
    let names = || all.iter().map(|(_, name)| *name).collect::<Vec<_>>().join(", ");
    all.iter()
        .find(|(_, name)| *name == text)
        .map(|(value, _)| *value)
        .ok_or_else(|| format!("unknown {what}: one of {}", names()))
}

pub fn kind(text: &str) -> Result<Kind, String> {
    named(Kind::ALL, "kind", text)
}

pub fn status(text: &str) -> Result<Status, String> {
    named(Status::ALL, "status", text)
}
