//! `waypost handoff`: render the handoff, or check the committed one.

use std::path::Path;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use serde_json::json;
use similar::TextDiff;

use super::{Global, Out, Outcome, merge, open};
use crate::pipeline::{self, Context};
use crate::render::Handoff;
use crate::{beneath, limits};

#[derive(Args)]
pub struct Arguments {
    /// Write nothing; print a diff and exit 1 when the files are not what would be written
    #[arg(long, conflicts_with = "stdout")]
    check: bool,
    /// Print it, write nothing
    #[arg(long)]
    stdout: bool,
    /// Which of the two files to print
    #[arg(long, value_name = "FORMAT", default_value = "md", requires = "stdout")]
    format: Format,
    /// Tokens (o200k_base) that neither file exceeds, 300 to 200000 [default: handoff_budget]
    #[arg(long, value_name = "N")]
    budget: Option<u64>,
    /// Called by git: the versions of one of the files, and its path
    #[arg(long, hide = true, num_args = 4, value_names = ["BASE", "OURS", "THEIRS", "PATH"],
          conflicts_with_all = ["check", "stdout"])]
    merge_driver: Vec<std::path::PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Md,
    Json,
}

pub fn run(global: &Global, arguments: &Arguments, out: &Out) -> anyhow::Result<Outcome> {
    if !arguments.merge_driver.is_empty() {
        return merge::drive(global, &arguments.merge_driver, out);
    }
    let mut context = open::context(global, out)?;
    if let Some(budget) = arguments.budget {
        context.settings.set_flag("handoff_budget", "--budget", budget)?;
    }
    let handoff = render(&context, out)?;
    if arguments.check {
        return check(&context, &handoff, out);
    }
    if arguments.stdout {
        let text = if arguments.format == Format::Md { &handoff.markdown } else { &handoff.json };
        pipeline::last_look(&context, "the handoff", text)?;
        out.raw(text)?;
        return Ok(Outcome::Done);
    }
    let folder = context.project.folder();
    anyhow::ensure!(
        folder.is_dir(),
        "`{}` does not exist\nhint: `waypost snapshot` creates it, `--stdout` prints the handoff",
        folder.display()
    );
    pipeline::sweep(&context);
    let published = pipeline::publish(&context, &handoff)?;
    let path = folder.join("handoff.md").display().to_string();
    if out.json {
        let json_path = folder.join("handoff.json").display().to_string();
        out.object(&json!({
            "markdown": path, "json": json_path, "tokens": published.tokens, "written": published.written,
        }))?;
    } else {
        let state = if published.written { "written" } else { "already right" };
        out.said(&format!("handoff {state}: {path} ({} tokens)", published.tokens))?;
    }
    Ok(Outcome::Done)
}

/// The handoff of the tree as it is; the database only saves time.
pub fn render(context: &Context, out: &Out) -> anyhow::Result<Handoff> {
    crate::render::tokens::warm_up();
    let store = open::store(context)?;
    let reading = pipeline::read(context, store.as_ref())?;
    let memory = open::memory(context, out)?;
    Ok(pipeline::handoff(context, &reading, &memory, context.settings.number("handoff_budget"))?)
}

fn check(context: &Context, handoff: &Handoff, out: &Out) -> anyhow::Result<Outcome> {
    let folder = context.project.folder();
    let mut diffs = String::new();
    for (name, wanted) in [("handoff.md", &handoff.markdown), ("handoff.json", &handoff.json)] {
        let found = read_or_empty(&folder.join(name))?;
        if found != *wanted {
            let path = format!(".waypost/{name}");
            let diff = TextDiff::from_lines(&found, wanted);
            let header = (format!("a/{path}"), format!("b/{path}"));
            diffs += &diff.unified_diff().context_radius(3).header(&header.0, &header.1).to_string();
        }
    }
    let fresh = diffs.is_empty();
    // The committed one may be of an older version, or of anybody.
    let diffs = context.redactor.text(&diffs).to_string();
    if out.json {
        out.object(&json!({ "fresh": fresh, "tokens": handoff.tokens, "diff": diffs }))?;
    } else {
        out.raw(&diffs)?;
        out.note(match fresh {
            true => "the handoff is fresh",
            false => "the handoff is stale\nhint: `waypost handoff` writes it again",
        });
    }
    Ok(if fresh { Outcome::Done } else { Outcome::Finding })
}

fn read_or_empty(path: &Path) -> anyhow::Result<String> {
    match beneath::read(path, limits::MAX_OWN_FILE) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(error).with_context(|| format!("cannot read `{}`", path.display())),
    }
}

/// How the handoff on disk stands to the tree.
pub fn freshness(context: &Context, handoff: &Handoff) -> anyhow::Result<&'static str> {
    let folder = context.project.folder();
    let markdown = read_or_empty(&folder.join("handoff.md"))?;
    let json = read_or_empty(&folder.join("handoff.json"))?;
    Ok(match (markdown.is_empty(), markdown == handoff.markdown && json == handoff.json) {
        (true, _) => "none",
        (false, true) => "fresh",
        (false, false) => "stale",
    })
}

/// Whether both files on disk say the same, of whatever tree that may be.
pub fn is_pair(context: &Context) -> bool {
    let read = |name: &str| read_or_empty(&context.project.folder().join(name)).unwrap_or_default();
    crate::render::is_pair(&read("handoff.md"), &read("handoff.json"))
}
