//! The fields of a record that a caller can set, and setting them.

use std::collections::BTreeSet;
use std::path::Path;

use super::sessions::SessionDesk;
use super::{App, Error, Result, why};
use crate::limits;
use crate::memory::{
    Anchor, BodySection, Confidence, Link, Record, RecordKind, RecordOrigin, RecordStatus, Relation, is_slug,
};
use crate::model::{RelPath, SafeText, Symbol, Trigger};
use crate::pipeline::{self, Context};
use crate::records::RecordStore;
use crate::sessions::matching;

/// The fields of a record that a caller can set. `None` and an empty list leave
/// a field as it is; an empty text clears it.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    pub rationale: Option<String>,
    pub alternatives: Vec<String>,
    pub impact: Option<String>,
    /// In Markdown.
    pub body: Option<String>,
    pub tags: Vec<String>,
    /// `relation:id`.
    pub links: Vec<String>,
    /// Ids of records that cannot hold beside it; added to what is there.
    pub contradicts: Vec<String>,
    /// For a lesson: parts of its trigger by name; an empty name empties all.
    pub trigger: Vec<(String, String)>,
    /// `path` or `path#symbol`.
    pub anchors: Vec<String>,
    pub section: Option<String>,
    /// The record's name; using it again makes a new revision of that record.
    pub slug: Option<String>,
    /// From 0 to 1.
    pub confidence: Option<f64>,
    pub status: Option<RecordStatus>,
    pub author: Option<String>,
    /// By which door it came in; by default the command line.
    pub origin: Option<RecordOrigin>,
}

/// What to do with a list for which items are given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lists {
    #[default]
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
    /// Whether no field is set.
    pub fn is_empty(&self) -> bool {
        let texts = [&self.rationale, &self.impact, &self.body, &self.section, &self.slug, &self.author];
        let lists = [&self.alternatives, &self.tags, &self.links, &self.anchors, &self.contradicts];
        texts.iter().all(|text| text.is_none())
            && lists.iter().all(|list| list.is_empty())
            && self.trigger.is_empty()
            && self.confidence.is_none()
            && self.status.is_none()
    }

    /// Sets the given fields of a record.
    pub(super) fn apply(
        &self,
        app: &App,
        record_store: &RecordStore,
        record: &mut Record,
        lists: Lists,
    ) -> Result<()> {
        let context = record_store.context;
        self.apply_texts(context, record)?;
        self.apply_lists(app, record_store, record, lists)?;
        if !self.anchors.is_empty() {
            self.apply_anchors(app, context, record, lists)?;
        }
        if let Some(value) = self.confidence {
            let confidence = Confidence::new(value);
            let confidence =
                confidence.ok_or_else(|| Error::new(format!("`{value}` is not between 0 and 1")))?;
            record.confidence = Some(confidence);
        }
        self.apply_contradictions(record_store, record)?;
        apply_trigger(context, record, &self.trigger)?;
        record.status = self.status.unwrap_or(record.status);
        record.origin = self.origin.unwrap_or(record.origin);
        Ok(())
    }

    fn apply_texts(&self, context: &Context, record: &mut Record) -> Result<()> {
        let redactor = &context.redactor;
        set_part(record, BodySection::Rationale, self.rationale.iter(), context);
        set_part(record, BodySection::Impact, self.impact.iter(), context);
        if let Some(body) = &self.body {
            record.body = redactor.text(body);
        }
        let line = |text: &String| Some(redactor.line(text.trim())).filter(|text| !text.is_empty());
        for (given, field) in [(&self.section, &mut record.section), (&self.author, &mut record.author)] {
            if let Some(text) = given {
                *field = line(text);
            }
        }
        if let Some(slug) = &self.slug {
            if !is_slug(slug) {
                let (shown, most) = (slug.escape_debug(), limits::MAX_SLUG);
                let rule = "letters, digits, `-`, `_` and `.`, at most";
                return Err(Error::new(format!("`{shown}` is not a slug: use {rule} {most}")));
            }
            record.slug = Some(slug.clone());
        }
        Ok(())
    }

    fn apply_lists(
        &self,
        app: &App,
        record_store: &RecordStore,
        record: &mut Record,
        lists: Lists,
    ) -> Result<()> {
        let redactor = &record_store.context.redactor;
        if !self.alternatives.is_empty() {
            let mut items = record.parts.remove(&BodySection::Alternatives).unwrap_or_default();
            lists.put(&mut items, self.alternatives.iter().map(|text| redactor.text(text.trim())).collect());
            items.retain(|item| !item.is_empty());
            if !items.is_empty() {
                record.parts.insert(BodySection::Alternatives, items);
            }
        }
        if !self.tags.is_empty() {
            lists.put(&mut record.tags, self.tags.iter().map(|tag| redactor.line(tag.trim())).collect());
            record.tags.retain(|tag| !tag.is_empty());
            record.tags.sort();
            record.tags.dedup();
        }
        if !self.links.is_empty() {
            let links =
                said(&self.links).map(|link| link_of(app, record_store, link)).collect::<Result<_>>()?;
            lists.put(&mut record.links, links);
            record.links.sort();
            record.links.dedup();
        }
        Ok(())
    }

    fn apply_contradictions(&self, record_store: &RecordStore, record: &mut Record) -> Result<()> {
        for id in said(&self.contradicts) {
            let link = Link { relation: Relation::Contradicts, id: record_store.get(id)?.record.id };
            if link.id == record.id {
                return Err(Error::new("a record cannot contradict itself"));
            }
            if !record.links.contains(&link) {
                record.links.push(link);
                record.links.sort();
            }
        }
        Ok(())
    }

    /// An anchor that is given again is stamped anew; one to be removed may
    /// name code that no longer exists.
    fn apply_anchors(&self, app: &App, context: &Context, record: &mut Record, lists: Lists) -> Result<()> {
        if lists == Lists::Remove {
            record.anchors.retain(|anchor| !self.anchors.contains(&anchor.place()));
            return Ok(());
        }
        let given = said(&self.anchors).map(|anchor| anchor_of(app, context, anchor));
        let given: Vec<Anchor> = given.collect::<Result<_>>()?;
        let is_given = |anchor: &Anchor| given.iter().any(|new| new.place() == anchor.place());
        record.anchors.retain(|anchor| lists == Lists::Add && !is_given(anchor));
        record.anchors.extend(given);
        let mut seen = BTreeSet::new();
        record.anchors.retain(|anchor| seen.insert(anchor.place()));
        Ok(())
    }
}

