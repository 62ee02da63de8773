//! `waypost verify`: does the code that records are about still stand as it
//! stood, and after a look: it is right so.

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::out::count;
use super::record_view::{self, Shown};
use super::{Global, Out, Outcome, open};
use crate::memory::{Anchor, Record, State, Verdict};
use crate::pipeline;
use crate::records::Book;

#[derive(Args)]
pub struct Arguments {
    /// Ids, beginnings of ids, or slugs [default: all that are proposed or accepted]
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// It was looked at: what drifted is right as it is now, what moved stays where it was found
    #[arg(long)]
    accept: bool,
    /// Exit 1 when something is drifted (or worse), or orphaned
    #[arg(long, value_name = "STATE", value_delimiter = ',')]
    fail_on: Vec<FailOn>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    Drifted,
    Orphaned,
}

pub fn run(global: &Global, arguments: &Arguments, out: &Out) -> anyhow::Result<Outcome> {
    let context = open::context(global, out)?;
    let mut book = open::book(&context, out)?;
    let records = match arguments.ids.is_empty() {
        true => book.all()?.into_iter().filter(|indexed| indexed.record.is_live()).collect(),
        false => arguments.ids.iter().map(|id| book.get(id)).collect::<Result<Vec<_>, _>>()?,
    };
    let mut shown = record_view::look(&book, records)?;
    shown.retain(|shown| !shown.verdicts.is_empty());
    let mut accepted = 0;
    if arguments.accept {
        accepted = accept(&mut book, &shown)?;
        let again = shown.iter().map(|shown| book.get(&shown.indexed.record.id)).collect::<Result<_, _>>()?;
        shown = record_view::look(&book, again)?;
    }
    tell(&shown, accepted, out)?;
    let worst = shown.iter().filter_map(Shown::state).max().unwrap_or(State::Fresh);
    let failed = arguments.fail_on.iter().any(|state| match state {
        FailOn::Drifted => worst >= State::Drifted,
        FailOn::Orphaned => worst >= State::Orphaned,
    });
    Ok(if failed { Outcome::Finding } else { Outcome::Done })
}

/// Stamps anew what was looked at; gives how many anchors changed.
fn accept(book: &mut Book, shown: &[Shown]) -> anyhow::Result<usize> {
    let mut changed = 0;
    for shown in shown.iter().filter(|shown| shown.state() != Some(State::Fresh) || has_unstamped(shown)) {
        let old = &shown.indexed;
        let mut record: Record = old.record.clone();
        for (anchor, verdict) in record.anchors.iter_mut().zip(&shown.verdicts) {
            if let Some(new) = stamped(book, anchor, verdict)? {
                *anchor = new;
                changed += 1;
            }
        }
        book.edit(&old.record.id, Some(old.revision), |target| {
            *target = record;
            Ok(())
        })?;
    }
    Ok(changed)
}

fn has_unstamped(shown: &Shown) -> bool {
    shown.indexed.record.anchors.iter().any(|anchor| anchor.hash.is_none())
}

/// The anchor on the code as it is; `None` where nothing was found or nothing
/// is to be changed.
fn stamped(book: &Book, anchor: &Anchor, verdict: &Verdict) -> anyhow::Result<Option<Anchor>> {
    let symbol = |symbol: &Option<crate::model::SafeText>| symbol.as_ref().map(|symbol| symbol.to_string());
    let (path, symbol) = match (verdict.state, &verdict.found) {
        (State::Fresh, _) if anchor.hash.is_some() => return Ok(None),
        (State::Fresh | State::Drifted, _) => (&anchor.path, symbol(&anchor.symbol)),
        (State::Orphaned, Some(found)) => (&found.path, symbol(&found.symbol)),
        (State::Orphaned, None) => return Ok(None),
    };
    Ok(Some(pipeline::stamp(book.context, path, symbol.as_deref())?))
}

fn tell(shown: &[Shown], accepted: usize, out: &Out) -> anyhow::Result<()> {
    let all = || shown.iter().flat_map(|shown| &shown.verdicts);
    let number = |state| all().filter(|verdict| verdict.state == state).count();
    let counts = [State::Fresh, State::Drifted, State::Orphaned].map(number);
    if out.json {
        let rows: Vec<Value> = shown.iter().map(record_view::object).collect();
        out.object(&json!({
            "fresh": counts[0], "drifted": counts[1], "orphaned": counts[2], "accepted": accepted, "records": rows,
        }))?;
        return Ok(());
    }
    for shown in shown {
        let record = &shown.indexed.record;
        for (anchor, verdict) in record.anchors.iter().zip(&shown.verdicts) {
            let (state, place) = (verdict.state.name(), anchor.place());
            let title = record_view::title(record);
            out.line(&format!("{state:<8}  {}  {place}{}  {title}", record.id, record_view::found(verdict)))?;
        }
    }
    if accepted > 0 {
        out.note(&format!("accepted {}", count(accepted, "anchor")));
    }
    out.note(&format!("{} fresh, {} drifted, {} orphaned", counts[0], counts[1], counts[2]));
    Ok(())
}
