//! The flags by which records are written: shared by `note`, `edit` and
//! `checkpoint`.

use std::path::PathBuf;

use clap::Args;

use super::streams;
use crate::app::{self, App, RecordKind, RecordStatus, Result};

/// The flags that set fields of a record.
#[derive(Args, Default)]
pub struct FieldArguments {
    /// Why it is so
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    rationale: Option<String>,
    /// What else was thought of; may be given several times
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    alternative: Vec<String>,
    /// What follows from it
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    impact: Option<String>,
    /// Everything else, in Markdown; `-` reads standard input
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true, conflicts_with = "body_file")]
    body: Option<String>,
    /// The body from a file; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    body_file: Option<PathBuf>,
    /// A word to find it by; may be given several times
    #[arg(long, value_name = "TAG")]
    tag: Vec<String>,
    /// Another record: relates:ID, supersedes:ID, contradicts:ID, caused-by:ID or fixed-by:ID; several times
    #[arg(long, value_name = "REL:ID")]
    link: Vec<String>,
    /// A record that cannot hold beside this one: if both are accepted, both need review; several times
    #[arg(long, value_name = "ID")]
    contradicts: Vec<String>,
    /// For a lesson: when it is told, tool=NAME, path=GLOB, arg=REGEX or fingerprint=F; all that are given must match
    #[arg(long, value_name = "KEY=VALUE", value_parser = trigger_part)]
    trigger: Vec<(String, String)>,
    #[command(flatten)]
    causes: CauseArguments,
    /// The code that it is about; several times
    #[arg(long, value_name = "PATH[#SYMBOL|:LINE]")]
    anchor: Vec<String>,
    /// Where it belongs, in your words
    #[arg(long, value_name = "TEXT")]
    section: Option<String>,
    /// A name; the same one again is a new revision of its record
    #[arg(long, value_name = "NAME")]
    slug: Option<String>,
    /// How sure it is, from 0 to 1
    #[arg(long, value_name = "X")]
    confidence: Option<f64>,
    /// proposed, accepted, rejected, superseded, suppressed or needs-review
    #[arg(long, value_name = "STATUS", value_parser = status)]
    status: Option<RecordStatus>,
    /// Who says so
    #[arg(long, value_name = "NAME")]
    author: Option<String>,
}

/// The flags that say what something comes from: shared by records and the log.
#[derive(Args, Clone, Debug, Default)]
pub struct CauseArguments {
    /// What put it right: a record, or an entry of the log such as e12; several times
    #[arg(long, value_name = "ID")]
    fixed_by: Vec<String>,
    /// What it comes from; several times
    #[arg(long, value_name = "ID")]
    caused_by: Vec<String>,
    /// What it takes the place of; several times
    #[arg(long, value_name = "ID")]
    supersedes: Vec<String>,
}

impl CauseArguments {
    /// The links as `relation:id`.
    pub fn links(&self) -> Vec<String> {
        let all =
            [("fixed-by", &self.fixed_by), ("caused-by", &self.caused_by), ("supersedes", &self.supersedes)];
        all.iter().flat_map(|(relation, ids)| ids.iter().map(move |id| format!("{relation}:{id}"))).collect()
    }
}

impl FieldArguments {
    fn links(&self) -> Vec<String> {
        self.link.iter().cloned().chain(self.causes.links()).collect()
    }

    /// The flags as a request; reads the body from its file or from standard input where asked to.
    pub fn fields(&self, app: &App) -> Result<app::Fields> {
        Ok(app::Fields {
            origin: None,
            rationale: self.rationale.clone(),
            alternatives: self.alternative.clone(),
            impact: self.impact.clone(),
            body: streams::body(app, self.body.as_deref(), self.body_file.as_deref())?,
            tags: self.tag.clone(),
            links: self.links(),
            contradicts: self.contradicts.clone(),
            trigger: self.trigger.clone(),
            anchors: self.anchor.clone(),
            section: self.section.clone(),
            slug: self.slug.clone(),
            confidence: self.confidence,
            status: self.status,
            author: self.author.clone(),
        })
    }
}

/// A part of a trigger; an empty text empties all of it.
pub fn trigger_part(text: &str) -> std::result::Result<(String, String), String> {
    let known = ["tool", "path", "arg", "fingerprint"];
    match text.split_once('=') {
        _ if text.is_empty() => Ok((String::new(), String::new())),
        Some((key, value)) if known.contains(&key.trim()) => {
            Ok((key.trim().to_string(), value.trim().to_string()))
        }
        _ => Err(format!("KEY=VALUE, where KEY is one of {}", known.join(", "))),
    }
}

fn named<T: Copy>(all: &[(T, &'static str)], what: &str, text: &str) -> std::result::Result<T, String> {
    let names = || all.iter().map(|(_, name)| *name).collect::<Vec<_>>().join(", ");
    all.iter()
        .find(|(_, name)| *name == text)
        .map(|(value, _)| *value)
        .ok_or_else(|| format!("unknown {what}: one of {}", names()))
}

/// The names of all kinds, as a text lists them.
pub fn kinds() -> String {
    let names: Vec<&str> = RecordKind::ALL.iter().map(|(_, name)| *name).collect();
    let (last, others) = names.split_last().unwrap_or((&"", &[]));
    format!("{} or {last}", others.join(", "))
}

/// Parses the name of a kind; the error lists all of them.
pub fn kind(text: &str) -> std::result::Result<RecordKind, String> {
    named(RecordKind::ALL, "kind", text)
}

/// Parses the name of a status; the error lists all of them.
pub fn status(text: &str) -> std::result::Result<RecordStatus, String> {
    named(RecordStatus::ALL, "status", &text.replace('-', " "))
}