/// Sets parts of a lesson's trigger; an empty value takes a part out.
pub(super) fn apply_trigger(
    context: &Context,
    record: &mut Record,
    parts: &[(String, String)],
) -> Result<()> {
    if parts.is_empty() {
        return Ok(());
    }
    if record.kind != RecordKind::Lesson {
        return Err(Error::new(format!("only a lesson has a trigger, and this is a {}", record.kind.name())));
    }
    let mut trigger = record.trigger.take().unwrap_or_default();
    for (name, value) in parts {
        let value = Some(context.redactor.line(value)).filter(|value| !value.is_empty());
        match trigger.part_mut(name) {
            Some(part) => *part = value,
            None => trigger = Trigger::default(),
        }
    }
    matching::check(&trigger).map_err(|why| Error::new(format!("the trigger cannot be used: {why}")))?;
    record.trigger = Some(trigger).filter(|trigger| !trigger.is_empty());
    Ok(())
}

/// The items that are not empty; a single empty text stands for an empty list.
fn said(items: &[String]) -> impl Iterator<Item = &str> {
    items.iter().map(|item| item.trim()).filter(|item| !item.is_empty())
}

/// Sets a part of the body if it was given; an empty text removes it.
pub(super) fn set_part<'a>(
    record: &mut Record,
    part: BodySection,
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
pub(super) fn title(context: &Context, text: &str) -> Result<SafeText> {
    let text = text.trim();
    if text.contains('\n') {
        let error = Error::new("the summary has several lines");
        return Err(error.with_hint("say it in one line, and the rest with `--body`"));
    }
    Ok(context.redactor.line(text))
}

fn link_of(app: &App, record_store: &RecordStore, text: &str) -> Result<Link> {
    let (relation, id) =
        text.split_once(':').ok_or_else(|| Error::new(format!("`{text}` is not of the form REL:ID")))?;
    let relation = Relation::from_name(&relation.replace('_', "-")).ok_or_else(|| {
        let names: Vec<&str> = Relation::ALL.iter().map(|(_, name)| *name).collect();
        let hint = format!("one of {}", names.join(", "));
        Error::new(format!("unknown relation `{relation}`")).with_hint(hint)
    })?;
    Ok(Link { relation, id: linked(app, record_store, id)? })
}

/// A record, or an entry of the log by its number, such as `e12`.
fn linked(app: &App, record_store: &RecordStore, id: &str) -> Result<String> {
    let desk = match why::event_number(id) {
        Some(_) => SessionDesk::open(app)?,
        None => None,
    };
    match desk {
        Some(desk) => why::known(&desk, record_store, id),
        None => Ok(record_store.get(id)?.record.id),
    }
}

/// `PATH`, `PATH#SYMBOL` or `PATH:LINE`, stamped as it is now.
fn anchor_of(app: &App, context: &Context, text: &str) -> Result<Anchor> {
    if let Some((path, line)) = line_of(app, context, text) {
        let symbol = declared_at(context, &path, line)?;
        return Ok(pipeline::stamp(context, &path, Some(symbol.as_str()))?);
    }
    let (path, symbol) = split(app, context, text);
    let path = app.project_path(context, Path::new(path))?;
    Ok(pipeline::stamp(context, &path, symbol)?)
}

/// The file and the line of `PATH:LINE`, where there is no file of the whole name.
fn line_of(app: &App, context: &Context, text: &str) -> Option<(RelPath, u32)> {
    let (path, line) = text.rsplit_once(':')?;
    let line = line.parse().ok()?;
    let path = app.project_path(context, Path::new(path)).ok()?;
    let is_file = |path: &str| context.project.root.join(path).is_file();
    (is_file(path.as_str()) && !is_file(text)).then_some((path, line))
}

/// The qualified name of the innermost declaration around a line.
fn declared_at(context: &Context, path: &RelPath, line: u32) -> Result<SafeText> {
    let file = pipeline::outline(context, path)?.file;
    let outline = &file.content().outline;
    let holds = |symbol: &Symbol| (symbol.line..=symbol.end_line).contains(&line);
    let around = outline.symbols.iter().enumerate().filter(|(_, symbol)| holds(symbol));
    let innermost = around.min_by_key(|(_, symbol)| symbol.end_line - symbol.line);
    innermost.map(|(index, _)| outline.qualified_name(index)).ok_or_else(|| {
        let error = Error::new(format!("`{path}:{line}` is not in a declaration")).about(path.as_str());
        error.with_hint("`waypost outline` lists those of a file")
    })
}

/// Splits `PATH#SYMBOL`. Both may contain a `#`: the path is the longest
/// beginning that names a file, else what comes before the first `#`.
fn split<'a>(app: &App, context: &Context, text: &'a str) -> (&'a str, Option<&'a str>) {
    let is_file = |path: &str| {
        let path = app.project_path(context, Path::new(path));
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
