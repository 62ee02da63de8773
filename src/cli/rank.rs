//! `waypost rank`: files for a goal, best first.

use std::io::Read;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::{Global, Out, Outcome, open};
use crate::memory::{Memory, Record};
use crate::model::{Ranked, Reason, SafeText, Tree};
use crate::pipeline::{self, RankedSymbol};

#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    goal: GoalArguments,
    /// How many files
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
    /// Symbols (`path#name`) instead of files; needs a goal
    #[arg(long)]
    symbols: bool,
    /// Paths alone, a table with reasons, or JSON
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    format: Format,
}

/// A goal from the command line.
#[derive(Args)]
pub struct GoalArguments {
    /// The goal in a person's words [default: the recorded goal]
    #[arg(long = "goal", value_name = "TEXT", allow_hyphen_values = true)]
    goal: Option<String>,
    /// Read the goal from a file, `-` for standard input
    #[arg(long, value_name = "PATH", conflicts_with = "goal")]
    goal_file: Option<PathBuf>,
}

impl GoalArguments {
    /// The goal that was given, if any.
    pub fn text(&self) -> anyhow::Result<Option<String>> {
        let Some(path) = &self.goal_file else { return Ok(self.goal.clone()) };
        let bytes = if path.as_os_str() == "-" {
            let mut bytes = Vec::new();
            std::io::stdin()
                .read_to_end(&mut bytes)
                .context("the goal cannot be read from standard input")?;
            bytes
        } else {
            std::fs::read(path).with_context(|| format!("goal file `{}` cannot be read", path.display()))?
        };
        Ok(Some(crate::walk::decode(&bytes)))
    }
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Paths,
    Table,
    Json,
}

pub fn run(global: &Global, arguments: &Arguments, out: &Out) -> anyhow::Result<Outcome> {
    let context = open::context(global, out)?;
    let store = open::store(&context)?;
    let reading = pipeline::read(&context, store.as_ref())?;
    let memory = Memory::load(&context.project.memory(), &context.redactor)?;
    let (_, history) = pipeline::history(&context, store.as_ref());
    let given = arguments.goal.text()?.map(|goal| context.redactor.text(goal.trim()));
    let goal = given.or_else(|| memory.goal().map(Record::text).cloned()).filter(|goal| !goal.is_empty());
    let format = if out.json { Format::Json } else { arguments.format };
    if arguments.symbols {
        let goal = goal.context("symbols are ranked for a goal\nhint: give one with --goal")?;
        reading.load();
        let ranked = pipeline::rank_symbols(&reading.tree, &history, &goal, &memory, arguments.limit);
        return tell_symbols(out, &reading.tree, &goal, &ranked, format);
    }
    if goal.is_some() {
        reading.load();
    }
    let ranked = pipeline::rank(&context, &reading, &history, goal.as_ref(), &memory);
    let best = &ranked[..ranked.len().min(arguments.limit)];
    match format {
        Format::Paths => best.iter().try_for_each(|r| out.line(path(&reading.tree, r)))?,
        Format::Table => table(out, &reading.tree, best)?,
        Format::Json => {
            let files: Vec<Value> = best.iter().map(|ranked| row(&reading.tree, ranked)).collect();
            out.object(&json!({ "goal": goal, "files": files }))?;
        }
    }
    // The program ends: freeing ten thousands of outlines one by one would
    // take a tenth of the whole time.
    std::mem::forget((reading, history));
    Ok(Outcome::Done)
}

fn tell_symbols(
    out: &Out,
    tree: &Tree,
    goal: &SafeText,
    ranked: &[RankedSymbol],
    format: Format,
) -> anyhow::Result<Outcome> {
    let symbol = |ranked: &RankedSymbol| {
        let file = &tree.files[ranked.file as usize];
        let outline = &file.content().outline;
        let index = ranked.symbol as usize;
        (&file.facts.path, outline.qualified_name(index), outline.symbols[index].clone())
    };
    match format {
        Format::Paths => {
            for (path, name, _) in ranked.iter().map(symbol) {
                out.line(&format!("{path}#{name}"))?;
            }
        }
        Format::Table => {
            for (place, ranked) in (1..).zip(ranked) {
                let (path, name, declared) = symbol(ranked);
                out.line(&format!("{place:>3}  {path}#{name}  {}", declared.signature))?;
                reasons(out, tree, &ranked.reasons)?;
            }
        }
        Format::Json => {
            let rows = ranked.iter().map(|ranked| {
                let (path, name, declared) = symbol(ranked);
                json!({
                    "path": path,
                    "name": name,
                    "kind": declared.kind,
                    "signature": declared.signature,
                    "line": declared.line,
                    "score": ranked.score,
                    "reasons": reasons_json(tree, &ranked.reasons),
                })
            });
            out.object(&json!({ "goal": goal, "symbols": rows.collect::<Vec<Value>>() }))?;
        }
    }
    Ok(Outcome::Done)
}

fn path<'a>(tree: &'a Tree, ranked: &Ranked) -> &'a str {
    tree.files[ranked.file as usize].facts.path.as_str()
}

fn table(out: &Out, tree: &Tree, best: &[Ranked]) -> anyhow::Result<()> {
    for (place, ranked) in (1..).zip(best) {
        out.line(&format!("{place:>3}  {}", path(tree, ranked)))?;
        reasons(out, tree, &ranked.reasons)?;
    }
    Ok(())
}

/// The three strongest.
fn reasons(out: &Out, tree: &Tree, reasons: &[Reason]) -> anyhow::Result<()> {
    for reason in reasons.iter().take(3) {
        let file = reason.file.map(|file| tree.files[file as usize].facts.path.as_str()).unwrap_or_default();
        let evidence = [reason.evidence.as_str(), file].join(" ");
        out.line(format!("       {:+.2} {} {}", reason.weight, reason.signal, evidence.trim()).trim_end())?;
    }
    Ok(())
}

fn reasons_json(tree: &Tree, reasons: &[Reason]) -> Vec<Value> {
    let reason = |reason: &Reason| {
        json!({
            "signal": reason.signal,
            "weight": reason.weight,
            "evidence": reason.evidence,
            "file": reason.file.map(|file| tree.files[file as usize].facts.path.as_str()),
        })
    };
    reasons.iter().map(reason).collect()
}

fn row(tree: &Tree, ranked: &Ranked) -> Value {
    let file = &tree.files[ranked.file as usize];
    let symbols = ranked.symbols.iter().map(|index| file.content().outline.qualified_name(*index as usize));
    json!({
        "path": file.facts.path,
        "score": ranked.score,
        "reasons": reasons_json(tree, &ranked.reasons),
        "symbols": symbols.collect::<Vec<_>>(),
    })
}
