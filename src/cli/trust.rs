//! `waypost trust`: let a project's `config.toml` widen what is read and shown.

use anyhow::Context as _;
use clap::Args;
use serde_json::{Value, json};

use super::{Global, Out, Outcome, open};
use crate::config::Held;
use crate::visible;

#[derive(Args)]
pub struct Arguments {
    /// List the trusted projects
    #[arg(long, conflicts_with = "revoke")]
    list: bool,
    /// Trust this project no more
    #[arg(long)]
    revoke: bool,
}

pub fn run(global: &Global, arguments: &Arguments, out: &Out) -> anyhow::Result<Outcome> {
    match (arguments.list, arguments.revoke) {
        (true, _) => list(global, out),
        (_, true) => revoke(global, out),
        _ => trust(global, out),
    }
}

fn trust(global: &Global, out: &Out) -> anyhow::Result<Outcome> {
    let project = open::locate(global)?;
    let (settings, layer) = open::untrusted_settings(&project)?;
    let Some(layer) = layer else {
        let file = project.config_file().display().to_string();
        anyhow::bail!("`{file}` does not exist: there is nothing to trust");
    };
    open::trust_list(&project.root)?.add(&project.root, layer.text.as_bytes())?;
    let root = project.root.display().to_string();
    if out.json {
        let widens: Vec<Value> = settings.held().iter().map(widening).collect();
        out.object(&json!({ "root": root, "trusted": true, "widens": widens }))?;
        return Ok(Outcome::Done);
    }
    out.said(&format!(
        "trusted as it is now: `{}`",
        visible::line(&project.config_file().to_string_lossy())
    ))?;
    for held in settings.held() {
        out.said(&format!("  {}", told(held)))?;
    }
    if settings.held().is_empty() {
        out.said("  it widens nothing, so this changes nothing yet")?;
    }
    Ok(Outcome::Done)
}

fn revoke(global: &Global, out: &Out) -> anyhow::Result<Outcome> {
    let project = open::locate(global)?;
    let was_trusted = open::trust_list(&project.root)?.remove(&project.root)?;
    let root = project.root.display().to_string();
    if out.json {
        out.object(&json!({ "root": root, "trusted": false, "was_trusted": was_trusted }))?;
    } else {
        out.said(if was_trusted { "trusted no more" } else { "it was not trusted" })?;
    }
    Ok(Outcome::Done)
}

fn list(global: &Global, out: &Out) -> anyhow::Result<Outcome> {
    let project = open::locate(global)?;
    let trust = open::trust_list(&project.root).context("no list of trusted projects")?;
    if out.json {
        let rows: Vec<Value> =
            trust.entries.iter().map(|entry| json!({ "root": entry.root, "config": entry.config })).collect();
        out.object(&json!({ "trusted": rows }))?;
        return Ok(Outcome::Done);
    }
    for entry in &trust.entries {
        out.line(&visible::line(&entry.root))?;
    }
    Ok(Outcome::Done)
}

fn widening(held: &Held) -> Value {
    json!({ "key": held.key, "value": held.asked.to_json(), "instead_of": held.kept.to_json() })
}

/// One line: what it asks for, and what holds without trust.
pub fn told(held: &Held) -> String {
    let short = |value: &crate::config::Value| {
        let text = value.to_string();
        let shown: String = text.chars().take(60).collect();
        let more = if shown.len() < text.len() { "..." } else { "" };
        visible::line(&(shown + more)).into_owned()
    };
    format!("{} = {} instead of {}", held.key, short(&held.asked), short(&held.kept))
}
